"""How far each model counts, on every clip."""

from omegaconf import DictConfig

from earwitness.files import write_text
from reproduction import config, sweep


def main(cfg: DictConfig) -> None:
    """Write a row a job and clip."""
    learnt = [(job.folder / "learnt.txt").read_text().split()[-1] for job in sweep.jobs(cfg)]
    rows = "\n".join(f"{clip},{last}" for clip in range(cfg.counts.clips) for last in learnt)
    write_text(config.paper_folder(cfg, "runs") / "counts.csv", f"clip,last\n{rows}\n")
