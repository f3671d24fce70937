//! `GET /v1/sets/{name}/export`: the entries of a set, as far as its agreement allows, written as they are read.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State as Shared;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use jiff::civil::Date;
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::IntoParams;

use super::super::api::extract::Query;
use super::super::api::openapi::Refusals;
use super::super::deeds::Doer;
use super::super::{Caller, Problem, ProblemCode, State};
use super::extract::{A_DAY, InSet, field, field_like};
use super::faults::no_such_set;
use super::patterns;
use crate::digest::SignalKind;
use crate::hashset::{
    About as ListAbout, EntryKey, ExportForm, Exporter, SetInfo, SetName, Sets, Use, Written,
};
use crate::home::{About, Did, Stage};
use crate::index::{Index, IndexError, Memory, open_described};

/// Bytes of a piece that is sent.
const PIECE: usize = 64 << 10;
/// The way by which it is done.
const VIA: &str = "api";
/// Pieces that wait for the client.
const WAITING: usize = 8;

/// What is written out.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportAsked {
    /// `innerward` (JSON Lines, which says all; also `jsonl`), `tx`, `hma`, `vics`, `vics:us`, `vics:uk`, `hashdeep`, `plain`,
    /// `misp` or `stix`. Default: `innerward`.
    #[param(schema_with = patterns::export_form)]
    r#as: Option<String>,
    /// `active` (entries that match), `withdrawn` (keys of those that were withdrawn) or `all`. Default: `active`.
    #[param(schema_with = patterns::export_status)]
    status: Option<String>,
    /// Hashes of these kinds alone, with commas.
    #[param(schema_with = patterns::kinds)]
    algorithm: Option<String>,
    /// Entries that changed on this day or later (`2026-11-01`): by their list if that says when, else by the day on which they
    /// came; of withdrawals, those since.
    #[param(format = Date)]
    since: Option<String>,
}

/// Which entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Active,
    Withdrawn,
    All,
}

/// Everything that the writing needs, checked.
struct Job {
    index: Index,
    form: ExportForm,
    status: Status,
    since: Option<Date>,
    about: ListAbout,
    withdrawn: Vec<EntryKey>,
    /// What the form, or the choice of kinds, cannot say.
    lost: Lost,
}

/// What an export cannot say of the set.
#[derive(Debug, Clone, Copy, Default)]
struct Lost {
    left_out: u64,
    in_part: u64,
}

impl ExportAsked {
    fn form(&self) -> Result<ExportForm, Problem> {
        match self.r#as.as_deref() {
            None | Some("jsonl") => Ok(ExportForm::Innerward),
            Some(text) => field("as", text),
        }
    }

    fn status(&self, form: ExportForm) -> Result<Status, Problem> {
        let status = match self.status.as_deref() {
            None | Some("active") => Status::Active,
            Some("withdrawn") => Status::Withdrawn,
            Some("all") => Status::All,
            Some(_) => return Err(Problem::bad_request("`status` is active, withdrawn or all")),
        };
        if status != Status::Active && !form.says_withdrawals() {
            let detail = "`status`: this form cannot say that an entry is withdrawn; use as=innerward";
            return Err(Problem::new(ProblemCode::Unprocessable, detail));
        }
        Ok(status)
    }

    /// The kinds that are there and asked for.
    fn kinds(&self, there: BTreeSet<SignalKind>) -> Result<Vec<SignalKind>, Problem> {
        let Some(text) = &self.algorithm else { return Ok(there.into_iter().collect()) };
        let asked: Vec<SignalKind> =
            text.split(',').map(|kind| field("algorithm", kind.trim())).collect::<Result<_, _>>()?;
        match asked.iter().find(|kind| !there.contains(kind)) {
            Some(missing) => {
                let detail = format!("`algorithm`: the set has no hashes of the kind {missing}");
                Err(Problem::new(ProblemCode::Unprocessable, detail))
            }
            None => Ok(there.into_iter().filter(|kind| asked.contains(kind)).collect()),
        }
    }
}

impl State {
    fn export_job(&self, name: &SetName, asked: &ExportAsked) -> Result<Job, Problem> {
        let form = asked.form()?;
        let status = asked.status(form)?;
        let since = asked.since.as_deref().map(|day| field_like("since", day, A_DAY)).transpose()?;
        let (index, sets) = open_described(self.database()?, Memory::Mapped)?;
        let set: SetInfo = sets.into_iter().find(|set| set.name == *name).ok_or_else(no_such_set)?;
        set.allows(Use::Export, self.clock().today())?;
        let kinds = asked.kinds(index.kinds(name.as_str()))?;
        let withdrawn = match status {
            Status::Active => Vec::new(),
            _ => Sets::open(self.database()?)?.withdrawn_since(name, Some(set.revision), since)?,
        };
        let about = ListAbout { name: set.name, revision: set.revision, issued: self.clock().now(), kinds };
        let lost = Lost::default();
        let mut job = Job { index, form, status, since, about, withdrawn, lost };
        if form != ExportForm::Innerward || asked.algorithm.is_some() {
            // It is told before the list, so it is written twice, once to nowhere.
            let written = job.write(&mut io::sink()).map_err(|_| Problem::internal())?;
            let Written { entries, withdrawn, left_out, in_part, .. } = written;
            if left_out > 0 && entries + withdrawn == 0 {
                let detail = format!(
                    "this form has no way to say any of the {left_out} entries; ask for another (`as`, `algorithm`)"
                );
                return Err(Problem::unprocessable(detail));
            }
            job.lost = Lost { left_out, in_part };
        }
        Ok(job)
    }
}

impl Job {
    fn write(&self, out: &mut dyn Write) -> Result<Written, WriteError> {
        let mut list = Exporter::new(self.form, out, &self.about)?;
        if self.status != Status::Withdrawn {
            let members = self.index.members(self.about.name.as_str());
            self.index.each_of(&members, |stored| {
                if self.since.is_none_or(|since| stored.is_since(since)) {
                    list.entry(&stored.entry)?;
                }
                Ok::<(), WriteError>(())
            })?;
        }
        self.withdrawn.iter().try_for_each(|key| list.withdrawn(key))?;
        Ok(list.finish()?)
    }
}

/// The writing ended early: the client has gone, or the index is damaged. The answer breaks off, so that nobody takes a part
/// for the whole.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// Entries of which the form has no way to say any of the hashes.
const LEFT_OUT: HeaderName = HeaderName::from_static("innerward-left-out");
/// Entries that stand there without some of their hashes.
const IN_PART: HeaderName = HeaderName::from_static("innerward-in-part");

/// Writes the entries of a set in a form that others read. The agreement about the set must allow it. Headers say how many
/// entries are not in it, or not with all of their hashes: `innerward-left-out`, `innerward-in-part`.
#[utoipa::path(get, path = "/v1/sets/{name}/export", tag = "sets", params(("name" = String, Path), ExportAsked),
    responses((status = 200, description = "The list, in the form asked for.",
        content((String = "application/jsonl"), (String = "text/csv"), (Object = "application/json"), (String = "text/plain"))),
        Refusals))]
pub(super) async fn export(
    Shared(state): Shared<State>,
    caller: Caller,
    InSet(name): InSet,
    Query(asked): Query<ExportAsked>,
) -> Result<Response, Problem> {
    let place =
        state.0.exporting.clone().try_acquire_owned().map_err(|_| {
            Problem::unavailable("several exports are under way already; come again").after(10)
        })?;
    let (job, caller) = state
        .apart(move |state| {
            let job = state.export_job(&name, &asked)?;
            let about = [("form", job.form.to_string())].into();
            let doer = Doer { caller: &caller, via: VIA };
            state.record(&doer, Did::SetExport, name.as_str(), Stage::Begun, about)?;
            Ok((job, caller))
        })
        .await?;
    let (pieces, body) = mpsc::channel(WAITING);
    let mut answer = headers(&job.about.name, job.form).into_response();
    for (name, number) in [(LEFT_OUT, job.lost.left_out), (IN_PART, job.lost.in_part)] {
        answer.headers_mut().insert(name, number.into());
    }
    // On a thread of its own: it waits for the client, who may take long.
    tokio::task::spawn_blocking(move || {
        let _place = place;
        let mut out = BufWriter::with_capacity(PIECE, Pieces(pieces.clone()));
        let written = job.write(&mut out);
        let (stage, about) = match &written {
            Ok(written) => (Stage::Done, About::from([("entries", written.entries.to_string())])),
            Err(_) => (Stage::Failed, About::new()),
        };
        let doer = Doer { caller: &caller, via: VIA };
        // Before the client has the end of it: who has the list is on record. What was sent is, whatever cannot be written.
        let _ = state.record(&doer, Did::SetExport, job.about.name.as_str(), stage, about);
        match written {
            Ok(_) => drop(out),
            Err(_) => {
                // Nothing of what is in the buffer is sent: the answer breaks off.
                let (_, _) = out.into_parts();
                let _ = pieces.blocking_send(Err(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    });
    *answer.body_mut() = Body::new(Sending(body));
    Ok(answer)
}

fn headers(name: &SetName, form: ExportForm) -> [(HeaderName, HeaderValue); 4] {
    let (kind, end) = match form {
        ExportForm::Innerward => ("application/jsonl", "jsonl"),
        ExportForm::Tx | ExportForm::Hashdeep => ("text/csv; charset=utf-8", "csv"),
        ExportForm::Vics(_) | ExportForm::Misp | ExportForm::Stix => ("application/json", "json"),
        _ => ("text/plain; charset=utf-8", "txt"),
    };
    // Names of sets are letters, digits and three signs that mean nothing there.
    let named = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{end}\""));
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, named.unwrap_or_else(|_| HeaderValue::from_static("attachment"))),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

type Piece = Result<Bytes, io::Error>;

/// Where the list is written to.
struct Pieces(mpsc::Sender<Piece>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is sent.
struct Sending(mpsc::Receiver<Piece>);

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
