# SPDX-License-Identifier: GPL-2.0-only
# The tests. All print TAP, and prove runs them.

.PHONY: check check-unit check-vm fuzz litmus soak
INTERNAL += run-check debian-package

# --- unit tests and fuzzers, three ways to build them --------------------------------------------

# For each of FLAVOURS: the directory of the sources; which of them are programs, because all files beside these are
# linked into each of them; how all of it is compiled, and what only compiling and only linking take.
SANITIZED := -fsanitize=address,undefined -fno-sanitize-recover=all

# Objects that no test changed are the same in any clone: ccache has them, beside those of the kernels (vm/README.md).
KEPT := $(or $(IPIMUX_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ipimux-trace)/ccache
CCACHE := $(if $(shell test -w $(call quote,$(KEPT)) && command -v ccache),CCACHE_DIR=$(call quote,$(KEPT)) \
	CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=3G ccache)

unit_FROM := tests/unit
unit_MAINS := $(wildcard tests/unit/*/test-*.c)
unit_CC := $(CC) $(CFLAGS_ALL) -Itests/unit -g -O1 $(SANITIZED)
unit_LIBS := -lcmocka -ljansson -lz -lzstd -lm -lpthread

# The same without sanitizers, for valgrind, which looks for what was never written, too.
plain_FROM := $(unit_FROM)
plain_MAINS := $(unit_MAINS)
plain_CC := $(CC) $(CFLAGS_ALL) -Itests/unit -g -O1
plain_LIBS := $(unit_LIBS)

# Small machines only, so that it can try many.
fuzz_FROM := tests/fuzz
fuzz_MAINS := $(wildcard tests/fuzz/*.c)
fuzz_CC := $(CLANG) $(CFLAGS_ALL) -g -O1 $(SANITIZED) -DRECORDING_MAX_COUNTERS=16384
fuzz_COMPILE := -fsanitize=fuzzer-no-link
fuzz_LINK := -fsanitize=fuzzer
fuzz_LIBS := -ljansson -lz -lzstd -lm

# flavour NAME: the pure part of src/, and the programs, in build/tests/NAME
define flavour
$(1)_PROGRAMS := $$($(1)_MAINS:$($(1)_FROM)/%.c=build/tests/$(1)/%)
$(1)_OBJECTS := $(PURE_SOURCES:src/%.c=build/tests/$(1)/src/%.o) \
	$$(patsubst $($(1)_FROM)/%.c,build/tests/$(1)/%.o,$$(filter-out $$($(1)_MAINS),$$(wildcard $($(1)_FROM)/*.c)))
$(1)_COMPILED = $$(call say,CC,$$@)$$(CCACHE) $$($(1)_CC) $$($(1)_COMPILE) -MMD -MP -c -o $$@ $$<

$$($(1)_PROGRAMS): build/tests/$(1)/%: $($(1)_FROM)/%.c $$($(1)_OBJECTS) build/tests/$(1)/linked $(TEST_RULES)
	@mkdir -p $$(@D)
	$$(call say,TEST,$$@)$$($(1)_CC) $$($(1)_LINK) -MMD -MP -o $$@ $$< $$($(1)_OBJECTS) $$($(1)_LIBS)

build/tests/$(1)/src/%.o: src/%.c $(TEST_RULES)
	@mkdir -p $$(@D)
	$$($(1)_COMPILED)

build/tests/$(1)/%.o: $($(1)_FROM)/%.c $(TEST_RULES)
	@mkdir -p $$(@D)
	$$($(1)_COMPILED)

$$($(1)_OBJECTS): | $(MADE_HEADERS)
-include $$($(1)_OBJECTS:.o=.d) $$($(1)_PROGRAMS:=.d)
$$(eval $$(call linked,build/tests/$(1)/linked,$$($(1)_OBJECTS)))
endef
$(foreach name,$(FLAVOURS),$(eval $(call flavour,$(name))))

UNIT_TESTS := $(unit_PROGRAMS)
PLAIN_TESTS := $(plain_PROGRAMS)
FUZZERS := $(fuzz_PROGRAMS)

# Makes pages for tests/tree/report.t.
build/tests/browser/page: tests/browser/page.c $(unit_OBJECTS) build/tests/unit/linked $(TEST_RULES)
	@mkdir -p $(@D)
	$(call say,TEST,$@)$(unit_CC) -MMD -MP -o $@ $< $(unit_OBJECTS) $(unit_LIBS)

-include build/tests/browser/page.d

# --- all of them ---------------------------------------------------------------------------------

VM_TESTS := $(sort $(wildcard tests/vm/*/*.t))
TREE_TESTS := $(sort $(wildcard tests/tree/*.t))
# What those in guests need, which guest.mk makes, and what `check` needs besides.
VM_NEEDS = $(BUILT)/static/ipimux-trace $(GUEST_PROGRAMS) $(REFUSED_TOOLS) $(KMODS) build/bench/floor build/bench/cputime guest-kernels
CHECK_NEEDS := $(if $(ALL),$(PLAIN_TESTS)) $(FUZZERS) build/tests/browser/page pages debian-package

# As many at a time as the make that runs this was told, or JOBS. ALL=1: what tests leave out, too, each says what.
check: packages
	@$(MAKE) $(AGAIN) $(if $(filter -j%,$(MAKEFLAGS)),,--jobs=$(JOBS)) run-check

# All in one, so that there is one last line.
run-check: all $(VM_NEEDS) $(UNIT_TESTS) $(CHECK_NEEDS)
	$(Q)tests/keep --forget
	$(Q)MAKEFLAGS= $(PROVE) --timer --jobs $(JOBS) --exec tests/keep $(UNIT_TESTS) $(TREE_TESTS) $(VM_TESTS) || \
		{ tests/keep; false; }

check-unit: $(UNIT_TESTS)
	$(Q)$(PROVE) --exec '' $(UNIT_TESTS)

check-vm: all $(VM_NEEDS)
	$(Q)$(PROVE) --timer --jobs $(JOBS) $(VM_TESTS)

debian-package: packages
	@vm/build-debian >/dev/null && { vm/build-package >/dev/null || [ $$? = 77 ]; }

litmus:
	$(Q)tests/litmus/run $(if $(KERNEL_SRC),--kernel $(call quote,$(KERNEL_SRC)))

soak: all $(GUEST_PROGRAMS) build/kmod/broken/ipimux-stimulus.ko
	$(Q)vm/build-kernel debug >/dev/null
	$(Q)SOAK_SECONDS=$(SECONDS) ALL=1 $(PROVE) --verbose --timer $(addprefix tests/vm/,audit/soak.t audit/quiet.t \
		audit/frozen.t audit/early.t places/limits.t audit/matrix-broken.t)

# What it finds that is new stays in build/tests/fuzz/corpus, what breaks something in build/tests/fuzz.
fuzz: $(FUZZERS)
	$(Q)FUZZ_SECONDS=$(SECONDS) $(PROVE) --verbose --timer tests/tree/fuzz.t
