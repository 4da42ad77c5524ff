"""Adapter of a torch module, queried in evaluation mode and left unchanged."""

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from torch import nn

from genlabel_robust.core import FloatArray, IntArray, an
from genlabel_robust.models.adapters.training_mode import refuse_training_mode
from genlabel_robust.models.answers import check_scores
from genlabel_robust.models.model import Weigh
from genlabel_robust.models.row_blocks import in_blocks, padded_rows, slope
from genlabel_robust.threat import Knowledge

#: The largest difference in probabilities between the module and a copy in double precision.
_AGREEMENT = 1e-4


@dataclass(frozen=True, eq=False)
class ModuleAdapter:
    """A torch module of raw features (n, d) -> logits (n, k), in its own type and on its device.

    A single output, k = 1, may also be (n,). ``wide``: a copy through which gradients are taken,
    None for the module itself: see ``in_double``.
    """

    module: nn.Module
    n_classes: int
    wide: nn.Module | None = None

    @property
    def device(self) -> torch.device:
        """The device of its input."""
        return _like(self.module).device

    @property
    def knowledge(self) -> Knowledge:
        """Always "gradients"."""
        return "gradients"

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the logits: (n, d) -> (n, k)."""
        with torch.no_grad():
            logits = _forward(self.module, _tensor(self.module, raw))
        return self._checked(logits, len(raw))

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return the logits (q, k) and the gradient (q, d) of their weighted sum."""
        # regardless of the caller's setting: without gradients a net would look robust
        with torch.enable_grad():
            module = self.wide or self.module
            x = _tensor(module, raw).requires_grad_(True)
            logits = _forward(module, x)
            scores = self._checked(logits, len(raw)) if self.wide is None else self.scores(raw)
            if not logits.requires_grad:  # independent of the input: a result, not an error
                return scores, np.zeros(raw.shape)
            weight = np.zeros(logits.shape)
            weight[: len(raw)] = weigh(scores).reshape(-1, *logits.shape[1:])
            gradient = slope(logits, x, torch.from_numpy(weight).to(logits))
        return scores, _double(gradient)[: len(raw)]

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return np.asarray(self.scores(raw).argmax(axis=1))

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return self.predict(raw)

    def _checked(self, logits: torch.Tensor, n: int) -> FloatArray:
        scores = _double(logits)[:n]
        if self.n_classes == 1 and scores.ndim == 1:
            scores = scores[:, None]
        check_scores(scores, n, self.n_classes)
        return scores


def module_answer(module: nn.Module, raw: FloatArray) -> FloatArray:
    """Return the output of ``module`` for rows (n, d), in any shape; raises what it raises."""
    refuse_training_mode(module)
    with torch.no_grad():
        return _double(_forward(module, _tensor(module, raw)).detach())[: len(raw)]


def in_double(module: nn.Module, raw: FloatArray) -> nn.Module | None:
    """Return a copy of ``module`` in double precision, None if no copy agrees with it.

    A sigmoid in float32 is 1 from a logit of 17 on, and has no gradient there; in double precision
    it has a gradient up to 37. The copy is compared on the rows ``raw`` (n, d).
    """
    if _tensor(module, raw[:1]).dtype != torch.float32:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns about copies of exported programs
            wide = copy.deepcopy(module).double()
        apart = np.abs(module_answer(wide, raw) - module_answer(module, raw))
    except Exception:  # a module may contain objects that cannot be copied, or that need one type
        return None
    return wide if apart.max(initial=0.0) <= _AGREEMENT else None


def _tensor(module: nn.Module, raw: FloatArray) -> torch.Tensor:
    """Return ``raw`` in the module's floating type and on its device, padded."""
    like = _like(module)
    return padded_rows(raw, like.device, like.dtype)


def _like(module: nn.Module) -> torch.Tensor:
    """Return a tensor of the module's floating type, on its device."""
    tensors = (t for t in chain(module.parameters(), module.buffers()) if t.is_floating_point())
    return next(tensors, torch.zeros(0, dtype=torch.float32))


def _forward(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    with _evaluating(module):
        answer = in_blocks(module, x)
    if not isinstance(answer, torch.Tensor):
        raise TypeError(f"it returns {an(type(answer).__name__)}, not a tensor of logits (n, k)")
    return answer


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """Set ``module`` to evaluation mode inside, and restore the mode of every part afterwards."""
    training = [part for part in module.modules() if part.training]
    if not training:
        yield
        return
    try:
        try:
            module.eval()
        except NotImplementedError:  # an exported program has only one mode
            for part in training:
                part.training = False
        yield
    finally:
        for part in training:
            part.training = True


def _double(tensor: torch.Tensor) -> FloatArray:
    return np.asarray(tensor.detach().cpu().double().numpy())
