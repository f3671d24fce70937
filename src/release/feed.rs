//! `public/feed.atom` and `public/feed.json`: the releases that are there, newest first, for whoever wants to be told of the next.
//!
//! They are files as the releases are, so that any web server hands them out. They follow from the releases alone, are the same
//! for the same releases, and are written anew by each publication. Their links are relative: a folder does not know where it
//! is served.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use quick_xml::escape::escape;
use serde::Serialize;

use super::error::ReleaseError;
use super::model::Manifest;
use super::signature::PublicKey;
use super::verify::{MANIFEST, verify};
use crate::home::write_atomic;

/// As Atom (RFC 4287).
pub const ATOM_FILE: &str = "feed.atom";
/// As JSON Feed 1.1.
pub const JSON_FILE: &str = "feed.json";

/// A release, and the one that took its place.
struct Item<'a> {
    manifest: &'a Manifest,
    corrected_by: Option<&'a Manifest>,
}

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: String,
    description: &'static str,
    feed_url: &'static str,
    authors: [JsonAuthor<'a>; 1],
    language: &'static str,
    items: Vec<JsonItem>,
}

#[derive(Serialize)]
struct JsonAuthor<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct JsonItem {
    id: String,
    url: String,
    title: String,
    content_text: String,
    date_published: String,
    date_modified: String,
    tags: Vec<String>,
    attachments: Vec<JsonAttachment>,
}

#[derive(Serialize)]
struct JsonAttachment {
    url: String,
    mime_type: &'static str,
}

const ABOUT: &str = "Counts with noise added, signed by their publisher; each is a folder beside this file.";

/// Writes both feeds anew from the releases in `public` that hold by `key`. What does not hold is not told of.
pub(super) fn write_feeds(public: &Path, key: &PublicKey) -> Result<(), ReleaseError> {
    let mut manifests = Vec::new();
    for entry in fs::read_dir(public).map_err(ReleaseError::io(public))? {
        let folder = entry.map_err(ReleaseError::io(public))?.path();
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.starts_with('.') || !folder.join(MANIFEST).is_file() {
            continue;
        }
        if let Ok(release) = verify(&folder, key)
            && release.manifest().release_id == name
        {
            manifests.push(release.manifest().clone());
        }
    }
    manifests.sort_by(|a, b| (b.published_on, &b.release_id).cmp(&(a.published_on, &a.release_id)));
    for (name, text) in [(ATOM_FILE, atom(&manifests, key)), (JSON_FILE, json(&manifests, key))] {
        let path = public.join(name);
        if fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
            write_atomic(&path, text.as_bytes(), 0o644)?;
        }
    }
    Ok(())
}

fn items(manifests: &[Manifest]) -> impl Iterator<Item = Item<'_>> {
    manifests.iter().map(|manifest| {
        let corrected_by = manifests.iter().find(|other| other.supersedes == manifest.release_id);
        Item { manifest, corrected_by }
    })
}

impl Item<'_> {
    fn title(&self) -> String {
        let Manifest { publisher, period, plan, revision, demo, .. } = self.manifest;
        let demo = if *demo && !publisher.starts_with("DEMO") { "DEMO: " } else { "" };
        let correction = if *revision > 1 { format!(", correction {}", revision - 1) } else { String::new() };
        format!("{demo}{publisher}: {period}, plan {}{correction}", plan.name)
    }

    fn summary(&self) -> String {
        let Manifest { tables, licence, supersedes, .. } = self.manifest;
        let mut text = match tables.len() {
            1 => "One table of counts with noise added".to_owned(),
            more => format!("{more} tables of counts with noise added"),
        };
        let _ = write!(text, ", under {licence}.");
        if !supersedes.is_empty() {
            let _ = write!(text, " Takes the place of {supersedes}.");
        }
        if let Some(by) = self.corrected_by {
            let _ = write!(text, " Corrected since: use {} in its place.", by.release_id);
        }
        text
    }

    fn published(&self) -> String {
        moment(self.manifest)
    }

    /// A correction changes what is said of the release that it corrects.
    fn updated(&self) -> String {
        moment(self.corrected_by.unwrap_or(self.manifest))
    }
}

fn moment(manifest: &Manifest) -> String {
    format!("{}T00:00:00Z", manifest.published_on)
}

/// The title of both feeds: that of the newest release's publisher.
fn title(manifests: &[Manifest]) -> String {
    match manifests.first() {
        Some(newest) => format!("Releases of {}", newest.publisher),
        None => "Releases".to_owned(),
    }
}

/// A name that stays, wherever the folder is served: a UUID of its own making (RFC 9562, version 8) from the key and what is
/// named.
fn urn(key: &PublicKey, name: &str) -> String {
    let digest = blake3::Hasher::new()
        .update(b"innerward 2026 feed\n")
        .update(key.to_string().as_bytes())
        .update(b"\n")
        .update(name.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Text that XML may hold.
fn xml(text: &str) -> String {
    let kept: String =
        text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    escape(kept.as_str()).into_owned()
}

fn atom(manifests: &[Manifest], key: &PublicKey) -> String {
    let updated = items(manifests).map(|item| item.updated()).max();
    let publisher = manifests.first().map_or("", |newest| &newest.publisher);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    text.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  <id>{}</id>", urn(key, ""));
    let _ = writeln!(text, "  <title>{}</title>", xml(&title(manifests)));
    let _ = writeln!(text, "  <subtitle>{}</subtitle>", xml(ABOUT));
    let _ = writeln!(text, "  <updated>{}</updated>", updated.as_deref().unwrap_or("1970-01-01T00:00:00Z"));
    let _ = writeln!(text, "  <author><name>{}</name></author>", xml(publisher));
    let _ = writeln!(text, "  <link rel=\"self\" type=\"application/atom+xml\" href=\"{ATOM_FILE}\"/>");
    for item in items(manifests) {
        let manifest = item.manifest;
        let id = xml(&manifest.release_id);
        let link = |rel: &str, kind: &str, href: &str| {
            format!("    <link rel=\"{rel}\" type=\"{kind}\" href=\"{}\"/>\n", xml(href))
        };
        let _ = writeln!(text, "  <entry>\n    <id>{}</id>", urn(key, &manifest.release_id));
        let _ = writeln!(text, "    <title>{}</title>", xml(&item.title()));
        let _ = writeln!(text, "    <published>{}</published>", item.published());
        let _ = writeln!(text, "    <updated>{}</updated>", item.updated());
        let _ = writeln!(text, "    <summary>{}</summary>", xml(&item.summary()));
        let _ = writeln!(text, "    <category term=\"{}\"/>", xml(&manifest.plan.name));
        // Without a type: many readers follow an alternate only if it may be a page.
        let _ = writeln!(text, "    <link rel=\"alternate\" href=\"{id}/{MANIFEST}\"/>");
        for table in &manifest.tables {
            text += &link("enclosure", "text/csv", &format!("{id}/{}", table.file));
        }
        if !manifest.supersedes.is_empty() {
            let before = format!("{}/{MANIFEST}", manifest.supersedes);
            text += &link("predecessor-version", "application/json", &before);
        }
        if let Some(by) = item.corrected_by {
            text += &link("successor-version", "application/json", &format!("{}/{MANIFEST}", by.release_id));
        }
        text.push_str("  </entry>\n");
    }
    text.push_str("</feed>\n");
    text
}

fn json(manifests: &[Manifest], key: &PublicKey) -> String {
    let item = |item: Item<'_>| {
        let id = &item.manifest.release_id;
        let attachment = |file: &str| JsonAttachment { url: format!("{id}/{file}"), mime_type: "text/csv" };
        JsonItem {
            id: urn(key, id),
            url: format!("{id}/{MANIFEST}"),
            title: item.title(),
            content_text: item.summary(),
            date_published: item.published(),
            date_modified: item.updated(),
            tags: vec![item.manifest.plan.name.clone()],
            attachments: item.manifest.tables.iter().map(|table| attachment(&table.file)).collect(),
        }
    };
    let feed = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: title(manifests),
        description: ABOUT,
        feed_url: JSON_FILE,
        authors: [JsonAuthor { name: manifests.first().map_or("", |newest| &newest.publisher) }],
        language: "en",
        items: items(manifests).map(item).collect(),
    };
    let mut text = serde_json::to_string_pretty(&feed).unwrap_or_default(); // numbers and text
    text.push('\n');
    text
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
