"""Model that DST was begun with, where the user leaves the choice to the machine."""

from __future__ import annotations

from ..chosen_model import ChosenModel, choose_model
from ..engine.batch.manifest import Manifest
from ..engine.inference.model_files import AUTO_MODELS
from .reporting import print_note


def model_as_begun(chosen: ChosenModel, manifest: Manifest, device: str) -> ChosenModel:
    """The model of "auto" that made the last output on record, if another machine chose otherwise.

    So `--resume` on a CPU of another kind finishes an archive, in place of doing it all again in
    slightly other colours. The manifest then goes on with that model.

    Parameters
    ----------
    chosen
        What this machine would choose.
    manifest
        Of DST.
    device
        As the user named it.
    """
    begun = manifest.last_model()
    if begun is None or begun["sha256"] == chosen.sha256:
        return chosen
    for name in AUTO_MODELS:
        other = choose_model(name, device)
        if other.sha256 == begun["sha256"]:
            manifest.model = {"name": other.name, "sha256": other.sha256}
            print_note(
                f"going on with {other.name}, which DST was begun with; --model {chosen.name} is "
                "this machine's own choice"
            )
            return other
    return chosen
