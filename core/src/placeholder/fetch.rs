//! The placeholder that the loader fills: delivery `fetch`. Everything the loader needs stands in attributes. And the
//! tags that a page with placeholders gets: the loader, its style sheet, links that ask for islands early.

use std::ops::Range;

use super::options::{DEFAULT_TIMEOUT, Options, Redirect, Refresh, SealMode, When};
use super::{SlotsJson, escape};
use crate::assets::{LOADER, STYLE};
use crate::config::Config;
use crate::html::directive::MARK;
use crate::options::Settings;
use crate::seal::{Payload, expiry};
use crate::{Context, Error, IslandName, KeyRing, Origin, Sealing};

/// The element that stands for a component.
pub(crate) const ELEMENT: &str = "server-island";

/// Whether an attribute is the placeholder's own: `island` and `island-*`, which an island element must leave to it. No
/// sanitiser's defaults let these names pass, as they do `data-*`, so stored HTML cannot hold a placeholder.
pub(crate) fn is_own_attribute(name: &[u8]) -> bool {
    const ISLAND: &[u8] = b"island";
    let (start, rest) = name.split_at(name.len().min(ISLAND.len()));
    start.eq_ignore_ascii_case(ISLAND) && matches!(rest.first(), None | Some(b'-'))
}

/// One island, ready to be sealed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Island<'a> {
    pub(crate) name: &'a IslandName,
    /// One JSON object.
    pub(crate) props: &'a [u8],
    /// The slots' JSON, or nothing.
    pub(crate) slots: &'a [u8],
    pub(crate) options: Options<'a>,
    /// Whether the placeholder stays by itself, as an island element does.
    pub(crate) is_element: bool,
}

/// What sealing and writing take beside the island.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) config: &'a Config,
    pub(crate) keys: &'a KeyRing,
    pub(crate) context: &'a Context<'a>,
}

/// Appends the mark of a placeholder that a helper writes, where a split follows that has something to answer it with. An
/// island's own answer is marked too: a template's cache may give the same HTML to a page.
pub(crate) fn append_mark(scene: Scene<'_>, out: &mut Vec<u8>) {
    let Scene { config, context, .. } = scene;
    if context.split && (config.settings.loader || config.has_preloads()) {
        out.extend_from_slice(MARK.as_bytes());
    }
}

/// Whether `url`, as a page holds it, is where the declared island `name` is asked for: any token may be in it, but nothing
/// else may differ.
pub(crate) fn is_url(scene: Scene<'_>, name: &[u8], url: &[u8]) -> bool {
    let declared = std::str::from_utf8(name).ok().and_then(|name| scene.config.declared(name));
    let Some(declared) = declared else { return false };
    let mut base = Vec::new();
    append_base(scene, &declared.name, &mut base);
    let token = url.strip_prefix(&*base).and_then(|rest| rest.strip_prefix(b"/"));
    token.is_some_and(|token| {
        !token.is_empty() && token.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
    })
}

/// Appends the placeholder's attributes, each after a space. Returns where the URL stands in `out`, as HTML, unless the
/// island is asked for by POST.
pub(crate) fn append_attributes(
    scene: Scene<'_>,
    island: &Island<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<Range<usize>>, Error> {
    out.extend_from_slice(b" island=\"");
    out.extend_from_slice(island.name.as_str().as_bytes());
    out.extend_from_slice(b"\" island-src=\"");
    let start = out.len();
    append_base(scene, island.name, out);
    let slash = out.len();
    out.push(b'/');
    append_token(scene, island, out)?;
    let token = out.len() - slash - 1;
    let is_get = base_len(scene, island.name) + 1 + token <= scene.config.settings.url_limit;
    let url = is_get.then_some(start..out.len());
    if !is_get {
        out.splice(slash..=slash, *b"\" island-token=\"");
    }
    out.push(b'"');
    append_options(island, out);
    Ok(url)
}

/// Appends the island's URL, without any token that would make it longer than the limit.
///
/// # Errors
/// [`Error::Option`] when it would.
pub(crate) fn append_url(scene: Scene<'_>, island: &Island<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    let start = out.len();
    for part in base(scene) {
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'/');
    out.extend_from_slice(island.name.as_str().as_bytes());
    out.push(b'/');
    append_token(scene, island, out)?;
    let length = out.len() - start;
    if length > scene.config.settings.url_limit {
        out.truncate(start);
        let reason = format!(
            "the URL would have {length} bytes, over the limit of {}: pass an id and load the rest in the handler",
            scene.config.settings.url_limit
        );
        return Err(Error::Option { option: "props".into(), reason });
    }
    Ok(())
}

/// The URL before the island's name, in parts.
pub(crate) fn base<'a>(scene: Scene<'a>) -> [&'a str; 2] {
    let start = scene.config.origin.as_ref().map_or(scene.context.mount.as_str(), Origin::as_str);
    [start, &scene.config.settings.prefix]
}

fn base_len(scene: Scene<'_>, name: &IslandName) -> usize {
    base(scene).iter().map(|part| part.len()).sum::<usize>() + 1 + name.as_str().len()
}

fn append_base(scene: Scene<'_>, name: &IslandName, out: &mut Vec<u8>) {
    for part in base(scene) {
        escape::attribute(part, out);
    }
    out.push(b'/');
    out.extend_from_slice(name.as_str().as_bytes());
}

fn append_token(scene: Scene<'_>, island: &Island<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    let Scene { config, keys, context } = scene;
    let expires = match island.options.ttl.or(config.settings.ttl) {
        Some(ttl) => Some(expiry(island.name, context.now, ttl, config.settings.ttl_grid)?),
        None => None,
    };
    let page = match context.page {
        Some(page) if island.options.page.unwrap_or(config.settings.page) => {
            let mut json = Vec::new();
            let mut members = SlotsJson::new(&mut json);
            members.slot("path", page.path);
            if !page.lang.is_empty() {
                members.slot("lang", page.lang);
            }
            members.finish();
            json
        }
        _ => Vec::new(),
    };
    let payload = Payload { props: island.props, slots: island.slots, page: &page };
    let sealing = sealing(island.options.seal.unwrap_or(config.settings.seal), context)?;
    keys.seal(island.name, context.audience, payload, sealing, expires, out)
}

fn sealing(mode: SealMode, context: &Context<'_>) -> Result<Sealing, Error> {
    match mode {
        SealMode::Stable => Ok(Sealing::Stable),
        SealMode::Unlinkable => {
            let entropy = context.entropy.ok_or_else(|| Error::Entropy("the host gave no source".to_owned()))?;
            let mut nonce = [0; 24];
            entropy.fill(&mut nonce).map_err(|error| Error::Entropy(error.0))?;
            Ok(Sealing::Unlinkable(nonce))
        }
    }
}

/// Appends the attributes that are not at their defaults.
fn append_options(island: &Island<'_>, out: &mut Vec<u8>) {
    let options = &island.options;
    if let Some(key) = options.key {
        append(out, "island-key", &[key]);
    }
    match options.when {
        When::Load => {}
        When::Idle => append(out, "island-when", &["idle"]),
        When::Visible("") => append(out, "island-when", &["visible"]),
        When::Visible(margin) => append(out, "island-when", &["visible ", margin]),
        When::Media(query) => append(out, "island-when", &["media ", query]),
        When::Interaction => append(out, "island-when", &["interaction"]),
        When::Manual => append(out, "island-when", &["manual"]),
    }
    // An island element always stays, and what is refreshed does too.
    if options.keep && !island.is_element && options.refresh.is_none() {
        out.extend_from_slice(b" island-keep");
    }
    match options.refresh {
        None => {}
        Some(Refresh::Seconds(seconds)) => append(out, "island-refresh", &[&seconds.to_string(), "s"]),
        Some(Refresh::Event(event)) => append(out, "island-refresh", &[event]),
    }
    if options.redirect == Redirect::Follow {
        append(out, "island-redirect", &["follow"]);
    }
    if let Some(timeout) = options.timeout.filter(|timeout| *timeout != DEFAULT_TIMEOUT) {
        append(out, "island-timeout", &[&timeout.to_string()]);
    }
}

fn append(out: &mut Vec<u8>, name: &str, value: &[&str]) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    for part in value {
        escape::attribute(part, out);
    }
    out.push(b'"');
}

/// Appends what stands between a component's start tag and its end tag.
pub(crate) fn append_content(fallback: &[u8], error: Option<&[u8]>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(fallback);
    if let Some(error) = error {
        out.extend_from_slice(ERROR_START);
        out.extend_from_slice(error);
        out.extend_from_slice(ERROR_END);
    } else {
        guard_end_tag(start, out);
    }
}

/// Appends an empty template to a component's fallback, which begins at `start` in `out`, if a minifier could take away
/// its last end tag. HTML lets the end tags of [`OMISSIBLE`] be omitted at the end of their parent, but a custom
/// element's end tag does not close them: the browser would take the rest of the page for the fallback.
pub(crate) fn guard_end_tag(start: usize, out: &mut Vec<u8>) {
    let mut end = out[start..].trim_ascii_end();
    while let Some(comment) = end.strip_suffix(b"-->") {
        let Some(at) = memchr::memmem::rfind(comment, b"<!--") else { break };
        end = comment[..at].trim_ascii_end();
    }
    let Some(tag) = end.strip_suffix(b">") else { return };
    let Some(at) = memchr::memmem::rfind(tag, b"</") else { return };
    let name = tag[at + 2..].trim_ascii_end();
    if OMISSIBLE.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        out.extend_from_slice(b"<template></template>");
    }
}

/// Elements of ordinary content whose end tag may be omitted (WHATWG HTML, 13.1.2.4).
const OMISSIBLE: [&[u8]; 8] = [b"p", b"li", b"dd", b"dt", b"rt", b"rp", b"option", b"optgroup"];

pub(crate) const ERROR_START: &[u8] = b"<template island-slot=\"error\">";
pub(crate) const ERROR_END: &[u8] = b"</template>";

/// What a page gets once: the style sheet and the loader.
pub(crate) fn append_tags(scene: Scene<'_>, out: &mut Vec<u8>) {
    append_tags_before_preloads(scene, out);
    append_tags_after_preloads(scene, out);
}

/// The tags for files. Browsers open few connections to a host of HTTP/1.1, so the loader is asked for before islands.
pub(crate) fn append_tags_before_preloads(scene: Scene<'_>, out: &mut Vec<u8>) {
    let Settings { stylesheet, inline_loader, .. } = scene.config.settings;
    if stylesheet && inline_loader {
        out.extend_from_slice(b"<style>");
        out.extend_from_slice(STYLE.bytes());
        out.extend_from_slice(b"</style>");
    } else if stylesheet {
        out.extend_from_slice(b"<link rel=\"stylesheet\" href=\"");
        append_file(scene, STYLE.name(), out);
        out.extend_from_slice(b"\">");
    }
    if !inline_loader {
        out.extend_from_slice(b"<script async ");
        if scene.config.has_preloads() {
            // Or it would come after all of them: an async script's own priority is low.
            out.extend_from_slice(b"fetchpriority=\"high\" ");
        }
        out.extend_from_slice(b"src=\"");
        append_file(scene, LOADER.name(), out);
        out.push(b'"');
        append_script_end(scene, b"", out);
    }
}

/// The loader itself, where the page holds it: running it takes longer than asking for islands.
pub(crate) fn append_tags_after_preloads(scene: Scene<'_>, out: &mut Vec<u8>) {
    if scene.config.settings.inline_loader {
        // Its name is how a page is known to have a loader.
        out.extend_from_slice(b"<script data-eyot=\"");
        out.extend_from_slice(LOADER.name().as_bytes());
        out.extend_from_slice(b"\" data-base=\"");
        for part in base(scene) {
            escape::attribute(part, out);
        }
        out.push(b'"');
        append_script_end(scene, LOADER.bytes(), out);
    }
}

fn append_script_end(scene: Scene<'_>, content: &[u8], out: &mut Vec<u8>) {
    if scene.context.is_post {
        out.extend_from_slice(b" data-post");
    }
    if scene.config.settings.debug {
        out.extend_from_slice(b" data-debug");
    }
    out.push(b'>');
    out.extend_from_slice(content);
    out.extend_from_slice(b"</script>");
}

/// What stands around the URL in a link that asks for an island before the loader runs. Browsers take its answer for the
/// loader's request where both say the same of credentials, and Firefox only if it brings them to its own origin.
pub(crate) const PRELOAD: [&[u8]; 2] = [b"<link rel=\"preload\" as=\"fetch\" crossorigin href=\"", b"\">"];

fn append_file(scene: Scene<'_>, name: &str, out: &mut Vec<u8>) {
    for part in base(scene) {
        escape::attribute(part, out);
    }
    out.push(b'/');
    out.extend_from_slice(name.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{append_content, is_own_attribute};

    fn content(fallback: &str, error: Option<&str>) -> String {
        let mut out = b"</p>".to_vec();
        append_content(fallback.as_bytes(), error.map(str::as_bytes), &mut out);
        String::from_utf8(out.split_off(4)).expect("text")
    }

    #[test]
    fn an_end_tag_that_a_minifier_could_omit_is_followed_by_an_empty_template() {
        for name in ["p", "li", "dd", "dt", "rt", "rp", "option", "optgroup", "P"] {
            for end in ["", " \n", "<!-- c -->", " <!-- </i> --> <!----> "] {
                let fallback = format!("<{name}>Loading</{name}>{end}");
                assert_eq!(content(&fallback, None), format!("{fallback}<template></template>"));
            }
        }
        assert_eq!(content("<p>a</p\t>", None), "<p>a</p\t><template></template>");
    }

    #[test]
    fn other_fallbacks_stay_as_they_are() {
        for fallback in ["", "p>", "</p", "-->", "<p>a</p>b", "<b>a</b>", "<div><p>a</p></div>", "<pre>a</pre>", "<p>a"]
        {
            assert_eq!(content(fallback, None), fallback);
        }
        let slot = "<template island-slot=\"error\">no</template>";
        assert_eq!(content("<p>a</p>", Some("no")), format!("<p>a</p>{slot}"));
    }

    #[test]
    fn the_placeholders_own_attributes_are_known_in_any_case_and_no_others() {
        for own in ["island", "ISLAND", "island-", "Island-Src", "island-loaded"] {
            assert!(is_own_attribute(own.as_bytes()), "{own}");
        }
        for other in ["", "isl", "islands", "island_src", "data-island", "class"] {
            assert!(!is_own_attribute(other.as_bytes()), "{other}");
        }
    }
}
