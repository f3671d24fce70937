//! What the categories of other schemes mean in ours, read from `data/crosswalk.csv`, with what each row loses.
//!
//! A category number means nothing without the scheme, and where that has them the profile, that it came from: NCMEC's A is
//! a young child, IWF's A the most severe act.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use super::codes::{Code, leaked, rows};
use super::dimension::Dimension;

/// A category of a source's own scheme, exactly as the source gave it: `NCMEC:A1`, `VICS/US:1`.
///
/// Categories order by scheme, profile, code. Letter case counts.
///
/// # Examples
/// ```
/// # use innerward::vocabulary::{Category, CategoryError, facets};
/// let category: Category = "NCMEC:A1".parse()?;
/// let facets: Vec<String> = facets(&category).map(|code| code.to_string()).collect();
/// assert_eq!(facets, ["SEV_AB", "PREPUB"]);
/// # Ok::<(), CategoryError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category {
    scheme: Box<str>,
    profile: Box<str>,
    code: Box<str>,
}

/// Text that is not a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CategoryError {
    /// No colon.
    #[error("write a category as SCHEME:CODE or SCHEME/PROFILE:CODE, for example VICS/US:1")]
    Form,
    /// A part is empty, too long or has other characters.
    #[error(
        "the {0} of a category has 1 to {max} characters A-Z, a-z, 0-9, '.', '_' and '-'",
        max = Category::MAX_PART
    )]
    Part(&'static str),
}

impl Category {
    /// Stands before the colon, in place of a dimension, where a category stands among labels: `category:NCMEC:A1`.
    pub const PREFIX: &'static str = "category";

    /// Most characters that each part may have.
    pub const MAX_PART: usize = 32;

    /// The category `code` of `scheme`; `profile` tells which country's or environment's numbers are meant, and is empty
    /// where the scheme has but one set.
    ///
    /// # Errors
    /// [`CategoryError::Part`] if a part is longer than [`Category::MAX_PART`] or has other characters than letters,
    /// digits, `.`, `_` and `-`, or if scheme or code is empty.
    pub fn new(scheme: &str, profile: &str, code: &str) -> Result<Self, CategoryError> {
        let checked = |name, text: &str| {
            let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
            let is_part = (1..=Self::MAX_PART).contains(&text.len()) && text.bytes().all(fine);
            if is_part { Ok(text.into()) } else { Err(CategoryError::Part(name)) }
        };
        let profile = if profile.is_empty() { Box::default() } else { checked("profile", profile)? };
        Ok(Self { scheme: checked("scheme", scheme)?, profile, code: checked("code", code)? })
    }

    /// Whose categories they are: `NCMEC`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The country or environment whose numbers are meant: `US`; empty without one.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// The category itself: `A1`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, profile, code } = self;
        if profile.is_empty() { write!(f, "{scheme}:{code}") } else { write!(f, "{scheme}/{profile}:{code}") }
    }
}

impl FromStr for Category {
    type Err = CategoryError;

    fn from_str(text: &str) -> Result<Self, CategoryError> {
        let (scheme, code) = text.split_once(':').ok_or(CategoryError::Form)?;
        match scheme.split_once('/') {
            // Each category has one spelling: none with an empty profile behind the slash.
            Some((_, "")) => Err(CategoryError::Part("profile")),
            Some((scheme, profile)) => Self::new(scheme, profile, code),
            None => Self::new(scheme, "", code),
        }
    }
}

/// How far a source's category and one of our codes cover each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The same extent.
    Exact,
    /// The source's lies wholly inside ours.
    Narrower,
    /// The source's contains ours.
    Broader,
    /// Nearly the same.
    Close,
    /// Something to do with each other.
    Related,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Relation; 5] = [Self::Exact, Self::Narrower, Self::Broader, Self::Close, Self::Related];

    /// `exact`, `narrower`, `broader`, `close`, `related`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Narrower => "narrower",
            Self::Broader => "broader",
            Self::Close => "close",
            Self::Related => "related",
        }
    }

    pub(super) fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.as_str() == text)
    }

    /// True if whatever has the source's category may be said to have our code.
    ///
    /// Not so for *broader*, where it may have another code as well, nor for *related*.
    #[must_use]
    pub const fn holds(self) -> bool {
        matches!(self, Self::Exact | Self::Narrower | Self::Close)
    }
}

/// One of our codes that a source's category has to do with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping {
    /// Our code.
    pub target: Code,
    /// How far the two cover each other.
    pub relation: Relation,
    /// What is lost on the way, in English; empty if nothing is.
    pub loss: &'static str,
    /// Where the row rests on: `doc` an official text, `code` another program's source, `unverified` neither.
    pub evidence: &'static str,
    /// The version that had the row first.
    pub since: &'static str,
}

/// What `category` means in our codes, one facet after another; empty if nobody has said so, which is no error.
///
/// The profile is a part of the category: `VICS:1` maps to nothing, `VICS/US:1` does. Where a whole profile means
/// something whatever the code is, as NCMEC's `EXPLOITATIVE` does, that comes after what the code itself means.
#[must_use]
pub fn crosswalk(category: &Category) -> &'static [Mapping] {
    let Crosswalk { categories, profiles } = &*CROSSWALK;
    let profile =
        || profiles.iter().find(|(scheme, profile, _)| category.is_of(scheme, profile)).map(|row| &row.2);
    categories.get(category).or_else(profile).map_or(&[], Vec::as_slice)
}

/// The codes that an entry may be said to have because its source puts it in `category`: those [facets](Dimension::FACETS)
/// of entries whose relation [holds](Relation::holds).
pub fn facets(category: &Category) -> impl Iterator<Item = Code> + use<> {
    let held = crosswalk(category).iter().filter(|mapping| mapping.relation.holds());
    held.map(|mapping| mapping.target).filter(|code| Dimension::FACETS.contains(&code.dimension()))
}

/// The smallest of our codes that all of `codes` roll up to, which is what is published of something that is one of them
/// and nobody knows which: `SEV_AB` of `SEV_A` and `SEV_B`. Where the list has none, its unknown code; `None` where it has
/// neither, or where the codes are not of one dimension.
#[must_use]
pub fn common_code(codes: &[Code]) -> Option<Code> {
    let (&first, rest) = codes.split_first()?;
    if rest.iter().any(|code| code.dimension() != first.dimension()) {
        return None;
    }
    let chain = |code: Code| std::iter::successors(Some(code), |code| code.parent());
    chain(first)
        .find(|&common| rest.iter().all(|&code| chain(code).any(|code| code == common)))
        .or_else(|| first.dimension().unknown())
}

/// In place of a code: whatever code of the profile.
pub(super) const WHOLE_PROFILE: &str = "*";

/// The dimensions that a row may lead to: facets of entries, and what a case system says of an item.
pub(super) const TARGETS: [Dimension; 13] = {
    let [a, b, c, d, e, f, g, h, i] = Dimension::FACETS;
    let [j, k, l, m] = [Dimension::Source, Dimension::Outcome, Dimension::Site, Dimension::Novelty];
    [a, b, c, d, e, f, g, h, i, j, k, l, m]
};

/// One row of a crosswalk, for people to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrosswalkRow {
    /// Whose category it is: `NCMEC`.
    pub scheme: String,
    /// The country or environment whose numbers are meant; empty without one.
    pub profile: String,
    /// The category, or `*` for whatever category of the profile.
    pub code: String,
    /// Our code.
    pub target: Code,
    /// How far the two cover each other.
    pub relation: Relation,
    /// What is lost on the way; empty if nothing is.
    pub loss: String,
    /// Where the row rests on: `doc`, `code` or `unverified`.
    pub evidence: String,
    /// The version that had the row first.
    pub since: String,
    /// What the source itself calls its category, word for word, old wording included; never a label of ours.
    pub source_label: String,
}

/// Every row that the program has, in the order of its file.
#[must_use]
pub fn crosswalk_rows() -> Vec<CrosswalkRow> {
    rows(include_str!("data/crosswalk.csv")).map(|row| CrosswalkRow::of(&row, mapping(&row).target)).collect()
}

impl CrosswalkRow {
    /// The row, whose target is `target`; of a file that was checked.
    pub(super) fn of(row: &csv::StringRecord, target: Code) -> Self {
        let text = |at: usize| row[at].to_owned();
        Self {
            scheme: text(0),
            profile: text(1),
            code: text(2),
            target,
            relation: Relation::named(&row[5]).expect("a row has a relation"),
            loss: text(6),
            evidence: text(7),
            since: text(8),
            source_label: text(9),
        }
    }
}

struct Crosswalk {
    categories: BTreeMap<Category, Vec<Mapping>>,
    /// By scheme and profile.
    profiles: Vec<(String, String, Vec<Mapping>)>,
}

/// The file is part of the program, so a fault in it is a fault of the build: the tests read every row.
static CROSSWALK: LazyLock<Crosswalk> = LazyLock::new(|| {
    let (mut categories, mut profiles) =
        (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<(String, String), Vec<_>>::new());
    for row in rows(include_str!("data/crosswalk.csv")) {
        let mapping = mapping(&row);
        if &row[2] == WHOLE_PROFILE {
            profiles.entry((row[0].to_owned(), row[1].to_owned())).or_default().push(mapping);
        } else {
            let category = Category::new(&row[0], &row[1], &row[2]).expect("a row names a category");
            categories.entry(category).or_default().push(mapping);
        }
    }
    let profiles: Vec<_> =
        profiles.into_iter().map(|((scheme, profile), whole)| (scheme, profile, whole)).collect();
    for (category, mappings) in &mut categories {
        let whole = profiles.iter().filter(|(scheme, profile, _)| category.is_of(scheme, profile));
        mappings.extend(whole.flat_map(|(_, _, mappings)| mappings));
    }
    Crosswalk { categories, profiles }
});

impl Category {
    pub(super) fn is_of(&self, scheme: &str, profile: &str) -> bool {
        &*self.scheme == scheme && &*self.profile == profile
    }
}

fn mapping(row: &csv::StringRecord) -> Mapping {
    let text = |at: usize| leaked(&row[at]);
    let facet = Dimension::named(&row[3]).expect("a row names a dimension");
    Mapping {
        target: facet.code(&row[4]).expect("a row leads to a code"),
        relation: Relation::named(&row[5]).expect("a row has a relation"),
        loss: text(6),
        evidence: text(7),
        since: text(8),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn table() -> Vec<csv::StringRecord> {
        rows(include_str!("data/crosswalk.csv")).collect()
    }

    fn of(text: &str) -> Vec<String> {
        let category: Category = text.parse().unwrap();
        facets(&category).map(|code| format!("{code:?}")).collect()
    }

    #[test]
    fn every_row_leads_from_a_category_to_a_facet_once() {
        let mut seen = BTreeSet::new();
        for row in table() {
            let code = if &row[2] == WHOLE_PROFILE { "ANY" } else { &row[2] };
            let category = Category::new(&row[0], &row[1], code).unwrap();
            let facet = Dimension::named(&row[3]).unwrap();
            assert!(TARGETS.contains(&facet), "{row:?}");
            let target = facet.code(&row[4]).unwrap();
            let found: Vec<_> = crosswalk(&category).iter().filter(|found| found.target == target).collect();
            assert_eq!(found.len(), 1, "{row:?}");
            assert_eq!((found[0].relation.as_str(), found[0].loss), (&row[5], &row[6]));
            assert!(["doc", "code", "unverified"].contains(&found[0].evidence), "{row:?}");
            assert_eq!(found[0].since.split('.').count(), 3, "{row:?}");
            assert!(seen.insert([0, 1, 2, 3, 4].map(|at| row[at].to_owned())), "twice: {row:?}");
            assert!(crate::vocabulary::lint(&row[6], crate::vocabulary::Language::En).is_empty(), "{row:?}");
            assert!(Category::PREFIX != &row[0]);
        }
    }

    #[test]
    fn a_category_gives_one_code_of_a_facet_at_most() {
        for category in CROSSWALK.categories.keys() {
            let dimensions: Vec<_> = facets(category).map(Code::dimension).collect();
            let once: BTreeSet<_> = dimensions.iter().copied().collect();
            assert_eq!(once.len(), dimensions.len(), "{category}");
        }
    }

    #[test]
    fn ncmec_a_is_a_child_and_iwf_a_is_an_act() {
        assert_eq!(of("IWF:A"), ["severity:SEV_A"]);
        assert_eq!(of("NCMEC:A"), ["maturity:PREPUB"]);
        assert_eq!(of("NCMEC:A1"), ["severity:SEV_AB", "maturity:PREPUB"]);
        assert_eq!(of("NCMEC:A2"), ["severity:SEV_C", "maturity:PREPUB"]);
        assert_eq!(of("NCMEC:B1"), ["severity:SEV_AB", "maturity:PUB"]);
        assert_eq!(of("NCMEC:B2"), ["severity:SEV_C", "maturity:PUB"]);
        for row in table().iter().filter(|row| &row[0] == "NCMEC") {
            assert!(!["SEV_A", "SEV_B"].contains(&&row[4]), "{row:?}");
        }
        for (_, mappings) in CROSSWALK.categories.iter().filter(|(from, _)| from.scheme() == "IWF") {
            let of_letter = mappings.iter().filter(|found| found.target.dimension() == Dimension::Severity);
            assert!(of_letter.count() == 0 || mappings.len() == 1, "IWF's letters say nothing of the child");
        }
    }

    #[test]
    fn the_environment_is_a_part_of_what_ncmec_says() {
        for code in ["A1", "B2", "infant", "whatever"] {
            assert_eq!(of(&format!("NCMEC/EXPLOITATIVE:{code}")), ["severity:SEV_X"]);
            assert_eq!(of(&format!("NCMEC/GENERATIVE-AI-EXPLOITATIVE:{code}")), ["severity:SEV_X"]);
        }
        // How far it is generated is not told: both origins are named, neither is said.
        let category: Category = "NCMEC/GENERATIVE-AI:A1".parse().unwrap();
        let named: Vec<_> = crosswalk(&category).iter().map(|found| found.target.as_str()).collect();
        assert_eq!(named, ["SEV_AB", "PREPUB", "AI_FULL", "AI_ALTERED"]);
        assert_eq!(of("NCMEC/GENERATIVE-AI:A1"), of("NCMEC:A1"));
    }

    #[test]
    fn vics_0_4_and_5_never_mean_benign() {
        let profiles: BTreeSet<String> =
            table().iter().filter(|row| &row[0] == "VICS").map(|row| row[1].to_owned()).collect();
        assert!(profiles.contains("US"));
        for profile in profiles.iter().map(String::as_str).chain(["UK", "CA", "DHS"]) {
            for code in ["0", "4", "5"] {
                let category = Category::new("VICS", profile, code).unwrap();
                assert_eq!(crosswalk(&category), [], "{category}");
            }
        }
        let benign = Dimension::Severity.code("SEV_N").unwrap();
        let all = CROSSWALK.categories.values().chain(CROSSWALK.profiles.iter().map(|row| &row.2)).flatten();
        assert!(
            all.into_iter().all(|found| found.target != benign),
            "only a profile of the user's may say so"
        );
    }

    #[test]
    fn a_number_without_its_country_means_nothing() {
        assert_eq!(of("VICS/US:1"), ["severity:SEV_U"]);
        assert_eq!(of("VICS/US:2"), ["severity:SEV_X", "maturity:AGE_DIFFICULT"]);
        assert_eq!(of("VICS/US:3"), ["origin:DRAWN"]);
        for text in ["VICS:1", "VICS/UK:1", "VICS/us:1", "IWF/UK:A", "ARACHNID:no-known-match", "NEW:1"] {
            assert!(of(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn rows_that_golden_tables_of_the_schemes_have() {
        for (category, facets) in [
            ("UK:B", &["severity:SEV_B"][..]),
            ("SAP:5", &["severity:SEV_A"]),
            ("SAP:2", &["severity:SEV_B"]),
            ("SAP:1", &["severity:SEV_C"]),
            ("COPINE:10", &["severity:SEV_A"]),
            ("COPINE:7", &["severity:SEV_AB"]),
            ("COPINE:3", &["severity:SEV_X"]),
            ("IWF:0-2", &["age_band:Y0T2", "maturity:INFANT"]),
            ("IWF:11-13", &["age_band:Y11T13"]),
            ("IWF:self-generated", &["origin:SELFGEN_U"]),
            ("ARACHNID:csam", &["severity:SEV_U"]),
            ("INTERPOL:BASELINE", &["legal:BASELINE"]),
            ("CYBERTIP:generativeAi", &[]),
            ("CYBERTIP:liveStreaming", &["origin:LIVESTREAM"]),
            ("CYBERTIP/INCIDENT:material", &["harm:CSAM"]),
            ("CYBERTIP/INCIDENT:trafficking", &["harm:TRAFFICKING"]),
            ("CYBERTIP/INCIDENT:misleading-domain", &[]),
            ("DSA/KEYWORD:GROOMING_ENTICEMENT_MINORS", &["harm:GROOMING"]),
            ("DSA/KEYWORD:CSAM_DEEPFAKE", &["harm:CSAM", "origin:AI_ALTERED"]),
            ("DSA/KEYWORD:HUMAN_TRAFFICKING", &[]),
            ("ICCS/2015:030221", &["harm:CSAM"]),
            ("ICCS/2015:030229", &[]),
            ("CHILDLIGHT:extortion", &["harm:SEXUAL_EXTORTION"]),
            ("CHILDLIGHT:exploitation", &[]),
            // What a case system says of an item is no facet of a list's entry.
            ("DSA/SOURCE:TRUSTED_FLAGGER", &[]),
        ] {
            assert_eq!(of(category), facets, "{category}");
        }
    }

    #[test]
    fn what_a_case_system_says_has_its_rows() {
        for (category, target) in [
            ("DSA/SOURCE:TRUSTED_FLAGGER", "source:TRUSTED_FLAGGER"),
            ("DSA/SOURCE:VOLUNTARY", "source:PROACTIVE"),
            ("DSA/SOURCE:ARTICLE_16", "source:PUBLIC"),
            ("CAC/HOTLINE:false-positive", "outcome:FALSE_POSITIVE"),
            ("CAC/HOTLINE:forwarded", "outcome:REFERRED"),
        ] {
            let found = crosswalk(&category.parse().unwrap());
            assert_eq!(found.iter().map(|row| format!("{:?}", row.target)).collect::<Vec<_>>(), [target]);
        }
    }

    #[test]
    fn several_codes_are_published_under_the_one_that_they_share() {
        let common = |texts: &[&str]| -> Option<String> {
            let codes: Vec<Code> = texts.iter().map(|text| text.parse().unwrap()).collect();
            common_code(&codes).map(|code| format!("{code:?}"))
        };
        assert_eq!(common(&["severity:SEV_A", "severity:SEV_B"]).as_deref(), Some("severity:SEV_AB"));
        assert_eq!(common(&["age_band:Y3T6", "age_band:Y0T2"]).as_deref(), Some("age_band:Y0T13"));
        assert_eq!(common(&["ref_area:NL", "ref_area:PL"]).as_deref(), Some("ref_area:150"));
        assert_eq!(common(&["severity:SEV_C"]).as_deref(), Some("severity:SEV_C"));
        assert_eq!(common(&["origin:AI_FULL", "origin:AI_ALTERED"]).as_deref(), Some("origin:_U"));
        assert_eq!(common(&["opinion:POSITIVE", "opinion:NEGATIVE"]), None);
        assert_eq!(common(&["severity:SEV_A", "origin:DRAWN"]), None);
        assert_eq!(common(&[]), None);
    }

    #[test]
    fn a_category_has_one_spelling() {
        for text in ["NCMEC:A1", "VICS/US:1", "IWF:0-2", "a.b_c-d/E:9"] {
            assert_eq!(text.parse::<Category>().unwrap().to_string(), text);
        }
        let long = "x".repeat(Category::MAX_PART);
        assert!(Category::new(&long, &long, &long).is_ok());
        assert_eq!(Category::new("X", &format!("{long}x"), "1"), Err(CategoryError::Part("profile")));
        for (text, part) in
            [(":1", "scheme"), ("X:", "code"), ("X/:1", "profile"), ("X:1:2", "code"), ("X/Y/Z:1", "profile")]
        {
            assert_eq!(text.parse::<Category>(), Err(CategoryError::Part(part)), "{text}");
        }
        for bad in ["a b", "ä", "a\n", "*", "a,b"] {
            assert_eq!(Category::new("X", "", bad), Err(CategoryError::Part("code")), "{bad:?}");
        }
        assert_eq!("NCMEC".parse::<Category>(), Err(CategoryError::Form));
        assert_eq!(Dimension::named(Category::PREFIX), None, "labels of the two kinds are told apart by it");
    }
}
