//! Pairs of candidates: a call of the core, and the same through the C interface, objects and copies included.

use std::ptr::{null, null_mut};

use eyot::http::{Head, Route};
use eyot::placeholder::Placeholder;
use eyot::seal::Payload;
use eyot::{Context, Error, IslandName, Islands, KeyRing, Prepared, Props, Sealing, Slots};
use eyot_ffi::{
    eyot_buffer, eyot_buffer_free, eyot_context, eyot_declaration, eyot_head, eyot_island, eyot_island_free,
    eyot_islands, eyot_islands_free, eyot_islands_new, eyot_islands_options, eyot_islands_placeholder,
    eyot_islands_route, eyot_islands_split, eyot_keyring, eyot_keyring_free, eyot_keyring_open, eyot_keyring_parse,
    eyot_keyring_seal, eyot_payload, eyot_placeholder, eyot_prepared, eyot_prepared_free, eyot_prepared_new,
    eyot_prepared_shell, eyot_request_free, eyot_shell_free, eyot_shell_join, eyot_slice, eyot_status,
};

use crate::candidate::Candidate;
use crate::pages::{ISLAND, PAGES};

/// What is called, by the core's name and by the C interface's.
pub const PAIRS: [[&str; 2]; 6] = [
    ["core: seal", "C: eyot_keyring_seal"],
    ["core: open", "C: eyot_keyring_open"],
    ["core: placeholder", "C: eyot_islands_placeholder"],
    ["core: route, the app's own request", "C: eyot_islands_route"],
    ["core: split, 5 islands on 56 kB, joined", "C: eyot_islands_split, eyot_shell_join"],
    ["core: prepared, 5 islands on 56 kB, in parts", "C: eyot_prepared_shell"],
];

const KEY: &str = "dX8rWq0m3ZtYb6nLk9sVhC2pAeRfJg5uTi1oMxQwB7E=";
const NOW: u64 = 1_800_000_000;
const EMPTY: eyot_slice = eyot_slice { data: null(), len: 0 };

/// The same configuration twice: the core's objects, and C's.
#[derive(Debug)]
pub struct Fixture {
    keys: KeyRing,
    islands: Islands,
    name: IslandName,
    props: Vec<u8>,
    token: Vec<u8>,
    page: String,
    prepared: Prepared,
    c: Handles,
}

/// C's objects, freed when dropped.
#[derive(Debug)]
struct Handles {
    keyring: *mut eyot_keyring,
    islands: *mut eyot_islands,
    prepared: *mut eyot_prepared,
}

impl Fixture {
    /// # Errors
    /// What eyot refuses, which the constants here give no reason for.
    pub fn new() -> Result<Self, Error> {
        let keys = KeyRing::parse(KEY)?;
        let islands = Islands::builder(keys.clone()).island(ISLAND).build()?;
        let name = IslandName::new(ISLAND)?;
        let props = format!("{{\"note\":\"{}\"}}", "x".repeat(200 - 11)).into_bytes();
        let page = PAGES[0].with_islands(5);
        let prepared = islands.prepare(page.as_bytes())?;
        let mut token = Vec::new();
        let payload = Payload { props: &props, ..Payload::default() };
        keys.seal(&name, "", payload, Sealing::Stable, None, &mut token)?;
        let c = Handles::new(&page);
        Ok(Self { keys, islands, name, props, token, page, prepared, c })
    }

    /// Every candidate, ready to run: those of each pair one after the other.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate<'_>> {
        let [seal, open, placeholder, route, split, prepared] = PAIRS;
        let (small, page) = (self.props.len(), self.page.len());
        let [mut sealed, mut opened, mut written] = [const { Vec::new() }; 3];
        vec![
            Candidate::new(seal[0], small, move || self.seal(&mut sealed)),
            Candidate::new(seal[1], small, || self.c_seal()),
            Candidate::new(open[0], small, move || self.open(&mut opened)),
            Candidate::new(open[1], small, || self.c_open()),
            Candidate::new(placeholder[0], small, move || self.placeholder(&mut written)),
            Candidate::new(placeholder[1], small, || self.c_placeholder()),
            Candidate::new(route[0], small, || self.route()),
            Candidate::new(route[1], small, || self.c_route()),
            Candidate::new(split[0], page, || self.split()),
            Candidate::new(split[1], page, || self.c_split()),
            Candidate::new(prepared[0], page, || self.rendering()),
            Candidate::new(prepared[1], page, || self.c_prepared()),
        ]
    }

    fn seal(&self, out: &mut Vec<u8>) -> usize {
        out.clear();
        let payload = Payload { props: &self.props, ..Payload::default() };
        self.keys.seal(&self.name, "", payload, Sealing::Stable, None, out).expect("the payload is small");
        out.len()
    }

    fn open(&self, buffer: &mut Vec<u8>) -> usize {
        let opened = self.keys.open(&self.name, "", &self.token, NOW, buffer).expect("these keys have sealed it");
        opened.payload.props.len()
    }

    fn placeholder(&self, out: &mut Vec<u8>) -> usize {
        out.clear();
        let props = Props::parse(&self.name, &self.props).expect("one object");
        let slots = Slots::with_fallback(b"<i>f</i>");
        let written = self.islands.placeholder(
            &Placeholder::new(ISLAND).with_props(props).with_slots(slots),
            &Context::at(NOW),
            out,
        );
        written.expect("the name is declared and the payload small");
        out.len()
    }

    fn route(&self) -> Option<Route> {
        let headers = [("Host", &b"shop.example"[..])];
        self.islands.route(&Head::new("GET", b"/p/1").with_headers(&headers))
    }

    fn split(&self) -> usize {
        let shell = self.islands.split(self.page.as_bytes(), &Context::at(NOW)).expect("the page was prepared");
        shell.into_bytes().len()
    }

    fn rendering(&self) -> usize {
        let rendering = self.prepared.rendering(&Context::at(NOW)).expect("the page was prepared");
        rendering.segments().count()
    }

    fn c_seal(&self) -> usize {
        let payload = eyot_payload {
            size: size_of::<eyot_payload>(),
            island: slice(ISLAND.as_bytes()),
            audience: EMPTY,
            props: slice(&self.props),
            slots: EMPTY,
            page: EMPTY,
            nonce: null(),
            expires: 0,
        };
        // SAFETY: live objects, readable parts.
        length(|out| unsafe { eyot_keyring_seal(self.c.keyring, &raw const payload, out, null_mut()) })
    }

    fn c_open(&self) -> eyot_status {
        let (name, token) = (ISLAND.as_bytes(), self.token.as_slice());
        let mut island: *mut eyot_island = null_mut();
        // SAFETY: live objects, readable parts.
        unsafe {
            let status = eyot_keyring_open(
                self.c.keyring,
                name.as_ptr(),
                name.len(),
                null(),
                0,
                token.as_ptr(),
                token.len(),
                NOW,
                &raw mut island,
                null_mut(),
            );
            eyot_island_free(island);
            status
        }
    }

    fn c_placeholder(&self) -> usize {
        let island = eyot_placeholder {
            size: size_of::<eyot_placeholder>(),
            name: slice(ISLAND.as_bytes()),
            props: slice(&self.props),
            fallback: slice(b"<i>f</i>"),
            error: EMPTY,
            slots: null(),
            slots_len: 0,
            options: null(),
            options_len: 0,
            flags: 0,
        };
        let context = context();
        let (island, context) = (&raw const island, &raw const context);
        // SAFETY: live objects, readable parts.
        length(|out| unsafe { eyot_islands_placeholder(self.c.islands, island, context, out, null_mut()) })
    }

    fn c_route(&self) -> eyot_status {
        let headers = [eyot_ffi::eyot_pair { name: slice(b"Host"), value: slice(b"shop.example") }];
        let head = eyot_head {
            size: size_of::<eyot_head>(),
            method: slice(b"GET"),
            target: slice(b"/p/1"),
            mount: EMPTY,
            headers: headers.as_ptr(),
            headers_len: headers.len(),
        };
        let mut request = null_mut();
        // SAFETY: live objects, readable parts.
        unsafe {
            let status = eyot_islands_route(self.c.islands, &raw const head, &raw mut request, null_mut());
            eyot_request_free(request);
            status
        }
    }

    fn c_split(&self) -> usize {
        let (page, context) = (self.page.as_bytes(), context());
        let mut shell = null_mut();
        // SAFETY: live objects, readable parts.
        unsafe {
            let (islands, context) = (self.c.islands, &raw const context);
            eyot_islands_split(islands, page.as_ptr(), page.len(), 0, context, &raw mut shell, null_mut());
            let length = length(|out| eyot_shell_join(shell, out, null_mut()));
            eyot_shell_free(shell);
            length
        }
    }

    fn c_prepared(&self) -> eyot_status {
        let context = context();
        let mut shell = null_mut();
        // SAFETY: live objects, readable parts.
        unsafe {
            let status = eyot_prepared_shell(self.c.prepared, &raw const context, &raw mut shell, null_mut());
            eyot_shell_free(shell);
            status
        }
    }
}

impl Handles {
    fn new(page: &str) -> Self {
        let (mut keyring, mut islands, mut prepared) = (null_mut(), null_mut(), null_mut());
        let declared = eyot_declaration { name: slice(ISLAND.as_bytes()), number: 1, flags: 0 };
        let options = eyot_islands_options {
            size: size_of::<eyot_islands_options>(),
            islands: &raw const declared,
            islands_len: 1,
            prefix: EMPTY,
            origin: EMPTY,
            login_url: EMPTY,
            allowed_origins: null(),
            allowed_origins_len: 0,
            locations: null(),
            locations_len: 0,
            url_limit: 0,
            max_islands: 0,
            max_island_bytes: 0,
            ttl: 0,
            ttl_grid: 0,
            flags: 0,
        };
        // SAFETY: live objects, readable parts.
        unsafe {
            eyot_keyring_parse(KEY.as_ptr(), KEY.len(), &raw mut keyring, null_mut());
            eyot_islands_new(keyring, &raw const options, &raw mut islands, null_mut());
            eyot_prepared_new(islands, page.as_ptr(), page.len(), &raw mut prepared, null_mut());
        }
        Self { keyring, islands, prepared }
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: made in `new`, freed once.
        unsafe {
            eyot_prepared_free(self.prepared);
            eyot_islands_free(self.islands);
            eyot_keyring_free(self.keyring);
        }
    }
}

fn slice(bytes: &[u8]) -> eyot_slice {
    eyot_slice { data: bytes.as_ptr(), len: bytes.len() }
}

fn context() -> eyot_context {
    eyot_context {
        size: size_of::<eyot_context>(),
        now: NOW,
        mount: EMPTY,
        audience: EMPTY,
        page_path: EMPTY,
        page_lang: EMPTY,
        shell_life: 0,
        flags: 0,
    }
}

/// The length of what a call writes, freed again.
fn length(call: impl FnOnce(*mut eyot_buffer) -> eyot_status) -> usize {
    let mut buffer = eyot_buffer { data: null_mut(), len: 0, capacity: 0 };
    call(&raw mut buffer);
    let length = buffer.len;
    // SAFETY: written by the call, or empty.
    unsafe { eyot_buffer_free(&raw mut buffer) };
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_of_a_pair_do_the_same() {
        let fixture = Fixture::new().expect("it seals");
        let mut out = Vec::new();
        assert_eq!(fixture.seal(&mut out), fixture.c_seal());
        assert_eq!(fixture.placeholder(&mut out), fixture.c_placeholder());
        assert_eq!(fixture.split(), fixture.c_split());
        let statuses = [fixture.c_open(), fixture.c_route(), fixture.c_prepared()];
        assert_eq!(statuses, [eyot_status::EYOT_OK; 3]);
        assert!(fixture.route().is_none());
    }
}
