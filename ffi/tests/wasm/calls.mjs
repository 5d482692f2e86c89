// Calls the library as a WebAssembly module, from outside of its memory: there is no clock, no randomness, no import.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const { instance, module } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const c = instance.exports;
assert.deepEqual(WebAssembly.Module.imports(module ?? new WebAssembly.Module(readFileSync(process.argv[2]))), []);

const OK = 0, CLOCK = 9, ENTROPY = 302;
const view = () => new DataView(c.memory.buffer);
const text = (data, len) => new TextDecoder().decode(new Uint8Array(c.memory.buffer, data, len));

// Memory of the library's that begins with these numbers of four bytes, and is zero behind them.
function words(count, ...numbers) {
    const at = c.eyot_alloc(count * 4);
    assert.ok(at !== 0 && at % 16 === 0);
    for (let i = 0; i < count; i++) view().setUint32(at + i * 4, numbers[i] ?? 0, true);
    return at;
}

// A struct of options of so many words, which begins with its size.
const options = (count, ...numbers) => words(count, count * 4, ...numbers);

// A text in the library's memory: its place and its length.
function put(value) {
    const bytes = new TextEncoder().encode(value);
    const at = c.eyot_alloc(bytes.length);
    new Uint8Array(c.memory.buffer, at, bytes.length).set(bytes);
    return [at, bytes.length];
}

// Makes a call with an output and an error behind its inputs; returns its status, its output and its error's text.
function call(name, ...inputs) {
    const out = words(3), error = words(1);
    const status = c[name](...inputs, out, error);
    const failed = view().getUint32(error, true);
    let message = "";
    if (failed !== 0) {
        const slice = words(2);
        assert.equal(c.eyot_error_message(failed, slice), OK);
        message = text(view().getUint32(slice, true), view().getUint32(slice + 4, true));
        c.eyot_error_free(failed);
        c.eyot_dealloc(slice, 8);
    }
    return { status, out, at: view().getUint32(out, true), message };
}

function made(name, ...inputs) {
    const { status, at, message } = call(name, ...inputs);
    assert.equal(status, OK, message);
    return at;
}

const keys = made("eyot_keyring_parse", ...put("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="));
// One eyot_declaration: a name, its number, no flags. Then eyot_islands_options with nothing but that.
const declared = words(4, ...put("Cart"), 7);
const islands = made("eyot_islands_new", keys, options(6, 0, declared, 1));
const page = put("<Cart server:defer items=2><i slot=fallback>Loading</i></Cart>");

// Without a clock the time is the caller's to tell.
for (const context of [0, options(14)]) {
    const { status, at, message } = call("eyot_islands_split", islands, ...page, context);
    assert.equal(status, CLOCK);
    assert.equal(at, 0);
    assert.match(message, /set `now` to the Unix time/);
}
const context = options(14, 0, 1800000000);
const shell = made("eyot_islands_split", islands, ...page, context);
const joined = call("eyot_shell_join", shell);
const html = text(joined.at, view().getUint32(joined.out + 4, true));
assert.match(html, /<server-island island="Cart" island-src="\/_server-islands\/Cart\/[\w-]+"[^>]*><i>Loading<\/i>/);
c.eyot_buffer_free(joined.out);

// Keys are made elsewhere.
const { status, message } = call("eyot_keyring_generate_key");
assert.equal(status, ENTROPY);
assert.match(message, /no randomness here/);

c.eyot_shell_free(shell);
c.eyot_islands_free(islands);
c.eyot_keyring_free(keys);
console.log("the module does its work");
