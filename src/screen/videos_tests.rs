//! Videos against lists, held against a model that compares every frame with every entry.

use std::collections::{BTreeMap, BTreeSet};

use super::order_tests::{Dice, entry, home_with};
use super::*;
use crate::digest::{Digests, Fingerprint, FrameRate, Hashed, Look, Pdq, Quality, VideoFrame, VideoHash};
use crate::hashset::{Bounds, Entry};
use crate::kernel::Code256;
use crate::media::Content;

/// One of `bases` codes, with up to `most` bits changed: near each other they are by chance.
fn code(dice: &mut Dice, bases: usize, most: usize) -> Pdq {
    let mut base = Dice(dice.below(bases) as u64 * 0x1234_5678_9abc + 1);
    let mut code: [u8; 32] = std::array::from_fn(|_| base.below(256) as u8);
    for _ in 0..dice.below(most + 1) {
        let bit = dice.below(256);
        code[bit / 8] ^= 1 << (bit % 8);
    }
    Pdq::new(Code256::from_bytes(code))
}

fn distance(a: &Pdq, b: &Pdq) -> u32 {
    a.code().as_bytes().iter().zip(b.code().as_bytes()).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// `VIDEO-FRAME` of a video that is known by one digit.
fn frame_key(video: usize, number: usize) -> String {
    format!("{video:016x}-{number}")
}

fn fingerprint(name: u64, video: VideoHash) -> Fingerprint {
    let bytes = name.to_le_bytes();
    let hashed = Hashed { bytes: 8, digests: Digests::of(&bytes) };
    Fingerprint::new(
        Content::named("MPEG-4 video").unwrap(),
        hashed,
        Look { video: Some(video), ..Look::default() },
    )
}

/// `(set, key, signal, distance, query %, index %, from, to)`, or a frame and its time in place of the last four.
type Told = BTreeSet<(String, String, &'static str, u32, u64, u64, u32, u32)>;

fn told(verdict: &Verdict) -> Told {
    let line = |found: &Match| {
        let (query, index, from, to) = match found.video {
            Some(InVideo::Frames(found)) => (
                (found.query_percent() * 100.0).round() as u64,
                (found.index_percent() * 100.0).round() as u64,
                found.from_millis,
                found.to_millis,
            ),
            Some(InVideo::Frame { number, millis }) => (u64::from(number), 0, millis, 0),
            None => panic!("a video is all that is asked about"),
        };
        let bits = u32::from(found.distance.bits());
        (found.set.clone(), found.entry.clone(), found.signal.as_str(), bits, query, index, from, to)
    };
    assert!(!verdict.matches_cut);
    verdict.matches.iter().map(line).collect()
}

/// What the definition says, frame by frame.
fn model(sets: &[(&str, Vec<Entry>)], video: &VideoHash, (query_least, index_least): (u64, u64)) -> Told {
    let usable: Vec<&VideoFrame> =
        video.frames.iter().filter(|frame| frame.quality.percent() >= 50).collect();
    let asked: BTreeSet<Pdq> = usable.iter().map(|frame| frame.hash).collect();
    let mut told = Told::new();
    for (set, entries) in sets {
        let mut videos: BTreeMap<&str, Vec<Pdq>> = BTreeMap::new();
        for entry in entries {
            let (key, pdq) = (entry.key.as_str(), entry.hashes.pdq.unwrap());
            let is_low = pdq.quality.is_some_and(|quality| quality.percent() < 50);
            if let Some((video, _)) = key.split_once('-') {
                let frames = videos.entry(video).or_default();
                frames.extend((!is_low).then_some(pdq.hash));
                continue;
            }
            let near = usable.iter().map(|frame| (distance(&frame.hash, &pdq.hash), frame.number));
            let near = near.filter(|(bits, _)| *bits <= 31 && (!is_low || *bits == 0)).min();
            if let Some((bits, number)) = near {
                let millis = number * 1000 / 10;
                told.insert((set.to_string(), key.into(), "pdq", bits, number.into(), 0, millis, 0));
            }
        }
        for (key, frames) in videos {
            let listed: BTreeSet<Pdq> = frames.into_iter().collect();
            let near = |a: &Pdq, all: &BTreeSet<Pdq>| all.iter().any(|b| distance(a, b) <= 31);
            let matched: Vec<&Pdq> = asked.iter().filter(|hash| near(hash, &listed)).collect();
            let met = listed.iter().filter(|hash| near(hash, &asked)).count() as u64;
            let share = |part: u64, of: usize| (part as f64 * 10_000.0 / of as f64).round() as u64;
            let (query, index) = (matched.len() as u64 * 100, met * 100);
            if matched.is_empty()
                || query < query_least * asked.len() as u64
                || index < index_least * listed.len() as u64
            {
                continue;
            }
            let least =
                matched.iter().flat_map(|hash| listed.iter().map(|other| distance(hash, other))).min();
            let times = || {
                usable.iter().filter(|frame| matched.contains(&&frame.hash)).map(|frame| frame.number * 100)
            };
            told.insert((
                set.to_string(),
                key.into(),
                "vpdq",
                least.unwrap(),
                share(query / 100, asked.len()),
                share(met, listed.len()),
                times().min().unwrap(),
                times().max().unwrap(),
            ));
        }
    }
    told
}

#[test]
fn listed_videos_are_found_as_the_definition_says() {
    let (mut videos, mut frames) = (0, 0);
    for seed in 1..=8 {
        let mut dice = Dice(seed);
        let quality = |dice: &mut Dice| [None, Some(49), Some(50), Some(100)][dice.below(4)];
        let mut sets = Vec::new();
        for name in ["one", "two"] {
            let mut entries = Vec::new();
            for video in 0..6 {
                for number in 0..1 + dice.below(30) {
                    let hash = code(&mut dice, 12, 24);
                    entries.push(entry(&frame_key(video, number * 7), hash, quality(&mut dice), &[]));
                    if dice.below(4) == 0 {
                        // A frame that is shown twice.
                        entries.push(entry(&frame_key(video, number * 7 + 1), hash, quality(&mut dice), &[]));
                    }
                }
            }
            for picture in 0..4 {
                let hash = code(&mut dice, 12, 24);
                entries.push(entry(&format!("picture{picture}"), hash, quality(&mut dice), &[]));
            }
            dice.shuffle(&mut entries);
            sets.push((name, entries));
        }
        // In several segments, so that no video is in one piece.
        let cut = |entries: &Vec<Entry>| entries.chunks(17).map(<[Entry]>::to_vec).collect();
        let stored: Vec<(&str, Vec<Vec<Entry>>)> =
            sets.iter().map(|(name, entries)| (*name, cut(entries))).collect();
        let (_dir, home) = home_with(&stored);
        let asked: Vec<VideoHash> = (0..12)
            .map(|_| {
                let bases = 2 + dice.below(12);
                let frames = (0..dice.below(40)).map(|number| VideoFrame {
                    number: number as u32 * 3,
                    hash: code(&mut dice, bases, 12),
                    quality: Quality::new([49, 50, 100][dice.below(3)]).unwrap(),
                });
                VideoHash { rate: FrameRate::new(10, 1).unwrap(), frames: frames.collect() }
            })
            .collect();
        let prints: Vec<Fingerprint> =
            (0..).zip(&asked).map(|(name, video)| fingerprint(name, video.clone())).collect();
        for (query, index) in [(80, 0), (0, 0), (50, 50), (100, 100), (1, 30)] {
            let bounds = VideoBounds::new(query, index).unwrap();
            let matcher = Matcher::open(&home, Bounds::default()).unwrap().with_video_bounds(bounds);
            let verdicts = matcher.verdicts(&prints.iter().collect::<Vec<_>>()).unwrap();
            for (video, verdict) in asked.iter().zip(&verdicts) {
                let expected = model(&sets, video, (query.into(), index.into()));
                assert_eq!(told(verdict), expected, "seed {seed}, {query} % and {index} %");
                let near = if expected.is_empty() { Outcome::Unknown } else { Outcome::Near };
                assert_eq!(verdict.outcome, near);
                videos += expected.iter().filter(|line| line.2 == "vpdq").count();
                frames += expected.iter().filter(|line| line.2 == "pdq").count();
            }
        }
    }
    assert!(videos > 200 && frames > 100, "{videos} videos and {frames} frames were found");
}
