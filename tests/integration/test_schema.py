"""The JSON Schema and the parser agree on what a file may look like.

A schema sees the shape of a file only. Files whose fault is one of meaning (names, order, secrets,
YAML itself) look right to it; every other wrong file of the corpus must be refused by both. That
the parser refuses all of them is the unit test manifest/faults.
"""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml
from devstack import binary

ROOT = Path(__file__).resolve().parents[2]
FAULTS = ROOT / "tests" / "unit" / "manifest" / "faults"

# Faults that are not of shape.
RIGHT_SHAPE = {
    "alias-bomb",
    "alias-in-itself",
    "backoff-reversed",
    "bool-yes",  # a boolean to YAML 1.1
    "condition-completed-of-a-process",
    "condition-healthy-without-health",
    "config-missing-file",
    "config-unknown",
    "cycle",
    "cycle-of-two-with-a-tail",
    "depends-on-itself",
    "depends-on-unknown",
    "duplicate-key",
    "duplicate-service",
    "environment-changes-unknown-service",
    "environment-unknown",
    "external-not-a-url",
    "health-bad-regex",
    "health-no-port",
    "health-two-kinds",
    "health-unknown-port",
    "image-auto-port",
    "interpolation-dollar",
    "interpolation-required",
    "interpolation-unset",
    "nested-too-deep",
    "port-conflict",
    "port-mapping-bad",
    "postgres-data",
    "postgres-native",
    "postgres-reference-in-password",
    "reference-disabled",
    "reference-field-unknown",
    "reference-has-no-such-thing",
    "reference-in-a-plain-value",
    "reference-port-unknown",
    "reference-unknown",
    "reference-with-default",
    "secret-mode",
    "taint-client-variable",
    "taint-command",
    "taint-label-and-link",
    "working-dir-in-container",
}


@pytest.fixture(scope="module")
def validator():
    schema = json.loads((ROOT / "docs" / "services.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def load(path):
    """The file as another YAML reader sees it, or None when it is no YAML to that one either."""
    try:
        return yaml.safe_load(path.read_bytes())
    except yaml.YAMLError:
        return None


@pytest.mark.parametrize("path", sorted(FAULTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_wrong_files_are_refused_by_their_shape(validator, path):
    data = load(path)
    accepted = data is not None and validator.is_valid(data)
    assert accepted == (path.stem in RIGHT_SHAPE)


def documented():
    """The whole files among the examples of the guide."""
    text = (ROOT / "docs" / "services-yaml.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for block in blocks if block.startswith("name:")]


def test_the_guide_shows_whole_files():
    assert documented()


SERVICES = [
    {"run": "serve $PORT", "port": "${NONE:-auto}", "restart": "no"},
    {"run": ["serve", 1], "ports": {"http": 8000, "metrics": "auto"}},
    {"task": "migrate", "depends_on": {"other": {"condition": "service_healthy"}}},
    {"image": "x", "ports": ["8080:80"], "volumes": ["a:/a:ro"], "mem_limit": "512m"},
    {"image": "x", "ports": {"sql": {"container": 5432, "host": "auto"}}, "cpus": 0.5},
    {"image": "x", "secrets": [{"source": "p", "mode": "0440"}], "extra_hosts": ["h:1.2.3.4"]},
    {"postgres": {"password": "${secrets.p}", "settings": {"max_connections": 9}}},
    {"external": "https://x.example", "healthcheck": {"http": {"path": "/", "status": 204}}},
    {"run": "x", "x-mine": [1], "healthcheck": {"test": ["CMD", "true"], "interval": "1s"}},
    {"run": ["x", ""], "environment": {"A": ""}},
    {"image": "x", "command": ["x", ""], "secrets": {"empty": ""}},
    {"run": "x", "environment": ["A=1", "B"], "links": {"Docs": "http://x.example"}},
]


def whole(service):
    """A file with this service in it, as text that only JSON's part of YAML is needed for."""
    services = {"a": service, "other": {"run": "y", "port": 1}}
    return json.dumps({"name": "t", "secrets": {"p": None}, "services": services})


ACCEPTED = documented() + [whole(service) for service in SERVICES]


@pytest.mark.parametrize("text", ACCEPTED)
def test_the_schema_accepts_what_is_right(validator, text):
    assert list(validator.iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize("text", ACCEPTED)
def test_the_parser_accepts_what_is_right(tmp_path, text):
    (tmp_path / "services.yaml").write_text(text)
    done = subprocess.run([binary(), "check"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# Each lacks a value where one is needed.
EMPTY = [
    {"run": [""]},
    {"run": "x", "user": ""},
    {"run": "x", "working_dir": " "},
    {"run": "x", "env_file": [""]},
    {"run": "x", "watch": ["src", ""]},
    {"run": "x", "depends_on": [""]},
    {"run": "x", "healthcheck": {"log": ""}},
    {"run": "x", "healthcheck": {"exec": ["", "a"]}},
    {"task": ""},
    {"image": ""},
    {"image": "x", "command": [""]},
    {"image": "x", "secrets": [""]},
    {"image": "x", "secrets": {"": "value"}},
    {"image": "x", "extra_hosts": {"": "1.2.3.4"}},
    {"image": "x", "volumes": [{"type": "volume", "source": "", "target": "/a"}]},
    {"postgres": {"password": ""}},
    {"postgres": {"password": "x", "database": ""}},
    {"postgres": {"password": "x", "user": ""}},
    {"external": ""},
]


@pytest.mark.parametrize("service", EMPTY, ids=json.dumps)
def test_both_refuse_an_empty_value(validator, tmp_path, service):
    text = whole(service)
    assert not validator.is_valid(json.loads(text))
    (tmp_path / "services.yaml").write_text(text)
    done = subprocess.run([binary(), "check"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "services.yaml:1:" in done.stdout + done.stderr


def test_the_schema_verb_prints_what_docs_hold():
    done = subprocess.run([binary(), "schema"], capture_output=True, text=True, check=True)
    assert done.stdout == (ROOT / "docs" / "services.schema.json").read_text()
