//! Client certificates, known by their fingerprints.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The SHA-256 of a client's certificate in DER. The listener puts it into the extensions of each request of a connection
/// whose client has proven that it holds the certificate's key; nothing else may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientCertificate(pub [u8; 32]);

/// Why a certificate cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// It is none.
    #[error("{} holds no certificate; give one in PEM (`-----BEGIN CERTIFICATE-----`) or DER", .0.display())]
    None(PathBuf),
    /// TLS would refuse it.
    #[error(
        "{} is a certificate of X.509 version 1, which TLS refuses; make it one of version 3: `openssl x509 -req … -extfile FILE`, \
         with `extendedKeyUsage = clientAuth` in FILE (docs/serve.md, TLS)", .0.display()
    )]
    Old(PathBuf),
}

/// Most bytes of a file with a certificate.
const MAX_BYTES: u64 = 1 << 20;

impl ClientCertificate {
    /// Of the certificate in `der`.
    #[must_use]
    pub fn of_der(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// Of the first certificate in the file at `path`, in PEM or DER. One that the listener would refuse for its version is
    /// refused here, where somebody sees why.
    ///
    /// # Errors
    /// [`CertificateError`] with the file.
    pub fn of_file(path: &Path) -> Result<Self, CertificateError> {
        let io = |source| CertificateError::Io { path: path.into(), source };
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)).map_err(io)?;
        if let Ok(certificate) = CertificateDer::from_pem_slice(&bytes) {
            return Self::of_newer(&certificate, path);
        }
        // A sequence whose length is that of the file; the listener looks at what is in it.
        let is_der = match bytes[..] {
            [0x30, 0x82, high, low, ..] => bytes.len() == 4 + usize::from(high) * 256 + usize::from(low),
            _ => false,
        };
        if is_der { Self::of_newer(&bytes, path) } else { Err(CertificateError::None(path.into())) }
    }

    fn of_newer(der: &[u8], path: &Path) -> Result<Self, CertificateError> {
        if is_old(der) { Err(CertificateError::Old(path.into())) } else { Ok(Self::of_der(der)) }
    }
}

/// True of a certificate that says it is of version 1 or 2 (RFC 5280, 4.1): where the version would stand, which is left out
/// in version 1, is the serial number.
fn is_old(der: &[u8]) -> bool {
    fn inside(der: &[u8]) -> Option<&[u8]> {
        match der {
            [0x30, len, rest @ ..] if *len < 0x80 => Some(rest),
            [0x30, len, rest @ ..] => rest.get(usize::from(len & 0x7f)..),
            _ => None,
        }
    }
    match inside(der).and_then(inside) {
        Some([0x02, ..]) => true,
        Some([0xa0, 3, 2, 1, version, ..]) => *version < 2,
        _ => false,
    }
}

impl fmt::Display for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for ClientCertificate {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl Serialize for ClientCertificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClientCertificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("a fingerprint has 64 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// TLS refuses a certificate of version 1, and would do so without a word to whoever made the token.
    #[test]
    fn a_certificate_of_version_1_is_refused_with_the_cure() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("client");
        let of = |version: &[u8]| {
            let rest = [5; 300];
            let inner = version.len() + rest.len();
            let der = [&[0x30, 0x82][..], &(inner as u16 + 4).to_be_bytes(), &[0x30, 0x82]].concat();
            fs::write(&path, [&der, &(inner as u16).to_be_bytes()[..], version, &rest].concat()).unwrap();
            ClientCertificate::of_file(&path)
        };
        let serial = [2, 1, 7];
        for old in [&serial[..], &[&[0xa0, 3, 2, 1, 1][..], &serial].concat()] {
            let refused = of(old).unwrap_err();
            assert!(matches!(refused, CertificateError::Old(_)) && refused.to_string().contains("-extfile"));
        }
        assert!(of(&[&[0xa0, 3, 2, 1, 2][..], &serial].concat()).is_ok());
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&path, made.cert.pem()).unwrap();
        assert!(ClientCertificate::of_file(&path).is_ok());
    }
}
