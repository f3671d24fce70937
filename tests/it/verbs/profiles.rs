//! Schemes that only their members hold: filled, checked, loaded, and what follows. All categories here are made up.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::ward::{MatchLine, Ward};

const MD5: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";

/// A list of one entry that has the category 1 of the United Kingdom's profile.
fn list(facets: &str) -> String {
    let lines = format!(
        "{{\"type\":\"header\",\"data\":{{\"format\":\"innerward-list\",\"version\":1}}}}\n\
         {{\"type\":\"entry\",\"data\":{{\"key\":\"made-up-1\",\"status\":\"active\",\"hashes\":{{\"md5\":\"{MD5}\"}},{facets}\
         \"categories\":[{{\"scheme\":\"VICS\",\"profile\":\"UK\",\"code\":\"1\"}}]}}}}\n"
    );
    format!("{lines}{{\"type\":\"summary\",\"data\":{{\"entries\":1,\"withdrawn\":0}}}}\n")
}

fn labels(ward: &Ward) -> Vec<String> {
    let done = ward.run(&["match", &format!("md5:{MD5}"), "--format", "json"]);
    let [line] = &done.all::<MatchLine>("match")[..] else { panic!("one answer: {}", done.err) };
    line.matches[0].labels.clone()
}

fn filled(ward: &Ward, rows: &str) -> String {
    let header = ward.must(&["vocabulary", "load", "--template", "vics-uk"]).out;
    assert_eq!(header.lines().count(), 1);
    ward.write("uk.csv", format!("{header}{rows}")).to_str().unwrap().to_owned()
}

#[test]
fn a_loaded_profile_gives_entries_their_facets_when_their_list_is_imported_again() {
    let ward = Ward::new();
    ward.import("uk", &list(""), &[]);
    assert!(labels(&ward).is_empty());
    let file = filled(
        &ward,
        "VICS,UK,1,severity,SEV_A,exact,,doc,2026,made up\nVICS,UK,*,harm,CSAM,exact,,doc,2026,\n",
    );

    let checked = ward.must(&["vocabulary", "load", &file, "--check", "--format", "json"]);
    assert_eq!(checked.summary::<Value>()["loaded"], false);
    ward.import("uk", &list(""), &[]);
    assert!(labels(&ward).is_empty(), "to check is not to load");

    let done = ward.must(&["vocabulary", "load", &file]);
    assert!(
        done.out.contains("VICS/UK, 2 rows, all sound") && done.out.contains("import those again"),
        "{}",
        done.out
    );
    let stored = ward.home().join("vocabulary/profile-VICS@UK.csv");
    assert_eq!(stored.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(ward.must(&["vocabulary", "crosswalk", "VICS/UK"]).out.contains("SEV_A"));
    // The list is the same to the byte, and says more now: it is not passed over as unchanged.
    ward.import("uk", &list(""), &[]);
    assert_eq!(labels(&ward), ["SEV_A", "CSAM"]);
    // Where the list itself says which facets there are, nothing is added.
    ward.import("uk", &list("\"facets\":{},"), &[]);
    assert!(labels(&ward).is_empty());

    ward.must(&["vocabulary", "load", "--remove", "VICS/UK"]);
    ward.import("uk", &list(""), &[]);
    assert!(labels(&ward).is_empty());
    ward.run(&["vocabulary", "load", "--remove", "VICS/UK"])
        .refused(&["no profile of VICS/UK is loaded", "none"]);
}

#[test]
fn a_loaded_profile_that_was_damaged_says_how_it_is_forgotten() {
    let ward = Ward::new();
    let file = filled(&ward, "VICS,UK,1,severity,SEV_A,exact,,doc,2026,made up\n");
    ward.must(&["vocabulary", "load", &file]);
    ward.write("ward/vocabulary/profile-VICS@UK.csv", "no profile");
    ward.run(&["vocabulary", "crosswalk"]).refused(&["profile-VICS@UK.csv: line 1", "load --remove VICS/UK"]);
    ward.must(&["vocabulary", "load", "--remove", "VICS/UK"]);
    ward.must(&["vocabulary", "crosswalk"]);
}

#[test]
fn what_is_wrong_is_told_and_nothing_is_loaded() {
    let ward = Ward::new();
    let file = filled(&ward, "VICS,UK,1,severity,A,same,,doc,2026,\n");
    ward.run(&["vocabulary", "load", &file]).refused(&["uk.csv: line 2: ", "is no relation", "SEV_A, SEV_B"]);
    let file = filled(&ward, "");
    ward.run(&["vocabulary", "load", &file]).refused(&["uk.csv: has no rows yet"]);
    assert!(!ward.home().exists());
    let done = ward.run(&["vocabulary", "load", "--template", "iwf"]);
    assert!(done.code == 2 && done.err.contains("ucs-v3, icvac, vics-uk"), "{}", done.err);
}

#[test]
fn a_map_of_a_case_system_may_name_a_loaded_scheme() {
    let ward = Ward::for_demo();
    let file = filled(&ward, "VICS,UK,x1,severity,SEV_B,exact,,doc,2026,made up\n");
    let map = "unit = \"report\"\nid = \"no\"\ndate = \"day\"\n[dimensions.severity]\ncolumn = \"cat\"\ncrosswalk = \"VICS/UK\"\n";
    let map = ward.write("map.toml", map).to_str().unwrap().to_owned();
    let rows = ward.write("rows.csv", "no,day,cat\nSYN-1,2026-10-03,x1\n").to_str().unwrap().to_owned();
    let import = ["tally", "import", &rows, "--map", &map, "--today", "2026-10-20"];
    ward.run(&import).refused(&["VICS/UK"]);
    ward.must(&["vocabulary", "load", &file]);
    let done = ward.must(&import);
    assert!(done.out.contains("1 report new"), "{}", done.out);
}
