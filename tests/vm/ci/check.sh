#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for check.t: `ipimux-trace check` around sends of which each is known, around
# commands that end in all ways, and told to end itself. Judges nothing.
set -u
. ./lib.sh

stimulus=/sys/kernel/debug/ipimux-stimulus
insmod ./ipimux-stimulus.ko || exit
echo adopt 2,6,7 >$stimulus/run || exit

# check NAME ARGUMENT... - what it prints, says, and its exit status, in /out/NAME*
check()
{
	name=$1
	shift
	ipimux-trace check "$@" >"/out/$name" 2>"/out/$name.errors"
	echo "$name $?" >>/out/statuses
}

# To CPU 3: 10 sends of which 9 are coalesced; 20 that wait for 2 ms; 5 that find themselves masked when
# their parent IPI has arrived; and TAP of its own, which is nobody's business.
cat >/tmp/work <<END
#!/bin/sh
set -e
echo hold 6 3 0 10 1 enabled >$stimulus/run
echo wait 7 3 0 2000 20 enabled >$stimulus/run
echo hold 2 3 0 1 5 late >$stimulus/run
echo TAP version 13
echo 1..1
echo not ok 1 the command itself
END
chmod +x /tmp/work

check kept --junit /out/kept.xml --record /tmp/kept.zst \
	--min-sends CPU_BACKTRACE=10 --min-sends 35 --max-coalesced cpu_backtrace=90% \
	--max-coalesced 7=0 --max-latency KGDB_ROUNDUP=max=100s --max-latency p99=90s \
	--max-empty 100% --max-rate 100000/s --max-rate CPU_CRASH_STOP=0 \
	--max-coalesced CPU_CRASH_STOP=0 -- /tmp/work
check exceeded --junit /out/exceeded.xml \
	--min-sends CPU_BACKTRACE=11 --min-sends 1000000 --max-coalesced CPU_BACKTRACE=89.999% \
	--max-coalesced 0 --max-latency KGDB_ROUNDUP=p50=1.5ms --max-latency KGDB_ROUNDUP=max=1ms \
	--max-empty 4 --max-rate 1 --max-rate CPU_BACKTRACE=0/s --max-latency p50=9s \
	--max-latency 6=p90=1us -- /tmp/work
check later -i /tmp/kept.zst --min-sends CPU_BACKTRACE=10 --max-coalesced CPU_BACKTRACE=80 \
	--max-latency KGDB_ROUNDUP=p99=1ms --max-empty 0.001%

check fails -- sh -c 'echo its last words; exit 7'
check missing --junit /out/missing.xml -- '/no/such <"&'"$(printf '\001\351')"
check leaves -- sh -c 'trap "" TERM; sleep 1000 & echo started'
pidof sleep >/out/left
check duration --duration 0.3
# The command takes the signal, and its own time for it.
cat >/tmp/tidy <<'END'
trap 'echo tidied up; exit 0' TERM
: >/tmp/ready
while :; do usleep 10000; done
END
ipimux-trace check -- sh /tmp/tidy >/out/told 2>/out/told.errors &
tracer=$!
until [ -e /tmp/ready ]; do
	usleep 10000
done
kill -TERM $tracer
wait $tracer
echo "told $?" >>/out/statuses
pidof sh | tr ' ' '\n' | grep -vx $$ >>/out/left
ipimux-trace check --duration 100 --record /tmp/early >/out/early 2>/out/early.errors &
tracer=$!
wait_for_first /tmp/early
usleep 100000
kill -INT $tracer
wait $tracer
echo "early $?" >>/out/statuses
check usage --max-rate 5/m
check vipi --max-rate NONSENSE=5 -- true
su -s /bin/sh nobody -c 'ipimux-trace check --skip-unsupported -- true' >/out/nobody 2>/out/nobody.errors
echo "nobody $?" >>/out/statuses
