// The SQLite file: made and filled at first start; one connection for each request.
#include "shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// money(pence) in SQL: 4800 is £48.00.
static void money(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    sqlite3_int64 pence = sqlite3_value_int64(values[0]);
    char *said = sqlite3_mprintf("£%,lld.%02lld", pence / 100, pence % 100);
    sqlite3_result_text(context, said, -1, sqlite3_free);
}

// hash_password(text) in SQL: for the seed.
static void hash_password(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    exchange x = {0};
    const uint8_t *password = sqlite3_value_text(values[0]);
    eyot_slice hash = hashed(&x, eyot_slice_of(password, (size_t)sqlite3_value_bytes(values[0])));
    sqlite3_result_text(context, (const char *)hash.data, (int)hash.len, SQLITE_TRANSIENT);
    release(&x);
}

static bool open_database(const char *path, sqlite3 **db) {
    bool is_open = sqlite3_open(path, db) == SQLITE_OK;
    sqlite3_busy_timeout(*db, 5000);
    sqlite3_create_function(*db, "money", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, money, NULL, NULL);
    sqlite3_create_function(*db, "hash_password", 1, SQLITE_UTF8, NULL, hash_password, NULL, NULL);
    return is_open;
}

// A query with its values, or NULL and a failed answer. Every value goes in as text: SQLite's columns know their types.
static sqlite3_stmt *prepare(exchange *x, const char *sql, const eyot_slice *values, size_t len) {
    sqlite3_stmt *query = NULL;
    if ((!x->db && !open_database(shop_database, &x->db)) || sqlite3_prepare_v2(x->db, sql, -1, &query, NULL)) {
        fail(x, "%s in: %s", sqlite3_errmsg(x->db), sql);
        return NULL;
    }
    for (int i = 0; i < (int)len && i < sqlite3_bind_parameter_count(query); i++)
        sqlite3_bind_text64(query, i + 1, (const char *)values[i].data, values[i].len, SQLITE_STATIC, SQLITE_UTF8);
    return query;
}

static void finish(exchange *x, sqlite3_stmt *query) {
    if (sqlite3_finalize(query) != SQLITE_OK) fail(x, "%s", sqlite3_errmsg(x->db));
}

bool fetch(exchange *x, eyot_slice *out, size_t out_len, const char *sql, const eyot_slice *values, size_t len) {
    sqlite3_stmt *query = prepare(x, sql, values, len);
    bool is_found = query && sqlite3_step(query) == SQLITE_ROW;
    for (size_t i = 0; i < out_len; i++) {
        const char *value = is_found ? (const char *)sqlite3_column_text(query, (int)i) : NULL;
        out[i] = value ? say(x, "%s", value) : NOTHING;
    }
    finish(x, query);
    return is_found;
}

eyot_slice ask(exchange *x, const char *sql, const eyot_slice *values, size_t len) {
    eyot_slice out[1];
    fetch(x, out, 1, sql, values, len);
    return out[0];
}

eyot_slice print(exchange *x, const char *name, const char *sql, const eyot_slice *values, size_t len) {
    text out = {.x = x};
    eyot_slice template = read_file(x, shop_files, say(x, "templates/%s.html", name));
    if (!template.data) fail(x, "there is no template %s", name);
    sqlite3_stmt *row = prepare(x, sql, values, len);
    while (row && sqlite3_step(row) == SQLITE_ROW) fill(&out, template, row);
    finish(x, row);
    return eyot_slice_of(out.data, out.len);
}

static bool execute(sqlite3 *db, exchange *x, const char *folder, eyot_slice file) {
    eyot_slice script = read_file(x, folder, file);
    char *error = NULL;
    const char *sql = (const char *)say(x, "%.*s", P(script)).data;
    bool is_done = script.data && sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK;
    if (!is_done) fprintf(stderr, "%s/%.*s: %s\n", folder, P(file), error ? error : "cannot be read");
    sqlite3_free(error);
    return is_done;
}

// Makes the file beside its place and moves it there whole, so that a second server that starts at once sees all of it.
bool database_build(void) {
    if (access(shop_database, F_OK) == 0) return true;
    exchange x = {0};
    const char *made = (const char *)say(&x, "%s.%ld", shop_database, (long)getpid()).data;
    eyot_slice seed = read_file(&x, shop_shared, T("seed.json"));
    bool is_open = open_database(made, &x.db);
    bool is_made = is_open && execute(x.db, &x, shop_shared, T("schema.sql")) &&
                   execute(x.db, &x, shop_files, T("sql/session.sql"));
    if (is_made) WRITE(&x, "INSERT INTO seed VALUES (?1)", seed);
    is_made = is_made && execute(x.db, &x, shop_files, T("sql/seed.sql"));
    sqlite3_close(x.db);
    is_made = is_made && rename(made, shop_database) == 0;
    if (!is_made) {
        fprintf(stderr, "%s cannot be made\n", shop_database);
        unlink(made);
    }
    release(&x);
    return is_made;
}
