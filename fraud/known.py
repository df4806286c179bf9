"""Built-in lists: easily resold goods, free mail providers, and disposable mail domains."""

RESOLD_CATEGORIES = frozenset({"phones", "electronics", "computers", "consoles", "gift_card", "gift_cards", "jewelry", "watches", "gold"})
"""Categories, as shops name them, of goods that thieves resell quickly; operators' rules may add others."""
RESOLD_WORDS = (
    *("iphone", "galaxy", "macbook", "ipad", "airpods", "playstation", "xbox", "nintendo switch", "gopro", "rtx"),
    *("gift card", "gavekort", "presentkort", "gutschein", "rolex", "gold bar", "sneaker", "dyson"),
)
FREE_MAIL = frozenset(
    {
        *(
            "gmail.com",
            "googlemail.com",
            "outlook.com",
            "outlook.dk",
            "outlook.de",
            "hotmail.com",
            "hotmail.dk",
            "hotmail.se",
            "hotmail.de",
        ),
        *("hotmail.co.uk", "live.com", "live.dk", "live.se", "msn.com", "yahoo.com", "yahoo.de", "yahoo.se", "yahoo.dk", "yahoo.co.uk"),
        *("ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.at", "gmx.com", "web.de", "t-online.de"),
        *("freenet.de", "proton.me", "protonmail.com", "fastmail.com", "mail.com", "zoho.com", "yandex.com", "mail.dk", "telia.com"),
        *("jubii.dk", "ofir.dk", "comcast.net", "verizon.net", "att.net", "btinternet.com", "posteo.de", "tutanota.com", "hey.com"),
    }
)
"""Mail domains used by very many people, so they must not be blocked."""
DISPOSABLE = frozenset(
    {
        *("mailinator.com", "guerrillamail.com", "guerrillamail.net", "sharklasers.com", "grr.la", "10minutemail.com", "temp-mail.org"),
        *("tempmail.com", "tempmailo.com", "yopmail.com", "yopmail.fr", "trashmail.com", "trash-mail.com", "getnada.com", "maildrop.cc"),
        *("dispostable.com", "fakeinbox.com", "mailnesia.com", "mintemail.com", "mohmal.com", "moakt.com", "throwawaymail.com"),
        *("mailcatch.com", "spamgourmet.com", "mytemp.email", "emailondeck.com", "discard.email", "wegwerfmail.de", "einrot.com"),
        *("byom.de", "spambog.com", "tempr.email", "33mail.com", "anonbox.net", "burnermail.io", "inboxkitten.com", "mailpoof.com"),
    }
)
"""Domains of disposable mailboxes, which anybody can open anonymously and which expire."""
