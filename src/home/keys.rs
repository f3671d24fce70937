//! Secret keys: 32 random bytes a file, mode 0600, made on first use.

use std::fs;
use std::io::ErrorKind;

use rand::TryRng;
use rand::rngs::SysRng;

use super::{Home, HomeError, write_atomic};

impl Home {
    /// The secret key called `name` (`keys/NAME.key`), made from the system's randomness on first use.
    ///
    /// # Errors
    /// [`HomeError::Key`] if the file is damaged.
    ///
    /// # Panics
    /// If the operating system has no randomness to give.
    pub fn secret_key(&self, name: &str) -> Result<[u8; 32], HomeError> {
        let path = self.keys_dir().join(format!("{name}.key"));
        match fs::read(&path) {
            Ok(bytes) => <[u8; 32]>::try_from(&bytes[..]).map_err(|_| HomeError::Key {
                path,
                expected: 32,
                found: bytes.len(),
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let mut key = [0; 32];
                // Without randomness nothing here is safe to do.
                SysRng.try_fill_bytes(&mut key).expect("the operating system gives random bytes");
                write_atomic(&path, &key, 0o600)?;
                Ok(key)
            }
            Err(source) => Err(HomeError::Io { path, source }),
        }
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
        let path = home.keys_dir().join("signing.key");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, b"short").unwrap();
        assert!(matches!(home.secret_key("signing"), Err(HomeError::Key { found: 5, .. })));
    }
}
