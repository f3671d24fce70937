//! Pictures to measure on: hills of noise under the grain of a sensor, so that a JPEG of them is about as long, and takes
//! about as long to decode, as a telephone's photograph of the same size. They depict nothing.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};

/// `innerwar` in ASCII; every value starts from it.
const SEED: u64 = 0x696e_6e65_7277_6172;

/// The lattice steps of the noise in pixels, and their weights in 256ths.
const OCTAVES: [(u32, u32); 6] = [(512, 88), (256, 60), (128, 44), (64, 32), (32, 20), (16, 12)];

/// The grain reaches this many levels up and down.
const GRAIN: u64 = 10;

/// As telephones write; their files have about two bits a pixel.
const QUALITY: u8 = 85;

/// A JPEG file of this size. The same on every machine with the same encoder.
pub(super) fn jpeg(width: u32, height: u32, number: u64) -> Vec<u8> {
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            // Four times the contrast about the middle: a sum of octaves rarely strays far, and PDQ wants structure.
            let level = (hills(x, y, number) * 4).saturating_sub(384).min(255);
            let grain = mix(SEED ^ number << 56 ^ u64::from(y) << 28 ^ u64::from(x));
            let shift = |n: u32| (grain >> (16 * n) & 0xffff) % (2 * GRAIN + 1);
            let tint = [level, level * 7 / 8 + 20, 235 - level * 3 / 4];
            pixels.extend(
                (0..)
                    .zip(tint)
                    .map(|(n, value)| (u64::from(value) + shift(n)).saturating_sub(GRAIN).min(255) as u8),
            );
        }
    }
    let picture = RgbImage::from_raw(width, height, pixels).expect("three samples were made for each pixel");
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode(&picture, width, height, ExtendedColorType::Rgb8)
        .expect("memory takes every byte, and the sizes fit a JPEG");
    bytes
}

/// Value noise, 0 to 255.
fn hills(x: u32, y: u32, number: u64) -> u32 {
    let octave = |(step, weight): &(u32, u32)| {
        let (column, row) = (x / step, y / step);
        let (across, down) = (x % step * 256 / step, y % step * 256 / step);
        let at = |column: u32, row: u32| {
            let place = u64::from(*step) << 44 ^ u64::from(row) << 22 ^ u64::from(column);
            (mix(SEED ^ number << 56 ^ place) >> 56) as u32
        };
        let upper = at(column, row) * (256 - across) + at(column + 1, row) * across;
        let lower = at(column, row + 1) * (256 - across) + at(column + 1, row + 1) * across;
        weight * ((upper * (256 - down) + lower * down) >> 16)
    };
    OCTAVES.iter().map(octave).sum::<u32>() >> 8
}

/// The last step of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), from a counter.
fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Fingerprint;
    use crate::media::Limits;

    #[test]
    fn pictures_are_like_photographs_to_a_decoder_and_to_a_hash() {
        let hashes: Vec<_> = (0..2)
            .map(|number| {
                let bytes = jpeg(560, 360, number);
                let bits = bytes.len() as f64 * 8.0 / (560.0 * 360.0);
                assert!((1.5..3.5).contains(&bits), "{bits} bits a pixel");
                let fingerprint = Fingerprint::read(&bytes[..], &Limits::default()).unwrap();
                assert_eq!(fingerprint.gap, None);
                fingerprint.forms[0].hash.original()
            })
            .collect();
        assert_ne!(hashes[0], hashes[1]);
    }
}
