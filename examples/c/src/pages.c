// The pages: two that every visitor gets alike and caches keep, the personal ones, and the forms.
#include "shop.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// The one inline script, the tide's, is allowed by its hash.
#define CONTENT_SECURITY_POLICY \
    "default-src 'self'; script-src 'self' 'sha256-Y1sQ8T1kKtkCgheKPQE4oemv0vWQedxQLNiBZs2s4lM='; " \
    "require-trusted-types-for 'script'; trusted-types eyot; object-src 'none'; base-uri 'none'; form-action 'self'; " \
    "frame-ancestors 'none'"

static void show(exchange *x, unsigned status, eyot_slice title, eyot_slice content) {
    x->status = status;
    set(&x->sent, T("Content-Security-Policy"), T(CONTENT_SECURITY_POLICY));
    x->answer = PRINT(x, "base", "SELECT ?1 AS title, ?2 AS content", title, content);
}

static void message(exchange *x, unsigned status, eyot_slice title, eyot_slice said) {
    show(x, status, title, PRINT(x, "message", "SELECT ?1 AS title, ?2 AS text", title, said));
}

static void not_found(exchange *x) {
    message(x, 404, T("Nothing here"), T("The river has taken it, or it never was."));
}

void redirect(exchange *x, unsigned status, eyot_slice target) {
    x->status = status;
    x->answer = NOTHING;
    set(&x->sent, T("Location"), target);
}

void give_up(exchange *x) {
    x->status = 500;
    x->sent.len = 0;
    set(&x->sent, T("Content-Type"), T("text/plain; charset=utf-8"));
    set(&x->sent, T("Cache-Control"), T("no-store"));
    x->answer = T("internal server error\n");
}

// Logs what went wrong; the answer does not say it. An island's path holds a token, which no log should have.
void fail(exchange *x, const char *format, ...) {
    va_list values;
    va_start(values, format);
    eyot_slice island = NOTHING;
    eyot_exchange_name(x->asked, &island);
    fprintf(stderr, "%.*s: ", P(island.len ? island : x->path));
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    x->has_failed = true;
    give_up(x);
}

// -- the cached pages, which see no cookie --

static void home(exchange *x) {
    eyot_slice cards =
        PRINT(x, "card", "SELECT *, money(price) AS listed, place > 2 AS late FROM product ORDER BY place", NOTHING);
    show(x, 200, T("Things for the river"), PRINT(x, "home", "SELECT ?1 AS cards", cards));
}

static void product(exchange *x) {
    eyot_slice sku = x->segment;
    eyot_slice name = ASK(x, "SELECT name FROM product WHERE sku = ?1", sku);
    if (!name.len) {
        not_found(x);
        return;
    }
    eyot_slice facts = PRINT(x, "fact", "SELECT label, value FROM fact WHERE sku = ?1 ORDER BY place", sku);
    eyot_slice boathouses = PRINT(x, "boathouse", "SELECT ?1 AS sku, name, phone FROM boathouse ORDER BY name", sku);
    eyot_slice rows = PRINT(x, "recommendation",
                            "SELECT value AS place, json_object('sku', ?1, 'place', value) AS props"
                            " FROM json_each('[0,1,2]')", sku);
    eyot_slice quote = PRINT(x, "quote", "SELECT * FROM review WHERE sku = ?1 ORDER BY id LIMIT 1", sku);
    eyot_slice bones =
        PRINT(x, "review_bone", "SELECT row_number() OVER () > 1 AS more FROM review WHERE sku = ?1", sku);
    eyot_slice letter = PRINT(x, "letter", "SELECT ?1 AS sku", sku);
    show(x, 200, name,
         PRINT(x, "product",
               "SELECT *, money(price) AS listed, ?2 AS facts, ?3 AS boathouses, ?4 AS rows, ?5 AS quote, ?6 AS bones,"
               " ?7 AS letter FROM product WHERE sku = ?1", sku, facts, boathouses, rows, quote, bones, letter));
}

// -- the personal pages --

static void cart(exchange *x) {
    eyot_slice owner = who(x)->owner, percent = who(x)->percent;
    eyot_slice lines = PRINT(x, "cart_line",
                             "SELECT *, money(price * ?2 / 100 * count) AS cost FROM cart_line JOIN product USING (sku)"
                             " WHERE owner = ?1 ORDER BY place", owner, percent);
    show(x, 200, T("Your cart"),
         PRINT(x, "cart",
               "SELECT ?3 AS lines, ?4 AS csrf, money(sum(price * ?2 / 100 * count)) AS total"
               " FROM cart_line JOIN product USING (sku) WHERE owner = ?1", owner, percent, lines, csrf(x)));
}

static bool wants_json(const exchange *x) {
    return same(request_header(x, T("Accept")), T("application/json"));
}

static void add_one(exchange *x) {
    eyot_slice sku = find(&x->fields, T("sku")), count = find(&x->fields, T("count"));
    if (!count.len) count = T("1");
    if (!ASK(x, "SELECT sku FROM product WHERE sku = ?1", sku).len || number(count) < 1 || number(count) > 99) {
        message(x, 400, T("That cannot be"), T("There is no such thing, or not so many of it."));
        return;
    }
    add_to_cart(x, sku, count);
    if (!wants_json(x)) {
        redirect(x, 303, T("/cart"));
        return;
    }
    set(&x->sent, T("Content-Type"), T("application/json"));
    x->answer = ASK(x, "SELECT json_object('added', ?1)", sku);
}

static void empty_cart(exchange *x) {
    WRITE(x, "DELETE FROM cart_line WHERE owner = ?1", who(x)->owner);
    redirect(x, 303, T("/cart"));
}

static void show_login(exchange *x, unsigned status, eyot_slice next, eyot_slice failed) {
    show(x, status, T("Sign in"),
         PRINT(x, "login", "SELECT ?1 AS next, ?2 AS failed, ?3 AS csrf", next, failed, csrf(x)));
}

static void login_form(exchange *x) {
    const char *next = MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, "next");
    show_login(x, 200, next ? say(x, "%s", next) : NOTHING, NOTHING);
}

// A path of this shop: it begins with one slash, and holds nothing that browsers or headers read as something else.
static bool is_local(eyot_slice path) {
    for (size_t i = 0; i < path.len; i++)
        if (path.data[i] <= ' ' || path.data[i] >= 127 || path.data[i] == '\\') return false;
    return path.len >= 1 && path.data[0] == '/' && !(path.len > 1 && path.data[1] == '/');
}

static void login(exchange *x) {
    eyot_slice next = find(&x->fields, T("next"));
    if (!sign_in(x, find(&x->fields, T("email")), find(&x->fields, T("password"))))
        show_login(x, 403, next, T("1"));
    else
        redirect(x, 303, is_local(next) ? next : T("/"));
}

static void logout(exchange *x) {
    sign_out(x);
    redirect(x, 303, T("/"));
}

static void account(exchange *x) {
    if (!who(x)->customer.len) {
        redirect(x, 302, T("/login?next=/account"));
        return;
    }
    eyot_slice bought = PRINT(x, "purchase",
                              "SELECT * FROM purchase JOIN product USING (sku) WHERE customer = ?1 ORDER BY day DESC",
                              who(x)->customer);
    show(x, 200, T("Your account"),
         PRINT(x, "account", "SELECT ?1 AS name, ?2 AS percent, ?3 AS segment, ?4 AS bought, ?5 AS csrf", who(x)->name,
               who(x)->percent, who(x)->segment, bought, csrf(x)));
}

// Its text becomes one escaped paragraph.
static void review(exchange *x) {
    eyot_slice sku = x->segment;
    if (!who(x)->customer.len) {
        redirect(x, 302, say(x, "/login?next=/p/%.*s", P(sku)));
        return;
    }
    eyot_slice said = escaped(x, find(&x->fields, T("text"))), stars = find(&x->fields, T("stars"));
    if (!stars.len) stars = T("5");
    bool is_blank = said.len == 0 || strspn((const char *)said.data, " \t\r\n") >= said.len;
    bool is_sold = ASK(x, "SELECT 1 FROM product WHERE sku = ?1", sku).len > 0;
    if (is_blank || !is_sold || number(stars) < 1 || number(stars) > 5) {
        message(x, 400, T("That cannot be"), T("A review has words, and one to five stars."));
        return;
    }
    WRITE(x, "INSERT INTO review VALUES (NULL, ?1, ?2, ?3, '<p>' || trim(?4) || '</p>')", sku, who(x)->name, stars,
          said);
    redirect(x, 303, say(x, "/p/%.*s#reviews", P(sku)));
}

// -- which page it is --

static void static_file(exchange *x) {
    const char *path = (const char *)say(x, "%.*s", P(x->segment)).data, *type = strrchr(path, '.');
    bool is_plain = strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789_-./") == x->segment.len && !strstr(path, "..");
    eyot_slice content = is_plain && type ? read_file(x, shop_shared, say(x, "static/%s", path)) : NOTHING;
    if (!content.data) {
        not_found(x);
        return;
    }
    set(&x->sent, T("Content-Type"), !strcmp(type, ".svg")   ? T("image/svg+xml")
                                     : !strcmp(type, ".css") ? T("text/css; charset=utf-8")
                                                             : T("text/javascript; charset=utf-8"));
    set(&x->sent, T("Cache-Control"), T("public, max-age=3600"));
    x->answer = content;
}

static const page pages[] = {
    {EYOT_LITERAL("GET"), EYOT_LITERAL("/"), true, home},
    {EYOT_LITERAL("GET"), EYOT_LITERAL("/p/*"), true, product},
    {EYOT_LITERAL("POST"), EYOT_LITERAL("/p/*/reviews"), false, review},
    {EYOT_LITERAL("GET"), EYOT_LITERAL("/cart"), false, cart},
    {EYOT_LITERAL("POST"), EYOT_LITERAL("/cart/add"), false, add_one},
    {EYOT_LITERAL("POST"), EYOT_LITERAL("/cart/empty"), false, empty_cart},
    {EYOT_LITERAL("GET"), EYOT_LITERAL("/login"), false, login_form},
    {EYOT_LITERAL("POST"), EYOT_LITERAL("/login"), false, login},
    {EYOT_LITERAL("POST"), EYOT_LITERAL("/logout"), false, logout},
    {EYOT_LITERAL("GET"), EYOT_LITERAL("/account"), false, account},
    {EYOT_LITERAL("GET"), EYOT_LITERAL("/static/**"), false, static_file},
};

// Whether a path is of a pattern: `*` is one segment, `**` the rest; what it stands for is told.
static bool matches(eyot_slice path, eyot_slice pattern, eyot_slice *segment) {
    const uint8_t *star = memchr(pattern.data, '*', pattern.len);
    if (!star) return same(path, pattern);
    size_t head = (size_t)(star - pattern.data), stars = star[1] == '*' ? 2 : 1, end = head;
    if (path.len <= head || memcmp(path.data, pattern.data, head) != 0) return false;
    while (end < path.len && (stars == 2 || path.data[end] != '/')) end++;
    *segment = eyot_slice_of(path.data + head, end - head);
    eyot_slice rest = {path.data + end, path.len - end}, tail = {star + stars, pattern.len - head - stars};
    return segment->len > 0 && same(rest, tail);
}

// A HEAD is answered as the GET that it stands for.
const page *page_of(exchange *x) {
    eyot_slice method = same(x->method, T("HEAD")) ? T("GET") : x->method;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (same(pages[i].method, method) && matches(x->path, pages[i].path, &x->segment)) return &pages[i];
    return NULL;
}

// A form came without its CSRF token: the page was cached and had no JavaScript. Show what it would do, and ask.
static void ask_again(exchange *x, const page *found) {
    if (found->show != add_one || wants_json(x)) {
        message(x, 400, T("That form was too old"), T("The CSRF token is missing."));
        return;
    }
    show(x, 400, T("One more click"),
         PRINT(x, "confirm", "SELECT ?1 AS sku, ?2 AS count, ?3 AS csrf", find(&x->fields, T("sku")),
               find(&x->fields, T("count")), csrf(x)));
}

void show_page(exchange *x) {
    const page *found = page_of(x);
    if (!found) {
        not_found(x);
        return;
    }
    if (!found->is_shell && found->show != static_file) set(&x->sent, T("Cache-Control"), T("private, no-store"));
    bool is_form = same(found->method, T("POST"));
    eyot_slice token = find(&x->fields, T("csrf_token"));
    if (x->body.len > x->body_limit)
        message(x, 413, T("Too much"), T("No form of this shop is that long."));
    else if (is_form && !(token.len && same(token, who(x)->csrf)))
        ask_again(x, found);
    else
        found->show(x);
}
