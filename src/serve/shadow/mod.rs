//! Beside a running HMA: the same requests to both, and why answers differ, so that a platform can switch with evidence.
//!
//! [`compare`] is one comparison. `beside` puts it behind HMA's paths: a request is answered as ever, and afterwards sent
//! to HMA in the background. What waits is bounded, what does not fit is dropped and counted, and no caller waits for it.

mod exchange;
mod here;
mod inside;
mod live;
mod native;
mod picture;
mod reason;
mod report;
mod seen;
mod told;

#[cfg(test)]
mod tests;

#[cfg(feature = "http")]
pub use exchange::Remote;
pub use exchange::{Asked, Side, Told};
pub use here::Here;
pub use inside::Inside;
pub(super) use live::beside;
pub use live::{Shadow, ShadowSettings};
pub use reason::Reason;
pub use report::{Compared, Difference, ShadowReport};
pub(super) use told::{openapi, routes};

use crate::digest::Fingerprint;
use reason::Evidence;
use seen::Seen;

/// Asks HMA what this service was asked, which answered `told`, and says whether and why a client sees a difference.
///
/// `ours` is asked why it does not tell of entries that HMA finds, where it can be; `fingerprint` decodes a file as this service does.
pub fn compare(
    asked: &Asked,
    told: &Told,
    ours: Option<&dyn Inside>,
    theirs: &dyn Side,
    fingerprint: &dyn Fn(&[u8]) -> Option<Fingerprint>,
) -> Compared {
    let there = theirs.ask(asked);
    let (here_seen, there_seen) = (Seen::of(asked, told), Seen::of(asked, &there));
    let is_same = here_seen == there_seen && here_seen != Seen::Nothing;
    let evidence = Evidence { ours, theirs, fingerprint };
    Compared {
        route: asked.pattern(),
        hma: there.status,
        innerward: told.status,
        matched: [there_seen.is_match(), here_seen.is_match()],
        reason: (!is_same).then(|| evidence.reason(asked, &here_seen, &there_seen)),
    }
}
