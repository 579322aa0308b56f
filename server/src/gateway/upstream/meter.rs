//! Latency by the second and requests per second, for the status panel. No clock: the current second is a parameter.

use std::collections::VecDeque;

/// The length of the panel's sparkline.
const KEPT_SECONDS: u64 = 60;
/// Samples that one second keeps. Beyond it later samples replace earlier ones, so that a busy second costs no more memory.
const SAMPLES: usize = 128;
/// The rate is the mean over this many whole seconds: longer hides a fault, shorter makes the figure jump.
const RATE_SECONDS: u64 = 3;

#[derive(Debug, Default)]
pub struct Meter {
    second: u64,
    count: u32,
    samples: Vec<f32>,
    finished: VecDeque<Second>,
}

#[derive(Debug)]
struct Second {
    second: u64,
    count: u32,
    median_ms: f32,
}

#[derive(Debug, Default, PartialEq)]
pub struct Reading {
    /// Medians of the seconds that had responses, oldest first.
    pub latency_ms: Vec<f32>,
    pub requests_per_second: f32,
}

impl Meter {
    /// Counts one response that took `took_ms`. `second` must not decrease from call to call.
    pub fn record(&mut self, second: u64, took_ms: f32) {
        self.roll(second);
        if self.samples.len() < SAMPLES {
            self.samples.push(took_ms);
        } else {
            self.samples[self.count as usize % SAMPLES] = took_ms;
        }
        self.count += 1;
    }

    pub fn read(&mut self, second: u64) -> Reading {
        self.roll(second);
        let recent: u32 = self
            .finished
            .iter()
            .filter(|finished| finished.second + RATE_SECONDS >= second)
            .map(|finished| finished.count)
            .sum();
        Reading {
            latency_ms: self
                .finished
                .iter()
                .map(|finished| finished.median_ms)
                .collect(),
            requests_per_second: recent as f32 / RATE_SECONDS as f32,
        }
    }

    fn roll(&mut self, second: u64) {
        if second > self.second {
            if self.count > 0 {
                self.finished.push_back(Second {
                    second: self.second,
                    count: self.count,
                    median_ms: median(&mut self.samples),
                });
            }
            self.samples.clear();
            self.count = 0;
            self.second = second;
        }
        while self
            .finished
            .front()
            .is_some_and(|oldest| oldest.second + KEPT_SECONDS < second)
        {
            self.finished.pop_front();
        }
    }
}

fn median(samples: &mut [f32]) -> f32 {
    let middle = samples.len() / 2;
    *samples.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_reported_by_its_median_once_it_is_over() {
        let mut meter = Meter::default();
        for took in [1.0, 90.0, 2.0] {
            meter.record(7, took);
        }
        assert_eq!(meter.read(7), Reading::default());
        let reading = meter.read(8);
        assert_eq!(reading.latency_ms, [2.0]);
        assert_eq!(reading.requests_per_second, 1.0);
    }

    #[test]
    fn the_rate_falls_to_zero_and_old_seconds_are_dropped() {
        let mut meter = Meter::default();
        meter.record(1, 5.0);
        assert_eq!(meter.read(5).requests_per_second, 0.0);
        assert_eq!(meter.read(61).latency_ms, [5.0]);
        assert_eq!(meter.read(62).latency_ms, [0.0; 0]);
    }

    #[test]
    fn a_busy_second_keeps_a_bounded_number_of_samples() {
        let mut meter = Meter::default();
        for index in 0..10_000_u16 {
            meter.record(1, f32::from(index));
        }
        assert_eq!(meter.samples.len(), SAMPLES);
        assert_eq!(meter.read(2).requests_per_second, 10_000.0 / 3.0);
    }
}
