# SPDX-License-Identifier: GPL-2.0-only
# The tool, and its BPF programs.

.PHONY: all static update-vmlinux-h

all: $(BUILT)/ipimux-trace

# linked FILE NAMES: FILE has these names, and is written anew only where it has others. What is made of all of them
# depends on it: else it would keep what came of a file that was removed.
define linked
$(1):
	@mkdir -p $$(@D)
	$$(Q)echo $(2) >$$@

ifneq ($$(strip $$(file <$(1))),$$(strip $(2)))
INTERNAL += $(1)
endif
endef
$(eval $(call linked,$(BUILT)/linked,$(TOOL_OBJECTS)))
$(eval $(call linked,$(BUILT)/static/linked,$(STATIC_OBJECTS)))

$(BUILT)/ipimux-trace: $(TOOL_OBJECTS) $(BUILT)/linked
	$(call say,LINK,$@)$(TOOL_LINK) $(CFLAGS) $(LDFLAGS) -o $@ $(TOOL_OBJECTS) $(TOOL_LIBS)

# From one input one file, byte by byte: stripped, because what is for debuggers is about where it was made,
# and with no build id, which is a hash of that. Nor with descriptions of its frames, 250 kB, and an index of these:
# nothing in it unwinds a stack.
static: $(BUILT)/static/ipimux-trace

$(BUILT)/static/ipimux-trace: $(STATIC_OBJECTS) $(BUILT)/static/linked src/loader/static-frames.ld
	$(call say,LINK,$@)$(STATIC_LINK) $(CFLAGS) $(LDFLAGS) -s -Wl,--build-id=none -Wl,--no-eh-frame-hdr -o $@ \
		$(STATIC_OBJECTS) $(STATIC_LIBS)

$(BUILT)/src/%.o: src/%.c $(TOOL_RULES) | $(BUILT)/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(TOOL_CC) $(CFLAGS_ALL) $(CFLAGS) $(NO_PATHS) -Ibuild/bpf -MMD -MP -c -o $@ $<

# --- what is made for it to include --------------------------------------------------------------

# Each is written anew only where it says something else, so that a commit makes one object anew, and no other.
define_line = \#define $(1) "$(2)"
REVISION_LINE := $(call define_line,IPIMUX_REVISION,$(REVISION))
MADE_HEADERS := build/made/made-version.h build/made/made-revision.h
build/made/made-version.h: VERSION
	@mkdir -p $(@D)
	$(Q)echo $(call quote,$(call define_line,IPIMUX_VERSION,$(IPIMUX_VERSION))) >$@

build/made/made-revision.h:
	@mkdir -p $(@D)
	$(Q)echo $(call quote,$(REVISION_LINE)) >$@

ifneq ($(shell cat build/made/made-revision.h 2>/dev/null),$(REVISION_LINE))
INTERNAL += build/made/made-revision.h
endif

$(STATIC_OBJECTS): | $(MADE_HEADERS)

$(foreach pair,$(SKELETONS),$(eval \
	$(patsubst src/%.c,$(BUILT)/src/%.o,$(call source_of,$(pair))): build/bpf/$(call skeleton_of,$(pair)).skel.h))

$(OBJECTS_OF_SRC:=/report/view_html_write.o): build/html/report-page.h

$(eval $(call linked,build/html/linked,$(wildcard html/*)))

build/html/report-page.h: $(wildcard html/*) build/html/linked
	@mkdir -p $(@D)
	$(call say,HTML,$@)html/make-page >$@

$(OBJECTS_OF_SRC:=/screen/terminals.o): build/screen/described.h

build/screen/described.h: scripts/make-terminals
	@mkdir -p $(@D)
	$(call say,TERM,$@)scripts/make-terminals >$@

# --- BPF -----------------------------------------------------------------------------------------

# v2: the JIT of riscv64 adds a zero extension to 32-bit instructions, which v3 has.
# The floor keeps what its figures in docs/ were measured with; v3 has the atomics of fentry.
# Nobody reads relocations of line numbers: libbpf passes them over, and they would be a third of each object.
BPF_CPU := v2
build/bench/%.bpf.o build/bpf/fentry.bpf.o: BPF_CPU := v3
build/%.bpf.o: %.bpf.c $(TOOL_RULES) | $(BUILT)/tools $(SYSROOT)
	@mkdir -p $(@D)
	$(call say,BPF,$@)$(CLANG) -target bpf -mcpu=$(BPF_CPU) -g -O2 -Wall -I. $(BPF_INCLUDE) \
		$(NO_PATHS) -MMD -MP -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g -R .rel.BTF.ext $@

build/%.skel.h: build/%.bpf.o
	$(call say,SKEL,$@)$(BPFTOOL) gen skeleton $< name $(*F)_bpf >$@.new && mv $@.new $@

# Only when asked for: what it makes is in git.
update-vmlinux-h:
	$(Q)mkdir -p build && kernel=$$(vm/build-kernel patched) && \
		scripts/make-vmlinux-h $$kernel/vmlinux >build/vmlinux.h && mv build/vmlinux.h vmlinux.h

# --- what it is built with -----------------------------------------------------------------------

# One clear line about what is missing, before the first compiler error.
$(BUILT)/tools:
	@mkdir -p $(@D)
	@for tool in $(CLANG) $(LLVM_STRIP) $(BPFTOOL) infocmp \
		$(if $(SYSROOT),lld-19 mmdebstrap $(if $(CROSS),$(TRIPLET)-gcc,gcc),$(PKG_CONFIG) $(CC)); do \
		command -v $$tool >/dev/null || missing="$$missing $$tool"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "missing:$$missing" \
		     "$(if $(SYSROOT),(as root: scripts/install-packages),(on Debian 13: \
		     apt-get install clang llvm bpftool pkg-config libbpf-dev libjansson-dev \
		     libncurses-dev zlib1g-dev libzstd-dev))" >&2; \
		exit 1; \
	fi
ifeq ($(SYSROOT),)
	@$(PKG_CONFIG) --atleast-version=$(LIBBPF_NEEDED) libbpf || \
		{ echo 'libbpf is missing or older than $(LIBBPF_NEEDED), which resizes no counters' >&2; exit 1; }
endif
	@touch $@

build/sysroot: ARCHITECTURE := riscv64
build/native/sysroot: ARCHITECTURE := amd64
build/sysroot build/native/sysroot: vm/build-sysroot
	@mkdir -p $(@D)
	@sysroot=$$(vm/build-sysroot $(ARCHITECTURE)) && ln -sfn "$$sysroot" $@

-include $(STATIC_OBJECTS:.o=.d) $(BPF_SOURCES:%.c=build/%.d)
