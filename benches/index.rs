//! Look-ups in a mapped index: `near/<hashes>/<entries>` within 31 bits, one by one, and `near-batch/…` all together on all
//! threads; `exact/sha256/<entries>` one by one and `exact-many/…` a thousand together; `open/<entries>`; `build/<entries>`
//! of PDQ hashes, with its sync. And codes in memory, all compared with each query of a batch: `scan/<kernel>/<queries>`, of
//! a million codes.
//!
//! Hashes and queries are [`Synthetic`]'s: `random` or `skewed`, which is like those of photographs; one query in ten is
//! planted, at a distance of 0 to 31 bits from an entry for `near` and `scan`, equal to one for `exact`, and the others are
//! fresh. Planted ones must be found, and no pass may find other matches than the first, which a scan has confirmed.
//! Look-ups of digests draw on so many queries that they meet a bucket that is not in the cache.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use innerward::digest::{Pdq, Sha256, Signal};
use innerward::hashset::{Entry, EntryKey, Hashes, Labels, Opinion};
use innerward::home::Home;
use innerward::index::{Index, IndexWriter, Scope, SegmentBuilder, Synthetic, SyntheticQuery};
use innerward::kernel::{Code256, Distance, Kernel};

const SIZES: [usize; 3] = [100_000, 1_000_000, 10_000_000];
const QUERIES: usize = 1000;
const PLANTED: usize = QUERIES / 10;
/// Digests looked up in one round, a thousand at a time.
const DIGESTS: usize = 100 * QUERIES;

fn gather(signals: impl Iterator<Item = Signal>) -> SegmentBuilder {
    let mut builder = SegmentBuilder::new();
    for (number, signal) in signals.enumerate() {
        let entry = Entry {
            key: EntryKey::new(number.to_string()).expect("digits are printable"),
            hashes: Hashes::from(signal),
            labels: Labels::default(),
            opinion: Opinion::default(),
            updated: None,
        };
        builder.push(&entry).expect("an entry with a hash");
    }
    builder
}

fn build(dir: &Path, home: &Home, signals: impl Iterator<Item = Signal>) {
    let lock = home.lock().expect("a fresh home");
    let segment = gather(signals).write(dir).expect("the folder can be written");
    let mut writer = IndexWriter::open(dir, &lock).expect("a fresh index");
    writer.replace_set("BENCH", 1, vec![segment], vec![]).expect("a sound segment");
}

fn pdq(code: &Code256) -> Signal {
    Signal::Pdq(Pdq::new(*code))
}

fn sha256(code: &Code256) -> Signal {
    Signal::Sha256(Sha256::from_bytes(*code.as_bytes()))
}

fn name(len: usize) -> String {
    if len >= 1_000_000 { format!("{}M", len / 1_000_000) } else { format!("{}k", len / 1000) }
}

/// How many matches a scan finds, after planted ones were seen to be among them.
fn scanned(codes: &[Code256], queries: &[SyntheticQuery]) -> usize {
    let mut found = vec![Vec::new(); queries.len()];
    let asked: Vec<_> = queries.iter().map(|query| (query.code, Distance::PDQ_DEFAULT)).collect();
    Kernel::best().find_within_many(codes, &asked, &mut found);
    for (query, found) in queries.iter().zip(&found) {
        assert!(query.planted.is_none_or(|planted| found.contains(&planted)), "a planted one is found");
    }
    found.iter().map(Vec::len).sum()
}

fn near(criterion: &mut Criterion) {
    let kinds = [("random", Synthetic::uniform()), ("skewed", Synthetic::like_photographs())];
    for (kind, made) in &kinds {
        for len in SIZES {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let home = Home::create(&folder.path().join("ward"), false).expect("a fresh home");
            let codes = made.codes(len);
            build(&home.index_dir(), &home, codes.iter().map(pdq));
            let queries = made.queries(len, QUERIES, Distance::PDQ_DEFAULT);
            let expected = scanned(&codes, &queries);
            assert!(expected >= PLANTED);
            drop(codes);
            let queries: Vec<_> = queries.into_iter().map(|query| Pdq::new(query.code)).collect();
            let index = Index::open(&home.index_dir()).expect("a sound index");
            let scope = Scope::within(Distance::PDQ_DEFAULT);
            let hits = |query: &Pdq| index.near(query, &scope, usize::MAX).expect("a sound index").hits.len();
            let mut bench = |group: &str, look_up: &dyn Fn(&[Pdq]) -> usize| {
                let mut group = criterion.benchmark_group(group);
                group.throughput(Throughput::Elements(QUERIES as u64)).sample_size(10);
                group.bench_function(format!("{kind}/{}", self::name(len)), |bencher| {
                    bencher.iter(|| assert_eq!(look_up(black_box(&queries)), expected));
                });
            };
            bench("near", &|queries| queries.iter().map(hits).sum());
            bench("near-batch", &|queries| {
                let near = index.near_many(queries, &scope, usize::MAX).expect("a sound index");
                near.iter().map(|near| near.hits.len()).sum()
            });
        }
    }
}

fn scan(criterion: &mut Criterion) {
    let made = Synthetic::uniform();
    let codes = made.codes(1_000_000);
    let mut group = criterion.benchmark_group("scan");
    for (kernel, len) in Kernel::available().into_iter().flat_map(|kernel| [(kernel, 1), (kernel, 100)]) {
        let queries = made.queries(codes.len(), len, Distance::PDQ_DEFAULT);
        let queries: Vec<_> = queries.into_iter().map(|query| (query.code, Distance::PDQ_DEFAULT)).collect();
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
    let made = Synthetic::uniform();
    for len in SIZES {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::create(&folder.path().join("ward"), false).expect("a fresh home");
        build(&home.index_dir(), &home, made.codes(len).iter().map(sha256));
        let queries = made.queries(len, DIGESTS, Distance::ZERO);
        let queries: Vec<_> = queries.iter().map(|query| sha256(&query.code)).collect();
        let index = Index::open(&home.index_dir()).expect("a sound index");
        let mut bench = |name: &str, look_up: fn(&Index, &[Signal]) -> usize| {
            let mut group = criterion.benchmark_group(name);
            group.throughput(Throughput::Elements(DIGESTS as u64)).sample_size(10);
            group.bench_function(format!("sha256/{}", self::name(len)), |bencher| {
                bencher.iter(|| {
                    let thousands = black_box(&queries).chunks(QUERIES);
                    let hits: usize = thousands.map(|queries| look_up(&index, queries)).sum();
                    assert_eq!(hits, DIGESTS / 10);
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

fn builds(criterion: &mut Criterion) {
    let made = Synthetic::like_photographs();
    for len in SIZES {
        let codes = made.codes(len);
        let mut group = criterion.benchmark_group("build");
        group.throughput(Throughput::Elements(len as u64)).sample_size(10);
        group.bench_function(name(len), |bencher| {
            let folder = || tempfile::tempdir().expect("a temporary folder");
            let write = |folder: tempfile::TempDir| {
                let segment = gather(codes.iter().map(pdq)).write(folder.path());
                assert_eq!(segment.expect("the folder can be written").entries() as usize, len);
                folder // and removing it is not timed
            };
            bencher.iter_batched(folder, write, BatchSize::PerIteration);
        });
    }
}

criterion_group!(benches, near, scan, exact, builds);
criterion_main!(benches);
