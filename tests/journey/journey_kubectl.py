"""One pod over TLS with an unmodified kubectl: all twelve stations, in order, then Running.

Exit codes: 0 passed, 1 failed, 77 skipped because there is no kubectl.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from drive import Headless  # noqa: E402

STATIONS = ["Received", "Authenticated", "Authorized", "Admitted", "Stored", "Announced",
            "Queued", "Placed", "Bound", "Planned", "Started", "Reported"]
POD = """
apiVersion: v1
kind: Pod
metadata: {name: traveller}
spec:
  containers: [{name: main, image: "busybox:1.36", command: [sleep, infinity]}]
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orrery", required=True)
    arguments = parser.parse_args()
    if not shutil.which("kubectl"):
        print("SKIPPED: journey over TLS: there is no kubectl on this machine")
        return 77
    plane = Headless(arguments.orrery, "--simulated-nodes", "2")
    plane.start()
    try:
        def kubectl(*words, text=None):
            home = os.path.join(plane.folder, "home")
            done = subprocess.run(["kubectl", "--kubeconfig", plane.kubeconfig, *words], input=text, text=True,
                                  capture_output=True, timeout=60, env={**os.environ, "HOME": home}, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
            return done.stdout

        print(kubectl("apply", "-f", "-", text=POD).strip())
        print(kubectl("wait", "--for=condition=Ready", "pod/traveller", "--timeout=30s").strip())
        answer = json.loads(kubectl("get", "--raw", "/orrery/v1/stations?namespace=default&name=traveller"))
        for station in answer["stations"]:
            print(f"  {station['time']}  {station['station']:14} {station['note']}")
        reached = [station["station"] for station in answer["stations"]]
        times = [station["time"] for station in answer["stations"]]
        if reached != STATIONS:
            print(f"FAILED: expected {STATIONS}, got {reached}")
            return 1
        if times != sorted(times):
            print("FAILED: the stations' times are not in order")
            return 1
        if not answer["stations"][0]["note"].startswith("create /api/v1/namespaces/default/pods"):
            print("FAILED: the journey does not begin with kubectl's request")
            return 1
        phase = kubectl("get", "pod", "traveller", "-o", "jsonpath={.status.phase}")
        if phase != "Running":
            print(f"FAILED: the pod is {phase}")
            return 1
        code = plane.stop()
        if code != 0:
            print(f"FAILED: orrery ended with {code}: {plane.log_text()}")
            return 1
    finally:
        plane.close()
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
