//! A folder of photographs from end to end, beside what that cannot do without: decoding alone and digests alone, each
//! timed on the same files with as many threads, in turn. `cargo bench --bench screening -- [FOLDER [ROUNDS]]`.
//!
//! Without FOLDER it makes one of synthetic photographs, 400 files: half of 0.2 megapixels, 40 % of 1 and 10 % of 12, drawn
//! from BLAKE3's extended output of one seed. Lists are 1,000,000 made SHA-256 and 1,000,000 made PDQ hashes, and the
//! digests of every tenth file, which must be what is found: no more, no less. The jail is on, fidelity is `fast`.
//!
//! Decoding alone reads a file and gives the luma or the pixels that its hash is made from; no hash is made. Digests alone
//! read the files and give all four.

#![allow(clippy::print_stdout, reason = "a table is what it makes")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use innerward::digest::{Digests, Fidelity};
use innerward::media::{Content, JpegHeader, Limits, decode_each, luma};
use rayon::prelude::*;
use serde_json::Value;

const SEED: &[u8] = b"innerward bench screening 1";
const ENTRIES: usize = 1_000_000;
const KNOWN_EACH: usize = 10;
const ROUNDS: usize = 3;
/// Files that a thread hashes side by side, as screening does.
const TOGETHER: usize = 16;

#[path = "shared/photograph.rs"]
mod photograph;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let scratch = tempfile::tempdir()?;
    let folder = words.next().map_or_else(|| scratch.path().join("photographs"), PathBuf::from);
    let rounds = words.next().map_or(Ok(ROUNDS), |word| word.parse())?;
    if folder.starts_with(scratch.path()) {
        make_photographs(&folder)?;
    }
    let files = files(&folder)?;
    let bytes: u64 = files.iter().map(|path| path.metadata().map_or(0, |about| about.len())).sum();
    let ward = Ward::new(&scratch.path().join("home"), &files)?;
    println!("{} files, {} MB, {} threads", files.len(), bytes / 1_000_000, rayon::current_num_threads());
    println!("{:>12} {:>12} {:>12} {:>9}", "decoding s", "digests s", "screening s", "ratio");
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        let (decoding, digests) = (timed(|| decode_all(&files)), timed(|| digest_all(&files)));
        let mut found = 0;
        let screening = timed(|| found = ward.screen(&folder).expect("the folder is screened"));
        assert_eq!(
            found,
            files.len().div_ceil(KNOWN_EACH) as u64,
            "what is listed is found, and nothing else"
        );
        let ratio = screening / (decoding + digests);
        println!("{decoding:>12.2} {digests:>12.2} {screening:>12.2} {ratio:>9.3}");
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median of screening to decoding plus digests: {:.3}", ratios[ratios.len() / 2]);
    Ok(())
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn decode_all(files: &[PathBuf]) {
    let limits = Limits::default();
    files.par_iter().for_each(|path| {
        let bytes = fs::read(path).expect("a file of the folder");
        let quick = JpegHeader::of(&bytes, &limits)
            .and_then(|header| Fidelity::Fast.scale(&header))
            .and_then(|(scale, _)| luma(&bytes, scale, &limits));
        if quick.is_none() {
            let mut pixels = 0;
            let decoded = decode_each(&bytes, Content::of(&bytes), &limits, &mut |formed| {
                pixels += formed.raster.width() * formed.raster.height();
            });
            assert!(decoded.is_ok() && pixels > 0, "a picture of the folder");
        }
    });
}

fn digest_all(files: &[PathBuf]) {
    files.par_chunks(TOGETHER).for_each(|paths| {
        let read: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).expect("a file")).collect();
        let digests = Digests::of_many(&read.iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert_eq!(digests.len(), read.len());
    });
}

/// A home with its lists.
struct Ward {
    home: PathBuf,
}

impl Ward {
    fn new(home: &Path, files: &[PathBuf]) -> Result<Self, Failure> {
        let ward = Self { home: home.into() };
        let mut made = vec![0; ENTRIES * 64];
        blake3::Hasher::new().update(SEED).finalize_xof().fill(&mut made);
        for (name, kind, half) in [("digests", "sha256", 0), ("pictures", "pdq", ENTRIES * 32)] {
            let mut list = String::new();
            for code in made[half..][..ENTRIES * 32].chunks(32) {
                writeln!(list, "{kind}:{}", hex::encode(code))?;
            }
            if kind == "sha256" {
                for path in files.iter().step_by(KNOWN_EACH) {
                    writeln!(list, "{kind}:{}", Digests::of(&fs::read(path)?).sha256.to_hex())?;
                }
            }
            let path = home.with_extension(name);
            fs::write(&path, list)?;
            ward.run(&["set", "import", name, path.to_str().ok_or("a path in UTF-8")?])?;
        }
        Ok(ward)
    }

    /// How many known items there were.
    fn screen(&self, folder: &Path) -> Result<u64, Failure> {
        let folder = folder.to_str().ok_or("a path in UTF-8")?;
        let out = self.run(&["screen", folder, "--summary", "--quiet", "--no-tally", "--format", "json"])?;
        let lines = out.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
        let summary = lines.iter().find(|line| line["type"] == "summary").ok_or("a summary")?;
        Ok(summary["data"]["known"].as_u64().ok_or("a count of known items")?)
    }

    fn run(&self, words: &[&str]) -> Result<String, Failure> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_innerward"));
        let done = command.arg("--home").arg(&self.home).args(words).output()?;
        // 1 and 4 say what was found and what was not checked.
        match done.status.code() {
            Some(0 | 1 | 4 | 5) => Ok(String::from_utf8(done.stdout)?),
            _ => Err(String::from_utf8_lossy(&done.stderr).into()),
        }
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(self::files(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}

fn make_photographs(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    for (size, (width, height), count) in
        [("0.2mp", (540, 370), 200), ("1mp", (1200, 850), 160), ("12mp", (4000, 3000), 40)]
    {
        // Files of a size differ behind the picture: no two have the same digests, and each is decoded.
        let mut encoded = photograph::photograph(SEED, width, height);
        for number in 0_u32..count {
            encoded.extend(number.to_le_bytes());
            fs::write(folder.join(format!("{size}-{number:03}.jpg")), &encoded)?;
            encoded.truncate(encoded.len() - 4);
        }
    }
    Ok(())
}
