//! Content that is uploaded: received within bounds, hashed in the jail, matched, counted.
//!
//! A short upload is held in memory, as long as there is room for it; any other in a file of the home that has no name, so
//! that it is gone with its last holder, however that ends. What all uploads hold together is bounded, and who finds no
//! room is refused and may come again.

use std::fs::File;
use std::io::{Seek, Write};
use std::panic::catch_unwind;
use std::path::PathBuf;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use http_body_util::BodyExt;

use super::super::traces::{Part, part, waited};
use super::super::{Caller, Problem, ProblemCode, State};
use super::room::Taken;
use super::turns::Turn;
use super::{Ask, Engine};
use crate::digest::{Fidelity, Fingerprint, Wanted};
use crate::home::Home;
use crate::jail::memory_file;
use crate::media::{Content, Kind};
use crate::screen::{Matcher, ReadError, Screened, Verdict};
use crate::tally::{Brought, sighting};

/// An uploaded item, as long as somebody needs it; never on a disk under a name.
pub struct Upload {
    content: Held,
    is_video: bool,
    /// Its share of what may be held.
    _room: Option<Taken>,
}

/// Where the bytes are.
enum Held {
    Memory(Bytes),
    File(File),
}

/// A longer upload goes into a file.
const MOST_IN_MEMORY: usize = 1 << 20;

/// An upload that is not complete yet.
struct Intake<'a> {
    state: &'a State,
    limit: u64,
    bytes: u64,
    /// Its first bytes, as many as tell what it is.
    head: Vec<u8>,
    room: Taken,
    to: To,
}

enum To {
    /// The first piece as it came: often it is all.
    Piece(Bytes),
    Memory(Vec<u8>),
    File(File),
}

impl Upload {
    /// Takes in a body to its end.
    ///
    /// # Errors
    /// [`ProblemCode::TooLarge`] beyond the bound, [`ProblemCode::BadRequest`] if the body breaks off,
    /// [`ProblemCode::Unavailable`] if there is no room for it now.
    pub async fn receive(state: &State, mut body: Body) -> Result<Self, Problem> {
        let mut intake = Intake::new(state);
        // What says how long it is need not be sent in vain.
        intake.check(body.size_hint().lower())?;
        while let Some(frame) = body.frame().await {
            let broken = |_| Problem::bad_request("the body broke off; send all of it");
            if let Ok(piece) = frame.map_err(broken)?.into_data() {
                intake.push(piece).await?;
            }
        }
        intake.finish().await
    }

    /// Takes in one field of a `multipart/form-data` body to its end.
    ///
    /// # Errors
    /// As [`Upload::receive`].
    pub async fn of_field(state: &State, mut field: Field<'_>) -> Result<Self, Problem> {
        let mut intake = Intake::new(state);
        let limit = intake.limit;
        let broken = |error: MultipartError| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(limit),
            _ => Problem::bad_request("a field of the form broke off; send all of it"),
        };
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            intake.push(piece).await?;
        }
        intake.finish().await
    }

    /// True if nothing was sent.
    pub(in crate::serve) fn is_empty(&self) -> bool {
        matches!(&self.content, Held::Memory(bytes) if bytes.is_empty())
    }

    /// An item that is here already.
    #[must_use]
    pub fn of(bytes: Bytes) -> Self {
        let is_video = is_video(&bytes[..bytes.len().min(Content::HEAD_BYTES)]);
        Self { content: Held::Memory(bytes), is_video, _room: None }
    }
}

impl<'a> Intake<'a> {
    fn new(state: &'a State) -> Self {
        let limit = state.0.settings.max_upload_bytes;
        let room = state.0.engine.memory.nothing();
        Self { state, limit, bytes: 0, head: Vec::new(), room, to: To::Piece(Bytes::new()) }
    }

    fn check(&self, bytes: u64) -> Result<(), Problem> {
        if bytes > self.limit { Err(too_large(self.limit)) } else { Ok(()) }
    }

    async fn push(&mut self, piece: Bytes) -> Result<(), Problem> {
        let before = usize::try_from(self.bytes).unwrap_or(usize::MAX);
        self.bytes += piece.len() as u64;
        self.check(self.bytes)?;
        let missing = Content::HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&piece[..piece.len().min(missing)]);
        let fits = before.saturating_add(piece.len()) <= MOST_IN_MEMORY;
        let goes_on = matches!(self.to, To::File(_)) || (fits && self.room.grow(piece.len() as u64));
        if !goes_on {
            self.spool(before as u64).await?;
        }
        match &mut self.to {
            To::Piece(first) if first.is_empty() => *first = piece,
            To::Piece(first) => {
                let mut all = Vec::with_capacity(2 * (first.len() + piece.len()));
                all.extend_from_slice(first);
                all.extend_from_slice(&piece);
                self.to = To::Memory(all);
            }
            To::Memory(all) => all.extend_from_slice(&piece),
            To::File(_) => {
                let more = piece.len() as u64;
                if !self.room.grow(more) {
                    return Err(no_room());
                }
                self.write(piece).await?;
            }
        }
        Ok(())
    }

    /// Goes on in a file, with what is in memory.
    async fn spool(&mut self, before: u64) -> Result<(), Problem> {
        let home = self.state.0.home.clone();
        let is_follower = self.state.0.follower;
        let (file, in_memory) = self.state.apart(move |_| spool_file(&home, is_follower)).await?;
        let Engine { memory, disk, .. } = &self.state.0.engine;
        let mut room = if in_memory { memory.nothing() } else { disk.nothing() };
        let taken = std::mem::replace(&mut self.to, To::File(file));
        if in_memory {
            // It is counted once: what was taken for it in memory is given back first.
            self.room = memory.nothing();
        }
        if !room.grow(before) {
            return Err(no_room());
        }
        match taken {
            To::Piece(first) => self.write(first).await?,
            To::Memory(all) => self.write(all.into()).await?,
            To::File(_) => {}
        }
        self.room = room;
        Ok(())
    }

    async fn write(&mut self, piece: Bytes) -> Result<(), Problem> {
        let To::File(file) = &self.to else { return Ok(()) };
        let mut file = file.try_clone().map_err(|_| no_room())?;
        // A disk that is full is a matter of time, as is one that is slow.
        self.state.apart(move |_| file.write_all(&piece).map_err(|_| no_room())).await
    }

    async fn finish(self) -> Result<Upload, Problem> {
        let content = match self.to {
            To::Piece(all) => Held::Memory(all),
            To::Memory(all) => Held::Memory(all.into()),
            To::File(file) => {
                let file = self.state.apart(move |_| {
                    (&file).rewind().map_err(|_| no_room())?;
                    Ok(file)
                });
                Held::File(file.await?)
            }
        };
        Ok(Upload { content, is_video: is_video(&self.head), _room: Some(self.room) })
    }
}

/// A file without a name, and whether it is in memory: a process that only reads writes to no disk.
fn spool_file(home: &Home, is_follower: bool) -> Result<(File, bool), Problem> {
    if !is_follower && let Ok(file) = home.nameless_file() {
        return Ok((file, false));
    }
    memory_file(&[]).map(|file| (file, true)).map_err(|_| no_room())
}

/// What it is decides for whom it waits, and nothing else.
fn is_video(head: &[u8]) -> bool {
    catch_unwind(|| Content::of(head).kind == Kind::Video).unwrap_or(false)
}

fn no_room() -> Problem {
    Problem::unavailable("there is no room for this upload just now, or the disk is full; come again")
}

fn too_large(limit: u64) -> Problem {
    let detail = format!("an upload has at most {limit} bytes here; the operator's max_upload_bytes says so");
    Problem::new(ProblemCode::TooLarge, detail)
}

fn no_worker() -> Problem {
    Problem::unavailable("no confined process can be had that would decode it; see `innerward doctor`")
}

impl Engine {
    async fn turn(&self, upload: &Upload) -> Result<Turn, Problem> {
        if upload.is_video { self.videos.first().await } else { self.hashing.first().await }
    }
}

impl State {
    /// The hashes of an item: every digest, and PDQ as [`Fidelity::Reference`] has it.
    ///
    /// # Errors
    /// [`Problem`] if too many wait, or no worker can be had.
    pub async fn fingerprint(&self, _caller: &Caller, upload: Upload) -> Result<Fingerprint, Problem> {
        let turn = self.0.engine.turn(&upload).await?;
        self.apart(move |state| {
            let _turn = turn;
            let hash = || state.fingerprint_now(&upload, &state.wanted(Fidelity::Reference));
            let fingerprint = part(Part::Hash, hash)?;
            state.0.metrics.uploaded(&fingerprint, None);
            Ok(fingerprint)
        })
        .await
    }

    /// The verdict on an item, which is counted before it is given, unless the operator wants nothing counted.
    ///
    /// # Errors
    /// [`Problem`] if the quota is used up, a set is unknown, too many wait, no worker can be had, the index is damaged or
    /// the item cannot be counted.
    pub async fn screen(
        &self,
        caller: &Caller,
        upload: Upload,
        ask: &Ask,
        brought: Brought,
    ) -> Result<Screened, Problem> {
        ask.check()?;
        caller.charge(1)?;
        let turn = self.0.engine.turn(&upload).await?;
        let ask = ask.clone();
        let screened = self.apart(move |state| {
            let _turn = turn;
            state.screen_now(&upload, &*state.asked(&ask)?)
        });
        let screened = screened.await?;
        if let Some(sighting) = sighting(&screened, &brought) {
            waited(Part::Count, self.count(sighting)).await?;
        }
        Ok(screened)
    }

    fn screen_now(&self, upload: &Upload, matcher: &Matcher) -> Result<Screened, Problem> {
        let quick =
            Wanted { classics: matcher.classic_kinds().to_vec(), ..self.wanted(self.0.settings.fidelity) };
        let fingerprint = part(Part::Hash, || self.fingerprint_now(upload, &quick))?;
        let found = part(Part::Match, || self.verdict_now(upload, matcher, &quick, fingerprint));
        let (fingerprint, verdict) = found?;
        self.0.metrics.uploaded(&fingerprint, Some(verdict.outcome));
        Ok(Screened { path: PathBuf::new(), file: None, fingerprint: Some(fingerprint), verdict })
    }

    /// The verdict on what `quick` made `fingerprint` of, and the fingerprint that it rests on.
    fn verdict_now(
        &self,
        upload: &Upload,
        matcher: &Matcher,
        quick: &Wanted,
        mut fingerprint: Fingerprint,
    ) -> Result<(Fingerprint, Verdict), Problem> {
        // No verdict rests on another hash than the reference where that could make a difference.
        let sure = match fingerprint.fidelity {
            Fidelity::Reference => None,
            _ => matcher.first_verdicts(&[&fingerprint])?.pop().flatten(),
        };
        let mut verdict = match sure {
            Some(verdict) => verdict,
            None => {
                if fingerprint.fidelity != Fidelity::Reference {
                    let exactly = Wanted { fidelity: Fidelity::Reference, ..quick.clone() };
                    fingerprint = self.fingerprint_now(upload, &exactly)?;
                }
                matcher.verdict(&fingerprint)?
            }
        };
        matcher.guard([&mut verdict])?;
        Ok((fingerprint, verdict))
    }

    fn wanted(&self, fidelity: Fidelity) -> Wanted {
        Wanted { limits: self.0.settings.limits, fidelity, ..Wanted::default() }
    }

    fn fingerprint_now(&self, upload: &Upload, wanted: &Wanted) -> Result<Fingerprint, Problem> {
        let told = match (&self.0.workers, &upload.content) {
            (Some(workers), Held::Memory(bytes)) => workers.fingerprint_bytes(bytes, wanted),
            (Some(workers), Held::File(file)) => file
                .try_clone()
                .map_err(ReadError::from)
                .and_then(|file| workers.fingerprint_file(file, wanted)),
            (None, Held::Memory(bytes)) => {
                Fingerprint::read_with(&bytes[..], wanted).map_err(ReadError::from)
            }
            (None, Held::File(file)) => {
                let read = |mut file: &File| {
                    file.rewind()?;
                    Fingerprint::read_with(file, wanted)
                };
                read(file).map_err(ReadError::from)
            }
        };
        told.map_err(|error| match error {
            ReadError::Jail(_) => no_worker(),
            _ => Problem::internal(),
        })
    }
}
