# Two commands: 'make demo' shows Fairlead at work, 'make test' checks all of it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MVN := mvn --batch-mode --no-transfer-progress
JAR := operator/target/fairlead.jar
ARCHIVE := operator/target/fairlead.jsa
# The rest is about Git, or compares Fairlead with tools of the newest Kubernetes.
OLDEST := ControlPlaneIT,CrdIT,ApiServerIT,DiscoveryIT,ResourceWatchIT,ServerRestartIT,LeaderIT,MainJobIT,FaultTableIT,MovesIT,DeletionIT,OwnershipIT,DependentChangeIT,MistakesIT,WavesIT,DependsOnIT,RollbackIT,PlanModeIT,TenantsIT,RecoveryIT,InstallIT,StartIT,CommandLineIT
# What depends on how objects, watches and old revisions are kept, which K3s leaves to kine.
K3S := K3sIT,ControlPlaneIT,SelfManagedIT,MainJobIT,CommandLineIT,VerifyIT,WatchLagIT,LateDiscoveryIT,DeletionIT,LeaderIT

.PHONY: help
help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{printf "  make %-17s %s\n", $$1, $$2}'

.PHONY: demo
demo: build testbed ## Show Fairlead at work, every step checked; KEEP=1 leaves it running
	@testbed/demo $(if $(filter-out 0 no false,$(KEEP)),--keep)

.PHONY: test
test: require $(ARCHIVE) testbed helm ## Every check: format, static analysis, unit and integration tests
	@$(MVN) verify

.PHONY: fuzz
fuzz: require testbed ## The tests with random cases, with a new seed and more of them; SEED=n repeats, EFFORT=20 how many times more
	@$(MVN) verify -pl operator -Dfairlead.seed=$(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d " ")) -Dfairlead.effort=$(or $(EFFORT),20) \
	  -Dtest='GoDurationTest,StatusPatchTest,StatusJsonTest,ProtocolFuzzTest' -Dit.test='YamlDifferentialIT,HealthDifferentialIT,SchemaFuzzIT'

.PHONY: chaos
chaos: require $(ARCHIVE) ## The test that tries to break it, with fixed seeds; CHAOS=1h goes on with new ones for so long, SEED=n repeats one
	@$(MVN) verify -pl operator -Dit.test=ChaosIT -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dfairlead.chaos=$(or $(CHAOS),short) $(if $(SEED),-Dfairlead.seed=$(SEED))

.PHONY: test-gitea
test-gitea: require testbed ## Git over http and ssh, and webhooks, with a real Gitea, which is built first: some minutes, once
	@testbed/gitea/build
	@$(MVN) verify -pl operator -Dit.test='Gitea*IT' -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: test-oldest
test-oldest: require ## What speaks to Kubernetes, with the oldest one that is supported, which is built first: some minutes, once
	@KUBEBUILDER_ASSETS="$$(testbed/oldest/build)"; export KUBEBUILDER_ASSETS; testbed/build; $(MVN) verify -pl operator -Dit.test='$(OLDEST)' -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: test-k3s
test-k3s: require ## With the parts of K3s that concern Fairlead, which are built first: some minutes, once
	@KUBEBUILDER_ASSETS="$$(testbed/k3s/build)"; export KUBEBUILDER_ASSETS; testbed/build; $(MVN) verify -pl operator -Dit.test='$(K3S)' -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: test-node
test-node: testbed ## Fairlead as a pod of a real node, which is built first: some minutes, once; as root
	@testbed/node/build >/dev/null
	@$(MAKE) --no-print-directory image ARCH=$(shell dpkg --print-architecture 2>/dev/null)
	@# One after the other: there is one node.
	@for class in NodeIT NodePolicyIT; do \
	  $(MVN) verify -pl operator -Dit.test=$$class -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false; done

.PHONY: bench
bench: $(ARCHIVE) ## Measure it, docs/benchmarks.md says what; ROWS=name,name selects, RUNS=3 how often
	@testbed/bin/bench --home . --out operator/target/bench.jsonl --rows "$(ROWS)" --runs $(or $(RUNS),3)

.PHONY: archive
archive: $(ARCHIVE) ## Build the AppCDS archive, with which ./fairlead starts faster and takes less memory

$(ARCHIVE): $(JAR) | testbed
	@testbed/bin/bench --home . --archive $(ARCHIVE)

.PHONY: image
image: build ## Build the container images for amd64 and arm64, without a Docker daemon; ARCH=amd64 builds one
	@$(MVN) -q -pl operator cyclonedx:makeBom
	@image/build $(ARCH)

.PHONY: image-lock
image-lock: ## Write image/packages.lock: the newest Debian packages for the image
	@image/debs lock

.PHONY: image-classes
image-classes: testbed ## Write image/classes.txt: what the AppCDS archive of the image holds; after 'make image', as root
	@image/classes

OWN_ARCH = $(shell dpkg --print-architecture 2>/dev/null)
IMAGE_TEST = $(MVN) verify -pl operator -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: test-image
test-image: testbed helm ## Run the image by runc as the installed Deployment says, and measure it; as root; ARCH=arm64: under qemu, not measured
	@testbed/runc
	@$(MAKE) --no-print-directory image ARCH=$(or $(ARCH),$(OWN_ARCH))
	@$(IMAGE_TEST) -Dit.test=ImageIT -Dfairlead.image=fairlead-image-$(or $(ARCH),$(OWN_ARCH)).tar
	@[[ "$(or $(ARCH),$(OWN_ARCH))" != "$(OWN_ARCH)" ]] || $(IMAGE_TEST) -Dit.test=ImageFootprintIT

.PHONY: test-dockerfile
test-dockerfile: testbed helm ## Build the Dockerfile without Docker, compare it with 'make image' and run it; as root
	@testbed/runc
	@$(MAKE) --no-print-directory image ARCH=$(OWN_ARCH)
	@testbed/dockerfile
	@$(IMAGE_TEST) -Dit.test='ImageIT,!ImageIT#is_labelled*' -Dfairlead.image=fairlead-dockerfile.tar

.PHONY: test-reproducible
test-reproducible: require ## Build the image twice, in different places, and compare the two; ARCH=arm64
	@testbed/reproducible $(ARCH)

.PHONY: require
require: ## Say what is missing on this machine
	@testbed/require

.PHONY: build
build: require $(JAR) ## Build the jar that ./fairlead runs

# The directories too: they are younger when a file was removed. The jar has the modes of its files.
$(JAR): pom.xml operator/pom.xml manifests/install.yaml $(shell find operator/src/main)
	@echo "Building $(JAR): a minute or two"
	@umask 022; $(MVN) -q -pl operator package -Dmaven.test.skip=true
	@touch $(JAR)

.PHONY: testbed
testbed: require ## Build the real control plane that tests and the demo run against
	@testbed/build

.PHONY: helm
helm: require ## Build the Helm that the chart is rendered and checked with
	@testbed/helm/build >/dev/null

.PHONY: format
format: ## Format the Java sources
	@$(MVN) -q -pl operator test-compile exec:exec@check-format -Dformat.mode=write

.PHONY: crd
crd: ## Write manifests/crd.yaml from the types in dev.fairlead.api
	@$(MVN) -q -pl operator compile dependency:copy@crd-generator exec:exec@crd -Dcrd.mode=write

.PHONY: manifests
manifests: crd ## Write manifests/install.yaml and the chart's copy of the CRD
	@cp manifests/crd.yaml charts/fairlead/crd.yaml
	@testbed/helm/render >manifests/install.yaml.new && mv manifests/install.yaml.new manifests/install.yaml
