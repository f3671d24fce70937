//! Tests of verifying: every changed byte, every broken rule, every hostile folder.

use std::fs;
use std::path::Path;

use super::*;
use crate::release::signature::Signatory;
use crate::release::testing::Ward;

fn published() -> (Ward, std::path::PathBuf, [Vec<u8>; 3]) {
    let ward = Ward::new();
    let dir = ward.publish(1).unwrap().dir;
    let files = read_folder(&dir).unwrap();
    (ward, dir, files)
}

#[test]
fn every_changed_byte_of_every_file_is_refused() {
    let (ward, _, good) = published();
    let key = ward.key();
    assert!(verify_bytes(&good[0], &good[1], &good[2], &key).is_ok());
    for file in 0..3 {
        for at in 0..good[file].len() {
            // The lowest bit, the highest, and the one that makes small letters of capital ones.
            for flip in [0x01, 0x80, 0x20] {
                let mut files = good.clone();
                files[file][at] ^= flip;
                let outcome = verify_bytes(&files[0], &files[1], &files[2], &key);
                assert!(outcome.is_err(), "{} byte {at} ^ {flip:#x}", FILES[file].0);
            }
        }
    }
}

#[test]
fn every_truncation_and_any_addition_is_refused() {
    let (ward, _, good) = published();
    let key = ward.key();
    for file in 0..3 {
        for len in 0..good[file].len() {
            let mut files = good.clone();
            files[file].truncate(len);
            assert!(verify_bytes(&files[0], &files[1], &files[2], &key).is_err(), "{} {len}", FILES[file].0);
        }
        let mut files = good.clone();
        files[file].push(b'\n');
        assert!(verify_bytes(&files[0], &files[1], &files[2], &key).is_err(), "{}", FILES[file].0);
    }
}

/// Signs whatever it is given: the publisher's key in hands that break the rules.
fn signed(good: &[Vec<u8>; 3], manifest: &[(&str, &str)], table: &[(&str, &str)]) -> String {
    let signatory = Signatory::new(&[7; 32]);
    let change = |bytes: &[u8], changes: &[(&str, &str)]| {
        changes.iter().fold(String::from_utf8(bytes.to_vec()).unwrap(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        })
    };
    let table = change(&good[2], table);
    let old = blake3::hash(&good[2]).to_hex().to_string();
    let new = blake3::hash(table.as_bytes()).to_hex().to_string();
    let manifest = change(&good[0], manifest).replace(&old, &new);
    let id = serde_json::from_str::<serde_json::Value>(&manifest)
        .ok()
        .and_then(|value| value["release_id"].as_str().map(str::to_owned))
        .unwrap_or_default();
    let signature = signatory.sign(manifest.as_bytes(), &id);
    match verify_bytes(manifest.as_bytes(), &signature, table.as_bytes(), &signatory.public()) {
        Ok(_) => "holds".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_signed_manifest_that_breaks_a_rule_is_refused_by_its_field() {
    let (_ward, _, good) = published();
    assert_eq!(signed(&good, &[], &[]), "holds");
    for (from, to, place) in [
        ("\"schema\": 1", "\"schema\": 2", "schema"),
        ("\"schema\": 1,", "\"schema\": 1, \"note\": \"x\",", "JSON"),
        ("\"schema\": 1", "\"schema\":  1", "JSON"),
        ("\"demo\": true", "\"demo\": false", "release_id"),
        ("DEMO-2026-10-coarse-v1", "DEMO-2026-10-coarse-v2", "release_id"),
        ("\"revision\": 1", "\"revision\": 2", "release_id"),
        ("\"supersedes\": \"\"", "\"supersedes\": \"x\"", "supersedes"),
        ("\"period\": \"2026-10\"", "\"period\": \"2026-11\"", "release_id"),
        ("\"published_on\": \"2026-11-02\"", "\"published_on\": \"2026-10-31\"", "published_on"),
        ("\"registered_on\": \"2026-09-15\"", "\"registered_on\": \"2026-10-01\"", "plan.registered_on"),
        ("\"applies_from\": \"2026-10\"", "\"applies_from\": \"2026-11\"", "plan.registered_on"),
        ("\"name\": \"coarse\"", "\"name\": \"Coarse\"", "plan.name"),
        ("\"file\": \"table.csv\"", "\"file\": \"../table.csv\"", "table.file"),
        ("MATCH_ITEMS", "VICTIMS", "table.indicator"),
        ("discrete-laplace", "none", "table.mechanism"),
        ("\"sensitivity\": 1", "\"sensitivity\": 0", "table.sensitivity"),
        ("\"threshold\": 23", "\"threshold\": 3", "table:"),
        ("\"half_width\": 3", "\"half_width\": 2", "table:"),
        ("\"noise_sd\": \"1.357\"", "\"noise_sd\": \"0.1\"", "table:"),
        ("\"k\": 10", "\"k\": 0", "table.k"),
        ("\"beta\": \"1e-6\"", "\"beta\": \"1e-99\"", "table.beta"),
        ("\"rounding\": 1", "\"rounding\": 5", "table:"),
        ("\"cells\": 17", "\"cells\": 16", "table.cells"),
        ("\"SEV_A\",", "\"SEV_Y\",", "table.domain"),
        ("\"epsilon_cap_nano\": 1000000000", "\"epsilon_cap_nano\": 1", "epsilon_nano"),
        ("\"epsilon_nano\": 1000000000", "\"epsilon_nano\": 2000000000", "epsilon_nano"),
        ("\"previous\": \"\"", "\"previous\": \"abc\"", "previous"),
        (
            "\"lists\": []",
            "\"lists\": [\n    {\n      \"list_class\": \"Project X\",\n      \"revised\": \"2026-10\"\n    }\n  ]",
            "lists",
        ),
    ] {
        let said = signed(&good, &[(from, to)], &[]);
        assert!(said.starts_with(&format!("manifest.json, {place}")), "{from} -> {to}: {said}");
    }
}

#[test]
fn a_signed_table_that_breaks_a_rule_is_refused_by_line_and_column() {
    let (_ward, _, good) = published();
    let text = String::from_utf8(good[2].clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines[1]; // KNOWN, SEV_A
    let withheld = lines[4]; // KNOWN, SEV_C
    assert!(shown.contains(",E,,") && withheld.contains(",,Q,C,"), "{shown}\n{withheld}");
    let value = shown.split(',').nth(20).unwrap();
    let low = shown.split(',').nth(27).unwrap();
    let said = |from: &str, to: &str| signed(&good, &[], &[(from, to)]);
    let with = |from: &str, to: &str| shown.replacen(from, to, 1);
    for (to, column) in [
        (with("MATCH_ITEMS", "REPORTS"), "indicator"),
        (with("2026-10,", "2026-11,"), "time_period"),
        (with("SEV_A", "SEV_B"), "severity"),
        (with("_T", "Y0T2"), "age_band"),
        (with(&format!(",{value},"), ",22,"), "obs_value"),
        (with(&format!(",{value},"), &format!(",0{value},")), "obs_value"),
        (with(&format!(",{value},"), ",1.5,"), "obs_value"),
        (with(",E,", ",U,"), "obs_status"),
        (with(",E,", ",A,"), "obs_status"),
        (with(&format!(",{low},"), ",0,"), "ci95_lo"),
        (with("1.357", "1.0"), "noise_sd"),
        (with("DEMO-2026-10-coarse-v1", "2026-10-coarse-v1"), "release_id"),
    ] {
        let said = said(shown, &to);
        assert!(said.starts_with(&format!("table.csv, line 2, {column}:")), "{to}: {said}");
    }
    assert!(said(withheld, &withheld.replace(",,Q,C,", ",5,U,,")).contains("line 5, obs_value: 5 is below"));
    assert!(said(withheld, &withheld.replace(",,Q,C,", ",,E,,")).contains("line 5, obs_status"));
    let swapped = format!("{}\n{}", lines[2], lines[1]);
    assert!(said(&format!("{}\n{}", lines[1], lines[2]), &swapped).contains("line 2, severity"));
    let dropped = said(&format!("{}\n", lines[17]), "");
    assert!(dropped.contains("16 lines of cells, and its domain has 17"), "{dropped}");
    let doubled = said(&format!("{}\n", lines[17]), &format!("{0}\n{0}\n", lines[17]));
    assert!(doubled.contains("18 lines of cells"), "{doubled}");
    assert!(said("indicator,unit", "unit,indicator").contains("line 1, indicator"));
    assert!(said(shown, &format!("{shown},note")).contains("30 columns"));
    assert!(said(shown, &format!("{shown}\r")).contains("release_id"));
}

#[test]
fn a_hostile_folder_is_refused_by_name() {
    let (ward, dir, good) = published();
    let refused = || verify(&dir, &ward.key()).unwrap_err().to_string();
    let put = |name: &str, bytes: &[u8]| fs::write(dir.join(name), bytes).unwrap();
    put(".hidden", b"x");
    assert!(refused().contains(".hidden\" is not covered by the signature"), "{}", refused());
    fs::remove_file(dir.join(".hidden")).unwrap();
    fs::create_dir(dir.join("site")).unwrap();
    assert!(refused().contains("site\" is not covered"), "{}", refused());
    fs::remove_dir(dir.join("site")).unwrap();
    for (at, (name, most)) in FILES.into_iter().enumerate() {
        let path = dir.join(name);
        fs::remove_file(&path).unwrap();
        assert!(refused().contains(name) && refused().contains("again"), "{}", refused());
        std::os::unix::fs::symlink(Path::new("/dev/zero"), &path).unwrap();
        assert!(refused().contains("not a plain file"), "{}", refused());
        fs::remove_file(&path).unwrap();
        fs::File::create(&path).unwrap().set_len(most * 1000).unwrap();
        assert!(refused().contains("is larger than"), "{}", refused());
        put(name, &good[at]);
    }
    assert!(verify(&dir, &ward.key()).is_ok());
    assert!(verify(&dir.join("none"), &ward.key()).unwrap_err().to_string().contains("none: "));
}

#[test]
fn another_key_and_another_releases_signature_are_refused() {
    let (ward, dir, good) = published();
    let other = Signatory::new(&[8; 32]).public();
    let error = verify(&dir, &other).unwrap_err().to_string();
    assert!(error.contains(&other.id()) && error.contains(&ward.key().id()), "{error}");
    let signature = Signatory::new(&[7; 32]).sign(&good[0], "DEMO-2026-09-coarse-v1");
    let error = verify_bytes(&good[0], &signature, &good[2], &ward.key()).unwrap_err().to_string();
    assert!(error.contains("release_id") && error.contains("DEMO-2026-09"), "{error}");
}
