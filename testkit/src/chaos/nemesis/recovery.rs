//! Who is back, or has gone although nobody had asked for it.

use super::{Nemesis, RECOVERED_WITHIN};
use crate::chaos::finding::Finding;
use crate::chaos::plan::Kind;
use crate::wait;

impl Nemesis {
    pub(super) async fn restart(
        &mut self,
        number: u16,
        ahead_ms: i64,
    ) -> anyhow::Result<Option<String>> {
        let well = self.cluster.terminate(number).await?;
        if !well {
            self.findings.push(Finding::NotRecovered {
                what: format!("replica-{number} was asked to end and did not end well"),
            });
        }
        self.cluster.start_replica_off(number, ahead_ms).await?;
        Ok(well.then(|| "it ended well and came back".to_owned()))
    }

    /// Replicas that are not to be ended by anything, and were.
    pub(super) async fn find_spontaneous_ends(&mut self) -> anyhow::Result<()> {
        for number in 1..=self.replicas {
            let away = self.active.iter().any(|active| {
                active.replica == Some(number) && matches!(active.kind, Kind::Kill | Kind::Hang)
            });
            if !away && self.cluster.has_ended(number)? {
                self.findings.push(Finding::NotRecovered {
                    what: format!("replica-{number} ended although nobody had asked it to"),
                });
                self.cluster.start_replica(number).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn recover(&mut self) -> anyhow::Result<()> {
        self.find_spontaneous_ends().await?;
        self.find_spontaneous_server_ends().await?;
        let all = usize::from(self.replicas);
        let back = wait::until("all replicas back", RECOVERED_WITHIN, || async {
            (self.cluster.available().await.ok()?.len() == all).then_some(())
        });
        if let Err(error) = back.await {
            self.findings.push(Finding::NotRecovered {
                what: format!("all faults had ended: {error}"),
            });
        }
        Ok(())
    }
}
