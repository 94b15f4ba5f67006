# SPDX-License-Identifier: GPL-2.0-only
# What may be set on the command line; compilers, flags, libraries; which sources are for what. No rules.

PREFIX ?= /usr/local
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
comma := ,
# As one word for the shell, whatever is in it.
quote = '$(subst ','\'',$(1))'
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' $(call quote,$(2));)
# What `check` makes at a time, and tests at a time of those that testrules.yml lets run side by side.
JOBS ?= 2
# For `soak` and `fuzz`. Long: those whose minute in `check` can be half an hour.
SECONDS ?= 1800

# The version is in VERSION, and nowhere else. Of what git revision this is, --version says, too, where git knows;
# `make REVISION=` says none.
IPIMUX_VERSION := $(lastword $(shell cat VERSION))
REVISION := $(if $(wildcard .git),$(shell git --git-dir=.git rev-parse -q --verify HEAD 2>/dev/null | cut -c 1-12))

# Where there are no RISC-V machines, the tool is built for one: static, so that it runs in any guest. Elsewhere it is
# built for the machine at hand. `make CROSS=` on x86_64 does that, too, in a place of its own: for recordings.
DEFAULT_CROSS := $(if $(filter x86_64,$(shell uname -m)),riscv64)
CROSS ?= $(DEFAULT_CROSS)
BUILT := build$(if $(CROSS),,$(DEFAULT_CROSS:%=/native))

# --- compilers -----------------------------------------------------------------------------------

PATH := $(PATH):/usr/sbin
export PATH
first_of = $(firstword $(foreach tool,$(1),$(if $(shell command -v $(tool)),$(tool))) $(1))
CLANG ?= $(call first_of,clang-19 clang)
LLVM_STRIP ?= $(call first_of,llvm-strip-19 llvm-strip)
BPFTOOL ?= bpftool
PROVE ?= prove
PKG_CONFIG ?= pkg-config

CFLAGS ?= -O2 -g
CFLAGS_ALL := $(CPPFLAGS) -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter \
	      -Wno-missing-field-initializers -Isrc -I. -Ibuild/html -Ibuild/made -Ibuild/screen
# What is made does not know where it was made.
NO_PATHS := $(call quote,-ffile-prefix-map=$(CURDIR)=.)

# The tool is linked to a Debian 13 that is extracted for it, statically, or to this machine's own libraries. Those of
# Debian 12 are too old: there a native tool takes a Debian 13, too. Who names a PKG_CONFIG has libraries.
LIBBPF_NEEDED := 1.3
ifeq ($(CROSS),riscv64)
SYSROOT := build/sysroot
TRIPLET := riscv64-linux-gnu
GCC_FILES := /usr/lib/gcc-cross/$(TRIPLET)
else ifeq ($(BUILT) $(origin PKG_CONFIG),build/native file)
ifneq ($(shell $(PKG_CONFIG) --atleast-version=$(LIBBPF_NEEDED) libbpf 2>/dev/null && echo there),there)
SYSROOT := build/native/sysroot
TRIPLET := x86_64-linux-gnu
GCC_FILES := /usr/lib/gcc/$(TRIPLET)
endif
endif

ifneq ($(SYSROOT),)
TARGET := --target=$(TRIPLET) --sysroot=$(SYSROOT) --gcc-install-dir=$(lastword $(sort $(wildcard $(GCC_FILES)/*)))
TOOL_CC := $(CLANG) $(TARGET)
TOOL_LINK := $(TOOL_CC) -fuse-ld=lld-19 -static
TOOL_LIBS := -lbpf -lelf -lz -lzstd -ljansson -lncursesw -ltinfo -lm
BPF_INCLUDE := -isystem $(SYSROOT)/usr/include
STATIC_SOURCES := src/loader/static-libelf.c
STATIC_LINK := $(TOOL_LINK) $(if $(CROSS),-Wl$(comma)-T$(comma)src/loader/static-frames.ld)
STATIC_LIBS := $(TOOL_LIBS)
else
TOOL_CC := $(CC)
TOOL_LINK := $(CC)
TOOL_LIBS = $(shell $(PKG_CONFIG) --libs libbpf jansson ncursesw tinfo zlib libzstd) -lm
BPF_INCLUDE = $(shell $(PKG_CONFIG) --cflags libbpf)
STATIC_LINK := $(CC) -static
STATIC_LIBS = $(shell $(PKG_CONFIG) --static --libs libbpf jansson ncursesw tinfo zlib libzstd) -lm
endif

# --- sources -------------------------------------------------------------------------------------

# All but what knows libbpf, the terminal or a run can be tested anywhere.
IMPURE := src/ipimux-trace.c $(wildcard src/loader/*.c src/ways/*.c src/probe/*.c src/session/*.c src/cmd/*.c) \
	  src/screen/screen.c src/screen/terminfo.c
PURE_SOURCES := $(filter-out $(IMPURE),$(wildcard src/*/*.c))
TOOL_SOURCES := $(PURE_SOURCES) $(filter-out src/loader/static-libelf.c,$(IMPURE)) $(STATIC_SOURCES)
TOOL_OBJECTS := $(sort $(TOOL_SOURCES:src/%.c=$(BUILT)/src/%.o))
STATIC_OBJECTS := $(sort $(TOOL_OBJECTS) $(BUILT)/src/loader/static-libelf.o)
BPF_SOURCES := $(wildcard bpf/*.bpf.c bench/*.bpf.c)

# src/SOURCE.c:NAME, for each skeleton of an object bpf/NAME.bpf.c that a source includes.
SKELETONS := $(shell grep -Ho '^.include "[a-z_]*\.skel\.h"' src/*/*.c | sed 's|:.*"\(.*\)\.skel.*|:\1|')
source_of = $(firstword $(subst :, ,$(1)))
skeleton_of = $(lastword $(subst :, ,$(1)))

# Each way to build the pure part for tests (tests.mk says how), and where all objects of src/ are.
FLAVOURS := unit plain fuzz
OBJECTS_OF_SRC := $(BUILT)/src $(FLAVOURS:%=build/tests/%/src)

# What the rules of a file make depends on these.
TOOL_RULES := mk/settings.mk mk/tool.mk
GUEST_RULES := mk/settings.mk mk/guest.mk
TEST_RULES := mk/settings.mk mk/tests.mk
