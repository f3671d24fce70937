//! How far the noise of several released values reaches together.
//!
//! Every value carries discrete Laplace noise of scale `sensitivity / epsilon`, drawn on its own. The distribution of a sum
//! is the convolution of those of its parts, which need not have one scale. It is worked out through the characteristic
//! function, `(1 - q)^2 / ((1 - q)^2 + 4 q sin^2(t/2))` for one part with `q = exp(-epsilon / sensitivity)`: the product over
//! the parts, turned back on a circle that is so long that what wraps around has a chance below `1e-13`. Floating-point
//! numbers are well here, since nothing is protected by what is worked out; a chance of [`SLACK`] is kept back, so that their
//! error never makes a width too small.
//!
//! Widths of simple cases: for one value it is the manifest's own half width; for `n` values of one scale `s` it comes near
//! `1.96 s sqrt(2 n)` as `n` grows, far less than `n` half widths.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::release::TableNote;

/// The noise of one part: sensitivity, and epsilon in billionths.
type Scale = (u32, u64);

/// The chance, of missing, that one interval takes: 5 %.
pub(super) const ALPHA: f64 = 0.05;

/// What is kept back of the chance for the error of the arithmetic, which is some `1e-12`.
const SLACK: f64 = 1e-10;
/// The chance of what is left out of the circle.
const BEYOND: f64 = 1e-13;
/// The most evaluations of a part's characteristic function for one width; with more, a bound takes its place.
const MOST_WORK: usize = 1 << 24;
/// The most widths that are remembered.
const MOST_KEPT: usize = 1 << 14;

/// The noises of several values: how many of each scale, and by how much rounding moves the sum at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Noises {
    parts: BTreeMap<Scale, u64>,
    rounding: u64,
    /// The half width of the manifest, for one value.
    single: u64,
}

impl Noises {
    /// Adds that of a value of the table; `shown` values are rounded, too.
    pub(super) fn add(&mut self, note: &TableNote, shown: bool) {
        *self.parts.entry((note.sensitivity, note.epsilon_nano)).or_default() += 1;
        if shown {
            self.rounding += u64::from(note.rounding / 2);
        }
        self.single = note.half_width - u64::from(note.rounding / 2);
    }

    /// Adds all of `other`.
    pub(super) fn join(&mut self, other: &Self) {
        for (scale, count) in &other.parts {
            *self.parts.entry(*scale).or_default() += count;
        }
        self.rounding += other.rounding;
        self.single = self.single.max(other.single);
    }

    /// The smallest `h` for which the noises, added up, lie within `-h..=h` with a chance of at least `1 - alpha`, and what
    /// rounding may add. Where working it out would take too long, a somewhat larger one (Chernoff's bound).
    ///
    /// `alpha` is the chance that is taken, [`ALPHA`] for one interval of 95 %.
    pub(super) fn half_width(&self, alpha: f64) -> u64 {
        static KEPT: LazyLock<Mutex<BTreeMap<Key, u64>>> = LazyLock::new(Mutex::default);
        type Key = (Vec<(Scale, u64)>, u64);
        if self.parts.is_empty() {
            return 0;
        }
        if alpha == ALPHA && self.parts.values().sum::<u64>() == 1 {
            return self.single + self.rounding; // as the manifest says
        }
        let key: Key = (self.parts.iter().map(|(scale, count)| (*scale, *count)).collect(), alpha.to_bits());
        let known = KEPT.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        let width = known.unwrap_or_else(|| {
            let width = Sum::of(&self.parts).half_width(alpha);
            let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == MOST_KEPT {
                kept.clear();
            }
            kept.insert(key, width);
            width
        });
        width + self.rounding
    }
}

/// A sum of independent discrete Laplace noises.
struct Sum {
    /// `1 - q`, `q` and how many parts have it.
    parts: Vec<(f64, f64, f64)>,
    largest_scale: f64,
}

impl Sum {
    fn of(parts: &BTreeMap<Scale, u64>) -> Self {
        let exponent = |&(sensitivity, nano): &Scale| nano as f64 / 1e9 / f64::from(sensitivity);
        let part = |(scale, count): (&Scale, &u64)| {
            let exponent = exponent(scale);
            (-(-exponent).exp_m1(), (-exponent).exp(), *count as f64)
        };
        let largest_scale = parts.keys().map(|scale| 1.0 / exponent(scale)).fold(0.0, f64::max);
        Self { parts: parts.iter().map(part).collect(), largest_scale }
    }

    fn half_width(&self, alpha: f64) -> u64 {
        let allowed = alpha - SLACK.min(alpha / 100.0);
        if let [(rest, q, 1.0)] = self.parts[..] {
            // P(|Z| > h) = 2 q^(h+1) / (1 + q)
            let exact = ((allowed * (1.0 + q) / 2.0).ln() / (-rest).ln_1p() - 1.0).ceil();
            return exact.max(0.0) as u64;
        }
        let bound = self.chernoff(allowed);
        let Some(circle) = Circle::of(self) else { return bound };
        // The smallest width in 0..=bound; the chance falls as it grows.
        let (mut low, mut high) = (0, bound);
        while low < high {
            let middle = low + (high - low) / 2;
            if circle.outside(middle) <= allowed { high = middle } else { low = middle + 1 }
        }
        low
    }

    /// A width that the sum leaves with a chance of at most `chance`: `P(|Z| >= x) <= 2 exp(-t x) E exp(t Z)` for every
    /// `t` below `1 / scale`.
    fn chernoff(&self, chance: f64) -> u64 {
        let width = |t: f64| {
            let log_mgf = |&(rest, q, count): &(f64, f64, f64)| {
                // (1 - q)^2 / ((1 - q e^t)(1 - q e^-t)), with a denominator of (1 - q)^2 - 4 q sinh^2(t/2)
                let square = rest * rest;
                -count * (-4.0 * q * (t / 2.0).sinh().powi(2) / square).ln_1p()
            };
            ((2.0 / chance).ln() + self.parts.iter().map(log_mgf).sum::<f64>()) / t
        };
        let steps = (0..160).map(|step| 0.99 / self.largest_scale * 0.93_f64.powi(step));
        let least = steps.map(width).filter(|width| width.is_finite()).fold(f64::INFINITY, f64::min);
        least.ceil() as u64
    }
}

/// The values of the characteristic function at equal steps around a circle of an odd number of points.
struct Circle {
    points: f64,
    /// `2 phi / (points sin(t/2))` of each step, as far as it counts.
    weights: Vec<f64>,
}

impl Circle {
    /// `None` if it would take too long.
    fn of(sum: &Sum) -> Option<Self> {
        let points = 2.0 * sum.chernoff(BEYOND) as f64 + 1.0;
        let most = ((points - 1.0) / 2.0) as usize;
        let mut weights = Vec::new();
        for step in 1..=most {
            if step * sum.parts.len() > MOST_WORK {
                return None;
            }
            let sine = (PI * step as f64 / points).sin();
            let log_phi = |&(rest, q, count): &(f64, f64, f64)| {
                -count * (4.0 * q * sine * sine / (rest * rest)).ln_1p()
            };
            let weight = 2.0 * sum.parts.iter().map(log_phi).sum::<f64>().exp() / (points * sine);
            weights.push(weight);
            // Each weight is less than the one before it: all that follow are less than this together.
            if weight * ((most - step) as f64) < BEYOND {
                break;
            }
        }
        Some(Self { points, weights })
    }

    /// The chance of a sum outside `-width..=width`.
    fn outside(&self, width: u64) -> f64 {
        let reach = 2.0 * width as f64 + 1.0;
        let turn = PI * reach / self.points;
        let waves =
            self.weights.iter().zip(1_u32..).map(|(weight, step)| weight * (turn * f64::from(step)).sin());
        1.0 - reach / self.points - waves.sum::<f64>()
    }
}

#[cfg(test)]
#[path = "noise_tests.rs"]
mod tests;
