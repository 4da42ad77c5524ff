"""Whether two models are the same, to the last weight."""

from __future__ import annotations

import zipfile
from pathlib import Path

from genlabel_robust.core.files import digest, sha256


def weights_digest(path: Path) -> str:
    """Return a digest of the weights in ``path``, whatever else its file says of them.

    Safetensors: names, shapes, types and bytes of the tensors. Skops: the files in the
    archive, without their dates.
    """
    if path.suffix == ".skops":
        with zipfile.ZipFile(path) as archive:
            return digest({name: sha256(archive.read(name)) for name in archive.namelist()})
    from safetensors.numpy import load_file

    tensors = load_file(path)
    return digest(
        {
            name: [str(tensor.dtype), list(tensor.shape), sha256(tensor.tobytes())]
            for name, tensor in tensors.items()
        }
    )
