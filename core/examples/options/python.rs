//! Python's types: `bindings/python/python/eyot/_options.py`.

use eyot::options::{HOSTS, Kind, SETTINGS, Setting, Spelling};

use super::wrapped;

const HEAD: &str = r#""""The options of islands, as types.

Written by ``cargo run -p eyot --example options -- --write`` from core/src/options: change it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from .durations import Duration

if TYPE_CHECKING:
    from ._eyot import Event

"#;

/// Options that hosts of Python have as parameters of their own.
const PARAMETERS: [&str; 3] = ["keys", "secrets", "shells"];

pub(super) fn text() -> String {
    let mut file = HEAD.to_owned();
    file += "\nclass Options(TypedDict, total=False):\n";
    file += "    \"\"\"The options that every host's ``Islands`` takes, beside its keys and policies.\"\"\"\n";
    let hosts = HOSTS.iter().filter(|setting| !PARAMETERS.contains(&setting.name()));
    for setting in SETTINGS.iter().chain(hosts) {
        file += &field(setting, Spelling::Python);
    }
    file += "\n\nclass DjangoOptions(TypedDict, total=False):\n";
    file += "    \"\"\"What ``settings.EYOT`` takes.\"\"\"\n";
    for setting in SETTINGS.iter().chain(HOSTS) {
        file += &field(setting, Spelling::Upper);
    }
    file
}

fn field(setting: &Setting, spelling: Spelling) -> String {
    let kind = match setting.kind() {
        Kind::Flag { .. } => "bool",
        Kind::Text => "str",
        Kind::Texts => "Iterable[str]",
        Kind::Count { .. } => "int",
        Kind::Time { .. } => "Duration",
        Kind::Choice(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
            return line(setting, spelling, &format!("Literal[{}]", words.join(", ")));
        }
        Kind::Host(types) => match types.of(spelling) {
            Some(kind) => kind,
            None => return String::new(),
        },
        _ => "Any",
    };
    line(setting, spelling, kind)
}

fn line(setting: &Setting, spelling: Spelling, kind: &str) -> String {
    let kind = kind.replace("[HttpRequest]", "[Any]").trim_end_matches(" | None").to_owned();
    let about = format!("{} Default: {}.", setting.about(), setting.default_text());
    format!("\n    {}: {kind}\n{}", spelling.of(setting), docstring(&about.replace('`', "``")))
}

fn docstring(text: &str) -> String {
    let text = wrapped(text, "    ", 116);
    let text = text.trim();
    if text.contains('\n') { format!("    \"\"\"{text}\n    \"\"\"\n") } else { format!("    \"\"\"{text}\"\"\"\n") }
}
