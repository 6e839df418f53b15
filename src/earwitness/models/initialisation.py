"""How weights start."""

from torch import nn

DENSE_OR_CONVOLUTION = (nn.Linear, nn.Conv1d, nn.Conv2d)


def gaussian(layer: nn.Module, std: float, bias: float = 0.0) -> None:
    """Draw the weights of `layer` from a Gaussian of standard deviation `std`; constant bias."""
    nn.init.normal_(layer.weight, std=std)  # type: ignore[arg-type]
    nn.init.constant_(layer.bias, bias)  # type: ignore[arg-type]


def kaiming(network: nn.Module) -> None:
    """He et al. (2015) for every dense and convolution layer; biases zero."""
    for layer in network.modules():
        if isinstance(layer, DENSE_OR_CONVOLUTION):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
