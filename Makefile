# Every command of this project. `make run` and `make test` do all the set-up they need.
.PHONY: run test check lint format build release dist verify-dist bench chaos soak crash fuzz tsan asan clean setup reference clients

SWIFT_FLAGS ?=
# Two compilers at a time are what small machines bear.
JOBS ?= 2

run: setup  ## Build and start the gateway
	@swift build $(SWIFT_FLAGS) --jobs $(JOBS) --product alula
	@exec "$$(swift build $(SWIFT_FLAGS) --show-bin-path)/alula" gateway run

test: setup  ## Run every test
	swift build $(SWIFT_FLAGS) --jobs $(JOBS) --build-tests
	@Scripts/test.sh $(SWIFT_FLAGS)
	@SWIFT_FLAGS="$(SWIFT_FLAGS)" Scripts/clients.sh

clients: build  ## Let published clients of the protocol drive the built gateway
	@SWIFT_FLAGS="$(SWIFT_FLAGS)" Scripts/clients.sh

check: setup  ## Everything that CI checks, in the same order
	@Scripts/check.sh

lint:  ## Check the format of every source file
	@swift format lint --strict --recursive --parallel --configuration .swift-format Package.swift Sources Tests Benchmarks Fuzz

format:  ## Bring every source file into the house's format
	@swift format --in-place --recursive --parallel --configuration .swift-format Package.swift Sources Tests Benchmarks Fuzz

build: setup
	@swift build $(SWIFT_FLAGS) --jobs $(JOBS)

release: setup  ## One static, stripped binary in .build/release
	@swift build -c release --static-swift-stdlib --jobs $(JOBS) --product alula
	@strip "$$(swift build -c release --static-swift-stdlib --show-bin-path)/alula"

dist: setup  ## What people install: archive, .deb and checksums in dist/
	@Scripts/dist.sh

verify-dist:  ## Unpack and use what is in dist/, and let broken packages be refused
	@Scripts/verify-dist.sh --test

bench: setup  ## Measure the gateway against a naive one, side by side; ONLY=load,edits for some parts
	@Scripts/bench.sh $(if $(ONLY),--only $(ONLY))

chaos: setup  ## Run the gateway under every fault alone and under all together
	@Scripts/chaos.sh

soak: setup  ## Keep the gateway busy with everything at once, and look for what is wrong or left behind (SOAK_SECONDS=600)
	@Scripts/soak.sh

crash: setup  ## Kill the program in the middle of everything that it writes; CRASH_ROUNDS=10000 for longer
	@SWIFT_FLAGS="$(SWIFT_FLAGS)" Scripts/crash.sh

tsan: setup  ## Run the tests under the thread sanitizer (half an hour)
	@Scripts/sanitize.sh thread

asan: setup  ## Run the tests under the address sanitizer (half an hour)
	@Scripts/sanitize.sh address

fuzz: setup  ## Let libFuzzer look for inputs that break a property (SECONDS=60, TARGET=json5)
	@FUZZ_TARGET="$(or $(TARGET),$(FUZZ_TARGET))" FUZZ_SECONDS="$(or $(SECONDS),$(FUZZ_SECONDS))" Scripts/fuzz.sh

reference: build  ## Write the generated pages anew
	@Scripts/reference.sh

setup:
	@Scripts/setup.sh

clean:
	@swift package clean
