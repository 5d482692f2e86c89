// The islands: what is personal, slow, or not to be cached on an otherwise cached page. The props say what to show;
// to whom is the session's business alone, so every handler asks it again.
#include "shop.h"

#include <stdio.h>
#include <time.h>

// A prop, or a slot, that is a text; empty when it is not there.
static eyot_slice member(const eyot_object *object, eyot_slice name) {
    eyot_slice value = EYOT_SLICE_INIT;
    eyot_object_string(object, name.data, name.len, &value, NULL);
    return value;
}

static eyot_slice sku(const exchange *x) { return member(x->props, T("sku")); }

// What a template printed is the answer; nothing printed means that the thing is no longer sold.
static void show(exchange *x, eyot_slice html) {
    x->answer = html;
    if (html.len == 0 && x->status == 200) x->status = 404;
}

static void avatar(exchange *x) {
    eyot_slice size = member(x->props, T("size"));
    show(x, PRINT(x, "islands/avatar",
                  "SELECT ?1 AS name, ?2 AS size, substr(?1, 1, 1) || substr(?1, instr(?1, ' ') + 1, 1) AS initials",
                  who(x)->name, size.len ? size : T("small")));
}

static void cart_count(exchange *x) {
    show(x, PRINT(x, "islands/cart_count", "SELECT coalesce(sum(count), 0) AS count FROM cart_line WHERE owner = ?1",
                  who(x)->owner));
}

static void csrf_field(exchange *x) { show(x, PRINT(x, "islands/csrf_field", "SELECT ?1 AS csrf", csrf(x))); }

static void price(exchange *x) {
    show(x, PRINT(x, "islands/price",
                  "SELECT money(price) AS listed, ?3 AS segment,"
                  "       CASE WHEN price * ?2 / 100 < price THEN money(price * ?2 / 100) END AS yours"
                  " FROM product WHERE sku = ?1",
                  sku(x), who(x)->percent, who(x)->segment));
}

// One of the boathouses does not answer: its island fails, and the page shows the error slot.
static void stock(exchange *x) {
    eyot_slice boathouse = member(x->props, T("boathouse"));
    eyot_slice answers = ASK(x, "SELECT answers FROM boathouse WHERE name = ?1", boathouse);
    if (same(answers, T("0"))) {
        fail(x, "the boathouse at %.*s does not answer", P(boathouse));
        return;
    }
    show(x, PRINT(x, "islands/stock",
                  "SELECT coalesce(sum(count), 0) AS count, coalesce(sum(count), 0) > 4 AS many FROM boathouse"
                  " LEFT JOIN stock ON boathouse = name AND sku = ?1 WHERE name = ?2 GROUP BY name",
                  sku(x), boathouse));
}

// The carrier takes its time to say when it would arrive; nothing else on the page waits for it.
static void delivery_estimate(exchange *x) {
    nanosleep(&(struct timespec){1, 500000000}, NULL);
    time_t day = time(NULL) + 2 * 86400;
    struct tm date;
    for (gmtime_r(&day, &date); date.tm_wday == 0 || date.tm_wday == 6; gmtime_r(&day, &date)) day += 86400;
    char weekday[16], month[16];
    strftime(weekday, sizeof weekday, "%A", &date);
    strftime(month, sizeof month, "%B", &date);
    show(x, say(x, "<span>%s, %d %s</span>", weekday, date.tm_mday, month));
}

// A stranger is redirected to sign in: the page then keeps the fallback, and eyot says where the sign-in page is.
static void last_purchase(exchange *x) {
    if (!who(x)->customer.len) {
        redirect(x, 302, say(x, "/login?next=%.*s", P(x->path)));
        return;
    }
    eyot_slice day = ASK(x, "SELECT max(day) FROM purchase WHERE customer = ?1 AND sku = ?2", who(x)->customer, sku(x));
    struct tm date = {0};
    if (day.len && sscanf((const char *)day.data, "%d-%d-%d", &date.tm_year, &date.tm_mon, &date.tm_mday) == 3) {
        date.tm_mon--;
        char month[16];
        strftime(month, sizeof month, "%B", &date);
        show(x, say(x, "<span>You bought one on %d %s %d</span>", date.tm_mday, month, date.tm_year));
    } else
        show(x, T("<span>You do not have one yet</span>"));
}

// The n-th of what goes well with the product and is not in the cart yet.
static void recommendation_row(exchange *x) {
    int64_t place = 0;
    eyot_object_integer(x->props, (const uint8_t *)"place", 5, &place, NULL);
    eyot_slice row = PRINT(x, "islands/recommendation_row",
                           "SELECT product.*, reason, money(price * ?3 / 100) AS yours"
                           " FROM pairing JOIN product ON product.sku = other WHERE pairing.sku = ?1"
                           " AND other NOT IN (SELECT sku FROM cart_line WHERE owner = ?2)"
                           " ORDER BY pairing.place LIMIT 1 OFFSET ?4",
                           sku(x), who(x)->owner, who(x)->percent, say(x, "%lld", (long long)place));
    show(x, row.len ? row : T("<td colspan=\"4\" class=\"soft\">The rest is in your cart already.</td>"));
}

// The letter that the page holds sealed: for customers its slot, for strangers an invitation.
static void members_letter(exchange *x) {
    eyot_slice slots = EYOT_SLICE_INIT;
    eyot_object *read = NULL;
    eyot_opened_slots(x->island, &slots);
    eyot_object_parse(slots.data, slots.len, &read, NULL);
    show(x, PRINT(x, "islands/members_letter", "SELECT ?1 AS name, ?2 AS letter", who(x)->name,
                  member(read, T("default"))));
    eyot_object_free(read);
}

// It holds an island of its own: the review form.
static void reviews(exchange *x) {
    eyot_slice list = PRINT(x, "islands/review",
                            "SELECT *, substr('★★★★★☆☆☆☆☆', 6 - stars, 5) AS drawn"
                            " FROM review WHERE sku = ?1 ORDER BY id DESC", sku(x));
    show(x, PRINT(x, "islands/reviews", "SELECT ?1 AS sku, ?2 AS reviews", sku(x), list));
}

static void review_form(exchange *x) {
    eyot_slice token = who(x)->customer.len ? csrf(x) : NOTHING;
    show(x, PRINT(x, "islands/review_form", "SELECT ?1 AS sku, ?2 AS name, ?3 AS csrf", sku(x), who(x)->name, token));
}

// The next high water, and an inline script that counts down to it. It is the same for all: caches keep it.
static void tide(exchange *x) {
    const time_t one = 1767408000, every = 12 * 3600 + 25 * 60;
    time_t now = time(NULL), high = now + every - (now - one) % every;
    struct tm at;
    gmtime_r(&high, &at);
    char iso[32], hour[8];
    strftime(iso, sizeof iso, "%Y-%m-%dT%H:%M:%S+00:00", &at);
    strftime(hour, sizeof hour, "%H:%M", &at);
    show(x, PRINT(x, "islands/tide", "SELECT ?1 AS iso, ?2 AS hour", say(x, "%s", iso), say(x, "%s", hour)));
}

#define ISLAND(word, function, ...) {.name = EYOT_LITERAL(word), .show = function, __VA_ARGS__}
#define TEXT(word) {EYOT_LITERAL(word), EYOT_MEMBER_STRING, false}
const handler handlers[] = {
    ISLAND("Avatar", avatar, .props = {{EYOT_LITERAL("size"), EYOT_MEMBER_STRING, true}}),
    ISLAND("CartCount", cart_count, ),
    ISLAND("CsrfField", csrf_field, ),
    ISLAND("Price", price, .props = {TEXT("sku")}),
    ISLAND("Stock", stock, .props = {TEXT("sku"), TEXT("boathouse")}),
    ISLAND("DeliveryEstimate", delivery_estimate, .props = {TEXT("sku")}),
    ISLAND("LastPurchase", last_purchase, .props = {TEXT("sku")}),
    ISLAND("RecommendationRow", recommendation_row,
           .props = {TEXT("sku"), {EYOT_LITERAL("place"), EYOT_MEMBER_NUMBER, false}}),
    ISLAND("MembersLetter", members_letter, ),
    ISLAND("Reviews", reviews, .props = {TEXT("sku")}),
    ISLAND("ReviewForm", review_form, .props = {TEXT("sku")}),
    ISLAND("Tide", tide, .is_shared = true, .seconds = 60),
};
const size_t handlers_len = sizeof handlers / sizeof handlers[0];

// What is wrong with the props, if anything is: a token's are genuine, but a page of another version may have sealed them.
static const char *misfit_of(exchange *x, const handler *found) {
    eyot_slice json = EYOT_SLICE_INIT;
    eyot_opened_props(x->island, &json);
    if (eyot_object_parse(json.data, json.len, &x->props, NULL) != EYOT_OK) return "they cannot be read";
    size_t known = 0;
    for (size_t i = 0; i < 2 && found->props[i].name.len; i++) {
        eyot_member_kind kind = eyot_object_kind(x->props, found->props[i].name.data, found->props[i].name.len);
        bool is_left_out = kind == EYOT_MEMBER_NONE && found->props[i].is_optional;
        if (kind != found->props[i].kind && !is_left_out) return (const char *)found->props[i].name.data;
        known += kind != EYOT_MEMBER_NONE;
    }
    return known == eyot_object_len(x->props) ? NULL : "there are more than the handler takes";
}

void show_island(exchange *x) {
    const handler *found = &handlers[eyot_opened_number(x->island)];
    const char *wrong = misfit_of(x, found);
    if (wrong)
        misfit(x, say(x, "props: %s", wrong));
    else
        found->show(x);
}
