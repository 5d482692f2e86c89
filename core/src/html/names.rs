//! What HTML says of element names: which exist, which are void, which hold text instead of markup.

/// How the tokenizer reads what follows a start tag (WHATWG HTML, 13.2.6.4 "in body", "in head").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenizerState {
    /// Markup.
    Data,
    /// Text up to the end tag of the same name: RCDATA and RAWTEXT differ in character references alone.
    Text,
    /// Script data, with its escape states.
    Script,
    /// Text to the end of the page.
    Plaintext,
}

/// How an HTML element's content is read. `noscript` counts as text, as in every browser with scripting on.
///
/// The second part is the name in lower case, which ends the text.
pub(crate) fn tokenizer_state(name: &[u8]) -> (TokenizerState, &'static [u8]) {
    const KINDS: [(TokenizerState, &[u8]); 10] = [
        (TokenizerState::Script, b"script"),
        (TokenizerState::Text, b"style"),
        (TokenizerState::Text, b"title"),
        (TokenizerState::Text, b"textarea"),
        (TokenizerState::Text, b"noscript"),
        (TokenizerState::Text, b"iframe"),
        (TokenizerState::Text, b"xmp"),
        (TokenizerState::Text, b"noembed"),
        (TokenizerState::Text, b"noframes"),
        (TokenizerState::Plaintext, b"plaintext"),
    ];
    KINDS.into_iter().find(|(_, known)| name.eq_ignore_ascii_case(known)).unwrap_or((TokenizerState::Data, b""))
}

/// Whether an element has neither content nor an end tag.
pub(crate) fn is_void(name: &[u8]) -> bool {
    const VOID: [&[u8]; 17] = [
        b"area",
        b"base",
        b"basefont",
        b"bgsound",
        b"br",
        b"col",
        b"embed",
        b"frame",
        b"hr",
        b"img",
        b"input",
        b"link",
        b"meta",
        b"param",
        b"source",
        b"track",
        b"wbr",
    ];
    VOID.iter().any(|void| name.eq_ignore_ascii_case(void))
}

/// The names of HTML elements, obsolete ones included (WHATWG HTML, index of elements and 16.2), by first letter.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "applet",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "basefont",
    "bdi",
    "bdo",
    "bgsound",
    "big",
    "blink",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "del",
    "details",
    "dfn",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fencedframe",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "i",
    "iframe",
    "image",
    "img",
    "input",
    "ins",
    "isindex",
    "kbd",
    "keygen",
    "label",
    "legend",
    "li",
    "link",
    "listing",
    "main",
    "map",
    "mark",
    "marquee",
    "math",
    "menu",
    "menuitem",
    "meta",
    "meter",
    "multicol",
    "nav",
    "nextid",
    "nobr",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "output",
    "p",
    "param",
    "picture",
    "plaintext",
    "pre",
    "progress",
    "q",
    "rb",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "s",
    "samp",
    "script",
    "search",
    "section",
    "select",
    "selectedcontent",
    "slot",
    "small",
    "source",
    "spacer",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "xmp",
];

/// For each letter, how many names begin with those before it: where its own begin in the table.
const STARTS: [u8; 27] = {
    let mut starts = [0; 27];
    let mut letter = 0;
    let mut count = 0;
    while letter < 26 {
        starts[letter] = count as u8;
        while count < ELEMENTS.len() && ELEMENTS[count].as_bytes()[0] == b'a' + letter as u8 {
            count += 1;
        }
        letter += 1;
    }
    // A name out of order would be in no letter's part: the build stops instead.
    assert!(count == ELEMENTS.len());
    starts[26] = count as u8;
    starts
};

/// Whether `name` is, in lower case as it stands, the name of an HTML element.
pub(crate) fn is_html(name: &[u8]) -> bool {
    let Some(letter @ b'a'..=b'z') = name.first() else { return false };
    let letter = usize::from(letter - b'a');
    let part = &ELEMENTS[usize::from(STARTS[letter])..usize::from(STARTS[letter + 1])];
    part.iter().any(|element| element.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::{ELEMENTS, is_html, is_void, tokenizer_state};

    #[test]
    fn every_name_of_the_table_is_found_and_none_but_those() {
        assert!(ELEMENTS.iter().all(|name| is_html(name.as_bytes())));
        for letter in 0..=u8::MAX {
            for name in [&[letter][..], &[letter, b'~'], &[letter, b'r', b'~']] {
                assert!(!is_html(name) || [b"a", b"b", b"i", b"p", b"q", b"s", b"u"].contains(&&[letter]), "{name:?}");
            }
        }
        assert!(!is_html(b""));
    }

    #[test]
    fn only_exact_lower_case_is_an_html_element() {
        assert!(is_html(b"tr") && !is_html(b"Tr") && !is_html(b"Avatar") && !is_html(b"cart-row"));
    }

    #[test]
    fn void_and_text_elements_are_known_in_any_case() {
        assert!(is_void(b"IMG") && !is_void(b"div"));
        assert_eq!(tokenizer_state(b"NoScript"), (super::TokenizerState::Text, &b"noscript"[..]));
        assert_eq!(tokenizer_state(b"Script").0, super::TokenizerState::Script);
        assert_eq!(tokenizer_state(b"div").0, super::TokenizerState::Data);
    }
}
