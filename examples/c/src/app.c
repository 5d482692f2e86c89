// The app as a whole: eyot's keys, islands and policy; and the order of what stands around the pages.
#include "shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

eyot_islands *islands;
bool is_debug;
static eyot_policy *shelf; // of pages that every cache may keep

// The key ring from EYOT_KEYS, as on every other host; without it, one for this run.
static bool open_keys(eyot_keyring **ring) {
    const char *keys = getenv("EYOT_KEYS");
    eyot_buffer made = EYOT_BUFFER_INIT;
    eyot_error *error = NULL;
    if (!keys && eyot_keyring_generate_key(&made, NULL) != EYOT_OK) return false;
    eyot_slice text = keys ? eyot_slice_of(keys, strlen(keys)) : eyot_slice_of(made.data, made.len);
    bool is_read = went_well(eyot_keyring_parse(text.data, text.len, ring, &error), &error);
    eyot_buffer_free(&made);
    return is_read;
}

bool app_open(void) {
    is_debug = getenv("SHOP_DEBUG") != NULL;
    eyot_declaration declared[32];
    for (size_t i = 0; i < handlers_len; i++) declared[i] = (eyot_declaration){handlers[i].name, (uint32_t)i, 0};
    eyot_islands_options options = EYOT_ISLANDS_OPTIONS_INIT;
    options.islands = declared;
    options.islands_len = handlers_len;
    const eyot_pair set = {EYOT_LITERAL("debug"), is_debug ? T("true") : T("false")};
    options.options = &set;
    options.options_len = 1;
    eyot_policy_options kept = EYOT_POLICY_OPTIONS_INIT;
    kept.cdn = 600;

    eyot_keyring *ring = NULL;
    eyot_error *error = NULL;
    bool is_open = eyot_abi() == EYOT_ABI && open_keys(&ring) &&
                   went_well(eyot_islands_new(ring, &options, &islands, &error), &error) &&
                   went_well(eyot_policy_new(&kept, &shelf, &error), &error);
    eyot_keyring_free(ring); // the islands have a copy
    return is_open;
}

void app_close(void) {
    eyot_policy_free(shelf);
    eyot_islands_free(islands);
}

bool arrive(exchange *x) {
    const page *found = page_of(x);
    if (!enter(x, found && found->is_shell ? shelf : NULL)) return false;
    const handler *asked = x->arrival == EYOT_ARRIVAL_ISLAND ? &handlers[eyot_exchange_number(x->asked)] : NULL;
    if (asked && asked->is_shared) eyot_exchange_share(x->asked, asked->seconds);
    return true;
}

// What is to stand between the stations, such as a limiter, stands around `inside`; what compresses, after `leave`.
void answer(exchange *x) {
    if (!goes_in(x)) return;
    inside(x);
    leave(x);
}

void render(exchange *x) {
    if (x->island)
        show_island(x);
    else
        show_page(x);
}

void tell(exchange *x, const eyot_event *event) {
    (void)x;
    fprintf(stderr, "%.*s: %s%.*s (%.*s)\n", P(event->path), event->status ? "refused: " : "", P(event->message),
            P(event->code));
}
