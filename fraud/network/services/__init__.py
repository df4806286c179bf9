"""Writes of the network: links, rings, labels."""

from fraud.network.services.labeling import put_label
from fraud.network.services.linking import link, link_sighting
from fraud.network.services.rings import forget_person, settle_rings

__all__ = ["forget_person", "link", "link_sighting", "put_label", "settle_rings"]
