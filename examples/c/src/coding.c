// Undoes what a page was compressed with, by zlib.
#include "shop.h"

#include <zlib.h>

enum { MOST = 32 << 20, ANY_HEAD = 32 + MAX_WBITS, NO_HEAD = -MAX_WBITS };

static eyot_slice inflated(exchange *x, eyot_slice packed, int head) {
    z_stream reading = {.next_in = (Bytef *)(uintptr_t)packed.data, .avail_in = (uInt)packed.len};
    if (inflateInit2(&reading, head) != Z_OK) return NOTHING;
    text plain = {.x = x, .data = keep(x, 1)};
    Bytef part[16384];
    int told = Z_OK;
    while (told == Z_OK && plain.len < MOST) {
        reading.next_out = part;
        reading.avail_out = sizeof part;
        told = inflate(&reading, Z_NO_FLUSH);
        add(&plain, eyot_slice_of(part, sizeof part - reading.avail_out));
    }
    bool is_whole = told == Z_STREAM_END && reading.avail_in == 0;
    inflateEnd(&reading);
    return is_whole ? eyot_slice_of(plain.data, plain.len) : NOTHING;
}

eyot_slice undone(exchange *x, eyot_slice coding, eyot_slice packed) {
    bool is_deflate = same(coding, T("deflate"));
    if (!is_deflate && !same(coding, T("gzip"))) return NOTHING;
    eyot_slice plain = inflated(x, packed, ANY_HEAD);
    // Some send what `deflate` means without the head that it should have.
    return plain.data || !is_deflate ? plain : inflated(x, packed, NO_HEAD);
}
