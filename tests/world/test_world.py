"""A world: the base below, what happened above, one list out of both."""

from msgspec.structs import replace

from sandbox.domain.moments import Millis
from sandbox.domain.records import Booking, Client, CreditPackage, Instance, Lot, Message, Provider
from tests.world.bare import a_world, bare_worlds


def message(world, text: str) -> Message:
    id_, nth = world.name(Message)
    return Message(id=id_, nth=nth, created=world.now, client_id="client_ada", text=text, code="")


def test_a_record_of_the_cast_is_found_without_being_stored():
    with a_world() as world:
        assert world.find(Provider, "prov_zen").category == "SPA"
        assert world.rows.all_of_kind("w", "provider") == []


def test_a_changed_record_hides_the_one_below_it_once():
    with a_world() as world:
        before = [one.id for one in world.falling(CreditPackage)]
        world.put(replace(world.find(CreditPackage, "cpkg_50"), name="Fifty"))
        after = list(world.falling(CreditPackage))
        assert [one.id for one in after] == before
        assert next(one for one in after if one.id == "cpkg_50").name == "Fifty"


def test_what_is_made_later_in_the_same_millisecond_comes_first():
    with a_world(frozen=True) as world:
        for text in "abc":
            world.put(message(world, text))
        assert [one.text for one in world.falling(Message)] == ["c", "b", "a"]
        assert [one.text for one in world.rising(Message)] == ["a", "b", "c"]


def test_a_walk_from_the_middle_goes_on_where_it_was():
    with a_world(frozen=True) as world:
        made = [message(world, str(n)) for n in range(200)]
        for one in made:
            world.put(one)
        middle = made[100]
        below = [one.text for one in world.falling(Message, "", (middle.place, middle.nth))]
        above = [one.text for one in world.rising(Message, "", (middle.place, middle.nth))]
        assert below == [str(n) for n in range(99, -1, -1)]
        assert above == [str(n) for n in range(101, 200)]


def test_new_records_stand_before_those_of_the_cast():
    with a_world() as world:
        below = world.find(CreditPackage, "cpkg_50")
        world.put(replace(below, id="cpkg_new", created=world.now, nth=1))
        assert next(world.falling(CreditPackage)).id == "cpkg_new"
        assert list(world.rising(CreditPackage))[-1].id == "cpkg_new"


def test_between_takes_the_low_end_and_leaves_the_high_one():
    with a_world() as world:
        lesson = world.find(Instance, "ci_yoga_open")
        shelf, start = lesson.shelf, int(lesson.starts)
        assert lesson in list(world.between(Instance, shelf, start, start + 1))
        assert lesson not in list(world.between(Instance, shelf, start - 1, start))


def test_a_record_that_moves_to_another_shelf_leaves_the_first():
    with a_world() as world:
        lot = Lot(
            id="lot_1", client_id="client_ada", source="grant", granted=5, remaining=5, created=Millis(1)
        )
        world.put(lot)
        assert lot in list(world.rising(Lot, "client_ada/open"))
        world.put(replace(lot, remaining=0))
        assert lot.id not in [one.id for one in world.rising(Lot, "client_ada/open")]
        assert lot.id in [one.id for one in world.rising(Lot, "client_ada/spent")]


def test_what_is_put_is_there_even_if_the_rows_were_emptied_since_it_was_read():
    """It is rewritten in place, for it was there when it was looked at; nothing may hang on that."""
    with a_world() as world:
        world.put(message(world, "first"))
        ada = replace(world.find(Client, "client_ada"), first_name="Adaeze")
        world.put(ada)
        world.write_out()
        world.rows.empty_world("w", ("records",))
        world.put(replace(ada, first_name="Adaora"))
        world.write_out()
        stored = world.rows.record("w", "client", "client_ada")
        assert b"Adaora" in stored
        assert "client_ada" in world.rows.over_base("w", "client")


def test_names_and_chance_follow_from_the_seed_alone():
    with (
        a_world(seed=7) as one,
        a_world(bare_worlds(), seed=7) as other,
        a_world(bare_worlds(), seed=8) as third,
    ):
        names = [world.name(Booking, "acct_demo/client_ada") for world in (one, other, third)]
        assert names[0] == names[1] != names[2]
        assert one.draw("passcode", "x") == other.draw("passcode", "x") != third.draw("passcode", "x")


def test_names_are_counted_by_parent_so_that_neighbours_change_nothing():
    with a_world(seed=7) as quiet, a_world(bare_worlds(), seed=7) as busy:
        for _ in range(5):
            busy.name(Booking, "acct_demo/client_bola")
        assert quiet.name(Booking, "acct_demo/client_ada") == busy.name(Booking, "acct_demo/client_ada")


def test_changes_tell_before_and_after_and_skip_what_stayed():
    with a_world() as world:
        ada = world.find(Client, "client_ada")
        bola = world.find(Client, "client_standard")
        world.put(replace(ada, first_name="Adaeze"))
        world.put(bola)
        (change,) = world.changes
        assert change[:2] == ("client", "client_ada")
        assert (change[2].first_name, change[3].first_name) == (ada.first_name, "Adaeze")
