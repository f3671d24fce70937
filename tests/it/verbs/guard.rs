//! What guards a home: modes, the lock of the one writer, the index's checksums; and what a closed pipe does.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use innerward::home::Home;
use innerward::index::Index;

use crate::ward::{Ward, digits, flipped, snapshot};

/// A home with two small sets, one of them with a withdrawn entry.
fn ward_with_lists() -> Ward {
    let ward = Ward::new();
    let list: String = (0..20).map(|n| digits(&format!("pdq {n}"), 32) + "\n").collect();
    ward.import("pictures", &list, &["--as", "plain:pdq"]);
    let deep: String = (0..10)
        .map(|n| format!("1,{},{},x\n", digits(&format!("md5 {n}"), 16), digits(&format!("sha {n}"), 32)))
        .collect();
    ward.import("files", &format!("%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n{deep}"), &[]);
    ward
}

fn index_files(ward: &Ward) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(ward.home().join("index")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 3, "a manifest and two segments: {files:?}");
    files
}

#[test]
fn everything_in_a_home_is_its_owners_alone() {
    let ward = ward_with_lists();
    ward.write("a.txt", "a");
    ward.must(&["screen", "a.txt"]);
    ward.must(&["release", "plan", "register"]);
    let connection = rusqlite::Connection::open(ward.home().join("innerward.sqlite")).unwrap();
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).unwrap();
    let found = snapshot(&ward.home());
    let names: Vec<String> = found.keys().map(|path| path.display().to_string()).collect();
    for needed in ["verdicts.jsonl", "innerward.sqlite", ".key", ".iws", "manifest.iwm", "HOME"] {
        assert!(names.iter().any(|name| name.ends_with(needed)), "{needed} is among {names:?}");
    }
    for (path, (mode, bytes)) in found {
        let is_public = path.to_string_lossy().contains("/public/");
        let expected = match (bytes.is_some(), is_public) {
            (true, false) => 0o600,
            (false, false) => 0o700,
            (true, true) => 0o644,
            (false, true) => 0o755,
        };
        assert_eq!(mode, expected, "{} has mode {mode:o}", path.display());
    }
}

#[test]
fn a_second_writer_gets_a_clear_word_and_readers_go_on() {
    let ward = ward_with_lists();
    ward.write("a.txt", "a");
    ward.write("next.txt", digits("next", 16));
    let home = Home::open(&ward.home()).unwrap();
    let lock = home.lock().unwrap();
    for arguments in [
        &["set", "import", "files", "next.txt"][..],
        &["set", "remove", "files"],
        &["set", "withdraw", "files", "x"],
        &["release", "plan", "register"],
    ] {
        ward.run(arguments).refused(&["another innerward process is writing", ward.home().to_str().unwrap()]);
    }
    let known = format!("md5:{}", digits("md5 3", 16));
    assert_eq!(ward.look_up(&known), ("known".to_owned(), 1));
    for arguments in
        [&["set", "list"][..], &["index", "verify"], &["tally", "show"], &["screen", "a.txt", "--no-tally"]]
    {
        ward.must(arguments);
    }
    drop(lock);
    ward.must(&["set", "import", "files", "next.txt", "--yes"]);
    assert_eq!(ward.look_up(&known).0, "unknown");
}

#[test]
fn two_publications_do_not_run_at_once() {
    let ward = Ward::for_demo();
    ward.must(&["--today", "2026-09-15", "release", "plan", "register"]);
    let home = Home::open(&ward.home()).unwrap();
    let lock = home.lock().unwrap();
    let publish = ["--today", "2026-11-02", "release", "publish", "--period", "2026-10"];
    ward.run(&publish).refused(&["another innerward process is writing", ward.home().to_str().unwrap()]);
    drop(lock);
    ward.must(&publish);
}

#[test]
fn a_pretended_day_needs_a_home_made_by_a_demo() {
    let ward = ward_with_lists();
    ward.write("a.txt", "a");
    for arguments in [&["screen", "a.txt"][..], &["release", "publish"], &["release", "plan", "register"]] {
        ward.run(&[arguments, &["--today", "2026-10-05"]].concat()).refused(&["demo", "--today"]);
    }
}

#[test]
fn verify_finds_a_flip_of_any_byte_of_the_index() {
    let ward = ward_with_lists();
    let sound = ward.must(&["index", "verify", "--format", "json"]);
    assert_eq!(sound.summary::<serde_json::Value>()["sound"], true);
    let dir = ward.home().join("index");
    let mut tried = 0;
    for path in index_files(&ward) {
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 1 << (at % 8);
            fs::write(&path, &broken).unwrap();
            let found = Index::verify(&dir);
            assert!(!found.is_ok_and(|report| report.is_sound()), "{}, byte {at}", path.display());
            tried += 1;
            if at % (bytes.len() / 12).max(1) == 0 {
                let done = ward.run(&["index", "verify"]);
                assert_eq!(done.code, 2, "{}, byte {at}: {}", path.display(), done.out);
                assert!(done.err.starts_with("innerward: "), "{}", done.err);
                asks(&ward, &path, at);
            }
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert!(tried > 2000, "{tried} bytes");
    assert_eq!(ward.must(&["index", "verify", "--format", "json"]).out, sound.out);
}

/// Whatever a damaged index answers, it neither panics nor is killed, and says so if it fails.
fn asks(ward: &Ward, path: &Path, at: usize) {
    for query in [
        format!("md5:{}", digits("md5 3", 16)),
        format!("pdq:{}", flipped(&digits("pdq 3", 32), 5)),
        format!("pdq:{}", digits("elsewhere", 32)),
    ] {
        let done = ward.run(&["match", &query]);
        assert!([0, 1, 2].contains(&done.code), "{}, byte {at}: {}", path.display(), done.err);
        assert_eq!(done.code == 2, !done.err.is_empty(), "{}", done.err);
    }
}

#[test]
fn an_index_that_was_cut_or_lost_is_found_out() {
    let ward = ward_with_lists();
    for path in index_files(&ward) {
        let bytes = fs::read(&path).unwrap();
        for len in [0, 1, 7, 64, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..len]).unwrap();
            assert_eq!(ward.run(&["index", "verify"]).code, 2, "{} of {len} bytes", path.display());
            asks(&ward, &path, len);
        }
        fs::write(&path, [&bytes[..], b"\0"].concat()).unwrap();
        assert_eq!(ward.run(&["index", "verify"]).code, 2, "{} with a byte more", path.display());
        fs::remove_file(&path).unwrap();
        if path.ends_with("manifest.iwm") {
            asks(&ward, &path, 0);
        } else {
            ward.run(&["match", &format!("md5:{}", digits("md5 3", 16))]).refused(&["innerward: "]);
            assert_eq!(ward.run(&["index", "verify"]).code, 2);
        }
        fs::write(&path, &bytes).unwrap();
    }
    ward.must(&["index", "verify"]);
}

/// While somebody still types a list, everybody else can work.
#[test]
fn an_import_that_waits_for_its_list_stops_nobody() {
    let ward = ward_with_lists();
    ward.write("items/a.txt", "a");
    let mut command = ward.command();
    command
        .args(["set", "import", "slow", "-", "--as", "plain:md5"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", digits("slow", 16)).unwrap();
    std::thread::sleep(Duration::from_millis(300)); // long enough for it to have begun
    ward.must(&["screen", "items"]);
    ward.import("quick", &digits("quick", 16), &[]);
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert_eq!(ward.look_up(&format!("md5:{}", digits("slow", 16))).0, "known");
}

/// As `innerward … | head -n 1`.
fn one_line_of(ward: &Ward, arguments: &[&str]) {
    let mut command = ward.command();
    let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(!line.is_empty(), "{arguments:?}");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]), "{arguments:?}");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let ward = ward_with_lists();
    let queries: String = (0..20_000).map(|n| format!("md5:{}\n", digits(&format!("q {n}"), 16))).collect();
    ward.write("queries.txt", &queries);
    for n in 0..1500 {
        ward.write(&format!("many/{n}.txt"), format!("file {n}"));
    }
    for format in ["text", "json"] {
        one_line_of(&ward, &["match", "--from", "queries.txt", "--format", format]);
        one_line_of(&ward, &["set", "list", "--format", format]);
    }
    // A run is finished whether or not somebody reads along: its product is the verdicts and the counts.
    one_line_of(&ward, &["screen", "many", "--format", "json"]);
    let run = fs::read_dir(ward.home().join("runs")).unwrap().next().unwrap().unwrap().path();
    let verdicts = fs::read_to_string(run.join("verdicts.jsonl")).unwrap();
    assert_eq!(verdicts.lines().count(), 1 + 1500 + 1);
    assert!(verdicts.lines().next_back().unwrap().starts_with(r#"{"type":"summary""#));
    assert!(ward.must(&["tally", "show", "--format", "json"]).out.contains(r#""items":1500"#));
    let files: Vec<String> = (0..1500).map(|n| format!("many/{n}.txt")).collect();
    let mut arguments = vec!["hash"];
    arguments.extend(files.iter().map(|file| &**file));
    one_line_of(&ward, &arguments);
    // Closed before anything is written.
    let mut child =
        ward.command().args(["index", "stat"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}

#[test]
fn a_home_is_not_made_where_something_else_is() {
    let ward = Ward::new();
    ward.write("ward/thesis.txt", "precious");
    let list = ward.write("list.txt", digits("a", 16));
    let before = snapshot(&ward.home());
    ward.run(&["set", "import", "own", list.to_str().unwrap()]).refused(&["not an innerward home"]);
    assert_eq!(snapshot(&ward.home()), before);
    // Without a word about the home, it is the user's data folder.
    let output = ward
        .command()
        .env_remove("INNERWARD_HOME")
        .args(["set", "import", "own"])
        .arg(&list)
        .output()
        .unwrap();
    assert!(output.status.success());
    let mode = |path: &str| fs::metadata(ward.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("data/innerward"), 0o700);
    // --home goes before the environment.
    let other = ward.path("other");
    ward.must(&["set", "import", "own", list.to_str().unwrap(), "--home", other.to_str().unwrap()]);
    assert!(other.join("HOME").exists());
    assert_eq!(snapshot(&ward.home()), before);
}
