"""A headless Orrery for tests: started in a folder of its own, asked over TLS, ended or killed by its own id."""
import base64
import http.client
import json
import os
import re
import select
import signal
import ssl
import subprocess
import tempfile
import time
from urllib.parse import urlparse


class Headless:
    """One data folder; start() and kill() as often as wanted."""

    def __init__(self, orrery, nodes=0, flags=()):
        self.orrery = orrery
        self.folder = tempfile.TemporaryDirectory(prefix="orrery-test-")
        self.kubeconfig = os.path.join(self.folder.name, "kubeconfig")
        self.flags = ["--simulated-nodes", str(nodes), *flags]
        self.process = None
        self.server = ""

    def start(self, seconds=20):
        """Returns how long it took to the ready line, in seconds."""
        began = time.monotonic()
        log = open(os.path.join(self.folder.name, "log"), "ab")
        self.process = subprocess.Popen(
            [self.orrery, "--headless", "--data-dir", os.path.join(self.folder.name, "data"),
             "--listen", "127.0.0.1:0", "--kubeconfig", self.kubeconfig, *self.flags],
            stdout=subprocess.PIPE, stderr=log)
        log.close()
        readable, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if readable else b""
        if not line:
            raise RuntimeError("orrery did not become ready: " + self.log())
        self.server = json.loads(line)["server"]
        return time.monotonic() - began

    def log(self):
        with open(os.path.join(self.folder.name, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]

    def kill(self):
        """No warning, no goodbye: the process that start() made, by its id."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self, seconds=20):
        """Asks it to end; returns its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(seconds)
        finally:
            if self.process.poll() is None:
                self.kill()
            else:
                self.process.stdout.close()

    def tls(self):
        """A context with the CA and the client certificate of the kubeconfig."""
        with open(self.kubeconfig, encoding="utf-8") as file:
            text = file.read()
        paths = {}
        for name, field in (("crt", "client-certificate-data"), ("key", "client-key-data"),
                            ("ca", "certificate-authority-data")):
            data = re.search(field + r":\s*\"?([A-Za-z0-9+/=]+)", text).group(1)
            paths[name] = os.path.join(self.folder.name, "admin." + name)
            descriptor = os.open(paths[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64decode(data))
        context = ssl.create_default_context(cafile=paths["ca"])
        context.load_cert_chain(paths["crt"], paths["key"])
        return context

    def connect(self, context, seconds=20):
        address = urlparse(self.server)
        return http.client.HTTPSConnection(address.hostname, address.port, timeout=seconds, context=context)


def ask(connection, method, path, body=None, content_type="application/json"):
    """(code, object); raises OSError or http.client.HTTPException when the connection breaks."""
    data = None if body is None else json.dumps(body)
    connection.request(method, path, data, {"Content-Type": content_type} if body is not None else {})
    response = connection.getresponse()
    return response.status, json.loads(response.read())
