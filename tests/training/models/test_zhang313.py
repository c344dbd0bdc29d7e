import torch

from colorize_batch.training.color.gamut_bins import gamut_bins
from colorize_batch.training.models.zhang313 import Zhang313


def with_logits(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """The colour that a network decodes from logits of one pixel."""
    network = Zhang313(filters=1, temperature=temperature).eval()
    head = network.layers[-1]
    assert isinstance(head, torch.nn.Conv2d)
    torch.nn.init.zeros_(head.weight)
    with torch.inference_mode():
        assert head.bias is not None
        head.bias.copy_(logits)
        return network(torch.full((1, 1, 8, 8), 50.0))[0, :, 0, 0]


def test_between_mean_and_mode() -> None:
    bins = torch.from_numpy(gamut_bins().copy()).float()
    shares = torch.zeros(313)
    shares[10], shares[200] = 0.7, 0.3
    logits = torch.log(shares + 1e-30)

    mean = with_logits(logits, 1.0)
    torch.testing.assert_close(mean, 0.7 * bins[10] + 0.3 * bins[200], atol=1e-3, rtol=0)
    annealed = with_logits(logits, 0.38)
    first = 0.7 ** (1 / 0.38) / (0.7 ** (1 / 0.38) + 0.3 ** (1 / 0.38))
    expected = first * bins[10] + (1 - first) * bins[200]
    torch.testing.assert_close(annealed, expected, atol=1e-3, rtol=0)
    torch.testing.assert_close(with_logits(logits, 0.01), bins[10], atol=1e-3, rtol=0)


def test_bins_are_computed_not_saved() -> None:
    assert "bins" not in Zhang313(filters=1).state_dict()
