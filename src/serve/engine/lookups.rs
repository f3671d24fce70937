//! Hashes against the lists.

use std::sync::Arc;

use super::super::traces::{Part, part};
use super::super::{Caller, Problem, ProblemCode, State};
use crate::digest::{Signal, SignalKind};
use crate::hashset::Bounds;
use crate::kernel::Distance;
use crate::screen::{MatchError, Matcher, Selection, Verdict};

/// What a request asks beside the content: how far, and in which part of the lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// In place of the sets' own bounds.
    pub bounds: Bounds,
    /// Which part of the lists; by default all.
    pub selection: Selection,
}

impl Ask {
    /// The farthest bound of a request: beyond it every photograph is near another, and a look-up reads the whole list.
    pub const MOST_BITS: u16 = 64;

    /// Refuses bounds that are too far.
    ///
    /// # Errors
    /// [`ProblemCode::Unprocessable`].
    pub fn check(&self) -> Result<(), Problem> {
        let too_far = |max: &Distance| max.bits() > Self::MOST_BITS;
        if self.bounds.pdq.iter().chain(self.bounds.classic.values()).any(too_far) {
            let most = Self::MOST_BITS;
            let detail =
                format!("a distance is at most {most} bits; beyond that every picture is near another");
            return Err(Problem::new(ProblemCode::Unprocessable, detail));
        }
        Ok(())
    }

    /// True if one hash is looked up in less time than handing it to another thread and back is worth: a microsecond for a
    /// digest, one to two hundred for a PDQ hash among ten million.
    fn is_light(&self, signal: &Signal) -> bool {
        let pdq = self.bounds.pdq.unwrap_or(Distance::PDQ_DEFAULT);
        let is_near = pdq <= Distance::PDQ_DEFAULT && self.bounds.classic.is_empty();
        let kind = signal.kind();
        self.selection == Selection::default() && is_near && (kind.is_digest() || kind == SignalKind::Pdq)
    }
}

impl From<MatchError> for Problem {
    fn from(error: MatchError) -> Self {
        match error {
            MatchError::NoSuchSet { there, .. } => Self::not_found(format!(
                "there is no set of a name that was asked for; the sets are {}",
                there.join(", ")
            )),
            MatchError::Forbidden(forbidden) => forbidden.into(),
            // An answer of nothing would read as one that nothing was found.
            MatchError::NothingSelected { .. } => Self::new(
                ProblemCode::Unprocessable,
                "not one entry of the lists is selected, so nothing would be searched; select more",
            ),
            MatchError::NoLists | MatchError::Behind => Self::unavailable(
                "there is no list to match against yet, or this process does not know all of them; come again",
            ),
            _ => Self::internal(),
        }
    }
}

/// Matches that one request is told, of all its hashes together: what it asks for must not fill the memory.
const MOST_MATCHES: usize = 100_000;
/// Hashes that are looked up in one turn: enough for what they share, few enough that others come soon.
const A_TURN: usize = 512;

impl State {
    /// The lists as they are now, asked as `ask` has it.
    pub(in crate::serve) fn asked(&self, ask: &Ask) -> Result<Arc<Matcher>, Problem> {
        ask.check()?;
        let matcher = self.matcher()?;
        if *ask == Ask::default() {
            return Ok(matcher);
        }
        Ok(Arc::new(matcher.asking(&ask.bounds, &ask.selection)?))
    }

    /// The verdict on each of `signals`, in their order, all by the same lists.
    ///
    /// # Errors
    /// [`Problem`] if the quota is used up, a set is unknown, a bound is too far, too many wait or the index is damaged.
    pub async fn look_up(
        &self,
        caller: &Caller,
        signals: Vec<Signal>,
        ask: &Ask,
    ) -> Result<Vec<Verdict>, Problem> {
        ask.check()?;
        caller.charge(signals.len() as u64)?;
        if let [signal] = signals[..]
            && ask.is_light(&signal)
        {
            let matcher = self.asked(ask)?;
            let mut verdict = part(Part::Match, || matcher.look_up(&signal))?;
            self.0.metrics.looked_up([verdict.outcome]);
            if verdict.matches.is_empty() || !matcher.is_guarded() {
                return Ok(vec![verdict]);
            }
            // The guard may write to a disk.
            return self
                .apart(move |_| {
                    matcher.guard([&mut verdict])?;
                    Ok(vec![verdict])
                })
                .await;
        }
        self.look_up_in_turns(signals, ask.clone()).await
    }

    /// The same piece by piece: between two of them come others.
    async fn look_up_in_turns(&self, signals: Vec<Signal>, ask: Ask) -> Result<Vec<Verdict>, Problem> {
        let searching = &self.0.engine.searching;
        let mut turn = searching.first().await?;
        let matcher = self.apart(move |state| state.asked(&ask)).await?;
        let mut verdicts = Vec::with_capacity(signals.len());
        let most = (MOST_MATCHES / signals.len().max(1)).max(1);
        let signals = Arc::new(signals);
        while verdicts.len() < signals.len() {
            let piece = verdicts.len()..signals.len().min(verdicts.len() + A_TURN);
            let (matcher, signals, last) =
                (Arc::clone(&matcher), Arc::clone(&signals), piece.end == signals.len());
            let found = self.apart(move |state| {
                let _turn = turn;
                let mut found = part(Part::Match, || matcher.look_up_many(&signals[piece]))?;
                matcher.guard(&mut found)?;
                state.0.metrics.looked_up(found.iter().map(|verdict| verdict.outcome));
                found.iter_mut().for_each(|verdict| verdict.keep_first(most));
                Ok(found)
            });
            verdicts.extend(found.await?);
            if last {
                break;
            }
            turn = searching.next().await?;
        }
        Ok(verdicts)
    }
}
