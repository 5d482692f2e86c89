//! Candidates that do comparable work, and the rounds in which they take turns.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A piece of work with a name.
pub struct Candidate<'a> {
    /// What it is called in every table.
    pub name: &'static str,
    /// How many bytes it reads: the unit of its throughput.
    pub bytes: usize,
    repeat: Box<dyn FnMut(u64) + 'a>,
}

impl<'a> Candidate<'a> {
    /// Work on `bytes` bytes. Its result is used up, so that the compiler cannot leave any of it out.
    pub fn new<T>(name: &'static str, bytes: usize, mut work: impl FnMut() -> T + 'a) -> Self {
        let repeat = move |times| {
            for _ in 0..times {
                black_box(work());
            }
        };
        Self { name, bytes, repeat: Box::new(repeat) }
    }

    /// The time that doing it so many times over takes.
    pub fn time(&mut self, times: u64) -> Duration {
        let start = Instant::now();
        (self.repeat)(times);
        start.elapsed()
    }
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("name", &self.name).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// A candidate's best round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// The candidate's name.
    pub name: &'static str,
    /// The bytes it reads each time.
    pub bytes: usize,
    /// Nanoseconds for each time.
    pub ns: f64,
}

impl Reached {
    /// Throughput in GB/s (10⁹ bytes a second).
    #[must_use]
    pub fn gb_per_s(&self) -> f64 {
        self.bytes as f64 / self.ns
    }
}

/// Lets the candidates take turns for about `budget` and keeps the fastest turn of each. What disturbs the machine for a
/// while then disturbs all of them, and what disturbs a single turn is not the fastest.
pub fn interleave(candidates: &mut [Candidate<'_>], budget: Duration) -> Vec<Reached> {
    let end = Instant::now() + budget;
    let turns: Vec<u64> = candidates.iter_mut().map(times_per_turn).collect();
    let mut best = vec![f64::INFINITY; candidates.len()];
    let mut rounds = 0;
    while rounds < MIN_ROUNDS || Instant::now() < end {
        for ((candidate, times), best) in candidates.iter_mut().zip(&turns).zip(&mut best) {
            // The candidate before has filled the caches with its own data.
            candidate.time(1);
            let nanoseconds = candidate.time(*times).as_nanos() as f64 / *times as f64;
            *best = best.min(nanoseconds);
        }
        rounds += 1;
    }
    let reached = |(candidate, ns): (&Candidate<'_>, f64)| Reached { name: candidate.name, bytes: candidate.bytes, ns };
    candidates.iter().zip(best).map(reached).collect()
}

/// With fewer rounds a minimum says little.
const MIN_ROUNDS: usize = 20;

/// Long enough for the clock's own cost not to count, short enough to fit between two interruptions.
const TURN: Duration = Duration::from_micros(20);

/// How often a candidate has to run to fill a turn.
fn times_per_turn(candidate: &mut Candidate<'_>) -> u64 {
    let mut times = 1;
    while candidate.time(times) < TURN {
        times *= 2;
    }
    times
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn candidates_take_turns() {
        let order = RefCell::new(Vec::new());
        let work = |name| {
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                std::thread::sleep(TURN);
            }
        };
        let mut candidates = [Candidate::new("a", 1, work("a")), Candidate::new("b", 1, work("b"))];
        interleave(&mut candidates, Duration::ZERO);
        // Once each to find the length of a turn; then, in each round, once to warm up and once by the clock.
        let expected = ["a", "b"].into_iter().chain(["a", "a", "b", "b"].repeat(MIN_ROUNDS)).collect::<Vec<_>>();
        assert_eq!(*order.borrow(), expected);
    }

    #[test]
    fn the_fastest_turn_counts() {
        // The first run finds the turn's length, even runs warm up, odd ones are timed.
        let reached = run_with_fast_turns(|run| run == 11);
        assert!(reached.ns < SLOW.as_nanos() as f64, "{reached:?}");
    }

    #[test]
    fn runs_that_warm_up_do_not_count() {
        let reached = run_with_fast_turns(|run| run % 2 == 0);
        assert!(reached.ns >= SLOW.as_nanos() as f64, "{reached:?}");
    }

    const SLOW: Duration = Duration::from_millis(5);

    fn run_with_fast_turns(is_fast: impl Fn(usize) -> bool) -> Reached {
        let mut run = 0;
        let work = || {
            run += 1;
            if !is_fast(run) {
                std::thread::sleep(SLOW);
            }
        };
        interleave(&mut [Candidate::new("uneven", 1_000, work)], Duration::ZERO)[0]
    }
}
