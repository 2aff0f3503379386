"""scripts/check-layers: the project keeps its layers, and each way to break them is caught."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKER = ROOT / "scripts" / "check-layers"


def check(folder):
    return subprocess.run([CHECKER, folder], capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path):
    """A function that writes files into a small project and checks it."""
    good = {
        "include/devstack/base/text.h": "#include <stddef.h>\n",
        "include/devstack/loop/http.h": '#include <uv.h>\n#include "devstack/base/text.h"\n',
        "include/devstack/stack.h": '#include "devstack/logs/store.h"\n',
        "include/devstack/logs/store.h": "",
        "orchestrator/base/text.c": '#include "devstack/base/text.h"\n#include <string.h>\n',
        "orchestrator/logs/store.c": '#include "ring.h"\n#include "devstack/loop/http.h"\n',
        "orchestrator/logs/ring.h": "",
        "orchestrator/loop/guardian.c": '#include "guardian/protocol.h"\n',
        "orchestrator/guardian/protocol.h": "#include <stdint.h>\n",
        "dashboard/server/routes.c": '#include <microhttpd.h>\n#include "devstack/stack.h"\n',
    }

    def write_and_check(files):
        for name, text in {**good, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check(tmp_path)

    return write_and_check


def test_the_project_keeps_its_layers():
    result = check(ROOT)
    assert result.stdout + result.stderr == ""
    assert result.returncode == 0


def test_a_tree_that_keeps_the_rules_passes(tree):
    result = tree({})
    assert result.stdout + result.stderr == ""
    assert result.returncode == 0


@pytest.mark.parametrize(
    ("name", "include", "reason"),
    [
        ("orchestrator/loop/up.c", '"devstack/logs/store.h"', "loop may use base"),
        ("orchestrator/logs/side.c", '"devstack/docker/engine.h"', "logs may use base, loop"),
        ("orchestrator/base/up.c", '"devstack/loop/http.h"', "base may use no other room"),
        ("orchestrator/guardian/x.c", '"devstack/base/text.h"', "guardian may use no other room"),
        ("orchestrator/service/x.c", "<devstack/stack.h>", "service may use base"),
        ("include/devstack/base/up.h", '"devstack/loop/http.h"', "base may use no other room"),
        ("include/devstack/logs/own.h", '"ring.h"', "a contract may include contracts"),
        ("orchestrator/loop/peek.c", '"../logs/ring.h"', "another room's own header"),
        ("orchestrator/logs/peek.c", '"guardian/protocol.h"', "no such header of its own"),
        ("orchestrator/loop/lost.c", '"ring.h"', "no such header of its own"),
        ("orchestrator/loop/typing.c", '"devstack/lops/x.h"', "there is no room lops"),
        ("dashboard/server/peek.c", '"devstack/loop/http.h"', "server may use base, logs, stack"),
        ("orchestrator/base/loop.c", "<uv.h>", "may use that library"),
        ("orchestrator/docker/get.c", "<curl/curl.h>", "only loop may use that library"),
        ("orchestrator/stack/key.c", "<libsecret/secret.h>", "only secrets may use that library"),
        ("orchestrator/cli/serve.c", "<microhttpd.h>", "only server may use that library"),
        ("orchestrator/logs/hidden.c", "HEADER", "a header that is named"),
    ],
)
def test_a_violation_is_named(tree, name, include, reason):
    result = tree({name: f"/* one */\n#  include {include}\n"})
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"{name}:2: includes {include.strip('<>').strip(chr(34))}: ")
    assert reason in lines[0]


def test_a_room_without_a_layer_is_named(tree):
    result = tree({"orchestrator/attic/box.c": ""})
    assert result.returncode == 1
    assert "the room attic is in no layer" in result.stdout


def test_a_generated_header_is_named_in_the_build_file(tree):
    include = '#include "image.h"\n'
    assert tree({"orchestrator/loop/image.c": include}).returncode == 1
    build = "custom_target('image', output: 'image.h')\n"
    result = tree({"orchestrator/loop/image.c": include, "orchestrator/loop/meson.build": build})
    assert result.returncode == 0


def test_an_empty_tree_is_no_success(tmp_path):
    assert check(tmp_path).returncode == 2
