// A host without a server: it asks each station what becomes of an answer, and moves bytes.
#ifndef EYOT_HOST_H
#define EYOT_HOST_H

#include "test.h"

// What is on its way: of the app, of a layer between the stations, or as it leaves. Of a reply's the headers belong to it.
struct answer {
    uint32_t status;
    const eyot_pair *headers;
    size_t count;
    eyot_slice chunks[16];
    size_t chunks_len;
    bool is_whole, is_cut;
};

// Copies into one piece, which stays until the program ends.
static inline eyot_slice kept(const eyot_slice *parts, size_t count) {
    static uint8_t memory[1 << 20];
    static size_t used;
    uint8_t *begin = memory + used;
    for (size_t i = 0; i < count; i++) {
        CHECK(used + parts[i].len <= sizeof memory);
        if (parts[i].len > 0) memcpy(memory + used, parts[i].data, parts[i].len);
        used += parts[i].len;
    }
    return eyot_slice_of(begin, (size_t)(memory + used - begin));
}

static inline struct answer answered(uint32_t status, const eyot_pair *headers, size_t count, const char *body) {
    struct answer answer = {status, headers, count, {EYOT_SLICE_INIT}, 1, true, false};
    answer.chunks[0] = slice(body);
    return answer;
}

static inline eyot_slice body_of(const struct answer *answer) {
    return kept(answer->chunks, answer->chunks_len);
}

static inline int same_name(eyot_slice a, eyot_slice b) {
    int equal = a.len == b.len;
    for (size_t i = 0; equal && i < a.len; i++) {
        uint8_t c = a.data[i], d = b.data[i];
        equal = (c >= 'A' && c <= 'Z' ? c + 32 : c) == (d >= 'A' && d <= 'Z' ? d + 32 : d);
    }
    return equal;
}

// The value of a header, or NULL.
static inline const eyot_slice *found_in(const eyot_pair *headers, size_t count, eyot_slice name) {
    for (size_t i = 0; i < count; i++) {
        if (same_name(headers[i].name, name)) return &headers[i].value;
    }
    return NULL;
}

static inline void become(struct answer *answer, eyot_slice body) {
    answer->chunks[0] = body;
    answer->chunks_len = 1;
    answer->is_whole = true;
}

static inline void replied(struct answer *answer, const eyot_reply *reply) {
    eyot_slice body = EYOT_SLICE_INIT;
    answer->status = eyot_reply_status(reply);
    CHECK(eyot_reply_headers(reply, &answer->headers, &answer->count) == EYOT_OK);
    CHECK(eyot_reply_body(reply, &body) == EYOT_OK);
    become(answer, body);
}

// Takes over an outcome, with a copy of its headers: those of a page go with its next step.
static inline void edited(struct answer *answer, const eyot_outcome *outcome) {
    static eyot_pair memory[4096];
    static size_t used;
    const eyot_pair *headers = NULL;
    answer->status = eyot_outcome_status(outcome);
    CHECK(eyot_outcome_headers(outcome, &headers, &answer->count) == EYOT_OK);
    answer->headers = memory + used;
    for (size_t i = 0; i < answer->count; i++) {
        CHECK(used < sizeof memory / sizeof *memory);
        memory[used].name = kept(&headers[i].name, 1);
        memory[used++].value = kept(&headers[i].value, 1);
    }
    if (!eyot_outcome_has_body(outcome)) answer->chunks_len = 0;
}

static inline void streamed(eyot_page *page, struct answer *answer, const eyot_context *context) {
    eyot_step step = EYOT_STEP_STREAM;
    const eyot_slice *segments = NULL;
    size_t count = 0;
    for (size_t i = 0; i < answer->chunks_len && step == EYOT_STEP_STREAM; i++) {
        eyot_slice chunk = answer->chunks[i];
        OK(eyot_page_push(page, chunk.data, chunk.len, context, &step, &segments, &count, &error));
        answer->chunks[i] = kept(segments, count);
        if (step != EYOT_STEP_STREAM) answer->chunks_len = i + 1;
    }
    if (step == EYOT_STEP_STREAM) {
        OK(eyot_page_finish(page, context, &step, &segments, &count, &error));
        answer->chunks[answer->chunks_len++] = kept(segments, count);
    }
    answer->is_cut = step == EYOT_STEP_CUT;
}

// The way out through one station.
static inline void through(eyot_page *page, struct answer *answer, uint32_t context_flags) {
    eyot_response response = EYOT_RESPONSE_INIT;
    eyot_context context = at_now();
    eyot_step step = EYOT_STEP_CUT;
    context.flags = context_flags;
    response.status = answer->status;
    response.headers = answer->headers;
    response.headers_len = answer->count;
    OK(eyot_page_step(page, &response, EYOT_SIZE_UNKNOWN, 0, &step, &error));
    uint32_t size = answer->is_whole ? EYOT_SIZE_WHOLE : EYOT_SIZE_MORE;
    if (step == EYOT_STEP_WAIT) OK(eyot_page_step(page, &response, size, 0, &step, &error));
    if (step == EYOT_STEP_COLLECT || step == EYOT_STEP_DECODE) {
        response.body = body_of(answer);
        OK(eyot_page_whole(page, &response, &context, &step, &error));
    }
    if (step == EYOT_STEP_REPLY) replied(answer, eyot_page_reply(page));
    if (step == EYOT_STEP_SHELL) {
        const eyot_slice *segments = NULL;
        size_t count = 0;
        CHECK(eyot_shell_segments(eyot_page_shell(page), &segments, &count) == EYOT_OK);
        become(answer, kept(segments, count));
    }
    if (eyot_page_outcome(page)) edited(answer, eyot_page_outcome(page));
    if (step == EYOT_STEP_STREAM) streamed(page, answer, &context);
    CHECK(step != EYOT_STEP_CUT && step != EYOT_STEP_WAIT);
}

#endif
