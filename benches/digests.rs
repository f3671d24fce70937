//! The four digests: `one/<bytes>` of one item after the other, `many/<bytes>` of all at once, on one thread.
//!
//! Items are drawn from BLAKE3's extended output of one seed. `mixed` has sizes from 1 kB to 3 MB, as many in each octave.
//! All digests are compared with those of the crates' own interfaces, one by one.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use innerward::digest::Digests;
use sha2::Digest;

const SEED: &[u8] = b"innerward bench digests 1";
const TOTAL: usize = 32 * 1024 * 1024;

/// The bytes cut at `len(i)`, the last item shorter.
fn cut(mut bytes: &[u8], len: impl Fn(usize) -> usize) -> Vec<&[u8]> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let (item, rest) = bytes.split_at(len(items.len()).min(bytes.len()));
        items.push(item);
        bytes = rest;
    }
    items
}

fn check(digests: &Digests, bytes: &[u8]) {
    assert_eq!(digests.md5.as_bytes()[..], md5::Md5::digest(bytes)[..]);
    assert_eq!(digests.sha1.as_bytes()[..], sha1::Sha1::digest(bytes)[..]);
    assert_eq!(digests.sha256.as_bytes()[..], sha2::Sha256::digest(bytes)[..]);
    assert_eq!(digests.blake3.as_bytes(), blake3::hash(bytes).as_bytes());
}

fn digests(criterion: &mut Criterion) {
    let mut bytes = vec![0; TOTAL];
    blake3::Hasher::new().update(SEED).finalize_xof().fill(&mut bytes);
    let sets = [
        ("4k", cut(&bytes, |_| 4 << 10)),
        ("40k", cut(&bytes, |_| 40 << 10)),
        ("32M", cut(&bytes, |_| TOTAL)),
        // The golden section spreads the exponents evenly.
        ("2M", cut(&bytes, |_| 2 << 20)),
        ("mixed", cut(&bytes, |at| (1000.0 * 3000_f64.powf(at as f64 * 0.618_034 % 1.0)) as usize)),
    ];
    for (name, items) in sets {
        for (digests, item) in Digests::of_many(&items).iter().zip(&items) {
            check(digests, item);
            check(&Digests::of(item), item);
        }
        let mut group = criterion.benchmark_group("one");
        group.throughput(Throughput::Bytes(TOTAL as u64)).sample_size(10);
        group.bench_function(name, |bencher| {
            bencher.iter(|| items.iter().map(|item| Digests::of(black_box(item))).collect::<Vec<_>>());
        });
        group.finish();
        let mut group = criterion.benchmark_group("many");
        group.throughput(Throughput::Bytes(TOTAL as u64)).sample_size(10);
        group.bench_function(name, |bencher| bencher.iter(|| Digests::of_many(black_box(&items))));
        group.finish();
    }
}

criterion_group!(benches, digests);
criterion_main!(benches);
