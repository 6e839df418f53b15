"""Explanations while training: what TensorBoard gets, and that the training does not notice."""

import io
import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import matplotlib.image
import numpy as np
import pytest
import pytorch_lightning as pl
import soundfile
import torch
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from earwitness.callbacks.explanations import ExplanationCallback
from earwitness.explain.attribution import Attribution
from earwitness.explain.explainers import InputExplainer
from earwitness.explain.explanation import Explanation
from earwitness.explain.lrp.layers import UnsupportedLayerError
from earwitness.explain.model import AudioModel
from earwitness.present import listen
from earwitness.sound.frontends.spectrogram import DecibelSpectrogram, Waveform
from reproduction import config

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*logging interval"),
    pytest.mark.filterwarnings("ignore:Total length of `DataLoader` across ranks is zero"),
    pytest.mark.filterwarnings("ignore:.*have no `val_dataloader`"),
]

RATE, SAMPLES = 1000, 200
WAVES = 0.3 * torch.randn(6, SAMPLES, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 0, 1, 2])


@dataclass(frozen=True)
class Slope:
    """Gradient times input, whose gap is what it lacks of the output."""

    name: ClassVar[str] = "slope"

    def __call__(self, network: nn.Module, inputs: Tensor, target: Tensor) -> Attribution:
        """Explain the output `target` of each item."""
        source = inputs.detach().clone().requires_grad_()
        outputs = network(source)
        chosen = outputs.gather(1, target[:, None])[:, 0]
        values = source.detach() * torch.autograd.grad(chosen.sum(), source)[0]
        return Attribution(values, outputs.detach(), (chosen - values.flatten(1).sum(1)).detach())


SLOPE = {"slope": InputExplainer(Slope())}


def misfit(model: AudioModel, wave: Tensor, target: int) -> Explanation:
    """A method that has no rule for a layer of the network."""
    raise UnsupportedLayerError("layer 3 (Odd) has no rule\nadvice on a second line")


def careless(model: AudioModel, wave: Tensor, target: int) -> Explanation:
    """A method that draws from every global generator."""
    torch.rand(7), np.random.rand(7), random.random()  # noqa: NPY002
    return SLOPE["slope"](model, wave, target)


def one_dimensional(classes: int = 3) -> nn.Module:
    """AudioNet's kinds of layers, and others that tell training from evaluation."""
    return nn.Sequential(
        nn.Conv1d(1, 4, 5, stride=4),
        nn.BatchNorm1d(4),
        nn.ReLU(inplace=True),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.LazyLinear(classes),
    )


def two_dimensional(classes: int = 3) -> nn.Module:
    """AlexNet's kinds of layers."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(classes)
    )


class Subclassed(pl.LightningModule):
    """A module of somebody else's: it is the network itself, and knows nothing of explanations."""

    def __init__(self, read: Callable[[Any], Tensor] = lambda outputs: outputs) -> None:
        super().__init__()
        self.layers = one_dimensional()
        self.read = read

    def forward(self, waves: Tensor) -> Any:
        return self.layers(waves.reshape(len(waves), 1, -1))

    def training_step(self, batch: list[Tensor], _: int) -> Tensor:
        return nn.functional.cross_entropy(self.read(self(batch[0])), batch[1])

    def validation_step(self, batch: list[Tensor], _: int) -> None:
        self(batch[0])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.parameters(), lr=0.01)


class InParts(Subclassed):
    """A module with a front end and a network, as the project's own is."""

    def __init__(self, frontend: nn.Module, network: nn.Module) -> None:
        super().__init__()
        del self.layers
        self.frontend, self.network = frontend, network

    def forward(self, waves: Tensor) -> Tensor:
        return self.network(self.frontend(waves))


class TwoOutputs(Subclassed):
    """Answers with an embedding beside the classes, in a tuple."""

    def __init__(self) -> None:
        super().__init__(read=lambda outputs: outputs[1])

    def forward(self, waves: Tensor) -> Any:
        return waves.reshape(len(waves), -1)[:, :5], super().forward(waves)


class Named(TwoOutputs):
    """The same in a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.read = lambda outputs: outputs["classes"]

    def forward(self, waves: Tensor) -> Any:
        return dict(zip(("embedding", "classes"), super().forward(waves), strict=True))


class Binary(Subclassed):
    """Answers with one number for a sigmoid, `(batch,)`."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = one_dimensional(1)

    def forward(self, waves: Tensor) -> Tensor:
        return super().forward(waves)[:, 0]

    def training_step(self, batch: list[Tensor], _: int) -> Tensor:
        target = (batch[1] > 0).float()
        return nn.functional.binary_cross_entropy_with_logits(self(batch[0]), target)


spectrogram = partial(DecibelSpectrogram, window_length=32, hop=8, bins=17)


def loader(waves: Tensor = WAVES, shuffled: bool = False) -> DataLoader:
    return DataLoader(TensorDataset(waves, LABELS[: len(waves)]), batch_size=2, shuffle=shuffled)


def fit(
    folder: Path,
    callbacks: list[pl.Callback],
    module: Callable[[], pl.LightningModule] = Subclassed,
    validate: DataLoader | None = None,
    train: DataLoader | None = None,
    **settings: Any,
) -> pl.Trainer:
    """Train for an epoch; the trainer with its module."""
    torch.manual_seed(7)
    logger = TensorBoardLogger(folder, name="", version="events")
    defaults = {"logger": logger, "max_epochs": 1, "enable_checkpointing": False}
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
    trainer = pl.Trainer(**(defaults | quiet | settings), callbacks=callbacks)
    built = module()
    with torch.no_grad():
        built(WAVES[:2])  # lazy layers take their shape
    trainer.fit(built, train or loader(shuffled=True), validate)
    return trainer


def watched(explainers: Any = SLOPE, **settings: Any) -> ExplanationCallback:
    return ExplanationCallback(explainers, RATE, **({"clips": 1} | settings))


def events(folder: Path) -> EventAccumulator:
    """What the event file of a training holds."""
    result = EventAccumulator(str(folder / "events"), size_guidance={"images": 0, "audio": 0})
    return result.Reload()


def explained(folder: Path, kind: str) -> list[str]:
    """Tags of one kind, `images`, `audio` or `scalars`."""
    return [tag for tag in events(folder).Tags()[kind] if tag.startswith("explanations/")]


def sound(folder: Path, name: str, clip: str = "validation_0") -> Tensor:
    """The wave of an entry, `(samples,)`."""
    (entry,) = events(folder).Audio(f"explanations/{name}/{clip}")
    wave, rate = soundfile.read(io.BytesIO(entry.encoded_audio_string), dtype="float32")
    assert rate == RATE
    return torch.from_numpy(wave)


@pytest.fixture(scope="module", params=["waveform", "spectrogram"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A training of a network of one or of two dimensions: its folder and its module."""
    folder = tmp_path_factory.mktemp(request.param)
    network = {"waveform": one_dimensional, "spectrogram": two_dimensional}[request.param]
    frontend = {"waveform": Waveform, "spectrogram": spectrogram}[request.param]
    trainer = fit(
        folder,
        [watched(classes=["one", "two", "three"], clips=2)],
        lambda: InParts(frontend(), network()),
        loader(),
    )
    return folder, trainer.lightning_module.eval()


def test_every_clip_gets_a_picture_a_sound_and_numbers(trained: Any) -> None:
    """One entry a method and clip, at the step that training has come to."""
    folder, _ = trained
    clips = ["validation_0", "validation_1"]
    assert explained(folder, "images") == [f"explanations/slope/{clip}" for clip in clips]
    assert set(explained(folder, "audio")) == {
        f"explanations/{name}/{clip}" for name in ("original", "slope") for clip in clips
    }
    for tag in explained(folder, "scalars"):
        assert [event.step for event in events(folder).Scalars(tag)] == [3]
    assert len(explained(folder, "scalars")) == 4


def test_pictures_are_png_that_show_something(trained: Any) -> None:
    """480 x 300 pixels, not all of one colour."""
    folder, _ = trained
    for tag in explained(folder, "images"):
        (entry,) = events(folder).Images(tag)
        assert entry.encoded_image_string.startswith(b"\x89PNG")
        image = matplotlib.image.imread(io.BytesIO(entry.encoded_image_string))
        assert image.shape[:2] == (entry.height, entry.width) == (300, 480)
        assert len(np.unique(image.reshape(-1, image.shape[2]), axis=0)) > 20


def test_sounds_are_the_clip_and_what_speaks_for_the_class(trained: Any) -> None:
    """The first is that of the validation set, the second what `listen` makes of it (16 bit)."""
    folder, module = trained
    for clip in range(2):
        played = sound(folder, "original", f"validation_{clip}")
        torch.testing.assert_close(played, WAVES[clip].clamp(-1, 1), rtol=0, atol=1e-4)
        model = AudioModel(module.network, "abc", RATE, module.frontend)
        answer = int(model(WAVES[clip : clip + 1]).argmax())
        expected = listen.split_by_relevance(
            SLOPE["slope"](model, WAVES[clip], answer), WAVES[clip], RATE
        ).relevant
        played = sound(folder, "slope", f"validation_{clip}")
        torch.testing.assert_close(played, expected, rtol=0, atol=1e-4)


def test_probability_and_gap_are_those_of_the_trained_network(trained: Any) -> None:
    """Computed by hand from the weights that training left."""
    folder, module = trained
    inputs = module.frontend(WAVES[:1]).requires_grad_()
    outputs = module.network(inputs)
    (slope,) = torch.autograd.grad(outputs.max(), inputs)
    gap = (outputs.max() - (slope * inputs).sum()).item()
    (shown,) = events(folder).Scalars("explanations/probability/validation_0")
    assert shown.value == pytest.approx(outputs.softmax(1).max().item(), abs=1e-6)
    (shown,) = events(folder).Scalars("explanations/slope_gap/validation_0")
    assert shown.value == pytest.approx(gap, abs=1e-5)


@pytest.mark.parametrize(
    ("module", "settings", "probability"),
    [
        (Subclassed, {}, lambda outputs: outputs.softmax(1).max()),
        (Subclassed, {"target": 2}, lambda outputs: outputs.softmax(1)[0, 2]),
        (Subclassed, {"target": "b", "classes": "abc"}, lambda outputs: outputs.softmax(1)[0, 1]),
        (TwoOutputs, {"output": 1}, lambda outputs: outputs[1].softmax(1).max()),
        (Named, {"output": "classes"}, lambda outputs: outputs["classes"].softmax(1).max()),
        (Binary, {"activation": "sigmoid"}, lambda outputs: outputs.sigmoid()[0]),
    ],
)
def test_any_module_is_explained(
    tmp_path: Path, module: Any, settings: dict[str, Any], probability: Callable[[Any], Tensor]
) -> None:
    """Subclassed, with several outputs, with one sigmoid; for the answer or for a given class."""
    trainer = fit(tmp_path, [watched(**settings)], module, loader())
    with torch.inference_mode():
        expected = float(probability(trainer.lightning_module.eval()(WAVES[:1])))
    (shown,) = events(tmp_path).Scalars("explanations/probability/validation_0")
    assert shown.value == pytest.approx(expected, abs=1e-6)
    assert explained(tmp_path, "images") == ["explanations/slope/validation_0"]
    assert len(sound(tmp_path, "slope")) == SAMPLES


def test_batches_may_have_a_channel(tmp_path: Path) -> None:
    """The module is given `(batch, 1, samples)`, as it is in training."""
    seen = []

    class Channelled(Subclassed):
        def forward(self, waves: Tensor) -> Any:
            seen.append(waves.shape[1:])
            return super().forward(waves)

    fit(tmp_path, [watched()], Channelled, loader(WAVES[:, None]), loader(WAVES[:, None]))
    assert set(seen[1:]) == {(1, SAMPLES)}  # after the batch that shaped its lazy layers
    assert len(sound(tmp_path, "slope")) == SAMPLES


def state(trainer: pl.Trainer) -> list[Tensor]:
    """Weights, running statistics and optimiser moments."""
    moments = [m for s in trainer.optimizers[0].state.values() for m in s.values()]
    return [*trainer.lightning_module.state_dict().values(), *moments]


@pytest.mark.parametrize("module", [Subclassed, lambda: InParts(spectrogram(), two_dimensional())])
def test_training_does_not_notice(tmp_path: Path, module: Any) -> None:
    """Bit for bit the same, with dropout, a shuffled loader and a method that draws at random."""
    methods = SLOPE | {"careless": careless, "misfit": misfit}
    settings = {"validate": loader(), "max_epochs": 3, "module": module}
    with pytest.warns(UserWarning, match="misfit is left out"):
        observed = fit(tmp_path / "with", [watched(methods)], **settings)
    alone = fit(tmp_path / "without", [], **settings)
    for ours, theirs in zip(state(observed), state(alone), strict=True):
        assert torch.equal(ours, theirs)
    assert all(layer.training for layer in observed.lightning_module.modules())


class Witness(pl.Callback):
    """Remembers what a callback before it left of the module and of random numbers."""

    seen: dict[str, Any]

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        parts, weights = list(pl_module.modules()), list(pl_module.parameters())
        self.seen = {
            "training": [part.training for part in parts],
            "in place": [getattr(part, "inplace", None) for part in parts],
            "hooks": [len(part._forward_hooks) for part in parts],
            "requires_grad": [weight.requires_grad for weight in weights],
            "grad": [None if weight.grad is None else weight.grad.tolist() for weight in weights],
            "drawn": [float(torch.rand(())), float(np.random.rand()), random.random()],  # noqa: NPY002
        }


def test_modes_flags_gradients_and_random_numbers_are_as_before(tmp_path: Path) -> None:
    """Also those that a user has set by hand: a frozen layer in evaluation mode."""

    class Frozen(Subclassed):
        def on_train_epoch_start(self) -> None:
            self.layers[1].eval()
            self.layers[0].requires_grad_(False)

    result = []
    for callbacks in ([watched({"careless": careless})], []):
        np.random.seed(3)  # noqa: NPY002
        random.seed(3)
        witness = Witness()
        fit(tmp_path / str(len(callbacks)), [*callbacks, witness], Frozen, loader())
        result.append(witness.seen)
    assert result[0] == result[1]
    assert result[0]["training"].count(False) == 1


def test_checkpoints_hold_nothing_of_it(tmp_path: Path) -> None:
    """Plain data, with no state of the callback."""
    trainer = fit(tmp_path, [watched()], validate=loader())
    trainer.save_checkpoint(tmp_path / "some.ckpt")
    assert torch.load(tmp_path / "some.ckpt", weights_only=True)["callbacks"] == {}


def test_sanity_checks_are_not_explained(tmp_path: Path) -> None:
    """Two epochs of three batches: two points, none at step 0."""
    fit(tmp_path, [watched()], validate=loader(), num_sanity_val_steps=1, max_epochs=2)
    shown = events(tmp_path).Scalars("explanations/probability/validation_0")
    assert [event.step for event in shown] == [3, 6]
    assert len(events(tmp_path).Images("explanations/slope/validation_0")) == 2
    assert len(events(tmp_path).Audio("explanations/original/validation_0")) == 1


def test_every_n_epochs(tmp_path: Path) -> None:
    """The second and the fourth of five."""
    fit(tmp_path, [watched(every_n_epochs=2)], validate=loader(), max_epochs=5)
    shown = events(tmp_path).Scalars("explanations/probability/validation_0")
    assert [event.step for event in shown] == [6, 12]


def test_more_clips_than_a_batch_has(tmp_path: Path) -> None:
    """Batches of two give three clips, the first of the validation set, in its order."""
    fit(tmp_path, [watched({}, clips=3)], validate=loader())
    for clip in range(3):
        played = sound(tmp_path, "original", f"validation_{clip}")
        torch.testing.assert_close(played, WAVES[clip].clamp(-1, 1), rtol=0, atol=1e-4)
    assert len(explained(tmp_path, "audio")) == 3


def test_a_method_that_does_not_fit_is_named_once(tmp_path: Path) -> None:
    """In one line; the other methods go on, in every epoch."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        methods = {"misfit": misfit} | SLOPE
        fit(tmp_path, [watched(methods, clips=2)], validate=loader(), max_epochs=2)
    ours = [str(entry.message) for entry in caught if "explanations" in str(entry.message)]
    assert ours == ["explanations while training: misfit is left out: layer 3 (Odd) has no rule"]
    assert len(events(tmp_path).Images("explanations/slope/validation_1")) == 2


@pytest.mark.parametrize("logger", [False, "csv"])
def test_no_tensorboard_is_said_once(tmp_path: Path, logger: Any) -> None:
    """Nothing is computed, and training goes on."""
    chosen = CSVLogger(tmp_path) if logger else False
    with pytest.warns(UserWarning, match="no TensorBoardLogger") as caught:
        fit(tmp_path, [watched({"misfit": misfit})], validate=loader(), logger=chosen)
    assert len([entry for entry in caught if "explanations" in str(entry.message)]) == 1


@pytest.mark.parametrize("validate", [None, DataLoader([])])
def test_training_clips_stand_in_for_validation_clips(tmp_path: Path, validate: Any) -> None:
    """Said once; the sound is that of a training clip."""
    with pytest.warns(UserWarning, match="training clips are explained") as caught:
        fit(tmp_path, [watched()], validate=validate, train=loader(), max_epochs=2)
    assert len([entry for entry in caught if "explanations" in str(entry.message)]) == 1
    played = sound(tmp_path, "original", "training_0")
    torch.testing.assert_close(played, WAVES[0].clamp(-1, 1), rtol=0, atol=1e-4)


def test_only_global_rank_zero_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other process explains nothing."""
    monkeypatch.setattr(pl.Trainer, "is_global_zero", False)
    fit(tmp_path, [watched({"misfit": misfit})], validate=loader())
    assert not explained(tmp_path, "scalars")


@pytest.mark.parametrize(
    ("settings", "module", "waves", "message"),
    [
        ({"classes": ["a", "b"]}, Subclassed, WAVES, "2 classes are named, the network has 3"),
        ({"target": "tuba"}, Subclassed, WAVES, "target tuba: not one of the classes class 0"),
        ({"activation": "relu"}, Subclassed, WAVES, "activation=relu: choose one of"),
        ({}, TwoOutputs, WAVES, "the network returns tuple: explaining needs"),
        ({}, Subclassed, WAVES.reshape(6, 2, 100), r"batches hold items of \(2, 100\): give waves"),
        ({}, Subclassed, WAVES.double().long(), "batches hold no waves"),
    ],
)
def test_what_cannot_be_explained_is_said(
    tmp_path: Path, settings: dict[str, Any], module: Any, waves: Tensor, message: str
) -> None:
    """One warning that names the key or the shape; the training ends as it would."""

    class Tolerant(module):
        def forward(self, waves: Tensor) -> Any:
            return super().forward(waves.float())

    with pytest.warns(UserWarning, match=message):
        trainer = fit(tmp_path, [watched(**settings)], Tolerant, loader(waves), loader(waves))
    assert trainer.global_step == 3
    assert not explained(tmp_path, "images")


def test_a_callback_serves_one_training_after_another(tmp_path: Path) -> None:
    """Nothing of the first training, clips or sounds, is left in the second."""
    callback = watched({})
    fit(tmp_path / "1", [callback], validate=loader())
    fit(tmp_path / "2", [callback], validate=loader(WAVES.flip(0)))
    played = sound(tmp_path / "2", "original")
    torch.testing.assert_close(played, WAVES[-1].clamp(-1, 1), rtol=0, atol=1e-4)


METHODS = [
    "activations",
    "gradient",
    "gradient_x_input",
    "integrated_gradients",
    "smooth_grad",
    "grad_cam",
    "occlusion",
    "lrp",
]


@pytest.mark.parametrize("parts", [(Waveform, one_dimensional), (spectrogram, two_dimensional)])
def test_the_configuration_has_eight_methods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: Any
) -> None:
    """`callbacks=explanations` gives the learner a callback whose methods fit both networks."""
    monkeypatch.setenv("EARWITNESS_CACHE", str(tmp_path))
    cfg = config.compose(["callbacks=explanations"])
    callback = config.build(cfg.models.audionet).callbacks["explanations"]
    assert list(callback.explainers) == METHODS
    frontend, network = parts
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "explanations while training")
        fit(tmp_path, [callback], lambda: InParts(frontend(), network()), loader())
    shown = {f"explanations/{name}/validation_{clip}" for name in METHODS for clip in (0, 1)}
    assert set(explained(tmp_path, "images")) == shown
    originals = {f"explanations/original/validation_{clip}" for clip in (0, 1)}
    assert set(explained(tmp_path, "audio")) == shown | originals
