//! Pairs of candidates: a call of the core, and the same through the C interface, objects and copies included.

use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

use eyot::exchange::Arrived;
use eyot::http::Head;
use eyot::placeholder::Placeholder;
use eyot::seal::Payload;
use eyot::{Context, Error, IslandName, Islands, KeyRing, Prepared, Props, Sealing, Slots};
use eyot_ffi::{
    eyot_buffer, eyot_buffer_free, eyot_context, eyot_declaration, eyot_exchange_free, eyot_head, eyot_islands,
    eyot_islands_arrive, eyot_islands_free, eyot_islands_new, eyot_islands_options, eyot_islands_placeholder,
    eyot_islands_split, eyot_keyring, eyot_keyring_free, eyot_keyring_open, eyot_keyring_parse, eyot_keyring_seal,
    eyot_opened_free, eyot_payload, eyot_placeholder, eyot_prepared, eyot_prepared_free, eyot_prepared_new,
    eyot_prepared_shell, eyot_shell_free, eyot_shell_join, eyot_slice, eyot_status, eyot_token,
};

use crate::candidate::Candidate;
use crate::pages::{ISLAND, PAGES};

/// What is called, by the core's name and by the C interface's.
pub const PAIRS: [[&str; 2]; 6] = [
    ["core: seal", "C: eyot_keyring_seal"],
    ["core: open", "C: eyot_keyring_open"],
    ["core: placeholder", "C: eyot_islands_placeholder"],
    ["core: arrive, the app's own request", "C: eyot_islands_arrive"],
    ["core: split, 5 islands on 56 kB, joined", "C: eyot_islands_split, eyot_shell_join"],
    ["core: prepared, 5 islands on 56 kB, in parts", "C: eyot_prepared_shell"],
];

const KEY: &str = "dX8rWq0m3ZtYb6nLk9sVhC2pAeRfJg5uTi1oMxQwB7E=";
const NOW: u64 = 1_800_000_000;

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
    keyring: Option<Box<eyot_keyring>>,
    islands: Option<Box<eyot_islands>>,
    prepared: Option<Box<eyot_prepared>>,
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
        let [seal, open, placeholder, arrive, split, prepared] = PAIRS;
        let (small, page) = (self.props.len(), self.page.len());
        let [mut sealed, mut opened, mut written] = [const { Vec::new() }; 3];
        vec![
            Candidate::new(seal[0], small, move || self.seal(&mut sealed)),
            Candidate::new(seal[1], small, || self.c_seal()),
            Candidate::new(open[0], small, move || self.open(&mut opened)),
            Candidate::new(open[1], small, || self.c_open()),
            Candidate::new(placeholder[0], small, move || self.placeholder(&mut written)),
            Candidate::new(placeholder[1], small, || self.c_placeholder()),
            Candidate::new(arrive[0], small, || self.arrive()),
            Candidate::new(arrive[1], small, || self.c_arrive()),
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

    fn arrive(&self) -> Arrived {
        let headers = [("Host", &b"shop.example"[..])];
        self.islands.arrive(&Head::new("GET", b"/p/1").with_headers(&headers), None, None)
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
        let (island, props) = (slice(ISLAND.as_bytes()), slice(&self.props));
        let payload = eyot_payload { island, props, ..eyot_payload::default() };
        let keyring = self.c.keyring.as_deref();
        // SAFETY: the payload lives for the call.
        length(|out| unsafe { eyot_keyring_seal(keyring, &raw const payload, out, None) })
    }

    fn c_open(&self) -> eyot_status {
        let (island, bytes) = (slice(ISLAND.as_bytes()), slice(&self.token));
        let token = eyot_token { now: NOW, island, bytes, ..eyot_token::default() };
        let mut opened = MaybeUninit::new(None);
        let keyring = self.c.keyring.as_deref();
        // SAFETY: the token lives for the call, and the output is initialised.
        unsafe {
            let status = eyot_keyring_open(keyring, &raw const token, Some(&mut opened), None);
            eyot_opened_free(opened.assume_init());
            status
        }
    }

    fn c_placeholder(&self) -> usize {
        let (name, props) = (slice(ISLAND.as_bytes()), slice(&self.props));
        let island = eyot_placeholder { name, props, fallback: slice(b"<i>f</i>"), ..eyot_placeholder::default() };
        let (islands, context) = (self.c.islands.as_deref(), context());
        let (island, context) = (&raw const island, &raw const context);
        // SAFETY: both structs live for the call.
        length(|out| unsafe { eyot_islands_placeholder(islands, island, context, out, None) })
    }

    fn c_arrive(&self) -> eyot_status {
        let headers = [eyot_ffi::eyot_pair { name: slice(b"Host"), value: slice(b"shop.example") }];
        let head = eyot_head {
            method: slice(b"GET"),
            target: slice(b"/p/1"),
            headers: headers.as_ptr(),
            headers_len: headers.len(),
            ..eyot_head::default()
        };
        let mut exchange = MaybeUninit::new(None);
        let islands = self.c.islands.as_deref();
        // SAFETY: the head lives for the call, and the output is initialised.
        unsafe {
            let status = eyot_islands_arrive(islands, &raw const head, None, null(), 0, Some(&mut exchange), None);
            eyot_exchange_free(exchange.assume_init());
            status
        }
    }

    fn c_split(&self) -> usize {
        let (page, context) = (self.page.as_bytes(), context());
        let mut shell = MaybeUninit::new(None);
        let (islands, data) = (self.c.islands.as_deref(), page.as_ptr().cast());
        // SAFETY: the page and the context live for the calls, and the output is initialised.
        let shell = unsafe {
            eyot_islands_split(islands, data, page.len(), &raw const context, Some(&mut shell), None);
            shell.assume_init()
        };
        let length = length(|out| eyot_shell_join(shell.as_deref(), out, None));
        eyot_shell_free(shell);
        length
    }

    fn c_prepared(&self) -> eyot_status {
        let (prepared, context) = (self.c.prepared.as_deref(), context());
        let mut shell = MaybeUninit::new(None);
        // SAFETY: the context lives for the call, and the output is initialised.
        unsafe {
            let status = eyot_prepared_shell(prepared, &raw const context, Some(&mut shell), None);
            eyot_shell_free(shell.assume_init());
            status
        }
    }
}

impl Handles {
    fn new(page: &str) -> Self {
        let declared = eyot_declaration { name: slice(ISLAND.as_bytes()), number: 1, reserved: 0 };
        let options =
            eyot_islands_options { islands: &raw const declared, islands_len: 1, ..eyot_islands_options::default() };
        let mut keyring: MaybeUninit<Option<Box<eyot_keyring>>> = MaybeUninit::new(None);
        let mut islands: MaybeUninit<Option<Box<eyot_islands>>> = MaybeUninit::new(None);
        let mut prepared = MaybeUninit::new(None);
        // SAFETY: what is passed lives for the calls, and all outputs are initialised.
        unsafe {
            eyot_keyring_parse(KEY.as_ptr().cast(), KEY.len(), Some(&mut keyring), None);
            let keyring = keyring.assume_init();
            eyot_islands_new(keyring.as_deref(), &raw const options, Some(&mut islands), None);
            let islands = islands.assume_init();
            eyot_prepared_new(islands.as_deref(), page.as_ptr().cast(), page.len(), Some(&mut prepared), None);
            Self { keyring, islands, prepared: prepared.assume_init() }
        }
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        eyot_prepared_free(self.prepared.take());
        eyot_islands_free(self.islands.take());
        eyot_keyring_free(self.keyring.take());
    }
}

fn slice(bytes: &[u8]) -> eyot_slice {
    eyot_slice { data: bytes.as_ptr(), len: bytes.len() }
}

fn context() -> eyot_context {
    eyot_context { now: NOW, ..eyot_context::default() }
}

/// The length of what a call writes, freed again.
fn length(call: impl FnOnce(Option<&mut MaybeUninit<eyot_buffer>>) -> eyot_status) -> usize {
    let mut buffer = MaybeUninit::new(eyot_buffer { data: null_mut(), len: 0, capacity: 0 });
    call(Some(&mut buffer));
    // SAFETY: initialised above, and written by the call or still empty.
    unsafe {
        let mut buffer = buffer.assume_init();
        let length = buffer.len;
        eyot_buffer_free(Some(&mut buffer));
        length
    }
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
        let statuses = [fixture.c_open(), fixture.c_arrive(), fixture.c_prepared()];
        assert_eq!(statuses, [eyot_status::EYOT_OK; 3]);
        assert!(matches!(fixture.arrive(), Arrived::App(None)));
    }
}
