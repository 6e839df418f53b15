"""Which layer follows which rule, against zennit's composites of the same names."""

import pytest
import torch
import zennit.composites as peer
from torch import Tensor, nn
from zennit.attribution import Gradient as PeerAttributor
from zennit.canonizers import SequentialMergeBatchNorm

from earwitness.errors import InputError
from earwitness.explain.lrp import (
    Composite,
    Epsilon,
    EpsilonAlpha2Beta1,
    EpsilonPlus,
    Flat,
    Pass,
    UnsupportedLayerError,
    ZPlus,
    relevance,
)
from earwitness.explain.lrp.layers import NORMALISATION

COMPOSITES = [(EpsilonPlus, peer.EpsilonPlus), (EpsilonAlpha2Beta1, peer.EpsilonAlpha2Beta1)]


def by_peer(
    model: nn.Module, inputs: Tensor, target: Tensor, composite: peer.LayerMapComposite
) -> Tensor:
    """The relevance that zennit finds."""
    with PeerAttributor(model=model, composite=composite) as attribute:
        return attribute(inputs, lambda out: out * nn.functional.one_hot(target, out.shape[1]))[1]


@pytest.mark.parametrize(("ours", "theirs"), COMPOSITES)
def test_equals_zennit_on_waveforms(
    ours: type[Composite],
    theirs: type[peer.LayerMapComposite],
    waveform_net: nn.Module,
    waves: Tensor,
    target: Tensor,
) -> None:
    """The two composites of the paper on a network like AudioNet."""
    expected = by_peer(waveform_net, waves, target, theirs())
    found = relevance(waveform_net, waves, target, ours()).inputs
    assert (found - expected).norm() <= 1e-6 * expected.norm()


@pytest.mark.parametrize(("ours", "theirs"), COMPOSITES)
def test_equals_zennit_on_images(
    ours: type[Composite],
    theirs: type[peer.LayerMapComposite],
    image_net: nn.Module,
    images: Tensor,
    target: Tensor,
) -> None:
    """The two composites of the paper on a network like AlexNet."""
    expected = by_peer(image_net, images, target, theirs())
    found = relevance(image_net, images, target, ours()).inputs
    assert (found - expected).norm() <= 1e-6 * expected.norm()


def trained(norm: nn.Module) -> nn.Module:
    """Give a batch normalisation statistics and parameters as training would."""
    assert isinstance(norm, NORMALISATION)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2.0)
    for parameter in norm.parameters():
        nn.init.normal_(parameter)
    return norm


@pytest.fixture
def normalised_net() -> nn.Sequential:
    """Convolutions and a dense layer that batch normalisation follows; `(b, 1, 97)`."""
    net = nn.Sequential(
        nn.Sequential(nn.Conv1d(1, 4, 3), trained(nn.BatchNorm1d(4)), nn.ReLU(), nn.MaxPool1d(4)),
        nn.Sequential(nn.Conv1d(4, 3, 3, bias=False), trained(nn.BatchNorm1d(3)), nn.ReLU()),
        nn.Sequential(nn.Flatten(), nn.Linear(63, 5), trained(nn.BatchNorm1d(5))),
        nn.Linear(5, 3),
    )
    return net.double().eval()


@pytest.mark.parametrize(("ours", "theirs"), COMPOSITES)
def test_folded_normalisation_equals_zennit(
    ours: type[Composite],
    theirs: type[peer.LayerMapComposite],
    normalised_net: nn.Module,
    waves: Tensor,
    target: Tensor,
) -> None:
    """Folding happens on the fly here, and by changing the weights in zennit."""
    # zennit's merged layers go on dividing by sqrt(1 + eps), which is not what is tested here.
    for norm in normalised_net.modules():
        if isinstance(norm, NORMALISATION):
            norm.eps = 1e-12
    merged = theirs(canonizers=[SequentialMergeBatchNorm()])
    expected = by_peer(normalised_net, waves, target, merged)
    found = relevance(normalised_net, waves, target, ours())
    assert (found.inputs - expected).norm() <= 1e-6 * expected.norm()
    torch.testing.assert_close(found.logits, normalised_net(waves))


LAYERS = {
    1: (nn.Conv1d, nn.BatchNorm1d, nn.Dropout1d, nn.AdaptiveMaxPool1d, nn.AdaptiveAvgPool1d),
    2: (nn.Conv2d, nn.BatchNorm2d, nn.Dropout2d, nn.AdaptiveMaxPool2d, nn.AdaptiveAvgPool2d),
}


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize(("ours", "theirs"), COMPOSITES)
def test_layers_that_users_have_equal_zennit(
    ours: type[Composite],
    theirs: type[peer.LayerMapComposite],
    dimensions: int,
    target: Tensor,
) -> None:
    """Leaky ReLU, adaptive pooling, folded normalisation, dropout, flattening; 1-d and 2-d."""
    convolution, norm, dropout, maximum, average = LAYERS[dimensions]
    net = nn.Sequential(
        *(convolution(2, 4, 3), trained(norm(4, eps=1e-12)), nn.LeakyReLU(0.1), dropout(0.5)),
        *(maximum(9), convolution(4, 6, 3), nn.LeakyReLU(0.2), nn.Dropout(), average(3)),
        *(nn.Flatten(), nn.Linear(6 * 3**dimensions, 3)),
    ).double()
    inputs = torch.randn(3, 2, *[24] * dimensions, dtype=torch.float64)
    net.eval()
    merged = theirs(canonizers=[SequentialMergeBatchNorm()])
    expected = by_peer(net, inputs, target, merged)
    found = relevance(net.train(), inputs, target, ours()).inputs
    assert (found - expected).norm() <= 1e-6 * expected.norm()


@pytest.mark.parametrize("affine", [True, False])
def test_normalisation_of_its_own_conserves(affine: bool, waves: Tensor, target: Tensor) -> None:
    """A normalisation that no layer can absorb is a linear layer, and its shift a bias."""
    first, later = (trained(nn.BatchNorm1d(channels, affine=affine)) for channels in (1, 4))
    convolution = nn.Sequential(nn.Conv1d(1, 4, 9), nn.ReLU())
    net = nn.Sequential(first, convolution, later, nn.Flatten(), nn.Linear(356, 3)).double()
    found = relevance(net, waves, target, Composite(*[Epsilon(1e-12)] * 4))
    expected = found.logits.gather(1, target[:, None])[:, 0]
    torch.testing.assert_close(
        found.inputs.sum((1, 2)) + found.absorbed, expected, rtol=1e-8, atol=0
    )


def test_a_rule_by_name_wins(waveform_net: nn.Module, waves: Tensor, target: Tensor) -> None:
    """A flat rule on the first convolution gives equal relevance to an output's three inputs."""
    composite = EpsilonPlus(names={"0": Flat()})
    found = relevance(waveform_net, waves, target, composite).inputs
    plain = relevance(waveform_net, waves, target, EpsilonPlus()).inputs
    rough, smooth = (values.diff(dim=2).square().mean() for values in (plain, found))
    assert smooth < rough / 2


def test_a_named_normalisation_is_not_folded(normalised_net: nn.Module) -> None:
    """Whoever gives a normalisation a rule of its own gets it."""
    plan = EpsilonPlus(names={"0.1": Epsilon(0.5)}).plan(normalised_net)
    rules = {step.layer: step.rule for step in plan}
    assert rules[normalised_net.get_submodule("0.1")] == Epsilon(0.5)
    assert rules[normalised_net.get_submodule("1.1")] is None


@pytest.mark.parametrize(
    ("layer", "composite", "message"),
    [
        (nn.LSTM(1, 3), EpsilonPlus(), r"layer inner\.0 \(LSTM\) has no rule.*names="),
        (nn.Sigmoid(), EpsilonPlus(), r"layer inner\.0 \(Sigmoid\)"),
        (nn.MultiheadAttention(2, 1), EpsilonPlus(), r"layer inner\.0 \(MultiheadAttention\)"),
        (nn.AvgPool1d(2), Composite(average=ZPlus()), r"\(AvgPool1d\) has no weight.*choose"),
        (nn.BatchNorm1d(2, track_running_stats=False), EpsilonPlus(), r"running statistics"),
    ],
)
def test_unsupported_layer_is_named(layer: nn.Module, composite: Composite, message: str) -> None:
    """The error says which layer it is and what to do."""
    net = nn.ModuleDict({"inner": nn.Sequential(layer)})
    with pytest.raises(UnsupportedLayerError, match=message):
        composite.plan(net)


def test_a_named_rule_supports_any_layer(waves: Tensor, target: Tensor) -> None:
    """The remedy that the error names does work."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(97, 3), nn.Softsign()).double()
    with pytest.raises(UnsupportedLayerError):
        relevance(net, waves, target, EpsilonPlus())
    assert relevance(net, waves, target, EpsilonPlus(names={"2": Pass()})).inputs.any()


def test_misspelt_name_is_refused(waveform_net: nn.Module) -> None:
    """A rule for a layer that does not exist would be ignored silently."""
    with pytest.raises(InputError, match="no layer is called conv1"):
        EpsilonPlus(names={"conv1": Flat()}).plan(waveform_net)
