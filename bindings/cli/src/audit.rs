//! `eyot audit`: what is wrong with pages before they are split, and with shells after.

use std::io::{IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use eyot::{Context, Islands};
use rayon::prelude::*;
use serde_json::json;

use crate::error::Error;
use crate::report::{Finding, Severity};
use crate::split::Declared;
use crate::{print, sarif, tree};

/// How findings are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the line and a caret.
    Text,
    /// One object with a list.
    Json,
    /// SARIF 2.1.0, for code hosts.
    Sarif,
}

/// Arguments of `eyot audit`.
#[derive(Args)]
pub(crate) struct Audit {
    /// A page, a directory with pages, an http(s) URL, or - for standard input
    #[arg(required = true)]
    targets: Vec<String>,
    /// How findings are written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Warnings count as errors do
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    declared: Declared,
}

/// A page and what is wrong with it.
struct Looked {
    source: Vec<u8>,
    findings: Vec<Finding>,
}

impl Audit {
    /// Ends with 1 where there is an error, 0 otherwise.
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        let mut pages = Vec::new();
        for target in &self.targets {
            pages.extend(read(target)?);
        }
        let islands = self.declared.islands(None, pages.iter().map(|(_, source)| source.as_slice()))?;
        let looked: Result<Vec<Looked>, Error> =
            pages.into_par_iter().map(|(file, source)| look(&islands, &file, source)).collect();
        let looked = looked?;
        let all: Vec<Finding> = looked.iter().flat_map(|page| page.findings.iter().cloned()).collect();
        match self.format {
            Format::Text => told(&looked, all.len()),
            Format::Json => drop(print(format!("{:#}\n", json!({ "findings": all })).as_bytes())?),
            Format::Sarif => drop(print(format!("{:#}\n", sarif::log(&all)).as_bytes())?),
        }
        let is_bad = all.iter().any(|finding| self.strict || finding.severity == Severity::Error);
        Ok(ExitCode::from(u8::from(is_bad)))
    }
}

/// The pages of a target, by their names.
fn read(target: &str) -> Result<Vec<(String, Vec<u8>)>, Error> {
    if target == "-" {
        let mut source = Vec::new();
        std::io::stdin().read_to_end(&mut source).map_err(|error| Error::new("standard input", &error))?;
        return Ok(vec![(target.to_owned(), source)]);
    }
    if target.starts_with("http://") || target.starts_with("https://") {
        return Ok(vec![(target.to_owned(), fetched(target)?)]);
    }
    let path = Path::new(target);
    if !path.is_dir() {
        return Ok(vec![(target.to_owned(), tree::read(path)?)]);
    }
    let pages: Vec<_> = tree::files(path)?.into_iter().filter(|file| tree::is_page(file)).collect();
    if pages.is_empty() {
        return Err(Error::at(path, &"no page in it: none of its files ends with .html or .htm"));
    }
    let named = pages.into_iter().map(|file| (path.join(&file).display().to_string(), tree::read(&path.join(file))));
    named.map(|(name, source)| Ok((name, source?))).collect()
}

/// The longest page that is fetched.
const LONGEST: u64 = 64 << 20;

fn fetched(url: &str) -> Result<Vec<u8>, Error> {
    let wrong = |error: ureq::Error| Error::new(url, &error);
    let mut response = ureq::get(url).header("Accept", "text/html").call().map_err(wrong)?;
    response.body_mut().with_config().limit(LONGEST).read_to_vec().map_err(wrong)
}

fn look(islands: &Islands, file: &str, source: Vec<u8>) -> Result<Looked, Error> {
    // Where a page is a shell already, its split changes nothing, and what a browser makes of it is looked at as it is.
    let shell = islands.split_lenient(&source, &Context::at(0)).map_err(|error| Error::new(file, &error))?;
    let mut findings = Finding::of_shell(file, &shell);
    let (is_untouched, html) = (shell.is_untouched(), shell.into_bytes().into_owned());
    findings.extend(eyot::audit::audit(&html).into_iter().map(|found| {
        let severity = if found.code() == "fallback-missing" { Severity::Warning } else { Severity::Error };
        let place = if is_untouched { found.at } else { origin(&source, &found.island) };
        Finding::new(file, found.code(), severity, format!("{}: {}", found.island, found.message), place)
    }));
    Ok(Looked { source, findings })
}

/// About where in a page an island of a shell stands: the first directive with its name.
fn origin(source: &[u8], island: &str) -> eyot::Position {
    let text = String::from_utf8_lossy(source);
    let at = text.find(&format!("<{island}")).or_else(|| text.find(&format!("\"{island}\""))).unwrap_or_default();
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    eyot::Position { line: number(line), column: number(column) }
}

fn told(looked: &[Looked], count: usize) {
    for page in looked {
        for finding in &page.findings {
            anstream::println!("{}\n", finding.rendered(&page.source));
        }
    }
    let pages = if looked.len() == 1 { "1 page".to_owned() } else { format!("{} pages", looked.len()) };
    let line = if count == 0 { format!("{pages}, nothing found") } else { format!("{pages}, {count} found") };
    if count > 0 || std::io::stderr().is_terminal() {
        anstream::eprintln!("{line}");
    }
}
