# Every target makes the virtual environment that it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-slow check bench install clean

run: $(VENV)/run
	$(BIN)/python -m app $(ARGS)

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

test-slow: $(VENV)/dev
	$(BIN)/python -m pytest -m slow $(ARGS)

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks.model
	$(BIN)/python -m benchmarks.live

install: $(VENV)/dev

$(VENV)/run: requirements.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/dev: requirements.txt requirements-dev.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@ $(VENV)/run

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
