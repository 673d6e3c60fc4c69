//! Inputs that are edits of something valid, which is another in each run: where, what, and how.

/// The bytes of an edit.
const EDIT: usize = 6;

/// Applies edits to bytes; half of them to the first bytes, `near` of them.
pub fn apply(edits: &[u8], near: usize, bytes: &mut Vec<u8>) {
    for edit in edits.chunks_exact(EDIT) {
        let [how, byte, place @ ..] = edit else {
            continue;
        };
        let place = u32::from_le_bytes([place[0], place[1], place[2], place[3]]) as usize;
        let reach = if how & 8 == 0 { usize::MAX } else { near };
        let at = place % (bytes.len() + 1).min(reach);
        match how % 8 {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, *byte),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 if at < bytes.len() => bytes[at] = byte.wrapping_add(bytes[at]),
            4 if at < bytes.len() => bytes[at] = *byte,
            // A stretch of one byte.
            5 => {
                let to = (at + usize::from(*byte)).min(bytes.len());
                bytes[at..to].fill(*how);
            }
            // Two places exchanged.
            6 if at < bytes.len() => {
                let other = usize::from(*byte) * 16 % bytes.len();
                bytes.swap(at, other);
            }
            _ if at < bytes.len() => bytes[at] ^= 1 << (byte % 8),
            _ => {}
        }
    }
}
