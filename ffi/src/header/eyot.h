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
#define EYOT_VERSION "@VERSION@"
#define EYOT_VERSION_MAJOR @MAJOR@
#define EYOT_VERSION_MINOR @MINOR@
#define EYOT_VERSION_PATCH @PATCH@

@ EYOT_ABI eyot_version eyot_abi

// ---- Bytes ----------------------------------------------------------------------------------------------------------
// Slices are borrowed, buffers are yours.

@ eyot_slice

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

@ eyot_pair eyot_buffer

// An empty buffer, as an initialiser.
#define EYOT_BUFFER_INIT {NULL, 0, 0}

@ eyot_buffer_free eyot_alloc eyot_dealloc

// ---- Statuses and errors --------------------------------------------------------------------------------------------
// What a call returns, and why it failed.

@ eyot_status eyot_error eyot_error_* eyot_panic_check

// ---- Key rings ------------------------------------------------------------------------------------------------------
// The keys that seal props, made from `EYOT_KEYS` or a key file at the start of the server.

@ eyot_keyring eyot_keyring_generate_key eyot_keyring_parse eyot_keyring_parse_file eyot_keyring_derive eyot_keyring_len
@ eyot_keyring_id eyot_keyring_free

// ---- Islands: the configuration -------------------------------------------------------------------------------------
// One for the whole process: which islands pages may hold, and how they are sealed and asked for.

@ eyot_declaration EYOT_SPELLING_* eyot_islands_options

#define EYOT_ISLANDS_OPTIONS_INIT {sizeof(eyot_islands_options), 0, NULL, 0, NULL, 0}

@ eyot_islands eyot_islands_new eyot_islands_set_keys eyot_islands_prefix eyot_islands_number eyot_islands_free

// ---- Events ---------------------------------------------------------------------------------------------------------
// Lines for your log, wherever there is something to say.

@ eyot_level eyot_event

// ---- Policies: pages that caches keep -------------------------------------------------------------------------------
// A route's policy is made once.

@ EYOT_POLICY_* eyot_policy_options

#define EYOT_POLICY_OPTIONS_INIT {sizeof(eyot_policy_options), 0, 0, 0, 0, 0}

@ eyot_policy eyot_policy_new eyot_policy_life eyot_policy_free

// A server whose routes cannot hold a policy keeps them by patterns of paths.

@ eyot_paths eyot_paths_new eyot_paths_add eyot_paths_find eyot_paths_unused eyot_paths_free

// ---- Requests: which one is it? -------------------------------------------------------------------------------------
// Describe each request to `eyot_islands_arrive`, outside of sessions, before anything reads its body.

@ eyot_head

#define EYOT_HEAD_INIT {sizeof(eyot_head), 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0}

@ eyot_reply eyot_reply_* eyot_arrival eyot_exchange eyot_islands_arrive eyot_exchange_arrival
@ eyot_exchange_reply eyot_exchange_event eyot_exchange_name eyot_exchange_number eyot_exchange_method eyot_exchange_path
@ eyot_exchange_has_query eyot_exchange_query eyot_exchange_share eyot_exchange_hidden_count eyot_exchange_hidden_header
@ eyot_exchange_body_limit eyot_exchange_take_body eyot_exchange_free

// ---- Context --------------------------------------------------------------------------------------------------------
// What a split, a placeholder or a rendering takes from outside: the time, the mount point, the page.

@ EYOT_CONTEXT_* eyot_context

#define EYOT_CONTEXT_INIT \
    {sizeof(eyot_context), 0, 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0}

// ---- Pages: reports -------------------------------------------------------------------------------------------------
// What is wrong with a page, or should be known about it.

@ eyot_finding eyot_report eyot_report_*

// ---- Pages: split whole ---------------------------------------------------------------------------------------------
// A page goes in, its shell comes out: in parts that need no copy, or in one piece.

@ eyot_shell eyot_islands_split eyot_shell_*

// ---- Pages: split in chunks -----------------------------------------------------------------------------------------
// For pages that are sent while they are made.

@ eyot_splitter eyot_splitter_*

// ---- Pages: prepared ------------------------------------------------------------------------------------------------
// For pages that are the same each time: find the islands once, render often.

@ eyot_prepared eyot_prepared_*

// ---- Placeholders without a split -----------------------------------------------------------------------------------
// For templates that write an island by a call, instead of by markup.

@ EYOT_PLACEHOLDER_* eyot_placeholder

#define EYOT_PLACEHOLDER_INIT \
    {sizeof(eyot_placeholder), 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, NULL, 0, NULL, 0}

@ eyot_islands_placeholder eyot_islands_attributes eyot_islands_url eyot_islands_loader_tags eyot_props eyot_props_*

// ---- Islands: opened for their handlers -----------------------------------------------------------------------------
// `eyot_exchange_open` opens the token; the handler then reads the props and renders the island.

@ eyot_token

#define EYOT_TOKEN_INIT {sizeof(eyot_token), 0, 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT}

@ eyot_opened eyot_exchange_open eyot_exchange_misfit eyot_exchange_note_policies
@ eyot_opened_* eyot_member_kind eyot_object eyot_object_* eyot_html_escape

// ---- Responses ------------------------------------------------------------------------------------------------------
// Describe what the app or a handler answered, and send the status and headers of the outcome.

@ eyot_response

#define EYOT_RESPONSE_INIT {sizeof(eyot_response), 0, NULL, 0, EYOT_SLICE_INIT, 0, 0}

@ eyot_edit_kind eyot_edit eyot_outcome eyot_outcome_*

// ---- Responses on their way out -------------------------------------------------------------------------------------
// What becomes of a response at each of the two stations. Collect what is answered, as far as `eyot_page_step` says so, and
// send what the steps say. Then log the events.

@ EYOT_PAGE_* eyot_page_options

#define EYOT_PAGE_OPTIONS_INIT {sizeof(eyot_page_options), 0, EYOT_SLICE_INIT}

@ EYOT_SIZE_* eyot_step eyot_page eyot_page_new eyot_page_new_outer eyot_exchange_page eyot_exchange_out eyot_page_step
@ eyot_page_whole eyot_page_undecoded eyot_page_push eyot_page_finish eyot_page_*

// ---- Files ----------------------------------------------------------------------------------------------------------
// The loader and the style sheet. `eyot_islands_arrive` answers requests for them; these are for hosts that serve, inline
// or allow them by themselves.

@ eyot_asset eyot_asset_*

// ---- Tokens by themselves -------------------------------------------------------------------------------------------
// Splitting and placeholders seal, requests open. These are for tools and tests.

@ eyot_payload

#define EYOT_PAYLOAD_INIT \
    {sizeof(eyot_payload), 0, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, \
     EYOT_SLICE_INIT}

@ eyot_keyring_seal eyot_keyring_open

// ---- Tests of servers -----------------------------------------------------------------------------------------------
// A page with every island in its place: ask your server for what eyot_assembly_next says, until there is nothing left.

@ eyot_ask eyot_assembly eyot_assembly_new eyot_assembly_next eyot_assembly_answer eyot_assembly_skip eyot_assembly_finish eyot_assembly_free eyot_islands_shell_faults

#ifdef __cplusplus
} // extern "C"
#endif

#endif // EYOT_H
