//! Hashes that are searched together, against each alone and against a linear scan.

use std::sync::Mutex;

use roaring::RoaringBitmap;

use super::bands::BANDS_FROM;
use super::codes::Policy;
use super::error::Fault;
use super::layout::Column;
use super::testing::*;
use super::*;
use crate::digest::{Pdq, Signal};
use crate::hashset::{Entry, EntryKey, Hashes, Opinion};
use crate::kernel::{Code256, Distance};

const RADII: [u16; 7] = [0, 1, 16, 31, 32, 48, 64];

fn push(builder: &mut SegmentBuilder, number: usize, code: Code256, opinion: Opinion) {
    let hashes = Hashes::from(Signal::Pdq(Pdq::new(code)));
    let key = EntryKey::new(format!("{number}")).unwrap();
    builder.push(&Entry { key, hashes, labels: Default::default(), opinion, updated: None }).unwrap();
}

/// Three sets: with bands for their number; with wider ones and more postings to a bucket; without bands.
fn three_sets() -> (tempfile::TempDir, Index, Vec<Vec<Code256>>) {
    let (held, home) = home();
    let (lock, dir) = (home.lock().unwrap(), home.index_dir());
    let mut writer = IndexWriter::open(&dir, &lock).unwrap();
    let lens = [BANDS_FROM + 100, 3000, 2000];
    let mut all = Vec::new();
    for (set, len) in lens.into_iter().enumerate() {
        let codes: Vec<_> = (0..len as u64).map(|seed| code(seed + 100 * set as u64)).collect();
        let mut builder = SegmentBuilder::new();
        if set == 1 {
            builder = builder.with_bands(Band::split(256, 24), 5);
        }
        for (number, code) in codes.iter().enumerate() {
            push(&mut builder, number, *code, Opinion::from_byte((number % 4) as u8).unwrap());
        }
        let withdrawn: RoaringBitmap = (0..len as u32).filter(|number| number % 7 == 3).collect();
        let file = builder.write(&dir).unwrap();
        writer.replace_set(&format!("SET-{set}"), 1, vec![file], vec![withdrawn]).unwrap();
        all.push(codes);
    }
    let index = Index::open(&dir).unwrap();
    (held, index, all)
}

/// By definition: every code compared.
fn scanned(all: &[Vec<Code256>], query: &Pdq, scope: &Scope) -> Vec<(Distance, u32, u32)> {
    let mut hits = Vec::new();
    for (segment, codes) in all.iter().enumerate() {
        let Some(max) = scope.bound(&format!("SET-{segment}")) else { continue };
        for (entry, code) in codes.iter().enumerate() {
            let opinion = Opinion::from_byte((entry % 4) as u8).unwrap();
            let distance = code.distance(query.code());
            if distance <= max && entry % 7 != 3 && opinion != Opinion::Negative {
                hits.push((distance, segment as u32, entry as u32));
            }
        }
    }
    hits.sort_unstable();
    hits
}

#[test]
fn many_together_find_what_each_finds_alone_and_what_a_scan_finds() {
    let (_held, index, all) = three_sets();
    let mut found = 0;
    for (turn, bits) in RADII.into_iter().enumerate() {
        let (max, other) = (Distance::new(bits).unwrap(), Distance::new(RADII[(turn + 3) % 7]).unwrap());
        for (scope, policy) in [
            (Scope::within(max), Policy::Cheapest),
            (Scope::within(max).with_set("SET-1", other), Policy::Bands),
            (Scope::within(max).with_set("SET-0", other).without_set("SET-2"), Policy::Scan),
            (Scope::within(max).without_set("SET-1"), Policy::Cheapest),
        ] {
            // Some twice, some in no list, some in the middle of a cluster.
            let queries: Vec<Pdq> = (0..36).map(|n| pdq(n % 31 + 1_000_000 * (n % 2))).collect();
            let expected: Vec<_> = queries.iter().map(|query| scanned(&all, query, &scope)).collect();
            for limit in [0, 1, 5, usize::MAX] {
                let many = index.near_many_by(&queries, &scope, limit, policy).unwrap();
                assert_eq!(many.len(), queries.len());
                for (near, expected) in many.iter().zip(&expected) {
                    let hits: Vec<_> =
                        near.hits.iter().map(|hit| (hit.distance, hit.segment, hit.entry)).collect();
                    assert_eq!(hits, expected[..limit.min(expected.len())], "within {bits}, {policy:?}");
                    assert_eq!(near.cut, limit < expected.len());
                    found += hits.len();
                }
            }
        }
        let scope = Scope::within(max).with_set("SET-1", other);
        let queries: Vec<Pdq> = (0..150).map(|n| pdq(n * 7)).collect();
        let alone: Vec<_> = queries.iter().map(|query| index.near(query, &scope, 4).unwrap()).collect();
        let many = index.near_many(&queries, &scope, 4).unwrap();
        let answers = |near: &[Near]| near.iter().map(|n| (n.hits.clone(), n.cut)).collect::<Vec<_>>();
        assert_eq!(answers(&many), answers(&alone));
    }
    assert!(found > 100_000, "{found}");
}

#[test]
fn each_query_is_told_its_hits_in_the_order_that_it_is_told_alone() {
    let (_held, index, _) = three_sets();
    for (len, bits) in [(0, 31), (1, 31), (3, 31), (5, 31), (200, 16), (200, 31), (40, 64)] {
        let (queries, scope) = ((0..len).map(pdq), Scope::within(Distance::new(bits).unwrap()));
        let queries: Vec<Pdq> = queries.collect();
        let told: Vec<_> = queries.iter().map(|_| Mutex::new(Vec::new())).collect();
        let plans = index
            .each_near_many(&queries, &scope, |query, hit, entry| {
                told[query].lock().unwrap().push((hit, entry.key()));
            })
            .unwrap();
        assert_eq!(plans.len(), queries.len());
        for ((query, told), plan) in queries.iter().zip(told).zip(plans) {
            let mut alone = Vec::new();
            index.each_near(query, &scope, |hit, entry| alone.push((hit, entry.key()))).unwrap();
            assert_eq!(told.into_inner().unwrap(), alone);
            assert_eq!(plan.banded_segments + plan.scanned_segments, 3, "each segment once");
        }
    }
}

#[test]
fn classic_hashes_of_several_kinds_go_together() {
    let mut builder = SegmentBuilder::new();
    for seed in 0..300 {
        builder.push(&classic_entry(seed)).unwrap();
    }
    let index = Index::of_segment(open(bytes_of(builder)).unwrap());
    let queries: Vec<_> = (0..60).map(|n| classic_code(classic_kinds()[n as usize % 6], n * 5)).collect();
    for bits in [0, 5, 12] {
        let scope = Scope::within(Distance::new(bits).unwrap());
        let many = index.near_many(&queries, &scope, 3).unwrap();
        for (query, near) in queries.iter().zip(many) {
            assert_eq!(near, index.near(query, &scope, 3).unwrap());
        }
    }
}

/// A picture that is in a list a hundred thousand times, among others.
#[test]
fn a_picture_that_is_listed_often_costs_neither_time_nor_memory_by_the_batch() {
    let (often, mut builder) = (Code256::from_bytes(noise(1)), SegmentBuilder::new());
    for number in 0..100_000 {
        push(&mut builder, number, often, Opinion::Positive);
    }
    for number in 100_000..140_000 {
        push(&mut builder, number, Code256::from_bytes(noise(number as u64)), Opinion::Positive);
    }
    let index = Index::of_segment(open(bytes_of(builder)).unwrap());
    let scope = Scope::within(Distance::PDQ_DEFAULT);
    let alone = index.near(&Pdq::new(often), &scope, 5).unwrap();
    assert_eq!((alone.hits.len(), alone.cut), (5, true));
    // Searched one by one, these would visit five hundred million entries.
    let equal = index.near_many(&vec![Pdq::new(often); 5000], &scope, 5).unwrap();
    assert!(equal.len() == 5000 && equal.iter().all(|near| near.hits == alone.hits && near.cut));
    let mut queries: Vec<Pdq> = (0..40).map(|n| Pdq::new(flipped(&often, n as u32 % 33, n))).collect();
    queries.extend((100_000..100_200).map(|n| Pdq::new(Code256::from_bytes(noise(n)))));
    let many = index.near_many(&queries, &scope, 5).unwrap();
    for (query, near) in queries.iter().zip(many) {
        let alone = index.near(query, &scope, 5).unwrap();
        assert_eq!((near.hits, near.cut), (alone.hits, alone.cut));
    }
}

#[test]
fn a_damaged_segment_is_an_error_for_all() {
    let codes = [1, 2, 8, 22, 23].map(pdq);
    let scope = Scope::within(Distance::PDQ_DEFAULT);
    let mut builder = SegmentBuilder::new().with_bands(Band::split(256, 32), 4);
    (0..).zip(&codes).for_each(|(number, pdq)| push(&mut builder, number, *pdq.code(), Opinion::Positive));
    let sound = bytes_of(builder);
    let segment = open(sound.clone()).unwrap();
    let band = segment.layout().perceptual[0].bands[3];
    let place = |column: Column| {
        let part = column.bytes(segment.bytes()).as_ptr_range();
        let start = segment.bytes().as_ptr();
        part.start as usize - start as usize..part.end as usize - start as usize
    };
    let (directory, postings) = (place(band.directory), place(band.postings));
    let query = |bytes: Vec<u8>| {
        let index = Index::of_segment(open(bytes).unwrap());
        let alone: Vec<_> =
            codes.iter().map(|query| index.near_by(query, &scope, 3, Policy::Bands)).collect();
        (alone.into_iter().find_map(Result::err), index.near_many_by(&codes, &scope, 3, Policy::Bands))
    };
    assert!(matches!(query(sound.clone()), (None, Ok(many)) if many.len() == 5));
    // Which of several impossible numbers is met first is left open.
    let refused = |error: &IndexError| {
        let met = matches!(error, IndexError::File { fault: Fault::Reference { .. }, .. });
        assert!(met && error.to_string().contains("of pdq, 8 bits from bit 24"), "{error}");
    };
    let mut bytes = sound.clone();
    bytes[directory].fill(0xff);
    let (alone, many) = query(bytes);
    refused(&alone.expect("the directory is read"));
    refused(&many.unwrap_err());
    let mut bytes = sound;
    for word in bytes[postings].as_chunks_mut::<4>().0 {
        word[0] |= 7; // of five codes, number 7
    }
    let (alone, many) = query(bytes);
    refused(&alone.expect("the postings are read"));
    refused(&many.unwrap_err());
}
