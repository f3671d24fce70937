//! `kill -9` at any moment: the home holds what it held before, or what it should hold after, and the next run goes on.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use innerward::digest::Sha256;
use innerward::index::Index;
use innerward::release::{COARSE, PublicKey, verify};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::ward::{Ward, digits};

const SEED: u64 = 0x6b69_6c6c_6564_2139;

/// How often each thing is killed; the deep run does it more often.
fn rounds() -> u32 {
    if std::env::var_os("INNERWARD_DEEP").is_some() { 300 } else { 20 }
}

/// Starts the binary and kills it after `delay`; true if it had ended by itself.
fn kill_after(ward: &Ward, arguments: &[&str], delay: Duration) -> bool {
    let mut command = ward.command();
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(delay);
    let ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    ended
}

/// Random delays, from nothing to a little more than a run takes. What a run takes is learnt as it goes on, since a
/// machine that was busy when the first one was timed may be idle at the next.
struct Delays {
    rng: StdRng,
    full: Duration,
}

impl Delays {
    fn around(full: Duration) -> Self {
        Self { rng: StdRng::seed_from_u64(SEED), full }
    }

    fn next(&mut self) -> Duration {
        self.full.mul_f64(self.rng.random_range(0.0..1.2))
    }

    fn learn(&mut self, ended: bool) {
        self.full = self.full.mul_f64(if ended { 0.6 } else { 1.15 });
    }
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

#[test]
fn a_killed_import_leaves_the_old_set_or_the_new_one() {
    let ward = Ward::new();
    let mut rng = StdRng::seed_from_u64(SEED);
    let lists = [0, 1].map(|n: u8| {
        let mark = format!("{n:02x}").repeat(32);
        let rows = (0..20_000).map(|_| hex::encode(rng.random::<[u8; 32]>()));
        let text: Vec<String> = rows.chain([mark.clone()]).collect();
        (ward.write(&format!("{n}.list"), text.join("\n")), format!("sha256:{mark}"))
    });
    let import =
        |n: usize| ["set", "import", "own", lists[n].0.to_str().unwrap(), "--as", "plain:sha256", "--yes"];
    let full = timed(|| drop(ward.must(&import(0))));
    let mut delays = Delays::around(full);
    let mut current = 0;
    let mut interrupted = 0;
    for round in 0..rounds() {
        let next = 1 - current;
        let ended = kill_after(&ward, &import(next), delays.next());
        delays.learn(ended);
        interrupted += u32::from(!ended);
        ward.must(&["index", "verify"]);
        let [old, new] = [current, next].map(|n| ward.look_up(&lists[n].1).0);
        match (old.as_str(), new.as_str()) {
            ("known", "unknown") => {}
            ("unknown", "known") => current = next,
            both => panic!("round {round}, seed {SEED:#x}: {both:?}"),
        }
    }
    assert!(interrupted > rounds() / 4, "only {interrupted} were killed in time");
    ward.must(&import(1 - current));
    let left: Vec<_> =
        fs::read_dir(ward.home().join("index")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "one manifest and one segment: {left:?}");
}

/// What is done to the index, and killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    Import(usize),
    Add(usize),
    Merge,
    /// The hash of this number goes.
    Withdraw(usize),
}

/// Lists of hashes, a set of which some answer, and what was withdrawn from it for ever.
struct Lists {
    hashes: Vec<Sha256>,
    files: Vec<PathBuf>,
    answering: BTreeSet<usize>,
    withdrawn: BTreeSet<usize>,
}

impl Lists {
    const EACH: usize = 4_000;

    /// Lists, of which each has half of the one before.
    fn new(ward: &Ward, rng: &mut StdRng) -> Self {
        let hashes: Vec<_> = (0..Self::EACH * 4).map(|_| Sha256::from_bytes(rng.random())).collect();
        let files = (0..7).map(|list| {
            let rows: Vec<String> = hashes[Self::of(list)].iter().map(Sha256::to_hex).collect();
            ward.write(&format!("{list}.list"), rows.join("\n"))
        });
        let files = files.collect();
        Self { hashes, files, answering: BTreeSet::new(), withdrawn: BTreeSet::new() }
    }

    fn of(list: usize) -> std::ops::Range<usize> {
        list * Self::EACH / 2..(list + 2) * Self::EACH / 2
    }

    fn arguments(&self, change: Change) -> Vec<String> {
        let file = |list: usize| self.files[list].to_str().unwrap().to_owned();
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        match change {
            Change::Import(list) => {
                words(&["set", "import", "own", &file(list), "--as", "plain:sha256", "--yes"])
            }
            Change::Add(list) => {
                words(&["set", "import", "own", &file(list), "--as", "plain:sha256", "--add"])
            }
            Change::Merge => words(&["index", "merge", "own", "--all"]),
            Change::Withdraw(n) => {
                words(&["set", "withdraw", "own", &format!("sha256:{}", self.hashes[n].to_hex())])
            }
        }
    }

    /// What answers after `change`.
    fn after(&self, change: Change) -> BTreeSet<usize> {
        let list = |list: usize| Self::of(list).filter(|n| !self.withdrawn.contains(n));
        let before = self.answering.iter().copied();
        match change {
            Change::Import(new) => list(new).collect(),
            Change::Add(new) => before.chain(list(new)).collect(),
            Change::Merge => before.collect(),
            Change::Withdraw(gone) => before.filter(|n| *n != gone).collect(),
        }
    }

    /// What answers now; each once.
    fn found(&self, ward: &Ward) -> BTreeSet<usize> {
        let index = Index::open(&ward.home().join("index")).unwrap();
        let hits = |n: usize| index.exact(&self.hashes[n].into()).unwrap().len();
        (0..self.hashes.len())
            .filter(|&n| hits(n) > 0 && (hits(n) == 1 || panic!("{n} is there twice")))
            .collect()
    }
}

#[test]
fn a_killed_change_of_the_index_leaves_the_last_commit_or_the_next() {
    let (ward, mut rng) = (Ward::new(), StdRng::seed_from_u64(SEED));
    let mut lists = Lists::new(&ward, &mut rng);
    let run = |arguments: &[String]| ward.must(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let full = timed(|| drop(run(&lists.arguments(Change::Import(0)))));
    lists.answering = lists.after(Change::Import(0));
    let mut delays = [0, 1, 2, 3].map(|_| Delays::around(full));
    let (mut interrupted, mut went_on) = (0, 0);
    let rounds = if rounds() > 20 { rounds() } else { 60 };
    for round in 0..rounds {
        // More is added than the rest, so that there is something to merge.
        let (kind, change) = match rng.random_range(0..8) {
            0 => (0, Change::Import(rng.random_range(0..lists.files.len()))),
            1..5 => (1, Change::Add(rng.random_range(0..lists.files.len()))),
            5..7 => (2, Change::Merge),
            _ => {
                let nth = rng.random_range(0..lists.answering.len());
                (3, Change::Withdraw(*lists.answering.iter().nth(nth).unwrap()))
            }
        };
        let arguments = lists.arguments(change);
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ended = kill_after(&ward, &words, delays[kind].next());
        delays[kind].learn(ended);
        interrupted += u32::from(!ended);
        let told = || format!("round {round}, seed {SEED:#x}, {change:?}");
        let report = Index::verify(&ward.home().join("index")).unwrap();
        assert!(report.is_sound(), "{}: {report:?}", told());
        let (found, next) = (lists.found(&ward), lists.after(change));
        assert!(found == lists.answering || found == next, "{}: {} answer", told(), found.len());
        went_on += u32::from(!ended && found == next && next != lists.answering);
        lists.answering = found;
        // The next commit works, and takes away what the killed one left. A withdrawal that was recorded and not
        // carried out would hold in the next import: it is carried out.
        if let Change::Withdraw(gone) = change {
            if lists.answering.contains(&gone) {
                run(&arguments);
            }
            lists.withdrawn.insert(gone);
            lists.answering.remove(&gone);
        }
        let probe = format!("{}\n", Sha256::from_bytes(rng.random()).to_hex());
        ward.import("probe", &probe, &["--as", "plain:sha256", "--yes"]);
        let report = Index::verify(&ward.home().join("index")).unwrap();
        assert!(report.is_sound() && report.unused.is_empty(), "{}: {report:?}", told());
        assert_eq!(lists.found(&ward), lists.answering, "{}", told());
    }
    assert!(interrupted > rounds / 3, "only {interrupted} of {rounds} were killed in time");
    eprintln!("{interrupted} of {rounds} were killed; {went_on} of them after their commit");
    ward.must(&["set", "remove", "probe"]);
    ward.must(&["index", "merge", "--all"]);
    assert_eq!(lists.found(&ward), lists.answering);
}

#[test]
fn a_killed_import_with_withdrawals_leaves_all_of_it_or_nothing() {
    const LEN: usize = 4_000;
    let ward = Ward::new();
    let md5 = |n: usize| digits(&n.to_string(), 16);
    let list = |name: &str, live: std::ops::Range<usize>, deleted: std::ops::Range<usize>| {
        let item = |(n, deleted): (usize, bool)| {
            let digest = md5(n);
            format!(
                r#"{{"hash_digest":"{digest}","algorithm":"MD5","file_type":"mp4","deleted":{deleted},"id":{n}}}"#
            )
        };
        let items = live.map(|n| (n, false)).chain(deleted.map(|n| (n, true))).map(item);
        let items = items.collect::<Vec<_>>().join(",");
        let page =
            format!(r#"{{"count":1,"next":null,"previous":null,"checkpoint":"1.5,4","results":[{items}]}}"#);
        ward.write(name, page).to_str().unwrap().to_owned()
    };
    // The second list lacks some that the first has, and takes others of them back for ever.
    let first = list("first.json", 0..LEN, 0..0);
    let second = list("second.json", 0..LEN / 2, LEN / 2..LEN / 2 + 1000);
    let (kept, taken_back, absent) = (0, LEN / 2 + 500, LEN - 1);
    let answer = |set: &str, n: usize| {
        let index = Index::open(&ward.home().join("index")).unwrap();
        let md5 = format!("md5:{}", md5(n)).parse().unwrap();
        index.exact(&md5).unwrap().iter().any(|hit| index.entry(hit).unwrap().set() == set)
    };
    let full = timed(|| drop(ward.must(&["set", "import", "timed", &first])));
    let (mut delays, mut interrupted, mut went_on) = (Delays::around(full), 0, 0);
    for round in 0..rounds() {
        let set = format!("set{round}");
        ward.must(&["set", "import", &set, &first]);
        let ended = kill_after(&ward, &["set", "import", &set, &second, "--yes"], delays.next());
        delays.learn(ended);
        let state = [kept, taken_back, absent].map(|n| answer(&set, n));
        let (old, new) = (state == [true; 3], state == [true, false, false]);
        assert!(old || new, "round {round}, seed {SEED:#x}: {state:?}");
        interrupted += u32::from(!ended);
        went_on += u32::from(!ended && new);
        // What was withdrawn stays so in an older file; what was not, since the import came to nothing, does not.
        ward.must(&["set", "import", &set, &first, "--anew", "--yes"]);
        let state = [kept, taken_back, absent].map(|n| answer(&set, n));
        assert_eq!(state, [true, old, true], "round {round}, seed {SEED:#x}");
        let log = ward.must(&["set", "log", &set, "--format", "json"]).out;
        let imports = log.lines().filter(|line| line.contains(r#""event":"import""#)).count();
        assert_eq!(imports, if old { 2 } else { 3 }, "round {round}: {log}");
        ward.must(&["set", "remove", &set]);
    }
    assert!(interrupted > rounds() / 4, "only {interrupted} were killed in time");
    eprintln!("{interrupted} of {} were killed; {went_on} of them after their commit", rounds());
}

/// Kills of a publication; each is of another month, so that all of them end in one ledger and one log.
fn publications() -> u32 {
    if std::env::var_os("INNERWARD_DEEP").is_some() { 1000 } else { 40 }
}

/// The charges of the ledger, which is held against its log when it is shown, each with the release that it was for.
fn charges(ward: &Ward) -> Vec<Option<String>> {
    let release = |line: serde_json::Value| line["release_id"].as_str().map(str::to_owned);
    ward.must(&["release", "ledger", "--format", "json"]).all("charge").into_iter().map(release).collect()
}

#[test]
fn a_killed_publication_ends_with_one_release_and_one_charge() {
    let ward = Ward::for_demo();
    ward.write("plan.toml", COARSE.replace("2035-12", "2999-12"));
    ward.must(&["release", "plan", "register", "plan.toml", "--today", "1999-12-01"]);
    let months: Vec<(String, String)> = (0..publications())
        .map(|n| (2000 + n / 12, n % 12 + 1))
        .map(|(year, month)| {
            let after = if month == 12 {
                format!("{}-01-01", year + 1)
            } else {
                format!("{year}-{:02}-01", month + 1)
            };
            (format!("{year}-{month:02}"), after)
        })
        .collect();
    let publish = |(month, after): &(String, String)| {
        ["release", "publish", "--period", month, "--today", after].map(str::to_owned)
    };
    let full = timed(|| drop(ward.must(&publish(&months[0]).each_ref().map(String::as_str))));
    let mut delays = Delays::around(full);
    let mut interrupted = 0;
    for month in &months[1..] {
        let publish = publish(month);
        let publish = publish.each_ref().map(String::as_str);
        let ended = kill_after(&ward, &publish, delays.next());
        delays.learn(ended);
        interrupted += u32::from(!ended);
        let id = format!("DEMO-{}-coarse-v1", month.0);
        let folder = ward.home().join("public").join(&id);
        let files = || {
            ["manifest.json", "manifest.json.minisig", "log.json", "items.csv"]
                .map(|name| fs::read(folder.join(name)).ok())
        };
        let seen = files();
        // Whatever is public by now has been charged, and the ledger still follows from its log.
        let charged = charges(&ward);
        assert!(!folder.exists() || charged.contains(&Some(id)), "{}", month.0);
        ward.must(&publish);
        let key = PublicKey::read(&ward.home().join("public/innerward.pub")).unwrap();
        verify(&folder, &key).unwrap();
        if folder.exists() && seen.iter().all(Option::is_some) {
            assert_eq!(seen, files(), "what was visible is what was published");
        }
    }
    assert!(interrupted > publications() / 4, "only {interrupted} were killed in time");
    let charged = charges(&ward);
    assert_eq!(charged.len(), months.len(), "one charge a month");
    assert!(charged.iter().all(Option::is_some));
    let public = fs::read_dir(ward.home().join("public")).unwrap().count();
    assert_eq!(
        public,
        months.len() + 4,
        "the releases, the log, the key and two feeds, and nothing half-written"
    );
}

#[test]
fn a_killed_screening_counts_nothing_twice_when_it_is_run_again() {
    let ward = Ward::new();
    ward.import("own", &"5c".repeat(16), &[]);
    for n in 0..3000 {
        ward.write(&format!("items/{n:04}.txt"), format!("item {n}\n"));
    }
    let screen = ["screen", "items"];
    let full = timed(|| drop(ward.run(&["screen", "items", "--no-tally"])));
    let mut delays = Delays::around(full);
    for _ in 0..rounds() / 4 {
        let ended = kill_after(&ward, &screen, delays.next());
        delays.learn(ended);
    }
    ward.must(&screen);
    let shown = ward.must(&["tally", "show", "--format", "json"]).out;
    let last = shown.lines().next_back().unwrap();
    assert!(last.contains(r#""items":3000"#), "{last}");
}
