//! The report as Markdown.

use std::fmt::Write;

use eyot_benches::call::PAIRS;
use eyot_benches::candidate::Reached;
use eyot_benches::split;

use super::goals::Wanted;
use super::{Goal, Group, Level, Report};

impl Report {
    /// The report; `plot` is the image's name, if there is one beside it.
    pub(crate) fn to_markdown(&self, plot: Option<&str>) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(plot, &mut out);
        out
    }

    fn write(&self, plot: Option<&str>, out: &mut impl Write) -> std::fmt::Result {
        writeln!(out, "# Results\n")?;
        writeln!(out, "Written by `make bench`; `README.md` says how it is measured and how to read it.\n")?;
        let machine = &self.machine;
        writeln!(out, "* date: {}", self.date)?;
        writeln!(out, "* processor: {}", machine.processor)?;
        writeln!(out, "* instruction sets: {}", machine.flags)?;
        writeln!(out, "* compiler: {}, release profile, no target-cpu", machine.rustc)?;
        writeln!(
            out,
            "* command: `cargo run --release -p eyot-benches --bin report -- {} {}`\n",
            self.date, self.seconds
        )?;
        writeln!(out, "## Ratios\n")?;
        if let Some(plot) = plot {
            writeln!(out, "![What is reached in parts of what is wanted]({plot})\n")?;
        }
        write_goals(&self.goals, out)?;
        writeln!(out, "\n## Splitting, GB/s\n")?;
        write_pages(&self.pages, out)?;
        writeln!(out, "\n## Five islands by vectors\n")?;
        write_levels(&self.levels, out)?;
        writeln!(out, "\n## Sealing {}\n", self.sealing.title)?;
        write_sealing(&self.sealing, out)?;
        writeln!(out, "\n## What a call costs through {}\n", self.calls.title)?;
        write_calls(&self.calls, out)
    }
}

fn write_goals(goals: &[Goal], out: &mut impl Write) -> std::fmt::Result {
    writeln!(out, "| on | job | against | wanted | reached | |\n| --- | --- | --- | ---: | ---: | --- |")?;
    for goal in goals {
        let Goal { group, job, against, .. } = goal;
        let verdict = if goal.is_met() { "met" } else { "**not met**" };
        let (wanted, reached) = (wanted(goal.wanted), times(goal.reached));
        writeln!(out, "| {group} | {job} | {against} | {wanted} | {reached} | {verdict} |")?;
    }
    Ok(())
}

fn write_pages(pages: &[Group], out: &mut impl Write) -> std::fmt::Result {
    write!(out, "| |")?;
    pages.iter().try_for_each(|page| write!(out, " {} |", page.title))?;
    writeln!(out, "\n| --- |{}", " ---: |".repeat(pages.len()))?;
    let rows = pages.first().map_or(&[][..], |page| &page.reached);
    for Reached { name, .. } in rows {
        write!(out, "| {name} |")?;
        pages.iter().try_for_each(|page| write!(out, " {} |", figures(page.get(name).gb_per_s())))?;
        writeln!(out)?;
    }
    Ok(())
}

fn write_levels(levels: &[Level], out: &mut impl Write) -> std::fmt::Result {
    let pages = levels.first().map_or(&[][..], |level| &level.pages);
    write!(out, "| vectors | |")?;
    pages.iter().try_for_each(|page| write!(out, " {} |", page.title))?;
    writeln!(out, "\n| --- | --- |{}", " ---: |".repeat(pages.len()))?;
    let mut row =
        |name: &str, what: &str, figures: Vec<String>| writeln!(out, "| {name} | {what} | {} |", figures.join(" | "));
    for Level { name, pages } in levels {
        let of = |figure: &dyn Fn(&Group) -> String| pages.iter().map(figure).collect::<Vec<_>>();
        row(name, "GB/s", of(&|page| figures(page.get(split::SPREAD).gb_per_s())))?;
        row(name, "against lol_html", of(&|page| times(page.times_as_fast(split::SPREAD, split::SPREAD_LOL))))?;
        let chunks = |page: &Group| times(page.times_as_fast(split::TO_THE_END_CHUNKED, split::TO_THE_END));
        row(name, "in chunks, against the page whole, equal work", of(&chunks))?;
    }
    Ok(())
}

fn write_sealing(group: &Group, out: &mut impl Write) -> std::fmt::Result {
    writeln!(out, "| | bytes read | ns |\n| --- | ---: | ---: |")?;
    group.reached.iter().try_for_each(|reached| {
        let Reached { name, bytes, ns } = reached;
        writeln!(out, "| {name} | {bytes} | {ns:.0} |")
    })
}

fn write_calls(group: &Group, out: &mut impl Write) -> std::fmt::Result {
    writeln!(out, "| core | ns | C | ns | ratio |\n| --- | ---: | --- | ---: | ---: |")?;
    PAIRS.iter().try_for_each(|[core, c]| {
        let [own, called] = [core, c].map(|name| group.get(name).ns);
        let (core, c) = (core.trim_start_matches("core: "), c.trim_start_matches("C: "));
        writeln!(out, "| {core} | {own:.0} | {c} | {called:.0} | {} |", times(called / own))
    })
}

/// A wanted ratio as text.
pub(super) fn wanted(wanted: Wanted) -> String {
    match wanted {
        Wanted::AtLeast(ratio) => format!("≥ {ratio} ×"),
        Wanted::AtMost(ratio) => format!("≤ {ratio} ×"),
    }
}

/// A reached ratio as text.
pub(super) fn times(ratio: f64) -> String {
    format!("{} ×", figures(ratio))
}

/// About three figures.
fn figures(number: f64) -> String {
    match number {
        number if number >= 100.0 => format!("{number:.0}"),
        number if number >= 10.0 => format!("{number:.1}"),
        number => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut String) -> std::fmt::Result) -> String {
        let mut out = String::new();
        write(&mut out).expect("a String takes everything");
        out
    }

    #[test]
    fn a_goal_says_what_was_wanted_and_what_was_reached() {
        let goal =
            |reached| Goal { group: "page", job: "job", against: "rival", reached, wanted: Wanted::AtLeast(4.0) };
        let table = written(|out| write_goals(&[goal(3.996), goal(41.26)], out));
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            ["| page | job | rival | ≥ 4 × | 4.00 × | **not met** |", "| page | job | rival | ≥ 4 × | 41.3 × | met |"]
        );
    }

    #[test]
    fn each_kind_of_vectors_has_its_rows() {
        let reached = |name, ns| Reached { name, bytes: 1_000, ns };
        let page = |title| Group {
            title,
            reached: vec![
                reached(split::SPREAD, 100.0),
                reached(split::SPREAD_LOL, 1_050.0),
                reached(split::TO_THE_END, 90.0),
                reached(split::TO_THE_END_CHUNKED, 100.0),
            ],
        };
        let table = written(|out| write_levels(&[Level { name: "AVX2", pages: vec![page("a"), page("b")] }], out));
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows[0], "| vectors | | a | b |");
        assert_eq!(rows[2], "| AVX2 | GB/s | 10.0 | 10.0 |");
        assert_eq!(rows[3], "| AVX2 | against lol_html | 10.5 × | 10.5 × |");
        assert_eq!(rows[4], "| AVX2 | in chunks, against the page whole, equal work | 0.90 × | 0.90 × |");
    }

    #[test]
    fn pages_stand_side_by_side_in_gigabytes_a_second() {
        let page = |title, ns| Group { title, reached: vec![Reached { name: "work", bytes: 1_000, ns }] };
        let table = written(|out| write_pages(&[page("a", 100.0), page("b", 2_000.0)], out));
        assert_eq!(table, "| | a | b |\n| --- | ---: | ---: |\n| work | 10.0 | 0.50 |\n");
    }
}
