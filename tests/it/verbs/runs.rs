//! Runs of `screen`: what they take in, and that they go on where they were ended.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::ward::{
    Cluster, Done, LookedBack, RescanLine, ScreenLine, ScreenSummary, TallyLine, Ward, all, knowing, sha256,
    testdata,
};

fn screen(ward: &Ward, arguments: &[&str]) -> Done {
    ward.run(&[&["screen", "--format", "json"], arguments].concat())
}

fn outcomes(done: &Done) -> Vec<(String, String)> {
    done.all::<ScreenLine>("screen").into_iter().map(|line| (line.path, line.outcome)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

fn runs(ward: &Ward) -> Vec<PathBuf> {
    let mut runs: Vec<_> =
        fs::read_dir(ward.home().join("runs")).unwrap().map(|run| run.unwrap().path()).collect();
    runs.sort();
    runs
}

/// The lines of verdicts and of clusters in a run's file, as they stand there.
fn written(run: &Path) -> Vec<String> {
    let text = fs::read_to_string(run.join("verdicts.jsonl")).unwrap();
    let is_of_items = |line: &&str| !line.starts_with(r#"{"type":"summary""#);
    text.lines().filter(is_of_items).map(str::to_owned).collect()
}

fn counted(ward: &Ward) -> Vec<(String, u64)> {
    let done = ward.must(&["tally", "show", "--format", "json"]);
    done.all::<TallyLine>("tally").into_iter().map(|line| (line.verdict, line.items)).collect()
}

fn python(script: &str, folder: &Path) {
    let done =
        std::process::Command::new("python3").arg("-c").arg(script).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Thousands of small files, some of them known, some alike, and an archive with as many again.
fn many(ward: &Ward) {
    for n in 0..2_000 {
        ward.write(&format!("in/{:02}/{n}.txt", n % 40), format!("text {}", n % 1_500));
    }
    for n in 0..5 {
        let cat = testdata().join("pictures/originals/coffee.jpg");
        let mut bytes = fs::read(cat).unwrap();
        bytes.push(n);
        ward.write(&format!("in/07/{n}.jpg"), bytes);
    }
    python(
        "import zipfile\nz = zipfile.ZipFile('in/20.zip', 'w')\n\
         [z.writestr(f'{n}/a.txt', f'text {n}') for n in range(1_000, 2_500)]\nz.close()",
        &ward.path(""),
    );
}

/// Screens, killed again and again and taken up again, until it ends: how often it was killed, and its exit code. `full` is how
/// long it takes whole.
fn killed_often(killed: &Ward, full: Duration, rng: &mut StdRng) -> (u32, i32) {
    let mut arguments = vec!["screen", "in"];
    let mut interrupted = 0;
    let code = loop {
        let mut command = killed.command();
        command.args(&arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // Long enough that each part comes a little further, once some were too short.
        let patience = full.mul_f64(rng.random_range(0.0..0.6) + f64::from(interrupted) * 0.02);
        let until = Instant::now() + patience;
        let ended = loop {
            match child.try_wait().unwrap() {
                Some(status) => break Some(status.code().unwrap()),
                None if Instant::now() > until => break None,
                None => sleep(Duration::from_millis(2)),
            }
        };
        if let Some(code) = ended {
            break code;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        interrupted += 1;
        // Killed between the end of the run and its own, it has nothing left to do.
        let ended = |run: &PathBuf| {
            fs::read_to_string(run.join("run.json")).is_ok_and(|text| !text.contains("\"ended\": null"))
        };
        if runs(killed).first().is_some_and(ended) {
            break 1;
        }
        // Killed before there was a run, it is begun again.
        if !runs(killed).is_empty() && runs(killed)[0].join("run.json").exists() {
            arguments = vec!["screen", "--resume", "last"];
        } else {
            let _ = fs::remove_dir_all(killed.home().join("runs"));
            fs::create_dir(killed.home().join("runs")).unwrap();
        }
        assert!(interrupted < 100);
    };
    (interrupted, code)
}

#[test]
fn a_run_that_is_killed_goes_on_until_it_is_the_same_as_one_that_was_not() {
    let known = [b"text 7".as_slice(), b"text 1400", b"text 2200"];
    let whole = knowing(&known);
    many(&whole);
    let start = Instant::now();
    assert_eq!(whole.run(&["screen", "in"]).code, 1);
    let mut full = start.elapsed();
    let mut rng = StdRng::seed_from_u64(0x7265_7375_6d65);
    // A machine that had much to do just then, and has not now, ends it before it is killed.
    let (killed, code) = loop {
        let killed = knowing(&known);
        many(&killed);
        let (interrupted, code) = killed_often(&killed, full, &mut rng);
        if interrupted >= 2 {
            break (killed, code);
        }
        full /= 2;
        assert!(full > Duration::from_millis(50), "it is never killed in time");
    };
    assert_eq!(code, 1);
    let [run] = &runs(&killed)[..] else { panic!("one run") };
    assert_eq!(written(run), written(&runs(&whole)[0]));
    assert_eq!(counted(&killed), counted(&whole));
    let described: serde_json::Value =
        serde_json::from_slice(&fs::read(run.join("run.json")).unwrap()).unwrap();
    let parts = described["parts"].as_array().unwrap();
    assert!(parts.len() >= 2 && parts.iter().all(|part| part["index_generation"].is_u64()));
    assert_eq!(described["asked"]["arguments"], serde_json::json!(["screen", "in"]));
    let summaries = |run: &Path| {
        let text = fs::read_to_string(run.join("verdicts.jsonl")).unwrap();
        let [summary] = &all::<ScreenSummary>(&text, "summary")[..] else { panic!("one summary") };
        (summary.items, summary.known, summary.repeats, summary.inside, summary.clusters, summary.clustered)
    };
    assert_eq!(summaries(run), summaries(&runs(&whole)[0]));
    assert_eq!(summaries(run).0, 2_000 + 5 + 1 + 1_500);
    killed.run(&["screen", "--resume", "last"]).refused(&["came to its end"]);
    killed.run(&["screen", "--resume", "20000101T000000"]).refused(&["no run", "the last one is"]);
    killed.run(&["screen", "--resume", "../../etc"]).refused(&["no run"]);
}

#[test]
fn a_run_that_is_asked_to_stop_says_how_to_go_on() {
    let ward = knowing(&[b"text 7"]);
    many(&ward);
    let mut command = ward.command();
    command.args(["screen", "in", "--threads", "1"]).stdin(Stdio::null());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let checkpoint = || runs(&ward).first().is_some_and(|run| run.join("checkpoint.json").exists());
    let start = Instant::now();
    while !checkpoint() {
        assert!(start.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(1));
    }
    let pid = i32::try_from(child.id()).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), rustix::process::Signal::INT)
        .unwrap();
    let done = Done::of(child.wait_with_output().unwrap());
    let id = runs(&ward)[0].file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(done.code & 4, 4, "{}", done.err);
    assert!(done.err.contains(&format!("go on with: innerward screen --resume {id}")), "{}", done.err);
    let done = ward.run(&["screen", "--resume", &id, "--format", "json"]);
    assert_eq!((done.code, &*done.err), (1, ""));
    assert_eq!(done.summary::<ScreenSummary>().items, 3_506);
}

#[test]
fn what_is_inside_of_containers_is_screened_level_by_level() {
    let picture = fs::read(testdata().join("pictures/originals/coffee.jpg")).unwrap();
    let ward = knowing(&[b"listed", &picture]);
    ward.write("in/cat.jpg", &picture);
    python(
        "import zipfile, tarfile, gzip, io\n\
         cat = open('in/cat.jpg', 'rb').read()\n\
         inner = io.BytesIO()\n\
         with zipfile.ZipFile(inner, 'w') as z:\n    z.writestr('deep/listed.txt', 'listed')\n    z.writestr('cat.jpg', cat)\n\
         with tarfile.open('in/a.tar', 'w') as t:\n    for name, data in [('x/inner.zip', inner.getvalue()), ('free.txt', b'free')]:\n        i = tarfile.TarInfo(name); i.size = len(data); t.addfile(i, io.BytesIO(data))\n\
         open('in/b.txt.gz', 'wb').write(gzip.compress(b'listed'))\n\
         data = inner.getvalue()\nopen('in/cut.zip', 'wb').write(data[:len(data) // 2])\n\
         for n in range(12):\n    outer = io.BytesIO()\n    with zipfile.ZipFile(outer, 'w') as z: z.writestr('n.zip', data)\n    data = outer.getvalue()\n\
         open('in/deep.zip', 'wb').write(data)\n\
         open('in/nothing.zip', 'wb').write(b'PK\\x03\\x04 this is no archive at all')",
        &ward.path(""),
    );
    fs::remove_file(ward.path("in/cat.jpg")).unwrap();
    let run = |more: &[&str]| {
        let done = screen(&ward, &[&["in"], more].concat());
        assert_eq!(done.code, 5, "{}", done.err);
        done
    };
    let done = run(&[]);
    let lines: Vec<ScreenLine> = done.all("screen");
    let found: Vec<(String, String)> =
        lines.iter().map(|line| (line.path.clone(), line.outcome.clone())).collect();
    assert_eq!(
        found[..6],
        pairs(&[
            ("in/a.tar!/x/inner.zip!/deep/listed.txt", "known"),
            ("in/a.tar!/x/inner.zip!/cat.jpg", "known"),
            ("in/a.tar!/x/inner.zip", "unknown"),
            ("in/a.tar!/free.txt", "unknown"),
            ("in/a.tar", "unknown"),
            ("in/b.txt.gz!/b.txt", "known"),
        ])
    );
    assert!(
        lines[..5].iter().all(|line| (line.file.as_deref() == Some("in/a.tar")) == line.path.contains('!'))
    );
    let line = |path: &str| lines.iter().find(|line| line.path == path).expect(path);
    assert_eq!(line("in/cut.zip!/deep/listed.txt").outcome, "known", "what is whole is found all the same");
    assert_eq!(line("in/cut.zip").outcome, "unchecked");
    let deepest = format!("in/deep.zip{}", "!/n.zip".repeat(8));
    assert_eq!(line(&deepest).reason.as_deref(), Some("is nested more than 8 deep"));
    assert_eq!(line("in/nothing.zip").outcome, "unchecked");
    let summary: ScreenSummary = done.summary();
    assert_eq!(summary.inside, lines.iter().filter(|line| line.file.is_some()).count() as u64);
    assert_eq!(outcomes(&run(&["--threads", "1"])), found);
    assert_eq!(outcomes(&run(&["--in-process"])), found, "in the jail and without it");
}

#[test]
fn a_content_is_decoded_once_and_what_looks_alike_is_told_together() {
    let ward = knowing(&[b"listed"]);
    let pictures = testdata().join("pictures");
    let cat = fs::read(pictures.join("originals/coffee.jpg")).unwrap();
    for name in ["a.jpg", "b/a.jpg", "c.jpg"] {
        ward.write(&format!("in/{name}"), &cat);
    }
    let mut near = cat.clone();
    near.extend_from_slice(b"behind the end");
    ward.write("in/d.jpg", near);
    ward.write("in/e.txt", "the same");
    ward.write("in/f.txt", "the same");
    let done = screen(&ward, &["in"]);
    let summary: ScreenSummary = done.summary();
    assert_eq!((summary.items, summary.unknown, summary.repeats), (6, 6, 3), "{:?}", outcomes(&done));
    let clusters: Vec<Cluster> = done.all("cluster");
    let found: Vec<(u32, &str, u16, bool)> =
        clusters.iter().map(|item| (item.cluster, &*item.path, item.distance, item.identical)).collect();
    assert_eq!(
        found,
        [
            (1, "in/a.jpg", 0, true),
            (1, "in/b/a.jpg", 0, true),
            (1, "in/c.jpg", 0, true),
            (1, "in/d.jpg", 0, false)
        ]
    );
    assert_eq!((summary.clusters, summary.clustered), (1, 4));
    let text = ward.run(&["screen", "in"]).out;
    assert!(text.contains("4 unknown items look alike, in 1 group"), "{text}");
}

#[test]
fn files_are_named_by_lists_and_left_out_by_name_and_size() {
    let ward = knowing(&[b"listed"]);
    for (name, content) in
        [("in/a.txt", "listed"), ("in/b.tmp", "listed"), ("in/cache/c.txt", "c"), ("in/large", "0123456789")]
    {
        ward.write(name, content);
    }
    let done = screen(&ward, &["in", "--exclude", "*.tmp", "--exclude", "/cache", "--max-size", "9"]);
    assert_eq!(outcomes(&done), pairs(&[("in/a.txt", "known")]));
    assert_eq!(done.summary::<ScreenSummary>().excluded, 3);
    let done = screen(&ward, &["in", "--min-size", "1k"]);
    assert_eq!((done.summary::<ScreenSummary>().excluded, done.code), (4, 0));
    ward.run(&["screen", "in", "--min-size", "1x"]).refused(&["a size is a number"]);
    ward.run(&["screen", "in", "--exclude", "a["]).refused(&["--exclude", "a pattern is a name"]);
    let list = ward.write("list", "in/b.tmp\nin/cache\n");
    let from_list = outcomes(&screen(&ward, &["--from", list.to_str().unwrap()]));
    assert_eq!(from_list, pairs(&[("in/b.tmp", "known"), ("in/cache/c.txt", "unknown")]));
    let done =
        ward.run_with(&["screen", "--from", "-", "--format", "json", "--summary"], b"in/a.txt\0in/large\0");
    assert_eq!((done.all::<ScreenLine>("screen").len(), done.summary::<ScreenSummary>().items), (0, 2));
    ward.run(&["screen", "--from", "missing"]).refused(&["missing"]);
    let mut odd = fs::File::create(ward.path("odd list")).unwrap();
    odd.write_all(&[b'x'; 9_000]).unwrap();
    ward.run(&["screen", "--from", "odd list"]).refused(&["odd list", "4096"]);
}

#[test]
fn what_was_screened_is_found_when_lists_learn_of_it_and_forgotten_in_time() {
    let ward = Ward::for_demo();
    ward.import("own", &(sha256(b"listed") + "\n"), &["--as", "plain:sha256"]);
    let picture = fs::read(testdata().join("pictures/originals/coffee.jpg")).unwrap();
    for (name, content) in
        [("a.txt", b"listed".as_slice()), ("b.txt", b"later"), ("c.jpg", &picture), ("d.txt", b"later")]
    {
        ward.write(&format!("in/{name}"), content);
    }
    let day = |day: &str, arguments: &[&str]| {
        ward.run(&[&["--today", day, "--format", "json"], arguments].concat())
    };
    assert_eq!(day("2026-03-01", &["screen", "in"]).code, 1);
    let done = day("2026-03-01", &["rescan"]);
    assert_eq!(
        (done.code, done.summary::<LookedBack>().runs),
        (0, 0),
        "nothing is kept unless it is asked for"
    );
    assert_eq!(day("2026-03-02", &["screen", "in", "--remember", "10"]).code, 1);
    let done = day("2026-03-05", &["rescan"]);
    assert_eq!(done.summary::<LookedBack>(), LookedBack { runs: 1, items: 4, ..LookedBack::default() });
    // One that is damaged is told, and does not keep the others from being looked back at.
    let kept =
        runs(&ward).iter().map(|run| run.join("fingerprints.jsonl")).find(|path| path.exists()).unwrap();
    let whole = fs::read(&kept).unwrap();
    fs::write(&kept, &whole[..whole.len() - 20]).unwrap();
    let done = day("2026-03-05", &["rescan"]);
    let found: LookedBack = done.summary();
    assert_eq!((done.code, found.damaged.len(), found.items), (4, 1, 3), "{}", done.err);
    assert!(done.err.contains("fingerprints are damaged"), "{}", done.err);
    fs::write(&kept, &whole).unwrap();
    ward.import("new", &format!("{}\n{}\n", sha256(b"later"), sha256(&picture)), &["--as", "plain:sha256"]);
    fs::remove_dir_all(ward.path("in")).unwrap();
    let done = day("2026-03-12", &["rescan"]);
    let found: Vec<RescanLine> = done.all("rescan");
    let told: Vec<_> = found.iter().map(|line| (&*line.path, &*line.before, &*line.outcome)).collect();
    let expected = ["in/b.txt", "in/c.jpg", "in/d.txt"].map(|path| (path, "unknown", "known"));
    assert_eq!((told, done.code), (expected.to_vec(), 1));
    assert!(found.iter().all(|line| line.matches[0].set == "new"));
    let done = day("2026-03-13", &["rescan"]);
    assert_eq!(
        (done.code, done.summary::<LookedBack>()),
        (0, LookedBack { forgotten: 1, ..LookedBack::default() })
    );
    assert!(runs(&ward).iter().all(|run| !run.join("fingerprints.jsonl").exists()));
}
