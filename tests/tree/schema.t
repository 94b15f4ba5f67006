#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""What the tool writes as JSON is what docs/schema/*.json says: of the recordings in tests/golden, by every command that
shows one, the recordings themselves, and the page of report. What only a live machine has is in
tests/vm/views/record.t."""
import json
import pathlib
import re
import subprocess
import tempfile

import tool
from guest import done, ok
from schemas import SCHEMAS, faults, validator, whole

GOLDEN = sorted(path for folder in ("older", "now") for path in (tool.ROOT / "tests/golden" / folder).iterdir())
# The ways to ask a command for more than it shows of a recording by itself.
WAYS = {
    "stat": [["stat"], ["stat", "-c", "0"]],
    "matrix": [["matrix"], ["matrix", "--top", "1"], ["matrix", "--vipi=CALL_FUNC"]],
    "storm": [["storm", "--rate", "1"]],
    "stuck": [["stuck", "--threshold", "0.5"]],
}
# What is in no recording of tests/golden: nothing was stuck where waits were timed.
NOT_SEEN = {("latency", "stuck")}
# Each command that has -j has a schema. These show no recordings: doctor is held below, trace in
# tests/vm/views/record.t.
LIVE = {"doctor", "trace"}
OPTIONS = {command: tool.names(tool.options(command)) for command in tool.commands() if command != "help"}
COMMANDS = {command: WAYS.get(command, [[command]]) for command, names in OPTIONS.items()
            if {"-i", "-j"} <= names and (SCHEMAS / f"{command}.json").exists()}


def kinds(name):
    """The types of the objects that @name's schema takes."""
    document = whole(name)
    schema = document["$defs"][f"{name}.json"]
    for part in schema.get("oneOf", [schema]):
        if "$ref" in part:
            steps, part = part["$ref"].split("/")[1:], document
            for step in steps:
                part = part[step]
        kind = part["properties"]["type"]
        yield from kind["enum"] if "enum" in kind else [kind["const"]]


# What each schema must have seen in all for this test to say something.
WANTED = {name: {kind for kind in kinds(name) if (name, kind) not in NOT_SEEN} for name in COMMANDS}
WANTED["recording"] = {"recording", "snapshot", "end"}


def run(*command):
    return subprocess.run([*tool.TOOL, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def unpacked(path):
    """The whole lines of a recording."""
    unpack = {".zst": ["zstd", "-dcq"], ".gz": ["gzip", "-dc"]}.get(path.suffix, ["cat"])
    text = subprocess.run([*unpack, path], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    return lines(text[:text.rfind("\n") + 1])


def objects(node):
    """All objects in a document, itself first."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from objects(part)


def accepted_with_more(name, document):
    """The objects of @document that @name's schema takes with a field that nobody knows."""
    taken = []
    for found in objects(document):
        found["unknown"] = None
        if validator(name).is_valid(document):
            taken.append(found)
        del found["unknown"]
    return [json.dumps(found)[:200] for found in taken]


def is_closed(schema):
    """Does a schema of objects forbid other fields, or leave that to who refers to it, and say so?"""
    return (schema.get("additionalProperties") is not None or schema.get("unevaluatedProperties") is False or
            "without what forbids other fields" in schema.get("description", ""))


def hold(name, documents, what):
    wrong = faults(name, documents)
    ok(documents and not wrong, f"{what}: {len(documents)} object{'s'[:len(documents) != 1]} as in {name}.json", *wrong[:5])


def page_data(path, folder):
    page = folder / "page.html"
    run("report", f"--html={page}", "--force", "-i", path)
    text = page.read_text() if page.exists() else ""
    return [json.loads(data) for data in re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)]


# --- the schemas themselves ---

names = sorted(path.stem for path in SCHEMAS.glob("*.json"))
for name in names:
    if name != "common":
        validator(name)
open_objects = [f"{name}.json: {json.dumps(schema)[:200]}" for name in names
                for schema in objects(json.loads((SCHEMAS / f"{name}.json").read_text()))
                if schema.get("type") == "object" and not is_closed(schema)]
ok(len(names) >= 11 and not open_objects, "they are schemas, and each object's fields are all", *open_objects)
with_json = {command for command, options in OPTIONS.items() if "-j" in options}
ok(with_json == COMMANDS.keys() | LIVE and len(COMMANDS) >= 5, "each command that has -j has one",
   with_json ^ (COMMANDS.keys() | LIVE))
readme = (SCHEMAS / "README.md").read_text()
ok(all(f"`{name}.json`" in readme for name in names), "README.md names each")

# --- what is made of recordings, and they themselves ---

seen = {name: set() for name in WANTED}
samples = {}
for path in GOLDEN:
    hold("recording", unpacked(path), path.name)
    for line in unpacked(path):
        seen["recording"].add(next(iter(line)))
        samples["recording", next(iter(line))] = line
    for name, commands in COMMANDS.items():
        for command in commands:
            shown = run(*command, "-j", "-i", path)
            if name == "latency" and shown.returncode == 3 and "--latency" in shown.stderr:
                continue
            documents = lines(shown.stdout)
            hold(name, documents, f"{' '.join(command)} of {path.name}")
            for document in documents:
                seen[name].add(document["type"])
                samples[name, document["type"]] = document
with tempfile.TemporaryDirectory() as folder:
    for path in GOLDEN:
        documents = page_data(path, pathlib.Path(folder))
        if documents or path.suffix != ".rec":
            hold("report", documents, f"report of {path.name}")
            samples["report", "page"] = documents[0]
# Of whatever machine this is.
doctor = lines(run("doctor", "-j").stdout)
hold("doctor", doctor, "doctor")
samples["doctor", "doctor"] = doctor[0]

for name, wanted in WANTED.items():
    ok(wanted <= seen[name], f"{name}.json: all that it is about was seen", wanted - seen[name])
for (name, kind), document in samples.items():
    taken = accepted_with_more(name, document)
    ok(not taken, f"{name}.json, {kind}: a field that nobody knows is refused, in each object", *taken[:5])

# --- names that these recordings need not have ---

found = {text for path in (tool.ROOT / "src").rglob("*.c")
         for text in re.findall(r'\[AUDIT_[A-Z_]+\]\s*=\s*"([a-z_]+)"', path.read_text())}
common = json.loads((SCHEMAS / "common.json").read_text())["$defs"]
known = {text for part in ("verdict", "finding", "proof", "reason") for text in common[part]["enum"]}
ok(len(found) > 30 and found <= known, "the audit's words in JSON are those of common.json", sorted(found - known))
done()
