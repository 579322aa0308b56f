//! How much may be sent a second time. Without a bound, replicas that are slow because they have too much to do would be given
//! each request several times over.
//!
//! A counter without I/O. Every request pays in a part of a repeat, so that repeats stay a fraction of the traffic, and time pays in
//! a little, so that few customers are not left without any.

use std::sync::atomic::{AtomicI64, Ordering};

/// In thousandths of a repeat.
const ONE: i64 = 1_000;
/// A fifth of a repeat for each request.
const A_REQUEST: i64 = 200;
/// Enough for all that is in flight when a busy replica dies or hangs, some times over.
const MOST: i64 = 1_000 * ONE;

pub struct Budget {
    left: AtomicI64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            left: AtomicI64::new(MOST),
        }
    }
}

impl Budget {
    /// A request came.
    pub fn pay_in(&self) {
        self.add(A_REQUEST);
    }

    /// So many repeats come with time.
    pub fn pay_in_repeats(&self, repeats: i64) {
        self.add(repeats * ONE);
    }

    /// Takes one repeat, if there is one left.
    pub fn spend(&self) -> bool {
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left >= ONE).then_some(left - ONE)
            });
        taken.is_ok()
    }

    /// How many repeats are left.
    pub fn left(&self) -> f64 {
        self.left.load(Ordering::Relaxed) as f64 / ONE as f64
    }

    fn add(&self, amount: i64) {
        // A full one is the usual case, and reading it is cheaper than writing.
        if self.left.load(Ordering::Relaxed) < MOST {
            self.left.fetch_add(amount, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(budget: &Budget, wanted: usize) -> usize {
        (0..wanted).filter(|_| budget.spend()).count()
    }

    #[test]
    fn starts_full_and_ends() {
        assert_eq!(spent(&Budget::default(), 5_000), 1_000);
    }

    #[test]
    fn five_requests_pay_for_one_repeat() {
        let budget = Budget::default();
        spent(&budget, 1_000);
        for _ in 0..50 {
            budget.pay_in();
        }
        assert_eq!(spent(&budget, 50), 10);
    }

    #[test]
    fn time_pays_for_some_and_what_nobody_used_does_not_add_up_without_end() {
        let budget = Budget::default();
        spent(&budget, 1_000);
        budget.pay_in_repeats(3);
        assert_eq!(spent(&budget, 50), 3);
        for _ in 0..1_000_000 {
            budget.pay_in();
        }
        assert_eq!(spent(&budget, 5_000), 1_000);
    }
}
