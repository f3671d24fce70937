use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::*;
use crate::home::{Clock, Home};
use crate::vocabulary::Dimension;

mod limit_tests;

struct Ward {
    _dir: tempfile::TempDir,
    home: Home,
}

fn ward() -> Ward {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), true).unwrap();
    Ward { _dir: dir, home }
}

fn name(text: &str) -> TokenName {
    text.parse().unwrap()
}

fn span(text: &str) -> Span {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn grant(scopes: &[Scope]) -> Grant {
    Grant { scopes: scopes.iter().copied().collect(), ..Grant::default() }
}

fn today(day: &str) -> Option<Clock> {
    Some(Clock::start_of(day.parse().unwrap()))
}

impl Ward {
    fn change<T>(&self, change: impl FnOnce(&mut Tokens) -> Result<T, TokenError>) -> Result<T, TokenError> {
        Tokens::change(&self.home, change)
    }

    fn create(&self, token: &str, grant: Grant) -> Secret {
        let made = self.change(|tokens| tokens.create(&name(token), grant, Timestamp::now(), None, true));
        made.unwrap().unwrap()
    }

    fn identity(&self) -> Identity {
        Identity::open(&self.home, &[], None)
    }

    fn path(&self) -> std::path::PathBuf {
        self.home.root().join("tokens.json")
    }
}

fn who(identity: &Identity, secret: &Secret) -> Option<String> {
    identity.of_token(&secret.to_text()).ok().map(|holder| holder.name().to_owned())
}

/// Waits until `is_so`, for a second: what a running service may take to see a change.
fn within_a_second(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(1), "it takes longer than a second");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_token_is_stored_as_its_hash_and_closed_to_others() {
    let ward = ward();
    let all = Grant {
        rate: Some(Rate { per_second: 5, burst: 9 }),
        concurrency: Some(3),
        quota: Some(1000),
        channel: Dimension::Channel.code("UPLOAD").ok(),
        region: crate::tally::Brought::region("NL:HOSTING").ok(),
        certificate: Some(ClientCertificate([7; 32])),
        ..grant(&[Scope::Match, Scope::Tally])
    };
    let secret = ward.create("ci", all.clone());
    let text = fs::read_to_string(ward.path()).unwrap();
    assert!(!text.contains(&secret.to_text()[3..]));
    let stored: serde_json::Value = serde_json::from_str(&text).unwrap();
    let kept = stored["tokens"]["ci"]["secrets"][0]["blake3"].as_str().unwrap();
    let bits = base32(&secret.to_text()[3..]);
    assert_eq!(kept, blake3::hash(&bits).to_hex().as_str());
    assert_eq!(fs::metadata(ward.path()).unwrap().permissions().mode() & 0o777, 0o600);
    let tokens = Tokens::read(&ward.home).unwrap();
    assert_eq!(tokens.named(&name("ci")).unwrap().grant, all);
    let holder = ward.identity().of_token(&secret.to_text()).unwrap();
    for shown in [format!("{tokens:?}"), format!("{holder:?}"), format!("{secret:?}")] {
        assert!(!shown.contains(kept) && !shown.contains(&secret.to_text()[3..]), "{shown}");
    }
}

/// Decodes base32 in the plainest way.
fn base32(text: &str) -> Vec<u8> {
    let bits: String = text
        .chars()
        .map(|c| format!("{:05b}", "abcdefghijklmnopqrstuvwxyz234567".find(c).unwrap()))
        .collect();
    (0..32).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap()).collect()
}

#[test]
fn a_token_works_until_its_term_is_over_and_nobody_is_told_why_not() {
    let ward = ward();
    let made = at("2026-11-01T00:00:00Z");
    let secret = ward
        .change(|tokens| tokens.create(&name("ci"), grant(&[Scope::Match]), made, Some(span("10d")), true))
        .unwrap()
        .unwrap();
    let on = |day: &str| Identity::open(&ward.home, &[], today(day));
    assert_eq!(who(&on("2026-11-10"), &secret).as_deref(), Some("ci"));
    assert_eq!(who(&on("2026-11-11"), &secret), None);
    let over = on("2026-11-11");
    let refused = |text: &str| over.of_token(text).unwrap_err();
    for text in [&*secret.to_text(), &Secret::random().to_text(), "", "iw_", "iw_é", "Bearer"] {
        assert_eq!(refused(text), Refusal::Unknown, "{text:?}");
    }
    let tokens = Tokens::read(&ward.home).unwrap();
    let token = tokens.named(&name("ci")).unwrap();
    assert_eq!(
        (token.secrets(made), token.is_over(made), token.secrets(at("2026-11-11T00:00:00Z"))),
        (1, false, 0)
    );
}

#[test]
fn after_a_rotation_both_work_as_long_as_they_overlap() {
    let ward = ward();
    let made = at("2026-11-01T00:00:00Z");
    let (old, new, ci) = {
        let ci = name("ci");
        let create =
            |tokens: &mut Tokens| tokens.create(&ci, grant(&[Scope::Match]), made, Some(span("30d")), true);
        let old = ward.change(create).unwrap().unwrap();
        let rotated = at("2026-11-10T00:00:00Z");
        let new = ward.change(|tokens| tokens.rotate(&ci, rotated, span("48h"), None)).unwrap();
        (old, new, ci)
    };
    let works = |day: &str| {
        let identity = Identity::open(&ward.home, &[], today(day));
        (who(&identity, &old).is_some(), who(&identity, &new).is_some())
    };
    assert_eq!(works("2026-11-11"), (true, true));
    assert_eq!(works("2026-11-12"), (false, true));
    assert_eq!(works("2026-12-09"), (false, true), "the new one has a term of its own, as long as the last");
    assert_eq!(works("2026-12-10"), (false, false));
    // No overlap reaches beyond the term that the old one had, and none is longer than what was said before.
    let late = at("2026-12-09T23:00:00Z");
    let newest = ward.change(|tokens| tokens.rotate(&ci, late, span("7d"), Some(None))).unwrap();
    assert_eq!(works("2026-12-10"), (false, false));
    assert!(who(&Identity::open(&ward.home, &[], today("2126-01-01")), &newest).is_some(), "no term at all");
    for _ in 0..3 {
        ward.change(|tokens| tokens.rotate(&ci, late, span("1d"), None)).map(drop).unwrap_or(());
    }
    let often = ward.change(|tokens| tokens.rotate(&ci, late, span("1d"), None));
    assert!(matches!(often, Err(TokenError::TooManySecrets(_))), "{often:?}");
    assert!(ward.change(|tokens| tokens.rotate(&ci, late, span("0s"), None)).is_ok(), "none need overlap");
}

#[test]
fn what_is_revoked_stays_so() {
    let ward = ward();
    let (identity, ci) = (ward.identity(), name("ci"));
    let secret = ward.create("ci", grant(&[Scope::Match]));
    assert_eq!(who(&identity, &secret).as_deref(), Some("ci"), "a new token works at once");
    let now = Timestamp::now();
    assert!(ward.change(|tokens| tokens.revoke(&ci, now)).unwrap());
    within_a_second(|| who(&identity, &secret).is_none());
    assert!(!ward.change(|tokens| tokens.revoke(&ci, now)).unwrap(), "it was already");
    let again = ward.change(|tokens| tokens.create(&ci, grant(&[Scope::Match]), now, None, true));
    assert!(matches!(again, Err(TokenError::Taken(_))));
    let rotated = ward.change(|tokens| tokens.rotate(&ci, now, span("1d"), None));
    assert!(matches!(rotated, Err(TokenError::Revoked(_))));
    let unknown = ward.change(|tokens| tokens.revoke(&name("other"), now));
    assert!(matches!(unknown, Err(TokenError::Unknown(_))));
}

#[test]
fn a_certificate_stands_for_one_token() {
    let ward = ward();
    let certificate = ClientCertificate::of_der(b"abc");
    // SHA-256 of "abc", from FIPS 180-4.
    assert_eq!(certificate.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let with = Grant { certificate: Some(certificate), ..grant(&[Scope::Match]) };
    let now = Timestamp::now();
    let create = |token: &str| {
        ward.change(|tokens| tokens.create(&name(token), with.clone(), now, Some(span("1d")), false))
    };
    assert_eq!(create("proxy").unwrap(), None, "no secret that nobody needs");
    assert!(matches!(create("other"), Err(TokenError::CertificateTaken(_))));
    let rotated = ward.change(|tokens| tokens.rotate(&name("proxy"), now, span("1d"), None));
    assert!(matches!(rotated, Err(TokenError::NoSecret(_))));
    let identity = ward.identity();
    assert_eq!(identity.of_certificate(&certificate).unwrap().name(), "proxy");
    let stranger = ClientCertificate::of_der(b"abd");
    assert_eq!(identity.of_certificate(&stranger).unwrap_err(), Refusal::Unknown);
    let later = Identity::open(&ward.home, &[], today("2099-01-01"));
    assert!(later.of_certificate(&certificate).is_err(), "its term is over");
    ward.change(|tokens| tokens.revoke(&name("proxy"), now)).unwrap();
    within_a_second(|| identity.of_certificate(&certificate).is_err());
    assert!(create("next").is_ok(), "a revoked token holds no certificate");
}

#[test]
fn a_certificate_is_read_from_pem_and_der() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("client");
    let mut der = vec![0x30, 0x82, 1, 0];
    der.extend([5; 256]);
    fs::write(&path, &der).unwrap();
    let of_der = ClientCertificate::of_file(&path).unwrap();
    assert_eq!(of_der, ClientCertificate::of_der(&der));
    let body = <base64ct::Base64 as base64ct::Encoding>::encode_string(&der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let pem = format!(
        "text before\n-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    );
    fs::write(&path, pem).unwrap();
    assert_eq!(ClientCertificate::of_file(&path).unwrap(), of_der);
    for bad in [&b""[..], b"hello", &der[..200], b"-----BEGIN CERTIFICATE-----\nx"] {
        fs::write(&path, bad).unwrap();
        assert!(matches!(ClientCertificate::of_file(&path), Err(CertificateError::None(_))));
    }
}

#[test]
fn a_grant_makes_sense_or_is_refused() {
    let ward = ward();
    let some = || grant(&[Scope::Match]);
    for bad in [
        grant(&[]),
        Grant { rate: Some(Rate { per_second: 0, burst: 1 }), ..some() },
        Grant { rate: Some(Rate { per_second: 1, burst: 1_000_001 }), ..some() },
        Grant { concurrency: Some(0), ..some() },
        Grant { quota: Some(0), ..some() },
        Grant { quota: Some(u64::MAX), ..some() },
    ] {
        let made =
            ward.change(|tokens| tokens.create(&name("ci"), bad.clone(), Timestamp::now(), None, true));
        assert!(matches!(made, Err(TokenError::NoScope | TokenError::Limit { .. })), "{bad:?}");
    }
    assert!(!ward.path().exists(), "nothing was written");
    for bad in ["", "a b", "é", "anybody", "innerward", &"x".repeat(65)] {
        assert_eq!(bad.parse::<TokenName>(), Err(TokenNameError), "{bad}");
    }
}

#[test]
fn a_damaged_file_keeps_the_last_good_one_and_is_told() {
    let ward = ward();
    let secret = ward.create("ci", grant(&[Scope::Match]));
    let identity = ward.identity();
    assert!(identity.faults().is_empty());
    let good = fs::read_to_string(ward.path()).unwrap();
    let damages = [
        "".to_owned(),
        good[..good.len() / 2].to_owned(),
        good.replace("\"layout\": 1", "\"layout\": 2"),
        good.replace("\"made\"", "\"colour\": 1, \"made\""),
        good.replace("\"match\"", "\"everything\""),
        good.replacen("\"blake3\": \"", "\"blake3\": \"zz", 1),
    ];
    for bad in damages {
        assert_ne!(bad, good);
        fs::write(ward.path(), &bad).unwrap();
        within_a_second(|| !identity.faults().is_empty());
        let fault = identity.faults().concat();
        assert!(fault.contains("tokens.json is damaged") && !fault.contains("zz"), "{fault}");
        assert_eq!(who(&identity, &secret).as_deref(), Some("ci"), "the last good one holds");
        assert!(who(&ward.identity(), &secret).is_none(), "who has none lets nobody in");
        assert!(matches!(ward.change(|_| Ok(())), Err(TokenError::Damaged { .. })), "nor is it written over");
        fs::write(ward.path(), &good).unwrap();
        within_a_second(|| identity.faults().is_empty());
    }
    fs::remove_file(ward.path()).unwrap();
    within_a_second(|| who(&identity, &secret).is_none());
}

#[test]
fn where_the_service_is_open_a_token_may_at_least_what_everybody_may() {
    let ward = ward();
    let secret = ward.create("ci", grant(&[Scope::Manage]));
    assert!(ward.identity().anybody().is_none());
    let open = Identity::open(&ward.home, &[Scope::Match], None);
    let anybody = open.anybody().unwrap();
    assert_eq!((anybody.name(), anybody.grant().scopes.len()), ("anybody", 1));
    let scopes = &open.of_token(&secret.to_text()).unwrap().grant().scopes.clone();
    assert_eq!(scopes.iter().copied().collect::<Vec<_>>(), [Scope::Match, Scope::Manage]);
}

#[test]
fn a_running_service_follows_a_change_of_a_token_within_a_second() {
    let ward = ward();
    let (ci, now) = (name("ci"), Timestamp::now());
    let one = ClientCertificate::of_der(b"one");
    let secret = ward.create("ci", Grant { quota: Some(2), ..grant(&[Scope::Match]) });
    let identity = ward.identity();
    let granted = || identity.of_token(&secret.to_text()).unwrap().grant().clone();
    let charge = |lookups| identity.of_token(&secret.to_text()).unwrap().charge(lookups);
    assert_eq!(charge(2), Ok(()));
    assert!(charge(1).is_err());
    let wider = Alteration {
        quota: Some(Some(3)),
        rate: Some(Some(Rate::per_second(7))),
        concurrency: Some(Some(4)),
        channel: Some(Dimension::Channel.code("UPLOAD").ok()),
        region: Some(crate::tally::Brought::region("NL:HOSTING").ok()),
        certificate: Some(Some(one)),
        term: Some(Some(span("1h"))),
    };
    ward.change(|tokens| tokens.alter(&ci, &wider, now)).unwrap();
    within_a_second(|| granted().quota == Some(3));
    let expected = Grant {
        quota: Some(3),
        rate: Some(Rate::per_second(7)),
        concurrency: Some(4),
        channel: Dimension::Channel.code("UPLOAD").ok(),
        region: crate::tally::Brought::region("NL:HOSTING").ok(),
        certificate: Some(one),
        ..grant(&[Scope::Match])
    };
    assert_eq!(granted(), expected);
    assert_eq!((charge(1), charge(1).is_err()), (Ok(()), true), "what was used stays used");
    assert_eq!(identity.of_certificate(&one).unwrap().name(), "ci");
    let expires = Tokens::read(&ward.home).unwrap().named(&ci).unwrap().expires;
    assert_eq!(expires, Some(span("1h").after(now)));
    // What is not named stays, and a limit is lifted by name.
    let open = Alteration { quota: Some(None), certificate: Some(None), ..Alteration::default() };
    ward.change(|tokens| tokens.alter(&ci, &open, now)).unwrap();
    within_a_second(|| granted().quota.is_none());
    assert_eq!(granted(), Grant { quota: None, certificate: None, ..expected });
    assert_eq!((charge(1000), identity.of_certificate(&one).is_err()), (Ok(()), true));
}

#[test]
fn a_change_that_makes_no_sense_changes_nothing() {
    let ward = ward();
    let (now, one) = (Timestamp::now(), ClientCertificate::of_der(b"one"));
    ward.create("ci", grant(&[Scope::Match]));
    let with = Grant { certificate: Some(one), ..grant(&[Scope::Match]) };
    ward.change(|tokens| tokens.create(&name("proxy"), with, now, None, false)).unwrap();
    let before = fs::read(ward.path()).unwrap();
    let alter = |token: &str, alteration: Alteration| {
        ward.change(|tokens| tokens.alter(&name(token), &alteration, now)).unwrap_err()
    };
    let nothing = Alteration::default();
    let zero = alter("ci", Alteration { quota: Some(Some(0)), ..nothing });
    assert!(matches!(zero, TokenError::Limit { .. }), "{zero:?}");
    let taken = alter("ci", Alteration { certificate: Some(Some(one)), ..nothing });
    assert!(matches!(taken, TokenError::CertificateTaken(_)), "{taken:?}");
    let nobody = alter("proxy", Alteration { certificate: Some(None), ..nothing });
    assert!(matches!(nobody, TokenError::NothingLeft(_)), "{nobody:?}");
    assert!(matches!(alter("other", nothing), TokenError::Unknown(_)));
    assert_eq!(fs::read(ward.path()).unwrap(), before);
    ward.change(|tokens| tokens.revoke(&name("ci"), now)).unwrap();
    assert!(matches!(alter("ci", nothing), TokenError::Revoked(_)));
}

#[test]
fn after_a_certificate_is_rotated_both_stand_for_the_token_as_long_as_they_overlap() {
    let ward = ward();
    let [one, two, three] = [b"one", b"two", b"tri"].map(|der| ClientCertificate::of_der(der));
    let (made, proxy) = (at("2026-11-01T00:00:00Z"), name("proxy"));
    let with = Grant { certificate: Some(one), ..grant(&[Scope::Match]) };
    ward.change(|tokens| tokens.create(&proxy, with, made, Some(span("30d")), false)).unwrap();
    let later = at("2026-11-10T00:00:00Z");
    let rotate = |certificate| {
        ward.change(|tokens| tokens.rotate_certificate(&proxy, certificate, later, span("48h"), None))
    };
    rotate(two).unwrap();
    let works = |day: &str| {
        let identity = Identity::open(&ward.home, &[], today(day));
        [one, two].map(|certificate| identity.of_certificate(&certificate).is_ok())
    };
    assert_eq!(works("2026-11-11"), [true, true]);
    assert_eq!(works("2026-11-12"), [false, true]);
    assert_eq!(works("2026-12-09"), [false, true], "a term of its own, as long as the last");
    assert_eq!(works("2026-12-10"), [false, false]);
    // While the old one still stands for it, nobody else gets it.
    let with = Grant { certificate: Some(one), ..grant(&[Scope::Match]) };
    let taken = ward.change(|tokens| tokens.create(&name("other"), with, later, None, false));
    assert!(matches!(taken, Err(TokenError::CertificateTaken(_))));
    for certificate in [three, ClientCertificate([7; 32])] {
        rotate(certificate).unwrap();
    }
    assert!(matches!(rotate(ClientCertificate([8; 32])), Err(TokenError::TooManySecrets(_))));
    ward.change(|tokens| tokens.revoke(&proxy, later)).unwrap();
    assert_eq!(works("2026-11-10"), [false, false], "revoked with all of them");
}
