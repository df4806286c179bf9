"""The demo's addresses and sign-ins for people and scripts: `demo.json`, and the same as a table."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from stack.folders import Folders, read_json, write_json
from stack.programs import WORKERS
from stack.supervisor import Pids


def build(folders: Folders, variables: Mapping[str, str], pids: Pids) -> dict[str, Any]:
    """Return addresses, process ids, and the seeded people."""
    base_url = variables["BNPL_BASE_URL"]
    seed = read_json(folders.seed_json)
    return {
        "base_url": base_url,
        "shop_url": variables["BNPL_SHOP_URL"],
        "admin_url": f"{base_url}/admin/",
        "sandbox_url": variables["SANDBOX_URL"],
        "database_url": variables["DATABASE_URL"],
        "redis_url": variables["REDIS_URL"],
        "pids": {
            "web": pids.get("web"),
            "workers": [pids[name] for name in WORKERS if pids.get(name)],
            "beat": pids.get("beat"),
            "sandbox": pids.get("sandbox"),
            "shop": pids.get("shop"),
        },
        "merchants": seed.get("merchants", []),
        "operators": seed.get("operators", []),
        "consumers": seed.get("consumers", []),
        "brands": [brand | {"base_url": _beside(base_url, brand["base_url"])} for brand in seed.get("brands", [])],
    }


def _beside(base_url: str, brand_url: str) -> str:
    """Return a brand's address with the current port: the database may have been seeded when the demo ran on another port."""
    today = urlsplit(base_url)
    return f"{today.scheme}://{urlsplit(brand_url).hostname}" + (f":{today.port}" if today.port else "")


def write(folders: Folders, variables: Mapping[str, str], pids: Pids, *, ready: bool) -> None:
    """Write the demo shop's copy of the file at once, and the public one when everything is ready."""
    manifest = build(folders, variables, pids)
    write_json(folders.run / "shop.json", manifest)
    if ready:
        write_json(folders.demo_json, manifest)


def table(folders: Folders, variables: Mapping[str, str]) -> str:
    """Return the addresses and sign-ins as lines for a terminal."""
    manifest = build(folders, variables, {})
    base_url = manifest["base_url"]
    rows = [
        ("Demo shop", manifest["shop_url"], "buy something: the start of every story"),
        ("Platform", base_url, "consumers sign in here with a one-time code"),
        ("Merchant portal", f"{base_url}/merchant/", "sign-ins below"),
        ("Back office", manifest["admin_url"], "sign-ins below"),
        ("API reference", f"{base_url}/api/docs/", "keys below"),
        ("Mailbox and phone", f"{manifest['sandbox_url']}/", "every code and message of the sandbox arrives here"),
    ]
    lines = ["", *(f"  {name:<18} {address:<38} {note}" for name, address, note in rows), ""]
    lines += [f"  {'Merchant':<18} {_login(one.get('login', {}))}   {one.get('name', '')}" for one in manifest["merchants"]]
    lines += [f"  {'':<18} {one['secret_key']}   {one.get('name', '')}, {one.get('currency', '')}" for one in manifest["merchants"]]
    lines += [f"  {'Operator':<18} {_login(one)}   {_roles(one)}" for one in manifest["operators"]]
    lines += [f"  {'Consumer':<18} {one['email']:<25} one-time code 111111" for one in manifest["consumers"][:3]]
    for brand in manifest["brands"]:
        lines += ["", f"  {brand['name']:<18} {brand['base_url']:<38} a second brand: a bank, with a shop and people of its own"]
        lines += [f"  {'Merchant':<18} {_login(one['login'])}   {one['name']}" for one in brand["merchants"]]
        lines += [f"  {'Its shop':<18} {manifest['shop_url']}/{one['slug']}/" for one in brand["merchants"] if one.get("slug")]
        lines += [f"  {'Consumer':<18} {one['email']:<25} one-time code 111111" for one in brand["consumers"]]
    return "\n".join(lines)


def _roles(one: Mapping[str, Any]) -> str:
    return "superuser" if one.get("superuser") else ", ".join(one.get("roles", []))


def _login(one: Mapping[str, str]) -> str:
    return f"{one.get('email', ''):<38} {one.get('password', '')}"
