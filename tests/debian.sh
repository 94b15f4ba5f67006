# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts share that take a tool from packages of a Debian that is not this machine's: fetched once, into
# the cache of vm/lib.sh, never installed. To be sourced by a bash script, which sets SUITES; does nothing by itself,
# but that a script that ends while packages are fetched ends with 3 where there are none.

# shellcheck source-path=SCRIPTDIR source=../vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"

KEYS=/usr/share/keyrings/debian-archive-keyring.gpg

# cannot REASON - it is no failure that this cannot be had here
cannot()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 3
}

# packages_of DIR SUITE: from here on apt-get knows SUITE and nothing else, and keeps all in DIR. No root
# is needed, and the machine's own lists, sources and hooks stay out of it.
packages_of()
{
	local arch proxy=''

	arch=$(dpkg --print-architecture)
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	mkdir -p "$1/none" "$1/lists/partial" "$1/cache/archives/partial"
	: >"$1/status"
	printf 'deb [signed-by=%s] %s %s main\n' "$KEYS" "$mirror" "$2" >"$1/sources.list"
	# A mirror that is a snapshot has lists past their date.
	cat >"$1/apt.conf" <<-END
		Dir::Etc::main "/dev/null";
		Dir::Etc::parts "$1/none";
		Dir::Etc::sourcelist "$1/sources.list";
		Dir::Etc::sourceparts "$1/none";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "$1/none";
		Dir::State "$1";
		Dir::State::status "$1/status";
		Dir::Cache "$1/cache";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Sandbox::User "root";
		APT::Update::Error-Mode "any";
		Acquire::Languages "none";
		Acquire::Check-Valid-Until "false";
		Acquire::Retries "2";
		Acquire::http::Timeout "20";
		${proxy:+Acquire::http::Proxy "$proxy";}
	END
	export APT_CONFIG=$1/apt.conf
}

# get_packages DIR COMMAND...: what apt-get COMMAND downloads, into DIR/cache/archives, from the first
# suite that has it. DIR/suite is there if one had.
get_packages()
{
	local dir=$1 suite

	shift
	for suite in "${SUITES[@]}"; do
		echo "--- $suite: $*"
		rm -rf "${dir:?}"
		# apt-config is to see the machine's own settings.
		unset APT_CONFIG
		packages_of "$dir" "$suite" && apt-get update &&
			(cd "$dir/cache/archives" && apt-get "$@") &&
			echo "$suite" >"$dir/suite" && return
	done
	return 1
}

# make_thing NAME LABEL COMMAND: NAME into the cache by COMMAND DIR.
make_thing()
{
	command -v apt-get >/dev/null || cannot "no $2, and no apt-get to get it with"
	[ -f "$KEYS" ] || cannot "$KEYS: not there; scripts/install-packages installs it"
	mirror=$(debian_mirror 2>&1) || cannot "$mirror"
	begin "$1" || return 0
	log=$CACHE/log/$1.log
	: >"$log"
	getting=$2
	long "$2" "$log" : "$3" "$PART"
	getting=
	rm -rf "$PART/apt"
	commit "$1"
	forget_old "${1%-*}"
}

# No packages, no failure: only what goes wrong after that is one.
ended()
{
	local status=$1

	if [ "$status" = 1 ] && [ -n "$getting" ] && [ ! -f "$PART/apt/suite" ]; then
		printf '%s: no %s from Debian: %s\n' "${0##*/}" "$getting" \
			"$(grep '^E: ' "$log" | head -n 1 | cut -c 4-200)" >&2
		status=3
	fi
	kill_child
	exit "$status"
}

getting='' log='' mirror=''
trap 'ended $?' EXIT
