#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Puts the traced IPI multiplexer into a kernel source tree: kernel/irq/ipi-mux.c
# and include/trace/events/ipi_mux.h, and in trees before 6.3 what goes with them.
# Configures nothing and builds nothing.
set -eu

usage()
{
	cat <<-'END'
	usage: install.sh [--force] KERNEL_SRC

	Replaces KERNEL_SRC/kernel/irq/ipi-mux.c by the traced multiplexer and adds
	its tracepoints as include/trace/events/ipi_mux.h. Run again: no change.
	In a tree that has no multiplexer (before 6.3), adds it to kernel/irq/Kconfig,
	kernel/irq/Makefile and include/linux/irq.h, too; no driver there uses it yet.

	  --force   also replace a multiplexer that differs from mainline's, if it
	            has no interface but mainline's
	END
}

die()
{
	echo "install.sh: $*" >&2
	exit 1
}

# kernel/irq/ipi-mux.c as mainline has it, 6.12 to 7.2.
known_muxes='
7538408c994929dc9178acc4d721748009e0e13f885855613e63315cc0401307
'

force=
case ${1-} in
-h|--help)
	usage
	exit 0
	;;
--force)
	force=1
	shift
	;;
esac
if [ $# -ne 1 ]; then
	usage >&2
	exit 2
fi

unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
src=${1%/}
mux=$src/kernel/irq/ipi-mux.c

if ! grep -q '^PATCHLEVEL = ' "$src/Makefile" 2>/dev/null ||
   [ ! -f "$src/kernel/irq/Makefile" ] || [ ! -d "$src/include/trace/events" ]; then
	die "$src: not a Linux source tree"
fi
version=$(awk '/^VERSION = / { v = $3 } /^PATCHLEVEL = / { p = $3 }
	END { print v "." p }' "$src/Makefile")

tmp=$(mktemp -d)
files=
trap 'rm -rf "$tmp"; for file in $files; do rm -f "$src/$file.ipimux-new"; done' EXIT
trap 'exit 1' INT TERM HUP

prototypes='void ipi_mux_process(void);
int ipi_mux_create(unsigned int nr_ipi, void (*mux_send)(unsigned int cpu));'

# add_after FILE LINE TEXT: in $tmp, FILE of the tree with TEXT after its line
# LINE. There must be exactly one such line.
add_after()
{
	[ "$(grep -cxF -e "$2" "$src/$1")" = 1 ] ||
		die "$src/$1: not as in any Linux that this is for: no line '$2'"
	mkdir -p "$tmp/$(dirname "$1")"
	line=$2 text=$3 awk '{ print } $0 == ENVIRON["line"] { print ENVIRON["text"] }' \
		"$src/$1" >"$tmp/$1"
}

# What came with the multiplexer in 6.3. IRQ_DOMAIN_HIERARCHY: the drivers that
# select the multiplexer in later trees select that, too.
add_interface()
{
	! grep -qi 'ipi[_-]mux' "$src/include/linux/irq.h" "$src/kernel/irq/Makefile" \
		"$src/kernel/irq/Kconfig" ||
		die "$src: Linux $version has parts of a multiplexer, but no kernel/irq/ipi-mux.c"
	grep -qs 'int generic_handle_domain_irq(' "$src/include/linux/irqdesc.h" ||
		die "$src: Linux $version has neither a multiplexer nor what one is made of; needs 5.14 or later"

	add_after include/linux/irq.h \
		'int ipi_send_mask(unsigned int virq, const struct cpumask *dest);' "
$prototypes"
	# shellcheck disable=SC2016 # for make
	add_after kernel/irq/Makefile 'obj-$(CONFIG_GENERIC_IRQ_IPI) += ipi.o' \
		'obj-$(CONFIG_GENERIC_IRQ_IPI_MUX) += ipi-mux.o'
	# Before what comes after "config GENERIC_IRQ_IPI", whatever that is.
	mkdir -p "$tmp/kernel/irq"
	awk '
		/^config GENERIC_IRQ_IPI$/ { here = 1 }
		here && /^$/ {
			print "\n# IPI multiplexer\nconfig GENERIC_IRQ_IPI_MUX"
			print "\tbool\n\tdepends on SMP\n\tselect IRQ_DOMAIN_HIERARCHY"
			here = 0
			done++
		}
		{ print }
		END { exit done != 1 }
	' "$src/kernel/irq/Kconfig" >"$tmp/kernel/irq/Kconfig" ||
		die "$src/kernel/irq/Kconfig: not as in any Linux that this is for: no GENERIC_IRQ_IPI"
}

note=
if [ ! -f "$mux" ]; then
	add_interface
	note="Linux $version has no driver that uses it yet: see docs/porting.md"
else
	interface=$(grep -cxF -e "$prototypes" "$src/include/linux/irq.h" || :)
	[ "$interface" = 2 ] ||
		die "$src: the interface of its multiplexer in include/linux/irq.h is not the one this one implements"
fi

# What was installed before, this version or an older one, may be replaced.
if [ -f "$mux" ] && ! grep -q '^#include <trace/events/ipi_mux.h>' "$mux"; then
	sum=$(sha256sum <"$mux")
	case $known_muxes in
	*"${sum%% *}"*) ;;
	*)
		# Symbols that other files use are lost with the file.
		others=$(grep -E '^[a-z].*[a-z_]\(' "$mux" |
			grep -vE '^static |ipi_mux_(create|process)\(' || :)
		[ -z "$others" ] ||
			die "$mux: unknown multiplexer with more than the known interface: $others"
		[ -n "$force" ] ||
			die "$mux: not the multiplexer of mainline Linux; --force replaces it all the same"
		;;
	esac
fi

mkdir -p "$tmp/kernel/irq" "$tmp/include/trace/events"
cp "$here/ipi-mux.c" "$tmp/kernel/irq/ipi-mux.c"
cp "$here/tracepoints.h" "$tmp/include/trace/events/ipi_mux.h"

# All or nothing, and not touched (so not rebuilt) when nothing changes.
files=$(cd "$tmp" && find . -type f | sed 's,^\./,,' | sort)
for file in $files; do
	cmp -s "$tmp/$file" "$src/$file" || cp "$tmp/$file" "$src/$file.ipimux-new"
done
for file in $files; do
	if [ -f "$src/$file.ipimux-new" ]; then
		mv -f "$src/$file.ipimux-new" "$src/$file"
		echo "installed $src/$file"
	fi
done
[ -z "$note" ] || echo "$note"
