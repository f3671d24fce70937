//! Threshold, half-width and standard deviation of discrete Laplace noise, in integers, rounded to the safe side.
//!
//! With `q = exp(-eps / s)`, `s` being the sensitivity, discrete Laplace noise has `P(Z = k) = (1 - q)/(1 + q) * q^|k|`, so for `t >= 1` the
//! tail is `P(Z >= t) = q^t / (1 + q)`, and the variance is `2 q / (1 - q)^2`. `q` is held between two fixed-point numbers
//! of 192 fractional bits, and every comparison uses the end that asks for more protection.

#![deny(clippy::float_arithmetic)]

use num_bigint::BigUint;

use super::epsilon::{Beta, Epsilon};

const FRACTION_BITS: u32 = 192;

/// `q = exp(-eps / sensitivity)` lies between `low` and `high`.
pub(super) struct Decay {
    one: BigUint,
    low: BigUint,
    high: BigUint,
}

impl Decay {
    pub(super) fn new(epsilon: Epsilon, sensitivity: u32) -> Self {
        let one = BigUint::from(1_u8) << FRACTION_BITS;
        let (exp_low, exp_high) = exp(&one, epsilon, sensitivity);
        let square = &one * &one;
        Self { low: &square / &exp_high, high: divide_up(&square, &exp_low), one }
    }

    /// The smallest `t >= 1` with `P(Z >= t) <= beta`.
    pub(super) fn tail(&self, beta: Beta) -> u64 {
        self.smallest_power(&BigUint::from(beta.one_in()))
    }

    /// The smallest `w` with `P(|Z| > w) = 2 q^(w+1) / (1 + q) <= 0.05`.
    pub(super) fn half_width(&self) -> u64 {
        self.smallest_power(&BigUint::from(40_u8)) - 1
    }

    /// The standard deviation in thousandths, rounded upward.
    pub(super) fn sd_thousandths(&self) -> u64 {
        let rest = &self.one - &self.high;
        let square = divide_up(&(&self.high * &self.one * 2_000_000_u32), &(&rest * &rest));
        let mut root = square.sqrt();
        if &root * &root < square {
            root += 1_u8;
        }
        u64::try_from(root)
            .expect("epsilon is at least 0.001 and the sensitivity at most 6, so it is below 10,000")
    }

    /// The smallest `n >= 1` with `q^n * factor <= 1 + q`, by squaring: the scale may be in the thousands.
    fn smallest_power(&self, factor: &BigUint) -> u64 {
        let bound = &self.one + &self.low;
        let exceeds = |power: &BigUint| power * factor > bound;
        let times = |a: &BigUint, b: &BigUint| divide_up(&(a * b), &self.one);
        let mut squares = vec![self.high.clone()];
        while let Some(last) = squares.last().filter(|last| exceeds(last)) {
            squares.push(times(last, last));
        }
        // The largest n whose power still exceeds the bound, from its highest bit down.
        let (mut power, mut n) = (self.one.clone(), 0);
        for (bit, square) in squares.iter().enumerate().rev() {
            let next = times(&power, square);
            if exceeds(&next) {
                (power, n) = (next, n | 1 << bit);
            }
        }
        n + 1
    }
}

/// Bounds of `exp(eps / sensitivity)` from its Taylor series.
fn exp(one: &BigUint, epsilon: Epsilon, sensitivity: u32) -> (BigUint, BigUint) {
    let (mut low, mut high) = (one.clone(), one.clone());
    let (mut term_low, mut term_high) = (one.clone(), one.clone());
    let mut n = 0_u64;
    // From n = 20 on, each term is less than half of the one before it (eps is at most 10), so what is left out is
    // less than the last term.
    while n < 20 || term_high > BigUint::from(1_u8) {
        n += 1;
        let divisor = BigUint::from(Epsilon::NANO) * sensitivity * n;
        term_low = term_low * epsilon.nano() / &divisor;
        term_high = divide_up(&(term_high * epsilon.nano()), &divisor);
        low += &term_low;
        high += &term_high;
    }
    (low, high + 1_u8)
}

fn divide_up(dividend: &BigUint, divisor: &BigUint) -> BigUint {
    (dividend + divisor - 1_u8) / divisor
}

#[cfg(test)]
#[allow(clippy::float_arithmetic, reason = "the closed form, to compare with")]
mod tests {
    use super::*;

    fn decay(epsilon: &str) -> Decay {
        Decay::new(epsilon.parse().unwrap(), 1)
    }

    #[test]
    fn the_published_table_of_thresholds_and_widths_holds() {
        let beta = "1e-6".parse().unwrap();
        // eps, T at k = 1, T at k = 10, half-width, standard deviation to two digits
        for (epsilon, t1, t10, half_width, sd) in
            [("0.25", 53, 62, 12, 564), ("0.5", 27, 36, 6, 280), ("1", 14, 23, 3, 136)]
        {
            let decay = decay(epsilon);
            assert_eq!(decay.tail(beta), t1, "{epsilon}");
            assert_eq!(9 + decay.tail(beta), t10, "{epsilon}");
            assert_eq!(decay.half_width(), half_width, "{epsilon}");
            assert_eq!((decay.sd_thousandths() + 5) / 10, sd, "{epsilon}");
        }
        // Four tables at epsilon 1 with a cap by case, as the specification has it.
        assert_eq!(9 + Decay::new("0.25".parse().unwrap(), 2).tail(beta), 115);
    }

    #[test]
    fn integers_agree_with_the_closed_form_and_never_promise_more() {
        for (milli, sensitivity) in (1..=10_000_u64).step_by(37).zip([1, 2, 3, 6].into_iter().cycle()) {
            let decay = Decay::new(Epsilon::from_nano(milli * 1_000_000).unwrap(), sensitivity);
            let q = (-(milli as f64) / 1000.0 / f64::from(sensitivity)).exp();
            let tail = decay.tail("1e-6".parse().unwrap()) as f64;
            assert!(q.powf(tail) / (1.0 + q) <= 1e-6 * (1.0 + 1e-9), "{milli}");
            assert!(tail <= 1.0 || q.powf(tail - 1.0) / (1.0 + q) > 1e-6 * (1.0 - 1e-9), "{milli}");
            let width = decay.half_width() as f64;
            assert!(2.0 * q.powf(width + 1.0) / (1.0 + q) <= 0.05 * (1.0 + 1e-9), "{milli}");
            assert!(width < 1.0 || 2.0 * q.powf(width) / (1.0 + q) > 0.05 * (1.0 - 1e-9), "{milli}");
            let sd = (2.0 * q).sqrt() / (1.0 - q);
            let found = decay.sd_thousandths() as f64 / 1000.0;
            assert!(found >= sd * (1.0 - 1e-9) && found <= sd + 0.0011, "{milli}: {found} {sd}");
        }
    }

    #[test]
    fn the_ratio_alone_counts() {
        let beta = "1e-9".parse().unwrap();
        let bounds = |epsilon: &str, sensitivity| {
            let decay = Decay::new(epsilon.parse().unwrap(), sensitivity);
            (decay.tail(beta), decay.half_width(), decay.sd_thousandths())
        };
        assert_eq!(bounds("0.5", 1), bounds("1", 2));
        assert_eq!(bounds("0.3", 3), bounds("0.6", 6));
    }

    /// The largest scale there is: 6 / 0.001.
    #[test]
    fn the_smallest_epsilon_and_beta_have_their_bounds_too() {
        let decay = Decay::new("0.001".parse().unwrap(), 6);
        let tail = decay.tail("1e-12".parse().unwrap()) as f64;
        let expected = 6000.0 * (12.0 * 10_f64.ln() - (1.0 + (-1.0_f64 / 6000.0).exp()).ln());
        assert!((tail - expected).abs() <= 1.0, "{tail} {expected}");
    }
}
