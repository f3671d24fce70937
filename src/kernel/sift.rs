//! The inner loops of band search: looks through runs of postings for those whose sketch is near, and compares the codes
//! of those.
//!
//! A posting is a code's number with a *sketch*, some bits of the code, in one word and perhaps one byte more. Most
//! postings of a bucket are told apart by their sketches alone, sixteen at a time, without touching their codes, each of
//! which would cost a line of memory from a random place.

use super::lanes::{Lanes, Level, Wide};
use super::{Code256, Distance, scalar};

/// Postings in a block: first the words of all, then the further bytes of all, so that a block is in one place and the
/// same part of sixteen of its postings is read at once.
pub const BLOCK: usize = 64;
/// Bytes of a block of postings of one word each.
pub const NARROW: usize = BLOCK * 4;
/// Bytes of a block of postings of a word and a byte each.
pub const WIDE: usize = BLOCK * 5;

/// Postings that are looked at together.
const STEP: usize = 16;
/// So many runs ahead, the first postings are asked for from memory.
const RUNS_AHEAD: usize = 8;
/// So many codes ahead, codes are asked for.
const CODES_AHEAD: usize = 16;
/// Lines asked for of one run: the CPU goes on by itself along a longer one.
const LINES_AHEAD: usize = 12;

/// Postings one behind the other, and how many bits of their sketches may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The first posting.
    pub start: u32,
    /// The one behind the last.
    pub end: u32,
    /// Most differing bits.
    pub most: u32,
}

/// A code that may be near one of many queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The number of the query.
    pub query: u32,
    /// The number of the code.
    pub code: u32,
}

/// A code that is near one of many queries. The order is by query, then by code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The number of the query.
    pub query: u32,
    /// The number of the code.
    pub code: u32,
    /// How far apart they are.
    pub distance: Distance,
}

/// The postings of a band. The words hold a code's number in their low `id_bits` bits and the higher part of its sketch
/// above it; the byte, where there is one, holds the sketch's low eight bits.
#[derive(Clone, Copy)]
pub struct Postings<'a> {
    blocks: Blocks<'a>,
    id_bits: u32,
}

#[derive(Clone, Copy)]
enum Blocks<'a> {
    Narrow(&'a [[u8; NARROW]]),
    Wide(&'a [[u8; WIDE]]),
}

impl<'a> Postings<'a> {
    /// Postings of `size` bytes each, 4 or 5, in whole blocks; `None` for another size.
    #[must_use]
    pub fn new(bytes: &'a [u8], size: usize, id_bits: u32) -> Option<Self> {
        let blocks = match size {
            4 => Blocks::Narrow(bytes.as_chunks().0),
            5 => Blocks::Wide(bytes.as_chunks().0),
            _ => return None,
        };
        Some(Self { blocks, id_bits })
    }

    /// The code number and the sketch of posting `at`; `None` past the end.
    #[must_use]
    pub fn at(&self, at: usize) -> Option<(u32, u32)> {
        let (block, place) = (at / BLOCK, at % BLOCK);
        let (word, low) = match self.blocks {
            Blocks::Narrow(blocks) => (word(blocks.get(block)?, place), None),
            Blocks::Wide(blocks) => {
                let block = blocks.get(block)?;
                (word(block, place), Some(u32::from(block[NARROW + place])))
            }
        };
        let high = above(word, self.id_bits);
        Some((word & id_mask(self.id_bits), low.map_or(high, |low| high << 8 | low)))
    }

    /// Appends the code number of every posting of `runs` whose sketch differs from `sketch` in no more bits than its run
    /// allows: in the order of the runs, then of the postings. What lies past the last posting is passed over.
    pub fn sift(&self, lanes: Lanes, runs: &[Run], sketch: u32, found: &mut Vec<u32>) {
        let id_bits = self.id_bits;
        match self.blocks {
            Blocks::Narrow(blocks) => {
                lanes.run(Sift { postings: OfSize { blocks, id_bits }, runs, sketch, found });
            }
            Blocks::Wide(blocks) => {
                lanes.run(Sift { postings: OfSize { blocks, id_bits }, runs, sketch, found });
            }
        }
    }

    /// As [`Postings::sift`] for runs of many queries: beside each run the number of its query, of which `sketches` has the
    /// sketch. Runs are quickest in the order of postings, where those next to each other share lines and pages.
    pub fn sift_many(&self, lanes: Lanes, runs: &[(u32, Run)], sketches: &[u32], found: &mut Vec<Candidate>) {
        let id_bits = self.id_bits;
        match self.blocks {
            Blocks::Narrow(blocks) => {
                lanes.run(SiftMany { postings: OfSize { blocks, id_bits }, runs, sketches, found });
            }
            Blocks::Wide(blocks) => {
                lanes.run(SiftMany { postings: OfSize { blocks, id_bits }, runs, sketches, found });
            }
        }
    }
}

/// Writes posting `at`, of a code's number and its sketch, into `blocks` of postings of `size` bytes.
pub fn put(blocks: &mut [u8], size: usize, at: usize, id_bits: u32, id: u32, sketch: u32) {
    let (block, place) = (at / BLOCK * BLOCK * size, at % BLOCK);
    let high = if size == 5 { sketch >> 8 } else { sketch };
    let word = id | high.checked_shl(id_bits).unwrap_or(0);
    blocks[block + place * 4..][..4].copy_from_slice(&word.to_le_bytes());
    if size == 5 {
        blocks[block + NARROW + place] = sketch as u8;
    }
}

#[inline(always)]
fn word<const SIZE: usize>(block: &[u8; SIZE], place: usize) -> u32 {
    u32::from_le_bytes(block[place * 4..place * 4 + 4].try_into().expect("four bytes"))
}

#[inline(always)]
fn above(word: u32, id_bits: u32) -> u32 {
    word.checked_shr(id_bits).unwrap_or(0)
}

#[inline(always)]
fn id_mask(id_bits: u32) -> u32 {
    1_u32.checked_shl(id_bits).map_or(u32::MAX, |one| one - 1)
}

/// Where the numbers of what a run leaves go.
trait Take {
    fn take(&mut self, number: u32);
}

impl Take for &mut Vec<u32> {
    #[inline(always)]
    fn take(&mut self, number: u32) {
        self.push(number);
    }
}

/// Those of one query among many.
struct OfQuery<'f>(u32, &'f mut Vec<Candidate>);

impl Take for OfQuery<'_> {
    #[inline(always)]
    fn take(&mut self, number: u32) {
        self.1.push(Candidate { query: self.0, code: number });
    }
}

/// The blocks of postings of one size.
#[derive(Clone, Copy)]
struct OfSize<'a, const SIZE: usize> {
    blocks: &'a [[u8; SIZE]],
    id_bits: u32,
}

impl<const SIZE: usize> OfSize<'_, SIZE> {
    /// In how many bits the sketches of sixteen postings differ from `sketch`: the bits themselves.
    #[inline(always)]
    fn differing(self, block: &[u8; SIZE], place: usize, sketch: u32) -> [u32; STEP] {
        let words: &[[u8; 4]; STEP] =
            block[place * 4..][..STEP * 4].as_chunks().0.try_into().expect("as many words");
        if SIZE == WIDE {
            let low: &[u8; STEP] = block[NARROW + place..][..STEP].try_into().expect("as many bytes");
            std::array::from_fn(|at| {
                (above(u32::from_le_bytes(words[at]), self.id_bits) << 8 | u32::from(low[at])) ^ sketch
            })
        } else {
            std::array::from_fn(|at| above(u32::from_le_bytes(words[at]), self.id_bits) ^ sketch)
        }
    }

    #[inline(always)]
    fn ask_for<L: Level>(self, level: L, run: &Run) {
        let mut at = run.start as usize;
        for _ in 0..LINES_AHEAD {
            let Some(block) = self.blocks.get(at / BLOCK) else { return };
            if at >= run.end as usize {
                return;
            }
            level.prefetch(&block[at % BLOCK * 4]);
            if SIZE == WIDE {
                level.prefetch(&block[NARROW + at % BLOCK]);
            }
            at += STEP;
        }
    }

    #[inline(always)]
    fn sift<L: Level>(self, level: L, run: &Run, sketch: u32, mut found: impl Take) {
        let mask = id_mask(self.id_bits);
        let (start, end) = (run.start as usize, run.end as usize);
        let mut first = start / STEP * STEP;
        while first < end {
            let Some(block) = self.blocks.get(first / BLOCK) else { break };
            let place = first % BLOCK;
            let mut near = level.few_bits(&self.differing(block, place, sketch), run.most);
            if first < start {
                near &= u32::MAX << (start - first);
            }
            if end - first < STEP {
                near &= (1 << (end - first)) - 1;
            }
            while near != 0 {
                let at = near.trailing_zeros() as usize;
                near &= near - 1;
                found.take(word(block, (place + at) % BLOCK) & mask);
            }
            first += STEP;
        }
    }
}

struct Sift<'a, 'f, const SIZE: usize> {
    postings: OfSize<'a, SIZE>,
    runs: &'a [Run],
    sketch: u32,
    found: &'f mut Vec<u32>,
}

impl<const SIZE: usize> Wide for Sift<'_, '_, SIZE> {
    type Output = ();

    #[inline(always)]
    fn run<L: Level>(self, level: L) {
        for (number, run) in self.runs.iter().enumerate() {
            if let Some(ahead) = self.runs.get(number + RUNS_AHEAD) {
                self.postings.ask_for(level, ahead);
            }
            self.postings.sift(level, run, self.sketch, &mut *self.found);
        }
    }
}

struct SiftMany<'a, 'f, const SIZE: usize> {
    postings: OfSize<'a, SIZE>,
    runs: &'a [(u32, Run)],
    sketches: &'a [u32],
    found: &'f mut Vec<Candidate>,
}

impl<const SIZE: usize> Wide for SiftMany<'_, '_, SIZE> {
    type Output = ();

    #[inline(always)]
    fn run<L: Level>(self, level: L) {
        for (number, (query, run)) in self.runs.iter().enumerate() {
            if let Some((_, ahead)) = self.runs.get(number + RUNS_AHEAD) {
                self.postings.ask_for(level, ahead);
            }
            let Some(sketch) = self.sketches.get(*query as usize) else { continue };
            self.postings.sift(level, run, *sketch, OfQuery(*query, &mut *self.found));
        }
    }
}

/// Appends `(number, distance)` of those of `numbers` whose code is within `max` of `query`, in their order. Numbers of no
/// code are passed over.
pub fn compare(
    lanes: Lanes,
    codes: &[Code256],
    numbers: &[u32],
    query: &Code256,
    max: Distance,
    found: &mut Vec<(u32, Distance)>,
) {
    lanes.run(Compare { codes, numbers, query, max, found });
}

struct Compare<'a, 'f> {
    codes: &'a [Code256],
    numbers: &'a [u32],
    query: &'a Code256,
    max: Distance,
    found: &'f mut Vec<(u32, Distance)>,
}

impl Wide for Compare<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Level>(self, level: L) {
        for (at, &number) in self.numbers.iter().enumerate() {
            let ahead = self.numbers.get(at + CODES_AHEAD).and_then(|&ahead| self.codes.get(ahead as usize));
            if let Some(ahead) = ahead {
                level.prefetch(&ahead.as_bytes()[0]);
            }
            let Some(code) = self.codes.get(number as usize) else { continue };
            let distance = Distance(scalar::distance(code, self.query));
            if distance <= self.max {
                self.found.push((number, distance));
            }
        }
    }
}

/// As [`compare`] for many queries: appends those of `candidates` whose code is within `max` of their query. Numbers of no
/// code or query are passed over.
pub fn compare_many(
    lanes: Lanes,
    codes: &[Code256],
    candidates: &[Candidate],
    queries: &[Code256],
    max: Distance,
    found: &mut Vec<Found>,
) {
    lanes.run(CompareMany { codes, candidates, queries, max, found });
}

struct CompareMany<'a, 'f> {
    codes: &'a [Code256],
    candidates: &'a [Candidate],
    queries: &'a [Code256],
    max: Distance,
    found: &'f mut Vec<Found>,
}

impl Wide for CompareMany<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Level>(self, level: L) {
        for (at, &Candidate { query, code }) in self.candidates.iter().enumerate() {
            let ahead = self.candidates.get(at + CODES_AHEAD);
            if let Some(ahead) = ahead.and_then(|ahead| self.codes.get(ahead.code as usize)) {
                level.prefetch(&ahead.as_bytes()[0]);
            }
            let both = (self.codes.get(code as usize), self.queries.get(query as usize));
            let (Some(of_list), Some(asked)) = both else { continue };
            let distance = Distance(scalar::distance(of_list, asked));
            if distance <= self.max {
                self.found.push(Found { query, code, distance });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that depends on `seed` alone.
    fn noise(seed: usize) -> u32 {
        let bytes = *blake3::hash(&seed.to_le_bytes()).as_bytes();
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    fn postings(size: usize, id_bits: u32, count: usize) -> (Vec<u8>, Vec<(u32, u32)>) {
        let sketch_bits = (32 - id_bits + if size == 5 { 8 } else { 0 }).min(16);
        let mut bytes = vec![0; count.next_multiple_of(BLOCK) * size];
        let posting =
            |at: usize| (noise(at) & id_mask(id_bits), noise(at + 7_000_000) & id_mask(sketch_bits));
        let plain: Vec<_> = (0..count).map(posting).collect();
        for (at, (id, sketch)) in plain.iter().enumerate() {
            put(&mut bytes, size, at, id_bits, *id, *sketch);
        }
        (bytes, plain)
    }

    #[test]
    fn postings_are_read_as_written() {
        for size in [4, 5] {
            for id_bits in [1, 7, 20, 24, 27, 31, 32] {
                for count in [1, 15, 16, 17, 63, 64, 65, 200] {
                    let (bytes, plain) = postings(size, id_bits, count);
                    let read = Postings::new(&bytes, size, id_bits).unwrap();
                    let again: Vec<_> = (0..count).map(|at| read.at(at).unwrap()).collect();
                    assert_eq!(again, plain, "{size} bytes, {id_bits} bits");
                    assert_eq!(read.at(count.next_multiple_of(BLOCK)), None);
                }
            }
        }
        assert!(Postings::new(&[0; 384], 6, 20).is_none());
    }

    #[test]
    fn every_level_sifts_as_the_definition_says() {
        for size in [4, 5] {
            for id_bits in [5, 20, 24, 32] {
                let (bytes, plain) = postings(size, id_bits, 200);
                let read = Postings::new(&bytes, size, id_bits).unwrap();
                let sketch = plain[70].1;
                for (start, len) in (0..67).flat_map(|start| (0..65).map(move |len| (start, len))) {
                    let runs = [0, 1, 3, 16, u32::MAX].map(|most| Run { start, end: start + len, most });
                    let expected: Vec<u32> = runs
                        .iter()
                        .flat_map(|run| {
                            let inside = &plain[run.start as usize..run.end as usize];
                            inside.iter().filter(|(_, other)| (other ^ sketch).count_ones() <= run.most)
                        })
                        .map(|(id, _)| *id)
                        .collect();
                    for lanes in Lanes::available() {
                        let mut found = Vec::new();
                        read.sift(lanes, &runs, sketch, &mut found);
                        assert_eq!(found, expected, "{}: {size}, {id_bits}, {start}+{len}", lanes.name());
                    }
                }
            }
        }
    }

    #[test]
    fn runs_of_many_queries_leave_what_each_leaves_alone() {
        for (size, id_bits) in [(4, 5), (4, 20), (5, 20), (5, 32)] {
            let (bytes, plain) = postings(size, id_bits, 200);
            let read = Postings::new(&bytes, size, id_bits).unwrap();
            let sketches = [plain[3].1, plain[70].1, plain[150].1, !plain[3].1];
            let run = |at: u32| Run { start: at % 150, end: at % 150 + at % 47, most: at % 13 };
            let runs: Vec<(u32, Run)> = (0..200).map(|at| (at * 7 % 4, run(at * 11))).collect();
            for lanes in Lanes::available() {
                let mut expected = Vec::new();
                for (query, run) in &runs {
                    let mut alone = Vec::new();
                    read.sift(lanes, &[*run], sketches[*query as usize], &mut alone);
                    expected.extend(alone.into_iter().map(|code| Candidate { query: *query, code }));
                }
                let mut found = Vec::new();
                read.sift_many(lanes, &runs, &sketches, &mut found);
                assert!(!found.is_empty());
                assert_eq!(found, expected, "{}: {size} bytes, {id_bits} bits", lanes.name());
            }
        }
    }

    #[test]
    fn candidates_of_many_queries_are_compared_each_with_its_own() {
        let codes: Vec<_> = (0..100).map(|n| Code256::from_bytes([n as u8; 32])).collect();
        let candidates: Vec<_> = (0..300)
            .map(|n| Candidate { query: n % 6, code: n * 7 % 103 })
            .chain([Candidate { query: u32::MAX, code: 0 }])
            .collect();
        let max = Distance::new(64).unwrap();
        // Of six queries one is not there, and of 103 codes three.
        let expected: Vec<_> = candidates
            .iter()
            .filter(|candidate| candidate.query < 5 && candidate.code < 100)
            .map(|&Candidate { query, code }| Found {
                query,
                code,
                distance: codes[query as usize].distance(&codes[code as usize]),
            })
            .filter(|found| found.distance <= max)
            .collect();
        assert!(!expected.is_empty() && expected.len() < 250);
        for lanes in Lanes::available() {
            let mut found = Vec::new();
            compare_many(lanes, &codes, &candidates, &codes[..5], max, &mut found);
            assert_eq!(found, expected, "{}", lanes.name());
        }
    }

    #[test]
    fn what_lies_outside_is_passed_over() {
        let (bytes, _) = postings(4, 20, 64);
        let read = Postings::new(&bytes, 4, 20).unwrap();
        let run = Run { start: 60, end: u32::MAX, most: 32 };
        for lanes in Lanes::available() {
            let mut found = Vec::new();
            read.sift(lanes, &[run], 0, &mut found);
            assert_eq!(found.len(), 4);
            let (code, mut near) = (Code256::ZERO, Vec::new());
            compare(lanes, &[code], &[0, 7, u32::MAX, 0], &code, Distance::ZERO, &mut near);
            assert_eq!(near, [(0, Distance::ZERO); 2]);
        }
    }
}
