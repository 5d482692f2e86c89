//! The façade that every binding wraps: configuration and key ring, and the placeholders that helpers write.

use std::sync::{Arc, PoisonError, RwLock};

use crate::config::{Config, Declared};
use crate::placeholder::fetch::{self, Island, Scene};
use crate::placeholder::{Options, Placeholder, Slots};
use crate::{Context, Error, KeyRing};

/// A host's configuration: its islands, its keys, where islands are asked for. Clones share all of it, between threads
/// too.
#[derive(Debug, Clone)]
pub struct Islands {
    keys: Arc<RwLock<Arc<KeyRing>>>,
    pub(crate) config: Arc<Config>,
}

impl Islands {
    pub(crate) fn new(keys: KeyRing, config: Config) -> Self {
        Self { keys: Arc::new(RwLock::new(Arc::new(keys))), config: Arc::new(config) }
    }

    /// Replaces the keys for this object and all its clones, atomically while other threads use them.
    ///
    /// ```
    /// use eyot::KeyRing;
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let clone = islands.clone();
    /// // The new key seals from now on; the old one stays behind it, for the shells in caches.
    /// let both = "Kq7ZrT4mXw9uB1nEo5cYv8HdJ2gLs6PfQa3RiUxWzM0=,p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=";
    /// islands.set_keys(KeyRing::parse(both)?);
    /// assert_eq!(clone.keys().ids().count(), 2);
    /// # Ok::<(), eyot::Error>(())
    /// ```
    pub fn set_keys(&self, keys: KeyRing) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// The keys in force.
    #[must_use]
    pub fn keys(&self) -> Arc<KeyRing> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The prefix below which islands are asked for.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.config.settings.prefix
    }

    /// Whether HTML is searched for directives where no view says otherwise.
    #[must_use]
    pub fn has_html_pass(&self) -> bool {
        self.config.settings.html_pass
    }

    /// How many seconds the handler of an island may take that has no deadline of its own; `None` for no limit.
    #[must_use]
    pub fn deadline(&self) -> Option<u32> {
        self.config.settings.deadline.filter(|seconds| *seconds > 0)
    }

    /// Whether faults are shown to the visitor.
    pub(crate) fn is_debug(&self) -> bool {
        self.config.settings.debug
    }

    /// Whether islands that do not say are sealed anew each time.
    pub(crate) fn is_unlinkable(&self) -> bool {
        self.config.settings.seal == crate::placeholder::options::SealMode::Unlinkable
    }

    /// Whether split pages get the loader's tags; a site without has a loader of its own.
    #[must_use]
    pub fn writes_loader(&self) -> bool {
        self.config.settings.loader
    }

    /// Appends a placeholder: what [`split`](Self::split) makes of the same island in a page. Where the context says that a
    /// split follows ([`Context::split`]), it is marked with `server:placed`, which that split takes out.
    ///
    /// ```
    /// use eyot::placeholder::Placeholder;
    /// use eyot::{Context, IslandName, Props, Slots};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// let islands = eyot::Islands::builder(keys).island("Price").build()?;
    /// let props = Props::parse(&IslandName::new("Price")?, br#"{"sku":"A-1"}"#)?;
    /// let price = Placeholder::new("Price").with_props(props).with_slots(Slots::with_fallback("…".as_bytes()));
    /// let mut html = Vec::new();
    /// islands.placeholder(&price, &Context::at(1_800_000_000), &mut html)?;
    /// assert!(html.starts_with(b"<server-island island=\"Price\" island-src=\"/_server-islands/Price/"));
    /// assert!(html.ends_with("…</server-island>".as_bytes()));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NameUnknown`] and what sealing refuses; `out` is then as it was.
    pub fn placeholder(
        &self,
        placeholder: &Placeholder<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let Slots { fallback, error, .. } = placeholder.slots;
        self.with_island(placeholder, context, out, |scene, island, out| {
            out.push(b'<');
            out.extend_from_slice(fetch::ELEMENT.as_bytes());
            fetch::append_mark(scene, out);
            fetch::append_attributes(scene, &Island { is_element: false, ..*island }, out)?;
            out.push(b'>');
            fetch::append_content(fallback, error, out);
            out.extend_from_slice(b"</");
            out.extend_from_slice(fetch::ELEMENT.as_bytes());
            out.push(b'>');
            Ok(())
        })
    }

    /// Appends a placeholder's attributes, for an element that a template writes itself. They begin with a space. The
    /// fallback and the error slot are the template's as well.
    ///
    /// ```
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartRow").build()?;
    /// let mut html = b"<tr".to_vec();
    /// let row = eyot::placeholder::Placeholder::new("CartRow");
    /// islands.attributes(&row, &eyot::Context::at(1_800_000_000), &mut html)?;
    /// html.extend_from_slice(b"><td>one moment</td></tr>");
    /// assert!(html.starts_with(b"<tr island=\"CartRow\" island-src=\""));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`placeholder`](Self::placeholder).
    pub fn attributes(
        &self,
        placeholder: &Placeholder<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.with_island(placeholder, context, out, |scene, island, out| {
            fetch::append_mark(scene, out);
            fetch::append_attributes(scene, island, out).map(drop)
        })
    }

    /// Appends an island's URL, for libraries that fetch fragments by themselves.
    ///
    /// ```
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let mut url = Vec::new();
    /// let count = eyot::placeholder::Placeholder::new("CartCount");
    /// islands.url(&count, &eyot::Context::at(1_800_000_000), &mut url)?;
    /// assert!(url.starts_with(b"/_server-islands/CartCount/"));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`placeholder`](Self::placeholder), and [`Error::Option`] where the URL would be over the limit.
    pub fn url(&self, placeholder: &Placeholder<'_>, context: &Context<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        self.with_island(placeholder, context, out, fetch::append_url)
    }

    /// Appends the tags that load the loader and the style sheet, for pages that no split sees.
    ///
    /// ```
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let mut head = Vec::new();
    /// islands.loader_tags(&eyot::Context::at(1_800_000_000), &mut head);
    /// assert!(head.ends_with(b"<script async src=\"/_server-islands/loader.v1.js\"></script>"));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    pub fn loader_tags(&self, context: &Context<'_>, out: &mut Vec<u8>) {
        let keys = self.keys();
        fetch::append_tags(Scene { config: &self.config, keys: &keys, context }, out);
    }

    /// Lets `write` append an island; where that fails, `out` is as it was.
    fn with_island(
        &self,
        placeholder: &Placeholder<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
        write: impl FnOnce(Scene<'_>, &Island<'_>, &mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Placeholder { name, props, slots, options } = *placeholder;
        let unknown = || Error::NameUnknown { name: name.to_owned(), nearest: self.config.nearest(name.as_bytes()) };
        let Declared { name, .. } = self.config.declared(name).ok_or_else(unknown)?;
        self.check_life(&options, context)?;
        let keys = self.keys();
        let mut json = Vec::new();
        slots.append_json(&mut json)?;
        let scene = Scene { config: &self.config, keys: &keys, context };
        let island = Island { name, props: props.as_bytes(), slots: &json, options, is_element: true };
        let start = out.len();
        let written = write(scene, &island, out);
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    /// A token must not expire while the shell that holds it is in a cache.
    fn check_life(&self, options: &Options<'_>, context: &Context<'_>) -> Result<(), Error> {
        match (options.ttl.or(self.config.settings.ttl), context.shell_life) {
            (Some(ttl), Some(life)) if ttl < life => {
                let reason = format!("{ttl} seconds are fewer than the {life} that caches may keep this shell for");
                Err(Error::Option { option: "ttl".into(), reason })
            }
            _ => Ok(()),
        }
    }
}
