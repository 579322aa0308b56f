//! Limits retries and hedges. Without the limit, replicas that are slow under load would be given each request several times.
//!
//! A counter without I/O. Every request deposits a part of a retry, so that retries stay a fraction of the traffic; time deposits a
//! little, so that a shop with few customers has some too.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::gateway::config::{RETRY_BUDGET_MAX, RETRY_DEPOSIT_INTERVAL, RETRY_DEPOSIT_MILLI};

/// One retry, in the unit of the balance.
const RETRY_MILLI: i64 = 1_000;
const MAX_MILLI: i64 = RETRY_BUDGET_MAX * RETRY_MILLI;

pub struct RetryBudget {
    balance_milli: AtomicI64,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self {
            balance_milli: AtomicI64::new(MAX_MILLI),
        }
    }
}

impl RetryBudget {
    /// Deposits the part of a retry that one request earns.
    pub fn deposit(&self) {
        self.add(RETRY_DEPOSIT_MILLI);
    }

    /// Deposits whole retries.
    pub fn deposit_retries(&self, retries: i64) {
        self.add(retries * RETRY_MILLI);
    }

    /// Deposits one retry at every interval, for as long as it is polled.
    pub async fn deposit_over_time(&self) {
        let mut interval = tokio::time::interval(RETRY_DEPOSIT_INTERVAL);
        loop {
            interval.tick().await;
            self.deposit_retries(1);
        }
    }

    /// Withdraws one retry; returns whether there was one.
    pub fn withdraw(&self) -> bool {
        let withdrawn =
            self.balance_milli
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |balance| {
                    (balance >= RETRY_MILLI).then_some(balance - RETRY_MILLI)
                });
        withdrawn.is_ok()
    }

    /// The balance, in retries.
    pub fn balance(&self) -> f64 {
        self.balance_milli.load(Ordering::Relaxed) as f64 / RETRY_MILLI as f64
    }

    fn add(&self, amount_milli: i64) {
        // The budget is full in most cases, and a read is cheaper than a write.
        if self.balance_milli.load(Ordering::Relaxed) < MAX_MILLI {
            self.balance_milli
                .fetch_add(amount_milli, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn withdrawn(budget: &RetryBudget, attempts: usize) -> usize {
        (0..attempts).filter(|_| budget.withdraw()).count()
    }

    #[test]
    fn starts_full_and_can_be_used_up() {
        assert_eq!(withdrawn(&RetryBudget::default(), 5_000), 1_000);
    }

    #[test]
    fn five_requests_pay_for_one_retry() {
        let budget = RetryBudget::default();
        withdrawn(&budget, 1_000);
        for _ in 0..50 {
            budget.deposit();
        }
        assert_eq!(withdrawn(&budget, 50), 10);
    }

    #[test]
    fn time_deposits_retries_and_the_balance_is_bounded() {
        let budget = RetryBudget::default();
        withdrawn(&budget, 1_000);
        budget.deposit_retries(3);
        assert_eq!(withdrawn(&budget, 50), 3);
        for _ in 0..1_000_000 {
            budget.deposit();
        }
        assert_eq!(withdrawn(&budget, 5_000), 1_000);
    }
}
