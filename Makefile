# SPDX-License-Identifier: GPL-2.0-only
#
# ipimux-trace: the tool, the guest it is shown in, the tests.
# `make help` lists what there is to make. All that is made is under build/
# (guest kernels and their user space: in a cache, see vm/README.md).

PREFIX ?= /usr/local
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
# As one word for the shell, whatever is in it.
quote = '$(subst ','\'',$(1))'
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' $(call quote,$(2));)

# The version is in VERSION, and nowhere else. Of what git revision this is, --version says, too, where git knows;
# `make REVISION=` says none.
IPIMUX_VERSION := $(lastword $(shell cat VERSION))
REVISION := $(if $(wildcard .git),$(shell git --git-dir=.git rev-parse -q --verify HEAD 2>/dev/null | cut -c 1-12))

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
# What `check` makes at a time, and tests at a time of those that testrules.yml lets run side by side.
JOBS ?= 2

PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
CFLAGS_ALL := $(CPPFLAGS) -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter \
	      -Wno-missing-field-initializers -Isrc -I. -Ibuild/html -Ibuild/made -Ibuild/screen
# What is made does not know where it was made.
NO_PATHS := $(call quote,-ffile-prefix-map=$(CURDIR)=.)

ifeq ($(CROSS),riscv64)
SYSROOT := build/sysroot
TARGET := --target=riscv64-linux-gnu --sysroot=$(SYSROOT) \
	  --gcc-install-dir=$(lastword $(sort $(wildcard /usr/lib/gcc-cross/riscv64-linux-gnu/*)))
TOOL_CC := $(CLANG) $(TARGET)
TOOL_LINK := $(TOOL_CC) -fuse-ld=lld-19 -static
TOOL_LIBS := -lbpf -lelf -lz -lzstd -ljansson -lncursesw -ltinfo -lm
BPF_INCLUDE := -isystem $(SYSROOT)/usr/include
STATIC_SOURCES := src/probe/static-libelf.c
STATIC_LINK := $(TOOL_LINK)
STATIC_LIBS := $(TOOL_LIBS)
else
TOOL_CC := $(CC)
TOOL_LINK := $(CC)
TOOL_LIBS = $(shell $(PKG_CONFIG) --libs libbpf jansson ncursesw tinfo zlib libzstd) -lm
BPF_INCLUDE = $(shell $(PKG_CONFIG) --cflags libbpf)
STATIC_LINK := $(CC) -static
STATIC_LIBS = $(shell $(PKG_CONFIG) --static --libs libbpf jansson ncursesw tinfo zlib libzstd) -lm
endif

# All but what knows libbpf, the terminal or a run can be tested anywhere.
IMPURE := src/ipimux-trace.c $(wildcard src/probe/*.c src/session/*.c src/cmd/*.c) \
	  src/screen/screen.c src/screen/terminfo.c
PURE_SOURCES := $(filter-out $(IMPURE),$(wildcard src/*/*.c))
TOOL_SOURCES := $(PURE_SOURCES) $(filter-out src/probe/static-libelf.c,$(IMPURE)) $(STATIC_SOURCES)
TOOL_OBJECTS := $(sort $(TOOL_SOURCES:src/%.c=build/src/%.o))
STATIC_OBJECTS := $(sort $(TOOL_OBJECTS) build/src/probe/static-libelf.o)
BPF_SOURCES := $(wildcard bpf/*.bpf.c bench/*.bpf.c)

UNIT_TESTS := $(patsubst tests/unit/%.c,build/tests/unit/%,$(wildcard tests/unit/test-*.c))
PLAIN_TESTS := $(UNIT_TESTS:build/tests/unit/%=build/tests/plain/%)
FUZZERS := $(patsubst tests/fuzz/%.c,build/tests/fuzz/%,$(wildcard tests/fuzz/*.c))
VM_TESTS := $(sort $(wildcard tests/vm/*.t))
TREE_TESTS := $(sort $(wildcard tests/tree/*.t))
# The stimulus module, for each guest kernel that is tested with it.
KMODS := $(patsubst %,build/kmod/%/ipimux-stimulus.ko,patched broken instrumented nobtf linux-7.2 stock)
GUEST_PROGRAMS := $(patsubst tests/guest/%.c,build/tests/guest/%,$(wildcard tests/guest/*.c))
# The tool, each time with one object of bpf/ that the verifier refuses.
REFUSED := ipimux fentry mux words verify events senders
REFUSED_TOOLS := $(REFUSED:%=build/tests/guest/refused-%)
GUEST_NEEDS = build/static/ipimux-trace $(GUEST_PROGRAMS) $(REFUSED_TOOLS) $(KMODS) build/bench/floor guest-kernels

all: build/ipimux-trace

help:
	@echo 'make            build/ipimux-trace$(if $(CROSS), (for $(CROSS)))'
	@echo 'make static     build/static/ipimux-trace: one file, for any distribution and none'
	@echo 'make demo       a RISC-V guest whose IPIs ipimux-trace shows, live'
	@echo 'make diagnose   what docs/diagnose.md shows: storms, lost IPIs and who is to blame'
	@echo 'make check      all tests'
	@echo 'make check-unit the tests that need no guest (seconds)'
	@echo 'make check-vm   the tests in guests'
	@echo 'make fuzz       tests/fuzz for SECONDS=$(SECONDS) each, in check it is 30 seconds'
	@echo 'make litmus     the memory model proof of ipi-mux.c (KERNEL_SRC=a tree with the model)'
	@echo 'make patch      KERNEL_SRC=... [OUT=...] a patch to mail: the tracepoints, for that tree'
	@echo 'make bench      what it costs, and what other tracers cost (4 min)'
	@echo 'make soak       tests/vm/soak.t on five ways in, and quiet.t, for SECONDS=$(SECONDS) each; all of'
	@echo '                tests/vm/matrix-broken.t and places.t; in check all are short'
	@echo 'make install    tool, manual pages, completions: PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)'
	@echo 'make uninstall  the reverse'
	@echo 'make deb        a Debian package for riscv64, in build/deb (as root; 5 min the first time)'
	@echo 'make clean      removes build/, keeps the cache of kernels'
	@echo 'make update-vmlinux-h   vmlinux.h anew, from the guest kernel'
	@echo 'V=1 shows the commands.'

# --- the tool ---

build/ipimux-trace: $(TOOL_OBJECTS)
	$(call say,LINK,$@)$(TOOL_LINK) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TOOL_LIBS)

# From one input one file, byte by byte: stripped, because what is for debuggers is about where it was made,
# and with no build id, which is a hash of that.
static: build/static/ipimux-trace

build/static/ipimux-trace: $(STATIC_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(STATIC_LINK) $(CFLAGS) $(LDFLAGS) -s -Wl,--build-id=none -o $@ $^ $(STATIC_LIBS)

build/src/%.o: src/%.c Makefile | build/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(TOOL_CC) $(CFLAGS_ALL) $(CFLAGS) $(NO_PATHS) -Ibuild/bpf -MMD -MP -c -o $@ $<

# Each is written anew only where it says something else, so that a commit makes one object anew, and no other.
define_line = \#define $(1) "$(2)"
REVISION_LINE := $(call define_line,IPIMUX_REVISION,$(REVISION))
build/made/made-version.h: VERSION
	@mkdir -p $(@D)
	$(Q)echo $(call quote,$(call define_line,IPIMUX_VERSION,$(IPIMUX_VERSION))) >$@

build/made/made-revision.h:
	@mkdir -p $(@D)
	$(Q)echo $(call quote,$(REVISION_LINE)) >$@

ifneq ($(shell cat build/made/made-revision.h 2>/dev/null),$(REVISION_LINE))
.PHONY: build/made/made-revision.h
endif

build/src/probe/probe.o: build/bpf/ipimux.skel.h
build/src/probe/events.o: build/bpf/events.skel.h
build/src/probe/words.o: build/bpf/words.skel.h
build/src/probe/verify.o: build/bpf/verify.skel.h
build/src/probe/fentry.o: build/bpf/fentry.skel.h build/bpf/mux.skel.h
build/src/probe/senders.o: build/bpf/senders.skel.h build/bpf/senders_context.skel.h

$(patsubst %,build/%/view/view_html_write.o,src tests/unit/src tests/plain/src tests/fuzz/src): build/html/report-page.h

build/html/report-page.h: $(wildcard html/*)
	@mkdir -p $(@D)
	$(call say,HTML,$@)html/make-page >$@

$(patsubst %,build/%/screen/terminals.o,src tests/unit/src tests/plain/src tests/fuzz/src): build/screen/described.h

build/screen/described.h: scripts/make-terminals
	@mkdir -p $(@D)
	$(call say,TERM,$@)scripts/make-terminals >$@

# v2: the JIT of riscv64 adds a zero extension to 32-bit instructions, which v3 has.
# The floor keeps what its figures in docs/ were measured with; v3 has the atomics of fentry.
BPF_CPU := v2
build/bench/%.bpf.o build/bpf/fentry.bpf.o: BPF_CPU := v3
build/%.bpf.o: %.bpf.c Makefile | build/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,BPF,$@)$(CLANG) -target bpf -mcpu=$(BPF_CPU) -g -O2 -Wall -I. $(BPF_INCLUDE) \
		$(NO_PATHS) -MMD -MP -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@

build/%.skel.h: build/%.bpf.o
	$(call say,SKEL,$@)$(BPFTOOL) gen skeleton $< name $(*F)_bpf >$@.new && mv $@.new $@

# One clear line about what is missing, before the first compiler error.
build/tools:
	@mkdir -p $(@D)
	@for tool in $(CLANG) $(LLVM_STRIP) $(BPFTOOL) infocmp \
		$(if $(CROSS),lld-19 mmdebstrap riscv64-linux-gnu-gcc,$(PKG_CONFIG) $(CC)); do \
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
	@$(PKG_CONFIG) --atleast-version=1.3 libbpf || \
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

# --- what is installed with it ---

# A page of several commands is there under each of their names: those in its NAME.
PAGES := $(patsubst %,build/%,$(wildcard man/*.8))

build/man/%.8: man/%.8 $(wildcard man/shared/*) man/make-page VERSION
	@mkdir -p $(@D)
	$(call say,MAN,$@)man/make-page $< >$@
	$(Q)sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([a-z-]*\).*/\1/p' $< | while read -r name; do \
		[ "$$name" = $* ] || echo ".so man8/$*.8" >$(@D)/$$name.8; \
	done

pages: $(PAGES)

BASH_COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions

# Each as the shell is to see it: with spaces, or whatever a directory is called.
TO_BIN = $(call quote,$(DESTDIR)$(PREFIX)/bin/ipimux-trace)
TO_MAN = $(call quote,$(DESTDIR)$(PREFIX)/share/man/man8)
TO_BASH = $(call quote,$(DESTDIR)$(BASH_COMPLETIONS)/ipimux-trace)
TO_ZSH = $(call quote,$(DESTDIR)$(ZSH_COMPLETIONS))

install: build/ipimux-trace $(PAGES)
	$(call say,INSTALL,$(DESTDIR)$(PREFIX)/bin/ipimux-trace)install -D -m 755 build/ipimux-trace $(TO_BIN)
	$(call say,INSTALL,$(DESTDIR)$(PREFIX)/share/man/man8)install -D -m 644 -t $(TO_MAN) build/man/*.8
	$(call say,INSTALL,$(DESTDIR)$(BASH_COMPLETIONS)/ipimux-trace)install -D -m 644 \
		completion/ipimux-trace.bash $(TO_BASH)
	$(call say,INSTALL,$(DESTDIR)$(ZSH_COMPLETIONS)/_ipimux-trace)install -D -m 644 -t \
		$(TO_ZSH) completion/_ipimux-trace

# Directories stay: others may have something in them.
uninstall: $(PAGES)
	$(Q)rm -f $(TO_BIN) $(TO_BASH) $(TO_ZSH)/_ipimux-trace
	$(Q)for page in build/man/*.8; do rm -f $(TO_MAN)/"$${page##*/}"; done

# In a Debian 13 that is made for it: this machine's Debian does not matter.
deb:
	$(Q)package=$$(vm/build-package) && mkdir -p build && ln -sfn "$$package" build/deb && ls build/deb/*.deb

patch:
	$(Q)mkdir -p build && kernel-patch/make-patch $(call quote,$(KERNEL_SRC)) $(call quote,$(or $(OUT),build))

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

# It has what the tool has, and asks for it directly.
build/tests/guest/switches: tests/guest/switches.c $(filter-out build/src/ipimux-trace.o,$(TOOL_OBJECTS)) Makefile
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(TOOL_LINK) $(CFLAGS_ALL) $(CFLAGS) -o $@ $(filter %.c %.o,$^) $(TOOL_LIBS)

# tests/refused/refused.bpf.c is behind all that is in the object, and src/probe/ finds the skeleton of that first.
REFUSED_MORE_senders := senders_context
REFUSED_SOURCE_ipimux := probe
REFUSED_SOURCE_mux := fentry
build/tests/refused/fentry/%.bpf.o: BPF_CPU := v3
build/tests/refused/ipimux/%.bpf.o: REFUSED_FLAGS := -DREFUSED_DEEP
build/tests/refused/%.bpf.o: tests/refused/refused.bpf.c $(wildcard bpf/*) vmlinux.h Makefile | build/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,BPF,$@)$(CLANG) -target bpf -mcpu=$(BPF_CPU) -g -O2 -Wall -I. $(BPF_INCLUDE) \
		$(NO_PATHS) $(REFUSED_FLAGS) -include bpf/$(*F).bpf.c -c -o $@ $<

define refused_tool
build/tests/refused/$(1)/source.o: src/probe/$(2).c $(patsubst %,build/tests/refused/$(1)/%.skel.h,$(1) $(3)) \
		build/src/probe/$(2).o
	$$(call say,CC,$$@)$$(TOOL_CC) $$(CFLAGS_ALL) $$(CFLAGS) $$(NO_PATHS) -I$$(@D) -Ibuild/bpf -c -o $$@ $$<

build/tests/guest/refused-$(1): build/tests/refused/$(1)/source.o $(filter-out build/src/probe/$(2).o,$(TOOL_OBJECTS))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)$$(TOOL_LINK) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(TOOL_LIBS)
endef
$(foreach name,$(REFUSED),$(eval $(call refused_tool,$(name),$(or $(REFUSED_SOURCE_$(name)),$(name)),$(REFUSED_MORE_$(name)))))

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
	@$(MAKE) --no-print-directory --jobs=$(JOBS) run-check

check-unit: $(UNIT_TESTS)
	$(Q)$(PROVE) --exec '' $(UNIT_TESTS)

check-vm: all $(GUEST_NEEDS)
	$(Q)$(PROVE) --timer --jobs $(JOBS) $(VM_TESTS)

litmus:
	$(Q)tests/litmus/run $(if $(KERNEL_SRC),--kernel $(call quote,$(KERNEL_SRC)))

# Long: those whose minute in `check` can be half an hour.
SECONDS ?= 1800
soak: all $(GUEST_PROGRAMS) build/kmod/broken/ipimux-stimulus.ko
	$(Q)vm/build-kernel debug >/dev/null
	$(Q)SOAK_SECONDS=$(SECONDS) ALL=1 $(PROVE) --verbose --timer tests/vm/soak.t tests/vm/quiet.t tests/vm/places.t \
		tests/vm/matrix-broken.t

# What it finds that is new stays in build/tests/fuzz/corpus, what breaks something in build/tests/fuzz.
fuzz: $(FUZZERS)
	$(Q)FUZZ_SECONDS=$(SECONDS) $(PROVE) --verbose --timer tests/tree/fuzz.t

# All in one, so that there is one last line.
run-check: all $(GUEST_NEEDS) $(UNIT_TESTS) $(PLAIN_TESTS) $(FUZZERS) build/tests/browser/page
	$(Q)tests/keep --forget
	$(Q)MAKEFLAGS= $(PROVE) --timer --jobs $(JOBS) --exec tests/keep $(UNIT_TESTS) $(TREE_TESTS) $(VM_TESTS) || \
		{ tests/keep; false; }

# Before prove starts, because it would hide how far they are. 77: the source cannot be fetched here; the
# tests that need that kernel skip.
guest-kernels: packages
	@for kernel in $(notdir $(wildcard vm/kernels/*)); do \
		vm/build-kernel $$kernel >/dev/null || [ $$? = 77 ] || exit 1; \
	done
	@for image in $(notdir $(wildcard vm/images/*)); do \
		vm/build-image $$image >/dev/null || [ $$? = 77 ] || exit 1; \
	done

# What tests of this part need.
run-check: pages debian-package
.PHONY: pages uninstall deb debian-package

debian-package: packages
	@vm/build-debian >/dev/null && { vm/build-package >/dev/null || [ $$? = 77 ]; }

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

# The same without sanitizers, for valgrind, which looks for what was never written, too.
PLAIN_CFLAGS := $(CFLAGS_ALL) -g -O1
PLAIN_OBJECTS := $(UNIT_OBJECTS:build/tests/unit/%=build/tests/plain/%)

build/tests/plain/test-%: tests/unit/test-%.c $(PLAIN_OBJECTS) Makefile
	$(call say,TEST,$@)$(CC) $(PLAIN_CFLAGS) -MMD -MP -o $@ $< $(PLAIN_OBJECTS) \
		-lcmocka -ljansson -lz -lzstd -lm -lpthread

build/tests/plain/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(PLAIN_CFLAGS) -MMD -MP -c -o $@ $<

build/tests/plain/%.o: tests/unit/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(PLAIN_CFLAGS) -MMD -MP -c -o $@ $<

# Small machines only, so that it can try many.
FUZZ_CFLAGS := $(CFLAGS_ALL) -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	       -DRECORDING_MAX_COUNTERS=16384
FUZZ_OBJECTS := $(PURE_SOURCES:src/%.c=build/tests/fuzz/src/%.o)

build/tests/fuzz/%: tests/fuzz/%.c $(FUZZ_OBJECTS) Makefile
	$(call say,FUZZ,$@)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $< $(FUZZ_OBJECTS) \
		-ljansson -lz -lzstd -lm

build/tests/fuzz/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(sort $(STATIC_OBJECTS) $(UNIT_OBJECTS) $(PLAIN_OBJECTS) $(FUZZ_OBJECTS)): | build/made/made-version.h build/made/made-revision.h

clean:
	rm -rf build

-include $(TOOL_OBJECTS:.o=.d) $(BPF_SOURCES:%.c=build/%.d) $(UNIT_OBJECTS:.o=.d) $(UNIT_TESTS:=.d) \
	$(PLAIN_OBJECTS:.o=.d) $(PLAIN_TESTS:=.d) $(FUZZ_OBJECTS:.o=.d) $(FUZZERS:=.d) build/tests/browser/page.d

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all bench check check-unit check-vm clean demo diagnose fuzz guest-kernels help install litmus packages patch run-bench run-check run-demo run-diagnose soak static update-vmlinux-h
