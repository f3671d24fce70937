//! Files looked at in worker processes, and the loop inside such a process.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;

use super::answer::{Request, Seen, decode_answer, encode};
use super::digesting::{Digested, digested};
use super::examine::{fingerprint_at, fingerprint_of, look_in_process};
use super::records::OpenRequest;
use super::video::Frames;
use super::{Ffmpeg, heif, video};
use crate::digest::{ClassicHash, Digests, Fidelity, Fingerprint, Hashed, HashedForm, Look, Wanted};
use crate::jail::{
    CallError, Death, Excuse, Handed, InForce, Jail, JailError, JailOptions, Pieces, Terms, ask_for_memory,
    hand_out, memory_file, serve,
};
use crate::media::{
    Content, Form, Gap, Helper, HelperLack, Killed, Kind, Limits, borrow_memory_from, take_memory,
};

/// How workers work.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Seconds that an item may take; a large file gets some more, to be read.
    pub max_seconds: u64,
    /// Address space of a worker in bytes.
    pub max_memory_bytes: u64,
    /// The command that decodes HEIC and AVIF, if there is one.
    pub heif_convert: Option<PathBuf>,
    /// The commands that decode videos, if they are there.
    pub ffmpeg: Option<Ffmpeg>,
    /// The program that workers are; [`JailOptions::OWN_PROGRAM`] but in tests.
    pub program: PathBuf,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            max_seconds: 30,
            max_memory_bytes: 3 << 30,
            heif_convert: heif::find(),
            ffmpeg: Ffmpeg::find(),
            program: JailOptions::OWN_PROGRAM.into(),
        }
    }
}

impl WorkerOptions {
    /// What the jail is asked for.
    #[must_use]
    pub fn jail(&self) -> JailOptions {
        JailOptions {
            program: self.program.clone(),
            memory_bytes: self.max_memory_bytes,
            life_seconds: JailOptions::LIFE_SECONDS,
            lend: |bytes| Box::new(take_memory(bytes)),
        }
    }

    /// How long an item of so many bytes may take.
    pub(super) fn allowance(&self, bytes: u64) -> Duration {
        Duration::from_secs(self.max_seconds) + reading_time(bytes)
    }
}

/// How long it may take to read so many bytes.
pub(super) fn reading_time(bytes: u64) -> Duration {
    Duration::from_millis(bytes / BYTES_A_MILLISECOND).min(MOST_READING)
}

/// What a slow disk and a busy machine leave of the speed of reading.
const BYTES_A_MILLISECOND: u64 = 20_000;
/// What recognising an item may take, of which a decoder died.
const RECOGNISING: Duration = Duration::from_secs(10);
/// Processor time, in seconds, of who unpacks a stream: days for some terabytes that are packed by xz.
const LIFE_OF_A_STREAM: u64 = 60 * 24 * 3600;
/// However long a file says that it is: files can say that they have more than any disk.
const MOST_READING: Duration = Duration::from_secs(3 * 3600);

/// Why an item has no fingerprint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The item could not be read; the cause in words.
    #[error("{0}")]
    Unreadable(String),
    /// There is no confined process to be had. Whatever comes next would fail as well.
    #[error(transparent)]
    Jail(#[from] JailError),
    /// It was not begun, since the run was asked to stop.
    #[error("not begun")]
    Stopped,
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Processes that decode, each confined to what it is handed.
#[derive(Debug)]
pub struct Workers {
    jail: Jail,
    options: WorkerOptions,
    /// Who asks them; `None` if the system lets this process have no more threads.
    pool: Option<ThreadPool>,
}

/// What confines the workers of a run, field by field as `docs/cli.md` has it.
#[derive(Debug, Serialize)]
pub struct JailLine<'a> {
    workers: usize,
    #[serde(flatten)]
    in_force: &'a InForce,
    seconds: u64,
}

impl Workers {
    /// Starts the first worker, to see that it can be done; more follow as threads ask.
    ///
    /// # Errors
    /// [`JailError`] if it cannot be done on this system.
    pub fn start(options: WorkerOptions) -> Result<Self, JailError> {
        // Half as many again as there is work for: while an answer is on its way, another worker has something to do.
        let threads = rayon::current_num_threads();
        let builder = ThreadPoolBuilder::new().num_threads(threads + threads / 2);
        let pool = builder.thread_name(|number| format!("look-{number}")).build().ok();
        Ok(Self { jail: Jail::start(options.jail())?, options, pool })
    }

    /// The threads that ask them.
    pub(super) fn pool(&self) -> Option<&ThreadPool> {
        self.pool.as_ref()
    }

    /// What confines them.
    #[must_use]
    pub fn in_force(&self) -> &InForce {
        self.jail.in_force()
    }

    /// What confines them, as a line of output.
    #[must_use]
    pub fn line(&self) -> JailLine<'_> {
        let workers = self.pool().map_or_else(rayon::current_num_threads, ThreadPool::current_num_threads);
        JailLine { workers, in_force: self.in_force(), seconds: self.options.max_seconds }
    }

    /// Reads and hashes one file, which may be a pipe.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn fingerprint(&self, path: &Path, wanted: &Wanted) -> Result<Fingerprint, ReadError> {
        fingerprint_at(Some(self), path, wanted)
    }

    /// Hashes bytes that are in memory already. What no worker can be handed for lack of memory has its digests, and says why
    /// it has no more.
    ///
    /// # Errors
    /// [`ReadError::Jail`] if there is no worker to be had.
    pub fn fingerprint_bytes(&self, bytes: &[u8], wanted: &Wanted) -> Result<Fingerprint, ReadError> {
        let hashed = Hashed { bytes: bytes.len() as u64, digests: Digests::of(bytes) };
        let head = &bytes[..bytes.len().min(Content::HEAD_BYTES)];
        if let Some(known) = known_by_digests(head, hashed) {
            return Ok(known);
        }
        let looked = memory_file(bytes).and_then(|file| Digested::of(Arc::new(file), hashed));
        match looked
            .map_err(ReadError::from)
            .and_then(|mut file| fingerprint_of(Some(self), &mut file, wanted))
        {
            Err(ReadError::Unreadable(cause)) => {
                Ok(Fingerprint::new(Content::of(head), hashed, Look::gap(Gap::Unreadable(cause))))
            }
            other => other,
        }
    }

    /// Reads and hashes a regular file that is open, and that nobody else writes to.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn fingerprint_file(&self, file: File, wanted: &Wanted) -> Result<Fingerprint, ReadError> {
        fingerprint_of(Some(self), &mut digested(Arc::new(file))?, wanted)
    }

    /// Looks at the first `bytes` bytes of an open file, as many as were hashed. A worker that dies over it costs the
    /// item its picture hashes.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) fn look(&self, file: &File, bytes: u64, wanted: &Wanted) -> Result<Seen, ReadError> {
        let request = Request::new(wanted, bytes);
        let (content, mut look) = match self.ask(file, self.options.allowance(bytes), &request) {
            Ok(answer) => answer?,
            Err(CallError::Jail(error)) => return Err(error.into()),
            Err(CallError::Died(death)) => {
                let request = Request { recognise_only: true, ..request };
                let content = match self.ask(file, RECOGNISING, &request) {
                    Ok(answer) => answer?.0,
                    Err(CallError::Jail(error)) => return Err(error.into()),
                    Err(CallError::Died(_)) => Content::of(b""), // nobody could say
                };
                return Ok((content, Look::gap(Gap::Killed(killed(death)))));
            }
        };
        if let Some(Gap::NoDecoder(name)) = look.gap
            && heif::decodes(name)
        {
            let exactly = Wanted { fidelity: Fidelity::Reference, ..wanted.clone() };
            (&*file).rewind()?;
            self.convert(file, bytes, name, &exactly, &mut look)?;
        }
        let is_video = content.kind == Kind::Video;
        let is_long = look.gap == Some(Gap::MoreFrames) && video::decodes_animation(content.name);
        if is_video || is_long {
            self.frames(file, bytes, content, wanted, &mut look)?;
        }
        Ok((content, look))
    }

    /// Asks a worker for more than one answer can hold, of a file of so many bytes that it reads from its start.
    pub(super) fn pieces(
        &self,
        mut file: &File,
        bytes: u64,
        request: &[u8],
    ) -> Result<Pieces<'_>, CallError> {
        file.rewind().map_err(JailError::Memory)?;
        self.jail.pieces(file.as_fd(), request, self.options.allowance(bytes))
    }

    /// The same of a stream that is read from where it stands; of the time that it takes, what `excused` tells does not
    /// count.
    pub(super) fn pieces_of_stream(
        &self,
        stream: BorrowedFd<'_>,
        request: &[u8],
        excused: Excuse,
    ) -> Result<Pieces<'_>, CallError> {
        self.jail.pieces_of_stream(stream, request, self.options.allowance(0), excused)
    }

    /// One question to a worker about `file`, of which it is answered what a part of it was recognised as.
    pub(super) fn recognise(&self, mut file: &File, bytes: u64, request: &[u8]) -> Result<Seen, CallError> {
        file.rewind().map_err(JailError::Memory)?;
        let checked = |answer: &[u8]| decode_answer(answer)?.ok();
        self.jail.call(file.as_fd(), request, self.options.allowance(bytes), checked)
    }

    /// Others that are confined in the same way, and may be at work for as long as a stream takes.
    ///
    /// # Errors
    /// [`JailError`] if there are none to be had.
    pub(super) fn for_streams(&self) -> Result<Self, JailError> {
        let options = JailOptions { life_seconds: LIFE_OF_A_STREAM, ..self.options.jail() };
        let new = Self { jail: Jail::start(options)?, options: self.options.clone(), pool: None };
        if new.in_force() == self.in_force() {
            return Ok(new);
        }
        let [expected, found] = [self.in_force(), new.in_force()].map(|in_force| Box::new(in_force.clone()));
        Err(JailError::Unequal { expected, found })
    }

    /// One question to a worker, which reads `file` from its start.
    fn ask(
        &self,
        mut file: &File,
        allowance: Duration,
        request: &Request,
    ) -> Result<io::Result<Seen>, CallError> {
        if let Err(error) = file.rewind() {
            return Ok(Err(error));
        }
        let request = serde_json::to_vec(request).unwrap_or_default(); // numbers and short names
        self.jail.call(file.as_fd(), &request, allowance, decode_answer)
    }

    /// Puts into `look` the frames of a video, or of an animation that is too long for forms.
    fn frames(
        &self,
        file: &File,
        bytes: u64,
        content: Content,
        wanted: &Wanted,
        look: &mut Look,
    ) -> Result<(), ReadError> {
        let name = content.name;
        let lack = match &self.options.ffmpeg {
            None => Some(HelperLack::Program),
            Some(_) if !self.in_force().is_complete() => Some(HelperLack::Confinement),
            Some(_) => None,
        };
        let (Some(ffmpeg), None) = (&self.options.ffmpeg, lack) else {
            // Of an animation many frames were compared, and that not all were is what it says already.
            if let (Kind::Video, Some(why)) = (content.kind, lack) {
                look.gap = Some(Gap::NoHelper { name, helper: Helper::Ffmpeg, why });
            }
            return Ok(());
        };
        let Frames { hash, size, gap } = video::hash(ffmpeg, file, bytes, name, wanted, &self.options)?;
        look.video = hash;
        look.size = look.size.or(size);
        if content.kind == Kind::Video || gap.is_none() {
            look.gap = gap;
        }
        Ok(())
    }

    /// Puts into `look` what can be known of a picture that another program turns into one that is decoded here.
    fn convert(
        &self,
        file: &File,
        bytes: u64,
        name: &'static str,
        wanted: &Wanted,
        look: &mut Look,
    ) -> Result<(), ReadError> {
        let lacking = |why| Some(Gap::NoHelper { name, helper: Helper::HeifConvert, why });
        let Some(program) = &self.options.heif_convert else {
            look.gap = lacking(HelperLack::Program);
            return Ok(());
        };
        if !self.in_force().is_complete() {
            look.gap = lacking(HelperLack::Confinement);
            return Ok(());
        }
        let pictures =
            match heif::convert(program, file, name, wanted, &self.options, self.options.allowance(bytes))? {
                Ok(pictures) => pictures,
                Err(gap) => {
                    look.gap = Some(gap);
                    return Ok(());
                }
            };
        let (mut forms, mut classics) = (Vec::new(), Vec::new());
        let mut gap = pictures.gap;
        for (number, picture) in (1..).zip(&pictures.files) {
            let bytes = picture.metadata()?.len();
            let request = Request { upright: true, ..Request::new(wanted, bytes) };
            let found = match self.ask(picture, self.options.allowance(bytes), &request) {
                Ok(found) => found?.1,
                Err(CallError::Jail(error)) => return Err(error.into()),
                Err(CallError::Died(death)) => {
                    gap = Some(Gap::Killed(killed(death)));
                    continue;
                }
            };
            gap = gap.or(heif::renamed(found.gap, name));
            look.size = look.size.or(found.size);
            forms.extend(found.forms.into_iter().filter_map(|HashedForm { form, hash }| {
                Some(HashedForm { form: of_picture(number, form)?, hash })
            }));
            classics.extend(found.classics.into_iter().filter_map(|ClassicHash { form, code }| {
                Some(ClassicHash { form: of_picture(number, form)?, code })
            }));
        }
        look.forms = forms;
        look.classics = classics;
        look.gap = gap;
        Ok(())
    }
}

/// The fingerprint of what has digests and nothing else, by its first bytes: no worker is asked to look at it.
fn known_by_digests(head: &[u8], hashed: Hashed) -> Option<Fingerprint> {
    let content = catch_unwind(|| Content::of(head)).ok()?;
    let has_more = hashed.bytes == 0 || !matches!(content.kind, Kind::Text | Kind::Audio | Kind::Other);
    (!has_more).then(|| Fingerprint::new(content, hashed, Look::default()))
}

/// A file that can be read twice: what cannot, such as a pipe, is copied into memory.
pub(super) fn regular(file: File, most: u64) -> Result<File, ReadError> {
    let about = file.metadata()?;
    if about.is_file() || about.is_dir() {
        return Ok(file);
    }
    let mut copy = memory_file(&[]).map_err(JailError::Memory)?;
    let bytes = io::copy(&mut file.take(most.saturating_add(1)), &mut copy)?;
    if bytes > most {
        return Err(ReadError::Unreadable(format!("it is no regular file, and longer than {most} bytes")));
    }
    Ok(copy)
}

/// What a form of the picture in between is for the item. No peer opens the item itself, so none has a form of its own.
fn of_picture(number: u16, form: Form) -> Option<Form> {
    match (number, form) {
        (_, Form::Compat | Form::Stretch512) => None,
        (1, form) => Some(form),
        (_, Form::Correct) => Some(Form::Frame(number)),
        _ => None,
    }
}

/// Says of what a program of somebody else's decodes that it is not decoded without the jail.
pub(super) fn say_what_needs_the_jail(look: &mut Look) {
    let why = HelperLack::Jail;
    match look.gap {
        Some(Gap::NoDecoder(name)) if heif::decodes(name) => {
            look.gap = Some(Gap::NoHelper { name, helper: Helper::HeifConvert, why });
        }
        Some(Gap::Video(name)) => look.gap = Some(Gap::NoHelper { name, helper: Helper::Ffmpeg, why }),
        _ => {}
    }
}

pub(super) fn killed(death: Death) -> Killed {
    match death {
        Death::Memory => Killed::Memory,
        Death::Time => Killed::Time,
        Death::Crash => Killed::Crash,
    }
}

/// Turns this process into a worker: reads what it is handed, answers with fingerprints.
#[must_use]
pub fn serve_worker(terms: Terms) -> ExitCode {
    // Whatever a library does once, such as asking what the processor can do, is done while that is still allowed.
    let warm_up = || {
        let _ = Fingerprint::read(
            &b"P5\n8 8\n255\n0123456789012345678901234567890123456789012345678901234567890123"[..],
            &Limits::default(),
        );
        borrow_memory_from(ask_for_memory);
    };
    serve(terms, warm_up, |request, input| match serde_json::from_slice::<Request>(request) {
        Ok(request) => encode(&answer(&request, input)),
        // What is neither is answered with nothing, which the parent refuses.
        Err(_) => match serde_json::from_slice::<OpenRequest>(request) {
            Ok(request) => request.answer(input, &mut hand_out),
            Err(_) => Vec::new(),
        },
    })
}

fn answer(request: &Request, mut input: Handed) -> io::Result<Seen> {
    let wanted = request.wanted();
    if request.recognise_only {
        let mut head = Vec::new();
        input.take(Content::HEAD_BYTES as u64).read_to_end(&mut head)?;
        return Ok((Content::of(&head), Look::default()));
    }
    if !request.upright {
        return look_in_process(input, request.most_bytes, &wanted);
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let bytes = heif::upright(bytes);
    let len = bytes.len() as u64;
    look_in_process(Cursor::new(bytes), len, &wanted)
}
