//! `eyot split`: pages to shells, one by one or a whole static site at once.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use eyot::options::Value;
use eyot::{Context, Entropy, EntropyError, Islands, KeyRing, Page};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::keys::Keys;
use crate::report::{Finding, Severity};
use crate::{print, tree};

/// Which islands there are.
#[derive(Args)]
pub(crate) struct Declared {
    /// The islands that the server knows; without any, all that the pages name
    #[arg(long = "island", value_name = "NAME", value_delimiter = ',')]
    names: Vec<String>,
    /// An option of islands, such as prefix=/fragments or preload=true; docs/options.md lists them
    #[arg(long = "set", value_name = "OPTION=VALUE")]
    options: Vec<String>,
}

impl Declared {
    /// The configuration. Without keys it seals with one that nobody has.
    pub(crate) fn islands<'p>(
        &self,
        keys: Option<KeyRing>,
        pages: impl Iterator<Item = &'p [u8]>,
    ) -> Result<Islands, Error> {
        let keys = keys.map_or_else(throw_away, Ok)?;
        if !self.names.is_empty() {
            return self.configured(&keys, &self.names);
        }
        let mut names = Vec::new();
        for page in pages {
            self.note(&keys, page, &mut names)?;
        }
        self.configured(&keys, &names)
    }

    /// Adds the islands that a page names to those that are known.
    fn note(&self, keys: &KeyRing, page: &[u8], names: &mut Vec<String>) -> Result<(), Error> {
        loop {
            let islands = self.configured(keys, names)?;
            let shell = islands.split_lenient(page, &Context::at(0)).map_err(|error| Error::text(error.to_string()))?;
            let before = names.len();
            for problem in shell.problems() {
                if let eyot::Error::Markup { problem: eyot::html::Problem::NameUnknown { name, .. }, .. } = problem
                    && eyot::IslandName::new(name).is_ok()
                    && !names.contains(name)
                {
                    names.push(name.clone());
                }
            }
            // A page with very many problems tells only of the first.
            if names.len() == before {
                return Ok(());
            }
        }
    }

    fn configured(&self, keys: &KeyRing, names: &[String]) -> Result<Islands, Error> {
        let mut builder = names.iter().fold(Islands::builder(keys.clone()), |builder, name| builder.island(name));
        for option in &self.options {
            let Some((name, value)) = option.split_once('=') else {
                return Err(Error::new("--set", &format_args!("{option:?} has no value: write {option}=VALUE")));
            };
            builder = builder.set(name, &Value::Written(value)).map_err(|error| Error::new("--set", &error))?;
        }
        builder.build().map_err(Error::from)
    }
}

fn throw_away() -> Result<KeyRing, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::new("the system's randomness", &error))?;
    KeyRing::parse(&base64_simd::STANDARD.encode_to_string(bytes)).map_err(Error::from)
}

/// Arguments of `eyot split`.
#[derive(Args)]
pub(crate) struct Split {
    /// A page, a directory, or - for standard input
    source: String,
    /// Where the shell goes, or for a directory all of its files; a page's shell goes to standard output without it
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Where the site is mounted, as it stands in URLs: /shop
    #[arg(long, default_value = "", value_name = "PATH")]
    mount: String,
    /// The language of the pages, for tokens that hold the page
    #[arg(long, default_value = "", value_name = "LANG")]
    lang: String,
    /// Split every page, also those that have not changed since the last time
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    declared: Declared,
    #[command(flatten)]
    keys: Keys,
}

/// A page's shell, its islands, and what is wrong with the page.
struct Shell {
    html: Vec<u8>,
    islands: Vec<String>,
    findings: Vec<Finding>,
}

struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, nonce: &mut [u8; 24]) -> Result<(), EntropyError> {
        getrandom::fill(nonce).map_err(|error| EntropyError(error.to_string()))
    }
}

/// What became of the site when it was split last.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    /// A digest of all but the pages that shapes shells: the version, the options, the keys.
    settings: String,
    pages: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// A digest of the page.
    source: String,
    /// The islands in its shell.
    islands: Vec<String>,
}

/// The manifest's place in the output.
const MANIFEST: &str = ".eyot-manifest.json";

/// What became of one file.
enum Done {
    Split(Entry, Vec<Finding>, Vec<u8>),
    Unchanged(Entry),
    Copied,
}

impl Split {
    /// Ends with 1 where a page has an error: its shell then has the faulty island's fallback.
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        let keys = self.keys.read()?;
        if self.source != "-" && Path::new(&self.source).is_dir() {
            return self.site(Path::new(&self.source), keys);
        }
        let page = self.page()?;
        let islands = self.declared.islands(Some(keys), std::iter::once(page.as_slice()))?;
        let Shell { html, findings, .. } = self.shell(&islands, &self.source, "", &page)?;
        match &self.output {
            None => drop(print(&html)?),
            Some(output) if output.is_dir() => {
                let name = Path::new(&self.source).file_name().unwrap_or("index.html".as_ref());
                tree::write(&output.join(name), &html)?;
            }
            Some(output) => tree::write(output, &html)?,
        }
        Ok(ExitCode::from(u8::from(told(&findings, &page))))
    }

    fn page(&self) -> Result<Vec<u8>, Error> {
        if self.source != "-" {
            return tree::read(Path::new(&self.source));
        }
        let mut page = Vec::new();
        std::io::stdin().read_to_end(&mut page).map_err(|error| Error::new("standard input", &error))?;
        Ok(page)
    }

    fn shell(&self, islands: &Islands, file: &str, path: &str, page: &[u8]) -> Result<Shell, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        let mount = eyot::Mount::new(&self.mount).map_err(|error| Error::new("--mount", &error))?;
        let context =
            Context::at(now).with_entropy(&SystemEntropy).with_mount(mount).with_page(Page { path, lang: &self.lang });
        let shell = islands.split_lenient(page, &context).map_err(|error| Error::new(file, &error))?;
        let findings = Finding::of_shell(file, &shell);
        let names = shell.islands().iter().map(ToString::to_string).collect();
        Ok(Shell { html: shell.into_bytes().into_owned(), islands: names, findings })
    }

    fn site(&self, root: &Path, keys: KeyRing) -> Result<ExitCode, Error> {
        let Some(output) = &self.output else {
            return Err(Error::at(root, &"a directory needs another one for its shells: name it by --output"));
        };
        if is_within(output, root)? {
            return Err(Error::at(output, &"it stands in the directory that is split: choose one outside of it"));
        }
        let started = Instant::now();
        let files = tree::files(root)?;
        let ids: Vec<String> = keys.ids().map(|id| id.to_string()).collect();
        let islands = self.of_site(root, &files, keys)?;
        let settings = self.settings(&ids);
        let before = if self.force { Manifest::default() } else { manifest(output, &settings) };
        let bar = progress(files.len());
        let done: Result<Vec<_>, Error> = files
            .par_iter()
            .map(|file| {
                let done = self.file(&islands, root, output, file, &before);
                bar.inc(1);
                done.map(|done| (file, done))
            })
            .collect();
        bar.finish_and_clear();
        summed_up(output, settings, done?, started)
    }

    /// The configuration for a site: its islands are looked for in all of its pages.
    fn of_site(&self, root: &Path, files: &[PathBuf], keys: KeyRing) -> Result<Islands, Error> {
        let mut pages = Vec::new();
        if self.declared.names.is_empty() {
            for file in files.iter().filter(|file| tree::is_page(file)) {
                let page = tree::read(&root.join(file))?;
                if eyot::html::may_hold_directive(&page) {
                    pages.push(page);
                }
            }
        }
        self.declared.islands(Some(keys), pages.iter().map(Vec::as_slice))
    }

    fn settings(&self, keys: &[String]) -> String {
        let parts = [env!("CARGO_PKG_VERSION"), &self.mount, &self.lang].map(str::to_owned);
        let all = [parts.as_slice(), keys, &self.declared.options, &self.declared.names].concat();
        digest(all.join("\n").as_bytes())
    }

    fn file(
        &self,
        islands: &Islands,
        root: &Path,
        output: &Path,
        file: &Path,
        before: &Manifest,
    ) -> Result<Done, Error> {
        let (from, to) = (root.join(file), output.join(file));
        let bytes = tree::read(&from)?;
        if !tree::is_page(file) {
            if std::fs::read(&to).ok().as_deref() != Some(&bytes) {
                tree::write(&to, &bytes)?;
            }
            return Ok(Done::Copied);
        }
        let source = digest(&bytes);
        if let Some(entry) = before.pages.get(&key(file)).filter(|entry| entry.source == source && to.exists()) {
            return Ok(Done::Unchanged(entry.clone()));
        }
        let Shell { html, islands, findings } =
            self.shell(islands, &from.display().to_string(), &address(file), &bytes)?;
        tree::write(&to, &html)?;
        Ok(Done::Split(Entry { source, islands }, findings, bytes))
    }
}

/// Whether a path is a directory's own, or below it; it need not be there yet.
fn is_within(path: &Path, root: &Path) -> Result<bool, Error> {
    let absolute = |path: &Path| {
        let found = path.canonicalize().or_else(|_| std::path::absolute(path));
        found.map_err(|error| Error::at(path, &error))
    };
    Ok(absolute(path)?.starts_with(absolute(root)?))
}

/// A page's path as browsers ask for it.
fn address(file: &Path) -> String {
    let path = format!("/{}", key(file));
    path.strip_suffix("index.html").map_or(path.clone(), str::to_owned)
}

/// A file's path with slashes, on every system.
fn key(file: &Path) -> String {
    file.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The manifest of the last time, where it was made with the same settings.
fn manifest(output: &Path, settings: &str) -> Manifest {
    let text = std::fs::read(output.join(MANIFEST)).unwrap_or_default();
    let found: Manifest = serde_json::from_slice(&text).unwrap_or_default();
    if found.settings == settings { found } else { Manifest::default() }
}

fn progress(files: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} files").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(files as u64).with_style(style)
}

/// Writes the manifest, and tells what was done.
fn summed_up(
    output: &Path,
    settings: String,
    done: Vec<(&PathBuf, Done)>,
    started: Instant,
) -> Result<ExitCode, Error> {
    let mut pages = BTreeMap::new();
    let (mut split, mut unchanged, mut copied) = (0, 0, 0);
    let mut is_bad = false;
    for (file, done) in done {
        match done {
            Done::Split(entry, findings, page) => {
                split += 1;
                // A page with an error is split again the next time, so that it is told again.
                if told(&findings, &page) {
                    is_bad = true;
                } else {
                    pages.insert(key(file), entry);
                }
            }
            Done::Unchanged(entry) => {
                unchanged += 1;
                pages.insert(key(file), entry);
            }
            Done::Copied => copied += 1,
        }
    }
    let islands: usize = pages.values().map(|entry| entry.islands.len()).sum();
    let text =
        serde_json::to_string_pretty(&Manifest { settings, pages }).map_err(|error| Error::at(output, &error))?;
    tree::write(&output.join(MANIFEST), text.as_bytes())?;
    let seconds = started.elapsed().as_secs_f64();
    anstream::eprintln!(
        "{split} pages split, {unchanged} unchanged, {copied} other files; {islands} islands; {seconds:.2} s"
    );
    Ok(ExitCode::from(u8::from(is_bad)))
}

/// Prints findings, and tells whether one is an error.
fn told(findings: &[Finding], page: &[u8]) -> bool {
    for finding in findings {
        anstream::eprintln!("{}\n", finding.rendered(page));
    }
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
