#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Puts the traced IPI multiplexer into a kernel source tree: kernel/irq/ipi-mux.c
# and include/trace/events/ipi_mux.h. Configures nothing and builds nothing.
set -eu

usage()
{
	cat <<-'END'
	usage: install.sh [--force] KERNEL_SRC

	Replaces KERNEL_SRC/kernel/irq/ipi-mux.c by the traced multiplexer and adds
	its tracepoints as include/trace/events/ipi_mux.h. Run again: no change.

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

here=$(cd "$(dirname "$0")" && pwd)
src=${1%/}
mux=$src/kernel/irq/ipi-mux.c
events=$src/include/trace/events/ipi_mux.h

if ! grep -q '^PATCHLEVEL = ' "$src/Makefile" 2>/dev/null ||
   [ ! -f "$src/kernel/irq/Makefile" ] || [ ! -d "$src/include/trace/events" ]; then
	die "$src: not a Linux source tree"
fi
version=$(awk '/^VERSION = / { v = $3 } /^PATCHLEVEL = / { p = $3 }
	END { print v "." p }' "$src/Makefile")

[ -f "$mux" ] ||
	die "$src: Linux $version has no kernel/irq/ipi-mux.c; needs 6.3 or later"
interface=$(grep -cxF -e 'int ipi_mux_create(unsigned int nr_ipi, void (*mux_send)(unsigned int cpu));' \
	-e 'void ipi_mux_process(void);' "$src/include/linux/irq.h" || :)
[ "$interface" = 2 ] ||
	die "$src: the interface of its multiplexer in include/linux/irq.h is not the one this one implements"

# What was installed before, this version or an older one, may be replaced.
if ! grep -q '^#include <trace/events/ipi_mux.h>' "$mux"; then
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

# Both or neither, and not touched (so not rebuilt) when nothing changes.
put()
{
	cmp -s "$1" "$2" && return
	cp "$1" "$2.new"
	mv "$2.new" "$2"
	echo "installed $2"
}
put "$here/tracepoints.h" "$events"
put "$here/ipi-mux.c" "$mux"
