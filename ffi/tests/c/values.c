// Props written and read, HTML escaped, files, findings, versions, panics.
#include "test.h"

static void props_are_written_member_by_member(void) {
    eyot_props *props = eyot_props_new();
    eyot_slice json = EYOT_SLICE_INIT;
    CHECK(eyot_props_bytes(props, &json) == EYOT_OK && is(json, "{}"));
    OK(eyot_props_string(props, TEXT("na\"me"), TEXT("a\0b\n\xc3\xa9"), &error));
    OK(eyot_props_integer(props, TEXT("i"), INT64_MIN, &error));
    OK(eyot_props_number(props, TEXT("n"), 0.1, &error));
    OK(eyot_props_boolean(props, TEXT("b"), true, &error));
    OK(eyot_props_json(props, TEXT("j"), TEXT(" [1, null] "), &error));
    CHECK(eyot_props_bytes(props, &json) == EYOT_OK);
    CHECK(is(json, "{\"na\\\"me\":\"a\\u0000b\\n\xc3\xa9\",\"i\":-9223372036854775808,\"n\":0.1,\"b\":true,\"j\":[1, null]}"));

    double zero = 0;
    FAILS(EYOT_PROPS, "props", eyot_props_boolean(props, TEXT("i"), true, &error));
    FAILS(EYOT_PROPS, "props", eyot_props_number(props, TEXT("x"), zero / zero, &error));
    FAILS(EYOT_PROPS, "props", eyot_props_json(props, TEXT("x"), TEXT("1 2"), &error));
    FAILS(EYOT_PROPS, "props", eyot_props_json(props, TEXT("x"), NULL, 0, &error));
    FAILS(EYOT_UTF8, "utf8", eyot_props_string(props, TEXT("x"), TEXT("\xff"), &error));
    FAILS(EYOT_UTF8, "utf8", eyot_props_integer(props, TEXT("\xff"), 1, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_props_integer(props, NULL, 1, 1, &error));
    eyot_slice after = EYOT_SLICE_INIT;
    CHECK(eyot_props_bytes(props, &after) == EYOT_OK && after.len == json.len);
    eyot_props_free(props);
}

static void objects_are_read_by_name_and_type(void) {
    const char *json = "{\"s\":\"a\\u0000\\\"\",\"i\":-7,\"n\":1.5,\"b\":false,\"z\":null,\"l\":[1],\"o\":{\"x\":1},"
                       "\"big\":123456789012345678901,\"i\":8}";
    eyot_object *object = NULL;
    OK(eyot_object_parse(json, strlen(json), &object, &error));
    CHECK(eyot_object_len(object) == 9);
    eyot_slice text = EYOT_SLICE_INIT;
    int64_t integer = 0;
    double number = 0;
    bool flag = true;
    CHECK(eyot_object_name(object, 2, &text) == EYOT_OK && is(text, "n"));
    CHECK(eyot_object_name(object, 9, &text) == EYOT_NOT_FOUND);
    OK(eyot_object_string(object, TEXT("s"), &text, &error));
    CHECK(text.len == 3 && memcmp(text.data, "a\0\"", 3) == 0);
    OK(eyot_object_integer(object, TEXT("i"), &integer, &error));
    CHECK(integer == 8);
    OK(eyot_object_number(object, TEXT("n"), &number, &error));
    CHECK(number > 1.49 && number < 1.51);
    OK(eyot_object_boolean(object, TEXT("b"), &flag, &error));
    CHECK(!flag);
    OK(eyot_object_json(object, TEXT("o"), &text, &error));
    CHECK(is(text, "{\"x\":1}"));
    CHECK(eyot_object_kind(object, TEXT("z")) == EYOT_MEMBER_NULL);
    CHECK(eyot_object_kind(object, TEXT("l")) == EYOT_MEMBER_LIST);
    CHECK(eyot_object_kind(object, TEXT("o")) == EYOT_MEMBER_OBJECT);
    CHECK(eyot_object_kind(object, TEXT("none")) == EYOT_MEMBER_NONE);

    integer = 5;
    FAILS(EYOT_NOT_FOUND, "not-found", eyot_object_integer(object, TEXT("none"), &integer, &error));
    FAILS(EYOT_PROPS_TYPE, "props-type", eyot_object_integer(object, TEXT("s"), &integer, &error));
    FAILS(EYOT_PROPS_TYPE, "props-type", eyot_object_integer(object, TEXT("n"), &integer, &error));
    FAILS(EYOT_PROPS_TYPE, "props-type", eyot_object_integer(object, TEXT("big"), &integer, &error));
    FAILS(EYOT_PROPS_TYPE, "props-type", eyot_object_string(object, TEXT("i"), &text, &error));
    FAILS(EYOT_PROPS_TYPE, "props-type", eyot_object_boolean(object, TEXT("z"), &flag, &error));
    CHECK(integer == 5);
    eyot_object_free(object);

    OK(eyot_object_parse(NULL, 0, &object, &error));
    CHECK(eyot_object_len(object) == 0);
    eyot_object_free(object);
    FAILS(EYOT_PROPS, "props", eyot_object_parse(TEXT("[]"), &object, &error));
    FAILS(EYOT_PROPS, "props", eyot_object_parse(TEXT("{\"a\":1}x"), &object, &error));
    FAILS(EYOT_UTF8, "utf8", eyot_object_parse(TEXT("{\"\xff\":1}"), &object, &error));
}

static void a_bomb_of_brackets_is_refused_without_a_crash(void) {
    static char bomb[200007];
    memcpy(bomb, "{\"a\":", 5);
    memset(bomb + 5, '[', 100000);
    memset(bomb + 100005, ']', 100000);
    bomb[200005] = '}';
    eyot_object *object = NULL;
    eyot_status status = eyot_object_parse(bomb, 200006, &object, NULL);
    CHECK(status == EYOT_OK || status == EYOT_PROPS);
    eyot_object_free(object);
}

static void html_is_escaped_for_content_and_both_kinds_of_quotes(void) {
    eyot_buffer out = EYOT_BUFFER_INIT;
    OK(eyot_html_escape(TEXT("<a href=\"x\" b='y'>&\0</a>"), &out, &error));
    eyot_slice made = view(&out);
    for (size_t i = 0; i < made.len; i++) {
        CHECK(made.data[i] != '<' && made.data[i] != '>' && made.data[i] != '"' && made.data[i] != '\'');
    }
    eyot_buffer_free(&out);
    OK(eyot_html_escape(NULL, 0, &out, &error));
    CHECK(out.data == NULL && out.len == 0);
    FAILS(EYOT_UTF8, "utf8", eyot_html_escape(TEXT("\xc3"), &out, &error));
}

static void files_tell_all_that_a_host_needs_to_serve_them(void) {
    const eyot_asset *loader = eyot_asset_loader(), *style = eyot_asset_stylesheet();
    eyot_slice text = EYOT_SLICE_INIT;
    CHECK(eyot_asset_name(loader, &text) == EYOT_OK && is(text, "loader.v1.js"));
    CHECK(eyot_asset_integrity(loader, &text) == EYOT_OK && memcmp(text.data, "sha384-", 7) == 0);
    CHECK(eyot_asset_etag(loader, &text) == EYOT_OK && text.data[0] == '"');
    CHECK(eyot_asset_media_type(style, &text) == EYOT_OK && is(text, "text/css; charset=utf-8"));
    CHECK(eyot_asset_bytes(style, &text) == EYOT_OK && contains(text, "display:contents"));
    CHECK(eyot_asset_name(eyot_asset_loader_more(), &text) == EYOT_OK && is(text, "loader.more.v1.js"));
    CHECK(eyot_asset_name(eyot_asset_loader_debug(), &text) == EYOT_OK && is(text, "loader.debug.v1.js"));
    CHECK(eyot_asset_name(NULL, &text) == EYOT_NULL_POINTER);
    CHECK(eyot_asset_name(loader, NULL) == EYOT_NULL_POINTER);
}

static void the_audit_tells_what_a_browser_would_move(void) {
    const char *shell = "<table><server-island island=\"Cart\" island-src=\"/_server-islands/Cart/x\">f"
                        "</server-island></table>";
    eyot_report *report = NULL;
    OK(eyot_report_audit(shell, strlen(shell), &report, &error));
    eyot_finding finding = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0};
    CHECK(eyot_report_len(report) > 0 && eyot_report_get(report, 0, &finding) == EYOT_OK);
    CHECK(is(finding.island, "Cart") && is(finding.code, "placeholder-moved") && finding.column == 8);
    eyot_report_free(report);
}

static void memory_of_the_librarys_is_aligned_and_as_long_as_was_asked(void) {
    const size_t lengths[] = {1, sizeof(eyot_context), 4096, 100000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        unsigned char *memory = eyot_alloc(lengths[i]);
        CHECK(memory != NULL && (uintptr_t)memory % 16 == 0);
        memset(memory, 0xa5, lengths[i]);
        CHECK(memory[0] == 0xa5 && memory[lengths[i] - 1] == 0xa5);
        eyot_dealloc(memory, lengths[i]);
    }
    CHECK(eyot_alloc(0) == NULL);
    CHECK(eyot_alloc((size_t)-1) == NULL);
}

static void slices_are_made_of_literals_and_of_any_bytes(void) {
    static const eyot_slice constant = EYOT_LITERAL("a\0b");
    eyot_slice value = EYOT_SLICE("a\0b"), bytes = eyot_slice_of("a\0b and more", 3);
    CHECK(constant.len == 3 && value.len == 3 && bytes.len == 3);
    CHECK(memcmp(constant.data, value.data, 3) == 0 && memcmp(bytes.data, value.data, 3) == 0);
    value = EYOT_SLICE("");
    CHECK(value.len == 0);
}

static void the_library_is_the_headers(void) {
    CHECK(strcmp(eyot_version(), EYOT_VERSION) == 0);
    CHECK(eyot_abi() == EYOT_ABI);
}

static void a_panic_is_a_status(void) {
    FAILS(EYOT_PANIC, "panic", eyot_panic_check(&error));
    CHECK(eyot_panic_check(NULL) == EYOT_PANIC);
}

static void everything_can_be_freed_when_it_was_never_made(void) {
    eyot_buffer_free(NULL);
    eyot_dealloc(NULL, 0);
    eyot_dealloc(NULL, 9);
    eyot_error_free(NULL);
    eyot_report_free(NULL);
    eyot_opened_free(NULL);
    eyot_islands_free(NULL);
    eyot_keyring_free(NULL);
    eyot_object_free(NULL);
    eyot_outcome_free(NULL);
    eyot_policy_free(NULL);
    eyot_prepared_free(NULL);
    eyot_props_free(NULL);
    eyot_reply_free(NULL);
    eyot_exchange_free(NULL);
    eyot_page_free(NULL);
    eyot_shell_free(NULL);
    eyot_splitter_free(NULL);
    CHECK(eyot_error_status(NULL) == EYOT_NULL_POINTER && eyot_error_line(NULL) == 0 && eyot_error_column(NULL) == 0);
}

int main(void) {
    props_are_written_member_by_member();
    objects_are_read_by_name_and_type();
    a_bomb_of_brackets_is_refused_without_a_crash();
    html_is_escaped_for_content_and_both_kinds_of_quotes();
    files_tell_all_that_a_host_needs_to_serve_them();
    the_audit_tells_what_a_browser_would_move();
    memory_of_the_librarys_is_aligned_and_as_long_as_was_asked();
    slices_are_made_of_literals_and_of_any_bytes();
    the_library_is_the_headers();
    a_panic_is_a_status();
    everything_can_be_freed_when_it_was_never_made();
    return done("values");
}
