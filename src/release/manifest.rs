//! What a manifest says, and what it must say to be believed.

use jiff::civil::Date;

use super::domain::Domain;
use super::error::ReleaseError;
use super::ledger::{FIRST_REVISION, MONTH_CAP_NANO};
use super::mechanism::{MECHANISM, Protection, SENSITIVITY};
use super::model::{ListNote, Manifest, PlanNote, TableNote};
use super::plan::{Epsilon, INDICATOR, PlanTable, checked_name, decimal};
use super::register::RegisteredPlan;
use super::table;
use crate::home::Config;
use crate::vocabulary::{Code, Dimension, Period, list_class};

/// The layout of manifests that this build writes and reads.
pub(super) const SCHEMA: u32 = 1;

/// A class with fewer active entries is not named: a short list would be a tracker for its entries.
const NAMED_FROM_ENTRIES: u64 = 1000;

/// Most bytes of a text from the configuration.
const MOST_TEXT: usize = 500;

/// A class of lists that was matched against in the month, as the caller knows it.
#[derive(Debug, Clone, Copy)]
pub struct ListFacts {
    /// The class.
    pub list_class: Code,
    /// The month of the latest revision among the lists of the class.
    pub revised: Period,
    /// Active entries; a class with fewer than 1,000 is published as `_U`.
    pub active_entries: u64,
}

/// Everything that a manifest is made of, apart from the table's bytes.
pub(super) struct Facts<'a> {
    pub(super) demo: bool,
    pub(super) config: &'a Config,
    pub(super) period: Period,
    pub(super) published_on: Date,
    pub(super) plan: &'a RegisteredPlan,
    pub(super) lists: &'a [ListFacts],
    pub(super) previous: String,
}

impl Facts<'_> {
    /// The manifest, with the table's digest still empty.
    pub(super) fn manifest(&self) -> Result<Manifest, ReleaseError> {
        let Self { demo, config, period, published_on, plan, .. } = *self;
        let organisation = text("organisation", &config.organisation)?;
        let release_id = release_id(demo, period, plan.plan.name(), FIRST_REVISION);
        let publisher = if demo { format!("DEMO: {organisation}") } else { organisation.to_owned() };
        let says_demo = if demo { "DEMO, the numbers describe nothing. " } else { "" };
        let table = plan.plan.table();
        let epsilon = table.protection().epsilon();
        Ok(Manifest {
            schema: SCHEMA,
            demo,
            contact: text("contact", &config.contact)?.to_owned(),
            purpose: text("purpose", &config.purpose)?.to_owned(),
            licence: text("licence", &config.licence)?.to_owned(),
            citation: format!(
                "{says_demo}{organisation}: screening results for {}, release {release_id}, published {published_on}.",
                period.in_words()
            ),
            publisher,
            release_id,
            period,
            revision: FIRST_REVISION,
            supersedes: String::new(),
            published_on,
            plan: PlanNote {
                name: plan.plan.name().to_owned(),
                digest: plan.digest.clone(),
                registered_on: plan.registered_on,
                applies_from: plan.applies_from,
            },
            table: table_note(table),
            unit_of_privacy: unit_of_privacy(epsilon),
            counting_rule: COUNTING_RULE.to_owned(),
            epsilon_nano: epsilon.nano(),
            epsilon_cap_nano: MONTH_CAP_NANO,
            group_figure: group_figure(epsilon),
            lists: list_notes(self.lists)?,
            caveats: CAVEATS.iter().map(|&caveat| caveat.to_owned()).collect(),
            witness: "none".to_owned(),
            made_with: concat!("innerward ", env!("CARGO_PKG_VERSION")).to_owned(),
            previous: self.previous.clone(),
        })
    }
}

/// `manifest.json`.
pub(super) fn render(manifest: &Manifest) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(manifest).expect("a manifest has string keys only");
    bytes.push(b'\n');
    bytes
}

/// Checks that a signed manifest keeps to the rules, and gives the table that it describes. On a fault, the field and
/// what is wrong with it.
pub(super) fn check(manifest: &Manifest) -> Result<PlanTable, (&'static str, String)> {
    let Manifest { table, plan, period, .. } = manifest;
    let demand = |holds: bool, place: &'static str, cause: &str| {
        if holds { Ok(()) } else { Err((place, cause.to_owned())) }
    };
    demand(manifest.schema == SCHEMA, "schema", "is not 1, the only one that this build reads")?;
    checked_name("plan.name", plan.name.clone()).map_err(|e| ("plan.name", e.to_string()))?;
    checked_name("table.name", table.name.clone()).map_err(|e| ("table.name", e.to_string()))?;
    let expected = release_id(manifest.demo, *period, &plan.name, manifest.revision);
    demand(
        manifest.release_id == expected,
        "release_id",
        "does not follow from demo, period, plan and revision",
    )?;
    demand(manifest.revision >= 1, "revision", "starts at 1")?;
    let corrects = manifest.revision > 1;
    demand(corrects != manifest.supersedes.is_empty(), "supersedes", "does not fit the revision")?;
    demand(
        manifest.published_on >= period.next().first_day(),
        "published_on",
        "lies before the end of the period",
    )?;
    demand(
        plan.registered_on < plan.applies_from.first_day() && plan.applies_from <= *period,
        "plan.registered_on",
        "the plan was not registered before the period began",
    )?;
    demand(is_digest(&plan.digest), "plan.digest", "is not a BLAKE3 in hex")?;
    demand(
        manifest.previous.is_empty() || is_digest(&manifest.previous),
        "previous",
        "is not a BLAKE3 in hex",
    )?;
    demand(table.file == table::FILE, "table.file", "is not table.csv")?;
    demand(table.indicator == INDICATOR, "table.indicator", "is not MATCH_ITEMS")?;
    demand(table.mechanism == MECHANISM, "table.mechanism", "is not discrete-laplace")?;
    demand(table.sensitivity == SENSITIVITY, "table.sensitivity", "is not 1")?;
    demand(manifest.epsilon_nano == table.epsilon_nano, "epsilon_nano", "is not the sum over the tables")?;
    demand(manifest.epsilon_nano <= manifest.epsilon_cap_nano, "epsilon_nano", "is above epsilon_cap_nano")?;
    let epsilon =
        Epsilon::from_nano(table.epsilon_nano).map_err(|e| ("table.epsilon_nano", e.to_string()))?;
    let beta = table.beta.parse().map_err(|e: super::PlanError| ("table.beta", e.to_string()))?;
    let protection = Protection::new(epsilon, table.k, beta, table.rounding)
        .map_err(|error| ("table.k", error.to_string()))?;
    let domain = Domain::new(table.dimensions.clone(), table.domain.clone())
        .map_err(|error| ("table.domain", error.to_string()))?;
    let table = PlanTable::new(table.name.clone(), domain, protection);
    // Threshold, half-width, deviation and number of cells are worked out anew.
    let mut derived = table_note(&table);
    derived.blake3.clone_from(&manifest.table.blake3);
    demand(derived.cells == manifest.table.cells, "table.cells", "is not the size of the domain")?;
    demand(
        derived == manifest.table,
        "table",
        "threshold, half_width or noise_sd do not follow from epsilon, k and beta",
    )?;
    let mut classes: Vec<&str> = manifest.lists.iter().map(|list| list.list_class.as_str()).collect();
    demand(
        classes.iter().all(|class| Dimension::ListClass.code(class).is_ok()),
        "lists",
        "names something else than a class of list",
    )?;
    classes.sort_unstable();
    classes.dedup();
    demand(classes.len() == manifest.lists.len(), "lists", "names a class twice")?;
    Ok(table)
}

/// `2026-10-coarse-v1`, with `DEMO-` before it in a demo.
fn release_id(demo: bool, period: Period, plan: &str, revision: u32) -> String {
    format!("{}{period}-{plan}-v{revision}", if demo { "DEMO-" } else { "" })
}

fn table_note(table: &PlanTable) -> TableNote {
    let protection = table.protection();
    TableNote {
        name: table.name().to_owned(),
        file: table::FILE.to_owned(),
        blake3: String::new(),
        indicator: INDICATOR.to_owned(),
        dimensions: table.domain().dimensions().to_vec(),
        domain: table.domain().groups().clone(),
        cells: u32::try_from(table.domain().cells().len()).expect("a domain has at most 10,000 cells"),
        mechanism: MECHANISM.to_owned(),
        epsilon_nano: protection.epsilon().nano(),
        sensitivity: SENSITIVITY,
        k: protection.k(),
        beta: protection.beta().to_string(),
        threshold: protection.threshold(),
        half_width: protection.half_width(),
        noise_sd: protection.noise_sd().to_owned(),
        rounding: protection.rounding(),
    }
}

/// Classes in the order of their code list; what is too short to be named goes to `_U`.
fn list_notes(lists: &[ListFacts]) -> Result<Vec<ListNote>, ReleaseError> {
    if let Some(list) = lists.iter().find(|list| list.list_class.dimension() != Dimension::ListClass) {
        return Err(ReleaseError::NotAListClass(list.list_class.as_str()));
    }
    let entries = |class| -> u64 {
        lists.iter().filter(|list| list.list_class == class).map(|list| list.active_entries).sum()
    };
    let named = |list: &ListFacts| {
        let class = list.list_class;
        let unnamed = class == list_class::NOT_APPLICABLE || entries(class) < NAMED_FROM_ENTRIES;
        if unnamed { list_class::UNKNOWN } else { class }
    };
    Ok(Dimension::ListClass
        .codes()
        .filter_map(|class| {
            let revised = lists.iter().filter(|list| named(list) == class).map(|list| list.revised).max()?;
            Some(ListNote { list_class: class.as_str().to_owned(), revised })
        })
        .collect())
}

/// A text that the operator wrote: short, one line, nothing hidden.
fn text<'a>(key: &'static str, text: &'a str) -> Result<&'a str, ReleaseError> {
    if text.len() > MOST_TEXT || text.chars().any(char::is_control) {
        return Err(ReleaseError::Text { key, most: MOST_TEXT });
    }
    Ok(text)
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn unit_of_privacy(epsilon: Epsilon) -> String {
    format!(
        "One content item of one organisation in one month, with all its reports together; not a person, a child or a \
         case. An item that matched is identified by the stable key of its list entry (source, member, id), any other \
         by the BLAKE3 of its bytes. Neighbouring data sets differ by one such item, added or removed. An item touches \
         exactly one cell of the table, by one, so its presence changes the probability of any outcome by a factor of \
         at most exp({epsilon}): a stated, bounded risk for each item."
    )
}

const COUNTING_RULE: &str = "Distinct items of the month. An item counts once, in exactly one cell, however often it \
    was reported: that of its strongest match and most severe category, then of the order of the code list. A code \
    without a row of its own counts at the unknown code of its dimension, else at not applicable. All screened items \
    that could be read are in the table. Decisions, quarantine and ignore lists of analysts do not move the counts.";

fn group_figure(epsilon: Epsilon) -> String {
    let times = |n: u64| decimal(epsilon.nano() * n);
    format!(
        "1 item: epsilon {}. 5 items of one person: up to {}; 50 items: up to {}; g items: up to g times {}. An item \
         that is seen in all 12 months of a year: up to {}. The same item at 1 organisation: {}; at 2: up to {}; at \
         all G organisations that publish: up to G times {}.",
        times(1),
        times(5),
        times(50),
        times(1),
        times(12),
        times(1),
        times(2),
        times(1)
    )
}

const CAVEATS: [&str; 12] = [
    "Volume is not prevalence, and not a number of children, offenders or pictures in the world. It moves with \
     reporting duties, platforms and tools.",
    "A report, a web address, an item and a hash are different units. Tables of different units must not be added.",
    "The table names no place. Where an organisation sits says nothing about where anything happened.",
    "A match says what a list knows. No match says nothing about what an item shows. NEAR is a likeness that a person \
     must judge.",
    "Noise has been added to every cell: differences smaller than the stated interval mean nothing. A blank was \
     withheld and is not a zero. Do not read trends from values below 50.",
    "Categories come from the schemes of the lists; translating between schemes loses detail.",
    "Thresholds and kinds of hash change what matches. Where they change, a series breaks.",
    "The 95 % interval holds for a cell before the threshold is applied. Among shown cells near the threshold values \
     are biased upward; those within one half-width of it carry the status U.",
    "A sum over shown cells leaves out the withheld ones: say how many. The rows of all verdicts together are the \
     denominator, items screened. A list that grows moves counts without any change in the world.",
    "There is no cap by case: one large case can show as a spike.",
    "Fifty re-encodings of a picture that is on no list are fifty items.",
    "Items that arrive late are counted in the next month, possibly a second time. No outside witness holds a copy of \
     the budget ledger.",
];
