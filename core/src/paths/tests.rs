//! Patterns and paths, beside a plain reading of what the rules say.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use proptest::prelude::*;

use super::Paths;
use super::pattern::{Part, decoded, parts};

fn table(patterns: &[&str]) -> Paths<String> {
    let mut paths = Paths::default();
    for pattern in patterns {
        paths.add(pattern, Some((*pattern).to_owned())).unwrap();
    }
    paths
}

fn found(patterns: &[&str], path: &str) -> Option<String> {
    table(patterns).find(path.as_bytes()).cloned()
}

#[test]
fn the_most_specific_pattern_wins_whatever_their_order() {
    let patterns = ["/{rest...}", "/p/{sku}", "/p/new", "/p/{sku}/reviews", "/p/{rest...}", "/"];
    let cases = [
        ("/", Some("/")),
        ("/p/new", Some("/p/new")),
        ("/p/1", Some("/p/{sku}")),
        ("/p/1/reviews", Some("/p/{sku}/reviews")),
        ("/p/1/reviews/2", Some("/p/{rest...}")),
        ("/p/", Some("/p/{rest...}")),
        ("/p", Some("/{rest...}")),
        ("/P/new", Some("/{rest...}")),
        ("", None),
        ("p/new", None),
    ];
    for (path, expected) in cases {
        assert_eq!(found(&patterns, path).as_deref(), expected, "{path}");
        let reversed: Vec<_> = patterns.iter().rev().copied().collect();
        assert_eq!(found(&reversed, path).as_deref(), expected, "{path}");
    }
}

#[test]
fn one_name_is_one_segment_and_never_an_empty_one() {
    for path in ["/p/", "/p", "/p/1/", "/p/1/2", "//p/1", "/p//1"] {
        assert_eq!(found(&["/p/{sku}"], path), None, "{path}");
    }
    assert!(found(&["/p/{sku}"], "/p/a%2Fb").is_some(), "an encoded slash is part of its segment");
}

#[test]
fn segments_are_compared_decoded_and_case_counts() {
    assert!(found(&["/über/{x}"], "/%C3%BCber/1").is_some());
    assert!(found(&["/%C3%BCber"], "/über").is_some());
    assert!(found(&["/a%2Fb"], "/a/b").is_none());
    assert!(found(&["/a"], "/%61").is_some());
    assert!(found(&["/%3Aid"], "/:id").is_some());
    assert!(found(&["/a"], "/A").is_none());
    assert!(found(&["/100%"], "/100%").is_some());
}

#[test]
fn an_entry_without_a_value_excepts_what_it_fits() {
    let mut paths = Paths::default();
    paths.add("/{rest...}", Some(1)).unwrap();
    paths.add("/account/{rest...}", None).unwrap();
    assert_eq!((paths.find(b"/x"), paths.find(b"/account/x"), paths.find(b"/account")), (Some(&1), None, Some(&1)));
}

#[test]
fn another_routers_syntax_is_told_with_what_is_meant() {
    let cases = [
        ("/p/:sku", ":sku", "/p/{sku}"),
        ("/p/:sku?", ":sku?", "/p/{sku}"),
        ("/docs/*", "*", "/docs/{rest...}"),
        ("/docs/*splat", "*splat", "/docs/{splat...}"),
        ("/p/<sku>", "<sku>", "/p/{sku}"),
        ("/p/<int:id>/x", "<int:id>", "/p/{id}/x"),
        ("/docs/<path:page>", "<path:page>", "/docs/{page...}"),
        ("/docs/{page:path}", "{page:path}", "/docs/{page...}"),
        ("/p/{sku:int}", "{sku:int}", "/p/{sku}"),
        ("/a/**", "**", "/a/{rest...}"),
        ("/a/{rest...}/b", "{rest...}", "/a/{rest}/b"),
        ("/{$}", "{$}", "/"),
        ("^p/(?P<sku>[^/]+)$", "^", "/p/{sku}"),
        ("^/p/(?<sku>\\d+)/$", "^", "/p/{sku}/"),
        ("/p/[sku]", "[sku]", "/p/{sku}"),
        ("/p/[...sku]", "[...sku]", "/p/{sku...}"),
        ("/p/{}", "{}", "/p/{rest}"),
    ];
    for (pattern, found, meant) in cases {
        let error = Paths::<()>::default().add(pattern, None).unwrap_err().to_string();
        assert!(error.contains(&format!("{found:?} is another router's syntax")), "{error}");
        assert!(error.ends_with(&format!("perhaps {meant:?} is meant")), "{error}");
    }
}

#[test]
fn what_begins_with_no_slash_or_fits_what_another_fits_is_refused() {
    let error = Paths::<()>::default().add("p", None).unwrap_err();
    assert_eq!(error.to_string(), "the pattern \"p\" does not begin with a slash: write \"/p\"");
    let mut paths = table(&["/p/{a}"]);
    let error = paths.add("/p/{b}", None).unwrap_err();
    assert_eq!(error.to_string(), "the pattern \"/p/{b}\" fits the same paths as \"/p/{a}\": remove one of the two");
}

#[test]
fn a_pattern_that_no_page_fits_is_told_once() {
    let paths = table(&["/p/{sku}", "/q"]);
    for _ in 0..24 {
        paths.find(b"/p/1");
    }
    assert!(paths.unused().is_empty());
    paths.find(b"/p/1");
    let told: Vec<_> = paths.unused().into_iter().map(|event| (event.code, event.path)).collect();
    assert_eq!(told, [("policy-unused", "/q".to_owned())]);
    assert!(paths.unused().is_empty());
}

/// What the rules say, pattern by pattern: whether it fits, and how specific it is.
fn plainly(pattern: &str, path: &str) -> Option<Vec<u8>> {
    let segments: Vec<_> = path.strip_prefix('/')?.split('/').map(|segment| decoded(segment.as_bytes())).collect();
    let parts = parts(pattern).unwrap();
    let mut ranks = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        match (part, segments.get(at)) {
            (Part::Rest, _) => {
                ranks.push(0);
                return (segments.len() >= parts.len()).then_some(ranks);
            }
            (Part::Text(text), Some(segment)) if **text == **segment => ranks.push(2),
            (Part::One, Some(segment)) if !segment.is_empty() => ranks.push(1),
            _ => return None,
        }
    }
    (segments.len() == parts.len()).then_some(ranks)
}

proptest! {
    #[test]
    fn what_is_found_is_what_the_rules_say(
        patterns in prop::collection::vec(prop::collection::vec(prop::sample::select(vec!["a", "b", "", "{x}"]), 1..4), 1..8),
        rests in prop::collection::vec(any::<bool>(), 8),
        path in prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "", "%61"]), 1..5),
    ) {
        let mut paths = Paths::default();
        let mut added: Vec<String> = Vec::new();
        for (pattern, rest) in patterns.iter().zip(&rests) {
            let pattern = format!("/{}{}", pattern.join("/"), if *rest { "/{y...}" } else { "" });
            if paths.add(&pattern, Some(pattern.clone())).is_ok() {
                added.push(pattern);
            }
        }
        let path = format!("/{}", path.join("/"));
        let fitting = added.iter().filter_map(|pattern| Some((plainly(pattern, &path)?, pattern)));
        let expected = fitting.max().map(|(_, pattern)| pattern);
        prop_assert_eq!(paths.find(path.as_bytes()), expected, "{}", path);
    }
}
