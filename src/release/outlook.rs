//! What readers of a table should expect, worked out before anything is spent. Knows the plan alone, never a count.
//!
//! These figures help a person to choose a plan. Nothing that is released or charged rests on them, so they may be
//! floating-point numbers.

use super::mechanism::Protection;

/// What the noise of one table does to a cell and to its changes.
///
/// # Examples
/// ```
/// use innerward::release::{Outlook, Plan};
/// let plan = Plan::coarse();
/// let outlook = Outlook::of(plan.tables()[0].protection());
/// assert!(outlook.chance_shown(9) <= 1e-6);
/// assert!(outlook.chance_shown(30) > 0.99);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Outlook {
    q: f64,
    threshold: u64,
    rounding: u64,
}

impl Outlook {
    /// Under `protection`.
    #[must_use]
    pub fn of(protection: &Protection) -> Self {
        // Whole numbers up to 10^10 and 6: exact in 53 bits.
        let epsilon = protection.epsilon().nano() as f64 / 1e9 / f64::from(protection.sensitivity());
        Self {
            q: (-epsilon).exp(),
            threshold: protection.threshold(),
            rounding: u64::from(protection.rounding()),
        }
    }

    /// The chance that a cell which truly holds `count` is shown.
    #[must_use]
    pub fn chance_shown(&self, count: u64) -> f64 {
        self.tail(i128::from(self.threshold) - i128::from(count))
    }

    /// The distance between the noised and the true value, on average.
    #[must_use]
    pub fn mean_error(&self) -> f64 {
        2.0 * self.q / (1.0 - self.q * self.q)
    }

    /// The largest difference between the values of two periods that says nothing: noise alone gives a larger one in at most
    /// one of twenty times.
    #[must_use]
    pub fn unclear_change(&self) -> u64 {
        let noise = (0..).find(|&d| 2.0 * self.tail_of_difference(d + 1) <= 0.05);
        // Rounding moves each of the two by at most half a step.
        noise.and_then(|d| u64::try_from(d).ok()).unwrap_or(u64::MAX)
            + if self.rounding > 1 { self.rounding } else { 0 }
    }

    /// The smallest true change of a shown cell that goes beyond [`Self::unclear_change`] in four of five times.
    #[must_use]
    pub fn detectable_change(&self) -> u64 {
        let unclear = self.unclear_change();
        let seen =
            |change: &u64| self.tail_of_difference(i128::from(unclear + 1) - i128::from(*change)) >= 0.8;
        (unclear..).find(seen).unwrap_or(u64::MAX)
    }

    /// `P(Z >= t)`.
    fn tail(&self, t: i128) -> f64 {
        if t >= 1 { self.power(t) / (1.0 + self.q) } else { 1.0 - self.power(1 - t) / (1.0 + self.q) }
    }

    /// `P(Z1 - Z2 >= t)`; the difference of two noises has the law of their sum.
    fn tail_of_difference(&self, t: i128) -> f64 {
        if t < 1 {
            return 1.0 - self.tail_of_difference(1 - t);
        }
        let q = self.q;
        let c = (1.0 - q) / (1.0 + q);
        let rest = q / (1.0 - q).powi(2) + (1.0 + q * q) / ((1.0 - q * q) * (1.0 - q));
        c * c * self.power(t) * (t as f64 / (1.0 - q) + rest)
    }

    fn power(&self, t: i128) -> f64 {
        self.q.powf(t as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::Plan;

    /// Sums the probabilities of both noises one by one.
    fn slow_tail_of_difference(q: f64, t: i64) -> f64 {
        let chance = |k: i64| (1.0 - q) / (1.0 + q) * q.powi(k.unsigned_abs() as i32);
        let reach = 400;
        let at_least = |t: i64| (t.max(-reach)..=reach).map(chance).sum::<f64>();
        (-reach..=reach).map(|z| chance(z) * at_least(t + z)).sum()
    }

    fn coarse() -> Outlook {
        Outlook::of(Plan::coarse().tables()[0].protection())
    }

    #[test]
    fn the_chance_of_being_shown_follows_the_closed_form() {
        let outlook = coarse();
        let shown: f64 = (23 - 30..400)
            .map(|k: i32| (1.0 - outlook.q) / (1.0 + outlook.q) * outlook.q.powi(k.abs()))
            .sum();
        assert!((outlook.chance_shown(30) - shown).abs() < 1e-12);
        assert!(outlook.chance_shown(9) <= 1e-6 && outlook.chance_shown(10) > outlook.chance_shown(9));
        assert!((0.0..=1.0).contains(&outlook.chance_shown(u64::MAX)));
        // A cell at the threshold is shown a little more often than not.
        assert!((0.5..0.8).contains(&outlook.chance_shown(23)));
    }

    #[test]
    fn changes_are_judged_by_the_noise_of_both_periods() {
        let outlook = coarse();
        for t in [-7, -1, 0, 1, 2, 5, 20] {
            let slow = slow_tail_of_difference(outlook.q, t);
            assert!((outlook.tail_of_difference(i128::from(t)) - slow).abs() < 1e-9, "{t}");
        }
        let unclear = outlook.unclear_change() as i64;
        assert!(2.0 * slow_tail_of_difference(outlook.q, unclear + 1) <= 0.05);
        assert!(2.0 * slow_tail_of_difference(outlook.q, unclear) > 0.05);
        let detectable = outlook.detectable_change() as i64;
        assert!(slow_tail_of_difference(outlook.q, unclear + 1 - detectable) >= 0.8);
        assert!(slow_tail_of_difference(outlook.q, unclear + 2 - detectable) < 0.8);
    }
}
