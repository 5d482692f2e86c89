// eyot: server islands for every web server. The C interface.
//
// A page marks elements with `server:defer`. eyot splits it into a shell, which caches may keep, and placeholders, from
// which the browser asks for the islands; your handler answers them. This program splits a page and prints its shell:
//
//     #include <eyot.h>
//     #include <stdio.h>
//
//     int main(void) {
//         const eyot_declaration declared[] = {{EYOT_LITERAL("Cart"), 1, 0}};
//         const char page[] = "<h1>Shop</h1><Cart server:defer items=2><i slot=fallback>Loading</i></Cart>";
//         eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
//         options.islands = declared;
//         options.islands_len = 1;
//         eyot_buffer key = EYOT_BUFFER_INIT, html = EYOT_BUFFER_INIT;
//         eyot_keyring *keys = NULL;
//         eyot_islands *islands = NULL;
//         eyot_shell *shell = NULL;
//         eyot_error *error = NULL;
//         if (eyot_keyring_generate_key(&key, &error) == EYOT_OK &&
//             eyot_keyring_parse(key.data, key.len, &keys, &error) == EYOT_OK &&
//             eyot_islands_new(keys, &options, &islands, &error) == EYOT_OK &&
//             eyot_islands_split(islands, page, sizeof page - 1, NULL, &shell, &error) == EYOT_OK &&
//             eyot_shell_join(shell, &html, &error) == EYOT_OK) {
//             printf("%.*s\n", (int)html.len, (const char *)html.data);
//         } else {
//             eyot_slice why = EYOT_SLICE_INIT;
//             eyot_error_message(error, &why);
//             fprintf(stderr, "%.*s\n", (int)why.len, (const char *)why.data);
//         }
//         int code = error != NULL;
//         eyot_error_free(error);
//         eyot_shell_free(shell);
//         eyot_islands_free(islands);
//         eyot_keyring_free(keys);
//         eyot_buffer_free(&html);
//         eyot_buffer_free(&key);
//         return code;
//     }
//
// ORDER OF CALLS. A server calls
//
//     at its start          eyot_keyring_parse, eyot_islands_new; eyot_policy_new for each kind of cached route
//     for each request      eyot_islands_arrive, outside of sessions: the app's own request, a reply to send as it is, an
//                           island, or a page with a policy
//     for an island         eyot_exchange_open, inside of sessions, and your handler
//     for what is answered  inside of sessions a page from eyot_exchange_page (or eyot_page_new): eyot_page_step, then
//                           eyot_page_whole, or eyot_page_push and eyot_page_finish; the same outside of sessions with
//                           one from eyot_exchange_out (or eyot_page_new_outer)
//
// The sections below follow this order.
//
// CONVENTIONS
//
// Names. `eyot_<type>_<verb>` is a function of the type `eyot_<type>`. Constants start with `EYOT_`. Nothing else is
// exported.
//
// Parameters. The object comes first, then inputs, then outputs, and `error` last. No parameter is input and output.
//
// Status. A function that can fail returns an `eyot_status`, and writes its outputs only if that is `EYOT_OK` (0).
// `EYOT_REFUSED` is the one exception: it writes the reply to send. Functions that return a number, a flag or a pointer
// return 0, false or NULL for a NULL object. NULL for any other object or output is `EYOT_NULL_POINTER`.
//
// Errors. `error` may be NULL. If it is not, set `*error` to NULL before the call: a call that fails writes an error
// object there, which you free with `eyot_error_free`; one that succeeds leaves it alone. Errors hold no key, no token and
// no value of a prop, so you can log them. In `check(call(&error), error)` C may read `error` before it makes the call:
// let such a helper take `&error`.
//
// Bytes. Bytes and texts go in as a pointer and a length. The pointer is ignored, and may be NULL, if the length is 0.
// They come out as an `eyot_slice`, which is borrowed (the function says from what), or as an `eyot_buffer`, which you
// free. Texts are UTF-8, which is checked. They do not end with NUL, and may contain NULs.
//
// Objects. `_new` makes an object and `_free` frees it; `_free(NULL)` does nothing. `_free` functions take one pointer, so
// they work as cleanup handlers. You may free an object before the objects made from it, unless its type says otherwise.
//
// Threads. If a function takes an object as `const`, any number of threads may call it at once. Otherwise only one thread
// at a time may use the object.
//
// Option structs start with their size, so that they can grow. Initialise them with their `_INIT` macro, then set what you
// need. Fields called `reserved` stay 0. What a struct points to is read during the call only, unless the function says
// otherwise.
//
// Enums are only returned. Constants that you pass are `uint32_t`, and are checked.
//
// There are no callbacks, no sockets, no files and no environment variables. The time and randomness come from the
// operating system; you can pass the time yourself.
//
// A defect inside eyot becomes `EYOT_PANIC`. Free the objects of that call, and do not use them for anything else.
//
// This file is generated from the crate eyot-ffi. Do not edit it: change the crate, and run
// `EYOT_WRITE_HEADER=1 cargo test -p eyot-ffi --test header`.

#ifndef EYOT_H
#define EYOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Versions -------------------------------------------------------------------------------------------------------
// Compare what you compiled with to what you have loaded.

// The version of this header, such as "0.1.0"; compare with eyot_version().
#define EYOT_VERSION "0.1.0"
#define EYOT_VERSION_MAJOR 0
#define EYOT_VERSION_MINOR 1
#define EYOT_VERSION_PATCH 0

// The number of the binary interface, and of the shared library (`libeyot.so.<EYOT_ABI>`). It changes when programs
// have to be compiled again.
#define EYOT_ABI 1

// The library's version, such as `0.1.0`, ending with NUL. Valid for as long as the library is loaded. Compare with
// `EYOT_VERSION`.
const char *eyot_version(void);

// The library's binary interface. Compare with `EYOT_ABI`.
uint32_t eyot_abi(void);

// ---- Bytes ----------------------------------------------------------------------------------------------------------
// Slices are borrowed, buffers are yours.

// Borrowed bytes. The function that returns a slice says how long it is valid. If `len` is 0, `data` is NULL in slices
// that eyot returns, and ignored in slices that you pass. Slices do not end with NUL, and may contain NULs.
typedef struct {
    // The first byte.
    const uint8_t *data;
    // How many there are.
    size_t len;
} eyot_slice;

// An empty slice, as an initialiser.
#define EYOT_SLICE_INIT {NULL, 0}
// A string literal as an initialiser of a slice: `static const eyot_slice name = EYOT_LITERAL("Avatar");`
#define EYOT_LITERAL(text) {(const uint8_t *)("" text ""), sizeof("" text "") - 1}
// A string literal as a slice, as a value: `head.method = EYOT_SLICE("GET");`
#define EYOT_SLICE(text) eyot_slice_of("" text "", sizeof("" text "") - 1)

// inline: what reads declarations alone can leave this out
// Any bytes as a slice: `eyot_slice_of(text, strlen(text))`.
static inline eyot_slice eyot_slice_of(const void *data, size_t len) {
    eyot_slice slice = {(const uint8_t *)data, len};
    return slice;
}
// end of inline

// A name and its value: a header, an option, a slot.
typedef struct {
    // The name, UTF-8.
    eyot_slice name;
    // The value.
    eyot_slice value;
} eyot_pair;

// Bytes that belong to you: free them with `eyot_buffer_free`. Initialise with `EYOT_BUFFER_INIT`.
typedef struct {
    // The first byte; NULL if there are none.
    uint8_t *data;
    // How many there are.
    size_t len;
    // How much memory they have; for eyot alone.
    size_t capacity;
} eyot_buffer;

// An empty buffer, as an initialiser.
#define EYOT_BUFFER_INIT {NULL, 0, 0}

// Frees what a call wrote into a buffer, and empties the buffer, so that freeing it again does nothing.
void eyot_buffer_free(eyot_buffer *buffer);

// Memory in the library's address space, for callers outside of it. The host of a WebAssembly module, for example,
// writes texts and structs into such memory before a call, and reads outputs from it afterwards. Other callers use
// memory of their own. It is aligned to 16 bytes and not initialised. NULL for 0 bytes, and if there is no memory
// left. Free it with `eyot_dealloc`.
void *eyot_alloc(size_t len);

// Frees memory that `eyot_alloc` returned for the same `len`; NULL does nothing.
void eyot_dealloc(void *memory, size_t len);

// ---- Statuses and errors --------------------------------------------------------------------------------------------
// What a call returns, and why it failed.

// What a call returns. The number of a status never changes, and is never used for another one.
typedef enum {
    // The call succeeded and wrote its outputs.
    EYOT_OK = 0,
    // An object, an output or a pointer with a length is NULL.
    EYOT_NULL_POINTER = 1,
    // A text is not UTF-8.
    EYOT_UTF8 = 2,
    // The function does not accept a number, flag or length.
    EYOT_ARGUMENT = 3,
    // A struct's `size` is wrong: initialise the struct with its `_INIT` macro. Or the struct sets an option that this
    // library is too old for.
    EYOT_STRUCT_SIZE = 4,
    // The object is finished: a splitter after its end or after an error.
    EYOT_FINISHED = 5,
    // There is no element with that index or name.
    EYOT_NOT_FOUND = 6,
    // The caller's memory is too small.
    EYOT_BUFFER_TOO_SMALL = 7,
    // Not an error: eyot refuses the request or the handler's answer, and the call wrote the reply to send instead.
    EYOT_REFUSED = 8,
    // `now` is 0, and there is no clock, or it is wrong: set `now` to the Unix time.
    EYOT_CLOCK = 9,
    // A defect in eyot. Free the objects of the call, and do not use them for anything else.
    EYOT_PANIC = 99,
    // A name that islands cannot have.
    EYOT_NAME_INVALID = 100,
    // A name that is not declared.
    EYOT_NAME_UNKNOWN = 101,
    // A name declared twice.
    EYOT_NAME_TWICE = 102,
    // An option with an unusable value.
    EYOT_OPTION = 103,
    // There is no key.
    EYOT_KEY_MISSING = 200,
    // A key that is not standard base64.
    EYOT_KEY_ENCODING = 201,
    // A key that is not 32 bytes long.
    EYOT_KEY_LENGTH = 202,
    // A key that is easy to guess.
    EYOT_KEY_WEAK = 203,
    // A key that is in the list twice.
    EYOT_KEY_TWICE = 204,
    // A framework secret that is too weak to derive a key from.
    EYOT_SECRET_WEAK = 205,
    // More content than fits into a token.
    EYOT_PAYLOAD_TOO_LARGE = 300,
    // An expiry after the year 2106.
    EYOT_EXPIRY_RANGE = 301,
    // The system gave no randomness.
    EYOT_ENTROPY = 302,
    // A token that is damaged, forged or for another island. The error's code says which, for your log only.
    EYOT_TOKEN_BAD = 303,
    // A token that has expired, or whose key is not in the ring.
    EYOT_TOKEN_STALE = 304,
    // Not one JSON object, or a member that cannot be one.
    EYOT_PROPS = 400,
    // A member of another type.
    EYOT_PROPS_TYPE = 401,
    // A page that cannot be split. The error has the place, and its code says what is wrong.
    EYOT_MARKUP = 500,
    // An island of a page that a test assembles cannot be had. The message says which and why.
    EYOT_ASSEMBLY = 501,
} eyot_status;

// Why a call failed. It belongs to you. It holds no key, no token and no value of a prop, so you can log it.
//
// Threads: may be shared.
typedef struct eyot_error eyot_error;

// The status that the call returned; `EYOT_NULL_POINTER` for NULL.
eyot_status eyot_error_status(const eyot_error *error);

// A stable, lower-case code such as `key-missing`, finer than the status. Borrowed from the error.
eyot_status eyot_error_code(const eyot_error *error, eyot_slice *out);

// What happened and what to do, in English, without a line break at its end. Borrowed from the error.
eyot_status eyot_error_message(const eyot_error *error, eyot_slice *out);

// The line in the page, from 1; 0 if the error has no place.
uint32_t eyot_error_line(const eyot_error *error);

// The column in characters, from 1; 0 if the error has no place.
uint32_t eyot_error_column(const eyot_error *error);

// Frees an error; NULL does nothing.
void eyot_error_free(eyot_error *error);

// Panics inside the library, and returns `EYOT_PANIC`. Packagers can test their build with it: a library built with
// `panic = "abort"` ends the process here, and would do so at any defect.
eyot_status eyot_panic_check(eyot_error **error);

// ---- Key rings ------------------------------------------------------------------------------------------------------
// The keys that seal props, made from `EYOT_KEYS` or a key file at the start of the server.

// One or more keys: the first seals, all open. Freeing a key ring wipes it from memory.
//
// Threads: may be shared. Islands have a copy, so you may free it before them.
typedef struct eyot_keyring eyot_keyring;

// Makes a key for `EYOT_KEYS`: 32 random bytes from the operating system, in base64.
eyot_status eyot_keyring_generate_key(eyot_buffer *out, eyot_error **error);

// Reads the text of `EYOT_KEYS`: comma separated, each key 32 random bytes in standard base64.
eyot_status eyot_keyring_parse(const void *keys, size_t keys_len, eyot_keyring **out, eyot_error **error);

// Reads the content of a key file: one key a line, `#` starts a comment.
eyot_status eyot_keyring_parse_file(const void *text, size_t text_len, eyot_keyring **out, eyot_error **error);

// Derives a key ring from a framework's own secrets, the current one first.
eyot_status eyot_keyring_derive(const eyot_slice *secrets, size_t secrets_len, eyot_keyring **out, eyot_error **error);

// How many keys there are; 0 for NULL.
size_t eyot_keyring_len(const eyot_keyring *keyring);

// The id of the key at `index`; the sealing key is at 0. Print it as `%08x`. It reveals nothing about the key.
// `EYOT_NOT_FOUND` beyond the last.
eyot_status eyot_keyring_id(const eyot_keyring *keyring, size_t index, uint32_t *out);

// Frees a key ring and wipes its keys; NULL does nothing.
void eyot_keyring_free(eyot_keyring *keyring);

// ---- Islands: the configuration -------------------------------------------------------------------------------------
// One for the whole process: which islands pages may hold, and how they are sealed and asked for.

// One island that pages may hold and that this server answers; those of others stand in the option `elsewhere`.
typedef struct {
    // Its name.
    eyot_slice name;
    // A number of your own. Requests for the island carry it, so that your handler can be a `switch`.
    uint32_t number;
    // 0.
    uint32_t reserved;
} eyot_declaration;

// Names of options as C writes them: `login_url`.
#define EYOT_SPELLING_SNAKE 0

// Names of options as JavaScript writes them: `loginUrl`.
#define EYOT_SPELLING_CAMEL 1

// Names of options as Go writes them: `LoginURL`; what is on by default is turned off by `NoLoader`.
#define EYOT_SPELLING_PASCAL 2

// A configuration. Initialise with `EYOT_ISLANDS_OPTIONS_INIT`. The call copies everything.
typedef struct {
    // `sizeof(eyot_islands_options)`.
    uint32_t size;
    // How the options' names are spelt, in errors too: `EYOT_SPELLING_…`; for a binding of another language.
    uint32_t spelling;
    // The islands that pages may hold.
    const eyot_declaration *islands;
    // How many there are.
    size_t islands_len;
    // The options, by name and value, such as `login_url` and `/login`, `ttl` and `10m`, `debug` and `true`. One that is a
    // list stands here once for each of its texts, or once with an empty text for a list without any. `docs/options.md` has
    // all of them.
    const eyot_pair *options;
    // How many there are.
    size_t options_len;
} eyot_islands_options;

#define EYOT_ISLANDS_OPTIONS_INIT {sizeof(eyot_islands_options), 0, NULL, 0, NULL, 0}

// A configuration and its keys.
//
// Threads: may be shared. You may free islands before the objects made from them.
typedef struct eyot_islands eyot_islands;

// Checks a configuration and takes a copy of the keys.
eyot_status eyot_islands_new(const eyot_keyring *keyring,
                             const eyot_islands_options *options,
                             eyot_islands **out,
                             eyot_error **error);

// Replaces the keys, atomically while other threads use the islands. Calls that have already started finish with the
// old keys.
eyot_status eyot_islands_set_keys(const eyot_islands *islands, const eyot_keyring *keyring, eyot_error **error);

// The path below which islands are asked for. Borrowed from the islands.
eyot_status eyot_islands_prefix(const eyot_islands *islands, eyot_slice *out);

// The number that an island was declared with. Names are compared exactly; `EYOT_NOT_FOUND` if none matches.
eyot_status eyot_islands_number(const eyot_islands *islands, const void *name, size_t name_len, uint32_t *out);

// Frees islands; NULL does nothing.
void eyot_islands_free(eyot_islands *islands);

// ---- Events ---------------------------------------------------------------------------------------------------------
// Lines for your log, wherever there is something to say.

// How much an event matters.
typedef enum {
    // What clients did: a refusal, in production.
    EYOT_LEVEL_INFO = 0,
    // Worth knowing, above all while debugging.
    EYOT_LEVEL_WARNING = 1,
    // Something was left out of the page, or went out as it was, or the page ended early.
    EYOT_LEVEL_ERROR = 2,
} eyot_level;

// One line for your log. It holds no token, no query and no value of a prop.
typedef struct {
    // A stable, lower-case code such as `page-compressed`.
    eyot_slice code;
    // The request's path.
    eyot_slice path;
    // What happened, with its place in the page, and what to do.
    eyot_slice message;
    // The island that was asked for; empty if none was, or its name is not an island's.
    eyot_slice island;
    // How much it matters.
    eyot_level level;
    // If a request was refused: the status that the client gets. Otherwise 0.
    uint32_t status;
    // The line in the page, from 1; 0 if the event has no place there.
    uint32_t line;
    // The column in characters, from 1; 0 if the event has no place.
    uint32_t column;
} eyot_event;

// ---- Policies: pages that caches keep -------------------------------------------------------------------------------
// A route's policy is made once.

// The app sees cookies and authorisation. The shell must not depend on them.
#define EYOT_POLICY_COOKIES 1

// A streamed page is sent as it comes, without an ETag and without a guard on its body.
#define EYOT_POLICY_STREAM 2

// How long caches keep a route's shells, in seconds. Initialise with `EYOT_POLICY_OPTIONS_INIT`.
typedef struct {
    // `sizeof(eyot_policy_options)`.
    uint32_t size;
    // `EYOT_POLICY_COOKIES`, `EYOT_POLICY_STREAM`.
    uint32_t flags;
    // How long browsers keep a shell.
    uint32_t browser;
    // How long shared caches keep it.
    uint32_t cdn;
    // How long a shared cache may serve a stale shell while it fetches a new one.
    uint32_t stale_while_revalidate;
    // How long it may serve a stale shell if that fails.
    uint32_t stale_if_error;
} eyot_policy_options;

#define EYOT_POLICY_OPTIONS_INIT {sizeof(eyot_policy_options), 0, 0, 0, 0, 0}

// The policy of a route whose shells caches may keep.
//
// Threads: may be shared.
typedef struct eyot_policy eyot_policy;

// Checks a policy.
eyot_status eyot_policy_new(const eyot_policy_options *options, eyot_policy **out, eyot_error **error);

// How many seconds a shell may stay in caches at most: the value for `eyot_context.shell_life`. 0 for NULL.
uint32_t eyot_policy_life(const eyot_policy *policy);

// Frees a policy; NULL does nothing.
void eyot_policy_free(eyot_policy *policy);

// A server whose routes cannot hold a policy keeps them by patterns of paths.

// Policies by patterns such as `/p/{sku}` and `/docs/{page...}`. The most specific pattern that fits a path counts.
//
// Threads: may be shared, once all patterns are added.
typedef struct eyot_paths eyot_paths;

// Makes a table without patterns.
eyot_status eyot_paths_new(eyot_paths **out, eyot_error **error);

// Adds a pattern with a copy of a policy. A NULL policy excepts the paths that the pattern fits. A pattern in another
// router's syntax is `EYOT_OPTION`; the message says what is meant.
eyot_status eyot_paths_add(eyot_paths *paths,
                           const void *pattern,
                           size_t pattern_len,
                           const eyot_policy *policy,
                           eyot_error **error);

// The policy of a path: raw, without a query, below the app's mount point. NULL if no pattern fits, or one without a
// policy. Borrowed from the table.
eyot_status eyot_paths_find(const eyot_paths *paths, const void *path, size_t path_len, const eyot_policy **out);

// A line for your log for each pattern that none of the first 25 paths fitted, which may be a slip in it: once, and nothing
// before and after. For development. Borrowed from the table.
eyot_status eyot_paths_unused(const eyot_paths *paths,
                              const eyot_event **out,
                              size_t *out_len);

// Frees a table; NULL does nothing.
void eyot_paths_free(eyot_paths *paths);

// ---- Requests: which one is it? -------------------------------------------------------------------------------------
// Describe each request to `eyot_islands_arrive`, outside of sessions, before anything reads its body.

// A request without its body. Initialise with `EYOT_HEAD_INIT`.
typedef struct {
    // `sizeof(eyot_head)`.
    uint32_t size;
    // 0.
    uint32_t reserved;
    // The method as it is on the request line, in upper case.
    eyot_slice method;
    // The target as it was on the request line: path and query, not decoded, with the mount point.
    eyot_slice target;
    // The app's mount point as it is in the target: empty, or as in `/shop`. One that is not a path from the root is
    // refused with 400, because it may come from a proxy's header.
    eyot_slice mount;
    // All headers, repeated ones as often as they came. They must include `Host` (or `:authority`).
    const eyot_pair *headers;
    // How many there are.
    size_t headers_len;
} eyot_head;

#define EYOT_HEAD_INIT {sizeof(eyot_head), 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0}

// A whole answer that eyot makes itself. Send it instead of calling a handler.
//
// Threads: may be shared.
typedef struct eyot_reply eyot_reply;

// The status code; 0 for NULL.
uint32_t eyot_reply_status(const eyot_reply *reply);

// The headers, `Content-Length` among them. Borrowed from the reply.
eyot_status eyot_reply_headers(const eyot_reply *reply, const eyot_pair **out, size_t *out_len);

// The body; empty for `HEAD`. Borrowed from the reply.
eyot_status eyot_reply_body(const eyot_reply *reply, eyot_slice *out);

// The line for your log; NULL if there is none, and for NULL. Borrowed from the reply.
const eyot_event *eyot_reply_event(const eyot_reply *reply);

// Frees a reply that belongs to you; NULL does nothing. The replies of `eyot_exchange_reply` and `eyot_page_reply` belong
// to the exchange and the page.
void eyot_reply_free(eyot_reply *reply);

// What a request is to the outer station.
typedef enum {
    // It is for the app, and no policy applies.
    EYOT_ARRIVAL_APP = 0,
    // Send `eyot_exchange_reply`: the loader or the style sheet, a preflight's answer, or a refusal.
    EYOT_ARRIVAL_REPLY = 1,
    // It is for an island.
    EYOT_ARRIVAL_ISLAND = 2,
    // It is for a page with a policy.
    EYOT_ARRIVAL_PAGE = 3,
} eyot_arrival;

// A request that is eyot's to look at, between its way in and its way out.
//
// Threads: may be shared. You may free the islands, the policy and the head that it was made from.
typedef struct eyot_exchange eyot_exchange;

// Finds out what a request is. `policy` is that of its route; NULL if it has none. `visitor` names what layers around the
// outer station have put there that says who the visitor is, such as `session`; empty if nothing does. Behind such a layer
// the policy is not applied. `*out` is NULL if the request is the app's and there is nothing to log; otherwise it belongs to
// you.
eyot_status eyot_islands_arrive(const eyot_islands *islands,
                                const eyot_head *head,
                                const eyot_policy *policy,
                                const void *visitor,
                                size_t visitor_len,
                                eyot_exchange **out,
                                eyot_error **error);

// What the request is; `EYOT_ARRIVAL_APP` for NULL.
eyot_arrival eyot_exchange_arrival(const eyot_exchange *exchange);

// The reply to send; NULL if the request is to be answered by the app, and for NULL. Borrowed from the exchange.
const eyot_reply *eyot_exchange_reply(const eyot_exchange *exchange);

// The line for your log; NULL if there is none, and for NULL. Borrowed from the exchange.
const eyot_event *eyot_exchange_event(const eyot_exchange *exchange);

// The name of the island that is asked for; empty of a page. Borrowed from the exchange.
eyot_status eyot_exchange_name(const eyot_exchange *exchange, eyot_slice *out);

// The number that the island was declared with; 0 if the request is not for an island.
uint32_t eyot_exchange_number(const eyot_exchange *exchange);

// The method that the app sees: `GET` of a page, also if a `HEAD` came, and of an island whose token was posted. Borrowed from
// the exchange.
eyot_status eyot_exchange_method(const eyot_exchange *exchange,
                                 eyot_slice *out);

// The path that the app sees after `eyot_exchange_take_body`, with the mount point and the token; otherwise empty, for the
// path that came. Not for a log. Borrowed from the exchange.
eyot_status eyot_exchange_path(const eyot_exchange *exchange,
                               eyot_slice *out);

// Whether the app sees another query than the one that came: `eyot_exchange_query`. False for NULL.
bool eyot_exchange_has_query(const eyot_exchange *exchange);

// The query that the app sees if `eyot_exchange_has_query`, without its `?`; otherwise empty. Borrowed from the exchange.
eyot_status eyot_exchange_query(const eyot_exchange *exchange,
                                eyot_slice *out);

// Says that the island is the same for everybody: caches keep it for `seconds`, and its handler does not see who asks. Call
// it at once, if at all.
eyot_status eyot_exchange_share(const eyot_exchange *exchange,
                                uint32_t seconds);

// How many headers of the request the app must not see.
size_t eyot_exchange_hidden_count(const eyot_exchange *exchange);

// The header number `index` that the app must not see, by the name that it came with. Remove it before anything else reads
// the request. `EYOT_NOT_FOUND` if there are not as many. Borrowed from the exchange.
eyot_status eyot_exchange_hidden_header(const eyot_exchange *exchange,
                                        size_t index,
                                        eyot_slice *out);

// How many bytes of the body to read at most; 0 if there is nothing to read.
size_t eyot_exchange_body_limit(const eyot_exchange *exchange);

// Takes the body that was read, one byte over the limit at most. `EYOT_OK`: the app sees the request of
// `eyot_exchange_method` and `eyot_exchange_path`, without a body. `EYOT_REFUSED`: `*refusal` is the reply to send;
// `eyot_reply_event` is its line for the log.
eyot_status eyot_exchange_take_body(const eyot_exchange *exchange,
                                    const void *body,
                                    size_t body_len,
                                    eyot_reply **refusal,
                                    eyot_error **error);

// Frees an exchange; NULL does nothing.
void eyot_exchange_free(eyot_exchange *exchange);

// ---- Context --------------------------------------------------------------------------------------------------------
// What a split, a placeholder or a rendering takes from outside: the time, the mount point, the page.

// The page answers a request that is not a GET. It cannot be fetched again, so its stale tokens are not replaced.
#define EYOT_CONTEXT_POST 1

// The page does not get the loader's tags. Use it for an island's own HTML, for example.
#define EYOT_CONTEXT_NO_LOADER 2

// For production: splitting continues whatever is wrong with the page. A faulty island becomes its fallback, no
// directive leaves, and the problems are listed. Caches must not keep such a page.
// Without this flag, for development, splitting fails at the first problem and reports its place.
#define EYOT_CONTEXT_LENIENT 4

// What `eyot_islands_placeholder` and `eyot_islands_attributes` write goes through a split on its way out. They then write
// the attribute `server:placed`, which the split removes, and the page gets the loader's tags. Without this flag, for
// HTML that no split sees, they do not write it.
#define EYOT_CONTEXT_SPLIT 8

// Nothing is sealed, because what sealing depends on, such as the audience, is not known: at the outer station, outside of
// sessions. Islands become their fallbacks.
#define EYOT_CONTEXT_NO_SEALS 16

// What one split, placeholder or rendering takes from outside. NULL means the defaults. Initialise with
// `EYOT_CONTEXT_INIT`.
typedef struct {
    // `sizeof(eyot_context)`.
    uint32_t size;
    // `EYOT_CONTEXT_POST`, `EYOT_CONTEXT_NO_LOADER`, `EYOT_CONTEXT_LENIENT`, `EYOT_CONTEXT_SPLIT`,
    // `EYOT_CONTEXT_NO_SEALS`.
    uint32_t flags;
    // Unix time in seconds; 0 for the system's clock.
    uint64_t now;
    // The app's mount point: empty, or starting with `/` and not ending with it.
    eyot_slice mount;
    // A string that sealing and opening must agree on, such as a tenant; empty by default.
    eyot_slice audience;
    // The page's path without its query, for tokens into which it is sealed; may be empty.
    eyot_slice page_path;
    // The page's language, such as `de`; may be empty. It is only used together with `page_path`.
    eyot_slice page_lang;
    // How many seconds caches may keep the shell; 0 if they may not. A token that expires sooner is an error.
    uint32_t shell_life;
    // 0.
    uint32_t reserved;
} eyot_context;

#define EYOT_CONTEXT_INIT \
    {sizeof(eyot_context), 0, 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0}

// ---- Pages: reports -------------------------------------------------------------------------------------------------
// What is wrong with a page, or should be known about it.

// One thing that was found. Its slices are borrowed from the report.
typedef struct {
    // A stable, lower-case code such as `fallback-moved`.
    eyot_slice code;
    // What it means and what to do.
    eyot_slice message;
    // The island that it is about; may be empty.
    eyot_slice island;
    // The line, from 1; 0 if it has no place.
    uint32_t line;
    // The column in characters, from 1; 0 if it has no place.
    uint32_t column;
} eyot_finding;

// A list of findings, in the page's order.
//
// Threads: may be shared.
typedef struct eyot_report eyot_report;

// Reports what a browser's parser would do to a shell: where it moves, drops or swallows a placeholder or a fallback.
// Use it for debugging and in tests, because it parses the whole page.
eyot_status eyot_report_audit(const void *shell, size_t shell_len, eyot_report **out, eyot_error **error);

// How many there are; 0 for NULL.
size_t eyot_report_len(const eyot_report *report);

// The finding at `index`, from 0; `EYOT_NOT_FOUND` beyond the last. Borrowed from the report.
eyot_status eyot_report_get(const eyot_report *report, size_t index, eyot_finding *out);

// Frees a report of `eyot_report_audit`; NULL does nothing. The reports of a shell or a splitter belong to it.
void eyot_report_free(eyot_report *report);

// ---- Pages: split whole ---------------------------------------------------------------------------------------------
// A page goes in, its shell comes out: in parts that need no copy, or in one piece.

// A shell, in parts that need no copy of the page. It borrows the page: keep the page, unchanged, until you free the
// shell. A shell from `eyot_prepared_shell` borrows nothing.
//
// Threads: may be shared.
typedef struct eyot_shell eyot_shell;

// Splits a whole page. The shell borrows the page: keep the page, unchanged, until you free the shell.
eyot_status eyot_islands_split(const eyot_islands *islands,
                               const void *page,
                               size_t page_len,
                               const eyot_context *context,
                               eyot_shell **out,
                               eyot_error **error);

// The shell's length in bytes; 0 for NULL.
size_t eyot_shell_len(const eyot_shell *shell);

// Whether the page has no directive, so that the shell is the page itself; false for NULL.
bool eyot_shell_is_untouched(const eyot_shell *shell);

// The parts of the shell in order, for `writev` and the like. Each is a part of the page or belongs to the shell. The
// list belongs to the shell.
eyot_status eyot_shell_segments(const eyot_shell *shell, const eyot_slice **out, size_t *out_len);

// The shell in one piece, as a copy that belongs to you.
eyot_status eyot_shell_join(const eyot_shell *shell, eyot_buffer *out, eyot_error **error);

// Copies the shell in one piece into your memory; `EYOT_BUFFER_TOO_SMALL` if `capacity` is less than `eyot_shell_len`.
eyot_status eyot_shell_copy(const eyot_shell *shell, void *out, size_t capacity);

// How many islands the shell holds; 0 for NULL.
size_t eyot_shell_island_count(const eyot_shell *shell);

// The name of the island at `index`, from 0, in the order in which they are sealed; `EYOT_NOT_FOUND` beyond the last.
// Borrowed from the shell.
eyot_status eyot_shell_island_name(const eyot_shell *shell, size_t index, eyot_slice *out);

// What was wrong with the page and was left out; empty after a strict split. NULL for NULL. Borrowed from the shell.
const eyot_report *eyot_shell_problems(const eyot_shell *shell);

// What is not an error, but the page's author should know. NULL for NULL. Borrowed from the shell.
const eyot_report *eyot_shell_diagnostics(const eyot_shell *shell);

// Frees a shell, not its page; NULL does nothing.
void eyot_shell_free(eyot_shell *shell);

// ---- Pages: split in chunks -----------------------------------------------------------------------------------------
// For pages that are sent while they are made.

// Splits one page chunk by chunk. It keeps no more in memory than the page's longest island. However you cut the page,
// the output is the same.
//
// Threads: one at a time. You may free the islands that it was made from.
typedef struct eyot_splitter eyot_splitter;

// Makes a splitter for one page. It seals with the keys that the islands have now. It copies the context, including
// the time.
eyot_status eyot_splitter_new(const eyot_islands *islands,
                              const eyot_context *context,
                              eyot_splitter **out,
                              eyot_error **error);

// Takes the next chunk and returns what can go out: often nothing, usually the chunk itself. Each segment is a part of
// the chunk, or belongs to the splitter until the next push; so does the list.
eyot_status eyot_splitter_push(eyot_splitter *splitter,
                               const void *chunk,
                               size_t chunk_len,
                               const eyot_slice **out,
                               size_t *out_len,
                               eyot_error **error);

// Ends the page and returns the rest of it. The segments belong to the splitter.
eyot_status eyot_splitter_finish(eyot_splitter *splitter, const eyot_slice **out, size_t *out_len, eyot_error **error);

// What was wrong with the page so far; empty while the splitter is strict. NULL for NULL. Borrowed from the splitter
// until its next call.
const eyot_report *eyot_splitter_problems(eyot_splitter *splitter);

// What is not an error, but the page's author should know, up to here. NULL for NULL. Borrowed from the splitter until
// its next call.
const eyot_report *eyot_splitter_diagnostics(eyot_splitter *splitter);

// Frees a splitter, in any state; NULL does nothing.
void eyot_splitter_free(eyot_splitter *splitter);

// ---- Pages: prepared ------------------------------------------------------------------------------------------------
// For pages that are the same each time: find the islands once, render often.

// A page whose islands eyot has found. It writes what is the same in every rendering only once for each key ring and
// mount point.
//
// Threads: may be shared. You may free the islands and the page that it was made from.
typedef struct eyot_prepared eyot_prepared;

// Finds a page's islands, so that you can render it often. Copies the page.
eyot_status eyot_prepared_new(const eyot_islands *islands,
                              const void *page,
                              size_t page_len,
                              eyot_prepared **out,
                              eyot_error **error);

// Renders the shell in parts. This takes the same time however long the page is. You may free the prepared page before
// the shell.
eyot_status eyot_prepared_shell(const eyot_prepared *prepared,
                                const eyot_context *context,
                                eyot_shell **out,
                                eyot_error **error);

// Renders the shell in one piece.
eyot_status eyot_prepared_render(const eyot_prepared *prepared,
                                 const eyot_context *context,
                                 eyot_buffer *out,
                                 eyot_error **error);

// Frees a prepared page; NULL does nothing.
void eyot_prepared_free(eyot_prepared *prepared);

// ---- Placeholders without a split -----------------------------------------------------------------------------------
// For templates that write an island by a call, instead of by markup.

// The placeholder has an error slot although `error` is empty, so that a failing island leaves nothing.
#define EYOT_PLACEHOLDER_EMPTY_ERROR 1

// An island that a template writes by a call. Initialise with `EYOT_PLACEHOLDER_INIT`.
typedef struct {
    // `sizeof(eyot_placeholder)`.
    uint32_t size;
    // `EYOT_PLACEHOLDER_EMPTY_ERROR`.
    uint32_t flags;
    // The island's name.
    eyot_slice name;
    // One UTF-8 JSON object; empty for no props. `eyot_props` writes one.
    eyot_slice props;
    // HTML shown until the island is there.
    eyot_slice fallback;
    // HTML shown if it cannot be loaded; if this is empty, the fallback stays.
    eyot_slice error;
    // Slots that are sealed into the token: names and HTML.
    const eyot_pair *slots;
    // How many there are.
    size_t slots_len;
    // Options by their names without `server:`, such as `when` and `idle`; a flag's value is empty.
    const eyot_pair *options;
    // How many there are.
    size_t options_len;
} eyot_placeholder;

#define EYOT_PLACEHOLDER_INIT \
    {sizeof(eyot_placeholder), 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0, NULL, 0}

// Writes a placeholder, as a split writes it for the same island in a page.
eyot_status eyot_islands_placeholder(const eyot_islands *islands,
                                     const eyot_placeholder *placeholder,
                                     const eyot_context *context,
                                     eyot_buffer *out,
                                     eyot_error **error);

// Writes a placeholder's attributes, for an element that your template writes. They start with a space. The
// fallback and the error slot are ignored: they are your template's as well.
eyot_status eyot_islands_attributes(const eyot_islands *islands,
                                    const eyot_placeholder *placeholder,
                                    const eyot_context *context,
                                    eyot_buffer *out,
                                    eyot_error **error);

// Writes an island's URL, not escaped, for libraries that fetch fragments themselves. The fallback and the error slot
// are ignored.
eyot_status eyot_islands_url(const eyot_islands *islands,
                             const eyot_placeholder *placeholder,
                             const eyot_context *context,
                             eyot_buffer *out,
                             eyot_error **error);

// Writes the tags that load the loader and the style sheet, for pages that no split sees.
eyot_status eyot_islands_loader_tags(const eyot_islands *islands,
                                     const eyot_context *context,
                                     eyot_buffer *out,
                                     eyot_error **error);

// Props that you write member by member.
//
// Threads: one at a time.
typedef struct eyot_props eyot_props;

// Makes props without a member: `{}`.
eyot_props *eyot_props_new(void);

// Adds a text.
eyot_status eyot_props_string(eyot_props *props,
                              const void *name,
                              size_t name_len,
                              const void *value,
                              size_t value_len,
                              eyot_error **error);

// Adds a whole number. JavaScript rounds numbers beyond 2^53; eyot and most other readers do not.
eyot_status eyot_props_integer(eyot_props *props, const void *name, size_t name_len, int64_t value, eyot_error **error);

// Adds a number; not NaN and not infinite, which JSON does not have.
eyot_status eyot_props_number(eyot_props *props, const void *name, size_t name_len, double value, eyot_error **error);

// Adds true or false.
eyot_status eyot_props_boolean(eyot_props *props, const void *name, size_t name_len, bool value, eyot_error **error);

// Adds any JSON value: an object, a list, null, a number with all its digits. It is checked, and added as it is.
eyot_status eyot_props_json(eyot_props *props,
                            const void *name,
                            size_t name_len,
                            const void *json,
                            size_t json_len,
                            eyot_error **error);

// The JSON so far, which is always one complete object. Borrowed from the props until their next call.
eyot_status eyot_props_bytes(const eyot_props *props, eyot_slice *out);

// Frees props; NULL does nothing.
void eyot_props_free(eyot_props *props);

// ---- Islands: opened for their handlers -----------------------------------------------------------------------------
// `eyot_exchange_open` opens the token; the handler then reads the props and renders the island.

// A token to open. Initialise with `EYOT_TOKEN_INIT`.
typedef struct {
    // `sizeof(eyot_token)`.
    uint32_t size;
    // 0.
    uint32_t reserved;
    // Unix time in seconds; 0 for the system's clock.
    uint64_t now;
    // The island that it was sealed for.
    eyot_slice island;
    // The string that it was sealed with, such as a tenant; empty by default.
    eyot_slice audience;
    // The token.
    eyot_slice bytes;
} eyot_token;

#define EYOT_TOKEN_INIT {sizeof(eyot_token), 0, 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT}

// An island from a genuine token. Its props say what to show, not who the visitor is: your handler asks the session
// for that, as every page does.
//
// Threads: may be shared.
typedef struct eyot_opened eyot_opened;

// Opens the token, for the island's handler. `audience` is what sealing agreed on; `now` is Unix time in seconds, 0 for the
// system's clock. `EYOT_OK`: `*out` is the island. `EYOT_REFUSED`: `*refusal` is the reply to send in the handler's place, and
// the error says why. The outer station logs it.
eyot_status eyot_exchange_open(const eyot_exchange *exchange,
                               const void *audience,
                               size_t audience_len,
                               uint64_t now,
                               eyot_opened **out,
                               eyot_reply **refusal,
                               eyot_error **error);

// Says that the island's props do not fit its handler, and why. `*out` is the reply to send in the handler's place; it belongs
// to you. The outer station logs it.
eyot_status eyot_exchange_misfit(const eyot_exchange *exchange,
                                 const void *why,
                                 size_t why_len,
                                 eyot_reply **out,
                                 eyot_error **error);

// Notes the `Content-Security-Policy` headers of the handler's own, for a host whose layers set theirs on the same response
// before the handler runs: `eyot_page_step` would take those for the handler's.
eyot_status eyot_exchange_note_policies(const eyot_exchange *exchange,
                                        const eyot_slice *values,
                                        size_t values_len);

// The island's name. Borrowed.
eyot_status eyot_opened_name(const eyot_opened *opened, eyot_slice *out);

// The number that the island was declared with; 0 for NULL, and after `eyot_keyring_open`.
uint32_t eyot_opened_number(const eyot_opened *opened);

// The props: one UTF-8 JSON object; `eyot_object_parse` reads it. Borrowed.
eyot_status eyot_opened_props(const eyot_opened *opened, eyot_slice *out);

// The slots: a JSON object whose members are HTML, or nothing. Borrowed.
eyot_status eyot_opened_slots(const eyot_opened *opened, eyot_slice *out);

// The page: a JSON object with `path` and `lang`, or nothing. Borrowed.
eyot_status eyot_opened_page(const eyot_opened *opened, eyot_slice *out);

// When the token expires, in Unix seconds; 0 for never, and for NULL.
uint32_t eyot_opened_expires(const eyot_opened *opened);

// Frees an island; NULL does nothing.
void eyot_opened_free(eyot_opened *opened);

// What a member is.
typedef enum {
    // There is no such member.
    EYOT_MEMBER_NONE = 0,
    // `null`.
    EYOT_MEMBER_NULL = 1,
    // `true` or `false`.
    EYOT_MEMBER_BOOLEAN = 2,
    // A number.
    EYOT_MEMBER_NUMBER = 3,
    // A text.
    EYOT_MEMBER_STRING = 4,
    // A list.
    EYOT_MEMBER_LIST = 5,
    // An object.
    EYOT_MEMBER_OBJECT = 6,
} eyot_member_kind;

// A JSON object that has been read. You may free the bytes that it was read from.
//
// Threads: may be shared.
typedef struct eyot_object eyot_object;

// Reads an object: an island's props, slots or page. An empty text is an object without members. If two members have
// the same name, the last one counts.
eyot_status eyot_object_parse(const void *json, size_t json_len, eyot_object **out, eyot_error **error);

// How many members there are; 0 for NULL.
size_t eyot_object_len(const eyot_object *object);

// The name of the member at `index`, from 0; `EYOT_NOT_FOUND` beyond the last. Borrowed from the object.
eyot_status eyot_object_name(const eyot_object *object, size_t index, eyot_slice *out);

// What the member `name` is; `EYOT_MEMBER_NONE` if there is none, and for NULL.
eyot_member_kind eyot_object_kind(const eyot_object *object, const void *name, size_t name_len);

// The member `name` as a text, without its escapes. It may contain NULs. Borrowed from the object. `EYOT_NOT_FOUND`,
// `EYOT_PROPS_TYPE`.
eyot_status eyot_object_string(const eyot_object *object,
                               const void *name,
                               size_t name_len,
                               eyot_slice *out,
                               eyot_error **error);

// The member `name` as a whole number. `EYOT_NOT_FOUND`; `EYOT_PROPS_TYPE` for anything else, `1.0` and numbers beyond
// 64 bits included.
eyot_status eyot_object_integer(const eyot_object *object,
                                const void *name,
                                size_t name_len,
                                int64_t *out,
                                eyot_error **error);

// The member `name` as a number, rounded to the nearest double. `EYOT_NOT_FOUND`, `EYOT_PROPS_TYPE`.
eyot_status eyot_object_number(const eyot_object *object,
                               const void *name,
                               size_t name_len,
                               double *out,
                               eyot_error **error);

// The member `name` as true or false. `EYOT_NOT_FOUND`, `EYOT_PROPS_TYPE`.
eyot_status eyot_object_boolean(const eyot_object *object,
                                const void *name,
                                size_t name_len,
                                bool *out,
                                eyot_error **error);

// The member `name` as it is in the JSON: any value. Borrowed from the object. `EYOT_NOT_FOUND`.
eyot_status eyot_object_json(const eyot_object *object,
                             const void *name,
                             size_t name_len,
                             eyot_slice *out,
                             eyot_error **error);

// Frees an object; NULL does nothing.
void eyot_object_free(eyot_object *object);

// Escapes a text for HTML, as content or in an attribute in either kind of quotes: `&`, `<`, `>`, `"` and `'`.
eyot_status eyot_html_escape(const void *text, size_t text_len, eyot_buffer *out, eyot_error **error);

// ---- Responses ------------------------------------------------------------------------------------------------------
// Describe what the app or a handler answered, and send the status and headers of the outcome.

// What the app or an island's handler answered, after sessions and all other layers. Initialise with
// `EYOT_RESPONSE_INIT`.
typedef struct {
    // `sizeof(eyot_response)`.
    uint32_t size;
    // 0.
    uint32_t reserved;
    // All headers.
    const eyot_pair *headers;
    // How many there are.
    size_t headers_len;
    // The whole body, not compressed, for `eyot_page_whole`.
    eyot_slice body;
    // The status code.
    uint32_t status;
    // 0.
    uint32_t reserved_too;
} eyot_response;

#define EYOT_RESPONSE_INIT {sizeof(eyot_response), 0, NULL, 0, EYOT_SLICE_INIT, 0, 0}

// What an edit does.
typedef enum {
    // Replace all headers of this name with one that has the value.
    EYOT_EDIT_SET = 1,
    // Remove all headers of this name.
    EYOT_EDIT_REMOVE = 2,
} eyot_edit_kind;

// One change to a response's headers. Make the changes in order; a later one wins over an earlier one of the same
// name.
typedef struct {
    // The header's name; compare without regard to case.
    eyot_slice name;
    // The value to set; empty for a removal.
    eyot_slice value;
    // Set or remove.
    eyot_edit_kind kind;
    // 0.
    uint32_t reserved;
} eyot_edit;

// Status and headers to send.
//
// Threads: may be shared.
typedef struct eyot_outcome eyot_outcome;

// The status code to send; 0 for NULL.
uint32_t eyot_outcome_status(const eyot_outcome *outcome);

// Whether to send the app's body; false for NULL. It does not depend on the method, although an answer to `HEAD` never
// has a body.
bool eyot_outcome_has_body(const eyot_outcome *outcome);

// Whether a policy made the response a shell that shared caches may keep; false for NULL.
bool eyot_outcome_is_shell(const eyot_outcome *outcome);

// The changes to the app's headers, in order, for servers that change headers in place. Borrowed from the outcome.
eyot_status eyot_outcome_edits(const eyot_outcome *outcome, const eyot_edit **out, size_t *out_len);

// All headers to send, with the changes made. Borrowed from the outcome.
eyot_status eyot_outcome_headers(const eyot_outcome *outcome, const eyot_pair **out, size_t *out_len);

// Frees an outcome; NULL does nothing.
void eyot_outcome_free(eyot_outcome *outcome);

// ---- Responses on their way out -------------------------------------------------------------------------------------
// What becomes of a response at each of the two stations. Collect what is answered, as far as `eyot_page_step` says so, and
// send what the steps say. Then log the events.

// For development: a fault is shown to the visitor, on an error page with its place. Without this flag, for production, a
// faulty island becomes its fallback, and no cache keeps the page.
#define EYOT_PAGE_DEBUG 1

// The app answers a `HEAD`.
#define EYOT_PAGE_HEAD 2

// HTML is left as it is, and only marked.
#define EYOT_PAGE_UNSPLIT 16

// An outer station is there, for which this one marks the responses that it has dealt with, by the header `Eyot-Split`.
#define EYOT_PAGE_MARK 32

// A page that comes in chunks is held back until all of it has been judged: for a policy without `EYOT_POLICY_STREAM`.
#define EYOT_PAGE_HOLD 4

// A page that comes in chunks is cut at its first fault: for a route with a policy and for a shared island, whose head
// tells caches to keep the page.
#define EYOT_PAGE_SOUND 8

// What a page's way out depends on, beside the page. NULL means the defaults. Initialise with `EYOT_PAGE_OPTIONS_INIT`.
typedef struct {
    // `sizeof(eyot_page_options)`.
    uint32_t size;
    // `EYOT_PAGE_DEBUG`, `EYOT_PAGE_HEAD`, `EYOT_PAGE_HOLD`, `EYOT_PAGE_SOUND`, `EYOT_PAGE_UNSPLIT`, `EYOT_PAGE_MARK`.
    uint32_t flags;
    // The request's path as a browser shows it, without its query: for the log, which gets no token of it.
    eyot_slice path;
} eyot_page_options;

#define EYOT_PAGE_OPTIONS_INIT {sizeof(eyot_page_options), 0, EYOT_SLICE_INIT}

// Nothing is known of the body's size.
#define EYOT_SIZE_UNKNOWN 0

// All of the body is in memory.
#define EYOT_SIZE_WHOLE 1

// The body has as many bytes as you say, and is yet to come.
#define EYOT_SIZE_KNOWN 2

// A part of the body is there and more is to come, or the app wants what it has written to go out (a flush).
#define EYOT_SIZE_MORE 3

// What to do next with a page.
typedef enum {
    // Send the response as the app made it. Of one that was decoded, that is the compressed body.
    EYOT_STEP_PASS = 0,
    // Keep the head, and call `eyot_page_step` again when you know more of the body's size.
    EYOT_STEP_WAIT = 1,
    // Collect the body and call `eyot_page_whole`.
    EYOT_STEP_COLLECT = 2,
    // Collect the body, undo the coding of `eyot_page_coding`, and call `eyot_page_whole` with what you get. An empty body
    // stays empty. If you cannot undo it, call `eyot_page_undecoded`.
    EYOT_STEP_DECODE = 3,
    // Send the status and headers of `eyot_page_outcome`, and then the app's body, as it comes or as it was collected; or no
    // body, if `eyot_outcome_has_body` says so.
    EYOT_STEP_EDIT = 4,
    // Send `eyot_page_shell` with the status and headers of `eyot_page_outcome`.
    EYOT_STEP_SHELL = 5,
    // Send `eyot_page_reply` instead, and drop what the app sends.
    EYOT_STEP_REPLY = 6,
    // The body goes out as it comes. After `eyot_page_step`: send the status and headers of `eyot_page_outcome`, then give
    // each chunk to `eyot_page_push` and the end to `eyot_page_finish`. After these: send the segments.
    EYOT_STEP_STREAM = 7,
    // Send the segments. The page has ended: drop what of it is still to come.
    EYOT_STEP_END = 8,
    // Send the segments, then cut the connection, so that caches discard what they have of the page. `eyot_page_fault` says
    // why.
    EYOT_STEP_CUT = 9,
} eyot_step;

// The way out of one response through a station: you say what was answered, and it says what to do. The inner station's
// decides whether the response is split, and how: whole, in chunks, compressed, in part, faulty. The outer station's decides
// what an island, or a page with a policy, leaves as, and splits what the inner station has not seen.
//
// Threads: one at a time. You may free the islands and the exchange that it was made from.
typedef struct eyot_page eyot_page;

// Begins the way out, through the inner station, of a response to a request that is neither an island's nor one with a
// policy; for those there is `eyot_exchange_page`. It copies the options.
eyot_status eyot_page_new(const eyot_islands *islands,
                          const eyot_page_options *options,
                          eyot_page **out,
                          eyot_error **error);

// Begins the way out, through the outer station, of a response to a request that is neither an island's nor one with a
// policy. Needed only for a `Content-Type` of text without the header `Eyot-Split`, which the inner station sets on what it
// has dealt with and which you remove. Of the options, the path and `EYOT_PAGE_HEAD` count. It copies them.
eyot_status eyot_page_new_outer(const eyot_islands *islands,
                                const eyot_page_options *options,
                                eyot_page **out,
                                eyot_error **error);

// Begins the way out through the inner station. `splits`: whether the HTML that is answered is split. `*out` belongs to you.
eyot_status eyot_exchange_page(const eyot_exchange *exchange,
                               bool splits,
                               eyot_page **out,
                               eyot_error **error);

// Begins the way out through the outer station. `*out` belongs to you.
eyot_status eyot_exchange_out(const eyot_exchange *exchange, eyot_page **out, eyot_error **error);

// Asks what to do with the app's response: when its head is known, and again after `EYOT_STEP_WAIT` when more is known of
// its body. `size` is one of `EYOT_SIZE_…`; `body_len` counts for `EYOT_SIZE_KNOWN` alone. The response's body is ignored.
// After `EYOT_STEP_PASS`, `EYOT_STEP_EDIT`, `EYOT_STEP_REPLY` and `EYOT_STEP_STREAM` it is decided, and asking again is an error.
eyot_status eyot_page_step(eyot_page *page,
                           const eyot_response *response,
                           uint32_t size,
                           uint64_t body_len,
                           eyot_step *step,
                           eyot_error **error);

// Decides about a response with its whole body, decoded if `EYOT_STEP_DECODE` said so. `*step` is `EYOT_STEP_PASS`,
// `EYOT_STEP_EDIT`, `EYOT_STEP_SHELL` or `EYOT_STEP_REPLY`. The shell borrows the body: keep the body, unchanged, until you
// have sent the shell.
eyot_status eyot_page_whole(eyot_page *page,
                            const eyot_response *response,
                            const eyot_context *context,
                            eyot_step *step,
                            eyot_error **error);

// Decides about a compressed page that you cannot decode: it may hold directives, so that no cache keeps it, and while
// debugging an error page takes its place. `*step` is `EYOT_STEP_EDIT` or `EYOT_STEP_REPLY`.
eyot_status eyot_page_undecoded(eyot_page *page, const eyot_response *response, eyot_step *step, eyot_error **error);

// Takes the next chunk of a page that goes out as it comes. `*step` is `EYOT_STEP_STREAM`, `EYOT_STEP_END` or
// `EYOT_STEP_CUT`; in each case, send the segments first. Each segment is a part of the chunk, or belongs to the page until
// the next chunk; so does the list.
eyot_status eyot_page_push(eyot_page *page,
                           const void *chunk,
                           size_t chunk_len,
                           const eyot_context *context,
                           eyot_step *step,
                           const eyot_slice **out,
                           size_t *out_len,
                           eyot_error **error);

// Ends a page that goes out as it comes, and returns the rest of it. `*step` is `EYOT_STEP_END` or `EYOT_STEP_CUT`.
eyot_status eyot_page_finish(eyot_page *page,
                             const eyot_context *context,
                             eyot_step *step,
                             const eyot_slice **out,
                             size_t *out_len,
                             eyot_error **error);

// The content coding to undo after `EYOT_STEP_DECODE`, such as `gzip`, in lower case; otherwise empty. Borrowed from the
// page until its next step.
eyot_status eyot_page_coding(const eyot_page *page,
                             eyot_slice *out);

// The status and headers to send after `EYOT_STEP_EDIT`, `EYOT_STEP_SHELL` and `EYOT_STEP_STREAM`; otherwise NULL. Borrowed
// from the page until its next step.
const eyot_outcome *eyot_page_outcome(const eyot_page *page);

// The shell to send after `EYOT_STEP_SHELL`; otherwise NULL. Borrowed from the page until its next step.
const eyot_shell *eyot_page_shell(const eyot_page *page);

// The whole answer to send after `EYOT_STEP_REPLY`; otherwise NULL. Borrowed from the page until its next step.
const eyot_reply *eyot_page_reply(const eyot_page *page);

// What was wrong after `EYOT_STEP_CUT`; otherwise NULL. It is among the events, too. Borrowed from the page.
const eyot_error *eyot_page_fault(const eyot_page *page);

// Whether a stream has begun and not ended. The outer station then cuts the connection, whoever swallowed the reason; false
// for NULL.
bool eyot_page_is_open(const eyot_page *page);

// Notes, at the outer station, that it cuts a stream that the inner one began and did not end: a line for the log. NULL does
// nothing.
void eyot_page_note_cut(eyot_page *page);

// What is to be logged since the last call; often nothing. Call it after each step, and before you free the page. The list
// belongs to the page until the next call of this function.
eyot_status eyot_page_events(eyot_page *page,
                             const eyot_event **out,
                             size_t *out_len);

// Frees a page, in any state; NULL does nothing.
void eyot_page_free(eyot_page *page);

// ---- Files ----------------------------------------------------------------------------------------------------------
// The loader and the style sheet. `eyot_islands_arrive` answers requests for them; these are for hosts that serve, inline
// or allow them by themselves.

// A file that pages with islands need. Valid for as long as the library is loaded.
//
// Threads: may be shared.
typedef struct eyot_asset eyot_asset;

// The script that fetches islands and swaps them in. Never NULL.
const eyot_asset *eyot_asset_loader(void);

// The script that the loader fetches when a page needs it: for refreshes, triggers and retries. Never NULL.
const eyot_asset *eyot_asset_loader_more(void);

// The script that the loader fetches while debugging, to say in words what is wrong. Never NULL.
const eyot_asset *eyot_asset_loader_debug(void);

// The style sheet that takes `<server-island>` out of the layout. Never NULL.
const eyot_asset *eyot_asset_stylesheet(void);

// The name below the prefix, such as `loader.v1.js`.
eyot_status eyot_asset_name(const eyot_asset *asset, eyot_slice *out);

// The content.
eyot_status eyot_asset_bytes(const eyot_asset *asset, eyot_slice *out);

// The value of `Content-Type`.
eyot_status eyot_asset_media_type(const eyot_asset *asset, eyot_slice *out);

// The value of `ETag`, quotes included.
eyot_status eyot_asset_etag(const eyot_asset *asset, eyot_slice *out);

// The value of an `integrity` attribute: `sha384-` and base64. In single quotes it is also a source for a
// `Content-Security-Policy` that allows the file inline.
eyot_status eyot_asset_integrity(const eyot_asset *asset, eyot_slice *out);

// ---- Tokens by themselves -------------------------------------------------------------------------------------------
// Splitting and placeholders seal, requests open. These are for tools and tests.

// What `eyot_keyring_seal` seals. Initialise with `EYOT_PAYLOAD_INIT`.
typedef struct {
    // `sizeof(eyot_payload)`.
    uint32_t size;
    // When it expires, in Unix seconds; 0 for never.
    uint32_t expires;
    // The island's name.
    eyot_slice island;
    // A string that opening must repeat; empty by default.
    eyot_slice audience;
    // One UTF-8 JSON object, sealed as it is.
    eyot_slice props;
    // A JSON object of strings, or nothing.
    eyot_slice slots;
    // The page's JSON object, or nothing.
    eyot_slice page;
    // 24 random bytes for an unlinkable token. Use them for one token only. Empty for a stable token.
    eyot_slice nonce;
} eyot_payload;

#define EYOT_PAYLOAD_INIT \
    {sizeof(eyot_payload), 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, \
     EYOT_SLICE_INIT}

// Seals a token. Servers rarely need this, because splits and placeholders seal.
eyot_status eyot_keyring_seal(const eyot_keyring *keyring,
                              const eyot_payload *payload,
                              eyot_buffer *out,
                              eyot_error **error);

// Opens a token. Servers rarely need this: see `eyot_exchange_open`. A token that does not open is `EYOT_TOKEN_BAD` or
// `EYOT_TOKEN_STALE`; visitors should learn no more than that.
eyot_status eyot_keyring_open(const eyot_keyring *keyring,
                              const eyot_token *token,
                              eyot_opened **out,
                              eyot_error **error);

// ---- Tests of servers -----------------------------------------------------------------------------------------------
// A page with every island in its place: ask your server for what eyot_assembly_next says, until there is nothing left.

// An island to ask for, as the loader does: with `Sec-Fetch-Site: same-origin` and `Sec-Fetch-Dest: empty`, and a token
// posted as `application/vnd.eyot.token`. Borrowed from the assembly until the next call.
typedef struct {
    // The island's name; empty once there is none to ask for.
    eyot_slice island;
    // Its address; a URL that does not begin with `/` is another server's.
    eyot_slice url;
    // The token to post there; empty for a `GET`.
    eyot_slice token;
} eyot_ask;

// A page whose placeholders are filled one after the other, those in islands' answers too. For tests.
//
// Threads: one at a time.
typedef struct eyot_assembly eyot_assembly;

// Begins with a copy of a page.
eyot_status eyot_assembly_new(const void *page, size_t page_len, eyot_assembly **out, eyot_error **error);

// Writes the next island to ask for, with an empty name once there is none.
eyot_status eyot_assembly_next(eyot_assembly *assembly, eyot_ask *out, eyot_error **error);

// Puts the answer to the last ask in the page. `EYOT_ASSEMBLY`, with the reason, if the loader would not take it; the
// placeholder then stays.
eyot_status eyot_assembly_answer(eyot_assembly *assembly, const eyot_response *answer, eyot_error **error);

// Leaves the placeholder of the last ask as it is.
eyot_status eyot_assembly_skip(eyot_assembly *assembly, eyot_error **error);

// Writes the page as it is now. The assembly is then empty.
eyot_status eyot_assembly_finish(eyot_assembly *assembly, eyot_buffer *out, eyot_error **error);

// Frees an assembly; NULL does nothing.
void eyot_assembly_free(eyot_assembly *assembly);

// Writes what is wrong with a response that a test expects to be a shell which shared caches keep, a line each; nothing if
// it is one.
eyot_status eyot_islands_shell_faults(const eyot_islands *islands,
                                      const eyot_response *shell,
                                      eyot_buffer *out,
                                      eyot_error **error);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // EYOT_H
