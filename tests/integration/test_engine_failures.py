"""An engine that refuses, dies, or comes back: devstack says so, ends what it can, and the next
start removes what could not be removed."""

import http.server
import os
import re
import signal
import socket
import socketserver
import threading

import pytest

from devstack import Project
from engine import Engine
from private_engine import PrivateEngine
from waiting import wait_until

BOX = """
    name: shop
    services:
      box:
        image: devstack-test/busybox:1
        command: [sleep, "3600"]
        stop_grace_period: 200ms
"""

BESIDE = """
    name: shop
    services:
      beside:
        run: exec sleep 3600
      box:
        image: devstack-test/busybox:1
        command: [sh, -c, "mkdir /www; echo fine >/www/index.html; trap 'exit' TERM; httpd -f -p 8080 -h /www & wait"]
        ports: {http: {container: 8080, host: auto}}
        healthcheck: {http: /, interval: 200ms}
        stop_grace_period: 300ms
        backoff: {initial: 100ms, max: 2s}
      after:
        run: exec sleep 3600
        depends_on: [box]
"""


# Refusing


def refused(project, host, message):
    """up says so with exit code 5, and nothing has been changed."""
    project.services(BOX)
    result = project.run("up", env={"DOCKER_HOST": host})
    assert result.returncode == 5, result.stderr
    assert re.search(message, " ".join(result.stderr.split())), result.stderr
    assert not result.stdout
    assert not project.containers()
    assert not list(project.state.rglob("*.log"))
    return result.stderr


def test_a_socket_that_is_not_there(project):
    refused(project, "unix:///nowhere/docker.sock", "Cannot reach the Docker Engine.*nowhere")


def test_a_socket_that_nobody_listens_on(project):
    path = project.root / "dead.sock"
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
    refused(project, f"unix://{path}", "Cannot reach the Docker Engine.*dead.sock")


def test_a_socket_that_is_not_for_us(project):
    """As an ordinary user, with the right command to become one who may."""
    project.services(BOX)
    with socket.socket(socket.AF_UNIX) as one:
        path = project.root / "closed.sock"
        one.bind(str(path))
        one.listen()
        path.chmod(0o660)
        for folder in [project.root, *project.root.iterdir()]:
            if folder.is_dir():
                os.chown(folder, 65534, 65534)
        project.enter = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
        stderr = refused(project, f"unix://{path}", "Cannot reach the Docker Engine.*ermission denied")
    assert "usermod -aG docker" in stderr


class _NoDocker(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>It works!</h1>")

    do_HEAD = do_GET

    def address_string(self):
        return "client"

    def log_message(self, *_):
        pass


def test_a_server_that_is_no_docker(project):
    path = project.root / "web.sock"
    with socketserver.ThreadingUnixStreamServer(str(path), _NoDocker) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        refused(project, f"unix://{path}", "web.sock.*not a Docker Engine|no Docker Engine")
        server.shutdown()


def test_a_server_that_never_answers(project):
    path = project.root / "deaf.sock"
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
        one.listen(16)
        refused(project, f"unix://{path}", "deaf.sock")


def test_an_engine_on_another_machine(project):
    refused(project, "tcp://192.0.2.1:2375", "192.0.2.1.* not on this machine")


def test_an_address_that_is_none(project):
    refused(project, "gopher://x", "gopher")


def test_processes_alone_need_no_engine(project):
    project.services("name: alone\nservices: {one: {run: exec sleep 3600}}\n")
    env = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    assert project.run("up", "-d", env=env).returncode == 0
    assert project.run("down", env=env).returncode == 0


# Dying


@pytest.fixture(scope="module")
def private_engine():
    one = PrivateEngine()
    try:
        one.start_daemon()
        one.load_image(Engine())
        yield one
    finally:
        one.close()


@pytest.fixture
def stack(private_engine):
    """A project whose engine may be killed; the engine answers again when the test has ended."""
    if not private_engine.answers():
        private_engine.start_daemon()
    one = Project(private_engine)
    one.enter = private_engine.enter
    one.env["DOCKER_HOST"] = f"unix://{private_engine.path}"
    one.services(BESIDE)
    yield one
    if not private_engine.answers():
        private_engine.start_daemon()
    one.close()


def service(project, name):
    services = project.json("ps")["services"]
    return next(one for one in services if one["name"] == name)


def wait_for_state(project, name, state, deadline=20.0):
    return wait_until(
        lambda: (one := service(project, name))["state"] == state and one,
        f"{name} to be {state}", deadline,
    )  # fmt: skip


def test_an_engine_that_dies_and_comes_back(stack, private_engine):
    up = stack.start("up")
    up.wait_for("Ready in")
    beside = service(stack, "beside")["pid"]
    after = service(stack, "after")["pid"]
    private_engine.kill_daemon()
    box = wait_for_state(stack, "box", "unhealthy")
    assert box["reason"]["code"] == "engine"
    assert "the engine went away" in box["reason"]["text"]
    private_engine.start_daemon()
    box = wait_for_state(stack, "box", "healthy", 30)
    assert box["restarts"] == 1  # without live-restore a new engine ends what the old one ran
    assert service(stack, "beside")["pid"] == beside
    assert service(stack, "after")["pid"] == after
    assert len(stack.containers()) == 1
    up.signal(signal.SIGINT)
    assert up.wait() == 130
    stack.assert_nothing_left()


def test_stopping_while_the_engine_is_dead(stack, private_engine):
    """Nothing hangs, the container is named, and the next start removes it."""
    up = stack.start("up")
    up.wait_for("Ready in")
    name = stack.containers()[0]["Names"][0].lstrip("/")
    private_engine.kill_daemon()
    up.signal(signal.SIGINT)
    assert up.wait(20) == 130
    assert re.search(rf"^box: its container {name} could not be removed: Cannot", up.output, re.M)
    assert "the next `devstack up` of this stack removes what is left" in up.output
    assert "Everything has stopped" not in up.output
    assert not stack.left_over_here()
    private_engine.start_daemon()
    assert [one["Names"] for one in stack.containers()] == [[f"/{name}"]]
    again = stack.start("up")
    again.wait_for("Ready in")
    assert len(stack.containers()) == 1
    again.signal(signal.SIGTERM)
    assert again.wait() == 143
    stack.assert_nothing_left()


def test_down_while_the_engine_is_dead(stack, private_engine):
    assert stack.run("up", "-d").returncode == 0
    private_engine.kill_daemon()
    down = stack.run("down")
    assert down.returncode == 5, down.stdout
    assert "could not be removed" in down.stdout
    assert not stack.left_over_here()
    again = stack.run("down")  # nothing runs, but it would remove what is left
    assert again.returncode == 5, again.stdout
    assert "Cannot reach the Docker Engine" in again.stderr
    private_engine.start_daemon()
    assert stack.containers()
    assert stack.run("down").returncode == 0
    stack.assert_nothing_left()


def test_starting_after_the_engine_has_died(stack, private_engine):
    private_engine.kill_daemon()
    result = stack.run("up")
    assert result.returncode == 5
    assert "Cannot reach the Docker Engine" in result.stderr
    assert not stack.left_over_here()


def test_an_engine_that_dies_during_the_start(stack, private_engine):
    """The service is tried again until the engine is there."""
    up = stack.start("up")
    up.wait_for("beside")
    private_engine.kill_daemon()
    up.wait_for("restarting.*Docker Engine")
    private_engine.start_daemon()
    up.wait_for("Ready in", 60)
    up.signal(signal.SIGINT)
    assert up.wait() == 130
    stack.assert_nothing_left()


def test_sigkill_of_the_orchestrator_while_the_engine_is_dead(stack, private_engine):
    """The sweep cannot remove the container; it ends all the same, and the next start removes it."""
    up = stack.start("up")
    up.wait_for("Ready in")
    private_engine.kill_daemon()
    os.kill(stack.json("ps")["pid"], signal.SIGKILL)
    up.wait(20)
    wait_until(lambda: not stack.left_over_here(), "the end of all that is not the engine's", 5)
    private_engine.start_daemon()
    assert stack.containers()
    again = stack.start("up")
    again.wait_for("Ready in")
    assert len(stack.containers()) == 1
    again.signal(signal.SIGINT)
    assert again.wait() == 130
    stack.assert_nothing_left()
