//! Content that is uploaded: received within bounds, hashed in the jail, matched, counted.

use std::path::PathBuf;

use axum::body::{Body, Bytes};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::super::{Caller, Problem, ProblemCode, State};
use super::Ask;
use crate::digest::{Fingerprint, Wanted};
use crate::screen::Screened;
use crate::tally::Brought;

/// An uploaded item, as long as somebody needs it; never on a disk under a name.
pub struct Upload {
    bytes: Bytes,
}

impl Upload {
    /// Takes in a body to its end.
    ///
    /// # Errors
    /// [`ProblemCode::TooLarge`] beyond the bound, [`ProblemCode::BadRequest`] if the body breaks off.
    pub async fn receive(state: &State, body: Body) -> Result<Self, Problem> {
        let limit = usize::try_from(state.0.settings.max_upload_bytes).unwrap_or(usize::MAX);
        match Limited::new(body, limit).collect().await {
            Ok(whole) => Ok(Self { bytes: whole.to_bytes() }),
            Err(error) if error.is::<LengthLimitError>() => Err(too_large(limit as u64)),
            Err(_) => Err(Problem::bad_request("the body broke off; send all of it")),
        }
    }

    /// An item that is here already.
    #[must_use]
    pub fn of(bytes: Bytes) -> Self {
        Self { bytes }
    }
}

fn too_large(limit: u64) -> Problem {
    let detail = format!("an upload has at most {limit} bytes here; the operator's max_upload_bytes says so");
    Problem::new(ProblemCode::TooLarge, detail)
}

impl State {
    /// The hashes of an item.
    ///
    /// # Errors
    /// [`Problem`] if no worker can be had.
    pub async fn fingerprint(&self, _caller: &Caller, upload: Upload) -> Result<Fingerprint, Problem> {
        self.apart(move |state| {
            let fingerprint = state.fingerprint_now(&upload, &Wanted::default())?;
            state.0.metrics.uploaded(&fingerprint, None);
            Ok(fingerprint)
        })
        .await
    }

    /// The verdict on an item, which is counted.
    ///
    /// # Errors
    /// [`Problem`] if the quota is used up, a set is unknown, no worker can be had or the index is damaged.
    pub async fn screen(
        &self,
        caller: &Caller,
        upload: Upload,
        ask: &Ask,
        _brought: Brought,
    ) -> Result<Screened, Problem> {
        caller.charge(1)?;
        let matcher = self.asked(ask)?;
        self.apart(move |state| {
            let wanted = Wanted { classics: matcher.classic_kinds().to_vec(), ..Wanted::default() };
            let fingerprint = state.fingerprint_now(&upload, &wanted)?;
            let mut verdict = matcher.verdict(&fingerprint)?;
            matcher.guard([&mut verdict])?;
            state.0.metrics.uploaded(&fingerprint, Some(verdict.outcome));
            let (path, file, fingerprint) = (PathBuf::new(), None, Some(fingerprint));
            Ok(Screened { path, file, fingerprint, verdict })
        })
        .await
    }

    fn fingerprint_now(&self, upload: &Upload, wanted: &Wanted) -> Result<Fingerprint, Problem> {
        match &self.0.workers {
            Some(workers) => {
                workers.fingerprint_bytes(&upload.bytes, wanted).map_err(|_| Problem::internal())
            }
            None => Fingerprint::read_with(&upload.bytes[..], wanted).map_err(|_| Problem::internal()),
        }
    }
}
