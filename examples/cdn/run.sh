#!/bin/sh
# One nginx in front of two hosts' shops: starts all three with one key ring, tests them, and stops them.
#
#   examples/cdn/run.sh flask c [arguments for node --test]      shells from Flask, islands from C
set -eu

shells=${1:-flask}
islands=${2:-c}
if [ $# -ge 2 ]; then shift 2; else shift $#; fi

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
started=
stop() {
    for process in $started; do kill "$process" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

free_port() {
    node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}

# start NAME PORT: one host's shop, with a database of its own.
start() {
    PORT=$2 SHOP_DB=$work/$1-$2.sqlite3 "$here/../start" "$1" >"$work/$1-$2.log" 2>&1 &
    started="$started $!"
}

# until_ready URL: waits until it answers.
until_ready() {
    tries=0
    until node -e 'fetch(process.argv[1]).then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))' "$1"; do
        tries=$((tries + 1))
        if [ "$tries" -ge 50 ]; then
            echo "nothing answers at $1:" >&2
            cat "$work"/*.log >&2
            exit 1
        fi
        sleep 0.2
    done
}

EYOT_KEYS=$(node -p 'crypto.randomBytes(32).toString("base64")')
export EYOT_KEYS
first=$(free_port) second=$(free_port) front=$(free_port)
start "$shells" "$first"
start "$islands" "$second"
until_ready "http://127.0.0.1:$first/"
until_ready "http://127.0.0.1:$second/"

mkdir "$work/cache" "$work/temp"
sed -e "s/:8001/:$first/" -e "s/:8002/:$second/" -e "s/:8080/:$front/" "$here/nginx.conf" >"$work/nginx.conf"
nginx -p "$work" -c "$work/nginx.conf" -e stderr -g 'daemon off; master_process off;' >"$work/nginx.log" 2>&1 &
started="$started $!"
until_ready "http://127.0.0.1:$front/cart"

cd "$here"
[ -d ../scenario/node_modules ] || (cd ../scenario && npm ci)
SHOP_URL=http://127.0.0.1:$front node --test --test-concurrency=1 "$@" cdn.test.js
