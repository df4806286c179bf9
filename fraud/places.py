"""The approximate center of each country and state where people may live, in degrees."""

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6_371.0
MIDDLES: dict[tuple[str, str], tuple[float, float]] = {
    ("DK", ""): (56.0, 10.5),
    ("SE", ""): (59.5, 15.5),
    ("DE", ""): (51.1, 10.4),
    ("GB", ""): (52.9, -1.5),
    ("US", ""): (39.8, -98.6),
    ("AU", ""): (-33.0, 147.0),
    **{
        ("US", state): place
        for state, place in {
            "AL": (32.8, -86.8),
            "AK": (64.0, -152.0),
            "AZ": (34.3, -111.7),
            "AR": (34.9, -92.4),
            "CA": (37.2, -119.5),
            "CO": (39.0, -105.5),
            "CT": (41.6, -72.7),
            "DE": (39.0, -75.5),
            "DC": (38.9, -77.0),
            "FL": (28.6, -82.4),
            "GA": (32.6, -83.4),
            "HI": (20.3, -156.4),
            "ID": (44.4, -114.6),
            "IL": (40.0, -89.2),
            "IN": (39.9, -86.3),
            "IA": (42.1, -93.5),
            "KS": (38.5, -98.4),
            "KY": (37.5, -85.3),
            "LA": (31.1, -92.0),
            "ME": (45.4, -69.2),
            "MD": (39.0, -76.8),
            "MA": (42.3, -71.8),
            "MI": (44.3, -85.4),
            "MN": (46.3, -94.3),
            "MS": (32.7, -89.7),
            "MO": (38.4, -92.5),
            "MT": (47.0, -109.6),
            "NE": (41.5, -99.8),
            "NV": (39.3, -116.6),
            "NH": (43.7, -71.6),
            "NJ": (40.2, -74.7),
            "NM": (34.4, -106.1),
            "NY": (42.9, -75.5),
            "NC": (35.6, -79.4),
            "ND": (47.4, -100.5),
            "OH": (40.3, -82.8),
            "OK": (35.6, -97.5),
            "OR": (43.9, -120.6),
            "PA": (40.9, -77.8),
            "RI": (41.7, -71.6),
            "SC": (33.9, -80.9),
            "SD": (44.4, -100.2),
            "TN": (35.9, -86.4),
            "TX": (31.5, -99.3),
            "UT": (39.3, -111.7),
            "VT": (44.1, -72.7),
            "VA": (37.5, -78.9),
            "WA": (47.4, -120.4),
            "WV": (38.6, -80.6),
            "WI": (44.6, -89.9),
            "WY": (43.0, -107.6),
        }.items()
    },
    **{
        ("AU", state): place
        for state, place in {
            "NSW": (-32.2, 147.0),
            "VIC": (-36.9, 144.3),
            "QLD": (-22.5, 144.4),
            "WA": (-25.3, 122.3),
            "SA": (-30.1, 135.8),
            "TAS": (-42.0, 146.6),
            "ACT": (-35.5, 149.0),
            "NT": (-19.4, 133.4),
        }.items()
    },
}
"""By country and region; the region is empty for the whole country."""


def middle_of(country: str, region: str) -> tuple[float, float] | None:
    """Return the center of a region, or else of its country; None if unknown."""
    return MIDDLES.get((country, region)) or MIDDLES.get((country, ""))


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two places in whole kilometers."""
    (south, west), (north, east) = ((radians(place[0]), radians(place[1])) for place in (one, other))
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    return float(round(2 * EARTH_KM * asin(sqrt(half))))
