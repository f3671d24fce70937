//! `audit`: every verb that changes something puts it on record, and the record is checked from outside.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::ward::Ward;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deed {
    number: u64,
    time: String,
    by: String,
    via: String,
    did: String,
    subject: String,
    about: BTreeMap<String, String>,
    before: String,
    hash: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verified {
    deeds: u64,
    begun: Option<String>,
    head: Option<String>,
    faults: u64,
    torn: u64,
    kept_head: Option<String>,
    sound: bool,
}

const ENTRY: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const LIST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n\
                    sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752\n";

fn deeds(ward: &Ward, more: &[&str]) -> Vec<Deed> {
    ward.must(&[&["audit", "list", "--format", "json"], more].concat()).all("deed")
}

fn verify(ward: &Ward, more: &[&str]) -> (Verified, i32) {
    let done = ward.run(&[&["audit", "verify", "--format", "json"], more].concat());
    (done.summary(), done.code)
}

fn file(ward: &Ward) -> PathBuf {
    ward.home().join("audit.jsonl")
}

#[test]
fn what_is_changed_is_on_record_and_what_is_read_is_not() {
    let ward = Ward::for_demo();
    let day = ["--today", "2026-09-15"];
    ward.import("DEMO", LIST, &["--by", "Ana, ticket 7", "--today", "2026-09-15"]);
    for verb in [
        &["set", "change", "DEMO", "--source", "a partner"][..],
        &["set", "withdraw", "DEMO", ENTRY, "--by", "Ana"],
        &["set", "export", "DEMO", "-", "--by", "Ana"],
        &["release", "plan", "register", "coarse"],
        &["purge", "--older-than", "30"],
        &["set", "list"],
        &["release", "plan", "show"],
        &["purge", "--older-than", "30", "--dry-run"],
        &["set", "remove", "DEMO"],
    ] {
        ward.must(&[verb, &day].concat());
    }
    ward.run(&["tally", "seal", "2026-08", "--yes", "--today", "2026-09-15"]);
    ward.must(&["release", "publish", "--period", "2026-10", "--today", "2026-11-20"]);
    let deeds = deeds(&ward, &[]);
    let of = |deed: &Deed| (deed.did.clone(), deed.subject.clone());
    let (begun, done): (Vec<&Deed>, Vec<&Deed>) =
        deeds.iter().partition(|deed| deed.about["stage"] == "begun");
    let expected = [
        ("set.import", "DEMO"),
        ("set.change", "DEMO"),
        ("set.withdraw", "DEMO"),
        ("set.export", "DEMO"),
        ("release.plan.register", "coarse"),
        ("purge", ""),
        ("set.remove", "DEMO"),
        ("tally.seal", "2026-08"),
        ("release.publish", "coarse"),
    ]
    .map(|(did, subject)| (did.to_owned(), subject.to_owned()));
    assert_eq!(begun.iter().map(|deed| of(deed)).collect::<Vec<_>>(), expected);
    assert_eq!(of(done[0]), ("audit.begin".to_owned(), String::new()));
    assert_eq!(done[1..].iter().map(|deed| of(deed)).collect::<Vec<_>>(), expected, "each has an end");
    assert_eq!(
        (&*begun[0].by, &*begun[0].via, &*begun[0].about["mode"]),
        ("Ana, ticket 7", "cli", "replace")
    );
    assert_eq!((&*begun[0].time, &*begun[2].about["named"]), ("2026-09-15T00:00:00Z", "1"));
    let entries = |deed: &Deed| deed.about["entries"].clone();
    assert_eq!(
        [1, 3, 4].map(|at: usize| entries(done[at])),
        ["2", "1", "1"],
        "imported, withdrawn, exported"
    );
    assert_eq!(begun[3].about["form"], "innerward");
    assert!(!begun[1].by.is_empty(), "whoever runs the tests");
    for pair in deeds.windows(2) {
        assert_eq!((&pair[1].before, pair[1].number), (&pair[0].hash, pair[0].number + 1));
    }
    let text = fs::read_to_string(file(&ward)).unwrap();
    assert!(!text.contains("9f86d081") && !text.contains(".list"), "no hash, no file");
    let (verified, code) = verify(&ward, &[]);
    assert_eq!((verified.deeds, verified.faults, verified.torn, verified.sound, code), (19, 0, 0, true, 0));
    assert_eq!(verified.begun.as_deref(), Some("2026-09-15T00:00:00Z"));
}

#[test]
fn what_failed_is_on_record_as_failed() {
    let ward = Ward::new();
    ward.import("DEMO", LIST, &[]);
    ward.run(&["set", "remove", "OTHER"]).refused(&["OTHER"]);
    let last = deeds(&ward, &[]).pop().unwrap();
    assert_eq!((&*last.did, &*last.subject, &*last.about["stage"]), ("set.remove", "OTHER", "failed"));
}

#[test]
fn nothing_is_done_that_cannot_be_put_on_record() {
    let ward = Ward::new();
    ward.import("DEMO", LIST, &[]);
    let damaged = [fs::read_to_string(file(&ward)).unwrap(), "no record\n".into()].concat();
    fs::write(file(&ward), &damaged).unwrap();
    ward.run(&["set", "remove", "DEMO"]).refused(&["audit.jsonl", "nothing is done", "audit verify"]);
    assert_eq!(ward.look_up(ENTRY), ("known".into(), 1));
    assert_eq!(fs::read_to_string(file(&ward)).unwrap(), damaged);
}

#[test]
fn a_record_that_was_changed_is_refused_and_a_kept_head_misses_its_tail() {
    let ward = Ward::new();
    ward.import("DEMO", LIST, &["--by", "Ana"]);
    ward.must(&["set", "withdraw", "DEMO", ENTRY, "--by", "Ben"]);
    let head = ward.must(&["audit", "head"]).out.trim().to_owned();
    ward.must(&["set", "remove", "DEMO"]);
    let (verified, code) = verify(&ward, &["--head", &head]);
    assert_eq!((verified.kept_head.as_deref(), verified.sound, code), (Some("continued"), true, 0));
    assert!(verified.head.unwrap().starts_with("7:"));
    let good = fs::read_to_string(file(&ward)).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    fs::write(file(&ward), format!("{}\n", lines[..3].join("\n"))).unwrap();
    assert_eq!(verify(&ward, &[]).1, 0, "a chain alone does not see that its tail is gone");
    let (verified, code) = verify(&ward, &["--head", &head]);
    assert_eq!((verified.kept_head.as_deref(), verified.sound, code), (Some("gone"), false, 2));
    fs::write(file(&ward), good.replace("\"by\":\"Ben\"", "\"by\":\"Bob\"")).unwrap();
    let (verified, code) = verify(&ward, &[]);
    assert_eq!((verified.faults, verified.sound, code), (2, false, 2));
    assert!(ward.run(&["audit", "verify"]).out.contains("audit.jsonl:4: was changed"));
    assert_eq!(ward.run(&["audit", "head"]).code, 2);
    assert_eq!(ward.run(&["audit", "list"]).code, 2);
    ward.run(&["audit", "verify", "--head", "x"]).refused(&["innerward audit head"]);
}

#[test]
fn a_part_is_listed_and_the_whole_is_exported() {
    let ward = Ward::for_demo();
    ward.import("ONE", LIST, &["--today", "2026-09-15"]);
    ward.import("TWO", LIST, &["--today", "2026-10-15"]);
    let subjects =
        |more: &[&str]| -> Vec<String> { deeds(&ward, more).into_iter().map(|deed| deed.subject).collect() };
    assert_eq!(subjects(&["--since", "2026-10-01"]), ["TWO"; 2]);
    assert_eq!(subjects(&["--set", "ONE"]), ["ONE"; 2]);
    let out = ward.path("audit.copy");
    let export = ["audit", "export", "--out", out.to_str().unwrap()];
    assert!(ward.must(&export).out.contains("head 5:"));
    assert_eq!(fs::read(&out).unwrap(), fs::read(file(&ward)).unwrap());
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    ward.run(&export).refused(&["audit.copy"]);
}

/// A Python that has `blake3`: the one of `.ci/run`, or the system's. `None` where there is none.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/verify-venv/bin/python");
    [own, "python3".into()].into_iter().find(|python| {
        match Command::new(python).args(["-c", "import blake3"]).output() {
            Ok(output) => output.status.success(),
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => panic!("{error}"),
        }
    })
}

/// The script of `docs/audit.md`. Prints and passes where the library is not installed.
#[test]
fn twenty_lines_of_python_agree() {
    let Some(python) = python() else {
        eprintln!("skipped: there is no Python with blake3");
        return;
    };
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/audit.md")).unwrap();
    let script = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(script.lines().count() <= 20, "as the page says");
    let ward = Ward::new();
    ward.import("DEMO", LIST, &["--by", "Änne \"A\" \\ B"]);
    ward.must(&["set", "withdraw", "DEMO", ENTRY]);
    let script = ward.write("verify_audit.py", script);
    let check = |more: &[&str]| {
        let mut command = Command::new(&python);
        let output = command.arg(&script).arg(file(&ward)).args(more).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let head = ward.must(&["audit", "head"]).out.trim().to_owned();
    assert_eq!(check(&[&head]), (Some(0), format!("5 lines hold, head {head}\n"), String::new()));
    let good = fs::read_to_string(file(&ward)).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    for (bad, place) in [
        (good.replace("\"DEMO\"", "\"DEM0\""), "line 2"),
        (format!("{}\n{}\n", lines[0], lines[2]), "line 2"),
        (format!("{}\n{}\n{}\n", lines[0], lines[2], lines[1]), "line 2"),
        (format!("{good}{}\n", lines[2]), "line 6"),
    ] {
        fs::write(file(&ward), bad).unwrap();
        let (code, _, err) = check(&[]);
        assert!(code == Some(1) && err.contains(place), "{code:?} {err}");
        assert_eq!(verify(&ward, &[]).1, 2, "and so does the program");
    }
    fs::write(file(&ward), format!("{}\n{}\n", lines[0], lines[1])).unwrap();
    assert_eq!(check(&[&head]).0, Some(1), "the tail is gone");
}
