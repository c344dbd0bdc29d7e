import pytest
import torch
from torch import Tensor, nn
from typing_extensions import override

from colorize_batch.training.models.network import ColorNetwork
from colorize_batch.training.objectives.regression import Regression


class OneColor(ColorNetwork):
    """The same colour everywhere, which is all that can be known of `undecidable`."""

    def __init__(self) -> None:
        super().__init__()
        self.ab = nn.Parameter(torch.tensor([0.5, 0.5]))

    @override
    def forward(self, l_plane: Tensor) -> Tensor:
        return self.ab.reshape(1, 2, 1, 1).expand(len(l_plane), 2, *l_plane.shape[2:])


@pytest.fixture
def undecidable() -> dict[str, Tensor]:
    """Equal grays; three quarters are a weak colour, one quarter is a strong one."""
    ab_planes = torch.full((1, 2, 8, 8), 2.0)
    ab_planes[:, :, :4, :4] = torch.tensor([50.0, 40.0]).reshape(1, 2, 1, 1)
    return {"l_plane": torch.full((1, 1, 8, 8), 60.0), "ab_planes": ab_planes}


def chroma_learned(objective: Regression, batch: dict[str, Tensor]) -> float:
    network = OneColor()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.3)
    for _ in range(300):
        (turn,) = objective.turns(network, batch)
        optimizer.zero_grad()
        turn.loss.backward()
        optimizer.step()
    return float(network.ab.detach().norm())


def test_asked_for_colour_it_takes_its_chances(undecidable: dict[str, Tensor]) -> None:
    dull = chroma_learned(Regression(loss="ciede2000"), undecidable)
    colorful = chroma_learned(
        Regression(loss="ciede2000", colorfulness=0.6, colorfulness_weight=20.0), undecidable
    )
    assert dull < 8
    assert colorful > 2 * dull


def test_colour_enough_costs_nothing(undecidable: dict[str, Tensor]) -> None:
    network = OneColor()
    with torch.no_grad():
        network.ab.copy_(torch.tensor([60.0, 60.0]))
    (plain,) = Regression().turns(network, undecidable)
    (asked,) = Regression(colorfulness=0.5).turns(network, undecidable)
    assert float(asked.loss.detach()) == float(plain.loss.detach())
