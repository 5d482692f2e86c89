//! What is wrong with a response that is to be a shell in shared caches.

use super::find;
use crate::http::Field;
use crate::http::fields::values;
use crate::{Context, Islands};

/// What is wrong with a response that a test expects to be a shell which shared caches keep; nothing where it is one.
///
/// ```
/// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
/// let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
/// let headers = [("Content-Type", &b"text/html"[..]), ("Cache-Control", b"private")];
/// let faults = eyot::assembly::shell_faults(&islands, 200, &headers, b"<h1>Shop</h1>");
/// assert_eq!(faults, ["its Cache-Control is \"private\": has its view a policy?"]);
/// # Ok::<(), eyot::Error>(())
/// ```
#[must_use]
pub fn shell_faults(islands: &Islands, status: u16, headers: &[Field<'_>], body: &[u8]) -> Vec<String> {
    let joined = |name: &'static str| {
        let values: Vec<_> = values(headers, name).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
        values.join(", ").to_ascii_lowercase()
    };
    let mut faults = Vec::new();
    if status != 200 {
        faults.push(format!("its status is {status}"));
    }
    let control = joined("cache-control");
    if !is_kept(&control) {
        faults.push(format!("its Cache-Control is {control:?}: has its view a policy?"));
    }
    if values(headers, "set-cookie").next().is_some() {
        faults.push("it sets a cookie".to_owned());
    }
    let vary = joined("vary");
    for field in vary.split(',').map(str::trim).filter(|field| ["cookie", "authorization", "*"].contains(field)) {
        faults.push(format!("it varies on {field}"));
    }
    // A page that has been split holds nothing that a split would change.
    if islands.split_lenient(body, &Context::at(0)).is_ok_and(|shell| !shell.is_untouched()) {
        faults.push("a directive is left in it: it was not split".to_owned());
    }
    let mut told: Vec<String> = Vec::new();
    for island in find::islands(body) {
        if islands.config.declared(&island).is_none() && !told.contains(&island) {
            faults.push(format!("its island {island:?} is one that nobody declares"));
            told.push(island);
        }
    }
    faults
}

/// Whether shared caches keep what has this `Cache-Control`.
fn is_kept(control: &str) -> bool {
    let directives: Vec<_> = control.split(',').map(str::trim).collect();
    let seconds = |name: &str| {
        directives.iter().find_map(|directive| directive.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok())
    };
    let life = seconds("s-maxage").or_else(|| seconds("max-age"));
    directives.contains(&"public") && life.is_some_and(|life| life > 0)
}
