#!/usr/bin/env python3
"""The entry point of all commands: `python3 manage.py demo`, `python3 manage.py test`, and all others.

This file needs only Python itself. It makes `.venv` from the pinned and hashed requirements, runs itself again inside it, and then calls
Django. It can be parsed by Python 3.6, so that an old Python prints which version is needed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (older ones do run this line, to be told)
    sys.exit(
        "This project needs Python 3.11 or newer; this is Python {}.{} ({}).\n"
        "Install a newer one and call it by its name, for example: python3.12 manage.py {}".format(
            sys.version_info[0], sys.version_info[1], sys.executable, " ".join(sys.argv[1:]) or "demo"
        )
    )

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".requirements"
UNFINISHED = VENV / ".unfinished"
STACK_COMMANDS = ("demo", "test")
BORROWING_COMMANDS = ("simulate", "check_books", "plan_cases", "cap_histories", "credit_model", "fraud_model", "reminder_model")
# These commands run as the owner of the tables; no other process has that role's password.
OWNING_COMMANDS = ("install", "migrate", "renew_data")
# Inside `.venv`, the interpreter that made it, since `.venv` itself may have to be replaced.
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(.*)$")


class SetupFailed(Exception):
    """The environment could not be made; the message says why and what to do."""


def say(text: str) -> None:
    """Print a progress line without buffering."""
    print(text, flush=True)


def lock_file(group: str) -> pathlib.Path:
    """Return the file of pinned and hashed requirements of a group (demo, dev, server)."""
    return ROOT / "requirements" / f"{group}.txt"


def fingerprint(group: str) -> str:
    """Return the content of the stamp file for the present list of requirements."""
    return hashlib.sha256(lock_file(group).read_bytes()).hexdigest()


def is_ready(group: str) -> bool:
    """Return whether `.venv` has the present requirements of the group."""
    try:
        return not UNFINISHED.exists() and fingerprint(group) in STAMP.read_text().split()
    except OSError:
        return False


def already_provided(group: str) -> bool:
    """Return whether the interpreter itself has every pinned version, as in a container image or a hand-made environment."""
    if importlib.util.find_spec("django") is None:
        return False
    for line in lock_file(group).read_text().splitlines():
        pin = PINNED.match(line)
        if pin and ";" not in pin[3]:
            try:
                if importlib.metadata.version(pin[1]) != pin[2]:
                    return False
            except importlib.metadata.PackageNotFoundError:
                return False
    return True


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Lock the project's folder, so that two commands started at once make only one environment."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command is installing; waiting for it ...")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def find_uv() -> str | None:
    """Return the path of a working uv, or None (a version manager may leave an empty shim on the PATH)."""
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        return uv
    return None


def make_venv(uv: str | None) -> None:
    """Make a fresh `.venv`, and delete the rest of an interrupted attempt."""
    if VENV.exists():
        say("Removing an unfinished .venv ...")
        shutil.rmtree(VENV)
    say(f"Making .venv for Python {sys.version_info[0]}.{sys.version_info[1]} ...")
    if uv:
        command = [uv, "venv", "--quiet", "--no-project", "--python", BASE_PYTHON, str(VENV)]
    elif importlib.util.find_spec("ensurepip") is None:
        raise SetupFailed(
            "Python's ensurepip is missing, so no virtual environment can be made. On Debian and Ubuntu:\n"
            f"  apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )
    else:
        command = [BASE_PYTHON, "-m", "venv", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupFailed(f"The virtual environment could not be made (is python3-venv installed?):\n{done.stdout}{done.stderr}")


def install(group: str, uv: str | None) -> None:
    """Install a group's pinned and hashed wheels into `.venv`, by uv if it works, else by pip."""
    wanted = ["--require-hashes", "--only-binary", ":all:", "-r", str(lock_file(group))]
    total = sum(1 for line in lock_file(group).read_text().splitlines() if PINNED.match(line))
    say(f"Installing {total} pinned packages from requirements/{group}.txt (once; a minute or two) ...")
    if uv:
        done = subprocess.run([uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(VENV_PYTHON), *wanted], check=False)
        if done.returncode == 0:
            return
        say("uv could not install them; trying pip ...")
    if subprocess.run([str(VENV_PYTHON), "-c", "import pip"], capture_output=True, check=False).returncode:
        subprocess.run([str(VENV_PYTHON), "-m", "ensurepip"], capture_output=True, check=False)
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--no-compile"]
    output = run_pip([*pip, *wanted], total)
    if output:
        raise SetupFailed(f"The requirements could not be installed:\n{output}")
    # On all processors, where pip would use one.
    subprocess.run([str(VENV_PYTHON), "-m", "compileall", "-qq", "-j", "0", str(VENV / "lib")], check=False)


def run_pip(command: list[str], total: int) -> str:
    """Run pip with a progress counter; return the end of its output if it failed, else an empty text."""
    tail: list[str] = []
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            tail = [*tail[-14:], line]
            if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied: ")):
                seen += 1
                if sys.stdout.isatty():
                    name = line.split(": ")[-1].replace("Collecting ", "").replace("Processing ", "").split()[0]
                    print(f"\r  {seen}/{total} {name[:50]:<50}", end="", flush=True)
                elif seen % 20 == 0:
                    say(f"  {seen}/{total} packages fetched")
            elif line.startswith("Installing collected packages"):
                say(("\r" if sys.stdout.isatty() else "") + f"  {seen} packages fetched, unpacking ...".ljust(70))
    return "".join(tail) if pip.returncode else ""


def works() -> bool:
    """Return whether `.venv` is complete (not from an interrupted attempt) and its Python starts."""
    if UNFINISHED.exists() or not VENV_PYTHON.exists():
        return False
    return subprocess.run([str(VENV_PYTHON), "-c", ""], capture_output=True, check=False).returncode == 0


def ensure_environment(group: str) -> None:
    """Install a group's requirements into `.venv`, unless it already has them."""
    if is_ready(group):
        return
    with only_one():
        if is_ready(group):
            return
        uv = find_uv()
        if not works():
            make_venv(uv)
        UNFINISHED.touch()
        install(group, uv)
        # The dev list contains the demo list; the stamp names every list that is now installed.
        groups = ["demo", "dev"] if group == "dev" else [group]
        STAMP.write_text("\n".join(fingerprint(one) for one in groups) + "\n")
        UNFINISHED.unlink()
        say("Installed.")


def enter_environment(command: str) -> None:
    """Run the command inside `.venv` with its requirements; return if this process can run it itself."""
    group = "dev" if command == "test" else "demo"
    inside = pathlib.Path(sys.prefix).resolve() == VENV.resolve()
    if os.environ.get("BNPL_NO_VENV") or (inside and command not in STACK_COMMANDS):
        return
    if not VENV.exists() and already_provided(group):
        return
    stale = not is_ready(group)
    if stale:
        ensure_environment(group)
    if stale or not inside:
        os.execv(VENV_PYTHON, [str(VENV_PYTHON), str(ROOT / "manage.py"), *sys.argv[1:]])  # noqa: S606


def main() -> None:
    """Run the command that the arguments name."""
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        enter_environment(command)
    except SetupFailed as failed:
        sys.exit(str(failed))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. The next start repairs what is unfinished.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bnpl.settings")
    if command in STACK_COMMANDS:
        # The supervisor is small, and works even if the application cannot be imported.
        from stack import demo, testing

        sys.exit((demo if command == "demo" else testing).main(sys.argv[2:]))
    if command in OWNING_COMMANDS:
        from stack import paths

        paths.know_owner()
    if command in BORROWING_COMMANDS and not {"-h", "--help"} & set(sys.argv):
        from stack import borrowed

        # Before the settings are read, since they take the servers' addresses from the file that the stack writes.
        with borrowed.servers() if borrowed.wanted(command) else contextlib.nullcontext():
            execute()
    else:
        execute()


def execute() -> None:
    """Run the command with Django."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
