//! `set import` of lists in JSON and XML, as hotlines and platforms save them: what they say matches, and what they take
//! back does not. All samples are made up.

use serde_json::{Value, json};

use crate::ward::Ward;

const ONE: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
const TWO: &str = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e";
const PDQ: &str = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1f";

fn import(ward: &Ward, set: &str, text: &str, more: &[&str]) -> Value {
    ward.import(set, text, more).summary()
}

fn outcome(ward: &Ward, signal: &str) -> String {
    ward.look_up(signal).0
}

fn vics(entries: &str) -> String {
    let context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media";
    format!("\u{feff}{{\"@odata.context\":\"{context}\",\r\n\"value\":[{entries}]}}")
}

fn ncmec(images: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\"><images>\
         {images}</images></queryResult>"
    )
}

fn image(id: &str, md5: &str) -> String {
    format!(
        "<image><member id=\"7\">Demo Member</member><timestamp>2030-01-02T03:00:00Z</timestamp><id>{id}</id>\
         <classification>A1</classification><fingerprints><md5>{md5}</md5></fingerprints></image>"
    )
}

#[test]
fn a_vics_list_is_told_by_its_content_and_keeps_what_its_numbers_mean() {
    let ward = Ward::new();
    let entry = format!(
        r#"{{"MediaID":1,"Category":"1","MD5":"{}","Series":"DEMO","MediaFiles":[{{"MD5":"{TWO}","FileName":"x.jpg"}}]}}"#,
        ONE.to_uppercase()
    );
    let imported = import(&ward, "VIC", &vics(&entry), &[]);
    assert_eq!((&imported["form"], &imported["entries"]), (&json!("vics"), &json!(2)));
    assert_eq!(imported["dropped_fields"], json!({"FileName": 1, "Series": 1}));
    assert_eq!(outcome(&ward, &format!("md5:{ONE}")), "known");
    assert_eq!(outcome(&ward, &format!("md5:{TWO}")), "known", "a file of the medium");
    let list = ward.write("list", vics(&entry));
    let refused = ward.run(&["set", "import", "GOOD", list.to_str().unwrap(), "--role", "ignore"]);
    assert_ne!(refused.code, 0, "a list of such material is never known good");
}

#[test]
fn an_answer_of_a_hotline_is_never_a_list_of_harmless_files() {
    let ward = Ward::new();
    let unclassified = ncmec(&image("demo-1", ONE).replace("<classification>A1</classification>", ""));
    let list = ward.write("list", unclassified);
    let refused = ward.run(&["set", "import", "GOOD", list.to_str().unwrap(), "--role", "ignore"]);
    assert_ne!(refused.code, 0, "it does not say how severe it is, and is severe all the same");
}

#[test]
fn what_ncmec_deletes_stays_deleted_when_an_older_answer_comes_again() {
    let ward = Ward::new();
    let older = ncmec(&(image("demo-1", ONE) + &image("demo-2", TWO)));
    import(&ward, "NCMEC", &older, &[]);
    assert_eq!(outcome(&ward, &format!("md5:{TWO}")), "known");
    let deleted = "<deletedImage><id>demo-2</id><member id=\"7\">Demo Member</member>\
                   <timestamp>2030-01-02T03:04:05Z</timestamp></deletedImage>";
    let imported = import(&ward, "NCMEC", &ncmec(deleted), &["--add"]);
    assert_eq!(imported["withdrawals"], json!(1));
    for again in [false, true] {
        assert_eq!(outcome(&ward, &format!("md5:{ONE}")), "known");
        assert_eq!(outcome(&ward, &format!("md5:{TWO}")), "unknown");
        if !again {
            import(&ward, "NCMEC", &older, &[]);
        }
    }
}

#[test]
fn what_a_person_takes_back_from_stopncii_does_not_match() {
    let ward = Ward::new();
    let records = |status: &str| {
        format!(
            r#"{{"count":1,"hashRecords":[{{"lastModtimestamp":1893456000,"signalType":"ImagePDQ","hashValue":"{PDQ}",
             "hashStatus":"{status}","caseNumbers":{{"00000000-0000-0000-0000-000000000002":"{status}"}},
             "hashRegions":["UK"],"CSPFeedbacks":[]}},{{"signalType":"VideoMD5","hashValue":"{ONE}",
             "hashStatus":"Active"}}]}}"#
        )
    };
    let imported = import(&ward, "NCII", &records("Active"), &[]);
    assert_eq!((&imported["form"], &imported["entries"]), (&json!("stopncii"), &json!(2)));
    assert!(!imported.to_string().contains("00000000-0000"), "case numbers identify people");
    assert_eq!(outcome(&ward, &format!("pdq:{PDQ}")), "near");
    import(&ward, "NCII", &records("Withdrawn"), &[]);
    assert_eq!(outcome(&ward, &format!("pdq:{PDQ}")), "unknown");
    import(&ward, "NCII", &records("Active"), &[]);
    assert_eq!(outcome(&ward, &format!("pdq:{PDQ}")), "unknown", "in an older answer");
    assert_eq!(outcome(&ward, &format!("md5:{ONE}")), "known");
}

#[test]
fn a_record_of_stopncii_that_is_added_again_replaces_the_earlier_one_in_whichever_order() {
    let answer = |word: &str, time: u32| {
        format!(
            r#"{{"hashRecords":[{{"lastModtimestamp":{time},"signalType":"VideoMD5","hashValue":"{ONE}",
             "hashStatus":"Active","CSPFeedbacks":[{{"feedbackValue":"{word}"}}]}}]}}"#
        )
    };
    let entries = |ward: &Ward| {
        let export = ward.must(&["set", "export", "NCII", "-", "--as", "tx"]).out;
        export.lines().filter(|line| line.contains(ONE)).map(str::to_owned).collect::<Vec<_>>()
    };
    for [first, second] in [[("Blocked", 100), ("NotBlocked", 200)], [("NotBlocked", 200), ("Blocked", 100)]]
    {
        let ward = Ward::new();
        import(&ward, "NCII", &answer(first.0, first.1), &[]);
        import(&ward, "NCII", &answer(second.0, second.1), &["--add"]);
        let left = entries(&ward);
        assert!(left.len() == 1 && left[0].contains("DISPUTED"), "{left:?}");
        import(&ward, "NCII", &answer("Blocked", 300), &["--add"]);
        let left = entries(&ward);
        assert!(left.len() == 1 && left[0].contains("POSITIVE_CLASS"), "a state that comes back: {left:?}");
        import(&ward, "NCII", &answer("Blocked", 400).replace("Active", "Withdrawn"), &["--add"]);
        assert_eq!(outcome(&ward, &format!("md5:{ONE}")), "unknown");
    }
}

#[test]
fn an_answer_that_breaks_off_changes_nothing() {
    let ward = Ward::new();
    import(&ward, "NCMEC", &ncmec(&image("demo-1", ONE)), &[]);
    let whole = ncmec(&(image("demo-3", TWO) + &image("demo-4", ONE)));
    for cut in [whole.len() - 1, whole.len() / 2, 200] {
        let file = ward.write("cut", &whole.as_bytes()[..cut]);
        ward.run(&["set", "import", "NCMEC", file.to_str().unwrap(), "--as", "ncmec"])
            .refused(&["nothing was imported"]);
        assert_eq!(outcome(&ward, &format!("md5:{ONE}")), "known");
        assert_eq!(outcome(&ward, &format!("md5:{TWO}")), "unknown");
    }
}
