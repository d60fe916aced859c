"""The bank of miniatures: small wrong implementations, each wrong in one way and named after its sin.

They are the proof of the contract suite: on each of them it must fail, and name the requirement that was broken.
"""

from tests.miniatures import deep, fine_print, rules, second_paths, unseen, wire
from tests.miniatures.craft import BANK, Miniature

__all__ = ["BANK", "Miniature", "deep", "fine_print", "rules", "second_paths", "unseen", "wire"]
