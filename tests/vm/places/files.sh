#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for files.t: files that are there already, links, a file system that is full, writers that are killed.
# Judges nothing.
set -u
. ./outputs.sh

# --- files that are there ---

step "files that are there"

new files 755
for name in record stat trace storm report check; do
	echo "old $name" >$name
done
chmod 640 record
chmod 600 report
# shown NAME... - what files have, and the rest of the directory
shown()
{
	shown=$1
	shift
	{ head -n 1 -- "$@" && ls -A; } >"/out/$shown" 2>&1
}

# all PREFIX OPTION... - each command that writes a file
all()
{
	prefix=$1
	shift
	try "$prefix-record" ipimux-trace record "$@" record 0.1 2
	try "$prefix-stat" ipimux-trace stat "$@" --record=stat 0.1 2
	try "$prefix-trace" ipimux-trace trace "$@" -n 3 -o trace
	try "$prefix-storm" ipimux-trace storm "$@" --rate 1 --for 0.5 --folded storm 0.2 2
	try "$prefix-report" ipimux-trace report "$@" --html report 0.1 2
	try "$prefix-check" ipimux-trace check "$@" --junit check --duration 0.1
}

all exists
shown exists record stat trace storm report check
# With --force, but it cannot start: nobody may trace.
chown nobody . ./*
for command in 'record --force record' 'stat --force --record=stat' 'trace --force -o trace' \
	'storm --force --folded storm' 'report --force --html report'; do
	su -s /bin/sh nobody -c "ipimux-trace $command" 2>>/out/nobody.errors
	echo $? >>/out/nobody
done
ipimux-trace trace --force -c 9 -o trace 2>/dev/null
ipimux-trace stat --force --record=stat -c 9 2>/dev/null
ipimux-trace storm --force --folded storm -c 9 2>/dev/null
ipimux-trace report --force --html report --pinned none 2>/dev/null
shown untouched record stat trace storm report check
# The directory is another user's: root needs what it gives up.
all force --force
shown forced record stat trace storm report check
stat -c '%n %a %U' record report trace >/out/forced-modes
all new-refused
rm -f record stat trace storm report check
all new
shown new record stat trace storm report check

# Killed: a recording and a trace have what there was; a page is the old one.
new killed 755
ipimux-trace record old 0.1 2 2>/dev/null
cp old record
echo old >trace
echo old >report
# killed FILE COMMAND... - when FILE is a new one, or counts
killed()
{
	file=$1
	shift
	before=$(stat -c %i "$file")
	"$@" >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq 100); do
		[ "$(stat -c %i "$file")" = "$before" ] || break
		usleep 50000
	done
	sleep 1
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
}
killed record ipimux-trace record --force record 0.1
killed trace ipimux-trace trace --force -o trace
ipimux-trace report --force --html report --record=running 0.1 &
pid=$!
until [ -s running ]; do usleep 10000; done
kill -KILL "$pid"
wait "$pid" 2>/dev/null
shown killed trace report
try killed-record ipimux-trace -j -i record
for signal in INT TERM HUP; do
	ipimux-trace record "new-$signal" 0.1 2>/dev/null &
	pid=$!
	until [ -s "new-$signal" ]; do usleep 10000; done
	told "new-$signal" $signal "$pid"
	try "new-$signal-later" ipimux-trace -j -i "new-$signal"
done
ls -A >/out/killed-left

# Full: what was there stays, and nothing else.
new small 755
mount -t tmpfs -o size=16k tmpfs .
cd . || exit
echo old >report
echo old >check
dd if=/dev/zero of=fill bs=1k 2>/dev/null
try small-report ipimux-trace report --force --html report 0.1 1
try small-check ipimux-trace check --force --junit check --duration 0.1
try small-record ipimux-trace record new 0.1 1
try small-trace ipimux-trace trace -o new-trace 0.1
shown small report check
cd /tmp || exit
# Whoever limits a time is there for a moment more.
umount -l /tmp/small

# Links.
new links 755
echo target >target
chmod 666 target
mkdir there sticky open
chmod 1777 sticky
chmod 777 open
ln -s ../target sticky/mine
su -s /bin/sh nobody -c 'ln -s ../target sticky/theirs; ln -s ../none sticky/dangling; ln -s ../there sticky/directory'
ln -s ../target open/mine
ln -s target here
ln -s none here-dangling
ln -s here here-too
for link in sticky/theirs sticky/dangling sticky/directory/file open/mine; do
	for command in 'record --force' 'trace --force -n 1 -o' 'report --force --html' \
		'storm --force --folded' 'check --force --duration 0.1 --junit'; do
		# shellcheck disable=SC2086 # words
		timeout 20 ipimux-trace $command $link 2>>/out/links.errors >/dev/null
		echo "$link $?" >>/out/links
	done
done
shown links-target target
ls -A . there >/out/links-left
for link in sticky/mine here here-too here-dangling; do
	echo old >target
	try "link-${link##*/}" ipimux-trace trace --force -n 1 -o $link 2>/dev/null
	head -n 1 $link >>/out/links-followed
	[ -L $link ] && echo "a link: $link" >>/out/links-followed
done

# As they are: devices, standard output by another name, descriptors, an empty file.
new asis 755
try dev-null ipimux-trace trace -n 1 -o /dev/null
ipimux-trace trace -n 1 -o /dev/stdout >stdout 2>/dev/null
echo first >>appended
ipimux-trace trace -n 1 -o /dev/stdout >>appended 2>/dev/null
ipimux-trace record /dev/fd/5 0.1 1 5>descriptor 2>/dev/null
head -n 1 stdout appended >/out/asis
try asis-descriptor ipimux-trace -j -i descriptor
for name in record report trace; do
	: >empty-$name
	stat -c %i empty-$name >>/out/empty-before
done
ipimux-trace record empty-record 0.1 1 2>/dev/null
ipimux-trace report --html empty-report 0.1 1
ipimux-trace trace -n 1 -o empty-trace 2>/dev/null
stat -c %i empty-* | sort >/out/empty-after
sort -o /out/empty-before /out/empty-before
wc -c empty-* >/out/empty
try dash-report ipimux-trace report --html - 0.1 1
try dash-trace ipimux-trace trace -o - -n 1
try dash-junit ipimux-trace check --junit - --duration 0.1
try dash-folded ipimux-trace storm --folded - 0.1 1
try recorded-folded ipimux-trace storm --folded new -i descriptor
ls -A >/out/asis-left

end_outputs
