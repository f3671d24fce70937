//! The hidden verbs that make a process a confined one, and the option to do without.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;

use crate::cli::global::limits;
use crate::digest::Fidelity;
use crate::home::Config;
use crate::jail::{Terms, attempt, exec_helper};
use crate::screen::{Ffmpeg, RunOptions, WorkerOptions, Workers, runnable, serve_worker};

/// Where files are decoded.
#[derive(Args)]
pub(in crate::cli) struct Decoding {
    /// Decode in this process, not in confined ones
    ///
    /// Without it, files are decoded in processes that can open no file, reach no network and start no program, within
    /// bounds on memory and time. For systems where such processes cannot be made; `innerward doctor` tells. HEIC, AVIF
    /// and videos are then not decoded.
    #[arg(long)]
    in_process: bool,
}

impl Decoding {
    /// How files are read, with workers started unless they are not wanted.
    pub(in crate::cli) fn options(&self, config: &Config, fidelity: Fidelity) -> anyhow::Result<RunOptions> {
        let (workers, limits) = (self.workers(config)?, limits(config)?);
        Ok(RunOptions { limits, fidelity, workers: workers.map(Arc::new), ..RunOptions::default() })
    }

    /// The workers, started, unless they are not wanted.
    pub(in crate::cli) fn workers(&self, config: &Config) -> anyhow::Result<Option<Workers>> {
        let options = worker_options(config)?;
        Ok((!self.in_process).then(|| Workers::start(options)).transpose()?)
    }
}

/// The bounds of workers that the configuration sets.
pub(in crate::cli) fn worker_options(config: &Config) -> anyhow::Result<WorkerOptions> {
    let default = WorkerOptions::default();
    Ok(WorkerOptions {
        max_seconds: config.max_seconds.unwrap_or(default.max_seconds),
        max_memory_bytes: config.max_memory_bytes.unwrap_or(default.max_memory_bytes),
        heif_convert: heif_convert_of(config)?.or(default.heif_convert),
        ffmpeg: ffmpeg_of(config)?.or(default.ffmpeg),
        program: default.program,
    })
}

/// The command for HEIC that the configuration names.
pub(in crate::cli) fn heif_convert_of(config: &Config) -> anyhow::Result<Option<PathBuf>> {
    let Some(path) = &config.heif_convert else { return Ok(None) };
    match runnable(path) {
        None => bail!("heif_convert in innerward.toml: {} is no program", path.display()),
        found => Ok(found),
    }
}

/// The commands for videos that the configuration names.
pub(in crate::cli) fn ffmpeg_of(config: &Config) -> anyhow::Result<Option<Ffmpeg>> {
    let Some(path) = &config.ffmpeg else { return Ok(None) };
    match Ffmpeg::at(path) {
        None => {
            bail!("ffmpeg in innerward.toml: {} is no program, or has no ffprobe beside it", path.display())
        }
        found => Ok(found),
    }
}

/// What only innerward starts, for itself.
#[derive(clap::Subcommand)]
pub(in crate::cli) enum Confined {
    /// Become a worker
    #[command(name = "jail-worker", hide = true)]
    Worker {
        /// The process that it belongs to
        parent: u32,
        /// Its address space in bytes
        memory_bytes: u64,
        /// Its processor time in seconds
        life_seconds: u64,
    },
    /// Become another program, confined
    #[command(name = "jail-helper", hide = true)]
    Helper {
        /// Bounds, the program, its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Try what is forbidden, confined
    #[command(name = "jail-probe", hide = true)]
    Probe {
        /// Bounds, and what to try
        words: Vec<String>,
    },
}

impl Confined {
    pub(in crate::cli) fn run(&self) -> ExitCode {
        match self {
            Self::Worker { parent, memory_bytes, life_seconds } => {
                let (parent, memory_bytes, life_seconds) = (*parent, *memory_bytes, *life_seconds);
                serve_worker(Terms { parent, memory_bytes, life_seconds })
            }
            Self::Helper { words } => exec_helper(words),
            Self::Probe { words } => attempt(words),
        }
    }
}
