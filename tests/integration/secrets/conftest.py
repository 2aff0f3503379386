"""Private buses, a real gnome-keyring on them, and stand-ins for what can go wrong around it.

Everything lives in one temporary folder per test (a short path: sockets have 107 bytes), and every
process is a child of the test, ended by its own handle.
"""
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pytest

DRIVER = os.environ["SECRET_DRIVER"]
HERE = pathlib.Path(__file__).parent
DEADLINE = 20  # below the 25 s after which GLib itself gives up on a call

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def until(condition, what):
    """The first true answer of `condition`; fails after the deadline."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.005)
    raise AssertionError(f"not within {DEADLINE} s: {what}")


def said(child):
    """The next line that a child prints."""
    readable, _, _ = select.select([child.stdout], [], [], DEADLINE)
    assert readable, f"no line within {DEADLINE} s"
    return child.stdout.readline().strip()


class Answer:
    """What the driver printed: the first value of a key as an attribute, all with all()."""

    def __init__(self, code, text):
        self.code = code
        self.text = text
        self.pairs = [line.split("=", 1) for line in text.splitlines() if "=" in line]

    def all(self, key):
        return [value for name, value in self.pairs if name == key]

    def get(self, key):
        return next(iter(self.all(key)), None)

    def __getattr__(self, key):
        return self.get(key)

    def __repr__(self):
        return f"exit {self.code}:\n{self.text}"


class Machine:
    """A home, a run-time folder, and what runs on it."""

    def __init__(self, root):
        self.root = root
        self.data = root / "data" / "devstack"
        self.children = []
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "XDG_DATA_HOME": str(root / "data"),
            "XDG_CONFIG_HOME": str(root / "config"),
            "XDG_CACHE_HOME": str(root / "cache"),
            "XDG_RUNTIME_DIR": str(root / "run"),
            "GSETTINGS_BACKEND": "memory",
        }
        for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        (root / "data").mkdir()
        (root / "run").mkdir(mode=0o700)

    def spawn(self, *words, **options):
        child = subprocess.Popen(
            [str(word) for word in words], env=self.environment, start_new_session=True, **options
        )
        self.children.append(child)
        return child

    def end(self, child, number=signal.SIGTERM):
        if child.poll() is None:
            child.send_signal(number)
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream:
                stream.close()
        self.children.remove(child)

    def end_all(self):
        for child in reversed(list(self.children)):
            self.end(child)

    # The bus. It activates nothing, so what answers on it is what the test has started.

    def start_bus(self):
        path = self.root / "run" / "bus"
        config = self.root / "bus.conf"
        config.write_text(BUS_CONFIG.format(socket=path))
        bus = self.spawn(
            "dbus-daemon", f"--config-file={config}", "--nofork", stderr=subprocess.DEVNULL
        )
        until(path.exists, "the bus's socket")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"
        return bus

    def owns(self, name):
        listed = subprocess.run(
            ["dbus-send", "--session", "--dest=org.freedesktop.DBus", "--print-reply=literal",
             "/", "org.freedesktop.DBus.NameHasOwner", f"string:{name}"],
            env=self.environment, capture_output=True, text=True, timeout=DEADLINE, check=False,
        )
        return "true" in listed.stdout

    def start_keyring(self, password=None):
        """The real daemon; with a password its login keyring is made, or opened, by it."""
        words = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
        if password is not None:
            words.append("--unlock")
        keyring = self.spawn(
            *words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if password is not None:
            keyring.stdin.write(password.encode())
        keyring.stdin.close()
        keyring.stdin = None
        until(lambda: self.owns("org.freedesktop.secrets"), "the keyring's name on the bus")
        return keyring

    def start_stand_in(self, script, *words):
        """A small service of ours (beside this file); it prints a line when it is ready."""
        child = self.spawn(sys.executable, HERE / script, *words, stdout=subprocess.PIPE, text=True)
        assert said(child) == "ready"
        return child

    # The driver.

    def drive(self, *words, answers=None, extra=None):
        done = subprocess.run(
            [DRIVER, *[str(word) for word in words]],
            env={**self.environment, **(extra or {})},
            input="" if answers is None else answers,
            capture_output=True, text=True, timeout=DEADLINE, check=False,
        )
        assert not done.stderr, done.stderr
        return Answer(done.returncode, done.stdout)

    def resolve(self, *secrets, options=(), answers=None, extra=None):
        return self.drive(
            *options, "resolve", "shop-7f3a", self.data, *secrets, answers=answers, extra=extra
        )

    def private_file(self, name):
        return self.data / "secrets" / "shop-7f3a" / name


@pytest.fixture
def machine():
    root = pathlib.Path(tempfile.mkdtemp(prefix="dsk-", dir="/tmp"))
    made = Machine(root)
    yield made
    made.end_all()
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def bus(machine):
    machine.start_bus()
    return machine


@pytest.fixture
def keyring(bus):
    bus.start_keyring("pw")
    return bus


@pytest.fixture
def locked(bus):
    """A keyring that holds db_password=kept and was not unlocked at this login."""
    daemon = bus.start_keyring("pw")
    assert bus.drive("save", "shop-7f3a", "db_password", "kept").outcome == "found"
    bus.end(daemon)
    until(lambda: not bus.owns("org.freedesktop.secrets"), "the keyring to leave the bus")
    bus.start_keyring()
    return bus


@pytest.fixture
def deaf_socket(machine):
    """A socket where the bus should be: takes connections and never says a word."""
    path = machine.root / "run" / "bus"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(16)
        machine.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"
        yield machine
