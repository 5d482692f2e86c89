// The way out of a page through either station: what a host is told to do with what was answered, and to log.
#include "test.h"

static const char PAGE[] = "<p>a</p><Cart server:defer note=s3cret><i slot=fallback>Cart</i></Cart><p>b</p>";
static const char FAULTY[] = "<p>a</p>\n<Nobody server:defer note=s3cret><i slot=fallback>f</i></Nobody><p>b</p>";
static const eyot_pair HTML[] = {{EYOT_LITERAL("Content-Type"), EYOT_LITERAL("text/html")},
                                 {EYOT_LITERAL("ETag"), EYOT_LITERAL("\"page\"")}};

static eyot_page *page_of(uint32_t flags) {
    eyot_islands *islands = test_islands();
    eyot_page_options options = EYOT_PAGE_OPTIONS_INIT;
    options.flags = flags;
    options.path = slice("/cart");
    eyot_page *page = NULL;
    OK(eyot_page_new(islands, &options, &page, &error));
    // The page needs no islands.
    eyot_islands_free(islands);
    return page;
}

static eyot_response html(const char *body) {
    eyot_response response = EYOT_RESPONSE_INIT;
    response.status = 200;
    response.headers = HTML;
    response.headers_len = 2;
    response.body = slice(body);
    return response;
}

static eyot_step asked(eyot_page *page, const eyot_response *response, uint32_t size) {
    eyot_step step = EYOT_STEP_CUT;
    OK(eyot_page_step(page, response, size, 0, &step, &error));
    return step;
}

static eyot_step whole(eyot_page *page, const eyot_response *response) {
    eyot_context context = at_now();
    eyot_step step = EYOT_STEP_CUT;
    OK(eyot_page_whole(page, response, &context, &step, &error));
    return step;
}

static eyot_slice sent_header(const eyot_page *page, const char *name) {
    const eyot_pair *headers = NULL;
    size_t count = 0;
    CHECK(eyot_outcome_headers(eyot_page_outcome(page), &headers, &count) == EYOT_OK);
    return header(headers, count, name);
}

// Takes the events of a page, of which there must be one alone, or with an empty code none.
static void tells(eyot_page *page, const char *code, eyot_level level) {
    const eyot_event *events = NULL;
    size_t count = 0;
    CHECK(eyot_page_events(page, &events, &count) == EYOT_OK);
    CHECK(count == (*code ? 1 : 0));
    if (count == 0) return;
    CHECK(is(events->code, code) && events->level == level && is(events->path, "/cart") && events->message.len > 0);
    CHECK(!contains(events->message, "s3cret") && events->status == 0 && events->island.len == 0);
}

static void holds(const eyot_slice *segments, size_t count, eyot_buffer *joined) {
    for (size_t i = 0; i < count; i++) {
        memcpy(joined->data + joined->len, segments[i].data, segments[i].len);
        joined->len += segments[i].len;
    }
}

static void a_whole_page_becomes_a_shell_with_its_headers(void) {
    eyot_page *page = page_of(0);
    eyot_response response = html(PAGE);
    CHECK(asked(page, &response, EYOT_SIZE_UNKNOWN) == EYOT_STEP_WAIT);
    CHECK(asked(page, &response, EYOT_SIZE_WHOLE) == EYOT_STEP_COLLECT);
    CHECK(eyot_page_outcome(page) == NULL && eyot_page_shell(page) == NULL && eyot_page_reply(page) == NULL);
    CHECK(whole(page, &response) == EYOT_STEP_SHELL);
    const eyot_shell *shell = eyot_page_shell(page);
    eyot_buffer joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(shell, &joined, &error));
    CHECK(contains(view(&joined), "island-src") && !contains(view(&joined), "server:"));
    char length[24];
    snprintf(length, sizeof length, "%zu", joined.len);
    CHECK(is(sent_header(page, "Content-Length"), length) && sent_header(page, "ETag").len == 0);
    CHECK(eyot_shell_island_count(shell) == 1 && eyot_page_reply(page) == NULL);
    tells(page, "", EYOT_LEVEL_WARNING);
    eyot_buffer_free(&joined);
    eyot_page_free(page);
}

static void a_page_without_islands_passes_and_so_does_what_is_no_page(void) {
    eyot_page *page = page_of(0);
    eyot_response response = html("<p>nothing</p>");
    CHECK(whole(page, &response) == EYOT_STEP_PASS && eyot_page_outcome(page) == NULL);
    eyot_page_free(page);
    const eyot_pair json[] = {{EYOT_LITERAL("Content-Type"), EYOT_LITERAL("application/json")}};
    response.headers = json;
    response.headers_len = 1;
    page = page_of(0);
    CHECK(asked(page, &response, EYOT_SIZE_UNKNOWN) == EYOT_STEP_PASS);
    eyot_page_free(page);
}

static void a_faulty_page_loses_the_island_in_production_and_is_shown_while_debugging(void) {
    eyot_page *page = page_of(0);
    eyot_response response = html(FAULTY);
    CHECK(whole(page, &response) == EYOT_STEP_SHELL);
    eyot_buffer joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(eyot_page_shell(page), &joined, &error));
    CHECK(is(view(&joined), "<p>a</p>\n<i>f</i><p>b</p>"));
    CHECK(is(sent_header(page, "Cache-Control"), "private, no-store"));
    tells(page, "name-unknown", EYOT_LEVEL_ERROR);
    tells(page, "", EYOT_LEVEL_ERROR);
    eyot_buffer_free(&joined);
    eyot_page_free(page);

    page = page_of(EYOT_PAGE_DEBUG);
    CHECK(whole(page, &response) == EYOT_STEP_REPLY && eyot_page_outcome(page) == NULL);
    const eyot_reply *reply = eyot_page_reply(page);
    const eyot_pair *headers = NULL;
    size_t count = 0;
    eyot_slice body = EYOT_SLICE_INIT;
    CHECK(eyot_reply_status(reply) == 500 && eyot_reply_body(reply, &body) == EYOT_OK);
    CHECK(contains(body, "    2 | &lt;Nobody") && contains(body, "      | ^"));
    CHECK(eyot_reply_headers(reply, &headers, &count) == EYOT_OK && is(header(headers, count, "Cache-Control"), "no-store"));
    tells(page, "name-unknown", EYOT_LEVEL_ERROR);
    eyot_page_free(page);
}

static void a_compressed_page_is_decoded_or_kept_out_of_caches(void) {
    const eyot_pair zipped[] = {HTML[0], {EYOT_LITERAL("Content-Encoding"), EYOT_LITERAL("GZIP")}};
    eyot_response response = html(PAGE);
    response.headers = zipped;
    eyot_page *page = page_of(0);
    eyot_slice coding = EYOT_SLICE_INIT;
    CHECK(asked(page, &response, EYOT_SIZE_UNKNOWN) == EYOT_STEP_DECODE);
    CHECK(eyot_page_coding(page, &coding) == EYOT_OK && is(coding, "gzip"));
    CHECK(whole(page, &response) == EYOT_STEP_SHELL && sent_header(page, "Content-Encoding").len == 0);
    CHECK(eyot_page_coding(page, &coding) == EYOT_OK && coding.len == 0);
    eyot_page_free(page);

    for (uint32_t debug = 0; debug < 2; debug++) {
        page = page_of(debug ? EYOT_PAGE_DEBUG : 0);
        CHECK(asked(page, &response, EYOT_SIZE_WHOLE) == EYOT_STEP_DECODE);
        eyot_step step = EYOT_STEP_PASS;
        OK(eyot_page_undecoded(page, &response, &step, &error));
        CHECK(step == (debug ? EYOT_STEP_REPLY : EYOT_STEP_EDIT));
        CHECK(debug || is(sent_header(page, "Content-Encoding"), "GZIP"));
        CHECK(debug ? eyot_reply_status(eyot_page_reply(page)) == 500
                    : is(sent_header(page, "Cache-Control"), "private, no-store"));
        tells(page, "page-compressed", EYOT_LEVEL_WARNING);
        eyot_page_free(page);
    }
}

static void a_part_of_a_page_is_refused_and_a_long_text_passes(void) {
    eyot_page *page = page_of(0);
    eyot_response response = html("");
    response.status = 206;
    CHECK(asked(page, &response, EYOT_SIZE_UNKNOWN) == EYOT_STEP_REPLY);
    CHECK(eyot_reply_status(eyot_page_reply(page)) == 416);
    tells(page, "page-part", EYOT_LEVEL_WARNING);
    eyot_page_free(page);

    const eyot_pair css[] = {{EYOT_LITERAL("Content-Type"), EYOT_LITERAL("text/css")}};
    response.status = 200;
    response.headers = css;
    response.headers_len = 1;
    page = page_of(0);
    eyot_step step = EYOT_STEP_CUT;
    OK(eyot_page_step(page, &response, EYOT_SIZE_KNOWN, 1000, &step, &error));
    CHECK(step == EYOT_STEP_COLLECT);
    OK(eyot_page_step(page, &response, EYOT_SIZE_KNOWN, 1000000, &step, &error));
    CHECK(step == EYOT_STEP_PASS);
    eyot_page_free(page);
}

// -- pages that go out as they come -------------------------------------------------------------------------------------

// Pushes a page in chunks of this size, each in memory of its own that dies with it; returns the last step.
static eyot_step streamed(eyot_page *page, const char *text, size_t size, eyot_buffer *out) {
    eyot_response response = html("");
    CHECK(asked(page, &response, EYOT_SIZE_MORE) == EYOT_STEP_STREAM);
    CHECK(sent_header(page, "ETag").len == 0 && sent_header(page, "Content-Type").len > 0);
    eyot_context context = at_now();
    const eyot_slice *segments = NULL;
    size_t count = 0, length = strlen(text);
    eyot_step step = EYOT_STEP_STREAM;
    for (size_t at = 0; at < length && step == EYOT_STEP_STREAM; at += size) {
        size_t rest = length - at < size ? length - at : size;
        uint8_t *chunk = malloc(rest);
        memcpy(chunk, text + at, rest);
        OK(eyot_page_push(page, chunk, rest, &context, &step, &segments, &count, &error));
        holds(segments, count, out);
        free(chunk);
    }
    if (step == EYOT_STEP_STREAM) {
        OK(eyot_page_finish(page, &context, &step, &segments, &count, &error));
        CHECK(step != EYOT_STEP_STREAM);
        holds(segments, count, out);
    }
    FAILS(EYOT_FINISHED, "finished", eyot_page_push(page, TEXT("x"), &context, &step, &segments, &count, &error));
    FAILS(EYOT_FINISHED, "finished", eyot_page_finish(page, &context, &step, &segments, &count, &error));
    return step;
}

static void however_a_streamed_page_is_cut_its_shell_is_the_same(void) {
    eyot_page *first = page_of(0);
    uint8_t memory[2][4096];
    eyot_buffer whole = {memory[0], 0, 0};
    CHECK(streamed(first, PAGE, sizeof PAGE, &whole) == EYOT_STEP_END);
    CHECK(contains(view(&whole), "island-src") && !contains(view(&whole), "server:"));
    tells(first, "", EYOT_LEVEL_WARNING);
    eyot_page_free(first);
    for (size_t size = 1; size < 40; size++) {
        eyot_page *page = page_of(0);
        eyot_buffer chunked = {memory[1], 0, 0};
        CHECK(streamed(page, PAGE, size, &chunked) == EYOT_STEP_END);
        CHECK(chunked.len == whole.len && memcmp(chunked.data, whole.data, whole.len) == 0);
        eyot_page_free(page);
    }
}

static void a_faulty_stream_goes_on_in_production_ends_while_debugging_and_is_cut_where_it_must_be_sound(void) {
    const struct {
        uint32_t flags;
        eyot_step end;
        const char *text;
    } cases[] = {
        {0, EYOT_STEP_END, "<p>a</p>\n<i>f</i><p>b</p>"},
        {EYOT_PAGE_DEBUG, EYOT_STEP_END, "<pre>eyot: "},
        {EYOT_PAGE_SOUND, EYOT_STEP_CUT, ""},
        {EYOT_PAGE_SOUND | EYOT_PAGE_DEBUG, EYOT_STEP_CUT, "<pre>eyot: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eyot_page *page = page_of(cases[i].flags);
        uint8_t memory[4096];
        eyot_buffer out = {memory, 0, 0};
        CHECK(streamed(page, FAULTY, 7, &out) == cases[i].end);
        CHECK(contains(view(&out), cases[i].text) && !contains(view(&out), "server:"));
        CHECK((eyot_page_fault(page) != NULL) == (cases[i].end == EYOT_STEP_CUT));
        CHECK(eyot_page_fault(page) == NULL || eyot_error_line(eyot_page_fault(page)) == 2);
        tells(page, "name-unknown", EYOT_LEVEL_ERROR);
        eyot_page_free(page);
    }
    eyot_page *held = page_of(EYOT_PAGE_HOLD);
    eyot_response response = html("");
    CHECK(asked(held, &response, EYOT_SIZE_MORE) == EYOT_STEP_COLLECT);
    eyot_page_free(held);
}

// -- misuse ---------------------------------------------------------------------------------------------------------------

static void a_page_is_of_no_use_once_it_is_decided(void) {
    eyot_page *page = page_of(0);
    eyot_response response = html(PAGE);
    eyot_step step = EYOT_STEP_CUT;
    CHECK(whole(page, &response) == EYOT_STEP_SHELL);
    FAILS(EYOT_FINISHED, "finished", eyot_page_step(page, &response, EYOT_SIZE_WHOLE, 0, &step, &error));
    FAILS(EYOT_FINISHED, "finished", eyot_page_whole(page, &response, NULL, &step, &error));
    FAILS(EYOT_FINISHED, "finished", eyot_page_undecoded(page, &response, &step, &error));
    CHECK(step == EYOT_STEP_CUT && eyot_page_shell(page) != NULL);
    eyot_page_free(page);
}

static void chunks_are_refused_before_a_step_said_so_and_other_calls_after_it(void) {
    eyot_page *page = page_of(0);
    eyot_response response = html(PAGE);
    const eyot_slice *segments = NULL;
    size_t count = 0;
    eyot_step step = EYOT_STEP_CUT;
    FAILS(EYOT_ARGUMENT, "argument", eyot_page_push(page, TEXT("a"), NULL, &step, &segments, &count, &error));
    FAILS(EYOT_ARGUMENT, "argument", eyot_page_finish(page, NULL, &step, &segments, &count, &error));
    CHECK(asked(page, &response, EYOT_SIZE_MORE) == EYOT_STEP_STREAM);
    FAILS(EYOT_ARGUMENT, "argument", eyot_page_step(page, &response, EYOT_SIZE_MORE, 0, &step, &error));
    FAILS(EYOT_ARGUMENT, "argument", eyot_page_whole(page, &response, NULL, &step, &error));
    // Freed in the middle of the page.
    OK(eyot_page_push(page, PAGE, 20, NULL, &step, &segments, &count, &error));
    eyot_page_free(page);
}

static void wrong_arguments_change_nothing(void) {
    eyot_islands *islands = test_islands();
    eyot_page *page = NULL;
    eyot_page_options options = EYOT_PAGE_OPTIONS_INIT;
    options.flags = 64;
    FAILS(EYOT_ARGUMENT, "argument", eyot_page_new(islands, &options, &page, &error));
    FAILS(EYOT_ARGUMENT, "argument", eyot_page_new_outer(islands, &options, &page, &error));
    options.flags = 0;
    options.path = slice("/\xff");
    FAILS(EYOT_UTF8, "utf8", eyot_page_new(islands, &options, &page, &error));
    options.size = 4;
    FAILS(EYOT_STRUCT_SIZE, "struct-size", eyot_page_new(islands, &options, &page, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_page_new(islands, NULL, NULL, &error));
    CHECK(page == NULL);
    OK(eyot_page_new(islands, NULL, &page, &error));
    eyot_islands_free(islands);

    eyot_response response = html(PAGE), empty = html(PAGE);
    const eyot_slice *segments = NULL;
    const eyot_event *events = NULL;
    size_t count = 0;
    eyot_step step = EYOT_STEP_CUT;
    empty.status = 0;
    FAILS(EYOT_ARGUMENT, "argument", eyot_page_step(page, &response, 4, 0, &step, &error));
    FAILS(EYOT_ARGUMENT, "argument", eyot_page_step(page, &empty, EYOT_SIZE_WHOLE, 0, &step, &error));
    empty.size = 0;
    FAILS(EYOT_STRUCT_SIZE, "struct-size", eyot_page_whole(page, &empty, NULL, &step, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_page_step(page, NULL, EYOT_SIZE_WHOLE, 0, &step, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_page_step(page, &response, EYOT_SIZE_WHOLE, 0, NULL, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_page_whole(page, &response, NULL, NULL, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_page_push(page, NULL, 1, NULL, &step, &segments, &count, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_page_finish(page, NULL, &step, NULL, &count, &error));
    CHECK(eyot_page_events(page, NULL, &count) == EYOT_NULL_POINTER);
    CHECK(eyot_page_events(NULL, &events, &count) == EYOT_NULL_POINTER);
    CHECK(step == EYOT_STEP_CUT && whole(page, &response) == EYOT_STEP_SHELL);
    eyot_page_free(page);
    eyot_page_free(NULL);
}

// -- what the outer station has not seen ------------------------------------------------------------------------------------

static eyot_page *outer_page(const eyot_islands *islands) {
    eyot_page_options options = EYOT_PAGE_OPTIONS_INIT;
    options.path = slice("/cart");
    eyot_page *page = NULL;
    OK(eyot_page_new_outer(islands, &options, &page, &error));
    return page;
}

static void a_page_from_between_is_split_by_the_outer_station_and_told_of(void) {
    eyot_islands *islands = test_islands();
    eyot_page *page = outer_page(islands);
    eyot_islands_free(islands);
    eyot_response response = html(PAGE);
    response.status = 429;
    CHECK(asked(page, &response, EYOT_SIZE_WHOLE) == EYOT_STEP_COLLECT);
    CHECK(whole(page, &response) == EYOT_STEP_SHELL && eyot_outcome_status(eyot_page_outcome(page)) == 429);
    eyot_buffer joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(eyot_page_shell(page), &joined, &error));
    CHECK(contains(view(&joined), "island-src") && !contains(view(&joined), "server:"));
    tells(page, "not-seen-inside", EYOT_LEVEL_WARNING);
    eyot_buffer_free(&joined);
    eyot_page_free(page);
}

static void nothing_is_sealed_where_the_audience_is_not_known(void) {
    eyot_islands *islands = test_islands();
    eyot_page *page = outer_page(islands);
    eyot_response response = html(PAGE);
    eyot_context context = at_now();
    eyot_step step = EYOT_STEP_CUT;
    context.flags = EYOT_CONTEXT_NO_SEALS;
    CHECK(asked(page, &response, EYOT_SIZE_WHOLE) == EYOT_STEP_COLLECT);
    OK(eyot_page_whole(page, &response, &context, &step, &error));
    eyot_buffer joined = EYOT_BUFFER_INIT;
    OK(eyot_shell_join(eyot_page_shell(page), &joined, &error));
    CHECK(step == EYOT_STEP_SHELL && is(view(&joined), "<p>a</p><i>Cart</i><p>b</p>"));
    eyot_buffer_free(&joined);
    eyot_page_free(page);
    eyot_islands_free(islands);
}

static void what_has_the_mark_leaves_without_it_and_what_is_no_text_passes(void) {
    eyot_islands *islands = test_islands();
    const eyot_pair marked[] = {HTML[0], {EYOT_LITERAL("Eyot-Split"), EYOT_LITERAL("1")}};
    eyot_response response = html("<p>seen</p>");
    response.headers = marked;
    eyot_page *page = outer_page(islands);
    CHECK(asked(page, &response, EYOT_SIZE_UNKNOWN) == EYOT_STEP_EDIT);
    CHECK(eyot_outcome_has_body(eyot_page_outcome(page)) && sent_header(page, "Eyot-Split").len == 0);
    CHECK(is(sent_header(page, "Content-Type"), "text/html"));
    tells(page, "", EYOT_LEVEL_WARNING);
    eyot_page_free(page);
    page = outer_page(islands);
    response.headers_len = 0;
    CHECK(asked(page, &response, EYOT_SIZE_UNKNOWN) == EYOT_STEP_PASS);
    eyot_page_free(page);
    eyot_islands_free(islands);
}

static void a_page_is_marked_for_an_outer_station_split_or_not(void) {
    for (uint32_t unsplit = 0; unsplit < 2; unsplit++) {
        eyot_page *page = page_of(EYOT_PAGE_MARK | (unsplit ? EYOT_PAGE_UNSPLIT : 0));
        eyot_response response = html(PAGE);
        eyot_step step = asked(page, &response, EYOT_SIZE_WHOLE);
        CHECK(step == (unsplit ? EYOT_STEP_EDIT : EYOT_STEP_COLLECT));
        CHECK(unsplit || whole(page, &response) == EYOT_STEP_SHELL);
        CHECK(is(sent_header(page, "Eyot-Split"), "1") && (sent_header(page, "ETag").len > 0) == unsplit);
        eyot_page_free(page);
    }
}

static void a_stream_is_open_until_its_end_and_the_outer_station_notes_that_it_cuts_it(void) {
    eyot_page *page = page_of(0);
    eyot_response response = html(PAGE);
    eyot_context context = at_now();
    const eyot_slice *segments = NULL;
    size_t count = 0;
    eyot_step step = EYOT_STEP_CUT;
    CHECK(!eyot_page_is_open(page) && !eyot_page_is_open(NULL));
    CHECK(asked(page, &response, EYOT_SIZE_MORE) == EYOT_STEP_STREAM && eyot_page_is_open(page));
    OK(eyot_page_push(page, TEXT("<p>a"), &context, &step, &segments, &count, &error));
    CHECK(step == EYOT_STEP_STREAM && eyot_page_is_open(page));

    eyot_islands *islands = test_islands();
    eyot_page *outer = outer_page(islands);
    eyot_page_note_cut(outer);
    eyot_page_note_cut(page);
    eyot_page_note_cut(NULL);
    tells(outer, "stream-cut", EYOT_LEVEL_ERROR);
    tells(page, "", EYOT_LEVEL_ERROR);
    CHECK(!eyot_page_is_open(outer));
    eyot_page_free(outer);
    eyot_islands_free(islands);

    OK(eyot_page_finish(page, &context, &step, &segments, &count, &error));
    CHECK(step == EYOT_STEP_END && !eyot_page_is_open(page));
    eyot_page_free(page);
}

int main(void) {
    a_whole_page_becomes_a_shell_with_its_headers();
    a_page_without_islands_passes_and_so_does_what_is_no_page();
    a_faulty_page_loses_the_island_in_production_and_is_shown_while_debugging();
    a_compressed_page_is_decoded_or_kept_out_of_caches();
    a_part_of_a_page_is_refused_and_a_long_text_passes();
    however_a_streamed_page_is_cut_its_shell_is_the_same();
    a_faulty_stream_goes_on_in_production_ends_while_debugging_and_is_cut_where_it_must_be_sound();
    a_page_is_of_no_use_once_it_is_decided();
    chunks_are_refused_before_a_step_said_so_and_other_calls_after_it();
    wrong_arguments_change_nothing();
    a_page_from_between_is_split_by_the_outer_station_and_told_of();
    nothing_is_sealed_where_the_audience_is_not_known();
    what_has_the_mark_leaves_without_it_and_what_is_no_text_passes();
    a_page_is_marked_for_an_outer_station_split_or_not();
    a_stream_is_open_until_its_end_and_the_outer_station_notes_that_it_cuts_it();
    return done("ways");
}
