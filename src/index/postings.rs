//! Makes the sections of bands: for each a directory over its values, and postings with sketches in the order of those.

use super::bands::{Bands, Sketch};
use super::builder::{directory, record};
use super::format::{Band, SectionId, SectionKind};
use super::sink::{Fill, Part};
use crate::kernel::sift::{BLOCK, put};

/// Codes of one width, one behind the other.
#[derive(Clone, Copy)]
pub(super) struct Codes<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) width: u32,
}

impl<'a> Codes<'a> {
    fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        self.bytes.chunks_exact(self.width.div_ceil(8) as usize)
    }

    fn len(self) -> usize {
        self.bytes.len() / self.width.div_ceil(8) as usize
    }
}

/// The sections of `bands` over the codes of the kind of hash with `number`: two for each band, made together.
pub(super) fn band_parts<'a>(number: u32, codes: Codes<'a>, bands: &Bands) -> Vec<Part<'a>> {
    let size = bands.posting_size as usize;
    let of_band = |(at, &band): (usize, &Band)| {
        let next = bands.bands[(at + 1) % bands.bands.len()];
        let sketch = Sketch::new(codes.len(), size, next);
        let section =
            |kind, elements, size| record(SectionId::band(kind, number, band), codes.width, elements, size);
        let padded = codes.len().next_multiple_of(BLOCK);
        Part {
            records: vec![
                section(SectionKind::BandDirectory, (1 << band.width) + 1, 4),
                section(SectionKind::SketchedPostings, padded, size as u32),
            ],
            fill: Fill::Made(Box::new(move || {
                let starts = directory(band.width, codes.iter().map(|code| band.value(code) as usize));
                let postings = postings(codes, band, sketch, size, starts.clone());
                vec![little_endian(&starts), postings]
            })),
        }
    };
    bands.bands.iter().enumerate().map(of_band).collect()
}

/// Every code's posting, by the value of `band`, then by number; `next` says where each value's next posting goes.
fn postings(codes: Codes<'_>, band: Band, sketch: Sketch, size: usize, mut next: Vec<u32>) -> Vec<u8> {
    let mut blocks = vec![0; codes.len().next_multiple_of(BLOCK) * size];
    for (number, code) in (0..).zip(codes.iter()) {
        let place = &mut next[band.value(code) as usize];
        put(&mut blocks, size, *place as usize, sketch.id_bits, number, sketch.of(code));
        *place += 1;
    }
    blocks
}

fn little_endian(numbers: &[u32]) -> Vec<u8> {
    let mut bytes = vec![0; numbers.len() * 4];
    for (to, number) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
        *to = number.to_le_bytes();
    }
    bytes
}
