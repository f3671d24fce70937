//! Looking back: what was screened before is matched against the lists of now, by the fingerprints that were kept.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufReader, ErrorKind};
use std::path::PathBuf;

use jiff::civil::Date;
use serde::Serialize;

use super::folder::{RunFolder, is_run_name};
use super::remembered::{Known, known};
use super::{Match, Matcher, Outcome, RunError, SinkError, Verdict, path_hex};
use crate::digest::{Blake3, Fidelity, Fingerprint};
use crate::home::{Home, HomeError};
use crate::media::Gap;

/// An earlier item that is known now, or near, and was not, field by field as `docs/cli.md` has it.
#[derive(Serialize)]
pub struct Rescanned<'a> {
    /// The run in which it was screened.
    pub run: &'a str,
    /// Where it was then.
    pub path: String,
    /// The exact bytes of a path that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// What was said of it then.
    pub before: Outcome,
    /// What is said now.
    pub outcome: Outcome,
    /// What could not be checked.
    pub reason: Option<String>,
    /// What matched.
    pub matches: &'a [Match],
    /// True if there were more matches than are listed.
    pub matches_cut: bool,
}

/// What was looked at, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LookedBack {
    /// Runs that are remembered.
    pub runs: u64,
    /// Items in them.
    pub items: u64,
    /// Those that are known now and were not.
    pub known: u64,
    /// Those that are near now, and were neither near nor known.
    pub near: u64,
    /// Those that were hashed quickly, and are so nearly near that only the file itself can tell.
    pub unchecked: u64,
    /// Runs whose fingerprints were forgotten, since their time was over.
    pub forgotten: u64,
    /// Runs of which fingerprints are damaged: what is behind the damage was not looked back at.
    pub damaged: Vec<String>,
}

/// Fingerprints that are matched together.
const BATCH: usize = 512;

/// Said of an item that only its file can tell more of.
const HASHED_QUICKLY: &str = "it was hashed quickly and is at the bound; screen the file again to tell";

/// Matches all items that are remembered against the lists of now, after forgetting those whose time is over. Each item
/// that is known or near now and was not goes to `sink`, run by run, in the order of the run.
///
/// # Errors
/// [`RunError`].
pub fn rescan(
    home: &Home,
    matcher: &Matcher,
    today: Date,
    sink: &mut dyn FnMut(&Rescanned<'_>) -> Result<(), SinkError>,
) -> Result<LookedBack, RunError> {
    let mut all = LookedBack { forgotten: forget(home, today)?, ..LookedBack::default() };
    for (id, path) in remembered(home)? {
        all.runs += 1;
        let file = File::open(&path).map_err(HomeError::io(&path))?;
        let mut look = Look { run: &id, matcher, sink, all: &mut all, changed: HashMap::new() };
        let mut batch = Vec::with_capacity(BATCH);
        for item in known(BufReader::new(file)) {
            match item {
                Ok(item) => batch.push(item),
                Err(error) if error.kind() == ErrorKind::InvalidData => {
                    look.all.damaged.push(id.clone());
                    break;
                }
                Err(error) => return Err(HomeError::io(&path)(error).into()),
            }
            if batch.len() == BATCH {
                look.back_at(&mut batch)?;
            }
        }
        look.back_at(&mut batch)?;
    }
    Ok(all)
}

/// Forgets what is not to be remembered any more on `today`; the number of runs of which something was forgotten.
///
/// # Errors
/// [`RunError`].
pub fn forget(home: &Home, today: Date) -> Result<u64, RunError> {
    let mut forgotten = 0;
    for (id, path) in remembered(home)? {
        match RunFolder::ended(home, &id)? {
            Some(described) if described.remember_until.is_none_or(|until| until < today) => {
                fs::remove_file(&path).map_err(HomeError::io(&path))?;
                forgotten += 1;
            }
            _ => {} // a run that is not over needs them
        }
    }
    Ok(forgotten)
}

/// The runs that have fingerprints, by name, each with the file.
fn remembered(home: &Home) -> Result<Vec<(String, PathBuf)>, RunError> {
    let folder = home.runs_dir();
    let entries = fs::read_dir(&folder).map_err(HomeError::io(&folder))?;
    let mut runs: Vec<_> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let path = RunFolder::fingerprints_in(&entry.path());
            let id = entry.file_name().into_string().ok().filter(|id| is_run_name(id))?;
            Some((id, path)).filter(|(_, path)| path.exists())
        })
        .collect();
    runs.sort();
    Ok(runs)
}

/// Looks back at one run.
struct Look<'a> {
    run: &'a str,
    matcher: &'a Matcher,
    sink: &'a mut dyn FnMut(&Rescanned<'_>) -> Result<(), SinkError>,
    all: &'a mut LookedBack,
    /// The verdicts of contents that have another one than they had.
    changed: HashMap<Blake3, Verdict>,
}

impl Look<'_> {
    fn back_at(&mut self, batch: &mut Vec<Known>) -> Result<(), RunError> {
        let firsts: Vec<&Fingerprint> = batch.iter().filter_map(|item| item.fingerprint.as_ref()).collect();
        let verdicts = self.matcher.verdicts(&firsts)?;
        for (fingerprint, verdict) in firsts.into_iter().zip(verdicts) {
            let verdict = match verdict.outcome {
                Outcome::Known | Outcome::Near => verdict,
                // Quickly made hashes are some bits off: what is not near by them may be so by the picture's own.
                _ if fingerprint.fidelity != Fidelity::Reference
                    && self.matcher.first_verdicts(&[fingerprint])?.contains(&None) =>
                {
                    Verdict::conclude(vec![], false, Some(Gap::Unreadable(HASHED_QUICKLY.into())))
                }
                _ => continue,
            };
            self.changed.insert(fingerprint.digests.blake3, verdict);
        }
        for item in batch.drain(..) {
            self.all.items += 1;
            let Some(verdict) = self.changed.get(&item.blake3) else { continue };
            match (item.outcome, verdict.outcome) {
                (Outcome::Known, _) | (Outcome::Near, Outcome::Near | Outcome::Unchecked) => continue,
                (_, Outcome::Known) => self.all.known += 1,
                (_, Outcome::Near) => self.all.near += 1,
                _ => self.all.unchecked += 1,
            }
            (self.sink)(&Rescanned {
                run: self.run,
                path: item.path.to_string_lossy().into_owned(),
                path_hex: path_hex(&item.path),
                before: item.outcome,
                outcome: verdict.outcome,
                reason: verdict.reason(),
                matches: &verdict.matches,
                matches_cut: verdict.matches_cut,
            })?;
        }
        Ok(())
    }
}
