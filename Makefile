# Every table and figure is a target. `make help` lists what there is; see CONTRIBUTING.md.

PROFILE  ?= demo
DATA_DIR ?= data
LAUNCHER ?=
ARGS     ?=

ifeq (,$(filter grouped-target,$(.FEATURES)))
  $(error GNU make 4.3 or newer is needed, this is $(MAKE_VERSION))
endif

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON := .venv/bin/python
STAGE := $(PYTHON) -m reproduction.stage
# glibc gives every large block back to the kernel and asks for it again: half of the time of a
# training step on a CPU. These keep the blocks.
export MALLOC_MMAP_THRESHOLD_ := 8589934592
export MALLOC_TRIM_THRESHOLD_ := 8589934592
export PYTHONHASHSEED := 0

RECORDS := $(wildcard $(DATA_DIR)/*/records.csv)
OVERRIDES = profile=$(PROFILE) data_dir=$(DATA_DIR) $(LAUNCHER:%=hydra/launcher=%) $(ARGS)
# What made a target stale: files, and of a stage what it depends on (see reproduction/stages.py).
BECAUSE = @because=; for file in $(wordlist 1,3,$?); do case "$$file" in \
  */depends/*) file=$$(cat "$${file%.txt}.why");; esac; because="$$because, $$file"; done; \
  echo "$@: because of $${because\#, }$(if $(word 4,$?), and $(words $(wordlist 4,999,$?)) more)"

# One paper a folder: experiments/<paper>/targets.mk names its TABLES, FIGURES, CORPORA,
# MUSIC and WEIGHTS.
PAPERS := $(patsubst experiments/%/targets.mk,%,$(wildcard experiments/*/targets.mk))

##@ Results (PROFILE=demo|open|paper  DATA_DIR=folder  LAUNCHER=processes|sequence|slurm  ARGS="hydra overrides")

.PHONY: reproduce-all
reproduce-all: results/$(PROFILE)/index.html ## every paper: tables, figures, verdicts, claims, and the report
	@$(PYTHON) -m reproduction.report.summary $(PROFILE) $(PAPERS)
	@echo "Report: $<"

WRITE_PAGE = $(PYTHON) -m reproduction.report.html $(PROFILE) $(PAPERS)
PAGE_DEPENDS := runs/$(PROFILE)/depends/page.txt
$(PAGE_DEPENDS): FORCE .venv/installed
	@$(PYTHON) -m reproduction.stages --page $@

results/$(PROFILE)/index.html: $(PAPERS:%=results/$(PROFILE)/%/provenance.json) $(PAPERS:%=experiments/%/README.md) $(PAGE_DEPENDS)
	$(BECAUSE)
	@$(WRITE_PAGE)

.PHONY: report
report: .venv/installed ## only the report, from the files in results/PROFILE
	@$(WRITE_PAGE)

# The graph of one paper. Stages run in this order: inventory (corpora), train, explain, checks,
# tables, figures, claims; a stage imports only from stages before it. Each depends on the results of
# the stage before it and on depends/<stage>.txt: its part of the configuration, its code and the
# packages. Every file is written to a temporary name and renamed, so a stage that fails leaves all
# earlier results as they were; make must not delete any.
define PAPER_RULES
include experiments/$(1)/targets.mk
$(1)_RUN := runs/$(PROFILE)/$(1)
$(1)_RESULTS := results/$(PROFILE)/$(1)
$(1)_TABLES := $$($(1)_TABLES:%=results/$(PROFILE)/$(1)/tables/%)
$(1)_FIGURES := $$($(1)_FIGURES:%=results/$(PROFILE)/$(1)/figures/%)
$(1)_CHECKED := $$($(1)_CHECKS:%=runs/$(PROFILE)/$(1)/%.csv)
$(1)_JUDGED := $$(addprefix $$($(1)_RESULTS)/,verdicts.csv claims.csv)
$(1)_DEPENDS := $$(addprefix $$($(1)_RUN)/depends/,$$(addsuffix .txt,\
  inventory train explain $$($(1)_CHECKS:%=checks/%) tables figures claims \
  $$(notdir $$(wildcard experiments/$(1)/comparison))))
.PRECIOUS: $$($(1)_TABLES) $$($(1)_FIGURES) $$($(1)_CHECKED) $$($(1)_JUDGED)

.PHONY: $(1)
$(1): $$($(1)_RESULTS)/provenance.json
	@$(PYTHON) -m reproduction.report.summary $(PROFILE) $(1)

$$($(1)_RUN)/config.yaml $$($(1)_DEPENDS) &: FORCE .venv/installed
	@$(PYTHON) -m reproduction.stages paper=$(1) $$(OVERRIDES)

$$($(1)_RUN)/corpora.json: $$($(1)_RUN)/depends/inventory.txt $(RECORDS)
	$$(BECAUSE)
	@$(STAGE) reproduction.inventory paper=$(1) $$(OVERRIDES)

$$($(1)_RUN)/trained.txt: $$($(1)_RUN)/corpora.json $$($(1)_RUN)/depends/train.txt
	$$(BECAUSE)
	@$(PYTHON) -m reproduction.train paper=$(1) $$(OVERRIDES)
	@touch $$@

# Rewritten by the stage before only where a job was done anew.
$$($(1)_RUN)/jobs.txt: $$($(1)_RUN)/trained.txt ;

$$($(1)_RUN)/explained.txt: $$($(1)_RUN)/jobs.txt $$($(1)_RUN)/depends/explain.txt
	$$(BECAUSE)
	@$(STAGE) experiments.$(1).explain paper=$(1) $$(OVERRIDES)
	@touch $$@

$$($(1)_CHECKED): $$($(1)_RUN)/%.csv: $$($(1)_RUN)/explained.txt $$($(1)_RUN)/depends/checks/%.txt
	$$(BECAUSE)
	@$(STAGE) experiments.$(1).checks.$$* paper=$(1) $$(OVERRIDES)

$$($(1)_TABLES) &: $$($(1)_CHECKED) $$($(1)_RUN)/explained.txt $$($(1)_RUN)/depends/tables.txt
	$$(BECAUSE)
	@$(STAGE) experiments.$(1).tables paper=$(1) $$(OVERRIDES)

$$($(1)_FIGURES) &: $$($(1)_TABLES) $$($(1)_RUN)/depends/figures.txt
	$$(BECAUSE)
	@$(STAGE) experiments.$(1).figures paper=$(1) $$(OVERRIDES)

$$($(1)_JUDGED) &: $$($(1)_TABLES) $$($(1)_RUN)/depends/claims.txt
	$$(BECAUSE)
	@$(STAGE) experiments.$(1).claims paper=$(1) $$(OVERRIDES)

$$($(1)_RESULTS)/provenance.json: $$($(1)_FIGURES) $$($(1)_JUDGED)
	@$(STAGE) reproduction.results.provenance paper=$(1) $$(OVERRIDES)

# One target a table or figure, by its name: make $(1)/accuracy.csv
.PHONY: $$(addprefix $(1)/,$$(notdir $$($(1)_TABLES) $$($(1)_FIGURES)))
$$(foreach result,$$($(1)_TABLES) $$($(1)_FIGURES),$$(eval $(1)/$$(notdir $$(result)): $$(result)))
endef
$(foreach paper,$(PAPERS),$(eval $(call PAPER_RULES,$(paper))))

# Explainers and model-free controls on the networks that the papers have trained. It is no paper but
# is made like one: measured (a job a network, finished ones skipped), summarised, drawn.
COMPARISON_SOURCE := experiments/baselines
-include $(COMPARISON_SOURCE)/compared.mk
COMPARED := runs/$(PROFILE)/baselines
COMPARISON := results/$(PROFILE)/baselines
COMPARISON_TABLES := $(baselines_TABLES:%=$(COMPARISON)/tables/%)
COMPARISON_FIGURES := $(baselines_FIGURES:%=$(COMPARISON)/figures/%)
COMPARISON_DEPENDS := $(addprefix $(COMPARED)/depends/,measure.txt tables.txt figures.txt)
.PRECIOUS: $(COMPARISON_TABLES) $(COMPARISON_FIGURES)

.PHONY: compare-baselines
compare-baselines: $(COMPARISON)/provenance.json ## explainers beside model-free controls; classifiers beside simple ones
	@$(WRITE_PAGE)
	@echo "Tables and figures: $(COMPARISON)/"

$(COMPARED)/config.yaml $(COMPARISON_DEPENDS) &: FORCE .venv/installed
	@$(PYTHON) -m reproduction.stages paper=baselines $(OVERRIDES)

OF_PAPERS := $(patsubst experiments/%/comparison,runs/$(PROFILE)/%,$(wildcard experiments/*/comparison))
$(COMPARED)/measured.txt: $(OF_PAPERS:%=%/jobs.txt) $(OF_PAPERS:%=%/depends/comparison.txt) $(COMPARED)/depends/measure.txt
	$(BECAUSE)
	@$(STAGE) experiments.baselines.measure paper=baselines $(OVERRIDES)
	@touch $@

$(COMPARISON_TABLES) &: $(COMPARED)/measured.txt $(COMPARED)/depends/tables.txt
	$(BECAUSE)
	@$(STAGE) experiments.baselines.tables paper=baselines $(OVERRIDES)

$(COMPARISON_FIGURES) &: $(COMPARISON_TABLES) $(COMPARED)/depends/figures.txt
	$(BECAUSE)
	@$(STAGE) experiments.baselines.figures paper=baselines $(OVERRIDES)

$(COMPARISON)/provenance.json: $(COMPARISON_FIGURES)
	@$(STAGE) experiments.baselines.provenance paper=baselines $(OVERRIDES)

.PHONY: $(addprefix baselines/,$(baselines_TABLES) $(baselines_FIGURES))
$(foreach result,$(COMPARISON_TABLES) $(COMPARISON_FIGURES),$(eval baselines/$(notdir $(result)): $(result)))

METHOD ?= lrp
.PHONY: explain
explain: .venv/installed ## explain a recording of your own: AUDIO=clip.wav MODEL=folder-or-yaml [METHOD=lrp] [TARGET=class]
	@$(PYTHON) -m reproduction.commands.explain explainer=$(METHOD) $(ARGS)

.PHONY: list
list: ## the names of all tables and figures
	@printf '%s\n' $(foreach p,$(PAPERS) baselines,$(addprefix $(p)/,$(notdir $($(p)_TABLES) $($(p)_FIGURES))))

CORPORA = $(sort $(foreach p,$(PAPERS),$($(p)_CORPORA_$(PROFILE))))
MUSIC = $(sort $(foreach p,$(PAPERS),$($(p)_MUSIC_$(PROFILE))))
WEIGHTS = $(sort $(foreach p,$(PAPERS),$($(p)_WEIGHTS_$(PROFILE))))
.PHONY: data
data: .venv/installed ## download and prepare the corpora of PROFILE into DATA_DIR
	@$(if $(CORPORA),$(PYTHON) scripts/prepare_corpora.py --data-dir $(DATA_DIR) $(CORPORA),\
	  echo "PROFILE=$(PROFILE) synthesises its sounds: nothing to download")
	@$(if $(MUSIC),$(PYTHON) scripts/fetch_music.py --data-dir $(DATA_DIR) $(MUSIC))
	@$(if $(WEIGHTS),$(PYTHON) scripts/fetch_weights.py --data-dir $(DATA_DIR) $(WEIGHTS))

##@ Development

.PHONY: install
install: .venv/installed ## .venv from requirements.lock (all other targets do this themselves)
.venv/installed: requirements.lock pyproject.toml
	@echo "installing the packages of requirements.lock into .venv (several GB, minutes)"
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: Python 3.11 or newer is needed")'
	@python3 -m venv .venv
	@$(PYTHON) -m pip install --quiet --require-hashes -r requirements.lock
	@$(PYTHON) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: test
test: .venv/installed ## the whole test suite in two processes (with ARGS for pytest, in one)
	@$(PYTHON) -m pytest $(or $(ARGS),-n 2)

.PHONY: browser
browser: ## install Debian's Chromium, for the tests of the report (as root)
	@command -v chromium || { apt-get update --quiet=2 && \
	  DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends chromium; }

.PHONY: lint
lint: .venv/installed ## ruff, mypy and the direction of imports
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-logo

.PHONY: lock
lock: ## update requirements.lock after a change of pyproject.toml (needs uv)
	@uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --all-extras --python-version 3.11 pyproject.toml -o requirements.lock
	@$(PYTHON) scripts/write_environment.py

.PHONY: bench
bench: .venv/installed ## speed relative to zennit, captum, shap and lime, into results/benchmarks/
	@$(PYTHON) scripts/bench_training.py
	@$(PYTHON) scripts/bench_explain.py
	@$(PYTHON) scripts/bench_tagging.py

.PHONY: readme
readme: .venv/installed ## write the table of verdicts in README.md from results/
	@$(PYTHON) -m reproduction.report.overview README.md $(PAPERS)

.PHONY: clean
clean: ## remove runs/ (trainings, explanations, synthesised corpora); keeps results/
	rm -rf runs

.PHONY: help
help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' Makefile
	@printf '\nPapers\n'
	@$(foreach p,$(PAPERS),printf '  %-17s %s\n' '$(p)' '$($(p)_TITLE)';)
	@printf '  %-17s %s\n' '<paper>/<name>' 'one table or figure, see make list'

.PHONY: FORCE
FORCE:
