"""What a town is made of: quarters, streets, names of houses, classes and treatments.

Coordinates are those of the real quarters, to about a kilometre; whoever lives there is invented.
"""

from typing import NamedTuple


class Quarter(NamedTuple):
    name: str
    lat: float
    lon: float


class City(NamedTuple):
    name: str
    providers: int  # of the crowd's 120
    peoples: tuple[str, ...]  # whose names are heard there: languages that Faker knows names in
    quarters: tuple[Quarter, ...]


class Lesson(NamedTuple):
    name: str
    category: str
    minutes: int
    seats: int
    hours: tuple[int, ...]
    about: str


class Treatment(NamedTuple):
    name: str
    minutes: int
    price_kobo: int
    about: str


CITIES = (
    City(
        "Lagos",
        40,
        ("yo", "yo", "ig", "en", "ha"),
        (
            Quarter("Ikeja", 6.6018, 3.3515),
            Quarter("Yaba", 6.5095, 3.3711),
            Quarter("Surulere", 6.4926, 3.3490),
            Quarter("Lekki", 6.4478, 3.4723),
            Quarter("Victoria Island", 6.4281, 3.4219),
            Quarter("Ikoyi", 6.4541, 3.4347),
            Quarter("Ajah", 6.4667, 3.5667),
            Quarter("Gbagada", 6.5536, 3.3878),
            Quarter("Maryland", 6.5720, 3.3670),
            Quarter("Festac", 6.4667, 3.2833),
        ),
    ),
    City(
        "Abuja",
        28,
        ("ha", "en", "ig", "yo"),
        (
            Quarter("Maitama", 9.0882, 7.4934),
            Quarter("Wuse", 9.0765, 7.4725),
            Quarter("Garki", 9.0333, 7.4883),
            Quarter("Asokoro", 9.0427, 7.5200),
            Quarter("Gwarinpa", 9.1099, 7.4042),
            Quarter("Jabi", 9.0694, 7.4251),
            Quarter("Utako", 9.0667, 7.4422),
        ),
    ),
    City(
        "Port Harcourt",
        16,
        ("ig", "en", "en"),
        (
            Quarter("GRA Phase 2", 4.8222, 6.9986),
            Quarter("Trans Amadi", 4.8140, 7.0360),
            Quarter("Rumuola", 4.8330, 7.0050),
            Quarter("Old GRA", 4.7870, 7.0080),
            Quarter("D-Line", 4.8010, 6.9980),
        ),
    ),
    City(
        "Ibadan",
        14,
        ("yo", "yo", "en"),
        (
            Quarter("Bodija", 7.4350, 3.9140),
            Quarter("Ring Road", 7.3620, 3.8640),
            Quarter("Jericho", 7.3970, 3.8700),
            Quarter("Dugbe", 7.3870, 3.8800),
            Quarter("Akobo", 7.4280, 3.9480),
        ),
    ),
    City(
        "Kano",
        12,
        ("ha", "ha", "en"),
        (
            Quarter("Nassarawa", 11.9870, 8.5430),
            Quarter("Bompai", 12.0170, 8.5480),
            Quarter("Sabon Gari", 12.0160, 8.5310),
            Quarter("Hotoro", 11.9810, 8.5760),
        ),
    ),
    City(
        "Enugu",
        10,
        ("ig", "ig", "en"),
        (
            Quarter("Independence Layout", 6.4420, 7.5150),
            Quarter("New Haven", 6.4600, 7.5170),
            Quarter("Achara Layout", 6.4280, 7.5010),
            Quarter("Trans Ekulu", 6.4860, 7.4930),
        ),
    ),
)

STREETS = (
    *("Adeola Street", "Awolowo Road", "Ogunlana Drive", "Allen Avenue", "Okonjo Close", "Bishop Crescent"),
    *("Aminu Road", "Herbert Street", "Toyin Street", "Nnamdi Avenue", "Ahmadu Way", "Palm Grove"),
    *("Chime Avenue", "Okpara Avenue", "Lugard Road", "Sultan Road", "Ibrahim Taiwo Road", "Marina Close"),
    *("Ademola Crescent", "Aguiyi Street", "Unity Road", "Stadium Road", "Market Road", "Liberty Way"),
)

GYMS = (
    *("PulsePoint", "Iron Baobab", "Harmattan Fitness", "Gritworks", "The Barbell Room", "Coreline"),
    *("Savannah Strength", "Stride Club", "Atlas Gym", "Motion House", "Peak Republic", "Kinetic"),
    *("Body Foundry", "Sunrise Fitness", "Lionheart Gym", "Tempo Studio", "Rep & Rest", "Evergreen Fitness"),
)

SPAS = (
    *("Shea & Stone", "Calm Waters Spa", "Oasis Spa", "Hibiscus House", "The Quiet Room", "Moringa Spa"),
    *("Soft Hands", "Lotus & Palm", "Stillness Spa", "Indigo Wellness", "Kola Spa", "Dew Spa"),
)

EARLY, NOON, LATE = (6, 7, 8), (11, 12, 13), (17, 18, 19)

LESSONS = (
    Lesson("Sunrise Vinyasa", "cat_yoga", 60, 18, EARLY, "A flowing practice to begin the day."),
    Lesson("Spin Express", "cat_cycling", 45, 24, (*EARLY, *LATE), "Hills and sprints on the bike."),
    Lesson("Kettlebell Basics", "cat_strength", 50, 14, LATE, "Swing, press and carry, well and safely."),
    Lesson("Mat Pilates", "cat_pilates", 50, 16, (*EARLY, *NOON), "Slow work for a strong middle."),
    Lesson("Afrobeat Dance", "cat_dance", 60, 30, LATE, "Steps first, then speed, then sweat."),
    Lesson("Tabata 30", "cat_hiit", 30, 20, (*EARLY, *NOON, *LATE), "Twenty seconds on, ten seconds off."),
    Lesson("Boxing Fundamentals", "cat_boxing", 60, 16, LATE, "Stance, guard and the first combinations."),
    Lesson("Aqua Fit", "cat_aqua", 45, 15, (*EARLY, *NOON), "Kind to the knees, hard on the lungs."),
    Lesson("Yin Yoga", "cat_yoga", 75, 16, LATE, "Long holds, low light."),
    Lesson("Power Hour", "cat_strength", 60, 16, (*EARLY, *LATE), "Barbells, in sets of five."),
    Lesson("Salsa Cardio", "cat_dance", 50, 28, LATE, "No partner needed."),
    Lesson("Endurance Ride", "cat_cycling", 75, 22, EARLY, "One long climb, and one more."),
    Lesson("Bootcamp", "cat_hiit", 50, 24, EARLY, "Outdoors when the rain allows it."),
    Lesson("Reformer Flow", "cat_pilates", 50, 8, (*EARLY, *LATE), "Springs, straps and control."),
    Lesson("Pad Work", "cat_boxing", 45, 12, LATE, "Three minutes on, one minute off."),
    Lesson("Swim Technique", "cat_aqua", 60, 10, EARLY, "Drills for a longer, quieter stroke."),
    Lesson("Mobility Workshop", "cat_workshop", 120, 14, (10, 14), "Joint by joint, with a coach."),
)

TREATMENTS = (
    Treatment("Swedish Massage", 60, 2_200_000, "Long, light strokes from neck to heel."),
    Treatment("Hot Stone Massage", 90, 3_600_000, "Warm basalt on tired shoulders."),
    Treatment("Black Soap Scrub", 45, 1_600_000, "A scrub with local black soap and honey."),
    Treatment("Express Facial", 30, 1_200_000, "Cleanse, mask, done."),
    Treatment("Foot Reflexology", 30, 1_000_000, "Pressure where the day went."),
    Treatment("Shea Body Wrap", 75, 2_800_000, "Warm shea butter and a long rest."),
    Treatment("Aromatherapy", 60, 2_500_000, "Lemongrass, ginger and quiet."),
    Treatment("Couples' Retreat", 120, 5_400_000, "Steam, scrub and massage for two."),
)
