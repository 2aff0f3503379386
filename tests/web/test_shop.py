"""The demo stack as a person meets it: `devstack up`, then the page behind the gateway, in a real
Chromium."""

import json
import os
import re
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest
from devstack import CHECKOUT, Project
from waiting import free_port

PASSWORD = "a-password-for-the-web-tests"
SERVICES = ("db", "mock", "api", "frontend", "gateway")


class Shop:
    """A copy of the demo stack on ports of its own, started with `devstack up`."""

    def __init__(self, project):
        self.project = project
        self.ports = {}
        self._copy()
        self.up = project.start("up", env={"DEVSTACK_SECRET_DB_PASSWORD": PASSWORD})
        self.up.wait_for(r"Ready in", 120)
        self.url = f"http://127.0.0.1:{self.ports['gateway']}"

    def _copy(self):
        example = self.project.folder / "examples/shop"
        shutil.copytree(CHECKOUT / "examples/shop", example, ignore=shutil.ignore_patterns("node_modules"))
        for name in ("api", "mock", "frontend"):
            (example / name / "node_modules").symlink_to(CHECKOUT / f"examples/shop/{name}/node_modules")
        self.project.services(self._move_ports((CHECKOUT / "services.yaml").read_text()))

    def _move_ports(self, text):
        """The file as it is, but for free ports."""
        section = ""
        lines = []
        for line in text.splitlines():
            heading = re.match(r"(?:  )?(\w+):", line)
            section = heading.group(1) if heading else section
            match = re.search(r"\bport: \d+", line)
            if match:
                self.ports[section] = free_port()
                line = line.replace(match.group(), f"port: {self.ports[section]}")
            lines.append(line)
        assert {*SERVICES, "dashboard"} == set(self.ports)
        return "\n".join(lines) + "\n"

    def psql(self, sql):
        return subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.ports["db"]),
             "-U", "shop", "-d", "shop", "-c", sql],
            env={"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD},
            check=True, capture_output=True, text=True,
        ).stdout.strip()  # fmt: skip

    def check(self, name, url, *arguments):
        """Runs tests/web/checks/<name>.js in a browser."""
        script = Path(__file__).parent / "checks" / f"{name}.js"
        result = subprocess.run(
            ["node", script, url, *arguments], capture_output=True, text=True, timeout=120
        )
        assert result.returncode == 0, result.stderr + self.up.output


@pytest.fixture(scope="module")
def shop():
    project = Project()
    try:
        yield Shop(project)
    finally:
        project.close()


def test_the_page_shows_what_was_inserted_in_postgres(shop):
    shop.psql("insert into products (name, price_cents, stock) values ('Glass tumbler', 1250, 3)")
    shop.check("shows-product", shop.url, "Glass tumbler")


def test_the_gateway_hands_the_api_to_other_programs(shop):
    with urllib.request.urlopen(f"{shop.url}/products", timeout=10) as response:
        names = [product["name"] for product in json.load(response)]
    assert "Morning bowl" in names


def test_an_order_is_paid_by_the_mock_and_written_down(shop):
    stock = int(shop.psql("select stock from products where name = 'Harbour mug'"))
    shop.check("orders-product", shop.url, "Harbour mug", f"{stock - 1} in stock")
    query = "select o.status from orders o join products p on p.id = product_id where p.name = 'Harbour mug'"
    assert shop.psql(query) == "paid"


def test_live_reload_works_through_the_gateway(shop):
    shop.check("reloads-live", shop.url, shop.project.folder / "examples/shop/frontend/src/style.css")


def test_the_page_works_on_vites_own_port_too(shop):
    shop.check("shows-product", f"http://127.0.0.1:{shop.ports['frontend']}", "Morning bowl")


def test_ctrl_c_leaves_nothing_but_the_data(project):
    shop = Shop(project)
    shop.up.signal(signal.SIGINT)
    assert shop.up.wait(60) == 130
    project.assert_nothing_left()
    assert len(project.volumes()) == 1
