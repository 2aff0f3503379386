"""Who is running: the processes of the machine, as /proc shows them."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    state: str
    began: int  # ticks since boot; with the pid a name for good
    command: str

    @property
    def is_zombie(self):
        return self.state in "ZX"


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def process(pid):
    """The process with that pid, or None."""
    stat = _read(f"/proc/{pid}/stat").decode(errors="replace")
    if not stat:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    command = _read(f"/proc/{pid}/cmdline").replace(b"\0", b" ").decode(errors="replace").strip()
    name = stat[stat.index("(") + 1 : stat.rindex(")")]
    return Process(int(pid), int(fields[1]), fields[0], int(fields[19]), command or f"[{name}]")


def processes():
    """All processes, by pid."""
    found = (process(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return {p.pid: p for p in found if p}


def descendants(pid):
    """Everything below a process, itself not included."""
    everyone = processes()
    below, frontier = [], [pid]
    while frontier:
        parent = frontier.pop()
        for child in everyone.values():
            if child.parent == parent:
                below.append(child)
                frontier.append(child.pid)
    return below


def _working_folder(pid):
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


def marked(marker):
    """The processes that carry `marker` in their environment, their command line or their working
    folder: whatever a service forgets of these, one usually stays. Zombies are counted too, and
    the caller itself is not."""
    raw = marker.encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        if (
            raw in _read(f"/proc/{entry}/environ")
            or raw in _read(f"/proc/{entry}/cmdline")
            or marker in _working_folder(entry)
        ):
            one = process(entry)
            if one:
                found.append(one)
    return found
