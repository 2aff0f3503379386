"""What `up` finds missing before it changes anything: all of it together, each with its fix, and
the exit code of the first."""

import os
import socket
import subprocess

import pytest

from waiting import free_port, wait_until


def refused(project, code, *words, **options):
    """Runs up; gives what it says, on one line. Nothing has been started or written."""
    result = project.run("up", *words, **options)
    assert result.returncode == code, result.stdout + result.stderr
    assert not result.stdout
    assert not project.processes()
    assert not project.containers()
    assert not list(project.state.rglob("*"))
    assert not list(project.data.rglob("*"))
    return " ".join(result.stderr.split())


def test_a_command_that_is_missing(project):
    project.services("name: shop\nservices:\n  api: {run: no-such-program --port 1}\n")
    said = refused(project, 5)
    assert "1 thing to fix before shop can start" in said
    assert "no-such-program Not on PATH, needed by api (services.yaml:3)" in said


def test_a_program_that_may_not_be_executed(project):
    project.write("server", "#!/bin/sh\n", mode=0o644)
    project.services("name: shop\nservices: {api: {run: ./server}}\n")
    assert "chmod +x" in refused(project, 5)


def test_a_working_folder_that_is_missing(project):
    project.services("name: shop\nservices: {api: {run: sleep 1, working_dir: nowhere}}\n")
    said = refused(project, 5)
    assert "nowhere" in said and "mkdir -p" in said


def test_an_image_that_may_not_be_pulled(project):
    project.services(
        "name: shop\nservices: {box: {image: 'nobody/has-this:1', pull_policy: never}}\n"
    )
    said = refused(project, 5)
    assert "nobody/has-this:1" in said and "docker pull nobody/has-this:1" in said


def test_an_image_that_cannot_be_pulled(project):
    """A registry on this machine that nobody runs."""
    image = f"127.0.0.1:{free_port()}/team/thing:1"
    project.services(
        f"""
        name: shop
        services:
          beside: {{run: exec sleep 3600}}
          box: {{image: '{image}'}}
          after: {{run: exec sleep 3600, depends_on: [box]}}
        """
    )
    said = refused(project, 5)
    assert "1 thing to fix before shop can start" in said
    assert f"{image} The image is not here and cannot be pulled: the registry" in said
    assert "connection refused, wanted by box (services.yaml:" in said
    assert "check the network" in said


@pytest.fixture
def stranger():
    """Somebody who listens on a port: gives the process and the port."""
    port = free_port()
    program = (
        f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(3600)"
    )
    process = subprocess.Popen(["/usr/bin/python3", "-c", program])

    def listens():
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0

    wait_until(listens, "the stranger to listen")
    yield process, port
    process.kill()
    process.wait()


def test_a_port_that_is_taken(project, stranger):
    process, port = stranger
    project.services(f"name: shop\nservices:\n  api:\n    run: sleep 1\n    port: {port}\n")
    said = refused(project, 6)
    assert f"port {port} Taken by `/usr/bin/python3 -c" in said
    assert f"(pid {process.pid})" in said
    assert "wanted by api (services.yaml:5)" in said
    assert "--auto-ports" in said


def test_auto_ports_moves_the_one_that_is_taken(project, stranger):
    _, port = stranger
    other = free_port()
    project.services(
        f"""
        name: shop
        services:
          api: {{run: exec python3 -m http.server --bind 127.0.0.1 $PORT, port: {port}}}
          web: {{run: exec python3 -m http.server --bind 127.0.0.1 $PORT, port: {other}}}
        """
    )
    result = project.run("up", "-d", "--auto-ports")
    assert result.returncode == 0, result.stderr
    api, web = project.json("ps")["services"]
    assert api["ports"][""] != port
    assert web["ports"][""] == other
    assert project.run("down").returncode == 0


def test_a_port_of_another_stack_names_it(project):
    port = free_port()
    project.services(
        f"name: first\nservices: {{web: {{run: exec python3 -m http.server --bind 127.0.0.1 $PORT,"
        f" port: {port}}}}}\n"
    )
    project.write(
        "other/services.yaml", f"name: second\nservices:\n  api: {{run: sleep 1, port: {port}}}\n"
    )
    assert project.run("up", "-d").returncode == 0
    result = project.run("up", cwd=project.folder / "other")
    assert result.returncode == 6
    assert "web of the stack first" in " ".join(result.stderr.split())
    assert project.run("down").returncode == 0


def test_a_missing_secret(project):
    project.services(
        "name: shop\nsecrets: {key: {prompt: The key}}\n"
        "services: {api: {run: sleep 1, environment: {KEY: '${secrets.key}'}}}\n"
    )
    said = refused(project, 4)
    assert "secret 'key' is missing" in said
    assert "DEVSTACK_SECRET_KEY" in said


def test_a_keyring_that_is_required(project):
    project.services(
        "name: shop\nkeyring: required\nsecrets: {key: {generate: {length: 20}}}\n"
        "services: {api: {run: sleep 1, environment: {KEY: '${secrets.key}'}}}\n"
    )
    assert "keyring" in refused(project, 4)


def test_everything_together(project, stranger):
    _, port = stranger
    project.services(
        f"""
        name: shop
        services:
          db: {{image: devstack-test/busybox:1}}
          mock: {{run: npx prism mock x.yaml}}
          api: {{run: no-such-program, port: {port}, working_dir: nowhere}}
        """
    )
    said = refused(project, 5, env={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert "5 things to fix before shop can start" in said
    for words in ("Cannot reach the Docker Engine", f"port {port}", "no-such-program", "nowhere",
                  "prism Not in node_modules/.bin"):  # fmt: skip
        assert words in said


def test_only_what_is_going_to_start_is_checked(project):
    project.services(
        """
        name: shop
        services:
          good: {run: exec sleep 3600}
          bad: {run: no-such-program}
          box: {image: devstack-test/busybox:1}
        """
    )
    result = project.run("up", "-d", "good", env={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert result.returncode == 0, result.stderr
    assert project.run("down", env={"DOCKER_HOST": "unix:///nowhere.sock"}).returncode == 0


def test_doctor_says_the_same(project, stranger):
    _, port = stranger
    project.services(f"name: shop\nservices: {{api: {{run: no-such-program, port: {port}}}}}\n")
    result = project.run("doctor")
    assert result.returncode in (5, 6), result.stdout
    said = " ".join((result.stdout + result.stderr).split())
    assert "no-such-program" in said and f"port {port}" in said


def test_a_run_time_folder_that_cannot_be_written(project):
    """As an ordinary user, who has nothing to write in."""
    project.services("name: shop\nservices: {api: {run: exec sleep 3600}}\n")
    os.chmod(project.root, 0o755)
    os.chmod(project.folder, 0o755)
    project.enter = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    result = project.run("up")
    project.enter = []
    assert result.returncode == 1, result.stderr
    assert "Permission denied" in result.stderr and str(project.root) in result.stderr
    assert not project.processes()
