//! `innerward index …`

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use crate::cli::global::Global;
use crate::cli::output::{Output, grouped};
use crate::cli::status::Status;
use crate::index::Index;

/// Check and describe the memory-mapped index
#[derive(Subcommand)]
pub(in crate::cli) enum IndexVerb {
    /// Read every byte of the index and say what is wrong with it
    ///
    /// Finds any flipped bit. Exit code 2 if something is wrong.
    Verify,
    /// Show the segments: entries, bytes, hashes, bands
    Stat,
}

impl IndexVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let dir = global.open_home()?.index_dir();
        match self {
            Self::Verify => verify(&dir, out)?,
            Self::Stat => stat(&dir, out)?,
        }
        Ok(Status::default())
    }
}

fn verify(dir: &std::path::Path, out: &mut Output) -> anyhow::Result<()> {
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
        bail!("the index is damaged; import the lists again (`innerward set import NAME FILE`)");
    }
    Ok(())
}

fn stat(dir: &std::path::Path, out: &mut Output) -> anyhow::Result<()> {
    let segments = Index::open(dir)?.stat();
    for segment in &segments {
        let hashes: std::collections::BTreeMap<_, _> =
            segment.hashes.iter().map(|(kind, number)| (kind.as_str(), number)).collect();
        out.json(
            "segment",
            &json!({
                "set": segment.set, "file": segment.file, "bytes": segment.bytes, "entries": segment.entries,
                "withdrawn": segment.withdrawn, "hashes": hashes, "bands": segment.bands.len(),
                "bytes_per_entry": segment.bytes_per_entry(),
            }),
        )?;
        out.text(format_args!(
            "{} ({}): {} entries, {} withdrawn, {} bytes, {:.1} an entry",
            segment.set,
            segment.file,
            grouped(segment.entries),
            grouped(segment.withdrawn),
            grouped(segment.bytes),
            segment.bytes_per_entry()
        ))?;
        for (kind, number) in hashes {
            out.text(format_args!("  {kind:<18} {:>12}", grouped(*number)))?;
        }
        let search = if segment.bands.is_empty() {
            "scanned".into()
        } else {
            format!("{} bands", segment.bands.len())
        };
        out.text(format_args!("  near search: {search}"))?;
    }
    out.json("summary", &json!({ "segments": segments.len() }))?;
    Ok(())
}
