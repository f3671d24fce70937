//! Hashes that are searched together, against each alone and against a linear scan.

use std::sync::Mutex;

use roaring::RoaringBitmap;

use super::bands::BANDS_FROM;
use super::codes::Policy;
use super::damage_tests::{PDQ, record_at, small};
use super::error::Fault;
use super::format::{SectionId, SectionKind, u64_at};
use super::testing::*;
use super::*;
use crate::digest::{Pdq, Signal};
use crate::hashset::{Entry, EntryKey, Hashes, Opinion};
use crate::kernel::{Code256, Distance};

const RADII: [u16; 7] = [0, 1, 16, 31, 32, 48, 64];

fn push(builder: &mut SegmentBuilder, number: usize, code: Code256, opinion: Opinion) {
    let hashes = Hashes::from(Signal::Pdq(Pdq::new(code)));
    let key = EntryKey::new(format!("{number}")).unwrap();
    builder.push(&Entry { key, hashes, labels: Default::default(), opinion }).unwrap();
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
    let queries: Vec<Pdq> = [1, 8, 22, 2, 3].map(pdq).to_vec();
    let scope = Scope::within(Distance::PDQ_DEFAULT);
    let band = Band { offset: 0, width: 3 };
    for kind in [SectionKind::BandDirectory, SectionKind::SketchedPostings] {
        let mut bytes = small();
        let record = record_at(SectionId::band(kind, PDQ, band));
        let (at, len) = (u64_at(&bytes, record + 24) as usize, u64_at(&bytes, record + 32) as usize);
        match kind {
            SectionKind::BandDirectory => bytes[at..at + len].fill(0xff),
            // Of five codes, all are said to be number 7.
            _ => {
                bytes[at..at + 256].as_chunks_mut().0.iter_mut().for_each(|word| *word = 7_u32.to_le_bytes())
            }
        }
        let index = Index::of_segment(open(bytes).unwrap());
        let failed = queries.iter().map(|query| index.near_by(query, &scope, 3, Policy::Bands));
        assert!(failed.into_iter().any(|near| near.is_err()), "{kind:?} is read");
        let error = index.near_many_by(&queries, &scope, 3, Policy::Bands).unwrap_err();
        assert!(matches!(error, IndexError::File { fault: Fault::Reference { .. }, .. }), "{error}");
    }
}
