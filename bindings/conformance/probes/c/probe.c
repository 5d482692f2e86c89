// The probe in C: an app in which every answer is described from outside. The server, the memory of a request and both
// stations are those of the shop in C (main.c, text.c, stations.c, coding.c); the description is read by SQLite.
#include "shop.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { MOST = 512 };

static sqlite3 *db;
eyot_islands *islands;
bool is_debug;
static eyot_paths *policies;
static bool is_without; // the app by itself, to compare with
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

static bool said(eyot_error *error) {
    eyot_slice why = NOTHING;
    if (error && eyot_error_message(error, &why) == EYOT_OK) fprintf(stderr, "eyot: %.*s\n", P(why));
    eyot_error_free(error);
    return error != NULL;
}

// The policies of routes, and those of patterns that no route has.
static bool open_policies(void) {
    sqlite3_stmt *row = NULL;
    eyot_error *error = NULL;
    sqlite3_prepare_v2(db, "SELECT path, says ->> '$.policy.cdn', says ->> '$.policy.browser', says ->> '$.policy.swr',"
                           " says ->> '$.policy.sie', says ->> '$.policy.cookies' FROM route WHERE says -> '$.policy' NOT NULL"
                           " UNION ALL SELECT key, value ->> '$.cdn', 0, 0, 0, 0 FROM description, json_each(whole, '$.patterns')",
                       -1, &row, NULL);
    bool is_open = eyot_paths_new(&policies, &error) == EYOT_OK;
    while (is_open && sqlite3_step(row) == SQLITE_ROW) {
        const char *pattern = (const char *)sqlite3_column_text(row, 0);
        eyot_policy *policy = NULL;
        eyot_policy_options kept = EYOT_POLICY_OPTIONS_INIT;
        kept.cdn = (uint32_t)sqlite3_column_int(row, 1);
        kept.browser = (uint32_t)sqlite3_column_int(row, 2);
        kept.stale_while_revalidate = (uint32_t)sqlite3_column_int(row, 3);
        kept.stale_if_error = (uint32_t)sqlite3_column_int(row, 4);
        kept.flags = sqlite3_column_int(row, 5) ? EYOT_POLICY_COOKIES : 0;
        is_open = eyot_policy_new(&kept, &policy, &error) == EYOT_OK &&
                  eyot_paths_add(policies, pattern, strlen(pattern), policy, &error) == EYOT_OK;
        eyot_policy_free(policy); // the table has a copy
    }
    sqlite3_finalize(row);
    return !said(error);
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

bool app_open(void) {
    is_debug = same(described("$.stack.debug"), T("1"));
    is_without = same(described("$.stack.eyot"), T("0"));
    mount = described("$.stack.mount");
    believes_proxies = same(described("$.stack.name"), T("proxy"));
    if (!open_policies()) return false;
    static eyot_declaration declared[MOST];
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = declared;
    options.islands_len = declare(declared);
    const eyot_pair set[] = {
        {EYOT_LITERAL("debug"), is_debug ? T("true") : T("false")},
        {EYOT_LITERAL("login_url"), described("$.options.login_url")},
        {EYOT_LITERAL("locations"), described("$.options.locations[0]")},
        // An empty text is a list without any, to which the next one is added.
        {EYOT_LITERAL("allowed_origins"), described("$.options.allowed_origins[1]")},
        {EYOT_LITERAL("allowed_origins"), described("$.options.allowed_origins[0]")},
    };
    options.options = set;
    options.options_len = sizeof set / sizeof *set;
    eyot_keyring *ring = NULL;
    eyot_error *error = NULL;
    eyot_slice keys = described("$.keys");
    (void)(eyot_keyring_parse(keys.data, keys.len, &ring, &error) == EYOT_OK &&
           eyot_islands_new(ring, &options, &islands, &error) == EYOT_OK);
    eyot_keyring_free(ring);
    return !said(error);
}

void app_close(void) {
    eyot_paths_free(policies);
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

void fail(exchange *x, const char *format, ...) {
    char said[256];
    va_list values;
    va_start(values, format);
    vsnprintf(said, sizeof said, format, values);
    va_end(values);
    note(x, "error", say(x, "%s", said));
    give_up(x);
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
    x->is_unsplit = same(GET(x, says, "$.html_pass"), T("0"));
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

static void show_route(exchange *x) {
    eyot_slice path = path_of(x), says = SQL(x, "SELECT says FROM route WHERE path = ?1", path);
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

// -- the stack: what a server's own code does between the app and the end of its stations, and around both --

static bool has_layer(exchange *x, const char *place, eyot_slice name) {
    return SQL(x, "SELECT name FROM layer WHERE place = ?1 AND name = ?2", say(x, "%s", place), name).len > 0;
}

// Says how long the answer is, as far as it has a length.
static void resize(exchange *x) {
    if (x->status != 204 && x->status != 304) set(&x->sent, T("Content-Length"), say(x, "%zu", x->answer.len));
}

static void show_layout(exchange *x, unsigned status) {
    x->status = status;
    x->sent.len = 0;
    set(&x->sent, T("Content-Type"), T("text/html; charset=utf-8"));
    x->answer = described("$.layout");
    resize(x);
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
    resize(x);
}

static void compress_text(exchange *x) {
    eyot_slice type = find(&x->sent, T("Content-Type")), wanted = request_header(x, T("Accept-Encoding"));
    bool is_text = type.len > 5 && memcmp(type.data, "text/", 5) == 0;
    if (!is_text || !x->answer.len || !wanted.len || !holds(wanted, T("gzip"))) return;
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
    resize(x);
}

static bool is_cacheable(exchange *x) {
    return has_layer(x, "between", T("cache")) && same(x->method, T("GET")) && !holds(x->target, T("/_"));
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

// The app and the inner station, with what stands between that and the outer one.
static void show_between(exchange *x) {
    if (is_answered_between(x)) return;
    inside(x);
    if (x->status == 500 && has_layer(x, "between", T("error page"))) show_layout(x, 500);
    if (has_layer(x, "between", T("csp"))) set(&x->sent, T("Content-Security-Policy"), T("default-src 'self'"));
    if (has_layer(x, "between", T("toolbar"))) write_toolbar(x);
    if (has_layer(x, "between", T("gzip"))) compress_text(x);
    if (is_cacheable(x)) keep_answer(x);
}

// -- what the stations ask of an app --

// What the description says of the island that is asked for.
static eyot_slice of_island(exchange *x, uint32_t number) {
    return SQL(x, "SELECT says FROM island WHERE rowid = ?1", say(x, "%u", number + 1));
}

static const eyot_policy *policy_of(const exchange *x) {
    const eyot_policy *found = NULL;
    eyot_slice path = path_of(x);
    eyot_paths_find(policies, path.data, path.len, &found);
    return found;
}

void tell(exchange *x, const eyot_event *event) {
    static const char *const levels[] = {"info", "warning", "error"};
    note(x, levels[event->level], say(x, "%.*s: %s%.*s (%.*s)", P(event->path), event->status ? "refused: " : "",
                                      P(event->message), P(event->code)));
    if (event->status)
        SQL(x, "INSERT INTO event VALUES ('refusal', json_object('reason', ?1, 'status', ?2))", say(x, "%.*s", P(event->code)),
            say(x, "%u", event->status));
}

void render(exchange *x) {
    if (x->island)
        run(x, of_island(x, eyot_opened_number(x->island)));
    else
        show_route(x);
}

bool arrive(exchange *x) {
    x->mount = believes_proxies ? request_header(x, T("X-Forwarded-Prefix")) : mount;
    x->body_limit = 65536;
    if (is_without) return true;
    if (!enter(x, policy_of(x))) return false;
    if (x->arrival != EYOT_ARRIVAL_ISLAND) return true;
    eyot_slice shared = GET(x, of_island(x, eyot_exchange_number(x->asked)), "$.options.shared");
    if (shared.len) eyot_exchange_share(x->asked, (uint32_t)number(shared));
    return true;
}

void answer(exchange *x) {
    if (is_without) {
        x->status = 200;
        show_route(x);
        resize(x);
    } else if (goes_in(x)) {
        show_between(x);
        leave(x);
    }
    if (has_layer(x, "around", T("toolbar"))) write_toolbar(x);
    if (has_layer(x, "around", T("gzip"))) compress_text(x);
}
