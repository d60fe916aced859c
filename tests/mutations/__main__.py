"""`python -m tests.mutations`: does the contract suite alone notice when the domain is written wrong?"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tests.mutations.explained import Explained, read_explained, stale
from tests.mutations.mutant import Mutant, mutants
from tests.mutations.trial import Fate, Unrehearsed, try_all


@click.command()
@click.option("--jobs", type=int, default=2, show_default=True, help="So many at a time.")
@click.option("--sample", type=int, help="Only so many, drawn with --seed.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--only", multiple=True, help="A file (visits.py), a function (visits.take), a mutant (visits.take#3)."
)
@click.option("--list", "only_list", is_flag=True, help="Show them, try none.")
@click.argument("options", nargs=-1)
def main(options: tuple[str, ...], only_list: bool, jobs: int, **which: Any) -> None:
    """Run the contract suite against mutants of sandbox/domain. 1: one survived and nobody said why.

    What comes after -- are options of `bardge-contract run`, to be quick about it.
    """
    every, explained = mutants(), read_explained()
    old = stale(explained, every)
    for content in old:
        click.echo(f"stale in equivalent.yaml, there is no such mutant: {' | '.join(content)}")
    chosen = drawn(every, **which)
    if only_list:
        for mutant in chosen:
            click.echo(told(mutant))
        return
    click.echo(f"{len(chosen)} of {len(every)} mutants, against the suite at level full")
    try:
        fates = tried(chosen, jobs, options)
    except Unrehearsed as reason:
        raise click.ClickException(f"the suite does not pass on the sandbox as it is:\n{reason}") from reason
    sys.exit(1 if summed_up(fates, explained) or old else 0)


def names(mutant: Mutant) -> set[str]:
    return {mutant.file, mutant.name, mutant.name.partition("#")[0]}


def drawn(every: list[Mutant], only: tuple[str, ...], sample: int | None, seed: int) -> list[Mutant]:
    meant = [mutant for mutant in every if not only or names(mutant) & set(only)]
    return meant if sample is None else random.Random(seed).sample(meant, min(sample, len(meant)))


def tried(chosen: Sequence[Mutant], jobs: int, options: Sequence[str]) -> list[Fate]:
    fates: list[Fate] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for fate in try_all(chosen, jobs, Path(folder), options):
            fates.append(fate)
            spent = time.monotonic() - began
            click.echo(
                f"{len(fates)}/{len(chosen)} {spent:.0f} s  {fate.verdict:9} {fate.mutant.name} "
                f"({fate.seconds:.0f} s) {fate.by[:110]}"
            )
    return fates


def summed_up(fates: Sequence[Fate], explained: Explained) -> int:
    """Tells what came of it; how many have to be looked at."""
    counts = Counter(fate.verdict for fate in fates)
    survivors = [fate for fate in fates if fate.verdict in ("survived", "unjudged")]
    reasons = Counter(
        explained[fate.mutant.content].kind for fate in survivors if fate.mutant.content in explained
    )
    refuted = [fate for fate in fates if fate not in survivors and fate.mutant.content in explained]
    unexplained = [fate for fate in survivors if fate.mutant.content not in explained]
    for fate in survivors:
        reason = explained.get(fate.mutant.content)
        why = (
            f"{reason.kind}: {reason.why}"
            if reason
            else "UNEXPLAINED" + ("" if fate.reached else ", unreached")
        )
        click.echo(f"\n{fate.verdict}  {told(fate.mutant)}\n    {why}")
    for fate in refuted:
        click.echo(f"\nexplained, and yet {fate.verdict} ({fate.by}): strike it off\n{told(fate.mutant)}")
    noticed = counts["caught"] + counts["hung"]
    of = noticed + len(unexplained)
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("caught", "hung", "stillborn"))
    kinds = ", ".join(f"{reasons[kind]} {kind}" for kind in ("equivalent", "unpromised"))
    click.echo(f"\n{len(fates)} mutants: {verdicts}, {kinds}, {len(unexplained)} unexplained")
    click.echo(f"{noticed} of {of} that break something were noticed ({100 * noticed / max(of, 1):.1f} %)")
    return len(unexplained) + len(refuted)


def told(mutant: Mutant) -> str:
    return (
        f"{mutant.name}  sandbox/domain/{mutant.file}:{mutant.first_line}\n"
        f"    - {mutant.was}\n    + {mutant.becomes}"
    )


if __name__ == "__main__":
    main()
