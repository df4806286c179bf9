"""The prelude of manage.py: an old Python, a bare one, a killed installation, two at once."""

import ast
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bnpl.env import ROOT

BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)


pytestmark = pytest.mark.xdist_group("prelude")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project of manage.py, lists of no requirements, and a stack that only says hello; making it takes long, so all share it."""
    tmp_path = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "manage.py", tmp_path)
    for group in ("demo", "dev"):
        (tmp_path / "requirements").mkdir(exist_ok=True)
        (tmp_path / "requirements" / f"{group}.txt").write_text(f"# {group}\n")
    stack = tmp_path / "stack"
    stack.mkdir()
    (stack / "__init__.py").touch()
    (stack / "paths.py").write_text("def know_owner(): pass\n")
    for name in ("demo", "testing"):
        (stack / f"{name}.py").write_text("import sys\ndef main(argv): print('hello', sys.prefix, *argv)\n")
    return tmp_path


def manage(project: Path, *arguments: str, path: str = os.defpath) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key not in {"BNPL_NO_VENV", "VIRTUAL_ENV"}} | {"PATH": path}
    return subprocess.run(
        [BASE_PYTHON, "-S", str(project / "manage.py"), *arguments], env=env, capture_output=True, text=True, check=False, timeout=120
    )


def hello(project: Path, *arguments: str) -> str:
    return " ".join(["hello", str(project / ".venv"), *arguments]) + "\n"


def test_the_whole_file_parses_on_python_3_6():
    ast.parse((ROOT / "manage.py").read_text(), feature_version=(3, 6))


def test_nothing_but_sys_is_imported_before_the_version_is_checked():
    body = ast.parse((ROOT / "manage.py").read_text()).body
    check = next(index for index, node in enumerate(body) if isinstance(node, ast.If))
    assert [type(node) for node in body[:check]] == [ast.Expr, ast.Import]


def test_an_old_python_is_told_what_is_needed():
    code = "import sys, runpy; sys.version_info = (3, 8, 1, 'final', 0); sys.argv = ['manage.py', 'demo']; runpy.run_path('manage.py')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this is Python 3.8" in done.stderr
    assert "python3.12 manage.py demo" in done.stderr


def test_a_bare_python_makes_the_environment_once_even_when_two_start_at_once(project):
    env = {key: value for key, value in os.environ.items() if key != "BNPL_NO_VENV"} | {"PATH": os.defpath}
    command = [BASE_PYTHON, "-S", str(project / "manage.py"), "demo", "--port", "9000"]
    both = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    texts = [one.communicate(timeout=120)[0] for one in both]
    assert [text.endswith(hello(project, "--port", "9000")) for text in texts] == [True, True]
    assert sum("Making .venv" in text for text in texts) == 1


def test_a_later_start_says_and_does_nothing_of_its_own(project):
    manage(project, "demo")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert manage(project, "demo", "--reset").stdout == hello(project, "--reset")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of a processor, since other tests run beside this one: making the environment takes several.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


def test_the_longer_list_counts_for_the_shorter_and_a_changed_one_is_installed(project):
    assert manage(project, "test", "-k", "x").stdout.endswith(hello(project, "-k", "x"))
    assert manage(project, "demo").stdout == hello(project)
    (project / "requirements" / "demo.txt").write_text("# newer\n")
    again = manage(project, "demo").stdout
    assert "Making .venv" not in again
    assert "Installed." in again


def test_any_other_command_runs_inside_too(project):
    manage(project, "demo")
    assert "No module named 'django'" in manage(project, "migrate").stderr


def test_a_failed_installation_says_why_and_the_next_start_repairs_it(project, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (project / "requirements" / "demo.txt").write_text("no-such-package-at-all==1.0 --hash=sha256:" + "0" * 64 + "\n")
    failed = manage(project, "demo")
    assert failed.returncode == 1
    assert "The requirements could not be installed" in failed.stderr
    assert "no-such-package-at-all" in failed.stderr
    (project / "requirements" / "demo.txt").write_text("# mended\n")
    repaired = manage(project, "demo").stdout
    assert repaired.startswith("Removing an unfinished .venv")
    assert repaired.endswith(hello(project))
