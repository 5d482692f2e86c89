//! The configuration that every call starts from, and the calls that write placeholders and split pages.

use eyot::assets::{LOADER, LOADER_MORE, STYLE};
use eyot::options::{Spelling, Value};
use eyot::placeholder::{OptionError, Placeholder};
use eyot::{Islands, KeyRing, Options, Props, Slots};
use napi::Env;
use napi::bindgen_prelude::{Either5, External};
use napi_derive::napi;

use crate::context;
use crate::errors::{Problem, Result, native, raise, raise_as};
use crate::value::{Bytes, Text, Written};

/// An option's value that is of no type that options have.
#[napi(object, object_to_js = false)]
pub(crate) struct Odd {
    /// What it is, with its article: `a function`.
    pub kind: String,
}

/// Something that the page's author should know.
#[napi(object, object_from_js = false)]
pub(crate) struct Diagnostic {
    /// A stable, lower-case code.
    pub code: &'static str,
    /// What it means and what to do.
    pub message: String,
    /// The line in the page, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// A split page with all that there is to say of it.
#[napi(object, object_from_js = false)]
pub(crate) struct Split {
    /// The shell; absent for a page that goes out as it came.
    #[napi(ts_type = "Buffer")]
    pub shell: Option<Bytes>,
    /// What was wrong, in a lenient split.
    pub problems: Vec<Problem>,
    /// What the page's author should know.
    pub diagnostics: Vec<Diagnostic>,
}

impl From<&eyot::Diagnostic> for Diagnostic {
    fn from(found: &eyot::Diagnostic) -> Self {
        Self { code: found.code(), message: found.message().to_owned(), line: found.at.line, column: found.at.column }
    }
}

/// Checks a configuration: the names of the islands that this host answers, and options by their names.
#[napi(catch_unwind)]
pub(crate) fn configure(
    keys: &External<KeyRing>,
    islands: Vec<String>,
    names: Vec<String>,
    values: Vec<Either5<bool, f64, String, Vec<String>, Odd>>,
) -> Result<External<Islands>> {
    let keys: &KeyRing = keys;
    let builder = Islands::builder(keys.clone()).spelling(Spelling::Camel);
    let mut builder = islands.into_iter().fold(builder, eyot::Builder::island);
    for (name, value) in names.iter().zip(&values) {
        let value = match value {
            Either5::A(on) => Value::Flag(*on),
            Either5::B(number) => Value::Number(*number),
            Either5::C(text) => Value::Text(text),
            Either5::D(texts) => Value::Texts(texts.iter().map(String::as_str).collect()),
            Either5::E(odd) => Value::Other(&odd.kind),
        };
        builder = builder.set(name, &value).map_err(|error| raise(&error))?;
    }
    builder.build().map(External::new).map_err(|error| raise(&error))
}

/// The known name that may be meant by one that does not exist.
#[napi(catch_unwind, ts_return_type = "string | null")]
pub(crate) fn nearest(name: String, known: Vec<String>) -> Option<String> {
    eyot::nearest(name.as_bytes(), known.iter().map(String::as_str)).map(ToOwned::to_owned)
}

/// Whether HTML is searched for directives where no view says otherwise.
#[napi(catch_unwind)]
pub(crate) fn html_pass(islands: &External<Islands>) -> bool {
    islands.has_html_pass()
}

/// How many seconds a handler may take that has no deadline of its own; 0 for no limit.
#[napi(catch_unwind)]
pub(crate) fn deadline(islands: &External<Islands>) -> u32 {
    islands.deadline().unwrap_or_default()
}

/// The prefix below which islands are asked for.
#[napi(catch_unwind)]
pub(crate) fn prefix(islands: &External<Islands>) -> String {
    islands.prefix().to_owned()
}

/// Replaces the keys.
#[napi(catch_unwind)]
pub(crate) fn set_keys(islands: &External<Islands>, keys: &External<KeyRing>) {
    let keys: &KeyRing = keys;
    islands.set_keys(keys.clone());
}

/// Splits a page; `null` for one that goes out as it came.
#[napi(catch_unwind, ts_return_type = "Buffer | null")]
pub(crate) fn split(
    env: &Env,
    islands: &External<Islands>,
    page: &[u8],
    #[napi(ts_arg_type = "string")] context: Text,
) -> Result<Option<Bytes>> {
    let shell = context::with(&context, |context| islands.split(page, context))?.map_err(|error| raise(&error))?;
    buffer(env, &shell)
}

/// Splits a page and tells all that there is to say of it; lenient as in production, or strict.
#[napi(catch_unwind)]
pub(crate) fn split_fully(
    env: &Env,
    islands: &External<Islands>,
    page: &[u8],
    #[napi(ts_arg_type = "string")] context: Text,
    lenient: bool,
) -> Result<Split> {
    let shell = context::with(&context, |context| {
        if lenient { islands.split_lenient(page, context) } else { islands.split(page, context) }
    })?
    .map_err(|error| raise(&error))?;
    Ok(Split {
        shell: buffer(env, &shell)?,
        problems: shell.problems().iter().map(Problem::from).collect(),
        diagnostics: shell.diagnostics().iter().map(Diagnostic::from).collect(),
    })
}

fn buffer(env: &Env, shell: &eyot::Shell<'_>) -> Result<Option<Bytes>> {
    if shell.is_untouched() {
        return Ok(None);
    }
    Bytes::joined(env, shell.len(), shell.segments()).map(Some).map_err(|error| native(&error))
}

/// A placeholder: what a split makes of the same island in a page. `slots` and `options` are names and values in turn.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn placeholder(
    islands: &External<Islands>,
    #[napi(ts_arg_type = "string")] name: Text,
    #[napi(ts_arg_type = "string")] props: Text,
    #[napi(ts_arg_type = "string")] context: Text,
    options: Option<Vec<String>>,
    #[napi(ts_arg_type = "string")] fallback: Text,
    error: Option<String>,
    slots: Option<Vec<String>>,
) -> Result<Written> {
    let slots = slots.unwrap_or_default();
    let sealed: Vec<_> = slots.chunks_exact(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
    let slots =
        Slots::with_fallback(fallback.as_bytes()).with_error(error.as_deref().map(str::as_bytes)).with_sealed(&sealed);
    written(&name, &props, options.as_deref(), &context, |props, options, context, out| {
        let placeholder = Placeholder::new(&name).with_props(props).with_slots(slots).with_options(*options);
        islands.placeholder(&placeholder, context, out)
    })
}

/// A placeholder's attributes, for an element that a template writes itself.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn attributes(
    islands: &External<Islands>,
    #[napi(ts_arg_type = "string")] name: Text,
    #[napi(ts_arg_type = "string")] props: Text,
    #[napi(ts_arg_type = "string")] context: Text,
    options: Option<Vec<String>>,
) -> Result<Written> {
    written(&name, &props, options.as_deref(), &context, |props, options, context, out| {
        islands.attributes(&Placeholder::new(&name).with_props(props).with_options(*options), context, out)
    })
}

/// An island's URL, for libraries that fetch fragments by themselves.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn url(
    islands: &External<Islands>,
    #[napi(ts_arg_type = "string")] name: Text,
    #[napi(ts_arg_type = "string")] props: Text,
    #[napi(ts_arg_type = "string")] context: Text,
    options: Option<Vec<String>>,
) -> Result<Written> {
    written(&name, &props, options.as_deref(), &context, |props, options, context, out| {
        islands.url(&Placeholder::new(&name).with_props(props).with_options(*options), context, out)
    })
}

/// The tags that load the loader and the style sheet.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn loader_tags(
    islands: &External<Islands>,
    #[napi(ts_arg_type = "string")] context: Text,
) -> Result<Written> {
    let mut out = Vec::new();
    context::with(&context, |context| islands.loader_tags(context, &mut out))?;
    Ok(Written(out))
}

/// Whether split pages get the loader's tags.
#[napi(catch_unwind)]
pub(crate) fn writes_loader(islands: &External<Islands>) -> bool {
    islands.writes_loader()
}

/// The source by which a `Content-Security-Policy` allows the loader in a page.
#[napi(catch_unwind)]
pub(crate) fn loader_hash() -> String {
    LOADER.policy_source()
}

/// The same for the script that the loader fetches when a page needs it.
#[napi(catch_unwind)]
pub(crate) fn loader_more_hash() -> String {
    LOADER_MORE.policy_source()
}

/// The same for the style sheet.
#[napi(catch_unwind)]
pub(crate) fn stylesheet_hash() -> String {
    STYLE.policy_source()
}

/// Parses options and returns what `write` makes of the props, whose JSON the JavaScript side has just written.
fn written(
    name: &Text,
    props: &Text,
    options: Option<&[String]>,
    context: &Text,
    write: impl FnOnce(Props<'_>, &Options<'_>, &eyot::Context<'_>, &mut Vec<u8>) -> std::result::Result<(), eyot::Error>,
) -> Result<Written> {
    let mut parsed = Options::default();
    for pair in options.unwrap_or_default().chunks_exact(2) {
        let refused = |reason| {
            // Most often a prop in the wrong place.
            let hint =
                if matches!(reason, OptionError::Unknown(_)) { "; props come first, options after them" } else { "" };
            raise_as("config", "option", format!("{}: {}: {reason}{hint}", &**name, pair[0]))
        };
        parsed.set(&pair[0], &pair[1]).map_err(refused)?;
    }
    let mut out = Vec::with_capacity(props.len() * 2 + 256);
    context::with(context, |context| write(Props::trusted(props.as_bytes()), &parsed, context, &mut out))?
        .map_err(|error| raise(&error))?;
    if out.first() == Some(&b' ') {
        out.remove(0);
    }
    Ok(Written(out))
}
