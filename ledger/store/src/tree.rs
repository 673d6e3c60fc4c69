//! The Merkle tree over the leaf hashes of all entries, as RFC 6962 (section 2.1) has it, grown
//! leaf by leaf.

use crate::leaf::LeafHash;
use sha2::{Digest, Sha256};

/// What RFC 6962 puts before two nodes, so that no node can pass for a leaf.
const NODE: [u8; 1] = [1];

/// The tree over the entries from the first on. Takes 32 bytes for each binary digit of their
/// number, whatever they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    leaves: u64,
    /// The roots of the whole trees that it consists of, the largest first: one for each 1 among
    /// the binary digits of `leaves`.
    peaks: Vec<[u8; 32]>,
}

impl Tree {
    /// Adds the next leaf. Costs a hash for each whole tree that it completes, two at most on
    /// average.
    pub fn push(&mut self, leaf: LeafHash) {
        let mut root = leaf.0;
        for _ in 0..self.leaves.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                root = node(left, root);
            }
        }
        self.peaks.push(root);
        self.leaves += 1;
    }

    /// Returns how many leaves it has.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Returns the root hash; without leaves, the hash of no bytes.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        let whole = self.peaks.iter().copied().rev();
        whole
            .reduce(|right, left| node(left, right))
            .unwrap_or_else(|| Sha256::digest(b"").into())
    }
}

fn node(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(NODE);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of the RFC, word for word.
    fn defined(leaves: &[LeafHash]) -> [u8; 32] {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [leaf] => leaf.0,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                node(defined(left), defined(right))
            }
        }
    }

    #[test]
    fn is_what_the_rfc_defines() {
        let leaves: Vec<LeafHash> = (0_u32..300)
            .map(|number| LeafHash::of(&number.to_le_bytes()))
            .collect();
        let mut tree = Tree::default();
        for (count, leaf) in leaves.iter().enumerate() {
            assert_eq!(tree.root(), defined(&leaves[..count]), "{count}");
            assert_eq!(tree.leaves(), count as u64);
            tree.push(*leaf);
        }
    }

    #[test]
    fn is_that_of_certificate_transparency() {
        // The leaves and the roots of the reference implementation's test data.
        let leaves = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::default();
        for (leaf, root) in leaves.iter().zip(roots) {
            let bytes = data_encoding::HEXLOWER.decode(leaf.as_bytes());
            tree.push(LeafHash::of(&bytes.expect("digits")));
            assert_eq!(data_encoding::HEXLOWER.encode(&tree.root()), root, "{leaf}");
        }
    }
}
