//! Who did what: an append-only chain of deeds, without content. `docs/audit.md` has the format.

mod did;
mod read;
mod record;

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rand::TryRng;
use rand::rngs::SysRng;

use super::{Home, HomeError, Locked, sync_dir, write_atomic};
pub use did::{About, Did, Stage};
pub use read::{AuditCheck, AuditLine, AuditLines, KeptHead};
pub use record::{AuditFault, AuditHead, AuditHeadError, AuditRecord};
use record::{MAX_LINE, NOTHING_BEFORE, Sealed};

/// Something that was done to a set, a decision, a release, a token or the home.
#[derive(Debug, Clone)]
pub struct Deed<'a> {
    /// When.
    pub at: Timestamp,
    /// Who: the name of a token, or what `--by` says, or the user of the system.
    pub by: &'a str,
    /// By which way: `cli`, `api`, `hma`, `console`.
    pub via: &'a str,
    /// What.
    pub did: Did,
    /// How far it has come.
    pub stage: Stage,
    /// To what: the name of a set, a release or a token. Never an entry, a hash or a file.
    pub subject: &'a str,
    /// What else there is to know, as counts and codes: `entries` → `12`.
    pub about: BTreeMap<&'a str, String>,
}

/// Most bytes of who does it: room for the 500 characters of a note on an import.
const LONGEST_BY: usize = 2000;
/// Most bytes of what it is done to, and of a further thing.
const LONGEST_NAME: usize = 256;
/// Most bytes of a word: which way, what, and what a further thing is called.
const LONGEST_WORD: usize = 64;
/// Most further things, with how far it has come.
const MOST_ABOUT: usize = 16;
/// What it is called how far a deed has come.
const STAGE: &str = "stage";
/// How long one waits for others who put something on record, which takes each of them a moment.
const PATIENCE: Duration = Duration::from_secs(10);

impl Deed<'_> {
    /// Refuses what would not stand on one short line.
    fn check(&self) -> Result<(), HomeError> {
        let refused = |what, cause| Err(HomeError::Deed { what, cause });
        for (what, word) in
            [("via", self.via)].into_iter().chain(self.about.keys().map(|key| ("about", *key)))
        {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            if !(1..=LONGEST_WORD).contains(&word.len()) || !word.bytes().all(is_word) {
                return refused(what, "is a word of 1 to 64 of A-Z a-z 0-9 . _ -");
            }
        }
        if self.by.len() > LONGEST_BY || self.by.chars().any(char::is_control) {
            return refused("by", "has at most 2,000 bytes and no control characters");
        }
        let names = [("subject", self.subject)];
        for (what, name) in names.into_iter().chain(self.about.values().map(|value| ("about", &**value))) {
            if name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
                return refused(what, "has at most 256 bytes and no control characters");
            }
        }
        match self.about.len() {
            ..MOST_ABOUT => Ok(()),
            _ => refused("about", "says at most 15 things beside how far it has come"),
        }
    }
}

impl Home {
    /// Appends a deed to the audit of this home, `audit.jsonl`, and returns once it is on the disk.
    ///
    /// A last line that a killed process left unfinished is moved to the folder `audit.torn`, and the next line says so.
    ///
    /// # Errors
    /// [`HomeError::Deed`] if it is too long or has control characters, [`HomeError::Audit`] if the last line is none, and
    /// [`HomeError::Io`] if it cannot be written: what is not on record must not be done.
    pub fn audit(&self, deed: &Deed<'_>) -> Result<(), HomeError> {
        deed.check()?;
        let _lock = self.lock_audit()?;
        let path = self.audit_path();
        let io = || HomeError::io(&path);
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(io())?;
        let end = End::of(&file, &path)?;
        let next = end.last.as_ref().map_or(1, |last| last.number + 1);
        // What is kept aside goes under the number of the line that will tell of it, the first but one in a new file.
        let telling = next.max(2);
        if !end.torn.is_empty() {
            self.keep_torn(telling, &end.torn)?;
            file.set_len(end.whole).and_then(|()| file.sync_all()).map_err(io())?;
        }
        let mut chain = Chain { text: String::new(), last: end.last };
        if end.last.is_none() {
            chain.begin(deed.at);
        }
        if let Some((pieces, bytes)) = self.untold(telling)? {
            let about = BTreeMap::from([("bytes", bytes.to_string()), ("pieces", pieces.to_string())]);
            chain.push(&of_itself(Did::AuditTorn, deed.at, about));
        }
        chain.push(deed);
        file.write_all_at(chain.text.as_bytes(), end.whole).and_then(|()| file.sync_data()).map_err(io())?;
        match end.whole {
            0 => sync_dir(&self.root),
            _ => Ok(()),
        }
    }

    pub(super) fn audit_path(&self) -> PathBuf {
        self.root.join("audit.jsonl")
    }

    fn lock_audit(&self) -> Result<Locked, HomeError> {
        self.lock_file("audit.lock", PATIENCE)
    }

    fn torn_dir(&self) -> PathBuf {
        self.root.join("audit.torn")
    }

    /// Keeps the beginning of a line aside. Kept again after a kill in between, it is the same file.
    fn keep_torn(&self, telling: u64, torn: &[u8]) -> Result<(), HomeError> {
        let dir = self.torn_dir();
        DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(HomeError::io(&dir))?;
        let name = format!("{telling}-{}", &blake3::hash(torn).to_hex()[..16]);
        write_atomic(&dir.join(name), torn, 0o600)?;
        sync_dir(&self.root)
    }

    /// How many pieces were kept aside of which no line tells yet, and their bytes.
    fn untold(&self, telling: u64) -> Result<Option<(u64, u64)>, HomeError> {
        let dir = self.torn_dir();
        let files = match fs::read_dir(&dir) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(HomeError::Io { path: dir, source }),
        };
        let prefix = format!("{telling}-");
        let mut found = None;
        for file in files {
            let file = file.map_err(HomeError::io(&dir))?;
            if file.file_name().to_string_lossy().starts_with(&prefix) {
                let (pieces, bytes) = found.unwrap_or((0, 0));
                found = Some((pieces + 1, bytes + file.metadata().map_err(HomeError::io(&dir))?.len()));
            }
        }
        Ok(found)
    }
}

/// The end of the file: its last whole line, and what follows it.
struct End {
    last: Option<AuditHead>,
    /// Where the last whole line ends.
    whole: u64,
    torn: Vec<u8>,
}

impl End {
    fn of(file: &File, path: &Path) -> Result<Self, HomeError> {
        let io = || HomeError::io(path);
        let damaged = |cause: &str| HomeError::Audit { path: path.into(), cause: cause.to_owned() };
        let len = file.metadata().map_err(io())?.len();
        let from = len.saturating_sub(2 * MAX_LINE as u64);
        let mut tail = vec![0; usize::try_from(len - from).unwrap_or_default()]; // at most two lines
        file.read_exact_at(&mut tail, from).map_err(io())?;
        let ends = |bytes: &[u8]| bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let whole = ends(&tail);
        let torn = tail.split_off(whole);
        if torn.len() > MAX_LINE {
            return Err(damaged("it ends with what no innerward wrote"));
        }
        let Some((_, lines)) = tail.split_last() else { return Ok(Self { last: None, whole: from, torn }) };
        let last = AuditRecord::parse(&lines[ends(lines)..]);
        let last = last.map_err(|fault| damaged(&format!("its last line {fault}")))?;
        Ok(Self { last: Some(last.head()), whole: from + whole as u64, torn })
    }
}

/// Lines to be appended, each with the one before.
struct Chain {
    text: String,
    last: Option<AuditHead>,
}

impl Chain {
    /// The first line, which tells this audit from that of every other home.
    fn begin(&mut self, at: Timestamp) {
        let mut id = [0; 16];
        // Without randomness nothing here is safe to do.
        SysRng.try_fill_bytes(&mut id).expect("the operating system gives random bytes");
        let about = BTreeMap::from([("home", hex::encode(id)), ("layout", "1".into())]);
        self.push(&of_itself(Did::AuditBegin, at, about));
    }

    fn push(&mut self, deed: &Deed<'_>) {
        let before = self.last.as_ref().map_or(NOTHING_BEFORE, |last| last.hash);
        let number = self.last.as_ref().map_or(1, |last| last.number + 1);
        let mut about: BTreeMap<&str, &str> =
            deed.about.iter().map(|(key, value)| (*key, &**value)).collect();
        about.insert(STAGE, deed.stage.as_str());
        let Deed { by, via, did, subject, .. } = *deed;
        let Sealed { line, hash } =
            Sealed::of(number, deed.at, by, via, did.as_str(), subject, &about, before);
        self.text.push_str(&line);
        self.text.push('\n');
        self.last = Some(AuditHead { number, hash });
    }
}

/// What the record does itself.
fn of_itself(did: Did, at: Timestamp, about: BTreeMap<&str, String>) -> Deed<'_> {
    Deed { at, by: "innerward", via: "home", did, stage: Stage::Done, subject: "", about }
}

/// Of a file that is not there, nothing.
fn opened(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
