//! Hostile shapes of pages take time in proportion to their length: twice the page, twice the instructions.
//!
//! The tests start this program again under valgrind, with the name of a shape and its size. `EYOT_SIMD` says which vectors
//! are used. With the feature `suites`: it takes a minute.
#![cfg(feature = "suites")]

mod support;

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, thread};

use eyot::{Islands, Splitter};
use support::{builder, context, valgrind};

const D: &str = "<Avatar server:defer note=\"x\"></Avatar>";

/// How much more instructions twice the page may take.
const MOST: f64 = 2.1;

/// A shape's name, the page of a size, and whether it comes one byte a chunk.
struct Shape {
    name: &'static str,
    size: usize,
    page: fn(usize) -> String,
    is_chunked: bool,
}

const fn shape(name: &'static str, size: usize, page: fn(usize) -> String) -> Shape {
    Shape { name, size, page, is_chunked: false }
}

const SHAPES: &[Shape] = &[
    shape("deep nesting in an island", 4_000, |n| {
        format!("<Outer server:defer><p slot=fallback>{}{}</p></Outer>", "<div>".repeat(n), "</div>".repeat(n))
    }),
    shape("attributes of one tag", 100_000, |n| numbered("<p ", n, |n| format!("a{n}=\"{n}\" "), &format!(">{D}"))),
    shape("props of one island", 10_000, |n| numbered("<Cart server:defer ", n, |n| format!("a{n}=\"{n}\" "), "/>")),
    shape("islands that are not closed", 500, |n| "<Outer server:defer><Cart server:defer></Outer>".repeat(n)),
    shape("islands that are faulty", 2_000, |n| "<Nobody server:defer>x</Nobody>\n".repeat(n)),
    shape("comments with directives", 2_000, |n| "<!-- server:defer -->\n".repeat(n)),
    shape("open svg elements", 30_000, |n| "<svg>".repeat(n) + D),
    // A tag takes longer once the tree has given up, so that both sizes have to be well beyond that.
    shape("more open svg elements than the tree keeps", 300_000, |n| "<svg>".repeat(n) + D),
    shape("open templates", 50_000, |n| "<template>".repeat(n) + D),
    shape("different names in svg", 20_000, |n| numbered("<svg>", n, |n| format!("<e{n}>"), D)),
    shape("end tags of what is not open, in deep svg", 1_000, |n| {
        format!("<svg>{}{}{D}", "<g>".repeat(1_000), "</x>".repeat(n))
    }),
    shape("tags that make the page unclear and clear again", 10_000, |n| "<svg></x></svg>\n".repeat(n) + D),
    shape("unclear elements", 5_000, |n| "<p><svg></div><style>a</style></svg>".repeat(n) + D),
    shape("formatting elements that come back", 3_000, |n| format!("<svg><desc>{}{D}", "<p><b>x</p>".repeat(n))),
    shape("html in svg", 10_000, |n| format!("<svg><desc>{}{D}", "<div><li><a href=x>y</a>".repeat(n))),
    shape("values in single quotes", 10_000, |n| "<p a='b' c='d>'>text</p>\n".repeat(n) + D),
    shape("values without quotes", 10_000, |n| "<p a=b c=d>text</p>\n".repeat(n) + D),
    shape("tags without attributes", 10_000, |n| "<p>text<b>text</b></p>\n".repeat(n) + D),
    shape("white space around the equals sign", 5_000, |n| "<p a = \"b\">text</p>\n".repeat(n) + D),
    shape("values in both quotes by turns", 5_000, |n| "<p a=\"b\">t</p><p a='b'>t</p>\n".repeat(n) + D),
    shape("ordinary tags between names that are watched", 5_000, |n| {
        format!("{}<marquee>", "<p a=\"b\">some text</p>".repeat(6)).repeat(n / 5) + D
    }),
    shape("long tags that turn out odd at their end", 100, |n| {
        format!("<p {}'>text</p>", "a=\"b\" ".repeat(200)).repeat(n) + D
    }),
    shape("a value whose quotes never end", 100_000, |n| format!("{D}<p a=\"{}", "<p a='b'>".repeat(n))),
    shape("angle brackets alone", 50_000, |n| "<".repeat(n) + D),
    shape("islands in deep svg", 500, |n| format!("{}{}", "<svg>".repeat(900), D.repeat(n))),
    Shape { is_chunked: true, ..shape("text and tags, a byte a chunk", 3_000, |n| "<p a='b'>text</p>".repeat(n) + D) },
    Shape {
        is_chunked: true,
        ..shape("an unclear script, a byte a chunk", 5_000, |n| {
            format!("<svg></div><script>{}</script>{D}", "if (a < b) c()\n".repeat(n))
        })
    },
    Shape { is_chunked: true, ..shape("open svg elements, a byte a chunk", 20_000, |n| "<svg>".repeat(n) + D) },
];

fn numbered(before: &str, count: usize, one: impl Fn(usize) -> String, after: &str) -> String {
    let mut page = before.to_owned();
    (0..count).for_each(|n| page.push_str(&one(n)));
    page + after
}

fn roomy() -> Islands {
    builder().max_islands(1_000_000).max_island_bytes(1 << 30).build().expect("a good configuration")
}

/// What is counted: the split of one page. Started by the test below.
#[test]
#[ignore = "the test of instructions starts this one"]
fn split_one_shape() {
    let Ok(name) = env::var("EYOT_SHAPE") else { return };
    let size: usize = env::var("EYOT_SIZE").expect("a size").parse().expect("a number");
    let shape = SHAPES.iter().find(|shape| shape.name == name).expect("a shape");
    let (page, islands) = ((shape.page)(size), roomy());
    let mut length = 0;
    if shape.is_chunked {
        let mut splitter = Splitter::new(&islands).lenient();
        for chunk in page.as_bytes().chunks(1) {
            length += splitter.push(chunk, &context()).expect("within the limits").map(<[u8]>::len).sum::<usize>();
        }
        length += splitter.finish(&context()).expect("within the limits").map(<[u8]>::len).sum::<usize>();
    } else {
        length += islands.split_lenient(page.as_bytes(), &context()).expect("within the limits").len();
    }
    assert!(length < page.len() * 20 + 1_000);
}

/// The instructions that the split of a shape takes, and all around it; `None` where there is no valgrind.
fn instructions(shape: &Shape, size: usize) -> Option<f64> {
    valgrind::instructions("split_one_shape", &[("EYOT_SHAPE", shape.name), ("EYOT_SIZE", &size.to_string())])
}

#[test]
fn twice_the_page_takes_twice_the_instructions() {
    // What starting takes: an empty page is the same in every shape, or nearly so.
    let Some(none) = instructions(&SHAPES[0], 0) else {
        println!("skipped: valgrind cannot be started");
        return;
    };
    let wrong = Mutex::new(String::new());
    let next = AtomicUsize::new(0);
    let measure = || {
        while let Some(shape) = SHAPES.get(next.fetch_add(1, Ordering::Relaxed)) {
            let [once, twice] = [1, 2].map(|times| instructions(shape, shape.size * times).expect("it started before"));
            let ratio = (twice - none) / (once - none);
            println!("{ratio:.3} {:>8.1} a unit: {}", (once - none) / shape.size as f64, shape.name);
            if ratio >= MOST {
                writeln!(wrong.lock().expect("no panic"), "{ratio:.3}: {}", shape.name).expect("a string takes all");
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(measure);
        measure();
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{wrong}");
}
