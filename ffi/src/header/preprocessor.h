// The version of this header, such as "0.1.0"; compare with eyot_version().
#define EYOT_VERSION "@VERSION@"
#define EYOT_VERSION_MAJOR @MAJOR@
#define EYOT_VERSION_MINOR @MINOR@
#define EYOT_VERSION_PATCH @PATCH@

// A slice of a string literal, as an initialiser: `eyot_slice name = EYOT_LITERAL("Avatar");`
#define EYOT_LITERAL(text) {(const uint8_t *)(text), sizeof(text) - 1}
// An empty slice, as an initialiser.
#define EYOT_SLICE_INIT {NULL, 0}
// An empty buffer, as an initialiser.
#define EYOT_BUFFER_INIT {NULL, 0, 0}
