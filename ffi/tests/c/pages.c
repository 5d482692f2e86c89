// Pages: split whole, in chunks, and prepared.
#include "test.h"

static const char PAGE[] = "<h1>Lantern</h1>\n<Cart server:defer a=1><i slot=fallback>Cart</i></Cart><p>and</p>"
                           "<tr server:defer=Row><td slot=fallback>r</td></tr>the rest";
static const char FAULTY[] = "<p>a</p>\n<Nobody server:defer secret=1><i slot=fallback>f</i></Nobody><p>b</p>";

static eyot_shell *split(const eyot_islands *islands, const char *page, uint32_t mode) {
    eyot_context context = at_now();
    eyot_shell *shell = NULL;
    OK(eyot_islands_split(islands, (const uint8_t *)page, strlen(page), mode, &context, &shell, &error));
    return shell;
}

static void a_shell_is_its_segments_its_copy_and_its_join(void) {
    eyot_islands *islands = test_islands();
    eyot_shell *shell = split(islands, PAGE, EYOT_SPLIT_STRICT);
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
    CHECK(eyot_shell_islands_len(shell) == 2);
    CHECK(eyot_shell_island(shell, 1, &name) == EYOT_OK && is(name, "Row"));
    CHECK(eyot_shell_island(shell, 2, &name) == EYOT_NOT_FOUND);
    CHECK(!eyot_shell_is_untouched(shell));
    eyot_buffer_free(&joined);
    eyot_shell_free(shell);
    eyot_islands_free(islands);
}

static void a_page_without_a_directive_comes_back_as_it_is(void) {
    eyot_islands *islands = test_islands();
    const char *page = "<p>nothing here</p>";
    eyot_shell *shell = split(islands, page, EYOT_SPLIT_LENIENT);
    const eyot_slice *segments = NULL;
    size_t parts = 0;
    CHECK(eyot_shell_is_untouched(shell) && eyot_shell_len(shell) == strlen(page));
    CHECK(eyot_shell_segments(shell, &segments, &parts) == EYOT_OK);
    CHECK(parts == 1 && (const char *)segments[0].data == page);
    eyot_shell_free(shell);
    OK(eyot_islands_split(islands, NULL, 0, EYOT_SPLIT_STRICT, NULL, &shell, &error));
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
    CHECK(eyot_islands_split(islands, TEXT(FAULTY), EYOT_SPLIT_STRICT, NULL, &shell, &found) == EYOT_MARKUP);
    CHECK(shell == NULL && eyot_error_line(found) == 2 && eyot_error_column(found) == 1);
    eyot_error_free(found);

    shell = split(islands, FAULTY, EYOT_SPLIT_LENIENT);
    eyot_buffer joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(shell, &joined, &error));
    CHECK(is(view(&joined), "<p>a</p>\n<i>f</i><p>b</p>"));
    const eyot_findings *problems = eyot_shell_problems(shell);
    eyot_finding problem = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0};
    CHECK(eyot_findings_len(problems) == 1 && eyot_findings_len(eyot_shell_diagnostics(shell)) == 0);
    CHECK(eyot_findings_get(problems, 0, &problem) == EYOT_OK && problem.line == 2 && problem.column == 1);
    CHECK(problem.code.len > 0 && problem.message.len > 0);
    CHECK(eyot_findings_get(problems, 1, &problem) == EYOT_NOT_FOUND);
    eyot_buffer_free(&joined);
    eyot_shell_free(shell);

    FAILS(EYOT_ARGUMENT, "argument", eyot_islands_split(islands, TEXT(FAULTY), 7, NULL, &shell, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_split(islands, NULL, 4, 0, NULL, &shell, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_split(islands, TEXT(FAULTY), 0, NULL, NULL, &error));
    eyot_islands_free(islands);
}

static void a_directive_in_a_comment_is_a_diagnostic(void) {
    eyot_islands *islands = test_islands();
    eyot_shell *shell = split(islands, "<!-- <Cart server:defer /> --><Cart server:defer />", EYOT_SPLIT_STRICT);
    eyot_finding finding = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT, 0, 0};
    CHECK(eyot_findings_get(eyot_shell_diagnostics(shell), 0, &finding) == EYOT_OK);
    CHECK(is(finding.code, "directive-in-comment") && finding.line == 1);
    eyot_shell_free(shell);
    eyot_islands_free(islands);
}

// -- chunks -------------------------------------------------------------------------------------------------------------

static eyot_buffer in_chunks(const eyot_islands *islands, const char *page, size_t size, uint32_t mode) {
    eyot_context context = at_now();
    eyot_splitter *splitter = NULL;
    const eyot_slice *segments = NULL;
    size_t parts = 0, length = strlen(page), used = 0;
    eyot_buffer whole = {malloc(length * 20 + 1), 0, 0};
    OK(eyot_splitter_new(islands, mode, &splitter, &error));
    for (size_t at = 0; at <= length; at += size) {
        size_t rest = length - at < size ? length - at : size;
        // A copy that dies with its chunk, so that a sanitizer sees a segment that outlives it.
        uint8_t *chunk = malloc(rest + 1);
        memcpy(chunk, page + at, rest);
        OK(eyot_splitter_push(splitter, chunk, rest, &context, &segments, &parts, &error));
        for (size_t i = 0; i < parts; used += segments[i++].len) {
            memcpy(whole.data + used, segments[i].data, segments[i].len);
        }
        free(chunk);
    }
    OK(eyot_splitter_finish(splitter, &context, &segments, &parts, &error));
    for (size_t i = 0; i < parts; used += segments[i++].len) {
        memcpy(whole.data + used, segments[i].data, segments[i].len);
    }
    FAILS(EYOT_FINISHED, "finished", eyot_splitter_push(splitter, TEXT("x"), &context, &segments, &parts, &error));
    FAILS(EYOT_FINISHED, "finished", eyot_splitter_finish(splitter, &context, &segments, &parts, &error));
    eyot_splitter_free(splitter);
    whole.len = used;
    return whole;
}

static void however_a_page_is_cut_its_shell_is_the_same(void) {
    eyot_islands *islands = test_islands();
    for (int faulty = 0; faulty < 2; faulty++) {
        eyot_shell *shell = split(islands, faulty ? FAULTY : PAGE, EYOT_SPLIT_LENIENT);
        eyot_buffer joined = EYOT_BUFFER_INIT;
        OK(eyot_shell_join(shell, &joined, &error));
        for (size_t size = 1; size < 40; size++) {
            eyot_buffer chunked = in_chunks(islands, faulty ? FAULTY : PAGE, size, EYOT_SPLIT_LENIENT);
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
    eyot_splitter *splitter = NULL;
    const eyot_slice *segments = NULL;
    size_t parts = 0;
    OK(eyot_splitter_new(islands, EYOT_SPLIT_STRICT, &splitter, &error));
    // The splitter needs no islands.
    eyot_islands_free(islands);
    eyot_error *found = NULL;
    CHECK(eyot_splitter_push(splitter, TEXT(FAULTY), NULL, &segments, &parts, &found) == EYOT_MARKUP);
    CHECK(eyot_error_line(found) == 2 && segments == NULL && parts == 0);
    eyot_error_free(found);
    FAILS(EYOT_FINISHED, "finished", eyot_splitter_push(splitter, TEXT("x"), NULL, &segments, &parts, &error));
    CHECK(eyot_findings_len(eyot_splitter_problems(splitter)) == 0);
    eyot_splitter_free(splitter);
}

static void a_lenient_splitter_tells_its_problems_as_it_goes(void) {
    eyot_islands *islands = test_islands();
    eyot_splitter *splitter = NULL;
    const eyot_slice *segments = NULL;
    size_t parts = 0;
    OK(eyot_splitter_new(islands, EYOT_SPLIT_LENIENT, &splitter, &error));
    OK(eyot_splitter_push(splitter, TEXT(FAULTY), NULL, &segments, &parts, &error));
    CHECK(eyot_findings_len(eyot_splitter_problems(splitter)) == 1);
    CHECK(eyot_findings_len(eyot_splitter_diagnostics(splitter)) == 0);
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_splitter_push(splitter, TEXT("x"), NULL, NULL, &parts, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_splitter_push(splitter, TEXT("x"), NULL, &segments, NULL, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_splitter_push(NULL, TEXT("x"), NULL, &segments, &parts, &error));
    // A refused argument is not an error of the page: it goes on.
    OK(eyot_splitter_finish(splitter, NULL, &segments, &parts, &error));
    eyot_splitter_free(splitter);
    FAILS(EYOT_ARGUMENT, "argument", eyot_splitter_new(islands, 2, &splitter, &error));
    eyot_islands_free(islands);
}

// -- prepared -----------------------------------------------------------------------------------------------------------

static void a_prepared_page_renders_what_a_split_gives(void) {
    eyot_islands *islands = test_islands();
    eyot_context context = at_now();
    eyot_shell *shell = split(islands, PAGE, EYOT_SPLIT_STRICT), *parts = NULL;
    eyot_buffer wanted = EYOT_BUFFER_INIT, rendered = EYOT_BUFFER_INIT, joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(shell, &wanted, &error));
    eyot_shell_free(shell);

    char *page = malloc(sizeof PAGE);
    memcpy(page, PAGE, sizeof PAGE);
    eyot_prepared *prepared = NULL;
    OK(eyot_prepared_new(islands, (const uint8_t *)page, sizeof PAGE - 1, &prepared, &error));
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
    CHECK(eyot_shell_islands_len(parts) == 2);
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
    a_lenient_splitter_tells_its_problems_as_it_goes();
    a_prepared_page_renders_what_a_split_gives();
    a_faulty_page_cannot_be_prepared();
    return done("pages");
}
