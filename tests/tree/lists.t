#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Lists that are kept by hand have all that they list, and nothing that is gone: what is missing there would not be
tested, built or documented, and no other test would miss it. Pages and completions: pages.t, completion.t. Schemas:
schema.t."""
import ast
import fnmatch
import re
import subprocess

import tool
from guest import done, ok

RECORDING = tool.ROOT / "tests/golden/now/sbi.zst"


def text(path):
    return (tool.ROOT / path).read_text()


def code(path):
    """C without its comments."""
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text(path), flags=re.S)


def between(text, start, end):
    return text.split(start, 1)[1].split(end, 1)[0]


def table(path, heading):
    """The first cells of the table with that heading in a page."""
    return [line.split("|")[1] for line in between(text(path), heading, "\n\n").splitlines()[2:]]


def same(listed, there, what, least=1):
    """@least: how many there are at least, or the test has looked at nothing."""
    listed, there = sorted(listed), sorted(there)
    ok(listed == there and len(there) >= least, what, f"missing: {sorted(set(there) - set(listed))}",
       f"only in the list: {sorted(set(listed) - set(there))}",
       f"twice: {sorted({name for name in listed if listed.count(name) > 1})}")


options = {command: tool.names(tool.options(command)) for command in tool.commands() if command != "help"}

# --- commands ------------------------------------------------------------------------------------

# These take -i, and print nothing of a recording.
REFUSED = {"top": (["top", "-i", RECORDING], "top needs a terminal"),
           "record": (["record", "/dev/null", "-i", RECORDING], "--input is a recording already")}
for command, (arguments, why) in REFUSED.items():
    result = subprocess.run([*tool.TOOL, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    ok(result.returncode in (2, 3) and not result.stdout and why in result.stderr,
       f"{command}: prints nothing of a recording, and says why", result.stderr)
shown = [line.split() for line in re.findall("'(.*?)'", between(text("tests/golden/show"), "commands=(", ")\n"))]
replays = [command for command, names in options.items() if "-i" in names and command not in REFUSED]
same({words[0] for words in shown}, replays, "tests/golden/show: each command that takes -i", 7)
same({words[0] for words in shown if "-j" in words}, [command for command in replays if "-j" in options[command]],
     "tests/golden/show: with -j each that takes it", 5)

# `help` shows nothing of a machine: README.md names it above the table.
rows = between(text("README.md"), "| question | command |", "\n\n")
named = re.findall(r"`ipimux-trace ([a-z]+)\b", rows) + re.findall(r"\| `ipimux-trace` \(`(stat)`\)", rows)
same(named, options, "README.md, table of commands: each command, once", 10)

# --- renderers -----------------------------------------------------------------------------------

views = sorted((tool.ROOT / "src/view").glob("*.c"))
defined = [(kind, name) for path in views for kind, name in
           re.findall(r"^const struct (\w+) (\w+) = \{", code(path), re.M)]
renderers = [name for kind, name in defined if kind == "renderer"]
fuzzed = re.findall(r"&(\w+)", between(code("tests/fuzz/recording.c"), "renderers[] = {", "}"))
same(fuzzed, renderers, "tests/fuzz/recording.c: each renderer of src/view", 10)
words = set(re.findall(r"\w+", code("tests/unit/view/test-names.c")))
same(words & {name for _, name in defined}, [name for _, name in defined],
     "tests/unit/view/test-names.c: each renderer of src/view, those of doctor and trace among them", 15)

# --- tables of counters, parents -----------------------------------------------------------------

keys = re.findall(r'^\t(?:TABLE|PART)\([A-Z]+, \w+, "(\w+)"', text("bpf/ipimux.h"), re.M)
schema = text("docs/schema/recording.json")
same(re.findall(r'"(\w+)"', between(between(schema, '"table": {', "}"), "[", "]")), keys,
     "docs/schema/recording.json, table: each table of counters", 10)
same(set(re.findall(r'^\t\t\t\t"(\w+)": ', between(schema, '"state": {', '"snapshot": {'), re.M)) & set(keys), keys,
     "docs/schema/recording.json, a snapshot: each table of counters", 10)
same([cell.strip(" `") for cell in table("docs/recording.md", "| table | coordinates |")], keys,
     "docs/recording.md: each table of counters", 10)

parents = set(re.findall(r'\{ "([a-z-]+)", "', between(code("src/machine/parents.c"), "parents[] = {", "\n};")))
enum = between(text("docs/schema/doctor.json"), '"parent": { "enum": [', "]")
same(re.findall(r'"([a-z-]+)"', enum), parents,
     "docs/schema/doctor.json: each parent", 5)
row = re.search(r"^\| `parent` \| (`\".*)$", text("docs/doctor.md"), re.M)[1]
same(re.findall(r'`"([a-z-]+)"`', row), parents, "docs/doctor.md: each parent", 5)

# --- guests --------------------------------------------------------------------------------------

kernels = {path.name for path in (tool.ROOT / "vm/kernels").iterdir() if path.name[-1] != "~"}
images = {path.name for path in (tool.ROOT / "vm/images").iterdir() if path.name[-1] != "~"}
cells = table("docs/architecture.md", "| kernel | what it is |")
same(re.findall("`(.*?)`", " ".join(cells)), kernels | images, "docs/architecture.md: each guest kernel", 9)

sources = {path.stem if path.suffix == ".py" else path.name: ast.parse(path.read_text())
           for path in (tool.ROOT / "tests/vm").rglob("*") if path.suffix in (".py", ".t")}


def nodes(source, kind):
    return [node for node in ast.walk(sources[source]) if isinstance(node, kind)]


def kernels_named(source):
    """The kernels that a test names, alone or before a machine, and those that import it."""
    users = [source, *(other for other in sources if source in {node.module for node in nodes(other, ast.ImportFrom)})]
    strings = {node.value for user in users for node in nodes(user, ast.Constant) if isinstance(node.value, str)}
    return {string.split()[0] for string in strings if string.split()} & kernels


def stimulated(source):
    """The kernels that a test loads the stimulus module for: stimulus() is for "patched"."""
    for call in nodes(source, ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id == "stimulus":
            kernel = [*call.args, *(keyword.value for keyword in call.keywords)] or [ast.Constant("patched")]
            yield from {kernel[0].value} if isinstance(kernel[0], ast.Constant) else kernels_named(source)


made = subprocess.run(["make", "-s", "--eval", 'kmods: ; @printf "%s\\n" $(KMODS)', "kmods"], cwd=tool.ROOT,
                      stdin=subprocess.DEVNULL, capture_output=True, text=True)
same(re.findall("^build/kmod/(.*)/ipimux-stimulus.ko$", made.stdout, re.M),
     {kernel for source in sources for kernel in stimulated(source)},
     "mk/guest.mk, KMODS: each kernel that a test loads the stimulus module for", 6)

# --- files ---------------------------------------------------------------------------------------

# A name with * stands for several files, a row without a folder goes on with the one above.
listed, folder = set(), None
for line in between(text("docs/architecture.md"), "| folder | file |", "\n\n").splitlines()[2:]:
    cells = line.split("|")
    folder = cells[1].strip(" `") or folder
    listed |= {f"{folder}/{name}" for name in re.findall("`(.*?)`", cells[2])}
files = {str(path.relative_to(tool.ROOT / "src").with_suffix("")) for path in (tool.ROOT / "src").glob("*/*.c")}
missing = {file for file in files if not any(fnmatch.fnmatchcase(file, name) for name in listed)}
ok(len(files) > 70 and not missing, "docs/architecture.md: each file of src/", missing)
gone = {name for name in listed if not any([*(tool.ROOT / "src").glob(f"{name}{end}")] for end in ("", ".h", ".c"))}
# It is in no folder.
gone -= {"cmd/ipimux-trace.c"}
ok(not gone, "docs/architecture.md: no file that is gone", gone)
done()
