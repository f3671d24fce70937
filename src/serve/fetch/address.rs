//! Which addresses lie in the open internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that are none of the open internet's, by RFC 6890 and the registry after it, with the bits that count.
const CLOSED_V4: [([u8; 4], u32); 17] = [
    ([0, 0, 0, 0], 8),        // this network; 0.0.0.0 is this machine
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // behind a carrier's translation, and metadata of a cloud (100.100.100.200)
    ([127, 0, 0, 0], 8),      // this machine
    ([168, 63, 129, 16], 32), // a cloud's own wire server, though in a public range
    ([169, 254, 0, 0], 16),   // link-local, and metadata of most clouds (169.254.169.254)
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments, and metadata of a cloud (192.0.0.192)
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 31, 196, 0], 24),  // AS112
    ([192, 88, 99, 0], 24),   // relays of 6to4
    ([192, 168, 0, 0], 16),   // private
    ([198, 18, 0, 0], 15),    // benchmarks
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, and broadcast
];

/// The same of IPv6, within 2000::/3: all outside of it is closed. Forms that carry an IPv4 address are closed altogether,
/// whatever they carry: Teredo within 2001::/23 and 6to4 here, mapped, compatible and translated ones outside.
const CLOSED_V6: [([u16; 3], u32); 4] = [
    ([0x2001, 0, 0], 23),     // protocol assignments, Teredo, benchmarks, ORCHID
    ([0x2001, 0xdb8, 0], 32), // documentation
    ([0x2002, 0, 0], 16),     // 6to4
    ([0x3fff, 0, 0], 20),     // documentation
];

/// True if `address` lies in the open internet: not this machine, not a network of its owner, not a cloud's metadata.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !CLOSED_V4.iter().any(|(network, len)| (bits ^ u32::from_be_bytes(*network)) >> (32 - len) == 0)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let within = |[a, b, c]: [u16; 3], len: u32| {
        let network = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_bits();
        (bits ^ network) >> (128 - len) == 0
    };
    // ISATAP: an IPv4 address behind any prefix.
    let [.., a, b, _, _] = address.segments();
    let is_isatap = matches!((a, b), (0 | 0x200, 0x5efe));
    within([0x2000, 0, 0], 3) && !is_isatap && !CLOSED_V6.iter().any(|(network, len)| within(*network, *len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_open(text: &str) -> bool {
        is_public(text.parse().expect(text))
    }

    #[test]
    fn the_first_and_the_last_address_of_every_closed_network_are_refused_and_those_beside_it_are_not() {
        for (first, last, before, after) in [
            ("0.0.0.0", "0.255.255.255", None, Some("1.0.0.0")),
            ("10.0.0.0", "10.255.255.255", Some("9.255.255.255"), Some("11.0.0.0")),
            ("100.64.0.0", "100.127.255.255", Some("100.63.255.255"), Some("100.128.0.0")),
            ("127.0.0.0", "127.255.255.255", Some("126.255.255.255"), Some("128.0.0.0")),
            ("168.63.129.16", "168.63.129.16", Some("168.63.129.15"), Some("168.63.129.17")),
            ("169.254.0.0", "169.254.255.255", Some("169.253.255.255"), Some("169.255.0.0")),
            ("172.16.0.0", "172.31.255.255", Some("172.15.255.255"), Some("172.32.0.0")),
            ("192.0.0.0", "192.0.0.255", Some("191.255.255.255"), Some("192.0.1.0")),
            ("192.0.2.0", "192.0.2.255", Some("192.0.1.255"), Some("192.0.3.0")),
            ("192.31.196.0", "192.31.196.255", Some("192.31.195.255"), Some("192.31.197.0")),
            ("192.88.99.0", "192.88.99.255", Some("192.88.98.255"), Some("192.88.100.0")),
            ("192.168.0.0", "192.168.255.255", Some("192.167.255.255"), Some("192.169.0.0")),
            ("198.18.0.0", "198.19.255.255", Some("198.17.255.255"), Some("198.20.0.0")),
            ("198.51.100.0", "198.51.100.255", Some("198.51.99.255"), Some("198.51.101.0")),
            ("203.0.113.0", "203.0.113.255", Some("203.0.112.255"), Some("203.0.114.0")),
            ("224.0.0.0", "255.255.255.255", Some("223.255.255.255"), None),
            ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None, Some("2000::")),
            ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Some("2000:ffff::1"), Some("2001:200::")),
            ("2001:db8::", "2001:db8:ffff::1", Some("2001:db7::1"), Some("2001:db9::")),
            ("2002::", "2002:ffff::1", Some("2001:ffff::1"), Some("2003::")),
            ("3fff::", "3fff:fff:ffff::1", Some("3ffe::1"), Some("3fff:1000::")),
            ("4000::", "ffff::", Some("3fff:ffff::1"), None),
        ] {
            assert!(!is_open(first) && !is_open(last), "{first} to {last}");
            assert!(before.is_none_or(is_open), "{before:?}");
            assert!(after.is_none_or(is_open), "{after:?}");
        }
    }

    #[test]
    fn an_address_that_carries_another_is_refused_and_metadata_of_clouds_are() {
        for text in [
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2002:7f00:1::1",
            "2a00:1450::5efe:10.0.0.1",
            "2a00:1450::200:5efe:10.0.0.1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.192",
        ] {
            assert!(!is_open(text), "{text}");
        }
        for text in ["8.8.8.8", "2a00:1450:4001:82f::200e", "2606:4700::1111"] {
            assert!(is_open(text), "{text}");
        }
    }
}
