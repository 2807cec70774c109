#!/usr/bin/env python3
"""Bad input of every kind gets a clear answer and changes nothing.

usage: input_test.py --orrery PROGRAM [PART OF A CASE'S NAME]
"""
import contextlib
import hashlib
import os
import resource
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from drive import Headless, Skip, check, parse_arguments, run_cases, wait_until  # noqa: E402

BINARY, ONLY = parse_arguments(__doc__)
MIB = 1 << 20
server = None  # the one that the requests' cases share


@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="orrery-input-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def snapshot(path):
    """Every file below a folder with its content; {} when there is none."""
    files = {}
    for root, _, names in os.walk(path):
        for name in names:
            with open(os.path.join(root, name), "rb") as file:
                files[os.path.join(root, name)] = hashlib.sha256(file.read()).hexdigest()
    return files


def refused(command, *said, seconds=20):
    """The command ends by itself, not with 0, after one line on stderr that says what is wrong."""
    ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL)
    check(ran.returncode not in (0, None) and ran.returncode > 0, f"{command}\nended with {ran.returncode}: {ran.stderr}")
    lines = ran.stderr.strip().splitlines()
    check(len(lines) == 1, f"{command}\nsaid {len(lines)} lines: {ran.stderr}")
    check(lines[0].startswith("orrery: "), lines[0])
    for text in said:
        check(text in lines[0], f"no {text!r} in: {lines[0]}")
    check(ran.stdout == "", "stdout has " + ran.stdout)
    return lines[0]


def headless(data, *flags):
    return [BINARY, "--headless", "--data-dir", data, "--listen", "127.0.0.1:0",
            "--kubeconfig", os.path.join(os.path.dirname(data), "kubeconfig"), *flags]


def made_store(where):
    """A data folder with a little in it, of an Orrery that has ended."""
    with Headless(BINARY, "--simulated-nodes", "0", folder=where) as orrery:
        connection = orrery.connection()
        for i in range(200):
            orrery.ask("POST", "/api/v1/namespaces/default/configmaps",
                       {"metadata": {"name": f"c{i}"}, "data": {"text": "x" * 500}}, connection=connection)
        connection.close()
        check(orrery.stop() == 0, "it did not stop well")
    return os.path.join(where, "data")


# --- the command line ----------------------------------------------------------------------------------------
def wrong_flags():
    for flags, said in (
            (["--nothing"], "--nothing"), (["--listen"], "needs a value"), (["--listen", "6443"], "HOST:PORT"),
            (["--listen", "127.0.0.1:99999"], "65535"), (["--listen", "127.0.0.1:x"], "--listen"),
            (["--listen", ":1"], "HOST:PORT"), (["--simulated-nodes", "many"], "--simulated-nodes"),
            (["--simulated-nodes", "-1"], "--simulated-nodes"), (["--simulated-nodes=5001"], "5000"),
            (["--instant=yes"], "takes no value"), (["--headless=no"], "takes no value"), (["--data-dir", ""], "empty"),
            (["--kubeconfig="], "empty"), (["--etcd-listen", "127.0.0.1:2379"], "--etcd-listen"),
            (["--etcd-servers", "http://127.0.0.1:1"], "--etcd-servers"), (["--vm-nodes", "1"], "--vm-nodes"),
            (["--host-node"], "--host-node"), (["--image-dir", "/tmp"], "--image-dir"), (["cluster"], "cluster"),
            (["--apply"], "needs a value")):
        with folder() as path:
            data = os.path.join(path, "data")
            refused([BINARY, "--headless", "--data-dir", data, *flags], said)
            check(not os.path.exists(data), f"{flags} made a data folder")
    for arguments in (["why"], ["why", "pod"], ["why", "pod/"], ["why", "pod/a", "pod/b"], ["why", "--nothing", "pod/a"],
                      ["why", "pod/a", "-n"]):
        refused([BINARY, *arguments], "why" if arguments[-1] != "-n" else "-n")
    with folder() as path:
        ran = subprocess.run([BINARY, "why", "pod/a", "--kubeconfig", path + "/none"], capture_output=True, text=True)
        check(ran.returncode == 1 and len(ran.stderr.splitlines()) == 1 and path in ran.stderr, ran.stderr)


def help_and_version():
    told = subprocess.run([BINARY, "--help"], capture_output=True, text=True)
    check(told.returncode == 0 and "--simulated-nodes" in told.stdout, told.stdout)
    told = subprocess.run([BINARY, "--version"], capture_output=True, text=True)
    check(told.returncode == 0 and "v1.36" in told.stdout, told.stdout)


def a_taken_port():
    with folder() as path, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        data = os.path.join(path, "data")
        refused([BINARY, "--headless", "--data-dir", data, "--kubeconfig", path + "/k", "--listen", f"127.0.0.1:{port}"],
                str(port), "taken")
        check(os.listdir(path) == [], f"it left {os.listdir(path)}")


def an_address_of_another_machine():
    with folder() as path:
        refused([BINARY, "--headless", "--data-dir", path + "/data", "--kubeconfig", path + "/k", "--listen", "192.0.2.1:0"],
                "192.0.2.1")
        check(os.listdir(path) == [], f"it left {os.listdir(path)}")


def a_kubeconfig_that_cannot_be_written():
    with folder() as path:
        open(path + "/file", "w").close()
        refused([BINARY, "--headless", "--data-dir", path + "/data", "--listen", "127.0.0.1:0",
                 "--kubeconfig", path + "/file/kubeconfig"], path + "/file")
        check(os.listdir(path) == ["file"], f"it left {os.listdir(path)}")


def a_kubeconfig_that_is_none():
    """Without --kubeconfig a context is put into the user's own file: one that is broken stays as it is."""
    for content, said in (("a: [", "line 1"), ("- 1\n", "not a kubeconfig"), ("clusters: 7\n", "clusters is no list"),
                          ("a: 1\n---\nb: 2\n", "not a kubeconfig")):
        with folder() as path:
            os.mkdir(path + "/.kube")
            open(path + "/.kube/config", "w").write(content)
            refused(["env", "-u", "KUBECONFIG", f"HOME={path}", BINARY, "--headless", "--listen", "127.0.0.1:0"],
                    path + "/.kube/config", said)
            check(open(path + "/.kube/config").read() == content, "the kubeconfig changed")
            check(os.listdir(path) == [".kube"], f"it left {os.listdir(path)}")
    with folder() as path:
        os.mkdir(path + "/.kube")
        open(path + "/.kube/config", "w").write("users: [{name: mine, user: {token: t}}]\n")
        started = subprocess.Popen(["env", "-u", "KUBECONFIG", f"HOME={path}", BINARY, "--headless", "--listen",
                                    "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(b"ready" in started.stdout.readline(), "it does not start")
        started.terminate()
        started.communicate(timeout=20)
        text = open(path + "/.kube/config").read()
        check("token: t" in text and "orrery" in text, "the user's own entries are gone: " + text)


def a_manifest_that_is_not_there():
    with folder() as path:
        refused(headless(path + "/data", "--apply", path + "/none.yaml"), path + "/none.yaml")
        check(os.listdir(path) == [], f"it left {os.listdir(path)}")


def a_display_that_does_not_answer():
    """Then it runs without a window, and says so; without a window it loads nothing of Qt."""
    for display, said in (({}, "there is no display"), ({"DISPLAY": ":977"}, "the display :977 does not answer"),
                          ({"WAYLAND_DISPLAY": "none-0"}, "the display none-0 does not answer")):
        with folder() as path:
            env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
            command = [a for a in headless(path + "/data") if a != "--headless"]
            started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**env, **display})
            try:
                check(b"ready" in started.stdout.readline(), "it does not start")
                if os.path.exists(f"/proc/{started.pid}/maps"):
                    check("libQt" not in open(f"/proc/{started.pid}/maps").read(), "it has loaded Qt")
            finally:
                started.terminate()
                _, err = started.communicate(timeout=20)
            check(started.returncode == 0, f"it ended with {started.returncode}")
            check(err.decode().strip() == f"orrery: {said}; running headless (stop with Ctrl+C)", err.decode())


# --- the data folder -----------------------------------------------------------------------------------------
def as_nobody():
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise Skip("setpriv is not there")
    wrap = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if subprocess.run([*wrap, BINARY, "--version"], capture_output=True).returncode != 0:
        raise Skip("another user may not run the program where it is")
    return wrap


def a_read_only_data_folder():
    wrap = as_nobody()
    with folder() as path:
        os.chmod(path, 0o755)
        data = made_store(path)
        for root, folders, files in os.walk(path):
            for name in folders:
                os.chmod(os.path.join(root, name), 0o555)
            for name in files:
                os.chmod(os.path.join(root, name), 0o444)
        os.chmod(path, 0o555)
        before = snapshot(path)
        with folder() as other:
            os.chmod(other, 0o777)
            flags = ["--kubeconfig", other + "/kubeconfig"]
            refused([*wrap, *headless(data), *flags], data)
            check(snapshot(path) == before, "something changed")
            refused([*wrap, *headless(os.path.join(path, "new")), *flags], path)
            check(snapshot(path) == before, "something changed")
            check(os.listdir(other) == [], f"it left {os.listdir(other)}")
        os.chmod(path, 0o755)


def a_file_as_data_folder():
    with folder() as path:
        open(path + "/data", "w").write("mine")
        refused(headless(path + "/data"), path + "/data")
        check(open(path + "/data").read() == "mine", "the file changed")


def a_foreign_file_as_store():
    for content in (b"my diary\n" * 50, b"", b"SQLite"):
        if not content:
            continue
        with folder() as path:
            os.mkdir(path + "/data")
            open(path + "/data/store.db", "wb").write(content)
            before = snapshot(path)
            refused(headless(path + "/data"), "store.db", "not")
            after = {k: v for k, v in snapshot(path).items() if not k.endswith("/lock")}
            check(after == before, f"changed: {sorted(after)}")
    with folder() as path:
        os.mkdir(path + "/data")
        with contextlib.closing(sqlite3.connect(path + "/data/store.db")) as other:
            other.execute("create table mine(a)")
            other.commit()
        before = snapshot(path)
        refused(headless(path + "/data"), "store.db", "not a store of Orrery")
        after = {k: v for k, v in snapshot(path).items() if not k.endswith("/lock")}
        check(after == before, f"changed: {sorted(after)}")


def a_newer_data_folder():
    with folder() as path:
        data = made_store(path)
        with contextlib.closing(sqlite3.connect(data + "/store.db")) as store:
            store.execute("pragma user_version = 999")
            store.commit()
        before = snapshot(path)
        refused(headless(data), "newer")
        check(snapshot(path) == before, "something changed")


def a_second_instance():
    with Headless(BINARY) as first:
        refused([BINARY, "--headless", "--data-dir", first.data, "--listen", "127.0.0.1:0",
                 "--kubeconfig", first.folder + "/other"], "another Orrery", first.data)
        check(not os.path.exists(first.folder + "/other"), "it wrote a kubeconfig")
        check(first.ask("GET", "/readyz")[1] == "ok", "the first one does not answer")


def a_corrupt_database():
    with folder() as path:
        data = made_store(path)
        file = data + "/store.db"
        size = os.path.getsize(file)
        with open(file, "r+b") as store:
            for at in range(4096, size - 512, 4096):
                store.seek(at)
                store.write(b"\xde\xad" * 256)
        before = snapshot(data)
        line = refused(headless(data), "store.db", "damaged")
        check("copy" in line or "recover" in line, "it offers nothing: " + line)
        after = snapshot(data)
        check(after[file] == before[file], "the damaged file changed")


def a_full_disk():
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
        raise Skip("needs root, to mount a small file system of its own")
    with folder() as path:
        os.mkdir(path + "/data")
        mount = f'mount -t tmpfs -o size=24m tmpfs "{path}/data" && exec "$@"'
        with Headless(BINARY, "--simulated-nodes", "0", folder=path, wrap=["unshare", "-m", "sh", "-c", mount, "sh"]) as orrery:
            path_inside = f"/proc/{orrery.process.pid}/root{path}/data/fill"
            acknowledged = []

            def write(name):
                status, answer = orrery.ask("POST", "/api/v1/namespaces/default/configmaps",
                                            {"metadata": {"name": name}, "data": {"text": "x" * 50_000}})
                if status == 201:
                    acknowledged.append(name)
                return status, answer
            check(write("before")[0] == 201, "the first write failed")
            with open(path_inside, "wb") as fill:
                with contextlib.suppress(OSError):
                    while True:
                        fill.write(b"0" * 65536)
                        fill.flush()
            answers = [write(f"c{i}") for i in range(100)]
            failures = [a for a in answers if a[0] != 201]
            check(failures, "nothing failed on a full disk")
            status, answer = failures[0]
            check(status == 500 and isinstance(answer, dict) and answer.get("kind") == "Status", f"{status} {answer}")
            check("space" in answer["message"] or "full" in answer["message"], answer["message"])
            check(orrery.ask("GET", "/api/v1/namespaces/default/configmaps/before")[0] == 200, "a read failed")
            check(orrery.ask("GET", "/api/v1/namespaces/default/configmaps")[0] == 200, "a list failed")
            os.unlink(path_inside)
            check(wait_until(lambda: write(f"after{time.monotonic_ns()}")[0] == 201, 20), "it did not recover")
            for name in acknowledged:
                check(orrery.ask("GET", "/api/v1/namespaces/default/configmaps/" + name)[0] == 200, name + " is lost")
            check(orrery.stop() == 0, "it did not stop well: " + orrery.log_text())


# --- requests ------------------------------------------------------------------------------------------------
def still_serves():
    check(server.process.poll() is None, "the server is gone: " + server.log_text())
    check(server.ask("GET", "/readyz")[1] == "ok", "the server does not answer")


def raw_connection(timeout=20):
    plain = socket.create_connection(server.address, timeout=timeout)
    return server.tls().wrap_socket(plain, server_hostname=server.address[0])


def talk(data, timeout=20):
    """What the server says to these bytes until it closes or has answered once."""
    with raw_connection(timeout) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(data)
        answer = b""
        with contextlib.suppress(OSError):
            while len(answer) < 65536:
                more = connection.recv(65536)
                answer += more
                if not more or b"\r\n\r\n" in answer:
                    break
        return answer.decode("latin-1")


def refusal(status, answer, code, *said):
    check(status == code, f"{status}, not {code}: {answer}")
    check(isinstance(answer, dict) and answer.get("kind") == "Status" and answer.get("code") == code, f"no Status: {answer}")
    for text in said:
        check(text in answer["message"], f"no {text!r} in: {answer['message']}")


CONFIGMAPS = "/api/v1/namespaces/default/configmaps"


def giant_requests():
    body = b'{"metadata":{"name":"big"},"data":{"a":"' + b"x" * (4 * MIB) + b'"}}'
    status, answer = server.ask("POST", CONFIGMAPS, body, {"Content-Type": "application/json"})
    refusal(status, answer, 413, "3145728")
    check(server.ask("GET", CONFIGMAPS + "/big")[0] == 404, "it was stored")
    told = talk(b"GET /api HTTP/1.1\r\nHost: x\r\nX-Big: " + b"a" * (2 * MIB) + b"\r\n\r\n")
    check(told == "" or " 431 " in told.splitlines()[0], told[:200])
    told = talk(b"GET /" + b"a" * (2 * MIB) + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    check(told == "" or told.splitlines()[0].split()[1] in ("414", "431", "400"), told[:200])
    told = talk(b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n")
    check(" 413 " in told.splitlines()[0] or " 400 " in told.splitlines()[0], told[:200])
    still_serves()


def truncated_and_broken_requests():
    for data in (b"GET /api HTTP/1.1\r\nHo", b"G", b"\x00\x01\x02\x03\r\n\r\n", b"GET\r\n\r\n", b"GET /api HTTP/9.9\r\n\r\n",
                 b"POST " + CONFIGMAPS.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
                 b"POST " + CONFIGMAPS.encode() + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                 b"GET /api HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        with raw_connection() as connection:
            connection.sendall(data)
            with contextlib.suppress(OSError):
                connection.unwrap()
    for data in (b"\x00\x01\x02\x03\r\n\r\n", b"GET\r\n\r\n", b"GET /%zz%00 HTTP/1.1\r\nHost: x\r\n\r\n"):
        told = talk(data)
        check(told == "" or told.splitlines()[0].split()[1].startswith("4"), told[:200])
    still_serves()


def broken_tls():
    for data in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\xaa" * 1000, os.urandom(4096), b"\x16"):
        with socket.create_connection(server.address, timeout=10) as plain:
            with contextlib.suppress(OSError):
                plain.sendall(data)
                plain.shutdown(socket.SHUT_WR)
                plain.recv(1024)
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        with socket.create_connection(server.address, timeout=10) as plain, old.wrap_socket(plain):
            raise AssertionError("TLS 1.1 was accepted")
    except (ssl.SSLError, OSError):
        pass
    still_serves()


def nobody_is_refused():
    connection = server.connection(client=False)
    status, answer = server.ask("GET", CONFIGMAPS, connection=connection)
    refusal(status, answer, 403, 'User "system:anonymous" cannot list resource "configmaps"')
    status, answer = server.ask("GET", CONFIGMAPS, headers={"Authorization": "Bearer nonsense"}, connection=connection)
    refusal(status, answer, 401, "Unauthorized")
    connection.close()


def broken_json_and_yaml():
    heads = {"Content-Type": "application/json"}
    for body, said in (('{"metadata": {"name": "a"', "unexpected end"), ("{'a': 1}", "invalid character '\\''"),
                       ('{"metadata": {"name": "a"}} x', "after top-level value"), ("[]", "cannot unmarshal array"),
                       ("", ""), ("\xff\xfe", "")):
        status, answer = server.ask("POST", CONFIGMAPS, body.encode("latin-1"), heads)
        refusal(status, answer, 400, said)
    yaml = "metadata:\n  name: a\n data: [\n"
    status, answer = server.ask("POST", CONFIGMAPS, yaml, {"Content-Type": "application/yaml"})
    refusal(status, answer, 400, "line 3")
    status, answer = server.ask("POST", CONFIGMAPS, "k8s\0\xff\xff\xff", {"Content-Type": "application/vnd.kubernetes.protobuf"})
    refusal(status, answer, 400)
    status, answer = server.ask("PATCH", CONFIGMAPS + "/kube-root-ca.crt", "{", {"Content-Type": "application/merge-patch+json"})
    refusal(status, answer, 400)
    check(server.ask("GET", CONFIGMAPS + "/a")[0] == 404, "something was stored")
    still_serves()


def broken_manifests_to_apply():
    with folder() as path:
        open(path + "/a.yaml", "w").write("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fine}\n---\napiVersion: v1\nkind: [\n")
        open(path + "/b.yaml", "w").write("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n")
        with Headless(BINARY, "--simulated-nodes", "0", "--apply", path) as orrery:
            check(wait_until(lambda: orrery.ask("GET", CONFIGMAPS + "/good")[0] == 200), "the good file was not applied")
            check(orrery.ask("GET", CONFIGMAPS + "/fine")[0] == 404, "half of the broken file was applied")
            check(path + "/a.yaml" in orrery.log_text() and "line" in orrery.log_text(), orrery.log_text())
            check(orrery.stop() == 0, "it did not stop well")


def unknown_kinds_and_paths():
    status, answer = server.ask("GET", "/api/v1/namespaces/default/pots")
    check(status == 404, f"{status} {answer}")
    status, answer = server.ask("GET", "/apis/none.example/v1/things")
    check(status == 404, f"{status} {answer}")
    status, answer = server.ask("POST", CONFIGMAPS, {"apiVersion": "v1", "kind": "Pot", "metadata": {"name": "a"}})
    refusal(status, answer, 400, "Pot")
    status, answer = server.ask("POST", CONFIGMAPS, {"apiVersion": "v9", "kind": "ConfigMap", "metadata": {"name": "a"}})
    refusal(status, answer, 400)
    status, answer = server.ask("PUT", CONFIGMAPS, {"metadata": {"name": "a"}})
    refusal(status, answer, 405)
    status, answer = server.ask("GET", CONFIGMAPS + "?limit=x")
    refusal(status, answer, 400)
    status, answer = server.ask("GET", CONFIGMAPS + "?labelSelector=a%20in%20b")
    refusal(status, answer, 400)
    still_serves()


def deep_nesting():
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        for depth in (1000, 300_000):
            body = '{"metadata":{"name":"deep","annotations":' + opening * depth + "1" + closing * depth + "}}"
            status, answer = server.ask("POST", CONFIGMAPS, body[:2 * MIB], {"Content-Type": "application/json"})
            check(status == 400, f"{status} {str(answer)[:300]}")
    for body in ("a: " + "[" * 100_000, "".join(" " * i + "a:\n" for i in range(1500)), "- " * 100_000 + "1"):
        status, answer = server.ask("POST", CONFIGMAPS, body, {"Content-Type": "application/yaml"})
        check(status == 400, f"{status} {str(answer)[:300]}")
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{n}: &{n} [{','.join(['*' + p] * 9)}]\n" for p, n in zip("abcdefgh", "bcdefghi"))
    began = time.monotonic()
    status, answer = server.ask("POST", CONFIGMAPS, laughs, {"Content-Type": "application/yaml"})
    check(status == 400 and time.monotonic() - began < 5, f"{status} after {time.monotonic() - began:.1f} s")
    still_serves()


def wrong_content_types():
    body = '{"metadata":{"name":"typed"}}'
    for kind in ("text/plain", "application/xml", "image/png", "application/x-www-form-urlencoded"):
        status, answer = server.ask("POST", CONFIGMAPS, body, {"Content-Type": kind})
        refusal(status, answer, 415, "accepted media types include")
    status, answer = server.ask("PATCH", CONFIGMAPS + "/kube-root-ca.crt", body, {"Content-Type": "application/json"})
    refusal(status, answer, 415)
    status, answer = server.ask("GET", CONFIGMAPS, headers={"Accept": "image/png"})
    refusal(status, answer, 406)
    check(server.ask("GET", CONFIGMAPS + "/typed")[0] == 404, "something was stored")


def slow_clients():
    """Who says nothing, or a byte now and then, is let go; the others don't notice."""
    silent = socket.create_connection(server.address, timeout=60)
    slow = raw_connection(60)
    slow.sendall(b"GET /api HTTP/1.1\r\n")
    body = raw_connection(60)
    body.sendall(b"POST " + CONFIGMAPS.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 b"Content-Length: 5000\r\n\r\n{")
    began = time.monotonic()
    ended = {}

    def wait_for_end(name, connection):
        with contextlib.suppress(OSError):
            while connection.recv(4096):
                pass
        ended[name] = time.monotonic() - began

    def drip():
        with contextlib.suppress(OSError):
            while not {"slow", "body"} <= set(ended):
                for name, connection, bytes_ in (("slow", slow, b"X: y\r\n"), ("body", body, b" ")):
                    if name not in ended:
                        with contextlib.suppress(OSError):
                            connection.sendall(bytes_)
                time.sleep(1)
    threads = [threading.Thread(target=wait_for_end, args=("silent", silent)),
               threading.Thread(target=wait_for_end, args=("slow", slow)),
               threading.Thread(target=wait_for_end, args=("body", body)), threading.Thread(target=drip)]
    for thread in threads:
        thread.start()
    still_serves()
    for thread in threads:
        thread.join(60)
    check(ended.get("silent", 99) < 20, f"the silent client was kept {ended.get('silent')} s")
    for name in ("slow", "body"):
        check(ended.get(name, 99) < 45, f"the client {name} was kept {ended.get(name)} s")
    still_serves()
    for connection in (silent, slow, body):
        connection.close()


def idle_connections():
    """With 512 handles, the server refuses the connections that it can't hold, and serves those it has."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if not shutil.which("prlimit"):
        raise Skip("prlimit is not there")
    count = min(1500, hard - 100)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with Headless(BINARY, "--simulated-nodes", "0", wrap=["prlimit", "--nofile=512:512", "--"]) as orrery:
        kept = orrery.connection()
        orrery.ask("GET", "/readyz", connection=kept)
        crowd, refusals = [], 0
        for _ in range(count):
            crowd.append(socket.create_connection(orrery.address, timeout=10))
        check(orrery.ask("GET", "/readyz", connection=kept)[1] == "ok", "the first connection is no longer served")
        for connection in crowd:  # those that are over the limit are closed, or told 503 when they ask
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                refusals += connection.recv(1) == b""
        try:
            status, answer = orrery.ask("GET", "/readyz", timeout=5)
            refusals += status == 503
            check(status in (200, 503), f"{status} {answer}")
        except OSError as error:
            check(not isinstance(error, TimeoutError), "a new connection waits without an answer")
            refusals += 1
        check(refusals > 0, "no connection was refused")
        for connection in crowd:
            connection.close()
        check(wait_until(lambda: orrery.ask("GET", "/readyz")[1] == "ok", 15), "it does not serve again")
        path = os.path.join(orrery.folder, "after")
        status, _ = orrery.ask("POST", CONFIGMAPS, {"metadata": {"name": os.path.basename(path)}})
        check(status == 201, "a write failed afterwards: the store lost its handles")
        kept.close()
        check(orrery.stop() == 0, "it did not stop well")


def a_termination_in_the_middle_of_writes():
    with folder() as path:
        orrery = Headless(BINARY, "--simulated-nodes", "0", folder=path).start()
        acknowledged, failures = [], []

        def write(worker):
            connection = orrery.connection()
            with contextlib.suppress(OSError, Exception):
                for i in range(100_000):
                    status, _ = orrery.ask("POST", CONFIGMAPS, {"metadata": {"name": f"w{worker}-{i}"}}, connection=connection)
                    if status != 201:
                        failures.append(status)
                        return
                    acknowledged.append(f"w{worker}-{i}")
        threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        began = time.monotonic()
        code = orrery.stop()
        took = time.monotonic() - began
        for thread in threads:
            thread.join(20)
        check(code == 0, f"it ended with {code}: {orrery.log_text()}")
        check(took < 10, f"stopping took {took:.1f} s")
        check(len(acknowledged) > 50, f"only {len(acknowledged)} writes before the end")
        check(all(f in (503, 429) for f in failures), f"other failures: {failures}")
        with orrery:
            names = {i["metadata"]["name"] for i in orrery.ask("GET", CONFIGMAPS)[1]["items"]}
            lost = [n for n in acknowledged if n not in names]
            check(not lost, f"{len(lost)} of {len(acknowledged)} acknowledged writes are lost: {lost[:5]}")


def the_server_is_whole_afterwards():
    still_serves()
    names = {i["metadata"]["name"] for i in server.ask("GET", CONFIGMAPS)[1]["items"]}
    check(names == {"kube-root-ca.crt"}, f"left over: {names}")
    check(server.stop() == 0, "it did not stop well: " + server.log_text())


ALONE = [wrong_flags, help_and_version, a_taken_port, an_address_of_another_machine, a_kubeconfig_that_cannot_be_written,
         a_kubeconfig_that_is_none, a_manifest_that_is_not_there, a_display_that_does_not_answer,
         a_read_only_data_folder, a_file_as_data_folder, a_foreign_file_as_store, a_newer_data_folder, a_second_instance,
         a_corrupt_database, a_full_disk, broken_manifests_to_apply, idle_connections,
         a_termination_in_the_middle_of_writes]
REQUESTS = [giant_requests, truncated_and_broken_requests, broken_tls, nobody_is_refused, broken_json_and_yaml,
            unknown_kinds_and_paths, deep_nesting, wrong_content_types, slow_clients, the_server_is_whole_afterwards]


def main():
    global server
    with Headless(BINARY, "--simulated-nodes", "0") as server:
        return run_cases(ALONE + REQUESTS, ONLY)


if __name__ == "__main__":
    sys.exit(main())
