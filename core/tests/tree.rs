//! Where svg, math and templates change how a page is read on: as a browser reads it, or refused.

mod support;

use support::{lenient, refusal, shape, split};

const D: &str = "<Avatar server:defer note=s3cret></Avatar>";
const ISLAND: &str = "<server-island island=\"Avatar\" island-src=\"…\"></server-island>";

/// Asserts that the `D` of each page is an island.
#[track_caller]
fn holds_an_island(pages: &[&str]) {
    for page in pages {
        assert_eq!(shape(&page.replace('@', D)), page.replace('@', ISLAND), "{page}");
    }
}

/// Asserts that the `D` of each page is text.
#[track_caller]
fn holds_text(pages: &[&str]) {
    for page in pages {
        let page = page.replace('@', D);
        assert_eq!(split(&page), page);
    }
}

/// Asserts that each page is refused as unclear at a column, and what is left of it in production.
#[track_caller]
fn is_unclear(page: &str, column: u32, left: &str) {
    let page = page.replace('@', D);
    assert_eq!(refusal(&page), ("unclear", 1, column), "{page}");
    assert_eq!(lenient(&page), (left.to_owned(), vec!["unclear"]), "{page}");
}

/// What is left of a page in production that comes in chunks of a size, and what was wrong with it.
fn streamed(page: &str, chunk_bytes: usize) -> (String, Vec<eyot::Error>) {
    streamed_by(&support::islands(), page, chunk_bytes)
}

fn streamed_by(islands: &eyot::Islands, page: &str, chunk_bytes: usize) -> (String, Vec<eyot::Error>) {
    let mut splitter = eyot::Splitter::new(islands).lenient();
    let mut shell = Vec::new();
    for chunk in page.as_bytes().chunks(chunk_bytes) {
        splitter.push(chunk, &support::context()).expect("good").for_each(|part| shell.extend_from_slice(part));
    }
    splitter.finish(&support::context()).expect("good").for_each(|part| shell.extend_from_slice(part));
    let shell = String::from_utf8(shell).expect("text stays text");
    (support::without_tokens(&shell), splitter.problems().to_vec())
}

#[test]
fn an_end_tag_that_may_close_svg_from_outside_makes_the_next_script_unclear() {
    is_unclear("<div><svg></div><script>\"@\"</script><p>", 11, "<div><svg></div><p>");
    is_unclear("<a href=/><svg><path d=M0></a> text <![CDATA[ y >@ ]]>.", 27, "<a href=/><svg><path d=M0></a> text .");
    is_unclear("<table><tr><td><svg></td><style>a</style>@", 21, &format!("<table><tr><td><svg></td>{ISLAND}"));
}

#[test]
fn what_is_unclear_goes_out_as_it_is_where_no_directive_follows() {
    for page in
        ["<svg></p ><title>a</title>b", "@<div><svg></div><![CDATA[a]]><style>b</style>c", "@<svg></div><title>"]
    {
        let page = page.replace('@', D);
        let expected = page.replace(D, ISLAND);
        assert_eq!(shape(&page), expected);
        assert_eq!(lenient(&page), (expected.clone(), vec![]));
        let (streamed, problems) = streamed(&page, 1);
        assert_eq!((streamed, problems.len()), (expected, 0));
    }
}

#[test]
fn what_is_unclear_is_held_no_longer_than_an_island() {
    let page = format!("<div><svg></div><title>{}</title>end", "x".repeat(1_000));
    let islands = support::builder().max_island_bytes(500).build().expect("good");
    assert_eq!(streamed_by(&islands, &page, 100).0, "<div><svg></div>end");
    assert_eq!(streamed_by(&support::islands(), &page, 100).0, page);
}

#[test]
fn what_closes_svg_for_certain_makes_all_clear_again() {
    holds_text(&[
        "<div><svg></div></svg><script>@</script>",
        "<div><svg></div><p><script>@</script>",
        "<div><svg><path></rect></svg><style>@</style>",
        "<template><svg></div></template><style>@</style>",
    ]);
    holds_an_island(&["<div><svg></div>@</svg>", "<b><svg></b><g>@</g>"]);
}

#[test]
fn cdata_in_an_integration_point_is_cdata_only_while_the_point_is_the_current_node() {
    holds_an_island(&[
        "<svg><title><![CDATA[a -> b <textarea> ]]></title></svg>@",
        "<svg><desc><b><![CDATA[a >@",
        "<math><mi><![CDATA[ > <style> ]]></mi>@",
    ]);
    holds_text(&["<svg><desc><![CDATA[ >@ ]]></desc>", "<math><mi><![CDATA[ >@ ]]></mi>"]);
}

#[test]
fn mathml_text_holds_html_but_for_two_elements() {
    holds_an_island(&["<math><mi><mglyph><style>@</style>", "<math><mi><malignmark><style>@</style>"]);
    holds_text(&["<math><mi><style>@</style>", "<math><mglyph><mi><style>@</style>"]);
}

#[test]
fn a_child_of_a_mathml_element_is_mathml_whatever_its_name() {
    holds_an_island(&["<math><svg><desc><style>@</style>", "<math><svg><title>@</title>"]);
    holds_text(&["<math><mi><svg><desc><style>@</style>", "<math><annotation-xml><svg><desc><style>@</style>"]);
}

#[test]
fn an_integration_point_that_has_ended_holds_no_html_any_more() {
    holds_an_island(&["<svg><g><desc>x</g><title>@</title>", "<svg><desc>x</desc><style>@</style>"]);
}

#[test]
fn an_end_tag_of_svg_does_not_close_what_holds_html_elements() {
    holds_text(&["<svg><foreignObject><b></foreignObject><style>@</style></svg>"]);
    holds_an_island(&[
        "<svg><foreignObject><b></foreignObject><p></p></b></foreignObject><style>@</style></svg>",
        "<svg><foreignObject><b></b></foreignObject><style>@</style></svg>",
    ]);
}

#[test]
fn html_in_svg_is_followed_element_by_element() {
    for html in [
        "<p>a<p>b",
        "<ul><li>a<li>b</ul>",
        "<dl><dt>a<dd>b<dt>c</dl>",
        "<h1>a<h2>b</h1>",
        "<div><span>a</div>",
        "<button>a<button>b</button>",
        "<ruby>a<rp>b<rt>c</ruby>",
        "<select><option>a<option>b</select>",
        "<b><div>a</b>b</div>",
        "<a>a<a>b</a>",
        "<form>a</form>",
        "<object><p>a</object>",
        "<br><img><hr><input>",
        "</body></html></div>",
    ] {
        let page = format!("<svg><foreignObject><div>{html}</div></foreignObject><style>@</style></svg>");
        holds_an_island(&[&page]);
    }
    // Parts of a table may belong to one around the svg.
    holds_text(&["<svg><foreignObject><table><tr><td>a<td>b</table></foreignObject></svg><style>@</style>"]);
}

#[test]
fn a_template_closes_whatever_is_open_in_it() {
    holds_text(&["<template><svg><g></template><style>@</style>"]);
    holds_an_island(&["<template><svg><desc><p></template>@", "<svg><template></template><style>@</style></svg>"]);
}

#[test]
fn a_template_of_columns_drops_text_elements() {
    holds_an_island(&["<template><col><style></template>@</style>", "<template><col><svg></template>@"]);
    let after_an_island = format!("<template>{D}<col><style>{D}</style></template>");
    assert_eq!(shape(&after_an_island), format!("<template>{ISLAND}<col><style>{D}</style></template>"));
    holds_text(&["<template><col></template><style>@</style>", "<template><p><col><style>@</style></template>"]);
}

#[test]
fn three_hundred_open_elements_are_not_too_many() {
    let page = format!("{}{}<style>@</style>", "<svg>".repeat(300), "</svg>".repeat(256));
    holds_an_island(&[&page]);
    holds_text(&[&format!("{}{}<style>@</style>", "<svg>".repeat(300), "</svg>".repeat(300))]);
}

#[test]
fn the_encoding_of_an_annotation_is_decoded_and_the_first_one_counts() {
    holds_text(&[
        "<math><annotation-xml encoding=\"text&#47;html\"><style>@</style>",
        "<math><annotation-xml ENCODING=Application/XHTML+xml encoding=x><style>@</style>",
    ]);
    holds_an_island(&[
        "<math><annotation-xml encoding=x encoding=text/html><style>@</style>",
        "<math><annotation-xml><style>@</style>",
    ]);
}

#[test]
fn html_elements_leave_svg_and_math() {
    holds_text(&["<svg><g><div><style>@</style>", "<svg><font size=1><style>@</style>", "<svg></p><style>@</style>"]);
    holds_an_island(&["<svg><font x=1><style>@</style>", "<svg/>@", "<svg><path/><style>@</style>"]);
}

#[test]
fn a_component_is_no_element_whatever_it_is_called() {
    let page = "<Svg server:defer=Avatar><![CDATA[><b slot=fallback>f</b></Svg><style>@</style>".replace('@', D);
    let placeholder = "<server-island island=\"Avatar\" island-src=\"…\"><b>f</b></server-island>";
    assert_eq!(shape(&page), format!("{placeholder}<style>{D}</style>"));
    for name in ["Svg", "Math", "Template", "Title", "Style", "Frameset", "Font size=1", "Mi"] {
        let end = name.split(' ').next().unwrap_or_default();
        let island = format!("<{name} server:defer=Avatar></{end}>");
        let island = |page: &str| (page.replace('@', &island), page.replace('@', ISLAND));
        let page = format!("<template><{name} server:defer=Avatar><b slot=fallback>f</b></{end}></template>");
        assert_eq!(support::islands_of(&page).len(), 1, "{page}");
        for page in ["<svg>@<style><p></style></svg>", "<template>@</template>", "<math><mi>@</mi></math>", "@<p>"] {
            let (page, expected) = island(page);
            assert_eq!(shape(&page), expected, "{page}");
        }
    }
}

#[test]
fn a_component_opens_formatting_elements_again_as_text_does() {
    let page =
        "<svg><desc><p><b></p><Avatar server:defer><i slot=fallback>x</i></Avatar></b></desc><style>@</style></svg>";
    assert_eq!(support::islands_of(&page.replace('@', D)).len(), 2);
}

#[test]
fn an_element_stays_where_a_faulty_component_changed_how_the_page_is_read_on() {
    const LEFT: &str = "<server-island></server-island>";
    for faulty in ["<Outer server:defer>", "<Nobody server:defer></Nobody>", "<Nobody server:defer />"] {
        let name = if faulty.contains("Outer") { "unclosed" } else { "name-unknown" };
        // Without it the `</desc>` would end the `desc`, and the style would hold markup.
        let page = format!("<svg><desc><p><b><div></div>{faulty}</desc><style>{D}</style>");
        let left = format!("<svg><desc><p><b><div></div>{LEFT}</desc><style>{D}</style>");
        assert_eq!(lenient(&page), (left, vec![name]));
        let page = format!("<template>{faulty}<col><style>{D}</style></template>");
        assert_eq!(lenient(&page), (format!("<template>{LEFT}<col><style>{D}</style></template>"), vec![name]));
        assert_eq!(lenient(&format!("<p><b><div></div>{faulty}a")), ("<p><b><div></div>a".to_owned(), vec![name]));
    }
}

#[test]
fn text_that_has_left_the_memory_still_opens_formatting_elements_again() {
    let page = "<svg><desc><p><b></p>text</desc><style>".to_owned() + D;
    let (shell, problems) = streamed(&page, 1);
    assert_eq!(shell, lenient(&page).0);
    assert_eq!(problems.len(), 1);
}

#[test]
fn the_loaders_tags_stand_outside_svg_and_math() {
    let islands = support::builder().loader(true).build().expect("good");
    let page = format!("<p><svg><g>{D}</g></svg>");
    let shell = islands.split(page.as_bytes(), &support::context()).expect("good");
    let shell = support::without_tokens(&String::from_utf8_lossy(&shell.into_bytes()));
    assert_eq!(
        shell,
        format!("<p><link rel=\"stylesheet\" href=\"…\"><script async src=\"…\"></script><svg><g>{ISLAND}</g></svg>")
    );
}

#[test]
fn text_after_a_frameset_is_refused() {
    let page = format!("<frameset><style>{D}</style>{D}");
    assert_eq!(refusal(&page), ("frameset", 1, 1));
    assert_eq!(lenient(&page), (format!("<frameset>{ISLAND}"), vec!["frameset"]));
    holds_an_island(&["<svg><frameset></svg>@", "<template><frameset></template><style></style>@"]);
}

#[test]
fn what_is_left_out_of_a_fallback_takes_its_directives_with_it() {
    let page =
        "<Outer server:defer><div slot=fallback><svg></div><style>a@</style></svg>b</div></Outer>".replace('@', D);
    assert_eq!(refusal(&page).0, "unclear");
    let (shell, codes) = lenient(&page);
    assert!(!shell.contains("s3cret") && codes[0] == "unclear", "{shell}");
}

#[test]
fn what_is_unclear_is_reported_once_for_each_tag_that_made_it_so() {
    let page = format!("<div><svg></div>{}<p><svg></div><style></style>{D}", "<style></style>".repeat(3));
    assert_eq!(lenient(&page).1, ["unclear", "unclear"]);
}
