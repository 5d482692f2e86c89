//! The figures in the repository's README: written from the machines' result files, never by hand.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use eyot_benches::split;

/// Between these lines everything is written.
const START: &str = "<!-- written by `make bench` from benches/results -->\n";
const END: &str = "<!-- end -->\n";

/// Writes the README's table anew; `directory` is that of the benchmarks.
pub(crate) fn write(directory: &Path) -> io::Result<()> {
    let path = path(directory);
    let text = fs::read_to_string(&path)?;
    let written = replaced(&text, &table(&results(directory)?)?).ok_or_else(|| missing("the README's marks"))?;
    fs::write(path, written)
}

fn path(directory: &Path) -> PathBuf {
    directory.join("../README.md")
}

/// The text with `table` between its marks.
fn replaced(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(START)?;
    let (_, after) = rest.split_once(END)?;
    Some([before, START, "\n", table, "\n", END, after].concat())
}

/// The result files of all machines that have measured what is measured today; older ones are of older code.
fn results(directory: &Path) -> io::Result<Vec<String>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(directory.join("results"))? {
        let text = fs::read_to_string(entry?.path())?;
        if text.contains(split::TO_THE_END_CHUNKED) {
            texts.push(text);
        }
    }
    if texts.is_empty() { Err(missing("a result file of today's benchmarks")) } else { Ok(texts) }
}

fn missing(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} cannot be found: run `make bench`"))
}

/// The table, over all results.
fn table(results: &[String]) -> io::Result<String> {
    let row = |wanted: &[&str]| {
        let figures: Vec<f64> = results.iter().flat_map(|text| figures(text, wanted)).collect();
        if figures.is_empty() { Err(missing(wanted[0])) } else { Ok(figures) }
    };
    let goal = |job: &str| row(&["| ", &format!(" | {job} | ")]).map(|figures| every_second(&figures));
    let level = |what: &str| {
        let of = |name: &str| row(&[&format!("| {name} | {what} |")]);
        of("AVX-512").or_else(|_| of("AVX2"))
    };
    let [plain, plain_lol] = [row(&[&cell(split::PLAIN)])?, row(&[&cell(split::PLAIN_LOL)])?];
    let [chunked, prepared] = [row(&[&cell(split::TO_THE_END_CHUNKED)])?, row(&[&cell(split::PREPARED)])?];
    let spread_lol = row(&[&cell(split::SPREAD_LOL)])?;
    let mut out = String::from("| | eyot | compared with |\n| --- | --- | --- |\n");
    let mut line =
        |job: &str, own: String, other: String| writeln!(out, "| {job} | {own} | {other} |").map_err(io::Error::other);
    let times = ratios(&plain, &plain_lol);
    line(
        "page without islands",
        format!("{} GB/s", range(&plain)),
        format!("`lol_html` {} GB/s: {} × slower", range(&plain_lol), range(&times)),
    )?;
    let (speed, times) = (level("GB/s")?, level("against lol_html")?);
    line(
        "page with five islands, sealing included",
        format!("{} GB/s", range(&speed)),
        format!("`lol_html` without sealing {} GB/s: {} × slower", range(&spread_lol), range(&times)),
    )?;
    let (narrow, narrow_times) = (row(&["| AVX2 | GB/s |"])?, row(&["| AVX2 | against lol_html |"])?);
    line("the same with AVX2 alone", format!("{} GB/s", range(&narrow)), format!("{} ×", range(&narrow_times)))?;
    let chunks = level("in chunks, against the page whole, equal work")?;
    line(
        "the same in chunks of 16 KiB",
        format!("{} GB/s", range(&chunked)),
        format!("{} of the page whole", range(&chunks)),
    )?;
    let copied = goal("5 islands, prepared")?;
    line(
        "page split once, rendered with five islands",
        format!("{} GB/s", range(&prepared)),
        format!("{} of `memcpy`", range(&copied)),
    )?;
    let [seal, open] = [row(&["| eyot: seal, stable | 200 |"])?, row(&["| eyot: open | 200 |"])?].map(|ns| micros(&ns));
    let parts = [goal("seal, stable")?, goal("open")?].concat();
    line(
        "sealing 200 bytes of props",
        format!("{seal} µs, opening {open} µs"),
        format!("{} of XAES, HMAC and base64 measured alone", range(&parts)),
    )?;
    Ok(out)
}

/// The start of a candidate's row.
fn cell(name: &str) -> String {
    format!("| {name} |")
}

/// The numbers of the lines that have all of these texts, after the last one.
fn figures(text: &str, wanted: &[&str]) -> Vec<f64> {
    let after = |line: &str| {
        wanted.iter().enumerate().try_fold(0, |from, (index, part)| {
            let at = from + line[from..].find(part)?;
            (index > 0 || at == 0).then_some(at + part.len())
        })
    };
    let rest = text.lines().filter_map(|line| after(line).map(|from| &line[from..]));
    let cells = rest.flat_map(|rest| rest.split('|')).map(|cell| cell.trim().trim_end_matches('×').trim());
    cells.filter_map(|cell| cell.trim_start_matches(['≥', '≤']).trim().parse().ok()).collect()
}

/// A goal's row has what is wanted and then what is reached.
fn every_second(figures: &[f64]) -> Vec<f64> {
    figures.iter().skip(1).step_by(2).copied().collect()
}

fn ratios(own: &[f64], other: &[f64]) -> Vec<f64> {
    own.iter().zip(other).map(|(own, other)| own / other).collect()
}

fn micros(ns: &[f64]) -> String {
    range(&ns.iter().map(|ns| ns / 1_000.0).collect::<Vec<_>>())
}

/// The least and the greatest, with two figures or all before the point.
fn range(figures: &[f64]) -> String {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = figures.iter().copied().fold(0.0, f64::max);
    let [least, greatest] = [least, greatest].map(short);
    if least == greatest { least } else { format!("{least} to {greatest}") }
}

fn short(number: f64) -> String {
    match number {
        number if number >= 9.95 => format!("{number:.0}"),
        number if number >= 1.0 => format!("{number:.1}"),
        number => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_figures_of_the_result_files() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path(directory)).expect("the README");
        let table = table(&results(directory).expect("a file")).expect("all rows");
        assert_eq!(replaced(&text, &table), Some(text), "run `make bench`, or `report --readme` for the README alone");
    }

    #[test]
    fn figures_are_taken_from_the_rows_that_are_meant() {
        let text =
            "| eyot: open | 200 | 331 |\n| eyot: open it | 1 |\n| p | open | XAES alone | ≤ 1.25 × | 1.13 × | met |\n";
        assert_eq!(figures(text, &["| eyot: open | 200 |"]), [331.0]);
        assert_eq!(every_second(&figures(text, &["| ", " | open | "])), [1.13]);
    }

    #[test]
    fn a_range_is_as_short_as_it_can_be() {
        assert_eq!(range(&[0.5631, 0.5589]), "0.56");
        assert_eq!(range(&[7.44, 3.74, 12.06]), "3.7 to 12");
    }
}
