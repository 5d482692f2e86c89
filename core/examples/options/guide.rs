//! The guide's page of options: `docs/options.md`.

use eyot::options::{HOSTS, Kind, SETTINGS, Setting, Spelling};

const HEAD: &str = "\
# Options of islands

<!-- Written by `cargo run -p eyot --example options -- --write` from core/src/options: change it there. -->

One list for every host. Names are spelled as the language does it; a name that is none, a value of the wrong type and a
value out of bounds are errors at start that name the option, and the one that is meant. A time is a number of seconds or a
text such as `\"30s\"`, `\"10m\"`, `\"2h\"`, `\"1d\"` (in Python also a `timedelta`, in Go a `time.Duration`).

In Go the zero value of each field is its default, and what is on by default has a field that turns it off. In C and Rust
the names are Python's.

";

pub(super) fn text() -> String {
    let mut page = HEAD.to_owned();
    page += "| Python, C, Rust | Django | JavaScript | Go | is | default |\n| --- | --- | --- | --- | --- | --- |\n";
    for setting in SETTINGS {
        page += &row(setting);
    }
    page += "\n## Options of hosts\n\nWhat only a host can hold. A dash: the host does without.\n\n";
    page += "| Python | Django | JavaScript | Go | is | default |\n| --- | --- | --- | --- | --- | --- |\n";
    for setting in HOSTS {
        page += &row(setting);
    }
    page
}

fn row(setting: &Setting) -> String {
    let languages = [Spelling::Python, Spelling::Upper, Spelling::Camel, Spelling::Pascal];
    let names = languages.map(|language| match setting.kind() {
        Kind::Host(types) if types.of(language).is_none() => "–".to_owned(),
        _ => format!("`{}`", language.of(setting)),
    });
    let kind = match setting.kind() {
        Kind::Texts => " A list.".to_owned(),
        Kind::Count { least, most } => format!(" From {least} to {most}."),
        Kind::Time { .. } => " A time.".to_owned(),
        _ => String::new(),
    };
    format!("| {} | {}{kind} | {} |\n", names.join(" | "), setting.about().replace('|', "\\|"), setting.default_text())
}
