#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, for package.t: a Debian 13 in /debian, whose dpkg installs ipimux-trace and what it depends on,
# and takes it out again.
set -eu

mkdir /debian
mount -t tmpfs tmpfs /debian
tar -x -C /debian -f /debian.tar
for dir in proc sys dev; do
	mount --rbind /$dir /debian/$dir
done
cp -r /debs /package /debian/tmp

# in_debian COMMAND... - without what this shell has in its environment
in_debian()
{
	chroot /debian /usr/bin/env -i PATH=/usr/sbin:/usr/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
}

# What there is, except what dpkg notes of its own work.
list()
{
	(cd /debian && find . -xdev ! -path './var/log/*' ! -path './var/lib/dpkg/*-old' ! -path './tmp/*' \
		! -path './var/cache/ldconfig/*' | sort)
}

in_debian dpkg --version >/out/dpkg
in_debian sh -c 'dpkg --install /tmp/debs/*.deb' >/out/depends 2>&1 || echo "depends: status $?"
list >/out/before
in_debian sh -c 'dpkg --install /tmp/package/*.deb' >/out/install 2>&1 || echo "install: status $?"
# shellcheck disable=SC2016 # dpkg's
in_debian dpkg-query --show --showformat '${Status}\n' ipimux-trace >/out/status
in_debian dpkg --listfiles ipimux-trace >/out/files
in_debian dpkg --verify ipimux-trace >/out/verify 2>&1 || echo "verify: status $?"
in_debian ipimux-trace --version >/out/version
in_debian ipimux-trace stat 0.5 2 >/out/stat 2>&1 || echo "stat: status $?"
in_debian ipimux-trace -j 0.5 1 >/out/json 2>&1 || echo "json: status $?"
gunzip -c /debian/usr/share/man/man8/ipimux-trace.8.gz >/out/page
in_debian dpkg --remove ipimux-trace >/out/remove 2>&1 || echo "remove: status $?"
in_debian dpkg --purge ipimux-trace >/out/purge 2>&1 || echo "purge: status $?"
list >/out/after
in_debian dpkg-query --show ipimux-trace >/out/gone 2>&1 && echo 'still known'
true
