# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What the scripts in guests share: `. ./lib.sh`.

# count_vipis - what the kernel itself counted: "VIPI HANDLED_BY_CPU0,HANDLED_BY_CPU1,..."
count_vipis()
{
	for irq in /sys/kernel/irq/*; do
		read -r chip <"$irq/chip_name" || continue
		[ "$chip" = 'IPI Mux' ] || continue
		read -r vipi <"$irq/hwirq"
		read -r counts <"$irq/per_cpu_count"
		echo "$vipi $counts"
	done
}

# uptime - seconds since the guest started, to 10 ms
uptime()
{
	cut -d' ' -f1 /proc/uptime
}

# cpu_goes N - offline; not 0: it stays. Now and then 6.12 refuses that under load, EBUSY: it thinks that the others could
# not serve the deadlines of its fair server.
cpu_goes()
{
	echo 0 2>/dev/null >"/sys/devices/system/cpu/cpu$1/online" || { echo "CPU $1 stays online" && return 1; }
}

# cpu_comes N - online, or online still. On a busy host the firmware refuses that with EINVAL or ENOTSUPP while the CPU is
# on its way out, which the kernel does not wait for: "CPU2 may not have stopped", "CPU2: failed to start".
cpu_comes()
{
	for _ in $(seq 100); do
		if echo 1 2>/dev/null >"/sys/devices/system/cpu/cpu$1/online"; then
			return
		fi
		usleep 20000
	done
	echo "CPU $1 does not come back"
	return 1
}

# read_clock - "UNIX_TIME UPTIME" of one moment, to some 10 ms: date has no fractions here
read_clock()
{
	second=$(date +%s)
	while [ "$(date +%s)" = "$second" ]; do
		:
	done
	echo $((second + 1)) "$(uptime)"
}

# start_tracer FILE ARG... - ipimux-trace in the background, its pid in $tracer; returns when it counts, and
# with -j an interval later
start_tracer()
{
	file=$1
	shift
	ipimux-trace "$@" >"$file" 2>"$file.errors" &
	tracer=$!
	# What it prints, it prints after its first snapshot.
	while [ ! -s "$file" ]; do
		kill -0 $tracer || return
		usleep 20000
	done
}

# wait_for_first RECORDING - until $tracer has recorded where it begins to count; the header comes long before that
wait_for_first()
{
	until grep -qs '"snapshot":0' "$1"; do
		kill -0 $tracer || return
		usleep 20000
	done
}

# stop_tracer SIGNAL - ends it, INT as Ctrl-C does; its status
stop_tracer()
{
	kill "-$1" $tracer
	wait $tracer
}

# kill_now - ends the tracer before it can do anything about it; says what it had in the kernel, see bpf-objects
kill_now()
{
	kill -STOP $tracer
	bpf-objects count
	kill -KILL $tracer
	wait $tracer 2>/dev/null || true
}

# own_objects - programs, maps, links and BTF objects where nobody uses BPF: the kernel's types, and its modules'.
# The first program that is loaded makes it read them.
own_objects()
{
	set -- /sys/kernel/btf/*
	echo 0 0 0 $#
}

# first_tables - three times: "start BEFORE AFTER", when ipimux-trace was started and when its first line was
# there, in seconds since boot; 0.1 of them are the interval
first_tables()
{
	for _ in 1 2 3; do
		before=$(cut -d' ' -f1 /proc/uptime)
		after=$(ipimux-trace 0.1 1 | {
			read -r _
			cut -d' ' -f1 /proc/uptime
			cat >/dev/null
		})
		echo "start $before $after"
	done
}
