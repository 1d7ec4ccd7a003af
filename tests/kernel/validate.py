#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""validate.py SCHEMA FILE...: prints each line that is no object of the schema, and why."""
import json
import sys

import jsonschema


def reject_twice(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key comes twice")
    return dict(pairs)


def faults(validator, line):
    try:
        value = json.loads(line, object_pairs_hook=reject_twice)
    except ValueError as error:
        return [str(error)]
    return [error.message for error in validator.iter_errors(value)]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    wrong = 0
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8", newline="\n") as file:
            for line in file:
                for fault in faults(validator, line):
                    wrong += 1
                    print(f"{fault}: {line.rstrip()}")
    return wrong > 0


sys.exit(main())
