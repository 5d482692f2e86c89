// The shortest program that does both halves: it splits a page, and answers the request that a browser then sends.
#include <eyot.h>
#include <stdio.h>
#include <string.h>

static const char page[] =
    "<!doctype html><title>Lantern</title>\n"
    "<CartCount server:defer shop=\"river\"><i slot=\"fallback\">Cart</i></CartCount>\n";

// Says why a call failed, and frees the error.
static int failed(eyot_error *error) {
    eyot_slice message = EYOT_SLICE_INIT;
    eyot_error_message(error, &message);
    fprintf(stderr, "%.*s\n", (int)message.len, (const char *)message.data);
    eyot_error_free(error);
    return 1;
}

// What a server does with GET /_server-islands/CartCount/TOKEN.
static int answer(const eyot_islands *islands, const char *target) {
    const eyot_pair host = {EYOT_LITERAL("Host"), EYOT_LITERAL("shop.example")};
    eyot_head head = EYOT_HEAD_INIT;
    head.method = EYOT_SLICE("GET");
    head.target = eyot_slice_of(target, strlen(target));
    head.headers = &host;
    head.headers_len = 1;

    eyot_error *error = NULL;
    eyot_exchange *asked = NULL;
    eyot_opened *island = NULL;
    eyot_reply *refusal = NULL;
    eyot_status status = eyot_islands_arrive(islands, &head, NULL, NULL, 0, &asked, &error);
    if (status == EYOT_OK) status = eyot_exchange_open(asked, NULL, 0, 0, &island, &refusal, &error);
    if (status == EYOT_OK) {
        eyot_slice props = EYOT_SLICE_INIT;
        eyot_opened_props(island, &props);
        printf("island %u with props %.*s\n", eyot_opened_number(island), (int)props.len, (const char *)props.data);
    }
    eyot_reply_free(refusal); // what to send where `status` is EYOT_REFUSED
    eyot_opened_free(island);
    eyot_exchange_free(asked);
    return status == EYOT_OK ? 0 : failed(error);
}

int main(void) {
    eyot_error *error = NULL;
    eyot_buffer key = EYOT_BUFFER_INIT, shell = EYOT_BUFFER_INIT;
    eyot_keyring *keys = NULL;
    if (eyot_keyring_generate_key(&key, &error)) return failed(error); // a site keeps its own in EYOT_KEYS
    if (eyot_keyring_parse(key.data, key.len, &keys, &error)) return failed(error);

    const eyot_declaration declared[] = {{EYOT_LITERAL("CartCount"), 7, 0}};
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = declared;
    options.islands_len = 1;
    eyot_islands *islands = NULL;
    if (eyot_islands_new(keys, &options, &islands, &error)) return failed(error);

    eyot_shell *split = NULL;
    if (eyot_islands_split(islands, page, sizeof page - 1, NULL, &split, &error)) return failed(error);
    if (eyot_shell_join(split, &shell, &error)) return failed(error);
    printf("%.*s", (int)shell.len, (const char *)shell.data);

    // The browser takes the address from the placeholder; here a look at the shell does. Slices do not end with NUL.
    char target[512] = "";
    for (size_t at = 0, len = 0; at + 12 < shell.len && !*target; at++)
        if (memcmp(shell.data + at, "island-src=\"", 12) == 0)
            for (at += 12; at < shell.len && shell.data[at] != '"' && len < sizeof target - 1;)
                target[len++] = (char)shell.data[at++];
    int code = answer(islands, target);

    eyot_buffer_free(&shell);
    eyot_buffer_free(&key);
    eyot_shell_free(split);
    eyot_islands_free(islands);
    eyot_keyring_free(keys);
    return code;
}
