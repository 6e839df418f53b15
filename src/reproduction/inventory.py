"""The first stage of every paper: load (or synthesise) its corpora and write `corpora.json`."""

from omegaconf import DictConfig

from earwitness.corpora.corpus import Corpus
from earwitness.files import write_json
from reproduction import config


def main(cfg: DictConfig) -> None:
    """Write name, licence, size and content hash of the corpus of every study.

    Raises:
        InputError: a corpus is missing or incomplete.
    """
    entries = {}
    for study, settings in cfg.studies.items():
        corpus: Corpus = config.build(settings.corpus)
        config.build(settings.split)(corpus.records)
        entries[study] = {
            "corpus": corpus.name,
            "licence": corpus.licence,
            "recordings": len(corpus.records),
            "speakers": corpus.records.speaker.nunique(),
            "hash": corpus.content_hash(),
        }
        print(f"{study}: {corpus.name}, {len(corpus.records)} recordings", flush=True)
    write_json(config.paper_folder(cfg, "runs") / "corpora.json", entries)
