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
    kind: str = "article"

    def short(self) -> str:
        """Return `Costa et al., PRX Quantum 3, 040303, 2022, arXiv:2111.08152`."""
        names = [name.split(",")[0] for name in self.authors.split(" and ")]
        who = names[0] + (" et al." if len(names) > 2 or names[-1] == "others" else "")
        who += f" and {names[1]}" if len(names) == 2 and names[1] != "others" else ""
        venue = "" if self.venue == "arXiv" else f"{self.venue}, "
        return f"{who}, {venue}{self.year}" + (f", arXiv:{self.arxiv}" if self.arxiv else "")

    def bibtex(self) -> str:
        """Return the BibTeX entry."""
        arxiv = f",\n  eprint = {{{self.arxiv}}},\n  archivePrefix = {{arXiv}}" if self.arxiv else ""
        place = "publisher" if self.kind == "book" else "journal"
        return (
            f"@{self.kind}{{{self.key},\n  author = {{{self.authors}}},\n  title = {{{self.title}}},\n"
            f"  {place} = {{{self.venue}}},\n  year = {{{self.year}}}{arxiv}\n}}"
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
    Citation(
        key="hhl2009",
        authors="Harrow, Aram W. and Hassidim, Avinatan and Lloyd, Seth",
        title="Quantum algorithm for linear systems of equations",
        venue="Physical Review Letters 103, 150502",
        year=2009,
        arxiv="0811.3171",
    ),
    Citation(
        key="childs2017",
        authors="Childs, Andrew M. and Kothari, Robin and Somma, Rolando D.",
        title="Quantum algorithm for systems of linear equations with exponentially improved dependence on precision",
        venue="SIAM Journal on Computing 46, 1920",
        year=2017,
        arxiv="1511.02306",
    ),
    Citation(
        key="costa2022",
        authors="Costa, Pedro C. S. and An, Dong and Sanders, Yuval R. and Su, Yuan and "
        "Babbush, Ryan and Berry, Dominic W.",
        title="Optimal scaling quantum linear-systems solver via discrete adiabatic theorem",
        venue="PRX Quantum 3, 040303",
        year=2022,
        arxiv="2111.08152",
    ),
    Citation(
        key="dalzell2024",
        authors="Dalzell, Alexander M.",
        title="A shortcut to an optimal quantum linear system solver",
        venue="arXiv",
        year=2024,
        arxiv="2406.12086",
    ),
    Citation(
        key="fang2023",
        authors="Fang, Di and Lin, Lin and Tong, Yu",
        title="Time-marching based quantum solvers for time-dependent linear differential equations",
        venue="Quantum 7, 955",
        year=2023,
        arxiv="2208.06941",
    ),
    Citation(
        key="low2017",
        authors="Low, Guang Hao and Chuang, Isaac L.",
        title="Hamiltonian simulation by uniform spectral amplification",
        venue="arXiv",
        year=2017,
        arxiv="1707.05391",
    ),
    Citation(
        key="brassard2002",
        authors="Brassard, Gilles and Høyer, Peter and Mosca, Michele and Tapp, Alain",
        title="Quantum amplitude amplification and estimation",
        venue="Contemporary Mathematics 305, 53",
        year=2002,
        arxiv="quant-ph/0005055",
    ),
    Citation(
        key="yoder2014",
        authors="Yoder, Theodore J. and Low, Guang Hao and Chuang, Isaac L.",
        title="Fixed-point quantum search with an optimal number of queries",
        venue="Physical Review Letters 113, 210501",
        year=2014,
        arxiv="1409.3305",
    ),
    Citation(
        key="agrawal2020",
        authors="Agrawal, Rohit",
        title="Finite-sample concentration of the multinomial in relative entropy",
        venue="IEEE Transactions on Information Theory 66, 6297",
        year=2020,
        arxiv="1904.02291",
    ),
    Citation(
        key="kerenidis_prakash2020",
        authors="Kerenidis, Iordanis and Prakash, Anupam",
        title="A quantum interior point method for LPs and SDPs",
        venue="ACM Transactions on Quantum Computing 1, 5",
        year=2020,
        arxiv="1808.09266",
    ),
    Citation(
        key="dalzell2023",
        authors="Dalzell, Alexander M. and Clader, B. David and Salton, Grant and Berta, Mario and "
        "Lin, Cedric Yen-Yu and Bader, David A. and Stamatopoulos, Nikitas and "
        "Schuetz, Martin J. A. and Brandão, Fernando G. S. L. and Katzgraber, Helmut G. and "
        "Zeng, William J.",
        title="End-to-end resource analysis for quantum interior-point methods and portfolio optimization",
        venue="PRX Quantum 4, 040325",
        year=2023,
        arxiv="2211.12489",
    ),
    Citation(
        key="apeldoorn2022",
        authors="van Apeldoorn, Joran and Cornelissen, Arjan and Gilyén, András and Nannicini, Giacomo",
        title="Quantum tomography using state-preparation unitaries",
        venue="SODA",
        year=2023,
        arxiv="2207.08800",
    ),
    Citation(
        key="low2024",
        authors="Low, Guang Hao and Kliuchnikov, Vadym and Schaeffer, Luke",
        title="Trading T gates for dirty qubits in state preparation and unitary synthesis",
        venue="Quantum 8, 1375",
        year=2024,
        arxiv="1812.00954",
    ),
    Citation(
        key="giovannetti2008",
        authors="Giovannetti, Vittorio and Lloyd, Seth and Maccone, Lorenzo",
        title="Quantum random access memory",
        venue="Physical Review Letters 100, 160501",
        year=2008,
        arxiv="0708.1879",
    ),
    Citation(
        key="kliuchnikov2023",
        authors="Kliuchnikov, Vadym and Lauter, Kristin and Minko, Romy and Paetznick, Adam and "
        "Petit, Christophe",
        title="Shorter quantum circuits via single-qubit gate approximation",
        venue="Quantum 7, 1208",
        year=2023,
        arxiv="2203.10064",
    ),
    Citation(
        key="fowler2018",
        authors="Fowler, Austin G. and Gidney, Craig",
        title="Low overhead quantum computation using lattice surgery",
        venue="arXiv",
        year=2018,
        arxiv="1808.06709",
    ),
    Citation(
        key="gidney2019",
        authors="Gidney, Craig and Fowler, Austin G.",
        title="Efficient magic state factories with a catalyzed |CCZ> to 2|T> transformation",
        venue="Quantum 3, 135",
        year=2019,
        arxiv="1812.01238",
    ),
    Citation(
        key="litinski2019game",
        authors="Litinski, Daniel",
        title="A game of surface codes: large-scale quantum computing with lattice surgery",
        venue="Quantum 3, 128",
        year=2019,
        arxiv="1808.02892",
    ),
    Citation(
        key="litinski2019magic",
        authors="Litinski, Daniel",
        title="Magic state distillation: not as costly as you think",
        venue="Quantum 3, 205",
        year=2019,
        arxiv="1905.06903",
    ),
    Citation(
        key="gidney2024",
        authors="Gidney, Craig and Shutty, Noah and Jones, Cody",
        title="Magic state cultivation: growing T states as cheap as CNOT gates",
        venue="arXiv",
        year=2024,
        arxiv="2409.17595",
    ),
    Citation(
        key="beverland2022",
        authors="Beverland, Michael E. and Murali, Prakash and Troyer, Matthias and "
        "Svore, Krysta M. and Hoefler, Torsten and Kliuchnikov, Vadym and Low, Guang Hao and "
        "Soeken, Mathias and Sundaram, Aarthi and Vaschillo, Alexander",
        title="Assessing requirements to scale to practical quantum advantage",
        venue="arXiv",
        year=2022,
        arxiv="2211.07629",
    ),
    Citation(
        key="zhou2025",
        authors="Zhou, Hengyun and Duckering, Casey and Zhao, Chen and Bluvstein, Dolev and "
        "Cain, Madelyn and Kubica, Aleksander and Wang, Sheng-Tao and Lukin, Mikhail D.",
        title="Resource analysis of low-overhead transversal architectures for reconfigurable atom arrays",
        venue="ISCA",
        year=2025,
        arxiv="2505.15907",
    ),
    Citation(
        key="golub2013",
        authors="Golub, Gene H. and Van Loan, Charles F.",
        title="Matrix computations",
        venue="Johns Hopkins University Press, fourth edition",
        year=2013,
        kind="book",
    ),
)

CITATIONS: dict[str, Citation] = {source.key: source for source in _SOURCES}
