//! The closed words that everything is counted and published in: dimensions, their codes, and labels for people.
//!
//! The data are CSV files beside this code (`data/`), read once. This room must never know where counts come from.

mod checked;
mod codes;
mod crosswalk;
mod dimension;
mod fold;
mod indicator;
mod labels;
mod lint;
mod period;
mod profile;
mod terms;

pub use checked::{Allowed, AllowedError, Checked, Finding, TextKind, check_text, checked_labels};
pub use codes::{
    Code, age_band, area, area_role, channel, harm, legal, list_class, maturity, media, novelty, origin,
    outcome, severity, sex, signal, site, source, verdict,
};
pub use crosswalk::{
    Category, CategoryError, CrosswalkRow, Mapping, Relation, common_code, crosswalk, crosswalk_rows, facets,
};
pub use dimension::{Dimension, LabelError, UnknownCode};
pub use indicator::{Indicator, IndicatorKind, Unit, UnknownWord};
pub use labels::{Label, Language, ReviewStatus};
pub use lint::{TermUse, lint, lint_any};
pub use period::{Period, PeriodError, PeriodKind};
pub use profile::{EMPTY_PROFILES, EmptyProfile, ProfileFault, Profiles, read_profile};
pub use terms::{Form, Term, Usage};
