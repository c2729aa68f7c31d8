"""Every example of a description against the schema beside it: `python examples.py openapi.json`."""

import json
import sys

import jsonschema_rs

whole = json.load(open(sys.argv[1]))
found = 0


def check(schema, example, place):
    """Fails unless the example fits; what the schema refers to is the whole document's."""
    validator = jsonschema_rs.Draft202012Validator({**schema, "components": whole["components"]}, validate_formats=True)
    errors = [f"{place}: {error.message} at {list(error.instance_path)}" for error in validator.iter_errors(example)]
    if errors:
        sys.exit("\n".join(errors))
    global found
    found += 1


def walk(value, place):
    if isinstance(value, dict):
        if "example" in value:
            check(value.get("schema", {k: v for k, v in value.items() if k != "example"}), value["example"], place)
        for name, one in value.get("examples", {}).items() if "schema" in value else ():
            check(value["schema"], one["value"], f"{place}/{name}")
        for name, inner in value.items():
            if name not in ("example", "examples"):
                walk(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            walk(inner, f"{place}/{number}")


walk(whole, "")
print(found, "examples fit")
