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
const BLOCK: usize = 1024;
/// Codes that are compared together: two rows full, since one jump for both is cheaper than two.
const STEP: usize = 32;
/// Words of 32 bits of a code that are compared first. Of 96 bits of a random code, 31 or fewer differ once in 2,700 times.
const FIRST: usize = 3;
/// The widest bound at which comparing those first pays: beyond it they tell too few codes apart. Measured.
pub(super) const FIRST_UP_TO: u32 = 37;

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
        Query { query: self.query, max: self.max, before: 0 }.compare(level, self.codes, self.out);
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
        let mut rows = [[[Row([0; STEP / 2]); FIRST]; 2]; BLOCK / STEP];
        for (block, codes) in self.codes.chunks(BLOCK).enumerate() {
            for (rows, codes) in rows.as_flattened_mut().iter_mut().zip(codes.as_chunks().0) {
                turn(codes, rows);
            }
            for ((query, max), out) in self.queries.iter().zip(&mut *self.out) {
                let query = Query { query, max: *max, before: block * BLOCK };
                if u32::from(max.bits()) <= FIRST_UP_TO {
                    query.compare_first(level, codes, &rows[..codes.len() / STEP], out);
                } else {
                    query.compare(level, codes, out);
                }
            }
        }
    }
}

/// A query, and how many codes come before those that it is compared with.
#[derive(Clone, Copy)]
struct Query<'a> {
    query: &'a Code256,
    max: Distance,
    before: usize,
}

impl Query<'_> {
    /// All of each code.
    #[inline(always)]
    fn compare<L: Level>(self, level: L, codes: &[Code256], out: &mut Vec<(usize, Distance)>) {
        let most = u32::from(self.max.bits());
        let (steps, _) = bytemuck::cast_slice::<_, [u8; 32]>(codes).as_chunks::<{ STEP / 2 }>();
        for (step, sixteen) in steps.iter().enumerate() {
            let near = level.near_codes(sixteen, &self.query.0, most);
            self.take(codes, step * STEP / 2, near, out);
        }
        self.compare_rest(codes, steps.len() * STEP / 2, out);
    }

    /// The first words, and all of those codes that may still be within the bound.
    #[inline(always)]
    fn compare_first<L: Level>(
        self,
        level: L,
        codes: &[Code256],
        rows: &[[[Row; FIRST]; 2]],
        out: &mut Vec<(usize, Distance)>,
    ) {
        let (first, most) = (first_words(self.query), u32::from(self.max.bits()));
        for (step, [low, high]) in rows.iter().enumerate() {
            let low = level.near_thirds(low.each_ref(), first, most);
            let near = low | level.near_thirds(high.each_ref(), first, most) << (STEP / 2);
            self.take(codes, step * STEP, near, out);
        }
        self.compare_rest(codes, rows.len() * STEP, out);
    }

    /// Takes those within the bound of the codes from `start` that `near` names by its bits.
    #[inline(always)]
    fn take(self, codes: &[Code256], start: usize, mut near: u32, out: &mut Vec<(usize, Distance)>) {
        while near != 0 {
            self.compare_one(codes, start + near.trailing_zeros() as usize, out);
            near &= near - 1;
        }
    }

    #[inline(always)]
    fn compare_rest(self, codes: &[Code256], start: usize, out: &mut Vec<(usize, Distance)>) {
        (start..codes.len()).for_each(|at| self.compare_one(codes, at, out));
    }

    #[inline(always)]
    fn compare_one(self, codes: &[Code256], at: usize, out: &mut Vec<(usize, Distance)>) {
        let distance = Distance(scalar::distance(&codes[at], self.query));
        if distance <= self.max {
            out.push((self.before + at, distance));
        }
    }
}

#[inline(always)]
fn first_words(code: &Code256) -> [u32; FIRST] {
    let words: [u32; 8] = bytemuck::cast(code.0);
    std::array::from_fn(|word| words[word])
}

/// The first words of sixteen codes, beside each other.
#[inline(always)]
fn turn(codes: &[Code256; STEP / 2], rows: &mut [Row; FIRST]) {
    for (at, code) in codes.iter().enumerate() {
        for (row, word) in rows.iter_mut().zip(first_words(code)) {
            row.0[at] = word;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Kernel, lanes::Lanes};

    /// Bytes of period 251, every third code near the one before: a swapped block would show.
    fn codes(len: usize) -> Vec<Code256> {
        let byte = |n: usize| (n * n % 251) as u8;
        let mut codes: Vec<Code256> =
            (0..len).map(|n| Code256::from_bytes(std::array::from_fn(|at| byte(n * 32 + at)))).collect();
        for at in (2..len).step_by(3) {
            codes[at] = codes[at - 1];
            (0..at % 40).for_each(|bit| codes[at].0[(bit + at) % 32] ^= 1 << (at % 8));
        }
        codes
    }

    #[test]
    fn many_queries_find_what_each_finds_alone() {
        let pool = codes(BLOCK + 67);
        let lens = (0..=65).chain([BLOCK - 1, BLOCK, BLOCK + 65]);
        for (len, offset) in lens.flat_map(|len| [(len, 0), (len, 1)]) {
            let codes = &pool[offset..offset + len];
            for (batch, bits) in [0_u16, 1, 2, 3, 4, 5, 33]
                .into_iter()
                .flat_map(|batch| [0, 1, 31, FIRST_UP_TO as u16, 64, 255, 256].map(|bits| (batch, bits)))
            {
                // One bound for all, but for the last query of each five.
                let max = |at| if at % 5 == 4 { 256 - bits } else { bits };
                let queries: Vec<_> = (0..batch)
                    .map(|at| (pool[usize::from(at) * 2 + 1], Distance::new(max(at)).unwrap()))
                    .collect();
                let expected: Vec<_> = queries
                    .iter()
                    .map(|(query, max)| {
                        let mut found = vec![(7, Distance::ZERO)]; // what is there stays
                        scalar::find_within(codes, query, *max, &mut found);
                        found
                    })
                    .collect();
                for kernel in Kernel::available() {
                    let mut found = vec![vec![(7, Distance::ZERO)]; usize::from(batch)];
                    kernel.find_within_many(codes, &queries, &mut found);
                    assert!(found == expected, "{}: {batch} over {len} within {bits}", kernel.name());
                }
            }
        }
    }

    #[test]
    fn one_query_finds_what_the_definition_finds() {
        let pool = codes(200);
        for (query, bits) in (0..40).flat_map(|query| [0, 1, 31, 64, 120, 255, 256].map(|bits| (query, bits)))
        {
            let (query, max) = (&pool[query], Distance::new(bits).unwrap());
            let mut expected = Vec::new();
            scalar::find_within(&pool[1..], query, max, &mut expected);
            for lanes in Lanes::available() {
                let mut found = Vec::new();
                lanes.run(FindWithin { codes: &pool[1..], query, max, out: &mut found });
                assert!(found == expected, "{}: within {bits}", lanes.name());
            }
        }
    }

    #[test]
    #[should_panic(expected = "each query has its own list")]
    fn a_batch_without_room_is_refused() {
        Kernel::best().find_within_many(&[], &[(Code256::ZERO, Distance::ZERO)], &mut []);
    }
}
