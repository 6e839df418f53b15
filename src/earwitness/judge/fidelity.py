"""Is the class recognised in the audible part of an explanation, and no longer in the rest.

The measures of L-MAC (Paissan et al. 2024; definitions as in its released recipe) of each clip,
as fractions: the literature prints AI, AD and AG in percent. Their means over clips are
the published numbers. p, o and r are the probabilities of the explained class in the original, in
the audible part and in the rest.
"""

import pandas as pd

MEASURES = ("AI", "AD", "AG", "FF", "Fid-In")
"""Columns that `fidelity` returns, as the literature calls them; lower is better for AD alone."""


def fidelity(answers: pd.DataFrame) -> pd.DataFrame:
    """Measures of each clip from the outputs of a network, the listener.

    Args:
        answers: of each clip the probabilities `p`, `heard` (o) and `rest` (r), and `same_answer`,
            whether the largest output for the audible part is the same as for the original.

    Returns:
        One row a clip, all in [0, 1] but FF, which is in [-1, 1]:

        - `AI` (average increase): 1 where o > p, else 0;
        - `AD` (average drop): max(0, p - o) / p;
        - `AG` (average gain): max(0, o - p) / (1 - p);
        - `FF` (faithfulness): p - r;
        - `Fid-In` (input fidelity): 1 for the same answer, else 0.
    """
    change = answers.heard - answers.p
    columns = {
        "AI": (change > 0).astype(float),
        "AD": positive_share(-change, answers.p),
        "AG": positive_share(change, 1 - answers.p),
        "FF": answers.p - answers.rest,
        "Fid-In": answers.same_answer.astype(float),
    }
    return pd.DataFrame(columns)[list(MEASURES)]


def positive_share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """max(0, part) / whole; 0 where the whole is 0."""
    return (part.clip(lower=0) / whole.where(whole > 0)).fillna(0.0)
