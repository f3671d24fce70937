//! Fingerprints made in worker processes, and the loop inside such a process.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use super::answer::{Request, decode_answer, encode};
use super::heif;
use super::run::read_in_process;
use crate::digest::{ClassicHash, Fidelity, Fingerprint, HashedForm, Wanted};
use crate::jail::{
    CallError, Death, Handed, InForce, Jail, JailError, JailOptions, Terms, ask_for_memory, memory_file,
    serve,
};
use crate::media::{Form, Gap, HelperLack, Killed, Limits, borrow_memory_from, take_memory};

/// How workers work.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Seconds that an item may take; a large file gets some more, for its digests.
    pub max_seconds: u64,
    /// Address space of a worker in bytes.
    pub max_memory_bytes: u64,
    /// The command that decodes HEIC and AVIF, if there is one.
    pub heif_convert: Option<PathBuf>,
    /// The program that workers are; [`JailOptions::OWN_PROGRAM`] but in tests.
    pub program: PathBuf,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            max_seconds: 30,
            max_memory_bytes: 3 << 30,
            heif_convert: heif::find(),
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
            lend: |bytes| Box::new(take_memory(bytes)),
        }
    }

    /// How long an item of so many bytes may take.
    fn allowance(&self, bytes: u64) -> Duration {
        let reading = Duration::from_millis(bytes / BYTES_A_MILLISECOND).min(MOST_READING);
        Duration::from_secs(self.max_seconds) + reading
    }
}

/// What a slow disk and a busy machine leave of the speed of digests.
const BYTES_A_MILLISECOND: u64 = 20_000;
/// What digests alone get beside that, so that what took too long to decode still has them.
const GRACE: Duration = Duration::from_secs(10);
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
        Ok(Self { jail: Jail::start(options.jail())?, options })
    }

    /// What confines them.
    #[must_use]
    pub fn in_force(&self) -> &InForce {
        self.jail.in_force()
    }

    /// What confines them, as a line of output.
    #[must_use]
    pub fn line(&self) -> JailLine<'_> {
        let workers = rayon::current_num_threads();
        JailLine { workers, in_force: self.in_force(), seconds: self.options.max_seconds }
    }

    /// Reads and hashes one file, which may be a pipe.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn fingerprint(&self, path: &Path, wanted: &Wanted) -> Result<Fingerprint, ReadError> {
        self.fingerprint_file(&regular(File::open(path)?, wanted.limits.max_file_bytes)?, wanted)
    }

    /// Hashes bytes that are in memory already.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn fingerprint_bytes(&self, bytes: &[u8], wanted: &Wanted) -> Result<Fingerprint, ReadError> {
        self.fingerprint_file(&memory_file(bytes).map_err(JailError::Memory)?, wanted)
    }

    /// Reads and hashes an open file from its start, as long as it is now. A worker that dies over it costs the item its
    /// picture hashes, never its digests; those are made by another worker.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn fingerprint_file(&self, file: &File, wanted: &Wanted) -> Result<Fingerprint, ReadError> {
        let bytes = file.metadata()?.len();
        // Files that the kernel makes as they are read say that they are empty.
        let request = Request::new(wanted, if bytes == 0 { u64::MAX } else { bytes });
        let mut fingerprint = match self.ask(file, bytes, &request) {
            Ok(answer) => answer?,
            Err(CallError::Jail(error)) => return Err(error.into()),
            Err(CallError::Died(death)) => {
                let mut fingerprint = match self.ask(file, bytes, &Request { digests_only: true, ..request })
                {
                    Ok(answer) => answer?,
                    Err(CallError::Jail(error)) => return Err(error.into()),
                    Err(CallError::Died(_)) => {
                        return Err(ReadError::Unreadable("reading it takes too long, or fails".into()));
                    }
                };
                fingerprint.gap = Some(Gap::Killed(killed(death)));
                return Ok(fingerprint);
            }
        };
        if let Some(Gap::NoDecoder(name)) = fingerprint.gap
            && heif::decodes(name)
        {
            let exactly = Wanted { fidelity: Fidelity::Reference, ..wanted.clone() };
            (&*file).rewind()?;
            self.convert(file, bytes, name, &exactly, &mut fingerprint)?;
        }
        Ok(fingerprint)
    }

    /// One question to a worker, which reads `file` from its start.
    fn ask(
        &self,
        mut file: &File,
        bytes: u64,
        request: &Request,
    ) -> Result<io::Result<Fingerprint>, CallError> {
        let grace = if request.digests_only { GRACE } else { Duration::ZERO };
        if let Err(error) = file.rewind() {
            return Ok(Err(error));
        }
        let request = serde_json::to_vec(request).unwrap_or_default(); // numbers and short names
        self.jail.call(file.as_fd(), &request, self.options.allowance(bytes) + grace, decode_answer)
    }

    /// Puts into `fingerprint` what can be known of a picture that another program turns into one that is decoded here.
    fn convert(
        &self,
        file: &File,
        bytes: u64,
        name: &'static str,
        wanted: &Wanted,
        fingerprint: &mut Fingerprint,
    ) -> Result<(), ReadError> {
        let lacking = |why| Some(Gap::NoHelper { name, why });
        let Some(program) = &self.options.heif_convert else {
            fingerprint.gap = lacking(HelperLack::Program);
            return Ok(());
        };
        if !self.in_force().is_complete() {
            fingerprint.gap = lacking(HelperLack::Confinement);
            return Ok(());
        }
        let pictures =
            match heif::convert(program, file, name, wanted, &self.options, self.options.allowance(bytes))? {
                Ok(pictures) => pictures,
                Err(gap) => {
                    fingerprint.gap = Some(gap);
                    return Ok(());
                }
            };
        let (mut forms, mut classics) = (Vec::new(), Vec::new());
        let mut gap = pictures.gap;
        for (number, picture) in (1..).zip(&pictures.files) {
            let bytes = picture.metadata()?.len();
            let request = Request { upright: true, ..Request::new(wanted, bytes) };
            let found = match self.ask(picture, bytes, &request) {
                Ok(found) => found?,
                Err(CallError::Jail(error)) => return Err(error.into()),
                Err(CallError::Died(death)) => {
                    gap = Some(Gap::Killed(killed(death)));
                    continue;
                }
            };
            gap = gap.or(heif::renamed(found.gap, name));
            fingerprint.size = fingerprint.size.or(found.size);
            forms.extend(found.forms.into_iter().filter_map(|HashedForm { form, hash }| {
                Some(HashedForm { form: of_picture(number, form)?, hash })
            }));
            classics.extend(found.classics.into_iter().filter_map(|ClassicHash { form, code }| {
                Some(ClassicHash { form: of_picture(number, form)?, code })
            }));
        }
        fingerprint.forms = forms;
        fingerprint.classics = classics;
        fingerprint.gap = gap;
        Ok(())
    }
}

/// A file that can be read twice: what cannot, such as a pipe, is copied into memory.
fn regular(file: File, most: u64) -> Result<File, ReadError> {
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
        Err(_) => Vec::new(), // the parent refuses it
    })
}

fn answer(request: &Request, mut input: Handed) -> io::Result<Fingerprint> {
    let wanted = request.wanted();
    if request.digests_only {
        return Fingerprint::digests_only(input.take(request.most_bytes), |content| {
            Gap::Damaged(content.name)
        });
    }
    if !request.upright {
        return read_in_process(input, request.most_bytes, &wanted);
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    read_in_process(Cursor::new(heif::upright(bytes)), u64::MAX, &wanted)
}
