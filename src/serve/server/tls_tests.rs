//! TLS with certificates that are made here: renewed while the service runs, and shown by clients.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sha2::{Digest, Sha256};

use super::testing::{Running, eventually, rest, settings};
use crate::serve::{ServeError, Settings, TlsSettings};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for `localhost`, its chain in PEM, and its key in PEM.
fn signed(by: &Authority) -> (CertificateDer<'static>, String, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".into()]).unwrap();
    let certificate = params.signed_by(&key, by).unwrap();
    (certificate.der().clone(), certificate.pem(), key)
}

fn place(dir: &Path, by: &Authority) -> CertificateDer<'static> {
    let (der, pem, key) = signed(by);
    fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
    fs::write(dir.join("chain.pem"), pem).unwrap();
    der
}

fn tls(dir: &Path) -> TlsSettings {
    TlsSettings {
        certificate: dir.join("chain.pem"),
        key: dir.join("key.pem"),
        client_ca: None,
        client_optional: false,
    }
}

/// What comes for `path`, and the certificate that the service shows; `None` if there is no conversation.
fn ask(
    service: &Running,
    trusting: &Authority,
    showing: Option<(CertificateDer<'static>, &KeyPair)>,
    path: &str,
) -> Option<(String, CertificateDer<'static>)> {
    let mut roots = RootCertStore::empty();
    roots.add(trusting.der().clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match showing {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
            builder.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    };
    let name = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(session, TcpStream::connect(&service.address).unwrap());
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let answer = rest(&mut stream);
    let shown = stream.conn.peer_certificates()?.first()?.clone();
    (!answer.is_empty()).then_some((answer, shown))
}

#[test]
fn a_renewed_certificate_is_used_and_a_bad_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let ours = authority("ours");
    let first = place(dir.path(), &ours);
    let service = Running::start(Settings { tls: Some(tls(dir.path())), ..settings() });
    let shown = |service: &Running| ask(service, &ours, None, "/healthz").map(|(_, shown)| shown);
    assert_eq!(shown(&service), Some(first));
    assert!(
        ask(&service, &authority("others"), None, "/healthz").is_none(),
        "who trusts others is not fooled"
    );

    let second = place(dir.path(), &ours);
    assert!(eventually(|| shown(&service).as_ref() == Some(&second)), "the renewed one is shown");

    fs::write(dir.path().join("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let told = |word: &str| service.lines.lock().unwrap().iter().any(|line| line.contains(word));
    assert!(eventually(|| told("the one before stays")), "that it cannot be used is said");
    assert_eq!(shown(&service), Some(second.clone()), "and the one before is shown");

    fs::remove_file(dir.path().join("chain.pem")).unwrap();
    let third = place(dir.path(), &ours);
    assert!(eventually(|| shown(&service).as_ref() == Some(&third)), "it recovers by itself");
    assert!(!service.get("/healthz").contains("200"), "without TLS there is nothing to hear");
}

#[test]
fn clients_show_certificates_of_the_authority_that_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, members, others) = (authority("ours"), authority("members"), authority("others"));
    place(dir.path(), &ours);
    let path = dir.path().join("members.pem");
    fs::write(&path, members.pem()).unwrap();
    let (member, _, member_key) = signed(&members);
    let (stranger, _, stranger_key) = signed(&others);
    for client_optional in [false, true] {
        let tls = TlsSettings { client_ca: Some(path.clone()), client_optional, ..tls(dir.path()) };
        let service = Running::start(Settings { tls: Some(tls), ..settings() });
        let asked = |showing| ask(&service, &ours, showing, "/certificate").map(|(answer, _)| answer);
        let answer = asked(Some((member.clone(), &member_key))).unwrap();
        assert!(answer.ends_with(&hex::encode(Sha256::digest(&member))), "{answer}");
        assert_eq!(asked(Some((stranger.clone(), &stranger_key))), None, "a stranger is refused");
        let is_told =
            || service.lines.lock().unwrap().iter().any(|line| line.contains("has signed its certificate"));
        assert!(eventually(is_told), "and the log says why");
        match asked(None) {
            None => assert!(!client_optional),
            Some(answer) => assert!(client_optional && answer.ends_with("none"), "{answer}"),
        }
    }
}

#[test]
fn files_that_are_no_certificates_are_named() {
    let dir = tempfile::tempdir().unwrap();
    place(dir.path(), &authority("ours"));
    let opened = |settings: &TlsSettings| match super::tls::Certificates::open(settings) {
        Err(ServeError::Tls { path, cause }) => (path, cause),
        _ => panic!("it was taken"),
    };
    let good = tls(dir.path());
    let missing = TlsSettings { key: dir.path().join("nowhere"), ..good.clone() };
    assert_eq!(opened(&missing).0, missing.key);
    let swapped =
        TlsSettings { certificate: good.key.clone(), key: good.certificate.clone(), ..good.clone() };
    assert!(opened(&swapped).1.contains("no certificate"));
    fs::write(&good.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    assert!(opened(&good).1.contains("does not go with"));
}
