//! The words of `innerward screen`.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::Case;
use super::verify::Verify;
use crate::cli::cmd::jail::Decoding;
use crate::cli::cmd::select::{LowQuality, Select};
use crate::digest::Fidelity;
use crate::hashset::{Bounds, Sets};
use crate::screen::{Filter, RunOptions, Sources, Stream};
use crate::tally::Brought;
use crate::vocabulary::{Code, Dimension};

/// Check files and folders against all lists
///
/// Every file gets exactly one verdict: known (a digest is equal), near (a picture hash is close; a person decides),
/// ignored (known to be harmless), unknown, or unchecked with the reason; quarantined or deconfirmed where this ward took
/// what it matched out of service. Verdicts go to HOME/runs/ID/verdicts.jsonl,
/// readable by its owner alone; a summary goes to stdout, or with --format json every verdict. Each distinct item is
/// counted once a month in the local tally. Files are only ever read.
///
/// `tar c FOLDER | innerward screen -` screens what is in a tar as it comes, `--watch DIR` what arrives in a folder.
/// A run that was interrupted, by Ctrl-C or a power cut, goes on with --resume RUN where it stopped. Once it has come to
/// its end it is recorded and signed; `screen verify RUN` checks that. A folder called verify is screened as ./verify.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(in crate::cli) struct Screen {
    #[command(subcommand)]
    pub(super) verb: Option<Verb>,

    /// Files and folders; - for standard input: a tar, packed or not, or one file
    #[arg(required_unless_present_any = ["from", "resume", "watch"], value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Screen what FILE names as well: a path a line, or zero bytes between them (find -print0); - for stdin
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,

    /// Go on with a run that did not come to its end; RUN is the name of its folder, or `last`
    ///
    /// It is told nothing else: it goes on with the words that it was begun with, in the folder where that was. What
    /// has a verdict keeps it; lists are those of now.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["paths", "from"])]
    pub(super) resume: Option<String>,

    /// Take in what arrives in DIR, until this process is asked to end
    ///
    /// What is there already is taken in first; each file once it does not change any more, and again when it has
    /// changed. The home remembers what was taken in, so that a later watch goes on, also after a kill. Each day is a run
    /// of its own. A folder that is away for a time, such as a drive, is waited for.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["paths", "from", "resume"])]
    pub(super) watch: Option<PathBuf>,

    /// Seconds between two looks at the folder that is watched
    #[arg(long, value_name = "SECONDS", default_value_t = 5, requires = "watch",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) every: u64,

    /// Leave out files and folders in folders: *.tmp by name, cache/** by path; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,

    /// Leave out smaller files: 4096, 4k, 2M, 1G (1024 each)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) min_size: Option<u64>,

    /// Leave out larger files
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) max_size: Option<u64>,

    /// Stay on the file system of each PATH
    #[arg(long)]
    pub(super) one_file_system: bool,

    /// Follow links inside folders, which are counted and passed over otherwise
    #[arg(long)]
    pub(super) follow: bool,

    /// Keep the fingerprints of what is screened for so many days, for `innerward rescan`
    ///
    /// Fingerprints are hashes, lengths and paths, not content; they lie beside the verdicts, and are deleted when the
    /// days are over, by the next `screen` or `rescan`.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
    pub(super) remember: Option<i64>,

    /// Write the verdicts as a table as well: verdicts.csv, beside verdicts.jsonl and triage.html
    #[arg(long)]
    pub(super) csv: bool,

    /// Say nothing on stderr while it runs
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// Print the summary alone, in JSON too
    #[arg(long)]
    pub(super) summary: bool,

    /// Start PROGRAM when something known or near was found, every 10 s at most
    ///
    /// It is found as in a shell, and started by itself: without a shell, arguments or terminal. It reads one JSON object
    /// of numbers (docs/runs.md), without names or hashes, and may take 60 s. If it fails, that is said, and the run goes on.
    #[arg(long, value_name = "PROGRAM")]
    pub(super) on_found: Option<OsString>,

    /// Start PROGRAM when the run stops: it ended, was interrupted, or failed
    #[arg(long, value_name = "PROGRAM")]
    pub(super) on_stop: Option<OsString>,

    /// Append the same JSON objects to FILE, a line each
    #[arg(long, value_name = "FILE")]
    pub(super) alert: Option<PathBuf>,

    /// How the items reached the ward: REPORT, UPLOAD, BULK, WATCH_FOLDER, SERVICE, IMPORT
    /// [default: BULK, or WATCH_FOLDER with --watch]
    #[arg(long, value_name = "CODE", value_parser = |text: &str| Dimension::Channel.code(text))]
    pub(super) channel: Option<Code>,

    /// The country that the items are counted in, CC or CC:ROLE: NL, NL:HOSTING [default: region in innerward.toml]
    ///
    /// Roles: HOSTING, UPLOADER, REPORTER, JURISDICTION [default: JURISDICTION, or region_role in innerward.toml].
    #[arg(long, value_name = "CC[:ROLE]", value_parser = Brought::region)]
    pub(super) region: Option<(Code, Code)>,

    /// The case that the items belong to, in your own words
    ///
    /// For releases that cap the items of a case; such a release needs it on every run of its period. It is kept as a
    /// keyed name of the period alone, and written nowhere: --resume asks for it again.
    #[arg(long, value_name = "ID")]
    pub(super) case: Option<Case>,

    /// Differing bits allowed in a PDQ hash, bound included, for every set [default: as each set says, or 31]
    ///
    /// KIND=BITS for a classic kind, with commas between several: 20,gradient8=4. What is left out is as each set says.
    /// A run with a bound of its own is not counted in the tally: its verdicts would not be comparable.
    #[arg(long, value_name = "BITS")]
    pub(super) max_distance: Option<Bounds>,

    /// Do not count the items in the tally
    ///
    /// Nor are those of a run that searches only a part of the lists.
    #[arg(long)]
    pub(super) no_tally: bool,

    #[command(flatten)]
    pub(super) select: Select,

    #[command(flatten)]
    pub(super) quality: LowQuality,

    /// How exactly JPEGs are hashed at first: fast, luma or reference
    ///
    /// With fast and luma, what they find, or nearly find, is hashed again as reference, so that no match is added and
    /// hardly one in ten thousand of ordinary photographs is lost, and large photographs take a sixth of the time. A
    /// picture that was made for it can hide from them, which it cannot from reference.
    #[arg(long, value_name = "NAME", default_value_t = Fidelity::Fast)]
    pub(super) fidelity: Fidelity,

    #[command(flatten)]
    pub(super) decoding: Decoding,

    /// Who does this, for the record of the run: a name, a role, a ticket
    #[arg(long, value_name = "TEXT", value_parser = note)]
    pub(super) by: Option<String>,
}

/// What is done with runs.
#[derive(Subcommand)]
pub(super) enum Verb {
    Verify(Verify),
}

/// What a person says of who does something, as `set import` takes it.
fn note(text: &str) -> Result<String, String> {
    let is_fine = text.chars().count() <= Sets::NOTE_LEN && !text.chars().any(char::is_control);
    if is_fine { Ok(text.into()) } else { Err(format!("at most {} printable characters", Sets::NOTE_LEN)) }
}

impl Screen {
    /// What is to be screened, but for what is watched.
    pub(super) fn sources(&self, options: &RunOptions) -> anyhow::Result<Sources> {
        let names = self.exclude.iter().map(String::as_str);
        let mut filter = Filter::default().exclude(names).context("--exclude")?;
        (filter.min_bytes, filter.max_bytes) = (self.min_size, self.max_size);
        (filter.one_file_system, filter.follow_links) = (self.one_file_system, self.follow);
        let of_stdin = self.paths.iter().filter(|path| path.as_os_str() == "-").count();
        let list_too = self.from.as_ref().is_some_and(|list| list.as_os_str() == "-");
        if of_stdin + usize::from(list_too) > 1 {
            bail!("standard input (-) can be read once: as what is screened, or as the list of --from");
        }
        let stdin = (of_stdin == 1).then(|| Stream::of_stdin(&options.stop)).transpose()?;
        let (paths, from) = (self.paths.clone(), self.from.clone());
        Ok(Sources { paths, from, filter, stdin: stdin.map(Into::into), ..Sources::default() })
    }
}

/// Bytes, with `k`, `M`, `G` or `T` behind them for 1024 of the one before.
fn size(text: &str) -> Result<u64, &'static str> {
    const FORM: &str = "a size is a number, with k, M, G or T behind it for 1024, 1024² … bytes";
    let (digits, unit) = text.find(|c: char| !c.is_ascii_digit()).map_or((text, ""), |at| text.split_at(at));
    let power =
        ["", "k", "m", "g", "t"].iter().position(|name| name.eq_ignore_ascii_case(unit)).ok_or(FORM)?;
    let number: u64 = digits.parse().map_err(|_| FORM)?;
    number.checked_mul(1 << (10 * power)).ok_or("more than any file has")
}
