//! Pages that arrive in chunks: the same output however they are cut, in bounded memory.

mod support;

use eyot::{Error, Islands, Splitter};
use proptest::prelude::*;
use support::{builder, context, islands, without_tokens};

/// Splits `page` cut at `cuts`, and tells what was wrong.
fn pieces(islands: &Islands, page: &[u8], cuts: &[usize], lenient: bool) -> Result<(Vec<u8>, Vec<Error>), Error> {
    let mut splitter = Splitter::new(islands);
    if lenient {
        splitter = splitter.lenient();
    }
    let mut out = Vec::new();
    let mut start = 0;
    for &cut in cuts.iter().chain([&page.len()]) {
        let end = cut.clamp(start, page.len());
        splitter.push(&page[start..end], &context())?.for_each(|segment| out.extend_from_slice(segment));
        start = end;
    }
    splitter.finish(&context())?.for_each(|segment| out.extend_from_slice(segment));
    Ok((out, splitter.problems().to_vec()))
}

/// Bits of pages in which tags, comments, text and islands meet in every way.
fn page() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        Just("<Avatar server:defer size=\"4>0\">"),
        Just("</Avatar>"),
        Just("<Cart server:defer />"),
        Just("<div server:defer=\"Price\" class='a b' x = y>"),
        Just("</div>"),
        Just("<div class=\"a\" href='b>c'>"),
        Just("<p slot=\"fallback\">"),
        Just("<i slot=x>"),
        Just("</i></p>"),
        Just("<img slot=error src=/a/>"),
        Just("<!-- <Avatar server:defer> --!>"),
        Just("<!-->"),
        Just("<!--"),
        Just("-->"),
        Just("<script><!-- <script> server:defer </script> --></script>"),
        Just("<style> </styl </style x>"),
        Just("<title>"),
        Just("</title >"),
        Just("<svg><![CDATA[ <Cart server:defer> ]]>"),
        Just("</svg><![CDATA[>"),
        Just("<template>"),
        Just("</template>"),
        Just("<Nobody server:defer server:props='{\"a\":1}'>"),
        Just("<b server:props='1' server:when=idle c>"),
        Just("<Avatar server:defer server:props='{'/>"),
        Just("server:defer"),
        Just("<Avatar server:deffer server:props='{\"x\":1}' size=40>"),
        Just("<li server:defer=Nobody slot=fallback>"),
        Just("<li server:defer=Cart server:x>"),
        Just("<body server:defer=Cart server:key=1 server:key=2>"),
        Just("</li>"),
        Just("<server-island server:placed island=\"Cart\">"),
        Just("<p class=a server:placed slot=fallback server:placed>"),
        Just("</li server:placed>"),
        Just("<head>"),
        Just("<a b=c\"d e='f\"g' =h \"i\">"),
        Just("</head>"),
        Just("\u{e9}\r\n\t"),
        Just("text < text <3 & "),
        Just("<"),
        Just("/>"),
        Just("\""),
        Just("'"),
        Just(">"),
        Just("                                                                "),
    ];
    proptest::collection::vec(bit, 0..24).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_chunking_gives_the_same_output(page in page(), cuts in proptest::collection::vec(0usize..400, 0..12)) {
        let islands = builder().loader(true).build().expect("good");
        let mut cuts = cuts;
        cuts.sort_unstable();
        let every: Vec<_> = (0..page.len()).collect();
        for lenient in [false, true] {
            let whole = pieces(&islands, page.as_bytes(), &[], lenient);
            prop_assert_eq!(&pieces(&islands, page.as_bytes(), &cuts, lenient), &whole);
            prop_assert_eq!(&pieces(&islands, page.as_bytes(), &every, lenient), &whole);
        }
    }

    #[test]
    fn a_page_in_chunks_is_the_whole_page_but_for_the_loaders_tags(page in page()) {
        let islands = islands();
        let whole = islands.split_lenient(page.as_bytes(), &context()).map(|shell| (shell.problems().to_vec(), shell.into_bytes().into_owned()));
        let chunks = pieces(&islands, page.as_bytes(), &[7, 31], true).map(|(out, problems)| (problems, out));
        prop_assert_eq!(chunks, whole);
    }

    #[test]
    fn a_page_without_the_loaders_tags_is_the_page_of_a_site_that_has_none(page in page()) {
        let context = context();
        let mut tags = Vec::new();
        let with_loader = builder().loader(true).build().expect("good");
        with_loader.loader_tags(&context, &mut tags);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text stays text");
        let tags = text(tags);
        let whole = |islands: &Islands| {
            islands.split_lenient(page.as_bytes(), &context).map(|shell| text(shell.into_bytes().into_owned()))
        };
        let stream = |islands: &Islands| pieces(islands, page.as_bytes(), &[5, 40], true).map(|(out, _)| text(out));
        for split in [&whole as &dyn Fn(&Islands) -> Result<String, Error>, &stream] {
            let (with, without) = (split(&with_loader), split(&islands()));
            if let Ok(with) = &with {
                prop_assert!(with.matches(&tags).count() <= 1);
            }
            prop_assert_eq!(with.map(|shell| shell.replace(&tags, "")), without);
        }
    }

    #[test]
    fn no_directive_leaves_the_host_in_a_tag(page in page()) {
        let islands = islands();
        let shell = islands.split_lenient(page.as_bytes(), &context()).map(|shell| shell.into_bytes().into_owned());
        // What is left is text, or stands in comments and scripts: splitting again finds nothing to do and nothing wrong.
        if let Ok(shell) = shell {
            let again = islands.split_lenient(&shell, &context());
            let (problems, bytes) = again.map(|again| (again.problems().to_vec(), again.into_bytes().into_owned())).expect("within the limits");
            prop_assert_eq!(problems, []);
            prop_assert_eq!(bytes, shell);
        }
    }
}

#[test]
fn what_is_certain_goes_out_at_once() {
    let islands = islands();
    let mut splitter = Splitter::new(&islands);
    let mut push = |chunk: &str| {
        let segments = splitter.push(chunk.as_bytes(), &context()).expect("good");
        without_tokens(&String::from_utf8_lossy(&segments.collect::<Vec<_>>().concat()))
    };
    assert_eq!(push("<p>a</p> text <b cla"), "<p>a</p> text ");
    assert_eq!(push("ss=x>bold<Avatar server"), "<b class=x>bold");
    assert_eq!(push(":defer><i slot=fallback>f"), "");
    assert_eq!(
        push("</i></Avatar>!<!-- a comment that goes on"),
        "<server-island island=\"Avatar\" island-src=\"…\"><i>f</i></server-island>!<!-- a comment t"
    );
    assert_eq!(push(" --> b"), "hat goes on --> b");
}

#[test]
fn a_chunk_without_islands_is_handed_back_without_a_copy() {
    let islands = islands();
    let mut splitter = Splitter::new(&islands);
    let chunk = b"<p>as it is</p>";
    let segments: Vec<_> = splitter.push(chunk, &context()).expect("good").collect();
    assert!(std::ptr::eq(segments[0], &chunk[..]) && segments.len() == 1);
}

#[test]
fn a_splitter_that_has_finished_or_failed_says_so() {
    let islands = islands();
    let mut splitter = Splitter::new(&islands);
    assert_eq!(splitter.finish(&context()).map(Iterator::count), Ok(0));
    assert_eq!(splitter.push(b"x", &context()).map(Iterator::count), Err(Error::Finished));
    let mut splitter = Splitter::new(&islands);
    assert!(splitter.push(b"<Nobody server:defer />", &context()).is_err());
    assert_eq!(splitter.finish(&context()).map(Iterator::count), Err(Error::Finished));
}

#[test]
fn memory_is_bounded_by_the_longest_island_however_long_the_page() {
    let islands = builder().max_island_bytes(1_000).build().expect("good");
    let mut splitter = Splitter::new(&islands);
    splitter.push(b"<Avatar server:defer>", &context()).map(Iterator::count).expect("good");
    let error = (0..200).find_map(|_| splitter.push(b"0123456789", &context()).map(|_| ()).err());
    assert_eq!(error.map(|error| error.code()), Some("island-too-long"));
}

#[test]
fn a_tag_with_a_long_attribute_is_not_held_and_comes_out_as_it_went_in() {
    let islands = islands();
    let image = "x".repeat(3 << 20);
    let page = format!("a<img src='{image}' alt=/><Cart server:defer />");
    let mut splitter = Splitter::new(&islands);
    let mut out = Vec::new();
    for chunk in page.as_bytes().chunks(10_000) {
        splitter.push(chunk, &context()).expect("good").for_each(|segment| out.extend_from_slice(segment));
        let state = format!("{splitter:?}");
        let (_, held) = state.split_once("held: ").expect("what it holds");
        let held: usize = held.split(' ').next().and_then(|held| held.parse().ok()).expect("a number");
        assert!(held < 80_000, "{held} bytes");
    }
    splitter.finish(&context()).expect("good").for_each(|segment| out.extend_from_slice(segment));
    let out = without_tokens(&String::from_utf8(out).expect("text"));
    assert_eq!(
        out,
        format!("a<img src='{image}' alt=/><server-island island=\"Cart\" island-src=\"…\"></server-island>")
    );
}

#[test]
fn a_directive_that_comes_late_in_a_long_tag_is_refused_however_the_page_is_cut() {
    let islands = islands();
    let code =
        |page: &str, cuts: &[usize]| pieces(&islands, page.as_bytes(), cuts, true).map(|_| ()).map_err(|e| e.code());
    let text = "x".repeat(70_000);
    let late = format!("<p title='{text}' server:defer=Cart>f</p>");
    let early = format!("<p server:defer=Cart title='{text}'>f</p>");
    let component = format!("<Cart title='{text}' server:defer>f</Cart>");
    let every: Vec<_> = (0..200_000).step_by(1_000).collect();
    let near: Vec<_> = (70_005..70_040).collect();
    for cuts in [&[][..], &every, &near, &[69_000]] {
        assert_eq!(code(&late, cuts), Err("tag-too-long"));
        assert_eq!(code(&early, cuts), Ok(()));
        assert_eq!(code(&component, cuts), Ok(()));
    }
    assert!(islands.split(late.as_bytes(), &context()).is_ok(), "a whole page does not wait");
}

#[test]
fn the_loaders_tags_stand_before_the_first_placeholder_and_outside_templates() {
    let islands = builder().loader(true).build().expect("good");
    let stream = |page: &str| {
        let (out, _) = pieces(&islands, page.as_bytes(), &[3, 20, 21], false).expect("good");
        without_tokens(&String::from_utf8_lossy(&out))
            .replace("<link rel=\"stylesheet\" href=\"…\"><script async src=\"…\"></script>", "[loader]")
            .replace("<server-island island=\"Cart\" island-src=\"…\"></server-island>", "[island]")
    };
    assert_eq!(
        stream("<head></head><p><Cart server:defer /><Cart server:defer />"),
        "<head></head><p>[loader][island][island]"
    );
    assert_eq!(stream("<template><Cart server:defer /></template><p>"), "<template>[island]</template>[loader]<p>");
    assert_eq!(stream("<template><Cart server:defer />"), "<template>[island][loader]");
    assert_eq!(
        stream("<script src=/x/loader.v1.js></script><Cart server:defer />"),
        "<script src=/x/loader.v1.js></script>[island]"
    );
    assert_eq!(stream("<p>no island, no loader"), "<p>no island, no loader");
}
