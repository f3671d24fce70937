//! The demo's content: 2,000 small abstract pictures, each a pure function of its index. They depict nothing.
//!
//! A picture is three octaves of value noise, a slope, a few round blobs and faint stripes, added up, folded back into
//! 0 to 255 and coloured from dark through middle to light. All of it is integer arithmetic, so the pixels are the same
//! on every machine. `hashsets/make.py` holds a second implementation, makes the demo's lists from it, and says what
//! screening these pictures against those lists must find.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, Rgb, RgbImage, imageops};

/// `innerwar` in ASCII; every random draw starts from it and an index.
const SEED: u64 = 0x696e_6e65_7277_6172;

/// How many pictures there are; indices count from 0.
pub(crate) const COUNT: u32 = 2000;

/// What a stretch of indices is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// BMP files whose digests are on the lists.
    Listed,
    /// Edited copies, in JPEG, of pictures whose PDQ is on the lists.
    Edited,
    /// BMP files whose digests are on the known-good list.
    Good,
    /// Plain areas and faint slopes: too little structure for PDQ.
    Plain,
    /// Files cut short.
    Cut,
    /// Pictures on no list.
    Unlisted,
}

/// The first index of each part; a part ends where the next begins, the last at [`COUNT`].
const PARTS: [(u32, Part); 6] = [
    (0, Part::Listed),
    (260, Part::Edited),
    (730, Part::Good),
    (850, Part::Plain),
    (890, Part::Cut),
    (910, Part::Unlisted),
];

/// Width and height. None is a multiple of 64: PDQ then picks its samples evenly from both sides, so that a turned
/// copy keeps its distance small. All are multiples of four, for [`three_quarters`] and for [`bmp`].
const SIZES: [(u32, u32); 5] = [(120, 120), (120, 88), (88, 120), (120, 104), (104, 120)];

/// The octaves of the noise: lattice step in pixels, weight.
const OCTAVES: [(u32, i32); 3] = [(32, 3), (16, 4), (8, 3)];

/// The lowest and highest channel value of the dark, the middle and the light colour.
const TONES: [(i32, i32); 3] = [(0, 70), (70, 180), (185, 255)];

/// Quality of the JPEG files, and of those that are recompressed on purpose.
const JPEG_QUALITY: u8 = 80;
const JPEG_QUALITY_LOW: u8 = 40;

/// A picture as a file.
pub(crate) struct DemoPicture {
    /// The file name: `0001.bmp`, or with `.jpg`; the number is the index plus one.
    pub(crate) name: String,
    /// The file's content.
    pub(crate) bytes: Vec<u8>,
}

/// The picture with this index, below [`COUNT`]. Needs no other picture, so callers may make them in any order and in
/// parallel.
#[must_use]
pub(crate) fn picture(index: u32) -> DemoPicture {
    let (extension, bytes) = match part(index) {
        Part::Listed | Part::Good => ("bmp", bmp(&base(index))),
        Part::Edited => ("jpg", edited(index)),
        Part::Plain if index.is_multiple_of(2) => ("bmp", bmp(&plain(index))),
        Part::Plain => ("jpg", jpeg(&plain(index), JPEG_QUALITY)),
        Part::Cut if index.is_multiple_of(2) => ("bmp", cut(index, bmp(&base(index)))),
        Part::Cut => ("jpg", cut(index, jpeg(&base(index), JPEG_QUALITY))),
        Part::Unlisted if index.is_multiple_of(5) => ("bmp", bmp(&base(index))),
        Part::Unlisted => ("jpg", jpeg(&base(index), JPEG_QUALITY)),
    };
    DemoPicture { name: format!("{:04}.{extension}", index + 1), bytes }
}

fn part(index: u32) -> Part {
    PARTS.iter().rev().find(|(first, _)| *first <= index).map_or(Part::Listed, |(_, part)| *part)
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), seeded by an index.
struct Draw(u64);

impl Draw {
    /// For the pixels of the picture.
    fn for_picture(index: u32) -> Self {
        Self(mix(SEED ^ u64::from(index)))
    }

    /// For what is done to it afterwards.
    fn for_edit(index: u32) -> Self {
        Self::for_picture(COUNT + index)
    }

    /// 0 to `n - 1`.
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (((mix(self.0) >> 32) * u64::from(n)) >> 32) as u32
    }

    /// Both ends included.
    fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low + 1) as u32) as i32
    }

    fn size(&mut self) -> (u32, u32) {
        SIZES[self.below(SIZES.len() as u32) as usize]
    }

    fn colour(&mut self, low: i32, high: i32) -> [i32; 3] {
        [(); 3].map(|()| self.between(low, high))
    }
}

fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The picture before any edit. The order of the draws is part of the definition.
fn base(index: u32) -> RgbImage {
    let mut draw = Draw::for_picture(index);
    let (width, height) = draw.size();
    let mut levels = noise(&mut draw, width, height);
    let contrast = draw.between(3, 5);
    for level in &mut levels {
        *level = 128 + (((*level - (128 << 8)) * contrast) >> 8);
    }

    let (slope_x, slope_y) = (draw.between(-64, 64), draw.between(-64, 64));
    let (middle_x, middle_y) = (width as i32 / 2, height as i32 / 2);
    add(&mut levels, width, |x, y| ((x - middle_x) * slope_x + (y - middle_y) * slope_y) >> 6);
    for _ in 0..draw.between(2, 5) {
        let (centre_x, centre_y) = (draw.below(width) as i32, draw.below(height) as i32);
        let (radius, lift) = (draw.between(12, 44), draw.between(-160, 160));
        add(&mut levels, width, |x, y| {
            let square = (x - centre_x).pow(2) + (y - centre_y).pow(2);
            (lift * (256 - square * 256 / (radius * radius)).max(0)) >> 8
        });
    }
    let (step_x, step_y, strength) = (draw.between(-12, 12), draw.between(-12, 12), draw.between(0, 40));
    add(&mut levels, width, |x, y| (strength * (fold(x * step_x + y * step_y) - 128)) >> 7);

    let [dark, middle, light] = TONES.map(|(low, high)| draw.colour(low, high));
    RgbImage::from_fn(width, height, |x, y| {
        let level = fold(levels[(y * width + x) as usize]);
        Rgb([0, 1, 2].map(|channel| {
            let (dark, middle, light) = (dark[channel], middle[channel], light[channel]);
            let value = if level < 128 {
                (dark * (128 - level) + middle * level) >> 7
            } else {
                (middle * (255 - level) + light * (level - 128)) / 127
            };
            value as u8
        }))
    })
}

/// Value noise, row by row, 0 to 255 in 256ths.
fn noise(draw: &mut Draw, width: u32, height: u32) -> Vec<i32> {
    let mut levels = vec![0; (width * height) as usize];
    for (cell, weight) in OCTAVES {
        let (columns, rows) = (width.div_ceil(cell) + 1, height.div_ceil(cell) + 1);
        let lattice: Vec<i32> = (0..rows * columns).map(|_| draw.below(256) as i32).collect();
        let at = |column: u32, row: u32| lattice[(row * columns + column) as usize];
        add(&mut levels, width, |x, y| {
            let (x, y) = (x as u32, y as u32);
            let (left, top) = (x / cell, y / cell);
            let (across, down) = (smooth(x % cell * (256 / cell)), smooth(y % cell * (256 / cell)));
            let upper = at(left, top) * (256 - across) + at(left + 1, top) * across;
            let lower = at(left, top + 1) * (256 - across) + at(left + 1, top + 1) * across;
            weight * (upper * (256 - down) + lower * down)
        });
    }
    let weights: i32 = OCTAVES.iter().map(|(_, weight)| weight).sum();
    levels.iter().map(|level| level / (weights * 256)).collect()
}

/// Adds `value(x, y)` to every level.
fn add(levels: &mut [i32], width: u32, value: impl Fn(i32, i32) -> i32) {
    for (y, row) in levels.chunks_exact_mut(width as usize).enumerate() {
        for (x, level) in row.iter_mut().enumerate() {
            *level += value(x as i32, y as i32);
        }
    }
}

/// The smooth step 3p² - 2p³ in 256ths.
fn smooth(part: u32) -> i32 {
    ((part * part * (768 - 2 * part)) >> 16) as i32
}

/// Reflects any integer into 0 to 255.
fn fold(value: i32) -> i32 {
    let value = value & 511;
    if value > 255 { 511 - value } else { value }
}

/// One of eight edits, by index, as a JPEG file. Each leaves the PDQ within 20 bits, turned copies in one of the eight
/// orientations.
fn edited(index: u32) -> Vec<u8> {
    let mut picture = base(index);
    let (width, height) = picture.dimensions();
    let mut draw = Draw::for_edit(index);
    let mut quality = JPEG_QUALITY;
    match index % 8 {
        0 => quality = JPEG_QUALITY_LOW,
        1 => picture.iter_mut().for_each(|value| *value = (u32::from(*value) * 17 / 16 + 8).min(255) as u8),
        2 => picture = three_quarters(&picture),
        3 => {
            let (left, top) = (draw.below(2) * (width - 10), draw.below(2) * (height - 6));
            let colour = draw.colour(96, 160).map(|value| value as u8);
            fill(&mut picture, (left, top), (10, 6), colour);
        }
        4 => {
            let top = draw.below(2) * (height - 7) + 2;
            (0..4).for_each(|block| fill(&mut picture, (4 + 8 * block, top), (5, 3), [220; 3]));
        }
        5 if draw.below(2) == 0 => {
            picture = imageops::crop_imm(&picture, 1, 0, width - 2, height).to_image();
        }
        5 => picture = imageops::crop_imm(&picture, 0, 1, width, height - 2).to_image(),
        6 => {
            picture = match draw.below(3) {
                0 => imageops::rotate90(&picture),
                1 => imageops::rotate180(&picture),
                _ => imageops::rotate270(&picture),
            };
        }
        _ if draw.below(2) == 0 => imageops::flip_horizontal_in_place(&mut picture),
        _ => imageops::flip_vertical_in_place(&mut picture),
    }
    jpeg(&picture, quality)
}

fn fill(picture: &mut RgbImage, (left, top): (u32, u32), (width, height): (u32, u32), colour: [u8; 3]) {
    for y in top..top + height {
        for x in left..left + width {
            picture.put_pixel(x, y, Rgb(colour));
        }
    }
}

/// Scales to 3/4: rows first, then columns, every new sample the mean of 4/3 old ones. Sides are multiples of four.
fn three_quarters(picture: &RgbImage) -> RgbImage {
    let shorter = RgbImage::from_fn(picture.width(), picture.height() / 4 * 3, |x, y| {
        blend(y, |old| picture.get_pixel(x, old))
    });
    RgbImage::from_fn(shorter.width() / 4 * 3, shorter.height(), |x, y| {
        blend(x, |old| shorter.get_pixel(old, y))
    })
}

fn blend<'a>(new: u32, pixel: impl Fn(u32) -> &'a Rgb<u8>) -> Rgb<u8> {
    let third = new % 3;
    let (first, second) = (pixel(new / 3 * 4 + third).0, pixel(new / 3 * 4 + third + 1).0);
    Rgb([0, 1, 2].map(|channel| {
        let (first, second) = (u32::from(first[channel]), u32::from(second[channel]));
        ((first * (3 - third) + second * (1 + third)) / 4) as u8
    }))
}

/// One colour, at odd indices rising slightly from left to right.
fn plain(index: u32) -> RgbImage {
    let mut draw = Draw::for_picture(index);
    let (width, height) = draw.size();
    let colour = draw.colour(20, 215);
    let rise = if index.is_multiple_of(2) { 0 } else { draw.between(8, 24) };
    RgbImage::from_fn(width, height, |x, _| {
        Rgb(colour.map(|value| (value + rise * x as i32 / width as i32) as u8))
    })
}

/// The first 30 to 70 % of a file.
fn cut(index: u32, mut bytes: Vec<u8>) -> Vec<u8> {
    let percent = Draw::for_edit(index).between(30, 70) as usize;
    bytes.truncate(bytes.len() * percent / 100);
    bytes
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .expect("memory takes every byte, and every size of the table fits a JPEG");
    bytes
}

/// A 24-bit BMP, bottom row first. Written here so that its digests depend on no encoder. Widths are multiples of four,
/// so that rows need no padding.
fn bmp(picture: &RgbImage) -> Vec<u8> {
    const HEADERS: u32 = 14 + 40;
    let (width, height) = picture.dimensions();
    let pixels = width * 3 * height;
    let size = HEADERS + pixels;
    let mut bytes = Vec::with_capacity(size as usize);
    bytes.extend_from_slice(b"BM");
    // size, reserved, offset of the pixels; size of the second header, width, height
    for field in [size, 0, HEADERS, 40, width, height] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    bytes.extend_from_slice(&[1, 0, 24, 0]); // planes, bits per pixel
    // compression (none), size of the pixels, pixels per metre both ways, colours, important colours
    for field in [0, pixels, 2835, 2835, 0, 0] {
        bytes.extend_from_slice(&u32::to_le_bytes(field));
    }
    for row in picture.rows().rev() {
        for Rgb([red, green, blue]) in row {
            bytes.extend_from_slice(&[*blue, *green, *red]);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Printed by `hashsets/make.py`, from its own implementation.
    const BMP_BLAKE3: &str = "9cd33ad779baedc5f1388e18c8cd04e1d10f028a7086523c569719a05fdd6778";

    fn all() -> impl Iterator<Item = DemoPicture> {
        (0..COUNT).map(picture)
    }

    #[test]
    fn bmp_files_are_those_of_the_python_implementation() {
        let mut hasher = blake3::Hasher::new();
        for file in all().filter(|file| file.name.ends_with(".bmp")) {
            hasher.update(&file.bytes);
        }
        assert_eq!(hasher.finalize().to_hex().as_str(), BMP_BLAKE3);
    }

    #[test]
    fn every_picture_has_its_own_name_and_content() {
        let (names, digests): (HashSet<_>, HashSet<_>) =
            all().map(|file| (file.name, blake3::hash(&file.bytes))).unzip();
        assert_eq!((names.len(), digests.len()), (2000, 2000));
    }

    #[test]
    fn whole_files_decode_and_cut_ones_hold_less_than_they_say() {
        for index in 0..COUNT {
            let DemoPicture { name, bytes } = picture(index);
            if part(index) != Part::Cut {
                assert!(image::load_from_memory(&bytes).is_ok(), "{name}");
            } else if name.ends_with(".bmp") {
                let size = u32::from_le_bytes(bytes[2..6].try_into().unwrap());
                assert!(bytes.len() < size as usize, "{name}");
            } else {
                assert!(!bytes.ends_with(&[0xff, 0xd9]), "{name}");
            }
        }
    }
}
