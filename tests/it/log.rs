//! The log of releases by its verbs, its witness, and the verifier in Python that shares no code with this program.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use innerward::release::PublicKey;
use innerward::release::log::{Checkpoint, Head, Proof, extends};
use serde_json::Value;

use crate::publisher::{Publisher, rewritten};
use crate::ward::Done;

fn log(publisher: &Publisher, arguments: &[&str]) -> Done {
    publisher.ward.run(&[&["release", "log"], arguments].concat())
}

/// The head of today, kept in a file as a partner does.
fn keep_head(publisher: &Publisher, name: &str) -> String {
    let head = publisher.ward.must(&["release", "log", "head"]).out;
    publisher.ward.write(name, head).to_str().unwrap().to_owned()
}

/// A copy of the whole home, as a backup has it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

fn restore(publisher: &Publisher, from: &Path) {
    let home = publisher.ward.home();
    fs::remove_dir_all(&home).unwrap();
    copy(from, &home);
}

#[test]
fn the_verbs_show_and_prove_what_was_done() {
    let publisher = Publisher::new();
    let old = keep_head(&publisher, "old-head");
    let october = publisher.publish(10);
    let key = PublicKey::read(Path::new(&publisher.key_file())).unwrap();
    let shown = log(&publisher, &["show"]).out;
    for part in ["plan coarse", "charge for 2026-10", "release DEMO-2026-10-coarse-v1", "3 entries, root "] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let entries: Vec<Value> = log(&publisher, &["show", "--format", "json"]).all("entry");
    let lines: Vec<Value> =
        publisher.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries, lines);
    // The head that is printed is the one that is published, and is what its JSON says.
    let head = log(&publisher, &["head"]).out;
    assert_eq!(head.as_bytes(), fs::read(publisher.public().join("log/checkpoint")).unwrap());
    let json: Vec<Value> = log(&publisher, &["head", "--format", "json"]).all("head");
    assert_eq!(json[0]["checkpoint"], head);
    let head = Checkpoint::parse(head.as_bytes()).unwrap().verify(&key).unwrap();
    assert_eq!(json[0]["root"], head.root_hex());
    // The proof of the release is the one in its folder.
    let proof = log(&publisher, &["inclusion", &october]).out;
    assert_eq!(proof.as_bytes(), fs::read(publisher.public().join(&october).join("log.json")).unwrap());
    assert_eq!(Proof::parse(proof.as_bytes()).unwrap().check(&key).unwrap().0, head);
    log(&publisher, &["inclusion", "2026-01-none-v1"]).refused(&["has no release"]);
    for old in ["1", &old] {
        let found: Vec<Value> = log(&publisher, &["consistency", old, "--format", "json"]).all("consistency");
        let of = |name: &str| -> Head { serde_json::from_value(found[0][name].clone()).unwrap() };
        let hashes = found[0]["proof"].as_array().unwrap().iter();
        let hashes: Vec<[u8; 32]> =
            hashes.map(|hash| innerward::home::minisign::decoded(hash.as_str().unwrap()).unwrap()).collect();
        assert!(extends(&of("old"), &of("new"), &hashes));
        assert_eq!((of("old").size, of("new")), (1, head));
    }
    log(&publisher, &["consistency", "4"]).refused(&["never had 4"]);
    log(&publisher, &["check"]).refused(&["nobody witnesses this log"]);
    let checked = log(&publisher, &["check", "--witness", &old]);
    assert!(checked.code == 0 && checked.out.contains("2 entries since"), "{}{}", checked.out, checked.err);
}

#[test]
fn a_home_that_was_restored_publishes_nothing_against_its_witness() {
    let publisher = Publisher::new();
    let yesterday = publisher.ward.path("yesterday");
    copy(&publisher.ward.home(), &yesterday);
    let october = publisher.publish(10);
    let bytes = fs::read(publisher.public().join(&october).join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(manifest["witness"], "none");
    let head = keep_head(&publisher, "head-from-partner");
    restore(&publisher, &yesterday);
    let publish = |more: &[&str]| {
        let arguments = ["release", "publish", "--period", "2026-10", "--today", "2026-11-02"];
        publisher.ward.run(&[&arguments[..], more].concat())
    };
    publish(&["--witness", &head]).refused(&["restored from an older copy", "Nothing was charged"]);
    fs::write(publisher.ward.home().join("innerward.toml"), format!("[release]\nwitness = {head:?}\n"))
        .unwrap();
    publish(&[]).refused(&["restored from an older copy"]);
    log(&publisher, &["check"]).refused(&["restored from an older copy"]);
    let doctor = publisher.ward.run(&["doctor", "--today", "2026-11-02"]);
    assert_eq!(doctor.code, 2);
    assert!(doctor.out.contains("FAULT   witness"), "{}", doctor.out);
    let ledger = publisher.ward.must(&["release", "ledger"]);
    assert!(ledger.out.contains("Nothing has been charged"), "{}", ledger.out);
    // The newest copy is back: it goes on, and the manifest says what was checked.
    restore(&publisher, &yesterday);
    let again = publisher.publish(10);
    let head = keep_head(&publisher, "head-from-partner");
    let arguments =
        ["release", "publish", "--period", "2026-11", "--today", "2026-12-02", "--witness", &head];
    publisher.ward.must(&arguments);
    let manifest =
        fs::read(publisher.public().join(again.replace("-10-", "-11-")).join("manifest.json")).unwrap();
    let witness = serde_json::from_slice::<Value>(&manifest).unwrap()["witness"].as_str().unwrap().to_owned();
    assert!(
        witness.starts_with("3 entries, root ") && witness.ends_with(", the latest of 2026-11-02"),
        "{witness}"
    );
    // And `public/` alone tells, without any witness.
    let public = publisher.ward.path("public");
    copy(&publisher.public(), &public);
    restore(&publisher, &yesterday);
    fs::remove_dir_all(publisher.public()).unwrap();
    copy(&public, &publisher.public());
    publish(&[]).refused(&["restored from an older copy"]);
}

#[test]
fn doctor_speaks_of_the_witness() {
    let publisher = Publisher::new();
    let doctor = |today: &str| publisher.ward.run(&["doctor", "--today", today]).out;
    let told = doctor("2026-09-16");
    assert!(told.contains("lacking witness      none"), "{told}");
    let head = keep_head(&publisher, "head");
    fs::write(publisher.ward.home().join("innerward.toml"), format!("[release]\nwitness = {head:?}\n"))
        .unwrap();
    let told = doctor("2026-09-20");
    assert!(told.contains("ok      witness"), "{told}");
    assert!(told.contains("a head of 1 entries, 5 days old; 0 entries since"), "{told}");
    publisher.publish(10);
    let told = doctor("2026-11-20");
    assert!(told.contains("notice  witness"), "{told}");
    assert!(told.contains("66 days old; 2 entries since"), "{told}");
    fs::write(publisher.ward.home().join("innerward.toml"), "[release]\nwitness = \"none-there\"\n").unwrap();
    assert!(doctor("2026-11-20").contains("FAULT   witness"));
    let config = format!("[release]\nwitness = {head:?}\nwitness_key = \"x\"\n");
    fs::write(publisher.ward.home().join("innerward.toml"), config).unwrap();
    assert!(doctor("2026-11-20").contains("not the key of a witness"));
}

#[test]
fn doctor_misses_what_the_public_should_have_of_the_log() {
    let publisher = Publisher::new();
    let doctor = || publisher.ward.run(&["doctor", "--today", "2026-11-20"]).out;
    let good = "the public has a beginning of them or all";
    assert!(doctor().contains(good));
    for gone in ["log/checkpoint", "log"] {
        let gone = publisher.public().join(gone);
        if gone.is_dir() { fs::remove_dir_all(&gone) } else { fs::remove_file(&gone) }.unwrap();
        let told = doctor();
        assert!(told.contains("lacking log ") && told.contains("public/log is not there"), "{told}");
        assert!(!told.contains(good), "{told}");
    }
    publisher.publish(10);
    assert!(doctor().contains(good));
}

/// The Python that has the libraries of the script: the one of `.ci/run`, or the system's. `None` where there is none.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/verify-venv/bin/python");
    [own, "python3".into()].into_iter().find(|python| {
        let probe = "import sys, cryptography, blake3, opendp; sys.exit(sys.version_info < (3, 11))";
        match Command::new(python).args(["-c", probe]).output() {
            Ok(output) => output.status.success(),
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => panic!("{error}"),
        }
    })
}

/// Prints and passes where the libraries are not installed.
#[test]
fn an_independent_verifier_agrees() {
    let Some(python) = python() else {
        eprintln!("skipped: there is no Python 3.11 with cryptography, blake3 and opendp");
        return;
    };
    let publisher = Publisher::new();
    let old = keep_head(&publisher, "old-head");
    let october = publisher.publish(10);
    publisher.publish(11);
    let folder = publisher.public().join(&october);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify_release.py");
    let verify = |folder: &Path, more: &[&str]| {
        let mut command = Command::new(&python);
        command.arg(&script).arg(folder).args(["--key", &publisher.key_file()]).args(more);
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let log = publisher.public().join("log");
    let with_log = ["--log", log.to_str().unwrap(), "--old-head", &old];
    let (code, out, err) = verify(&folder, &with_log);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    for part in [
        "ok    signature",
        "ok    log.json",
        "ok    epsilon",
        "continue 4 heads; entry 1 paid for the release",
        "All checks hold.",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let copied = publisher.ward.path("copied");
    copy(&folder, &copied);
    let mut files: Vec<PathBuf> = fs::read_dir(&copied).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for n in 0..50_usize {
        let file = &files[n % files.len()];
        let good = fs::read(file).unwrap();
        let mut bad = good.clone();
        // Spread over each file, a bit of each kind.
        let at = n / files.len() * good.len() / (50 / files.len() + 1);
        bad[at] ^= 1 << (n % 8);
        fs::write(file, &bad).unwrap();
        let (code, out, err) = verify(&copied, &[]);
        assert_eq!((code, err.as_str()), (Some(1), ""), "{} byte {at}: {out}", file.display());
        assert!(out.contains("FAIL  ") && out.ends_with("REFUSED\n"), "{out}");
        fs::write(file, &good).unwrap();
    }
    assert_eq!(verify(&copied, &[]).0, Some(0));
    fs::write(copied.join("more.csv"), "x").unwrap();
    assert_eq!(verify(&copied, &[]).0, Some(1), "a file that is not signed");
    let lines = publisher.lines();
    publisher.show(&rewritten(&lines, |line| line.replace("2026-09-15", "2026-09-14")));
    let (code, out, _) = verify(&folder, &with_log);
    assert!(code == Some(1) && out.contains("FORK"), "{out}");
    publisher.show(&lines[..2]);
    let (code, out, _) = verify(&folder, &with_log);
    assert!(code == Some(1) && out.contains("ROLLBACK"), "{out}");
}

/// What it does with a manifest and a log that a publisher could sign and no home would write.
const BROKEN: &str = r#"
import copy, json, pathlib, sys
sys.path.insert(0, sys.argv[1])
import verify_release as script

folder, log = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
good = json.loads((folder / "manifest.json").read_text())
entries = [json.loads(line) for line in log.read_text().splitlines()]
entries = entries[: next(e["n"] for e in entries if e.get("release_id") == good["release_id"])]
charge = next(e["n"] for e in entries if e["kind"] == "charge")

def checked(change):
    manifest, log = copy.deepcopy(good), copy.deepcopy(entries)
    change(manifest, manifest["tables"][0], log, log[charge])
    text = json.dumps(manifest, indent=2, ensure_ascii=False, separators=(",", ": ")) + "\n"
    script.check_manifest(text.encode(), "innerward release " + manifest["release_id"])
    script.check_charge(log, manifest)

checked(lambda m, t, log, c: None)
changes = {
    "k": lambda m, t, log, c: t.update(k=10001),
    "k 0": lambda m, t, log, c: t.update(k=0),
    "k true": lambda m, t, log, c: t.update(k=True),
    "beta": lambda m, t, log, c: t.update(beta="0.5"),
    "beta 1e-1": lambda m, t, log, c: t.update(beta="1e-1"),
    "beta 1e-13": lambda m, t, log, c: t.update(beta="1e-13"),
    "rounding": lambda m, t, log, c: t.update(rounding=2),
    "epsilon": lambda m, t, log, c: t.update(epsilon_nano=0),
    "the last day": lambda m, t, log, c: m.update(published_on="2026-10-31"),
    "expired": lambda m, t, log, c: m["plan"].update(expires="2026-09"),
    "expires, kind": lambda m, t, log, c: m["plan"].update(expires="2035"),
    "registered": lambda m, t, log, c: m["plan"].update(registered_on="2026-10-01"),
    "group figure": lambda m, t, log, c: m.update(group_figure=m["group_figure"].replace("50", "51", 1)),
    "no charge": lambda m, t, log, c: log.remove(c),
    "its revision": lambda m, t, log, c: c.update(revision=2),
    "its period": lambda m, t, log, c: c.update(period="2026-09"),
    "its plan": lambda m, t, log, c: c.update(plan="other"),
    "its epsilon": lambda m, t, log, c: c.update(epsilon_nano=c["epsilon_nano"] + 1),
    "its table": lambda m, t, log, c: c["tables"][0].update(name="other"),
    "its table's epsilon": lambda m, t, log, c: c["tables"][0].update(epsilon_nano=1),
    "its sensitivity": lambda m, t, log, c: c["tables"][0].update(sensitivity=2),
    "its day": lambda m, t, log, c: c.update(charged_on="2099-01-01"),
    "the ledger": lambda m, t, log, c: m["ledger"].update(size=charge),
    "no plan": lambda m, t, log, c: log.remove(log[0]),
    "the plan's digest": lambda m, t, log, c: log[0].update(digest="0" * 64),
    "the plan's day": lambda m, t, log, c: log[0].update(registered_on="2026-09-14"),
    "the plan's cap": lambda m, t, log, c: log[0].update(cap_nano=2_000_000_000),
    "the month's budget": lambda m, t, log, c: log.append({**c, "n": len(log), "revision": 2}),
}
for name, change in changes.items():
    try:
        checked(change)
    except script.Refused:
        continue
    sys.exit(f"{name} is not refused")
print(len(changes))
"#;

/// Prints and passes where the libraries are not installed.
#[test]
fn the_independent_verifier_knows_the_bounds_of_the_rules_and_the_charge() {
    let Some(python) = python() else {
        eprintln!("skipped: there is no Python 3.11 with cryptography, blake3 and opendp");
        return;
    };
    let publisher = Publisher::new();
    let october = publisher.publish(10);
    let mut command = Command::new(python);
    command.args(["-B", "-c", BROKEN]).arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs"));
    command.arg(publisher.public().join(october)).arg(publisher.public().join("log/entries.jsonl"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
