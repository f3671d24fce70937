//! Noise, then threshold, then rounding: the only step that turns counts into values that may leave.

#![deny(clippy::float_arithmetic)]

use prio::dp::Rational;
use prio::dp::distributions::DiscreteLaplace;
use rand::distr::Distribution;
use rand::{CryptoRng, Rng};

use super::bounds::Decay;
use super::domain::Domain;
use super::ledger::Permit;
use super::model::{Released, ReleasedCell, Status};
use super::plan::{Beta, Epsilon, PlanError};
use crate::tally::{Cube, Sensitive};
use crate::vocabulary::{Code, Indicator};

/// How much one item can change a table: it touches exactly one cell, by one.
pub(super) const SENSITIVITY: u32 = 1;

/// The name of the mechanism, as manifests and tables carry it.
pub(super) const MECHANISM: &str = "discrete-laplace";

/// How a table is protected, with everything that follows from epsilon, k and beta worked out.
#[derive(Debug, Clone)]
pub struct Protection {
    epsilon: Epsilon,
    k: u32,
    beta: Beta,
    rounding: u32,
    threshold: u64,
    half_width: u64,
    noise_sd: String,
}

/// What may be said of one cell.
pub(super) struct Reading {
    pub(super) value: Option<u64>,
    pub(super) interval: Option<(u64, u64)>,
    pub(super) status: Status,
}

impl Protection {
    /// # Errors
    /// [`PlanError`] if `k` or `rounding` is out of range.
    pub(super) fn new(epsilon: Epsilon, k: u32, beta: Beta, rounding: u32) -> Result<Self, PlanError> {
        if !(1..=10_000).contains(&k) {
            return Err(PlanError::K(k));
        }
        if ![1, 5, 10].contains(&rounding) {
            return Err(PlanError::Rounding(rounding));
        }
        let decay = Decay::new(epsilon);
        let sd = decay.sd_thousandths();
        Ok(Self {
            epsilon,
            k,
            beta,
            rounding,
            threshold: u64::from(k) - 1 + decay.tail(beta),
            // Rounding moves a value by at most half a step.
            half_width: decay.half_width() + u64::from(rounding / 2),
            noise_sd: format!("{}.{:03}", sd / 1000, sd % 1000),
        })
    }

    /// Epsilon of the table: what one item is charged.
    #[must_use]
    pub fn epsilon(&self) -> Epsilon {
        self.epsilon
    }

    /// A true count up to `k - 1` is shown with a chance of at most [`Self::beta`].
    #[must_use]
    pub fn k(&self) -> u32 {
        self.k
    }

    /// That chance.
    #[must_use]
    pub fn beta(&self) -> Beta {
        self.beta
    }

    /// Shown values are multiples of this.
    #[must_use]
    pub fn rounding(&self) -> u32 {
        self.rounding
    }

    /// Noised values below this are withheld.
    #[must_use]
    pub fn threshold(&self) -> u64 {
        self.threshold
    }

    /// Half the width of the 95 % interval.
    #[must_use]
    pub fn half_width(&self) -> u64 {
        self.half_width
    }

    /// Standard deviation of the noise, rounded upward to thousandths.
    #[must_use]
    pub fn noise_sd(&self) -> &str {
        &self.noise_sd
    }

    /// The smallest value that is ever shown.
    pub(super) fn smallest_shown(&self) -> u64 {
        self.rounded(self.threshold)
    }

    /// `count` plus discrete Laplace noise of scale `sensitivity / epsilon`, an exact rational.
    ///
    /// The sampler is Algorithm 2 of Canonne, Kamath and Steinke, *The Discrete Gaussian for Differential Privacy*
    /// (arXiv 2004.00010), as `prio` has it: integers only.
    pub(super) fn noised<R: Rng + ?Sized>(&self, count: u64, rng: &mut R) -> i128 {
        let scale = Rational::from_unsigned(u64::from(SENSITIVITY) * Epsilon::NANO, self.epsilon.nano())
            .expect("epsilon is not zero");
        let noise = DiscreteLaplace::new(scale).expect("the scale is not zero").sample(rng);
        // The scale is at most 1,000: noise of 127 bits has a chance of exp(-10^35).
        i128::from(count) + i128::try_from(noise).expect("noise fits 127 bits")
    }

    /// What may be said of a noised value: nothing below the threshold, else the rounded value.
    pub(super) fn judge(&self, noised: i128) -> Reading {
        let shown = noised >= i128::from(self.threshold);
        self.read(shown.then(|| self.rounded(u64::try_from(noised).unwrap_or(u64::MAX))))
    }

    /// Interval and status that belong to a shown value, or to none.
    pub(super) fn read(&self, value: Option<u64>) -> Reading {
        let interval =
            value.map(|value| (value.saturating_sub(self.half_width), value.saturating_add(self.half_width)));
        let status = match value {
            None => Status::Withheld,
            Some(value) if value <= self.threshold + self.half_width => Status::NearThreshold,
            Some(_) => Status::Estimated,
        };
        Reading { value, interval, status }
    }

    /// To the nearest multiple, halves upward.
    fn rounded(&self, value: u64) -> u64 {
        let step = u64::from(self.rounding);
        value.saturating_add(step / 2) / step * step
    }
}

/// Turns counts into values that may leave, once for one [`Permit`].
///
/// Unit of privacy: one content item of one organisation in one month, with all its reports. Neighbouring data differ
/// by one such item, which touches exactly one cell of the table, by one: the L1 sensitivity is 1. Every cell of the
/// public domain is noised, zeros included, with discrete Laplace noise of scale `1 / epsilon`; what is then below
/// the threshold is withheld. Order and number of the cells depend on the plan alone.
///
/// A permit is made by the ledger alone, while publishing, after the budget has been charged. It is used up:
/// ```compile_fail,E0382
/// use innerward::release::{Permit, protect};
/// use innerward::tally::{Cube, Sensitive};
/// fn twice<R: rand::CryptoRng>(permit: Permit, a: Sensitive<Cube>, b: Sensitive<Cube>, rng: &mut R) {
///     let _ = protect(permit, a, rng);
///     let _ = protect(permit, b, rng);
/// }
/// ```
/// and cannot be copied or made:
/// ```compile_fail,E0599
/// use innerward::release::Permit;
/// fn copy(permit: Permit) -> Permit { permit.clone() }
/// ```
/// ```compile_fail,E0451
/// use innerward::release::{Plan, Permit};
/// fn forge(plan: &Plan) -> Permit { Permit { charge: 1, table: plan.table().clone() } }
/// ```
/// Once is what it is for:
/// ```
/// use innerward::release::{Permit, Plan, PlanTable, ReleasedCell, protect};
/// use innerward::tally::{Cube, Sensitive};
/// fn once<R: rand::CryptoRng>(permit: Permit, counts: Sensitive<Cube>, rng: &mut R) -> Vec<ReleasedCell> {
///     protect(permit, counts, rng)
/// }
/// fn copy(table: PlanTable) -> PlanTable { table.clone() }
/// struct Mine { charge: i64, table: PlanTable }
/// fn make(plan: &Plan) -> Mine { Mine { charge: 1, table: plan.table().clone() } }
/// ```
#[must_use]
pub fn protect<R: CryptoRng + ?Sized>(
    permit: Permit,
    counts: Sensitive<Cube>,
    rng: &mut R,
) -> Vec<ReleasedCell> {
    let table = permit.into_table();
    let (domain, protection) = (table.domain(), table.protection());
    let exact = placed(&counts.open_at_the_gate(), domain);
    domain
        .cells()
        .iter()
        .zip(exact)
        .map(|(codes, count)| released_cell(codes.clone(), protection.judge(protection.noised(count, rng))))
        .collect()
}

/// The exact count of each cell of the domain. One item more in the cube is one more in exactly one cell.
fn placed(cube: &Cube, domain: &Domain) -> Vec<u64> {
    let mut exact = vec![0; domain.cells().len()];
    for (cell, items) in cube.of(Indicator::ItemsScanned) {
        exact[domain.place(&cell)] += items;
    }
    exact
}

/// Only for readings of noised values: here, and where a signed table is read back.
pub(super) fn released_cell(codes: Vec<Code>, reading: Reading) -> ReleasedCell {
    ReleasedCell {
        codes,
        value: reading.value.map(Released::new),
        interval: reading.interval.map(|(low, high)| (Released::new(low), Released::new(high))),
        status: reading.status,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::release::Plan;
    use crate::tally::Cell;
    use crate::vocabulary::Dimension;

    fn protection(epsilon: &str, k: u32, rounding: u32) -> Protection {
        Protection::new(epsilon.parse().unwrap(), k, "1e-6".parse().unwrap(), rounding).unwrap()
    }

    /// Pearson's chi-square of 300,000 draws of the noise path against the closed form, p > 0.001, and the mean
    /// within four standard errors. The seeds are fixed: the outcome is the same every time.
    #[test]
    fn noise_follows_the_closed_form_and_is_unbiased() {
        const DRAWS: u64 = 300_000;
        const TRUE_COUNT: u64 = 1000;
        for (seed, epsilon, eps) in [(1, "0.25", 0.25_f64), (2, "0.5", 0.5), (3, "1", 1.0)] {
            let protection = protection(epsilon, 10, 1);
            let mut rng = StdRng::seed_from_u64(seed);
            let q = (-eps).exp();
            // The last bin on each side takes the tail, so that every bin expects at least 20 draws.
            let edge = (1..).find(|&t| q.powi(t + 1) / (1.0 + q) * (DRAWS as f64) < 20.0).unwrap();
            let mut bins = vec![0_u64; 2 * edge as usize + 1];
            let mut sum = 0_i64;
            for _ in 0..DRAWS {
                let noise = (protection.noised(TRUE_COUNT, &mut rng) - i128::from(TRUE_COUNT)) as i64;
                sum += noise;
                bins[(noise.clamp(-i64::from(edge), i64::from(edge)) + i64::from(edge)) as usize] += 1;
            }
            let chance = |bin: i32| {
                let inner = (1.0 - q) / (1.0 + q) * q.powi(bin.abs());
                if bin.abs() == edge { q.powi(edge) / (1.0 + q) } else { inner }
            };
            let chi_square: f64 = (-edge..=edge)
                .map(|bin| (chance(bin) * DRAWS as f64, bins[(bin + edge) as usize] as f64))
                .map(|(expected, found)| (found - expected).powi(2) / expected)
                .sum();
            // Upper 0.1 % point by Wilson and Hilferty.
            let freedom = f64::from(2 * edge);
            let limit =
                freedom * (1.0 - 2.0 / (9.0 * freedom) + 3.0902 * (2.0 / (9.0 * freedom)).sqrt()).powi(3);
            assert!(chi_square < limit, "epsilon {epsilon}: {chi_square} of {limit}, freedom {freedom}");
            let error = (2.0 * q).sqrt() / (1.0 - q) / (DRAWS as f64).sqrt();
            let mean = sum as f64 / DRAWS as f64;
            assert!(mean.abs() < 4.0 * error, "epsilon {epsilon}: mean {mean}, standard error {error}");
        }
    }

    #[test]
    fn zeros_are_noised_like_any_other_count() {
        let protection = protection("1", 10, 1);
        let draws = |count| -> Vec<i128> {
            let mut rng = StdRng::seed_from_u64(7);
            (0..1000).map(|_| protection.noised(count, &mut rng) - i128::from(count)).collect()
        };
        assert_eq!(draws(0), draws(123_456));
        let zeros = draws(0).into_iter().filter(|&noise| noise == 0).count();
        assert!((400..530).contains(&zeros), "P(Z = 0) is 0.462, found {zeros} of 1000");
    }

    /// At `k = 10` the largest protected count is 9: over 200,000 draws at beta 1e-2, at most one in 100 is shown.
    #[test]
    fn a_cell_below_k_is_shown_with_a_chance_of_at_most_beta() {
        let protection = Protection::new("1".parse().unwrap(), 10, "1e-2".parse().unwrap(), 1).unwrap();
        let mut rng = StdRng::seed_from_u64(8);
        let shown =
            (0..200_000).filter(|_| protection.judge(protection.noised(9, &mut rng)).value.is_some()).count();
        // Expected 2,000 at most; q^T / (1 + q) is a little less.
        assert!((800..2000).contains(&shown), "{shown}");
    }

    #[test]
    fn the_threshold_and_the_flag_stand_where_they_are_stated() {
        let protection = protection("1", 10, 1);
        let letters = |noised| protection.judge(noised).status.letter();
        assert_eq!(
            (letters(-5), letters(22), letters(23), letters(26), letters(27)),
            ("Q", "Q", "U", "U", "E")
        );
        assert!(protection.judge(22).value.is_none() && protection.judge(22).interval.is_none());
        assert_eq!(protection.judge(23).interval, Some((20, 26)));
        assert_eq!(protection.read(Some(2)).interval, Some((0, 5)), "clipped at nothing");
    }

    #[test]
    fn rounding_comes_after_the_threshold_and_widens_the_interval() {
        let protection = protection("1", 10, 5);
        assert_eq!((protection.threshold(), protection.half_width()), (23, 5));
        assert!(protection.judge(22).value.is_none());
        assert_eq!(protection.judge(23).value, Some(25));
        assert_eq!(protection.judge(28).value, Some(30));
        assert_eq!(protection.smallest_shown(), 25);
        assert_eq!(protection.judge(i128::MAX).status, Status::Estimated);
    }

    fn any_code(dimension: Dimension) -> impl Strategy<Value = Code> {
        proptest::sample::select(dimension.codes().collect::<Vec<_>>())
    }

    fn any_cell() -> impl Strategy<Value = Cell> {
        let codes: Vec<_> = Cell::DIMENSIONS.into_iter().map(any_code).collect();
        codes.prop_map(|codes| codes.into_iter().fold(Cell::blank(), Cell::with))
    }

    proptest! {
        /// The sensitivity that the noise is made for: one item moves exactly one cell, by one.
        #[test]
        fn one_item_more_moves_one_cell_by_one(
            cells in prop::collection::vec((any_cell(), 0_u64..1000), 0..40),
            item in any_cell(),
        ) {
            let plan = Plan::coarse();
            let domain = plan.table().domain();
            let mut cube = Cube::default();
            for (cell, items) in cells {
                cube.add(Indicator::ItemsScanned, cell, items);
            }
            let before = placed(&cube, domain);
            prop_assert_eq!(before.iter().sum::<u64>(), cube.total(Indicator::ItemsScanned));
            cube.add(Indicator::ItemsScanned, item, 1);
            let changes: Vec<u64> = placed(&cube, domain).iter().zip(before).map(|(a, b)| a - b).collect();
            prop_assert_eq!(changes.iter().filter(|&&change| change == 1).count(), 1);
            prop_assert_eq!(changes.iter().sum::<u64>(), 1);
        }
    }
}
