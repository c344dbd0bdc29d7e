"""How photographs are drawn, cropped and aged: the table `[data]` of a recipe."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from ..errors import require
from .toml_table import toml_table


@toml_table
@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentRecipe:
    """Options of drawing and ageing crops.

    Parameters
    ----------
    validation_share
        Of the photographs, held out by a hash of their names.
    folds, left_out_fold
        Parts that the photographs are cut into by another hash of their names, and the one of them, from
        0, that is not trained on; 0 folds leave none out. See `training.objectives.distillation`.
    balance
        A source of n photographs is drawn in proportion to n ** balance.
    source_weights
        By what a source's part is multiplied besides: 0.5 for one whose photographs are many and alike,
        0 for one that is not trained on.
    min_crop
        The smallest crop, as a share of the photograph's short side.
    max_stretch
        The largest change of a crop's aspect.
    tone_share, gamma_sigma
        Share of crops whose tone is changed and faded, and the spread of the log of their gamma.
    grain_share, blur_share, halation_share, vignette_share, stain_share, dust_share, jpeg_share
        Shares of crops that get grain, a blur, glowing lights, darker or paler edges, stains, dust and
        scratches, and the marks of compression; see `training.dataset.film_aging`.
    film_share
        Share of crops whose lightness is that of a film with a colour sensitivity of its own; see
        `training.dataset.film_response`.
    border_share
        Share of crops with a black, white or gray border, which has no colour; see
        `training.dataset.film_border`.
    stretch_share
        Share of crops that are stretched to full contrast, their colours with them; see
        `training.dataset.contrast`.
    """

    validation_share: float = 0.03
    folds: int = 0
    left_out_fold: int = 0
    balance: float = 0.7
    source_weights: dict[str, float] = field(default_factory=dict)
    min_crop: float = 0.5
    max_stretch: float = 1.15
    tone_share: float = 0.4
    gamma_sigma: float = 0.2
    grain_share: float = 0.15
    blur_share: float = 0.0
    vignette_share: float = 0.0
    dust_share: float = 0.0
    jpeg_share: float = 0.0
    halation_share: float = 0.0
    stain_share: float = 0.0
    film_share: float = 0.0
    border_share: float = 0.0
    stretch_share: float = 0.0

    def __post_init__(self) -> None:
        shares = [each.name for each in dataclasses.fields(self) if each.name.endswith("_share")]
        for name in ("balance", "min_crop", *shares):
            require(0 <= getattr(self, name) <= 1, f"data.{name} must be between 0 and 1")
        for source, weight in self.source_weights.items():
            require(
                isinstance(weight, int | float) and weight >= 0,
                f"data.source_weights.{source} must be a number, 0 or more",
            )
        require(self.folds == 0 or self.folds > 1, "data.folds must be 0 or at least 2")
        require(
            0 <= self.left_out_fold < max(1, self.folds),
            f"data.left_out_fold {self.left_out_fold}: expected 0 to {max(1, self.folds) - 1}, "
            f"as data.folds is {self.folds}",
        )
        require(self.max_stretch >= 1, "data.max_stretch must be at least 1")
        require(self.gamma_sigma >= 0, "data.gamma_sigma must not be negative")

    def leaves_out(self, name_hash: int) -> bool:
        """Tell whether a photograph is of the fold left out, by its `PhotoCache.name_hash`."""
        return self.folds > 0 and name_hash % self.folds == self.left_out_fold
