//! `innerward.toml`: every key optional, unknown keys refused.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::HomeError;

/// A day: more than any item is worth waiting for.
const MOST_SECONDS: u64 = 86_400;

/// What the operator may set. Every key has a default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The name that releases carry as their publisher.
    pub organisation: String,
    /// Where readers of a release may write to.
    pub contact: String,
    /// Why releases are published; every manifest states it.
    pub purpose: String,
    /// The licence of releases, as an SPDX name.
    pub licence: String,
    /// Most pixels of one picture; a larger one is `unchecked`. `None`: the decoder's default.
    pub max_pixels: Option<u64>,
    /// Most bytes of one picture file; a larger one is `unchecked`. `None`: the decoder's default.
    pub max_file_bytes: Option<u64>,
    /// Further forms of pictures to hash and match, by name; see `docs/hashing.md`.
    pub extra_forms: Vec<String>,
    /// Seconds that decoding an item may take in a confined process. `None`: 30.
    pub max_seconds: Option<u64>,
    /// Address space of such a process in bytes. `None`: 3 GiB.
    pub max_memory_bytes: Option<u64>,
    /// The command that decodes HEIC and AVIF. `None`: `heif-convert`, where the search path has it.
    pub heif_convert: Option<PathBuf>,
    /// Read the lists into huge-page memory before they are searched, a copy for each process, in place of mapping their
    /// files. Pays with millions of entries, for a service or a long run.
    pub huge_pages: bool,
    /// Percent of a set's entries that may go with an import without a person's consent. `None`: 10.
    pub max_drop_percent: Option<u8>,
    /// What imports of lists go by.
    pub import: ImportConfig,
}

/// What imports of lists go by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImportConfig {
    /// Hashes that no list may bring in, one `kind:hex` a line; a relative path begins at the home. `None`: those that are
    /// built in alone.
    pub stop_list: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            organisation: "an organisation that has not given its name".into(),
            contact: String::new(),
            purpose: "to show what screening against shared lists finds, for the protection of children"
                .into(),
            licence: "CC-BY-4.0".into(),
            max_pixels: None,
            max_file_bytes: None,
            extra_forms: Vec::new(),
            max_seconds: None,
            max_memory_bytes: None,
            heif_convert: None,
            huge_pages: false,
            max_drop_percent: None,
            import: ImportConfig::default(),
        }
    }
}

impl Config {
    pub(super) fn read(path: &Path) -> Result<Self, HomeError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(HomeError::Io { path: path.into(), source }),
        };
        let refused = |cause: String| HomeError::Config { path: path.into(), cause };
        let config: Self = toml::from_str(&text).map_err(|error| refused(error.to_string()))?;
        match config.max_seconds {
            Some(seconds) if !(1..=MOST_SECONDS).contains(&seconds) => {
                return Err(refused(format!("max_seconds is 1 to {MOST_SECONDS}, not {seconds}")));
            }
            _ => {}
        }
        match config.max_drop_percent {
            Some(percent) if percent > 100 => {
                Err(refused(format!("max_drop_percent is 0 to 100, not {percent}")))
            }
            _ => Ok(config),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_with_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("innerward.toml");
        fs::write(&path, "organisation = \"Demo\"\ncolour = 1\n").unwrap();
        let error = Config::read(&path).unwrap_err().to_string();
        assert!(error.contains("colour") && error.contains("line 2"), "{error}");
        for seconds in ["0", "86401", "9223372036854775000"] {
            fs::write(&path, format!("max_seconds = {seconds}\n")).unwrap();
            assert!(
                Config::read(&path).unwrap_err().to_string().contains("max_seconds is 1 to"),
                "{seconds}"
            );
        }
        fs::write(&path, "organisation = \"Demo\"\n").unwrap();
        assert_eq!(Config::read(&path).unwrap().organisation, "Demo");
    }

    #[test]
    fn a_stop_list_is_named_in_a_table_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("innerward.toml");
        fs::write(&path, "[import]\nstop_list = \"stop.txt\"\n").unwrap();
        assert_eq!(Config::read(&path).unwrap().import.stop_list, Some("stop.txt".into()));
        fs::write(&path, "[import]\nstop = 1\n").unwrap();
        assert!(Config::read(&path).unwrap_err().to_string().contains("stop_list"));
    }
}
