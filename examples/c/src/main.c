// The shop on libmicrohttpd: one thread for each connection, an exchange for each request.
#include "shop.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifndef SHOP_FILES
#define SHOP_FILES "."
#endif
const char *shop_files = SHOP_FILES, *shop_shared = SHOP_FILES "/../shop", *shop_database = SHOP_FILES "/shop.sqlite3";

// The request line before anything of it is decoded: tokens are read as they came.
static void *begin(void *none, const char *target, struct MHD_Connection *connection) {
    (void)none;
    exchange *x = calloc(1, sizeof *x);
    if (!x) abort();
    x->connection = connection;
    x->body.x = x;
    x->target = say(x, "%s", target);
    // A proxy may send the whole address: its path follows the host's name.
    const char *host = *target == '/' ? NULL : strstr(target, "://");
    size_t skipped = host ? (size_t)(host + 3 - target) + strcspn(host + 3, "/?") : 0;
    x->path = eyot_slice_of(x->target.data + skipped, strcspn(target + skipped, "?"));
    return x;
}

static void end(void *none, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why) {
    (void)none, (void)connection, (void)why;
    exchange *x = *state;
    if (!x) return;
    sqlite3_close(x->db);
    eyot_reply_free(x->refusal);
    eyot_page_free(x->outer);
    eyot_page_free(x->inner);
    eyot_object_free(x->props);
    eyot_opened_free(x->island);
    eyot_exchange_free(x->asked);
    release(x);
    free(x);
}

static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                  const char *value, size_t value_len) {
    (void)kind;
    eyot_pair header = {eyot_slice_of(name, name_len), eyot_slice_of(value, value_len)};
    return put(cls, header.name, header.value) ? MHD_YES : MHD_NO;
}

eyot_slice request_header(const exchange *x, eyot_slice name) { return find(&x->headers, name); }

// A field of a form may come in parts; all parts of one are put together.
static enum MHD_Result add_field(void *cls, enum MHD_ValueKind kind, const char *name, const char *file,
                                 const char *type, const char *encoding, const char *data, uint64_t offset,
                                 size_t len) {
    (void)kind, (void)file, (void)type, (void)encoding;
    exchange *x = cls;
    text value = {.x = x};
    if (offset > 0 && x->fields.len > 0) add(&value, x->fields.at[x->fields.len - 1].value);
    if (offset > 0 && x->fields.len > 0) x->fields.len--;
    add(&value, eyot_slice_of(data, len));
    put(&x->fields, say(x, "%s", name), eyot_slice_of(value.data, value.len));
    return MHD_YES;
}

static void read_form(exchange *x) {
    struct MHD_PostProcessor *reader = MHD_create_post_processor(x->connection, 1024, add_field, x);
    if (!reader) return; // no form
    MHD_post_process(reader, (const char *)x->body.data, x->body.len);
    MHD_destroy_post_processor(reader);
}

// An answer without a body has the length of what it stands for, if that is known. Nothing of it is ever read.
static ssize_t no_body(void *none, uint64_t at, char *into, size_t room) {
    (void)none, (void)at, (void)into, (void)room;
    return MHD_CONTENT_READER_END_OF_STREAM;
}

static struct MHD_Response *response_of(exchange *x) {
    if (!x->is_head && x->status != 304)
        return MHD_create_response_from_buffer(x->answer.len, (void *)x->answer.data, MHD_RESPMEM_PERSISTENT);
    eyot_slice length = find(&x->sent, T("Content-Length"));
    uint64_t len = length.len ? strtoull((const char *)say(x, "%.*s", P(length)).data, NULL, 10) : MHD_SIZE_UNKNOWN;
    struct MHD_Response *response = MHD_create_response_from_callback(len, 1, no_body, NULL, NULL);
    // In chunks, this server would send the last one although there is no body.
    if (response && !length.len) MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    return response;
}

// The answer lies in the exchange's memory, or in the library's, until `end`.
static enum MHD_Result send_answer(exchange *x) {
    struct MHD_Response *response = response_of(x);
    if (!response) return MHD_NO;
    for (size_t i = 0; i < x->sent.len; i++) {
        const char *name = (const char *)say(x, "%.*s", P(x->sent.at[i].name)).data;
        const char *value = (const char *)say(x, "%.*s", P(x->sent.at[i].value)).data;
        if (strcasecmp(name, "Content-Length")) MHD_add_response_header(response, name, value); // that one is the server's
    }
    enum MHD_Result is_queued = MHD_queue_response(x->connection, x->status, response);
    MHD_destroy_response(response);
    return is_queued;
}

// Called when the head is there, then with each part of the body, then once more. What is over the limit is read and
// dropped, since this server can answer only before a body or after it.
static enum MHD_Result serve(void *none, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *part, size_t *part_len, void **state) {
    (void)none, (void)connection, (void)url, (void)version;
    exchange *x = *state;
    if (!x->has_begun) {
        x->has_begun = true;
        x->method = say(x, "%s", method);
        x->is_head = same(x->method, T("HEAD"));
        int sent = MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, add_header, &x->headers);
        bool is_whole = sent == (int)x->headers.len;
        if (!is_whole || !arrive(x)) {
            x->status = is_whole ? 400 : 431;
            return send_answer(x);
        }
        if (x->arrival != EYOT_ARRIVAL_REPLY || !request_header(x, T("Expect")).len) return MHD_YES;
    }
    if (*part_len) {
        size_t room = x->body_limit + 1 - x->body.len;
        add(&x->body, eyot_slice_of(part, *part_len < room ? *part_len : room));
        *part_len = 0;
        return MHD_YES;
    }
    if (x->arrival == EYOT_ARRIVAL_APP && same(x->method, T("POST"))) read_form(x);
    answer(x);
    return send_answer(x);
}

static const char *setting(const char *name, const char *otherwise) {
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

int main(void) {
    const char *address = setting("BIND", "127.0.0.1"), *port = setting("PORT", "8000");
    shop_database = setting("SHOP_DB", shop_database);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, address, &at.sin_addr) != 1) {
        fprintf(stderr, "BIND is no IPv4 address: %s\n", address);
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); // for all threads: `sigwait` gets them
    if (!database_build() || !app_open()) return 1;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL, serve, NULL,
        MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_URI_LOG_CALLBACK, begin, NULL, MHD_OPTION_NOTIFY_COMPLETED, end, NULL,
        MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_CONNECTION_LIMIT, 200u, MHD_OPTION_END);
    if (!daemon) {
        fprintf(stderr, "port %s of %s cannot be listened on\n", port, address);
        return 1;
    }
    printf("http://%s:%s/p/lantern\n", address, port);
    fflush(stdout);
    int signal;
    sigwait(&signals, &signal);
    MHD_stop_daemon(daemon);
    app_close();
    return 0;
}
