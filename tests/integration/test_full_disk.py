"""A disk that is full: a start says so and leaves nothing; a stack that runs goes on, and says that
its logs are not kept."""

import signal
import subprocess

import pytest

from waiting import wait_until

TALKER = """
    name: shop
    services:
      talker:
        run: "while :; do echo a line of the talker that fills the disk; test -e quiet && exec sleep 99; done"
      box:
        image: devstack-test/busybox:1
        command: [sh, -c, "trap exit TERM; echo boxed; sleep 3600 & wait"]
"""


@pytest.fixture
def small_disk(project):
    """State on a file system of 2 MB of its own."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,nr_inodes=64,mode=700", "none", project.state], check=True)
    yield project
    subprocess.run(["umount", "--lazy", project.state], check=True)


def fill(folder):
    """Takes what is left; the file stays."""
    path = folder / "filler"
    with open(path, "ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
    return path


def use_up_inodes(folder):
    """Not a file more can be made there. Gives those that were."""
    made = []
    try:
        while True:
            path = folder / f"file{len(made)}"
            path.touch()
            made.append(path)
    except OSError:
        return made


def test_a_start_on_a_full_disk(small_disk):
    project = small_disk
    taken = use_up_inodes(project.state)
    project.services(TALKER)
    result = project.run("up")
    assert result.returncode == 1, result.stdout + result.stderr
    said = " ".join(result.stderr.split())
    assert "where no more files can be made" in said and "XDG_STATE_HOME" in said
    assert str(project.state) in said
    project.assert_nothing_left()
    for path in taken:
        path.unlink()
    project.write("quiet", "")
    up = project.start("up")
    up.wait_for("Ready in")
    up.signal(signal.SIGINT)
    assert up.wait() == 130


def test_a_disk_that_fills_while_the_stack_runs(small_disk):
    project = small_disk
    project.services(TALKER)
    result = project.run("up", "-d", "-q")
    assert result.returncode == 0, result.stdout + result.stderr
    fill(project.state)
    wait_until(lambda: project.json("ps")["problem"], "the stack's problem")
    document = project.json("ps")
    assert "No space left on device" in document["problem"]
    assert [one["state"] for one in document["services"]] == ["running", "running"]
    assert "No space left on device" in project.run("ps").stdout + project.run("ps").stderr
    project.write("quiet", "")
    down = project.run("down")
    assert down.returncode == 0, down.stdout + down.stderr
    project.assert_nothing_left()


def test_a_full_run_time_folder(project):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "none", project.runtime], check=True)
    try:
        filler = fill(project.runtime)
        project.services("name: shop\nservices: {api: {run: exec sleep 3600}}\n")
        result = project.run("up")
        assert result.returncode == 1, result.stdout + result.stderr
        said = " ".join(result.stderr.split())
        assert "where only 0 KiB are free" in said and "XDG_RUNTIME_DIR" in said
        filler.unlink()
        project.assert_nothing_left()
    finally:
        subprocess.run(["umount", "--lazy", project.runtime], check=True)
