"""kill -9 in the middle of writes: what was answered is there afterwards, and resourceVersions never go back.

Each round: start on the same data folder, check everything that was ever acknowledged, write through several keep-alive TLS
connections (creations, changes, deletions of ConfigMaps), kill the process at a moment chosen by the seed.
"""
import argparse
import http.client
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from drive import Headless  # noqa: E402

PATH = "/api/v1/namespaces/default/configmaps"


class Writer(threading.Thread):
    """Writes its own ConfigMaps until the connection breaks; remembers what was answered, and what was asked last."""

    def __init__(self, plane, number, known, seed):
        super().__init__()
        self.plane = plane
        self.connection = plane.connection()
        self.number = number
        self.known = known          # name -> (value, resourceVersion), acknowledged
        self.asked = None           # (name, value or None): sent, not answered
        self.random = random.Random(seed)
        self.answered = 0
        self.problem = None
        self.highest = 0

    def run(self):
        try:
            while True:
                self.write_one()
        except (OSError, http.client.HTTPException, ValueError):
            pass  # killed

    def ask(self, method, path, body=None, headers=None):
        return self.plane.ask(method, path, body, headers, connection=self.connection)

    def write_one(self):
        mine = sorted(self.known)
        verb = self.random.choice(["create", "create", "update", "update", "delete"]) if len(mine) > 5 else "create"
        value = str(self.random.getrandbits(64))
        if verb == "create":
            name = f"w{self.number}-{self.random.getrandbits(48):x}"
            self.asked = (name, value)
            code, answer = self.ask("POST", PATH,
                                    {"metadata": {"name": name}, "data": {"value": value, "filler": "x" * 300}})
        elif verb == "update":
            name = self.random.choice(mine)
            self.asked = (name, value)
            code, answer = self.ask("PATCH", f"{PATH}/{name}", {"data": {"value": value}},
                                    {"Content-Type": "application/merge-patch+json"})
        else:
            name = self.random.choice(mine)
            self.asked = (name, None)
            code, answer = self.ask("DELETE", f"{PATH}/{name}")
        if not isinstance(answer, dict):
            raise ValueError("half an answer")
        if code not in (200, 201):
            self.problem = f"{verb} {name}: {code} {answer.get('message')}"
            raise ValueError(self.problem)
        if verb == "delete":
            del self.known[name]
        else:
            version = int(answer["metadata"]["resourceVersion"])
            self.known[name] = (value, version)
            self.highest = max(self.highest, version)
        self.asked = None
        self.answered += 1


def check(plane, known, asked, highest):
    """Compares what is there with what was acknowledged. Returns a sentence, or "" when all is well."""
    code, answer = plane.ask("GET", PATH)
    if code != 200:
        return f"the list is refused: {code}"
    there = {item["metadata"]["name"]: item for item in answer["items"] if item["metadata"]["name"].startswith("w")}
    version = int(answer["metadata"]["resourceVersion"])
    if version < highest:
        return f"the list's resourceVersion is {version}, but {highest} was answered before"
    open_questions = dict(asked)
    for name, (value, was) in known.items():
        item = there.pop(name, None)
        if name in open_questions:  # sent and not answered: either outcome is right
            if item is None and open_questions[name] is not None:
                return f"{name} was acknowledged, and is gone"
            if item and item["data"]["value"] not in (value, open_questions[name]):
                return f"{name} has a value that nobody wrote"
            continue
        if item is None:
            return f"{name} was acknowledged at {was}, and is gone"
        if item["data"]["value"] != value or int(item["metadata"]["resourceVersion"]) != was:
            return f"{name} was acknowledged with {value} at {was}, and is {item['data']['value']} at " \
                   f"{item['metadata']['resourceVersion']}"
    for name, item in there.items():
        if open_questions.get(name) is None:
            return f"{name} is there, but was never asked for, or was deleted"
        if item["data"]["value"] != open_questions[name]:
            return f"{name} has a value that nobody wrote"
    return ""


def adopt(plane, known):
    """What is there after a crash is the truth from now on: unanswered writes are decided."""
    _, answer = plane.ask("GET", PATH)
    known.clear()
    for item in answer["items"]:
        if item["metadata"]["name"].startswith("w"):
            known[item["metadata"]["name"]] = (item["data"]["value"], int(item["metadata"]["resourceVersion"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orrery", required=True)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--connections", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    plane = Headless(arguments.orrery, "--simulated-nodes", "0")
    try:
        return torture(plane, arguments, chance)
    finally:
        plane.close()


def torture(plane, arguments, chance):
    known, asked, highest, answered = {}, [], 0, 0
    began, starts = time.monotonic(), []
    for number in range(arguments.rounds + 1):
        before = time.monotonic()
        plane.start()
        starts.append(time.monotonic() - before)
        problem = check(plane, known, asked, highest)
        if problem:
            plane.kill()
            print(f"FAILED: seed {arguments.seed}, after kill {number}: {problem}")
            return 1
        if number == arguments.rounds:
            break
        adopt(plane, known)
        parts = [{name: state for name, state in known.items() if name.startswith(f"w{i}-")}
                 for i in range(arguments.connections)]
        writers = [Writer(plane, i, parts[i], chance.getrandbits(32)) for i in range(arguments.connections)]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.02, 0.3))
        plane.kill()
        for writer in writers:
            writer.join()
            writer.connection.close()
        problems = [writer.problem for writer in writers if writer.problem]
        if problems:
            print(f"FAILED: seed {arguments.seed}, round {number}: {problems[0]}")
            return 1
        known = {name: state for writer in writers for name, state in writer.known.items()}
        asked = [writer.asked for writer in writers if writer.asked]
        highest = max([highest] + [writer.highest for writer in writers])
        answered += sum(writer.answered for writer in writers)
    code = plane.stop()
    if code != 0:
        print(f"FAILED: orrery ended with {code}: {plane.log_text()}")
        return 1
    if answered < arguments.rounds:
        print(f"FAILED: only {answered} writes were answered: nothing was tried")
        return 1
    starts.sort()
    print(f"passed: {arguments.rounds} kills, {answered} answered writes, none lost, {len(known)} objects at the end; "
          f"{time.monotonic() - began:.1f} s in all, start median {starts[len(starts) // 2] * 1000:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
