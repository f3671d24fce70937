//! The gate: the only way from exact counts to the public. Plan, noise, threshold, budget ledger, signature.
//!
//! A period is published under plans that were registered before it began. The ledger is charged first and gives a
//! single-use [`Permit`]; [`protect`] turns counts and permit into [`Released`] values; the folder that is written
//! carries a signed [`Manifest`], and [`verify()`] checks it with nothing but the folder and the public key. What is
//! promised, and what is not, stands in `docs/privacy.md`.
//!
//! Knows no files of content and no hashes of content.

mod books;
mod bounds;
mod domain;
mod epsilon;
mod error;
mod feed;
mod folder;
mod ledger;
pub mod log;
mod manifest;
mod mechanism;
mod model;
mod neighbours;
mod outlook;
mod plan;
mod plan_error;
mod preview;
mod publish;
mod purge;
mod randomness;
mod ready;
mod register;
mod signature;
mod suggest;
mod table;
mod verify;
mod words;

#[cfg(test)]
mod exact_tests;
#[cfg(test)]
mod guard_tests;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod testing;

pub use domain::Domain;
pub use epsilon::{Beta, BetaError, Epsilon, EpsilonError, decimal};
pub use error::ReleaseError;
pub use feed::{ATOM_FILE, JSON_FILE};
pub use ledger::{Account, Budget, Charge, Permit, account};
pub use manifest::PeriodFacts;
pub use mechanism::{Protection, protect};
pub use model::{
    BreakNote, LedgerNote, ListNote, Manifest, PlanNote, Release, Released, ReleasedCell, ReleasedTable,
    Status, TableNote, UnitNote,
};
pub use outlook::Outlook;
pub use plan::{Audience, COARSE, Plan, PlanError, PlanTable, TableError};
pub use preview::{NoSuchCell, SyntheticCell, SyntheticTable, Typed, preview};
pub use publish::{PUBLIC_KEY_FILE, Published, Request, publish};
pub use purge::{may_be_published, published, purge_unfinished};
pub use randomness::system_rng;
pub use ready::{NotReady, Ready, text as ready_text};
pub use register::{RegisteredPlan, plans, plans_in_force, register, without_corrections};
pub use signature::{PublicKey, PublicKeyError, SignatureFault};
pub use suggest::{Suggestion, TableOutlook, WORTH, suggest};
pub use table::{COLUMNS, observation};
pub use verify::{VerifyError, verify};
