//! What the comparison of many answers came to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Reason;

/// One compared answer, without anything of its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Compared {
    /// The path, without its query: `/m/lookup`, or a path of this service's own.
    #[schema(value_type = String, example = "/m/lookup")]
    pub route: &'static str,
    /// Status of HMA's answer; 0 if there was none.
    pub hma: u16,
    /// Status of this service's answer.
    pub innerward: u16,
    /// Something matched: there, and here.
    pub matched: [bool; 2],
    /// Why they differ; `null` if they are the same.
    pub reason: Option<Reason>,
}

/// One answer that differed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// When it was compared.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What differed.
    #[serde(flatten)]
    pub compared: Compared,
}

/// All of them in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShadowReport {
    /// Answers that were compared.
    pub compared: u64,
    /// Those that a client takes for the same.
    pub same: u64,
    /// Of those that differ: matched here and not there.
    pub only_here: u64,
    /// Of those that differ: matched there and not here.
    pub only_there: u64,
    /// Those that differ, by reason.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub reasons: BTreeMap<Reason, u64>,
    /// Requests that were not sent since too many waited, or since they were too long.
    pub dropped: u64,
}

impl ShadowReport {
    /// Takes one in.
    pub fn add(&mut self, compared: &Compared) {
        self.compared += 1;
        let Some(reason) = compared.reason else {
            self.same += 1;
            return;
        };
        *self.reasons.entry(reason).or_default() += 1;
        match compared.matched {
            [true, false] => self.only_there += 1,
            [false, true] => self.only_here += 1,
            _ => {}
        }
    }

    /// True if no answer differs in a way that nobody can explain, for want of an entry here, or through a fault here or there,
    /// and something was compared.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        let open = [Reason::Unknown, Reason::UnknownHere, Reason::InnerwardError, Reason::HmaError];
        self.compared > 0 && !open.iter().any(|reason| self.reasons.contains_key(reason))
    }

    /// The verdict, in one sentence.
    #[must_use]
    pub fn verdict(&self) -> String {
        let classes: Vec<String> =
            self.reasons.iter().map(|(reason, number)| format!("{} {number}", reason.as_str())).collect();
        let counts = format!("{} of {} the same", self.same, self.compared);
        match (self.compared, self.is_explained(), classes.is_empty()) {
            (0, ..) => "nothing was compared: no verdict".into(),
            (_, true, true) => format!("safe to switch: {counts}"),
            (_, true, false) => {
                format!("safe to switch: {counts}; these classes differ: {}", classes.join(", "))
            }
            _ => format!(
                "not yet: {counts}; look at what is unknown, not here or failed: {}",
                classes.join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_explained_is_never_safe() {
        let one = |reason| Compared {
            route: "/m/lookup",
            hma: 200,
            innerward: 200,
            matched: [reason == Some(Reason::Unknown), false],
            reason,
        };
        let mut report = ShadowReport::default();
        assert!(report.verdict().contains("no verdict"));
        report.add(&one(None));
        assert_eq!(report.verdict(), "safe to switch: 1 of 1 the same");
        report.add(&one(Some(Reason::Palette)));
        assert_eq!(report.verdict(), "safe to switch: 1 of 2 the same; these classes differ: palette 1");
        let mut missing = report.clone();
        missing.add(&one(Some(Reason::UnknownHere)));
        assert!(missing.verdict().starts_with("not yet"), "a list did not come along");
        report.add(&one(Some(Reason::Unknown)));
        assert!(report.verdict().starts_with("not yet: 1 of 3 the same"));
        assert_eq!((report.only_there, report.only_here), (1, 0));
    }
}
