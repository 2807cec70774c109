#!/usr/bin/env python3
"""Makes protobuf-v1.36.txt, the field numbers of the API's protobuf encoding that the program embeds.

usage: protobuf.py MESSAGES.json TYPES.json [--check]

MESSAGES holds the numbers, names and types of the protobuf messages, TYPES what OpenAPI says of the same types.
Run generate.py first: only what its result reaches is kept.
--check: only say whether the file is up to date (exit status 1 when it is not).

The result, one line each:
  K APIVERSION KIND MESSAGE      what may stand at the top of a body or an answer
  M MESSAGE NUMBER NAME TYPE ... a message and its fields
Names of messages lack the prefix "io.k8s.api.". NAME is the JSON name, or ^ where the message's members stand among
its parent's. TYPE: * before it is repeated, % is a map from strings; s string, b bool, i integer, d double, y bytes,
t Time, u MicroTime, v Duration, q Quantity, n IntOrString, r raw JSON, e list of strings, A B S the three either-or
types of CustomResourceDefinitions (schema or list, bool or schema, schema or strings), else the name of a message.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PREFIX = "io.k8s.api."
META = "io.k8s.apimachinery.pkg.apis.meta.v1."
CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
SCALARS = {"string": "s", "bool": "b", "int32": "i", "int64": "i", "double": "d", "bytes": "y"}
SPECIAL = {
    META + "Time": "t", META + "MicroTime": "u", META + "Duration": "v", META + "FieldsV1": "r",
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "q", "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "n",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "r", CRD + "JSON": "r", CRD + "JSONSchemaPropsOrArray": "A",
    CRD + "JSONSchemaPropsOrBool": "B", CRD + "JSONSchemaPropsOrStringArray": "S",
}
# What stands at the top of answers only: documents of discovery, and the metadata of any object.
ANSWERS = [("v1", META, name) for name in ("APIGroup", "APIGroupList", "APIResourceList", "APIVersions")] + [
    ("apidiscovery.k8s.io/v2", PREFIX + "apidiscovery.v2.", "APIGroupDiscoveryList"),
    ("meta.k8s.io/v1", META, "PartialObjectMetadata"), ("meta.k8s.io/v1", META, "PartialObjectMetadataList"),
    ("meta.k8s.io/v1beta1", META, "PartialObjectMetadata"),
    ("meta.k8s.io/v1beta1", META.replace("v1", "v1beta1"), "PartialObjectMetadataList")]
# The names of Go packages, and what OpenAPI makes of them.
PACKAGES = (("k8s.io.apiextensions_apiserver.", "io.k8s.apiextensions-apiserver."),
            ("k8s.io.kube_aggregator.", "io.k8s.kube-aggregator."), ("k8s.io.", "io.k8s."))


def open_api_name(message):
    for theirs, ours in PACKAGES:
        if message.startswith(theirs):
            return ours + message[len(theirs):]
    return message


def short(name):
    return name[len(PREFIX):] if name.startswith(PREFIX) else name


def json_name(field, properties):
    """The JSON name of a protobuf field, or None when the message is a part of its parent."""
    for name in (field, "$" + field):
        if name in properties:
            return name
    plain = field.lower()
    for name in properties:
        if name.replace("-", "").lower() == plain:
            return name
    return None


def message_type(text):
    """(code or full name of the message, whether it is one)"""
    if text in SCALARS:
        return SCALARS[text], False
    name = open_api_name(text)
    if name in SPECIAL:
        return SPECIAL[name], False
    if name.endswith(".ExtraValue") or name == META + "Verbs":
        return "e", False
    return name, True


def main(arguments):
    check = "--check" in arguments
    files = [a for a in arguments if a != "--check"]
    if len(files) != 2:
        sys.exit(__doc__)
    messages = {open_api_name(n): fields for n, fields in json.load(open(files[0]))["messages"].items()}
    definitions = json.load(open(files[1]))["definitions"]
    kept = json.load(open(os.path.join(HERE, "kubernetes-v1.36.json")))["types"]

    tops, queue = [], []
    for name in sorted(kept):
        full = name if name.startswith("io.") else PREFIX + name
        for gvk in definitions.get(full, {}).get("x-kubernetes-group-version-kind", []):
            api_version = (gvk["group"] + "/" if gvk["group"] else "") + gvk["version"]
            if full in messages:
                tops.append("K %s %s %s" % (api_version, gvk["kind"], name))
                queue.append((full, definitions[full]))
    for api_version, package, kind in ANSWERS:
        tops.append("K %s %s %s" % (api_version, kind, short(package + kind)))
        queue.append((package + kind, definitions.get(package + kind)))
    lines = {}
    while queue:
        name, definition = queue.pop()
        if short(name) in lines:
            continue
        # A message without a definition of its own is a part of its parent.
        properties = definition.get("properties") if definition else None
        line = "M " + short(name)
        for number, field, label, text in messages[name]:
            head = "*" if label == "repeated" else ""
            if text.startswith("map<string,"):
                head, text = "%", text[len("map<string,"):-1]
            code, is_message = message_type(text)
            inner = definitions.get(code)
            member = field if properties is None else json_name(field, properties)
            if member is None:
                if not is_message or head:
                    sys.exit("protobuf.py: %s.%s has no JSON name" % (name, field))
                member = "^"
            if is_message:
                queue.append((code, inner))
            line += " %d %s %s%s" % (number, member, head, short(code))
        lines[short(name)] = line
    text = "\n".join(sorted(tops) + [lines[n] for n in sorted(lines)]) + "\n"
    target = os.path.join(HERE, "protobuf-v1.36.txt")
    if check:
        return 0 if open(target).read() == text else 1
    open(target, "w").write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
