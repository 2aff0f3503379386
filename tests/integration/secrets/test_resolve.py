"""Getting a start's secrets: what is used, asked, generated and saved in each condition."""
import os
import signal
import stat
import subprocess

from conftest import DRIVER, said, until

NAME = "db_password"
VARIABLE = "DEVSTACK_SECRET_DB_PASSWORD"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_keyring_keeps_a_generated_secret(keyring):
    first = keyring.resolve(f"{NAME}:24")
    assert first.code == 0
    assert len(first.db_password) == 24
    assert first.get(f"{NAME}.source") == "generated"
    assert first.all("notice") == ["db_password was generated and is kept in the keyring"]
    second = keyring.resolve(f"{NAME}:24")
    assert second.db_password == first.db_password
    assert second.get(f"{NAME}.source") == "keyring"
    assert not second.all("notice")
    assert not keyring.private_file(NAME).exists()


def test_the_variable_beats_everything_and_is_not_saved(keyring):
    keyring.drive("save", "shop-7f3a", NAME, "kept")
    answer = keyring.resolve(f"{NAME}:24", extra={VARIABLE: "given"})
    assert (answer.db_password, answer.get(f"{NAME}.source")) == ("given", "environment")
    assert keyring.resolve(f"{NAME}:24").db_password == "kept"


def test_without_a_keyring_a_private_file_is_written_and_named(machine):
    first = machine.resolve(f"{NAME}:24")
    path = machine.private_file(NAME)
    assert first.code == 0
    assert first.all("notice") == [
        f"db_password was generated and written to {path} (0600), because no keyring answers; "
        "`devstack doctor` tells how to get one"
    ]
    assert path.read_text() == first.db_password
    assert mode(path) == 0o600
    assert mode(path.parent) == mode(path.parent.parent) == 0o700
    second = machine.resolve(f"{NAME}:24")
    assert (second.db_password, second.get(f"{NAME}.source")) == (first.db_password, "file")
    assert not second.all("notice")


def test_the_files_mode_does_not_depend_on_the_umask(machine):
    before = os.umask(0)
    try:
        machine.resolve(f"{NAME}:24")
    finally:
        os.umask(before)
    assert mode(machine.private_file(NAME)) == 0o600
    assert mode(machine.data) == 0o700


def test_missing_secrets_are_named_together(machine):
    answer = machine.resolve("db_password:0", "api-key:0", "other:8")
    assert answer.code == 4
    assert answer.message == (
        "secrets 'db_password', 'api-key' are missing and there is no terminal to ask on"
    )
    assert answer.hint == (
        "set DEVSTACK_SECRET_DB_PASSWORD and DEVSTACK_SECRET_API_KEY, or run `devstack up` in a "
        "terminal once"
    )
    assert not machine.private_file("other").exists()


def test_one_missing_secret(machine):
    answer = machine.resolve("db_password:0")
    assert answer.message == (
        "secret 'db_password' is missing and there is no terminal to ask on"
    )


def test_all_are_asked_at_once_and_enter_generates(keyring):
    answer = keyring.resolve(
        "first:0", "second:12", "third:0", options=["--interactive"], answers="one\n\n\nthree\n"
    )
    assert answer.all("asked") == ["first", "second", "third", "third"]
    assert (answer.first, answer.third) == ("one", "three")
    assert len(answer.second) == 12
    assert answer.get("second.source") == "generated"
    assert answer.get("first.source") == "prompt"
    again = keyring.resolve("first:0", "second:12", "third:0")
    assert (again.first, again.second, again.third) == ("one", answer.second, "three")


def test_three_times_enter_is_no_answer(keyring):
    answer = keyring.resolve("first:0", options=["--interactive"], answers="\n\n\n\n")
    assert answer.code == 4
    assert len(answer.all("asked")) == 3
    assert answer.message == "secret 'first' was not given"


def test_no_answer_saves_nothing(keyring):
    answer = keyring.resolve("first:0", "second:0", options=["--interactive"], answers="one\n")
    assert (answer.code, answer.message) == (4, "no answer for 'second'")
    assert keyring.drive("lookup", "shop-7f3a", "first").outcome == "absent"


def test_keyring_required_forbids_the_file(machine):
    answer = machine.resolve(f"{NAME}:24", options=["--required"])
    assert answer.code == 4
    assert "keyring: required" in answer.message
    assert "gnome-keyring" in answer.hint and VARIABLE in answer.hint
    assert not machine.private_file(NAME).exists()
    answer = machine.resolve(f"{NAME}:24", options=["--required"], extra={VARIABLE: "given"})
    assert answer.db_password == "given"


def test_keyring_required_moves_an_old_file(machine):
    before = machine.resolve(f"{NAME}:24")
    machine.start_bus()
    machine.start_keyring("pw")
    after = machine.resolve(f"{NAME}:24", options=["--required"])
    assert (after.db_password, after.get(f"{NAME}.source")) == (before.db_password, "keyring")
    assert "was moved from" in after.notice
    assert not machine.private_file(NAME).exists()
    assert machine.resolve(f"{NAME}:24").db_password == before.db_password


def test_a_file_from_before_the_keyring_is_still_used(machine):
    before = machine.resolve(f"{NAME}:24")
    machine.start_bus()
    machine.start_keyring("pw")
    after = machine.resolve(f"{NAME}:24")
    assert (after.db_password, after.get(f"{NAME}.source")) == (before.db_password, "file")


def test_a_locked_keyring_is_an_error_not_a_new_secret(locked):
    for options in ([], ["--interactive"]):
        answer = locked.resolve(f"{NAME}:24", options=options, answers="typed\n")
        assert answer.code == 4
        assert "the keyring is locked" in answer.message
        assert "unlock" in answer.hint and VARIABLE in answer.hint
        assert not answer.all("asked")
    assert not locked.private_file(NAME).exists()
    assert locked.resolve(f"{NAME}:24", extra={VARIABLE: "given"}).db_password == "given"


def test_a_locked_keyring_is_unlocked_when_somebody_is_there(locked):
    locked.start_stand_in("prompter.py", "type", "pw")
    assert locked.resolve(f"{NAME}:24").code == 4
    answer = locked.resolve(f"{NAME}:24", options=["--interactive"])
    assert (answer.db_password, answer.get(f"{NAME}.source")) == ("kept", "keyring")
    assert "unlock" in answer.notice


def test_a_locked_keyring_does_not_keep_a_private_file_from_being_used(machine):
    before = machine.resolve(f"{NAME}:24")
    machine.start_bus()
    daemon = machine.start_keyring("pw")
    machine.end(daemon)
    until(lambda: not machine.owns("org.freedesktop.secrets"), "the keyring to leave the bus")
    machine.start_keyring()
    answer = machine.resolve(f"{NAME}:24")
    assert (answer.db_password, answer.get(f"{NAME}.source")) == (before.db_password, "file")
    assert "the keyring is locked" in answer.notice


def test_a_secret_of_the_keyring_is_not_made_anew_where_none_answers(keyring):
    kept = keyring.resolve(f"{NAME}:24").db_password
    elsewhere = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={keyring.root}/none"}
    answer = keyring.resolve(f"{NAME}:24", extra=elsewhere)
    assert answer.code == 4
    assert "its value is in the keyring" in answer.message
    assert VARIABLE in answer.hint
    assert not keyring.private_file(NAME).exists()
    assert keyring.resolve(f"{NAME}:24").db_password == kept


def test_a_keyring_that_never_answers_is_an_error(bus):
    bus.start_stand_in("silent_service.py", "all")
    answer = bus.resolve(f"{NAME}:24")
    assert answer.code == 4
    assert "did not answer within" in answer.message
    assert not bus.private_file(NAME).exists()


def test_ctrl_c_ends_the_wait_for_a_silent_keyring(bus):
    bus.start_stand_in("silent_service.py", "all")
    child = bus.spawn(
        DRIVER, "resolve", "shop-7f3a", bus.data, f"{NAME}:24", stdout=subprocess.PIPE, text=True
    )
    status = f"/proc/{child.pid}/status"

    def catches_interrupts():
        with open(status, encoding="ascii") as lines:
            caught = next(line for line in lines if line.startswith("SigCgt:"))
        return int(caught.split()[1], 16) & (1 << (signal.SIGINT - 1))

    until(catches_interrupts, "the driver to wait")
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == 4
    assert "interrupted" in child.stdout.read()


def test_without_a_keyring_in_the_service_the_file_is_used(bus):
    bus.start_keyring()
    answer = bus.resolve(f"{NAME}:24")
    assert answer.code == 0
    assert bus.private_file(NAME).read_text() == answer.db_password
    assert "no keyring answers" in answer.notice
    assert bus.resolve(f"{NAME}:24").db_password == answer.db_password


def test_two_starts_at_once_agree(machine):
    agree(machine)


def test_two_starts_at_once_agree_on_the_keyring(keyring):
    agree(keyring)


def agree(machine):
    starts = [
        machine.spawn(
            DRIVER, "resolve", "shop-7f3a", machine.data, "a:24", "b:24",
            stdout=subprocess.PIPE, text=True,
        )
        for _ in range(6)
    ]
    values = set()
    for start in starts:
        output, _ = start.communicate(timeout=60)
        assert start.returncode == 0, output
        values.add(tuple(line for line in output.splitlines() if line[:2] in ("a=", "b=")))
    assert len(values) == 1
    left = [entry.name for entry in (machine.data / "secrets" / "shop-7f3a").iterdir()]
    assert ".lock" not in left and not [name for name in left if name.endswith(".tmp")]


def test_the_second_start_takes_what_the_first_saved_meanwhile(machine):
    start = machine.spawn(
        DRIVER, "--interactive", "resolve", "shop-7f3a", machine.data, f"{NAME}:0",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    assert said(start) == f"asked={NAME}"
    assert machine.resolve(
        f"{NAME}:0", options=["--interactive"], answers="faster\n"
    ).db_password == "faster"
    output, _ = start.communicate("slower\n", timeout=60)
    assert f"{NAME}=faster" in output
    assert "another start" in output


def test_a_file_that_others_can_read_is_refused(machine):
    machine.resolve(f"{NAME}:24")
    machine.private_file(NAME).chmod(0o644)
    answer = machine.resolve(f"{NAME}:24")
    assert answer.code == 4
    assert "others can read it (mode 0644)" in answer.message
    assert "chmod 600" in answer.hint


def test_a_data_folder_that_cannot_be_made(machine):
    (machine.root / "data" / "devstack").write_text("in the way")
    answer = machine.resolve(f"{NAME}:24")
    assert answer.code == 4
    assert "XDG_DATA_HOME" in answer.hint
