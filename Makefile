# Two commands do everything: `make demo` and `make test`. Both set up what they need in .venv.
# While working: `make check`, which lints and runs every test that starts no process.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
PYTEST_ARGS ?=

# What is started here talks to itself: not through a proxy, which could not reach it.
export NO_PROXY := localhost,127.0.0.1,::1,$(NO_PROXY),$(no_proxy)
export no_proxy := $(NO_PROXY)

# Tests start hundreds of processes: without bytecode each compiles everything again, and so does each test worker.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check test-pythons lint format audit fuzz faults soak bench bench-web bench-detection bench-rules bench-scale drill generate dashboards manifests docs preview dist setup tools clean

demo: $(VENV)/.installed ## run the exporter against a simulated Vobiz; ARGS="--demo.speed=60" passes flags on
	$(BIN)/vobiz-exporter demo $(ARGS)

# More than twice as many workers as cores: most of the time, tests wait for a process. In the order of the files, as long ones are
# in the middle: xdist would put files of few tests last, and the longest tests with them.
test: lint tools ## everything that must hold; about four minutes
	$(BIN)/python -m pytest --numprocesses=5 --dist=loadfile --no-loadscope-reorder $(PYTEST_ARGS)

# Twice as many workers as cores here, too: these tests wait for deadlines and sockets.
check: lint ## lint, and every test that starts no process; three quarters of a minute
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest --numprocesses=4 --dist=worksteal -m "not process" $(PYTEST_ARGS)

# Where pyenv has them, name them first: PYENV_VERSION=3.10.13:3.11.7:3.12.1:3.13.0 make test-pythons
test-pythons: ## all tests with each Python that setup.cfg promises and PATH has
	for version in 3.10 3.11 3.12 3.13; do \
	  ! python$$version --version || TEST_REGISTRY=1 $(MAKE) test VENV=.venv-$$version PYTHON=python$$version || exit 1; \
	done

lint: $(VENV)/.developing ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.developing ## fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.developing ## speed and size, as ratios in one run, a quarter of an hour; ARGS=--quick, two minutes
	$(BIN)/python -m bench $(ARGS)

bench-web: $(VENV)/.developing ## the web server: cost of a scrape, and who can hold it up
	$(BIN)/python -m bench.web

bench-detection: $(VENV)/.developing ## the shipped detector on simulated lanes of many worlds; ARGS="--quick", "--write"
	$(BIN)/python -m bench.detection $(ARGS)

fuzz: $(VENV)/.fuzzing ## arbitrary bytes for all that reads them; ARGS="parser --runs=1000000"
	$(BIN)/python -m tests.fuzz $(ARGS)

audit: $(VENV)/.auditing ## known vulnerabilities of the dependencies, as installed and at their lowest versions
	$(BIN)/python -m tests.audit

bench-scale: $(VENV)/.developing ## 100 partners on one core, some of them hanging, and 500 in five processes; ten minutes
	$(BIN)/python -m bench.scale $(ARGS)

drill: tools ## break things before a real Prometheus and Alertmanager, see who is paged, 45 minutes; ARGS=ha: two of everything
	$(BIN)/python -m tests.drill $(ARGS)

generate: dashboards docs ## write the committed files that are generated

faults: tools ## everything that can go wrong, done to the real daemon, five minutes; ARGS="--list", names of faults, --markdown
	$(BIN)/python -m tests.faults $(ARGS)

soak: $(VENV)/.developing ## a simulated month with restarts and incidents, 12 minutes; ARGS="--days=30 --speed=3600"
	$(BIN)/python -m tests.soak $(ARGS)

dashboards: $(VENV)/.developing ## write grafana/dashboards
	$(BIN)/python -m grafana.generator

bench-rules: $(VENV)/.developing ## what the alert rules cost a Prometheus with a week of history; ARGS="--quick"
	$(BIN)/python -m bench.rules $(ARGS)

preview: $(VENV)/.developing grafana/preview/node_modules/.installed ## draw the dashboards into docs/images, without a Grafana; needs npm
	cd grafana/preview && npm run build
	$(BIN)/python -m grafana.preview $(ARGS)

docs: $(VENV)/.developing ## write the references in docs/, config.example.yaml and config.schema.json again
	$(BIN)/python -m docs.generator

manifests: $(VENV)/.developing ## what is made of rules and dashboards: Kubernetes manifests, files of the Helm chart, Grafana alerts
	$(BIN)/vobiz-exporter assets --output=. --force

# Build isolation and a clean environment: only what a user would get.
dist: $(VENV)/.developing ## wheel, source distribution, Helm chart and bill of materials, checked, in dist/
	rm -rf dist build
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/python -m grafana.generator --export dist
	$(BIN)/vobiz-exporter assets --output=build/assets
	tar --create --gzip --file=dist/vobiz-exporter-chart.tgz --directory=build/assets/deploy/helm vobiz-exporter
	$(BIN)/python -m venv --without-pip build/sbom
	$(BIN)/python -m pip --python build/sbom install --quiet dist/*.whl
	$(BIN)/cyclonedx-py environment --output-reproducible build/sbom --output-file dist/vobiz-exporter.cdx.json

setup: $(VENV)/.developing

# Prometheus, Alertmanager and Chromium for the tests that need them: from Debian as root, else from PATH.
tools: $(VENV)/.developing
	$(BIN)/python -m tests.rig.tools

$(VENV)/.installed: setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or later is needed; try make PYTHON=python3.11")'
	@echo "Setting up $(VENV) with what the exporter needs: about 20 s, more on a slow network."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.developing: $(VENV)/.installed
	@echo "Adding what tests, linters and builds need: about a minute, more on a slow network."
	$(BIN)/python -m pip install --quiet --editable '.[test,lint,release]'
	touch $@

grafana/preview/node_modules/.installed: grafana/preview/package-lock.json
	cd grafana/preview && npm ci
	touch $@

$(VENV)/.auditing: $(VENV)/.developing
	$(BIN)/python -m pip install --quiet --editable '.[audit]'
	touch $@

$(VENV)/.fuzzing: $(VENV)/.developing
	$(BIN)/python -m pip install --quiet --editable '.[fuzz]'
	touch $@

clean:
	rm -rf $(VENV) .venv-* .tools grafana/preview/node_modules grafana/preview/dist build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .fuzz
