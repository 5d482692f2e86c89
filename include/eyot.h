// eyot: server islands for every web server. The C interface.
//
// Generated from the crate eyot-ffi. Do not edit: change the crate, and run
// `EYOT_WRITE_HEADER=1 cargo test -p eyot-ffi --test header`.
//
// ## Conventions
//
// NAMES. `eyot_<type>_<verb>` is a function of the type `eyot_<type>`; constants begin with `EYOT_`. Nothing else is
// exported.
//
// ORDER. The object first, then inputs, outputs last, and after them `error`. Nothing is both input and output.
//
// STATUS. A function that can fail returns an `eyot_status`: `EYOT_OK` (0) or why not. Its outputs are written only then.
// (`EYOT_REFUSED` is the one exception: it writes the reply to send instead, and says so.) Functions that return a number,
// a flag or a pointer return 0, false or NULL for a NULL object.
//
// ERRORS. `error` may be NULL. Where it is not, and the call fails, it gets an object of the caller's own, with a code, a
// text and perhaps a place in the page, which `eyot_error_free` frees. There is no hidden last error: threads do not
// matter. A call that succeeds leaves `*error` alone, so set it to NULL first. Texts hold no key, no token and no
// value of a prop.
// In `check(call(&error), error)` C may read `error` before the call is made: let such a helper take `&error`.
//
// BYTES. Bytes and texts go in as a pointer and a length; the pointer is ignored, and may be NULL, when the length is 0.
// They come out as an `eyot_slice`, which is borrowed (its function says from whom), or as an `eyot_buffer`, which is the
// caller's (`eyot_buffer_free`). Text is UTF-8, is checked, need not end with NUL, and may hold NULs.
//
// OBJECTS. `_new` makes one, `_free` frees it; `_free(NULL)` does nothing. All `_free` functions take one pointer, so
// that they serve as cleanup handlers. What an object was made from may be freed before it, unless its type says otherwise.
//
// THREADS. Where a function takes the object as `const`, any number of threads may call it at once. Where it does not,
// one thread at a time may use the object.
//
// STRUCTS of options begin with their size, so that they can grow: initialise them with their `_INIT` macros, then set
// what is not at its default. Everything that they point to is read during the call alone, unless a function says
// otherwise.
//
// ENUMS are returned; as inputs, constants are plain `uint32_t` and checked.
//
// NO CALLBACKS, no sockets, no files, no environment. Time and randomness come from the operating system, where a context
// does not tell the time.
//
// PANICS. A defect inside becomes `EYOT_PANIC`. The objects of that call may be freed, and must not be used for more.

#ifndef EYOT_H
#define EYOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The version of this header, such as "0.1.0"; compare with eyot_version().
#define EYOT_VERSION "0.1.0"
#define EYOT_VERSION_MAJOR 0
#define EYOT_VERSION_MINOR 1
#define EYOT_VERSION_PATCH 0

// A slice of a string literal, as an initialiser: `eyot_slice name = EYOT_LITERAL("Avatar");`
#define EYOT_LITERAL(text) {(const uint8_t *)(text), sizeof(text) - 1}
// An empty slice, as an initialiser.
#define EYOT_SLICE_INIT {NULL, 0}
// An empty buffer, as an initialiser.
#define EYOT_BUFFER_INIT {NULL, 0, 0}

// The page answers something else than a GET: it cannot be fetched again, so stale tokens in it do not heal.
#define EYOT_CONTEXT_POST 1

// The page does not get the loader's tags: an island's own HTML, for one.
#define EYOT_CONTEXT_NO_LOADER 2

// The island is answered by another host.
#define EYOT_DECLARATION_ELSEWHERE 1

// Split pages do not get the loader's tags.
#define EYOT_ISLANDS_NO_LOADER 1

// The style sheet's tag is not among the loader's tags: the site's own says `server-island{display:contents}`.
#define EYOT_ISLANDS_NO_STYLESHEET 2

// Tokens that do not say are unlinkable instead of stable.
#define EYOT_ISLANDS_UNLINKABLE 4

// The page's path and language travel in tokens that do not say.
#define EYOT_ISLANDS_PAGE 8

// The loader and the style sheet stand in the page itself, instead of in files. It saves a visitor's first page a round
// trip, and costs each page 3 kB; a Content-Security-Policy allows them by their `eyot_asset_integrity`.
#define EYOT_ISLANDS_INLINE_LOADER 16

// The head of a page that is split whole gets a `<link rel="preload">` for each island that is loaded at once.
#define EYOT_ISLANDS_PRELOAD 32

// The placeholder has an error slot even though `error` is empty: a failing island leaves nothing.
#define EYOT_PLACEHOLDER_EMPTY_ERROR 1

// The app sees cookies and authorisation, and must not let them shape the shell.
#define EYOT_POLICY_COOKIES 1

// A streamed page goes out as it comes: without an ETag, and with no guard on its body.
#define EYOT_POLICY_STREAM 2

// The body is not known yet.
#define EYOT_RESPONSE_STREAMED 1

// Something else answered in the handler's place, such as a layer with a sign-in page of its own: it is no island.
#define EYOT_ANSWER_FOREIGN 2

// The island is the same for every visitor: caches may keep it, and it must not set a cookie.
#define EYOT_ANSWER_SHARED 1

// Splitting stops at the first problem, with its place: for development.
#define EYOT_SPLIT_STRICT 0

// Splitting goes on whatever is wrong: of a faulty island its fallback is left, no directive goes out, and the problems
// are listed. A page with problems must not be kept by caches: see `eyot_outcome_new_uncached`.
#define EYOT_SPLIT_LENIENT 1

// The number of the binary interface, which is also that of the shared library (`libeyot.so.<EYOT_ABI>`): it changes
// when a program would have to be compiled again.
#define EYOT_ABI 1

// What a call came to. Numbers are never used for anything else: those of a status that is given up stay reserved.
typedef enum {
    // Done; the outputs are written.
    EYOT_OK = 0,
    // A pointer is NULL that must not be.
    EYOT_NULL_POINTER = 1,
    // A text is not UTF-8.
    EYOT_UTF8 = 2,
    // A number, flag or length is none that the function takes.
    EYOT_ARGUMENT = 3,
    // A struct's `size` is none that a caller of this header can have: initialise it with its `_INIT` macro.
    EYOT_STRUCT_SIZE = 4,
    // The object has done its work: a splitter after its end or after an error.
    EYOT_FINISHED = 5,
    // There is no element of that index or name.
    EYOT_NOT_FOUND = 6,
    // The caller's memory is too small.
    EYOT_BUFFER_TOO_SMALL = 7,
    // Not an error: the request, or the handler's answer, is refused, and the reply to send instead is written.
    EYOT_REFUSED = 8,
    // A defect in eyot. The object may be freed, and must not be used for anything else.
    EYOT_PANIC = 99,
    // A name that is no island's name.
    EYOT_NAME_INVALID = 100,
    // A name that is not declared.
    EYOT_NAME_UNKNOWN = 101,
    // A name declared twice.
    EYOT_NAME_TWICE = 102,
    // An option with an unusable value.
    EYOT_OPTION = 103,
    // No key at all.
    EYOT_KEY_MISSING = 200,
    // A key that is not standard base64.
    EYOT_KEY_ENCODING = 201,
    // A key that has not 32 bytes.
    EYOT_KEY_LENGTH = 202,
    // A key that anybody could guess.
    EYOT_KEY_WEAK = 203,
    // A key that stands in the list already.
    EYOT_KEY_TWICE = 204,
    // A framework secret that no key can be derived from.
    EYOT_SECRET_WEAK = 205,
    // More content than a token holds.
    EYOT_PAYLOAD_TOO_LARGE = 300,
    // An expiry after the year 2106.
    EYOT_EXPIRY_RANGE = 301,
    // The system gave no randomness, or no time.
    EYOT_ENTROPY = 302,
    // A token that is damaged, forged or for another island; the error's code tells which, for the log alone.
    EYOT_TOKEN_BAD = 303,
    // A token that has expired, or whose key is not in the ring.
    EYOT_TOKEN_STALE = 304,
    // Not one JSON object, or a member that cannot be one.
    EYOT_PROPS = 400,
    // A member of another type.
    EYOT_PROPS_TYPE = 401,
    // A page that cannot be split; the error tells the place, and its code what is wrong.
    EYOT_MARKUP = 500,
} eyot_status;

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

// What a response is to the splitting station.
typedef enum {
    // No HTML: it passes as it is.
    EYOT_PAGE_OTHER = 0,
    // HTML, to be split.
    EYOT_PAGE_HTML = 1,
    // A part of an HTML page (206). It cannot be split and may hold directives: do not send it.
    EYOT_PAGE_PART = 2,
    // HTML that a lower layer compressed. It cannot be split and may hold directives: hide `Accept-Encoding` from that
    // layer, or compress outside.
    EYOT_PAGE_COMPRESSED = 3,
} eyot_page_kind;

// What an edit does.
typedef enum {
    // The value takes the place of every header of this name.
    EYOT_EDIT_SET = 1,
    // Every header of this name goes.
    EYOT_EDIT_REMOVE = 2,
} eyot_edit_kind;

// What a request is.
typedef enum {
    // The app's own: not below the prefix.
    EYOT_ROUTE_APP = 0,
    // Answered by `eyot_request_reply`: the loader or the style sheet, a preflight, a refusal.
    EYOT_ROUTE_REPLY = 1,
    // An island, whose token is yet to be opened.
    EYOT_ROUTE_ISLAND = 2,
} eyot_route;

// A file that pages with islands need. Lives as long as the library.
//
// Threads: may be shared.
typedef struct eyot_asset eyot_asset;

// Why a call failed. Owned by the caller; holds no key, no token and no prop's value, so that it can be logged.
//
// Threads: may be shared.
typedef struct eyot_error eyot_error;

// A list of findings, in the page's order.
//
// Threads: may be shared.
typedef struct eyot_findings eyot_findings;

// An island whose token was genuine. Its props are not claims about the visitor: the handler asks the session who that
// is, as every page does.
//
// Threads: may be shared.
typedef struct eyot_island eyot_island;

// A configuration and its keys.
//
// Threads: may be shared. Need to outlive nothing: what is made from them keeps what it needs.
typedef struct eyot_islands eyot_islands;

// One or more keys: the first seals, all open. Wiped from memory when freed.
//
// Threads: may be shared. Needs to outlive nothing: islands take a copy.
typedef struct eyot_keyring eyot_keyring;

// A JSON object, read. Does not need the bytes that it was read from.
//
// Threads: may be shared.
typedef struct eyot_object eyot_object;

// Status and headers to send.
//
// Threads: may be shared.
typedef struct eyot_outcome eyot_outcome;

// A route's policy: there is none for a whole site.
//
// Threads: may be shared.
typedef struct eyot_policy eyot_policy;

// A page whose islands are found. What does not change from one rendering to the next is written once for each key ring
// and mount point.
//
// Threads: may be shared. Needs neither the islands nor the page that it was made from.
typedef struct eyot_prepared eyot_prepared;

// Props in the making.
//
// Threads: belongs to one at a time.
typedef struct eyot_props eyot_props;

// What to answer instead of calling a handler.
//
// Threads: may be shared.
typedef struct eyot_reply eyot_reply;

// A request below the prefix.
//
// Threads: may be shared. Needs neither the islands nor the head that it was made from.
typedef struct eyot_request eyot_request;

// A shell in parts, so that it costs no copy of the page. Borrows the page, which must outlive it and stay unchanged;
// one that `eyot_prepared_shell` made borrows nothing.
//
// Threads: may be shared.
typedef struct eyot_shell eyot_shell;

// Splits one page chunk by chunk, in memory bounded by its longest island. However the page is cut, the output is the
// same.
//
// Threads: belongs to one at a time. Does not need the islands that it was made from.
typedef struct eyot_splitter eyot_splitter;

// A request on a route with a policy, between its way in and its way out.
//
// Threads: may be shared. Needs neither the policy nor the islands that it was made from.
typedef struct eyot_visit eyot_visit;

// Borrowed bytes; the function that hands them out says for how long. When `len` is 0, `data` is NULL in what is handed
// out, and ignored in what comes in. Not terminated by NUL, and NULs may stand in them.
typedef struct {
    // The first byte.
    const uint8_t *data;
    // How many there are.
    size_t len;
} eyot_slice;

// Bytes that belong to the caller, who frees them with `eyot_buffer_free`. Initialise with `EYOT_BUFFER_INIT`.
typedef struct {
    // The first byte; NULL when there are none.
    uint8_t *data;
    // How many there are.
    size_t len;
    // How much memory stands behind them; the library's business.
    size_t capacity;
} eyot_buffer;

// One thing that was found. Its slices are borrowed from the list.
typedef struct {
    // A stable, lower-case code such as `fallback-moved`.
    eyot_slice code;
    // What it means and what to do.
    eyot_slice message;
    // The island that it is about; empty when it is about none, or not known.
    eyot_slice island;
    // The line, from 1; 0 where it has no place.
    uint32_t line;
    // The column in characters, from 1; 0 where it has no place.
    uint32_t column;
} eyot_finding;

// One island that pages may hold.
typedef struct {
    // Its name.
    eyot_slice name;
    // A number of the caller's own, which requests for the island carry, so that a handler can be a `switch`.
    uint32_t number;
    // `EYOT_DECLARATION_ELSEWHERE`.
    uint32_t flags;
} eyot_declaration;

// A configuration. Zero and empty stand for the defaults. Initialise with `EYOT_ISLANDS_OPTIONS_INIT`. Everything is
// copied.
typedef struct {
    // `sizeof(eyot_islands_options)`.
    size_t size;
    // The islands that pages may hold.
    const eyot_declaration *islands;
    // How many there are.
    size_t islands_len;
    // The path below which islands are asked for; `/_server-islands` by default.
    eyot_slice prefix;
    // Another origin that answers this host's islands, such as `https://islands.example`.
    eyot_slice origin;
    // Where a handler's 401 sends the visitor: a path from the root, or an http(s) URL.
    eyot_slice login_url;
    // Origins whose shells this host answers islands for.
    const eyot_slice *allowed_origins;
    // How many there are.
    size_t allowed_origins_len;
    // Origins, other than the host's own, that handlers may redirect to.
    const eyot_slice *locations;
    // How many there are.
    size_t locations_len;
    // The length in bytes above which an island is asked for by POST; 2,000 by default.
    size_t url_limit;
    // The most islands on a page; 1,000 by default.
    size_t max_islands;
    // The most bytes of one island in a page; 1 MiB by default.
    size_t max_island_bytes;
    // The seconds that tokens stay valid that do not say; for ever by default.
    uint32_t ttl;
    // The step in seconds that expiries are rounded up to; the time to live by default.
    uint32_t ttl_grid;
    // `EYOT_ISLANDS_…`.
    uint32_t flags;
} eyot_islands_options;

// What one split, placeholder or rendering takes from outside. NULL stands for one with nothing but the time. Initialise
// with `EYOT_CONTEXT_INIT`.
typedef struct {
    // `sizeof(eyot_context)`.
    size_t size;
    // Unix time in seconds; 0 for the system's clock.
    uint64_t now;
    // The app's mount point: empty, or starting with `/` and not ending with it.
    eyot_slice mount;
    // A string that sealing and opening must agree on, such as a tenant; empty by default.
    eyot_slice audience;
    // The page's path without query, sealed into tokens that ask for it; empty when the host does not tell.
    eyot_slice page_path;
    // The page's language, such as `de`; empty when the host has none. Only together with `page_path`.
    eyot_slice page_lang;
    // How long caches may keep the shell, in seconds: a token that expires sooner is an error. 0 when they may not.
    uint32_t shell_life;
    // `EYOT_CONTEXT_POST`, `EYOT_CONTEXT_NO_LOADER`.
    uint32_t flags;
} eyot_context;

// What `eyot_keyring_seal` seals. Initialise with `EYOT_PAYLOAD_INIT`.
typedef struct {
    // `sizeof(eyot_payload)`.
    size_t size;
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
    // 24 random bytes for a token that cannot be linked to others, used for this one alone; NULL for a stable token.
    const uint8_t *nonce;
    // When it expires, in Unix seconds; 0 for never.
    uint32_t expires;
} eyot_payload;

// A name and its value: a header, an option, a slot.
typedef struct {
    // The name, UTF-8.
    eyot_slice name;
    // The value.
    eyot_slice value;
} eyot_pair;

// One change to a response's headers. To be made in order; a later one wins over an earlier of the same name.
typedef struct {
    // Set or remove.
    eyot_edit_kind kind;
    // The header's name; compare without regard to case.
    eyot_slice name;
    // The value to set; empty to remove.
    eyot_slice value;
} eyot_edit;

// An island that a template writes by itself. Initialise with `EYOT_PLACEHOLDER_INIT`.
typedef struct {
    // `sizeof(eyot_placeholder)`.
    size_t size;
    // The island's name.
    eyot_slice name;
    // One UTF-8 JSON object; empty for no props. `eyot_props` writes one.
    eyot_slice props;
    // HTML shown until the island is there.
    eyot_slice fallback;
    // HTML shown when it cannot be loaded; empty for leaving the fallback.
    eyot_slice error;
    // Slots that travel sealed: names and HTML.
    const eyot_pair *slots;
    // How many there are.
    size_t slots_len;
    // Options by their names without `server:`, such as `when` and `idle`; a flag's value is empty.
    const eyot_pair *options;
    // How many there are.
    size_t options_len;
    // `EYOT_PLACEHOLDER_EMPTY_ERROR`.
    uint32_t flags;
} eyot_placeholder;

// How long caches keep a route's shells, in seconds. Initialise with `EYOT_POLICY_OPTIONS_INIT`.
typedef struct {
    // `sizeof(eyot_policy_options)`.
    size_t size;
    // How long browsers keep a shell.
    uint32_t browser;
    // How long shared caches keep it.
    uint32_t cdn;
    // How long a shared cache may serve a stale one while it gets a new one.
    uint32_t stale_while_revalidate;
    // How long it may serve a stale one when that fails.
    uint32_t stale_if_error;
    // `EYOT_POLICY_COOKIES`, `EYOT_POLICY_STREAM`.
    uint32_t flags;
} eyot_policy_options;

// A request without its body. Initialise with `EYOT_HEAD_INIT`.
typedef struct {
    // `sizeof(eyot_head)`.
    size_t size;
    // The method, in upper case as it came.
    eyot_slice method;
    // The target as it stood on the request line: path and query, not decoded, with the mount point.
    eyot_slice target;
    // The app's mount point as it stands in the target: empty, or starting with `/` and not ending with it.
    eyot_slice mount;
    // All headers, repeated ones as often as they came; `Host` (or `:authority`) must be among them.
    const eyot_pair *headers;
    // How many there are.
    size_t headers_len;
} eyot_head;

// A response to judge, as it would leave. Initialise with `EYOT_RESPONSE_INIT`.
typedef struct {
    // `sizeof(eyot_response)`.
    size_t size;
    // All headers.
    const eyot_pair *headers;
    // How many there are.
    size_t headers_len;
    // The whole body, not compressed; not looked at when it is streamed.
    eyot_slice body;
    // The status code.
    uint32_t status;
    // `EYOT_RESPONSE_STREAMED`.
    uint32_t flags;
} eyot_response;

// What a handler answered, sessions and all other layers included. Initialise with `EYOT_ANSWER_INIT`.
typedef struct {
    // `sizeof(eyot_answer)`.
    size_t size;
    // All headers.
    const eyot_pair *headers;
    // How many there are.
    size_t headers_len;
    // The page's JSON object from the token (`eyot_island_page`), or nothing.
    eyot_slice page;
    // The status code.
    uint32_t status;
    // `EYOT_ANSWER_SHARED`, `EYOT_ANSWER_FOREIGN`.
    uint32_t flags;
    // For a shared island: the seconds that caches may keep it, where the handler says nothing else itself.
    uint32_t shared;
} eyot_answer;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The script that fetches islands and swaps them in. Never NULL.
const eyot_asset *eyot_asset_loader(void);

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

// The value of an `integrity` attribute: `sha384-` and base64. In single quotes it is the source by which a
// `Content-Security-Policy` allows the file inline.
eyot_status eyot_asset_integrity(const eyot_asset *asset, eyot_slice *out);

// Frees what a call wrote into a buffer, and empties the buffer, so that freeing it again does nothing.
void eyot_buffer_free(eyot_buffer *buffer);

// The status that the call returned; `EYOT_NULL_POINTER` for NULL.
eyot_status eyot_error_status(const eyot_error *error);

// A stable, lower-case code such as `key-missing`, finer than the status. Borrowed from the error.
eyot_status eyot_error_code(const eyot_error *error, eyot_slice *out);

// What happened and what to do, in English, without a line break at its end. Borrowed from the error.
eyot_status eyot_error_message(const eyot_error *error, eyot_slice *out);

// The line in the page, from 1; 0 where the error has no place.
uint32_t eyot_error_line(const eyot_error *error);

// The column in characters, from 1; 0 where the error has no place.
uint32_t eyot_error_column(const eyot_error *error);

// Frees an error; NULL does nothing.
void eyot_error_free(eyot_error *error);

// Tells what a browser would make of a shell: where its parser moves, drops or swallows a placeholder or a fallback.
// For debugging and for tests: it parses the whole page.
eyot_status eyot_findings_audit(const void *shell, size_t shell_len, eyot_findings **out, eyot_error **error);

// How many there are; 0 for NULL.
size_t eyot_findings_len(const eyot_findings *findings);

// The one at `index`, from 0; `EYOT_NOT_FOUND` beyond the last. Borrowed from the list.
eyot_status eyot_findings_get(const eyot_findings *findings, size_t index, eyot_finding *out);

// Frees a list that belongs to the caller; NULL does nothing. Lists that a shell, a splitter or an outcome holds are
// freed with it.
void eyot_findings_free(eyot_findings *findings);

// Escapes a text for HTML, as content or in an attribute in either kind of quotes: `&`, `<`, `>`, `"` and `'`.
eyot_status eyot_html_escape(const void *text, size_t text_len, eyot_buffer *out, eyot_error **error);

// The island's name. Borrowed.
eyot_status eyot_island_name(const eyot_island *island, eyot_slice *out);

// The number that the island was declared with; 0 for NULL, and for one that `eyot_keyring_open` opened.
uint32_t eyot_island_number(const eyot_island *island);

// The props: one UTF-8 JSON object; `eyot_object_parse` reads it. Borrowed.
eyot_status eyot_island_props(const eyot_island *island, eyot_slice *out);

// The slots: a JSON object whose members are HTML, or nothing. Borrowed.
eyot_status eyot_island_slots(const eyot_island *island, eyot_slice *out);

// The page: a JSON object with `path` and `lang`, or nothing. Borrowed.
eyot_status eyot_island_page(const eyot_island *island, eyot_slice *out);

// When the token expires, in Unix seconds; 0 for never, and for NULL.
uint32_t eyot_island_expires(const eyot_island *island);

// Frees an island; NULL does nothing.
void eyot_island_free(eyot_island *island);

// Checks a configuration and takes a copy of the keys.
eyot_status eyot_islands_new(const eyot_keyring *keyring,
                             const eyot_islands_options *options,
                             eyot_islands **out,
                             eyot_error **error);

// Replaces the keys, atomically while other threads use the islands. What is already half done ends with the old ones.
eyot_status eyot_islands_set_keys(const eyot_islands *islands, const eyot_keyring *keyring, eyot_error **error);

// The path below which islands are asked for. Borrowed from the islands.
eyot_status eyot_islands_prefix(const eyot_islands *islands, eyot_slice *out);

// The number that an island was declared with; `EYOT_NOT_FOUND` for a name that is not declared, which is told exactly.
eyot_status eyot_islands_number(const eyot_islands *islands, const void *name, size_t name_len, uint32_t *out);

// Writes the tags that load the loader and the style sheet, for pages that are not split.
eyot_status eyot_islands_loader_tags(const eyot_islands *islands,
                                     const eyot_context *context,
                                     eyot_buffer *out,
                                     eyot_error **error);

// Frees islands; NULL does nothing.
void eyot_islands_free(eyot_islands *islands);

// Makes a key for `EYOT_KEYS`: 32 random bytes of the operating system in base64.
eyot_status eyot_keyring_generate_key(eyot_buffer *out, eyot_error **error);

// Reads the text of `EYOT_KEYS`: comma separated, each key 32 random bytes in standard base64.
eyot_status eyot_keyring_parse(const void *keys, size_t keys_len, eyot_keyring **out, eyot_error **error);

// Reads the content of a key file: one key a line, `#` starts a comment.
eyot_status eyot_keyring_parse_file(const void *text, size_t text_len, eyot_keyring **out, eyot_error **error);

// Derives a ring from a framework's own secrets, the current one first.
eyot_status eyot_keyring_derive(const eyot_slice *secrets, size_t secrets_len, eyot_keyring **out, eyot_error **error);

// How many keys there are; 0 for NULL.
size_t eyot_keyring_len(const eyot_keyring *keyring);

// The id of the key at `index`, the sealing key at 0, as a number to be shown as `%08x`; it says nothing about the key.
// `EYOT_NOT_FOUND` beyond the last.
eyot_status eyot_keyring_id(const eyot_keyring *keyring, size_t index, uint32_t *out);

// Seals a token by itself. Hosts rarely need it: splitting and placeholders seal.
eyot_status eyot_keyring_seal(const eyot_keyring *keyring,
                              const eyot_payload *payload,
                              eyot_buffer *out,
                              eyot_error **error);

// Opens a token by itself. Hosts rarely need it: see `eyot_request_open`. The status is `EYOT_TOKEN_BAD` or
// `EYOT_TOKEN_STALE` for one that does not open; visitors should learn no more than that.
eyot_status eyot_keyring_open(const eyot_keyring *keyring,
                              const void *island,
                              size_t island_len,
                              const void *audience,
                              size_t audience_len,
                              const void *token,
                              size_t token_len,
                              uint64_t now,
                              eyot_island **out,
                              eyot_error **error);

// Frees a key ring and wipes its keys; NULL does nothing.
void eyot_keyring_free(eyot_keyring *keyring);

// Reads an object: an island's props, slots or page. Nothing at all is an object without members. Of two members of one
// name the last one counts.
eyot_status eyot_object_parse(const void *json, size_t json_len, eyot_object **out, eyot_error **error);

// How many members there are; 0 for NULL.
size_t eyot_object_len(const eyot_object *object);

// The name of the member at `index`, from 0; `EYOT_NOT_FOUND` beyond the last. Borrowed from the object.
eyot_status eyot_object_name(const eyot_object *object, size_t index, eyot_slice *out);

// What the member `name` is; `EYOT_MEMBER_NONE` when there is none, and for NULL.
eyot_member_kind eyot_object_kind(const eyot_object *object, const void *name, size_t name_len);

// The member `name` as a text, without its escapes: NULs may stand in it. Borrowed from the object. `EYOT_NOT_FOUND`,
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

// The member `name` as a number, rounded to the nearest that a double has. `EYOT_NOT_FOUND`, `EYOT_PROPS_TYPE`.
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

// The member `name` as it stands: any JSON value. Borrowed from the object. `EYOT_NOT_FOUND`.
eyot_status eyot_object_json(const eyot_object *object,
                             const void *name,
                             size_t name_len,
                             eyot_slice *out,
                             eyot_error **error);

// Frees an object; NULL does nothing.
void eyot_object_free(eyot_object *object);

// Tells what a response is to the splitting station, by its status and headers.
eyot_status eyot_page_kind_of(uint32_t status,
                              const eyot_pair *headers,
                              size_t headers_len,
                              eyot_page_kind *out,
                              eyot_error **error);

// What a split changes in a page's headers, where it changes the page: the length is the shell's, and validators of the
// page before go. `shell_len` is `SIZE_MAX` for a streamed one.
eyot_status eyot_outcome_new_split(uint32_t status,
                                   const eyot_pair *headers,
                                   size_t headers_len,
                                   size_t shell_len,
                                   eyot_outcome **out,
                                   eyot_error **error);

// What keeps a response out of every cache: for a page that went out with problems.
eyot_status eyot_outcome_new_uncached(uint32_t status,
                                      const eyot_pair *headers,
                                      size_t headers_len,
                                      eyot_outcome **out,
                                      eyot_error **error);

// The status code to send; 0 for NULL.
uint32_t eyot_outcome_status(const eyot_outcome *outcome);

// Whether the app's body is sent; false for NULL. Independent of `HEAD`, which never has one.
bool eyot_outcome_has_body(const eyot_outcome *outcome);

// Whether a policy made the response a shell for shared caches; false for NULL.
bool eyot_outcome_is_shell(const eyot_outcome *outcome);

// The changes to the app's headers, in order, for hosts that change them in place. Borrowed from the outcome.
eyot_status eyot_outcome_edits(const eyot_outcome *outcome, const eyot_edit **out, size_t *out_len);

// All headers to send, the changes made. Borrowed from the outcome.
eyot_status eyot_outcome_headers(const eyot_outcome *outcome, const eyot_pair **out, size_t *out_len);

// What is one visitor's in a response that everyone would get, most often nothing: show it while debugging, log it in
// production, where the changes keep the response out of every cache. NULL for NULL. Borrowed from the outcome.
const eyot_findings *eyot_outcome_leaks(const eyot_outcome *outcome);

// Frees an outcome; NULL does nothing.
void eyot_outcome_free(eyot_outcome *outcome);

// Writes a placeholder: what a split makes of the same island in a page.
eyot_status eyot_islands_placeholder(const eyot_islands *islands,
                                     const eyot_placeholder *placeholder,
                                     const eyot_context *context,
                                     eyot_buffer *out,
                                     eyot_error **error);

// Writes a placeholder's attributes, for an element that a template writes itself. They begin with a space. Fallback,
// error and slots are not looked at.
eyot_status eyot_islands_attributes(const eyot_islands *islands,
                                    const eyot_placeholder *placeholder,
                                    const eyot_context *context,
                                    eyot_buffer *out,
                                    eyot_error **error);

// Writes an island's URL, not escaped, for libraries that fetch fragments by themselves. Fallback, error and slots are
// not looked at.
eyot_status eyot_islands_url(const eyot_islands *islands,
                             const eyot_placeholder *placeholder,
                             const eyot_context *context,
                             eyot_buffer *out,
                             eyot_error **error);

// Checks a policy.
eyot_status eyot_policy_new(const eyot_policy_options *options, eyot_policy **out, eyot_error **error);

// How long a shell may live in caches at most, in seconds: for `eyot_context.shell_life`. 0 for NULL.
uint32_t eyot_policy_life(const eyot_policy *policy);

// The request headers that the app must not see, to be removed before anything else reads the request. Lives as long as
// the policy.
eyot_status eyot_policy_hidden_headers(const eyot_policy *policy, const eyot_slice **out, size_t *out_len);

// Takes in a request on the policy's route. `*out` is NULL when the policy has nothing to say: another method than `GET`
// and `HEAD`, or a path below the prefix.
eyot_status eyot_policy_visit(const eyot_policy *policy,
                              const eyot_islands *islands,
                              const eyot_head *head,
                              eyot_visit **out,
                              eyot_error **error);

// Whether the request asks for a fresh shell (`island-fresh`): the app then sees the query of `eyot_visit_query`. False
// for NULL.
bool eyot_visit_is_fresh(const eyot_visit *visit);

// The query that the app sees instead, without its `?`, where the request asks for a fresh shell; else empty. Borrowed
// from the visit.
eyot_status eyot_visit_query(const eyot_visit *visit, eyot_slice *out);

// Judges the app's response, after the split, as it would leave.
eyot_status eyot_visit_finish(const eyot_visit *visit,
                              const eyot_response *response,
                              eyot_outcome **out,
                              eyot_error **error);

// Frees a policy; NULL does nothing.
void eyot_policy_free(eyot_policy *policy);

// Frees a visit; NULL does nothing.
void eyot_visit_free(eyot_visit *visit);

// Finds a page's islands, to render it often. Copies the page.
eyot_status eyot_prepared_new(const eyot_islands *islands,
                              const void *page,
                              size_t page_len,
                              eyot_prepared **out,
                              eyot_error **error);

// Renders the shell in parts: costs the same whatever the page's length. The shell may outlive the prepared page.
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

// Props without a member: `{}`. NULL only when memory has run out.
eyot_props *eyot_props_new(void);

// Adds a text.
eyot_status eyot_props_string(eyot_props *props,
                              const void *name,
                              size_t name_len,
                              const void *value,
                              size_t value_len,
                              eyot_error **error);

// Adds a whole number. JavaScript reads those beyond 2^53 inexactly; eyot and most other readers do not.
eyot_status eyot_props_integer(eyot_props *props, const void *name, size_t name_len, int64_t value, eyot_error **error);

// Adds a number; not NaN and not infinite, which JSON does not have.
eyot_status eyot_props_number(eyot_props *props, const void *name, size_t name_len, double value, eyot_error **error);

// Adds true or false.
eyot_status eyot_props_boolean(eyot_props *props, const void *name, size_t name_len, bool value, eyot_error **error);

// Adds any JSON value, which is checked and stays as it is: an object, a list, null, a number with all its digits.
eyot_status eyot_props_json(eyot_props *props,
                            const void *name,
                            size_t name_len,
                            const void *json,
                            size_t json_len,
                            eyot_error **error);

// The JSON written so far, always one complete object. Borrowed from the props until their next call.
eyot_status eyot_props_bytes(const eyot_props *props, eyot_slice *out);

// Frees props; NULL does nothing.
void eyot_props_free(eyot_props *props);

// The status code; 0 for NULL.
uint32_t eyot_reply_status(const eyot_reply *reply);

// The headers, `Content-Length` among them. Borrowed from the reply.
eyot_status eyot_reply_headers(const eyot_reply *reply, const eyot_pair **out, size_t *out_len);

// The body; empty for `HEAD`. Lives as long as the library.
eyot_status eyot_reply_body(const eyot_reply *reply, eyot_slice *out);

// Why, as a stable code for logs and counters, such as `token-expired`; empty when nothing is refused. Borrowed.
eyot_status eyot_reply_reason(const eyot_reply *reply, eyot_slice *out);

// Why, in words for the log, which the client does not get; empty when nothing is refused. Borrowed from the reply.
eyot_status eyot_reply_explanation(const eyot_reply *reply, eyot_slice *out);

// The island that was asked for, once its name is known to be one; else empty. Borrowed from the reply.
eyot_status eyot_reply_island(const eyot_reply *reply, eyot_slice *out);

// Frees a reply that belongs to the caller; NULL does nothing. The reply that `eyot_request_reply` tells is freed with
// its request.
void eyot_reply_free(eyot_reply *reply);

// Tells what a request is. `*out` is NULL when it is the app's own; else it belongs to the caller.
eyot_status eyot_islands_route(const eyot_islands *islands,
                               const eyot_head *head,
                               eyot_request **out,
                               eyot_error **error);

// What the request is; `EYOT_ROUTE_APP` for NULL, which is what the app's own requests are.
eyot_route eyot_request_route(const eyot_request *request);

// The answer to send; NULL for an island, and for NULL. Borrowed from the request.
const eyot_reply *eyot_request_reply(const eyot_request *request);

// The name of the island that is asked for. Borrowed from the request.
eyot_status eyot_request_name(const eyot_request *request, eyot_slice *out);

// The number that the island was declared with; 0 when the request is none.
uint32_t eyot_request_number(const eyot_request *request);

// How many bytes of body to read at most; 0 when the token is in the path, and when the request is no island's. A body
// that turns out longer is `eyot_request_too_large`.
size_t eyot_request_body_limit(const eyot_request *request);

// The refusal of a body that is over the limit, for hosts that find out while they read.
eyot_status eyot_request_too_large(const eyot_request *request, eyot_reply **out, eyot_error **error);

// Opens the token. `EYOT_OK`: `*out` is the island for its handler. `EYOT_REFUSED`: `*refusal` is what to answer, and
// `*out` is left alone; like every failure it comes with an error, for the log, which is to be freed too. `body` is what
// was read, nothing for a token in the path; `audience` is what the token was sealed with; `now` is in Unix seconds, 0 for
// the system's clock.
eyot_status eyot_request_open(const eyot_request *request,
                              const void *body,
                              size_t body_len,
                              const void *audience,
                              size_t audience_len,
                              uint64_t now,
                              eyot_island **out,
                              eyot_reply **refusal,
                              eyot_error **error);

// Turns what a handler answered into what is sent: to be called where the headers are final, outside of sessions.
// `EYOT_OK`: `*out` tells the status, the headers, and whether the body is sent. `EYOT_REFUSED`: `*refusal` is what to
// send instead, because a shared island sets a cookie or a redirect leads where none may; it comes with an error too.
eyot_status eyot_request_finish(const eyot_request *request,
                                const eyot_answer *answer,
                                eyot_outcome **out,
                                eyot_reply **refusal,
                                eyot_error **error);

// Frees a request; NULL does nothing.
void eyot_request_free(eyot_request *request);

// Splits a whole page. `mode` is `EYOT_SPLIT_STRICT` or `EYOT_SPLIT_LENIENT`.
eyot_status eyot_islands_split(const eyot_islands *islands,
                               const void *page,
                               size_t page_len,
                               uint32_t mode,
                               const eyot_context *context,
                               eyot_shell **out,
                               eyot_error **error);

// The shell's length in bytes; 0 for NULL.
size_t eyot_shell_len(const eyot_shell *shell);

// Whether the page holds no directive, so that the shell is the page; false for NULL.
bool eyot_shell_is_untouched(const eyot_shell *shell);

// The shell in order, in parts, for hosts that can write a list. A part lies in the page or belongs to the shell; the
// list belongs to the shell.
eyot_status eyot_shell_segments(const eyot_shell *shell, const eyot_slice **out, size_t *out_len);

// The shell in one piece, as a copy of the caller's own.
eyot_status eyot_shell_join(const eyot_shell *shell, eyot_buffer *out, eyot_error **error);

// The shell in one piece, in the caller's memory: `EYOT_BUFFER_TOO_SMALL` when `capacity` is less than
// `eyot_shell_len`.
eyot_status eyot_shell_copy(const eyot_shell *shell, void *out, size_t capacity);

// How many islands the shell holds; 0 for NULL.
size_t eyot_shell_islands_len(const eyot_shell *shell);

// The name of the island at `index`, from 0, in the order in which they are sealed; `EYOT_NOT_FOUND` beyond the last.
// Borrowed from the shell.
eyot_status eyot_shell_island(const eyot_shell *shell, size_t index, eyot_slice *out);

// What was wrong with the page and has been left out; empty after a strict split. NULL for NULL. Borrowed from the
// shell.
const eyot_findings *eyot_shell_problems(const eyot_shell *shell);

// What is no error and the page's author should know. NULL for NULL. Borrowed from the shell.
const eyot_findings *eyot_shell_diagnostics(const eyot_shell *shell);

// Frees a shell, not its page; NULL does nothing.
void eyot_shell_free(eyot_shell *shell);

// A splitter for one page, sealing with the keys that are in force now. `mode` is `EYOT_SPLIT_STRICT` or
// `EYOT_SPLIT_LENIENT`.
eyot_status eyot_splitter_new(const eyot_islands *islands, uint32_t mode, eyot_splitter **out, eyot_error **error);

// Takes the next chunk and tells what can go out: often nothing, mostly the chunk itself. Each segment lies in the
// chunk, or belongs to the splitter until the next push; so does the list.
eyot_status eyot_splitter_push(eyot_splitter *splitter,
                               const void *chunk,
                               size_t chunk_len,
                               const eyot_context *context,
                               const eyot_slice **out,
                               size_t *out_len,
                               eyot_error **error);

// Ends the page and tells the rest of it. The segments belong to the splitter.
eyot_status eyot_splitter_finish(eyot_splitter *splitter,
                                 const eyot_context *context,
                                 const eyot_slice **out,
                                 size_t *out_len,
                                 eyot_error **error);

// What was wrong with the page so far; empty while the splitter is strict. NULL for NULL. Borrowed from the splitter
// until its next call.
const eyot_findings *eyot_splitter_problems(eyot_splitter *splitter);

// What is no error and the page's author should know, as far as it has been read. NULL for NULL. Borrowed from the
// splitter until its next call.
const eyot_findings *eyot_splitter_diagnostics(eyot_splitter *splitter);

// Frees a splitter, in any state; NULL does nothing.
void eyot_splitter_free(eyot_splitter *splitter);

// The library's version, such as `0.1.0`; ends with NUL and lives as long as the library. Compare with `EYOT_VERSION`.
const char *eyot_version(void);

// The library's binary interface. Compare with `EYOT_ABI`.
uint32_t eyot_abi(void);

// Panics inside, and returns `EYOT_PANIC`: for the tests of whoever packages the library. One that was built with
// `panic = "abort"` ends the process here instead, and would do so at any defect.
eyot_status eyot_panic_check(eyot_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* EYOT_H */

// Initialisers of the structs that begin with their size; every option at its default.
#define EYOT_CONTEXT_INIT \
    {sizeof(eyot_context), 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0}
#define EYOT_PAYLOAD_INIT \
    {sizeof(eyot_payload), EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0}
#define EYOT_ISLANDS_OPTIONS_INIT \
    {sizeof(eyot_islands_options), NULL, 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0, NULL, 0, 0, 0, 0, 0, \
     0, 0}
#define EYOT_PLACEHOLDER_INIT \
    {sizeof(eyot_placeholder), EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0, NULL, 0, 0}
#define EYOT_HEAD_INIT {sizeof(eyot_head), EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0}
#define EYOT_ANSWER_INIT {sizeof(eyot_answer), NULL, 0, EYOT_SLICE_INIT, 0, 0, 0}
#define EYOT_POLICY_OPTIONS_INIT {sizeof(eyot_policy_options), 0, 0, 0, 0, 0}
#define EYOT_RESPONSE_INIT {sizeof(eyot_response), NULL, 0, EYOT_SLICE_INIT, 0, 0}
