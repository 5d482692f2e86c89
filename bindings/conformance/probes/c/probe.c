// The probe in C: an app in which every answer is described from outside, with both stations as a C server writes them.
// The server and the memory of a request are those of the shop in C (main.c, text.c); the description is read by SQLite.
#include "shop.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { MOST = 512 };

static sqlite3 *db;
static eyot_islands *islands;
static struct {
    char *path;
    eyot_policy *policy;
} routes[MOST];
static size_t routes_len;
static bool is_without; // the app by itself, to compare with
static bool is_debug;
static eyot_slice mount;
static bool believes_proxies; // X-Forwarded-Prefix is the mount point
static atomic_int live;
static exchange process; // what lives as long as the process

// -- the description and what is noted, in SQLite --

// One column of one row, as a text of the exchange; `data` is NULL for NULL.
static eyot_slice sql(exchange *x, const char *query, const eyot_slice *values, size_t len) {
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(db, query, -1, &row, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", query, sqlite3_errmsg(db));
        abort();
    }
    for (size_t i = 0; i < len; i++)
        if (values[i].data)
            sqlite3_bind_text(row, (int)i + 1, (const char *)values[i].data, (int)values[i].len, SQLITE_TRANSIENT);
    eyot_slice out = NOTHING;
    if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_type(row, 0) != SQLITE_NULL)
        out = say(x, "%.*s", sqlite3_column_bytes(row, 0), (const char *)sqlite3_column_text(row, 0));
    if (out.data && !out.len) out = eyot_slice_of("", 0);
    sqlite3_finalize(row);
    return out;
}
#define SQL(x, query, ...) sql(x, query, VALUES(__VA_ARGS__))
#define GET(x, says, path) SQL(x, "SELECT json_extract(?1, ?2)", says, T(path))

static void note(exchange *x, const char *level, eyot_slice line) {
    SQL(x, "INSERT INTO event VALUES ('log', json_object('level', ?1, 'text', ?2))", say(x, "%s", level), line);
}

bool database_build(void) {
    eyot_slice description = read_file(&process, "", say(&process, "%s", getenv("PROBE")));
    if (!description.data || sqlite3_open(":memory:", &db) != SQLITE_OK) return false;
    SQL(&process, "CREATE TABLE description (whole)", T(""));
    SQL(&process, "INSERT INTO description VALUES (?1)", description);
    const char *tables = "CREATE TABLE layer AS SELECT 'between' AS place, value AS name FROM description, json_each(whole, '$.stack.between')"
                         " UNION ALL SELECT 'around', value FROM description, json_each(whole, '$.stack.around');"
                         "CREATE TABLE kept (target UNIQUE, status, headers, body);"
                         "CREATE TABLE route AS SELECT key AS path, value AS says FROM description, json_each(whole, '$.routes');"
                         "CREATE TABLE island AS SELECT key AS name, value AS says FROM description, json_each(whole, '$.islands');"
                         "CREATE TABLE session (id, name, value, UNIQUE (id, name)); CREATE TABLE event (kind, json)";
    return sqlite3_exec(db, tables, NULL, NULL, NULL) == SQLITE_OK;
}

static eyot_slice described(const char *path) {
    return SQL(&process, "SELECT json_extract(whole, ?1) FROM description", say(&process, "%s", path));
}

// -- starting --

static void open_policies(void) {
    sqlite3_stmt *row = NULL;
    sqlite3_prepare_v2(db, "SELECT path, says ->> '$.policy.cdn', says ->> '$.policy.browser', says ->> '$.policy.swr',"
                           " says ->> '$.policy.sie', says ->> '$.policy.cookies' FROM route WHERE says -> '$.policy' NOT NULL",
                       -1, &row, NULL);
    for (; sqlite3_step(row) == SQLITE_ROW && routes_len < MOST; routes_len++) {
        eyot_policy_options kept = EYOT_POLICY_OPTIONS_INIT;
        kept.cdn = (uint32_t)sqlite3_column_int(row, 1);
        kept.browser = (uint32_t)sqlite3_column_int(row, 2);
        kept.stale_while_revalidate = (uint32_t)sqlite3_column_int(row, 3);
        kept.stale_if_error = (uint32_t)sqlite3_column_int(row, 4);
        kept.flags = sqlite3_column_int(row, 5) ? EYOT_POLICY_COOKIES : 0;
        routes[routes_len].path = strdup((const char *)sqlite3_column_text(row, 0));
        if (eyot_policy_new(&kept, &routes[routes_len].policy, NULL) != EYOT_OK) abort();
    }
    sqlite3_finalize(row);
}

static size_t declare(eyot_declaration *declared) {
    sqlite3_stmt *row = NULL;
    size_t len = 0;
    sqlite3_prepare_v2(db, "SELECT name FROM island ORDER BY rowid", -1, &row, NULL);
    for (; sqlite3_step(row) == SQLITE_ROW && len < MOST; len++)
        declared[len] = (eyot_declaration){say(&process, "%s", (const char *)sqlite3_column_text(row, 0)), (uint32_t)len, 0};
    sqlite3_finalize(row);
    return len;
}

bool stations_open(void) {
    is_debug = same(described("$.stack.debug"), T("1"));
    is_without = same(described("$.stack.eyot"), T("0"));
    mount = described("$.stack.mount");
    believes_proxies = same(described("$.stack.name"), T("proxy"));
    open_policies();
    static eyot_declaration declared[MOST];
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = declared;
    options.islands_len = declare(declared);
    options.login_url = described("$.options.login_url");
    eyot_slice location = described("$.options.locations[0]");
    eyot_slice origins[] = {described("$.options.allowed_origins[0]"), described("$.options.allowed_origins[1]")};
    options.locations = &location;
    options.locations_len = 1;
    options.allowed_origins = origins;
    options.allowed_origins_len = 2;
    eyot_keyring *ring = NULL;
    eyot_error *error = NULL;
    eyot_slice keys = described("$.keys"), why = NOTHING;
    bool is_open = eyot_keyring_parse(keys.data, keys.len, &ring, &error) == EYOT_OK &&
                   eyot_islands_new(ring, &options, &islands, &error) == EYOT_OK;
    if (error && eyot_error_message(error, &why) == EYOT_OK) fprintf(stderr, "eyot: %.*s\n", P(why));
    eyot_error_free(error);
    eyot_keyring_free(ring);
    return is_open;
}

void stations_close(void) {
    for (size_t i = 0; i < routes_len; i++) eyot_policy_free(routes[i].policy);
    eyot_islands_free(islands);
    release(&process);
}

// -- what the app says --

static eyot_slice session_id(exchange *x) {
    const char *cookie = NULL;
    if (request_header(x, T("Cookie")).len) cookie = MHD_lookup_connection_value(x->connection, MHD_COOKIE_KIND, "session");
    return cookie ? say(x, "%s", cookie) : NOTHING;
}

static eyot_slice in_session(exchange *x, eyot_slice name) {
    return SQL(x, "SELECT value FROM session WHERE id = ?1 AND name = ?2", session_id(x), name);
}

// Writes into the session; a new one gets its cookie.
static void remember(exchange *x, eyot_slice name, eyot_slice value) {
    eyot_slice id = session_id(x);
    if (!SQL(x, "SELECT id FROM session WHERE id = ?1", id).data) {
        id = SQL(x, "SELECT lower(hex(randomblob(16)))", T(""));
        put(&x->sent, T("Set-Cookie"), say(x, "session=%.*s; Path=/; HttpOnly", P(id)));
    }
    SQL(x, "INSERT OR REPLACE INTO session VALUES (?1, ?2, ?3)", id, name, value);
}

static eyot_slice or_else(eyot_slice value, const char *otherwise) {
    return value.len ? value : eyot_slice_of(otherwise, strlen(otherwise));
}

static eyot_slice path_of(const exchange *x) {
    bool is_below = x->path.len >= mount.len && (!mount.len || memcmp(x->path.data, mount.data, mount.len) == 0);
    return is_below ? eyot_slice_of(x->path.data + mount.len, x->path.len - mount.len) : NOTHING;
}

// The path of the page that holds the island, where the island asked for it.
static eyot_slice page_of_island(exchange *x) {
    eyot_slice page = NOTHING;
    if (x->island) eyot_opened_page(x->island, &page);
    return or_else(page.len ? SQL(x, "SELECT ?1 ->> '$.path'", page) : NOTHING, "none");
}

// What stands for a name between per cent signs; `data` is NULL for one that stands for itself.
static eyot_slice fact(exchange *x, eyot_slice name) {
    if (same(name, T("method"))) return x->method;
    if (same(name, T("path"))) return path_of(x);
    if (same(name, T("cookie")) || same(name, T("authorization")) || same(name, T("accept-encoding")))
        return escaped(x, or_else(request_header(x, name), "none"));
    if (same(name, T("user"))) return escaped(x, or_else(in_session(x, name), "nobody"));
    if (same(name, T("props"))) {
        eyot_slice props = NOTHING;
        if (x->island) eyot_opened_props(x->island, &props);
        return escaped(x, props);
    }
    if (same(name, T("page"))) return escaped(x, page_of_island(x));
    if (same(name, T("csrf"))) {
        if (!in_session(x, name).len) remember(x, name, SQL(x, "SELECT lower(hex(randomblob(16)))", T("")));
        return in_session(x, name);
    }
    if (name.len > 6 && memcmp(name.data, "query.", 6) == 0) {
        eyot_slice key = say(x, "%.*s", (int)name.len - 6, (const char *)name.data + 6);
        const char *value = MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, (const char *)key.data);
        if (value) return escaped(x, say(x, "%s", value));
    }
    return NOTHING;
}

static eyot_slice filled(exchange *x, eyot_slice plain) {
    text out = {.x = x, .data = keep(x, 1)};
    for (size_t at = 0; at < plain.len;) {
        const uint8_t *open = memchr(plain.data + at, '%', plain.len - at);
        const uint8_t *close = open ? memchr(open + 1, '%', (size_t)(plain.data + plain.len - open - 1)) : NULL;
        if (!close) {
            add(&out, eyot_slice_of(plain.data + at, plain.len - at));
            break;
        }
        add(&out, eyot_slice_of(plain.data + at, (size_t)(open - plain.data) - at));
        eyot_slice value = fact(x, eyot_slice_of(open + 1, (size_t)(close - open - 1)));
        bool is_known = value.data != NULL;
        add(&out, is_known ? value : eyot_slice_of(open, (size_t)(close - open)));
        at = (size_t)(close - plain.data) + is_known;
    }
    return eyot_slice_of(out.data, out.len);
}

static void note_run(exchange *x) {
    eyot_slice headers = T("{}");
    for (size_t i = 0; i < x->headers.len; i++)
        headers = SQL(x, "SELECT json_set(?1, '$.\"' || lower(?2) || '\"', ?3)", headers, x->headers.at[i].name,
                      x->headers.at[i].value);
    eyot_slice target = say(x, "%.*s", (int)(x->target.len - mount.len), (const char *)x->target.data + mount.len);
    SQL(x, "INSERT INTO event VALUES ('run', json_object('path', ?1, 'method', ?2, 'target', ?3, 'headers', json(?4)))",
        path_of(x), x->method, target, headers);
}

static uint8_t digit(uint8_t letter) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(alphabet, letter);
    return at && letter ? (uint8_t)(at - alphabet) : 0;
}

static eyot_slice unpacked(exchange *x, eyot_slice base64) {
    uint8_t *out = keep(x, base64.len + 3);
    size_t len = 0;
    for (size_t i = 0; i + 3 < base64.len; i += 4) {
        const uint8_t *four = base64.data + i;
        uint32_t bits = (uint32_t)digit(four[0]) << 18 | (uint32_t)digit(four[1]) << 12 | (uint32_t)digit(four[2]) << 6 | digit(four[3]);
        for (int part = 0; part < 3 && (part < 1 || four[part + 1] != '='); part++) out[len++] = (uint8_t)(bits >> (16 - 8 * part));
    }
    return eyot_slice_of(out, len);
}

// What an app answers that honours ranges: the parts of `bytes=first-last`.
static void take_part(exchange *x, eyot_slice wanted) {
    unsigned first = 0, last = (unsigned)x->answer.len - 1;
    sscanf((const char *)say(x, "%.*s", P(wanted)).data, "bytes=%u-%u", &first, &last);
    put(&x->sent, T("Content-Range"), say(x, "bytes %u-%u/%zu", first, last, x->answer.len));
    x->answer = eyot_slice_of(x->answer.data + first, last - first + 1);
    x->status = 206;
}

void give_up(exchange *x) {
    x->has_failed = true;
    x->status = 500;
    x->sent.len = 0;
    set(&x->sent, T("Content-Type"), T("text/html; charset=utf-8"));
    set(&x->sent, T("Cache-Control"), T("no-store"));
    x->answer = T("<h1>failed</h1>");
}

static void set_headers(exchange *x, eyot_slice says) {
    int len = number(SQL(x, "SELECT json_array_length(?1, '$.headers')", says));
    for (int i = 0; i < len; i++) {
        eyot_slice at = say(x, "$.headers[%d][0]", i), value = say(x, "$.headers[%d][1]", i);
        put(&x->sent, SQL(x, "SELECT json_extract(?1, ?2)", says, at), SQL(x, "SELECT json_extract(?1, ?2)", says, value));
    }
}

static void say_body(exchange *x, eyot_slice says) {
    eyot_slice json = SQL(x, "SELECT ?1 -> '$.json'", says), file = GET(x, says, "$.file"), packed = GET(x, says, "$.base64");
    eyot_slice redirect = GET(x, says, "$.redirect");
    if (redirect.len) {
        x->status = x->status == 200 ? 302 : x->status;
        put(&x->sent, T("Location"), filled(x, redirect));
        x->answer = NOTHING;
    } else if (json.len) {
        set(&x->sent, T("Content-Type"), T("application/json"));
        x->answer = json;
    } else if (file.len) {
        bool is_html = strstr((const char *)file.data, ".html") != NULL;
        set(&x->sent, T("Content-Type"), is_html ? T("text/html; charset=utf-8") : T("text/plain; charset=utf-8"));
        x->answer = read_file(x, (const char *)described("$.files").data, file);
    } else if (packed.len)
        x->answer = unpacked(x, packed);
    else {
        eyot_slice pieces = SQL(x, "SELECT group_concat(value, '') FROM json_each(?1, '$.pieces')", says);
        x->answer = filled(x, pieces.len ? pieces : GET(x, says, "$.text"));
    }
}

// One run of the app: what the description says at this place.
static void run(exchange *x, eyot_slice says) {
    note_run(x);
    live++;
    usleep((useconds_t)(number(or_else(GET(x, says, "$.wait"), "0")) * 1000));
    live--;
    if (GET(x, says, "$.raise").len) {
        give_up(x);
        return;
    }
    eyot_slice name = SQL(x, "SELECT key FROM json_each(?1, '$.session')", says);
    if (name.len) remember(x, name, filled(x, SQL(x, "SELECT value FROM json_each(?1, '$.session')", says)));
    x->status = (unsigned)number(or_else(GET(x, says, "$.status"), "200"));
    set(&x->sent, T("Content-Type"), or_else(GET(x, says, "$.type"), "text/html; charset=utf-8"));
    set_headers(x, says);
    say_body(x, says);
    eyot_slice range = request_header(x, T("Range"));
    if (range.len && same(GET(x, says, "$.ranges"), T("1"))) take_part(x, range);
}

static bool allows(exchange *x, eyot_slice says) {
    if (!GET(x, says, "$.methods").len) return same(x->method, T("GET")) || same(x->method, T("HEAD"));
    return SQL(x, "SELECT value FROM json_each(?1, '$.methods') WHERE value = ?2", says, x->method).len > 0;
}

static void show(exchange *x, eyot_slice says) {
    x->status = 200;
    eyot_slice path = path_of(x);
    if (same(path, T("/_events"))) {
        set(&x->sent, T("Content-Type"), T("application/json"));
        x->answer = SQL(x, "SELECT json_object('log', (SELECT json_group_array(json(json)) FROM event WHERE kind = 'log'),"
                           " 'runs', (SELECT json_group_array(json(json)) FROM event WHERE kind = 'run'),"
                           " 'refusals', (SELECT json_group_array(json(json)) FROM event WHERE kind = 'refusal'))", T(""));
        SQL(x, "DELETE FROM event", T(""));
    } else if (same(path, T("/_live"))) {
        set(&x->sent, T("Content-Type"), T("text/plain"));
        x->answer = say(x, "%d", live);
    } else if (says.len && allows(x, says))
        run(x, says);
    else {
        set(&x->sent, T("Content-Type"), T("text/plain"));
        x->status = says.len ? 405 : 404;
        x->answer = T("nothing here");
    }
}

// -- the stations, as the shop has them --

static void take_head(exchange *x, const eyot_outcome *outcome) {
    const eyot_pair *headers = NULL;
    size_t len = 0;
    eyot_outcome_headers(outcome, &headers, &len);
    x->sent.len = 0;
    for (size_t i = 0; i < len; i++) put(&x->sent, headers[i].name, headers[i].value);
    x->status = eyot_outcome_status(outcome);
}

static void take(exchange *x, eyot_outcome *outcome) {
    take_head(x, outcome);
    if (!eyot_outcome_has_body(outcome) && x->status != 304) x->answer = NOTHING;
    eyot_outcome_free(x->outcome);
    x->outcome = outcome;
}

static void reply(exchange *x, const eyot_reply *made) {
    const eyot_pair *headers = NULL;
    size_t len = 0;
    eyot_slice why = EYOT_SLICE_INIT, code = EYOT_SLICE_INIT;
    eyot_reply_headers(made, &headers, &len);
    eyot_reply_body(made, &x->answer);
    x->status = eyot_reply_status(made);
    x->sent.len = 0;
    for (size_t i = 0; i < len; i++) put(&x->sent, headers[i].name, headers[i].value);
    if (eyot_reply_reason(made, &code) != EYOT_OK || !code.len) return;
    eyot_reply_explanation(made, &why);
    note(x, x->status >= 500 ? "error" : is_debug ? "warning" : "info", say(x, "refused: %.*s: %.*s", P(code), P(why)));
    SQL(x, "INSERT INTO event VALUES ('refusal', json_object('reason', ?1, 'status', ?2))", code, say(x, "%u", x->status));
    if (!is_debug) return;
    x->answer = say(x, "refused: %.*s (%.*s)\n", P(why), P(code));
    set(&x->sent, T("Content-Length"), say(x, "%zu", x->answer.len));
}

static void show_fault(exchange *x, eyot_slice why) {
    note(x, "error", say(x, "%.*s: %.*s", P(x->path), P(why)));
    give_up(x);
    if (is_debug) x->answer = say(x, "<h1>%.*s</h1>", P(escaped(x, why)));
}

static const eyot_policy *policy_of(const exchange *x) {
    eyot_slice path = path_of(x);
    for (size_t i = 0; i < routes_len; i++)
        if (strlen(routes[i].path) == path.len && memcmp(routes[i].path, path.data, path.len) == 0) return routes[i].policy;
    return NULL;
}

// What has been answered so far.
static eyot_response response_of(const exchange *x) {
    eyot_response response = EYOT_RESPONSE_INIT;
    response.status = x->status;
    response.headers = x->sent.at;
    response.headers_len = x->sent.len;
    response.body = x->answer;
    return response;
}

static eyot_slice mount_of(const exchange *x) { return believes_proxies ? request_header(x, T("X-Forwarded-Prefix")) : mount; }

static bool is_head(const exchange *x) { return !x->visit && same(x->method, T("HEAD")); }

static eyot_context context_of(const exchange *x) {
    eyot_context context = EYOT_CONTEXT_INIT;
    context.page_path = x->path;
    context.mount = mount_of(x);
    context.shell_life = x->visit ? eyot_policy_life(policy_of(x)) : 0;
    if (x->island) context.flags |= EYOT_CONTEXT_NO_LOADER;
    if (!x->island && same(x->method, T("POST"))) context.flags |= EYOT_CONTEXT_POST;
    return context;
}

// `data` is NULL where this is no such stream.
static eyot_slice inflated(exchange *x, eyot_slice packed, int window) {
    z_stream reading = {.next_in = (Bytef *)(uintptr_t)packed.data, .avail_in = (uInt)packed.len};
    if (inflateInit2(&reading, window) != Z_OK) return NOTHING;
    text out = {.x = x, .data = keep(x, 1)};
    int status;
    do {
        uint8_t part[16384];
        reading.next_out = part;
        reading.avail_out = sizeof part;
        status = inflate(&reading, Z_NO_FLUSH);
        add(&out, eyot_slice_of(part, sizeof part - reading.avail_out));
    } while (status == Z_OK);
    inflateEnd(&reading);
    return status == Z_STREAM_END ? eyot_slice_of(out.data, out.len) : NOTHING;
}

static eyot_slice decoded(exchange *x, eyot_slice packed) {
    enum { ZLIB = 15, GZIP = 15 + 16, RAW = -15 };
    eyot_slice coding = NOTHING;
    eyot_page_coding(x->page, &coding);
    if (!packed.len) return T("");
    if (same(coding, T("gzip")) || same(coding, T("x-gzip"))) return inflated(x, packed, GZIP);
    if (!same(coding, T("deflate"))) return NOTHING;
    eyot_slice plain = inflated(x, packed, ZLIB);
    return plain.data ? plain : inflated(x, packed, RAW);
}

// Asks what becomes of what has been answered so far.
static bool ask_page(exchange *x, eyot_step *step) {
    eyot_page_options options = EYOT_PAGE_OPTIONS_INIT;
    options.path = x->path;
    options.flags = (is_debug ? EYOT_PAGE_DEBUG : 0) | (is_head(x) ? EYOT_PAGE_HEAD : 0);
    eyot_response response = response_of(x);
    eyot_context context = context_of(x);
    if (eyot_page_new(islands, &options, &x->page, NULL) != EYOT_OK) return false;
    if (eyot_page_step(x->page, &response, EYOT_SIZE_WHOLE, 0, step, NULL) != EYOT_OK) return false;
    if (*step != EYOT_STEP_COLLECT && *step != EYOT_STEP_DECODE) return true;
    if (*step == EYOT_STEP_DECODE) {
        eyot_slice plain = decoded(x, response.body);
        if (!plain.data) return eyot_page_undecoded(x->page, &response, step, NULL) == EYOT_OK;
        response.body = plain;
    }
    if (is_head(x)) response.body = T(""); // what is not sent is not split
    if (eyot_page_whole(x->page, &response, &context, step, NULL) != EYOT_OK) return false;
    x->is_unmeasured = is_head(x) && *step == EYOT_STEP_EDIT;
    return true;
}

static void split(exchange *x) {
    eyot_step step = EYOT_STEP_PASS;
    if (!ask_page(x, &step)) {
        show_fault(x, T("the page cannot be split"));
        return;
    }
    const eyot_outcome *outcome = eyot_page_outcome(x->page);
    const eyot_shell *shell = eyot_page_shell(x->page);
    if (outcome) take_head(x, outcome);
    if (step == EYOT_STEP_REPLY) reply(x, eyot_page_reply(x->page));
    if (step == EYOT_STEP_SHELL) {
        eyot_slice copy = {keep(x, eyot_shell_len(shell)), eyot_shell_len(shell)};
        eyot_shell_copy(shell, (void *)copy.data, copy.len);
        x->answer = copy;
    }
    const eyot_event *events = NULL;
    size_t len = 0;
    eyot_page_events(x->page, &events, &len);
    for (size_t i = 0; i < len; i++)
        note(x, events[i].level == EYOT_LEVEL_ERROR ? "error" : "warning",
             say(x, "%.*s: %.*s", P(events[i].path), P(events[i].message)));
}

static eyot_head head_of(const exchange *x) {
    eyot_head head = EYOT_HEAD_INIT;
    head.method = x->method;
    head.target = x->target;
    head.mount = mount_of(x);
    head.headers = x->headers.at;
    head.headers_len = x->headers.len;
    return head;
}

bool arrive(exchange *x) {
    x->body_limit = 65536;
    if (is_without) return true;
    eyot_head head = head_of(x);
    if (eyot_islands_route(islands, &head, &x->request, NULL) != EYOT_OK) return false;
    if (x->request) x->body_limit = eyot_request_body_limit(x->request);
    return true;
}

static void reply_or_fail(exchange *x, eyot_status status) {
    if (status == EYOT_REFUSED)
        reply(x, x->refusal);
    else
        show_fault(x, say(x, "eyot returned %d", (int)status));
}

// What would make an answer for everybody one visitor's is gone before anything reads it.
static void hide_headers(exchange *x, const eyot_slice *hidden, size_t len) {
    size_t left = 0;
    for (size_t i = 0; i < x->headers.len; i++) {
        bool is_hidden = false;
        for (size_t h = 0; h < len; h++) is_hidden |= same_name(x->headers.at[i].name, hidden[h]);
        if (!is_hidden) x->headers.at[left++] = x->headers.at[i];
    }
    x->headers.len = left;
}

// Takes over what eyot says of an answer for everybody; while debugging, what is one visitor's in it is the answer.
static void take_judged(exchange *x, eyot_outcome *outcome) {
    eyot_finding leak;
    text codes = {.x = x, .data = keep(x, 1)};
    for (size_t i = 0; eyot_report_get(eyot_outcome_leaks(outcome), i, &leak) == EYOT_OK; i++) {
        note(x, "error", say(x, "%.*s was kept out of caches: %.*s", P(x->path), P(leak.message)));
        add(&codes, say(x, "%.*s (%.*s) ", P(leak.message), P(leak.code)));
    }
    take(x, outcome);
    if (codes.len && is_debug) show_fault(x, eyot_slice_of(codes.data, codes.len));
}

// -- the stack: what a server's own code does between the app and the end of its stations, and around both --

static bool has_layer(exchange *x, const char *place, eyot_slice name) {
    return SQL(x, "SELECT name FROM layer WHERE place = ?1 AND name = ?2", say(x, "%s", place), name).len > 0;
}

static void show_layout(exchange *x, unsigned status) {
    x->status = status;
    x->sent.len = 0;
    set(&x->sent, T("Content-Type"), T("text/html; charset=utf-8"));
    x->answer = described("$.layout");
}

static const uint8_t *where_in(eyot_slice all, eyot_slice part) {
    for (size_t i = 0; i + part.len <= all.len; i++)
        if (memcmp(all.data + i, part.data, part.len) == 0) return all.data + i;
    return NULL;
}

static void write_toolbar(exchange *x) {
    const uint8_t *at = where_in(x->answer, T("</body>"));
    if (!at) return;
    text out = {.x = x, .data = keep(x, 1)};
    size_t before = (size_t)(at - x->answer.data);
    add(&out, eyot_slice_of(x->answer.data, before));
    add(&out, T("<p>toolbar</p>"));
    add(&out, eyot_slice_of(at, x->answer.len - before));
    x->answer = eyot_slice_of(out.data, out.len);
}

static void compress_text(exchange *x) {
    eyot_slice type = NOTHING, wanted = request_header(x, T("Accept-Encoding"));
    for (size_t i = 0; i < x->sent.len; i++)
        if (same_name(x->sent.at[i].name, T("Content-Type"))) type = x->sent.at[i].value;
    bool is_text = type.len > 5 && memcmp(type.data, "text/", 5) == 0;
    if (!is_text || !x->answer.len || !wanted.len || !where_in(wanted, T("gzip"))) return;
    z_stream packing = {.next_in = (Bytef *)(uintptr_t)x->answer.data, .avail_in = (uInt)x->answer.len};
    enum { GZIP = 15 + 16 }; // the largest window, with gzip's own head
    if (deflateInit2(&packing, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK) return;
    size_t room = deflateBound(&packing, packing.avail_in);
    packing.next_out = keep(x, room);
    packing.avail_out = (uInt)room;
    const uint8_t *packed = packing.next_out;
    deflate(&packing, Z_FINISH);
    x->answer = eyot_slice_of(packed, packing.total_out);
    deflateEnd(&packing);
    set(&x->sent, T("Content-Encoding"), T("gzip"));
    put(&x->sent, T("Vary"), T("Accept-Encoding"));
}

static bool is_cacheable(exchange *x) {
    return has_layer(x, "between", T("cache")) && same(x->method, T("GET")) && !where_in(x->target, T("/_"));
}

static void keep_answer(exchange *x) {
    eyot_slice headers = T("[]");
    for (size_t i = 0; i < x->sent.len; i++)
        headers = SQL(x, "SELECT json_insert(?1, '$[#]', json_array(?2, ?3))", headers, x->sent.at[i].name, x->sent.at[i].value);
    SQL(x, "INSERT OR REPLACE INTO kept VALUES (?1, ?2, json_object('headers', json(?3)), ?4)", x->target,
        say(x, "%u", x->status), headers, x->answer);
}

static bool show_kept(exchange *x) {
    eyot_slice status = SQL(x, "SELECT status FROM kept WHERE target = ?1", x->target);
    if (!status.len) return false;
    x->status = (unsigned)number(status);
    x->sent.len = 0;
    set_headers(x, SQL(x, "SELECT headers FROM kept WHERE target = ?1", x->target));
    x->answer = SQL(x, "SELECT body FROM kept WHERE target = ?1", x->target);
    return true;
}

// Answers before the app does; false where the app is to answer.
static bool is_answered_between(exchange *x) {
    if (has_layer(x, "between", T("limiter")) && request_header(x, T("Probe-Limit")).len) {
        show_layout(x, 429);
        return true;
    }
    if (has_layer(x, "between", T("language")) && request_header(x, T("Probe-Language")).len) {
        x->status = 302;
        set(&x->sent, T("Location"), say(x, "/en%.*s", P(x->target)));
        return true;
    }
    return is_cacheable(x) && show_kept(x);
}

static void show_app(exchange *x, eyot_slice says) {
    if (x->island)
        run(x, says);
    else
        show(x, says);
}

// A part of a page cannot be split: the app is asked again, for all of it.
static void show_all_of_it(exchange *x, eyot_slice says) {
    eyot_page_free(x->page);
    x->page = NULL;
    x->sent.len = 0;
    show_app(x, says);
    split(x);
}

// The app and the inner station, with what stands between that and the outer one.
static void show_inside(exchange *x, eyot_slice says) {
    if (is_answered_between(x)) return;
    show_app(x, says);
    bool is_part = x->status == 206;
    if (!same(GET(x, says, "$.html_pass"), T("0"))) split(x);
    if (is_part && x->status == 416 && request_header(x, T("Range")).len) {
        hide_headers(x, VALUES(T("Range"), T("If-Range")));
        show_all_of_it(x, says);
    }
    if (x->status == 500 && has_layer(x, "between", T("error page"))) show_layout(x, 500);
    if (has_layer(x, "between", T("csp"))) set(&x->sent, T("Content-Security-Policy"), T("default-src 'self'"));
    if (has_layer(x, "between", T("toolbar"))) write_toolbar(x);
    if (has_layer(x, "between", T("gzip"))) compress_text(x);
    if (is_cacheable(x)) keep_answer(x);
}

static void show_island(exchange *x) {
    if (x->is_too_large) {
        bool is_written = eyot_request_too_large(x->request, &x->refusal, NULL) == EYOT_OK;
        reply_or_fail(x, is_written ? EYOT_REFUSED : EYOT_ARGUMENT);
        return;
    }
    eyot_token token = EYOT_TOKEN_INIT;
    token.bytes = eyot_slice_of(x->body.data, x->body.len);
    eyot_status status = eyot_request_open(x->request, &token, &x->island, &x->refusal, NULL);
    if (status != EYOT_OK) {
        reply_or_fail(x, status);
        return;
    }
    eyot_slice place = say(x, "%u", eyot_request_number(x->request) + 1);
    eyot_slice says = SQL(x, "SELECT says FROM island WHERE rowid = ?1", place), shared = GET(x, says, "$.options.shared");
    if (shared.len) {
        const eyot_slice *hidden = NULL;
        size_t len = 0;
        eyot_request_hidden_headers(x->request, &hidden, &len);
        hide_headers(x, hidden, len);
    }
    show_inside(x, says);
    eyot_response made = response_of(x);
    made.flags = shared.len ? EYOT_RESPONSE_SHARED : 0;
    made.shared_life = shared.len ? (uint32_t)number(shared) : 0;
    eyot_opened_page(x->island, &made.page);
    eyot_outcome *outcome = NULL;
    status = eyot_request_finish(x->request, &made, &outcome, &x->refusal, NULL);
    if (status == EYOT_OK)
        take_judged(x, outcome);
    else
        reply_or_fail(x, status);
}

// The page as every cache may keep it; its target is the visit's, without eyot's own parameter.
static void show_shell(exchange *x, eyot_slice says) {
    eyot_slice query = EYOT_SLICE_INIT;
    if (eyot_visit_is_fresh(x->visit) && eyot_visit_query(x->visit, &query) == EYOT_OK)
        x->target = say(x, query.len ? "%.*s?%.*s" : "%.*s%.*s", P(x->path), P(query));
    const eyot_slice *hidden = NULL;
    size_t len = 0;
    eyot_visit_hidden_headers(x->visit, &hidden, &len);
    hide_headers(x, hidden, len);
    show_inside(x, says);
    eyot_response made = response_of(x);
    eyot_outcome *outcome = NULL;
    // Said once more: layers that ran after the split may have said otherwise.
    if (eyot_page_is_faulty(x->page) && eyot_outcome_new_uncached(&made, &outcome, NULL) == EYOT_OK) {
        take(x, outcome);
        made = response_of(x);
    }
    if (eyot_visit_finish(x->visit, &made, &outcome, NULL) != EYOT_OK) {
        show_fault(x, T("the page cannot be judged"));
        return;
    }
    take_judged(x, outcome);
}

// Both stations and what is between them.
static void show_stations(exchange *x) {
    eyot_route route = eyot_request_route(x->request);
    if (route == EYOT_ROUTE_REPLY) {
        reply(x, eyot_request_reply(x->request));
        return;
    }
    if (route == EYOT_ROUTE_ISLAND) {
        show_island(x);
        return;
    }
    eyot_slice says = SQL(x, "SELECT says FROM route WHERE path = ?1", path_of(x));
    const eyot_policy *policy = policy_of(x);
    eyot_head head = head_of(x);
    if (is_without) {
        show(x, says);
        return;
    }
    if (policy) eyot_policy_visit(policy, islands, &head, &x->visit, NULL);
    if (x->visit)
        show_shell(x, says);
    else
        show_inside(x, says);
}

void answer(exchange *x) {
    x->status = 200;
    eyot_slice coding = request_header(x, T("Accept-Encoding"));
    show_stations(x);
    if (has_layer(x, "around", T("toolbar"))) write_toolbar(x);
    if (!has_layer(x, "around", T("gzip"))) return;
    // The stations hid it from what is inside.
    if (coding.len) set(&x->headers, T("Accept-Encoding"), coding);
    compress_text(x);
}
