#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The Debian package: what lintian says, and a Debian 13 in a guest that installs it, runs it, removes it."""
import json
import pathlib
import re
import subprocess
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ROOT, Run, balances, done, ok, say
# What the tool and debian/changelog both say.
VERSION = (ROOT / "VERSION").read_text().split()[-1]


def build(script):
    """The directory that a script of vm/ prints, or skips all of this test."""
    result = subprocess.run([ROOT / "vm" / script], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode == 77:
        print(f"1..0 # SKIP {result.stderr.strip().splitlines()[-1]}")
        sys.exit(0)
    ok(result.returncode == 0, f"vm/{script}", result.stderr)
    return pathlib.Path(result.stdout.strip())


def check_build(package):
    names = sorted(path.name for path in package.iterdir())
    ok([name for name in names if name.endswith((".dsc", ".tar.xz"))] ==
       [f"ipimux-trace_{VERSION}.dsc", f"ipimux-trace_{VERSION}.tar.xz"], "there is a source package", names)
    tags = (package / "lintian").read_text().splitlines()
    ok(not tags, "lintian says nothing, not even for information", *tags)


def check_run(run):
    say(run.file("dpkg").splitlines()[0])
    ok(run.output == "", "each step had status 0", run.output, *[run.file(name) for name in (
        "depends", "install", "verify", "stat", "json", "remove", "purge")])
    ok(run.file("status") == "install ok installed\n", "dpkg has it as installed", run.file("install"))
    ok(run.file("verify") == "", "its files are what they were", run.file("verify"))
    ok(run.file("version") == f"ipimux-trace {VERSION}\n", "ipimux-trace --version", run.file("version"))
    # As late as the guest is.
    length = re.search(r"^summary of (\S+) s$", run.file("stat"), re.MULTILINE)
    ok(length and float(length[1]) >= 1 and "audit: balanced" in run.file("stat"),
       "ipimux-trace stat 0.5 2", run.file("stat"))
    summary = json.loads(run.file("json").splitlines()[-1])
    ok(summary["type"] == "summary" and sum(row[3] for row in summary["traffic"]) > 0 and
       balances(summary["audit"]), "it counts", summary)
    ok(".Dt IPIMUX-TRACE 8" in run.file("page"), "the manual page is there", run.file("page"))

    before, after = (run.file(name).splitlines() for name in ("before", "after"))
    files = run.file("files").split()
    ok("/usr/bin/ipimux-trace" in files and "/usr/share/man/man8/ipimux-trace-storm.8.gz" in files and
       "/usr/share/zsh/vendor-completions/_ipimux-trace" in files and
       "/usr/share/bash-completion/completions/ipimux-trace" in files, "tool, pages and completions", files)
    ok(len(before) > 100 and before == after, "removed and purged, it leaves nothing",
       *sorted(set(before) ^ set(after)))
    ok("no packages found" in run.file("gone"), "nor does dpkg know of it", run.file("gone"))


package, debian = build("build-package"), build("build-debian")
check_build(package)
deb = next(package.glob("ipimux-trace_*_riscv64.deb"))
run = Run("package.sh", memory=768, cpus=2, add=[f"{debian}/root.tar:/debian.tar", f"{debian}/debs:/debs",
                                         f"{deb}:/package/{deb.name}"])
if run.ok("a guest ran"):
    check_run(run)
done()
