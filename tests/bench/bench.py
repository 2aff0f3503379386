#!/usr/bin/env python3
"""How quick devstack is, as ratios against the least that the same work can take, measured side by side.

    scripts/bench [CASE…]      cases: version chain spawn postgres idle

Each case runs both sides alternately and prints the medians and their ratio. Nothing here asserts: the figures
are for people, and for a noisy machine a ratio of medians is what can be compared.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
sys.dont_write_bytecode = True

from devstack import CHECKOUT, Project, binary  # noqa: E402
from waiting import free_port, wait_until  # noqa: E402

LISTENER = Path(binary()).parent / "tests" / "support" / "late-listener"


def clock(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def report(name, ours, least, what):
    a, b = statistics.median(ours), statistics.median(least)
    print(f"{name:10} {a * 1000:9.1f} ms   {what} {b * 1000:9.1f} ms   ratio {a / b:5.2f}   (n={len(ours)})")


def bench_version():
    command = [binary(), "version"]
    quiet = {"stdout": subprocess.DEVNULL}
    ours, least = [], []
    for _ in range(200):
        ours.append(clock(lambda: subprocess.run(command, check=True, **quiet)))
        least.append(clock(lambda: subprocess.run(["/bin/true"], check=True, **quiet)))
    report("version", ours, least, "/bin/true")


def ready_after(project):
    """Starts the stack, and gives its picture once it is ready; it is stopped again."""
    up = project.run("up", "-d", "-q")
    assert up.returncode == 0, up.stderr
    stack = project.json("ps")
    project.run("down", "-q")
    return stack


def bench_chain(length=20, delay=50):
    ports = [free_port() for _ in range(length)]
    project = Project()
    lines = ["name: chain", "services:"]
    for index, port in enumerate(ports):
        after = f"\n    depends_on: [s{index - 1}]" if index else ""
        lines.append(f"  s{index}:\n    run: [{LISTENER}, '{delay}', '{port}']\n    port: {port}{after}")
    (project.folder / "services.yaml").write_text("\n".join(lines) + "\n")

    def by_hand():
        started = []
        for port in ports:
            started.append(subprocess.Popen([LISTENER, str(delay), str(port)]))
            while not accepts(port):
                time.sleep(0.001)
        for one in started:
            one.kill()
            one.wait()

    ours, least = [], []
    for _ in range(5):
        ours.append(ready_after(project)["ready_after_ns"] / 1e9)
        least.append(clock(by_hand))
    report("chain", ours, least, f"{length} x {delay} ms by hand, polled each ms")
    project.close()


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def bench_spawn(count=50):
    project = Project()
    lines = ["name: many", "services:"]
    lines += [f"  s{index}: {{run: [sleep, '3600']}}" for index in range(count)]
    (project.folder / "services.yaml").write_text("\n".join(lines) + "\n")

    def by_hand():
        started = [subprocess.Popen(["sleep", "3600"]) for _ in range(count)]
        least.append(time.monotonic() - began)
        for one in started:
            one.kill()
            one.wait()

    ours, least = [], []
    for _ in range(5):
        stack = ready_after(project)
        last = max(service["started_at"] for service in stack["services"])
        ours.append((last - stack["started_at"]) / 1e9)
        began = time.monotonic()
        by_hand()
    report("spawn", ours, least, f"{count} by hand")
    project.close()


def bench_postgres():
    """A full volume: devstack's ready against `docker run` and psql in a loop without pause."""
    project = Project()
    port = free_port()
    project.services(
        f"""
        name: pg
        secrets: {{db_password: {{generate: {{length: 16}}}}}}
        services:
          db:
            postgres: {{version: 17, database: app, user: app, password: "${{secrets.db_password}}"}}
            port: {port}
        """
    )
    ready_after(project)  # fills the volume
    secret = "bench-password"
    volume = "devstack-bench-pg"
    run = ["docker", "run", "-d", "--rm", "-e", f"POSTGRES_PASSWORD={secret}", "-e", "POSTGRES_USER=app",
           "-e", "POSTGRES_DB=app", "-p", f"127.0.0.1:{port}:5432", "-v", f"{volume}:/var/lib/postgresql/data",
           "postgres:17"]  # fmt: skip
    psql = ["psql", "-qtA", f"postgresql://app:{secret}@127.0.0.1:{port}/app", "-c", "select 1"]

    def by_hand():
        name = subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()
        while subprocess.run(psql, capture_output=True).returncode != 0:
            pass
        return name

    def end(name):
        subprocess.run(["docker", "stop", name], check=True, capture_output=True)
        # `--rm` removes it a moment after the stop.
        wait_until(
            lambda: subprocess.run(["docker", "inspect", name], capture_output=True).returncode != 0,
            "the container to be gone",
        )

    end(by_hand())
    ours, least = [], []
    for _ in range(7):
        ours.append(ready_after(project)["ready_after_ns"] / 1e9)
        began = time.monotonic()
        name = by_hand()
        least.append(time.monotonic() - began)
        end(name)
    report("postgres", ours, least, "docker run + psql loop")
    subprocess.run(["docker", "volume", "rm", volume], check=True, capture_output=True)
    project.close()


def cpu_seconds(pid):
    """Time on a core, all threads, to the nanosecond (the first field of schedstat)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def private_kib(pid):
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_"))


def bench_idle(seconds=20):
    """The orchestrator beside the demo stack, when nothing happens."""
    project = Project()
    project.env["DEVSTACK_SECRET_DB_PASSWORD"] = "bench-password"
    shop = ["-C", str(CHECKOUT), "--instance", "bench"]
    try:
        assert project.run(*shop, "up", "-d", "-q").returncode == 0
        orchestrator = next(p.pid for p in project.processes() if "orchestrator" in p.command)
        before = cpu_seconds(orchestrator)
        time.sleep(seconds)
        share = (cpu_seconds(orchestrator) - before) / seconds
        print(f"{'idle':10} {private_kib(orchestrator) / 1024:9.1f} MiB private   {share:.3%} of a core over {seconds} s")
    finally:
        project.run(*shop, "down", "-q", "--volumes", "--yes")
        project.close()


CASES = {"version": bench_version, "chain": bench_chain, "spawn": bench_spawn,
         "postgres": bench_postgres, "idle": bench_idle}  # fmt: skip

for case in sys.argv[1:] or CASES:
    CASES[case]()
