"""A guest: who a booking is for, on which of her passes, and which reseller makes it."""

from dataclasses import dataclass

from sandbox.domain.books import Books
from sandbox.domain.records import Booking, BookingSession, Client, IssuedPass
from sandbox.domain.resources import named


@dataclass(frozen=True, slots=True)
class Guest:
    owner: str  # the reseller that makes the booking, not always the one that issued the pass (LOOK-6)
    client: Client
    pass_: IssuedPass
    first_name: str
    last_name: str

    @property
    def shelf(self) -> str:
        """Where the bookings stand that this reseller made for the client."""
        return f"{self.owner}/{self.client.id}"


def guest_of(books: Books, made: BookingSession | Booking) -> Guest:
    """The guest of a session or a booking, with client and pass as they are now."""
    return Guest(
        owner=made.owner,
        client=named(books, Client, made.client_id),
        pass_=named(books, IssuedPass, made.pass_id),
        first_name=made.first_name,
        last_name=made.last_name,
    )
