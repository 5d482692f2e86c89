//! The key ring, and tokens without the rest of eyot.

use eyot::seal::Payload;
use eyot::{IslandName, Sealing};
use pyo3::prelude::*;

use crate::context::unix_now;
use crate::errors::{self, SealError};
use crate::exchange::Opened;

/// One or more keys: the first seals, all open. Safe to share between threads.
#[pyclass(frozen, module = "eyot", str)]
pub(crate) struct KeyRing(pub(crate) eyot::KeyRing);

impl std::fmt::Display for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

#[pymethods]
impl KeyRing {
    /// Reads the comma separated form of `EYOT_KEYS`.
    #[staticmethod]
    #[pyo3(signature = (text, /))]
    fn parse(text: &str) -> PyResult<Self> {
        eyot::KeyRing::parse(text).map(Self).map_err(|error| errors::raise(&error))
    }

    /// Reads a key file's text: one key a line, `#` comments.
    #[staticmethod]
    #[pyo3(signature = (text, /))]
    fn parse_file(text: &str) -> PyResult<Self> {
        eyot::KeyRing::parse_file(text).map(Self).map_err(|error| errors::raise(&error))
    }

    /// Derives a ring from a framework's own secrets, the current one first.
    #[staticmethod]
    #[pyo3(signature = (secrets, /))]
    fn derive(secrets: Vec<Vec<u8>>) -> PyResult<Self> {
        let secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
        eyot::KeyRing::derive(&secrets).map(Self).map_err(|error| errors::raise(&error))
    }

    /// The keys' ids in hexadecimal, the sealing key's first.
    fn ids(&self) -> Vec<String> {
        self.0.ids().map(|id| id.0.iter().map(|byte| format!("{byte:02x}")).collect()).collect()
    }

    /// Seals props, slots and page (JSON bytes as tokens hold them) for the island `name`.
    #[pyo3(signature = (name, props, /, *, slots=b"".as_slice(), page=b"".as_slice(), audience="", expires=None, nonce=None))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn seal(
        &self,
        name: &str,
        props: &[u8],
        slots: &[u8],
        page: &[u8],
        audience: &str,
        expires: Option<u32>,
        nonce: Option<&[u8]>,
    ) -> PyResult<String> {
        let mut out = Vec::new();
        let sealing = nonce.map_or(Ok(Sealing::Stable), sealing_with)?;
        IslandName::new(name)
            .and_then(|name| self.0.seal(&name, audience, Payload { props, slots, page }, sealing, expires, &mut out))
            .map_err(|error| errors::raise(&error))?;
        Ok(String::from_utf8(out)?)
    }

    /// Opens a token sealed for the island `name`.
    #[pyo3(signature = (name, token, /, *, audience="", now=None))]
    fn open(&self, py: Python<'_>, name: &str, token: &[u8], audience: &str, now: Option<u64>) -> PyResult<Opened> {
        let name = IslandName::new(name).map_err(|error| errors::raise(&error))?;
        let now = now.map_or_else(unix_now, Ok)?;
        let mut buffer = Vec::new();
        let opened = self
            .0
            .open(&name, audience, token, now, &mut buffer)
            .map_err(|error| errors::TokenError::new_err((error.to_string(), error.code())))?;
        let Payload { props, slots, page } = opened.payload;
        Ok(Opened::new(py, &name, props, slots, page, opened.expires))
    }
}

/// What `keys` stands for: a ring, the text of `EYOT_KEYS`, or nothing, which means the environment.
pub(crate) fn ring_from(keys: Option<&Bound<'_, PyAny>>) -> PyResult<eyot::KeyRing> {
    let Some(keys) = keys.filter(|keys| !keys.is_none()) else { return ring_from_environment() };
    if let Ok(ring) = keys.cast::<KeyRing>() {
        return Ok(ring.get().0.clone());
    }
    Ok(KeyRing::parse(keys.extract()?)?.0)
}

fn ring_from_environment() -> PyResult<eyot::KeyRing> {
    if let Ok(text) = std::env::var("EYOT_KEYS") {
        return Ok(KeyRing::parse(&text)?.0);
    }
    match std::env::var_os("EYOT_KEYS_FILE") {
        Some(path) => Ok(KeyRing::parse_file(&std::fs::read_to_string(path)?)?.0),
        None => Err(errors::raise(&eyot::Error::KeyMissing)),
    }
}

fn sealing_with(nonce: &[u8]) -> PyResult<Sealing> {
    let wrong = |_| SealError::new_err(("the nonce has not 24 bytes", "nonce"));
    Ok(Sealing::Unlinkable(nonce.try_into().map_err(wrong)?))
}
