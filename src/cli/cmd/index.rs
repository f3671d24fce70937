//! `innerward index …`

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, counted, grouped};
use crate::cli::status::Status;
use crate::hashset::SetName;
use crate::home::Home;
use crate::index::{BandStat, Extent, Index, merge, set_names};

/// Check, describe and tidy the memory-mapped index
#[derive(Subcommand)]
pub(in crate::cli) enum IndexVerb {
    /// Read every byte of the index and say what is wrong with it
    ///
    /// Finds any flipped bit. Exit code 2 if something is wrong.
    Verify,
    /// Show the segments: entries, bytes, hashes, and how evenly codes are spread over their buckets
    Stat,
    Merge(Merge),
}

/// Put small segments together, as `set import --add` does by itself
///
/// Searches look into every segment, so few are faster than many. Readers are not disturbed. Entries that were withdrawn
/// are left out of what is written: they stay withdrawn in every later import all the same.
#[derive(Args)]
pub(in crate::cli) struct Merge {
    /// Name of the set [default: every set]
    name: Option<SetName>,

    /// Put all segments of a set together, however large
    ///
    /// The set is then, byte for byte, as if its entries had been imported at once (134,217,728 in a segment).
    #[arg(long)]
    all: bool,
}

impl IndexVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let home = global.open_home()?;
        match self {
            Self::Verify => verify(&home.index_dir(), out)?,
            Self::Stat => stat(&home.index_dir(), out)?,
            Self::Merge(verb) => verb.run(&home, out)?,
        }
        Ok(Status::default())
    }
}

fn verify(dir: &Path, out: &mut Output) -> anyhow::Result<()> {
    let report = Index::verify(dir)?;
    for file in &report.files {
        let faults: Vec<String> = file.faults.iter().map(ToString::to_string).collect();
        out.json("file", &json!({ "file": file.name, "bytes": file.bytes, "faults": faults }))?;
        let verdict = if faults.is_empty() { "sound".into() } else { faults.join("; ") };
        out.text(format_args!("{:<28} {:>15} bytes  {verdict}", file.name, grouped(file.bytes)))?;
    }
    for name in &report.unused {
        out.text(format_args!("{name:<28} not in use; the next import removes it"))?;
    }
    out.json(
        "summary",
        &json!({ "files": report.files.len(), "sound": report.is_sound(), "unused": report.unused }),
    )?;
    if !report.is_sound() {
        out.flush()?;
        bail!("the index is damaged; import the lists again (`innerward set import NAME FILE --anew --yes`)");
    }
    Ok(())
}

impl Merge {
    fn run(&self, home: &Home, out: &mut Output) -> anyhow::Result<()> {
        let extent = if self.all { Extent::All } else { Extent::Tiers };
        let lock = home.lock_within(PATIENCE)?;
        let names = match &self.name {
            Some(name) => vec![name.clone()],
            None => set_names(home)?,
        };
        for name in &names {
            let merged = merge(home, &lock, name, extent).with_context(|| format!("{name}: not merged"))?;
            out.json(
                "merge",
                &json!({
                    "set": name, "segments_before": merged.before, "segments": merged.after,
                    "entries": merged.entries, "dropped": merged.dropped, "bytes": merged.bytes,
                }),
            )?;
            out.text(format_args!(
                "{name}: {} now, {} before; {} written, {} left out as withdrawn",
                counted(merged.after as u64, "segment", "segments"),
                grouped(merged.before as u64),
                counted(merged.entries, "entry", "entries"),
                grouped(merged.dropped),
            ))?;
        }
        out.json("summary", &json!({ "sets": names.len() }))?;
        Ok(())
    }
}

fn stat(dir: &Path, out: &mut Output) -> anyhow::Result<()> {
    let index = Index::open(dir)?;
    let segments = index.stat();
    for (number, segment) in segments.iter().enumerate() {
        let hashes: BTreeMap<_, _> =
            segment.hashes.iter().map(|(kind, number)| (kind.as_str(), number)).collect();
        let bands = index.band_stat(number)?;
        let buckets: Vec<_> = bands
            .iter()
            .map(|stat| {
                json!({
                    "kind": stat.kind.as_str(), "bit_offset": stat.band.offset, "bit_width": stat.band.width,
                    "p99": stat.p99, "largest": stat.largest,
                })
            })
            .collect();
        out.json(
            "segment",
            &json!({
                "set": segment.set, "file": segment.file, "bytes": segment.bytes, "entries": segment.entries,
                "withdrawn": segment.withdrawn, "hashes": hashes, "bands": segment.bands.len(), "buckets": buckets,
                "bytes_per_entry": segment.bytes_per_entry(),
            }),
        )?;
        out.text(format_args!("{} in {}", segment.set, segment.file))?;
        out.text(format_args!(
            "  {}, {} withdrawn; {} bytes, {:.1} an entry",
            counted(segment.entries, "entry", "entries"),
            grouped(segment.withdrawn),
            grouped(segment.bytes),
            segment.bytes_per_entry()
        ))?;
        for (kind, number) in &hashes {
            out.text(format_args!("  {kind:<22} {:>13}", grouped(**number)))?;
        }
        print_buckets(&bands, out)?;
    }
    if segments.is_empty() {
        out.text("No segments yet; import a list with `innerward set import NAME FILE`.")?;
    }
    out.json("summary", &json!({ "segments": segments.len() }))?;
    Ok(())
}

/// How a near search goes about it, and what fills the buckets that it looks into.
fn print_buckets(bands: &[BandStat], out: &mut Output) -> anyhow::Result<()> {
    if bands.is_empty() {
        out.text("  near search: scanned")?;
        return Ok(());
    }
    out.text("  near search: by bands           codes in a bucket: 99th percentile     largest")?;
    for stat in bands {
        let bits = format!("bits {} to {}", stat.band.offset, stat.band.offset + stat.band.width - 1);
        out.text(format_args!(
            "    {:<24} {bits:<16} {:>20} {:>11}",
            stat.kind.as_str(),
            grouped(stat.p99.into()),
            grouped(stat.largest.into())
        ))?;
    }
    Ok(())
}
