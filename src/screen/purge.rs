//! Deleting runs whose time is over, and what killed ones left behind.

use std::fs::{self, DirEntry, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::folder::{CHECKPOINT, Checkpoint, DESCRIBED, Described, LOCK, RunFolder, is_run_name};
use crate::home::{Home, Purged, open_unfollowed, remove_tree};

/// What became of the runs of a home.
#[derive(Debug, Default)]
pub struct RunsPurged {
    /// What went, failed to go, or was kept for a reason that somebody may want to know.
    pub things: Vec<Purged>,
    /// Of the runs that can still go on, the earliest time at which one was last at work: if it goes on, it asks what was
    /// counted then.
    pub oldest_open: Option<Timestamp>,
}

const RUN: &str = "run";
const WATCH: &str = "watch";
/// The folder of what watches remember.
pub(super) const WATCHES: &str = "watch";
const FINGERPRINTS: &str = "fingerprints";
const UNFINISHED: &str = "unfinished";
/// What the name of a run on its way out begins with: it is no run any more from one moment to the next.
const OUT: &str = ".purged-";

/// Deletes the runs that ended before `before`, or did not and were last at work before it, with all that is in their
/// folders; of younger ones the fingerprints that were to be remembered until a day before `today`, and what was left
/// unfinished. A run that a process works on is left alone. No link is followed. With `rehearse`, nothing is changed.
pub fn purge_runs(home: &Home, before: Timestamp, today: Date, rehearse: bool) -> RunsPurged {
    let mut purged = RunsPurged::default();
    let folder = home.runs_dir();
    let entries = match folder.symlink_metadata() {
        Ok(about) if about.is_dir() => {
            fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>)
        }
        Ok(_) => Err(io::Error::other("it is no folder but a link or a file; nothing behind it is touched")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    let mut entries: Vec<DirEntry> = match entries {
        Ok(entries) => entries,
        Err(error) => {
            purged.things.push(Purged::of(RUN, "runs", Err::<u64, _>(error)));
            return purged;
        }
    };
    entries.sort_by_key(DirEntry::file_name);
    let purge = Purge { home, before, today, rehearse };
    for entry in entries {
        purge.entry(&entry, &mut purged);
    }
    purged
}

/// Deletes what watches remember of folders that nobody has watched since `before`: a later watch takes in all of the folder
/// again. One that a process is at is left alone. With `rehearse`, nothing is changed.
pub fn purge_watches(home: &Home, before: Timestamp, rehearse: bool) -> Vec<Purged> {
    let folder = home.root().join(WATCHES);
    let entries = match folder.symlink_metadata() {
        Ok(about) if about.is_dir() => {
            fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>)
        }
        _ => return Vec::new(),
    };
    let watch = |path: &Path| -> io::Result<Option<Purged>> {
        let name = home.name_of(path);
        if !path.symlink_metadata()?.is_dir() {
            return Ok(Some(Purged::kept(WATCH, name, "it is no folder, and a link is not followed")));
        }
        let Hold::Own(lock) = hold(path)? else {
            return Ok(Some(Purged::kept(WATCH, name, "a process works on it")));
        };
        let is_old = last_at_work(path, None)? < before;
        let purged = is_old.then(|| Purged::of(WATCH, name, remove_tree(path, rehearse)));
        drop(lock); // held until here
        Ok(purged)
    };
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => return vec![Purged::of(WATCH, home.name_of(&folder), Err::<u64, _>(error))],
    };
    let mut paths: Vec<_> = entries.iter().map(DirEntry::path).collect();
    paths.sort();
    let purged = |path: &std::path::PathBuf| {
        watch(path).unwrap_or_else(|error| Some(Purged::of(WATCH, home.name_of(path), Err::<u64, _>(error))))
    };
    paths.iter().filter_map(purged).collect()
}

struct Purge<'a> {
    home: &'a Home,
    before: Timestamp,
    today: Date,
    rehearse: bool,
}

/// Who holds a run.
enum Hold {
    /// Nobody else, as long as this is held.
    Own(Option<File>),
    /// Another process.
    Busy,
}

impl Purge<'_> {
    fn entry(&self, entry: &DirEntry, purged: &mut RunsPurged) {
        let (path, name) = (entry.path(), self.home.name_of(&entry.path()));
        let file_name = entry.file_name();
        let id = file_name.to_str().unwrap_or_default();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_folder {
            let reason = "it is no folder, and a link is not followed";
            purged.things.push(Purged::kept(RUN, name, reason));
        } else if id.starts_with(OUT) {
            purged.things.push(Purged::of(RUN, name, remove_tree(&path, self.rehearse)));
        } else if !is_run_name(id) {
            purged.things.push(Purged::kept(RUN, name, "it is no run"));
        } else if let Err(error) = self.run(&path, &name, id, purged) {
            purged.things.push(Purged::of(RUN, name, Err::<u64, _>(error)));
        }
    }

    fn run(&self, path: &Path, name: &str, id: &str, purged: &mut RunsPurged) -> io::Result<()> {
        let hold = hold(path)?;
        let described: Option<Described> = read(&path.join(DESCRIBED))?;
        let ended = described.as_ref().and_then(|described| described.ended);
        let last = match ended {
            Some(ended) => ended,
            None => last_at_work(path, described.as_ref())?,
        };
        let is_busy = matches!(hold, Hold::Busy);
        if ended.is_none() && (is_busy || last >= self.before) {
            purged.oldest_open = Some(purged.oldest_open.map_or(last, |oldest| oldest.min(last)));
        }
        if is_busy {
            purged.things.push(Purged::kept(RUN, name, "a process works on it"));
        } else if last < self.before {
            purged.things.push(Purged::of(RUN, name, self.remove(path, id)));
        } else {
            self.tidy(path, described.as_ref(), purged)?;
        }
        Ok(())
    }

    fn remove(&self, path: &Path, id: &str) -> io::Result<u64> {
        if self.rehearse {
            return remove_tree(path, true);
        }
        let out = self.home.runs_dir().join(format!("{OUT}{id}"));
        if out.symlink_metadata().is_ok() {
            remove_tree(&out, false)?;
        }
        fs::rename(path, &out)?;
        remove_tree(&out, false)
    }

    /// Deletes of a run that stays what is not to stay.
    fn tidy(&self, path: &Path, described: Option<&Described>, purged: &mut RunsPurged) -> io::Result<()> {
        let mut remove = |what, path: &Path| {
            purged.things.push(Purged::of(what, self.home.name_of(path), remove_tree(path, self.rehearse)));
        };
        let fingerprints = RunFolder::fingerprints_in(path);
        let is_over = described.is_some_and(|described| {
            described.ended.is_some() && described.remember_until.is_none_or(|until| until < self.today)
        });
        if is_over && fingerprints.symlink_metadata().is_ok() {
            remove(FINGERPRINTS, &fingerprints);
        }
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') && (name.ends_with(".partial") || name.ends_with(".tmp")) {
                remove(UNFINISHED, &entry.path());
            }
        }
        Ok(())
    }
}

/// Holds a run, unless somebody else does.
fn hold(path: &Path) -> io::Result<Hold> {
    let lock = match open_unfollowed(&path.join(LOCK)) {
        Ok(lock) => lock,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Hold::Own(None)), // of an earlier version
        Err(error) => return Err(error),
    };
    match lock.try_lock() {
        Ok(()) => Ok(Hold::Own(Some(lock))),
        Err(TryLockError::WouldBlock) => Ok(Hold::Busy),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// When a run that did not come to its end was last at work, as far as that is known.
fn last_at_work(path: &Path, described: Option<&Described>) -> io::Result<Timestamp> {
    let checkpoint: Option<Checkpoint> = read(&path.join(CHECKPOINT))?;
    let began = described.and_then(|described| described.parts.last()).map(|part| part.began);
    if let Some(at) = checkpoint.map(|checkpoint| checkpoint.at).max(began) {
        return Ok(at);
    }
    // Killed before it began, damaged, or of a version that noted nothing: the files say when they were written.
    let mut newest = path.symlink_metadata()?.modified()?;
    for entry in fs::read_dir(path)? {
        newest = newest.max(entry?.path().symlink_metadata()?.modified()?);
    }
    Timestamp::try_from(newest).map_err(io::Error::other)
}

/// What is in the file; `None` if it is not there or cannot be understood.
fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> io::Result<Option<T>> {
    match open_unfollowed(path) {
        Ok(file) => Ok(serde_json::from_reader(io::BufReader::new(file)).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
