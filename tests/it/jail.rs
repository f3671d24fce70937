//! The jail by real means: bounds that are overrun, workers that are killed, system calls that are watched.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use innerward::digest::{Digests, Fidelity, Signal, Wanted};
use innerward::jail::{Attempt, Refusal, try_attempt};
use innerward::media::{Gap, Killed};
use innerward::screen::{WorkerOptions, Workers, fingerprint};
use serde_json::Value;

use crate::ward::{Done, ScreenLine, ScreenSummary, Ward, all, digits, testdata};

/// For what takes a moment, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn options() -> WorkerOptions {
    WorkerOptions { program: env!("CARGO_BIN_EXE_innerward").into(), ..WorkerOptions::default() }
}

/// A picture of one grey of `side` by `side` pixels: a few kilobytes that take long, and much memory, to decode.
fn wide_png(side: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(side, side).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub(crate) fn small_png() -> Vec<u8> {
    fs::read(testdata().join("pictures/other/png-named.jpg")).unwrap()
}

pub(crate) fn files(root: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(root).sort_by_file_name().into_iter();
    entries.map(|entry| entry.unwrap().into_path()).filter(|path| path.is_file()).collect()
}

/// Waits for something that will be.
fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "no {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn the_jail_finds_what_is_found_outside() {
    let workers = Workers::start(WorkerOptions { heif_convert: None, ..options() }).unwrap();
    assert!(workers.in_force().rlimits);
    let mut paths = files(&testdata().join("pictures"));
    paths.retain(|path| path.extension().is_none_or(|end| end != "heic")); // its reason names the place
    assert!(paths.len() > 50, "{} files", paths.len());
    for path in &paths {
        let inside = workers.fingerprint(path, &Wanted::default()).unwrap();
        let outside = fingerprint(path, &Wanted::default()).unwrap();
        assert_eq!(inside, outside, "{}", path.display());
        assert_eq!(workers.fingerprint_bytes(&fs::read(path).unwrap(), &Wanted::default()).unwrap(), outside);
    }
    let classics = vec!["gradient8".parse().unwrap(), "median16-dct".parse().unwrap()];
    let also = Wanted { classics, fidelity: Fidelity::Luma, ..Wanted::default() };
    for (name, hashes, fidelity) in
        [("cat.png", 2, Fidelity::Reference), ("coffee.jpg", 2, Fidelity::Reference)]
    {
        let path = testdata().join("pictures/originals").join(name);
        let inside = workers.fingerprint(&path, &also).unwrap();
        assert_eq!(inside, fingerprint(&path, &also).unwrap());
        assert_eq!((inside.classics.len(), inside.fidelity), (hashes, fidelity), "{name}");
    }
    let luma = Wanted { fidelity: Fidelity::Luma, ..Wanted::default() };
    let coffee = testdata().join("pictures/originals/coffee.jpg");
    let inside = workers.fingerprint(&coffee, &luma).unwrap();
    assert_eq!((&inside, inside.fidelity), (&fingerprint(&coffee, &luma).unwrap(), Fidelity::Luma));
    let missing =
        [Path::new("/missing"), &testdata()].map(|path| workers.fingerprint(path, &Wanted::default()));
    let words = missing.map(|result| result.unwrap_err().to_string());
    assert!(words[0].contains("No such file") && words[1].contains("Is a directory"), "{words:?}");
}

#[test]
fn what_is_forbidden_is_refused() {
    for attempt in Attempt::ALL {
        let refusal = try_attempt(&options().jail(), attempt).unwrap();
        assert_ne!(refusal, Refusal::None, "to {}", attempt.as_str());
    }
}

/// Lines of a run, by the name of the file.
pub(crate) fn screened(done: &Done) -> BTreeMap<String, ScreenLine> {
    let name = |line: &ScreenLine| Path::new(&line.path).file_name().unwrap().to_str().unwrap().to_owned();
    done.all::<ScreenLine>("screen").into_iter().map(|line| (name(&line), line)).collect()
}

/// A ward that knows `known` by its MD5, with that bound in its settings.
fn bounded(setting: &str, known: &[u8]) -> Ward {
    let ward = Ward::new();
    ward.import("own", &format!("{}\n", Digests::of(known).md5.to_hex()), &["--as", "plain:md5"]);
    ward.write("ward/innerward.toml", setting);
    ward
}

#[test]
fn a_picture_that_overruns_the_memory_costs_itself_alone() {
    let (large, larger) = (wide_png(6000), wide_png(6100));
    let ward = bounded("max_memory_bytes = 90000000\n", &larger);
    for (name, bytes) in
        [("a.png", &small_png()), ("b.png", &large), ("c.png", &larger), ("d.png", &small_png())]
    {
        ward.write(&format!("in/{name}"), bytes);
    }
    for threads in ["1", "3"] {
        let done = ward.run(&["screen", "in", "--format", "json", "--threads", threads]);
        let lines = screened(&done);
        assert_eq!((done.code, &*done.err, lines.len()), (5, "", 4));
        assert_eq!((&*lines["a.png"].outcome, &*lines["d.png"].outcome), ("unknown", "unknown"));
        assert_eq!(lines["b.png"].outcome, "unchecked");
        assert_eq!(lines["b.png"].reason.as_deref(), Some("decoder killed (memory)"));
        assert_eq!(lines["b.png"].bytes, Some(large.len() as u64));
        // Digests need no decoder: what is listed is found all the same.
        assert_eq!(lines["c.png"].outcome, "known");
        assert_eq!(done.summary::<ScreenSummary>().gaps["decoder killed (memory)"], 2);
    }
}

#[test]
fn a_picture_that_overruns_the_time_costs_itself_alone() {
    let ward = Ward::new();
    let (path, start) = (ward.write("long.png", wide_png(9900)), Instant::now());
    let read = |max_seconds| {
        let workers = Workers::start(WorkerOptions { max_seconds, ..options() }).unwrap();
        workers.fingerprint(&path, &Wanted::default()).unwrap()
    };
    let print = read(0);
    assert!(start.elapsed() < PATIENCE);
    assert_eq!(print.gap, Some(Gap::Killed(Killed::Time)));
    assert_eq!(print.digests, Digests::of(&fs::read(&path).unwrap()), "those are made by another worker");
    // The same with time enough, so that it is the time that was lacking.
    assert!(matches!(read(300).gap, Some(Gap::LowQuality(_))));
}

#[test]
fn a_jail_that_cannot_be_is_said_and_never_done_without() {
    let ward = bounded("max_memory_bytes = 1000000\n", b"another");
    ward.write("in/a.png", small_png());
    ward.run(&["screen", "in"]).refused(&["did not come up", "innerward doctor", "--in-process"]);
    let done = ward.must(&["screen", "in", "--in-process", "--format", "json"]);
    assert_eq!(done.summary::<ScreenSummary>().unknown, 1);
    let run = |n: usize| verdicts(&ward)[n].clone();
    let header = |n| all::<Value>(&fs::read_to_string(run(n)).unwrap(), "run").remove(0);
    assert_eq!(header(0)["jail"], Value::Null);
    let doctor = ward.run(&["doctor", "--format", "json"]);
    assert_eq!(doctor.code, 2);
    assert!(
        doctor
            .all::<Value>("check")
            .iter()
            .any(|check| check["check"] == "jail" && check["state"] == "fault")
    );
}

#[test]
fn a_run_says_what_confined_it() {
    let ward = bounded("max_seconds = 77\n", b"another");
    ward.write("in/a.png", small_png());
    ward.must(&["screen", "in", "--threads", "2"]);
    let run = fs::read_to_string(&verdicts(&ward)[0]).unwrap();
    let jail = &all::<Value>(&run, "run")[0]["jail"];
    let expected = Workers::start(options()).unwrap();
    assert_eq!(jail["workers"], 3, "one more, for while an answer is on its way");
    assert_eq!(jail["seccomp"], expected.in_force().seccomp);
    assert_eq!(jail["landlock"].as_str(), expected.in_force().landlock.as_deref());
    assert_eq!((&jail["rlimits"], &jail["seconds"]), (&Value::Bool(true), &Value::from(77)));
    assert_eq!(jail["memory_bytes"], expected.in_force().memory_bytes);
}

/// A run over large pictures, so that its workers are at work when they are looked at.
struct Running {
    ward: Ward,
    child: Child,
}

const PICTURES: usize = 24;

impl Running {
    fn start() -> Self {
        let ward = bounded("max_seconds = 300\n", b"another");
        let picture = wide_png(5000);
        for n in 0..PICTURES {
            // Each its own content: one that comes again is not decoded again.
            ward.write(&format!("in/{n:02}.png"), [&picture[..], &[n as u8]].concat());
        }
        let mut command = ward.command();
        command.args(["screen", "in", "--format", "json", "--threads", "2"]);
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Self { ward, child }
    }

    /// Its workers that have something to read.
    fn workers(&self) -> Vec<u32> {
        children(self.child.id()).into_iter().filter(|worker| is_busy(*worker)).collect()
    }
}

/// The files of verdicts, the oldest first.
fn verdicts(ward: &Ward) -> Vec<PathBuf> {
    let all = files(&ward.home().join("runs"));
    all.into_iter().filter(|path| path.ends_with("verdicts.jsonl")).collect()
}

fn children(parent: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<u32>>())
        .collect()
}

/// Name and target of every file that a process has open.
fn open_files(process: u32) -> BTreeMap<String, String> {
    let Ok(files) = fs::read_dir(format!("/proc/{process}/fd")) else { return BTreeMap::new() };
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let target =
        |path: &Path| fs::read_link(path).map_or_else(|_| String::new(), |to| to.display().to_string());
    // The process may end while it is looked at.
    files.filter_map(|file| Some(file.ok()?.path())).map(|path| (name(&path), target(&path))).collect()
}

/// Whether a worker has one of the pictures in hand. That it has some file open is not enough: the loader and
/// the C library open files of their own while a process starts, before anything confines it.
fn is_busy(process: u32) -> bool {
    open_files(process).values().any(|file| file.ends_with(".png"))
}

fn is_there(process: u32) -> bool {
    // A zombie has ended; it waits for whoever started it, or for init if that is gone.
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']))
}

fn kill(process: u32, signal: &str) {
    // It may have ended meanwhile, which is as well.
    let _ = Command::new("kill").args([signal, &process.to_string()]).stderr(Stdio::null()).status().unwrap();
}

#[test]
fn killed_workers_cost_one_item_each_and_are_replaced() {
    let running = Running::start();
    for _ in 0..3 {
        let worker = until("worker at work", || running.workers().first().copied());
        kill(worker, "-KILL");
        until("end of it", || (!is_there(worker)).then_some(()));
    }
    let done = Done::of(running.child.wait_with_output().unwrap());
    let lines = screened(&done);
    assert_eq!((done.code, &*done.err, lines.len()), (4, "", PICTURES));
    let crashed = |line: &&ScreenLine| line.reason.as_deref() == Some("decoder killed (crash)");
    let lost = lines.values().filter(crashed).count();
    // A worker may have ended its work between the look and the blow.
    assert!((1..=3).contains(&lost), "{lost} were lost");
    let plain =
        |line: &&ScreenLine| line.reason.as_ref().is_some_and(|reason| reason.starts_with("too plain"));
    assert_eq!(lines.values().filter(plain).count(), PICTURES - lost);
    drop(running.ward);
}

#[test]
fn no_worker_outlives_the_run() {
    for signal in ["-KILL", "-INT", "-TERM"] {
        let mut running = Running::start();
        let workers = until("two workers at work", || Some(running.workers()).filter(|all| all.len() >= 2));
        kill(running.child.id(), signal);
        running.child.wait().unwrap();
        for worker in workers {
            until("end of a worker", || (!is_there(worker)).then_some(()));
        }
    }
}

#[test]
fn a_worker_holds_what_it_was_handed_and_nothing_else() {
    let mut running = Running::start();
    let (worker, open) = until("worker at work", || {
        let worker = running.workers().first().copied()?;
        Some((worker, open_files(worker)))
            .filter(|(_, open)| open.values().any(|file| file.ends_with(".png")))
    });
    let read = |name: &str| fs::read(format!("/proc/{worker}/{name}")).unwrap();
    let (environment, words, status) = (read("environ"), read("cmdline"), read("status"));
    kill(running.child.id(), "-KILL");
    running.child.wait().unwrap();
    assert!(open["0"].starts_with("socket:"), "{open:?}");
    assert_eq!((&*open["1"], &*open["2"]), ("/dev/null", "/dev/null"));
    let handed: Vec<&String> =
        open.iter().filter(|(name, _)| !["0", "1", "2"].contains(&&***name)).map(|(_, to)| to).collect();
    assert!(matches!(&*handed, [picture] if picture.ends_with(".png")), "{handed:?}");
    assert_eq!(environment, b"", "nothing of the parent's environment");
    let words = String::from_utf8(words).unwrap();
    let folder = running.ward.path("").display().to_string();
    assert!(words.contains("jail-worker") && !words.contains(&folder), "{words:?}");
    let status = String::from_utf8(status).unwrap();
    let field =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!(field("NoNewPrivs:"), "1");
    if Workers::start(options()).unwrap().in_force().seccomp {
        assert_eq!(field("Seccomp:"), "2", "a filter is installed");
    }
}

pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[test]
fn a_confined_worker_asks_the_system_for_nothing_but_memory_and_bytes() {
    if !is_installed("strace") {
        eprintln!("skipped: strace is not installed");
        return;
    }
    let ward = Ward::new();
    for (n, path) in files(&testdata().join("pictures/forms")).iter().enumerate() {
        ward.write(&format!("in/{n:02}"), fs::read(path).unwrap());
    }
    let paths: Vec<PathBuf> = files(&ward.path("in"));
    let mut command = Command::new("strace");
    command
        .args(["-f", "-o"])
        .arg(ward.path("trace"))
        .arg(env!("CARGO_BIN_EXE_innerward"))
        .args(["hash", "--threads", "1"]) // all by one worker
        .args(&paths);
    let traced = command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap();
    let trace = fs::read_to_string(ward.path("trace")).unwrap_or_default();
    if trace.is_empty() {
        eprintln!("skipped: strace may not watch here: {}", String::from_utf8_lossy(&traced.stderr));
        return;
    }
    // The worker says hello once it is confined.
    let hello = trace.lines().position(|line| line.contains("sendmsg(0") && line.contains("\"H")).unwrap();
    let worker = trace.lines().nth(hello).unwrap().split(' ').next().unwrap();
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    for line in trace.lines().skip(hello + 1) {
        let Some((process, rest)) = line.split_once(' ') else { continue };
        let call = rest.trim_start().split('(').next().unwrap();
        if process == worker && call.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            *calls.entry(call).or_default() += 1;
        }
    }
    assert!(calls["read"] > paths.len() && calls["recvmsg"] >= paths.len(), "{calls:?}");
    let allowed = [
        "read",
        "recvmsg",
        "sendmsg",
        "close",
        "fcntl",
        "lseek",
        "mmap",
        "munmap",
        "mremap",
        "madvise",
        "brk",
        "futex",
        "mprotect",
        "getrandom",
        "exit_group",
        "sigaltstack",
        "rt_sigprocmask",
        "sched_yield",
    ];
    let others: Vec<&&str> = calls.keys().filter(|call| !allowed.contains(*call)).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn what_cannot_be_read_twice_is_kept_in_memory() {
    let ward = Ward::new();
    let bytes = small_png();
    let done = ward.run_with(&["hash", "/dev/stdin", "--format", "json"], &bytes);
    let line = &done.all::<Value>("hash")[0];
    assert_eq!((done.code, line["md5"].as_str()), (0, Some(&*Digests::of(&bytes).md5.to_hex())));
    assert!(line["pdq"].is_string());
    let endless = ward.run(&["hash", "/dev/zero"]);
    assert_eq!(endless.code, 4);
    assert!(endless.err.contains("no regular file"), "{}", endless.err);
}

#[test]
fn the_doctor_finds_what_is_wrong() {
    let ward = Ward::new();
    let state = |done: &Done, check: &str| {
        let checks = done.all::<Value>("check");
        let of: Vec<_> = checks.iter().filter(|line| line["check"] == check).collect();
        of.iter().map(|line| line["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let none = ward.must(&["doctor", "--format", "json"]);
    assert_eq!(state(&none, "home"), ["lacking"], "no home is no fault");
    assert!(!ward.home().exists(), "a doctor makes nothing");
    assert_eq!(state(&none, "heif-convert"), ["lacking"], "without a search path");
    assert_eq!(state(&none, "ffmpeg"), ["lacking"]);
    ward.import("own", &digits("a", 16), &[]);
    let well = ward.must(&["doctor", "--format", "json"]);
    for check in ["version", "home", "permissions", "settings", "index"] {
        assert_eq!(state(&well, check), ["ok"], "{check}");
    }
    assert_eq!(state(&well, "jail").len(), 1 + Attempt::ALL.len());
    assert_eq!(well.summary::<Value>()["faults"], 0);
    assert!(ward.must(&["doctor"]).out.contains("to open a connection"));

    let lock = ward.home().join("HOME");
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let permissions = || {
        let done = ward.run(&["doctor", "--format", "json"]);
        (done.code, state(&done, "permissions").concat())
    };
    // Nobody else can enter the folder, and so nobody can read what lies in it.
    mode(&lock, 0o644);
    assert_eq!(permissions(), (0, "ok".to_owned()));
    mode(&ward.home(), 0o711);
    mode(&ward.path(""), 0o755);
    assert_eq!(permissions(), (2, "fault".to_owned()), "whoever knows its name can read it");
    let named = ward.run(&["doctor"]).out;
    assert!(named.contains("ward and 1 more"), "{named}");
    // Nor if the way to it is closed further up.
    mode(&ward.path(""), 0o700);
    assert_eq!(permissions(), (0, "ok".to_owned()));
    mode(&ward.path(""), 0o755);
    mode(&ward.home(), 0o700);
    ward.write("ward/innerward.toml", "max_secnods = 3\n");
    let typo = ward.run(&["doctor", "--format", "json"]);
    assert_eq!((typo.code, state(&typo, "settings")), (2, vec!["fault".to_owned()]));
    ward.write("ward/innerward.toml", "heif_convert = \"/no/such/program\"\n");
    let lost = ward.run(&["doctor", "--format", "json"]);
    assert_eq!((lost.code, state(&lost, "heif-convert")), (2, vec!["fault".to_owned()]));
    ward.write("ward/innerward.toml", "ffmpeg = \"/bin/sh\"\n"); // with no ffprobe beside it
    let lost = ward.run(&["doctor", "--format", "json"]);
    assert_eq!((lost.code, state(&lost, "ffmpeg")), (2, vec!["fault".to_owned()]));
    fs::remove_file(ward.path("ward/innerward.toml")).unwrap();
    for file in files(&ward.home().join("index")) {
        fs::write(file, b"not an index").unwrap();
    }
    let torn = ward.run(&["doctor", "--format", "json"]);
    assert_eq!((torn.code, state(&torn, "index")), (2, vec!["fault".to_owned()]));
}

/// `screen in` with that many files to be open at most, in eight threads.
fn screened_with_few_files(ward: &Ward, most: u32) -> Done {
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_innerward");
    let script = format!("ulimit -n {most}; exec {program} screen in --format json --threads 8");
    Done::of(
        command
            .args(["-c", &script])
            .env("INNERWARD_HOME", ward.home())
            .current_dir(ward.path(""))
            .output()
            .unwrap(),
    )
}

#[test]
fn where_no_more_workers_can_be_had_those_that_are_there_do_the_work() {
    const ITEMS: usize = 40;
    let ward = bounded("max_seconds = 300\n", b"another");
    for n in 0..ITEMS {
        ward.write(&format!("in/{n:02}.png"), small_png());
    }
    for most in [40, 72, 90, 200] {
        let done = screened_with_few_files(&ward, most);
        assert_eq!((done.code, &*done.err), (0, ""), "{most} files");
        assert_eq!(done.summary::<ScreenSummary>().unknown, ITEMS as u64, "{most} files");
    }
    // A program that comes up once: the second worker ends before it says anything.
    let program = once(&ward, "exit 1");
    let workers = Workers::start(WorkerOptions { program, ..options() }).unwrap();
    let bytes = small_png();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..3 {
                    let print = workers.fingerprint_bytes(&bytes, &Wanted::default()).unwrap();
                    assert_eq!((print.gap, print.forms.len()), (None, 1));
                }
            });
        }
    });
}

/// A program that is a worker the first time it is started, and does `later` from then on.
fn once(ward: &Ward, later: &str) -> PathBuf {
    let (program, first) = (env!("CARGO_BIN_EXE_innerward"), ward.path("first"));
    let script = format!(
        "#!/bin/sh\nif mkdir {} 2>/dev/null; then exec {program} \"$@\"; fi\n{later}\n",
        first.display()
    );
    let path = ward.write("once", script);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_later_worker_that_is_confined_otherwise_is_refused() {
    let ward = Ward::new();
    let program = env!("CARGO_BIN_EXE_innerward");
    // Twice the memory that was asked for, which the worker itself says truthfully.
    let program = once(&ward, &format!("exec {program} \"$1\" \"$2\" $(($3 * 2)) \"$4\""));
    let workers = Workers::start(WorkerOptions { program, ..options() }).unwrap();
    let first = workers.in_force().memory_bytes;
    let long = ward.write("long.png", wide_png(5000));
    let (bytes, refused) = (small_png(), OnceLock::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            // While the first worker is at work, another is needed.
            scope.spawn(|| {
                while refused.get().is_none() {
                    match workers.fingerprint(&long, &Wanted::default()) {
                        Ok(print) => assert!(matches!(print.gap, Some(Gap::LowQuality(_)))),
                        Err(error) => refused.set(error.to_string()).unwrap(),
                    }
                }
            });
        }
    });
    let refused = refused.into_inner().unwrap();
    for words in [format!("memory_bytes: {first}"), format!("memory_bytes: {}", 2 * first), "doctor".into()] {
        assert!(refused.contains(&words), "{refused}");
    }
    assert_eq!(workers.fingerprint_bytes(&bytes, &Wanted::default()).unwrap().gap, None);
}

#[test]
fn the_run_itself_leaves_no_core_and_may_open_what_the_system_allows() {
    let mut running = Running::start();
    until("worker at work", || running.workers().first().copied());
    let limits = fs::read_to_string(format!("/proc/{}/limits", running.child.id())).unwrap();
    kill(running.child.id(), "-KILL");
    running.child.wait().unwrap();
    let bounds = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let [soft, hard] = [0, 1].map(|at| line.split_whitespace().nth(at).unwrap().to_owned());
        (soft, hard)
    };
    let (soft, _) = bounds("Max core file size");
    assert!(["0", "1"].contains(&&*soft), "{soft}");
    let (soft, hard) = bounds("Max open files");
    assert_eq!(soft, hard);
}

/// Signals as the index asks for them, to see that a jailed picture is matched like any other.
#[test]
fn a_look_alike_is_found_through_the_jail() {
    let ward = Ward::new();
    let bytes = small_png();
    let print = Workers::start(options()).unwrap().fingerprint_bytes(&bytes, &Wanted::default()).unwrap();
    let pdq = Signal::from(print.forms[0].hash.original()).to_text();
    ward.import("own", pdq.strip_prefix("pdq:").unwrap(), &["--as", "plain:pdq"]);
    ward.write("in/a.png", &bytes);
    let done = ward.run(&["screen", "in", "--format", "json"]);
    assert_eq!((done.code, &*screened(&done)["a.png"].outcome), (1, "near"));
    let mut trash = fs::File::options().append(true).open(ward.path("in/a.png")).unwrap();
    trash.write_all(b"trailing bytes change every digest and no pixel").unwrap();
    assert_eq!(screened(&ward.run(&["screen", "in", "--format", "json"]))["a.png"].outcome, "near");
}
