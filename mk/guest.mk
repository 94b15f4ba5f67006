# SPDX-License-Identifier: GPL-2.0-only
# The guest, and what runs in it: programs, the stimulus module, the demonstrations, the benchmark.

.PHONY: packages demo diagnose bench
INTERNAL += run-demo run-diagnose run-bench guest-kernels

# A guest is a RISC-V machine, also where the tool can be built for this one.
FOR_GUESTS := demo run-demo diagnose run-diagnose bench run-bench check run-check check-vm soak
ifeq ($(BUILT),build/native)
ifneq ($(filter $(FOR_GUESTS),$(MAKECMDGOALS)),)
$(error make $(firstword $(filter $(FOR_GUESTS),$(MAKECMDGOALS))) runs RISC-V guests, which need no CROSS=)
endif
endif

# Once, whatever is made. A make that a test runs looks for itself.
packages:
	@$(if $(filter command,$(origin PACKAGES_SEEN)),,scripts/install-packages)

# For a make of its own: what was just installed changes what this one looked up.
AGAIN := --no-print-directory PACKAGES_SEEN=1

# --- programs ------------------------------------------------------------------------------------

GUEST_PROGRAMS := $(patsubst tests/guest/%.c,build/tests/guest/%,$(wildcard tests/guest/*.c))
ADD_PROGRAMS := $(foreach program,$(GUEST_PROGRAMS),--add $(program):/usr/bin/$(notdir $(program)))

build/tests/guest/%: tests/guest/%.c $(GUEST_RULES) | $(BUILT)/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(TOOL_LINK) $(CFLAGS_ALL) $(CFLAGS) -o $@ $< -lpthread

# It has what the tool has, and asks for it directly.
build/tests/guest/switches: tests/guest/switches.c $(filter-out %/ipimux-trace.o,$(TOOL_OBJECTS)) \
		$(BUILT)/linked $(GUEST_RULES)
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(TOOL_LINK) $(CFLAGS_ALL) $(CFLAGS) -o $@ $(filter %.c %.o,$^) $(TOOL_LIBS)

# The stimulus module, for each guest kernel that is tested with it. A module fits one kernel only; which that is,
# build-kernel knows.
KMODS := $(patsubst %,build/kmod/%/ipimux-stimulus.ko,patched broken instrumented nobtf linux-7.2 stock)
build/kmod/%/ipimux-stimulus.ko: $(wildcard tests/kmod/*) guest-kernels
	$(call say,KMOD,$@)vm/build-module $* tests/kmod $(@D) || [ $$? = 77 ]

# Before prove starts, because it would hide how far they are. 77: the source cannot be fetched here; the
# tests that need that kernel skip.
guest-kernels: packages
	@for kernel in $(filter-out %~,$(notdir $(wildcard vm/kernels/*))); do \
		vm/build-kernel $$kernel >/dev/null || [ $$? = 77 ] || exit 1; \
	done
	@for image in $(filter-out %~,$(notdir $(wildcard vm/images/*))); do \
		vm/build-image $$image >/dev/null || [ $$? = 77 ] || exit 1; \
	done

# --- tools that the verifier refuses -------------------------------------------------------------

# The tool, each time with one object of bpf/ that the verifier refuses: tests/refused/refused.bpf.c is behind all
# that is in the object, and the source that has its skeleton finds the skeleton of that first. The senders are sampled
# by one of three objects: all are refused.
REFUSED_MORE_senders := senders_context senders_kprobe
REFUSED := $(filter-out $(addprefix %:,$(REFUSED_MORE_senders)),$(SKELETONS))
REFUSED_TOOLS := $(foreach pair,$(REFUSED),build/tests/guest/refused-$(call skeleton_of,$(pair)))
build/tests/refused/fentry/%.bpf.o: BPF_CPU := v3
build/tests/refused/ipimux/%.bpf.o: REFUSED_FLAGS := -DREFUSED_DEEP
build/tests/refused/%.bpf.o: tests/refused/refused.bpf.c $(wildcard bpf/*) vmlinux.h $(GUEST_RULES) | \
		$(BUILT)/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,BPF,$@)$(CLANG) -target bpf -mcpu=$(BPF_CPU) -g -O2 -Wall -I. $(BPF_INCLUDE) \
		$(NO_PATHS) $(REFUSED_FLAGS) -include bpf/$(*F).bpf.c -c -o $@ $<

# refused_tool OBJECT SOURCE MORE: src/SOURCE.c has the skeleton of OBJECT, and those of MORE
define refused_tool
build/tests/refused/$(1)/source.o: src/$(2).c $(patsubst %,build/tests/refused/$(1)/%.skel.h,$(1) $(3)) \
		$(BUILT)/src/$(2).o
	$$(call say,CC,$$@)$$(TOOL_CC) $$(CFLAGS_ALL) $$(CFLAGS) $$(NO_PATHS) -I$$(@D) -Ibuild/bpf -c -o $$@ $$<

build/tests/guest/refused-$(1): build/tests/refused/$(1)/source.o $(filter-out $(BUILT)/src/$(2).o,$(TOOL_OBJECTS)) \
		$(BUILT)/linked
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)$$(TOOL_LINK) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(TOOL_LIBS)
endef
$(foreach pair,$(REFUSED),$(eval $(call refused_tool,$(call skeleton_of,$(pair)),$(patsubst \
	src/%.c,%,$(call source_of,$(pair))),$(REFUSED_MORE_$(call skeleton_of,$(pair))))))

# --- demonstrations ------------------------------------------------------------------------------

demo: packages
	@$(MAKE) $(AGAIN) run-demo

run-demo: all $(GUEST_PROGRAMS)
	$(Q)vm/run --cpus 4 $(ADD_PROGRAMS) demo/demo.sh

diagnose: packages
	@$(MAKE) $(AGAIN) run-diagnose

# Remote fences are vIPIs with an IMSIC only. CPU 3 is kept free of what would deliver what was lost.
RUN_DIAGNOSE = vm/run --timeout 300 $(ADD_PROGRAMS)
run-diagnose: all $(GUEST_PROGRAMS) build/kmod/broken/ipimux-stimulus.ko
	$(Q)$(RUN_DIAGNOSE) --machine imsic demo/diagnose.sh tlb
	$(Q)$(RUN_DIAGNOSE) demo/diagnose.sh wake
	$(Q)$(RUN_DIAGNOSE) --kernel broken --append isolcpus=domain,3 \
		--add build/kmod/broken/ipimux-stimulus.ko demo/diagnose.sh stuck lost

# --- the benchmark -------------------------------------------------------------------------------

bench: packages
	@$(MAKE) $(AGAIN) run-bench

run-bench: all build/bench/floor build/bench/cputime
	$(Q)bench/run --json build/bench.json
	$(Q)bench/running --json build/running.json

build/bench/cputime: bench/cputime.c $(GUEST_RULES) | $(BUILT)/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(TOOL_LINK) $(CFLAGS_ALL) $(CFLAGS) -o $@ $<

build/bench/floor: bench/floor.c build/bench/floor.skel.h $(STATIC_SOURCES) $(GUEST_RULES)
	$(call say,GUEST,$@)$(TOOL_LINK) $(CFLAGS_ALL) $(CFLAGS) -Ibuild/bench -o $@ $< \
		$(STATIC_SOURCES) -lbpf -lelf -lz -lzstd
