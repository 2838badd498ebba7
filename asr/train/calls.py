"""Grammar of what a caller says to the order-number dialog: numbers in groups, corrections, yes and no, a person please.

A text may hold marks for the voice: "," is a pause left to the synthesiser, "|" is a place where two clips are joined with
silence between them. `label` takes the marks out again.
"""

import random as R

from phrases import D, MONTHS, ORD, num2, prod

YES = (
    "yes|yeah|yep|correct|that's right|that's correct|yes that's right|yes that's correct|yes it is|yeah that's right|it is right|you got it|of course|please do|right|exactly|sure|"
    "okay|yes please|yes correct|that is right|that is correct|yes that is right|it is correct|perfect|i think so|"
    "uh huh|absolutely|certainly|definitely|yes thank you|all good|go ahead|that's it|that's the one"
).split("|")
NO = (
    "no|nope|no that's wrong|that's wrong|no that's not right|that's not right|that's not it|no it isn't|it isn't|wrong|"
    "incorrect|no it's wrong|that is wrong|no that is not correct|not quite|no not that one|it's the wrong one|"
    "no i don't think so|no that's not my number|that's not what i said|certainly not|definitely not|not really|no wait"
).split("|")
CONTROL = (
    "repeat that|repeat that please|please repeat|can you repeat that|can you repeat that please|say that again|"
    "say that again please|pardon|come again|what was that|start over|let's start over|start again|from the beginning|"
    "begin again|go back|hold on|one moment|wait a minute|one second please|give me a second|let me look|let me check|"
    "stop|be quiet|help|help me|hello|hello are you there|are you there|i didn't catch that|i didn't hear you|sorry|excuse me|"
    "goodbye|bye|bye bye|bye now|thank you goodbye|thanks bye|no thanks|no thank you|thank you|thanks|that's all|"
    "that's all thank you|no that's all|no that's everything|that's everything|nothing else|i'm done|i'm good|i'm fine|"
    "no i'm fine thanks|no thanks goodbye|have a nice day|have a good day|hang up|end the call|never mind|forget it"
).split("|")
AGENT = (
    "agent|agent please|an agent please|operator|operator please|representative|a human please|human|human being|"
    "i want to speak to a person|i want to talk to a person|i'd like to speak to a person|can i speak to a person|"
    "i want to speak to an agent|let me talk to an agent|let me speak to a human|talk to a human|talk to a person|"
    "speak to a person please|speak to somebody|i need to talk to someone|can i talk to a real person|a real person please|"
    "connect me to an agent|connect me with someone|transfer me to an agent|put me through to an agent|get me a manager|"
    "i need a human|give me a person|customer service|customer support|customer care|is there somebody i can talk to|"
    "can you get me an operator|no i want to speak to a person|i want to speak to a person now|a colleague please|"
    "i don't want to talk to a machine|are you a robot|am i talking to a robot|are you a real person|is this a machine|"
    "are you human|are you a computer|is this a real person"
).split("|")
ORDER = (
    "where is my order|where's my order|where is my package|where's my package|where is my delivery|where's my stuff|"
    "i'd like to know where my order is|i want to know where my order is|can you tell me where my order is|"
    "can you check my order|check my order|check on my order|i want to check on an order|check on my order please|"
    "what's the status of my order|what is the status of my order|order status|order status please|track my order|"
    "track my package please|my order hasn't arrived|my order has not arrived|my order didn't arrive|i'm calling about my order|"
    "hello where is my order|hi i'd like to check on my order|has my order been shipped|when does my order arrive|"
    "when will it arrive|when is it coming|how long will it take|it's about an order|i have a question about my order|"
    "can you help me with my order|i haven't received my order|i have not received my package|my package is late|"
    "i need help with my order|i need some help with my order|i need some help with a return|i need help with a return|"
    "i need some help|i need help|i want to return something|i want to return my order|cancel my order|i want to cancel my order|"
    "change my address|i want to change the address|i have a complaint|it arrived damaged|i want my money back"
).split("|")
UNKNOWN = (
    "i don't know|i don't have it|i don't have the number|i don't have my number|i don't have the order number|i don't know the number|"
    "i have no idea|i forgot|i can't remember|i don't remember|i'm not sure|i haven't got it|i don't have one|let me find it|"
    "i don't have my order number|i lost it|just a moment please|where do i find it|where do i find the order number|"
    "what order number|which number do you need|the whole number|all of it|the first four|the last four|the first one|the second one|"
    "the first part|the second part|the last part|the first group|the second group|the last group|the middle part|the last digit|"
    "the first digit|the last two|the last three|the first two|the second half|the first half|both|neither|the other one"
).split("|")

LEAD = (
    "it's |the number is |my order number is |the order number is |order number |it is |that's |the number's |my number is |"
    "sure it's |yes it's |okay it's |the order is |yeah the number is |sure the number is |order |my order is |"
    "yes my order number is |okay the order number is |that would be |so it's "
).split("|")
PART = (
    "the first part|the second part|the third part|the last part|the first group|the second group|the last group|the first four|"
    "the last four|the first one|the second one|the last one|the first half|the second half|the first three|the last three|"
    "the last two|the first two|the middle part|the first four digits|the last four digits|the first number|the second number|the last six"
).split("|")
COPULA = [" is ", " is ", " is ", " are ", " should be ", " was ", " "]
PLACE = "the last digit|the first digit|the second digit|the third digit|the fourth digit|the last number|the first number".split("|")
DENY = ["no ", "no ", "no ", "no,", "no|", "sorry ", "no sorry ", "no wait ", "wait ", "", "no no ", "but ", "actually ", "and "]


def digit(oh=0.3):
    d = R.randrange(10)
    return "oh" if d == 0 and R.random() < oh else D[d]


def run(n, double=0.08):
    """`n` digits as words; a pair of equal digits is sometimes "double"."""
    out, left = [], n
    while left:
        if left > 1 and R.random() < double:
            times = 3 if left > 2 and R.random() < 0.15 else 2
            out.append(("double " if times == 2 else "triple ") + digit())
            left -= times
        else:
            out.append(digit())
            left -= 1
    return " ".join(out)


def groups(n):
    """Lengths that sum to `n`: fours mostly, else threes, twos or a mixture."""
    style, out = R.random(), []
    while n > 0:
        size = 4 if style < 0.6 else 3 if style < 0.75 else 2 if style < 0.85 else R.randint(1, 5)
        size = min(size, n)
        out.append(size)
        n -= size
    return out


def number(low, high):
    """A number said in groups with pauses, or in one breath."""
    n = R.randint(low, high)
    if R.random() < 0.3:
        return run(n)
    join = R.choice([",", ",", "|", "|", "|", " "])
    return join.join(run(g) for g in groups(n))


def eight():
    return number(8, 8)


def tens():
    """Digits read in pairs: "forty four twelve", "forty four one two"."""
    pair = lambda: num2(R.randint(10, 99)) if R.random() < 0.8 else run(2)
    return R.choice([" ", " ", ",", "|"]).join(pair() for _ in range(R.randint(2, 4)))


def short():
    """What one correction replaces: mostly four digits."""
    return run(R.choice([4, 4, 4, 4, 4, 3, 2, 5, 1]), 0.05)


def part():
    """A correction that names its part."""
    if R.random() < 0.06:
        return f"{short()} is {R.choice(PART)}"
    if R.random() < 0.06:
        return f"{R.choice(DENY)}{R.choice(PART)} is wrong"
    what = R.choice(PART) if R.random() < 0.6 else R.choice(["the second part", "the first part", "the last four"])
    return R.choice(DENY) + what + R.choice(COPULA) + R.choice(["", "", "", "|"]) + short()


def contrast():
    """A correction of single digits."""
    a, b = digit(), digit()
    return R.choice(
        [
            f"not {a} {b}",
            f"not {a} but {b}",
            f"{R.choice(DENY)}{R.choice(PLACE)} is {a}",
            f"{R.choice(PLACE)} is {a} not {b}",
            f"no it's {a} not {b}",
            f"it isn't {a} it's {b}",
            f"it's not {a} it's {b}",
            f"i said {a} not {b}",
            f"change the {a} to a {b}",
            f"a {a} not a {b}",
            f"{a} not {b}",
            f"{a} instead of {b}",
            f"the {a} should be a {b}",
            f"yes but {R.choice(PLACE)} is {a}",
            f"{R.choice(['the second one', 'the last one', 'the sixth digit', 'the seventh digit', 'the fifth digit'])} is {a}",
            f"{a} is the last one",
            f"{run(4)} not {run(4)}",
            f"no not {run(4)}|{run(4)}",
        ]
    )


def correction():
    say = R.choice(
        [
            "no it's ", "no it's ", "no it is ", "no i said ", "no i said ", "i said ", "i meant ", "no i meant ", "no|", "no ", "no,",
            "no that's wrong|", "no that's wrong it's ", "that's wrong|", "that's not right it's ", "no the number is ", "sorry ",
            "no the order number is ", "actually it's ", "wait it's ", "sorry i meant ", "no sorry it's ", "it should be ",
        ]
    )
    return say + (short() if R.random() < 0.7 else number(5, 8))


def date_near():
    """Dates, which sound like a correction and must stay dates."""
    return R.choice(["no it's ", "it was ", "it's ", "on ", ""]) + f"the {R.choice(ORD)} of {R.choice(MONTHS)}"


FORMS = [
    (6, lambda: R.choice(YES)),
    (6, lambda: R.choice(NO)),
    (6, lambda: R.choice(CONTROL)),
    (7, lambda: R.choice(AGENT)),
    (8, lambda: R.choice(ORDER)),
    (5, lambda: R.choice(UNKNOWN)),
    (14, eight),
    (10, lambda: number(6, 12)),
    (4, lambda: number(3, 5)),
    (3, lambda: run(R.randint(1, 4), 0.3)),
    (8, lambda: R.choice(LEAD) + R.choice(["", "", "|"]) + eight()),
    (5, lambda: R.choice(LEAD) + R.choice(["", "", "|"]) + number(3, 12)),
    (3, tens),
    (16, part),
    (7, contrast),
    (12, correction),
    (2, date_near),
    (2, lambda: R.choice(YES) + R.choice(["|", ",", " "]) + number(4, 8)),
    (2, lambda: R.choice(ORDER) + R.choice(["|", ",", " "]) + R.choice(LEAD) + number(4, 8)),
    (1, lambda: "there is a part missing from my " + prod()),
]


def gen():
    """One utterance with its marks."""
    return R.choices([f for _, f in FORMS], [w for w, _ in FORMS])[0]()


def label(text):
    """The words alone, as the model writes them."""
    return " ".join(text.replace(",", " ").replace("|", " ").split())
