//! `kill -9` at any moment: the home holds what it held before, or what it should hold after, and the next run goes on.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use innerward::release::{PublicKey, verify};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::ward::Ward;

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
    let import = |n: usize| ["set", "import", "own", lists[n].0.to_str().unwrap(), "--as", "plain:sha256"];
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

#[test]
fn a_killed_publication_ends_with_one_release_and_one_charge() {
    let ward = Ward::for_demo();
    ward.must(&["release", "plan", "register", "--today", "1999-12-01"]);
    let months: Vec<(String, String)> = (0..rounds())
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
        let folder = ward.home().join(format!("public/DEMO-{}-coarse-v1", month.0));
        let files = || {
            ["manifest.json", "manifest.json.minisig", "table.csv"]
                .map(|name| fs::read(folder.join(name)).ok())
        };
        let seen = files();
        ward.must(&publish);
        let key = PublicKey::read(&ward.home().join("public/innerward.pub")).unwrap();
        verify(&folder, &key).unwrap();
        if seen.iter().all(Option::is_some) {
            assert_eq!(seen, files(), "what was visible is what was published");
        }
    }
    assert!(interrupted > rounds() / 4, "only {interrupted} were killed in time");
    let log = ward.must(&["release", "log", "--format", "json"]).out;
    let charges = log.lines().filter(|line| line.contains(r#""type":"charge""#)).count();
    assert_eq!(charges, months.len(), "one charge a month");
    let public = fs::read_dir(ward.home().join("public")).unwrap().count();
    assert_eq!(public, months.len() + 1, "the releases and the key, and nothing half-written");
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
