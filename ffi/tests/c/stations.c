// The two stations: island requests and their answers, policies and their visits.
#include "test.h"

static eyot_head head_of(const char *method, const char *target) {
    eyot_head head = EYOT_HEAD_INIT;
    head.method = slice(method);
    head.target = slice(target);
    return head;
}

// The target of an island, as a placeholder would ask for it.
static char *island_target(const eyot_islands *islands, const char *name) {
    eyot_placeholder island = EYOT_PLACEHOLDER_INIT;
    eyot_context context = at_now();
    island.name = slice(name);
    island.props = slice("{\"size\":40}");
    eyot_buffer url = EYOT_BUFFER_INIT;
    OK(eyot_islands_url(islands, &island, &context, &url, &error));
    char *target = calloc(url.len + 1, 1);
    memcpy(target, url.data, url.len);
    eyot_buffer_free(&url);
    return target;
}

static eyot_request *routed(const eyot_islands *islands, const char *method, const char *target) {
    eyot_head head = head_of(method, target);
    eyot_request *request = NULL;
    OK(eyot_islands_route(islands, &head, &request, &error));
    return request;
}

static const char *header(const eyot_pair *headers, size_t count, const char *name, char *value, size_t size) {
    for (size_t i = 0; i < count; i++) {
        if (is(headers[i].name, name)) {
            CHECK(headers[i].value.len < size);
            memcpy(value, headers[i].value.data, headers[i].value.len);
            value[headers[i].value.len] = 0;
            return value;
        }
    }
    return NULL;
}

// -- requests -----------------------------------------------------------------------------------------------------------

static void the_apps_own_requests_are_no_requests(void) {
    eyot_islands *islands = test_islands();
    eyot_request *request = routed(islands, "GET", "/p/1");
    CHECK(request == NULL && eyot_request_route(request) == EYOT_ROUTE_APP);
    CHECK(eyot_request_reply(NULL) == NULL && eyot_request_number(NULL) == 0);
    eyot_request_free(request);
    eyot_islands_free(islands);
}

static void a_file_is_answered_without_the_host(void) {
    eyot_islands *islands = test_islands();
    eyot_request *request = routed(islands, "GET", "/_server-islands/loader.v1.js");
    CHECK(eyot_request_route(request) == EYOT_ROUTE_REPLY);
    const eyot_reply *reply = eyot_request_reply(request);
    const eyot_pair *headers = NULL;
    size_t count = 0;
    eyot_slice body = EYOT_SLICE_INIT, file = EYOT_SLICE_INIT, reason = EYOT_SLICE_INIT;
    char value[200];
    CHECK(eyot_reply_status(reply) == 200);
    CHECK(eyot_reply_headers(reply, &headers, &count) == EYOT_OK);
    CHECK(strcmp(header(headers, count, "Content-Type", value, sizeof value), "text/javascript; charset=utf-8") == 0);
    CHECK(eyot_reply_body(reply, &body) == EYOT_OK && eyot_asset_bytes(eyot_asset_loader(), &file) == EYOT_OK);
    CHECK(body.len == file.len && memcmp(body.data, file.data, body.len) == 0);
    CHECK(eyot_reply_reason(reply, &reason) == EYOT_OK && reason.len == 0);
    eyot_reply *refusal = NULL;
    FAILS(EYOT_ARGUMENT, "argument", eyot_request_too_large(request, &refusal, &error));
    CHECK(refusal == NULL && eyot_request_body_limit(request) == 0);
    eyot_request_free(request);
    eyot_islands_free(islands);
}

static void an_island_is_opened_for_its_handler(void) {
    eyot_islands *islands = test_islands();
    char *target = island_target(islands, "Avatar");
    eyot_request *request = routed(islands, "GET", target);
    // The request needs no islands.
    eyot_islands_free(islands);
    CHECK(eyot_request_route(request) == EYOT_ROUTE_ISLAND && eyot_request_reply(request) == NULL);
    CHECK(eyot_request_number(request) == AVATAR && eyot_request_body_limit(request) == 0);
    eyot_slice text = EYOT_SLICE_INIT;
    CHECK(eyot_request_name(request, &text) == EYOT_OK && is(text, "Avatar"));
    eyot_token token = token_at_now("", NULL, 0);
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    OK(eyot_request_open(request, &token, &island, &refusal, &error));
    CHECK(refusal == NULL && eyot_opened_number(island) == AVATAR);
    CHECK(eyot_opened_props(island, &text) == EYOT_OK && is(text, "{\"size\":40}"));
    eyot_opened_free(island);
    eyot_request_free(request);
    free(target);
}

static void a_token_in_the_body_is_limited_before_and_while_it_is_read(void) {
    eyot_islands *islands = test_islands();
    const eyot_pair headers[] = {{EYOT_LITERAL("content-type"), EYOT_LITERAL("application/vnd.eyot.token")}};
    eyot_head head = head_of("POST", "/_server-islands/Cart");
    head.headers = headers;
    head.headers_len = 1;
    eyot_request *request = NULL;
    OK(eyot_islands_route(islands, &head, &request, &error));
    CHECK(eyot_request_body_limit(request) == 65536);
    static uint8_t large[65537];
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    eyot_token token = token_at_now("", large, sizeof large);
    CHECK(eyot_request_open(request, &token, &island, &refusal, NULL) == EYOT_REFUSED);
    CHECK(island == NULL && eyot_reply_status(refusal) == 413);
    eyot_reply_free(refusal);
    OK(eyot_request_too_large(request, &refusal, &error));
    CHECK(eyot_reply_status(refusal) == 413);
    eyot_reply_free(refusal);

    char *target = island_target(islands, "Cart");
    token.bytes = slice(strrchr(target, '/') + 1);
    OK(eyot_request_open(request, &token, &island, &refusal, &error));
    eyot_opened_free(island);
    eyot_request_free(request);
    free(target);
    eyot_islands_free(islands);
}

static void a_token_that_does_not_open_is_a_refusal_with_a_reason_for_the_log(void) {
    eyot_islands *islands = test_islands();
    eyot_request *request = routed(islands, "GET", "/_server-islands/Cart/AAAA");
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    eyot_error *why = NULL;
    eyot_token token = token_at_now("", NULL, 0);
    CHECK(eyot_request_open(request, &token, &island, &refusal, &why) == EYOT_REFUSED);
    eyot_slice text = EYOT_SLICE_INIT;
    CHECK(eyot_reply_status(refusal) == 400 && island == NULL);
    CHECK(eyot_reply_reason(refusal, &text) == EYOT_OK && is(text, "token-length"));
    CHECK(eyot_reply_explanation(refusal, &text) == EYOT_OK && text.len > 0);
    CHECK(eyot_reply_island(refusal, &text) == EYOT_OK && is(text, "Cart"));
    CHECK(eyot_error_code(why, &text) == EYOT_OK && is(text, "token-length"));
    eyot_error_free(why);
    eyot_reply_free(refusal);
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_request_open(request, &token, NULL, &refusal, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_request_open(request, &token, &island, NULL, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_request_open(request, NULL, &island, &refusal, &error));
    token.bytes.len = 1;
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_request_open(request, &token, &island, &refusal, &error));
    token.bytes.len = 0;
    token.audience = slice("\xff");
    FAILS(EYOT_UTF8, "utf8", eyot_request_open(request, &token, &island, &refusal, &error));
    token = token_at_now("", NULL, 0);
    token.island = EYOT_SLICE("Cart");
    FAILS(EYOT_ARGUMENT, "argument", eyot_request_open(request, &token, &island, &refusal, &error));
    eyot_request_free(request);
    eyot_islands_free(islands);
}

static void a_head_that_is_none_is_refused(void) {
    eyot_islands *islands = test_islands();
    eyot_request *request = NULL;
    eyot_head head = head_of("G\xffT", "/");
    FAILS(EYOT_UTF8, "utf8", eyot_islands_route(islands, &head, &request, &error));
    head = head_of("GET", "/");
    head.headers_len = 1;
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_route(islands, &head, &request, &error));
    head.headers_len = 0;
    head.reserved = 1;
    FAILS(EYOT_ARGUMENT, "argument", eyot_islands_route(islands, &head, &request, &error));
    head.reserved = 0;
    head.size = 0;
    FAILS(EYOT_STRUCT_SIZE, "struct-size", eyot_islands_route(islands, &head, &request, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_route(islands, NULL, &request, &error));
    CHECK(request == NULL);
    // A target in any bytes is a target.
    head = head_of("GET", "/_server-islands/\xff\xfe");
    OK(eyot_islands_route(islands, &head, &request, &error));
    CHECK(eyot_reply_status(eyot_request_reply(request)) == 404);
    eyot_request_free(request);
    eyot_islands_free(islands);
}

// -- answers ------------------------------------------------------------------------------------------------------------

static eyot_request *avatar_request(void) {
    eyot_islands *islands = test_islands();
    char *target = island_target(islands, "Avatar");
    eyot_request *request = routed(islands, "GET", target);
    free(target);
    eyot_islands_free(islands);
    return request;
}

static eyot_outcome *finished(const eyot_request *request, const eyot_response *answer) {
    eyot_outcome *outcome = NULL;
    eyot_reply *refusal = NULL;
    OK(eyot_request_finish(request, answer, &outcome, &refusal, &error));
    return outcome;
}

static void an_answer_gets_the_headers_of_an_island(void) {
    eyot_request *request = avatar_request();
    const eyot_pair own[] = {{EYOT_LITERAL("Set-Cookie"), EYOT_LITERAL("a=b")},
                             {EYOT_LITERAL("cache-control"), EYOT_LITERAL("public")}};
    eyot_response answer = EYOT_RESPONSE_INIT;
    answer.status = 200;
    answer.headers = own;
    answer.headers_len = 2;
    eyot_outcome *outcome = finished(request, &answer);
    CHECK(eyot_outcome_status(outcome) == 200 && eyot_outcome_has_body(outcome) && !eyot_outcome_is_shell(outcome));
    const eyot_pair *headers = NULL;
    const eyot_edit *edits = NULL;
    size_t count = 0, changes = 0, set = 0;
    char value[200];
    CHECK(eyot_outcome_headers(outcome, &headers, &count) == EYOT_OK);
    CHECK(strcmp(header(headers, count, "Island", value, sizeof value), "Avatar") == 0);
    CHECK(strcmp(header(headers, count, "Cache-Control", value, sizeof value), "private, no-store") == 0);
    CHECK(strcmp(header(headers, count, "Set-Cookie", value, sizeof value), "a=b") == 0);
    CHECK(header(headers, count, "cache-control", value, sizeof value) == NULL);
    CHECK(eyot_outcome_edits(outcome, &edits, &changes) == EYOT_OK);
    for (size_t i = 0; i < changes; i++) set += edits[i].kind == EYOT_EDIT_SET;
    CHECK(count == set + 1 && eyot_report_len(eyot_outcome_leaks(outcome)) == 0);
    eyot_outcome_free(outcome);
    eyot_request_free(request);
}

static void what_another_layer_answers_is_no_island(void) {
    eyot_request *request = avatar_request();
    eyot_response answer = EYOT_RESPONSE_INIT;
    answer.status = 200;
    answer.flags = EYOT_RESPONSE_FOREIGN;
    eyot_outcome *outcome = finished(request, &answer);
    const eyot_pair *headers = NULL;
    size_t count = 0;
    char value[200];
    CHECK(eyot_outcome_headers(outcome, &headers, &count) == EYOT_OK);
    CHECK(header(headers, count, "Island", value, sizeof value) == NULL);
    CHECK(strcmp(header(headers, count, "Cache-Control", value, sizeof value), "no-store") == 0);
    eyot_outcome_free(outcome);
    eyot_request_free(request);
}

static void a_redirect_becomes_news_for_the_page(void) {
    eyot_request *request = avatar_request();
    const eyot_pair own[] = {{EYOT_LITERAL("Location"), EYOT_LITERAL("/login")}};
    eyot_response answer = EYOT_RESPONSE_INIT;
    answer.status = 302;
    answer.headers = own;
    answer.headers_len = 1;
    eyot_outcome *outcome = finished(request, &answer);
    const eyot_pair *headers = NULL;
    size_t count = 0;
    char value[200];
    CHECK(eyot_outcome_status(outcome) == 204 && !eyot_outcome_has_body(outcome));
    CHECK(eyot_outcome_headers(outcome, &headers, &count) == EYOT_OK);
    CHECK(strcmp(header(headers, count, "Island-Location", value, sizeof value), "/login") == 0);
    CHECK(header(headers, count, "Location", value, sizeof value) == NULL);
    eyot_outcome_free(outcome);
    eyot_request_free(request);
}

static void a_shared_island_that_sets_a_cookie_loses_it_and_stays_out_of_caches(void) {
    eyot_request *request = avatar_request();
    const eyot_pair own[] = {{EYOT_LITERAL("Set-Cookie"), EYOT_LITERAL("a=b")}};
    eyot_response answer = EYOT_RESPONSE_INIT;
    answer.status = 200;
    answer.headers = own;
    answer.headers_len = 1;
    answer.flags = EYOT_RESPONSE_SHARED;
    answer.shared_life = 60;
    eyot_outcome *outcome = finished(request, &answer);
    eyot_finding leak;
    CHECK(eyot_report_get(eyot_outcome_leaks(outcome), 0, &leak) == EYOT_OK && is(leak.code, "leak-cookie"));
    const eyot_pair *headers = NULL;
    size_t count = 0;
    char value[200];
    CHECK(eyot_outcome_headers(outcome, &headers, &count) == EYOT_OK);
    CHECK(header(headers, count, "Set-Cookie", value, sizeof value) == NULL);
    CHECK(strcmp(header(headers, count, "Cache-Control", value, sizeof value), "private, no-store") == 0);
    eyot_outcome_free(outcome);
    answer.headers_len = 0;
    answer.body = EYOT_SLICE("<input name=csrf_token value=Zk3vQ9xW7rT1mB5nY8cL2pD4>");
    outcome = finished(request, &answer);
    CHECK(eyot_report_get(eyot_outcome_leaks(outcome), 0, &leak) == EYOT_OK && is(leak.code, "leak-csrf"));
    eyot_outcome_free(outcome);
    eyot_reply *refusal = NULL;
    answer.flags = 64;
    FAILS(EYOT_ARGUMENT, "argument", eyot_request_finish(request, &answer, &outcome, &refusal, &error));
    answer.flags = 0;
    answer.status = 70000;
    FAILS(EYOT_ARGUMENT, "argument", eyot_request_finish(request, &answer, &outcome, &refusal, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_request_finish(request, NULL, &outcome, &refusal, &error));
    eyot_request_free(request);
}

// -- policies -----------------------------------------------------------------------------------------------------------

static eyot_policy *policy_of(uint32_t flags) {
    eyot_policy_options options = EYOT_POLICY_OPTIONS_INIT;
    options.cdn = 600;
    options.flags = flags;
    eyot_policy *policy = NULL;
    OK(eyot_policy_new(&options, &policy, &error));
    return policy;
}

static eyot_visit *visit_of(uint32_t flags, const char *target) {
    eyot_islands *islands = test_islands();
    eyot_policy *policy = policy_of(flags);
    eyot_head head = head_of("GET", target);
    eyot_visit *visit = NULL;
    OK(eyot_policy_visit(policy, islands, &head, &visit, &error));
    eyot_policy_free(policy);
    eyot_islands_free(islands);
    return visit;
}

static void a_policy_hides_what_must_not_shape_a_shell(void) {
    eyot_islands *islands = test_islands();
    eyot_policy *policy = policy_of(0), *with_cookies = policy_of(EYOT_POLICY_COOKIES);
    const eyot_pair headers[] = {{EYOT_LITERAL("Host"), EYOT_LITERAL("shop.test")},
                                 {EYOT_LITERAL("Range"), EYOT_LITERAL("bytes=0-1")},
                                 {EYOT_LITERAL("cookie"), EYOT_LITERAL("a=b")},
                                 {EYOT_LITERAL("X-Forwarded-User"), EYOT_LITERAL("ann")}};
    eyot_head head = head_of("GET", "/p/1");
    head.headers = headers;
    head.headers_len = 4;
    eyot_visit *visit = NULL;
    const eyot_slice *hidden = NULL;
    size_t count = 0;
    OK(eyot_policy_visit(policy, islands, &head, &visit, &error));
    CHECK(eyot_visit_hidden_headers(visit, &hidden, &count) == EYOT_OK && count == 3);
    CHECK(is(hidden[0], "Range") && is(hidden[1], "cookie") && is(hidden[2], "X-Forwarded-User"));
    eyot_visit_free(visit);
    OK(eyot_policy_visit(with_cookies, islands, &head, &visit, &error));
    CHECK(eyot_visit_hidden_headers(visit, &hidden, &count) == EYOT_OK && count == 1 && is(hidden[0], "Range"));
    eyot_visit_free(visit);
    CHECK(eyot_policy_life(policy) == 600);
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
    eyot_visit *visit = NULL;
    eyot_head head = head_of("POST", "/p/1");
    OK(eyot_policy_visit(policy, islands, &head, &visit, &error));
    CHECK(visit == NULL);
    head = head_of("GET", "/_server-islands/Cart/x");
    OK(eyot_policy_visit(policy, islands, &head, &visit, &error));
    CHECK(visit == NULL);
    eyot_policy_free(policy);
    eyot_islands_free(islands);
}

static eyot_outcome *judged(const eyot_visit *visit, const eyot_pair *headers, size_t count, const char *body) {
    eyot_response response = EYOT_RESPONSE_INIT;
    response.status = 200;
    response.headers = headers;
    response.headers_len = count;
    if (body) response.body = slice(body);
    else response.flags = EYOT_RESPONSE_STREAMED;
    eyot_outcome *outcome = NULL;
    OK(eyot_visit_finish(visit, &response, &outcome, &error));
    return outcome;
}

static void a_shell_gets_its_headers_and_a_leak_keeps_it_out_of_caches(void) {
    eyot_visit *visit = visit_of(0, "/p/1");
    const eyot_pair html[] = {{EYOT_LITERAL("Content-Type"), EYOT_LITERAL("text/html")},
                              {EYOT_LITERAL("Set-Cookie"), EYOT_LITERAL("id=1")}};
    const eyot_pair *headers = NULL;
    size_t count = 0;
    char value[200];
    eyot_outcome *outcome = judged(visit, html, 1, "<p>x");
    CHECK(eyot_outcome_is_shell(outcome) && eyot_outcome_headers(outcome, &headers, &count) == EYOT_OK);
    CHECK(strcmp(header(headers, count, "Cache-Control", value, sizeof value), "public, max-age=0, s-maxage=600") == 0);
    CHECK(header(headers, count, "ETag", value, sizeof value) != NULL);
    eyot_outcome_free(outcome);

    outcome = judged(visit, html, 1, NULL);
    CHECK(eyot_outcome_is_shell(outcome) && eyot_outcome_headers(outcome, &headers, &count) == EYOT_OK);
    CHECK(header(headers, count, "ETag", value, sizeof value) == NULL);
    eyot_outcome_free(outcome);

    outcome = judged(visit, html, 2, "<p>x");
    eyot_finding leak = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0};
    CHECK(!eyot_outcome_is_shell(outcome) && eyot_report_len(eyot_outcome_leaks(outcome)) == 1);
    CHECK(eyot_report_get(eyot_outcome_leaks(outcome), 0, &leak) == EYOT_OK && is(leak.code, "leak-cookie"));
    CHECK(eyot_outcome_headers(outcome, &headers, &count) == EYOT_OK);
    CHECK(strcmp(header(headers, count, "Cache-Control", value, sizeof value), "private, no-store") == 0);
    eyot_outcome_free(outcome);
    eyot_visit_free(visit);
}

static void a_fresh_shell_is_kept_nowhere(void) {
    eyot_visit *visit = visit_of(0, "/p/1?a=1&island-fresh");
    eyot_slice query = EYOT_SLICE_INIT;
    CHECK(eyot_visit_is_fresh(visit) && eyot_visit_query(visit, &query) == EYOT_OK && is(query, "a=1"));
    eyot_outcome *outcome = judged(visit, NULL, 0, "x");
    const eyot_pair *headers = NULL;
    size_t count = 0;
    char value[200];
    CHECK(eyot_outcome_headers(outcome, &headers, &count) == EYOT_OK);
    CHECK(strcmp(header(headers, count, "Cache-Control", value, sizeof value), "no-store") == 0);
    eyot_outcome_free(outcome);
    eyot_visit_free(visit);
    visit = visit_of(0, "/p/1?a=1");
    CHECK(!eyot_visit_is_fresh(visit) && eyot_visit_query(visit, &query) == EYOT_OK && query.len == 0);
    eyot_visit_free(visit);
}

// -- pages --------------------------------------------------------------------------------------------------------------

static void a_response_is_a_page_by_its_status_and_headers(void) {
    const eyot_pair headers[] = {{EYOT_LITERAL("content-type"), EYOT_LITERAL("text/html; charset=utf-8")},
                                 {EYOT_LITERAL("content-encoding"), EYOT_LITERAL("gzip")},
                                 {EYOT_LITERAL("etag"), EYOT_LITERAL("\"1\"")}};
    eyot_page_kind kind = EYOT_PAGE_OTHER;
    eyot_response response = EYOT_RESPONSE_INIT;
    response.status = 200;
    response.headers = headers;
    response.headers_len = 1;
    OK(eyot_response_kind(&response, &kind, &error));
    CHECK(kind == EYOT_PAGE_HTML);
    response.status = 206;
    OK(eyot_response_kind(&response, &kind, &error));
    CHECK(kind == EYOT_PAGE_PART);
    response.status = 200;
    response.headers_len = 2;
    OK(eyot_response_kind(&response, &kind, &error));
    CHECK(kind == EYOT_PAGE_COMPRESSED);
    response.headers_len = 0;
    OK(eyot_response_kind(&response, &kind, &error));
    CHECK(kind == EYOT_PAGE_OTHER);
    response.status = 0;
    FAILS(EYOT_ARGUMENT, "argument", eyot_response_kind(&response, &kind, &error));
    response.status = 200;
    response.headers_len = 3;

    eyot_outcome *outcome = NULL;
    const eyot_pair *found = NULL;
    size_t count = 0;
    char value[200];
    OK(eyot_outcome_new_split(&response, 1234, &outcome, &error));
    CHECK(eyot_outcome_headers(outcome, &found, &count) == EYOT_OK);
    CHECK(strcmp(header(found, count, "Content-Length", value, sizeof value), "1234") == 0);
    CHECK(header(found, count, "etag", value, sizeof value) == NULL);
    eyot_outcome_free(outcome);
    OK(eyot_outcome_new_split(&response, SIZE_MAX, &outcome, &error));
    CHECK(eyot_outcome_headers(outcome, &found, &count) == EYOT_OK);
    CHECK(header(found, count, "Content-Length", value, sizeof value) == NULL);
    eyot_outcome_free(outcome);
    OK(eyot_outcome_new_uncached(&response, &outcome, &error));
    CHECK(eyot_outcome_headers(outcome, &found, &count) == EYOT_OK);
    CHECK(strcmp(header(found, count, "Cache-Control", value, sizeof value), "private, no-store") == 0);
    eyot_outcome_free(outcome);
}

int main(void) {
    the_apps_own_requests_are_no_requests();
    a_file_is_answered_without_the_host();
    an_island_is_opened_for_its_handler();
    a_token_in_the_body_is_limited_before_and_while_it_is_read();
    a_token_that_does_not_open_is_a_refusal_with_a_reason_for_the_log();
    a_head_that_is_none_is_refused();
    an_answer_gets_the_headers_of_an_island();
    what_another_layer_answers_is_no_island();
    a_redirect_becomes_news_for_the_page();
    a_shared_island_that_sets_a_cookie_loses_it_and_stays_out_of_caches();
    a_policy_hides_what_must_not_shape_a_shell();
    a_policy_has_nothing_to_say_of_a_post_or_an_island();
    a_shell_gets_its_headers_and_a_leak_keeps_it_out_of_caches();
    a_fresh_shell_is_kept_nowhere();
    a_response_is_a_page_by_its_status_and_headers();
    return done("stations");
}
