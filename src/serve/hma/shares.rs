//! In which share of look-ups a bank takes part (HMA's `enabled_ratio`), and the coin that is tossed for it: once a call.

use std::sync::Arc;

use super::Problem;
use super::params::Params;
use crate::digest::SignalKind;
use crate::hashset::SetError;
use crate::screen::Shares;
use crate::serve::State;

/// What is known of shares: what this process changes it sees at once, what another one changes within a second.
pub(super) struct Known(Arc<Shares>);

/// What the share of a kind of hash is kept under; no set can have such a name.
pub(super) fn of_kind(kind: SignalKind) -> String {
    format!("kind:{}", kind.as_str())
}

/// What cannot be known just now; HMA's clients take a 404 for the word that a bank is gone, so that is never said then.
pub(super) fn unsure(_: SetError) -> Problem {
    Problem::unavailable("what is said of banks cannot be read just now; try again")
}

impl Known {
    pub(super) fn now(state: &State) -> Self {
        Self(state.0.live.shares())
    }

    /// The share of a bank.
    pub(super) fn of(&self, bank: &str) -> f64 {
        self.0.of(bank)
    }

    /// The share of a kind of hash.
    pub(super) fn of_kind(&self, kind: SignalKind) -> f64 {
        if self.0.is_whole() { 1.0 } else { self.0.of(&of_kind(kind)) }
    }
}

/// One toss of the coin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Coin {
    /// Whatever its share, a bank takes part.
    Bypassed,
    /// Banks with at least this share take part.
    Drawn(f64),
}

impl Coin {
    /// As `seed` and `bypass_coinflip` have it. Equal seeds give equal tosses, today and tomorrow, on every machine.
    pub(super) fn of(params: &Params) -> Result<Self, Problem> {
        if params.flag("bypass_coinflip", false)? {
            return Ok(Self::Bypassed);
        }
        let bits = match params.text("seed") {
            Some(seed) => {
                let drawn = blake3::derive_key("innerward 2026 hma coin", seed.as_bytes());
                u64::from_le_bytes(*drawn.first_chunk().unwrap_or(&[0; 8])) // it has 32 bytes
            }
            None => rand::random(),
        };
        Ok(Self::Drawn((bits >> 11) as f64 / (1u64 << 53) as f64))
    }

    /// True if what has this share takes part. A share of 0 is off, whatever the toss.
    pub(super) fn takes(self, share: f64) -> bool {
        match self {
            Self::Bypassed => true,
            Self::Drawn(draw) => share > 0.0 && share >= draw,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coin(query: &str) -> Coin {
        Coin::of(&Params::of(query).unwrap()).unwrap()
    }

    #[test]
    fn a_seed_fixes_the_toss_and_shares_are_shares() {
        assert_eq!(coin("seed=a"), coin("seed=a"));
        assert_eq!(coin("bypass_coinflip=true&seed=a"), Coin::Bypassed);
        let tosses: Vec<Coin> = (0..4000).map(|seed| coin(&format!("seed={seed}"))).collect();
        for share in [0.25, 0.5, 0.9] {
            let taken = tosses.iter().filter(|toss| toss.takes(share)).count() as f64 / 4000.0;
            assert!((taken - share).abs() < 0.03, "{share}: {taken}"); // four standard deviations
        }
        assert!(tosses.iter().all(|toss| toss.takes(1.0) && !toss.takes(0.0)));
        assert!(!Coin::Drawn(0.0).takes(0.0) && Coin::Bypassed.takes(0.0));
        let Coin::Drawn(golden) = coin("seed=1234") else { panic!("not drawn") };
        assert_eq!(format!("{golden:.12}"), "0.591912621257");
    }
}
