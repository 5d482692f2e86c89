//! TypeScript's types: `bindings/node/lib/options.ts`.

use eyot::options::{HOSTS, Kind, SETTINGS, Setting, Spelling};

use super::wrapped;

const HEAD: &str = "\
// The options of islands, as types. Written by `cargo run -p eyot --example options -- --write` from core/src/options:
// change it there.

import type { Duration, Event, KeyRing } from \"./core\";
import type { Logger } from \"./host/log\";

/** The options that core obeys. */
export interface CoreOptions {
";

pub(super) fn text() -> String {
    let mut file = HEAD.to_owned();
    for setting in SETTINGS {
        file += &field(setting);
    }
    file +=
        "}\n\n/** The options of a host's islands. */\nexport interface HostOptions<Request> extends CoreOptions {\n";
    for setting in HOSTS {
        file += &field(setting);
    }
    file + "}\n"
}

fn field(setting: &Setting) -> String {
    let kind = match setting.kind() {
        Kind::Flag { .. } => "boolean".to_owned(),
        Kind::Text => "string".to_owned(),
        Kind::Texts => "readonly string[]".to_owned(),
        Kind::Count { .. } => "number".to_owned(),
        Kind::Time { .. } => "Duration".to_owned(),
        Kind::Choice(words) => words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" | "),
        Kind::Host(types) => match types.node {
            Some(kind) if kind.contains("=>") => format!("({kind})"),
            Some(kind) => kind.to_owned(),
            None => return String::new(),
        },
        _ => "unknown".to_owned(),
    };
    let about = format!("{} Default: {}.", setting.about(), setting.default_text());
    format!("{}  readonly {}?: {kind} | undefined;\n", comment(&about), Spelling::Camel.of(setting))
}

fn comment(text: &str) -> String {
    let one = format!("  /** {text} */\n");
    if one.chars().count() <= 121 { one } else { format!("  /**\n{}   */\n", wrapped(text, "   * ", 119)) }
}
