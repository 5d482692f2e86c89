// eyot's two stations, for any server that keeps its request in an `exchange`: they ask the library, and move bytes.
#include "shop.h"

#include <stdio.h>

enum { LONGEST_FORM = 64 * 1024 };

// Whether a call went well; logs why not. An error holds no key, no token and no prop.
bool went_well(eyot_status status, eyot_error **error) {
    eyot_slice message = EYOT_SLICE_INIT;
    if (status != EYOT_OK && status != EYOT_REFUSED && eyot_error_message(*error, &message) == EYOT_OK)
        fprintf(stderr, "eyot: %.*s\n", P(message));
    eyot_error_free(*error);
    *error = NULL;
    return status == EYOT_OK;
}

// Sends what eyot answers by itself.
static void reply(exchange *x, const eyot_reply *made) {
    const eyot_pair *headers = NULL;
    size_t len = 0;
    eyot_reply_headers(made, &headers, &len);
    eyot_reply_body(made, &x->answer);
    x->status = eyot_reply_status(made);
    x->sent.len = 0;
    for (size_t i = 0; i < len; i++) put(&x->sent, headers[i].name, headers[i].value);
}

// -- the way out through either station --

// Takes over what eyot says of status and headers.
static void take(exchange *x, const eyot_outcome *outcome) {
    const eyot_pair *headers = NULL;
    size_t len = 0;
    eyot_outcome_headers(outcome, &headers, &len);
    x->sent.len = 0;
    for (size_t i = 0; i < len; i++) put(&x->sent, headers[i].name, headers[i].value);
    x->status = eyot_outcome_status(outcome);
    if (!eyot_outcome_has_body(outcome)) x->answer = NOTHING;
}

static eyot_slice joined(exchange *x, const eyot_shell *shell) {
    size_t len = eyot_shell_len(shell);
    uint8_t *copy = keep(x, len);
    eyot_shell_copy(shell, copy, len);
    return eyot_slice_of(copy, len);
}

static eyot_context context_of(const exchange *x) {
    eyot_context context = EYOT_CONTEXT_INIT;
    context.mount = x->mount;
    if (x->arrival == EYOT_ARRIVAL_ISLAND)
        context.flags = EYOT_CONTEXT_NO_LOADER; // the page around it has the loader
    else
        context.page_path = x->path;
    if (same(x->method, T("POST"))) context.flags |= EYOT_CONTEXT_POST;
    if (!x->outer) context.shell_life = eyot_policy_life(x->policy);
    return context;
}

// Asks what becomes of the answer. All of it is in memory, so that nothing has to be asked twice.
static eyot_step decide(exchange *x, eyot_page *way) {
    eyot_context context = context_of(x);
    eyot_response response = EYOT_RESPONSE_INIT;
    response.status = x->status;
    response.headers = x->sent.at;
    response.headers_len = x->sent.len;
    response.body = x->answer;
    eyot_slice coding = EYOT_SLICE_INIT;
    eyot_step step = EYOT_STEP_WAIT;
    eyot_error *error = NULL;
    bool is_well = went_well(eyot_page_step(way, &response, EYOT_SIZE_WHOLE, 0, &step, &error), &error);
    if (is_well && step == EYOT_STEP_DECODE && x->answer.len && eyot_page_coding(way, &coding) == EYOT_OK)
        response.body = undone(x, coding, x->answer);
    if (is_well && x->answer.len && !response.body.data)
        is_well = went_well(eyot_page_undecoded(way, &response, &step, &error), &error);
    else if (is_well && (step == EYOT_STEP_COLLECT || step == EYOT_STEP_DECODE))
        is_well = went_well(eyot_page_whole(way, &response, &context, &step, &error), &error);
    return is_well ? step : EYOT_STEP_WAIT;
}

static void pass(exchange *x, eyot_page *way) {
    switch (decide(x, way)) {
    case EYOT_STEP_PASS: break;
    case EYOT_STEP_SHELL:
        x->answer = joined(x, eyot_page_shell(way));
        take(x, eyot_page_outcome(way));
        break;
    case EYOT_STEP_EDIT: take(x, eyot_page_outcome(way)); break;
    case EYOT_STEP_REPLY: reply(x, eyot_page_reply(way)); break;
    default: fail(x, "eyot could not decide"); // nothing goes out that has not been looked at
    }
    const eyot_event *events = NULL;
    size_t len = 0;
    eyot_page_events(way, &events, &len);
    for (size_t i = 0; i < len; i++) tell(x, &events[i]);
}

static bool is_exchange(const exchange *x) {
    return x->arrival == EYOT_ARRIVAL_ISLAND || x->arrival == EYOT_ARRIVAL_PAGE;
}

static eyot_page_options options_of(const exchange *x) {
    eyot_page_options options = EYOT_PAGE_OPTIONS_INIT;
    options.path = x->path;
    options.flags = EYOT_PAGE_MARK | (is_debug ? EYOT_PAGE_DEBUG : 0) | (x->is_head ? EYOT_PAGE_HEAD : 0) |
                    (x->is_unsplit ? EYOT_PAGE_UNSPLIT : 0);
    return options;
}

// -- the outer station, on the way in --

bool enter(exchange *x, const eyot_policy *policy) {
    eyot_head head = EYOT_HEAD_INIT;
    head.method = x->method;
    head.target = x->target;
    head.mount = x->mount;
    head.headers = x->headers.at;
    head.headers_len = x->headers.len;
    eyot_error *error = NULL;
    x->policy = policy;
    if (!went_well(eyot_islands_arrive(islands, &head, policy, NULL, 0, &x->asked, &error), &error)) return false;
    x->arrival = eyot_exchange_arrival(x->asked);
    bool is_eyots = x->arrival == EYOT_ARRIVAL_ISLAND || x->arrival == EYOT_ARRIVAL_REPLY;
    x->body_limit = is_eyots ? eyot_exchange_body_limit(x->asked) : LONGEST_FORM;
    return true;
}

// A posted token is the GET that it stands for: nothing after this sees that it was posted.
static bool takes_body(exchange *x) {
    eyot_error *error = NULL;
    eyot_status status = eyot_exchange_take_body(x->asked, x->body.data, x->body.len, &x->refusal, &error);
    if (!went_well(status, &error)) {
        if (status != EYOT_REFUSED) fail(x, "eyot returned %d", (int)status);
        if (x->refusal) reply(x, x->refusal);
        if (x->refusal) tell(x, eyot_reply_event(x->refusal));
        return false;
    }
    eyot_slice query = eyot_slice_of(x->path.data + x->path.len, x->target.data + x->target.len - x->path.data - x->path.len);
    eyot_exchange_path(x->asked, &x->path);
    x->target = say(x, "%.*s%.*s", P(x->path), P(query));
    drop(&x->headers, T("Content-Type"));
    drop(&x->headers, T("Content-Length"));
    drop(&x->headers, T("Transfer-Encoding"));
    return true;
}

bool goes_in(exchange *x) {
    const eyot_event *event = eyot_exchange_event(x->asked);
    if (event) tell(x, event);
    if (x->arrival == EYOT_ARRIVAL_REPLY) {
        reply(x, eyot_exchange_reply(x->asked));
        return false;
    }
    x->came = x->headers;
    if (x->arrival == EYOT_ARRIVAL_ISLAND && x->body_limit && !takes_body(x)) return false;
    // What would make an answer for everybody one visitor's is gone before anything reads it.
    eyot_slice hidden = EYOT_SLICE_INIT, query = EYOT_SLICE_INIT;
    for (size_t i = eyot_exchange_hidden_count(x->asked); i-- > 0;)
        if (eyot_exchange_hidden_header(x->asked, i, &hidden) == EYOT_OK) drop(&x->headers, hidden);
    if (eyot_exchange_has_query(x->asked) && eyot_exchange_query(x->asked, &query) == EYOT_OK)
        x->target = say(x, query.len ? "%.*s?%.*s" : "%.*s%.*s", P(x->path), P(query));
    eyot_exchange_method(x->asked, &x->method);
    // A page that comes compressed would have to be unpacked for the split.
    if (holds(request_header(x, T("Accept")), T("text/html"))) drop(&x->headers, T("Accept-Encoding"));
    return true;
}

// -- the inner station --

static void ask_app(exchange *x) {
    x->status = 200;
    x->sent.len = 0;
    x->answer = NOTHING;
    set(&x->sent, T("Content-Type"), T("text/html; charset=utf-8"));
    render(x);
    if (x->has_failed) give_up(x); // whatever has been printed since
    if (x->status != 204 && x->status != 304) set(&x->sent, T("Content-Length"), say(x, "%zu", x->answer.len));
}

static bool opens(exchange *x) {
    eyot_error *error = NULL;
    eyot_status status = eyot_exchange_open(x->asked, NULL, 0, 0, &x->island, &x->refusal, &error);
    if (went_well(status, &error)) return true;
    if (status == EYOT_REFUSED)
        reply(x, x->refusal); // the outer station logs it
    else
        fail(x, "eyot returned %d", (int)status);
    return false;
}

void misfit(exchange *x, eyot_slice why) {
    if (eyot_exchange_misfit(x->asked, why.data, why.len, &x->refusal, NULL) == EYOT_OK) reply(x, x->refusal);
}

// One part of a page, or several parts of what may be one.
static bool is_part(const exchange *x) {
    eyot_slice type = find(&x->sent, T("Content-Type"));
    return x->status == 206 && (holds(type, T("html")) || holds(type, T("multipart/byteranges")));
}

void inside(exchange *x) {
    if (x->arrival == EYOT_ARRIVAL_ISLAND && !opens(x)) return;
    ask_app(x);
    if (is_part(x)) {
        // It cannot be split. Without a range there is the whole page.
        drop(&x->headers, T("Range"));
        ask_app(x);
    }
    eyot_page_options options = options_of(x);
    if (is_exchange(x))
        eyot_exchange_page(x->asked, !x->is_unsplit, &x->inner, NULL);
    else
        eyot_page_new(islands, &options, &x->inner, NULL);
    pass(x, x->inner);
}

// -- the outer station, on the way out --

void leave(exchange *x) {
    eyot_page_options options = options_of(x);
    if (is_exchange(x))
        eyot_exchange_out(x->asked, &x->outer, NULL);
    else
        eyot_page_new_outer(islands, &options, &x->outer, NULL);
    pass(x, x->outer);
    x->headers = x->came;
}
