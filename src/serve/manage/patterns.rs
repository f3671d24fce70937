//! How values of these paths are written, as patterns for the description: each follows from what the program itself knows.

use utoipa::openapi::Array;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, Object, ObjectBuilder, Schema, Type};

use super::super::api::patterns::{any_of, one_of, text, with_commas};
pub(super) use super::super::api::patterns::{max_distance, role, set, sets};
use crate::digest::{Classic, SignalKind};
use crate::hashset::{Decision, EntryKey, ExportForm, ListForm, Sets, Use, Word};
use crate::tally::{Cell, Finding};
use crate::vocabulary::{Code, Dimension, Indicator, Period};

/// What has no control character.
const PRINTABLE: &str = r"[^\u0000-\u001f\u007f-\u009f]";

fn list_of(one: Object) -> ArrayBuilder {
    ArrayBuilder::new().items(one)
}

fn owned<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    any_of(words.into_iter().map(str::to_owned))
}

/// The key of an entry, or a hash as `kind:hex`.
pub(super) fn entry() -> Object {
    text(&format!("{PRINTABLE}{{1,{}}}", EntryKey::MAX_LEN), "4ea819df38348056")
}

pub(super) fn entries() -> Array {
    list_of(entry()).min_items(Some(1)).build()
}

pub(super) fn decision() -> Object {
    one_of(Decision::ALL.map(Decision::as_str))
}

/// Several decisions. Of each it is told by itself what is wrong with it, so any text is taken here.
pub(super) fn several_decisions() -> Array {
    let string = || ObjectBuilder::new().schema_type(Type::String).build();
    let said = ["set", "entry", "decision"];
    let one =
        said.into_iter().fold(ObjectBuilder::new(), |one, name| one.property(name, string()).required(name));
    let one =
        ["by", "reason"].into_iter().fold(one, |one, name| one.property(name, or_null::or_null(string())));
    let one = one.property("labels", list_of(string())).additional_properties(no_others());
    list_of(one.schema_type(Type::Object).build()).min_items(Some(1)).build()
}

/// A short label.
pub(super) fn word() -> Object {
    text(&format!("[A-Za-z0-9._-]{{1,{}}}", Word::MAX_LEN), "round-2")
}

/// Codes of dimensions, as `DIMENSION:CODE`.
pub(super) fn labels() -> Array {
    let of = |dimension: &Dimension| {
        let codes = dimension.codes().map(Code::as_str).filter(|code| Finding::is_label(code));
        format!("{dimension}:{}", owned(codes))
    };
    list_of(text(&any_of(Finding::LABELS.iter().map(of)), "severity:SEV_A")).build()
}

pub(super) fn export_form() -> Object {
    one_of(ExportForm::names().chain(["jsonl"]))
}

pub(super) fn export_status() -> Object {
    one_of(["active", "withdrawn", "all"])
}

/// Kinds of hashes, with commas.
pub(super) fn kinds() -> Object {
    text(&with_commas(&any_of(SignalKind::ALL.map(|kind| kind.to_string()))), "pdq,sha256")
}

pub(super) fn list_form() -> Object {
    let kinds = any_of(SignalKind::ALL.map(|kind| kind.to_string()));
    text(&format!("({}|(plain|state):{kinds})", owned(ListForm::names())), "plain:sha256")
}

pub(super) fn class() -> Object {
    one_of(Dimension::ListClass.codes().map(Code::as_str))
}

/// What people of the ward are told.
pub(super) fn note() -> Object {
    text(&format!("{PRINTABLE}{{0,{}}}", Sets::NOTE_LEN), "a partner")
}

/// Uses of a list, with commas; `none` for no use.
pub(super) fn uses() -> Object {
    text(&format!("(none|{})", with_commas(&owned(Use::ALL.map(Use::as_str)))), "match,derive")
}

pub(super) fn uses_list() -> Array {
    list_of(one_of(Use::ALL.map(Use::as_str))).build()
}

/// A day, or `none`.
pub(super) fn keep_until() -> Object {
    let day = "(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    text(&format!("(none|{day})"), "2027-12-31")
}

pub(super) fn sets_list() -> Array {
    list_of(set()).build()
}

fn no_others() -> Option<AdditionalProperties<Schema>> {
    Some(AdditionalProperties::FreeForm(false))
}

/// Bits by kind of hash.
pub(super) fn classic_distances() -> Object {
    let kinds = SignalKind::ALL.into_iter().filter_map(|kind| match kind {
        SignalKind::Classic(kind) => Some(kind),
        _ => None,
    });
    let bits = |kind: Classic| {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .maximum(Some(kind.width_bits()))
            .build()
    };
    kinds
        .fold(ObjectBuilder::new().schema_type(Type::Object), |object, kind| {
            object.property(kind.to_string(), bits(kind))
        })
        .additional_properties(no_others())
        .build()
}

/// A month, a quarter or a year.
pub(super) fn period() -> Object {
    let (first, last) = (Period::YEARS.start() / 10, Period::YEARS.end() / 10);
    let decades = any_of((first..=last).map(|decade| decade.to_string()));
    text(&format!("{decades}[0-9](-(0[1-9]|1[0-2])|-Q[1-4])?"), "2026-10")
}

/// Dimensions of counts, with commas.
pub(super) fn dimensions() -> Object {
    text(&with_commas(&owned(Cell::DIMENSIONS.map(Dimension::as_str))), "verdict,severity")
}

pub(super) fn indicator() -> Object {
    one_of(Indicator::ALL.map(Indicator::as_str))
}

/// The same where `null` says as much as nothing.
pub(super) mod or_null {
    use utoipa::openapi::schema::{OneOfBuilder, Schema};

    use super::{ObjectBuilder, Type};

    pub(super) fn or_null(one: impl Into<Schema>) -> Schema {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(one.into()).item(null).into()
    }

    macro_rules! each {
        ($($name:ident)*) => {
            $(pub(in crate::serve::manage) fn $name() -> Schema { or_null(super::$name()) })*
        };
    }

    each! { class keep_until note role sets_list uses_list word }
}
