#!/usr/bin/env python3
"""Asks a running Kubernetes v1.36 API server how each field of the API behaves, and writes observed_shapes.json.

usage: probe_shapes.py TYPES.json KUBECONFIG AUDIT_LOG

TYPES holds what OpenAPI says of the types. The server of KUBECONFIG (a throw-away one: bodies are sent as dry runs or
to names that don't exist, thousands of them) must write an audit log of level Request to AUDIT_LOG, for example with
  --audit-log-path=AUDIT_LOG --audit-log-mode=blocking --audit-policy-file=FILE, FILE being
  {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Request"}]}
The log shows each body as the server decoded, defaulted and wrote it again, before validation: bodies needn't be valid.
For every type, the shortest way to it from a body that the server accepts is built with empty objects, and then
  - left empty, to see what the server writes that nobody sent;
  - given one field with its zero ("", 0, false, [], {}), to see whether an explicit zero is kept;
  - given one field with a value of a wrong type, to read the type's name in the decoder's error.
Besides, the OpenAPI v3 documents of the same server are asked which fields have an empty default.

The result: {type: {field: "GO ABSENT ZERO DEFAULT"}}, names as in generate.py, which derives its facts from them.
  GO       the type's name in the decoder's error
  ABSENT   the field, when nobody sent it, is: - left out, null, zero (written with its zero), set (to something else)
  ZERO     sent with its zero it is: - left out, null, zero (kept), set (changed)
  DEFAULT  d when the published schema has an empty value as its default, else -
and ? where it couldn't be asked or the server did not say.
"""
import base64
import collections
import http.client
import json
import os
import re
import ssl
import sys
import tempfile
import time

from generate import HERE, META, SCALARS, short, type_text

GO_TYPE = re.compile(r"cannot unmarshal .* of type (\S+)$")
# Bodies that are not created at their own collection: (type, method, path).
ELSEWHERE = [
    ("io.k8s.api.autoscaling.v1.Scale", "PUT", "/apis/apps/v1/namespaces/default/deployments/none/scale"),
    ("io.k8s.api.policy.v1.Eviction", "POST", "/api/v1/namespaces/default/pods/none/eviction"),
    ("io.k8s.api.authentication.v1.TokenRequest", "POST", "/api/v1/namespaces/default/serviceaccounts/none/token"),
    (META + "DeleteOptions", "DELETE", "/api/v1/namespaces/default/configmaps/none"),
]
# What else a body needs, or the server drops these types from it.
COMPANY = {
    "io.k8s.api.core.v1.SessionAffinityConfig": {"spec": {"sessionAffinity": "ClientIP"}},
    "io.k8s.api.core.v1.ClientIPConfig": {"spec": {"sessionAffinity": "ClientIP"}},
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion":
        {"spec": {"conversion": {"strategy": "Webhook"}}},
}
ZEROS = {"string": "", "bool": False, "int32": 0, "int64": 0, "double": 0, "bytes": "", "quantity": "0",
         "intOrString": 0}
NO_ZERO = {"time", "microTime", "object", "any"}  # no JSON value means their zero


class Server:
    """One connection; remembers nothing."""

    def __init__(self, kubeconfig):
        config = json.load(open(kubeconfig))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        context = ssl.create_default_context(cafile=self.file(cluster, "certificate-authority"))
        context.load_cert_chain(self.file(user, "client-certificate"), self.file(user, "client-key"))
        self.connection = http.client.HTTPSConnection(cluster["server"].split("://")[1], context=context)

    @staticmethod
    def file(section, key):
        if key in section:
            return section[key]
        with tempfile.NamedTemporaryFile(delete=False) as out:
            out.write(base64.b64decode(section[key + "-data"]))
        return out.name

    def ask(self, method, path, body=None, audit="", accept="application/json"):
        headers = {"Accept": accept, "Content-Type": "application/json"}
        if audit:
            headers["Audit-ID"] = audit
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


def base_of(text):
    """(wrappers, name) of a type's spelling: ("[]", "io.k8s...")"""
    head = ""
    while text[:2] in ("[]", "{}"):
        head, text = head + text[:2], text[2:]
    return head, text


def scalar_of(text):
    """The scalar's kind, or None for a struct."""
    return SCALARS.get(text) or (text if text in ZEROS or text in NO_ZERO else None)


def zero_of(text):
    """(whether there is one, the zero value)"""
    head, name = base_of(text)
    if head:
        return True, [] if head.startswith("[]") else {}
    kind = scalar_of(name)
    if kind is None:
        return True, {}
    return kind not in NO_ZERO, ZEROS.get(kind)


def wrong_of(text):
    """A value that the field can't hold, or None where the decoder's error has no type of its own."""
    head, name = base_of(text)
    kind = scalar_of(name)
    if not head and kind in ("string", "bytes"):
        return 1
    if not head and kind and kind not in ("bool", "int32", "int64", "double"):
        return None
    return "x"


def request_roots(server, definitions):
    """(type, method, path) of every body that the server takes, and the served types that nobody may create."""
    by_gvk = {(g["group"], g["version"], g["kind"]): name for name, d in sorted(definitions.items())
              for g in d.get("x-kubernetes-group-version-kind", [])}
    roots, fixed = [], []
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    for where in ("/api", "/apis"):
        for group in server.ask("GET", where, accept=accept)[1]["items"]:
            name = group["metadata"].get("name", "")
            for version in group["versions"]:
                at = ("/apis/%s/" % name if name else "/api/") + version["version"]
                for resource in version["resources"]:
                    kind = by_gvk.get((name, version["version"], resource["responseKind"]["kind"]))
                    if kind and "create" not in resource["verbs"]:
                        fixed.append(kind)
                    elif kind:
                        room = "/namespaces/default/" if resource["scope"] == "Namespaced" else "/"
                        roots.append((kind, "POST", at + room + resource["resource"]))
    return roots + ELSEWHERE, fixed


def ways(roots, definitions):
    """{type: (root, [(field, wrappers)...])}, the shortest way to each type."""
    found = {root[0]: (root, []) for root in reversed(roots)}
    queue = collections.deque(root[0] for root in roots)
    while queue:
        name = queue.popleft()
        root, way = found[name]
        for field, schema in sorted(definitions[name].get("properties", {}).items()):
            head, below = base_of(type_text(schema))
            if scalar_of(below) is None and below not in found:
                found[below] = (root, way + [(field, head)])
                queue.append(below)
    return found


def body_at(root, way, definitions, leaf):
    """A body of the root's kind that is empty but for `leaf` at the end of the way."""
    value = leaf
    for field, head in reversed(way):
        for wrapper in reversed([head[i:i + 2] for i in range(0, len(head), 2)]):
            value = [value] if wrapper == "[]" else {"k": value}
        value = {field: value}
    gvk = definitions[root[0]]["x-kubernetes-group-version-kind"]
    own = next((g for g in gvk if not g["group"]), gvk[0])
    api_version = (own["group"] + "/" if own["group"] else "") + own["version"]
    return {**value, "kind": own["kind"], "apiVersion": api_version}


def merge(into, more):
    for key, value in more.items():
        if isinstance(value, dict):
            merge(into.setdefault(key, {}), value)
        else:
            into[key] = value


def value_at(body, way):
    """What stands at the end of the way, or None."""
    for field, head in way:
        body = body.get(field) if isinstance(body, dict) else None
        for wrapper in [head[i:i + 2] for i in range(0, len(head), 2)]:
            if isinstance(body, list) and wrapper == "[]" and len(body) == 1:
                body = body[0]
            elif isinstance(body, dict) and wrapper == "{}" and "k" in body:
                body = body["k"]
            else:
                return None
    return body if isinstance(body, dict) else None


def word(there, field, text):
    """One of: ? - null zero set"""
    if there is None:
        return "?"
    if field not in there:
        return "-"
    value = there[field]
    if value is None:
        return "null"
    head, name = base_of(text)
    if not head and scalar_of(name) is None:
        return "zero" if all(not v for v in value.values()) else "set"
    return "zero" if zero_of(text) == (True, value) and not isinstance(value, bool) or value is False else "set"


def published_defaults(server):
    """{(type, field)} whose default is an empty value."""
    empty = set()
    for where in server.ask("GET", "/openapi/v3")[1]["paths"].values():
        document = server.ask("GET", where["serverRelativeURL"])[1]
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            for field, use in schema.get("properties", {}).items():
                if "default" in use and not use["default"]:
                    empty.add((name, field))
    return empty


def only_answered(kinds, definitions):
    """The types that only stand in answers: lists, Status and what they are made of."""
    gvks = {(g["group"], g["version"], g["kind"]): name for name, d in definitions.items()
            for g in d.get("x-kubernetes-group-version-kind", [])}
    lists = [gvks.get((g["group"], g["version"], g["kind"] + "List")) for kind in kinds
             for g in definitions[kind]["x-kubernetes-group-version-kind"]]
    queue = list(kinds) + [name for name in lists if name] + [META + "Status", META + "WatchEvent"]
    found = set()
    while queue:
        name = queue.pop()
        if name not in found and scalar_of(name) is None:
            found.add(name)
            queue.extend(base_of(type_text(s))[1] for s in definitions[name].get("properties", {}).values()
                         if scalar_of(base_of(type_text(s))[1]) is None)
    return found


class Probe:
    def __init__(self, server, definitions, roots):
        self.server, self.definitions = server, definitions
        self.ways = ways(roots, definitions)
        self.sent = 0
        # Names of this run's requests in the audit log.
        self.run = "shapes-%d-" % os.getpid()

    def send(self, name, leaf, audit=""):
        root, way = self.ways[name]
        self.sent += 1
        body = body_at(root, way, self.definitions, leaf)
        merge(body, COMPANY.get(name, {}))
        return self.server.ask(root[1], root[2] + "?dryRun=All", body, self.run + audit if audit else "")

    def fields(self, name):
        """The fields to ask for: a body's own kind and apiVersion are not."""
        top = name in self.ways and not self.ways[name][1]
        for field, schema in sorted(self.definitions[name].get("properties", {}).items()):
            if not (top and field in ("kind", "apiVersion")):
                yield field, type_text(schema)

    def go_type(self, name, field, text):
        wrong = wrong_of(text)
        if wrong is None:
            return "?"
        found = GO_TYPE.search(self.send(name, {field: wrong})[1].get("message", ""))
        return found.group(1) if found else "?"

    def ask_all(self):
        """{type: {field: go type}}; the rest is in the audit log."""
        go_types = {}
        for name in sorted(self.ways):
            self.send(name, {}, short(name))
            go_types[name] = {}
            for field, text in self.fields(name):
                has_zero, zero = zero_of(text)
                if has_zero:
                    self.send(name, {field: zero}, short(name) + ":" + field)
                go_types[name][field] = self.go_type(name, field, text)
        return go_types

    def logged(self, audit_log):
        """{what was asked: the type's part of the body as the server wrote it}"""
        bodies = {}
        for line in open(audit_log):
            if self.run not in line:
                continue
            event = json.loads(line)
            asked = event["auditID"][len(self.run):]
            if "requestObject" in event:
                bodies[asked] = value_at(event["requestObject"], self.ways[full(asked.partition(":")[0])][1])
        return bodies


def full(name):
    return name if name.startswith("io.") else "io.k8s.api." + name


def main(arguments):
    if len(arguments) != 3:
        sys.exit(__doc__)
    definitions = json.load(open(arguments[0]))["definitions"]
    server = Server(arguments[1])
    # Without it every pod waits a second for its service account.
    server.ask("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    roots, fixed = request_roots(server, definitions)
    probe = Probe(server, definitions, roots)
    go_types = probe.ask_all()
    time.sleep(2)  # an event may be written a little after its answer
    bodies = probe.logged(arguments[2])
    defaults = published_defaults(server)
    lines = []
    for name in sorted(only_answered([root[0] for root in roots] + fixed, definitions) | set(go_types)):
        observed = {}
        for field, text in probe.fields(name):
            observed[field] = " ".join([
                go_types.get(name, {}).get(field, "?"), word(bodies.get(short(name)), field, text),
                word(bodies.get(short(name) + ":" + field), field, text), "d" if (name, field) in defaults else "-"])
        lines.append(json.dumps(short(name)) + ":" + json.dumps(observed, separators=(",", ":")))
    open(os.path.join(HERE, "observed_shapes.json"), "w").write("{\n" + ",\n".join(lines) + "\n}\n")
    print("%d requests, %d types asked with %d fields" %
          (probe.sent, len(go_types), sum(len(f) for f in go_types.values())))


if __name__ == "__main__":
    main(sys.argv[1:])
