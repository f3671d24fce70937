//! A list on its way in: into a file without a name, within bounds. A list is read twice, and a body cannot be.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

use super::super::deeds::PATIENCE;
use super::super::{Problem, ProblemCode, State};
use super::faults::no_room;

/// Lists that are taken in at the same time: each may take the disk that the bound allows.
const AT_ONCE: usize = 2;
/// A client that sends nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(30);
/// Pieces of a body that wait to be written.
const WAITING: usize = 8;

/// Who may send a list now.
#[derive(Clone)]
pub(super) struct Spools(Arc<Semaphore>);

impl Spools {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// A turn to send and import a list; to be kept until that is done.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
        match timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Problem::unavailable("other lists are being imported; try again").after(10)),
        }
    }
}

/// A whole list, from its beginning on.
#[derive(Debug)]
pub(super) struct Spool {
    pub(super) file: File,
}

impl Spool {
    /// Takes in a body to its end.
    ///
    /// # Errors
    /// [`ProblemCode::TooLarge`] beyond the bound, [`ProblemCode::BadRequest`] if the body breaks off,
    /// [`ProblemCode::Timeout`] if nothing comes for long, [`ProblemCode::Unavailable`] if there is no room.
    pub(super) async fn receive(state: &State, mut body: Body) -> Result<Self, Problem> {
        let limit = state.0.settings.max_list_bytes;
        if HttpBody::size_hint(&body).lower() > limit {
            return Err(too_large(limit));
        }
        let mut file = state.apart(|state| Ok(state.0.home.nameless_file()?)).await?;
        let (pieces, mut to_write) = mpsc::channel::<Bytes>(WAITING);
        let writing = tokio::task::spawn_blocking(move || {
            while let Some(piece) = to_write.blocking_recv() {
                file.write_all(&piece)?;
            }
            file.rewind()?;
            io::Result::Ok(file)
        });
        let mut bytes = 0_u64;
        let sent = loop {
            match timeout(SILENCE, body.frame()).await {
                Err(_) => {
                    let detail =
                        format!("nothing came for {} seconds; send the list again", SILENCE.as_secs());
                    break Err(Problem::new(ProblemCode::Timeout, detail));
                }
                Ok(None) => break Ok(()),
                Ok(Some(Err(_))) => {
                    break Err(Problem::bad_request(
                        "the list broke off; nothing has changed; send all of it",
                    ));
                }
                Ok(Some(Ok(frame))) => {
                    let Ok(piece) = frame.into_data() else { continue };
                    bytes += piece.len() as u64;
                    if bytes > limit {
                        break Err(too_large(limit));
                    }
                    if pieces.send(piece).await.is_err() {
                        break Ok(()); // the writer has failed, and says why
                    }
                }
            }
        };
        drop(pieces);
        let file = writing.await.map_err(|_| Problem::internal())?.map_err(|error| unwritten(&error));
        sent?;
        Ok(Self { file: file? })
    }
}

fn too_large(limit: u64) -> Problem {
    let detail = format!("a list has at most {limit} bytes here; the operator's max_list_bytes says so");
    Problem::new(ProblemCode::TooLarge, detail)
}

fn unwritten(error: &io::Error) -> Problem {
    use io::ErrorKind as K;
    match error.kind() {
        K::StorageFull | K::QuotaExceeded | K::FileTooLarge => no_room(),
        _ => Problem::internal(),
    }
}
