//! Consensus of several providers' answers about one postcode. Pure: it takes no time and does no I/O.
//!
//! A position is accepted from one provider. That a postcode is not in use needs two of them: a single provider may have old data.

use model::place::{Position, Source};

use super::provider::ProviderAnswer;

/// What the providers' answers amount to together.
#[derive(Clone, Debug, PartialEq)]
pub enum Consensus {
    Found {
        position: Position,
        source: Source,
    },
    NotLocatable {
        source: Source,
    },
    Terminated {
        since: Option<String>,
        source: Source,
        /// A second provider does not have the postcode in use either.
        confirmed: bool,
    },
    Unknown {
        source: Source,
        confirmed: bool,
    },
    /// No provider gave an answer that counts.
    NoAnswer,
}

/// Negative answers so far. The first positive answer ends the vote.
#[derive(Debug, Default)]
pub struct Votes {
    negatives: u32,
    /// Provider of the first negative answer.
    first_negative: Option<Source>,
    /// Date and provider of the most precise answer that the postcode was terminated.
    terminated: Option<(Option<String>, Source)>,
}

/// Negative answers needed before a postcode counts as not in use.
const QUORUM: u32 = 2;

impl Votes {
    /// Adds an answer; returns the consensus as soon as no further answer can change it. A negative answer of a provider that is not
    /// authoritative is ignored.
    pub fn add(
        &mut self,
        answer: ProviderAnswer,
        source: Source,
        is_authoritative: bool,
    ) -> Option<Consensus> {
        match answer {
            ProviderAnswer::Found(position) => Some(Consensus::Found { position, source }),
            ProviderAnswer::NotLocatable => Some(Consensus::NotLocatable { source }),
            ProviderAnswer::Terminated { .. } | ProviderAnswer::Unknown if !is_authoritative => {
                None
            }
            ProviderAnswer::Terminated { since } => {
                let with_date = since.is_some();
                if self.terminated.is_none() || with_date {
                    self.terminated = Some((since, source));
                }
                self.add_negative(source)
            }
            ProviderAnswer::Unknown => self.add_negative(source),
        }
    }

    fn add_negative(&mut self, source: Source) -> Option<Consensus> {
        self.negatives += 1;
        self.first_negative.get_or_insert(source);
        (self.negatives >= QUORUM).then(|| self.conclude())
    }

    /// Consensus of the answers so far, for when no other provider can be queried.
    #[must_use]
    pub fn conclude(&self) -> Consensus {
        let confirmed = self.negatives >= QUORUM;
        // "Terminated" goes before "unknown": the other provider may have dropped the postcode from its data.
        match (&self.terminated, self.first_negative) {
            (Some((since, source)), _) => Consensus::Terminated {
                since: since.clone(),
                source: *source,
                confirmed,
            },
            (None, Some(source)) => Consensus::Unknown { source, confirmed },
            (None, None) => Consensus::NoAnswer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Source = Source::PostcodesIo;
    const B: Source = Source::FindThatPostcode;
    /// Not authoritative.
    const OLD: Source = Source::GetTheData;
    const POSITION: Position = Position {
        latitude: 54.8,
        longitude: -1.6,
    };

    fn consensus(answers: &[(ProviderAnswer, Source)]) -> Consensus {
        let mut votes = Votes::default();
        for (answer, source) in answers {
            if let Some(consensus) = votes.add(answer.clone(), *source, *source != OLD) {
                return consensus;
            }
        }
        votes.conclude()
    }

    fn terminated(since: Option<&str>) -> ProviderAnswer {
        ProviderAnswer::Terminated {
            since: since.map(str::to_owned),
        }
    }

    #[test]
    fn a_position_decides() {
        let found = Consensus::Found {
            position: POSITION,
            source: A,
        };
        assert_eq!(consensus(&[(ProviderAnswer::Found(POSITION), A)]), found);
    }

    #[test]
    fn a_position_overrides_an_earlier_negative_answer() {
        let found = Consensus::Found {
            position: POSITION,
            source: B,
        };
        for negative in [ProviderAnswer::Unknown, terminated(None)] {
            assert_eq!(
                consensus(&[(negative, A), (ProviderAnswer::Found(POSITION), B)]),
                found
            );
        }
    }

    #[test]
    fn valid_without_coordinates_decides() {
        let consensus = consensus(&[(ProviderAnswer::NotLocatable, A)]);
        assert_eq!(consensus, Consensus::NotLocatable { source: A });
    }

    #[test]
    fn two_negative_answers_confirm_each_other() {
        assert_eq!(
            consensus(&[(ProviderAnswer::Unknown, A), (ProviderAnswer::Unknown, B)]),
            Consensus::Unknown {
                source: A,
                confirmed: true
            }
        );
    }

    #[test]
    fn one_negative_answer_is_unconfirmed() {
        assert_eq!(
            consensus(&[(ProviderAnswer::Unknown, B)]),
            Consensus::Unknown {
                source: B,
                confirmed: false
            }
        );
        assert_eq!(
            consensus(&[(terminated(None), B)]),
            Consensus::Terminated {
                since: None,
                source: B,
                confirmed: false
            }
        );
    }

    #[test]
    fn terminated_is_more_than_unknown_and_a_date_more_than_none() {
        let expected = Consensus::Terminated {
            since: Some("1996-06".to_owned()),
            source: B,
            confirmed: true,
        };
        for first in [ProviderAnswer::Unknown, terminated(None)] {
            let second = terminated(Some("1996-06"));
            assert_eq!(consensus(&[(first, A), (second, B)]), expected);
        }
    }

    #[test]
    fn a_negative_answer_from_old_data_does_not_count() {
        assert_eq!(
            consensus(&[(ProviderAnswer::Unknown, OLD)]),
            Consensus::NoAnswer
        );
        assert_eq!(consensus(&[(terminated(None), OLD)]), Consensus::NoAnswer);
        let unconfirmed = Consensus::Unknown {
            source: A,
            confirmed: false,
        };
        let answers = [(ProviderAnswer::Unknown, A), (ProviderAnswer::Unknown, OLD)];
        assert_eq!(consensus(&answers), unconfirmed);
    }
}
