//! Backups: under load, killed, on a full disk, by the program `age`, and by every block of `docs/backup.md`.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::ward::{Done, Ward, digits};

const HASH: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A key of age: the file with the identity, and the recipient. `None` where the program is not installed.
fn key(ward: &Ward, name: &str) -> Option<(String, String)> {
    let file = ward.path(name);
    let made = Command::new("age-keygen").arg("-o").arg(&file).output();
    if !made.is_ok_and(|made| made.status.success()) {
        eprintln!("skipped: age-keygen is not installed");
        return None;
    }
    let told = Command::new("age-keygen").arg("-y").arg(&file).output().unwrap();
    Some((file.to_str().unwrap().to_owned(), String::from_utf8(told.stdout).unwrap().trim().to_owned()))
}

fn restore(ward: &Ward, file: &str, identity: &str, place: &str) -> Done {
    let home = ward.path(place);
    ward.run(&["restore", file, "--identity", identity, "--home", home.to_str().unwrap()])
}

/// Nothing half-made lies about, in the folder and in the home.
fn assert_tidy(ward: &Ward) {
    for folder in [ward.path(""), ward.home()] {
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            assert!(!name.starts_with('.'), "{name} was left");
        }
    }
}

#[test]
fn every_block_of_the_page_runs() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/backup.md")).unwrap();
    let ward = Ward::new();
    if key(&ward, "probe").is_none() {
        return;
    }
    ward.import("DEMO", &format!("{HASH}\n"), &[]);
    // So that there are a log and keys.
    ward.must(&["release", "plan", "register"]);
    ward.write("file", "test");
    assert_eq!(ward.run(&["screen", "file"]).code, 1);
    let program = Path::new(env!("CARGO_BIN_EXE_innerward")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let blocks: Vec<&str> =
        page.split("```").skip(1).step_by(2).map(|block| block.strip_prefix("sh\n").unwrap()).collect();
    assert!(blocks.len() >= 5);
    for block in blocks {
        let mut command = Command::new("sh");
        command.args(["-e", "-c", block]).current_dir(ward.path("")).stdin(Stdio::null());
        let done = Done::of(command.env("PATH", &path).env("INNERWARD_HOME", ward.home()).output().unwrap());
        assert_eq!(done.code, 0, "{block}\n{}", done.err);
    }
    // What is printed for the day of need names the digest, as the page insists.
    let digest = fs::read_to_string(ward.path("digest.txt")).unwrap();
    let said = fs::read_to_string(ward.path("backup.log")).unwrap();
    assert!(digest.trim().len() == 64 && said.contains(&format!("--expect {}", digest.trim())), "{said}");
    let contents = fs::read_to_string(ward.path("contents.txt")).unwrap();
    for name in [
        "innerward-backup/about.json",
        "home/HOME",
        "home/innerward.sqlite",
        "innerward-backup/manifest.json",
    ] {
        assert!(contents.lines().any(|line| line == name), "{name} is not in {contents}");
    }
    assert_eq!(fs::metadata(ward.path("home.age")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_tidy(&ward);
}

#[test]
fn a_backup_under_load_is_one_state_of_the_home() {
    let ward = Ward::new();
    let Some((identity, recipient)) = key(&ward, "identity") else { return };
    let list = |n: usize| {
        (0..2000).map(|at| format!("sha256:{}\n", digits(&format!("{n}-{at}"), 32))).collect::<String>()
    };
    ward.import("DEMO", &list(0), &[]);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                // Two sets that belong together: a copy between them would show one ahead of the other.
                ward.import("DEMO", &list(n), &["--yes"]);
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        for n in 0..4 {
            let (file, place) = (format!("{n}.age"), format!("new-{n}"));
            ward.must(&["backup", "--to", &recipient, "--out", &file]);
            let done = restore(&ward, &file, &identity, &place);
            assert_eq!(done.code, 0, "{}", done.err);
            let home = ward.path(&place);
            let home = home.to_str().unwrap();
            ward.must(&["index", "verify", "--home", home]);
            // The database and the index are of one import: what the one counts the other finds.
            let shown = ward.must(&["set", "show", "DEMO", "--home", home]);
            assert!(shown.out.contains("2,000") || shown.out.contains("2000"), "{}", shown.out);
            let known = (0..).take(500).filter(|n| {
                let hash = format!("sha256:{}", digits(&format!("{n}-0"), 32));
                ward.run(&["match", &hash, "--home", home]).code == 1
            });
            assert_eq!(known.take(2).count(), 1, "entries of one import alone");
        }
        over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_wrong_key_a_cut_and_a_changed_file_are_told_apart_and_restore_nothing() {
    let ward = Ward::new();
    let (Some((identity, recipient)), Some((other, _))) = (key(&ward, "identity"), key(&ward, "other"))
    else {
        return;
    };
    ward.import("DEMO", &format!("{HASH}\n"), &[]);
    ward.must(&["backup", "--to", &recipient, "--out", "home.age"]);
    restore(&ward, "home.age", &other, "new").refused(&["not encrypted to this key"]);
    let whole = fs::read(ward.path("home.age")).unwrap();
    ward.write("cut.age", &whole[..whole.len() - 1000]);
    restore(&ward, "cut.age", &identity, "new").refused(&["cut.age", "cut short"]);
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    ward.write("changed.age", &changed);
    restore(&ward, "changed.age", &identity, "new").refused(&["changed.age", "changed"]);
    restore(&ward, "identity", &identity, "new").refused(&["this is no backup"]);
    restore(&ward, "home.age", "home.age", "new").refused(&["home.age"]);
    assert!(!ward.path("new").exists());
    let place = ward.home();
    restore(&ward, "home.age", &identity, place.file_name().unwrap().to_str().unwrap())
        .refused(&["is there already"]);
    let secret = fs::read_to_string(&identity).unwrap();
    let secret = secret.lines().find(|line| line.starts_with("AGE-SECRET")).unwrap();
    let refused = ward.run(&["backup", "--to", secret, "--out", "x.age"]);
    refused.refused(&["age1"]);
    assert!(!refused.err.contains(secret), "a secret key is not repeated");
    let inside = ward.home().join("x.age");
    ward.run(&["backup", "--to", &recipient, "--out", inside.to_str().unwrap()])
        .refused(&["lies in the home"]);
    assert_tidy(&ward);
}

#[test]
fn a_killed_backup_or_restore_leaves_what_was_there() {
    let ward = Ward::new();
    let Some((identity, recipient)) = key(&ward, "identity") else { return };
    let list: String = (0..20_000).map(|n| format!("sha256:{}\n", digits(&n.to_string(), 32))).collect();
    ward.import("DEMO", &list, &[]);
    ward.must(&["backup", "--to", &recipient, "--out", "home.age"]);
    let before = fs::read(ward.path("home.age")).unwrap();
    let new = ward.path("new");
    let backup = ["backup", "--to", &recipient, "--out", "home.age"];
    let restore_again = ["restore", "home.age", "--identity", &identity, "--home", new.to_str().unwrap()];
    for arguments in [&backup[..], &restore_again[..]] {
        for millis in [0, 5, 10, 20, 40, 80, 120] {
            let mut child =
                ward.command().args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(millis));
            child.kill().unwrap();
            child.wait().unwrap();
            // The file is the old backup or a whole new one; the place is empty or a whole home.
            if new.exists() {
                ward.must(&["index", "verify", "--home", new.to_str().unwrap()]);
                fs::remove_dir_all(&new).unwrap();
            }
        }
    }
    assert!(fs::metadata(ward.path("home.age")).unwrap().len() as usize >= before.len() / 2);
    ward.must(&backup);
    let done = restore(&ward, "home.age", &identity, "new");
    assert_eq!(done.code, 0, "{}", done.err);
    let left = fs::read_dir(ward.home()).unwrap().flatten().map(|entry| entry.file_name());
    assert!(
        left.into_iter().all(|name| !name.to_string_lossy().starts_with(".spool")),
        "the next backup tidies"
    );
}

#[test]
fn a_full_disk_ends_a_backup_and_a_restore_with_a_cure_and_nothing_half_made() {
    let ward = Ward::new();
    let Some((identity, recipient)) = key(&ward, "identity") else { return };
    let list: String = (0..20_000).map(|n| format!("sha256:{}\n", digits(&n.to_string(), 32))).collect();
    ward.import("DEMO", &list, &[]);
    ward.must(&["backup", "--to", &recipient, "--out", "home.age"]);
    let new = ward.path("new");
    let run = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "trap '' XFSZ; ulimit -f 100; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_innerward"),
        ]);
        command.args(arguments).env_clear().env("INNERWARD_HOME", ward.home()).current_dir(ward.path(""));
        Done::of(command.output().unwrap())
    };
    run(&["backup", "--to", &recipient, "--out", "small.age"]).refused(&[]);
    let restored = run(&["restore", "home.age", "--identity", &identity, "--home", new.to_str().unwrap()]);
    restored.refused(&["make room"]);
    assert!(!ward.path("small.age").exists() && !new.exists());
    assert_tidy(&ward);
}

#[test]
fn a_backup_through_a_pipe_is_the_same_and_its_plain_text_is_nowhere() {
    let ward = Ward::new();
    let Some((identity, recipient)) = key(&ward, "identity") else { return };
    ward.import("DEMO", &format!("{HASH}\n"), &[]);
    let piped = ward.command().args(["backup", "--to", &recipient]).output().unwrap();
    assert!(piped.status.success(), "{}", String::from_utf8_lossy(&piped.stderr));
    assert!(piped.stdout.starts_with(b"age-encryption.org/v1\n"));
    for plain in [&b"innerward home"[..], b"SQLite format", b"DEMO"] {
        assert!(memchr::memmem::find(&piped.stdout, plain).is_none());
    }
    let mut child = ward
        .command()
        .args(["restore", "-", "--identity", &identity, "--home", ward.path("new").to_str().unwrap()])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&piped.stdout).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(ward.run(&["match", HASH, "--home", ward.path("new").to_str().unwrap()]).code, 1);
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupSummary {
    #[serde(rename = "files")]
    _files: u64,
    #[serde(rename = "bytes")]
    _bytes: u64,
    written: u64,
    left_out: Vec<String>,
    digest: String,
    held_seconds: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RestoreSummary {
    #[serde(rename = "files")]
    _files: u64,
    #[serde(rename = "bytes")]
    _bytes: u64,
    #[serde(rename = "taken")]
    _taken: String,
    digest: String,
    expected: bool,
}

/// What the audit says of backups and restores: who, and what else.
fn deeds(ward: &Ward, home: &Path) -> Vec<(String, String, Value)> {
    let done = ward.must(&["audit", "list", "--format", "json", "--home", home.to_str().unwrap()]);
    let all: Vec<Value> = done.all("deed");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_home = all.iter().filter(|deed| deed["did"].as_str().unwrap().starts_with("home."));
    of_home.map(|deed| (text(&deed["did"]), text(&deed["by"]), deed["about"].clone())).collect()
}

#[test]
fn only_the_backup_that_was_named_is_restored_and_who_did_it_is_on_record() {
    let ward = Ward::new();
    let Some((identity, recipient)) = key(&ward, "identity") else { return };
    ward.import("DEMO", &format!("{HASH}\n"), &[]);
    let made = ["backup", "--to", &recipient, "--out", "home.age", "--by", "ticket 7", "--format", "json"];
    let made: BackupSummary = ward.must(&made).summary();
    let bytes = fs::read(ward.path("home.age")).unwrap();
    assert_eq!((made.written, made.left_out.len()), (bytes.len() as u64, 0));
    assert_eq!(made.digest, blake3::hash(&bytes).to_hex().to_string());
    assert!(made.held_seconds > 0.0 && made.held_seconds < 10.0, "{made:?}");
    let [begun, done] = &deeds(&ward, &ward.home())[..] else { panic!("two lines") };
    assert_eq!((&*begun.0, &*begun.1, &begun.2["stage"]), ("home.backup", "ticket 7", &json!("begun")));
    assert_eq!(
        (&*done.1, &done.2["stage"], &done.2["digest"]),
        ("ticket 7", &json!("done"), &json!(made.digest))
    );

    // Whoever has the recipient, which is no secret, makes a backup that opens with the same key.
    ward.import("DEMO", &format!("sha256:{}\n", digits("planted", 32)), &["--yes"]);
    ward.must(&["backup", "--to", &recipient, "--out", "planted.age"]);
    let place = ward.path("new");
    let restore = |file: &str, expect: &str| {
        let home = place.to_str().unwrap();
        ward.run(&[
            "restore",
            file,
            "--identity",
            &identity,
            "--home",
            home,
            "--expect",
            expect,
            "--by",
            "ana",
            "--format",
            "json",
        ])
    };
    restore("planted.age", &made.digest).refused(&["another backup", "--expect", "nothing was restored"]);
    restore("home.age", "abc").refused(&["64 hexadecimal digits"]);
    assert!(!place.exists());
    assert_tidy(&ward);
    let restored = restore("home.age", &made.digest.to_uppercase());
    assert_eq!(restored.code, 0, "{}", restored.err);
    let restored: RestoreSummary = restored.summary();
    assert_eq!((restored.digest, restored.expected), (made.digest.clone(), true));
    let told = deeds(&ward, &place);
    let (did, by, about) = told.last().unwrap();
    assert_eq!((&**did, &**by, &about["digest"]), ("home.restore", "ana", &json!(made.digest)));
    // A backup that fails says so as well.
    ward.run(&["backup", "--to", &recipient, "--out", "no/such/folder/home.age", "--by", "x"])
        .refused(&["no/such"]);
    ward.must(&["audit", "verify"]);
}

#[test]
fn a_backup_that_nobody_takes_holds_up_no_import_and_opens_few_files() {
    let ward = Ward::new();
    let Some((identity, recipient)) = key(&ward, "identity") else { return };
    ward.import("DEMO", &format!("{HASH}\n"), &[]);
    let many = ward.home().join("public/many");
    fs::create_dir(&many).unwrap();
    for number in 0..200 {
        let file = fs::File::create(many.join(number.to_string())).unwrap();
        file.set_len(300 << 10).unwrap(); // zeros, which take no room
    }
    let found = ward.command();
    let mut command = Command::new("sh");
    command.env_clear().current_dir(ward.path(""));
    command.envs(found.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""]).arg(found.get_program());
    command.args(["backup", "--to", &recipient]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut backup = vec![0; 1];
    // It has begun to write, and stands still as long as nobody reads on.
    if out.read_exact(&mut backup).is_err() {
        panic!("{}", String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr));
    }
    let other = digits("imported meanwhile", 32);
    ward.import("DEMO", &format!("sha256:{other}\n"), &["--yes"]);
    fs::remove_dir_all(&many).unwrap();
    assert_eq!(ward.look_up(HASH).0, "unknown");
    assert!(child.try_wait().unwrap().is_none(), "it was done before anything was asked of it");
    out.read_to_end(&mut backup).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let told = String::from_utf8(done.stderr).unwrap();
    assert!(told.contains(&format!("digest {}", blake3::hash(&backup).to_hex())), "{told}");
    ward.write("home.age", &backup);
    assert_eq!(restore(&ward, "home.age", &identity, "new").code, 0);
    let new = ward.path("new");
    let outcome = |hash: &str| ward.run(&["match", hash, "--home", new.to_str().unwrap()]).code;
    assert_eq!((outcome(HASH), outcome(&format!("sha256:{other}"))), (1, 0), "as it was when it began");
    assert_eq!(fs::read_dir(new.join("public/many")).unwrap().count(), 200);
    assert_tidy(&ward);
}

#[test]
fn each_key_is_lost_and_found_as_the_page_says() {
    let ward = Ward::for_demo();
    let Some((identity, recipient)) = key(&ward, "identity") else { return };
    let on = |day: &str, arguments: &[&str]| ward.run(&[arguments, &["--today", day]].concat());
    let october = |arguments: &[&str]| on("2026-10-05", arguments);
    ward.import("DEMO", &format!("{HASH}\n"), &["--today", "2026-10-01"]);
    assert_eq!(on("2026-09-15", &["release", "plan", "register"]).code, 0);
    ward.write("file", "test");
    assert_eq!(october(&["screen", "file"]).code, 1);
    let backup = ["backup", "--to", &recipient, "--out", "home.age"];
    assert_eq!(october(&backup).code, 0);
    let keys = ward.home().join("keys");
    let found = || {
        let shell = format!("age -d -i {identity} home.age | tar -x -C ward --strip-components 1 home/keys");
        let done = Command::new("sh").args(["-e", "-c", &shell]).current_dir(ward.path("")).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let run = fs::read_dir(ward.home().join("runs")).unwrap().next().unwrap().unwrap().file_name();
    let verify = || ward.run(&["screen", "verify", run.to_str().unwrap()]);

    // Nothing more can be published under this name, and that is said.
    fs::remove_file(keys.join("signing.key")).unwrap();
    let says = ["Restore keys/signing.key", "backup", "no new key was made"];
    october(&["release", "log", "head"]).refused(&says);
    on("2026-11-02", &["release", "publish", "--period", "2026-10"]).refused(&says);
    let doctor = october(&["doctor"]);
    assert!(doctor.out.contains("FAULT   log"), "{}", doctor.out);
    assert!(!keys.join("signing.key").exists(), "asking makes no key");
    // Another key in its place is no cure.
    fs::write(keys.join("signing.key"), [9; 32]).unwrap();
    october(&["release", "log", "head"]).refused(&["signed with another key", "Restore keys/signing.key"]);
    found();
    assert_eq!(october(&["release", "log", "head"]).code, 0);

    // Earlier runs cannot be verified with what is here; screening goes on with a new one.
    fs::remove_file(keys.join("runs.key")).unwrap();
    assert_eq!(october(&["screen", "file"]).code, 1);
    assert_ne!(verify().code, 0);
    found();
    let verified = verify();
    assert_eq!(verified.code, 0, "{}", verified.err);

    // Contents of the period cannot be told from repeats: nothing is counted, and it can be sealed once it is over.
    let tally = keys.join("tally-2026-10.key");
    fs::remove_file(&tally).unwrap();
    let counted = october(&["screen", "file"]);
    assert!(counted.err.contains("restore the key from a backup"), "{}", counted.err);
    fs::remove_file(&tally).unwrap_or_default();
    found();
    let counted = october(&["screen", "file"]);
    assert!(counted.code == 1 && !counted.err.contains("restore the key"), "{}", counted.err);
    fs::remove_file(&tally).unwrap();
    let sealed = on("2026-11-02", &["tally", "seal", "2026-10", "--yes"]);
    assert_eq!(sealed.code, 0, "{}", sealed.err);
    assert_eq!(on("2026-11-02", &["release", "publish", "--period", "2026-10"]).code, 0);

    // A token is not in any backup in a form that would let anybody in; its holder gets another.
    let create = ["token", "create", "uploads", "--scope", "match", "--format", "json"];
    let secret = ward.must(&create).summary::<Value>()["secret"].as_str().unwrap().to_owned();
    assert!(!fs::read_to_string(ward.home().join("tokens.json")).unwrap().contains(&secret));
    let rotated = ward.must(&["token", "rotate", "uploads", "--overlap", "0s", "--format", "json"]);
    assert_ne!(rotated.summary::<Value>()["secret"], json!(secret));

    // The identity of the backups: what was made to it alone is waste paper, and the next one is to another.
    fs::remove_file(&identity).unwrap();
    let (next, next_recipient) = key(&ward, "next").unwrap();
    restore(&ward, "home.age", &next, "new").refused(&["not encrypted to this key"]);
    ward.must(&["backup", "--to", &next_recipient, "--out", "home.age", "--today", "2026-11-03"]);
    assert_eq!(restore(&ward, "home.age", &next, "new").code, 0);
}
