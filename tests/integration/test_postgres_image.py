"""The contract of the Postgres image, whether it was pulled or built by
scripts/build-postgres-image: devstack relies on each point of it."""

import gzip
import json
import os
import subprocess
import uuid

import pytest
from devstack import CHECKOUT
from engine import EngineError
from waiting import wait_until

IMAGE = "postgres:17"
DATA = "/var/lib/postgresql/data"


class Postgres:
    """Containers of the image on random loopback ports, and a volume they may share."""

    def __init__(self, engine):
        self.engine = engine
        self.containers = []
        self.volumes = []

    def create(self, command=None, volume=None, image=IMAGE, **environment):
        config = {
            "Env": [f"{name}={value}" for name, value in environment.items()],
            "HostConfig": {
                "PortBindings": {"5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]},
                "Binds": [f"{volume}:{DATA}"] if volume else [],
            },
        }
        if command:
            config["Cmd"] = command
        container = self.engine.create(image, **config)
        self.containers.append(container)
        return container

    def start(self, *arguments, files=None, **options):
        """A container that was given {folder: {name: content}} and then started: its id."""
        container = self.create(*arguments, **options)
        for folder, content in (files or {}).items():
            self.engine.put_files(container, folder, content)
        self.engine.start(container)
        return container

    def volume(self):
        name = self.engine.create_volume(f"devstack-test-{uuid.uuid4().hex}")
        self.volumes.append(name)
        return name

    def port(self, container):
        self._must_run(container)
        return self.engine.inspect(container)["NetworkSettings"]["Ports"]["5432/tcp"][0]["HostPort"]

    def psql(self, container, sql, user="postgres", password="pw", database="postgres"):
        """One statement over the network: the exit code, and the answer or the error."""
        result = subprocess.run(
            ["psql", "-XAtq", "-h", "127.0.0.1", "-p", self.port(container), "-U", user, "-d", database, "-c", sql],
            env={"PATH": os.environ["PATH"], "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "5"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        return result.returncode, result.stdout.strip() or result.stderr.strip()

    def answer(self, container, sql, **who):
        """The answer, once the server takes connections from outside."""

        def ask():
            code, text = self.psql(container, sql, **who)
            return (text,) if code == 0 else self._must_run(container)

        return wait_until(ask, f"an answer to {sql}", 60)[0]

    def _must_run(self, container):
        assert self.engine.inspect(container)["State"]["Running"], self.engine.logs(container)
        return None

    def close(self):
        for container in self.containers:
            self.engine.remove(container)
        for volume in self.volumes:
            self.engine.remove_volume(volume)


def own_image(engine):
    """The image that scripts/build-postgres-image makes: IMAGE when that was not pulled, else one
    that is built here."""
    config = engine.request("GET", f"/images/{IMAGE}/json")["Config"]
    if "dev.devstack.built-by" in (config.get("Labels") or {}):
        return IMAGE
    tag = "devstack-test/postgres:17"
    subprocess.run([CHECKOUT / "scripts/build-postgres-image", tag], check=True)
    return tag


@pytest.fixture
def postgres(engine):
    one = Postgres(engine)
    yield one
    one.close()


def test_user_database_and_password_come_from_the_environment(postgres):
    db = postgres.start(POSTGRES_USER="shop", POSTGRES_DB="store", POSTGRES_PASSWORD="s3cret")
    who = {"user": "shop", "password": "s3cret", "database": "store"}
    assert postgres.answer(db, "select current_user, current_database()", **who) == "shop|store"
    assert postgres.answer(db, "select usesuper from pg_user where usename = 'shop'", **who) == "t"
    assert postgres.answer(db, "show server_version_num", **who).startswith("17")


def test_the_database_is_named_as_the_user_by_default(postgres):
    db = postgres.start(POSTGRES_USER="shop", POSTGRES_PASSWORD="pw")
    assert postgres.answer(db, "select current_database()", user="shop", database="shop") == "shop"


def test_odd_names_and_a_password_with_quotes_are_taken_as_they_are(postgres):
    names = {"user": "O Brien ä", "password": "p'w\"$(id)\\ ä"}
    db = postgres.start(POSTGRES_USER=names["user"], POSTGRES_PASSWORD=names["password"], POSTGRES_DB="a b")
    assert postgres.answer(db, "select current_user", database="a b", **names) == names["user"]


def test_a_wrong_password_is_refused_over_the_network(postgres):
    db = postgres.start(POSTGRES_PASSWORD="right")
    assert postgres.answer(db, "select 1", password="right") == "1"
    code, error = postgres.psql(db, "select 1", password="wrong")
    assert code != 0 and "password authentication failed" in error


def test_passwords_are_kept_as_scram(postgres):
    db = postgres.start(POSTGRES_PASSWORD="pw")
    stored = postgres.answer(db, "select rolpassword from pg_authid where rolname = 'postgres'")
    assert stored.startswith("SCRAM-SHA-256$")


def test_the_local_socket_is_trusted(postgres):
    db = postgres.start(POSTGRES_PASSWORD="pw")
    postgres.answer(db, "select 1")
    code, output = postgres.engine.exec(db, "psql", "-U", "postgres", "-Atc", "select 41 + 1")
    assert (code, output.strip()) == (0, "42")


def test_a_password_file_keeps_the_password_out_of_inspect(postgres):
    db = postgres.start(
        POSTGRES_PASSWORD_FILE="/run/password", files={"/run": {"password": "from-a-file"}}
    )
    assert postgres.answer(db, "select 1", password="from-a-file") == "1"
    assert "from-a-file" not in json.dumps(postgres.engine.inspect(db))
    code, environment = postgres.engine.exec(db, "cat", "/proc/1/environ", user="postgres")
    assert code == 0 and "from-a-file" not in environment


def test_no_password_no_initialisation(postgres):
    db = postgres.create()
    postgres.engine.start(db)
    assert postgres.engine.wait(db) != 0
    assert "POSTGRES_PASSWORD" in postgres.engine.logs(db)


def test_both_ways_to_give_the_password_are_one_too_many(postgres):
    db = postgres.start(
        POSTGRES_PASSWORD="a", POSTGRES_PASSWORD_FILE="/run/password", files={"/run": {"password": "b"}}
    )
    assert postgres.engine.wait(db) != 0


def test_init_scripts_run_once_in_the_order_of_their_names(postgres):
    scripts = {
        "10-table.sql": "create table notes (at serial, text text);",
        "20-shell.sh": 'psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB"'
        " -c \"insert into notes (text) values ('shell')\"\n",
        "30-packed.sql.gz": gzip.compress(b"insert into notes (text) values ('packed');"),
    }
    volume = postgres.volume()
    settings = {"POSTGRES_USER": "shop", "POSTGRES_PASSWORD": "pw"}
    folder = {"/docker-entrypoint-initdb.d": scripts}
    who = {"user": "shop", "database": "shop"}
    query = "select string_agg(text, ',' order by at) from notes"
    first = postgres.start(volume=volume, files=folder, **settings)
    assert postgres.answer(first, query, **who) == "shell,packed"
    postgres.engine.stop(first)
    second = postgres.start(volume=volume, files=folder, **settings)
    assert postgres.answer(second, query, **who) == "shell,packed"


def test_a_failing_init_script_ends_the_container(postgres):
    db = postgres.start(
        POSTGRES_PASSWORD="pw", files={"/docker-entrypoint-initdb.d": {"1.sql": "select nonsense;"}}
    )
    assert postgres.engine.wait(db) != 0
    assert "nonsense" in postgres.engine.logs(db)


def test_data_that_is_there_is_kept_and_its_password_with_it(postgres):
    volume = postgres.volume()
    first = postgres.start(volume=volume, POSTGRES_PASSWORD="old")
    postgres.answer(first, "create table kept as select 7 as n", password="old")
    postgres.engine.stop(first)
    second = postgres.start(volume=volume, POSTGRES_PASSWORD="new")
    assert postgres.answer(second, "select n from kept", password="old") == "7"
    assert postgres.psql(second, "select 1", password="new")[0] != 0


def test_data_that_is_there_needs_no_password(postgres):
    volume = postgres.volume()
    first = postgres.start(volume=volume, POSTGRES_PASSWORD="pw")
    postgres.answer(first, "select 1")
    postgres.engine.stop(first)
    second = postgres.start(volume=volume)
    assert postgres.answer(second, "select 1") == "1"


def test_a_folder_with_something_else_in_it_is_not_touched(postgres):
    volume = postgres.volume()
    stranger = postgres.create(volume=volume, command=["true"])
    postgres.engine.put_files(stranger, DATA, {"mine.txt": "precious"})
    db = postgres.start(volume=volume, POSTGRES_PASSWORD="pw")
    assert postgres.engine.wait(db) != 0
    reader = postgres.start(volume=volume, command=["cat", f"{DATA}/mine.txt"])
    assert postgres.engine.wait(reader) == 0
    assert postgres.engine.logs(reader) == "precious"


def test_pgdata_and_initdb_arguments(postgres):
    db = postgres.start(
        POSTGRES_PASSWORD="pw", PGDATA=f"{DATA}/inner", POSTGRES_INITDB_ARGS="--data-checksums"
    )
    assert postgres.answer(db, "show data_directory") == f"{DATA}/inner"
    assert postgres.answer(db, "show data_checksums") == "on"


def test_arguments_are_the_servers(postgres):
    db = postgres.start(["postgres", "-c", "max_connections=23"], POSTGRES_PASSWORD="pw")
    assert postgres.answer(db, "show max_connections") == "23"
    bare = postgres.start(["-c", "max_connections=24"], POSTGRES_PASSWORD="pw")
    assert postgres.answer(bare, "show max_connections") == "24"


def test_the_server_is_pid_1_as_its_own_user_and_stops_cleanly(postgres):
    db = postgres.start(POSTGRES_PASSWORD="pw")
    postgres.answer(db, "select 1")
    code, output = postgres.engine.exec(db, "sh", "-c", "cat /proc/1/comm; id -u postgres; stat -c %u /proc/1")
    assert (code, output.split()) == (0, ["postgres", "999", "999"])
    postgres.engine.stop(db)
    assert postgres.engine.inspect(db)["State"]["ExitCode"] == 0
    assert "database system is shut down" in postgres.engine.logs(db).splitlines()[-1]


def test_nobody_outside_meets_the_server_of_the_initialisation(postgres):
    """While init scripts run, the port gives no answer of Postgres's; the first who gets one finds
    the work of the scripts done."""
    script = "create table slow as select 1 from pg_sleep(1); create table done (n int);"
    db = postgres.start(
        POSTGRES_PASSWORD="pw", files={"/docker-entrypoint-initdb.d": {"slow.sql": script}}
    )
    assert postgres.answer(db, "select count(*) from done") == "0"


def test_an_initialisation_that_was_killed_starts_over(postgres, engine):
    """A promise of our own image only: the well-known one leaves a half-made folder."""
    image = own_image(engine)
    volume = postgres.volume()
    scripts = {"/docker-entrypoint-initdb.d": {"slow.sql": "create table half (n int); select pg_sleep(600);"}}
    first = postgres.start(image=image, volume=volume, POSTGRES_PASSWORD="pw", files=scripts)
    wait_until(lambda: "running /docker-entrypoint-initdb.d" in engine.logs(first), "the script", 60)
    engine.kill(first)
    second = postgres.start(image=image, volume=volume, POSTGRES_PASSWORD="pw")
    assert postgres.answer(second, "select to_regclass('half') is null") == "t"


def test_the_image_says_what_it_is(engine):
    try:
        config = engine.request("GET", f"/images/{IMAGE}/json")["Config"]
    except EngineError as error:
        raise AssertionError(f"{IMAGE} is not there: scripts/postgres-image") from error
    assert "5432/tcp" in config["ExposedPorts"]
    assert DATA in config["Volumes"]
    assert config["StopSignal"] == "SIGINT"
    assert f"PGDATA={DATA}" in config["Env"]
