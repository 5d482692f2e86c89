//! The goals as horizontal bars in an SVG image: a bar that crosses the line has met its goal.

use std::fmt::Write;

use super::Goal;
use super::markdown::{times, wanted};

const WIDTH: f64 = 960.0;
const TOP: f64 = 40.0;
const ROW: f64 = 24.0;
/// Left of the bars stand their labels, right of them the figures.
const LEFT: f64 = 400.0;
const RIGHT: f64 = 160.0;

/// One bar for each goal, as long as what is reached in parts of what is wanted.
pub(crate) fn plot(goals: &[Goal]) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_plot(goals, &mut out);
    out
}

fn write_plot(goals: &[Goal], out: &mut impl Write) -> std::fmt::Result {
    let longest = goals.iter().map(Goal::share).fold(1.0, f64::max);
    let scale = (WIDTH - LEFT - RIGHT) / longest;
    let height = TOP + ROW * goals.len() as f64 + 12.0;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">"
    )?;
    writeln!(out, "<title>What is reached in parts of what is wanted; more is better</title>")?;
    writeln!(out, "<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>")?;
    for (index, goal) in goals.iter().enumerate() {
        write_bar(goal, TOP + ROW * index as f64, scale, out)?;
    }
    let line = LEFT + scale;
    writeln!(out, "<path d=\"M{line:.1} {TOP}V{:.1}\" stroke=\"#222\" stroke-dasharray=\"4 3\"/>", height - 8.0)?;
    writeln!(out, "<text x=\"{line:.1}\" y=\"{}\" text-anchor=\"middle\">wanted</text>", TOP - 10.0)?;
    writeln!(out, "</svg>")
}

fn write_bar(goal: &Goal, top: f64, scale: f64, out: &mut impl Write) -> std::fmt::Result {
    let length = goal.share() * scale;
    let colour = if goal.is_met() { "#3a7d5c" } else { "#b5472f" };
    let base = top + 16.0;
    let label = escaped(&format!("{}: {} / {}", goal.group, goal.job, goal.against));
    writeln!(out, "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\">{label}</text>", LEFT - 8.0)?;
    writeln!(out, "<rect x=\"{LEFT}\" y=\"{}\" width=\"{length:.1}\" height=\"16\" fill=\"{colour}\"/>", top + 3.0)?;
    let figures = escaped(&format!("{} (wanted {})", times(goal.reached), wanted(goal.wanted)));
    writeln!(out, "<text x=\"{:.1}\" y=\"{base}\">{figures}</text>", LEFT + length.max(scale) + 6.0)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::super::goals::Wanted;
    use super::*;

    fn bars(svg: &str) -> Vec<&str> {
        let bars = svg.lines().filter(|line| line.contains("height=\"16\""));
        bars.filter_map(|line| line.split_once("width=\"")?.1.split_once('"').map(|(width, _)| width)).collect()
    }

    #[test]
    fn the_longest_bar_fills_the_space_and_the_others_keep_their_proportion() {
        let goal = |reached, wanted| Goal { group: "p", job: "a<b", against: "c", reached, wanted };
        let svg = plot(&[goal(8.0, Wanted::AtLeast(4.0)), goal(2.0, Wanted::AtMost(1.0))]);
        assert_eq!(bars(&svg), ["400.0", "100.0"]);
        assert!(svg.contains("p: a&lt;b / c"), "{svg}");
    }
}
