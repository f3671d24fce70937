//! Secret keys: 32 random bytes a file, mode 0600, made on first use.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use rand::TryRng;
use rand::rngs::SysRng;

use super::{Home, HomeError, sync_dir, write_atomic};

impl Home {
    /// The secret key called `name` (`keys/NAME.key`), made from the system's randomness on first use.
    ///
    /// # Errors
    /// [`HomeError::Key`] if the file is damaged.
    ///
    /// # Panics
    /// If the operating system has no randomness to give.
    pub fn secret_key(&self, name: &str) -> Result<[u8; 32], HomeError> {
        if let Some(key) = self.known_secret_key(name)? {
            return Ok(key);
        }
        // Of two processes that both need it for the first time one makes it, and both have the same.
        let _lock = self.lock_file("keys/lock", Duration::from_secs(10))?;
        if let Some(key) = self.known_secret_key(name)? {
            return Ok(key);
        }
        let mut key = [0; 32];
        // Without randomness nothing here is safe to do.
        SysRng.try_fill_bytes(&mut key).expect("the operating system gives random bytes");
        write_atomic(&self.key_path(name), &key, 0o600)?;
        Ok(key)
    }

    /// The secret key called `name`, if there is one.
    ///
    /// # Errors
    /// [`HomeError::Key`] if the file is damaged.
    pub fn known_secret_key(&self, name: &str) -> Result<Option<[u8; 32]>, HomeError> {
        let path = self.key_path(name);
        match fs::read(&path) {
            Ok(bytes) => match <[u8; 32]>::try_from(&bytes[..]) {
                Ok(key) => Ok(Some(key)),
                Err(_) => Err(HomeError::Key { path, expected: 32, found: bytes.len() }),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(HomeError::Io { path, source }),
        }
    }

    /// Deletes the secret key called `name`, for ever; false if there is none.
    ///
    /// # Errors
    /// [`HomeError::Io`] if it cannot be deleted.
    pub fn forget_secret_key(&self, name: &str) -> Result<bool, HomeError> {
        let path = self.key_path(name);
        match fs::remove_file(&path) {
            Ok(()) => sync_dir(&self.keys_dir()).map(|()| true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(source) => Err(HomeError::Io { path, source }),
        }
    }

    /// The file of the public key that belongs to the secret key `name`: for others to check with, but as private as all
    /// here until somebody hands it out.
    #[must_use]
    pub fn public_key_path(&self, name: &str) -> PathBuf {
        self.keys_dir().join(format!("{name}.pub"))
    }

    fn key_path(&self, name: &str) -> PathBuf {
        self.keys_dir().join(format!("{name}.key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let key = home.secret_key("signing").unwrap();
        assert_eq!(home.secret_key("signing").unwrap(), key);
        assert_ne!(home.secret_key("tally-2026-10").unwrap(), key);
        assert_eq!(home.known_secret_key("signing").unwrap(), Some(key));
        assert_eq!(home.known_secret_key("other").unwrap(), None, "asking makes none");
        assert!(home.forget_secret_key("tally-2026-10").unwrap());
        assert!(!home.forget_secret_key("tally-2026-10").unwrap());
        let path = home.keys_dir().join("signing.key");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, b"short").unwrap();
        assert!(matches!(home.secret_key("signing"), Err(HomeError::Key { found: 5, .. })));
    }

    #[test]
    fn all_who_need_a_key_for_the_first_time_have_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let make = || home.secret_key("runs").unwrap();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }
}
