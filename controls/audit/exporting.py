"""Exports of the audit log: rows of a time span as JSON lines, signed with Ed25519. Anybody can check them without the database."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from controls.audit.digests import Said, stamp
from controls.audit.models import AuditAnchor
from core.db import snapshot, stream

_SPAN = """
    SELECT id, at, wall, xid, actor, source, act, about, facts::text FROM controls_auditrow
    WHERE wall >= %s AND wall < %s ORDER BY id"""


class Forged(Exception):
    """The file differs from what was signed; the text says how."""


def make_keys(path: Path) -> Path:
    """Make a pair of keys: the private key in a new file that only its owner can read, the public key beside it (`.pub`)."""
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(secret)
    beside = path.with_name(f"{path.name}.pub")
    beside.write_bytes(public)
    return beside


def export(path: Path, *, since: datetime, until: datetime, key: Path) -> int:
    """Write the rows of a span of real time and their signature to a file; return the number of rows. Uses constant memory."""
    signer = serialization.load_pem_private_key(key.read_bytes(), password=None)
    if not isinstance(signer, Ed25519PrivateKey):
        raise TypeError("the key is not an Ed25519 key")
    told, count = sha256(), 0
    with path.open("wb") as file, snapshot():
        for line in _lines(since, until):
            file.write(line)
            told.update(line)
            count += 1
        end = {"rows": count, "from": stamp(since), "to": stamp(until), "sha256": told.hexdigest()}
        signature = signer.sign(_plain(end))
        file.write(_plain(end | {"signature": base64.b64encode(signature).decode()}))
    return count


def check(path: Path, *, key: Path) -> dict[str, Any]:
    """Check an exported file against its signature, and return its last line; Forged says what is wrong."""
    reader = serialization.load_pem_public_key(key.read_bytes())
    if not isinstance(reader, Ed25519PublicKey):
        raise Forged("the key is not an Ed25519 key")
    told, count, last = sha256(), 0, b""
    with path.open("rb") as file:
        for line in file:
            if last:
                told.update(last)
                count += 1
            last = line
    try:
        end: dict[str, Any] = json.loads(last)
        signature = base64.b64decode(end.pop("signature"), validate=True)
        reader.verify(signature, _plain(end))
    except (ValueError, KeyError, AttributeError, TypeError, InvalidSignature):
        raise Forged("its last line is not signed by this key") from None
    if (end["rows"], end["sha256"]) != (count, told.hexdigest()):
        raise Forged("its rows are not those that were signed")
    return end


def export_anchors(folder: Path) -> int:
    """Write each anchor that has no file yet to `audit-anchor-2026-11-28.json`; return the number of new files."""
    written = 0
    for anchor in AuditAnchor.objects.order_by("day"):
        path = folder / f"audit-anchor-{anchor.day}.json"
        if not path.exists():
            path.write_text(json.dumps(anchor.as_dict) + "\n")
            written += 1
    return written


def _lines(since: datetime, until: datetime) -> Iterator[bytes]:
    for found in stream(_SPAN, [since, until]):
        said = Said(*found)
        row = {"id": said.id, "at": stamp(said.at), "wall": stamp(said.wall), "xid": said.xid, "actor": said.actor, "source": said.source}
        yield _plain(row | {"act": said.act, "about": list(said.about), "facts": json.loads(said.facts), "digest": said.digest.hex()})


def _plain(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
