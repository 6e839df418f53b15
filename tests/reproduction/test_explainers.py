"""Names of configured explainers in figures and claims."""

import pytest

from reproduction import config
from reproduction.explainers import method_names, variant_name


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("Shapley values", "shapley", "Shapley values"),
        ("Shapley values", "shapley_states", "Shapley values, states"),
        ("occlusion", "occlusion_1000ms", "occlusion, 1000 ms"),
        ("LRP EpsilonAlpha2Beta1", "lrp_alpha2_beta1", "LRP EpsilonAlpha2Beta1"),
        ("DeepLIFT", "deep_lift", "DeepLIFT"),
        ("Grad-CAM", "grad_cam", "Grad-CAM"),
        ("LIME forest", "lime_forest", "LIME forest"),
        ("expected gradients", "gradient_shap", "expected gradients"),
    ],
)
def test_a_key_adds_what_the_name_lacks(name: str, key: str, expected: str) -> None:
    """And nothing where it is another name for the same method."""
    assert variant_name(name, key) == expected


def test_names_are_those_of_the_configured_explainers() -> None:
    """In the order of the configuration."""
    cfg = config.compose(["paper=heart", "profile=tiny"])
    names = method_names(cfg.explain.explainers)
    assert list(names) == list(cfg.explain.explainers)
    assert names["occlusion_240ms"] == "occlusion, 240 ms"
    assert names["lrp"] == "LRP EpsilonPlus"
    assert len(set(names.values())) == len(names)
