"""How well the models answer."""

from pathlib import Path

from earwitness.corpora.audiomnist import CLASSES
from earwitness.present import plots
from experiments.audiomnist.explain import NETWORKS
from reproduction.csv_files import read_csv
from reproduction.results import drawing

NAMES = NETWORKS | {"mfcc_logistic": "MFCC, linear"}


def accuracy(table: Path, path: Path) -> None:
    """Accuracy of every model with its interval, by corpus and task."""
    rows = read_csv(table)
    rows["network"] = rows.network.map(lambda name: NAMES.get(name, name))
    rows["study"] = rows.corpus + "\n" + rows.task
    with plots.figure(path, 1, 1, (5.5, 0.8 + 0.7 * rows.study.nunique())) as panels:
        panel = panels[0, 0]
        drawing.draw_intervals(panel, rows, y="study", hue="network")
        for index, task in enumerate(rows.drop_duplicates("study").task):
            chance = 1 / len(CLASSES[task])
            panel.plot([chance, chance], [index - 0.4, index + 0.4], color="0.6", ls=":")
        panel.set(xlim=(0, 1.02), xlabel="test accuracy (95 % interval over speakers)")
        panel.plot([], [], color="0.6", ls=":", label="chance")
        panel.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
