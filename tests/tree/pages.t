#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The manual pages as they are installed: formatted without a warning, with each command's options as the
tool has them and no other, and with the figures that docs/overhead.md has."""
import os
import re
import subprocess

import tool
from guest import done, ok

PAGES = tool.ROOT / "build/man"


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "100"})


def plain(page):
    """The page as text, without bold and underlined."""
    text = run("mandoc", "-T", "utf8", "-O", "width=120", page).stdout
    return re.sub(".\b", "", text)


def is_warning(line):
    # Which pages others have is theirs to know, and whether there is an index of them.
    return "referenced manual not found" not in line and "outdated mandoc.db" not in line


def check_format(page):
    lint = run("mandoc", "-T", "lint", "-W", "style", page)
    warnings = [line for line in (lint.stdout + lint.stderr).splitlines() if is_warning(line)]
    ok(not warnings, f"{page.name}: mandoc finds nothing", *warnings)
    groff = run("man", "--warnings", "-E", "UTF-8", "-l", page)
    ok(groff.returncode == 0 and not groff.stderr and "NAME" in groff.stdout,
       f"{page.name}: groff finds nothing", groff.stderr)


def check_text(page):
    text = plain(page)
    ok(text.count("(") == text.count(")"), f"{page.name}: what begins in parentheses ends in them",
       *(line for line in text.splitlines() if line.count("(") != line.count(")")))


def check_help(command):
    """Columns of a help text stay columns: argp breaks lines that are too long, at their left edge."""
    paragraphs = [part.splitlines() for part in tool.say("help", command, width=79).split("\n\n")]
    wrong = [line for lines in paragraphs if lines and lines[0].startswith("  ") for line in lines if line[:1] != " "]
    ok(not wrong, f"help {command}: no line is broken at its end", *wrong)


def parts(text):
    """{section: {subsection: its lines}}; what comes before the first subsection is in ""."""
    found, section, part = {}, None, ""
    for line in text.splitlines():
        if re.match(r"[A-Z]", line):
            section, part = line.strip(), ""
            found[section] = {"": []}
        elif section and re.match(r"   \S", line):
            part = line.strip()
            found[section][part] = []
        elif section:
            found[section][part].append(line)
    return found


def heads(lines):
    """The options that head an entry: their texts are further to the right."""
    found = set()
    for line in lines:
        head = re.match(r"     (-\S+?(?:, -\S+?)*)(?:\s|$)", line)
        if head:
            found.add(head[1])
    return found


def check_options(command, page):
    sections = parts(plain(page))
    options = sections.get("OPTIONS", {})
    # "all of them", "both of them"
    mine = options.get(command, []) + [line for part, lines in options.items()
                                       for line in lines if part.endswith("of them")]
    real = tool.options(command)
    written = heads(mine) - (tool.AWAITED - real)
    ok(real and written == real, f"{command}: its page has its options and no other",
       f"not in the page: {sorted(real - written)}", f"only there: {sorted(written - real)}")
    names = re.sub(r"\s+", " ", " ".join(sections["NAME"][""])).split(" – ")[0]
    ok(f"ipimux-trace-{command}" in names.replace(",", "").split(), f"{command}: its page is named after it", names)
    ok(re.search(rf"\b{command}\b", "".join(sections["SYNOPSIS"][""])), f"{command}: is in the synopsis")


def check_overhead():
    """Each row of the table in docs/overhead.md."""
    rows = {}
    for line in (tool.ROOT / "docs/overhead.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 9:
            rows[re.sub(r"[*`¹²³]", "", cells[0]).strip()] = (cells[1], cells[3])
    lines = (tool.ROOT / "man/shared/overhead").read_text().splitlines()
    quoted = [line for line in lines if " Ta +" in line]
    for line in quoted:
        name, *figures = re.match(r'\.It "(.*)" Ta (\S+) Ta (\S+)$', line).groups()
        row = [value for key, value in rows.items() if key == name or key.startswith((f"{name}:", f"{name} (", f"{name} -e"))]
        ok(row == [tuple(figures)], f"overhead of {name}: as in docs/overhead.md", row, line)
    ok(len(quoted) == 8, "eight tracers are compared", quoted)


if not (PAGES / "ipimux-trace.8").exists():
    ok(False, "the pages are made", "make pages")
    done()
    raise SystemExit(1)
overview = parts(plain(PAGES / "ipimux-trace.8"))
sources = sorted((tool.ROOT / "man").glob("*.8"))
for source in sources:
    check_format(PAGES / source.name)
    check_text(PAGES / source.name)
    sections = parts(plain(PAGES / source.name))
    wanted = {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}
    ok(wanted <= set(sections), f"{source.name}: has all sections", wanted - set(sections))
    seen = re.findall(r"(ipimux-trace[a-z-]*)\(8\)", "".join(sections["SEE ALSO"][""]))
    others = {other.stem for other in sources if other != source}
    ok(sorted(seen) == sorted(others), f"{source.name}: refers to all others", seen)
ok(len(sources) >= 5, "there are pages", sources)

commands = tool.commands()
ok(not tool.AWAITED or not tool.AWAITED <= {*commands, *tool.options("stat")}, "something is still awaited",
   "AWAITED of tests/tree/tool.py is to be empty now")
for page in PAGES.glob("*-*-*.8"):
    name = page.stem.removeprefix("ipimux-trace-")
    ok(name in {*commands, *tool.AWAITED}, f"{page.name}: there is such a command")
for command in commands:
    ok(any(re.match(rf"     (\w+, )*{command}\b", line) for line in overview["COMMANDS"][""]),
       f"{command}: is in the overview")
    if command == "help":
        continue
    check_help(command)
    page = PAGES / f"ipimux-trace-{command}.8"
    # A page of several commands is there under each of their names.
    link = re.match(r"\.so man8/(\S+)$", page.read_text()) if page.exists() else None
    if ok(page.exists(), f"{command}: has a page"):
        check_options(command, PAGES / link[1] if link else page)
ok(heads(overview["OPTIONS"][""]) == {"-h, --help", "-V, --version"}, "the tool's own options",
   heads(overview["OPTIONS"][""]))
check_overhead()
done()
