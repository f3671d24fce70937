//! Codes of other widths than 256 bits: whole bytes, as many as the kind of hash has.

use std::fmt;

use super::lanes::{Lanes, Level, Wide};
use super::{Distance, scalar};

/// A code of 1 to 128 bytes, in the order in which they are written and stored.
///
/// Its width is that of its kind of hash; comparing codes of different widths means nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    len: u8,
    /// Zero beyond `len`, so that equality and order are those of the bytes.
    bytes: [u8; Self::MAX_BYTES],
}

impl Code {
    /// Most bytes of a code: 1,024 bits.
    pub const MAX_BYTES: usize = 128;

    /// The code with these bytes; `None` without any, or for more than [`Code::MAX_BYTES`].
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut code = Self { len: bytes.len() as u8, bytes: [0; Self::MAX_BYTES] };
        code.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        (!bytes.is_empty()).then_some(code)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len_bytes()]
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn len_bytes(&self) -> usize {
        self.len as usize
    }

    /// The number of bits in which the two differ; both have one width.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Distance {
        Distance(scalar::distance_of_bytes(self.as_bytes(), other.as_bytes()))
    }
}

/// A code is a hash of content: it is never printed by accident.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({} bits, ..)", self.len_bytes() * 8)
    }
}

/// Appends `(position, distance)` of every code within `max` of `query`, in order of position.
///
/// The codes have the width of `query` and stand in `codes` one behind the other. Widths that hashes have are compared
/// by loops of fixed length, which the compiler unrolls and makes vectors of; [`scalar::find_within_wide`] is the
/// definition.
pub fn find_within_wide(codes: &[u8], query: &Code, max: Distance, out: &mut Vec<(usize, Distance)>) {
    Lanes::best().run(FindWithin { codes, query, max, out });
}

struct FindWithin<'a, 'o> {
    codes: &'a [u8],
    query: &'a Code,
    max: Distance,
    out: &'o mut Vec<(usize, Distance)>,
}

impl Wide for FindWithin<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Level>(self, _: L) {
        match self.query.len_bytes() {
            5 => self.fixed::<5>(),
            8 => self.fixed::<8>(),
            18 => self.fixed::<18>(),
            32 => self.fixed::<32>(),
            68 => self.fixed::<68>(),
            128 => self.fixed::<128>(),
            _ => scalar::find_within_wide(self.codes, self.query, self.max, self.out),
        }
    }
}

impl FindWithin<'_, '_> {
    #[inline(always)]
    fn fixed<const N: usize>(self) {
        let Some(query) = self.query.as_bytes().first_chunk::<N>() else { return };
        for (position, code) in self.codes.as_chunks::<N>().0.iter().enumerate() {
            let distance = Distance(apart(code, query));
            if distance <= self.max {
                self.out.push((position, distance));
            }
        }
    }
}

/// Differing bits, eight bytes at a time, the rest in one word.
#[inline(always)]
fn apart<const N: usize>(a: &[u8; N], b: &[u8; N]) -> u16 {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let differing = |a: [u8; 8], b: [u8; 8]| (u64::from_ne_bytes(a) ^ u64::from_ne_bytes(b)).count_ones();
    let padded = |rest: &[u8]| {
        let mut word = [0; 8];
        word[..rest.len()].copy_from_slice(rest);
        word
    };
    let words: u32 = a_words.iter().zip(b_words).map(|(a, b)| differing(*a, *b)).sum();
    (words + differing(padded(a_rest), padded(b_rest))) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_bytes_and_no_more() {
        for len in 1..=Code::MAX_BYTES {
            let bytes = vec![0xa5; len];
            let code = Code::new(&bytes).unwrap();
            assert_eq!(code.as_bytes(), bytes);
            assert_eq!(code.distance(&Code::new(&vec![0; len]).unwrap()).bits() as usize, 4 * len);
            assert!(!format!("{code:?}").contains("a5") && !format!("{code:?}").contains("165"));
        }
        assert_eq!(Code::new(&[]), None);
        assert_eq!(Code::new(&[0; Code::MAX_BYTES + 1]), None);
        assert_ne!(Code::new(&[0]), Code::new(&[0, 0]));
    }

    #[test]
    fn every_width_is_searched_as_the_definition_says() {
        // Period 251: a swapped code would show.
        let pool: Vec<u8> = (0..128 * 70).map(|n: usize| (n * n % 251) as u8).collect();
        for width in [1, 2, 5, 7, 8, 9, 16, 18, 31, 32, 33, 64, 68, 127, 128] {
            let query = Code::new(&pool[7 * width..8 * width]).unwrap();
            for len in 0..=65 {
                for offset in [0, 1] {
                    for bits in [0, 1, width as u16, width as u16 * 4, width as u16 * 8] {
                        let max = Distance::of_width(bits, width as u32 * 8).unwrap();
                        let codes = &pool[offset * width..(offset + len) * width];
                        let mut expected = Vec::new();
                        scalar::find_within_wide(codes, &query, max, &mut expected);
                        for lanes in Lanes::available() {
                            let (query, mut found) = (&query, Vec::new());
                            lanes.run(FindWithin { codes, query, max, out: &mut found });
                            assert_eq!(found, expected, "{}: {len} of {width} bytes, {bits}", lanes.name());
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn each_bit_counts_once() {
        for width in [1, 5, 8, 18, 68, 128] {
            let zero = Code::new(&vec![0; width]).unwrap();
            for bit in 0..width * 8 {
                let mut bytes = vec![0; width];
                bytes[bit / 8] = 1 << (bit % 8);
                let mut found = Vec::new();
                let one = Distance::of_width(1, width as u32 * 8).unwrap();
                find_within_wide(&bytes, &zero, one, &mut found);
                assert_eq!(found, [(0, one)], "bit {bit} of {width} bytes");
                find_within_wide(&bytes, &zero, Distance::ZERO, &mut found);
                assert_eq!(found.len(), 1);
            }
        }
    }
}
