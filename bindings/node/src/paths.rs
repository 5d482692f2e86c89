//! Policies by patterns of paths: which of the patterns fits.

use eyot::paths::Paths;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::errors::{Result, raise_as};
use crate::value::Text;
use crate::way::Event;

/// Patterns; the most specific one that fits a path counts. Those that `excepted` says have no policy.
#[napi(catch_unwind)]
pub(crate) fn paths(patterns: Vec<String>, excepted: Vec<bool>) -> Result<External<Paths<u32>>> {
    let mut paths = Paths::default();
    for ((place, pattern), is_excepted) in (0..).zip(&patterns).zip(&excepted) {
        let value = (!is_excepted).then_some(place);
        paths.add(pattern, value).map_err(|error| raise_as("config", "option", error.to_string()))?;
    }
    Ok(External::new(paths))
}

/// The place in the list of the pattern that fits a raw path below the mount point; -1 for none, or one without a policy.
#[napi(catch_unwind)]
pub(crate) fn paths_find(paths: &External<Paths<u32>>, #[napi(ts_arg_type = "string")] path: Text) -> i32 {
    paths.find(path.as_bytes()).map_or(-1, |place| i32::try_from(*place).unwrap_or(-1))
}

/// An event for each pattern that none of the first 25 paths fitted, once.
#[napi(catch_unwind)]
pub(crate) fn paths_unused(paths: &External<Paths<u32>>) -> Vec<Event> {
    paths.unused().into_iter().map(Event::from).collect()
}
