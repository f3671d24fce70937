//! Amounts of protection: epsilon in whole billionths, beta as a power of ten. Neither is ever a floating-point number.

#![deny(clippy::float_arithmetic)]

use std::fmt;
use std::str::FromStr;

/// Epsilon in billionths: never zero, never infinite, never a floating-point number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epsilon(u64);

/// What is not an epsilon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?}: write a decimal from \"0.001\" to \"10\" with at most nine digits after the point, in quotes"
)]
pub struct EpsilonError(String);

impl Epsilon {
    /// Billionths in 1.
    pub const NANO: u64 = 1_000_000_000;
    pub(super) const MIN: u64 = Self::NANO / 1000;
    const MAX: u64 = 10 * Self::NANO;

    /// `nano` billionths.
    ///
    /// # Errors
    /// [`EpsilonError`] outside 0.001 to 10.
    pub fn from_nano(nano: u64) -> Result<Self, EpsilonError> {
        match nano {
            Self::MIN..=Self::MAX => Ok(Self(nano)),
            _ => Err(EpsilonError(decimal(nano))),
        }
    }

    /// In billionths.
    #[must_use]
    pub const fn nano(self) -> u64 {
        self.0
    }
}

impl FromStr for Epsilon {
    type Err = EpsilonError;

    fn from_str(text: &str) -> Result<Self, EpsilonError> {
        let fault = || EpsilonError(text.to_owned());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 2) || !digits(fraction, 9) {
            return Err(fault());
        }
        let whole: u64 = whole.parse().map_err(|_| fault())?;
        let fraction: u64 = format!("{fraction:0<9}").parse().map_err(|_| fault())?;
        Self::from_nano(whole * Self::NANO + fraction).map_err(|_| fault())
    }
}

impl fmt::Display for Epsilon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(self.0))
    }
}

/// Billionths as the shortest decimal, without rounding: `1`, `0.25`.
#[must_use]
pub fn decimal(nano: u64) -> String {
    let (whole, fraction) = (nano / Epsilon::NANO, nano % Epsilon::NANO);
    let text = format!("{whole}.{fraction:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The chance with which a cell of at most `k - 1` may be shown: a power of ten, `1e-6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beta(u32);

/// What is not a beta.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?}: write \"1e-2\" to \"1e-12\", in quotes")]
pub struct BetaError(String);

impl Beta {
    /// One in so many.
    #[must_use]
    pub const fn one_in(self) -> u64 {
        10_u64.pow(self.0)
    }
}

impl FromStr for Beta {
    type Err = BetaError;

    fn from_str(text: &str) -> Result<Self, BetaError> {
        (2..=12).map(Self).find(|beta| beta.to_string() == text).ok_or_else(|| BetaError(text.to_owned()))
    }
}

impl fmt::Display for Beta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1e-{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epsilon_is_an_exact_positive_decimal() {
        for (text, nano) in [("1", 1_000_000_000), ("0.25", 250_000_000), ("10", 10_000_000_000)] {
            let epsilon: Epsilon = text.parse().unwrap();
            assert_eq!((epsilon.nano(), epsilon.to_string().as_str()), (nano, text));
        }
        let refused = "|0|0.0|-1|+1|1e0|inf|NaN|11|10.000000001|0.0001|1.0000000001|.5|1.|١|100";
        for text in refused.split('|') {
            assert_eq!(text.parse::<Epsilon>(), Err(EpsilonError(text.to_owned())));
        }
        assert!(Epsilon::from_nano(0).is_err() && Epsilon::from_nano(u64::MAX).is_err());
    }

    #[test]
    fn billionths_are_written_without_rounding() {
        for (nano, text) in
            [(1_000_000_000, "1"), (500_000_000, "0.5"), (1, "0.000000001"), (12_000_000_000, "12"), (0, "0")]
        {
            assert_eq!(decimal(nano), text);
        }
    }

    #[test]
    fn beta_is_a_power_of_ten() {
        assert_eq!("1e-6".parse::<Beta>().unwrap().one_in(), 1_000_000);
        for text in ["1e-1", "1e-13", "1e-06", "0.000001", "2e-6", ""] {
            assert_eq!(text.parse::<Beta>(), Err(BetaError(text.to_owned())));
        }
    }
}
