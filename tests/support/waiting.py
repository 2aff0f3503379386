"""Waiting for a condition with a deadline, instead of sleeping and hoping."""

import random
import socket
import time


def wait_until(condition, what, deadline=10.0, pause=0.02):
    """Calls condition() until it answers something true, and returns that.

    Fails the test after `deadline` seconds, naming `what` was waited for.
    """
    end = time.monotonic() + deadline
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise AssertionError(f"waited {deadline:g} s for {what}; last answer: {answer!r}")
        time.sleep(pause)


def free_port():
    """A loopback port that nobody had a moment ago, below the kernel's ephemeral range, so that
    no outgoing connection takes it meanwhile."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        lowest = int(file.read().split()[0])
    ports = list(range(max(10240, lowest - 16384), lowest))
    random.shuffle(ports)
    for port in ports:
        with socket.socket(socket.AF_INET6) as probe:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            try:
                probe.bind(("::", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
