//! What every verb takes: where the home is, how to print, how many threads.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::deed::warn_of_owner;
use super::output::{complain, in_words};
use crate::home::{Clock, Config, Home};
use crate::language::{Locale, Locales};
use crate::media::{FormSet, Limits};

/// How results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: JSON lines, described in docs/cli.md.
    Json,
    /// For spreadsheets and data frames: only where a verb's answer is one table, as that of `trends`.
    Csv,
}

/// How long a command waits for another that changes the home before it gives up.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Global {
    /// Folder of this organisation's data [default: INNERWARD_HOME, else the user's data folder]
    ///
    /// Made on first use, readable by its owner alone. Holds lists, verdicts, counts and keys; only its folder
    /// `public` is meant for others.
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) home: Option<PathBuf>,

    /// How results are printed: `text` for people, `json` for programs (JSON lines, see docs/cli.md);
    /// `trends` has `csv` too
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORM",
        hide_possible_values = true
    )]
    pub(super) format: Format,

    /// Threads to use [default: one for each core]; results do not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Pretend that today is DATE (YYYY-MM-DD); only in a home made by `demo`
    #[arg(long, global = true, value_name = "DATE")]
    pub(super) today: Option<Date>,

    /// Language of what is said to people, as TAG [default: `language` in innerward.toml, else en]
    ///
    /// The summary of a run, the words of outcomes, and the page of a run; JSON never depends on it. `innerward report
    /// languages list` shows the languages.
    #[arg(long, global = true, value_name = "TAG")]
    pub(super) language: Option<String>,
}

impl Global {
    pub(super) fn start_threads(&self) -> anyhow::Result<()> {
        let threads = self.threads.map_or(0, usize::from); // 0: as many as there are cores
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .context("threads cannot be started")
    }

    /// Where the home is, whether it exists or not.
    pub(super) fn home_path(&self) -> anyhow::Result<PathBuf> {
        if let Some(path) = &self.home {
            return Ok(path.clone());
        }
        let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let data = || from("XDG_DATA_HOME").or_else(|| from("HOME").map(|home| home.join(".local/share")));
        from("INNERWARD_HOME")
            .or_else(|| data().map(|data| data.join("innerward")))
            .context("there is no user's data folder; name one with --home DIR or INNERWARD_HOME")
    }

    /// The language that people are spoken to in. A faulty file of a language is told, and the command goes on without it.
    pub(super) fn speaks(&self) -> anyhow::Result<Arc<Locale>> {
        let home = self.home_path().and_then(|path| Ok(Home::open(&path)?)).ok();
        // A configuration that cannot be read is for the verb to refuse, or for `doctor` to explain.
        let configured = || home.as_ref()?.config().ok()?.language;
        let (tag, place) = match &self.language {
            Some(tag) => (tag.clone(), "--language"),
            None => (configured().unwrap_or_else(|| "en".into()), "language in innerward.toml"),
        };
        let folder = home.as_ref().map(|home| home.root().join("languages"));
        let has_files = folder.as_ref().is_some_and(|folder| folder.is_dir());
        if tag == "en" && !has_files {
            return Ok(Locale::in_english());
        }
        let all = Locales::load(folder.as_deref(), &[]).or_else(|error| {
            complain(in_words(&error.into()));
            Locales::load(None, &[])
        })?;
        let tags: Vec<&str> = all.iter().map(Locale::tag).collect();
        let unknown = format!("{place}: there is no language {tag:?}; there are {}", tags.join(", "));
        all.take(&tag).context(unknown)
    }

    /// The folder of this organisation's languages, if there is a home.
    pub(super) fn languages(&self) -> Option<PathBuf> {
        self.open_home().ok().map(|home| home.root().join("languages"))
    }

    /// The existing home.
    pub(super) fn open_home(&self) -> anyhow::Result<Home> {
        Ok(Home::open(&self.home_path()?)?)
    }

    /// The home, made if it does not exist.
    pub(super) fn open_or_create_home(&self) -> anyhow::Result<Home> {
        let home = Home::open_or_create(&self.home_path()?)?;
        warn_of_owner(&home);
        Ok(home)
    }

    /// The day on which the home acts.
    pub(super) fn clock(&self, home: &Home) -> anyhow::Result<Clock> {
        Ok(Clock::of(home, self.today)?)
    }
}

/// The bounds for decoders, and the forms to make, that the configuration sets.
pub(super) fn limits(config: &Config) -> anyhow::Result<Limits> {
    let mut forms = FormSet::default();
    for name in &config.extra_forms {
        match name.as_str() {
            "stretch512" => forms.stretch512 = true,
            "borderless" => forms.borderless = true,
            _ => bail!(
                "extra_forms in innerward.toml: a further form is stretch512 or borderless, not {name:?}"
            ),
        }
    }
    let default = Limits::default();
    Ok(Limits {
        max_pixels: config.max_pixels.unwrap_or(default.max_pixels),
        max_file_bytes: config.max_file_bytes.unwrap_or(default.max_file_bytes),
        forms,
    })
}
