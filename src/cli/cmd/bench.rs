//! `innerward bench`

mod answers;
mod chart;
mod lookups;
mod measure;
mod pictures;
mod scratch;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::Zoned;
use rayon::prelude::*;
use serde::Serialize;
use walkdir::WalkDir;

use self::lookups::{ExactFigures, Lookups, NearFigures};
use self::measure::{Item, Passes, Speed, Work, measure};
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted};
use crate::cli::status::Status;
use crate::digest::{Fidelity, Fingerprint, Wanted};
use crate::kernel::Kernel;
use crate::screen::fingerprint;

/// Measure how fast this machine hashes and looks hashes up; needs no home and no lists
///
/// Without PATH on pictures and hashes that it makes itself, in about twenty seconds; with PATH on those files, read into
/// memory first, so that it is the machine and not its disk that is measured. Each figure is the median of several passes.
/// Before it is shown, every hash is compared with what the other verbs compute, every planted look-up must have found its
/// entry, and some are compared with a linear search. Other work on the machine makes the figures lower.
#[derive(Args)]
pub(in crate::cli) struct Bench {
    /// Files, or folders with files, to measure on
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Measure only this
    #[arg(long, value_enum, value_name = "PART")]
    only: Option<Part>,

    /// How exactly JPEGs are hashed: reference, luma or fast
    #[arg(long, value_name = "NAME", default_value_t)]
    fidelity: Fidelity,

    /// Passes for each figure [default: as many as fit half a second, at least three]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: Option<u32>,

    /// Write bench.json and bench.svg into DIR
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    #[command(flatten)]
    lookups: Lookups,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The four digests of files
    Digests,
    /// Picture files to their PDQ hashes
    Pictures,
    /// Building an index of made hashes, near and exact look-ups in it
    Index,
}

/// The machine and the program that gave the figures.
#[derive(Debug, Serialize)]
struct Machine {
    version: &'static str,
    on: String,
    cpu: String,
    cores: usize,
    threads: usize,
    kernel: &'static str,
}

#[derive(Serialize)]
struct Summary {
    figures: usize,
    unchecked: u64,
    seconds: f64,
}

/// What `bench.json` holds.
#[derive(Serialize)]
struct Written<'a> {
    machine: &'a Machine,
    speeds: Vec<&'a Speed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    near: Option<&'a NearFigures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<&'a ExactFigures>,
}

/// Files that are measured together.
struct Set {
    name: String,
    items: Vec<Item>,
}

/// One line of the table: by one core, and by all where there are several.
struct Row {
    name: String,
    speeds: Vec<Speed>,
}

impl Row {
    fn unit(&self) -> &'static str {
        match self.speeds[0].work {
            Work::Digests | Work::DigestsOfMany => "MB/s",
            Work::Pictures | Work::Pdq => "pictures/s",
        }
    }

    fn figure(&self, speed: &Speed) -> f64 {
        match speed.work {
            Work::Digests | Work::DigestsOfMany => speed.bytes_per_second() / 1e6,
            Work::Pictures | Work::Pdq => speed.items_per_second(),
        }
    }

    fn figures(&self) -> impl Iterator<Item = f64> {
        self.speeds.iter().map(|speed| self.figure(speed))
    }

    /// Three digits and the unit.
    fn amount(&self, speed: &Speed) -> String {
        let figure = self.figure(speed);
        let decimals = if figure < 9.95 { 2 } else { usize::from(figure < 99.5) };
        format!("{figure:.decimals$} {}", self.unit())
    }
}

/// Sizes of the made pictures: name, width, height, how many different ones.
const MADE: [(&str, u32, u32, u64); 3] =
    [("0.2 MP", 520, 390, 48), ("1 MP", 1160, 870, 4), ("12 MP", 4032, 3024, 2)];

/// Bytes that are read from PATH at most: they stay in memory.
const MOST_BYTES: u64 = 2 << 30;

/// How long one figure takes if nothing else is asked for.
const TIME: Duration = Duration::from_millis(500);

impl Bench {
    pub(in crate::cli) fn run(&self, _: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let start = Instant::now();
        let looks_up = self.paths.is_empty() && self.wants(Part::Index);
        if self.only == Some(Part::Index) && !looks_up {
            bail!("the index is measured on hashes that are made: leave PATH out, or --only index");
        }
        if looks_up && let Some(warning) = self.lookups.room(&self.folder())? {
            complain(warning);
        }
        let (sets, unchecked) = match self.only {
            Some(Part::Index) => (Vec::new(), 0),
            _ if self.paths.is_empty() => (self.made(), 0),
            _ => self.read()?,
        };
        let machine = Machine::this();
        out.json("machine", &machine)?;
        out.text(format_args!("innerward {}, {}", machine.version, machine.on))?;
        let cores = counted(machine.threads as u64, "thread", "threads");
        out.text(format_args!("{}, {cores}, look-ups by {}", machine.cpu, machine.kernel))?;
        out.text("")?;
        out.text(format_args!("{:<40}{:>20}{:>20}", "", "one core", "all cores"))?;
        out.flush()?;

        let mut rows = Vec::new();
        for (number, Set { name, items }) in sets.iter().enumerate() {
            // Made pictures of all sizes are one heap of bytes to a digest; the smallest are the most files.
            if self.wants(Part::Digests) && number == 0 {
                self.row(Work::Digests, "digests, one file at a time", (name, items), &mut rows, out)?;
                self.row(Work::DigestsOfMany, "digests, many files at once", (name, items), &mut rows, out)?;
            }
        }
        for Set { name, items } in sets {
            let items: Vec<_> = items.into_iter().filter(|item| !item.expected.forms.is_empty()).collect();
            if self.wants(Part::Pictures) && !items.is_empty() {
                let what =
                    if self.paths.is_empty() { format!("pictures of {name}") } else { "pictures".into() };
                self.row(Work::Pictures, &format!("{what}, file to PDQ"), (&name, &items), &mut rows, out)?;
                self.row(Work::Pdq, "  of which the hash step alone", (&name, &items), &mut rows, out)?;
            }
        }
        let (mut near, mut exact) = (None, None);
        if looks_up {
            near = Some(self.near(out)?);
            exact = Some(self.exact(out)?);
        }
        if rows.is_empty() && !looks_up {
            bail!(
                "none of the files is a picture that can be hashed; without --only pictures their digests are measured"
            );
        }
        print_meaning(out)?;
        if let Some(dir) = &self.out {
            let written = Written {
                machine: &machine,
                speeds: rows.iter().flat_map(|row| &row.speeds).collect(),
                near: near.as_ref(),
                exact: exact.as_ref(),
            };
            write(dir, &written, &rows).with_context(|| dir.display().to_string())?;
            out.text(format_args!("Written: {}", dir.join("bench.json").display()))?;
            out.text(format_args!("         {}", dir.join("bench.svg").display()))?;
        }
        let of_rows: usize = rows.iter().map(|row| row.speeds.len()).sum();
        let figures = of_rows + usize::from(near.is_some()) + usize::from(exact.is_some());
        out.json("summary", &Summary { figures, unchecked, seconds: start.elapsed().as_secs_f64() })?;
        Ok(Status::default())
    }

    fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    fn passes(&self) -> Passes {
        self.repeat.map_or(Passes::For(TIME), Passes::Times)
    }

    /// Where indexes are made.
    fn folder(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(std::env::temp_dir)
    }

    fn near(&self, out: &mut Output) -> anyhow::Result<NearFigures> {
        let figures = self.lookups.near(&self.folder(), self.passes())?;
        out.json("near", &figures)?;
        print_lines(figures.lines(), out)?;
        Ok(figures)
    }

    fn exact(&self, out: &mut Output) -> anyhow::Result<ExactFigures> {
        let figures = self.lookups.exact(&self.folder(), self.passes())?;
        out.json("exact", &figures)?;
        print_lines(figures.lines(), out)?;
        Ok(figures)
    }

    /// Measures and prints one line.
    fn row(
        &self,
        work: Work,
        name: &str,
        (on, items): (&str, &[Item]),
        rows: &mut Vec<Row>,
        out: &mut Output,
    ) -> anyhow::Result<()> {
        let passes = self.passes();
        let pool = rayon::current_num_threads();
        let mut threads = vec![1];
        // The hash step is timed thread by thread, and of few items not all cores have one.
        if pool > 1 && work != Work::Pdq && items.len() >= pool {
            threads.push(pool);
        }
        let measured =
            threads.into_iter().map(|threads| measure(work, (on, items), self.fidelity, threads, passes));
        let row = Row { name: name.into(), speeds: measured.collect::<Result<_, _>>()? };
        for speed in &row.speeds {
            out.json("speed", speed)?;
        }
        let amount =
            |number: usize| row.speeds.get(number).map_or_else(|| "-".into(), |speed| row.amount(speed));
        out.text(format_args!("{:<40}{:>20}{:>20}", row.name, amount(0), amount(1)))?;
        out.flush()?;
        rows.push(row);
        Ok(())
    }

    /// The files below the paths, and how many of them could not be checked.
    fn read(&self) -> anyhow::Result<(Vec<Set>, u64)> {
        let mut items = Vec::new();
        let (mut total, mut unchecked) = (0, 0);
        for entry in self.paths.iter().flat_map(|path| WalkDir::new(path).sort_by_file_name()) {
            let entry = entry.context("PATH cannot be read")?;
            if !entry.file_type().is_file() {
                continue;
            }
            let bytes = fs::read(entry.path()).with_context(|| entry.path().display().to_string())?;
            total += bytes.len() as u64;
            if total > MOST_BYTES {
                bail!("the files have more than {} MiB, which stay in memory; name fewer", MOST_BYTES >> 20);
            }
            match fingerprint(entry.path(), &self.wanted()) {
                Ok(expected) => {
                    unchecked += u64::from(expected.gap.is_some());
                    items.push(Item { bytes, expected });
                }
                Err(cause) => bail!("{}: {cause}", entry.path().display()),
            }
        }
        if items.is_empty() {
            bail!("there is no file below PATH");
        }
        Ok((vec![Set { name: "files".into(), items }], unchecked))
    }

    fn wanted(&self) -> Wanted {
        Wanted { fidelity: self.fidelity, ..Wanted::default() }
    }

    /// The made pictures by size, none of them unchecked.
    fn made(&self) -> Vec<Set> {
        let make = |(name, width, height, count): (&str, u32, u32, u64)| {
            let items = (0..count).into_par_iter().map(|number| {
                let bytes = pictures::jpeg(width, height, number);
                let read = Fingerprint::read_with(&bytes[..], &self.wanted());
                Item { bytes, expected: read.expect("memory can be read") }
            });
            Set { name: name.into(), items: items.collect() }
        };
        MADE.map(make).into()
    }
}

fn print_lines(lines: Vec<[String; 3]>, out: &mut Output) -> anyhow::Result<()> {
    for [what, one, all] in lines {
        out.text(format_args!("{what:<40}{one:>20}{all:>20}"))?;
    }
    out.flush()?;
    Ok(())
}

fn print_meaning(out: &mut Output) -> anyhow::Result<()> {
    out.text("")?;
    out.text("digests      MD5, SHA-1, SHA-256 and BLAKE3 of files, in one go")?;
    out.text("file to PDQ  decoding a picture and hashing all its forms in eight orientations;")?;
    out.text("             a screening also makes its digests and looks all hashes up")?;
    out.text("near         all entries within 31 bits of a PDQ hash, every match found")?;
    out.text("MP           million pixels; MB a million bytes. Files are in memory.")?;
    Ok(())
}

fn write(dir: &Path, written: &Written<'_>, rows: &[Row]) -> anyhow::Result<()> {
    fs::create_dir_all(dir)?;
    let machine = written.machine;
    let json = serde_json::to_string_pretty(written)?;
    fs::write(dir.join("bench.json"), json + "\n")?;
    let title = format!("innerward {} on {}, {}", machine.version, machine.cpu, machine.on);
    fs::write(dir.join("bench.svg"), chart::draw(&title, rows))?;
    Ok(())
}

impl Machine {
    fn this() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            on: Zoned::now().date().to_string(),
            cpu: cpu().unwrap_or_else(|| std::env::consts::ARCH.into()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            threads: rayon::current_num_threads(),
            kernel: Kernel::best().name(),
        }
    }
}

/// What Linux calls the processor.
fn cpu() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
