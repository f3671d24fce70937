//! `innerward match SIGNAL… | --from FILE`

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use memchr::memchr;
use serde::Serialize;

use super::select::{LowQuality, Select, not_searched, say_what_is_forbidden};
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, on_one_line};
use crate::cli::status::Status;
use crate::digest::{Signal, SignalError, TimedFrame};
use crate::hashset::{Bounds, SharedVideo, SharedVideoError, read_shared_videos};
use crate::index::Explained;
use crate::kernel::Kernel;
use crate::kernel::lanes::Lanes;
use crate::language::Arg;
use crate::screen::{Held, Match, Matcher, NotAllowed, Outcome, Searched, Tripped, Verdict};

/// Look hashes up in all lists
///
/// A hash is written kind:hex, for example pdq:f8f8… or sha256:9f2c…; kinds are md5, sha1, sha256, blake3, pdq, and the
/// classic ones, such as gradient8 and median16-dct. A digest answers `known` only when it is equal; a picture hash
/// answers `near` within the set's distance (if the set does not say, 31 bits for PDQ). Exit code 1 means that something was found: not as with grep.
#[derive(Args)]
pub(in crate::cli) struct Lookup {
    /// Hashes to look up
    #[arg(value_name = "SIGNAL", required_unless_present_any = ["from", "vpdq"])]
    signals: Vec<String>,

    /// Read hashes from FILE, one a line; `-` is stdin
    ///
    /// Blank lines and lines that begin with # are passed over. A bad line is reported and counted, and does not stop
    /// the rest.
    #[arg(long, value_name = "FILE", conflicts_with = "signals")]
    from: Option<PathBuf>,

    /// Look videos up by their frames, read from FILE as `hash --vpdq` and the vPDQ programs write them; `-` is stdin
    ///
    /// Each video is a query, called by the place in FILE where it begins.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["signals", "from", "explain"])]
    vpdq: Option<PathBuf>,

    /// Differing bits allowed in a PDQ hash, bound included, for every set [default: as each set says, or 31]
    ///
    /// KIND=BITS for a classic kind, with commas between several: 20,gradient8=4. What is left out is as each set says.
    #[arg(long, value_name = "BITS")]
    max_distance: Option<Bounds>,

    #[command(flatten)]
    select: Select,

    #[command(flatten)]
    quality: LowQuality,

    /// Show how each segment of the lists was searched
    #[arg(long)]
    explain: bool,
}

#[derive(Serialize)]
struct MatchLine<'a> {
    query: &'a str,
    outcome: Outcome,
    reason: Option<String>,
    matches: &'a [Match],
    matches_cut: bool,
    held: &'a BTreeSet<Held>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<Explained>>,
}

#[derive(Default, Serialize)]
struct Summary {
    queries: u64,
    known: u64,
    near: u64,
    ignored: u64,
    unknown: u64,
    unchecked: u64,
    quarantined: u64,
    deconfirmed: u64,
    watched: u64,
    suppressed: u64,
    filter: Option<Searched>,
    not_allowed: Vec<NotAllowed>,
    seconds: f64,
}

/// Longest line that is read as a hash; longer ones are bad lines.
const MAX_LINE: u64 = 4096;
/// Hashes that are looked up together: enough for most of what that saves, few enough that the matches of all take little
/// memory.
const BATCH: usize = 1024;
/// What is read at a time: about a batch and a half of the longest common hashes.
const READ_BYTES: usize = 128 * 1024;

/// Frames that are looked up together, or more if one video has more.
const FRAMES: usize = 1 << 16;

/// The name of an input for people, and its bytes.
fn open(path: &PathBuf) -> anyhow::Result<(String, BufReader<Box<dyn Read>>)> {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { "stdin".into() } else { on_one_line(path.display()) };
    let input: Box<dyn Read> = match is_stdin {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(path).with_context(|| name.clone())?),
    };
    Ok((name, BufReader::with_capacity(READ_BYTES, input)))
}

/// A line that waits for its answer.
struct Asked {
    query: String,
    place: String,
    signal: Result<Signal, SignalError>,
}

impl Asked {
    fn new(query: &str, place: String) -> Self {
        Self { query: query.to_owned(), place, signal: query.parse() }
    }
}

impl Lookup {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let bounds = self.max_distance.clone().unwrap_or_default();
        let home = global.open_home()?;
        let today = global.clock(&home)?.today();
        let matcher = Matcher::open_on(&home, bounds, &self.select.selection(), today)?;
        let matcher = self.quality.apply(matcher);
        say_what_is_forbidden(&matcher);
        let not_allowed = matcher.forbidden().iter().map(NotAllowed::from).collect();
        let (explain, status) = (self.explain, Status::default());
        let summary = Summary { filter: matcher.filter(), not_allowed, ..Summary::default() };
        let mut session = Session { matcher, out, explain, summary, status };
        let start = Instant::now();
        for signals in self.signals.chunks(BATCH) {
            let mut batch = signals.iter().map(|query| Asked::new(query.trim(), "argument".into())).collect();
            session.answer(&mut batch)?;
        }
        if let Some(path) = &self.from {
            session.read(path)?;
        }
        if let Some(path) = &self.vpdq {
            session.read_videos(path)?;
        }
        session.matcher.close_guard()?.iter().for_each(tell_tripped);
        session.summary.seconds = start.elapsed().as_secs_f64();
        let Session { out, summary, status, .. } = session;
        out.json("summary", &summary)?;
        let language = out.language().clone();
        let always = [
            (summary.known, Outcome::Known.key()),
            (summary.near, Outcome::Near.key()),
            (summary.ignored, Outcome::Ignored.key()),
            (summary.unknown, Outcome::Unknown.key()),
            (summary.unchecked, Outcome::Unchecked.key()),
        ];
        let besides = [
            (summary.quarantined, Outcome::Quarantined.key()),
            (summary.deconfirmed, Outcome::Deconfirmed.key()),
            (summary.watched, "operator-watched-word"),
            (summary.suppressed, "operator-suppressed-word"),
        ];
        let besides = besides.into_iter().filter(|(number, _)| *number > 0);
        let counts: Vec<String> = always
            .into_iter()
            .chain(besides)
            .map(|(number, what)| {
                let what = language.say(what, &[]);
                language.say("operator-count", &[("count", Arg::Number(number)), ("what", Arg::Text(&what))])
            })
            .collect();
        let queries = language.say("operator-queries", &[("count", Arg::Number(summary.queries))]);
        let counts = counts.join(&language.say("operator-comma", &[]));
        out.text(format_args!("{queries}: {counts}"))?;
        if let Some(filter) = &summary.filter {
            out.text(not_searched(filter, &language))?;
        }
        Ok(status)
    }
}

struct Session<'a> {
    matcher: Matcher,
    out: &'a mut Output,
    explain: bool,
    summary: Summary,
    status: Status,
}

impl Session<'_> {
    /// Looks the videos of a file up, a few at a time.
    fn read_videos(&mut self, path: &PathBuf) -> anyhow::Result<()> {
        let (name, mut input) = open(path)?;
        let (mut batch, mut held) = (Vec::new(), 0);
        let read = read_shared_videos(&mut input, |found| -> anyhow::Result<()> {
            match found {
                SharedVideo::Frames(place, frames) => {
                    held += frames.len();
                    batch.push((format!("{name}:{place}"), frames));
                    if held >= FRAMES {
                        held = 0;
                        self.answer_videos(&mut batch)?;
                    }
                }
                SharedVideo::Bad(place, cause) => {
                    complain(format_args!("{name}:{place}: {cause}"));
                    self.status.note(Outcome::Unchecked, true);
                }
            }
            Ok(())
        });
        match read {
            Err(SharedVideoError::Stopped(error)) => return Err(error),
            other => other.map_err(|error| anyhow::anyhow!("{name}: {error}"))?,
        }
        self.answer_videos(&mut batch)
    }

    fn answer_videos(&mut self, batch: &mut Vec<(String, Vec<TimedFrame>)>) -> anyhow::Result<()> {
        let (queries, videos): (Vec<String>, Vec<_>) = batch.drain(..).unzip();
        let mut verdicts = self.matcher.look_up_videos(&videos)?;
        self.matcher.guard(&mut verdicts).iter().for_each(tell_tripped);
        for (query, verdict) in queries.iter().zip(&verdicts) {
            self.conclude(query, verdict, verdict.reason(), None)?;
        }
        Ok(())
    }

    fn read(&mut self, path: &PathBuf) -> anyhow::Result<()> {
        let (name, mut input) = open(path)?;
        let (mut line, mut batch) = (Vec::new(), Vec::new());
        for number in 1_u64.. {
            // Whoever types, or waits for an answer before the next question, is not kept waiting for a batch to fill.
            let would_wait = memchr(b'\n', input.buffer()).is_none();
            if would_wait || batch.len() == BATCH {
                self.answer(&mut batch)?;
            }
            if would_wait {
                self.out.flush()?;
            }
            line.clear();
            if input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).with_context(|| name.clone())? == 0
            {
                break;
            }
            if line.last() != Some(&b'\n') && line.len() as u64 == MAX_LINE {
                self.answer(&mut batch)?; // the rest of the line may be long in coming
                input.skip_until(b'\n').with_context(|| name.clone())?;
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_start_matches('\u{feff}').trim();
            if !text.is_empty() && !text.starts_with('#') {
                batch.push(Asked::new(text, format!("{name}:{number}")));
            }
        }
        self.answer(&mut batch)
    }

    /// Looks up what is asked in `batch`, which is empty afterwards, and tells the answers in that order.
    fn answer(&mut self, batch: &mut Vec<Asked>) -> anyhow::Result<()> {
        let signals: Vec<Signal> =
            batch.iter().filter_map(|asked| asked.signal.as_ref().ok()).copied().collect();
        let mut verdicts = self.matcher.look_up_many(&signals)?;
        self.matcher.guard(&mut verdicts).iter().for_each(tell_tripped);
        let mut verdicts = verdicts.into_iter();
        for asked in batch.drain(..) {
            self.tell(&asked, &mut verdicts)?;
        }
        Ok(())
    }

    /// Tells the answer to one question: the next of `verdicts`, if it is a hash.
    fn tell(
        &mut self,
        Asked { query, place, signal }: &Asked,
        verdicts: &mut impl Iterator<Item = Verdict>,
    ) -> anyhow::Result<()> {
        let plan = match signal {
            Ok(signal) if self.explain => Some(self.matcher.explain(signal)?),
            _ => None,
        };
        let verdict = match signal {
            Ok(_) => verdicts.next().expect("there is one for each hash"),
            Err(error) => {
                complain(format_args!("{place}: {error}"));
                let mut verdict = Verdict::conclude(Vec::new(), false, None);
                verdict.outcome = Outcome::Unchecked;
                verdict
            }
        };
        let reason = match verdict.outcome {
            Outcome::Unchecked => Some("not a hash".into()),
            _ => verdict.reason(),
        };
        self.conclude(query, &verdict, reason, plan)
    }

    /// Counts the answer to one question, and prints it.
    fn conclude(
        &mut self,
        query: &str,
        verdict: &Verdict,
        reason: Option<String>,
        plan: Option<Vec<Explained>>,
    ) -> anyhow::Result<()> {
        self.summary.queries += 1;
        *match verdict.outcome {
            Outcome::Known => &mut self.summary.known,
            Outcome::Near => &mut self.summary.near,
            Outcome::Ignored => &mut self.summary.ignored,
            Outcome::Unknown => &mut self.summary.unknown,
            Outcome::Unchecked => &mut self.summary.unchecked,
            Outcome::Quarantined => &mut self.summary.quarantined,
            Outcome::Deconfirmed => &mut self.summary.deconfirmed,
        } += 1;
        self.summary.watched += u64::from(verdict.held.contains(&Held::Watched));
        self.summary.suppressed += u64::from(verdict.held.contains(&Held::Suppressed));
        self.status.note(verdict.outcome, false);
        self.out.json(
            "match",
            &MatchLine {
                query,
                outcome: verdict.outcome,
                reason: reason.clone(),
                matches: &verdict.matches,
                matches_cut: verdict.matches_cut,
                held: &verdict.held,
                plan: plan.clone(),
            },
        )?;
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let outcome = self.out.say(verdict.outcome.key(), &[]);
        self.out.text(format_args!("{outcome}  {}{reason}", on_one_line(query)))?;
        for found in &verdict.matches {
            self.out.text(format_args!("    {}", in_words(found)))?;
        }
        if verdict.matches_cut {
            self.out.text(format_args!("    {}", self.out.say("operator-more", &[])))?;
        }
        for part in plan.iter().flatten() {
            self.out.text(format_args!("    searched {}", searched(part)))?;
        }
        Ok(())
    }
}

/// One word on stderr about an entry that the flood guard took out of service. Not which: stderr ends up in logs.
pub(in crate::cli) fn tell_tripped(entry: &Tripped) {
    complain(format_args!(
        "an entry of {0} is hit too often and was quarantined; see `innerward set quarantine {0}`",
        entry.set
    ));
}

/// How a segment was searched, on two lines.
fn searched(part: &Explained) -> String {
    let Explained { set, file, codes, admitted, max_distance, bands, plan, micros, .. } = part;
    let codes = counted(*codes, "hash", "hashes");
    let admitted = admitted.map(|entries| format!(", {} admitted", counted(entries, "entry", "entries")));
    let admitted = admitted.unwrap_or_default();
    let head = format!("{set}, {file}: {codes}{admitted}, within {max_distance} bits, {micros:.0} µs");
    if plan.filtered_segments > 0 {
        let few = counted(plan.filtered, "hash", "hashes");
        return format!("{head}\n      {few} of admitted entries compared, by {}", Lanes::best().name());
    }
    if plan.scanned > 0 || plan.buckets == 0 {
        return format!("{head}\n      every hash compared, by {}", Kernel::best().name());
    }
    let widths = bands.iter().map(|(width, _)| *width);
    let flips = bands.iter().filter_map(|(_, flips)| *flips);
    format!(
        "{head}\n      {} of {} bits, up to {} flipped: {}, {},\n      {} compared in full, by {}",
        counted(bands.len() as u64, "band", "bands"),
        span(widths),
        span(flips),
        counted(plan.buckets, "bucket", "buckets"),
        counted(plan.postings, "posting", "postings"),
        plan.candidates,
        Lanes::best().name()
    )
}

/// `16`, or `18 to 19`.
fn span(values: impl Iterator<Item = u32> + Clone) -> String {
    let (least, most) = (values.clone().min().unwrap_or(0), values.max().unwrap_or(0));
    if least == most { least.to_string() } else { format!("{least} to {most}") }
}

/// One match on one line.
pub(in crate::cli) fn in_words(found: &Match) -> String {
    let mut text = format!("{} entry {}: {}", found.set, found.entry, found.signal);
    if !found.signal.is_digest() {
        text.push_str(&format!(", {} bits apart (up to {} allowed)", found.distance, found.max_distance));
    }
    if let Some(transform) = found.transform {
        text.push_str(&format!(", {}", transform.as_str()));
    }
    if let Some(form) = found.form {
        text.push_str(&format!(", {form}"));
    }
    if let Some(video) = &found.video {
        text.push_str(&format!(", {}", video.in_words()));
    }
    if !found.labels.is_empty() {
        let labels: Vec<&str> = found.labels.iter().map(|label| label.as_str()).collect();
        text.push_str(&format!(" [{}]", labels.join(" ")));
    }
    if !found.categories.is_empty() {
        let categories: Vec<String> = found.categories.iter().map(ToString::to_string).collect();
        text.push_str(&format!(" [{}]", categories.join(" ")));
    }
    for conflict in &found.conflicts {
        text.push_str(&format!(", the list gives several codes of {conflict}"));
    }
    match (found.held, &found.suppressed_by) {
        (Some(Held::Suppressed), Some(set)) => text.push_str(&format!("; suppressed by {set}")),
        (Some(held), _) => text.push_str(&format!("; {}", held.as_str())),
        (None, _) => {}
    }
    match (found.confirmed, found.deconfirmed) {
        (true, _) => text.push_str("; confirmed here"),
        (_, true) if found.held != Some(Held::Deconfirmed) => text.push_str("; deconfirmed here"),
        _ => {}
    }
    text
}
