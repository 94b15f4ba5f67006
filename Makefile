# SPDX-License-Identifier: GPL-2.0-only
#
# ipimux-trace: the tool, the guest it is shown in, the tests. `make help` lists what there is to make. All that is
# made is under build/ (guest kernels and their user space: in a cache, see vm/README.md). The rules are in mk/:
#
#   settings.mk  what may be set on the command line; compilers, flags, libraries; which sources are for what
#   tool.mk      the tool and its BPF programs: all, static, update-vmlinux-h
#   install.mk   what is installed, and what is given to others: install, uninstall, pages, deb, patch
#   guest.mk     guests, and what runs in them: packages, demo, diagnose, bench
#   tests.mk     the tests: check, check-unit, check-vm, fuzz, litmus, soak

all:

include mk/settings.mk mk/tool.mk mk/install.mk mk/guest.mk mk/tests.mk

# tests/tree/make.t: each target that is in no INTERNAL is here.
help:
	@echo 'make            $(BUILT)/ipimux-trace$(if $(CROSS), (for $(CROSS)))'
	@echo 'make CROSS=     the same for this machine$(if $(DEFAULT_CROSS),$(comma) in build/native: for recordings)'
	@echo 'make static     $(BUILT)/static/ipimux-trace: one file, for any distribution and none'
	@echo 'make demo       a RISC-V guest whose IPIs ipimux-trace shows, live'
	@echo 'make diagnose   what docs/diagnose.md shows: storms, lost IPIs and who is to blame'
	@echo 'make check      the tests: each thing once; make check ALL=1: every combination'
	@echo 'make check-unit the unit tests: no guest, a minute at most'
	@echo 'make check-vm   the tests in guests'
	@echo 'make fuzz       tests/fuzz for SECONDS=$(SECONDS) each, in check it is 30 seconds'
	@echo 'make litmus     the memory model proof of ipi-mux.c (KERNEL_SRC=a tree with the model)'
	@echo 'make patch      KERNEL_SRC=... [OUT=...] a patch to mail: the tracepoints, for that tree'
	@echo 'make bench      what it costs, and what other tracers cost (4 min)'
	@echo 'make soak       tests/vm/audit/soak.t on five ways in, and quiet.t, for SECONDS=$(SECONDS) each; all of'
	@echo '                frozen.t, matrix-broken.t and places/limits.t; in check all are short'
	@echo 'make pages      the manual pages, in build/man'
	@echo 'make install    tool, manual pages, completions: PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)'
	@echo 'make uninstall  the reverse'
	@echo 'make deb        a Debian package for riscv64, in build/deb (as root; 5 min the first time)'
	@echo 'make packages   as root: installs what is missing of scripts/packages.txt, and says before what'
	@echo '                and why; demo, diagnose, bench and check begin with this'
	@echo 'make clean      removes build/, keeps the cache of kernels'
	@echo 'make update-vmlinux-h   vmlinux.h anew, from the guest kernel'
	@echo 'SKIP_PACKAGES=1 installs nothing: says what is missing, and goes on. V=1 shows the commands.'

clean:
	rm -rf build

# What other targets are made of.
.PHONY: help clean $(INTERNAL)
.DELETE_ON_ERROR:
.SECONDARY:
