//! Splitting whole pages: what becomes of directives, and what of everything else.

mod support;

use support::{context, islands, open_all, split};

#[test]
fn a_page_without_a_directive_comes_back_untouched() {
    let page = b"<p>server: nginx, <b server-defer>no island</b>";
    let islands = islands();
    let shell = islands.split(page, &context()).expect("nothing to refuse");
    assert!(shell.is_untouched());
    assert!(matches!(shell.into_bytes(), std::borrow::Cow::Borrowed(bytes) if std::ptr::eq(bytes, page)));
}

#[test]
fn a_component_becomes_a_placeholder_with_its_fallback() {
    let page = r#"<p>a</p><Avatar server:defer size="40" rounded user='{"id":7}'>
  <div slot="fallback" class="x">Loading…</div>
</Avatar><p>b</p>"#;
    let shell = split(page);
    let start = shell.find("<server-island data-island=\"Avatar\" data-src=\"/_server-islands/Avatar/").expect("start");
    assert!(shell[start..].ends_with("\"><div class=\"x\">Loading…</div></server-island><p>b</p>"), "{shell}");
    assert_eq!(
        open_all(&shell),
        [("Avatar".to_owned(), r#"{"size":"40","rounded":true,"user":"{\"id\":7}"}"#.to_owned(), String::new())]
    );
}
