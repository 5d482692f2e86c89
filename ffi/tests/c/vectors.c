// The shared test vectors, as every language runs them. `vectors.h` is written from core/tests/vectors by the Rust test
// that compiles this file.
#include "host.h"
#include "vectors.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *title_of_current = "";

#define VECTOR(condition)                                                                               \
    do {                                                                                                \
        checks++;                                                                                       \
        if (!(condition)) {                                                                             \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, title_of_current, #condition);       \
            exit(1);                                                                                    \
        }                                                                                               \
    } while (0)

static int same(eyot_slice a, eyot_slice b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static int has_code(const eyot_error *error, eyot_slice code) {
    eyot_slice found = EYOT_SLICE_INIT;
    return eyot_error_code(error, &found) == EYOT_OK && same(found, code);
}

static eyot_keyring *ring(eyot_slice keys) {
    eyot_keyring *keyring = NULL;
    VECTOR(eyot_keyring_parse(keys.data, keys.len, &keyring, NULL) == EYOT_OK);
    return keyring;
}

// -- keys ---------------------------------------------------------------------------------------------------------------

static void key_vector(const struct key_vector *v) {
    eyot_keyring *keyring = NULL;
    eyot_error *error = NULL;
    if (v->kind == KEYS) eyot_keyring_parse(v->texts[0].data, v->texts[0].len, &keyring, &error);
    else if (v->kind == KEY_FILE) eyot_keyring_parse_file(v->texts[0].data, v->texts[0].len, &keyring, &error);
    else eyot_keyring_derive(v->texts, v->texts_len, &keyring, &error);
    if (v->error.len > 0) {
        VECTOR(keyring == NULL && has_code(error, v->error));
        eyot_error_free(error);
        return;
    }
    VECTOR(error == NULL && eyot_keyring_len(keyring) == v->ids_len);
    for (size_t i = 0; i < v->ids_len; i++) {
        uint32_t id = 0;
        VECTOR(eyot_keyring_id(keyring, i, &id) == EYOT_OK && id == v->ids[i]);
    }
    eyot_keyring_free(keyring);
}

// -- tokens -------------------------------------------------------------------------------------------------------------

static void parts_are(const eyot_opened *island, eyot_slice props, eyot_slice slots, eyot_slice page, uint32_t expires) {
    eyot_slice found = EYOT_SLICE_INIT;
    VECTOR(eyot_opened_props(island, &found) == EYOT_OK && same(found, props));
    VECTOR(eyot_opened_slots(island, &found) == EYOT_OK && same(found, slots));
    VECTOR(eyot_opened_page(island, &found) == EYOT_OK && same(found, page));
    VECTOR(eyot_opened_expires(island) == expires);
}

static eyot_token token_of(eyot_slice island, eyot_slice audience, eyot_slice bytes, uint64_t now) {
    eyot_token token = EYOT_TOKEN_INIT;
    token.now = now;
    token.island = island;
    token.audience = audience;
    token.bytes = bytes;
    return token;
}

static void token_vector(const struct token_vector *v) {
    eyot_keyring *sealing = ring(v->sealing_keys), *opening = ring(v->keys);
    eyot_payload payload = EYOT_PAYLOAD_INIT;
    payload.island = v->island;
    payload.audience = v->audience;
    payload.props = v->props;
    payload.slots = v->slots;
    payload.page = v->page;
    payload.nonce = v->nonce;
    payload.expires = v->expires;
    eyot_buffer token = EYOT_BUFFER_INIT;
    VECTOR(eyot_keyring_seal(sealing, &payload, &token, NULL) == EYOT_OK && same(view(&token), v->token));
    eyot_opened *island = NULL;
    eyot_token given = token_of(v->island, v->audience, v->token, v->now);
    VECTOR(eyot_keyring_open(opening, &given, &island, NULL) == EYOT_OK);
    parts_are(island, v->props, v->slots, v->page, v->expires);
    eyot_opened_free(island);
    eyot_buffer_free(&token);
    eyot_keyring_free(sealing);
    eyot_keyring_free(opening);
}

static void refused_vector(const struct refused_vector *v) {
    eyot_keyring *keyring = ring(v->keys);
    eyot_opened *island = NULL;
    eyot_error *error = NULL;
    eyot_token given = token_of(v->island, v->audience, v->token, v->now);
    eyot_status status = eyot_keyring_open(keyring, &given, &island, &error);
    VECTOR(status == (v->is_stale ? EYOT_TOKEN_STALE : EYOT_TOKEN_BAD) && has_code(error, v->code) && !island);
    eyot_error_free(error);
    eyot_keyring_free(keyring);
}

// -- pages --------------------------------------------------------------------------------------------------------------

static eyot_islands *configured(const struct split_vector *v) {
    eyot_keyring *keyring = ring(v->keys);
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = v->declared;
    options.islands_len = v->declared_len;
    options.options = v->options;
    options.options_len = v->options_len;
    eyot_islands *islands = NULL;
    VECTOR(eyot_islands_new(keyring, &options, &islands, NULL) == EYOT_OK);
    eyot_keyring_free(keyring);
    return islands;
}

static eyot_context context_of(const struct split_vector *v) {
    eyot_context context = EYOT_CONTEXT_INIT;
    context.now = v->now;
    context.mount = v->mount;
    context.page_path = v->page_path;
    context.page_lang = v->page_lang;
    return context;
}

static void codes_are(const eyot_report *report, const eyot_slice *codes, size_t count) {
    VECTOR(eyot_report_len(report) == count);
    for (size_t i = 0; i < count; i++) {
        eyot_finding finding;
        VECTOR(eyot_report_get(report, i, &finding) == EYOT_OK && same(finding.code, codes[i]));
    }
}

static void shell_is(const struct split_vector *v, const eyot_shell *shell) {
    eyot_buffer joined = EYOT_BUFFER_INIT;
    VECTOR(eyot_shell_join(shell, &joined, NULL) == EYOT_OK && same(view(&joined), v->shell));
    eyot_buffer_free(&joined);
    VECTOR(eyot_shell_island_count(shell) == v->names_len);
    for (size_t i = 0; i < v->names_len; i++) {
        eyot_slice name = EYOT_SLICE_INIT;
        VECTOR(eyot_shell_island_name(shell, i, &name) == EYOT_OK && same(name, v->names[i]));
    }
    codes_are(eyot_shell_diagnostics(shell), v->diagnostics, v->diagnostics_len);
}

static void in_chunks(const struct split_vector *v, const eyot_islands *islands, size_t size) {
    eyot_context context = context_of(v);
    context.flags = EYOT_CONTEXT_LENIENT;
    eyot_splitter *splitter = NULL;
    const eyot_slice *segments = NULL;
    size_t count = 0, used = 0;
    VECTOR(eyot_splitter_new(islands, &context, &splitter, NULL) == EYOT_OK);
    for (size_t at = 0; at <= v->html.len; at += size) {
        size_t length = v->html.len - at < size ? v->html.len - at : size;
        VECTOR(eyot_splitter_push(splitter, v->html.data + at, length, &segments, &count, NULL) == EYOT_OK);
        for (size_t i = 0; i < count; used += segments[i++].len) {
            VECTOR(used + segments[i].len <= v->shell.len);
            VECTOR(memcmp(v->shell.data + used, segments[i].data, segments[i].len) == 0);
        }
    }
    VECTOR(eyot_splitter_finish(splitter, &segments, &count, NULL) == EYOT_OK);
    for (size_t i = 0; i < count; used += segments[i++].len) {
        VECTOR(used + segments[i].len <= v->shell.len);
        VECTOR(memcmp(v->shell.data + used, segments[i].data, segments[i].len) == 0);
    }
    VECTOR(used == v->shell.len);
    codes_are(eyot_splitter_diagnostics(splitter), v->diagnostics, v->diagnostics_len);
    eyot_splitter_free(splitter);
}

static void split_vector(const struct split_vector *v) {
    eyot_islands *islands = configured(v);
    eyot_context context = context_of(v);
    eyot_shell *shell = NULL;
    eyot_error *error = NULL;
    eyot_status status =
        eyot_islands_split(islands, v->html.data, v->html.len, &context, &shell, &error);
    if (v->error.len > 0) {
        VECTOR(status == EYOT_MARKUP && shell == NULL && has_code(error, v->error));
        VECTOR(eyot_error_line(error) == v->line && eyot_error_column(error) == v->column);
        eyot_error_free(error);
    } else {
        VECTOR(status == EYOT_OK);
        shell_is(v, shell);
        eyot_shell_free(shell);
    }
    context.flags = EYOT_CONTEXT_LENIENT;
    VECTOR(eyot_islands_split(islands, v->html.data, v->html.len, &context, &shell, NULL) == EYOT_OK);
    shell_is(v, shell);
    codes_are(eyot_shell_problems(shell), &v->error, v->error.len > 0);
    eyot_shell_free(shell);
    // The loader's tags stand elsewhere in a page that comes in chunks.
    for (size_t size = 1; size < 20 && v->is_bare; size += 3) in_chunks(v, islands, size);
    eyot_islands_free(islands);
}

// -- exchanges ------------------------------------------------------------------------------------------------------------

static eyot_islands *exchanging(bool debug) {
    eyot_keyring *keyring = ring(EXCHANGES_KEYS);
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = exchanges_declared;
    options.islands_len = COUNT(exchanges_declared);
    const eyot_pair set[] = {
        {EYOT_LITERAL("loader"), EYOT_LITERAL("false")}, {EYOT_LITERAL("debug"), slice(debug ? "true" : "false")},
    };
    options.options = set;
    options.options_len = COUNT(set);
    eyot_islands *islands = NULL;
    VECTOR(eyot_islands_new(keyring, &options, &islands, NULL) == EYOT_OK);
    eyot_keyring_free(keyring);
    return islands;
}

// `island:Cart` is the URL of that island, `wrong:Cart` the same with another one's token.
static eyot_slice target_of(const struct exchange_vector *v, const eyot_islands *islands) {
    eyot_placeholder island = EYOT_PLACEHOLDER_INIT;
    eyot_context context = at_now();
    eyot_buffer url = EYOT_BUFFER_INIT;
    eyot_slice parts[] = {EYOT_LITERAL("/_server-islands/"), v->island, EYOT_LITERAL("/"), EYOT_SLICE_INIT};
    if (v->island.len == 0) return v->target;
    island.name = v->is_wrong ? slice("Avatar") : v->island;
    VECTOR(eyot_islands_url(islands, &island, &context, &url, NULL) == EYOT_OK);
    size_t before = parts[0].len + island.name.len + 1;
    parts[3] = eyot_slice_of(url.data + before, url.len - before);
    eyot_slice target = kept(parts, 4);
    eyot_buffer_free(&url);
    return target;
}

static eyot_policy *policy_of(const struct exchange_vector *v) {
    eyot_policy_options options = EYOT_POLICY_OPTIONS_INIT;
    eyot_policy *policy = NULL;
    options.cdn = v->cdn;
    options.flags = v->streams ? EYOT_POLICY_STREAM : 0;
    if (v->has_policy) VECTOR(eyot_policy_new(&options, &policy, NULL) == EYOT_OK);
    return policy;
}

static void app_sees(const struct exchange_vector *v, const eyot_exchange *exchange) {
    eyot_slice seen = EYOT_SLICE_INIT;
    VECTOR(!v->looks_hidden || eyot_exchange_hidden_count(exchange) == v->hidden_len);
    for (size_t i = 0; i < v->hidden_len; i++) {
        VECTOR(eyot_exchange_hidden_header(exchange, i, &seen) == EYOT_OK && same(seen, v->hidden[i]));
    }
    VECTOR(eyot_exchange_has_query(exchange) == v->has_query);
    VECTOR(eyot_exchange_query(exchange, &seen) == EYOT_OK && same(seen, v->query));
}

// Puts the request's target where a header says so, and what a layer adds into the place of what was there.
static void with_headers(struct answer *answer, eyot_pair *room, const eyot_pair *added, size_t count, eyot_slice target) {
    static const char mark[] = "{target}";
    size_t len = 0;
    for (size_t i = 0; i < answer->count; i++) {
        eyot_pair pair = answer->headers[i];
        eyot_slice value = pair.value, parts[2] = {{value.data, value.len - (sizeof mark - 1)}, target};
        if (value.len >= sizeof mark - 1 && memcmp(value.data + parts[0].len, mark, sizeof mark - 1) == 0) {
            pair.value = kept(parts, 2);
        }
        if (!found_in(added, count, pair.name)) room[len++] = pair;
    }
    for (size_t i = 0; i < count; i++) room[len++] = added[i];
    answer->headers = room;
    answer->count = len;
}

// What the app, its handler, or a layer in its place answers, as it comes to the outer station.
static struct answer came(const struct exchange_vector *v, const eyot_exchange *exchange, eyot_page *inner, eyot_slice target,
                          eyot_pair *room, eyot_reply **reply) {
    struct answer answer = v->answer;
    eyot_opened *island = NULL;
    with_headers(&answer, room, NULL, 0, target);
    if (v->from == BETWEEN) return answer;
    if (v->from == MISFIT) {
        VECTOR(eyot_exchange_misfit(exchange, v->misfit.data, v->misfit.len, reply, NULL) == EYOT_OK);
        replied(&answer, *reply);
        return answer;
    }
    if (eyot_exchange_arrival(exchange) == EYOT_ARRIVAL_ISLAND &&
        eyot_exchange_open(exchange, NULL, 0, NOW, &island, reply, NULL) != EYOT_OK) {
        replied(&answer, *reply);
    } else {
        through(inner, &answer, 0);
    }
    eyot_opened_free(island);
    with_headers(&answer, room + 32, v->adds, v->adds_len, target);
    return answer;
}

static size_t told(const struct exchange_vector *v, eyot_slice code) {
    for (size_t i = 0; i < v->events_len; i++) {
        if (same(v->events[i], code)) return (size_t)1 << i;
    }
    VECTOR(!"an event that is not expected");
    return 0;
}

static size_t told_by(const struct exchange_vector *v, eyot_page *page) {
    const eyot_event *events = NULL;
    size_t count = 0, found = 0;
    if (page) VECTOR(eyot_page_events(page, &events, &count) == EYOT_OK);
    for (size_t i = 0; i < count; i++) found |= told(v, events[i].code);
    return found;
}

// A page in which each URL of an island is written as an ellipsis.
static eyot_slice without_tokens(eyot_slice html) {
    static const char begin[] = "\"/_server-islands/";
    eyot_slice parts[32], ellipsis = EYOT_LITERAL("\"…\"");
    size_t count = 0, from = 0;
    for (size_t at = 0; at + sizeof begin <= html.len; at++) {
        if (memcmp(html.data + at, begin, sizeof begin - 1) != 0) continue;
        parts[count++] = eyot_slice_of(html.data + from, at - from);
        parts[count++] = ellipsis;
        for (at++; html.data[at] != '"';) at++;
        from = at + 1;
    }
    parts[count++] = eyot_slice_of(html.data + from, html.len - from);
    return kept(parts, count);
}

static void leaves(const struct exchange_vector *v, const struct answer *left) {
    VECTOR(left->status == v->status && left->is_cut == v->is_cut);
    VECTOR(!found_in(left->headers, left->count, slice("Eyot-Split")));
    for (size_t i = 0; i < v->wanted_len; i++) {
        const eyot_slice *found = found_in(left->headers, left->count, v->wanted[i].name);
        VECTOR(found && same(*found, v->wanted[i].value));
    }
    for (size_t i = 0; i < v->missing_len; i++) VECTOR(!found_in(left->headers, left->count, v->missing[i]));
    if (v->has_body) VECTOR(same(without_tokens(body_of(left)), v->body));
}

static void ways_of(const struct exchange_vector *v, const eyot_islands *islands, const eyot_exchange *exchange,
                    eyot_slice target, eyot_page *ways[2]) {
    eyot_page_options options = EYOT_PAGE_OPTIONS_INIT;
    options.path = target;
    options.flags = EYOT_PAGE_MARK;
    if (eyot_exchange_arrival(exchange) == EYOT_ARRIVAL_APP) {
        VECTOR(eyot_page_new(islands, &options, &ways[0], NULL) == EYOT_OK);
        VECTOR(eyot_page_new_outer(islands, &options, &ways[1], NULL) == EYOT_OK);
    } else {
        VECTOR(eyot_exchange_page(exchange, v->splits, &ways[0], NULL) == EYOT_OK);
        VECTOR(eyot_exchange_out(exchange, &ways[1], NULL) == EYOT_OK);
        app_sees(v, exchange);
    }
}

static void exchange_vector(const struct exchange_vector *v) {
    eyot_islands *islands = exchanging(v->debug);
    eyot_policy *policy = policy_of(v);
    eyot_slice target = target_of(v, islands), visitor = v->visitor;
    eyot_head head = EYOT_HEAD_INIT;
    head.method = v->method;
    head.target = target;
    head.headers = v->headers;
    head.headers_len = v->headers_len;
    eyot_exchange *exchange = NULL;
    VECTOR(eyot_islands_arrive(islands, &head, policy, visitor.data, visitor.len, &exchange, NULL) == EYOT_OK);
    VECTOR(eyot_exchange_arrival(exchange) == v->arrives);
    if (v->is_shared) VECTOR(eyot_exchange_share(exchange, v->shared) == EYOT_OK);

    eyot_page *ways[2] = {NULL, NULL};
    eyot_reply *reply = NULL;
    eyot_pair room[64];
    struct answer left = v->answer;
    if (v->arrives == EYOT_ARRIVAL_REPLY) {
        replied(&left, eyot_exchange_reply(exchange));
    } else {
        ways_of(v, islands, exchange, target, ways);
        left = came(v, exchange, ways[0], target, room, &reply);
        through(ways[1], &left, EYOT_CONTEXT_NO_SEALS);
    }
    leaves(v, &left);
    const eyot_event *event = eyot_exchange_event(exchange);
    size_t found = told_by(v, ways[0]) | told_by(v, ways[1]) | (event ? told(v, event->code) : 0);
    VECTOR(found == ((size_t)1 << v->events_len) - 1);
    eyot_page_free(ways[0]);
    eyot_page_free(ways[1]);
    eyot_reply_free(reply);
    eyot_exchange_free(exchange);
    eyot_policy_free(policy);
    eyot_islands_free(islands);
}

// -- requests -----------------------------------------------------------------------------------------------------------

// The reply, and the line for the log.
static void reply_is(const struct request_vector *v, const eyot_reply *reply, const eyot_event *event) {
    const eyot_pair *headers = NULL;
    size_t count = 0;
    VECTOR(eyot_reply_status(reply) == v->status && eyot_reply_headers(reply, &headers, &count) == EYOT_OK);
    for (size_t i = 0; i < v->wanted_len; i++) {
        int found = 0;
        for (size_t j = 0; j < count; j++) {
            found |= same(headers[j].name, v->wanted[i].name) && same(headers[j].value, v->wanted[i].value);
        }
        VECTOR(found);
    }
    VECTOR((event != NULL) == (v->reason.len > 0));
    if (event) VECTOR(same(event->code, v->reason) && event->status == v->status);
}

// What the inner station has refused leaves through the outer one, which logs it.
static void refused_outside(const struct request_vector *v, const eyot_exchange *exchange) {
    eyot_page *out = NULL;
    eyot_response response = EYOT_RESPONSE_INIT;
    eyot_step step = EYOT_STEP_CUT;
    const eyot_event *events = NULL;
    size_t count = 0;
    response.status = 200;
    VECTOR(eyot_exchange_out(exchange, &out, NULL) == EYOT_OK);
    VECTOR(eyot_page_step(out, &response, EYOT_SIZE_WHOLE, 0, &step, NULL) == EYOT_OK && step == EYOT_STEP_REPLY);
    VECTOR(eyot_page_events(out, &events, &count) == EYOT_OK && count == 1);
    reply_is(v, eyot_page_reply(out), events);
    eyot_page_free(out);
}

static void opened(const struct request_vector *v, const eyot_exchange *exchange) {
    size_t len = v->body.len * v->body_times;
    uint8_t *body = malloc(len + 1);
    for (size_t i = 0; i < v->body_times && v->body.len > 0; i++) memcpy(body + i * v->body.len, v->body.data, v->body.len);
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    eyot_status status = eyot_exchange_take_body(exchange, body, len, &refusal, NULL);
    if (status == EYOT_REFUSED) {
        VECTOR(v->kind == REFUSAL);
        reply_is(v, refusal, eyot_reply_event(refusal));
    } else {
        VECTOR(status == EYOT_OK);
        eyot_slice audience = v->audience, name = EYOT_SLICE_INIT;
        status = eyot_exchange_open(exchange, audience.data, audience.len, REQUESTS_NOW, &island, &refusal, NULL);
        VECTOR(status == (v->kind == ISLAND ? EYOT_OK : EYOT_REFUSED) && (v->kind == ISLAND || v->kind == REFUSAL));
        if (v->kind == REFUSAL) refused_outside(v, exchange);
        else VECTOR(eyot_opened_name(island, &name) == EYOT_OK && same(name, v->island));
        if (v->kind == ISLAND) parts_are(island, v->props, v->slots, v->page, v->expires);
    }
    eyot_opened_free(island);
    eyot_reply_free(refusal);
    free(body);
}

static void request_vector(const struct request_vector *v) {
    eyot_keyring *keyring = ring(REQUESTS_KEYS);
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = requests_declared;
    options.islands_len = COUNT(requests_declared);
    options.options = v->options;
    options.options_len = v->options_len;
    eyot_islands *islands = NULL;
    VECTOR(eyot_islands_new(keyring, &options, &islands, NULL) == EYOT_OK);
    eyot_keyring_free(keyring);
    eyot_head head = EYOT_HEAD_INIT;
    head.method = v->method;
    head.target = v->target;
    head.mount = v->mount;
    head.headers = v->headers;
    head.headers_len = v->headers_len;
    eyot_exchange *exchange = NULL;
    VECTOR(eyot_islands_arrive(islands, &head, NULL, NULL, 0, &exchange, NULL) == EYOT_OK);
    switch (eyot_exchange_arrival(exchange)) {
    case EYOT_ARRIVAL_APP: VECTOR(v->kind == APP && exchange == NULL); break;
    case EYOT_ARRIVAL_REPLY:
        VECTOR(v->kind == FILE_OR_PREFLIGHT || v->kind == REFUSAL);
        reply_is(v, eyot_exchange_reply(exchange), eyot_exchange_event(exchange));
        break;
    case EYOT_ARRIVAL_ISLAND: opened(v, exchange); break;
    case EYOT_ARRIVAL_PAGE: VECTOR(!"there is no policy");
    }
    eyot_exchange_free(exchange);
    eyot_islands_free(islands);
}

#define RUN(function, vectors)                                                                          \
    for (size_t i = 0; i < COUNT(vectors); i++) {                                                       \
        title_of_current = vectors[i].title;                                                            \
        function(&vectors[i]);                                                                          \
    }

int main(void) {
    RUN(key_vector, key_vectors)
    RUN(token_vector, token_vectors)
    RUN(refused_vector, refused_vectors)
    RUN(split_vector, split_vectors)
    RUN(exchange_vector, exchange_vectors)
    RUN(request_vector, request_vectors)
    printf("%zu vectors\n", COUNT(key_vectors) + COUNT(token_vectors) + COUNT(refused_vectors) + COUNT(split_vectors) +
                                COUNT(exchange_vectors) + COUNT(request_vectors));
    return done("vectors");
}
