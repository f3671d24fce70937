//! How values are written, as patterns for the description: each follows from what the program itself knows.

use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::super::Ask;
pub(in crate::serve) use super::answers::one_of;
use crate::digest::SignalKind;
use crate::hashset::Role;
use crate::vocabulary::{Code, Dimension};

pub(in crate::serve) fn text(pattern: &str, example: &str) -> Object {
    let pattern = Some(format!("^{pattern}$"));
    ObjectBuilder::new().schema_type(Type::String).pattern(pattern).examples([example]).build()
}

pub(in crate::serve) fn any_of(words: impl IntoIterator<Item = String>) -> String {
    format!("({})", words.into_iter().collect::<Vec<_>>().join("|"))
}

pub(in crate::serve) fn with_commas(one: &str) -> String {
    format!("{one}(,{one})*")
}

/// A hash: `kind:hex`; of the classic family none whose bits are all the same.
pub(super) fn hash() -> Object {
    let kind = |kind: SignalKind| {
        let (digits, plain) = (2 * kind.len_bytes(), matches!(kind, SignalKind::Classic(_)));
        let no_plain = if plain { "(?!0+$|[fF]+$)" } else { "" };
        format!("{kind}:{no_plain}[0-9a-fA-F]{{{digits}}}")
    };
    let example = "pdq:f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
    text(&any_of(SignalKind::ALL.map(kind)), example)
}

/// Bits, or `KIND=BITS`: for PDQ first, and then for one classic kind. Several are taken, each kind once.
pub(in crate::serve) fn max_distance() -> Object {
    let bits = |width: u32| any_of((0..=width.min(Ask::MOST_BITS.into())).map(|bits| bits.to_string()));
    let classic = SignalKind::ALL.into_iter().filter_map(|kind| match kind {
        SignalKind::Classic(kind) => Some(format!("{kind}={}", bits(kind.width_bits()))),
        _ => None,
    });
    let (pdq, classic) = (format!("(pdq=)?{}", bits(256)), any_of(classic));
    text(&format!("({pdq}(,{classic})?|{classic})"), "24,gradient8=4")
}

const SET: &str = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
const ROLES: [Role; 3] = [Role::Match, Role::Ignore, Role::Watch];

/// The name of a set.
pub(in crate::serve) fn set() -> Object {
    text(SET, "DEMO")
}

/// Names of sets.
pub(in crate::serve) fn sets() -> Object {
    text(&with_commas(SET), "DEMO")
}

pub(in crate::serve) fn role() -> Object {
    one_of(ROLES.map(Role::as_str))
}

pub(super) fn roles() -> Object {
    text(&with_commas(&any_of(ROLES.map(|role| role.as_str().to_owned()))), "match")
}

/// Labels: `DIMENSION:CODE`.
pub(super) fn labels() -> Object {
    let code = |code: Code| code.as_str().to_owned();
    let dimension = |dimension: &Dimension| format!("{dimension}:{}", any_of(dimension.codes().map(code)));
    text(&with_commas(&any_of(Dimension::FACETS.iter().map(dimension))), "severity:SEV_A")
}

pub(super) fn channel() -> Object {
    one_of(Dimension::Channel.codes().map(Code::as_str))
}

/// A country, or `CC:ROLE`.
pub(super) fn region() -> Object {
    let is_country = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let countries = Dimension::Area.codes().map(Code::as_str).filter(|text| is_country(text));
    let roles = Dimension::AreaRole.codes().map(|role| role.as_str().to_owned());
    let pattern = format!("{}(:{})?", any_of(countries.map(str::to_owned)), any_of(roles));
    text(&pattern, "NL")
}
