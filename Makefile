# newsbeam: two commands matter to a new user, `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help demo test unit readers lint types bench fuzz card docs wheel lock clean

help:  ## show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

READERS := .venv-readers

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14), "newsbeam needs Python 3.11 to 3.13; give one with make PYTHON=python3.12"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: $(VENV)/ready  ## run the main job on the bundled sample, offline
	$(BIN)/newsbeam demo --output out/demo

# One worker process per core, each test file in one of them, as its tests share what is dear to set up.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

test: $(VENV)/ready  ## run all tests
	$(PYTEST)

unit: $(VENV)/ready  ## run the tests that are not slow
	$(PYTEST) -m 'not slow'

readers: $(READERS)/ready  ## set up pandas, Spark and other readers for their tests, in .venv-readers

$(READERS)/ready: tests/readers/requirements.txt constraints.txt
	$(PYTHON) -m venv $(READERS)
	$(READERS)/bin/python -m pip install -qq --disable-pip-version-check -c constraints.txt -r $<
	touch $@

lint: $(VENV)/ready  ## lint and format check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready  ## type check
	$(BIN)/mypy

bench: $(VENV)/ready  ## measure speed and memory, as ratios within one run (PART=start, articles, one, cores, memory, storage, stories, writer, reading, fetch, polling, archive, watch, engines, growth or tagger for one part)
	$(BIN)/python -m tests.bench $(PART)

fuzz: $(VENV)/ready  ## fuzz the readers of feeds, addresses, robots.txt, headers, bodies, pages and dates, 20 s each
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev,fuzz]'
	$(BIN)/python -m tests.fuzz

# The pip of Python 3.11 trips over lxml[html-clean], which two of the other extractors ask for in two spellings.
card: $(VENV)/ready  ## measure accuracy beside other extractors, and write docs/accuracy.md
	$(BIN)/python -m pip install -qq --disable-pip-version-check 'pip>=25,<27'
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev,card]'
	$(BIN)/python -m tests.card

docs: $(VENV)/ready  ## render codebook, schemas and the rules of polling under docs/
	$(BIN)/python -m schemas.documents docs
	$(BIN)/python -m tests.conformance

wheel: $(VENV)/ready  ## build the wheel into dist/
	$(BIN)/python -m build --wheel --outdir dist .

lock:  ## pin all dependencies anew in constraints.txt (needs uv)
	uv pip compile pyproject.toml tests/readers/requirements.txt --universal --python-version 3.11 --all-extras --no-header --no-annotate --upgrade -o constraints.txt

clean:  ## remove what the other targets made
	rm -rf $(VENV) $(READERS) build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
