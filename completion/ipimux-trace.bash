# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of ipimux-trace in bash: commands, their options, what the options take. Never runs the
# tool; tests/tree/completion.t compares what is offered with the options that it has.

_ipimux_trace_commands='stat latency trace storm stuck matrix top record report check doctor attach detach help'

# _ipimux_trace_options COMMAND - its options; a long one that takes something ends in =
_ipimux_trace_options()
{
	local help='-? --help --usage'
	local session="-c --cpu= -l --latency -i --input= --max-memory= --record= --force -v --verbose $help"
	session+=" --pinned= --since-attach --via= --verify"

	case $1 in
	stat) echo "-j --json --all --vipi $session" ;;
	latency) echo "-j --json --all $session" ;;
	matrix) echo "-j --json --vipi= --top= $session" ;;
	top) echo "--vipi= $session" ;;
	storm) echo "-j --json --all --rate= --for= --folded= $session" ;;
	stuck) echo "-j --json --all --threshold= $session" ;;
	record) echo "$session" ;;
	report) echo "--html= $session" ;;
	check)
		echo "--duration= --max-rate= --window= --max-coalesced= --max-latency= --max-empty=" \
			"--min-sends= --stuck-threshold= --junit= --no-verify --strict --skip-unsupported $session"
		;;
	doctor) echo "-j --json $help" ;;
	attach) echo "--pin -l --latency --group= --via= -v --verbose $help" ;;
	detach) echo "$help" ;;
	trace)
		echo "-c --cpu= --vipi= -n --count= --format= -j --json -o --output= --force --no-self" \
			"--buffer= --from-ftrace= --via= -v --verbose $help"
		;;
	esac
}

# _ipimux_trace_cpus - the CPUs online
_ipimux_trace_cpus()
{
	awk '{ for (i = 1; i <= NF; i++) print substr($i, 4); exit }' /proc/interrupts 2>/dev/null
}

# _ipimux_trace_vipis - the vIPIs of this machine, by the names that the tool has for them
_ipimux_trace_vipis()
{
	awk '
	function name(description, word) { if (index($0, description)) print word }
	/^ *IPI[0-9]+:/ {
		name("Rescheduling interrupts", "RESCHEDULE")
		name("Function call interrupts", "CALL_FUNC")
		name("CPU stop interrupts", "CPU_STOP")
		name("CPU stop (for crash dump) interrupts", "CPU_CRASH_STOP")
		name("IRQ work interrupts", "IRQ_WORK")
		name("Timer broadcast interrupts", "TIMER")
		name("CPU backtrace interrupts", "CPU_BACKTRACE")
		name("KGDB roundup interrupts", "KGDB_ROUNDUP")
	}' /proc/interrupts 2>/dev/null
}

# _ipimux_trace_pinned - what attach left running, as far as this user may see it
_ipimux_trace_pinned()
{
	ls /sys/fs/bpf/ipimux-trace 2>/dev/null
}

# _ipimux_trace_reply WORDS [BEGUN] - those of WORDS that continue what is typed, behind BEGUN
_ipimux_trace_reply()
{
	mapfile -t COMPREPLY < <(compgen -P "${2-}" -W "$1" -- "${typed#"${2-}"}")
}

_ipimux_trace_files()
{
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$typed")
}

# _ipimux_trace_value COMMAND OPTION - what OPTION takes; fails if it takes nothing
_ipimux_trace_value()
{
	case $2 in
	-c | -i | -n | -o) ;;
	--*) [[ " $(_ipimux_trace_options "$1") " = *" $2= "* ]] || return ;;
	*) return 1 ;;
	esac
	case $2 in
	-c | --cpu)
		compopt -o nospace
		_ipimux_trace_reply "$(_ipimux_trace_cpus)" "${typed%"${typed##*[,-]}"}"
		;;
	--vipi)
		[ "$1" != trace ] || compopt -o nospace
		_ipimux_trace_reply "$(_ipimux_trace_vipis)" "${typed%"${typed##*,}"}"
		;;
	--format) _ipimux_trace_reply 'text json chrome' ;;
	--via) _ipimux_trace_reply 'auto tracepoint fentry kprobe' ;;
	--group) _ipimux_trace_reply "$(compgen -g)" ;;
	--pinned) _ipimux_trace_reply "$(_ipimux_trace_pinned)" ;;
	-i | --input | --record | -o | --output | --html | --folded | --junit) _ipimux_trace_files ;;
	esac
	return 0
}

_ipimux_trace()
{
	local typed=$2 before=$3 command=stat i

	COMPREPLY=()
	# Behind -- is somebody else's command line.
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i]}" = -- ]; then
			compopt -o default
			[ $((i + 1)) != "$COMP_CWORD" ] || mapfile -t COMPREPLY < <(compgen -c -- "$typed")
			return
		fi
	done
	# To bash --option=value is three words, of which the last may not be there yet.
	if [ "$typed" = = ]; then
		typed=
	elif [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	[[ $COMP_CWORD = 1 || ${COMP_WORDS[1]} != [a-z]* ]] || command=${COMP_WORDS[1]}

	if _ipimux_trace_value "$command" "$before"; then
		:
	elif [[ $typed = -* ]]; then
		_ipimux_trace_reply "$(_ipimux_trace_options "$command")$(
			[ "$COMP_CWORD" != 1 ] || echo ' -h -V --version'
		)"
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
	elif [ "$COMP_CWORD" = 1 ]; then
		_ipimux_trace_reply "$_ipimux_trace_commands"
	elif [ "$command" = help ] && [ "$COMP_CWORD" = 2 ]; then
		_ipimux_trace_reply "$_ipimux_trace_commands"
	elif [[ $command = detach && $COMP_CWORD = 2 ]]; then
		_ipimux_trace_reply "$(_ipimux_trace_pinned)"
	elif [ "$command" = record ]; then
		_ipimux_trace_files
	fi
}

complete -F _ipimux_trace ipimux-trace
