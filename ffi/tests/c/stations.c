// The two stations: what a request is on its way in, what its exchange says, and what becomes of its answer on the way out.
#include "host.h"

// An island's or a page's exchange. It needs no islands, no policy and no head.
static eyot_exchange *island_of(const char *name, bool debug) {
    eyot_islands *islands = islands_of(debug);
    char *target = island_target(islands, name);
    eyot_head head = head_of("GET", target);
    eyot_exchange *exchange = arrived(islands, &head, NULL);
    free(target);
    eyot_islands_free(islands);
    CHECK(eyot_exchange_arrival(exchange) == EYOT_ARRIVAL_ISLAND);
    return exchange;
}

static eyot_policy *policy_of(uint32_t flags) {
    eyot_policy_options options = EYOT_POLICY_OPTIONS_INIT;
    options.cdn = 600;
    options.flags = flags;
    eyot_policy *policy = NULL;
    OK(eyot_policy_new(&options, &policy, &error));
    return policy;
}

static eyot_exchange *page_of(const char *method, const char *target, bool debug) {
    eyot_islands *islands = islands_of(debug);
    eyot_policy *policy = policy_of(0);
    eyot_head head = head_of(method, target);
    eyot_exchange *exchange = arrived(islands, &head, policy);
    eyot_policy_free(policy);
    eyot_islands_free(islands);
    CHECK(eyot_exchange_arrival(exchange) == EYOT_ARRIVAL_PAGE);
    return exchange;
}

static void opens(const eyot_exchange *exchange) {
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    OK(eyot_exchange_open(exchange, NULL, 0, NOW, &island, &refusal, &error));
    CHECK(refusal == NULL && island != NULL);
    eyot_opened_free(island);
}

// -- the ways out ----------------------------------------------------------------------------------------------------------

static const eyot_pair HTML[] = {{EYOT_LITERAL("Content-Type"), EYOT_LITERAL("text/html")}};

static struct answer html(uint32_t status, const char *body) {
    return answered(status, HTML, 1, body);
}

static eyot_slice sent(const struct answer *answer, const char *name) {
    return header(answer->headers, answer->count, name);
}

// Both ways out of an exchange; the inner one is left out if a layer between answers.
struct ways {
    eyot_page *inner, *outer;
};

static struct answer leaves(const eyot_exchange *exchange, struct answer answer, struct ways *ways) {
    OK(eyot_exchange_page(exchange, true, &ways->inner, &error));
    through(ways->inner, &answer, 0);
    CHECK(sent(&answer, "Eyot-Split").len > 0 || answer.status >= 500);
    OK(eyot_exchange_out(exchange, &ways->outer, &error));
    through(ways->outer, &answer, 0);
    CHECK(sent(&answer, "Eyot-Split").len == 0);
    return answer;
}

static struct answer leaves_from_between(const eyot_exchange *exchange, struct answer answer, struct ways *ways) {
    ways->inner = NULL;
    OK(eyot_exchange_out(exchange, &ways->outer, &error));
    through(ways->outer, &answer, 0);
    return answer;
}

static void tells(eyot_page *page, const char *code, uint32_t status, const char *island) {
    const eyot_event *events = NULL;
    size_t count = 0;
    CHECK(eyot_page_events(page, &events, &count) == EYOT_OK && count == 1);
    CHECK(is(events->code, code) && events->status == status && is(events->island, island));
    CHECK(events->message.len > 0 && events->path.len > 0 && events->path.len < 30);
}

static void is_silent(eyot_page *page) {
    const eyot_event *events = NULL;
    size_t count = 0;
    CHECK(eyot_page_events(page, &events, &count) == EYOT_OK && count == 0);
}

static void done_with(eyot_exchange *exchange, struct ways *ways) {
    eyot_exchange_free(exchange);
    eyot_page_free(ways->inner);
    eyot_page_free(ways->outer);
}

// -- the way in ----------------------------------------------------------------------------------------------------------

static void the_apps_own_requests_are_no_exchanges(void) {
    eyot_islands *islands = test_islands();
    eyot_head head = head_of("GET", "/p/1");
    eyot_exchange *exchange = arrived(islands, &head, NULL);
    CHECK(exchange == NULL && eyot_exchange_arrival(exchange) == EYOT_ARRIVAL_APP);
    CHECK(eyot_exchange_reply(NULL) == NULL && eyot_exchange_event(NULL) == NULL && eyot_exchange_number(NULL) == 0);
    CHECK(eyot_exchange_hidden_count(NULL) == 0 && eyot_exchange_body_limit(NULL) == 0);
    CHECK(!eyot_exchange_has_query(NULL) && eyot_reply_event(NULL) == NULL);
    eyot_islands_free(islands);
}

static void a_file_is_answered_without_the_host(void) {
    eyot_islands *islands = test_islands();
    eyot_head head = head_of("GET", "/_server-islands/loader.v1.js");
    eyot_exchange *exchange = arrived(islands, &head, NULL);
    CHECK(eyot_exchange_arrival(exchange) == EYOT_ARRIVAL_REPLY && eyot_exchange_event(exchange) == NULL);
    const eyot_reply *reply = eyot_exchange_reply(exchange);
    const eyot_pair *headers = NULL;
    size_t count = 0;
    eyot_slice body = EYOT_SLICE_INIT, file = EYOT_SLICE_INIT;
    CHECK(eyot_reply_status(reply) == 200 && eyot_reply_event(reply) == NULL);
    CHECK(eyot_reply_headers(reply, &headers, &count) == EYOT_OK);
    CHECK(is(header(headers, count, "Content-Type"), "text/javascript; charset=utf-8"));
    CHECK(eyot_reply_body(reply, &body) == EYOT_OK && eyot_asset_bytes(eyot_asset_loader(), &file) == EYOT_OK);
    CHECK(body.len == file.len && memcmp(body.data, file.data, body.len) == 0);
    eyot_exchange_free(exchange);
    eyot_islands_free(islands);
}

static void an_island_is_opened_for_its_handler(void) {
    eyot_exchange *exchange = island_of("Avatar", false);
    CHECK(eyot_exchange_reply(exchange) == NULL && eyot_exchange_event(exchange) == NULL);
    CHECK(eyot_exchange_number(exchange) == AVATAR && eyot_exchange_body_limit(exchange) == 0);
    eyot_slice text = EYOT_SLICE_INIT;
    CHECK(eyot_exchange_name(exchange, &text) == EYOT_OK && is(text, "Avatar"));
    CHECK(eyot_exchange_method(exchange, &text) == EYOT_OK && is(text, "GET"));
    CHECK(eyot_exchange_path(exchange, &text) == EYOT_OK && text.len == 0);
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    OK(eyot_exchange_open(exchange, NULL, 0, NOW, &island, &refusal, &error));
    eyot_exchange_free(exchange);
    CHECK(refusal == NULL && eyot_opened_number(island) == AVATAR);
    CHECK(eyot_opened_props(island, &text) == EYOT_OK && is(text, "{\"size\":40}"));
    eyot_opened_free(island);
}

static void a_posted_token_is_the_get_that_it_stands_for(void) {
    eyot_islands *islands = test_islands();
    const eyot_pair headers[] = {{EYOT_LITERAL("content-type"), EYOT_LITERAL("application/vnd.eyot.token")}};
    eyot_head head = head_of("POST", "/shop/_server-islands/Cart");
    head.mount = slice("/shop");
    head.headers = headers;
    head.headers_len = 1;
    eyot_exchange *exchange = arrived(islands, &head, NULL);
    CHECK(eyot_exchange_body_limit(exchange) == 65536);

    static uint8_t large[65537];
    eyot_reply *refusal = NULL;
    eyot_error *why = NULL;
    CHECK(eyot_exchange_take_body(exchange, large, sizeof large, &refusal, &why) == EYOT_REFUSED);
    const eyot_event *event = eyot_reply_event(refusal);
    CHECK(eyot_reply_status(refusal) == 413 && event->status == 413 && is(event->island, "Cart"));
    CHECK(event->level == EYOT_LEVEL_INFO && is(event->path, "/shop/_server-islands/Cart"));
    eyot_slice text = EYOT_SLICE_INIT;
    CHECK(eyot_error_code(why, &text) == EYOT_OK && text.len == event->code.len);
    eyot_error_free(why);
    eyot_reply_free(refusal);

    char *target = island_target(islands, "Cart");
    char *token = strrchr(target, '/') + 1, path[400];
    snprintf(path, sizeof path, "/shop%s", target);
    // The second body changes nothing.
    for (int times = 0; times < 2; times++) {
        OK(eyot_exchange_take_body(exchange, token, strlen(token), &refusal, &error));
        CHECK(eyot_exchange_path(exchange, &text) == EYOT_OK && is(text, path));
        CHECK(eyot_exchange_method(exchange, &text) == EYOT_OK && is(text, "GET"));
    }
    opens(exchange);
    eyot_exchange_free(exchange);
    free(target);
    eyot_islands_free(islands);
}

static void what_a_proxy_says_of_the_mount_point_is_refused_with_a_line_for_the_log(void) {
    eyot_islands *islands = islands_of(true);
    eyot_head head = head_of("GET", "/_server-islands/Cart/TOKEN?secret");
    head.mount = slice("//evil.test");
    eyot_exchange *exchange = arrived(islands, &head, NULL);
    const eyot_event *event = eyot_exchange_event(exchange);
    CHECK(eyot_reply_status(eyot_exchange_reply(exchange)) == 400 && event->status == 400);
    CHECK(event->level == EYOT_LEVEL_WARNING && is(event->path, "/_server-islands/Cart"));
    CHECK(!contains(event->message, "TOKEN") && !contains(event->message, "secret"));
    eyot_exchange_free(exchange);
    eyot_islands_free(islands);
}

static void a_head_that_is_none_is_refused(void) {
    eyot_islands *islands = test_islands();
    eyot_exchange *exchange = NULL;
    eyot_head head = head_of("G\xffT", "/");
    FAILS(EYOT_UTF8, "utf8", eyot_islands_arrive(islands, &head, NULL, NULL, 0, &exchange, &error));
    head = head_of("GET", "/");
    head.headers_len = 1;
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_arrive(islands, &head, NULL, NULL, 0, &exchange, &error));
    head.headers_len = 0;
    head.reserved = 1;
    FAILS(EYOT_ARGUMENT, "argument", eyot_islands_arrive(islands, &head, NULL, NULL, 0, &exchange, &error));
    head.reserved = 0;
    head.size = 0;
    FAILS(EYOT_STRUCT_SIZE, "struct-size", eyot_islands_arrive(islands, &head, NULL, NULL, 0, &exchange, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_arrive(islands, NULL, NULL, NULL, 0, &exchange, &error));
    head = head_of("GET", "/");
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_arrive(NULL, &head, NULL, NULL, 0, &exchange, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_arrive(islands, &head, NULL, NULL, 0, NULL, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_arrive(islands, &head, NULL, NULL, 1, &exchange, &error));
    FAILS(EYOT_UTF8, "utf8", eyot_islands_arrive(islands, &head, NULL, TEXT("\xff"), &exchange, &error));
    CHECK(exchange == NULL);
    // A target in any bytes is a target.
    head = head_of("GET", "/_server-islands/\xff\xfe");
    exchange = arrived(islands, &head, NULL);
    CHECK(eyot_reply_status(eyot_exchange_reply(exchange)) == 404 && eyot_exchange_event(exchange)->status == 404);
    eyot_exchange_free(exchange);
    eyot_islands_free(islands);
}

// -- refusals ------------------------------------------------------------------------------------------------------------

static void a_token_that_does_not_open_is_refused_inside_and_logged_outside(void) {
    eyot_islands *islands = test_islands();
    eyot_head head = head_of("GET", "/_server-islands/Cart/AAAA");
    eyot_exchange *exchange = arrived(islands, &head, NULL);
    eyot_islands_free(islands);
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    eyot_error *why = NULL;
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_exchange_open(exchange, NULL, 0, NOW, NULL, &refusal, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_exchange_open(exchange, NULL, 0, NOW, &island, NULL, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_exchange_open(exchange, NULL, 1, NOW, &island, &refusal, &error));
    FAILS(EYOT_UTF8, "utf8", eyot_exchange_open(exchange, TEXT("\xff"), NOW, &island, &refusal, &error));
    CHECK(eyot_exchange_open(exchange, NULL, 0, NOW, &island, &refusal, &why) == EYOT_REFUSED);
    eyot_slice code = EYOT_SLICE_INIT;
    CHECK(eyot_reply_status(refusal) == 400 && island == NULL && eyot_error_status(why) == EYOT_REFUSED);
    CHECK(eyot_error_code(why, &code) == EYOT_OK && is(code, "token-length"));
    eyot_error_free(why);
    eyot_reply_free(refusal);
    // Whatever a layer makes of it.
    struct ways ways;
    struct answer left = leaves_from_between(exchange, html(200, "<p>an error page"), &ways);
    CHECK(left.status == 400 && is(sent(&left, "Cache-Control"), "no-store"));
    tells(ways.outer, "token-length", 400, "Cart");
    done_with(exchange, &ways);
}

static void props_that_do_not_fit_are_those_of_another_version(void) {
    eyot_exchange *exchange = island_of("Cart", false);
    opens(exchange);
    eyot_reply *reply = NULL;
    OK(eyot_exchange_misfit(exchange, TEXT("size: not a text"), &reply, &error));
    CHECK(eyot_reply_status(reply) == 410);
    eyot_reply_free(reply);
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_exchange_misfit(exchange, TEXT("x"), NULL, &error));
    FAILS(EYOT_UTF8, "utf8", eyot_exchange_misfit(exchange, TEXT("\xff"), &reply, &error));
    struct ways ways;
    struct answer left = leaves_from_between(exchange, html(200, ""), &ways);
    const eyot_event *events = NULL;
    size_t count = 0;
    CHECK(left.status == 410 && eyot_page_events(ways.outer, &events, &count) == EYOT_OK && count == 1);
    CHECK(contains(events->message, "size: not a text") && events->status == 410);
    done_with(exchange, &ways);
}

// -- an island's answer --------------------------------------------------------------------------------------------------

static void an_answer_gets_the_headers_of_an_island(void) {
    eyot_exchange *exchange = island_of("Avatar", false);
    opens(exchange);
    const eyot_pair own[] = {HTML[0], {EYOT_LITERAL("Set-Cookie"), EYOT_LITERAL("a=b")},
                             {EYOT_LITERAL("cache-control"), EYOT_LITERAL("public")}};
    struct answer answer = answered(200, own, 3, "<b>Ann</b>");
    struct ways ways;
    struct answer left = leaves(exchange, answer, &ways);
    CHECK(left.status == 200 && is(body_of(&left), "<b>Ann</b>") && is(sent(&left, "Island"), "Avatar"));
    CHECK(is(sent(&left, "Cache-Control"), "private, no-store") && is(sent(&left, "Set-Cookie"), "a=b"));
    CHECK(sent(&left, "cache-control").len == 0 && !eyot_outcome_is_shell(eyot_page_outcome(ways.outer)));
    is_silent(ways.outer);
    done_with(exchange, &ways);
}

static void what_another_layer_answers_is_no_island(void) {
    eyot_exchange *exchange = island_of("Avatar", false);
    struct ways ways;
    struct answer left = leaves_from_between(exchange, html(429, "<Cart server:defer></Cart>"), &ways);
    CHECK(left.status == 429 && contains(body_of(&left), "island-src") && sent(&left, "Island").len == 0);
    CHECK(contains(sent(&left, "Cache-Control"), "no-store"));
    tells(ways.outer, "not-seen-inside", 0, "");
    done_with(exchange, &ways);

    exchange = island_of("Avatar", false);
    left = leaves_from_between(exchange, html(200, "<p>a page for every path"), &ways);
    CHECK(left.status == 404);
    tells(ways.outer, "island-unanswered", 404, "Avatar");
    done_with(exchange, &ways);
}

static void a_redirect_becomes_news_for_the_page(void) {
    eyot_exchange *exchange = island_of("Avatar", false);
    opens(exchange);
    const eyot_pair own[] = {{EYOT_LITERAL("Location"), EYOT_LITERAL("/login")}};
    struct answer answer = answered(302, own, 1, "moved");
    struct ways ways;
    struct answer left = leaves(exchange, answer, &ways);
    CHECK(left.status == 204 && body_of(&left).len == 0 && is(sent(&left, "Island-Location"), "/login"));
    CHECK(sent(&left, "Location").len == 0);
    done_with(exchange, &ways);
}

static void the_handlers_own_content_security_policy_is_told_apart_from_the_layers(void) {
    for (int noted = 0; noted < 2; noted++) {
        eyot_exchange *exchange = island_of("Avatar", false);
        opens(exchange);
        const eyot_pair own[] = {HTML[0], {EYOT_LITERAL("Content-Security-Policy"), EYOT_LITERAL("of-a-layer")}};
        struct answer answer = answered(200, own, 2, "<b>Ann</b>");
        const eyot_slice values[] = {EYOT_LITERAL("of-the-handler")};
        if (noted) CHECK(eyot_exchange_note_policies(exchange, values, 1) == EYOT_OK);
        struct ways ways;
        struct answer left = leaves(exchange, answer, &ways);
        CHECK(contains(sent(&left, "Content-Security-Policy"), noted ? "of-the-handler" : "of-a-layer"));
        CHECK(!contains(sent(&left, "Content-Security-Policy"), noted ? "of-a-layer" : "of-the-handler"));
        CHECK(eyot_exchange_note_policies(exchange, NULL, 1) == EYOT_NULL_POINTER);
        done_with(exchange, &ways);
    }
}

static void a_shared_island_sees_nobody_and_what_is_one_visitors_keeps_it_out_of_caches(void) {
    eyot_islands *islands = test_islands();
    char *target = island_target(islands, "Avatar");
    const eyot_pair came[] = {{EYOT_LITERAL("Host"), EYOT_LITERAL("shop.test")},
                              {EYOT_LITERAL("cookie"), EYOT_LITERAL("a=b")}};
    eyot_head head = head_of("GET", target);
    head.headers = came;
    head.headers_len = 2;
    const eyot_pair cookie[] = {HTML[0], {EYOT_LITERAL("Set-Cookie"), EYOT_LITERAL("a=b")}};
    const struct {
        size_t headers;
        const char *body, *leak;
    } cases[] = {{2, "<b>x</b>", "leak-cookie"},
                 {1, "<input name=csrf_token value=Zk3vQ9xW7rT1mB5nY8cL2pD4>", "leak-csrf"},
                 {1, "<b>x</b>", NULL}};
    for (size_t i = 0; i < 3; i++) {
        eyot_exchange *exchange = arrived(islands, &head, NULL);
        CHECK(eyot_exchange_hidden_count(exchange) == 0);
        CHECK(eyot_exchange_share(exchange, 60) == EYOT_OK);
        eyot_slice hidden = EYOT_SLICE_INIT;
        CHECK(eyot_exchange_hidden_count(exchange) == 1);
        CHECK(eyot_exchange_hidden_header(exchange, 0, &hidden) == EYOT_OK && is(hidden, "cookie"));
        CHECK(eyot_exchange_hidden_header(exchange, 1, &hidden) == EYOT_NOT_FOUND);
        CHECK(eyot_exchange_hidden_header(exchange, 0, NULL) == EYOT_NULL_POINTER);
        opens(exchange);
        struct answer answer = answered(200, cookie, cases[i].headers, cases[i].body);
        struct ways ways;
        struct answer left = leaves(exchange, answer, &ways);
        CHECK(left.status == 200 && sent(&left, "Set-Cookie").len == 0);
        CHECK(contains(sent(&left, "Cache-Control"), "public") == (cases[i].leak == NULL));
        if (cases[i].leak) tells(ways.outer, cases[i].leak, 0, "");
        done_with(exchange, &ways);
    }
    free(target);
    eyot_islands_free(islands);
}

// -- pages with a policy -------------------------------------------------------------------------------------------------

static void the_most_specific_pattern_gives_a_path_its_policy(void) {
    eyot_policy *policy = policy_of(0);
    eyot_paths *paths = NULL;
    const eyot_policy *found = policy;
    OK(eyot_paths_new(&paths, &error));
    OK(eyot_paths_add(paths, TEXT("/p/{sku}"), policy, &error));
    OK(eyot_paths_add(paths, TEXT("/p/mine"), NULL, &error));
    FAILS(EYOT_OPTION, "option", eyot_paths_add(paths, TEXT("/p/:sku"), policy, &error));
    FAILS(EYOT_OPTION, "option", eyot_paths_add(paths, TEXT("/p/{other}"), policy, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_paths_add(NULL, TEXT("/"), policy, &error));
    eyot_policy_free(policy); // the table has a copy
    CHECK(eyot_paths_find(paths, TEXT("/p/mine"), &found) == EYOT_OK && found == NULL);
    CHECK(eyot_paths_find(paths, TEXT("/p/1"), &found) == EYOT_OK && eyot_policy_life(found) == 600);
    CHECK(eyot_paths_find(NULL, TEXT("/p/1"), &found) == EYOT_NULL_POINTER && found != NULL);
    const eyot_event *events = NULL;
    size_t count = 1;
    OK(eyot_paths_add(paths, TEXT("/never"), NULL, &error));
    CHECK(eyot_paths_unused(paths, &events, &count) == EYOT_OK && count == 0 && events == NULL);
    for (int i = 0; i < 25; i++) CHECK(eyot_paths_find(paths, TEXT("/p/1"), &found) == EYOT_OK);
    CHECK(eyot_paths_unused(paths, &events, &count) == EYOT_OK && count == 1);
    CHECK(is(events->code, "policy-unused") && is(events->path, "/never"));
    CHECK(eyot_paths_unused(paths, &events, &count) == EYOT_OK && count == 0);
    eyot_paths_free(paths);
    eyot_paths_free(NULL);
}

static void a_policy_hides_what_must_not_shape_a_shell(void) {
    eyot_islands *islands = test_islands();
    eyot_policy *policy = policy_of(0), *with_cookies = policy_of(EYOT_POLICY_COOKIES);
    const eyot_pair headers[] = {{EYOT_LITERAL("Host"), EYOT_LITERAL("shop.test")},
                                 {EYOT_LITERAL("Range"), EYOT_LITERAL("bytes=0-1")},
                                 {EYOT_LITERAL("cookie"), EYOT_LITERAL("a=b")},
                                 {EYOT_LITERAL("X-Forwarded-User"), EYOT_LITERAL("ann")}};
    const char *const hidden[] = {"Range", "cookie", "X-Forwarded-User"};
    eyot_head head = head_of("GET", "/p/1");
    head.headers = headers;
    head.headers_len = 4;
    eyot_slice name = EYOT_SLICE_INIT;
    eyot_exchange *exchange = arrived(islands, &head, policy);
    CHECK(eyot_exchange_hidden_count(exchange) == 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK(eyot_exchange_hidden_header(exchange, i, &name) == EYOT_OK && is(name, hidden[i]));
    }
    eyot_exchange_free(exchange);
    exchange = arrived(islands, &head, with_cookies);
    CHECK(eyot_exchange_hidden_count(exchange) == 1);
    CHECK(eyot_exchange_hidden_header(exchange, 0, &name) == EYOT_OK && is(name, "Range"));
    eyot_exchange_free(exchange);
    CHECK(eyot_policy_life(policy) == 600 && eyot_policy_life(NULL) == 0);
    eyot_policy_free(policy);
    eyot_policy_free(with_cookies);
    eyot_islands_free(islands);
    eyot_policy_options options = EYOT_POLICY_OPTIONS_INIT;
    options.cdn = options.browser = 0x7fffffff;
    FAILS(EYOT_OPTION, "option", eyot_policy_new(&options, &policy, &error));
    options.flags = 64;
    FAILS(EYOT_ARGUMENT, "argument", eyot_policy_new(&options, &policy, &error));
}

static void a_policy_has_nothing_to_say_of_a_post_or_an_island(void) {
    eyot_islands *islands = test_islands();
    eyot_policy *policy = policy_of(0);
    eyot_head head = head_of("POST", "/p/1");
    CHECK(arrived(islands, &head, policy) == NULL);
    head = head_of("GET", "/_server-islands/Cart/x");
    eyot_exchange *exchange = arrived(islands, &head, policy);
    CHECK(eyot_exchange_arrival(exchange) == EYOT_ARRIVAL_ISLAND);
    eyot_exchange_free(exchange);
    eyot_policy_free(policy);
    eyot_islands_free(islands);
}

static void a_policy_is_not_applied_behind_what_says_who_the_visitor_is(void) {
    for (uint32_t debug = 0; debug < 2; debug++) {
        eyot_islands *islands = islands_of(debug);
        eyot_policy *policy = policy_of(0);
        eyot_head head = head_of("GET", "/p/1");
        eyot_exchange *exchange = NULL;
        OK(eyot_islands_arrive(islands, &head, policy, TEXT("session"), &exchange, &error));
        CHECK(eyot_exchange_arrival(exchange) == (debug ? EYOT_ARRIVAL_REPLY : EYOT_ARRIVAL_APP));
        CHECK(eyot_reply_status(eyot_exchange_reply(exchange)) == (debug ? 500u : 0u));
        const eyot_event *event = eyot_exchange_event(exchange);
        CHECK(is(event->code, "order-visitor") && event->level == EYOT_LEVEL_ERROR && contains(event->message, "session"));
        eyot_exchange_free(exchange);
        eyot_policy_free(policy);
        eyot_islands_free(islands);
    }
}

static void a_shell_gets_its_headers(void) {
    eyot_exchange *exchange = page_of("GET", "/p/1", false);
    eyot_slice text = EYOT_SLICE_INIT;
    CHECK(eyot_exchange_name(exchange, &text) == EYOT_OK && text.len == 0 && eyot_exchange_number(exchange) == 0);
    struct ways ways;
    struct answer left = leaves(exchange, html(200, "<Cart server:defer></Cart>"), &ways);
    CHECK(left.status == 200 && contains(body_of(&left), "island-src") && sent(&left, "ETag").len > 0);
    CHECK(is(sent(&left, "Cache-Control"), "public, max-age=0, s-maxage=600"));
    CHECK(eyot_outcome_is_shell(eyot_page_outcome(ways.outer)));
    done_with(exchange, &ways);
}

static void what_is_one_visitors_keeps_a_shell_out_of_caches_and_is_shown_while_debugging(void) {
    for (uint32_t debug = 0; debug < 2; debug++) {
        eyot_exchange *exchange = page_of("GET", "/p/1", debug);
        const eyot_pair cookie[] = {HTML[0], {EYOT_LITERAL("Set-Cookie"), EYOT_LITERAL("who=me")}};
        struct answer answer = answered(200, cookie, 2, "<p>x");
        struct ways ways;
        struct answer left = leaves(exchange, answer, &ways);
        tells(ways.outer, "leak-cookie", 0, "");
        CHECK(left.status == (debug ? 500u : 200u) && contains(body_of(&left), debug ? "(leak-cookie)" : "<p>x"));
        CHECK(!contains(body_of(&left), "who=me") && contains(sent(&left, "Cache-Control"), "no-store"));
        done_with(exchange, &ways);
    }
}

static void a_fresh_shell_is_kept_nowhere_and_the_app_does_not_see_why(void) {
    eyot_exchange *exchange = page_of("GET", "/p/1?a=1&island-fresh", false);
    eyot_slice query = EYOT_SLICE_INIT;
    CHECK(eyot_exchange_has_query(exchange));
    CHECK(eyot_exchange_query(exchange, &query) == EYOT_OK && is(query, "a=1"));
    struct ways ways;
    struct answer left = leaves(exchange, html(200, "<p>x"), &ways);
    CHECK(is(sent(&left, "Cache-Control"), "no-store"));
    done_with(exchange, &ways);
    exchange = page_of("GET", "/p/1?a=1", false);
    CHECK(!eyot_exchange_has_query(exchange));
    CHECK(eyot_exchange_query(exchange, &query) == EYOT_OK && query.len == 0);
    eyot_exchange_free(exchange);
}

static void the_head_of_a_page_is_judged_by_the_page(void) {
    eyot_exchange *exchange = page_of("HEAD", "/p/1", false);
    eyot_slice method = EYOT_SLICE_INIT;
    CHECK(eyot_exchange_method(exchange, &method) == EYOT_OK && is(method, "GET"));
    struct ways ways;
    struct answer left = leaves(exchange, html(200, "<p>x"), &ways);
    CHECK(left.status == 200 && body_of(&left).len == 0 && sent(&left, "ETag").len > 0);
    done_with(exchange, &ways);
}

// -- misuse ---------------------------------------------------------------------------------------------------------------

static void what_is_no_exchange_has_no_ways(void) {
    eyot_islands *islands = test_islands();
    eyot_head head = head_of("GET", "/_server-islands/loader.v1.js");
    eyot_exchange *file = arrived(islands, &head, NULL);
    eyot_opened *island = NULL;
    eyot_reply *reply = NULL;
    eyot_page *page = NULL;
    eyot_slice text = EYOT_SLICE_INIT;
    FAILS(EYOT_ARGUMENT, "argument", eyot_exchange_open(file, NULL, 0, NOW, &island, &reply, &error));
    FAILS(EYOT_ARGUMENT, "argument", eyot_exchange_take_body(file, NULL, 0, &reply, &error));
    FAILS(EYOT_ARGUMENT, "argument", eyot_exchange_misfit(file, NULL, 0, &reply, &error));
    FAILS(EYOT_ARGUMENT, "argument", eyot_exchange_page(file, true, &page, &error));
    FAILS(EYOT_ARGUMENT, "argument", eyot_exchange_out(file, &page, &error));
    CHECK(eyot_exchange_name(file, &text) == EYOT_ARGUMENT && eyot_exchange_method(file, &text) == EYOT_ARGUMENT);
    CHECK(eyot_exchange_path(file, &text) == EYOT_ARGUMENT && eyot_exchange_query(file, &text) == EYOT_ARGUMENT);
    CHECK(eyot_exchange_share(file, 1) == EYOT_ARGUMENT && eyot_exchange_note_policies(file, NULL, 0) == EYOT_ARGUMENT);
    CHECK(eyot_exchange_hidden_header(file, 0, &text) == EYOT_ARGUMENT && eyot_exchange_hidden_count(file) == 0);
    CHECK(eyot_exchange_body_limit(file) == 0 && eyot_exchange_number(file) == 0 && !eyot_exchange_has_query(file));
    CHECK(page == NULL && island == NULL && reply == NULL && text.len == 0);
    eyot_exchange_free(file);
    eyot_islands_free(islands);
}

static void a_page_is_no_island(void) {
    eyot_exchange *exchange = page_of("GET", "/p/1", false);
    eyot_opened *island = NULL;
    eyot_reply *reply = NULL;
    eyot_error *why = NULL;
    CHECK(eyot_exchange_open(exchange, NULL, 0, NOW, &island, &reply, &why) == EYOT_REFUSED && island == NULL);
    CHECK(eyot_reply_status(reply) == 500);
    eyot_error_free(why);
    eyot_reply_free(reply);
    OK(eyot_exchange_misfit(exchange, NULL, 0, &reply, &error));
    CHECK(eyot_reply_status(reply) == 500);
    eyot_reply_free(reply);
    reply = NULL;
    OK(eyot_exchange_take_body(exchange, TEXT("a body"), &reply, &error));
    CHECK(reply == NULL);
    eyot_exchange_free(exchange);
}

static void an_exchange_may_be_entered_twice_and_dropped_at_any_step(void) {
    for (int dropped = 0; dropped < 5; dropped++) {
        eyot_exchange *exchange = island_of("Avatar", false);
        opens(exchange);
        opens(exchange);
        struct answer answers[2] = {html(200, "<b>one</b>"), html(200, "<b>two</b>")};
        eyot_page *inner[2] = {NULL, NULL}, *outer[2] = {NULL, NULL};
        for (int i = 0; i < 2; i++) {
            OK(eyot_exchange_page(exchange, true, &inner[i], &error));
            OK(eyot_exchange_out(exchange, &outer[i], &error));
        }
        if (dropped == 0) eyot_exchange_free(exchange);
        for (int i = 0; i < 2 && dropped != 1; i++) through(inner[i], &answers[i], 0);
        if (dropped == 2) eyot_exchange_free(exchange);
        for (int i = 0; i < 2 && dropped != 3; i++) through(outer[i], &answers[i], 0);
        CHECK(dropped == 1 || dropped == 3 || (is(sent(&answers[1], "Island"), "Avatar") && is(body_of(&answers[1]), "<b>two</b>")));
        for (int i = 0; i < 2; i++) {
            eyot_page_free(inner[i]);
            eyot_page_free(outer[i]);
        }
        if (dropped != 0 && dropped != 2) eyot_exchange_free(exchange);
    }
}

int main(void) {
    the_apps_own_requests_are_no_exchanges();
    a_file_is_answered_without_the_host();
    an_island_is_opened_for_its_handler();
    a_posted_token_is_the_get_that_it_stands_for();
    what_a_proxy_says_of_the_mount_point_is_refused_with_a_line_for_the_log();
    a_head_that_is_none_is_refused();
    a_token_that_does_not_open_is_refused_inside_and_logged_outside();
    props_that_do_not_fit_are_those_of_another_version();
    an_answer_gets_the_headers_of_an_island();
    what_another_layer_answers_is_no_island();
    a_redirect_becomes_news_for_the_page();
    the_handlers_own_content_security_policy_is_told_apart_from_the_layers();
    a_shared_island_sees_nobody_and_what_is_one_visitors_keeps_it_out_of_caches();
    the_most_specific_pattern_gives_a_path_its_policy();
    a_policy_hides_what_must_not_shape_a_shell();
    a_policy_has_nothing_to_say_of_a_post_or_an_island();
    a_policy_is_not_applied_behind_what_says_who_the_visitor_is();
    a_shell_gets_its_headers();
    what_is_one_visitors_keeps_a_shell_out_of_caches_and_is_shown_while_debugging();
    a_fresh_shell_is_kept_nowhere_and_the_app_does_not_see_why();
    the_head_of_a_page_is_judged_by_the_page();
    what_is_no_exchange_has_no_ways();
    a_page_is_no_island();
    an_exchange_may_be_entered_twice_and_dropped_at_any_step();
    return done("stations");
}
