# The two commands of the README, and what they stand on. Needs Python 3.11+, git and make; nothing else is installed by hand.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: demo test lint bench pictures lock clean

demo: .venv/run
	$(BIN)/yibiao demo $(ARGS)

test: .venv/test
	$(BIN)/python -m pytest $(ARGS)

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/test
	$(BIN)/python -m benchmarks $(ARGS)

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/test: .venv/run requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	touch $@

# The pictures of the README, taken anew of a small city.
pictures: .venv/test
	PYTHONPATH=. $(BIN)/python docs/pictures/take.py

# Pins every package with its hashes; no addresses are recorded.
lock: .venv/test
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra test -o requirements-test.lock pyproject.toml

clean:
	rm -rf .venv var dist .pytest_cache .mypy_cache .ruff_cache
