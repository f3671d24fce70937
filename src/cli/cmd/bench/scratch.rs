//! Room for an index that is made to be measured.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

/// What the larger of the two indexes takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    entries: u32,
    /// Bytes of disk.
    disk: u64,
    /// Bytes of memory while it is built.
    memory: u64,
}

/// Measured, with a tenth more: an index of PDQ hashes and the memory that building it takes, an entry, and what does not
/// grow with the entries.
const DISK_BYTES: u64 = 125;
const MEMORY_BYTES: u64 = 110;
const MEMORY_AT_LEAST: u64 = 200 << 20;
const DISK_AT_LEAST: u64 = 50 << 20;

impl Needs {
    pub(super) fn of(entries: u32) -> Self {
        let count = u64::from(entries);
        Self {
            entries,
            disk: DISK_AT_LEAST + count * DISK_BYTES,
            memory: MEMORY_AT_LEAST + count * MEMORY_BYTES,
        }
    }

    /// An error if there is too little; a warning if the index will not stay in memory.
    pub(super) fn check(self, dir: &Path) -> anyhow::Result<Option<String>> {
        fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
        let free = rustix::fs::statvfs(dir).with_context(|| dir.display().to_string())?;
        self.compare(dir, free.f_bavail.saturating_mul(free.f_frsize), available_memory())
    }

    fn compare(self, dir: &Path, disk: u64, memory: Option<u64>) -> anyhow::Result<Option<String>> {
        let entries = self.entries;
        if disk < self.disk {
            bail!(
                "{entries} entries need {} of disk in {}, where {} are free; set TMPDIR or --out to another folder, or \
                 take fewer --entries",
                size(self.disk),
                dir.display(),
                size(disk)
            );
        }
        let Some(memory) = memory else { return Ok(None) };
        if memory < self.memory {
            bail!(
                "{entries} entries need {} of memory, of which {} are free; take fewer --entries",
                size(self.memory),
                size(memory)
            );
        }
        let stays = self.disk <= memory;
        Ok((!stays).then(|| {
            format!(
                "the index of {} will not stay in the {} of memory that are free: the disk is measured too",
                size(self.disk),
                size(memory)
            )
        }))
    }
}

/// As people write it.
fn size(bytes: u64) -> String {
    match bytes {
        ..10_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{} GB", bytes.div_ceil(1_000_000_000)),
    }
}

/// What Linux could give without swapping.
fn available_memory() -> Option<u64> {
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_is_told_before_anything_is_made() {
        let needs = Needs::of(100_000_000);
        let dir = Path::new("/somewhere");
        let check = |disk, memory| needs.compare(dir, disk, Some(memory));
        let told = |disk, memory| check(disk, memory).unwrap_err().to_string();
        assert_eq!(check(needs.disk, needs.disk).unwrap(), None);
        assert_eq!(needs.compare(dir, needs.disk, None).unwrap(), None);
        let text = told(needs.disk - 1, u64::MAX);
        assert!(text.contains("of disk in /somewhere") && text.contains("--entries"), "{text}");
        let text = told(u64::MAX, needs.memory - 1);
        assert!(text.contains("of memory"), "{text}");
        assert!(check(u64::MAX, needs.disk - 1).unwrap().unwrap().contains("the disk is measured too"));
    }
}
