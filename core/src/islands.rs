//! The façade that every binding wraps: configuration and key ring, and the placeholders that helpers write.

use std::sync::{Arc, PoisonError, RwLock};

use crate::config::{Config, Declared};
use crate::placeholder::fetch::{self, Island, Scene};
use crate::placeholder::{Options, Slots};
use crate::props::Props;
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
        &self.config.prefix
    }

    /// Whether split pages get the loader's tags; a site without has a loader of its own.
    #[must_use]
    pub fn writes_loader(&self) -> bool {
        self.config.loader
    }

    /// Appends a placeholder: what [`split`](Self::split) makes of the same island in a page.
    ///
    /// # Errors
    /// [`Error::NameUnknown`] and what sealing refuses; `out` is then as it was.
    pub fn placeholder(
        &self,
        name: &str,
        props: Props<'_>,
        slots: &Slots<'_>,
        options: &Options<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let start = out.len();
        out.push(b'<');
        out.extend_from_slice(fetch::ELEMENT.as_bytes());
        let written = self.with_island(name, props, slots, options, context, |scene, island| {
            fetch::append_attributes(scene, &Island { is_element: false, ..*island }, out).map(drop)
        });
        if let Err(error) = written {
            out.truncate(start);
            return Err(error);
        }
        out.push(b'>');
        fetch::append_content(slots.fallback, slots.error, out);
        out.extend_from_slice(b"</");
        out.extend_from_slice(fetch::ELEMENT.as_bytes());
        out.push(b'>');
        Ok(())
    }

    /// Appends a placeholder's attributes, for an element that a template writes itself. They begin with a space.
    ///
    /// # Errors
    /// As [`placeholder`](Self::placeholder).
    pub fn attributes(
        &self,
        name: &str,
        props: Props<'_>,
        options: &Options<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let start = out.len();
        let written = self.with_island(name, props, &Slots::default(), options, context, |scene, island| {
            fetch::append_attributes(scene, island, out).map(drop)
        });
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    /// Appends an island's URL, for libraries that fetch fragments by themselves.
    ///
    /// # Errors
    /// As [`placeholder`](Self::placeholder), and [`Error::Option`] where the URL would be over the limit.
    pub fn url(
        &self,
        name: &str,
        props: Props<'_>,
        options: &Options<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let start = out.len();
        let written = self.with_island(name, props, &Slots::default(), options, context, |scene, island| {
            fetch::append_url(scene, island, out)
        });
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    /// Appends the tags that load the loader and the style sheet, for pages that are not split.
    pub fn loader_tags(&self, context: &Context<'_>, out: &mut Vec<u8>) {
        let keys = self.keys();
        fetch::append_tags(Scene { config: &self.config, keys: &keys, context }, &[], out);
    }

    /// Makes an island of its parts and hands it to `write`.
    fn with_island(
        &self,
        name: &str,
        props: Props<'_>,
        slots: &Slots<'_>,
        options: &Options<'_>,
        context: &Context<'_>,
        write: impl FnOnce(Scene<'_>, &Island<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Declared { name, .. } = self.config.declared(name).ok_or_else(|| Error::NameUnknown(name.to_owned()))?;
        let life = context.shell_life;
        if let (Some(ttl), Some(life)) = (options.ttl.or(self.config.ttl), life)
            && ttl < life
        {
            let reason = format!("{ttl} seconds are fewer than the {life} that caches may keep this shell for");
            return Err(Error::Option { option: "ttl", reason });
        }
        let keys = self.keys();
        let mut json = Vec::new();
        slots.append_json(&mut json)?;
        let scene = Scene { config: &self.config, keys: &keys, context };
        write(scene, &Island { name, props: props.as_bytes(), slots: &json, options: *options, is_element: true })
    }
}
