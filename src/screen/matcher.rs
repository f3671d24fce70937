//! Fingerprints and bare hashes against all lists of a home.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::civil::Date;

use super::found::{Answer, Found, Given};
use super::lists::Lists;
use super::question::{Looked, Questions};
use super::scopes::Scopes;
use super::standing::Suppressed;
use super::videos::{Listed, VideoSearch};
use super::{Searched, Selection, Verdict, VideoBounds};
use crate::digest::{
    Classic, Fidelity, Fingerprint, Pdq, Perceptual, Quality, Signal, SignalKind, TimedFrame, Transform,
};
use crate::hashset::{Bounds, Forbidden, SetError, SetInfo, SetName};
use crate::home::{Clock, Home, HomeError};
use crate::index::{DescribeError, EntryRef, Explained, Hit, IndexError, Scope};
use crate::kernel::Distance;
use crate::media::Gap;

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
    /// What the ward itself says of sets and entries could not be read or written.
    #[error(transparent)]
    Local(#[from] SetError),
    /// What a writing process says of sets and entries cannot be used.
    #[error("index/standing.json: {0}")]
    Standing(&'static str),
    /// Nobody has said yet what a list that is new is to be used for.
    #[error(
        "index/standing.json does not know all lists of the index; one `innerward serve` that may write has to run on this \
         home, and keeps it"
    )]
    Behind,
    /// What is newest could not be opened a moment ago, for this reason, and was not tried again since.
    #[error("{0}")]
    Stale(String),
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

/// A snapshot of all lists: later imports and decisions do not change it. Its own flood guard does.
pub struct Matcher {
    pub(super) lists: Arc<Lists>,
    pub(super) scopes: Scopes,
    /// The entries that are asked for, by set; counted when somebody asks.
    searched: OnceLock<BTreeMap<String, u64>>,
    /// What looking up a PDQ hash is expected to cost; worked out when somebody asks.
    cost: OnceLock<u64>,
    /// Entries whose list states a low quality answer to what is near, too.
    low_quality: bool,
    /// How much of two videos must be alike, and which frames the listed ones have.
    video_bounds: VideoBounds,
    listed: Arc<Listed>,
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
        let matcher = Self::of(Arc::new(Lists::open(home, today)?), &bounds.into(), selection)?;
        matcher.count_searched()?;
        if matcher.filter().is_some_and(|filter| filter.searched == 0) {
            return Err(MatchError::NothingSelected { selection: selection.clone() });
        }
        Ok(matcher)
    }

    /// Asks `lists` within `bounds` for what `selection` names of them.
    pub(super) fn of(lists: Arc<Lists>, bounds: &Bounds, selection: &Selection) -> Result<Self, MatchError> {
        if lists.sets.is_empty() {
            return Err(MatchError::NoLists);
        }
        let scopes = Scopes::new(&lists, bounds, selection)?;
        let low_quality = lists.low_quality;
        let (video_bounds, listed) = (VideoBounds::default(), Arc::default());
        let (searched, cost) = (OnceLock::new(), OnceLock::new());
        Ok(Self { lists, scopes, searched, cost, low_quality, video_bounds, listed })
    }

    /// The same lists, asked within other bounds, or for another part of them; takes no longer than a query, but where a
    /// selection by labels is asked for the first time, which goes through the labels of all sets. The flood guard is one and
    /// the same.
    ///
    /// # Errors
    /// [`MatchError::NoSuchSet`], [`MatchError::Forbidden`], and [`MatchError::NothingSelected`] if no entry is left.
    pub fn asking(&self, bounds: &Bounds, selection: &Selection) -> Result<Self, MatchError> {
        let asking = Self {
            scopes: Scopes::new(&self.lists, bounds, selection)?,
            lists: self.lists.clone(),
            searched: OnceLock::new(),
            cost: OnceLock::new(),
            low_quality: self.low_quality,
            video_bounds: self.video_bounds,
            listed: self.listed.clone(),
        };
        // An answer of nothing would read as one that nothing was found.
        if !selection.is_empty() && !asking.selects_something()? {
            return Err(MatchError::NothingSelected { selection: selection.clone() });
        }
        Ok(asking)
    }

    fn selects_something(&self) -> Result<bool, IndexError> {
        let (index, equal) = (&self.lists.index, &self.scopes.equal);
        for set in index.sets() {
            if index.count(&set.name, equal)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What looking up one hash of `kind` is expected to cost, in codes that a scan compares in the same time (some
    /// nanoseconds each), if codes are random: nothing for a digest. Wide bounds cost much more than narrow ones, and long
    /// lists more than short ones.
    #[must_use]
    pub fn expected_cost(&self, kind: SignalKind) -> u64 {
        let of = |scope: &Scope| self.lists.index.expected_cost(kind, scope);
        match kind {
            SignalKind::Pdq => *self.cost.get_or_init(|| of(&self.scopes.scope)),
            SignalKind::Classic(classic) => self.scopes.classic_scopes.get(&classic).map_or(0, of),
            _ => 0,
        }
    }

    /// The same, for which entries whose list states a [low](Quality::USABLE) quality answer to what is near, too, and not
    /// only to an equal hash.
    #[must_use]
    pub fn with_low_quality(self) -> Self {
        Self { low_quality: true, ..self }
    }

    /// The number of the manifest that is searched.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.lists.index.generation()
    }

    /// The same, for which so much of two videos must be alike.
    #[must_use]
    pub fn with_video_bounds(self, video_bounds: VideoBounds) -> Self {
        Self { video_bounds, ..self }
    }

    /// The classic kinds that the lists have: a fingerprint for [`Matcher::verdict`] needs no others.
    #[must_use]
    pub fn classic_kinds(&self) -> &[Classic] {
        &self.scopes.classic_kinds
    }

    /// The sets of the home; of those that are not selected no entry is [searched](Matcher::searched_entries).
    #[must_use]
    pub fn sets(&self) -> &[SetInfo] {
        &self.lists.sets
    }

    /// The entries of one of [`Matcher::sets`] that are matched against: those that are selected and not withdrawn.
    #[must_use]
    pub fn searched_entries(&self, set: &SetInfo) -> u64 {
        self.count_searched().map_or(0, |searched| searched.get(set.name.as_str()).copied().unwrap_or(0))
    }

    /// What part of the lists is searched; `None` if it is all of them.
    #[must_use]
    pub fn filter(&self) -> Option<Searched> {
        let searched = || self.count_searched().map_or(0, |searched| searched.values().sum());
        Searched::new(&self.scopes.selection, &self.lists.index, searched)
    }

    fn count_searched(&self) -> Result<&BTreeMap<String, u64>, IndexError> {
        if let Some(searched) = self.searched.get() {
            return Ok(searched);
        }
        let (index, equal) = (&self.lists.index, &self.scopes.equal);
        let count = |set: &crate::index::SetInfo| Ok((set.name.clone(), index.count(&set.name, equal)?));
        let searched = index.sets().iter().map(count).collect::<Result<_, IndexError>>()?;
        Ok(self.searched.get_or_init(|| searched))
    }

    /// The sets that would be searched if their agreements allowed it; nothing of them is.
    #[must_use]
    pub fn forbidden(&self) -> &[Forbidden] {
        &self.scopes.forbidden
    }

    /// How near an entry of one of [`Matcher::sets`] must be, in bits by kind of hash; none where only equal ones count.
    pub(super) fn bounds_in_force(&self, set: &SetInfo) -> BTreeMap<String, u16> {
        let classic = self.scopes.classic_scopes.iter().map(|(kind, scope)| (kind.to_string(), scope));
        let all = std::iter::once(("pdq".to_owned(), &self.scopes.scope)).chain(classic);
        all.filter_map(|(kind, scope)| Some((kind, scope.bound(set.name.as_str())?.bits()))).collect()
    }

    /// Whether entries of low quality answer to what is near, and how much of two videos must be alike.
    pub(super) const fn terms(&self) -> (bool, VideoBounds) {
        (self.low_quality, self.video_bounds)
    }

    /// The kinds of hash that one of [`Matcher::sets`] has.
    #[must_use]
    pub fn kinds(&self, set: &SetInfo) -> BTreeSet<SignalKind> {
        self.lists.index.kinds(set.name.as_str())
    }

    /// True if what one of [`Matcher::sets`] matches may be counted.
    #[must_use]
    pub fn is_counted(&self, set: &SetInfo) -> bool {
        self.lists.standings.is_counted(set)
    }

    /// The verdict on an item: every digest, of every usable form PDQ in eight orientations and the classic hashes
    /// as it lies, and of a video its usable frames as they lie. By a kind that the fingerprint was made without nothing is compared: ask for all of
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
            if let Some(video) = &fingerprint.video {
                questions.video(item, video.timed());
            }
        }
        let gaps = distinct.iter().map(|fingerprint| fingerprint.gap.clone()).collect();
        let verdicts = self.answer(&questions, gaps)?;
        Ok(places.into_iter().map(|place| verdicts[place].clone()).collect())
    }

    /// The verdicts on items that were not hashed at [`Fidelity::Reference`], in their order; `None` where only the reference
    /// can tell: where an entry is near, or nearly, or where the picture may be too plain.
    ///
    /// Uses the current rayon pool: many together cost less.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn first_verdicts(&self, fingerprints: &[&Fingerprint]) -> Result<Vec<Option<Verdict>>, MatchError> {
        let mut is_clear: Vec<bool> =
            fingerprints.iter().map(|known| is_sure_to_be_no_plain(known)).collect();
        for fidelity in [Fidelity::Fast, Fidelity::Luma] {
            let asked = fingerprints.iter().enumerate().filter(|(_, known)| known.fidelity == fidelity);
            let forms = asked.flat_map(|(item, known)| known.forms.iter().map(move |form| (item, form)));
            let turned = forms.filter(|(item, _)| is_clear[*item]);
            let turned = turned.flat_map(|(item, form)| form.hash.dihedral.map(|turned| (item, turned)));
            let (items, hashes): (Vec<usize>, Vec<Pdq>) = turned.unzip();
            let near = self.lists.index.near_many(&hashes, &self.scopes.scope.widened(fidelity.band()), 1)?;
            for (item, _) in items.iter().zip(near).filter(|(_, near)| !near.hits.is_empty()) {
                is_clear[*item] = false;
            }
        }
        let clear: Vec<&Fingerprint> = fingerprints
            .iter()
            .zip(&is_clear)
            .filter(|(_, is_clear)| **is_clear)
            .map(|(known, _)| *known)
            .collect();
        let mut questions = Questions::default();
        for (item, known) in clear.iter().enumerate() {
            known.digests.signals().into_iter().for_each(|digest| questions.equal(item, digest));
        }
        let gaps = clear.iter().map(|known| known.gap.clone()).collect();
        let mut verdicts = self.answer(&questions, gaps)?.into_iter();
        Ok(is_clear.into_iter().map(|is_clear| if is_clear { verdicts.next() } else { None }).collect())
    }

    /// The verdict on an item that could not be read at all.
    #[must_use]
    pub fn unreadable(cause: String) -> Verdict {
        Verdict::conclude(Vec::new(), false, Some(Gap::Unreadable(cause)))
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
        let mut gaps = vec![None; items.len()];
        for (signal, place) in &items {
            gaps[*place] = gap_of(signal);
        }
        let verdicts = self.answer(&questions, gaps)?;
        Ok(places.into_iter().map(|place| verdicts[place].clone()).collect())
    }

    /// The verdict on each of some videos of which nothing but frames is known, in their order.
    ///
    /// Uses the current rayon pool.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn look_up_videos(&self, videos: &[Vec<TimedFrame>]) -> Result<Vec<Verdict>, MatchError> {
        let mut questions = Questions::default();
        let gap = |frames: &Vec<TimedFrame>| {
            let best = frames.iter().map(|timed| timed.frame.quality).max();
            best.filter(|best| *best < Quality::USABLE).map(|best| Gap::LowQuality(best.percent()))
        };
        let gaps = videos.iter().map(gap).collect();
        for (item, frames) in videos.iter().enumerate() {
            questions.video(item, frames.iter().copied());
        }
        self.answer(&questions, gaps)
    }

    /// How the lists are searched for what is near a bare hash; nothing for a digest, which is looked up.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn explain(&self, signal: &Signal) -> Result<Vec<Explained>, MatchError> {
        match signal {
            Signal::Pdq(hash) => Ok(self.lists.index.explain(hash, &self.scopes.scope)?),
            Signal::Classic(code) => match self.scopes.classic_scopes.get(&code.kind()) {
                Some(scope) => Ok(self.lists.index.explain(code, scope)?),
                None => Ok(Vec::new()),
            },
            _ => Ok(Vec::new()),
        }
    }

    /// The verdict on each item, of which there are as many as of `gaps`.
    fn answer(&self, questions: &Questions, gaps: Vec<Option<Gap>>) -> Result<Vec<Verdict>, MatchError> {
        let suppressed = self.suppressed(questions, gaps.len())?;
        // What is asked together comes from several threads; one item's from any of them.
        let found: Vec<_> = gaps.iter().map(|_| Mutex::new(Found::default())).collect();
        let of = |item: usize| found[item].lock().unwrap_or_else(PoisonError::into_inner);
        self.ask(questions, &suppressed, |item, given| of(item).add(&given))?;
        let cut: Vec<bool> = (0..gaps.len()).map(|item| of(item).close()).collect();
        if cut.contains(&true) {
            // Of an entry that is kept, lines may have been passed over while it was not.
            let again = questions.of(|item| cut[item]);
            self.ask(&again, &suppressed, |item, given| of(item).complete(&given))?;
        }
        let verdict = |(found, gap): (Mutex<Found<'_>>, _)| {
            found.into_inner().unwrap_or_else(PoisonError::into_inner).into_verdict(gap)
        };
        Ok(found.into_iter().zip(gaps).map(verdict).collect())
    }

    /// Of each of so many items the sets whose matches do not count, since the item is on a list of harmless files that
    /// overrules them; nothing at all if no set overrules another. An MD5 overrules nothing: it can be forged.
    fn suppressed(&self, questions: &Questions, items: usize) -> Result<Vec<Suppressed<'_>>, IndexError> {
        let Some(scope) = &self.scopes.suppressing else { return Ok(Vec::new()) };
        let mut suppressed = vec![Suppressed::new(); items];
        let firm = questions.equal.iter().filter(|(_, digest)| digest.kind() != SignalKind::Md5);
        let (places, digests): (Vec<usize>, Vec<Signal>) = firm.copied().unzip();
        self.lists.index.each_exact_many_in(&digests, scope, |number, _, entry| {
            for (set, by) in self.lists.standings.suppressed_by(entry.set()) {
                let first = suppressed[places[number]].entry(set).or_insert(by);
                *first = (*first).min(by); // of several, always the same
            }
        })?;
        Ok(suppressed)
    }

    /// Gives `take` every line of the lists that answers one of `questions`, with the number of its item.
    fn ask<'a>(
        &'a self,
        questions: &Questions,
        suppressed: &[Suppressed<'a>],
        take: impl Fn(usize, Given<'a>) + Sync,
    ) -> Result<(), IndexError> {
        let quarantined = self.lists.standings.quarantined();
        let give = |item: usize, answer: Answer<'a>| {
            let standing = self.lists.standings.of(&answer.entry, suppressed.get(item), &quarantined);
            take(item, Given { answer, standing });
        };
        let mut items: BTreeMap<Signal, Vec<usize>> = BTreeMap::new();
        questions.equal.iter().for_each(|(item, digest)| items.entry(*digest).or_default().push(*item));
        let (digests, items): (Vec<Signal>, Vec<Vec<usize>>) = items.into_iter().unzip();
        self.lists.index.each_exact_many_in(&digests, &self.scopes.equal, |number, hit, entry| {
            let (signal, distance, max_distance) =
                (digests[number].kind().into(), hit.distance, Distance::ZERO);
            let (transform, form, video) = (None, None, None);
            for item in &items[number] {
                give(*item, Answer { entry, signal, distance, max_distance, transform, form, video });
            }
        })?;
        self.ask_near(&questions.near, &self.scopes.scope, give)?;
        for (kind, codes) in &questions.classics {
            // A kind without a scope is in no list.
            let Some(scope) = self.scopes.classic_scopes.get(kind) else { continue };
            self.ask_near(codes, scope, give)?;
        }
        let videos = VideoSearch {
            index: &self.lists.index,
            scope: &self.scopes.scope,
            listed: &self.listed,
            bounds: self.video_bounds,
            low_quality: self.low_quality,
        };
        if !questions.frames.is_empty() {
            videos.ask(questions, give)?;
        }
        Ok(())
    }

    fn ask_near<'a, Q: Perceptual + Copy + Sync>(
        &'a self,
        looked: &[Looked<Q>],
        scope: &Scope,
        give: impl Fn(usize, Answer<'a>) + Sync,
    ) -> Result<(), IndexError> {
        let hashes: Vec<Q> = looked.iter().map(|looked| looked.hash).collect();
        self.lists.index.each_near_many(&hashes, scope, |number, hit, entry| {
            if let Some(answer) = self.near_answer(&looked[number], scope, hit, entry) {
                give(looked[number].item, answer);
            }
        })?;
        Ok(())
    }

    /// The answer that a hit gives to the question `looked`; `None` if it is near by chance alone.
    pub(super) fn near_answer<'a, Q: Perceptual>(
        &self,
        looked: &Looked<Q>,
        scope: &Scope,
        hit: Hit,
        entry: EntryRef<'a>,
    ) -> Option<Answer<'a>> {
        // What is near a hash with little structure is near by chance.
        let is_plain = hit.quality.is_some_and(|quality| quality < Quality::USABLE);
        if is_plain && hit.distance > Distance::ZERO && !self.low_quality {
            return None;
        }
        // A set that is searched has a bound.
        let max_distance = scope.bound(entry.set()).unwrap_or(hit.distance);
        let (signal, distance) = (looked.hash.signal_kind().into(), hit.distance);
        let (transform, form, video) = (Some(looked.transform), looked.form, None);
        Some(Answer { entry, signal, distance, max_distance, transform, form, video })
    }
}

/// True if every form has enough structure, however far the quality of a quick look may be off.
fn is_sure_to_be_no_plain(known: &Fingerprint) -> bool {
    let enough = Quality::USABLE.percent() + known.fidelity.quality_band();
    known.fidelity != Fidelity::Reference
        && known.forms.iter().all(|form| form.hash.quality.percent() >= enough)
}

/// Why a bare hash says nothing of a picture: it is what many hashers make of one without content, and no list has it.
pub(super) fn gap_of(signal: &Signal) -> Option<Gap> {
    matches!(signal, Signal::Pdq(hash) if hash.is_blank()).then_some(Gap::LowQuality(0))
}
