//! Random calls of the C interface, in any order, on objects in any state.
#![no_main]

use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

use arbitrary::Arbitrary;
use eyot_ffi::*;
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
enum Call<'d> {
    Keys { text: &'d [u8], is_file: bool },
    Islands { names: Vec<&'d str>, flags: u8, limit: u8 },
    SetKeys,
    Placeholder { which: u8, name: &'d [u8], props: &'d [u8], html: &'d [u8], option: (&'d str, &'d str) },
    Split { page: &'d [u8], mode: u8, cut: u8 },
    Push { chunk: &'d [u8], mode: u8 },
    Finish,
    Prepare { page: &'d [u8] },
    Render,
    Arrive { method: &'d [u8], target: &'d [u8], mount: &'d str, headers: Vec<(&'d str, &'d [u8])>, visitor: &'d [u8] },
    ArriveAsked { is_cart: bool, is_posted: bool },
    ArrivePage { rest: &'d [u8], is_head: bool },
    Body { body: &'d [u8], is_own: bool },
    Share { seconds: u32 },
    Open { audience: &'d [u8] },
    Misfit { why: &'d [u8] },
    NotePolicies { values: Vec<&'d [u8]> },
    Drop { which: u8 },
    Policy { times: [u32; 4], flags: u8 },
    Props { name: &'d [u8], text: &'d [u8], number: f64, integer: i64 },
    Object { json: &'d [u8], name: &'d [u8] },
    Audit { shell: &'d [u8] },
    Struct { size: u32, reserved: u32, rest: [u8; 16] },
    Page { flags: u8, is_outer: bool },
    ExchangePage { splits: bool },
    ExchangeOut,
    NoteCut { is_outer: bool },
    PageStep { is_outer: bool, status: u8, headers: Vec<(&'d str, &'d [u8])>, size: u8, length: u64 },
    PageWhole { is_outer: bool, status: u8, headers: Vec<(&'d str, &'d [u8])>, body: &'d [u8], is_decoded: bool },
    PagePush { is_outer: bool, chunk: &'d [u8], is_last: bool },
}

/// One object of each kind, or NULL.
struct State {
    keyring: Option<Box<eyot_keyring>>,
    islands: Option<Box<eyot_islands>>,
    splitter: Option<Box<eyot_splitter>>,
    prepared: Option<Box<eyot_prepared>>,
    policy: Option<Box<eyot_policy>>,
    exchange: Option<Box<eyot_exchange>>,
    /// The token of an island of these keys.
    token: Vec<u8>,
    props: Option<Box<eyot_props>>,
    /// The ways out through the inner station and the outer one.
    pages: [Option<Box<eyot_page>>; 2],
    /// Whether a page has the same shell each time, and the loader's tags are the default ones.
    is_plain: bool,
}

const KEY: &[u8] = b"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";
const NOW: u64 = 1_800_000_000;
const EMPTY: eyot_slice = eyot_slice { data: null(), len: 0 };

fn context(is_lenient: bool) -> eyot_context {
    let flags = if is_lenient { EYOT_CONTEXT_LENIENT } else { 0 };
    eyot_context { now: NOW, flags, ..eyot_context::default() }
}

fn slice(bytes: &[u8]) -> eyot_slice {
    eyot_slice { data: bytes.as_ptr(), len: bytes.len() }
}

fn pairs(list: &[(&str, &[u8])]) -> Vec<eyot_pair> {
    list.iter().map(|(name, value)| eyot_pair { name: slice(name.as_bytes()), value: slice(value) }).collect()
}

/// A place that a call may write to.
type Place<'a, T> = Option<&'a mut MaybeUninit<T>>;

/// Makes a call, and checks that it writes its output exactly when it succeeds, and an error exactly when it does not.
fn made<T>(empty: T, call: impl FnOnce(Place<'_, T>, Place<'_, Option<Box<eyot_error>>>) -> eyot_status) -> Option<T> {
    let (mut output, mut error) = (MaybeUninit::new(empty), MaybeUninit::new(None));
    let status = call(Some(&mut output), Some(&mut error));
    assert_ne!(status, eyot_status::EYOT_PANIC);
    // SAFETY: both are initialised above.
    let (output, error) = unsafe { (output.assume_init(), error.assume_init()) };
    assert_eq!(status == eyot_status::EYOT_OK, error.is_none());
    if error.is_some() {
        assert_eq!(eyot_error_status(error.as_deref()), status);
        eyot_error_free(error);
    }
    (status == eyot_status::EYOT_OK).then_some(output)
}

/// The same for an object.
fn object<T>(
    call: impl FnOnce(Place<'_, Option<Box<T>>>, Place<'_, Option<Box<eyot_error>>>) -> eyot_status,
) -> Option<Box<T>> {
    made(None, call).flatten()
}

/// The same for a buffer, whose bytes it returns.
fn written(
    call: impl FnOnce(Place<'_, eyot_buffer>, Place<'_, Option<Box<eyot_error>>>) -> eyot_status,
) -> Option<Vec<u8>> {
    let mut buffer = made(eyot_buffer { data: null_mut(), len: 0, capacity: 0 }, call)?;
    let bytes = read(eyot_slice { data: buffer.data, len: buffer.len });
    // SAFETY: written by the call, freed twice on purpose.
    unsafe {
        eyot_buffer_free(Some(&mut buffer));
        eyot_buffer_free(Some(&mut buffer));
    }
    Some(bytes)
}

/// A list that a call tells by its first element and its length; empty where it fails.
fn list<T: Copy>(call: impl FnOnce(Place<'_, *const T>, Place<'_, usize>) -> eyot_status) -> Vec<T> {
    let (mut first, mut len) = (MaybeUninit::new(null()), MaybeUninit::new(0));
    call(Some(&mut first), Some(&mut len));
    // SAFETY: initialised above, and the call tells as many elements as there are.
    unsafe {
        let (first, len) = (first.assume_init(), len.assume_init());
        (0..len).map(|index| *first.add(index)).collect()
    }
}

/// What a call tells as a slice.
fn text(call: impl FnOnce(Place<'_, eyot_slice>) -> eyot_status) -> Vec<u8> {
    let mut out = MaybeUninit::new(EMPTY);
    call(Some(&mut out));
    // SAFETY: initialised above.
    read(unsafe { out.assume_init() })
}

/// Every byte that a slice promises.
fn read(slice: eyot_slice) -> Vec<u8> {
    if slice.len == 0 {
        return Vec::new();
    }
    // SAFETY: what is being tested.
    unsafe { std::slice::from_raw_parts(slice.data, slice.len) }.to_vec()
}

fn read_all(list: Vec<eyot_slice>) -> Vec<u8> {
    list.into_iter().flat_map(read).collect()
}

/// Puts a new object into its place and frees the old one.
fn replace<T>(place: &mut Option<Box<T>>, object: Option<Box<T>>, free: extern "C" fn(Option<Box<T>>)) {
    if object.is_some() {
        free(std::mem::replace(place, object));
    }
}

impl State {
    fn new() -> Self {
        let mut state = Self {
            keyring: None,
            islands: None,
            splitter: None,
            prepared: None,
            policy: None,
            exchange: None,
            token: Vec::new(),
            props: eyot_props_new(),
            pages: [None, None],
            is_plain: true,
        };
        state.call(Call::Keys { text: KEY, is_file: false });
        state.call(Call::Islands { names: vec!["Cart", "Avatar"], flags: 0, limit: 0 });
        state.call(Call::Policy { times: [0, 600, 0, 0], flags: 0 });
        state
    }

    fn call(&mut self, call: Call<'_>) {
        match call {
            Call::Keys { text, is_file } => {
                let parse = if is_file { eyot_keyring_parse_file } else { eyot_keyring_parse };
                // SAFETY: the text lives for the call.
                let keyring = object(|out, error| unsafe { parse(text.as_ptr().cast(), text.len(), out, error) });
                replace(&mut self.keyring, keyring, eyot_keyring_free);
            }
            Call::Islands { names, flags, limit } => self.configure(&names, flags, limit),
            Call::SetKeys => _ = eyot_islands_set_keys(self.islands.as_deref(), self.keyring.as_deref(), None),
            Call::Placeholder { which, name, props, html, option } => {
                self.placeholder(which, name, props, html, option);
            }
            Call::Split { page, mode, cut } => self.split(page, mode & 1 == 1, cut),
            Call::Push { chunk, mode } => self.push(chunk, mode & 1 == 1),
            Call::Finish => {
                read_all(list(|out, len| eyot_splitter_finish(self.splitter.as_deref_mut(), out, len, None)));
                eyot_splitter_free(self.splitter.take());
            }
            Call::Prepare { page } => {
                let (islands, data) = (self.islands.as_deref(), page.as_ptr().cast());
                // SAFETY: the page lives for the call.
                let prepared = object(|out, error| unsafe { eyot_prepared_new(islands, data, page.len(), out, error) });
                replace(&mut self.prepared, prepared, eyot_prepared_free);
            }
            Call::Render => self.render(),
            Call::Arrive { method, target, mount, headers, visitor } => {
                self.arrive(method, target, mount, &headers, visitor);
            }
            Call::ArriveAsked { is_cart, is_posted } => {
                self.arrive_asked(if is_cart { "Cart" } else { "Avatar" }, is_posted);
            }
            Call::ArrivePage { rest, is_head } => {
                let method = if is_head { b"HEAD".as_slice() } else { b"GET" };
                self.arrive(method, &[b"/p", rest].concat(), "", &[("cookie", b"a=b")], b"");
            }
            Call::Body { body, is_own } => self.body(body, is_own),
            Call::Share { seconds } => _ = eyot_exchange_share(self.exchange.as_deref(), seconds),
            Call::Open { audience } => self.open(audience),
            Call::Misfit { why } => {
                let (exchange, data) = (self.exchange.as_deref(), why.as_ptr().cast());
                // SAFETY: the text lives for the call.
                let made = object(|out, error| unsafe { eyot_exchange_misfit(exchange, data, why.len(), out, error) });
                reply(made.as_deref());
                eyot_reply_free(made);
            }
            Call::NotePolicies { values } => {
                let values: Vec<_> = values.into_iter().map(slice).collect();
                // SAFETY: the values live for the call.
                unsafe { eyot_exchange_note_policies(self.exchange.as_deref(), values.as_ptr(), values.len()) };
            }
            Call::Drop { which } => self.drop_one(which),
            Call::Policy { times, flags } => self.policy(times, flags),
            Call::Props { name, text, number, integer } => self.write(name, text, number, integer),
            Call::Object { json, name } => read_object(json, name),
            Call::Audit { shell } => {
                let data = shell.as_ptr().cast();
                // SAFETY: the shell lives for the call.
                let found = object(|out, error| unsafe { eyot_report_audit(data, shell.len(), out, error) });
                report(found.as_deref());
                eyot_report_free(found);
            }
            Call::Struct { size, reserved, rest } => self.tags(size, reserved, rest),
            Call::Page { flags, is_outer } => {
                let options =
                    eyot_page_options { flags: flags.into(), path: slice(b"/p"), ..eyot_page_options::default() };
                let (islands, new) =
                    (self.islands.as_deref(), if is_outer { eyot_page_new_outer } else { eyot_page_new });
                // SAFETY: the options live for the call.
                let page = object(|out, error| unsafe { new(islands, &raw const options, out, error) });
                replace(&mut self.pages[usize::from(is_outer)], page, eyot_page_free);
            }
            Call::ExchangePage { splits } => {
                let exchange = self.exchange.as_deref();
                let page = object(|out, error| eyot_exchange_page(exchange, splits, out, error));
                replace(&mut self.pages[0], page, eyot_page_free);
            }
            Call::ExchangeOut => {
                let exchange = self.exchange.as_deref();
                let page = object(|out, error| eyot_exchange_out(exchange, out, error));
                replace(&mut self.pages[1], page, eyot_page_free);
            }
            Call::NoteCut { is_outer } => {
                eyot_page_note_cut(self.page(is_outer));
                self.page_said(is_outer, None);
            }
            Call::PageStep { is_outer, status, headers, size, length } => {
                self.page_step(is_outer, status, &headers, size, length);
            }
            Call::PageWhole { is_outer, status, headers, body, is_decoded } => {
                self.page_whole(is_outer, status, &headers, body, is_decoded);
            }
            Call::PagePush { is_outer, chunk, is_last } => self.page_push(is_outer, chunk, is_last),
        }
    }

    /// Frees an object in the middle of what it is used for.
    fn drop_one(&mut self, which: u8) {
        match which % 5 {
            0 => eyot_exchange_free(self.exchange.take()),
            1 => eyot_page_free(self.pages[0].take()),
            2 => eyot_page_free(self.pages[1].take()),
            3 => eyot_policy_free(self.policy.take()),
            _ => eyot_islands_free(self.islands.take()),
        }
    }

    fn page(&mut self, is_outer: bool) -> Option<&mut eyot_page> {
        self.pages[usize::from(is_outer)].as_deref_mut()
    }

    fn configure(&mut self, names: &[&str], flags: u8, limit: u8) {
        let declared: Vec<_> = names
            .iter()
            .map(|name| eyot_declaration { name: slice(name.as_bytes()), number: 1, reserved: (flags >> 7).into() })
            .collect();
        let on = |bit: u8| if flags & (1 << bit) == 0 { "false" } else { "true" };
        let (limit, bytes) = (limit.to_string(), (usize::from(limit) * 64).to_string());
        let seal = if flags & 2 == 0 { "stable" } else { "unlinkable" };
        let set = pairs(&[
            ("inline_loader", on(0).as_bytes()),
            ("seal", seal.as_bytes()),
            ("page", on(2).as_bytes()),
            ("preload", on(3).as_bytes()),
            ("debug", on(4).as_bytes()),
            ("stylesheet", on(5).as_bytes()),
            ("loader", on(6).as_bytes()),
            ("url_limit", limit.as_bytes()),
            ("max_islands", limit.as_bytes()),
            ("max_island_bytes", bytes.as_bytes()),
        ]);
        let options = eyot_islands_options {
            islands: declared.as_ptr(),
            islands_len: declared.len(),
            options: set.as_ptr(),
            options_len: set.len(),
            ..eyot_islands_options::default()
        };
        let keyring = self.keyring.as_deref();
        // SAFETY: the options live for the call.
        let islands = object(|out, error| unsafe { eyot_islands_new(keyring, &raw const options, out, error) });
        if islands.is_some() {
            self.is_plain = flags & 0b1011 == 0 && flags & 0b10_0000 != 0;
        }
        replace(&mut self.islands, islands, eyot_islands_free);
    }

    fn policy(&mut self, [browser, cdn, stale_while_revalidate, stale_if_error]: [u32; 4], flags: u8) {
        let options = eyot_policy_options {
            flags: flags.into(),
            browser,
            cdn,
            stale_while_revalidate,
            stale_if_error,
            ..eyot_policy_options::default()
        };
        // SAFETY: the options live for the call.
        let policy = object(|out, error| unsafe { eyot_policy_new(&raw const options, out, error) });
        replace(&mut self.policy, policy, eyot_policy_free);
    }

    fn placeholder(&self, which: u8, name: &[u8], props: &[u8], html: &[u8], option: (&str, &str)) {
        let slots = pairs(&[(option.0, html)]);
        let options = pairs(&[(option.0, option.1.as_bytes())]);
        let placeholder = eyot_placeholder {
            flags: u32::from(which >> 5 & 1),
            name: slice(name),
            props: slice(props),
            fallback: slice(html),
            error: slice(html),
            slots: slots.as_ptr(),
            slots_len: usize::from(which >> 7),
            options: options.as_ptr(),
            options_len: usize::from(which >> 6 & 1),
            ..eyot_placeholder::default()
        };
        let write = [eyot_islands_placeholder, eyot_islands_attributes, eyot_islands_url][usize::from(which % 3)];
        let (islands, context) = (self.islands.as_deref(), context(false));
        // SAFETY: both structs live for the call.
        written(|out, error| unsafe { write(islands, &raw const placeholder, &raw const context, out, error) });
    }

    /// A struct of any size that is said to be shorter or longer than it is here, with anything behind its end: it is
    /// taken exactly when its size is one that a caller can have, its reserved field is zero, and so is what is new.
    fn tags(&self, size: u32, reserved: u32, rest: [u8; 16]) {
        #[repr(C)]
        struct Longer {
            context: eyot_context,
            rest: [u8; 16],
        }
        let (here, most) = (size_of::<eyot_context>() as u32, size_of::<Longer>() as u32);
        // What does not fit into the memory here may be claimed only where it is refused by its size alone.
        let size = if size > most && size <= 64 * 1024 { most } else { size };
        let longer = Longer { context: eyot_context { size, reserved, ..context(false) }, rest };
        let islands = self.islands.as_deref();
        let data = (&raw const longer).cast();
        // SAFETY: the memory lives for the call, and is as long as the size says where that is looked at.
        let tags = written(|out, error| unsafe { eyot_islands_loader_tags(islands, data, out, error) });
        let is_known = (here..=most).contains(&size) && reserved == 0;
        let is_new = rest.iter().take(size.saturating_sub(here) as usize).any(|byte| *byte != 0);
        assert_eq!(tags.is_some(), islands.is_some() && is_known && !is_new, "{size} {reserved} {rest:?}");
    }

    /// A page split whole is the page split in two chunks, but for where the loader's tags stand.
    fn split(&self, page: &[u8], is_lenient: bool, cut: u8) {
        let (islands, context, data) = (self.islands.as_deref(), context(is_lenient), page.as_ptr().cast());
        let split = |out: Place<'_, _>, error: Place<'_, _>| {
            // SAFETY: the page lives longer than the shell, and the context for the call.
            unsafe { eyot_islands_split(islands, data, page.len(), &raw const context, out, error) }
        };
        let Some(shell) = object(split) else { return };
        let shell = Some(shell);
        let whole = read_all(list(|out, len| eyot_shell_segments(shell.as_deref(), out, len)));
        assert_eq!(whole.len(), eyot_shell_len(shell.as_deref()));
        assert_eq!(written(|out, error| eyot_shell_join(shell.as_deref(), out, error)), Some(whole.clone()));
        let mut copy = vec![0; whole.len()];
        // SAFETY: the copy has as much room as it says.
        let copied = unsafe { eyot_shell_copy(shell.as_deref(), copy.as_mut_ptr().cast(), copy.len()) };
        assert_eq!(copied, eyot_status::EYOT_OK);
        assert_eq!(copy, whole);
        report(eyot_shell_problems(shell.as_deref()));
        report(eyot_shell_diagnostics(shell.as_deref()));
        let chunked = self.chunked(page, is_lenient, cut);
        let is_plain = self.is_plain && !page.windows(10).any(|word| word == b"unlinkable");
        let without_loader = |shell: &[u8]| String::from_utf8_lossy(shell).replace(LOADER, "");
        if is_plain {
            assert_eq!(chunked.map(|shell| without_loader(&shell)), Some(without_loader(&whole)));
        }
        eyot_shell_free(shell);
    }

    fn splitter(&self, is_lenient: bool) -> Option<Box<eyot_splitter>> {
        let (islands, context) = (self.islands.as_deref(), context(is_lenient));
        // SAFETY: the context lives for the call, which copies it.
        object(|out, error| unsafe { eyot_splitter_new(islands, &raw const context, out, error) })
    }

    fn chunked(&self, page: &[u8], is_lenient: bool, cut: u8) -> Option<Vec<u8>> {
        let (first, second) = page.split_at(usize::from(cut).min(page.len()));
        let mut shell = Vec::new();
        let mut splitter = self.splitter(is_lenient);
        splitter.as_ref()?;
        let mut statuses = Vec::new();
        for chunk in [first, second] {
            // A copy of exactly its size, gone after the call: a segment that outlives it would be seen.
            let chunk = chunk.to_vec();
            let (this, data) = (splitter.as_deref_mut(), chunk.as_ptr().cast());
            shell.extend(read_all(list(|out, len| {
                // SAFETY: the chunk lives until its segments are read.
                statuses.push(unsafe { eyot_splitter_push(this, data, chunk.len(), out, len, None) });
                statuses[statuses.len() - 1]
            })));
        }
        shell.extend(read_all(list(|out, len| {
            statuses.push(eyot_splitter_finish(splitter.as_deref_mut(), out, len, None));
            statuses[statuses.len() - 1]
        })));
        report(eyot_splitter_problems(splitter.as_deref_mut()));
        report(eyot_splitter_diagnostics(splitter.as_deref_mut()));
        eyot_splitter_free(splitter);
        statuses.iter().all(|status| *status == eyot_status::EYOT_OK).then_some(shell)
    }

    fn push(&mut self, chunk: &[u8], is_lenient: bool) {
        if self.splitter.is_none() {
            self.splitter = self.splitter(is_lenient);
        }
        let (splitter, data) = (self.splitter.as_deref_mut(), chunk.as_ptr().cast());
        // SAFETY: the chunk lives until its segments are read.
        read_all(list(|out, len| unsafe { eyot_splitter_push(splitter, data, chunk.len(), out, len, None) }));
    }

    fn render(&self) {
        let (prepared, context) = (self.prepared.as_deref(), context(false));
        let context = &raw const context;
        // SAFETY: the context lives for both calls.
        let rendered = written(|out, error| unsafe { eyot_prepared_render(prepared, context, out, error) });
        // SAFETY: as above.
        let shell = object(|out, error| unsafe { eyot_prepared_shell(prepared, context, out, error) });
        assert_eq!(rendered.is_some(), shell.is_some());
        if shell.is_some() {
            let joined = written(|out, error| eyot_shell_join(shell.as_deref(), out, error));
            // Unlinkable tokens differ each time, but not in length.
            assert_eq!(joined.map(|shell| shell.len()), rendered.map(|shell| shell.len()));
        }
        eyot_shell_free(shell);
    }

    fn arrive(&mut self, method: &[u8], target: &[u8], mount: &str, headers: &[(&str, &[u8])], visitor: &[u8]) {
        let headers = pairs(headers);
        let head = head(method, target, mount, &headers);
        let (islands, policy, data) = (self.islands.as_deref(), self.policy.as_deref(), visitor.as_ptr().cast());
        // SAFETY: the head and the visitor live for the call.
        let exchange = object(|out, error| unsafe {
            eyot_islands_arrive(islands, &raw const head, policy, data, visitor.len(), out, error)
        });
        replace(&mut self.exchange, exchange, eyot_exchange_free);
        self.exchange_says();
    }

    /// The target of a placeholder that these islands write, or its token alone.
    fn arrive_asked(&mut self, name: &str, is_posted: bool) {
        let placeholder = eyot_placeholder { name: slice(name.as_bytes()), ..eyot_placeholder::default() };
        let (islands, context) = (self.islands.as_deref(), context(false));
        let write = |out: Place<'_, _>, error: Place<'_, _>| {
            // SAFETY: both structs live for the call.
            unsafe { eyot_islands_url(islands, &raw const placeholder, &raw const context, out, error) }
        };
        let Some(url) = written(write) else { return };
        let at = url.iter().rposition(|byte| *byte == b'/').unwrap_or_default();
        self.token = url[at + 1..].to_vec();
        let posted: (&str, &[u8]) = ("content-type", b"application/vnd.eyot.token");
        if is_posted {
            self.arrive(b"POST", &url[..at], "", &[posted, ("cookie", b"a=b")], b"");
        } else {
            self.arrive(b"GET", &url, "", &[("cookie", b"a=b")], b"");
        }
    }

    /// Reads all that an exchange says: what is no exchange has nothing.
    fn exchange_says(&self) {
        let exchange = self.exchange.as_deref();
        let is_exchange = matches!(
            eyot_exchange_arrival(exchange),
            eyot_arrival::EYOT_ARRIVAL_ISLAND | eyot_arrival::EYOT_ARRIVAL_PAGE
        );
        let is_reply = eyot_exchange_arrival(exchange) == eyot_arrival::EYOT_ARRIVAL_REPLY;
        assert_eq!(eyot_exchange_reply(exchange).is_some(), is_reply);
        reply(eyot_exchange_reply(exchange));
        if let Some(told) = eyot_exchange_event(exchange) {
            event(told);
        }
        for part in [eyot_exchange_name, eyot_exchange_method, eyot_exchange_path, eyot_exchange_query] {
            let mut out = MaybeUninit::new(EMPTY);
            assert_eq!(part(exchange, Some(&mut out)) == eyot_status::EYOT_OK, is_exchange);
            // SAFETY: initialised above.
            read(unsafe { out.assume_init() });
        }
        for index in 0..eyot_exchange_hidden_count(exchange) {
            assert!(!text(|out| eyot_exchange_hidden_header(exchange, index, out)).is_empty());
        }
        assert!(is_exchange || eyot_exchange_body_limit(exchange) == 0);
        eyot_exchange_has_query(exchange);
        eyot_exchange_number(exchange);
    }

    fn body(&self, body: &[u8], is_own: bool) {
        let body = if is_own { &self.token } else { body };
        let (mut refusal, mut error) = (MaybeUninit::new(None), MaybeUninit::new(None));
        let (exchange, data) = (self.exchange.as_deref(), body.as_ptr().cast());
        let (refused, failed) = (Some(&mut refusal), Some(&mut error));
        // SAFETY: the body lives for the call.
        let status = unsafe { eyot_exchange_take_body(exchange, data, body.len(), refused, failed) };
        // SAFETY: both are initialised above.
        let (refusal, error): (Option<Box<eyot_reply>>, _) = unsafe { (refusal.assume_init(), error.assume_init()) };
        assert_ne!(status, eyot_status::EYOT_PANIC);
        assert_eq!(status == eyot_status::EYOT_REFUSED, refusal.is_some());
        assert_eq!(eyot_reply_event(refusal.as_deref()).is_some(), refusal.is_some());
        reply(refusal.as_deref());
        eyot_reply_free(refusal);
        eyot_error_free(error);
        self.exchange_says();
    }

    fn open(&self, audience: &[u8]) {
        let (mut opened, mut refusal, mut error) =
            (MaybeUninit::new(None), MaybeUninit::new(None), MaybeUninit::new(None));
        let (out, refused, failed) = (Some(&mut opened), Some(&mut refusal), Some(&mut error));
        let (exchange, data) = (self.exchange.as_deref(), audience.as_ptr().cast());
        // SAFETY: the audience lives for the call.
        let status = unsafe { eyot_exchange_open(exchange, data, audience.len(), NOW, out, refused, failed) };
        // SAFETY: all are initialised above.
        let (opened, refusal, error) = unsafe { (opened.assume_init(), refusal.assume_init(), error.assume_init()) };
        assert_ne!(status, eyot_status::EYOT_PANIC);
        assert_eq!(status == eyot_status::EYOT_OK, opened.is_some());
        assert_eq!(status == eyot_status::EYOT_REFUSED, refusal.is_some());
        reply(refusal.as_deref());
        for part in [eyot_opened_name, eyot_opened_props, eyot_opened_slots, eyot_opened_page] {
            text(|out| part(opened.as_deref(), out));
        }
        eyot_opened_free(opened);
        eyot_reply_free(refusal);
        eyot_error_free(error);
    }

    fn page_step(&mut self, is_outer: bool, status: u8, headers: &[(&str, &[u8])], size: u8, length: u64) {
        let mut headers = pairs(headers);
        let (response, page) = (response(status, &mut headers, b""), self.page(is_outer));
        let (response, size) = (&raw const response, u32::from(size % 5));
        // SAFETY: the response lives for the call.
        let step = made(eyot_step::EYOT_STEP_CUT, |step, error| unsafe {
            eyot_page_step(page, response, size, length, step, error)
        });
        self.page_said(is_outer, step);
    }

    /// The body outlives the page, whose shell lies in it.
    fn page_whole(&mut self, is_outer: bool, status: u8, headers: &[(&str, &[u8])], body: &[u8], is_decoded: bool) {
        let mut headers = pairs(headers);
        let (response, context, page) = (response(status, &mut headers, body), context(false), self.page(is_outer));
        let (response, context) = (&raw const response, &raw const context);
        // SAFETY: the response and the context live for the call.
        let step = made(eyot_step::EYOT_STEP_CUT, |step, error| unsafe {
            if is_decoded {
                eyot_page_whole(page, response, context, step, error)
            } else {
                eyot_page_undecoded(page, response, step, error)
            }
        });
        self.page_said(is_outer, step);
    }

    fn page_push(&mut self, is_outer: bool, chunk: &[u8], is_last: bool) {
        // A copy of exactly its size, gone after the call: a segment that outlives it would be seen.
        let (chunk, context, page) = (chunk.to_vec(), context(false), self.page(is_outer));
        let (data, context) = (chunk.as_ptr().cast(), &raw const context);
        let (mut segments, mut count) = (MaybeUninit::new(null()), MaybeUninit::new(0));
        let (out, len) = (Some(&mut segments), Some(&mut count));
        // SAFETY: the chunk and the context live for the call.
        let step = made(eyot_step::EYOT_STEP_PASS, |step, error| unsafe {
            if is_last {
                eyot_page_finish(page, context, step, out, len, error)
            } else {
                eyot_page_push(page, data, chunk.len(), context, step, out, len, error)
            }
        });
        self.page_said(is_outer, step);
        read_all(list(|out, len| {
            // SAFETY: initialised above.
            let (segments, count) = unsafe { (segments.assume_init(), count.assume_init()) };
            out.into_iter().for_each(|out| _ = out.write(segments));
            len.into_iter().for_each(|len| _ = len.write(count));
            eyot_status::EYOT_OK
        }));
    }

    /// Reads what a page says after a step: there is exactly what the step promises.
    fn page_said(&mut self, is_outer: bool, step: Option<eyot_step>) {
        use eyot_step as Next;
        let page = self.pages[usize::from(is_outer)].as_deref();
        let (outcome, shell) = (eyot_page_outcome(page), eyot_page_shell(page));
        if let Some(step) = step {
            let has_head = matches!(step, Next::EYOT_STEP_EDIT | Next::EYOT_STEP_SHELL);
            assert!(outcome.is_some() == has_head || step == Next::EYOT_STEP_STREAM, "{step:?}");
            assert_eq!(shell.is_some(), step == Next::EYOT_STEP_SHELL);
            assert_eq!(eyot_page_reply(page).is_some(), step == Next::EYOT_STEP_REPLY);
            assert_eq!(eyot_page_fault(page).is_some(), step == Next::EYOT_STEP_CUT);
            assert_eq!(text(|out| eyot_page_coding(page, out)).is_empty(), step != Next::EYOT_STEP_DECODE);
        }
        let whole = read_all(list(|out, len| eyot_shell_segments(shell, out, len)));
        assert_eq!(whole.len(), eyot_shell_len(shell));
        list(|out, len| eyot_outcome_headers(outcome, out, len)).into_iter().for_each(|header| _ = read(header.value));
        reply(eyot_page_reply(page));
        assert!(!is_outer || !eyot_page_is_open(page));
        for edit in list(|out, len| eyot_outcome_edits(outcome, out, len)) {
            read(edit.value);
            assert!(!read(edit.name).is_empty() && edit.reserved == 0);
        }
        for told in list(|out, len| eyot_page_events(self.page(is_outer), out, len)) {
            event(&told);
        }
    }

    fn write(&mut self, name: &[u8], text: &[u8], number: f64, integer: i64) {
        let (name, len, data) = (name.as_ptr().cast(), name.len(), text.as_ptr().cast());
        // SAFETY: name and text live for the calls.
        unsafe {
            eyot_props_string(self.props.as_deref_mut(), name, len, data, text.len(), None);
            eyot_props_number(self.props.as_deref_mut(), name, len, number, None);
            eyot_props_integer(self.props.as_deref_mut(), name, len, integer, None);
            eyot_props_json(self.props.as_deref_mut(), name, len, data, text.len(), None);
        }
        let json = self::text(|out| eyot_props_bytes(self.props.as_deref(), out));
        assert!(!json.is_empty());
        let (data, len) = (json.as_ptr().cast(), json.len());
        // SAFETY: the JSON lives for the call.
        let written = object(|out, error| unsafe { eyot_object_parse(data, len, out, error) });
        assert!(written.is_some(), "what is written can be read");
        eyot_object_free(written);
    }
}

const LOADER: &str = "<link rel=\"stylesheet\" href=\"/_server-islands/island.v1.css\"><script async src=\"/_server-islands/loader.v1.js\"></script>";

fn head(method: &[u8], target: &[u8], mount: &str, headers: &[eyot_pair]) -> eyot_head {
    eyot_head {
        method: slice(method),
        target: slice(target),
        mount: slice(mount.as_bytes()),
        headers: headers.as_ptr(),
        headers_len: headers.len(),
        ..eyot_head::default()
    }
}

/// What was answered: a likely status, and mostly a likely type.
fn response(status: u8, headers: &mut Vec<eyot_pair>, body: &[u8]) -> eyot_response {
    const STATUSES: [u32; 12] = [200, 200, 200, 200, 204, 206, 302, 304, 404, 429, 500, 70_000];
    const FIELDS: [(&str, &[u8]); 5] = [
        ("Content-Type", b"text/html"),
        ("Content-Type", b"text/html; charset=utf-8"),
        ("Content-Type", b"text/css"),
        ("Content-Type", b"text/html"),
        ("Content-Encoding", b"gzip"),
    ];
    let (status, kind) = (STATUSES[usize::from(status % 12)], usize::from(status / 12));
    let fields = match kind % 6 {
        4 => &FIELDS[3..],
        5 => &[],
        kind => &FIELDS[kind..=kind],
    };
    headers.extend(pairs(fields));
    let (headers, headers_len) = (headers.as_ptr(), headers.len());
    eyot_response { headers, headers_len, body: slice(body), status, ..eyot_response::default() }
}

/// Reads all of a report.
fn report(report: Option<&eyot_report>) {
    for index in 0..eyot_report_len(report) {
        let mut found = MaybeUninit::uninit();
        assert_eq!(eyot_report_get(report, index, Some(&mut found)), eyot_status::EYOT_OK);
        // SAFETY: written by the call.
        let found: eyot_finding = unsafe { found.assume_init() };
        assert!(!read(found.code).is_empty() && !read(found.message).is_empty());
        read(found.island);
    }
}

/// Reads all of an event. Its path holds no token.
fn event(event: &eyot_event) {
    assert!(!read(event.code).is_empty() && !read(event.message).is_empty());
    read(event.island);
    read(event.path);
}

/// Reads all of a reply.
fn reply(reply: Option<&eyot_reply>) {
    if let Some(told) = eyot_reply_event(reply) {
        event(told);
    }
    list(|out, len| eyot_reply_headers(reply, out, len)).into_iter().for_each(clean);
}

/// No header can be split.
fn clean(pair: eyot_pair) {
    let value = read(pair.value);
    assert!(!read(pair.name).is_empty() && !value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
}

/// Reads an object in every way.
fn read_object(json: &[u8], name: &[u8]) {
    // SAFETY: the JSON lives for the call.
    let found = object(|out, error| unsafe { eyot_object_parse(json.as_ptr().cast(), json.len(), out, error) });
    let (object, name, len) = (found.as_deref(), name.as_ptr().cast(), name.len());
    let (mut integer, mut number, mut flag) = (MaybeUninit::uninit(), MaybeUninit::uninit(), MaybeUninit::uninit());
    // SAFETY: the name lives for the calls.
    unsafe {
        eyot_object_kind(object, name, len);
        eyot_object_integer(object, name, len, Some(&mut integer), None);
        eyot_object_number(object, name, len, Some(&mut number), None);
        eyot_object_boolean(object, name, len, Some(&mut flag), None);
        text(|out| eyot_object_string(object, name, len, out, None));
        text(|out| eyot_object_json(object, name, len, out, None));
    }
    for index in 0..eyot_object_len(object) {
        text(|out| eyot_object_name(object, index, out));
    }
    eyot_object_free(found);
}

impl Drop for State {
    fn drop(&mut self) {
        eyot_keyring_free(self.keyring.take());
        eyot_islands_free(self.islands.take());
        eyot_splitter_free(self.splitter.take());
        eyot_prepared_free(self.prepared.take());
        eyot_policy_free(self.policy.take());
        eyot_exchange_free(self.exchange.take());
        eyot_props_free(self.props.take());
        self.pages.iter_mut().for_each(|page| eyot_page_free(page.take()));
    }
}

fuzz_target!(|calls: Vec<Call<'_>>| {
    let mut state = State::new();
    for call in calls {
        state.call(call);
    }
});
