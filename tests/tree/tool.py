# SPDX-License-Identifier: GPL-2.0-only
"""What the tool that was built says of itself: its commands, and what options each has.

Runs the real binary, on a machine of another architecture by user-mode emulation, which is enough for
help. Knows nothing of pages and completions.
"""
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/vm"))

TOOL = [ROOT / "build/ipimux-trace"]
if platform.machine() != "riscv64":
    TOOL.insert(0, "qemu-riscv64-static")


# What pages and completions may already have and the tool may not have yet; pages.t fails when it has all
# of it, for then this is to be empty.
AWAITED = set()


def say(*arguments, width=200):
    """What it prints in so many columns: by itself in 79."""
    result = subprocess.run([*TOOL, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, check=True, env={**os.environ, "ARGP_HELP_FMT": f"rmargin={width}"})
    return result.stdout


def commands():
    return re.findall(r"^  ([a-z]+) +\S", say("help"), re.MULTILINE)


def options(command):
    """{"-c, --cpu=LIST", "--force", ...}: the options of @command as its help heads them."""
    found = set()
    for line in say("help", command).splitlines():
        # None has a space in what it takes; texts are further to the right.
        head = re.match(r"  (?:    )?(-\S+?(?:, -\S+?)*)(?:\s|$)", line)
        if head:
            found.add(head[1])
    return found


def names(heads):
    """{"-c", "--cpu=", "--force", ...}: without what they take, = for that they must take something."""
    found = set()
    for head in heads:
        for name in head.split(", "):
            found.add(re.sub("=.*", "=", re.sub(r"\[=.*", "", name)))
    return found
