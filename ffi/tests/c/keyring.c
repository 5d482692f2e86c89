// Key rings, and tokens by themselves.
#include "test.h"

static void keys_can_be_made_and_read(void) {
    eyot_buffer key = EYOT_BUFFER_INIT;
    OK(eyot_keyring_generate_key(&key, &error));
    CHECK(key.len == 44);
    eyot_keyring *keyring = NULL;
    OK(eyot_keyring_parse(key.data, key.len, &keyring, &error));
    uint32_t id = 0, same = 0;
    CHECK(eyot_keyring_len(keyring) == 1);
    CHECK(eyot_keyring_id(keyring, 0, &id) == EYOT_OK);
    CHECK(eyot_keyring_id(keyring, 1, &same) == EYOT_NOT_FOUND && same == 0);
    eyot_keyring_free(keyring);
    OK(eyot_keyring_parse_file(key.data, key.len, &keyring, &error));
    CHECK(eyot_keyring_id(keyring, 0, &same) == EYOT_OK && same == id);
    eyot_keyring_free(keyring);
    eyot_buffer_free(&key);
    eyot_buffer_free(&key);
    CHECK(key.data == NULL && key.len == 0);
}

static void keys_that_can_be_guessed_are_refused_and_nothing_is_written(void) {
    eyot_keyring *keyring = (eyot_keyring *)&checks;
    FAILS(EYOT_KEY_MISSING, "key-missing", eyot_keyring_parse(NULL, 0, &keyring, &error));
    FAILS(EYOT_KEY_ENCODING, "key-encoding", eyot_keyring_parse(TEXT("!"), &keyring, &error));
    FAILS(EYOT_KEY_LENGTH, "key-length", eyot_keyring_parse(TEXT("AAAA"), &keyring, &error));
    FAILS(EYOT_KEY_WEAK, "key-weak",
          eyot_keyring_parse(TEXT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), &keyring, &error));
    FAILS(EYOT_KEY_TWICE, "key-twice", eyot_keyring_parse(TEXT(TEST_KEY "," TEST_KEY), &keyring, &error));
    FAILS(EYOT_UTF8, "utf8", eyot_keyring_parse(TEXT("\xff"), &keyring, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_keyring_parse(NULL, 1, &keyring, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_keyring_parse(TEXT(TEST_KEY), NULL, &error));
    FAILS(EYOT_ARGUMENT, "argument", eyot_keyring_parse("", (size_t)-1, &keyring, &error));
    const eyot_slice weak[] = {EYOT_LITERAL("short")};
    FAILS(EYOT_SECRET_WEAK, "secret-weak", eyot_keyring_derive(weak, 1, &keyring, &error));
    FAILS(EYOT_SECRET_WEAK, "secret-weak", eyot_keyring_derive(NULL, 0, &keyring, &error));
    CHECK(eyot_keyring_parse(NULL, 0, &keyring, NULL) == EYOT_KEY_MISSING);
    CHECK(keyring == (eyot_keyring *)&checks);
}

static void tokens_open_for_their_island_and_audience_alone(void) {
    eyot_keyring *keyring = test_keys(TEST_KEY), *other = test_keys(OTHER_KEY);
    eyot_payload payload = EYOT_PAYLOAD_INIT;
    payload.island = slice("Cart");
    payload.audience = slice("tenant");
    payload.props = slice("{\"a\":1}");
    payload.expires = NOW + 10;
    eyot_buffer token = EYOT_BUFFER_INIT, again = EYOT_BUFFER_INIT;
    OK(eyot_keyring_seal(keyring, &payload, &token, &error));
    OK(eyot_keyring_seal(keyring, &payload, &again, &error));
    CHECK(token.len == again.len && memcmp(token.data, again.data, token.len) == 0);

    eyot_opened *opened = NULL;
    eyot_token given = token_at_now("tenant", token.data, token.len);
    given.island = EYOT_SLICE("Cart");
    OK(eyot_keyring_open(keyring, &given, &opened, &error));
    eyot_slice part = EYOT_SLICE_INIT;
    CHECK(eyot_opened_name(opened, &part) == EYOT_OK && is(part, "Cart"));
    CHECK(eyot_opened_props(opened, &part) == EYOT_OK && is(part, "{\"a\":1}"));
    CHECK(eyot_opened_slots(opened, &part) == EYOT_OK && part.len == 0);
    CHECK(eyot_opened_page(opened, &part) == EYOT_OK && part.len == 0);
    CHECK(eyot_opened_expires(opened) == NOW + 10 && eyot_opened_number(opened) == 0);
    eyot_opened_free(opened);

    opened = (eyot_opened *)&checks;
    eyot_token wrong = given;
    wrong.island = EYOT_SLICE("Row");
    FAILS(EYOT_TOKEN_BAD, "token-tag", eyot_keyring_open(keyring, &wrong, &opened, &error));
    wrong = given;
    wrong.audience.len = 0;
    FAILS(EYOT_TOKEN_BAD, "token-tag", eyot_keyring_open(keyring, &wrong, &opened, &error));
    wrong = given;
    wrong.now = NOW + 10;
    FAILS(EYOT_TOKEN_STALE, "token-expired", eyot_keyring_open(keyring, &wrong, &opened, &error));
    FAILS(EYOT_TOKEN_STALE, "token-kid", eyot_keyring_open(other, &given, &opened, &error));
    wrong = given;
    wrong.bytes.len = 0;
    FAILS(EYOT_TOKEN_BAD, "token-length", eyot_keyring_open(keyring, &wrong, &opened, &error));
    wrong = given;
    wrong.island = EYOT_SLICE("1");
    FAILS(EYOT_NAME_INVALID, "name-invalid", eyot_keyring_open(keyring, &wrong, &opened, &error));
    wrong = given;
    wrong.reserved = 1;
    FAILS(EYOT_ARGUMENT, "argument", eyot_keyring_open(keyring, &wrong, &opened, &error));
    wrong.size = 4;
    FAILS(EYOT_STRUCT_SIZE, "struct-size", eyot_keyring_open(keyring, &wrong, &opened, &error));
    CHECK(opened == (eyot_opened *)&checks);

    eyot_buffer_free(&token);
    eyot_buffer_free(&again);
    eyot_keyring_free(keyring);
    eyot_keyring_free(other);
}

static void an_unlinkable_token_takes_a_nonce_of_24_bytes(void) {
    eyot_keyring *keyring = test_keys(TEST_KEY);
    eyot_payload payload = EYOT_PAYLOAD_INIT;
    payload.island = EYOT_SLICE("Cart");
    eyot_buffer stable = EYOT_BUFFER_INIT, unlinkable = EYOT_BUFFER_INIT;
    OK(eyot_keyring_seal(keyring, &payload, &stable, &error));
    payload.nonce = EYOT_SLICE("a nonce of 24 bytes, ok.");
    OK(eyot_keyring_seal(keyring, &payload, &unlinkable, &error));
    CHECK(stable.len == unlinkable.len && memcmp(stable.data, unlinkable.data, stable.len) != 0);
    eyot_buffer_free(&unlinkable);
    payload.nonce.len = 23;
    FAILS(EYOT_ARGUMENT, "argument", eyot_keyring_seal(keyring, &payload, &unlinkable, &error));
    CHECK(unlinkable.data == NULL);
    eyot_buffer_free(&stable);
    eyot_keyring_free(keyring);
}

static void a_payload_over_the_limit_or_not_initialised_is_refused(void) {
    eyot_keyring *keyring = test_keys(TEST_KEY);
    eyot_payload payload = EYOT_PAYLOAD_INIT;
    eyot_buffer token = EYOT_BUFFER_INIT;
    static uint8_t large[60000];
    payload.island = slice("Cart");
    payload.props = eyot_slice_of(large, sizeof large);
    FAILS(EYOT_PAYLOAD_TOO_LARGE, "payload-too-large", eyot_keyring_seal(keyring, &payload, &token, &error));
    payload.size = 4;
    FAILS(EYOT_STRUCT_SIZE, "struct-size", eyot_keyring_seal(keyring, &payload, &token, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_keyring_seal(keyring, NULL, &token, &error));
    FAILS(EYOT_NULL_POINTER, "null-pointer", eyot_keyring_seal(NULL, &payload, &token, &error));
    CHECK(token.data == NULL);
    eyot_keyring_free(keyring);
}

int main(void) {
    keys_can_be_made_and_read();
    keys_that_can_be_guessed_are_refused_and_nothing_is_written();
    tokens_open_for_their_island_and_audience_alone();
    an_unlinkable_token_takes_a_nonce_of_24_bytes();
    a_payload_over_the_limit_or_not_initialised_is_refused();
    return done("keyring");
}
