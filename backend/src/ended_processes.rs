//! The stopped processes that this replica has ended because they held a lock, for its status report.

use std::sync::{Mutex, PoisonError};

use model::status::EndedProcess;

/// The last ended process and the number of all.
#[derive(Default)]
pub struct EndedProcesses(Mutex<Option<EndedProcess>>);

impl EndedProcesses {
    pub fn record(&self, process_id: u32) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = last.map_or(0, |last| last.count) + 1;
        *last = Some(EndedProcess { process_id, count });
    }

    pub fn last(&self) -> Option<EndedProcess> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
