// What the shop's files share: one request and its answer, texts, the database, and who calls whom.
#ifndef SHOP_H
#define SHOP_H

#include <eyot.h>
#include <microhttpd.h>
#include <sqlite3.h>

// Texts are eyot's slices everywhere: a pointer and a length. T is short for EYOT_SLICE, P hands one to "%.*s".
#define T EYOT_SLICE
#define P(slice) (int)(slice).len, (const char *)(slice).data
#define NOTHING ((eyot_slice)EYOT_SLICE_INIT)

typedef struct exchange exchange;

// A text that grows, in memory of its exchange.
typedef struct {
    exchange *x;
    uint8_t *data;
    size_t len, room;
} text;

// Names with values: headers, the fields of a form.
typedef struct {
    eyot_pair at[64];
    size_t len;
} pairs;

// Who asks. Each text is empty where it is not known.
typedef struct {
    eyot_slice session, csrf, customer, name, segment, percent, owner; // `owner` is whose cart it is
} visitor;

// One request and its answer. What is made for it lives as long as it does: texts by `keep`, eyot's objects in fields.
struct exchange {
    struct MHD_Connection *connection;
    struct block *blocks;
    bool has_begun, has_failed;

    eyot_slice method, target, path, mount, segment; // the target as it came, without its query, and what the page's `*` is
    bool is_head; // whatever the app sees
    pairs headers, fields;
    text body; // one byte over the limit at most
    size_t body_limit;

    unsigned status;
    pairs sent;
    eyot_slice answer;

    eyot_exchange *asked;
    eyot_arrival arrival;
    const eyot_policy *policy;
    pairs came; // the headers, before some were hidden
    eyot_opened *island;
    eyot_object *props;
    bool is_unsplit; // its HTML is left as it is
    eyot_page *inner, *outer;
    eyot_reply *refusal;

    sqlite3 *db;
    visitor *who;
};

// main.c: where the files are. `shop_files` holds templates/ and sql/, `shop_shared` what the shops of all hosts share.
extern const char *shop_files, *shop_shared, *shop_database;

// text.c: memory, texts, templates.
void *keep(exchange *x, size_t size);
void release(exchange *x);
void add(text *out, eyot_slice more);
eyot_slice say(exchange *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
eyot_slice escaped(exchange *x, eyot_slice plain); // `data` is NULL when it is not UTF-8
bool same(eyot_slice a, eyot_slice b);
bool same_name(eyot_slice a, eyot_slice b);
bool holds(eyot_slice whole, eyot_slice part);
int number(eyot_slice digits); // -1 for anything but one to six digits
eyot_slice find(const pairs *in, eyot_slice name);
bool put(pairs *in, eyot_slice name, eyot_slice value); // false when it is full
void set(pairs *in, eyot_slice name, eyot_slice value); // in place of those of that name
void drop(pairs *in, eyot_slice name);
eyot_slice read_file(exchange *x, const char *folder, eyot_slice path); // `data` is NULL when there is none
void fill(text *out, eyot_slice template, sqlite3_stmt *row);

// database.c: a template is printed once for each row of a query, and the row's columns are its variables.
bool database_build(void);
bool fetch(exchange *x, eyot_slice *out, size_t out_len, const char *sql, const eyot_slice *values, size_t len);
eyot_slice print(exchange *x, const char *template, const char *sql, const eyot_slice *values, size_t len);
#define VALUES(...) (const eyot_slice[]){__VA_ARGS__}, sizeof((const eyot_slice[]){__VA_ARGS__}) / sizeof(eyot_slice)
#define PRINT(x, template, sql, ...) print(x, template, sql, VALUES(__VA_ARGS__))
#define FETCH(x, out, sql, ...) fetch(x, out, sizeof(out) / sizeof((out)[0]), sql, VALUES(__VA_ARGS__))
eyot_slice ask(exchange *x, const char *sql, const eyot_slice *values, size_t len); // one column of one row
#define ASK(x, sql, ...) ask(x, sql, VALUES(__VA_ARGS__))
#define WRITE(x, sql, ...) fetch(x, NULL, 0, sql, VALUES(__VA_ARGS__))

// visitor.c: sessions and signing in.
const visitor *who(exchange *x);
eyot_slice csrf(exchange *x); // begins a session where there is none
bool sign_in(exchange *x, eyot_slice email, eyot_slice password);
void sign_out(exchange *x);
void add_to_cart(exchange *x, eyot_slice sku, eyot_slice count);
eyot_slice hashed(exchange *x, eyot_slice password);

// pages.c: the app's pages, and what answers a request that is no island's.
typedef struct {
    eyot_slice method, path; // `*` in the path is one segment
    bool is_shell;
    void (*show)(exchange *x);
} page;
const page *page_of(exchange *x);
void show_page(exchange *x);
void redirect(exchange *x, unsigned status, eyot_slice target);
void give_up(exchange *x); // an answer that says nothing
void fail(exchange *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
eyot_slice request_header(const exchange *x, eyot_slice name);

// islands.c: the handlers. A handler's number is its place in the list.
typedef struct {
    eyot_slice name;
    eyot_member_kind kind;
    bool is_optional;
} prop;
typedef struct {
    eyot_slice name;
    void (*show)(exchange *x);
    prop props[2];
    bool is_shared;
    uint32_t seconds; // that caches may keep a shared one
} handler;
extern const handler handlers[];
extern const size_t handlers_len;
void show_island(exchange *x);

// app.c: eyot's objects, made once and then shared by all threads; and what stands between and around the stations.
extern eyot_islands *islands;
extern bool is_debug;
bool app_open(void);
void app_close(void);
bool arrive(exchange *x); // the head is there; false when it is none
void answer(exchange *x); // the body is there, too
void render(exchange *x); // the island's handler, or the page
void tell(exchange *x, const eyot_event *event); // for the log

// stations.c: eyot, around all of that, in this order.
bool enter(exchange *x, const eyot_policy *policy); // the outer station, when the head is there; false when it is none
bool goes_in(exchange *x); // when the body is there; false when that was answered
void inside(exchange *x); // the inner station, and in it the app
void leave(exchange *x); // the outer station
void misfit(exchange *x, eyot_slice why); // the answer of a handler whose props do not fit
bool went_well(eyot_status status, eyot_error **error);

// coding.c: `data` is NULL where a coding cannot be undone.
eyot_slice undone(exchange *x, eyot_slice coding, eyot_slice packed);

#endif
