//! The neighbouring relation, held against random histories: one item of a period less, with all that was seen and decided of
//! it, is one count of each indicator less; under a cap on the items of a case, two counts by one.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::rows::Origin;
use super::*;
use crate::home::Home;
use crate::vocabulary::{Code, Dimension, Indicator, Period, PeriodKind};

/// One thing that happens.
#[derive(Debug, Clone, PartialEq)]
enum Event {
    See { content: u8, entry: Option<u8>, cell: u8, case: u8 },
    Decide { entry: u8, outcome: u8, severity: Option<u8> },
}

/// What an event is about: an item, as the tally tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Content(u8),
    Entry(u8),
}

fn codes(text: &str) -> impl Iterator<Item = Code> + '_ {
    text.split(' ').map(|text| text.parse().unwrap())
}

fn cell(n: u8, matched: bool) -> Cell {
    let texts: &[&str] = if matched {
        &[
            "verdict:KNOWN severity:SEV_A list_class:NATIONAL",
            "verdict:KNOWN severity:SEV_C maturity:PREPUB",
            "verdict:NEAR severity:SEV_A maturity:PUB",
            "verdict:NEAR severity:SEV_U",
            "verdict:IGNORED list_class:KNOWN_GOOD severity:_Z",
        ]
    } else {
        &["verdict:UNKNOWN", "verdict:UNCHECKED media:VIDEO", "verdict:UNKNOWN ref_area:NL area_role:HOSTING"]
    };
    codes(texts[usize::from(n) % texts.len()]).fold(Cell::unknown(), Cell::with)
}

fn outcomes(n: u8) -> Code {
    Dimension::Outcome.codes().nth(usize::from(n) % 3).unwrap()
}

/// Two months of a quarter, each with what happens in it.
type History = [Vec<Event>; 2];

const MONTHS: [&str; 2] = ["2026-10", "2026-11"];
const PERIODS: [&str; 3] = ["2026-10", "2026-11", "2026-Q4"];

fn event() -> impl Strategy<Value = Event> {
    let see = (0..8_u8, prop::option::of(0..4_u8), any::<u8>(), 0..3_u8)
        .prop_map(|(content, entry, cell, case)| Event::See { content, entry, cell, case });
    let decide = (0..5_u8, 0..3_u8, prop::option::of(0..4_u8))
        .prop_map(|(entry, outcome, severity)| Event::Decide { entry, outcome, severity });
    prop_oneof![4 => see, 1 => decide]
}

fn history() -> impl Strategy<Value = History> {
    let month = || prop::collection::vec(event(), 0..25);
    [month(), month()]
}

/// The events of a period, in their order.
fn of_period<'a>(history: &'a History, period: &str) -> Vec<&'a Event> {
    let within = |month: &str| period == "2026-Q4" || period == month;
    MONTHS.iter().zip(history).filter(|(month, _)| within(month)).flat_map(|(_, events)| events).collect()
}

/// What each event of a period is about, by the rule that the tally states: a content is the first entry that it matched
/// in the period, or else itself.
fn items(events: &[&Event]) -> Vec<About> {
    let mut first: BTreeMap<u8, u8> = BTreeMap::new();
    for event in events {
        if let Event::See { content, entry: Some(entry), .. } = event {
            first.entry(*content).or_insert(*entry);
        }
    }
    let about = |event: &&Event| match event {
        Event::See { content, .. } => {
            first.get(content).map_or(About::Content(*content), |e| About::Entry(*e))
        }
        Event::Decide { entry, .. } => About::Entry(*entry),
    };
    events.iter().map(about).collect()
}

/// A ward in which `history` happened; keys are the same every time, and so are pseudonyms.
struct Ward {
    _dir: tempfile::TempDir,
    home: Home,
}

impl Ward {
    fn after(history: &History) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        for (n, period) in PERIODS.iter().enumerate() {
            std::fs::write(home.root().join(format!("keys/tally-{period}.key")), [n as u8; 32]).unwrap();
        }
        let ward = Self { _dir: dir, home };
        ward.with(|tally, lock| {
            tally.keep(lock, PeriodKind::Quarter, "2026-Q4".parse().unwrap()).unwrap();
            for (month, events) in MONTHS.iter().zip(history) {
                events.iter().for_each(|event| happen(tally, lock, month.parse().unwrap(), event));
            }
        });
        ward
    }

    fn with<T>(&self, work: impl FnOnce(&mut Tally<'_>, &crate::home::TallyLock) -> T) -> T {
        let mut tally = Tally::open(&self.home).unwrap();
        tally.connection.pragma_update(None, "synchronous", "off").unwrap();
        work(&mut tally, &self.home.lock_tally().unwrap())
    }

    fn counts(&self, period: &str, cap: Option<u32>) -> BTreeMap<(Indicator, Cell), u64> {
        self.with(|tally, _| counts(tally, period, cap))
    }
}

fn counts(tally: &Tally<'_>, period: &str, cap: Option<u32>) -> BTreeMap<(Indicator, Cell), u64> {
    let cube = tally.cube(period.parse().unwrap(), cap).unwrap();
    let cube = cube.show_locally();
    let all = cube.indicators().flat_map(|one| cube.of(one).map(move |(cell, items)| ((one, cell), items)));
    all.collect()
}

fn happen(tally: &mut Tally<'_>, lock: &crate::home::TallyLock, month: Period, event: &Event) {
    let entry_id = |entry: u8| ItemId::of_entry("DEMO", &entry.to_string());
    match event {
        Event::See { content, entry, cell: n, case } => {
            let sighting = Sighting {
                content: ItemId::of_bytes(&[*content; 32]),
                entry: entry.map(entry_id),
                cell: cell(*n, entry.is_some()),
                watched: false,
                case: CaseId::of(&case.to_string()),
            };
            tally.record(lock, month, &[sighting]).unwrap();
        }
        Event::Decide { entry, outcome, severity } => {
            let severity = severity.map(|n| Dimension::Severity.codes().nth(usize::from(n)).unwrap());
            let judgement = Judgement {
                item: entry_id(*entry),
                outcome: outcomes(*outcome),
                facets: severity.into_iter().collect(),
            };
            tally.decide(lock, month, &[judgement]).unwrap();
        }
    }
}

/// Of each indicator by how much each cell changed, if it did.
fn changes<K: Ord + Copy>(one: &BTreeMap<K, u64>, other: &BTreeMap<K, u64>) -> BTreeMap<K, i64> {
    let keys: BTreeSet<K> = one.keys().chain(other.keys()).copied().collect();
    let of = |counts: &BTreeMap<K, u64>, key: &K| counts.get(key).copied().unwrap_or(0) as i64;
    keys.into_iter().map(|key| (key, of(other, &key) - of(one, &key))).filter(|(_, by)| *by != 0).collect()
}

/// The changes of each indicator.
fn by_indicator(changes: BTreeMap<(Indicator, Cell), i64>) -> BTreeMap<Indicator, Vec<i64>> {
    let mut found: BTreeMap<Indicator, Vec<i64>> = BTreeMap::new();
    changes.into_iter().for_each(|((indicator, _), by)| found.entry(indicator).or_default().push(by));
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn one_item_less_is_one_count_less(history in history(), period in 0..3_usize, pick in any::<prop::sample::Index>()) {
        let period = PERIODS[period];
        let events = of_period(&history, period);
        let about = items(&events);
        prop_assume!(!about.is_empty());
        let item = about[pick.index(about.len())];
        // What is left of the period without the item; in the quarter of each month.
        let mut at = about.iter();
        let mut without: History = [vec![], vec![]];
        for (month, (events, kept)) in MONTHS.iter().zip(history.iter().zip(&mut without)) {
            let within = period == "2026-Q4" || period == *month;
            kept.extend(events.iter().filter(|_| !within || at.next() != Some(&item)).cloned());
        }
        let (full, less) = (Ward::after(&history), Ward::after(&without));
        for cap in [None, Some(1), Some(2)] {
            let (before, after) = (full.counts(period, cap), less.counts(period, cap));
            for (indicator, by) in by_indicator(changes(&before, &after)) {
                match cap {
                    None => prop_assert_eq!(by, [-1], "{}", indicator),
                    Some(_) => {
                        prop_assert!(by.len() <= 2 && by.iter().all(|by| by.abs() == 1), "{indicator}: {by:?}");
                        prop_assert!((-1..=0).contains(&by.iter().sum::<i64>()), "{indicator}: {by:?}");
                    }
                }
            }
        }
        // Sealed, it is all the same.
        let (before, capped) = (full.counts(period, None), full.counts(period, Some(1)));
        full.with(|tally, lock| {
            assert!(tally.seal(lock, period.parse().unwrap(), &[1]).unwrap());
            assert_eq!(counts(tally, period, None), before);
            assert_eq!(counts(tally, period, Some(1)), capped);
        });
    }

    #[test]
    fn decisions_move_no_count_of_what_was_seen(history in history()) {
        let undecided = history.clone().map(|events| {
            events.into_iter().filter(|event| matches!(event, Event::See { .. })).collect::<Vec<_>>()
        });
        let (with, without) = (Ward::after(&history), Ward::after(&undecided));
        for period in PERIODS {
            let seen = |counts: BTreeMap<(Indicator, Cell), u64>| -> BTreeMap<_, _> {
                let seen = [Indicator::ItemsScanned, Indicator::MatchItems];
                counts.into_iter().filter(|((indicator, _), _)| seen.contains(indicator)).collect()
            };
            prop_assert_eq!(seen(with.counts(period, None)), without.counts(period, None));
            let decided: BTreeSet<About> = of_period(&history, period)
                .into_iter()
                .filter_map(|event| match event {
                    Event::Decide { entry, .. } => Some(About::Entry(*entry)),
                    Event::See { .. } => None,
                })
                .collect();
            let reviewed = with.counts(period, None).into_iter().filter(|((one, _), _)| *one == Indicator::Reviewed);
            prop_assert_eq!(reviewed.map(|(_, items)| items).sum::<u64>(), decided.len() as u64);
        }
    }

    #[test]
    fn what_was_seen_counts_the_same_in_any_order(history in history(), turn in 0..25_usize) {
        // Which entry a content is depends on which matched first; but for that, order makes no difference.
        let one_entry = history.map(|events| {
            let see = |event| match event {
                Event::See { content, entry, cell, case } => {
                    Some(Event::See { content, entry: entry.map(|_| content % 4), cell, case })
                }
                Event::Decide { .. } => None,
            };
            events.into_iter().filter_map(see).collect::<Vec<_>>()
        });
        let mut turned = one_entry.clone();
        for events in turned.iter_mut().filter(|events| !events.is_empty()) {
            let turn = turn % events.len();
            events.rotate_left(turn);
            events.extend_from_within(..); // and everything once more
        }
        let (one, other) = (Ward::after(&one_entry), Ward::after(&turned));
        for (period, cap) in PERIODS.iter().flat_map(|period| [(period, None), (period, Some(1))]) {
            prop_assert_eq!(one.counts(period, cap), other.counts(period, cap));
        }
    }
}

#[test]
fn the_cap_holds_for_each_case_and_indicator() {
    let see = |content, case| Event::See { content, entry: None, cell: 0, case };
    let history = [vec![see(0, 0), see(1, 0), see(2, 0), see(3, 1)], vec![]];
    let ward = Ward::after(&history);
    for (cap, items) in [(1, 2), (2, 3), (3, 4), (9, 4)] {
        assert_eq!(ward.counts("2026-10", Some(cap)).values().sum::<u64>(), items);
    }
    assert_eq!(Origin::ALL.map(Origin::number), [0, 1, 2, 3], "as the database has them");
}
