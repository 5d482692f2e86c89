//! The ratios that eyot promises, and what a run has reached of them.

use super::{Group, Level};
use eyot_benches::{seal, split};

/// A promised ratio.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) group: &'static str,
    pub(crate) job: &'static str,
    pub(crate) against: &'static str,
    pub(crate) reached: f64,
    pub(crate) wanted: Wanted,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wanted {
    /// A ratio of throughputs.
    AtLeast(f64),
    /// A ratio of times.
    AtMost(f64),
}

impl Goal {
    pub(crate) fn is_met(&self) -> bool {
        self.share() >= 1.0
    }

    /// What is reached in parts of what is wanted, so that more is better and 1 is enough.
    pub(crate) fn share(&self) -> f64 {
        match self.wanted {
            Wanted::AtLeast(wanted) => self.reached / wanted,
            Wanted::AtMost(wanted) => wanted / self.reached,
        }
    }
}

/// A page larger than this does not stay in a core's own caches.
const CACHED: usize = 500_000;

/// A page that costs little beside its islands is smaller than this.
const SMALL: usize = 100_000;

/// The goals for one page with one kind of vectors.
struct LevelGoals {
    name: &'static str,
    islands: &'static str,
    chunks: &'static str,
    over_lol: f64,
}

const LEVELS: [LevelGoals; 2] = [
    LevelGoals {
        name: "AVX-512",
        islands: "5 islands, AVX-512",
        chunks: "5 islands, 16 KiB chunks, AVX-512",
        over_lol: 10.0,
    },
    LevelGoals { name: "AVX2", islands: "5 islands, AVX2", chunks: "5 islands, 16 KiB chunks, AVX2", over_lol: 7.0 },
];

/// The goals for the pages with one kind of vectors; without wide ones there are none.
pub(crate) fn of_level(level: &Level) -> Vec<Goal> {
    let Some(goals) = LEVELS.iter().find(|goals| goals.name == level.name) else { return Vec::new() };
    let of_page = |page: &Group| {
        let over_lol = if page.get(split::SPREAD).bytes < SMALL { 4.0 } else { goals.over_lol };
        let goal = |job, against, [own, other]: [&str; 2], wanted| Goal {
            group: page.title,
            job,
            against,
            reached: page.times_as_fast(own, other),
            wanted: Wanted::AtLeast(wanted),
        };
        [
            goal(goals.islands, "lol_html", [split::SPREAD, split::SPREAD_LOL], over_lol),
            goal(goals.chunks, "the page whole, equal work", [split::TO_THE_END_CHUNKED, split::TO_THE_END], 0.9),
        ]
    };
    level.pages.iter().flat_map(of_page).collect()
}

/// The goals for one page of `bytes` bytes, whatever the vectors.
pub(crate) fn splitting(group: &Group, bytes: usize) -> Vec<Goal> {
    let over_lol = if bytes <= CACHED { 40.0 } else { 20.0 };
    let goal = |job, against, [own, other]: [&str; 2], wanted| Goal {
        group: group.title,
        job,
        against,
        reached: group.times_as_fast(own, other),
        wanted: Wanted::AtLeast(wanted),
    };
    vec![
        goal("no island", "lol_html", [split::PLAIN, split::PLAIN_LOL], over_lol),
        goal("no island", "memmem", [split::PLAIN, split::PLAIN_MEMMEM], 0.3),
        goal("no island, 16 KiB chunks", "tokenizing everything", [split::PLAIN_CHUNKED, split::LAST], 0.8),
        goal("5 islands, prepared", "memcpy", [split::PREPARED, split::PREPARED_COPY], 0.7),
    ]
}

/// What a placeholder may cost beside its token, in nanoseconds.
const PLACEHOLDER_NS: f64 = 150.0;

/// The goals for tokens and placeholders.
pub(crate) fn sealing(group: &Group) -> Vec<Goal> {
    let goal = |job, against, own, base: f64, wanted| Goal {
        group: group.title,
        job,
        against,
        reached: group.get(own).ns / base,
        wanted: Wanted::AtMost(wanted),
    };
    let sealed = group.sum(&[seal::XAES, seal::HMAC, seal::BASE64]);
    let opened = group.sum(&[seal::XAES_OPEN, seal::BASE64_OPEN]);
    let allowed = group.sum(&[seal::SEAL]) + PLACEHOLDER_NS;
    vec![
        goal("seal, stable", "XAES + HMAC + base64 alone", seal::SEAL, sealed, 1.25),
        goal("open", "XAES + base64 alone", seal::OPEN, opened, 1.25),
        goal("placeholder", "seal + 150 ns", seal::PLACEHOLDER, allowed, 1.0),
    ]
}

#[cfg(test)]
mod tests {
    use eyot_benches::candidate::Reached;

    use super::*;

    fn group(reached: &[(&'static str, f64)]) -> Group {
        let reached = reached.iter().map(|(name, ns)| Reached { name, bytes: 100, ns: *ns }).collect();
        Group { title: "test", reached }
    }

    fn of_seal(placeholder: f64) -> Vec<Goal> {
        sealing(&group(&[
            (seal::SEAL, 500.0),
            (seal::OPEN, 440.0),
            (seal::PLACEHOLDER, placeholder),
            (seal::XAES, 200.0),
            (seal::HMAC, 180.0),
            (seal::BASE64, 20.0),
            (seal::XAES_OPEN, 300.0),
            (seal::BASE64_OPEN, 20.0),
        ]))
    }

    #[test]
    fn times_are_held_against_the_sum_of_their_parts() {
        let goals = of_seal(650.0);
        let met: Vec<_> = goals.iter().map(|goal| (goal.reached, goal.is_met())).collect();
        assert_eq!(met, [(1.25, true), (1.375, false), (1.0, true)]);
    }

    #[test]
    fn a_placeholder_over_its_allowance_misses() {
        assert!(of_seal(651.0).iter().any(|goal| goal.job == "placeholder" && !goal.is_met()));
    }

    #[test]
    fn what_is_wanted_of_five_islands_depends_on_the_vectors_and_the_page() {
        let reached = |name, bytes, ns| Reached { name, bytes, ns };
        let page = |title, bytes| Group {
            title,
            reached: vec![
                reached(split::SPREAD, bytes, 1.0),
                reached(split::SPREAD_LOL, bytes, 7.0),
                reached(split::TO_THE_END, bytes, 0.9),
                reached(split::TO_THE_END_CHUNKED, bytes, 1.0),
            ],
        };
        let met = |name| {
            let level = Level { name, pages: vec![page("small", SMALL - 1), page("large", SMALL)] };
            of_level(&level).iter().map(Goal::is_met).collect::<Vec<_>>()
        };
        assert_eq!(met("AVX2"), [true; 4]);
        assert_eq!(met("AVX-512"), [true, true, false, true]);
        assert!(met("none").is_empty());
    }

    #[test]
    fn a_large_page_needs_half_the_ratio() {
        let group = group(&[
            (split::PLAIN, 1.0),
            (split::PLAIN_LOL, 30.0),
            (split::PLAIN_MEMMEM, 1.0),
            (split::PLAIN_CHUNKED, 1.0),
            (split::LAST, 1.0),
            (split::PREPARED, 1.0),
            (split::PREPARED_COPY, 1.0),
        ]);
        assert!(!splitting(&group, CACHED)[0].is_met());
        assert!(splitting(&group, CACHED + 1).iter().all(Goal::is_met));
    }
}
