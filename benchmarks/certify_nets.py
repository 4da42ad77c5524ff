"""Measure how many rows of nets the certifier decides, how fast, and whether it is correct.

Needs onnxruntime, a folder of ``<id>_<name>.csv`` files, and the three ACAS Xu networks
(``ACASXU_run2a_1_1_batch_2000.onnx`` and so on, of the yearly verification competition)::

    GENLABEL_ROBUST_OPENML_DIR=FOLDER python benchmarks/certify_nets.py --acasxu FOLDER --out FILE

Part one: the default ``mlp`` on five data sets with four strategies, L∞ at ε = 0.03 and 0.1, up to
60 rows, and 60 s of CPU time per model and ε. Each certified row is then attacked by the suite
(``--suite``), and tried at 10,000 random points of the ball and box.

Part two: 100 random points of [-0.4, 0.4]^5 for each network, with its outputs negated, as the
lowest output is its advice; L∞ at 0.005, 0.02 and 0.05, 10 s per row. Certified rows are tried at
10,000 points in float64, and attacked by projected gradient descent on the layers in torch, which
shares no code with the certifier. Witnesses are checked with onnxruntime.

``wrong`` counts the certificates that a check refutes; it must be 0. ``pgd_broke`` counts the
broken rows that this attack breaks as well.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.nets import certify_net
from genlabel_robust.core.files.writing import json_text, write_text
from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.data.rows import rows_of
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import within

SETS = ("iris", "wine", "breast-cancer", "openml:763", "openml:830")
STRATEGIES = ("vanilla", "mixup", "genlabel-gm", "adversarial")
EPS = (0.03, 0.1)
SECONDS_A_MODEL = 60.0
NETWORKS = ("1_1", "3_3", "5_9")
DELTAS = (0.005, 0.02, 0.05)
SECONDS_A_ROW = 10.0
POINTS = 10_000
#: Settings of the attack on certified rows of the networks.
RESTARTS, PGD_STEPS = 50, 100
EXACT = 10**9


def main() -> None:
    """Measure both parts, and write them to a file after each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acasxu", type=Path, help="the folder of the ACAS Xu networks")
    parser.add_argument("--only", choices=("mlp", "acasxu"))
    parser.add_argument("--suite", default="strongest", help="what attacks certified rows")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    table: dict[str, Any] = {"suite": options.suite, "mlp": [], "acasxu": []}
    if options.out.exists():
        table |= json.loads(options.out.read_text())
    with one_thread():
        if options.only != "acasxu":
            table["mlp"] = []
            for name in SETS:
                table["mlp"] += of_set(name, options.suite)
                write_text(options.out, json_text(table))
        if options.only != "mlp" and options.acasxu is not None:
            table["acasxu"] = []
            for network in NETWORKS:
                table["acasxu"] += of_network(options.acasxu, network)
                write_text(options.out, json_text(table))


def of_set(name: str, suite: str) -> list[dict[str, Any]]:
    """Return the records for one data set."""
    config = RunConfig(
        datasets=(name,),
        strategies=STRATEGIES,
        architectures=("mlp",),
        eps=EPS,
        norm="linf",
        suite=suite,
        seeds=1,
        max_examples=60,
    )
    plan = make_plan(config)
    (task,) = plan.tasks.values()
    space, lines = attack_space(task, plan.threat), []
    for cell in plan.cells:
        model, _ = train_model(cell, task, space)
        net = checked_structure(model, space, task.x_test)
        assert isinstance(net, ReluNet), net
        rows = task.x_test, task.y_test
        attacked = attack_model(
            model, space, *rows, task.x_train, plan.threat, plan.attacks, cell.seed, when=plan.when
        )
        for eps in EPS:
            seconds: list[float] = []
            started = time.process_time()

            def late(started: float = started) -> bool:
                return time.process_time() - started > SECONDS_A_MODEL

            parts = []
            for i in range(len(rows[0])):
                begun = time.process_time()
                one = slice(i, i + 1)
                parts.append(
                    certify_net(
                        net,
                        model,
                        space,
                        rows[0][one],
                        rows[1][one],
                        "linf",
                        (eps,),
                        EXACT,
                        stop=late,
                    )
                )
                seconds.append(time.process_time() - begun)
            found = joined(parts)
            certified = ~within(found.lower, eps)
            wrong = int((certified & within(attacked.nearest, eps)).sum())
            wrong += tried(model.predict, space, *rows, certified, eps)
            line = {"set": name, "strategy": cell.strategy, "eps": eps}
            lines.append(line | counts(found, eps, seconds) | {"wrong": wrong})
            print(lines[-1], flush=True)
    return lines


def of_network(folder: Path, network: str) -> list[dict[str, Any]]:
    """Return the records for one ACAS Xu network."""
    proto = onnx.load(folder / f"ACASXU_run2a_{network}_batch_2000.onnx")
    for tensor in proto.graph.initializer:
        if tensor.name.startswith("linear_7"):  # the last layer, negated
            turned = -numpy_helper.to_array(tensor)
            tensor.CopyFrom(numpy_helper.from_array(turned, tensor.name))
    with tempfile.TemporaryDirectory() as held:
        path = Path(held) / "net.onnx"
        onnx.save(proto, path)
        native = read(path, path.read_bytes(), Permission()).model
    raw = np.random.default_rng(0).uniform(-0.4, 0.4, (100, 5))
    model = as_model(native, rows_of(raw, raw), tuple(range(5)))
    wide = np.full(5, 10.0)
    space = AttackSpace(np.zeros(5), np.ones(5), -wide, wide, np.ones(5, dtype=bool))
    net = checked_structure(model, space, raw)
    assert isinstance(net, ReluNet), net
    labels, lines = model.predict(raw), []
    for delta in DELTAS:
        parts, seconds = [], []
        for i in range(len(raw)):
            begun = time.process_time()

            def late(begun: float = begun) -> bool:
                return time.process_time() - begun > SECONDS_A_ROW

            one = slice(i, i + 1)
            parts.append(
                certify_net(
                    net, model, space, raw[one], labels[one], "linf", (delta,), EXACT, stop=late
                )
            )
            seconds.append(time.process_time() - begun)
        found = joined(parts)
        certified, broken = ~within(found.lower, delta), within(found.upper, delta)
        # the float64 net predicts the points, as onnxruntime takes one row at a time for these nets
        wrong = tried(
            lambda rows: net.scores(rows).argmax(axis=1), space, raw, labels, certified, delta
        )
        wrong += int((model.predict(found.witness[broken]) == labels[broken]).sum())
        attacked = pgd(proto, raw, labels, delta)
        # a point of the attack counts only if onnxruntime confirms it
        fallen = (
            (model.predict(attacked.reshape(-1, 5)) != np.repeat(labels, RESTARTS))
            .reshape(len(raw), RESTARTS)
            .any(axis=1)
        )
        wrong += int((certified & fallen).sum())
        lines.append({"network": network, "eps": delta} | counts(found, delta, seconds))
        lines[-1] |= {"wrong": wrong, "pgd_broke": int((broken & fallen).sum())}
        print(lines[-1], flush=True)
    return lines


def pgd(proto: onnx.ModelProto, raw: np.ndarray, labels: np.ndarray, eps: float) -> np.ndarray:
    """Return where each restart of an L∞ attack ends, (n, restarts, d), of a chain in ONNX.

    Plain projected gradient descent on the lead over the best other class (Madry et al. 2018,
    1706.06083), from random points of the box, in float32, with steps that halve.
    """
    tensors = {
        tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
        for tensor in proto.graph.initializer
    }

    def scores(x: torch.Tensor) -> torch.Tensor:
        for node in proto.graph.node:
            with_ = [tensors[i] for i in node.input if i in tensors]
            if node.op_type == "MatMul":
                x = x @ with_[0]
            elif node.op_type in ("Add", "Sub"):
                sign = 1 if node.op_type == "Add" else -1
                x = x + sign * with_[0].reshape(-1)
            elif node.op_type == "Relu":
                x = torch.relu(x)
            else:
                assert node.op_type == "Flatten", node.op_type
        return x

    assert (scores(torch.from_numpy(raw).float()).argmax(dim=1).numpy() == labels).all()
    generator = torch.Generator().manual_seed(0)
    start = torch.from_numpy(raw).float()[:, None]
    shape = (len(raw), RESTARTS, raw.shape[1])
    low, high = start - eps, start + eps
    x = low + 2 * eps * torch.rand(shape, generator=generator)
    own = torch.from_numpy(labels.astype(np.int64))[:, None, None].expand(-1, RESTARTS, 1)
    best, least = x.clone(), torch.full(shape[:2], torch.inf)
    step = eps / 2
    for number in range(PGD_STEPS + 1):
        x = x.detach().requires_grad_()
        found = scores(x)
        rival = found.scatter(2, own, -torch.inf).amax(dim=2)
        lead = found.gather(2, own)[..., 0] - rival
        better = lead < least
        best = torch.where(better[..., None], x.detach(), best)
        least = torch.where(better, lead.detach(), least)
        (slope,) = torch.autograd.grad(lead.sum(), x)
        x = torch.clamp(x.detach() - step * slope.sign(), low, high)
        if number % 20 == 19:
            step /= 2
    # the sums of float32 may leave the ball by an ulp: what counts is float64
    return np.clip(best.double().numpy(), raw[:, None] - eps, raw[:, None] + eps)


def joined(parts: list[Certificate]) -> Certificate:
    """Concatenate the certificates of single rows."""
    fields = ("lower", "upper", "witness", "work")
    return Certificate(*(np.concatenate([getattr(p, field) for p in parts]) for field in fields))


def counts(found: Certificate, eps: float, seconds: list[float]) -> dict[str, Any]:
    """Return the number of rows for each outcome, and CPU seconds."""
    wrong, certified = found.upper == 0, ~within(found.lower, eps)
    broken = within(found.upper, eps) & ~wrong
    return {
        "rows": len(wrong),
        "misclassified": int(wrong.sum()),
        "certified": int(certified.sum()),
        "broken": int(broken.sum()),
        "open": int(len(wrong) - wrong.sum() - certified.sum() - broken.sum()),
        "seconds": round(sum(seconds), 2),
        "seconds_of_the_slowest_row": round(max(seconds), 2),
    }


def tried(
    predict: Any,
    space: AttackSpace,
    raw: np.ndarray,
    y: np.ndarray,
    certified: np.ndarray,
    eps: float,
) -> int:
    """Return how many certified rows a random point breaks; most points are corners."""
    rng, wrong = np.random.default_rng(1), 0
    for i in np.flatnonzero(certified):
        u = space.enter(raw[i : i + 1])
        low, high = ((edge - u)[0] for edge in space.box(u))
        low, high = np.maximum(low, -eps), np.minimum(high, eps)
        delta = rng.uniform(low, high, (POINTS, len(low)))
        corner = np.where(rng.random(delta.shape) < 0.5, low, high)
        delta = np.where(rng.random((POINTS, 1)) < 0.6, corner, delta)
        wrong += bool((predict(raw[i] + space.scale * delta) != y[i]).any())
    return wrong


if __name__ == "__main__":
    main()
