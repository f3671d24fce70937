//! The languages that a command has: those that come along, and those of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::file::{LanguageError, MOST_FILES};
use super::locale::{Locale, Opened};

/// The languages that come along, with what files add to them, and the languages of files.
///
/// # Examples
/// ```
/// # use innerward::language::Locales;
/// let all = Locales::load(None, &[])?;
/// assert_eq!(all.iter().next().map(|locale| locale.tag()), Some("en"));
/// assert_eq!(all.find("fr").map(|locale| locale.number(12_345)), Some("12\u{202f}345".into()));
/// # Ok::<(), innerward::language::LanguageError>(())
/// ```
#[derive(Debug)]
pub struct Locales {
    /// Languages that files change or add.
    own: BTreeMap<String, Locale>,
}

impl Locales {
    /// Reads every `*.ftl` of `folder`, if it is there, and then `files`. Of several files of a language, what comes later wins.
    ///
    /// # Errors
    /// If a file cannot be read, or something in it is wrong: the error names the line and the cure.
    pub fn load(folder: Option<&Path>, files: &[PathBuf]) -> Result<Self, LanguageError> {
        let mut opened: BTreeMap<String, Vec<Opened>> = BTreeMap::new();
        let in_folder = folder.map(Self::files).transpose()?.unwrap_or_default();
        for path in in_folder.iter().chain(files) {
            let file = Opened::read(path)?;
            opened.entry(file.tag.to_string()).or_default().push(file);
        }
        let own = opened.into_iter().map(|(tag, files)| (tag, Locale::of_files(files))).collect();
        Ok(Self { own })
    }

    /// Every language: those that come along first, English at their head; the others by tag.
    pub fn iter(&self) -> impl Iterator<Item = &Locale> {
        let built_in = Locale::built_in();
        let is_new = |tag: &str| !built_in.iter().any(|locale| locale.tag() == tag);
        let changed = built_in.iter().map(|locale| self.own.get(locale.tag()).unwrap_or(locale));
        changed.chain(self.own.values().filter(move |locale| is_new(locale.tag())))
    }

    /// The files of languages in a folder, by name; none if there is no folder.
    ///
    /// # Errors
    /// If the folder cannot be read, or has too many of them.
    pub fn files(folder: &Path) -> Result<Vec<PathBuf>, LanguageError> {
        let io = |source| LanguageError::Io { path: folder.into(), source };
        let mut paths = Vec::new();
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(paths),
            entries => entries.map_err(io)?,
        };
        for entry in entries {
            let path = entry.map_err(io)?.path();
            if path.extension().is_some_and(|end| end == "ftl") {
                paths.push(path);
            }
            if paths.len() > MOST_FILES {
                return Err(LanguageError::TooMany { path: folder.into() });
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// The language with this tag.
    #[must_use]
    pub fn find(&self, tag: &str) -> Option<&Locale> {
        self.iter().find(|locale| locale.tag() == tag)
    }
}
