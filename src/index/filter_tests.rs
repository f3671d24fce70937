//! Filtered search against a linear scan that asks the same of every entry.

use roaring::RoaringBitmap;

use super::codes::Policy;
use super::format::{SectionId, SectionKind};
use super::layout::records;
use super::testing::*;
use super::*;
use crate::digest::{Md5, Pdq, Signal};
use crate::hashset::{Entry, EntryKey, Hashes, Labels, Opinion};
use crate::home::Home;
use crate::kernel::{Code256, Distance};
use crate::vocabulary::{Code, Dimension};

fn label(text: &str) -> Code {
    text.parse().unwrap()
}

/// Labels of several dimensions: one entry in 16,384 of most sets has `channel:BULK`, a third none at all.
fn labels(seed: u64, is_rare: bool) -> Labels {
    let severity = Dimension::Severity.codes().nth(below(seed, 6) as usize);
    let media = Dimension::Media.codes().nth(below(seed + 1, 4) as usize);
    let rare = is_rare.then(|| label("channel:BULK"));
    let second = below(seed + 2, 5) == 0;
    let often = [severity, media.filter(|_| second)].into_iter().flatten().filter(|_| seed % 3 != 1);
    often.chain(rare).collect()
}

/// An entry with a PDQ hash unless its seed is a multiple of 7, so that places and entries differ, a digest of few, and
/// sometimes a classic hash.
fn labelled(seed: u64, is_rare: bool) -> Entry {
    let mut entry = entry(seed);
    entry.hashes.set(Md5::from_bytes(noise(seed % 29)).into());
    if seed.is_multiple_of(3) {
        entry.hashes.set(classic_code(classic_kinds()[1], seed).into());
    }
    Entry {
        labels: labels(seed, is_rare),
        opinion: Opinion::from_byte((seed / 5 % 4) as u8).unwrap(),
        updated: None,
        ..entry
    }
}

/// Every entry that an index was made of, with its set, segment, number, and whether it is withdrawn.
struct Listed {
    set: &'static str,
    segment: u32,
    number: u32,
    withdrawn: bool,
    entry: Entry,
}

struct Model {
    index: Index,
    listed: Vec<Listed>,
    _dir: tempfile::TempDir,
}

/// Sets of several segments, of which one is large enough for bands without being asked.
fn model() -> Model {
    let (_dir, home) = home();
    let (lock, dir) = (home.lock().unwrap(), home.index_dir());
    let mut writer = IndexWriter::open(&dir, &lock).unwrap();
    let (mut listed, mut segment) = (Vec::new(), 0);
    for (set, lens) in [("A", &[300, 0, 50_000][..]), ("B", &[2_000]), ("C", &[40, 700])] {
        let (mut files, mut gone) = (Vec::new(), Vec::new());
        for len in lens {
            let first = u64::from(segment) << 20;
            let mut builder = SegmentBuilder::new();
            let withdrawn: RoaringBitmap = (0..*len).filter(|number| number % 11 == 4).collect();
            for number in 0..*len {
                let entry = if set == "B" {
                    // Each has a hash, so that the place of a code is the number of its entry.
                    labelled(first + 7 * u64::from(number) + 1, number % 700 == 3)
                } else {
                    labelled(first + u64::from(number), number % 16_384 == 0)
                };
                builder.push(&entry).unwrap();
                listed.push(Listed { set, segment, number, withdrawn: withdrawn.contains(number), entry });
            }
            files.push(builder.write(&dir).unwrap());
            gone.push(withdrawn);
            segment += 1;
        }
        writer.replace_set(set, 1, files, gone).unwrap();
    }
    Model { index: Index::open(&dir).unwrap(), listed, _dir }
}

impl Model {
    fn may_answer(&self, scope: &Scope) -> impl Iterator<Item = &Listed> {
        let live = self.listed.iter().filter(|of| !of.withdrawn && of.entry.opinion != Opinion::Negative);
        live.filter(|of| scope.bound(of.set).is_some() && scope.labels().admits(of.entry.labels.as_slice()))
    }

    fn near(&self, query: &Pdq, scope: &Scope) -> Vec<Hit> {
        let hit = |of: &Listed| {
            let pdq = of.entry.hashes.pdq.as_ref()?;
            let distance = pdq.hash.code().distance(query.code());
            let hit = Hit { segment: of.segment, entry: of.number, distance, quality: pdq.quality };
            (distance <= scope.bound(of.set)?).then_some(hit)
        };
        let mut hits: Vec<Hit> = self.may_answer(scope).filter_map(hit).collect();
        hits.sort_by_key(|hit| (hit.distance, hit.segment, hit.entry));
        hits
    }

    fn exact(&self, signal: &Signal, scope: &Scope) -> Vec<(u32, u32)> {
        let equal = |of: &&Listed| of.entry.hashes.iter().any(|own| own == *signal);
        self.may_answer(scope).filter(equal).map(|of| (of.segment, of.number)).collect()
    }
}

/// Filters from those that admit nothing to those that admit nearly all.
fn filters() -> Vec<LabelFilter> {
    let [a, b, media, other, bulk] =
        ["severity:SEV_A", "severity:SEV_B", "media:IMAGE", "media:VIDEO", "channel:BULK"].map(label);
    let none = LabelFilter::default;
    vec![
        none().with(bulk),
        none().with(a),
        none().with(a).with(b).with(media).with(other),
        none().with(media).without(a),
        none().without(b),
        none().without(bulk),
        none().with(bulk).without(bulk),
        none().with(label("list_class:NATIONAL")),
        none(),
    ]
}

#[test]
fn a_filtered_search_finds_what_a_linear_scan_finds() {
    let model = model();
    let large = model.index.stat().iter().position(|stat| stat.entries == 50_000).unwrap() as u32;
    let mut plans = [0; 3];
    let mut cut = 0;
    for (number, filter) in filters().into_iter().enumerate() {
        for (probe, bits) in [0, 1, 16, 31, 48, 64].into_iter().enumerate() {
            let max = Distance::new(bits).unwrap();
            let scope = match (number + probe) % 4 {
                0 => Scope::within(max),
                1 => Scope::within(max).without_set("B"),
                2 => Scope::within(max).only_sets(["A", "C", "no such"]),
                _ => Scope::within(max).with_set("C", Distance::ZERO).only_sets(["A", "C"]),
            }
            .labelled(filter.clone());
            // Near a centre of a third of all codes, near none, and one of the few themselves.
            let few = model.listed.iter().find(|of| of.segment == large && of.number > 0).unwrap();
            let first = (u64::from(large) << 20) + 16_384 * (1 + probe as u64 % 3);
            let own = few.entry.hashes.pdq.map_or(pdq(first), |pdq| pdq.hash);
            let fresh = Pdq::new(Code256::from_bytes(noise(1_000_000 + probe as u64)));
            let asked = [fresh, pdq(first), own, pdq(first + 1), pdq(first + 2)];
            let together = model.index.near_many(&asked, &scope, usize::MAX).unwrap();
            for (query, near) in asked.into_iter().zip(together).take(3) {
                assert_eq!(near.hits, model.near(&query, &scope), "filter {number}, {bits} bits, together");
                let expected = model.near(&query, &scope);
                for policy in [Policy::Cheapest, Policy::Bands, Policy::Scan] {
                    let near = model.index.near_by(&query, &scope, usize::MAX, policy).unwrap();
                    assert_eq!(near.hits, expected, "filter {number}, {bits} bits, {policy:?}");
                    if policy == Policy::Cheapest {
                        plans[0] += near.plan.banded_segments;
                        plans[1] += near.plan.scanned_segments;
                        plans[2] += near.plan.filtered_segments;
                    }
                }
                for limit in [0, 1, 5, expected.len()] {
                    let near = model.index.near(&query, &scope, limit).unwrap();
                    assert_eq!(near.hits, expected[..limit.min(expected.len())]);
                    assert_eq!(near.cut, limit < expected.len());
                    cut += usize::from(near.cut && limit > 0);
                }
                let mut each = Vec::new();
                model.index.each_near(&query, &scope, |hit, _| each.push(hit)).unwrap();
                each.sort_by_key(|hit| (hit.distance, hit.segment, hit.entry));
                assert_eq!(each, expected);
            }
        }
    }
    assert!(plans.iter().all(|segments| *segments > 20) && cut > 50, "{plans:?} {cut}");
}

#[test]
fn a_filtered_look_up_finds_what_a_linear_scan_finds() {
    let model = model();
    let mut found = 0;
    for (number, filter) in filters().into_iter().enumerate() {
        let scope = Scope::within(Distance::new(9).unwrap()).labelled(filter);
        let scope = if number % 2 == 0 { scope } else { scope.without_set("A") };
        let digests = (0..8).map(|seed| Signal::from(Md5::from_bytes(noise(seed * 4))));
        let codes = [16_384, 3, 9].map(|seed| Signal::from(pdq((2 << 20) + seed)));
        let classic = [3, 6].map(|seed| Signal::from(classic_code(classic_kinds()[1], seed)));
        let signals: Vec<Signal> = digests.chain(codes).chain(classic).collect();
        let many = model.index.exact_many_in(&signals, &scope).unwrap();
        for (signal, many) in signals.iter().zip(many) {
            let mut hits = model.index.exact_in(signal, &scope).unwrap();
            let expected = model.exact(signal, &scope);
            found += expected.len();
            assert_eq!(hits.iter().map(|hit| (hit.segment, hit.entry)).collect::<Vec<_>>(), expected);
            assert_eq!(many, hits);
            let mut each = Vec::new();
            model.index.each_exact_in(signal, &scope, |hit, _| each.push(hit)).unwrap();
            each.sort_by_key(|hit| (hit.segment, hit.entry));
            hits.sort_by_key(|hit| (hit.segment, hit.entry));
            assert_eq!(each, hits);
        }
        for set in ["A", "B", "C", "no such"] {
            let of_set = model.listed.iter().filter(|of| of.set == set && !of.withdrawn);
            let admitted = of_set.filter(|of| scope.labels().admits(of.entry.labels.as_slice())).count();
            let expected = if scope.bound(set).is_some() { admitted as u64 } else { 0 };
            assert_eq!(model.index.count(set, &scope).unwrap(), expected, "{set}");
        }
    }
    assert!(found > 1000, "{found}");
}

#[test]
fn where_few_are_admitted_they_are_compared_and_no_others() {
    let model = model();
    let scope = Scope::within(Distance::PDQ_DEFAULT).only_sets(["A"]);
    let rare = scope.clone().labelled(LabelFilter::default().with(label("channel:BULK")));
    let query = pdq((2 << 20) + 16_384);
    let explained = model.index.explain(&query, &rare).unwrap();
    let large = explained.iter().max_by_key(|part| part.codes).unwrap();
    let admitted = model.listed.iter().filter(|of| of.segment == 2 && of.number % 16_384 == 0);
    let with_hash = admitted.clone().filter(|of| of.entry.hashes.pdq.is_some()).count() as u64;
    assert_eq!(large.admitted, Some(admitted.count() as u64));
    assert_eq!((large.plan.filtered_segments, large.plan.filtered), (1, with_hash));
    assert_eq!((large.plan.buckets, large.plan.scanned), (0, 0));
    assert!(with_hash > 1 && large.codes > 40_000, "places and entries differ");
    let scope = Scope::within(Distance::PDQ_DEFAULT);
    let rare = scope.clone().labelled(LabelFilter::default().with(label("channel:BULK")));
    let explained = model.index.explain(&query, &rare).unwrap();
    let every = explained.iter().find(|part| part.set == "B").unwrap();
    assert_eq!((every.codes, every.admitted, every.plan.filtered), (2_000, Some(3), 3));
    let all = model.index.explain(&query, &scope).unwrap();
    assert!(all.iter().all(|part| part.admitted.is_none() && part.plan.filtered_segments == 0));
}

#[test]
fn what_was_worked_out_for_one_filter_is_not_given_for_another() {
    let model = model();
    // More filters than are kept, so that some are worked out again.
    let all: Vec<LabelFilter> = Dimension::ALL
        .into_iter()
        .flat_map(Dimension::codes)
        .flat_map(|code| [LabelFilter::default().with(code), LabelFilter::default().without(code)])
        .collect();
    let ask = |filter: &LabelFilter| {
        let scope = Scope::within(Distance::new(48).unwrap()).labelled(filter.clone());
        let query = pdq((3 << 20) + 5);
        assert_eq!(model.index.near(&query, &scope, usize::MAX).unwrap().hits, model.near(&query, &scope));
    };
    std::thread::scope(|threads| {
        for from in [0, 7, 20] {
            let (all, ask) = (&all, &ask);
            threads.spawn(move || all.iter().cycle().skip(from).take(all.len()).for_each(ask));
        }
    });
}

/// One segment with three entries of one hash each, labelled `severity:SEV_A`, `severity:SEV_B` and both.
fn three() -> Vec<u8> {
    let mut builder = SegmentBuilder::new();
    for texts in [&["severity:SEV_A"][..], &["severity:SEV_B"], &["severity:SEV_A", "severity:SEV_B"]] {
        let hashes = Hashes::from(Signal::from(pdq(0)));
        let labels = texts.iter().map(|text| label(text)).collect();
        let key = EntryKey::derived(&hashes);
        builder.push(&Entry { key, hashes, labels, opinion: Opinion::default(), updated: None }).unwrap();
    }
    bytes_of(builder)
}

fn found(bytes: Vec<u8>, filter: LabelFilter) -> Result<Vec<u32>, IndexError> {
    let index = Index::of_segment(open(bytes).unwrap());
    let scope = Scope::within(Distance::ZERO).labelled(filter);
    let near = index.near(&pdq(0), &scope, 9)?.hits;
    assert_eq!(index.exact_in(&Signal::from(pdq(0)), &scope).unwrap(), near);
    Ok(near.iter().map(|hit| hit.entry).collect())
}

#[test]
fn a_label_of_a_newer_vocabulary_equals_no_code() {
    let [a, b] = ["severity:SEV_A", "severity:SEV_B"].map(label);
    let mut newer = three();
    // The first label of the text is that of the first entry: it becomes one that this build does not know.
    let at = newer.windows(14).position(|here| here == b"severity:SEV_A").unwrap();
    for foreign in [&b"severity:SEV_9"[..], b"newerity:SEV_A", b"severitySEV_AB"] {
        newer[at..at + 14].copy_from_slice(foreign);
        seal(&mut newer);
        let none = LabelFilter::default;
        assert_eq!(found(three(), none().with(a)).unwrap(), [0, 2]);
        assert_eq!(found(newer.clone(), none().with(a)).unwrap(), [2]);
        assert_eq!(found(newer.clone(), none().without(a)).unwrap(), [0, 1]);
        assert_eq!(found(newer.clone(), none().with(b)).unwrap(), [1, 2]);
        assert_eq!(found(newer.clone(), none()).unwrap(), [0, 1, 2]);
    }
}

#[test]
fn damaged_labels_are_an_error_and_not_an_answer() {
    let place = |kind| {
        let segment = open(three()).unwrap();
        let mut all = records(segment.bytes(), &segment.layout().header);
        all.find(|record| record.id == SectionId::of(kind)).unwrap().offset as usize
    };
    let filter = LabelFilter::default().with(label("severity:SEV_A"));
    for (kind, byte) in
        [(SectionKind::LabelNumbers, 3), (SectionKind::LabelOffsets, 200), (SectionKind::LabelText, 0xff)]
    {
        let mut bytes = three();
        bytes[place(kind)] = byte;
        seal(&mut bytes);
        let index = Index::of_segment(open(bytes.clone()).unwrap());
        for _ in 0..2 {
            let scope = Scope::within(Distance::ZERO).labelled(filter.clone());
            let signal = Signal::from(pdq(0));
            let name = |error: IndexError| match error {
                IndexError::File { fault, .. } => fault.to_string(),
                other => panic!("{other}"),
            };
            let error = name(index.near(&pdq(0), &scope, 1).unwrap_err());
            assert!(error.contains("label"), "{error}");
            assert_eq!(name(index.exact_in(&signal, &scope).unwrap_err()), error);
            assert_eq!(name(index.exact_many_in(&[signal], &scope).unwrap_err()), error);
            assert_eq!(name(index.count("test", &scope).unwrap_err()), error);
            assert_eq!(name(index.explain(&pdq(0), &scope).map(drop).unwrap_err()), error);
        }
    }
}

#[test]
fn a_segment_that_is_cut_short_gives_no_filtered_answer() {
    let (_dir, home): (_, Home) = home();
    let (lock, dir) = (home.lock().unwrap(), home.index_dir());
    let file = builder(0..5000).write(&dir).unwrap();
    IndexWriter::open(&dir, &lock).unwrap().replace_set("A", 1, vec![file], vec![]).unwrap();
    let index = Index::open(&dir).unwrap();
    let path = dir.join(file.content_id().file_name());
    std::fs::File::options().write(true).open(path).unwrap().set_len(4096).unwrap();
    let scope = Scope::within(Distance::ZERO).labelled(LabelFilter::default().with(label("severity:SEV_A")));
    for _ in 0..2 {
        let error = index.count("A", &scope).unwrap_err();
        assert!(matches!(error, IndexError::File { fault: Fault::CutShort, .. }), "{error}");
    }
}
