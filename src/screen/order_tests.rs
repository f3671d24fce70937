//! The verdict hangs on what the lists say and on nothing else: not on the order of lines, segments, sets or hits. Held
//! against a model that looks at every line and knows no bounds.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::digest::{Pdq, Quality, Signal};
use crate::hashset::{Bounds, Entry, EntryKey, Hashes, Labels, PdqEntry, ReadOptions, SetName, SetUpdate};
use crate::home::Home;
use crate::index::{IndexWriter, SegmentBuilder, import};
use crate::kernel::{Code256, Distance};
use crate::vocabulary::{Category, Code, Dimension};

/// Numbers that look random, the same on every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// A home whose sets hold exactly these segments, in this order.
pub(super) fn home_with(sets: &[(&str, Vec<Vec<Entry>>)]) -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    let lock = home.lock().unwrap();
    for (name, segments) in sets {
        // Described by an import, whose one entry gives way.
        let (set, update): (SetName, _) = (name.parse().unwrap(), SetUpdate::default());
        let today = jiff::civil::date(2030, 1, 2);
        let mut list = &b"md5:00000000000000000000000000000001\n"[..];
        let imported =
            import(&home, &lock, &set, &mut list, &ReadOptions::default(), &update, today).unwrap();
        let write = |entries: &Vec<Entry>| {
            let mut builder = SegmentBuilder::new();
            entries.iter().for_each(|entry| {
                builder.push(entry).unwrap();
            });
            builder.write(&home.index_dir()).unwrap()
        };
        let files: Vec<_> = segments.iter().map(write).collect();
        let withdrawn = vec![Default::default(); files.len()];
        let mut writer = IndexWriter::open(&home.index_dir(), &lock).unwrap();
        writer.replace_set(name, imported.set.revision, files, withdrawn).unwrap();
    }
    drop(lock);
    (dir, home)
}

/// All zeros but for `bits` bits, in another place for each `n`.
fn code(bits: usize, n: usize) -> Pdq {
    let mut code = [0; 32];
    for bit in (0..bits).map(|step| (n * 7 + step * 53) % 256) {
        code[bit / 8] ^= 1 << (bit % 8);
    }
    Pdq::new(Code256::from_bytes(code))
}

pub(super) fn entry(key: &str, pdq: Pdq, quality: Option<u8>, labels: &[&str]) -> Entry {
    let mut hashes = Hashes::from(Signal::Pdq(pdq));
    hashes.pdq = Some(PdqEntry { hash: pdq, quality: quality.map(|quality| Quality::new(quality).unwrap()) });
    let is_category = |label: &&&str| label.starts_with(Category::PREFIX);
    let codes = labels.iter().filter(|label| !is_category(label)).map(|label| label.parse::<Code>().unwrap());
    let categories = labels.iter().filter(is_category).map(|label| label[9..].parse::<Category>().unwrap());
    let labels = codes.collect::<Labels>().with_categories(categories);
    Entry { key: EntryKey::new(key).unwrap(), labels, ..Entry::bare(hashes) }
}

const QUERY: Signal = Signal::Pdq(Pdq::new(Code256::ZERO));

/// `(set, key, distance, labels and categories)` in the order of a verdict.
type Told = Vec<(String, String, u16, BTreeSet<String>)>;

fn told(verdict: &Verdict) -> Told {
    let labels = |found: &Match| {
        let codes = found.labels.iter().map(|code| format!("{code:?}"));
        codes.chain(found.categories.iter().map(|category| format!("category:{category}"))).collect()
    };
    let tell = |found: &Match| (found.set.clone(), found.entry.clone(), found.distance.bits(), labels(found));
    verdict.matches.iter().map(tell).collect()
}

/// What the definition says: by the best line of each entry, then by set and key; with the labels of all its lines. And how
/// many entries there are in all.
fn model(sets: &[(&str, Vec<Entry>)]) -> (Told, usize) {
    let severities: Vec<Code> = Dimension::Severity.codes().collect();
    let mut found: BTreeMap<(String, String), (usize, u16, BTreeSet<String>)> = BTreeMap::new();
    for (set, lines) in sets {
        for line in lines {
            let Signal::Pdq(zero) = QUERY else { unreachable!() };
            let hash = line.hashes.pdq.unwrap().hash;
            let bits = hash.code().as_bytes().iter().zip(zero.code().as_bytes());
            let bits = bits.map(|(a, b)| (a ^ b).count_ones() as u16).sum::<u16>();
            if bits > Distance::PDQ_DEFAULT.bits() {
                continue;
            }
            let of = |code: &Code| severities.iter().position(|other| other == code);
            let worst = line.labels.as_slice().iter().filter_map(of).min();
            let worst = worst.unwrap_or(severities.iter().position(|code| code.as_str() == "SEV_U").unwrap());
            let key = (set.to_string(), line.key.as_str().to_owned());
            let kept = found.entry(key).or_insert((worst, bits, BTreeSet::new()));
            if (bits, worst) < (kept.1, kept.0) {
                (kept.0, kept.1) = (worst, bits);
            }
            kept.2.extend(line.labels.as_slice().iter().map(|code| format!("{code:?}")));
            kept.2.extend(line.labels.categories().iter().map(|category| format!("category:{category}")));
        }
    }
    let entries = found.len();
    let mut order: Vec<_> = found.into_iter().collect();
    order.sort_by(|((set, key), a), ((other, another), b)| {
        (a.1, a.0, set, key).cmp(&(b.1, b.0, other, another))
    });
    order.truncate(Verdict::LIMIT);
    let told = order.into_iter().map(|((set, key), (_, bits, labels))| (set, key, bits, labels));
    (told.collect(), entries)
}

#[test]
fn the_verdict_does_not_hang_on_the_order_of_lines_segments_or_hits() {
    const LABELS: [&[&str]; 6] = [
        &["severity:SEV_A"],
        &["severity:SEV_B", "category:NCMEC:B1"],
        &["severity:SEV_C"],
        &["category:VICS/US:2"],
        &["severity:SEV_C", "maturity:PUB"],
        &[],
    ];
    let mut dice = Dice(7);
    // Few entries, about as many as are listed, and so many that most are dropped on the way; with one distance or many.
    for (keys, distances) in [(3, 4), (60, 1), (110, 3), (500, 1), (500, 12), (900, 40)] {
        let mut sets: Vec<(&str, Vec<Entry>)> = vec![("AAA", Vec::new()), ("ZZZ", Vec::new())];
        for n in 0..keys {
            for _ in 0..=dice.below(3) {
                let bits = 2 + dice.below(distances);
                let labels = LABELS[dice.below(LABELS.len())];
                let line = entry(&format!("key-{}", n % 400), code(bits, dice.below(90)), None, labels);
                sets[usize::from(n >= 400)].1.push(line);
            }
        }
        let (expected, entries) = model(&sets);
        for round in 0..6 {
            let mut scattered = Vec::new();
            for (name, lines) in &mut sets {
                dice.shuffle(lines);
                let segments = 1 + dice.below(4);
                let parts = lines.chunks(lines.len().div_ceil(segments).max(1));
                scattered.push((*name, parts.map(<[Entry]>::to_vec).collect::<Vec<_>>()));
            }
            let (_dir, home) = home_with(&scattered);
            let matcher = Matcher::open(&home, Bounds::default()).unwrap();
            let verdict = matcher.look_up(&QUERY).unwrap();
            assert!(told(&verdict) == expected, "{keys} keys at {distances} distances, round {round}");
            assert_eq!(verdict.matches_cut, entries > Verdict::LIMIT);
        }
    }
}

#[test]
fn what_all_lines_of_an_entry_say_is_told_together_categories_too() {
    let lines = [
        entry("one", code(3, 0), None, &["severity:SEV_C", "category:VICS/US:2"]),
        entry("one", code(9, 0), None, &["severity:SEV_A", "category:NCMEC:A1"]),
        entry("two", code(3, 1), None, &["severity:SEV_B"]),
    ];
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0]] {
        let lines = order.map(|at: usize| lines[at].clone()).to_vec();
        let (_dir, home) = home_with(&[("DEMO", vec![lines])]);
        let verdict = Matcher::open(&home, Bounds::default()).unwrap().look_up(&QUERY).unwrap();
        let keys: Vec<&str> = verdict.matches.iter().map(|found| &*found.entry).collect();
        assert_eq!(keys, ["two", "one"], "equally near: by the lines that are");
        let one = &verdict.matches[1];
        let categories: Vec<String> = one.categories.iter().map(ToString::to_string).collect();
        assert_eq!(categories, ["NCMEC:A1", "VICS/US:2"]);
        assert_eq!(
            (one.conflicts.as_slice(), one.severity().as_str()),
            (&[Dimension::Severity][..], "SEV_A")
        );
        let json = serde_json::to_value(one).unwrap();
        let expected = serde_json::json!({ "scheme": "NCMEC", "profile": null, "code": "A1" });
        assert_eq!((&json["categories"][0], &json["categories"][1]["profile"]), (&expected, &"US".into()));
        assert_eq!(json["conflicts"], serde_json::json!(["severity"]));
    }
}

#[test]
fn a_hash_of_low_quality_answers_to_an_equal_one_unless_more_is_asked_for() {
    let all = vec![
        entry("plain", code(0, 0), Some(49), &[]),
        entry("plain too", code(5, 0), Some(0), &[]),
        entry("usable", code(5, 1), Some(50), &[]),
        entry("unstated", code(5, 2), None, &[]),
    ];
    let (_dir, home) = home_with(&[("DEMO", vec![all])]);
    let keys = |matcher: &Matcher, signal: &Signal| -> Vec<String> {
        matcher.look_up(signal).unwrap().matches.into_iter().map(|found| found.entry).collect()
    };
    let matcher = Matcher::open(&home, Bounds::default()).unwrap();
    assert_eq!(keys(&matcher, &QUERY), ["plain", "unstated", "usable"]);
    let beside = Signal::Pdq(code(1, 9));
    assert_eq!(keys(&matcher, &beside), ["unstated", "usable"]);
    let asked = matcher.with_low_quality();
    assert_eq!(keys(&asked, &beside), ["plain", "plain too", "unstated", "usable"]);
    std::fs::write(home.root().join("innerward.toml"), "low_quality = true\n").unwrap();
    let configured = Matcher::open(&home, Bounds::default()).unwrap();
    assert_eq!(keys(&configured, &beside), ["plain", "plain too", "unstated", "usable"]);
}

#[test]
fn a_verdict_that_was_found_before_its_entry_was_taken_out_does_not_stand() {
    let (_dir, home) = home_with(&[("DEMO", vec![vec![entry("one", code(3, 0), None, &[])]])]);
    std::fs::write(home.root().join("innerward.toml"), "[flood]\nhits = 2\nwithin = \"31d\"\n").unwrap();
    let matcher = Matcher::open(&home, Bounds::default()).unwrap();
    let found = matcher.look_up(&QUERY).unwrap();
    assert_eq!(found.outcome, Outcome::Near);
    let guarded = || {
        let mut verdict = found.clone();
        let tripped = matcher.guard([&mut verdict]).len();
        (verdict.outcome, tripped)
    };
    let outcomes = [(); 4].map(|()| guarded());
    let (near, out) = (Outcome::Near, Outcome::Quarantined);
    assert_eq!(outcomes, [(near, 0), (near, 0), (out, 1), (out, 0)]);
}
