# SPDX-License-Identifier: GPL-2.0-only
"""Holds JSON against docs/schema/*.json. For tests of the tree and in guests; runs nothing."""
import json
import pathlib

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "docs/schema"


def point(node, home):
    """The schema @node with its references to #/$defs and common.json#/$defs turned to where whole() puts them."""
    if isinstance(node, list):
        return [point(part, home) for part in node]
    if not isinstance(node, dict):
        return node
    node = {name: point(part, home) for name, part in node.items()}
    if isinstance(node.get("$ref"), str):
        file, place = node["$ref"].split("#")
        node["$ref"] = f"#/$defs/{file or home}{place}"
    return node


def whole(name):
    """docs/schema/NAME.json and common.json as one document, which no validator has to look for files for."""
    files = {file: json.loads((SCHEMAS / file).read_text()) for file in (f"{name}.json", "common.json")}
    return {"$schema": files["common.json"]["$schema"], "$ref": f"#/$defs/{name}.json",
            "$defs": {file: point(schema, file) for file, schema in files.items()}}


def inlined(node, document):
    """@node with what its references refer to in their place: half of the time that jsonschema takes it looks for them."""
    if isinstance(node, list):
        return [inlined(part, document) for part in node]
    if not isinstance(node, dict):
        return node
    rest = {name: inlined(part, document) for name, part in node.items() if name != "$ref"}
    if "$ref" not in node:
        return rest
    target = document
    for step in node["$ref"].split("/")[1:]:
        target = target[step]
    target = inlined(target, document)
    return {**rest, "allOf": [target, *rest.get("allOf", [])]} if rest else target


_validators = {}


def validator(name):
    if name not in _validators:
        document = whole(name)
        jsonschema.Draft202012Validator.check_schema(document)
        _validators[name] = jsonschema.Draft202012Validator(inlined(document["$defs"][f"{name}.json"], document))
    return _validators[name]


def faults(name, documents):
    """What docs/schema/NAME.json has against each of @documents: a line for each that it does not take."""
    found = []
    for document in documents:
        error = jsonschema.exceptions.best_match(validator(name).iter_errors(document))
        if error:
            place = "/".join(map(str, error.absolute_path))
            found.append(f"{name}.json: {place or 'it'}: {error.message[:300]} in {json.dumps(document)[:300]}")
    return found
