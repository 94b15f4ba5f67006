#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `make CROSS=` where the tool is else built for RISC-V: a tool for this machine, beside the other one, that shows
# recordings as the other one does. It has no multiplexer to watch here, and says so.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

if [ "$(uname -m)" != x86_64 ]; then
	echo '1..0 # SKIP all that is built here is for this machine'
	exit
fi
tree=$tmp/tree
copy_tree "$tree"
# The programs for BPF are the same for both: they need no second compilation.
mkdir "$tree/build"
cp -a build/bpf "$tree/build" 2>"$output"

# -O0: compiling is most of the time.
make -j2 -C "$tree" CROSS= CFLAGS='-O0 -g' all pages >"$output" 2>&1 && ! grep -q 'warning:' "$output"
ok $? 'it builds'
tool=$tree/build/native/ipimux-trace
# EI_CLASS, EI_DATA and, behind the type, the machine: 62 is x86-64.
[ "$(od -An -tu1 -j 18 -N 2 "$tool" | tr -d ' \n')" = 620 ]
ok $? 'for this machine'
[ ! -e "$tree/build/ipimux-trace" ] && [ ! -e "$tree/build/src" ]
ok $? 'and is not where the other one is'
make -q -C "$tree" CROSS= CFLAGS='-O0 -g' all >"$output" 2>&1
ok $? 'a second make does nothing'

"$tool" --version >"$output" 2>&1
[ "$(cat "$output")" = "ipimux-trace $(sed 1d VERSION)" ]
ok $? '--version'
# tests/golden/show runs what is in build/.
ln -s native/ipimux-trace "$tree/build/ipimux-trace"
for name in broken-drop-raise cut-off fentry-latency imsic-storm; do
	"$tree/tests/golden/show" "$name" | diff <(gunzip -c "tests/golden/shown/$name.gz") - >"$output" 2>&1
	silent $? "$name: all is shown as on RISC-V"
done
"$tool" -i tests/golden/older/stuck.zst >"$output" 2>&1
[ $? = 1 ] && grep -q '^audit: OFF' "$output"
ok $? 'the exit status is that of the audit'
"$tool" doctor >"$output" 2>&1
[ $? = 3 ] && grep -q '^multiplexer  *MISSING ' "$output"
ok $? 'doctor: no multiplexer here'
"$tool" stat 1 1 >"$output" 2>&1
[ $? = 3 ] && grep -qE '^ipimux-trace: (no IPI multiplexer in this kernel|.*CAP_|.*root)' "$output"
ok $? 'stat: cannot run here, and says why'

make -C "$tree" CROSS= CFLAGS='-O0 -g' install DESTDIR="$tmp/to" >"$output" 2>&1 &&
	cmp "$tool" "$tmp/to/usr/local/bin/ipimux-trace" >>"$output" 2>&1
ok $? 'make install CROSS= installs it'
for target in check check-vm demo diagnose bench soak; do
	make -C "$tree" CROSS= $target >"$output" 2>&1
	[ $? = 2 ] && grep -q "\*\*\* make $target runs RISC-V guests, which need no CROSS=" "$output" &&
		[ "$(wc -l <"$output")" -le 3 ]
	ok $? "make $target CROSS=: one line says what it is for"
done
plan
