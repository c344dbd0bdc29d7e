"""Every error that colorize-batch raises on purpose.

    ColorizeError
    +-- UsageError              the request cannot be meant: paths, options, recipes
    |   +-- InputTypeError      what was given as a picture is of no type that can be one
    +-- MissingDependencyError  an optional package is needed; the message names the extra
    +-- ModelError              a model file or checkpoint that is not usable
    |   +-- ContractError       an ONNX file without, or against, the engine's contract
    +-- PictureError            one picture cannot be colorized; the run goes on
    |   +-- UnreadableError     not an image, truncated, damaged or not permitted
    |   +-- TooLargeError       more pixels than `max_pixels`, or bytes than `max_bytes`
    |   +-- TooSlowError        more time than `max_seconds`
    +-- UnwritableError         a file could not be written
    +-- BackendError            the back end failed or cannot serve this device
    |   +-- DeviceError         a GPU failed (engine/device)
    |       +-- DeviceMemoryError   it ran out of memory
    +-- DatasetError            training or evaluation data that cannot be used

A message is one line: what was expected, what was found, how to fix it.
"""


class ColorizeError(Exception):
    """The root: catching it catches everything colorize-batch raises on purpose."""


class UsageError(ColorizeError, ValueError):
    """The request cannot be meant: paths that clash, an option out of range, a wrong recipe."""


class InputTypeError(UsageError, TypeError):
    """What was given as a picture is of no type that can be one."""


class MissingDependencyError(ColorizeError, ImportError):
    """An optional package is needed; the message names the extra that brings it."""


class ModelError(ColorizeError):
    """A model file or checkpoint that is not usable."""


class ContractError(ModelError):
    """An ONNX file without, or against, the contract between a model and the engine."""


class PictureError(ColorizeError):
    """One picture cannot be colorized; a run records it and goes on."""


class UnreadableError(PictureError):
    """Not an image, truncated, damaged or not permitted to be read."""


class TooLargeError(PictureError):
    """A picture with more pixels than `max_pixels`, or a file of more bytes than `max_bytes`."""


class TooSlowError(PictureError):
    """A picture that takes longer than `max_seconds`."""


class UnwritableError(ColorizeError):
    """A file could not be written; nothing is left behind under its final name."""


class BackendError(ColorizeError):
    """The inference back end failed or cannot serve the device requested."""


class DatasetError(ColorizeError):
    """Training or evaluation data that is missing, empty or not usable."""


def require(condition: bool, message: str) -> None:
    """Raise UsageError with a message unless a condition holds."""
    if not condition:
        raise UsageError(message)


def first_line(error: BaseException) -> str:
    """First line of an error's message, of the system's reason if it has one; else its type."""
    message = str(getattr(error, "strerror", None) or error)
    return (message.strip().splitlines() or [type(error).__name__])[0]


def one_line(error: BaseException) -> str:
    """An error in one line for the user; foreign errors say that they are unexpected."""
    if isinstance(error, ColorizeError):
        return " ".join(str(error).split())
    return f"unexpected {type(error).__name__}: {first_line(error)}"
