//! A folder that is watched: what arrives in it is taken in once it does not change any more.
//!
//! The tree is looked through again and again, which works on network drives too. A file is given to the run once two
//! looks, two seconds apart or more, found it the same; it counts as taken in once its verdict is on disk. A process that
//! is killed in between has at most screened something that is screened again.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::Summary;
use super::digesting::Source;
use super::examine::{Bytes, Target};
use super::sources::Filter;
use super::walk::{Item, Walk};
use super::watched::{Known, Prints, Seen, Stamp, Taken, WatchError, Watched};
use crate::home::{Home, HomeError};
use crate::media::Gap;

/// A file that was written to within this time may be written to right now.
const REST: Duration = Duration::from_secs(2);
/// How soon it is seen that the run is to end.
const STEP: Duration = Duration::from_millis(100);
/// What was found is given on after this at the latest.
const PATIENCE: Duration = Duration::from_millis(500);
/// Lines about files that are gone, of which so many do no harm.
const IDLE_LINES: u64 = 10_000;

/// Why a run of a watch ends, beside being asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// The same run goes on in a moment, with other lists say.
    Rest,
    /// It is over.
    End,
}

/// How a folder is watched.
pub struct Watching {
    /// From the beginning of a look to that of the next, at least.
    pub every: Duration,
    /// Once it is set, nothing more is given.
    pub stop: Arc<AtomicBool>,
    /// Told when the folder is not there any more (`true`), and when it has come back.
    pub away: Box<dyn Fn(bool) + Send + Sync>,
}

/// Asked between two batches, and while nothing arrives.
type AskPause = Box<dyn Fn() -> Option<Pause> + Send>;

/// A folder that is watched.
pub struct Watch {
    dir: PathBuf,
    how: Watching,
    prints: Prints,
    state: Mutex<State>,
    pause: Mutex<Option<AskPause>>,
}

/// Names of files are near: nothing is printed by accident.
impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch(..)")
    }
}

struct State {
    watched: Watched,
    known: Known,
    /// Files that were not taken in as they are now.
    fresh: HashMap<u64, Fresh>,
    /// What could not be read and is there, until the next process or the next return of the folder.
    failed: Known,
    /// What the run has in hand, in its order.
    given: VecDeque<Given>,
    look: Look,
    next_look: Instant,
    is_away: bool,
    ended_by: Option<Pause>,
}

/// A file that is new or was changed.
struct Fresh {
    stamp: u64,
    since: Instant,
    look: u32,
    given: bool,
}

struct Given {
    print: u64,
    stamp: u64,
    /// `None` for what is no file.
    file: Option<Taken>,
}

/// One time through the tree.
#[derive(Default)]
struct Look {
    number: u32,
    began: Option<Instant>,
    device: u64,
    /// Of files that were taken in, one at least is there.
    saw_known: bool,
    saw_any: bool,
    /// Some of the tree could not be seen: what was not seen need not be gone.
    trouble: bool,
    is_gone: bool,
    links: u64,
    excluded: u64,
}

/// What is done under this lock cannot panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    /// Watches `dir`, of which `home` knows what was taken in before.
    ///
    /// # Errors
    /// [`WatchError`] if it is no folder, or somebody else watches it.
    pub fn open(home: &Home, dir: &Path, how: Watching) -> Result<Self, WatchError> {
        let prints = Prints::default();
        let mut known = Known::new();
        let watched = Watched::open(home, dir, |Taken { path, stamp }| {
            known.insert(prints.of_path(&path), Seen { stamp: prints.of_stamp(stamp), look: 0 });
        })?;
        let state = State {
            watched,
            known,
            fresh: HashMap::new(),
            failed: Known::new(),
            given: VecDeque::new(),
            look: Look::default(),
            next_look: Instant::now(),
            is_away: false,
            ended_by: None,
        };
        Ok(Self { dir: dir.into(), how, prints, state: Mutex::new(state), pause: Mutex::default() })
    }

    /// The run that an earlier process began and did not bring to its end.
    #[must_use]
    pub fn unfinished(&self) -> Option<String> {
        lock(&self.state).watched.run().map(str::to_owned)
    }

    /// Remembers which run is under way; `None` once it has come to its end.
    ///
    /// # Errors
    /// The home cannot be written to.
    pub fn set_run(&self, run: Option<&str>) -> Result<(), HomeError> {
        let mut state = lock(&self.state);
        state.watched.set_run(run)?;
        if run.is_none() && state.watched.lines() != state.known.len() as u64 {
            self.rewrite(&mut state)?;
        }
        Ok(())
    }

    /// Asks `pause` from now on whether the run is to end.
    pub fn pause_by(&self, pause: impl Fn() -> Option<Pause> + Send + 'static) {
        *lock(&self.pause) = Some(Box::new(pause));
    }

    /// A part of a run begins: what an earlier one had in hand is not in hand any more.
    pub(super) fn begin_part(&self) {
        let mut state = lock(&self.state);
        state.given.clear();
        state.fresh.values_mut().for_each(|fresh| fresh.given = false);
        state.ended_by = None;
        state.next_look = Instant::now();
    }

    /// True if the run rests, and false if it is over.
    pub(super) fn goes_on(&self) -> bool {
        !self.is_to_stop() && lock(&self.state).ended_by == Some(Pause::Rest)
    }

    fn is_to_stop(&self) -> bool {
        self.how.stop.load(Ordering::Relaxed)
    }

    fn is_over(&self) -> bool {
        let asked = lock(&self.pause).as_ref().and_then(|pause| pause());
        if asked.is_some() {
            lock(&self.state).ended_by = asked;
        }
        self.is_to_stop() || asked.is_some()
    }

    /// The next that have arrived, `most` at most; waits for them. None if the run is over.
    pub(super) fn batch<'a>(
        &self,
        most: usize,
        walk: &mut Option<Walk<'a>>,
        filter: &'a Filter,
        except: Option<&'a Path>,
        summary: &mut Summary,
    ) -> Vec<Target> {
        let mut batch = Vec::new();
        loop {
            if self.is_over() {
                return Vec::new();
            }
            let Some(tree) = walk else {
                let left = lock(&self.state).next_look.saturating_duration_since(Instant::now());
                if !left.is_zero() {
                    thread::sleep(left.min(STEP));
                } else if self.begin_look() {
                    *walk = Some(Walk::new(&self.dir, filter, except));
                }
                continue;
            };
            let began = Instant::now();
            // A large tree takes its time, for which what was found in it does not wait.
            while batch.len() < most && (batch.is_empty() || began.elapsed() < PATIENCE) {
                if self.is_to_stop() {
                    return Vec::new();
                }
                match tree.next() {
                    Some(item) => batch.extend(self.see(item, filter)),
                    None => {
                        *walk = None;
                        self.end_look(summary);
                        break;
                    }
                }
            }
            if !batch.is_empty() {
                return batch;
            }
        }
    }

    /// The file system of the folder; `None` if it is not there.
    fn device(&self) -> Option<u64> {
        fs::metadata(&self.dir).ok().filter(fs::Metadata::is_dir).map(|about| about.dev())
    }

    /// False if there is nothing to be looked at.
    fn begin_look(&self) -> bool {
        let device = self.device();
        let mut state = lock(&self.state);
        let now = Instant::now();
        state.next_look = now + self.how.every;
        let Some(device) = device else {
            self.set_away(&mut state, true);
            return false;
        };
        let number = state.look.number + 1;
        state.look = Look { number, began: Some(now), device, ..Look::default() };
        true
    }

    /// What is seen of the tree; an item if it is to be taken in now.
    fn see(&self, item: Item, filter: &Filter) -> Option<Target> {
        let mut state = lock(&self.state);
        match item {
            Item::Link(_) => state.look.links += 1,
            Item::LeftOut(_) => state.look.excluded += 1,
            Item::File(path) => return self.see_file(&mut state, path, filter),
            Item::Unreadable(path, _) if path == self.dir => state.look.is_gone = true,
            Item::Unreadable(path, cause) => return self.see_unreadable(&mut state, path, cause),
        }
        None
    }

    fn see_file(&self, state: &mut State, path: PathBuf, filter: &Filter) -> Option<Target> {
        let about = match fs::metadata(&path) {
            Ok(about) => about,
            Err(error) => {
                // Whatever was there a moment ago may be on its way to another name.
                state.look.trouble |= error.kind() != std::io::ErrorKind::NotFound;
                return None;
            }
        };
        state.look.saw_any = true;
        if filter.leaves_out_size(about.len()) {
            state.look.excluded += 1;
            return None;
        }
        let inner = path.strip_prefix(&self.dir).unwrap_or(&path).to_owned();
        let (whole, look, now) = (Stamp::of(&about), state.look.number, Instant::now());
        let (print, stamp) = (self.prints.of_path(&inner), self.prints.of_stamp(whole));
        if let Some(seen) = state.known.get_mut(&print) {
            seen.look = look;
            if seen.stamp == stamp {
                state.look.saw_known = true;
                state.fresh.remove(&print);
                return None;
            }
        }
        if is_seen(&mut state.failed, print, stamp, look) {
            return None;
        }
        let fresh = state.fresh.entry(print).or_insert(Fresh { stamp, since: now, look, given: false });
        if fresh.stamp != stamp {
            *fresh = Fresh { stamp, since: now, look, given: false };
        }
        fresh.look = look;
        // A clock of another machine may be ahead: what was changed in times to come rests as soon as it is seen to.
        let rests = about
            .modified()
            .is_ok_and(|at| SystemTime::now().duration_since(at).map_or(true, |age| age >= REST));
        if fresh.given || !rests || now.duration_since(fresh.since) < REST {
            return None;
        }
        fresh.given = true;
        state.given.push_back(Given { print, stamp, file: Some(Taken { path: inner, stamp: whole }) });
        let bytes = Bytes::At(Source::Path(path.clone(), about.len()));
        Some(Target { path, file: None, bytes, gap: None })
    }

    fn see_unreadable(&self, state: &mut State, path: PathBuf, cause: String) -> Option<Target> {
        match fs::symlink_metadata(&path) {
            Ok(about) => state.look.trouble |= about.is_dir(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(_) => state.look.trouble = true,
        }
        let (print, stamp) = (self.prints.of_path(&path), self.prints.of_words(&cause));
        let look = state.look.number;
        if is_seen(&mut state.failed, print, stamp, look) {
            return None;
        }
        // Told once; what becomes of it is seen in later looks.
        state.failed.insert(print, Seen { stamp, look });
        state.given.push_back(Given { print, stamp, file: None });
        Some(Target { path, file: None, bytes: Bytes::Closed(Gap::Unreadable(cause)), gap: None })
    }

    fn end_look(&self, summary: &mut Summary) {
        let device = self.device();
        let mut state = lock(&self.state);
        let Look { number, device: began_on, saw_known, saw_any, trouble, is_gone, .. } = state.look;
        (summary.links, summary.excluded) = (state.look.links, state.look.excluded);
        let began = state.look.began.unwrap_or_else(Instant::now);
        state.next_look = began + self.how.every;
        // Where a drive was mounted is a folder of another file system, empty as a rule: nobody has deleted anything.
        let is_other = state.watched.device().is_some_and(|known| known != began_on);
        let is_empty = is_other && !saw_any && !state.known.is_empty();
        if is_gone || is_empty || device != Some(began_on) {
            self.set_away(&mut state, true);
            return;
        }
        self.set_away(&mut state, false);
        if saw_known || state.known.is_empty() {
            // A device that cannot be noted is noted in the next look.
            let _ = state.watched.set_device(began_on);
        }
        if trouble || is_other && !saw_known {
            return;
        }
        let before = state.known.len();
        state.known.retain(|_, seen| seen.look == number);
        state.fresh.retain(|_, fresh| fresh.look == number || fresh.given);
        state.failed.retain(|_, seen| seen.look == number);
        let lines = state.watched.lines();
        let is_worth_it = lines < IDLE_LINES || lines > 2 * state.known.len() as u64;
        if state.known.len() < before && is_worth_it {
            // What cannot be written anew is longer than it need be.
            let _ = self.rewrite(&mut state);
        }
    }

    fn rewrite(&self, state: &mut State) -> Result<(), HomeError> {
        let State { watched, known, .. } = state;
        watched.rewrite(&self.prints, |print| known.get(&print).map(|seen| seen.stamp))
    }

    fn set_away(&self, state: &mut State, is_away: bool) {
        if std::mem::replace(&mut state.is_away, is_away) != is_away {
            if !is_away {
                state.failed.clear(); // what could not be read may have been on its way out
            }
            (self.how.away)(is_away);
        }
    }

    /// The verdicts of the next that were given are on disk; of each, whether it could be read.
    pub(super) fn kept(&self, settled: &[bool]) -> Result<(), HomeError> {
        let mut state = lock(&self.state);
        let number = settled.len().min(state.given.len());
        let given: Vec<Given> = state.given.drain(..number).collect();
        let is_taken = |given: &&Given, was_read: bool| was_read && given.file.is_some();
        let taken = given.iter().zip(settled).filter(|(given, read)| is_taken(given, **read));
        state.watched.add(taken.filter_map(|(given, _)| given.file.as_ref()))?;
        let look = state.look.number;
        for (Given { print, stamp, file }, was_read) in given.into_iter().zip(settled) {
            let Some(Taken { path, stamp: whole }) = file else { continue };
            if state.fresh.get(&print).is_some_and(|fresh| fresh.stamp == stamp) {
                state.fresh.remove(&print);
            }
            let is_there =
                || fs::metadata(self.dir.join(&path)).is_ok_and(|about| Stamp::of(&about) == whole);
            if *was_read {
                state.known.insert(print, Seen { stamp, look });
            } else if is_there() {
                state.failed.insert(print, Seen { stamp, look });
            }
        }
        Ok(())
    }
}

/// True if it is there with this stamp; it is seen then.
fn is_seen(among: &mut Known, print: u64, stamp: u64, look: u32) -> bool {
    let found = among.get_mut(&print).filter(|seen| seen.stamp == stamp);
    found.is_some_and(|seen| {
        seen.look = look;
        true
    })
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
