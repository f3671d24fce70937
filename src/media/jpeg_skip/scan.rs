//! A sequential scan, unit by unit.

use super::block::{Block, Component};
use super::chroma::Firsts;
use super::header::{Definitions, Frame, PLACES, Scan};
use super::probe::Probe;
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
        let (all, luma) = (frame.blocks(), frame.components[0]);
        let ((across, down), luma) = match &scan.components[..] {
            // A component's own blocks that hold pixels.
            [(place, _)] => {
                let of = frame.components[*place];
                let own = |pixels: u32, count: usize, most: usize| {
                    (pixels as usize * count).div_ceil(most).div_ceil(8)
                };
                let across = own(frame.width, of.across, luma.across);
                ((across, own(frame.height, of.down, luma.down)), (1, 1))
            }
            _ => ((all.0.div_ceil(luma.across), all.1.div_ceil(luma.down)), (luma.across, luma.down)),
        };
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

/// Reads the scan of all components that starts with `data`: luma's `K` lowest coefficients into `samples`, or all of them
/// for `K = 64`, and the first coefficients of the colours. Returns what follows it.
pub(super) fn sequential<'a, const N: usize, const K: usize>(
    definitions: &Definitions<'_>,
    frame: &Frame,
    scan: &Scan,
    data: &'a [u8],
    samples: &mut Samples,
    colours: &mut [Firsts],
    probe: &mut Probe,
) -> Option<&'a [u8]> {
    let luma = Component::<N>::of(definitions, scan.components[0].1)?;
    let others: Vec<_> = scan.components[1..]
        .iter()
        .map(|(_, tables)| Component::<N>::of(definitions, *tables))
        .collect::<Option<_>>()?;
    let quantisers = definitions.quantisers()?;
    // Where in a block those are that `take_block` gives, and what they were multiplied by.
    let lowest =
        [0, 1, 2, 4].map(|place| (PLACES[place], if place == 0 { 1 } else { quantisers[0][place].into() }));
    let mut units = Units::of(frame, scan, definitions.restart);
    probe.begin(units.across * units.down);
    let (mut stream, mut cursor) = Stream::new(data)?;
    let stride = units.across * units.luma.0;
    let mut rows = vec![[0; K]; stride * units.luma.1];
    let (mut last, mut lasts) = (0_i32, [0_i32; 2]);
    for row in 0..units.down {
        for unit in 0..units.across {
            if units.next(&mut stream, &mut cursor)? {
                (last, lasts) = (0, [0; 2]);
            }
            let probed = probe.is_due(row * units.across + unit);
            for y in 0..units.luma.1 {
                for x in 0..units.luma.0 {
                    let block = &mut rows[y * stride + unit * units.luma.0 + x];
                    if let Ok(all) = <&mut Block>::try_from(&mut block[..]) {
                        luma.take_all(&stream, &mut cursor, quantisers[0], all)?;
                        if probed {
                            probe.take(0, last, all);
                        }
                    } else if probed {
                        let mut all: Block = [0; 64];
                        luma.take_all(&stream, &mut cursor, quantisers[0], &mut all)?;
                        probe.take(0, last, &all);
                        lowest
                            .iter()
                            .zip(block.iter_mut())
                            .for_each(|((from, by), to)| *to = all[*from] / by);
                    } else if K == 1 {
                        block[0] = luma.pass_block(&stream, &mut cursor)?;
                    } else {
                        block.copy_from_slice(&luma.take_block(&stream, &mut cursor)?);
                    }
                    // A row is too short for an overflow, and no row may begin with more than 16 bits.
                    last += block[0];
                    block[0] = last;
                }
            }
            for (place, ((other, colour), last)) in
                others.iter().zip(colours.iter_mut()).zip(&mut lasts).enumerate()
            {
                for y in 0..colour.down {
                    for x in 0..colour.across {
                        let before = *last;
                        if probed {
                            let mut all: Block = [0; 64];
                            other.take_all(&stream, &mut cursor, quantisers[place + 1], &mut all)?;
                            probe.take(place + 1, before, &all);
                            *last += all[0];
                        } else {
                            *last += other.pass_block(&stream, &mut cursor)?;
                        }
                        let to = (row * colour.down + y) * colour.stride + unit * colour.across + x;
                        colour.first[to] = *last;
                    }
                }
            }
            if probed {
                probe.judge(K);
            }
        }
        if lasts.iter().any(|last| last.unsigned_abs() >= 1 << 15) {
            return None;
        }
        for row in rows.chunks_exact_mut(stride) {
            samples.push(row)?;
        }
    }
    stream.finish(cursor)
}
