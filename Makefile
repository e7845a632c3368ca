# shoumi 守密. `make run` starts everything on this machine; `make test` proves it works. Neither needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= .shoumi

.PHONY: install install-dev install-ocr run test lint bench bench-extract fuzz mutate lock clean

install: $(VENV)/.installed  ## a virtual environment with `shoumi` in it

install-dev: $(VENV)/.installed-dev  ## the same, with the tools that tests and lint need

install-ocr: $(VENV)/.installed-ocr  ## adds the reading of pictures and scans

run: install  ## collector and agent on this machine; says what to open and what to try
	@$(BIN)/shoumi up --home $(HOME_DIR)

test: install-dev  ## all tests this machine can run; what it cannot is skipped with the reason
	$(BIN)/python -m pytest

lint: install-dev  ## style, types for the three platforms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 agent
	$(BIN)/mypy --platform darwin agent

bench: install-dev .venv-bench/.installed  ## ratios against named yardsticks, measured in the same run
	$(BIN)/python -m tests.benchmarks

bench-extract: install-dev .venv-bench/.installed  ## files read a second and what is found in them, beside other programs; needs the corpus
	$(BIN)/python -m tests.benchmarks.extract --rounds 3 $(BENCH)

fuzz: install-dev  ## damaged documents and hostile bytes, for about half an hour
	$(BIN)/python -m tests.fuzz.mutate --runs 20000
	$(BIN)/python -m tests.fuzz.shapes
	$(BIN)/python -m tests.fuzz.guided --all --seconds 60

mutate: install-dev  ## small wrong versions of validators and mark rules: a test must notice each; some ten minutes
	$(BIN)/python -m tests.mutation

lock: install-dev  ## renew the lock files; needs uv
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra ocr pyproject.toml -c requirements.lock -o requirements-ocr.lock

clean:  ## everything that can be made again; never the data in $(HOME_DIR)
	rm -rf $(VENV) .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov .coverage *.egg-info build

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "shoumi needs Python 3.11 or newer; '$(PYTHON)' is older. 需要 Python 3.11 以上。Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "No virtual environment could be made. 无法创建虚拟环境。On Debian: apt-get install python3-venv"; exit 2; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the pinned dependencies into $(VENV) (a minute or two) 正在安装依赖（约一两分钟）..."
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-ocr: requirements-ocr.lock $(VENV)/.installed
	@echo "Installing the recogniser of text in pictures (about 400 MB) 正在安装图片文字识别组件（约 400 MB）..."
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-ocr.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# One line a program: what cannot be had here is left out, and the table says so.
.venv-bench/.installed: tests/benchmarks/yardsticks.txt
	@$(PYTHON) -m venv .venv-bench
	@echo "Installing the programs to compare with into .venv-bench (about 650 MB) 正在安装用于比较的程序（约 650 MB）..."
	@grep -v '^#' $< | while read -r one; do \
	  .venv-bench/bin/pip install -q --disable-pip-version-check "$$one" || echo "left out: $$one"; done
	@touch $@
