//! What a manifest says, and what it must say to be believed.

#![deny(clippy::float_arithmetic)]

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::domain::Domain;
use super::epsilon::Epsilon;
use super::error::ReleaseError;
use super::ledger::MOST_MONTH_NANO;
use super::mechanism::{MECHANISM, Protection};
use super::model::{BreakNote, LedgerNote, ListNote, Manifest, PlanNote, TableNote, UnitNote};
use super::neighbours::{Features, relation, sensitivity, unit_in_words};
use super::plan::{MOST_CELLS_OF_PLAN, MOST_TABLES, PlanTable, checked_name};
use super::register::RegisteredPlan;
use super::words::{self, Cautions};
use crate::home::Config;
use crate::tally::{Break, BreakCause, ListInUse};
use crate::vocabulary::{Code, Dimension, Period, PeriodKind, Unit, list_class};

/// The layout of manifests that this build writes and reads.
pub(super) const SCHEMA: u32 = 2;

/// A class with fewer active entries is not named: a short list would be a tracker for its entries.
const NAMED_FROM_ENTRIES: u64 = 1000;

/// Stands before the publisher of a demo's release, and of no other.
pub(super) const DEMO: &str = "DEMO: ";

/// Most bytes of a text from the configuration.
const MOST_TEXT: usize = 500;

/// What is public about a period without any noise: it follows from the lists and the program, and from no item.
#[derive(Debug, Clone, Default)]
pub struct PeriodFacts {
    /// The classes of list that were matched against; one with fewer than 1,000 active entries is published as `_U`.
    pub lists: Vec<ListInUse>,
    /// What changed how items are matched.
    pub breaks: Vec<Break>,
}

impl PeriodFacts {
    /// The classes of list whose lists are long enough together to be named.
    pub(super) fn named_classes(&self) -> Result<BTreeSet<Code>, ReleaseError> {
        let of_break = |found: &Break| match found.cause {
            BreakCause::Lists(class) => Some(class),
            BreakCause::Program => None,
        };
        let classes = self.lists.iter().map(|list| list.list_class);
        let mut classes = classes.chain(self.breaks.iter().filter_map(of_break));
        if let Some(code) = classes.find(|code| code.dimension() != Dimension::ListClass) {
            return Err(ReleaseError::NotAListClass(code.as_str()));
        }
        let entries = |class| -> u64 {
            self.lists.iter().filter(|list| list.list_class == class).map(|list| list.active_entries).sum()
        };
        let is_named = |&class: &Code| {
            ![list_class::UNKNOWN, list_class::NOT_APPLICABLE].contains(&class)
                && entries(class) >= NAMED_FROM_ENTRIES
        };
        Ok(Dimension::ListClass.codes().filter(is_named).collect())
    }

    /// Classes in the order of their code list; what is too short to be named goes to `_U`.
    fn list_notes(&self, named: &BTreeSet<Code>) -> Vec<ListNote> {
        Dimension::ListClass
            .codes()
            .filter_map(|class| {
                let of_class = self.lists.iter().filter(|list| shown_as(list.list_class, named) == class);
                let revised = of_class.map(|list| list.revised).max()?;
                Some(ListNote { list_class: class.as_str().to_owned(), revised })
            })
            .collect()
    }

    /// Sorted, each once.
    fn break_notes(&self, named: &BTreeSet<Code>) -> Vec<BreakNote> {
        let class = |found: &Break| match found.cause {
            BreakCause::Lists(class) => shown_as(class, named),
            BreakCause::Program => list_class::NOT_APPLICABLE,
        };
        let note =
            |found: &Break| BreakNote { list_class: class(found).as_str().to_owned(), within: found.within };
        self.breaks.iter().map(note).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn shown_as(class: Code, named: &BTreeSet<Code>) -> Code {
    if named.contains(&class) { class } else { list_class::UNKNOWN }
}

/// Everything that a manifest is made of, apart from the bytes of the tables.
pub(super) struct Facts<'a> {
    pub(super) demo: bool,
    pub(super) config: &'a Config,
    pub(super) period: Period,
    pub(super) revision: u32,
    pub(super) published_on: Date,
    pub(super) plan: &'a RegisteredPlan,
    pub(super) of_period: &'a PeriodFacts,
    pub(super) named: &'a BTreeSet<Code>,
    pub(super) cap_nano: u64,
    pub(super) witness: &'a str,
    pub(super) previous: String,
}

impl Facts<'_> {
    /// The manifest, with the digests of the tables and the head of the log still empty.
    pub(super) fn manifest(&self) -> Result<Manifest, ReleaseError> {
        let Self { demo, config, period, revision, published_on, plan: registered, cap_nano, .. } = *self;
        let plan = &registered.plan;
        let organisation = text("organisation", &config.organisation)?;
        if organisation.starts_with(DEMO) {
            return Err(ReleaseError::SaysDemo);
        }
        let release_id = release_id(demo, period, plan.name(), revision);
        let publisher = if demo { format!("{DEMO}{organisation}") } else { organisation.to_owned() };
        let items_per_case = plan.items_per_case().unwrap_or(0);
        let tables: Vec<TableNote> =
            plan.tables().iter().map(|table| table_note(table, plan.items_per_case())).collect();
        let cautions = Cautions {
            indicators: &plan.tables().iter().map(PlanTable::indicator).collect::<Vec<_>>(),
            has_areas: tables.iter().any(|table| table.dimensions.contains(&Dimension::Area)),
            has_novelty: tables.iter().any(|table| table.dimensions.contains(&Dimension::Novelty)),
            items_per_case,
            witnessed: self.witness != NO_WITNESS,
            revision,
        };
        Ok(Manifest {
            schema: SCHEMA,
            demo,
            contact: text("contact", &config.contact)?.to_owned(),
            purpose: text("purpose", &config.purpose)?.to_owned(),
            licence: text("licence", &config.licence)?.to_owned(),
            citation: words::citation(demo, &publisher, period, &release_id, published_on),
            publisher,
            audience: plan.audience(),
            period,
            revision,
            supersedes: supersedes(demo, period, plan.name(), revision),
            published_on,
            plan: PlanNote {
                name: plan.name().to_owned(),
                digest: registered.digest.clone(),
                registered_on: registered.registered_on,
                applies_from: registered.applies_from,
                expires: plan.expires(),
                items_per_case,
            },
            units: unit_notes(plan.tables()),
            epsilon_nano: plan.charge_nano(),
            epsilon_cap_nano: cap_nano,
            group_figure: group_figure(&tables, plan.charge_nano(), cap_nano, period, items_per_case),
            denominator: denominator(&tables),
            lists: self.of_period.list_notes(self.named),
            breaks: self.of_period.break_notes(self.named),
            caveats: words::caveats(&cautions),
            ledger: LedgerNote { size: 0, root: String::new() },
            witness: self.witness.to_owned(),
            made_with: concat!("innerward ", env!("CARGO_PKG_VERSION")).to_owned(),
            previous: self.previous.clone(),
            release_id,
            tables,
        })
    }
}

/// What a manifest says if nobody has witnessed the log.
pub(super) const NO_WITNESS: &str = "none";

/// `manifest.json`.
pub(super) fn render(manifest: &Manifest) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(manifest).expect("a manifest has string keys only");
    bytes.push(b'\n');
    bytes
}

impl Manifest {
    /// BLAKE3 of its `manifest.json`, in hex: every file of a manifest has the same bytes.
    #[must_use]
    pub fn blake3(&self) -> String {
        blake3::hash(&render(self)).to_hex().to_string()
    }
}

/// A broken rule: the field, and what is wrong with it.
type Fault = (&'static str, String);

fn demand(holds: bool, place: &'static str, cause: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err((place, cause.to_owned())) }
}

/// Checks that a signed manifest keeps to the rules, and gives the tables that it describes.
pub(super) fn check(manifest: &Manifest) -> Result<Vec<PlanTable>, Fault> {
    let Manifest { plan, period, .. } = manifest;
    demand(manifest.schema == SCHEMA, "schema", "is not 2, the only one that this build reads")?;
    check_standing(manifest)?;
    check_plan(manifest)?;
    demand((1..=MOST_TABLES).contains(&manifest.tables.len()), "tables", "are not 1 to 32")?;
    let items_per_case = Some(plan.items_per_case).filter(|&most| most > 0);
    let mut tables: Vec<PlanTable> = Vec::new();
    for note in &manifest.tables {
        let table = table_of(note, items_per_case)?;
        let is_new = tables.iter().all(|earlier| earlier.name() != table.name());
        demand(is_new, "tables.name", "stands there twice")?;
        tables.push(table);
        let cells: usize = tables.iter().map(|table| table.domain().cells().len()).sum();
        demand(cells <= MOST_CELLS_OF_PLAN, "tables.cells", "are too many together")?;
    }
    let nano = tables.iter().map(|table| table.protection().epsilon().nano()).sum::<u64>();
    demand(manifest.epsilon_nano == nano, "epsilon_nano", "is not the sum over the tables")?;
    demand(nano <= manifest.epsilon_cap_nano, "epsilon_nano", "is above epsilon_cap_nano")?;
    demand(
        manifest.epsilon_cap_nano <= MOST_MONTH_NANO,
        "epsilon_cap_nano",
        "is more than any month may spend",
    )?;
    demand(manifest.units == unit_notes(&tables), "units", "do not follow from the tables")?;
    demand(
        manifest.group_figure
            == group_figure(&manifest.tables, nano, manifest.epsilon_cap_nano, *period, plan.items_per_case),
        "group_figure",
        "does not follow from epsilon, cap and period",
    )?;
    demand(
        manifest.denominator == denominator(&manifest.tables),
        "denominator",
        "does not follow from the tables",
    )?;
    demand(!manifest.caveats.is_empty(), "caveats", "are missing")?;
    check_lists(manifest)?;
    // Empty until the budget has been charged; until then no table has a digest either, and one of a release has.
    let ledger = &manifest.ledger;
    let is_draft = manifest.tables.iter().all(|table| table.blake3.is_empty());
    if !(is_draft && ledger.size == 0 && ledger.root.is_empty()) {
        demand(ledger.size >= 1, "ledger.size", "is 0, so nothing was charged")?;
        demand(is_digest(&ledger.root), "ledger.root", "is not a SHA-256 in hex")?;
    }
    demand(is_plain(&manifest.witness, MOST_TEXT), "witness", "is too long, or has hidden characters")?;
    Ok(tables)
}

/// Name, revision and dates.
fn check_standing(manifest: &Manifest) -> Result<(), Fault> {
    let Manifest { demo, plan, period, revision, .. } = manifest;
    checked_name("plan.name", plan.name.clone()).map_err(|error| ("plan.name", error.to_string()))?;
    demand(
        manifest.release_id == release_id(*demo, *period, &plan.name, *revision),
        "release_id",
        "does not follow from demo, period, plan and revision",
    )?;
    demand(*revision >= 1, "revision", "starts at 1")?;
    demand(
        manifest.supersedes == supersedes(*demo, *period, &plan.name, *revision),
        "supersedes",
        "does not name the revision before this one",
    )?;
    demand(manifest.published_on > period.last_day(), "published_on", "lies before the end of the period")?;
    let says_demo = manifest.publisher.starts_with(DEMO);
    demand(*demo == says_demo, "publisher", "does not fit demo")?;
    for (place, text) in
        [("contact", &manifest.contact), ("purpose", &manifest.purpose), ("licence", &manifest.licence)]
    {
        demand(is_plain(text, MOST_TEXT), place, "is too long, or has hidden characters")?;
    }
    let most = MOST_TEXT + if *demo { DEMO.len() } else { 0 };
    demand(is_plain(&manifest.publisher, most), "publisher", "is too long, or has hidden characters")?;
    let citation =
        words::citation(*demo, &manifest.publisher, *period, &manifest.release_id, manifest.published_on);
    demand(manifest.citation == citation, "citation", "does not follow from the rest")?;
    demand(
        manifest.previous.is_empty() || is_digest(&manifest.previous),
        "previous",
        "is not a BLAKE3 in hex",
    )
}

/// The plan came before the period, and covers it.
fn check_plan(manifest: &Manifest) -> Result<(), Fault> {
    let Manifest { plan, period, .. } = manifest;
    let same_kind = |other: Period| other.kind() == period.kind();
    demand(
        plan.registered_on < plan.applies_from.first_day()
            && same_kind(plan.applies_from)
            && plan.applies_from <= *period,
        "plan.registered_on",
        "the plan was not registered before the period began",
    )?;
    demand(same_kind(plan.expires) && *period <= plan.expires, "plan.expires", "lies before the period")?;
    demand(is_digest(&plan.digest), "plan.digest", "is not a BLAKE3 in hex")?;
    demand(plan.items_per_case <= 10_000, "plan.items_per_case", "is more than 10000")
}

/// The table that a note describes; everything that follows from something else in it is worked out anew.
fn table_of(note: &TableNote, items_per_case: Option<u32>) -> Result<PlanTable, Fault> {
    checked_name("table.name", note.name.clone()).map_err(|error| ("tables.name", error.to_string()))?;
    let epsilon =
        Epsilon::from_nano(note.epsilon_nano).map_err(|e| ("tables.epsilon_nano", e.to_string()))?;
    let beta = note.beta.parse().map_err(|e: super::epsilon::BetaError| ("tables.beta", e.to_string()))?;
    let features = Features::of(note.indicator.unit(), items_per_case, &note.dimensions);
    demand(
        note.sensitivity == sensitivity(features),
        "tables.sensitivity",
        "does not follow from what is counted",
    )?;
    let protection = Protection::new(epsilon, note.sensitivity, note.k, beta, note.rounding)
        .map_err(|error| ("tables.k", error.to_string()))?;
    let role = |text: &str| Dimension::AreaRole.code(text).map_err(|e| ("tables.area_role", e.to_string()));
    let area_role = Some(note.area_role.as_str()).filter(|text| !text.is_empty()).map(role).transpose()?;
    let domain = Domain::new(note.indicator, area_role, note.dimensions.clone(), note.domain.clone())
        .map_err(|error| ("tables.domain", error.to_string()))?;
    let table = PlanTable::new(note.name.clone(), note.indicator, domain, protection);
    let mut derived = table_note(&table, items_per_case);
    derived.blake3.clone_from(&note.blake3);
    demand(derived.file == note.file, "tables.file", "is not the table's name with .csv")?;
    demand(derived.unit == note.unit, "tables.unit", "is not that of the indicator")?;
    demand(derived.mechanism == note.mechanism, "tables.mechanism", "is not discrete-laplace")?;
    demand(
        derived.neighbours == note.neighbours,
        "tables.neighbours",
        "does not follow from what is counted",
    )?;
    demand(derived.cells == note.cells, "tables.cells", "is not the size of the domain")?;
    // The words of the vocabulary may become better; they are not part of the promise.
    derived.counting_rule.clone_from(&note.counting_rule);
    derived.deduplication.clone_from(&note.deduplication);
    demand(
        derived == *note,
        "tables",
        "threshold, half_width or noise_sd do not follow from epsilon, sensitivity, k and beta",
    )?;
    Ok(table)
}

fn check_lists(manifest: &Manifest) -> Result<(), Fault> {
    let is_class = |text: &str| Dimension::ListClass.code(text).is_ok();
    let classes: BTreeSet<&str> = manifest.lists.iter().map(|list| list.list_class.as_str()).collect();
    demand(
        classes.iter().all(|class| is_class(class)),
        "lists",
        "names something else than a class of list",
    )?;
    demand(classes.len() == manifest.lists.len(), "lists", "names a class twice")?;
    let is_month = |list: &ListNote| list.revised.kind() == PeriodKind::Month;
    demand(manifest.lists.iter().all(is_month), "lists.revised", "is not a month")?;
    let named = manifest.breaks.iter().all(|change| is_class(&change.list_class));
    demand(named, "breaks", "names something else than a class of list")?;
    demand(manifest.breaks.is_sorted_by(|a, b| a < b), "breaks", "are not in order, each once")
}

/// `2026-10-coarse-v1`, with `DEMO-` before it in a demo.
fn release_id(demo: bool, period: Period, plan: &str, revision: u32) -> String {
    format!("{}{period}-{plan}-v{revision}", if demo { "DEMO-" } else { "" })
}

/// The name of the revision before; empty for the first.
fn supersedes(demo: bool, period: Period, plan: &str, revision: u32) -> String {
    if revision > 1 { release_id(demo, period, plan, revision - 1) } else { String::new() }
}

fn table_note(table: &PlanTable, items_per_case: Option<u32>) -> TableNote {
    let (domain, protection) = (table.domain(), table.protection());
    TableNote {
        name: table.name().to_owned(),
        file: format!("{}.csv", table.name()),
        blake3: String::new(),
        indicator: table.indicator(),
        unit: table.unit(),
        counting_rule: table.indicator().counting_rule().to_owned(),
        deduplication: table.indicator().deduplication().to_owned(),
        area_role: table.area_role().map_or("", Code::as_str).to_owned(),
        dimensions: domain.dimensions().to_vec(),
        domain: domain.groups().clone(),
        cells: u32::try_from(domain.cells().len()).expect("a domain has at most 10,000 cells"),
        mechanism: MECHANISM.to_owned(),
        neighbours: relation(Features::of(table.unit(), items_per_case, domain.dimensions())),
        epsilon_nano: protection.epsilon().nano(),
        sensitivity: protection.sensitivity(),
        k: protection.k(),
        beta: protection.beta().to_string(),
        threshold: protection.threshold(),
        half_width: protection.half_width(),
        noise_sd: protection.noise_sd().to_owned(),
        rounding: protection.rounding(),
    }
}

/// One for each unit that has a table, in the order of the units.
fn unit_notes(tables: &[PlanTable]) -> Vec<UnitNote> {
    let has_table = |unit: &Unit| tables.iter().any(|table| table.unit() == *unit);
    let note = |unit: Unit| {
        let of_unit = tables.iter().filter(|table| table.unit() == unit);
        let epsilon_nano = of_unit.map(|table| table.protection().epsilon().nano()).sum();
        UnitNote {
            unit,
            unit_of_privacy: unit_in_words(unit).to_owned(),
            epsilon_nano,
            promise: words::promise(unit, epsilon_nano),
        }
    };
    Unit::ALL.into_iter().filter(has_table).map(note).collect()
}

fn group_figure(
    tables: &[TableNote],
    nano: u64,
    cap_nano: u64,
    period: Period,
    items_per_case: u32,
) -> String {
    let units: BTreeSet<Unit> = tables.iter().map(|table| table.unit).collect();
    let unit = units.first().copied().filter(|_| units.len() == 1);
    words::group_figure(unit, nano, cap_nano, period, items_per_case)
}

fn denominator(tables: &[TableNote]) -> String {
    words::denominator(tables.iter().map(|table| (table.name.as_str(), table.indicator)))
}

/// A text that the operator wrote: short, one line, nothing hidden.
fn text<'a>(key: &'static str, text: &'a str) -> Result<&'a str, ReleaseError> {
    if is_plain(text, MOST_TEXT) { Ok(text) } else { Err(ReleaseError::Text { key, most: MOST_TEXT }) }
}

fn is_plain(text: &str, most: usize) -> bool {
    // Embeddings, overrides and isolates of direction would turn the words of others around.
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.len() <= most && !text.chars().any(|c| c.is_control() || turns(c))
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
