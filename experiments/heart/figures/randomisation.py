"""How explanations change while the network is randomised, layer after layer."""

from itertools import cycle
from pathlib import Path

from earwitness.judge.randomisation import ORIGINAL
from earwitness.present import plots
from reproduction.csv_files import read_csv

LEGEND = "Likeness to the explanation of the trained network; bands: 95 % intervals."


def randomisation(table: Path, labels: dict[str, str], path: Path) -> None:
    """Rank correlation of magnitudes with the trained network's explanation, by method."""
    rows = read_csv(table)
    layers = [ORIGINAL, *rows.layer.str.removeprefix("network.").unique()]
    with plots.figure(path, 1, 1, (5.6, 3.2), LEGEND) as panels:
        panel = panels[0, 0]
        for (method, own), style in zip(rows.groupby("method"), cycle(("-", "--", "-.", ":"))):
            values, low, high = ([1.0, *own[f"value{end}"]] for end in ("", "_low", "_high"))
            panel.plot(layers, values, ls=style, marker="o", ms=3, label=labels[method])
            panel.fill_between(layers, low, high, alpha=0.15)
        panel.set(ylim=(-0.3, 1.05), ylabel="rank correlation of magnitudes")
        panel.set_xlabel("last layer randomised, from the output down")
        panel.set_title(f"{rows.clips.max()} clips")
        panel.axhline(0, color="0.6", lw=0.5)
        panel.tick_params("x", rotation=45)
        panel.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
