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
    Route { method: &'d [u8], target: &'d [u8], mount: &'d str, headers: Vec<(&'d str, &'d [u8])> },
    OwnRoute { name: &'d str },
    Open { body: &'d [u8], audience: &'d [u8] },
    Answer { status: u16, headers: Vec<(&'d str, &'d [u8])>, shared: u8 },
    Policy { times: [u32; 4], flags: u8 },
    Visit { target: &'d [u8] },
    Judge { status: u16, headers: Vec<(&'d str, &'d [u8])>, body: &'d [u8], flags: u8 },
    Props { name: &'d [u8], text: &'d [u8], number: f64, integer: i64 },
    Object { json: &'d [u8], name: &'d [u8] },
    Audit { shell: &'d [u8] },
}

/// One object of each kind, or NULL.
struct State {
    keyring: Option<Box<eyot_keyring>>,
    islands: Option<Box<eyot_islands>>,
    splitter: Option<Box<eyot_splitter>>,
    prepared: Option<Box<eyot_prepared>>,
    request: Option<Box<eyot_request>>,
    policy: Option<Box<eyot_policy>>,
    visit: Option<Box<eyot_visit>>,
    props: Option<Box<eyot_props>>,
    /// Whether a page has the same shell each time, and the loader's tags are the default ones.
    is_plain: bool,
}

const KEY: &[u8] = b"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";
const NOW: u64 = 1_800_000_000;
const EMPTY: eyot_slice = eyot_slice { data: null(), len: 0 };
static CONTEXT: eyot_context = eyot_context {
    size: size_of::<eyot_context>(),
    now: NOW,
    mount: EMPTY,
    audience: EMPTY,
    page_path: EMPTY,
    page_lang: EMPTY,
    shell_life: 0,
    flags: 0,
};

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
            request: None,
            policy: None,
            visit: None,
            props: eyot_props_new(),
            is_plain: true,
        };
        // SAFETY: live or NULL objects, readable bytes.
        unsafe {
            state.call(Call::Keys { text: KEY, is_file: false });
            state.call(Call::Islands { names: vec!["Cart", "Avatar"], flags: 0, limit: 0 });
        }
        state
    }

    /// # Safety
    /// The objects are live or NULL.
    unsafe fn call(&mut self, call: Call<'_>) {
        // SAFETY: by this function's contract; all else that is passed lives for the call.
        unsafe {
            match call {
                Call::Keys { text, is_file } => {
                    let parse = if is_file { eyot_keyring_parse_file } else { eyot_keyring_parse };
                    let keyring = object(|out, error| parse(text.as_ptr().cast(), text.len(), out, error));
                    replace(&mut self.keyring, keyring, eyot_keyring_free);
                }
                Call::Islands { names, flags, limit } => self.configure(&names, flags, limit),
                Call::SetKeys => _ = eyot_islands_set_keys(self.islands.as_deref(), self.keyring.as_deref(), null_mut()),
                Call::Placeholder { which, name, props, html, option } => {
                    self.placeholder(which, name, props, html, option);
                }
                Call::Split { page, mode, cut } => self.split(page, mode, cut),
                Call::Push { chunk, mode } => self.push(chunk, mode),
                Call::Finish => {
                    let (mut list, mut len) = (null(), 0);
                    eyot_splitter_finish(self.splitter, null(), &raw mut list, &raw mut len, null_mut());
                    read_all(list, len);
                    eyot_splitter_free(std::mem::replace(&mut self.splitter, null_mut()));
                }
                Call::Prepare { page } => {
                    let prepared =
                        object(|out, error| eyot_prepared_new(self.islands.as_deref(), page.as_ptr().cast(), page.len(), out, error));
                    replace(&mut self.prepared, prepared, eyot_prepared_free);
                }
                Call::Render => self.render(),
                Call::Route { method, target, mount, headers } => self.route(method, target, mount, &headers),
                Call::OwnRoute { name } => self.own_route(name),
                Call::Open { body, audience } => self.open(body, audience),
                Call::Answer { status, headers, shared } => self.answer(status, &headers, shared),
                Call::Policy { times: [browser, cdn, swr, sie], flags } => {
                    let options = eyot_policy_options {
                        size: size_of::<eyot_policy_options>(),
                        browser,
                        cdn,
                        stale_while_revalidate: swr,
                        stale_if_error: sie,
                        flags: flags.into(),
                    };
                    let policy = object(|out, error| eyot_policy_new(&raw const options, out, error));
                    replace(&mut self.policy, policy, eyot_policy_free);
                }
                Call::Visit { target } => {
                    let head = head(b"GET", target, "", &[]);
                    let visit =
                        object(|out, error| eyot_policy_visit(self.policy.as_deref(), self.islands.as_deref(), &raw const head, out, error));
                    replace(&mut self.visit, visit, eyot_visit_free);
                }
                Call::Judge { status, headers, body, flags } => self.judge(status, &headers, body, flags),
                Call::Props { name, text, number, integer } => self.write(name, text, number, integer),
                Call::Object { json, name } => object(json, name),
                Call::Audit { shell } => {
                    let found = object(|out, error| eyot_findings_audit(shell.as_ptr().cast(), shell.len(), out, error));
                    findings(found.unwrap_or(null_mut()));
                    eyot_findings_free(found.unwrap_or(null_mut()));
                }
            }
        }
    }

    unsafe fn configure(&mut self, names: &[&str], flags: u8, limit: u8) {
        let declared: Vec<_> = names
            .iter()
            .map(|name| eyot_declaration { name: slice(name.as_bytes()), number: 1, flags: (flags >> 6).into() })
            .collect();
        let empty = EMPTY;
        let options = eyot_islands_options {
            size: size_of::<eyot_islands_options>(),
            islands: declared.as_ptr(),
            islands_len: declared.len(),
            prefix: empty,
            origin: empty,
            login_url: empty,
            allowed_origins: null(),
            allowed_origins_len: 0,
            locations: null(),
            locations_len: 0,
            url_limit: limit.into(),
            max_islands: limit.into(),
            max_island_bytes: usize::from(limit) * 64,
            ttl: limit.into(),
            ttl_grid: 0,
            flags: u32::from(flags & 0x7f),
        };
        // SAFETY: the key ring is live or NULL.
        unsafe {
            let islands = object(|out, error| eyot_islands_new(self.keyring.as_deref(), &raw const options, out, error));
            if islands.is_some() {
                let changes_tags = EYOT_ISLANDS_NO_STYLESHEET | EYOT_ISLANDS_INLINE_LOADER | EYOT_ISLANDS_PRELOAD;
                self.is_plain = options.flags & (changes_tags | EYOT_ISLANDS_UNLINKABLE) == 0;
            }
            replace(&mut self.islands, islands, eyot_islands_free);
        }
    }

    unsafe fn placeholder(&self, which: u8, name: &[u8], props: &[u8], html: &[u8], option: (&str, &str)) {
        let slots = pairs(&[(option.0, html)]);
        let options = pairs(&[(option.0, option.1.as_bytes())]);
        let island = eyot_placeholder {
            size: size_of::<eyot_placeholder>(),
            name: slice(name),
            props: slice(props),
            fallback: slice(html),
            error: slice(html),
            slots: slots.as_ptr(),
            slots_len: usize::from(which >> 7),
            options: options.as_ptr(),
            options_len: usize::from(which >> 6 & 1),
            flags: u32::from(which >> 5 & 1),
        };
        let write = [eyot_islands_placeholder, eyot_islands_attributes, eyot_islands_url][usize::from(which % 3)];
        // SAFETY: the islands are live or NULL.
        written(|out, error| unsafe { write(self.islands.as_deref(), &raw const island, &raw const CONTEXT, out, error) });
    }

    /// A page split whole is the page split in two chunks, but for where the loader's tags stand.
    unsafe fn split(&self, page: &[u8], mode: u8, cut: u8) {
        // SAFETY: the islands are live or NULL.
        unsafe {
            let shell = object(|out, error| {
                let context = &raw const CONTEXT;
                eyot_islands_split(self.islands.as_deref(), page.as_ptr().cast(), page.len(), mode.into(), context, out, error)
            });
            let Some(shell) = shell else { return };
            let (mut list, mut len) = (null(), 0);
            assert_eq!(eyot_shell_segments(shell, &raw mut list, &raw mut len), eyot_status::EYOT_OK);
            let whole = read_all(list, len);
            assert_eq!(whole.len(), eyot_shell_len(shell));
            assert_eq!(written(|out, error| eyot_shell_join(shell, out, error)), Some(whole.clone()));
            let mut copy = vec![0; whole.len()];
            assert_eq!(eyot_shell_copy(shell, copy.as_mut_ptr(), copy.len()), eyot_status::EYOT_OK);
            assert_eq!(copy, whole);
            findings(eyot_shell_problems(shell));
            findings(eyot_shell_diagnostics(shell));
            let chunked = self.chunked(page, mode, cut);
            let is_plain = self.is_plain && !page.windows(10).any(|word| word == b"unlinkable");
            let without_loader = |shell: &[u8]| String::from_utf8_lossy(shell).replace(LOADER, "");
            if is_plain {
                assert_eq!(chunked.map(|shell| without_loader(&shell)), Some(without_loader(&whole)));
            }
            eyot_shell_free(shell);
        }
    }

    unsafe fn chunked(&self, page: &[u8], mode: u8, cut: u8) -> Option<Vec<u8>> {
        let (first, second) = page.split_at(usize::from(cut).min(page.len()));
        let mut shell = Vec::new();
        // SAFETY: the islands are live or NULL.
        unsafe {
            let splitter = object(|out, error| eyot_splitter_new(self.islands.as_deref(), mode.into(), out, error))?;
            let mut statuses = Vec::new();
            for chunk in [first, second] {
                // A copy of exactly its size, gone after the call: a segment that outlives it would be seen.
                let chunk = chunk.to_vec();
                let (mut list, mut len) = (null(), 0);
                let (data, size) = (chunk.as_ptr().cast(), chunk.len());
                let context = &raw const CONTEXT;
                statuses.push(eyot_splitter_push(
                    splitter,
                    data,
                    size,
                    context,
                    &raw mut list,
                    &raw mut len,
                    null_mut(),
                ));
                shell.extend(read_all(list, len));
            }
            let (mut list, mut len) = (null(), 0);
            let context = &raw const CONTEXT;
            statuses.push(eyot_splitter_finish(splitter, context, &raw mut list, &raw mut len, null_mut()));
            shell.extend(read_all(list, len));
            findings(eyot_splitter_problems(splitter));
            findings(eyot_splitter_diagnostics(splitter));
            eyot_splitter_free(splitter);
            statuses.iter().all(|status| *status == eyot_status::EYOT_OK).then_some(shell)
        }
    }

    unsafe fn push(&mut self, chunk: &[u8], mode: u8) {
        // SAFETY: the objects are live or NULL.
        unsafe {
            if self.splitter.is_null() {
                let splitter = object(|out, error| eyot_splitter_new(self.islands.as_deref(), u32::from(mode & 1), out, error));
                self.splitter = splitter.unwrap_or(null_mut());
            }
            let (mut list, mut len) = (null(), 0);
            let (data, size) = (chunk.as_ptr().cast(), chunk.len());
            eyot_splitter_push(self.splitter, data, size, null(), &raw mut list, &raw mut len, null_mut());
            read_all(list, len);
        }
    }

    unsafe fn render(&self) {
        // SAFETY: the objects are live or NULL.
        unsafe {
            let rendered = written(|out, error| eyot_prepared_render(self.prepared.as_deref(), &raw const CONTEXT, out, error));
            let shell = object(|out, error| eyot_prepared_shell(self.prepared.as_deref(), &raw const CONTEXT, out, error));
            assert_eq!(rendered.is_some(), shell.is_some());
            let Some(shell) = shell else { return };
            let joined = written(|out, error| eyot_shell_join(shell, out, error));
            // Unlinkable tokens differ each time, but not in length.
            assert_eq!(joined.map(|shell| shell.len()), rendered.map(|shell| shell.len()));
            eyot_shell_free(shell);
        }
    }

    unsafe fn route(&mut self, method: &[u8], target: &[u8], mount: &str, headers: &[(&str, &[u8])]) {
        let headers = pairs(headers);
        let head = head(method, target, mount, &headers);
        // SAFETY: the objects are live or NULL.
        unsafe {
            let request = object(|out, error| eyot_islands_route(self.islands.as_deref(), &raw const head, out, error));
            replace(&mut self.request, request, eyot_request_free);
            reply(eyot_request_reply(self.request.as_deref()));
        }
    }

    /// The target of a placeholder that these islands write.
    unsafe fn own_route(&mut self, name: &str) {
        let empty = EMPTY;
        let island = eyot_placeholder {
            size: size_of::<eyot_placeholder>(),
            name: slice(name.as_bytes()),
            props: empty,
            fallback: empty,
            error: empty,
            slots: null(),
            slots_len: 0,
            options: null(),
            options_len: 0,
            flags: 0,
        };
        // SAFETY: the islands are live or NULL.
        unsafe {
            let write = |out, error| eyot_islands_url(self.islands.as_deref(), &raw const island, &raw const CONTEXT, out, error);
            if let Some(url) = written(write) {
                self.route(b"GET", &url, "", &[]);
            }
        }
    }

    unsafe fn open(&self, body: &[u8], audience: &[u8]) {
        let (mut refusal, mut error) = (null_mut(), null_mut());
        let mut island = null_mut();
        // SAFETY: the objects are live or NULL.
        unsafe {
            let (data, len) = (body.as_ptr().cast(), body.len());
            let (text, text_len) = (audience.as_ptr().cast(), audience.len());
            let (out, refused) = (&raw mut island, &raw mut refusal);
            let status = eyot_request_open(self.request.as_deref(), data, len, text, text_len, NOW, out, refused, &raw mut error);
            assert_ne!(status, eyot_status::EYOT_PANIC);
            assert_eq!(status == eyot_status::EYOT_OK, !island.is_null());
            assert_eq!(status == eyot_status::EYOT_REFUSED, !refusal.is_null());
            reply(refusal);
            for part in [eyot_island_name, eyot_island_props, eyot_island_slots, eyot_island_page] {
                let mut out = eyot_slice { data: null(), len: 0 };
                part(island, &raw mut out);
                read(out);
            }
            eyot_island_free(island);
            eyot_reply_free(refusal);
            eyot_error_free(error);
        }
    }

    unsafe fn answer(&self, status: u16, headers: &[(&str, &[u8])], shared: u8) {
        let headers = pairs(headers);
        let answer = eyot_answer {
            size: size_of::<eyot_answer>(),
            headers: headers.as_ptr(),
            headers_len: headers.len(),
            page: EMPTY,
            status: status.into(),
            flags: u32::from(shared & 3),
            shared: shared.into(),
        };
        let (mut out, mut refusal) = (null_mut(), null_mut());
        // SAFETY: the request is live or NULL.
        unsafe {
            eyot_request_finish(self.request.as_deref(), &raw const answer, &raw mut out, &raw mut refusal, null_mut());
            outcome(out);
            reply(refusal);
            eyot_reply_free(refusal);
        }
    }

    unsafe fn judge(&self, status: u16, headers: &[(&str, &[u8])], body: &[u8], flags: u8) {
        let headers = pairs(headers);
        let response = eyot_response {
            size: size_of::<eyot_response>(),
            headers: headers.as_ptr(),
            headers_len: headers.len(),
            body: slice(body),
            status: status.into(),
            flags: u32::from(flags & 1),
        };
        // SAFETY: the visit is live or NULL.
        unsafe {
            let judged = object(|out, error| eyot_visit_finish(self.visit.as_deref(), &raw const response, out, error));
            outcome(judged.unwrap_or(null_mut()));
            let (list, len) = (headers.as_ptr().cast(), headers.len());
            let uncached = object(|out, error| eyot_outcome_new_uncached(status.into(), list, len, out, error));
            outcome(uncached.unwrap_or(null_mut()));
        }
    }

    unsafe fn write(&self, name: &[u8], text: &[u8], number: f64, integer: i64) {
        let (name, len) = (name.as_ptr().cast(), name.len());
        // SAFETY: the props are live.
        unsafe {
            eyot_props_string(self.props, name, len, text.as_ptr().cast(), text.len(), null_mut());
            eyot_props_number(self.props, name, len, number, null_mut());
            eyot_props_integer(self.props, name, len, integer, null_mut());
            eyot_props_json(self.props, name, len, text.as_ptr().cast(), text.len(), null_mut());
            let mut out = eyot_slice { data: null(), len: 0 };
            assert_eq!(eyot_props_bytes(self.props, &raw mut out), eyot_status::EYOT_OK);
            let written = made(|object, error| eyot_object_parse(out.data, out.len, object, error));
            eyot_object_free(written.expect("what is written can be read"));
        }
    }
}

const LOADER: &str = "<link rel=\"stylesheet\" href=\"/_server-islands/island.v1.css\"><script async src=\"/_server-islands/loader.v1.js\"></script>";

fn head(method: &[u8], target: &[u8], mount: &str, headers: &[eyot_pair]) -> eyot_head {
    eyot_head {
        size: size_of::<eyot_head>(),
        method: slice(method),
        target: slice(target),
        mount: slice(mount.as_bytes()),
        headers: headers.as_ptr(),
        headers_len: headers.len(),
    }
}

/// Reads all of a list of findings.
unsafe fn findings(list: *const eyot_findings) {
    let empty = EMPTY;
    let mut found = eyot_finding { code: empty, message: empty, island: empty, line: 0, column: 0 };
    // SAFETY: live or NULL.
    unsafe {
        for index in 0..eyot_findings_len(list) {
            assert_eq!(eyot_findings_get(list, index, &raw mut found), eyot_status::EYOT_OK);
            assert!(!read(found.code).is_empty() && !read(found.message).is_empty());
            read(found.island);
        }
    }
}

/// Reads all of a reply.
unsafe fn reply(reply: *const eyot_reply) {
    let (mut list, mut len) = (null::<eyot_pair>(), 0);
    // SAFETY: live or NULL.
    unsafe {
        if eyot_reply_headers(reply, &raw mut list, &raw mut len) == eyot_status::EYOT_OK {
            (0..len).map(|index| *list.add(index)).for_each(clean);
        }
    }
}

/// No header can be split.
fn clean(pair: eyot_pair) {
    let value = read(pair.value);
    assert!(!read(pair.name).is_empty() && !value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
}

/// Reads all of an outcome and frees it.
unsafe fn outcome(outcome: *mut eyot_outcome) {
    let (mut list, mut len) = (null::<eyot_edit>(), 0);
    let (mut headers, mut headers_len) = (null::<eyot_pair>(), 0);
    // SAFETY: live or NULL.
    unsafe {
        if eyot_outcome_edits(outcome, &raw mut list, &raw mut len) == eyot_status::EYOT_OK {
            for index in 0..len {
                read((*list.add(index)).value);
                read((*list.add(index)).name);
            }
            eyot_outcome_headers(outcome, &raw mut headers, &raw mut headers_len);
            for index in 0..headers_len {
                read((*headers.add(index)).value);
            }
            findings(eyot_outcome_leaks(outcome));
        }
        eyot_outcome_free(outcome);
    }
}

/// Reads an object in every way.
unsafe fn object(json: &[u8], name: &[u8]) {
    let Some(object) = object(|out, error| unsafe { eyot_object_parse(json.as_ptr().cast(), json.len(), out, error) }) else {
        return;
    };
    let (name, len) = (name.as_ptr().cast(), name.len());
    let (mut text, mut integer, mut number, mut flag) = (eyot_slice { data: null(), len: 0 }, 0, 0.0, false);
    // SAFETY: live.
    unsafe {
        eyot_object_kind(object, name, len);
        eyot_object_integer(object, name, len, &raw mut integer, null_mut());
        eyot_object_number(object, name, len, &raw mut number, null_mut());
        eyot_object_boolean(object, name, len, &raw mut flag, null_mut());
        eyot_object_string(object, name, len, &raw mut text, null_mut());
        read(text);
        for index in 0..eyot_object_len(object) {
            eyot_object_name(object, index, &raw mut text);
            read(text);
        }
        eyot_object_free(object);
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // SAFETY: live or NULL, freed once.
        unsafe {
            eyot_keyring_free(self.keyring.as_deref());
            eyot_islands_free(self.islands.as_deref());
            eyot_splitter_free(self.splitter);
            eyot_prepared_free(self.prepared.as_deref());
            eyot_request_free(self.request.as_deref());
            eyot_policy_free(self.policy.as_deref());
            eyot_visit_free(self.visit.as_deref());
            eyot_props_free(self.props);
        }
    }
}

fuzz_target!(|calls: Vec<Call<'_>>| {
    let mut state = State::new();
    for call in calls {
        // SAFETY: the state keeps its objects live or NULL.
        unsafe { state.call(call) };
    }
});
