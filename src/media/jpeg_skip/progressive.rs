//! First coefficients out of the scans of a progressive picture.

use super::block::value;
use super::chroma::Firsts;
use super::code::{Singles, difference_size};
use super::header::{Definitions, Frame, Scan};
use super::scan::Units;
use super::stream::{Stream, jump};

/// The first coefficients, bit by bit.
pub(super) struct Layers {
    /// The lowest bit that is known of each coefficient of luma.
    known: [Option<u8>; 64],
    /// And of the first ones of the other components.
    others: Vec<Option<u8>>,
    firsts: Vec<Firsts>,
}

impl Layers {
    pub(super) fn new(frame: &Frame) -> Self {
        let firsts: Vec<_> = (0..frame.components.len()).map(|place| Firsts::new(frame, place)).collect();
        Self { known: [None; 64], others: vec![None; firsts.len() - 1], firsts }
    }

    /// Reads the scan that starts with `data`, or jumps over it, and returns what follows it.
    pub(super) fn add<'a>(
        &mut self,
        definitions: &Definitions<'_>,
        frame: &Frame,
        scan: &Scan,
        data: &'a [u8],
    ) -> Option<&'a [u8]> {
        let (before, after) = scan.approximation;
        let expected = if before == 0 { None } else { Some(after + 1) };
        let of_first = scan.band == (0, 0);
        // Only first coefficients come for several components together, or before others.
        let sound = expected.is_none_or(|known| known == before)
            && after <= 13
            && (of_first || (scan.band.0 > 0 && scan.components.len() == 1));
        if !sound {
            return None;
        }
        for (place, _) in &scan.components {
            let known = match (*place, of_first) {
                (0, _) => &mut self.known[scan.band.0..=scan.band.1],
                (place, true) => &mut self.others[place - 1..place],
                (_, false) => &mut [],
            };
            for known in known {
                if *known != expected {
                    return None;
                }
                *known = Some(after);
            }
        }
        match (of_first, before) {
            (false, _) => jump(data),
            (true, 0) => self.begin(definitions, frame, scan, data),
            (true, _) => self.refine(definitions, frame, scan, data),
        }
    }

    fn begin<'a>(
        &mut self,
        definitions: &Definitions<'_>,
        frame: &Frame,
        scan: &Scan,
        data: &'a [u8],
    ) -> Option<&'a [u8]> {
        let codes: Vec<_> = scan
            .components
            .iter()
            .map(|(_, [table, _])| Some(Singles::of(definitions.code(0, *table)?)))
            .collect::<Option<_>>()?;
        let mut units = Units::of(frame, scan, definitions.restart);
        let (mut stream, mut cursor) = Stream::new(data)?;
        let mut lasts = vec![0_i32; codes.len()];
        for row in 0..units.down {
            for unit in 0..units.across {
                if units.next(&mut stream, &mut cursor)? {
                    lasts.fill(0);
                }
                for (((place, _), code), last) in scan.components.iter().zip(&codes).zip(&mut lasts) {
                    let firsts = &mut self.firsts[*place];
                    let (across, down) = firsts.in_unit(scan);
                    for y in 0..down {
                        let start = (row * down + y) * firsts.stride + unit * across;
                        for first in &mut firsts.first[start..start + across] {
                            stream.refill(&mut cursor);
                            let (len, symbol) = code.find(cursor.bits)?;
                            let size = difference_size(symbol)?;
                            cursor.take(len);
                            *last += value(cursor.bits, size);
                            cursor.take(size);
                            *first = *last << scan.approximation.1;
                        }
                    }
                }
            }
            // So a row cannot overflow what it ends with.
            if lasts.iter().any(|last| last.unsigned_abs() >= 1 << 15) {
                return None;
            }
        }
        stream.finish(cursor)
    }

    fn refine<'a>(
        &mut self,
        definitions: &Definitions<'_>,
        frame: &Frame,
        scan: &Scan,
        data: &'a [u8],
    ) -> Option<&'a [u8]> {
        let mut units = Units::of(frame, scan, definitions.restart);
        let (mut stream, mut cursor) = Stream::new(data)?;
        for row in 0..units.down {
            for unit in 0..units.across {
                units.next(&mut stream, &mut cursor)?;
                // One bit a block, and no unit has more than ten blocks.
                stream.refill(&mut cursor);
                for (place, _) in &scan.components {
                    let firsts = &mut self.firsts[*place];
                    let (across, down) = firsts.in_unit(scan);
                    for y in 0..down {
                        let start = (row * down + y) * firsts.stride + unit * across;
                        for first in &mut firsts.first[start..start + across] {
                            *first |= (cursor.peek(1) as i32) << scan.approximation.1;
                            cursor.take(1);
                        }
                    }
                }
            }
        }
        stream.finish(cursor)
    }

    /// The first coefficients of all components; `None` unless every bit of them, and of every other coefficient of luma,
    /// has come.
    pub(super) fn finish(self) -> Option<Vec<Firsts>> {
        let whole = self.known == [Some(0); 64] && self.others.iter().all(|known| *known == Some(0));
        whole.then_some(self.firsts)
    }
}
