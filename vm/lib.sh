# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts in vm/ share: messages, the cache, running a long step with visible progress.
# To be sourced by a bash script; does nothing by itself.

set -euo pipefail

unset CDPATH
VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # for the scripts that source this file
ROOT=$(dirname "$VM")
CACHE=${IPIMUX_CACHE:-${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}/ipimux-trace}

# Kernel builds and log checks read the tools' English.
export LC_ALL=C
# What the make that runs one of these was told is not for the kernel's.
unset MAKEFLAGS MFLAGS

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

[ -n "${IPIMUX_CACHE:-}${XDG_CACHE_HOME:-}${HOME:-}" ] ||
	die 'HOME is not set, so there is no place for the cache: set IPIMUX_CACHE to a directory'

say()
{
	printf '  VM  %s\n' "$*" >&2
}

# need TOOL...: all of them are there, or one line that says how to get them.
need()
{
	local tool missing=()

	for tool; do
		command -v "$tool" >/dev/null || missing+=("$tool")
	done
	[ ${#missing[@]} = 0 ] || die "${missing[*]}: not found; scripts/install-packages installs it"
}

minutes()
{
	printf '%d:%02d' $(($1 / 60)) $(($1 % 60))
}

# The mirror this machine gets Debian from: others may be unreachable from here.
debian_mirror()
{
	local mirror

	# shellcheck disable=SC2016 # apt-get fills it in
	mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' \
		'Origin: Debian' 'Label: Debian' 2>/dev/null | head -n 1)
	[ -n "$mirror" ] || die 'apt knows no Debian mirror; run apt-get update'
	printf '%s\n' "$mirror"
}

# extract_packages MIRROR SUITE DIR PACKAGE...: riscv64 packages and what they need, never run. Through a
# tar, so that the files belong to the caller however mmdebstrap works.
extract_packages()
{
	local options=(--aptopt='Acquire::Retries "3"') proxy='' mode=chrootless

	# mmdebstrap will not be chrootless for root, and nothing else for anybody else.
	[ "$(id -u)" != 0 ] || mode=root
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	[ -z "$proxy" ] || options+=(--aptopt="Acquire::http::Proxy \"$proxy\"")
	mmdebstrap --mode=$mode --architectures=riscv64 --variant=extract --format=tar "${options[@]}" \
		--include="$(IFS=,; echo "${*:4}")" "$2" - "deb $1 $2 main" |
		tar -x -C "$3" --no-same-owner --exclude='./dev/*' --exclude='./var/*' --exclude='./etc/*'
}

# downloads LOG: how far extract_packages is.
downloads()
{
	local step

	step=$(sed -n 's/^I: \(.*\)\.\.\.$/\1/p' "$1" | tail -n 1)
	printf '%s%s' "$step" "${step:+, }"
}

# pack DIR: a cpio archive of what is in DIR; links are followed.
pack()
{
	(cd "$1" && find -L . -mindepth 1 -print0 | cpio --quiet -0 -o -L -H newc --owner=0:0)
}

# --- the cache -----------------------------------------------------------------------------------
#
# Things live in $CACHE/KIND-HASH, HASH being that of all they are made from, so a changed input is
# another thing. One is made in KIND-HASH.part and renamed when it is whole. Who makes it holds
# lock/KIND-HASH, and so do its children: a lock that can be had proves that nobody is at work.

# hash_of [WORD|FILE]...: one hash of words and of the files' contents.
hash_of()
{
	local word

	for word; do
		if [ -f "$word" ]; then
			printf 'file %s\n' "${word##*/}"
			sha256sum <"$word"
		else
			printf 'word %s\n' "$word"
		fi
	done | sha256sum | cut -c 1-16
}

# cached NAME: true when it is there; notes the use, which is what forget_old goes by, where that can be written.
cached()
{
	[ -d "$CACHE/$1" ] && { touch -c "$CACHE/$1" 2>/dev/null || true; }
}

# begin NAME: take the lock on NAME and an empty $PART to make it in. False when somebody else made it
# while we waited.
begin()
{
	local part

	{ mkdir -p "$CACHE/lock" "$CACHE/log" && exec {LOCK}>"$CACHE/lock/$1" && [ -w "$CACHE" ]; } 2>/dev/null ||
		die "$1 is to be made, and the cache $CACHE cannot be written: set IPIMUX_CACHE to a directory that can"
	if ! flock -n "$LOCK"; then
		say "$1: being made by another process, waiting for it"
		flock "$LOCK"
	fi
	if cached "$1"; then
		exec {LOCK}>&-
		return 1
	fi
	for part in "$CACHE"/*.part; do
		remove_if_dead "$part"
	done
	PART=$CACHE/$1.part
	rm -rf "$PART"
	mkdir "$PART"
	BEGUN=$SECONDS
}

# commit NAME: what is in $PART is whole.
commit()
{
	mv -T "$PART" "$CACHE/$1"
	PART=
	exec {LOCK}>&-
	say "$1: done in $(minutes $((SECONDS - BEGUN)))"
}

remove_if_dead()
{
	local name=${1##*/}

	[ -d "$1" ] || return 0
	(
		exec {lock}>"$CACHE/lock/${name%.part}"
		! flock -n "$lock" || rm -rf "$1"
	)
}

# forget_old PREFIX: of the things named PREFIX-HASH keep the three used last, and all used within a
# day: another checkout may be at work with them.
forget_old()
{
	local dir

	find "$CACHE" -maxdepth 1 -type d -regex ".*/$1-[0-9a-f]*" -printf '%T@ %p\n' |
		sort -rn | tail -n +4 | cut -d ' ' -f 2- | while read -r dir; do
			[ -z "$(find "$dir" -maxdepth 0 -mtime +0)" ] || rm -rf "$dir"
		done
	find "$CACHE/log" -type f -mtime +30 -delete
}

# --- long steps ----------------------------------------------------------------------------------

CHILD='' PART=''
kill_child()
{
	if [ -n "$CHILD" ]; then
		[ ! -t 2 ] || echo >&2
		kill -TERM -- "-$CHILD" 2>/dev/null || true
		wait "$CHILD" 2>/dev/null || true
		CHILD=
	fi
	[ -z "$PART" ] || rm -rf "$PART"
}

# A background child ignores Ctrl-C, and bash runs a trap only between two commands: so every long
# step is a background child that is waited for here and ended by its id.
trap kill_child EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# long LABEL LOG COUNT COMMAND...: run COMMAND with its output in LOG and show how far it is. COUNT is
# a function that prints the progress from the log's name, or ':' for none.
long()
{
	local label=$1 log=$2 count=$3 start=$SECONDS shown=0 status=0 so_far

	shift 3
	# A process group of its own, so that all of it can be ended.
	set -m
	("$@") >>"$log" 2>&1 </dev/null &
	set +m
	CHILD=$!
	[ ! -t 2 ] || shown=-15
	while kill -0 "$CHILD" 2>/dev/null; do
		# An interruptible pause that ends when the child does.
		sleep 0.5 &
		wait -n "$CHILD" $! 2>/dev/null || true
		so_far=$($count "$log")$(minutes $((SECONDS - start)))
		if [ -t 2 ]; then
			printf '\r  VM  %s: %s\033[K' "$label" "$so_far" >&2
		elif [ $((SECONDS - start - shown)) -ge 15 ]; then
			shown=$((SECONDS - start))
			say "$label: $so_far"
		fi
	done
	wait "$CHILD" || status=$?
	CHILD=
	[ ! -t 2 ] || printf '\r\033[K' >&2
	if [ "$status" != 0 ]; then
		# With make -j the first error is rarely near the end.
		say "$label: failed with status $status; from $log:"
		{
			grep -nE ' error: |\*\*\*|^E: |^ERROR' "$log" | head -n 5 || true
			echo ...
			tail -n 15 "$log"
		} >&2
		exit 1
	fi
}
