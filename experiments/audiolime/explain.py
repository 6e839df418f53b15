"""What was explained: `clips.csv`, one row a clip. The jobs of the sweep have done the work."""

from omegaconf import DictConfig

from earwitness.errors import InputError
from earwitness.explain.model import AudioModel
from experiments.audiolime import answers
from experiments.audiolime.jobs.explain import CLIPS
from experiments.audiolime.music import TAGGERS, tagger_of
from reproduction import config, sweep
from reproduction.csv_files import write_csv


def main(cfg: DictConfig) -> None:
    """Gather the clips of all jobs.

    Raises:
        InputError: a job is not done.
    """
    sweep.require_finished(cfg)
    write_csv(config.paper_folder(cfg, "runs") / CLIPS, answers.tables(cfg, CLIPS))


def audio_model(cfg: DictConfig, name: str) -> AudioModel:
    """The trained tagger of the job `taggers/model/fold`; its classes are its tags.

    Raises:
        InputError: it is no tagger's job, or it is not done.
    """
    job = sweep.job(cfg, name)
    if job.study != TAGGERS:
        raise InputError(f"job {name}: trains no tagger; choose {TAGGERS}/<model>/<fold>")
    return tagger_of(cfg, job.model)
