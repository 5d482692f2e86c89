// Pages: split whole, in chunks, and prepared.
#include "test.h"

static const char PAGE[] = "<h1>Lantern</h1>\n<Cart server:defer a=1><i slot=fallback>Cart</i></Cart><p>and</p>"
                           "<tr server:defer=Row><td slot=fallback>r</td></tr>the rest";
static const char FAULTY[] = "<p>a</p>\n<Nobody server:defer secret=1><i slot=fallback>f</i></Nobody><p>b</p>";

enum { STRICT = 0, LENIENT = EYOT_CONTEXT_LENIENT };

static eyot_shell *split(const eyot_islands *islands, const char *page, uint32_t mode) {
    eyot_context context = at_now();
    context.flags = mode;
    eyot_shell *shell = NULL;
    OK(eyot_islands_split(islands, page, strlen(page), &context, &shell, &error));
    return shell;
}

static void a_shell_is_its_segments_its_copy_and_its_join(void) {
    eyot_islands *islands = test_islands();
    eyot_shell *shell = split(islands, PAGE, STRICT);
    size_t length = eyot_shell_len(shell), parts = 0, at = 0;
    const eyot_slice *segments = NULL;
    CHECK(eyot_shell_segments(shell, &segments, &parts) == EYOT_OK && parts > 3);
    eyot_buffer joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(shell, &joined, &error));
    CHECK(joined.len == length);
    for (size_t i = 0; i < parts; i++) {
        CHECK(memcmp(joined.data + at, segments[i].data, segments[i].len) == 0);
        at += segments[i].len;
    }
    CHECK(at == length);
    uint8_t *copy = malloc(length);
    CHECK(eyot_shell_copy(shell, copy, length - 1) == EYOT_BUFFER_TOO_SMALL);
    CHECK(eyot_shell_copy(shell, NULL, length) == EYOT_NULL_POINTER);
    CHECK(eyot_shell_copy(shell, copy, length) == EYOT_OK && memcmp(copy, joined.data, length) == 0);
    free(copy);
    // The first segment is the page's own memory: nothing was copied.
    CHECK((const char *)segments[0].data == PAGE);
    CHECK(!contains(view(&joined), "server:") && contains(view(&joined), "<i>Cart</i>"));
    eyot_slice name = EYOT_SLICE_INIT;
    CHECK(eyot_shell_island_count(shell) == 2);
    CHECK(eyot_shell_island_name(shell, 1, &name) == EYOT_OK && is(name, "Row"));
    CHECK(eyot_shell_island_name(shell, 2, &name) == EYOT_NOT_FOUND);
    CHECK(!eyot_shell_is_untouched(shell));
    eyot_buffer_free(&joined);
    eyot_shell_free(shell);
    eyot_islands_free(islands);
}

static void a_page_without_a_directive_comes_back_as_it_is(void) {
    eyot_islands *islands = test_islands();
    const char *page = "<p>nothing here</p>";
    eyot_shell *shell = split(islands, page, LENIENT);
    const eyot_slice *segments = NULL;
    size_t parts = 0;
    CHECK(eyot_shell_is_untouched(shell) && eyot_shell_len(shell) == strlen(page));
    CHECK(eyot_shell_segments(shell, &segments, &parts) == EYOT_OK);
    CHECK(parts == 1 && (const char *)segments[0].data == page);
    eyot_shell_free(shell);
    OK(eyot_islands_split(islands, NULL, 0, NULL, &shell, &error));
    CHECK(eyot_shell_len(shell) == 0);
    eyot_buffer joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(shell, &joined, &error));
    CHECK(joined.len == 0 && eyot_shell_copy(shell, NULL, 0) == EYOT_OK);
    eyot_buffer_free(&joined);
    eyot_shell_free(shell);
    eyot_islands_free(islands);
}

static void a_strict_split_tells_the_place_and_a_lenient_one_goes_on(void) {
    eyot_islands *islands = test_islands();
    eyot_shell *shell = NULL;
    eyot_error *found = NULL;
    CHECK(eyot_islands_split(islands, TEXT(FAULTY), NULL, &shell, &found) == EYOT_MARKUP);
    CHECK(shell == NULL && eyot_error_line(found) == 2 && eyot_error_column(found) == 1);
    eyot_error_free(found);

    shell = split(islands, FAULTY, LENIENT);
    eyot_buffer joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(shell, &joined, &error));
    CHECK(is(view(&joined), "<p>a</p>\n<i>f</i><p>b</p>"));
    const eyot_report *problems = eyot_shell_problems(shell);
    eyot_finding problem = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0};
    CHECK(eyot_report_len(problems) == 1 && eyot_report_len(eyot_shell_diagnostics(shell)) == 0);
    CHECK(eyot_report_get(problems, 0, &problem) == EYOT_OK && problem.line == 2 && problem.column == 1);
    CHECK(problem.code.len > 0 && problem.message.len > 0);
    CHECK(eyot_report_get(problems, 1, &problem) == EYOT_NOT_FOUND);
    eyot_buffer_free(&joined);
    eyot_shell_free(shell);

    eyot_context context = at_now();
    context.flags = 1u << 9;
    FAILS(EYOT_ARGUMENT, "argument", eyot_islands_split(islands, TEXT(FAULTY), &context, &shell, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_split(islands, NULL, 4, NULL, &shell, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_split(islands, TEXT(FAULTY), NULL, NULL, &error));
    eyot_islands_free(islands);
}

static void a_directive_in_a_comment_is_a_diagnostic(void) {
    eyot_islands *islands = test_islands();
    eyot_shell *shell = split(islands, "<!-- <Cart server:defer /> --><Cart server:defer />", STRICT);
    eyot_finding finding = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0};
    CHECK(eyot_report_get(eyot_shell_diagnostics(shell), 0, &finding) == EYOT_OK);
    CHECK(is(finding.code, "directive-in-comment") && finding.line == 1);
    eyot_shell_free(shell);
    eyot_islands_free(islands);
}

// -- chunks -------------------------------------------------------------------------------------------------------------

static eyot_splitter *splitter_of(const eyot_islands *islands, uint32_t mode) {
    eyot_context context = at_now();
    context.flags = mode;
    eyot_splitter *splitter = NULL;
    OK(eyot_splitter_new(islands, &context, &splitter, &error));
    return splitter;
}

static eyot_buffer in_chunks(const eyot_islands *islands, const char *page, size_t size, uint32_t mode) {
    eyot_splitter *splitter = splitter_of(islands, mode);
    const eyot_slice *segments = NULL;
    size_t parts = 0, length = strlen(page), used = 0;
    eyot_buffer whole = {malloc(length * 20 + 1), 0, 0};
    for (size_t at = 0; at <= length; at += size) {
        size_t rest = length - at < size ? length - at : size;
        // A copy that dies with its chunk, so that a sanitizer sees a segment that outlives it.
        uint8_t *chunk = malloc(rest + 1);
        memcpy(chunk, page + at, rest);
        OK(eyot_splitter_push(splitter, chunk, rest, &segments, &parts, &error));
        for (size_t i = 0; i < parts; used += segments[i++].len) {
            memcpy(whole.data + used, segments[i].data, segments[i].len);
        }
        free(chunk);
    }
    OK(eyot_splitter_finish(splitter, &segments, &parts, &error));
    for (size_t i = 0; i < parts; used += segments[i++].len) {
        memcpy(whole.data + used, segments[i].data, segments[i].len);
    }
    FAILS(EYOT_FINISHED, "finished", eyot_splitter_push(splitter, TEXT("x"), &segments, &parts, &error));
    FAILS(EYOT_FINISHED, "finished", eyot_splitter_finish(splitter, &segments, &parts, &error));
    eyot_splitter_free(splitter);
    whole.len = used;
    return whole;
}

static void however_a_page_is_cut_its_shell_is_the_same(void) {
    eyot_islands *islands = test_islands();
    for (int faulty = 0; faulty < 2; faulty++) {
        eyot_shell *shell = split(islands, faulty ? FAULTY : PAGE, LENIENT);
        eyot_buffer joined = EYOT_BUFFER_INIT;
        OK(eyot_shell_join(shell, &joined, &error));
        for (size_t size = 1; size < 40; size++) {
            eyot_buffer chunked = in_chunks(islands, faulty ? FAULTY : PAGE, size, LENIENT);
            CHECK(chunked.len == joined.len && memcmp(chunked.data, joined.data, joined.len) == 0);
            free(chunked.data);
        }
        eyot_buffer_free(&joined);
        eyot_shell_free(shell);
    }
    eyot_islands_free(islands);
}

static void a_splitter_that_met_an_error_has_finished_and_can_be_freed(void) {
    eyot_islands *islands = test_islands();
    eyot_splitter *splitter = splitter_of(islands, STRICT);
    const eyot_slice *segments = NULL;
    size_t parts = 0;
    // The splitter needs no islands.
    eyot_islands_free(islands);
    eyot_error *found = NULL;
    CHECK(eyot_splitter_push(splitter, TEXT(FAULTY), &segments, &parts, &found) == EYOT_MARKUP);
    CHECK(eyot_error_line(found) == 2 && segments == NULL && parts == 0);
    eyot_error_free(found);
    FAILS(EYOT_FINISHED, "finished", eyot_splitter_push(splitter, TEXT("x"), &segments, &parts, &error));
    CHECK(eyot_report_len(eyot_splitter_problems(splitter)) == 0);
    eyot_splitter_free(splitter);
}

static void a_splitter_has_a_copy_of_its_context(void) {
    eyot_islands *islands = test_islands();
    char *mount = malloc(5);
    memcpy(mount, "/shop", 5);
    eyot_context context = at_now();
    context.mount = eyot_slice_of(mount, 5);
    eyot_splitter *splitter = NULL;
    OK(eyot_splitter_new(islands, &context, &splitter, &error));
    free(mount);
    eyot_islands_free(islands);
    const eyot_slice *segments = NULL;
    size_t parts = 0, found = 0;
    OK(eyot_splitter_push(splitter, TEXT(PAGE), &segments, &parts, &error));
    for (size_t i = 0; i < parts; i++) found += contains(segments[i], "/shop/_server-islands/");
    CHECK(found > 0);
    eyot_splitter_free(splitter);
}

static void a_lenient_splitter_tells_its_problems_as_it_goes(void) {
    eyot_islands *islands = test_islands();
    eyot_splitter *splitter = splitter_of(islands, LENIENT);
    const eyot_slice *segments = NULL;
    size_t parts = 0;
    OK(eyot_splitter_push(splitter, TEXT(FAULTY), &segments, &parts, &error));
    CHECK(eyot_report_len(eyot_splitter_problems(splitter)) == 1);
    CHECK(eyot_report_len(eyot_splitter_diagnostics(splitter)) == 0);
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_splitter_push(splitter, TEXT("x"), NULL, &parts, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_splitter_push(splitter, TEXT("x"), &segments, NULL, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_splitter_push(NULL, TEXT("x"), &segments, &parts, &error));
    // A refused argument is not an error of the page: it goes on.
    OK(eyot_splitter_finish(splitter, &segments, &parts, &error));
    eyot_splitter_free(splitter);
    eyot_context context = at_now();
    context.flags = 1u << 9;
    FAILS(EYOT_ARGUMENT, "argument", eyot_splitter_new(islands, &context, &splitter, &error));
    eyot_islands_free(islands);
}

// -- prepared -----------------------------------------------------------------------------------------------------------

static void a_prepared_page_renders_what_a_split_gives(void) {
    eyot_islands *islands = test_islands();
    eyot_context context = at_now();
    eyot_shell *shell = split(islands, PAGE, STRICT), *parts = NULL;
    eyot_buffer wanted = EYOT_BUFFER_INIT, rendered = EYOT_BUFFER_INIT, joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(shell, &wanted, &error));
    eyot_shell_free(shell);

    char *page = malloc(sizeof PAGE);
    memcpy(page, PAGE, sizeof PAGE);
    eyot_prepared *prepared = NULL;
    OK(eyot_prepared_new(islands, page, sizeof PAGE - 1, &prepared, &error));
    free(page);
    eyot_islands_free(islands);
    for (int round = 0; round < 3; round++) {
        OK(eyot_prepared_render(prepared, &context, &rendered, &error));
        CHECK(rendered.len == wanted.len && memcmp(rendered.data, wanted.data, wanted.len) == 0);
        eyot_buffer_free(&rendered);
    }
    OK(eyot_prepared_shell(prepared, &context, &parts, &error));
    eyot_prepared_free(prepared);
    OK(eyot_shell_join(parts, &joined, &error));
    CHECK(joined.len == wanted.len && memcmp(joined.data, wanted.data, wanted.len) == 0);
    CHECK(eyot_shell_island_count(parts) == 2);
    eyot_shell_free(parts);
    eyot_buffer_free(&joined);
    eyot_buffer_free(&wanted);
}

static void a_faulty_page_cannot_be_prepared(void) {
    eyot_islands *islands = test_islands();
    eyot_prepared *prepared = NULL;
    eyot_error *found = NULL;
    CHECK(eyot_prepared_new(islands, TEXT(FAULTY), &prepared, &found) == EYOT_MARKUP);
    CHECK(prepared == NULL && eyot_error_line(found) == 2);
    eyot_error_free(found);
    eyot_islands_free(islands);
}

int main(void) {
    a_shell_is_its_segments_its_copy_and_its_join();
    a_page_without_a_directive_comes_back_as_it_is();
    a_strict_split_tells_the_place_and_a_lenient_one_goes_on();
    a_directive_in_a_comment_is_a_diagnostic();
    however_a_page_is_cut_its_shell_is_the_same();
    a_splitter_that_met_an_error_has_finished_and_can_be_freed();
    a_splitter_has_a_copy_of_its_context();
    a_lenient_splitter_tells_its_problems_as_it_goes();
    a_prepared_page_renders_what_a_split_gives();
    a_faulty_page_cannot_be_prepared();
    return done("pages");
}
