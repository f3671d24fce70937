//! `innerward backup`

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::HumanBytes;
use serde_json::json;

use crate::cli::deed::Doing;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, on_one_line};
use crate::cli::status::Status;
use crate::home::backup::{BackedUp, BackupOptions, Recipient};
use crate::home::{About, Did, Home, sync_dir};

/// Copy a home, encrypted to keys of age, while others go on working in it
///
/// The copy is the home at one moment: lists, index, counts, ledger, decisions, keys, tokens, audit, and what was published
/// and pulled. It is encrypted before it leaves the home, and is of no use without the identity (`age-keygen`) of one of
/// those that --to names: keep that identity in two places, neither of them this machine. `innerward restore` makes a home
/// of it; docs/backup.md rehearses both, and what is lost with which key.
///
/// Whoever knows the recipient, which is no secret, can encrypt to it. So the digest of the copy is printed, and stands in the
/// audit: keep it elsewhere, and `innerward restore --expect DIGEST` takes that copy and no other.
#[derive(Args)]
pub(in crate::cli) struct Backup {
    /// Who may open it: a recipient of age, as age-keygen prints it; once for each
    #[arg(long, value_name = "age1…", required = true)]
    to: Vec<String>,

    /// Write it to FILE, readable by its owner alone; an older one there is replaced once this is whole [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Runs and watched folders too: local verdicts with the names of files
    #[arg(long)]
    runs: bool,

    /// Seconds to wait for an import or a publication that is going on
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    wait: u32,

    /// Who does this, for the audit: a name, a role, a ticket [default: the user of the system]
    #[arg(long, value_name = "TEXT")]
    by: Option<String>,
}

impl Backup {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let recipients = self.recipients()?;
        let home = global.open_home()?;
        let now = global.clock(&home)?.now();
        let options = BackupOptions { runs: self.runs, patience: Duration::from_secs(self.wait.into()) };
        match &self.out {
            Some(path) => refuse_within(&home, path)?,
            None if out.is_terminal() => {
                bail!("name a file with --out, or send the backup on: `innerward backup --to … | ssh …`")
            }
            None => {}
        }
        let doing = Doing::new(self.by.as_deref(), Did::HomeBackup, "home");
        let doing = doing.with("recipients", recipients.len()).with("runs", self.runs);
        let done = doing.telling(global, &home, || {
            let take = |to: &mut dyn Write| home.backup(&recipients, &options, now, to);
            let done = match &self.out {
                Some(path) => written(path, take)?,
                None => {
                    let done = take(out.product())?;
                    out.flush()?;
                    done
                }
            };
            // Only now it is known. The copy itself cannot have it.
            let digest = About::from([("digest", done.digest.to_string())]);
            Ok((done, digest))
        })?;
        for name in &done.left_out {
            complain(format_args!(
                "{} is neither file nor folder and is not in the backup",
                on_one_line(name.clone())
            ));
        }
        let Some(path) = &self.out else {
            complain(format_args!("digest {}", done.digest)); // the backup itself is what stands on stdout
            return Ok(Status::default());
        };
        let written = fs::metadata(path).map_or(0, |about| about.len());
        out.json(
            "summary",
            &json!({
                "files": done.files, "bytes": done.bytes, "written": written, "left_out": done.left_out,
                "digest": done.digest.to_string(), "held_seconds": done.held.as_secs_f64(),
            }),
        )?;
        out.text(format_args!(
            "{}: {} with {}, {} encrypted to {}",
            path.display(),
            counted(done.files, "file", "files"),
            HumanBytes(done.bytes),
            HumanBytes(written),
            counted(recipients.len() as u64, "key", "keys"),
        ))?;
        out.text(format_args!("digest {}", done.digest))?;
        // With the digest: without it the one would be restored that lies there, whoever made it.
        out.text(format_args!(
            "Restore it somewhere before you need it: `innerward restore FILE --identity KEY --expect {} --home NEW`.",
            done.digest
        ))?;
        Ok(Status::default())
    }

    fn recipients(&self) -> anyhow::Result<Vec<Recipient>> {
        let read = |text: &String| {
            // A secret key in its place must not be repeated on the terminal, and so nothing is.
            let fault = "--to takes a recipient of age, which begins with age1: the public key that `age-keygen` prints";
            text.trim().parse().map_err(|_| anyhow::anyhow!(fault))
        };
        self.to.iter().map(read).collect()
    }
}

/// A backup of a home in itself is lost with it, and grows with every one that follows.
fn refuse_within(home: &Home, path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = |path: &Path| fs::canonicalize(path).with_context(|| path.display().to_string());
    if real(folder)?.starts_with(real(home.root())?) {
        bail!("{} lies in the home; keep the backup somewhere else", path.display());
    }
    Ok(())
}

/// Writes a file under another name, and gives it its own once it is whole.
fn written<E: Into<anyhow::Error>>(
    path: &Path,
    take: impl FnOnce(&mut dyn Write) -> Result<BackedUp, E>,
) -> anyhow::Result<BackedUp> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
    let temporary = folder.join(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let told = || path.display().to_string();
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary);
    let mut file = file.with_context(told)?;
    let done = take(&mut file).map_err(Into::into).and_then(|done| {
        file.sync_all().and_then(|()| fs::rename(&temporary, path)).with_context(told)?;
        sync_dir(folder)?;
        Ok(done)
    });
    if done.is_err() {
        let _ = fs::remove_file(&temporary); // the first error is the one to tell
    }
    done.with_context(told)
}
