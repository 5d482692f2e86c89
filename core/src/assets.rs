//! The loader and the style sheet: bytes, names, ETags.
