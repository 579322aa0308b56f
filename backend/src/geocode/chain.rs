//! Asks the providers: one after another where the first is quick, side by side where it is not, and never for longer than
//! the timeout. Knows nothing of caches.

use std::sync::Arc;
use std::time::Duration;

use model::Postcode;
use model::place::Source;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::provider::{Answer, Failure};
use super::tally::{Tally, Verdict};
use super::watched::Watched;

pub struct Chain {
    /// In order of preference.
    pub(super) providers: Vec<Arc<Watched>>,
    /// How long the caller waits altogether. An order is being typed: what takes longer is better answered by the gazetteer.
    pub(super) timeout: Duration,
    /// How long one provider may be silent before the next is asked as well. Shorter doubles the load on people who give
    /// their service away; longer is felt when one of them is slow.
    pub(super) hedge: Duration,
}

struct Heard {
    source: Source,
    knows_absence: bool,
    answer: Result<Answer, Failure>,
}

impl Chain {
    pub async fn ask(&self, postcode: &Postcode) -> Verdict {
        let deadline = Instant::now() + self.timeout;
        let (speaker, mut heard) = mpsc::unbounded_channel();
        let mut unasked = self.providers.iter();
        let mut tally = Tally::default();
        let mut asked = 0_u32;
        let mut ask_next_at = Instant::now();
        loop {
            if asked == 0 || ask_next_at <= Instant::now() {
                if start_next(&mut unasked, postcode, &speaker) {
                    asked += 1;
                }
                ask_next_at = Instant::now() + self.hedge;
            }
            if asked == 0 {
                return tally.close();
            }
            tokio::select! {
                biased;
                Some(heard) = heard.recv() => {
                    asked -= 1;
                    let verdict = heard.answer.ok().and_then(|answer| {
                        tally.add(answer, heard.source, heard.knows_absence)
                    });
                    if let Some(verdict) = verdict {
                        return verdict;
                    }
                }
                () = sleep_until(deadline) => return tally.close(),
                () = sleep_until(ask_next_at), if unasked.len() > 0 => {}
            }
        }
    }
}

/// Asks the next provider that may be asked, in a task of its own: a slow one that was overtaken is heard to the end of its
/// timeout, so that its breaker learns how slow it is.
fn start_next<'a>(
    unasked: &mut impl Iterator<Item = &'a Arc<Watched>>,
    postcode: &Postcode,
    speaker: &mpsc::UnboundedSender<Heard>,
) -> bool {
    let Some((watched, leave)) = unasked.find_map(|watched| Some((watched, watched.admit()?)))
    else {
        return false;
    };
    let (source, knows_absence) = (watched.source(), watched.knows_absence());
    let (postcode, speaker) = (postcode.clone(), speaker.clone());
    tokio::spawn(async move {
        let answer = leave.ask(&postcode).await;
        // Nobody listens any more where another was quicker.
        let _ = speaker.send(Heard {
            source,
            knows_absence,
            answer,
        });
    });
    true
}
