#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel-patch/install.sh on kernel trees and on what is none: what it changes,
# what it refuses and leaves untouched. Needs the real kernel's source package.
set -u
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0

ok()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$tmp/output" >&2
	fi
}

# fingerprint DIR: of all that is in it, names and contents
fingerprint()
{
	(cd "$1" 2>/dev/null && find . -type f -exec sha256sum {} + | sort)
}

# refuses DIR MESSAGE NAME [OPTION]: an error with MESSAGE, and nothing touched
refuses()
{
	local before status

	before=$(fingerprint "$1")
	kernel-patch/install.sh ${4:+"$4"} "$1" >"$tmp/output" 2>&1
	status=$?
	[ $status = 1 ] && grep -q -- "$2" "$tmp/output" && [ "$before" = "$(fingerprint "$1")" ]
	ok $? "$3"
}

tar -C "$tmp" -xf /usr/src/linux-source-6.12.tar.xz linux-source-6.12/Makefile \
	linux-source-6.12/kernel/irq linux-source-6.12/include/linux/irq.h \
	linux-source-6.12/include/trace/events/ipi.h || exit 1
linux=$tmp/linux-source-6.12
cp -r "$linux" "$tmp/pristine"

kernel-patch/install.sh "$linux" >"$tmp/output" 2>&1
ok $? 'Linux 6.12: status 0'
cmp kernel-patch/ipi-mux.c "$linux/kernel/irq/ipi-mux.c" >"$tmp/output" 2>&1 &&
	cmp kernel-patch/tracepoints.h "$linux/include/trace/events/ipi_mux.h" >>"$tmp/output" 2>&1
ok $? 'the multiplexer and its tracepoints are in place'
others=$(diff -rq "$tmp/pristine" "$linux" | grep -cv 'ipi-mux.c\|ipi_mux.h')
[ "$others" = 0 ]
ok $? 'no other file has changed'

touch -d 2001-01-01 "$linux/kernel/irq/ipi-mux.c"
kernel-patch/install.sh "$linux" >"$tmp/output" 2>&1 && [ ! -s "$tmp/output" ] &&
	[ "$(date -r "$linux/kernel/irq/ipi-mux.c" +%Y)" = 2001 ]
ok $? 'again: nothing said, nothing touched'

echo '/* an older one of ours */' >>"$linux/kernel/irq/ipi-mux.c"
kernel-patch/install.sh "$linux" >"$tmp/output" 2>&1 &&
	cmp kernel-patch/ipi-mux.c "$linux/kernel/irq/ipi-mux.c" >"$tmp/output" 2>&1
ok $? 'an older one of ours is replaced'

mkdir "$tmp/empty"
refuses "$tmp/empty" 'not a Linux source tree' 'an empty directory is refused'
refuses /nonexistent 'not a Linux source tree' 'no directory is refused'

old=$tmp/old
cp -r "$tmp/pristine" "$old"
rm "$old/kernel/irq/ipi-mux.c"
refuses "$old" 'has no kernel/irq/ipi-mux.c' 'a tree without a multiplexer is refused'

changed=$tmp/changed
cp -r "$tmp/pristine" "$changed"
echo '/* a vendor was here */' >>"$changed/kernel/irq/ipi-mux.c"
refuses "$changed" 'not the multiplexer of mainline' 'a changed multiplexer is refused'
kernel-patch/install.sh --force "$changed" >"$tmp/output" 2>&1 &&
	cmp kernel-patch/ipi-mux.c "$changed/kernel/irq/ipi-mux.c" >"$tmp/output" 2>&1
ok $? 'unless --force says so'

more=$tmp/more
cp -r "$tmp/pristine" "$more"
echo 'int ipi_mux_vendor_call(void) { return 0; }' >>"$more/kernel/irq/ipi-mux.c"
refuses "$more" 'ipi_mux_vendor_call' 'one with more interface is refused' --force

other=$tmp/other
cp -r "$tmp/pristine" "$other"
sed -i 's/^int ipi_mux_create(.*/int ipi_mux_create(unsigned int nr_ipi);/' "$other/include/linux/irq.h"
refuses "$other" 'interface' 'another interface in irq.h is refused' --force

kernel-patch/install.sh >"$tmp/output" 2>&1
[ $? = 2 ]
ok $? 'no argument: status 2'
kernel-patch/install.sh --help 2>/dev/null | grep -q '^usage:'
ok $? '--help'
echo "1..$count"
