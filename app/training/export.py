"""A trained network and its judges in, the files of `graph_data/model` out: ONNX that runs without PyTorch.

The encoder's graph is written node by node, which keeps it to the operators onnxruntime fuses and quantises well; its
matrices and embeddings are then stored in 8 bits. The trees become one TreeEnsemble operator each.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from app.training.network import Bert, Layer, Reader

OPSET = 17
TREES_OPSET = 3


class _Graph:
    """An ONNX graph being written."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, value: Tensor | np.ndarray[Any, Any]) -> str:
        array = value.detach().numpy() if isinstance(value, Tensor) else value
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, inputs: list[str], name: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def linear(self, module: nn.Linear, states: str, name: str) -> str:
        matrix = self.weight(f"{name}.w", module.weight.t())
        product = self.node("MatMul", [states, matrix], f"{name}.product")
        return self.node("Add", [product, self.weight(f"{name}.b", module.bias)], name)

    def norm(self, module: nn.LayerNorm, states: str, name: str) -> str:
        inputs = [states, self.weight(f"{name}.w", module.weight), self.weight(f"{name}.b", module.bias)]
        return self.node("LayerNormalization", inputs, name, axis=-1, epsilon=1e-12)


def encoder_model(bert: Bert) -> onnx.ModelProto:
    """The encoder for one window at a time: ids, segments, positions (1, length) to states (1, length, width)."""
    graph = _Graph()
    parts = [
        graph.node("Gather", [graph.weight(f"{name}.table", table.weight), name], f"{name}.rows")
        for name, table in (("ids", bert.words), ("segments", bert.segments), ("positions", bert.positions))
    ]
    summed = graph.node("Add", [graph.node("Add", parts[:2], "words"), parts[2]], "placed")
    states = graph.norm(bert.norm, summed, "embedded")
    for number, layer in enumerate(bert.layers):
        assert isinstance(layer, Layer)
        states = _layer(graph, layer, states, f"layer{number}", bert.shape.width)
    graph.node("Identity", [states], "states")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, [1, "length"])
        for name in ("ids", "segments", "positions")
    ]
    outputs = [helper.make_tensor_value_info("states", TensorProto.FLOAT, [1, "length", bert.shape.width])]
    made = helper.make_graph(graph.nodes, "encoder", inputs, outputs, graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def _layer(graph: _Graph, layer: Layer, states: str, at: str, width: int) -> str:
    size = width // layer.heads
    split = graph.weight(f"{at}.split", np.asarray([0, 0, layer.heads, size], np.int64))
    query, key, value = (
        graph.node(
            "Transpose",
            [graph.node("Reshape", [graph.linear(module, states, f"{at}.{name}"), split], f"{at}.{name}.heads")],
            f"{at}.{name}.turned",
            perm=[0, 2, 3, 1] if name == "key" else [0, 2, 1, 3],
        )
        for name, module in (("query", layer.query), ("key", layer.key), ("value", layer.value))
    )
    scale = graph.weight(f"{at}.scale", np.asarray(1 / math.sqrt(size), np.float32))
    scores = graph.node("Mul", [graph.node("MatMul", [query, key], f"{at}.scores"), scale], f"{at}.scaled")
    mixed = graph.node("MatMul", [graph.node("Softmax", [scores], f"{at}.shares", axis=-1), value], f"{at}.mixed")
    turned = graph.node("Transpose", [mixed], f"{at}.mixed.turned", perm=[0, 2, 1, 3])
    joined = graph.node(
        "Reshape", [turned, graph.weight(f"{at}.join", np.asarray([0, 0, width], np.int64))], f"{at}.joined"
    )
    attended = graph.node("Add", [states, graph.linear(layer.out, joined, f"{at}.out")], f"{at}.attended")
    states = graph.norm(layer.first_norm, attended, f"{at}.first")
    inner = _gelu(graph, graph.linear(layer.inner, states, f"{at}.inner"), f"{at}.gelu")
    summed = graph.node("Add", [states, graph.linear(layer.outer, inner, f"{at}.outer")], f"{at}.summed")
    return graph.norm(layer.second_norm, summed, f"{at}.second")


def _gelu(graph: _Graph, values: str, at: str) -> str:
    """x/2 (1 + erf(x/√2)), in the five operators that onnxruntime fuses into one."""
    root = graph.weight(f"{at}.root", np.asarray(math.sqrt(2), np.float32))
    one, half = (graph.weight(f"{at}.{n}", np.asarray(v, np.float32)) for n, v in (("one", 1.0), ("half", 0.5)))
    erf = graph.node("Erf", [graph.node("Div", [values, root], f"{at}.div")], f"{at}.erf")
    product = graph.node("Mul", [values, graph.node("Add", [erf, one], f"{at}.add")], f"{at}.mul")
    return graph.node("Mul", [product, half], at)


def trees_model(booster: lightgbm.Booster) -> onnx.ModelProto:
    """Boosted trees as one operator: rows (n, features) to the sum of their leaves (n, 1), before the logistic."""
    body = booster.dump_model()
    keys = (
        "nodes_treeids nodes_nodeids nodes_featureids nodes_values nodes_modes nodes_truenodeids nodes_falsenodeids "
        "nodes_hitrates nodes_missing_value_tracks_true target_treeids target_nodeids target_ids target_weights"
    ).split()
    lists: dict[str, list[Any]] = {key: [] for key in keys}
    for number, tree in enumerate(body["tree_info"]):
        _tree(lists, number, tree["tree_structure"])
    inputs = [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", body["max_feature_idx"] + 1])]
    outputs = [helper.make_tensor_value_info("sums", TensorProto.FLOAT, ["n", 1])]
    node = helper.make_node(
        "TreeEnsembleRegressor", ["rows"], ["sums"], domain="ai.onnx.ml", n_targets=1, post_transform="NONE", **lists
    )
    graph = helper.make_graph([node], "trees", inputs, outputs)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", TREES_OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def _tree(lists: dict[str, list[Any]], number: int, root: Mapping[str, Any]) -> None:
    todo: list[tuple[Mapping[str, Any], int]] = [(root, 0)]
    count = 1
    while todo:
        node, own = todo.pop()
        leaf = "leaf_value" in node
        if leaf:
            lists["target_treeids"].append(number)
            lists["target_nodeids"].append(own)
            lists["target_ids"].append(0)
            lists["target_weights"].append(float(node["leaf_value"]))
            yes = no = 0
        else:
            assert node["decision_type"] == "<="
            yes, no, count = count, count + 1, count + 2
            todo += [(node["left_child"], yes), (node["right_child"], no)]
        for key, value in (
            ("nodes_treeids", number),
            ("nodes_nodeids", own),
            ("nodes_featureids", 0 if leaf else node["split_feature"]),
            # Rows are given in single precision: the threshold must lie on the same side of them as it did in double.
            ("nodes_values", 0.0 if leaf else _single(node["threshold"])),
            ("nodes_modes", "LEAF" if leaf else "BRANCH_LEQ"),
            ("nodes_truenodeids", yes),
            ("nodes_falsenodeids", no),
            ("nodes_hitrates", 1.0),
            ("nodes_missing_value_tracks_true", 0),
        ):
            lists[key].append(value)


def _single(value: float) -> float:
    """The largest number in single precision that is not above a threshold."""
    single = np.float32(value)
    return float(single if float(single) <= value else np.nextafter(single, np.float32(-np.inf)))


def write(
    folder: Path,
    reader: Reader,
    tokenizer: Path,
    judges: Mapping[str, lightgbm.Booster],
    card: Mapping[str, Any],
) -> None:
    """Write all files of a model into a folder; `card` becomes `model.json`, with the hashes of the weights added."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "encoder.onnx"
        onnx.save(encoder_model(reader.bert), whole)
        quantize_dynamic(
            whole,
            folder / "encoder.onnx",
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
    heads = {name: value.numpy().astype(np.float16) for name, value in reader.heads().items()}
    np.savez_compressed(folder / "heads.npz", **heads)
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    for name, booster in judges.items():
        onnx.save(trees_model(booster), folder / f"{name}.onnx")
    hashes = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir()) if p.suffix != ".json"
    }
    body = {**card, "sha256": hashes}
    (folder / "model.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
