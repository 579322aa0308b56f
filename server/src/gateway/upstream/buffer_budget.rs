//! Limits the memory that a replica's large answers take while they are buffered for clients, such as a kitchen's open orders after
//! a long evening. Slow clients hold no more than this.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::gateway::config::{BUFFER_MAX_ANSWER_BYTES, BUFFER_TOTAL_BYTES, BUFFER_UNIT_BYTES};

pub struct BufferBudget(Arc<Semaphore>);

/// Reserved buffer space; returned when dropped.
pub struct BufferReservation {
    _units: OwnedSemaphorePermit,
}

impl Default for BufferBudget {
    fn default() -> Self {
        let units = BUFFER_TOTAL_BYTES / BUFFER_UNIT_BYTES;
        Self(Arc::new(Semaphore::new(units as usize)))
    }
}

impl BufferBudget {
    /// Reserves `bytes`; `None` where the answer is too large or the budget is used up.
    pub fn reserve(&self, bytes: u64) -> Option<BufferReservation> {
        let units = u32::try_from(bytes.div_ceil(BUFFER_UNIT_BYTES)).ok()?;
        if bytes > BUFFER_MAX_ANSWER_BYTES {
            return None;
        }
        let _units = Arc::clone(&self.0).try_acquire_many_owned(units).ok()?;
        Some(BufferReservation { _units })
    }
}

impl BufferReservation {
    /// Ties the reservation to `bytes`: it is returned when the last copy of them is dropped.
    pub fn attach_to(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(ReservedBytes {
            bytes,
            _reservation: self,
        })
    }
}

struct ReservedBytes {
    bytes: Bytes,
    _reservation: BufferReservation,
}

impl AsRef<[u8]> for ReservedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserves_until_it_is_used_up_and_again_when_answers_are_dropped() {
        let budget = BufferBudget::default();
        let bytes = || Bytes::from(vec![0; 1]);
        let mut reserved: Vec<Bytes> = (0..BUFFER_TOTAL_BYTES / BUFFER_MAX_ANSWER_BYTES)
            .map(|_| {
                let reservation = budget.reserve(BUFFER_MAX_ANSWER_BYTES).unwrap();
                reservation.attach_to(bytes())
            })
            .collect();
        assert!(budget.reserve(1).is_none());
        let copy = reserved[0].clone();
        reserved.clear();
        assert!(budget.reserve(BUFFER_TOTAL_BYTES / 2).is_none());
        drop(copy);
        assert!(budget.reserve(BUFFER_MAX_ANSWER_BYTES + 1).is_none());
        assert!(budget.reserve(BUFFER_MAX_ANSWER_BYTES).is_some());
    }
}
