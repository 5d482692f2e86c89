//! Splitting whole pages: what becomes of directives, and what of everything else.

mod support;

use support::{context, islands, islands_of, lenient, refusal, shape, split};

fn props_of(page: &str) -> String {
    islands_of(page).remove(0).1
}

fn slots_of(page: &str) -> String {
    islands_of(page).remove(0).2
}

// -- pages without islands ------------------------------------------------------------------------------------------------

#[test]
fn a_page_without_a_directive_comes_back_untouched() {
    let page = b"<p>server: nginx, <b server-defer>no island</b>";
    let islands = islands();
    let shell = islands.split(page, &context()).expect("nothing to refuse");
    assert!(shell.is_untouched() && !eyot::html::may_hold_directive(page));
    assert!(eyot::html::may_hold_directive(b"<!-- server:defer -->"));
    assert!(matches!(shell.into_bytes(), std::borrow::Cow::Borrowed(bytes) if std::ptr::eq(bytes, page)));
}

#[test]
fn a_directive_that_is_no_attribute_of_a_tag_is_text() {
    for page in [
        "a server:defer b",
        "<p title='<Avatar server:defer>'>x</p>",
        "<p>&lt;Avatar server:defer&gt; < Avatar server:defer></p>",
        "<script>let a = '<Avatar server:defer>'</script>",
        "<script><!--<script></script><Avatar server:defer></Avatar>--></script>",
        "<style><Avatar server:defer></Avatar></style>",
        "<textarea><Avatar server:defer></Avatar></textarea>",
        "<title><Avatar server:defer></Avatar></title>",
        "<xmp><Avatar server:defer></Avatar></xmp>",
        "<iframe><Avatar server:defer></Avatar></iframe>",
        "<noembed><Avatar server:defer></Avatar></noembed>",
        "<noframes><Avatar server:defer></Avatar></noframes>",
        "<svg><![CDATA[ <Avatar server:defer></Avatar> ]]></svg>",
        "<!-- <Avatar server:defer></Avatar> -->",
        "<!doctype server:defer><?php server:defer ?></ server:defer><!server:defer>",
        "<plaintext><Avatar server:defer></Avatar>",
    ] {
        assert_eq!(split(page), page);
    }
}

#[test]
fn every_end_of_a_comment_ends_it() {
    for comment in
        ["<!---->", "<!-->", "<!--->", "<!-- a --!>", "<!--a-->", "<!-- - -- -->", "<!--<!-->", "<! >", "<?a>"]
    {
        let shell = shape(&format!("{comment}<Avatar server:defer />"));
        assert_eq!(shell, format!("{comment}<server-island island=\"Avatar\" island-src=\"…\"></server-island>"));
    }
}

#[test]
fn a_directive_in_a_comment_or_noscript_is_a_diagnostic_with_its_place() {
    let islands = islands();
    let page =
        "<!--\n <Avatar server:defer> --><noscript><Avatar server:defer></noscript><script>'server:defer'</script>";
    let shell = islands.split(page.as_bytes(), &context()).expect("no error");
    let found: Vec<_> = shell.diagnostics().iter().map(|d| (d.code(), d.at.line, d.at.column)).collect();
    assert_eq!(found, [("directive-in-comment", 2, 10), ("directive-in-noscript", 2, 45)]);
}

#[test]
fn html_in_svg_is_read_as_html_again() {
    let island = "<server-island island=\"Avatar\" island-src=\"…\"></server-island>";
    let cases = [
        ("<svg><title><Avatar server:defer /></title></svg>", "<svg><title>{}</title></svg>"),
        ("<svg><style><Avatar server:defer /></style></svg>", "<svg><style>{}</style></svg>"),
        (
            "<svg><foreignObject><![CDATA[x]]><Avatar server:defer /></foreignObject></svg>",
            "<svg><foreignObject><![CDATA[x]]>{}</foreignObject></svg>",
        ),
        ("<svg><p><![CDATA[><Avatar server:defer />", "<svg><p><![CDATA[>{}"),
        ("<svg/><![CDATA[><Avatar server:defer />", "<svg/><![CDATA[>{}"),
    ];
    for (page, expected) in cases {
        assert_eq!(shape(page), expected.replace("{}", island));
    }
}

// -- components and island elements ----------------------------------------------------------------------------------------------

#[test]
fn a_component_becomes_a_placeholder_with_its_fallback() {
    let page = "<p>a</p><Avatar server:defer size=\"40\">\n <div slot=\"fallback\" class=\"x\">Loading…</div>\n</Avatar><p>b</p>";
    assert_eq!(
        shape(page),
        "<p>a</p><server-island island=\"Avatar\" island-src=\"…\"><div class=\"x\">Loading…</div></server-island><p>b</p>"
    );
}

#[test]
fn an_island_element_stays_with_its_own_attributes() {
    let page = "<tr server:defer=\"CartRow\" class=row  id='a\"b' hidden server:props='{\"sku\":\"A-1\"}'><td slot=fallback colspan=3>…</td></tr>";
    assert_eq!(
        shape(page),
        "<tr island=\"CartRow\" island-src=\"…\" class=row id='a\"b' hidden><td colspan=3>…</td></tr>"
    );
    assert_eq!(props_of(page), r#"{"sku":"A-1"}"#);
}

#[test]
fn a_self_closed_component_is_complete() {
    assert_eq!(
        shape("<Avatar server:defer/><Cart server:defer x=40/></Cart>"),
        "<server-island island=\"Avatar\" island-src=\"…\"></server-island><server-island island=\"Cart\" island-src=\"…\"></server-island>"
    );
    assert_eq!(props_of("<Cart server:defer x=40/></Cart>"), r#"{"x":"40/"}"#);
}

#[test]
fn an_island_ends_at_its_own_end_tag_with_namesakes_counted() {
    let page = "<div server:defer=\"Avatar\"><div slot=\"fallback\"><DIV></div></div></div><p>";
    assert_eq!(shape(page), "<div island=\"Avatar\" island-src=\"…\"><div><DIV></div></div></div><p>");
}

#[test]
fn a_component_that_is_called_like_a_text_element_holds_markup() {
    let page = "<Title server:defer><b slot=\"fallback\">x</b></Title><Avatar server:defer/>";
    assert_eq!(
        shape(page),
        "<server-island island=\"Title\" island-src=\"…\"><b>x</b></server-island><server-island island=\"Avatar\" island-src=\"…\"></server-island>"
    );
}

#[test]
fn a_name_is_matched_exactly_and_else_by_the_only_one_that_differs_in_case() {
    for page in ["<cartrow server:defer />", "<x-a server:defer='cartrow'></x-a>", "<CartRow server:defer=\"\" />"] {
        assert_eq!(islands_of(page)[0].0, "CartRow", "{page}");
    }
    for value in ["=\"true\"", "=\"server:defer\"", "=''", ""] {
        assert_eq!(islands_of(&format!("<Avatar server:defer{value} />"))[0].0, "Avatar");
    }
}

// -- props --------------------------------------------------------------------------------------------------------------------

#[test]
fn attributes_are_string_props_in_order_and_those_without_a_value_are_true() {
    let page = r#"<Avatar server:defer size="40" Rounded user='{"id":7}' empty="" bare=x/y />"#;
    assert_eq!(props_of(page), r#"{"size":"40","Rounded":true,"user":"{\"id\":7}","empty":"","bare":"x/y"}"#);
}

#[test]
fn values_are_decoded_as_a_browser_does() {
    let page = "<Avatar server:defer a=\"&lt;b&gt; &amp;amp; &quot;\" b='x&copy=1&notin;' c=\"l1\r\nl2\" />";
    assert_eq!(props_of(page), r#"{"a":"<b> &amp; \"","b":"x&copy=1∉","c":"l1\nl2"}"#);
}

#[test]
fn members_of_server_props_follow_the_attributes_verbatim() {
    let page = "<Avatar server:props='{ \"n\": 1.0e400, \"t\" : \"a  b\" }' server:defer size=1 />";
    assert_eq!(props_of(page), r#"{"size":"1","n":1.0e400,"t":"a  b"}"#);
    assert_eq!(props_of("<Avatar server:defer server:props='{&quot;a&quot;:1}'/>"), r#"{"a":1}"#);
    assert_eq!(props_of("<Avatar server:defer server:props='{}'/>"), "{}");
}

// -- slots --------------------------------------------------------------------------------------------------------------------

#[test]
fn children_travel_by_slot_and_the_rest_as_the_default_slot() {
    let page = "<Avatar server:defer> hello <i>you</i> <b slot=\"name\">1</b><!-- c --> <u slot='fallback'>f</u><b slot=name>2</b> bye </Avatar>";
    assert_eq!(slots_of(page), r#"{"default":"hello <i>you</i> <!-- c -->  bye","name":"<b>1</b><b>2</b>"}"#);
    assert_eq!(shape(page), "<server-island island=\"Avatar\" island-src=\"…\"><u>f</u></server-island>");
}

#[test]
fn slots_keep_the_order_in_which_they_are_seen_first() {
    let page = "<Avatar server:defer><b slot=z>1</b><b slot=a>2</b>text<b slot=z>3</b></Avatar>";
    assert_eq!(slots_of(page), r#"{"z":"<b>1</b><b>3</b>","a":"<b>2</b>","default":"text"}"#);
}

#[test]
fn white_space_and_comments_alone_are_no_default_slot() {
    assert_eq!(slots_of("<Avatar server:defer>\n <!-- a --> <b slot=fallback>x</b>\t</Avatar>"), "");
}

#[test]
fn only_direct_children_are_looked_at_for_slots() {
    let page = "<Avatar server:defer><p><b slot=\"x\">1</b></p></Avatar>";
    assert_eq!(slots_of(page), r#"{"default":"<p><b slot=\"x\">1</b></p>"}"#);
}

#[test]
fn a_child_whose_end_tag_html_lets_one_omit_ends_with_the_island() {
    let page = "<tr server:defer=\"CartRow\"><td slot=fallback>a</tr>";
    assert_eq!(shape(page), "<tr island=\"CartRow\" island-src=\"…\"><td>a</tr>");
}

#[test]
fn a_void_child_is_a_whole_child() {
    let page = "<Avatar server:defer><img slot=fallback src=x><br>text</Avatar>";
    assert_eq!(shape(page), "<server-island island=\"Avatar\" island-src=\"…\"><img src=x></server-island>");
    assert_eq!(slots_of(page), r#"{"default":"<br>text"}"#);
}

#[test]
fn the_error_slot_stays_in_the_shell_in_a_template() {
    let page = "<Avatar server:defer><i slot=fallback>f</i><b slot=\"error\">e</b></Avatar>";
    assert_eq!(
        shape(page),
        "<server-island island=\"Avatar\" island-src=\"…\"><i>f</i><template island-slot=\"error\"><b>e</b></template></server-island>"
    );
}

// -- nesting ------------------------------------------------------------------------------------------------------------------

#[test]
fn an_island_in_a_fallback_is_an_island_of_the_shell() {
    let page = "<Outer server:defer><p slot=fallback>a<Inner server:defer n=1 />b</p></Outer>";
    assert_eq!(
        shape(page),
        "<server-island island=\"Outer\" island-src=\"…\"><p>a<server-island island=\"Inner\" island-src=\"…\"></server-island>b</p><template></template></server-island>"
    );
}

#[test]
fn an_island_in_a_slot_travels_as_a_placeholder() {
    let page = "<Outer server:defer><p>a<Inner server:defer n=1 />b</p></Outer>";
    let slots = slots_of(page);
    assert!(
        slots.starts_with(r#"{"default":"<p>a<server-island island=\"Inner\" island-src=\"/_server-islands/Inner/"#)
    );
    assert!(slots.ends_with(r#"\"></server-island>b</p>"}"#));
}

#[test]
fn an_island_that_is_a_slot_itself_belongs_to_the_island_around_it() {
    let page = "<Outer server:defer><Inner server:defer slot=\"fallback\" n=1><b>x</b></Inner></Outer>";
    assert_eq!(
        shape(page),
        "<server-island island=\"Outer\" island-src=\"…\"><server-island island=\"Inner\" island-src=\"…\"></server-island></server-island>"
    );
    assert_eq!(islands_of(page)[1].1, r#"{"n":"1"}"#);
}

#[test]
fn namesakes_nest() {
    let page = "<Outer server:defer><Outer server:defer slot=fallback>in</Outer>out</Outer>";
    assert_eq!(slots_of(page), r#"{"default":"out"}"#);
    assert_eq!(islands_of(page)[1].2, r#"{"default":"in"}"#);
}

// -- options ------------------------------------------------------------------------------------------------------------------

#[test]
fn options_that_are_not_at_their_defaults_become_attributes_in_order() {
    let page = "<Avatar server:defer server:timeout=3 server:redirect=follow server:keep server:when='visible 200px' server:key='a\"&amp;<' />";
    assert_eq!(
        shape(page),
        "<server-island island=\"Avatar\" island-src=\"…\" island-key=\"a&quot;&amp;&lt;\" island-when=\"visible 200px\" island-keep island-redirect=\"follow\" island-timeout=\"3\"></server-island>"
    );
}

#[test]
fn options_at_their_defaults_are_left_out() {
    let page = "<div server:defer=Avatar server:when=load server:redirect=event server:timeout=10 server:keep server:seal=stable></div>";
    assert_eq!(shape(page), "<div island=\"Avatar\" island-src=\"…\"></div>");
}

#[test]
fn refreshing_implies_keeping() {
    let page =
        "<Avatar server:defer server:keep server:refresh=cart-changed /><Avatar server:defer server:refresh=30s />";
    assert_eq!(
        shape(page),
        "<server-island island=\"Avatar\" island-src=\"…\" island-refresh=\"cart-changed\"></server-island><server-island island=\"Avatar\" island-src=\"…\" island-refresh=\"30s\"></server-island>"
    );
}

#[test]
fn a_long_token_is_posted() {
    let page = format!("<Avatar server:defer a=\"{}\" server:key=k />", "x".repeat(2_000));
    let shell = split(&page);
    assert!(
        shell.starts_with("<server-island island=\"Avatar\" island-src=\"/_server-islands/Avatar\" island-token=\"")
    );
    assert!(shell.ends_with("\" island-key=\"k\"></server-island>"));
    assert_eq!(islands_of(&page)[0].1.len(), 2_000 + r#"{"a":""}"#.len());
}

// -- errors -------------------------------------------------------------------------------------------------------------------

#[test]
fn what_cannot_be_an_island_is_refused_with_its_place() {
    let cases = [
        ("\n <Nobody server:defer />", ("name-unknown", 2, 2)),
        ("<x-a server:defer=\"a b\"></x-a>", ("name-invalid", 1, 1)),
        ("<p>é<div server:defer></div>", ("name-missing", 1, 5)),
        ("<img server:defer=Avatar>", ("element-unsuitable", 1, 1)),
        ("<script server:defer=Avatar></script>", ("element-unsuitable", 1, 1)),
        ("<body server:defer=Avatar></body>", ("element-unsuitable", 1, 1)),
        ("<div server:defer=\"Avatar\" />", ("element-self-closing", 1, 1)),
        ("<div server:defer=Avatar island-SRC=x></div>", ("attribute-reserved", 1, 26)),
        ("<div server:defer=Avatar ISLAND></div>", ("attribute-reserved", 1, 26)),
        ("<div server:defer=Avatar island-loaded></div>", ("attribute-reserved", 1, 26)),
        ("a<Avatar server:defer><p></p>", ("unclosed", 1, 2)),
        ("<li server:defer=Avatar><li>", ("unclosed", 1, 1)),
        ("<Outer server:defer><Inner server:defer></Outer>", ("unclosed", 1, 21)),
        ("<Avatar server:defer><svg></Avatar>", ("unbalanced", 1, 1)),
        (
            "<svg server:defer=Avatar><g></g></svg><template><div server:defer=Avatar></template></div>",
            ("unbalanced", 1, 49),
        ),
        ("<Avatar server:defer a", ("unfinished", 1, 1)),
        ("<Avatar server:defer server:colour=red />", ("attribute-unknown", 1, 22)),
        ("<Avatar server:props='{}' />", ("without-defer", 1, 9)),
        ("<Avatar server:defer server:when=load server:when=idle />", ("attribute-twice", 1, 39)),
        ("<Avatar server:defer server:when=later />", ("option", 1, 1)),
        ("<option server:defer=Avatar server:when=visible></option>", ("option", 1, 1)),
        ("<Avatar server:defer server:props='[1]' />", ("props", 1, 22)),
        ("<Avatar server:defer a=1 a=2 />", ("prop-twice", 1, 26)),
        ("<Avatar server:defer a=1 server:props='{\"a\":2}' />", ("prop-twice", 1, 26)),
    ];
    for (page, expected) in cases {
        assert_eq!(refusal(page), expected, "{page}");
    }
}

#[test]
fn an_error_names_the_attribute_and_what_to_do_but_no_value() {
    let islands = islands();
    let page = b"<Avatar server:defer server:props='{\"a\":\"s3cret\"' />";
    let error = islands.split(page, &context()).map(|_| ()).expect_err("refused").to_string();
    assert!(
        error.contains("server:props") && error.contains("line 1, column 22") && !error.contains("s3cret"),
        "{error}"
    );
}

#[test]
fn in_production_a_faulty_island_becomes_its_bare_fallback() {
    let cases = [
        ("a<Nobody server:defer x=s3cret><i slot=fallback>f</i>s3cret</Nobody>b", "a<i>f</i>b", "name-unknown"),
        ("a<Nobody server:defer x=s3cret />b", "ab", "name-unknown"),
        (
            "<table><tr server:defer=Nobody id=s3cret><td slot=fallback>f</td></tr></table>",
            "<table><tr id=s3cret><td>f</td></tr></table>",
            "name-unknown",
        ),
        ("a<img server:defer=Avatar src=x>b", "a<img src=x>b", "element-unsuitable"),
        ("a<body server:defer=Avatar>b</body>c", "a<body>b</body>c", "element-unsuitable"),
        ("a<div server:defer=Avatar server:props='s3cret'>d</div>b", "a<div></div>b", "props"),
        ("<p server:props='s3cret' id=a server:key=s3cret>x</p>", "<p id=a>x</p>", "without-defer"),
        ("a<Avatar server:defer b='s3cret", "a", "unfinished"),
        ("a<Avatar server:defer><svg slot=fallback><title></Avatar>b", "ab", "unbalanced"),
    ];
    for (page, expected, code) in cases {
        assert_eq!(lenient(page), (expected.to_owned(), vec![code]), "{page}");
    }
}

#[test]
fn in_production_an_unclosed_island_loses_its_start_tag_and_the_others_are_split() {
    let island = "<server-island island=\"Cart\" island-src=\"…\"></server-island>";
    let (shell, codes) =
        lenient("a<Avatar server:defer x=s3cret>b<p slot=x>c<Cart server:defer /></p>d<Nobody server:defer />e");
    assert_eq!(shell, format!("ab<p slot=x>c{island}</p>de"));
    assert_eq!(codes, ["name-unknown", "unclosed"]);
    let (shell, codes) =
        lenient("<Outer server:defer><i slot=fallback>f<Inner server:defer>g<Cart server:defer /></i></Outer>h");
    assert_eq!(shell, format!("<server-island island=\"Outer\" island-src=\"…\"><i>fg{island}</i></server-island>h"));
    assert_eq!(codes, ["unclosed"]);
}

#[test]
fn an_attribute_of_the_namespace_never_leaves_even_if_no_such_attribute_exists() {
    for (page, place, shell) in [
        ("<Avatar server:deffer server:prop='{\"secret\":1}'>a", (1, 9), "<Avatar>a"),
        ("<p id=x server:Defer server:a-b server:wehn=load>a", (1, 22), "<p id=x server:Defer>a"),
        ("<Cart server:defer server:porps='{\"secret\":1}' />a", (1, 20), "a"),
        ("<Cart server:defer><b slot=fallback server:x=1>f</b></Cart>", (1, 37), "{cart}<b>f</b></server-island>"),
        (
            "<Cart server:defer><b slot=fallback>f</b server:x></Cart server:x=1>",
            (1, 42),
            "{cart}<b>f</b></server-island>",
        ),
        ("</p a server:x=\"s3cret\" b>", (1, 7), "</p a b>"),
    ] {
        let (code, line, column) = refusal(page);
        let in_end_tag = page.contains("</b server") || page.contains("</p a");
        let expected = if in_end_tag { "without-defer" } else { "attribute-unknown" };
        assert_eq!((code, (line, column)), (expected, place), "{page}");
        let shell = shell.replace("{cart}", "<server-island island=\"Cart\" island-src=\"…\">");
        let (found, codes) = lenient(page);
        assert_eq!(found, shell, "{page}");
        assert!(codes.iter().all(|code| *code == expected), "{codes:?}");
    }
}

#[test]
fn an_unknown_attribute_is_refused_with_the_nearest_that_exists() {
    let islands = islands();
    let error = |page: &str| islands.split(page.as_bytes(), &context()).map(|_| ()).expect_err("refused").to_string();
    assert!(error("<Avatar server:deffer>").contains("\"server:deffer\" does not exist: write `server:defer`"));
    assert!(error("<Avatar server:defer server:colour=red />").contains("followed by defer, props, key"));
}

#[test]
fn what_an_element_is_comes_before_what_is_wrong_with_its_attributes() {
    let faults =
        ["server:bogus", "server:key=1 server:key=2", "server:defer=Avatar", "server:props=[", "server:when=x"];
    for fault in faults {
        for (page, shell, code) in [
            ("<body server:defer=Avatar {}><h1>page</h1></body>", "<body><h1>page</h1></body>", "element-unsuitable"),
            ("a<img server:defer=Avatar {} src=x>b", "a<img src=x>b", "element-unsuitable"),
            ("<textarea server:defer=Avatar {}>a</textarea>b", "<textarea>a</textarea>b", "element-unsuitable"),
            (
                "<div id=o><div server:defer=Avatar {} />in</div>out</div>",
                "<div id=o><div />in</div>out</div>",
                "element-self-closing",
            ),
        ] {
            let page = page.replace("{}", fault);
            assert_eq!(lenient(&page), (shell.to_owned(), vec![code]), "{page}");
            assert_eq!(refusal(&page).0, code, "{page}");
        }
    }
}

#[test]
fn an_unclosed_island_costs_production_its_start_tag_however_long_the_page() {
    let rest = "<p>x</p>".repeat(200_000);
    let page = format!("a<Avatar server:defer x=s3cret>{rest}");
    assert_eq!(lenient(&page), (format!("a{rest}"), vec!["unclosed"]));
    assert_eq!(refusal(&page), ("unclosed", 1, 2));
    let page = format!("a<img server:defer=Avatar server:defer=Cart>{rest}");
    assert_eq!(lenient(&page), (format!("a<img>{rest}"), vec!["element-unsuitable"]));
}

#[test]
fn an_unclosed_element_in_a_slot_goes_there_whole_and_with_an_end_tag() {
    let outer = "<server-island island=\"Outer\" island-src=\"…\">";
    for (inside, fallback, codes) in [
        ("<li server:defer=Nobody slot=fallback>Loading", "<li>Loading</li>", vec!["name-unknown", "unclosed"]),
        ("<li server:defer=Cart slot=fallback id=a>Loading", "<li id=a>Loading</li>", vec!["unclosed"]),
        (
            "<Nobody server:defer slot=fallback><i server:key=1>text</i>",
            "<i>text</i>",
            vec!["name-unknown", "without-defer", "unclosed"],
        ),
        ("<ul slot=fallback><li server:defer=Cart>a</ul>", "<ul><li>a</ul></li>", vec!["unclosed"]),
        (
            "<ul slot=fallback><li server:defer=Cart>a<b server:key=1>b</b></ul>c",
            "<ul><li>a<b>b</b></ul>c</li>",
            vec!["without-defer", "unclosed"],
        ),
    ] {
        let page = format!("<Outer server:defer>{inside}</Outer><main>rest</main>");
        // A minifier may drop the end tag of an `li`; this keeps it from doing so.
        let guard = if fallback.ends_with("</li>") { "<template></template>" } else { "" };
        assert_eq!(
            lenient(&page),
            (format!("{outer}{fallback}{guard}</server-island><main>rest</main>"), codes),
            "{page}"
        );
    }
}

#[test]
fn a_hundred_problems_and_a_hundred_diagnostics_of_one_page_are_kept() {
    let islands = support::builder().ttl(1).build().expect("good");
    let context = context().with_shell_life(600);
    for island in ["<Nobody server:defer />", "<Avatar server:defer />", "<!-- server:defer -->"] {
        let page = island.repeat(150);
        let shell = islands.split_lenient(page.as_bytes(), &context).expect("within the limits");
        assert_eq!(shell.problems().len().max(shell.diagnostics().len()), 100, "{island}");
    }
}

#[test]
fn a_directive_in_a_comment_is_found_behind_its_props_too() {
    let islands = islands();
    let page = "<!-- <Avatar server:props='{}' server:x server:defer> --><!-- server:props server:def -->";
    let shell = islands.split(page.as_bytes(), &context()).expect("no error");
    let found: Vec<_> = shell.diagnostics().iter().map(|d| (d.code(), d.at.line, d.at.column)).collect();
    assert_eq!(found, [("directive-in-comment", 1, 41)]);
}

#[test]
fn a_page_over_a_limit_is_an_error_in_production_too() {
    let islands = support::builder().max_islands(2).max_island_bytes(100).build().expect("good");
    let refuse = |page: &str| islands.split_lenient(page.as_bytes(), &context()).map(|_| ()).expect_err(page).code();
    assert_eq!(refuse(&"<Avatar server:defer />".repeat(3)), "too-many-islands");
    assert_eq!(refuse(&format!("<Avatar server:defer>{}</Avatar>", "x".repeat(100))), "island-too-long");
    assert_eq!(refuse(&format!("<Avatar server:defer a=\"{}\" />", "&lt;".repeat(25))), "island-too-long");
    let slots = |names: std::ops::Range<u32>, name: &str| {
        let children: String =
            names.map(|n| format!("<b slot=\"{}\"></b>", name.replace('N', &n.to_string()))).collect();
        format!("<Avatar server:defer>{children}</Avatar>")
    };
    let roomy = support::islands();
    let code =
        |page: String| roomy.split_lenient(page.as_bytes(), &context()).map(|_| ()).map_err(|error| error.code());
    assert_eq!(code(slots(0..300, "x")), Ok(()));
    assert_eq!(code(slots(0..256, "xN")), Ok(()));
    assert_eq!(code(slots(0..257, "xN")), Err("too-many-slots"));
}

#[test]
fn islands_without_end_tags_cost_production_their_directives_however_many_they_are() {
    for (row, rest) in [("<li server:defer=Cart>row", "<li>row"), ("<Cart server:defer x=s3cret>row<p>", "row<p>")] {
        let page = format!("<ul>{}</ul>", row.repeat(40));
        assert_eq!(refusal(&page).0, "too-deep");
        let (shell, codes) = lenient(&page);
        assert_eq!(shell, format!("<ul>{}</ul>", rest.repeat(40)));
        assert_eq!((codes[0], codes[8], codes.len()), ("too-deep", "unclosed", 40));
    }
    let inside = "<Cart server:defer slot=fallback>";
    let page =
        format!("{}<<Cart server:defer x=s3cret slot=fallback>b</Cart>{}", inside.repeat(32), "</Cart>".repeat(32));
    let (shell, codes) = lenient(&page);
    assert!(shell.contains("<!---->b</Cart></server-island>") && !shell.contains("s3cret"), "{shell}");
    assert_eq!(codes, ["too-deep"]);
}
