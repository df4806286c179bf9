"""Writes of the network: links, rings, labels."""

from fraud.network.services.labeling import end_label, put_label
from fraud.network.services.linking import link, link_sighting
from fraud.network.services.rings import forget_person, settle_rings

__all__ = ["end_label", "forget_person", "link", "link_sighting", "put_label", "settle_rings"]
