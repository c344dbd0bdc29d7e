import pytest

from colorize_batch.errors import MissingDependencyError
from colorize_batch.extras import needs_extra


def test_names_the_extra():
    with (
        pytest.raises(
            MissingDependencyError, match=r"needs 'torch'; pip install 'colorize-batch\[train\]'"
        ),
        needs_extra("train"),
    ):
        raise ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")


@pytest.mark.parametrize("error", [ModuleNotFoundError("x", name="numpy"), ImportError("broken")])
def test_other_import_errors_pass(error):
    with pytest.raises(type(error)) as caught, needs_extra("train"):
        raise error
    assert caught.value is error
