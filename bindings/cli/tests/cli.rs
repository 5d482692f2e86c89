//! The command as its users run it: arguments, files, exit codes, and what stands where on the screen.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const KEY: &str = "p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=";
const OTHER_KEY: &str = "Kq7ZrT4mXw9uB1nEo5cYv8HdJ2gLs6PfQa3RiUxWzM0=";
const PAGE: &str =
    "<!doctype html><title>Shop</title>\n<h1>Shop</h1>\n<Cart server:defer><i slot=fallback>Cart</i></Cart>\n";

fn eyot(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
    command.args(arguments).env_remove("EYOT_KEYS_FILE").env("EYOT_KEYS", KEY).env("NO_COLOR", "1");
    command
}

fn run(arguments: &[&str]) -> Output {
    eyot(arguments).output().unwrap()
}

fn piped(arguments: &[&str], input: &str) -> Output {
    let mut command = eyot(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// A site of three pages and a style sheet.
fn site() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("docs")).unwrap();
    fs::write(folder.path().join("index.html"), PAGE).unwrap();
    fs::write(folder.path().join("docs/index.html"), "<p>server:defer is an attribute.").unwrap();
    fs::write(folder.path().join("docs/plain.htm"), "<p>caf\u{e9}\r\n<p a='b'  c>").unwrap();
    fs::write(folder.path().join("style.css"), "p{}").unwrap();
    folder
}

fn split(site: &Path, to: &Path, more: &[&str]) -> Output {
    let arguments = [&["split", site.to_str().unwrap(), "-o", to.to_str().unwrap()], more].concat();
    run(&arguments)
}

#[test]
fn keygen_prints_a_key_that_a_ring_takes() {
    let key = out(&run(&["keygen"]));
    assert!(eyot::KeyRing::parse(key.trim()).is_ok());
    assert_ne!(out(&run(&["keygen"])), key);
}

#[test]
fn keygen_puts_a_new_key_before_those_of_a_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("keys");
    for count in 1..3 {
        let output = run(&["keygen", "--add", file.to_str().unwrap()]);
        assert_eq!((code(&output), out(&output).as_str()), (0, ""));
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(eyot::KeyRing::parse_file(&text).unwrap().ids().count(), count);
    }
    fs::write(&file, "no key\n").unwrap();
    let output = run(&["keygen", "--add", file.to_str().unwrap()]);
    assert_eq!(code(&output), 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), "no key\n", "nothing is lost");
}

#[test]
fn a_page_from_standard_input_becomes_its_shell_on_standard_output() {
    let output = piped(&["split", "-"], PAGE);
    assert_eq!((code(&output), err(&output).as_str()), (0, ""));
    assert!(out(&output).contains("<server-island island=\"Cart\" island-src=\"/_server-islands/Cart/"));
    let output = piped(&["split", "-", "--set", "prefix=/fragments", "--mount", "/shop"], PAGE);
    assert!(out(&output).contains("island-src=\"/shop/fragments/Cart/"));
}

#[test]
fn a_page_with_an_error_becomes_a_shell_with_the_fallback_and_says_where() {
    let output = piped(&["split", "-", "--island", "CartCount,Avatar"], PAGE);
    assert_eq!(code(&output), 1);
    assert!(!out(&output).contains("island-src") && out(&output).contains("Cart</i>") || out(&output).contains("Cart"));
    let told = err(&output);
    for part in ["error[name-unknown]", "-:3:1", "<Cart server:defer>", "^"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_site_becomes_shells_and_all_else_is_the_same_bytes() {
    let (site, to) = (site(), TempDir::new().unwrap());
    let output = split(site.path(), to.path(), &[]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(err(&output).starts_with("3 pages split, 0 unchanged, 1 other files; 1 islands; "), "{}", err(&output));
    assert!(fs::read_to_string(to.path().join("index.html")).unwrap().contains("island-src"));
    for file in ["docs/index.html", "docs/plain.htm", "style.css"] {
        assert_eq!(fs::read(to.path().join(file)).unwrap(), fs::read(site.path().join(file)).unwrap(), "{file}");
    }
}

#[test]
fn a_site_is_split_again_only_where_it_has_changed() {
    let (site, to) = (site(), TempDir::new().unwrap());
    split(site.path(), to.path(), &[]);
    let told = |more: &[&str]| err(&split(site.path(), to.path(), more));
    assert!(told(&[]).starts_with("0 pages split, 3 unchanged, "));
    fs::write(site.path().join("docs/plain.htm"), "<p>new").unwrap();
    assert!(told(&[]).starts_with("1 pages split, 2 unchanged, "));
    assert_eq!(fs::read_to_string(to.path().join("docs/plain.htm")).unwrap(), "<p>new");
    fs::remove_file(to.path().join("index.html")).unwrap();
    assert!(told(&[]).starts_with("1 pages split, 2 unchanged, "));
    assert!(told(&["--set", "preload=true"]).starts_with("3 pages split, 0 unchanged, "));
    assert!(told(&["--set", "preload=true", "--force"]).starts_with("3 pages split, 0 unchanged, "));
    let mut other = eyot(&["split", site.path().to_str().unwrap(), "-o", to.path().to_str().unwrap()]);
    assert!(err(&other.env("EYOT_KEYS", OTHER_KEY).output().unwrap()).starts_with("3 pages split, 0 unchanged, "));
}

#[test]
fn a_page_with_an_error_is_told_each_time() {
    let (site, to) = (site(), TempDir::new().unwrap());
    fs::write(site.path().join("docs/plain.htm"), "<Cart server:defer>").unwrap();
    for _ in 0..2 {
        let output = split(site.path(), to.path(), &[]);
        assert_eq!(code(&output), 1);
        assert!(err(&output).contains("plain.htm:1:1"), "{}", err(&output));
    }
}

#[test]
fn what_cannot_be_done_is_told_in_one_line_on_standard_error() {
    let site = site();
    let folder = site.path().to_str().unwrap();
    let inside = site.path().join("out");
    let cases: [(&[&str], &str); 8] = [
        (&["split", "no-such.html"], "no-such.html: "),
        (&["split", folder], "a directory needs another one for its shells: name it by --output"),
        (&["split", folder, "-o", inside.to_str().unwrap()], "it stands in the directory that is split"),
        (
            &["split", folder, "-o", "x", "--set", "prelaod=true"],
            "--set: prelaod: there is no such option: preload is meant",
        ),
        (&["split", folder, "-o", "x", "--set", "preload"], "has no value: write preload=VALUE"),
        (&["audit", "no-such-folder"], "no-such-folder: "),
        (&["inspect", "short"], "the token: "),
        (&["split", "-", "--keys-file", "no-such-keys"], "no-such-keys: "),
    ];
    for (arguments, expected) in cases {
        let output = run(arguments);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{arguments:?}");
        let told = err(&output);
        assert!(told.starts_with("eyot: ") && told.contains(expected) && told.lines().count() == 1, "{told}");
    }
    let no_key = eyot(&["split", "-"]).env_remove("EYOT_KEYS").stdin(Stdio::null()).output().unwrap();
    assert!(err(&no_key).contains("no key: set EYOT_KEYS or EYOT_KEYS_FILE"), "{}", err(&no_key));
    assert!(!Path::new("x").exists());
}

#[test]
fn an_audit_ends_with_1_where_there_is_an_error_and_shows_the_line() {
    let sound = piped(&["audit", "-"], PAGE);
    assert_eq!((code(&sound), out(&sound).as_str()), (0, ""), "{}", err(&sound));
    let moved = "<table>\n<Cart server:defer><i slot=fallback>Cart</i></Cart>\n</table>";
    let output = piped(&["audit", "-"], moved);
    assert_eq!(code(&output), 1);
    for part in ["error[placeholder-moved]", "-:2:1", "^"] {
        assert!(out(&output).contains(part), "{part}: {}", out(&output));
    }
    let bare = "<!doctype html><p><Cart server:defer></Cart>";
    assert_eq!(code(&piped(&["audit", "-"], bare)), 0);
    assert_eq!(code(&piped(&["audit", "-", "--strict"], bare)), 1);
}

#[test]
fn findings_are_json_and_sarif_too() {
    let page = "<Cart server:defer>";
    let json: serde_json::Value =
        serde_json::from_str(&out(&piped(&["audit", "-", "--format", "json"], page))).unwrap();
    assert_eq!((&json["findings"][0]["line"], &json["findings"][0]["severity"]), (&1.into(), &"error".into()));
    let sarif: serde_json::Value =
        serde_json::from_str(&out(&piped(&["audit", "-", "--format", "sarif"], page))).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], sarif["runs"][0]["tool"]["driver"]["rules"][0]["id"]);
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
}

#[test]
fn a_token_tells_its_key_to_everyone_and_its_props_to_who_has_the_key() {
    let shell = out(&piped(&["split", "-"], "<Cart server:defer sku=A-1 server:ttl=86400></Cart>"));
    let address = shell.split("island-src=\"").nth(1).unwrap().split('"').next().unwrap();
    let opened = run(&["inspect", address]);
    for part in ["island   Cart\n", "key      ", ", in ", "props    {\"sku\":\"A-1\"}\n"] {
        assert!(out(&opened).contains(part), "{part}: {}", out(&opened));
    }
    let sealed = eyot(&["inspect", address]).env_remove("EYOT_KEYS").output().unwrap();
    assert!(code(&sealed) == 0 && out(&sealed).contains("content  sealed: set EYOT_KEYS"));
    let other = eyot(&["inspect", address]).env("EYOT_KEYS", OTHER_KEY).output().unwrap();
    assert!(code(&other) == 2 && err(&other).starts_with("eyot: the token: "));
    let nameless = run(&["inspect", address.rsplit('/').next().unwrap()]);
    assert!(out(&nameless).contains("say which by --island NAME"));
}

#[test]
fn completions_and_a_manual_page_are_printed() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(out(&run(&["completions", shell])).contains("eyot"), "{shell}");
    }
    assert!(out(&run(&["man"])).contains(".TH eyot"));
    assert!(out(&run(&["--version"])).starts_with("eyot 0."));
}
