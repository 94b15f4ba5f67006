#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the kernel's own checkers say of kernel-patch/: checkpatch.pl, sparse, gcc with W=1, kernel-doc.
# They should say nothing. How it behaves is not looked at here.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=objects.sh
. tests/tree/objects.sh

# checkpatch FILE TYPE...: without these types, and without the lines that are there in any case
checkpatch()
{
	local file=$1 types

	shift
	types=$(IFS=,; echo "$*")
	"$TREE/scripts/checkpatch.pl" --no-tree --strict --no-summary --terse --show-types \
		${types:+--ignore "$types"} -f "$file" >"$output" 2>&1
}

begin_objects
take_tree linux-source-6.12 || exit 1
configure riscv "$output" || { cat "$output" >&2 && exit 1; }
kernel-patch/install.sh "$TREE" >/dev/null || exit 1

checkpatch kernel-patch/ipi-mux.c
silent $? 'checkpatch.pl --strict: ipi-mux.c'
# How all TRACE_EVENTs of the kernel are written, it does not like.
checkpatch kernel-patch/tracepoints.h PARENTHESIS_ALIGNMENT OPEN_ENDED_LINE
silent $? 'checkpatch.pl --strict: tracepoints.h'

(cd "$TREE" && scripts/kernel-doc -none -Wall -Werror kernel/irq/ipi-mux.c include/trace/events/ipi_mux.h) \
	>"$output" 2>&1
silent $? 'kernel-doc'

# sparse of Debian 12 does not know the -march of riscv, and what else is compiled is not ours to judge.
cat >"$PART/check" <<'END'
#!/bin/bash
for argument; do
	shift
	case $argument in -march=*) ;; *) set -- "$@" "$argument" ;; esac
done
case $argument in
*/ipi-mux.c) ;;
*) exit 0 ;;
esac
: >"$0.ran"
exec sparse "$@"
END
chmod +x "$PART/check"
make_in "$TREE" riscv prepare >"$output" 2>&1
make_in "$TREE" riscv C=2 CHECK="$PART/check" kernel/irq/ipi-mux.o >"$output" 2>&1
status=$?
[ -e "$PART/check.ran" ] || echo 'sparse was not called' >>"$output"
silent $status 'sparse, and gcc with W=1'

sed -i -e 's/^CONFIG_FTRACE=y/# CONFIG_FTRACE is not set/' "$TREE/riscv/.config"
make_in "$TREE" riscv syncconfig < <(yes '') >"$output" 2>&1
grep -E '^CONFIG_TRACEPOINTS=|^# CONFIG_GENERIC_IRQ_IPI_MUX' "$TREE/riscv/.config" >>"$output"
silent 0 'a configuration without tracepoints'
make_in "$TREE" riscv prepare >"$output" 2>&1
make_in "$TREE" riscv kernel/irq/ipi-mux.o >"$output" 2>&1
silent $? 'gcc with W=1, without tracepoints'
plan
