//! The coded coefficients of one block: passed over, or taken.
//!
//! `N` is the length of the tables by which coefficients are passed over.

use std::rc::Rc;

use super::code::{Code, ENDS, Lowest, Step, Tables, difference_size};
use super::header::{Definitions, PLACES};
use super::stream::{Cursor, Stream};

/// All coefficients of a block, column by column, as [`PLACES`] has them.
pub(super) type Block = [i32; 64];

/// The codes of a component, and the tables made of them.
pub(super) struct Component<'a, const N: usize> {
    differences: Code<'a>,
    coefficients: Code<'a>,
    lowest: Lowest,
    tables: Rc<Tables<N>>,
}

impl<'a, const N: usize> Component<'a, N> {
    pub(super) fn of(definitions: &Definitions<'a>, [differences, coefficients]: [usize; 2]) -> Option<Self> {
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
    pub(super) fn pass_block(&self, stream: &Stream<'_>, cursor: &mut Cursor) -> Option<i32> {
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

    /// Takes the difference of a block's first coefficient.
    #[inline(always)]
    fn take_difference(&self, stream: &Stream<'_>, cursor: &mut Cursor) -> Option<i32> {
        let entry = self.tables.first[Self::index(cursor)];
        stream.refill(cursor);
        if entry >> 8 & 0xff > 63 + ENDS {
            self.long_difference(cursor)
        } else {
            let (len, size) = (entry >> 16 & 0xff, entry >> 24);
            let difference = value(cursor.bits.wrapping_shl(len), size);
            cursor.take(len + size);
            Some(difference)
        }
    }

    /// Goes past a block and returns the difference of its first coefficient, and its other three.
    #[inline(always)]
    pub(super) fn take_block(&self, stream: &Stream<'_>, cursor: &mut Cursor) -> Option<[i32; 4]> {
        let difference = self.take_difference(stream, cursor)?;
        // Room for where sixteen zeros lead from the last place before the one at 5, and beyond.
        let mut taken = [0; 32];
        taken[0] = difference;
        let mut at = 1;
        while at < 5 {
            let entry = self.lowest.entry(cursor.bits);
            stream.refill(cursor);
            if entry == 0 {
                let (found, ended) = self.take_one(cursor, &mut at)?;
                if let Some((place, value)) = found {
                    taken[place] = value;
                }
                if ended {
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

    /// Takes all of a block, each coefficient times its quantiser but the first one: of that the difference as it is.
    #[inline(always)]
    pub(super) fn take_all(
        &self,
        stream: &Stream<'_>,
        cursor: &mut Cursor,
        quantisers: &[u8; 64],
        taken: &mut Block,
    ) -> Option<()> {
        *taken = [0; 64];
        taken[0] = self.take_difference(stream, cursor)?;
        let mut at = 1;
        while at < 64 {
            let entry = self.lowest.entry(cursor.bits);
            stream.refill(cursor);
            if entry == 0 {
                let (found, ended) = self.take_one(cursor, &mut at)?;
                if let Some((place, value)) = found {
                    taken[PLACES[place]] = value * i32::from(quantisers[place]);
                }
                if ended {
                    break;
                }
                continue;
            }
            at += entry >> 24;
            let value = value(cursor.bits.wrapping_shl(entry >> 8 & 0xff), entry >> 16 & 0xff);
            cursor.take(entry & 0xff);
            if at > 63 {
                // More coefficients than a block has mean damage.
                return (at >= ENDS).then_some(());
            }
            taken[PLACES[at as usize]] = value * i32::from(quantisers[at as usize]);
            at += 1;
        }
        Some(())
    }

    /// Takes one symbol, as [`Self::pass_one`] passes over it: the coefficient that it stands for, with its place in the
    /// order of the file, and whether the block has ended.
    #[cold]
    fn take_one(&self, cursor: &mut Cursor, at: &mut u32) -> Option<(Option<(usize, i32)>, bool)> {
        let (len, symbol) = self.coefficients.find(cursor.bits)?;
        let found = match Step::of(symbol)? {
            Step::Value(zeros, size) => {
                Some(((*at + zeros) as usize, value(cursor.bits.wrapping_shl(len), size)))
            }
            Step::End | Step::Zeros(_) => None,
        };
        Some((found, self.pass_one(cursor, at)?))
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
