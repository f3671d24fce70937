//! Hashes against the lists.

use std::sync::Arc;

use super::super::{Caller, Problem, ProblemCode, State};
use crate::digest::Signal;
use crate::hashset::Bounds;
use crate::screen::{MatchError, Matcher, Selection, Verdict};

/// What a request asks beside the content: how far, and in which part of the lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// In place of the sets' own bounds.
    pub bounds: Bounds,
    /// Which part of the lists; by default all.
    pub selection: Selection,
}

impl From<MatchError> for Problem {
    fn from(error: MatchError) -> Self {
        match error {
            MatchError::NoSuchSet { .. } => Self::not_found(error.to_string()),
            MatchError::Forbidden(_) => Self::new(ProblemCode::Forbidden, error.to_string()),
            MatchError::NothingSelected { .. } => Self::new(ProblemCode::Unprocessable, error.to_string()),
            MatchError::NoLists => Self::unavailable(error.to_string()),
            _ => Self::internal(),
        }
    }
}

impl State {
    /// The lists as they are now, asked as `ask` has it.
    pub(in crate::serve) fn asked(&self, ask: &Ask) -> Result<Arc<Matcher>, Problem> {
        let matcher = self.matcher()?;
        if *ask == Ask::default() {
            return Ok(matcher);
        }
        Ok(Arc::new(matcher.asking(&ask.bounds, &ask.selection)?))
    }

    /// The verdict on each of `signals`, in their order.
    ///
    /// # Errors
    /// [`Problem`] if the quota is used up, a set is unknown or the index is damaged.
    pub async fn look_up(
        &self,
        caller: &Caller,
        signals: Vec<Signal>,
        ask: &Ask,
    ) -> Result<Vec<Verdict>, Problem> {
        caller.charge(signals.len() as u64)?;
        let matcher = self.asked(ask)?;
        self.apart(move |state| {
            let mut verdicts = matcher.look_up_many(&signals)?;
            matcher.guard(&mut verdicts)?;
            state.0.metrics.looked_up(verdicts.iter().map(|verdict| verdict.outcome));
            Ok(verdicts)
        })
        .await
    }
}
