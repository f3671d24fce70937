//! A JPEG's luma at a fourth or an eighth of its size, out of its lowest coefficients; all others are passed over.
//!
//! Takes whole files of the usual kinds and nothing else: what is unusual or damaged gives `None` and is for the ordinary
//! decoder, which says what is wrong with it. See ITU-T T.81.

mod block;
mod chroma;
mod code;
mod header;
mod inverse;
mod probe;
mod progressive;
mod samples;
mod scan;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;

use image::metadata::Orientation;

use self::chroma::{Chroma, Firsts};
use self::header::{Definitions, Frame, Scan, Segments};
use self::probe::Probe;
use self::progressive::Layers;
use self::samples::Samples;
use self::scan::sequential;
use super::Limits;

/// Files of so many bytes are worth larger tables, which take longer to make.
const LARGE: usize = 600_000;

/// The most steps by which blocks may be off in the mean, with all of luma at hand and without. Of 1,220 photographs read
/// in full none was at more than 0.95, of 480 reduced ones none at more than 0.4; half-tones in colour and noise in strong
/// colours are at 2 to 18 if reduced.
const MOST_OFF_IN_FULL: f64 = 1.0;
const MOST_OFF: f64 = 0.5;
/// The most steps by which the colours may change the samples in the mean where no pixels tell whether they do so rightly.
const MOST_CHANGE: f64 = 1.0;

/// What can be known of a picture before its coded data.
pub(super) struct Head {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) progressive: bool,
    /// Components that are stored: one, or three.
    pub(super) components: u64,
    pub(super) orientation: Orientation,
}

/// Reads up to the first scan. `None` if [`read`] would give none for any `K`, as far as can be known from that.
pub(super) fn head(bytes: &[u8], limits: &Limits) -> Option<Head> {
    let (definitions, ..) = start(bytes, limits)?;
    let frame = definitions.frame.as_ref()?;
    let Frame { width, height, progressive, .. } = *frame;
    let (components, orientation) = (frame.components.len() as u64, definitions.orientation());
    Some(Head { width, height, progressive, components, orientation })
}

fn start<'a>(bytes: &'a [u8], limits: &Limits) -> Option<(Definitions<'a>, Segments<'a>, Scan)> {
    let mut segments = Segments::of(bytes)?;
    let mut definitions = Definitions::default();
    let scan = definitions.next_scan(&mut segments)??;
    let frame = definitions.frame.as_ref()?;
    // A sequential picture has all coefficients of all components in one scan.
    let usual = frame.progressive
        || (scan.components.len() == frame.components.len()
            && scan.band == (0, 63)
            && scan.approximation == (0, 0));
    let sound = u64::from(frame.width) * u64::from(frame.height) <= limits.max_pixels
        && bytes.len() as u64 <= limits.max_file_bytes
        && usual;
    sound.then_some((definitions, segments, scan))
}

/// A picture's luma as the file states it, and what it takes to know what is shown of it.
pub(super) struct Stated {
    /// Row-major.
    pub(super) samples: Vec<u8>,
    width: usize,
    /// Samples along a block.
    side: usize,
    /// `None` if the picture is grey.
    chroma: Option<Chroma>,
    /// What [`Probe::off`] says; `None` for layers, of which only the first coefficients are read.
    off: Option<f64>,
}

impl Stated {
    /// The samples with colours taken into account that cannot be shown; `None` if they are not to be trusted.
    pub(super) fn seen(mut self) -> Option<Vec<u8>> {
        let samples = std::mem::take(&mut self.samples);
        self.see(samples, self.width, self.side)
    }

    /// The same for `samples` of the full picture, in rows of `width`.
    pub(super) fn seen_in_full(&self, samples: Vec<u8>, width: u32) -> Option<Vec<u8>> {
        self.see(samples, width as usize, 8)
    }

    fn see(&self, mut samples: Vec<u8>, width: usize, side: usize) -> Option<Vec<u8>> {
        let change = self.chroma.as_ref().map_or(0, |chroma| chroma.correct(&mut samples, width, side));
        let change = change as f64 / samples.len() as f64;
        let most = if side == 8 { MOST_OFF_IN_FULL } else { MOST_OFF };
        let trusted = self.off.map_or(change <= MOST_CHANGE, |off| off <= most);
        trusted.then_some(samples)
    }
}

/// Luma at an eighth of its size for `K = 1`, at a fourth for `K = 4`, in full for `K = 64`.
///
/// At an eighth a sample is what libjpeg-turbo gives. At a fourth it is the mean of a quarter of a block as far as the
/// lowest 2 × 2 coefficients tell; progressive pictures have samples at an eighth alone here.
///
/// `None` unless every unit of every scan of first coefficients is there, one after the other, and the image ends after its
/// last scan.
pub(super) fn read<const K: usize>(bytes: &[u8], limits: &Limits) -> Option<Stated> {
    let (mut definitions, mut segments, mut scan) = start(bytes, limits)?;
    let frame = definitions.frame.clone()?;
    if frame.progressive && K > 1 {
        return None;
    }
    let quantisers = definitions.quantisers()?;
    let mut samples = Samples::new::<K>(&frame, quantisers[0]);
    let mut probe = Probe::new(&frame, &quantisers);
    let mut colours: Vec<Firsts> = (1..quantisers.len()).map(|place| Firsts::new(&frame, place)).collect();
    if frame.progressive {
        let mut layers = Layers::new(&frame);
        loop {
            segments.rest = layers.add(&definitions, &frame, &scan, segments.rest)?;
            let Some(next) = definitions.next_scan(&mut segments)? else { break };
            scan = next;
            if definitions.quantisers().as_ref() != Some(&quantisers) {
                return None;
            }
        }
        let mut firsts = layers.finish()?;
        colours = firsts.split_off(1);
        let stride = firsts[0].stride;
        for row in firsts[0].first.chunks_exact_mut(stride) {
            samples.push(row.as_chunks_mut::<1>().0)?;
        }
    } else {
        let sequential = if bytes.len() < LARGE { sequential::<4096, K> } else { sequential::<8192, K> };
        segments.rest =
            sequential(&definitions, &frame, &scan, segments.rest, &mut samples, &mut colours, &mut probe)?;
        if definitions.next_scan(&mut segments)?.is_some() {
            return None;
        }
    }
    let chroma = match <[Firsts; 2]>::try_from(colours) {
        Ok(colours) => {
            Some(Chroma::new(&frame, colours, [quantisers[1][0], quantisers[2][0]].map(i32::from))?)
        }
        Err(_) => None,
    };
    let (width, side) = (samples.width(), Samples::side(K));
    Some(Stated { samples: samples.finish()?, width, side, chroma, off: probe.off() })
}
