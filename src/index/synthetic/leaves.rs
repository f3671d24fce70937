//! Pictures that depict nothing and have the statistics of photographs: shapes of all sizes that lie one on the other ("dead
//! leaves": A. B. Lee, D. Mumford and J. Huang, "Occlusion models for natural images", IJCV 41, 2001).

use super::draws::Draws;

/// Frequencies of a side: those that a PDQ hash is made of.
pub(super) const SIDE: usize = 16;
/// Pixels of a side, as PDQ reduces a picture to before it transforms it.
const PIXELS: usize = 64;
/// Shapes in a picture: enough to cover it three times.
const LEAVES: usize = 200;
/// Their least and greatest half width, in pixels.
const SIZES: (f64, f64) = (2.0, 64.0);

/// The frequencies 1 to 16 of a picture down and across, row by row; the sum of their squares is 1.
pub(super) type Frequencies = [f32; SIDE * SIDE];

/// The frequencies of picture `number`.
pub(super) fn picture(number: u64) -> Frequencies {
    let pixels = leaves(&mut Draws::new("pictures", number));
    let waves = waves();
    // Along each row, then down.
    let rows = pixels.map(|row| waves.map(|wave| product(&row, &wave)));
    let mut found = [0.0; SIDE * SIDE];
    for (at, found) in found.iter_mut().enumerate() {
        let column = rows.map(|row| row[at % SIDE]);
        *found = product(&column, &waves[at / SIDE]);
    }
    let length = found.iter().map(|value| value * value).sum::<f64>().sqrt();
    found.map(|value| (value / length) as f32)
}

/// The greatest shapes are the fewest: as many of half the size as cover the same area.
fn leaves(draws: &mut Draws) -> [[f64; PIXELS]; PIXELS] {
    let mut pixels = [[0.5; PIXELS]; PIXELS];
    let (least, greatest) = SIZES;
    let inverse_square = |size: f64| 1.0 / (size * size);
    for _ in 0..LEAVES {
        let span = inverse_square(least) - inverse_square(greatest);
        let size = 1.0 / (draws.unit() * span + inverse_square(greatest)).sqrt();
        let (x, y) = (draws.unit() * PIXELS as f64, draws.unit() * PIXELS as f64);
        let (tall, round, level) = (0.5 + draws.unit(), draws.below(2) == 0, draws.unit());
        let high = size * tall;
        // A number below 0 becomes 0.
        let reach =
            |middle: f64, half: f64| (middle - half) as usize..((middle + half) as usize + 1).min(PIXELS);
        for row in reach(y, high) {
            for column in reach(x, size) {
                let across = (column as f64 + 0.5 - x).abs() / size;
                let down = (row as f64 + 0.5 - y).abs() / high;
                let inside = if round { across * across + down * down < 1.0 } else { across.max(down) < 1.0 };
                if inside {
                    pixels[row][column] = level;
                }
            }
        }
    }
    pixels
}

/// The cosines of frequencies 1 to 16, by turning a pointer step by step: products and sums are the same on all machines,
/// which a library's cosine is not.
fn waves() -> [[f64; PIXELS]; SIDE] {
    // Of half a pixel at frequency 1, π / 128.
    const STEP: (f64, f64) = (0.999_698_818_696_204_2, 0.024_541_228_522_912_288);
    let turn = |(a, b): (f64, f64), (c, d): (f64, f64)| (a * c - b * d, a * d + b * c);
    let mut half_pixel = (1.0, 0.0);
    std::array::from_fn(|_| {
        half_pixel = turn(half_pixel, STEP);
        let (mut at, pixel) = (half_pixel, turn(half_pixel, half_pixel));
        std::array::from_fn(|_| {
            let cosine = at.0;
            at = turn(at, pixel);
            cosine
        })
    })
}

fn product(one: &[f64; PIXELS], other: &[f64; PIXELS]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_are_cosines() {
        for (frequency, wave) in (1..).zip(waves()) {
            for (pixel, value) in wave.iter().enumerate() {
                let angle = (pixel as f64 + 0.5) * f64::from(frequency) * std::f64::consts::PI / 64.0;
                assert!((value - angle.cos()).abs() < 1e-12, "{frequency} at {pixel}");
            }
        }
    }

    /// In photographs the amplitude falls as the frequency rises: each octave has about the same energy.
    #[test]
    fn pictures_have_the_spectrum_of_photographs() {
        let pictures: Vec<_> = (0..100).map(picture).collect();
        let energy = |from: usize, to: usize| {
            let places = (0..SIDE * SIDE).filter(|at| (from..to).contains(&(at / SIDE).max(at % SIDE)));
            places.flat_map(|at| pictures.iter().map(move |picture| picture[at].powi(2))).sum::<f32>() / 100.0
        };
        let octaves = [energy(0, 1), energy(1, 3), energy(3, 7), energy(7, 15)];
        for (at, share) in octaves.into_iter().enumerate() {
            assert!((0.03..0.5).contains(&share), "octave {at}: {octaves:?}");
        }
        assert!((energy(0, SIDE) - 1.0).abs() < 1e-4);
    }
}
