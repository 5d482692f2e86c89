// Configuration, placeholders, and keys that are replaced while others use them.
#include "test.h"

#include <pthread.h>

static eyot_status configured(eyot_islands_options options, eyot_error **error) {
    eyot_keyring *keyring = test_keys(TEST_KEY);
    eyot_islands *islands = NULL;
    eyot_status status = eyot_islands_new(keyring, &options, &islands, error);
    eyot_keyring_free(keyring);
    eyot_islands_free(islands);
    return status;
}

static void a_configuration_is_checked(void) {
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    OK(configured(options, &error));
    const eyot_declaration twice[] = {{EYOT_LITERAL("A"), 1, 0}, {EYOT_LITERAL("A"), 2, 0}};
    options.islands = twice;
    options.islands_len = 2;
    FAILS(EYOT_NAME_TWICE, "name-twice", configured(options, &error));
    const eyot_declaration invalid[] = {{EYOT_LITERAL("loader.x"), 1, 0}, {EYOT_LITERAL("B"), 2, 8}};
    options.islands = invalid;
    options.islands_len = 1;
    FAILS(EYOT_NAME_INVALID, "name-invalid", configured(options, &error));
    options.islands = invalid + 1;
    FAILS(EYOT_ARGUMENT, "argument", configured(options, &error));
    options.islands = NULL;
    FAILS(EYOT_NULL_POINTER, "null-pointer", configured(options, &error));
    options.islands_len = 0;
    options.spelling = 7;
    FAILS(EYOT_ARGUMENT, "argument", configured(options, &error));
    options.spelling = EYOT_SPELLING_SNAKE;
    const eyot_pair wrong[] = {
        {EYOT_LITERAL("prefix"), EYOT_LITERAL("no-slash")},
        {EYOT_LITERAL("prefix"), EYOT_LITERAL("/\xff")},
        {EYOT_LITERAL("prelaod"), EYOT_LITERAL("true")},
        {EYOT_LITERAL("ttl"), EYOT_LITERAL("soon")},
        {EYOT_LITERAL("url_limit"), EYOT_LITERAL("-1")},
        {EYOT_LITERAL("loader"), EYOT_LITERAL("no")},
        {EYOT_LITERAL("allowed_origins"), EYOT_LITERAL("a.example/path")},
    };
    options.options_len = 1;
    FAILS(EYOT_NULL_POINTER, "null-pointer", configured(options, &error));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options.options = wrong + i;
        if (i == 1) {
            FAILS(EYOT_UTF8, "utf8", configured(options, &error));
        } else {
            FAILS(EYOT_OPTION, "option", configured(options, &error));
        }
    }
    const eyot_pair right[] = {
        {EYOT_LITERAL("LoginURL"), EYOT_LITERAL("/login")},
        {EYOT_LITERAL("NoLoader"), EYOT_LITERAL("true")},
        {EYOT_LITERAL("AllowedOrigins"), EYOT_LITERAL("https://a.example")},
        {EYOT_LITERAL("AllowedOrigins"), EYOT_LITERAL("https://b.example")},
        {EYOT_LITERAL("IdentityHeaders"), EYOT_SLICE_INIT},
    };
    options.options = right;
    options.options_len = sizeof right / sizeof *right;
    FAILS(EYOT_OPTION, "option", configured(options, &error));
    options.spelling = EYOT_SPELLING_PASCAL;
    OK(configured(options, &error));
    options.spelling = EYOT_SPELLING_SNAKE;
    options.options_len = 0;
    options.size = sizeof options - 1;
    FAILS(EYOT_STRUCT_SIZE, "struct-size", configured(options, &error));
}

static void a_newer_programs_options_are_taken_unless_they_ask_for_what_is_not_there(void) {
    struct {
        eyot_islands_options options;
        uint64_t more;
    } newer = {EYOT_ISLANDS_OPTIONS_INIT, 0};
    newer.options.size = sizeof newer;
    eyot_keyring *keyring = test_keys(TEST_KEY);
    eyot_islands *islands = NULL;
    OK(eyot_islands_new(keyring, &newer.options, &islands, &error));
    eyot_islands_free(islands);
    newer.more = 1;
    FAILS(EYOT_STRUCT_SIZE, "struct-size", eyot_islands_new(keyring, &newer.options, &islands, &error));
    eyot_keyring_free(keyring);
}

static void every_island_has_the_number_that_it_was_declared_with(void) {
    eyot_islands *islands = test_islands();
    uint32_t number = 0;
    CHECK(eyot_islands_number(islands, TEXT("Row"), &number) == EYOT_OK && number == ROW);
    CHECK(eyot_islands_number(islands, TEXT("row"), &number) == EYOT_NOT_FOUND && number == ROW);
    eyot_slice prefix = EYOT_SLICE_INIT;
    CHECK(eyot_islands_prefix(islands, &prefix) == EYOT_OK && is(prefix, "/_server-islands"));
    eyot_islands_free(islands);
}

static void a_placeholder_is_what_a_split_makes(void) {
    eyot_islands *islands = test_islands();
    eyot_context context = at_now();
    context.mount = slice("/shop");
    const eyot_pair slots[] = {{EYOT_LITERAL("note"), EYOT_LITERAL("<u>1</u>")}};
    const eyot_pair options[] = {{EYOT_LITERAL("when"), EYOT_LITERAL("idle")}, {EYOT_LITERAL("keep"), EYOT_LITERAL("")}};
    eyot_placeholder island = EYOT_PLACEHOLDER_INIT;
    island.name = slice("Cart");
    island.props = slice("{\"a\":\"1\"}");
    island.fallback = slice("<i>f</i>");
    island.error = slice("<b>e</b>");
    island.slots = slots;
    island.slots_len = 1;
    island.options = options;
    island.options_len = 2;
    eyot_buffer written = EYOT_BUFFER_INIT, split = EYOT_BUFFER_INIT;
    OK(eyot_islands_placeholder(islands, &island, &context, &written, &error));

    const char *page = "<Cart server:defer server:when=idle server:keep a=1><i slot=fallback>f</i>"
                       "<b slot=error>e</b><u slot=note>1</u></Cart>";
    eyot_shell *shell = NULL;
    OK(eyot_islands_split(islands, page, strlen(page), &context, &shell, &error));
    OK(eyot_shell_join(shell, &split, &error));
    CHECK(written.len == split.len && memcmp(written.data, split.data, split.len) == 0);
    CHECK(contains(view(&written), "island-src=\"/shop/_server-islands/Cart/"));
    eyot_shell_free(shell);
    eyot_buffer_free(&split);

    eyot_buffer attributes = EYOT_BUFFER_INIT, url = EYOT_BUFFER_INIT, tags = EYOT_BUFFER_INIT;
    OK(eyot_islands_attributes(islands, &island, &context, &attributes, &error));
    CHECK(attributes.len > 0 && attributes.data[0] == ' ');
    OK(eyot_islands_url(islands, &island, &context, &url, &error));
    CHECK(contains(view(&attributes), "island=\"Cart\"") && url.data[0] == '/');
    OK(eyot_islands_loader_tags(islands, NULL, &tags, &error));
    CHECK(contains(view(&tags), "src=\"/_server-islands/loader.v1.js\""));
    eyot_buffer_free(&attributes);
    eyot_buffer_free(&url);
    eyot_buffer_free(&tags);
    eyot_buffer_free(&written);
    eyot_islands_free(islands);
}

static void a_marked_placeholder_brings_its_page_the_loader(void) {
    const eyot_declaration declared = {EYOT_LITERAL("Cart"), CART, 0};
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = &declared;
    options.islands_len = 1;
    eyot_keyring *keyring = test_keys(TEST_KEY);
    eyot_islands *islands = NULL;
    OK(eyot_islands_new(keyring, &options, &islands, &error));
    eyot_keyring_free(keyring);

    eyot_context context = at_now();
    context.flags = EYOT_CONTEXT_SPLIT;
    eyot_placeholder island = EYOT_PLACEHOLDER_INIT;
    island.name = slice("Cart");
    eyot_buffer marked = EYOT_BUFFER_INIT, page = EYOT_BUFFER_INIT;
    OK(eyot_islands_placeholder(islands, &island, &context, &marked, &error));
    CHECK(contains(view(&marked), "<server-island server:placed island=\"Cart\""));
    eyot_shell *shell = NULL;
    OK(eyot_islands_split(islands, marked.data, marked.len, &context, &shell, &error));
    OK(eyot_shell_join(shell, &page, &error));
    CHECK(contains(view(&page), "loader.v1.js\"></script><server-island island=\"Cart\""));
    CHECK(!contains(view(&page), "server:"));
    eyot_shell_free(shell);
    eyot_buffer_free(&page);
    eyot_buffer_free(&marked);

    context.flags = 0;
    OK(eyot_islands_placeholder(islands, &island, &context, &marked, &error));
    CHECK(contains(view(&marked), "<server-island island=\"Cart\""));
    eyot_buffer_free(&marked);
    eyot_islands_free(islands);
}

static void an_error_slot_can_be_empty(void) {
    eyot_islands *islands = test_islands();
    eyot_placeholder island = EYOT_PLACEHOLDER_INIT;
    island.name = slice("Cart");
    eyot_buffer html = EYOT_BUFFER_INIT;
    OK(eyot_islands_placeholder(islands, &island, NULL, &html, &error));
    CHECK(!contains(view(&html), "<template"));
    eyot_buffer_free(&html);
    island.flags = EYOT_PLACEHOLDER_EMPTY_ERROR;
    OK(eyot_islands_placeholder(islands, &island, NULL, &html, &error));
    CHECK(contains(view(&html), "<template island-slot=\"error\"></template>"));
    eyot_buffer_free(&html);
    eyot_islands_free(islands);
}

static void what_is_wrong_with_a_placeholder_is_told_and_nothing_is_written(void) {
    eyot_islands *islands = test_islands();
    eyot_context context = at_now();
    eyot_placeholder island = EYOT_PLACEHOLDER_INIT;
    eyot_buffer html = EYOT_BUFFER_INIT;
    island.name = slice("Nobody");
    FAILS(EYOT_NAME_UNKNOWN, "name-unknown", eyot_islands_placeholder(islands, &island, &context, &html, &error));
    island.name = slice("Cart");
    island.props = slice("[1]");
    FAILS(EYOT_PROPS, "props", eyot_islands_placeholder(islands, &island, &context, &html, &error));
    island.props = slice("");
    const eyot_pair wrong[] = {{EYOT_LITERAL("when"), EYOT_LITERAL("later")}};
    island.options = wrong;
    island.options_len = 1;
    FAILS(EYOT_OPTION, "option", eyot_islands_attributes(islands, &island, &context, &html, &error));
    island.options_len = 0;
    const eyot_pair twice[] = {{EYOT_LITERAL("a"), EYOT_LITERAL("")}, {EYOT_LITERAL("a"), EYOT_LITERAL("")}};
    island.slots = twice;
    island.slots_len = 2;
    FAILS(EYOT_OPTION, "option", eyot_islands_placeholder(islands, &island, &context, &html, &error));
    island.slots_len = 0;
    context.flags = 1u << 20;
    FAILS(EYOT_ARGUMENT, "argument", eyot_islands_url(islands, &island, &context, &html, &error));
    context.flags = 0;
    context.reserved = 1;
    FAILS(EYOT_ARGUMENT, "argument", eyot_islands_url(islands, &island, &context, &html, &error));
    context.reserved = 0;
    context.size = 3;
    FAILS(EYOT_STRUCT_SIZE, "struct-size", eyot_islands_loader_tags(islands, &context, &html, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_placeholder(islands, NULL, NULL, &html, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_placeholder(NULL, &island, NULL, &html, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_placeholder(islands, &island, NULL, NULL, &error));
    CHECK(html.data == NULL);
    eyot_islands_free(islands);
}

// -- keys replaced while other threads seal -----------------------------------------------------------------------------

static void *seal_often(void *shared) {
    const eyot_islands *islands = shared;
    for (int round = 0; round < 200; round++) {
        eyot_placeholder island = EYOT_PLACEHOLDER_INIT;
        island.name = slice("Cart");
        eyot_buffer html = EYOT_BUFFER_INIT;
        if (eyot_islands_placeholder(islands, &island, NULL, &html, NULL) != EYOT_OK) return shared;
        eyot_buffer_free(&html);
    }
    return NULL;
}

static void keys_can_be_replaced_while_other_threads_seal(void) {
    eyot_islands *islands = test_islands();
    eyot_keyring *rings[] = {test_keys(OTHER_KEY), test_keys(TEST_KEY)};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, seal_often, islands) == 0);
    for (int round = 0; round < 100; round++) OK(eyot_islands_set_keys(islands, rings[round % 2], &error));
    for (int i = 0; i < 3; i++) {
        void *failed = islands;
        CHECK(pthread_join(threads[i], &failed) == 0 && failed == NULL);
    }
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_islands_set_keys(islands, NULL, &error));
    for (int i = 0; i < 2; i++) eyot_keyring_free(rings[i]);
    eyot_islands_free(islands);
}

static void a_page_is_assembled_from_its_islands(void) {
    const char *page = "<p><server-island island=\"Cart\" island-src=\"/i/Cart/t\">...</server-island></p>";
    eyot_assembly *assembly = NULL;
    eyot_ask ask = {EYOT_SLICE_INIT, EYOT_SLICE_INIT, EYOT_SLICE_INIT};
    OK(eyot_assembly_new(page, strlen(page), &assembly, &error));
    OK(eyot_assembly_next(assembly, &ask, &error));
    CHECK(is(ask.island, "Cart") && is(ask.url, "/i/Cart/t") && ask.token.len == 0);
    eyot_response answer = EYOT_RESPONSE_INIT;
    answer.status = 410;
    answer.body = slice("stale");
    FAILS(EYOT_ASSEMBLY, "assembly", eyot_assembly_answer(assembly, &answer, &error));
    FAILS(EYOT_ASSEMBLY, "assembly", eyot_assembly_answer(assembly, &answer, &error));
    OK(eyot_assembly_next(assembly, &ask, &error));
    CHECK(ask.island.len == 0);
    eyot_assembly_free(assembly);

    OK(eyot_assembly_new(page, strlen(page), &assembly, &error));
    OK(eyot_assembly_next(assembly, &ask, &error));
    const eyot_pair headers[] = {{EYOT_LITERAL("Content-Type"), EYOT_LITERAL("text/html")},
                                 {EYOT_LITERAL("Island"), EYOT_LITERAL("Cart")}};
    answer.status = 200;
    answer.headers = headers;
    answer.headers_len = 2;
    answer.body = slice("<b>3</b>");
    OK(eyot_assembly_answer(assembly, &answer, &error));
    OK(eyot_assembly_skip(assembly, &error));
    eyot_buffer whole = EYOT_BUFFER_INIT, faults = EYOT_BUFFER_INIT;
    OK(eyot_assembly_finish(assembly, &whole, &error));
    CHECK(is(view(&whole), "<p><b>3</b></p>"));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_assembly_next(NULL, &ask, &error));
    eyot_assembly_free(assembly);
    eyot_assembly_free(NULL);

    eyot_islands *islands = test_islands();
    OK(eyot_islands_shell_faults(islands, &answer, &faults, &error));
    CHECK(is(view(&faults), "its Cache-Control is \"\": has its view a policy?\n"));
    eyot_buffer_free(&whole);
    eyot_buffer_free(&faults);
    eyot_islands_free(islands);
}

int main(void) {
    a_page_is_assembled_from_its_islands();
    a_configuration_is_checked();
    a_newer_programs_options_are_taken_unless_they_ask_for_what_is_not_there();
    every_island_has_the_number_that_it_was_declared_with();
    a_placeholder_is_what_a_split_makes();
    a_marked_placeholder_brings_its_page_the_loader();
    an_error_slot_can_be_empty();
    what_is_wrong_with_a_placeholder_is_told_and_nothing_is_written();
    keys_can_be_replaced_while_other_threads_seal();
    return done("islands");
}
