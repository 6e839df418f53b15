"""How much of a score is the split."""

from pathlib import Path

from earwitness.present import plots
from experiments.heart.figures import names
from experiments.heart.tables.classification import SPLITS
from reproduction.csv_files import read_csv
from reproduction.results import drawing

LEGEND = "The same models, judged clip by clip: MAcc with its 95 % interval over recordings."


def leakage(table: Path, path: Path) -> None:
    """MAcc of every model under the three splits, between chance and every clip right."""
    rows = read_csv(table)
    rows = drawing.with_interval(rows.assign(model=names.models(rows)), "MAcc")
    order = [SPLITS[name] for name in ("segment", "record", "database")]
    rows = rows.sort_values("split", key=lambda split: split.map(order.index), kind="stable")
    with plots.figure(path, 1, 1, (6.2, 3.0), LEGEND) as panels:
        panel = panels[0, 0]
        drawing.draw_intervals(panel, rows, y="model", hue="split")
        panel.axvline(0.5, color="0.6", ls=":", lw=1, label="chance")
        panel.axvline(1, color="0.6", lw=1, label="every clip right")
        panel.set(xlim=(min(0.3, rows.ci_low.min() - 0.02), 1.01), title=rows.corpus.iloc[0])
        panel.set_xlabel("MAcc (mean of sensitivity and specificity)")
        panel.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
