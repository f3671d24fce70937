//! What is asked of a list before it becomes a set: is it its publisher's, is it new, is it whole?

use std::io::{self, Read, Seek};

use super::IndexError;
use super::compare::Changes;
use super::format::FORMAT_VERSION;
use super::import::{Gathered, Import, Order};
use super::import_error::ImportError;
use crate::digest::Blake3;
use crate::hashset::{
    ListKey, ListSignature, Made, READERS_VERSION, ReadOptions, ReadReport, SetError, SetInfo, SetName,
    SetUpdate, Verification, read_items,
};
use crate::home::{About, Home, WriteLock};

/// How a list is brought into a set.
#[derive(Debug, Clone)]
pub struct ImportOptions<'a> {
    /// How it is read.
    pub read: ReadOptions,
    /// What is said about the set.
    pub update: SetUpdate,
    /// The list is added to what the set holds, and does not replace it.
    pub add: bool,
    /// When, and by whom.
    pub made: Made<'a>,
    /// The signature of the list.
    pub signature: Option<ListSignature>,
    /// The key that it must have been made with; `None` for the set's.
    pub key: Option<ListKey>,
    /// Percent of the entries which match that may go without [`ImportOptions::agreed`].
    pub max_drop: u8,
    /// A person agreed to what is refused otherwise: that more goes, that a set gets another key, and that one of which
    /// nobody knows whether it had a key gets none.
    pub agreed: bool,
    /// A list that the set holds already is imported all the same.
    pub anew: bool,
}

impl<'a> ImportOptions<'a> {
    /// Percent of the entries which match that may go unless somebody says otherwise.
    pub const MAX_DROP: u8 = 10;

    /// A list that replaces what the set holds, unsigned.
    #[must_use]
    pub fn new(read: ReadOptions, update: SetUpdate, made: Made<'a>) -> Self {
        Self {
            read,
            update,
            add: false,
            made,
            signature: None,
            key: None,
            max_drop: Self::MAX_DROP,
            agreed: false,
            anew: false,
        }
    }

    /// What becomes of what the set holds: `add` or `replace`, for the record of who did what.
    #[must_use]
    pub const fn mode(&self) -> &'static str {
        if self.add { "add" } else { "replace" }
    }

    /// What decides what a file says: the same file read in the same way, by the same readers, says the same.
    pub(super) fn read_as(&self) -> String {
        let ReadOptions { form, kind_in_name, encoding, strict, ref map, ref profiles, .. } = self.read;
        fn digest(of: &impl std::fmt::Debug) -> String {
            blake3::hash(format!("{of:?}").as_bytes()).to_hex().to_string()
        }
        let map = map.as_deref().map(digest);
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        format!(
            "form {}, kind {}, map {}, stop {}, profiles {}, encoding {}, strict {strict}, version {}, readers \
             {READERS_VERSION}, index {FORMAT_VERSION}",
            or_none(form.map(|form| form.to_string())),
            or_none(kind_in_name.map(|kind| kind.to_string())),
            or_none(map),
            self.read.stop_list().fingerprint().to_hex(),
            or_none((!profiles.rows().is_empty()).then(|| digest(&**profiles))),
            or_none(encoding.map(|encoding| encoding.to_string())),
            env!("CARGO_PKG_VERSION"),
        )
    }
}

/// What came of a list.
#[derive(Debug, Clone)]
pub enum Brought {
    /// It was imported.
    Imported(Box<Imported>),
    /// The set held it already, and was left as it is.
    Unchanged(Box<SetInfo>),
}

impl Brought {
    /// What the record of who did what says of it: counts.
    #[must_use]
    pub fn in_counts(&self) -> About {
        let Self::Imported(imported) = self else { return [("unchanged", "true".to_owned())].into() };
        let report = &imported.report;
        let mut about: About = [
            ("revision", imported.set.revision),
            ("entries", report.entries),
            ("bad_lines", report.bad_total),
            ("withdrawals", report.withdrawals),
        ]
        .map(|(what, number)| (what, number.to_string()))
        .into();
        if let Some(changes) = &imported.changes {
            about.insert("new", changes.new.to_string());
            about.insert("gone", changes.gone().to_string());
        }
        about
    }
}

/// A finished import.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The set as it is now.
    pub set: SetInfo,
    /// What was read, line by line.
    pub report: ReadReport,
    /// Entries of the list that were withdrawn earlier and stay so.
    pub withdrawn: u64,
    /// Entries of an added list that say what the set said already, and were not added.
    pub present: u64,
    /// What came and went; `None` if that was not compared.
    pub changes: Option<Changes>,
}

/// What an import would do.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// What was read, line by line.
    pub report: ReadReport,
    /// Entries of the list that were withdrawn earlier and would stay so.
    pub withdrawn: u64,
    /// Entries of a list to be added that say what the set says already.
    pub present: u64,
    /// What would come and go.
    pub changes: Changes,
    /// True if the set holds the list already, so that an import would do nothing.
    pub unchanged: bool,
    /// True if an import would be refused unless a person agrees, since so much would go.
    pub needs_consent: bool,
}

/// Brings the list in `input` into set `name`: instead of what that holds, or beside it. Withdrawn keys stay withdrawn.
///
/// Reads the list twice: first to see whether it is its publisher's, and whether the set holds it already, then for what
/// it says. The manifest is replaced last: until then readers see the old set, and a failure, or the end of the process
/// at any moment, leaves it in place, with what the list takes back.
///
/// # Errors
/// [`ImportError`]; nothing has changed then.
pub fn bring<R: Read + Seek>(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    input: &mut R,
    options: &ImportOptions<'_>,
) -> Result<Brought, ImportError> {
    let mut import = Import::begin(home, lock, name)?;
    import.settle()?;
    let (blake3, signed_by) = import.look_at(input, options)?;
    if !options.anew && import.holds(&blake3, options, signed_by)? {
        return Ok(Brought::Unchanged(Box::new(import.current()?)));
    }
    let order =
        Order { file: Some(blake3), signed_by, max_drop: Some(options.max_drop), ..Order::of(options) };
    let imported = import.finish(|sink| read_items(input, &options.read, sink), &order)?;
    Ok(Brought::Imported(Box::new(imported)))
}

/// The key with which the lists of set `name` must be signed, if they must be.
///
/// # Errors
/// [`ImportError`]: the home's manifest or database cannot be read.
pub fn list_key(home: &Home, lock: &WriteLock, name: &SetName) -> Result<Option<ListKey>, ImportError> {
    Import::begin(home, lock, name)?.pinned()
}

/// What [`bring`] would do; writes nothing.
///
/// # Errors
/// [`ImportError`], as [`bring`], but for what a person could agree to.
pub fn rehearse<R: Read + Seek>(
    home: &Home,
    lock: &WriteLock,
    name: &SetName,
    input: &mut R,
    options: &ImportOptions<'_>,
) -> Result<Rehearsal, ImportError> {
    let import = Import::begin(home, lock, name)?;
    let (blake3, signed_by) = import.look_at(input, options)?;
    let unchanged = !options.anew && import.holds(&blake3, options, signed_by)?;
    let order = Order { file: Some(blake3), ..Order::of(options) };
    let gathered = import.gather(|sink| read_items(input, &options.read, sink), &order, true)?;
    let Gathered { report, intake, changes } = gathered;
    let (base, on) = ((import.base_for(options.add)?, options.add), options.made.on());
    import.sets.check(name, base, &options.update, &report, on)?;
    let changes = changes?;
    let needs_consent = import.base.is_some() && drops_more_than(options.max_drop, &changes);
    let withdrawn = intake.segments.passed_withdrawn;
    Ok(Rehearsal { report, withdrawn, present: intake.present, changes, unchanged, needs_consent })
}

pub(super) fn drops_more_than(max_percent: u8, changes: &Changes) -> bool {
    u128::from(changes.dropped()) * 100 > u128::from(changes.before) * u128::from(max_percent)
}

impl Import<'_> {
    /// Takes up what a process that was ended in the midst of it left behind.
    pub(super) fn settle(&mut self) -> Result<(), ImportError> {
        self.sets.settle(&self.live)?;
        for withdrawal in self.sets.open_withdrawals()? {
            if self.live.iter().any(|live| live.0 == withdrawal.set) {
                match self.writer.withdraw(withdrawal.set.as_str(), &withdrawal.keys) {
                    // A set that is damaged stays so, until it is imported again, without what is withdrawn: whoever
                    // writes to another one, or replaces it, must not be kept from that.
                    Err(IndexError::File { .. } | IndexError::Missing { .. }) => continue,
                    done => done?,
                };
            }
            self.sets.withdrawal_is_done(&withdrawal)?;
        }
        Ok(())
    }

    /// The set as it is.
    pub(super) fn current(&self) -> Result<SetInfo, ImportError> {
        let revision = self.base.ok_or_else(|| IndexError::NoSuchSet { name: self.name.as_str().into() })?;
        Ok(self.sets.at_revisions(&[(self.name.clone(), revision)])?.swap_remove(0))
    }

    /// The revision whose policy holds on. Where the database does not know that of the manifest, a list that replaces
    /// the set mends it, under what was known of it last; to add to what nobody can describe is refused.
    pub(super) fn base_for(&self, adds: bool) -> Result<Option<u64>, SetError> {
        match self.base {
            Some(revision) if adds && self.known != self.base => {
                Err(SetError::NoRevision { name: self.name.clone(), revision })
            }
            _ => Ok(self.known),
        }
    }

    /// The key that lists of the set are signed with, as far as is known.
    fn pinned(&self) -> Result<Option<ListKey>, ImportError> {
        let set = match self.known {
            Some(revision) => self.sets.get(self.name, revision)?,
            None => None,
        };
        Ok(set.and_then(|set| set.list_key))
    }

    /// The key that the list must be signed with, if it must be.
    pub(super) fn key_for(&self, options: &ImportOptions<'_>) -> Result<Option<ListKey>, ImportError> {
        let set = || self.name.clone();
        let pinned = self.pinned()?;
        // Whether the set had a key, only the database knew. To add to such a set is refused anyway.
        let unknown = self.known < self.base && pinned.is_none();
        if unknown && options.key.is_none() && !options.agreed && !options.add {
            return Err(ImportError::KeyUnknown { set: set() });
        }
        match (pinned, options.key) {
            (Some(key), Some(given)) if key != given && !options.agreed => {
                Err(ImportError::OtherKey { set: set(), key: key.short(), given: given.short() })
            }
            (pinned, given) => match given.or(pinned) {
                Some(key) if options.signature.is_none() => {
                    Err(ImportError::Unsigned { set: set(), key: key.short() })
                }
                None if options.signature.is_some() => Err(ImportError::NoKey),
                key => Ok(key),
            },
        }
    }

    /// Reads the list once: is it signed as it must be, and what is its digest? It is at its beginning again then.
    fn look_at<R: Read + Seek>(
        &self,
        input: &mut R,
        options: &ImportOptions<'_>,
    ) -> Result<(Blake3, Option<ListKey>), ImportError> {
        let key = self.key_for(options)?;
        let mut verification = match (key, &options.signature) {
            (Some(key), Some(signature)) => Some(Verification::new(key, signature)?),
            _ => None,
        };
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 1 << 18];
        loop {
            match input.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    hasher.update(&buffer[..read]);
                    if let Some(verification) = &mut verification {
                        verification.update(&buffer[..read]);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ImportError::Read(error)),
            }
        }
        verification.map_or(Ok(()), Verification::finish)?;
        input.rewind().map_err(ImportError::Read)?;
        Ok((Blake3::from_bytes(*hasher.finalize().as_bytes()), key))
    }

    /// True if an import of the file would leave all as it is: the set's content is that of the file, or begins with it and
    /// it is to be added, it was read in the same way, and nothing new is said about the set.
    fn holds(
        &self,
        file: &Blake3,
        options: &ImportOptions<'_>,
        signed_by: Option<ListKey>,
    ) -> Result<bool, ImportError> {
        let Some(base) = self.base.filter(|_| self.known == self.base) else { return Ok(false) };
        let Some(last) = self.sets.content(self.name, base)? else { return Ok(false) };
        // What was added last is there, and to add it again changes nothing; but it is not all that is there.
        Ok((last.added == Some(false) || options.add && last.added == Some(true))
            && last.file_blake3 == *file
            && last.was_read_as(&options.read_as())
            && self.sets.would_keep(self.name, base, &options.update, signed_by)?)
    }
}
