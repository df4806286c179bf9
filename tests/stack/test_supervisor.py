"""The supervisor, tried with small real programs: kills, Ctrl-C, busy ports, take-over."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bnpl.env import ROOT
from stack.errors import AlreadyRunning, PortBusy, ProgramFailed
from stack.folders import Folders, read_json
from stack.ports import Ports, free_port, is_free, require_free
from stack.processes import identify
from stack.program import Program
from stack.supervisor import Supervisor

SLEEPER = (sys.executable, "-c", "print('up', flush=True); import time; time.sleep(600)")
# Writes its name into the folder's journal when it is asked to stop: shows the order and that nobody was killed.
POLITE = """
import signal, sys, time
def leave(*_):
    open(sys.argv[2], "a").write(sys.argv[1] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("up", flush=True)
time.sleep(600)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
# A supervisor as a process of its own, that a test can kill: `database`, then `web-1` and `web-2`, then a deaf one.
DRIVER = f"""
import json, sys
from pathlib import Path
from stack.errors import StopRequested
from stack.folders import Folders, write_json
from stack.program import Program
from stack.supervisor import Supervisor

folders = Folders(Path(sys.argv[1]))
folders.make()
up = lambda run: "up" in run.logged()
def polite(name):
    return Program(name=name, argv=(sys.executable, "-c", {POLITE!r}, name, str(folders.var / "journal")), is_up=up)
deaf = Program(name="deaf", argv=(sys.executable, "-c", {DEAF!r}), is_up=up, stop_s=0.5)
supervisor = Supervisor(folders, say=lambda text: None, on_change=lambda pids: write_json(folders.demo_json, {{"pids": pids}}))
with folders.held("busy"), supervisor.signals():
    try:
        print("took over", supervisor.take_over(), flush=True)
        supervisor.start(polite("database"))
        supervisor.start(polite("web-1"), polite("web-2"))
        supervisor.start(deaf)
        print("ready", flush=True)
        supervisor.watch()
    except StopRequested:
        print("asked", flush=True)
    finally:
        supervisor.stop()
print("done", flush=True)
"""


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(tmp_path / "var")
    made.make()
    return made


@pytest.fixture
def supervisor(folders: Folders) -> Iterator[Supervisor]:
    said: list[str] = []
    one = Supervisor(folders, say=said.append)
    one.said = said  # type: ignore[attr-defined]
    yield one
    one.stop()


@pytest.fixture
def drive(folders: Folders) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Give a function that starts the driver and waits until its programs are up."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        driver = subprocess.Popen([sys.executable, "-c", DRIVER, str(folders.var)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        started.append(driver)
        assert driver.stdout is not None
        driver.greeting = driver.stdout.readline()  # type: ignore[attr-defined]
        assert driver.stdout.readline() == "ready\n"
        return driver

    yield start
    for driver in started:
        if driver.poll() is None:
            driver.terminate()
            driver.wait(15)
        assert driver.stdout is not None
        driver.stdout.close()
    Supervisor(folders, say=lambda _text: None).take_over()


def eventually(condition: Callable[[], bool], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def pids(folders: Folders) -> dict[str, int]:
    return read_json(folders.demo_json)["pids"]


def journal(folders: Folders) -> list[str]:
    path = folders.var / "journal"
    return path.read_text().split() if path.exists() else []


def alive(numbers: dict[str, int]) -> list[str]:
    return [name for name, pid in numbers.items() if identify(pid)]


def sleeper(name: str = "sleeper") -> Program:
    return Program(name=name, argv=SLEEPER, is_up=lambda run: "up" in run.logged())


def test_a_killed_program_is_started_again_and_the_pids_stay_true(drive, folders):
    drive()
    before = pids(folders)
    os.kill(before["web-1"], signal.SIGKILL)
    eventually(lambda: pids(folders).get("web-1") not in (None, before["web-1"]))
    after = pids(folders)
    assert {name: pid for name, pid in after.items() if name != "web-1"} == {name: pid for name, pid in before.items() if name != "web-1"}
    assert alive(after) == list(after)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_reverse_order_and_kills_the_deaf(drive, folders, number):
    driver = drive()
    before = pids(folders)
    driver.send_signal(number)
    assert driver.wait(15) == 0
    assert alive(before) == []
    order = journal(folders)
    assert sorted(order[:2]) == ["web-1", "web-2"]
    assert order[2:] == ["database"]
    assert not folders.processes.exists()


def test_ctrl_c_of_a_terminal_reaches_the_programs_through_the_supervisor_only(folders):
    """A terminal signals the whole foreground group; the programs must not be in it."""
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(folders.var)], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert driver.stdout is not None
    with driver.stdout:
        while driver.stdout.readline() != "ready\n":
            pass
        os.killpg(driver.pid, signal.SIGINT)
        assert driver.stdout.read() == "asked\ndone\n"
    assert driver.wait(15) == 0
    assert journal(folders)[-1] == "database"


def test_a_second_ctrl_c_hurries(folders):
    one = Supervisor(folders, say=lambda _text: None)
    one.start(Program(name="deaf", argv=(sys.executable, "-c", DEAF), is_up=lambda run: "up" in run.logged(), stop_s=60))
    with one.signals():
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.kill(os.getpid(), signal.SIGINT)
        helper = subprocess.Popen(["/bin/sh", "-c", f"sleep 0.5; kill -INT {os.getpid()}"])
        began = time.monotonic()
        one.stop()
        helper.wait(5)
    assert 0.3 < time.monotonic() - began < 5
    assert one.runs == {}


def test_programs_of_a_killed_supervisor_die_with_it_or_are_taken_over(drive, folders):
    driver = drive()
    before = pids(folders)
    driver.kill()
    driver.wait(5)
    eventually(lambda: alive(before) == ["deaf"])
    again = drive()
    after = pids(folders)
    assert again.greeting == "took over 1\n"
    assert identify(before["deaf"]) is None
    assert alive(after) == list(after)
    assert set(before.values()).isdisjoint(after.values())


def test_takeover_leaves_a_stranger_with_a_reused_number_alone(folders, supervisor):
    stranger = subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        supervisor.start(sleeper())
        record = read_json(folders.processes)
        record["programs"][0].update(pid=stranger.pid, started="1")
        folders.processes.write_text(json.dumps(record))
        assert Supervisor(folders, say=lambda _text: None).take_over() == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_takeover_ignores_the_numbers_of_another_boot(folders, supervisor):
    supervisor.start(sleeper())
    record = read_json(folders.processes) | {"era": "before the power went"}
    folders.processes.write_text(json.dumps(record))
    assert Supervisor(folders, say=lambda _text: None).take_over() == 0
    assert supervisor.runs["sleeper"].process.poll() is None


def test_only_one_supervisor_holds_a_folder(folders):
    with folders.held("first"), pytest.raises(AlreadyRunning, match="in use"), folders.held("in use"):
        pass
    with folders.held("free again"):
        pass


def test_a_program_that_ends_at_its_start_is_named_with_its_last_words(supervisor):
    broken = Program(name="broken", argv=(sys.executable, "-c", "raise SystemExit('no such table')"))
    with pytest.raises(ProgramFailed, match=r"(?s)broken ended with code 1.*no such table"):
        supervisor.start(Program(**{**broken.__dict__, "is_up": lambda _run: False}))


def test_a_program_that_does_not_come_up_in_time_is_named(supervisor):
    with pytest.raises(ProgramFailed, match="slow was not up after 0 s"):
        supervisor.start(Program(name="slow", argv=SLEEPER, is_up=lambda _run: False, start_s=0.2))


def test_a_program_may_be_given_several_tries(supervisor, tmp_path):
    mark = tmp_path / "seen"
    code = f"import pathlib, sys, time; p = pathlib.Path({str(mark)!r}); seen = p.exists(); p.touch(); seen or sys.exit(1); time.sleep(600)"
    supervisor.start(Program(name="second", argv=(sys.executable, "-c", code), is_up=lambda run: run.lived_s() > 0.5, tries=2))
    assert supervisor.runs["second"].process.poll() is None


def test_a_program_that_keeps_dying_is_started_with_growing_waits(supervisor, tmp_path):
    mark = tmp_path / "seen"
    # The first one lives a second, so that it is seen to be up on any machine.
    code = f"import pathlib, time; p = pathlib.Path({str(mark)!r}); seen = p.exists(); p.touch(); time.sleep(1 - seen); raise SystemExit(3)"
    supervisor.start(Program(name="weak", argv=(sys.executable, "-c", code)))
    ended: list[float] = []
    waits: list[float] = []
    deadline = time.monotonic() + 60
    while len(waits) < 4:
        assert time.monotonic() < deadline
        before = len(supervisor.said)
        supervisor.tend()
        for line in supervisor.said[before:]:
            if line == "weak ended with code 3":
                ended.append(time.monotonic())
            elif line.startswith("weak is started again"):
                waits.append(time.monotonic() - ended[-1])
        time.sleep(0.01)
    # Until a moment later, where other tests run beside this one.
    assert [least <= wait < least + 1.5 for wait, least in zip(waits, (0.25, 0.5, 1, 2), strict=True)] == [True] * 4, waits


def test_what_a_dead_leader_leaves_in_its_group_is_killed(supervisor, tmp_path):
    note = tmp_path / "child"
    code = f"""
import pathlib, subprocess, time
child = subprocess.Popen(["sleep", "600"])
pathlib.Path({str(note)!r}).write_text(str(child.pid))
time.sleep(600)
"""
    supervisor.start(Program(name="leader", argv=(sys.executable, "-c", code), is_up=lambda _run: note.exists() and note.read_text() != ""))
    child = int(note.read_text())
    os.kill(supervisor.runs["leader"].pid, signal.SIGKILL)
    supervisor.runs["leader"].process.wait(5)
    supervisor.tend()
    eventually(lambda: identify(child) is None)


def test_a_one_shot_runs_once_and_tells_its_success(supervisor, tmp_path):
    done: list[str] = []
    quick = Program(name="quick", argv=(sys.executable, "-c", ""), one_shot=True, on_success=lambda: done.append("quick"))
    supervisor.start(quick)
    eventually(lambda: (supervisor.tend(), done)[1] == ["quick"])
    supervisor.tend()
    assert supervisor.runs == {}
    with pytest.raises(ProgramFailed, match=r"bad ended with code 7"):
        supervisor.run(Program(name="bad", argv=(sys.executable, "-c", "raise SystemExit(7)"), one_shot=True))


def test_a_busy_port_is_named_with_its_holder_and_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortBusy) as caught:
            require_free({"shop": port}, patience_s=0.1)
    text = str(caught.value)
    assert f"Port {port} (shop) is in use by " in text
    assert f"(pid {os.getpid()})" in text
    assert "manage.py demo --port " in text
    require_free({"shop": port})


def test_a_port_that_becomes_free_in_time_is_waited_for():
    port = free_port()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); print(1, flush=True); time.sleep(0.7)",
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    with holder.stdout:
        holder.stdout.readline()
    require_free({"web": port}, patience_s=5)
    holder.wait(5)


def test_all_ports_follow_the_base():
    ports = Ports(9000)
    assert (ports.web, ports.shop, ports.sandbox, ports.redis) == (9000, 9001, 9002, 9003)
