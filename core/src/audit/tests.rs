//! Shells that a browser's parser changes, and shells that it leaves as they are.

use super::audit;

/// A component's placeholder with this content.
fn island(content: &str) -> String {
    format!("<server-island island=\"A\" island-src=\"/_server-islands/A/T\">{content}</server-island>")
}

/// An island element with this content.
fn host(name: &str, content: &str) -> String {
    format!("<{name} island=\"A\" island-src=\"/_server-islands/A/T\">{content}</{name}>")
}

fn page(body: &str) -> String {
    format!("<!doctype html><html><head><title>t</title>{LOADER}</head><body>{body}</body></html>")
}

const LOADER: &str = "<script async src=\"/_server-islands/loader.v1.js\"></script>";

fn codes(shell: &str) -> Vec<&'static str> {
    audit(shell.as_bytes()).iter().map(|finding| finding.code()).collect()
}

#[test]
fn placeholders_that_stay_where_they_are_written_are_no_finding() {
    let fine = [
        page(&island("<div>Loading…</div>")),
        page(&format!("<p>a {} b</p>", island("<span>…</span>"))),
        page(&format!("<table><tr><td>{}</td></tr></table>", island("…"))),
        page(&format!("<table>{}</table>", host("tr", "<td>…</td>"))),
        page(&format!("<table><tbody>{}</tbody></table>", host("tr", "<td>…</td>"))),
        page(&format!("<ul>{}{}</ul>", host("li", "…"), host("li", "<ul><li>a<li>b</ul>"))),
        page(&format!("<select>{}</select>", host("option", "…"))),
        page(&format!("<p>one<p>two {}", island("<b>…</b>"))),
        page(&format!("<p>one<section>{}</section>", island("<p>…"))),
        page(&format!("<a href=/>{}</a>", island("<img src=x>"))),
        page(&format!("<svg><foreignObject>{}</foreignObject></svg>", island("<p>…</p>"))),
        page(&format!("<template>{}</template>", island("…"))),
        page(&island(&format!("<p>…</p>{}", island("inner")))),
        page(&island("…<template island-slot=\"error\"><p>no</p></template>")),
        page("<!-- <server-island island=A island-src=B> --><p>no placeholder"),
        format!("<div>{}</div>", island("a part of a page &amp; nothing else")),
        page(&format!("<table><tr><td>{}<tr><td></table>", island("<svg><path d=\"\"/><title>t</title></svg>"))),
    ];
    for shell in fine {
        assert_eq!(codes(&shell), <[&str; 0]>::default(), "{shell}");
    }
}

#[test]
fn a_component_in_an_element_that_cannot_hold_it_is_moved() {
    let component = island("…");
    let parents = ["table", "tbody", "thead", "tr", "colgroup"];
    for parent in parents {
        let shell = match parent {
            "table" => page(&format!("<table>{component}</table>")),
            "tr" => page(&format!("<table><tbody><tr>{component}</tr></tbody></table>")),
            _ => page(&format!("<table><{parent}>{component}</{parent}></table>")),
        };
        let findings = audit(shell.as_bytes());
        let expected = format!("a browser does not leave <server-island> in <{parent}>: ");
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].code(), "placeholder-moved");
        assert!(findings[0].message.starts_with(&expected), "{}", findings[0].message);
    }
}

#[test]
fn a_component_in_the_head_is_moved_into_the_body() {
    let shell = format!("<html><head>{}{LOADER}</head><body></body></html>", island("…"));
    assert_eq!(codes(&shell), ["placeholder-moved"]);
}

#[test]
fn a_component_in_a_select_is_dropped_by_many_browsers() {
    assert_eq!(codes(&page(&format!("<select>{}</select>", island("…")))), ["placeholder-in-select"]);
    assert_eq!(codes(&page(&format!("<select><option>{}</option></select>", island("…")))), ["placeholder-in-select"]);
}

#[test]
fn an_island_element_that_its_parent_cannot_hold_is_moved() {
    assert_eq!(codes(&page(&format!("<p>a {}</p>", host("div", "…")))), ["placeholder-moved"]);
    assert_eq!(codes(&page(&format!("<p>a {}</p>", host("ul", "<li>…</li>")))), ["placeholder-moved"]);
    assert_eq!(codes(&page(&format!("<a href=/>{}</a>", host("a", "…")))), ["placeholder-moved"]);
}

#[test]
fn an_island_element_that_is_dropped_is_moved_too() {
    let shell = page(&format!("<div>{}</div>", host("tr", "<td>…</td>")));
    assert!(codes(&shell).contains(&"placeholder-moved"));
}

#[test]
fn a_fallback_that_closes_an_open_element_leaves_the_placeholder() {
    let fallbacks =
        [("p", "<p>…</p>"), ("p", "<div>…</div>"), ("a", "<a href=/x>…</a>"), ("button", "<button>…</button>")];
    for (around, fallback) in fallbacks {
        let shell = page(&format!("<{around}>{}</{around}>", island(fallback)));
        assert!(codes(&shell).contains(&"fallback-moved"), "{shell}");
    }
}

#[test]
fn a_form_in_a_form_is_dropped() {
    let shell = page(&format!("<form>{}</form>", island("<form><input></form>")));
    let findings = audit(shell.as_bytes());
    assert_eq!(findings[0].code(), "fallback-moved");
    assert!(findings[0].message.starts_with("a browser drops <form> from"), "{}", findings[0].message);
}

#[test]
fn a_table_row_as_a_components_fallback_is_dropped() {
    assert_eq!(codes(&page(&island("<tr><td>…</td></tr>"))), ["fallback-moved"]);
}

#[test]
fn text_in_a_table_row_is_moved_out() {
    assert_eq!(codes(&page(&format!("<table>{}</table>", host("tr", "…")))), ["fallback-moved"]);
}

#[test]
fn formatting_that_a_fallback_leaves_open_goes_on_outside() {
    assert_eq!(codes(&page(&format!("{}<p>more", island("<b>…")))), ["fallback-moved"]);
}

#[test]
fn a_fallback_that_leaves_a_block_open_swallows_what_follows() {
    assert_eq!(codes(&page(&format!("{}<p>more", island("<div>…")))), ["fallback-swallows"]);
    assert_eq!(codes(&page(&format!("{}more", island("<div>…")))), ["fallback-swallows"]);
}

#[test]
fn placeholders_in_svg_and_math_are_found() {
    assert_eq!(codes(&page(&format!("<svg><g>{}</g></svg>", island("<text>…</text>")))), ["placeholder-in-foreign"]);
    assert_eq!(codes(&page(&format!("<math><mrow>{}</mrow></math>", island("…")))), ["placeholder-in-foreign"]);
}

#[test]
fn attributes_that_a_template_has_escaped_are_found() {
    let escaped = "<p island=&quot;Cart&quot; island-src=&quot;/_server-islands/Cart/token&quot;>…</p>";
    assert_eq!(codes(&page(escaped)), ["attributes-escaped"]);
}

#[test]
fn a_placeholder_without_a_fallback_is_found() {
    assert_eq!(codes(&page(&island(" <!-- none -->\n"))), ["fallback-missing"]);
    assert_eq!(codes(&page(&island("<template island-slot=\"error\">no</template>"))), ["fallback-missing"]);
}

#[test]
fn a_token_that_is_posted_is_found() {
    let shell = page("<server-island island=\"A\" island-src=\"/A\" island-token=\"T\">…</server-island>");
    assert_eq!(codes(&shell), ["props-large"]);
}

#[test]
fn a_finding_tells_the_island_and_the_place() {
    let shell = page(&format!("\n<table>\n é{}</table>", island("…")));
    let findings = audit(shell.as_bytes());
    let at = findings[0].at;
    assert_eq!((findings[0].island.as_str(), at.line, at.column), ("A", 3, 3));
}

#[test]
fn findings_come_in_the_order_of_the_shell_and_once_each() {
    let rows = host("tr", "one <td>a</td> two");
    let shell = page(&format!("<table>{rows}</table>{}", island("")));
    assert_eq!(codes(&shell), ["fallback-moved", "fallback-missing"]);
}

#[test]
fn any_bytes_can_be_audited() {
    for shell in [&b""[..], b"\xff<server-island island=\xff island-src>", b"<a island island-src", b"\xef\xb7\x90x"] {
        assert_eq!(audit(shell).len(), usize::from(shell.len() > 30), "{shell:?}");
    }
}

#[test]
fn a_base_of_another_origin_is_told_of() {
    let with = |base: &str| page(&island("…")).replace("<title>", &format!("{base}<title>"));
    let elsewhere =
        ["https://other.example/a/", "//other.example", "/\\other.example/", " HTTPS://x", "data:text/html,x"];
    for href in elsewhere {
        assert_eq!(codes(&with(&format!("<base href='{href}'>"))), ["base-elsewhere"], "{href}");
    }
    for base in ["<base href=/docs/>", "<base target=_blank>", "<base href=docs>", "<base href=/a/ ><base href=//x>"] {
        assert!(codes(&with(base)).is_empty(), "{base}");
    }
    let none = "<html><head><base href=//x></head><body><p>no island</p></body></html>";
    assert!(codes(none).is_empty());
}

#[test]
fn a_page_of_placeholders_without_a_loader_is_told_of_once() {
    let without = page(&format!("<p>{}</p>{}", island("…"), host("div", "…"))).replace(LOADER, "");
    let findings = audit(without.as_bytes());
    assert_eq!(findings.iter().map(|finding| finding.code()).collect::<Vec<_>>(), ["loader-missing"]);
    assert_eq!((findings[0].island.as_str(), findings[0].at.column), ("A", 60));
    let named = without.replace("<title>t", "<title>loader.v1.js");
    assert_eq!(codes(&named), ["loader-missing"]);
    assert_eq!(
        codes(&without.replace("<title>t</title>", "<script data-eyot='loader.v1.js'>1</script>")),
        <[&str; 0]>::default()
    );
    assert_eq!(codes("<!doctype html><p>no placeholder"), <[&str; 0]>::default());
}
