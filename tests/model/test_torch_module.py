"""PyTorch models as source of a network: loading, reading as layers, Taylor polynomials, every refusal."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sympy

from carlemanc.core.errors import CheckFailed, InputError, TooLarge
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.negligible import without_negligible
from carlemanc.model.network.approximation import Approximation
from carlemanc.model.network.dense_layers import DenseLayer
from carlemanc.model.network.derivation import derive_network
from carlemanc.model.network.torch_derivation import derive_module
from carlemanc.model.network.torch_layers import NotDense, dense_layers
from carlemanc.model.network.torch_module import ModuleNetwork, load_module
from carlemanc.model.network.torch_network import TorchNetwork
from carlemanc.model.network.torch_taylor import taylor_tensors
from carlemanc.model.polynomial_map import PolynomialMap
from tests.model.network_reference import classical_path

torch = pytest.importorskip("torch")
nn = torch.nn

ETA = 0.1
TAYLOR = Approximation(degree=4, kind="taylor")
FIT = Approximation(degree=3, interval=(-2.0, 2.0))
Load = Callable[..., ModuleNetwork]


def taylor_map(network, *, degree, center, mask):
    """The map of the survivors from the Taylor polynomial of the loss."""
    tensors = taylor_tensors(network, degree=degree, center=center, mask=mask, learning_rate=ETA)
    n = int(mask.sum())
    return without_negligible(
        PolynomialMap(n=n, center=center[mask], tensors=tensors, learning_rate=ETA, source="")
    )


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write a module with this body beside a spec and load `build` from it."""

    def write_and_load(
        body: str, *, seed: int = 0, name: str = "a_model", base: Path = tmp_path
    ) -> ModuleNetwork:
        text = f"import torch\nfrom torch import nn\n{body}"
        (base / f"{name}.py").write_text(text, encoding="utf-8")
        return load_module(f"{name}:build", base=base, seed=seed)

    return write_and_load


def chain(*modules: str) -> str:
    return f"def build():\n    return nn.Sequential({', '.join(modules)})\n"


def custom(parameters: str, output: str) -> str:
    """Return a module whose forward is one expression."""
    return (
        "class Custom(nn.Module):\n"
        f"    def __init__(self):\n        super().__init__()\n        {parameters}\n"
        f"    def forward(self, x):\n        return {output}\n"
        "def build():\n    return Custom()\n"
    )


RESIDUAL = custom("self.a = nn.Linear(2, 2); self.b = nn.Linear(2, 1)", "self.b(x + torch.tanh(self.a(x)))")


def samples(features: int = 2, count: int = 7, classes: int | None = None, seed: int = 1) -> DataSet:
    rng = np.random.default_rng(seed)
    y = rng.normal(size=count) if classes is None else np.arange(count) % classes
    names = tuple(f"x{k}" for k in range(features))
    return DataSet(x=rng.normal(size=(count, features)), y=y.astype(float), feature_names=names)


def assert_same(left: PolynomialMap, right: PolynomialMap, tolerance: float = 1e-12) -> None:
    assert left.n == right.n
    np.testing.assert_array_equal(left.center, right.center)
    scale = max(float(np.abs(tensor.vals).max()) for tensor in right.tensors.values())
    degrees = set(left.tensors) | set(right.tensors)
    assert degrees
    for degree in degrees:
        pair = [given.F(degree) for given in (left, right)]
        dense = [0.0 if tensor is None else tensor.to_sparse().toarray() for tensor in pair]
        np.testing.assert_allclose(dense[0], dense[1], rtol=0, atol=tolerance * scale)


def network_of(module: ModuleNetwork, data: DataSet, loss: str = "mse") -> TorchNetwork:
    return TorchNetwork(module=module, loss_name=loss, x=data.x, targets=data.y[None, :])


# Loading


def test_weights_are_those_of_the_seed(load: Load) -> None:
    body = chain("nn.Linear(2, 3)", "nn.Tanh()", "nn.Linear(3, 1, bias=False)")
    before = torch.random.get_rng_state()
    first, again, other = load(body), load(body), load(body, seed=1)
    assert torch.equal(before, torch.random.get_rng_state())
    np.testing.assert_array_equal(first.initial, again.initial)
    assert not np.array_equal(first.initial, other.initial)
    assert first.weights == 2 * 3 + 3 + 3 == len(first.initial)
    state = first.model.state_dict()
    np.testing.assert_array_equal(first.initial[:6].reshape(3, 2), state["0.weight"].numpy())
    np.testing.assert_array_equal(first.initial[6:9], state["0.bias"].numpy())
    np.testing.assert_array_equal(first.initial[9:], state["2.weight"].numpy()[0])
    assert not first.model.training


def test_nothing_stays_behind(load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, writes = list(sys.path), sys.dont_write_bytecode
    (tmp_path / "beside.py").write_text("UNITS = 3\n", encoding="utf-8")
    body = "import beside\nprint('hello')\ndef build():\n    return nn.Linear(2, beside.UNITS)\n"
    assert load(body).weights == 9
    assert (sys.path, sys.dont_write_bytecode) == (path, writes)
    assert not {"a_model", "beside"} & set(sys.modules)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a_model.py", "beside.py"]
    assert capsys.readouterr() == ("", "hello\n")


def test_two_folders_with_modules_of_one_name(load: Load, tmp_path: Path) -> None:
    found = []
    for units in (1, 2):
        folder = tmp_path / str(units)
        folder.mkdir()
        found.append(load(chain(f"nn.Linear(3, {units})"), base=folder).weights)
    assert found == [4, 8]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x = 1\n", "no attribute build"),
        ("build = 3\n", "is a int"),
        ("import a_module_that_is_not\n", "importing a_model raises ModuleNotFoundError"),
        ("raise ValueError('first\\nsecond')\n", "importing a_model raises ValueError: first\n"),
        ("def build(:\n", "raises SyntaxError"),
        ("raise SystemExit(0)\n", "raises SystemExit: 0"),
        ("def build():\n    raise KeyError('no')\n", r"a_model:build\(\) raises KeyError: 'no'"),
        ("def build(units):\n    return nn.Linear(2, units)\n", "raises TypeError"),
        ("def build():\n    return nn.Linear\n", "returns a type"),
        ("def build():\n    return None\n", "returns a NoneType"),
        ("def build():\n    return nn.Tanh()\n", "no weight to train"),
        ("def build():\n    return nn.LazyLinear(3)\n", "a lazy layer"),
        ("def build():\n    return nn.Linear(2, 1, dtype=torch.complex64)\n", "complex or integers"),
        (
            "def build():\n    return nn.Linear(2, 1, device='meta')\n",
            "moving a_model:build to the CPU raises",
        ),
    ],
)
def test_refused_modules(load: Load, body: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load(body)
    (problem,) = caught.value.problems
    assert problem.where == "network.module"
    assert problem.allowed
    assert "a_model" not in sys.modules


def test_packages(tmp_path: Path) -> None:
    folder = tmp_path / "package" / "inner"
    folder.mkdir(parents=True)
    (folder / "sizes.py").write_text("UNITS = 4\n", encoding="utf-8")
    (folder / "models.py").write_text(
        "from torch import nn\nfrom .sizes import UNITS\ndef build():\n    return nn.Linear(2, UNITS)\n",
        encoding="utf-8",
    )
    assert load_module("package.inner.models:build", base=tmp_path).weights == 12
    assert not [name for name in sys.modules if name.partition(".")[0] == "package"]
    with pytest.raises(InputError, match=r"no attribute build in package \(a folder\)"):
        load_module("package:build", base=tmp_path)


@pytest.mark.parametrize("name", ["not_here", "not_here.inner", "numpy.not_here"])
def test_missing_module(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no module named"):
        load_module(f"{name}:build", base=tmp_path)


# Chains of dense layers

SQUARE = "class Square(nn.Module):\n    def forward(self, x):\n        return x * x\n"
NAMED = "class Third(nn.Module):\n    carlemanc_activation = 'cubic'\n    def forward(self, x):\n        return x**3\n"


def test_a_chain_is_its_layers(load: Load) -> None:
    inner = "nn.Sequential(nn.Linear(3, 2, bias=False), nn.Dropout(0.5), nn.Linear(2, 2), nn.Tanh())"
    module = load(SQUARE + chain("nn.Flatten()", "nn.Linear(2, 3)", "Square()", inner, "nn.Identity()"))
    layers = [
        DenseLayer(units=3, activation="square"),
        DenseLayer(units=2, bias=False),
        DenseLayer(units=2, activation="tanh", approximation=FIT),
    ]
    data = samples(classes=2)
    state = [value.numpy().reshape(-1) for value in module.model.state_dict().values()]
    wanted, known = derive_network(
        layers, data=data, learning_rate=ETA, initial=np.concatenate(state), degree=3
    )
    found, info = derive_module(module, data=data, learning_rate=ETA, approximation=FIT, degree=3)
    assert_same(found, wanted)
    with torch.no_grad():
        outputs = module.model(torch.tensor(data.x)).numpy().T
    np.testing.assert_allclose(info.network.outputs(info.start), outputs, rtol=1e-12)
    assert info.layout() == known.layout()


@pytest.mark.parametrize("name", ["Tanh", "Sigmoid", "Softplus", "ReLU", "GELU"])
def test_known_activations(load: Load, name: str) -> None:
    module = load(chain("nn.Linear(2, 2)", f"nn.{name}()", "nn.Linear(2, 1)"))
    assert dense_layers(module) == (DenseLayer(units=2, activation=name.lower()), DenseLayer(units=1))
    data = samples()
    _, info = derive_module(module, data=data, learning_rate=ETA, approximation=FIT)
    torch_network = network_of(module, data)
    np.testing.assert_allclose(
        info.network.outputs(info.start), torch_network.outputs(info.start), rtol=1e-12
    )
    np.testing.assert_allclose(
        info.network.gradient(info.start), torch_network.gradient(info.start), rtol=1e-11, atol=1e-14
    )


def test_a_module_that_says_what_it_is(load: Load) -> None:
    module = load(NAMED + chain("nn.Linear(2, 1)", "Third()"))
    assert dense_layers(module) == (DenseLayer(units=1, activation="cubic"),)
    assert dense_layers(load("def build():\n    return nn.Linear(2, 1)\n")) == (DenseLayer(units=1),)


@pytest.mark.parametrize(
    ("body", "submodule", "reason"),
    [
        (chain("nn.Linear(2, 2)", "nn.LayerNorm(2)"), "1 (LayerNorm)", "neither nn.Linear nor a known"),
        (chain("nn.Linear(2, 2)", "nn.Sequential(nn.SiLU())"), "1.0 (SiLU)", "neither nn.Linear"),
        (chain("nn.Linear(2, 2)", "nn.GELU('tanh')"), "1 (GELU)", "does not compute gelu"),
        (chain("nn.Linear(2, 2)", "nn.Softplus(beta=2)"), "1 (Softplus)", "does not compute softplus"),
        (chain("nn.Linear(2, 2)", "nn.Flatten(0)"), "1 (Flatten)", "does not compute identity"),
        (chain("nn.Linear(2, 2)", "nn.Tanh()", "nn.Tanh()"), "2 (Tanh)", "second activation in a row"),
        (chain("nn.Tanh()", "nn.Linear(2, 2)"), "0 (Tanh)", "before the first"),
        (
            SQUARE.replace("x * x", "x + x") + chain("nn.Linear(2, 2)", "Square()"),
            "1 (Square)",
            "compute square",
        ),
        (NAMED.replace("cubic", "sine") + chain("nn.Linear(2, 2)", "Third()"), "1 (Third)", "neither"),
        (
            SQUARE.replace("x * x", "x[0, 99] / [] ") + chain("nn.Linear(2, 2)", "Square()"),
            "1 (Square)",
            "raises",
        ),
        (
            "def build():\n    a = nn.Linear(2, 2)\n    return nn.Sequential(a, nn.Tanh(), a)\n",
            "2 (Linear)",
            "shared",
        ),
        (
            "def build():\n    a = nn.Linear(2, 2)\n    a.weight.requires_grad_(False)\n    return a\n",
            "the model (Linear)",
            "require no gradient",
        ),
        (
            "from torch.nn.utils.parametrizations import weight_norm\n"
            "def build():\n    return nn.Sequential(weight_norm(nn.Linear(2, 2)))\n",
            "0 (ParametrizedLinear)",
            "neither",
        ),
        (
            "from torch.nn.utils import prune\n"
            "def build():\n    return nn.Sequential(prune.random_unstructured(nn.Linear(2, 2), 'weight', 0.5))\n",
            "0 (Linear)",
            "weights computed from bias, weight_orig",
        ),
        (
            "def build():\n    a = nn.Linear(2, 2)\n    a.register_forward_hook(lambda m, i, o: 2 * o)\n    return a\n",
            "the model (Linear)",
            "something else than its layers",
        ),
        (RESIDUAL, "the model (Custom)", "neither"),
    ],
)
def test_what_is_no_chain_is_named(load: Load, body: str, submodule: str, reason: str) -> None:
    module = load(body)
    found = dense_layers(module)
    assert isinstance(found, NotDense)
    assert found.submodule == submodule
    assert reason in found.reason
    if submodule != "1 (Square)" or reason != "raises":
        with pytest.raises(InputError) as caught:
            derive_module(module, data=samples(), learning_rate=ETA, approximation=FIT)
        assert "network.approximation" in str(caught.value) or "outputs shape" in str(caught.value)


def test_approximations_are_asked_for(load: Load) -> None:
    module = load(chain("nn.Linear(2, 1)", "nn.Tanh()"))
    with pytest.raises(InputError, match="tanh without an approximation"):
        derive_module(module, data=samples(), learning_rate=ETA)
    polynomial = load(SQUARE + chain("nn.Linear(2, 1)", "Square()"))
    with pytest.raises(InputError, match="an approximation of a polynomial network"):
        derive_module(polynomial, data=samples(), learning_rate=ETA, approximation=FIT)
    with pytest.raises(InputError, match=r"network\.approximation\n.*degree = 41"):
        derive_module(
            module,
            data=samples(),
            learning_rate=ETA,
            approximation=Approximation(degree=41, interval=(-1, 1)),
        )
    residual = load(RESIDUAL)
    wrong = Approximation(degree=0, interval=(-1, 1), kind="taylor")
    with pytest.raises(InputError) as caught:
        derive_module(
            residual,
            data=samples(),
            learning_rate=ETA,
            approximation=wrong,
            loss="hinge",
            loss_approximation=FIT,
            degree=0,
        )
    assert [problem.where for problem in caught.value.problems] == [
        "network.approximation",
        "network.approximation",
        "network.loss",
        "network.loss_approximation",
        "network.degree",
    ]


def test_taylor_of_a_polynomial_chain_is_cut(load: Load) -> None:
    module = load(SQUARE + chain("nn.Linear(2, 1)", "Square()"))
    full, _ = derive_module(module, data=samples(), learning_rate=ETA)
    cut, _ = derive_module(
        module, data=samples(), learning_rate=ETA, approximation=Approximation(degree=3, kind="taylor")
    )
    assert (full.degree, cut.degree) == (3, 2)
    assert_same(cut, full.with_tensors({degree: full.tensors[degree] for degree in range(3)}))


# Taylor polynomials of any model


@pytest.mark.parametrize("loss", ["mse", "logistic"])
def test_taylor_equals_the_jets_of_dense_layers(load: Load, loss: str) -> None:
    body = custom("self.a = nn.Linear(2, 2); self.b = nn.Linear(2, 1)", "self.b(torch.tanh(self.a(x)))")
    module, data = load(body), samples(classes=2)
    approximated = TAYLOR if loss == "logistic" else None
    wanted, known = derive_network(
        [DenseLayer(units=2, activation="tanh", approximation=TAYLOR), DenseLayer(units=1)],
        data=data,
        learning_rate=ETA,
        initial=module.initial,
        loss=loss,
        loss_approximation=approximated,
        steps=5,
    )
    found, info = derive_module(
        module,
        data=data,
        learning_rate=ETA,
        approximation=TAYLOR,
        loss=loss,
        loss_approximation=approximated,
        steps=5,
    )
    assert_same(found, wanted)
    assert found.degree == 3
    np.testing.assert_allclose(info.remainder.step, known.remainder.step, rtol=1e-6)
    assert info.remainder.full_degree is None
    assert info.remainder.truncation_bound is None
    np.testing.assert_allclose(classical_path(info, 5), classical_path(known, 5), rtol=1e-12, atol=1e-15)
    assert info.layout()[1] == "a.bias[2] from 4, 2 of 2 trained"


def test_taylor_by_hand(load: Load) -> None:
    body = custom(
        "self.w = nn.Parameter(torch.tensor([0.5, -0.25]))", "(torch.exp(self.w[0]) * self.w[1] * x[:, 0])"
    )
    module, data = load(body), samples(features=1)
    found, info = derive_module(module, data=data, learning_rate=ETA, approximation=TAYLOR)
    w = sympy.symbols("w0 w1")
    loss = sum((sympy.exp(w[0]) * w[1] * a - b) ** 2 for a, b in zip(data.x[:, 0], data.y, strict=True))
    at = dict(zip(w, (0.5, -0.25), strict=True))
    for degree in range(4):
        tensor = found.F(degree)
        assert tensor is not None
        dense = tensor.to_sparse().toarray().reshape(2, *[2] * degree)
        for row in range(2):
            for counts in range(degree + 1):
                cols = (0,) * (degree - counts) + (1,) * counts
                derivative = sympy.diff(loss / (2 * data.samples), *[w[k] for k in (row, *cols)]).subs(at)
                factorials = sympy.factorial(counts) * sympy.factorial(degree - counts)
                assert dense[(row, *cols)] == pytest.approx(
                    float(-ETA * derivative / factorials), rel=1e-12, abs=1e-15
                )
    assert info.network.samples == data.samples


def test_gradient_is_that_of_autograd(load: Load) -> None:
    module, data = load(RESIDUAL), samples()
    found, info = derive_module(module, data=data, learning_rate=ETA, approximation=TAYLOR, steps=3)
    loss = 0.5 * ((module.model(torch.tensor(data.x))[:, 0] - torch.tensor(data.y)) ** 2).mean()
    loss.backward()
    gradient = np.concatenate([p.grad.numpy().reshape(-1) for p in module.model.parameters()])
    np.testing.assert_allclose(info.network.gradient(module.initial), gradient, rtol=1e-13)
    np.testing.assert_allclose(found.step(np.zeros(9)), -ETA * gradient, rtol=1e-13)
    assert info.network.loss(module.initial) == pytest.approx(loss.item(), rel=1e-14)
    optimizer = torch.optim.SGD(module.model.parameters(), lr=ETA)
    optimizer.step()
    moved = np.concatenate([p.detach().numpy().reshape(-1) for p in module.model.parameters()])
    np.testing.assert_allclose(classical_path(info, 1)[1] + info.center, moved, rtol=1e-13)


def test_the_rest_is_of_the_next_degree(load: Load) -> None:
    module, data = load(RESIDUAL), samples()
    network = network_of(module, data)
    mask = np.ones(9, dtype=bool)
    center = module.initial
    direction = np.random.default_rng(3).normal(size=9)
    for degree in (2, 3, 4):
        derived = taylor_map(network, degree=degree, center=center, mask=mask)
        rest = [
            np.linalg.norm(
                derived.step(h * direction) - h * direction + ETA * network.gradient(center + h * direction)
            )
            for h in (1e-2, 5e-3)
        ]
        assert rest[0] / rest[1] == pytest.approx(2.0**degree, rel=0.15)


def test_survivors_batches_and_addresses(load: Load) -> None:
    module, data = load(RESIDUAL), samples()
    mask = np.array([1, 0, 1, 1, 0, 1, 1, 0, 1], dtype=bool)
    arguments = {"data": data, "learning_rate": ETA, "approximation": TAYLOR, "mask": mask, "center": "zero"}
    few, info = derive_module(module, **arguments, rows=(2, 5))
    wide, _ = derive_module(module, **arguments, rows=(2, 5), address="original")
    assert (few.n, wide.n) == (6, 9)
    u = info.u_start
    theta = info.to_theta(few.step(u))
    np.testing.assert_array_equal(theta[~mask], 0.0)
    np.testing.assert_allclose(wide.step(np.where(mask, module.initial, 0.0)), theta, rtol=1e-13)
    alone, _ = derive_module(module, **{**arguments, "data": data.rows(2, 5)})
    assert_same(few, alone)
    start = np.where(mask, module.initial, 0.0)
    gradient = network_of(module, data.rows(2, 5)).gradient(np.zeros(9))[mask]
    np.testing.assert_allclose(few.step(np.zeros(6)), -ETA * gradient, rtol=1e-13, atol=1e-17)
    np.testing.assert_array_equal(info.start, start)


NORMALIZATIONS = {
    "layer": ("nn.LayerNorm(2)", "(-1,)"),
    "batch": ("nn.BatchNorm1d(2, track_running_stats=False)", "(0,)"),
    "instance": ("nn.InstanceNorm1d(1)", "(-1,)"),
}


@pytest.mark.parametrize("kind", NORMALIZATIONS)
def test_normalizations_are_differentiated_thrice(load: Load, kind: str) -> None:
    module, axes = NORMALIZATIONS[kind]
    inside = f"self.norm(self.a(x){'[:, None]' if kind == 'instance' else ''}).reshape(-1, 2)"
    fused = custom(
        f"self.a = nn.Linear(2, 2); self.b = nn.Linear(2, 1); self.norm = {module}", f"self.b({inside})"
    )
    plain = custom(
        "self.a = nn.Linear(2, 2); self.b = nn.Linear(2, 1)"
        + (
            ""
            if kind == "instance"
            else "; self.norm = nn.Module(); self.norm.weight = nn.Parameter(torch.ones(2))"
        )
        + ("" if kind == "instance" else "; self.norm.bias = nn.Parameter(torch.zeros(2))"),
        f"self.b((self.a(x) - self.a(x).mean({axes}, keepdim=True))"
        f" / torch.sqrt(self.a(x).var({axes}, correction=0, keepdim=True) + 1e-5)"
        + ("" if kind == "instance" else " * self.norm.weight + self.norm.bias")
        + ")",
    )
    start = np.random.default_rng(5).normal(size=load(fused).weights)
    maps = [
        derive_module(load(body), data=samples(), learning_rate=ETA, approximation=TAYLOR, initial=start)[0]
        for body in (fused, plain)
    ]
    assert_same(maps[0], maps[1], 1e-9)


def test_attention_is_differentiated_thrice(load: Load) -> None:
    """On PyTorch's math kernel, whatever it would choose: F_1 and F_2 against differences of its own gradient."""
    body = custom(
        "self.a = nn.MultiheadAttention(2, 1, batch_first=True); self.b = nn.Linear(2, 1)",
        "self.b(self.a(*[x.view(-1, 2, 2)] * 3, need_weights=False)[0].mean(1))",
    )
    network = network_of(load(body), samples(features=4))
    center, mask = network.module.initial, np.ones(network.weights, dtype=bool)
    derived = taylor_map(network, degree=3, center=center, mask=mask)
    step = 1e-4 * np.eye(network.weights)
    rows = np.array([network.gradient(center + e) - network.gradient(center - e) for e in step]) / 2e-4
    linear = derived.tensors[1].to_sparse().toarray()
    np.testing.assert_allclose(linear, -ETA * rows, atol=1e-8)
    v = np.random.default_rng(0).normal(size=network.weights)
    second = (
        network.gradient(center + 1e-3 * v)
        - 2 * network.gradient(center)
        + network.gradient(center - 1e-3 * v)
    )
    np.testing.assert_allclose(derived.tensors[2].apply(v), -ETA * second / 2e-6, atol=1e-5)


def test_running_statistics(load: Load) -> None:
    inside = "nn.Linear(2, 3)", "nn.BatchNorm1d(3)", "nn.Linear(3, 1)"
    body = chain(*inside).replace("return ", "found = ") + (
        "    found[1].running_mean[:] = torch.tensor([0.5, -1.0, 2.0])\n"
        "    found[1].running_var[:] = torch.tensor([0.5, 1.0, 3.0])\n"
        "    return found\n"
    )
    module, data = load(body), samples()
    with torch.no_grad():
        outputs = module.model(torch.tensor(data.x)).numpy().T
    np.testing.assert_allclose(network_of(module, data).outputs(module.initial), outputs, rtol=1e-12)


WRONG = (
    "class Wrong(torch.autograd.Function):\n"
    "    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n        return x**3\n"
    "    @staticmethod\n    def backward(ctx, grad):\n"
    "        return grad * 3 * ctx.saved_tensors[0].detach() ** 2\n"
)


def test_wrong_derivatives_are_noticed(load: Load) -> None:
    module = load(WRONG + custom("self.a = nn.Linear(2, 1)", "Wrong.apply(self.a(x))"))
    with pytest.raises(CheckFailed, match="does not follow its gradient"):
        derive_module(module, data=samples(), learning_rate=ETA, approximation=TAYLOR)


def test_a_kink_at_the_center_is_noticed(load: Load) -> None:
    module = load(custom("self.w = nn.Parameter(torch.ones(2))", "(x * self.w).abs().sum(1)"))
    derived, _ = derive_module(module, data=samples(), learning_rate=ETA, approximation=TAYLOR)
    assert derived.degree == 1
    with pytest.raises(CheckFailed, match="not smooth there"):
        derive_module(module, data=samples(), learning_rate=ETA, approximation=TAYLOR, center="zero")


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("self.a(x[:, :1])", "raises RuntimeError"),
        ("self.a(x).sum()", "outputs shape"),
        ("[self.a(x)]", "outputs list"),
        ("self.a(x)[None]", "outputs shape"),
        ("self.a(x).float()", "outputs torch.float32"),
        ("self.a(x).detach()", "has no gradient in its weights"),
        ("self.a(x + torch.rand(1))", "other outputs the second time"),
        ("torch.cdist(self.a(x), x[:, :1])[:, :1]", "derivative 2 of a_model:build raises"),
    ],
)
def test_refused_models(load: Load, output: str, message: str) -> None:
    module = load(custom("self.a = nn.Linear(2, 1)", output))
    with pytest.raises(InputError, match=message):
        derive_module(module, data=samples(), learning_rate=ETA, approximation=TAYLOR)


def test_data_that_do_not_fit(load: Load) -> None:
    with pytest.raises(InputError, match=r"raises RuntimeError.* on inputs of shape \(7, 3\)"):
        derive_module(load(RESIDUAL), data=samples(features=3), learning_rate=ETA, approximation=TAYLOR)
    two = load(custom("self.a = nn.Linear(2, 2)", "self.a(x)"))
    with pytest.raises(InputError, match="2 output units"):
        derive_module(two, data=samples(), learning_rate=ETA, approximation=TAYLOR)
    with pytest.raises(InputError, match=r"training\.initial"):
        derive_module(load(RESIDUAL), data=samples(), learning_rate=ETA, approximation=TAYLOR, initial=[1.0])


def test_sizes_are_limited(load: Load) -> None:
    module = load(custom("self.a = nn.Linear(2, 100)", "self.a(x).sum(1)"))
    with pytest.raises(TooLarge, match=r"comb\(300 \+ 4, 4\) = 348,881,876 derivatives"):
        derive_module(module, data=samples(), learning_rate=ETA, approximation=TAYLOR)
    with pytest.raises(TooLarge, match="the limit is degree 6"):
        derive_module(
            load(RESIDUAL),
            data=samples(),
            learning_rate=ETA,
            approximation=Approximation(degree=7, kind="taylor"),
        )


def test_shared_weights(load: Load) -> None:
    body = "def build():\n    a = nn.Linear(2, 2)\n    return nn.Sequential(a, nn.Tanh(), a, nn.Flatten(), Sum())\n"
    total = "class Sum(nn.Module):\n    def forward(self, x):\n        return x.sum(1)\n"
    module, data = load(total + body), samples()
    derived, info = derive_module(module, data=data, learning_rate=ETA, approximation=TAYLOR, steps=2)
    assert derived.n == module.weights == 6
    assert 0 < info.remainder.step < 1e-3
