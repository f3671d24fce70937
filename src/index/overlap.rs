//! A list is read and stored at the same time: one thread makes entries of it, another puts them into columns.

use std::sync::mpsc::sync_channel;
use std::thread;

use super::import_error::SegmentError;
use super::intake::Sink;
use crate::hashset::{Item, ListError, ReadReport};

/// Items that are handed over at a time: enough that handing over costs nothing, few enough to stay in the cache.
const BATCH: usize = 1024;

/// Batches that wait at most: memory is bounded by them, however far apart the two are in speed.
const AHEAD: usize = 8;

/// Gives `take` all that `read` finds, in its order, on another thread; the first error of either ends both.
pub(super) fn overlap(
    read: impl FnOnce(Sink<'_>) -> Result<ReadReport, ListError<SegmentError>>,
    mut take: impl FnMut(Item) -> Result<(), SegmentError> + Send,
) -> Result<ReadReport, ListError<SegmentError>> {
    thread::scope(|scope| {
        let (sender, batches) = sync_channel::<Vec<Item>>(AHEAD);
        let mut taker = Some(scope.spawn(move || batches.into_iter().flatten().try_for_each(&mut take)));
        let mut finish = || match taker.take().map(thread::ScopedJoinHandle::join) {
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            Some(Ok(taken)) => taken,
            None => Ok(()), // its error was told before
        };
        let mut batch = Vec::with_capacity(BATCH);
        let report = read(&mut |item| {
            batch.push(item);
            if batch.len() < BATCH {
                return Ok(());
            }
            // Nobody takes it: then why is what there is to say.
            sender.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).or_else(|_| finish())
        })?;
        let _ = sender.send(batch); // if nobody takes it, `finish` says why
        drop(sender);
        finish().map_err(ListError::Sink)?;
        Ok(report)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashset::{EntryKey, read_records};
    use crate::index::BuildError;

    /// A reader of so many items.
    fn reads(many: usize) -> impl FnOnce(Sink<'_>) -> Result<ReadReport, ListError<SegmentError>> {
        move |sink| {
            for number in 0..many {
                let key = EntryKey::new(number.to_string()).unwrap();
                sink(Item::Withdrawn(key)).map_err(ListError::Sink)?;
            }
            Ok(report())
        }
    }

    fn report() -> ReadReport {
        read_records(&[], &mut |_| Ok::<(), SegmentError>(())).unwrap()
    }

    fn refusal() -> SegmentError {
        BuildError::NoHash.into()
    }

    #[test]
    fn everything_arrives_in_its_order() {
        for many in [0, 1, BATCH - 1, BATCH, BATCH + 1, BATCH * (AHEAD + 3) + 7] {
            let mut taken = Vec::new();
            overlap(reads(many), |item| {
                let Item::Withdrawn(key) = item else { panic!("only these were given") };
                taken.push(key.as_str().to_owned());
                Ok(())
            })
            .unwrap();
            assert_eq!(taken, (0..many).map(|n| n.to_string()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_error_of_either_is_told() {
        for many in [1, BATCH, BATCH * 100] {
            for bad in [0, many - 1] {
                let mut left = bad;
                let told = overlap(reads(many), |_| {
                    left = left.checked_sub(1).ok_or_else(refusal)?;
                    Ok(())
                });
                assert!(matches!(told, Err(ListError::Sink(_))), "{many} {bad}");
            }
        }
        let broken = overlap(|sink| reads(BATCH + 1)(sink).and(Err(ListError::Sink(refusal()))), |_| Ok(()));
        assert!(matches!(broken, Err(ListError::Sink(_))));
    }

    #[test]
    #[should_panic(expected = "of the taker")]
    fn a_panic_is_not_lost() {
        let _ = overlap(reads(BATCH * 2), |_| panic!("of the taker"));
    }
}
