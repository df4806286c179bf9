"""Values that are known without asking anybody: goods that are easily resold, and mail that nobody keeps."""

RESOLD_CATEGORIES = frozenset({"phones", "electronics", "computers", "consoles", "gift_card", "gift_cards", "jewelry", "watches", "gold"})
"""Categories, as shops name them, of goods that thieves sell on within a day; the operators' rules may name others."""
RESOLD_WORDS = (
    *("iphone", "galaxy", "macbook", "ipad", "airpods", "playstation", "xbox", "nintendo switch", "gopro", "rtx"),
    *("gift card", "gavekort", "presentkort", "gutschein", "rolex", "gold bar", "sneaker", "dyson"),
)
DISPOSABLE = frozenset(
    {
        *("mailinator.com", "guerrillamail.com", "guerrillamail.net", "sharklasers.com", "grr.la", "10minutemail.com", "temp-mail.org"),
        *("tempmail.com", "tempmailo.com", "yopmail.com", "yopmail.fr", "trashmail.com", "trash-mail.com", "getnada.com", "maildrop.cc"),
        *("dispostable.com", "fakeinbox.com", "mailnesia.com", "mintemail.com", "mohmal.com", "moakt.com", "throwawaymail.com"),
        *("mailcatch.com", "spamgourmet.com", "mytemp.email", "emailondeck.com", "discard.email", "wegwerfmail.de", "einrot.com"),
        *("byom.de", "spambog.com", "tempr.email", "33mail.com", "anonbox.net", "burnermail.io", "inboxkitten.com", "mailpoof.com"),
    }
)
"""Domains of mailboxes that anybody opens without a name and that end by themselves."""
