#!/usr/bin/env python3
"""./dev on machines that can't build: one clear line, and nothing installed.

usage: dev_test.py --orrery PROGRAM [PART OF A CASE'S NAME]

A copy of the script runs with a PATH of its own: the tools that it needs, and made-up package tools.
"""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from drive import check, parse_arguments, run_cases  # noqa: E402

_, ONLY = parse_arguments(__doc__)
DEV = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "dev")
TOOLS = ["bash", "cat", "dirname", "env", "flock", "getconf", "grep", "head", "id", "mkdir", "sed", "tail", "tr"]
NOTHING_INSTALLED = "exit 1"


@contextlib.contextmanager
def machine(**made_up):
    """A folder with ./dev in it, and bin/ with the tools; `made_up` are shell scripts ("apt_get" is apt-get)."""
    with tempfile.TemporaryDirectory(prefix="orrery-dev-") as folder:
        shutil.copy(DEV, folder)
        os.mkdir(folder + "/bin")
        for tool in TOOLS:
            os.symlink(shutil.which(tool), f"{folder}/bin/{tool}")
        for name, script in made_up.items():
            path = f"{folder}/bin/{name.replace('_', '-')}"
            if os.path.islink(path):
                os.unlink(path)
            with open(path, "w") as file:
                file.write("#!/bin/bash\n" + script + "\n")
            os.chmod(path, 0o755)
        yield folder


def refused(folder, arguments, *said, code=1, lines=1, env=None):
    ran = subprocess.run([folder + "/dev", *arguments], capture_output=True, text=True, timeout=30,
                         env={"PATH": folder + "/bin", "HOME": folder, **(env or {})})
    check(ran.returncode == code, f"./dev {' '.join(arguments)} ended with {ran.returncode}: {ran.stdout}{ran.stderr}")
    told = ran.stderr.strip().splitlines()
    check(len(told) == lines and told[0].startswith("dev: "), f"stderr is {ran.stderr!r}")
    for text in said:
        check(text in told[0], f"no {text!r} in: {told[0]}")


def another_system():
    with machine() as folder:
        for command in ("run", "test", "bench", "build", "screenshot", "package", "lint", "format"):
            refused(folder, [command], "no Debian-like system", "vcpkg.json", "ORRERY_NO_INSTALL=1")
        check(not os.path.exists(folder + "/build"), "it made a build folder")


def neither_root_nor_sudo():
    with machine(dpkg_query=NOTHING_INSTALLED, apt_get="touch $HOME/asked", id="echo 1000") as folder:
        refused(folder, ["run"], "missing packages", "cmake", "neither root nor sudo")
        check(not os.path.exists(folder + "/asked"), "it tried to install")


def no_network():
    lost = "echo 'W: Failed to fetch http://deb.debian.org/debian' >&2; exit 100"
    with machine(dpkg_query=NOTHING_INSTALLED, apt_get=lost, id="echo 0") as folder:
        refused(folder, ["build"], "could not be installed", "no network?", "build/install.log", "cmake")
        check("Failed to fetch" in open(folder + "/build/install.log").read(), "the log does not say why")


def sudo_is_used():
    with machine(dpkg_query=NOTHING_INSTALLED, apt_get="exit 100", id="echo 1000",
                 sudo='echo "$@" >> $HOME/sudo.log; exec "$@"') as folder:
        refused(folder, ["build"], "could not be installed")
        check(open(folder + "/sudo.log").read().startswith("apt-get update"), "sudo was not asked")


def a_release_without_the_packages():
    script = 'case "$1" in update) ;; *) echo "E: Unable to locate package libboost1.81-dev"; exit 100 ;; esac'
    with machine(dpkg_query=NOTHING_INSTALLED, apt_get=script, id="echo 0") as folder:
        refused(folder, ["build"], "no package libboost1.81-dev", "Debian 12")


def installing_is_forbidden():
    with machine(dpkg_query=NOTHING_INSTALLED, apt_get="touch $HOME/asked", id="echo 0") as folder:
        refused(folder, ["build"], "missing packages", "cmake", env={"ORRERY_NO_INSTALL": "1"})
        check(not os.path.exists(folder + "/asked"), "it tried to install")


def commands_that_are_none():
    with machine() as folder:
        ran = subprocess.run([folder + "/dev", "nothing"], capture_output=True, text=True, env={"PATH": folder + "/bin"})
        check(ran.returncode == 2 and ran.stderr.startswith('dev: no command "nothing"\nusage: ./dev COMMAND'), ran.stderr)
        ran = subprocess.run([folder + "/dev", "--help"], capture_output=True, text=True, env={"PATH": folder + "/bin"})
        check(ran.returncode == 0 and ran.stdout.startswith("usage: ./dev COMMAND"), ran.stdout + ran.stderr)
    everything = 'for package in "${@:4}"; do echo "installed $package"; done'
    with machine(dpkg_query=everything, apt_get="exit 1", kubectl="exit 0") as folder:
        refused(folder, ["test", "nothing"], 'no test area "nothing"')


CASES = [another_system, neither_root_nor_sudo, no_network, sudo_is_used, a_release_without_the_packages,
         installing_is_forbidden, commands_that_are_none]

if __name__ == "__main__":
    sys.exit(run_cases(CASES, ONLY))
