//! Many hashes: everything that a linear search finds is found, and nothing else.

use std::collections::BTreeSet;
use std::time::Instant;

use innerward::digest::{Pdq, Signal};
use innerward::hashset::{EntryKey, Hashes};
use innerward::kernel::Code256;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::ward::{MatchLine, MatchSummary, Ward};

const SEED: u64 = 0x7363_616c_6531_3233;

/// Bits between a query and the entry that it was made from; 31 is the bound.
const PLANTED: [usize; 5] = [0, 1, 16, 31, 32];

/// `code` with `bits` bits flipped that are drawn anew each time.
fn apart(code: &Code256, bits: usize, rng: &mut StdRng) -> Code256 {
    let mut places: Vec<usize> = (0..256).collect();
    let (chosen, _) = places.partial_shuffle(rng, bits);
    let mut bytes = *code.as_bytes();
    chosen.iter().for_each(|bit| bytes[*bit / 8] ^= 1 << (*bit % 8));
    Code256::from_bytes(bytes)
}

fn distance(a: &Code256, b: &Code256) -> u32 {
    a.as_bytes().iter().zip(b.as_bytes()).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// The key that an entry with this hash alone has.
fn key(code: &Code256) -> String {
    let mut hashes = Hashes::default();
    hashes.set(Signal::Pdq(Pdq::new(*code)));
    EntryKey::derived(&hashes).as_str().to_owned()
}

fn hexes(codes: &[Code256]) -> impl Iterator<Item = String> {
    codes.iter().map(|code| hex::encode(code.as_bytes()))
}

/// A hash to ask for, `planted` bits from the entry `from`.
struct Query {
    planted: usize,
    from: Code256,
    code: Code256,
}

/// Entries, some of them clusters of near-duplicates, and queries.
fn made_up(entries: usize, queries: usize) -> (Vec<Code256>, Vec<Query>) {
    eprintln!("seed {SEED:#x}");
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut codes: Vec<Code256> = (0..entries - 500).map(|_| Code256::from_bytes(rng.random())).collect();
    for n in 0..500 {
        let near = apart(&codes[n % 5], 1 + n % 40, &mut rng);
        codes.push(near);
    }
    let clusters = codes[..5].to_vec();
    codes.shuffle(&mut rng);
    let queries = (0..queries).map(|n| {
        // Every fourth is made from an entry with many neighbours, the others from any.
        let from = if n % 4 == 3 { clusters[n / 4 % 5] } else { codes[rng.random_range(0..codes.len())] };
        let planted = PLANTED[n % PLANTED.len()];
        Query { planted, from, code: apart(&from, planted, &mut rng) }
    });
    let queries = queries.collect();
    (codes, queries)
}

fn recall_is_complete(entries: usize, queries: usize) {
    let ward = Ward::new();
    let (codes, queries) = made_up(entries, queries);
    let start = Instant::now();
    ward.import("many", &hexes(&codes).map(|hex| hex + "\n").collect::<String>(), &["--as", "plain:pdq"]);
    eprintln!("{entries} entries imported in {:.1} s", start.elapsed().as_secs_f64());
    let asked: Vec<Code256> = queries.iter().map(|query| query.code).collect();
    ward.write("queries.txt", hexes(&asked).map(|hex| format!("pdq:{hex}\n")).collect::<String>());
    let done = ward.run(&["match", "--from", "queries.txt", "--format", "json"]);
    assert_eq!((done.code, &*done.err), (1, ""));
    let lines: Vec<MatchLine> = done.all("match");
    assert_eq!(lines.len(), queries.len());

    let (mut hits, mut several, mut beyond) = (0, 0, 0);
    for (query, line) in queries.iter().zip(lines) {
        assert_eq!(line.query, format!("pdq:{}", hex::encode(query.code.as_bytes())));
        let expected: BTreeSet<(u32, String)> = codes
            .iter()
            .map(|code| (distance(code, &query.code), code))
            .filter(|(bits, _)| *bits <= 31)
            .map(|(bits, code)| (bits, key(code)))
            .collect();
        let planted = (query.planted as u32, key(&query.from));
        assert_eq!(expected.contains(&planted), query.planted <= 31, "the oracle knows what was planted");
        assert_eq!(line.outcome, if expected.is_empty() { "unknown" } else { "near" });
        let found = line.matches.iter().map(|found| (u32::from(found.distance), found.entry.clone()));
        assert_eq!(found.clone().collect::<BTreeSet<_>>(), expected, "query {}", line.query);
        assert_eq!(line.matches.len(), expected.len(), "each once");
        assert!(!line.matches_cut && found.map(|(bits, _)| bits).is_sorted(), "all, the nearest first");
        hits += expected.len();
        several += usize::from(expected.len() > 10);
        beyond += usize::from(expected.is_empty());
    }
    assert!(several >= 20 && beyond >= 20, "{several} queries with many hits, {beyond} with none");
    let summary: MatchSummary = done.summary();
    assert_eq!(summary.queries, queries.len() as u64);
    eprintln!("{hits} hits; {:.1} ms a query", 1000.0 * summary.seconds / queries.len() as f64);
    ward.must(&["index", "verify"]);

    let query = format!("pdq:{}", hex::encode(asked[0].as_bytes()));
    let explained = ward.run(&["match", &query, "--explain", "--format", "json"]);
    let plan = &explained.all::<serde_json::Value>("match")[0]["plan"][0];
    assert_eq!((&plan["set"], &plan["codes"]), (&"many".into(), &entries.into()));
    assert_eq!((&plan["banded_segments"], &plan["scanned"]), (&1.into(), &0.into()));
    let compared = plan["candidates"].as_u64().unwrap();
    assert!((1..entries as u64 / 100).contains(&compared), "{plan}");
    let text = ward.run(&["match", &query, "--explain"]).out;
    assert!(
        text.contains("searched many, seg-") && text.contains("16 bands of 16 bits, up to 1 flipped"),
        "{text}"
    );
    let far = ward.run(&["match", &query, "--explain", "--max-distance", "200"]).out;
    assert!(far.contains("every hash compared"), "{far}");
}

#[test]
fn a_hundred_thousand_hashes_are_matched_as_a_linear_search_would() {
    recall_is_complete(100_000, 200);
}

#[test]
fn a_million_hashes_are_matched_as_a_linear_search_would() {
    if std::env::var_os("INNERWARD_DEEP").is_none() {
        eprintln!("skipped: set INNERWARD_DEEP=1");
        return;
    }
    recall_is_complete(1_000_000, 200);
}

#[test]
fn classic_hashes_are_matched_as_a_linear_search_would() {
    const BOUND: u32 = 5; // of a side of 8, where the set says nothing
    eprintln!("seed {SEED:#x}");
    let ward = Ward::new();
    let mut rng = StdRng::seed_from_u64(SEED);
    let apart = |code: u64, bits: usize, rng: &mut StdRng| {
        let mut places: Vec<u32> = (0..64).collect();
        places.partial_shuffle(rng, bits).0.iter().fold(code, |code, place| code ^ (1 << place))
    };
    let mut codes: Vec<u64> = (0..30_000).map(|_| rng.random()).collect();
    for n in 0..300 {
        let near = apart(codes[n % 5], 1 + n % 9, &mut rng);
        codes.push(near);
    }
    let lines: String = codes.iter().map(|code| format!("{code:016x}\n")).collect();
    ward.import("many", &lines, &["--as", "plain:gradient8"]);
    let queries: Vec<u64> = (0..60).map(|n| apart(codes[n * 7 % 50], n % 7, &mut rng)).collect();
    ward.write(
        "queries.txt",
        queries.iter().map(|code| format!("gradient8:{code:016x}\n")).collect::<String>(),
    );
    let done = ward.run(&["match", "--from", "queries.txt", "--format", "json"]);
    assert_eq!((done.code, &*done.err), (1, ""));
    let lines: Vec<MatchLine> = done.all("match");
    assert_eq!(lines.len(), queries.len());
    let (mut several, mut none) = (0, 0);
    for (query, line) in queries.iter().zip(lines) {
        let expected: BTreeSet<(u32, String)> = codes
            .iter()
            .map(|code| ((code ^ query).count_ones(), code))
            .filter(|(bits, _)| *bits <= BOUND)
            .map(|(bits, code)| {
                let signal: Signal = format!("gradient8:{code:016x}").parse().unwrap();
                (bits, EntryKey::derived(&signal.into()).as_str().to_owned())
            })
            .collect();
        let found = line.matches.iter().map(|found| (u32::from(found.distance), found.entry.clone()));
        assert_eq!(found.collect::<BTreeSet<_>>(), expected, "query {}", line.query);
        assert_eq!((line.matches.len(), line.matches_cut), (expected.len(), false));
        several += usize::from(expected.len() > 10);
        none += usize::from(expected.is_empty());
    }
    assert!(several >= 3 && none >= 3, "{several} queries with many hits, {none} with none");
}
