use std::convert::Infallible;

use serde_json::Value;

use super::*;
use crate::digest::{Quality, Signal};
use crate::hashset::{Item, Labels, Opinion, ReadOptions, read_items};
use crate::vocabulary::{Code, Dimension};

fn entry(key: &str, hashes: &[&str], category: &str, opinion: Opinion, updated: Option<u32>) -> Entry {
    let mut all = Hashes::default();
    for hash in hashes {
        all.set(hash.parse::<Signal>().unwrap());
    }
    if let Some(pdq) = &mut all.pdq {
        pdq.quality = Some(Quality::new(80).unwrap());
    }
    let labels = Labels::default().with_crosswalk(category.parse().unwrap());
    Entry { key: EntryKey::new(key).unwrap(), hashes: all, labels, opinion, updated }
}

/// All kinds of hash, one alone, none that most forms have, and one that is not to be found. All made up.
fn entries() -> Vec<Entry> {
    let (md5, sha1, sha256) = (
        "md5:".to_owned() + &"c0ffee01".repeat(4),
        "sha1:".to_owned() + &"decaf002".repeat(5),
        "sha256:".to_owned() + &"5ca1ab1e".repeat(8),
    );
    let pdq = "pdq:".to_owned() + &"0f1e2d3c4b5a69788796a5b4c3d2e1f0".repeat(2);
    let (md5_2, classic) = ("md5:".to_owned() + &"c0ffee03".repeat(4), "gradient8:0f1e2d3c4b5a6978");
    vec![
        entry("7", &[&md5, &sha1, &sha256, &pdq], "VICS/US:1", Opinion::Positive, Some(1_893_456_000)),
        entry("demo-8", &[&md5_2], "VICS/UK:2", Opinion::Investigate, None),
        entry("demo-9", &[&pdq.replace('0', "1"), classic], "NCMEC:A1", Opinion::Disputed, None),
        entry("demo-10", &[&md5_2.replace('3', "4")], "NCMEC:B2", Opinion::Negative, None),
    ]
}

fn exported(form: &str, kinds: &[SignalKind]) -> (String, Written) {
    let kinds = if kinds.is_empty() { SignalKind::ALL.to_vec() } else { kinds.to_vec() };
    let issued = "2026-11-01T12:00:00Z".parse().unwrap();
    let about = About { name: "DEMO".parse().unwrap(), revision: 3, issued, kinds };
    let mut text = Vec::new();
    let mut list = Exporter::new(form.parse().unwrap(), &mut text, &about).unwrap();
    entries().iter().for_each(|entry| list.entry(entry).unwrap());
    list.withdrawn(&EntryKey::new("gone").unwrap()).unwrap();
    let written = list.finish().unwrap();
    (String::from_utf8(text).unwrap(), written)
}

fn read(text: &str) -> (Vec<Entry>, Vec<EntryKey>) {
    let (mut entries, mut withdrawn) = (Vec::new(), Vec::new());
    let report = read_items(&mut text.as_bytes(), &ReadOptions::default(), &mut |item| {
        match item {
            Item::Entry(entry) => entries.push(entry),
            Item::Withdrawn(key) => withdrawn.push(key),
            Item::Replaced { .. } => {}
        }
        Ok::<(), Infallible>(())
    });
    assert_eq!(report.unwrap().bad_total, 0, "{text}");
    (entries, withdrawn)
}

fn signals(entries: &[Entry]) -> Vec<Vec<String>> {
    entries.iter().map(|entry| entry.hashes.iter().map(|signal| signal.to_text()).collect()).collect()
}

/// The hashes of `kinds` of the entries, without entries that have none.
fn expected(kinds: &[SignalKind], negative: bool) -> Vec<Vec<String>> {
    let of = |entry: &Entry| -> Vec<String> {
        entry.hashes.iter().filter(|s| kinds.contains(&s.kind())).map(|s| s.to_text()).collect()
    };
    let entries = entries().into_iter().filter(|entry| negative || entry.opinion != Opinion::Negative);
    entries.map(|entry| of(&entry)).filter(|hashes| !hashes.is_empty()).collect()
}

#[test]
fn forms_are_named_as_they_are_shown() {
    for (name, form) in NAMES {
        assert_eq!(form.to_string(), name);
        let shown = ExportForm::CHOICES.replace(" and ", ", ");
        assert!(shown.split(", ").any(|choice| choice == name), "{name}");
    }
    assert!("VICS".parse::<ExportForm>().is_err() && "vics:fr".parse::<ExportForm>().is_err());
}

#[test]
fn our_own_form_says_everything() {
    let (text, written) = exported("innerward", &[]);
    let (found, withdrawn) = read(&text);
    assert_eq!(found, entries());
    assert_eq!(withdrawn, [EntryKey::new("gone").unwrap()]);
    assert_eq!(written, Written { entries: 4, withdrawn: 1, ..Written::default() });
}

#[test]
fn what_tx_has_names_for_is_read_again() {
    let kinds = [SignalKind::Md5, SignalKind::Pdq];
    let (text, written) = exported("tx", &[]);
    let (found, _) = read(&text);
    assert_eq!(signals(&found).concat(), expected(&kinds, true).concat());
    assert_eq!(written, Written { entries: 4, in_part: 2, labels_in_part: 4, ..Written::default() });
    assert_eq!(found[0].opinion, Opinion::Positive);
    assert!(found.iter().any(|entry| entry.opinion == Opinion::Disputed));
    assert!(found.iter().any(|entry| entry.opinion == Opinion::Negative));
    // Each hash is a row of its own, so the facets of an item come back as often as it has hashes.
    let facets = |entries: &[Entry]| -> Vec<_> {
        let of = |entry: &Entry| entry.labels.as_slice().to_vec();
        entries.iter().map(of).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    };
    assert_eq!(facets(&found), facets(&entries()), "all facets come back");
    assert!(found.iter().any(|entry| entry.labels.as_slice().len() > 1));
    assert!(found.iter().all(|entry| entry.labels.categories().is_empty()));
    let (text, _) = exported("hma", &[]);
    assert_eq!(
        signals(&read(&text).0).concat(),
        expected(&kinds, false).concat(),
        "without opinions, none negative"
    );
}

#[test]
fn every_facet_is_a_tag_that_is_read_again() {
    let codes: Vec<Code> = Dimension::ALL.into_iter().flat_map(Dimension::codes).collect();
    let about = About {
        name: "DEMO".parse().unwrap(),
        revision: 1,
        issued: jiff::Timestamp::UNIX_EPOCH,
        kinds: vec![SignalKind::Md5],
    };
    let mut text = Vec::new();
    let mut list = Exporter::new(ExportForm::Tx, &mut text, &about).unwrap();
    for (number, code) in codes.iter().enumerate() {
        let hashes = Hashes::from(format!("md5:{:032x}", number + 1).parse::<Signal>().unwrap());
        list.entry(&Entry { labels: [*code].into_iter().collect(), ..Entry::bare(hashes) }).unwrap();
    }
    assert_eq!(list.finish().unwrap().labels_in_part, 0);
    let (found, _) = read(std::str::from_utf8(&text).unwrap());
    let found: Vec<_> = found.iter().map(|entry| entry.labels.as_slice().to_vec()).collect();
    assert_eq!(found, codes.iter().map(|code| vec![*code]).collect::<Vec<_>>());
}

#[test]
fn facets_and_categories_that_a_form_cannot_say_are_counted() {
    for (form, expected) in [("hma", 3), ("plain", 3), ("hashdeep", 1), ("misp", 3), ("stix", 2)] {
        let kinds = if form == "hashdeep" { vec![SignalKind::Md5, SignalKind::Sha1] } else { Vec::new() };
        let (_, written) = exported(form, &kinds);
        assert_eq!(written.labels_in_part, expected, "{form}");
        assert_eq!(written.labels_in_part, written.entries, "all have a category");
    }
}

#[test]
fn vics_has_the_numbers_of_one_profile() {
    for (form, profile) in [("vics:us", "US"), ("vics:uk", "UK"), ("vics", "Default")] {
        let (text, written) = exported(form, &[]);
        // Of the two, one has a category of the profile, and nothing else; neither has one of no country.
        let labels_in_part = if profile == "Default" { 2 } else { 1 };
        assert_eq!(written, Written { entries: 2, left_out: 2, labels_in_part, ..Written::default() });
        let (found, _) = read(&text);
        assert_eq!(found[0].key.as_str(), "7", "a number stays what it is");
        let with_digests: Vec<_> = entries()
            .iter()
            .filter(|entry| entry.hashes.md5.is_some() && entry.opinion != Opinion::Negative)
            .map(|entry| entry.hashes.iter().map(|signal| signal.to_text()).collect::<Vec<_>>())
            .collect();
        assert_eq!(signals(&found), with_digests);
        for (found, given) in found.iter().zip(entries()) {
            let same = given.labels.categories().iter().filter(|category| category.profile() == profile);
            assert_eq!(found.labels.categories().iter().collect::<Vec<_>>(), same.collect::<Vec<_>>());
        }
    }
}

#[test]
fn no_two_media_get_one_number() {
    let md5 = |seed: char| "md5:".to_owned() + &seed.to_string().repeat(32);
    let keys = ["7", "007", "+7", "7", "1000000000", "x"];
    let about = About {
        name: "DEMO".parse().unwrap(),
        revision: 1,
        issued: jiff::Timestamp::UNIX_EPOCH,
        kinds: vec![SignalKind::Md5],
    };
    let mut text = Vec::new();
    let mut list = Exporter::new("vics".parse().unwrap(), &mut text, &about).unwrap();
    for (key, seed) in keys.into_iter().zip('1'..) {
        list.entry(&entry(key, &[&md5(seed)], "VICS/US:1", Opinion::Positive, None)).unwrap();
    }
    list.finish().unwrap();
    let (found, _) = read(std::str::from_utf8(&text).unwrap());
    let numbers: std::collections::BTreeSet<_> = found.iter().map(|entry| entry.key.clone()).collect();
    assert_eq!((found.len(), numbers.len()), (keys.len(), keys.len()));

    // Without the first, the others have the numbers that they had.
    let mut text = Vec::new();
    let mut list = Exporter::new("vics".parse().unwrap(), &mut text, &about).unwrap();
    for (key, seed) in keys.into_iter().zip('1'..).skip(1) {
        list.entry(&entry(key, &[&md5(seed)], "VICS/US:1", Opinion::Positive, None)).unwrap();
    }
    list.finish().unwrap();
    let later = read(std::str::from_utf8(&text).unwrap()).0;
    let number = |entries: &[Entry], seed: char| {
        let found = entries.iter().find(|entry| entry.hashes.md5.unwrap().to_hex().starts_with(seed));
        found.map(|entry| entry.key.clone())
    };
    for seed in ['2', '3', '5', '6'] {
        assert_eq!(number(&later, seed), number(&found, seed), "{seed}");
    }
}

#[test]
fn hashdeep_has_whole_lines_alone() {
    let (text, written) = exported("hashdeep", &[SignalKind::Md5]);
    assert_eq!(signals(&read(&text).0), expected(&[SignalKind::Md5], false));
    assert_eq!((written.entries, written.left_out), (2, 2));
    let (text, written) = exported("hashdeep", &[SignalKind::Md5, SignalKind::Sha256]);
    assert_eq!(read(&text).0.len(), 1);
    assert_eq!((written.entries, written.left_out, written.in_part), (1, 3, 1));
}

#[test]
fn no_id_becomes_a_formula() {
    let about = About {
        name: "DEMO".parse().unwrap(),
        revision: 3,
        issued: "2026-11-01T12:00:00Z".parse().unwrap(),
        kinds: vec![SignalKind::Md5],
    };
    let ids = [
        ("=cmd|'/c x'!A0", "%3Dcmd|'/c x'!A0"),
        ("+1", "%2B1"),
        (" @SUM(A1),=1;-2, =3", " %40SUM(A1)%2C=1%3B-2%2C =3"),
        ("\"=1+1\"", "%22=1+1%22"),
        ("a,\"=cmd|x!A0\"", "a%2C%22=cmd|x!A0%22"),
        ("7-demo-1 a=b", "7-demo-1 a=b"),
    ];
    let mut text = Vec::new();
    let mut list = Exporter::new("hashdeep".parse().unwrap(), &mut text, &about).unwrap();
    for (seed, (id, _)) in (1..).zip(ids) {
        let md5 = format!("md5:{seed:032x}");
        let hashes: Hashes = md5.parse::<Signal>().unwrap().into();
        list.entry(&Entry { key: EntryKey::new(id).unwrap(), ..Entry::bare(hashes) }).unwrap();
    }
    list.finish().unwrap();
    let text = String::from_utf8(text).unwrap();
    let names: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("0,")?.get(33..)).collect();
    assert_eq!(names, ids.map(|(_, name)| name));
}

#[test]
fn plain_lines_name_their_kind_unless_there_is_one() {
    let (text, _) = exported("plain", &[SignalKind::Md5]);
    assert_eq!(signals(&read(&text).0), expected(&[SignalKind::Md5], false));
    assert!(!text.contains(':'));
    let (text, written) = exported("plain", &[]);
    assert_eq!(signals(&read(&text).0).concat(), expected(&SignalKind::ALL, false).concat());
    assert_eq!((written.left_out, written.in_part), (1, 0), "what is not to be found is left out");
}

#[test]
fn misp_objects_hold_digests_and_never_change_their_ids() {
    let (text, written) = exported("misp", &[]);
    let event: Value = serde_json::from_str(&text).unwrap();
    let objects = event["Event"]["Object"].as_array().unwrap();
    assert_eq!((objects.len(), written.entries, written.left_out, written.in_part), (3, 3, 1, 1));
    let attributes = objects[0]["Attribute"].as_array().unwrap();
    let found: Vec<_> = attributes
        .iter()
        .map(|a| format!("{}:{}", a["type"].as_str().unwrap(), a["value"].as_str().unwrap()))
        .collect();
    assert_eq!(found, expected(&[SignalKind::Md5, SignalKind::Sha1, SignalKind::Sha256], true)[0]);
    assert_eq!(objects[2]["Attribute"][0]["to_ids"], false, "what is not to be found alerts nobody");
    assert_eq!(exported("misp", &[]).0, text);
}

#[test]
fn stix_keeps_to_its_hash_names_and_defines_its_extension() {
    let (text, written) = exported("stix", &[]);
    let bundle: Value = serde_json::from_str(&text).unwrap();
    let objects = bundle["objects"].as_array().unwrap();
    let types: Vec<_> = objects.iter().map(|object| object["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["identity", "extension-definition", "file", "file"]);
    assert_eq!((written.entries, written.left_out, written.in_part), (2, 2, 0));
    let names: Vec<_> = objects[2]["hashes"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["MD5", "SHA-1", "SHA-256"]);
    let extension = objects[1]["id"].as_str().unwrap();
    let pdq = &objects[2]["extensions"][extension]["perceptual_hashes"][0];
    assert_eq!((pdq["algorithm"].as_str(), pdq["quality"].as_u64()), (Some("pdq"), Some(80)));
}

#[test]
fn no_stix_id_stands_twice_in_a_bundle() {
    let about = About {
        name: "DEMO".parse().unwrap(),
        revision: 1,
        issued: jiff::Timestamp::UNIX_EPOCH,
        kinds: SignalKind::ALL.to_vec(),
    };
    let (md5, other) = ("c0ffee01".repeat(4), "c0ffee02".repeat(4));
    let (sha1, sha256) = ("decaf002".repeat(5), "5ca1ab1e".repeat(8));
    let entries = [
        ("a", format!("md5:{md5} sha1:{sha1}")),
        ("b", format!("md5:{md5} sha256:{sha256}")),
        ("c", format!("md5:{md5} sha1:{sha1}")),
        ("d", format!("md5:{other} sha1:{sha1}")),
    ];
    let mut text = Vec::new();
    let mut list = Exporter::new(ExportForm::Stix, &mut text, &about).unwrap();
    for (key, hashes) in entries {
        let mut all = Hashes::default();
        hashes.split(' ').for_each(|hash| all.set(hash.parse::<Signal>().unwrap()));
        list.entry(&Entry { key: EntryKey::new(key).unwrap(), ..Entry::bare(all) }).unwrap();
    }
    let written = list.finish().unwrap();
    let bundle: Value = serde_json::from_slice(&text).unwrap();
    let ids: Vec<_> = bundle["objects"].as_array().unwrap().iter().map(|object| &object["id"]).collect();
    let apart: std::collections::HashSet<_> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!((ids.len(), apart.len()), (4, 4), "what defines the extension, and two files");
    // Of the second its MD5 is there and its SHA-256 is not; of the third there is all.
    assert_eq!((written.entries, written.in_part, written.left_out), (4, 1, 0));
}

#[test]
fn stix_ids_are_those_that_everybody_gives_the_same_file() {
    // stix2 3.0.2 of PyPI: `stix2.v21.File(hashes=…, extensions={EXTENSION: …}).id`, without an id given.
    const EXTENSION: &str = "extension-definition--8e82f761-6aaf-5fd0-bd50-42c8035cf20c";
    let (md5, sha1, sha256) = ("c0ffee01".repeat(4), "decaf002".repeat(5), "5ca1ab1e".repeat(8));
    let pdq = "0f1e2d3c4b5a69788796a5b4c3d2e1f0".repeat(2);
    let (with_quality, without) = (Some(80), None);
    for (hashes, quality, id) in [
        (
            format!("md5:{md5} sha1:{sha1} sha256:{sha256} pdq:{pdq}"),
            with_quality,
            "f8c54928-91d9-5ff1-99e8-4c68a593c871",
        ),
        (format!("md5:{}", "c0ffee03".repeat(4)), without, "e5748e05-133d-5fc2-b87b-60e4397f4182"),
        (format!("sha1:{sha1} sha256:{sha256}"), without, "0718fa11-1c14-53c8-bc3d-d5e295a262cc"),
        (format!("sha256:{sha256}"), without, "0ed707e5-fe6c-59df-8607-453198a1fb5f"),
        (
            format!("sha256:{sha256} pdq:{pdq} gradient8:0f1e2d3c4b5a6978"),
            without,
            "9ec07347-1e54-5d40-85b8-f982c778a0d3",
        ),
    ] {
        let mut all = Hashes::default();
        hashes.split(' ').for_each(|hash| all.set(hash.parse::<Signal>().unwrap()));
        if let Some(pdq) = &mut all.pdq {
            pdq.quality = quality.map(|percent| Quality::new(percent).unwrap());
        }
        let about = About {
            name: "DEMO".parse().unwrap(),
            revision: 1,
            issued: jiff::Timestamp::UNIX_EPOCH,
            kinds: SignalKind::ALL.to_vec(),
        };
        let mut text = Vec::new();
        let mut list = Exporter::new(ExportForm::Stix, &mut text, &about).unwrap();
        list.entry(&Entry::bare(all)).unwrap();
        list.finish().unwrap();
        let bundle: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(bundle["objects"][1]["id"], EXTENSION);
        assert_eq!(bundle["objects"][2]["id"], format!("file--{id}"), "{hashes}");
    }
}
