# Everything runs in .venv, installed from the lock file: nothing else on the machine is touched.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test live bench lint lock picture

demo: .venv/ready
	$(BIN)/plumbline demo demo

test: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/python -m pytest

# Needs registries and minutes: connectors against servers that nobody here wrote. PLUMBLINE_LIVE=DIR keeps what is installed.
live: .venv/ready
	$(BIN)/python -m pytest tests/live -m live

bench: .venv/ready
	$(BIN)/python -m pipelines.bench

lint: .venv/ready
	$(BIN)/ruff check .

# Byte code is compiled at install: importing 77 packages without it costs a refresh ten seconds.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Plumbline needs Python 3.11 or newer; set PYTHON=... to one")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q models connectors dbt_like_sql pipelines plumbline.py
	touch $@

# Needs uv. No registry is named in the file: pip uses the one it is set up for.
lock:
	uv pip compile pyproject.toml --extra pdf --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock

# Needs Chromium: the pictures of the README, taken of the sample company.
picture: .venv/ready
	$(BIN)/python -m pipelines.report.picture pictures
