//! What is gone can be mended: a lost database, what a killed export left, a home that is not there yet.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use innerward::home::Home;
use serde_json::{Value, json};

use crate::ward::{Ward, digits, snapshot};

fn md5s(seed: &str, numbers: std::ops::Range<usize>) -> String {
    numbers.map(|n| digits(&format!("{seed}{n}"), 16) + "\n").collect()
}

fn query(seed: &str, n: usize) -> String {
    format!("md5:{}", digits(&format!("{seed}{n}"), 16))
}

fn lose_the_database(ward: &Ward) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(ward.home().join(format!("innerward.sqlite{end}")));
    }
}

/// The database in one file, as a backup is made.
fn backup(ward: &Ward) -> Vec<u8> {
    let db = Home::open(&ward.home()).unwrap().database("").unwrap();
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(db);
    fs::read(ward.home().join("innerward.sqlite")).unwrap()
}

fn restore(ward: &Ward, backup: &[u8]) {
    lose_the_database(ward);
    fs::write(ward.home().join("innerward.sqlite"), backup).unwrap();
}

fn shown(ward: &Ward, name: &str) -> Value {
    ward.must(&["set", "show", name, "--format", "json"]).all("set").remove(0)
}

#[test]
fn a_lost_database_is_mended_by_importing_again_and_what_was_withdrawn_stays_so() {
    let ward = Ward::new();
    ward.import("own", &md5s("a", 0..30), &["--source", "us"]);
    ward.import("own", &md5s("a", 0..31), &[]);
    ward.import("other", &md5s("b", 0..3), &[]);
    ward.must(&["set", "withdraw", "own", &query("a", 1)]);
    lose_the_database(&ward);

    let cure = ["revision 2 of own", "does not know it", "set import own FILE"];
    let asked = [query("a", 0)];
    let other_first = ["revision 1 of other", "set import other FILE"];
    ward.run(&["match", &asked[0]]).refused(&other_first);
    let doctor = ward.run(&["doctor", "--format", "json"]);
    let told = doctor.all::<Value>("check").into_iter().find(|check| check["check"] == "index").unwrap();
    assert_eq!((doctor.code, &told["state"]), (2, &json!("fault")), "{told}");

    // Something can be added only to what is described.
    let more = ward.write("more", md5s("c", 0..3));
    ward.run(&["set", "import", "own", more.to_str().unwrap(), "--add"]).refused(&cure);
    // Whether its lists were signed, nobody knows.
    let list = ward.write("list", md5s("a", 0..31));
    let asks = ["whether its lists must be signed", "--key", "--dry-run --yes"];
    ward.run(&["set", "import", "own", list.to_str().unwrap()]).refused(&asks);
    let rehearse = ["--dry-run", "--yes", "--format", "json"];
    // What would go is looked at as ever.
    let few = ward.write("few", md5s("a", 0..3));
    let rehearsed = ward.must(&[&["set", "import", "own", few.to_str().unwrap()], &rehearse[..]].concat());
    assert_eq!(rehearsed.summary::<Value>()["needs_yes"], true);
    let rehearsed = ward.must(&[&["set", "import", "own", list.to_str().unwrap()], &rehearse[..]].concat());
    let rehearsed: Value = rehearsed.summary();
    let told = ["before", "new", "gone", "withdrawn", "unchanged"].map(|name| &rehearsed[name]);
    assert_eq!(told, [&json!(30), &json!(0), &json!(0), &json!(1), &json!(false)]);

    let imported: Value = ward.import("own", &md5s("a", 0..31), &["--yes"]).summary();
    assert_eq!(
        (&imported["unchanged"], &imported["withdrawn"], &imported["new"]),
        (&json!(false), &json!(1), &json!(0))
    );
    ward.run(&["match", &asked[0]]).refused(&other_first);
    ward.import("other", &md5s("b", 0..3), &["--yes"]);
    assert_eq!(ward.look_up(&asked[0]).0, "known");
    assert_eq!(ward.look_up(&query("a", 1)).0, "unknown");
    let set = shown(&ward, "own");
    assert_eq!((&set["revision"], &set["entries"], &set["source"]), (&json!(3), &json!(31), &json!("")));
    // The withdrawal is known again: it outlives the entry, is written out, and holds for later lists.
    let keys = ward.must(&["set", "export", "own", "-", "--status", "withdrawn"]).out;
    assert_eq!(
        keys.lines().filter(|line| line.contains("\"withdrawn\"") && line.contains("\"entry\"")).count(),
        1
    );
    ward.import("own", &md5s("a", 2..31), &[]);
    ward.import("own", &md5s("a", 0..31), &[]);
    assert_eq!(ward.look_up(&query("a", 1)).0, "unknown");
    ward.must(&["set", "import", "own", more.to_str().unwrap(), "--add"]);
    assert_eq!(ward.look_up(&query("c", 0)).0, "known");
}

#[test]
fn a_set_without_its_description_can_be_removed() {
    let ward = Ward::new();
    ward.import("own", &md5s("a", 0..3), &[]);
    ward.import("other", &md5s("b", 0..3), &[]);
    ward.must(&["set", "withdraw", "own", &query("a", 1)]);
    lose_the_database(&ward);
    ward.must(&["set", "remove", "own"]);
    ward.import("other", &md5s("b", 0..3), &["--yes"]);
    assert_eq!(ward.look_up(&query("b", 0)).0, "known");
    // Its withdrawals are kept, as is said: the index was the last to know of them.
    ward.import("own", &md5s("a", 0..3), &[]);
    assert_eq!([0, 1].map(|n| ward.look_up(&query("a", n)).0), ["known", "unknown"]);
}

#[test]
fn an_older_database_keeps_what_it_knows_of_a_set_and_of_the_others() {
    let ward = Ward::new();
    ward.import("own", &md5s("a", 0..3), &["--source", "us", "--role", "watch"]);
    ward.import("other", &md5s("b", 0..3), &["--licence", "theirs"]);
    let backup = backup(&ward);
    for set in [("own", "a"), ("other", "b")] {
        ward.import(set.0, &md5s(set.1, 0..4), &[]);
    }
    restore(&ward, &backup);
    ward.import("own", &md5s("a", 0..4), &["--yes"]);
    ward.import("other", &md5s("b", 0..4), &["--yes"]);
    let (own, other) = (shown(&ward, "own"), shown(&ward, "other"));
    assert_eq!((&own["source"], &own["role"], &own["revision"]), (&json!("us"), &json!("watch"), &json!(3)));
    assert_eq!((&other["licence"], &other["revision"]), (&json!("theirs"), &json!(3)));
}

#[test]
fn a_database_from_before_a_withdrawal_learns_of_it_again() {
    let ward = Ward::new();
    ward.import("own", &md5s("a", 0..30), &[]);
    let backup = backup(&ward);
    ward.must(&["set", "withdraw", "own", &query("a", 1)]);
    restore(&ward, &backup);
    let imported: Value = ward.import("own", &md5s("a", 0..31), &[]).summary();
    assert_eq!((&imported["withdrawn"], &imported["gone"]), (&json!(1), &json!(0)));
    assert_eq!([0, 1].map(|n| ward.look_up(&query("a", n)).0), ["known", "unknown"]);
    ward.import("own", &md5s("a", 2..31), &[]);
    ward.import("own", &md5s("a", 0..31), &[]);
    assert_eq!(ward.look_up(&query("a", 1)).0, "unknown", "the database knows it by itself");
}

#[test]
fn an_older_index_takes_nothing_from_what_the_database_knows() {
    let ward = Ward::new();
    ward.import("own", &md5s("a", 0..30), &[]);
    let index = ward.home().join("index");
    let before: Vec<_> = fs::read_dir(&index)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    ward.import("own", &md5s("a", 0..31), &["--source", "us", "--role", "watch"]);
    fs::read_dir(&index).unwrap().for_each(|file| fs::remove_file(file.unwrap().path()).unwrap());
    before.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    ward.import("other", &md5s("b", 0..3), &[]);
    ward.import("own", &md5s("a", 0..31), &[]);
    let own = shown(&ward, "own");
    assert_eq!((&own["source"], &own["role"], &own["revision"]), (&json!("us"), &json!("watch"), &json!(3)));
}

#[test]
fn an_export_clears_up_after_one_that_was_killed_and_leaves_one_that_goes_on() {
    let ward = Ward::new();
    ward.import("own", &md5s("a", 0..3), &[]);
    let left = ward.write("out.0123abcd.partial", "x".repeat(10_000));
    let going_on = ward.write("out.1123abcd.partial", "half");
    let locked = fs::File::open(&going_on).unwrap();
    locked.lock().unwrap();
    // Of another file, or of nobody's making.
    let others =
        ["next.0123abcd.partial", "out.partial", "out.mine.partial"].map(|name| ward.write(name, "mine"));
    let mine = ward.write("mine", "mine");
    std::os::unix::fs::symlink(&mine, ward.path("out.2123abcd.partial")).unwrap();
    let done = ward.must(&["set", "export", "own", "out", "--as", "plain"]);
    assert_eq!(done.err, "");
    assert_eq!(fs::read_to_string(ward.path("out")).unwrap().lines().count(), 3);
    assert_eq!(fs::metadata(ward.path("out")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!left.exists());
    assert_eq!(fs::read_to_string(going_on).unwrap(), "half");
    for kept in others.iter().chain([&mine]) {
        assert_eq!(fs::read_to_string(kept).unwrap(), "mine");
    }
    let partial = fs::read_dir(ward.path(".")).unwrap().filter(|file| {
        file.as_ref().unwrap().file_name().to_str().is_some_and(|name| name.ends_with(".partial"))
    });
    assert_eq!(partial.count(), 5, "nothing else is left");
}

#[test]
fn of_exports_to_one_file_each_writes_its_own_and_none_a_half() {
    let ward = Ward::new();
    ward.import("own", &md5s("a", 0..20_000), &[]);
    let runs: Vec<_> = (0..4)
        .map(|_| {
            let mut command = ward.command();
            command.args(["set", "export", "own", "out", "--as", "plain"]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for run in runs {
        let done = run.wait_with_output().unwrap();
        let told = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.success() || told.contains("there already"), "{told}");
    }
    assert_eq!(fs::read_to_string(ward.path("out")).unwrap().lines().count(), 20_000);
}

#[test]
fn a_first_import_can_be_rehearsed_and_leaves_nothing() {
    let ward = Ward::new();
    let list = ward.write("list", md5s("a", 0..3) + "not a hash\n");
    fs::create_dir(ward.path("tmp")).unwrap();
    let before = snapshot(&ward.path("."));
    let arguments = ["set", "import", "own", list.to_str().unwrap(), "--dry-run", "--format", "json"];
    let run = |arguments: &[&str]| {
        let mut command = ward.command();
        crate::ward::Done::of(command.env("TMPDIR", ward.path("tmp")).args(arguments).output().unwrap())
    };
    let done = run(&arguments);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(
        done.err.contains("not an innerward home yet") && done.err.contains(ward.home().to_str().unwrap()),
        "{}",
        done.err
    );
    let summary: Value = done.summary();
    let told = ["dry_run", "before", "new", "gone", "bad_lines", "needs_yes"].map(|name| &summary[name]);
    assert_eq!(told, [&json!(true), &json!(0), &json!(3), &json!(0), &json!(1), &json!(false)]);
    let empty = ward.write("empty", "");
    let refused = run(&["set", "import", "own", empty.to_str().unwrap(), "--dry-run"]);
    refused.refused(&["would not be imported"]);
    fs::remove_file(empty).unwrap();
    let refused =
        run(&["set", "import", "own", list.to_str().unwrap(), "--dry-run", "--today", "2030-01-01"]);
    refused.refused(&["--today"]);
    assert_eq!(
        snapshot(&ward.path(".")),
        before,
        "nothing is left, here or in the folder for temporary files"
    );
}
