//! One file a verb.

pub(super) mod audit;
#[cfg(feature = "backup")]
pub(super) mod backup;
pub(super) mod bench;
pub(super) mod decide;
pub(super) mod doctor;
mod doctor_log;
mod doctor_serve;
pub(super) mod explain;
pub(super) mod hash;
pub(super) mod index;
pub(super) mod jail;
pub(super) mod languages;
pub(super) mod lookup;
pub(super) mod model;
pub(super) mod pull;
pub(super) mod purge;
pub(super) mod release;
mod release_log;
pub(super) mod releases;
pub(super) mod report;
pub(super) mod rescan;
#[cfg(feature = "backup")]
pub(super) mod restore;
pub(super) mod screen;
pub(super) mod select;
pub(super) mod serve;
pub(super) mod serve_public;
pub(super) mod set;
#[cfg(feature = "http")]
pub(super) mod shadow;
pub(super) mod tally;
pub(super) mod token;
pub(super) mod trends;
pub(super) mod vocabulary;
