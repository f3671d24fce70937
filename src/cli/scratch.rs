//! A folder for what is needed for a moment.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A folder that is removed with all that is in it, readable by its owner alone.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A new one below `dir`, which is made if it is not there; its name begins with `name`.
    pub(super) fn below(dir: &Path, name: &str) -> anyhow::Result<Self> {
        let path = dir.join(format!("{name}.{}", std::process::id()));
        fs::create_dir_all(dir)
            .and_then(|()| fs::DirBuilder::new().mode(0o700).create(&path))
            .with_context(|| format!("{}: no folder can be made", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // what was asked is done; a folder of temporary files is cleared by the system
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch::below(&folder.path().join("new"), "made").unwrap();
        let path = scratch.path().to_owned();
        fs::write(path.join("file"), "x").unwrap();
        assert!(Scratch::below(&folder.path().join("new"), "made").is_err(), "it is not shared");
        drop(scratch);
        assert!(!path.exists());
    }
}
