//! Whole pages' loader tags, prepared shells, and the helpers' placeholders.

mod support;

use eyot::assets::{LOADER, STYLE};
use eyot::placeholder::{Options, Placeholder, SealMode};
use eyot::{Context, Entropy, EntropyError, Mount, Page, Props, Slots};
use support::{NOW, builder, context, islands, keys, open_all, refusal, split, without_tokens};

fn with_loader(page: &str) -> String {
    let islands = builder().loader(true).build().expect("good");
    let shell = islands.split(page.as_bytes(), &context()).expect("good").into_bytes().into_owned();
    without_tokens(&String::from_utf8(shell).expect("text"))
        .replace("<link rel=\"stylesheet\" href=\"…\"><script async src=\"…\"></script>", "[loader]")
        .replace("<server-island island=\"Cart\" island-src=\"…\"></server-island>", "[island]")
}

struct Random;

impl Entropy for Random {
    fn fill(&self, nonce: &mut [u8; 24]) -> Result<(), EntropyError> {
        *nonce = [7; 24];
        Ok(())
    }
}

#[test]
fn the_loaders_tags_stand_before_the_end_of_the_head() {
    assert_eq!(
        with_loader("<head><!--</head>--></head><Cart server:defer />"),
        "<head><!--</head>-->[loader]</head>[island]"
    );
    assert_eq!(with_loader("<p>a<Cart server:defer /><Cart server:defer />"), "<p>a[loader][island][island]");
    assert_eq!(
        with_loader("<p><template>a<Cart server:defer /></template>"),
        "<p>[loader]<template>a[island]</template>"
    );
}

#[test]
fn the_loaders_tags_never_stand_inside_a_tag() {
    let lenient = |page: &str| {
        let islands = builder().loader(true).build().expect("good");
        let shell = islands.split_lenient(page.as_bytes(), &context()).expect("good").into_bytes().into_owned();
        without_tokens(&String::from_utf8(shell).expect("text"))
            .replace("<link rel=\"stylesheet\" href=\"…\"><script async src=\"…\"></script>", "[loader]")
            .replace("<server-island island=\"Cart\" island-src=\"…\"></server-island>", "[island]")
    };
    for (page, shell) in [
        (
            "<html><head></head><body><Avatar server:props='{\"x\":1}' size=40></Avatar><p><Cart server:defer />",
            "<html><head>[loader]</head><body><Avatar size=40></Avatar><p>[island]",
        ),
        (
            "<head></head server:key=1><p server:x a><b server:y><Cart server:defer />",
            "<head>[loader]</head><p a><b>[island]",
        ),
        ("<template><p server:key=1 a><Cart server:defer />", "[loader]<template><p a>[island]"),
        ("<p server:key=1><Nobody server:defer /><Cart server:defer />", "<p>[loader][island]"),
        ("<Nobody server:defer><template></Nobody><Cart server:defer />", "[loader][island]"),
        ("<p server:key=1><template server:key=2><Cart server:defer />", "<p>[loader]<template>[island]"),
        ("<p><Nobody server:defer><i slot=fallback><Cart server:defer /></i></Nobody>", "<p>[loader]<i>[island]</i>"),
        ("<p><Nobody server:defer><i slot=x><Cart server:defer /></i></Nobody>", "<p>"),
    ] {
        assert_eq!(lenient(page), shell, "{page}");
    }
}

#[test]
fn a_prepared_page_names_its_islands_in_the_order_of_a_split_one() {
    let page = "<Outer server:defer><i slot=fallback><Price server:defer /></i><Inner server:defer /><b slot=x>\
                <Cart server:defer><Avatar server:defer slot=error /></Cart></b></Outer><Title server:defer />";
    let islands = islands();
    let shell = islands.split(page.as_bytes(), &context()).expect("good");
    assert_eq!(islands.prepare(page.as_bytes()).expect("good").islands(), shell.islands());
    assert_eq!(shell.islands().len(), 6);
}

#[test]
fn the_loader_is_told_that_a_page_answers_a_post() {
    let islands = islands();
    let mut tags = Vec::new();
    islands.loader_tags(&context().with_post(true), &mut tags);
    assert!(tags.ends_with(b"/loader.v1.js\" data-post></script>"));
}

#[test]
fn a_split_without_the_loaders_tags_writes_none() {
    let islands = builder().loader(true).build().expect("good");
    let shell = islands.split(b"<Cart server:defer />", &context().with_loader(false)).expect("good").into_bytes();
    assert!(shell.starts_with(b"<server-island"));
}

#[test]
fn a_page_whose_islands_are_all_faulty_gets_no_loader() {
    let islands = builder().loader(true).build().expect("good");
    let shell =
        islands.split_lenient(b"<p><Nobody server:defer><i slot=fallback>f</i></Nobody>", &context()).expect("good");
    assert_eq!(&*shell.into_bytes(), b"<p><i>f</i>");
}

#[test]
fn a_page_that_has_the_loader_keeps_its_own() {
    let own = "<script async src='/_server-islands/loader.v1.js'></script>";
    assert_eq!(with_loader(&format!("<head></head><Cart server:defer />{own}")), format!("<head></head>[island]{own}"));
    let named = "<p>loader.v1.js</p>";
    assert_eq!(with_loader(&format!("{named}<Cart server:defer />")), format!("{named}[loader][island]"));
}

/// What a page gets with these options, its islands and the loader's own text left out.
fn tags(builder: eyot::Builder, page: &str) -> String {
    let islands = builder.loader(true).build().expect("good");
    let shell = islands.split(page.as_bytes(), &context()).expect("good").into_bytes().into_owned();
    let shell = String::from_utf8(shell).expect("text");
    shell.replace(std::str::from_utf8(LOADER.bytes()).expect("text"), "…")
}

#[test]
fn the_page_holds_the_very_bytes_that_a_policys_hash_allows() {
    let page = "<head></head><Cart server:defer />";
    let shell = tags(builder().inline_loader(true), page);
    let expected = "<head><style>server-island{display:contents}</style><script data-eyot=\"loader.v1.js\" \
                    data-base=\"/_server-islands\">…</script></head>";
    assert!(shell.starts_with(expected), "{shell}");
    assert_eq!(STYLE.bytes(), b"server-island{display:contents}");
}

#[test]
fn the_loader_can_stand_in_a_page() {
    let text = std::str::from_utf8(LOADER.bytes()).expect("text").to_lowercase();
    for token in ["</script", "<script", "<!--", "server:"] {
        assert!(!text.contains(token), "{token} would end the script, or be taken for a directive");
    }
}

#[test]
fn a_page_in_chunks_gets_the_loader_and_no_links() {
    let islands = builder().loader(true).inline_loader(true).preload(true).build().expect("good");
    let mut splitter = eyot::Splitter::new(&islands);
    let page = b"<head></head><Cart server:defer />";
    let mut shell = Vec::new();
    splitter.push(page, &context()).expect("good").for_each(|segment| shell.extend_from_slice(segment));
    let shell = String::from_utf8(shell).expect("text");
    assert!(shell.contains("<script data-eyot="), "{shell}");
    assert!(!shell.contains("preload"), "{shell}");
}

#[test]
fn what_an_island_answers_gets_no_links() {
    let islands = builder().loader(true).preload(true).build().expect("good");
    let shell = islands.split(b"<Cart server:defer />", &context().with_loader(false)).expect("good").into_bytes();
    assert!(shell.starts_with(b"<server-island"));
}

#[test]
fn a_page_without_an_island_that_is_loaded_at_once_gets_no_links() {
    for when in ["idle", "visible", "media (min-width: 40em)", "interaction", "manual"] {
        let shell = tags(builder().preload(true), &format!("<Cart server:defer server:when='{when}' />"));
        assert!(!shell.contains("rel=\"preload\""), "{shell}");
    }
}

#[test]
fn islands_of_another_origin_get_no_links() {
    let shell = tags(builder().preload(true).origin("https://islands.example"), "<Cart server:defer />");
    assert!(!shell.contains("preload") && !shell.contains("fetchpriority"), "{shell}");
}

#[test]
fn an_island_that_fails_in_production_has_no_link() {
    let islands = builder().preload(true).build().expect("good");
    let page = b"<Cart server:defer server:seal=unlinkable>x<b slot=fallback><Avatar server:defer /></b></Cart>";
    let shell = islands.split_lenient(page, &context()).expect("good").into_bytes().into_owned();
    let shell = String::from_utf8(shell).expect("text");
    assert_eq!(shell.matches("rel=\"preload\"").count(), 1, "{shell}");
    assert!(shell.contains("href=\"/_server-islands/Avatar/"), "{shell}");
}

#[test]
fn every_link_is_the_url_of_an_island() {
    let page =
        "<head></head><Cart server:defer a=1 /><Avatar server:defer server:seal=unlinkable /><Cart server:defer />";
    let islands = builder().loader(true).preload(true).build().expect("good");
    let shell =
        islands.split(page.as_bytes(), &context().with_entropy(&Random)).expect("good").into_bytes().into_owned();
    let shell = String::from_utf8(shell).expect("text");
    let values = |name: &str| -> Vec<_> {
        let parts = shell.split(name).skip(1);
        parts.map(|rest| rest.split('"').next().expect("a value").to_owned()).collect()
    };
    assert_eq!(values("crossorigin href=\""), values("island-src=\""));
    assert_eq!(values("island-src=\"").len(), 3);
}

#[test]
fn the_mount_point_and_the_prefix_are_in_every_url() {
    let islands = builder().loader(true).prefix("/i").stylesheet(false).build().expect("good");
    let shell = islands
        .split(b"<Cart server:defer />", &context().with_mount(Mount::new("/shop&co").unwrap()))
        .expect("good")
        .into_bytes()
        .into_owned();
    let shell = String::from_utf8(shell).expect("text");
    assert!(shell.starts_with("<script async src=\"/shop&amp;co/i/loader.v1.js\"></script><server-island island=\"Cart\" island-src=\"/shop&amp;co/i/Cart/"), "{shell}");
}

#[test]
fn islands_of_another_origin_are_asked_for_there() {
    let islands = builder().origin("https://islands.example").build().expect("good");
    let shell = islands
        .split(b"<Cart server:defer />", &context().with_mount(Mount::new("/shop").unwrap()))
        .expect("good")
        .into_bytes()
        .into_owned();
    assert!(
        String::from_utf8(shell).expect("text").contains("island-src=\"https://islands.example/_server-islands/Cart/")
    );
}

#[test]
fn the_same_page_gives_the_same_bytes_and_another_key_others() {
    let page = "<Cart server:defer a=1><b>slot</b></Cart>";
    assert_eq!(split(page), split(page));
    let islands = islands();
    let before = islands.split(page.as_bytes(), &context()).expect("good").into_bytes().into_owned();
    islands.set_keys(eyot::KeyRing::parse("qC1rY8mV5kW0zB7xN4eJ2uT9dL6gH3sF0aQ8pZ5iRkE=").expect("good"));
    let after = islands.split(page.as_bytes(), &context()).expect("good").into_bytes().into_owned();
    assert_ne!(before, after);
}

#[test]
fn the_page_travels_where_it_is_asked_for() {
    let islands = islands();
    let context = context().with_page(Page { path: "/p/\"1\"", lang: "de" });
    let shell = islands
        .split(b"<Cart server:defer server:page /><Cart server:defer />", &context)
        .expect("good")
        .into_bytes()
        .into_owned();
    let shell = String::from_utf8(shell).expect("text");
    let pages: Vec<_> = shell
        .split("/Cart/")
        .skip(1)
        .map(|rest| {
            let (token, mut buffer) = (rest.split('"').next().expect("a token"), Vec::new());
            let name = eyot::IslandName::new("Cart").expect("good");
            let opened = keys().open(&name, "", token.as_bytes(), NOW, &mut buffer).expect("it opens");
            String::from_utf8(opened.payload.page.to_vec()).expect("text")
        })
        .collect();
    assert_eq!(pages, [r#"{"path":"/p/\"1\"","lang":"de"}"#, ""]);
}

#[test]
fn unlinkable_tokens_take_the_hosts_randomness_and_are_an_error_without() {
    let page = "<Cart server:defer server:seal=unlinkable />";
    assert_eq!(refusal(page), ("entropy", 1, 1));
    let islands = islands();
    let shell =
        islands.split(page.as_bytes(), &context().with_entropy(&Random)).expect("good").into_bytes().into_owned();
    assert_eq!(open_all(&String::from_utf8(shell).expect("text"))[0].1, "{}");
}

#[test]
fn a_token_that_would_expire_before_its_shell_is_an_error() {
    let islands = islands();
    let page = b"<Cart server:defer server:ttl=60 />";
    let error = islands.split(page, &context().with_shell_life(600)).map(|_| ()).expect_err("too short");
    assert_eq!(error.code(), "ttl-too-short");
    assert!(islands.split(page, &context().with_shell_life(60)).is_ok());
}

#[test]
fn a_payload_over_the_limit_is_an_error_with_its_place_and_a_bare_fallback_in_production() {
    let page = format!("\n<Cart server:defer a=\"{}\"><i slot=fallback>f</i></Cart>", "x".repeat(50_000));
    assert_eq!(refusal(&page), ("payload-too-large", 2, 1));
    assert_eq!(support::lenient(&page), ("\n<i>f</i>".to_owned(), vec!["payload-too-large"]));
}

#[test]
fn a_prepared_page_renders_to_what_splitting_gives() {
    for (preload, inline) in [(false, false), (true, false), (true, true)] {
        assert_renders_as_split(&builder().loader(true).preload(preload).inline_loader(inline).build().expect("good"));
    }
    assert_renders_as_split(&builder().preload(true).build().expect("good"));
}

fn assert_renders_as_split(islands: &eyot::Islands) {
    for page in [
        "<p>none</p>",
        "<head></head><p>a<Cart server:defer a=1><i slot=fallback>f<Avatar server:defer /></i></Cart>b",
        "a<Cart server:defer server:ttl=60 /><Avatar server:defer /><Price server:defer server:seal=unlinkable />b",
        "<Outer server:defer><b>x<Inner server:defer server:page /></b></Outer>",
        "<template><Cart server:defer /></template><script src=/x/loader.v1.js></script><Cart server:defer />",
    ] {
        let prepared = islands.prepare(page.as_bytes()).expect("good");
        for (now, mount) in [(NOW, ""), (NOW, ""), (NOW + 1_000, ""), (NOW, "/m"), (NOW, "")] {
            let context = Context::at(now)
                .with_mount(Mount::new(mount).expect("a mount point"))
                .with_entropy(&Random)
                .with_page(Page { path: "/p", lang: "" });
            let context = context.with_loader(now == NOW);
            let mut rendered = Vec::new();
            prepared.render(&context, &mut rendered).expect("good");
            let split = islands.split(page.as_bytes(), &context).expect("good").into_bytes();
            assert_eq!(String::from_utf8_lossy(&rendered), String::from_utf8_lossy(&split), "{page} {mount}");
            let rendering = prepared.rendering(&context).expect("good");
            assert_eq!(rendering.segments().collect::<Vec<_>>().concat(), rendered);
            assert_eq!(rendering.len(), rendered.len());
        }
        islands.set_keys(eyot::KeyRing::parse("qC1rY8mV5kW0zB7xN4eJ2uT9dL6gH3sF0aQ8pZ5iRkE=").expect("good"));
    }
}

#[test]
fn a_helper_writes_what_the_directive_gives() {
    let islands = islands();
    let mut options = Options::default();
    options.set("when", "idle").expect("good");
    let slots = Slots::with_fallback(b"<i>f</i>").with_error(&b"<b>e</b>"[..]).with_sealed(&[("x", "<u>1</u>")]);
    let name = eyot::IslandName::new("Cart").expect("good");
    let props = Props::parse(&name, br#"{"a":"1"}"#).expect("good");
    let mut out = Vec::new();
    islands
        .placeholder(
            &Placeholder::new("Cart").with_props(props).with_slots(slots).with_options(options),
            &context(),
            &mut out,
        )
        .expect("good");
    let page =
        "<Cart server:defer a=1 server:when=idle><i slot=fallback>f</i><b slot=error>e</b><u slot=x>1</u></Cart>";
    assert_eq!(String::from_utf8(out).expect("text"), split(page));
}

#[test]
fn a_helpers_attributes_are_those_of_an_island_element() {
    let islands = islands();
    let name = eyot::IslandName::new("CartRow").expect("good");
    let props = Props::parse(&name, br#"{"sku":"A"}"#).expect("good");
    let mut out = b"<tr".to_vec();
    islands.attributes(&Placeholder::new("CartRow").with_props(props), &context(), &mut out).expect("good");
    out.extend_from_slice(b" class=\"row\"></tr>");
    assert_eq!(
        String::from_utf8(out).expect("text"),
        split("<tr server:defer=CartRow server:props='{\"sku\":\"A\"}' class=\"row\"></tr>")
    );
}

#[test]
fn a_helper_that_fails_leaves_the_output_as_it_was() {
    let islands = islands();
    let mut out = b"<tr".to_vec();
    let mut options = Options::default();
    options.seal = Some(SealMode::Unlinkable);
    assert!(islands.attributes(&Placeholder::new("Nobody"), &context(), &mut out).is_err());
    assert!(islands.placeholder(&Placeholder::new("Cart").with_options(options), &context(), &mut out).is_err());
    assert!(islands.url(&Placeholder::new("Cart").with_options(options), &context(), &mut out).is_err());
    assert_eq!(out, b"<tr");
}

#[test]
fn an_islands_url_holds_its_token_or_is_an_error() {
    let islands = islands();
    let mut out = Vec::new();
    islands.url(&Placeholder::new("Cart"), &context(), &mut out).expect("good");
    assert!(out.starts_with(b"/_server-islands/Cart/AQ"));
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2_000));
    let name = eyot::IslandName::new("Cart").expect("good");
    let props = Props::parse(&name, long.as_bytes()).expect("good");
    assert!(islands.url(&Placeholder::new("Cart").with_props(props), &context(), &mut Vec::new()).is_err());
}

#[test]
fn a_configuration_with_an_unusable_value_is_refused() {
    let refused = |builder: eyot::Builder| builder.build().map(|_| ()).expect_err("refused").code();
    for prefix in ["", "/", "islands", "/a/", "/a//b", "/a/../b", "/a b", "/a\"b"] {
        assert_eq!(refused(builder().prefix(prefix)), "option", "{prefix}");
    }
    assert_eq!(refused(builder().origin("https://a/b")), "option");
    assert_eq!(refused(builder().allowed_origins(["a.example"])), "option");
    assert_eq!(refused(builder().login_url("//evil.example")), "option");
    assert_eq!(refused(builder().ttl(0)), "option");
    assert_eq!(refused(builder().island("a b")), "name-invalid");
    assert_eq!(refused(builder().island("Cart")), "name-twice");
}

/// The placeholder of an island without content, by a helper.
fn helped(islands: &eyot::Islands, context: &Context<'_>) -> String {
    let mut out = Vec::new();
    islands.placeholder(&Placeholder::new("Cart"), context, &mut out).expect("good");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_helper_marks_a_placeholder_where_a_split_follows_that_has_something_to_answer() {
    let marks = |builder: eyot::Builder, context: Context<'_>| {
        let islands = builder.build().expect("good");
        let mut attributes = Vec::new();
        islands.attributes(&Placeholder::new("Cart"), &context, &mut attributes).expect("good");
        let is_marked = attributes.starts_with(b" server:placed island=");
        assert_eq!(helped(&islands, &context).starts_with("<server-island server:placed island="), is_marked);
        assert_eq!(String::from_utf8_lossy(&attributes).contains("server:"), is_marked);
        is_marked
    };
    let split = context().with_split(true);
    assert!(marks(builder().loader(true), split));
    assert!(marks(builder().preload(true), split));
    // A cached part of a template may go from an island's answer to a page.
    assert!(marks(builder().loader(true), split.with_loader(false)));
    assert!(!marks(builder(), split));
    assert!(!marks(builder().loader(true).preload(true), context()));
}

#[test]
fn a_page_of_helpers_is_what_a_page_of_directives_is() {
    for (preload, inline) in [(false, false), (true, false), (true, true)] {
        let islands = builder().loader(true).preload(preload).inline_loader(inline).build().expect("good");
        let context = context().with_split(true).with_mount(Mount::new("/a&b").expect("a mount point"));
        let marked = helped(&islands, &context);
        for page in ["<head></head><p>[]", "<svg>[]</svg>[]", "a<template>[]</template>b", "[][]"] {
            let shell = |island: &str| {
                let page = page.replace("[]", island);
                let shell = islands.split(page.as_bytes(), &context).expect("good").into_bytes().into_owned();
                let prepared = islands.prepare(page.as_bytes()).expect("good");
                let mut rendered = Vec::new();
                prepared.render(&context, &mut rendered).expect("good");
                assert_eq!(rendered, shell, "{page}");
                String::from_utf8(shell).expect("text")
            };
            assert_eq!(shell(&marked), shell("<Cart server:defer />"), "{page}");
        }
    }
}

#[test]
fn an_islands_own_answer_loses_the_mark_and_gets_no_loader() {
    let islands = builder().loader(true).preload(true).build().expect("good");
    let context = context().with_split(true).with_loader(false);
    let marked = helped(&islands, &context);
    let shell = islands.split(marked.as_bytes(), &context).expect("good").into_bytes();
    assert_eq!(String::from_utf8_lossy(&shell), marked.replace(" server:placed", ""));
}

#[test]
fn a_helpers_slot_travels_without_marks() {
    let islands = builder().loader(true).build().expect("good");
    let context = context().with_split(true);
    let slot = format!("<p>server:placed</p>{}<tr server:placed island=\"Cart\">", helped(&islands, &context));
    let sealed = [("x", slot.as_str())];
    let mut out = Vec::new();
    let outer = Placeholder::new("Outer").with_slots(Slots::default().with_sealed(&sealed));
    islands.placeholder(&outer, &context, &mut out).expect("good");
    let opened = open_all(&String::from_utf8(out).expect("text"));
    assert!(opened[0].2.contains("<p>server:placed</p><server-island island="), "{}", opened[0].2);
    assert!(opened[0].2.contains("<tr island="), "{}", opened[0].2);
}

#[test]
fn a_page_has_at_most_as_many_links_for_helpers_placeholders_as_it_may_have_islands() {
    let islands = builder().preload(true).max_islands(3).build().expect("good");
    let marked = helped(&islands, &context().with_split(true)).repeat(9);
    let shell = islands.split(marked.as_bytes(), &context()).expect("good").into_bytes().into_owned();
    assert_eq!(String::from_utf8(shell).expect("text").matches("rel=\"preload\"").count(), 3);
    let mut rendered = Vec::new();
    islands.prepare(marked.into_bytes()).expect("good").render(&context(), &mut rendered).expect("good");
    assert_eq!(String::from_utf8(rendered).expect("text").matches("rel=\"preload\"").count(), 3);
}
