"""Takes the pictures of the documentation from a running demo: `make pictures`, with `manage.py demo` in another terminal.

    python docs/pictures/take.py [--group checkout] [--only plan] [--width 768] [--look FOLDER] [--base URL] [--list]

A picture is a *scene*, in a module `scenes_*.py` beside this file (every one of them is found by its name):

    from stage import Stage, scene

    @scene("merchant", dark=True)
    def overview(stage: Stage) -> None:
        '''Sales, approval, next payout, orders.'''
        stage.sign_in_merchant()
        stage.open("/merchant/")

The scene leaves `stage.page` (Playwright) in the state to be shown. Its pictures are then taken at 390 and 1280 pixels, light, and with
`dark=True` also dark, in the page's full height (`full=False`: one window high, for dialogs and sticky footers), into
`docs/pictures/<group>/<name>-<width>[-dark].webp`, lossless. The docstring's first line is the caption in `docs/pictures/README.md`. Every
scene starts in a fresh window and prepares everything that it needs, so that it can be retaken alone: sign in with
`stage.sign_in_consumer(email)`, `sign_in_merchant(shop)`, `sign_in_operator(number)`; make orders with `stage.buy(...)`, or call the API as
the shop with `stage.api("POST", "/orders/...")`; `stage.once(key, make)` makes something once per demo and finds it again. A scene that
moves the clock says `last=True`: the others come first, so that "the last 30 days" are still full of orders. One that shows the demo as it
starts says `first=True`.

`--look FOLDER` also keeps every picture as PNG there, to be looked at; with another `--width` than the two it keeps only those.
Console errors are printed and fail the run, but for the status of an error page itself.
"""

import argparse
import importlib
import io
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

# ruff: noqa: INP001  (scripts, no package)
import gallery
from PIL import Image
from playwright.sync_api import sync_playwright
from stage import HEIGHTS, Scene, Stage, chosen

HERE = Path(__file__).resolve().parent
VAR = (HERE.parent.parent / os.environ.get("BNPL_VAR", "var")).resolve()
WIDTHS = (390, 1280)
TALLEST = 12_000


def read_wishes() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Take pictures of a running demo.")
    parser.add_argument("--group", action="append", default=[], help="only scenes of this group")
    parser.add_argument("--only", action="append", default=[], help="only the scene of this name")
    parser.add_argument("--width", action="append", type=int, default=[], help="only this width")
    parser.add_argument("--look", type=Path, help="a folder for PNGs to look at")
    parser.add_argument("--base", help="the demo's address, where it is not the one of demo.json")
    parser.add_argument("--list", action="store_true", help="list the scenes")
    return parser.parse_args()


def grow(stage: Stage, width: int, *, full: bool) -> None:
    """Set the window to a width and to the page's whole height, so that a sticky footer is at the end of the page."""
    least = HEIGHTS.get(width, 900)
    stage.page.set_viewport_size({"width": width, "height": least})
    if full:
        stage.page.wait_for_timeout(60)
        height = stage.page.evaluate("document.documentElement.scrollHeight")
        stage.page.set_viewport_size({"width": width, "height": max(least, min(height, TALLEST))})
    stage.page.evaluate("document.fonts.ready.then(() => scrollTo(0, 0))")
    stage.page.wait_for_timeout(120)


def take(stage: Stage, scene: Scene, wishes: argparse.Namespace) -> int:
    """Take a scene's pictures; return their bytes."""
    size = 0
    for width in wishes.width or WIDTHS:
        grow(stage, width, full=scene.full)
        for mode in ("light", "dark") if scene.dark else ("light",):
            stage.page.emulate_media(color_scheme=mode)
            name = f"{scene.name}-{width}" + ("-dark" if mode == "dark" else "")
            data = stage.page.screenshot(animations="disabled", caret="hide")
            size += keep(data, scene.group, name, wishes.look, real=width in WIDTHS)
        stage.page.emulate_media(color_scheme="light")
    return size


def keep(data: bytes, group: str, name: str, look: Path | None, *, real: bool) -> int:
    """Write a picture, lossless; return its bytes."""
    if look:
        look.mkdir(parents=True, exist_ok=True)
        (look / f"{group}-{name}.png").write_bytes(data)
    if not real:
        return 0
    path = HERE / group / f"{name}.webp"
    path.parent.mkdir(exist_ok=True)
    Image.open(io.BytesIO(data)).convert("RGB").save(path, lossless=True, method=6, quality=90)
    return path.stat().st_size


def play(stage: Stage, scene: Scene, wishes: argparse.Namespace) -> bool:
    """Play a scene and take its pictures; if it fails, print the reason and return False."""
    stage.enter()
    stage.faults.clear()
    try:
        scene.play(stage)
        stage.page.wait_for_load_state("networkidle")
        size = take(stage, scene, wishes)
        print(f"{scene.group}/{scene.name}  {size // 1024} kB", *stage.faults, sep="  ", flush=True)
    except Exception as error:  # noqa: BLE001  (one scene that fails does not keep the others from being taken)
        print(f"{scene.group}/{scene.name}  FAILED at {stage.page.url}: {error}", flush=True)
        return False
    finally:
        stage.leave()
    return not stage.faults


def load_demo(wishes: argparse.Namespace) -> dict[str, Any]:
    """Read the demo's `demo.json`; exit if no demo is running."""
    manifest = VAR / "demo.json"
    if not manifest.exists():
        sys.exit(f"There is no {manifest}: start the demo first (python3 manage.py demo).")
    demo: dict[str, Any] = json.loads(manifest.read_text())
    return demo | ({"base_url": wishes.base.rstrip("/")} if wishes.base else {})


def main() -> int:
    """Take every requested picture; return the exit code."""
    wishes = read_wishes()
    for module in sorted(HERE.glob("scenes_*.py")):
        importlib.import_module(module.stem)
    scenes = list(chosen(wishes.group, wishes.only))
    if wishes.list:
        print(*(f"{one.group}/{one.name}: {one.caption}" for one in scenes), sep="\n")
        return 0
    demo = load_demo(wishes)
    with sync_playwright() as machine:
        browser = machine.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-headless-shell"), args=["--no-sandbox", "--disable-gpu"]
        )
        stage = Stage(browser, demo, VAR / "pictures.json")
        good = [play(stage, one, wishes) for one in scenes]
        browser.close()
    gallery.write(HERE)
    print(f"{sum(good)} of {len(good)} scenes; docs/pictures is {gallery.weight(HERE) // 1024} kB")
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
