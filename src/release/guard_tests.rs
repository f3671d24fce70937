//! What publishing refuses because something was restored, changed behind its back, or promised to others.

use jiff::civil::date;
use rusqlite::params;

use super::domain::Domain;
use super::testing::{Counted, Ward, bytes, cube};
use super::{COARSE, ReleaseError, TableError, account};
use crate::vocabulary::{Code, Dimension, Indicator, area_role, channel, media};

fn counted(ward: &Ward) -> Counted {
    ward.counted(cube(media::IMAGE, channel::BULK))
}

/// Yesterday's database beside today's public folder, the log of which is gone too.
#[test]
fn a_restored_home_publishes_nothing_beside_releases_that_it_has_forgotten() {
    let ward = Ward::new();
    let database = ward.home.root().join("innerward.sqlite");
    let yesterday = std::fs::read(&database).unwrap();
    let published = ward.publish(1).unwrap();
    let before = bytes(&published.dir);
    for file in ["innerward.sqlite-wal", "innerward.sqlite-shm"] {
        let _ = std::fs::remove_file(ward.home.root().join(file));
    }
    std::fs::write(&database, yesterday).unwrap();
    std::fs::remove_dir_all(ward.home.public_dir().join("log")).unwrap();
    let refused = ward.publish(2).unwrap_err();
    assert!(matches!(refused, ReleaseError::Forgotten { .. }), "{refused}");
    assert!(refused.to_string().contains("Bring the newest copy back"), "{refused}");
    assert!(account(&ward.home).unwrap().charges.is_empty(), "nothing was charged");
    assert_eq!(bytes(&published.dir), before);
}

#[test]
fn a_table_that_was_changed_in_the_ledger_never_takes_the_place_of_the_published_one() {
    let ward = Ward::new();
    let published = ward.publish(1).unwrap();
    let connection = ward.home.database("").unwrap();
    connection.execute_batch("DROP TRIGGER release_file_is_final").unwrap();
    let (place, table): (i64, Vec<u8>) = connection
        .query_row("SELECT place, bytes FROM release_file WHERE name = 'items.csv'", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    let changed = String::from_utf8(table).unwrap().replace(",E,", ",U,").into_bytes();
    connection.execute("UPDATE release_file SET bytes = ? WHERE place = ?", params![changed, place]).unwrap();
    drop(connection);
    for gone in [false, true] {
        if gone {
            std::fs::remove_dir_all(&published.dir).unwrap();
        }
        assert!(matches!(ward.publish(2), Err(ReleaseError::Verify(_))));
        assert_eq!(published.dir.exists(), !gone, "nothing was put in its place");
    }
}

#[test]
fn a_public_folder_that_is_gone_is_made_again_with_the_same_bytes() {
    let ward = Ward::new();
    let published = ward.publish(1).unwrap();
    let before = bytes(&published.dir);
    std::fs::remove_dir_all(ward.home.public_dir()).unwrap();
    let again = ward.publish(2).unwrap();
    assert!(again.already);
    assert_eq!(bytes(&again.dir), before);
}

#[test]
fn a_correction_leaves_what_other_plans_need_for_their_first_release() {
    let ward = Ward::without_plan();
    let month = COARSE.replace("epsilon = \"1\"", "epsilon = \"1\"\ncap = \"2\"");
    let last = COARSE.lines().find_map(|line| line.strip_prefix("expires = ")).unwrap();
    let quarter = COARSE
        .replace("name = \"coarse\"", "name = \"quarterly\"")
        .replace("period = \"month\"", "period = \"quarter\"")
        .replace(last, "\"2030-Q4\"");
    ward.register(date(2026, 9, 15), &month);
    ward.register(date(2026, 9, 15), &quarter);
    let publish = |plan: &str, period: &str, revise, seed| {
        let period = period.parse().unwrap();
        ward.publish_on(date(2027, 1, 5), plan, period, revise, seed, |_| counted(&ward))
    };
    publish("coarse", "2026-10", false, 1).unwrap();
    let refused = publish("coarse", "2026-10", true, 2).unwrap_err();
    assert!(matches!(refused, ReleaseError::Kept { .. }), "{refused}");
    publish("quarterly", "2026-Q4", false, 3).unwrap();
    // Once the quarter is paid for, nothing is kept, and nothing is left.
    assert!(matches!(publish("coarse", "2026-10", true, 4), Err(ReleaseError::OverBudget { .. })));
    assert_eq!(account(&ward.home).unwrap().charges.len(), 2);
}

#[test]
fn what_is_left_of_a_region_is_no_hiding_place_for_a_protected_country() {
    let areas: Vec<Code> = Dimension::Area.codes().collect();
    let in_region = |region: &str| -> Vec<Code> {
        let holds = |code: &Code| code.parent().is_some_and(|parent| parent.as_str() == region);
        areas.iter().copied().filter(holds).collect()
    };
    // A region with a protected country and others.
    let region = areas
        .iter()
        .map(|code| code.as_str())
        .find(|region| {
            let members = in_region(region);
            members.iter().any(|code| code.is_protected()) && members.iter().any(|code| !code.is_protected())
        })
        .unwrap();
    let others: Vec<Code> = in_region(region).into_iter().filter(|code| !code.is_protected()).collect();
    let of = |countries: &[Code]| {
        let rows =
            countries.iter().map(|code| code.as_str()).chain([region, "_U"]).map(str::to_owned).collect();
        let group = [(Dimension::Area, rows)].into();
        Domain::new(Indicator::Reports, Some(area_role::HOSTING), vec![Dimension::Area], vec![group])
    };
    assert!(of(&[]).is_ok(), "the region as a whole");
    let refused = of(&others).unwrap_err();
    assert!(matches!(&refused, TableError::ProtectedRest { row, .. } if row.as_str() == region), "{refused}");
    assert_eq!(of(&others[1..]).is_ok(), others.len() > 1, "with another country beside it");
}
