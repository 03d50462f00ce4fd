# The commands of this repository. Everything they need is installed into .venv
# from deploy/requirements/dev.txt (pinned and hashed), by uv where it is on the PATH, else by pip.
# Recipes use make, bash, coreutils and Python alone.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := deploy/requirements/dev.txt
INSTALLED := $(VENV)/installed
UV := $(shell command -v uv 2>/dev/null)

# The first interpreter that runs, is 3.11 or 3.12 and, where pip installs, brings venv and pip.
# Give another one with: make PYTHON=/path/to/python
PROBE := import sys; sys.version_info[:2] in ((3, 11), (3, 12)) or sys.exit(1); import venv$(if $(UV),,, ensurepip)
PYTHON ?= $(shell for python in python3.12 python3.11 python3 python; do \
	"$$python" -c '$(PROBE)' 2>/dev/null && command -v "$$python" && break; done)

# Databricks Connect needs this one; pyenv hides those that are not chosen.
PYTHON312 ?= $(shell for python in python3.12 python3 "$$HOME"/.pyenv/versions/3.12.*/bin/python3.12; do \
	"$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null \
	&& command -v "$$python" && break; done)

ifneq ($(UV),)
INSTALL = "$(UV)" pip install --quiet --python $(BIN)/python
else
INSTALL = $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check install
endif

YAML := {extends: default, rules: {line-length: {max: 100}, document-start: disable}}

.PHONY: help
help: ## List the targets
	@while IFS= read -r line; do \
		if [[ $$line =~ ^([a-z-]+):.*\#\#\ (.*)$$ ]]; then \
			printf '  make %-17s %s\n' "$${BASH_REMATCH[1]}" "$${BASH_REMATCH[2]}"; \
		fi; \
	done < Makefile

.PHONY: demo
demo: $(INSTALLED) ## The main job end to end on real tables: requests in, suggestions out
	@$(BIN)/python -m deploy.sandbox demo

.PHONY: sandbox
sandbox: $(INSTALLED) ## Postgres and contracts that stay up, to play with
	@$(BIN)/python -m deploy.sandbox play

.PHONY: sandbox-add
sandbox-add: $(INSTALLED) ## A contract in the sandbox for FILE=your.csv, or a parquet file
	@$(BIN)/python -m deploy.sandbox add "$(FILE)"

.PHONY: sandbox-stop
sandbox-stop: $(INSTALLED) ## Stop the Postgres of `make sandbox`
	@$(BIN)/python -m deploy.sandbox stop

# More than half of a test's time is waiting: four at a time keep two cores busy.
PYTEST := $(BIN)/python -m pytest
PARALLEL := --numprocesses 4 -p tests.support.xdist_groups

.PHONY: test
test: $(INSTALLED) ## The tests that every change has to pass
	@$(PYTEST) $(PARALLEL)

.PHONY: test-unit
test-unit: $(INSTALLED) ## Those that need no Spark, no Postgres and no process, in seconds
	@$(PYTEST) --numprocesses 2 -p tests.support.xdist_groups tests/unit tests/telemetry \
		--ignore tests/unit/test_polling.py

.PHONY: test-long
test-long: $(INSTALLED) ## The tests of `make test`, with all their cases
	@LONG=1 $(PYTEST) $(PARALLEL)

.PHONY: test-times
test-times: $(INSTALLED) ## The tests of `make test`, and where their time goes: by folder, file and fixture
	@$(PYTEST) $(PARALLEL) -p tests.support.durations

.PHONY: coverage
coverage: $(INSTALLED) ## The tests of `make test`, and the share of the code that they run: lowest files first
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(PARALLEL) || failed=1; \
	$(BIN)/coverage combine --quiet; report=$$($(BIN)/coverage report --sort cover); \
	head -22 <<< "$$report"; tail -1 <<< "$$report"; exit $${failed:-0}

# Every suite, with its minutes on two cores.
SUITES := check:1 test-long:10 test-guards:14 test-protocol:6 test-parity:15 chaos:7 test-alerts:3 \
	soak-credentials:2 soak-memory:5 test-connect:6 test-databricks:6 test-versions:35 \
	check-deploy:3 check-snippets:1

.PHONY: test-all
test-all: $(INSTALLED) ## Everything there is; it says how long that will take
	@minutes=0; failed=(); \
	for suite in $(SUITES); do minutes=$$((minutes + $${suite#*:})); done; \
	printf 'About %s minutes on two cores:\n' $$minutes; \
	for suite in $(SUITES); do printf '  %-18s %3s min\n' $${suite%:*} $${suite#*:}; done; \
	for suite in $(SUITES); do \
		printf '\nmake %s\n' $${suite%:*}; SECONDS=0; \
		$(MAKE) --no-print-directory $${suite%:*} || failed+=($${suite%:*}); \
		printf 'make %s took %s s\n' $${suite%:*} $$SECONDS; \
	done; \
	[ $${#failed[@]} = 0 ] || { printf 'Failed: %s\n' "$${failed[*]}" >&2; exit 1; }

.PHONY: test-guards
test-guards: $(INSTALLED) ## Guards of the code, removed one at a time: a test fails for each; 14 minutes
	@$(BIN)/python -m tests.guards

.PHONY: test-connect
test-connect: .venv-connect/installed $(INSTALLED) ## The engine `connect` on a real Spark Connect server that is killed
	@.venv-connect/bin/python -m pytest tests/connect

.PHONY: test-databricks
test-databricks: .venv-databricks/installed $(INSTALLED) ## The same with Databricks Connect (proprietary; needs Python 3.12)
	@.venv-databricks/bin/python -m pytest tests/connect

.PHONY: test-versions
test-versions: $(INSTALLED) ## Every version that the pins admit, Postgres 15 to 18, datacontract-cli: docs/figures/versions.md
	@$(BIN)/python -m tests.versions

.PHONY: soak-credentials
soak-credentials: $(INSTALLED) ## A minute of connections on tokens of 3 s while the workspace misbehaves
	@$(BIN)/python -m tests.soak.credentials

.PHONY: soak-memory
soak-memory: $(INSTALLED) ## 500 requests to one worker with DQX: what its Python holds in the end
	@$(BIN)/python -m tests.soak.memory

.PHONY: bench-queue
bench-queue: $(INSTALLED) ## Recovery, claim, pick-up and idle load of the queue, beside their goals
	@$(BIN)/python -m tests.bench_queue

.PHONY: bench-loop
bench-loop: $(INSTALLED) ## How long the worker's event loop stands still in each hostile scenario
	@$(BIN)/python -m tests.bench_loop

.PHONY: bench-profile
bench-profile: $(INSTALLED) ## What profiling costs, beside stock DQX; ten minutes
	@$(BIN)/python -m tests.bench_profile

.PHONY: bench-worker
bench-worker: $(INSTALLED) ## A worker's start, its memory at rest, and at work, and a hundred runs from INSERT to their end; 6 minutes
	@$(BIN)/python -m tests.bench_worker

.PHONY: bench-sampling
bench-sampling: $(INSTALLED) ## How many rows are flagged by rules that were made of either kind of sample
	@$(BIN)/python -m tests.bench_sampling

.PHONY: bench-suggestions
bench-suggestions: $(INSTALLED) .venv-bench/installed ## Which suggestions hold on unseen rows: stock DQX and this worker; 11 minutes
	@$(BIN)/python -m tests.bench_suggestions

SEED ?= 1
MINUTES ?= 5

.PHONY: test-protocol
test-protocol: EXAMPLES ?= 2000
test-protocol: $(INSTALLED) ## The queue's statements in EXAMPLES=2000 orders that hypothesis makes up
	@EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/queue/protocol --timeout 3600

.PHONY: test-parity
test-parity: EXAMPLES ?= 500
test-parity: SEED := $(if $(filter command environment,$(origin SEED)),$(SEED),$(shell echo $$RANDOM))
test-parity: $(INSTALLED) ## The worker's counts beside stock DQX: all types, options and EXAMPLES=500 random tables
	@printf 'To have the same tables again: make test-parity EXAMPLES=%s SEED=%s\n' $(EXAMPLES) $(SEED)
	@EXAMPLES=$(EXAMPLES) SEED=$(SEED) $(BIN)/python -m pytest tests/parity tests/round_trip --timeout 3600

.PHONY: chaos
chaos: $(INSTALLED) ## Workers killed, frozen and cut off for MINUTES by SEED: what holds in the end
	@$(BIN)/python -m tests.chaos --seed $(SEED) --minutes $(MINUTES) $(if $(LEASE),--lease $(LEASE:s=)) \
		$(if $(ROUND_TRIP),--round-trip $(ROUND_TRIP:ms=))

.PHONY: test-alerts
test-alerts: $(INSTALLED) ## A real fault for each alert of deploy/observability, and a Prometheus that sees it; 3 minutes
	@$(BIN)/python -m tests.alerts.programs
	@$(BIN)/python -m tests.alerts

BUNDLE_SCHEMA := tests/deployment/bundle.schema.json

.PHONY: check
check: $(INSTALLED) ## Format, lint, strict types, import contracts; links and prose; deploy/ and workflows
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/python -m tests.support.links
	@$(BIN)/python -m tests.support.prose
	@$(BIN)/hadolint deploy/docker/Dockerfile
	@$(BIN)/yamllint --strict --config-data '$(YAML)' deploy .github .pre-commit-config.yaml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose/*.yaml
	@$(BIN)/check-jsonschema --check-metaschema $(BUNDLE_SCHEMA)
	@$(BIN)/check-jsonschema --schemafile $(BUNDLE_SCHEMA) \
		deploy/databricks/job/*.yml deploy/databricks/job/resources/*.yml
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: check-deploy
check-deploy: $(INSTALLED) ## What Dockerfile, compose files and bundle promise, with the image's commands run
	@$(BIN)/python -m pytest tests/deployment
	@$(BIN)/python -m tests.deployment.image

.PHONY: check-snippets
check-snippets: $(INSTALLED) ## The TypeScript of docs/backend.md, compiled and run (needs Node.js; npm fetches packages)
	@$(BIN)/python -m tests.snippets

.PHONY: format
format: $(INSTALLED) ## Put the code in the format that check asks for
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

LOCK = uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --custom-compile-command 'make lock'

.PHONY: lock
lock: ## Pin the requirements anew from pyproject.toml (needs uv)
	@$(LOCK) --extra local --extra otlp --group sandbox --group test --group lint --group build \
		pyproject.toml --output-file $(REQUIREMENTS)
	@$(LOCK) --extra local --extra otlp --constraint $(REQUIREMENTS) \
		pyproject.toml --output-file deploy/requirements/local.txt
	@$(LOCK) --extra local --group sandbox --constraint $(REQUIREMENTS) \
		pyproject.toml --output-file deploy/requirements/sandbox.txt
	@$(LOCK) --extra connect --group sandbox --group test-remote --group build \
		--constraint $(REQUIREMENTS) pyproject.toml --output-file deploy/requirements/connect.txt
	@$(LOCK:3.11=3.12) --extra databricks --group sandbox --group test-remote --group build \
		pyproject.toml --output-file deploy/requirements/databricks.txt
	@$(LOCK) --group build --constraint $(REQUIREMENTS) --output-file deploy/requirements/build.txt
	@$(LOCK) tests/bench_suggestions/requirements.in \
		--output-file tests/bench_suggestions/requirements.txt

.PHONY: clean
clean: ## Remove what make has installed and written
	@rm -rf $(VENV) .venv-bench .venv-connect .venv-databricks .venv-versions .prometheus .sandbox dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	@$(if $(PYTHON),"$(PYTHON)" -c 'import pathlib, shutil; [shutil.rmtree(p) for r in ("worker", "deploy", "tests") for p in pathlib.Path(r).rglob("__pycache__")]')

$(VENV)/requirements: $(REQUIREMENTS)
ifeq ($(PYTHON),)
	@printf '%s\n' 'No Python 3.11 or 3.12 with venv and pip was found on the PATH.' \
		'Install one (on Debian also python3-venv), or uv, or run: make PYTHON=/path/to/python3.12' >&2
	@exit 1
endif
	@printf 'Installing into %s with %s (%s)\n' "$(VENV)" "$(PYTHON)" "$(if $(UV),uv,pip)"
ifneq ($(UV),)
	@"$(UV)" venv --quiet --clear --no-config --python "$(PYTHON)" "$(VENV)"
else
	@"$(PYTHON)" -m venv --clear "$(VENV)"
endif
	@$(INSTALL) --require-hashes --requirement $(REQUIREMENTS)
	@touch $@

# Each engine's package ships a `pyspark` of its own: an environment for each. The server that they
# are tested on comes out of the first one.
.venv-connect/installed: ENGINE_PYTHON = $(PYTHON)
.venv-databricks/installed: ENGINE_PYTHON = $(PYTHON312)
.venv-connect/installed .venv-databricks/installed: .venv-%/installed: deploy/requirements/%.txt pyproject.toml
	@[ -n "$(ENGINE_PYTHON)" ] || { echo 'No Python for $(@D) was found: give it with make PYTHON312=/path/to/python3.12' >&2; exit 1; }
	@echo 'Installing into $(@D) with $(ENGINE_PYTHON)'
	@"$(ENGINE_PYTHON)" -m venv --clear $(@D)
	@$(@D)/bin/python -m pip --quiet --quiet --disable-pip-version-check install \
		--require-hashes --requirement $<
	@$(@D)/bin/python -m pip --quiet --quiet --disable-pip-version-check install \
		--no-deps --no-build-isolation --editable .
	@touch $@

# Judges and tables of others, which nothing of the worker may depend on.
.venv-bench/installed: tests/bench_suggestions/requirements.txt
	@echo 'Installing into $(@D) with $(PYTHON)'
	@"$(PYTHON)" -m venv --clear $(@D)
	@$(@D)/bin/python -m pip --quiet --quiet --disable-pip-version-check install \
		--require-hashes --requirement $<
	@touch $@

$(INSTALLED): $(VENV)/requirements pyproject.toml
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
