//! The report: lets the candidates take turns and writes what was reached of each ratio that eyot promises to
//! `RESULTS.md` and `results.svg`, the same to the machine's own file in `results`, and README.md's table from those.

mod report;

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use eyot_benches::candidate::interleave;
use eyot_benches::pages::PAGES;
use eyot_benches::{call, seal, split};
use report::{Goal, Group, Machine, Report, goals, levels, readme};

const USAGE: &str = "usage: report DATE [SECONDS], DATE as YYYY-MM-DD, SECONDS for each of eight groups: 1 to 20, 15 unless \
                     given; report --readme writes the figures in README.md from the result files";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    match arguments.as_slice() {
        [only] if only == "--readme" => return Ok(readme::write(directory)?),
        [first, seconds] if first == levels::ARGUMENT => return Ok(levels::print(seconds.parse()?)?),
        _ => {}
    }
    let (date, seconds) = parse(&arguments)?;
    let report = measure(date, seconds)?;
    let markdown = report.to_markdown(Some("results.svg"));
    std::fs::write(directory.join("RESULTS.md"), &markdown)?;
    std::fs::write(directory.join("results.svg"), report::plot(&report.goals))?;
    let of_machine = directory.join("results").join(report.machine.slug()).with_extension("md");
    std::fs::write(of_machine, report.to_markdown(None))?;
    readme::write(directory)?;
    println!("{markdown}");
    Ok(())
}

fn parse(arguments: &[String]) -> Result<(&str, u64), &'static str> {
    let (date, seconds) = match arguments {
        [date] => (date, 15),
        [date, seconds] => (date, seconds.parse().map_err(|_| USAGE)?),
        _ => return Err(USAGE),
    };
    let is_date = date.len() == 10 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_date && (1..=20).contains(&seconds) { Ok((date, seconds)) } else { Err(USAGE) }
}

fn measure(date: &str, seconds: u64) -> Result<Report, Box<dyn Error>> {
    let budget = Duration::from_secs(seconds);
    let mut groups = Vec::new();
    let mut goals: Vec<Goal> = Vec::new();
    for page in PAGES {
        let fixture = split::Fixture::new(&page)?;
        let group = Group { title: page.name, reached: interleave(&mut fixture.candidates(), budget) };
        goals.extend(goals::splitting(&group, page.html.len()));
        groups.push(group);
    }
    let levels = levels::measure(seconds)?;
    goals.extend(levels.iter().flat_map(goals::of_level));
    let fixture = seal::Fixture::new()?;
    let sealing = Group { title: "200 bytes of props", reached: interleave(&mut fixture.candidates(), budget) };
    goals.extend(goals::sealing(&sealing));
    let fixture = call::Fixture::new()?;
    let calls = Group { title: "the C interface", reached: interleave(&mut fixture.candidates(), budget) };
    Ok(Report {
        date: date.to_owned(),
        seconds,
        machine: Machine::read(),
        pages: groups,
        levels,
        sealing,
        calls,
        goals,
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn accepts(arguments: &[&str]) -> bool {
        parse(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>()).is_ok()
    }

    #[test]
    fn a_run_needs_a_date_and_stays_within_three_minutes() {
        assert!(accepts(&["2026-01-31"]));
        assert!(accepts(&["2026-01-31", "20"]));
        for wrong in [&[][..], &["today"], &["2026-01-31", "21"], &["2026-01-31", "0"], &["2026-01-31", "1", "1"]] {
            assert!(!accepts(wrong), "{wrong:?}");
        }
    }
}
