"""The three shops and what they sell; prices in minor units."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Product:
    """Something for sale; `slug` also names its drawing."""

    slug: str
    name: str
    price: int
    line: str
    story: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A sample customer for the delivery details, so that trying the shop needs no typing."""

    name: str
    email: str
    line1: str
    postal_code: str
    city: str
    region: str


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop: its name, its market, its products."""

    slug: str
    name: str
    prefix: str
    currency: str
    country: str
    country_name: str
    has_regions: bool
    postal_label: str
    kicker: str
    tagline: str
    intro: str
    promises: tuple[tuple[str, str], ...]
    person: Person
    products: tuple[Product, ...] = field(repr=False)

    def find(self, slug: str) -> Product | None:
        """Return a product by its slug."""
        return next((product for product in self.products if product.slug == slug), None)


NORDLYS = Shop(
    slug="nordlys",
    name="Nordlys Lamps",
    prefix="NL",
    currency="USD",
    country="US",
    country_name="United States",
    has_regions=True,
    postal_label="ZIP code",
    kicker="Made by hand in Portland",
    tagline="Light for the long evenings",
    intro="Six lamps of brass, glass and oak. Warm light, one switch, made to be repaired.",
    promises=(
        ("Two days to your door", "Sent from Portland, Oregon, in paper only."),
        ("30 days to decide", "Live with it. Send it back if it is not right."),
        ("Repaired for life", "Every part can be had from us, for good."),
    ),
    person=Person("Anna Lindholm", "anna+approve@people.example", "410 Larch Street", "97205", "Portland", "OR"),
    products=(
        Product(
            "arc",
            "Arc desk lamp",
            22_900,
            "Brushed brass, turning arm",
            (
                "An arm that stays where you put it and a shade that keeps the light on the page. The joint is a single "
                "brass ball; nothing to tighten, nothing to lose."
            ),
            (("Height", "19 in"), ("Cord", "6 ft, linen"), ("Light", "E26, up to 8 W, bulb included"), ("Weight", "4.6 lb")),
        ),
        Product(
            "halo",
            "Halo pendant",
            34_900,
            "Spun aluminum over the table",
            (
                "A wide, shallow dome that lights the table and leaves the faces soft. Spun in one piece, enameled inside "
                "so that the light comes back warm."
            ),
            (("Width", "17 in"), ("Cable", "10 ft, can be shortened"), ("Light", "E26, up to 12 W"), ("Weight", "3.1 lb")),
        ),
        Product(
            "pebble",
            "Pebble table lamp",
            8_900,
            "Opal glass on river stone",
            "A small moon for the shelf. Mouth-blown opal glass rests on a stone from the Sandy River, so no two are the same.",
            (("Height", "8 in"), ("Cord", "5 ft, with dimmer"), ("Light", "LED, 4 W, can be replaced"), ("Weight", "2.9 lb")),
        ),
        Product(
            "pine",
            "Pine floor lamp",
            28_900,
            "Three oak legs, linen shade",
            "Reads over your shoulder. Oiled oak legs, a linen shade, and a switch at the height of the hand of somebody who sits.",
            (("Height", "58 in"), ("Shade", "16 in, linen"), ("Light", "E26, up to 12 W"), ("Weight", "9.5 lb")),
        ),
        Product(
            "fold",
            "Fold wall light",
            14_900,
            "One sheet of brass, folded twice",
            "Light up the wall, not the eyes. One sheet of brass, folded twice and left to darken as it likes.",
            (
                ("Height", "9 in"),
                ("Fitting", "Plug or wall box, both included"),
                ("Light", "LED, 6 W, can be replaced"),
                ("Weight", "1.8 lb"),
            ),
        ),
        Product(
            "polaris",
            "Polaris chandelier",
            118_000,
            "Eight lights on a brass ring",
            "For the room where everybody ends up. Eight opal globes on one brass ring, hung from three cables that level themselves.",
            (("Width", "38 in"), ("Cable", "13 ft, can be shortened"), ("Light", "8 x E12, up to 5 W"), ("Weight", "14 lb")),
        ),
    ),
)

TRAILHEAD = Shop(
    slug="trailhead",
    name="Trailhead Outdoor",
    prefix="TO",
    currency="DKK",
    country="DK",
    country_name="Denmark",
    has_regions=False,
    postal_label="Postal code",
    kicker="Aarhus, since the last rain",
    tagline="Made for the long way around",
    intro="Gear that carries well, dries fast and can be mended at a kitchen table.",
    promises=(
        ("Home or at the hut", "Delivered to the door or any parcel shop in Denmark."),
        ("60 days to change your mind", "Muddy is fine. Broken, we mend."),
        ("A spare part for everything", "Buckles, poles and zips, free for five years."),
    ),
    person=Person("Freja Holm", "freja+approve@people.example", "Strandvejen 12", "8000", "Aarhus C", ""),
    products=(
        Product(
            "ridge",
            "Ridge 38 rucksack",
            89_900,
            "38 liters, weighs next to nothing",
            (
                "Carries the weekend on your hips, not on your shoulders. One big room, two pockets you can reach while "
                "walking, and a lid that keeps the rain out."
            ),
            (("Volume", "38 l"), ("Weight", "980 g"), ("Fabric", "Recycled nylon, waxed"), ("Back", "Three lengths, adjustable")),
        ),
        Product(
            "hede",
            "Hede two-person tent",
            129_900,
            "Up in four minutes, wind or not",
            (
                "Two poles, four pegs, one idea: stay dry. The fly goes up with the inner, so that it stays dry on the "
                "inside even when you pitch it in the rain."
            ),
            (("Sleeps", "Two, and their boots"), ("Weight", "1.9 kg"), ("Water column", "4,000 mm"), ("Packed", "42 x 14 cm")),
        ),
        Product(
            "ember",
            "Ember headlamp",
            34_900,
            "Red light first, so nobody wakes",
            "Starts in red, so that you find the door without waking the hut. Seven nights on one charge, and a cell that you can replace.",
            (("Light", "400 lm, red and white"), ("Runs", "Up to 70 h"), ("Weight", "74 g"), ("Rain", "IPX6")),
        ),
        Product(
            "kilde",
            "Kilde steel bottle",
            22_900,
            "0.75 l, keeps coffee hot till noon",
            "Double steel, one thread, one seal. Fits the side pocket of every rucksack we make, and the cup holder of the train.",
            (("Volume", "0.75 l"), ("Keeps", "12 h hot, 24 h cold"), ("Weight", "340 g"), ("Seal", "Spare one included")),
        ),
        Product(
            "tarn",
            "Tarn rain jacket",
            74_900,
            "Two and a half layers, no fluorine",
            "Rain off, steam out. A long back, a hood that turns with your head, and zips under the arms for the way up.",
            (("Weight", "310 g"), ("Water column", "15,000 mm"), ("Sizes", "XS to XXL"), ("Care", "Wash at 30, warm it, like new")),
        ),
        Product(
            "cairn",
            "Cairn mugs, set of two",
            14_900,
            "Enamel that survives the fire",
            "Two mugs that nest, chip and go on. Heavy enamel over steel; straight on the fire if that is how you like it.",
            (("Volume", "2 x 0.35 l"), ("Weight", "280 g"), ("Care", "Anything"), ("Color", "Moss and rust")),
        ),
    ),
)

HAVNENS = Shop(
    slug="havnens",
    name="Havnens Cykler",
    prefix="HC",
    currency="DKK",
    country="DK",
    country_name="Denmark",
    has_regions=False,
    postal_label="Postal code",
    kicker="At the harbor, rain or shine",
    tagline="Bicycles for wet harbors",
    intro="What a bicycle needs to carry you, your bread and your children through a Danish winter.",
    promises=(
        ("Fitted while you wait", "Come by with your bicycle; it takes as long as a coffee."),
        ("Two years of free service", "Brakes, gears and everything that rattles."),
        ("Made not to rust", "Salt water is where we live."),
    ),
    person=Person("Bo Madsen", "bo+approve@people.example", "Kajgade 7", "1058", "København K", ""),
    products=(
        Product(
            "pannier",
            "Pannier bag",
            89_900,
            "22 liters that stay dry inside",
            "Welded seams, a roll that closes, and hooks that one hand undoes. What goes in dry comes out dry.",
            (("Volume", "22 l"), ("Weight", "890 g"), ("Fits", "Carriers from 8 to 16 mm"), ("Fabric", "Recycled sailcloth")),
        ),
        Product(
            "light",
            "Front light",
            44_900,
            "Bright on the bridge, kind to the others",
            "A beam with an edge, so that you see the road and nobody is blinded. Goes on by itself when it gets dark.",
            (("Light", "60 lx"), ("Runs", "Up to 18 h"), ("Charged", "By USB-C, in 2 h"), ("Rain", "IPX6")),
        ),
        Product(
            "carrier",
            "Bro front carrier",
            129_900,
            "Willow on steel, takes 25 kilos",
            "Bread, flowers, a bag of coal. Woven willow on a frame that turns with the wheel and never with the load.",
            (("Carries", "25 kg"), ("Weight", "2.4 kg"), ("Fits", "26 and 28 inches"), ("Willow", "From Lolland")),
        ),
        Product(
            "cape",
            "Regn cape",
            54_900,
            "Covers you and the handlebar",
            "Thumb loops hold it over the handlebar, so that your knees stay dry. Yellow, because you are small and lorries are not.",
            (("Weight", "340 g"), ("Water column", "10,000 mm"), ("Sizes", "One, and it fits"), ("Seen from", "160 m")),
        ),
        Product(
            "lock",
            "Kaj lock",
            39_900,
            "Thirteen millimeters of no",
            "Hardened steel, two keys, and a number to order a third. Goes on the frame and does not rattle.",
            (("Shackle", "13 mm"), ("Weight", "1.1 kg"), ("Approved", "By Danish insurers"), ("Keys", "Two")),
        ),
        Product(
            "bell",
            "Klokke bell",
            14_900,
            "One clear note, in brass",
            "Turned from one piece of brass. It sounds for nine seconds, which is how long it takes a tourist to look up.",
            (("Width", "60 mm"), ("Fits", "22 to 32 mm"), ("Weight", "130 g"), ("Note", "A, more or less")),
        ),
    ),
)

SHOPS = (NORDLYS, TRAILHEAD, HAVNENS)
OWN_LENDER = (HAVNENS,)
"""Shops of another brand of the platform; they are open only if the platform has that brand."""


def find_shop(slug: str) -> Shop | None:
    """Return a shop by its slug."""
    return next((shop for shop in SHOPS if shop.slug == slug), None)
