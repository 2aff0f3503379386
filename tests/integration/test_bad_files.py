"""A services.yaml that is wrong: every fault at its place, all together, exit code 3, and nothing
started, whatever the verb."""

import json

import pytest

VERBS = [("up",), ("up", "-d"), ("check",), ("config",)]


def lines(result):
    return [line for line in result.stderr.splitlines() if ": error:" in line]


@pytest.fixture
def wrong(project):
    """Writes a file and gives the faults that every verb agrees on."""

    def write(text):
        project.services(text)
        told = []
        for verb in VERBS:
            result = project.run(*verb)
            assert result.returncode == 3, (verb, result.stdout, result.stderr)
            assert not result.stdout, verb
            assert not project.processes()
            assert not list(project.state.rglob("*")), "nothing was started, so nothing was logged"
            told.append(lines(result))
        assert all(one == told[0] for one in told)
        return told[0]

    return write


def test_no_yaml(wrong):
    (fault,) = wrong("name: shop\nservices:\n  db: [\n")
    assert fault.startswith("services.yaml:")


def test_a_tab(wrong):
    (fault,) = wrong("name: shop\nservices:\n\tdb: {run: x}\n")
    assert fault.startswith("services.yaml:3:1: error:")


def test_an_empty_file(wrong):
    assert len(wrong("")) >= 1


def test_binary_noise(wrong, project):
    (project.folder / "services.yaml").write_bytes(bytes(range(256)) * 8)
    result = project.run("up")
    assert result.returncode == 3
    assert "services.yaml:" in result.stderr


def test_an_unknown_key_names_the_nearest(wrong):
    (fault,) = wrong("name: shop\nservices:\n  api:\n    run: x\n    prot: 8000\n")
    assert fault.startswith("services.yaml:5:5: error:")
    assert "prot" in fault and "port" in fault


def test_a_cycle_is_shown_whole(wrong):
    (fault,) = wrong(
        """
        name: shop
        services:
          one: {run: x, depends_on: [two]}
          two: {run: x, depends_on: [three]}
          three: {run: x, depends_on: [one]}
        """
    )
    assert all(name in fault for name in ("one", "two", "three"))
    assert fault.startswith("services.yaml:")


def test_one_that_needs_itself(wrong):
    (fault,) = wrong("name: shop\nservices:\n  one: {run: x, depends_on: [one]}\n")
    assert "one" in fault


def test_an_unknown_dependency(wrong):
    (fault,) = wrong("name: shop\nservices:\n  api: {run: x, depends_on: [dbb]}\n  db: {run: y}\n")
    assert fault.startswith("services.yaml:3:")
    assert "dbb" in fault and "did you mean" in fault


def test_an_unknown_reference(wrong):
    (fault,) = wrong(
        "name: shop\nservices:\n  db: {run: x, port: 5432}\n"
        "  api: {run: x, environment: {URL: '${bd.url}'}}\n"
    )
    assert fault.startswith("services.yaml:4:")
    assert "bd" in fault


def test_an_unset_variable(wrong):
    (fault,) = wrong("name: shop\nservices:\n  api: {run: x, environment: {A: '${NOT_SET_HERE}'}}\n")
    assert "NOT_SET_HERE" in fault


def test_two_kinds(wrong):
    (fault,) = wrong("name: shop\nservices:\n  api: {run: x, image: y}\n")
    assert "run" in fault and "image" in fault


def test_a_secret_on_a_command_line(wrong):
    (fault,) = wrong(
        "name: shop\nsecrets: {key: {generate: {length: 20}}}\n"
        "services:\n  api: {run: 'server ${secrets.key}'}\n"
    )
    assert fault.startswith("services.yaml:4:")


def test_a_secret_in_a_bundle(wrong):
    (fault,) = wrong(
        "name: shop\nsecrets: {key: {generate: {length: 20}}}\n"
        "services:\n  web: {run: x, environment: {VITE_KEY: '${secrets.key}'}}\n"
    )
    assert "VITE_" in fault


def test_all_faults_come_together(wrong):
    faults = wrong(
        """
        name: Shop!
        services:
          api:
            run: x
            port: 99999
            prot: 1
            depends_on: [nobody]
          two: {}
        """
    )
    places = [int(fault.split(":")[1]) for fault in faults]
    assert places == sorted(places)
    assert {2, 6, 7, 8, 9} <= set(places)


def test_no_file_at_all(project):
    for verb in VERBS:
        result = project.run(*verb)
        assert result.returncode == 3, (verb, result.stderr)
        assert "services.yaml" in result.stderr


def test_a_file_that_cannot_be_read(project):
    (project.folder / "services.yaml").mkdir()
    result = project.run("up", "-f", project.folder / "services.yaml")
    assert result.returncode in (2, 3), result.stderr


def test_an_unknown_environment(project):
    project.services("name: shop\nservices: {api: {run: x}}\nenvironments: {staging: {}}\n")
    result = project.run("--env", "stagin", "up")
    assert result.returncode == 3, result.stderr
    assert "stagin" in result.stderr and "did you mean" in result.stderr


def test_faults_as_json(project):
    project.services("name: shop\nservices:\n  api: {run: x, prot: 1}\n")
    result = project.run("--json", "check")
    assert result.returncode == 3
    document = json.loads(result.stdout)
    assert "prot" in json.dumps(document)


def test_a_file_that_becomes_wrong_while_the_stack_runs(project):
    """What runs can still be seen and stopped."""
    project.services("name: shop\nservices: {one: {run: exec sleep 3600}}\n")
    assert project.run("up", "-d").returncode == 0
    project.services("name: shop\nservices: {one: {rum: exec sleep 3600}}\n")
    assert project.json("ps")["services"][0]["state"] == "running"
    assert project.run("up", "-d").returncode == 3
    assert project.json("ps")["services"][0]["state"] == "running"
    assert project.run("down").returncode == 0
    project.assert_nothing_left()


def test_an_unknown_service_on_the_command_line(project):
    project.services("name: shop\nservices: {api: {run: x}}\n")
    result = project.run("up", "apy")
    assert result.returncode == 2
    assert "did you mean api" in result.stderr


def test_wrong_usage(project):
    project.services("name: shop\nservices: {api: {run: x}}\n")
    for words in (("upp",), ("up", "--nonsense"), ("up", "--timeout"), ("up", "--timeout", "soon")):
        result = project.run(*words)
        assert result.returncode == 2, (words, result.stderr)
        assert result.stderr and not result.stdout
