"""Writes `docs/pictures/README.md`: every picture, by group, with its caption."""

from pathlib import Path

# ruff: noqa: INP001  (scripts, no package)
from stage import SCENES, Scene

TITLES = {
    "shop": "The demo shops",
    "checkout": "Hosted checkout",
    "consumer": "Consumer portal",
    "merchant": "Merchant portal",
    "operator": "Operators",
    "mail": "Mail",
    "api": "API reference",
    "errors": "Error pages",
    "design": "Design system",
}
HEAD = """# Pictures

Every page and its states, from a phone (390 pixels) and a desk (1280), taken from the running demo by `make pictures`, which
writes this page too. How a picture is added: the top of [take.py](take.py).
"""


def write(folder: Path) -> None:
    """Write the gallery of the pictures in the folder."""
    parts = [HEAD]
    groups = [*TITLES, *sorted({one.group for one in SCENES} - set(TITLES))]
    for group in groups:
        shown = [one for one in SCENES if one.group == group and (folder / group / f"{one.name}-390.webp").exists()]
        if shown:
            parts.append(f"## {TITLES.get(group, group.capitalize())}\n\n| | phone | desk |\n|---|---|---|")
            parts.extend(_entry(one) for one in shown)
            parts.append("")
    (folder / "README.md").write_text("\n".join(parts))


def _entry(scene: Scene) -> str:
    """Return a scene's row: phone and desktop side by side, dark ones as links."""
    at = f"{scene.group}/{scene.name}"
    phone = f'<img src="{at}-390.webp" alt="{scene.caption}, on a phone" width="160">'
    desk = f'<img src="{at}-1280.webp" alt="{scene.caption}" width="520">'
    dark = f"<br>dark: [phone]({at}-390-dark.webp), [desk]({at}-1280-dark.webp)" if scene.dark else ""
    return f"| {scene.caption}{dark} | {phone} | {desk} |"


def weight(folder: Path) -> int:
    """Return the bytes of all pictures."""
    return sum(path.stat().st_size for path in folder.rglob("*.webp"))
