//! `POST /v1/sets/{name}/import`: the body is a list in any form that is read here, packed or not.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Object, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::super::api::extract::{Json, MULTIPART, Query, media_type};
use super::super::api::openapi::Refusals;
use super::super::deeds::Doer;
use super::super::{Caller, Problem, ProblemCode, State};
use super::extract::{InSet, field, field_like};
use super::faults::{cause, of_map};
use super::patterns;
use super::policy::SetPolicy;
use super::spool::{Spool, Spools};
use crate::hashset::{
    BadLine, Bounds, ListForm, ListSignature, ReadOptions, ReadReport, SetInfo, SetName, TableMap,
};
use crate::index::{Brought, Changes, ImportOptions, Imported, Rehearsal, rehearse};

/// The header with the signature of a list, in base64.
const SIGNATURE: &str = "innerward-signature";

/// How a list is brought into a set.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportAsked {
    /// Add the list to what the set holds, in place of replacing that.
    add: bool,
    /// Form of the list where its content does not tell it: `innerward`, `tx`, `hashdeep`, `plain:pdq` …
    #[param(schema_with = patterns::list_form)]
    r#as: Option<String>,
    /// What the columns of a table are: a map in TOML.
    map: Option<String>,
    /// What the list is written in, where that is not UTF-8: `windows-1252` …
    encoding: Option<String>,
    /// Refuse the whole list at the first bad line.
    strict: bool,
    /// Percent of the entries that match which may go without `agreed`: 0 to 100. Default: 10, or the home's.
    #[param(minimum = 0, maximum = 100)]
    max_drop: Option<u8>,
    /// A person agreed to what is refused otherwise: that more goes, or that the set gets another key.
    agreed: bool,
    /// Import the list even if the set holds just that.
    anew: bool,
    /// Say what would change, and change nothing.
    dry_run: bool,
    /// The signature of the list: minisign's, or a bare ed25519 signature. Or in base64 as the header `Innerward-Signature`.
    signature: Option<String>,
    /// The key of whoever signs the list: the set takes no others from now on.
    key: Option<String>,
    /// As in the policy of a set.
    #[param(schema_with = patterns::role)]
    role: Option<String>,
    /// As in the policy of a set.
    #[param(schema_with = patterns::class)]
    class: Option<String>,
    /// As in the policy of a set, with `KIND=BITS` for classic kinds and commas between: `31,gradient8=4`.
    #[param(schema_with = patterns::max_distance)]
    max_distance: Option<String>,
    /// As in the policy of a set.
    #[param(schema_with = patterns::note)]
    source: Option<String>,
    /// As in the policy of a set.
    #[param(schema_with = patterns::note)]
    licence: Option<String>,
    /// As in the policy of a set, with commas; `none` for nothing.
    #[param(schema_with = patterns::uses)]
    allow: Option<String>,
    /// As in the policy of a set.
    #[param(schema_with = patterns::keep_until)]
    keep_until: Option<String>,
    /// As in the policy of a set, with commas; empty for none.
    #[param(schema_with = patterns::sets)]
    suppresses: Option<String>,
}

/// What came of a list, or would.
#[derive(Debug, Serialize)]
pub(super) struct ImportAnswer {
    #[serde(flatten)]
    ended: Ended,
    /// What was read; nothing of it if it was not, as the set holds it.
    #[serde(flatten)]
    read: Option<ListRead>,
    /// What came and went; nothing of it if that was not compared.
    #[serde(flatten)]
    changes: Option<ListChanges>,
}

/// How an import ended.
#[derive(Debug, Serialize, ToSchema)]
struct Ended {
    /// The set.
    #[schema(value_type = String)]
    set: SetName,
    /// True if this says what would change, and nothing has.
    dry_run: bool,
    /// True if the set holds just this list already, and was left as it is: then nothing was read or compared.
    unchanged: bool,
    /// Of a dry run: so much would go that an import needs `agreed`.
    needs_agreed: Option<bool>,
    /// The revision of the set as it is now; `null` of a dry run.
    revision: Option<u64>,
    /// The key with which its lists are signed.
    signed_by: Option<String>,
}

/// One object: what is said in any case, and what is said where something was read and compared.
impl PartialSchema for ImportAnswer {
    fn schema() -> RefOr<Schema> {
        let parts = [(Ended::schema(), true), (ListRead::schema(), false), (ListChanges::schema(), false)];
        let mut whole = Object::new();
        whole.description = Some("What came of a list, or would.".into());
        for (part, is_always_there) in parts {
            let RefOr::T(Schema::Object(part)) = part else { continue };
            whole.properties.extend(part.properties);
            if is_always_there {
                whole.required = part.required;
            }
        }
        whole.into()
    }
}

impl ToSchema for ImportAnswer {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ListRead::schemas(schemas);
        schemas.push((BadLineView::name().into_owned(), BadLineView::schema()));
    }
}

/// What was read of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListRead {
    /// The form in which it was read.
    form: String,
    /// Its lines or records.
    lines: u64,
    /// Entries of it.
    entries: u64,
    /// Repeats of earlier lines.
    duplicates: u64,
    /// Lines that could not be read, and were skipped.
    bad_lines: u64,
    /// The first hundred of them.
    bad: Vec<BadLineView>,
    /// Values of kinds that are not matched here.
    unsupported: BTreeMap<String, u64>,
    /// Tags outside the vocabulary.
    dropped_tags: u64,
    /// Entries with an unknown category, read as worth a look.
    unknown_categories: u64,
    /// Entries withdrawn earlier, which stay so.
    withdrawn: u64,
    /// Records replaced by later ones of the list.
    replaced: u64,
    /// Records older than what stands under their key.
    outdated: u64,
    /// Entries that the list takes back.
    withdrawals: u64,
    /// Fields that are not kept.
    dropped_fields: BTreeMap<String, u64>,
    /// Hashes that were not taken, by reason.
    refused: BTreeMap<String, u64>,
    /// Entries of which no hash was left.
    refused_entries: u64,
    /// Entries that contradict an earlier one of the list.
    conflicts: u64,
    /// Entries of an added list that the set had already.
    present: u64,
}

/// A line that was not read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BadLineView {
    /// Its number from 1; `byte N` or `row N` where a list has no lines.
    place: String,
    /// What is wrong with it.
    cause: String,
}

/// What a list changes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListChanges {
    /// Entries that matched before.
    before: u64,
    /// Keys that match since and did not before.
    new: u64,
    /// Keys that match before and since, and say something else; `null` if that was not compared.
    changed: Option<u64>,
    /// Entries that matched before and do not any more.
    gone: u64,
    /// Those of them that the list takes back.
    withdrawn_by_list: u64,
}

/// A field with a form of its own, of which the description can say no more than that it is text.
fn parsed<T: FromStr<Err: Display>>(name: &str, text: Option<&str>) -> Result<Option<T>, Problem> {
    text.map(str::parse).transpose().map_err(|error| cannot(name, &error))
}

fn cannot(name: &str, cause: &dyn Display) -> Problem {
    Problem::new(ProblemCode::Unprocessable, format!("`{name}`: {cause}"))
}

impl ImportAsked {
    fn policy(&self) -> Result<SetPolicy, Problem> {
        let words = |text: &String| text.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>();
        let some = |words: Vec<String>| words.into_iter().filter(|word| !word.is_empty()).collect();
        let allow = self.allow.as_ref().map(|text| if text == "none" { Vec::new() } else { words(text) });
        Ok(SetPolicy {
            role: self.role.clone(),
            class: self.class.clone(),
            source: self.source.clone(),
            licence: self.licence.clone(),
            allow,
            keep_until: self.keep_until.clone(),
            suppresses: self.suppresses.as_ref().map(words).map(some),
            ..SetPolicy::default()
        })
    }

    /// The list's own signature, of the query or else of the header.
    fn signature(&self, headers: &HeaderMap) -> Result<Option<ListSignature>, Problem> {
        let header = headers.get(SIGNATURE).map(axum::http::HeaderValue::as_bytes);
        let Some(bytes) = self.signature.as_deref().map(str::as_bytes).or(header) else { return Ok(None) };
        let read = ListSignature::of_bytes(bytes).or_else(|error| {
            let decoded = std::str::from_utf8(bytes).ok().and_then(|text| Base64::decode_vec(text).ok());
            decoded.map_or(Err(error), |decoded| ListSignature::of_bytes(&decoded))
        });
        read.map(Some).map_err(|error| cannot("signature", &error))
    }

    /// How it is read, beside what the home says of that.
    fn read_options(&self, home: ReadOptions) -> Result<ReadOptions, Problem> {
        let like = format!("the forms of a list are {}", ListForm::CHOICES);
        let map = |text: &str| match text.parse::<TableMap>() {
            Ok(map) => Ok(Arc::new(map)),
            Err(error) => Err(cannot("map", &of_map(&error))),
        };
        Ok(ReadOptions {
            form: self.r#as.as_deref().map(|text| field_like("as", text, &like)).transpose()?,
            map: self.map.as_deref().map(map).transpose()?,
            strict: self.strict,
            encoding: parsed("encoding", self.encoding.as_deref())?,
            may_be_empty: self.add,
            ..home
        })
    }
}

/// Makes a set consist of the list in the body, or adds it. All of it or nothing; entries withdrawn earlier stay withdrawn.
/// What is imported matches when this answers.
#[utoipa::path(post, path = "/v1/sets/{name}/import", tag = "sets",
    params(("name" = String, Path), ImportAsked,
        ("Innerward-Signature" = Option<String>, Header, description = "The signature of the list, in base64.")),
    request_body(content = String, content_type = "application/octet-stream", description = "The list, packed or not."),
    responses((status = 200, body = ImportAnswer), Refusals))]
pub(super) async fn import(
    Shared(state): Shared<State>,
    Extension(spools): Extension<Spools>,
    caller: Caller,
    InSet(name): InSet,
    Query(asked): Query<ImportAsked>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ImportAnswer>, Problem> {
    state.may_change()?;
    if media_type(&headers).eq_ignore_ascii_case(MULTIPART) {
        let detail = "the body is the list itself, and no form; send the file as it is";
        return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
    }
    // What is wrong with the request is told before gigabytes are sent.
    let (policy, signature) = (asked.policy()?, asked.signature(&headers)?);
    let (mut update, overruled) = (policy.update()?, policy.overruled()?);
    if let Some(text) = &asked.max_distance {
        let Bounds { pdq, classic } = field("max_distance", text)?;
        (update.max_distance, update.classic_distances) = (pdq, classic);
    }
    if asked.add && update.role.is_some() {
        let detail = "`role`: a set keeps its role when entries are added to it";
        return Err(Problem::new(ProblemCode::Unprocessable, detail));
    }
    if asked.max_drop.is_some_and(|percent| percent > 100) {
        return Err(Problem::unprocessable("`max_drop` is 0 to 100 percent"));
    }
    let key = parsed("key", asked.key.as_deref())?;
    asked.read_options(ReadOptions::default())?;
    let turn = spools.turn().await?;
    let Spool { mut file } = Spool::receive(&state, body).await?;
    state
        .apart_in_turn(move |state| {
            let _turn = turn;
            let (home, doer) = (&state.0.home, Doer { caller: &caller, via: "api" });
            let change = state.changing(&doer)?;
            state.check_overruled(&name, update.role, overruled.as_ref())?;
            let max_drop = asked.max_drop.or(home.config()?.max_drop_percent);
            let read = asked.read_options(ReadOptions::of_home(home)?)?;
            let options = ImportOptions {
                add: asked.add,
                signature,
                key,
                max_drop: max_drop.unwrap_or(ImportOptions::MAX_DROP),
                agreed: asked.agreed,
                anew: asked.anew,
                ..ImportOptions::new(read, update, state.made(&doer))
            };
            if asked.dry_run {
                let rehearsal = rehearse(home, &change.lock, &name, &mut file, &options)?;
                return Ok(Json(ImportAnswer::of_rehearsal(name, &rehearsal)));
            }
            let brought = change.import(&name, &mut file, &options)?;
            overruled.as_ref().map_or(Ok(false), |sets| change.overrule(&name, sets))?;
            state.look_again()?;
            if asked.add {
                change.tidy(&name);
            }
            drop(change);
            Ok(Json(match brought {
                Brought::Imported(imported) => ImportAnswer::of_import(*imported),
                Brought::Unchanged(set) => ImportAnswer::unchanged(*set),
            }))
        })
        .await
}

impl ImportAnswer {
    fn of_rehearsal(set: SetName, rehearsal: &Rehearsal) -> Self {
        let Rehearsal { report, withdrawn, present, changes, unchanged, needs_consent } = rehearsal;
        let ended = Ended {
            set,
            dry_run: true,
            unchanged: *unchanged,
            needs_agreed: Some(*needs_consent),
            revision: None,
            signed_by: None,
        };
        let read = Some(ListRead::of(report, *withdrawn, *present));
        Self { ended, read, changes: Some(changes.into()) }
    }

    fn of_import(imported: Imported) -> Self {
        let Imported { set, report, withdrawn, present, changes } = imported;
        let read = Some(ListRead::of(&report, withdrawn, present));
        Self { ended: Ended::of(set, false), read, changes: changes.as_ref().map(ListChanges::from) }
    }

    fn unchanged(set: SetInfo) -> Self {
        Self { ended: Ended::of(set, true), read: None, changes: None }
    }
}

impl Ended {
    fn of(set: SetInfo, unchanged: bool) -> Self {
        Self {
            dry_run: false,
            unchanged,
            needs_agreed: None,
            revision: Some(set.revision),
            signed_by: set.list_key.map(|key| key.to_string()),
            set: set.name,
        }
    }
}

impl ListRead {
    fn of(report: &ReadReport, withdrawn: u64, present: u64) -> Self {
        let fields = report.dropped_fields.iter().map(|(field, number)| ((*field).to_owned(), *number));
        let refused = report.refused.iter().map(|(why, number)| (why.as_str().to_owned(), *number));
        Self {
            form: report.form.to_string(),
            lines: report.lines,
            entries: report.entries,
            duplicates: report.duplicates,
            bad_lines: report.bad_total,
            bad: report.bad.iter().map(BadLineView::from).collect(),
            unsupported: report.unsupported.clone(),
            dropped_tags: report.dropped_tags,
            unknown_categories: report.unknown_categories,
            withdrawn,
            replaced: report.replaced,
            outdated: report.outdated,
            withdrawals: report.withdrawals,
            dropped_fields: fields.collect(),
            refused: refused.collect(),
            refused_entries: report.refused_entries,
            conflicts: report.conflicts,
            present,
        }
    }
}

impl From<&BadLine> for BadLineView {
    fn from(bad: &BadLine) -> Self {
        Self { place: bad.place.to_string(), cause: cause(&bad.cause) }
    }
}

impl From<&Changes> for ListChanges {
    fn from(changes: &Changes) -> Self {
        let Changes { before, new, changed, taken_back, .. } = *changes;
        Self { before, new, changed, gone: changes.gone(), withdrawn_by_list: taken_back }
    }
}
