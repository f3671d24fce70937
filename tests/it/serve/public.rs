//! `innerward serve-public` as its readers and its operator meet it.

use innerward::home::Home;

use super::service::Service;
use crate::ward::Ward;

#[test]
fn its_help_says_where_it_listens_and_offers_nothing_that_it_has_not() {
    let ward = Ward::new();
    let (ours, inner) = (ward.must(&["serve-public", "--help"]).out, ward.must(&["serve", "--help"]).out);
    assert!(ours.contains("[default: 127.0.0.1:8421]") && !ours.contains("8420"), "{ours}");
    assert!(inner.contains("[default: 127.0.0.1:8420]") && !inner.contains("8421"), "{inner}");
    assert!(inner.contains("--quiet") && !ours.contains("--quiet"), "it writes no line for a request at all");
    ward.run(&["serve-public", ".", "--quiet"]).refused(&["--quiet"]);
}

#[test]
fn before_the_first_release_it_says_so() {
    let ward = Ward::new();
    Home::create(&ward.home(), false).unwrap();
    let mut command = ward.command();
    command.args(["serve-public", "ward/public", "--listen", "127.0.0.1:0"]);
    let service = Service::of(command);
    let root = service.get("/").of(200);
    assert!(root.text().contains("Published here"), "{}", root.text());
    for feed in ["/feed.atom", "/feed.json"] {
        let problem = service.get(feed).of(404).json();
        assert!(
            problem["detail"].as_str().unwrap().contains("the first release brings its feeds"),
            "{problem}"
        );
    }
    let said = service.end();
    assert!(said.contains("1 sent") && !said.contains("feed"), "{said}");
}
