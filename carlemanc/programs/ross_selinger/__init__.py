"""Shortest Clifford+T words for single z rotations, in integers alone (Ross and Selinger, arXiv:1403.2975)."""

from carlemanc.programs.ross_selinger.shortest_word import RotationWord, shortest_word

__all__ = ["RotationWord", "shortest_word"]
