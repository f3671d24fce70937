//! Hashes against the lists.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::super::traces::{Part, part};
use super::super::{Caller, Problem, ProblemCode, State};
use crate::digest::{Signal, SignalKind};
use crate::hashset::Bounds;
use crate::index::Explained;
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

    /// What looking a hash of `kind` up is charged as, in look-ups: 1 up to the default bound, and more the wider the request
    /// asks, as `docs/api.md` has it. By these steps the work grows with a million to ten million hashes; bounds that the
    /// operator gave a set cost nothing more.
    pub(in crate::serve) fn weight(&self, kind: SignalKind) -> u64 {
        let Some(max) = self.bounds.get(kind) else { return 1 };
        if max <= kind.default_distance() {
            return 1;
        }
        // As bits of 256, whatever the width of the kind.
        let width = match kind {
            SignalKind::Classic(classic) => classic.width_bits(),
            _ => 256,
        };
        match u32::from(max.bits()) * 256 / width.max(1) {
            0..=31 => 1,
            32..=40 => 8,
            41..=48 => 16,
            49..=56 => 64,
            57..=64 => 128,
            _ => 1024,
        }
    }

    /// The same for an item, which is searched by all its hashes.
    pub(in crate::serve) fn weight_of_item(&self) -> u64 {
        let classic = self.bounds.classic.keys().map(|kind| SignalKind::Classic(*kind));
        classic.chain([SignalKind::Pdq]).map(|kind| self.weight(kind)).max().unwrap_or(1)
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
                "not one entry of the lists is selected, so nothing would be searched; select more (sets, roles, labels)",
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
/// What they may be expected to cost, by [`Matcher::expected_cost`]: a tenth of a second or so. Within wide bounds a turn has
/// fewer hashes.
const MOST_OF_A_TURN: u64 = 1 << 25;
/// One hash that costs no more is looked up in less time than handing it to another thread and back is worth, or little more:
/// a microsecond for a digest, one to two hundred for a PDQ hash among ten million.
const LIGHT: u64 = 1 << 17;

impl State {
    /// The same for who must not wait: a filter that is asked for the first time goes through all labels.
    pub(in crate::serve) async fn asking(&self, ask: &Ask) -> Result<Arc<Matcher>, Problem> {
        if ask.selection.is_empty() {
            return self.asked(ask);
        }
        let ask = ask.clone();
        self.apart(move |state| state.asked(&ask)).await
    }

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
        caller.charge(signals.iter().map(|signal| ask.weight(signal.kind())).sum())?;
        if let [signal] = signals[..]
            && ask.selection.is_empty()
            && ask.weight(signal.kind()) == 1
        {
            let matcher = self.asked(ask)?;
            if matcher.expected_cost(signal.kind()) <= LIGHT {
                let mut verdict = part(Part::Match, || matcher.look_up(&signal))?;
                self.0.metrics.looked_up([verdict.outcome]);
                matcher.guard([&mut verdict]);
                return Ok(vec![verdict]);
            }
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
            let piece = a_turn(&signals, verdicts.len(), |kind| matcher.expected_cost(kind));
            let (matcher, signals, last) =
                (Arc::clone(&matcher), Arc::clone(&signals), piece.end == signals.len());
            let found = self.apart(move |state| {
                let _turn = turn;
                let mut found = part(Part::Match, || matcher.look_up_many(&signals[piece]))?;
                matcher.guard(&mut found);
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

    /// How the lists are searched for `signal`: a look-up like any other.
    ///
    /// # Errors
    /// As [`State::look_up`].
    pub(in crate::serve) async fn explain(
        &self,
        caller: &Caller,
        signal: Signal,
        ask: &Ask,
    ) -> Result<Vec<Explained>, Problem> {
        ask.check()?;
        caller.charge(ask.weight(signal.kind()))?;
        let (turn, ask) = (self.0.engine.searching.first().await?, ask.clone());
        self.apart(move |state| {
            let _turn = turn;
            Ok(state.asked(&ask)?.explain(&signal)?)
        })
        .await
    }
}

/// From hash `from` on those that are looked up in one turn: one at least, and as many as may be expected to cost no more than
/// a turn may.
fn a_turn(signals: &[Signal], from: usize, cost: impl Fn(SignalKind) -> u64) -> Range<usize> {
    let mut costs = BTreeMap::new();
    let (mut to, mut all) = (from, 0_u64);
    for signal in signals[from..].iter().take(A_TURN) {
        let kind = signal.kind();
        all = all.saturating_add(*costs.entry(kind).or_insert_with(|| cost(kind)));
        if to > from && all > MOST_OF_A_TURN {
            break;
        }
        to += 1;
    }
    from..to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(bounds: &str) -> Ask {
        Ask { bounds: bounds.parse().unwrap(), ..Ask::default() }
    }

    #[test]
    fn a_turn_has_as_many_hashes_as_it_may_cost_and_one_at_least() {
        let digest = |at: u32| Signal::from(crate::digest::Digests::of(&at.to_le_bytes()).sha256);
        let pdq = |at: u32| format!("pdq:{}", blake3::hash(&at.to_le_bytes()).to_hex()).parse().unwrap();
        let signals: Vec<Signal> = (0..600).map(digest).chain((0..600).map(pdq)).collect();
        let turns = |of_pdq: u64| {
            let (mut turns, mut from) = (Vec::new(), 0);
            while from < signals.len() {
                let cost = |kind| if kind == SignalKind::Pdq { of_pdq } else { 0 };
                let turn = a_turn(&signals, from, cost);
                assert_eq!(turn.start, from);
                turns.push(turn.len());
                from = turn.end;
            }
            turns
        };
        assert_eq!(turns(1000), [512, 512, 176]);
        // 88 digests, which cost nothing, and as many others as a turn may cost.
        assert_eq!(turns(MOST_OF_A_TURN / 100)[..3], [512, 188, 100]);
        assert_eq!(turns(MOST_OF_A_TURN)[..4], [512, 89, 1, 1]);
        assert_eq!(turns(u64::MAX)[1..].iter().sum::<usize>(), 1200 - 512, "none is passed over");
    }

    #[test]
    fn a_look_up_is_charged_by_how_wide_the_request_asks() {
        let pdq = |bounds: &str| within(bounds).weight(SignalKind::Pdq);
        let steps = ["0", "31", "32", "40", "41", "48", "49", "56", "57", "64"].map(pdq);
        assert_eq!(steps, [1, 1, 8, 8, 16, 16, 64, 64, 128, 128]);
        assert_eq!(Ask::default().weight(SignalKind::Pdq), 1);
        assert_eq!(within("64").weight(SignalKind::Sha256), 1, "a digest is equal or not");
        let gradient = "gradient8".parse().map(SignalKind::Classic).unwrap();
        // 5 of its 64 bits are its default, and all 64 are every picture.
        let weights = ["gradient8=5", "gradient8=10", "gradient8=16", "gradient8=64"];
        assert_eq!(weights.map(|bounds| within(bounds).weight(gradient)), [1, 8, 128, 1024]);
        assert_eq!(within("40,gradient8=16").weight_of_item(), 128);
        assert_eq!(within("gradient8=4").weight_of_item(), 1);
    }
}
