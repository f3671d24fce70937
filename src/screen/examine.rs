//! Items to verdicts: read, hashed, decoded and matched, several at a time.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::answer::Seen;
use super::digesting::{Digested, PutAway, Source, digested, each_digested};
use super::remembered::Remembered;
use super::worker::{regular, say_what_needs_the_jail};
use super::{MatchError, Matcher, ReadError, RunError, Screened, Verdict, Words, Workers};
use crate::digest::{Classic, Fidelity, Fingerprint, Look, Wanted};
use crate::language::Locale;
use crate::media::{Content, Gap, Limits};

/// How a run works.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Bounds for decoders, and the forms to make.
    pub limits: Limits,
    /// How exact the first look is.
    pub fidelity: Fidelity,
    /// The processes that decode; `None` to decode in this process.
    pub workers: Option<Arc<Workers>>,
    /// The verdicts are written as a table too.
    pub table: bool,
    /// Who begins this part of the run, for its record.
    pub by: Option<Words>,
    /// Once it is set, no further item is begun.
    pub stop: Arc<AtomicBool>,
    /// What the page of the run is written in; `None` for English.
    pub language: Option<Arc<Locale>>,
}

impl RunOptions {
    /// True once no further item is to be begun.
    pub(super) fn is_to_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// What is to be found out about an item, with the classic hashes of `kinds`.
    #[must_use]
    pub fn wanted(&self, kinds: &[Classic]) -> Wanted {
        Wanted { limits: self.limits, fidelity: self.fidelity, classics: kinds.to_vec(), ..Wanted::default() }
    }

    /// Reads and hashes files, wherever that is done, several at a time; what they give is in the order of `paths`. What
    /// is no regular file, such as a pipe, is read to its end once.
    ///
    /// Uses the current rayon pool.
    pub fn fingerprints(&self, paths: &[PathBuf], wanted: &Wanted) -> Vec<Result<Fingerprint, ReadError>> {
        let (workers, limit) = (self.workers.as_deref(), wanted.limits.max_file_bytes);
        let about = |path: &PathBuf| fs::metadata(path).ok();
        let source = |path: &PathBuf| match about(path) {
            Some(about) if !about.is_file() => Source::Pipe(path.clone(), limit),
            about => Source::Path(path.clone(), about.map_or(0, |about| about.len())),
        };
        let pool = workers.and_then(Workers::pool);
        each_digested(pool, paths.iter().map(source).collect(), |_, digested| {
            fingerprint_of(workers, &mut digested?, wanted)
        })
    }
}

/// One thing to be looked at.
pub(super) struct Target {
    /// Where it is, as [`Screened::path`] has it.
    pub(super) path: PathBuf,
    /// As [`Screened::file`].
    pub(super) file: Option<Arc<Path>>,
    /// What is to be had of it.
    pub(super) bytes: Bytes,
    /// What is missing of it, whatever there is to be seen.
    pub(super) gap: Option<Gap>,
}

/// The bytes of an item.
pub(super) enum Bytes {
    /// They are here.
    At(Source),
    /// They were here once, and this is what is known of them.
    Gone(Box<Fingerprint>),
    /// Nobody can have them, and why.
    Closed(Gap),
}

/// Who looks at the items of a batch.
#[derive(Clone, Copy)]
pub(super) struct Eyes<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) options: &'a RunOptions,
    pub(super) remembered: &'a Remembered,
    /// The number of the batch in its run.
    pub(super) batch: u64,
    /// Nobody waits for the batch any more.
    pub(super) given_up: &'a AtomicBool,
}

impl Eyes<'_> {
    /// True once no further item is to be begun.
    pub(super) fn is_to_stop(&self) -> bool {
        self.options.is_to_stop() || self.given_up.load(Ordering::Relaxed)
    }

    fn wanted(&self) -> Wanted {
        self.options.wanted(self.matcher.classic_kinds())
    }

    /// The fingerprint of a content, which the run may know already.
    fn once(&self, digested: &mut Digested, wanted: &Wanted) -> Result<Fingerprint, ReadError> {
        let (workers, blake3) = (self.options.workers.as_deref(), digested.hashed.digests.blake3);
        self.remembered.once(self.batch, &blake3, wanted, || fingerprint_of(workers, digested, wanted))
    }
}

/// Items that were looked at and have no verdict yet, in their order.
pub(super) struct LookedAt {
    places: Vec<Put>,
    looked: Vec<Looked<Early>>,
}

/// Path, file and gap of a [`Target`].
type Put = (PathBuf, Option<Arc<Path>>, Option<Gap>);

/// The verdicts on items, in their order; not on all of them if the run is asked to stop, but without a hole.
pub(super) fn examine(targets: Vec<Target>, eyes: Eyes<'_>) -> Result<Vec<Screened>, RunError> {
    look_at(targets, eyes).conclude(eyes.matcher)
}

/// All of [`examine`] but the search that a batch has in common.
pub(super) fn look_at(targets: Vec<Target>, eyes: Eyes<'_>) -> LookedAt {
    let mut sources = Vec::new();
    let mut rest = Vec::with_capacity(targets.len());
    for Target { path, file, bytes, gap } in targets {
        let bytes = match bytes {
            Bytes::At(source) => {
                sources.push(source);
                None
            }
            Bytes::Gone(fingerprint) => Some(Ok(*fingerprint)),
            Bytes::Closed(gap) => Some(Err(gap)),
        };
        rest.push((path, file, bytes, gap));
    }
    let pool = eyes.options.workers.as_deref().and_then(Workers::pool);
    let looked = each_digested(pool, sources.clone(), |number, digested| {
        if eyes.is_to_stop() { Err(ReadError::Stopped) } else { look(digested?, &sources[number], eyes) }
    });
    let looked = look_again(looked, &sources, eyes);
    let mut looked = looked.into_iter();
    let (mut places, mut all) = (Vec::with_capacity(rest.len()), Vec::with_capacity(rest.len()));
    for (path, file, bytes, gap) in rest {
        let (looked, closed) = match bytes {
            None => (looked.next().expect("every source was given on"), None),
            Some(Ok(fingerprint)) => (Ok((fingerprint, None)), None),
            Some(Err(gap)) => (Err(ReadError::Unreadable(String::new())), Some(gap)),
        };
        all.push(looked);
        places.push((path, file, gap.or(closed)));
    }
    let begun = all.iter().position(|looked| matches!(looked, Err(ReadError::Stopped))).unwrap_or(all.len());
    all.truncate(begun);
    LookedAt { places, looked: all }
}

impl LookedAt {
    /// The verdicts, of which many are found in one search.
    pub(super) fn conclude(self, matcher: &Matcher) -> Result<Vec<Screened>, RunError> {
        let screened = |((path, file, gap), looked): (Put, Looked<Verdict>)| {
            let (fingerprint, verdict) = match looked {
                Ok((fingerprint, verdict)) => (Some(fingerprint), verdict),
                Err(ReadError::Unreadable(cause)) => (None, Matcher::unreadable(cause)),
                Err(ReadError::Jail(error)) => return Err(error.into()),
                Err(ReadError::Stopped) => unreachable!("what was not begun is left out"),
            };
            let mut item = Screened { path, file, fingerprint, verdict };
            if let Some(gap) = gap {
                item.set_gap(Some(gap));
            }
            Ok(item)
        };
        self.places.into_iter().zip(concluded(self.looked, matcher)?).map(screened).collect()
    }
}

/// What is known of a file, with its verdict `V`.
type Looked<V> = Result<(Fingerprint, V), ReadError>;
/// None for a verdict that waits for those of others.
type Early = Option<Result<Verdict, MatchError>>;
/// Where only a reference may be able to tell: what is needed for that.
type Quick = Option<PutAway>;
/// What is known of a file, its verdict if that is sure, and what is needed for a reference where it takes one.
type Told<'a> = (Fingerprint, Early, Option<(PutAway, &'a Source)>);

/// Adds the verdicts that are missing, all in one search.
fn concluded(looked: Vec<Looked<Early>>, matcher: &Matcher) -> Result<Vec<Looked<Verdict>>, MatchError> {
    let waiting = looked.iter().flatten().filter(|(_, verdict)| verdict.is_none());
    let waiting: Vec<&Fingerprint> = waiting.map(|(fingerprint, _)| fingerprint).collect();
    let mut verdicts = matcher.verdicts(&waiting)?.into_iter();
    let conclude = |looked: Looked<Early>| {
        let (fingerprint, verdict) = match looked {
            Ok(looked) => looked,
            Err(error) => return Ok(Err(error)),
        };
        let verdict = match verdict {
            Some(verdict) => verdict?,
            None => verdicts.next().expect("there is one for each that waits"),
        };
        Ok(Ok((fingerprint, verdict)))
    };
    looked.into_iter().map(conclude).collect()
}

/// Hashes a file as quickly as it may be.
fn look(mut digested: Digested, source: &Source, eyes: Eyes<'_>) -> Looked<Quick> {
    let fingerprint = eyes.once(&mut digested, &eyes.wanted())?;
    let is_quick = fingerprint.fidelity != Fidelity::Reference;
    Ok((fingerprint, is_quick.then(|| digested.put_away(source))))
}

/// Hashes again as reference what only that can tell: no verdict rests on another hash of a picture. What is sure by the
/// quick look has its verdict then.
fn look_again(looked: Vec<Looked<Quick>>, sources: &[Source], eyes: Eyes<'_>) -> Vec<Looked<Early>> {
    let quick: Vec<&Fingerprint> =
        looked.iter().flatten().filter(|(_, quick)| quick.is_some()).map(|(known, _)| known).collect();
    let (first, mut error) = match eyes.matcher.first_verdicts(&quick) {
        Ok(first) => (first, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let mut first = first.into_iter();
    let told = looked.into_iter().zip(sources).map(|(looked, source)| {
        looked.map(|(known, quick)| match quick {
            None => (known, None, None),
            Some(away) => match first.next() {
                Some(None) => (known, None, Some((away, source))),
                Some(sure) => (known, sure.map(Ok), None),
                // One error ends the run.
                None => (known, error.take().map(Err), None),
            },
        })
    });
    let told: Vec<_> = told.collect();
    let again = |told: Result<Told<'_>, ReadError>| {
        let (known, early, away) = told?;
        match away {
            None => Ok((known, early)),
            Some(_) if eyes.is_to_stop() => Err(ReadError::Stopped),
            Some((away, source)) => exactly(known, away, source, eyes).map(|known| (known, None)),
        }
    };
    told.into_par_iter().map(again).collect()
}

/// What the reference says of a file that was looked at quickly.
fn exactly(
    mut quick: Fingerprint,
    away: PutAway,
    source: &Source,
    eyes: Eyes<'_>,
) -> Result<Fingerprint, ReadError> {
    let wanted = Wanted { fidelity: Fidelity::Reference, ..eyes.wanted() };
    match away.take_up(source).map_err(ReadError::from).and_then(|mut open| eyes.once(&mut open, &wanted)) {
        // What is known of its bytes stays known.
        Err(ReadError::Unreadable(cause)) => {
            quick.forms.clear();
            quick.gap = Some(Gap::Unreadable(cause));
            Ok(quick)
        }
        exact => exact,
    }
}

/// Reads and hashes one file, which may be a pipe; in this process if there are no workers.
pub(super) fn fingerprint_at(
    workers: Option<&Workers>,
    path: &Path,
    wanted: &Wanted,
) -> Result<Fingerprint, ReadError> {
    let file = regular(File::open(path)?, wanted.limits.max_file_bytes)?;
    fingerprint_of(workers, &mut digested(Arc::new(file))?, wanted)
}

/// The fingerprint of a file whose digests are known. If it is a picture that changed before its pixels were read, both
/// are made once more; if it goes on changing, that is said.
pub(super) fn fingerprint_of(
    workers: Option<&Workers>,
    digested: &mut Digested,
    wanted: &Wanted,
) -> Result<Fingerprint, ReadError> {
    let look = |digested: &Digested| -> Result<Fingerprint, ReadError> {
        let bytes = digested.hashed.bytes;
        let (content, look) = match workers {
            Some(workers) => workers.look(&digested.file, bytes, wanted)?,
            None => look_here(&digested.file, bytes, wanted)?,
        };
        Ok(Fingerprint::new(content, digested.hashed, look))
    };
    let mut fingerprint = look(digested)?;
    // Of what nobody decodes no more than the first bytes were read a second time.
    let was_looked_at =
        fingerprint.content.kind.is_decoded() || !fingerprint.forms.is_empty() || fingerprint.video.is_some();
    if !was_looked_at || !digested.has_changed()? {
        return Ok(fingerprint);
    }
    digested.read_again()?;
    fingerprint = look(digested)?;
    if digested.has_changed()? {
        fingerprint.gap = Some(Gap::Unreadable("it changes while it is read".into()));
    }
    Ok(fingerprint)
}

/// Reads and hashes one file in this very process, without the jail.
///
/// # Errors
/// The cause in words if it cannot be read.
pub fn fingerprint(path: &Path, wanted: &Wanted) -> Result<Fingerprint, String> {
    fingerprint_at(None, path, wanted).map_err(|error| error.to_string())
}

fn look_here(mut file: &File, bytes: u64, wanted: &Wanted) -> io::Result<Seen> {
    file.rewind()?;
    let (content, mut look) = look_in_process(file, bytes, wanted)?;
    say_what_needs_the_jail(&mut look);
    Ok((content, look))
}

/// Looks at the first `bytes` bytes of an item. A decoder that panics on hostile bytes costs its item, never the run.
pub(super) fn look_in_process(mut input: impl Read + Seek, bytes: u64, wanted: &Wanted) -> io::Result<Seen> {
    let read = catch_unwind(AssertUnwindSafe(|| Look::read(&mut input, bytes, wanted)));
    read.unwrap_or_else(|_| {
        input.rewind()?;
        let mut head = Vec::new();
        input.take(bytes.min(Content::HEAD_BYTES as u64)).read_to_end(&mut head)?;
        let content = Content::of(&head);
        Ok((content, Look::gap(Gap::Damaged(content.name))))
    })
}
