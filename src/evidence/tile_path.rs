//! The paths of tiles and of bundles of entries (C2SP tlog-tiles), as they stand after `tile/`: `0/x001/x234/067` is the
//! full tile 1234067 of the leaves, `1/000.p/3` the first three hashes of the level above, `entries/000` the first 256 leaves.

use crate::tiles::TILE_WIDTH;

/// The highest level that a tree of 2^64 leaves has.
const HIGHEST_LEVEL: u32 = 7;

/// Which tile, or which bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TilePath {
    /// The level of the tile, 0 for hashes of leaves; `None` for the leaves themselves.
    pub level: Option<u32>,
    /// Which of the level, from 0.
    pub index: u64,
    /// How many hashes or leaves, 1 to 256; less than 256 where it was not full at some size of the tree.
    pub width: u64,
}

impl TilePath {
    /// Reads a path. `None` where it is none in the one form that each has.
    pub fn parse(path: &str) -> Option<TilePath> {
        let (path, width) = match path.split_once(".p/") {
            None => (path, TILE_WIDTH),
            Some((path, width)) => (path, decimal(width).filter(|width| (1..TILE_WIDTH).contains(width))?),
        };
        let (level, index) = path.split_once('/')?;
        let level = match level {
            "entries" => None,
            number => Some(u32::try_from(decimal(number)?).ok().filter(|level| *level <= HIGHEST_LEVEL)?),
        };
        let mut number = 0u64;
        let groups: Vec<&str> = index.split('/').collect();
        for (place, group) in groups.iter().enumerate() {
            let digits = if place + 1 == groups.len() { group } else { group.strip_prefix('x')? };
            let whole = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
            let value = digits.parse::<u64>().ok().filter(|_| whole)?;
            number = number.checked_mul(1000)?.checked_add(value)?;
        }
        let found = TilePath { level, index: number, width };
        // A number has one way to be written: no groups of zeros before it.
        (index_path(number) == index && number.checked_mul(TILE_WIDTH).is_some()).then_some(found)
    }

    /// The paths of every tile and bundle that a tree of `size` leaves has, as they are at that size.
    pub fn all(size: u64) -> impl Iterator<Item = TilePath> {
        let bundles = row(None, size);
        let levels = (0..=HIGHEST_LEVEL).flat_map(move |level| {
            let shift = level.saturating_mul(TILE_WIDTH.trailing_zeros());
            row(Some(level), size.checked_shr(shift).unwrap_or(0))
        });
        bundles.chain(levels)
    }
}

/// The tiles of `count` hashes side by side.
fn row(level: Option<u32>, count: u64) -> impl Iterator<Item = TilePath> {
    (0..count.div_ceil(TILE_WIDTH)).map(move |index| {
        let width = count.saturating_sub(index.saturating_mul(TILE_WIDTH)).min(TILE_WIDTH);
        TilePath { level, index, width }
    })
}

impl std::fmt::Display for TilePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.level {
            Some(level) => write!(f, "{level}/")?,
            None => f.write_str("entries/")?,
        }
        f.write_str(&index_path(self.index))?;
        if self.width < TILE_WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// A number in groups of three digits, all but the last with an `x` before them.
fn index_path(number: u64) -> String {
    let last = format!("{:03}", number % 1000);
    match number / 1000 {
        0 => last,
        above => format!("{}/{last}", index_path(above).split('/').map(marked).collect::<Vec<_>>().join("/")),
    }
}

fn marked(group: &str) -> String {
    if group.starts_with('x') { group.to_owned() } else { format!("x{group}") }
}

fn decimal(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

/// A leaf that a bundle cannot hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("leaf {index} has {bytes} bytes, and a bundle of C2SP tlog-tiles holds none above 65535")]
pub struct TooLargeForBundle {
    /// Which of those given, from 0.
    pub index: usize,
    /// Its bytes.
    pub bytes: usize,
}

/// Leaves side by side, each with its length before it in two bytes, big-endian. Errors: one is too large for that.
pub fn entry_bundle(leaves: &[Vec<u8>]) -> Result<Vec<u8>, TooLargeForBundle> {
    let mut bundle = Vec::with_capacity(leaves.iter().map(|leaf| leaf.len() + 2).sum());
    for (index, leaf) in leaves.iter().enumerate() {
        let length = u16::try_from(leaf.len()).map_err(|_| TooLargeForBundle { index, bytes: leaf.len() })?;
        bundle.extend(length.to_be_bytes());
        bundle.extend(leaf);
    }
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let full = |level, index| TilePath { level, index, width: 256 };
        let known = [
            ("0/x001/x234/067", full(Some(0), 1_234_067)),
            ("0/000", full(Some(0), 0)),
            ("1/x001/000", full(Some(1), 1000)),
            ("entries/x001/x234/067", full(None, 1_234_067)),
            ("3/999.p/7", TilePath { level: Some(3), index: 999, width: 7 }),
            ("entries/x009/002.p/255", TilePath { level: None, index: 9002, width: 255 }),
        ];
        for (path, tile) in known {
            assert_eq!(TilePath::parse(path), Some(tile), "{path}");
            assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn a_path_has_one_form() {
        let none = "|0|0/|0/0|0/00|0/0000|0/x000/001|0/001/002|0/x01/002|00/000|8/000|-1/000|0/000.p/0|0/000.p/256|\
                    0/000.p/07|0/000.p|0/000.p/|entry/000|0/x000/000|0/x999/x999/x999/x999/x999/x999/999|0/+01";
        for path in none.split('|') {
            assert_eq!(TilePath::parse(path), None, "`{path}`");
        }
    }

    #[test]
    fn a_tree_has_these_tiles() {
        let all = |size| TilePath::all(size).map(|tile| tile.to_string()).collect::<Vec<_>>();
        assert_eq!(all(0), [""; 0]);
        assert_eq!(all(3), ["entries/000.p/3", "0/000.p/3"]);
        assert_eq!(all(256), ["entries/000", "0/000", "1/000.p/1"]);
        let some = ["entries/000", "entries/001.p/44", "0/000", "0/001.p/44", "1/000.p/1"];
        assert_eq!(all(300), some);
    }

    #[test]
    fn a_bundle_says_which_leaf_is_too_large() {
        assert_eq!(entry_bundle(&[b"ab".to_vec(), Vec::new()]), Ok(vec![0, 2, b'a', b'b', 0, 0]));
        let wrong = TooLargeForBundle { index: 1, bytes: 65_536 };
        assert_eq!(entry_bundle(&[vec![0; 65_535], vec![0; 65_536]]), Err(wrong));
    }
}
