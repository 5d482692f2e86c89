//! What is reported, and how it is written down.

pub(crate) mod goals;
pub(crate) mod levels;
mod machine;
mod markdown;
mod plot;
pub(crate) mod readme;

use eyot_benches::candidate::Reached;
pub(crate) use goals::Goal;
pub(crate) use levels::Level;
pub(crate) use machine::Machine;
pub(crate) use plot::plot;

/// Candidates that took turns.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) reached: Vec<Reached>,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) date: String,
    /// How long each group was measured.
    pub(crate) seconds: u64,
    pub(crate) machine: Machine,
    /// One group for each page, all with the same candidates.
    pub(crate) pages: Vec<Group>,
    /// The same pages with each kind of vectors.
    pub(crate) levels: Vec<Level>,
    pub(crate) sealing: Group,
    /// Pairs: a call of the core, and the same through the C interface.
    pub(crate) calls: Group,
    pub(crate) goals: Vec<Goal>,
}

impl Group {
    fn get(&self, name: &str) -> Reached {
        let found = self.reached.iter().find(|reached| reached.name == name);
        *found.unwrap_or_else(|| panic!("the group {:?} has no candidate {name:?}", self.title))
    }

    /// How many times the throughput of `other` the candidate has.
    fn times_as_fast(&self, name: &str, other: &str) -> f64 {
        self.get(name).gb_per_s() / self.get(other).gb_per_s()
    }

    /// The nanoseconds of all of these together.
    fn sum(&self, names: &[&str]) -> f64 {
        names.iter().map(|name| self.get(name).ns).sum()
    }
}
