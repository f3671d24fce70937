//! `innerward.toml`: every key optional, unknown keys refused.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::{HomeError, ServeConfig};

/// A day: more than any item is worth waiting for.
const MOST_SECONDS: u64 = 86_400;

/// More hits of one entry than any window sees.
const MOST_HITS: u64 = 1_000_000_000;

/// A hundred years.
const MOST_DAYS: u32 = 36_500;

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
    /// The command that decodes videos, with `ffprobe` beside it. `None`: those that the search path has.
    pub ffmpeg: Option<PathBuf>,
    /// Read the lists into huge-page memory before they are searched, a copy for each process, in place of mapping their
    /// files. Pays with millions of entries, for a service or a long run.
    pub huge_pages: bool,
    /// Percent of a set's entries that may go with an import without a person's consent. `None`: 10.
    pub max_drop_percent: Option<u8>,
    /// Match what is near an entry whose hash its list states a quality below 50 for. `false`: only what is equal to it.
    pub low_quality: bool,
    /// Days after which `purge` deletes runs and sealed counts. `None`: it has to be told.
    pub keep_days: Option<u32>,
    /// The country that screened items are counted in: ISO 3166-1, two letters. `None`: unknown.
    pub region: Option<String>,
    /// Its part in the matter: `HOSTING`, `UPLOADER`, `REPORTER` or `JURISDICTION`. `None`: the last.
    pub region_role: Option<String>,
    /// When an entry has too many hits. `None`: never.
    pub flood: Option<Flood>,
    /// The language of what is said to people, as its tag. `None`: English.
    pub language: Option<String>,
    /// What follows from analysts' decisions.
    pub decisions: Decisions,
    /// What imports of lists go by.
    pub import: ImportConfig,
    /// Who witnesses releases.
    pub release: ReleaseConfig,
    /// How the service is set up.
    pub serve: ServeConfig,
}

/// Who witnesses releases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseConfig {
    /// The file with the head of the log that a partner keeps, checked before anything is charged; a relative path begins at
    /// the home. `None`: nobody witnesses.
    pub witness: Option<PathBuf>,
    /// The key with which the witness cosigned that head, as `NAME+HASH+KEY`. `None`: cosignatures are not looked at.
    pub witness_key: Option<String>,
}

/// What imports of lists go by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImportConfig {
    /// Hashes that no list may bring in, one `kind:hex` a line; a relative path begins at the home. `None`: those that are
    /// built in alone.
    pub stop_list: Option<PathBuf>,
}

/// More hits of one entry than `hits` within a window of `within` take it out of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flood {
    /// As many are allowed in a window.
    pub hits: u64,
    /// The window: `"1h"`, `"30m"`, `"1d"`; a minute to 31 days.
    #[serde(deserialize_with = "duration")]
    pub within: SignedDuration,
}

/// What follows from analysts' decisions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Decisions {
    /// What becomes of a match of an entry that was deconfirmed.
    pub deconfirmed: Deconfirmed,
}

/// What becomes of a match of an entry that was deconfirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deconfirmed {
    /// It counts as before, and says so.
    #[default]
    Mark,
    /// It is `deconfirmed`, neither known nor near.
    Hide,
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    let text = String::deserialize(deserializer)?;
    // The unit of a day is jiff's only for spans; here it is 24 hours.
    let days = text.strip_suffix('d').and_then(|days| days.trim().parse::<i64>().ok());
    let within = match days {
        Some(days) => SignedDuration::try_from_hours(days.saturating_mul(24)),
        None => text.parse().ok(),
    };
    let bounds = SignedDuration::from_mins(1)..=SignedDuration::from_hours(31 * 24);
    within.filter(|within| bounds.contains(within)).ok_or_else(|| {
        D::Error::custom("a window is a minute to 31 days, written as \"30m\", \"1h\" or \"7d\"")
    })
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
            ffmpeg: None,
            huge_pages: false,
            max_drop_percent: None,
            low_quality: false,
            keep_days: None,
            region: None,
            region_role: None,
            flood: None,
            language: None,
            decisions: Decisions::default(),
            import: ImportConfig::default(),
            release: ReleaseConfig::default(),
            serve: ServeConfig::default(),
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
        if config.flood.is_some_and(|flood| !(1..=MOST_HITS).contains(&flood.hits)) {
            return Err(refused(format!("hits of [flood] is 1 to {MOST_HITS}")));
        }
        match config.max_seconds {
            Some(seconds) if !(1..=MOST_SECONDS).contains(&seconds) => {
                return Err(refused(format!("max_seconds is 1 to {MOST_SECONDS}, not {seconds}")));
            }
            _ => {}
        }
        if let Some(days) = config.keep_days.filter(|days| !(1..=MOST_DAYS).contains(days)) {
            return Err(refused(format!("keep_days is 1 to {MOST_DAYS}, not {days}")));
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
        for days in ["0", "36501"] {
            fs::write(&path, format!("keep_days = {days}\n")).unwrap();
            assert!(Config::read(&path).unwrap_err().to_string().contains("keep_days is 1 to"), "{days}");
        }
        fs::write(&path, "keep_days = 90\n").unwrap();
        assert_eq!(Config::read(&path).unwrap().keep_days, Some(90));
        fs::write(&path, "organisation = \"Demo\"\n").unwrap();
        assert_eq!(Config::read(&path).unwrap().organisation, "Demo");
    }

    #[test]
    fn a_window_is_read_as_people_write_it_and_within_reason() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("innerward.toml");
        let read = |within: &str, hits: &str| {
            fs::write(&path, format!("[flood]\nhits = {hits}\nwithin = {within:?}\n")).unwrap();
            Config::read(&path).map(|config| config.flood.unwrap())
        };
        for (text, seconds) in [("1h", 3600), ("30m", 1800), ("90 s", 90), ("1d", 86_400), ("31d", 2_678_400)]
        {
            let flood = read(text, "1000").unwrap();
            assert_eq!((flood.hits, flood.within.as_secs()), (1000, seconds), "{text}");
        }
        for text in ["", "1", "59s", "32d", "-1h", "9223372036854775807d", "1 fortnight"] {
            assert!(read(text, "1").unwrap_err().to_string().contains("a minute to 31 days"), "{text:?}");
        }
        for hits in ["0", "1000000001"] {
            assert!(read("1h", hits).unwrap_err().to_string().contains("hits of [flood]"), "{hits}");
        }
        fs::write(&path, "[decisions]\ndeconfirmed = \"hide\"\n").unwrap();
        assert_eq!(Config::read(&path).unwrap().decisions.deconfirmed, Deconfirmed::Hide);
        fs::write(&path, "[decisions]\ndeconfirmed = \"drop\"\n").unwrap();
        assert!(Config::read(&path).unwrap_err().to_string().contains("hide"));
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

    #[test]
    fn a_witness_is_named_in_a_table_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("innerward.toml");
        fs::write(&path, "[release]\nwitness = \"head\"\nwitness_key = \"w+1+2\"\n").unwrap();
        let release = Config::read(&path).unwrap().release;
        assert_eq!(
            release,
            ReleaseConfig { witness: Some("head".into()), witness_key: Some("w+1+2".into()) }
        );
        fs::write(&path, "[release]\nwitnesses = 1\n").unwrap();
        assert!(Config::read(&path).unwrap_err().to_string().contains("witness_key"));
    }
}
