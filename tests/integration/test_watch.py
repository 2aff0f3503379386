"""`watch:`: a service is restarted when its files change, and a loop is noticed."""

import textwrap

import pytest
from waiting import wait_until

# Says what it serves, then waits to be stopped.
SERVER = """
    import pathlib, signal
    print("serving", pathlib.Path("page.txt").read_text().strip(), flush=True)
    signal.pause()
"""


def system_lines(background, words):
    return [line for line in background.output.splitlines() if words in line]


def replace(project, name, text):
    """Saves as editors do: another file, renamed over the first one."""
    new = project.write(f"{name}.new", text)
    new.rename(project.folder / name)


@pytest.fixture
def server(project):
    project.write("app/server.py", SERVER)
    project.write("app/page.txt", "one")
    project.services("""
        name: watched
        services:
          web:
            run: exec python3 server.py
            working_dir: app
            watch: {paths: [page.txt, src/], ignore: ["*.cache"], debounce: 50ms}
    """)
    up = project.start("up")
    up.wait_for("serving one")
    return up


def test_a_changed_file_restarts_the_service(project, server):
    project.write("app/page.txt", "two")
    server.wait_for("restarting, because page.txt changed")
    server.wait_for("serving two")
    replace(project, "app/page.txt", "three")
    server.wait_for("serving three")


def test_a_folder_that_is_not_there_yet(project, server):
    server.wait_for("app/src is not there yet")
    project.write("app/src/deep/er/module.py", "x = 1")
    server.wait_for("restarting, because src/deep/er/module.py changed")


def test_what_is_left_out_restarts_nothing(project, server):
    project.write("app/.gitignore", "*.log")
    (project.folder / ".git").mkdir()
    project.write("app/src/first.py", "x = 1")
    server.wait_for("because src/first.py changed")
    wait_until(lambda: server.output.count("serving one") == 2, "the restart")
    project.write("app/src/left.cache", "out")
    project.write("app/src/node_modules/left/out.js", "out")
    # This one ends the wait: had the others counted, they would be told before it.
    project.write("app/page.txt", "two")
    server.wait_for("because page.txt changed")
    assert len(system_lines(server, "restarting, because")) == 2, server.output


def test_a_stopped_service_stays_stopped(project, server):
    assert project.run("down").returncode == 0
    server.wait()
    assert not system_lines(server, "restarting"), server.output


def test_a_failed_service_begins_anew(project):
    project.write("main.py", "raise SystemExit(3)")
    project.services("""
        name: watched
        services:
          web:
            run: exec python3 main.py
            restart: "no"
            watch: main.py
          other: # so that there is something left to run
            run: exec sleep 1000
    """)
    up = project.start("up")
    up.wait_for("failed: exited with code 3")
    project.write("main.py", 'import signal; print("up at last", flush=True); signal.pause()')
    up.wait_for("up at last")


def test_a_service_that_writes_what_it_watches(project):
    program = textwrap.dedent("""
        import pathlib, signal
        pathlib.Path("src").mkdir(exist_ok=True)
        pathlib.Path("src/generated.js").write_text("made")
        print("generated", flush=True)
        signal.pause()
    """)
    project.write("src/page.js", "one")
    project.write("main.py", program)
    project.services("""
        name: watched
        services:
          api:
            run: exec python3 main.py
            watch: {paths: [src], debounce: 50ms}
    """)
    up = project.start("up")
    up.wait_for(
        r"api writes src/generated.js, which it watches: not restarting for it any more; "
        r"add it to watch.ignore"
    )
    restarts = len(system_lines(up, "because src/generated.js changed"))
    assert restarts >= 2, up.output  # more on a machine too slow to write at once
    # Other files still count.
    project.write("src/page.js", "two")
    up.wait_for("because src/page.js changed")
    wait_until(lambda: up.output.count("generated\n") == restarts + 2, "the last start")
    assert len(system_lines(up, "because src/generated.js changed")) == restarts


def test_a_service_that_writes_something_else_each_time(project):
    project.write("src/page.js", "one")
    project.services("""
        name: watched
        services:
          api:
            run: date +%s%N > src/stamp; exec sleep 1000
            watch: {paths: [src], debounce: 10ms}
    """)
    up = project.start("up")
    up.wait_for("api writes src/stamp, which it watches")
    assert len(system_lines(up, "because src/stamp changed")) >= 9, up.output


def test_quick_saves_are_no_loop(project, server):
    for number in range(6):
        project.write("app/page.txt", f"edit {number}")
        server.wait_for(f"serving edit {number}")
    assert not system_lines(server, "which it watches"), server.output


def test_only_processes_can_be_watched(project):
    project.services("""
        name: watched
        services:
          once: {task: "true", watch: src}
    """)
    result = project.run("check")
    assert result.returncode == 3
    assert "services.yaml:4:24: error: 'watch' does not belong to a task" in result.stderr
