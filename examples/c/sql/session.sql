-- What this host adds to the shop's tables: sessions, which other hosts leave to their frameworks.

CREATE TABLE session (
    id       TEXT PRIMARY KEY,          -- random; the cookie
    csrf     TEXT NOT NULL,             -- random; what forms send along
    customer INTEGER REFERENCES customer,
    cart     TEXT                       -- whose cart it is before anybody has signed in
);

CREATE TEMP TABLE seed (text TEXT);     -- seed.json, for seed.sql
