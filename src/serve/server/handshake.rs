//! Why a client came to no TLS, in words of ours: nothing that it sent is quoted.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::{CertificateError, Error};

/// Between two lines of the log about this, so that whoever scans the port does not fill it; all are counted.
const BETWEEN: Duration = Duration::from_secs(60);

/// Tells of handshakes that failed, one a minute.
#[derive(Debug, Default)]
pub(super) struct Refused(Mutex<Option<Instant>>);

impl Refused {
    /// What is to be said of `error`, if it is time to say anything. Who only looks whether somebody listens, as supervisors
    /// do, says nothing and goes; nothing is said of that.
    pub(super) fn tell_of(&self, error: &io::Error) -> Option<&'static str> {
        let why = why(error.get_ref()?.downcast_ref()?);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < BETWEEN) {
            return None;
        }
        *last = Some(Instant::now());
        Some(why)
    }
}

fn why(error: &Error) -> &'static str {
    use CertificateError as C;
    match error {
        Error::NoCertificatesPresented => "it showed no certificate, and `client_ca` asks for one",
        Error::InvalidCertificate(C::UnknownIssuer) => {
            "no authority of `client_ca` has signed its certificate"
        }
        Error::InvalidCertificate(C::Expired | C::ExpiredContext { .. }) => "its certificate has expired",
        Error::InvalidCertificate(C::NotValidYet | C::NotValidYetContext { .. }) => {
            "its certificate is not valid yet"
        }
        Error::InvalidCertificate(C::InvalidPurpose | C::InvalidPurposeContext { .. }) => {
            "its certificate is not one for clients (extendedKeyUsage)"
        }
        Error::InvalidCertificate(_) => "its certificate does not hold",
        Error::AlertReceived(_) => {
            "it broke off, as one does that does not trust the certificate of this service"
        }
        Error::InvalidMessage(_) => "what it sent is no TLS",
        Error::PeerIncompatible(_) => "it speaks no version or cipher of TLS that this service does",
        _ => "its TLS is broken",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_a_minute_is_told_and_none_of_whoever_says_nothing() {
        let refused = Refused::default();
        let silent = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert_eq!(refused.tell_of(&silent), None);
        let no_certificate = io::Error::other(Error::NoCertificatesPresented);
        assert!(refused.tell_of(&no_certificate).unwrap().contains("client_ca"));
        assert_eq!(refused.tell_of(&no_certificate), None);
        *refused.0.lock().unwrap() = Instant::now().checked_sub(BETWEEN);
        let quoting = io::Error::other(Error::General("what was sent".into()));
        assert_eq!(refused.tell_of(&quoting), Some("its TLS is broken"));
    }
}
