//! Writes the shared vectors as C: `vectors.h`, for `tests/c/vectors.c`.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

const TYPES: &str = r#"// Written from core/tests/vectors; not to be edited.
#include "host.h"

enum { KEYS, KEY_FILE, SECRETS };
struct key_vector {
    const char *title;
    int kind;
    const eyot_slice *texts;
    size_t texts_len;
    const uint32_t *ids;
    size_t ids_len;
    eyot_slice error;
};
struct token_vector {
    const char *title;
    eyot_slice sealing_keys, keys, island, audience, props, slots, page, nonce, token;
    uint64_t now;
    uint32_t expires;
};
struct refused_vector {
    const char *title;
    eyot_slice keys, island, audience, token, code;
    uint64_t now;
    bool is_stale;
};
struct split_vector {
    const char *title;
    eyot_slice keys, html, shell, mount, page_path, page_lang, error;
    const eyot_declaration *declared;
    size_t declared_len;
    const eyot_slice *names;
    size_t names_len;
    const eyot_slice *diagnostics;
    size_t diagnostics_len;
    const eyot_pair *options;
    size_t options_len;
    uint64_t now;
    bool is_bare;
    uint32_t line, column;
};
enum { INSIDE, MISFIT, BETWEEN };
struct exchange_vector {
    const char *title;
    eyot_slice method, target, island, visitor, query, misfit, body;
    struct answer answer;
    eyot_arrival arrives;
    int from;
    bool debug, is_wrong, has_policy, streams, is_shared, looks_hidden, has_query, splits, has_body, is_cut;
    uint32_t cdn, shared, status;
    const eyot_pair *headers;
    size_t headers_len;
    const eyot_slice *hidden;
    size_t hidden_len;
    const eyot_pair *adds;
    size_t adds_len;
    const eyot_pair *wanted;
    size_t wanted_len;
    const eyot_slice *missing;
    size_t missing_len;
    const eyot_slice *events;
    size_t events_len;
};
enum { APP, FILE_OR_PREFLIGHT, REFUSAL, ISLAND };
struct request_vector {
    const char *title;
    int kind;
    eyot_slice method, target, mount, body, audience, reason, island, props, slots, page;
    size_t body_times;
    const eyot_pair *headers;
    size_t headers_len;
    const eyot_pair *options;
    size_t options_len;
    const eyot_pair *wanted;
    size_t wanted_len;
    uint32_t status, expires;
};
"#;

/// The configuration of `exchanges.json`.
const EXCHANGES: &str = r#"
static const eyot_slice EXCHANGES_KEYS = EYOT_LITERAL("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=");
static const eyot_declaration exchanges_declared[] = {
    {EYOT_LITERAL("Avatar"), 0, 0}, {EYOT_LITERAL("CartRow"), 0, 0}, {EYOT_LITERAL("Cart"), 0, 0},
    {EYOT_LITERAL("Price"), 0, 0}, {EYOT_LITERAL("Outer"), 0, 0}, {EYOT_LITERAL("Inner"), 0, 0},
    {EYOT_LITERAL("Title"), 0, 0},
};
"#;

/// The whole header.
pub(crate) fn header() -> String {
    let mut out = TYPES.to_owned();
    let mut lists = Lists::default();
    let mut tables = String::new();
    table(&mut tables, "key", read("keys").as_array().expect("a list"), |v| key(v, &mut lists));
    table(&mut tables, "token", read("tokens").as_array().expect("a list"), token);
    table(&mut tables, "refused", read("refused").as_array().expect("a list"), refused);
    // C always has the system's randomness, so the page that lacks it splits here.
    let mut pages = read("split").as_array().expect("a list").clone();
    pages.retain(|v| v["error"]["code"] != "entropy");
    table(&mut tables, "split", &pages, |v| split(v, &mut lists));
    table(&mut tables, "exchange", read("exchanges").as_array().expect("a list"), |v| exchange(v, &mut lists));
    let requests = read("requests");
    table(&mut tables, "request", requests["cases"].as_array().expect("a list"), |v| {
        request(v, &requests["elsewhere"], &mut lists)
    });
    out.push_str(&lists.text);
    let declared = declarations(&requests).join(", ");
    writeln!(out, "static const eyot_declaration requests_declared[] = {{{declared}}};").expect("a string");
    writeln!(out, "#define REQUESTS_NOW {}u", requests["now"]).expect("a string");
    writeln!(out, "static const eyot_slice REQUESTS_KEYS = {};", slice(&requests["keys"])).expect("a string");
    out.push_str(EXCHANGES);
    out + &tables
}

fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../core/tests/vectors/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("vectors")).expect("vectors in their own format")
}

fn table(out: &mut String, name: &str, vectors: &[Value], row: impl FnMut(&Value) -> String) {
    let rows: Vec<_> = vectors.iter().map(row).collect();
    assert!(!rows.is_empty());
    writeln!(out, "static const struct {name}_vector {name}_vectors[] = {{\n{}\n}};", rows.join(",\n"))
        .expect("a string");
}

/// Arrays that rows point to.
#[derive(Default)]
struct Lists {
    text: String,
    count: usize,
}

impl Lists {
    /// A pointer and a length.
    fn add(&mut self, kind: &str, items: &[String]) -> String {
        if items.is_empty() {
            return "NULL, 0".to_owned();
        }
        self.count += 1;
        let name = format!("list_{}", self.count);
        writeln!(self.text, "static const {kind} {name}[] = {{{}}};", items.join(", ")).expect("a string");
        format!("{name}, {}", items.len())
    }

    fn pairs(&mut self, list: &Value) -> String {
        let pairs = list.as_array().into_iter().flatten();
        let items: Vec<_> = pairs.map(|pair| format!("{{{}, {}}}", slice(&pair[0]), slice(&pair[1]))).collect();
        self.add("eyot_pair", &items)
    }

    fn slices(&mut self, list: &Value) -> String {
        let items: Vec<_> = list.as_array().into_iter().flatten().map(slice).collect();
        self.add("eyot_slice", &items)
    }
}

fn key(v: &Value, lists: &mut Lists) -> String {
    let (kind, texts) = if v["keys"].is_string() {
        ("KEYS", vec![slice(&v["keys"])])
    } else if v["file"].is_string() {
        ("KEY_FILE", vec![slice(&v["file"])])
    } else {
        ("SECRETS", v["secrets"].as_array().expect("a list").iter().map(slice).collect())
    };
    let ids: Vec<_> = v["ids"].as_array().into_iter().flatten().map(|id| format!("0x{}u", text(id))).collect();
    let (texts, ids) = (lists.add("eyot_slice", &texts), lists.add("uint32_t", &ids));
    format!("{{{}, {kind}, {texts}, {ids}, {}}}", literal(text(&v["title"])), slice(&v["error"]))
}

fn token(v: &Value) -> String {
    let nonce = text(&v["nonce"]);
    let bytes = (0..nonce.len()).step_by(2).map(|at| u8::from_str_radix(&nonce[at..at + 2], 16).expect("hex"));
    let nonce = of_bytes(&bytes.collect::<Vec<_>>());
    let fields = ["sealing_keys", "keys", "island", "audience", "props", "slots", "page"].map(|name| slice(&v[name]));
    let (title, token, now) = (literal(text(&v["title"])), slice(&v["token"]), &v["now"]);
    format!("{{{title}, {}, {nonce}, {token}, {now}u, {}u}}", fields.join(", "), number(&v["expires"]))
}

fn refused(v: &Value) -> String {
    let fields = ["keys", "island", "audience", "token", "code"].map(|name| slice(&v[name]));
    let is_stale = text(&v["status"]) == "stale";
    format!("{{{}, {}, {}u, {is_stale}}}", literal(text(&v["title"])), fields.join(", "), v["now"])
}

fn split(v: &Value, lists: &mut Lists) -> String {
    let options = &v["options"];
    let page = &options["page_context"];
    let fields = [
        slice(&v["keys"]),
        slice(&v["html"]),
        slice(&v["shell"]),
        slice(&options["mount"]),
        slice(&page["path"]),
        slice(&page["lang"]),
        slice(&v["error"]["code"]),
    ];
    let is_bare = options["loader"] != Value::Bool(true);
    let mut set = vec![option("loader", &(!is_bare).to_string())];
    for name in ["stylesheet", "inline_loader", "preload", "page", "origin", "url_limit", "ttl"] {
        let value = options[name].as_str().map_or_else(|| options[name].to_string(), str::to_owned);
        set.extend((value != "null").then(|| option(name, &value)));
    }
    set.extend(texts("elsewhere", &v["elsewhere"]));
    let set = lists.add("eyot_pair", &set);
    let names: Vec<_> = v["islands"].as_array().expect("a list").iter().map(|island| slice(&island["name"])).collect();
    let declared = lists.add("eyot_declaration", &declarations(v));
    let (names, diagnostics) = (lists.add("eyot_slice", &names), lists.slices(&v["diagnostics"]));
    format!(
        "{{{}, {}, {declared}, {names}, {diagnostics}, {set}, {}u, {is_bare}, {}u, {}u}}",
        literal(text(&v["title"])),
        fields.join(", "),
        v["now"],
        number(&v["error"]["line"]),
        number(&v["error"]["column"]),
    )
}

fn exchange(v: &Value, lists: &mut Lists) -> String {
    let (leaves, policy) = (&v["leaves"], &v["policy"]);
    let method = if v["method"].is_null() { of_bytes(b"GET") } else { slice(&v["method"]) };
    let written = text(&v["target"]);
    let island =
        written.split_once(':').filter(|(kind, _)| ["island", "wrong"].contains(kind)).map_or("", |(_, name)| name);
    let from = match () {
        () if v["misfit"].is_string() => "MISFIT",
        () if v["between"].is_object() => "BETWEEN",
        () => "INSIDE",
    };
    let arrives = format!("EYOT_ARRIVAL_{}", text(&v["arrives"]).to_uppercase());
    let flags = [
        v["debug"] == true,
        written.starts_with("wrong:"),
        policy.is_object(),
        policy["stream"] == true,
        v["shared"].is_u64(),
        v["hidden"].is_array(),
        v["query"].is_string(),
        v["inside"]["splits"] != false,
        leaves["body"].is_string(),
        leaves["cut"] == true,
    ];
    let flags = flags.map(|flag| flag.to_string()).join(", ");
    let texts = [slice(&v["visitor"]), slice(&v["query"]), slice(&v["misfit"]), slice(&leaves["body"])].join(", ");
    let headers = leaves["headers"].as_object().expect("an object");
    let named = |(name, value): (&String, &Value)| format!("{{{}, {}}}", of_bytes(name.as_bytes()), slice(value));
    let wanted: Vec<_> = headers.iter().filter(|(_, value)| !value.is_null()).map(named).collect();
    let missing: Vec<_> =
        headers.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| of_bytes(name.as_bytes())).collect();
    let (wanted, missing) = (lists.add("eyot_pair", &wanted), lists.add("eyot_slice", &missing));
    let title = literal(text(&v["title"]));
    let answer = answer(if from == "BETWEEN" { &v["between"] } else { &v["inside"] }, lists);
    let [headers, adds] = ["headers", "adds"].map(|name| lists.pairs(&v[name]));
    let [hidden, events] = ["hidden", "events"].map(|name| lists.slices(&v[name]));
    let target = of_bytes(written.as_bytes());
    let island = of_bytes(island.as_bytes());
    let (cdn, shared, status) = (number(&policy["cdn"]), number(&v["shared"]), number(&leaves["status"]));
    format!(
        "{{{title}, {method}, {target}, {island}, {texts}, {answer}, {arrives}, {from}, {flags}, {cdn}u, {shared}u, \
         {status}u, {headers}, {hidden}, {adds}, {wanted}, {missing}, {events}}}"
    )
}

/// What the app, or a layer between, answers.
fn answer(v: &Value, lists: &mut Lists) -> String {
    let chunks: Vec<_> = match v["chunks"].as_array() {
        Some(chunks) => chunks.iter().map(slice).collect(),
        None => vec![slice(&v["body"])],
    };
    let (status, headers, is_whole) = (number(&v["status"]), lists.pairs(&v["headers"]), !v["chunks"].is_array());
    format!("{{{status}u, {headers}, {{{}}}, {}, {is_whole}, false}}", chunks.join(", "), chunks.len())
}

fn request(v: &Value, elsewhere: &Value, lists: &mut Lists) -> String {
    let expected = &v["expect"];
    let kind = match text(&expected["kind"]) {
        "app" => "APP",
        "refusal" => "REFUSAL",
        "island" => "ISLAND",
        _ => "FILE_OR_PREFLIGHT",
    };
    let method = if v["method"].is_null() { of_bytes(b"GET") } else { slice(&v["method"]) };
    let query = text(&v["query"]);
    let target = text(&v["path"]).to_owned() + if query.is_empty() { "" } else { "?" } + query;
    let fields = [
        method,
        of_bytes(target.as_bytes()),
        slice(&v["mount"]),
        slice(&v["body"]),
        slice(&v["audience"]),
        slice(&expected["reason"]),
        slice(&expected["island"]),
        slice(&expected["props"]),
        slice(&expected["slots"]),
        slice(&expected["page"]),
    ];
    let times = v["body_times"].as_u64().unwrap_or(1);
    let wanted = expected["headers"].as_object().into_iter().flatten();
    let wanted: Vec<_> =
        wanted.map(|(name, value)| format!("{{{}, {}}}", of_bytes(name.as_bytes()), slice(value))).collect();
    let (headers, wanted) = (lists.pairs(&v["headers"]), lists.add("eyot_pair", &wanted));
    let set = [texts("elsewhere", elsewhere), texts("allowed_origins", &v["allowed_origins"])].concat();
    let set = lists.add("eyot_pair", &set);
    let (status, expires) = (number(&expected["status"]), number(&expected["expires"]));
    let title = literal(text(&v["name"]));
    format!("{{{title}, {kind}, {}, {times}, {headers}, {set}, {wanted}, {status}u, {expires}u}}", fields.join(", "))
}

/// The declarations of `here`.
fn declarations(v: &Value) -> Vec<String> {
    let names = v["here"].as_array().into_iter().flatten();
    names.map(|name| format!("{{{}, 0, 0}}", slice(name))).collect()
}

/// One option, as a pair.
fn option(name: &str, value: &str) -> String {
    format!("{{{}, {}}}", of_bytes(name.as_bytes()), of_bytes(value.as_bytes()))
}

/// A list of texts, as the pairs of an option.
fn texts(name: &str, list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|one| option(name, text(one))).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn slice(value: &Value) -> String {
    of_bytes(text(value).as_bytes())
}

/// A slice's initialiser. Long ones are arrays: C99 promises literals of 4,095 characters alone.
fn of_bytes(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "EYOT_SLICE_INIT".to_owned();
    }
    if bytes.len() > 4_000 {
        let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
        return format!("{{(const uint8_t[]){{{}}}, {}}}", numbers.join(","), bytes.len());
    }
    let mut literal = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' | b'?' => write!(literal, "\\{}", char::from(*byte)).expect("a string"),
            b' '..=b'~' => literal.push(char::from(*byte)),
            _ => write!(literal, "\\{byte:03o}").expect("a string"),
        }
    }
    format!("{{(const uint8_t *){literal}\", {}}}", bytes.len())
}

fn literal(title: &str) -> String {
    format!("{title:?}")
}
