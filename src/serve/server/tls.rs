//! TLS by rustls: the files of the operator, read again when they are renewed; certificates of clients.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::ServeError;
use crate::serve::ClientCertificate;
use crate::serve::settings::TlsSettings;

/// More than any chain or bundle of authorities has.
const MOST_BYTES: u64 = 4 << 20;

/// The certificate of a client that got through the handshake.
pub(super) fn client_certificate(session: &rustls::ServerConnection) -> Option<ClientCertificate> {
    Some(ClientCertificate::of_der(session.peer_certificates()?.first()?))
}

/// The certificate of this service as its files have it, or had it when they last made sense.
pub(in crate::serve) struct Certificates {
    settings: TlsSettings,
    current: RwLock<Arc<ServerConfig>>,
    /// What was last read, good or bad: a fault is told once.
    seen: Mutex<Option<Files>>,
}

/// What a look at the files brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve) enum Renewal {
    /// They are as they were.
    Same,
    /// New ones are in use from now on.
    Renewed,
    /// They make no sense, for this reason; those before stay in use.
    Kept(String),
}

#[derive(PartialEq, Eq)]
struct Files {
    chain: Vec<u8>,
    key: Vec<u8>,
    authorities: Option<Vec<u8>>,
}

impl Certificates {
    /// How often the files are looked at.
    pub(in crate::serve) const INTERVAL: Duration = Duration::from_secs(2);

    /// Reads the files.
    pub(in crate::serve) fn open(settings: &TlsSettings) -> Result<Self, ServeError> {
        let files = Files::read(settings)?;
        let current = RwLock::new(Arc::new(configured(settings, &files)?));
        Ok(Self { settings: settings.clone(), current, seen: Mutex::new(Some(files)) })
    }

    /// For the next connection.
    pub(in crate::serve) fn current(&self) -> Arc<ServerConfig> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again. They are compared by their bytes: links that are moved, as clusters do it, are noticed, and clocks
    /// do not matter.
    pub(in crate::serve) fn look_again(&self) -> Renewal {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let files = match Files::read(&self.settings) {
            Ok(files) => files,
            Err(error) => {
                let told = seen.take().is_none();
                return if told { Renewal::Same } else { Renewal::Kept(error.to_string()) };
            }
        };
        if seen.as_ref() == Some(&files) {
            return Renewal::Same;
        }
        let made = configured(&self.settings, &files);
        *seen = Some(files);
        match made {
            Ok(config) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
                Renewal::Renewed
            }
            Err(error) => Renewal::Kept(error.to_string()),
        }
    }
}

impl Files {
    fn read(settings: &TlsSettings) -> Result<Self, ServeError> {
        Ok(Self {
            chain: read(&settings.certificate)?,
            key: read(&settings.key)?,
            authorities: settings.client_ca.as_deref().map(read).transpose()?,
        })
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, ServeError> {
    let fault = |cause: String| ServeError::Tls { path: path.into(), cause };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| fault(error.to_string()))?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| fault(error.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(fault(format!("this is longer than {MOST_BYTES} bytes, and so no PEM file of TLS")));
    }
    Ok(bytes)
}

/// The certificates of a PEM file, of which there must be one.
pub(in crate::serve) fn certificates(
    path: &Path,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, ServeError> {
    let fault = |cause: String| ServeError::Tls { path: path.into(), cause };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(fault("there is no certificate in it; it has to be PEM".into())),
        Ok(found) => Ok(found),
        Err(error) => Err(fault(format!("this is no PEM file: {error}"))),
    }
}

fn configured(settings: &TlsSettings, files: &Files) -> Result<ServerConfig, ServeError> {
    let fault = |path: &Path, cause: String| ServeError::Tls { path: path.into(), cause };
    let provider = Arc::new(default_provider());
    let chain = certificates(&settings.certificate, &files.chain)?;
    let key = PrivateKeyDer::from_pem_slice(&files.key)
        .map_err(|error| fault(&settings.key, format!("there is no private key in it: {error}")))?;
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(&settings.certificate, error.to_string()))?;
    let builder = match (&settings.client_ca, &files.authorities) {
        (Some(path), Some(pem)) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates(path, pem)? {
                roots.add(authority).map_err(|error| fault(path, error.to_string()))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if settings.client_optional { verifier.allow_unauthenticated() } else { verifier };
            let verifier = verifier.build().map_err(|error| fault(path, error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
        _ => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| {
        let key = settings.key.display();
        fault(&settings.certificate, format!("it does not go with {key}: {error}; renew both files together"))
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
