//! How far the lists are searched, and which part of them.

use std::collections::{BTreeMap, BTreeSet};

use super::lists::Lists;
use super::{MatchError, Selection};
use crate::digest::{Classic, SignalKind};
use crate::hashset::{Bounds, Forbidden, Role, SetInfo};
use crate::index::Scope;
use crate::kernel::Distance;

/// What is asked of some lists, worked out for each kind of hash.
pub(super) struct Scopes {
    pub(super) selection: Selection,
    /// The sets that are not searched because their agreements do not allow it.
    pub(super) forbidden: Vec<Forbidden>,
    /// Which entries may answer by a digest.
    pub(super) equal: Scope,
    /// Those of them that overrule other sets; `None` if none does.
    pub(super) suppressing: Option<Scope>,
    /// How near an entry of each set must be, by PDQ.
    pub(super) scope: Scope,
    /// The same by each classic kind that a list has which is searched.
    pub(super) classic_scopes: BTreeMap<Classic, Scope>,
    pub(super) classic_kinds: Vec<Classic>,
}

impl Scopes {
    /// Of `lists` what `selection` names, within what `bounds` names of all sets.
    pub(super) fn new(lists: &Lists, bounds: &Bounds, selection: &Selection) -> Result<Self, MatchError> {
        let Lists { index, sets, standings, .. } = lists;
        let (asked, forbidden) = selection.allowed(index, sets, lists.today)?;
        let select = |scope: Scope| scope.only_sets(asked.iter().copied()).labelled(selection.label_filter());
        let equal = select(Scope::within(Distance::ZERO));
        // What looks like a harmless file need not be harmless: only a digest says so.
        let is_near =
            |name: &str| sets.iter().all(|set| set.name.as_str() != name || set.role != Role::Ignore);
        let kinds: BTreeSet<_> =
            asked.iter().filter(|name| is_near(name)).flat_map(|name| index.kinds(name)).collect();
        let classic_kinds: Vec<Classic> = kinds
            .into_iter()
            .filter_map(|kind| match kind {
                SignalKind::Classic(kind) => Some(kind),
                _ => None,
            })
            .collect();
        let scope = select(scope_of(SignalKind::Pdq, sets, bounds));
        let of_kind = |kind: &Classic| (*kind, select(scope_of(SignalKind::Classic(*kind), sets, bounds)));
        let classic_scopes = classic_kinds.iter().map(of_kind).collect();
        let overruling: Vec<&str> = standings.suppressing().filter(|name| asked.contains(name)).collect();
        let suppressing = (!overruling.is_empty()).then(|| equal.clone().only_sets(overruling));
        let selection = selection.clone();
        Ok(Self { selection, forbidden, equal, suppressing, scope, classic_scopes, classic_kinds })
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
