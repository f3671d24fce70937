//! Opens published releases from folders, each with the key of its publisher.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use super::release::key;
use crate::cli::global::Global;
use crate::cli::output::complain;
use crate::home::Home;
use crate::release::log::is_release_id;
use crate::release::{PUBLIC_KEY_FILE, PublicKey, Release, SignatureFault, VerifyError};

/// The most releases that are opened at once: 50 publishers' months over ten years.
const MOST_RELEASES: usize = 6_000;
/// The most entries of a folder that are looked at.
const MOST_ENTRIES: usize = 20_000;
/// The file that makes a folder a release.
const MANIFEST: &str = "manifest.json";

/// What lies beside releases in HOME/public and HOME/pulled/NAME.
const BESIDE_RELEASES: [&str; 2] = ["log", "site"];

/// Which releases, and whose.
#[derive(Args)]
pub(in crate::cli) struct Releases {
    /// Folders of published releases: each is one release, or holds releases, as HOME/public and HOME/pulled/NAME do
    #[arg(long = "releases", required = true, num_args = 1.., value_name = "DIR")]
    folders: Vec<PathBuf>,

    /// A publisher's key: the file innerward.pub, or the key itself; once for each publisher
    ///
    /// Without one, releases are checked with this home's key. Those below HOME/public are always checked with this
    /// home's, and those below HOME/pulled/NAME with the one that `pull` pinned. A key that merely lies beside
    /// releases is not trusted: name it here if you had it from the publisher.
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
}

/// A release that was verified, and where.
#[derive(Debug)]
pub(in crate::cli) struct Opened {
    /// What it says.
    pub(in crate::cli) release: Release,
    /// The folder that it was read from.
    pub(in crate::cli) folder: PathBuf,
}

impl Releases {
    /// Verifies every release, in the order of the folders given and then of their names. One that is there twice, byte
    /// for byte, comes once. Releases of several publishers may have the same name.
    ///
    /// # Errors
    /// One that does not verify, by its folder; a folder without releases; two of one publisher that have one name and
    /// differ.
    pub(in crate::cli) fn open(&self, global: &Global) -> anyhow::Result<Vec<Opened>> {
        let keyring = Keyring::of(&self.key, global)?;
        let mut all: Vec<Opened> = Vec::new();
        let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
        for given in &self.folders {
            for folder in releases_in(given)? {
                let release = keyring.open(&folder)?;
                let manifest = release.manifest();
                let name = (manifest.publisher.clone(), manifest.release_id.clone());
                match seen.get(&name).map(|&at| &all[at]) {
                    Some(known) if known.release == release => continue,
                    Some(known) => bail!(
                        "{} and {} both hold {} of {:?}, and they differ: a publisher signs a name once; leave out the \
                         one that is not in the publisher's log, or, if two organisations have one name, make two reports",
                        known.folder.display(),
                        folder.display(),
                        name.1,
                        name.0
                    ),
                    None => {}
                }
                if all.len() == MOST_RELEASES {
                    bail!("these folders hold more than {MOST_RELEASES} releases; name fewer of them");
                }
                seen.insert(name, all.len());
                all.push(Opened { release, folder });
            }
        }
        Ok(all)
    }
}

/// The release `given`, or those that lie in it. Another folder there is passed over aloud, and one that is what remains
/// of a release is refused: without a correction the figures that it corrected would stand again.
fn releases_in(given: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let cure = "name a folder of published releases with --releases";
    let entries = fs::read_dir(given).with_context(|| format!("{}: {cure}", given.display()))?;
    if is_release(given) {
        return Ok(vec![given.to_owned()]);
    }
    let (mut folders, mut passed) = (Vec::new(), Vec::new());
    for (at, entry) in entries.enumerate() {
        let entry = entry.with_context(|| given.display().to_string())?;
        if at == MOST_ENTRIES {
            bail!(
                "{} has more than {MOST_ENTRIES} entries: it is no folder of releases; {cure}",
                given.display()
            );
        }
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let kind = entry.file_type().with_context(|| path.display().to_string())?;
        if name.starts_with('.') || BESIDE_RELEASES.contains(&&*name) {
            continue;
        }
        if kind.is_dir() && is_release_id(&name) && is_release(&path) {
            folders.push(path);
        } else if let Some(fault) = fault(&path, &name, kind)? {
            bail!("{} {fault}", path.display());
        } else if kind.is_dir() {
            passed.push(path);
        }
    }
    if folders.is_empty() {
        bail!(
            "{} is no release and holds none: neither it nor a folder in it has a {MANIFEST}; {cure}, such as HOME/public \
             or HOME/pulled/NAME",
            given.display()
        );
    }
    passed.sort_unstable();
    for path in passed {
        complain(format_args!("{} is no release and is passed over", path.display()));
    }
    folders.sort_unstable();
    Ok(folders)
}

/// Why `path`, which is no whole release, cannot be passed over; `None` if it has nothing of one.
fn fault(path: &Path, name: &str, kind: fs::FileType) -> anyhow::Result<Option<&'static str>> {
    if kind.is_symlink() {
        // A link to a file is none of a release's; one that leads nowhere may have led to one.
        let leads_to_file = fs::metadata(path).is_ok_and(|about| !about.is_dir());
        return Ok((!leads_to_file).then_some("is a link: name the folder that it leads to with --releases"));
    }
    let remains = if kind.is_dir() { holds_remains(path)? } else { false };
    if remains && is_release(path) {
        return Ok(Some(
            "is a release under a name that no release has: give it its own name back, or move it away",
        ));
    }
    Ok((remains || looks_released(name)).then_some(
        "was a release and has no manifest.json: it is damaged or copied in part; fetch it again, or move it away",
    ))
}

/// True if a signature or a proof of the log lies in it.
fn holds_remains(folder: &Path) -> anyhow::Result<bool> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries.take(MOST_ENTRIES) {
        let name = entry.with_context(|| folder.display().to_string())?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".minisig") || name == "log.json" {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True of a name that ends as those of releases do: `2026-10-monthly-v2`.
fn looks_released(name: &str) -> bool {
    let revision = name.rsplit_once("-v").map_or("", |(_, revision)| revision);
    is_release_id(name) && !revision.is_empty() && revision.bytes().all(|b| b.is_ascii_digit())
}

fn is_release(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(MANIFEST)).is_ok()
}

/// The keys that this run trusts, and for what.
struct Keyring {
    /// Named by the person who runs it.
    named: Vec<PublicKey>,
    home: Option<Home>,
}

impl Keyring {
    fn of(texts: &[String], global: &Global) -> anyhow::Result<Self> {
        let named = texts.iter().map(|text| key(text)).collect::<anyhow::Result<_>>()?;
        // Without a home there is no key but those that are named.
        Ok(Self { named, home: global.open_home().ok() })
    }

    /// The keys for releases in `folder`, the likeliest first.
    fn keys(&self, folder: &Path) -> anyhow::Result<Vec<PublicKey>> {
        let mut keys = self.named.clone();
        if let Some(home) = &self.home {
            // Where a link leads is what counts: a folder is ours only if it lies with us.
            let real = |path: &Path| fs::canonicalize(path).ok();
            let (place, public, pulled) = (real(folder), real(&home.public_dir()), real(&home.pulled_dir()));
            let below = |base: Option<PathBuf>| Some(place.as_deref()?.strip_prefix(base?).ok()?.to_owned());
            let own = home.public_dir().join(PUBLIC_KEY_FILE);
            let source = match below(pulled).as_deref().and_then(|path| path.iter().next()) {
                Some(name) => Some(home.pulled_dir().join(name).join(PUBLIC_KEY_FILE)),
                None => Some(own).filter(|own| (keys.is_empty() || below(public).is_some()) && own.exists()),
            };
            if let Some(source) = source {
                keys.push(PublicKey::read(&source).with_context(|| source.display().to_string())?);
            }
        }
        if keys.is_empty() {
            bail!(
                "{}: no key to check it with; name the publisher's with --key innerward.pub, had from the publisher",
                folder.display()
            );
        }
        Ok(keys)
    }

    fn open(&self, folder: &Path) -> anyhow::Result<Release> {
        let mut foreign = None;
        for key in self.keys(folder)? {
            match Release::open(folder, &key) {
                // Signed with another key: one of the others may be it.
                Err(VerifyError::Signature(fault @ SignatureFault::OtherKey { .. })) => {
                    foreign.get_or_insert(fault);
                }
                opened => return opened.with_context(|| folder.display().to_string()),
            }
        }
        let fault = foreign.expect("there is a key, and every key that did not answer left its fault");
        Err(fault).with_context(|| {
            format!(
                "{}: none of the keys fits; name its publisher's with --key, once for each publisher",
                folder.display()
            )
        })
    }
}
