// What stands between Go and the C interface: each function makes the interface's structs from flat arguments, so that
// Go never hands out memory that holds Go pointers, and answers by value, so that one crossing does one operation.
//
// "Texts" are strings one after another in one piece of memory, with an array of their lengths.

#ifndef EYOTGO_GLUE_H
#define EYOTGO_GLUE_H

#include <eyot.h>
#include <stdlib.h>
#include <string.h>

// -- reading texts ----------------------------------------------------------------------------------------------------

typedef struct {
    const uint8_t *at;
    const size_t *len;
} eyotgo_texts;

static inline eyot_slice eyotgo_next(eyotgo_texts *texts) {
    eyot_slice slice = eyot_slice_of(texts->at, *texts->len);
    texts->at += slice.len;
    texts->len++;
    return slice;
}

// Memory for `count` things. Like C.malloc it does not return without.
static inline void *eyotgo_room(size_t count, size_t size) {
    void *room = calloc(count, size);
    if (room == NULL) abort();
    return room;
}

#define EYOTGO_FEW 40

typedef struct {
    eyot_pair few[EYOTGO_FEW];
    eyot_pair *all;
} eyotgo_pairs;

static inline const eyot_pair *eyotgo_pairs_take(eyotgo_pairs *pairs, eyotgo_texts *texts, size_t count) {
    pairs->all = count <= EYOTGO_FEW ? pairs->few : eyotgo_room(count, sizeof(eyot_pair));
    for (size_t i = 0; i < count; i++) {
        pairs->all[i].name = eyotgo_next(texts);
        pairs->all[i].value = eyotgo_next(texts);
    }
    return pairs->all;
}

static inline void eyotgo_pairs_drop(eyotgo_pairs *pairs) {
    if (pairs->all != pairs->few) free(pairs->all);
}

// The numbers of an eyot_context; its four texts come first among the texts.
typedef struct {
    uint64_t now;
    uint32_t shell_life;
    uint32_t flags;
} eyotgo_moment;

static inline eyot_context eyotgo_context(eyotgo_texts *texts, eyotgo_moment moment) {
    eyot_context context = EYOT_CONTEXT_INIT;
    context.now = moment.now;
    context.mount = eyotgo_next(texts);
    context.audience = eyotgo_next(texts);
    context.page_path = eyotgo_next(texts);
    context.page_lang = eyotgo_next(texts);
    context.shell_life = moment.shell_life;
    context.flags = moment.flags;
    return context;
}

// -- answers ----------------------------------------------------------------------------------------------------------

typedef struct {
    eyot_status status;
    eyot_error *error;
    void *object;
} eyotgo_made;

typedef struct {
    eyot_status status;
    eyot_error *error;
    // How long the text is. Where it is longer than the memory that Go gave, it waits in `rest`.
    size_t len;
    eyot_buffer rest;
} eyotgo_written;

static inline eyotgo_written eyotgo_settle(eyot_status status, eyot_error *error, eyot_buffer text, uint8_t *out,
                                           size_t capacity) {
    eyotgo_written written = {status, error, text.len, EYOT_BUFFER_INIT};
    if (text.len > capacity) {
        written.rest = text;
        return written;
    }
    if (text.len > 0) memcpy(out, text.data, text.len);
    eyot_buffer_free(&text);
    return written;
}

// Copies what was too long for the first memory.
static inline void eyotgo_rest(eyot_buffer rest, uint8_t *out) {
    memcpy(out, rest.data, rest.len);
    eyot_buffer_free(&rest);
}

typedef struct {
    eyot_slice code;
    eyot_slice message;
    uint32_t line;
    uint32_t column;
} eyotgo_error_parts;

static inline eyotgo_error_parts eyotgo_error_read(const eyot_error *error) {
    eyotgo_error_parts parts = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, eyot_error_line(error), eyot_error_column(error)};
    eyot_error_code(error, &parts.code);
    eyot_error_message(error, &parts.message);
    return parts;
}

// A refusal comes with an error as well, which says no more than the reply.
static inline void eyotgo_error_drop(eyot_error **error) {
    eyot_error_free(*error);
    *error = NULL;
}

// -- key rings --------------------------------------------------------------------------------------------------------

static inline eyotgo_made eyotgo_keyring_parse(const uint8_t *text, size_t len, bool is_file) {
    eyotgo_made made = {0};
    eyot_keyring *ring = NULL;
    made.status = is_file ? eyot_keyring_parse_file(text, len, &ring, &made.error)
                          : eyot_keyring_parse(text, len, &ring, &made.error);
    made.object = ring;
    return made;
}

static inline eyotgo_made eyotgo_keyring_derive(const uint8_t *bytes, const size_t *lens, size_t count) {
    eyotgo_made made = {0};
    eyot_keyring *ring = NULL;
    eyotgo_texts texts = {bytes, lens};
    eyot_slice *secrets = eyotgo_room(count + 1, sizeof(eyot_slice));
    for (size_t i = 0; i < count; i++) secrets[i] = eyotgo_next(&texts);
    made.status = eyot_keyring_derive(secrets, count, &ring, &made.error);
    free(secrets);
    made.object = ring;
    return made;
}

static inline eyotgo_written eyotgo_generate_key(uint8_t *out, size_t capacity) {
    eyot_buffer text = EYOT_BUFFER_INIT;
    eyot_error *error = NULL;
    eyot_status status = eyot_keyring_generate_key(&text, &error);
    return eyotgo_settle(status, error, text, out, capacity);
}

static inline size_t eyotgo_keyring_ids(const void *ring, uint32_t *out, size_t capacity) {
    size_t count = eyot_keyring_len(ring);
    for (size_t i = 0; i < count && i < capacity; i++) eyot_keyring_id(ring, i, &out[i]);
    return count;
}

static inline eyotgo_written eyotgo_seal(const void *ring, const uint8_t *island, size_t island_len,
                                         const uint8_t *audience, size_t audience_len, const uint8_t *props,
                                         size_t props_len, const uint8_t *slots, size_t slots_len, const uint8_t *page,
                                         size_t page_len, const uint8_t *nonce, uint32_t expires, uint8_t *out,
                                         size_t capacity) {
    eyot_payload payload = EYOT_PAYLOAD_INIT;
    payload.expires = expires;
    payload.island = eyot_slice_of(island, island_len);
    payload.audience = eyot_slice_of(audience, audience_len);
    payload.props = eyot_slice_of(props, props_len);
    payload.slots = eyot_slice_of(slots, slots_len);
    payload.page = eyot_slice_of(page, page_len);
    payload.nonce = eyot_slice_of(nonce, nonce == NULL ? 0 : 24);
    eyot_buffer token = EYOT_BUFFER_INIT;
    eyot_error *error = NULL;
    eyot_status status = eyot_keyring_seal(ring, &payload, &token, &error);
    return eyotgo_settle(status, error, token, out, capacity);
}

// -- replies and opened islands ---------------------------------------------------------------------------------------

typedef struct {
    eyot_reply *owned;
    uint32_t code;
    const eyot_pair *headers;
    size_t headers_len;
    eyot_slice body;
    // The line for the log, or NULL.
    const eyot_event *event;
} eyotgo_reply;

static inline void eyotgo_reply_read(eyotgo_reply *out, const eyot_reply *reply) {
    out->code = eyot_reply_status(reply);
    eyot_reply_headers(reply, &out->headers, &out->headers_len);
    eyot_reply_body(reply, &out->body);
    out->event = eyot_reply_event(reply);
}

typedef struct {
    eyot_status status;
    eyot_error *error;
    eyot_opened *island;
    eyot_slice name;
    eyot_slice props;
    eyot_slice slots;
    eyot_slice page;
    uint32_t expires;
    eyotgo_reply refusal;
} eyotgo_opened;

static inline void eyotgo_opened_read(eyotgo_opened *out) {
    if (out->island == NULL) return;
    eyot_opened_name(out->island, &out->name);
    eyot_opened_props(out->island, &out->props);
    eyot_opened_slots(out->island, &out->slots);
    eyot_opened_page(out->island, &out->page);
    out->expires = eyot_opened_expires(out->island);
}

static inline eyotgo_opened eyotgo_keyring_open(const void *ring, const uint8_t *island, size_t island_len,
                                                const uint8_t *audience, size_t audience_len, const uint8_t *token,
                                                size_t token_len, uint64_t now) {
    eyotgo_opened opened = {0};
    eyot_token given = EYOT_TOKEN_INIT;
    given.now = now;
    given.island = eyot_slice_of(island, island_len);
    given.audience = eyot_slice_of(audience, audience_len);
    given.bytes = eyot_slice_of(token, token_len);
    opened.status = eyot_keyring_open(ring, &given, &opened.island, &opened.error);
    eyotgo_opened_read(&opened);
    return opened;
}

// -- islands ----------------------------------------------------------------------------------------------------------

typedef struct {
    size_t here_len;
    size_t elsewhere_len;
    size_t allowed_len;
    size_t locations_len;
    size_t identity_len;
    bool has_identity;
    size_t url_limit;
    size_t max_islands;
    size_t max_island_bytes;
    uint32_t ttl;
    uint32_t ttl_grid;
    uint32_t flags;
} eyotgo_options;

// Texts: prefix, origin, login URL, then the names here, those elsewhere, allowed origins, locations, identity headers.
static inline eyotgo_made eyotgo_islands_new(const void *ring, const uint8_t *bytes, const size_t *lens,
                                             eyotgo_options given) {
    eyotgo_texts texts = {bytes, lens};
    size_t names = given.here_len + given.elsewhere_len;
    eyot_declaration *declared = eyotgo_room(names + 1, sizeof(eyot_declaration));
    size_t lists = given.allowed_len + given.locations_len + given.identity_len;
    eyot_slice *allowed = eyotgo_room(lists + 1, sizeof(eyot_slice));
    eyot_slice *locations = allowed + given.allowed_len;
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.prefix = eyotgo_next(&texts);
    options.origin = eyotgo_next(&texts);
    options.login_url = eyotgo_next(&texts);
    for (size_t i = 0; i < names; i++) {
        declared[i].name = eyotgo_next(&texts);
        declared[i].flags = i < given.here_len ? 0 : EYOT_DECLARATION_ELSEWHERE;
    }
    for (size_t i = 0; i < lists; i++) allowed[i] = eyotgo_next(&texts);
    options.islands = declared;
    options.islands_len = names;
    options.allowed_origins = allowed;
    options.allowed_origins_len = given.allowed_len;
    options.locations = locations;
    options.locations_len = given.locations_len;
    options.identity_headers = given.has_identity ? locations + given.locations_len : NULL;
    options.identity_headers_len = given.identity_len;
    options.url_limit = given.url_limit;
    options.max_islands = given.max_islands;
    options.max_island_bytes = given.max_island_bytes;
    options.ttl = given.ttl;
    options.ttl_grid = given.ttl_grid;
    options.flags = given.flags;
    eyotgo_made made = {0};
    eyot_islands *islands = NULL;
    made.status = eyot_islands_new(ring, &options, &islands, &made.error);
    made.object = islands;
    free(declared);
    free(allowed);
    return made;
}

static inline eyotgo_made eyotgo_islands_set_keys(const void *islands, const void *ring) {
    eyotgo_made made = {0};
    made.status = eyot_islands_set_keys(islands, ring, &made.error);
    return made;
}

// What is written of an island: all of it, its attributes, or its URL.
enum { EYOTGO_PLACEHOLDER, EYOTGO_ATTRIBUTES, EYOTGO_URL };

// Texts: the context's four, name, fallback, error, then names and HTML of slots, names and values of options.
static inline eyotgo_written eyotgo_islands_write(const void *islands, int what, const uint8_t *props, size_t props_len,
                                                  const uint8_t *bytes, const size_t *lens, size_t slots_len,
                                                  size_t options_len, eyotgo_moment moment, uint8_t *out,
                                                  size_t capacity) {
    eyotgo_texts texts = {bytes, lens};
    eyotgo_pairs slots, options;
    eyot_context context = eyotgo_context(&texts, moment);
    eyot_placeholder island = EYOT_PLACEHOLDER_INIT;
    island.name = eyotgo_next(&texts);
    island.fallback = eyotgo_next(&texts);
    island.error = eyotgo_next(&texts);
    island.props = eyot_slice_of(props, props_len);
    island.slots = eyotgo_pairs_take(&slots, &texts, slots_len);
    island.slots_len = slots_len;
    island.options = eyotgo_pairs_take(&options, &texts, options_len);
    island.options_len = options_len;
    eyot_buffer text = EYOT_BUFFER_INIT;
    eyot_error *error = NULL;
    eyot_status status = what == EYOTGO_PLACEHOLDER ? eyot_islands_placeholder(islands, &island, &context, &text, &error)
                         : what == EYOTGO_ATTRIBUTES ? eyot_islands_attributes(islands, &island, &context, &text, &error)
                                                     : eyot_islands_url(islands, &island, &context, &text, &error);
    eyotgo_pairs_drop(&slots);
    eyotgo_pairs_drop(&options);
    return eyotgo_settle(status, error, text, out, capacity);
}

static inline eyotgo_written eyotgo_loader_tags(const void *islands, const uint8_t *bytes, const size_t *lens,
                                                eyotgo_moment moment, uint8_t *out, size_t capacity) {
    eyotgo_texts texts = {bytes, lens};
    eyot_context context = eyotgo_context(&texts, moment);
    eyot_buffer text = EYOT_BUFFER_INIT;
    eyot_error *error = NULL;
    eyot_status status = eyot_islands_loader_tags(islands, &context, &text, &error);
    return eyotgo_settle(status, error, text, out, capacity);
}

// -- pages ------------------------------------------------------------------------------------------------------------

typedef struct {
    eyot_status status;
    eyot_error *error;
    eyot_shell *shell;
    size_t len;
    bool is_untouched;
    size_t islands_len;
    const eyot_slice *segments;
    size_t segments_len;
    const eyot_report *problems;
    size_t problems_len;
    const eyot_report *diagnostics;
    size_t diagnostics_len;
} eyotgo_shell;

static inline void eyotgo_shell_read(eyotgo_shell *out) {
    if (out->shell == NULL) return;
    out->len = eyot_shell_len(out->shell);
    out->is_untouched = eyot_shell_is_untouched(out->shell);
    out->islands_len = eyot_shell_island_count(out->shell);
    eyot_shell_segments(out->shell, &out->segments, &out->segments_len);
    out->problems = eyot_shell_problems(out->shell);
    out->problems_len = eyot_report_len(out->problems);
    out->diagnostics = eyot_shell_diagnostics(out->shell);
    out->diagnostics_len = eyot_report_len(out->diagnostics);
}

static inline eyotgo_shell eyotgo_split(const void *islands, const uint8_t *page, size_t page_len, const uint8_t *bytes,
                                        const size_t *lens, eyotgo_moment moment) {
    eyotgo_texts texts = {bytes, lens};
    eyot_context context = eyotgo_context(&texts, moment);
    eyotgo_shell split = {0};
    split.status = eyot_islands_split(islands, page, page_len, &context, &split.shell, &split.error);
    eyotgo_shell_read(&split);
    return split;
}

static inline eyot_slice eyotgo_shell_island(const void *shell, size_t index) {
    eyot_slice name = EYOT_SLICE_INIT;
    eyot_shell_island_name(shell, index, &name);
    return name;
}

static inline eyot_finding eyotgo_finding(const void *findings, size_t index) {
    eyot_finding finding = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0};
    eyot_report_get(findings, index, &finding);
    return finding;
}

typedef struct {
    eyot_status status;
    eyot_error *error;
    eyot_report *findings;
    size_t len;
} eyotgo_audited;

static inline eyotgo_audited eyotgo_audit(const uint8_t *shell, size_t shell_len) {
    eyotgo_audited audited = {0};
    audited.status = eyot_report_audit(shell, shell_len, &audited.findings, &audited.error);
    audited.len = eyot_report_len(audited.findings);
    return audited;
}

static inline eyotgo_made eyotgo_splitter_new(const void *islands, const uint8_t *bytes, const size_t *lens,
                                              eyotgo_moment moment) {
    eyotgo_texts texts = {bytes, lens};
    eyot_context context = eyotgo_context(&texts, moment);
    eyotgo_made made = {0};
    eyot_splitter *splitter = NULL;
    made.status = eyot_splitter_new(islands, &context, &splitter, &made.error);
    made.object = splitter;
    return made;
}

typedef struct {
    eyot_status status;
    eyot_error *error;
    const eyot_slice *segments;
    size_t segments_len;
    size_t problems_len;
} eyotgo_pushed;

// The next chunk, or with `is_last` the end of the page.
static inline eyotgo_pushed eyotgo_splitter_push(void *splitter, const uint8_t *chunk, size_t chunk_len, bool is_last) {
    eyotgo_pushed pushed = {0};
    pushed.status = is_last ? eyot_splitter_finish(splitter, &pushed.segments, &pushed.segments_len, &pushed.error)
                            : eyot_splitter_push(splitter, chunk, chunk_len, &pushed.segments, &pushed.segments_len,
                                                 &pushed.error);
    return pushed;
}

typedef struct {
    const eyot_report *list;
    size_t len;
} eyotgo_found;

static inline eyotgo_found eyotgo_splitter_found(void *splitter, bool problems) {
    eyotgo_found found;
    found.list = problems ? eyot_splitter_problems(splitter) : eyot_splitter_diagnostics(splitter);
    found.len = eyot_report_len(found.list);
    return found;
}

static inline eyotgo_made eyotgo_prepared_new(const void *islands, const uint8_t *page, size_t page_len) {
    eyotgo_made made = {0};
    eyot_prepared *prepared = NULL;
    made.status = eyot_prepared_new(islands, page, page_len, &prepared, &made.error);
    made.object = prepared;
    return made;
}

static inline eyotgo_shell eyotgo_prepared_shell(const void *prepared, const uint8_t *bytes, const size_t *lens,
                                                 eyotgo_moment moment) {
    eyotgo_texts texts = {bytes, lens};
    eyot_context context = eyotgo_context(&texts, moment);
    eyotgo_shell rendered = {0};
    rendered.status = eyot_prepared_shell(prepared, &context, &rendered.shell, &rendered.error);
    eyotgo_shell_read(&rendered);
    return rendered;
}

// -- the way in -------------------------------------------------------------------------------------------------------

// What a request is. All of it belongs to the exchange.
typedef struct {
    eyot_status status;
    eyot_error *error;
    eyot_exchange *exchange;
    eyot_arrival arrival;
    eyotgo_reply reply;
    const eyot_event *event;
    eyot_slice name;
    eyot_slice method;
    size_t body_limit;
    bool has_query;
    eyot_slice query;
    size_t hidden_len;
} eyotgo_arrived;

// Writes the names of the headers that the app must not see, as far as there is room, and returns how many there are.
static inline size_t eyotgo_hidden(const void *exchange, eyot_slice *hidden, size_t room) {
    size_t count = eyot_exchange_hidden_count(exchange);
    for (size_t i = 0; i < count && i < room; i++) eyot_exchange_hidden_header(exchange, i, &hidden[i]);
    return count;
}

// Texts: visitor, method, target, mount, then names and values of headers. `hidden` has room for twice as many: it names none
// that did not come, and each for two reasons at most.
static inline eyotgo_arrived eyotgo_arrive(const void *islands, const void *policy, const uint8_t *bytes,
                                           const size_t *lens, size_t headers_len, eyot_slice *hidden) {
    eyotgo_texts texts = {bytes, lens};
    eyotgo_pairs headers;
    eyotgo_arrived arrived = {0};
    eyot_slice visitor = eyotgo_next(&texts);
    eyot_head head = EYOT_HEAD_INIT;
    head.method = eyotgo_next(&texts);
    head.target = eyotgo_next(&texts);
    head.mount = eyotgo_next(&texts);
    head.headers = eyotgo_pairs_take(&headers, &texts, headers_len);
    head.headers_len = headers_len;
    arrived.status = eyot_islands_arrive(islands, &head, policy, visitor.data, visitor.len, &arrived.exchange, &arrived.error);
    eyotgo_pairs_drop(&headers);
    arrived.arrival = eyot_exchange_arrival(arrived.exchange);
    arrived.event = eyot_exchange_event(arrived.exchange);
    if (arrived.arrival == EYOT_ARRIVAL_REPLY) eyotgo_reply_read(&arrived.reply, eyot_exchange_reply(arrived.exchange));
    if (arrived.arrival == EYOT_ARRIVAL_ISLAND || arrived.arrival == EYOT_ARRIVAL_PAGE) {
        eyot_exchange_name(arrived.exchange, &arrived.name);
        eyot_exchange_method(arrived.exchange, &arrived.method);
        arrived.body_limit = eyot_exchange_body_limit(arrived.exchange);
        arrived.has_query = eyot_exchange_has_query(arrived.exchange);
        eyot_exchange_query(arrived.exchange, &arrived.query);
        arrived.hidden_len = eyotgo_hidden(arrived.exchange, hidden, 2 * headers_len);
    }
    return arrived;
}

static inline size_t eyotgo_share(const void *exchange, uint32_t seconds, eyot_slice *hidden, size_t room) {
    eyot_exchange_share(exchange, seconds);
    return eyotgo_hidden(exchange, hidden, room);
}

typedef struct {
    eyot_status status;
    eyot_error *error;
    eyotgo_reply reply;
    eyot_slice path;
} eyotgo_answered;

static inline eyotgo_answered eyotgo_take_body(const void *exchange, const uint8_t *body, size_t body_len) {
    eyotgo_answered answered = {0};
    answered.status = eyot_exchange_take_body(exchange, body, body_len, &answered.reply.owned, &answered.error);
    if (answered.status == EYOT_REFUSED) {
        eyotgo_reply_read(&answered.reply, answered.reply.owned);
        eyotgo_error_drop(&answered.error);
    }
    eyot_exchange_path(exchange, &answered.path);
    return answered;
}

static inline eyotgo_answered eyotgo_misfit(const void *exchange, const uint8_t *why, size_t why_len) {
    eyotgo_answered answered = {0};
    answered.status = eyot_exchange_misfit(exchange, why, why_len, &answered.reply.owned, &answered.error);
    if (answered.status == EYOT_OK) eyotgo_reply_read(&answered.reply, answered.reply.owned);
    return answered;
}

static inline eyotgo_opened eyotgo_open(const void *exchange, const uint8_t *audience, size_t audience_len, uint64_t now) {
    eyotgo_opened opened = {0};
    opened.status = eyot_exchange_open(exchange, audience, audience_len, now, &opened.island, &opened.refusal.owned,
                                       &opened.error);
    if (opened.status == EYOT_REFUSED) {
        eyotgo_reply_read(&opened.refusal, opened.refusal.owned);
        eyotgo_error_drop(&opened.error);
    }
    eyotgo_opened_read(&opened);
    return opened;
}

// -- the way out through a station ------------------------------------------------------------------------------------

// What a step said. All of it belongs to the page.
typedef struct {
    eyot_status status;
    eyot_error *error;
    eyot_step step;
    eyot_slice coding;
    uint32_t code;
    bool has_body;
    const eyot_edit *edits;
    size_t edits_len;
    bool has_reply;
    eyotgo_reply reply;
    size_t shell_len;
    const eyot_slice *segments;
    size_t segments_len;
    const eyot_error *fault;
    const eyot_event *events;
    size_t events_len;
} eyotgo_step;

static inline void eyotgo_step_read(eyotgo_step *out, eyot_page *page) {
    const eyot_outcome *outcome = eyot_page_outcome(page);
    const eyot_shell *shell = eyot_page_shell(page);
    const eyot_reply *reply = eyot_page_reply(page);
    eyot_page_coding(page, &out->coding);
    if (outcome != NULL) {
        out->code = eyot_outcome_status(outcome);
        out->has_body = eyot_outcome_has_body(outcome);
        eyot_outcome_edits(outcome, &out->edits, &out->edits_len);
    }
    if (shell != NULL) {
        out->shell_len = eyot_shell_len(shell);
        eyot_shell_segments(shell, &out->segments, &out->segments_len);
    }
    out->has_reply = reply != NULL;
    if (reply != NULL) eyotgo_reply_read(&out->reply, reply);
    out->fault = eyot_page_fault(page);
    eyot_page_events(page, &out->events, &out->events_len);
}

// Through the outer station, or the inner one; `exchange` is NULL for the app's own requests, and `path` and `flags` are
// read for these alone, but for EYOT_PAGE_UNSPLIT.
static inline eyotgo_made eyotgo_page_new(const void *islands, const void *exchange, bool is_outer, const uint8_t *path,
                                          size_t path_len, uint32_t flags) {
    eyotgo_made made = {0};
    eyot_page *page = NULL;
    eyot_page_options options = EYOT_PAGE_OPTIONS_INIT;
    options.flags = flags;
    options.path = eyot_slice_of(path, path_len);
    made.status = exchange == NULL ? (is_outer ? eyot_page_new_outer : eyot_page_new)(islands, &options, &page, &made.error)
                  : is_outer       ? eyot_exchange_out(exchange, &page, &made.error)
                                   : eyot_exchange_page(exchange, (flags & EYOT_PAGE_UNSPLIT) == 0, &page, &made.error);
    made.object = page;
    return made;
}

// What a page is asked: what to do next, and where all of the body is there, what becomes of it; what becomes of a body that
// was decoded, or that cannot be; what there is to say of a stream that is cut.
enum { EYOTGO_STEP, EYOTGO_WHOLE, EYOTGO_UNDECODED, EYOTGO_CUT };

// Texts: the context's four, then names and values of headers.
static inline eyotgo_step eyotgo_page_ask(void *page, int what, uint32_t code, const uint8_t *bytes, const size_t *lens,
                                          size_t headers_len, eyotgo_moment moment, uint32_t size, uint64_t len,
                                          const uint8_t *body, size_t body_len) {
    eyotgo_texts texts = {bytes, lens};
    eyotgo_pairs headers;
    eyotgo_step step = {0};
    eyot_context context = eyotgo_context(&texts, moment);
    eyot_response response = EYOT_RESPONSE_INIT;
    response.status = code;
    response.headers = eyotgo_pairs_take(&headers, &texts, headers_len);
    response.headers_len = headers_len;
    response.body = eyot_slice_of(body, body_len);
    if (what == EYOTGO_STEP) {
        step.status = eyot_page_step(page, &response, size, len, &step.step, &step.error);
        bool is_known = step.status == EYOT_OK && step.step == EYOT_STEP_COLLECT;
        if (is_known && size == EYOT_SIZE_WHOLE) what = EYOTGO_WHOLE;
    }
    if (what == EYOTGO_WHOLE) step.status = eyot_page_whole(page, &response, &context, &step.step, &step.error);
    if (what == EYOTGO_UNDECODED) step.status = eyot_page_undecoded(page, &response, &step.step, &step.error);
    if (what == EYOTGO_CUT) eyot_page_note_cut(page);
    eyotgo_pairs_drop(&headers);
    eyotgo_step_read(&step, page);
    return step;
}

// The next chunk, or with `is_last` the end of the page. Texts: the context's four.
static inline eyotgo_step eyotgo_page_push(void *page, const uint8_t *chunk, size_t chunk_len, bool is_last,
                                           const uint8_t *bytes, const size_t *lens, eyotgo_moment moment) {
    eyotgo_texts texts = {bytes, lens};
    eyotgo_step step = {0};
    eyot_context context = eyotgo_context(&texts, moment);
    const eyot_slice *segments = NULL;
    size_t count = 0;
    step.status = is_last ? eyot_page_finish(page, &context, &step.step, &segments, &count, &step.error)
                          : eyot_page_push(page, chunk, chunk_len, &context, &step.step, &segments, &count, &step.error);
    eyotgo_step_read(&step, page);
    step.segments = segments;
    step.segments_len = count;
    return step;
}

// -- policies ---------------------------------------------------------------------------------------------------------

static inline eyotgo_made eyotgo_policy_new(uint32_t browser, uint32_t cdn, uint32_t swr, uint32_t sie, uint32_t flags) {
    eyot_policy_options options = EYOT_POLICY_OPTIONS_INIT;
    options.browser = browser;
    options.cdn = cdn;
    options.stale_while_revalidate = swr;
    options.stale_if_error = sie;
    options.flags = flags;
    eyotgo_made made = {0};
    eyot_policy *policy = NULL;
    made.status = eyot_policy_new(&options, &policy, &made.error);
    made.object = policy;
    return made;
}

// -- assets, and what only benchmarks and tests call ------------------------------------------------------------------

typedef struct {
    eyot_slice name;
    eyot_slice bytes;
    eyot_slice integrity;
} eyotgo_asset;

static inline eyotgo_asset eyotgo_asset_read(int which) {
    const eyot_asset *asset = which == 0 ? eyot_asset_loader() : which == 1 ? eyot_asset_loader_more() : eyot_asset_stylesheet();
    eyotgo_asset read = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT};
    eyot_asset_name(asset, &read.name);
    eyot_asset_bytes(asset, &read.bytes);
    eyot_asset_integrity(asset, &read.integrity);
    return read;
}

static inline void eyotgo_nothing(void) {}

static inline eyotgo_made eyotgo_panic_check(void) {
    eyotgo_made made = {0};
    made.status = eyot_panic_check(&made.error);
    return made;
}

#endif
