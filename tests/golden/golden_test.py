#!/usr/bin/env python3
"""Replays what a real Kubernetes v1.36 control plane answered, and fails below 95 %.

usage: golden_test.py --orrery PROGRAM protocol|loops

The recordings are found in $ORRERY_GOLDEN, or in ../shared/golden beside the checkout; without them the test
says so and ends with 77, which CTest counts as skipped. The cases run in a few processes at once, since most of
their time is waiting.
"""
import concurrent.futures
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from drive import Headless, parse_arguments, wait_until  # noqa: E402

LEAST_PERCENT = 95.0
AT_ONCE = 3
# The files of each part, as patterns below the folder of the recordings.
CASES = {
    "protocol": ["protocol/*"],
    "loops": [f"loops/{name}" for name in
              ("deploy-*", "rs-*", "job-*", "ns-*", "sa-token", "gc-*", "eps-*", "node-controllers", "sched-*")],
}


def recordings():
    beside = os.path.join(HERE, "..", "..", "..", "shared", "golden")
    for folder in (os.environ.get("ORRERY_GOLDEN", ""), beside):
        if folder and os.path.exists(os.path.join(folder, "replay.py")):
            return os.path.abspath(folder)
    return None


def replay(folder, kubeconfig, case):
    ran = subprocess.run([sys.executable, os.path.join(folder, "replay.py"), "--kubeconfig", kubeconfig, "--max-diffs", "4",
                          "--no-nodes", case], capture_output=True, text=True)
    told = re.search(r"^(\d+) passed, (\d+) failed$", ran.stdout, re.M)
    if not told:
        return case, 0, 1, ran.stdout + ran.stderr
    return case, int(told.group(1)), int(told.group(2)), ran.stdout


def make_nodes(orrery):
    """The three nodes that the cases expect."""
    size = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    for name in ("g-node-1", "g-node-2", "g-node-3"):
        orrery.ask("POST", "/api/v1/nodes", {
            "apiVersion": "v1", "kind": "Node", "status": {"allocatable": size, "capacity": size},
            "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name},
                         "annotations": {"kwok.x-k8s.io/node": "fake"}}})

    def ready():
        nodes = orrery.ask("GET", "/api/v1/nodes")[1]["items"]
        return len(nodes) == 3 and all(any(c["type"] == "Ready" and c["status"] == "True"
                                           for c in n["status"].get("conditions", [])) for n in nodes)
    if not wait_until(ready, 30):
        sys.exit("the nodes did not become Ready")


def main():
    binary, part = parse_arguments(__doc__)
    if part not in CASES:
        sys.exit(__doc__)
    folder = recordings()
    if not folder:
        print(f"golden {part}: skipped, there are no recordings (ORRERY_GOLDEN names their folder)")
        return 77
    cases = sorted(f for pattern in CASES[part] for f in glob.glob(os.path.join(folder, pattern + ".jsonl")))
    passed = failed = 0
    with Headless(binary, "--simulated-nodes", "0") as orrery:
        make_nodes(orrery)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for case, good, bad, text in pool.map(lambda c: replay(folder, orrery.kubeconfig, c), cases):
                passed, failed = passed + good, failed + bad
                print(f"{'ok  ' if bad == 0 else 'FAIL'}  {os.path.relpath(case, folder)}: {good} of {good + bad}", flush=True)
                for line in text.splitlines() if bad else []:
                    print("      " + line[:400])
    percent = 100.0 * passed / max(1, passed + failed)
    print(f"golden {part}: {passed} of {passed + failed} exchanges pass ({percent:.1f} %, at least {LEAST_PERCENT:.0f} %)")
    return 0 if percent >= LEAST_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
