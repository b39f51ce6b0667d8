# `make up` and `make test` are all that a newcomer needs; PYTHON and ARGS may be given.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

.PHONY: up install test lint format verify bench soak shots lock proto clean

up: .venv/run  ## install into .venv and run everything; make up ARGS="--port 8060"
	@exec $(BIN)/factory up $(ARGS)

install: .venv/run  ## install only

test: .venv/dev  ## install what the tests need and run all of them; make test ARGS="tests/plant -k topic"
	@tests/prerequisites
	$(BIN)/python -m pytest $(ARGS)

lint: .venv/dev  ## ruff and strict mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

verify: .venv/dev  ## every scenario against the truth, under an hour; make verify ARGS="--scenario comms_loss"
	$(BIN)/factory verify $(or $(ARGS),--scenario all)

bench: .venv/dev  ## measure; prints tables with the goals beside the figures, writes bench.json; ARGS=ingest is one
	@tests/prerequisites
	@benchmarks/prerequisites
	$(BIN)/python -m benchmarks $(ARGS)

soak: .venv/dev  ## ten minutes of load with faults on the way, counted at the end; make soak ARGS="--seconds 120"
	@tests/prerequisites
	$(BIN)/python -m tests.soak $(ARGS)

shots: .venv/dev  ## screenshots of every page into shots/
	@tests/prerequisites
	$(BIN)/python -m pytest tests/browser -k "opens_clean or workshops" --shots shots $(ARGS)

lock: .venv/dev  ## resolve dependencies again; the lock files hold hashes and no addresses
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --group build -o requirements.lock
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --group dev -o requirements-dev.lock
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header

proto: .venv/dev  ## generate the Sparkplug payload module from its schema
	$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. plant/sparkplug/payload.proto

.venv/run: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache shots
