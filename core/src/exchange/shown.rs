//! Pages for development, shown instead of the app's: the place of a fault in its markup, or what leaks from a shell.
//! They hold excerpts of the page, so that no host may send one in production.

use std::borrow::Cow;
use std::fmt::Write;

use crate::http::{Leak, Reply};
use crate::{Error, Position};

/// How many lines are shown before and after a fault, and how many characters of each.
const AROUND: usize = 2;
const WIDTH: usize = 100;

const IN_PRODUCTION: &str = "In production the faulty island becomes its fallback, and no cache keeps the page.";

/// Shows what is wrong with a page, and where.
pub(super) fn markup_page(error: &Error, page: &[u8]) -> Reply {
    let mut content = said(&error.to_string(), error.code());
    if let Some(at) = error.position() {
        let excerpt = excerpt(&String::from_utf8_lossy(page), at);
        let excerpt = escaped(&excerpt);
        let _ = write!(content, "<pre style=\"background:#f4f4f4;padding:1rem;overflow:auto\">{excerpt}</pre>");
    }
    shown("this page cannot be split", &content, IN_PRODUCTION)
}

/// Shows why a page, or another text, goes out as it is.
pub(super) fn text_page(message: &str, code: &str) -> Reply {
    shown(
        "this page cannot be split",
        &said(message, code),
        "In production it goes out as it is, and no cache keeps it.",
    )
}

/// Shows what is wrong with a page whose beginning has gone out already.
pub(super) fn markup_block(error: &Error) -> Vec<u8> {
    format!("<pre>eyot: {} ({})</pre>", escaped(&error.to_string()), error.code()).into_bytes()
}

/// Shows what is one visitor's in a shell that everybody would get.
pub(super) fn leak_page(leaks: &[Leak]) -> Reply {
    let mut items = String::new();
    for leak in leaks {
        let _ = write!(items, "<li>{} <code>({})</code></li>", escaped(&leak.to_string()), leak.code());
    }
    let content = format!("<ul>{items}</ul>");
    shown("this shell is not the same for everybody", &content, "In production no cache keeps it.")
}

fn said(message: &str, code: &str) -> String {
    format!("<p>{} <code>({code})</code></p>", escaped(message))
}

fn escaped(text: &str) -> Cow<'_, str> {
    html_escape::encode_quoted_attribute(text)
}

fn shown(title: &str, content: &str, production: &str) -> Reply {
    let html = format!(
        r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><title>eyot: {title}</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem">
<h1 style="font-size:1.3rem">eyot: {title}</h1>
{content}
<p style="color:#666">Shown while debugging. {production}</p>
"#
    );
    Reply::instead(500, "text/html; charset=utf-8", html.into_bytes())
}

/// The lines around a place, with a caret below the column.
fn excerpt(text: &str, at: Position) -> String {
    let (line, column) = (at.line as usize, at.column as usize);
    let first = line.saturating_sub(1 + AROUND);
    let start = column.saturating_sub(1 + WIDTH / 2);
    let mut lines = Vec::new();
    for (index, source) in text.split('\n').enumerate().skip(first).take(line + AROUND - first) {
        let visible: String = source.trim_end().chars().skip(start).take(WIDTH).collect();
        lines.push(format!("{:>5} | {visible}", index + 1));
        if index + 1 == line {
            // A tab keeps its width, so that the caret stands where it should.
            let before = source.chars().skip(start).take(column - 1 - start);
            let indent: String = before.map(|character| if character == '\t' { '\t' } else { ' ' }).collect();
            lines.push(format!("      | {indent}^"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::excerpt;
    use crate::Position;

    #[test]
    fn a_caret_stands_below_the_column_and_tabs_keep_their_width() {
        let page = "one\ntwo\n\t<Cart x>\r\nfour\nfive\nsix";
        let shown = "    1 | one\n    2 | two\n    3 | \t<Cart x>\n      | \t      ^\n    4 | four\n    5 | five";
        assert_eq!(excerpt(page, Position { line: 3, column: 8 }), shown);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let page = "é".repeat(300);
        let shown = excerpt(&page, Position { line: 1, column: 200 });
        let (line, caret) = shown.split_once('\n').expect("two lines");
        assert_eq!((line.chars().count(), caret.chars().count()), (8 + 100, 8 + 50 + 1));
    }
}
