#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for pipes.t: real pipes whose readers die or stand still, real signals, standard output that is full.
# Judges nothing.
# usage: pipes.sh NAME..., of what is left out
set -u
. ./outputs.sh
left_out=" $* "

# wanted NAME - is it not left out?
wanted()
{
	case $left_out in
	*" $1 "*) return 1 ;;
	esac
}

# --- a reader dies ---

step "a reader dies"

new pipes 755
mkfifo fifo

# dies NAME COMMAND... - a reader of the FIFO that takes four lines
dies()
{
	wanted "$1" || return 0
	head -n 4 fifo >/dev/null &
	try "$@"
}

# leaves NAME COMMAND... - one that takes nothing
leaves()
{
	wanted "$1" || return 0
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
	wanted "$1" || return 0
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
	wanted "$1" || return 0
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
	wanted "$1" || return 0
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

end_outputs
