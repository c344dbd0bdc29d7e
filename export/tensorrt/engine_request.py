"""A model and a spec, brought together: all that decides what an engine will be."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import onnx

from ...engine.inference.contract import ModelContract
from ...engine.inference.gpu.open_device import open_device
from ...engine.inference.tensorrt.engine_file import EngineKey
from ...errors import ModelError
from ..graph.read_model import read_model
from .engine_spec import EngineSpec
from .tensorrt_flavor import TensorRtFlavor


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRequest:
    """An engine that can be built.

    Parameters
    ----------
    model
        In float32, under the contract.
    contract
        Of the model.
    flavor
        That will build it.
    key
        That the engine will have.
    spec
        Requested.
    driver_version
        Of the GPU's driver; None without a GPU.
    """

    model: onnx.ModelProto
    contract: ModelContract
    flavor: TensorRtFlavor
    key: EngineKey
    spec: EngineSpec
    driver_version: int | None = None

    @classmethod
    def of(cls, onnx_path: Path, spec: EngineSpec) -> EngineRequest:
        """Read the model, and find flavour and GPU.

        Raises
        ------
        BackendError
            The GPU is not there, or the flavour does not serve it.
        MissingDependencyError
            TensorRT, or what talks to the GPU, is not installed.
        ModelError, ContractError
            The file is no model, is quantised, or is not under the contract.
        UsageError
            The spec asks for what the flavour does not do.
        """
        gpu = driver_version = None
        if spec.gpu is not None:
            with closing(open_device(spec.gpu)) as device:
                gpu = device.name, device.compute_capability
                driver_version = device.driver_version
        # Before the model is read: on a GPU that it does not serve, all else would be in vain.
        flavor = TensorRtFlavor(spec.flavor, gpu)
        model, contract, onnx_sha256 = read_model(onnx_path)
        if any(node.op_type == "QuantizeLinear" for node in model.graph.node):
            raise ModelError(
                f"{onnx_path}: quantised to 8 bit, which is for CPUs; build the engine from the model "
                "in float32 that it was made of"
            )
        key = spec.key(onnx_sha256, contract, flavor, gpu)
        return cls(
            model=model,
            contract=contract,
            flavor=flavor,
            key=key,
            spec=spec,
            driver_version=driver_version,
        )
