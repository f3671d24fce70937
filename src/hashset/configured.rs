//! What a home says of how lists are read: its stop list, and the profiles that members of closed schemes loaded.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ReadOptions, StopList, StopListError};
use crate::home::{Home, HomeError};
use crate::vocabulary::{Profiles, read_profile};

/// Why a home does not say how lists are read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfiguredError {
    /// Its configuration cannot be read.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Its stop list cannot be read.
    #[error("stop_list {}: {fault}", path.display())]
    StopList {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: StopListError,
    },
    /// A profile cannot be read.
    #[error("a profile that was loaded is damaged; `vocabulary load --remove {name}` forgets it: {faults}")]
    Profile {
        /// Its name.
        name: String,
        /// What is wrong with it.
        faults: String,
    },
}

/// Most bytes of a profile.
const MOST_PROFILE: u64 = 64 << 20;

impl ReadOptions {
    /// Lists are read as `home` says, and in all else as by default.
    ///
    /// # Errors
    /// [`ConfiguredError`].
    pub fn of_home(home: &Home) -> Result<Self, ConfiguredError> {
        let (stop, profiles) = (stop_list_of(home)?, Arc::new(profiles_of(home)?));
        Ok(Self { stop, profiles, ..Self::default() })
    }
}

/// The stop list that the configuration names, with the one that is built in; `None` for the latter alone.
///
/// # Errors
/// [`ConfiguredError::Home`], [`ConfiguredError::StopList`].
pub fn stop_list_of(home: &Home) -> Result<Option<Arc<StopList>>, ConfiguredError> {
    let Some(path) = home.config()?.import.stop_list else { return Ok(None) };
    let path = home.root().join(path);
    let read = File::open(&path).map_err(StopListError::from).and_then(StopList::extended);
    match read {
        Ok(list) => Ok(Some(Arc::new(list))),
        Err(fault) => Err(ConfiguredError::StopList { path, fault }),
    }
}

/// Every profile that was loaded into the home.
///
/// # Errors
/// [`ConfiguredError::Home`], [`ConfiguredError::Profile`].
pub fn profiles_of(home: &Home) -> Result<Profiles, ConfiguredError> {
    let mut profiles = Profiles::default();
    for (name, path) in profile_files(home)? {
        let text = text_of(&path).map_err(HomeError::io(&path))?;
        let rows = read_profile(&text).map_err(|faults| {
            let faults: Vec<_> = faults.iter().map(|fault| format!("{}: {fault}", path.display())).collect();
            ConfiguredError::Profile { name, faults: faults.join("\n") }
        })?;
        profiles.add(rows);
    }
    Ok(profiles)
}

/// The profiles that were loaded, by the names of their files: name and file, in order.
///
/// # Errors
/// [`HomeError::Io`] if their folder cannot be read.
pub fn profile_files(home: &Home) -> Result<Vec<(String, PathBuf)>, HomeError> {
    let folder = home.vocabulary_dir();
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(HomeError::io(folder)(error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
    let paths = paths.map_err(HomeError::io(folder))?.into_iter();
    let mut files: Vec<_> = paths.filter_map(|path| Some((name_of_file(&path)?, path))).collect();
    files.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(files)
}

/// The file of the profile called `name`, `UCS/3`. No part of a name begins a file's name, so that none is hidden or leads
/// elsewhere.
#[must_use]
pub fn profile_file(home: &Home, name: &str) -> PathBuf {
    home.vocabulary_dir().join(format!("profile-{}.csv", name.replace('/', "@")))
}

/// What [`profile_file`] made the file of.
fn name_of_file(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    Some(name.strip_prefix("profile-")?.strip_suffix(".csv")?.replace('@', "/"))
}

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MOST_PROFILE).read_to_string(&mut text)?;
    Ok(text)
}
