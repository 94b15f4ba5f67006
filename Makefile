# SPDX-License-Identifier: GPL-2.0-only
#
# ipimux-trace: the tool, the guest it is shown in, the tests.
# `make help` lists what there is to make. All that is made is under build/
# (guest kernels and their user space: in a cache, see vm/README.md).

PREFIX ?= /usr/local
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)';)

# Where there are no RISC-V machines, the tool is built for one: static, so that
# it runs in any guest. Elsewhere it is built for the machine at hand.
CROSS ?= $(if $(filter x86_64,$(shell uname -m)),riscv64)

PATH := $(PATH):/usr/sbin
export PATH
first_of = $(firstword $(foreach tool,$(1),$(if $(shell command -v $(tool)),$(tool))) $(1))
CLANG ?= $(call first_of,clang-19 clang)
LLVM_STRIP ?= $(call first_of,llvm-strip-19 llvm-strip)
BPFTOOL ?= bpftool
PROVE ?= prove
# Of those that testrules.yml lets run side by side.
JOBS ?= 2

CFLAGS ?= -O2 -g
CFLAGS_ALL := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter \
	      -Wno-missing-field-initializers -Isrc -I. -Ibuild/html

ifeq ($(CROSS),riscv64)
SYSROOT := build/sysroot
TARGET := --target=riscv64-linux-gnu --sysroot=$(SYSROOT) \
	  --gcc-install-dir=$(lastword $(sort $(wildcard /usr/lib/gcc-cross/riscv64-linux-gnu/*)))
TOOL_CC := $(CLANG) $(TARGET)
TOOL_LINK := $(TOOL_CC) -fuse-ld=lld-19 -static
TOOL_LIBS := -lbpf -lelf -lz -lzstd -ljansson -lncursesw -ltinfo -lm
BPF_INCLUDE := -isystem $(SYSROOT)/usr/include
STATIC_SOURCES := src/probe/static-libelf.c
else
TOOL_CC := $(CC)
TOOL_LINK := $(CC)
TOOL_LIBS = $(shell pkg-config --libs libbpf jansson ncursesw tinfo zlib libzstd) -lm
BPF_INCLUDE = $(shell pkg-config --cflags libbpf)
endif

# All but what knows libbpf, the terminal or a run can be tested anywhere.
IMPURE := src/ipimux-trace.c $(wildcard src/probe/*.c src/session/*.c src/cmd/*.c) \
	  src/screen/screen.c src/screen/terminfo.c
PURE_SOURCES := $(filter-out $(IMPURE),$(wildcard src/*/*.c))
TOOL_SOURCES := $(PURE_SOURCES) $(filter-out src/probe/static-libelf.c,$(IMPURE)) $(STATIC_SOURCES)
TOOL_OBJECTS := $(TOOL_SOURCES:src/%.c=build/src/%.o)
BPF_SOURCES := $(wildcard bpf/*.bpf.c bench/*.bpf.c)

UNIT_TESTS := $(patsubst tests/unit/%.c,build/tests/unit/%,$(wildcard tests/unit/test-*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,build/tests/fuzz/%,$(wildcard tests/fuzz/*.c))
VM_TESTS := $(sort $(wildcard tests/vm/*.t))
TREE_TESTS := $(sort $(wildcard tests/tree/*.t))
# The stimulus module, for each guest kernel that is tested with it.
KMODS := $(patsubst %,build/kmod/%/ipimux-stimulus.ko,patched broken instrumented linux-7.2 stock)
GUEST_PROGRAMS := $(patsubst tests/guest/%.c,build/tests/guest/%,$(wildcard tests/guest/*.c))
GUEST_NEEDS = $(GUEST_PROGRAMS) $(KMODS) build/bench/floor guest-kernels

all: build/ipimux-trace

help:
	@echo 'make            build/ipimux-trace$(if $(CROSS), (for $(CROSS)))'
	@echo 'make demo       a RISC-V guest whose IPIs ipimux-trace shows, live'
	@echo 'make diagnose   what docs/diagnose.md shows: storms, lost IPIs and who is to blame'
	@echo 'make check      all tests'
	@echo 'make check-unit the tests that need no guest (seconds)'
	@echo 'make check-vm   the tests in guests'
	@echo 'make fuzz       tests/fuzz for SECONDS=$(SECONDS), in check it is 20 seconds'
	@echo 'make litmus     the memory model proof of ipi-mux.c (KERNEL_SRC=a tree with the model)'
	@echo 'make patch      KERNEL_SRC=... [OUT=...] a patch to mail: the tracepoints, for that tree'
	@echo 'make bench      what it costs, and what other tracers cost (4 min)'
	@echo 'make soak       tests/vm/soak.t and quiet.t for SECONDS=$(SECONDS), in check they are short'
	@echo 'make install    PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)'
	@echo 'make clean      removes build/, keeps the cache of kernels'
	@echo 'make update-vmlinux-h   vmlinux.h anew, from the guest kernel'
	@echo 'V=1 shows the commands.'

# --- the tool ---

build/ipimux-trace: $(TOOL_OBJECTS)
	$(call say,LINK,$@)$(TOOL_LINK) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TOOL_LIBS)

build/src/%.o: src/%.c Makefile | build/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(TOOL_CC) $(CFLAGS_ALL) $(CFLAGS) -Ibuild/bpf -MMD -MP -c -o $@ $<

build/src/probe/probe.o: build/bpf/ipimux.skel.h
build/src/probe/events.o: build/bpf/events.skel.h
build/src/probe/fentry.o: build/bpf/fentry.skel.h build/bpf/mux.skel.h
build/src/probe/senders.o: build/bpf/senders.skel.h

build/src/view/view_html_write.o build/tests/unit/src/view/view_html_write.o: build/html/report-page.h

build/html/report-page.h: $(wildcard html/*)
	@mkdir -p $(@D)
	$(call say,HTML,$@)html/make-page >$@

# v2: the JIT of riscv64 adds a zero extension to 32-bit instructions, which v3 has.
# The floor keeps what its figures in docs/ were measured with; v3 has the atomics of fentry.
BPF_CPU := v2
build/bench/%.bpf.o build/bpf/fentry.bpf.o: BPF_CPU := v3
build/%.bpf.o: %.bpf.c Makefile | build/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,BPF,$@)$(CLANG) -target bpf -mcpu=$(BPF_CPU) -g -O2 -Wall -I. $(BPF_INCLUDE) \
		-MMD -MP -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@

build/%.skel.h: build/%.bpf.o
	$(call say,SKEL,$@)$(BPFTOOL) gen skeleton $< name $(*F)_bpf >$@.new && mv $@.new $@

# One clear line about what is missing, before the first compiler error.
build/tools:
	@mkdir -p $(@D)
	@for tool in $(CLANG) $(LLVM_STRIP) $(BPFTOOL) \
		$(if $(CROSS),lld-19 mmdebstrap riscv64-linux-gnu-gcc,pkg-config $(CC)); do \
		command -v $$tool >/dev/null || missing="$$missing $$tool"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "missing:$$missing" \
		     "$(if $(CROSS),(as root: scripts/install-packages),(on Debian 13: \
		     apt-get install clang llvm bpftool pkg-config libbpf-dev libjansson-dev \
		     libncurses-dev zlib1g-dev libzstd-dev))" >&2; \
		exit 1; \
	fi
ifeq ($(CROSS),)
	@pkg-config --atleast-version=1.3 libbpf || \
		{ echo 'libbpf is missing or older than 1.3, which resizes no counters' >&2; exit 1; }
endif
	@touch $@

build/sysroot: vm/build-sysroot
	@mkdir -p $(@D)
	@sysroot=$$(vm/build-sysroot) && ln -sfn "$$sysroot" $@

# Only when asked for: what it makes is in git.
update-vmlinux-h:
	$(Q)kernel=$$(vm/build-kernel patched) && \
		scripts/make-vmlinux-h $$kernel/vmlinux >build/vmlinux.h && mv build/vmlinux.h vmlinux.h

install: build/ipimux-trace
	$(call say,INSTALL,$(DESTDIR)$(PREFIX)/bin/ipimux-trace)install -D -m 755 \
		build/ipimux-trace $(DESTDIR)$(PREFIX)/bin/ipimux-trace

patch:
	$(Q)mkdir -p build && kernel-patch/make-patch "$(KERNEL_SRC)" "$(or $(OUT),build)"

# --- the guest ---

packages:
	@scripts/install-packages

# A make of its own: what was just installed changes what this one looked up.
demo: packages
	@$(MAKE) --no-print-directory run-demo

run-demo: all $(GUEST_PROGRAMS)
	$(Q)vm/run --cpus 4 $(foreach program,$(GUEST_PROGRAMS),--add $(program):/usr/bin/$(notdir $(program))) \
		demo/demo.sh

diagnose: packages
	@$(MAKE) --no-print-directory run-diagnose

# Remote fences are vIPIs with an IMSIC only. CPU 3 is kept free of what would deliver what was lost.
RUN_DIAGNOSE = vm/run --timeout 300 $(foreach program,$(GUEST_PROGRAMS),--add $(program):/usr/bin/$(notdir $(program)))
run-diagnose: all $(GUEST_PROGRAMS) build/kmod/broken/ipimux-stimulus.ko
	$(Q)$(RUN_DIAGNOSE) --machine imsic demo/diagnose.sh tlb
	$(Q)$(RUN_DIAGNOSE) demo/diagnose.sh wake
	$(Q)$(RUN_DIAGNOSE) --kernel broken --append isolcpus=domain,3 \
		--add build/kmod/broken/ipimux-stimulus.ko demo/diagnose.sh stuck lost

build/tests/guest/%: tests/guest/%.c Makefile | build/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(TOOL_LINK) $(CFLAGS_ALL) $(CFLAGS) -o $@ $< -lpthread

# A module fits one kernel only; which that is, build-kernel knows.
build/kmod/%/ipimux-stimulus.ko: $(wildcard tests/kmod/*) guest-kernels
	$(call say,KMOD,$@)vm/build-module $* tests/kmod $(@D) || [ $$? = 77 ]

# --- the benchmark ---

build/bench/cputime: bench/cputime.c Makefile | build/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(TOOL_LINK) $(CFLAGS_ALL) $(CFLAGS) -o $@ $<

bench: packages
	@$(MAKE) --no-print-directory run-bench

run-bench: all build/bench/floor build/bench/cputime
	$(Q)bench/run --json build/bench.json
	$(Q)bench/running --json build/running.json

build/bench/floor: bench/floor.c build/bench/floor.skel.h $(STATIC_SOURCES) Makefile
	$(call say,GUEST,$@)$(TOOL_LINK) $(CFLAGS_ALL) $(CFLAGS) -Ibuild/bench -o $@ $< \
		$(STATIC_SOURCES) -lbpf -lelf -lz -lzstd

# --- the tests ---

check: packages
	@$(MAKE) --no-print-directory run-check

check-unit: $(UNIT_TESTS)
	$(Q)$(PROVE) --exec '' $(UNIT_TESTS)

check-vm: all $(GUEST_NEEDS)
	$(Q)$(PROVE) --timer --jobs $(JOBS) $(VM_TESTS)

litmus:
	$(Q)tests/litmus/run $(if $(KERNEL_SRC),--kernel $(KERNEL_SRC))

# Long: those whose minute in `check` can be half an hour.
SECONDS ?= 1800
soak: all $(GUEST_PROGRAMS)
	$(Q)vm/build-kernel debug >/dev/null
	$(Q)SOAK_SECONDS=$(SECONDS) $(PROVE) --verbose --timer tests/vm/soak.t tests/vm/quiet.t

# What it finds that is new stays in build/tests/fuzz/corpus, what breaks something in build/tests/fuzz.
fuzz: $(FUZZERS)
	$(Q)FUZZ_SECONDS=$(SECONDS) $(PROVE) --verbose --timer tests/tree/fuzz.t

# All in one, so that there is one last line.
run-check: all $(GUEST_NEEDS) $(UNIT_TESTS) $(FUZZERS) build/tests/browser/page
	$(Q)$(PROVE) --timer --jobs $(JOBS) --exec '' $(UNIT_TESTS) $(TREE_TESTS) $(VM_TESTS)

# Before prove starts, because it would hide how far they are. 77: the source cannot be fetched here; the
# tests that need that kernel skip.
guest-kernels: packages
	@for kernel in $(notdir $(wildcard vm/kernels/*)); do \
		vm/build-kernel $$kernel >/dev/null || [ $$? = 77 ] || exit 1; \
	done
	@for image in $(notdir $(wildcard vm/images/*)); do \
		vm/build-image $$image >/dev/null || [ $$? = 77 ] || exit 1; \
	done

UNIT_CFLAGS := $(CFLAGS_ALL) -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_HELPERS := $(patsubst %.c,build/%.o,$(filter-out tests/unit/test-%,$(wildcard tests/unit/*.c)))
UNIT_OBJECTS := $(PURE_SOURCES:src/%.c=build/tests/unit/src/%.o) $(UNIT_HELPERS)

build/tests/unit/test-%: tests/unit/test-%.c $(UNIT_OBJECTS) Makefile
	$(call say,TEST,$@)$(CC) $(UNIT_CFLAGS) -MMD -MP -o $@ $< $(UNIT_OBJECTS) \
		-lcmocka -ljansson -lz -lzstd -lm -lpthread

# Makes pages for tests/tree/report.t.
build/tests/browser/page: tests/browser/page.c $(UNIT_OBJECTS) Makefile
	@mkdir -p $(@D)
	$(call say,TEST,$@)$(CC) $(UNIT_CFLAGS) -Itests/unit -MMD -MP -o $@ $< $(UNIT_OBJECTS) \
		-lcmocka -ljansson -lz -lzstd -lm -lpthread

$(UNIT_HELPERS): build/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

build/tests/unit/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

# Small machines only, so that it can try many.
FUZZ_CFLAGS := -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	       -DRECORDING_MAX_COUNTERS=16384

build/tests/fuzz/%: tests/fuzz/%.c $(PURE_SOURCES) $(wildcard src/*/*.h) build/html/report-page.h Makefile
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CLANG) $(CFLAGS_ALL) $(FUZZ_CFLAGS) -o $@ $< $(PURE_SOURCES) \
		-ljansson -lz -lzstd -lm

clean:
	rm -rf build

-include $(TOOL_OBJECTS:.o=.d) $(BPF_SOURCES:%.c=build/%.d) $(UNIT_OBJECTS:.o=.d) $(UNIT_TESTS:=.d) build/tests/browser/page.d

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all bench check check-unit check-vm clean demo diagnose fuzz guest-kernels help install litmus packages patch run-bench run-check run-demo run-diagnose soak update-vmlinux-h
