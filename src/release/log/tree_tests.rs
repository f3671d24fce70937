//! Tests of the tree: the published vectors of Certificate Transparency, and a recomputation by the words of RFC 6962.

use proptest::prelude::*;

use super::*;

/// The eight leaves, roots, paths and proofs of google/certificate-transparency, `cpp/merkletree/merkle_tree_test.cc`
/// (commit 0e901cac; `kInputs`, `kSHA256Roots`, `kSHA256Paths`, `kSHA256Proofs`). Its leaves are numbered from 1.
const LEAVES: [&str; 8] = ["", "\0", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno"];
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const PATHS: [(u64, usize, &[&str]); 5] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (3, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        2,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];
const PROOFS: [(u64, usize, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn hash(hex: &str) -> Hash {
    hex::decode(hex).unwrap().try_into().unwrap()
}

fn tree(size: usize) -> Tree {
    Tree::new(LEAVES[..size].iter().copied())
}

#[test]
fn the_published_roots_paths_and_proofs_hold() {
    assert_eq!(tree(0).head(), Head { size: 0, root: hash(EMPTY) });
    for (size, root) in (1..).zip(ROOTS) {
        let head = Head { size: size as u64, root: hash(root) };
        assert_eq!(tree(size).head(), head);
        assert_eq!(tree(8).head_at(size as u64), Some(head));
    }
    for (leaf, size, path) in PATHS {
        let path: Vec<Hash> = path.iter().map(|text| hash(text)).collect();
        assert_eq!(tree(size).inclusion(leaf - 1), Some(path.clone()), "{leaf} of {size}");
        assert!(includes(&tree(size).head(), LEAVES[leaf as usize - 1], leaf - 1, &path));
    }
    for (old, new, proof) in PROOFS {
        let proof: Vec<Hash> = proof.iter().map(|text| hash(text)).collect();
        assert_eq!(tree(new).consistency(old), Some(proof.clone()), "{old} to {new}");
        assert!(extends(&tree(old as usize).head(), &tree(new).head(), &proof));
    }
    assert_eq!(leaf(""), hash(ROOTS[0]));
}

#[test]
fn what_is_not_there_is_not_proven() {
    assert_eq!(tree(0).inclusion(0), None);
    assert_eq!(tree(8).inclusion(8), None);
    assert_eq!(tree(8).head_at(9), None);
    assert_eq!(tree(8).consistency(9), None);
    assert_eq!(tree(8).consistency(0), Some(vec![]));
    let (empty, head) = (tree(0).head(), tree(8).head());
    assert!(extends(&empty, &head, &[]) && extends(&empty, &empty, &[]));
    assert!(!extends(&head, &empty, &[]));
    assert!(!extends(&Head { size: 0, root: head.root }, &head, &[]), "no other log is empty");
    let endless = Head { size: u64::MAX, root: head.root };
    assert!(!includes(&endless, "", u64::MAX - 1, &[head.root; 64]) && !extends(&head, &endless, &[]));
    assert!(!extends(&endless, &endless, &[]));
}

/// MTH of RFC 6962, 2.1, word by word.
fn naive_root(lines: &[String]) -> Hash {
    match lines {
        [] => Sha256::digest([]).into(),
        [one] => Sha256::digest([&[0], one.as_bytes()].concat()).into(),
        _ => {
            let split = 1 << (lines.len() - 1).ilog2();
            let (left, right) = (naive_root(&lines[..split]), naive_root(&lines[split..]));
            Sha256::digest([&[1], &left[..], &right[..]].concat()).into()
        }
    }
}

/// PATH of RFC 6962, 2.1.1.
fn naive_path(lines: &[String], at: usize) -> Vec<Hash> {
    if lines.len() == 1 {
        return vec![];
    }
    let split = 1 << (lines.len() - 1).ilog2();
    let (mut path, rest) = if at < split {
        (naive_path(&lines[..split], at), &lines[split..])
    } else {
        (naive_path(&lines[split..], at - split), &lines[..split])
    };
    path.push(naive_root(rest));
    path
}

/// SUBPROOF of RFC 6962, 2.1.2.
fn naive_proof(lines: &[String], old: usize, whole: bool) -> Vec<Hash> {
    if old == lines.len() {
        return if whole { vec![] } else { vec![naive_root(lines)] };
    }
    let split = 1 << (lines.len() - 1).ilog2();
    let (mut proof, rest) = if old <= split {
        (naive_proof(&lines[..split], old, whole), &lines[split..])
    } else {
        (naive_proof(&lines[split..], old - split, false), &lines[..split])
    };
    proof.push(naive_root(rest));
    proof
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_proof_is_that_of_the_rfc_and_holds_for_nothing_else(
        lines in prop::collection::vec("[a-z]{0,3}", 1..40),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
        byte in any::<prop::sample::Index>(),
    ) {
        let tree = Tree::new(lines.iter().map(String::as_str));
        let head = tree.head();
        prop_assert_eq!(head.root, naive_root(&lines));
        let index = at.index(lines.len());
        let path = tree.inclusion(index as u64).unwrap();
        prop_assert_eq!(&path, &naive_path(&lines, index));
        prop_assert!(includes(&head, &lines[index], index as u64, &path));
        prop_assert!(!includes(&head, "other", index as u64, &path));
        let old = index + 1;
        let earlier = tree.head_at(old as u64).unwrap();
        prop_assert_eq!(earlier.root, naive_root(&lines[..old]));
        let proof = tree.consistency(old as u64).unwrap();
        prop_assert_eq!(&proof, &naive_proof(&lines, old, true));
        prop_assert!(extends(&earlier, &head, &proof));
        let with_other_root = |head: Head| Head { root: [7; 32], ..head };
        prop_assert!(!extends(&with_other_root(earlier), &head, &proof));
        prop_assert!(!extends(&earlier, &with_other_root(head), &proof));
        // Any changed bit, one hash more, one fewer.
        for (proof, holds) in [
            (&path, &(|path: &[Hash]| includes(&head, &lines[index], index as u64, path)) as &dyn Fn(&[Hash]) -> bool),
            (&proof, &|proof: &[Hash]| extends(&earlier, &head, proof)),
        ] {
            let longer = [&proof[..], &[[0; 32]]].concat();
            prop_assert!(!holds(&longer));
            if !proof.is_empty() {
                prop_assert!(!holds(&proof[1..]) && !holds(&proof[..proof.len() - 1]));
                let mut changed = proof.clone();
                let place = byte.index(32 * changed.len());
                changed[place / 32][place % 32] ^= 1 << bit;
                prop_assert!(!holds(&changed));
            }
        }
    }
}
