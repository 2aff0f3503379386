"""A password in use: Postgres gets it, and nothing that anybody can look at shows it."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from waiting import wait_until

STACK = """
    name: shop
    secrets:
      db_password: {generate: {length: 24}}
    services:
      db:
        postgres: {version: 17, database: shop, user: shop, password: "${secrets.db_password}"}
        port: auto
      api:
        run: echo password is $DATABASE_URL; test -n "$DATABASE_URL" && exec sleep 3600
        depends_on: [db]
        environment: {DATABASE_URL: "${db.url}"}
"""
PASSWORD = "Sesame-opens-9f31c7"


def is_private(path, root):
    """A file that a container gets its secret from: in the run-time folder, for the owner alone."""
    return root.name == "run" and any(
        one.stat().st_mode & 0o077 == 0 for one in (path, *path.parents) if root in one.parents
    )


def sightings(project, secret):
    """Where the secret can be seen by who may look there; a process's own environment is not."""
    seen = []
    for container in project.containers():
        if secret in json.dumps(project.engine.inspect(container["Id"])):
            seen.append("docker inspect")
        if secret in project.engine.logs(container["Id"]):
            seen.append("docker logs")
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if secret.encode() in path.read_bytes():
                seen.append(str(path))
        except OSError:
            pass
    for root in (project.state, project.runtime, project.folder):
        for path in root.rglob("*"):
            if path.is_file() and secret.encode() in path.read_bytes() and not is_private(path, root):
                seen.append(str(path))
    for verb in (("ps",), ("--json", "ps"), ("config",), ("config", "--format", "json"), ("doctor",)):
        result = project.run(*verb)
        if secret in result.stdout + result.stderr:
            seen.append(" ".join(verb))
    return seen


def orchestrator_environment(project):
    pid = project.json("ps")["pid"]
    return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")


def log_text(project):
    return "".join(path.read_text() for path in project.state.rglob("api.log"))


def test_from_the_environment(project):
    """Also in a shell whose settings for Postgres' own programs would fail every login."""
    project.services(STACK)
    env = {"DEVSTACK_SECRET_DB_PASSWORD": PASSWORD, "PGSERVICE": "nowhere",
           "PGOPTIONS": "-c nonsense=1", "PGTZ": "nowhere"}  # fmt: skip
    result = project.run("up", "-d", env=env)
    assert result.returncode == 0, result.stdout + result.stderr
    assert PASSWORD not in result.stdout + result.stderr
    assert not sightings(project, PASSWORD)
    assert PASSWORD not in orchestrator_environment(project)
    assert "password is postgres://" in log_text(project)
    assert not list(project.data.rglob("db_password")), "what the environment gives is not kept"
    assert project.run("down").returncode == 0


def test_from_a_private_file(project):
    """Generated once and said; the second start says and asks nothing."""
    project.services(STACK)
    first = project.run("up", "-d")
    assert first.returncode == 0, first.stdout + first.stderr
    (path,) = project.data.rglob("db_password")
    secret = path.read_text()
    assert len(secret) == 24 and path.stat().st_mode & 0o777 == 0o600
    assert str(path) in first.stderr and secret not in first.stdout + first.stderr
    assert not sightings(project, secret)
    assert project.run("down").returncode == 0
    second = project.run("up", "-d")
    assert (second.returncode, second.stderr) == (0, "")
    assert path.read_text() == secret
    assert project.run("down").returncode == 0


BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""


@pytest.fixture
def keyring(project):
    """A real gnome-keyring on a private bus, unlocked."""
    folder = project.root / "bus"
    folder.mkdir(mode=0o700)
    socket, config = folder / "socket", folder / "bus.conf"
    config.write_text(BUS.format(socket=socket))
    env = {**project.env, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={socket}", "GSETTINGS_BACKEND": "memory",
           "XDG_RUNTIME_DIR": str(folder), "XDG_DATA_HOME": str(folder)}  # fmt: skip
    env.pop("DEVSTACK_TEST_PROJECT")
    bus = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork"], env=env, cwd="/")
    wait_until(socket.exists, "the bus")
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock"], cwd="/",
        env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    daemon.stdin.write(b"pw")
    daemon.stdin.close()

    def owned():
        words = ["dbus-send", "--session", "--dest=org.freedesktop.DBus", "--print-reply=literal",
                 "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]  # fmt: skip
        return "true" in subprocess.run(words, env=env, capture_output=True, text=True).stdout

    wait_until(owned, "the keyring on the bus")
    project.env["DBUS_SESSION_BUS_ADDRESS"] = env["DBUS_SESSION_BUS_ADDRESS"]
    yield env
    for one in (daemon, bus):
        one.terminate()
        one.wait(10)


def test_from_the_keyring(keyring, project):
    project.services(STACK.replace("name: shop", "name: shop\n    keyring: required"))
    first = project.run("up", "-d")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "kept in the keyring" in first.stderr
    assert not list(project.data.rglob("db_password"))
    api = project.json("ps")["services"][1]["pid"]
    environ = Path(f"/proc/{api}/environ").read_text()
    secret = re.search("postgres://shop:([^@]+)@", environ).group(1)
    assert len(secret) == 24
    assert not sightings(project, secret)
    assert project.run("down").returncode == 0
    second = project.run("up", "-d")
    assert (second.returncode, second.stderr) == (0, "")
    assert project.run("down").returncode == 0


def test_another_password_on_an_old_volume(project):
    """The database keeps the first one: the reason says so and what to do, and nothing is lost."""
    project.services(STACK)
    assert project.run("up", "-d", env={"DEVSTACK_SECRET_DB_PASSWORD": PASSWORD}).returncode == 0
    assert project.run("down").returncode == 0
    other = "Quite-another-5d20b8"
    up = project.run("up", env={"DEVSTACK_SECRET_DB_PASSWORD": other})
    assert up.returncode == 7
    said = up.stdout + up.stderr
    assert "password authentication failed" in said
    assert "created with another password" in said
    assert "DEVSTACK_SECRET_" in said and "devstack down --volumes" in said
    assert "starting again" not in said
    assert other not in said and PASSWORD not in said
    assert not sightings(project, other) and not sightings(project, PASSWORD)
    assert project.volumes()
    again = project.run("up", "-d", env={"DEVSTACK_SECRET_DB_PASSWORD": PASSWORD})
    assert again.returncode == 0, again.stdout
    assert project.run("down").returncode == 0
