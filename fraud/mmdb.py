"""Reads files in MaxMind's DB format 2.0 (https://maxmind.github.io/MaxMind-DB/): a tree over the bits of addresses, and records.

Reads only the types used in files of places. A damaged file raises ValueError when opened, or returns None for addresses.
"""

import ipaddress
import struct
from pathlib import Path
from typing import Any

MARK = b"\xab\xcd\xefMaxMind.com"
SEPARATOR = 16
DEEPEST = 32
"""The deepest nesting of values."""
_POINTER, _TEXT, _DOUBLE, _MAP, _ARRAY, _YES, _FLOAT = 1, 2, 3, 7, 11, 14, 15
_WHOLE = {5, 6, 9, 10}
_SIGNED = 8


class Places:
    """A file of places, held in memory."""

    def __init__(self, path: Path) -> None:
        """Read a file; ValueError if it does not have this format, OSError if it cannot be read."""
        self._raw = path.read_bytes()
        at = self._raw.rfind(MARK)
        if at < 0:
            raise ValueError(f"{path} is no file of MaxMind's DB format")
        told: Any = self._value(at + len(MARK), at + len(MARK), 0)[0]
        self._nodes, self._bits, self._version = int(told["node_count"]), int(told["record_size"]), int(told["ip_version"])
        if self._bits not in {24, 28, 32} or told["binary_format_major_version"] != 2:
            raise ValueError(f"{path} is in a version that is not known")
        self._data = self._nodes * self._bits // 4 + SEPARATOR

    def find(self, address: str) -> dict[str, Any] | None:
        """Return the record of an address, or None."""
        found = ipaddress.ip_address(address)
        if found.version == 6 and self._version == 4:
            return None
        wide = 128 if self._version == 6 else 32
        bits, node = int(found), 0
        for place in range(wide - 1, -1, -1):
            node = self._record(node, bits >> place & 1)
            if node >= self._nodes:
                break
        try:
            value = self._value(node - self._nodes + self._data - SEPARATOR, self._data, 0)[0] if node > self._nodes else None
        except (IndexError, struct.error, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def _record(self, node: int, right: int) -> int:
        raw, size = self._raw, self._bits // 4
        at = node * size
        if self._bits == 28:
            if right:
                return (raw[at + 3] & 15) << 24 | int.from_bytes(raw[at + 4 : at + 7])
            return raw[at + 3] >> 4 << 24 | int.from_bytes(raw[at : at + 3])
        half = size // 2
        return int.from_bytes(raw[at + half * right : at + half * right + half])

    def _value(self, at: int, base: int, depth: int) -> tuple[Any, int]:
        """Return the value at an offset, and the offset after it; pointers are relative to `base`."""
        if depth > DEEPEST:
            raise ValueError("values stand in one another too deep")
        kind, size, at = self._head(at, base)
        if kind == _POINTER:
            return self._value(size, base, depth + 1)[0], at
        if kind == _MAP:
            return self._map(at, size, base, depth)
        if kind == _ARRAY:
            found = []
            for _ in range(size):
                value, at = self._value(at, base, depth + 1)
                found.append(value)
            return found, at
        if kind == _YES:
            return bool(size), at
        return self._scalar(kind, self._raw[at : at + size]), at + size

    def _map(self, at: int, size: int, base: int, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        for _ in range(size):
            name, at = self._value(at, base, depth + 1)
            found[str(name)], at = self._value(at, base, depth + 1)
        return found, at

    def _head(self, at: int, base: int) -> tuple[int, int, int]:
        """Return the type of a value, its size (for a pointer, its target), and the offset where it begins."""
        raw, first = self._raw, self._raw[at]
        kind, size, at = first >> 5, first & 31, at + 1
        if kind == _POINTER:
            wide = size >> 3
            offset = (0, 2_048, 526_336, 0)[wide]
            high = (size & 7) << 8 * (wide + 1) if wide < 3 else 0
            return kind, base + high + int.from_bytes(raw[at : at + wide + 1]) + offset, at + wide + 1
        if kind == 0:
            kind, at = raw[at] + 7, at + 1
        if size >= 29:
            more = size - 28
            size = int.from_bytes(raw[at : at + more]) + (29, 285, 65_821)[more - 1]
            at += more
        return kind, size, at

    @staticmethod
    def _scalar(kind: int, raw: bytes) -> Any:
        if kind == _TEXT:
            return raw.decode()
        if kind == _DOUBLE:
            return struct.unpack(">d", raw)[0]
        if kind == _FLOAT:
            return struct.unpack(">f", raw)[0]
        if kind in _WHOLE or kind == _SIGNED:
            return int.from_bytes(raw, signed=kind == _SIGNED and len(raw) == 4)
        return raw
