//! Five islands with each kind of vectors that the machine has: measured by this program started again for each, since the
//! core chooses its vectors once.

use std::process::Command;
use std::time::Duration;

use eyot_benches::candidate::{Reached, interleave};
use eyot_benches::pages::{PAGES, Page};
use eyot_benches::split;

use super::Group;

/// What is measured of each.
const CANDIDATES: [&str; 4] = [split::SPREAD, split::SPREAD_LOL, split::TO_THE_END, split::TO_THE_END_CHUNKED];

/// The first argument of the program that measures one level.
pub(crate) const ARGUMENT: &str = "--level";

/// The pages, split with one kind of vectors.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) name: &'static str,
    pub(crate) pages: Vec<Group>,
}

/// The kinds of vectors that this machine has: their names as `EYOT_SIMD` takes them, and in tables.
fn available() -> Vec<[&'static str; 2]> {
    let mut levels = vec![["none", "none"]];
    #[cfg(target_arch = "x86_64")]
    {
        if std::is_x86_feature_detected!("avx2") {
            levels.insert(0, ["avx2", "AVX2"]);
        }
        if std::is_x86_feature_detected!("avx512bw") && std::is_x86_feature_detected!("avx512vbmi2") {
            levels.insert(0, ["avx512", "AVX-512"]);
        }
    }
    levels
}

/// Measures each level, in a program of its own.
pub(crate) fn measure(seconds: u64) -> Result<Vec<Level>, Box<dyn std::error::Error>> {
    available().into_iter().map(|[variable, name]| Ok(Level { name, pages: of_level(variable, seconds)? })).collect()
}

fn of_level(variable: &str, seconds: u64) -> Result<Vec<Group>, Box<dyn std::error::Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args([ARGUMENT, &seconds.to_string()])
        .env("EYOT_SIMD", variable)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    read(&String::from_utf8(output.stdout)?).ok_or_else(|| "the program for one level has written no figures".into())
}

/// What the program started for one level does: measures and prints, a candidate a line. Each page gets a third of the time.
pub(crate) fn print(seconds: u64) -> Result<(), eyot::Error> {
    for page in PAGES {
        for Reached { name, bytes, ns } in measure_page(&page, Duration::from_secs(seconds) / PAGES.len() as u32)? {
            println!("{}\t{name}\t{bytes}\t{ns}", page.name);
        }
    }
    Ok(())
}

fn measure_page(page: &Page, budget: Duration) -> Result<Vec<Reached>, eyot::Error> {
    let fixture = split::Fixture::new(page)?;
    let all = fixture.candidates().into_iter();
    let mut candidates: Vec<_> = all.filter(|candidate| CANDIDATES.contains(&candidate.name)).collect();
    Ok(interleave(&mut candidates, budget))
}

/// The groups that [`print`] has printed; `None` where a figure is missing.
fn read(text: &str) -> Option<Vec<Group>> {
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let reached = |page: &Page, name: &'static str| {
        let row = rows.iter().find(|row| row.len() == 4 && row[0] == page.name && row[1] == name)?;
        Some(Reached { name, bytes: row[2].parse().ok()?, ns: row[3].parse().ok()? })
    };
    let group = |page: Page| {
        let reached: Option<Vec<Reached>> = CANDIDATES.iter().map(|name| reached(&page, name)).collect();
        Some(Group { title: page.name, reached: reached? })
    };
    PAGES.into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_back_as_they_were_printed_and_none_may_be_missing() {
        let line = |page: &Page, name: &str| format!("{}\t{name}\t1000\t12.5\n", page.name);
        let lines: Vec<String> = PAGES.iter().flat_map(|page| CANDIDATES.map(|name| line(page, name))).collect();
        let groups = read(&lines.concat()).expect("all are there");
        assert_eq!(groups.len(), PAGES.len());
        assert_eq!(groups[1].get(split::SPREAD_LOL), Reached { name: split::SPREAD_LOL, bytes: 1000, ns: 12.5 });
        assert!(read(&lines[1..].concat()).is_none());
    }
}
