//! The loader's files and the style sheet: bytes, names, ETags, hashes. The source of the loader is in `core/loader/`.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use sha2::{Digest, Sha384};
use xxhash_rust::xxh3::xxh3_128;

use crate::redacted::Length;

/// A file that is served below the prefix. `v1` in its name is the version of the contract between placeholder and
/// loader, so that shells in caches work with every later release.
///
/// ```
/// use eyot::assets::{Asset, LOADER};
///
/// // For a page that writes the script's tag itself.
/// let tag = format!("<script async src=\"/static/{}\" integrity=\"{}\"></script>", LOADER.name(), LOADER.integrity());
/// assert!(tag.contains("loader.v1.js") && tag.contains("sha384-"));
/// assert_eq!(Asset::named("island.v1.css").map(Asset::media_type), Some("text/css; charset=utf-8"));
/// ```
pub struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    hashes: LazyLock<Hashes>,
}

struct Hashes {
    etag: String,
    integrity: String,
}

impl fmt::Debug for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asset")
            .field("name", &self.name)
            .field("media_type", &self.media_type)
            .field("bytes", &Length::of(self.bytes))
            .finish_non_exhaustive()
    }
}

/// The script that fetches islands and swaps them in.
pub static LOADER: Asset = Asset {
    name: "loader.v1.js",
    media_type: "text/javascript; charset=utf-8",
    bytes: LOADER_BYTES,
    hashes: LazyLock::new(|| Hashes::of(LOADER_BYTES)),
};

/// What few pages need: retries, triggers, refreshes, healing, redirects. The loader asks for it then.
pub static LOADER_MORE: Asset = Asset {
    name: "loader.more.v1.js",
    media_type: "text/javascript; charset=utf-8",
    bytes: LOADER_MORE_BYTES,
    hashes: LazyLock::new(|| Hashes::of(LOADER_MORE_BYTES)),
};

/// Puts into words, on the browser's console, what is wrong with an island. The loader asks for it while debugging.
pub static LOADER_DEBUG: Asset = Asset {
    name: "loader.debug.v1.js",
    media_type: "text/javascript; charset=utf-8",
    bytes: LOADER_DEBUG_BYTES,
    hashes: LazyLock::new(|| Hashes::of(LOADER_DEBUG_BYTES)),
};

/// The style sheet that takes `<server-island>` out of the layout.
pub static STYLE: Asset = Asset {
    name: "island.v1.css",
    media_type: "text/css; charset=utf-8",
    bytes: STYLE_BYTES,
    hashes: LazyLock::new(|| Hashes::of(STYLE_BYTES)),
};

const LOADER_BYTES: &[u8] = include_bytes!("../loader/dist/loader.v1.js");
const LOADER_MORE_BYTES: &[u8] = include_bytes!("../loader/dist/loader.more.v1.js");
const LOADER_DEBUG_BYTES: &[u8] = include_bytes!("../loader/dist/loader.debug.v1.js");
const STYLE_BYTES: &[u8] = include_bytes!("../loader/dist/island.v1.css");

const ALL: [&Asset; 4] = [&LOADER, &LOADER_MORE, &LOADER_DEBUG, &STYLE];

impl Asset {
    /// The file of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|asset| asset.name == name)
    }

    /// The name below the prefix.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The content, for hosts that serve or inline it themselves.
    #[must_use]
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// The strong ETag, quotes included.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.hashes.etag
    }

    /// The value of an `integrity` attribute: `sha384-` and base64.
    #[must_use]
    pub fn integrity(&self) -> &str {
        &self.hashes.integrity
    }

    /// The source by which a `Content-Security-Policy` allows the file inline: the integrity in single quotes.
    #[must_use]
    pub fn policy_source(&self) -> String {
        format!("'{}'", self.integrity())
    }

    /// The headers of an answer with this file; of a 304 too.
    pub(crate) fn headers(&'static self) -> Vec<(&'static str, Cow<'static, str>)> {
        vec![
            // Pages of another origin may ask for it with `integrity`, or for its text.
            ("Access-Control-Allow-Origin", "*".into()),
            ("Cache-Control", "public, max-age=3600, stale-while-revalidate=86400".into()),
            ("ETag", self.etag().into()),
            ("X-Content-Type-Options", "nosniff".into()),
        ]
    }
}

impl Hashes {
    fn of(bytes: &[u8]) -> Self {
        let digest = base64_simd::STANDARD.encode_to_string(Sha384::digest(bytes));
        Self { etag: format!("\"{:032x}\"", xxh3_128(bytes)), integrity: format!("sha384-{digest}") }
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Asset};

    #[test]
    fn each_file_is_found_by_its_exact_name() {
        for asset in ALL {
            assert!(std::ptr::eq(Asset::named(asset.name()).expect("a file"), asset));
        }
        for name in ["", "loader.v1.JS", "loader.v2.js", "loader.v1.js/"] {
            assert!(Asset::named(name).is_none(), "{name}");
        }
    }

    #[test]
    fn hashes_differ_between_files_and_have_their_formats() {
        for asset in ALL {
            let etag = asset.etag();
            assert_eq!(etag.len(), 34);
            assert!(etag.starts_with('"') && etag.ends_with('"'));
            assert_eq!(asset.integrity().len(), "sha384-".len() + 64);
        }
        for (index, asset) in ALL.iter().enumerate() {
            for other in &ALL[..index] {
                assert_ne!(asset.etag(), other.etag());
                assert_ne!(asset.integrity(), other.integrity());
            }
        }
    }

    #[test]
    fn the_hash_of_integrity_is_the_one_that_sha384_defines() {
        let empty = "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb";
        assert_eq!(super::Hashes::of(b"").integrity, empty);
    }
}
