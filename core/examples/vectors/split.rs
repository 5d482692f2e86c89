//! Pages, and the shells that splitting makes of them. The shells are written by hand; only the tokens in them are
//! computed, by the reference and not by the crate.
//!
//! In a shell, and in a slot that holds placeholders, `@0` stands for the name and source of the first island of the
//! case's list, and `@t0` for its token alone.

use eyot::assets::{Asset, LOADER, STYLE};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::keys::{MASTER, text};
use crate::reference::Recipe;
use crate::tokens::NOW;

/// What is declared unless a case says otherwise.
const HERE: [&str; 5] = ["Avatar", "Cart", "CartRow", "Title", "cart-row"];
const ELSEWHERE: [&str; 1] = ["Price"];

/// Name, props, and slots in order.
type Island<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

struct Case<'a> {
    title: &'a str,
    html: &'a str,
    options: Map<String, Value>,
    islands: &'a [Island<'a>],
    shell: &'a str,
    /// Code, line and column.
    error: Option<(&'a str, u32, u32)>,
    diagnostics: &'a [&'a str],
    page: &'a str,
    /// The time to live in seconds of the tokens.
    ttl: Option<u32>,
}

/// A page that splits.
fn good<'a>(title: &'a str, html: &'a str, islands: &'a [Island<'a>], shell: &'a str) -> Case<'a> {
    Case { title, html, options: Map::new(), islands, shell, error: None, diagnostics: &[], page: "", ttl: None }
}

/// A page that does not split; the shell is what production sends.
fn bad<'a>(title: &'a str, html: &'a str, error: (&'a str, u32, u32), shell: &'a str) -> Case<'a> {
    Case { error: Some(error), ..good(title, html, &[], shell) }
}

impl<'a> Case<'a> {
    fn with(mut self, option: &str, value: impl Into<Value>) -> Self {
        self.options.insert(option.to_owned(), value.into());
        self
    }

    fn islands(self, islands: &'a [Island<'a>]) -> Self {
        Self { islands, ..self }
    }
}

pub(crate) fn vectors() -> Value {
    let families = [
        names(),
        hosts(),
        props(),
        slots(),
        nesting(),
        options(),
        texts(),
        delivery(),
        placed(),
        errors(),
        broken(),
        tree(),
        unclear(),
    ];
    families.iter().flatten().map(vector).collect()
}

fn names() -> Vec<Case<'static>> {
    vec![
        good(
            "a page without a directive",
            "<p>server: nginx &amp; <b server-defer>no</b>\r\n",
            &[],
            "<p>server: nginx &amp; <b server-defer>no</b>\r\n",
        ),
        good(
            "a component with a fallback",
            "<p>a</p><Avatar server:defer size=\"40\" rounded user='{\"id\":7}'>\n  <div slot=\"fallback\" \
             class=\"x\">Loading…</div>\n</Avatar><p>b</p>",
            &[("Avatar", r#"{"size":"40","rounded":true,"user":"{\"id\":7}"}"#, &[])],
            "<p>a</p><server-island@0><div class=\"x\">Loading…</div></server-island><p>b</p>",
        ),
        good(
            "a complete component",
            "<Avatar server:defer />",
            &[("Avatar", "{}", &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "what is no island, to the byte",
            " \r\n<P  A = 1 >x</P\t>\u{0}é<!DOCTYPE><Cart server:defer/>&amp <",
            &[("Cart", "{}", &[])],
            " \r\n<P  A = 1 >x</P\t>\u{0}é<!DOCTYPE><server-island@0></server-island>&amp <",
        ),
        good(
            "a name as the value",
            "<user-card server:defer=\"Avatar\"></user-card>",
            &[("Avatar", "{}", &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "what template languages make of no value",
            "<Cart server:defer=\"\"/><Cart server:defer=true /><Cart server:defer='server:defer'/>",
            &[("Cart", "{}", &[]), ("Cart", "{}", &[]), ("Cart", "{}", &[])],
            "<server-island@0></server-island><server-island@1></server-island><server-island@2></server-island>",
        ),
        good(
            "a name that a minifier lowered",
            "<cartrow server:defer></cartrow>",
            &[("CartRow", "{}", &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "a name with a dash",
            "<cart-row server:defer></cart-row>",
            &[("cart-row", "{}", &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "an island that another host answers",
            "<Price server:defer />",
            &[("Price", "{}", &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "a component that is called like an element but for case",
            "<Title server:defer><b slot=fallback>t</b></Title><DIV server:defer=Cart>a</DIV>",
            &[("Title", "{}", &[]), ("Cart", "{}", &[("default", "a")])],
            "<server-island@0><b>t</b></server-island><server-island@1></server-island>",
        ),
        bad(
            "a name that is not declared",
            "<p>\n <Basket server:defer a=1>x</Basket>",
            ("name-unknown", 2, 2),
            "<p>\n ",
        ),
        bad("a name against the grammar", "<Avatar server:defer='a b'></Avatar>", ("name-invalid", 1, 1), ""),
        bad("a name of the loader's files", "<x-y server:defer=loader.v1></x-y>", ("name-invalid", 1, 1), ""),
        bad("an island element without a name", "é<div server:defer>x</div>", ("name-missing", 1, 2), "é<div></div>"),
    ]
}

fn hosts() -> Vec<Case<'static>> {
    vec![
        good(
            "an island element",
            "<table><tr server:defer=\"CartRow\" class=\"row\" server:props='{\"sku\":\"A-1\"}'><td slot=\"fallback\" \
             colspan=\"3\">…</td></tr></table>",
            &[("CartRow", r#"{"sku":"A-1"}"#, &[])],
            "<table><tr@0 class=\"row\"><td colspan=\"3\">…</td></tr></table>",
        ),
        good(
            "an island element's own attributes as written",
            "<li  id=a\n  CLASS='x \"y\"' server:defer=Cart  hidden = until-found></li>",
            &[("Cart", "{}", &[])],
            "<li@0 id=a CLASS='x \"y\"' hidden = until-found></li>",
        ),
        good(
            "an island element's content without a slot",
            "<li server:defer=Cart>a</li>",
            &[("Cart", "{}", &[("default", "a")])],
            "<li@0></li>",
        ),
        bad("a void element", "a<img server:defer=Cart>b", ("element-unsuitable", 1, 2), "a<img>b"),
        bad(
            "an island element that holds text",
            "<textarea server:defer=Cart>x</textarea>",
            ("element-unsuitable", 1, 1),
            "<textarea>x</textarea>",
        ),
        bad(
            "a template as island element",
            "<template server:defer=Cart>x</template>y",
            ("element-unsuitable", 1, 1),
            "<template>x</template>y",
        ),
        bad(
            "the body as island element",
            "<body server:defer=Cart>x</body>",
            ("element-unsuitable", 1, 1),
            "<body>x</body>",
        ),
        bad(
            "an island element that would end itself",
            "<div server:defer=Cart />x",
            ("element-self-closing", 1, 1),
            "<div />x",
        ),
        bad(
            "an attribute of the placeholder on an island element",
            "<div server:defer=Cart Island-Src=x><i slot=fallback>f</i></div>",
            ("attribute-reserved", 1, 24),
            "<div><i>f</i></div>",
        ),
    ]
}

fn props() -> Vec<Case<'static>> {
    vec![
        good(
            "values in every kind of quotes, and none",
            "<Cart server:defer a=\"&lt;&quot;&amp;'\" b='&#x41;&copy' c=x&y d=40/ e f = 1></Cart>",
            &[("Cart", r#"{"a":"<\"&'","b":"A©","c":"x&y","d":"40/","e":true,"f":"1"}"#, &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "a slash that ends a value and no tag",
            "<Cart server:defer x=40/>a</Cart>",
            &[("Cart", r#"{"x":"40/"}"#, &[("default", "a")])],
            "<server-island@0></server-island>",
        ),
        good(
            "references that are text in an attribute",
            "<Cart server:defer a='?a=1&copy=2&lt' b='&copyright;' c='&notit;'/>",
            &[("Cart", r#"{"a":"?a=1&copy=2<","b":"&copyright;","c":"&notit;"}"#, &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "attributes, then the members of server:props without their white space",
            "<Cart server:defer a=1 server:props='{ \"n\" : 1.50,\n\"s\": \"a  b\", \"l\":[ 1 , {} ] }' b />",
            &[("Cart", r#"{"a":"1","b":true,"n":1.50,"s":"a  b","l":[1,{}]}"#, &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "numbers that no float holds",
            "<Cart server:defer server:props='{\"n\":12345678901234567890.10,\"m\":1e400}'/>",
            &[("Cart", r#"{"n":12345678901234567890.10,"m":1e400}"#, &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "references in server:props",
            "<Cart server:defer server:props=\"{&quot;a&quot;:&quot;&amp;lt;&quot;}\"/>",
            &[("Cart", r#"{"a":"&lt;"}"#, &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "names that differ in case alone",
            "<Cart server:defer dataId=1 dataid=2 />",
            &[("Cart", r#"{"dataId":"1","dataid":"2"}"#, &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "line ends and control characters in a value",
            "<Cart server:defer a=\"1\r\n2\t\u{8}\u{c}\u{1}\"/>",
            &[("Cart", r#"{"a":"1\n2\t\b\f\u0001"}"#, &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "an empty value and an empty object",
            "<Cart server:defer a= b='' server:props='{}'/>",
            &[("Cart", r#"{"a":"b=''"}"#, &[])],
            "<server-island@0></server-island>",
        ),
        bad("the same prop twice", "<Cart server:defer a=1 a=2>x</Cart>", ("prop-twice", 1, 24), ""),
        bad(
            "a prop that is a member of server:props too",
            "<Cart server:defer a=1 server:props='{\"a\":2}'/>",
            ("prop-twice", 1, 24),
            "",
        ),
        bad("props that are a list", "<Cart server:defer\nserver:props='[1]'/>", ("props", 2, 1), ""),
        bad("props that are no JSON", "<Cart server:defer server:props='{a:1}'/>", ("props", 1, 20), ""),
    ]
}

fn slots() -> Vec<Case<'static>> {
    vec![
        good(
            "several children of one slot, joined in order",
            "<Cart server:defer><i slot=fallback>1</i> <b slot=\"fallback\">2</b></Cart>",
            &[("Cart", "{}", &[])],
            "<server-island@0><i>1</i><b>2</b></server-island>",
        ),
        good(
            "an error slot",
            "<Cart server:defer><p slot=error>no</p><i slot=fallback>…</i></Cart>",
            &[("Cart", "{}", &[])],
            "<server-island@0><i>…</i><template island-slot=\"error\"><p>no</p></template></server-island>",
        ),
        good(
            "what is left, trimmed at both ends, and named slots, in order of their first appearance",
            "<Cart server:defer> text <b slot=x>1</b> more <i slot=x>2</i>\n</Cart>",
            &[("Cart", "{}", &[("default", "text  more"), ("x", "<b>1</b><i>2</i>")])],
            "<server-island@0></server-island>",
        ),
        good(
            "white space and comments alone",
            "<Cart server:defer>\n<!-- c -->\t<i slot=fallback>…</i>\n</Cart>",
            &[("Cart", "{}", &[])],
            "<server-island@0><i>…</i></server-island>",
        ),
        good(
            "a comment beside text",
            "<Cart server:defer>a<!-- c --></Cart>",
            &[("Cart", "{}", &[("default", "a<!-- c -->")])],
            "<server-island@0></server-island>",
        ),
        good(
            "the default slot by name, and by an empty one",
            "<Cart server:defer><b slot=\"default\">1</b><b slot>2</b></Cart>",
            &[("Cart", "{}", &[("default", "<b>1</b><b>2</b>")])],
            "<server-island@0></server-island>",
        ),
        good(
            "a slot attribute that is not a direct child's",
            "<Cart server:defer><div slot=fallback><b slot=x>1</b></div></Cart>",
            &[("Cart", "{}", &[])],
            "<server-island@0><div><b slot=x>1</b></div></server-island>",
        ),
        good(
            "a slot attribute between others",
            "<Cart server:defer><p class=a  SLOT=\"f&#97;llback\" id=b>1</p><img slot=fallback src=x></Cart>",
            &[("Cart", "{}", &[])],
            "<server-island@0><p class=a id=b>1</p><img src=x></server-island>",
        ),
        good(
            "text that only looks like a child's end",
            "<Cart server:defer><div slot=fallback><!-- </div> --><div>1</div><script>'</div>'</script></div></Cart>",
            &[("Cart", "{}", &[])],
            "<server-island@0><div><!-- </div> --><div>1</div><script>'</div>'</script></div></server-island>",
        ),
        good(
            "slots that JSON has to escape",
            "<Cart server:defer>\"\\\t</b>é</Cart>",
            &[("Cart", "{}", &[("default", "\"\\\t</b>é")])],
            "<server-island@0></server-island>",
        ),
    ]
}

fn nesting() -> Vec<Case<'static>> {
    vec![
        good(
            "an island in a fallback",
            "<Avatar server:defer><div slot=fallback>a<Cart server:defer /></div></Avatar>",
            &[("Avatar", "{}", &[]), ("Cart", "{}", &[])],
            "<server-island@0><div>a<server-island@1></server-island></div></server-island>",
        ),
        good(
            "an island in a slot that travels",
            "<Avatar server:defer>a <Cart server:defer qty=2 /></Avatar>",
            &[("Cart", r#"{"qty":"2"}"#, &[]), ("Avatar", "{}", &[("default", "a <server-island@0></server-island>")])],
            "<server-island@1></server-island>",
        ),
        good(
            "an island that is a fallback",
            "<Avatar server:defer><Cart server:defer slot=fallback a=1 /></Avatar>",
            &[("Avatar", "{}", &[]), ("Cart", r#"{"a":"1"}"#, &[])],
            "<server-island@0><server-island@1></server-island></server-island>",
        ),
        good(
            "islands of the same name in each other",
            "<Cart server:defer><i slot=fallback><Cart server:defer a><b slot=fallback>1</b></Cart></i></Cart>",
            &[("Cart", "{}", &[]), ("Cart", r#"{"a":true}"#, &[])],
            "<server-island@0><i><server-island@1><b>1</b></server-island></i></server-island>",
        ),
        good(
            "elements in an island that are called like it",
            "<div server:defer=Cart><div slot=fallback><div>1</div><DIV>2</DIV></div></div>",
            &[("Cart", "{}", &[])],
            "<div@0><div><div>1</div><DIV>2</DIV></div></div>",
        ),
        good(
            "the slot attribute of what is in no island",
            "<my-card><b slot=fallback>x</b></my-card><Cart server:defer slot=x />",
            &[("Cart", r#"{"slot":"x"}"#, &[])],
            "<my-card><b slot=fallback>x</b></my-card><server-island@0></server-island>",
        ),
    ]
}

fn options() -> Vec<Case<'static>> {
    let path = r#"{"path":"/p/1","lang":"de"}"#;
    let context = json!({ "path": "/p/1", "lang": "de" });
    vec![
        good(
            "every option of the placeholder, in its order",
            "<Cart server:defer server:timeout=3 server:redirect=follow server:refresh=30s server:keep \
             server:when=\"visible 200px\" server:key='A 1' />",
            &[("Cart", "{}", &[])],
            "<server-island@0 island-key=\"A 1\" island-when=\"visible 200px\" island-refresh=\"30s\" \
             island-redirect=\"follow\" island-timeout=\"3\"></server-island>",
        ),
        good(
            "options at their defaults",
            "<Cart server:defer server:when=load server:redirect=event server:timeout=10 server:seal=stable \
             server:deliver=fetch />",
            &[("Cart", "{}", &[])],
            "<server-island@0></server-island>",
        ),
        good(
            "a component that is kept, and an island element that stays anyway",
            "<Cart server:defer server:keep /><p server:defer=Cart server:keep=true></p>",
            &[("Cart", "{}", &[]), ("Cart", "{}", &[])],
            "<server-island@0 island-keep></server-island><p@1></p>",
        ),
        good(
            "options that have to be escaped",
            "<Cart server:defer server:key='a\"<&amp;>' server:when=\"media (min-width: 40em)\" \
             server:refresh=cart-changed />",
            &[("Cart", "{}", &[])],
            "<server-island@0 island-key=\"a&quot;&lt;&amp;&gt;\" island-when=\"media (min-width: 40em)\" \
             island-refresh=\"cart-changed\"></server-island>",
        ),
        Case {
            page: path,
            ..good(
                "the page in the token",
                "<Cart server:defer server:page />",
                &[("Cart", "{}", &[])],
                "<server-island@0></server-island>",
            )
            .with("page_context", context.clone())
        },
        Case {
            page: path,
            ..good(
                "the page in every token, as configured",
                "<Cart server:defer />",
                &[("Cart", "{}", &[])],
                "<server-island@0></server-island>",
            )
            .with("page_context", context.clone())
            .with("page", true)
        },
        good(
            "a page that nobody asks for",
            "<Cart server:defer />",
            &[("Cart", "{}", &[])],
            "<server-island@0></server-island>",
        )
        .with("page_context", context),
        Case {
            ttl: Some(600),
            ..good(
                "a time to live",
                "<Cart server:defer server:ttl=600 />",
                &[("Cart", "{}", &[])],
                "<server-island@0></server-island>",
            )
        },
        Case {
            ttl: Some(3_600),
            ..good(
                "a time to live as configured",
                "<Avatar server:defer />",
                &[("Avatar", "{}", &[])],
                "<server-island@0></server-island>",
            )
            .with("ttl", 3_600)
        },
        bad("a value that an option does not have", "<Cart server:defer server:when=later />", ("option", 1, 1), ""),
        bad(
            "an unlinkable token without randomness",
            "<Cart server:defer server:seal=unlinkable />",
            ("entropy", 1, 1),
            "",
        ),
        bad("an attribute that does not exist", "<Cart server:defer server:keepp />", ("attribute-unknown", 1, 20), ""),
        bad("an option twice", "<Cart server:defer server:key=a server:key=b />", ("attribute-twice", 1, 33), ""),
        bad(
            "props on an element that is no island",
            "<p id=a server:props='{\"secret\":1}' class=b>x</p>",
            ("without-defer", 1, 9),
            "<p id=a class=b>x</p>",
        ),
    ]
}

fn texts() -> Vec<Case<'static>> {
    let same = |title, html| good(title, html, &[], html);
    vec![
        Case {
            diagnostics: &["directive-in-comment", "directive-in-noscript"],
            ..same(
                "directives in comments and noscript",
                "<!-- <Cart server:defer /> --><noscript><Cart server:defer /></noscript>",
            )
        },
        same(
            "directives in elements that hold text",
            "<script><Cart server:defer /></script><style><Cart server:defer /></style><textarea><Cart server:defer \
             /></textarea><title><Cart server:defer /></title><xmp><Cart server:defer /></xmp><iframe><Cart \
             server:defer /></iframe><noembed><Cart server:defer /></noembed><noframes><Cart server:defer \
             /></noframes><plaintext></plaintext><Cart server:defer />",
        ),
        same("a directive in an attribute's value", "<p title='<Cart server:defer />' alt=\"server:defer\">"),
        good(
            "a script that is escaped twice",
            "<script><!--<script></script><Cart server:defer /></script>--><Cart server:defer />",
            &[("Cart", "{}", &[])],
            "<script><!--<script></script><Cart server:defer /></script>--><server-island@0></server-island>",
        ),
        good(
            "CDATA in svg and outside",
            "<svg><![CDATA[<Cart server:defer />]]></svg><![CDATA[x><Cart server:defer />]]>",
            &[("Cart", "{}", &[])],
            "<svg><![CDATA[<Cart server:defer />]]></svg><![CDATA[x><server-island@0></server-island>]]>",
        ),
        good(
            "an angle bracket in text, and tags with odd quotes",
            "a < b <3 </ c> <p a='\"' b=\"'\" c=>' <Cart server:defer /> ' ></p>",
            &[("Cart", "{}", &[])],
            "a < b <3 </ c> <p a='\"' b=\"'\" c=>' <server-island@0></server-island> ' ></p>",
        ),
        good(
            "comments that end early",
            "<!--><Cart server:defer /><!---><Cart server:defer /><!-- --!><Cart server:defer />",
            &[("Cart", "{}", &[]), ("Cart", "{}", &[]), ("Cart", "{}", &[])],
            "<!--><server-island@0></server-island><!---><server-island@1></server-island><!-- --!>\
             <server-island@2></server-island>",
        ),
        good(
            "a directive in a title of svg",
            "<svg><title><Cart server:defer /></title></svg>",
            &[("Cart", "{}", &[])],
            "<svg><title><server-island@0></server-island></title></svg>",
        ),
    ]
}

const TAGS: &str = "<link rel=\"stylesheet\" href=\"/_server-islands/island.v1.css\"><script async \
                    src=\"/_server-islands/loader.v1.js\"></script>";

/// A file as it stands in a page.
fn content(asset: &Asset) -> &str {
    std::str::from_utf8(asset.bytes()).expect("text")
}

/// The tags where links follow.
fn urgent_tags() -> String {
    TAGS.replace("async ", "async fetchpriority=\"high\" ")
}

fn link(url: &str) -> String {
    format!("<link rel=\"preload\" as=\"fetch\" crossorigin href=\"{url}\">")
}

fn delivery() -> Vec<Case<'static>> {
    let leak = |text: String| -> &'static str { text.leak() };
    vec![
        good(
            "the loader's tags at the end of the head",
            "<html><head><title>t</title></head><body><Cart server:defer /><Cart server:defer /></body></html>",
            &[("Cart", "{}", &[]), ("Cart", "{}", &[])],
            leak(format!(
                "<html><head><title>t</title>{TAGS}</head><body><server-island@0></server-island><server-island@1>\
                 </server-island></body></html>"
            )),
        )
        .with("loader", true),
        good(
            "the loader's tags on a page without a head",
            "<p>a<Cart server:defer /></p>",
            &[("Cart", "{}", &[])],
            leak(format!("<p>a{TAGS}<server-island@0></server-island></p>")),
        )
        .with("loader", true),
        good(
            "the loader's tags outside a template",
            "<p>a</p><template><Cart server:defer /></template>",
            &[("Cart", "{}", &[])],
            leak(format!("<p>a</p>{TAGS}<template><server-island@0></server-island></template>")),
        )
        .with("loader", true),
        good(
            "a page that has a loader's tag",
            "<Cart server:defer /><script async src=\"/x/loader.v1.js\"></script>",
            &[("Cart", "{}", &[])],
            "<server-island@0></server-island><script async src=\"/x/loader.v1.js\"></script>",
        )
        .with("loader", true),
        good("no loader's tags without islands", "<head></head><p>a", &[], "<head></head><p>a").with("loader", true),
        good(
            "the loader's tag without the style sheet's",
            "<Cart server:defer />",
            &[("Cart", "{}", &[])],
            "<script async src=\"/_server-islands/loader.v1.js\"></script><server-island@0></server-island>",
        )
        .with("loader", true)
        .with("stylesheet", false),
        good(
            "the loader and the style sheet in the page, links before the loader",
            "<head></head><Cart server:defer />",
            &[("Cart", "{}", &[])],
            leak(format!(
                "<head><style>{}</style>{}<script data-eyot=\"loader.v1.js\" data-base=\"/a&amp;b/_server-islands\">{}\
                 </script></head><server-island island=\"Cart\" island-src=\"/a&amp;b/_server-islands/Cart/@t0\">\
                 </server-island>",
                content(&STYLE),
                link("/a&amp;b/_server-islands/Cart/@t0"),
                content(&LOADER)
            )),
        )
        .with("loader", true)
        .with("inline_loader", true)
        .with("preload", true)
        .with("mount", "/a&b"),
        good(
            "a page that holds the loader",
            "<head><script data-eyot=\"loader.v1.js\" data-base=\"/x\">1</script></head><Cart server:defer />",
            &[("Cart", "{}", &[])],
            "<head><script data-eyot=\"loader.v1.js\" data-base=\"/x\">1</script></head>\
             <server-island@0></server-island>",
        )
        .with("loader", true)
        .with("inline_loader", true),
        good(
            "links for islands that are loaded at once",
            "<head></head><Cart server:defer /><Cart server:defer server:when=idle /><li server:defer=Cart></li>",
            &[("Cart", "{}", &[]), ("Cart", "{}", &[]), ("Cart", "{}", &[])],
            leak(format!(
                "<head>{}{}{}</head><server-island@0></server-island><server-island island=\"Cart\" \
                 island-src=\"/_server-islands/Cart/@t1\" island-when=\"idle\"></server-island><li island=\"Cart\" \
                 island-src=\"/_server-islands/Cart/@t2\"></li>",
                urgent_tags(),
                link("/_server-islands/Cart/@t0"),
                link("/_server-islands/Cart/@t2")
            )),
        )
        .with("loader", true)
        .with("preload", true),
        good(
            "no links for islands in templates and slots, links for those in fallbacks",
            "<template><Cart server:defer /></template><Avatar server:defer><Title server:defer /><b slot=fallback>\
             <Cart server:defer /></b><b slot=error><Cart server:defer /></b></Avatar>",
            &[
                ("Cart", "{}", &[]),
                ("Title", "{}", &[]),
                ("Avatar", "{}", &[("default", "<server-island@1></server-island>")]),
                ("Cart", "{}", &[]),
                ("Cart", "{}", &[]),
            ],
            leak(format!(
                "{}{}{}<template><server-island@0></server-island></template><server-island@2><b>\
                 <server-island@3></server-island></b><template island-slot=\"error\"><b>\
                 <server-island@4></server-island></b></template></server-island>",
                urgent_tags(),
                link("/_server-islands/Avatar/@t2"),
                link("/_server-islands/Cart/@t3")
            )),
        )
        .with("loader", true)
        .with("preload", true),
        good(
            "no link for an island that is asked for by POST, and the URL escaped in the others",
            "<Cart server:defer server:props='{\"a\":\"a long value\"}' /><Cart server:defer />",
            &[("Cart", "{\"a\":\"a long value\"}", &[]), ("Cart", "{}", &[])],
            leak(format!(
                "{}{}<server-island island=\"Cart\" island-src=\"/a&amp;b/_server-islands/Cart\" \
                 island-token=\"@t0\"></server-island><server-island island=\"Cart\" \
                 island-src=\"/a&amp;b/_server-islands/Cart/@t1\"></server-island>",
                urgent_tags().replace("=\"/", "=\"/a&amp;b/"),
                link("/a&amp;b/_server-islands/Cart/@t1")
            )),
        )
        .with("loader", true)
        .with("preload", true)
        .with("url_limit", 106)
        .with("mount", "/a&b"),
        good(
            "links on a page that has a loader's tag",
            "<head><script async src=\"/x/loader.v1.js\"></script></head><Cart server:defer />",
            &[("Cart", "{}", &[])],
            leak(format!(
                "<head><script async src=\"/x/loader.v1.js\"></script>{}</head><server-island@0></server-island>",
                link("/_server-islands/Cart/@t0")
            )),
        )
        .with("loader", true)
        .with("preload", true),
        good(
            "a mount point",
            "<Cart server:defer />",
            &[("Cart", "{}", &[])],
            "<server-island island=\"Cart\" island-src=\"/a&amp;b/_server-islands/Cart/@t0\"></server-island>",
        )
        .with("mount", "/a&b"),
        good(
            "an origin of the islands' own",
            "<Cart server:defer />",
            &[("Cart", "{}", &[])],
            "<server-island island=\"Cart\" \
             island-src=\"https://islands.example/_server-islands/Cart/@t0\"></server-island>",
        )
        .with("mount", "/shop")
        .with("origin", "https://islands.example"),
        good(
            "a token that does not fit into a URL",
            "<Cart server:defer server:key=k /><li server:defer=Cart id=a></li>",
            &[("Cart", "{}", &[]), ("Cart", "{}", &[])],
            "<server-island island=\"Cart\" island-src=\"/_server-islands/Cart\" island-token=\"@t0\" \
             island-key=\"k\"></server-island><li island=\"Cart\" island-src=\"/_server-islands/Cart\" \
             island-token=\"@t1\" id=a></li>",
        )
        .with("url_limit", 101),
        // The path, a slash, and the 80 characters of the smallest payload.
        good(
            "a token that just fits into a URL",
            "<Cart server:defer />",
            &[("Cart", "{}", &[])],
            "<server-island@0></server-island>",
        )
        .with("url_limit", 102),
    ]
}

/// A placeholder as a helper writes it, and as it leaves.
const MARKED: &str =
    "<server-island server:placed island=\"Cart\" island-src=\"/_server-islands/Cart/AQa-_9\">f</server-island>";
const PLAIN: &str = "<server-island island=\"Cart\" island-src=\"/_server-islands/Cart/AQa-_9\">f</server-island>";

/// Pages with placeholders that helpers wrote.
fn placed() -> Vec<Case<'static>> {
    let leak = |text: String| -> &'static str { text.leak() };
    vec![
        good("a helper's placeholder without the loader", MARKED, &[], PLAIN),
        good(
            "a helper's placeholder brings the loader's tags",
            leak(format!("<html><head></head><p>a{MARKED}{MARKED}")),
            &[],
            leak(format!("<html><head>{TAGS}</head><p>a{PLAIN}{PLAIN}")),
        )
        .with("loader", true),
        good(
            "a helper's placeholder on a page without a head",
            leak(format!("<p>a</p><template>{MARKED}</template>{MARKED}")),
            &[],
            leak(format!("<p>a</p>{TAGS}<template>{PLAIN}</template>{PLAIN}")),
        )
        .with("loader", true),
        good(
            "a helper's placeholder on a page that has a loader's tag",
            leak(format!("<head></head>{MARKED}<script async src=\"/x/loader.v1.js\"></script>")),
            &[],
            leak(format!("<head></head>{PLAIN}<script async src=\"/x/loader.v1.js\"></script>")),
        )
        .with("loader", true),
        good(
            "a helper's attributes",
            "<table><tr class=row server:placed island=\"CartRow\" island-src=\"/_server-islands/CartRow/AQ\"><td>1",
            &[],
            leak(format!(
                "<table>{TAGS}<tr class=row island=\"CartRow\" island-src=\"/_server-islands/CartRow/AQ\"><td>1"
            )),
        )
        .with("loader", true),
        good(
            "a helper's placeholders in an island's fallback, error slot and slot",
            leak(format!(
                "<Avatar server:defer>{MARKED}<b slot=fallback>{MARKED}</b><b slot=error>{MARKED}</b></Avatar>"
            )),
            &[("Avatar", "{}", &[("default", PLAIN)])],
            leak(format!(
                "{TAGS}<server-island@0><b>{PLAIN}</b><template island-slot=\"error\"><b>{PLAIN}</b></template>\
                 </server-island>"
            )),
        )
        .with("loader", true),
        bad(
            "a helper's placeholder in the fallback of a faulty island",
            leak(format!("<p><Nobody server:defer>x<b slot=fallback>{MARKED}</b></Nobody>")),
            ("name-unknown", 1, 4),
            leak(format!("<p>{TAGS}<b>{PLAIN}</b>")),
        )
        .with("loader", true),
        bad(
            "a helper's placeholder in an island without an end",
            leak(format!("<div><Cart server:defer><i>{MARKED}</i></div>")),
            ("unclosed", 1, 6),
            leak(format!("<div><i>{TAGS}{PLAIN}</i></div>")),
        )
        .with("loader", true),
        bad(
            "an option on a helper's placeholder",
            "<p server:when=idle server:placed island=\"Cart\">a",
            ("without-defer", 1, 4),
            leak(format!("{TAGS}<p island=\"Cart\">a")),
        )
        .with("loader", true),
        bad(
            "a helper's attributes on an island",
            "<li server:defer=Cart server:placed island=\"Cart\">a</li>",
            ("attribute-reserved", 1, 23),
            "<li></li>",
        )
        .with("loader", true),
        good(
            "the mark in text, comments and end tags",
            "<p>server:placed</p><!-- <b server:placed> --><textarea><b server:placed></textarea><i>a</i server:placed>",
            &[],
            "<p>server:placed</p><!-- <b server:placed> --><textarea><b server:placed></textarea><i>a</i>",
        )
        .with("loader", true),
        good(
            "links for helpers' placeholders that are loaded at once",
            leak(format!(
                "<head></head>{MARKED}<template>{MARKED}</template><Cart server:defer />\
                 <li server:placed island=\"Cart\" island-src=\"/_server-islands/Cart/AQ\" island-when=\"idle\"></li>\
                 <li server:placed island=\"Cart\" island-src=\"/_server-islands/Cart\" island-token=\"AQ\"></li>"
            )),
            &[("Cart", "{}", &[])],
            leak(format!(
                "<head>{}{}{}</head>{PLAIN}<template>{PLAIN}</template><server-island@0></server-island>\
                 <li island=\"Cart\" island-src=\"/_server-islands/Cart/AQ\" island-when=\"idle\"></li>\
                 <li island=\"Cart\" island-src=\"/_server-islands/Cart\" island-token=\"AQ\"></li>",
                urgent_tags(),
                link("/_server-islands/Cart/AQa-_9"),
                link("/_server-islands/Cart/@t0"),
            )),
        )
        .with("loader", true)
        .with("preload", true),
        good(
            "no link for what is not an island's address",
            "<head></head><p server:placed><p server:placed island=Cart><p server:placed island=Cart \
             island-src=https://evil.example/_server-islands/Cart/AQ><p server:placed island=Cart \
             island-src=/_server-islands/Cart/../../logout><p server:placed island=Nobody \
             island-src=/_server-islands/Nobody/AQ><p server:placed island=Cart \
             island-src=/_server-islands/Avatar/AQ><p server:placed island=Cart island-src=/_server-islands/Cart/>",
            &[],
            leak(format!(
                "<head>{}</head><p><p island=Cart><p island=Cart \
                 island-src=https://evil.example/_server-islands/Cart/AQ><p island=Cart \
                 island-src=/_server-islands/Cart/../../logout><p island=Nobody \
                 island-src=/_server-islands/Nobody/AQ><p island=Cart \
                 island-src=/_server-islands/Avatar/AQ><p island=Cart island-src=/_server-islands/Cart/>",
                urgent_tags()
            )),
        )
        .with("loader", true)
        .with("preload", true),
    ]
}

fn errors() -> Vec<Case<'static>> {
    vec![
        bad(
            "a faulty island with a fallback, among good ones",
            "<Cart server:defer /><Basket server:defer secret=1><i slot=fallback>f</i><b slot=error>e</b>x</Basket>\
             <Cart server:defer />",
            ("name-unknown", 1, 22),
            "<server-island@0></server-island><i>f</i><server-island@1></server-island>",
        )
        .islands(&[("Cart", "{}", &[]), ("Cart", "{}", &[])]),
        bad(
            "a faulty island in a fallback",
            "<Avatar server:defer><div slot=fallback>a<Basket server:defer b=1>c</Basket>d</div></Avatar>",
            ("name-unknown", 1, 42),
            "<server-island@0><div>ad</div></server-island>",
        )
        .islands(&[("Avatar", "{}", &[])]),
        bad(
            "a good island in the fallback of a faulty one",
            "<Basket server:defer><i slot=fallback>a<Cart server:defer /></i></Basket>",
            ("name-unknown", 1, 1),
            "<i>a<server-island@0></server-island></i>",
        )
        .islands(&[("Cart", "{}", &[])]),
    ]
}

fn broken() -> Vec<Case<'static>> {
    vec![
        bad(
            "an island without its end tag",
            "<p>a<Avatar server:defer x=1>b<i slot=fallback>c</i></p>",
            ("unclosed", 1, 5),
            "<p>ab<i slot=fallback>c</i></p>",
        ),
        bad(
            "an end tag that HTML lets one leave out",
            "<ul><li server:defer=Cart>a<li>b</ul>",
            ("unclosed", 1, 5),
            "<ul><li>a<li>b</ul>",
        ),
        bad(
            "an unclosed island with a good one in it",
            "<Avatar server:defer>a<Cart server:defer />b",
            ("unclosed", 1, 1),
            "a<server-island@0></server-island>b",
        )
        .islands(&[("Cart", "{}", &[])]),
        bad(
            "a directive that would come to be where one is taken out",
            "<<Basket server:defer />Cart server:defer>",
            ("name-unknown", 1, 2),
            "<<!---->Cart server:defer>",
        ),
        bad(
            "attributes that would grow together where one is taken out",
            "<p server server:key='x':defer a=b server:keep/>",
            ("without-defer", 1, 11),
            "<p server :defer a=b />",
        ),
        bad("a page that ends in a directive", "a<Cart server:defer b='1", ("unfinished", 1, 2), "a"),
    ]
}

/// One island, as text is not.
const CART: &[Island<'static>] = &[("Cart", "{}", &[])];

/// Where the open svg, math and template elements decide what is text.
fn tree() -> Vec<Case<'static>> {
    vec![
        good(
            "an end tag that closes svg for certain",
            "<div><svg></div></svg><script>\"<Avatar server:defer></Avatar>\"</script><Cart server:defer />",
            CART,
            "<div><svg></div></svg><script>\"<Avatar server:defer></Avatar>\"</script><server-island@0></server-island>",
        ),
        good(
            "CDATA where the integration point itself is the current node",
            "<svg><title><![CDATA[a -> b <textarea> ]]></title></svg><Cart server:defer />",
            CART,
            "<svg><title><![CDATA[a -> b <textarea> ]]></title></svg><server-island@0></server-island>",
        ),
        good(
            "no CDATA where an HTML element in it is",
            "<svg><desc><b><![CDATA[ > <Cart server:defer /> ]]>",
            CART,
            "<svg><desc><b><![CDATA[ > <server-island@0></server-island> ]]>",
        ),
        good(
            "MathML's two elements in its text",
            "<math><mi><mglyph><style><Cart server:defer /></style>",
            CART,
            "<math><mi><mglyph><style><server-island@0></server-island></style>",
        ),
        good(
            "an svg element of MathML",
            "<math><svg><desc><style><Cart server:defer /></style>",
            CART,
            "<math><svg><desc><style><server-island@0></server-island></style>",
        ),
        good(
            "an integration point that has ended",
            "<svg><g><desc>x</g><title><Cart server:defer /></title>",
            CART,
            "<svg><g><desc>x</g><title><server-island@0></server-island></title>",
        ),
        good(
            "an HTML element that keeps an integration point open",
            "<svg><foreignObject><b></foreignObject><style><Avatar server:defer></style></b></foreignObject></svg>\
             <Cart server:defer />",
            CART,
            "<svg><foreignObject><b></foreignObject><style><Avatar server:defer></style></b></foreignObject></svg>\
             <server-island@0></server-island>",
        ),
        good(
            "a template of columns, which drops a style element",
            "<template><col><style></template><Cart server:defer /></style>",
            CART,
            "<template><col><style></template><server-island@0></server-island></style>",
        ),
        good(
            "an annotation whose encoding is written with a reference",
            "<math><annotation-xml encoding=\"text&#47;html\"><style><Avatar server:defer></style></annotation-xml>\
             </math><Cart server:defer />",
            CART,
            "<math><annotation-xml encoding=\"text&#47;html\"><style><Avatar server:defer></style></annotation-xml>\
             </math><server-island@0></server-island>",
        ),
        good(
            "a component called like svg",
            "<Svg server:defer=Cart><b slot=fallback>f</b></Svg><style><Avatar server:defer></style>",
            CART,
            "<server-island@0><b>f</b></server-island><style><Avatar server:defer></style>",
        ),
        good(
            "a component called like a template, in one",
            "<template><Template server:defer=Cart></Template></template>",
            CART,
            "<template><server-island@0></server-island></template>",
        ),
    ]
}

/// Where the rest of the page decides, which nobody has read: refused, and left out in production.
fn unclear() -> Vec<Case<'static>> {
    vec![
        bad(
            "an end tag that may close svg from outside, and a script",
            "<div><svg></div><script>\"<Avatar server:defer></Avatar>\"</script><Cart server:defer />",
            ("unclear", 1, 11),
            "<div><svg></div><server-island@0></server-island>",
        )
        .islands(CART),
        bad(
            "an end tag that may close svg from outside, and CDATA",
            "<a href=/>\n<svg><path d=M0></a> text <![CDATA[ y ><Avatar server:defer></Avatar> ]]>.",
            ("unclear", 2, 17),
            "<a href=/>\n<svg><path d=M0></a> text .",
        ),
        bad(
            "a page of frames, and a style element",
            "<frameset><style><Avatar server:defer></style><Cart server:defer />",
            ("frameset", 1, 1),
            "<frameset><server-island@0></server-island>",
        )
        .islands(CART),
        bad(
            "a component that does not close its svg",
            "<Cart server:defer><svg slot=fallback></Cart><style><Avatar server:defer></style>",
            ("unbalanced", 1, 1),
            "<style><Avatar server:defer></style>",
        ),
    ]
}

/// The case with its tokens.
fn vector(case: &Case<'_>) -> Value {
    let mut tokens = Vec::new();
    let mut islands = Vec::new();
    for (name, props, slots) in case.islands {
        let slots = slots_json(slots, case.islands, &tokens);
        let sections = [props.as_bytes(), slots.as_bytes(), case.page.as_bytes()];
        let expires = case.ttl.map(|ttl| expires(name, ttl));
        tokens.push(Recipe { expires, ..Recipe::new(MASTER, name, "", sections) }.token());
        islands.push(json!({ "name": name, "props": props, "slots": slots, "page": case.page, "expires": expires }));
    }
    let shell = expand(case.shell, case.islands, &tokens);
    let options = Value::Object(case.options.clone());
    let mut vector = json!({
        "title": case.title, "keys": text(MASTER), "now": NOW, "here": HERE, "elsewhere": ELSEWHERE,
        "options": options, "html": case.html, "shell": shell, "islands": islands, "diagnostics": case.diagnostics,
    });
    if let Some((code, line, column)) = case.error {
        vector["error"] = json!({ "code": code, "line": line, "column": column });
    }
    vector
}

/// Puts tokens for their signs.
fn expand(html: &str, islands: &[Island<'_>], tokens: &[String]) -> String {
    let mut out = html.to_owned();
    for (index, (token, (name, ..))) in tokens.iter().zip(islands).enumerate() {
        let source = format!(" island=\"{name}\" island-src=\"/_server-islands/{name}/{token}\"");
        out = out.replace(&format!("@t{index}"), token).replace(&format!("@{index}"), &source);
    }
    out
}

fn slots_json(slots: &[(&str, &str)], islands: &[Island<'_>], tokens: &[String]) -> String {
    if slots.is_empty() {
        return String::new();
    }
    let member = |(name, html): &(&str, &str)| format!("{}:{}", json!(name), json!(expand(html, islands, tokens)));
    format!("{{{}}}", slots.iter().map(member).collect::<Vec<_>>().join(","))
}

/// The first point of the name's grid that is not before `ttl` seconds from now.
fn expires(name: &str, ttl: u32) -> u32 {
    let hash = Sha256::digest(name.as_bytes());
    let start = u32::from_be_bytes(*hash.first_chunk().expect("four of 32 bytes")) % ttl;
    let earliest = u32::try_from(NOW).expect("before 2106") + ttl;
    (earliest..).find(|at| at % ttl == start).expect("one in every step")
}
