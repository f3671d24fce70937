//! Exact search for many digests together.

use std::collections::BTreeMap;

use super::error::IndexError;
use super::scope::Scope;
use super::snapshot::{Hit, Index};
use crate::digest::{Signal, SignalKind};
use crate::kernel::Distance;

/// So many digests are put in order before they are looked up.
const ORDERED_FROM: usize = 512;

impl Index {
    /// [`Index::exact`] of each of `signals`, in their order.
    ///
    /// Digests are looked up many together, in all segments, so that the waits for memory overlap: in a large set one costs
    /// about a fifth of what it does alone. Memory grows with the queries and the hits.
    ///
    /// # Errors
    /// [`IndexError::File`] if any of the answers rests on a damaged part of a segment.
    ///
    /// # Examples
    /// ```
    /// # use innerward::{digest::Signal, home::Home, index::Index};
    /// # let folder = tempfile::tempdir()?;
    /// # let home = Home::create(&folder.path().join("ward"), false)?;
    /// let index = Index::open(&home.index_dir())?;
    /// let signals: [Signal; 2] = [
    ///     "md5:5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e".parse()?,
    ///     "sha1:5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e".parse()?,
    /// ];
    /// let hits = index.exact_many(&signals)?;
    /// assert_eq!(hits, [vec![], vec![]]); // nothing is in an index without sets
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exact_many(&self, signals: &[Signal]) -> Result<Vec<Vec<Hit>>, IndexError> {
        self.exact_many_in(signals, &Scope::within(Distance::ZERO))
    }

    /// [`Index::exact_in`] of each of `signals`, in their order, as [`Index::exact_many`] does it.
    ///
    /// # Errors
    /// [`IndexError::File`] if any of the answers rests on a damaged part of a segment.
    pub fn exact_many_in(&self, signals: &[Signal], scope: &Scope) -> Result<Vec<Vec<Hit>>, IndexError> {
        let mut found = vec![Vec::new(); signals.len()];
        let mut of_kind: BTreeMap<SignalKind, Vec<u32>> = BTreeMap::new();
        for (number, (signal, found)) in signals.iter().zip(&mut found).enumerate() {
            if signal.kind().is_digest() {
                of_kind.entry(signal.kind()).or_default().push(number as u32);
            } else {
                *found = self.exact_in(signal, scope)?;
            }
        }
        of_kind.values_mut().for_each(|numbers| in_order(numbers, signals));
        let mut places = Vec::new();
        for (segment, live) in self.segments.iter().enumerate() {
            let Some((_, admitted)) = self.in_scope(live, scope)? else { continue };
            for (kind, numbers) in &of_kind {
                let Some(table) = live.segment.digests(*kind) else { continue };
                let digests = numbers.iter().map(|number| signals[*number as usize].as_bytes());
                places.clear();
                table.find_many(digests, |at, first| places.push((at, first))).map_err(live.fault())?;
                for &(at, first) in &places {
                    let found = &mut found[numbers[at] as usize];
                    for entry in table.entries_from(first) {
                        let hit = live.equal(segment, &table, entry, &admitted);
                        found.extend(hit.map_err(live.fault())?);
                    }
                }
            }
            live.segment.sound().map_err(live.fault())?;
        }
        Ok(found)
    }
}

/// Puts the digests with `numbers` roughly in the order in which a table has them, if there are many: neighbours then lie
/// near each other, and what the CPU keeps of the addresses of pages serves them all.
fn in_order(numbers: &mut Vec<u32>, signals: &[Signal]) {
    if numbers.len() < ORDERED_FROM {
        return;
    }
    let first = |number: u32| {
        signals[number as usize].as_bytes().first_chunk().map_or(0, |first| u16::from_be_bytes(*first) >> 4)
    };
    let mut places = vec![0_u32; (1 << 12) + 1];
    numbers.iter().for_each(|number| places[usize::from(first(*number)) + 1] += 1);
    for at in 1..places.len() {
        places[at] += places[at - 1];
    }
    let mut ordered = vec![0; numbers.len()];
    for number in &*numbers {
        let place = &mut places[usize::from(first(*number))];
        ordered[*place as usize] = *number;
        *place += 1;
    }
    *numbers = ordered;
}
