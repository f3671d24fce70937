//! In which share of look-ups a bank takes part (HMA's `enabled_ratio`), and the coin that is tossed for it: once a call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::params::Params;
use super::{Hma, Problem};
use crate::digest::SignalKind;
use crate::hashset::{Local, SetError};
use crate::serve::State;

/// What is known of shares. What this process changes it sees at once, what another one changes within a second.
#[derive(Default)]
pub(super) struct Shares {
    known: RwLock<Option<(Instant, Arc<Known>)>>,
    /// Who looks again holds it. Nobody waits for that but those who know nothing yet.
    watch: tokio::sync::Mutex<()>,
    /// The open database.
    local: Mutex<Option<Local>>,
}

/// The shares at one moment.
#[derive(Default)]
pub(super) struct Known {
    version: u64,
    generation: u64,
    /// Those that are not 1, by bank and [kind](of_kind).
    below_one: BTreeMap<String, f64>,
}

/// How long what is known may be in use.
const STALE: Duration = Duration::from_secs(1);

/// What the share of a kind of hash is kept under; no set can have such a name.
pub(super) fn of_kind(kind: SignalKind) -> String {
    format!("kind:{}", kind.as_str())
}

/// What cannot be known just now; HMA's clients take a 404 for the word that a bank is gone, so that is never said then.
pub(super) fn unsure(_: SetError) -> Problem {
    Problem::unavailable("what is said of banks cannot be read just now; try again")
}

impl Known {
    /// The share of a bank.
    pub(super) fn of(&self, bank: &str) -> f64 {
        self.below_one.get(bank).copied().unwrap_or(1.0)
    }

    /// The share of a kind of hash.
    pub(super) fn of_kind(&self, kind: SignalKind) -> f64 {
        if self.below_one.is_empty() { 1.0 } else { self.of(&of_kind(kind)) }
    }
}

impl Shares {
    fn known(&self) -> Option<(Instant, Arc<Known>)> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something was changed here: the next request looks again.
    pub(super) fn forget(&self) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn look(&self, state: &State) -> Result<Arc<Known>, Problem> {
        // Without any list there are no banks, and still kinds of hash.
        let matcher = state.0.live.current();
        let mut local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match local.take() {
            Some(open) => open,
            None => Local::open(state.database()?).map_err(unsure)?,
        };
        let (version, generation) =
            (open.version().map_err(unsure)?, matcher.as_ref().map_or(0, |matcher| matcher.generation()));
        let before = self.known().map(|known| known.1);
        let is_now = |known: &Arc<Known>| (known.version, known.generation) == (version, generation);
        let now = match before.filter(is_now) {
            Some(known) => known,
            None => {
                let sets = matcher.iter().flat_map(|matcher| matcher.sets());
                let names = sets.map(|set| set.name.to_string());
                let kinds = super::types::KINDS.map(|(_, kind)| of_kind(kind));
                let mut below_one = BTreeMap::new();
                for of in names.chain(kinds) {
                    let share = open.share(&of).map_err(unsure)?;
                    if share < 1.0 {
                        below_one.insert(of, share);
                    }
                }
                Arc::new(Known { version, generation, below_one })
            }
        };
        *local = Some(open);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), now.clone()));
        Ok(now)
    }
}

impl Hma {
    /// The shares as of a second ago at most. The database is read at most once a second, and never by two at a time.
    pub(super) async fn shares(self: &Arc<Self>, state: &State) -> Result<Arc<Known>, Problem> {
        let fresh = |known: &(Instant, Arc<Known>)| known.0.elapsed() < STALE;
        let before = self.shares.known();
        let _watch = match (&before, self.shares.watch.try_lock()) {
            (Some(known), _) if fresh(known) => return Ok(known.1.clone()),
            (_, Ok(watch)) => watch,
            (Some(known), Err(_)) => return Ok(known.1.clone()),
            (None, Err(_)) => self.shares.watch.lock().await,
        };
        if let Some(known) = self.shares.known().filter(fresh) {
            return Ok(known.1); // who held the watch before has looked
        }
        let hma = self.clone();
        match (state.apart(move |state| hma.shares.look(state)).await, before) {
            (Err(_), Some(known)) => Ok(known.1),
            (looked, _) => looked,
        }
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
