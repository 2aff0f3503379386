"""A Docker Engine of a test's own, to be killed and started again at will.

It has its own network and mount namespaces (so that it cannot touch the machine's docker0, firewall
or mounts), its own folders and its own socket. Ports that it publishes are on the loopback of its
namespace; Project.enter makes devstack run there too.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import census
from engine import Engine, EngineError
from waiting import wait_until

IMAGE = "devstack-test/busybox:1"
KEEPER = Path(__file__).with_name("keeper.py")


class PrivateEngine(Engine):
    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="dse-", dir="/tmp"))
        super().__init__(f"unix://{self.root}/docker.sock")
        self.log = self.root / "log"
        self.keeper = subprocess.Popen(
            ["unshare", "--net", "--mount", sys.executable, KEEPER, self.log],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.pid = None
        assert self.keeper.stdout.readline() == "ready\n"

    @property
    def enter(self):
        """The words before a command that is to run where the engine's ports are."""
        return ["nsenter", f"--net=/proc/{self.keeper.pid}/ns/net", "--"]

    def answers(self):
        try:
            return self.request("GET", "/_ping", timeout=5) == b"OK"
        except (OSError, EngineError):
            return False

    def start_daemon(self):
        root = self.root
        words = [
            "dockerd", "--host", f"unix://{self.path}", "--pidfile", f"{root}/pid",
            "--data-root", f"{root}/data", "--exec-root", f"{root}/exec", "--iptables=false",
            "--ip6tables=false", "--ip-masq=false", "--cgroup-parent", f"/{root.name}",
        ]  # fmt: skip
        # What a killed dockerd could not remove itself.
        for name in ("pid", "exec/containerd/containerd.pid"):
            (root / name).unlink(missing_ok=True)
        self.keeper.stdin.write(shlex.join(words) + "\n")
        self.keeper.stdin.flush()
        self.pid = int(self.keeper.stdout.readline())
        try:
            wait_until(self.answers, "an answer of the private engine", 60, pause=0.05)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log.read_text(errors='replace')[-4000:]}") from None

    def kill_daemon(self):
        os.kill(self.pid, signal.SIGKILL)
        # An engine killed while it starts a container may leave the docker-proxy that holds the port, and then cannot
        # publish that port again after its own restart. That is the engine's affair and not what is tested here.
        for one in census.descendants(self.keeper.pid):
            if "docker-proxy" in one.command:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGKILL)
        wait_until(lambda: not self.answers(), "the end of the private engine")

    def load_image(self, source):
        """Copies the test image from another engine."""
        image = source.request("GET", f"/images/{IMAGE}/get")
        self.request("POST", "/images/load", image, "application/x-tar", quiet=1)

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait(30)
        self.keeper.stdout.close()
        for folder in Path("/sys/fs/cgroup").glob(f"*/{self.root.name}"):
            _remove_cgroup(folder)
        shutil.rmtree(self.root, ignore_errors=True)


def _remove_cgroup(folder):
    for path, _, _ in os.walk(folder, topdown=False):
        try:
            os.rmdir(path)
        except OSError:
            pass
