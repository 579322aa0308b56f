//! Room for a replica's large answers that are kept whole until the client has them: a kitchen's open orders after a long evening,
//! say. Clients that take them in slowly hold no more than this.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Of one answer, and of all of a replica's together.
const LARGEST_BYTES: u64 = 4 * 1024 * 1024;
const ALL_BYTES: u64 = 64 * 1024 * 1024;
/// What is counted.
const PIECE_BYTES: u64 = 1024;

pub struct Room(Arc<Semaphore>);

pub struct Place {
    _pieces: OwnedSemaphorePermit,
}

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new((ALL_BYTES / PIECE_BYTES) as usize)))
    }
}

impl Room {
    /// A place for so many bytes; none where the answer is too large or there is no room left.
    pub fn take(&self, bytes: u64) -> Option<Place> {
        let pieces = u32::try_from(bytes.div_ceil(PIECE_BYTES)).ok()?;
        if bytes > LARGEST_BYTES {
            return None;
        }
        let _pieces = Arc::clone(&self.0).try_acquire_many_owned(pieces).ok()?;
        Some(Place { _pieces })
    }
}

impl Place {
    /// Gives the place back when the bytes are dropped.
    pub fn keeps(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Kept {
            bytes,
            _place: self,
        })
    }
}

struct Kept {
    bytes: Bytes,
    _place: Place,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_until_it_is_full_and_again_when_answers_are_gone() {
        let room = Room::default();
        let bytes = || Bytes::from(vec![0; 1]);
        let mut kept: Vec<Bytes> = (0..ALL_BYTES / LARGEST_BYTES)
            .map(|_| room.take(LARGEST_BYTES).unwrap().keeps(bytes()))
            .collect();
        assert!(room.take(1).is_none());
        let copy = kept[0].clone();
        kept.clear();
        assert!(room.take(ALL_BYTES / 2).is_none());
        drop(copy);
        assert!(room.take(LARGEST_BYTES + 1).is_none());
        assert!(room.take(LARGEST_BYTES).is_some());
    }
}
