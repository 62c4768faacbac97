"""A file of the trained model by its name in, the file or what runs it out; one message where it is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
