//! What the call is about, by weighted words and phrases. Every guess names the features that
//! decided, so that a person can see why. A learned model would take this module's place.

use super::command::{self, Universal};
use super::tokens::Tokens;

/// A goal that the built-in brain knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Intent {
    /// Where an order is.
    OrderStatus,
    /// A human is wanted.
    Agent,
    /// The caller asks whether this is a machine.
    AreYouHuman,
    /// A known matter that the bot does not handle: returns, refunds, payment, complaints.
    OtherMatter,
}

impl Intent {
    /// Its stable name, as in notes and outcomes.
    pub fn name(self) -> &'static str {
        match self {
            Self::OrderStatus => "order_status",
            Self::Agent => "agent",
            Self::AreYouHuman => "are_you_human",
            Self::OtherMatter => "other_matter",
        }
    }
}

/// One intent with the evidence for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The intent.
    pub intent: Intent,
    /// The sum of its features' weights, 0 to 1.
    pub score: f32,
    /// The features found, in the order of the table.
    pub features: Vec<&'static str>,
}

/// All intents with any evidence, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentGuess {
    /// The intent, when the best candidate is strong enough and ahead of the next.
    pub intent: Option<Intent>,
    /// The candidates, best first.
    pub candidates: Vec<Candidate>,
}

/// The score from which an intent counts.
pub const THRESHOLD: f32 = 0.7;

/// How far the best must be ahead of the second.
pub const MARGIN: f32 = 0.2;

/// Features with their weights, 0 to 1. A group counts once, by its heaviest feature found.
type Group = (f32, &'static [&'static str]);

const ORDER_STATUS: &[Group] = &[
    (
        1.0,
        &[
            "where is my order",
            "wheres my order",
            "where my order is",
            "order status",
            "status of my order",
            "status of an order",
            "track my order",
            "track an order",
            "track my package",
            "track my parcel",
            "wheres my stuff",
            "where is my stuff",
            "wheres my parcel",
            "where is my parcel",
            "wheres my package",
            "where is my package",
            "wheres my delivery",
            "where is my delivery",
            "about my order",
            "about an order",
            "check my order",
            "check on my order",
            "check on an order",
        ],
    ),
    (
        0.8,
        &[
            "hasnt arrived",
            "has not arrived",
            "didnt arrive",
            "did not arrive",
            "havent received",
            "have not received",
            "hasnt come",
            "never arrived",
            "not here yet",
            "still waiting for",
        ],
    ),
    (
        0.6,
        &[
            "track",
            "tracking",
            "when will",
            "when does",
            "when is",
            "whens",
            "how long",
            "eta",
        ],
    ),
    (0.5, &["where is", "wheres", "where are", "where", "status"]),
    (
        0.4,
        &[
            "order", "orders", "parcel", "package", "delivery", "shipment", "stuff", "lamp",
            "lamps",
        ],
    ),
    (
        0.4,
        &[
            "arrive",
            "arriving",
            "arrived",
            "arrival",
            "delivered",
            "come",
            "coming",
            "ship",
            "shipped",
            "here",
            "late",
        ],
    ),
];

/// A human is only named: whoever asks for one is understood as a command, not as a topic.
const AGENT: &[Group] = &[(
    0.4,
    &[
        "agent",
        "human",
        "person",
        "operator",
        "representative",
        "advisor",
        "someone",
        "customer service",
    ],
)];

const ARE_YOU_HUMAN: &[Group] = &[(
    1.0,
    &[
        "are you a real person",
        "are you real",
        "are you human",
        "are you a human",
        "are you a person",
        "are you a robot",
        "are you a machine",
        "are you a bot",
        "am i talking to a robot",
        "am i talking to a machine",
        "is this a robot",
        "is this a machine",
        "is this a real person",
        "are you a computer",
    ],
)];

const OTHER_MATTER: &[Group] = &[(
    1.0,
    &[
        "send back",
        "it back",
        "return",
        "returns",
        "refund",
        "exchange",
        "money back",
        "cancel my",
        "cancel an",
        "cancel the",
        "complaint",
        "complain",
        "declined",
        "payment",
        "invoice",
        "subscription",
        "change my address",
        "change the address",
        "broken",
        "smashed",
        "damaged",
        "wrong item",
    ],
)];

/// Guesses what a turn is about.
pub fn guess(tokens: &Tokens) -> IntentGuess {
    let human = score(Intent::AreYouHuman, tokens, &[ARE_YOU_HUMAN]);
    let mut candidates = vec![
        score(Intent::OrderStatus, tokens, &[ORDER_STATUS]),
        score(Intent::OtherMatter, tokens, &[OTHER_MATTER]),
    ];
    if human.score > 0.0 {
        candidates.push(human);
    } else {
        candidates.push(agent(tokens));
    }
    candidates.retain(|candidate| candidate.score > 0.0);
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.intent.cmp(&b.intent)));
    let best = candidates.first();
    let second = candidates.get(1).map_or(0.0, |candidate| candidate.score);
    let clear = best.filter(|best| best.score >= THRESHOLD && best.score - second >= MARGIN);
    IntentGuess {
        intent: clear.map(|best| best.intent),
        candidates,
    }
}

fn agent(tokens: &Tokens) -> Candidate {
    match command::universal(tokens) {
        Some(found) if found.command == Universal::Agent => Candidate {
            intent: Intent::Agent,
            score: 1.0,
            features: vec!["asks for a human"],
        },
        Some(_) | None => score(Intent::Agent, tokens, &[AGENT]),
    }
}

fn score(intent: Intent, tokens: &Tokens, groups: &[&[Group]]) -> Candidate {
    let mut candidate = Candidate {
        intent,
        score: 0.0,
        features: Vec::new(),
    };
    for (weight, features) in groups.iter().copied().flatten() {
        if let Some(feature) = features
            .iter()
            .find(|feature| tokens.find(feature).is_some())
        {
            candidate.score = (candidate.score + weight).min(1.0);
            candidate.features.push(feature);
        }
    }
    candidate
}

impl IntentGuess {
    /// The candidates in words, best first: `order_status 0.90 [where, lamp]`.
    pub fn explain(&self) -> String {
        let each = self.candidates.iter().map(|candidate| {
            let features = candidate.features.join(", ");
            format!(
                "{} {:.2} [{features}]",
                candidate.intent.name(),
                candidate.score
            )
        });
        let all: Vec<String> = each.collect();
        if all.is_empty() {
            "no candidate".to_owned()
        } else {
            all.join("; ")
        }
    }
}
