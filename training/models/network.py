"""What training and export need of a network, whatever its family."""

from __future__ import annotations

from typing import Any

from torch import nn


class ColorNetwork(nn.Module):
    """A network `l_plane` (N, 1, H, W) -> `ab_planes` (N, 2, h, w), both in CIELAB units.

    L* is 0..100; normalisation and the scaling of the output are the network's own affair.

    Attributes
    ----------
    working_multiple
        H and W must be multiples of this.
    working_area
        H x W that the design is meant for, pixels.
    takes_hints
        Whether `forward` also takes `hint_ab` (N, 2, H, W) and `hint_mask` (N, 1, H, W): a*, b* where a
        person gave them, and where that is; both may be left out.
    credit
        Authors, title and year of the publication; "" if the design is this project's own.
    carried_license
        Of weights that come from elsewhere and travel in the checkpoint; "" if there are none.
    """

    working_multiple: int
    working_area: int = 256 * 256
    takes_hints: bool = False
    credit: str = ""
    carried_license: str = ""

    def pretrained_parameters(self) -> list[nn.Parameter]:
        """Name the parameters that come from elsewhere and only need a finer tuning."""
        return []

    def parameter_groups(self, learning_rate: float, encoder_share: float) -> list[dict[str, Any]]:
        """Optimiser groups: pretrained parameters learn at `encoder_share` of the rate.

        Frozen ones are in none.
        """
        known = {id(parameter) for parameter in self.pretrained_parameters()}
        trained = [parameter for parameter in self.parameters() if parameter.requires_grad]
        pretrained = [parameter for parameter in trained if id(parameter) in known]
        new = [parameter for parameter in trained if id(parameter) not in known]
        groups = (
            {"params": pretrained, "lr": learning_rate * encoder_share},
            {"params": new, "lr": learning_rate},
        )
        return [group for group in groups if group["params"]]
