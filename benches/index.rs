//! Look-ups in a mapped index: `near/<kernel>/<entries>` within 31 bits, `exact/sha256/<entries>`, `open/<entries>`.
//!
//! Hashes are uniform, drawn from BLAKE3's extended output of one seed; one query in ten is planted, at a distance of 0 to
//! 31 bits from an entry for `near`, equal to one for `exact`, and the others are fresh. The number of hits is asserted.
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
    for len in [100_000, 1_000_000] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::create(&folder.path().join("ward"), false).expect("a fresh home");
        let stored = values(b"stored", len);
        let signal = |bytes: &[u8; 32]| Signal::Pdq(Pdq::new(Code256::from_bytes(*bytes)));
        build(&home.index_dir(), &home, stored.iter().map(signal));
        let mut queries = values(b"fresh", QUERIES);
        for planted in 0..PLANTED {
            let mut code = stored[planted * (len / PLANTED)];
            (0..planted % 32).for_each(|bit| code[bit] ^= 1 << (planted % 8));
            queries[planted * 10] = code;
        }
        let queries: Vec<_> = queries.into_iter().map(|code| Pdq::new(Code256::from_bytes(code))).collect();
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

fn exact(criterion: &mut Criterion) {
    let len = 1_000_000;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = Home::create(&folder.path().join("ward"), false).expect("a fresh home");
    let stored = values(b"stored", len);
    let signal = |bytes: [u8; 32]| Signal::Sha256(Sha256::from_bytes(bytes));
    build(&home.index_dir(), &home, stored.iter().copied().map(signal));
    let mut queries: Vec<_> = values(b"fresh", QUERIES).into_iter().map(signal).collect();
    for planted in 0..PLANTED {
        queries[planted * 10] = signal(stored[planted * (len / PLANTED)]);
    }
    let index = Index::open(&home.index_dir()).expect("a sound index");
    let mut group = criterion.benchmark_group("exact");
    group.throughput(Throughput::Elements(QUERIES as u64)).sample_size(20);
    group.bench_function(format!("sha256/{}", name(len)), |bencher| {
        bencher.iter(|| {
            let exact = |query| index.exact(query).expect("a sound index");
            let hits: usize = black_box(&queries).iter().map(|query| exact(query).len()).sum();
            assert_eq!(hits, PLANTED);
        });
    });
    group.finish();
    let mut group = criterion.benchmark_group("open");
    group.throughput(Throughput::Elements(1)).sample_size(20);
    group.bench_function(name(len), |bencher| {
        bencher.iter(|| assert_eq!(Index::open(&home.index_dir()).expect("a sound index").sets().len(), 1));
    });
}

criterion_group!(benches, near, exact);
criterion_main!(benches);
