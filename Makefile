# Stationmaster: `make run` starts a demo station, `make test` runs the whole suite. Both set themselves up.
# Needs Python 3.11 to 3.14 with venv, and make; everything else is installed into .venv/, .tools/ and
# station/web/static/vendor/, never into the system. `PYTHON=` chooses the interpreter.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run test check bench assets sms alipay ocr kiosk kiosk-pi lock clean \
  lint format-lint code-lint type-lint import-lint template-lint translation-lint

VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := -m pip install -qq --disable-pip-version-check --no-input --no-deps --require-hashes --only-binary :all:
BASE := $(VENV)/base.stamp
KIOSK := $(VENV)/kiosk.stamp
FACES := $(VENV)/faces.stamp
OCR := $(VENV)/ocr.stamp
ALIPAY := $(VENV)/alipay.stamp
DEV := $(VENV)/dev.stamp
NODE := .tools/node/stamp
UV := .tools/uv/stamp
ASSETS := station/web/static/vendor/stamp
WEB := station/web

# Two processes: what the smallest machine we promise has; a test file stays in one, so its database is made once.
# Files go out by name: the long ones drive browsers and come first, so that no process waits for the other's last one.
JOBS ?= 2
ARGS ?=

help:
	@echo "make run     start the demo station on 127.0.0.1:5000 and its kiosk on 127.0.0.1:5001"
	@echo "             (PORT=8080 and KIOSK_PORT=8081 move them, DEMO=0 starts empty and without a kiosk)"
	@echo "make test    run the whole suite (ARGS='-k codes' narrows it)"
	@echo "make check   make lint (formatting, types, import rules, templates, translations) and the fast tests"
	@echo "make bench   print our speed beside the raw limit"
	@echo "make sms     install what text messages through Aliyun need"
	@echo "make alipay  install what payments through Alipay need"
	@echo "make ocr     install what reading a label's picture needs"
	@echo "make kiosk   install what the kiosk program needs (docs/kiosk.md), without the station's packages"
	@echo "make kiosk-pi  the same, and what pins and a receipt printer need"
	@echo "make lock    resolve the locks again (ARGS=--upgrade takes newer versions)"
	@echo "make clean   remove what was installed and built; the station's data in instance/ stays"

run: $(BASE) $(KIOSK) $(FACES) $(ASSETS)
	@exec $(PY) app.py

test: $(DEV) $(FACES) $(OCR) $(ALIPAY) $(ASSETS)
	@$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(ASSETS) lint
	@echo "Fast tests" && $(PY) -m pytest tests/unit tests/services $(ARGS)

lint: format-lint code-lint type-lint import-lint template-lint translation-lint

format-lint: $(DEV)
	@echo "Formatting" && $(VENV)/bin/ruff format --check -q .

code-lint: $(DEV)
	@echo "Code" && $(VENV)/bin/ruff check -q .

type-lint: $(DEV)
	@echo "Types" && $(VENV)/bin/mypy --no-error-summary

import-lint: $(DEV)
	@echo "Import rules" && report=$$($(VENV)/bin/lint-imports --no-logo) || { echo "$$report"; exit 1; }

template-lint: $(DEV)
	@echo "Templates" && $(VENV)/bin/djlint templates kiosk/web/templates --lint --quiet

translation-lint: $(DEV)
	@echo "Translations" && $(PY) -m station.web.translations check

bench: $(DEV)
	@$(PY) -m pytest tests/benchmarks -s $(ARGS)

assets: $(ASSETS)

kiosk: $(KIOSK) $(FACES) $(ASSETS)

kiosk-pi: kiosk
	@$(PY) $(PIP_INSTALL) -r requirements/pi.txt

sms: $(BASE)
	@$(PY) $(PIP_INSTALL) -r requirements/sms.txt

alipay: $(ALIPAY)

ocr: $(OCR)

# The first interpreter that is new enough; a pyenv shim may exist and still not run, so each is tried.
$(PY):
	@python=; for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	    && python=$$candidate && break; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Stationmaster needs Python 3.11 to 3.14. On Debian or Ubuntu: sudo apt install python3 python3-venv" >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "This Python cannot make environments yet. On Debian or Ubuntu: sudo apt install python$$version-venv" >&2; exit 1; \
	fi; \
	echo "Creating $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv $(VENV)

$(BASE): requirements/base.txt | $(PY)
	@echo "Installing the server's packages"
	@$(PY) $(PIP_INSTALL) -r requirements/base.txt
	@touch $@

# The development lock contains the server's packages at the same versions, so one environment serves both.
$(DEV): requirements/dev.txt $(BASE)
	@echo "Installing what tests and checks need"
	@$(PY) $(PIP_INSTALL) -r requirements/dev.txt
	@touch $@

$(KIOSK): requirements/kiosk.txt | $(PY)
	@echo "Installing the kiosk's packages"
	@$(PY) $(PIP_INSTALL) -r requirements/kiosk.txt
	@touch $@

$(OCR): requirements/ocr.txt | $(BASE)
	@echo "Installing what reading a label's picture needs"
	@$(PY) $(PIP_INSTALL) -r requirements/ocr.txt
	@touch $@

# One package has no wheel and is plain Python: it is built by the locked setuptools, not by whatever is newest.
$(ALIPAY): requirements/build.txt requirements/alipay.txt | $(BASE)
	@echo "Installing what payments through Alipay need"
	@$(PY) $(PIP_INSTALL) -r requirements/build.txt
	@$(PY) $(PIP_INSTALL) --no-binary python-alipay-sdk --no-build-isolation -r requirements/alipay.txt
	@touch $@

# A machine without these wheels still runs everything but the face button.
$(FACES): requirements/faces.txt | $(PY)
	@echo "Installing what recognising faces needs"
	@$(PY) $(PIP_INSTALL) -r requirements/faces.txt || echo "Faces cannot be used on this machine; all else works."
	@touch $@

# Node only fetches and never runs on a station, so it has an environment of its own, and none where npm is at hand.
$(NODE): requirements/node.txt | $(PY)
	@echo "Installing npm into .tools/node"
	@$(PY) -m venv .tools/node
	@.tools/node/bin/python $(PIP_INSTALL) -r requirements/node.txt
	@touch $@

$(UV): requirements/uv.txt | $(PY)
	@echo "Installing the lock maker into .tools/uv"
	@$(PY) -m venv .tools/uv
	@.tools/uv/bin/python $(PIP_INSTALL) -r requirements/uv.txt
	@touch $@

$(ASSETS): $(WEB)/package.json $(WEB)/package-lock.json $(WEB)/.npmrc $(WEB)/assets.py | $(BASE)
	@$(PY) -m station.web.assets has-npm || $(MAKE) --no-print-directory $(NODE)
	@$(PY) -m station.web.assets

# base is a constraint of the others: no two must name different versions of one package.
COMPILE = .tools/uv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --system-certs --only-binary :all: --custom-compile-command "make lock" $(ARGS)
lock: $(UV) $(BASE)
	@echo "Resolving requirements/base.txt, sms.txt, kiosk.txt, pi.txt, dev.txt, faces.txt, ocr.txt, build.txt, alipay.txt, node.txt and uv.txt"
	@$(COMPILE) requirements/base.in -o requirements/base.txt
	@$(COMPILE) requirements/sms.in -c requirements/base.txt -o requirements/sms.txt
	@$(COMPILE) requirements/kiosk.in -c requirements/base.txt -o requirements/kiosk.txt
	@$(COMPILE) requirements/pi.in -c requirements/kiosk.txt -o requirements/pi.txt
	@$(COMPILE) requirements/dev.in -c requirements/base.txt -o requirements/dev.txt
	@$(COMPILE) requirements/faces.in -c requirements/dev.txt -o requirements/faces.txt
	@$(COMPILE) requirements/ocr.in -c requirements/dev.txt -o requirements/ocr.txt
	@$(COMPILE) requirements/build.in -o requirements/build.txt
	@$(COMPILE) --no-binary python-alipay-sdk requirements/alipay.in -c requirements/dev.txt -o requirements/alipay.txt
	@$(COMPILE) requirements/node.in -o requirements/node.txt
	@$(COMPILE) requirements/uv.in -o requirements/uv.txt
	@$(PY) -m station.web.assets has-npm || $(MAKE) --no-print-directory $(NODE)
	@$(PY) -m station.web.assets lock

clean:
	@echo "Removing .venv, .tools, node_modules, vendored files and caches; instance/ stays"
	@rm -rf $(VENV) .tools $(WEB)/node_modules $(WEB)/static/vendor
	@rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks .pytest_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
