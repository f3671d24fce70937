//! The jail by real means: bounds that are overrun, workers that are killed, system calls that are watched.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use innerward::digest::{Digests, Fidelity, Pdq, Signal, Wanted};
use innerward::jail::{Attempt, Refusal, try_attempt};
use innerward::media::{Gap, Killed};
use innerward::screen::{WorkerOptions, Workers, fingerprint};
use serde_json::Value;

use crate::ward::{Done, ScreenLine, ScreenSummary, Ward, all, digits, testdata};

/// For what takes a moment, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn options() -> WorkerOptions {
    WorkerOptions { program: env!("CARGO_BIN_EXE_innerward").into(), ..WorkerOptions::default() }
}

/// A picture of one grey of `side` by `side` pixels: a few kilobytes that take long, and much memory, to decode.
fn wide_png(side: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(side, side).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn small_png() -> Vec<u8> {
    fs::read(testdata().join("pictures/other/png-named.jpg")).unwrap()
}

fn files(root: &Path) -> Vec<PathBuf> {
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
fn screened(done: &Done) -> BTreeMap<String, ScreenLine> {
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
    let run = |n: usize| files(&ward.home().join("runs"))[n].clone();
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
    let run = fs::read_to_string(&files(&ward.home().join("runs"))[0]).unwrap();
    let jail = &all::<Value>(&run, "run")[0]["jail"];
    let expected = Workers::start(options()).unwrap();
    assert_eq!(jail["workers"], 2);
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
            ward.write(&format!("in/{n:02}.png"), &picture);
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
        let workers = until("two workers at work", || Some(running.workers()).filter(|all| all.len() == 2));
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

fn is_installed(program: &str) -> bool {
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
    ward.import("own", &digits("a", 16), &[]);
    let well = ward.must(&["doctor", "--format", "json"]);
    for check in ["version", "home", "permissions", "settings", "index"] {
        assert_eq!(state(&well, check), ["ok"], "{check}");
    }
    assert_eq!(state(&well, "jail").len(), 1 + Attempt::ALL.len());
    assert_eq!(well.summary::<Value>()["faults"], 0);
    assert!(ward.must(&["doctor"]).out.contains("to open a connection"));

    let lock = ward.home().join("HOME");
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o644)).unwrap();
    let open = ward.run(&["doctor", "--format", "json"]);
    assert_eq!((open.code, state(&open, "permissions")), (2, vec!["fault".to_owned()]));
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o600)).unwrap();
    ward.write("ward/innerward.toml", "max_secnods = 3\n");
    fs::set_permissions(ward.path("ward/innerward.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    let typo = ward.run(&["doctor", "--format", "json"]);
    assert_eq!((typo.code, state(&typo, "settings")), (2, vec!["fault".to_owned()]));
    ward.write("ward/innerward.toml", "heif_convert = \"/no/such/program\"\n");
    let lost = ward.run(&["doctor", "--format", "json"]);
    assert_eq!((lost.code, state(&lost, "heif-convert")), (2, vec!["fault".to_owned()]));
    fs::remove_file(ward.path("ward/innerward.toml")).unwrap();
    for file in files(&ward.home().join("index")) {
        fs::write(file, b"not an index").unwrap();
    }
    let torn = ward.run(&["doctor", "--format", "json"]);
    assert_eq!((torn.code, state(&torn, "index")), (2, vec!["fault".to_owned()]));
}

fn heif(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/heif").join(name)
}

#[test]
fn heic_without_its_command_says_what_to_install() {
    let ward = Ward::new();
    let (cat, listed) = (fs::read(heif("cat.heic")).unwrap(), fs::read(heif("cat.avif")).unwrap());
    ward.import("own", &Digests::of(&listed).sha256.to_hex(), &["--as", "plain:sha256"]);
    ward.write("in/cat.heic", &cat);
    ward.write("in/cat.avif", &listed);
    let done = ward.run(&["screen", "in", "--format", "json"]); // without a search path there is no command
    let lines = screened(&done);
    let reason = lines["cat.heic"].reason.as_deref();
    assert_eq!(reason, Some("no decoder for HEIC; install heif-convert (Debian: libheif-examples)"));
    assert_eq!((&*lines["cat.heic"].outcome, &*lines["cat.avif"].outcome), ("unchecked", "known"));
    let done = ward.run(&["screen", "in", "--format", "json", "--in-process"]);
    let reason = screened(&done)["cat.heic"].reason.clone();
    assert_eq!(reason.as_deref(), Some("no decoder for HEIC; heif-convert is run in the jail alone"));
}

#[test]
fn heic_and_avif_are_hashed_as_they_are_seen() {
    let workers = Workers::start(options()).unwrap();
    if options().heif_convert.is_none() || !workers.in_force().is_complete() {
        eprintln!("skipped: heif-convert is not installed, or cannot be confined here");
        return;
    }
    let shared = || {
        fs::read_dir("/dev/shm").map_or(0, |all| {
            all.filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .starts_with(&format!("innerward.{}.", std::process::id()))
            })
            .count()
        })
    };
    let cat = fingerprint(&testdata().join("pictures/forms/cat-rgb.png"), &Wanted::default()).unwrap();
    let seen = cat.forms[0].hash;
    let distance = |a: &Pdq, b: &Pdq| {
        let bits = a.code().as_bytes().iter().zip(b.code().as_bytes()).map(|(a, b)| (a ^ b).count_ones());
        bits.sum::<u32>()
    };
    // The same picture, smaller and lossy. `lying` is a quarter turn off, and only that.
    for (name, turned, forms) in [
        ("cat.heic", 0, 1),
        ("cat.avif", 0, 1),
        ("turned.heic", 0, 1),
        ("lying.heic", 1, 1),
        ("profile.heic", 0, 1),
        ("several.heic", 0, 3),
    ] {
        let print = workers.fingerprint(&heif(name), &Wanted::default()).unwrap();
        assert_eq!((print.gap.clone(), print.forms.len()), (None, forms), "{name}");
        let bytes = fs::read(heif(name)).unwrap();
        assert_eq!(
            (print.digests, print.bytes),
            (Digests::of(&bytes), bytes.len() as u64),
            "of the file itself"
        );
        let off = distance(&print.forms[0].hash.original(), &seen.dihedral[turned]);
        assert!(off <= 24, "{name} is {off} bits from the picture");
        let names: Vec<String> = print.forms.iter().map(|form| form.form.to_string()).collect();
        assert_eq!(names, ["correct", "frame-2", "frame-3"][..forms], "{name}");
        if let [_, _, flipped] = &print.forms[..] {
            let off = distance(&flipped.hash.original(), &seen.dihedral[4]);
            assert!(off <= 24, "the third is upside down: {off}");
        }
    }
    // Cut anywhere, or changed, it is a gap and no more.
    let bytes = fs::read(heif("cat.heic")).unwrap();
    for end in [30, 100, 300, 400, 600, 3000, bytes.len() - 1] {
        let print = workers.fingerprint_bytes(&bytes[..end], &Wanted::default()).unwrap();
        assert!(print.gap.is_some() || end > 3000, "cut at {end}");
        assert_eq!(print.digests, Digests::of(&bytes[..end]));
    }
    let slow = Workers::start(WorkerOptions { max_seconds: 0, ..options() }).unwrap();
    let killed = slow.fingerprint(&heif("cat.heic"), &Wanted::default()).unwrap();
    assert_eq!(killed.gap.unwrap().to_string(), "decoder killed (time)");
    assert_eq!(shared(), 0, "no folder of links is left behind");
}

#[test]
fn a_command_for_heic_gets_no_further_than_it_may() {
    let workers = Workers::start(options()).unwrap();
    if !workers.in_force().is_complete() {
        eprintln!("skipped: no program of somebody else's can be confined here");
        return;
    }
    let ward = Ward::new();
    let secret = ward.write("secret.txt", "secret");
    // A program in place of heif-convert, talked into what it must not do: what it manages, it prints.
    let source = format!(
        "#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\n#include <fcntl.h>\n#include <sys/socket.h>\n\
         int main(void) {{\n\
         int n = 0;\n\
         if (open(\"{}\", O_RDONLY) >= 0) n |= 1;\n\
         if (open(\"{}\", O_CREAT | O_WRONLY, 0600) >= 0) n |= 2;\n\
         if (socket(AF_INET, SOCK_STREAM, 0) >= 0) n |= 4;\n\
         if (fork() >= 0) n |= 8;\n\
         if (open(\"/proc/self/fd/3\", O_RDONLY) < 0) n |= 16;\n\
         execl(\"/bin/sh\", \"sh\", \"-c\", \"exit 0\", (char *)0);\n\
         printf(\"File contains %d images\\n\", n);\n\
         return 0; }}\n",
        secret.display(),
        ward.path("made.txt").display(),
    );
    let (code, program) = (ward.write("tries.c", source), ward.path("tries"));
    let compiled = Command::new("cc").arg(&code).arg("-o").arg(&program).status();
    if !compiled.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no C compiler");
        return;
    }
    let run = |arguments: &dyn Fn(&str, &Path) -> Vec<String>| {
        let input = innerward::jail::memory_file(b"bytes").unwrap();
        innerward::jail::run_helper(&innerward::jail::HelperRun {
            own_program: &options().program,
            program: &program,
            arguments,
            input: &input,
            names: &[("out.png", 0)],
            memory_bytes: 1 << 30,
            output_bytes: 1 << 20,
            allowance: PATIENCE,
        })
    };
    let ran = run(&|_, _| Vec::new()).unwrap();
    assert!(ran.well);
    assert_eq!(
        String::from_utf8(ran.said).unwrap(),
        "File contains 0 images\n",
        "each bit is something it could do"
    );
    assert!(!ward.path("made.txt").exists());
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
