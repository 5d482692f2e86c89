#!/bin/sh
# Runs the scenario against one host's shop: starts it on a free port with a key ring and a database of its own, waits
# until it answers, tests, and stops it. With SHOP_URL set, the shop that runs there is tested instead.
#
#   examples/scenario/run.sh fastapi [arguments for node --test]
set -eu

host=${1:-flask}
[ $# -eq 0 ] || shift

here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${SHOP_URL:-}" ]; then
    work=$(mktemp -d)
    PORT=$(node -e 'const s=require("net").createServer().listen(0,()=>{console.log(s.address().port);s.close()})')
    EYOT_KEYS=${EYOT_KEYS:-$(node -p 'crypto.randomBytes(32).toString("base64")')}
    SHOP_DB=$work/shop.sqlite3
    SHOP_URL=http://127.0.0.1:$PORT
    export PORT EYOT_KEYS SHOP_DB SHOP_URL

    "$here/../start" "$host" >"$work/log" 2>&1 &
    shop=$!
    trap 'kill "$shop" 2>/dev/null; wait "$shop" 2>/dev/null || true; rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM

    tries=0
    until node -e 'fetch(process.env.SHOP_URL).then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))'; do
        tries=$((tries + 1))
        if [ "$tries" -ge 50 ] || ! kill -0 "$shop" 2>/dev/null; then
            echo "the shop did not start:" >&2
            cat "$work/log" >&2
            exit 1
        fi
        sleep 0.2
    done
fi

cd "$here"
[ -d node_modules ] || npm ci
node --test --test-concurrency=1 "$@" scenario.test.js http.test.js
