//! What the pages tell and do, on lists that are made up.

use axum::http::StatusCode;

use super::super::testing::Ward;
use super::super::{Scope, Settings};
use super::tests::Browser;
use crate::digest::{Digests, Fingerprint, Pdq};
use crate::hashset::{Annotation, Decision, EntryKey, Hits, Local, SetName, SetUpdate};
use crate::home::Clock;
use crate::kernel::Code256;

const COFFEE: &[u8] = include_bytes!("../../../testdata/pictures/originals/coffee.jpg");
const SMALLER: &[u8] = include_bytes!("../../../testdata/pictures/edits/coffee-half-size.jpg");
/// A key that would be a script on a careless page.
const HOSTILE: &str = "<script>alert(1)</script>\"'&";

fn hash_of(picture: &[u8]) -> Pdq {
    let print = Fingerprint::read(picture, &Default::default()).unwrap();
    print.forms[0].hash.original()
}

fn near(bits: usize) -> Pdq {
    let mut bytes = *hash_of(COFFEE).code().as_bytes();
    (0..bits).for_each(|bit| bytes[bit / 8] ^= 1 << (bit % 8));
    Pdq::new(Code256::from_bytes(bytes))
}

/// A list of ours whose one entry has a hostile key, a label, and hashes of the coffee some bits away.
fn list(bits: usize, sha256: &str) -> String {
    let lines = [
        serde_json::json!({ "type": "header", "data": { "format": "innerward-list", "version": 1 } }),
        serde_json::json!({ "type": "entry", "data": { "key": HOSTILE, "status": "active",
            "hashes": { "pdq": { "hex": near(bits).to_hex(), "quality": 90 }, "sha256": sha256 },
            "facets": { "severity": ["SEV_A"] } } }),
        serde_json::json!({ "type": "summary", "data": { "entries": 1, "withdrawn": 0 } }),
    ];
    lines.map(|line| format!("{line}\n")).concat()
}

fn ward(bits: usize) -> Ward {
    Ward::with(&[("DEMO", &list(bits, &Digests::of(b"something else").sha256.to_hex()))])
}

fn demo() -> SetName {
    "DEMO".parse().unwrap()
}

fn key() -> EntryKey {
    EntryKey::new(HOSTILE).unwrap()
}

/// Takes the entry out of service, as the flood guard does.
fn flood(ward: &Ward) {
    let hits = [Hits { set: "DEMO", key: HOSTILE, more: 9 }];
    let mut local = Local::open(&ward.home).unwrap();
    assert!(local.add_hits(0, &hits, 3, Clock::system().now()).unwrap()[0].1);
    ward.settle();
}

#[test]
fn a_file_is_told_near_with_its_grounds_and_never_shown() {
    let ward = ward(5);
    let browser = Browser::enter(&ward);
    let answer = browser.send_files("/console/match", &[("hash", "")], &[("file", COFFEE)]);
    assert_eq!(answer.status, StatusCode::OK);
    let text = answer.text();
    for wanted in [
        "Near",
        "5 of 31 bits",
        "original, correct",
        "SEV_A",
        ">counts<",
        "JPEG",
        "pdq: 5 of 256 bits differ",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    for forbidden in ["<img", "data:", "told-by-nobody", "<script>", "base64"] {
        assert!(!text.contains(forbidden), "{forbidden}");
    }
    let hash = near(5).to_hex();
    assert!(!text.contains(&hash) && !text.contains(&hash_of(COFFEE).to_hex()), "no page spells a hash");
    let exact = browser.send_files("/console/match", &[("distance", "4")], &[("file", COFFEE)]).text();
    assert!(exact.contains("Everything was checked, and nothing matched."), "it is 5 bits away");
    let smaller = browser.send_files("/console/match", &[("set", "DEMO")], &[("file", SMALLER)]).text();
    assert!(smaller.contains("looks like an entry of a list"));
}

#[test]
fn which_bits_differ_is_for_those_who_may_have_the_hash() {
    let text = list(5, &Digests::of(b"x").sha256.to_hex());
    let open = Settings { open: vec![Scope::Match], ..Settings::default() };
    let ward = Ward::set_up(&[("DEMO", &text)], open);
    let told = Browser::enter(&ward).send_files("/console/match", &[], &[("file", COFFEE)]).text();
    assert!(told.contains("5 of 31 bits") && !told.contains("<svg") && !told.contains("/console/decide"));
    // Nor where the agreement does not allow to hand it out.
    let ward = self::ward(5);
    let lock = ward.home.lock().unwrap();
    let update = SetUpdate { uses: Some("match".parse().unwrap()), ..SetUpdate::default() };
    let made = crate::hashset::Made { at: Clock::system().now(), by: None };
    crate::index::change(&ward.home, &lock, &demo(), &update, made).unwrap();
    drop(lock);
    ward.settle();
    let told = Browser::enter(&ward).send_files("/console/match", &[], &[("file", COFFEE)]).text();
    assert!(told.contains("5 of 31 bits") && !told.contains("<svg"));
    assert!(told.contains("no statistics, by its agreement"));
}

#[test]
fn a_pasted_hash_is_looked_up_and_a_bad_one_is_told() {
    let ward = Ward::with(&[("DEMO", &list(0, &Digests::of(COFFEE).sha256.to_hex()))]);
    let browser = Browser::enter(&ward);
    let ask = |hash: &str| browser.send_files("/console/match", &[("hash", hash)], &[]);
    let sha256 = Digests::of(COFFEE).sha256.to_hex();
    assert!(ask(&format!(" SHA256:{sha256}\n")).text().contains("A digest is equal to one in a list."));
    assert!(ask(&format!("pdq:{}", near(7).to_hex())).text().contains("7 of 31 bits"));
    assert!(ask(&Digests::of(b"?").md5.to_hex()).text().contains("nothing matched"));
    for (bad, wanted) in [
        (sha256.as_str(), "may be of several kinds"),
        ("pdq:12", "64"),
        ("crc32:00", "kind"),
        (HOSTILE, "kind in front"),
        ("", "choose a file, or paste a hash"),
    ] {
        let answer = ask(bad);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(answer.text().to_lowercase().contains(wanted), "{bad}");
        assert!(!answer.text().contains(HOSTILE));
    }
    let both = browser.send_files("/console/match", &[("hash", &sha256)], &[("file", COFFEE)]);
    assert_eq!(both.status, StatusCode::BAD_REQUEST);
    let unchecked = browser.send_files("/console/match", &[], &[("file", &COFFEE[..4000])]).text();
    assert!(
        unchecked.contains("Not all of it was checked.") && unchecked.contains("cut short"),
        "{unchecked}"
    );
}

#[test]
fn a_file_beyond_the_bound_is_refused_and_the_service_goes_on() {
    let settings = Settings { open: Scope::ALL.to_vec(), max_upload_bytes: 1000, ..Settings::default() };
    let ward = Ward::set_up(&[("DEMO", &list(5, &Digests::of(b"x").sha256.to_hex()))], settings);
    let browser = Browser::enter(&ward);
    let answer = browser.send_files("/console/match", &[], &[("file", COFFEE)]);
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text().contains("max_upload_bytes"));
    assert_eq!(browser.send_files("/console/match", &[], &[("file", b"short")]).status, StatusCode::OK);
}

#[test]
fn two_things_are_compared_without_a_list() {
    let ward = Ward::with(&[]);
    let browser = Browser::enter(&ward);
    let compare = |fields: &[(&str, &str)], files: &[(&str, &[u8])]| {
        browser.send_files("/console/compare", fields, files).text()
    };
    let files = compare(&[], &[("file-a", COFFEE), ("file-b", SMALLER)]);
    assert!(files.contains("They look alike.") && files.contains("bits differ") && !files.contains("<img"));
    let (a, b) = (format!("pdq:{}", near(0).to_hex()), near(31).to_hex());
    assert!(compare(&[("hash-a", &a), ("hash-b", &b)], &[]).contains("pdq: 31 of 256 bits differ"));
    let far = compare(&[("hash-a", &a), ("hash-b", &near(32).to_hex())], &[]);
    assert!(far.contains("neither equal nor near"));
    let same = compare(&[("hash-b", &Digests::of(COFFEE).sha256.to_hex())], &[("file-a", COFFEE)]);
    assert!(same.contains("A digest of the one is equal"));
    assert!(compare(&[("hash-a", &a)], &[]).contains("Two things are compared"));
}

#[test]
fn an_entry_goes_out_of_quarantine_and_under_guard_again() {
    let ward = ward(5);
    flood(&ward);
    let browser = Browser::enter(&ward);
    let answer = || browser.send_files("/console/match", &[], &[("file", COFFEE)]).text();
    assert!(answer().contains("in quarantine or switched off"));
    let page = browser.get("/console/quarantine").text();
    assert!(page.contains("In quarantine (1)") && page.contains("Put back") && !page.contains(HOSTILE));
    assert!(browser.get("/console").text().contains("1 in quarantine"));
    let entry = [("set", "DEMO"), ("key", HOSTILE)];
    // Reading changes nothing, whatever the address says.
    for path in ["/console/quarantine/release", "/console/quarantine/guard"] {
        let read = browser.get(&format!("{path}?set=DEMO&key=%3Cscript%3E"));
        assert_eq!(read.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert!(!Local::open(&ward.home).unwrap().quarantine(None).unwrap()[0].released);
    let done = browser.send("/console/quarantine/release", &entry);
    assert_eq!(done.headers["location"], "/console/quarantine?done=put-back");
    assert!(Local::open(&ward.home).unwrap().quarantine(None).unwrap()[0].released);
    assert!(answer().contains("looks like an entry"), "the next answer knows");
    assert_eq!(browser.send("/console/quarantine/release", &entry).status, StatusCode::CONFLICT);
    assert!(browser.get("/console/quarantine?done=put-back").text().contains("Guard again"));
    let done = browser.send("/console/quarantine/guard", &entry);
    assert_eq!(done.headers["location"], "/console/quarantine?done=guarded");
    assert!(Local::open(&ward.home).unwrap().quarantine(None).unwrap().is_empty());
    let audit = browser.get("/console/audit").text();
    assert!(audit.contains("set.quarantine.release") && audit.contains("set.quarantine.guard"));
    assert!(!audit.contains("script&gt;"), "the audit names no entry");
}

#[test]
fn an_analyst_decides_and_the_next_answer_says_so() {
    let ward = ward(5);
    let browser = Browser::enter(&ward);
    let entry = [("set", "DEMO"), ("key", HOSTILE)];
    let local = || Local::open(&ward.home).unwrap();
    let note = Annotation { note: Some("<i>note</i>".into()), ..Annotation::default() };
    local().annotate(&demo(), &key(), &note).unwrap();
    let page = browser.send("/console/decide/find", &entry).text();
    assert!(page.contains("sha256, pdq") || page.contains("pdq, sha256"), "{page}");
    assert!(page.contains("SEV_A") && page.contains("&lt;i&gt;note") && !page.contains("<i>note"));
    let said = [
        &entry[..],
        &[("decision", "confirm"), ("severity", "SEV_B"), ("maturity", ""), ("reason", "checked-2")],
    ]
    .concat();
    let done = browser.send("/console/decide", &said);
    assert_eq!(done.headers["location"], "/console/decide?done=decided");
    let kept = local().decisions(None).unwrap();
    assert!(kept.len() == 1 && kept[0].key == key() && kept[0].decision == Decision::Confirm);
    assert_eq!(kept[0].by.as_ref().map(|by| by.as_str()), Some("anybody"));
    assert_eq!(kept[0].reason.as_ref().map(|reason| reason.as_str()), Some("checked-2"));
    let page = browser.get("/console/decide?done=decided").text();
    assert!(
        page.contains("Decisions that hold (1)") && page.contains("checked-2") && !page.contains(HOSTILE)
    );
    assert!(browser.get("/console/tally").text().contains("REVIEWED"), "the review is counted");
    let answer = browser.send_files("/console/match", &[], &[("file", COFFEE)]).text();
    assert!(answer.contains("confirmed"));
    for (name, value) in [
        ("decision", "perhaps"),
        ("decision", ""),
        ("severity", "SEV_QQ"),
        ("severity", "_T"),
        ("reason", "free text of a person"),
        ("set", "../x"),
        ("key", ""),
    ] {
        let mut wrong = said.clone();
        wrong.iter_mut().filter(|(field, _)| *field == name).for_each(|field| field.1 = value);
        assert_eq!(browser.send("/console/decide", &wrong).status, StatusCode::BAD_REQUEST, "{name} {value}");
    }
    let gone = [("set", "DEMO"), ("key", "none"), ("decision", "confirm")];
    assert_eq!(browser.send("/console/decide", &gone).status, StatusCode::NOT_FOUND);
    assert_eq!(local().decisions(None).unwrap().len(), 1);
    assert_eq!(browser.send("/console/decide/find", &gone).status, StatusCode::NOT_FOUND);
}

#[test]
fn sets_are_told_with_their_coverage_policy_and_history() {
    let ward = ward(5);
    ward.import("GOOD", "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752\n");
    let lock = ward.home.lock().unwrap();
    let update = SetUpdate {
        keep_until: Some("2026-01-01".parse().unwrap()),
        source: Some("<b>of somebody</b>".into()),
        ..SetUpdate::default()
    };
    let made = crate::hashset::Made { at: Clock::system().now(), by: Some("<operator>") };
    crate::index::change(&ward.home, &lock, &"GOOD".parse().unwrap(), &update, made).unwrap();
    drop(lock);
    ward.settle();
    let browser = Browser::enter(&ward);
    let list = browser.get("/console/sets").text();
    assert!(list.contains("href=\"/console/sets/DEMO\"") && list.contains("href=\"/console/sets/GOOD\""));
    assert!(list.contains("not searched: its agreement ended on 2026-01-01"));
    let one = browser.get("/console/sets/GOOD").text();
    for wanted in
        ["1 of 1 entries can be matched", "100.0 %", "&lt;b&gt;of somebody", "&lt;operator&gt;", "keep_until"]
    {
        assert!(one.contains(wanted), "{wanted}");
    }
    let one = browser.get("/console/sets/DEMO").text();
    assert!(one.contains("pdq 31 bits") && one.contains("list imported ("), "{one}");
    assert_eq!(browser.get("/console/sets/NONE").status, StatusCode::NOT_FOUND);
    let hostile = browser.get("/console/sets/%3Cscript%3E");
    assert!(hostile.status == StatusCode::NOT_FOUND && !hostile.text().contains("<script>"));
}

#[test]
fn reading_pages_changes_nothing() {
    let ward = ward(5);
    flood(&ward);
    let browser = Browser::enter(&ward);
    let state = || {
        let local = Local::open(&ward.home).unwrap();
        (local.version().unwrap(), ward.state.matcher().unwrap().generation())
    };
    let before = state();
    for path in [
        "/console",
        "/console/match?hash=md5:00",
        "/console/compare",
        "/console/decide?set=DEMO&decision=confirm",
        "/console/quarantine?set=DEMO",
        "/console/sets",
        "/console/sets/DEMO",
        "/console/tally?month=2026-01",
        "/console/releases",
        "/console/audit",
    ] {
        assert_eq!(browser.get(path).status, StatusCode::OK, "{path}");
    }
    assert!(state() == before);
    assert!(browser.get("/console/audit").text().contains("Nothing is on record yet."));
}

#[test]
fn an_empty_ward_has_pages_too() {
    let ward = Ward::with(&[]);
    let browser = Browser::enter(&ward);
    for path in ["/console", "/console/sets", "/console/decide", "/console/match"] {
        let page = browser.get(path);
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text().contains("innerward set import"), "{path}");
    }
    let answer = browser.send_files("/console/match", &[], &[("file", COFFEE)]);
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(browser.get("/console/releases").text().contains("Nothing was published yet."));
}
