"""Nothing left behind: hostile services and a container, killed at random moments from every side.

The seed is printed; DEVSTACK_TEST_SEED repeats a run.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

import census
from waiting import wait_until

HOSTILE = Path(__file__).resolve().parents[1] / "support" / "hostile.py"
SEED = int(os.environ.get("DEVSTACK_TEST_SEED", random.randrange(1 << 32)))


def hostile(project, *behaviours):
    words = ["/usr/bin/python3", str(HOSTILE), str(project.root), *behaviours]
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


@pytest.fixture
def stack(project):
    project.services(
        f"""
        name: hostile
        services:
          plain:
            run: {hostile(project)}
            stop_grace_period: 200ms
          deaf:
            run: {hostile(project, "deaf", "orphan")}
            stop_grace_period: 200ms
          daemon:
            run: {hostile(project, "daemon", "orphan", "deaf")}
            stop_grace_period: 200ms
          bare:
            run: {hostile(project, "bare", "daemon", "orphan")}
            stop_grace_period: 200ms
          busy:
            run: {hostile(project, "deaf", "busy")}
            depends_on: [plain]
            stop_grace_period: 200ms
          box:
            image: devstack-test/busybox:1
            command: [sleep, "3600"]
            stop_grace_period: 200ms
        """
    )
    return project


def find(project, word, deadline=10.0):
    """The pid of devstack's own process of this project with `word` in its command line."""

    def look():
        for process in project.processes():
            if word in process.command and str(HOSTILE) not in process.command:
                return process.pid
        return None

    return wait_until(look, f"a process with {word!r}", deadline, pause=0.002)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def rounds(count):
    """A seeded generator of random moments, from the very start to well after all is up."""
    chooser = random.Random(SEED)
    print(f"seed {SEED}", file=sys.stderr)
    for _ in range(count):
        yield chooser, chooser.choice([chooser.uniform(0, 0.25), chooser.uniform(0, 1.2)])


def test_sigkill_of_the_orchestrator(stack):
    for _, moment in rounds(50):
        up = stack.start("up")
        orchestrator = find(stack, "orchestrator")
        time.sleep(moment)
        kill(orchestrator)
        stack_is_gone(stack, up)


def test_sigkill_of_the_client(stack):
    for _, moment in rounds(20):
        up = stack.start("up")
        find(stack, "orchestrator")
        time.sleep(moment)
        kill(up.pid)
        stack_is_gone(stack, up)


def test_sigkill_of_a_supervisor(stack):
    """Its service is started again; nothing of the old one stays, and nothing of the whole."""
    up = stack.start("up")
    up.wait_for("Ready in")
    orchestrator = find(stack, "orchestrator")
    for chooser, moment in rounds(20):
        time.sleep(moment)
        supervisors = wait_until(lambda: supervisors_of(orchestrator), "a supervisor")
        victim = chooser.choice(supervisors)
        below = census.descendants(victim)
        kill(victim)
        wait_until(
            lambda: not [p for p in below if alive(p)],  # noqa: B023
            "the end of what the supervisor had below it", 2.0,
        )  # fmt: skip
    up.signal(signal.SIGTERM)
    assert up.wait() == 143
    stack.assert_nothing_left()


def test_sigkill_of_the_guardian(stack):
    up = stack.start("up")
    up.wait_for("Ready in")
    orchestrator = find(stack, "orchestrator")
    guardians = [p.pid for p in census.descendants(orchestrator) if comm(p.pid) == "devstack-guard"]
    assert len(guardians) == 1
    kill(guardians[0])
    stack_is_gone(stack, up)


def test_sigkill_of_everything_at_once_is_swept_by_the_next_start(stack):
    up = stack.start("up")
    up.wait_for("Ready in")
    orchestrator = find(stack, "orchestrator")
    ours = [p.pid for p in census.descendants(orchestrator) if comm(p.pid).startswith("devstack-")]
    for pid in [orchestrator, *ours]:
        os.kill(pid, signal.SIGSTOP)  # so that none can act on the others' deaths
    for pid in [orchestrator, *ours]:
        kill(pid)
    up.wait()
    for process in stack.processes():
        kill(process.pid)  # what nobody was left to kill; the container is there still
    assert stack.containers()
    again = stack.start("up")
    again.wait_for("Ready in")
    assert len(stack.containers()) == 1
    again.signal(signal.SIGINT)
    assert again.wait() == 130
    stack.assert_nothing_left()


def stack_is_gone(project, up):
    project.assert_nothing_left(2.0)
    up.wait()


def comm(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def supervisors_of(orchestrator):
    return [p.pid for p in census.descendants(orchestrator) if comm(p.pid) == "devstack-sup"]


def alive(process):
    now = census.process(process.pid)
    return now is not None and now.began == process.began and not now.is_zombie
