"""A project that a test gives to devstack: a folder of its own, with its own XDG folders, and the
promise that nothing is left of it when the test ends."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import census
from engine import Engine
from waiting import wait_until

CHECKOUT = Path(__file__).resolve().parents[2]


def binary():
    """The devstack under test: $DEVSTACK_BIN, or the newest build."""
    if "DEVSTACK_BIN" in os.environ:
        return os.environ["DEVSTACK_BIN"]
    built = [path for path in CHECKOUT.glob("build*/devstack") if os.access(path, os.X_OK)]
    if not built:
        raise AssertionError("devstack is not built: meson setup build && ninja -C build")
    return str(max(built, key=lambda path: path.stat().st_mtime))


class Background:
    """A command that runs while the test goes on. Its output is collected as it comes; with
    pty=True it has a terminal."""

    def __init__(self, arguments, env, cwd, with_pty=False, size=(24, 100)):
        self._text = ""
        self._lock = threading.Lock()
        self._terminal = None
        if with_pty:
            self._start_on_terminal(arguments, env, cwd, size)
        else:
            self.process = subprocess.Popen(
                arguments, env=env, cwd=cwd, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            self._source = self.process.stdout.fileno()
        self.pid = self.process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _start_on_terminal(self, arguments, env, cwd, size):
        import fcntl
        import struct
        import termios

        self._terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        # setsid --ctty makes the terminal the controlling one, so that ^C becomes SIGINT.
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *arguments], env=env, cwd=cwd,
            stdin=theirs, stdout=theirs, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        self._source = self._terminal

    def _read(self):
        while True:
            try:
                data = os.read(self._source, 65536)
            except OSError:  # the terminal's other end is closed
                return
            if not data:
                return
            with self._lock:
                self._text += data.decode(errors="replace")

    @property
    def output(self):
        with self._lock:
            return self._text

    def write(self, text):
        """Types on the terminal."""
        os.write(self._terminal, text.encode())

    def wait_for(self, pattern, deadline=30.0):
        """Waits until the output matches; returns the match."""
        return wait_until(
            lambda: re.search(pattern, self.output) or self._ended_without(pattern),
            f"{pattern!r} in the output", deadline,
        )  # fmt: skip

    def _ended_without(self, pattern):
        if self.process.poll() is None:
            return None
        self._reader.join(2)
        match = re.search(pattern, self.output)
        if not match:
            raise AssertionError(
                f"ended with {self.process.returncode} before {pattern!r}:\n{self.output}"
            )
        return match

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, deadline=30.0):
        """Waits for the end; returns the exit code (negative: the signal that killed it)."""
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still runs after {deadline:g} s:\n{self.output}") from None
        self._reader.join(2)
        return code

    def end(self):
        """Politely, then not."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(2)
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None
        elif not self.process.stdout.closed and not self._reader.is_alive():
            self.process.stdout.close()


class Project:
    def __init__(self, engine=None):
        self.root = Path(os.path.realpath(tempfile.mkdtemp(prefix="devstack-test-")))
        self.folder = self.root / "project"
        self.runtime = self.root / "run"
        self.state = self.root / "state"
        self.data = self.root / "data"
        self.home = self.root / "home"
        for folder in (self.folder, self.runtime, self.state, self.data, self.home):
            folder.mkdir(mode=0o700)
        self.engine = engine or Engine()
        self.enter = []  # the words before each command, of one that enters a namespace
        self.backgrounds = []
        self.env = {
            **{name: value for name, value in os.environ.items() if not _is_foreign(name)},
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "XDG_STATE_HOME": str(self.state),
            "XDG_DATA_HOME": str(self.data),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "DEVSTACK_TEST_PROJECT": str(self.root),
        }

    # What the project holds

    def write(self, name, text, mode=0o644):
        """Writes a file below the project folder; the text may be indented as the test is."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        path.chmod(mode)
        return path

    def services(self, text):
        return self.write("services.yaml", text)

    # Running devstack

    def run(self, *arguments, input=None, timeout=60, env=None, cwd=None):
        """devstack with these arguments, until it ends: .returncode, .stdout, .stderr."""
        return subprocess.run(
            [*self.enter, binary(), *map(str, arguments)], cwd=cwd or self.folder,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL if input is None else None, input=input,
            capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip

    def json(self, *arguments, **options):
        """What `devstack --json …` printed, parsed; the verb has to succeed."""
        result = self.run("--json", *arguments, **options)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def start(self, *arguments, pty=False, env=None, cwd=None):
        """devstack with these arguments, in the background."""
        background = Background(
            [*self.enter, binary(), *map(str, arguments)], {**self.env, **(env or {})},
            cwd or self.folder, pty,
        )  # fmt: skip
        self.backgrounds.append(background)
        return background

    # What there is of it on the machine

    def processes(self):
        return census.marked(str(self.root))

    def containers(self):
        return self.engine.containers(project_dir=str(self.folder))

    def networks(self):
        return self.engine.networks(project_dir=str(self.folder))

    def volumes(self):
        return self.engine.volumes(project_dir=str(self.folder))

    def runtime_files(self):
        """Everything that still lies in the run-time folder, devstack's own root aside."""
        return [path for path in self.runtime.rglob("*") if path.name != "devstack"]

    def left_over_here(self):
        """What is left over, as far as it can be seen without the engine."""
        left = [f"process {p.pid} {p.state} {p.command}" for p in self.processes()]
        return left + [f"file {path}" for path in self.runtime_files()]

    def left_over(self):
        """One line for each thing that a stopped stack must not leave. Data volumes may stay."""
        left = self.left_over_here()
        left += [f"container {' '.join(c['Names'])} {c['Status']}" for c in self.containers()]
        left += [f"network {network['Name']}" for network in self.networks()]
        return left

    def assert_nothing_left(self, deadline=2.0):
        end = time.monotonic() + deadline
        left = self.left_over()
        while left and time.monotonic() < end:
            time.sleep(0.02)
            left = self.left_over()
        assert not left, "left behind:\n" + "\n".join(left)

    # The end

    def close(self):
        """Ends what the test started, fails when that leaves anything behind, and cleans up
        either way."""
        for background in self.backgrounds:
            background.end()
        try:
            if (self.folder / "services.yaml").exists() and self.runtime_files():
                self.run("down", timeout=60)
            self.assert_nothing_left()
        finally:
            self._clean_up()

    def _clean_up(self):
        for one in self.processes():
            try:
                os.kill(one.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for container in self.containers():
            self.engine.remove(container["Id"])
        for network in self.networks():
            self.engine.remove_network(network["Id"])
        for volume in self.volumes():
            self.engine.remove_volume(volume["Name"])
        shutil.rmtree(self.root, ignore_errors=True)


def _is_foreign(name):
    """Variables of the caller that would change what devstack does."""
    return name.startswith(("DEVSTACK_", "XDG_")) or name in ("DBUS_SESSION_BUS_ADDRESS", "NO_COLOR")
