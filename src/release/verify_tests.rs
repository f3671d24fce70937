//! Tests of verifying: every changed byte, every broken rule, every hostile folder.

use std::fs;
use std::path::Path;

use super::*;
use crate::release::signature::Signatory;
use crate::release::testing::Ward;

/// The files of a release, as they are in its folder.
type Files = Vec<(String, Vec<u8>)>;

fn published() -> (Ward, std::path::PathBuf, Files) {
    let ward = Ward::new();
    let dir = ward.publish(1).unwrap().dir;
    let files = files_of(&dir);
    (ward, dir, files)
}

/// The manifest, its signature, then the others.
fn files_of(dir: &Path) -> Files {
    let mut files: Files = crate::release::testing::bytes(dir)
        .into_iter()
        .map(|(name, bytes)| (name.into_os_string().into_string().unwrap(), bytes))
        .collect();
    files.sort_by_key(|(name, _)| {
        (name != MANIFEST, name != SIGNATURE, name != log::PROOF_FILE, name.clone())
    });
    files
}

fn table_at(files: &Files) -> usize {
    files.iter().position(|(name, _)| name.ends_with(".csv")).unwrap()
}

#[test]
fn every_changed_byte_of_every_file_is_refused() {
    let (ward, _, good) = published();
    let key = ward.key();
    assert!(verify_files(&good, &key).is_ok());
    for file in 0..good.len() {
        for at in 0..good[file].1.len() {
            // The lowest bit, the highest, and the one that makes small letters of capital ones.
            for flip in [0x01, 0x80, 0x20] {
                let mut files = good.clone();
                files[file].1[at] ^= flip;
                assert!(verify_files(&files, &key).is_err(), "{} byte {at} ^ {flip:#x}", files[file].0);
            }
        }
    }
}

#[test]
fn every_truncation_and_any_addition_is_refused() {
    let (ward, _, good) = published();
    let key = ward.key();
    for file in 0..good.len() {
        for len in 0..good[file].1.len() {
            let mut files = good.clone();
            files[file].1.truncate(len);
            assert!(verify_files(&files, &key).is_err(), "{} {len}", files[file].0);
        }
        let mut files = good.clone();
        files[file].1.push(b'\n');
        assert!(verify_files(&files, &key).is_err(), "{}", files[file].0);
    }
}

/// `log.json` of a release with this manifest in place of the one that is there; `None` if the log would not take it.
fn proof(ward: &Ward, id: &str, manifest: &[u8]) -> Option<Vec<u8>> {
    let mut made = rusqlite::Connection::open_in_memory().unwrap();
    made.execute_batch(log::SCHEMA).unwrap();
    let from = ward.home.database("").unwrap();
    for n in 0..2 {
        let (line, leaf): (String, Vec<u8>) = from
            .query_row("SELECT line, leaf FROM release_log WHERE n = ?", [n], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        made.execute("INSERT INTO release_log VALUES (?1, ?2, ?3)", (n, line, leaf)).unwrap();
    }
    let transaction = made.transaction().unwrap();
    let entry = log::append_release(&transaction, id, manifest).ok()?;
    log::proof(&transaction, entry, &Signatory::new(&[7; 32])).ok()
}

/// Signs whatever it is given: the publisher's key in hands that break the rules.
fn signed(ward: &Ward, good: &Files, manifest: &[(&str, &str)], table: &[(&str, &str)]) -> String {
    let signatory = Signatory::new(&[7; 32]);
    let change = |bytes: &[u8], changes: &[(&str, &str)]| {
        changes.iter().fold(String::from_utf8(bytes.to_vec()).unwrap(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        })
    };
    let mut files = good.clone();
    let at = table_at(good);
    files[at].1 = change(&good[at].1, table).into_bytes();
    let old = blake3::hash(&good[at].1).to_hex().to_string();
    let new = blake3::hash(&files[at].1).to_hex().to_string();
    let manifest = change(&good[0].1, manifest).replace(&old, &new);
    let id = serde_json::from_str::<serde_json::Value>(&manifest)
        .ok()
        .and_then(|value| value["release_id"].as_str().map(str::to_owned))
        .unwrap_or_default();
    files[1].1 = signatory.sign(manifest.as_bytes(), &id);
    if let Some(proof) = proof(ward, &id, manifest.as_bytes()) {
        files[2].1 = proof;
    }
    files[0].1 = manifest.into_bytes();
    match verify_files(&files, &signatory.public()) {
        Ok(_) => "holds".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_signed_manifest_that_breaks_a_rule_is_refused_by_its_field() {
    let (ward, _, good) = published();
    assert_eq!(signed(&ward, &good, &[], &[]), "holds");
    for (from, to, place) in [
        ("\"schema\": 2", "\"schema\": 3", "schema"),
        ("\"schema\": 2,", "\"schema\": 2, \"note\": \"x\",", "JSON"),
        ("\"schema\": 2", "\"schema\":  2", "JSON"),
        ("\"schema\": 2", "\"schema\": 2.0", "JSON"),
        ("\"schema\": 2", "\"schema\": \"2\"", "JSON"),
        ("\"epsilon_nano\": 1000000000", "\"epsilon_nano\": 1e9", "JSON"),
        ("\"published_on\": \"2026-11-02\"", "\"published_on\": \"2026-11-02T10:00:00\"", "JSON"),
        ("\"period\": \"2026-10\"", "\"period\": \"2026-10-05\"", "JSON"),
        ("\"cells\": 17,", "\"cells\": 17, \"items\": 4711,", "JSON"),
        ("\"audience\": \"public\"", "\"audience\": \"insiders\"", "JSON"),
        ("\"demo\": true", "\"demo\": false", "release_id"),
        ("DEMO-2026-10-coarse-v1", "DEMO-2026-10-coarse-v2", "release_id"),
        ("\"revision\": 1", "\"revision\": 2", "release_id"),
        ("\"supersedes\": \"\"", "\"supersedes\": \"x\"", "supersedes"),
        ("\"period\": \"2026-10\"", "\"period\": \"2026-11\"", "release_id"),
        ("\"published_on\": \"2026-11-02\"", "\"published_on\": \"2026-10-31\"", "published_on"),
        ("\"registered_on\": \"2026-09-15\"", "\"registered_on\": \"2026-10-01\"", "plan.registered_on"),
        ("\"applies_from\": \"2026-10\"", "\"applies_from\": \"2026-11\"", "plan.registered_on"),
        ("\"name\": \"coarse\"", "\"name\": \"Coarse\"", "plan.name"),
        ("\"expires\": \"2035-12\"", "\"expires\": \"2026-09\"", "plan.expires"),
        ("\"expires\": \"2035-12\"", "\"expires\": \"2035\"", "plan.expires"),
        ("\"name\": \"items\"", "\"name\": \"../items\"", "tables.name"),
        ("\"file\": \"items.csv\"", "\"file\": \"../items.csv\"", "tables.file"),
        ("ITEMS_SCANNED", "VICTIMS", "JSON"),
        ("ITEMS_SCANNED", "LIST_SIZE", "tables.domain"),
        ("ITEMS_SCANNED", "REPORTS", "tables.unit"),
        ("\"unit\": \"ITEMS\"", "\"unit\": \"URLS\"", "tables.unit"),
        ("discrete-laplace", "none", "tables.mechanism"),
        ("\"sensitivity\": 1", "\"sensitivity\": 0", "tables.sensitivity"),
        ("\"items_per_case\": 0", "\"items_per_case\": 5", "tables.sensitivity"),
        ("one cell changes by one", "no cell changes", "tables.neighbours"),
        ("\"threshold\": 23", "\"threshold\": 3", "tables:"),
        ("\"half_width\": 3", "\"half_width\": 2", "tables:"),
        ("\"noise_sd\": \"1.357\"", "\"noise_sd\": \"0.1\"", "tables:"),
        ("\"k\": 10", "\"k\": 0", "tables.k"),
        ("\"beta\": \"1e-6\"", "\"beta\": \"1e-99\"", "tables.beta"),
        ("\"rounding\": 1", "\"rounding\": 5", "tables:"),
        ("\"cells\": 17", "\"cells\": 16", "tables.cells"),
        ("\"SEV_A\",", "\"SEV_Y\",", "tables.domain"),
        ("\"area_role\": \"\"", "\"area_role\": \"HOSTING\"", "tables.domain"),
        ("not a person", "also a person", "units"),
        ("exp(1)", "exp(0.1)", "units"),
        ("up to 5;", "up to 1;", "group_figure"),
        ("\"denominator\": \"Table items", "\"denominator\": \"Table other", "denominator"),
        ("describe nothing.", "describe all.", "citation"),
        ("\"publisher\": \"DEMO: ", "\"publisher\": \"", "publisher"),
        ("\"epsilon_cap_nano\": 1000000000", "\"epsilon_cap_nano\": 1", "epsilon_nano"),
        ("\"epsilon_cap_nano\": 1000000000", "\"epsilon_cap_nano\": 5000000000", "epsilon_cap_nano"),
        ("\"epsilon_nano\": 1000000000", "\"epsilon_nano\": 2000000000", "tables:"),
        ("\"previous\": \"\"", "\"previous\": \"abc\"", "previous"),
        (
            "\"lists\": []",
            "\"lists\": [\n    {\n      \"list_class\": \"Project X\",\n      \"revised\": \"2026-10\"\n    }\n  ]",
            "lists",
        ),
        (
            "\"lists\": []",
            "\"lists\": [\n    {\n      \"list_class\": \"OWN\",\n      \"revised\": \"2026\"\n    }\n  ]",
            "lists.revised",
        ),
        (
            "\"breaks\": []",
            "\"breaks\": [\n    {\n      \"list_class\": \"OUR LIST\",\n      \"within\": true\n    }\n  ]",
            "breaks",
        ),
        ("\"size\": 2", "\"size\": 3", "ledger.size"),
        ("\"size\": 2", "\"size\": 0", "ledger.size"),
        ("\"witness\": \"none\"", "\"witness\": \"a\\u0007\"", "witness"),
    ] {
        let said = signed(&ward, &good, &[(from, to)], &[]);
        assert!(said.starts_with(&format!("manifest.json, {place}")), "{from} -> {to}: {said}");
    }
}

#[test]
fn a_signed_table_that_breaks_a_rule_is_refused_by_line_and_column() {
    let (ward, _, good) = published();
    let text = String::from_utf8(good[table_at(&good)].1.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines[1]; // KNOWN, SEV_A
    let withheld = lines[4]; // KNOWN, SEV_C
    assert!(shown.contains(",E,,") && withheld.contains(",,Q,C,"), "{shown}\n{withheld}");
    let value = shown.split(',').nth(20).unwrap();
    let low = shown.split(',').nth(27).unwrap();
    let said = |from: &str, to: &str| signed(&ward, &good, &[], &[(from, to)]);
    let with = |from: &str, to: &str| shown.replacen(from, to, 1);
    for (to, column) in [
        (with("ITEMS_SCANNED", "REPORTS"), "indicator"),
        (with("2026-10,", "2026-11,"), "time_period"),
        (with("SEV_A", "SEV_B"), "severity"),
        (with("SEV_A,_T", "SEV_A,Y0T2"), "age_band"),
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
        assert!(said.starts_with(&format!("items.csv, line 2, {column}:")), "{to}: {said}");
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
    for (name, bytes) in &good {
        let path = dir.join(name);
        fs::remove_file(&path).unwrap();
        assert!(refused().contains(name) && refused().contains("again"), "{}", refused());
        std::os::unix::fs::symlink(Path::new("/dev/zero"), &path).unwrap();
        assert!(refused().contains("not a plain file"), "{}", refused());
        fs::remove_file(&path).unwrap();
        fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(refused().contains("is larger than"), "{}", refused());
        fs::remove_file(&path).unwrap();
        put(name, bytes);
    }
    assert!(verify(&dir, &ward.key()).is_ok());
    assert!(verify(&dir.join("none"), &ward.key()).unwrap_err().to_string().contains("none/"));
}

#[test]
fn another_key_and_another_releases_signature_are_refused() {
    let (ward, dir, good) = published();
    let other = Signatory::new(&[8; 32]).public();
    let error = verify(&dir, &other).unwrap_err().to_string();
    assert!(error.contains(&other.id()) && error.contains(&ward.key().id()), "{error}");
    let mut files = good.clone();
    files[1].1 = Signatory::new(&[7; 32]).sign(&good[0].1, "DEMO-2026-09-coarse-v1");
    let error = verify_files(&files, &ward.key()).unwrap_err().to_string();
    assert!(error.contains("release_id") && error.contains("DEMO-2026-09"), "{error}");
}
