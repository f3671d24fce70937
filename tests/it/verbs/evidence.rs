//! The record of a run: what vouches for it, and what does not any more once a byte has changed.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use innerward::home::Home;
use innerward::home::minisign::Signatory;
use innerward::screen::verify;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ward::{Done, ScreenLine, ScreenSummary, Ward, all, noise};

/// A home with one list, which knows nothing of what is screened here.
fn ward() -> Ward {
    let ward = Ward::new();
    ward.import("own", &format!("{}\n", hex::encode(noise("listed", 32))), &["--as", "plain:sha256"]);
    ward
}

fn runs(ward: &Ward) -> Vec<PathBuf> {
    let mut runs: Vec<_> =
        fs::read_dir(ward.home().join("runs")).unwrap().map(|run| run.unwrap().path()).collect();
    runs.sort();
    runs
}

fn last(ward: &Ward) -> PathBuf {
    runs(ward).pop().expect("there is a run")
}

fn record(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("record.json")).unwrap()).unwrap()
}

fn inputs(run: &Path) -> String {
    fs::read_to_string(run.join("inputs.b3")).unwrap()
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckLine {
    file: String,
    holds: bool,
    found: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputLine {
    path: String,
    path_hex: Option<String>,
    state: String,
    reason: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifySummary {
    run: String,
    holds: bool,
    key: String,
    record: Option<Head>,
    files: u64,
    failed: u64,
    inputs: Option<Counts>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    made_with: String,
    by: Option<String>,
    began: String,
    ended: String,
    unread: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    files: u64,
    same: u64,
    changed: u64,
    missing: u64,
    unreadable: u64,
    streamed: u64,
}

fn verified(ward: &Ward, more: &[&str]) -> Done {
    ward.run(&[&["screen", "verify", "last", "--format", "json"], more].concat())
}

#[test]
fn every_changed_byte_of_a_run_is_told_with_the_name_of_its_file() {
    let ward = ward();
    for n in 0..3 {
        ward.write(&format!("in/{n}.txt"), format!("text {n}"));
    }
    ward.must(&["screen", "in", "--csv", "--remember", "10"]);
    let run = last(&ward);
    let home = Home::open(&ward.home()).unwrap();
    assert!(verify(&home, "last", None, None).unwrap().holds());
    let names: Vec<String> = fs::read_dir(&run)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "lock")
        .collect();
    assert_eq!(names.len(), 8, "all that a run can have: {names:?}");
    let told = || -> Vec<String> {
        let found = verify(&home, "last", None, None).unwrap();
        found
            .checks
            .into_iter()
            .filter(|check| !check.holds)
            .map(|check| check.file + " " + &check.found)
            .collect()
    };
    for name in &names {
        let path = run.join(name);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, &changed).unwrap();
            let told = told();
            assert!(told.len() == 1 && told[0].contains(&**name), "byte {at} of {name}: {told:?}");
        }
        for other in [&whole[..whole.len() - 1], &[&whole[..], b"\n"].concat()] {
            fs::write(&path, other).unwrap();
            assert!(told()[0].contains(&**name), "{name}");
        }
        fs::remove_file(&path).unwrap();
        match &**name {
            "record.json" => {
                ward.run(&["screen", "verify", "last"]).refused(&["has no record.json", "took it away"]);
            }
            "fingerprints.jsonl" => assert_eq!(told(), [""; 0], "they are kept for a time"),
            _ => assert!(told()[0].contains(&format!("{name} is missing")), "{name}: {:?}", told()),
        }
        // What a link points to is not read in its place.
        let elsewhere = ward.write("elsewhere", &whole);
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let linked = verify(&home, "last", None, None);
        assert!(linked.is_err() || !linked.unwrap().holds(), "{name}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, &whole).unwrap();
    }
    let verdicts = run.join("verdicts.jsonl");
    let whole = fs::read_to_string(&verdicts).unwrap();
    let (first, rest) = whole.split_once('\n').unwrap();
    fs::write(&verdicts, rest).unwrap();
    let done = verified(&ward, &["--inputs"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("verdicts.jsonl"), "{}", done.err);
    let lines = whole.lines().count();
    let found = format!("has {} lines, and {lines} were recorded", lines - 1);
    let checks: Vec<CheckLine> = done.all("check");
    assert!(checks.iter().any(|check| check.found.contains(&found)), "{checks:?}, {first}");
    assert_eq!(done.summary::<VerifySummary>().inputs, None, "nobody knows any more what they were");
    fs::write(&verdicts, &whole).unwrap();
    // Another run's record is none of this one, though its signature holds.
    sleep(Duration::from_millis(1100));
    ward.must(&["screen", "in", "--csv", "--remember", "10"]);
    for name in ["record.json", "record.json.minisig"] {
        fs::copy(last(&ward).join(name), run.join(name)).unwrap();
    }
    let id = run.file_name().unwrap().to_str().unwrap();
    let done = ward.run(&["screen", "verify", id]);
    assert_eq!(done.code, 2);
    assert!(done.out.contains("record.json") && done.out.contains("is that of run"), "{}", done.out);
    verified(&ward, &["--inputs"]).summary::<VerifySummary>();
}

#[test]
fn the_record_says_what_was_asked_by_whom_and_what_was_in_force() {
    let ward = ward();
    ward.import(
        "narrow",
        &format!("{}\n", hex::encode(noise("pdq", 32))),
        &["--as", "plain:pdq", "--max-distance", "20"],
    );
    ward.import(
        "good",
        &format!("{}\n", hex::encode(noise("good", 32))),
        &["--as", "plain:sha256", "--role", "ignore"],
    );
    ward.write("in/a.txt", "a");
    ward.must(&["screen", "in", "--by", "Anna, case 7", "--fidelity", "luma"]);
    let run = last(&ward);
    let record = record(&run);
    assert_eq!(
        (&record["format"], &record["by"], &record["asked"]["arguments"]),
        (
            &json!(1),
            &json!("Anna, case 7"),
            &json!(["screen", "in", "--by", "Anna, case 7", "--fidelity", "luma"])
        )
    );
    assert_eq!(record["run"], run.file_name().unwrap().to_str().unwrap());
    let part = &record["parts"][0];
    let sets: Vec<Value> = ["set", "revision", "role", "bounds"]
        .iter()
        .map(|field| part["sets"].as_array().unwrap().iter().map(|set| set[field].clone()).collect())
        .collect();
    assert_eq!(sets[0], json!(["good", "narrow", "own"]));
    assert!(sets[1].as_array().unwrap().iter().all(Value::is_u64));
    assert_eq!(sets[2], json!(["ignore", "match", "match"]));
    assert_eq!(sets[3], json!([{}, { "pdq": 20 }, { "pdq": 31 }]));
    assert_eq!(
        (&part["terms"]["fidelity"], &part["terms"]["video_match"]),
        (&json!("luma"), &json!([80, 0]))
    );
    assert!(part["terms"]["max_pixels"].is_u64() && part["terms"]["jail"]["seconds"].is_u64());
    assert_eq!(
        (&record["summary"]["items"], &record["inputs"]),
        (&json!(1), &json!({ "files": 1, "unread": 0, "inside": 0 }))
    );
    let files: Vec<&str> =
        record["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
    assert_eq!(files, ["verdicts.jsonl", "triage.html", "inputs.b3", "run.json"]);
    for file in record["files"].as_array().unwrap() {
        let bytes = fs::read(run.join(file["name"].as_str().unwrap())).unwrap();
        assert_eq!(file["bytes"], bytes.len());
        assert_eq!(file["blake3"], blake3::hash(&bytes).to_hex().as_str());
    }
    let lines = fs::read_to_string(run.join("verdicts.jsonl")).unwrap().lines().count();
    assert_eq!(record["files"][0]["lines"], lines);
    assert!(!run.join("checkpoint.json").exists() && !run.join("fingerprints.jsonl").exists());
    let done = verified(&ward, &[]);
    let summary: VerifySummary = done.summary();
    assert_eq!((done.code, summary.holds, summary.failed, summary.files), (0, true, 0, 6));
    assert_eq!(summary.record.unwrap().by.as_deref(), Some("Anna, case 7"));
    ward.run(&["screen", "in", "--by", "a\u{1b}[2J"]).refused(&["--by", "printable"]);
}

/// The reverse of what `b3sum` does to names, as its `--check` has it.
fn unescaped(line: &str) -> (String, String) {
    let (escaped, line) = line.strip_prefix('\\').map_or((false, line), |line| (true, line));
    let (digest, name) = line.split_once("  ").unwrap();
    if !escaped {
        return (digest.into(), name.into());
    }
    let mut plain = String::new();
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next().unwrap() {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                other => panic!("\\{other}"),
            },
            other => other,
        });
    }
    (digest.into(), plain)
}

const ODD: [&str; 5] =
    ["line\nbreak.txt", "back\\slash.txt", "carriage\rreturn\\n.txt", " blank  blank ", "Grün.txt"];

/// Prints and passes what concerns a command that is not installed.
#[test]
fn other_programs_agree_on_the_inputs_and_on_the_signature() {
    let ward = ward();
    for (n, name) in ODD.iter().enumerate() {
        ward.write(&format!("in/{name}"), format!("text {n}"));
    }
    ward.write("single.txt", noise("single", 300_000));
    ward.must(&["screen", "in", "single.txt", "./in/Grün.txt"]);
    let run = last(&ward);
    let listed: Vec<(String, String)> = inputs(&run).lines().map(unescaped).collect();
    assert_eq!(listed.len(), ODD.len() + 2);
    for (digest, name) in &listed {
        let bytes = fs::read(ward.path(name)).unwrap_or_else(|error| panic!("{name:?}: {error}"));
        assert_eq!(*digest, blake3::hash(&bytes).to_hex().as_str(), "{name:?}");
    }
    let names: Vec<&str> = listed.iter().map(|line| &*line.1).collect();
    let order: Vec<ScreenLine> = all(&fs::read_to_string(run.join("verdicts.jsonl")).unwrap(), "screen");
    assert_eq!(names, order.iter().map(|line| &*line.path).collect::<Vec<_>>(), "in the order of the run");

    let program = |name: &str, arguments: &[&OsStr], folder: &Path| match Command::new(name)
        .args(arguments)
        .current_dir(folder)
        .output()
    {
        Ok(done) => Some((done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: {name} is not installed");
            None
        }
        Err(error) => panic!("{error}"),
    };
    let list = run.join("inputs.b3");
    let check = [OsStr::new("--check"), list.as_os_str()];
    if let Some((holds, said)) = program("b3sum", &check, &ward.path("")) {
        assert!(
            holds && said.lines().filter(|line| line.ends_with(": OK")).count() == listed.len(),
            "{said}"
        );
        ward.write("single.txt", "other");
        let (holds, said) = program("b3sum", &check, &ward.path("")).unwrap();
        assert!(!holds && said.contains("single.txt: FAILED"), "{said}");
    }
    let key = ward.home().join("keys/runs.pub");
    let minisign = ["-V", "-m", "record.json", "-p"].map(OsStr::new);
    let minisign = [&minisign[..], &[key.as_os_str()]].concat();
    if let Some((holds, said)) = program("minisign", &minisign, &run) {
        let id = run.file_name().unwrap().to_str().unwrap();
        assert!(holds && said.contains(&format!("Trusted comment: innerward run {id}")), "{said}");
        let record = fs::read_to_string(run.join("record.json")).unwrap();
        fs::write(run.join("record.json"), record.replacen("\"items\": 7", "\"items\": 6", 1)).unwrap();
        assert!(!program("minisign", &minisign, &run).unwrap().0);
        let done = verified(&ward, &[]);
        assert_eq!(done.code, 2);
        assert!(done.err.contains("record.json.minisig"), "{}", done.err);
    }
}

#[test]
fn inputs_that_are_not_as_they_were_are_told() {
    let ward = ward();
    for name in ODD {
        ward.write(&format!("in/{name}"), "the same");
    }
    for name in ["changed", "longer", "gone", "folder", "pipe"] {
        ward.write(&format!("in/{name}.txt"), "12345");
    }
    // Its name is not UTF-8; the run knows it all the same.
    let bytes = OsStr::from_bytes(b"in/caf\xe9.txt");
    fs::write(ward.path("").join(bytes), "coffee").unwrap();
    let status = Command::new("python3")
        .args([
            "-c",
            "import zipfile\nz = zipfile.ZipFile('in/a.zip', 'w')\nz.writestr('x.txt', 'x')\nz.close()",
        ])
        .current_dir(ward.path(""))
        .status();
    assert!(status.unwrap().success());
    std::os::unix::fs::symlink("nowhere", ward.path("broken")).unwrap();
    assert_eq!(ward.run(&["screen", "in", "broken"]).code, 4);
    assert_eq!(record(&last(&ward))["inputs"], json!({ "files": 12, "unread": 1, "inside": 1 }));
    let before = crate::ward::snapshot(&ward.path("in"));
    let done = verified(&ward, &["--inputs"]);
    let summary: VerifySummary = done.summary();
    let counts = Counts { files: 12, same: 12, changed: 0, missing: 0, unreadable: 0, streamed: 0 };
    assert_eq!((done.code, &summary.inputs), (0, &Some(counts)), "{}", done.err);
    assert_eq!(summary.record.unwrap().unread, 1);
    assert_eq!(crate::ward::snapshot(&ward.path("in")), before, "they are only read");

    ward.write("in/changed.txt", "12346");
    ward.write("in/longer.txt", "123456");
    fs::write(ward.path("").join(bytes), "tea").unwrap();
    for name in ["gone", "folder", "pipe"] {
        fs::remove_file(ward.path(&format!("in/{name}.txt"))).unwrap();
    }
    fs::create_dir(ward.path("in/folder.txt")).unwrap();
    let pipe = ward.path("in/pipe.txt");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    ward.write("in/a.zip", "no archive any more");
    // From elsewhere: the run knows where it was begun.
    let mut command = ward.command();
    command.args(["screen", "verify", "last", "--inputs", "--format", "json"]).current_dir("/");
    let done = Done::of(command.output().unwrap());
    assert_eq!(done.code, 2);
    assert!(done.err.contains("7 inputs"), "{}", done.err);
    let told: Vec<InputLine> = done.all("input");
    let told: Vec<(&str, &str)> = told.iter().map(|line| (&*line.path, &*line.state)).collect();
    assert_eq!(
        told,
        [
            ("in/a.zip", "changed"),
            ("in/caf\u{fffd}.txt", "changed"),
            ("in/changed.txt", "changed"),
            ("in/folder.txt", "unreadable"),
            ("in/gone.txt", "missing"),
            ("in/longer.txt", "changed"),
            ("in/pipe.txt", "unreadable"),
        ]
    );
    let summary: VerifySummary = done.summary();
    let counts = Counts { files: 12, same: 5, changed: 4, missing: 1, unreadable: 2, streamed: 0 };
    assert_eq!((summary.holds, summary.failed, summary.inputs), (false, 0, Some(counts)));
    assert_eq!(verified(&ward, &[]).code, 0, "the run itself is as it was");
}

#[test]
fn a_record_is_checked_with_whichever_key_is_given() {
    let ward = ward();
    ward.write("a.txt", "a");
    ward.must(&["screen", "a.txt"]);
    let key = ward.home().join("keys/runs.pub");
    let put_by = ward.write("put by.pub", fs::read(&key).unwrap());
    let with = |key: &Path| verified(&ward, &["--key", key.to_str().unwrap()]);
    assert_eq!(with(&put_by).code, 0);
    let other = Signatory::new(&[7; 32]).public();
    let done = with(&ward.write("other.pub", other.to_file("another key")));
    let id = fs::read_to_string(&key).unwrap().parse::<innerward::home::minisign::PublicKey>().unwrap().id();
    assert_eq!(done.code, 2);
    let found = &done.all::<CheckLine>("check")[0].found;
    assert!(found.contains(&id) && found.contains(&other.id()), "{found}");
    with(&ward.write("none.pub", "no key")).refused(&["--key", "not a public key"]);
    with(Path::new("missing.pub")).refused(&["missing.pub"]);
    // Neither the key of releases nor the other way round.
    ward.must(&["release", "plan", "register"]);
    let keys = ward.home().join("keys");
    assert_ne!(fs::read(keys.join("runs.key")).ok(), fs::read(keys.join("signing.key")).ok());
    fs::remove_file(keys.join("runs.key")).unwrap();
    ward.run(&["screen", "verify", "last"]).refused(&["no key of runs", "--key"]);
    assert_eq!(with(&put_by).code, 0, "the public key is enough");
    assert!(!keys.join("runs.key").exists(), "and checking makes none");
}

#[test]
fn verify_is_a_verb_and_a_folder_of_that_name_is_screened_all_the_same() {
    let ward = ward();
    ward.write("verify/a.txt", "a");
    ward.write("last/a.txt", "a");
    ward.run(&["screen", "verify", "last"]).refused(&["there is no run last"]);
    ward.run(&["screen", "--summary", "verify", "last"]).refused(&["come after RUN", "./verify"]);
    let done = ward.must(&["screen", "./verify", "--format", "json"]);
    assert_eq!(done.summary::<ScreenSummary>().items, 1);
    ward.must(&["screen", "verify", "last"]);
    ward.run(&["screen", "verify", "../runs"]).refused(&["there is no run"]);
    let run = last(&ward);
    fs::remove_file(run.join("record.json")).unwrap();
    ward.run(&["screen", "verify", "last"]).refused(&["has no record.json"]);
}

/// Puts a run back to where one is that was killed between the last of its items and its end.
fn unend(run: &Path) {
    let described = run.join("run.json");
    let mut value: Value = serde_json::from_slice(&fs::read(&described).unwrap()).unwrap();
    value["ended"] = Value::Null;
    fs::write(described, value.to_string()).unwrap();
    let verdicts = fs::read_to_string(run.join("verdicts.jsonl")).unwrap();
    let is_of_item =
        |line: &&str| !line.starts_with(r#"{"type":"cluster""#) && !line.starts_with(r#"{"type":"summary""#);
    let bytes: usize = verdicts.split_inclusive('\n').filter(is_of_item).map(str::len).sum();
    let [summary] = &all::<Value>(&verdicts, "summary")[..] else { panic!("one summary") };
    let fingerprints = fs::metadata(run.join("fingerprints.jsonl")).unwrap().len();
    let at = value["parts"][0]["began"].clone();
    let checkpoint = json!({ "at": at, "verdicts": bytes, "fingerprints": fingerprints, "summary": summary });
    fs::write(run.join("checkpoint.json"), checkpoint.to_string()).unwrap();
}

#[test]
fn a_run_that_is_killed_at_its_end_gets_its_record_when_it_goes_on() {
    let ward = ward();
    for n in 0..5 {
        ward.write(&format!("in/{n}.txt"), format!("text {}", n % 3));
    }
    ward.must(&["screen", "in", "--remember", "10"]);
    let run = last(&ward);
    let (listed, lines) =
        (inputs(&run), fs::read_to_string(run.join("verdicts.jsonl")).unwrap().lines().count());
    for left in [&["record.json", "record.json.minisig"][..], &["record.json.minisig"], &[]] {
        unend(&run);
        for name in left {
            fs::remove_file(run.join(name)).unwrap();
        }
        let done = ward.run(&["screen", "verify", "last"]);
        assert_eq!(done.code, 2);
        let told = done.err + &done.out;
        let hint = format!("--resume {}", run.file_name().unwrap().to_str().unwrap());
        assert!(left == ["record.json.minisig"] || told.contains(&hint), "{told}");
        ward.must(&["screen", "--resume", "last"]);
        assert_eq!(verified(&ward, &["--inputs"]).code, 0);
        assert_eq!(inputs(&run), listed);
        let verdicts = fs::read_to_string(run.join("verdicts.jsonl")).unwrap();
        assert_eq!((verdicts.lines().count(), all::<ScreenSummary>(&verdicts, "summary").len()), (lines, 1));
    }
    assert_eq!(record(&run)["parts"].as_array().unwrap().len(), 4);
}

#[test]
fn a_resumed_run_has_the_inputs_of_one_that_was_not_interrupted() {
    let (whole, killed) = (ward(), ward());
    for ward in [&whole, &killed] {
        for n in 0..3_000 {
            ward.write(&format!("in/{:02}/{n}.txt", n % 40), format!("text {}", n % 2_000));
        }
        // Without the time of its making, so that both have the same.
        let script = "import zipfile\nz = zipfile.ZipFile('in/20.zip', 'w')\n\
             [z.writestr(zipfile.ZipInfo(f'{n}/a.txt'), f'text {n}') for n in range(1_000)]\nz.close()";
        let status = Command::new("python3").args(["-c", script]).current_dir(ward.path("")).status();
        assert!(status.unwrap().success());
    }
    let start = Instant::now();
    whole.must(&["screen", "in"]);
    let full = start.elapsed();
    let mut rng = StdRng::seed_from_u64(0x6576_6964);
    let (mut arguments, mut interrupted) = (vec!["screen", "in"], 0);
    loop {
        let mut command = killed.command();
        command.args(&arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        sleep(full.mul_f64(rng.random_range(0.0..0.6) + f64::from(interrupted) * 0.02));
        if child.try_wait().unwrap().is_some_and(|status| status.success()) {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        interrupted += 1;
        let begun = runs(&killed).first().is_some_and(|run| run.join("run.json").exists());
        if begun {
            if !last(&killed).join("record.json").exists() {
                killed.run(&["screen", "verify", "last"]).refused(&["did not come to its end", "--resume"]);
            }
            arguments = vec!["screen", "--resume", "last"];
        }
        let ended = killed.run(&["screen", "verify", "last"]).code == 0;
        if ended {
            break;
        }
        assert!(interrupted < 100);
    }
    assert!(interrupted >= 1, "{full:?}");
    let (whole_run, run) = (last(&whole), last(&killed));
    let (listed, expected) = (inputs(&run), inputs(&whole_run));
    let first_other = listed.lines().zip(expected.lines()).find(|(a, b)| a != b);
    assert!(listed == expected, "{first_other:?}");
    assert_eq!(listed.lines().count(), 3_001);
    assert_eq!(record(&run)["inputs"], record(&whole_run)["inputs"]);
    assert_eq!(verified(&killed, &["--inputs"]).code, 0);
}
