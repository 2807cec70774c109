#!/usr/bin/env python3
"""Makes openapi-v1.36.txt: what OpenAPI documents say of fields that nothing else of this server needs to know.

usage: openapi.py V2.json V3.json... [--check]

V2 is the document at /openapi/v2 of a running server, V3 its documents below /openapi/v3. Only facts are taken:
defaults, permitted values, unions. Descriptions are our own (words-v1.36.txt).
--check: only say whether the file is up to date (exit status 1 when it is not).

The result, one line each; names of types lack the prefix "io.k8s.api.":
  F TYPE FIELD=JSON <tab> FIELD:A|B ... defaults, and permitted values (FIELD[] those of a list's items, FIELD{} of a map's)
                                        FIELD~: a list of no list type; FIELD!MEMBER: one more extension
  U TYPE JSON                           x-kubernetes-unions
  2 TYPE JSON, 3 TYPE JSON              whole definitions of types that only documents of discovery have
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PREFIX = "io.k8s.api."
# Extensions that no schema fact tells: what merges anyhow, and what does not belong where it is.
ODD = [("x-kubernetes-map-type", "granular"), ("x-kubernetes-patch-strategy", "replace"),
       ("x-kubernetes-list-type", "atomic")]


def short(name):
    return name[len(PREFIX):] if name.startswith(PREFIX) else name


def plain(value):
    """A definition without its descriptions."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "description" or not isinstance(v, str)}
    return [plain(v) for v in value] if isinstance(value, list) else value


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def field_facts(properties):
    out = []
    for name in sorted(properties):
        field = properties[name]
        if "default" in field:
            out.append("%s=%s" % (name, compact(field["default"])))
        for mark, holder in (("", field), ("[]", field.get("items")), ("{}", field.get("additionalProperties"))):
            if isinstance(holder, dict) and "enum" in holder:
                out.append("%s%s:%s" % (name, mark, "|".join(holder["enum"])))
        for key, value in ODD:
            if field.get(key) == value and (key != "x-kubernetes-list-type" or field.get("type") == "string"):
                out.append("%s!%s:%s" % (name, compact(key), compact(value)))
        if field.get("type") == "array" and "x-kubernetes-list-type" not in field:
            out.append(name + "~")
    return out


def main(arguments):
    check = "--check" in arguments
    files = [a for a in arguments if a != "--check"]
    if len(files) < 2:
        sys.exit(__doc__)
    version2 = json.load(open(files[0]))["definitions"]
    version3 = {}
    for name in files[1:]:
        version3.update(json.load(open(name)).get("components", {}).get("schemas", {}))
    kept = json.load(open(os.path.join(HERE, "kubernetes-v1.36.json")))["types"]
    lines = []
    for name in sorted(version3):
        definition = version3[name]
        if short(name) not in kept:
            lines.append("2 %s %s" % (short(name), compact(plain(version2[name]))))
            lines.append("3 %s %s" % (short(name), compact(plain(definition))))
            continue
        facts = field_facts(definition.get("properties", {}))
        if facts:
            lines.append("F %s %s" % (short(name), "\t".join(facts)))
        if "x-kubernetes-unions" in definition:
            lines.append("U %s %s" % (short(name), compact(definition["x-kubernetes-unions"])))
    text = "\n".join(lines) + "\n"
    target = os.path.join(HERE, "openapi-v1.36.txt")
    if check:
        return 0 if open(target).read() == text else 1
    open(target, "w").write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
