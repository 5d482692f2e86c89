-- The shop's tables, the same for every host. Money is in pence.

CREATE TABLE product (
    sku     TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    line    TEXT NOT NULL,              -- one line for the grid
    story   TEXT NOT NULL,              -- a paragraph for the product page
    price   INTEGER NOT NULL,           -- the list price; what a visitor pays depends on the segment
    tone    TEXT NOT NULL,              -- the colour behind the picture: a class in shop.css
    place   INTEGER NOT NULL            -- the order in the grid
);

CREATE TABLE fact (                     -- the lines of a product's table of facts
    sku     TEXT NOT NULL REFERENCES product,
    place   INTEGER NOT NULL,
    label   TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (sku, place)
);

CREATE TABLE pairing (                  -- what goes well with what, best first
    sku     TEXT NOT NULL REFERENCES product,
    place   INTEGER NOT NULL,
    other   TEXT NOT NULL REFERENCES product,
    reason  TEXT NOT NULL,
    PRIMARY KEY (sku, place)
);

CREATE TABLE boathouse (                -- where the stock lies
    name    TEXT PRIMARY KEY,
    phone   TEXT NOT NULL,
    answers INTEGER NOT NULL            -- 0: its computer is under water, and asking it raises
);

CREATE TABLE stock (
    sku       TEXT NOT NULL REFERENCES product,
    boathouse TEXT NOT NULL REFERENCES boathouse,
    count     INTEGER NOT NULL,
    PRIMARY KEY (sku, boathouse)
);

CREATE TABLE segment (                  -- what a kind of customer pays
    name    TEXT PRIMARY KEY,
    percent INTEGER NOT NULL            -- of the list price
);

CREATE TABLE customer (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    email    TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,             -- hashed by the host's own framework
    segment  TEXT NOT NULL REFERENCES segment
);

CREATE TABLE purchase (
    customer INTEGER NOT NULL REFERENCES customer,
    sku      TEXT NOT NULL REFERENCES product,
    day      TEXT NOT NULL,             -- ISO 8601
    PRIMARY KEY (customer, sku, day)
);

CREATE TABLE review (
    id      INTEGER PRIMARY KEY,
    sku     TEXT NOT NULL REFERENCES product,
    author  TEXT NOT NULL,
    stars   INTEGER NOT NULL,
    body    TEXT NOT NULL               -- HTML: seeded text went through a sanitizer, the form's text is escaped
);

CREATE TABLE cart_line (
    owner   TEXT NOT NULL,              -- a customer's id, or the random name of a stranger's cart
    sku     TEXT NOT NULL REFERENCES product,
    count   INTEGER NOT NULL,
    PRIMARY KEY (owner, sku)
);
