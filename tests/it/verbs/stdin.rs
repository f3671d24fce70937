//! `screen -`: a tar on standard input, or one file.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::ward::{Done, ScreenLine, ScreenSummary, TallyLine, Ward, knowing, testdata};

fn outcomes(done: &Done) -> Vec<(String, String)> {
    done.all::<ScreenLine>("screen").into_iter().map(|line| (line.path, line.outcome)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

/// What a Python script writes that has `add(name, bytes)` for files of a tar; its mode is that of `tarfile`.
fn tar(ward: &Ward, mode: &str, script: &str) -> Vec<u8> {
    let script = format!(
        "import tarfile, io, zipfile, sys\nout = tarfile.open('made.tar', 'w:{mode}')\n\
         def add(name, data):\n    i = tarfile.TarInfo(name); i.size = len(data); out.addfile(i, io.BytesIO(data))\n\
         {script}\nout.close()"
    );
    let done = std::process::Command::new("python3")
        .arg("-c")
        .arg(script)
        .current_dir(ward.path(""))
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    fs::read(ward.path("made.tar")).unwrap()
}

const MIXED: &str = "inner = io.BytesIO()\nz = zipfile.ZipFile(inner, 'w'); z.writestr('deep/listed.txt', 'listed'); z.close()\n\
    add('./a.txt', b'free')\nadd('x/outer.zip', inner.getvalue())\nadd('a.txt', b'listed')\nadd('/abs', b'abs')\n\
    t = tarfile.TarInfo('folder'); t.type = tarfile.DIRTYPE; out.addfile(t)\nadd('empty', b'')\n\
    add('x/in.tar.gz', b'no archive')";

#[test]
fn what_came_by_a_stream_is_told_apart_when_inputs_are_read_again() {
    let ward = knowing(&[b"listed"]);
    let bytes = tar(&ward, "", MIXED);
    ward.write("in/file.txt", "a file");
    ward.run_with(&["screen", "in", "-"], &bytes);
    let done = ward.must(&["screen", "verify", "last", "--inputs", "--format", "json"]);
    let inputs = &done.summary::<serde_json::Value>()["inputs"];
    assert_eq!((&inputs["same"], &inputs["streamed"]), (&1.into(), &6.into()), "{inputs}");
    ward.write("in/file.txt", "another");
    let done = ward.run(&["screen", "verify", "last", "--inputs"]);
    assert!(done.code == 2 && done.err.contains("not what was recorded: 1 input"), "{}", done.err);
}

#[test]
fn the_files_of_a_tar_are_items_however_it_is_packed() {
    let ward = knowing(&[b"listed"]);
    let expected = pairs(&[
        ("-!/a.txt", "unknown"),
        ("-!/x/outer.zip!/deep/listed.txt", "known"),
        ("-!/x/outer.zip", "unknown"),
        ("-!/a.txt", "known"),
        ("-!/abs", "unknown"),
        ("-!/empty", "unchecked"),
        ("-!/x/in.tar.gz", "unknown"),
    ]);
    let plain = tar(&ward, "", MIXED);
    let zstd = ruzstd::encoding::compress_to_vec(&plain[..], ruzstd::encoding::CompressionLevel::Fastest);
    let packed = ["gz", "bz2", "xz"].map(|mode| tar(&ward, mode, MIXED));
    for (number, bytes) in [plain.clone(), zstd].into_iter().chain(packed).enumerate() {
        let done = ward.run_with(&["screen", "-", "--format", "json"], &bytes);
        assert_eq!((outcomes(&done), done.code), (expected.clone(), 5), "{number}: {}", done.err);
        let lines: Vec<ScreenLine> = done.all("screen");
        let inside: Vec<_> = lines.iter().filter_map(|line| line.file.as_deref()).collect();
        assert_eq!(inside, ["-!/x/outer.zip"], "what is in the stream is as files are");
        assert_eq!(done.summary::<ScreenSummary>().inside, 1);
    }
    let done = ward.run_with(&["screen", "-", "--format", "json", "--in-process", "--threads", "1"], &plain);
    assert_eq!(outcomes(&done), expected, "without the jail");
    ward.write("before.txt", "before");
    let done = ward.run_with(&["screen", "before.txt", "-", "made.tar", "--format", "json"], &plain);
    let found = outcomes(&done);
    assert_eq!((&*found[0].0, &found[1..8]), ("before.txt", &expected[..]), "in its place among the paths");
    assert!(found.last().unwrap().0 == "made.tar");
}

#[test]
fn anything_else_is_one_item_and_nothing_is_refused() {
    let ward = knowing(&[b"listed"]);
    let picture = fs::read(testdata().join("pictures/originals/coffee.jpg")).unwrap();
    let screen = |bytes: &[u8]| ward.run_with(&["screen", "-", "--format", "json"], bytes);
    assert_eq!(outcomes(&screen(b"listed")), pairs(&[("-", "known")]));
    let done = screen(&picture);
    let [line] = &done.all::<ScreenLine>("screen")[..] else { panic!("one line") };
    assert_eq!((&*line.path, &*line.media, line.bytes), ("-", "IMAGE", Some(picture.len() as u64)));
    tar(&ward, "", "z = zipfile.ZipFile('z.zip', 'w'); z.writestr('listed.txt', 'listed'); z.close()");
    let zip = fs::read(ward.path("z.zip")).unwrap();
    assert_eq!(outcomes(&screen(&zip)), pairs(&[("-!/listed.txt", "known"), ("-", "unknown")]));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"listed").unwrap();
    let gzip = gzip.finish().unwrap();
    assert_eq!(outcomes(&screen(&gzip)), pairs(&[("-!/1", "known"), ("-", "unknown")]));
    // What is too long to be held is matched by its digests, and says so.
    fs::write(ward.home().join("innerward.toml"), "max_file_bytes = 1000\n").unwrap();
    let done = screen(&zip.repeat(20));
    let [line] = &done.all::<ScreenLine>("screen")[..] else { panic!("one line") };
    let reason = line.reason.as_deref().unwrap_or_default();
    assert_eq!((&*line.outcome, reason.contains("ZIP is too large")), ("unchecked", true), "{reason}");
    fs::remove_file(ward.home().join("innerward.toml")).unwrap();
    ward.run(&["screen", "-"]).refused(&["nothing came on standard input"]);
    ward.run_with(&["screen", "-", "--from", "-"], b"x").refused(&["can be read once"]);
    ward.run_with(&["screen", "-", "-"], b"x").refused(&["can be read once"]);
    assert_eq!(fs::read_dir(ward.home().join("runs")).unwrap().count(), 5, "what is refused leaves no run");
    ward.write("-", "listed");
    assert_eq!(outcomes(&ward.run(&["screen", "./-", "--format", "json"])), pairs(&[("./-", "known")]));
}

#[test]
fn a_stream_that_is_cut_says_so_after_what_came_out_of_it() {
    let ward = knowing(&[b"listed"]);
    let bytes = tar(&ward, "", "add('a', b'listed')\nadd('b', b'x' * 5000)\nadd('c', b'y')");
    let done = ward.run_with(&["screen", "-", "--format", "json"], &bytes[..3 * 512 + 1000]);
    let lines: Vec<ScreenLine> = done.all("screen");
    let told: Vec<_> =
        lines.iter().map(|line| (&*line.path, &*line.outcome, line.reason.as_deref())).collect();
    let cut = Some("tar is cut short");
    assert_eq!(told, [("-!/a", "known", None), ("-!/b", "unchecked", cut), ("-", "unchecked", cut)]);
    assert_eq!(done.code, 5);
    let gz = tar(
        &ward,
        "gz",
        "import random\nrandom.seed(7)\nfor n in range(40): add(str(n), random.randbytes(3000))",
    );
    let mut damaged = gz.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0xff);
    for bytes in [&gz[..gz.len() / 2], &damaged] {
        let done = ward.run_with(&["screen", "-", "--format", "json"], bytes);
        let lines: Vec<ScreenLine> = done.all("screen");
        let last = lines.last().unwrap();
        assert_eq!((&*last.path, &*last.outcome, done.code), ("-", "unchecked", 4));
        assert!(last.reason.as_deref().unwrap().starts_with("gzip is "), "{:?}", last.reason);
        assert!(lines.len() > 10 && lines.len() < 42, "{}", lines.len());
    }
}

#[test]
fn files_of_a_stream_are_left_out_by_name_and_size() {
    let ward = knowing(&[b"listed"]);
    let bytes = tar(
        &ward,
        "",
        "add('a.txt', b'listed')\nadd('b.tmp', b'b')\nadd('d/cache/c.txt', b'c')\nadd('large', b'0123456789')",
    );
    let words =
        ["screen", "-", "--format", "json", "--exclude", "*.tmp", "--exclude", "cache", "--max-size", "9"];
    let done = ward.run_with(&words, &bytes);
    assert_eq!(outcomes(&done), pairs(&[("-!/a.txt", "known")]));
    assert_eq!((done.summary::<ScreenSummary>().excluded, done.code), (3, 1));
    let done = ward.run_with(&["screen", "-", "--min-size", "10", "--format", "json"], &bytes);
    assert_eq!(outcomes(&done), pairs(&[("-!/large", "unknown")]));
    let done = ward.run_with(&["screen", "-", "--max-size", "3", "--format", "json"], b"listed");
    assert_eq!((outcomes(&done).len(), done.summary::<ScreenSummary>().excluded), (0, 1));
}

#[test]
fn a_run_that_is_killed_in_the_stream_goes_on_when_it_is_given_again() {
    let known = [b"text 7".as_slice(), b"text 1400"];
    let (whole, killed) = (knowing(&known), knowing(&known));
    let many = "for n in range(3000): add(f'{n % 2900}.txt', b'text %d' % n)\n\
        inner = io.BytesIO(); z = zipfile.ZipFile(inner, 'w'); z.writestr('in', 'text 7'); z.close()\nadd('z.zip', inner.getvalue())";
    let bytes = tar(&whole, "", many);
    assert_eq!(whole.run_with(&["screen", "-"], &bytes).code, 1);
    let lines = |ward: &Ward| {
        let run = fs::read_dir(ward.home().join("runs")).unwrap().next().unwrap().unwrap().path();
        let text = fs::read_to_string(run.join("verdicts.jsonl")).unwrap_or_default();
        text.lines()
            .filter(|line| line.starts_with(r#"{"type":"screen""#))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let counted = |ward: &Ward| {
        let done = ward.must(&["tally", "show", "--format", "json"]);
        done.all::<TallyLine>("tally").into_iter().map(|line| (line.verdict, line.items)).collect::<Vec<_>>()
    };
    // The stream stops in its middle, and what came of it is on disk by and by.
    let mut child = killed
        .command()
        .args(["screen", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&bytes[..2 * bytes.len() / 3]).unwrap();
    let start = Instant::now();
    // What is not behind a checkpoint is screened again.
    let kept = || -> u64 {
        let run = fs::read_dir(killed.home().join("runs")).unwrap().next().map(|run| run.unwrap().path());
        let bytes = run.and_then(|run| fs::read(run.join("checkpoint.json")).ok()).unwrap_or_default();
        let checkpoint: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        checkpoint["summary"]["items"].as_u64().unwrap_or(0)
    };
    while kept() < 500 {
        assert!(start.elapsed() < Duration::from_secs(60), "{} items", kept());
        sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop(stdin);
    killed.run(&["screen", "--resume", "last"]).refused(&["nothing came on standard input"]);
    let done = killed.run_with(&["screen", "--resume", "last", "--format", "json"], &bytes);
    assert_eq!(done.code, 1, "{}", done.err);
    assert!(done.all::<ScreenLine>("screen").len() < 3_002 - 400, "what had a verdict keeps it");
    assert_eq!(done.summary::<ScreenSummary>().items, 3_002);
    assert_eq!(lines(&killed), lines(&whole));
    assert_eq!(counted(&killed), counted(&whole));
}

#[test]
fn a_run_stops_though_nothing_comes_any_more() {
    let ward = knowing(&[b"listed"]);
    let bytes = tar(&ward, "", "add('a', b'listed')\nadd('b', b'x' * 5000)");
    let mut child = ward
        .command()
        .args(["screen", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&bytes[..2048]).unwrap();
    sleep(Duration::from_millis(1_500));
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    let start = Instant::now();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let done = Done::of(child.wait_with_output().unwrap());
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(done.err.contains("go on with: innerward screen --resume"), "{}", done.err);
    let cut = done.all::<ScreenLine>("screen").iter().any(|line| line.path == "-" || line.path == "-!/b");
    assert!(!cut, "what the stop has cut short is no verdict");
    drop(stdin);
    let done = ward.run_with(&["screen", "--resume", "last", "--format", "json"], &bytes);
    assert_eq!((done.summary::<ScreenSummary>().items, done.code), (2, 1));
}
