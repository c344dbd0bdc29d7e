"""What a study found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .search_space import Value

TrialState = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReport:
    """Result of one trial.

    Attributes
    ----------
    number
        From 0.
    state
        "pruned" was stopped because others were better at the same step.
    parameters
        By key of the search.
    loss
        The lowest `val_loss`; None of a failed trial.
    curve
        (step, `val_loss`) of its validations.
    seconds
        That it took.
    run
        Its folder, under that of the study.
    error
        Why it failed, in one line; "" otherwise.
    """

    number: int
    state: TrialState
    parameters: Mapping[str, Value]
    loss: float | None
    curve: tuple[tuple[int, float], ...]
    seconds: float
    run: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyReport:
    """Report of all trials of a study.

    Attributes
    ----------
    family
        Of the networks.
    trials
        In the order in which they were begun.
    best
        Number of the complete trial with the lowest loss; None if none is complete.
    importance
        Share of each key in what the losses differ by, 0..1, the largest first: PED-ANOVA, S.
        Watanabe, A. Bansal and F. Hutter, "PED-ANOVA: Efficiently Quantifying Hyperparameter
        Importance in Arbitrary Subspaces" (2023). Empty for a handful of trials.
    """

    family: str
    trials: tuple[TrialReport, ...]
    best: int | None
    importance: Mapping[str, float]

    @property
    def best_trial(self) -> TrialReport | None:
        """The trial of number `best`."""
        return next((trial for trial in self.trials if trial.number == self.best), None)
