//! A made photograph: soft shapes, and grain that is stronger in some parts than in others, from BLAKE3's extended output
//! of a seed, in about as many bytes as a real one takes.

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

/// A JPEG file of quality 85.
pub(crate) fn photograph(seed: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut grain = vec![0; (width * height) as usize];
    blake3::Hasher::new().update(seed).finalize_xof().fill(&mut grain);
    let image = RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (f64::from(x) / 90.0, f64::from(y) / 70.0);
        let shape =
            118.0 + 60.0 * (across + (down / 3.0).sin()).sin() + 40.0 * (down * 0.7 + across / 5.0).cos();
        // Some parts are sharp and some are not.
        let depth = 6.0 + 6.0 * (across / 7.0).sin() * (down / 6.0).cos();
        let noise = (f64::from(grain[(y * width + x) as usize]) - 127.5) / 127.5 * depth;
        image::Rgb([shape + noise, shape * 0.9 + noise + 10.0, shape * 0.6 + 50.0].map(|value| value as u8))
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 85).encode_image(&image).expect("memory can be written");
    bytes
}
