# Two commands: 'make demo' shows Fairlead at work, 'make test' checks all of it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MVN := mvn --batch-mode --no-transfer-progress

.PHONY: help
help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: format
format: ## Format the Java sources
	@$(MVN) -q -pl operator test-compile exec:exec@check-format -Dformat.mode=write

.PHONY: crd
crd: ## Write manifests/crd.yaml from the types in dev.fairlead.api
	@$(MVN) -q -pl operator compile dependency:copy@crd-generator exec:exec@crd -Dcrd.mode=write
