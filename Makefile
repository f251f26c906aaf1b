# 闭环 Bihuan. Two commands matter: make demo, make test.
PYTHON ?= python3
PY := .venv/bin/python
PORT ?= 8000
export PYTHONDONTWRITEBYTECODE = 1

.PHONY: demo demo-reset demo-verify test test-services test-browser lint check bench soak lock install format

.venv/.ready: requirements.lock
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check uv
	@$(PY) -m uv pip install --quiet --python $(PY) --require-hashes -r requirements.lock
	@touch $@

install: .venv/.ready

demo: install
	@BIHUAN_DEMO=1 exec $(PY) -m project.demo.run --port $(PORT)

demo-reset: install
	@BIHUAN_DEMO=1 exec $(PY) -m project.demo.run --port $(PORT) --reset

demo-verify: install
	@BIHUAN_DEMO=1 BIHUAN_DATA=$${BIHUAN_DATA:-var/demo} $(PY) manage.py verify_ledger --files

test: install
	BIHUAN_TESTING=1 $(PY) -m pytest -n 2 --dist loadfile -m "not browser"

test-services: install
	BIHUAN_TESTING=1 $(PY) -m pytest -n 3 --dist loadfile -m "not browser and not pure"

test-browser: install
	BIHUAN_TESTING=1 $(PY) -m pytest -m browser -rs

lint: install
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	BIHUAN_TESTING=1 $(PY) -m mypy organizations workflows rectification inspections notifications project
	BIHUAN_TESTING=1 .venv/bin/lint-imports
	$(PY) -m djlint templates --lint --quiet
	BIHUAN_TESTING=1 $(PY) manage.py makemigrations --check --dry-run
	$(PY) -m tests.house

check: lint test

format: install
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: install
	BIHUAN_TESTING=1 $(PY) -m bench

soak: install
	BIHUAN_TESTING=1 BIHUAN_SOAK=2000 $(PY) -m pytest -n 2 --dist load tests/inspections/test_damaged.py
	BIHUAN_TESTING=1 BIHUAN_SOAK=2000 $(PY) -m pytest -s -rs tests/kill

lock:
	$(PY) -m uv lock
	$(PY) -m uv export --quiet --frozen --no-header --no-emit-project -o requirements.lock
