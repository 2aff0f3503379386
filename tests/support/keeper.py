#!/usr/bin/env python3
"""Keeps everything of a private engine below itself, so that a test can end all of it.

Runs inside the engine's own network and mount namespaces. Each line it reads is a command, which it runs and
answers with the pid; at end of file all that is left below is killed. Being a child
subreaper, it also inherits what a killed dockerd leaves behind: shims and their containers.
"""

import ctypes
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import census  # noqa: E402

PR_SET_CHILD_SUBREAPER = 36


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, lambda *_: reap())
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    log = open(sys.argv[1], "ab")
    print("ready", flush=True)
    for line in sys.stdin:
        words = shlex.split(line)
        pid = os.fork()
        if not pid:
            os.setsid()
            null = os.open("/dev/null", os.O_RDONLY)
            for source, target in ((null, 0), (log.fileno(), 1), (log.fileno(), 2)):
                os.dup2(source, target)
            os.execvp(words[0], words)
        print(pid, flush=True)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    while reap():
        for one in census.descendants(os.getpid()):
            try:
                os.kill(one.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


main()
