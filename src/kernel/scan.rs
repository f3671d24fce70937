//! Scans: all codes of a block compared with one query, or with many.
//!
//! With one query, memory is the limit: every code is read once. With many, the codes that are in the cache are compared
//! with each query in turn, and then the counting of bits is the limit; so only a part of each code is counted, which for
//! the small bounds of near search tells almost every code from the query. For that part the codes are turned into rows,
//! one word of sixteen codes beside each other.

use super::lanes::{Level, Row, Wide};
use super::{Code256, Distance, scalar};

/// Codes that are compared with every query before the next are read: their rows and they themselves stay in the
/// innermost cache.
const BLOCK: usize = 512;
/// Codes that are compared together.
const STEP: usize = 16;
/// Words of 32 bits of a code that are compared first. Of 96 bits of a random code, 31 or fewer differ once in 2,700 times.
const FIRST: usize = 3;

/// Finds what is within `max` of `query`.
pub(super) struct FindWithin<'a, 'o> {
    pub(super) codes: &'a [Code256],
    pub(super) query: &'a Code256,
    pub(super) max: Distance,
    pub(super) out: &'o mut Vec<(usize, Distance)>,
}

impl Wide for FindWithin<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Level>(self, level: L) {
        let most = u32::from(self.max.bits());
        let (steps, _) = bytemuck::cast_slice::<_, [u8; 32]>(self.codes).as_chunks::<STEP>();
        for (step, codes) in steps.iter().enumerate() {
            let mut near = level.near_codes(codes, &self.query.0, most);
            while near != 0 {
                let position = step * STEP + near.trailing_zeros() as usize;
                near &= near - 1;
                let distance = Distance(scalar::distance(&self.codes[position], self.query));
                self.out.push((position, distance));
            }
        }
        let rest = steps.len() * STEP..self.codes.len();
        compare(self.codes, rest, self.query, self.max, self.out);
    }
}

/// Compares the codes at `positions` in full.
#[inline(always)]
fn compare(
    codes: &[Code256],
    positions: std::ops::Range<usize>,
    query: &Code256,
    max: Distance,
    out: &mut Vec<(usize, Distance)>,
) {
    for position in positions {
        let distance = Distance(scalar::distance(&codes[position], query));
        if distance <= max {
            out.push((position, distance));
        }
    }
}

/// Finds for each query what is within its bound.
pub(super) struct FindWithinMany<'a, 'o> {
    pub(super) codes: &'a [Code256],
    pub(super) queries: &'a [(Code256, Distance)],
    pub(super) out: &'o mut [Vec<(usize, Distance)>],
}

impl Wide for FindWithinMany<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Level>(self, level: L) {
        let mut rows = [[Row([0; STEP]); FIRST]; BLOCK / STEP];
        for (block, codes) in self.codes.chunks(BLOCK).enumerate() {
            let (steps, _) = codes.as_chunks::<STEP>();
            for (rows, codes) in rows.iter_mut().zip(steps) {
                turn(codes, rows);
            }
            for ((query, max), out) in self.queries.iter().zip(&mut *self.out) {
                let (first, most) = (first_words(query), u32::from(max.bits()));
                for (step, [a, b, c]) in rows[..steps.len()].iter().enumerate() {
                    let mut near = level.near_thirds([a, b, c], first, most);
                    while near != 0 {
                        let position = step * STEP + near.trailing_zeros() as usize;
                        near &= near - 1;
                        let distance = Distance(scalar::distance(&codes[position], query));
                        if distance <= *max {
                            out.push((block * BLOCK + position, distance));
                        }
                    }
                }
                let found = out.len();
                compare(codes, steps.len() * STEP..codes.len(), query, *max, out);
                out[found..].iter_mut().for_each(|(position, _)| *position += block * BLOCK);
            }
        }
    }
}

#[inline(always)]
fn first_words(code: &Code256) -> [u32; FIRST] {
    let words: [u32; 8] = bytemuck::cast(code.0);
    std::array::from_fn(|word| words[word])
}

#[inline(always)]
fn turn(codes: &[Code256; STEP], rows: &mut [Row; FIRST]) {
    for (at, code) in codes.iter().enumerate() {
        for (row, word) in rows.iter_mut().zip(first_words(code)) {
            row.0[at] = word;
        }
    }
}
