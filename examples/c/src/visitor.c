// Who is asking: sessions, signing in and out, the owner of the cart.
#include "shop.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// 32 hexadecimal digits that nobody can guess.
static eyot_slice random_name(exchange *x) {
    unsigned char bytes[16];
    if (getentropy(bytes, sizeof bytes) != 0) abort();
    text name = {.x = x};
    for (size_t i = 0; i < sizeof bytes; i++) add(&name, say(x, "%02x", bytes[i]));
    return eyot_slice_of(name.data, name.len);
}

// Below a shell policy the cookie is hidden, and everybody is a stranger.
const visitor *who(exchange *x) {
    if (x->who) return x->who;
    x->who = keep(x, sizeof *x->who);
    *x->who = (visitor){.percent = T("100")};
    const char *cookie = NULL;
    if (request_header(x, T("Cookie")).len)
        cookie = MHD_lookup_connection_value(x->connection, MHD_COOKIE_KIND, "session");
    if (!cookie) return x->who;
    eyot_slice row[7];
    if (FETCH(x, row,
              "SELECT session.id, csrf, customer.id, customer.name, segment, coalesce(percent, 100),"
              "       coalesce('customer ' || customer.id, cart)"
              " FROM session LEFT JOIN customer ON customer.id = customer LEFT JOIN segment ON segment.name = segment"
              " WHERE session.id = ?1",
              say(x, "%s", cookie)))
        *x->who = (visitor){row[0], row[1], row[2], row[3], row[4], row[5], row[6]};
    return x->who;
}

// A session of its own name: whoever knew the old one does not know who signed in. Behind TLS, say `Secure`, too.
static void begin_session(exchange *x, eyot_slice customer) {
    eyot_slice id = random_name(x);
    WRITE(x, "DELETE FROM session WHERE id = ?1", who(x)->session);
    WRITE(x, "INSERT INTO session VALUES (?1, ?2, ?3, NULL)", id, random_name(x), customer);
    set(&x->sent, T("Set-Cookie"), say(x, "session=%.*s; HttpOnly; SameSite=Lax; Path=/", P(id)));
    *x->who = (visitor){.session = id, .customer = customer, .percent = T("100")};
    x->who->csrf = ASK(x, "SELECT csrf FROM session WHERE id = ?1", id);
    if (customer.data) x->who->owner = say(x, "customer %.*s", P(customer));
}

eyot_slice csrf(exchange *x) {
    if (!who(x)->session.len) begin_session(x, NOTHING);
    return x->who->csrf;
}

void add_to_cart(exchange *x, eyot_slice sku, eyot_slice count) {
    if (!who(x)->session.len) begin_session(x, NOTHING);
    if (!x->who->owner.len) {
        x->who->owner = say(x, "stranger %.*s", P(random_name(x)));
        WRITE(x, "UPDATE session SET cart = ?2 WHERE id = ?1", x->who->session, x->who->owner);
    }
    WRITE(x, "INSERT INTO cart_line VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET count = count + excluded.count",
          x->who->owner, sku, count);
}

// crypt(3) is what every Linux system has for passwords; without a prefix it takes the best method that it knows.
eyot_slice hashed(exchange *x, eyot_slice password) {
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    struct crypt_data *data = keep(x, sizeof *data);
    memset(data, 0, sizeof *data);
    if (!crypt_gensalt_rn(NULL, 0, NULL, 0, setting, sizeof setting)) abort();
    const char *hash = crypt_rn((const char *)say(x, "%.*s", P(password)).data, setting, data, sizeof *data);
    return hash ? say(x, "%s", hash) : T("*");
}

static bool fits(exchange *x, eyot_slice password, eyot_slice hash) {
    struct crypt_data *data = keep(x, sizeof *data);
    memset(data, 0, sizeof *data);
    const char *plain = (const char *)say(x, "%.*s", P(password)).data;
    const char *again = crypt_rn(plain, (const char *)hash.data, data, sizeof *data);
    return again && same(say(x, "%s", again), hash);
}

// A stranger's cart comes along.
bool sign_in(exchange *x, eyot_slice email, eyot_slice password) {
    eyot_slice known[2], stranger = who(x)->customer.len ? NOTHING : who(x)->owner;
    if (!FETCH(x, known, "SELECT id, password FROM customer WHERE email = ?1", email)) return false;
    if (!fits(x, password, known[1])) return false;
    begin_session(x, known[0]);
    WRITE(x, "INSERT INTO cart_line SELECT ?1, sku, count FROM cart_line WHERE owner = ?2"
             " ON CONFLICT DO UPDATE SET count = count + excluded.count", x->who->owner, stranger);
    WRITE(x, "DELETE FROM cart_line WHERE owner = ?1", stranger);
    return true;
}

void sign_out(exchange *x) {
    WRITE(x, "DELETE FROM session WHERE id = ?1", who(x)->session);
    set(&x->sent, T("Set-Cookie"), T("session=; Max-Age=0; HttpOnly; SameSite=Lax; Path=/"));
}
