//! A JPEG's luma at a fourth or an eighth of its size, out of its lowest coefficients; all others are passed over.
//!
//! Takes whole files of the usual kinds and nothing else: what is unusual or damaged gives `None` and is for the ordinary
//! decoder, which says what is wrong with it. See ITU-T T.81.

mod code;
mod header;
mod progressive;
mod samples;
mod scan;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;

use image::metadata::Orientation;

use self::header::{Definitions, Frame, Scan, Segments};
use self::progressive::Layers;
use self::samples::Samples;
use self::scan::sequential;
use self::stream::jump;
use super::Limits;

/// Files of so many bytes are worth larger tables, which take longer to make.
const LARGE: usize = 600_000;

/// What can be known of a picture before its coded data.
pub(super) struct Head {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) progressive: bool,
    /// True if a sequential picture comes with components in scans of their own.
    pub(super) apart: bool,
    /// Components that are stored: one, or three.
    pub(super) components: u64,
    pub(super) orientation: Orientation,
}

/// Reads up to the first scan. `None` if [`read`] would give none for any `K`, as far as can be known from that.
pub(super) fn head(bytes: &[u8], limits: &Limits) -> Option<Head> {
    let (definitions, _, scan) = start(bytes, limits)?;
    let frame = definitions.frame.as_ref()?;
    let Frame { width, height, progressive, .. } = *frame;
    let apart = !progressive && scan.components.len() < frame.components.len();
    let (components, orientation) = (frame.components.len() as u64, definitions.orientation());
    Some(Head { width, height, progressive, apart, components, orientation })
}

fn start<'a>(bytes: &'a [u8], limits: &Limits) -> Option<(Definitions<'a>, Segments<'a>, Scan)> {
    let mut segments = Segments::of(bytes)?;
    let mut definitions = Definitions::default();
    let scan = definitions.next_scan(&mut segments)??;
    let frame = definitions.frame.as_ref()?;
    let sound = u64::from(frame.width) * u64::from(frame.height) <= limits.max_pixels
        && bytes.len() as u64 <= limits.max_file_bytes;
    sound.then_some((definitions, segments, scan))
}

/// Luma at an eighth of its size for `K = 1`, at a fourth for `K = 4`, row-major.
///
/// At an eighth a sample is what libjpeg-turbo gives. At a fourth it is the mean of a quarter of a block as far as the
/// lowest 2 × 2 coefficients tell; progressive pictures have no such samples here.
///
/// `None` unless every unit of every scan of luma is there, one after the other, and the image ends after its last scan.
pub(super) fn read<const K: usize>(bytes: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    let (mut definitions, mut segments, mut scan) = start(bytes, limits)?;
    let frame = definitions.frame.clone()?;
    if frame.progressive && K > 1 {
        return None;
    }
    let quantisers = definitions.quantisers()?;
    let mut samples = Samples::new::<K>(&frame, quantisers);
    let mut layers = frame.progressive.then(|| Layers::new(&frame));
    let mut seen = vec![false; frame.components.len()];
    loop {
        let data = segments.rest;
        segments.rest = match &mut layers {
            Some(layers) => layers.add(&definitions, &frame, &scan, data)?,
            None => {
                check_sequential(&scan, &mut seen)?;
                if scan.components[0].0 > 0 {
                    jump(data)?
                } else if data.len() < LARGE {
                    sequential::<4096, K>(&definitions, &frame, &scan, data, &mut samples)?
                } else {
                    sequential::<8192, K>(&definitions, &frame, &scan, data, &mut samples)?
                }
            }
        };
        match definitions.next_scan(&mut segments)? {
            Some(next) => scan = next,
            None => break,
        }
        if definitions.quantisers() != Some(quantisers) {
            return None;
        }
    }
    match layers {
        Some(layers) => layers.finish(&mut samples)?,
        None if seen.contains(&false) => return None,
        None => {}
    }
    samples.finish()
}

/// A scan of a sequential picture has all coefficients of all components, or of some that no other scan has; luma comes
/// with all others or alone.
fn check_sequential(scan: &Scan, seen: &mut [bool]) -> Option<()> {
    let count = scan.components.len();
    let with_luma = scan.components[0].0 == 0;
    let sound = scan.band == (0, 63)
        && scan.approximation == (0, 0)
        && (!with_luma || [1, seen.len()].contains(&count));
    for (place, _) in &scan.components {
        if std::mem::replace(&mut seen[*place], true) {
            return None;
        }
    }
    sound.then_some(())
}
