//! html5lib's tests of tree construction, with a directive at every place of each.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::check::{Page, Tally, check, sign};

/// All there are in html5lib 1.1; those that parse a part of a page, or without scripting, ask for another parser.
const CASES: usize = 1_704;
const FRAGMENTS: usize = 176;
const WITHOUT_SCRIPTING: usize = 27;

struct Case {
    data: String,
    is_fragment: bool,
    is_without_scripting: bool,
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("core/tests/suites/fetch has run");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable directory").path()).collect();
    paths.sort();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "dat"));
    files.chain(folders.iter().flat_map(|folder| self::files(folder))).collect()
}

fn cases() -> Vec<Case> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new("../target").to_owned(), PathBuf::from);
    let read = |path: PathBuf| {
        let text = String::from_utf8_lossy(&fs::read(path).expect("a readable file")).into_owned();
        let parts: Vec<_> = format!("\n{text}").split("\n#data\n").skip(1).map(case).collect();
        parts
    };
    files(&target.join("suites/html5lib/tree-construction")).into_iter().flat_map(read).collect()
}

fn case(text: &str) -> Case {
    let text = format!("\n{text}");
    let (data, rest) = text.split_once("\n#errors").expect("the suite's format");
    let data = data.strip_prefix('\n').unwrap_or_default();
    let has = |section: &str| rest.lines().any(|line| line == section);
    Case { data: data.to_owned(), is_fragment: has("#document-fragment"), is_without_scripting: has("#script-off") }
}

/// The forms that a directive is put in as.
fn forms() -> [(String, String); 3] {
    let note = sign(0);
    let component = format!("<Avatar server:defer note=\"{note}\"></Avatar>");
    [(component.clone(), component.clone()), (format!("<Avatar server:defer note=\"{note}\" />"), component), {
        let element = format!("<div server:defer=\"Avatar\" server:props='{{\"note\":\"{note}\"}}'></div>");
        (element.clone(), element)
    }]
}

#[test]
fn a_directive_at_any_place_of_the_suites_pages_is_what_a_browser_makes_of_it() {
    let cases = cases();
    let fragments = cases.iter().filter(|case| case.is_fragment).count();
    let without_scripting = cases.iter().filter(|case| case.is_without_scripting).count();
    let asked: Vec<_> = cases.iter().filter(|case| !case.is_fragment && !case.is_without_scripting).collect();
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    for case in &asked {
        for (at, _) in case.data.char_indices().chain([(case.data.len(), ' ')]) {
            let (before, after) = case.data.split_at(at);
            for (form, complete) in forms() {
                let page = Page {
                    html: format!("{before}{form}{after}"),
                    complete: format!("{before}{complete}{after}"),
                    directives: vec![form],
                    is_flat: true,
                };
                if let Err(error) = check(&page, &mut tally) {
                    wrong.push(format!("{:?}\n   {error}", page.html));
                }
            }
        }
    }
    println!(
        "{} of {} cases; left out: {fragments} fragments, {without_scripting} without scripting",
        asked.len(),
        cases.len()
    );
    println!("{tally:#?}");
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert_eq!((cases.len(), fragments, without_scripting), (CASES, FRAGMENTS, WITHOUT_SCRIPTING));
}
