//! Proves that whole blocks of a page are ordinary: text, and tags that are written as nearly all tags are. It has
//! no branch for each tag, hence the speed. Where a proof fails, [`skim`](super::skim) looks at the tag, and what that does not
//! know is the scanner's, which stays the authority.
//!
//! A block is sixty-four bytes, and nine sets of them, as bits: where is a `<`, a quote, … Some sums over these tell for all
//! tags of a block at once where each begins and ends, and whether every quote in one is where it should be. What crosses
//! into the next block is seven bits.

use fearless_simd::Level;

use crate::simd;

/// As many bytes as a proof reads of and behind each block: the names of tags are looked at three bytes at a time.
const BLOCK: usize = 64;
const READ: usize = BLOCK + 2;

/// A block's bytes by kind, the first byte in the lowest bit.
#[derive(Clone, Copy, Default)]
struct Kinds {
    /// `<`
    open: u64,
    /// `>`
    close: u64,
    /// `"`
    quote: u64,
    /// `'`
    apostrophe: u64,
    /// `=`
    equals: u64,
    /// `/`
    slash: u64,
    /// A space or a line feed. Other white space counts as none, which only fails proofs.
    space: u64,
    /// `a` to `z`, in either case.
    letter: u64,
    /// Where a name would begin that changes how a page is read on.
    watched: u64,
}

/// What a block has to know of those before it.
#[derive(Clone, Copy, Default)]
struct Carry {
    /// Whether a tag is open, a value in it, and the run from a `<` to the first space.
    tag: u64,
    value: u64,
    name: u64,
    /// Whether the last byte was a `<`, a `/` after one, a letter, or a `=` before a value.
    open: u64,
    slash: u64,
    letter: u64,
    equals: u64,
}

/// Adds `starts` to `runs`, so that a carry goes from each start to the end of its run of ones, and from one block to the next.
/// In the sum, the ones that a carry has gone through are none, but for a start that it has met.
#[inline(always)]
fn filled(starts: u64, runs: u64, carry: u64) -> (u64, u64) {
    let (sum, first) = starts.overflowing_add(runs);
    let (sum, second) = sum.overflowing_add(carry);
    (sum, u64::from(first | second))
}

/// Each bit with those below it added up without carries: ones from each quote to the one that ends it.
#[inline(always)]
fn between(quotes: u64) -> u64 {
    let mut ones = quotes;
    let mut by = 1;
    while by < 64 {
        ones ^= ones << by;
        by *= 2;
    }
    ones
}

impl Carry {
    /// The bytes that a proof fails at, if any, and where tags begin. `between` is [`between`], or faster.
    #[inline(always)]
    fn prove(&mut self, kinds: &Kinds, between: impl Fn(u64) -> u64) -> (u64, u64) {
        let Kinds { open, close, quote, apostrophe, equals, slash, space, letter, watched } = *kinds;
        let (sum, tag) = filled(open, !close, self.tag);
        let in_tag = (sum ^ !close) | open;
        // A `<` in a tag begins none.
        let mut bad = open & sum;
        let starts = open & !sum;
        let quote = quote & in_tag;
        let in_value = between(quote) ^ self.value;
        bad |= (close & in_value) | (apostrophe & in_tag & !in_value);
        // Each `=` has a letter before it and a value after it, and each value has a `=` before it.
        let equals = equals & in_tag & !in_value;
        bad |= equals & !(letter << 1 | self.letter);
        bad |= (equals << 1 | self.equals) ^ (quote & in_value);
        // `<a="x b=">` is a tag whose name holds a quote.
        let (sum, name) = filled(open, !space, self.name);
        bad |= equals & ((sum ^ !space) | open);
        let first = open << 1 | self.open;
        let after_slash = (first & slash) << 1 | self.slash;
        bad |= ((first & !slash) | after_slash) & (!letter | watched);
        *self = Self {
            tag,
            value: 0_u64.wrapping_sub(in_value >> 63),
            name,
            open: open >> 63,
            slash: (first & slash) >> 63,
            letter: letter >> 63,
            equals: equals >> 63,
        };
        (bad, starts)
    }
}

/// The names that [`skim`](super::skim) leaves to the scanner, by their first three letters, in at most eight sets: those of a
/// set are told apart by no more than their letters' low halves, so some ordinary tags (`mark`, `details`) fail too.
const SETS: [&[&[u8; 3]]; 8] = [
    &[b"scr"],
    &[b"sty"],
    &[b"svg"],
    &[b"tit", b"tex", b"tem"],
    &[b"ifr", b"mat"],
    &[b"noe", b"nof", b"nos"],
    &[b"pla", b"xmp"],
    &[b"hea", b"fra"],
];

/// For each of the three letters: by the low half of a byte, the sets that it may be of. Four times over, as wide vectors
/// look it up.
static TABLES: [[u8; BLOCK]; 3] = {
    let mut tables = [[0; BLOCK]; 3];
    let mut set = 0;
    while set < SETS.len() {
        let mut name = 0;
        while name < SETS[set].len() {
            let mut at = 0;
            while at < 3 {
                let mut half = (SETS[set][name][at] & 15) as usize;
                while half < BLOCK {
                    tables[at][half] |= 1 << set;
                    half += 16;
                }
                at += 1;
            }
            name += 1;
        }
        set += 1;
    }
    tables
};

/// How a machine proves blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prover(Option<Level>);

impl Prover {
    /// The fastest of this machine; none on one without wide vectors, where looking at each tag is as fast.
    pub(super) fn of_machine() -> Self {
        Self(simd::level())
    }

    /// Whether nothing is ever proved.
    pub(super) fn is_none(self) -> bool {
        self.0.is_none()
    }

    /// None at all, and each that this machine has.
    #[cfg(test)]
    pub(super) fn all() -> Vec<(&'static str, Self)> {
        simd::levels().into_iter().map(|(name, level)| (name, Self(level))).collect()
    }

    /// A place at or after `from`, up to which everything is ordinary: in text or at a `<`. Nothing at or after `limit` is
    /// read. `from` is in text.
    #[inline(always)]
    pub(super) fn prove(self, buffer: &[u8], from: usize, limit: usize) -> usize {
        let end = limit.min(buffer.len());
        match self.0 {
            Some(level) if from < end => kernels::prove(level, &buffer[..end], from),
            _ => from,
        }
    }
}

/// The proof of block after block to the buffer's end; `open` and `kinds` are what a vector unit makes of a block.
macro_rules! blocks {
    ($buffer:expr, $from:expr, $open:expr, $kinds:expr, $between:expr) => {{
        let (buffer, from): (&[u8], usize) = ($buffer, $from);
        let mut carry = Carry::default();
        let mut base = from;
        while let Some(block) = buffer[base..].first_chunk() {
            // Text alone.
            if $open(block) | carry.tag == 0 {
                carry = Carry::default();
                base += BLOCK;
                continue;
            }
            let (bad, starts) = carry.prove(&$kinds(block), $between);
            if bad != 0 {
                return last_open(buffer, from, base, starts & up_to_first(bad));
            }
            base += BLOCK;
        }
        // What is too short for a block, with spaces behind it: a tag that goes on after the end is open in them.
        let rest = &buffer[base..];
        let mut padded = [b' '; 2 * BLOCK + 2];
        padded[..rest.len()].copy_from_slice(rest);
        for at in (0..rest.len()).step_by(BLOCK) {
            let Some(block) = padded[at..].first_chunk() else { break };
            let (bad, starts) = carry.prove(&$kinds(block), $between);
            if bad != 0 {
                return last_open(buffer, from, base + at, starts & up_to_first(bad));
            }
        }
        if carry.tag == 0 { buffer.len() } else { last_open(buffer, from, buffer.len(), 0) }
    }};
}

/// The lowest one and all bits below it.
#[inline(always)]
fn up_to_first(ones: u64) -> u64 {
    ones ^ ones.wrapping_sub(1)
}

/// Where the last tag begins, of those that begin in the block at `base` (`starts`) or the one that is open there: another
/// `<` in that would have failed the proof.
#[inline(always)]
fn last_open(buffer: &[u8], from: usize, base: usize, starts: u64) -> usize {
    match starts.checked_ilog2() {
        Some(bit) => base + bit as usize,
        None => memchr::memrchr(b'<', &buffer[from..base]).map_or(from, |at| from + at),
    }
}

mod kernels {
    use std::arch::x86_64::*;

    use fearless_simd::{Level, kernel, prelude::*, u8x32, u8x64};

    use super::{BLOCK, Carry, Kinds, READ, TABLES, between, last_open, up_to_first};

    pub(super) fn prove(level: Level, buffer: &[u8], from: usize) -> usize {
        if let Some(avx512) = level.as_avx512() {
            wide(avx512, buffer, from)
        } else if let Some(avx2) = level.as_avx2() {
            narrow(avx2, buffer, from)
        } else {
            from
        }
    }

    kernel!(
        fn wide(avx512: Avx512, buffer: &[u8], from: usize) -> usize {
            let at =
                |block: &[u8; READ], by: usize| -> __m512i { u8x64::from_slice(avx512, &block[by..by + BLOCK]).into() };
            let table = |letter: usize| -> __m512i { u8x64::from_slice(avx512, &TABLES[letter]).into() };
            let tables = [table(0), table(1), table(2)];
            let open = |block: &[u8; READ]| _mm512_cmpeq_epi8_mask(at(block, 0), _mm512_set1_epi8(b'<' as i8));
            let kinds = |block: &[u8; READ]| {
                let bytes = at(block, 0);
                let is = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte as i8));
                let lower =
                    _mm512_sub_epi8(_mm512_or_si512(bytes, _mm512_set1_epi8(0x20)), _mm512_set1_epi8(b'a' as i8));
                let sets = _mm512_and_si512(
                    _mm512_and_si512(
                        _mm512_shuffle_epi8(tables[0], bytes),
                        _mm512_shuffle_epi8(tables[1], at(block, 1)),
                    ),
                    _mm512_shuffle_epi8(tables[2], at(block, 2)),
                );
                Kinds {
                    open: is(b'<'),
                    close: is(b'>'),
                    quote: is(b'"'),
                    apostrophe: is(b'\''),
                    equals: is(b'='),
                    slash: is(b'/'),
                    space: is(b' ') | is(b'\n'),
                    letter: _mm512_cmplt_epu8_mask(lower, _mm512_set1_epi8(26)),
                    watched: _mm512_test_epi8_mask(sets, sets),
                }
            };
            let between = |quotes: u64| {
                let all = _mm_clmulepi64_si128(_mm_set_epi64x(0, quotes as i64), _mm_set1_epi8(-1), 0);
                _mm_cvtsi128_si64(all) as u64
            };
            blocks!(buffer, from, open, kinds, between)
        }
    );

    kernel!(
        fn narrow(avx2: Avx2, buffer: &[u8], from: usize) -> usize {
            let at = |block: &[u8; READ], by: usize| -> __m256i { u8x32::from_slice(avx2, &block[by..by + 32]).into() };
            let table = |letter: usize| -> __m256i { u8x32::from_slice(avx2, &TABLES[letter][..32]).into() };
            let tables = [table(0), table(1), table(2)];
            let bits = |lanes: __m256i| u64::from(_mm256_movemask_epi8(lanes) as u32);
            let half = |block: &[u8; READ], by: usize| {
                let bytes = at(block, by);
                let is = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte as i8));
                let lower =
                    _mm256_sub_epi8(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), _mm256_set1_epi8(b'a' as i8));
                let sets = _mm256_and_si256(
                    _mm256_and_si256(
                        _mm256_shuffle_epi8(tables[0], bytes),
                        _mm256_shuffle_epi8(tables[1], at(block, by + 1)),
                    ),
                    _mm256_shuffle_epi8(tables[2], at(block, by + 2)),
                );
                [
                    bits(is(b'<')),
                    bits(is(b'>')),
                    bits(is(b'"')),
                    bits(is(b'\'')),
                    bits(is(b'=')),
                    bits(is(b'/')),
                    bits(_mm256_or_si256(is(b' '), is(b'\n'))),
                    bits(_mm256_cmpeq_epi8(_mm256_min_epu8(lower, _mm256_set1_epi8(25)), lower)),
                    bits(_mm256_cmpeq_epi8(sets, _mm256_setzero_si256())) ^ u64::from(u32::MAX),
                ]
            };
            let open = |block: &[u8; READ]| {
                let is = |by| bits(_mm256_cmpeq_epi8(at(block, by), _mm256_set1_epi8(b'<' as i8)));
                is(0) | is(32) << 32
            };
            let kinds = |block: &[u8; READ]| {
                let (low, high) = (half(block, 0), half(block, 32));
                let both = |kind: usize| low[kind] | high[kind] << 32;
                Kinds {
                    open: both(0),
                    close: both(1),
                    quote: both(2),
                    apostrophe: both(3),
                    equals: both(4),
                    slash: both(5),
                    space: both(6),
                    letter: both(7),
                    watched: both(8),
                }
            };
            blocks!(buffer, from, open, kinds, between)
        }
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::skim::Skimmer;
    use super::{Prover, SETS};

    const TAIL: usize = 200;

    /// Where tag by tag the scanner is needed from `from` on.
    fn by_tags(page: &str, from: usize) -> usize {
        let none = Prover::all().into_iter().find(|(name, _)| *name == "none").expect("always there").1;
        Skimmer::new(none).skim(page.as_bytes(), from, usize::MAX)
    }

    /// Asserts that what is proved is ordinary, and that the page goes on from there as if nothing had been proved.
    fn assert_proof(page: &str, limit: usize) {
        // Without a tag to stop at, the place to go on from in a text is anywhere in it.
        let page = format!("{page}{0}<script>{0}", " ".repeat(TAIL));
        let stop = by_tags(&page, 0);
        let places: Vec<_> =
            Prover::all().into_iter().map(|(name, prover)| (name, prover.prove(page.as_bytes(), 0, limit))).collect();
        for (name, place) in &places {
            assert!(*place <= limit.min(stop), "{name}: {place} is after {stop}: {page}");
            assert_eq!(by_tags(&page, *place), stop, "{name}, from {place}: {page}");
        }
        let proved: Vec<_> = places.iter().filter(|(name, _)| *name != "none").map(|(_, place)| place).collect();
        assert!(proved.windows(2).all(|pair| pair[0] == pair[1]), "{places:?}: {page}");
    }

    #[test]
    fn a_proof_of_ordinary_markup_ends_with_the_buffer_or_at_the_tag_that_is_open_there() {
        let row = "<li class=\"row\"><a href=\"/p?a=1&amp;b='2'\">Row</a><br/><img alt=\"\"></li>\n";
        let page = row.repeat(4);
        for end in 0..=page.len() {
            let text = &page[..end];
            let open = text.rfind('<').filter(|at| !text[*at..].contains('>'));
            for (name, prover) in Prover::all().into_iter().filter(|(name, _)| *name != "none") {
                for (buffer, limit) in [(text, usize::MAX), (&*page, end)] {
                    let proved = prover.prove(buffer.as_bytes(), 0, limit);
                    assert_eq!(proved, open.unwrap_or(end), "{name}: {text}");
                }
            }
        }
        assert_proof(&page, usize::MAX);
    }

    #[test]
    fn text_and_a_tag_that_is_longer_than_a_block_are_proved() {
        for before in 0..70 {
            let page =
                format!("{}<p title=\"{}\" id=\"a\">{}", "x".repeat(before), "y".repeat(200), "z".repeat(before));
            assert_proof(&page, usize::MAX);
            for (name, prover) in Prover::all().into_iter().filter(|(name, _)| *name != "none") {
                assert_eq!(prover.prove(page.as_bytes(), 0, usize::MAX), page.len(), "{name}");
                // Odd at its end: a proof goes back to its start.
                let odd = page.replace("id=\"a\"", "id='a'");
                assert_eq!(prover.prove(odd.as_bytes(), 0, usize::MAX), before, "{name}");
            }
        }
    }

    #[test]
    fn nothing_behind_the_limit_is_proved() {
        let page = "<p class=\"a\">text</p>".repeat(30);
        for limit in 0..300 {
            assert_proof(&page, limit);
        }
    }

    #[test]
    fn the_names_that_change_how_a_page_is_read_are_never_proved() {
        let more = ["script", "STYLE", "svg", "title", "textarea", "template", "iframe", "math", "noembed", "noframes"];
        let more = more.into_iter().chain(["noscript", "plaintext", "xmp", "head", "frameset"]);
        let sets = SETS.iter().flat_map(|set| set.iter()).map(|name| std::str::from_utf8(*name).expect("ASCII"));
        for name in sets.chain(more) {
            for tag in [format!("<{name}>"), format!("</{name}>")] {
                for before in 0..140 {
                    let page = format!("{}{tag}{}", "x".repeat(before), "<p>text</p>".repeat(20));
                    assert_proof(&page, usize::MAX);
                    for (_, prover) in Prover::all() {
                        assert!(prover.prove(page.as_bytes(), 0, usize::MAX) <= before, "{tag} after {before}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_a_tag_may_hold_that_is_not_ordinary_fails_at_its_start() {
        for tag in [
            "<a b='c'>",
            "<a b=c>",
            "<a b = \"c\">",
            "<a =\"c\">",
            "<a=\"x b=\">\">",
            "<a/b=\"c\">",
            "<a b=\"c>\">",
            "<a <b>",
            "<a \">",
            "<a b=\"\"c\">",
            "<a b\"=\"c\">",
            "<!-- -->",
            "<?x>",
            "< a>",
            "<1>",
            "</>",
            "</ a>",
        ] {
            for before in 0..140 {
                let page = format!(
                    "{}{tag}{}",
                    "<i>x</i>".repeat(20).chars().take(before / 8 * 8).collect::<String>(),
                    "y".repeat(150)
                );
                assert_proof(&page, usize::MAX);
                for (_, prover) in Prover::all() {
                    assert!(prover.prove(page.as_bytes(), 0, usize::MAX) <= before / 8 * 8, "{tag} after {before}");
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn whatever_a_page_holds_a_proof_says_what_looking_at_each_tag_says(
            bits in prop::collection::vec(prop::sample::select(vec![
                "<", ">", "\"", "'", "=", "/", " ", "\n", "\t", "x", "=\"", "\" ", "<a", "</a>", "<b c=\"d\">", " e=\"f\"", "<br/>",
                "<!--", "-->", "<script>", "<svg>", "<mark>", "é", "text of some length, without markup ", "<p>", "</p>", "1", "-",
            ]), 0..80),
            limit in prop::option::of(0_usize..600),
        ) {
            assert_proof(&bits.concat(), limit.unwrap_or(usize::MAX));
        }
    }
}
