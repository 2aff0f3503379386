"""The keyring store against a real gnome-keyring, and against what only looks like one."""
import signal
import subprocess
import sys
import time

from conftest import until

ENTRY = ("shop-7f3a", "db_password")


def test_an_open_keyring_keeps_finds_replaces_and_removes(keyring):
    assert keyring.drive("check").outcome == "found"
    assert keyring.drive("lookup", *ENTRY).outcome == "absent"
    assert keyring.drive("save", *ENTRY, "first").outcome == "found"
    assert keyring.drive("save", *ENTRY, "sécond").outcome == "found"
    found = keyring.drive("lookup", *ENTRY)
    assert (found.outcome, found.value) == ("found", "sécond")
    # The keyring's clock has seconds; it is the wall clock.
    assert abs(int(found.stored_at) / 1e9 - time.time()) < 3600
    assert keyring.drive("lookup", "shop-aaaa", "db_password").outcome == "absent"
    assert keyring.drive("remove", *ENTRY).outcome == "found"
    assert keyring.drive("remove", *ENTRY).outcome == "absent"
    assert keyring.drive("lookup", *ENTRY).outcome == "absent"


def find_with_libsecret(machine):
    """Looks the entry up as another program would, by its two attributes."""
    code = (
        "import gi; gi.require_version('Secret', '1')\n"
        "from gi.repository import Secret\n"
        "schema = Secret.Schema.new('any', Secret.SchemaFlags.DONT_MATCH_NAME, {\n"
        "  'service': Secret.SchemaAttributeType.STRING,\n"
        "  'username': Secret.SchemaAttributeType.STRING})\n"
        "print(Secret.password_lookup_sync(schema,\n"
        "  {'service': 'devstack', 'username': 'shop-7f3a/db_password'}, None))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=machine.environment, capture_output=True, text=True,
        timeout=30, check=True,
    )
    return done.stdout.strip()


def test_other_programs_find_the_entry_by_service_and_username(keyring):
    keyring.drive("save", *ENTRY, "shared")
    assert find_with_libsecret(keyring) == "shared"


def test_a_value_survives_the_keyring_daemon(bus):
    daemon = bus.start_keyring("pw")
    bus.drive("save", *ENTRY, "kept")
    bus.end(daemon)
    until(lambda: not bus.owns("org.freedesktop.secrets"), "the keyring to leave the bus")
    bus.start_keyring("pw")
    assert bus.drive("lookup", *ENTRY).value == "kept"


def test_a_cancelled_call_never_calls_back(keyring):
    answer = keyring.drive("--cancel", "lookup", *ENTRY)
    assert (answer.code, answer.callback) == (0, "0")


def test_a_locked_keyring_says_so_and_shows_nothing(locked):
    locked.start_stand_in("prompter.py", "type", "pw")
    for words in (["check"], ["lookup", *ENTRY], ["save", *ENTRY, "other"], ["remove", *ENTRY]):
        answer = locked.drive(*words)
        assert answer.outcome == "locked", words
        assert "locked" in answer.message
        assert "unlock" in answer.hint


def test_a_locked_keyring_is_not_believed_to_lack_an_entry(locked):
    assert locked.drive("lookup", "shop-7f3a", "never_saved").outcome == "locked"


def test_nothing_saved_into_an_open_keyring_is_lost_by_a_cancelled_save(keyring):
    keyring.drive("save", *ENTRY, "kept")
    keyring.drive("--cancel", "save", *ENTRY, "other")
    assert keyring.drive("lookup", *ENTRY).value in ("kept", "other")


def test_the_dialog_unlocks(locked):
    locked.start_stand_in("prompter.py", "type", "pw")
    assert locked.drive("--prompt", "lookup", *ENTRY).value == "kept"
    assert locked.drive("lookup", *ENTRY).value == "kept"


def test_a_dismissed_dialog_leaves_it_locked(locked):
    locked.start_stand_in("prompter.py", "dismiss")
    answer = locked.drive("--prompt", "lookup", *ENTRY)
    assert answer.outcome == "locked"
    assert "dismissed" in answer.message


def test_without_anybody_to_show_the_dialog_it_stays_locked(locked):
    answer = locked.drive("--prompt", "lookup", *ENTRY)
    assert answer.outcome == "locked"


def test_an_unanswered_dialog_costs_its_time_and_not_the_keyring(locked):
    locked.start_stand_in("prompter.py", "ignore")
    answer = locked.drive("--prompt", "--prompt-timeout", 300, "lookup", *ENTRY)
    assert answer.outcome == "locked"
    assert "not answered" in answer.message
    assert locked.drive("lookup", *ENTRY).outcome == "locked"


def test_a_keyring_service_without_a_keyring(bus):
    bus.start_keyring()
    answer = bus.drive("check")
    assert answer.outcome == "unavailable"
    assert bus.drive("lookup", *ENTRY).outcome == "absent"
    assert bus.drive("save", *ENTRY, "value").outcome == "unavailable"


def test_the_first_keyring_is_made_with_the_dialog(bus):
    bus.start_keyring()
    bus.start_stand_in("prompter.py", "type", "new")
    assert bus.drive("--prompt", "save", *ENTRY, "value").outcome == "found"
    assert bus.drive("lookup", *ENTRY).value == "value"


def test_no_bus_at_all(machine):
    answer = machine.drive("lookup", *ENTRY)
    assert answer.outcome == "unavailable"
    assert "no D-Bus session bus" in answer.message
    assert "gnome-keyring" in answer.hint


def test_no_bus_is_ever_launched(machine):
    launched = machine.root / "launched"
    trap = machine.root / "bin" / "dbus-launch"
    trap.parent.mkdir()
    trap.write_text(f"#!/bin/sh\ntouch {launched}\n")
    trap.chmod(0o755)
    machine.environment["PATH"] = f"{trap.parent}:{machine.environment['PATH']}"
    machine.environment["DISPLAY"] = ":99"
    for address in (None, "autolaunch:", "autolaunch:scope=x;"):
        extra = {"DBUS_SESSION_BUS_ADDRESS": address} if address else None
        assert machine.drive("lookup", *ENTRY, extra=extra).outcome == "unavailable"
    assert not launched.exists()


def test_the_run_time_folders_bus_is_found_without_a_variable(keyring):
    del keyring.environment["DBUS_SESSION_BUS_ADDRESS"]
    assert keyring.drive("check").outcome == "found"


def test_a_stale_bus_address(machine):
    stale = f"unix:path={machine.root}/gone"
    answer = machine.drive("check", extra={"DBUS_SESSION_BUS_ADDRESS": stale})
    assert answer.outcome == "unavailable"
    answer = machine.drive("check", extra={"DBUS_SESSION_BUS_ADDRESS": "no address"})
    assert answer.outcome == "unavailable"


def test_a_bus_without_a_keyring_service(bus):
    answer = bus.drive("lookup", *ENTRY)
    assert answer.outcome == "unavailable"
    assert "no keyring service" in answer.message


def test_a_bus_that_never_speaks(deaf_socket):
    answer = deaf_socket.drive("--timeout", 200, "lookup", *ENTRY)
    assert answer.outcome == "timed-out"
    assert "0.20s" in answer.message


def test_a_bus_that_lets_in_and_then_falls_silent(machine):
    path = machine.root / "run" / "bus"
    machine.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"
    machine.start_stand_in("silent_bus.py", path)
    assert machine.drive("--timeout", 300, "lookup", *ENTRY).outcome == "timed-out"


def test_a_service_that_never_answers(bus):
    for method in ("all", "OpenSession", "SearchItems", "ReadAlias"):
        service = bus.start_stand_in("silent_service.py", method)
        answer = bus.drive("--timeout", 200, "lookup", *ENTRY)
        assert answer.outcome == "timed-out", method
        bus.end(service)
        until(lambda: not bus.owns("org.freedesktop.secrets"), "the name to be free")


def test_a_frozen_keyring_daemon(bus):
    daemon = bus.start_keyring("pw")
    daemon.send_signal(signal.SIGSTOP)
    for words in (["check"], ["lookup", *ENTRY], ["save", *ENTRY, "v"], ["remove", *ENTRY]):
        assert bus.drive("--timeout", 200, *words).outcome == "timed-out"
    daemon.send_signal(signal.SIGCONT)
    assert bus.drive("check").outcome == "found"


def test_a_frozen_bus(bus):
    daemon = bus.children[0]
    daemon.send_signal(signal.SIGSTOP)
    assert bus.drive("--timeout", 200, "check").outcome == "timed-out"
    daemon.send_signal(signal.SIGCONT)


def test_inspect_tells_each_condition(machine):
    assert machine.drive("inspect").outcome == "unavailable"
    machine.start_bus()
    assert machine.drive("inspect").outcome == "unavailable"
    daemon = machine.start_keyring("pw")
    answer = machine.drive("inspect")
    assert (answer.outcome, answer.message) == ("found", "the keyring answers and is unlocked")
    machine.end(daemon)
    until(lambda: not machine.owns("org.freedesktop.secrets"), "the keyring to leave the bus")
    machine.start_keyring()
    assert machine.drive("inspect").outcome == "locked"
