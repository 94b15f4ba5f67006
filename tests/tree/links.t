#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The links of the documentation: each one between files of the tree leads to a file, and to a heading where it
names one. Each file of the tree that any file names exists, and the index of docs/ has each page. The web is not
asked."""
import re

import tool
from guest import done, ok

# As style.t: what is built, and what has no place for text, is not looked at.
PRUNED = ("build", ".git", "tests/fuzz/corpus", "tests/golden/shown")
# A file of the tree by its path, perhaps with a "*"; not what has a word in capitals for what is to be put there.
NAME = (r"(?<![\w./{}$<-])(?:bench|bpf|docs|man|mk|src|tests)/(?:[a-z0-9_.*-]+/)*[a-z0-9_*-]+"
        r"\.(?:bpf\.c|c|h|md|mk|patch|png|py|rec|sh|t|zst)\b(?![\w{/])")


def files():
    for path in sorted(tool.ROOT.rglob("*")):
        name = path.relative_to(tool.ROOT).as_posix()
        if path.is_file() and not any(name == pruned or name.startswith(f"{pruned}/") for pruned in PRUNED):
            yield path


def prose(path):
    """The page without what is shown as it is: indented and fenced blocks, `code`."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^ {4}.*$", "", text, flags=re.MULTILINE)
    return text


def anchors(path):
    """What its headings are called in a link: as GitHub does it, the second of two alike ends in -1."""
    found = {}
    for heading in re.findall(r"^#+ +(.*?)\s*$", prose(path), re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        found[name] = found.get(name, -1) + 1
    return {f"{name}-{nr}" if nr else name for name, last in found.items() for nr in range(last + 1)}


def wrong_link(page, target):
    """Why the link @target of @page leads nowhere, or None."""
    if re.match(r"[a-z]+:", target):
        return None
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.exists():
        return "no such file"
    if tool.ROOT not in (path, *path.parents):
        return "outside of the tree"
    if anchor and (path.suffix != ".md" or anchor not in anchors(path)):
        return f"no such heading; there are {', '.join(sorted(anchors(path)))}" if path.suffix == ".md" else "no page"
    return None


def links(page):
    text = re.sub(r"`[^`\n]*`(?!\])", "", prose(page))
    return re.findall(r"\]\(([^)\s]+)\)", text)


pages = [path for path in files() if path.suffix == ".md"]
number = 0
for page in pages:
    found = links(page)
    number += len(found)
    wrong = [f"{target}: {why}" for target in found for why in [wrong_link(page, target)] if why]
    ok(not wrong, f"{page.relative_to(tool.ROOT)}: its links", *wrong)
ok(number > 60, "there are links", number)

named = {}
for path in files():
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        continue
    for name in re.findall(NAME, text):
        named.setdefault(name, path.relative_to(tool.ROOT))
missing = [f"{name}, named in {path}" for name, path in named.items() if not list(tool.ROOT.glob(name))]
ok(len(named) > 100 and not missing, f"each of the {len(named)} files that a file names is there", *missing)
index = {(tool.ROOT / "docs" / target.partition("#")[0]).resolve() for target in links(tool.ROOT / "docs/README.md")}
left_out = [path.name for path in (tool.ROOT / "docs").glob("*.md") if path.name != "README.md" and path not in index]
ok(not left_out, "docs/README.md has each page of docs/", *left_out)
done()
