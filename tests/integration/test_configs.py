"""Configs: what a start renders, and what it leaves alone."""

STACK = """
    name: shop
    secrets: {token: {prompt: Token}}
    configs: {gateway: {template: gateway.conf.in}, plain: {template: plain.conf.in}}
    services:
      a: {run: 'cat ${configs.plain}; exec sleep 3600'}
      b: {run: 'cat ${configs.gateway}; exec sleep 3600', autostart: false}
"""


def test_a_start_needs_no_secret_of_a_config_that_it_does_not_use(project):
    project.services(STACK)
    (project.folder / "gateway.conf.in").write_text("key ${secrets.token}\n")
    (project.folder / "plain.conf.in").write_text("stack ${stack.name}\n")
    result = project.run("up", "-d", "a")
    assert result.returncode == 0, result.stdout + result.stderr
    assert [path.read_text() for path in project.runtime.rglob("plain.conf")] == ["stack shop\n"]
    assert not list(project.runtime.rglob("gateway.conf"))


def test_a_start_that_uses_it_asks_for_the_secret(project):
    project.services(STACK)
    (project.folder / "gateway.conf.in").write_text("key ${secrets.token}\n")
    (project.folder / "plain.conf.in").write_text("x\n")
    result = project.run("up", "-d", "b")
    assert result.returncode != 0
    assert "'token'" in result.stderr
