//! `set import` of tables and of innerward's own lists, and what it says before it imports anything.

use serde_json::{Value, json};

use crate::ward::Ward;

const MD5: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
const PDQ: &str = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e";

#[test]
fn a_guess_imports_nothing_and_its_map_reads_the_table() {
    let ward = Ward::new();
    let table = format!(
        "Record ID;Name of file;MD5;PDQ hash;Grade\n1;a.jpg;{MD5};{PDQ};A\n2;b.jpg;;{};Z\n",
        "0".repeat(64)
    );
    let list = ward.write("grid.csv", &table);
    let list = list.to_str().unwrap();
    let guessed = ward.run(&["set", "import", "GRID", list, "--guess", "--format", "json"]);
    assert_eq!(guessed.code, 0, "{}", guessed.err);
    assert!(!guessed.out.contains(&MD5[..8]) && !guessed.out.contains("a.jpg"), "{}", guessed.out);
    let lines: Vec<Value> = guessed.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["type"], &lines[0]["data"]["form"]), (&json!("guess"), &json!(null)));
    let map = lines[0]["data"]["map"].as_str().unwrap();
    let in_words = ward.run(&["set", "import", "GRID", list, "--guess"]);
    assert!(in_words.out.contains("[hashes]") && in_words.out.contains("Nothing was imported"));
    assert_ne!(ward.run(&["set", "show", "GRID"]).code, 0, "there is no such set");

    let map = ward.write("map.toml", format!("illustrative = true\n{}", map.replace("UNKNOWN", "IWF")));
    let imported: Value = ward.import("GRID", &table, &["--map", map.to_str().unwrap()]).summary();
    assert_eq!((&imported["form"], &imported["entries"]), (&json!("table"), &json!(1)));
    assert_eq!((&imported["refused"], &imported["refused_entries"]), (&json!({"blank": 1}), &json!(1)));
    assert_eq!(ward.look_up(&format!("md5:{MD5}")).0, "known");

    let map = ward.write("bad.toml", "[hashes]\nsha9 = 'MD5'\n");
    let refused = ward.run(&["set", "import", "GRID", list, "--map", map.to_str().unwrap()]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("bad.toml") && refused.err.contains("line 2"), "{}", refused.err);
}

#[test]
fn a_stop_list_of_the_operator_holds_for_every_import() {
    let ward = Ward::new();
    ward.import("A", &format!("md5:{MD5}\npdq:{PDQ}\n"), &[]);
    std::fs::write(ward.home().join("stop.txt"), format!("# ours\nmd5:{MD5} an empty form\n")).unwrap();
    std::fs::write(ward.home().join("innerward.toml"), "[import]\nstop_list = \"stop.txt\"\n").unwrap();
    let imported: Value =
        ward.import("B", &format!("md5:{MD5}\npdq:{PDQ}\nmd5:{}\n", "ab".repeat(16)), &[]).summary();
    assert_eq!((&imported["entries"], &imported["refused"]), (&json!(2), &json!({"stopped": 1})));
    let doctor_finds = |words: &[&str]| {
        let done = ward.run(&["doctor", "--format", "json"]);
        let found =
            done.all::<Value>("check").into_iter().find(|check| check["check"] == "settings").unwrap();
        assert_eq!(found["state"] == "fault", !words.is_empty(), "{found}");
        assert!(words.iter().all(|word| found["found"].as_str().unwrap().contains(word)), "{found}");
        assert!(words.is_empty() || found["cure"].as_str().unwrap().contains("stop_list"), "{found}");
    };
    doctor_finds(&[]);
    std::fs::write(ward.home().join("stop.txt"), "md5:c0ffee\n").unwrap();
    let list = ward.write("list", format!("pdq:{PDQ}\n"));
    let refused = ward.run(&["set", "import", "C", list.to_str().unwrap()]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("stop.txt") && refused.err.contains("line 1"), "{}", refused.err);
    doctor_finds(&["stop.txt", "line 1"]);
    std::fs::remove_file(ward.home().join("stop.txt")).unwrap();
    doctor_finds(&["stop.txt", "No such file"]);
}

#[test]
fn lists_of_known_files_are_ignored_and_never_matched() {
    let ward = Ward::new();
    let sha1 = "decafbad".repeat(5);
    let rds = format!(
        "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\",\"SpecialCode\"\n\
        \"{sha1}\",\"{MD5}\",\"0\",\"a\",1,2,\"3\",\"\"\n"
    );
    let list = ward.write("NSRLFile.txt", &rds);
    let refused = ward.run(&["set", "import", "RDS", list.to_str().unwrap()]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--role ignore"), "{}", refused.err);
    ward.import("RDS", &rds, &["--role", "ignore"]);
    assert_eq!(ward.look_up(&format!("md5:{MD5}")).0, "ignored");

    let path = ward.path("rds.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    let other = "ab".repeat(16);
    db.execute_batch(&format!(
        "CREATE TABLE FILE (sha256, sha1, md5); INSERT INTO FILE VALUES (NULL, NULL, '{other}');"
    ))
    .unwrap();
    drop(db);
    let imported = ward.run(&["set", "import", "RDS3", path.to_str().unwrap(), "--role", "ignore"]);
    assert_eq!(imported.code, 0, "{}", imported.err);
    assert_eq!(ward.look_up(&format!("md5:{other}")).0, "ignored");
}
