"""The scripts a person runs first: what they say and do when things are not as they should be."""

import os
import socket
import subprocess
import threading

import pytest
from devstack import CHECKOUT

SCRIPTS = CHECKOUT / "scripts"


def run(*command, **env):
    return subprocess.run(
        [str(part) for part in command], env={**os.environ, **env},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.fixture
def fake_path(tmp_path):
    """A folder in front of PATH, and a way to put programs there."""

    def add(name, text):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n" + text)
        program.chmod(0o755)
        return f"{program.parent}:{os.environ['PATH']}"

    return add


def report(path, *cases):
    path.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return path


def test_results_are_added_up_over_reports(tmp_path):
    one = report(
        tmp_path / "one.xml",
        '<testcase name="a"/>',
        '<testcase name="b" classname="room"><failure/></testcase>',
        '<testcase name="c"><skipped/></testcase>',
    )
    two = report(tmp_path / "two.xml", '<testcase name="d"/>', '<testcase name="e"><error/></testcase>')
    result = run(SCRIPTS / "lib/count-results", one, two)
    assert result.stdout.split() == ["2", "2", "1"]
    assert "failed: room b" in result.stderr


def test_a_missing_or_broken_report_counts_as_a_failure(tmp_path):
    broken = tmp_path / "broken.xml"
    broken.write_text("<testsuites>")
    result = run(SCRIPTS / "lib/count-results", broken, tmp_path / "missing.xml")
    assert result.stdout.split() == ["0", "2", "0"]


def test_nothing_is_asked_of_apt_when_nothing_is_missing(fake_path, tmp_path):
    called = tmp_path / "called"
    path = fake_path("apt-get", f"touch {called}\n")
    assert run(SCRIPTS / "deps", "build", "run", PATH=path).returncode == 0
    assert not called.exists()


def test_an_unknown_purpose_is_refused():
    result = run(SCRIPTS / "deps", "everything")
    assert result.returncode == 1 and "usage:" in result.stderr


def test_an_unknown_phase_is_refused():
    result = run(SCRIPTS / "test", "everything")
    assert result.returncode == 1 and "no phase everything" in result.stderr


def test_the_engine_that_answers_is_used():
    result = run(SCRIPTS / "engine")
    assert result.returncode == 0
    assert "answers at" in result.stderr and "starting" not in result.stderr


def test_a_docker_host_that_is_silent_is_an_error_and_no_reason_to_start_another(tmp_path):
    result = run(SCRIPTS / "engine", DOCKER_HOST=f"unix://{tmp_path}/nobody.sock")
    assert result.returncode == 1
    assert f"nothing answers at DOCKER_HOST=unix://{tmp_path}/nobody.sock" in result.stderr


def test_an_engine_without_a_registry_makes_the_image_be_built(tmp_path):
    """The engine's answer to a pull ends with an error in the stream, as 20.10 and later give it."""
    asked = serve(tmp_path / "engine.sock")
    copy = tmp_path / "scripts"
    (copy / "lib").mkdir(parents=True)
    for name in ("postgres-image", "lib/common.sh"):
        (copy / name).write_text((SCRIPTS / name).read_text())
        (copy / name).chmod(0o755)
    builder = copy / "build-postgres-image"
    builder.write_text(f'#!/bin/sh\necho "$1" >{tmp_path}/built\n')
    builder.chmod(0o755)

    result = run(copy / "postgres-image", "postgres:17", DOCKER_HOST=f"unix://{tmp_path}/engine.sock")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "built").read_text() == "postgres:17\n"
    assert any("/images/create?fromImage=postgres&tag=17" in line for line in asked)


def serve(path):
    """An engine that has no image and reaches no registry. Returns the list of what it is asked."""
    answers = {
        "GET /_ping": "200 OK\r\nContent-Length: 2\r\n\r\nOK",
        "POST /images/create": "200 OK\r\nConnection: close\r\n\r\n"
        '{"errorDetail":{"message":"no such host"},"error":"no such host"}\r\n',
    }
    missing = "404 Not Found\r\nContent-Length: 0\r\n\r\n"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    asked = []

    def answer_all():
        while True:
            connection, _ = listener.accept()
            with connection:
                request = connection.recv(65536).decode()
                asked.append(request.splitlines()[0])
                match = next((answers[start] for start in answers if request.startswith(start)), missing)
                connection.sendall(f"HTTP/1.1 {match}".encode())

    threading.Thread(target=answer_all, daemon=True).start()
    return asked
