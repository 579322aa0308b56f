//! Every limit and interval of the gateway: its unit, its default, and what a smaller and a larger value cost.
//!
//! The structs at the top are filled from the server's settings, whose `--help` shows their defaults, and from [`DetectionBounds`].
//! The constants below them are fixed; they are grouped by the folder that uses them. Imports nothing from the rest of the gateway.

use std::time::Duration;

use http::HeaderValue;

/// Everything about the gateway that settings decide.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    pub health: HealthCheckConfig,
    pub hedge: HedgeBounds,
    pub limit: LimitBounds,
    pub timeouts: RequestTimeouts,
    /// Proves to a replica that the caller is a front-end server of the same installation; replicas reject all others.
    pub credential: HeaderValue,
}

/// The bounds within which failure detection adapts to each replica. No operator need set them; a test sets those that would
/// interfere with it.
#[derive(Clone, Copy, Debug)]
pub struct DetectionBounds {
    /// [`HealthCheckConfig::timeout`].
    pub check_timeout: Duration,
    /// [`HealthCheckConfig::heartbeat_floor`].
    pub heartbeat_floor: Duration,
    pub progress: ProgressBounds,
    pub hedge: HedgeBounds,
}

impl Default for DetectionBounds {
    fn default() -> Self {
        Self {
            check_timeout: Duration::from_millis(300),
            heartbeat_floor: Duration::from_millis(35),
            progress: ProgressBounds {
                suspect_floor: Duration::from_millis(30),
                stuck_floor: Duration::from_millis(500),
                stuck_ceiling: Duration::from_secs(1),
            },
            hedge: HedgeBounds {
                floor: Duration::from_millis(200),
                ceiling: Duration::from_millis(800),
            },
        }
    }
}

/// How a replica's health is checked.
#[derive(Clone, Debug)]
pub struct HealthCheckConfig {
    /// Pause between two readiness checks, 250 ms by default. Shorter notices a replica that becomes ready sooner; longer spares
    /// its store. A replica that dies is noticed earlier than that, by its closed connection.
    pub interval: Duration,
    /// Time a readiness check may take, 300 ms by default. Two late ones in a row eject the replica. Shorter notices a hang sooner;
    /// longer forgives a busy machine.
    pub timeout: Duration,
    /// Minimum time before a missing heartbeat makes a replica suspect, 35 ms by default. Shorter moves customers sooner when a
    /// replica hangs; longer forgives a busy machine.
    pub heartbeat_floor: Duration,
    pub progress: ProgressBounds,
}

/// How long many requests may wait without a single answer, whatever is usual for the replica.
#[derive(Clone, Copy, Debug)]
pub struct ProgressBounds {
    /// Minimum before the replica is suspect and its requests are shared, 30 ms by default. Shorter serves customers sooner when
    /// a replica hangs; longer spares a busy machine duplicate work.
    pub suspect_floor: Duration,
    /// Minimum before the replica is ejected, 500 ms by default. Shorter moves customers sooner; longer forgives a slow disk.
    pub stuck_floor: Duration,
    /// Maximum before the replica is suspect or ejected, 1 s by default, however slow it usually is.
    pub stuck_ceiling: Duration,
}

/// The range of the delay after which a request is hedged.
#[derive(Clone, Copy, Debug)]
pub struct HedgeBounds {
    /// Minimum, 200 ms by default. Lower sends answers that are slow for a good reason twice.
    pub floor: Duration,
    /// Maximum, 800 ms by default, and the delay while nothing is known about the replica. Higher leaves customers of a replica that
    /// is usually slow waiting longer.
    pub ceiling: Duration,
}

/// The range of a replica's adaptive concurrency limit, in requests.
#[derive(Clone, Copy, Debug)]
pub struct LimitBounds {
    /// Minimum and start value, 256 by default. Lower refuses customers that could be served.
    pub floor: u32,
    /// Maximum, 1024 by default. Higher lets a replica work on requests whose callers have timed out.
    pub ceiling: u32,
}

/// How long a request may take.
#[derive(Clone, Copy, Debug)]
pub struct RequestTimeouts {
    /// One attempt that another replica could follow, and connecting in any case; 1 s by default. Shorter moves a customer sooner
    /// when a replica hangs; longer spares slow but healthy answers a second attempt.
    pub attempt: Duration,
    /// The request with all its attempts, 10 s by default. Longer than customers like to wait, shorter than the timeouts of most
    /// proxies and browsers.
    pub request: Duration,
    /// Waiting for a healthy replica when there is none, 2 s by default. Long enough for a replica to restart, short enough that
    /// the page can still show the failure itself.
    pub wait: Duration,
}

// ---- upstream: connections ----

/// Lifetime of an idle pooled connection. Shorter than a replica's own idle timeout, so that the gateway and not the replica closes
/// it: a replica that closes a connection just as it is reused costs a retry.
pub const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections kept per replica and worker thread. A burst opens more; those are closed. More costs descriptors on both sides.
pub const POOL_MAX_IDLE: usize = 256;
/// Largest status line and header block of an answer, in bytes. Larger would let a faulty replica fill memory.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Most header lines of an answer. More would let a faulty replica fill memory.
pub const MAX_HEADERS: usize = 96;
/// Longest pause between two pieces of a streamed answer. A replica that streams sends at least a comment more often; longer
/// keeps connections to replicas that are gone.
pub const STREAM_IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest answer that is buffered whole within [`BUFFER_TOTAL_BYTES`], in bytes. Larger ones are streamed and cannot be retried
/// once their first byte has been passed on.
pub const BUFFER_MAX_ANSWER_BYTES: u64 = 4 * 1024 * 1024;
/// Buffer space for all large answers of one replica together, in bytes. Slow clients hold no more memory than this.
pub const BUFFER_TOTAL_BYTES: u64 = 64 * 1024 * 1024;
/// Granularity of the buffer space, in bytes.
pub const BUFFER_UNIT_BYTES: u64 = 1024;
/// Answers up to this size are buffered without a reservation, in bytes: a menu of forty dishes is 20 KB.
pub const SMALL_ANSWER_BYTES: u64 = 256 * 1024;
/// Largest answer to an injected fault that is read, in bytes: a problem document is small.
pub const MAX_FAULT_ANSWER_BYTES: usize = 16 * 1024;
/// Answers of a replica that the hedge delay is computed from. More, and the delay adapts later; fewer, and one outlier determines
/// the 99th percentile.
pub const HEDGE_SAMPLES: usize = 256;
/// Answers between two computations of the hedge delay, which sorts the samples.
pub const HEDGE_RECOMPUTE_EVERY: usize = 64;
/// The hedge delay as a multiple of the 99th percentile. Smaller hedges answers that are only a little slow.
pub const HEDGE_P99_FACTOR: u32 = 3;

// ---- discovery: registry and leases ----

/// How far back a starting server looks for replicas whose leases ran out. Longer than any process keeps the registry locked; older
/// leases belong to replicas that are gone.
pub const LAPSED_LEASE_WINDOW: Duration = Duration::from_secs(600);
/// Time a replica without a lease may take to pass its first check before it is removed, in milliseconds.
pub const FIRST_CHECK_GRACE_MS: i64 = 1_000;
/// Time a replica that passes its checks has to register again after the registry was unreadable, because no lease could be renewed
/// meanwhile. Shorter would remove replicas that work; longer keeps the registrations of those that left.
pub const REGISTRY_GRACE: Duration = Duration::from_secs(5);
/// Interval of the fleet's housekeeping: finished failovers, lapsed leases, the registry's grace.
pub const HOUSEKEEPING_INTERVAL: Duration = Duration::from_millis(100);

// ---- health: checks ----

/// Minimum pause between two readiness checks, so that a replica that breaks each one is not checked in a busy loop.
pub const MIN_CHECK_PAUSE: Duration = Duration::from_millis(20);
/// Largest answer to a health check that is read, in bytes.
pub const MAX_PROBE_ANSWER_BYTES: usize = 64 * 1024;

// ---- health: heartbeat ----

/// Pause between two heartbeats while requests are answered; these measure the replica's usual latency.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(250);
/// Pause between two heartbeats while answers are delayed.
pub const HEARTBEAT_DELAYED_INTERVAL: Duration = Duration::from_millis(20);
/// A heartbeat may take this many times as long as the slowest recent one, and at least the floor. Smaller suspects busy machines.
pub const HEARTBEAT_SLOWDOWN_FACTOR: u32 = 3;
/// Time without a heartbeat after the suspicion until the replica is unavailable. Shorter ejects replicas on machines that pause;
/// longer leaves requests that only this replica can answer waiting.
pub const HEARTBEAT_LOST_AFTER: Duration = Duration::from_secs(1);
/// Step in which a heartbeat's waiting time is counted.
pub const HEARTBEAT_STEP: Duration = Duration::from_millis(5);
/// Most of one step that counts. A step that takes longer shows that this process did not run; the replica on the same machine may
/// not have run either.
pub const HEARTBEAT_MAX_STEP: Duration = Duration::from_millis(8);

// ---- health: progress ----

/// Interval at which a replica's answers are counted while it has requests.
pub const PROGRESS_TICK: Duration = Duration::from_millis(5);
/// How long the counting goes on after the last request, so that not every request has to wake the monitor.
pub const PROGRESS_IDLE_AFTER: Duration = Duration::from_secs(1);
/// Time without an answer to any request after which the replica's answers count as delayed and the heartbeat's limit applies.
/// Shorter, and every slow commit triggers that; longer, and customers wait longer when a replica hangs.
pub const PROGRESS_DELAYED_AFTER: Duration = Duration::from_millis(20);
/// Fewest waiting requests that make a replica suspect: fewer may all be slow for individual reasons, such as a geocoding provider.
pub const PROGRESS_MIN_REQUESTS: u32 = 8;
/// A gap between two answers is unusual from this multiple of the longest recent one.
pub const PROGRESS_GAP_FACTOR: u32 = 3;
/// Maximum part of the time between two observations that counts: in the rest of it this machine paused, not only the replica.
pub const PROGRESS_MAX_STEP: Duration = Duration::from_millis(10);
/// Maximum of a suspicious gap that is learnt as usual, as a multiple of the limit: a hang that has passed must not raise the limit
/// at once, but a replica that is always slow is no longer suspected after a few gaps.
pub const PROGRESS_LEARNT_FACTOR: u32 = 2;
/// Decay of the usual gap per observation with an answer: it halves within a tenth of a second.
pub const PROGRESS_DECAY: f64 = 31.0 / 32.0;

// ---- health: outlier detection ----

/// Consecutive failed checks that make a replica unavailable. One may be this machine's fault.
pub const CONSECUTIVE_CHECK_FAILURES: u8 = 2;
/// Consecutive broken connections that eject a replica. One may be the fault of the request that it carried.
pub const CONSECUTIVE_BROKEN_REQUESTS: u8 = 2;
/// Consecutive request timeouts that eject a replica. Requests may be slow for reasons of their own, such as a geocoding service
/// that does not answer, so that it takes more of them.
pub const CONSECUTIVE_REQUEST_TIMEOUTS: u8 = 3;
/// Ejection back-off: how long passing checks do not overrule failing requests, the first time. Doubles with each ejection.
pub const INITIAL_EJECTION: Duration = Duration::from_secs(2);
/// Ejection back-off: maximum.
pub const MAX_EJECTION: Duration = Duration::from_secs(60);
/// Ejection back-off: the healthy time after which it starts again from the initial value.
pub const EJECTION_RESET_AFTER: Duration = Duration::from_secs(60);

// ---- balance: admission ----

/// Concurrency limit for requests that may wait for providers: they hold a permit for long and cost little, and how long they take
/// says nothing about the replica, so that the limit does not adapt.
pub const SLOW_REQUEST_LIMIT: LimitBounds = LimitBounds {
    floor: 512,
    ceiling: 512,
};
/// Most requests in a replica's admission queue. Each costs some kilobytes.
pub const MAX_QUEUED: usize = 4_096;
/// A queue that lasts longer than this is overload and no burst.
pub const BURST_DURATION: Duration = Duration::from_secs(1);
/// Longest expected wait at which a request joins the queue during a burst. Longer has customers wait; shorter refuses those who
/// could be served.
pub const MAX_BURST_WAIT: Duration = Duration::from_secs(1);
/// The same during overload. Short, so that requests are either admitted almost at once or refused while a retry is still of use.
pub const MAX_OVERLOAD_WAIT: Duration = Duration::from_millis(20);
/// A queued request is refused after this many times its longest expected wait.
pub const MAX_WAIT_FACTOR: u32 = 2;
/// Time over which answers are averaged before the adaptive limit changes, so that one slow answer changes nothing.
pub const LIMIT_WINDOW: Duration = Duration::from_millis(100);
/// Fewest answers of a window; with fewer it continues.
pub const LIMIT_MIN_ANSWERS: u32 = 10;
/// Answers count as quick up to this multiple of the usual latency. A store that commits in batches answers later the more it is
/// given, and has a higher throughput.
pub const LIMIT_TOLERANCE: f64 = 2.0;
/// Weight of one window in the usual latency. Larger makes a queue look usual.
pub const LIMIT_LATENCY_WEIGHT: f64 = 1.0 / 100.0;
/// Weight of one window in the limit.
pub const LIMIT_SMOOTHING: f64 = 0.2;
/// Growth of the limit in one window before smoothing, in requests.
pub const LIMIT_GROWTH: f64 = 16.0;

// ---- dispatch: requests, retries, hedges ----

/// Largest body of a request to the API, in bytes: an order of a hundred lines fits many times. It is kept in memory for retries.
pub const MAX_REQUEST_BODY_BYTES: usize = 64 * 1024;
/// Connections that one request may break. A request that has broken this many is likely to be their cause.
pub const MAX_BROKEN_ATTEMPTS: u32 = 6;
/// First pause between two rounds over replicas that are there but did not answer. Doubles up to [`MAX_RETRY_PAUSE`].
pub const INITIAL_RETRY_PAUSE: Duration = Duration::from_millis(50);
/// See [`INITIAL_RETRY_PAUSE`]. Longer leaves customers waiting after the replicas have recovered.
pub const MAX_RETRY_PAUSE: Duration = Duration::from_millis(400);
/// Delay before a hedge may go to a replica on which the request failed earlier, when no other is left.
pub const REPEAT_HEDGE_DELAY: Duration = Duration::from_millis(300);
/// Retry budget: maximum, in retries. Enough for all that is in flight when a busy replica dies or hangs, several times over.
pub const RETRY_BUDGET_MAX: i64 = 1_000;
/// Retry budget: deposit of each request, in thousandths of a retry. Retries stay below a fifth of the traffic.
pub const RETRY_DEPOSIT_MILLI: i64 = 200;
/// Retry budget: interval at which time deposits one retry, so that a shop with few customers always has some.
pub const RETRY_DEPOSIT_INTERVAL: Duration = Duration::from_millis(100);
/// `Retry-After` of the gateway's own 503 and 504, in seconds: by then a replica is likely to be back.
pub const RETRY_AFTER_S: u32 = 2;

// ---- cache ----

/// Size of the response cache, in bytes: hundreds of menus in three encodings.
pub const CACHE_MAX_BYTES: u64 = 32 * 1024 * 1024;
/// Approximate overhead of a cached response beside its body, in bytes.
pub const CACHE_ENTRY_OVERHEAD_BYTES: usize = 1024;

// ---- report ----

/// Time without a moved or failed request after which a failover is over and reported as one event.
pub const FAILOVER_CALM: Duration = Duration::from_millis(400);
/// Upper bounds of the histogram of answer times, in seconds: from a cached answer to a request's deadline.
pub const DURATION_BUCKETS_S: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
