//! `innerward doctor`

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::bail;
use clap::Args;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use walkdir::WalkDir;

use super::doctor_log::log;
use super::doctor_serve::serve;
use super::jail::{ffmpeg_of, heif_convert_of, worker_options};
use super::purge::{before, held_periods};
use crate::cli::global::Global;
use crate::cli::output::{Output, counted, in_words};
use crate::cli::status::Status;
use crate::digest::Wanted;
use crate::hashset::stop_list_of;
use crate::home::{AuditFault, Clock, Config, Deletion, Home, HomeError, is_not_allowed};
use crate::index::{Index, Memory, open_described};
use crate::jail::{Attempt, Refusal, try_attempt};
use crate::release::account;
use crate::screen::{ReadError, WorkerOptions, Workers, purge_runs};
use crate::tally::Held;

/// Check the home, the index, the jail and the optional parts, and say how to cure what is wrong
///
/// Starts a confined process and lets it try what it must not be able to, and has heif-convert and ffmpeg, if they are there, decode
/// a picture and a video. Changes nothing. What is lacking but not
/// needed is said and is no fault. Exit code 0 if there is no fault, else 2.
#[derive(Args)]
pub(in crate::cli) struct Doctor {
    /// Look as well at what the service needs: its settings, certificates, addresses, tokens, how fresh the lists are, room
    /// on the disk, the limit on open files
    #[arg(long)]
    serve: bool,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// As it should be, but not for long.
    Notice,
    /// Not there, and not needed.
    Lacking,
    /// Wrong.
    Fault,
}

/// One thing that was looked at.
#[derive(Serialize)]
pub(super) struct Check {
    check: &'static str,
    state: State,
    found: String,
    cure: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Summary {
    checks: usize,
    notices: usize,
    lacking: usize,
    faults: usize,
}

impl Doctor {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let mut checks = vec![version()];
        let config = home(global, &mut checks)?;
        if self.serve
            && let Ok(home) = global.open_home()
        {
            serve(&home, &config, global.clock(&home)?.now(), &mut checks);
        }
        match worker_options(&config) {
            Ok(options) => {
                jail(&options, &mut checks);
                checks.push(heif_convert(&options));
                checks.push(ffmpeg(&options));
            }
            Err(_) => {
                let named =
                    [("heif-convert", heif_convert_of(&config).err()), ("ffmpeg", ffmpeg_of(&config).err())];
                for (name, error) in named {
                    let fault = |error| Check::fault(name, in_words(&error), CURE_SETTING);
                    checks.extend(error.map(fault));
                }
            }
        }
        let of = |state| checks.iter().filter(|check| check.state == state).count();
        let summary = Summary {
            checks: checks.len(),
            notices: of(State::Notice),
            lacking: of(State::Lacking),
            faults: of(State::Fault),
        };
        for check in &checks {
            out.json("check", check)?;
            let state = match check.state {
                State::Ok => "ok",
                State::Notice => "notice",
                State::Lacking => "lacking",
                State::Fault => "FAULT",
            };
            out.text(format_args!("{state:<8}{:<13}{}", check.check, check.found))?;
            if let Some(cure) = check.cure {
                out.text(format_args!("{:21}cure: {cure}", ""))?;
            }
        }
        out.json("summary", &summary)?;
        if summary.faults > 0 {
            out.flush()?;
            bail!("{} found", counted(summary.faults as u64, "fault", "faults"));
        }
        Ok(Status::default())
    }
}

impl Check {
    pub(super) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), cure: None }
    }

    pub(super) fn notice(check: &'static str, found: impl Into<String>, cure: &'static str) -> Self {
        Self { check, state: State::Notice, found: found.into(), cure: Some(cure) }
    }

    pub(super) fn lacking(check: &'static str, found: impl Into<String>, cure: &'static str) -> Self {
        Self { check, state: State::Lacking, found: found.into(), cure: Some(cure) }
    }

    pub(super) fn fault(check: &'static str, found: impl Into<String>, cure: &'static str) -> Self {
        Self { check, state: State::Fault, found: found.into(), cure: Some(cure) }
    }

    /// The same for an error, with its own cure where this process was only not let in: nothing is to be restored or brought
    /// anew then.
    pub(super) fn fault_of(
        check: &'static str,
        error: &(dyn std::error::Error + 'static),
        cure: &'static str,
    ) -> Self {
        const CLOSED: &str = "nothing is damaged: as root, chown -R USER HOME, with the owner of the home, and run commands as that user";
        Self::fault(check, error.to_string(), if is_not_allowed(error) { CLOSED } else { cure })
    }
}

fn version() -> Check {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let (version, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    Check::ok("version", format!("innerward {version}, {machine}, kernel {}", kernel.trim()))
}

/// The home and what is in it; its configuration, or the default where there is none to be read.
fn home(global: &Global, checks: &mut Vec<Check>) -> anyhow::Result<Config> {
    let path = global.home_path()?;
    let home = match Home::open(&path) {
        Ok(home) => home,
        Err(error @ HomeError::Missing(_)) => {
            checks.push(Check::lacking("home", error.to_string(), "import a list when you have one"));
            return Ok(Config::default());
        }
        Err(error) => {
            checks.push(Check::fault_of("home", &error, "name the right folder with --home DIR"));
            return Ok(Config::default());
        }
    };
    let kind = if home.is_demo() { "a demo's" } else { "a real one" };
    checks.push(Check::ok("home", format!("{}, {kind}", path.display())));
    checks.push(permissions(&home));
    let config = home.config();
    checks.push(match &config {
        Ok(_) => settings(&home),
        Err(error) => Check::fault_of("settings", error, "correct that line; docs/cli.md has every key"),
    });
    checks.push(index(&home));
    checks.extend(ledger(&home));
    checks.push(audit(&home));
    let clock = global.clock(&home)?;
    agreements(&home, clock.today(), checks);
    if let Ok(config) = &config {
        log(&home, config, clock.today(), checks);
    }
    let keep = config.as_ref().ok().and_then(|config| config.keep_days);
    checks.extend(keep.into_iter().flat_map(|days| retention(&home, clock, days)));
    Ok(config.unwrap_or_default())
}

/// The files that the configuration names; it itself is understood.
fn settings(home: &Home) -> Check {
    match stop_list_of(home) {
        Ok(_) => Check::ok("settings", "innerward.toml is understood, or not there"),
        Err(error) => Check::fault(
            "settings",
            format!("no list can be imported: {error}"),
            "put that right, or name another file as stop_list under [import] in innerward.toml, or none",
        ),
    }
}

/// What others than the owner can reach, but for `public/`: what lies in a folder that they cannot enter is as private as
/// that folder, whatever its own permissions.
fn permissions(home: &Home) -> Check {
    const NAME: &str = "permissions";
    let is_closed = |mode: u32| mode & 0o011 == 0;
    let mode = |path: &Path| path.metadata().map_or(0, |about| about.permissions().mode());
    let Ok(root) = home.root().canonicalize() else { return Check::ok(NAME, "nobody can get to it") };
    if root.ancestors().skip(1).any(|folder| is_closed(mode(folder))) {
        return Check::ok(NAME, "only its owner can get to the home");
    }
    let public = root.join("public");
    let (mut first, mut more) = (None, 0);
    let mut walk = WalkDir::new(&root).into_iter();
    while let Some(entry) = walk.next() {
        let Ok(entry) = entry else { continue };
        let Ok(about) = entry.metadata() else { continue };
        let mode = about.permissions().mode();
        let is_public = entry.path() == public;
        if about.is_dir() && (is_public || is_closed(mode)) {
            walk.skip_current_dir();
        }
        if is_public || about.is_symlink() || mode & 0o077 == 0 {
            continue;
        }
        more += usize::from(first.is_some());
        first = first.or_else(|| Some(entry.into_path()));
    }
    let Some(first) = first else { return Check::ok(NAME, "only its owner can get to anything in the home") };
    let first = first.display();
    let found = match more {
        0 => format!("others can get to {first}"),
        more => format!("others can get to {first} and {more} more"),
    };
    Check::fault(NAME, found, "chmod -R go-rwx on the home, then on its folder public as you like")
}

fn index(home: &Home) -> Check {
    match Index::open(&home.index_dir()) {
        Ok(_) if let Err(error) = open_described(home, Memory::Mapped) => {
            Check::fault_of("index", &error, "do what it says, for each set in turn")
        }
        Ok(index) => {
            let entries = index.sets().iter().map(|set| set.entries).sum();
            let sets = counted(index.sets().len() as u64, "set", "sets");
            let entries = counted(entries, "entry", "entries");
            Check::ok("index", format!("{sets}, {entries}; `innerward index verify` reads every byte"))
        }
        Err(error) => Check::fault_of(
            "index",
            &error,
            "import the lists again: innerward set import NAME FILE --anew --yes",
        ),
    }
}

/// The ledger of releases, worked out anew from its log.
fn ledger(home: &Home) -> Option<Check> {
    const NAME: &str = "ledger";
    if !home.root().join("innerward.sqlite").exists() {
        return None;
    }
    match account(home) {
        Ok(account) if account.entries == 0 => None,
        Ok(account) => {
            let charges = counted(account.charges.len() as u64, "charge", "charges");
            Some(Check::ok(NAME, format!("{charges}; follows from its log of {} entries", account.entries)))
        }
        Err(error) => {
            let cure = "publish nothing; restore the home from its newest backup";
            Some(Check::fault_of(NAME, &error, cure))
        }
    }
}

/// The record of who did what, read as a whole.
fn audit(home: &Home) -> Check {
    const NAME: &str = "audit";
    const CHANGED: &str = "ask who changed it, and keep the file as it is somewhere else; `innerward audit verify` names every \
                           line, and docs/audit.md says how to begin a new one or bring back that of a backup";
    match home.check_audit(None) {
        Ok(check) if !check.is_sound() => {
            let fault = check.faults.iter().find(|(_, fault)| *fault != AuditFault::Torn);
            let first =
                fault.map_or_else(String::new, |(line, fault)| format!("audit.jsonl:{line}: {fault}; "));
            let all = counted(check.fault_total, "fault", "faults");
            Check::fault(NAME, format!("{first}{all} in all: it was changed, or is damaged"), CHANGED)
        }
        Ok(check) if check.records == 0 => Check::ok(NAME, "nothing is on record yet"),
        Ok(check) => {
            let deeds = counted(check.records, "deed", "deeds");
            Check::ok(NAME, format!("{deeds}, each continues the one before"))
        }
        Err(error) => Check::fault_of(NAME, &error, "restore audit.jsonl from a backup"),
    }
}

/// Days before the end of an agreement from which on it is said.
const SOON_DAYS: i64 = 14;

/// What the agreements about the sets allow today, and what not for long any more.
fn agreements(home: &Home, today: Date, checks: &mut Vec<Check>) {
    const NAME: &str = "agreements";
    const OVER: &str = "`innerward set remove NAME` deletes it; if the agreement was renewed, `innerward set change \
                        NAME --keep-until DATE` says so";
    let Ok((_, sets)) = open_described(home, Memory::Mapped) else { return }; // that is the index's fault, told there
    let soon = today.checked_add(SOON_DAYS.days()).unwrap_or(today);
    let before = checks.len();
    for set in &sets {
        let (name, permission) = (&set.name, set.permission);
        let Some(last) = permission.keep_until else { continue };
        if permission.is_over(today) {
            let found = format!("{name} was to be kept until {last}; it is not searched any more");
            checks.push(Check::fault(NAME, found, OVER));
        } else if last <= soon {
            let found =
                format!("{name} is to be kept until {last}, and is not searched from the next day on");
            checks.push(Check::notice(NAME, found, OVER));
        }
    }
    if checks.len() == before && !sets.is_empty() {
        let sets = counted(sets.len() as u64, "set", "sets");
        checks.push(Check::ok(NAME, format!("of {sets}, none ends within {SOON_DAYS} days")));
    }
}

/// Whether runs and counts lie about that `purge` would delete, or would if somebody had sealed or published them.
fn retention(home: &Home, clock: Clock, days: u32) -> Vec<Check> {
    const NAME: &str = "retention";
    const PURGE: &str = "innerward purge; a timer or cron can call it every night";
    let before = before(clock, days);
    let runs = purge_runs(home, before, clock.today(), true).things;
    let runs = runs.iter().filter(|one| one.state != Deletion::Kept).count() as u64;
    let (periods, fault) = match held_periods(home, before) {
        Ok(periods) => (periods, None),
        Err(error) => (
            Vec::new(),
            Some(Check::fault(NAME, in_words(&error), "restore the home from its newest backup")),
        ),
    };
    let of = |held| periods.iter().filter(|one| **one == held).count() as u64;
    let lines = [
        (runs, "run or file is", "runs or files are", "to be deleted", PURGE),
        (of(Held::Deletable), "period's counts are", "periods' counts are", "to be deleted", PURGE),
        (
            of(Held::Open),
            "period is",
            "periods are",
            "open, with pseudonyms and key, and no plan can publish it",
            "innerward tally seal PERIOD --yes for each that `innerward purge --dry-run` names; the next purge deletes it",
        ),
        (
            of(Held::Publishable),
            "period is",
            "periods are",
            "not published, though a plan was registered in time",
            "innerward release publish --period PERIOD for each that `innerward purge --dry-run` names; the next purge \
             deletes its counts",
        ),
    ];
    let due = lines.into_iter().filter(|line| line.0 > 0);
    let mut checks: Vec<Check> = due
        .map(|(number, one, many, what, cure)| {
            let found = format!("after {days} days (keep_days) {} {what}", counted(number, one, many));
            Check::notice(NAME, found, cure)
        })
        .collect();
    checks.extend(fault);
    if checks.is_empty() {
        checks.push(Check::ok(NAME, format!("no run and no period's counts are older than {days} days")));
    }
    checks
}

/// A worker, and what a process confined like one is refused.
fn jail(options: &WorkerOptions, checks: &mut Vec<Check>) {
    const CURE: &str = "allow it in the sandbox or service that innerward runs in (user, seccomp profile, /proc), or use --in-process";
    let workers = match Workers::start(options.clone()) {
        Ok(workers) => workers,
        Err(error) => return checks.push(Check::fault("jail", error.to_string(), CURE)),
    };
    let force = workers.in_force();
    let landlock =
        force.landlock.as_ref().map_or("no Landlock".into(), |version| format!("Landlock {version}"));
    let seccomp = if force.seccomp { "system calls filtered" } else { "system calls not filtered" };
    let memory = indicatif::HumanBytes(force.memory_bytes);
    let found = format!("{seccomp}, {landlock}, {memory} and {} s an item", options.max_seconds);
    checks.push(if force.is_complete() {
        Check::ok("jail", found)
    } else {
        Check::lacking("jail", found, "use a kernel with seccomp and Landlock (Linux 5.13 or newer, enabled)")
    });
    for attempt in Attempt::ALL {
        let what = attempt.as_str();
        checks.push(match try_attempt(&options.jail(), attempt) {
            Ok(Refusal::Killed) => {
                Check::ok("jail", format!("a worker that tried to {what} was killed, as it should be"))
            }
            Ok(Refusal::Error) => {
                Check::ok("jail", format!("a worker that tried to {what} was refused, as it should be"))
            }
            Ok(Refusal::None) => Check::fault("jail", format!("a worker could {what}"), CURE),
            Err(error) => {
                Check::fault("jail", format!("whether a worker can {what} could not be tried: {error}"), CURE)
            }
        });
    }
}

/// For a command that the configuration names and that is not there.
const CURE_SETTING: &str = "correct that line of innerward.toml, or leave it out";

/// A picture of 64 by 48 pixels, two gradients and their product, made with libheif's `heif-enc -q 30`.
const PICTURE: &[u8] = include_bytes!("doctor.heic");
const PICTURE_SIZE: (u32, u32) = (64, 48);

/// Whether the command is there, and does what it is for where it is to do it.
fn heif_convert(options: &WorkerOptions) -> Check {
    const NAME: &str = "heif-convert";
    let Some(path) = &options.heif_convert else {
        return Check::lacking(
            NAME,
            "not found; HEIC and AVIF are unchecked but for their digests",
            "install it (Debian: libheif-examples), or set heif_convert in innerward.toml",
        );
    };
    let path = path.display();
    let tried = Workers::start(options.clone())
        .map_err(ReadError::from)
        .and_then(|workers| workers.fingerprint_bytes(PICTURE, &Wanted::default()));
    match tried {
        Ok(print) if print.gap.is_none() && print.size == Some(PICTURE_SIZE) => {
            Check::ok(NAME, format!("{path} decodes a HEIC in the jail, as it should"))
        }
        Ok(print) => {
            let why = print.gap.map_or("the picture is another".into(), |gap| gap.to_string());
            Check::fault(
                NAME,
                format!("{path} does not decode a small HEIC in the jail: {why}"),
                "install libheif with its decoder for HEVC (Debian: libheif-examples, libde265-0) under /usr, or set \
                 heif_convert in innerward.toml",
            )
        }
        Err(error) => {
            Check::fault(NAME, format!("{path} could not be tried: {error}"), "cure the jail first")
        }
    }
}

/// A video of 64 by 48 pixels and two seconds, made with ffmpeg's `testsrc2` and its encoder for MPEG-4.
const VIDEO: &[u8] = include_bytes!("doctor.mp4");
const VIDEO_FRAMES: usize = 2;

/// Whether the commands for videos are there, and do what they are for.
fn ffmpeg(options: &WorkerOptions) -> Check {
    const NAME: &str = "ffmpeg";
    let Some(ffmpeg) = &options.ffmpeg else {
        return Check::lacking(
            NAME,
            "ffmpeg and ffprobe not found; videos are matched by their digests, and their frames are unchecked",
            "install it (Debian: ffmpeg), or set ffmpeg in innerward.toml",
        );
    };
    let path = ffmpeg.path().display();
    let tried = Workers::start(options.clone())
        .map_err(ReadError::from)
        .and_then(|workers| workers.fingerprint_bytes(VIDEO, &Wanted::default()));
    match tried {
        Ok(print)
            if print.gap.is_none()
                && print.video.as_ref().is_some_and(|video| video.frames.len() == VIDEO_FRAMES) =>
        {
            Check::ok(NAME, format!("{path} decodes a video in the jail, as it should"))
        }
        Ok(print) => {
            let why = print.gap.map_or("the video is another".into(), |gap| gap.to_string());
            Check::fault(
                NAME,
                format!("{path} does not decode a small video in the jail: {why}"),
                "install ffmpeg 5.1 or newer under /usr (Debian: ffmpeg), or set ffmpeg in innerward.toml",
            )
        }
        Err(error) => {
            Check::fault(NAME, format!("{path} could not be tried: {error}"), "cure the jail first")
        }
    }
}
