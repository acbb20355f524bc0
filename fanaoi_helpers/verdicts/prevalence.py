"""What rates seen on a test mean on a line, where NG is rare."""

from dataclasses import dataclass

from ..errors import WorkbookError
from .bounds import between
from .counting import Counts

FANS = 10_000


@dataclass(frozen=True)
class Prevalence(Counts):
    """What to expect of 10,000 fans of a line; its `Counts` are means and need not be whole.

    Attributes, besides those of `Counts`:
        ng_rate: the share of NG on the line.
    """

    ng_rate: float

    @property
    def called_ng(self) -> float:
        """Fans called NG: caught NG and overkill."""
        return self.ng_total - self.escapes + self.overkill

    @property
    def called_go(self) -> float:
        """Fans called GO: good ones and escapes. These are shipped."""
        return self.go_total - self.overkill + self.escapes

    @property
    def ng_among_called_ng(self) -> float | None:
        """The share of NG among the fans called NG; None where no fan is. The rest is overkill."""
        return (self.ng_total - self.escapes) / self.called_ng if self.called_ng else None

    @property
    def go_among_called_go(self) -> float | None:
        """The share of GO among the fans called GO; None where no fan is. The rest are escapes."""
        return (self.go_total - self.overkill) / self.called_go if self.called_go else None

    @property
    def escapes_per_million(self) -> float | None:
        """Escapes in a million fans called GO, which the customer gets; None where no fan is called GO."""
        return 1e6 * self.escapes / self.called_go if self.called_go else None

    def __str__(self) -> str:
        shares = [(self.ng_among_called_ng, "NG"), (self.go_among_called_go, "GO")]
        words = [
            f"nothing is called {name}"
            if share is None
            else f"of those called {name}, {share:.2%} are {name}"
            for share, name in shares
        ]
        return (
            f"Of {FANS:,} fans, {self.ng_total:,.0f} NG: {self.escapes:,.1f} escapes "
            f"({self.escape_rate:.1%} of all NG), {self.overkill:,.1f} overkill "
            f"({self.overkill_rate:.1%} of all GO); {'; '.join(words)}"
        )


def at_prevalence(counts: Counts, ng_rate: float) -> Prevalence:
    """Return what the escape and overkill rates of ``counts`` mean for 10,000 fans of a line.

    The shares among those called NG and GO follow by Bayes' rule; in medicine they are the predictive values
    of a positive and a negative test (Altman and Bland, "Diagnostic tests 2: predictive values", BMJ 309,
    1994).

    Args:
        counts: of a test with both labels; `Verdicts` and `ReviewBin` are such.
        ng_rate: the share of NG on the line, between 0 and 1, such as 0.005.

    >>> line = at_prevalence(Counts(escapes=2, ng_total=100, overkill=2, go_total=100), 0.005)
    >>> round(line.overkill), round(line.escapes), round(line.ng_among_called_ng, 3)
    (199, 1, 0.198)
    """
    ng_rate = between("ng_rate", ng_rate, "0.005")
    if counts.escape_rate is None or counts.overkill_rate is None:
        lacks = "NG" if counts.escape_rate is None else "GO"
        raise WorkbookError(f"The verdicts are of no {lacks} fan, but rates are needed of GO and of NG.")
    ng, go = FANS * ng_rate, FANS * (1 - ng_rate)
    return Prevalence(ng * counts.escape_rate, ng, go * counts.overkill_rate, go, ng_rate)
