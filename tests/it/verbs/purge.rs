//! One retention policy: what is old goes without a trace, what is young or needed stays, and nothing else is touched.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ward::{Done, TallyLine, Ward, noise, sha256, snapshot};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
struct PurgeLine {
    what: String,
    name: String,
    state: String,
    bytes: u64,
    reason: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PurgeSummary {
    dry_run: bool,
    days: u32,
    before: Timestamp,
    runs: u64,
    watches: u64,
    fingerprints: u64,
    months: u64,
    unfinished: u64,
    bytes: u64,
    kept: u64,
    failed: u64,
}

fn ward(demo: bool) -> Ward {
    let ward = if demo { Ward::for_demo() } else { Ward::new() };
    ward.import("own", &(sha256(b"listed") + "\n"), &["--as", "plain:sha256"]);
    ward
}

fn purge(ward: &Ward, more: &[&str]) -> Done {
    ward.run(&[&["purge", "--format", "json"], more].concat())
}

/// `what name state` of each line, but for the database's.
fn told(done: &Done) -> Vec<(String, String, String)> {
    let lines: Vec<PurgeLine> = done.all("purge");
    lines
        .into_iter()
        .filter(|line| line.what != "database")
        .map(|line| (line.what, line.name, line.state))
        .collect()
}

fn triple(what: &str, name: &str, state: &str) -> (String, String, String) {
    (what.into(), name.into(), state.into())
}

/// Screens one file with this content, and gives the run another name; its folder.
fn run(ward: &Ward, id: &str, content: &[u8], more: &[&str]) -> PathBuf {
    ward.write("in/file.txt", content);
    let before: Vec<PathBuf> = runs(ward);
    assert!(ward.run(&[&["screen", "in"], more].concat()).code < 2);
    let new = runs(ward).into_iter().find(|run| !before.contains(run)).unwrap();
    let run = new.with_file_name(id);
    fs::rename(new, &run).unwrap();
    run
}

fn runs(ward: &Ward) -> Vec<PathBuf> {
    fs::read_dir(ward.home().join("runs")).unwrap().map(|run| run.unwrap().path()).collect()
}

fn change(file: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    change(&mut value);
    fs::write(file, value.to_string()).unwrap();
}

fn ago(days: i64) -> String {
    (Timestamp::now() - (days * 24).hours()).to_string()
}

/// Says of a run that it ended so many days ago.
fn ended(run: &Path, days: i64) {
    change(&run.join("run.json"), |described| described["ended"] = json!(ago(days)));
}

/// Says of a run that it was killed so many days ago.
fn killed(run: &Path, days: i64) {
    change(&run.join("run.json"), |described| {
        described["ended"] = Value::Null;
        described["parts"][0]["began"] = json!(ago(days));
    });
}

/// Everything in the home but the database, of which even a look changes the files beside it.
fn files(ward: &Ward) -> std::collections::BTreeMap<PathBuf, (u32, Option<Vec<u8>>)> {
    let mut all = snapshot(&ward.home());
    all.retain(|path, _| !path.to_string_lossy().contains("innerward.sqlite"));
    all
}

#[test]
fn old_runs_go_and_young_ones_and_those_at_work_stay() {
    let ward = ward(false);
    let at = |id: &str| ward.home().join("runs").join(id);
    for (id, days) in [("20200101T000000", 31), ("20200102T000000", 29)] {
        ended(&run(&ward, id, id.as_bytes(), &[]), days);
    }
    for (id, days) in [("20200103T000000", 31), ("20200104T000000", 29)] {
        killed(&run(&ward, id, id.as_bytes(), &["--remember", "3000"]), days);
    }
    let busy = run(&ward, "20200105T000000", b"busy", &[]);
    killed(&busy, 400);
    let lock = File::options().write(true).open(busy.join("lock")).unwrap();
    lock.try_lock().unwrap();
    let over = run(&ward, "20200106T000000", b"over", &["--remember", "1"]);
    // Made before the other's days are over: a screening forgets what is to be forgotten.
    let remembered = run(&ward, "20200107T000000", b"remembered", &["--remember", "3"]);
    change(&over.join("run.json"), |described| described["remember_until"] = json!("2020-01-07"));
    ward.write("ward/runs/20200106T000000/.triage.html.partial", "half");
    ward.write("ward/.innerward.toml.999999999.tmp", "half");
    ward.write("ward/index/.segment.999999999.0.tmp", "half");
    ward.write("ward/public/.DEMO-2020-01-coarse-v1.tmp/items.csv", "half");
    fs::create_dir(at(".purged-20191231T000000")).unwrap();
    let before = files(&ward);
    let expected = [
        triple("fingerprints", "runs/20200106T000000/fingerprints.jsonl", "deleted"),
        triple("run", "runs/.purged-20191231T000000", "deleted"),
        triple("run", "runs/20200101T000000", "deleted"),
        triple("run", "runs/20200103T000000", "deleted"),
        triple("run", "runs/20200105T000000", "kept"),
        triple("unfinished", ".innerward.toml.999999999.tmp", "deleted"),
        triple("unfinished", "index/.segment.999999999.0.tmp", "deleted"),
        triple("unfinished", "public/.DEMO-2020-01-coarse-v1.tmp", "deleted"),
        triple("unfinished", "runs/20200106T000000/.triage.html.partial", "deleted"),
    ];
    let done = purge(&ward, &["--older-than", "30", "--dry-run"]);
    let mut rehearsed = told(&done);
    rehearsed.sort();
    assert_eq!((done.code, rehearsed), (0, expected.to_vec()), "{}", done.err);
    assert!(done.summary::<PurgeSummary>().dry_run);
    assert_eq!(files(&ward), before, "a rehearsal changes nothing");
    let text = ward.must(&["purge", "--older-than", "30", "--dry-run"]).out;
    assert!(text.contains("would delete run") && text.contains("a process works on it"), "{text}");

    let done = purge(&ward, &["--older-than", "30"]);
    let mut deleted = told(&done);
    deleted.sort();
    assert_eq!((done.code, deleted), (0, expected.to_vec()), "{}", done.err);
    let summary: PurgeSummary = done.summary();
    assert_eq!(
        (
            summary.runs,
            summary.fingerprints,
            summary.months,
            summary.unfinished,
            summary.kept,
            summary.failed
        ),
        (3, 1, 0, 4, 1, 0)
    );
    let gone = |path: &Path| {
        ["20200101T000000", "20200103T000000", ".purged-20191231T000000"]
            .iter()
            .any(|id| path.starts_with(at(id)))
            || path.ends_with("runs/20200106T000000/fingerprints.jsonl")
            || path.to_string_lossy().contains("tmp")
                && path.strip_prefix(ward.home()).unwrap().to_string_lossy().contains(".tmp")
            || path.to_string_lossy().ends_with(".partial")
    };
    let mut stays = before;
    let all = stays.len();
    stays.retain(|path, _| !gone(path));
    assert!(stays.len() < all);
    // What was done is on record, and the record only grows.
    let mut left = files(&ward);
    let record = ward.home().join("audit.jsonl");
    let (_, earlier) = stays.remove(&record).unwrap();
    let (_, now) = left.remove(&record).unwrap();
    assert!(now.unwrap().starts_with(&earlier.unwrap()));
    assert_eq!(left, stays, "what is to stay stays as it is, and nothing else");
    assert!(remembered.join("fingerprints.jsonl").exists());
    lock.unlock().unwrap(); // a program that starts just now has it, too, for a moment
    drop(lock);
    assert_eq!(
        told(&purge(&ward, &["--older-than", "30"])),
        [triple("run", "runs/20200105T000000", "deleted")]
    );
    assert_eq!(told(&purge(&ward, &["--older-than", "30"])), []);
    assert_eq!(ward.must(&["rescan", "--format", "json"]).code, 0);
    assert_eq!(told(&purge(&ward, &["--older-than", "0"])).len(), 4, "all that nobody works on");
    assert!(runs(&ward).is_empty());
}

#[test]
fn no_link_is_followed_and_nothing_outside_is_touched() {
    let ward = ward(false);
    for name in ["outside/verdicts.jsonl", "outside/run.json", "outside/deep/file"] {
        ward.write(name, "precious");
    }
    let outside = snapshot(&ward.path("outside"));
    let runs = ward.home().join("runs");
    // A run that is elsewhere, and links inside of an old run, its lock among them.
    symlink(ward.path("outside"), runs.join("20200101T000000")).unwrap();
    let old = run(&ward, "20200102T000000", b"old", &[]);
    ended(&old, 100);
    symlink(ward.path("outside"), old.join("folder")).unwrap();
    symlink(ward.path("outside/deep/file"), old.join("file")).unwrap();
    let locked = run(&ward, "20200103T000000", b"locked", &[]);
    ended(&locked, 100);
    fs::remove_file(locked.join("lock")).unwrap();
    symlink(ward.path("outside/deep/file"), locked.join("lock")).unwrap();
    ward.write("ward/runs/note", "kept");
    fs::create_dir(runs.join("not a run")).unwrap();
    symlink(ward.path("outside"), ward.home().join("public/.x.tmp")).unwrap();
    let done = purge(&ward, &["--older-than", "30"]);
    assert_eq!(
        told(&done),
        [
            triple("run", "runs/20200101T000000", "kept"),
            triple("run", "runs/20200102T000000", "deleted"),
            triple("run", "runs/20200103T000000", "failed"),
            triple("run", "runs/not a run", "kept"),
            triple("run", "runs/note", "kept"),
        ]
    );
    assert_eq!(done.code, 2);
    assert!(done.err.contains("not deleted: runs/20200103T000000"), "{}", done.err);
    assert_eq!(snapshot(&ward.path("outside")), outside);
    assert!(!old.exists() && locked.exists());
    // The folder of runs itself is elsewhere.
    fs::rename(&runs, ward.path("elsewhere")).unwrap();
    symlink(ward.path("elsewhere"), &runs).unwrap();
    let before = snapshot(&ward.path("elsewhere"));
    let done = purge(&ward, &["--older-than", "0"]);
    assert_eq!((done.code, told(&done)), (2, vec![triple("run", "runs", "failed")]));
    assert_eq!(snapshot(&ward.path("elsewhere")), before);
}

/// All bytes of all files of a home.
fn holds(ward: &Ward, needle: &[u8]) -> Vec<PathBuf> {
    let files = snapshot(&ward.home()).into_iter().filter_map(|(path, (_, bytes))| Some((path, bytes?)));
    files.filter(|(_, bytes)| memchr::memmem::find(bytes, needle).is_some()).map(|(path, _)| path).collect()
}

#[test]
fn nothing_of_what_was_purged_is_in_any_file_and_the_ledger_stays() {
    let ward = ward(true);
    ward.import("watched", &(sha256(b"canary 0") + "\n"), &["--as", "plain:sha256", "--role", "watch"]);
    let day = |day: &str, arguments: &[&str]| ward.run(&[&["--today", day], arguments].concat());
    assert_eq!(day("1999-12-01", &["release", "plan", "register"]).code, 0);
    // Many items, in several goes: pages of the database are split and filled again.
    for go in 0..4 {
        for n in 0..400 {
            ward.write(&format!("many/{n}.txt"), format!("canary {}", go * 400 + n));
        }
        assert_eq!(day("2000-01-10", &["screen", "many", "--remember", "3000"]).code, 0);
        assert_eq!(day("2000-02-10", &["screen", "many"]).code, 0);
    }
    let listed = ward.write("listed.txt", "listed");
    for when in ["2000-01-10", "2000-02-10", "2000-03-10"] {
        assert_eq!(day(when, &["screen", listed.to_str().unwrap()]).code, 1);
    }
    let database = || rusqlite::Connection::open(ward.home().join("innerward.sqlite")).unwrap();
    let pseudonyms = |period: &str| -> Vec<Vec<u8>> {
        let database = database();
        [
            "SELECT pseudonym FROM tally_rows",
            "SELECT content FROM tally_seen",
            "SELECT content FROM tally_noticed",
        ]
        .iter()
        .flat_map(|query| {
            let query = format!("{query} JOIN tally_spans ON span = id WHERE period = '{period}'");
            let mut statement = database.prepare(&query).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
        })
        .collect()
    };
    let (january, february) = (pseudonyms("2000-01"), pseudonyms("2000-02"));
    assert!(january.len() > 1_600 && february.len() > 1_600, "{} {}", january.len(), february.len());
    let key = fs::read(ward.home().join("keys/tally-2000-01.key")).unwrap();
    let digest = blake3::hash(b"canary 7").to_hex();
    let mut canaries: Vec<Vec<u8>> = january.clone();
    canaries.extend([key.clone(), digest.as_bytes().to_vec(), b"many/7.txt".to_vec()]);
    for canary in canaries.iter().rev().take(50) {
        assert!(!holds(&ward, canary).is_empty(), "it is there, or this test cannot fail");
    }
    assert_eq!(day("2000-02-01", &["release", "publish", "--period", "2000-01"]).code, 0);
    let published = files(&ward);
    for canary in january.iter().chain([&key]) {
        assert!(
            holds(&ward, canary).is_empty(),
            "publishing seals, and sealing leaves no pseudonym and no key"
        );
    }
    for run in runs(&ward) {
        ended(&run, 20_000);
    }
    let tally = |ward: &Ward| -> Vec<(String, u64)> {
        let done = ward.must(&["tally", "show", "--format", "json"]);
        done.all::<TallyLine>("tally").into_iter().map(|line| (line.period, line.items)).collect()
    };
    let counted: Vec<_> = tally(&ward).into_iter().filter(|line| line.0 != "2000-01").collect();
    let ledger = day("2000-04-01", &["release", "ledger", "--format", "json"]).out;
    let done = day("2000-04-01", &["purge", "--older-than", "31", "--format", "json"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let lines: Vec<PurgeLine> = done.all("purge");
    let months: Vec<(&str, &str)> =
        lines.iter().filter(|line| line.what == "tally").map(|line| (&*line.name, &*line.state)).collect();
    assert_eq!(months, [("2000-01", "deleted"), ("2000-02", "kept")], "March is too young to be told");
    assert!(lines.iter().any(|line| line.what == "database"));
    let summary: PurgeSummary = done.summary();
    assert_eq!((summary.runs, summary.months, summary.kept), (11, 1, 1));

    let all: Vec<u8> =
        snapshot(&ward.home()).into_values().filter_map(|(_, bytes)| bytes).flatten().collect();
    for canary in &canaries {
        assert!(memchr::memmem::find(&all, canary).is_none(), "{:?}", holds(&ward, canary));
    }
    for other in february.iter().take(50) {
        assert!(memchr::memmem::find(&all, other).is_some());
    }
    assert_eq!(fs::metadata(ward.home().join("innerward.sqlite-wal")).map_or(0, |about| about.len()), 0);
    // What the gate promised holds on: the month stays closed, its charge stays, its bytes can be given back.
    assert_eq!(tally(&ward), counted);
    assert_eq!(day("2000-04-01", &["release", "ledger", "--format", "json"]).out, ledger);
    let folder = ward.home().join("public/DEMO-2000-01-coarse-v1");
    fs::remove_dir_all(&folder).unwrap();
    let again = day("2000-04-01", &["release", "publish", "--period", "2000-01", "--format", "json"]);
    assert!(again.out.contains(r#""already":true"#), "{} {}", again.out, again.err);
    let table = folder.join("items.csv");
    assert_eq!(fs::read(&table).unwrap(), published[&table].1.clone().unwrap());
    day("2000-01-20", &["screen", listed.to_str().unwrap()]).refused(&["closed"]);
    assert!(!ward.home().join("keys/tally-2000-01.key").exists());
    assert_eq!(ward.look_up(&format!("sha256:{}", sha256(b"listed"))).0, "known");
    let log = ward.must(&["set", "log", "own", "--format", "json"]).out;
    assert!(log.contains(r#""event":"import""#), "{log}");
    // A run that can still go on keeps the month that it was last at work in.
    assert_eq!(day("2000-04-02", &["release", "publish", "--period", "2000-02"]).code, 0);
    let open = run(&ward, "20000201T000000", &noise("open", 10), &["--no-tally"]);
    change(&open.join("run.json"), |described| {
        described["ended"] = Value::Null;
        described["parts"][0]["began"] = json!("2000-02-20T00:00:00Z");
    });
    let lock = File::options().write(true).open(open.join("lock")).unwrap();
    lock.try_lock().unwrap();
    let purge = || told(&day("2000-06-01", &["purge", "--older-than", "31", "--format", "json"]));
    let kept = triple("run", "runs/20000201T000000", "kept");
    assert_eq!(purge(), [kept]);
    assert!(tally(&ward).iter().any(|(period, _)| period == "2000-02"));
    lock.unlock().unwrap();
    drop(lock);
    let deleted = [
        ("run", "runs/20000201T000000", "deleted"),
        ("tally", "2000-02", "deleted"),
        ("tally", "2000-03", "kept"),
    ];
    assert_eq!(purge(), deleted.map(|(what, name, state)| triple(what, name, state)));
}

#[test]
fn a_month_that_no_plan_can_publish_goes_once_it_is_sealed_and_doctor_says_so() {
    let ward = ward(true);
    let day = |day: &str, arguments: &[&str]| ward.run(&[&["--today", day], arguments].concat());
    let listed = ward.write("listed.txt", "listed");
    let screen = |when: &str| day(when, &["screen", listed.to_str().unwrap()]).code;
    assert_eq!(screen("2000-01-10"), 1, "no plan is registered");
    assert_eq!(day("2000-01-20", &["release", "plan", "register"]).code, 0);
    assert_eq!(screen("2000-02-10"), 1, "one is");
    ward.write("ward/innerward.toml", "keep_days = 31\n");
    let notices = || {
        let done = day("2000-06-01", &["doctor", "--format", "json"]);
        let checks: Vec<Value> = done.all("check");
        let text = |check: &Value| format!("{} {}", check["found"].as_str().unwrap(), check["cure"]);
        let held = checks.iter().filter(|check| check["check"] == "retention" && check["state"] == "notice");
        held.map(text).filter(|text| text.contains("period")).collect::<Vec<_>>()
    };
    let found = notices();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("1 period is open") && found[0].contains("tally seal PERIOD --yes"),
        "{found:?}"
    );
    assert!(found[1].contains("not published") && found[1].contains("release publish"), "{found:?}");
    let purge = || {
        let done = day("2000-06-01", &["purge", "--format", "json"]);
        let lines: Vec<PurgeLine> = done.all("purge");
        let months = lines.into_iter().filter(|line| line.what == "tally");
        months.map(|line| (line.name, line.state, line.reason.unwrap_or_default())).collect::<Vec<_>>()
    };
    let key = ward.home().join("keys/tally-2000-01.key");
    let told = purge();
    let [(january, state, reason), (february, other, to_publish)] = &told[..] else { panic!("two") };
    assert_eq!((&**january, &**state, &**february, &**other), ("2000-01", "kept", "2000-02", "kept"));
    assert!(reason.contains("innerward tally seal 2000-01 --yes"), "{reason}");
    assert!(to_publish.contains("innerward release publish"), "{to_publish}");
    assert!(key.exists());
    assert_eq!(day("2000-06-01", &["tally", "seal", "2000-01", "--yes"]).code, 0);
    assert!(!key.exists());
    assert!(notices()[0].contains("to be deleted"), "{:?}", notices());
    let states: Vec<(String, String)> = purge().into_iter().map(|(name, state, _)| (name, state)).collect();
    assert_eq!(
        states,
        [("2000-01", "deleted"), ("2000-02", "kept")].map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    let explained = ward.must(&["tally", "explain", "2000-01"]).out;
    assert!(explained.contains("was purged") && !explained.contains("Nothing"), "{explained}");
    let summary: Value = ward.must(&["tally", "explain", "2000-01", "--format", "json"]).summary();
    assert_eq!((&summary["sealed"], &summary["purged"]), (&json!(true), &json!(true)));
    assert_eq!(purge().len(), 1, "once");
}

#[test]
fn the_home_may_say_how_long_things_are_kept() {
    let ward = ward(false);
    ended(&run(&ward, "20200101T000000", b"old", &[]), 91);
    purge(&ward, &[]).refused(&["--older-than DAYS", "keep_days"]);
    purge(&ward, &["--older-than", "x"]).refused(&["--older-than"]);
    ward.write("ward/innerward.toml", "keep_days = 90\n");
    let doctor = |ward: &Ward| {
        let done = ward.run(&["doctor", "--format", "json"]);
        let checks: Vec<Value> = done.all("check");
        checks.into_iter().find(|check| check["check"] == "retention").unwrap()
    };
    let before = files(&ward);
    let found = doctor(&ward);
    assert_eq!((&found["state"], files(&ward) == before), (&json!("notice"), true));
    assert!(found["cure"].as_str().unwrap().contains("innerward purge"));
    let done = purge(&ward, &["--older-than", "100"]);
    assert_eq!(told(&done), [], "what is said goes before what is set");
    let done = purge(&ward, &[]);
    assert_eq!(told(&done), [triple("run", "runs/20200101T000000", "deleted")]);
    assert_eq!(done.summary::<PurgeSummary>().days, 90);
    assert_eq!(doctor(&ward)["state"], "ok");
    Ward::new().run(&["purge", "--older-than", "1"]).refused(&["not an innerward home"]);
}
