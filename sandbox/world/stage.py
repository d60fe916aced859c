"""Where the lives of the crowd meet: seats in classes, rooms in spas."""

from collections import defaultdict

from sandbox.domain.moments import DAY, Millis, day_of
from sandbox.domain.records import (
    Appointment,
    Hold,
    Instance,
    Record,
    SpaDay,
)
from sandbox.world.town import House, Meeting, Town

SHARE_OF_SEATS = 3  # of every class the crowd leaves two seats in three to others


class Stage:
    def __init__(self, town: Town, start: Millis) -> None:
        self.seed = town.seed
        self.start = start
        self._meetings = {met.id: met for met in town.meetings}
        self._seats: dict[str, dict[str, Hold]] = defaultdict(dict)
        self._rooms: dict[tuple[str, int], list[Appointment]] = defaultdict(list)

    # --- classes ---

    def starts(self, met: Meeting) -> Millis:
        return Millis(self.start + met.at)

    def take_seat(self, met: Meeting, client_id: str, booking_id: str) -> bool:
        seats = self._seats[met.id]
        if client_id in seats or len(seats) >= met.timetable.seats // SHARE_OF_SEATS:
            return False
        self._meetings.setdefault(met.id, met)
        seats[client_id] = Hold(by=booking_id)
        return True

    def free_seat(self, met: Meeting, client_id: str) -> None:
        self._seats[met.id].pop(client_id, None)

    def instances(self) -> list[Record]:
        return [self._instance(met) for met in self._meetings.values()]

    def _instance(self, met: Meeting) -> Instance:
        table, seats = met.timetable, self._seats.get(met.id, {})
        starts = self.starts(met)
        free_for_others = table.seats - table.seats // SHARE_OF_SEATS
        elsewhere = table.seats - len(seats) if met.crowded == 100 else free_for_others * met.crowded // 100
        return Instance(
            id=met.id,
            created=Millis(starts - 30 * DAY),
            nth=-1,
            class_id=table.class_.id,
            starts=starts,
            duration_minutes=table.class_.duration_minutes,
            capacity=table.seats,
            taken_elsewhere=elsewhere,
            credit_cost=met.credit_cost,
            cancelled=None if met.cancelled is None else Millis(self.start + met.cancelled),
            seats=seats,
        )

    # --- spas ---

    def take_room(self, house: House, day: int, wanted: Appointment) -> bool:
        taken = self._rooms[house.provider.id, day]
        beside = [one for one in taken if one.starts < wanted.ends and wanted.starts < one.ends]
        if len(beside) >= house.provider.rooms:
            return False
        taken.append(wanted)
        return True

    def free_room(self, house: House, day: int, booking_id: str) -> None:
        taken = self._rooms[house.provider.id, day]
        taken[:] = [one for one in taken if one.hold.by != booking_id]

    def spa_days(self) -> list[Record]:
        return [
            SpaDay(
                id=f"{provider_id}:{day_of(self.start + day * DAY).isoformat()}",
                created=Millis(self.start - DAY),
                nth=n - 1000,
                appointments=tuple(taken),
            )
            for n, ((provider_id, day), taken) in enumerate(self._rooms.items())
            if taken
        ]
