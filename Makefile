# What a person types: `make demo` and `make test`. Everything else serves these two.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
PMET := $(VENV)/bin/pmet

.PHONY: demo test bench nightly clean

# The environment from a lock: every file by its hash. `uv` comes by pip into the environment itself.
define environment
	@test -x $(VENV)/bin/python || { echo "making the environment"; $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; set PYTHON to one"; exit 1; }; $(PYTHON) -m venv $(VENV); }
	@test -x $(VENV)/bin/uv || $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --require-hashes -r $(1)
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --no-deps --no-build-isolation -e .
	@touch $(2)
endef

.venv: $(VENV)/.run-time

$(VENV)/.run-time: requirements.lock pyproject.toml
	$(call environment,requirements.lock,$@)

$(VENV)/.development: requirements-dev.lock pyproject.toml
	$(call environment,requirements-dev.lock,$@)
	@touch $(VENV)/.run-time

# `exec`: a Ctrl-C or a kill reaches the product itself, which stops what it started before it ends.
demo: $(VENV)/.run-time
	@exec $(PMET) demo

test: $(VENV)/.development
	@exec $(VENV)/bin/python scripts/check.py

bench: $(VENV)/.development
	@exec $(VENV)/bin/python tests/benchmarks

nightly: $(VENV)/.development
	@exec $(VENV)/bin/python scripts/check.py --nightly

clean:
	rm -rf $(VENV)
