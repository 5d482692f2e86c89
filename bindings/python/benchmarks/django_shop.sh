#!/bin/sh
# Requests a second that the Django shop answers, under gunicorn, with eyot's middlewares and without them, on a page
# without islands: the sign-in page of the admin. Both are served at once and asked in turn; the median of each counts.
#
#   bindings/python/benchmarks/django_shop.sh [ROUNDS]      needs wrk, and the environment of `make .venv/.done`
set -eu

rounds=${1:-7}
here=$(cd "$(dirname "$0")" && pwd)
shop=$here/../../../examples/django
PATH=$here/../../../.venv/bin:$PATH
work=$(mktemp -d)
started=
trap 'kill $started 2>/dev/null || true; wait; rm -rf "$work"' EXIT

cat >"$work/without.py" <<'SETTINGS'
from config.settings import *
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("eyot.")]
SETTINGS

# serve PORT SETTINGS: one worker, so that a second core is left for who asks.
serve() {
    (cd "$shop" && SHOP_DB=$work/$1.sqlite3 PORT=$1 DJANGO_SETTINGS_MODULE=$2 PYTHONPATH=$work:. \
        exec gunicorn --workers 1 --threads 1 >"$work/$1.log" 2>&1) &
    started="$started $!"
}
serve 8461 config.settings
serve 8462 without
for port in 8461 8462; do
    tries=0
    until curl -sf "http://127.0.0.1:$port/admin/login/" >/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { cat "$work/$port.log" >&2; exit 1; }
        sleep 0.2
    done
done

ask() {
    wrk -t1 -c4 -d3s "http://127.0.0.1:$1/admin/login/" | sed -n 's/^Requests\/sec: *//p' >>"$work/$1.rate"
}
for _ in $(seq "$rounds"); do
    ask 8461
    ask 8462
done
median() {
    sort -n "$work/$1.rate" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'
}
with=$(median 8461) without=$(median 8462)
echo "with eyot $with requests/s, without $without requests/s"
awk "BEGIN {printf \"overhead: %.1f %%\n\", 100 * ($without / $with - 1)}"
