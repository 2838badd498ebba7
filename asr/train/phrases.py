"""Grammar of general telephone utterances to a shop: lower-case words, digits spelled out. `gen` makes one."""

import random

D = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
MONTHS = "january february march april may june july august september october november december".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
ORD = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth".split()
COL = "red blue green black white grey brown pink purple yellow orange silver".split()
PROD = "shoes|running shoes|boots|sneakers|sandals|jacket|winter jacket|rain coat|coat|shirt|t shirt|jeans|dress|skirt|sweater|hat|gloves|socks|headphones|wireless headphones|phone|phone case|charger|laptop|tablet|camera|keyboard|mouse|monitor|speaker|lamp|table|chair|sofa|mattress|pillow|blanket|backpack|suitcase|watch|ring|necklace|coffee machine|coffee beans|kettle|toaster|blender|vacuum cleaner|razor blades|toothpaste|shampoo|dog food|cat food|vitamins|printer|ink cartridges|batteries|bicycle|helmet|tent|sleeping bag|water bottle|game console|controller|television|book".split(
    "|"
)
SIZE = "small medium large extra large".split(" ")[:3] + [
    "extra large",
    "size eight",
    "size nine",
    "size ten",
    "size forty two",
    "size thirty eight",
]
NAMES = "james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan joseph jessica thomas sarah charles karen anna peter maria paul laura kevin emma oliver sophie daniel smith johnson brown taylor miller wilson moore anderson jackson white harris martin thompson garcia clark lewis walker hall young king".split()
CITY = "london paris berlin new york chicago boston seattle denver dallas austin houston phoenix atlanta miami munich hamburg vienna dublin madrid rome".replace(
    "new york", "new_york"
).split()
STREET = (
    "main street|oak street|park avenue|maple road|church lane|high street|mill road|king street|station road|hill drive".split(
        "|"
    )
)
LET = "a b c d e f g h i j k l m n o p q r s t u v w x y z".split()
NATO = "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey x-ray yankee zulu".replace(
    "x-ray", "xray"
).split()
YES = "yes|yes please|yeah|yep|yup|sure|okay|ok|correct|that's correct|that's right|right|exactly|yes that's right|yes that is correct|absolutely|of course|go ahead|sounds good|yes go ahead|that's fine|yes i do|yes it is|please do|perfect|great".split(
    "|"
)
NO = "no|nope|no thanks|no thank you|no that's wrong|that's wrong|that's not right|not really|no it isn't|incorrect|wrong|no i don't|don't do that|cancel that|never mind|no not that one|absolutely not|no way".split(
    "|"
)
CTL = "repeat that please|can you repeat that|say that again|what did you say|sorry what was that|pardon|help|i need help|start over|go back|hold on|wait|wait a minute|one moment|one second please|stop|stop talking|goodbye|bye|thank you|thanks|thank you very much|thanks a lot|hello|hi|good morning|good afternoon|good evening|hello is anyone there|are you a robot|am i talking to a real person|i can't hear you|speak up please|slow down please".split(
    "|"
)
AGENT = "agent|operator|human|representative|talk to a human|speak to a human|i want to speak to a person|can i speak to someone|let me talk to an agent|i'd like to speak to an agent please|connect me to customer service|transfer me to a person|give me a real person|put me through to your manager|i want to talk to a supervisor|get me a human now|please transfer me|customer service please|i need to talk to somebody".split(
    "|"
)
NEG = "this is ridiculous|i am very unhappy|this is unacceptable|i've been waiting for two weeks|nobody is helping me|i am so angry|your service is terrible|this is the third time i am calling|i want my money back|i want to make a complaint|that is not good enough|i'm really disappointed|this is a waste of time".split(
    "|"
)
R = random


def num2(n):
    if n < 10:
        return D[n]
    if n < 20:
        return TEENS[n - 10]
    t, u = divmod(n, 10)
    return TENS[t - 2] + (" " + D[u] if u else "")


def num(n):
    if n < 100:
        return num2(n)
    if n < 1000:
        h, r = divmod(n, 100)
        return D[h] + " hundred" + ((R.choice([" ", " and "]) + num2(r)) if r else "")
    t, r = divmod(n, 1000)
    return num(t) + " thousand" + ((" " + num(r)) if r else "")


def digits(lo=1, hi=8):
    n = R.randint(lo, hi)
    out = []
    i = 0
    while i < n:
        d = R.randint(0, 9)
        w = D[d]
        if d == 0 and R.random() < 0.4:
            w = "oh"
        if R.random() < 0.06 and i + 1 < n:
            out.append("double " + w)
            i += 2
        else:
            out.append(w)
            i += 1
    return " ".join(out)


def grouped():
    return " ".join(num2(R.randint(10, 99)) for _ in range(R.randint(1, 4)))


def date():
    o = R.choice(ORD + ["twenty " + x for x in ORD[:9]] + ["thirty first"])
    m = R.choice(MONTHS)
    return R.choice(
        [
            f"{m} {o}",
            f"the {o} of {m}",
            R.choice(DAYS),
            "next " + R.choice(DAYS),
            "last " + R.choice(DAYS),
            "today",
            "tomorrow",
            "yesterday",
            f"{R.choice(DAYS)} {R.choice(['morning','afternoon','evening'])}",
        ]
    )


def price():
    a = R.randint(1, 400)
    return R.choice(
        [f"{num(a)} dollars", f"{num(a)} euros", f"{num(a)} dollars and {num2(R.randint(1,99))} cents", f"{num(a)} pounds"]
    )


def prod():
    p = R.choice(PROD)
    x = R.random()
    if x < 0.25:
        p = R.choice(COL) + " " + p
    elif x < 0.35:
        p = R.choice(SIZE) + " " + p
    return p


def order():
    return R.choice(
        [
            digits(4, 8),
            digits(4, 8),
            R.choice(LET) + " " + digits(3, 6),
            R.choice(LET) + " " + R.choice(LET) + " " + digits(3, 5),
            grouped(),
        ]
    )


def spell():
    if R.random() < 0.5:
        return " ".join(R.choice(LET) for _ in range(R.randint(1, 6)))
    return " ".join(R.choice(NATO) for _ in range(R.randint(1, 5)))


def addr():
    return f"{num(R.randint(1,999))} {R.choice(STREET)} {R.choice(CITY).replace('_',' ')}"


T = [
    lambda: R.choice(YES),
    lambda: R.choice(NO),
    lambda: R.choice(CTL),
    lambda: R.choice(AGENT),
    lambda: R.choice(NEG),
    lambda: digits(1, 4),
    lambda: digits(4, 10),
    lambda: digits(1, 10),
    lambda: grouped(),
    lambda: spell(),
    lambda: date(),
    lambda: price(),
    lambda: addr(),
    lambda: R.choice(NAMES) + " " + R.choice(NAMES),
    lambda: "my name is " + R.choice(NAMES) + " " + R.choice(NAMES),
    lambda: R.choice(
        [
            "where is my order",
            "where's my package",
            "has my order shipped",
            "when will my order arrive",
            "i want to check my order status",
            "what is the status of my order",
            "track my order please",
            "my package has not arrived",
            "i never received my order",
            "my delivery is late",
        ]
    ),
    lambda: R.choice(["my order number is ", "the order number is ", "it's ", "order number ", "it's order ", "the number is "])
    + order(),
    lambda: R.choice(["i want to return ", "i'd like to return ", "can i return ", "i need to send back ", "i want to exchange "])
    + R.choice(["my ", "the ", "some ", "these ", "a pair of "])
    + prod(),
    lambda: R.choice(
        ["i want to cancel my order", "please cancel my order", "cancel order " + order(), "can you cancel the " + prod()]
    ),
    lambda: R.choice(["i'd like to order ", "i want to buy ", "can i get ", "add ", "reorder ", "please send me "])
    + num2(R.randint(1, 12))
    + " "
    + R.choice(["", "more ", "pairs of ", "packs of ", "boxes of "])
    + prod(),
    lambda: R.choice(["do you have ", "is there ", "are there any ", "have you got "])
    + R.choice(["the ", "a ", "any ", ""])
    + prod()
    + R.choice(["", " in stock", " in " + R.choice(COL), " in " + R.choice(SIZE)]),
    lambda: R.choice(["how much is the ", "what does the ", "how much are the "]) + prod() + R.choice(["", " cost"]),
    lambda: R.choice(
        [
            "my card was declined",
            "the payment did not go through",
            "i was charged twice",
            "i can't pay with my credit card",
            "my coupon code does not work",
            "why was i charged " + price(),
            "i have a problem with my payment",
            "the checkout is not working",
            "do you have a discount code",
        ]
    ),
    lambda: R.choice(["i want to change my delivery address to ", "my new address is ", "please deliver it to ", "send it to "])
    + addr(),
    lambda: R.choice(["no i said ", "no it's ", "i meant ", "not " + D[R.randint(0, 9)] + " "])
    + R.choice([digits(1, 5), prod(), date(), num2(R.randint(1, 60))]),
    lambda: R.choice(
        [
            "the wrong item arrived",
            "the " + prod() + " is broken",
            "the " + prod() + " arrived damaged",
            "the size is wrong",
            "it is too small",
            "it's too big",
            "it doesn't fit",
            "there is a part missing",
            "the box was empty",
            "it stopped working after " + num2(R.randint(2, 30)) + " days",
        ]
    ),
    lambda: R.choice(
        [
            "can you call me back " + date(),
            "call me back at " + digits(7, 10),
            "my phone number is " + digits(7, 10),
            "you can reach me at " + digits(7, 10),
        ]
    ),
    lambda: R.choice(
        [
            "what is your return policy",
            "how long does shipping take",
            "do you ship to " + R.choice(CITY).replace("_", " "),
            "how do i get a refund",
            "when will i get my refund",
            "what are your opening hours",
            "can i change my order",
            "i forgot my password",
            "i want to update my account",
            "cancel my subscription",
            "pause my subscription",
            "change my subscription to every " + num2(R.randint(2, 8)) + " weeks",
            "is the warranty still valid",
        ]
    ),
    lambda: R.choice(YES)
    + " "
    + R.choice(["and ", "but ", ""])
    + R.choice(["i also need ", "add ", "make it "])
    + num2(R.randint(1, 30))
    + " "
    + prod(),
    lambda: R.choice(["uh ", "um ", "well ", "so ", "okay so ", "hi "])
    + R.choice(
        [
            "i have a question about my order",
            "i need some help with a return",
            "i'm calling about my " + prod(),
            "i ordered " + prod() + " " + date(),
        ]
    ),
    lambda: R.choice(["it was delivered ", "i bought it ", "i ordered it ", "it should arrive "]) + date(),
    lambda: R.choice(
        [
            "the first one",
            "the second one",
            "the last one",
            "the cheaper one",
            "the " + R.choice(COL) + " one",
            "both of them",
            "neither",
            "either is fine",
            "all of them",
            "none of them",
            "just one",
            "only " + num2(R.randint(1, 12)),
        ]
    ),
]


def gen():
    return T[R.randrange(len(T))]()
