"""Whatever a service writes is stored byte for byte: noise, very long lines, the last one too."""

import random
import re
import signal

LINE = re.compile(rb"(\S+) (stdout|stderr) ([PF]) (.*)\Z", re.S)


def stored(project, name):
    """The bytes of a service's outputs, put together from the CRI lines of its files."""
    output = {b"stdout": b"", b"stderr": b""}
    for path in sorted(project.state.rglob(f"{name}.log*")):
        for line in path.read_bytes().split(b"\n"):
            match = LINE.match(line)
            if match:
                _, stream, tag, text = match.groups()
                output[stream] += text + (b"\n" if tag == b"F" else b"")
    return output[b"stdout"], output[b"stderr"]


def run(project, content, tail=""):
    (project.folder / "content").write_bytes(content)
    project.services(f"name: shop\nservices: {{noisy: {{task: 'cat content{tail}'}}}}\n")
    assert project.run("up", "-d", "-q").returncode == 0
    assert project.run("down").returncode == 0
    return stored(project, "noisy")


def test_binary_noise(project):
    noise = random.Random(7).randbytes(300_000).replace(b"\r\n", b"\n") + b"\n"
    out, err = run(project, noise)
    assert out == noise
    assert err == b""


def test_a_line_of_many_megabytes(project):
    line = b"".join(b"%07d " % number for number in range(600_000)) + b"\n"
    out, _ = run(project, b"before\n" + line + b"after\n")
    assert out == b"before\n" + line + b"after\n"


def test_an_unterminated_last_line(project):
    out, _ = run(project, b"first\nno end")
    assert out.rstrip(b"\n") == b"first\nno end"


def test_both_outputs(project):
    out, err = run(project, b"words\n" * 1000, tail="; cat content >&2")
    assert out == err == b"words\n" * 1000


def test_many_lines_at_once(project):
    content = b"".join(b"line %d\n" % number for number in range(200_000))
    out, _ = run(project, content)
    assert out == content


def test_a_line_written_while_stopping(project):
    project.services(
        "name: shop\nservices: {one: {run: \"trap 'printf bye; exit' TERM; echo up; "
        'while :; do sleep 0.02; done"}}\n'
    )
    up = project.start("up")
    up.wait_for("│ up")
    up.signal(signal.SIGTERM)
    assert up.wait() == 143
    assert stored(project, "one")[0].rstrip(b"\n") == b"up\nbye"
