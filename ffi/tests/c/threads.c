// One exchange, used by many threads at once: what its type says of threads, and what the sanitizers see of it.
#include "test.h"

#include <pthread.h>

enum { THREADS = 4, TIMES = 200 };

struct shared {
    const eyot_exchange *exchange;
    const char *token;
};

static const eyot_pair HTML[] = {{EYOT_LITERAL("Content-Type"), EYOT_LITERAL("text/html")}};

// One page and its outcome, on its way out; each thread has ways of its own.
static size_t sent_through(eyot_page *page, const char *body) {
    eyot_response response = EYOT_RESPONSE_INIT;
    response.status = 200;
    response.headers = HTML;
    response.headers_len = 1;
    response.body = slice(body);
    eyot_context context = at_now();
    eyot_step step = EYOT_STEP_CUT;
    size_t failed = eyot_page_step(page, &response, EYOT_SIZE_WHOLE, 0, &step, NULL) != EYOT_OK;
    if (step == EYOT_STEP_COLLECT) failed += eyot_page_whole(page, &response, &context, &step, NULL) != EYOT_OK;
    const eyot_event *events = NULL;
    size_t count = 0;
    failed += eyot_page_events(page, &events, &count) != EYOT_OK;
    for (size_t i = 0; i < count; i++) failed += events[i].message.len == 0;
    return failed;
}

static size_t once(const struct shared *shared, int number) {
    const eyot_exchange *exchange = shared->exchange;
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    eyot_page *inner = NULL, *outer = NULL;
    eyot_slice text = EYOT_SLICE_INIT;
    size_t failed = 0;
    failed += eyot_exchange_take_body(exchange, shared->token, strlen(shared->token), &refusal, NULL) != EYOT_OK;
    failed += eyot_exchange_path(exchange, &text) != EYOT_OK || text.len == 0;
    failed += eyot_exchange_name(exchange, &text) != EYOT_OK || !is(text, "Cart");
    failed += eyot_exchange_share(exchange, (uint32_t)number) != EYOT_OK;
    for (size_t i = 0; i < eyot_exchange_hidden_count(exchange); i++) {
        failed += eyot_exchange_hidden_header(exchange, i, &text) != EYOT_OK;
    }
    failed += eyot_exchange_open(exchange, NULL, 0, NOW, &island, &refusal, NULL) != EYOT_OK;
    failed += eyot_exchange_note_policies(exchange, &text, 1) != EYOT_OK;
    failed += eyot_exchange_page(exchange, true, &inner, NULL) != EYOT_OK;
    failed += eyot_exchange_out(exchange, &outer, NULL) != EYOT_OK;
    failed += sent_through(inner, number % 2 ? "<b>Ann</b>" : "<Nobody server:defer></Nobody>");
    failed += sent_through(outer, "<b>Ann</b>");
    if (number % 8 == 0 && eyot_exchange_misfit(exchange, TEXT("why"), &refusal, NULL) == EYOT_OK) eyot_reply_free(refusal);
    eyot_page_free(outer);
    eyot_page_free(inner);
    eyot_opened_free(island);
    return failed;
}

static void *use_often(void *given) {
    size_t failed = 0;
    for (int i = 0; i < TIMES; i++) failed += once(given, i);
    return failed == 0 ? NULL : given;
}

static void one_exchange_is_used_by_many_threads_and_needs_none_of_what_it_was_made_from(void) {
    eyot_islands *islands = test_islands();
    char *target = island_target(islands, "Cart");
    const eyot_pair headers[] = {{EYOT_LITERAL("content-type"), EYOT_LITERAL("application/vnd.eyot.token")},
                                 {EYOT_LITERAL("cookie"), EYOT_LITERAL("a=b")}};
    eyot_head head = head_of("POST", "/_server-islands/Cart");
    head.headers = headers;
    head.headers_len = 2;
    eyot_exchange *exchange = arrived(islands, &head, NULL);
    eyot_islands_free(islands);
    struct shared shared = {exchange, strrchr(target, '/') + 1};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, use_often, &shared) == 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        CHECK(pthread_join(threads[i], &failed) == 0 && failed == NULL);
    }
    eyot_exchange_free(exchange);
    free(target);
}

// A page may go from thread to thread, as long as one alone has it.
static void *finish_page(void *page) {
    return sent_through(page, "<b>Ann</b>") == 0 ? NULL : page;
}

static void a_page_is_begun_by_one_thread_ended_by_another_and_freed_by_the_first(void) {
    eyot_islands *islands = test_islands();
    eyot_page *page = NULL;
    OK(eyot_page_new(islands, NULL, &page, &error));
    eyot_islands_free(islands);
    pthread_t thread;
    void *failed = NULL;
    CHECK(pthread_create(&thread, NULL, finish_page, page) == 0);
    CHECK(pthread_join(thread, &failed) == 0 && failed == NULL);
    eyot_page_free(page);
}

int main(void) {
    one_exchange_is_used_by_many_threads_and_needs_none_of_what_it_was_made_from();
    a_page_is_begun_by_one_thread_ended_by_another_and_freed_by_the_first();
    return done("threads");
}
