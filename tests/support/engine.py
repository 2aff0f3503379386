"""The Docker Engine, spoken to directly: HTTP over its unix socket, nothing in between.

Tests look at what devstack did through this and not through devstack's own client.
"""

import http.client
import io
import json
import os
import socket
import tarfile
import urllib.parse

LABEL = "dev.devstack."


class EngineError(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("docker", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _demultiplex(data):
    """The engine's log stream: frames of {stream, 3 zeros, length as big-endian u32} + bytes."""
    output, at = [], 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        output.append(data[at + 8 : at + 8 + length])
        at += 8 + length
    return b"".join(output).decode(errors="replace")


class Engine:
    def __init__(self, host=None):
        host = host or os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        if not host.startswith("unix://"):
            raise AssertionError(f"tests need an engine on a unix socket, not {host}")
        self.path = host[len("unix://") :]

    def request(self, method, path, /, body=None, content_type="application/json", timeout=60, **query):
        """One request. Returns the body: parsed when it is JSON, else bytes."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection = _UnixConnection(self.path, timeout)
        try:
            connection.request(method, path, body, {"Content-Type": content_type} if body else {})
            response = connection.getresponse()
            data = response.read()
            if response.status >= 400:
                raise EngineError(response.status, data.decode(errors="replace"))
            if response.headers.get_content_type() == "application/json" and data:
                return json.loads(data)
            return data
        finally:
            connection.close()

    def _list(self, path, key, labels, **query):
        filters = json.dumps({"label": [f"{name}={value}" for name, value in labels.items()]})
        answer = self.request("GET", path, filters=filters, **query)
        return (answer[key] if key else answer) or []

    def containers(self, **labels):
        """All containers, stopped ones too, that carry these labels of devstack's:
        containers(stack="shop-1a2b"). An underscore in a name stands for the label's hyphen."""
        return self._list("/containers/json", None, _labels(labels), all=1)

    def networks(self, **labels):
        return self._list("/networks", None, _labels(labels))

    def volumes(self, **labels):
        return self._list("/volumes", "Volumes", _labels(labels))

    def inspect(self, container):
        return self.request("GET", f"/containers/{container}/json")

    def logs(self, container):
        return _demultiplex(self.request("GET", f"/containers/{container}/logs", stdout=1, stderr=1))

    def create(self, image, name=None, **config):
        query = {"name": name} if name else {}
        return self.request("POST", "/containers/create", {"Image": image, **config}, **query)["Id"]

    def start(self, container):
        self.request("POST", f"/containers/{container}/start")

    def stop(self, container, seconds=20):
        self.request("POST", f"/containers/{container}/stop", t=seconds)

    def kill(self, container, signal="KILL"):
        self.request("POST", f"/containers/{container}/kill", signal=signal)

    def wait(self, container):
        """Waits until the container has exited; returns its exit code."""
        return self.request("POST", f"/containers/{container}/wait")["StatusCode"]

    def exec(self, container, *command, user=""):
        """Runs a command in the container; returns its exit code and what it said."""
        config = {"Cmd": list(command), "AttachStdout": True, "AttachStderr": True, "User": user}
        ident = self.request("POST", f"/containers/{container}/exec", config)["Id"]
        output = self.request("POST", f"/exec/{ident}/start", {"Detach": False, "Tty": False})
        return self.request("GET", f"/exec/{ident}/json")["ExitCode"], _demultiplex(output)

    def put_files(self, container, folder, files, mode=0o644):
        """Writes {name: text or bytes} into a folder of a container that need not run."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for name, content in files.items():
                data = content.encode() if isinstance(content, str) else content
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(data), mode
                tar.addfile(info, io.BytesIO(data))
        path = f"/containers/{container}/archive"
        self.request("PUT", path, archive.getvalue(), "application/x-tar", path=folder)

    def remove(self, container):
        """Removes a container with its anonymous volumes; one that is gone is fine."""
        try:
            self.request("DELETE", f"/containers/{container}", force=1, v=1)
        except EngineError as error:
            if error.status != 404:
                raise

    def remove_network(self, name):
        self.request("DELETE", f"/networks/{name}")

    def remove_volume(self, name):
        self.request("DELETE", f"/volumes/{name}", force=1)

    def create_volume(self, name):
        return self.request("POST", "/volumes/create", {"Name": name})["Name"]


def _labels(labels):
    return {LABEL + name.replace("_", "-"): value for name, value in labels.items()}
