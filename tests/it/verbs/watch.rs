//! `screen --watch`, and who is told of runs.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::ward::{self, Done, ScreenLine, ScreenSummary, TallyLine, Ward, all, sha256};

/// A home that knows the files with these contents, and an empty folder `in`.
fn knowing(contents: &[&[u8]]) -> Ward {
    let ward = ward::knowing(contents);
    fs::create_dir(ward.path("in")).unwrap();
    ward
}

fn runs(ward: &Ward) -> Vec<PathBuf> {
    let Ok(runs) = fs::read_dir(ward.home().join("runs")) else { return Vec::new() };
    let mut runs: Vec<_> = runs.map(|run| run.unwrap().path()).collect();
    runs.sort();
    runs
}

/// The verdicts on disk of all runs, whole lines alone.
fn verdicts(ward: &Ward) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for run in runs(ward) {
        let text = fs::read_to_string(run.join("verdicts.jsonl")).unwrap_or_default();
        let whole = &text[..text.rfind('\n').map_or(0, |at| at + 1)];
        found.extend(all::<ScreenLine>(whole, "screen").into_iter().map(|line| (line.path, line.outcome)));
    }
    found
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(90), "{what}");
        sleep(Duration::from_millis(20));
    }
}

fn watch(ward: &Ward, more: &[&str]) -> Child {
    let mut command = ward.command();
    command.args(["screen", "--watch", "in", "--every", "1", "--format", "json"]).args(more);
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn stop(child: Child) -> Done {
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    Done::of(child.wait_with_output().unwrap())
}

fn state(ward: &Ward) -> String {
    let [folder] = &fs::read_dir(ward.home().join("watch")).unwrap().collect::<Vec<_>>()[..] else {
        panic!("one watch")
    };
    fs::read_to_string(folder.as_ref().unwrap().path().join("taken.jsonl")).unwrap()
}

fn script(ward: &Ward, name: &str, text: &str) -> PathBuf {
    let path = ward.write(name, format!("#!/bin/sh\n{text}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

fn objects(path: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn what_arrives_is_taken_in_once_it_is_whole_and_again_when_it_has_changed() {
    let ward = knowing(&[b"listed", b"0123456789"]);
    ward.write("in/before.txt", "listed");
    ward.write("in/left.tmp", "x");
    let child = watch(&ward, &["--exclude", "*.tmp"]);
    until("what was there before", || verdicts(&ward) == pairs(&[("in/before.txt", "known")]));
    // An upload that takes its time.
    let mut upload = fs::File::create(ward.path("in/upload.txt")).unwrap();
    for digit in b"0123456789" {
        upload.write_all(&[*digit]).unwrap();
        sleep(Duration::from_millis(400));
        assert_eq!(verdicts(&ward).len(), 1, "it is half-written");
    }
    drop(upload);
    let mut expected = pairs(&[("in/before.txt", "known"), ("in/upload.txt", "known")]);
    until("the upload, whole", || verdicts(&ward) == expected);
    ward.write("in/deep/er/new.txt", "new");
    expected.extend(pairs(&[("in/deep/er/new.txt", "unknown")]));
    until("what arrives deeper", || verdicts(&ward) == expected);
    ward.write("in/deep/er/new.txt", "listed");
    expected.extend(pairs(&[("in/deep/er/new.txt", "known")]));
    until("what has changed", || verdicts(&ward) == expected);
    // As `rsync -t` does it: other bytes of the same length, with the time of the file before.
    let time = fs::metadata(ward.path("in/deep/er/new.txt")).unwrap().modified().unwrap();
    let other = ward.write("new.txt", "change");
    fs::File::options().append(true).open(&other).unwrap().set_modified(time).unwrap();
    fs::rename(other, ward.path("in/deep/er/new.txt")).unwrap();
    expected.extend(pairs(&[("in/deep/er/new.txt", "unknown")]));
    until("what has taken its place", || verdicts(&ward) == expected);
    ward.run(&["screen", "--watch", "in"]).refused(&["another innerward process watches"]);
    assert!(ward.must(&["purge", "--older-than", "0"]).out.contains("a process works on it"));
    let done = stop(child);
    assert_eq!((done.code, &*done.err), (1, ""));
    let printed: Vec<_> =
        done.all::<ScreenLine>("screen").into_iter().map(|line| (line.path, line.outcome)).collect();
    assert_eq!(printed, expected);
    let summary: ScreenSummary = done.summary();
    assert_eq!((summary.items, summary.known, summary.excluded), (5, 3, 1));
    let [run] = &runs(&ward)[..] else { panic!("one run") };
    assert!(run.join("triage.html").exists(), "the run came to its end");
    ward.run(&["screen", "--resume", "last"]).refused(&["came to its end"]);
    let tally: Vec<TallyLine> = ward.must(&["tally", "show", "--format", "json"]).all("tally");
    assert!(!tally.is_empty() && tally.iter().all(|line| line.channel == "WATCH_FOLDER"), "{tally:?}");
    // A later watch knows what was taken in, by whatever name it is told of the folder.
    let place = ward.path("in/../in");
    let mut child = ward.command();
    child.args([
        "screen",
        "--watch",
        place.to_str().unwrap(),
        "--every",
        "1",
        "--format",
        "json",
        "--exclude",
        "*.tmp",
    ]);
    let child = child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_secs(4));
    fs::remove_file(ward.path("in/upload.txt")).unwrap();
    until("what is gone is forgotten", || !state(&ward).contains("upload"));
    let done = stop(child);
    assert_eq!((done.code, done.summary::<ScreenSummary>().items, runs(&ward).len()), (0, 0, 2));
    ward.must(&["purge", "--older-than", "0"]);
    assert_eq!(fs::read_dir(ward.home().join("watch")).unwrap().count(), 0, "names of files are purged");
}

#[test]
fn a_watch_that_is_killed_goes_on_with_its_run_and_misses_nothing() {
    let ward = knowing(&[b"text 7"]);
    for n in 0..1_500 {
        ward.write(&format!("in/{:02}/{n}.txt", n % 20), format!("text {n}"));
    }
    let whole = knowing(&[b"text 7"]);
    for n in 0..1_504 {
        whole.write(&format!("in/{n}.txt"), format!("text {n}"));
    }
    for round in 0..3 {
        ward.write(&format!("in/new {round}.txt"), format!("text {}", 1_501 + round));
        let before = verdicts(&ward).len();
        let mut child = watch(&ward, &["--summary"]); // nobody reads what it prints
        until("some more", || verdicts(&ward).len() > before);
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    ward.write("in/late.txt", "text 1500");
    let child = watch(&ward, &["--summary"]);
    until("the last", || verdicts(&ward).iter().any(|(path, _)| path == "in/late.txt"));
    let done = stop(child);
    assert_eq!(done.code, 1, "{}", done.err);
    let [run] = &runs(&ward)[..] else { panic!("one run, though it was killed") };
    let described: serde_json::Value =
        serde_json::from_slice(&fs::read(run.join("run.json")).unwrap()).unwrap();
    assert_eq!(described["parts"].as_array().unwrap().len(), 4);
    let mut paths: Vec<String> = verdicts(&ward).into_iter().map(|(path, _)| path).collect();
    let lines = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 1_504, "nothing is missed");
    assert!(lines < 1_504 + 3 * 512, "at most the last moments come again: {lines}");
    whole.run(&["screen", "in", "--channel", "WATCH_FOLDER"]);
    let counted = |ward: &Ward| ward.must(&["tally", "show", "--format", "json"]).all::<TallyLine>("tally");
    assert_eq!(counted(&ward), counted(&whole), "nothing is counted twice");
}

#[test]
fn a_folder_that_is_away_is_waited_for_and_lists_that_change_are_used() {
    let ward = knowing(&[b"listed"]);
    ward.write("in/a.txt", "listed");
    let child = watch(&ward, &[]);
    until("the first", || verdicts(&ward).len() == 1);
    fs::rename(ward.path("in"), ward.path("elsewhere")).unwrap();
    sleep(Duration::from_secs(3));
    ward.import("more", &(sha256(b"later") + "\n"), &["--as", "plain:sha256"]);
    fs::rename(ward.path("elsewhere"), ward.path("in")).unwrap();
    ward.write("in/b.txt", "later");
    let expected = pairs(&[("in/a.txt", "known"), ("in/b.txt", "known")]);
    until("what came after", || verdicts(&ward).len() == 2);
    let done = stop(child);
    assert_eq!((verdicts(&ward), done.code), (expected, 1));
    let told: Vec<&str> = done.err.lines().collect();
    assert_eq!(told.len(), 2, "{}", done.err);
    assert!(told[0].contains("in is not there") && told[1].contains("is there again"), "{}", done.err);
    assert_eq!(runs(&ward).len(), 1, "other lists are another part of the same run");
    ward.run(&["screen", "--watch", "missing"]).refused(&["no such folder"]);
    ward.run(&["screen", "--watch", "in/a.txt"]).refused(&["only a folder"]);
    ward.run(&["screen", "--watch", "in", "in"]).refused(&["cannot be used with"]);
    // Known from before, it may be away when the watch begins.
    fs::rename(ward.path("in"), ward.path("elsewhere")).unwrap();
    let child = watch(&ward, &[]);
    sleep(Duration::from_secs(2));
    ward.write("elsewhere/c.txt", "later");
    fs::rename(ward.path("elsewhere"), ward.path("in")).unwrap();
    until("what came while it was away", || verdicts(&ward).len() == 3);
    let done = stop(child);
    assert_eq!(done.summary::<ScreenSummary>().items, 1);
}

#[test]
fn who_is_to_be_told_is_told_in_numbers_and_may_fail() {
    let ward = knowing(&[b"listed"]);
    for (name, content) in [("a.txt", "listed"), ("b.txt", "free"), ("empty", "")] {
        ward.write(&format!("in/{name}"), content);
    }
    let found = script(&ward, "found", "cat >> found.json");
    let stopped = script(&ward, "stopped", "env > stopped.env\ncat >> stopped.json\nexit 3");
    let (found, stopped) = (found.to_str().unwrap(), stopped.to_str().unwrap());
    let hooks = ["--on-found", found, "--on-stop", stopped, "--alert", "alerts"];
    let child = watch(&ward, &hooks);
    until("the first find", || objects(&ward.path("found.json")).len() == 1);
    let done = stop(child);
    assert_eq!(done.code, 5);
    assert!(done.err.contains("--on-stop") && done.err.contains("exit status: 3"), "{}", done.err);
    let [run] = &runs(&ward)[..] else { panic!("one run") };
    let object = |event: &str| {
        serde_json::json!({ "event": event, "run": run.file_name().unwrap().to_str().unwrap(), "known": 1,
            "near": 0, "unchecked": 1, "items": 3, "verdicts": run.join("verdicts.jsonl") })
    };
    assert_eq!(objects(&ward.path("found.json")), [object("found")]);
    assert_eq!(objects(&ward.path("stopped.json")), [object("interrupted")]);
    assert_eq!(objects(&ward.path("alerts")), [object("found"), object("interrupted")]);
    assert_eq!(fs::metadata(ward.path("alerts")).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(ward.path("alerts")).unwrap();
    assert!(!text.contains("a.txt") && !text.contains(&sha256(b"listed")));
    let own: Vec<String> =
        fs::read_to_string(ward.path("stopped.env")).unwrap().lines().map(str::to_owned).collect();
    // What a shell itself adds.
    let added = ["PWD=", "OLDPWD=", "SHLVL=", "_="];
    let given = ["HOME=", "XDG_DATA_HOME=", "INNERWARD_HOME=", "PATH="];
    assert!(own.iter().all(|line| added.iter().chain(&given).any(|name| line.starts_with(name))), "{own:?}");

    // An ordinary run tells as well, and goes on whoever fails.
    let done = ward.run(&["screen", "in", "--on-found", "/no/such/program", "--alert", "ended", "--quiet"]);
    assert!(done.err.contains("--on-found /no/such/program: it cannot be started"), "{}", done.err);
    assert_eq!(done.code, 5);
    let told = objects(&ward.path("ended"));
    assert_eq!((&told[0]["event"], &told[1]["event"], told.len()), (&"found".into(), &"ended".into(), 2));
    fs::set_permissions(ward.path("ended"), fs::Permissions::from_mode(0o644)).unwrap();
    // One that fails says so too: the list of paths is no list.
    ward.write("list", "x".repeat(9_000));
    let done = ward.run(&["screen", "--from", "list", "--alert", "ended"]);
    assert_eq!((done.code, &objects(&ward.path("ended"))[2]["event"]), (2, &"failed".into()));
}
