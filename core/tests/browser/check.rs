//! What must hold of one page with directives in it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use eyot::{Error, IslandName, Islands, KeyRing, Shell, Splitter};

use super::dom::{Dom, Fate};
use super::support::{self, NOW, context};

static ISLANDS: LazyLock<Islands> = LazyLock::new(support::islands);
static KEYS: LazyLock<KeyRing> = LazyLock::new(support::keys);

/// A page with numbered directives.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) html: String,
    /// As the browser is to read it: components that end with `/>` are complete to the split, and not to a browser.
    pub(crate) complete: String,
    /// Each directive as it is written, by its number. Without content but for white space.
    pub(crate) directives: Vec<String>,
    /// Whether there are no other islands, so that nothing of the page but these is changed.
    pub(crate) is_flat: bool,
}

/// How many pages came to what.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) pages: usize,
    pub(crate) split: usize,
    pub(crate) elements: usize,
    pub(crate) texts: usize,
    pub(crate) dropped: usize,
    pub(crate) mangled: usize,
    pub(crate) problems: BTreeMap<&'static str, usize>,
}

/// The sign in the attributes of a directive.
pub(crate) fn sign(number: usize) -> String {
    format!("#{number}#")
}

/// Checks a page.
///
/// # Errors
/// What does not hold of it.
pub(crate) fn check(page: &Page, tally: &mut Tally) -> Result<(), String> {
    let dom = Dom::parse(&page.complete);
    let fates: Vec<Fate> = (0..page.directives.len()).map(|number| dom.fate(&sign(number))).collect();
    tally.pages += 1;
    for fate in &fates {
        match fate {
            Fate::Element => tally.elements += 1,
            Fate::Text => tally.texts += 1,
            Fate::Dropped => tally.dropped += 1,
            Fate::Mangled => tally.mangled += 1,
        }
    }
    let strict = ISLANDS.split(page.html.as_bytes(), &context());
    let lenient = ISLANDS.split_lenient(page.html.as_bytes(), &context());
    let lenient = lenient.map_err(|error| format!("lenient splitting stops: {error}"))?;
    let problems: Vec<&str> = lenient.problems().iter().map(Error::code).collect();
    match &strict {
        Ok(shell) => {
            tally.split += 1;
            check_strict(page, &dom, &fates, shell)?;
            if !problems.is_empty() || text(shell) != text(&lenient) {
                return Err(format!("lenient is not strict: {problems:?}"));
            }
        }
        Err(error) => {
            *tally.problems.entry(error.code()).or_default() += 1;
            if problems.first() != Some(&error.code()) && !error.code().is_empty() && problems.is_empty() {
                return Err(format!("refused ({error}), and lenient has no problem"));
            }
        }
    }
    check_lenient(&fates, &lenient)?;
    check_chunks(page)
}

fn text(shell: &Shell<'_>) -> String {
    String::from_utf8(shell.segments().collect::<Vec<_>>().concat()).expect("text stays text")
}

fn check_strict(page: &Page, dom: &Dom, fates: &[Fate], shell: &Shell<'_>) -> Result<(), String> {
    let html = text(shell);
    let islands = notes(&html);
    for (number, fate) in fates.iter().enumerate() {
        let sign = sign(number);
        let (is_island, is_clear) = (islands.contains(&sign), html.contains(&sign));
        let is_right = match fate {
            Fate::Element => is_island && !is_clear,
            Fate::Text => !is_island && (is_clear || !page.is_flat),
            Fate::Dropped => !is_clear || !shell.diagnostics().is_empty(),
            Fate::Mangled => !is_clear,
        };
        if !is_right {
            return Err(format!("{sign} is {fate:?}; an island: {is_island}, in clear: {is_clear}; {html}"));
        }
    }
    // A `/>` that is text is not the same text in both; and what another tag has become the directive of has content.
    let is_comparable = |fate: &Fate| match fate {
        Fate::Element => true,
        Fate::Text | Fate::Dropped => page.html == page.complete,
        Fate::Mangled => false,
    };
    if page.is_flat && fates.iter().all(is_comparable) {
        let is_island = |name: &str, attributes: &[(String, String)]| {
            let holds_sign = |(_, value): &(String, String)| islands.iter().any(|sign| value.contains(sign.as_str()));
            let is_directive = attributes.iter().any(|(name, _)| name == "server:defer");
            name == "server-island" || (is_directive && attributes.iter().any(holds_sign))
        };
        let before = dom.outline(is_island);
        let after = Dom::parse(&html).outline(|name, attributes| {
            name == "server-island" || attributes.iter().any(|(name, _)| name == "island-src")
        });
        if before != after {
            return Err(format!("the page around the islands has changed:\n{before}\n{after}"));
        }
    }
    Ok(())
}

/// What is faulty is left out, and the page is another one without it: then the shell's own text counts.
fn check_lenient(fates: &[Fate], shell: &Shell<'_>) -> Result<(), String> {
    let html = text(shell);
    let islands = notes(&html);
    let dom = Dom::parse(&html);
    let codes: Vec<_> = shell.problems().iter().map(Error::code).collect();
    if let Some(name) = dom.directive() {
        return Err(format!("lenient ({codes:?}): {name} leaves: {html}"));
    }
    let again = ISLANDS.split(html.as_bytes(), &context());
    let again = again.map_err(|error| format!("lenient ({codes:?}): the shell is refused: {error}: {html}"))?;
    if !again.islands().is_empty() {
        return Err(format!("lenient ({codes:?}): an island is left: {html}"));
    }
    for (number, fate) in fates.iter().enumerate() {
        let sign = sign(number);
        let (is_island, is_clear) = (islands.contains(&sign), html.contains(&sign));
        let left = dom.fate(&sign);
        let is_right = match fate {
            Fate::Text => !is_island || !codes.is_empty(),
            Fate::Element | Fate::Dropped if !codes.is_empty() => !is_clear || left == Fate::Text,
            Fate::Element => !is_clear,
            Fate::Dropped => !is_clear || !shell.diagnostics().is_empty(),
            // Its attributes are now those of an element that is no island.
            Fate::Mangled => true,
        };
        if !is_right || left == Fate::Element {
            return Err(format!(
                "lenient ({codes:?}): {sign} is {fate:?}; an island: {is_island}, in clear: {is_clear}; {html}"
            ));
        }
    }
    Ok(())
}

/// However the page is cut, the result is the same. A whole page is read up to its last directive, so that there is one
/// at the end.
fn check_chunks(page: &Page) -> Result<(), String> {
    let html = format!("{}<!--server:defer-->", page.html);
    let whole = ISLANDS.split_lenient(html.as_bytes(), &context()).map_err(|error| error.to_string())?;
    let mut splitter = Splitter::new(&ISLANDS).lenient();
    let mut out = Vec::new();
    let mut push = |splitter: &mut Splitter, chunk: &[u8]| -> Result<(), String> {
        let segments = splitter.push(chunk, &context()).map_err(|error| error.to_string())?;
        segments.for_each(|segment| out.extend_from_slice(segment));
        Ok(())
    };
    for chunk in html.as_bytes().chunks(3) {
        push(&mut splitter, chunk)?;
    }
    let rest = splitter.finish(&context()).map_err(|error| error.to_string())?;
    rest.for_each(|segment| out.extend_from_slice(segment));
    let out = String::from_utf8_lossy(&out);
    if splitter.problems() != whole.problems() || out != text(&whole) {
        return Err(format!("chunks are not the whole:\n{}\n{out}", text(&whole)));
    }
    Ok(())
}

/// The signs of all islands of a shell, those in sealed slots too.
fn notes(shell: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let mut todo = vec![shell.to_owned()];
    while let Some(html) = todo.pop() {
        for tag in html.split(" island=\"").skip(1) {
            let (name, rest) = tag.split_once('"').expect("a quoted name");
            let Some(url) = rest.strip_prefix(" island-src=\"").and_then(|rest| rest.split('"').next()) else {
                continue;
            };
            // One that is too long for a URL stands beside it.
            let posted = rest.split('>').next().and_then(|tag| tag.split_once(" island-token=\""));
            let posted = posted.and_then(|(_, value)| value.split('"').next());
            let token = posted.or_else(|| url.rsplit('/').next()).unwrap_or_default();
            let (props, slots) = open(name, token);
            let sign = props.split('#').nth(1).map(|number| format!("#{number}#"));
            notes.extend(sign);
            let slots: BTreeMap<String, String> = serde_json::from_str(&slots).unwrap_or_default();
            todo.extend(slots.into_values());
        }
    }
    notes
}

fn open(name: &str, token: &str) -> (String, String) {
    let island = IslandName::new(name).expect("a good name");
    let mut buffer = Vec::new();
    let opened = KEYS.open(&island, "", token.as_bytes(), NOW, &mut buffer).expect("it opens");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (text(opened.payload.props), text(opened.payload.slots))
}
