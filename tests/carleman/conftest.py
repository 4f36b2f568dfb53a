"""The maps these tests share."""

from tests.maps import driven, make_map, pair, random_map, ring

__all__ = ["driven", "make_map", "pair", "random_map", "ring"]
