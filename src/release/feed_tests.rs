//! The feeds as their readers see them.

use std::fs;
use std::path::Path;

use jiff::ToSpan;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::super::testing::{PUBLISHED_ON, Ward, cube, october};
use super::*;
use crate::release::COARSE;
use crate::vocabulary::{channel, media};

/// Every element of the feed with its text and the value of its `href`, in order; the reader checks that tags match.
fn elements(public: &Path) -> Vec<(String, String, Option<String>)> {
    let text = fs::read_to_string(public.join(ATOM_FILE)).unwrap();
    let mut reader = Reader::from_str(&text);
    let mut found: Vec<(String, String, Option<String>)> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) => {
                let href = tag.try_get_attribute("href").unwrap();
                let href = href.map(|href| href.value.into_owned());
                found.push((tag.name().as_ref().to_owned(), String::new(), href));
            }
            Event::Text(text) => found.last_mut().into_iter().for_each(|last| last.1 += &text),
            Event::Eof => return found,
            _ => {}
        }
    }
}

fn texts(public: &Path, name: &str) -> Vec<String> {
    elements(public).into_iter().filter(|one| one.0 == name).map(|one| one.1.trim().to_owned()).collect()
}

fn json_feed(public: &Path) -> Value {
    serde_json::from_slice(&fs::read(public.join(JSON_FILE)).unwrap()).unwrap()
}

#[test]
fn each_release_is_told_of_and_every_link_leads_to_a_file() {
    let ward = Ward::new();
    let published = ward.publish(1).unwrap();
    let public = ward.home.public_dir();
    let titles = texts(&public, "title");
    assert_eq!(titles.len(), 2, "that of the feed and that of its one release: {titles:?}");
    let links: Vec<String> = elements(&public).into_iter().filter_map(|one| one.2).collect();
    assert!(links.len() > 2 && links.iter().all(|href| public.join(href).is_file()), "{links:?}");
    let json = json_feed(&public);
    assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
    let item = &json["items"][0];
    assert_eq!(item["url"], format!("{}/{MANIFEST}", published.release_id));
    let files: Vec<&str> =
        item["attachments"].as_array().unwrap().iter().map(|file| file["url"].as_str().unwrap()).collect();
    assert!(!files.is_empty() && files.iter().all(|file| public.join(file).is_file()), "{files:?}");
    assert_eq!(texts(&public, "id")[1], item["id"].as_str().unwrap(), "both name it alike");
    assert!(item["id"].as_str().unwrap().starts_with("urn:uuid:"));
}

#[test]
fn the_same_releases_make_the_same_feeds() {
    let ward = Ward::new();
    ward.publish(1).unwrap();
    let public = ward.home.public_dir();
    let read = || [ATOM_FILE, JSON_FILE].map(|name| fs::read(public.join(name)).unwrap());
    let first = read();
    fs::remove_file(public.join(ATOM_FILE)).unwrap();
    fs::write(public.join(JSON_FILE), "damaged").unwrap();
    ward.publish(2).unwrap(); // final already
    assert_eq!(read(), first);
}

#[test]
fn a_correction_is_told_of_beside_what_it_corrects() {
    let ward = Ward::without_plan();
    let twice = COARSE.replace("epsilon = \"1\"", "epsilon = \"1\"\ncap = \"2\"");
    ward.register(PUBLISHED_ON.first_of_month().saturating_sub(60.days()), &twice);
    let first = ward.publish(1).unwrap();
    let later = PUBLISHED_ON.tomorrow().unwrap();
    let again = ward
        .publish_on(later, "coarse", october(), true, 2, |_| ward.counted(cube(media::IMAGE, channel::BULK)))
        .unwrap();
    let public = ward.home.public_dir();
    let items = json_feed(&public)["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    let of = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    assert!(of(&items[0], "url").starts_with(&again.release_id), "the newest is first");
    assert!(of(&items[0], "title").ends_with("correction 1"));
    assert!(of(&items[0], "content_text").contains(&format!("Takes the place of {}.", first.release_id)));
    assert!(of(&items[1], "content_text").contains(&format!("use {} in its place", again.release_id)));
    assert_eq!(of(&items[1], "date_modified"), format!("{later}T00:00:00Z"), "readers show it anew");
    assert_eq!(of(&items[1], "date_published"), format!("{PUBLISHED_ON}T00:00:00Z"));
    assert_ne!(items[0]["id"], items[1]["id"]);
    assert_eq!(
        texts(&public, "updated")[0],
        format!("{later}T00:00:00Z"),
        "the feed is as new as its newest word"
    );
}

#[test]
fn what_does_not_hold_is_not_told_of() {
    let ward = Ward::new();
    let published = ward.publish(1).unwrap();
    let public = ward.home.public_dir();
    fs::create_dir(public.join("site")).unwrap();
    fs::write(published.dir.join("more.txt"), "not signed").unwrap();
    write_feeds(&public, &ward.key()).unwrap();
    assert_eq!(json_feed(&public)["items"].as_array().unwrap().len(), 0);
    assert_eq!(texts(&public, "title"), ["Releases"]);
}

#[test]
fn a_publishers_name_breaks_no_feed() {
    assert_eq!(xml("<A> & \"B\"\u{0}\u{1b}"), "&lt;A&gt; &amp; &quot;B&quot;");
}
