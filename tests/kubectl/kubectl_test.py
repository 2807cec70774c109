#!/usr/bin/env python3
"""kubectl, unmodified, against a headless Orrery: every command that README.md promises.

usage: kubectl_test.py --orrery PROGRAM [PART OF A CASE'S NAME]

All cases run with the kubectl of PATH, and again with the newest kubectl.1.* beside it or the last one that
ORRERY_KUBECTL names (paths, separated by colons); those in EVERY_VERSION run with each of the others too. Each case
works in a namespace of its own.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from drive import Headless, Skip, check, parse_arguments, run_cases, wait_until  # noqa: E402

BINARY, ONLY = parse_arguments(__doc__)
HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "..", "..", "examples", "manifests")
orrery = Headless(BINARY)
kubectl = shutil.which("kubectl") or ""


class Output(str):
    """What a command printed; `err` is what it said on stderr."""
    err = ""


def run(*arguments, code=0, stdin=None, env=None, seconds=60, namespace=None):
    command = [kubectl, *(["-n", namespace] if namespace else []), *arguments]
    ran = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=seconds,
                         env={**os.environ, "KUBECONFIG": orrery.kubeconfig, "KUBE_EDITOR": "", **(env or {})})
    out = Output(ran.stdout)
    out.err = ran.stderr
    check(ran.returncode == code, f"$ kubectl {' '.join(arguments)}\nexit code {ran.returncode}, not {code}\n"
                                  f"{ran.stdout}{ran.stderr}")
    return out


def shows(text, *patterns):
    """Every pattern matches at the begin of a line or somewhere in it, as ^ says."""
    for pattern in patterns:
        check(re.search(pattern, text, re.M), f"no {pattern!r} in\n{text}{getattr(text, 'err', '')}")


def columns(text, *names):
    head = re.split(r"\s{2,}", text.splitlines()[0].strip())
    check(head == list(names), f"columns {head}, not {list(names)}")


class Namespace:
    """A namespace for one case; it goes when the case ends."""
    counter = 0

    def __enter__(self):
        Namespace.counter += 1
        self.name = f"t{Namespace.counter}"
        run("create", "namespace", self.name)
        return self

    def __call__(self, *arguments, **options):
        return run(*arguments, namespace=self.name, **options)

    def __exit__(self, *_):
        run("delete", "namespace", self.name, "--wait=false")


POD = """apiVersion: v1
kind: Pod
metadata: {name: one, labels: {app: one}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: main, image: nginx, ports: [{containerPort: 80}], resources: {requests: {cpu: 100m, memory: 64Mi}}}
"""


# --- the server ----------------------------------------------------------------------------------------------
def version_and_cluster_info():
    shows(run("version"), r"^Server Version: .*v1\.36\.")
    server = json.loads(run("version", "-o", "json"))["serverVersion"]
    check(server["major"] == "1" and server["minor"] == "36", str(server))
    shows(run("cluster-info"), r"Kubernetes control plane.* is running at .*https://127\.0\.0\.1:")


def api_resources_and_versions():
    out = run("api-resources")
    columns(out, "NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND")
    shows(out, r"^pods +po +v1 +true +Pod$", r"^deployments +deploy +apps/v1 +true +Deployment$",
          r"^nodes +no +v1 +false +Node$")
    check(len(out.splitlines()) > 55, "fewer than 55 resources")
    shows(run("api-resources", "--api-group=batch", "-o", "wide"), r"^cronjobs +cj +batch/v1 +true +CronJob +create,")
    shows(run("api-resources", "--namespaced=false", "-o", "name"), r"^namespaces$",
          r"^clusterroles\.rbac\.authorization\.k8s\.io$")
    shows(run("api-versions"), r"^apps/v1$", r"^v1$", r"^batch/v1$", r"^storage\.k8s\.io/v1$")


def explain():
    shows(run("explain", "pod.spec.containers"), r"^KIND: +Pod$", r"^VERSION: +v1$", r"<\[\]Container>",
          r"^ +image\t<string>", r"-required-$")
    shows(run("explain", "deploy"), r"^GROUP: +apps$", r"^KIND: +Deployment$", r"^ +spec\t<DeploymentSpec>")
    shows(run("explain", "pod.spec.restartPolicy"), r"<string>")
    shows(run("explain", "job", "--recursive"), r"backoffLimit\t<integer>")
    shows(run("explain", "pods.nothing", code=1).err, r'field "nothing" does not exist')
    shows(run("explain", "nothing", code=1).err, r"the server doesn't have a resource type \"nothing\"|couldn't find resource")


def get_raw():
    check(run("get", "--raw", "/readyz") == "ok", "readyz is not ok")
    shows(run("get", "--raw", "/livez?verbose"), r"^\[\+\]ping ok$", r"livez check passed")
    check(json.loads(run("get", "--raw", "/version"))["minor"] == "36", "version")
    shows(run("get", "--raw", "/metrics"), r"^apiserver_request_total\{")
    shows(run("get", "--raw", "/api/v1/namespaces/none/pods/none", code=1).err, r'pods "none" not found')


def top_says_that_there_are_no_metrics():
    for what in ("nodes", "pods"):
        shows(run("top", what, code=1).err, r"^error: Metrics API not available$")


# --- get and describe ----------------------------------------------------------------------------------------
def get_in_all_forms():
    with Namespace() as k:
        k("apply", "-f", "-", stdin=POD)
        k("wait", "--for=condition=Ready", "pod/one", "--timeout=30s")
        out = k("get", "pods")
        columns(out, "NAME", "READY", "STATUS", "RESTARTS", "AGE")
        shows(out, r"^one +1/1 +Running +0 +\d+s$")
        wide = k("get", "pod", "one", "-o", "wide")
        columns(wide, "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED NODE", "READINESS GATES")
        shows(wide, r"^one .* 10\.\d+\.\d+\.\d+ +w\d +<none> +<none>$")
        shows(k("get", "pod", "one", "-o", "yaml"), r"^apiVersion: v1$", r"^kind: Pod$", r"^  phase: Running$",
              r"^  uid: [0-9a-f-]{36}$")
        check(json.loads(k("get", "pod", "one", "-o", "json"))["status"]["phase"] == "Running", "phase")
        check(json.loads(k("get", "pods", "-o", "json"))["kind"] == "List", "kind of a list")
        check(k("get", "pods", "-o", "name") == "pod/one\n", "-o name")
        check(k("get", "pods", "-o", "jsonpath={.items[*].spec.containers[0].image}") == "nginx", "jsonpath")
        shows(k("get", "pods", "-o", "custom-columns=N:.metadata.name,I:.spec.containers[*].image"), r"^one +nginx$")
        check(k("get", "pod", "one", "-o", "go-template={{.metadata.name}}") == "one", "go-template")
        shows(k("get", "pods", "--show-labels"), r"LABELS$", r"app=one$")
        shows(k("get", "pods", "-L", "app"), r"APP$", r"  one$")
        shows(k("get", "pods", "--no-headers"), r"\Aone ")
        shows(k("get", "pods", "--sort-by=.metadata.name"), r"^one ")
        shows(k("get", "pods", "--chunk-size=1", "--show-kind"), r"^pod/one ")


def get_selects():
    with Namespace() as k:
        for name, tier in (("a", "web"), ("b", "web"), ("c", "db")):
            k("create", "configmap", name)
            k("label", "configmap", name, f"tier={tier}")
        check(k("get", "cm", "-l", "tier=web", "-o", "name") == "configmap/a\nconfigmap/b\n", "-l equals")
        check(k("get", "cm", "-l", "tier notin (web),tier", "-o", "name") == "configmap/c\n", "-l notin")
        check(k("get", "cm", "--field-selector", "metadata.name=b", "-o", "name") == "configmap/b\n", "field selector")
        shows(k("get", "pods", "--field-selector", "spec.nothing=x", code=1).err, r"field label not supported")
        shows(k("get", "cm", "-l", "tier in web", code=1).err, r"unable to parse requirement|found 'web'")
        shows(k("get", "cm,sa"), r"^configmap/a ", r"^serviceaccount/default ")
        shows(k("get", "cm/a", "sa/default"), r"^configmap/a ", r"^serviceaccount/default ")
        shows(k("get", "cm", "a", "b"), r"^a ", r"^b ")
        shows(k("get", "pods").err, r"^No resources found in t\d+ namespace\.$")
        shows(k("get", "pod", "none", code=1).err, r'^Error from server \(NotFound\): pods "none" not found$')
        shows(k("get", "pod", "none", "--ignore-not-found"), r"\A\Z")
        shows(k("get", "nothing", code=1).err, r'the server doesn\'t have a resource type "nothing"')
        shows(run("get", "cm", "-A"), r"^NAMESPACE +NAME +DATA +AGE$", r"^kube-system +kube-root-ca.crt +1 ")
        shows(run("get", "ns,nodes"), r"^namespace/default +Active ", r"^node/w1 +Ready +<none> +\d+\S* +v1\.36")


def get_all():
    with Namespace() as k:
        k("create", "deployment", "web", "--image=nginx", "--port=80")
        k("expose", "deployment", "web", "--port=80")
        k("rollout", "status", "deployment/web", "--timeout=30s")
        shows(k("get", "all"), r"^pod/web-[0-9a-z]+-[0-9a-z]{5} +1/1 +Running", r"^service/web +ClusterIP +10\.",
              r"^deployment\.apps/web +1/1 +1 +1 ", r"^replicaset\.apps/web-[0-9a-z]+ +1 +1 +1 ")


def get_watches():
    with Namespace() as k:
        k("create", "configmap", "first")
        watch = subprocess.Popen([kubectl, "-n", k.name, "get", "cm", "-w", "--output-watch-events"], text=True,
                                 stdout=subprocess.PIPE, env={**os.environ, "KUBECONFIG": orrery.kubeconfig})
        try:
            seen = [watch.stdout.readline()]
            while "first" not in seen[-1] and seen[-1]:
                seen.append(watch.stdout.readline())
            while "kube-root" not in "".join(seen):
                seen.append(watch.stdout.readline())
            k("create", "configmap", "second")
            seen.append(watch.stdout.readline())
            k("label", "configmap", "second", "x=y")
            seen.append(watch.stdout.readline())
            k("delete", "configmap", "second")
            seen.append(watch.stdout.readline())
        finally:
            watch.kill()
            watch.wait()
        shows("".join(seen), r"^EVENT +NAME +DATA +AGE$", r"^ADDED +first ", r"^ADDED +second ", r"^MODIFIED +second ",
              r"^DELETED +second ")


def describe():
    with Namespace() as k:
        k("apply", "-f", "-", stdin=POD)
        k("wait", "--for=condition=Ready", "pod/one", "--timeout=30s")
        shows(wait_until(lambda: (lambda t: t if "Started" in t.split("Events:")[-1] else "")(k("describe", "pod", "one"))),
              r"^Name: +one$", r"^Node: +w\d/", r"^Status: +Running$", r"^IP: +10\.", r"^    Image: +nginx$",
              r"^      cpu: +100m$", r"^  Ready +True ?$", r"^QoS Class: +Burstable$", r"^Tolerations: +node.kubernetes",
              r"Normal +Scheduled +.*default-scheduler +Successfully assigned t\d+/one to w\d",
              r"Normal +Pulled ", r"Normal +Started ")
        k("create", "deployment", "web", "--image=nginx", "--replicas=2")
        k("rollout", "status", "deploy/web", "--timeout=30s")
        shows(k("describe", "deployment", "web"), r"^Selector: +app=web$", r"^Replicas: +2 desired \| 2 updated \| 2 total",
              r"^StrategyType: +RollingUpdate$", r"Available +True +MinimumReplicasAvailable", r"^NewReplicaSet: +web-",
              r"ScalingReplicaSet +.*deployment-controller +Scaled up replica set web-\S+ from 0 to 2")
        k("expose", "deployment", "web", "--port=80", "--target-port=8080")
        shows(wait_until(lambda: (lambda t: t if ":8080," in t else "")(k("describe", "service", "web"))),
              r"^Selector: +app=web$", r"^Type: +ClusterIP$", r"^TargetPort: +8080/TCP$",
              r"^Endpoints: +10\.\S+:8080,10\.\S+:8080$")
        shows(k("describe", "rs"), r"^Controlled By: +Deployment/web$", r"^Replicas: +2 current / 2 desired$")
        node = k("get", "pod", "one", "-o", "jsonpath={.spec.nodeName}")
        shows(run("describe", "node", node), r"^Name: +" + node, r"^Taints: +<none>$", r"Ready +True .*KubeletReady",
              r"^  InternalIP:", r"^Non-terminated Pods: +\(\d+ in total\)", r" one +100m \(2%\) +0 \(0%\) +64Mi",
              r"^  cpu +\d+m \(\d+%\)", r"RegisteredNode")
        shows(run("describe", "namespace", "default"), r"^Name: +default$", r"^Status: +Active$", r"^No resource quota\.$",
              r"^No LimitRange resource\.$")
        shows(k("describe", "pod", "none", code=1).err, r'NotFound.* pods "none" not found')


# --- create --------------------------------------------------------------------------------------------------
def create_each_kind():
    with Namespace() as k:
        for arguments, said in (
                (["deployment", "d", "--image=nginx", "--replicas=1"], "deployment.apps/d created"),
                (["configmap", "c", "--from-literal=a=1"], "configmap/c created"),
                (["secret", "generic", "s", "--from-literal=p=word"], "secret/s created"),
                (["job", "j", "--image=busybox", "--", "true"], "job.batch/j created"),
                (["cronjob", "cj", "--image=busybox", "--schedule=0 0 1 1 *", "--", "true"], "cronjob.batch/cj created"),
                (["service", "clusterip", "s1", "--tcp=80:8080"], "service/s1 created"),
                (["service", "nodeport", "s2", "--tcp=80"], "service/s2 created"),
                (["service", "externalname", "s3", "--external-name=a.example"], "service/s3 created"),
                (["serviceaccount", "bot"], "serviceaccount/bot created"),
                (["role", "reader", "--verb=get", "--resource=pods"], "role.rbac.authorization.k8s.io/reader created"),
                (["rolebinding", "rb", "--role=reader", "--user=u"], "rolebinding.rbac.authorization.k8s.io/rb created"),
                (["quota", "q", "--hard=pods=100"], "resourcequota/q created"),
                (["poddisruptionbudget", "b", "--selector=a=b", "--min-available=1"], "poddisruptionbudget.policy/b created"),
                (["ingress", "i", "--rule=a.example/*=s1:80"], "ingress.networking.k8s.io/i created")):
            check(k("create", *arguments) == said + "\n", f"create {arguments[0]} did not say {said!r}")
        check(k("get", "cm", "c", "-o", "jsonpath={.data.a}") == "1", "the configmap's data")
        check(k("get", "secret", "s", "-o", "jsonpath={.data.p}") == "d29yZA==", "the secret's data")
        shows(k("get", "svc"), r"^s1 +ClusterIP +10\.\S+ +<none> +80/TCP ", r"^s2 +NodePort +10\.\S+ +<none> +80:3\d+/TCP ",
              r"^s3 +ExternalName +<none> +a\.example +<none> ")
        shows(k("create", "configmap", "c", code=1).err, r'\(AlreadyExists\): configmaps "c" already exists|configmaps "c" already exists')
        k("wait", "--for=condition=Complete", "job/j", "--timeout=60s")
        shows(k("get", "jobs"), r"^j +Complete +1/1 ")
        token = k("create", "token", "bot", "--duration=10m").strip()
        check(token.count(".") == 2, "no JWT: " + token)
        shows(run("auth", "whoami", "--token", token, env=withoutUser()), rf"system:serviceaccount:t\d+:bot")
        shows(k("create", "configmap", "Bad_Name", code=1).err, r"Invalid value: \"Bad_Name\"")
        shows(k("create", "deployment", "dry", "--image=x", "--dry-run=server", "-o", "yaml"), r"^  progressDeadlineSeconds: 600$")
        shows(k("get", "deploy", "dry", code=1).err, r"not found")
        shows(k("run", "runs", "--image=nginx", "--labels=a=b"), r"^pod/runs created$")


def withoutUser():
    """A kubeconfig that names the cluster only, so that --token decides who asks."""
    path = os.path.join(orrery.folder, "nobody.kubeconfig")
    env = {**os.environ, "KUBECONFIG": orrery.kubeconfig}
    raw = json.loads(subprocess.run([kubectl, "config", "view", "--raw", "-o", "json"], env=env, text=True,
                                    capture_output=True, check=True).stdout)
    raw["users"] = [{"name": u["name"], "user": {}} for u in raw["users"]]
    with open(path, "w") as file:
        json.dump(raw, file)
    return {"KUBECONFIG": path}


# --- changing things -----------------------------------------------------------------------------------------
WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, extra: "1"}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "nginx:1.25", env: [{name: A, value: "1"}, {name: B, value: "2"}]}]}
"""


def apply_and_diff():
    with Namespace() as k:
        folder = os.path.join(orrery.folder, "manifests")
        os.makedirs(folder, exist_ok=True)
        file = os.path.join(folder, "web.yaml")
        open(file, "w").write(WEB)
        shows(k("diff", "-f", file, code=1), r"^\+  name: web$")
        check(k("apply", "-f", file) == "deployment.apps/web created\n", "first apply")
        check(k("apply", "-f", file) == "deployment.apps/web unchanged\n", "second apply")
        check(k("diff", "-f", file) == "", "diff of what is applied")
        changed = WEB.replace(', extra: "1"', "").replace('{name: A, value: "1"}, ', "").replace("1.25", "1.26")
        open(file, "w").write(changed)
        shows(k("diff", "-f", file, code=1), r"^-.*image: nginx:1\.25$", r"^\+.*image: nginx:1\.26$", r"^-    extra: \"1\"$")
        check(k("apply", "-f", file) == "deployment.apps/web configured\n", "apply of a change")
        now = json.loads(k("get", "deploy", "web", "-o", "json"))
        check("extra" not in now["metadata"]["labels"], "the removed label is still there")
        env = now["spec"]["template"]["spec"]["containers"][0]["env"]
        check(env == [{"name": "B", "value": "2"}], f"the removed variable is still there: {env}")
        open(os.path.join(folder, "pod.yaml"), "w").write(POD)
        shows(k("apply", "-f", folder), r"^deployment\.apps/web unchanged$", r"^pod/one created$")
        check(k("apply", "-f", "-", stdin=POD) == "pod/one unchanged\n", "apply from stdin")
        shows(k("apply", "--server-side", "--force-conflicts", "-f", file), r"^deployment\.apps/web serverside-applied$")
        shows(k("apply", "-f", "-", "--dry-run=server", stdin=POD.replace("one", "two")), r"^pod/two created \(server dry run\)$")
        shows(k("apply", "view-last-applied", "deploy/web"), r"nginx:1\.26")
        shows(k("replace", "-f", file), r"^deployment\.apps/web replaced$")
        shows(k("delete", "-f", folder), r'deployment\.apps "web" deleted', r'pod "one" deleted')


def apply_refuses():
    with Namespace() as k:
        typo = POD.replace("image: nginx", "imag: nginx")
        shows(k("apply", "-f", "-", stdin=typo, code=1).err, r'unknown field "spec\.containers\[0\]\.imag"')
        shows(k("create", "-f", "-", stdin=typo, code=1).err, r'unknown field "spec\.containers\[0\]\.imag"')
        shows(k("apply", "-f", "-", stdin=POD.replace("kind: Pod", "kind: Pot"), code=1).err, r'no matches for kind "Pot" in version "v1"')
        shows(k("apply", "-f", "-", stdin=POD.replace("one,", "Big,"), code=1).err, r'Invalid value: "Big"')
        shows(k("apply", "-f", "-", stdin="a: [", code=1).err, r"^error: error parsing STDIN|error converting YAML")
        check(k("get", "pods", "-o", "name") == "", "something was created")


def edit_and_patch():
    with Namespace() as k:
        k("create", "configmap", "c", "--from-literal=a=old")
        said = k("edit", "configmap", "c", env={"KUBE_EDITOR": "sed -i s/old/new/"})
        shows(said, r"^configmap/c edited$")
        k("edit", "configmap", "c", env={"EDITOR": "sed -i s/new/newer/"})
        check(k("get", "cm", "c", "-o", "jsonpath={.data.a}") == "newer", "edit with EDITOR")
        k("patch", "configmap", "c", "-p", '{"data":{"a":"new"}}')
        check(k("get", "cm", "c", "-o", "jsonpath={.data.a}") == "new", "edit")
        shows(k("edit", "configmap", "c", env={"KUBE_EDITOR": "true"}) or "", r"Edit cancelled|\A\Z")
        k("create", "deployment", "web", "--image=nginx:1.25")
        shows(k("patch", "deploy", "web", "-p", '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:1.26"}]}}}}'),
              r"^deployment\.apps/web patched$")
        check(k("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[*].image}") == "nginx:1.26", "strategic")
        k("patch", "deploy", "web", "--type=merge", "-p", '{"metadata":{"labels":{"x":"y","app":null}}}')
        check(json.loads(k("get", "deploy", "web", "-o", "json"))["metadata"]["labels"] == {"x": "y"}, "merge patch")
        k("patch", "deploy", "web", "--type=json", "-p", '[{"op":"replace","path":"/spec/replicas","value":3}]')
        check(k("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}") == "3", "json patch")
        shows(k("patch", "configmap", "c", "-p", "{}"), r"patched \(no change\)")  # nobody else writes this one
        shows(k("patch", "deploy", "web", "--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":1}}'), r"patched")
        shows(k("patch", "deploy", "web", "--type=json", "-p", '[{"op":"remove","path":"/spec/nothing"}]', code=1).err,
              r"^The request is invalid")
        shows(k("patch", "deploy", "web", "-p", '{"spec":{"replicas":-1}}', code=1).err, r"must be greater than or equal to 0")


def label_and_annotate():
    with Namespace() as k:
        k("create", "configmap", "c")
        shows(k("label", "cm", "c", "a=b"), r"^configmap/c labeled$")
        shows(k("label", "cm", "c", "a=c", code=1).err, r"already has a value \(b\), and --overwrite is false")
        shows(k("label", "cm", "c", "a=c", "--overwrite"), r"labeled$")
        shows(k("label", "cm", "c", "a-"), r"unlabeled$")
        shows(k("annotate", "cm", "c", "note=hello"), r"^configmap/c annotated$")
        check(k("get", "cm", "c", "-o", "jsonpath={.metadata.annotations.note}") == "hello", "annotation")
        shows(k("annotate", "cm", "c", "note-"), r"annotated$")
        shows(k("label", "cm", "--all", "all=yes"), r"configmap/c labeled", r"configmap/kube-root-ca.crt labeled")


def scale_and_set_image():
    with Namespace() as k:
        k("create", "deployment", "web", "--image=nginx:1.25")
        shows(k("scale", "deployment/web", "--replicas=3"), r"^deployment\.apps/web scaled$")
        k("wait", "--for=jsonpath={.status.readyReplicas}=3", "deploy/web", "--timeout=30s")
        shows(k("scale", "deployment/web", "--replicas=1", "--current-replicas=7", code=1).err, r"Expected replicas to be 7, was 3")
        shows(k("set", "image", "deployment/web", "nginx=nginx:1.26"), r"^deployment\.apps/web image updated$")
        shows(k("rollout", "status", "deploy/web", "--timeout=60s"), r'^deployment "web" successfully rolled out$')
        shows(k("get", "deploy", "-o", "wide"), r"^web +3/3 +3 +3 +\d+\S* +nginx +nginx:1\.26 +app=web$")
        shows(k("set", "env", "deploy/web", "A=b"), r"env updated")
        shows(k("set", "resources", "deploy/web", "--requests=cpu=10m"), r"resource requirements updated")
        shows(k("autoscale", "deployment", "web", "--max=5", "--min=1"), r"autoscaled")


def rollout():
    with Namespace() as k:
        k("create", "deployment", "web", "--image=nginx:1.25", "--replicas=2")
        k("rollout", "status", "deployment/web", "--timeout=60s")
        k("set", "image", "deploy/web", "nginx=nginx:1.26")
        out = k("rollout", "status", "deploy/web", "--timeout=60s")
        shows(out, r"^Waiting for deployment \"web\" rollout to finish", r"successfully rolled out$")
        shows(k("rollout", "history", "deploy/web"), r"^deployment\.apps/web", r"^REVISION +CHANGE-CAUSE$", r"^1 +<none>$", r"^2 +<none>$")
        shows(k("rollout", "history", "deploy/web", "--revision=1"), r"revision #1", r"nginx:1\.25")
        shows(k("rollout", "undo", "deploy/web"), r"^deployment\.apps/web rolled back$")
        k("rollout", "status", "deploy/web", "--timeout=60s")
        check(k("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}") == "nginx:1.25", "undo")
        shows(k("rollout", "history", "deploy/web"), r"^2 ", r"^3 ")
        shows(k("rollout", "undo", "deploy/web", "--to-revision=2"), r"rolled back")
        shows(k("rollout", "restart", "deploy/web"), r"^deployment\.apps/web restarted$")
        shows(k("rollout", "pause", "deploy/web"), r"^deployment\.apps/web paused$")
        shows(k("rollout", "pause", "deploy/web", code=1).err, r"is already paused")
        shows(k("rollout", "resume", "deploy/web"), r"^deployment\.apps/web resumed$")
        k("rollout", "status", "deploy/web", "--timeout=60s")
        shows(k("rollout", "status", "deploy/none", code=1).err, r"not found")


def expose():
    with Namespace() as k:
        k("create", "deployment", "web", "--image=nginx", "--replicas=2")
        shows(k("expose", "deployment", "web", "--port=80", "--type=NodePort", "--name=front"), r"^service/front exposed$")
        shows(k("get", "svc", "front", "-o", "wide"), r"^front +NodePort +10\.\S+ +<none> +80:3\d+/TCP +\S+ +app=web$")
        k("rollout", "status", "deploy/web", "--timeout=60s")
        shows(wait_until(lambda: (lambda t: t if "," in t else "")(k("get", "endpoints", "front"))), r"^front +10\.\S+:80,10\.\S+:80 ")
        shows(k("get", "endpointslices"), r"^front-\w{5} +IPv4 +80 +10\.\S+,10\.\S+ ")
        shows(k("expose", "deployment", "web", code=1).err, r"couldn't find port")


# --- logs, exec, delete --------------------------------------------------------------------------------------
def logs():
    with Namespace() as k:
        k("create", "deployment", "web", "--image=nginx")
        k("rollout", "status", "deploy/web", "--timeout=60s")
        check(len(k("logs", "deploy/web").splitlines()) >= 3, "fewer than three lines")
        check(len(k("logs", "deploy/web", "--tail=2").splitlines()) == 2, "--tail")
        shows(k("logs", "deploy/web", "--timestamps"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ")
        shows(k("logs", "-l", "app=web", "--prefix"), r"^\[pod/web-\S+/nginx\] ")
        shows(k("logs", "deploy/web", "-c", "none", code=1).err, r"container none is not valid for pod")
        shows(k("logs", "none", code=1).err, r'pods "none" not found')
        follow = subprocess.Popen([kubectl, "-n", k.name, "logs", "-f", "deploy/web"], stdout=subprocess.PIPE,
                                  env={**os.environ, "KUBECONFIG": orrery.kubeconfig}, text=True)
        try:
            check(follow.stdout.readline(), "logs -f printed nothing")
            time.sleep(1)
            check(follow.poll() is None, "logs -f ended while the container runs")
            k("delete", "deployment", "web")
            k("delete", "pods", "--all", "--grace-period=1")
            follow.wait(20)
            check(follow.returncode == 0, "logs -f did not end well with its container")
        finally:
            follow.kill()
            follow.wait()


def exec_says_that_the_node_is_simulated():
    with Namespace() as k:
        k("apply", "-f", "-", stdin=POD)
        k("wait", "--for=condition=Ready", "pod/one", "--timeout=30s")
        shows(k("exec", "one", "--", "ls", code=1).err, r"node w\d is simulated")
        shows(k("port-forward", "pod/one", "18080:80", code=1).err, r"node w\d is simulated")


def delete():
    with Namespace() as k:
        k("apply", "-f", "-", stdin=POD)
        k("wait", "--for=condition=Ready", "pod/one", "--timeout=30s")
        shows(k("delete", "pod", "one"), r'^pod "one" deleted')
        shows(k("get", "pod", "one", code=1).err, r"not found")
        shows(k("delete", "pod", "one", code=1).err, r'\(NotFound\): pods "one" not found')
        k("delete", "pod", "one", "--ignore-not-found")
        for name in ("a", "b"):
            k("create", "configmap", name)
            k("label", "cm", name, "x=y")
        shows(k("delete", "cm", "-l", "x=y"), r'configmap "a" deleted', r'configmap "b" deleted')
        k("apply", "-f", "-", stdin=POD.replace("GracePeriodSeconds: 1", "GracePeriodSeconds: 300"))
        k("wait", "--for=condition=Ready", "pod/one", "--timeout=30s")
        began = time.monotonic()
        shows(k("delete", "pod", "one", "--grace-period=0", "--force"), r'force deleted|deleted')
        check(time.monotonic() - began < 10, "a forced deletion took long")


def delete_cascades():
    with Namespace() as k:
        for name, mode in (("bg", "background"), ("fg", "foreground"), ("or", "orphan")):
            k("create", "deployment", name, "--image=nginx")
            k("rollout", "status", f"deploy/{name}", "--timeout=60s")
            k("delete", "deployment", name, f"--cascade={mode}", "--timeout=60s")
        left = wait_until(lambda: (lambda t: t if "bg-" not in t and "fg-" not in t else "")(k("get", "rs", "-o", "name") or " "))
        check(re.fullmatch(r"replicaset\.apps/or-\w+\n", left), f"replica sets left: {left!r}")
        check("ownerReferences" not in k("get", "rs", "-o", "yaml"), "the orphan has an owner still")
        shows(k("delete", "rs", "--all", "--wait=false"), r"deleted")
        check(wait_until(lambda: k("get", "pods", "-o", "name") == "", 60), "pods are left")


def delete_a_namespace():
    run("create", "namespace", "gone")
    run("create", "deployment", "web", "--image=nginx", namespace="gone")
    shows(run("delete", "namespace", "gone", "--timeout=90s", seconds=100), r'namespace "gone" deleted')
    shows(run("get", "ns", "gone", code=1).err, r"not found")
    shows(run("get", "pods", namespace="gone").err, r"No resources found")


# --- nodes ---------------------------------------------------------------------------------------------------
def cordon_drain_and_taint():
    with Namespace() as k:
        k("create", "deployment", "web", "--image=nginx", "--replicas=4")
        k("rollout", "status", "deploy/web", "--timeout=60s")
        try:
            shows(run("cordon", "w2"), r"^node/w2 cordoned$")
            shows(run("get", "node", "w2"), r"^w2 +Ready,SchedulingDisabled ")
            shows(run("cordon", "w2"), r"already cordoned")
            shows(run("uncordon", "w2"), r"^node/w2 uncordoned$")
            shows(run("drain", "w2", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=90s", seconds=100), r"^node/w2 drained$")
            check("w2" not in k("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}").split(), "a pod is left on w2")
            run("uncordon", "w2")
            shows(run("taint", "nodes", "w3", "team=blue:NoSchedule"), r"^node/w3 tainted$")
            shows(run("describe", "node", "w3"), r"^Taints: +team=blue:NoSchedule$")
            shows(run("taint", "nodes", "w3", "team=blue:NoSchedule", code=1).err, r"already has team taint")
            shows(run("taint", "nodes", "w3", "team:NoSchedule-"), r"^node/w3 untainted$")
        finally:
            run("uncordon", "w2")


def auth():
    with Namespace() as k:
        check(k("auth", "can-i", "create", "pods") == "yes\n", "can-i of the admin")
        check(k("auth", "can-i", "get", "pods", "--as=nobody", code=1).startswith("no"), "can-i of nobody")
        shows(k("auth", "can-i", "--list"), r"^Resources +Non-Resource URLs +Resource Names +Verbs$", r"^\*\.\* +\[\] +\[\] +\[\*\]$")
        shows(run("auth", "whoami"), r"^ATTRIBUTE +VALUE$", r"^Username +kubernetes-admin$", r"^Groups +\[system:masters system:authenticated\]$")
        shows(k("get", "pods", "--as=nobody", code=1).err, r'\(Forbidden\): pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "t\d+"')
        k("create", "role", "reader", "--verb=get,list", "--resource=pods")
        k("create", "rolebinding", "readers", "--role=reader", "--user=nobody")
        shows(k("get", "pods", "--as=nobody").err, r"No resources found")
        shows(k("auth", "reconcile", "-f", "-", stdin="""apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: NAMESPACE}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list, watch]}]
""".replace("NAMESPACE", k.name)), r"role\.rbac\.authorization\.k8s\.io/reader reconciled")


def events():
    with Namespace() as k:
        k("apply", "-f", "-", stdin=POD)
        k("wait", "--for=condition=Ready", "pod/one", "--timeout=30s")
        out = wait_until(lambda: (lambda t: t if "Started" in t else "")(k("events")))
        columns(out, "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")
        shows(out, r"Normal +Scheduled +Pod/one +Successfully assigned")
        shows(k("events", "--for=pod/one", "--types=Normal"), r"Pod/one")
        shows(k("get", "events"), r"^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$", r"Normal +Started +pod/one ")
        shows(k("get", "events", "--field-selector=reason=Scheduled"), r"pod/one")
        shows(run("events", "-A"), r"^NAMESPACE +LAST SEEN ")


def wait_for():
    with Namespace() as k:
        k("apply", "-f", "-", stdin=POD)
        shows(k("wait", "--for=condition=Ready", "pod/one", "--timeout=30s"), r"^pod/one condition met$")
        shows(k("wait", "--for=jsonpath={.status.phase}=Running", "pod/one", "--timeout=30s"), r"condition met")
        shows(k("wait", "--for=condition=Nothing", "pod/one", "--timeout=1s", code=1).err, r"timed out waiting for the condition on pods/one")
        k("delete", "pod", "one", "--wait=false")
        shows(k("wait", "--for=delete", "pod/one", "--timeout=30s"), r"condition met|\A\Z")
        k("create", "deployment", "web", "--image=nginx")
        shows(k("wait", "--for=condition=Available", "deploy/web", "--timeout=30s"), r"deployment\.apps/web condition met")


def an_unschedulable_pod_says_why():
    with Namespace() as k:
        k("apply", "-f", "-", stdin=POD.replace("cpu: 100m", "cpu: 100"))
        out = wait_until(lambda: (lambda t: t if "FailedScheduling" in t else "")(k("describe", "pod", "one")))
        shows(out, r"^Status: +Pending$", r"FailedScheduling .*0/3 nodes are available: 3 Insufficient cpu")
        shows(k("get", "pods"), r"^one +0/1 +Pending +0 ")


def the_examples_apply():
    with Namespace() as k:
        for file in sorted(glob.glob(os.path.join(EXAMPLES, "*.yaml"))):
            k("apply", "-f", file)
            k("apply", "-f", file)
        check(len(k("get", "pods", "-o", "name").splitlines()) > 3, "the examples made no pods")
        k("delete", "-f", EXAMPLES, "--wait=false")


def orrery_why():
    with Namespace() as k:
        k("create", "deployment", "web", "--image=nginx")
        k("rollout", "status", "deploy/web", "--timeout=60s")
        pod = k("get", "pods", "-o", "jsonpath={.items[0].metadata.name}")
        ran = subprocess.run([BINARY, "why", f"pod/{pod}", "-n", k.name, "--kubeconfig", orrery.kubeconfig],
                             capture_output=True, text=True, timeout=20)
        check(ran.returncode == 0, ran.stderr)
        shows(ran.stdout, r"deployments?/\S*web created? by kubernetes-admin|web create.* by kubernetes-admin", r"replicaset", r"because")
        check(len(ran.stdout.splitlines()) >= 3, ran.stdout)
        none = subprocess.run([BINARY, "why", "pod/none", "-n", k.name, "--kubeconfig", orrery.kubeconfig],
                              capture_output=True, text=True, timeout=20)
        check(none.returncode != 0 and len(none.stderr.splitlines()) == 1, none.stderr)
        shows(none.stderr, "not found")


DEFINITION = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.sea.example.com}
spec:
  group: sea.example.com
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat, shortNames: [bt]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.crew, statusReplicasPath: .status.crew}}
    additionalPrinterColumns:
    - {name: Sails, type: integer, jsonPath: .spec.sails}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        description: A thing that swims.
        properties:
          spec:
            type: object
            properties:
              sails: {type: integer, minimum: 1, default: 2, description: How many sails it has.}
              crew: {type: integer}
          status: {type: object, properties: {crew: {type: integer}}}
"""
BOAT = """apiVersion: sea.example.com/v1
kind: Boat
metadata: {name: one}
spec: {crew: 3}
"""


def custom_resources():
    with Namespace() as k:
        run("apply", "-f", "-", stdin=DEFINITION)
        run("wait", "--for=condition=Established", "crd/boats.sea.example.com", "--timeout=20s")
        shows(run("api-resources", "--api-group=sea.example.com"), r"^boats +bt +sea.example.com/v1 +true +Boat")
        shows(run("explain", "boat.spec"), r"sails", r"How many sails it has")
        shows(k("apply", "-f", "-", stdin=BOAT), r"boat.sea.example.com/one created")
        shows(k("apply", "-f", "-", stdin=BOAT), r"boat.sea.example.com/one unchanged")
        out = k("get", "bt")
        columns(out, "NAME", "SAILS", "AGE")
        shows(out, r"^one +2 ")
        shows(k("describe", "boat", "one"), r"^Kind: +Boat", r"Sails: +2")
        refused = k("apply", "-f", "-", stdin=BOAT.replace("crew: 3", "sails: 0"), code=1)
        shows(refused.err, r"spec.sails in body should be greater than or equal to 1")
        refused = k("apply", "-f", "-", stdin=BOAT.replace("crew: 3", "mast: 1"), code=1)
        shows(refused.err, r'unknown field "spec.mast"')
        shows(k("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=BOAT.replace("crew: 3", "crew: 3, sails: 4")),
              r"serverside-applied")
        k("scale", "boat/one", "--replicas=7")
        check(k("get", "boat", "one", "-o", "jsonpath={.spec.crew},{.spec.sails}") == "7,4", "scale or apply went wrong")
        k("patch", "boat", "one", "--subresource=status", "--type=merge", "-p", '{"status":{"crew":1}}')
        check(k("get", "boat", "one", "-o", "jsonpath={.status.crew}") == "1", "no status")
        k("delete", "boat", "one")
        k("apply", "-f", "-", stdin=BOAT)
        shows(run("delete", "crd", "boats.sea.example.com", "--timeout=20s"), r"deleted")
        shows(k("get", "boats", code=1).err, r"doesn't have a resource type|could not find")


ALL = [version_and_cluster_info, api_resources_and_versions, explain, get_raw, top_says_that_there_are_no_metrics,
       get_in_all_forms, get_selects, get_all, get_watches, describe, create_each_kind, apply_and_diff, apply_refuses,
       edit_and_patch, label_and_annotate, scale_and_set_image, rollout, expose, logs,
       exec_says_that_the_node_is_simulated, delete, delete_cascades, delete_a_namespace, cordon_drain_and_taint, auth,
       custom_resources, events, wait_for, an_unschedulable_pod_says_why, the_examples_apply, orrery_why]
EVERY_VERSION = [version_and_cluster_info, get_selects, get_all, apply_and_diff, edit_and_patch, delete]


def minor_version(path):
    return [int(part) for part in re.findall(r"\d+", os.path.basename(path))]


def other_kubectls():
    beside = glob.glob(os.path.join(os.path.dirname(os.path.realpath(kubectl)), "kubectl.1.*")) if kubectl else []
    return sorted(beside, key=minor_version) + [p for p in os.environ.get("ORRERY_KUBECTL", "").split(":") if p]


def main():
    global kubectl
    if not kubectl:
        sys.exit("kubectl_test.py: there is no kubectl on this machine")
    with orrery:
        print(f"-- {kubectl}", flush=True)
        failed = run_cases(ALL, ONLY)
        others = other_kubectls()
        for kubectl in others:
            print(f"-- {kubectl}", flush=True)
            failed |= run_cases(ALL if kubectl == others[-1] else EVERY_VERSION, ONLY)
        check_stop = orrery.stop()
    if check_stop != 0:
        print(f"FAIL  Orrery stopped with {check_stop}")
        failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
