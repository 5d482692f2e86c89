// Memory that lives as long as a request, texts, and templates: a little of Mustache.
#include "shop.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct block {
    struct block *next;
    max_align_t bytes[];
};

// A server without memory is better started anew than taken along half-way: there is no error to check.
void *keep(exchange *x, size_t size) {
    struct block *block = malloc(sizeof *block + size);
    if (!block) abort();
    block->next = x->blocks;
    x->blocks = block;
    return block->bytes;
}

void release(exchange *x) {
    for (struct block *next, *block = x->blocks; block; block = next) {
        next = block->next;
        free(block);
    }
    x->blocks = NULL;
}

void add(text *out, eyot_slice more) {
    if (more.len == 0) return;
    if (out->room - out->len < more.len) {
        size_t room = 2 * out->room + more.len + 256;
        uint8_t *data = keep(out->x, room);
        if (out->len) memcpy(data, out->data, out->len);
        out->data = data;
        out->room = room;
    }
    memcpy(out->data + out->len, more.data, more.len);
    out->len += more.len;
}

eyot_slice say(exchange *x, const char *format, ...) {
    va_list values, again;
    va_start(values, format);
    va_copy(again, values);
    int len = vsnprintf(NULL, 0, format, values);
    char *made = keep(x, (size_t)len + 1);
    vsnprintf(made, (size_t)len + 1, format, again);
    va_end(again);
    va_end(values);
    return eyot_slice_of(made, (size_t)len);
}

eyot_slice escaped(exchange *x, eyot_slice plain) {
    eyot_buffer buffer = EYOT_BUFFER_INIT;
    if (eyot_html_escape(plain.data, plain.len, &buffer, NULL) != EYOT_OK) return NOTHING;
    text copy = {.x = x, .data = keep(x, 1)};
    add(&copy, eyot_slice_of(buffer.data, buffer.len));
    eyot_buffer_free(&buffer);
    return eyot_slice_of(copy.data, copy.len);
}

bool same(eyot_slice a, eyot_slice b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool same_name(eyot_slice a, eyot_slice b) {
    return a.len == b.len && strncasecmp((const char *)a.data, (const char *)b.data, a.len) == 0;
}

bool holds(eyot_slice whole, eyot_slice part) {
    for (size_t i = 0; i + part.len <= whole.len; i++)
        if (memcmp(whole.data + i, part.data, part.len) == 0) return true;
    return false;
}

int number(eyot_slice digits) {
    int value = 0;
    for (size_t i = 0; i < digits.len && i <= 6; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') return -1;
        value = 10 * value + (digits.data[i] - '0');
    }
    return digits.len >= 1 && digits.len <= 6 ? value : -1;
}

eyot_slice find(const pairs *in, eyot_slice name) {
    for (size_t i = 0; i < in->len; i++)
        if (same_name(in->at[i].name, name)) return in->at[i].value;
    return NOTHING;
}

bool put(pairs *in, eyot_slice name, eyot_slice value) {
    if (in->len == sizeof in->at / sizeof in->at[0]) return false;
    in->at[in->len++] = (eyot_pair){name, value};
    return true;
}

void drop(pairs *in, eyot_slice name) {
    size_t left = 0;
    for (size_t i = 0; i < in->len; i++)
        if (!same_name(in->at[i].name, name)) in->at[left++] = in->at[i];
    in->len = left;
}

void set(pairs *in, eyot_slice name, eyot_slice value) {
    drop(in, name);
    put(in, name, value);
}

eyot_slice read_file(exchange *x, const char *folder, eyot_slice path) {
    FILE *file = fopen((const char *)say(x, "%s/%.*s", folder, P(path)).data, "rb");
    if (!file) return NOTHING;
    text content = {.x = x, .data = keep(x, 1)};
    uint8_t part[4096];
    for (size_t len; (len = fread(part, 1, sizeof part, file)) > 0;) add(&content, eyot_slice_of(part, len));
    fclose(file);
    return eyot_slice_of(content.data, content.len);
}

// The column of that name. Its bytes last until the row's next step.
static eyot_slice column(sqlite3_stmt *row, const char *name, size_t len) {
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const char *is = sqlite3_column_name(row, i);
        if (strlen(is) == len && memcmp(is, name, len) == 0) {
            const uint8_t *data = sqlite3_column_text(row, i);
            return eyot_slice_of(data, (size_t)sqlite3_column_bytes(row, i));
        }
    }
    fprintf(stderr, "a template has a variable that its query has not: %.*s\n", (int)len, name);
    return NOTHING;
}

// Prints a template up to its end, or to the end of the section that it begins in, and returns what follows.
// {{name}} is a column, escaped; {{&name}} is HTML as it stands; {{#name}}…{{/name}} is printed when the column holds
// something other than 0, and {{^name}}…{{/name}} when it does not.
static const char *fill_part(text *out, const char *rest, sqlite3_stmt *row, bool is_shown) {
    for (const char *open; (open = strstr(rest, "{{")) != NULL;) {
        if (is_shown) add(out, eyot_slice_of(rest, (size_t)(open - rest)));
        const char *name = open + 2, *close = strstr(name, "}}");
        if (!close) return "";
        bool is_marked = strchr("#^&/", *name) != NULL;
        char mark = is_marked ? *name++ : ' ';
        rest = close + 2;
        if (mark == '/') return rest;
        eyot_slice value = column(row, name, (size_t)(close - name));
        bool is_there = value.len > 0 && !same(value, T("0"));
        if (mark == '#' || mark == '^')
            rest = fill_part(out, rest, row, is_shown && is_there == (mark == '#'));
        else if (is_shown)
            add(out, mark == '&' ? value : escaped(out->x, value));
    }
    if (is_shown) add(out, eyot_slice_of(rest, strlen(rest)));
    return "";
}

void fill(text *out, eyot_slice template, sqlite3_stmt *row) {
    fill_part(out, (const char *)say(out->x, "%.*s", P(template)).data, row, true);
}
