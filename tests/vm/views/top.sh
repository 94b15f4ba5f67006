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

# see PATTERN - waits until the screen has it; below it, where tmux says the terminal stands
see()
{
	end=$(($(cut -d. -f1 /proc/uptime) + 40))
	while
		tmux capture-pane -p \; display-message -p \
			'#{alternate_on} #{cursor_flag} #{keypad_flag}' >/tmp/screen
		! grep -q -- "$1" /tmp/screen
	do
		if [ "$(cut -d. -f1 /proc/uptime)" -gt $end ]; then
			echo "'$1' does not come:"
			cat /tmp/screen
			exit 1
		fi
		usleep 100000
	done
}

keys()
{
	tmux send-keys "$@"
}

# press KEY NAME PATTERN - keeps what comes of a key as NAME
press()
{
	keys "$1"
	see "$3"
	cp /tmp/screen "/out/$2"
}

# start NAME COMMAND - types a command with top in it
start()
{
	keys "clear; $2" Enter
	see 'total: [0-9.]* sends/s'
	cp /tmp/screen "/out/$1-shown"
}

# ended NAME - what it left on the screen, and the terminal's modes
ended()
{
	keys "stty -g >/out/$1.modes; echo ended" Enter
	see '^ended'
	cp /tmp/screen "/out/$1"
}

# resize COLUMNS LINES NAME PATTERN
resize()
{
	tmux resize-window -x "$1" -y "$2"
	see "$4"
	cp /tmp/screen "/out/$3"
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
keys 'clear; stty -g >/out/modes; echo ended' Enter
see '^ended'

step panes
start quit 'ipimux-trace top 0.5'
press 2 senders '\[2 senders\]'
press Tab vipis '\[3 vIPIs\]'
press BTab senders-again '\[2 senders\]'

press p paused PAUSED
press 4 pairs '\[4 pairs\]'
press '>' by-raised '[*]raised'
keys '<'
press '<' by-name '[*]from'
press r by-name-reversed '\^from'
keys r '>' 2
sleep 1
press x still-paused '\[2 senders\]'
press Space on ' s  (this one'

step filters
keys v
press call_func prompt 'name or number.*call_func'
press Enter one-vipi 'vIPI CALL_FUNC'
press 3 one-vipi-row '\[3 vIPIs\]'
keys v nonsense
press Enter no-vipi "no vIPI 'nonsense'"
keys a 4 c 9 BSpace 3
press Enter one-cpu 'CPUs 3'
keys c 64
press Enter no-cpu 'this machine has CPUs 0-3'
keys c 1 Escape
press a all-again '? help'

step interval
press + longer 'every 1 s'
keys -- '-'
press - shorter 'every 0.2 s  (this one 0[.][234]'
keys + 1
press '?' help 'the audit of the whole run'
press x after-help '\[1 targets\]'

step resize
resize 140 40 large 'CPUs online'
resize 20 4 tiny 'too small'
resize 60 12 narrow '[*]sends/s'
resize $columns $lines back 'most from'

step stop
press C-z stopped '^ready> *$'
keys 'stty -g >/out/stopped.modes; clear; fg' Enter
see 'total: [0-9.]* sends/s'
cp /tmp/screen /out/continued
keys q
see '^watched for'
ended quit

step signals
start TERM 'ipimux-trace top --vipi 1 -c 2-3 0.2'
kill -TERM "$(pidof ipimux-trace)"
see '^watched for'
ended TERM
start HUP 'ipimux-trace top 0.2'
kill -HUP "$(pidof ipimux-trace)"
see '^watched for'
ended HUP
start INT 'ipimux-trace top 0.2'
# Nobody is asked, so the shell finds the screen as it is.
kill -STOP "$(pidof ipimux-trace)"
see 'ready>'
keys fg Enter
see '? help'
keys C-c
see '^watched for'

step recording
# A recording whose rest does not come: it is waited for, for the audit, until somebody has enough.
ipimux-trace record /tmp/recording 0.1 40 2>/dev/null
mkfifo /tmp/rest
(head -n 31 /tmp/recording; exec sleep 1000) >/tmp/rest &
start recording 'ipimux-trace top -i /tmp/rest'
keys p
see PAUSED
keys q
see '^reading the rest'
keys C-c
see '^ready> *$'
ended recording

step errors
cat >/tmp/errors <<'END'
say()
{
	echo "status $?"
}
ipimux-trace top </dev/null; say
ipimux-trace top | cat; say
TERM=nonsense ipimux-trace top; say
TERM=dumb ipimux-trace top; say
TERM= ipimux-trace top; say
ipimux-trace top --vipi 99; say
ipimux-trace top -c 8; say
echo
echo ended
END
keys 'clear; sh /tmp/errors 2>/out/errors' Enter
see '^ended'
cp /tmp/screen /out/statuses

step matrix
keys 'clear; ipimux-trace matrix 0.2 1; echo ended' Enter
see '^ended'
tmux capture-pane -p -e >/out/matrix
keys 'clear; NO_COLOR=1 ipimux-trace matrix 0.2 1; echo ended' Enter
see '^ended'
tmux capture-pane -p -e >/out/matrix-plain
tmux resize-window -x 40 -y $lines
keys 'clear; ipimux-trace matrix 0.2 1; echo ended' Enter
see '^ended'
tmux capture-pane -p >/out/matrix-narrow
tmux resize-window -x $columns -y $lines

step undescribed
# As in an initramfs with nothing else in it.
mv /usr/share/terminfo /usr/share/elsewhere
start undescribed 'ipimux-trace top 0.2'
keys q
see '^watched for'
ended undescribed
start vt220 'TERM=vt220 ipimux-trace top 0.2'

step gone
# The terminal goes away.
tmux kill-server
i=0
while pidof ipimux-trace >/dev/null; do
	i=$((i + 1))
	if [ $i -gt 100 ]; then
		echo 'still there without a terminal'
		exit 1
	fi
	usleep 50000
done
kill $load
step end
