//! What the native paths take and answer, generated from the code that does it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, schema::ObjectBuilder, schema::Type};
use utoipa::openapi::{ContentBuilder, KnownFormat, RefOr, Required, ResponseBuilder, SchemaFormat};
use utoipa::{IntoResponses, OpenApi, PartialSchema, ToSchema};

use super::super::problem::ProblemDocument;
use super::super::{Problem, ProblemCode, manage, shadow};
use super::extract::NoParameters;
use super::patterns;
use super::{compare, many, matching, page, status};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "innerward",
        description = "The native API of the service: content and hashes against the lists of this ward, and what is done \
            to the lists. What stands here is taken and answered, and nothing else: a parameter or a field that is not \
            described is refused."
    ),
    paths(
        matching::upload,
        matching::look_up,
        many::hashes,
        matching::hash,
        compare::compare,
        status::status,
        document,
        page::docs,
    ),
    components(schemas(ProblemDocument<'static>)),
    tags(
        (name = "match", description = "Content and hashes against the lists; scope `match`"),
        (name = "service", description = "The service itself"),
    ),
)]
struct Native;

/// Bytes of whatever kind.
pub(super) struct AnyBytes;

impl PartialSchema for AnyBytes {
    fn schema() -> RefOr<utoipa::openapi::schema::Schema> {
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).into()
    }
}

impl ToSchema for AnyBytes {}

/// A form with one file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read as a stream; the type says what is in it")]
pub(super) struct OneFile {
    /// The item.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A form with two things, each a file or the text of a hash.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read as a stream; the type says what is in it")]
pub(super) struct TwoThings {
    /// A file, or `kind:hex`.
    #[schema(value_type = String, format = Binary)]
    a: Vec<u8>,
    /// A file, or `kind:hex`.
    #[schema(value_type = String, format = Binary)]
    b: Vec<u8>,
}

/// Every refusal that any path may give.
pub(in crate::serve) struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let problem = utoipa::openapi::schema::Ref::from_schema_name(ProblemDocument::name());
        let content = || ContentBuilder::new().schema(Some(problem.clone())).build();
        let told = |code: ProblemCode| {
            let response = ResponseBuilder::new()
                .description(format!("`{}`: {}", code.as_str(), code.title()))
                .content("application/problem+json", content());
            (code.status().as_str().to_owned(), response.build().into())
        };
        ProblemCode::ALL.into_iter().map(told).collect()
    }
}

/// The whole document.
pub(in crate::serve) fn openapi() -> utoipa::openapi::OpenApi {
    let mut whole = Native::openapi();
    whole.merge(manage::openapi());
    whole.merge(shadow::openapi());
    // A body of no bytes is an item of no bytes.
    for path in ["/v1/match", "/v1/hash"] {
        let operation = whole.paths.paths.get_mut(path).and_then(|item| item.post.as_mut());
        if let Some(body) = operation.and_then(|operation| operation.request_body.as_mut()) {
            body.required = Some(Required::False);
        }
    }
    name_sets(&mut whole);
    whole.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of `innerward token create`; none is needed where the service is open."));
    whole
        .components
        .get_or_insert_with(Components::new)
        .add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    whole.security = Some(vec![SecurityRequirement::new("token", [] as [&str; 0])]);
    whole
}

/// Says how the set in a path is named.
fn name_sets(whole: &mut utoipa::openapi::OpenApi) {
    let named = whole.paths.paths.iter_mut().filter(|(path, _)| path.contains("{name}"));
    let operations =
        named.flat_map(|(_, item)| [&mut item.get, &mut item.post, &mut item.put, &mut item.delete]);
    let parameters = operations.flatten().filter_map(|operation| operation.parameters.as_mut()).flatten();
    for parameter in parameters.filter(|parameter| parameter.name == "name") {
        parameter.schema = Some(patterns::set().into());
    }
}

/// The document as it is sent.
pub(super) fn text() -> &'static Bytes {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    // Maps with text for keys, and numbers.
    TEXT.get_or_init(|| Bytes::from(openapi().to_json().unwrap_or_default()))
}

/// Read this description
///
/// OpenAPI 3.1. Needs no token.
#[utoipa::path(
    get, path = "/v1/openapi.json", tag = "service", security(()),
    responses((status = 200, description = "The description", body = Object), Refusals),
)]
pub(super) async fn document(_: NoParameters) -> Result<Response, Problem> {
    let json = HeaderValue::from_static("application/json");
    let kept = HeaderValue::from_static("no-cache");
    Ok(([(header::CONTENT_TYPE, json), (header::CACHE_CONTROL, kept)], text().clone()).into_response())
}
