# `make setup` makes .venv with everything in it; the other targets run it first, and it is skipped when nothing changed.
# Your own Python, 3.11 to 3.14: `make setup PYTHON=python3.13`. JOBS: most tests wait, so two cores take four at once.

PYTHON ?= python3
UV ?= uv
ARGS ?=
JOBS ?= 4

RUN := .venv/bin/python -m
STAMP := .venv/.complete
BENCH_RUN := .venv-bench/bin/python -m
BENCH := .venv-bench/.complete
ARQ := .venv-arq/.complete
COMPILE := pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet $(ARGS)

# Compiled modules are kept, whatever the shell says: else each process of pytest compiles all tests anew, for 6 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo dev test test-redis faults bench bench-recovery lint lock image

setup: $(STAMP)

demo: $(STAMP)
	$(RUN) console demo $(ARGS)

dev: $(STAMP)
	$(RUN) console dev $(ARGS)

# A module's tests stay together, so that what it starts once is started once.
# Then the same promises on Redis, where one is installed; CI insists on it. ARGS chooses tests: those, and no Redis.
test: lint
	$(RUN) pytest -n $(JOBS) --dist loadscope $(ARGS)
	$(if $(ARGS),,$(RUN) tests.on_redis --if-found $(JOBS))

# The same promises on Redis: needs an installed redis-server, 7.0 or newer, and leaves none running.
test-redis: $(STAMP)
	$(RUN) tests.on_redis $(JOBS) $(ARGS)

# All fault scenarios at full length: ARGS="-k f04 --seed 8" for a part of them. Figures go to build/faults.json.
faults: $(STAMP)
	@mkdir -p build
	$(RUN) pytest tests/faults --faults long --faults-report build/faults.json $(ARGS)

# Everything beside its peers; ARGS="--quick ingress" for a single round of one of them.
bench: $(BENCH) $(ARQ)
	@mkdir -p build
	BENCH_ARQ_PYTHON=.venv-arq/bin/python $(BENCH_RUN) bench --json build/bench.json $(ARGS)

# Workers killed by SIGKILL, and how long their jobs wait for the next one.
bench-recovery: $(BENCH) $(ARQ)
	@mkdir -p build
	BENCH_ARQ_PYTHON=.venv-arq/bin/python $(BENCH_RUN) bench.recovery --json build/recovery.json $(ARGS)

# The Dockerfile's own steps in a clean folder, as far as they need no Docker.
image: $(STAMP)
	$(RUN) tests.image

lint: $(STAMP)
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy

# New versions: `make lock ARGS=--upgrade`; without it the pins that still fit stay.
lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or UV=/path/to/uv" >&2; exit 1; }
	$(UV) $(COMPILE) pyproject.toml --output-file requirements.txt
	$(UV) $(COMPILE) --group dev --constraints requirements.txt --output-file requirements-dev.txt
	$(UV) $(COMPILE) --group bench --constraints requirements.txt --output-file requirements-bench.txt
	$(UV) $(COMPILE) --group arq --output-file requirements-arq.txt

# A Debian without python3-venv cannot put pip into a .venv; its own pip can fill one that has none.
PIP = $$(test -x $(@D)/bin/pip && echo $(@D)/bin/python -m pip || echo $(PYTHON) -m pip --python $(@D)/bin/python) \
	--quiet --disable-pip-version-check install
VENV = $(PYTHON) -m venv $$($(PYTHON) -c 'import ensurepip' 2>/dev/null || echo --without-pip) $(@D)

# Our own package is built by the pinned setuptools, hence no isolation.
$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
		|| { echo "Trunkline needs Python 3.11 to 3.14: make setup PYTHON=python3.13" >&2; exit 1; }
	@echo "Making .venv, which takes about half a minute ..."
	@$(VENV)
	@$(PIP) --require-hashes -r requirements.txt -r requirements-dev.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(BENCH): requirements.txt requirements-bench.txt
	@$(VENV)
	@$(PIP) --require-hashes -r requirements.txt -r requirements-bench.txt
	@touch $@

$(ARQ): requirements-arq.txt
	@$(VENV)
	@$(PIP) --require-hashes -r requirements-arq.txt
	@touch $@
