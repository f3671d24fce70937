//! Content that is uploaded: received within bounds, hashed in the jail, matched, counted.
//!
//! An upload is held in memory, up to a length that the operator sets and as long as there is room for it; any other in a
//! file of the home that has no name, so that it is gone with its last holder, however that ends. What all uploads and other
//! bodies hold together is bounded, and who finds no room is refused and may come again.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::panic::catch_unwind;
use std::path::PathBuf;

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt;

use super::super::api::form;
use super::super::traces::{Part, part, waited};
use super::super::{Caller, Problem, ProblemCode, State};
use super::room::{Taken, no_room};
use super::turns::Turn;
use super::{Ask, Engine};
use crate::digest::{Classic, Fidelity, Fingerprint, Wanted};
use crate::jail::memory_file;
use crate::media::{Content, Kind};
use crate::screen::{Matcher, ReadError, Screened, Verdict};
use crate::tally::{Brought, sighting};

/// An uploaded item, as long as somebody needs it; never on a disk under a name.
pub struct Upload {
    content: Held,
    is_video: bool,
    /// Look-ups that were charged for it already.
    paid: u64,
    /// Its share of what may be held.
    _room: Option<Taken>,
}

/// Where the bytes are.
enum Held {
    Memory(Bytes),
    /// A file without a name, in memory or on the disk.
    File(File),
}

/// A longer upload goes into a file, in memory as well: a worker is handed that as it is, and bytes would be copied once more.
const MOST_IN_PIECES: u64 = 1 << 20;

/// An upload that is not complete yet.
struct Intake<'a> {
    state: &'a State,
    limit: u64,
    /// Most bytes that are held in memory.
    memory_limit: u64,
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
    MemoryFile(File),
    Disk(File),
}

impl Upload {
    /// Takes in a body to its end.
    ///
    /// # Errors
    /// [`ProblemCode::TooLarge`] beyond the bound, [`ProblemCode::BadRequest`] if the body breaks off,
    /// [`ProblemCode::Unavailable`] if there is no room for it now.
    pub async fn receive(state: &State, mut body: Body) -> Result<Self, Problem> {
        let mut intake = Intake::new(state);
        // What says how long it is need not be sent in vain, nor be moved from memory to the disk.
        intake.expect(body.size_hint().lower()).await?;
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
    pub(in crate::serve) async fn of_part(state: &State, mut part: form::Part<'_>) -> Result<Self, Problem> {
        let mut intake = Intake::new(state);
        while let Some(piece) = part.piece().await? {
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
        Self { content: Held::Memory(bytes), is_video, paid: 0, _room: None }
    }

    /// The same, for which so many look-ups were charged before it came.
    pub(in crate::serve) fn paid(self, lookups: u64) -> Self {
        Self { paid: lookups, ..self }
    }
}

impl<'a> Intake<'a> {
    fn new(state: &'a State) -> Self {
        let settings = &state.0.settings;
        // A process that only reads writes to no disk.
        let memory_limit = if state.0.follower { u64::MAX } else { settings.max_memory_upload_bytes };
        let (limit, room) = (settings.max_upload_bytes, state.0.engine.memory.nothing());
        Self { state, limit, memory_limit, bytes: 0, head: Vec::new(), room, to: To::Piece(Bytes::new()) }
    }

    fn check(&self, bytes: u64) -> Result<(), Problem> {
        if bytes > self.limit { Err(too_large(self.limit)) } else { Ok(()) }
    }

    /// So many bytes are to come at least.
    async fn expect(&mut self, bytes: u64) -> Result<(), Problem> {
        self.check(bytes)?;
        if bytes > self.memory_limit.min(self.state.0.engine.memory.left()) {
            self.go_to_disk(0).await?;
        }
        Ok(())
    }

    async fn push(&mut self, piece: Bytes) -> Result<(), Problem> {
        let (before, more) = (self.bytes, piece.len() as u64);
        self.bytes += more;
        self.check(self.bytes)?;
        let missing = Content::HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&piece[..piece.len().min(missing)]);
        if let To::Disk(_) = self.to {
            return self.write_to_disk(piece).await;
        }
        if self.bytes > self.memory_limit || !self.room.grow(more) {
            self.go_to_disk(before).await?;
            return self.write_to_disk(piece).await;
        }
        match &mut self.to {
            To::Piece(first) if first.is_empty() => *first = piece,
            To::Piece(first) if self.bytes <= MOST_IN_PIECES => {
                let mut all = Vec::with_capacity(2 * (first.len() + piece.len()));
                all.extend_from_slice(first);
                all.extend_from_slice(&piece);
                self.to = To::Memory(all);
            }
            To::Memory(all) if self.bytes <= MOST_IN_PIECES => all.extend_from_slice(&piece),
            To::Piece(_) | To::Memory(_) => {
                let mut file = memory_file(self.in_pieces()).map_err(|_| no_room())?;
                file.seek(io::SeekFrom::End(0))
                    .and_then(|_| file.write_all(&piece))
                    .map_err(|_| no_room())?;
                self.to = To::MemoryFile(file);
            }
            // It is a copy from memory to memory, and waits for nothing.
            To::MemoryFile(file) => file.write_all(&piece).map_err(|_| no_room())?,
            To::Disk(_) => {}
        }
        Ok(())
    }

    fn in_pieces(&self) -> &[u8] {
        match &self.to {
            To::Piece(first) => first,
            To::Memory(all) => all,
            To::MemoryFile(_) | To::Disk(_) => &[],
        }
    }

    /// Goes on on the disk, with the `before` bytes that are in memory; they have no room there any more then.
    async fn go_to_disk(&mut self, before: u64) -> Result<(), Problem> {
        let disk = &self.state.0.engine.disk;
        let mut room = disk.nothing();
        if self.state.0.follower || disk.left() == 0 || !room.grow(before) {
            return Err(no_room());
        }
        let taken = std::mem::replace(&mut self.to, To::Piece(Bytes::new()));
        let file = self.state.apart(move |state| {
            let mut file = state.0.home.nameless_file().map_err(|_| no_room())?;
            let written = match taken {
                To::Piece(first) => file.write_all(&first),
                To::Memory(all) => file.write_all(&all),
                To::MemoryFile(mut held) => {
                    held.rewind().and_then(|()| io::copy(&mut held, &mut file)).map(drop)
                }
                To::Disk(before) => {
                    file = before;
                    Ok(())
                }
            };
            // A disk that is full is a matter of time, as is one that is slow.
            written.map(|()| file).map_err(|_| no_room())
        });
        self.to = To::Disk(file.await?);
        self.room = room;
        Ok(())
    }

    async fn write_to_disk(&mut self, piece: Bytes) -> Result<(), Problem> {
        let To::Disk(file) = &self.to else { return Ok(()) };
        if !self.room.grow(piece.len() as u64) {
            return Err(no_room());
        }
        let mut file = file.try_clone().map_err(|_| no_room())?;
        self.state.apart(move |_| file.write_all(&piece).map_err(|_| no_room())).await
    }

    async fn finish(self) -> Result<Upload, Problem> {
        let content = match self.to {
            To::Piece(all) => Held::Memory(all),
            To::Memory(all) => Held::Memory(all.into()),
            To::MemoryFile(file) | To::Disk(file) => {
                (&file).rewind().map_err(|_| no_room())?;
                Held::File(file)
            }
        };
        Ok(Upload { content, is_video: is_video(&self.head), paid: 0, _room: Some(self.room) })
    }
}

/// What it is decides for whom it waits, and nothing else.
fn is_video(head: &[u8]) -> bool {
    catch_unwind(|| Content::of(head).kind == Kind::Video).unwrap_or(false)
}

fn too_large(limit: u64) -> Problem {
    let detail = format!("an upload has at most {limit} bytes here; the operator's max_upload_bytes says so");
    Problem::new(ProblemCode::TooLarge, detail)
}

fn unread(error: &ReadError) -> Problem {
    match error {
        ReadError::Jail(_) => Problem::unavailable(
            "no confined process can be had that would decode it; see `innerward doctor`",
        ),
        _ => Problem::internal(),
    }
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
    pub async fn fingerprint(&self, caller: &Caller, upload: Upload) -> Result<Fingerprint, Problem> {
        self.fingerprint_with(caller, upload, &[]).await
    }

    /// The same, with the classic picture hashes of these kinds. Each takes time of its own.
    ///
    /// # Errors
    /// As [`State::fingerprint`].
    pub async fn fingerprint_with(
        &self,
        _caller: &Caller,
        upload: Upload,
        classics: &[Classic],
    ) -> Result<Fingerprint, Problem> {
        let turn = self.0.engine.turn(&upload).await?;
        let wanted = Wanted { classics: classics.to_vec(), ..self.wanted(Fidelity::Reference) };
        self.apart(move |state| {
            let _turn = turn;
            let hash = || state.fingerprint_now(&upload, &wanted);
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
        caller.charge(ask.weight_of_item().saturating_sub(upload.paid))?;
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
        matcher.guard([&mut verdict]);
        Ok((fingerprint, verdict))
    }

    fn wanted(&self, fidelity: Fidelity) -> Wanted {
        Wanted { limits: self.0.settings.limits, fidelity, ..Wanted::default() }
    }

    fn fingerprint_now(&self, upload: &Upload, wanted: &Wanted) -> Result<Fingerprint, Problem> {
        let file = match &upload.content {
            Held::Memory(bytes) => return self.fingerprint_of(bytes, wanted),
            Held::File(file) => file,
        };
        let told = match &self.0.workers {
            Some(workers) => file
                .try_clone()
                .map_err(ReadError::from)
                .and_then(|file| workers.fingerprint_file(file, wanted)),
            None => {
                let read = |mut file: &File| {
                    file.rewind()?;
                    Fingerprint::read_with(file, wanted)
                };
                read(file).map_err(ReadError::from)
            }
        };
        told.map_err(|error| unread(&error))
    }

    /// The hashes of what is in memory, decoded in the jail, or in this process where there is none, as in tests.
    ///
    /// # Errors
    /// [`ProblemCode::Unavailable`] if no worker can be had.
    pub(in crate::serve) fn fingerprint_of(
        &self,
        bytes: &[u8],
        wanted: &Wanted,
    ) -> Result<Fingerprint, Problem> {
        let told = match &self.0.workers {
            Some(workers) => workers.fingerprint_bytes(bytes, wanted),
            None => Fingerprint::read_with(bytes, wanted).map_err(ReadError::from),
        };
        told.map_err(|error| unread(&error))
    }
}
