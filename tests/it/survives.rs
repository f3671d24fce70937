//! What an index survives: files cut short or taken away under a reader, a full disk, a home that cannot be written, two
//! writers, and growing piece by piece.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use innerward::digest::{Pdq, Sha256, Signal};
use innerward::hashset::{Entry, EntryKey, Hashes};
use innerward::home::{Home, HomeError};
use innerward::index::{Fault, Index, IndexError, IndexWriter, Reader, Scope, SegmentBuilder, SegmentFile};
use innerward::kernel::{Code256, Distance};
use serde::Deserialize;

use crate::ward::{Done, Ward, digits, snapshot};

fn pdq(seed: u32) -> Pdq {
    Pdq::new(Code256::from_bytes(*blake3::hash(&seed.to_le_bytes()).as_bytes()))
}

fn sha256(seed: u32) -> Signal {
    Sha256::from_bytes(*blake3::hash(&(!seed).to_le_bytes()).as_bytes()).into()
}

fn key(seed: u32) -> EntryKey {
    EntryKey::new(format!("demo-{seed}")).unwrap()
}

fn segment(home: &Home, seeds: std::ops::Range<u32>) -> SegmentFile {
    let mut builder = SegmentBuilder::new();
    for seed in seeds {
        let mut hashes = Hashes::from(sha256(seed));
        hashes.set(Signal::Pdq(pdq(seed)));
        builder.push(&Entry { key: key(seed), ..Entry::bare(hashes) }).unwrap();
    }
    builder.write(&home.index_dir()).unwrap()
}

fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    (dir, home)
}

fn cut_short<T>(result: Result<T, IndexError>, expected: &SegmentFile) {
    match result.err().expect("a part of its answer is gone") {
        IndexError::File { file, fault: Fault::CutShort } => {
            assert_eq!(file, expected.content_id().file_name())
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_segment_cut_short_under_a_reader_is_an_error_and_nothing_else_fails() {
    let (_dir, home) = home();
    let (lock, dir) = (home.lock().unwrap(), home.index_dir());
    let mut writer = IndexWriter::open(&dir, &lock).unwrap();
    let cut = segment(&home, 0..40_000);
    writer.append("CUT", 1, vec![cut], vec![]).unwrap();
    writer.append("WHOLE", 1, vec![segment(&home, 40_000..80_000)], vec![]).unwrap();
    let (reader, scope) = (Reader::open(&dir).unwrap(), Scope::within(Distance::PDQ_DEFAULT));
    let index = reader.current().unwrap();
    let hit = index.near(&pdq(39_999), &scope, 9).unwrap().hits[0];
    assert_eq!(index.exact(&sha256(7)).unwrap().len(), 1);

    let file = File::options().write(true).open(dir.join(cut.content_id().file_name())).unwrap();
    file.set_len(4096).unwrap();
    cut_short(index.near(&pdq(39_999), &scope, 9), &cut);
    cut_short(index.each_near(&pdq(1), &scope, |_, _| ()), &cut);
    cut_short(index.exact(&sha256(7)), &cut);
    cut_short(index.exact(&sha256(7)), &cut); // and again, though all of it reads as zeros by now
    cut_short(index.entry(&hit), &cut);
    let others = scope.clone().without_set("CUT");
    assert_eq!(index.near(&pdq(40_007), &others, 9).unwrap().hits.len(), 1, "the other segment answers");
    // Whoever opens it now finds that it is short, and says which file.
    let named = cut.content_id().file_name();
    assert!(
        matches!(Index::open(&dir), Err(IndexError::File { file, fault: Fault::Length { .. } }) if file == named)
    );
    assert!(matches!(writer.withdraw("CUT", &[key(1)]), Err(IndexError::File { file, .. }) if file == named));
    let report = Index::verify(&dir).unwrap();
    let faulty: Vec<_> = report.files.iter().filter(|file| !file.faults.is_empty()).collect();
    assert!(matches!(&faulty[..], [one] if one.name == named), "{report:?}");
    // A new import mends it for readers that run.
    writer.replace_set("CUT", 2, vec![segment(&home, 0..100)], vec![]).unwrap();
    std::thread::sleep(Reader::INTERVAL * 2);
    assert_eq!(reader.current().unwrap().exact(&sha256(7)).unwrap().len(), 1);
}

#[test]
fn a_file_deleted_under_a_reader_is_missing_only_for_those_who_open_it() {
    let (_dir, home) = home();
    let (lock, dir) = (home.lock().unwrap(), home.index_dir());
    let file = segment(&home, 0..1000);
    IndexWriter::open(&dir, &lock).unwrap().replace_set("DEMO", 1, vec![file], vec![]).unwrap();
    let reader = Reader::open(&dir).unwrap();
    let name = file.content_id().file_name();
    fs::remove_file(dir.join(&name)).unwrap();
    assert_eq!(reader.current().unwrap().exact(&sha256(7)).unwrap().len(), 1);
    let error = Index::open(&dir).unwrap_err().to_string();
    assert!(error.contains(&name) && error.contains("import its list again"), "{error}");
    assert_eq!(Index::verify(&dir).unwrap().files[1].faults, [Fault::MissingFile]);
    let mut writer = IndexWriter::open(&dir, &lock).unwrap();
    assert!(matches!(writer.withdraw("DEMO", &[key(1)]), Err(IndexError::Missing { .. })));
    assert!(matches!(writer.append("DEMO", 2, vec![file], vec![]), Err(IndexError::Repeated { .. })));
}

#[test]
fn a_second_writer_is_refused_in_words() {
    let ward = Ward::new();
    ward.import("own", &format!("{}\n", digits("a", 16)), &[]);
    let home = Home::open(&ward.home()).unwrap();
    let _lock = home.lock().unwrap();
    let refused = home.lock_within(Duration::from_millis(50)).unwrap_err();
    assert!(matches!(refused, HomeError::Busy(_)));
    assert!(refused.to_string().contains("another innerward process is writing to"), "{refused}");
    // Readers are not kept out.
    assert_eq!(ward.look_up(&format!("md5:{}", digits("a", 16))).0, "known");
}

/// The binary where no file may grow beyond `blocks` (of 512 or 1,024 bytes), as on a full disk.
fn with_little_room(ward: &Ward, blocks: u32, arguments: &[&str]) -> Done {
    let binary = ward.command();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"")
        .arg("sh")
        .arg(blocks.to_string());
    shell
        .arg(binary.get_program())
        .args(arguments)
        .current_dir(binary.get_current_dir().unwrap())
        .env_clear();
    shell.envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Done::of(shell.stdin(Stdio::null()).output().unwrap())
}

#[test]
fn without_room_nothing_changes_and_the_error_says_what_to_do() {
    let ward = Ward::new();
    let list = |seed: &str, len: usize| {
        (0..len).map(|n| digits(&format!("{seed}{n}"), 16) + "\n").collect::<String>()
    };
    ward.import("own", &list("old", 300), &[]);
    let large = ward.write("large.list", list("new", 50_000));
    let large = large.to_str().unwrap();
    let index = || snapshot(&ward.home().join("index"));
    let before = index();
    let (old, new) = (format!("md5:{}", digits("old7", 16)), format!("md5:{}", digits("new7", 16)));
    let mut told = Vec::new();
    for blocks in [0, 8, 100, 600] {
        for more in [&["--yes"][..], &["--add"]] {
            let done = with_little_room(&ward, blocks, &[&["set", "import", "own", large], more].concat());
            done.refused(&["large.list: not imported", "make room"]);
            assert_eq!(index(), before, "with {blocks} blocks: {}", done.err);
            told.push(done.err);
        }
        let done = with_little_room(&ward, 0, &["set", "withdraw", "own", &old]);
        done.refused(&["innerward.sqlite", "make room"]);
    }
    assert!(told.iter().any(|told| told.contains("/index/.segment.")), "{told:?}");
    assert!(told.iter().any(|told| told.contains("innerward.sqlite")), "{told:?}");
    assert_eq!((&*ward.look_up(&old).0, &*ward.look_up(&new).0), ("known", "unknown"));
    // With room, the same words work.
    ward.must(&["set", "import", "own", large, "--add"]);
    assert_eq!((&*ward.look_up(&old).0, &*ward.look_up(&new).0), ("known", "known"));

    // Segments that cannot be written anew stay as they are.
    ward.must(&["set", "withdraw", "own", &new]);
    let before = index();
    let done = with_little_room(&ward, 600, &["index", "merge", "own", "--all"]);
    done.refused(&["own: not merged", "/index/.segment.", "make room"]);
    assert_eq!(index(), before);
    ward.must(&["index", "verify"]);
}

/// Gives every folder below `root` the mode `folders`.
fn set_modes(root: &Path, folders: u32) {
    for entry in walkdir::WalkDir::new(root).contents_first(true) {
        let entry = entry.unwrap();
        if entry.file_type().is_dir() {
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(folders)).unwrap();
        }
    }
}

#[test]
fn a_home_that_cannot_be_written_is_named_and_left_as_it_is() {
    const NOBODY: u32 = 65_534;
    let ward = Ward::new();
    ward.import("own", &format!("{}\n", digits("a", 16)), &[]);
    let list = ward.write("next.list", format!("{}\n", digits("b", 16)));
    let list = list.to_str().unwrap();
    // Modes do not bind root: then the binary runs as somebody else, to whom the home belongs.
    let root = fs::metadata(ward.home()).map(|home| std::os::unix::fs::MetadataExt::uid(&home)).unwrap() == 0;
    let binary = ward.path("innerward");
    if root {
        fs::copy(ward.command().get_program(), &binary).unwrap();
        for path in [ward.home().parent().unwrap(), &binary] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        for entry in walkdir::WalkDir::new(ward.home()) {
            chown(entry.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let run = |arguments: &[&str]| {
        let mut command = ward.command();
        if root {
            let as_nobody = Command::new(&binary);
            let old = std::mem::replace(&mut command, as_nobody);
            command.env_clear().envs(old.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command.current_dir(old.get_current_dir().unwrap()).uid(NOBODY).gid(NOBODY);
        }
        match command.args(arguments).stdin(Stdio::null()).output() {
            Ok(output) => Some(Done::of(output)),
            Err(error) => {
                eprintln!("skipped: nothing can be run as another user here: {error}");
                None
            }
        }
    };
    let Some(sound) = run(&["set", "list"]) else { return };
    assert_eq!(sound.code, 0, "{}", sound.err);
    let index = || snapshot(&ward.home().join("index"));
    for (closed, named) in
        [(ward.home().join("index"), "/index/.segment."), (ward.home(), "innerward.sqlite")]
    {
        set_modes(&closed, 0o500);
        let before = index();
        for more in [&["--yes"][..], &["--add"]] {
            let done = run(&[&["set", "import", "own", list], more].concat()).unwrap();
            done.refused(&[named, "run as the user"]);
        }
        assert_eq!(index(), before);
        set_modes(&closed, 0o700);
    }
    let done = run(&["set", "import", "own", list, "--add"]).unwrap();
    assert_eq!(done.code, 0, "{}", done.err);
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct MergeLine {
    set: String,
    segments_before: u64,
    segments: u64,
    entries: u64,
    dropped: u64,
    bytes: u64,
}

fn segment_files(ward: &Ward) -> Vec<String> {
    let files = fs::read_dir(ward.home().join("index")).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("seg-"));
    names.sort_unstable();
    names
}

#[test]
fn a_set_that_grows_is_put_together_and_ends_as_if_it_had_been_imported_at_once() {
    let lines =
        |range: std::ops::Range<usize>| range.map(|n| digits(&n.to_string(), 16) + "\n").collect::<String>();
    let at_once = {
        let ward = Ward::new();
        ward.import("own", &lines(0..700), &[]);
        segment_files(&ward)
    };
    let ward = Ward::new();
    ward.import("own", &lines(0..650), &[]);
    for n in 0..5 {
        ward.import("own", &lines(650 + 10 * n..660 + 10 * n), &["--add"]);
    }
    assert_eq!(segment_files(&ward).len(), 3, "four of the five were put together");
    let done = ward.must(&["index", "merge", "--all", "--format", "json"]);
    let merged: Vec<MergeLine> = done.all("merge");
    assert!(matches!(&merged[..], [one] if (one.segments_before, one.segments, one.entries) == (3, 1, 700)));
    assert_eq!(segment_files(&ward), at_once);

    // What was withdrawn goes, and stays withdrawn.
    let gone = format!("md5:{}", digits("3", 16));
    ward.must(&["set", "withdraw", "own", &gone]);
    let merged: Vec<MergeLine> =
        ward.must(&["index", "merge", "own", "--all", "--format", "json"]).all("merge");
    assert_eq!((merged[0].dropped, merged[0].entries), (1, 699));
    ward.import("own", &lines(0..10), &["--add"]);
    assert_eq!(ward.look_up(&gone), ("unknown".to_owned(), 0));
    let none = ward.must(&["index", "merge", "own"]).out;
    assert!(none.starts_with("own: 2 segments now, 2 before; 0 entries written"), "{none}");
    ward.run(&["index", "merge", "nobody"]).refused(&["nobody"]);
    ward.must(&["index", "verify"]);
}

#[test]
fn stat_fits_a_terminal_and_says_how_buckets_are_filled() {
    let ward = Ward::new();
    let many: String = (0..33_000).map(|n| digits(&n.to_string(), 32) + "\n").collect();
    ward.import(&"long-name".repeat(7), &many, &["--as", "plain:pdq"]);
    let text = ward.must(&["index", "stat"]).out;
    assert!(
        text.lines().all(|line| line.chars().count() <= 110) && text.contains("99th percentile"),
        "{text}"
    );
    let wide: Vec<_> = text.lines().skip(1).filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:?}");
    let json: Vec<serde_json::Value> = ward.must(&["index", "stat", "--format", "json"]).all("segment");
    let buckets = json[0]["buckets"].as_array().unwrap();
    assert_eq!(buckets.len() as u64, json[0]["bands"].as_u64().unwrap());
    for bucket in buckets {
        let number = |field: &str| bucket[field].as_u64().unwrap();
        assert_eq!(bucket["kind"], "pdq");
        // 33,000 codes in 65,536 buckets, evenly: half a code each.
        assert!((2..=4).contains(&number("p99")) && (4..20).contains(&number("largest")), "{bucket}");
        assert!(number("bit_offset") + number("bit_width") <= 256);
    }
}

#[test]
fn small_changes_of_a_large_set_take_less_than_a_second() {
    let entries = if std::env::var_os("INNERWARD_DEEP").is_some() { 10_000_000 } else { 200_000 };
    let (_dir, home) = home();
    let (lock, dir) = (home.lock().unwrap(), home.index_dir());
    let mut writer = IndexWriter::open(&dir, &lock).unwrap();
    writer.replace_set("DEMO", 1, vec![segment(&home, 0..entries)], vec![]).unwrap();
    let reader = Reader::open(&dir).unwrap();
    let timed = |what: &str, change: &mut dyn FnMut()| {
        let start = Instant::now();
        change();
        let took = start.elapsed();
        eprintln!("{what} at {entries} entries: {:.0} ms", took.as_secs_f64() * 1000.0);
        assert!(took < Duration::from_secs(1), "{what}: {took:?}");
    };
    timed("10,000 are added", &mut || {
        let delta = segment(&home, entries..entries + 10_000);
        writer.append("DEMO", 2, vec![delta], vec![]).unwrap();
    });
    let keys: Vec<EntryKey> =
        (0..1000).map(|n| key(n * (entries / 1000))).chain([key(entries + 9)]).collect();
    timed("1,001 are withdrawn", &mut || assert_eq!(writer.withdraw("DEMO", &keys).unwrap(), 1001));
    timed("a reader knows", &mut || {
        let answers = |seed| !reader.current().unwrap().exact(&sha256(seed)).unwrap().is_empty();
        while !answers(entries + 10) || answers(entries + 9) {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}
