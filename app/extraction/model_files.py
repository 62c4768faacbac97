"""A file of the trained model by its name in, the file or what runs it out; one message where it is missing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.vocabulary.errors import MissingPart

if TYPE_CHECKING:
    import onnxruntime


def model_file(folder: Path, name: str) -> Path:
    """The path of one of the model's files.

    Raises:
        MissingPart: It is not there; the message says how to get it.
    """
    path = folder / name
    if not path.is_file():
        raise MissingPart(f"{path} is missing: train it with `make train`, or use --extractor rules")
    return path


def inference(folder: Path, name: str) -> onnxruntime.InferenceSession:
    """What runs one of the model's ONNX files, on the CPU and in one thread: processes are what works side by side.

    Raises:
        MissingPart: The file is not there.
    """
    import onnxruntime

    path = model_file(folder, name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def one_thread() -> AbstractContextManager[object]:
    """Within it, numpy multiplies matrices in one thread.

    Ours are small, and threads that wait for one another cost more than they save: where other processes want the
    cores too, as much again as all the rest.
    """
    within: AbstractContextManager[object] = _threads().limit(limits=1, user_api="blas")
    return within


@cache
def _threads() -> Any:  # noqa: ANN401  # its library tells no types
    import numpy as np  # noqa: F401  # it is to find what numpy multiplies with, which is there once numpy is
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()
