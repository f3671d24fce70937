//! The description and the documentation against what the service does.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::testing::Ward;
use super::super::{ProblemCode, Scope, Settings};
use super::tests::{COFFEE, ROCKET, at_distance, demo, form, list, refused};
use super::{Table, of_itself, of_matching, openapi};

const GUIDE: &str = include_str!("../../../docs/api.md");
const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

fn document() -> Value {
    serde_json::from_slice(openapi::text()).unwrap()
}

fn table() -> Table {
    of_matching().into_iter().chain(of_itself()).collect()
}

/// A path without variables in it.
fn filled(path: &str) -> String {
    path.replace("{signal}", &format!("sha256:{ROCKET}"))
}

#[test]
fn every_path_is_described_and_every_description_is_a_path() {
    let (ward, document) = (demo(), document());
    let routed: BTreeSet<&str> = table().into_iter().map(|(path, _)| path).collect();
    let described: BTreeSet<&str> =
        document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let others = [super::super::manage::openapi(), super::super::shadow::openapi()];
    let managed: BTreeSet<String> = others.into_iter().flat_map(|api| api.paths.paths.into_keys()).collect();
    let ours: BTreeSet<&str> = described.iter().copied().filter(|path| !managed.contains(*path)).collect();
    assert_eq!(routed, ours);
    for path in routed {
        for method in METHODS {
            let asked = method.to_uppercase().parse::<Method>().unwrap();
            let answer = ward.ask(asked, &filled(path), &[], Body::empty());
            let is_taken = answer.status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(is_taken, document["paths"][path][method].is_object(), "{method} {path}");
            if !is_taken {
                refused(&answer, 405, "method-not-allowed");
                assert!(!answer.headers["allow"].is_empty());
            }
        }
        let options = ward.ask(Method::OPTIONS, &filled(path), &[], Body::empty());
        assert_eq!(options.status, StatusCode::NO_CONTENT, "{path}");
        assert!(!options.headers["allow"].is_empty());
        let head = ward.ask(Method::HEAD, &filled(path), &[], Body::empty());
        let is_read = document["paths"][path]["get"].is_object();
        assert_eq!(head.status == StatusCode::OK, is_read, "{path}");
        assert!(head.body.is_empty());
    }
}

#[test]
fn no_operation_takes_a_parameter_that_it_does_not_know() {
    let settings = Settings { open: Scope::ALL.to_vec(), ..Settings::default() };
    let (ward, document) = (Ward::set_up(&[("DEMO", &list())], settings), document());
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in METHODS.into_iter().filter(|method| operations[method].is_object()) {
            let asked = format!("{}?peculiar=1", filled(path).replace("{name}", "DEMO"));
            let headers = [("content-type", "application/json")];
            let answer = ward.ask(method.to_uppercase().parse().unwrap(), &asked, &headers, "{}");
            let detail = refused(&answer, 400, "bad-request");
            assert!(detail.contains("peculiar"), "{method} {path}: {detail}");
        }
    }
    assert_eq!(ward.get("/v1/sets/DEMO").status, StatusCode::OK, "nothing was done");
}

#[test]
fn an_operation_says_what_it_needs_and_every_refusal() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    assert_eq!(document["security"], json!([{"token": []}]));
    for (path, _) in table() {
        for (method, operation) in document["paths"][path].as_object().unwrap() {
            let needs_none = path == "/v1/openapi.json" || path == "/v1/docs";
            let security = if needs_none { json!([{}]) } else { Value::Null };
            assert_eq!(operation["security"], security, "{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()));
            for code in ProblemCode::ALL {
                let response = &operation["responses"][code.status().as_str()];
                assert!(response["description"].as_str().unwrap().contains(code.as_str()));
                let content = &response["content"]["application/problem+json"];
                assert_eq!(content["schema"]["$ref"], "#/components/schemas/ProblemDocument");
            }
        }
    }
}

/// The names that a schema and its parts have.
fn names(document: &Value, schema: &Value) -> BTreeSet<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return names(document, &document["components"]["schemas"][name.rsplit('/').next().unwrap()]);
    }
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    let parts = schema["allOf"].as_array().into_iter().flatten();
    own.chain(parts.flat_map(|part| names(document, part))).collect()
}

#[test]
fn the_answers_have_the_fields_that_are_described() {
    let (ward, document) = (demo(), document());
    let schema = |name: &str| names(&document, &document["components"]["schemas"][name]);
    let keys = |value: &Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    let hash = ward.get(&format!("/v1/match/hash/pdq:{COFFEE}?explain=true")).json();
    assert_eq!(keys(&hash), schema("HashAnswer"));
    assert_eq!(keys(&hash["plan"][0]), schema("Segment"));
    let only_of_videos = ["frame", "timestamp", "query_percent", "index_percent", "interval"];
    let found: BTreeSet<String> =
        schema("Match").into_iter().filter(|name| !only_of_videos.contains(&&**name)).collect();
    assert_eq!(keys(&hash["matches"][0]), found);
    let upload = ward.ask(Method::POST, "/v1/match?explain=true", &[], "words").json();
    assert_eq!(keys(&upload), schema("UploadAnswer"));
    let many = ward.post_json("/v1/match/hashes", &json!({"hashes": [format!("pdq:{COFFEE}")]})).json();
    assert_eq!(keys(&many), schema("HashesAnswer"));
    assert_eq!(keys(&many["answers"][0]), schema("OneOfMany"));
    let mut hashed = keys(&ward.ask(Method::POST, "/v1/hash", &[], "words").json());
    hashed.insert("vpdq".into());
    assert_eq!(hashed, schema("Hashed"));
    assert_eq!(keys(&ward.get("/v1/status").json()), schema("Status"));
    let two = json!({"a": format!("pdq:{COFFEE}"), "b": format!("pdq:{COFFEE}")});
    assert_eq!(keys(&ward.post_json("/v1/compare", &two).json()), schema("Comparison"));
    let problem = ward.post_json("/v1/compare", &json!({"a": "", "b": ""})).json();
    assert_eq!(keys(&problem), schema("ProblemDocument"));
}

#[test]
fn the_description_needs_no_token_and_everything_else_does() {
    let ward = Ward::set_up(&[("DEMO", &list())], Settings::default());
    for path in ["/v1/openapi.json", "/v1/docs"] {
        assert_eq!(ward.get(path).status, StatusCode::OK);
        assert!(refused(&ward.get(&format!("{path}?a=b")), 400, "bad-request").contains("`a`"));
    }
    for (path, _) in of_matching() {
        for method in METHODS {
            let asked = method.to_uppercase().parse::<Method>().unwrap();
            let answer = ward.ask(asked, &filled(path), &[], Body::empty());
            refused(&answer, 401, "unauthorized");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
    }
    let other = Settings { open: vec![Scope::Manage], ..Settings::default() };
    let other = Ward::set_up(&[("DEMO", &list())], other);
    assert!(refused(&other.get("/v1/status"), 401, "unauthorized").contains("scope match"));
}

#[test]
fn an_unknown_path_is_a_problem() {
    let ward = demo();
    for path in
        ["/v1", "/v1/", "/v1/nothing", "/v1/match/", "/v1/match/hash", "/v1/match/hash/a/b", "/v1/docs/x"]
    {
        refused(&ward.get(path), 404, "not-found");
    }
}

#[test]
fn the_page_has_everything_and_no_scripts() {
    let (ward, document) = (demo(), document());
    let answer = ward.get("/v1/docs");
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script"));
    let page = answer.text();
    assert!(!page.contains("<script") && !page.contains(" style=") && !page.contains("onclick"));
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let heading = format!("{} {path}", method.to_uppercase());
            assert!(page.contains(&heading), "{heading}");
        }
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("id=\"{name}\"")), "{name}");
    }
    for part in page.split("href=\"#").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{name}\"")), "a link leads nowhere: {name}");
    }
}

#[test]
fn the_guide_has_every_code_path_and_parameter() {
    for code in ProblemCode::ALL {
        let row = format!("| `{}` | {} |", code.as_str(), code.status().as_u16());
        assert!(GUIDE.contains(&row), "{row}");
    }
    let document = document();
    for (path, _) in table() {
        assert!(GUIDE.contains(path), "{path}");
        for operation in document["paths"][path].as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                assert!(
                    GUIDE.contains(&format!("`{name}`")) || path.contains(&format!("{{{name}}}")),
                    "{name}"
                );
            }
        }
    }
    let found = &document["components"]["schemas"]["Match"]["properties"];
    for field in found.as_object().unwrap().keys() {
        assert!(GUIDE.contains(&format!("`{field}`")), "{field}");
    }
    let (header, records) = (super::binary::HEADER_BYTES, super::binary::RECORD_BYTES);
    assert!(
        GUIDE.contains(&format!("header of {header} bytes"))
            && GUIDE.contains(&format!("{records} bytes each"))
    );
}

/// The words of a line as a shell splits them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, ' ') if word.is_empty() => {}
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (_, letter) => word.push(letter),
        }
    }
    assert_eq!(quote, None, "{line}");
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

/// What the files of the guide's examples hold.
fn file(name: &str) -> Vec<u8> {
    match name {
        "picture.jpg" => include_bytes!("../../../testdata/pictures/edits/coffee-mirrored.jpg").to_vec(),
        "original.jpg" => include_bytes!("../../../testdata/pictures/originals/coffee.jpg").to_vec(),
        "hashes.bin" => {
            let mut body = b"IWHQ\x01\x05\x20\x00\x01\x00\x00\x00\x00\x00\x00\x00".to_vec();
            body.extend(hex::decode(COFFEE).unwrap());
            body
        }
        other => panic!("no such file: {other}"),
    }
}

#[test]
fn the_examples_of_the_guide_work() {
    let ward = demo();
    ward.import("NEAR", &format!("pdq:{}\n", at_distance(4)));
    let blocks = GUIDE.split("```").skip(1).step_by(2);
    let examples: Vec<String> = blocks
        .map(|block| block.split_once('\n').unwrap().1.replace("\\\n", " "))
        .filter(|block| block.starts_with("curl"))
        .collect();
    assert!(examples.len() >= 8, "{}", examples.len());
    for example in examples.iter().flat_map(|block| block.lines()) {
        let words = words(example);
        let (mut method, mut path, mut headers, mut body) = (Method::GET, None, Vec::new(), Vec::new());
        let (mut parts, mut words) = (Vec::new(), words.into_iter().skip(1));
        while let Some(word) = words.next() {
            let mut next = || words.next().unwrap();
            match &*word {
                "-s" => {}
                "-o" => drop(next()),
                "-H" => headers.push(next()),
                "--json" => {
                    (method, body) = (Method::POST, next().into_bytes());
                    headers.push("Content-Type: application/json".into());
                }
                "--data-binary" => (method, body) = (Method::POST, file(next().strip_prefix('@').unwrap())),
                "-F" => {
                    let part = next();
                    let (name, value) = part.split_once('=').unwrap();
                    let value = value.strip_prefix('@').map(|value| (value.to_owned(), file(value)));
                    let text = part.split_once('=').unwrap().1.as_bytes().to_vec();
                    parts.push((
                        name.to_owned(),
                        value.as_ref().map(|(name, _)| name.clone()),
                        value.map_or(text, |(_, bytes)| bytes),
                    ));
                }
                address => path = Some(address.strip_prefix("$WARD").unwrap().to_owned()),
            }
        }
        if !parts.is_empty() {
            let parts: Vec<(&str, Option<&str>, &[u8])> =
                parts.iter().map(|(name, file, bytes)| (&**name, file.as_deref(), &**bytes)).collect();
            let (kind, bytes) = form(&parts);
            (method, body) = (Method::POST, bytes);
            headers.push(format!("Content-Type: {kind}"));
        }
        // The ward is open, and a wrong token would be refused.
        headers.retain(|header| !header.starts_with("Authorization"));
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|header| header.split_once(": ").unwrap()).collect();
        let answer = ward.ask(method, &path.unwrap(), &headers, body);
        assert_eq!(answer.status, StatusCode::OK, "{example}\n{}", String::from_utf8_lossy(&answer.body));
    }
}
