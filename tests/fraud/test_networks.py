"""What internet addresses tell: nothing where they are not public, else whom they belong to and, by the operator's file, where they are."""

import struct

import pytest

from fraud.mmdb import MARK, Places
from fraud.networks import NOWHERE, OURS, read_networks, whereabouts_of
from fraud.places import distance_km, middle_of


@pytest.fixture(autouse=True)
def fresh():
    whereabouts_of.cache_clear()
    yield
    whereabouts_of.cache_clear()


def sealed(value) -> bytes:
    """Return a value in MaxMind's format."""
    if isinstance(value, str):
        raw = value.encode()
        return _head(2, len(raw)) + raw
    if isinstance(value, float):
        return _head(3, 8) + struct.pack(">d", value)
    if isinstance(value, int):
        raw = value.to_bytes(4)
        return _head(6, 4) + raw
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(map(sealed, value))
    return _head(7, len(value)) + b"".join(sealed(name) + sealed(one) for name, one in value.items())


def _head(kind: int, size: int) -> bytes:
    more = b"" if size < 29 else bytes([size - 29])
    size = min(size, 29)
    return bytes([kind << 5 | size]) + more if kind < 8 else bytes([size, kind - 7]) + more


def file_of(path, blocks: dict[str, dict], *, bits: int = 24) -> str:
    """Write a file of IPv4 blocks, each a text of bits, such as `"1011"`, with its record."""
    nodes, data, ends = [[None, None]], b"", {}
    for block, record in blocks.items():
        ends[block] = len(data)
        data += sealed(record)
        at = 0
        for place, bit in enumerate(block):
            if place == len(block) - 1:
                nodes[at][int(bit)] = ("data", ends[block])
            elif nodes[at][int(bit)] is None:
                nodes.append([None, None])
                nodes[at][int(bit)] = len(nodes) - 1
                at = len(nodes) - 1
            else:
                at = nodes[at][int(bit)]

    def number(side) -> int:
        if side is None:
            return len(nodes)
        return len(nodes) + 16 + side[1] if isinstance(side, tuple) else side

    tree = b""
    for left, right in ([number(side) for side in node] for node in nodes):
        if bits == 28:
            tree += (left & 0xFFFFFF).to_bytes(3) + bytes([left >> 24 << 4 | right >> 24]) + (right & 0xFFFFFF).to_bytes(3)
        else:
            tree += left.to_bytes(bits // 8) + right.to_bytes(bits // 8)
    about = {"node_count": len(nodes), "record_size": bits, "ip_version": 4, "binary_format_major_version": 2, "database_type": "Test-City"}
    path.write_bytes(tree + bytes(16) + data + MARK + sealed(about))
    return str(path)


def bits_of(address: str, length: int) -> str:
    return "".join(f"{int(part):08b}" for part in address.split("."))[:length]


OREGON = {"country": {"iso_code": "US", "names": {"en": "United States"}}, "location": {"latitude": 45.5, "longitude": -122.6}}
BERLIN = {"country": {"iso_code": "DE"}, "location": {"latitude": 52.5, "longitude": 13.4}, "subdivisions": [{"iso_code": "BE"}]}


@pytest.mark.parametrize("bits", [24, 28, 32])
def test_a_file_of_places_is_read(tmp_path, settings, bits):
    blocks = {bits_of("93.184.0.0", 16): OREGON, bits_of("91.10.4.0", 22): BERLIN}
    settings.GEOIP_FILE = file_of(tmp_path / f"places{bits}.mmdb", blocks, bits=bits)
    home, abroad, unknown = (whereabouts_of(one) for one in ("93.184.216.34", "91.10.5.9", "91.10.8.1"))
    assert (home.country, home.place, home.km_from("US", "OR")) == ("US", (45.5, -122.6), 238.0)
    assert (abroad.country, abroad.km_from("US", "OR") > 8_000, abroad.km_from("XX", "")) == ("DE", True, None)
    assert (unknown.country, unknown.place, unknown.km_from("US", "OR")) == ("", None, None)
    assert Places(tmp_path / f"places{bits}.mmdb").find("2a01:4f8::1") is None


@pytest.mark.parametrize("raw", [b"", b"nothing", MARK, MARK + b"\xff" * 40, b"\x00" * 40 + MARK + sealed({"node_count": 1})])
def test_a_broken_file_stops_nobody(tmp_path, settings, raw, caplog):
    path = tmp_path / f"broken{len(raw)}.mmdb"
    path.write_bytes(raw)
    settings.GEOIP_FILE = str(path)
    found = whereabouts_of("93.184.216.34")
    assert (found.counted, found.kind, found.country) == ("93.184.216.34", "home", "")
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.0.0.1", "172.16.9.9", "192.168.0.1", "169.254.1.1", "fe80::1", "fd00::1", "0.0.0.0"]
)
def test_what_is_not_public_tells_nothing(address):
    assert whereabouts_of(address) is NOWHERE


@pytest.mark.parametrize("address", ["100.64.0.1", "203.0.113.7", "224.0.0.1", "255.255.255.255", "", "unknown", "::ffff:10.0.0.1"])
def test_reserved_addresses_and_no_addresses_tell_nothing(address):
    assert whereabouts_of(address) is NOWHERE


def test_blocks_of_hosting_are_known_and_the_operators_rows_come_first(tmp_path, settings):
    kinds = [whereabouts_of(one).kind for one in ("88.198.3.4", "2a01:4f8:1::1", "185.220.101.1", "::ffff:88.198.3.4", "93.184.216.34")]
    assert kinds == ["hosting", "hosting", "relay", "hosting", "home"]
    assert whereabouts_of("2a01:4f8:1:2:3:4:5:6").counted == "2a01:4f8:1:2::"
    whereabouts_of.cache_clear()
    table = tmp_path / "own.csv"
    table.write_text("network,kind\n88.198.3.0/24,home\n93.184.216.0/24,hosting\n")
    settings.NETWORKS_FILE = str(table)
    assert [whereabouts_of(one).kind for one in ("88.198.3.4", "88.198.4.4", "93.184.216.34")] == ["home", "hosting", "hosting"]


@pytest.mark.parametrize("text", ["network,kind\n88.198.3.0/24,castle\n", "network,kind\nnowhere,home\n", "a,b\n1,2\n"])
def test_a_table_with_faults_is_refused(tmp_path, text):
    table = tmp_path / "own.csv"
    table.write_text(text)
    with pytest.raises((ValueError, LookupError)):
        read_networks(str(table))


def test_the_shipped_table_names_no_private_block():
    for (version, length), blocks in read_networks(str(OURS)).items():
        assert (version, length) >= (4, 8)
        assert set(blocks.values()) <= {"hosting", "relay"}


def test_distances():
    assert distance_km((55.7, 12.6), (55.7, 12.6)) == 0
    assert 7_700 < distance_km((45.5, -122.6), (55.7, 12.6)) < 8_100
    assert (middle_of("US", "OR"), middle_of("US", "??"), middle_of("DK", "")) == ((43.9, -120.6), (39.8, -98.6), (56.0, 10.5))
    assert middle_of("FR", "") is None
