// What Go reads of C's objects, all parts in one call, and the calls that decide about a response: a crossing costs more than
// what most of the interface's functions do.

#ifndef EYOTGO_GLUE_H
#define EYOTGO_GLUE_H

#if defined(__has_include) && !__has_include(<eyot.h>)
#error "eyot.h is missing. With the tag eyot_static it stands in the module, where bindings/go/vendor-static PREFIX puts it, \
in a copy of the repository, after make install PREFIX=...; without the tag, pkg-config finds what make install has put there."
#endif
#include <eyot.h>
#include <stdlib.h>

typedef struct {
    eyot_status status;
    eyot_slice code, message;
    uint32_t line, column;
} eyotgo_error;

static inline void eyotgo_read_error(const eyot_error *error, eyotgo_error *out) {
    out->status = eyot_error_status(error);
    eyot_error_code(error, &out->code);
    eyot_error_message(error, &out->message);
    out->line = eyot_error_line(error);
    out->column = eyot_error_column(error);
}

typedef struct {
    eyot_slice name, props, slots, page;
    uint32_t expires;
} eyotgo_opened;

static inline void eyotgo_read_opened(const eyot_opened *island, eyotgo_opened *out) {
    eyot_opened_name(island, &out->name);
    eyot_opened_props(island, &out->props);
    eyot_opened_slots(island, &out->slots);
    eyot_opened_page(island, &out->page);
    out->expires = eyot_opened_expires(island);
}

typedef struct {
    uint32_t status;
    const eyot_pair *headers;
    size_t headers_len;
    eyot_slice body;
    const eyot_event *event;
} eyotgo_reply;

static inline void eyotgo_read_reply(const eyot_reply *reply, eyotgo_reply *out) {
    out->status = eyot_reply_status(reply);
    eyot_reply_headers(reply, &out->headers, &out->headers_len);
    eyot_reply_body(reply, &out->body);
    out->event = eyot_reply_event(reply);
}

typedef struct {
    size_t len, islands_len, segments_len;
    bool is_untouched;
    const eyot_slice *segments;
    const eyot_report *problems, *diagnostics;
} eyotgo_shell;

static inline void eyotgo_read_shell(const eyot_shell *shell, eyotgo_shell *out) {
    out->len = eyot_shell_len(shell);
    out->is_untouched = eyot_shell_is_untouched(shell);
    out->islands_len = eyot_shell_island_count(shell);
    eyot_shell_segments(shell, &out->segments, &out->segments_len);
    out->problems = eyot_shell_problems(shell);
    out->diagnostics = eyot_shell_diagnostics(shell);
}

typedef struct {
    eyot_arrival arrival;
    const eyot_reply *reply;
    const eyot_event *event;
    eyot_slice name, method, query;
    size_t body_limit, hidden_len;
    bool has_query;
} eyotgo_exchange;

// Writes the names of the headers that the app must not see, as far as there is room, and returns how many there are.
static inline size_t eyotgo_hidden(const eyot_exchange *exchange, eyot_slice *hidden, size_t room) {
    size_t count = eyot_exchange_hidden_count(exchange);
    for (size_t i = 0; i < count && i < room; i++) eyot_exchange_hidden_header(exchange, i, &hidden[i]);
    return count;
}

static inline void eyotgo_read_exchange(const eyot_exchange *exchange, eyotgo_exchange *out, eyot_slice *hidden, size_t room) {
    out->arrival = eyot_exchange_arrival(exchange);
    out->reply = eyot_exchange_reply(exchange);
    out->event = eyot_exchange_event(exchange);
    if (out->arrival != EYOT_ARRIVAL_ISLAND && out->arrival != EYOT_ARRIVAL_PAGE) return;
    eyot_exchange_name(exchange, &out->name);
    eyot_exchange_method(exchange, &out->method);
    out->has_query = eyot_exchange_has_query(exchange);
    eyot_exchange_query(exchange, &out->query);
    out->body_limit = eyot_exchange_body_limit(exchange);
    out->hidden_len = eyotgo_hidden(exchange, hidden, room);
}

// Through the outer station, or the inner one; `exchange` is NULL for the app's own requests, and the options are read for
// these alone, but for EYOT_PAGE_UNSPLIT.
static inline eyot_status eyotgo_page_new(const eyot_islands *islands, const eyot_exchange *exchange, bool is_outer,
                                          const eyot_page_options *options, eyot_page **out, eyot_error **error) {
    bool splits = (options->flags & EYOT_PAGE_UNSPLIT) == 0;
    if (exchange != NULL) {
        return is_outer ? eyot_exchange_out(exchange, out, error) : eyot_exchange_page(exchange, splits, out, error);
    }
    return (is_outer ? eyot_page_new_outer : eyot_page_new)(islands, options, out, error);
}

// What a step said. All of it belongs to the page.
typedef struct {
    eyot_step step;
    uint32_t status;
    bool has_body;
    eyot_slice coding;
    const eyot_edit *edits;
    const eyot_reply *reply;
    const eyot_slice *segments;
    const eyot_error *fault;
    const eyot_event *events;
    size_t edits_len, segments_len, shell_len, events_len;
} eyotgo_step;

static inline void eyotgo_read_step(eyot_page *page, eyotgo_step *out) {
    const eyot_outcome *outcome = eyot_page_outcome(page);
    const eyot_shell *shell = eyot_page_shell(page);
    eyot_page_coding(page, &out->coding);
    if (outcome != NULL) {
        out->status = eyot_outcome_status(outcome);
        out->has_body = eyot_outcome_has_body(outcome);
        eyot_outcome_edits(outcome, &out->edits, &out->edits_len);
    }
    if (shell != NULL) {
        out->shell_len = eyot_shell_len(shell);
        eyot_shell_segments(shell, &out->segments, &out->segments_len);
    }
    out->reply = eyot_page_reply(page);
    out->fault = eyot_page_fault(page);
    eyot_page_events(page, &out->events, &out->events_len);
}

// What a page is asked: what to do next, and where all of the body is there, what becomes of it; what becomes of a body that
// was decoded, or that cannot be; what there is to say of a stream that is cut.
enum { EYOTGO_STEP, EYOTGO_WHOLE, EYOTGO_UNDECODED, EYOTGO_CUT };

static inline eyot_status eyotgo_page_ask(eyot_page *page, int what, const eyot_response *response, uint32_t size,
                                          uint64_t len, const eyot_context *context, eyotgo_step *out, eyot_error **error) {
    eyot_status status = EYOT_OK;
    if (what == EYOTGO_STEP) {
        status = eyot_page_step(page, response, size, len, &out->step, error);
        if (status == EYOT_OK && out->step == EYOT_STEP_COLLECT && size == EYOT_SIZE_WHOLE) what = EYOTGO_WHOLE;
    }
    if (what == EYOTGO_WHOLE) status = eyot_page_whole(page, response, context, &out->step, error);
    if (what == EYOTGO_UNDECODED) status = eyot_page_undecoded(page, response, &out->step, error);
    if (what == EYOTGO_CUT) eyot_page_note_cut(page);
    eyotgo_read_step(page, out);
    return status;
}

// The next chunk, or with `is_last` the end of the page.
static inline eyot_status eyotgo_page_push(eyot_page *page, const uint8_t *chunk, size_t chunk_len, bool is_last,
                                           const eyot_context *context, eyotgo_step *out, eyot_error **error) {
    const eyot_slice *segments = NULL;
    size_t count = 0;
    eyot_status status = is_last ? eyot_page_finish(page, context, &out->step, &segments, &count, error)
                                 : eyot_page_push(page, chunk, chunk_len, context, &out->step, &segments, &count, error);
    eyotgo_read_step(page, out);
    out->segments = segments;
    out->segments_len = count;
    return status;
}

// For benchmarks alone.
static inline void eyotgo_nothing(void) {}

#endif
