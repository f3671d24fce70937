//! Who is told of a run: programs, and a file. They are told numbers, never names or hashes.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};

use crate::cli::output::complain;
use crate::home::{HomeError, write_atomic};
use crate::screen::Summary;

/// From one call about what was found to the next, at least.
const EVERY: Duration = Duration::from_secs(10);
/// What a program may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Event {
    /// Something known or near.
    Found,
    /// The run came to its end.
    Ended,
    /// It was asked to stop.
    Interrupted,
    /// It could not go on.
    Failed,
}

/// Items, and those of some outcomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Totals {
    known: u64,
    near: u64,
    unchecked: u64,
    items: u64,
}

impl Totals {
    fn of(summary: &Summary) -> Self {
        let Summary { known, near, unchecked, items, .. } = *summary;
        Self { known, near, unchecked, items }
    }

    /// A run that goes on may begin with less than was told of it.
    fn since(self, before: Self) -> Self {
        Self {
            known: self.known.saturating_sub(before.known),
            near: self.near.saturating_sub(before.near),
            unchecked: self.unchecked.saturating_sub(before.unchecked),
            items: self.items.saturating_sub(before.items),
        }
    }

    fn hits(self) -> u64 {
        self.known + self.near
    }
}

/// What is told, field by field as `docs/runs.md` has it.
#[derive(Clone, Serialize)]
struct Alert {
    event: Event,
    run: String,
    #[serde(flatten)]
    totals: Totals,
    verdicts: String,
    /// With this, so much of the run was told.
    #[serde(skip)]
    told_by_then: Option<Totals>,
}

/// In the folder of a run: what was told of it, so that one that is killed and goes on tells the rest.
const TOLD: &str = "told.json";

fn told_in(verdicts: &Path) -> Option<Totals> {
    serde_json::from_slice(&fs::read(verdicts.with_file_name(TOLD)).ok()?).ok()
}

fn note_told(verdicts: &Path, told: Totals) -> Result<(), HomeError> {
    let bytes = serde_json::to_vec(&told).unwrap_or_default(); // numbers can be written
    write_atomic(&verdicts.with_file_name(TOLD), &bytes, 0o600)
}

/// Tells programs and a file, in a thread of its own: a run waits for neither.
pub(in crate::cli) struct Hooks {
    shared: Arc<Shared>,
    teller: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    to: To,
}

/// Who is told, and within what bounds.
struct To {
    on_found: Option<OsString>,
    on_stop: Option<OsString>,
    alert: Option<PathBuf>,
    every: Duration,
    patience: Duration,
}

#[derive(Default)]
struct State {
    run: Option<RunTold>,
    /// The one before.
    last: Option<RunTold>,
    /// What is to be told at once.
    due: VecDeque<Alert>,
    /// Before this, nothing is told of what is found.
    silent_until: Option<Instant>,
    is_over: bool,
}

/// The run that is under way.
#[derive(Default)]
struct RunTold {
    run: String,
    verdicts: String,
    now: Totals,
    /// What was told already.
    told: Totals,
}

impl RunTold {
    fn alert(&self, event: Event, totals: Totals) -> Alert {
        let (run, verdicts) = (self.run.clone(), self.verdicts.clone());
        Alert { event, run, totals, verdicts, told_by_then: (event == Event::Found).then_some(self.told) }
    }

    /// What was found and was not told.
    fn found(&mut self) -> Option<Alert> {
        let new = self.now.since(self.told);
        if new.hits() == 0 {
            return None;
        }
        self.told = self.now;
        Some(self.alert(Event::Found, new))
    }
}

impl Hooks {
    pub(super) fn new(on_found: Option<OsString>, on_stop: Option<OsString>, alert: Option<PathBuf>) -> Self {
        Self::start(To { on_found, on_stop, alert, every: EVERY, patience: PATIENCE })
    }

    fn start(to: To) -> Self {
        let is_wanted = to.on_found.is_some() || to.on_stop.is_some() || to.alert.is_some();
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), to });
        let its = Arc::clone(&shared);
        let teller = is_wanted.then(|| thread::Builder::new().spawn(move || its.tell_all()));
        let teller = teller.and_then(|teller| {
            teller.map_err(|error| complain(format_args!("nobody is told of the run: {error}"))).ok()
        });
        Self { shared, teller }
    }

    /// A run begins, or goes on, having found so much.
    pub(super) fn begin(&self, run: &str, verdicts: &Path, so_far: &Summary) {
        let verdicts = std::path::absolute(verdicts).unwrap_or_else(|_| verdicts.to_owned());
        let (now, verdicts) = (Totals::of(so_far), verdicts.to_string_lossy().into_owned());
        let mut state = self.shared.lock();
        // Of a run that only rested, what was found just before may not have been told yet.
        let before = state.run.take().filter(|before| before.run == run).map(|before| before.told);
        // Nor may that of one that was killed; what was told of it is in its folder.
        let told = before.or_else(|| told_in(Path::new(&verdicts))).unwrap_or_default();
        state.run = Some(RunTold { run: run.into(), verdicts, now, told });
    }

    /// It has found so much.
    pub(super) fn advance(&self, so_far: &Summary) {
        if let Some(run) = &mut self.shared.lock().run {
            run.now = Totals::of(so_far);
        }
        self.shared.changed.notify_all();
    }

    /// It has stopped. Without a run, only a failure is told, of the last run or of none.
    pub(super) fn stopped(&self, event: Event) {
        let mut state = self.shared.lock();
        if let Some(mut run) = state.run.take() {
            state.due.extend(run.found());
            state.due.push_back(run.alert(event, run.now));
            state.last = Some(run);
        } else if event == Event::Failed {
            let alert = state.last.take().unwrap_or_default().alert(event, Totals::default());
            state.due.push_back(alert);
        }
        self.shared.changed.notify_all();
    }

    /// Waits until all were told.
    pub(super) fn finish(mut self) {
        self.shared.lock().is_over = true;
        self.shared.changed.notify_all();
        // A teller that panicked has said so.
        let _ = self.teller.take().map(JoinHandle::join);
    }
}

impl Shared {
    /// No code that can panic runs under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell_all(&self) {
        while let Some(alert) = self.next() {
            self.to.tell(&alert);
            if let Some(told) = alert.told_by_then
                && let Err(error) = note_told(Path::new(&alert.verdicts), told)
            {
                complain(format_args!("what was told is not noted, and may be told again: {error}"));
            }
        }
    }

    /// Waits for what is to be told next; `None` once there will be nothing more.
    fn next(&self) -> Option<Alert> {
        let mut state = self.lock();
        loop {
            if let Some(alert) = state.due.pop_front() {
                return Some(alert);
            }
            if state.is_over {
                return None;
            }
            let now = Instant::now();
            let silence =
                state.silent_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
            if silence.is_zero() {
                if let Some(alert) = state.run.as_mut().and_then(RunTold::found) {
                    state.silent_until = Some(now + self.to.every);
                    return Some(alert);
                }
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                let waited = self.changed.wait_timeout(state, silence);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }
}

impl To {
    fn tell(&self, alert: &Alert) {
        let Ok(mut line) = serde_json::to_vec(alert) else { return }; // words and numbers
        line.push(b'\n');
        if let Some(path) = &self.alert
            && let Err(error) = append(path, &line)
        {
            complain(format_args!("--alert {}: {error}; the run goes on without it", path.display()));
        }
        let (option, program) = match alert.event {
            Event::Found => ("--on-found", &self.on_found),
            _ => ("--on-stop", &self.on_stop),
        };
        if let Some(program) = program
            && let Err(cause) = call(program, &line, self.patience)
        {
            let program = program.to_string_lossy();
            complain(format_args!("{option} {program}: {cause}; the run does not depend on it"));
        }
    }
}

fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.write_all(line)
}

/// Starts a program, hands it `input`, and waits for its end.
fn call(program: &OsStr, input: &[u8], patience: Duration) -> Result<(), String> {
    let mut command = Command::new(program);
    // What it prints is not the product of this process; Ctrl-C means the run.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0);
    let mut child = command.spawn().map_err(|error| format!("it cannot be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // It need not read it; the pipe has room for all.
        let _ = stdin.write_all(input);
    }
    match wait(&mut child, patience) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => Err(format!("it failed ({status})")),
        Ok(None) => {
            let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            let _ = group.map(|group| kill_process_group(group, Signal::KILL)); // it may have ended just now
            let _ = child.wait();
            Err(format!("it took more than {} s and was killed", patience.as_secs()))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Its end; `None` if it takes longer.
fn wait(child: &mut Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let until = Instant::now() + patience;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn summary(items: u64, known: u64, near: u64, unchecked: u64) -> Summary {
        Summary { items, known, near, unchecked, ..Summary::default() }
    }

    fn lines(path: &Path) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn to(alert: &Path, every: Duration) -> To {
        let alert = Some(alert.to_owned());
        To { on_found: None, on_stop: None, alert, every, patience: Duration::from_millis(300) }
    }

    /// Waits until so many lines are there.
    fn told(path: &Path, number: usize) -> Vec<serde_json::Value> {
        let start = Instant::now();
        loop {
            let lines = lines(path);
            if lines.len() >= number {
                return lines;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{lines:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn what_was_found_is_told_now_and_then_and_all_of_it_by_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alerts");
        let verdicts = dir.path().join("verdicts.jsonl");
        // The run was killed when so much had been told, and goes on from a little before.
        note_told(&verdicts, Totals::of(&summary(10, 1, 1, 1))).unwrap();
        let hooks = Hooks::start(to(&path, Duration::from_secs(3600)));
        hooks.begin("R", &verdicts, &summary(8, 1, 0, 1));
        hooks.advance(&summary(20, 1, 1, 2));
        hooks.advance(&summary(30, 2, 1, 3));
        told(&path, 1);
        hooks.advance(&summary(40, 3, 1, 3));
        hooks.begin("R", &verdicts, &summary(40, 3, 1, 3));
        hooks.advance(&summary(50, 3, 4, 3));
        hooks.stopped(Event::Ended);
        hooks.stopped(Event::Failed);
        hooks.finish();
        let object = |event: &str, known: u64, near: u64, unchecked: u64, items: u64| {
            serde_json::json!({ "event": event, "run": "R", "known": known, "near": near, "unchecked": unchecked,
                "items": items, "verdicts": verdicts })
        };
        let expected = [
            object("found", 1, 0, 2, 20),
            object("found", 1, 3, 0, 20),
            object("ended", 3, 4, 3, 50),
            object("failed", 0, 0, 0, 0),
        ];
        assert_eq!(lines(&path), expected);
        assert_eq!(
            told_in(&verdicts),
            Some(Totals::of(&summary(50, 3, 4, 3))),
            "a later process tells the rest"
        );
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_found_in_the_silence_is_told_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alerts");
        let hooks = Hooks::start(to(&path, Duration::from_millis(150)));
        hooks.begin("R", Path::new("/r/verdicts.jsonl"), &summary(0, 0, 0, 0));
        hooks.advance(&summary(1, 1, 0, 0));
        told(&path, 1);
        let start = Instant::now();
        hooks.advance(&summary(2, 2, 0, 0));
        hooks.advance(&summary(3, 3, 0, 0));
        let found = told(&path, 2);
        assert!(start.elapsed() > Duration::from_millis(50), "{:?}", start.elapsed());
        assert_eq!((&found[1]["known"], &found[1]["items"]), (&2.into(), &2.into()));
        hooks.finish();
        assert_eq!(lines(&path).len(), 2, "without a stop, nothing more");
    }

    #[test]
    fn programs_that_fail_or_take_too_long_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let script = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
            path.into_os_string()
        };
        let patience = Duration::from_millis(400);
        let got = dir.path().join("got");
        assert_eq!(call(&script("good", &format!("cat > {}", got.display())), b"{}\n", PATIENCE), Ok(()));
        assert_eq!(fs::read(got).unwrap(), b"{}\n");
        assert!(call(&script("bad", "exit 3"), b"{}", PATIENCE).unwrap_err().contains("exit status: 3"));
        assert!(
            call(OsStr::new("no-such-program-here"), b"{}", PATIENCE)
                .unwrap_err()
                .contains("cannot be started")
        );
        let start = Instant::now();
        let slow = call(&script("slow", "sleep 100; true"), b"{}", patience);
        assert!(slow.unwrap_err().contains("was killed"));
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}
