//! Threshold, half-width and standard deviation of discrete Laplace noise, in integers, rounded to the safe side.
//!
//! With `q = exp(-eps)`, discrete Laplace noise has `P(Z = k) = (1 - q)/(1 + q) * q^|k|`, so for `t >= 1` the tail is
//! `P(Z >= t) = q^t / (1 + q)`, and the variance is `2 q / (1 - q)^2`. `q` is held between two fixed-point numbers
//! of 192 fractional bits, and every comparison uses the end that asks for more protection.

#![deny(clippy::float_arithmetic)]

use num_bigint::BigUint;

use super::plan::{Beta, Epsilon};

const FRACTION_BITS: u32 = 192;

/// `q = exp(-eps)` lies between `low` and `high`.
pub(super) struct Decay {
    one: BigUint,
    low: BigUint,
    high: BigUint,
}

impl Decay {
    pub(super) fn new(epsilon: Epsilon) -> Self {
        let one = BigUint::from(1_u8) << FRACTION_BITS;
        let (exp_low, exp_high) = exp(&one, epsilon);
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
        u64::try_from(root).expect("epsilon is at least 0.001, so the deviation is below 1,500")
    }

    /// The smallest `n >= 1` with `q^n * factor <= 1 + q`.
    fn smallest_power(&self, factor: &BigUint) -> u64 {
        let bound = &self.one + &self.low;
        let mut power = self.high.clone();
        let mut n = 1;
        while &power * factor > bound {
            power = divide_up(&(power * &self.high), &self.one);
            n += 1;
        }
        n
    }
}

/// Bounds of `exp(eps)` from its Taylor series.
fn exp(one: &BigUint, epsilon: Epsilon) -> (BigUint, BigUint) {
    let (mut low, mut high) = (one.clone(), one.clone());
    let (mut term_low, mut term_high) = (one.clone(), one.clone());
    let mut n = 0_u64;
    // From n = 20 on, each term is less than half of the one before it (eps is at most 10), so what is left out is
    // less than the last term.
    while n < 20 || term_high > BigUint::from(1_u8) {
        n += 1;
        let divisor = BigUint::from(Epsilon::NANO) * n;
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
mod tests {
    use super::*;

    fn decay(epsilon: &str) -> Decay {
        Decay::new(epsilon.parse().unwrap())
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
    }

    #[test]
    fn integers_agree_with_the_closed_form_and_never_promise_more() {
        for milli in (1..=10_000_u64).step_by(37) {
            let decay = Decay::new(Epsilon::from_nano(milli * 1_000_000).unwrap());
            let q = (-(milli as f64) / 1000.0).exp();
            let tail = decay.tail("1e-6".parse().unwrap()) as f64;
            assert!(q.powf(tail) / (1.0 + q) <= 1e-6 * (1.0 + 1e-9), "{milli}");
            assert!(tail <= 1.0 || q.powf(tail - 1.0) / (1.0 + q) > 1e-6 * (1.0 - 1e-9), "{milli}");
            let width = decay.half_width() as f64;
            assert!(2.0 * q.powf(width + 1.0) / (1.0 + q) <= 0.05 * (1.0 + 1e-9), "{milli}");
            let sd = (2.0 * q).sqrt() / (1.0 - q);
            let found = decay.sd_thousandths() as f64 / 1000.0;
            assert!(found >= sd * (1.0 - 1e-9) && found <= sd + 0.0011, "{milli}: {found} {sd}");
        }
    }

    #[test]
    fn the_smallest_epsilon_and_beta_are_quick_enough() {
        assert!(decay("0.001").tail("1e-12".parse().unwrap()) > 20_000);
    }
}
