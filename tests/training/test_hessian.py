"""Hessian-vector products against PyTorch's own derivatives, and every message for a model that cannot be used."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carlemanc.core.errors import InputError, TooLarge

torch = pytest.importorskip("torch")

from carlemanc.training.flat_weights import flat_weights  # noqa: E402
from carlemanc.training.hessian.module_spectrum import dense_eigenvalues, module_spectrum  # noqa: E402
from carlemanc.training.hessian.operator import TorchDevice, hessian_operator, loaded  # noqa: E402
from carlemanc.training.hessian.products import BatchProducts, batch_products  # noqa: E402
from carlemanc.training.hessian.quadrature import Quadrature  # noqa: E402
from carlemanc.training.hessian.twice_backward_convolution import fast_double_backward, is_fast  # noqa: E402
from carlemanc.training.models.resnet import resnet  # noqa: E402
from carlemanc.training.models.small_nets import small_conv  # noqa: E402
from carlemanc.training.problem import TorchProblem  # noqa: E402
from carlemanc.training.source import ModuleSource, parsed_arguments  # noqa: E402

HERE = str(Path(__file__).parent)
ONE = TorchDevice(name="cpu", threads=1)


def user(name: str, **options: Any) -> ModuleSource:
    return ModuleSource(text=f"user_models:{name}", base=HERE, **options)


def reference(problem: TorchProblem, vectors: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """H v of the survivors by forward-over-reverse differentiation of torch.func, in float64."""
    model = problem.model
    weights = flat_weights(model)
    model.double().to(memory_format=torch.contiguous_format)
    at = {name: item.detach() for name, item in model.named_parameters()}

    def loss(given: Any) -> Any:
        return sum(
            problem.loss(torch.func.functional_call(model, given, (x.double(),)), y) * len(y)
            for x, y in problem.batches
        )

    rows = []
    for vector in vectors:
        full = np.zeros(weights.n)
        full[mask] = vector
        parts = [part.double() for part in weights.cut(full)]
        found = torch.func.jvp(torch.func.grad(loss), (at,), (dict(zip(at, parts, strict=True)),))[1]
        rows.append(np.concatenate([found[name].reshape(-1).numpy() for name in at])[mask])
    model.float()
    return np.array(rows) / problem.samples


def whole(products: BatchProducts, vectors: np.ndarray) -> np.ndarray:
    """H v over all batches."""
    return sum(products.product(k, vectors).astype(float) for k in range(len(products.problem.batches)))


def image_problem(model: Any, side: int, channels: int, cuts: tuple[int, ...] = (3, 2)) -> TorchProblem:
    generator = torch.Generator().manual_seed(1)
    batches = []
    for size in cuts:
        x = torch.randn(size, channels, side, side, generator=generator)
        batches.append((x, torch.arange(size) % 3))
    return TorchProblem(
        model=model.train(False), loss=torch.nn.functional.cross_entropy, batches=tuple(batches), label="test"
    )


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("bias", [True, False])
def test_the_fast_double_backward_is_that_of_pytorch(stride: int, bias: bool) -> None:
    torch.manual_seed(0)
    conv = torch.nn.Conv2d(3, 4, 3, stride=stride, padding=1, bias=bias).double()
    x = torch.randn(2, 3, 7, 6, dtype=torch.float64, requires_grad=True)
    with fast_double_backward(conv):
        assert torch.autograd.gradgradcheck(conv, (x,))
        weight = conv.weight
        assert torch.autograd.gradcheck(
            lambda w: torch.func.functional_call(conv, {"weight": w}, (x,)), (weight,)
        )
        assert torch.autograd.gradgradcheck(
            lambda x, w: torch.func.functional_call(conv, {"weight": w}, (x,)), (x, weight)
        )
    assert "forward" not in vars(conv)


def test_convolutions_it_cannot_do_are_left_alone() -> None:
    grouped = torch.nn.Conv2d(4, 4, 3, groups=2)
    circular = torch.nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular")
    assert not is_fast(torch.nn.Sequential(grouped, torch.nn.Conv2d(4, 4, 3)))
    assert not is_fast(torch.nn.Linear(2, 2))
    assert is_fast(resnet(depth=8, width=2))
    with fast_double_backward(torch.nn.Sequential(grouped, circular)):
        assert "forward" not in vars(grouped)
        assert "forward" not in vars(circular)


@pytest.mark.parametrize("keep_graphs", [False, True])
def test_products_are_those_of_torch_func(keep_graphs: bool) -> None:
    torch.manual_seed(0)
    problem = image_problem(small_conv(3), 8, 1)
    products = batch_products(problem, keep_graphs=keep_graphs)
    vectors = np.random.default_rng(0).normal(size=(4, products.size)).astype(np.float32)
    found = whole(products, vectors)
    assert np.array_equal(found, whole(products, vectors))
    exact = reference(problem, vectors, products.mask)
    assert np.abs(found - exact).max() < 1e-5 * np.abs(exact).max()
    inner = vectors.astype(float) @ found.T
    assert np.allclose(inner, inner.T, atol=1e-4 * np.abs(inner).max())


@pytest.mark.parametrize("normalization", ["batch", "group"])
def test_residual_networks_on_survivors(normalization: str) -> None:
    torch.manual_seed(0)
    model = resnet(depth=8, width=2, classes=3, normalization=normalization)
    problem = image_problem(model, 8, 3)
    weights = flat_weights(model)
    generator = np.random.default_rng(0)
    mask = generator.random(weights.n) < 0.7
    values = weights.read() * mask
    products = batch_products(problem, mask)
    assert np.array_equal(weights.read(), values)
    vectors = generator.normal(size=(3, int(mask.sum()))).astype(np.float32)
    found = whole(products, vectors)
    exact = reference(problem, vectors, mask)
    assert np.abs(found - exact).max() < 1e-4 * np.abs(exact).max()


def test_micro_batches_add_up_to_the_same_hessian() -> None:
    """Batch normalization in evaluation mode: the loss is a sum over samples, however they are cut."""
    torch.manual_seed(0)
    model = resnet(depth=8, width=2, classes=3)
    x, y = torch.randn(6, 3, 8, 8), torch.arange(6) % 3
    v = np.random.default_rng(0).normal(size=(2, flat_weights(model).n)).astype(np.float32)
    found = []
    for cut in ([6], [4, 2], [1, 5]):
        pairs, start = [], 0
        for size in cut:
            pairs.append((x[start : start + size], y[start : start + size]))
            start += size
        problem = TorchProblem(
            model=model.train(False), loss=torch.nn.functional.cross_entropy, batches=tuple(pairs), label="t"
        )
        products = batch_products(problem)
        found.append(sum(products.product(k, v).astype(float) for k in range(len(cut))))
    for other in found[1:]:
        assert np.abs(other - found[0]).max() < 1e-5 * np.abs(found[0]).max()


def test_a_known_hessian() -> None:
    found = module_spectrum(user("quadratic"), Quadrature(), method="dense", device=ONE)
    assert np.allclose(found.spectrum.outliers, [-0.6, 0.05, 0.5, 1.0, 3.0], atol=1e-6)
    assert (found.parameters, found.survivors, found.details["samples"]) == (5, 5, 1)
    estimated = module_spectrum(user("quadratic"), Quadrature(), method="lanczos", device=ONE)
    assert np.allclose(estimated.spectrum.outliers, found.spectrum.outliers, atol=1e-5)


def test_a_linear_loss_has_no_curvature() -> None:
    found = module_spectrum(user("linear_loss"), Quadrature(), device=ONE)
    assert np.abs(found.spectrum.outliers).max() == 0


def test_a_mask_file_and_arguments(tmp_path: Path) -> None:
    n = 4 * 6 + 6 + 6 * 3 + 3
    mask = np.random.default_rng(0).random(n) < 0.5
    np.save(tmp_path / "m.npy", mask)
    (tmp_path / "user_models.py").write_text((Path(HERE) / "user_models.py").read_text())
    source = ModuleSource(
        text="user_models:net", base=str(tmp_path), arguments=(("hidden", 6), ("size", 5)), mask="m.npy"
    )
    found = module_spectrum(source, Quadrature(), device=ONE)
    assert (found.parameters, found.survivors) == (n, int(mask.sum()))
    assert parsed_arguments(["hidden=6", "data=a b.npz", "x=[1, 2]"]) == (
        ("hidden", 6),
        ("data", "a b.npz"),
        ("x", [1, 2]),
    )


def test_processes_give_the_same_bits() -> None:
    source = user("net", arguments=(("size", 4),))
    vectors = np.random.default_rng(0).normal(size=(2, 43)).astype(np.float32)
    found = []
    for processes in (1, 2):
        with hessian_operator(loaded(source, ONE), source, ONE, processes=processes) as operator:
            found.append(operator(vectors))
            peak = operator.peak_gib()
            assert 0.05 * processes < peak < 20
    assert np.array_equal(*found)
    assert loaded(source, ONE).size == 43


def test_a_function_that_draws_anew_is_refused_in_other_processes() -> None:
    source = user("unseeded")
    products = loaded(source, ONE)
    vectors = np.zeros((1, products.size), dtype=np.float32)
    with hessian_operator(products, source, ONE) as operator:
        assert operator(vectors).shape == vectors.shape
    with (
        hessian_operator(products, source, ONE, processes=2) as operator,
        pytest.raises(InputError, match="seed what it draws"),
    ):
        operator(vectors)


def test_a_changed_module_is_read_again(tmp_path: Path) -> None:
    text = (Path(HERE) / "user_models.py").read_text()
    source = ModuleSource(text="user_models:quadratic", base=str(tmp_path))
    largest = []
    for value in ("3.0", "4.0"):
        (tmp_path / "user_models.py").write_text(text.replace("[3.0,", f"[{value},"))
        largest.append(module_spectrum(source, Quadrature(), device=ONE).spectrum.extreme(1)[0])
    assert np.allclose(largest, [3, 4], atol=1e-5)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bits() -> None:
    distributed = pytest.importorskip("distributed")
    source = user("net", arguments=(("size", 4),))
    vectors = np.random.default_rng(0).normal(size=(2, 43)).astype(np.float32)
    products = loaded(source, ONE)
    with hessian_operator(products, source, ONE) as operator:
        serial = operator(vectors)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        hessian_operator(products, source, ONE, scheduler=cluster.scheduler_address) as operator,
    ):
        assert np.array_equal(operator(vectors), serial)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("vector_loss", r"a loss of shape \(12,\)"),
        ("nan_loss", "a loss of nan"),
        ("failing_loss", "model or loss raises RuntimeError"),
        ("detached_loss", "differentiating the loss raises"),
        ("only_a_model", "a Sequential"),
        ("no_batches", "no batch"),
        ("frozen", "without weights to train"),
        ("missing", "no attribute missing"),
    ],
)
def test_models_that_cannot_be_used(name: str, found: str) -> None:
    with pytest.raises(InputError, match=found) as caught:
        module_spectrum(user(name), Quadrature(), device=ONE)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].where.startswith(f"user_models:{name}")


def test_a_mask_of_another_length_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.ones(7))
    (tmp_path / "user_models.py").write_text((Path(HERE) / "user_models.py").read_text())
    source = ModuleSource(text="user_models:net", base=str(tmp_path), mask="m.npy")
    with pytest.raises(InputError, match=r"--mask\n[\s\S]*shape \(7,\)[\s\S]*43 values"):
        source.load()


def test_a_large_dense_hessian_is_refused() -> None:
    with pytest.raises(TooLarge, match="--method lanczos"):
        dense_eigenvalues(lambda rows: rows, 10_000)


def test_without_torch_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, clean_error: Callable[..., str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert 'pip install "carlemanc[torch]"' in clean_error("user_models:net")
