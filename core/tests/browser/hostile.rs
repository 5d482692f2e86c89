//! Pages made of all that is awkward in HTML, with directives among it: drawn from a seed, the same ones in every run.
//!
//! `EYOT_PAGES` says how many, `EYOT_SEED` which. A page that fails is shown with every bit gone that can go.

use std::env;

use super::check::{Page, Tally, check, sign};
use super::dom::Dom;

/// How many pages a plain run tries.
const PAGES: u64 = 100_000;

/// Bits of pages. A `@` is a directive.
const BITS: &[&str] = &[
    "<svg>",
    "<svg>",
    "</svg>",
    "</svg>",
    "<svg/>",
    "<SVG a='>'>",
    "<math>",
    "</math>",
    "<g>",
    "</g>",
    "<path d=M0>",
    "<path/>",
    "</path>",
    "<desc>",
    "</desc>",
    "<foreignObject>",
    "</foreignobject>",
    "<title>",
    "</title>",
    "<mi>",
    "</mi>",
    "<mtext>",
    "</mtext>",
    "<mglyph>",
    "<malignmark>",
    "<annotation-xml>",
    "<annotation-xml encoding='text&#47;html'>",
    "<annotation-xml encoding=\"application/xhtml+xml\" encoding=x>",
    "</annotation-xml>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<script><!--",
    "<script><!--<script>",
    "-->",
    "<textarea>",
    "</textarea>",
    "<xmp>",
    "</xmp>",
    "<iframe>",
    "</iframe>",
    "<noscript>",
    "</noscript>",
    "<noembed></noembed>",
    "<noframes>",
    "</noframes>",
    "<![CDATA[",
    "<![CDATA[ > ",
    "]]>",
    "]]",
    "<!--",
    "<!-->",
    "<!",
    "<?",
    "</ ",
    ">",
    "<template>",
    "<template>",
    "</template>",
    "</template>",
    "<col>",
    "<colgroup>",
    "</colgroup>",
    "<frameset>",
    "</frameset>",
    "<frame>",
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<tbody>",
    "<caption>",
    "</caption>",
    "<select>",
    "</select>",
    "<option>",
    "<optgroup>",
    "</option>",
    "<input>",
    "<p>",
    "</p>",
    "</p>",
    "<br>",
    "</br>",
    "<div>",
    "<div class='a>b'>",
    "</div>",
    "<span>",
    "</span>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<a href=x>",
    "</a>",
    "<nobr>",
    "</nobr>",
    "<font>",
    "<font color=red>",
    "</font>",
    "<ul>",
    "</ul>",
    "<li>",
    "</li>",
    "<dd>",
    "<dt>",
    "</dd>",
    "<h1>",
    "<h2>",
    "</h1>",
    "<button>",
    "</button>",
    "<form>",
    "</form>",
    "<object>",
    "</object>",
    "<ruby>",
    "<rb>",
    "<rt>",
    "<rtc>",
    "</ruby>",
    "<address>",
    "</address>",
    "<pre>",
    "<hr>",
    "<img src=x>",
    "<image>",
    "<head>",
    "</head>",
    "<body>",
    "</body>",
    "<html>",
    "</html>",
    "<main>",
    "</main>",
    "<sub>",
    "</sub>",
    "<custom-one>",
    "</custom-one>",
    "<plaintext>",
    "text",
    " ",
    "\n",
    "&lt;",
    "< ",
    "\"",
    "'",
];

/// Bits with islands that hold other bits.
const ISLANDS: &[&str] = &[
    "<Outer server:defer note=\"!\">",
    "</Outer>",
    "<b slot=fallback>",
    "<i slot=x>",
    "<span server:defer=Inner server:props='{\"note\":\"!\"}'>",
    "<svg slot=fallback>",
];

/// What is put around all bits of some pages: it is told apart by the directive at the end what is still open.
const AROUND: &[(&str, &str)] = &[
    ("<svg><foreignObject>", "</foreignObject><title>"),
    ("<svg><desc><p>", "</desc><style>"),
    ("<svg><title><b>", "</b></title><![CDATA[>"),
    ("<math><mtext>", "</mtext><style>"),
    ("<math><mi><i>", "</i><![CDATA[>"),
    ("<math><annotation-xml encoding=text/html>", "</annotation-xml><style>"),
    ("<template>", "</template><style>"),
    ("<template><col>", "<style>"),
    ("<table><tr><td><svg><foreignObject>", "</foreignObject><style>"),
];

/// The forms of a directive that has no content, and each as a browser is to read it.
const FORMS: [(&str, &str); 5] = [
    ("<Avatar server:defer note=\"!\"></Avatar>", ""),
    ("<Avatar note=\"!\" a='>' server:defer ></Avatar>", ""),
    ("<Avatar server:defer note=\"!\" />", "<Avatar server:defer note=\"!\" ></Avatar>"),
    ("<div server:defer=\"Avatar\" server:props='{\"note\":\"!\"}'></div>", ""),
    ("<span server:defer=\"Avatar\" server:props='{\"note\":\"!\"}'></span>", ""),
];

/// Sebastiano Vigna's splitmix64: a few lines, and good enough to draw bits.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("less than a usize")
    }
}

/// A bit of a page: as it is written, and as a browser is to read it.
type Bit = (&'static str, &'static str);

fn draw(random: &mut Random) -> Vec<Bit> {
    // A few kinds of bits in each page: what belongs together must meet. In half of the pages svg and math prevail, which
    // come first in the list.
    let end = if random.below(2) == 0 { BITS.len() } else { BITS.len() / 4 };
    let palette: Vec<&str> = (0..2 + random.below(14)).map(|_| BITS[random.below(end)]).collect();
    let has_islands = random.below(4) == 0;
    let most = if random.below(8) == 0 { 80 } else { 22 };
    let count = 2 + random.below(most);
    let mut bits: Vec<Bit> = (0..count)
        .map(|_| match random.below(10) {
            0 | 1 => FORMS[random.below(FORMS.len())],
            2 if has_islands => (ISLANDS[random.below(ISLANDS.len())], ""),
            3 => (BITS[random.below(BITS.len())], ""),
            _ => (palette[random.below(palette.len())], ""),
        })
        .collect();
    if random.below(3) == 0 {
        let (before, after) = AROUND[random.below(AROUND.len())];
        bits.insert(0, (before, ""));
        bits.push((after, ""));
    }
    bits.push(FORMS[random.below(FORMS.len())]);
    bits
}

/// A page of one bit for each byte, for a fuzzer.
#[allow(dead_code, reason = "the fuzz target's way in")]
pub(crate) fn from_bytes(data: &[u8]) -> Page {
    let bit = |byte: &u8| {
        let index = usize::from(*byte);
        let islands = BITS.len() + FORMS.len();
        match index {
            _ if index < BITS.len() => (BITS[index], ""),
            _ if index < islands => FORMS[index - BITS.len()],
            _ => (ISLANDS[(index - islands) % ISLANDS.len()], ""),
        }
    };
    assemble(&data.iter().map(bit).collect::<Vec<_>>())
}

fn assemble(bits: &[Bit]) -> Page {
    let mut page = Page { is_flat: true, ..Page::default() };
    for (written, read) in bits {
        let sign = sign(page.directives.len());
        let written = written.replace('!', if written.contains("\"!\"") { &sign } else { "!" });
        if written.contains(&sign) {
            page.directives.push(written.clone());
        }
        page.is_flat &= !ISLANDS.iter().any(|island| written == island.replace('!', &sign));
        page.html.push_str(&written);
        page.complete.push_str(&if read.is_empty() { written } else { read.replace('!', &sign) });
    }
    page
}

/// How many pages to try, of which seed.
pub(crate) fn pages_and_seed(pages: u64) -> (u64, u64) {
    let number = |name: &str, default| env::var(name).map_or(default, |text| text.parse().expect("a number"));
    (number("EYOT_PAGES", pages), number("EYOT_SEED", 1))
}

fn fails(bits: &[Bit]) -> Option<String> {
    check(&assemble(bits), &mut Tally::default()).err()
}

/// The page without all bits that it fails without, too.
fn shrink(mut bits: Vec<Bit>) -> Vec<Bit> {
    let mut size = bits.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at + size <= bits.len() {
            let mut fewer = bits.clone();
            fewer.drain(at..at + size);
            if fails(&fewer).is_some() {
                bits = fewer;
            } else {
                at += 1;
            }
        }
        size /= 2;
    }
    bits
}

#[test]
fn a_directive_in_a_hostile_page_is_what_a_browser_makes_of_it() {
    let (pages, seed) = pages_and_seed(PAGES);
    let mut tally = Tally::default();
    let (mut wrong, mut known) = (Vec::new(), 0);
    for index in 0..pages {
        let bits = draw(&mut Random(seed << 40 | index));
        if check(&assemble(&bits), &mut tally).is_err() {
            let bits = shrink(bits);
            if Dom::parse(&assemble(&bits).complete).has_html_point() {
                known += 1;
                continue;
            }
            wrong.push(format!("{}\n   {}", assemble(&bits).html, fails(&bits).unwrap_or_default()));
            if wrong.len() == 30 {
                break;
            }
        }
    }
    println!("{tally:#?}, {known} in which html5ever is no browser");
    assert!(known <= 1 + pages / 10_000, "{known} pages with HTML elements that are called like parts of svg and math");
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
