//! Which wide vectors the machine has, found out while the program runs and without `unsafe` here.

#[cfg(target_arch = "x86_64")]
use fearless_simd::{Level, Simd};

/// The level of the machine's vectors; none where they are no wider than those of every machine.
#[cfg(target_arch = "x86_64")]
pub(crate) fn level() -> Option<Level> {
    #[cfg(feature = "suites")]
    if let Some(forced) = forced() {
        return forced;
    }
    Some(Level::new()).filter(|level| level.as_avx2().is_some())
}

/// Every level that this machine has, by name, and none.
#[cfg(all(target_arch = "x86_64", any(test, feature = "suites")))]
pub(crate) fn levels() -> Vec<(&'static str, Option<Level>)> {
    let level = Level::new();
    let wide = level.as_avx512().map(|avx512| ("avx512", Some(avx512.level())));
    let narrow = level.as_avx2().map(|avx2| ("avx2", Some(Level::Avx2(avx2))));
    wide.into_iter().chain(narrow).chain([("none", None)]).collect()
}

/// The level that `EYOT_SIMD` names, so that each can be put to the tests; the machine's own where it has no such one.
#[cfg(all(target_arch = "x86_64", feature = "suites"))]
fn forced() -> Option<Option<Level>> {
    static FORCED: std::sync::LazyLock<Option<Option<Level>>> = std::sync::LazyLock::new(|| {
        let name = std::env::var("EYOT_SIMD").ok()?;
        assert!(["none", "avx2", "avx512"].contains(&name.as_str()), "EYOT_SIMD is none, avx2 or avx512, not {name:?}");
        Some(levels().into_iter().find(|(known, _)| *known == name)?.1)
    });
    *FORCED
}

/// Does `work` compiled for the widest vectors of this machine. It pays for loops that the compiler turns into vectors.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn widest<R>(work: impl FnOnce() -> R) -> R {
    match level().map(|level| (level.as_avx512(), level.as_avx2())) {
        Some((Some(avx512), _)) => avx512.vectorize(work),
        Some((None, Some(avx2))) => avx2.vectorize(work),
        _ => work(),
    }
}

/// Does `work`: elsewhere the compiler knows of all vectors that a machine has.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn widest<R>(work: impl FnOnce() -> R) -> R {
    work()
}
