"""What a network of somebody else's design adds to a colour network."""

from __future__ import annotations

from .network import ColorNetwork


class PublishedNetwork(ColorNetwork):
    """A network that others designed: whom to credit, and at what size they used it.

    Attributes
    ----------
    credit
        Authors, title and year of the publication, for the model's card.
    working_area
        H x W that the design is meant for, pixels.
    carried_license
        Of weights that come from elsewhere and travel in the checkpoint; "" if there are none.
    """

    credit: str
    working_area: int = 256 * 256
    carried_license: str = ""
