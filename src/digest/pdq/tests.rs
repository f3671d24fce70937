//! The reference, written as plainly as it is upstream, and what must agree with it.

use super::blur::Shrink;
use super::fold::Fold;
use super::slide::{Divisor, Window};
use super::*;
use crate::kernel::lanes::{Lane, Level, Wide};

/// One strided filter over whole arrays, as the reference calls it four times.
fn box_filter(input: &[f32], output: &mut [f32], len: usize, stride: usize) {
    let size = len.div_ceil(128);
    let half = (size + 2) / 2;
    let (mut left, mut right, mut at) = (0, 0, 0);
    let (mut sum, mut inside) = (0.0_f32, 0.0_f32);
    for _ in 0..half - 1 {
        sum += input[right];
        inside += 1.0;
        right += stride;
    }
    for _ in 0..size - half + 1 {
        sum += input[right];
        inside += 1.0;
        output[at] = sum / inside;
        right += stride;
        at += stride;
    }
    for _ in 0..len - size {
        sum += input[right];
        sum -= input[left];
        output[at] = sum / inside;
        left += stride;
        right += stride;
        at += stride;
    }
    for _ in 0..half - 1 {
        sum -= input[left];
        inside -= 1.0;
        output[at] = sum / inside;
        left += stride;
        at += stride;
    }
}

fn luma(raster: &Raster) -> Vec<f32> {
    let pixels = raster.samples().chunks_exact(raster.channels());
    let value = |pixel: &[u8]| match pixel {
        [grey] => f32::from(*grey),
        _ => colour_luma([pixel[0], pixel[1], pixel[2]]),
    };
    pixels.map(value).collect()
}

fn colour_luma(pixel: [u8; 3]) -> f32 {
    let [r, g, b] = pixel.map(f64::from);
    (r * 0.299 + g * 0.587 + b * 0.114) as f32
}

fn slow_square(raster: &Raster) -> Square {
    let (width, height) = (raster.width() as usize, raster.height() as usize);
    let mut a = luma(raster);
    let mut b = a.clone();
    if (width, height) != (SIDE, SIDE) {
        for _ in 0..2 {
            for (input, output) in a.chunks_exact(width).zip(b.chunks_exact_mut(width)) {
                box_filter(input, output, width, 1);
            }
            for column in 0..width {
                box_filter(&b[column..], &mut a[column..], height, width);
            }
        }
    }
    let at = |index: usize, len: usize| ((index as f64 + 0.5) * len as f64 / SIDE as f64) as usize;
    std::array::from_fn(|i| std::array::from_fn(|j| a[at(i, height) * width + at(j, width)]))
}

/// The hashes in the order of [`Transform::ALL`], each with a median of its own, and the quality.
fn slow_hash(square: &Square) -> PdqHash {
    let scale = f64::from((2.0_f64 / 64.0).sqrt() as f32);
    let basis: Vec<Vec<f32>> = (1..17)
        .map(|i| {
            let angle = |j: i32| std::f64::consts::PI / 2.0 / 64.0 * f64::from(i) * f64::from(2 * j + 1);
            (0..64).map(|j| (scale * angle(j).cos()) as f32).collect()
        })
        .collect();
    let sum = |products: &mut dyn Iterator<Item = f32>| products.fold(0.0_f32, |sum, product| sum + product);
    let half: Vec<Vec<f32>> = (0..16)
        .map(|i| (0..64).map(|j| sum(&mut (0..64).map(|k| basis[i][k] * square[k][j]))).collect())
        .collect();
    let full: Vec<Vec<f32>> = (0..16)
        .map(|i| (0..16).map(|j| sum(&mut (0..64).map(|k| half[i][k] * basis[j][k]))).collect())
        .collect();
    let dihedral = Transform::ALL.map(|transform| {
        let keep = |value: f32, keep: bool| if keep { value } else { -value };
        let (odd, even) = (|n: usize| n % 2 == 1, |n: usize| n.is_multiple_of(2));
        let mut turned = [0.0_f32; 256];
        for (i, row) in full.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                let (at, value) = match transform {
                    Transform::Original => ((i, j), *value),
                    Transform::Rotate90 => ((j, i), keep(*value, odd(j))),
                    Transform::Rotate180 => ((i, j), keep(*value, even(i + j))),
                    Transform::Rotate270 => ((j, i), keep(*value, odd(i))),
                    Transform::FlipX => ((i, j), keep(*value, odd(i))),
                    Transform::FlipY => ((i, j), keep(*value, odd(j))),
                    Transform::FlipPlus1 => ((j, i), *value),
                    Transform::FlipMinus1 => ((j, i), keep(*value, even(i + j))),
                };
                turned[16 * at.0 + at.1] = value;
            }
        }
        let mut sorted = turned;
        sorted.sort_by(f32::total_cmp);
        let mut bytes = [0; 32];
        for at in (0..256).filter(|at| turned[*at] > sorted[127]) {
            bytes[31 - at / 8] |= 1 << (at % 8);
        }
        Pdq::new(Code256::from_bytes(bytes))
    });
    let step = |u: f32, v: f32| ((u - v) * 100.0 / 255.0).trunc().abs() as u32;
    let down: u32 = (0..63).flat_map(|i| (0..64).map(move |j| step(square[i][j], square[i + 1][j]))).sum();
    let across: u32 = (0..64).flat_map(|i| (0..63).map(move |j| step(square[i][j], square[i][j + 1]))).sum();
    PdqHash { dihedral, quality: Quality::new(((down + across) / 90).min(100) as u8).unwrap() }
}

/// Bytes of one kind or another that depend on their place alone.
#[derive(Debug, Clone, Copy)]
enum Content {
    Random,
    White,
    Black,
    /// 0 and 255 in turn.
    Extreme,
    /// Period 251: a block in the wrong place would show.
    Periodic,
}

impl Content {
    const ALL: [Self; 5] = [Self::Random, Self::White, Self::Black, Self::Extreme, Self::Periodic];

    fn bytes(self, len: usize) -> Vec<u8> {
        let byte = |at: usize| match self {
            Self::Random => {
                ((at as u32 + 1).wrapping_mul(2_654_435_761).rotate_left(11).wrapping_mul(77) >> 13) as u8
            }
            Self::White => 255,
            Self::Black => 0,
            Self::Extreme => (at % 2 * 255) as u8,
            Self::Periodic => (at % 251) as u8,
        };
        (0..len).map(byte).collect()
    }

    fn raster(self, width: usize, height: usize, channels: usize) -> Raster {
        let samples = self.bytes(width * height * channels);
        let make = if channels == 1 { Raster::grey } else { Raster::rgb };
        make(width as u32, height as u32, samples)
    }
}

fn bits(square: &Square) -> Vec<u32> {
    square.as_flattened().iter().map(|value| value.to_bits()).collect()
}

fn check_shrink(content: Content, width: usize, height: usize, channels: usize) {
    let raster = content.raster(width, height, channels);
    let expected = slow_square(&raster);
    for lanes in Lanes::available() {
        let found = lanes.run(Shrink(&raster));
        let name = lanes.name();
        assert_eq!(bits(&found), bits(&expected), "{name}: {content:?} {width}x{height}x{channels}");
    }
}

#[test]
fn every_level_equals_the_reference_at_every_small_size() {
    for side in 1..=130 {
        for (other, channels) in [(5, 3), (64, 1), (33, 3), (131, 1)] {
            check_shrink(Content::Random, side, other, channels);
            check_shrink(Content::Random, other, side, 4 - channels);
        }
    }
}

#[test]
fn every_level_equals_the_reference_where_windows_change() {
    let sides = [63, 64, 65, 127, 128, 129, 160, 255, 256, 257, 384, 385, 641];
    for (at, width) in sides.into_iter().enumerate() {
        for height in sides.into_iter().skip(at % 2).step_by(2) {
            check_shrink(Content::Random, width, height, 3);
            check_shrink(Content::Periodic, height, width, 1);
        }
    }
}

#[test]
fn every_level_equals_the_reference_on_any_content_and_shape() {
    for content in Content::ALL {
        for (width, height) in [(500, 375), (64, 64), (5, 5), (97, 300)] {
            check_shrink(content, width, height, 3);
            check_shrink(content, width, height, 1);
        }
        for (width, height) in [(5, 9000), (9000, 5), (1, 5000), (20_011, 1), (33, 4097)] {
            check_shrink(content, width, height, 3);
        }
    }
}

#[test]
fn all_hashes_and_the_quality_are_those_of_the_plain_computation() {
    for (width, height) in [(64, 64), (300, 200), (131, 70), (37, 41)] {
        for content in Content::ALL {
            let raster = content.raster(width, height, 3);
            let expected = slow_hash(&slow_square(&raster));
            for lanes in Lanes::available() {
                let found = PdqHash::of_with(lanes, &raster);
                assert!(found == expected, "{}: {content:?} {width}x{height}", lanes.name());
            }
        }
    }
    // Smooth pictures: steps of a few percent, of which the cut matters, and a quality between the ends.
    for slope in 1..40 {
        let samples = (0..200 * 150).map(|at| ((at % 200 * slope / 9 + at / 200 * 2) % 256) as u8).collect();
        let raster = Raster::grey(200, 150, samples);
        let expected = slow_hash(&slow_square(&raster));
        for lanes in Lanes::available() {
            assert!(PdqHash::of_with(lanes, &raster) == expected, "{}: slope {slope}", lanes.name());
        }
    }
}

#[test]
fn thousandths_give_the_luma_of_every_colour() {
    for colour in 0..1_u32 << 24 {
        let [r, g, b, _] = colour.to_le_bytes();
        let thousandths = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
        assert!(thousandths as f32 / 1000.0 == colour_luma([r, g, b]), "{r}, {g}, {b}");
    }
}

/// Counts the sums of thousandths whose quotient is not the one that the CPU's division gives.
struct WrongThousandths;

impl Wide for WrongThousandths {
    type Output = usize;

    #[inline(always)]
    fn run<L: Level>(self, level: L) -> usize {
        let divisor = Divisor::new(1000);
        let values = (0..=255_000).map(|sum| sum as f32);
        values.filter(|value| divisor.divide(level, *value) != value / 1000.0).count()
    }
}

#[test]
fn every_level_divides_every_sum_of_thousandths() {
    for lanes in Lanes::available() {
        assert_eq!(lanes.run(WrongThousandths), 0, "{}", lanes.name());
    }
}

/// What a plane means: a picture whose pixels have their samples' values. Filtered in double precision.
fn slow_fold(plane: &Plane) -> Vec<f64> {
    let scale = plane.scale() as usize;
    let (width, height) = (plane.full().0 as usize, plane.full().1 as usize);
    let filter = |values: &[f64], window: Window| -> Vec<f64> {
        let mean = |at| {
            let inside = &values[window.inside(at)];
            inside.iter().sum::<f64>() / inside.len() as f64
        };
        (0..values.len()).map(mean).collect()
    };
    let turn = |rows: Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        (0..rows[0].len()).map(|x| rows.iter().map(|row| row[x]).collect()).collect()
    };
    let at = |x: usize, y: usize| plane.samples()[y / scale * plane.width() as usize + x / scale];
    let mut rows: Vec<Vec<f64>> =
        (0..height).map(|y| (0..width).map(|x| f64::from(at(x, y))).collect()).collect();
    for _ in 0..2 {
        rows = rows.iter().map(|row| filter(row, Window::over(width))).collect();
        rows = turn(turn(rows).iter().map(|column| filter(column, Window::over(height))).collect());
    }
    let picked = |index: usize, len: usize| ((index as f64 + 0.5) * len as f64 / SIDE as f64) as usize;
    (0..SIDE * SIDE).map(|n| rows[picked(n / SIDE, height)][picked(n % SIDE, width)]).collect()
}

fn plane(content: Content, width: u32, height: u32, scale: u32) -> Plane {
    let len = width.div_ceil(scale) * height.div_ceil(scale);
    Plane::new((width, height), scale, content.bytes(len as usize))
}

#[test]
fn a_folded_plane_is_its_picture_filtered_four_times() {
    let sides = [5, 31, 64, 65, 127, 128, 129, 200, 257, 403];
    for (at, width) in sides.into_iter().enumerate() {
        for height in sides.into_iter().skip(at % 3).step_by(3) {
            for scale in [1, 2, 4, 8] {
                let plane = plane(Content::Random, width, height, scale);
                let found = Lanes::best().run(Fold(&plane, Orientation::NoTransforms));
                let worst = found.as_flattened().iter().zip(slow_fold(&plane));
                let worst = worst.map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
                assert!(worst < 1e-4, "{width}x{height} by {scale}: off by {worst}");
            }
        }
    }
}

#[test]
fn every_level_folds_to_the_same_bits() {
    let sizes = [(500, 375), (64, 64), (5, 5), (5, 9000), (9000, 5), (129, 257), (1201, 77), (641, 640)];
    for (width, height) in sizes.into_iter().chain((5..=130).map(|side| (side, 135 - side))) {
        for scale in [1, 3, 4, 8, 1000] {
            for content in [Content::Random, Content::Extreme] {
                let plane = plane(content, width, height, scale);
                let expected = Lanes::SCALAR.run(Fold(&plane, Orientation::NoTransforms));
                let hash = PdqHash::of_plane_with(Lanes::SCALAR, &plane);
                for lanes in Lanes::available() {
                    let found = lanes.run(Fold(&plane, Orientation::NoTransforms));
                    let name = lanes.name();
                    assert_eq!(bits(&found), bits(&expected), "{name}: {width}x{height} by {scale}");
                    assert!(PdqHash::of_plane_with(lanes, &plane) == hash, "{name}: {width}x{height}");
                }
            }
        }
    }
}

#[test]
fn a_plane_is_turned_as_its_picture_would_be() {
    use Orientation::{
        FlipHorizontal, FlipVertical, NoTransforms, Rotate90, Rotate90FlipH, Rotate180, Rotate270,
        Rotate270FlipH,
    };
    let all = [
        NoTransforms,
        FlipHorizontal,
        FlipVertical,
        Rotate90,
        Rotate90FlipH,
        Rotate180,
        Rotate270,
        Rotate270FlipH,
    ];
    for (width, height) in [(300, 201), (129, 640), (64, 70), (40, 9)] {
        for (scale, orientation) in [1, 4, 8].into_iter().flat_map(|scale| all.map(|turn| (scale, turn))) {
            let stored = plane(Content::Random, width, height, scale);
            // Each pixel as its sample has it, turned by the code that turns pictures.
            let across = stored.width();
            let pixels =
                (0..width * height).map(|n| (n / width / scale * across + n % width / scale) as usize);
            let raster = Raster::grey(width, height, pixels.map(|at| stored.samples()[at]).collect());
            let turned = raster.oriented(orientation);
            let size = (turned.width(), turned.height());
            let expected =
                Lanes::best().run(Fold(&Plane::new(size, 1, turned.samples().to_vec()), NoTransforms));
            let found = Lanes::best().run(Fold(&stored, orientation));
            let pairs = found.as_flattened().iter().zip(expected.as_flattened());
            let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-3, "{width}x{height} by {scale}, {orientation:?}: off by {worst}");
        }
    }
}

#[test]
fn a_plane_of_64_by_64_pixels_is_taken_as_it_is() {
    let whole = plane(Content::Random, 64, 64, 1);
    let raster = Raster::grey(64, 64, whole.samples().to_vec());
    assert!(PdqHash::of_plane(&whole) == PdqHash::of(&raster));
    let found = Lanes::best().run(Fold(&plane(Content::Random, 64, 64, 8), Orientation::NoTransforms));
    for (i, row) in found.iter().enumerate() {
        assert!(row.iter().enumerate().all(|(j, value)| *value == found[i / 8 * 8][j / 8 * 8]), "row {i}");
    }
}

#[test]
fn sides_below_five_pixels_give_nothing() {
    for (width, height) in [(4, 4), (4, 300), (300, 4), (0, 0), (1, 1)] {
        for hash in [
            PdqHash::of_plane(&plane(Content::Random, width, height, 1)),
            PdqHash::of_plane(&plane(Content::Random, width, height, 8)),
            PdqHash::of(&Content::Random.raster(width as usize, height as usize, 3)),
        ] {
            assert!(hash.dihedral.iter().all(|hash| *hash == Pdq::new(Code256::ZERO)), "{width}x{height}");
            assert_eq!(hash.quality.percent(), 0);
        }
    }
}

/// Each sample the mean of `scale` by `scale` pixels; beyond the picture its last pixels are repeated, as in JPEG.
fn reduced(grey: &image::GrayImage, scale: u32) -> Plane {
    let (width, height) = grey.dimensions();
    let mut samples = Vec::new();
    for top in (0..height).step_by(scale as usize) {
        for left in (0..width).step_by(scale as usize) {
            let pixels = (top..top + scale).flat_map(|y| (left..left + scale).map(move |x| (x, y)));
            let value = |(x, y): (u32, u32)| u32::from(grey[(x.min(width - 1), y.min(height - 1))].0[0]);
            let sum: u32 = pixels.map(value).sum();
            samples.push(((sum + scale * scale / 2) / (scale * scale)) as u8);
        }
    }
    Plane::new((width, height), scale, samples)
}

#[test]
fn planes_of_photographs_hash_as_their_pixels_do() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pictures/originals");
    // At scales 4 and 8 their shorter sides, 75 to 140 and 38 to 70 samples, are too few for more.
    for name in ["cat.png", "coffee.jpg", "gravel.jpg", "hubble.jpg", "rocket.jpg"] {
        let grey = image::open(folder.join(name)).unwrap().to_luma8();
        let whole = PdqHash::of(&Raster::grey(grey.width(), grey.height(), grey.as_raw().clone()));
        for (scale, allowed) in [(1, 0), (4, 10), (8, 24)] {
            let found = PdqHash::of_plane(&reduced(&grey, scale));
            let distance = found.original().code().distance(whole.original().code()).bits();
            println!("{name} by {scale}: {distance} bits");
            assert!(distance <= allowed, "{name} by {scale}: {distance} bits");
            assert_eq!(found.quality, whole.quality, "{name} by {scale}");
        }
    }
}

#[test]
fn the_upright_hash_alone_is_the_first_of_eight() {
    let plane = plane(Content::Random, 300, 200, 1);
    let all = PdqHash::of_plane(&plane);
    assert!(PdqHash::upright_of_plane(Lanes::best(), &plane) == (all.original(), all.quality));
}

#[test]
fn lanes_lie_on_cache_lines() {
    assert_eq!((align_of::<Lane>(), size_of::<Lane>()), (64, 128));
}

#[test]
fn cells_are_the_bits_where_they_belong() {
    let first = Pdq::new(Code256::from_bytes(std::array::from_fn(|at| u8::from(at == 31))));
    let last = Pdq::new(Code256::from_bytes(std::array::from_fn(|at| if at == 0 { 0x80 } else { 0 })));
    let set = |pdq: &Pdq| -> Vec<(usize, usize)> {
        let all = (0..Pdq::CELLS).flat_map(|row| (0..Pdq::CELLS).map(move |column| (row, column)));
        all.filter(|(row, column)| pdq.cells()[*row][*column]).collect()
    };
    assert_eq!((set(&first), set(&last)), (vec![(0, 0)], vec![(15, 15)]));
    // Stripes that change downwards alone are waves of the first column; mirrored in the diagonal, of the first row.
    let pixels = (0..128_u32).flat_map(|y| (0..128_u32).map(move |_| ((y * y / 40) % 256) as u8)).collect();
    let hash = PdqHash::of(&Raster::grey(128, 128, pixels));
    let (down, across) = (hash.original().cells(), hash.dihedral[6].cells());
    for (row, cells) in down.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            assert_eq!(*cell, across[column][row], "{row}, {column}");
        }
    }
    assert_eq!(hash.distances(hash.original())[0], crate::kernel::Distance::ZERO);
}
