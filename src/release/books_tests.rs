//! Tests of the books: whatever row of the ledger is changed, it no longer follows from the log, and nothing goes on.

use jiff::civil::date;

use crate::release::testing::{Ward, october};
use crate::release::{COARSE, account, plans};

/// Changes rows behind the back of the program, which its own triggers would not let it do.
fn tampered(sql: &str) -> String {
    let ward = Ward::new();
    ward.publish(1).unwrap();
    ward.register(date(2026, 11, 3), &COARSE.replace("\"1\"", "\"0.5\""));
    assert!(account(&ward.home).is_ok());
    let connection = ward.home.database("").unwrap();
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(statement);
    for name in names {
        connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    connection.execute_batch("PRAGMA foreign_keys = off; PRAGMA ignore_check_constraints = on").unwrap();
    assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
    let told = account(&ward.home).unwrap_err().to_string();
    let again = ward.publish(2).unwrap_err().to_string();
    assert_eq!(told, again, "publishing is refused for the same reason");
    let november = "2026-11".parse().unwrap();
    let never = |_: Option<u32>| -> crate::release::testing::Counted { panic!("must not be read") };
    assert_eq!(
        ward.publish_on(date(2026, 12, 1), "coarse", november, false, 1, never).unwrap_err().to_string(),
        told
    );
    told
}

#[test]
fn a_changed_ledger_does_not_follow_from_its_log() {
    for (sql, word) in [
        (
            "UPDATE release_budget SET spent_nano = 0 WHERE period = '2026-10'",
            "0 billionths of 1000000000 spent of 2026-10",
        ),
        (
            "UPDATE release_budget SET cap_nano = 9000000000 WHERE period = '2026-10'",
            "of 9000000000 spent of 2026-10",
        ),
        ("DELETE FROM release_budget WHERE period = '2026'", "of 48000000000 spent of 2026 by home"),
        ("INSERT INTO release_budget VALUES ('home', '2027-01', 1, 0)", "the log says nothing"),
        ("DELETE FROM release_charge", "the charges"),
        ("UPDATE release_charge SET epsilon_nano = 1", "1 billionths of home for 2026-10"),
        ("UPDATE release_charge SET period = '2026-09'", "for 2026-09"),
        ("UPDATE release_charge SET entry = 7", "entry 7"),
        ("DELETE FROM release_finished", "the releases"),
        ("UPDATE release_file SET bytes = x'00' WHERE place = 0", "the releases"),
        ("UPDATE release_plan SET applies_from = '2026-09' WHERE id = 1", "the plan of entry 0"),
        ("UPDATE release_plan SET replaces = 'coarse' WHERE id = 2", "the plan of entry 3"),
        ("DELETE FROM release_plan WHERE id = 2", "the plan of entry 3"),
    ] {
        let told = tampered(sql);
        assert!(
            told.starts_with("the ledger does not follow from its log") && told.contains(word),
            "{sql}: {told}"
        );
    }
}

#[test]
fn a_shortened_or_changed_log_is_noticed_too() {
    for sql in [
        "DELETE FROM release_log WHERE n = 3",
        "DELETE FROM release_log",
        "UPDATE release_log SET line = replace(line, '1000000000', '1') WHERE n = 1",
    ] {
        let ward = Ward::new();
        ward.publish(1).unwrap();
        ward.register(date(2026, 11, 3), &COARSE.replace("\"1\"", "\"0.5\""));
        let connection = ward.home.database("").unwrap();
        connection
            .execute_batch("DROP TRIGGER release_log_stays; DROP TRIGGER release_log_is_final")
            .unwrap();
        assert!(connection.execute(sql, []).unwrap() > 0);
        assert!(account(&ward.home).is_err(), "{sql}");
    }
    assert_eq!(plans(&Ward::new().home).unwrap().len(), 1);
    assert_eq!(october().to_string(), "2026-10");
}
