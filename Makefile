# The two commands of the README: `make demo` and `make test`. Both set everything up in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
START := 2021-10-19
END := 2025-06-22

.PHONY: demo test test-newest torture lint audit dev clean

demo: $(VENV)/.installed
	$(BIN)/nba-analytics demo
	$(BIN)/nba-analytics backfill --start $(START) --end $(END)
	$(BIN)/nba-analytics status --start $(START) --end $(END)
	@echo "Open Dagit with: $(BIN)/nba-analytics dev   and then visit http://127.0.0.1:3000"

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 3 --dist loadgroup

# Against the newest releases of everything, upper bounds lifted: what .github/workflows/weekly.yml runs once a week.
test-newest:
	$(PYTHON) -m venv --clear .venv-newest
	$(PYTHON) .ci/newest_requirements.py > .venv-newest/requirements.txt
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check -r .venv-newest/requirements.txt
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	.venv-newest/bin/python -m pytest -n 3 --dist loadgroup

# Known weaknesses of what is installed; asks a public database over the network.
audit: $(VENV)/.installed-dev
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	.venv-audit/bin/pip-audit --skip-editable --path $$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")

# Kills, crowds, starves and wears the project out, and writes docs/reliability.md; `make torture DAYS=2000` for the whole soak.
DAYS ?= 100
torture: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.torture run --soak-days $(DAYS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

dev: $(VENV)/.installed
	$(BIN)/nba-analytics dev

clean:
	rm -rf $(VENV) .venv-newest .venv-audit data

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml setup.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.installed-dev: pyproject.toml setup.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ $(VENV)/.installed
