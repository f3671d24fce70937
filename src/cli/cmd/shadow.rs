//! `innerward shadow …`

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::json;
use walkdir::WalkDir;

use super::jail::Decoding;
use crate::cli::global::{Global, limits};
use crate::cli::output::{Output, complain, counted};
use crate::cli::status::Status;
use crate::digest::{Fingerprint, Wanted};
use crate::screen::Workers;
use crate::serve::Settings;
use crate::serve::shadow::{Asked, Here, Inside, Reason, Remote, ShadowReport, Side, Told, compare};

/// Most bytes of a line of a list of requests.
const MOST_LINE: u64 = 1 << 20;
/// Most bytes of a file that is uploaded.
const MOST_FILE: u64 = 100 << 20;

/// Compare this service with a running HMA, request by request
#[derive(Subcommand)]
pub(in crate::cli) enum ShadowVerb {
    Replay(Replay),
}

/// Send the same requests to a running HMA and to this service, and say why answers differ
///
/// Requests change nothing: look-ups, and files to hash and match. What differs is told by class: how a file is read
/// (palette, depth16, cmyk, alpha, orientation, decoding, rounding), threshold, low-quality, withdrawn, quarantined, deconfirmed,
/// switched-off, share, unknown-there, one-entry, index-lag, numbers of entries alone. The verdict is "safe to switch" if every
/// difference has such a reason, no entry is missing here and neither side failed. Exit code 1 if not.
///
/// This side is the home (--home) itself, in this process: no service need run, and nothing is counted. With --to it is a
/// service that runs, of which less can be known: there, what it withdrew is no other than what it never had.
#[derive(Args)]
pub(in crate::cli) struct Replay {
    /// Requests, one a line: {"path": "/m/lookup?signal=…&signal_type=pdq"}; or a folder of files to upload
    #[arg(value_name = "FILE|FOLDER")]
    from: PathBuf,

    /// Where HMA is: http://hma:5100
    #[arg(long, value_name = "URL")]
    against: String,

    /// Where this service is, if it is to be asked: http://127.0.0.1:8420 [default: the home, in this process]
    #[arg(long, value_name = "URL")]
    to: Option<String>,

    /// The file with a token for that service, of the scopes match and manage: why an entry is not told of is seen under manage
    /// alone, and is unknown without it
    #[arg(long, value_name = "FILE", requires = "to")]
    token: Option<PathBuf>,

    /// The type of the content of uploaded files, as HMA names it
    #[arg(long, value_name = "TYPE", default_value = "photo", value_parser = ["photo", "video"])]
    content: String,

    /// Write each request that differs with both answers to FILE, readable by its owner alone: it has hashes and names
    #[arg(long, value_name = "FILE")]
    details: Option<PathBuf>,

    #[command(flatten)]
    decoding: Decoding,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    #[serde(default)]
    body: Option<serde_json::Value>,
}

impl ShadowVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let Self::Replay(replay) = self;
        replay.run(global, out)
    }
}

/// This side: the home in this process, or a service that runs.
enum Ours {
    Here(Box<Here>),
    There { remote: Remote, workers: Option<Arc<Workers>> },
}

impl Ours {
    fn fingerprint(&self, file: &[u8]) -> Option<Fingerprint> {
        let wanted = Wanted::default();
        match self {
            Self::Here(here) => here.fingerprint(file),
            Self::There { workers: Some(workers), .. } => workers.fingerprint_bytes(file, &wanted).ok(),
            Self::There { workers: None, .. } => Fingerprint::read_with(file, &wanted).ok(),
        }
    }
}

impl Side for Ours {
    fn ask(&self, asked: &Asked) -> Told {
        match self {
            Self::Here(here) => here.ask(asked),
            Self::There { remote, .. } => remote.ask(asked),
        }
    }
}

impl Inside for Ours {
    fn why_not(&self, bank: &str, id: u64, distance: Option<u32>) -> Option<Reason> {
        match self {
            Self::Here(here) => here.why_not(bank, id, distance),
            Self::There { remote, .. } => remote.why_not(bank, id, distance),
        }
    }
}

impl Replay {
    fn ours(&self, global: &Global) -> anyhow::Result<Ours> {
        let Some(url) = &self.to else {
            let home = global.open_home()?;
            let config = home.config()?;
            let settings = Settings { limits: limits(&config)?, ..Settings::default() };
            let pretended = home.is_demo().then(|| global.clock(&home)).transpose()?;
            let workers = self.decoding.workers(&config)?;
            let here = Here::open(home, settings, workers, pretended)?;
            return Ok(Ours::Here(Box::new(here.context("threads cannot be started")?)));
        };
        let config = match global.open_home() {
            Ok(home) => home.config()?,
            Err(_) => crate::home::Config::default(), // a comparison of two services needs none
        };
        let token = self.token.as_ref().map(|path| token(path)).transpose()?;
        let remote = Remote::new(url, token).context("--to is no address; write http://host:port")?;
        Ok(Ours::There { remote, workers: self.decoding.workers(&config)?.map(Arc::new) })
    }

    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let theirs =
            Remote::new(&self.against, None).context("--against is no address; write http://host:port")?;
        let ours = self.ours(global)?;
        let mut details = self.details.as_ref().map(|path| private(path)).transpose()?;
        let fingerprint = |file: &[u8]| ours.fingerprint(file);
        let mut report = ShadowReport::default();
        self.each(&mut |place, asked| {
            let told = ours.ask(&asked);
            let compared = compare(&asked, &told, Some(&ours), &theirs, &fingerprint);
            report.add(&compared);
            if compared.reason.is_some() {
                out.json("difference", &json!({ "place": place, "compared": compared }))?;
                if let Some(file) = &mut details {
                    let there = theirs.ask(&asked);
                    let line = json!({
                        "place": place, "path": asked.path, "reason": compared.reason,
                        "hma": String::from_utf8_lossy(&there.body), "innerward": String::from_utf8_lossy(&told.body),
                    });
                    writeln!(file, "{line}")?;
                }
            }
            Ok(())
        })?;
        if let Some(file) = details {
            file.sync_all()?;
        }
        for (reason, number) in &report.reasons {
            out.text(format_args!("{:<18} {number}", reason.as_str()))?;
        }
        if report.only_there + report.only_here > 0 {
            out.text(format_args!(
                "matched there and not here: {}; here and not there: {}",
                report.only_there, report.only_here
            ))?;
        }
        out.json("summary", &json!({ "report": report, "verdict": report.verdict() }))?;
        out.text(report.verdict())?;
        Ok(Status::found(!report.is_explained()))
    }

    /// Gives each request with the place that it comes from; a bad one is told of and passed over.
    fn each(&self, take: &mut dyn FnMut(u64, Asked) -> anyhow::Result<()>) -> anyhow::Result<()> {
        if self.from.is_dir() {
            return self.uploads(take);
        }
        let told = || self.from.display().to_string();
        let mut input = BufReader::new(File::open(&self.from).with_context(told)?);
        let (mut text, mut bad) = (String::new(), 0_u64);
        for number in 1.. {
            text.clear();
            if Read::by_ref(&mut input).take(MOST_LINE).read_line(&mut text).with_context(told)? == 0 {
                break;
            }
            if text.trim().is_empty() {
                continue;
            }
            match asked(&text) {
                Ok(asked) => take(number, asked)?,
                Err(cause) => {
                    complain(format_args!("{}:{number}: {cause}", self.from.display()));
                    bad += 1;
                }
            }
        }
        if bad > 0 {
            bail!("{} not understood; the others were compared", counted(bad, "request", "requests"));
        }
        Ok(())
    }

    fn uploads(&self, take: &mut dyn FnMut(u64, Asked) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut number = 0;
        for entry in WalkDir::new(&self.from).follow_links(false).sort_by_file_name() {
            let entry = entry?;
            if !entry.file_type().is_file() {
                continue;
            }
            let path = entry.path();
            let mut bytes = Vec::new();
            let file = crate::home::open_unfollowed(path).with_context(|| path.display().to_string())?;
            file.take(MOST_FILE + 1).read_to_end(&mut bytes).with_context(|| path.display().to_string())?;
            if bytes.len() as u64 > MOST_FILE {
                complain(format_args!("{} is longer than 100 MiB and is not sent", path.display()));
                continue;
            }
            number += 1;
            take(number, Asked::upload("/m/lookup?bypass_coinflip=true", &self.content, &bytes))?;
        }
        Ok(())
    }
}

/// The request of a line; only what changes nothing is sent.
fn asked(text: &str) -> Result<Asked, &'static str> {
    let line: Line = serde_json::from_str(text).map_err(
        |_| "write {\"path\": \"/m/lookup?signal=…&signal_type=pdq\"}, and \"body\" for /m/compare",
    )?;
    let route = line.path.trim_start_matches('/');
    if !line.path.starts_with('/') || !(route.starts_with("m/") || route.starts_with("h/")) {
        return Err("only paths below /m and /h are sent: they change nothing");
    }
    if line.path.bytes().any(|byte| !(b'!'..=b'~').contains(&byte)) {
        return Err("the path has blanks or letters that are no ASCII; encode them as %xx");
    }
    Ok(match line.body {
        Some(body) => Asked::post(line.path, Some("application/json".into()), body.to_string().into()),
        None => Asked::get(line.path),
    })
}

fn token(path: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let token = text.trim().to_owned();
    if token.is_empty() || token.len() > 1000 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("{} holds no token: one line, as `innerward token create` prints it", path.display());
    }
    Ok(token)
}

fn private(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.with_context(|| format!("{}: the details need a new file", path.display()))
}
