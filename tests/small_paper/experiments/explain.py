"""Nothing to explain, but every training must be done."""

from earwitness import config, sweep

if __name__ == "__main__":
    config.run_stage(sweep.finish)
