//! Content that comes in: behind a URL, or in a multipart body whose field is named for what it is.

use std::collections::BTreeMap;

use axum::extract::Request;

use super::Problem;
use super::asked::Asked;
use super::types::ContentType;
use crate::serve::api::extract::{MULTIPART, media_type};
use crate::serve::api::form::{Form, Part};
use crate::serve::{State, Upload};

/// Most bytes of a field beside the file.
const FIELD_BYTES: usize = 64 << 10;
/// Most bytes of all of them, with their names.
const FIELDS_BYTES: usize = 256 << 10;
/// What a field counts for beside those: one that says nothing is one, too.
const A_FIELD: usize = 64;

/// One item, and what was said beside it.
pub(super) struct Item {
    pub(super) upload: Upload,
    pub(super) content: ContentType,
    pub(super) fields: BTreeMap<String, String>,
}

impl Item {
    /// What lies at `url`, where the operator allows to fetch that.
    pub(super) async fn behind(asked: &Asked, url: &str) -> Result<Self, Problem> {
        let said = asked.params.text("content_type").map(content_type).transpose()?;
        let (upload, served_as) = asked.state.fetch(&asked.caller, url).await?;
        let content = match (said, served_as) {
            (Some(said), _) => said,
            (None, Some(kind)) if starts_with(&kind, "image") => ContentType::Photo,
            (None, Some(kind)) if starts_with(&kind, "video") => ContentType::Video,
            (None, _) => {
                return Err(Problem::bad_request(
                    "the server of this URL does not say that it is an image or a video; say content_type=photo or video",
                ));
            }
        };
        Ok(Self { upload, content, fields: BTreeMap::new() })
    }

    /// The one file of a multipart body.
    pub(super) async fn uploaded(state: &State, request: Request) -> Result<Self, Problem> {
        let missing = || Problem::bad_request("Missing multipart/form-data file upload");
        if !is_multipart(&request) {
            return Err(missing());
        }
        let mut form = Form::of(request).await.map_err(|_| missing())?;
        let (mut file, mut fields, mut left) = (None, BTreeMap::new(), FIELDS_BYTES);
        while let Some(part) = form.next_part().await? {
            let name = part.name().unwrap_or_default().to_owned();
            match ContentType::named(&name) {
                Some(_) if file.is_some() => {
                    return Err(Problem::bad_request("Only one file allowed per request"));
                }
                Some(content) => file = Some((taken(state, part).await?, content)),
                None if part.has_file_name() => return Err(no_such_content_type()),
                None => {
                    left = left.checked_sub(name.len() + A_FIELD).ok_or_else(too_long)?;
                    let text = part.bytes(FIELD_BYTES.min(left)).await?.ok_or_else(too_long)?;
                    left -= text.len();
                    let text = String::from_utf8(text).map_err(|_| too_long())?;
                    fields.entry(name).or_insert(text);
                }
            }
        }
        let (upload, content) = file.ok_or_else(missing)?;
        Ok(Self { upload, content, fields })
    }
}

/// True for a multipart body.
pub(super) fn is_multipart(request: &Request) -> bool {
    media_type(request.headers()).eq_ignore_ascii_case(MULTIPART)
}

/// True for a body of JSON.
pub(super) fn is_json(request: &Request) -> bool {
    media_type(request.headers()).eq_ignore_ascii_case("application/json")
}

fn starts_with(text: &str, beginning: &str) -> bool {
    text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

fn content_type(name: &str) -> Result<ContentType, Problem> {
    ContentType::named(name).ok_or_else(no_such_content_type)
}

fn no_such_content_type() -> Problem {
    Problem::bad_request(
        "no such content_type; there are photo and video, and the field of a file is named so",
    )
}

fn too_long() -> Problem {
    Problem::bad_request(
        "a field beside the file has at most 65,536 bytes, and all of them 262,144, in UTF-8",
    )
}

/// The file in `part`, within the bound for uploads.
async fn taken(state: &State, part: Part<'_>) -> Result<Upload, Problem> {
    let upload = Upload::of_part(state, part).await?;
    if upload.is_empty() {
        return Err(Problem::bad_request("the file is empty"));
    }
    Ok(upload)
}
