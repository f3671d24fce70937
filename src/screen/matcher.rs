//! Fingerprints and bare hashes against all lists of a home.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;

use super::verdict::{Rank, most_severe};
use super::{Match, Searched, Selection, Verdict};
use crate::digest::{
    Classic, ClassicCode, Fidelity, Fingerprint, Pdq, Perceptual, Quality, Signal, SignalKind, Transform,
};
use crate::hashset::{Bounds, Forbidden, Labels, Role, SetInfo, SetName, Use};
use crate::home::{Clock, Home, HomeError};
use crate::index::{
    DescribeError, EntryRef, Explained, Index, IndexError, Key, Memory, Scope, open_described,
};
use crate::kernel::Distance;
use crate::media::{Form, Gap};
use crate::vocabulary::{Code, list_class};

/// What can go wrong with matching.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MatchError {
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The lists could not be opened.
    #[error(transparent)]
    Open(#[from] DescribeError),
    /// The configuration could not be read.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// No list was imported.
    #[error("no list to match against; import one with `innerward set import NAME FILE`")]
    NoLists,
    /// A selection names a set that there is not.
    #[error("there is no set called {name}; the sets are {}", there.join(", "))]
    NoSuchSet {
        /// The name.
        name: SetName,
        /// Those that there are.
        there: Vec<String>,
    },
    /// A set that was asked for by its name, or the only one that there is, may not be searched.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A selection leaves nothing to search.
    #[error(
        "not one entry of the lists is selected ({selection}), so nothing would be searched; select more"
    )]
    NothingSelected {
        /// What was asked for.
        selection: Selection,
    },
}

/// What a set makes of a match.
#[derive(Clone, Copy)]
struct Policy {
    harmless: bool,
    /// What it matches may be counted.
    counted: bool,
    list_class: Code,
}

/// A snapshot of all lists: later imports do not change it.
pub struct Matcher {
    index: Index,
    policies: BTreeMap<String, Policy>,
    /// The entries that are asked for, by set.
    searched: BTreeMap<String, u64>,
    filter: Option<Searched>,
    /// The sets that are not searched because their agreements do not allow it.
    forbidden: Vec<Forbidden>,
    /// The sets whose matches may be counted.
    counted: BTreeSet<String>,
    /// Which entries may answer by a digest.
    equal: Scope,
    /// How near an entry of each set must be, by PDQ.
    scope: Scope,
    /// The same by each classic kind that a list has which is searched.
    classic_scopes: BTreeMap<Classic, Scope>,
    classic_kinds: Vec<Classic>,
    sets: Vec<SetInfo>,
}

impl Matcher {
    /// Opens the lists of a home. What `bounds` names replaces the bound of every set.
    ///
    /// # Errors
    /// [`MatchError::NoLists`] if there are none, or what the index and the sets' table say.
    pub fn open(home: &Home, bounds: impl Into<Bounds>) -> Result<Self, MatchError> {
        Self::open_selected(home, bounds, &Selection::default())
    }

    /// As [`Matcher::open`], for matching against a part of the lists.
    ///
    /// Goes through the labels of all selected sets, if the selection is by label.
    ///
    /// # Errors
    /// [`MatchError::NoSuchSet`], [`MatchError::NothingSelected`], and those of [`Matcher::open`].
    pub fn open_selected(
        home: &Home,
        bounds: impl Into<Bounds>,
        selection: &Selection,
    ) -> Result<Self, MatchError> {
        Self::open_on(home, bounds, selection, Clock::system().today())
    }

    /// As [`Matcher::open_selected`], with what the agreements about the sets allow on `today`. A set that may not be
    /// searched is left out, and [said](Matcher::forbidden); asked for by its name it is an error.
    ///
    /// # Errors
    /// [`MatchError::Forbidden`], also if no set that is selected may be searched, and those of
    /// [`Matcher::open_selected`].
    pub fn open_on(
        home: &Home,
        bounds: impl Into<Bounds>,
        selection: &Selection,
        today: Date,
    ) -> Result<Self, MatchError> {
        let bounds: Bounds = bounds.into();
        let memory = if home.config()?.huge_pages { Memory::HugePages } else { Memory::Mapped };
        let (index, sets) = open_described(home, memory)?;
        if sets.is_empty() {
            return Err(MatchError::NoLists);
        }
        let policy = |set: &SetInfo| {
            let counted = set.allows(Use::Derive, today).is_ok();
            let policy = Policy { harmless: set.role == Role::Ignore, counted, list_class: set.list_class };
            (set.name.as_str().to_owned(), policy)
        };
        let policies: BTreeMap<_, _> = sets.iter().map(policy).collect();
        let counted =
            policies.iter().filter(|(_, policy)| policy.counted).map(|(name, _)| name.clone()).collect();
        let (asked, forbidden) = allowed(selection.sets_of(&index, &sets)?, &sets, selection, today)?;
        let select = |scope: Scope| scope.only_sets(asked.iter().copied()).labelled(selection.label_filter());
        let equal = select(Scope::within(Distance::ZERO));
        let count = |set: &crate::index::SetInfo| Ok((set.name.clone(), index.count(&set.name, &equal)?));
        let searched = index.sets().iter().map(count).collect::<Result<BTreeMap<_, _>, IndexError>>()?;
        let filter = Searched::new(selection, &index, searched.values().sum());
        if filter.as_ref().is_some_and(|filter| filter.searched == 0) {
            return Err(MatchError::NothingSelected { selection: selection.clone() });
        }
        // What looks like a harmless file need not be harmless: only a digest says so.
        let is_near = |name: &str| policies.get(name).is_none_or(|policy: &Policy| !policy.harmless);
        let kinds: BTreeSet<_> =
            asked.iter().filter(|name| is_near(name)).flat_map(|name| index.kinds(name)).collect();
        let classic_kinds: Vec<Classic> = kinds
            .into_iter()
            .filter_map(|kind| match kind {
                SignalKind::Classic(kind) => Some(kind),
                _ => None,
            })
            .collect();
        let scope = select(scope_of(SignalKind::Pdq, &sets, &bounds));
        let of_kind = |kind: &Classic| (*kind, select(scope_of(SignalKind::Classic(*kind), &sets, &bounds)));
        let classic_scopes = classic_kinds.iter().map(of_kind).collect();
        Ok(Self {
            index,
            policies,
            searched,
            filter,
            forbidden,
            counted,
            equal,
            scope,
            classic_scopes,
            classic_kinds,
            sets,
        })
    }

    /// The classic kinds that the lists have: a fingerprint for [`Matcher::verdict`] needs no others.
    #[must_use]
    pub fn classic_kinds(&self) -> &[Classic] {
        &self.classic_kinds
    }

    /// The sets of the home; of those that are not selected no entry is [searched](Matcher::searched_entries).
    #[must_use]
    pub fn sets(&self) -> &[SetInfo] {
        &self.sets
    }

    /// The entries of one of [`Matcher::sets`] that are matched against: those that are selected and not withdrawn.
    #[must_use]
    pub fn searched_entries(&self, set: &SetInfo) -> u64 {
        self.searched.get(set.name.as_str()).copied().unwrap_or(0)
    }

    /// What part of the lists is searched; `None` if it is all of them.
    #[must_use]
    pub const fn filter(&self) -> Option<&Searched> {
        self.filter.as_ref()
    }

    /// The sets that would be searched if their agreements allowed it; nothing of them is.
    #[must_use]
    pub fn forbidden(&self) -> &[Forbidden] {
        &self.forbidden
    }

    /// True if what one of [`Matcher::sets`] matches may be counted.
    #[must_use]
    pub fn is_counted(&self, set: &SetInfo) -> bool {
        self.counted.contains(set.name.as_str())
    }

    /// The verdict on an item: every digest, and of every usable form PDQ in eight orientations and the classic hashes
    /// as it lies. By a kind that the fingerprint was made without nothing is compared: ask for all of
    /// [`Matcher::classic_kinds`].
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn verdict(&self, fingerprint: &Fingerprint) -> Result<Verdict, MatchError> {
        Ok(self.verdicts(&[fingerprint])?.remove(0)) // there is one for each
    }

    /// [`Matcher::verdict`] of each of `fingerprints`, in their order: together they cost less, in a large list much less.
    ///
    /// Uses the current rayon pool.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn verdicts(&self, fingerprints: &[&Fingerprint]) -> Result<Vec<Verdict>, MatchError> {
        let mut questions = Questions::default();
        // The same file comes often in a report, and all that is known of it is the same.
        let mut first = BTreeMap::new();
        let mut distinct: Vec<&Fingerprint> = Vec::new();
        let mut places = Vec::with_capacity(fingerprints.len());
        for &fingerprint in fingerprints {
            let place = *first.entry(*fingerprint.digests.blake3.as_bytes()).or_insert(distinct.len());
            if distinct.get(place).is_some_and(|known| *known == fingerprint) {
                places.push(place);
            } else {
                places.push(distinct.len());
                distinct.push(fingerprint);
            }
        }
        for (item, fingerprint) in distinct.iter().enumerate() {
            fingerprint.digests.signals().into_iter().for_each(|digest| questions.equal(item, digest));
            for formed in fingerprint.usable_forms() {
                for (transform, hash) in Transform::ALL.into_iter().zip(formed.hash.dihedral) {
                    questions.near.push(Looked { item, transform, form: Some(formed.form), hash });
                }
            }
            for classic in fingerprint.usable_classics() {
                questions.classic(item, classic.code, Some(classic.form));
            }
        }
        let gaps = distinct.iter().map(|fingerprint| fingerprint.gap.clone()).collect();
        let verdicts = self.answer(&questions, gaps)?;
        Ok(places.into_iter().map(|place| verdicts[place].clone()).collect())
    }

    /// The verdict on an item that may not have been hashed at [`Fidelity::Reference`]; `None` if only the reference can
    /// tell: where an entry is near, or nearly, or where the picture may be too plain.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn first_verdict(&self, fingerprint: &Fingerprint) -> Result<Option<Verdict>, MatchError> {
        let fidelity = fingerprint.fidelity;
        if fidelity == Fidelity::Reference {
            return self.verdict(fingerprint).map(Some);
        }
        let enough = Quality::USABLE.percent() + fidelity.quality_band();
        let scope = self.scope.widened(fidelity.band());
        for form in &fingerprint.forms {
            if form.hash.quality.percent() < enough {
                return Ok(None);
            }
            let turned = self.index.near_many(&form.hash.dihedral, &scope, 1)?;
            if turned.iter().any(|near| !near.hits.is_empty()) {
                return Ok(None);
            }
        }
        let mut questions = Questions::default();
        fingerprint.digests.signals().into_iter().for_each(|digest| questions.equal(0, digest));
        Ok(self.answer(&questions, vec![fingerprint.gap.clone()])?.pop())
    }

    /// The verdict on an item that could not be read at all.
    #[must_use]
    pub fn unreadable(cause: String) -> Verdict {
        Verdict::conclude(Vec::new(), false, Some(Gap::Unreadable(cause)))
    }

    /// The verdict on a bare hash, as it is given.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn look_up(&self, signal: &Signal) -> Result<Verdict, MatchError> {
        Ok(self.look_up_many(std::slice::from_ref(signal))?.remove(0)) // there is one for each
    }

    /// [`Matcher::look_up`] of each of `signals`, in their order: together they cost less, in a large list much less, and
    /// equal ones cost as much as one.
    ///
    /// Uses the current rayon pool. Memory grows with the signals, by at most a hundred matches each.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn look_up_many(&self, signals: &[Signal]) -> Result<Vec<Verdict>, MatchError> {
        let (mut items, mut questions) = (BTreeMap::new(), Questions::default());
        let mut item_of = |signal: &Signal| {
            let next = items.len();
            *items.entry(*signal).or_insert_with(|| {
                match *signal {
                    Signal::Pdq(hash) => {
                        let transform = Transform::Original;
                        questions.near.push(Looked { item: next, transform, form: None, hash });
                    }
                    Signal::Classic(code) => questions.classic(next, code, None),
                    digest => questions.equal(next, digest),
                }
                next
            })
        };
        let places: Vec<usize> = signals.iter().map(&mut item_of).collect();
        let verdicts = self.answer(&questions, vec![None; items.len()])?;
        Ok(places.into_iter().map(|place| verdicts[place].clone()).collect())
    }

    /// How the lists are searched for what is near a bare hash; nothing for a digest, which is looked up.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn explain(&self, signal: &Signal) -> Result<Vec<Explained>, MatchError> {
        match signal {
            Signal::Pdq(hash) => Ok(self.index.explain(hash, &self.scope)?),
            Signal::Classic(code) => match self.classic_scopes.get(&code.kind()) {
                Some(scope) => Ok(self.index.explain(code, scope)?),
                None => Ok(Vec::new()),
            },
            _ => Ok(Vec::new()),
        }
    }

    /// The verdict on each item, of which there are as many as of `gaps`.
    fn answer(&self, questions: &Questions, gaps: Vec<Option<Gap>>) -> Result<Vec<Verdict>, MatchError> {
        // What is asked together comes from several threads; one item's from any of them.
        let found: Vec<_> = gaps.iter().map(|_| Mutex::new(Found::default())).collect();
        let of = |item: usize| found[item].lock().unwrap_or_else(PoisonError::into_inner);
        self.ask(questions, |item, id, given| of(item).add(id, given))?;
        let cut: Vec<bool> = (0..gaps.len()).map(|item| of(item).close()).collect();
        if cut.contains(&true) {
            // Of an entry that is kept, lines may have been passed over while it was not.
            let again = questions.of(|item| cut[item]);
            self.ask(&again, |item, id, given| of(item).complete(id, given))?;
        }
        let verdict = |(found, gap): (Mutex<Found<'_>>, _)| {
            let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
            let cut = found.parts.iter().any(|part| part.cut);
            Verdict::conclude(found.into_matches(), cut, gap)
        };
        Ok(found.into_iter().zip(gaps).map(verdict).collect())
    }

    /// Gives `take` every line of the lists that answers one of `questions`, with the number of its item.
    fn ask<'a>(
        &'a self,
        questions: &Questions,
        take: impl Fn(usize, Id<'a>, Given<'a>) + Sync,
    ) -> Result<(), IndexError> {
        // A set without a description is matched with the defaults: a list that was imported is never skipped.
        let missing = Policy { harmless: false, counted: true, list_class: list_class::UNKNOWN };
        let give = |item, entry: EntryRef<'a>, signal, distance, max_distance, transform, form| {
            let policy = *self.policies.get(entry.set()).unwrap_or(&missing);
            let severity = most_severe(entry.codes());
            let id = Id { set: entry.set(), entry: entry.key(), signal };
            take(
                item,
                id,
                Given { policy, distance, max_distance, transform, form, severity, labels: entry },
            );
        };
        let mut items: BTreeMap<Signal, Vec<usize>> = BTreeMap::new();
        questions.equal.iter().for_each(|(item, digest)| items.entry(*digest).or_default().push(*item));
        let (digests, items): (Vec<Signal>, Vec<Vec<usize>>) = items.into_iter().unzip();
        self.index.each_exact_many_in(&digests, &self.equal, |number, hit, entry| {
            for item in &items[number] {
                give(*item, entry, digests[number].kind(), hit.distance, Distance::ZERO, None, None);
            }
        })?;
        self.ask_near(&questions.near, &self.scope, give)?;
        for (kind, codes) in &questions.classics {
            // A kind without a scope is in no list.
            let Some(scope) = self.classic_scopes.get(kind) else { continue };
            self.ask_near(codes, scope, give)?;
        }
        Ok(())
    }

    fn ask_near<'a, Q: Perceptual + Copy + Sync>(
        &'a self,
        looked: &[Looked<Q>],
        scope: &Scope,
        give: impl Fn(usize, EntryRef<'a>, SignalKind, Distance, Distance, Option<Transform>, Option<Form>) + Sync,
    ) -> Result<(), IndexError> {
        let hashes: Vec<Q> = looked.iter().map(|looked| looked.hash).collect();
        self.index.each_near_many(&hashes, scope, |number, hit, entry| {
            let Looked { item, transform, form, hash } = &looked[number];
            // A set that is searched has a bound.
            let max = scope.bound(entry.set()).unwrap_or(hit.distance);
            give(*item, entry, hash.signal_kind(), hit.distance, max, Some(*transform), *form);
        })?;
        Ok(())
    }
}

/// Those of the sets called `asked` that may be searched on `today`, and why the others may not.
fn allowed<'a>(
    asked: Vec<&'a str>,
    sets: &[SetInfo],
    selection: &Selection,
    today: Date,
) -> Result<(Vec<&'a str>, Vec<Forbidden>), MatchError> {
    let mut forbidden = Vec::new();
    let mut allowed = Vec::new();
    for name in asked {
        let set = sets.iter().find(|set| set.name.as_str() == name);
        match set.map_or(Ok(()), |set| set.allows(Use::Match, today)) {
            Ok(()) => allowed.push(name),
            Err(why) if selection.sets.contains(&why.set) => return Err(why.into()),
            Err(why) => forbidden.push(why),
        }
    }
    match forbidden.first() {
        Some(why) if allowed.is_empty() => Err(why.clone().into()),
        _ => Ok((allowed, forbidden)),
    }
}

/// How near an entry of each set must be by hashes of `kind`: as `bounds` says for all, else as the set says, else as
/// the field does.
fn scope_of(kind: SignalKind, sets: &[SetInfo], bounds: &Bounds) -> Scope {
    let for_all = bounds.get(kind);
    let mut scope = Scope::within(for_all.unwrap_or(kind.default_distance()));
    for set in sets {
        let name = set.name.as_str();
        scope = match for_all.or(set.bounds().get(kind)) {
            _ if set.role == Role::Ignore => scope.without_set(name),
            Some(max) => scope.with_set(name, max),
            None => scope,
        };
    }
    scope
}

/// What is asked of the lists for many items, whose numbers stand with it: by kind, since like is asked together.
#[derive(Default)]
struct Questions {
    equal: Vec<(usize, Signal)>,
    near: Vec<Looked<Pdq>>,
    classics: BTreeMap<Classic, Vec<Looked<ClassicCode>>>,
}

/// A perceptual hash of an item.
#[derive(Clone, Copy)]
struct Looked<Q> {
    item: usize,
    transform: Transform,
    form: Option<Form>,
    hash: Q,
}

impl Questions {
    fn equal(&mut self, item: usize, digest: Signal) {
        self.equal.push((item, digest));
    }

    /// A classic hash is asked for as it lies.
    fn classic(&mut self, item: usize, hash: ClassicCode, form: Option<Form>) {
        let looked = Looked { item, transform: Transform::Original, form, hash };
        self.classics.entry(hash.kind()).or_default().push(looked);
    }

    /// Those for some of the items.
    fn of(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let classics = |(kind, codes): (&Classic, &Vec<Looked<_>>)| {
            (*kind, codes.iter().filter(|code| wanted(code.item)).copied().collect())
        };
        Self {
            equal: self.equal.iter().filter(|(item, _)| wanted(*item)).copied().collect(),
            near: self.near.iter().filter(|near| wanted(near.item)).copied().collect(),
            classics: self.classics.iter().map(classics).collect(),
        }
    }
}

/// An entry, by one kind of hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Id<'a> {
    set: &'a str,
    entry: Key<'a>,
    signal: SignalKind,
}

/// One line of a list that answers a question. What it says is borrowed from the index; nothing is copied to rank it.
struct Given<'a> {
    policy: Policy,
    distance: Distance,
    max_distance: Distance,
    transform: Option<Transform>,
    form: Option<Form>,
    severity: Code,
    labels: EntryRef<'a>,
}

/// An entry that is kept: its nearest form and orientation, and the labels of all its lines together.
struct Kept {
    policy: Policy,
    distance: Distance,
    max_distance: Distance,
    transform: Option<Transform>,
    form: Option<Form>,
    severity: Code,
    labels: Labels,
}

/// The strongest matches so far, each entry once for each kind of hash. Those to harmless sets are kept apart: they
/// come last in any order, and may still decide. So are those that may not be counted: what is counted must not hang on
/// how many of them there are.
#[derive(Default)]
struct Found<'a> {
    parts: [Strongest<'a>; 4],
}

impl<'a> Found<'a> {
    fn part(&mut self, policy: Policy) -> &mut Strongest<'a> {
        &mut self.parts[usize::from(policy.harmless) + 2 * usize::from(policy.counted)]
    }

    fn add(&mut self, id: Id<'a>, given: Given<'a>) {
        self.part(given.policy).add(id, &given);
    }

    /// After the last line: keeps no more than are listed. True if there were more.
    fn close(&mut self) -> bool {
        self.parts.iter_mut().for_each(Strongest::shrink);
        self.parts.iter().any(|part| part.cut)
    }

    /// Adds what `given` says of an entry that is kept, and nothing else.
    fn complete(&mut self, id: Id<'a>, given: Given<'a>) {
        if let Some(kept) = self.part(given.policy).kept.get_mut(&id) {
            kept.merge(&given);
        }
    }

    fn into_matches(self) -> Vec<Match> {
        let all = self.parts.into_iter().flat_map(|part| part.kept);
        all.map(|(id, kept)| Match {
            set: id.set.to_owned(),
            entry: id.entry.as_str().to_owned(),
            signal: id.signal,
            distance: kept.distance,
            max_distance: kept.max_distance,
            transform: kept.transform,
            form: kept.form,
            labels: kept.labels.as_slice().to_vec(),
            list_class: kept.policy.list_class,
            harmless: kept.policy.harmless,
            counted: kept.policy.counted,
        })
        .collect()
    }
}

/// Up to [`Verdict::LIMIT`] entries, those that come first in the order of verdicts, whatever the order of lines; twice
/// as many while it is at work.
#[derive(Default)]
struct Strongest<'a> {
    kept: BTreeMap<Id<'a>, Kept>,
    /// The last one kept when some were dropped: what comes after it need not be looked at.
    last: Option<Rank<'a>>,
    cut: bool,
}

impl<'a> Strongest<'a> {
    fn add(&mut self, id: Id<'a>, given: &Given<'a>) {
        let rank = rank(id, given.policy, given.distance, given.severity);
        if self.last.is_some_and(|last| last < rank) {
            return;
        }
        match self.kept.entry(id) {
            Slot::Vacant(slot) => {
                slot.insert(Kept::new(given));
            }
            Slot::Occupied(mut slot) => slot.get_mut().merge(given),
        }
        if self.kept.len() == 2 * Verdict::LIMIT {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.kept.len() <= Verdict::LIMIT {
            return;
        }
        let of = |(id, kept): (&Id<'a>, &Kept)| rank(*id, kept.policy, kept.distance, kept.severity);
        let mut ranks: Vec<Rank<'a>> = self.kept.iter().map(of).collect();
        let (_, last, _) = ranks.select_nth_unstable(Verdict::LIMIT - 1); // there are more than that
        let last = *last;
        self.kept.retain(|id, kept| of((id, kept)) <= last);
        (self.last, self.cut) = (Some(last), true);
    }
}

fn rank<'a>(id: Id<'a>, policy: Policy, distance: Distance, severity: Code) -> Rank<'a> {
    Rank::new(policy.harmless, id.signal, distance, severity, id.set, id.entry)
}

impl Kept {
    fn new(given: &Given<'_>) -> Self {
        let Given { policy, distance, max_distance, transform, form, severity, labels } = *given;
        Self { policy, distance, max_distance, transform, form, severity, labels: labels.labels() }
    }

    /// A list may say an entry twice with other labels: what holds of it is all of them together.
    fn merge(&mut self, given: &Given<'_>) {
        if (given.distance, given.form, given.transform) < (self.distance, self.form, self.transform) {
            (self.distance, self.form, self.transform) = (given.distance, given.form, given.transform);
        }
        self.severity = self.severity.min(given.severity);
        if given.labels.codes().any(|code| !self.labels.as_slice().contains(&code)) {
            self.labels = self.labels.as_slice().iter().copied().chain(given.labels.codes()).collect();
        }
    }
}
