//! Whom requests may go to, as it is published: a list that is replaced as a whole.

use std::sync::Arc;

use super::endpoint::Endpoint;

#[derive(Default)]
pub struct Table {
    /// Best first.
    pub preferred: Vec<Arc<Endpoint>>,
    /// How many of them, the last ones, are better than nobody and no more.
    last_resorts: usize,
}

impl Table {
    pub fn new(preferred: Vec<Arc<Endpoint>>, last_resorts: usize) -> Self {
        Self {
            preferred,
            last_resorts,
        }
    }

    /// The best of those who are not in doubt and not among `busy`, or else a last resort.
    pub fn besides(&self, busy: &[Arc<Endpoint>]) -> Option<&Arc<Endpoint>> {
        let free = |endpoint: &&Arc<Endpoint>| {
            let mut busy = busy.iter();
            !busy.any(|known| Arc::ptr_eq(known, endpoint))
        };
        let mut trusted = self.preferred.iter().filter(|one| !one.is_distrusted());
        let last_resorts = &self.preferred[self.preferred.len() - self.last_resorts..];
        trusted
            .find(free)
            .or_else(|| last_resorts.iter().find(free))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_suspect_is_nobodys_second_choice_and_a_last_resort_is_the_last() {
        let [sound, suspect, last] =
            ["replica-1", "replica-2", "replica-3"].map(Endpoint::for_tests);
        suspect.distrust(true);
        last.distrust(true);
        let all = [&sound, &suspect, &last].map(Arc::clone);
        let table = Table::new(all.to_vec(), 1);
        let chosen = |busy: &[Arc<Endpoint>]| table.besides(busy).map(|one| one.id.as_str());
        assert_eq!(chosen(&[]), Some("replica-1"));
        assert_eq!(chosen(&[sound]), Some("replica-3"));
        assert_eq!(chosen(&all), None);
    }
}
