//! One spelling for a web address, as far as that changes no meaning.

/// The address with scheme and host in small letters, without fragment, default port and the dot at the end of the host, and
/// with a path. What has no scheme is taken as it is, but for its fragment.
pub(super) fn normal(address: &str) -> String {
    let address = address.trim();
    let address = address.split_once('#').map_or(address, |(before, _)| before);
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let scheme = scheme.to_ascii_lowercase();
    let (authority, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
    let (user, host) =
        authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let host = host.to_lowercase();
    let port = match &*scheme {
        "http" => ":80",
        "https" => ":443",
        _ => "\0",
    };
    let host = host.strip_suffix(port).unwrap_or(&host);
    let host = host.strip_suffix('.').unwrap_or(host);
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    let root = if path.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{user}{host}{root}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one_unit_and_other_addresses_are_not() {
        for (address, expected) in [
            ("HTTP://Example.ORG", "http://example.org/"),
            (" https://example.org:443/A?b=C#d ", "https://example.org/A?b=C"),
            ("https://example.org./", "https://example.org/"),
            ("https://example.org?b=/", "https://example.org/?b=/"),
            ("http://U:p@EXAMPLE.org:8080/x", "http://U:p@example.org:8080/x"),
            ("example.org/x#y", "example.org/x"),
            ("ftp://example.org:80/", "ftp://example.org:80/"),
            ("", ""),
        ] {
            assert_eq!(normal(address), expected);
            assert_eq!(normal(&normal(address)), expected, "once is enough");
        }
        assert_ne!(
            normal("http://example.org/A"),
            normal("http://example.org/a"),
            "paths may differ by case"
        );
    }
}
