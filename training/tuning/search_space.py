"""Which keys of a recipe a study varies, and how far."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, cast

from ...errors import UsageError, first_line
from ..recipe import Recipe
from ..recipe_file import recipe_from_tables

if TYPE_CHECKING:
    from optuna import Trial

# They change what the loss of a validation means, so that trials would not compare.
FIXED: Final = (
    "loss.",
    "stages.crop",
    "data.validation_share",
    "smoke.",
    "model.family",
    "trainer.epoch_steps",
)
STEPS: Final = "steps"
STAGES: Final = "stages."

Value: TypeAlias = int | float | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers from `low` to `high`, both included; whole ones if both are.

    Parameters
    ----------
    low, high
        The limits.
    log
        Draw from their logarithms, so that each factor of two is as likely as any other.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise UsageError(f"low = {self.low}, high = {self.high}: expected low below high")
        if self.log and self.low <= 0:
            raise UsageError(f"low = {self.low}: expected above 0 where log is true")

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are drawn."""
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """One of these values."""

    choices: tuple[Value, ...]

    def __post_init__(self) -> None:
        if len(self.choices) < 2 or not all(isinstance(each, Value) for each in self.choices):
            raise UsageError(
                f"choices = {[*self.choices]}: expected at least two numbers, strings or booleans"
            )


Domain: TypeAlias = Range | Choices


class SearchSpace:
    """Ranges of the values that are varied, by key.

    Parameters
    ----------
    domains
        A key is that of a recipe, with dots (`model.options.filters`); `stages.batch`, of all
        stages; or `steps`, of the whole run, which stretches or shrinks the stages.

    Raises
    ------
    UsageError
        There is none, or one that a study must not vary.
    """

    def __init__(self, domains: Mapping[str, Domain]) -> None:
        if not domains:
            raise UsageError("a search needs at least one key")
        for key in domains:
            if key.startswith(FIXED):
                raise UsageError(
                    f"{key}: not to be searched, because trials would be measured differently"
                )
        self.domains = dict(domains)

    @classmethod
    def of_mse_cnn(cls, steps: int) -> Self:
        """Vary the six hyper-parameters that `mse-cnn` is made for, in runs up to `steps`."""
        return cls(
            {
                "model.options.kernel": Choices(choices=(3, 5, 7)),
                "model.options.filters": Range(low=8, high=32, log=True),
                "model.options.dropout": Range(low=0.0, high=0.5),
                "model.options.stride": Choices(choices=(1, 2, 4)),
                "stages.batch": Choices(choices=(8, 16, 32)),
                STEPS: Range(low=max(1, steps // 4), high=max(2, steps), log=True),
            }
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a TOML file of `key = {low = , high = , log = }` or `key = {choices = [...]}`.

        Raises
        ------
        UsageError
            It is missing, not TOML, or holds something else.
        """
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(dict(_domains(tables, "")))
        except OSError as error:
            raise UsageError(f"{path}: cannot read the search: {first_line(error)}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: not TOML: {error}") from error
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from error

    def check(self, recipe: Recipe) -> None:
        """Try the limits of every domain on a recipe, one at a time.

        Raises
        ------
        UsageError
            A key is unknown, or a limit out of the key's range. Those of `options` are known only
            when a trial builds its network.
        """
        for key, domain in self.domains.items():
            limits = domain.choices if isinstance(domain, Choices) else (domain.low, domain.high)
            for value in limits:
                applied(recipe, {key: value})

    def suggested(self, trial: Trial) -> dict[str, Value]:
        """Let a trial draw a value for every key."""
        values: dict[str, Value] = {}
        for key, domain in self.domains.items():
            match domain:
                case Choices():
                    values[key] = cast("Value", trial.suggest_categorical(key, domain.choices))
                case Range(whole=True):
                    low, high = int(domain.low), int(domain.high)
                    values[key] = trial.suggest_int(key, low, high, log=domain.log)
                case Range():
                    values[key] = trial.suggest_float(key, domain.low, domain.high, log=domain.log)
        return values

    def to_tables(self) -> dict[str, dict[str, Any]]:
        """Convert to tables that a study's record can keep."""
        return {key: asdict(domain) for key, domain in self.domains.items()}


def applied(recipe: Recipe, values: Mapping[str, Value]) -> Recipe:
    """Put values into a recipe.

    Raises
    ------
    UsageError
        A key is unknown, or a value out of its range.
    """
    tables = asdict(recipe)
    for key, value in values.items():
        if key == STEPS:
            continue
        if key.startswith(STAGES):
            for stage in tables["stages"]:
                stage[key.removeprefix(STAGES)] = value
            continue
        *path, last = key.split(".")
        table: Any = tables
        for name in path:
            table = table.get(name) if isinstance(table, dict) else None
        if not path or not isinstance(table, dict):
            raise UsageError(f"unknown key {key!r}; expected one of a recipe, or {STEPS}")
        table[last] = value
    changed = recipe_from_tables(tables, "search")
    return changed.with_steps(int(values[STEPS])) if STEPS in values else changed


def shown(value: Value) -> str:
    """Write a value for readers, with four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _domains(table: Mapping[str, Any], where: str) -> Iterator[tuple[str, Domain]]:
    """Flatten nested tables: a domain is one that has `choices` or `low`."""
    for name, entry in table.items():
        key = f"{where}{name}"
        if not isinstance(entry, dict):
            raise UsageError(f"{key}: expected {{low = , high = }} or {{choices = [...]}}")
        if "choices" in entry or "low" in entry:
            yield key, _domain(key, entry)
        else:
            yield from _domains(entry, f"{key}.")


def _domain(key: str, entry: dict[str, Any]) -> Domain:
    try:
        if "choices" in entry:
            return Choices(**entry | {"choices": tuple(entry["choices"])})
        numbers = all(type(entry.get(name)) in {int, float} for name in ("low", "high"))
        if not numbers or type(entry.get("log", False)) is not bool:
            raise UsageError("low and high must be numbers, log true or false")
        return Range(**entry)
    except (TypeError, UsageError) as error:
        reason = "unknown key beside low, high, log or choices"
        raise UsageError(f"{key}: {error if isinstance(error, UsageError) else reason}") from error
