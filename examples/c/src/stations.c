// eyot: the outer station (files, refusals, island answers, shell policies) and the inner one (splitting).
#include "shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_FORM = 64 * 1024 };

// Made once, and then shared by all threads.
static eyot_islands *islands;
static eyot_policy *shelf;
static bool is_debug;

// Whether a call went well; logs why not. An error holds no key, no token and no prop.
static bool went_well(eyot_status status, eyot_error **error) {
    eyot_slice message = EYOT_SLICE_INIT;
    if (status != EYOT_OK && status != EYOT_REFUSED && eyot_error_message(*error, &message) == EYOT_OK)
        fprintf(stderr, "eyot: %.*s\n", P(message));
    eyot_error_free(*error);
    *error = NULL;
    return status == EYOT_OK;
}

// The key ring from EYOT_KEYS, as on every other host; without it, one for this run.
static bool open_keys(eyot_keyring **ring) {
    const char *keys = getenv("EYOT_KEYS");
    eyot_buffer made = EYOT_BUFFER_INIT;
    eyot_error *error = NULL;
    if (!keys && eyot_keyring_generate_key(&made, NULL) != EYOT_OK) return false;
    eyot_slice text = keys ? eyot_slice_of(keys, strlen(keys)) : eyot_slice_of(made.data, made.len);
    bool is_read = went_well(eyot_keyring_parse(text.data, text.len, ring, &error), &error);
    eyot_buffer_free(&made);
    return is_read;
}

bool stations_open(void) {
    is_debug = getenv("SHOP_DEBUG") != NULL;
    eyot_declaration declared[32];
    for (size_t i = 0; i < handlers_len; i++) declared[i] = (eyot_declaration){handlers[i].name, (uint32_t)i, 0};
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = declared;
    options.islands_len = handlers_len;
    eyot_policy_options kept = EYOT_POLICY_OPTIONS_INIT;
    kept.cdn = 600;

    eyot_keyring *ring = NULL;
    eyot_error *error = NULL;
    bool is_open = eyot_abi() == EYOT_ABI && open_keys(&ring) &&
                   went_well(eyot_islands_new(ring, &options, &islands, &error), &error) &&
                   went_well(eyot_policy_new(&kept, &shelf, &error), &error);
    eyot_keyring_free(ring); // the islands have a copy
    return is_open;
}

void stations_close(void) {
    eyot_policy_free(shelf);
    eyot_islands_free(islands);
}

static eyot_head head_of(const exchange *x) {
    eyot_head head = EYOT_HEAD_INIT;
    head.method = x->method;
    head.target = x->target;
    head.headers = x->headers.at;
    head.headers_len = x->headers.len;
    return head;
}

// Takes over what eyot says of status and headers, which lie in the outcome.
static void take_head(exchange *x, const eyot_outcome *outcome) {
    const eyot_pair *headers = NULL;
    size_t len = 0;
    eyot_outcome_headers(outcome, &headers, &len);
    x->sent.len = 0;
    for (size_t i = 0; i < len; i++) put(&x->sent, headers[i].name, headers[i].value);
    x->status = eyot_outcome_status(outcome);
}

// The same of the last outcome, which is kept. It has copies of what it was made from.
static void take(exchange *x, eyot_outcome *outcome) {
    take_head(x, outcome);
    // The server leaves the body of a 304 away by itself, and tells the length of the page that it stands for.
    if (!eyot_outcome_has_body(outcome) && x->status != 304) x->answer = NOTHING;
    eyot_outcome_free(x->outcome);
    x->outcome = outcome;
}

// Sends what eyot answers by itself. Of a refusal the log says why, and while debugging the body, too.
static void reply(exchange *x, const eyot_reply *made) {
    const eyot_pair *headers = NULL;
    size_t len = 0;
    eyot_slice why = EYOT_SLICE_INIT, code = EYOT_SLICE_INIT;
    eyot_reply_headers(made, &headers, &len);
    eyot_reply_body(made, &x->answer);
    x->status = eyot_reply_status(made);
    x->sent.len = 0;
    for (size_t i = 0; i < len; i++) put(&x->sent, headers[i].name, headers[i].value);
    if (eyot_reply_reason(made, &code) != EYOT_OK || !code.len) return;
    eyot_reply_explanation(made, &why);
    fprintf(stderr, "%srefused: %.*s (%.*s)\n", is_debug ? "warning: " : "", P(why), P(code));
    if (!is_debug) return;
    x->answer = say(x, "refused: %.*s (%.*s)\n", P(why), P(code));
    set(&x->sent, T("Content-Length"), say(x, "%zu", x->answer.len));
}

// -- the inner station --

// What has been answered so far.
static eyot_response response_of(const exchange *x) {
    eyot_response response = EYOT_RESPONSE_INIT;
    response.status = x->status;
    response.headers = x->sent.at;
    response.headers_len = x->sent.len;
    response.body = x->answer;
    return response;
}

static bool is_head(const exchange *x) { return !x->visit && same(x->method, T("HEAD")); }

static eyot_context context_of(const exchange *x) {
    eyot_context context = EYOT_CONTEXT_INIT;
    context.page_path = x->path;
    context.shell_life = x->visit ? eyot_policy_life(shelf) : 0;
    if (x->island) context.flags |= EYOT_CONTEXT_NO_LOADER;
    if (!x->island && same(x->method, T("POST"))) context.flags |= EYOT_CONTEXT_POST;
    return context;
}

// Asks what becomes of what has been answered so far. Nothing here undoes a compression: that would need a library.
static bool ask_page(exchange *x, eyot_step *step) {
    eyot_page_options options = EYOT_PAGE_OPTIONS_INIT;
    options.path = x->path;
    options.flags = (is_debug ? EYOT_PAGE_DEBUG : 0) | (is_head(x) ? EYOT_PAGE_HEAD : 0);
    eyot_response response = response_of(x);
    eyot_context context = context_of(x);
    eyot_error *error = NULL;
    if (!went_well(eyot_page_new(islands, &options, &x->page, &error), &error)) return false;
    if (!went_well(eyot_page_step(x->page, &response, EYOT_SIZE_WHOLE, 0, step, &error), &error)) return false;
    if (*step == EYOT_STEP_DECODE) return went_well(eyot_page_undecoded(x->page, &response, step, &error), &error);
    if (*step != EYOT_STEP_COLLECT) return true;
    if (is_head(x)) response.body = NOTHING; // what is not sent is not split
    if (!went_well(eyot_page_whole(x->page, &response, &context, step, &error), &error)) return false;
    x->is_unmeasured = is_head(x) && *step == EYOT_STEP_EDIT;
    return true;
}

// Splits what a page or a handler printed. In production a faulty island becomes its fallback, and no cache keeps the
// page; while debugging the first fault is the answer.
static void split(exchange *x) {
    if (x->has_failed) give_up(x); // whatever has been printed since
    eyot_step step = EYOT_STEP_PASS;
    if (!ask_page(x, &step)) {
        fail(x, "the page cannot be split");
        return;
    }
    const eyot_outcome *outcome = eyot_page_outcome(x->page);
    const eyot_shell *shell = eyot_page_shell(x->page);
    if (outcome) take_head(x, outcome);
    if (step == EYOT_STEP_REPLY) reply(x, eyot_page_reply(x->page));
    if (step == EYOT_STEP_SHELL) {
        eyot_slice copy = {keep(x, eyot_shell_len(shell)), eyot_shell_len(shell)};
        eyot_shell_copy(shell, (void *)copy.data, copy.len);
        x->answer = copy;
    }
    const eyot_event *events = NULL;
    size_t len = 0;
    eyot_page_events(x->page, &events, &len);
    for (size_t i = 0; i < len; i++) fprintf(stderr, "%.*s: %.*s\n", P(events[i].path), P(events[i].message));
}

// -- the outer station --

bool arrive(exchange *x) {
    eyot_head head = head_of(x);
    eyot_error *error = NULL;
    if (!went_well(eyot_islands_route(islands, &head, &x->request, &error), &error)) return false;
    x->body_limit = x->request ? eyot_request_body_limit(x->request) : LONGEST_FORM;
    return true;
}

// A token's props are genuine, but a page of another version may have sealed them.
static bool props_fit(exchange *x, const handler *found) {
    eyot_slice json = EYOT_SLICE_INIT;
    eyot_opened_props(x->island, &json);
    if (eyot_object_parse(json.data, json.len, &x->props, NULL) != EYOT_OK) return false;
    size_t known = 0;
    for (size_t i = 0; i < 2 && found->props[i].name.len; i++) {
        eyot_member_kind kind = eyot_object_kind(x->props, found->props[i].name.data, found->props[i].name.len);
        if (kind != found->props[i].kind && !(kind == EYOT_MEMBER_NONE && found->props[i].is_optional)) return false;
        known += kind != EYOT_MEMBER_NONE;
    }
    return known == eyot_object_len(x->props);
}

// A refusal has its reply; anything else is a defect.
static void reply_or_fail(exchange *x, eyot_status status) {
    if (status == EYOT_REFUSED)
        reply(x, x->refusal);
    else
        fail(x, "eyot returned %d", (int)status);
}

// What would make an answer for everybody one visitor's is gone before anything reads it.
static void hide_headers(exchange *x, const eyot_slice *hidden, size_t len) {
    size_t left = 0;
    for (size_t i = 0; i < x->headers.len; i++) {
        bool is_hidden = false;
        for (size_t h = 0; h < len; h++) is_hidden |= same_name(x->headers.at[i].name, hidden[h]);
        if (!is_hidden) x->headers.at[left++] = x->headers.at[i];
    }
    x->headers.len = left;
}

// Takes over what eyot says of an answer for everybody, and logs what is one visitor's in it.
static void take_judged(exchange *x, eyot_outcome *outcome, eyot_slice what) {
    eyot_finding leak;
    for (size_t i = 0; eyot_report_get(eyot_outcome_leaks(outcome), i, &leak) == EYOT_OK; i++)
        fprintf(stderr, "%.*s was kept out of caches: %.*s\n", P(what), P(leak.message));
    take(x, outcome);
}

static void show_island(exchange *x) {
    const handler *found = &handlers[eyot_request_number(x->request)];
    eyot_error *error = NULL;
    if (x->is_too_large) {
        bool is_written = went_well(eyot_request_too_large(x->request, &x->refusal, &error), &error);
        reply_or_fail(x, is_written ? EYOT_REFUSED : EYOT_ARGUMENT);
        return;
    }
    eyot_token token = EYOT_TOKEN_INIT;
    token.bytes = eyot_slice_of(x->body.data, x->body.len);
    eyot_status status = eyot_request_open(x->request, &token, &x->island, &x->refusal, &error);
    if (!went_well(status, &error)) {
        reply_or_fail(x, status);
        return;
    }
    if (found->is_shared) {
        const eyot_slice *hidden = NULL;
        size_t len = 0;
        eyot_request_hidden_headers(x->request, &hidden, &len);
        hide_headers(x, hidden, len);
    }
    if (props_fit(x, found))
        found->show(x);
    else
        x->status = 400;
    split(x);

    eyot_response made = response_of(x);
    made.flags = found->is_shared ? EYOT_RESPONSE_SHARED : 0;
    made.shared_life = found->seconds;
    eyot_opened_page(x->island, &made.page);
    eyot_outcome *outcome = NULL;
    error = NULL;
    status = eyot_request_finish(x->request, &made, &outcome, &x->refusal, &error);
    if (went_well(status, &error))
        take_judged(x, outcome, found->name);
    else
        reply_or_fail(x, status);
}

// A page of the shelf, as every cache may keep it. The pages read no query, so that they need not get the visit's.
static void show_shell(exchange *x, const page *found) {
    const eyot_slice *hidden = NULL;
    size_t len = 0;
    eyot_visit_hidden_headers(x->visit, &hidden, &len);
    hide_headers(x, hidden, len);
    show_page(x, found);
    split(x);

    eyot_response made = response_of(x);
    eyot_outcome *outcome = NULL;
    eyot_error *error = NULL;
    if (!went_well(eyot_visit_finish(x->visit, &made, &outcome, &error), &error)) {
        fail(x, "the page cannot be judged");
        return;
    }
    take_judged(x, outcome, x->path);
}

void answer(exchange *x) {
    eyot_route route = eyot_request_route(x->request);
    x->status = 200;
    set(&x->sent, T("Content-Type"), T("text/html; charset=utf-8"));
    if (route == EYOT_ROUTE_REPLY) {
        reply(x, eyot_request_reply(x->request));
        return;
    }
    if (route == EYOT_ROUTE_ISLAND) {
        show_island(x);
        return;
    }
    const page *found = page_of(x);
    eyot_head head = head_of(x);
    if (found && found->is_shell) eyot_policy_visit(shelf, islands, &head, &x->visit, NULL);
    if (x->visit)
        show_shell(x, found);
    else {
        show_page(x, found);
        split(x);
    }
}
