"""A headless Orrery in a folder of its own, for tests that drive it from the outside; and a small test runner."""
import base64
import http.client
import json
import os
import re
import select
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import traceback


class Headless:
    """One `orrery --headless`. Used as a context: leaving it stops the process and removes its folder."""

    def __init__(self, binary, *flags, folder=None, wrap=(), env=None):
        self.binary, self.flags, self.wrap, self.env = binary, list(flags), list(wrap), env
        self.own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="orrery-test-")
        self.data = os.path.join(self.folder, "data")
        self.kubeconfig = os.path.join(self.folder, "kubeconfig")
        self.process = None
        self.server = None

    def command(self):
        return [*self.wrap, self.binary, "--headless", "--data-dir", self.data, "--listen", "127.0.0.1:0",
                "--kubeconfig", self.kubeconfig, *self.flags]

    def start(self, seconds=20):
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=self.log, env=self.env,
                                        stdin=subprocess.DEVNULL)
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.stop()
            raise AssertionError("Orrery did not become ready: " + self.log_text())
        self.server = json.loads(line)["server"]
        return self

    def log_text(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as file:
            return file.read().strip()

    def stop(self, seconds=15):
        """SIGTERM; the exit code, or None when it had to be killed."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = None
        self.process.stdout.close()
        self.log.close()
        self.process = None
        return code

    def kill(self):
        """No warning, no goodbye: the process that start() made."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()
        self.process = None

    def close(self):
        """Stops it, and removes the folder that it was given here."""
        self.stop()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start() if self.process is None else self

    def __exit__(self, *_):
        self.close()

    # --- talking to it ---------------------------------------------------------------------------------------

    @property
    def address(self):
        host, _, port = self.server[len("https://"):].rpartition(":")
        return host, int(port)

    def tls(self, client=True):
        """An ssl context that trusts the server and, with `client`, is kubernetes-admin."""
        text = open(self.kubeconfig).read()

        def blob(key):
            return base64.b64decode(re.search(key + r'-data"?: *"?([A-Za-z0-9+/=]+)', text).group(1))
        context = ssl.create_default_context(cadata=blob("certificate-authority").decode())
        if client:
            with tempfile.NamedTemporaryFile() as pair:
                pair.write(blob("client-certificate") + b"\n" + blob("client-key"))
                pair.flush()
                context.load_cert_chain(pair.name)
        return context

    def connection(self, timeout=30, client=True):
        return http.client.HTTPSConnection(*self.address, context=self.tls(client), timeout=timeout)

    def ask(self, method, path, body=None, headers=None, connection=None, timeout=30):
        """(status, answer: parsed where it is JSON)"""
        own = connection or self.connection(timeout)
        heads = {"Accept": "application/json"}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            heads["Content-Type"] = "application/json"
        heads.update(headers or {})
        try:
            own.request(method, path, body, heads)
            response = own.getresponse()
            text = response.read().decode("utf-8", "replace")
        finally:
            if connection is None:
                own.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text


def wait_until(what, seconds=20, every=0.05):
    """Asks until the answer is true; returns it, or the last one."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(every)


class Skip(Exception):
    """The machine lacks what a case needs; its text says what."""


def run_cases(cases, only=""):
    """Runs functions in their order; prints a line for each and 'N passed, N failed'; the exit code."""
    passed, failed, skipped = 0, [], 0
    for case in cases:
        name = case.__name__.replace("_", " ")
        if only and only not in name:
            continue
        began = time.monotonic()
        try:
            case()
        except Skip as reason:
            skipped += 1
            print(f"skip  {name}: {reason}", flush=True)
            continue
        except AssertionError as error:
            failed.append(name)
            print(f"FAIL  {name}\n      " + str(error).replace("\n", "\n      "), flush=True)
            continue
        except Exception:  # a broken test is a failed one
            failed.append(name)
            print(f"FAIL  {name}\n      " + traceback.format_exc().replace("\n", "\n      "), flush=True)
            continue
        passed += 1
        print(f"ok    {name} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{passed} passed, {len(failed)} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or passed == 0 else 0


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def parse_arguments(usage):
    """--orrery PROGRAM and an optional part of the cases' names."""
    arguments = sys.argv[1:]
    binary, only = os.environ.get("ORRERY_BINARY", ""), ""
    while arguments:
        argument = arguments.pop(0)
        if argument == "--orrery" and arguments:
            binary = arguments.pop(0)
        elif argument.startswith("-"):
            sys.exit(usage)
        else:
            only = argument
    if not os.access(binary, os.X_OK):
        sys.exit(usage + f"\nno program at {binary!r}")
    return os.path.abspath(binary), only
