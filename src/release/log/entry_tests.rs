//! Tests of the entries: the line as the document shows it, and what is refused.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn plan() -> Entry {
    Entry::Plan(PlanEntry {
        name: "coarse".into(),
        digest: "ab".repeat(32),
        period: PeriodKind::Month,
        epsilon_nano: 1_000_000_000,
        cap_nano: 2_000_000_000,
        registered_on: date(2026, 9, 15),
        applies_from: "2026-10".parse().unwrap(),
        replaces: String::new(),
    })
}

fn charge() -> Entry {
    Entry::Charge(ChargeEntry {
        scope: "home".into(),
        period: "2026-10".parse().unwrap(),
        plan: "coarse".into(),
        revision: 1,
        tables: vec![ChargedTable { name: "severity".into(), epsilon_nano: 1_000_000_000, sensitivity: 1 }],
        epsilon_nano: 1_000_000_000,
        charged_on: date(2026, 11, 2),
    })
}

fn release(id: &str, previous: &str) -> Entry {
    Entry::Release(ReleaseEntry {
        release_id: id.into(),
        manifest_sha256: sha256_hex(id.as_bytes()),
        previous: previous.into(),
    })
}

fn lines(entries: &[Entry]) -> Result<Vec<Logged>, EntryFault> {
    let mut chain = Chain::default();
    entries.iter().map(|entry| chain.write(entry)).collect()
}

#[test]
fn a_line_is_the_one_that_is_documented() {
    let written = lines(&[plan(), charge(), release("2026-10-coarse-v1", "")]).unwrap();
    let first = format!(
        "{{\"n\":0,\"prev\":\"\",\"kind\":\"plan\",\"name\":\"coarse\",\"digest\":\"{}\",\"period\":\"month\",\
         \"epsilon_nano\":1000000000,\"cap_nano\":2000000000,\"registered_on\":\"2026-09-15\",\
         \"applies_from\":\"2026-10\",\"replaces\":\"\"}}",
        "ab".repeat(32)
    );
    assert_eq!(written[0].line, first);
    let second = format!(
        "{{\"n\":1,\"prev\":\"{}\",\"kind\":\"charge\",\"scope\":\"home\",\"period\":\"2026-10\",\"plan\":\"coarse\",\
         \"revision\":1,\"tables\":[{{\"name\":\"severity\",\"epsilon_nano\":1000000000,\"sensitivity\":1}}],\
         \"epsilon_nano\":1000000000,\"charged_on\":\"2026-11-02\"}}",
        sha256_hex(first.as_bytes())
    );
    assert_eq!(written[1].line, second);
    let third = format!(
        "{{\"n\":2,\"prev\":\"{}\",\"kind\":\"release\",\"release_id\":\"2026-10-coarse-v1\",\"manifest_sha256\":\"{}\",\
         \"previous\":\"\"}}",
        sha256_hex(second.as_bytes()),
        sha256_hex(b"2026-10-coarse-v1")
    );
    assert_eq!(written[2].line, third);
    let text = format!("{first}\n{second}\n{third}\n");
    assert_eq!(read_entries(&text).unwrap(), written);
    assert_eq!(read_entries(&text[..text.len() - 1]).unwrap_err().n, 2, "the last line has no end");
    assert_eq!(read_entries("").unwrap(), []);
}

#[test]
fn a_line_in_any_other_layout_is_refused() {
    let good = lines(&[plan(), charge()]).unwrap().pop().unwrap().line;
    let read = |line: &str| {
        let mut chain = Chain::default();
        chain.write(&plan()).unwrap();
        chain.read(line)
    };
    assert!(read(&good).is_ok());
    for (from, to) in [
        ("\"n\":1", "\"n\":2"),
        ("\"n\":1", "\"n\":1.0"),
        ("\"n\":1", "\"n\":-1"),
        ("\"n\":1,", "\"n\":1, "),
        ("\"prev\":\"", "\"prev\":\"0"),
        ("\"revision\":1", "\"revision\":01"),
        ("\"revision\":1", "\"revision\":1,\"note\":\"x\""),
        ("\"revision\":1", "\"revision\":1,\"revision\":1"),
        ("\"kind\":\"charge\"", "\"kind\":\"gift\""),
        ("severity\"", "severit\\u0079\""),
        ("2026-11-02", "2026-11-2"),
        ("}", "} "),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good);
        assert!(read(&changed).is_err(), "{from} -> {to}");
    }
    assert!(read(&"[".repeat(MOST_LINE)).is_err() && read(&"x".repeat(MOST_LINE + 1)).is_err());
}

#[test]
fn every_changed_bit_of_a_log_breaks_its_chain_or_its_form() {
    let written = lines(&[plan(), charge(), release("2026-10-coarse-v1", "")]).unwrap();
    let text: String = written.iter().flat_map(|logged| [logged.line.as_str(), "\n"]).collect();
    let last = text.len() - written[2].line.len() - 1;
    for at in 0..last {
        for bit in 0..7 {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1 << bit;
            let outcome = String::from_utf8(changed).map(|text| read_entries(&text));
            assert!(!matches!(outcome, Ok(Ok(_))), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn entries_that_cannot_be_are_refused_by_their_field() {
    let plan_with = |change: &dyn Fn(&mut PlanEntry)| {
        let Entry::Plan(mut entry) = plan() else { unreachable!() };
        change(&mut entry);
        lines(&[Entry::Plan(entry)]).map_err(|fault| fault.cause)
    };
    assert!(plan_with(&|_| {}).is_ok());
    assert!(plan_with(&|plan| plan.replaces = "national".into()).is_ok());
    for (change, said) in [
        ((&|plan: &mut PlanEntry| plan.name = "Coarse".into()) as &dyn Fn(&mut PlanEntry), "name"),
        (&|plan| plan.name = "../x".into(), "name"),
        (&|plan| plan.digest = "AB".repeat(32), "digest"),
        (&|plan| plan.period = PeriodKind::Year, "applies_from"),
        (&|plan| plan.epsilon_nano = 0, "epsilon_nano"),
        (&|plan| plan.cap_nano = 1, "epsilon_nano"),
        (&|plan| plan.registered_on = date(2026, 10, 1), "registered_on"),
        (&|plan| plan.replaces = "a b".into(), "replaces"),
    ] {
        let told = plan_with(change).unwrap_err();
        assert!(told.starts_with(said), "{said}: {told}");
    }
    let charge_with = |change: &dyn Fn(&mut ChargeEntry)| {
        let Entry::Charge(mut entry) = charge() else { unreachable!() };
        change(&mut entry);
        lines(&[Entry::Charge(entry)]).map_err(|fault| fault.cause)
    };
    assert!(charge_with(&|_| {}).is_ok());
    for (change, said) in [
        ((&|charge: &mut ChargeEntry| charge.scope = String::new()) as &dyn Fn(&mut ChargeEntry), "scope"),
        (&|charge| charge.revision = 0, "revision"),
        (&|charge| charge.tables.clear(), "tables"),
        (&|charge| charge.tables[0].sensitivity = 0, "tables"),
        (&|charge| charge.tables[0].epsilon_nano = u64::MAX, "epsilon_nano"),
        (&|charge| charge.charged_on = date(2026, 10, 31), "charged_on"),
    ] {
        let told = charge_with(change).unwrap_err();
        assert!(told.starts_with(said), "{said}: {told}");
    }
}

#[test]
fn releases_follow_each_other_and_come_once() {
    let first = sha256_hex(b"a-1");
    assert!(lines(&[release("a-1", ""), release("a-2", &first)]).is_ok());
    let cause = |entries: &[Entry]| lines(entries).unwrap_err();
    assert_eq!(cause(&[release("a-1", ""), release("a-2", "")]).n, 1);
    assert!(cause(&[release("a-1", &first)]).cause.starts_with("previous"));
    assert!(cause(&[release("a-1", ""), release("a-1", &first)]).cause.contains("before"));
}

#[test]
fn no_path_is_the_name_of_a_release() {
    for id in ["2026-10-coarse-v1", "DEMO-2026-Q4-national-v2", "2026"] {
        assert!(is_release_id(id), "{id}");
    }
    for id in
        ["", ".", "..", "-x", "a/b", "../a", "a\\b", "a b", "a.b", "a\0", "a\n", "ä", "%2e%2e", "a?b", "a#b"]
    {
        assert!(!is_release_id(id), "{id:?}");
        assert!(lines(&[release(id, "")]).is_err(), "{id:?}");
    }
    assert!(!is_release_id(&"a".repeat(MOST_RELEASE_ID + 1)));
}

proptest! {
    /// Whatever strangers hand over is read or refused, and ends nothing.
    #[test]
    fn anything_is_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
    ) {
        use crate::release::log::{Checkpoint, Proof};
        let written = lines(&[plan(), charge(), release("2026-10-coarse-v1", "")]).unwrap();
        let good: String = written.iter().flat_map(|logged| [logged.line.as_str(), "\n"]).collect();
        let mut spliced = good.clone().into_bytes();
        let at = at.index(spliced.len());
        spliced.splice(at..(at + bytes.len()).min(good.len()), bytes.iter().copied());
        for bytes in [bytes, spliced] {
            let text = String::from_utf8_lossy(&bytes);
            if let Ok(read) = read_entries(&text) {
                let again: String = read.iter().flat_map(|logged| [logged.line.as_str(), "\n"]).collect();
                prop_assert_eq!(again, text);
            }
            prop_assert!(Proof::parse(&bytes).is_err() && Checkpoint::parse(&bytes).is_err());
        }
    }
}
