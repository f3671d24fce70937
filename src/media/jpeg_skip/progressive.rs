//! Luma's first coefficients out of the scans of a progressive picture.

use super::code::{Singles, difference_size};
use super::header::{Definitions, Frame, Scan};
use super::samples::Samples;
use super::scan::{Units, value};
use super::stream::{Stream, jump};

/// The first coefficients of luma, bit by bit.
pub(super) struct Layers {
    /// The lowest bit that is known of each coefficient of luma.
    known: [Option<u8>; 64],
    /// Row-major; a row has room for whole units.
    first: Vec<[i32; 1]>,
    stride: usize,
}

impl Layers {
    pub(super) fn new(frame: &Frame) -> Self {
        let (across, down) = frame.blocks();
        let luma = frame.components[0];
        let stride = across.next_multiple_of(luma.across);
        Self { known: [None; 64], first: vec![[0]; stride * down.next_multiple_of(luma.down)], stride }
    }

    /// Reads the scan that starts with `data`, or jumps over it, and returns what follows it.
    pub(super) fn add<'a>(
        &mut self,
        definitions: &Definitions<'_>,
        frame: &Frame,
        scan: &Scan,
        data: &'a [u8],
    ) -> Option<&'a [u8]> {
        if scan.components[0].0 != 0 {
            return jump(data);
        }
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
        for known in &mut self.known[scan.band.0..=scan.band.1] {
            if *known != expected {
                return None;
            }
            *known = Some(after);
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
        let luma = Singles::of(definitions.code(0, scan.components[0].1[0])?);
        let mut others = Vec::new();
        for (place, [table, _]) in &scan.components[1..] {
            let of = frame.components[*place];
            others.push((of.across * of.down, Singles::of(definitions.code(0, *table)?)));
        }
        let mut units = Units::of(frame, scan, definitions.restart);
        let (mut stream, mut cursor) = Stream::new(data)?;
        let mut last = 0_i32;
        for row in 0..units.down {
            for unit in 0..units.across {
                if units.next(&mut stream, &mut cursor)? {
                    last = 0;
                }
                let mut difference = |code: &Singles<'_>| {
                    stream.refill(&mut cursor);
                    let (len, symbol) = code.find(cursor.bits)?;
                    let size = difference_size(symbol)?;
                    cursor.take(len);
                    let difference = value(cursor.bits, size);
                    cursor.take(size);
                    Some(difference)
                };
                for y in 0..units.luma.1 {
                    for x in 0..units.luma.0 {
                        last += difference(&luma)?;
                        let place = (row * units.luma.1 + y) * self.stride + unit * units.luma.0 + x;
                        self.first[place] = [last << scan.approximation.1];
                    }
                }
                for (blocks, other) in &others {
                    for _ in 0..*blocks {
                        difference(other)?;
                    }
                }
            }
            // So a row cannot overflow what it ends with.
            if last.unsigned_abs() >= 1 << 15 {
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
        let others: usize = scan.components[1..]
            .iter()
            .map(|(at, _)| frame.components[*at])
            .map(|of| of.across * of.down)
            .sum();
        let mut units = Units::of(frame, scan, definitions.restart);
        let (mut stream, mut cursor) = Stream::new(data)?;
        for row in 0..units.down {
            for unit in 0..units.across {
                units.next(&mut stream, &mut cursor)?;
                // One bit a block, and no unit has more than ten blocks.
                stream.refill(&mut cursor);
                for y in 0..units.luma.1 {
                    for x in 0..units.luma.0 {
                        let place = (row * units.luma.1 + y) * self.stride + unit * units.luma.0 + x;
                        self.first[place][0] |= (cursor.peek(1) as i32) << scan.approximation.1;
                        cursor.take(1);
                    }
                }
                cursor.take(others as u32);
            }
        }
        stream.finish(cursor)
    }

    /// All rows; `None` unless every bit of every coefficient of luma has come.
    pub(super) fn finish(self, samples: &mut Samples) -> Option<()> {
        if self.known != [Some(0); 64] {
            return None;
        }
        self.first.chunks_exact(self.stride).try_for_each(|row| samples.push(row))
    }
}
