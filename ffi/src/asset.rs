//! The loader and the style sheet: for hosts that serve them from elsewhere, inline them, or allow them in a policy. The
//! island routes answer them by themselves.

use std::mem::MaybeUninit;

use eyot::assets;

use crate::boundary;
use crate::bytes::eyot_slice;
use crate::status::eyot_status;

/// A file that pages with islands need. Valid for as long as the library is loaded.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_asset(&'static assets::Asset);

static LOADER: eyot_asset = eyot_asset(&assets::LOADER);
static LOADER_MORE: eyot_asset = eyot_asset(&assets::LOADER_MORE);
static LOADER_DEBUG: eyot_asset = eyot_asset(&assets::LOADER_DEBUG);
static STYLESHEET: eyot_asset = eyot_asset(&assets::STYLE);

/// The script that fetches islands and swaps them in. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_loader() -> Option<&'static eyot_asset> {
    boundary::part(|| Some(&LOADER))
}

/// The script that the loader fetches when a page needs it: for refreshes, triggers and retries. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_loader_more() -> Option<&'static eyot_asset> {
    boundary::part(|| Some(&LOADER_MORE))
}

/// The script that the loader fetches while debugging, to say in words what is wrong. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_loader_debug() -> Option<&'static eyot_asset> {
    boundary::part(|| Some(&LOADER_DEBUG))
}

/// The style sheet that takes `<server-island>` out of the layout. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_stylesheet() -> Option<&'static eyot_asset> {
    boundary::part(|| Some(&STYLESHEET))
}

/// The name below the prefix, such as `loader.v1.js`.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_name(
    asset: Option<&eyot_asset>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(asset, "asset", out, |asset| asset.0.name().into()))
}

/// The content.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_bytes(
    asset: Option<&eyot_asset>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(asset, "asset", out, |asset| asset.0.bytes().into()))
}

/// The value of `Content-Type`.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_media_type(
    asset: Option<&eyot_asset>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(asset, "asset", out, |asset| asset.0.media_type().into()))
}

/// The value of `ETag`, quotes included.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_etag(
    asset: Option<&eyot_asset>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(asset, "asset", out, |asset| asset.0.etag().into()))
}

/// The value of an `integrity` attribute: `sha384-` and base64. In single quotes it is also a source for a
/// `Content-Security-Policy` that allows the file inline.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_integrity(
    asset: Option<&eyot_asset>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(asset, "asset", out, |asset| asset.0.integrity().into()))
}
