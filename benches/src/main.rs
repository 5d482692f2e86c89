//! The report: lets the candidates take turns and writes what was reached of each ratio that eyot promises to
//! `RESULTS.md` and `results.svg`.

mod report;

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use eyot_benches::candidate::interleave;
use eyot_benches::pages::PAGES;
use eyot_benches::{call, seal, split};
use report::{Goal, Group, Machine, Report, goals};

const USAGE: &str =
    "usage: report DATE [SECONDS], DATE as YYYY-MM-DD, SECONDS for each of five groups: 1 to 20, 15 unless given";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (date, seconds) = parse(&arguments)?;
    let report = measure(date, seconds)?;
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let markdown = report.to_markdown();
    std::fs::write(directory.join("RESULTS.md"), &markdown)?;
    std::fs::write(directory.join("results.svg"), report::plot(&report.goals))?;
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

fn measure(date: &str, seconds: u64) -> Result<Report, eyot::Error> {
    let budget = Duration::from_secs(seconds);
    let mut groups = Vec::new();
    let mut goals: Vec<Goal> = Vec::new();
    for page in PAGES {
        let fixture = split::Fixture::new(&page)?;
        let group = Group { title: page.name, reached: interleave(&mut fixture.candidates(), budget) };
        goals.extend(goals::splitting(&group, page.html.len()));
        groups.push(group);
    }
    let fixture = seal::Fixture::new()?;
    let sealing = Group { title: "200 bytes of props", reached: interleave(&mut fixture.candidates(), budget) };
    goals.extend(goals::sealing(&sealing));
    let fixture = call::Fixture::new()?;
    let calls = Group { title: "the C interface", reached: interleave(&mut fixture.candidates(), budget) };
    Ok(Report { date: date.to_owned(), seconds, machine: Machine::read(), pages: groups, sealing, calls, goals })
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn accepts(arguments: &[&str]) -> bool {
        parse(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>()).is_ok()
    }

    #[test]
    fn a_run_needs_a_date_and_stays_within_two_minutes() {
        assert!(accepts(&["2026-01-31"]));
        assert!(accepts(&["2026-01-31", "20"]));
        for wrong in [&[][..], &["today"], &["2026-01-31", "21"], &["2026-01-31", "0"], &["2026-01-31", "1", "1"]] {
            assert!(!accepts(wrong), "{wrong:?}");
        }
    }
}
