import subprocess
import sys

HEAVY = (
    "hydra",
    "omegaconf",
    "pytorch_lightning",
    "lightning",
    "seaborn",
    "captum",
    "shap",
    "openunmix",
)


def test_importing_the_library_loads_no_optional_package() -> None:
    """In a fresh interpreter, because this one may have loaded them for other tests."""
    code = f"import sys, earwitness; print(*set({HEAVY}).intersection(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
