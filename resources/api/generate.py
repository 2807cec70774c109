#!/usr/bin/env python3
"""Makes kubernetes-v1.36.json, the facts about the API that the program embeds.

usage: generate.py TYPES.json PATHS.json DISCOVERY.jsonl [--check]

TYPES and PATHS hold what OpenAPI says (names, types, formats, required, list types, merge keys; paths and
verbs). DISCOVERY holds the answers of a default server to GET /api and GET /apis as aggregated discovery: which
kinds are served, in which order, with which short names. observed_shapes.json, beside this file, holds what neither
says: how a running server treats each field (probe_shapes.py wrote it, and explains its words). From that come the Go
type of each field as decode errors name it, and the letters p (pointer: an explicit zero is kept), w (always written,
even when empty), z (left out when it is zero, although it is a struct).
--check: only say whether the file is up to date (exit status 1 when it is not).

The result: {"types": {name: {"f": {field: facts}} or {"k": kind}}, "kinds": [...]}; names lack the prefix
"io.k8s.api.". A field's facts: t type ("string", "[]x" list, "{}x" map), g Go type where it can't be derived,
p w z as above, r required, l list type, k list map keys, s patch strategy, m merge key, a atomic map (0: granular).
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PREFIX = "io.k8s.api."
META = "io.k8s.apimachinery.pkg.apis.meta.v1."
# Types that are one value on the wire.
SCALARS = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intOrString",
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    META + "Time": "time",
    META + "MicroTime": "microTime",
    META + "FieldsV1": "object",
    META + "Patch": "object",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "object",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": "any",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray": "any",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool": "any",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": "any",
}
GO_SCALARS = {"string": "string", "bool": "bool", "int32": "int32", "int64": "int64", "double": "float64",
              "bytes": "[]uint8"}
# Sent to the server although no resource has it as its kind.
BODIES = [META + "DeleteOptions", META + "Patch", META + "Status", META + "WatchEvent", "io.k8s.api.autoscaling.v1.Scale"]


def short(name):
    return name[len(PREFIX):] if name.startswith(PREFIX) else name


def type_text(schema):
    """The type of an OpenAPI schema in this file's spelling, with full names."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    kind = schema.get("type")
    if kind == "array":
        return "[]" + type_text(schema["items"])
    if kind == "object":
        return "{}" + type_text(schema["additionalProperties"]) if "additionalProperties" in schema else "object"
    if kind == "string":
        return "bytes" if schema.get("format") == "byte" else "string"
    if kind == "integer":
        return schema["format"]
    return {"boolean": "bool", "number": "double", None: "any"}[kind]


def go_text(text):
    """What Go calls that type, as far as its name says it."""
    if text.startswith("[]"):
        return "[]" + go_text(text[2:])
    if text.startswith("{}"):
        return "map[string]" + go_text(text[2:])
    if text in GO_SCALARS:
        return GO_SCALARS[text]
    return ".".join(text.split(".")[-2:])


def short_type(text):
    head = ""
    while text[:2] in ("[]", "{}"):
        head, text = head + text[:2], text[2:]
    return head + short(text)


def value_flags(kind, required, absent, zero, default):
    """The letters of a struct, or of a scalar that Go keeps in one (times, quantities, IntOrString)."""
    timed = kind in ("time", "microTime")
    if absent == "null":
        return "" if timed else "pw"  # the zero time itself is written as null
    if absent == "-":
        return "z" if default else "p"
    # It is there though nobody sent it: a value, or a pointer that the server's defaults have filled. Only values of
    # structs have a published default; a defaulted pointer to another type seldom holds zero.
    if kind == "struct":
        return "" if default else "p"
    if absent == "?":
        return "" if required else "p"
    return "" if absent == "zero" else "p"


def flags_of(text, required, observed):
    """The letters p, w, z that say what the server was seen to do. Where it could not be asked: what is published."""
    _, absent, zero, default = observed.split(" ")
    default = default == "d"
    kind = text if text in GO_SCALARS else SCALARS.get(text, "struct")
    if text[:2] in ("[]", "{}") or text in ("bytes", "any", "object") or kind in ("any", "object"):
        # Not asked: a required list is always written.
        unknown = zero == "zero" or (zero == "?" and required)
        return "w" if absent in ("null", "zero") or (absent == "?" and unknown) else ""
    if text not in GO_SCALARS:
        return value_flags(kind, required, absent, zero, default)
    if zero == "zero":
        if absent == "null":
            return "pw"
        # Fields that are always written have their zero as published default; a pointer that the server fills has not.
        return "w" if absent == "zero" and default else "p"
    # Left out, or changed by the server's defaults, which take zero for nothing. Not asked: as published.
    return "w" if default and zero in ("set", "?") else ""


def field_facts(schema, required, observed):
    text = type_text(schema)
    facts = {"t": short_type(text)}
    go = observed.split(" ")[0]
    if go not in ("?", go_text(text)):
        facts["g"] = go
    facts.update({flag: 1 for flag in flags_of(text, required, observed)})
    if required:
        facts["r"] = 1
    for key, name in (("l", "list-type"), ("k", "list-map-keys"), ("s", "patch-strategy"), ("m", "patch-merge-key")):
        if "x-kubernetes-" + name in schema:
            facts[key] = schema["x-kubernetes-" + name]
    if schema.get("x-kubernetes-map-type") in ("atomic", "granular"):
        facts["a"] = int(schema["x-kubernetes-map-type"] == "atomic")
    return facts


def type_facts(name, schema, shapes):
    if name in SCALARS:
        return {"k": SCALARS[name]}
    shape = shapes.get(short(name), {})
    required = schema.get("required", [])
    fields = {f: field_facts(s, f in required, shape.get(f, "? ? ? -")) for f, s in sorted(schema.get("properties", {}).items())}
    facts = {"f": fields}
    if schema.get("x-kubernetes-map-type") == "atomic":
        facts["a"] = 1
    return facts


def refs(value):
    if isinstance(value, dict):
        if "$ref" in value and isinstance(value["$ref"], str):
            yield value["$ref"].rsplit("/", 1)[1]
        for child in value.values():
            yield from refs(child)
    elif isinstance(value, list):
        for child in value:
            yield from refs(child)


def discovered(lines):
    """(group, version, resource) of the recorded answers, in their order, core first."""
    for line in lines:
        exchange = json.loads(line)
        answer = exchange.get("answer") or {}
        if answer.get("kind") != "APIGroupDiscoveryList":
            continue
        for group in answer["items"]:
            for version in group["versions"]:
                for resource in version["resources"]:
                    yield group["metadata"].get("name", ""), version["version"], resource


def kind_facts(group, version, resource, types_by_gvk):
    kind = resource["responseKind"]["kind"]
    facts = {"group": group, "version": version, "kind": kind, "plural": resource["resource"],
             "singular": resource["singularResource"], "namespaced": resource["scope"] == "Namespaced",
             "schema": short(types_by_gvk[(group, version, kind)]), "verbs": resource["verbs"]}
    for key in ("shortNames", "categories"):
        if resource.get(key):
            facts[key] = resource[key]
    subresources = []
    for sub in resource.get("subresources", []):
        response = sub["responseKind"]
        item = {"name": sub["subresource"], "kind": response["kind"], "verbs": sub["verbs"]}
        if response["group"] or response["version"]:
            item.update(group=response["group"], version=response["version"])
        subresources.append(item)
    if subresources:
        facts["subresources"] = subresources
    return facts


def check_paths(kinds, paths):
    """OpenAPI's paths and the recorded discovery must speak of the same resources."""
    for kind in kinds:
        root = "/api/" + kind["version"] if not kind["group"] else "/apis/%s/%s" % (kind["group"], kind["version"])
        where = root + ("/namespaces/{namespace}/" if kind["namespaced"] else "/") + kind["plural"]
        if where not in paths:
            sys.exit("generate.py: no path " + where)


def main(arguments):
    check = "--check" in arguments
    files = [a for a in arguments if a != "--check"]
    if len(files) != 3:
        sys.exit(__doc__)
    definitions = json.load(open(files[0]))["definitions"]
    paths = json.load(open(files[1]))["paths"]
    shapes = json.load(open(os.path.join(HERE, "observed_shapes.json")))
    by_gvk = {(g["group"], g["version"], g["kind"]): name for name, d in sorted(definitions.items())
              for g in d.get("x-kubernetes-group-version-kind", [])}
    kinds = [kind_facts(g, v, r, by_gvk) for g, v, r in discovered(open(files[2]))]
    check_paths(kinds, paths)

    queue = list(BODIES)
    for kind in kinds:
        queue.append(PREFIX + kind["schema"] if not kind["schema"].startswith("io.") else kind["schema"])
        queue.append(by_gvk.get((kind["group"], kind["version"], kind["kind"] + "List"), queue[0]))
        for sub in kind.get("subresources", []):
            gvk = (sub.get("group", kind["group"]), sub.get("version", kind["version"]), sub["kind"])
            if gvk in by_gvk:
                queue.append(by_gvk[gvk])
    types = {}
    while queue:
        name = queue.pop()
        if name not in types:
            types[name] = type_facts(name, definitions[name], shapes)
            if name not in SCALARS:
                queue.extend(refs(definitions[name]))

    # One line for each type and kind, so that changes can be read.
    line = lambda value: json.dumps(value, separators=(",", ":"))
    text = '{"types":{\n' + ",\n".join(line(short(n)) + ":" + line(types[n]) for n in sorted(types))
    text += '\n},"kinds":[\n' + ",\n".join(line(k) for k in kinds) + "\n]}\n"
    target = os.path.join(HERE, "kubernetes-v1.36.json")
    if check:
        return 0 if open(target).read() == text else 1
    open(target, "w").write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
