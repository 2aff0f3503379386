"""The means by which tests find out that something was left behind: they have to find it."""

import os
import subprocess
import uuid

import pytest
from census import descendants, marked
from devstack import Background, Project
from waiting import free_port, wait_until

LABEL = "dev.devstack.project-dir"


@pytest.fixture
def bare_project():
    """A project that is cleaned up without a word about what is left."""
    one = Project()
    yield one
    one._clean_up()


def test_nothing_is_left_of_a_project_that_started_nothing(project):
    assert project.left_over() == []


def test_a_detached_process_is_found_by_its_working_folder_alone(bare_project):
    """It has left its session and its parent, and cleared its environment."""
    subprocess.run(
        ["sh", "-c", "setsid env -i sleep 600 >/dev/null 2>&1 & exit 0"],
        cwd=bare_project.folder, env=bare_project.env, check=True,
    )  # fmt: skip
    wait_until(lambda: any("sleep 600" in line for line in bare_project.left_over()), "the process")
    with pytest.raises(AssertionError, match="sleep 600"):
        bare_project.assert_nothing_left(0.1)


def test_a_process_is_found_by_its_environment_alone(bare_project):
    subprocess.Popen(["sleep", "600"], cwd="/", env=bare_project.env, start_new_session=True)
    wait_until(lambda: marked(str(bare_project.root)), "the process")


def test_containers_networks_and_files_are_found(bare_project):
    engine, labels = bare_project.engine, {LABEL: str(bare_project.folder)}
    engine.create("devstack-test/busybox:1", Labels=labels)
    name = f"devstack-test-{uuid.uuid4().hex}"
    engine.request("POST", "/networks/create", {"Name": name, "Labels": labels})
    engine.request("POST", "/volumes/create", {"Name": name, "Labels": labels})
    (bare_project.runtime / "socket").touch()
    kinds = sorted(line.split()[0] for line in bare_project.left_over())
    assert kinds == ["container", "file", "network"]
    assert [volume["Name"] for volume in bare_project.volumes()] == [name]


def test_cleaning_up_removes_all_of_it(bare_project):
    test_containers_networks_and_files_are_found(bare_project)
    bare_project._clean_up()
    assert bare_project.left_over() == [] and bare_project.volumes() == []
    assert not bare_project.root.exists()


def test_a_background_command_has_a_terminal_when_asked(bare_project):
    command = ["sh", "-c", "tty; stty size; echo ready; read line; echo got $line"]
    background = Background(command, os.environ, "/", with_pty=True)
    background.wait_for("ready")
    background.write("this\n")
    assert background.wait() == 0
    assert "/dev/pts/" in background.output and "24 100" in background.output
    assert "got this" in background.output
    background.end()


def test_ctrl_c_on_the_terminal_becomes_a_signal():
    background = Background(
        ["sh", "-c", "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.05; done"],
        os.environ, "/", with_pty=True,
    )  # fmt: skip
    background.wait_for("ready")
    background.write("\x03")
    assert background.wait() == 3
    background.end()


def test_waiting_for_output_fails_when_the_command_ends_without_it():
    background = Background(["echo", "something else"], os.environ, "/")
    with pytest.raises(AssertionError, match="something else"):
        background.wait_for("never")
    background.end()


def test_descendants_are_all_generations():
    command = ["sh", "-c", "sh -c 'sleep 600; :' & echo ready; wait"]
    background = Background(command, os.environ, "/")
    background.wait_for("ready")
    below = wait_until(
        lambda: (found := descendants(background.pid)) and len(found) == 2 and found, "two generations"
    )
    assert [p.command for p in below if p.command.startswith("sleep")] == ["sleep 600"]
    background.end()
    for one in below:
        os.kill(one.pid, 9)


def test_a_condition_that_never_holds_fails_and_says_what_it_was():
    with pytest.raises(AssertionError, match="the moon"):
        wait_until(lambda: False, "the moon", deadline=0.05)


def test_free_ports_lie_below_the_ephemeral_range():
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        assert free_port() < int(file.read().split()[0])
