-- Fills the shop from seed.json, which stands in the table `seed`: SQLite reads JSON by itself.

BEGIN;
INSERT INTO product
SELECT value ->> 'sku', value ->> 'name', value ->> 'line', value ->> 'story', value ->> 'price', value ->> 'tone', key
FROM seed, json_each(text, '$.products');

INSERT INTO fact
SELECT product.value ->> 'sku', fact.key, fact.value ->> 0, fact.value ->> 1
FROM seed, json_each(text, '$.products') AS product, json_each(product.value, '$.facts') AS fact;

INSERT INTO pairing
SELECT product.value ->> 'sku', pair.key, pair.value ->> 0, pair.value ->> 1
FROM seed, json_each(text, '$.products') AS product, json_each(product.value, '$.pairs') AS pair;

INSERT INTO boathouse
SELECT value ->> 'name', value ->> 'phone', value ->> 'answers' FROM seed, json_each(text, '$.boathouses');

INSERT INTO stock
SELECT product.value ->> 'sku', stock.key, stock.value
FROM seed, json_each(text, '$.products') AS product, json_each(product.value, '$.stock') AS stock;

INSERT INTO segment
SELECT value ->> 'name', value ->> 'percent' FROM seed, json_each(text, '$.segments');

INSERT INTO customer
SELECT NULL, value ->> 'name', value ->> 'email', hash_password(value ->> 'password'), value ->> 'segment'
FROM seed, json_each(text, '$.customers');

INSERT INTO purchase
SELECT customer.id, bought.value ->> 0, bought.value ->> 1
FROM seed, json_each(text, '$.customers') AS given, json_each(given.value, '$.bought') AS bought
JOIN customer ON customer.email = given.value ->> 'email';

INSERT INTO review
SELECT NULL, value ->> 'sku', value ->> 'author', value ->> 'stars', value ->> 'body'
FROM seed, json_each(text, '$.reviews');
COMMIT;
