//! Luma's lowest coefficients out of a scan; all others are passed over.
//!
//! `K` is the number of coefficients wanted of a block: the first one, or 4, `(0, 0)`, `(0, 1)`, `(1, 0)` and `(1, 1)`.
//! `N` is the length of the tables by which the others are passed over.

use std::rc::Rc;

use super::code::{Code, ENDS, Lowest, Step, Tables, difference_size};
use super::header::{Definitions, Frame, Scan};
use super::samples::Samples;
use super::stream::{Cursor, Stream};

/// How the blocks of a scan follow each other.
pub(super) struct Units {
    pub(super) across: usize,
    pub(super) down: usize,
    /// Blocks of luma in a unit, across and down.
    pub(super) luma: (usize, usize),
    /// Units left until the next restart marker, and its number.
    left: usize,
    number: usize,
    interval: usize,
}

impl Units {
    pub(super) fn of(frame: &Frame, scan: &Scan, interval: usize) -> Self {
        let (across, down) = frame.blocks();
        let luma = match scan.components.len() {
            1 => (1, 1),
            _ => (frame.components[0].across, frame.components[0].down),
        };
        let (across, down) = (across.div_ceil(luma.0), down.div_ceil(luma.1));
        let interval = if interval == 0 { usize::MAX } else { interval };
        Self { across, down, luma, left: interval, number: 0, interval }
    }

    /// Before each unit: goes past a restart marker if it is time for one, and returns whether it was.
    #[inline(always)]
    pub(super) fn next(&mut self, stream: &mut Stream<'_>, cursor: &mut Cursor) -> Option<bool> {
        let due = self.left == 0;
        if due {
            stream.restart(cursor, self.number)?;
            (self.left, self.number) = (self.interval, self.number + 1);
        }
        self.left -= 1;
        stream.more(cursor)?;
        Some(due)
    }
}

/// The codes of a component, and the tables made of them.
struct Component<'a, const N: usize> {
    differences: Code<'a>,
    coefficients: Code<'a>,
    lowest: Lowest,
    tables: Rc<Tables<N>>,
}

impl<'a, const N: usize> Component<'a, N> {
    fn of(definitions: &Definitions<'a>, [differences, coefficients]: [usize; 2]) -> Option<Self> {
        let differences = definitions.code(0, differences)?;
        let coefficients = definitions.code(1, coefficients)?;
        let (lowest, tables) = (Lowest::of(coefficients), Tables::of(differences, coefficients));
        Some(Self { differences, coefficients, lowest, tables })
    }

    /// The bits that an entry is looked up by.
    #[inline(always)]
    fn index(cursor: &Cursor) -> usize {
        (cursor.bits >> (64 - N.trailing_zeros())) as usize
    }

    /// Goes past a block and returns the difference of its first coefficient.
    #[inline(always)]
    fn pass_block(&self, stream: &Stream<'_>, cursor: &mut Cursor) -> Option<i32> {
        let entry = self.tables.first[Self::index(cursor)];
        stream.refill(cursor);
        let mut at = entry >> 8 & 0xff;
        if at > 63 + ENDS {
            let difference = self.long_difference(cursor)?;
            stream.refill(cursor);
            self.pass_rest(stream, cursor, 1)?;
            return Some(difference);
        }
        let (len, size) = (entry >> 16 & 0xff, entry >> 24);
        let difference = value(cursor.bits.wrapping_shl(len), size);
        cursor.take(entry & 0xff);
        at += 1;
        if at < 64 {
            self.pass_rest(stream, cursor, at)?;
        }
        Some(difference)
    }

    /// Goes past the coefficients of a block from the one `at` on. There must be 26 bits and those of an index.
    #[inline(always)]
    fn pass_rest(&self, stream: &Stream<'_>, cursor: &mut Cursor, mut at: u32) -> Option<()> {
        let rest = &self.tables.rest;
        loop {
            let mut entry;
            loop {
                entry = u32::from(rest[Self::index(cursor)]);
                cursor.take(entry & 0xff);
                at += entry >> 8;
                if at >= 64 {
                    break;
                }
                // The index comes from bits that were there before, so that neither waits for the other.
                entry = u32::from(rest[Self::index(cursor)]);
                stream.refill(cursor);
                cursor.take(entry & 0xff);
                at += entry >> 8;
                if at >= 64 {
                    break;
                }
            }
            // The block is full, or was ended before it was.
            if at == 64 || (1 + ENDS..64 + ENDS).contains(&at) {
                return Some(());
            }
            // A code that is not in the table, or symbols of the next block: back, and one by one.
            stream.back(cursor, entry & 0xff);
            at -= entry >> 8;
            if self.pass_one(cursor, &mut at)? {
                return Some(());
            }
            stream.refill(cursor);
        }
    }

    /// Goes past one symbol, and returns whether that was the last one of its block.
    #[cold]
    fn pass_one(&self, cursor: &mut Cursor, at: &mut u32) -> Option<bool> {
        let (len, symbol) = self.coefficients.find(cursor.bits)?;
        let size = match Step::of(symbol)? {
            Step::End => {
                cursor.take(len);
                return Some(true);
            }
            Step::Zeros(zeros) => {
                *at += zeros;
                0
            }
            Step::Value(zeros, size) => {
                *at += zeros + 1;
                size
            }
        };
        cursor.take(len + size);
        // More coefficients than a block has mean damage.
        (*at <= 64).then_some(*at == 64)
    }

    #[cold]
    fn long_difference(&self, cursor: &mut Cursor) -> Option<i32> {
        let (len, symbol) = self.differences.find(cursor.bits)?;
        let size = difference_size(symbol)?;
        cursor.take(len);
        let difference = value(cursor.bits, size);
        cursor.take(size);
        Some(difference)
    }

    /// Goes past a block and returns the difference of its first coefficient, and its other three.
    #[inline(always)]
    fn take_block(&self, stream: &Stream<'_>, cursor: &mut Cursor) -> Option<[i32; 4]> {
        let entry = self.tables.first[Self::index(cursor)];
        stream.refill(cursor);
        let difference = if entry >> 8 & 0xff > 63 + ENDS {
            self.long_difference(cursor)?
        } else {
            let (len, size) = (entry >> 16 & 0xff, entry >> 24);
            let difference = value(cursor.bits.wrapping_shl(len), size);
            cursor.take(len + size);
            difference
        };
        // Room for where sixteen zeros lead from the last place before the one at 5, and beyond.
        let mut taken = [0; 32];
        taken[0] = difference;
        let mut at = 1;
        while at < 5 {
            let entry = self.lowest.entry(cursor.bits);
            stream.refill(cursor);
            if entry == 0 {
                if self.take_one(cursor, &mut at, &mut taken)? {
                    return Some([taken[0], taken[1], taken[2], taken[4]]);
                }
                continue;
            }
            at += entry >> 24;
            // No coefficient where the block ends or zeros do: then the place is not one of those wanted.
            taken[at as usize % 32] = value(cursor.bits.wrapping_shl(entry >> 8 & 0xff), entry >> 16 & 0xff);
            cursor.take(entry & 0xff);
            at += 1;
        }
        if at < ENDS {
            self.pass_rest(stream, cursor, at)?;
        }
        Some([taken[0], taken[1], taken[2], taken[4]])
    }

    /// Takes one symbol, as [`Self::pass_one`] passes over it.
    #[cold]
    fn take_one(&self, cursor: &mut Cursor, at: &mut u32, taken: &mut [i32; 32]) -> Option<bool> {
        let (len, symbol) = self.coefficients.find(cursor.bits)?;
        if let Step::Value(zeros, size) = Step::of(symbol)? {
            taken[(*at + zeros) as usize % 32] = value(cursor.bits.wrapping_shl(len), size);
        }
        self.pass_one(cursor, at)
    }
}

/// The number that the first `size` of `bits` stand for.
#[inline(always)]
pub(super) fn value(bits: u64, size: u32) -> i32 {
    let found = (bits >> 1 >> (63 - size)) as i32;
    // Those that begin with a 0 are negative.
    let negative = (!bits as i64 >> 63) as i32;
    found - (negative & ((1 << size) - 1))
}

/// Reads the scan that starts with `data`, of all components or of luma alone, into `samples`. Returns what follows it.
pub(super) fn sequential<'a, const N: usize, const K: usize>(
    definitions: &Definitions<'_>,
    frame: &Frame,
    scan: &Scan,
    data: &'a [u8],
    samples: &mut Samples,
) -> Option<&'a [u8]> {
    let luma = Component::<N>::of(definitions, scan.components[0].1)?;
    let mut others = Vec::new();
    for (place, tables) in &scan.components[1..] {
        let of = frame.components[*place];
        others.push((of.across * of.down, Component::<N>::of(definitions, *tables)?));
    }
    let mut units = Units::of(frame, scan, definitions.restart);
    let (mut stream, mut cursor) = Stream::new(data)?;
    let stride = units.across * units.luma.0;
    let mut rows = vec![[0; K]; stride * units.luma.1];
    let mut last = 0_i32;
    for _ in 0..units.down {
        for unit in 0..units.across {
            if units.next(&mut stream, &mut cursor)? {
                last = 0;
            }
            for y in 0..units.luma.1 {
                for x in 0..units.luma.0 {
                    let mut block = [0; K];
                    if K == 1 {
                        block[0] = luma.pass_block(&stream, &mut cursor)?;
                    } else {
                        block.copy_from_slice(&luma.take_block(&stream, &mut cursor)?);
                    }
                    // A row is too short for an overflow, and no row may begin with more than 16 bits.
                    last += block[0];
                    block[0] = last;
                    rows[y * stride + unit * units.luma.0 + x] = block;
                }
            }
            for (blocks, other) in &others {
                for _ in 0..*blocks {
                    other.pass_block(&stream, &mut cursor)?;
                }
            }
        }
        for row in rows.chunks_exact(stride) {
            samples.push(row)?;
        }
    }
    stream.finish(cursor)
}
