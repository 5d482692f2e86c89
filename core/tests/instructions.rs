//! What splitting, sealing, opening and placeholders take in instructions, against the counts in `instructions.txt`: a change
//! that costs more than it should is seen however busy the machine is.
//!
//! Counted in release builds alone, by valgrind: `cargo test --release -p eyot --features suites --test instructions`. The
//! same with `EYOT_INSTRUCTIONS=write` writes the file anew.
#![cfg(all(feature = "suites", target_arch = "x86_64"))]

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use eyot::placeholder::Placeholder;
use eyot::seal::Payload;
use eyot::{Context, IslandName, Islands, Props, Sealing, Slots, Splitter};
use support::{NOW, keys, valgrind};

/// How far a count may be from the one in the file.
const BOUND: f64 = 0.05;

/// AVX-512 is not known to valgrind.
const LEVELS: [&str; 2] = ["none", "avx2"];

const COMMAND: &str = "EYOT_INSTRUCTIONS=write cargo test --release -p eyot --features suites --test instructions";

/// A piece of work, and how often it is done when it is counted.
struct Job {
    name: &'static str,
    times: usize,
    work: fn(&Inputs) -> usize,
}

const JOBS: [Job; 7] = [
    Job { name: "split a page of 56 kB, five islands", times: 40, work: |inputs| split(inputs, &inputs.small) },
    Job { name: "split a page of 347 kB, five islands", times: 10, work: |inputs| split(inputs, &inputs.large) },
    Job { name: "split it in chunks of 16 KiB", times: 10, work: |inputs| split_chunks(inputs, &inputs.large) },
    Job { name: "split a page of a hundred islands", times: 10, work: |inputs| split(inputs, &inputs.islands) },
    Job { name: "seal 200 bytes", times: 500, work: |inputs| seal(inputs).len() },
    Job { name: "open them", times: 500, work: open },
    Job { name: "write a placeholder of them", times: 500, work: placeholder },
];

struct Inputs {
    configured: Islands,
    name: IslandName,
    small: Vec<u8>,
    large: Vec<u8>,
    islands: Vec<u8>,
    props: Vec<u8>,
    token: Vec<u8>,
}

impl Inputs {
    fn new() -> Self {
        let name = IslandName::new("user-avatar").expect("a good name");
        let mut inputs = Self {
            configured: Islands::builder(keys()).island(name.as_str()).build().expect("a good configuration"),
            name,
            small: with_islands(&page("rs-ch04"), 5),
            large: with_islands(&page("py-whatsnew"), 5),
            islands: with_islands(&"<p>text</p>".repeat(100), 100),
            props: format!("{{\"note\":\"{}\"}}", "x".repeat(189)).into_bytes(),
            token: Vec::new(),
        };
        inputs.token = seal(&inputs);
        inputs
    }
}

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../benches/data/{name}.html"));
    fs::read_to_string(path).expect("a page of the benchmarks")
}

/// The page with islands after some of its paragraphs, the last one near its end.
fn with_islands(page: &str, count: usize) -> Vec<u8> {
    const ISLAND: &str =
        "<user-avatar server:defer size=\"40\" sku=\"A-1\"><span slot=\"fallback\">…</span></user-avatar>";
    let ends: Vec<usize> = page.match_indices("</p>").map(|(at, tag)| at + tag.len()).collect();
    let places = (1..=count).map(|index| ends[ends.len() * index / count - 1]);
    let (mut out, mut done) = (String::new(), 0);
    for place in places {
        out = out + &page[done..place] + ISLAND;
        done = place;
    }
    (out + &page[done..]).into_bytes()
}

fn split(inputs: &Inputs, page: &[u8]) -> usize {
    let shell = inputs.configured.split(page, &Context::at(NOW)).expect("nothing is wrong with the page");
    assert!(!shell.islands().is_empty());
    shell.into_bytes().len()
}

fn split_chunks(inputs: &Inputs, page: &[u8]) -> usize {
    let context = Context::at(NOW);
    let mut splitter = Splitter::new(&inputs.configured);
    let mut out = Vec::with_capacity(page.len() + 4096);
    for chunk in page.chunks(16 * 1024) {
        splitter.push(chunk, &context).expect("nothing is wrong").for_each(|part| out.extend_from_slice(part));
    }
    splitter.finish(&context).expect("nothing is wrong").for_each(|part| out.extend_from_slice(part));
    out.len()
}

fn seal(inputs: &Inputs) -> Vec<u8> {
    let mut token = Vec::with_capacity(512);
    let payload = Payload { props: &inputs.props, ..Payload::default() };
    keys_of(inputs).seal(&inputs.name, "", payload, Sealing::Stable, None, &mut token).expect("a small payload");
    token
}

fn open(inputs: &Inputs) -> usize {
    let mut buffer = Vec::new();
    let opened = keys_of(inputs).open(&inputs.name, "", &inputs.token, NOW, &mut buffer).expect("these keys sealed it");
    opened.payload.props.len()
}

fn placeholder(inputs: &Inputs) -> usize {
    let mut out = Vec::with_capacity(1024);
    let placeholder = Placeholder::new(inputs.name.as_str())
        .with_props(Props::trusted(&inputs.props))
        .with_slots(Slots::with_fallback(b"<i>f</i>"));
    inputs.configured.placeholder(&placeholder, &Context::at(NOW), &mut out).expect("a small payload");
    out.len()
}

/// Made once: a key ring is derived from its text.
fn keys_of(_: &Inputs) -> &'static eyot::KeyRing {
    static KEYS: std::sync::LazyLock<eyot::KeyRing> = std::sync::LazyLock::new(keys);
    &KEYS
}

/// What is counted. Started by the test below.
#[test]
#[ignore = "the test of instructions starts this one"]
fn do_one_job() {
    let Ok(name) = env::var("EYOT_JOB") else { return };
    let times: usize = env::var("EYOT_TIMES").expect("how often").parse().expect("a number");
    let job = JOBS.iter().find(|job| job.name == name).expect("a job");
    let inputs = Inputs::new();
    // One more, so that what is done once is done in each run.
    let total: usize = (0..=times).map(|_| (job.work)(std::hint::black_box(&inputs))).sum();
    assert!(total > 0);
}

/// The instructions of one time.
fn count(job: &Job, level: &str) -> f64 {
    let [none, all] = [0, job.times].map(|times| {
        let variables = [("EYOT_JOB", job.name), ("EYOT_TIMES", &times.to_string()), ("EYOT_SIMD", level)];
        valgrind::instructions("do_one_job", &variables).expect("it started before")
    });
    (all - none) / job.times as f64
}

fn counts() -> Vec<(String, f64)> {
    let one = |level: &str, job: &Job| (format!("{level}: {}", job.name), count(job, level));
    LEVELS.iter().flat_map(|level| JOBS.iter().map(move |job| one(level, job))).collect()
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/instructions.txt")
}

/// What the counts depend on beside the code.
fn tools() -> String {
    let rustc = Command::new("rustc").arg("--version").output().expect("it has built this test");
    let valgrind = valgrind::version().expect("it started before");
    format!("{}, {valgrind}", String::from_utf8_lossy(&rustc.stdout).trim())
}

fn written(counts: &[(String, f64)]) -> String {
    let mut out = format!("Instructions for one time, counted with {}. Written by\n{COMMAND}\n\n", tools());
    for (name, count) in counts {
        writeln!(out, "{count:>9.0} {name}").expect("a string takes all");
    }
    out
}

/// The counts of a file that [`written`] wrote.
fn read(text: &str) -> impl Iterator<Item = (&str, f64)> {
    let rows = text.lines().skip(3).filter_map(|line| line.trim().split_once(' '));
    rows.map(|(count, name)| (name, count.parse().expect("a count")))
}

#[test]
fn nothing_takes_more_instructions_than_it_did() {
    let can_count = valgrind::version().is_some() && std::is_x86_feature_detected!("avx2");
    if cfg!(debug_assertions) || !can_count {
        println!("skipped: it takes a release build, valgrind, and a processor with AVX2");
        return;
    }
    let counts = counts();
    if env::var("EYOT_INSTRUCTIONS").is_ok_and(|value| value == "write") {
        return fs::write(file(), written(&counts)).expect("a file that can be written");
    }
    let text = fs::read_to_string(file()).expect("the counts in the repository");
    let known: Vec<_> = read(&text).collect();
    let mut wrong = String::new();
    for (name, count) in &counts {
        let before = known.iter().find(|(known, _)| known == name).map(|(_, count)| *count);
        let change = before.map_or(f64::INFINITY, |before| count / before - 1.0);
        println!("{count:>9.0} ({:+.1} %) {name}", change * 100.0);
        if change.abs() > BOUND {
            writeln!(wrong, "{name}: {count:.0} instead of {before:?}").expect("a string takes all");
        }
    }
    let first = text.lines().next().unwrap_or_default();
    assert!(
        wrong.is_empty() && known.len() == counts.len(),
        "core/tests/instructions.txt says otherwise by more than 5 %:\n{wrong}Its first line: {first}\nThese were counted with {}.\n\
         If the change is meant, or the tools are others, write the file anew and commit it:\n{COMMAND}",
        tools()
    );
}
