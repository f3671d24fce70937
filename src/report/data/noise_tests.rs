use std::time::{Duration, Instant};

use prio::dp::Rational;
use prio::dp::distributions::DiscreteLaplace;
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::StdRng;

use super::*;
use crate::release::sample::{Shape, sample};

fn noises(parts: &[(Scale, u64)]) -> Noises {
    Noises { parts: parts.iter().copied().collect(), rounding: 0, single: 0 }
}

/// `1/0.25*3+2/1.0*1`
fn parse(words: &str) -> Vec<(Scale, u64)> {
    let part = |word: &str| {
        let (scale, count) = word.split_once('*').unwrap();
        let (sensitivity, epsilon) = scale.split_once('/').unwrap();
        let nano = (epsilon.parse::<f64>().unwrap() * 1e9).round() as u64;
        ((sensitivity.parse().unwrap(), nano), count.parse().unwrap())
    };
    words.split('+').map(part).collect()
}

#[test]
fn widths_are_those_of_an_independent_convolution() {
    let mut reader = csv::Reader::from_path("testdata/noise/half_widths.csv").unwrap();
    let mut cases = 0;
    for row in reader.deserialize() {
        let (words, chance, expected): (String, f64, u64) = row.unwrap();
        let found = Sum::of(&parse(&words).into_iter().collect()).half_width(chance);
        assert_eq!(found, expected, "{words} at {chance}");
        let bound = Sum::of(&parse(&words).into_iter().collect()).chernoff(chance);
        assert!(
            (expected..4 * expected + 8).contains(&bound),
            "{words}: the bound {bound} holds, and is no guess"
        );
        cases += 1;
    }
    assert_eq!(cases, 22);
}

#[test]
fn one_value_reaches_as_far_as_its_manifest_says() {
    let (release, _) = sample(Shape::Many, false, "A");
    let note = release.tables()[0].note();
    for rounding in [1, 5, 10] {
        let note = TableNote { rounding, half_width: 3 + u64::from(rounding / 2), ..note.clone() };
        let mut one = Noises::default();
        one.add(&note, true);
        assert_eq!(one.half_width(ALPHA), note.half_width);
        // Rounding is no noise: it adds up whole.
        let (mut four, mut plain) = (Noises::default(), Noises::default());
        for _ in 0..4 {
            four.add(&note, true);
            plain.add(&TableNote { rounding: 1, half_width: 3, ..note.clone() }, true);
        }
        assert_eq!(four.half_width(ALPHA), plain.half_width(ALPHA) + 4 * u64::from(rounding / 2));
        assert!(plain.half_width(ALPHA) < 4 * 3);
    }
    assert_eq!(Noises::default().half_width(ALPHA), 0);
}

/// With the sampler that releases use: 20,000 sums of a fixed seed each; fewer than 94.5 % within would have a chance of
/// one in a thousand if 95 % were true.
#[test]
fn sums_of_real_noise_stay_within() {
    let mut rng = StdRng::seed_from_u64(11);
    for words in ["1/1.0*2", "1/0.333333333*15", "1/1.0*3+6/0.5*2", "2/0.05*4"] {
        let parts = parse(words);
        let width = noises(&parts).half_width(ALPHA) as i128;
        let samplers: Vec<(DiscreteLaplace, u64)> = parts
            .iter()
            .map(|&((sensitivity, nano), count)| {
                let scale = Rational::from_unsigned(u64::from(sensitivity) * 1_000_000_000, nano).unwrap();
                (DiscreteLaplace::new(scale).unwrap(), count)
            })
            .collect();
        let runs = 20_000;
        let within = (0..runs)
            .filter(|_| {
                let draws = samplers.iter().flat_map(|(sampler, count)| (0..*count).map(move |_| sampler));
                let sum: i128 = draws.map(|sampler| i128::try_from(sampler.sample(&mut rng)).unwrap()).sum();
                sum.abs() <= width
            })
            .count();
        assert!(within * 1000 >= runs * 945, "{words}: {within} of {runs} within {width}");
        assert!(within * 1000 <= runs * 990, "{words}: {within} of {runs} within {width}: too wide");
    }
}

#[test]
fn whatever_a_plan_allows_has_a_width_in_bounded_time() {
    let start = Instant::now();
    // The largest scale, a million cells; and as many scales as no data set has.
    let many: Vec<(Scale, u64)> = (0..400).map(|n| ((6, 1_000_000 + n), 50)).collect();
    for parts in
        [vec![((6, 1_000_000), 1_000_000)], vec![((6, 1_000_000), 2), ((1, 10_000_000_000), 2)], many]
    {
        let count: u64 = parts.iter().map(|(_, count)| count).sum();
        let width = noises(&parts).half_width(ALPHA);
        let variance: f64 = parts
            .iter()
            .map(|((s, nano), n)| 2.0 * (f64::from(*s) * 1e9 / *nano as f64).powi(2) * *n as f64)
            .sum();
        let normal = 1.96 * variance.sqrt();
        assert!(
            (0.9 * normal..1.6 * normal).contains(&(width as f64)),
            "{count} parts: {width} and {normal}"
        );
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn less_chance_of_missing_reaches_further() {
    let parts = noises(&[((1, 333_333_333), 15)]);
    let widths: Vec<u64> = [0.05, 0.01, 0.001, 1e-5, 1e-7].map(|alpha| parts.half_width(alpha)).to_vec();
    assert!(widths.windows(2).all(|pair| pair[0] < pair[1]), "{widths:?}");
}
