"""The shop's configuration: the URLs of the platform and of the shop itself, and the keys of each merchant account."""

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from storefront.catalog import OWN_LENDER, SHOPS, Shop

PATIENCE_S = 60.0


class NotConfigured(Exception):
    """Something that the shop needs to start is missing; the text says what."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A merchant account's keys: the secret key never leaves the server, the publishable key is used in pages."""

    secret: str
    publishable: str
    platform: str = ""
    """The platform's URL for the account's brand; empty for the platform's first brand."""


@dataclass(frozen=True, slots=True)
class Config:
    """The values that differ between installations of this shop."""

    api_base: str
    shop_url: str
    host: str
    port: int
    database: Path
    keys: dict[str, Keys]

    def platform_of(self, slug: str) -> str:
        """Return the platform's URL for a shop's customers: widget, checkout, their payments."""
        return self.keys[slug].platform or self.api_base

    @property
    def api_origins(self) -> list[str]:
        """The origins from which widgets are loaded and to which forms may lead."""
        bases = [self.api_base, *(keys.platform for keys in self.keys.values() if keys.platform)]
        return list(dict.fromkeys("{0.scheme}://{0.netloc}".format(urlsplit(base)) for base in bases))

    @property
    def shops(self) -> list[Shop]:
        """The shops that are open: those whose keys are known."""
        return [shop for shop in SHOPS if shop.slug in self.keys]


def read_config(argv: Sequence[str] | None) -> Config:
    """Return the configuration from flags and environment; NotConfigured if keys are missing."""
    parser = argparse.ArgumentParser(prog="shop.py", description="The demo shop. SHOP_API_BASE: the platform. SHOP_URL: this shop.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--demo-json", type=Path, required=True, metavar="FILE", help="holds the merchants' keys")
    parser.add_argument("--database", type=Path, metavar="FILE", help="the shop's own SQLite file; default: beside --demo-json")
    options = parser.parse_args(argv)
    return Config(
        api_base=os.environ.get("SHOP_API_BASE", "http://localhost:8000").rstrip("/"),
        shop_url=os.environ.get("SHOP_URL", f"http://localhost:{options.port}").rstrip("/"),
        host=options.host,
        port=options.port,
        database=options.database or options.demo_json.with_name("shop.sqlite3"),
        keys=wait_for_keys(options.demo_json, PATIENCE_S),
    )


def wait_for_keys(path: Path, patience_s: float) -> dict[str, Keys]:
    """Return each shop's keys by slug, waiting for the file to be written; NotConfigured if it stays incomplete."""
    stop = time.monotonic() + patience_s
    needed = [shop for shop in SHOPS if shop not in OWN_LENDER]
    while any(shop.slug not in (found := _read_keys(path)) for shop in needed):
        if time.monotonic() > stop:
            missing = ", ".join(shop.name for shop in needed if shop.slug not in found)
            raise NotConfigured(f"{path} holds no keys for {missing}.")
        time.sleep(0.2)
    return found


def _read_keys(path: Path) -> dict[str, Keys]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        accounts = [("", one) for one in told["merchants"]]
        accounts += [(brand["base_url"].rstrip("/"), one) for brand in told.get("brands", []) for one in brand["merchants"]]
    except (OSError, ValueError, KeyError):
        return {}
    by_name = {one["name"]: Keys(one["secret_key"], one["publishable_key"], platform) for platform, one in accounts}
    return {shop.slug: by_name[shop.name] for shop in SHOPS if shop.name in by_name}
