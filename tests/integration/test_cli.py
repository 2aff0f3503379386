"""The verbs that need no running stack, wrong usage, and exit codes."""

import json
import re

import pytest

GOOD = """
    name: demo
    secrets:
      token: {generate: {length: 20}}
    services:
      api:
        run: sleep 1000
        environment: {TOKEN: "${secrets.token}"}
      job:
        task: "true"
    """

BAD = """
    name: demo
    services:
      api:
        run: sleep 1000
        depend_on: [db]
        prot: 80
    """


def test_version(project):
    assert re.fullmatch(r"devstack \d+\.\d+\.\d+\n", project.run("version").stdout)
    assert project.run("--version").stdout == project.run("version").stdout
    assert set(project.json("version")) == {"version"}


def test_help_names_every_verb_that_is_not_hidden(project):
    text = project.run("help").stdout
    for verb in ("check", "config", "doctor", "down", "help", "ps", "schema", "up", "version"):
        assert f"\n  {verb} " in text
        page = project.run("help", verb)
        assert page.returncode == 0
        assert page.stdout.startswith(f"devstack {verb}: ")
        assert project.run(verb, "--help").stdout == page.stdout
    assert "orchestrator" not in text and "sweep" not in text


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ([], "", ""),
        (["chekc"], 'there is no verb "chekc"', "did you mean check?"),
        (["help", "orchestrator"], 'there is no verb "orchestrator"', ""),
        (["up", "--timout", "3s"], "there is no flag --timout", "did you mean --timeout?"),
        (["ps", "--volumes"], "ps takes no --volumes", ""),
        (["up", "--timeout", "soon"], "--timeout", ""),
        (["config", "--format", "toml"], "yaml or json", ""),
        (["-C", "/nowhere", "check"], "/nowhere", ""),
    ],
)
def test_wrong_usage(project, arguments, message, hint):
    project.services(GOOD)
    result = project.run(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert message in result.stderr and hint in result.stderr


def test_check(project):
    project.services(GOOD)
    assert project.run("check").stdout == "services.yaml: ok (2 services)\n"
    assert project.json("check") == {"valid": True, "faults": []}
    below = project.folder / "a" / "b"
    below.mkdir(parents=True)
    assert project.run("check", cwd=below).returncode == 0
    assert project.run("-C", project.folder, "check", cwd="/").returncode == 0
    assert project.run("-f", project.folder / "services.yaml", "check", cwd="/").returncode == 0


def test_check_tells_all_faults_at_once(project):
    project.services(BAD)
    result = project.run("check")
    assert result.returncode == 3
    assert result.stdout == ""
    assert re.search(r"services\.yaml:6:\d+: error: .*depend_on", result.stderr)
    assert re.search(r"services\.yaml:7:\d+: error: .*prot", result.stderr)
    as_json = project.run("check", "--json")
    answer = json.loads(as_json.stdout)
    assert as_json.returncode == 3 and not answer["valid"]
    assert [fault["line"] for fault in answer["faults"]] == [6, 7]
    for verb in (["config"], ["up"]):
        assert project.run(*verb).returncode == 3


def test_without_a_file(project):
    for verb in ("check", "config", "ps", "down", "up"):
        result = project.run(verb)
        assert result.returncode == 3, verb
        assert "services.yaml" in result.stderr


def test_config_and_schema(project):
    project.services(GOOD)
    text = project.run("config").stdout
    assert "demo" in text and "api" in text
    assert json.loads(project.run("config", "--format", "json").stdout)["name"] == "demo"
    assert project.json("config")["name"] == "demo"
    schema = json.loads(project.run("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/draft/2020-12")


def test_what_does_not_run_is_no_error_for_down_but_for_ps(project):
    project.services(GOOD)
    ps = project.run("ps")
    assert ps.returncode == 9
    assert "is not running" in ps.stderr and "devstack up" in ps.stderr
    down = project.run("down")
    assert down.returncode == 0
    assert "is not running" in down.stdout
    assert project.json("down") == {"was_running": False}


def test_doctor_looks_at_machine_and_project(project):
    project.services(
        """
        name: demo
        services:
          api: {run: [no-such-command-here]}
        """
    )
    result = project.run("doctor")
    assert result.returncode == 5
    assert "keyring" in result.stdout
    assert "1 thing to fix before demo can start:" in result.stdout
    assert "no-such-command-here" in result.stdout
    answer = json.loads(project.run("--json", "doctor").stdout)
    assert [problem["code"] for problem in answer["problems"]] == [5]
    (project.folder / "services.yaml").unlink()
    assert project.run("doctor").returncode == 0


def test_a_full_disk_is_told(project):
    import subprocess

    from devstack import binary

    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [binary(), "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert result.returncode == 1
    assert "No space left" in result.stderr
