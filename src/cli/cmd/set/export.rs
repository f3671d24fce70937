//! `innerward set export`

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde_json::json;

use super::find;
use super::policy::By;
use crate::cli::global::Global;
use crate::cli::output::{Output, counted, grouped, on_one_line};
use crate::digest::SignalKind;
use crate::hashset::{About, Entry, EntryKey, ExportForm, Exporter, SetInfo, SetName, Sets, Use, Written};
use crate::home::{About as Counts, Did};
use crate::index::{Index, Members, SameBy, Stored};

/// Write the entries of a set into FILE, in a form that others read
///
/// Only `innerward` says all that an entry does and is read again as it was; what another form cannot say is counted.
/// Entries that were withdrawn are not written, unless --status asks for their keys. The set's agreement must allow it
/// (`set show`). FILE holds hashes: it is readable by you alone, and it is for those who may have the list.
#[derive(Args)]
pub(in crate::cli) struct Export {
    /// Name of the set
    name: SetName,

    /// The file to be written, which must not be there yet; `-` is stdout
    file: PathBuf,

    /// innerward, tx, hma, vics, vics:us, vics:uk, hashdeep, plain, misp or stix
    ///
    /// tx and hma have PDQ and MD5 alone; vics, hashdeep, misp and stix need a digest for each entry.
    #[arg(long = "as", value_name = "FORM", default_value = "innerward")]
    form: ExportForm,

    /// Entries that match, those that were withdrawn (keys alone, as innerward), or both
    #[arg(long, value_enum, value_name = "WHICH", default_value = "active")]
    status: Status,

    /// Write hashes of this kind alone; may be given several times, or with commas
    #[arg(long = "algorithm", value_name = "KIND", value_delimiter = ',')]
    kinds: Vec<SignalKind>,

    /// Entries that changed on this day or later: by their list if that says when, else by the day on which they came
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,

    /// Write the entries of this set too, but for those that are the same as one of NAME; their ids begin with its name
    #[arg(long = "with", value_name = "SET", value_delimiter = ',')]
    with: Vec<SetName>,

    /// Only entries that are in this set as well
    #[arg(long, value_name = "SET", value_delimiter = ',')]
    also_in: Vec<SetName>,

    /// Only entries that are not in this set
    #[arg(long, value_name = "SET", value_delimiter = ',')]
    not_in: Vec<SetName>,

    /// What makes entries of two sets the same: an equal id, or any equal hash
    #[arg(long, value_enum, value_name = "WHAT", default_value = "hash")]
    same_by: Same,

    #[command(flatten)]
    by: By,
}

/// Which entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    /// Those that match
    Active,
    /// Those that were withdrawn
    Withdrawn,
    /// Both
    All,
}

/// What makes entries the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Same {
    /// An equal id
    Id,
    /// At least one equal hash
    Hash,
}

impl From<Same> for SameBy {
    fn from(same: Same) -> Self {
        match same {
            Same::Id => Self::Id,
            Same::Hash => Self::Hash,
        }
    }
}

impl Export {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let clock = global.clock(&home)?;
        let (now, set) = (clock.now(), self.allowed(&home, clock.today())?);
        if self.status != Status::Active && !self.form.says_withdrawals() {
            bail!(
                "{} cannot say that an entry is withdrawn; use --as innerward, or --status active",
                self.form
            );
        }
        let index = Index::open(&home.index_dir())?;
        let members = self.chosen(&index)?;
        let withdrawn = if self.status == Status::Active {
            Vec::new()
        } else {
            Sets::open(&home)?.withdrawn_since(&self.name, Some(set.revision), self.since)?
        };
        let about =
            About { name: set.name, revision: set.revision, issued: now, kinds: self.kinds_of(&index)? };
        let is_stdout = self.file.as_os_str() == "-";
        let doing = self.by.doing(Did::SetExport, &self.name).with("form", self.form);
        let written = doing.telling(global, &home, || {
            let write = |to: &mut dyn Write| self.write(&index, &members, &withdrawn, &about, to);
            let written = if is_stdout { write(out.product())? } else { whole_file(&self.file, write)? };
            let counts = Counts::from([("entries", written.entries.to_string())]);
            Ok((written, counts))
        })?;
        if is_stdout { Ok(()) } else { self.print(&written, out) }
    }

    /// The set, once all that are named are there and may be used so.
    fn allowed(&self, home: &crate::home::Home, today: Date) -> anyhow::Result<SetInfo> {
        let set = find(home, &self.name)?;
        set.allows(Use::Export, today)?;
        for name in &self.with {
            find(home, name)?.allows(Use::Export, today)?;
        }
        for name in self.also_in.iter().chain(&self.not_in) {
            find(home, name)?.allows(Use::Match, today)?;
        }
        Ok(set)
    }

    fn chosen(&self, index: &Index) -> anyhow::Result<Members> {
        let by = self.same_by.into();
        let mut chosen = index.members(self.name.as_str());
        for name in &self.with {
            let mut more = index.members(name.as_str());
            more -= &index.also_in(&more, &chosen, by)?;
            chosen |= &more;
        }
        for name in &self.also_in {
            chosen = index.also_in(&chosen, &index.members(name.as_str()), by)?;
        }
        for name in &self.not_in {
            chosen -= &index.also_in(&chosen, &index.members(name.as_str()), by)?;
        }
        Ok(chosen)
    }

    /// The kinds that are there and asked for.
    fn kinds_of(&self, index: &Index) -> anyhow::Result<Vec<SignalKind>> {
        let sets = std::iter::once(&self.name).chain(&self.with);
        let there: std::collections::BTreeSet<_> = sets.flat_map(|name| index.kinds(name.as_str())).collect();
        if let Some(missing) = self.kinds.iter().find(|kind| !there.contains(kind)) {
            bail!("{} has no hashes of the kind {missing}", self.name);
        }
        Ok(there.into_iter().filter(|kind| self.kinds.is_empty() || self.kinds.contains(kind)).collect())
    }

    fn write(
        &self,
        index: &Index,
        members: &Members,
        withdrawn: &[EntryKey],
        about: &About,
        out: &mut dyn Write,
    ) -> anyhow::Result<Written> {
        let mut list = Exporter::new(self.form, out, about)?;
        if self.status != Status::Withdrawn {
            index.each_of(members, |stored| {
                if self.since.is_none_or(|since| stored.is_since(since)) {
                    list.entry(&self.renamed(stored)?)?;
                }
                anyhow::Ok(())
            })?;
        }
        for key in withdrawn {
            list.withdrawn(key)?;
        }
        Ok(list.finish()?)
    }

    /// The entry, under a key that says which of several sets it is from: two lists may have the same id for two items.
    fn renamed(&self, stored: Stored<'_>) -> anyhow::Result<Entry> {
        let mut entry = stored.entry;
        if stored.set != self.name.as_str() && EntryKey::derived(&entry.hashes) != entry.key {
            entry.key = EntryKey::new(format!("{}:{}", stored.set, entry.key))?;
        }
        Ok(entry)
    }

    fn print(&self, written: &Written, out: &mut Output) -> anyhow::Result<()> {
        let Written { entries, withdrawn, left_out, in_part, labels_in_part } = *written;
        out.json(
            "summary",
            &json!({
                "set": self.name,
                "form": self.form.to_string(),
                "entries": entries,
                "withdrawn": withdrawn,
                "left_out": left_out,
                "in_part": in_part,
                "labels_in_part": labels_in_part,
            }),
        )?;
        let file = on_one_line(self.file.display());
        out.text(format_args!(
            "{file}: {} of {}, as {}",
            counted(entries, "entry", "entries"),
            self.name,
            self.form
        ))?;
        for (number, what) in [
            (withdrawn, "withdrawals"),
            (left_out, "entries left out: this form, or --algorithm, has nothing of them"),
            (in_part, "entries of which some of the hashes are not in it"),
            (labels_in_part, "entries without some of their facets or categories"),
        ] {
            if number > 0 {
                out.text(format_args!("  {:>9}   {what}", grouped(number)))?;
            }
        }
        Ok(())
    }
}

/// Has `write` write the file at `path`, which nobody sees before it is whole.
fn whole_file<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let shown = || on_one_line(path.display());
    let is_free = || {
        ensure!(!path.exists(), "it is there already; remove it, or name another file");
        anyhow::Ok(())
    };
    let whole = || -> anyhow::Result<T> {
        is_free()?;
        let partial = Partial::beside(path)?;
        let mut out = BufWriter::new(&partial.file);
        let written = write(&mut out)?;
        out.flush()?;
        drop(out);
        partial.file.sync_all()?;
        is_free()?; // another export to the same file may have ended first
        fs::rename(&partial.path, path)?;
        Ok(written)
    };
    whole().with_context(shown)
}

/// A file that is being written, under a name of its own beside the one that it is to have: `FILE.XXXXXXXX.partial`.
///
/// Whoever writes it holds a lock on it. So what an export left that was killed can be told from what another one is
/// writing.
struct Partial {
    path: PathBuf,
    file: File,
}

impl Partial {
    const END: &str = ".partial";
    const DIGITS: usize = 8;

    fn beside(path: &Path) -> io::Result<Self> {
        Self::clear(path);
        loop {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{:08x}{}", rand::random::<u32>(), Self::END));
            let path = PathBuf::from(name);
            // Never what lies there already: that may be anybody's to read, or lead elsewhere.
            let file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            // Another export may take it for left behind, in the moment before it is locked. Where files cannot be locked,
            // none does.
            let is_taken = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
            if !is_taken && fs::symlink_metadata(&path).is_ok_and(|there| is_same(&there, &file)) {
                return Ok(Self { path, file });
            }
        }
    }

    /// Removes what exports to `path` left that were killed. What cannot be removed is in nobody's way.
    fn clear(path: &Path) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Some(name) = path.file_name() else { return };
        for left in fs::read_dir(folder).into_iter().flatten().flatten() {
            let found = left.file_name();
            let middle = found.as_encoded_bytes().strip_prefix(name.as_encoded_bytes());
            let middle = middle.and_then(|rest| rest.strip_suffix(Self::END.as_bytes()));
            let digits = middle.and_then(|middle| middle.strip_prefix(b".")).unwrap_or_default();
            let is_ours = digits.len() == Self::DIGITS && digits.iter().all(u8::is_ascii_hexdigit);
            if is_ours
                && left.file_type().is_ok_and(|kind| kind.is_file())
                && let Ok(file) = File::open(left.path())
                && file.try_lock().is_ok()
            {
                let _ = fs::remove_file(left.path());
            }
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Once it has its name, another may have this one.
        if fs::symlink_metadata(&self.path).is_ok_and(|there| is_same(&there, &self.file)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn is_same(there: &Metadata, file: &File) -> bool {
    file.metadata().is_ok_and(|about| (about.dev(), about.ino()) == (there.dev(), there.ino()))
}
