#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for outputs.t: real pipes whose readers die or stand still, real signals, a file system
# that is full, files that are there already. Judges nothing.
set -u
. ./lib.sh

step()
{
	echo "$(uptime) $*"
}

# try NAME COMMAND... - its output, what it said and its status
try()
{
	name=$1
	shift
	step "$name"
	timeout 40 "$@" >"/out/$name" 2>"/out/$name.errors"
	echo "$name $?" >>/out/statuses
}

# finish NAME PID - its status; what does not end is killed, and has that for its status
finish()
{
	step "$1"
	{ sleep 20 && kill -KILL "$2"; } 2>/dev/null &
	watchdog=$!
	wait "$2"
	echo "$1 $?" >>/out/statuses
	kill $watchdog
}

# told NAME SIGNAL PID - tells it to end; its status, and how long that took in hundredths of a second
told()
{
	from=$(uptime | tr -d .)
	kill "-$2" "$3"
	finish "$1" "$3"
	echo "$1 $(($(uptime | tr -d .) - from))" >>/out/times
}

# blocked PID FUNCTION... - waits until the kernel says that it is in one of them
blocked()
{
	whom=$1
	shift
	for _ in $(seq 400); do
		where=$(cat "/proc/$whom/wchan")
		for function; do
			# Long enough to be sure that it stands still.
			[ "$where" != "$function" ] || { usleep 100000 && return; }
		done
		kill -0 "$whom" || return
		usleep 50000
	done
	echo "not blocked: $whom in $where"
}

# new NAME MODE - a directory, and goes there
new()
{
	rm -rf "/tmp/$1"
	mkdir -m "$2" "/tmp/$1"
	cd "/tmp/$1" || exit
}

[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
[ -e /dev/stdout ] || ln -s fd/1 /dev/stdout
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
# Others' links are in a /tmp as it is on a machine of many users.
chmod 1777 /tmp
# Events enough to fill a pipe, and storms at a rate of 1.
while :; do
	membarrier 2 3 50
	usleep 100000
done >/dev/null &
load=$!
# The last BPF program to go takes seconds on a busy machine: somebody else's stays.
start_tracer /out/other.jsonl -j 1
other=$tracer
bpf-objects count >/out/objects-before

# --- a reader dies ---

step "a reader dies"

new pipes 755
mkfifo fifo

# dies NAME COMMAND... - a reader of the FIFO that takes four lines
dies()
{
	head -n 4 fifo >/dev/null &
	try "$@"
}

# leaves NAME COMMAND... - one that takes nothing
leaves()
{
	: <fifo &
	try "$@"
}

dies check-dies ipimux-trace check --record=fifo --junit /out/check-dies.xml --max-rate 0 --max-coalesced 100 \
	--min-sends 1 -- sh -c 'sleep 2; echo finished'
dies check-duration-dies ipimux-trace check --record=fifo --duration 30
dies record-dies ipimux-trace record fifo 0.1
dies stat-dies ipimux-trace stat --record=fifo 0.1
dies trace-dies ipimux-trace trace -j -o fifo
leaves storm-dies ipimux-trace storm --rate 1 --for 0.5 --folded fifo 0.2
leaves report-dies ipimux-trace report --html fifo 0.1 2
leaves junit-dies ipimux-trace check --junit fifo --duration 0.2

# head_of NAME COMMAND... - the same with a reader of standard output
head_of()
{
	name=$1
	shift
	{
		"$@" 2>"/out/$name.errors"
		echo "$name $?" >>/out/statuses
	} | head -c 1 >"/out/$name"
}

head_of record-head ipimux-trace record - 0.1
# A page fits into a pipe.
{
	ipimux-trace report --html - 0.1 2 2>/out/report-head.errors
	echo "report-head $?" >>/out/statuses
} | :
head_of stat-head ipimux-trace stat 0.1
head_of trace-head ipimux-trace trace
head_of trace-stdout-head ipimux-trace trace -o /dev/stdout
head_of trace-dash-head ipimux-trace trace -o -
ls -A >/out/pipes-left

# --- check, when what it needs fails ---

step "check, when what it needs fails"

mkdir full
mount -t tmpfs -o size=64k tmpfs full
head -c 40000 /dev/zero >full/fill
try check-full ipimux-trace check --record=full/trace --junit /out/check-full.xml --stuck-threshold 0.04 -- \
	sh -c 'sleep 6; echo finished; exit 7'
umount -l full
ipimux-trace attach --pin gone >/dev/null
{
	until [ -s gone ]; do usleep 10000; done
	ipimux-trace detach gone
} &
try check-gone ipimux-trace check --pinned gone --record=gone --junit /out/check-gone.xml -- sh -c 'sleep 4; echo finished'
wait $!
ipimux-trace record whole 0.1 5 2>/dev/null
sed '5s/^{/[/' whole >damaged
try check-damaged ipimux-trace check -i damaged --junit /out/check-damaged.xml
# Nothing was begun.
try check-start ipimux-trace check --record=/dev/full --junit /out/check-start.xml -- echo ran
# It was judged; but nobody can know.
ipimux-trace check --duration 0.2 >/dev/full 2>/out/check-stdout.errors
echo "check-stdout $?" >>/out/statuses

# --- what is full is named ---

step "what is full is named"

for command in 'stat 0.1 1' 'stat -j 0.1 1' 'matrix 0.1 1' 'trace 0.1' 'storm 0.1 1' 'latency 0.1 1' 'doctor' \
	'help' 'help stat' 'stat --help' 'help help' '--version' '--help'; do
	# shellcheck disable=SC2086 # words
	ipimux-trace $command >/dev/full 2>"/out/full: $command.errors"
	echo "full: $command|$?" >>/out/full
	# shellcheck disable=SC2086 # words
	ipimux-trace $command >&- 2>"/out/closed: $command.errors"
	echo "closed: $command|$?" >>/out/full
done
try trace-full ipimux-trace trace -o /dev/full 0.5
try record-full ipimux-trace record /dev/full
try report-full ipimux-trace report --html /dev/full 0.1 1
try junit-full ipimux-trace check --junit /dev/full --duration 0.1
try help-help ipimux-trace help help
try help-list ipimux-trace help
try help-none ipimux-trace help nonsense
try help-two ipimux-trace help stat latency

# --- signals ---

step "signals"

# stands NAME SIGNAL FUNCTION COMMAND... - told to end when it is blocked
stands()
{
	name=$1 signal=$2 function=$3
	shift 3
	"$@" >"/out/$name" 2>"/out/$name.errors" &
	pid=$!
	blocked "$pid" "$function"
	told "$name" "$signal" "$pid"
}

# stands_out NAME SIGNAL COMMAND... - the same with standard output in the FIFO
stands_out()
{
	name=$1 signal=$2
	shift 2
	"$@" >fifo 2>"/out/$name.errors" &
	pid=$!
	blocked "$pid" pipe_write anon_pipe_write
	told "$name" "$signal" "$pid"
}

for signal in INT TERM HUP; do
	stands "open-record-$signal" $signal wait_for_partner ipimux-trace record fifo
done
stands open-stat TERM wait_for_partner ipimux-trace stat --record=fifo
stands open-check INT wait_for_partner ipimux-trace check --record=fifo -- sleep 60
stands open-trace HUP wait_for_partner ipimux-trace trace -o fifo
# Nobody reads. Each has its own, for what is in it stays.
for case in 1 2 3 4 5 6 7 8 9 10 11 12; do
	rm fifo
	mkfifo fifo
	sleep 1000 <>fifo &
	still="${still-} $!"
	case $case in
	1) stands_out write-stat INT ipimux-trace -j 0.01 ;;
	2) stands_out write-matrix TERM ipimux-trace matrix -j 0.01 ;;
	3) stands_out write-trace HUP ipimux-trace trace -j ;;
	4) stands write-trace-o TERM pipe_write ipimux-trace trace -j -o fifo ;;
	5) stands write-record INT pipe_write ipimux-trace record fifo 0.01 ;;
	6) stands_out write-record-dash HUP ipimux-trace record - 0.01 ;;
	7) stands write-stat-record TERM pipe_write ipimux-trace stat -j --record=fifo 0.01 ;;
	8)
		# The command is told, and may take its time.
		stands write-check TERM pipe_write ipimux-trace check --stuck-threshold 0.04 --record=fifo -- \
			sh -c 'exec 2>/dev/null; trap "echo tidied up; exit 0" TERM; while :; do usleep 10000; done'
		;;
	9 | 10)
		# A page would fit into it.
		head -c 60000 /dev/zero >fifo
		if [ $case = 9 ]; then
			stands write-report TERM pipe_write ipimux-trace report --html fifo 0.1 3
		else
			stands_out write-report-dash INT ipimux-trace report --html - 0.1 3
		fi
		;;
	11) stands_out write-recorded TERM ipimux-trace trace -j --no-self ;;
	12)
		# A message, with all else that is not read.
		ipimux-trace -j 0.01 >fifo 2>fifo &
		pid=$!
		blocked "$pid" pipe_write anon_pipe_write
		told write-errors TERM "$pid"
		;;
	esac
done
# shellcheck disable=SC2086 # a list
kill $still

# Slow, but there: it gets all of it.
rm fifo
mkfifo fifo
while dd bs=6000 count=1 2>/dev/null >/tmp/part && [ -s /tmp/part ]; do
	cat /tmp/part
	usleep 50000
done <fifo >/out/slow.jsonl &
reader=$!
ipimux-trace -j 0.01 >fifo 2>/out/slow.errors &
pid=$!
blocked "$pid" pipe_write anon_pipe_write
kill -TERM "$pid"
finish slow "$pid"
wait $reader

# A terminal that stands still.
for signal in INT TERM; do
	# One from the start, one when it has begun.
	seconds=$([ $signal = INT ] && echo 0 || echo 3)
	TERM=vt220 terminal stops "$seconds" ipimux-trace top 0.1 2>"/out/top-$signal.errors" >"/out/top-$signal" &
	pid=$!
	child=
	for _ in $(seq 100); do
		child=$(pidof ipimux-trace | tr ' ' '\n' | grep -vx "$other") && break
		usleep 50000
	done
	blocked "$child" wait_woken n_tty_write
	cat "/proc/$child/wchan" >>/out/top-wchan
	echo >>/out/top-wchan
	from=$(uptime | tr -d .)
	kill -$signal "$child"
	finish "top-$signal" "$pid"
	echo "top-$signal $(($(uptime | tr -d .) - from))" >>/out/times
done

# --- what is ignored at the start stays so ---

step "what is ignored at the start stays so"

# spared NAME IGNORED COMMAND... - sends what it was started to ignore; is it there?
spared()
{
	name=$1 ignored=$2
	shift 2
	(
		trap '' "$ignored"
		exec "$@"
	) >"/out/$name" 2>"/out/$name.errors" &
	pid=$!
	for _ in $(seq 100); do
		if [ -s "/out/$name" ] || [ -s "/tmp/pipes/$name" ]; then
			break
		fi
		usleep 50000
	done
	kill "-$ignored" "$pid"
	sleep 1
	kill -0 "$pid" 2>/dev/null && echo "$name" >>/out/spared
	kill -INT "$pid" 2>/dev/null
	finish "$name" "$pid"
}

spared hup-stat HUP ipimux-trace stat -j 0.1
spared hup-record HUP ipimux-trace record hup-record 0.1
spared hup-trace HUP ipimux-trace trace
spared hup-storm HUP ipimux-trace storm
spared hup-stuck HUP ipimux-trace stuck
spared hup-check HUP ipimux-trace check --record=hup-check -- sh -c 'kill -HUP $$; sleep 3; echo finished'
spared term-stat TERM ipimux-trace stat -j 0.1
spared hup-report HUP ipimux-trace report --html hup.html --record=hup-report 0.1
# Blocked, and spared all the same.
rm fifo
mkfifo fifo
sleep 1000 <>fifo &
still=$!
(
	trap '' HUP
	exec ipimux-trace -j 0.01
) >fifo 2>/dev/null &
pid=$!
blocked "$pid" pipe_write anon_pipe_write
kill -HUP "$pid"
sleep 1
kill -0 "$pid" && echo hup-blocked >>/out/spared
told hup-blocked INT "$pid"
kill $still
# What a script starts with & is not ended by the Ctrl-C that is for what it waits for; kill -INT ends it.
cat >script <<'END'
trap : INT
ipimux-trace record ctrl-c 0.1 2>/out/ctrl-c.errors &
until [ -s ctrl-c ]; do usleep 10000; done
echo counting
sleep 4
kill -0 $! && echo spared
kill -INT $!
wait $!
echo "status $?"
END
{
	sleep 3
	printf '\003'
	sleep 4
} | terminal reads sh script >/out/ctrl-c

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

kill $load
tracer=$other
# shellcheck disable=SC2046 # numbers
bpf-objects wait $(cat /out/objects-before) >/out/objects-after
stop_tracer INT
