#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Puts the traced IPI multiplexer into a kernel source tree: kernel/irq/ipi-mux.c
# and include/trace/events/ipi_mux.h, and in trees before 6.3 what goes with them.
# Configures nothing and builds nothing: says what the configuration must have.
set -eu

usage()
{
	cat <<-'END'
	usage: install.sh [--force] KERNEL_SRC

	Replaces KERNEL_SRC/kernel/irq/ipi-mux.c by the traced multiplexer and adds
	its tracepoints as include/trace/events/ipi_mux.h. Run again: no change.
	In a tree that has no multiplexer (before 6.3), adds it to kernel/irq/Kconfig,
	kernel/irq/Makefile and include/linux/irq.h, too; no driver there uses it yet.
	Then says which options of kernel-patch/config/tracepoints the tree's .config lacks.

	  --force   also replace a multiplexer that differs from mainline's, if it
	            has no interface but mainline's; it is kept as ipi-mux.c.replaced
	END
}

die()
{
	echo "install.sh: $*" >&2
	exit 1
}

# The functions of kernel/irq/ipi-mux.c as mainline has it, 6.3 to 7.3, without comments and white
# space, and the file without its functions: see functions().
known_functions='
ipi_mux_mask 6f05ca65d70e1597551ad81332a48a4c2a5aabf67b0816f7536d0445fd2fae0b
ipi_mux_unmask d68850e89adb5113332f0fa5839d8e9f2ab4af439460d4493ea84c91ace3473f
ipi_mux_send_mask 3335e4cd3ce2f605d15280f07570cd11f80c8559da8a83879fbaffd688e4508f
ipi_mux_domain_alloc fc3c92d188fe6e7cf0a3a12f967f85e3225616e371401fc36207216716fc1037
ipi_mux_process 78952cfa6d5356e165616c8d2b6d5fca43b92ce92771366df0538c4377c3b7fc
ipi_mux_create 3b8dc2ed3f36cfc3a299b1826767bb13d445466b29f7ad228c5e378653734ff5
 f39f23c680bad939c03504e5871c0383a13eb4181286b55a9b09d6f74c45fc0a
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

# functions FILE: "NAME SUM" of each function in it, and of the rest, which has no name
functions()
{
	awk '
		# Comments go first: in one of several lines there may be anything.
		{
			line = $0
			out = ""
			while (line != "") {
				if (comment) {
					end = index(line, "*/")
					comment = !end
					line = end ? substr(line, end + 2) : ""
				} else {
					start = index(line, "/*")
					comment = start
					out = out (start ? substr(line, 1, start - 1) : line)
					line = start ? substr(line, start + 2) : ""
				}
			}
			sub(/[/][/].*/, "", out)
			whole = out
			gsub(/[ \t]/, "", out)
		}
		# A head may go over two lines; its name is what stands before the bracket.
		!inside && whole ~ /^[a-zA-Z_].*\(/ && whole !~ /[;=]/ && whole !~ /^#/ {
			name = whole
			sub(/\(.*/, "", name)
			sub(/.*[^a-zA-Z0-9_]/, "", name)
			inside = 1
			body = ""
		}
		inside { body = body out }
		!inside { rest = rest out }
		# Its end is the bracket in front, or that of a line that has all of it.
		inside && (whole ~ /^}/ || whole ~ /^[a-zA-Z_].*}[ \t]*$/) { print name, body; inside = 0 }
		END { print "", rest }
	' "$1" | while IFS= read -r line; do
		sum=$(printf '%s' "${line#* }" | sha256sum)
		echo "${line%% *} ${sum%% *}"
	done
}

# differences FILE: where it is not mainline's, in words; nothing where it is
differences()
{
	has=$(functions "$1")
	echo "$known_functions" | while IFS=' ' read -r name sum; do
		case $name in
		'' | *[!a-z_]*) ;;
		*)
			if ! echo "$has" | grep -q "^$name "; then
				echo "$name() is missing"
			elif ! echo "$has" | grep -qxF "$name $sum"; then
				echo "$name() differs"
			fi
			;;
		esac
	done
	echo "$has" | while IFS=' ' read -r name sum; do
		echo "$known_functions" | grep -q "^$name " || [ -z "$sum" ] || echo "$name() is not in mainline's"
	done
	echo "$known_functions" | grep -qxF "$(echo "$has" | grep '^ ')" ||
		echo 'what is outside of its functions differs'
}

# is_ours FILE: was it installed from here, this version or an older one? Its first words tell.
is_ours()
{
	head -n 4 "$1" | grep -qF "$(sed -n 3p "$here/ipi-mux.c")"
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
replaced=
if [ -f "$mux" ] && ! is_ours "$mux"; then
	different=$(differences "$mux")
	different=$(echo "$different" | paste -s -d, - | sed 's/,/, /g')
	if [ -n "$different" ]; then
		# Symbols that other files use are lost with the file.
		others=$(grep -E '^[a-z].*[a-z_]\(' "$mux" |
			grep -vE '^static |ipi_mux_(create|process)\(' || :)
		[ -z "$others" ] ||
			die "$mux: unknown multiplexer with more than the known interface: $others"
		[ -n "$force" ] || die "$mux: not the multiplexer of mainline Linux: $different;" \
			"--force replaces it all the same, and keeps it as ipi-mux.c.replaced"
		replaced=$mux.replaced
		[ ! -e "$replaced" ] || die "$replaced: there already; move it away"
	fi
fi
if [ -f "$mux" ] && [ -d "$src/arch/riscv" ] &&
   ! grep -qs 'select GENERIC_IRQ_IPI_MUX' "$src/arch/riscv/Kconfig"; then
	note="RISC-V does not use the multiplexer in Linux $version (from 6.4 on it does): see docs/porting.md"
fi

mkdir -p "$tmp/kernel/irq" "$tmp/include/trace/events"
cp "$here/ipi-mux.c" "$tmp/kernel/irq/ipi-mux.c"
cp "$here/tracepoints.h" "$tmp/include/trace/events/ipi_mux.h"

# All or nothing, and not touched (so not rebuilt) when nothing changes.
files=$(cd "$tmp" && find . -type f | sed 's,^\./,,' | sort)
for file in $files; do
	cmp -s "$tmp/$file" "$src/$file" || cp "$tmp/$file" "$src/$file.ipimux-new"
done
[ -z "$replaced" ] || { cp -p "$mux" "$replaced" && echo "kept $replaced"; }
installed=
for file in $files; do
	if [ -f "$src/$file.ipimux-new" ]; then
		mv -f "$src/$file.ipimux-new" "$src/$file"
		echo "installed $src/$file"
		installed=1
	fi
done
[ -z "$installed" ] || [ -z "$note" ] || echo "$note"

# An option that depends on another one which is off is gone from .config without a word.
merge="scripts/kconfig/merge_config.sh .config $here/config/tracepoints"
if [ -f "$src/.config" ]; then
	lacks=$(grep '^CONFIG_' "$here/config/tracepoints" | grep -vxF -f "$src/.config" |
		sed 's/=y$//' | paste -s -d' ' -)
	[ -z "$lacks" ] || echo "$src/.config lacks $lacks; in that tree, with ARCH= as for make: $merge"
elif [ -n "$installed" ]; then
	echo "when the tree is configured, with ARCH= as for make: $merge"
fi
