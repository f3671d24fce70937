//! Look-ups in a mapped index: `near/<kernel>/<entries>` within 31 bits, `exact/sha256/<entries>` one by one and
//! `exact-many/sha256/<entries>` a thousand together, `open/<entries>`; and codes in memory, all compared with each query
//! of a batch: `scan/<kernel>/<queries>`, of a million codes.
//!
//! Hashes are uniform, drawn from BLAKE3's extended output of one seed; one query in ten is planted, at a distance of 0 to
//! 31 bits from an entry for `near` and `scan`, equal to one for `exact`, and the others are fresh. The number of hits is
//! asserted. Look-ups of digests draw on so many queries that they meet a bucket that is not in the cache.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use innerward::digest::{Pdq, Sha256, Signal};
use innerward::hashset::{Entry, EntryKey, Hashes, Labels, Opinion};
use innerward::home::Home;
use innerward::index::{Index, IndexWriter, Scope, SegmentBuilder};
use innerward::kernel::{Code256, Distance, Kernel};

const SEED: &[u8] = b"innerward bench index 1";
const QUERIES: usize = 1000;
const PLANTED: usize = QUERIES / 10;
/// Digests looked up in one round, a thousand at a time.
const DIGESTS: usize = 100 * QUERIES;

/// `len` values of 32 bytes that depend on the seed and `stream` alone.
fn values(stream: &[u8], len: usize) -> Vec<[u8; 32]> {
    let mut bytes = vec![0; len * 32];
    blake3::Hasher::new().update(SEED).update(stream).finalize_xof().fill(&mut bytes);
    bytes.as_chunks().0.to_vec()
}

fn build(dir: &Path, home: &Home, signals: impl Iterator<Item = Signal>) {
    let mut builder = SegmentBuilder::new();
    for (number, signal) in signals.enumerate() {
        let entry = Entry {
            key: EntryKey::new(number.to_string()).expect("digits are printable"),
            hashes: Hashes::from(signal),
            labels: Labels::default(),
            opinion: Opinion::default(),
        };
        builder.push(&entry).expect("an entry with a hash");
    }
    let lock = home.lock().expect("a fresh home");
    let segment = builder.write(dir).expect("the folder can be written");
    let mut writer = IndexWriter::open(dir, &lock).expect("a fresh index");
    writer.replace_set("BENCH", 1, vec![segment], vec![]).expect("a sound segment");
}

fn name(len: usize) -> String {
    if len >= 1_000_000 { format!("{}M", len / 1_000_000) } else { format!("{}k", len / 1000) }
}

fn near(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("near");
    group.throughput(Throughput::Elements(QUERIES as u64)).sample_size(20);
    for len in [100_000, 1_000_000, 10_000_000] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::create(&folder.path().join("ward"), false).expect("a fresh home");
        let stored = values(b"stored", len);
        let signal = |bytes: &[u8; 32]| Signal::Pdq(Pdq::new(Code256::from_bytes(*bytes)));
        build(&home.index_dir(), &home, stored.iter().map(signal));
        let queries: Vec<_> = near_queries(&stored, QUERIES).into_iter().map(Pdq::new).collect();
        let index = Index::open(&home.index_dir()).expect("a sound index");
        let scope = Scope::within(Distance::PDQ_DEFAULT);
        group.bench_function(format!("{}/{}", Kernel::best().name(), name(len)), |bencher| {
            bencher.iter(|| {
                let near = |query| index.near(query, &scope, 100).expect("a sound index");
                let hits: usize = black_box(&queries).iter().map(|query| near(query).hits.len()).sum();
                assert_eq!(hits, PLANTED);
            });
        });
    }
}

/// One query in ten planted within 0 to 31 bits of one of `stored`, the first among them, and the others fresh.
fn near_queries(stored: &[[u8; 32]], len: usize) -> Vec<Code256> {
    let mut queries = values(b"fresh", len);
    let planted = len.div_ceil(10);
    for number in 0..planted {
        let mut code = stored[number * (stored.len() / planted)];
        (0..number % 32).for_each(|bit| code[bit] ^= 1 << (number % 8));
        queries[number * 10] = code;
    }
    queries.into_iter().map(Code256::from_bytes).collect()
}

fn scan(criterion: &mut Criterion) {
    let stored = values(b"stored", 1_000_000);
    let codes: Vec<_> = stored.iter().copied().map(Code256::from_bytes).collect();
    let mut group = criterion.benchmark_group("scan");
    for (kernel, len) in Kernel::available().into_iter().flat_map(|kernel| [(kernel, 1), (kernel, 100)]) {
        let within = |code| (code, Distance::PDQ_DEFAULT);
        let queries: Vec<_> = near_queries(&stored, len).into_iter().map(within).collect();
        group.throughput(Throughput::Elements(len as u64)).sample_size(10);
        group.bench_function(format!("{}/{len}", kernel.name()), |bencher| {
            bencher.iter(|| {
                let mut found = vec![Vec::new(); len];
                match queries.as_slice() {
                    [(query, max)] => kernel.find_within(black_box(&codes), query, *max, &mut found[0]),
                    many => kernel.find_within_many(black_box(&codes), many, &mut found),
                }
                assert_eq!(found.iter().map(Vec::len).sum::<usize>(), len.div_ceil(10));
            });
        });
    }
}

fn exact(criterion: &mut Criterion) {
    for len in [1_000_000, 10_000_000] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::create(&folder.path().join("ward"), false).expect("a fresh home");
        let stored = values(b"stored", len);
        let signal = |bytes: [u8; 32]| Signal::Sha256(Sha256::from_bytes(bytes));
        build(&home.index_dir(), &home, stored.iter().copied().map(signal));
        let mut queries: Vec<_> = values(b"fresh", DIGESTS).into_iter().map(signal).collect();
        let planted = DIGESTS / 10;
        for number in 0..planted {
            queries[number * 10] = signal(stored[number * (len / planted)]);
        }
        let index = Index::open(&home.index_dir()).expect("a sound index");
        let mut bench = |name: &str, look_up: fn(&Index, &[Signal]) -> usize| {
            let mut group = criterion.benchmark_group(name);
            group.throughput(Throughput::Elements(DIGESTS as u64)).sample_size(20);
            group.bench_function(format!("sha256/{}", self::name(len)), |bencher| {
                bencher.iter(|| {
                    let thousands = black_box(&queries).chunks(QUERIES);
                    assert_eq!(thousands.map(|queries| look_up(&index, queries)).sum::<usize>(), planted);
                });
            });
        };
        bench("exact", |index, queries| {
            queries.iter().map(|query| index.exact(query).expect("a sound index").len()).sum()
        });
        bench("exact-many", |index, queries| {
            index.exact_many(queries).expect("a sound index").iter().map(Vec::len).sum()
        });
        let mut group = criterion.benchmark_group("open");
        group.throughput(Throughput::Elements(1)).sample_size(20);
        group.bench_function(name(len), |bencher| {
            bencher
                .iter(|| assert_eq!(Index::open(&home.index_dir()).expect("a sound index").sets().len(), 1));
        });
    }
}

criterion_group!(benches, near, scan, exact);
criterion_main!(benches);
