# SPDX-License-Identifier: GPL-2.0-only
"""Prints the circles of files below a directory: a file and its header are one, and need those whose headers they include.

A header without a file of its own belongs to whoever includes it.
usage: circles.py DIR
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
includes = {}
for path in sorted(root.rglob("*.[ch]")):
    name = path.relative_to(root).as_posix()
    includes[name] = [include for include in re.findall(r'^#include "([^"]+)"', path.read_text(), re.M)
                      if (root / include).exists()]
files = {name[:-2] for name in includes if name.endswith(".c")}


def needs(name, seen):
    """The files whose headers NAME includes, those of headers without a file among them."""
    found = set()
    for include in includes[name]:
        if include[:-2] in files:
            found.add(include[:-2])
        elif include not in seen:
            found |= needs(include, seen | {include})
    return found


graph = {file: set() for file in files}
for name in includes:
    if name[:-2] in files:
        graph[name[:-2]] |= needs(name, {name}) - {name[:-2]}

# What needs nothing that is left is in no circle, nor is what nothing needs that is left.
left = set(files)
while True:
    outer = {file for file in left if not graph[file] & left or not any(file in graph[other] for other in left)}
    if not outer:
        break
    left -= outer
for file in sorted(left):
    print(f"{file} needs {', '.join(sorted(graph[file] & left))}")
