# SPDX-License-Identifier: GPL-2.0-only
# What is installed, and what is given to others.

.PHONY: pages install uninstall deb patch

# A page of several commands is there under each of their names: those in its NAME.
PAGES := $(patsubst %,build/%,$(wildcard man/*.8))

$(eval $(call linked,build/man/linked,$(wildcard man/*.8 man/shared/*)))

# Those of a page that is there no longer go, too.
build/man/emptied: build/man/linked
	$(Q)rm -f build/man/*.8 && touch $@

build/man/%.8: man/%.8 $(wildcard man/shared/*) build/man/emptied man/make-page VERSION
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

install: $(BUILT)/ipimux-trace $(PAGES)
	$(call say,INSTALL,$(DESTDIR)$(PREFIX)/bin/ipimux-trace)install -D -m 755 $(BUILT)/ipimux-trace $(TO_BIN)
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
