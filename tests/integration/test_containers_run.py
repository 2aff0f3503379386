"""A container as a service: its two outputs told apart, health through its published port, its end."""

import signal

from waiting import wait_until

WEB = """
    name: shop
    services:
      web:
        image: devstack-test/busybox:1
        command:
          - sh
          - -c
          - |
            trap 'echo going; exit' TERM
            echo to out; echo to err >&2; printf unterminated
            mkdir /www; echo fine >/www/index.html
            httpd -f -p 8080 -h /www & wait
        ports: {http: {container: 8080, host: auto}}
        healthcheck: {http: /}
      reader:
        run: python3 -c "import urllib.request, os; print(urllib.request.urlopen(os.environ['WEB_URL']).read().decode())"; exec sleep 3600
        depends_on: [web]
"""


def stored(project, name):
    """(stream, text) of each stored line; an unterminated piece is joined with what follows."""
    lines, parts = [], {}
    for path in sorted(project.state.rglob(f"{name}.log")):
        for line in path.read_bytes().splitlines():
            _, stream, tag, text = line.split(b" ", 3)
            parts[stream] = parts.get(stream, b"") + text
            if tag == b"F":
                lines.append((stream.decode(), parts.pop(stream).decode()))
    return lines + [(stream.decode(), text.decode()) for stream, text in parts.items()]


def test_output_health_and_end(project):
    project.services(WEB)
    up = project.start("up")
    up.wait_for("Ready in")
    up.wait_for("reader +│ fine")
    (container,) = project.containers()
    (port,) = [one for one in container["Ports"] if one["PrivatePort"] == 8080]
    assert port["IP"] == "127.0.0.1"
    up.signal(signal.SIGINT)
    assert up.wait() == 130
    lines = stored(project, "web")
    assert ("stdout", "to out") in lines and ("stderr", "to err") in lines
    assert "unterminated" in "".join(text for _, text in lines)
    assert any("going" in text for _, text in lines)
    project.assert_nothing_left()


def test_one_that_is_removed_behind_our_back_is_started_again(project):
    project.services(WEB)
    assert project.run("up", "-d").returncode == 0
    (old,) = project.containers()
    project.engine.remove(old["Id"])

    def renewed():
        web = project.json("ps")["services"][0]
        return web["state"] == "healthy" and web["container"] != old["Id"]

    wait_until(renewed, "another container", 20)
    assert project.run("down").returncode == 0
    project.assert_nothing_left()
