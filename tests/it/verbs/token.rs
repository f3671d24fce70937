//! `token`: shown once, kept as a hash, on record.

use std::fs;

use serde::Deserialize;

use crate::ward::Ward;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read to be sure that nothing else is there")]
struct Token {
    token: String,
    state: String,
    scopes: Vec<String>,
    made: String,
    expires: Option<String>,
    revoked: Option<String>,
    secrets: usize,
    rate: Option<u32>,
    burst: Option<u32>,
    concurrency: Option<u32>,
    quota: Option<u64>,
    used_today: Option<u64>,
    channel: Option<String>,
    region: Option<String>,
    certificate: Option<String>,
    former_certificates: Vec<Former>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Former {
    certificate: String,
    until: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    token: String,
    secret: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    tokens: u64,
    valid: u64,
}

#[test]
fn a_token_is_shown_once_and_listed_without_its_secret() {
    let ward = Ward::for_demo();
    let create = |name: &str, more: &[&str]| {
        let all = [&["token", "create", name, "--today", "2026-11-01"], more].concat();
        ward.must(&all)
    };
    let done = create("ci", &["--scope", "match", "--expires", "30d"]);
    let secret = done.out.trim();
    assert!(
        secret.starts_with("iw_") && secret.len() == 55 && done.err.contains("only time"),
        "{}",
        done.out
    );
    let more = [
        "--scope",
        "match,tally",
        "--expires",
        "never",
        "--rate",
        "5",
        "--concurrency",
        "3",
        "--quota",
        "1000",
        "--channel",
        "UPLOAD",
        "--region",
        "NL:HOSTING",
        "--format",
        "json",
    ];
    let made: Made = create("platform", &more).summary();
    assert_eq!((made.token.as_str(), made.secret.unwrap().len()), ("platform", 55));
    let done = ward.must(&["token", "list", "--format", "json", "--today", "2026-12-01"]);
    let listed: Listed = done.summary();
    assert_eq!((listed.tokens, listed.valid), (2, 1));
    let [ci, platform] = &done.all::<Token>("token")[..] else { panic!("{}", done.out) };
    assert_eq!((&*ci.state, ci.expires.as_deref(), ci.secrets), ("expired", Some("2026-12-01T00:00:00Z"), 0));
    assert_eq!((platform.rate, platform.burst, platform.concurrency), (Some(5), Some(5), Some(3)));
    assert_eq!((platform.quota, platform.used_today), (Some(1000), Some(0)));
    assert_eq!(
        (platform.channel.as_deref(), platform.region.as_deref()),
        (Some("UPLOAD"), Some("NL:HOSTING"))
    );
    assert_eq!(platform.scopes, ["match", "tally"]);
    for name in ["tokens.json", "audit.jsonl"] {
        let text = fs::read_to_string(ward.home().join(name)).unwrap();
        assert!(text.contains("ci") && !text.contains(&secret[3..]), "{name}");
    }
}

#[test]
fn a_token_is_rotated_and_revoked_on_record() {
    let ward = Ward::new();
    ward.must(&["token", "create", "ci", "--scope", "match", "--by", "Ana"]);
    let made: Made = ward.must(&["token", "rotate", "ci", "--overlap", "1h", "--format", "json"]).summary();
    assert!(made.secret.is_some());
    assert!(ward.must(&["token", "list"]).out.contains("2 secrets overlap"));
    ward.must(&["token", "revoke", "ci"]);
    assert!(ward.must(&["token", "list"]).out.contains("1 token, 0 valid"));
    ward.run(&["token", "rotate", "ci"]).refused(&["revoked"]);
    ward.run(&["token", "create", "ci", "--scope", "match"])
        .refused(&["a name stands for one token for ever"]);
    let text = ward.must(&["audit", "list"]).out;
    let done = text.lines().filter(|line| line.contains(" stage=done"));
    let did: Vec<_> = done.filter_map(|line| line.split_whitespace().nth(3)).collect();
    assert_eq!(did[1..4], ["token.create", "token.rotate", "token.revoke"], "{text}");
    assert!(text.contains("by Ana (cli)") && text.contains("scopes=match"));
}

#[test]
fn what_makes_no_sense_is_refused_with_the_cure() {
    let ward = Ward::new();
    for (bad, word) in [
        (&["--scope", "everything"][..], "a scope is match"),
        (&["--scope", "match", "--expires", "1w"], "30m, 24h"),
        (&["--scope", "match", "--quota", "0"], "a quota is 1 to"),
        (&["--scope", "match", "--channel", "PIGEON"], "PIGEON"),
        (&["--scope", "match", "--certificate-only"], "--certificate"),
        (&["--scope", "match", "--certificate", "none.pem"], "none.pem"),
        (&[], "--scope"),
    ] {
        ward.run(&[&["token", "create", "ci"], bad].concat()).refused(&[word]);
    }
    assert!(!ward.home().join("tokens.json").exists());
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    token: String,
    changed: bool,
}

/// What only looks like a certificate: a sequence of DER, told apart by one byte.
fn certificate(ward: &Ward, name: &str, byte: u8) {
    let der = [&[0x30, 0x82, 0, 60][..], &[byte; 60]].concat();
    fs::write(ward.path(name), der).unwrap();
}

#[test]
fn a_token_is_changed_without_a_new_secret_on_record() {
    let ward = Ward::for_demo();
    let run = |arguments: &[&str]| ward.must(&[arguments, &["--today", "2026-11-01"]].concat());
    run(&["token", "create", "ci", "--scope", "match", "--quota", "10", "--rate", "5"]);
    let stored = || fs::read_to_string(ward.home().join("tokens.json")).unwrap();
    let secret = |text: &str| text.split("\"blake3\": ").nth(1).unwrap()[..60].to_owned();
    let before = secret(&stored());
    certificate(&ward, "one.der", 1);
    let done = run(&[
        "token",
        "change",
        "ci",
        "--quota",
        "2000",
        "--rate",
        "none",
        "--concurrency",
        "3",
        "--channel",
        "UPLOAD",
        "--region",
        "NL",
        "--certificate",
        "one.der",
        "--expires",
        "30d",
        "--by",
        "Ana",
        "--format",
        "json",
    ]);
    let changed: Changed = done.summary();
    assert_eq!((changed.token.as_str(), changed.changed), ("ci", true));
    let [token] = &done.all::<Token>("token")[..] else { panic!("{}", done.out) };
    assert_eq!((token.quota, token.rate, token.concurrency), (Some(2000), None, Some(3)));
    assert_eq!(token.channel.as_deref(), Some("UPLOAD"));
    assert!(
        token.region.as_deref().is_some_and(|region| region.starts_with("NL:"))
            && token.certificate.is_some()
    );
    assert_eq!((token.expires.as_deref(), token.secrets), (Some("2026-12-01T00:00:00Z"), 1));
    assert_eq!(secret(&stored()), before, "the secret is the one that it was");
    run(&["token", "change", "ci", "--quota", "none", "--channel", "none"]);
    let done = run(&["token", "list", "--format", "json"]);
    let [token] = &done.all::<Token>("token")[..] else { panic!("{}", done.out) };
    assert_eq!((token.quota, token.channel.as_deref(), token.concurrency), (None, None, Some(3)));
    // The next certificate, beside which the old one stands for the token until tomorrow.
    certificate(&ward, "two.der", 2);
    let done = run(&["token", "rotate", "ci", "--certificate", "two.der"]);
    assert!(!done.out.contains("iw_"), "{}", done.out);
    let own = |token: &Token| token.certificate.clone().unwrap();
    let first = own(token);
    let done_json = run(&["token", "list", "--format", "json"]);
    let [token] = &done_json.all::<Token>("token")[..] else { panic!("{}", done_json.out) };
    let [former] = &token.former_certificates[..] else { panic!("{}", done_json.out) };
    assert_eq!((&former.certificate, former.until.as_str()), (&first, "2026-11-02T00:00:00Z"));
    let (new, old) = (&own(token)[..16], &first[..16]);
    let words = format!("certificate sha256:{new}… and until 2026-11-02T00:00:00Z sha256:{old}…");
    assert!(done.out.contains(&words) && done.out.contains("its secret stays"), "{}", done.out);
    assert!(run(&["token", "list"]).out.contains(&words));
    assert!(stored().contains("\"former\"") && secret(&stored()) == before);
    let text = ward.must(&["audit", "list"]).out;
    for word in
        ["token.change", "quota=2000", "rate=none", "certificate=given", "by Ana (cli)", "new=certificate"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
    ward.run(&["token", "change", "ci"]).refused(&["--quota"]);
    ward.run(&["token", "change", "ci", "--quota", "few"]).refused(&["none"]);
    ward.run(&["token", "change", "other", "--quota", "5"]).refused(&["no token called other"]);
    for more in [&[][..], &["--rate", "none"]] {
        let done = ward.run(&[&["token", "change", "ci", "--burst", "5"], more].concat());
        done.refused(&["--burst is said with --rate N"]);
        assert_eq!(done.err.lines().count(), 1, "{}", done.err);
    }
}

#[test]
fn a_token_that_may_match_without_end_is_made_with_a_notice() {
    let ward = Ward::new();
    let notice = |arguments: &[&str]| {
        let done = ward.must(&[&["token", "create"], arguments].concat());
        done.err.contains("--quota") && done.err.contains("find out what is on the lists")
    };
    assert!(notice(&["one", "--scope", "match,tally"]));
    assert!(notice(&["two", "--scope", "match", "--format", "json"]));
    assert!(!notice(&["three", "--scope", "match", "--quota", "1000"]));
    assert!(!notice(&["four", "--scope", "metrics"]));
}
