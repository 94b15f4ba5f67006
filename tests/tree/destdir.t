#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make install and make uninstall, into a directory: what is there then, whether what was installed is
# found and works. Whether pages and completions are right is not looked at here.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source-path=SCRIPTDIR source=tap.sh
. tests/tree/tap.sh

to=$tmp/to
make install DESTDIR="$to" PREFIX=/usr >"$output" 2>&1
ok $? 'make install'
(cd "$to" && find . -type f -printf '%m %P\n' | sort) >"$tmp/files"
{
	echo 755 usr/bin/ipimux-trace
	echo 644 usr/share/bash-completion/completions/ipimux-trace
	echo 644 usr/share/zsh/site-functions/_ipimux-trace
	echo 644 usr/share/man/man8/ipimux-trace.8
	# A page or a link for every command, whatever else there is.
	"${run[@]}" build/ipimux-trace help |
		sed -n '/^  help /d; s,^  \([a-z]*\) .*,644 usr/share/man/man8/ipimux-trace-\1.8,p'
} | sort >"$tmp/wanted"
comm -23 "$tmp/wanted" "$tmp/files" >"$output"
[ "$(wc -l <"$tmp/wanted")" -gt 10 ] && [ ! -s "$output" ]
ok $? 'all of it is there'
comm -13 "$tmp/wanted" "$tmp/files" | grep -v ' usr/share/man/man8/ipimux-trace-[a-z]*\.8$' >"$output"
silent 0 'and nothing else'
"${run[@]}" "$to/usr/bin/ipimux-trace" --version >"$output" 2>&1 && grep -q '^ipimux-trace [0-9]' "$output"
ok $? 'the tool runs'
for page in ipimux-trace ipimux-trace-latency; do
	man --manpath "$to/usr/share/man" $page 2>&1 | grep -qE 'ipimux-trace(,| –| -)' ||
		echo "man $page does not show it"
done >"$output"
silent 0 'man finds the pages, by the name of any command'
# As bash-completion finds it: by the command's name.
bash -c '. "$1"; complete -p ipimux-trace' - \
	"$to/usr/share/bash-completion/completions/ipimux-trace" >"$output" 2>&1 && grep -q -- '-F' "$output"
ok $? 'bash takes its completion'
zsh -f -c 'fpath=($1 $fpath); autoload -Uz compinit && compinit -D -u && [[ $_comps[ipimux-trace] = _ipimux-trace ]]' \
	- "$to/usr/share/zsh/site-functions" >"$output" 2>&1
ok $? 'zsh finds its completion'

touch "$to/usr/share/man/man8/other.8"
make uninstall DESTDIR="$to" PREFIX=/usr >"$output" 2>&1
ok $? 'make uninstall'
(cd "$to" && find . ! -type d) >"$output"
[ "$(cat "$output")" = ./usr/share/man/man8/other.8 ]
ok $? 'leaves only what others put there'

make install DESTDIR="$tmp/other" PREFIX=/opt/x ZSH_COMPLETIONS=/opt/x/zsh >"$output" 2>&1 &&
	[ -x "$tmp/other/opt/x/bin/ipimux-trace" ] && [ -f "$tmp/other/opt/x/zsh/_ipimux-trace" ] &&
	[ "$(ls "$tmp/other")" = opt ]
ok $? 'PREFIX and the directories are where it goes'
plan
