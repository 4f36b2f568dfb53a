"""The literature carlemanc builds on, keyed so that docstrings, ledgers and `--bibtex` name the same source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One published source."""

    key: str
    authors: str
    title: str
    venue: str
    year: int
    arxiv: str = ""

    def bibtex(self) -> str:
        """Return the BibTeX entry."""
        arxiv = f",\n  eprint = {{{self.arxiv}}},\n  archivePrefix = {{arXiv}}" if self.arxiv else ""
        return (
            f"@article{{{self.key},\n  author = {{{self.authors}}},\n  title = {{{self.title}}},\n"
            f"  journal = {{{self.venue}}},\n  year = {{{self.year}}}{arxiv}\n}}"
        )


_SOURCES = (
    Citation(
        key="liu2024",
        authors="Liu, Junyu and Liu, Minzhao and Liu, Jin-Peng and Ye, Ziyu and Wang, Yunfei and "
        "Alexeev, Yuri and Eisert, Jens and Jiang, Liang",
        title="Towards provably efficient quantum algorithms for large-scale machine-learning models",
        venue="Nature Communications 15, 434",
        year=2024,
        arxiv="2303.03428",
    ),
    Citation(
        key="gslw2019",
        authors="Gilyén, András and Su, Yuan and Low, Guang Hao and Wiebe, Nathan",
        title="Quantum singular value transformation and beyond",
        venue="STOC",
        year=2019,
        arxiv="1806.01838",
    ),
    Citation(
        key="sunderhauf2025",
        authors="Sünderhauf, Christoph and Németh, Zalán and Walayat, Adnaan and "
        "Patterson, Andrew and Berntson, Bjorn K.",
        title="Matrix inversion polynomials for the quantum singular value transformation",
        venue="arXiv",
        year=2025,
        arxiv="2507.15537",
    ),
    Citation(
        key="alexis2024",
        authors="Alexis, Michel and Lin, Lin and Mnatsakanyan, Gevorg and Thiele, Christoph and Wang, Jiasu",
        title="Infinite quantum signal processing for arbitrary Szegő functions",
        venue="arXiv",
        year=2024,
        arxiv="2407.05634",
    ),
    Citation(
        key="ni2025",
        authors="Ni, Hongkang and Sarkar, Rahul and Ying, Lexing and Lin, Lin",
        title="Inverse nonlinear fast Fourier transform on SU(2) with applications to quantum signal processing",
        venue="arXiv",
        year=2025,
        arxiv="2505.12615",
    ),
    Citation(
        key="ross2016",
        authors="Ross, Neil J. and Selinger, Peter",
        title="Optimal ancilla-free Clifford+T approximation of z-rotations",
        venue="Quantum Information and Computation 16",
        year=2016,
        arxiv="1403.2975",
    ),
    Citation(
        key="gidney2018",
        authors="Gidney, Craig",
        title="Halving the cost of quantum addition",
        venue="Quantum 2, 74",
        year=2018,
        arxiv="1709.06648",
    ),
    Citation(
        key="babbush2018",
        authors="Babbush, Ryan and Gidney, Craig and Berry, Dominic W. and Wiebe, Nathan and "
        "McClean, Jarrod and Paler, Alexandru and Fowler, Austin and Neven, Hartmut",
        title="Encoding electronic spectra in quantum circuits with linear T complexity",
        venue="Physical Review X 8, 041015",
        year=2018,
        arxiv="1805.03662",
    ),
    Citation(
        key="harrigan2024",
        authors="Harrigan, Matthew P. and others",
        title="Expressing and analyzing quantum algorithms with Qualtran",
        venue="arXiv",
        year=2024,
        arxiv="2409.04643",
    ),
)

CITATIONS: dict[str, Citation] = {source.key: source for source in _SOURCES}
