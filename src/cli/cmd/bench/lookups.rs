//! An index of made hashes: how long it takes to build, and look-ups in it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::answers::{self, ExactQuery, NearQuery};
use super::measure::{Passes, Stopwatch};
use super::scratch::Needs;
use crate::cli::scratch::Scratch;
use crate::digest::{Pdq, Sha256, Signal};
use crate::hashset::{Entry, EntryKey, Hashes, Labels, Opinion};
use crate::home::Home;
use crate::index::{Index, IndexWriter, Memory, Scope, SegmentBuilder, Synthetic};
use crate::kernel::{Code256, Distance};

/// How made PDQ hashes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Spread {
    /// Like those of photographs, with near-duplicates: what a list is like
    Skewed,
    /// Each bit by the toss of a coin: what most tools are measured on
    Random,
}

/// What is made for the look-ups.
#[derive(Args)]
#[command(next_help_heading = "Options of the index")]
pub(super) struct Lookups {
    /// Hashes of each of two indexes, of PDQ and of SHA-256
    ///
    /// The indexes are made one after the other in DIR of --out, or in the folder for temporary files (TMPDIR), and
    /// removed. 100000000 take about 12 GB of disk, as much memory, and ten minutes on two cores.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    entries: u32,

    /// How the PDQ hashes lie
    #[arg(long, value_enum, value_name = "NAME", default_value = "skewed")]
    hashes: Spread,

    /// Near look-ups in a pass, one in ten of them planted near a hash; exact ones are a hundred times as many
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    queries: u32,

    /// Look up in a copy in huge-page memory, as `huge_pages` of the configuration has it, not in mapped files
    #[arg(long)]
    huge_pages: bool,

    /// Write the hashes and the queries into DIR, 32 bytes each, to measure other tools on the same
    ///
    /// pdq.bin and pdq-queries.bin, sha256.bin and sha256-queries.bin.
    #[arg(long, value_name = "DIR")]
    write_codes: Option<PathBuf>,
}

/// What all look-ups of one index tell.
#[derive(Debug, Serialize)]
struct Built {
    entries: u32,
    huge_pages: bool,
    /// Taking the entries, writing, syncing, naming.
    build_seconds: f64,
    bytes_per_entry: f64,
    open_seconds: f64,
}

/// Near look-ups among PDQ hashes, all within 31 bits.
#[derive(Debug, Serialize)]
pub(super) struct NearFigures {
    hashes: Spread,
    #[serde(flatten)]
    built: Built,
    queries: usize,
    planted: usize,
    /// Matches of all queries.
    hits: usize,
    /// Queries whose matches were compared with those of a linear search.
    compared: usize,
    passes: usize,
    /// Of a look-up, by one thread: half take less.
    seconds: f64,
    seconds_p99: f64,
    seconds_mean: f64,
    processor_seconds: Option<f64>,
    threads: usize,
    /// Of a look-up, on average, if all are looked up together by all threads.
    batch_seconds: f64,
}

/// Exact look-ups among SHA-256 digests.
#[derive(Debug, Serialize)]
pub(super) struct ExactFigures {
    #[serde(flatten)]
    built: Built,
    queries: usize,
    planted: usize,
    hits: usize,
    passes: usize,
    /// Of a look-up, on average, one by one, by one thread.
    seconds: f64,
    processor_seconds: Option<f64>,
    /// A thousand together, by one thread.
    batch_seconds: f64,
    batch_processor_seconds: Option<f64>,
}

/// Exact queries for each near one: so many that they meet parts of the index that are not in the cache.
const EXACT_FOR_NEAR: u32 = 100;
/// Exact look-ups made together.
const TOGETHER: usize = 1000;
/// How often an index is opened.
const OPENED: usize = 9;
/// The one set of the index.
const SET: &str = "MADE";
/// How the folder of an index begins.
const SCRATCH: &str = "innerward-bench";

impl Lookups {
    /// Stops before anything is made if there is too little room below `dir`; gives a warning if there is just enough.
    pub(super) fn room(&self, dir: &Path) -> anyhow::Result<Option<String>> {
        Needs::of(self.entries).check(dir)
    }

    /// Builds an index of PDQ hashes below `dir` and looks up in it.
    pub(super) fn near(&self, dir: &Path, passes: Passes) -> anyhow::Result<NearFigures> {
        let made = match self.hashes {
            Spread::Skewed => Synthetic::like_photographs(),
            Spread::Random => Synthetic::uniform(),
        };
        let queries = made.queries(self.entries as usize, self.queries as usize, Distance::PDQ_DEFAULT);
        let codes = self.file("pdq.bin")?;
        self.write("pdq-queries.bin", queries.iter().map(|query| query.code))?;
        let scratch = Scratch::below(dir, SCRATCH)?;
        let signal = |code: &Code256| Signal::Pdq(Pdq::new(*code));
        let (index, built) = self.build(&scratch, &made, signal, codes)?;

        let scope = Scope::within(Distance::PDQ_DEFAULT);
        let asked: Vec<Pdq> = queries.iter().map(|query| Pdq::new(query.code)).collect();
        // The first pass reads the index into memory; it is not timed.
        let answers = index.near_many(&asked, &scope, usize::MAX)?;
        let checked: Vec<NearQuery<'_>> = queries.iter().zip(&answers).collect();
        answers::planted_are_near(&checked)?;
        let hits: usize = answers.iter().map(|near| near.hits.len()).sum();

        let mut singles = Vec::new();
        let one_core = repeat(passes, || {
            let mut found = 0;
            for query in &asked {
                let start = Instant::now();
                found += index.near(query, &scope, usize::MAX)?.hits.len();
                singles.push(start.elapsed().as_secs_f64());
            }
            answers::same(found == hits)
        })?;
        let batch = repeat(passes, || {
            let answers = index.near_many(&asked, &scope, usize::MAX)?;
            answers::same(answers.iter().map(|near| near.hits.len()).sum::<usize>() == hits)
        })?;
        // At the end: it takes memory, for which the system may give up what was read in.
        let compared = answers::compare_with_linear_search(&checked, &made, self.entries as usize)?;
        singles.sort_by(f64::total_cmp);
        let each = asked.len() as f64;
        Ok(NearFigures {
            hashes: self.hashes,
            built,
            queries: asked.len(),
            planted: queries.iter().filter(|query| query.planted.is_some()).count(),
            hits,
            compared,
            passes: one_core.passes,
            seconds: singles[singles.len() / 2],
            seconds_p99: singles[singles.len() * 99 / 100],
            seconds_mean: one_core.seconds / each,
            processor_seconds: one_core.processor.map(|seconds| seconds / each),
            threads: rayon::current_num_threads(),
            batch_seconds: batch.seconds / each,
        })
    }

    /// Builds an index of SHA-256 digests below `dir` and looks up in it.
    pub(super) fn exact(&self, dir: &Path, passes: Passes) -> anyhow::Result<ExactFigures> {
        let made = Synthetic::uniform();
        let asked = (self.queries * EXACT_FOR_NEAR) as usize; // below 2^32: both are bounded
        let queries = made.queries(self.entries as usize, asked, Distance::ZERO);
        let codes = self.file("sha256.bin")?;
        self.write("sha256-queries.bin", queries.iter().map(|query| query.code))?;
        let scratch = Scratch::below(dir, SCRATCH)?;
        let signal = |code: &Code256| Signal::Sha256(Sha256::from_bytes(*code.as_bytes()));
        let (index, built) = self.build(&scratch, &made, signal, codes)?;

        let asked: Vec<Signal> = queries.iter().map(|query| signal(&query.code)).collect();
        let answers = index.exact_many(&asked)?;
        let checked: Vec<ExactQuery<'_>> = queries.iter().zip(&answers).collect();
        answers::planted_are_found(&checked)?;
        let hits: usize = answers.iter().map(Vec::len).sum();

        let single = repeat(passes, || {
            let mut found = 0;
            for query in &asked {
                found += index.exact(query)?.len();
            }
            answers::same(found == hits)
        })?;
        let batch = repeat(passes, || {
            let mut found = 0;
            for queries in asked.chunks(TOGETHER) {
                found += index.exact_many(queries)?.iter().map(Vec::len).sum::<usize>();
            }
            answers::same(found == hits)
        })?;
        let each = asked.len() as f64;
        Ok(ExactFigures {
            built,
            queries: asked.len(),
            planted: queries.iter().filter(|query| query.planted.is_some()).count(),
            hits,
            passes: single.passes,
            seconds: single.seconds / each,
            processor_seconds: single.processor.map(|seconds| seconds / each),
            batch_seconds: batch.seconds / each,
            batch_processor_seconds: batch.processor.map(|seconds| seconds / each),
        })
    }

    /// An index whose entries have the made codes, number for number. Making them is not timed.
    fn build(
        &self,
        scratch: &Scratch,
        made: &Synthetic,
        signal: impl Fn(&Code256) -> Signal,
        mut copy: Option<File>,
    ) -> anyhow::Result<(Index, Built)> {
        let home = Home::create(&scratch.path().join("home"), false)?;
        let dir = home.index_dir();
        let (mut builder, mut seconds) = (SegmentBuilder::new(), Duration::ZERO);
        made.each(self.entries as usize, |first, piece| {
            if let Some(file) = &mut copy {
                file.write_all(bytemuck::cast_slice(piece)).context("--write-codes")?;
            }
            let start = Instant::now();
            for (number, code) in (first..).zip(piece) {
                let entry = Entry {
                    key: EntryKey::new(number.to_string()).expect("digits are printable"),
                    hashes: Hashes::from(signal(code)),
                    labels: Labels::default(),
                    opinion: Opinion::default(),
                    updated: None,
                };
                builder.push(&entry)?;
            }
            seconds += start.elapsed();
            anyhow::Ok(())
        })?;
        let start = Instant::now();
        let lock = home.lock()?;
        let segment = builder.write(&dir)?;
        IndexWriter::open(&dir, &lock)?.replace_set(SET, 1, vec![segment], vec![])?;
        seconds += start.elapsed();

        let opened = repeat(Passes::Times(OPENED as u32), || {
            ensure!(Index::open(&dir)?.sets().len() == 1, "an index that was just made is empty");
            Ok(())
        })?;
        let memory = if self.huge_pages { Memory::HugePages } else { Memory::Mapped };
        let index = Index::open_in(memory, &dir)?;
        let bytes: u64 = index.stat().iter().map(|segment| segment.bytes).sum();
        let built = Built {
            entries: self.entries,
            huge_pages: self.huge_pages,
            build_seconds: seconds.as_secs_f64(),
            bytes_per_entry: bytes as f64 / f64::from(self.entries),
            open_seconds: opened.seconds,
        };
        Ok((index, built))
    }

    fn file(&self, name: &str) -> anyhow::Result<Option<File>> {
        let Some(dir) = &self.write_codes else { return Ok(None) };
        fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        let path = dir.join(name);
        Ok(Some(File::create(&path).with_context(|| path.display().to_string())?))
    }

    fn write(&self, name: &str, codes: impl Iterator<Item = Code256>) -> anyhow::Result<()> {
        let Some(mut file) = self.file(name)? else { return Ok(()) };
        let codes: Vec<_> = codes.collect();
        file.write_all(bytemuck::cast_slice(&codes)).context("--write-codes")
    }
}

/// What a pass takes: the median by the clock, and the mean of this thread's processor time.
struct Repeated {
    passes: usize,
    seconds: f64,
    processor: Option<f64>,
}

fn repeat(passes: Passes, mut pass: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Repeated> {
    let (mut seconds, start, all) = (Vec::new(), Instant::now(), Stopwatch::start());
    while !passes.done(seconds.len(), start) {
        let one = Instant::now();
        pass()?;
        seconds.push(one.elapsed().as_secs_f64());
    }
    let processor = all.stop().processor.map(|spent| spent / seconds.len() as f64);
    seconds.sort_by(f64::total_cmp);
    Ok(Repeated { passes: seconds.len(), seconds: seconds[seconds.len() / 2], processor })
}

impl NearFigures {
    /// The lines of the table: what, by one core, by all.
    pub(super) fn lines(&self) -> Vec<[String; 3]> {
        let hashes = match self.hashes {
            Spread::Skewed => "as of photographs",
            Spread::Random => "random",
        };
        vec![
            self.built.line(&format!("PDQ hashes, {hashes}")),
            ["  near look-up, mean".into(), micros(self.seconds_mean), micros(self.batch_seconds)],
            ["    half take less than".into(), micros(self.seconds), "-".into()],
            ["    99 of 100 take less than".into(), micros(self.seconds_p99), "-".into()],
        ]
    }
}

impl ExactFigures {
    /// The lines of the table: what, by one core, by all.
    pub(super) fn lines(&self) -> Vec<[String; 3]> {
        vec![
            self.built.line("SHA-256"),
            ["  exact look-up, mean".into(), micros(self.seconds), "-".into()],
            ["    a thousand together".into(), micros(self.batch_seconds), "-".into()],
        ]
    }
}

impl Built {
    fn line(&self, what: &str) -> [String; 3] {
        let millions = f64::from(self.entries) / 1e6;
        let bytes = format!("{:.0} bytes each", self.bytes_per_entry);
        [format!("{millions} M {what}"), format!("built in {:.1} s", self.build_seconds), bytes]
    }
}

fn micros(seconds: f64) -> String {
    let micros = seconds * 1e6;
    let decimals = if micros < 0.995 { 3 } else { usize::from(micros < 99.5) };
    format!("{micros:.decimals$} µs")
}
