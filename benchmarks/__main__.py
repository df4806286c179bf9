"""`python -m benchmarks [name ...]`: run each benchmark in a process of its own, and save the figures in `$BNPL_VAR/bench.json`.

Those in a file `long_<name>.py` take many minutes, and run only if they are named.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Figure, table
from bnpl.env import ROOT, var_dir
from stack.folders import read_json, write_json

HERE = Path(__file__).parent


def names(kind: str = "bench") -> list[str]:
    """Return the names of all benchmarks, or of the `long` ones."""
    return sorted(path.stem.removeprefix(f"{kind}_") for path in HERE.glob(f"{kind}_*.py"))


def measured(name: str) -> list[Figure] | None:
    """Run one benchmark; return its figures, or None if it failed."""
    print(f"== {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        kind = "long" if name in names("long") else "bench"
        subprocess.run([sys.executable, "-m", f"benchmarks.{kind}_{name}", "--out", str(out)], cwd=ROOT, check=False)
        return [Figure(**values) for values in json.loads(out.read_text())] if out.exists() else None


def keep(figures: list[Figure]) -> None:
    """Save figures, and keep those of other benchmarks."""
    path = var_dir() / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {f.name: {"value": round(f.value, 4), "least": f.least, "aim": f.aim, "better": f.better} for f in figures}
    write_json(path, read_json(path) | told)


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all but the long ones; return 1 if a required minimum is missed or a benchmark failed."""
    known = [*names(), *names("long")]
    unknown = set(wanted) - set(known)
    if unknown:
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    broken = []
    for name in wanted or names():
        found = measured(name)
        if found is None:
            broken.append(name)
        else:
            figures += found
            keep(found)
    print(f"\n{table(figures)}")
    for name in broken:
        print(f"{name} broke", file=sys.stderr)
    return 0 if figures and not broken and all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
