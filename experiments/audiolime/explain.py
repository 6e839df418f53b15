"""What was explained: `clips.csv`, one row a clip. The jobs of the sweep have done the work."""

from omegaconf import DictConfig

from earwitness import config, sweep
from earwitness.files import atomic
from experiments.audiolime import answers
from experiments.audiolime.jobs.explain import CLIPS


def main(cfg: DictConfig) -> None:
    """Gather the clips of all jobs.

    Raises:
        InputError: a job is not done.
    """
    sweep.finish(cfg)
    with atomic(config.paper_folder(cfg, "runs") / CLIPS) as temporary:
        answers.tables(cfg, CLIPS).to_csv(temporary, index=False, float_format="%.6f")


if __name__ == "__main__":
    config.run_stage(main)
