//! The gate: the only way from exact counts to the public. Plan, noise, threshold, budget ledger, signature.
//!
//! A month is published under a plan that was registered before it began. The ledger is charged first and gives a
//! single-use [`Permit`]; [`protect`] turns counts and permit into [`Released`] values; the folder that is written
//! carries a signed [`Manifest`], and [`verify()`] checks it with nothing but the folder and the public key. What is
//! promised, and what is not, stands in `docs/privacy.md`.
//!
//! Knows no files of content and no hashes of content.

mod bounds;
mod domain;
mod error;
mod folder;
mod ledger;
pub mod log;
mod manifest;
mod mechanism;
mod model;
mod plan;
mod preview;
mod publish;
mod purge;
mod register;
mod signature;
mod table;
mod verify;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod testing;

pub use domain::Domain;
pub use error::ReleaseError;
pub use ledger::{Budget, Charge, Log, Permit, log};
pub use manifest::ListFacts;
pub use mechanism::{Protection, protect};
pub use model::{ListNote, Manifest, PlanNote, Release, Released, ReleasedCell, Status, TableNote};
pub use plan::{Beta, COARSE, Epsilon, Plan, PlanError, PlanTable};
pub use preview::{NoSuchCell, SyntheticCell, Typed, preview};
pub use publish::{PUBLIC_KEY_FILE, Published, Request, publish, system_rng};
pub use purge::{published, purge_unfinished};
pub use register::{RegisteredPlan, plans, register};
pub use signature::{PublicKey, PublicKeyError, SignatureFault};
pub use table::COLUMNS;
pub use verify::{VerifyError, verify};
