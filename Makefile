# The front door.  Meson builds (meson.build); this file gives the ways in their names.
# `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := build

# The lock file pins a Node of its own, which stands before the system's.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

build_dir := build
minutes := $(or $(MINUTES),1)
seeds := $(or $(SEEDS),200)
kills := $(or $(KILLS),1000)

.PHONY: help build demo example test check fuzz sim torture coverage analyze planted bench eval-terms format install clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

$(build_dir)/build.ninja:
	meson setup $(build_dir)

build: $(build_dir)/build.ninja ## the program, optimised: build/src/takt
	ninja -C $(build_dir) programs

demo: ## set up, build, and make a lesson from an example brief
	@tools/setup demo
	@tools/demo

example: ## set up, build, and run the night shift: five agents, one workflow, a service that fails
	@tools/setup test
	@$(MAKE) --no-print-directory build
	@examples/night-shift/run.sh

test: ## set up, then everything that must be green: all stages of tools/test
	@tools/setup test
	@tools/test

check: ## the rules of the house, in seconds: arrows, headers, format, calls, statements
	@tools/check

fuzz: ## run every fuzz target for MINUTES=1 each
	@tools/fuzz $(minutes)

sim: $(build_dir)/build.ninja ## run the simulations on SEEDS=200 new seeds, or on a range: SEEDS=1000-1999
	@ninja -C $(build_dir) simulations
	@tools/sim --seeds $(seeds)

torture: build ## kill -9 of server, workers and supervisor under load, KILLS=1000 times
	@ninja -C $(build_dir) crash
	@TAKT_KILLS=$(kills) /usr/bin/python3 -m pytest -q -p no:cacheprovider -n 2 tests/crash/test_crash.py -k kills

coverage: ## the lines that the tests reach, and that they are enough
	@tools/setup test
	@tools/coverage

analyze: ## read the sources for bugs: cppcheck, gcc -fanalyzer, clang-tidy
	@tools/setup test
	@tools/analyze

planted: ## plant bugs, one after the other: the tests must find each
	@tools/planted

bench: build ## takt beside beanstalkd, BullMQ, RabbitMQ, graphile-worker, pg-boss: docs/benchmarks.md
	@tools/bench $(if $(ROUNDS),--rounds $(ROUNDS))

eval-terms: build ## key terms against glossaries: TEXTS=folder of .txt and .gold, or Debian's books in BOOKS=/
	python3 tests/bench/eval_terms.py $(build_dir)/src/makers/lesson/takt-maker-lesson $(if $(TEXTS),--texts $(TEXTS),$(or $(BOOKS),/))

format: ## clang-format on every C file
	git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

install: build ## meson install; PREFIX= at set-up time, DESTDIR= as usual
	meson install -C $(build_dir) --no-rebuild

clean: ## remove what was built
	rm -rf build build-asan build-asan-clang build-tsan build-planted build-coverage build-fuzz build-check out
