//! Whose a home and its files are. A command that is run as another user leaves files behind that only that user may open.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Home, MARKER};

/// Most bytes of the list of users.
const MAX_BYTES: u64 = 1 << 20;

/// The name of a user as the system's own list has it, `uid N` of others. The environment is not asked: everybody can set
/// that.
#[must_use]
pub fn user_name(user: u32) -> String {
    let mut list = String::new();
    let read = File::open("/etc/passwd").and_then(|file| file.take(MAX_BYTES).read_to_string(&mut list));
    let name = read.ok().and_then(|_| name_of(&list, user));
    name.map_or_else(|| format!("uid {user}"), str::to_owned)
}

fn name_of(list: &str, user: u32) -> Option<&str> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        let is_name = !name.is_empty() && name.len() <= 64 && !name.chars().any(char::is_control);
        (is_name && number.parse() == Ok(user)).then_some(name)
    })
}

/// What `chown` takes: the name, or the bare number of a user without one.
fn for_chown(user: u32) -> String {
    let name = user_name(user);
    if name.starts_with("uid ") { user.to_string() } else { name }
}

/// What the person can do about a file that this process may not open, for the end of the text; whose it is, if that is
/// the reason.
pub(super) fn cure(path: &Path) -> String {
    cure_for(path, rustix::process::geteuid().as_raw())
}

fn cure_for(path: &Path, us: u32) -> String {
    const BARE: &str = "; run as the user whom it belongs to, or name another --home";
    // What is not there, or lies where this process cannot look, is as its folder.
    let nearest = path.ancestors().find_map(|at| Some((at, fs::symlink_metadata(at).ok()?.uid())));
    let Some((at, owner)) = nearest else { return BARE.to_owned() };
    let home = path.ancestors().find(|at| at.join(MARKER).exists());
    let home_owner = home.and_then(|home| Some((home, fs::metadata(home).ok()?.uid())));
    match home_owner {
        Some((home, own)) if own == us && owner != us => format!(
            "; it belongs to {} and the home to {}: a command was run there as another user. As root, `chown -R {} {}` gives \
             all of it back; run every command as {2}",
            user_name(owner),
            user_name(own),
            for_chown(own),
            home.display(),
        ),
        Some((_, own)) if own != us => {
            format!("; the home belongs to {0}: run as {0}, or name another --home", user_name(own))
        }
        None if owner != us => {
            format!("; {} belongs to {1}: run as {1}, or name another --home", at.display(), user_name(owner))
        }
        _ => BARE.to_owned(),
    }
}

impl Home {
    /// What to say before this process writes to the home, if it is somebody else's: what it writes would be locked to the
    /// one whom the home belongs to.
    #[must_use]
    pub fn warning_of_owner(&self) -> Option<String> {
        let us = rustix::process::geteuid().as_raw();
        let owner = fs::metadata(self.root()).ok()?.uid();
        (owner != us).then(|| {
            format!(
                "the home {0} belongs to {1}, and this runs as {2}: files that it makes there cannot be opened by {1}. Run \
                 commands as {1}; `chown -R {3} {0}` gives back what was made otherwise",
                self.root().display(),
                user_name(owner),
                user_name(us),
                for_chown(owner),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_called_as_the_system_has_it() {
        let list =
            "root:x:0:0:root:/root:/bin/sh\n# a note\nana:x:1000:1000:Ana,,,:/home/ana:/bin/sh\n:x:7:7:::\n";
        assert_eq!(name_of(list, 1000), Some("ana"));
        assert_eq!(name_of(list, 0), Some("root"));
        assert_eq!((name_of(list, 7), name_of(list, 100), name_of("", 0)), (None, None, None));
        assert!(!user_name(rustix::process::getuid().as_raw()).is_empty());
        assert_eq!(for_chown(4_000_000_000), "4000000000");
    }

    /// As whom the tests run nobody knows; whoever else there is, is a number that nobody has.
    #[test]
    fn whose_a_home_is_is_told_with_the_cure() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        assert_eq!(home.warning_of_owner(), None);
        let us = rustix::process::geteuid().as_raw();
        let (file, new) = (home.root().join(MARKER), home.root().join("keys/new.key"));
        for path in [&file, &new] {
            assert!(cure_for(path, us).contains("run as the user whom it belongs to"));
            let told = cure_for(path, 4_000_000_000);
            assert!(told.contains(&format!("the home belongs to {}: run as", user_name(us))), "{told}");
        }
        let told = cure_for(&dir.path().join("else"), 4_000_000_000);
        assert!(told.contains(" belongs to ") && !told.contains("the home"), "{told}");
        // Only root can make a file of somebody else's, as the command did that locked the service out.
        if us == 0 {
            std::os::unix::fs::chown(home.root(), Some(4_000_000_000), None).unwrap();
            let told = cure_for(&file, 4_000_000_000);
            let chown = format!("`chown -R 4000000000 {}`", home.root().display());
            assert!(told.contains("it belongs to root") && told.contains(&chown), "{told}");
            let warned = home.warning_of_owner().unwrap();
            assert!(warned.contains("uid 4000000000") && warned.contains(&chown), "{warned}");
        }
    }
}
