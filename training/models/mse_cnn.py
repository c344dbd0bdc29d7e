"""`mse-cnn`: a small network for small pictures, made to be tuned.

Six hyper-parameters of this design are tuned: kernel size, filters, dropout and stride are options
here; epochs (with early stopping) and batch size belong to the schedule. It is trained with the
squared error, which is dull in the mean: see R. Zhang, P. Isola and A. A. Efros (2016), section 1.
The table is this project's own.
"""

from __future__ import annotations

from typing import Final

from torch import nn

from .layer_table import Conv, Drop, Up
from .options import check_option
from .tanh_stack import TanhStack

SIDES: Final = (32, 64, 128)
STRIDES: Final = (1, 2, 4)
MAX_KERNEL: Final = 15


class MseCnn(TanhStack):
    """L -> ab at the working resolution.

    Parameters
    ----------
    side
        Of the square that it is meant for: 32, 64 or 128 pixels.
    kernel
        Of every convolution, odd, 1..15.
    filters
        Of the first convolution; the second has two, the third four times as many.
    dropout
        Share of the activations dropped in training, twice; 0 up to, not including, 1.
    stride
        Of the first and the second convolution, undone in the decoder: 1, 2 or 4.

    Raises
    ------
    UsageError
        An option is out of its range.
    """

    credit = "a tunable squared-error network"

    def __init__(
        self,
        *,
        side: int = 64,
        kernel: int = 3,
        filters: int = 32,
        dropout: float = 0.1,
        stride: int = 2,
    ) -> None:
        check_option("side", side, side in SIDES, f"one of {SIDES}")
        odd = kernel % 2 == 1 and 1 <= kernel <= MAX_KERNEL
        check_option("kernel", kernel, odd, f"an odd number from 1 to {MAX_KERNEL}")
        check_option("filters", filters, filters > 0, "a positive number")
        check_option("dropout", dropout, 0 <= dropout < 1, "0 up to, not including, 1")
        check_option("stride", stride, stride in STRIDES, f"one of {STRIDES}")
        super().__init__(
            (
                Conv(filters, stride, kernel),
                Conv(2 * filters, stride, kernel),
                Drop(dropout),
                Conv(4 * filters, 1, kernel),
                Drop(dropout),
                Up(stride),
                Conv(2 * filters, 1, kernel),
                Up(stride),
                Conv(filters, 1, kernel),
                Conv(2, 1, kernel, nn.Tanh),
            )
        )
        self.working_area = side**2
        self.working_multiple = stride**2
