//! The segments of a JPEG file, and what they define for the scans that follow them.

use image::metadata::Orientation;

use super::code::Code;
use crate::media::exif::orientation;
use crate::media::jpeg::MOST_SCANS;
use crate::media::jpeg_colour::{Colour, Signs};
use crate::media::jpeg_scan::exif;

/// Blocks in a unit of a scan with several components, at most (ITU-T T.81, B.2.3).
const MOST_BLOCKS: usize = 10;

/// Where the coefficients of a block, in the order in which a file has them, stand column by column (T.81, figure A.6).
#[rustfmt::skip]
pub(super) const PLACES: [usize; 64] = [
     0,  8,  1,  2,  9, 16, 24, 17, 10,  3,  4, 11, 18, 25, 32, 40,
    33, 26, 19, 12,  5,  6, 13, 20, 27, 34, 41, 48, 56, 49, 42, 35,
    28, 21, 14,  7, 15, 22, 29, 36, 43, 50, 57, 58, 51, 44, 37, 30,
    23, 31, 38, 45, 52, 59, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63,
];

/// The segments of a file one after the other. Stricter than decoders: nothing may stand between them.
pub(super) struct Segments<'a> {
    /// What was not read yet.
    pub(super) rest: &'a [u8],
}

impl<'a> Segments<'a> {
    /// `bytes` begin with the marker that starts an image.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        Some(Self { rest: bytes.strip_prefix(&[0xff, 0xd8])? })
    }

    /// The next marker and what its segment holds, which is nothing for the end of the image.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        self.rest = self.rest.strip_prefix(&[0xff])?;
        let fill = self.rest.iter().position(|byte| *byte != 0xff)?;
        let marker = self.rest[fill];
        let rest = &self.rest[fill + 1..];
        if marker == 0xd9 {
            self.rest = rest;
            return Some((marker, &[]));
        }
        // No markers without a segment, or that start another image.
        if matches!(marker, 0..=0xbf | 0xd0..=0xd8) {
            return None;
        }
        let len = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        let (segment, rest) = rest.split_at_checked(len)?;
        self.rest = rest;
        Some((marker, segment.get(2..)?))
    }
}

/// A component of a picture.
#[derive(Clone, Copy)]
pub(super) struct Component {
    id: u8,
    /// Blocks in a unit, across and down.
    pub(super) across: usize,
    pub(super) down: usize,
    quantiser: usize,
}

/// What a frame header says.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) progressive: bool,
    /// One, or three of which the first one is luma.
    pub(super) components: Vec<Component>,
}

impl Frame {
    /// `None` unless all samples have 8 bits, and luma comes first and in the finest sampling.
    fn parse(progressive: bool, body: &[u8]) -> Option<Self> {
        let (&[bits, h1, h0, w1, w0, count], rest) = body.split_first_chunk::<6>()?;
        let (height, width) = (u16::from_be_bytes([h1, h0]), u16::from_be_bytes([w1, w0]));
        let components: Vec<_> = rest
            .chunks(3)
            .map(|of| {
                let &[id, sampling, quantiser] = of.first_chunk()?;
                let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 15));
                Some(Component { id, across, down, quantiser: usize::from(quantiser) })
            })
            .collect::<Option<_>>()?;
        let luma = components.first()?;
        let distinct = components
            .iter()
            .enumerate()
            .all(|(at, one)| components[..at].iter().all(|other| other.id != one.id));
        // Halves and quarters of luma's resolution are what all decoders know.
        let sampled = components.iter().all(|one| {
            let known = |count: usize, lumas: usize| matches!(count, 1 | 2 | 4) && (count <= lumas);
            known(one.across, luma.across) && known(one.down, luma.down)
        });
        let blocks: usize = components.iter().map(|of| of.across * of.down).sum();
        let usual = bits == 8
            && width > 0
            && height > 0
            && components.len() == usize::from(count)
            && matches!(count, 1 | 3)
            && distinct
            && sampled
            && (count == 1 || blocks <= MOST_BLOCKS);
        if !usual {
            return None;
        }
        let (width, height) = (u32::from(width), u32::from(height));
        Some(Self { width, height, progressive, components })
    }

    /// Blocks of luma across and down that hold pixels of the picture.
    pub(super) fn blocks(&self) -> (usize, usize) {
        (self.width.div_ceil(8) as usize, self.height.div_ceil(8) as usize)
    }
}

/// What a scan header says.
pub(super) struct Scan {
    /// For each component, its place in the frame and its tables of differences and coefficients.
    pub(super) components: Vec<(usize, [usize; 2])>,
    /// The first and the last coefficient.
    pub(super) band: (usize, usize),
    /// The place of the lowest bit that was known before, 0 for none, and after.
    pub(super) approximation: (u8, u8),
}

impl Scan {
    fn parse(frame: &Frame, body: &[u8]) -> Option<Self> {
        let (&count, rest) = body.split_first()?;
        let (named, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits] = rest.first_chunk().filter(|_| rest.len() == 3)?;
        let components: Vec<_> = named
            .chunks_exact(2)
            .map(|of| {
                let place = frame.components.iter().position(|component| component.id == of[0])?;
                Some((place, [usize::from(of[1] >> 4), usize::from(of[1] & 15)]))
            })
            .collect::<Option<_>>()?;
        // In the order of the frame, and none twice.
        let ordered = components.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let (band, approximation) = ((usize::from(first), usize::from(last)), (bits >> 4, bits & 15));
        let usual = ordered
            && !components.is_empty()
            && band.0 <= band.1
            && band.1 < 64
            && approximation.0 <= 13
            && approximation.1 <= 13;
        usual.then_some(Self { components, band, approximation })
    }
}

/// What the segments up to some place have defined.
#[derive(Default)]
pub(super) struct Definitions<'a> {
    pub(super) frame: Option<Frame>,
    /// For the first coefficients and for the others.
    codes: [[Option<Code<'a>>; 4]; 2],
    /// Tables of quantisers, in the order in which a file has them.
    quantisers: [Option<&'a [u8; 64]>; 4],
    /// Units between restart markers; 0 for none.
    pub(super) restart: usize,
    exif: Option<&'a [u8]>,
    signs: Signs,
    scans: usize,
}

impl<'a> Definitions<'a> {
    /// Reads segments up to the next scan, or the end of the image, which gives `Some(None)`.
    pub(super) fn next_scan(&mut self, segments: &mut Segments<'a>) -> Option<Option<Scan>> {
        loop {
            let (marker, body) = segments.next()?;
            match marker {
                0xc0..=0xc2 if self.frame.is_none() => {
                    self.frame = Some(Frame::parse(marker == 0xc2, body)?);
                }
                0xc4 => self.define_codes(body)?,
                0xda => {
                    let frame = self.frame.as_ref()?;
                    self.scans += 1;
                    if frame.progressive && self.scans > MOST_SCANS {
                        return None;
                    }
                    let names: Vec<_> = frame.components.iter().map(|component| component.id).collect();
                    if !matches!(self.signs.colour(&names), Colour::Grey | Colour::YCbCr) {
                        return None;
                    }
                    let scan = Scan::parse(frame, body)?;
                    return self.has_codes(frame.progressive, &scan).then_some(Some(scan));
                }
                0xd9 => return Some(None),
                0xdb => self.define_quantisers(body)?,
                0xdd => self.restart = usize::from(u16::from_be_bytes(body.try_into().ok()?)),
                0xe1 => self.exif = self.exif.or_else(|| exif(body)),
                // Applications' data, and comments.
                0xe0..=0xef | 0xfe => self.signs.note(marker, body),
                _ => return None,
            }
        }
    }

    fn define_codes(&mut self, mut body: &'a [u8]) -> Option<()> {
        while let Some((name, rest)) = body.split_first() {
            let (code, rest) = Code::parse(rest)?;
            let class = usize::from(name >> 4);
            if class == 0 && !code.is_of_differences() {
                return None;
            }
            *self.codes.get_mut(class)?.get_mut(usize::from(name & 15))? = Some(code);
            body = rest;
        }
        Some(())
    }

    fn define_quantisers(&mut self, mut body: &'a [u8]) -> Option<()> {
        while let Some((name, rest)) = body.split_first() {
            // A name above 3 is a table of 16 bits.
            let slot = self.quantisers.get_mut(usize::from(*name))?;
            let (table, rest) = rest.split_first_chunk::<64>()?;
            *slot = Some(table);
            body = rest;
        }
        Some(())
    }

    /// True if all codes that `scan` is written in are defined.
    fn has_codes(&self, progressive: bool, scan: &Scan) -> bool {
        let classes = match (progressive, scan.band.0, scan.approximation.0) {
            (false, ..) => 0..2,
            (true, 0, 0) => 0..1,
            (true, 0, _) => 0..0, // bits as they are
            (true, ..) => 1..2,
        };
        let of = |tables: &[usize; 2]| classes.clone().all(|class| self.code(class, tables[class]).is_some());
        scan.components.iter().all(|(_, tables)| of(tables))
    }

    /// The code of a table of class 0, differences, or 1, coefficients.
    pub(super) fn code(&self, class: usize, table: usize) -> Option<Code<'a>> {
        *self.codes.get(class)?.get(table)?
    }

    /// The quantisers of each component; `None` if some are missing, or are 0, which no encoder writes.
    pub(super) fn quantisers(&self) -> Option<Vec<&'a [u8; 64]>> {
        let of = |component: &Component| *self.quantisers.get(component.quantiser)?;
        let all: Vec<_> = self.frame.as_ref()?.components.iter().map(of).collect::<Option<_>>()?;
        all.iter().all(|table| !table.contains(&0)).then_some(all)
    }

    /// How the picture is to be turned for a person.
    pub(super) fn orientation(&self) -> Orientation {
        self.exif.and_then(orientation).unwrap_or(Orientation::NoTransforms)
    }
}
