BUN := node_modules/.bin/bun
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: setup build ## Run the demo: a Laravel chat, served by Revurb
	@demo/run

test: setup-test build ## Run every check and every test
	@$(BUN) test/run.ts

unit: setup build ## Run the tests that need no service, no network and no browser
	@$(BUN) test/run.ts unit

check: setup-test ## Format, types and static analysis, nothing else
	@$(BUN) test/run.ts check

compat: setup-test build ## Play the recordings of the real Reverb against this server
	@$(BUN) test/run.ts compat

fuzz: setup-test build ## Send malformed requests and frames to a live server for a minute (FUZZ="--seconds 600" for ten)
	@$(BUN) test/fuzz/run.ts $(FUZZ)

soak: setup-test build ## Open and close a million connections, with restarts: memory and descriptors must not grow (SOAK=--help)
	@$(BUN) test/soak/run.ts $(SOAK)

attack: setup build ## Flood a live server, and measure the latency of its other clients (ATTACK=--help for more)
	@$(BUN) test/attack/run.ts $(ATTACK)

bench: setup build ## Load this server and others side by side (BENCH=--full for all workloads, BENCH=--help for more)
	@$(BUN) bench/run.ts $(BENCH)

differences: setup ## Write docs/differences.md anew
	@$(BUN) bin/differences.ts

schema: setup ## Write anew what comes from src/config/schema: tables of docs/, php-bridge/Bridge/Schema.php
	@$(BUN) bin/schema.ts

bun-release: setup ## Write anew which Bun reverb:bun --install stores, with its SHA-512 from npm (BUN_RELEASE=--compare asks GitHub)
	@$(BUN) bin/bun-release.ts $(BUN_RELEASE)

tested-with: setup-test ## Write docs/tested-with.md anew, with the versions on this machine
	@$(BUN) bin/tested-with.ts --record

docs: setup-docs ## Build the documentation as a site with search, build/docs (DOCS=--serve to read it, DOCS=--help for more)
	@$(BUN) bin/docs.ts $(DOCS)

build: setup dist/revurb.js ## Bundle the server into dist/revurb.js

dist/revurb.js: package.json package-lock.json bin/build.ts $(shell find src bin/lib/release -name '*.ts')
	@$(BUN) run --silent build

# With packages that are installed anew: npm compares their hashes then, and nobody has changed them since.
release: ## Check, test and write a release: build/release, its archive and notes (RELEASE=--help for more)
	@rm -f node_modules/.installed-all
	@bin/setup test
	@bin/release $(RELEASE)

setup: ## Install what the demo needs
	@bin/setup

setup-docs:
	@bin/setup docs

setup-test:
	@bin/setup test

.PHONY: help demo test unit check compat fuzz soak attack bench differences schema bun-release tested-with docs build release setup setup-docs setup-test
