//! The loader and the style sheet: for hosts that serve them from elsewhere, inline them, or allow them in a policy. The
//! island routes answer them by themselves.

use eyot::assets;

use crate::boundary;
use crate::bytes::eyot_slice;
use crate::status::eyot_status;

/// A file that pages with islands need. Lives as long as the library.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_asset(&'static assets::Asset);

static LOADER: eyot_asset = eyot_asset(&assets::LOADER);
static STYLESHEET: eyot_asset = eyot_asset(&assets::STYLE);

/// The script that fetches islands and swaps them in. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_loader() -> *const eyot_asset {
    boundary::value(std::ptr::null(), || Some(&raw const LOADER))
}

/// The style sheet that takes `<server-island>` out of the layout. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_asset_stylesheet() -> *const eyot_asset {
    boundary::value(std::ptr::null(), || Some(&raw const STYLESHEET))
}

/// The name below the prefix, such as `loader.v1.js`.
///
/// # Safety
/// `asset` is NULL or an asset; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_asset_name(asset: *const eyot_asset, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { boundary::read(asset, "asset", out, |asset| asset.0.name().into()) })
}

/// The content.
///
/// # Safety
/// `asset` is NULL or an asset; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_asset_bytes(asset: *const eyot_asset, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { boundary::read(asset, "asset", out, |asset| asset.0.bytes().into()) })
}

/// The value of `Content-Type`.
///
/// # Safety
/// `asset` is NULL or an asset; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_asset_media_type(asset: *const eyot_asset, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { boundary::read(asset, "asset", out, |asset| asset.0.media_type().into()) })
}

/// The value of `ETag`, quotes included.
///
/// # Safety
/// `asset` is NULL or an asset; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_asset_etag(asset: *const eyot_asset, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { boundary::read(asset, "asset", out, |asset| asset.0.etag().into()) })
}

/// The value of an `integrity` attribute: `sha384-` and base64. In single quotes it is the source by which a
/// `Content-Security-Policy` allows the file inline.
///
/// # Safety
/// `asset` is NULL or an asset; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_asset_integrity(asset: *const eyot_asset, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { boundary::read(asset, "asset", out, |asset| asset.0.integrity().into()) })
}
