use std::os::unix::fs::PermissionsExt;

use super::*;

fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    (dir, home)
}

fn deed(did: Did, subject: &str) -> Deed<'_> {
    let at = "2026-11-23T04:00:00Z".parse().unwrap();
    let about = BTreeMap::from([("keys", "12".into())]);
    Deed { at, by: "Ana \"Q\" Ü", via: "cli", did, stage: Stage::Done, subject, about }
}

/// An audit of `deeds` deeds, and so of a line more.
fn with_deeds(deeds: usize) -> (tempfile::TempDir, Home) {
    let (dir, home) = home();
    (0..deeds).for_each(|n| home.audit(&deed(Did::SetWithdraw, &format!("DEMO-{n}"))).unwrap());
    (dir, home)
}

fn lines(home: &Home) -> Vec<String> {
    fs::read_to_string(home.audit_path()).unwrap().lines().map(str::to_owned).collect()
}

fn write(home: &Home, lines: &[String]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(home.audit_path(), text).unwrap();
}

fn faults(home: &Home) -> Vec<(u64, AuditFault)> {
    home.check_audit(None).unwrap().faults
}

#[test]
fn deeds_are_read_back_as_they_were_told() {
    let (_dir, home) = with_deeds(2);
    let records: Vec<AuditRecord> =
        home.audit_lines().unwrap().map(|line| line.unwrap().record.unwrap()).collect();
    assert_eq!(records.iter().map(|record| record.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((records[0].did.as_str(), records[0].about["home"].len()), ("audit.begin", 32));
    let last = &records[2];
    assert_eq!(
        (&*last.by, &*last.via, &*last.did, &*last.subject),
        ("Ana \"Q\" Ü", "cli", "set.withdraw", "DEMO-1")
    );
    assert_eq!((last.time.to_string(), &*last.about["keys"]), ("2026-11-23T04:00:00Z".into(), "12"));
    assert_eq!(&*last.about["stage"], "done");
    assert_eq!(last.before, records[1].hash);
    let check = home.check_audit(None).unwrap();
    assert!(check.is_sound() && check.faults.is_empty());
    assert_eq!((check.records, check.head), (3, Some(last.head())));
    let mode = fs::metadata(home.audit_path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut copy = Vec::new();
    assert_eq!(home.copy_audit(&mut copy).unwrap(), copy.len() as u64);
    assert_eq!(copy, fs::read(home.audit_path()).unwrap());
}

#[test]
fn two_homes_have_different_audits() {
    let ((_a, one), (_b, other)) = (with_deeds(1), with_deeds(1));
    let head = one.check_audit(None).unwrap().head.unwrap();
    let check = other.check_audit(Some(&head)).unwrap();
    assert_eq!((check.kept, check.is_sound()), (Some(KeptHead::Other), false));
}

#[test]
fn nothing_on_record_is_sound_until_a_head_is_expected() {
    let (_dir, home) = home();
    let check = home.check_audit(None).unwrap();
    assert!(check.is_sound() && check.head.is_none());
    let head = format!("1:{}", "a".repeat(64)).parse().unwrap();
    assert_eq!(home.check_audit(Some(&head)).unwrap().kept, Some(KeptHead::Gone));
}

#[test]
fn what_does_not_stand_on_a_short_line_is_refused() {
    let (_dir, home) = home();
    let long = "x".repeat(2001);
    let good = deed(Did::Decide, "DEMO");
    let about = |key: &'static str, value: &str| Deed {
        about: BTreeMap::from([(key, value.to_owned())]),
        ..good.clone()
    };
    let names: Vec<String> = (0..16).map(|n| format!("n{n}")).collect();
    let many = names.iter().map(|name| (&**name, String::new())).collect();
    for bad in [
        Deed { by: "a\nb", ..good.clone() },
        Deed { by: &long, ..good.clone() },
        Deed { subject: "\u{1b}[2J", ..good.clone() },
        Deed { via: "set import", ..good.clone() },
        Deed { via: "", ..good.clone() },
        Deed { via: &long, ..good.clone() },
        Deed { subject: &long[..257], ..good.clone() },
        about("keys", "a\u{7f}"),
        about("a key", "1"),
        Deed { about: many, ..good.clone() },
    ] {
        assert!(matches!(home.audit(&bad), Err(HomeError::Deed { .. })), "{bad:?}");
    }
    assert!(!home.audit_path().exists(), "nothing of it was written");
    let (widest, name) = ("\\".repeat(256), "\\".repeat(2000));
    let about = names[..15].iter().map(|name| (&**name, widest.clone())).collect();
    home.audit(&Deed { by: &name, subject: &widest, about, ..good }).unwrap();
    assert!(home.check_audit(None).unwrap().is_sound(), "the longest deed is within the bound of a line");
}

#[test]
fn an_edit_of_any_byte_is_found_in_its_line() {
    let (_dir, home) = with_deeds(2);
    let good = fs::read(home.audit_path()).unwrap();
    let mut line = 1;
    for (at, byte) in good.iter().enumerate() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(home.audit_path(), &bad).unwrap();
        let check = home.check_audit(None).unwrap();
        // Without its end, the last line is one that was not finished.
        let is_end = at + 1 == good.len();
        assert_eq!(check.is_sound(), is_end, "byte {at}");
        assert_eq!(check.faults[0].0, line, "byte {at}: {:?}", check.faults);
        line += u64::from(*byte == b'\n');
    }
}

#[test]
fn deletion_insertion_and_exchange_are_found_by_their_lines() {
    let (_dir, home) = with_deeds(5);
    let good = lines(&home);
    for at in 0..good.len() - 1 {
        let (place, number) = (at as u64 + 1, at as u64 + 2);
        let mut bad = good.clone();
        bad.remove(at);
        write(&home, &bad);
        assert_eq!(faults(&home), [(place, AuditFault::Number { expected: place, found: number })]);
        let mut bad = good.clone();
        bad.insert(at, good[at].clone());
        write(&home, &bad);
        assert_eq!(faults(&home), [(number, AuditFault::Number { expected: number, found: place })]);
        let mut bad = good.clone();
        bad.swap(at, at + 1);
        write(&home, &bad);
        assert_eq!(faults(&home)[0], (place, AuditFault::Number { expected: place, found: number }));
    }
    write(&home, &good);
    assert!(faults(&home).is_empty());
}

/// Somebody who knows the format writes a line anew, with a hash that fits.
#[test]
fn a_line_that_was_sealed_anew_is_found_at_the_next_one() {
    let (_dir, home) = with_deeds(3);
    let good = lines(&home);
    let head = home.check_audit(None).unwrap().head.unwrap();
    let forge = |at: usize| {
        let record = AuditRecord::parse(good[at].as_bytes()).unwrap();
        let mut bad = good.clone();
        bad[at] = AuditRecord { subject: "OTHER".into(), ..record }.sealed().line;
        write(&home, &bad);
    };
    for at in 0..3 {
        forge(at);
        assert_eq!(faults(&home), [(at as u64 + 2, AuditFault::Before)]);
    }
    // Of the last line, and of a tail that is gone, only a head that is kept elsewhere tells.
    forge(3);
    assert!(faults(&home).is_empty());
    assert_eq!(home.check_audit(Some(&head)).unwrap().kept, Some(KeptHead::Other));
    write(&home, &good[..2]);
    assert!(faults(&home).is_empty());
    assert_eq!(home.check_audit(Some(&head)).unwrap().kept, Some(KeptHead::Gone));
    write(&home, &good);
    home.audit(&deed(Did::Decide, "DEMO")).unwrap();
    let check = home.check_audit(Some(&head)).unwrap();
    assert_eq!((check.kept, check.is_sound()), (Some(KeptHead::Continued), true));
}

/// The file is cut at every byte of the last line, as a kill or a power cut in the middle of an append leaves it, and here
/// and there in the first.
#[test]
fn what_a_kill_leaves_is_kept_aside_and_told() {
    let (_dir, home) = with_deeds(1);
    let good = fs::read(home.audit_path()).unwrap();
    let last = good.iter().position(|byte| *byte == b'\n').unwrap();
    for cut in (0..last).step_by(29).chain(last..=good.len()) {
        fs::write(home.audit_path(), &good[..cut]).unwrap();
        let _ = fs::remove_dir_all(home.torn_dir());
        let whole = good[..cut].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let torn = &good[whole..cut];
        let before = home.check_audit(None).unwrap();
        let told = before.faults.iter().filter(|(_, fault)| *fault == AuditFault::Torn).count();
        assert_eq!((before.is_sound(), told), (true, usize::from(!torn.is_empty())), "cut at {cut}");
        home.audit(&deed(Did::Decide, "AFTER")).unwrap();
        let check = home.check_audit(None).unwrap();
        assert!(check.faults.is_empty(), "cut at {cut}: {:?}", check.faults);
        assert_eq!(check.torn, u64::from(!torn.is_empty()), "cut at {cut}");
        let text = fs::read(home.audit_path()).unwrap();
        assert_eq!(text[..whole], good[..whole], "what was whole stays");
        let last = AuditRecord::parse(lines(&home).last().unwrap().as_bytes()).unwrap();
        assert_eq!(last.subject, "AFTER");
        let kept: Vec<Vec<u8>> = match fs::read_dir(home.torn_dir()) {
            Ok(files) => files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect(),
            Err(_) => Vec::new(),
        };
        assert_eq!(kept.concat(), torn, "cut at {cut}");
    }
}

/// Killed again before the line that tells of it, what was kept aside is told by the next one, once.
#[test]
fn a_kill_while_mending_loses_nothing() {
    for cut_first in [true, false] {
        let (_dir, home) = with_deeds(1);
        let good = fs::read(home.audit_path()).unwrap();
        let torn = &good[..7];
        home.keep_torn(3, torn).unwrap();
        if !cut_first {
            fs::write(home.audit_path(), [&good[..], torn].concat()).unwrap();
        }
        home.audit(&deed(Did::Decide, "AFTER")).unwrap();
        home.audit(&deed(Did::Decide, "LATER")).unwrap();
        let check = home.check_audit(None).unwrap();
        assert_eq!((check.torn, check.records, check.faults.len()), (1, 5, 0));
        let told = AuditRecord::parse(lines(&home)[2].as_bytes()).unwrap();
        assert_eq!((&*told.about["bytes"], &*told.about["pieces"]), ("7", "1"));
    }
}

#[test]
fn nothing_is_put_behind_a_line_that_is_none() {
    let (_dir, home) = with_deeds(1);
    let good = fs::read(home.audit_path()).unwrap();
    for bad in [b"{}\n".to_vec(), vec![b'x'; 3 * MAX_LINE], vec![0; 2 * MAX_LINE + 1]] {
        let all = [&good[..], &bad].concat();
        fs::write(home.audit_path(), &all).unwrap();
        let refused = home.audit(&deed(Did::Decide, "DEMO")).unwrap_err();
        assert!(matches!(refused, HomeError::Audit { .. }), "{refused}");
        assert_eq!(fs::read(home.audit_path()).unwrap(), all, "nothing of it was touched");
        assert_eq!(faults(&home)[0].0, 3);
    }
}

#[test]
fn many_writers_make_one_chain() {
    let (_dir, home) = home();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let home = &home;
            scope.spawn(move || {
                (0..10).for_each(|n| home.audit(&deed(Did::Decide, &format!("{thread}.{n}"))).unwrap());
            });
        }
    });
    let check = home.check_audit(None).unwrap();
    assert_eq!((check.records, check.fault_total, check.torn), (41, 0, 0));
}

#[test]
fn a_head_is_read_as_it_is_printed() {
    let (_dir, home) = with_deeds(1);
    let head = home.check_audit(None).unwrap().head.unwrap();
    assert_eq!(format!(" {head}\n").parse(), Ok(head));
    for bad in ["", "1", "0:", "x:y", &format!("0:{}", "a".repeat(64)), &format!("1:{}", "g".repeat(64))] {
        assert_eq!(bad.parse::<AuditHead>(), Err(AuditHeadError), "{bad}");
    }
}

#[test]
fn whatever_begins_has_an_end() {
    let (_dir, home) = home();
    let begun = deed(Did::SetImport, "DEMO");
    let later = || "2026-11-23T05:00:00Z".parse().unwrap();
    let done: Result<u8, HomeError> = home.on_record(
        &begun,
        later,
        || Ok((7, About::from([("entries", "3".into())]))),
        |_| unreachable!("it is done"),
    );
    assert_eq!(done.unwrap(), 7);
    for stage in [Stage::Refused, Stage::Failed] {
        let busy = || Err(HomeError::Busy("ward".into()));
        let told = |_: &HomeError| (stage, About::from([("code", "busy".into())]));
        home.on_record::<(), _>(&begun, later, busy, told).unwrap_err();
    }
    let records: Vec<AuditRecord> =
        home.audit_lines().unwrap().map(|line| line.unwrap().record.unwrap()).collect();
    let stages: Vec<&str> = records[1..].iter().map(|record| &*record.about["stage"]).collect();
    assert_eq!(stages, ["begun", "done", "begun", "refused", "begun", "failed"]);
    assert_eq!((&*records[1].about["keys"], records[2].about.get("keys")), ("12", None));
    assert_eq!((&*records[2].about["entries"], &*records[4].about["code"]), ("3", "busy"));
    assert!(records[2].time > records[1].time);
}

#[test]
fn the_guide_has_every_word() {
    let guide = include_str!("../../../docs/audit.md");
    let words = Did::ALL.map(Did::as_str).into_iter().chain(Stage::ALL.map(Stage::as_str));
    for word in words {
        assert!(guide.contains(&format!("`{word}`")), "docs/audit.md does not have {word}");
    }
}
