// Makes the mistakes of bindings/conformance/mistakes and prints what is told of each, a line each: its name, a tab, the text.
#include "host.h"

static const char *mistake;

static void tell(eyot_slice text) {
    checks++;
    printf("%s\t%.*s\n", mistake, (int)text.len, (const char *)text.data);
}

static void tell_error(eyot_error *error) {
    eyot_slice text = EYOT_SLICE_INIT;
    CHECK(eyot_error_message(error, &text) == EYOT_OK);
    tell(text);
    eyot_error_free(error);
}

// The text of the error of a call, which must fail.
#define TELL(name, call)                                                                                \
    do {                                                                                                \
        eyot_error *error = NULL;                                                                       \
        mistake = (name);                                                                               \
        CHECK((call) != EYOT_OK);                                                                       \
        tell_error(error);                                                                              \
    } while (0)

static void tell_events(eyot_page *page) {
    const eyot_event *events = NULL;
    size_t count = 0;
    CHECK(eyot_page_events(page, &events, &count) == EYOT_OK);
    for (size_t i = 0; i < count; i++) tell(events[i].message);
}

// -- at the start -------------------------------------------------------------------------------------------------------

static void keys(void) {
    eyot_keyring *ring = NULL;
    TELL("key-missing", eyot_keyring_parse("", 0, &ring, &error));
    TELL("key-weak", eyot_keyring_parse(TEXT("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="), &ring, &error));
    TELL("key-malformed", eyot_keyring_parse(TEXT("secret"), &ring, &error));
}

static eyot_status configured(eyot_islands_options options, eyot_error **error) {
    eyot_keyring *ring = test_keys(TEST_KEY);
    eyot_islands *islands = NULL;
    eyot_status status = eyot_islands_new(ring, &options, &islands, error);
    eyot_keyring_free(ring);
    return status;
}

static void options(void) {
    const struct {
        const char *name;
        eyot_pair pair;
    } wrong[] = {
        {"option-typo", {EYOT_LITERAL("prelaod"), EYOT_LITERAL("true")}},
        {"option-type", {EYOT_LITERAL("preload"), EYOT_LITERAL("1")}},
        {"option-value", {EYOT_LITERAL("url_limit"), EYOT_LITERAL("-1")}},
    };
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.options_len = 1;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options.options = &wrong[i].pair;
        TELL(wrong[i].name, configured(options, &error));
    }
    options.options_len = 0;
    const eyot_declaration twice[] = {{EYOT_LITERAL("Cart"), 1, 0}, {EYOT_LITERAL("Cart"), 2, 0}};
    options.islands = twice;
    options.islands_len = 2;
    TELL("island-twice", configured(options, &error));
    const eyot_declaration spaced = {EYOT_LITERAL("cart row"), 1, 0};
    options.islands = &spaced;
    options.islands_len = 1;
    TELL("island-name", configured(options, &error));
    options.size = 7;
    TELL("build", configured(options, &error));
}

static void policies(void) {
    eyot_policy *policy = NULL;
    eyot_policy_options options = EYOT_POLICY_OPTIONS_INIT;
    options.cdn = 0xffffffff;
    TELL("policy-duration", eyot_policy_new(&options, &policy, &error));
    eyot_paths *paths = NULL;
    OK(eyot_paths_new(&paths, &error));
    TELL("policy-foreign-pattern", eyot_paths_add(paths, TEXT("/p/:sku"), NULL, &error));
    eyot_paths_free(paths);
}

// -- placeholders and pages ---------------------------------------------------------------------------------------------

static void placeholder(const char *name, const char *island, const char *option, const char *value) {
    eyot_islands *islands = islands_of(true);
    eyot_context context = at_now();
    eyot_placeholder made = EYOT_PLACEHOLDER_INIT;
    eyot_buffer out = EYOT_BUFFER_INIT;
    const eyot_pair set = {slice(option), slice(value)};
    made.name = slice(island);
    made.options = &set;
    made.options_len = option[0] != 0;
    TELL(name, eyot_islands_placeholder(islands, &made, &context, &out, &error));
    eyot_islands_free(islands);
}

static void split(const char *name, const char *page) {
    eyot_islands *islands = islands_of(true);
    eyot_context context = at_now();
    eyot_shell *shell = NULL;
    TELL(name, eyot_islands_split(islands, page, strlen(page), &context, &shell, &error));
    eyot_islands_free(islands);
}

static void loader_forgotten(void) {
    const char page[] = "<!doctype html><html><body><server-island island=\"Cart\" island-src=\"/_server-islands/Cart/x\">"
                        "</server-island></body></html>";
    eyot_report *report = NULL;
    OK(eyot_report_audit(TEXT(page), &report, &error));
    mistake = "loader-forgotten";
    for (size_t i = 0; i < eyot_report_len(report); i++) {
        eyot_finding finding;
        CHECK(eyot_report_get(report, i, &finding) == EYOT_OK);
        tell(finding.message);
    }
    eyot_report_free(report);
}

static void props(void) {
    eyot_props *made = eyot_props_new();
    volatile double zero = 0;
    TELL("props-not-json", eyot_props_number(made, TEXT("price"), 1 / zero, &error));
    eyot_props_free(made);
}

// -- answers ------------------------------------------------------------------------------------------------------------

static const eyot_pair HTML = {EYOT_LITERAL("Content-Type"), EYOT_LITERAL("text/html; charset=utf-8")};

// What is told of an answer to a request: of its events, of its body while debugging, of a header.
static void leave(const char *name, eyot_exchange *exchange, struct answer answer, bool is_seen_inside) {
    eyot_page *inner = NULL, *outer = NULL;
    mistake = name;
    if (is_seen_inside) {
        OK(eyot_exchange_page(exchange, true, &inner, &error));
        through(inner, &answer, 0);
        tell_events(inner);
    }
    OK(eyot_exchange_out(exchange, &outer, &error));
    through(outer, &answer, 0);
    tell_events(outer);
    tell(header(answer.headers, answer.count, "Eyot-Policy"));
    eyot_page_free(inner);
    eyot_page_free(outer);
    eyot_exchange_free(exchange);
}

static eyot_exchange *asked(const char *target, const char *visitor) {
    eyot_islands *islands = islands_of(true);
    eyot_policy_options options = EYOT_POLICY_OPTIONS_INIT;
    options.cdn = 600;
    eyot_policy *policy = NULL;
    eyot_exchange *exchange = NULL;
    const eyot_pair cookie = {EYOT_LITERAL("Cookie"), EYOT_LITERAL("session=ada")};
    OK(eyot_policy_new(&options, &policy, &error));
    eyot_head head = head_of("GET", target);
    head.headers = &cookie;
    head.headers_len = 1;
    OK(eyot_islands_arrive(islands, &head, policy, visitor, strlen(visitor), &exchange, &error));
    eyot_policy_free(policy);
    eyot_islands_free(islands);
    return exchange;
}

static void page(const char *name, uint32_t status, const char *header, const char *value, const char *body) {
    const eyot_pair headers[] = {HTML, {slice(header), slice(value)}};
    leave(name, asked("/p/1", ""), answered(status, headers, header[0] ? 2 : 1, body), true);
}

// An exchange of the island "Cart", whose handler runs.
static eyot_exchange *opened(const char *name) {
    eyot_islands *islands = islands_of(true);
    char *target = island_target(islands, "Cart");
    eyot_head head = head_of("GET", target);
    eyot_exchange *exchange = arrived(islands, &head, NULL);
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    OK(eyot_exchange_open(exchange, NULL, 0, NOW, &island, &refusal, &error));
    eyot_slice props = EYOT_SLICE_INIT, text = EYOT_SLICE_INIT;
    eyot_object *object = NULL;
    CHECK(eyot_opened_props(island, &props) == EYOT_OK);
    OK(eyot_object_parse(props.data, props.len, &object, &error));
    // The props are {"size":40}.
    if (strcmp(name, "props-misfit") == 0) TELL(name, eyot_object_string(object, TEXT("size"), &text, &error));
    eyot_object_free(object);
    eyot_opened_free(island);
    eyot_islands_free(islands);
    free(target);
    return exchange;
}

static void islands(void) {
    const eyot_pair json = {EYOT_LITERAL("Content-Type"), EYOT_LITERAL("application/json")};
    leave("handler-json", opened("handler-json"), answered(200, &json, 1, "{}"), true);
    eyot_exchange *exchange = opened("props-misfit");
    eyot_reply *reply = NULL;
    OK(eyot_exchange_misfit(exchange, TEXT("props.size is a number, not a text"), &reply, &error));
    eyot_reply_free(reply);
    leave("props-misfit", exchange, answered(410, &HTML, 1, ""), true);
    leave("app-not-set-up", asked("/_server-islands/Cart/AAAA", ""), answered(404, &HTML, 1, "not found"), false);
}

static void stations(void) {
    eyot_exchange *exchange = asked("/p/1", "a session");
    mistake = "outer-after-session";
    tell(eyot_exchange_event(exchange)->message);
    eyot_exchange_free(exchange);
    leave("inner-missing", asked("/p/1", ""), answered(200, &HTML, 1, "<Cart server:defer></Cart>"), false);

    const eyot_pair coded[] = {HTML, {EYOT_LITERAL("Content-Encoding"), EYOT_LITERAL("br")}};
    eyot_page *inner = NULL;
    eyot_response response = EYOT_RESPONSE_INIT;
    eyot_step step = EYOT_STEP_PASS;
    mistake = "outer-around-compression";
    exchange = asked("/p/1", "");
    response.status = 200;
    response.headers = coded;
    response.headers_len = 2;
    OK(eyot_exchange_page(exchange, true, &inner, &error));
    OK(eyot_page_step(inner, &response, EYOT_SIZE_UNKNOWN, 0, &step, &error));
    if (step == EYOT_STEP_WAIT) OK(eyot_page_step(inner, &response, EYOT_SIZE_WHOLE, 0, &step, &error));
    CHECK(step == EYOT_STEP_DECODE);
    OK(eyot_page_undecoded(inner, &response, &step, &error));
    tell_events(inner);
    TELL("used-after-end", eyot_page_undecoded(inner, &response, &step, &error));
    eyot_page_free(inner);
    eyot_exchange_free(exchange);
}

int main(void) {
    keys();
    options();
    policies();
    placeholder("island-unknown-tag", "Crat", "", "");
    placeholder("island-option-typo", "Cart", "wehn", "idle");
    placeholder("island-when", "Cart", "when", "idel");
    split("island-unknown-markup", "<Crat server:defer></Crat>");
    split("island-unclosed", "<body><Cart server:defer></body>");
    split("props-bad-json", "<Cart server:defer server:props=\"{size:40}\"></Cart>");
    loader_forgotten();
    props();
    page("policy-overridden", 200, "Cache-Control", "no-cache", "<p>x");
    page("policy-guarded", 302, "Location", "/login", "");
    page("policy-session-read", 200, "", "", "<p>x");
    page("policy-session-written", 200, "Set-Cookie", "session=ada", "<p>x");
    page("policy-csrf", 200, "", "", "<input type=hidden name=csrf_token value=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ>");
    page("policy-nonce", 200, "Content-Security-Policy", "script-src 'nonce-q83vEjRWeJCr'", "<p>x");
    islands();
    stations();
    return 0;
}
