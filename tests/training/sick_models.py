"""Models of which automatic differentiation gives no Hessian, or another: each returns (model, loss, batches)."""

from collections.abc import Callable
from typing import Any

import healthy_models as healthy
import numpy as np
import torch
from healthy_models import CLASSES, Triple, classes, classified, numbers, tokens
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F
from torch.nn.utils import parametrizations


class Apply(nn.Module):
    """A function as a layer."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


def between(function: Callable[[torch.Tensor], torch.Tensor]) -> Triple:
    return classified(nn.Linear(4, 6), Apply(function), nn.Linear(6, CLASSES))


def dropout() -> Triple:
    return between(lambda x: F.dropout(x, 0.5))


def two_batches_with_dropout() -> Triple:
    model, loss, ((x, y),) = dropout()
    return model, loss, [(x[:5], y[:5]), (x[5:], y[5:])]


def rare_dropout() -> Triple:
    return between(lambda x: F.dropout(x, 0.02))


def faint_noise() -> Triple:
    return between(lambda x: torch.tanh(x + 1e-4 * torch.randn_like(x)))


def noise_of_numpy() -> Triple:
    return between(lambda x: x.tanh() * float(np.random.default_rng().uniform(0.5, 1.5)))


def gumbel() -> Triple:
    return between(lambda x: F.gumbel_softmax(x, tau=0.5))


def attention_with_dropout() -> Triple:
    def attend(x: torch.Tensor) -> torch.Tensor:
        return F.scaled_dot_product_attention(x[None], x[None], x[None], dropout_p=0.3)[0]

    return between(attend)


def always_training() -> Triple:
    class Stubborn(nn.Sequential):
        def train(self, mode: bool = True) -> "Stubborn":
            return super().train(True)

    return (
        Stubborn(nn.Linear(4, 6), nn.Dropout(0.3), nn.Linear(6, CLASSES)),
        F.cross_entropy,
        [(numbers(4), classes())],
    )


def counting() -> Triple:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.calls = nn.Linear(4, CLASSES), 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            return self.body(x) * (1 + 0.1 * self.calls)

    return Counting(), F.cross_entropy, [(numbers(4), classes())]


def weight_normalization() -> Triple:
    return classified(parametrizations.weight_norm(nn.Linear(4, 5)), nn.Tanh(), nn.Linear(5, CLASSES))


def old_weight_normalization() -> Triple:
    return classified(torch.nn.utils.weight_norm(nn.Linear(4, 5)), nn.Tanh(), nn.Linear(5, CLASSES))


def binary_weights() -> Triple:
    class Binary(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return F.linear(x, self.weight + (self.weight.sign() - self.weight).detach(), self.bias)

    return classified(Binary(4, 5), nn.Tanh(), nn.Linear(5, CLASSES))


def rounded_activations() -> Triple:
    return between(lambda x: x + ((4 * x).round() / 4 - x).detach())


def first_order_inner_step() -> Triple:
    class Adapting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Linear(4, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            inner = F.cross_entropy(self.last(x), classes().flip(0))
            (slope,) = torch.autograd.grad(inner, self.last.weight)
            return x @ (self.last.weight - 0.5 * slope).T

    return Adapting(), F.cross_entropy, [(numbers(4), classes())]


def rounded_in_single_precision() -> Triple:
    model, loss, batches = rounded_activations()
    return nn.Sequential(healthy.Single(), *model), loss, batches


def quantized() -> Triple:
    return between(lambda x: torch.fake_quantize_per_tensor_affine(x, 0.1, 0, -128, 127))


def stopped_target() -> Triple:
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 4))
    return model, lambda f, y: -F.cosine_similarity(f[:5], f[5:].detach()).mean(), [(numbers(4), classes())]


def part_without_gradient() -> Triple:
    def gate(x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            weight = x.sigmoid()
        return weight * x

    return between(gate)


def clipped_gradient() -> Triple:
    def clip(x: torch.Tensor) -> torch.Tensor:
        x = 1 * x
        x.register_hook(lambda g: g.clamp(-1e-3, 1e-3))
        return x.tanh()

    return between(clip)


def reversed_gradient() -> Triple:
    class Reverse(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
            return -g

    return between(Reverse.apply)


def wrong_backward() -> Triple:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
            return 2 * g * ctx.saved_tensors[0] ** 2

    return between(Wrong.apply)


def wrong_second_backward() -> Triple:
    class Detached(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
            return 3 * g * ctx.saved_tensors[0].detach() ** 2

    return between(Detached.apply)


def differentiable_once() -> Triple:
    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        @once_differentiable
        def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
            return 3 * g * ctx.saved_tensors[0] ** 2

    return between(Once.apply)


def half_weights() -> Triple:
    model, loss, ((x, y),) = healthy.tanh()
    return model.bfloat16(), loss, [(x.bfloat16(), y)]


def half_layer() -> Triple:
    return between(lambda x: x.half().tanh().float())


def autocast() -> Triple:
    class Cast(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(4, 5), nn.Linear(5, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return self.last(self.first(x).tanh())

    return Cast(), lambda f, y: F.cross_entropy(f.float(), y), [(numbers(4), classes())]


def complex_weights() -> Triple:
    class Complex(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.randn(4, CLASSES, dtype=torch.complex64))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x.cfloat() @ self.w).abs()

    return Complex(), F.cross_entropy, [(numbers(4), classes())]


def lazy() -> Triple:
    return classified(nn.LazyLinear(5), nn.Tanh(), nn.Linear(5, CLASSES))


def lazy_normalization() -> Triple:
    return classified(nn.Linear(4, 5), nn.LazyBatchNorm1d(), nn.Linear(5, CLASSES))


def meta() -> Triple:
    return classified(nn.Linear(4, 5), nn.Linear(5, CLASSES, device="meta"))


def renormalized_embedding() -> Triple:
    model = nn.Sequential(nn.Embedding(7, 3, max_norm=1.0), nn.Flatten(), nn.Linear(15, CLASSES))
    return model, F.cross_entropy, [(tokens(), classes())]


def counted_embedding() -> Triple:
    model = nn.Sequential(nn.Embedding(7, 3, scale_grad_by_freq=True), nn.Flatten(), nn.Linear(15, CLASSES))
    return model, F.cross_entropy, [(tokens(), classes())]


class Table(nn.Module):
    def __init__(self, function: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function, self.rows, self.last = function, nn.Parameter(torch.randn(7, 3)), nn.Linear(3, CLASSES)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.last(self.function(ids, self.rows).tanh())


def sparse_function() -> Triple:
    model = Table(lambda ids, rows: F.embedding(ids, rows, sparse=True).sum(1))
    return model, F.cross_entropy, [(tokens(), classes())]


def bag_function() -> Triple:
    return Table(F.embedding_bag), F.cross_entropy, [(tokens(), classes())]


def margin() -> Triple:
    model, _, batches = healthy.tanh()
    return model, F.multi_margin_loss, batches


def connectionist() -> Triple:
    model, _, batches = healthy.tanh()
    rows = torch.tensor([[1, 2]])

    def loss(f: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        return F.ctc_loss(f.log_softmax(1)[:, None], rows, torch.tensor([len(f)]), torch.tensor([2]))

    return model, loss, batches


def hard_sigmoid() -> Triple:
    return classified(
        nn.Linear(4, 6), nn.Sequential(nn.Linear(6, 6), nn.Hardsigmoid()), nn.Linear(6, CLASSES)
    )


def distances() -> Triple:
    return between(lambda x: torch.cdist(x, x[:6]))


def clamped_weights() -> Triple:
    class Clamped(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.weight.data.clamp_(-0.1, 0.1)
            return super().forward(x)

    return classified(Clamped(4, CLASSES))


def norm_at_zero() -> Triple:
    model, loss, batches = healthy.tanh()
    nn.init.zeros_(model[4].weight)
    return model, lambda f, y: loss(f, y) + model[4].weight.norm(), batches


def same_memory() -> Triple:
    model = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))
    model[2].weight.data = model[0].weight.data
    return model, F.cross_entropy, [(numbers(4), classes())]


REASONS: dict[Callable[[], Triple], tuple[str, ...]] = {
    dropout: ("another Hessian at each call",),
    two_batches_with_dropout: ("another Hessian at each call",),
    rare_dropout: ("another Hessian at each call",),
    faint_noise: ("another Hessian at each call|contradict",),
    noise_of_numpy: ("another Hessian at each call",),
    gumbel: ("another Hessian at each call",),
    attention_with_dropout: ("another Hessian at each call",),
    always_training: ("another Hessian at each call",),
    counting: ("another Hessian at each call",),
    weight_normalization: ("u.Hv and v.Hu", "contradict", "weight_norm", "_WeightNorm"),
    old_weight_normalization: ("u.Hv and v.Hu", "contradict", "weight_norm"),
    binary_weights: ("a gradient that differences of the loss contradict", "products H v"),
    rounded_activations: ("a gradient that differences of the loss contradict", "products H v"),
    first_order_inner_step: ("a gradient that differences of the loss contradict",),
    rounded_in_single_precision: (
        "a gradient that differences of the loss contradict",
        "let the model run in float64",
    ),
    quantized: ("a gradient that differences of the loss contradict",),
    stopped_target: ("a gradient that differences of the loss contradict",),
    part_without_gradient: ("a gradient that differences of the loss contradict",),
    clipped_gradient: ("a gradient that differences of the loss contradict",),
    reversed_gradient: ("a gradient that differences of the loss contradict", "Reverse in 1 .Apply."),
    wrong_backward: ("a gradient that differences of the loss contradict", "Wrong in 1 .Apply."),
    wrong_second_backward: (
        "products H v that differences of the gradient contradict",
        "Detached in 1 .Apply.",
    ),
    differentiable_once: ("products H v that differences of the gradient contradict", "Once in 1 .Apply."),
    half_weights: ("bfloat16, half precision or less: 0.weight of Linear and 5 more", "model.float"),
    half_layer: ("float16 values, of half in 1 .Apply.",),
    autocast: ("bfloat16 values, of linear in first .Linear.",),
    complex_weights: ("complex64, complex: w of Complex",),
    lazy: ("0.weight of LazyLinear, which has no shape yet",),
    lazy_normalization: ("1.weight of LazyBatchNorm1d, which has no shape yet",),
    meta: ("on the meta device: 1.weight of Linear and 1 more",),
    renormalized_embedding: ("0 .Embedding. with max_norm",),
    counted_embedding: ("0 .Embedding. with scale_grad_by_freq",),
    sparse_function: ("a gradient of layout sparse_coo for rows",),
    bag_function: ("_embedding_bag_backward.*, in the model .Table.",),
    margin: ("multi_margin_loss_backward.*, in the loss",),
    connectionist: ("_ctc_loss_backward.*, in the loss",),
    hard_sigmoid: ("hardsigmoid_backward.*, in 1.1 .Hardsigmoid.",),
    distances: ("_cdist_backward.*, in 1 .Apply.",),
    clamped_weights: ("a forward pass that changes 0.weight",),
    norm_at_zero: ("a second derivative that is not finite, in 4.weight",),
    same_memory: ("0.weight of Linear and 2.weight of Linear, two parameters in the same memory",),
}
"""What the refusal of each must say."""
