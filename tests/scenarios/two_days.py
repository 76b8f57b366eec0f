"""Who lives in the town, and what they say on two days."""

from __future__ import annotations

from tests.scenarios.town import Person, Town

PEOPLE = (
    Person("tomasz"),
    Person("ines"),
    Person("henrik"),
    Person("odile"),
    Person("barnaby"),
    Person("priya"),
    Person("kofi"),
    Person("lucia"),
    Person("mirela"),
    Person("juno"),
    Person("sol"),
    Person("marguerite"),
    Person("ezra"),
    Person("yuki"),
    Person("dara"),
    Person("petra"),
    Person("fog", bot=True),
    Person("gwen", note="Weaver. Please leave my words to people. #nobot"),
    Person("otto"),
    Person("stella", stranger=True),
    Person("vance", stranger=True),
    Person("rhea", stranger=True),
)

NIGHT_TRAIN = "nightmail.example/vienna-sleeper"

LIKED = {
    "liked print": (
        "ezra",
        "Set my first line of metal type today, upside down and backwards, and it even has no mistakes.",
    ),
    "liked rail": (
        "tomasz",
        "The branch line to the quarry reopens for passengers, with a new timetable and old wagons.",
    ),
    "liked maps": (
        "henrik",
        "I have drawn every footpath of the valley by hand, and walked each of them twice to be sure.",
    ),
    "liked tides": (
        "lucia",
        "A tide mill from 1170 still grinds flour twice a day, which is more than most of us manage.",
    ),
}
"""What the owner has liked before the first day."""

FIRST_DAY = {
    "train 1": (
        "tomasz",
        "The sleeper to Vienna comes back in December: three cars, real beds, a dining car as far as Linz. Tickets "
        f"from Monday on. https://{NIGHT_TRAIN}?utm_source=masto&utm_medium=social",
    ),
    "train 2": (
        "ines",
        f"I have ridden the first test run of the Vienna sleeper and written it up. Bring slippers. "
        f"https://www.{NIGHT_TRAIN}#berths",
    ),
    "train 3": ("henrik", f"At last, a night train to Vienna again. https://m.{NIGHT_TRAIN}?fbclid=IwAR0quietly"),
    "swarm": (
        "odile",
        "A swarm of bees has settled in the bell tower, right under the clock. The sexton has stopped the bells and I "
        "go up tomorrow with a skep, a sheet and the calmest nephew I own. Beekeepers of the town, I need a ladder.",
    ),
    "tide": (
        "lucia",
        "Our tidal turbine made its first full day of power: 31 megawatt hours from four tides, every slack water "
        "exactly where the almanac said it would be. No other plant I know can plan its output for the year 2040.",
    ),
    "coin": (
        "juno",
        "The town coin has doubled since breakfast and I have put the deposit of my flat into it. A token that every "
        "shop here will take one day cannot fall. Those who laugh now will ask me for a loan by the spring, I say.",
    ),
    "library": (
        "kofi",
        "The library drops all fines from Saturday on, and forgives the old ones. Bring back what you have; we have "
        "missed the books, and honestly we have missed you more. The oldest loan on our list is from March 1987.",
    ),
    "goal": (
        "sol",
        "Ninety-third minute, keeper up for the corner, and he heads it in off the post. I have followed this club for "
        "thirty years through four relegations and I have lost my voice, my scarf and very possibly a tooth tonight.",
    ),
    "ward": (
        "marguerite",
        "The letters from the fever ward of 1847 are transcribed at last. A nurse lists the dead by their trades, "
        "baker, ropemaker, midwife, and under each trade what they had asked her for: water, a brother, a window.",
    ),
    "studio": (
        "petra",
        "For you who follow me only: the kiln exploded, nobody is hurt, and the whole autumn glaze is gone. I will "
        "open the pottery studio on Sunday all the same, with the shards on show, and tea for whoever helps sweeping.",
    ),
    "quorum": (
        "priya",
        "Moved the whole database to one file on one disk this week. Backups are a copy, tests run in a second, and "
        "the slowest query went from 900 milliseconds to 4. We had run a cluster of five machines for eighty users.",
    ),
    "benchmark": (
        "henrik",
        "Surveying today with @stella and @vance@mock.local: the bench mark on the bridge is eleven millimetres lower "
        "than in 1931, so either the river pulls it down or one of our grandfathers had a very long lunch that day.",
    ),
    "soup": (
        "yuki",
        "Onion soup for forty at the street kitchen: six hours, nine kilos of onions, one pair of swimming goggles. "
        "The secret is to let them go on until everybody tells you that they are burnt, and then ten minutes more.",
    ),
    "stars": (
        "ezra",
        "My weekly horoscope for typesetters: Garamond will meet somebody tall. Avoid justified columns.",
    ),
    "fog 1": ("fog", "Visibility at the harbour at six in the morning: 180 metres, wind from the east, four degrees."),
    "weaving": ("gwen", "The great loom is warped with undyed wool, nine hundred threads, and I have not dropped one."),
    "shouting": (
        "otto",
        "Everybody on this square is wrong about the fountain and I shall tell them so until midnight.",
    ),
    "comet": (
        "rhea",
        "The comet has grown a second tail overnight, thin and straight and blue, a full degree long in binoculars. "
        "Look west an hour after sunset, two fists above the horizon, and let your eyes rest for ten minutes first.",
    ),
}

SECOND_DAY = {
    "train 4": (
        "yuki",
        f"Who comes along on the sleeper to Vienna for a weekend of cake? https://{NIGHT_TRAIN}?utm_campaign=cake&gclid=7",
    ),
    "hives": (
        "barnaby",
        "Winter check of the hives on the allotments: eleven colonies of bees, all alive, stores heavy enough to make "
        "me groan. The weakest queen of last spring now has the loudest cluster. I have listened with a stethoscope.",
    ),
    "race": (
        "juno",
        "I have signed up for the mountain marathon and shall run it without any training at all. Lungs are a matter "
        "of faith. My watch says that I am sixty-one years old inside, and I have told my watch what I think of it.",
    ),
    "type": (
        "ezra",
        "Found the lead type of the old town newspaper in a cellar: four cases of Caslon, two of a Fraktur nobody can "
        "name, mice in the italics. The printer who hid them in 1943 had labelled the boxes as nails and screws.",
    ),
    "film": (
        "mirela",
        "The cinema shows the restored silent film about the harbour strike, with the original score and a live "
        "orchestra of eleven. Half of the extras were real dockers, and my great-grandmother throws the second brick.",
    ),
    "probe": (
        "dara",
        "The little probe that was given up in April has answered: forty bytes, temperature and battery, from beyond "
        "the orbit of Mars. The operator who heard it had stayed on shift only because her bicycle had a flat tyre.",
    ),
    "bread": (
        "sol",
        "Our baker retires after forty-four years and hands the oven to her two apprentices, with the sourdough that "
        "her own mistress gave her in 1981. The queue this morning went around the church and nobody complained once.",
    ),
    "index": (
        "priya",
        "A colleague deleted an index that nobody used, and the night report took nine hours instead of two minutes. "
        "Somebody did use it: a spreadsheet in accounting, opened once a day since 2011 by a man named Gerald.",
    ),
    "ballot": (
        "kofi",
        "The council votes on Thursday whether the reading room may stay open until midnight. Come and sit with us in "
        "the gallery, bring a book, read it visibly. Quiet is the strongest argument that a library has ever had.",
    ),
}


def before(town: Town) -> None:
    """What was, when Magpie began: some likes, a mute, a filter."""
    nell = town.client("nell")
    town.posts(LIKED)
    for name in LIKED:
        nell.status_favourite(town.ids[name])
    nell.account_mute(nell.account_lookup("otto"))
    nell.create_filter_v2("stars", ["home", "public"], "hide", keywords_attributes=[{"keyword": "horoscope"}])


def first_day(town: Town) -> None:
    """The posts of the first day."""
    how = {"studio": {"visibility": "private"}, "ward": {"spoiler_text": "illness and death, 1847"}}
    for name, (author, text) in FIRST_DAY.items():
        town.post(name, author, text, **how.get(name, {}))
    town.boost("comet", by="dara")
    town.post("swarm 2", "odile", "The ladder is found. Thank you, fire brigade.", reply_to="swarm")
    town.post("secret", "ines", "@nell between us two: I am leaving the paper, and nobody knows.", visibility="direct")


def second_day(town: Town) -> None:
    """What comes back from the first day, and the posts of the second."""
    town.posts(SECOND_DAY)
    town.boost("tide", by="barnaby")
    town.boost("swarm", by="ines")
    town.post("swarm 3", "barnaby", "Did the swarm take to the skep? Mine never do at the first try.", "swarm")
    town.post("swarm 4", "odile", "They did, at dusk, all at once, like water going down a drain.", "swarm 3")
