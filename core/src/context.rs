//! What one call takes from the outside world: time, randomness, the app's mount point, the page.

use std::fmt;

use crate::Mount;

/// Randomness for unlinkable tokens, supplied by the host. Must come from the operating system, unpooled: a pool in user
/// space is copied by `fork`.
///
/// ```
/// use std::fs::File;
/// use std::io::Read;
///
/// use eyot::{Context, Entropy, EntropyError};
///
/// struct Urandom;
///
/// impl Entropy for Urandom {
///     fn fill(&self, nonce: &mut [u8; 24]) -> Result<(), EntropyError> {
///         let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(nonce));
///         read.map_err(|error| EntropyError(error.to_string()))
///     }
/// }
///
/// let context = Context::at(1_800_000_000).with_entropy(&Urandom);
/// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
/// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
/// let page = b"<CartCount server:defer server:seal=\"unlinkable\"></CartCount>";
/// let shell = || islands.split(page, &context).map(|shell| shell.into_bytes().into_owned());
/// assert_ne!(shell()?, shell()?);
/// # Ok::<(), eyot::Error>(())
/// ```
pub trait Entropy {
    /// Fills `nonce` with 24 random bytes.
    ///
    /// # Errors
    /// When the source fails; the text reaches the log.
    fn fill(&self, nonce: &mut [u8; 24]) -> Result<(), EntropyError>;
}

/// Why a source of randomness failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntropyError(pub String);

/// The page that holds the islands, as it travels in a token that asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Page<'a> {
    /// The path without query, as the browser sees it.
    pub path: &'a str,
    /// The page's language, such as `de`; empty when the host has none.
    pub lang: &'a str,
}

/// What one split, placeholder or render takes from the outside world.
///
/// ```
/// use eyot::{Context, Mount, Page};
///
/// let page = Page { path: "/shop/p/1", lang: "de" };
/// let context = Context::at(1_800_000_000).with_mount(Mount::new("/shop")?).with_page(page).with_shell_life(600);
/// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
/// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
/// let shell = islands.split(b"<CartCount server:defer></CartCount>", &context)?;
/// assert!(String::from_utf8_lossy(&shell.into_bytes()).contains("island-src=\"/shop/_server-islands/CartCount/"));
/// # Ok::<(), eyot::Error>(())
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Context<'a> {
    /// Unix time in seconds.
    pub now: u64,
    /// Randomness for unlinkable tokens; without it they are an error.
    pub entropy: Option<&'a dyn Entropy>,
    /// The app's mount point.
    pub mount: Mount<'a>,
    /// A string that sealing and opening must agree on, such as a tenant; empty by default.
    pub audience: &'a str,
    /// The page, sealed into tokens that ask for it.
    pub page: Option<Page<'a>>,
    /// Whether the page answers something else than a GET: then it cannot be fetched again, and stale tokens in it do not
    /// heal.
    pub is_post: bool,
    /// Whether a split page gets the loader's tags, where the configuration has them on. An island's own HTML does without:
    /// the page around it has them.
    pub loader: bool,
    /// Whether what a helper writes goes through a split on its way out. It then marks its placeholders, so that the split
    /// gives their page the loader's tags. What no split sees must not be marked: a browser would get the mark.
    pub split: bool,
    /// Whether islands may be sealed. They become their fallbacks where what sealing depends on, such as the audience, is not
    /// known.
    pub seals: bool,
    /// How long the shell may live in caches, in seconds; a token that expires sooner is an error.
    pub shell_life: Option<u32>,
}

impl<'a> Context<'a> {
    /// A context at `now` (Unix seconds), mounted at the root, without audience, page and randomness.
    #[must_use]
    pub fn at(now: u64) -> Self {
        Self {
            now,
            entropy: None,
            mount: Mount::ROOT,
            audience: "",
            page: None,
            is_post: false,
            loader: true,
            split: false,
            seals: true,
            shell_life: None,
        }
    }

    /// The same with a source of randomness.
    #[must_use]
    pub fn with_entropy(self, entropy: &'a dyn Entropy) -> Self {
        Self { entropy: Some(entropy), ..self }
    }

    /// The same under a mount point.
    #[must_use]
    pub fn with_mount(self, mount: Mount<'a>) -> Self {
        Self { mount, ..self }
    }

    /// The same for an audience.
    #[must_use]
    pub fn with_audience(self, audience: &'a str) -> Self {
        Self { audience, ..self }
    }

    /// The same for a page.
    #[must_use]
    pub fn with_page(self, page: Page<'a>) -> Self {
        Self { page: Some(page), ..self }
    }

    /// The same for a page that answers something else than a GET.
    #[must_use]
    pub fn with_post(self, is_post: bool) -> Self {
        Self { is_post, ..self }
    }

    /// The same with or without the loader's tags.
    #[must_use]
    pub fn with_loader(self, loader: bool) -> Self {
        Self { loader, ..self }
    }

    /// The same where what a helper writes is split, or is not.
    #[must_use]
    pub fn with_split(self, split: bool) -> Self {
        Self { split, ..self }
    }

    /// The same where islands may, or may not, be sealed.
    #[must_use]
    pub fn with_seals(self, seals: bool) -> Self {
        Self { seals, ..self }
    }

    /// The same for a shell that caches may keep for `seconds`.
    #[must_use]
    pub fn with_shell_life(self, seconds: u32) -> Self {
        Self { shell_life: Some(seconds), ..self }
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("now", &self.now)
            .field("entropy", &self.entropy.is_some())
            .field("mount", &self.mount)
            .field("audience", &self.audience)
            .field("page", &self.page)
            .field("is_post", &self.is_post)
            .field("loader", &self.loader)
            .field("split", &self.split)
            .field("seals", &self.seals)
            .field("shell_life", &self.shell_life)
            .finish()
    }
}
