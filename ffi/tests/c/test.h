// What the C programs share: checks that tell file and line, and short ways to make what most tests need.
#ifndef EYOT_TEST_H
#define EYOT_TEST_H

#include <eyot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A key for tests only: everybody knows it.
#define TEST_KEY "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
#define OTHER_KEY "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#define NOW 1800000000u

static int checks;

#define CHECK(condition)                                                                                \
    do {                                                                                                \
        checks++;                                                                                       \
        if (!(condition)) {                                                                             \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                             \
            exit(1);                                                                                    \
        }                                                                                               \
    } while (0)

// A call that must succeed; prints its error if it does not.
#define OK(call)                                                                                        \
    do {                                                                                                \
        eyot_error *error = NULL;                                                                       \
        eyot_status status = (call);                                                                    \
        if (status != EYOT_OK) {                                                                        \
            fprintf(stderr, "%s:%d: %s: %u\n", __FILE__, __LINE__, #call, (unsigned)status);            \
            print_error(error);                                                                         \
            exit(1);                                                                                    \
        }                                                                                               \
        checks++;                                                                                       \
        CHECK(error == NULL);                                                                           \
    } while (0)

// A call that must fail with a status, and with an error object of the same status and this code.
#define FAILS(wanted, wanted_code, call)                                                                \
    do {                                                                                                \
        eyot_error *error = NULL;                                                                       \
        eyot_status status = (call);                                                                    \
        if (status != (wanted)) {                                                                       \
            fprintf(stderr, "%s:%d: %s: %u\n", __FILE__, __LINE__, #call, (unsigned)status);            \
            exit(1);                                                                                    \
        }                                                                                               \
        eyot_slice code = EYOT_SLICE_INIT, message = EYOT_SLICE_INIT;                                   \
        CHECK(eyot_error_status(error) == status);                                                      \
        CHECK(eyot_error_code(error, &code) == EYOT_OK && is(code, wanted_code));                       \
        CHECK(eyot_error_message(error, &message) == EYOT_OK && message.len > 0);                       \
        eyot_error_free(error);                                                                         \
    } while (0)

// A literal as the two arguments that a text takes.
#define TEXT(literal) (literal), sizeof(literal) - 1

static inline void print_error(const eyot_error *error) {
    eyot_slice message = EYOT_SLICE_INIT;
    if (eyot_error_message(error, &message) == EYOT_OK) {
        fprintf(stderr, "%.*s\n", (int)message.len, (const char *)message.data);
    }
}

static inline eyot_slice slice(const char *text) {
    return eyot_slice_of(text, strlen(text));
}

static inline int is(eyot_slice found, const char *text) {
    return found.len == strlen(text) && (found.len == 0 || memcmp(found.data, text, found.len) == 0);
}

static inline int contains(eyot_slice found, const char *text) {
    size_t length = strlen(text);
    for (size_t at = 0; at + length <= found.len; at++) {
        if (memcmp(found.data + at, text, length) == 0) return 1;
    }
    return 0;
}

static inline eyot_slice view(const eyot_buffer *buffer) {
    return eyot_slice_of(buffer->data, buffer->len);
}

static inline eyot_keyring *test_keys(const char *text) {
    eyot_keyring *keyring = NULL;
    OK(eyot_keyring_parse(text, strlen(text), &keyring, &error));
    return keyring;
}

enum { AVATAR = 1, CART = 2, ROW = 3 };

// Islands "Avatar", "Cart" and "Row" here, "Price" elsewhere, without the loader's tags.
static inline eyot_islands *islands_of(bool debug) {
    const eyot_declaration declared[] = {
        {EYOT_LITERAL("Avatar"), AVATAR, 0},
        {EYOT_LITERAL("Cart"), CART, 0},
        {EYOT_LITERAL("Row"), ROW, 0},
    };
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = declared;
    options.islands_len = sizeof declared / sizeof *declared;
    const eyot_pair set[] = {
        {EYOT_LITERAL("elsewhere"), EYOT_LITERAL("Price")},
        {EYOT_LITERAL("loader"), EYOT_LITERAL("false")},
        {EYOT_LITERAL("debug"), slice(debug ? "true" : "false")},
    };
    options.options = set;
    options.options_len = sizeof set / sizeof *set;
    eyot_keyring *keyring = test_keys(TEST_KEY);
    eyot_islands *islands = NULL;
    OK(eyot_islands_new(keyring, &options, &islands, &error));
    eyot_keyring_free(keyring);
    return islands;
}

static inline eyot_islands *test_islands(void) {
    return islands_of(false);
}

static inline eyot_head head_of(const char *method, const char *target) {
    eyot_head head = EYOT_HEAD_INIT;
    head.method = slice(method);
    head.target = slice(target);
    return head;
}

static inline eyot_exchange *arrived(const eyot_islands *islands, const eyot_head *head, const eyot_policy *policy) {
    eyot_exchange *exchange = NULL;
    OK(eyot_islands_arrive(islands, head, policy, NULL, 0, &exchange, &error));
    return exchange;
}

// The target of an island, as a placeholder would ask for it. Free it.
static inline char *island_target(const eyot_islands *islands, const char *name) {
    eyot_placeholder island = EYOT_PLACEHOLDER_INIT;
    eyot_context context = EYOT_CONTEXT_INIT;
    context.now = NOW;
    island.name = slice(name);
    island.props = slice("{\"size\":40}");
    eyot_buffer url = EYOT_BUFFER_INIT;
    OK(eyot_islands_url(islands, &island, &context, &url, &error));
    char *target = calloc(url.len + 1, 1);
    memcpy(target, url.data, url.len);
    eyot_buffer_free(&url);
    return target;
}

// The header of this name; empty if there is none.
static inline eyot_slice header(const eyot_pair *headers, size_t count, const char *name) {
    eyot_slice none = EYOT_SLICE_INIT;
    for (size_t i = 0; i < count; i++) {
        if (is(headers[i].name, name)) return headers[i].value;
    }
    return none;
}

static inline eyot_context at_now(void) {
    eyot_context context = EYOT_CONTEXT_INIT;
    context.now = NOW;
    return context;
}

static inline eyot_token token_at_now(const char *audience, const void *bytes, size_t len) {
    eyot_token token = EYOT_TOKEN_INIT;
    token.now = NOW;
    token.audience = slice(audience);
    token.bytes = eyot_slice_of(bytes, len);
    return token;
}

static inline int done(const char *name) {
    printf("%s: %d checks passed\n", name, checks);
    return 0;
}

#endif
