//! Noise, then threshold, then rounding: the only step that turns counts into values that may leave.

#![deny(clippy::float_arithmetic)]

use std::collections::BTreeSet;

use prio::dp::Rational;
use prio::dp::distributions::DiscreteLaplace;
use rand::distr::Distribution;
use rand::{CryptoRng, Rng};

use super::bounds::Decay;
use super::epsilon::{Beta, Epsilon};
use super::ledger::Permit;
use super::model::{Released, ReleasedCell, Status};
use super::plan::{PlanError, PlanTable};
use crate::tally::{Cube, Sensitive};
use crate::vocabulary::Code;

/// The name of the mechanism, as manifests and tables carry it.
pub(super) const MECHANISM: &str = "discrete-laplace";

/// How a table is protected, with everything that follows from epsilon, sensitivity, k and beta worked out.
#[derive(Debug, Clone)]
pub struct Protection {
    epsilon: Epsilon,
    sensitivity: u32,
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
    pub(super) fn new(
        epsilon: Epsilon,
        sensitivity: u32,
        k: u32,
        beta: Beta,
        rounding: u32,
    ) -> Result<Self, PlanError> {
        if !(1..=10_000).contains(&k) {
            return Err(PlanError::K(k));
        }
        if ![1, 5, 10].contains(&rounding) {
            return Err(PlanError::Rounding(rounding));
        }
        let decay = Decay::new(epsilon, sensitivity);
        let sd = decay.sd_thousandths();
        Ok(Self {
            epsilon,
            sensitivity,
            k,
            beta,
            rounding,
            threshold: u64::from(k) - 1 + decay.tail(beta),
            // Rounding moves a value by at most half a step.
            half_width: decay.half_width() + u64::from(rounding / 2),
            noise_sd: format!("{}.{:03}", sd / 1000, sd % 1000),
        })
    }

    /// Epsilon of the table: what one unit is charged for it.
    #[must_use]
    pub fn epsilon(&self) -> Epsilon {
        self.epsilon
    }

    /// By how much one unit can change the table: the L1 sensitivity that the noise is made for.
    #[must_use]
    pub fn sensitivity(&self) -> u32 {
        self.sensitivity
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

    /// Discrete Laplace noise of scale `sensitivity / epsilon`, an exact rational.
    ///
    /// The sampler is Algorithm 2 of Canonne, Kamath and Steinke, *The Discrete Gaussian for Differential Privacy*
    /// (arXiv 2004.00010), as `prio` has it: integers only.
    pub(super) fn noise(&self) -> Noise {
        let scale = Rational::from_unsigned(u64::from(self.sensitivity) * Epsilon::NANO, self.epsilon.nano())
            .expect("epsilon is not zero");
        Noise(DiscreteLaplace::new(scale).expect("the scale is not zero"))
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

/// Noise of one scale.
pub(super) struct Noise(DiscreteLaplace);

impl Noise {
    /// `count` with a fresh draw added.
    pub(super) fn added_to<R: Rng + ?Sized>(&self, count: u64, rng: &mut R) -> i128 {
        // The scale is at most 6,000: noise of 127 bits has a chance of exp(-10^34).
        i128::from(count) + i128::try_from(self.0.sample(rng)).expect("noise fits 127 bits")
    }
}

/// Turns counts into values that may leave, once for one [`Permit`]: the cells of each table of the plan, in order.
///
/// Unit of privacy and neighbouring relation of each table: an item, a report or a web address of one organisation in one
/// period, added or removed, as `neighbours.rs` states it. It has one cell of each table, so the L1 sensitivity is 1, and
/// more where a cap by case or novelty makes it more. Every cell of the public domain is noised, zeros included, with
/// discrete Laplace noise of scale `sensitivity / epsilon`; what is then below the threshold is withheld. Order and number
/// of the cells depend on the plan alone.
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
/// fn forge(plan: Plan) -> Permit { Permit { charge: 1, plan, classes: Default::default() } }
/// ```
/// Once is what it is for:
/// ```
/// use innerward::release::{Permit, Plan, ReleasedCell, protect};
/// use innerward::tally::{Cube, Sensitive};
/// fn once<R: rand::CryptoRng>(permit: Permit, counts: Sensitive<Cube>, rng: &mut R) -> Vec<Vec<ReleasedCell>> {
///     protect(permit, counts, rng)
/// }
/// fn copy(plan: Plan) -> Plan { plan.clone() }
/// struct Mine { charge: i64, plan: Plan, classes: std::collections::BTreeSet<u8> }
/// fn make(plan: Plan) -> Mine { Mine { charge: 1, plan, classes: Default::default() } }
/// ```
#[must_use]
pub fn protect<R: CryptoRng + ?Sized>(
    permit: Permit,
    counts: Sensitive<Cube>,
    rng: &mut R,
) -> Vec<Vec<ReleasedCell>> {
    let (plan, classes) = permit.into_parts();
    let cube = counts.open_at_the_gate();
    let tables = plan.tables().iter();
    tables.map(|table| released_cells(table, &exact_counts(&cube, table, &classes), rng)).collect()
}

/// Every cell of the table with noise, zeros included.
pub(super) fn released_cells<R: Rng + ?Sized>(
    table: &PlanTable,
    exact: &[u64],
    rng: &mut R,
) -> Vec<ReleasedCell> {
    let protection = table.protection();
    let noise = protection.noise();
    let cells = table.domain().cells().iter().zip(exact);
    cells
        .map(|(codes, &count)| released_cell(codes.clone(), protection.judge(noise.added_to(count, rng))))
        .collect()
}

/// The exact count of each cell of the table. One unit more in the cube is one more in exactly one cell.
pub(super) fn exact_counts(cube: &Cube, table: &PlanTable, classes: &BTreeSet<Code>) -> Vec<u64> {
    let domain = table.domain();
    let mut exact = vec![0; domain.cells().len()];
    for (cell, count) in cube.of(table.indicator()) {
        exact[domain.place(&cell, classes)] += count;
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
#[path = "mechanism_tests.rs"]
mod tests;
