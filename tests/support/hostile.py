#!/usr/bin/env python3
"""A service that behaves badly on purpose: hostile.py MARKER BEHAVIOUR…

The marker stays on the command line of every process it makes, so that a test finds each of them.
Behaviours, applied in order, before it waits for ever:
  deaf      ignores every signal that can be ignored
  daemon    leaves a daemon behind: double fork, setsid, output closed
  orphan    leaves a child in a session of its own that ignores SIGTERM and holds stdout
  bare      runs on with an empty environment
  busy      forks children that come and go, so that there is always a young one
"""

import os
import signal
import sys
import time


def ignore_signals():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)


def wait_for_ever():
    while True:
        time.sleep(3600)


def daemon():
    if os.fork():
        os.wait()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    ignore_signals()
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.chdir("/")
    wait_for_ever()


def orphan():
    if os.fork():
        return
    os.setsid()
    ignore_signals()
    wait_for_ever()


def busy():
    while True:
        child = os.fork()
        if not child:
            os.setsid()
            time.sleep(0.05)
            os._exit(0)
        os.waitpid(child, 0)


def main():
    marker, behaviours = sys.argv[1], sys.argv[2:]
    for behaviour in behaviours:
        if behaviour == "deaf":
            ignore_signals()
        elif behaviour == "daemon":
            daemon()
        elif behaviour == "orphan":
            orphan()
        elif behaviour == "bare":
            rest = behaviours[behaviours.index("bare") + 1 :]
            os.execve(sys.executable, [sys.executable, __file__, marker, *rest], {})
        elif behaviour == "busy":
            busy()
    print(f"{behaviours} is up", flush=True)
    wait_for_ever()


main()
