"""`up`, `down` and `ps` on stacks of ordinary processes: signals, terminals, attaching, failing."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from devstack import Background, binary
from screen import Screen
from waiting import free_port, wait_until

UTF8 = {"LC_ALL": "C.UTF-8", "TERM": "xterm"}


def web_stack(project):
    """web listens; job runs once after it; tick prints for ever."""
    port = free_port()
    project.services(
        f"""
        name: demo
        services:
          web:
            run: exec {sys.executable} -u -m http.server $PORT --bind 127.0.0.1
            port: {port}
            healthcheck: {{http: /}}
          job:
            task: echo hello from the job
            depends_on: [web]
          tick:
            run: while echo tick; do sleep 0.1; done
            depends_on: [job]
        """
    )
    return port


def on_terminal(project, *arguments, size=(24, 100), env=None):
    one = Background(
        [binary(), *arguments], {**project.env, **UTF8, **(env or {})}, project.folder, True, size
    )
    project.backgrounds.append(one)
    return one


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_stops_in_order_and_leaves_nothing(project, number, code):
    web_stack(project)
    up = project.start("up", env={"LC_ALL": "C.UTF-8"})
    up.wait_for(r"Ready in \d")
    up.wait_for(r"tick  │ tick")
    assert "\x1b" not in up.output
    assert re.search(r"^web   ● healthy in .*http://127\.0\.0\.1:\d+$", up.output, re.M)
    assert re.search(r"^job   │ hello from the job$", up.output, re.M)
    up.signal(number)
    assert up.wait() == code
    assert "Everything has stopped." in up.output
    project.assert_nothing_left(0)


def test_a_second_signal_kills_at_once(project):
    project.services(
        """
        name: demo
        services:
          deaf:
            run: "trap '' TERM INT; echo ready to ignore; while :; do sleep 0.1; done"
            stop_grace_period: 10m
        """
    )
    up = project.start("up")
    up.wait_for("ready to ignore")
    up.signal(signal.SIGTERM)
    up.wait_for("Stopping")
    up.signal(signal.SIGTERM)
    assert up.wait() == 143
    project.assert_nothing_left()


@pytest.mark.parametrize("columns", [80, 160, 50])
def test_a_terminal_gets_a_block_and_then_lines(project, columns):
    port = web_stack(project)
    up = on_terminal(project, "up", size=(24, columns))
    up.wait_for(r"Ready in \d")
    up.wait_for("tick\n|tick\r")
    up.write("\x03")
    assert up.wait() == 130
    screen = Screen(columns).feed(up.output)
    assert screen.unknown == []
    lines = screen.text.split("\n")
    assert lines[0] == "demo · local · 3 services"
    assert lines[2].startswith("  ● web   healthy")
    assert lines[3].startswith("  ✓ job   completed")
    assert lines[4].startswith("  ● tick  running")
    assert columns < 80 or f"http://127.0.0.1:{port}" in lines[2]
    assert lines[6].startswith("Ready in ") and "Ctrl-C stops everything." in screen.text
    assert "job   │ hello from the job" in lines
    assert lines[-1] == "Everything has stopped."


def test_colour_is_a_choice(project):
    web_stack(project)
    up = on_terminal(project, "up", env={"NO_COLOR": "1"})
    up.wait_for(r"Ready in \d")
    up.write("\x03")
    up.wait()
    assert not re.search(r"\x1b\[[0-9;]*m", up.output)


def test_what_services_print_does_not_act_on_the_terminal(project):
    project.services(
        r"""
        name: demo
        services:
          rude:
            run: "printf 'a\\033[2Jb\\033]0;title\\007c\\033[31mred\\033[0m\\n'; exec sleep 1000"
        """
    )
    up = on_terminal(project, "up")
    up.wait_for("abc.*red")
    up.write("\x03")
    up.wait()
    screen = Screen(100).feed(up.output)
    assert screen.unknown == []
    assert "rude  │ abcred" in screen.text
    assert "\x1b[31mred" in up.output


def test_detached_then_attached_then_down(project):
    web_stack(project)
    up = project.run("up", "-d")
    assert up.returncode == 0, up.stderr
    assert "Ready in " in up.stdout and "devstack down" in up.stdout
    again = project.run("up", "-d")
    assert again.returncode == 0

    looker = on_terminal(project, "up")
    looker.wait_for("Ctrl-C detaches")
    looker.wait_for("tick")
    looker.write("\x03")
    assert looker.wait() == 0
    assert "runs on" in looker.output

    table = project.run("ps").stdout.splitlines()
    assert table[0].split() == ["NAME", "STATE", "SINCE", "URL", "REASON"]
    assert [line.split()[:2] for line in table[1:]] == [
        ["web", "healthy"], ["job", "completed"], ["tick", "running"],
    ]  # fmt: skip
    assert project.json("ps")["name"] == "demo"

    # A file that was broken meanwhile is no reason to leave the stack running.
    project.write("services.yaml", "name: demo\nservices: [oops\n")
    assert project.run("ps").returncode == 0
    down = project.run("down")
    assert down.returncode == 0, down.stderr
    assert "Everything has stopped." in down.stdout
    project.assert_nothing_left(0)


def test_an_attached_view_ends_with_the_stack(project):
    web_stack(project)
    up = project.start("up")
    up.wait_for(r"Ready in \d")
    looker = project.start("up")
    looker.wait_for("looking on")
    looker.wait_for("tick")
    assert project.run("down").returncode == 0
    assert up.wait() == 0
    assert looker.wait() == 0
    assert "The stack was stopped." in up.output


def test_a_service_that_fails_is_named_with_its_last_lines(project):
    project.services(
        """
        name: demo
        services:
          good: {run: sleep 1000}
          bad:
            run: "echo reading the plan; echo the plan is missing >&2; exit 3"
            restart: no
            port: %d
        """
        % free_port()
    )
    detached = project.run("up", "-d")
    assert detached.returncode == 7
    assert "the plan is missing" in detached.stdout
    assert re.search(r"Not ready: .*bad \(failed", detached.stdout)
    assert project.run("down").returncode == 0

    up = project.start("up")
    up.wait_for("Not ready: ")
    up.wait_for("the plan is missing")
    assert project.run("ps").returncode == 0
    up.signal(signal.SIGINT)
    assert up.wait() == 130


def test_when_nothing_is_left_to_run_up_ends(project):
    project.services("name: demo\nservices:\n  job: {task: echo done}\n")
    up = project.start("up")
    assert up.wait() == 0
    assert "Nothing is left to run." in up.output
    project.services("name: demo\nservices:\n  job: {task: exit 4}\n")
    up = project.start("up")
    assert up.wait() == 7


def ends_at_once(project, rest=""):
    project.services(
        f"""
        name: demo
        services:
          a: {{run: "echo nothing to do; exit 0", port: {free_port()}{rest}}}
          c: {{run: exec sleep 1000, depends_on: [a]}}
        """
    )


def test_one_that_exits_with_success_too_early_has_failed(project):
    ends_at_once(project)
    up = project.run("up", "-d")
    assert up.returncode == 7
    said = "stopped: exited with code 0 before it was ready"
    assert up.stdout.count(said) == 1 and "nothing to do" in up.stdout
    assert re.search(r"Not ready: a \(stopped\), c \(waiting: a failed\)", up.stdout)
    assert project.run("down").returncode == 0
    foreground = project.start("up")
    assert foreground.wait() == 7
    assert "Nothing is left to run." in foreground.output


def test_one_that_a_saved_file_starts_again_is_waited_for(project):
    project.write("plan", "bad")
    project.services(
        """
        name: demo
        services:
          a: {run: "grep good plan && exec sleep 1000", restart: no, watch: [plan]}
        """
    )
    up = project.start("up")
    up.wait_for("failed: exited with code 1")
    up.wait_for("a change of its files starts it again")
    project.write("plan", "good")
    wait_until(lambda: project.json("ps")["services"][0]["state"] == "running", "it to run")
    assert "Nothing is left to run." not in up.output
    up.signal(signal.SIGINT)
    assert up.wait() == 130


def slow_to_end(project):
    project.services(
        """
        name: demo
        services:
          slow:
            run: "trap 'while [ ! -e go ]; do sleep 0.02; done; exit' TERM; echo here;
              while :; do sleep 0.02; done"
            stop_grace_period: 10m
        """
    )


@pytest.mark.parametrize("how", [["-d"], []])
def test_up_waits_for_a_stack_that_is_stopping(project, how):
    slow_to_end(project)
    assert project.run("up", "-d").returncode == 0
    before = project.json("ps")["pid"]
    down = project.start("down")
    wait_until(lambda: project.json("ps")["phase"] == "stopping", "the stack to stop")
    up = project.start("up", *how)
    up.wait_for("is stopping; waiting for its end")
    project.write("go", "")
    assert down.wait() == 0
    up.wait_for(r"Ready in \d")
    assert project.json("ps")["pid"] != before
    if how:
        assert up.wait() == 0
        assert project.run("down").returncode == 0
    else:
        up.signal(signal.SIGINT)
        assert up.wait() == 130


def test_the_wait_for_a_stopping_stack_has_an_end(project):
    slow_to_end(project)
    assert project.run("up", "-d").returncode == 0
    down = project.start("down")
    wait_until(lambda: project.json("ps")["phase"] == "stopping", "the stack to stop")
    assert project.run("up", "-d", "--timeout", "200ms").returncode == 8
    project.write("go", "")
    assert down.wait() == 0


def test_up_after_the_orchestrators_death_starts_anew(project):
    project.services("name: demo\nservices: {a: {run: exec sleep 1000}}\n")
    assert project.run("up", "-d").returncode == 0
    os.kill(project.json("ps")["pid"], signal.SIGKILL)
    up = project.run("up", "-d")
    assert up.returncode == 0, up.stdout + up.stderr
    assert "Ready in " in up.stdout
    assert project.run("down").returncode == 0


def test_interrupting_a_second_detached_up_stops_nothing(project):
    project.services(
        f"""
        name: demo
        services:
          late: {{run: sleep 1000, port: {free_port()}}}
        """
    )
    first = project.start("up", "-d")
    wait_until(lambda: project.run("ps").returncode == 0, "the stack to be there")
    second = project.start("up", "-d")
    second.wait_for("1 service")
    second.signal(signal.SIGINT)
    assert second.wait() == 130
    assert "runs on" in second.output
    assert project.json("ps")["phase"] == "starting"
    first.signal(signal.SIGINT)
    assert first.wait() == 130
    project.assert_nothing_left()


def test_a_detached_up_whose_stack_is_stopped_does_not_claim_success(project):
    project.services(f"name: demo\nservices: {{late: {{run: sleep 1000, port: {free_port()}}}}}\n")
    up = project.start("up", "-d")
    wait_until(lambda: project.run("ps").returncode == 0, "the stack to be there")
    assert project.run("down").returncode == 0
    assert up.wait() == 9


def test_what_is_well_has_no_reason(project):
    project.services("name: demo\nservices: {job: {task: echo done}, a: {run: exec sleep 1000}}\n")
    assert project.run("up", "-d").returncode == 0
    rows = [line.split() for line in project.run("ps").stdout.splitlines()[1:]]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("job", "completed", "-"), ("a", "running", "-"),
    ]  # fmt: skip
    assert project.run("down").returncode == 0


def test_patience_has_an_end(project):
    project.services(
        f"""
        name: demo
        services:
          late: {{run: sleep 1000, port: {free_port()}}}
        """
    )
    up = project.run("up", "-d", "--timeout", "300ms")
    assert up.returncode == 8
    assert re.search(r"Not ready: late \(starting", up.stdout)
    assert project.run("down").returncode == 0
    assert project.start("up", "--timeout", "300ms").wait() == 8
    project.assert_nothing_left(0)


def test_what_is_missing_is_told_together_before_anything_starts(project):
    port = free_port()
    project.services(
        f"""
        name: demo
        services:
          api: {{run: [no-such-command-here], port: {port}}}
          web: {{run: sleep 1000, working_dir: nowhere}}
        """
    )
    up = project.run("up")
    assert up.returncode == 5
    assert "2 things to fix before demo can start:" in up.stderr
    assert "no-such-command-here" in up.stderr and "nowhere" in up.stderr
    assert project.runtime_files() == []


def test_an_unknown_service_is_wrong_usage(project):
    web_stack(project)
    up = project.run("up", "wbe")
    assert up.returncode == 2
    assert "did you mean web?" in up.stderr


def test_the_orchestrators_death_is_told_and_leaves_nothing(project):
    web_stack(project)
    up = project.start("up")
    up.wait_for(r"Ready in \d")
    os.kill(project.json("ps")["pid"], signal.SIGKILL)
    assert up.wait() == 1
    assert "ended unexpectedly" in up.output
    project.assert_nothing_left()


def test_a_reader_that_leaves_stops_the_stack(project):
    web_stack(project)
    pipe = subprocess.Popen(
        [binary(), "up"], env=project.env, cwd=project.folder, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    pipe.stdout.readline()
    pipe.stdout.close()
    assert pipe.wait(30) == 1
    project.assert_nothing_left()


def resident(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


def test_a_reader_that_does_not_read_holds_nothing_up_and_costs_no_memory(project):
    with open(binary(), "rb") as file:
        # A sanitizer keeps a quarter of a gigabyte of what was freed.
        limit = 600000 if b"__asan_init" in file.read() else 40000
    done = project.folder / "done"
    project.services(
        """
        name: demo
        services:
          chatty:
            run: "seq -f 'a line that is long enough to matter %g' 1000000; touch done; sleep 1000"
        """
    )
    silent = subprocess.Popen(
        [binary(), "up"], env=project.env, cwd=project.folder, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(done.exists, "the service to write all its lines", 60)
        assert resident(silent.pid) < limit
        assert resident(project.json("ps")["pid"]) < limit
        # It learns what it missed, and the stack can be stopped while it does not read again.
        text = ""
        while "lines are not shown; all are kept in " not in text:
            text = silent.stdout.readline().decode()
            assert text
        assert project.run("down").returncode == 0
        assert "stopped" in silent.stdout.read().decode()
        assert silent.wait(30) == 0
    finally:
        silent.stdout.close()
        silent.kill()
        silent.wait()


def test_json_is_one_event_a_line(project):
    web_stack(project)
    up = subprocess.Popen(
        [binary(), "--json", "up"], env=project.env, cwd=project.folder, stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    seen = []
    for line in up.stdout:
        seen.append(json.loads(line))
        if seen[-1]["event"] == "log" and seen[-1]["data"]["service"] == "tick":
            up.send_signal(signal.SIGINT)
    assert up.wait(30) == 130
    assert seen[0]["event"] == "stack"
    assert seen[-1]["event"] == "end"
    last = [event["data"] for event in seen if event["event"] == "stack"][-1]
    assert last["phase"] == "stopped"
    assert {one["state"] for one in last["services"]} == {"stopped", "completed"}
    detached = project.json("up", "-d")
    assert detached["phase"] == "ready"
    assert project.json("down") == {"was_running": True}


SECRET_STACK = """
    name: demo
    secrets:
      token: {prompt: The token, generate: {length: 20}}
    services:
      api:
        run: 'test "$TOKEN" = "my very own value" && echo it is the one; sleep 1000'
        environment: {TOKEN: "${secrets.token}"}
    """


def test_a_secret_is_asked_for_once_and_never_shown(project):
    project.services(SECRET_STACK)
    up = on_terminal(project, "up")
    up.wait_for(r"The token \(Enter generates a strong one\): ")
    up.write("my very own value\n")
    up.wait_for("it is the one")
    up.write("\x03")
    assert up.wait() == 130
    assert "my very own value" not in up.output
    again = project.start("up")
    again.wait_for("it is the one")
    assert "The token" not in again.output


def test_only_the_secrets_that_a_start_needs_are_missed(project):
    project.services(
        """
        name: demo
        secrets: {key: {}, other: {}, unused: {}}
        services:
          db: {run: exec sleep 1000, environment: {KEY: "${secrets.key}"}}
          api: {run: exec sleep 1000, depends_on: [db]}
          late: {run: exec sleep 1000, autostart: false, environment: {O: "${secrets.other}"}}
        """
    )
    refused = project.run("up", "-d")
    assert refused.returncode == 4
    assert "'key'" in refused.stderr
    assert "'other'" not in refused.stderr and "'unused'" not in refused.stderr
    refused = project.run("up", "-d", "late")
    assert refused.returncode == 4
    assert "'other'" in refused.stderr and "'key'" not in refused.stderr
    up = project.run("up", "-d", "--no-deps", "api")
    assert up.returncode == 0, up.stderr
    assert project.run("down").returncode == 0


def test_an_interrupted_question_leaves_the_terminal_as_it_was(project):
    import termios

    project.services(SECRET_STACK)
    up = on_terminal(project, "up")
    before = termios.tcgetattr(up._terminal)
    up.wait_for("The token")
    wait_until(lambda: not termios.tcgetattr(up._terminal)[3] & termios.ECHO, "echo to be off")
    up.write("half a sec\x03")
    wait_until(lambda: termios.tcgetattr(up._terminal) == before, "the terminal to be restored")
    assert up.wait() in (130, -signal.SIGINT)
    assert "half a sec" not in up.output
    assert project.runtime_files() == []


def test_secrets_in_the_environment_do_not_reach_processes(project):
    project.services(
        """
        name: demo
        secrets: {token: {}}
        services:
          api:
            run: 'echo "seen ${DEVSTACK_SECRET_TOKEN:-nothing}"; sleep 1000'
        """
    )
    up = project.start("up", env={"DEVSTACK_SECRET_TOKEN": "a value for nobody"})
    up.wait_for("seen nothing")
    pid = project.json("ps")["pid"]
    with open(f"/proc/{pid}/environ", "rb") as file:
        assert b"a value for nobody" not in file.read()
