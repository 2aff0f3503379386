"""Processes and tasks as a user runs them: ports, variables, folders, tasks, crashes, second starts."""

import re
import signal
import subprocess


from waiting import free_port, wait_until

SERVER = "exec python3 -m http.server --bind 127.0.0.1 $PORT"


def services(project):
    return {one["name"]: one for one in project.json("ps")["services"]}


def environment(project, name):
    """What a service wrote to NAME.env; one without a health check may not have come to it when `up -d` returns."""
    path = project.folder / f"{name}.env"
    text = wait_until(lambda: path.exists() and path.read_text(), f"{name}'s environment")
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_what_a_process_finds(project):
    (project.folder / "sub").mkdir()
    port = free_port()
    project.services(
        f"""
        name: shop
        services:
          api:
            run: env >api.part; mv api.part api.env; {SERVER}
            port: {port}
            environment: {{MODE: "it's ${{stack.name}}", AT: "${{api.port}}"}}
          two:
            run: pwd >../two.pwd; env >../two.part; mv ../two.part ../two.env; exec sleep 3600
            working_dir: sub
            ports: {{http: auto, metrics: auto}}
            healthcheck: {{disable: true}}
            depends_on: [api]
          bad-name.x:
            run: env >x.part; mv x.part x.env; exec sleep 3600
            depends_on: [two]
        """.replace("bad-name.x", "bad-name")
    )
    result = project.run("up", "-d", env={"FROM_SHELL": "yes", "DEVSTACK_SECRET_X": "hidden-hidden"})
    assert result.returncode == 0, result.stdout + result.stderr
    found = services(project)
    ports = found["two"]["ports"]
    assert len({port, *ports.values()}) == 3
    api = environment(project, "api")
    assert api["PORT"] == api["AT"] == str(port)
    assert api["MODE"] == "it's shop"
    assert api["FROM_SHELL"] == "yes"
    assert (api["DEVSTACK_SERVICE"], api["DEVSTACK_ENVIRONMENT"]) == ("api", "local")
    assert api["DEVSTACK_STACK"] == project.json("ps")["id"]
    assert "DEVSTACK_SECRET_X" not in api
    two = environment(project, "two")
    assert (two["PORT_HTTP"], two["PORT_METRICS"]) == (str(ports["http"]), str(ports["metrics"]))
    assert two["API_URL"] == f"http://127.0.0.1:{port}"
    assert (two["API_HOST"], two["API_PORT"]) == ("127.0.0.1", str(port))
    assert (project.folder / "two.pwd").read_text().strip() == str(project.folder / "sub")
    other = environment(project, "x")
    assert other["TWO_URL"].startswith("http://127.0.0.1:")
    assert "API_URL" not in other
    assert project.run("down").returncode == 0


def test_auto_ports_are_the_same_again(project):
    project.services(f"name: shop\nservices: {{api: {{run: '{SERVER}', port: auto}}}}\n")
    assert project.run("up", "-d").returncode == 0
    first = services(project)["api"]["ports"]
    assert project.run("down").returncode == 0
    assert project.run("up", "-d").returncode == 0
    assert services(project)["api"]["ports"] == first
    assert project.run("down").returncode == 0


def test_a_task_that_fails(project):
    project.services(
        """
        name: shop
        services:
          migrate: {task: "echo no such table >&2; exit 3"}
          api: {run: exec sleep 3600, depends_on: [migrate]}
          beside: {run: exec sleep 3600}
        """
    )
    result = project.run("up", "-d")
    assert result.returncode == 7
    assert "migrate" in result.stdout and "exited with code 3" in result.stdout
    assert "no such table" in result.stdout
    assert re.search("Not ready: .*migrate.*api.*migrate failed", result.stdout)
    found = services(project)
    assert found["migrate"]["state"] == "failed"
    assert found["migrate"]["starts"] == 1
    assert found["api"]["state"] == "waiting"
    assert found["api"]["reason"]["code"] == "dependency_failed"
    assert found["api"]["reason"]["subject"] == "migrate"
    assert found["beside"]["state"] == "running"
    assert project.run("down").returncode == 0


def test_a_crash_loop_backs_off_and_gives_up(project):
    project.services(
        """
        name: shop
        services:
          api:
            run: date +%s%N >>starts; echo cannot open settings >&2; exit 4
            port: auto
            backoff: {initial: 10ms, max: 80ms}
        """
    )
    result = project.run("up", "-d")
    assert result.returncode == 7, result.stdout
    assert "restarting: exited with code 4" in result.stdout
    assert "cannot open settings" in result.stdout
    assert "gave up after 10 starts in a row that never became ready" in result.stdout
    starts = [int(line) for line in (project.folder / "starts").read_text().split()]
    assert len(starts) == 10
    gaps = [after - before for before, after in zip(starts, starts[1:])]
    assert gaps[0] >= 10e6 and gaps[1] >= 20e6 and gaps[2] >= 40e6
    assert all(gap >= 80e6 for gap in gaps[3:])
    api = services(project)["api"]
    assert (api["state"], api["reason"]["code"]) == ("failed", "gave_up")
    assert project.run("down").returncode == 0


def test_a_foreground_up_with_nothing_left_to_run_ends(project):
    project.services("name: shop\nservices: {api: {run: exit 4, restart: no}}\n")
    result = project.run("up")
    assert result.returncode == 7
    assert "exited with code 4" in result.stdout


def test_one_that_never_gets_ready(project):
    project.services(
        """
        name: shop
        services:
          api:
            run: exec sleep 3600
            port: auto
            restart: no
            healthcheck: {start_timeout: 300ms}
        """
    )
    result = project.run("up", "-d")
    assert result.returncode == 7
    assert "not ready within 0.3" in result.stdout or "not ready within 300ms" in result.stdout
    assert project.run("down").returncode == 0


def test_up_gives_up_waiting_after_the_timeout(project):
    project.services("name: shop\nservices: {api: {run: exec sleep 3600, port: auto}}\n")
    result = project.run("up", "-d", "--timeout", "300ms")
    assert result.returncode == 8
    assert "api" in result.stdout and "starting" in result.stdout
    assert project.run("down").returncode == 0


def test_an_unhealthy_one_shows_its_last_answer(project):
    port = free_port()
    project.services(
        f"""
        name: shop
        services:
          api:
            run: exec python3 -m http.server --bind 127.0.0.1 $PORT
            port: {port}
            healthcheck: {{http: /ready, interval: 50ms, retries: 2}}
        """
    )
    project.write("ready", "yes")
    assert project.run("up", "-d").returncode == 0
    (project.folder / "ready").unlink()

    def state(wanted):
        return lambda: (api := services(project)["api"])["state"] == wanted and api

    api = wait_until(state("unhealthy"), "the API to be unhealthy")
    assert "404" in api["reason"]["text"]
    project.write("ready", "yes")
    wait_until(state("healthy"), "the API to be healthy again")
    assert project.run("down").returncode == 0


def test_stopping_in_reverse_order(project):
    """db ends after api, although only a completed task lies between them."""
    trap = "trap 'echo {0} >>../order; exit 0' TERM; echo {0}; while :; do sleep 0.02; done"
    (project.folder / "sub").mkdir()
    project.services(
        f"""
        name: shop
        services:
          db: {{run: "{trap.format("db")}", working_dir: sub}}
          migrate: {{task: "true", depends_on: [db]}}
          api: {{run: "{trap.format("api")}", working_dir: sub, depends_on: [migrate]}}
          gateway: {{run: "{trap.format("gateway")}", working_dir: sub, depends_on: [api]}}
        """
    )
    for end in ("down", signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        (project.folder / "order").unlink(missing_ok=True)
        up = project.start("up")
        up.wait_for("│ gateway")  # its trap is set
        if end == "down":
            assert project.run("down").returncode == 0
            assert up.wait() == 0
        else:
            up.signal(end)
            assert up.wait() == 128 + end
        assert (project.folder / "order").read_text().split() == ["gateway", "api", "db"]
        project.assert_nothing_left()


def test_a_second_interrupt_kills(project):
    project.services(
        """
        name: shop
        services:
          deaf: {run: "trap '' TERM; echo deaf; while :; do sleep 0.02; done"}
        """
    )
    up = project.start("up")
    up.wait_for("Ready in")
    up.signal(signal.SIGINT)
    up.wait_for("Stopping")
    up.signal(signal.SIGINT)
    assert up.wait(5) == 130
    project.assert_nothing_left()


def test_a_second_up_looks_on(project):
    project.services("name: shop\nservices: {api: {run: 'echo here; exec sleep 3600'}}\n")
    assert project.run("up", "-d").returncode == 0
    pid = services(project)["api"]["pid"]
    assert project.run("up", "-d").returncode == 0
    looking = project.start("up")
    looking.wait_for("Ready in|running")
    looking.signal(signal.SIGINT)
    assert looking.wait() == 0
    assert "runs on" in looking.output
    assert services(project)["api"]["pid"] == pid
    assert project.run("down").returncode == 0
    assert project.run("ps").returncode == 9


def test_two_starts_at_once_are_one_stack(project):
    project.services("name: shop\nservices: {api: {run: 'echo >>starts; exec sleep 3600'}}\n")
    both = [project.start("up", "-d") for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0], [one.output for one in both]
    assert (project.folder / "starts").read_text().count("\n") == 1
    assert project.run("down").returncode == 0


def test_a_stranger_who_takes_the_port_at_run_time(project):
    """Our service's own port is answered by somebody else: that is not healthy, and it is named."""
    port = free_port()
    project.services(
        f"""
        name: shop
        services:
          api:
            run: test -e go || exec sleep 3600; {SERVER}
            port: {port}
            healthcheck: {{start_timeout: 20s}}
        """
    )
    up = project.start("up")
    up.wait_for("starting")
    program = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(99)"
    stranger = subprocess.Popen(["python3", "-c", program])
    try:

        def named():
            api = services(project)["api"]
            return str(stranger.pid) in (api["reason"]["text"] or "") and api

        api = wait_until(named, "the stranger to be named")
        assert api["state"] == "starting"
        assert "python3" in api["reason"]["text"]
    finally:
        stranger.kill()
        stranger.wait()
    up.signal(signal.SIGTERM)
    assert up.wait() == 143


def test_a_server_that_goes_to_the_background(project):
    program = (
        "import os, socket, time; s = socket.create_server(('127.0.0.1', int(os.environ['PORT'])));"
        " os.fork() and os._exit(0); os.setsid(); time.sleep(3600)"
    )
    project.services(
        f"""
        name: shop
        services:
          api: {{run: [python3, -c, "{program}"], port: auto, restart: no}}
        """
    )
    result = project.run("up")
    assert "foreground" in result.stdout, result.stdout
    project.assert_nothing_left()


def test_two_folders_side_by_side(project):
    """The same file twice, with ports of its own each, and neither's end touches the other."""
    text = f"name: shop\nservices: {{api: {{run: '{SERVER}', port: auto}}, b: {{run: exec sleep 99}}}}\n"
    for name in ("one", "two"):
        project.write(f"{name}/services.yaml", text)
    one, two = project.folder / "one", project.folder / "two"
    assert project.run("up", "-d", cwd=one).returncode == 0
    assert project.run("up", "-d", cwd=two).returncode == 0
    first, second = project.json("ps", cwd=one), project.json("ps", cwd=two)
    assert first["id"] != second["id"]
    assert first["services"][0]["ports"] != second["services"][0]["ports"]
    assert project.run("down", cwd=one).returncode == 0
    assert project.run("ps", cwd=one).returncode == 9
    after = project.json("ps", cwd=two)
    assert [s["state"] for s in after["services"]] == ["healthy", "running"]
    assert [s["pid"] for s in after["services"]] == [s["pid"] for s in second["services"]]
    assert project.run("down", cwd=two).returncode == 0


def test_an_environment_overlays_the_file(project):
    port = free_port()
    project.services(
        f"""
        name: shop
        services:
          db: {{run: exec sleep 3600}}
          api:
            run: env >api.env; exec sleep 3600
            depends_on: [db]
            environment: {{MODE: plain}}
          payments: {{run: exec sleep 3600}}
        environments:
          staging:
            services:
              db: {{disabled: true}}
              api: {{environment: {{MODE: staged}}}}
              payments: {{external: "http://127.0.0.1:{port}", healthcheck: {{http: /}}}}
        """
    )
    elsewhere = subprocess.Popen(
        ["python3", "-m", "http.server", "--bind", "127.0.0.1", str(port)],
        cwd=project.home, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        local = project.run("up", "-d")
        assert local.returncode == 0, local.stdout + local.stderr
        staging = project.run("--env", "staging", "up", "-d")
        assert staging.returncode == 0, staging.stdout + staging.stderr
        found = {one["name"]: one for one in project.json("--env", "staging", "ps")["services"]}
        assert "db" not in found or found["db"]["state"] == "stopped"
        assert found["payments"]["state"] == "healthy"
        assert found["payments"]["url"] == f"http://127.0.0.1:{port}"
        assert environment(project, "api")["MODE"] == "staged"
        assert environment(project, "api")["DEVSTACK_ENVIRONMENT"] == "staging"
        assert services(project)["db"]["state"] == "running"
        assert project.run("--env", "staging", "down").returncode == 0
        assert services(project)["api"]["state"] == "running"
        assert elsewhere.poll() is None
        assert project.run("down").returncode == 0
    finally:
        elsewhere.kill()
        elsewhere.wait()
