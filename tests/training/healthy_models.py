"""Models that have a Hessian, small: each function returns (model, loss, batches), as a user's module does."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

SAMPLES, CLASSES = 10, 3
Batches = list[tuple[Any, torch.Tensor]]
Triple = tuple[nn.Module, Callable[..., torch.Tensor], Batches]


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(SAMPLES, *shape, generator=torch.Generator().manual_seed(seed))


def classes() -> torch.Tensor:
    return torch.arange(SAMPLES) % CLASSES


def classified(*layers: nn.Module, shape: tuple[int, ...] = (4,)) -> Triple:
    return nn.Sequential(*layers), F.cross_entropy, [(numbers(*shape), classes())]


def mlp(activation: nn.Module) -> Triple:
    return classified(nn.Linear(4, 6), activation, nn.Linear(6, 5), activation, nn.Linear(5, CLASSES))


def tanh() -> Triple:
    return mlp(nn.Tanh())


def relu() -> Triple:
    return mlp(nn.ReLU())


def leaky_relu_in_place() -> Triple:
    return mlp(nn.LeakyReLU(inplace=True))


def gelu() -> Triple:
    return mlp(nn.GELU())


def silu() -> Triple:
    return mlp(nn.SiLU())


def softplus_regression() -> Triple:
    model = nn.Sequential(nn.Linear(4, 6), nn.Softplus(), nn.Linear(6, 2))
    return model, F.mse_loss, [(numbers(4), numbers(2, seed=1))]


def robust_regression() -> Triple:
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))
    return model, lambda f, y: F.huber_loss(f, y) + F.l1_loss(f, y), [(numbers(4), numbers(2, seed=1))]


def hinge() -> Triple:
    model, _, batches = relu()
    return model, lambda f, y: (1 - f * (2 * F.one_hot(y, CLASSES) - 1)).clamp(min=0).mean(), batches


def deep_relu() -> Triple:
    layers = [item for _ in range(20) for item in (nn.Linear(4, 4), nn.ReLU())]
    for item in layers[::2]:
        nn.init.orthogonal_(item.weight)
    return classified(*layers, nn.Linear(4, CLASSES))


def convolution() -> Triple:
    layers = (nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 3), nn.ReLU())
    return classified(*layers, nn.Flatten(), nn.Linear(16, CLASSES), shape=(1, 8, 8))


def grouped_convolution() -> Triple:
    layers = (
        nn.Conv2d(2, 4, 3, groups=2, padding="same", padding_mode="circular"),
        nn.GELU(),
        nn.AvgPool2d(2),
    )
    return classified(*layers, nn.Flatten(), nn.Linear(16, CLASSES), shape=(2, 4, 4))


def transposed_convolution() -> Triple:
    model = nn.Sequential(nn.ConvTranspose1d(2, 3, 3, stride=2), nn.ELU(), nn.Conv1d(3, 1, 2))
    return model, lambda f, y: (f[..., :6] - y).square().mean(), [(numbers(2, 4), numbers(1, 6, seed=2))]


def kinks_at_the_weights() -> Triple:
    """Images with empty borders and zero biases: many units stand exactly on the kink of their ReLU."""
    x = numbers(1, 8, 8)
    x[:, :, :3] = 0
    x[:, :, :, 5:] = 0
    model, loss, _ = convolution()
    with torch.no_grad():
        for name, item in model.named_parameters():
            if name.endswith("bias"):
                item.zero_()
    return model, loss, [(x, classes())]


def batch_normalization() -> Triple:
    model, loss, batches = classified(
        nn.Conv2d(1, 3, 3, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(12, CLASSES),
        shape=(1, 4, 4),
    )  # fmt: skip
    with torch.no_grad():
        for _ in range(20):
            model(batches[0][0])
    return model, loss, batches


def batch_statistics() -> Triple:
    return classified(
        nn.Linear(4, 5), nn.BatchNorm1d(5, track_running_stats=False), nn.Tanh(), nn.Linear(5, CLASSES)
    )


def group_normalization() -> Triple:
    return classified(
        nn.Conv2d(1, 4, 3),
        nn.GroupNorm(2, 4),
        nn.SiLU(),
        nn.Flatten(),
        nn.Linear(16, CLASSES),
        shape=(1, 4, 4),
    )


def layer_normalization() -> Triple:
    return classified(nn.Linear(4, 6), nn.LayerNorm(6), nn.GELU(), nn.Linear(6, CLASSES))


def instance_normalization() -> Triple:
    return classified(
        nn.Conv1d(2, 3, 2), nn.InstanceNorm1d(3, affine=True), nn.Tanh(), nn.Flatten(), nn.Linear(9, CLASSES),
        shape=(2, 4),
    )  # fmt: skip


def root_mean_square_normalization() -> Triple:
    return classified(nn.Linear(4, 6), nn.RMSNorm(6), nn.SiLU(), nn.Linear(6, CLASSES))


def tokens(length: int = 5, size: int = 7) -> torch.Tensor:
    return torch.randint(0, size, (SAMPLES, length), generator=torch.Generator().manual_seed(3))


def embedding() -> Triple:
    model = nn.Sequential(nn.Embedding(7, 3, padding_idx=0), nn.Flatten(), nn.Linear(15, CLASSES))
    return model, F.cross_entropy, [(tokens(), classes())]


class Padded(nn.Module):
    """A table of words used without its module, its padding row shared with the last layer."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Parameter(torch.randn(7, 4))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return F.embedding(ids, self.words, padding_idx=3).mean(1).tanh() @ self.words.T


def padded_and_tied() -> Triple:
    return Padded(), F.cross_entropy, [(tokens(), classes())]


def sparse_embedding() -> Triple:
    model = nn.Sequential(nn.Embedding(7, 3, sparse=True), nn.Flatten(), nn.Tanh(), nn.Linear(15, CLASSES))
    return model, F.cross_entropy, [(tokens(), classes())]


def bag(mode: str, **options: Any) -> Triple:
    model = nn.Sequential(nn.EmbeddingBag(7, 4, mode=mode, **options), nn.Tanh(), nn.Linear(4, CLASSES))
    return model, F.cross_entropy, [(tokens(), classes())]


def bag_of_sums() -> Triple:
    return bag("sum", sparse=True)


def bag_of_means() -> Triple:
    return bag("mean", padding_idx=2)


def bag_of_maxima() -> Triple:
    return bag("max")


class Offsets(nn.Module):
    """Bags of different lengths, one of them empty, their entries weighted."""

    def __init__(self) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(7, 4, mode="sum", include_last_offset=True)
        self.weights = nn.Parameter(torch.linspace(0.5, 1.5, 20))
        self.last = nn.Linear(4, CLASSES)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        offsets = torch.tensor([0, 2, 2, 5, 6, 9, 11, 14, 15, 18, 20])
        return self.last(self.bag(ids.reshape(-1)[:20], offsets, self.weights))


def bag_of_offsets() -> Triple:
    return Offsets(), F.cross_entropy, [(tokens(), classes())]


class Recurrent(nn.Module):
    def __init__(self, kind: Any, **options: Any) -> None:
        super().__init__()
        self.body = kind(3, 4, batch_first=True, **options)
        self.last = nn.LazyLinear(CLASSES)
        self(numbers(4, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.body(x)[0][:, -1])


def recurrent(kind: Any, **options: Any) -> Triple:
    return Recurrent(kind, **options), F.cross_entropy, [(numbers(4, 3), classes())]


def lstm() -> Triple:
    return recurrent(nn.LSTM)


def gru_of_two_layers() -> Triple:
    return recurrent(nn.GRU, num_layers=2, bidirectional=True, dropout=0.5)


def elman() -> Triple:
    return recurrent(nn.RNN, nonlinearity="relu")


class Attention(nn.Module):
    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.body = nn.MultiheadAttention(4, 2, batch_first=True, **options)
        self.last = nn.Linear(4, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.body(x, x, x, need_weights=False)[0].mean(1))


def attention() -> Triple:
    return Attention(), F.cross_entropy, [(numbers(3, 4), classes())]


def frozen_attention() -> Triple:
    model = Attention(dropout=0.3)
    model.body.requires_grad_(False)
    return model, F.cross_entropy, [(numbers(3, 4), classes())]


def encoder_layer() -> Triple:
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0, batch_first=True)
    return classified(layer, nn.Flatten(), nn.Linear(12, CLASSES), shape=(3, 4))


def encoder() -> Triple:
    layer = nn.TransformerEncoderLayer(4, 2, 8, activation="gelu", batch_first=True, norm_first=True)
    body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    return classified(body, nn.Flatten(), nn.Linear(12, CLASSES), shape=(3, 4))


class Causal(nn.Module):
    """A language model: causal attention, embedding tied to the last layer, positions in a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(7, 4)
        self.qkv = nn.Linear(4, 12)
        self.last = nn.Linear(4, 7, bias=False)
        self.last.weight = self.embed.weight
        self.register_buffer("positions", torch.linspace(-1, 1, 20).reshape(5, 4))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.embed(ids) + self.positions
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        x = x + F.scaled_dot_product_attention(q[:, None], k[:, None], v[:, None], is_causal=True)[:, 0]
        return self.last(x[:, :-1]).transpose(1, 2)


def causal_attention() -> Triple:
    ids = tokens()
    return Causal(), F.cross_entropy, [(ids, ids[:, 1:])]


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 4), nn.Linear(4, CLASSES)
        self.size = nn.Parameter(torch.zeros(()))  # a branch that starts at zero

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(x + self.size * torch.tanh(self.first(x)))


def residual() -> Triple:
    return Residual(), F.cross_entropy, [(numbers(4), classes())]


class Adapted(nn.Module):
    """A frozen layer with a low-rank change, one factor of which is zero."""

    def __init__(self) -> None:
        super().__init__()
        self.base = nn.Linear(4, CLASSES).requires_grad_(False)
        self.a, self.b = nn.Parameter(torch.randn(4, 2)), nn.Parameter(torch.zeros(2, CLASSES))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + x @ self.a @ self.b


def low_rank() -> Triple:
    return Adapted(), F.cross_entropy, [(numbers(4), classes())]


def tied_autoencoder() -> Triple:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.code = nn.Linear(4, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.sigmoid(self.code(x)) @ self.code.weight

    x = numbers(4)
    return Tied(), F.mse_loss, [(x, x)]


def scaled(factor: float) -> Triple:
    model, loss, batches = tanh()
    return model, lambda f, y: factor * loss(f, y), batches


def huge_loss() -> Triple:
    return scaled(1e30)


def tiny_loss() -> Triple:
    return scaled(1e-25)


def doubles() -> Triple:
    model, loss, ((x, y),) = gelu()
    model = model.double()
    for item in model.parameters():
        nn.init.normal_(item)
    return model, lambda f, y: 1e-60 * loss(f, y), [(x.double(), y)]


def mixed_types() -> Triple:
    class Mixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(4, 5), nn.Linear(5, CLASSES).double()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(torch.tanh(self.first(x)).double())

    return Mixed(), F.cross_entropy, [(numbers(4), classes())]


def huge_and_tiny_weights() -> Triple:
    model, loss, batches = tanh()
    with torch.no_grad():
        model[0].weight *= 1e-6
        model[0].bias *= 1e-6
        model[2].weight *= 1e6
    return model, loss, batches


def interpolated() -> Triple:
    """A teacher taught by itself: loss and gradient are zero at the weights."""
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2))
    x = numbers(4)
    return model, F.mse_loss, [(x, model(x).detach())]


def trained_to_the_end() -> Triple:
    """Outputs so large that the probabilities of single precision are 0 and 1."""
    model = nn.Sequential(nn.Linear(3, 3))
    with torch.no_grad():
        model[0].weight.copy_(18 * torch.eye(3))
    return model, F.cross_entropy, [(F.one_hot(classes(), 3).float() + 0.01 * numbers(3), classes())]


def linear_loss() -> Triple:
    return nn.Linear(4, 2), lambda f, y: f.mean(), [(numbers(4), classes())]


def constant_loss() -> Triple:
    """The mean of normalized numbers: zero for all weights, and rounding whatever is computed of it."""
    return nn.Sequential(nn.Linear(4, 5), nn.LayerNorm(5, elementwise_affine=False)), lambda f, y: f.mean(), [
        (numbers(4), classes())
    ]  # fmt: skip


def seeded_noise() -> Triple:
    class Noisy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Linear(4, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.body(x + torch.randn(x.shape, generator=torch.Generator().manual_seed(0)).to(x))

    return Noisy(), F.cross_entropy, [(numbers(4), classes())]


def seeded_dropout() -> Triple:
    class Seeded(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Linear(4, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                x = F.dropout(x + 0.1 * torch.randn_like(x), 0.2)
                return self.body(x + torch.empty(4).uniform_() + x.new_empty(4).normal_())

    return Seeded(), F.cross_entropy, [(numbers(4), classes())]


def dropout_module() -> Triple:
    return classified(nn.Linear(4, 6), nn.Dropout(0.5), nn.Tanh(), nn.Linear(6, CLASSES))


def fourier() -> Triple:
    class Spectral(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.real, self.last = nn.Parameter(torch.randn(2, 3, 3)), nn.Linear(4, CLASSES)
            self.phase = torch.exp(1j * torch.arange(3))  # a plain attribute, complex64

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            weight = torch.complex(self.real[0], self.real[1])
            return self.last(torch.fft.irfft(self.phase * (torch.fft.rfft(x) @ weight), n=4))

    return Spectral(), F.cross_entropy, [(numbers(4), classes())]


def single_precision_constants() -> Triple:
    """Weights of the classes in a closure, a plain tensor, casts and factories of single precision."""
    weights, shift = torch.tensor([0.2, 1.0, 3.0]), torch.tensor([0.1, -0.2, 0.3])

    class Casting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Linear(4, CLASSES)
            self.mean = torch.full((4,), 0.1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = (x - self.mean).to(torch.float32)
            out = torch.zeros(len(x), CLASSES, dtype=torch.float32)
            out[:, :2] = self.body(x.float())[:, :2]
            return (
                torch.cat([out, shift.expand(len(x), 3)], dim=1)[:, :CLASSES].type(torch.float32).tanh() + out
            )

    return Casting(), lambda f, y: F.cross_entropy(f, y, weight=weights), [(numbers(4), classes())]


def loss_module() -> Triple:
    model, _, batches = tanh()
    return model, nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 0.5]), label_smoothing=0.1), batches


def scripted() -> Triple:
    model, loss, batches = relu()
    return torch.jit.script(model), loss, batches


def differential_equation() -> Triple:
    """A network whose loss holds its own derivative, taken in the forward pass."""

    class Slope(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(1, 5), nn.Tanh(), nn.Linear(5, 1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = x.detach().requires_grad_()
            u = self.body(x)
            (slope,) = torch.autograd.grad(u.sum(), x, create_graph=True)
            return slope + u

    return Slope(), F.mse_loss, [(numbers(1), numbers(1, seed=7))]


def sparse_penalty() -> Triple:
    """The second derivative of an absolute value is a tensor without memory in PyTorch."""
    model = nn.Linear(4, 1)
    return (
        model,
        lambda f, y: (f - y).square().mean() + model.weight.abs().sum(),
        [(numbers(4), numbers(1, seed=8))],
    )


def absolute_values() -> Triple:
    class Size(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Parameter(torch.tensor([0.5, -2.0])), nn.Parameter(torch.ones(2))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.a.abs().sum() + self.b.square().sum()

    return Size(), lambda f, _: f, [(numbers(4), classes())]


def decayed_weights() -> Triple:
    model, loss, batches = tanh()
    return (
        model,
        lambda f, y: loss(f, y) + 0.1 * sum(item.square().sum() for item in model.parameters()),
        batches,
    )


def inner_step() -> Triple:
    """The loss after a step of gradient descent, differentiated through that step."""

    class Adapting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(4, 5), nn.Linear(5, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            hidden = torch.tanh(self.first(x))
            inner = F.cross_entropy(self.last(hidden), classes())
            (slope,) = torch.autograd.grad(inner, self.last.weight, create_graph=True)
            return hidden @ (self.last.weight - 0.5 * slope).T

    return Adapting(), F.cross_entropy, [(numbers(4), classes())]


def compiled() -> Triple:
    model, loss, batches = tanh()
    return torch.compile(model, backend="aot_eager"), loss, batches


def checkpointed() -> Triple:
    class Saving(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.last = nn.Sequential(nn.Linear(4, 5), nn.Tanh()), nn.Linear(5, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(checkpoint(self.body, x, use_reentrant=False))

    return Saving(), F.cross_entropy, [(numbers(4), classes())]


def experts() -> Triple:
    """Each sample goes to one of two experts, weighted by its gate: smooth but where the choice changes."""

    class Experts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gate, self.one, self.two = nn.Linear(4, 2), nn.Linear(4, CLASSES), nn.Linear(4, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            weight, choice = self.gate(x).softmax(-1).max(-1)
            return weight[:, None] * torch.where((choice == 0)[:, None], self.one(x), self.two(x))

    return Experts(), F.cross_entropy, [(numbers(4), classes())]


def gaussian_likelihood() -> Triple:
    class Gaussian(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mean, self.size = nn.Linear(4, 1), nn.Parameter(torch.tensor([1e-3, 1.0]))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([self.mean(x), self.size.log().sum().expand(len(x), 1)], 1)

    def loss(f: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (0.5 * (f[:, :1] - y) ** 2 * (-f[:, 1:]).exp() + 0.5 * f[:, 1:]).mean()

    return Gaussian(), loss, [(numbers(4), numbers(1, seed=4))]


def parametrized() -> Triple:
    model = nn.Sequential(
        parametrizations.spectral_norm(nn.Linear(4, 5)),
        nn.Tanh(),
        parametrizations.orthogonal(nn.Linear(5, 5)),
        nn.Linear(5, CLASSES),
    )
    return model, F.cross_entropy, [(numbers(4), classes())]


def contrastive() -> Triple:
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))

    def loss(f: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        f = F.normalize(f, dim=1)
        return F.cross_entropy(f @ f.T / 0.5, torch.arange(len(f)).roll(1))

    return model, loss, [(numbers(4), classes())]


class Cube(torch.autograd.Function):
    """A hand-written backward pass of operations that can be differentiated."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        return 3 * g * ctx.saved_tensors[0] ** 2


def right_autograd_function() -> Triple:
    class Cubed(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return Cube.apply(x)

    return classified(nn.Linear(4, 5), Cubed(), nn.Linear(5, CLASSES))


def long_sequence() -> Triple:
    class Loop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.last = nn.GRUCell(2, 4), nn.Linear(4, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            state = x.new_zeros(len(x), 4)
            for step in range(x.shape[1]):
                state = self.cell(x[:, step], state)
            return self.last(state)

    return Loop(), F.cross_entropy, [(numbers(40, 2), classes())]


def table_of_inputs() -> Triple:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Linear(6, CLASSES)

        def forward(self, given: dict[str, torch.Tensor]) -> torch.Tensor:
            return self.body(torch.cat([given["a"], given["b"]], 1).tanh())

    return Named(), F.cross_entropy, [({"a": numbers(4), "b": numbers(2, seed=5)}, classes())]


def uneven_batches() -> Triple:
    model, loss, ((x, y),) = gelu()
    return model, loss, [(x[:4], y[:4]), (x[4:5], y[4:5]), (x[5:8], y[5:8]), (x[8:], y[8:])]


def unused_and_empty() -> Triple:
    class Idle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.unused, self.empty = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(0, 3))
            self.body, self.last = nn.Linear(4, CLASSES), nn.Parameter(torch.ones(0))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.body(x)

    return Idle(), F.cross_entropy, [(numbers(4), classes())]


def graph_of_a_molecule() -> Triple:
    """A sparse matrix as a constant, sums over neighbors by index_add."""
    edges = torch.tensor([[0, 1, 2, 3, 4, 0], [1, 2, 3, 4, 0, 2]])
    adjacency = torch.sparse_coo_tensor(edges, torch.ones(6), (SAMPLES, SAMPLES), check_invariants=True)

    class Graph(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(4, 5), nn.Linear(5, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = torch.tanh(torch.sparse.mm(adjacency, self.first(x)))
            return self.last(x.index_add(0, edges[0], x[edges[1]]))

    return Graph(), F.cross_entropy, [(numbers(4), classes())]


def constrained() -> Triple:
    """Square roots and arc sines of weights at the edge of their domain."""

    class Edge(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Parameter(torch.tensor([0.9999, 0.5, -0.9999, 1e-5]))
            self.last = nn.Linear(4, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(x * torch.sqrt(1 - self.a**2) + torch.asin(self.a) / math.pi)

    return Edge(), F.cross_entropy, [(numbers(4), classes())]


class Single(nn.Module):
    """A layer that takes single precision and nothing else."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dtype != torch.float32:
            raise TypeError("single precision only")
        return x


def models() -> dict[str, Callable[[], Triple]]:
    """The functions of this file that make a model, by name."""
    return {
        name: item
        for name, item in globals().items()
        if getattr(item, "__annotations__", None) == {"return": Triple} and item.__module__ == __name__
    }
