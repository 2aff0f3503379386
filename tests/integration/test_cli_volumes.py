"""`down --volumes`: data goes only when it was named and somebody agreed."""

import pytest
from devstack import Background, binary

STACK = """
    name: demo
    services:
      keeper:
        image: devstack-test/busybox:1
        command: [sleep, "1000"]
        stop_signal: SIGKILL
        volumes: ["data:/data"]
    """


@pytest.fixture
def stopped(project):
    """A stack that ran and left its data volume."""
    project.services(STACK)
    up = project.run("up", "-d")
    assert up.returncode == 0, up.stdout + up.stderr
    assert project.run("down").returncode == 0
    assert len(project.volumes()) == 1
    return project


def on_terminal(project, *arguments):
    one = Background([binary(), *arguments], project.env, project.folder, True)
    project.backgrounds.append(one)
    return one


def test_without_a_terminal_nothing_is_removed_unless_told_to(stopped):
    name = stopped.volumes()[0]["Name"]
    refused = stopped.run("down", "--volumes")
    assert refused.returncode == 2
    assert name in refused.stderr and "--yes" in refused.stderr
    assert len(stopped.volumes()) == 1
    agreed = stopped.run("down", "--volumes", "--yes")
    assert agreed.returncode == 0
    assert f"Removed {name}" in agreed.stderr
    assert stopped.volumes() == []
    assert "no data volumes" in stopped.run("down", "--volumes").stderr


def test_on_a_terminal_it_asks(stopped):
    name = stopped.volumes()[0]["Name"]
    no = on_terminal(stopped, "down", "--volumes")
    no.wait_for('Type "yes"')
    assert name in no.output
    no.write("no\n")
    assert no.wait() == 1
    assert len(stopped.volumes()) == 1
    yes = on_terminal(stopped, "down", "--volumes")
    yes.wait_for('Type "yes"')
    yes.write("yes\n")
    assert yes.wait() == 0
    assert stopped.volumes() == []


def test_a_protected_environment_wants_its_name(project):
    project.services(STACK + "environments:\n      precious: {protected: true}\n    ")
    assert project.run("--env", "precious", "up", "-d").returncode == 0
    assert project.run("--env", "precious", "down", "--volumes", "--yes").returncode == 2
    assert len(project.volumes()) == 1
    down = on_terminal(project, "--env", "precious", "down", "--volumes", "--yes")
    down.wait_for('Type "precious"')
    down.write("precious\n")
    assert down.wait() == 0
    assert project.volumes() == []
