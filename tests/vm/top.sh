#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for top.t: the full screen in a terminal of tmux, which presses the keys
# and keeps what is to be seen.
set -eu

columns=100 lines=30

step()
{
	echo "$(cut -d' ' -f1 /proc/uptime) $*"
}

# keep NAME - what is on the screen now, and where tmux says that the terminal stands
keep()
{
	tmux capture-pane -p >"/out/$1"
	tmux display-message -p '#{alternate_on} #{cursor_flag} #{keypad_flag}' >"/out/$1.state"
}

# see PATTERN - waits until the screen has it
see()
{
	end=$(($(cut -d. -f1 /proc/uptime) + 20))
	while ! tmux capture-pane -p | grep -q -- "$1"; do
		if [ "$(cut -d. -f1 /proc/uptime)" -gt $end ]; then
			echo "'$1' does not come:"
			tmux capture-pane -p
			exit 1
		fi
	done
}

keys()
{
	tmux send-keys "$@"
}

# press KEY NAME PATTERN - what comes of a key
press()
{
	keys "$1"
	see "$3"
	keep "$2"
}

# enter TEXT - types it where the shell is
enter()
{
	keys "clear; $1" Enter
}

# ended NAME - after top: what it left on the screen, and the terminal's modes
ended()
{
	see 'events missed'
	see 'ready>'
	keep "$1"
	enter "stty -g >/out/$1.modes; echo kept"
	see '^kept'
}

start()
{
	enter "$1"
	see 'total: [0-9.]* sends/s'
}

resize()
{
	tmux resize-window -x "$1" -y "$2"
}

# Sends with a known direction, and so few that keys hardly have to wait for their turn.
load()
{
	while :; do
		membarrier 2 3 20
		sleep 1
	done
}

mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
load >/dev/null &
load=$!

PS1='ready> ' tmux -f /dev/null new-session -d -x $columns -y $lines /bin/sh
see 'ready>'
step shell
enter 'stty -g >/out/modes; echo kept'
see '^kept'

start 'ipimux-trace top 0.5'
step panes
keep targets
press 2 senders '\[2 senders\]'
press 3 vipis '\[3 vIPIs\]'
press 4 pairs '\[4 pairs\]'
press Tab tab '\[1 targets\]'
press BTab back-tab '\[4 pairs\]'

press p paused PAUSED
sleep 2
keep still-paused
press '>' by-raised '[*]raised'
keys '<'
press '<' by-name '[*]from'
press r by-name-reversed '\^from'
keys r '>'
see '[*]sends/s'
press Space on '(was'
grep -v PAUSED /out/on >/dev/null

step filters
keys v
see 'name or number'
keys call_func
keep prompt
press Enter one-vipi 'vIPI CALL_FUNC'
press 3 one-vipi-row '\[3 vIPIs\]'
keys v nonsense
press Enter no-vipi "no vIPI 'nonsense'"
keys a 4
see '\[4 pairs\]'
keys c
see 'e.g. 0,2-3'
keys 9 BSpace 3
press Enter one-cpu 'CPUs 3'
keys c 64
press Enter no-cpu 'this machine has CPUs 0-3'
keys c 1 Escape
press a all-again '? help'

step interval
press + longer 'every 1 s'
keys -- '-'
see 'every 0.5 s'
press - shorter 'every 0.2 s  (was 0[.]'
keys + +
see 'every 1 s'

press '?' help 'the audit of the whole run'
press x after-help '\[4 pairs\]'

step resize
resize 140 40
see '\[4 pairs\]'
keys 1
see '\[1 targets\]'
sleep 1
keep large
resize 20 4
see 'too small'
keep tiny
resize 60 12
see '\[1 targets\]'
sleep 1
keep narrow
resize 1 1
sleep 1
resize $columns $lines
see 'most from'
sleep 1
keep back

step stop
press C-z stopped 'ready>'
enter 'stty -g >/out/stopped.modes; echo kept'
see '^kept'
keys fg Enter
see '\[1 targets\]'
sleep 1
keep continued
keys q
ended quit

step signals
for signal in TERM INT HUP QUIT; do
	start 'ipimux-trace top --vipi 1 -c 2-3 0.2'
	[ $signal != TERM ] || keep options
	kill -$signal "$(pidof ipimux-trace)"
	ended $signal
done
start 'ipimux-trace top'
# Nobody is asked, so the shell finds the screen as it is.
kill -STOP "$(pidof ipimux-trace)"
see 'ready>'
keys fg Enter
see '? help'
keys C-c
ended interrupted

step errors
for command in 'ipimux-trace top </dev/null' 'ipimux-trace top | cat' 'TERM=nonsense ipimux-trace top' \
	'TERM=dumb ipimux-trace top' 'TERM= ipimux-trace top' 'ipimux-trace top --vipi 99' \
	'ipimux-trace top -c 8'; do
	enter "$command; echo status \$?"
	see '^status'
	tmux capture-pane -p -J | grep -v -e '^ready>' -e '^ *$' >>/out/errors
done

step undescribed
# As in an initramfs with nothing else in it.
mv /usr/share/terminfo /usr/share/elsewhere
start 'ipimux-trace top 0.2 3'
keep undescribed
ended undescribed-end
start 'TERM=vt220 NO_COLOR=1 ipimux-trace top 0.2'
press 4 undescribed-vt220 '\[4 pairs\]'

step gone
# The terminal goes away.
tmux kill-server
i=0
while pidof ipimux-trace >/dev/null && [ $i -lt 100 ]; do
	i=$((i + 1))
	usleep 50000
done
pidof ipimux-trace && echo 'still there without a terminal' && exit 1
kill $load
