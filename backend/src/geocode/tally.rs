//! What several providers' answers to one question come to. Pure: neither time nor I/O.

use model::place::{Position, Source};

use super::provider::Answer;

/// What the providers' answers come to.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
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
        /// A second provider does not know it as in use either.
        confirmed: bool,
    },
    Unknown {
        source: Source,
        confirmed: bool,
    },
    /// Nobody gave an answer that counts.
    Nothing,
}

/// The noes so far; a yes ends the count at once.
#[derive(Debug, Default)]
pub struct Tally {
    noes: u32,
    /// Who said no first.
    first: Option<Source>,
    /// Who said that it was terminated, and since when.
    terminated: Option<(Option<String>, Source)>,
}

/// So many providers must agree that a postcode is not in use: a single one may have old data or a bad day.
const ENOUGH_NOES: u32 = 2;

impl Tally {
    /// Counts an answer; the verdict, as soon as no further answer could change it for the better.
    pub fn add(&mut self, answer: Answer, source: Source, knows_absence: bool) -> Option<Verdict> {
        match answer {
            Answer::Found(position) => Some(Verdict::Found { position, source }),
            Answer::NotLocatable => Some(Verdict::NotLocatable { source }),
            Answer::Terminated { .. } | Answer::Unknown if !knows_absence => None,
            Answer::Terminated { since } => {
                let with_date = since.is_some();
                if self.terminated.is_none() || with_date {
                    self.terminated = Some((since, source));
                }
                self.no(source)
            }
            Answer::Unknown => self.no(source),
        }
    }

    fn no(&mut self, source: Source) -> Option<Verdict> {
        self.noes += 1;
        self.first.get_or_insert(source);
        (self.noes >= ENOUGH_NOES).then(|| self.close())
    }

    /// The verdict when nobody else can be asked.
    #[must_use]
    pub fn close(&self) -> Verdict {
        let confirmed = self.noes >= ENOUGH_NOES;
        // One that calls it terminated knows more than one that has dropped it from its data.
        match (&self.terminated, self.first) {
            (Some((since, source)), _) => Verdict::Terminated {
                since: since.clone(),
                source: *source,
                confirmed,
            },
            (None, Some(source)) => Verdict::Unknown { source, confirmed },
            (None, None) => Verdict::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Source = Source::PostcodesIo;
    const B: Source = Source::FindThatPostcode;
    const OLD: Source = Source::GetTheData;
    const PLACE: Position = Position {
        latitude: 54.8,
        longitude: -1.6,
    };

    fn verdict(answers: &[(Answer, Source)]) -> Verdict {
        let mut tally = Tally::default();
        for (answer, source) in answers {
            if let Some(verdict) = tally.add(answer.clone(), *source, *source != OLD) {
                return verdict;
            }
        }
        tally.close()
    }

    fn terminated(since: Option<&str>) -> Answer {
        Answer::Terminated {
            since: since.map(str::to_owned),
        }
    }

    #[test]
    fn a_yes_decides() {
        let found = Verdict::Found {
            position: PLACE,
            source: A,
        };
        assert_eq!(verdict(&[(Answer::Found(PLACE), A)]), found);
    }

    #[test]
    fn a_yes_beats_a_no_that_came_first() {
        let found = Verdict::Found {
            position: PLACE,
            source: B,
        };
        for no in [Answer::Unknown, terminated(None)] {
            assert_eq!(verdict(&[(no, A), (Answer::Found(PLACE), B)]), found);
        }
    }

    #[test]
    fn valid_without_coordinates_decides() {
        let verdict = verdict(&[(Answer::NotLocatable, A)]);
        assert_eq!(verdict, Verdict::NotLocatable { source: A });
    }

    #[test]
    fn two_noes_confirm_each_other() {
        assert_eq!(
            verdict(&[(Answer::Unknown, A), (Answer::Unknown, B)]),
            Verdict::Unknown {
                source: A,
                confirmed: true
            }
        );
    }

    #[test]
    fn one_no_is_unconfirmed() {
        assert_eq!(
            verdict(&[(Answer::Unknown, B)]),
            Verdict::Unknown {
                source: B,
                confirmed: false
            }
        );
        assert_eq!(
            verdict(&[(terminated(None), B)]),
            Verdict::Terminated {
                since: None,
                source: B,
                confirmed: false
            }
        );
    }

    #[test]
    fn terminated_is_more_than_unknown_and_a_date_more_than_none() {
        let expected = Verdict::Terminated {
            since: Some("1996-06".to_owned()),
            source: B,
            confirmed: true,
        };
        for first in [Answer::Unknown, terminated(None)] {
            let second = terminated(Some("1996-06"));
            assert_eq!(verdict(&[(first, A), (second, B)]), expected);
        }
    }

    #[test]
    fn the_no_of_old_data_counts_for_nothing() {
        assert_eq!(verdict(&[(Answer::Unknown, OLD)]), Verdict::Nothing);
        assert_eq!(verdict(&[(terminated(None), OLD)]), Verdict::Nothing);
        let unconfirmed = Verdict::Unknown {
            source: A,
            confirmed: false,
        };
        let answers = [(Answer::Unknown, A), (Answer::Unknown, OLD)];
        assert_eq!(verdict(&answers), unconfirmed);
    }
}
