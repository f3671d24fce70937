//! Huffman codes, and tables that pass over several of their symbols in one step.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// Marks a table's entry that ends its block before the 64th coefficient.
pub(super) const ENDS: u32 = 128;
/// Marks a table's entry that says nothing: the code is longer than the table's index, or no code.
const UNKNOWN: u16 = 0xff00;
/// Codes of so many bits are short.
const SINGLE_BITS: u32 = 10;
/// Sets of tables that a thread keeps: those of a few makes of camera, luma and chroma each.
const KEPT: usize = 8;

/// A Huffman code as a file defines it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Code<'a> {
    /// How many codes there are of 1, 2, ... 16 bits.
    counts: &'a [u8; 16],
    /// What they mean, the shortest first.
    symbols: &'a [u8],
}

impl<'a> Code<'a> {
    /// The definition at the start of `bytes`, and what follows it; `None` if there cannot be so many short codes.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (counts, rest) = bytes.split_first_chunk::<16>()?;
        let taken = counts.iter().zip(1..).map(|(count, len)| u32::from(*count) << (16 - len)).sum::<u32>();
        let len = counts.iter().map(|count| usize::from(*count)).sum();
        let (symbols, rest) = rest.split_at_checked(len)?;
        (taken <= 1 << 16 && len <= 256).then_some((Self { counts, symbols }, rest))
    }

    /// True if all symbols may stand for the size of a difference, as decoders demand.
    pub(super) fn is_of_differences(&self) -> bool {
        self.symbols.iter().all(|symbol| *symbol <= 15)
    }

    /// Length, bits and symbol of each code.
    fn codes(&self) -> impl Iterator<Item = (u32, usize, u8)> {
        let lengths = self.counts.iter().zip(1..).flat_map(|(count, len)| (0..*count).map(move |_| len));
        let mut next = 0;
        lengths.zip(self.symbols).map(move |(len, symbol)| {
            let bits = next >> (16 - len);
            next += 1 << (16 - len);
            (len, bits, *symbol)
        })
    }

    /// Length and symbol of the code that `bits` begin with.
    #[cold]
    pub(super) fn find(&self, bits: u64) -> Option<(u32, u8)> {
        let (mut first, mut index) = (0, 0);
        for (count, len) in self.counts.iter().map(|count| usize::from(*count)).zip(1..) {
            let offset = (bits >> (64 - len)) as usize - first;
            if offset < count {
                return Some((len, self.symbols[index + offset]));
            }
            first = (first + count) << 1;
            index += count;
        }
        None
    }
}

/// A code with a table of its short ones.
pub(super) struct Singles<'a> {
    code: Code<'a>,
    /// By the next ten bits: length and symbol, 0 for what is longer.
    table: [u16; 1 << SINGLE_BITS],
}

impl<'a> Singles<'a> {
    pub(super) fn of(code: Code<'a>) -> Self {
        let mut table = [0; 1 << SINGLE_BITS];
        for (len, bits, symbol) in code.codes().take_while(|(len, ..)| *len <= SINGLE_BITS) {
            let width = table.len() >> len;
            table[bits * width..][..width].fill((len << 8) as u16 | u16::from(symbol));
        }
        Self { code, table }
    }

    /// Length and symbol of the code that `bits` begin with.
    #[inline(always)]
    pub(super) fn find(&self, bits: u64) -> Option<(u32, u8)> {
        match self.table[(bits >> (64 - SINGLE_BITS)) as usize] {
            0 => self.code.find(bits),
            found => Some((u32::from(found >> 8), found as u8)),
        }
    }
}

/// How to take the coefficients after the first one, one by one.
///
/// By the next ten bits: the low byte is the number of bits to take, the next one the length of the code, the third one the
/// size of the coefficient, the highest one the zeros before it, or [`ENDS`] if the block ends; 0 for what is longer.
pub(super) struct Lowest([u32; 1 << SINGLE_BITS]);

impl Lowest {
    pub(super) fn of(code: Code<'_>) -> Self {
        let mut table = [0; 1 << SINGLE_BITS];
        for (len, bits, symbol) in code.codes().take_while(|(len, ..)| *len <= SINGLE_BITS) {
            let (zeros, size) = match Step::of(symbol) {
                Some(Step::End) => (ENDS, 0),
                Some(Step::Zeros(zeros)) => (zeros - 1, 0),
                Some(Step::Value(zeros, size)) => (zeros, size),
                None => continue,
            };
            let width = table.len() >> len;
            table[bits * width..][..width].fill(zeros << 24 | size << 16 | len << 8 | (len + size));
        }
        Self(table)
    }

    #[inline(always)]
    pub(super) fn entry(&self, bits: u64) -> u32 {
        self.0[(bits >> (64 - SINGLE_BITS)) as usize]
    }
}

/// What a symbol of the coefficients after the first one says.
pub(super) enum Step {
    /// No more coefficients.
    End,
    /// So many zeros and nothing after them.
    Zeros(u32),
    /// So many zeros, and then a coefficient of so many bits.
    Value(u32, u32),
}

impl Step {
    /// `None` for what no encoder of 8-bit pictures writes.
    pub(super) fn of(symbol: u8) -> Option<Self> {
        match (u32::from(symbol >> 4), u32::from(symbol & 15)) {
            (0, 0) => Some(Self::End),
            (15, 0) => Some(Self::Zeros(16)),
            (zeros, size @ 1..=10) => Some(Self::Value(zeros, size)),
            _ => None,
        }
    }
}

/// The size of a difference of first coefficients in 8-bit pictures; `None` if it is too large for them.
pub(super) fn difference_size(symbol: u8) -> Option<u32> {
    (symbol <= 11).then_some(u32::from(symbol))
}

/// How to pass over blocks, by the next `log2(N)` bits.
///
/// The low byte of an entry is the number of bits to take, which may be more than were looked at; the next one by how many
/// coefficients that advances in the block, plus [`ENDS`] if the block ends there.
pub(super) struct Tables<const N: usize> {
    /// At the start of a block. The third byte is the length of the code of the first coefficient's difference, the highest
    /// one the size of that difference.
    pub(super) first: Box<[u32; N]>,
    /// In the middle of a block.
    pub(super) rest: Box<[u16; N]>,
}

/// The definitions of two codes, and the [`Tables`] of some length made of them.
type Made = (Vec<u8>, Rc<dyn Any>);

impl<const N: usize> Tables<N> {
    /// The tables of a component, from those that this thread made last if they are among them.
    pub(super) fn of(differences: Code<'_>, coefficients: Code<'_>) -> Rc<Self> {
        thread_local! {
            static MADE: RefCell<Vec<Made>> = const { RefCell::new(Vec::new()) };
        }
        let parts = [&differences.counts[..], differences.symbols, coefficients.counts, coefficients.symbols];
        let key = parts.concat();
        MADE.with_borrow_mut(|made| {
            let found = made.iter().position(|(other, tables)| *other == key && tables.is::<Self>());
            let entry = match found {
                Some(at) => made.remove(at),
                None => {
                    made.truncate(KEPT - 1);
                    (key, Rc::new(Self::new(differences, coefficients)) as Rc<dyn Any>)
                }
            };
            let tables = Rc::clone(&entry.1).downcast().expect("found by its type");
            made.insert(0, entry);
            tables
        })
    }

    fn new(differences: Code<'_>, coefficients: Code<'_>) -> Self {
        let coefficients: Vec<_> = coefficients.codes().collect();
        let mut rest = boxed(UNKNOWN);
        fill(&mut rest[..], &coefficients, 0, 0);
        let mut first = boxed(u32::from(UNKNOWN));
        let mut part = [0; N];
        for (len, bits, symbol) in differences.codes().filter(|(len, ..)| 1 << len <= N) {
            let Some(size) = difference_size(symbol) else { continue };
            let width = N >> len;
            let range = &mut first[bits * width..][..width];
            // The same follows whatever the bits of the difference are.
            let part = &mut part[..(width >> size).max(1)];
            fill(part, &coefficients, len + size, 0);
            for entries in range.chunks_mut(part.len()) {
                for (entry, low) in entries.iter_mut().zip(&*part) {
                    *entry = size << 24 | len << 16 | u32::from(*low);
                }
            }
        }
        Self { first, rest }
    }
}

fn boxed<T: Copy, const N: usize>(value: T) -> Box<[T; N]> {
    vec![value; N].into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("N values were made"))
}

/// Fills the part of a table before which `used` bits were taken and `advance` coefficients passed.
fn fill(table: &mut [u16], codes: &[(u32, usize, u8)], used: u32, advance: u32) {
    let entry = |bits: u32, advance: u32| (advance << 8 | bits) as u16;
    table.fill(if used == 0 { UNKNOWN } else { entry(used, advance) });
    let look_ahead = table.len().trailing_zeros();
    for &(len, bits, symbol) in codes.iter().take_while(|(len, ..)| *len <= look_ahead) {
        let width = table.len() >> len;
        let range = &mut table[bits * width..][..width];
        let (step, size) = match Step::of(symbol) {
            Some(Step::End) => {
                range.fill(entry(used + len, advance + ENDS));
                continue;
            }
            Some(Step::Zeros(zeros)) => (zeros, 0),
            Some(Step::Value(zeros, size)) => (zeros + 1, size),
            None => continue,
        };
        // What no block can hold stays for the step after this one to find out.
        if advance + step > 63 {
            continue;
        }
        let part = width >> size;
        if part <= 1 {
            range.fill(entry(used + len + size, advance + step));
        } else {
            fill(&mut range[..part], codes, used + len + size, advance + step);
            for start in (part..width).step_by(part) {
                range.copy_within(..part, start);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: [u8; 16] = [0, 1, 2, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    const SYMBOLS: [u8; 18] = [1, 0, 0x11, 2, 0xf0, 3, 0x21, 0x31, 4, 5, 6, 0x41, 7, 8, 9, 10, 0x71, 0x0b];

    fn coefficients() -> Code<'static> {
        let bytes: Vec<u8> = [&COUNTS[..], &SYMBOLS].concat();
        Code::parse(bytes.leak()).unwrap().0
    }

    /// What one entry must say, symbol by symbol.
    fn entry(index: usize, bits: u32, code: Code<'_>, mut used: u32) -> (u32, u32) {
        let mut advance = 0;
        loop {
            let next = (index as u64) << (64 - bits);
            let Some((len, symbol)) = (if used < bits { code.find(next << used) } else { None }) else {
                break;
            };
            if used + len > bits {
                break;
            }
            let (step, size) = match Step::of(symbol) {
                Some(Step::End) => return (used + len, advance + ENDS),
                Some(Step::Zeros(zeros)) => (zeros, 0),
                Some(Step::Value(zeros, size)) => (zeros + 1, size),
                None => break,
            };
            if advance + step > 63 {
                break;
            }
            (used, advance) = (used + len + size, advance + step);
        }
        if used == 0 { (0, 255) } else { (used, advance) }
    }

    #[test]
    fn an_entry_says_what_its_symbols_say_one_by_one() {
        let code = coefficients();
        let tables = Tables::<4096>::new(code, code);
        let mut several = 0;
        for index in 0..4096 {
            let low = u32::from(tables.rest[index]);
            assert_eq!((low & 255, low >> 8), entry(index, 12, code, 0), "{index:012b}");
            several += usize::from((low >> 8) % ENDS > 16);
            let first = tables.first[index];
            match code.find((index as u64) << 52) {
                Some((len, size @ 0..=11)) if len <= 12 => {
                    assert_eq!((first >> 16 & 255, first >> 24), (len, u32::from(size)));
                    let expected = entry(index, 12, code, len + u32::from(size));
                    assert_eq!((first & 255, first >> 8 & 255), expected, "{index:012b}");
                }
                _ => assert_eq!(first, u32::from(UNKNOWN)),
            }
        }
        assert!(several > 100);
    }

    #[test]
    fn codes_that_do_not_fit_are_refused() {
        let parse = |counts: [u8; 16]| Code::parse(&[&counts[..], &[0; 300]].concat()).is_some();
        let mut counts = [0; 16];
        counts[0] = 2;
        assert!(parse(counts));
        counts[15] = 1;
        assert!(!parse(counts));
        let mut counts = [0; 16];
        (counts[14], counts[15]) = (200, 100);
        assert!(!parse(counts), "more than 256 symbols");
        assert!(Code::parse(&[0; 15]).is_none());
        assert!(Code::parse(&[1; 20]).is_none());
    }

    #[test]
    fn tables_are_made_once_for_the_same_codes() {
        let code = coefficients();
        let made = Tables::<4096>::of(code, code);
        assert!(Rc::ptr_eq(&made, &Tables::of(code, code)));
        assert_eq!(Tables::<8192>::of(code, code).rest.len(), 8192);
        assert!(Rc::ptr_eq(&made, &Tables::of(code, code)));
        for other in 0..KEPT as u8 {
            let bytes = [&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &[other]].concat();
            Tables::<4096>::of(Code::parse(&bytes).unwrap().0, code);
        }
        assert!(!Rc::ptr_eq(&made, &Tables::of(code, code)), "not kept for ever");
    }
}
