//! Yes and no, with the two answers between them, as replies to a question just asked.

use super::tokens::Tokens;

/// The belief from which a hum ("mm-hm") is a yes; below it is a maybe.
const HUM_BELIEF: f32 = 0.9;

/// How much of a word's belief is left when it is an answer only by sound ("know" for "no").
const SOUNDALIKE_BELIEF: f32 = 0.7;

/// What a reply to a yes-or-no question says. Only `Yes` may commit anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Neither: "I think so", "yes and no", "it's not wrong".
    Maybe,
    /// The caller cannot tell: "I don't know", "why?".
    DontKnow,
}

/// A reply and what the caller said besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// What it says.
    pub answer: Answer,
    /// The weakest belief among the words that decided, 0 to 1.
    pub p: f32,
    /// The words that decided, as one line.
    pub phrase: String,
    /// What follows them: the new content of "yes but ..." and "no, nine".
    pub rest: Tokens,
}

/// How a phrase bears on the answer.
#[derive(Clone, Copy, PartialEq)]
enum Weight {
    Yes,
    /// A yes that also turns round a "no" before it: "no, that's right".
    FirmYes,
    Hum,
    No,
    Maybe,
    DontKnow,
}

/// Words before and between phrases that say nothing.
const FILLERS: &[&str] = &[
    "ah", "and", "er", "erm", "hm", "hmm", "oh", "please", "so", "thank", "thanks", "uh", "um",
    "well", "you",
];

/// Every phrase that bears on the answer. The longest one at a place counts, so that "no problem"
/// is not a "no", nor "not sure" a "sure".
const PHRASES: &[(Weight, &[&str])] = &[
    (
        Weight::Yes,
        &[
            "yes",
            "yeah",
            "yep",
            "yup",
            "yea",
            "ya",
            "yah",
            "aye",
            "sure",
            "correct",
            "right",
            "exactly",
            "ok",
            "okay",
            "fine",
            "definitely",
            "absolutely",
            "certainly",
            "indeed",
            "perfect",
            "great",
            "good",
            "affirmative",
            "of course",
            "you got it",
            "why not",
            "for sure",
            "sounds good",
            "yes sir",
            "yes it is",
        ],
    ),
    (
        Weight::FirmYes,
        &[
            "thats right",
            "that is right",
            "thats correct",
            "that is correct",
            "thats it",
            "that is it",
            "thats fine",
            "that is fine",
            "thats okay",
            "thats ok",
            "thats good",
            "thats the one",
            "its right",
            "its correct",
            "it is right",
            "it is correct",
            "its fine",
            "youre right",
            "you are right",
            "go ahead",
            "please do",
            "do it",
            "no problem",
            "no worries",
            "no doubt",
            "no objection",
            "no objections",
            "no thats right",
        ],
    ),
    (
        Weight::Hum,
        &["mm hm", "mm hmm", "mhm", "mmhm", "mmhmm", "uh huh", "mm"],
    ),
    (
        Weight::No,
        &[
            "no",
            "nope",
            "nah",
            "naw",
            "nay",
            "negative",
            "wrong",
            "incorrect",
            "false",
            "never",
            "not",
            "actually",
            "not quite",
            "not exactly",
            "not really",
            "not right",
            "not correct",
            "not it",
            "not true",
            "not at all",
            "not that",
            "thats not right",
            "thats not correct",
            "thats not it",
            "thats not quite right",
            "thats not",
            "that is not right",
            "that is not correct",
            "that is not it",
            "that is not",
            "thats wrong",
            "that is wrong",
            "thats incorrect",
            "that is incorrect",
            "that isnt right",
            "that isnt correct",
            "that isnt it",
            "that isnt",
            "its not right",
            "its not correct",
            "its not",
            "it is not",
            "it isnt",
            "it isnt right",
            "its wrong",
            "it is wrong",
            "i dont think so",
            "i do not think so",
            "isnt right",
            "no way",
            "please dont",
            "do not",
            "dont",
            "of course not",
            "absolutely not",
            "definitely not",
            "certainly not",
            "sure not",
            "i do not",
            "i dont",
            "i am not",
            "it does not",
            "it doesnt",
            "no its not",
            "no it is not",
            "no it isnt",
        ],
    ),
    (
        Weight::Maybe,
        &[
            "maybe",
            "perhaps",
            "possibly",
            "probably",
            "i think so",
            "i think",
            "i guess",
            "i guess so",
            "i suppose",
            "i suppose so",
            "i believe so",
            "could be",
            "it could be",
            "might be",
            "it might be",
            "kind of",
            "sort of",
            "yes and no",
            "almost",
            "nearly",
            "not wrong",
            "not incorrect",
            "thats not wrong",
            "its not wrong",
            "that isnt wrong",
            "it isnt wrong",
            "that is not wrong",
            "it is not wrong",
            "youre not wrong",
            "nothing wrong",
            "no its not wrong",
            "no it isnt wrong",
            "not impossible",
            "i hope so",
        ],
    ),
    (
        Weight::DontKnow,
        &[
            "i dont know",
            "i do not know",
            "dont know",
            "do not know",
            "dunno",
            "i dunno",
            "i wouldnt know",
            "no idea",
            "no clue",
            "ive no idea",
            "i have no idea",
            "i have no clue",
            "not sure",
            "im not sure",
            "i am not sure",
            "im not certain",
            "not certain",
            "i cant say",
            "i cant tell",
            "i cant remember",
            "i dont remember",
            "dont remember",
            "i forgot",
            "who knows",
            "why",
            "what",
            "hard to say",
            "i dont have it",
            "i dont have that",
            "i havent got it",
            "i dont have the number",
            "i dont have my number",
            "i dont have a number",
            "i dont have one",
        ],
    ),
];

/// Yes only as the whole turn: "it is" opens "it is the wrong one", too.
const WHOLE_TURN_YES: &[&str] = &["it is", "it does", "i do", "i am"];

/// A "yes" with one of these in what follows it is no clean yes.
const DOUBTS: &[&str] = &[
    "but",
    "except",
    "incorrect",
    "mistake",
    "no",
    "not",
    "wait",
    "wrong",
    "isnt",
    "should",
];

/// Reads a turn as a reply to a yes-or-no question; `None` when it does not open with one.
pub fn reply(tokens: &Tokens) -> Option<Reply> {
    if let Some(reply) = whole_turn(tokens) {
        return Some(reply);
    }
    let mut answer = None;
    let mut p: f32 = 1.0;
    let mut phrases: Vec<&str> = Vec::new();
    let mut end = 0;
    let mut index = 0;
    while index < tokens.len() {
        let Some((weight, phrase, taken)) = longest_phrase(tokens, index) else {
            if !FILLERS.contains(&tokens.at(index)) {
                break;
            }
            index += 1;
            continue;
        };
        let belief = tokens.weakest(index..index + taken);
        answer = Some(combine(answer, weight, belief));
        p = p.min(belief);
        phrases.push(phrase);
        index += taken;
        end = index;
    }
    let rest = without_fillers(tokens, end);
    Some(Reply {
        answer: answer?,
        p,
        phrase: phrases.join(", "),
        rest,
    })
}

impl Reply {
    /// Whether it says yes and nothing after it takes that back: only this may commit a value.
    /// "yes but ..." is a yes to the question with something more to settle first.
    pub fn is_clean_yes(&self) -> bool {
        let doubted = self
            .rest
            .as_slice()
            .iter()
            .any(|t| DOUBTS.contains(&t.text.as_str()));
        self.answer == Answer::Yes && !doubted
    }
}

/// Replies that are one only when nothing else is said.
fn whole_turn(tokens: &Tokens) -> Option<Reply> {
    let text = tokens.text();
    let p = tokens.weakest(0..tokens.len());
    let (answer, p) = match text.as_str() {
        "know" => (Answer::No, p * SOUNDALIKE_BELIEF),
        other if WHOLE_TURN_YES.contains(&other) => (Answer::Yes, p),
        _ => return None,
    };
    Some(Reply {
        answer,
        p,
        phrase: text,
        rest: Tokens::default(),
    })
}

/// The longest phrase at `index`.
fn longest_phrase(tokens: &Tokens, index: usize) -> Option<(Weight, &'static str, usize)> {
    let all = PHRASES
        .iter()
        .flat_map(|(weight, list)| list.iter().map(move |p| (*weight, *p)));
    let here = all.map(|(weight, phrase)| (weight, phrase, tokens.phrase_at(index, phrase)));
    here.filter(|(_, _, taken)| *taken > 0)
        .max_by_key(|(_, _, taken)| *taken)
}

/// The answer after one more phrase. Doubt outlasts everything, a later "no" takes a "yes" back,
/// and a "no" is turned round only by a phrase that can mean nothing else.
fn combine(before: Option<Answer>, weight: Weight, p: f32) -> Answer {
    let now = match weight {
        Weight::Yes | Weight::FirmYes => Answer::Yes,
        Weight::Hum if p >= HUM_BELIEF => Answer::Yes,
        Weight::Hum | Weight::Maybe => Answer::Maybe,
        Weight::No => Answer::No,
        Weight::DontKnow => Answer::DontKnow,
    };
    match (before, now) {
        (None, now) => now,
        (Some(Answer::DontKnow), _) | (_, Answer::DontKnow) => Answer::DontKnow,
        (Some(Answer::Maybe), _) | (_, Answer::Maybe) => Answer::Maybe,
        (Some(Answer::No), Answer::Yes) if weight != Weight::FirmYes => Answer::Maybe,
        (Some(Answer::Yes | Answer::No), now) => now,
    }
}

/// What follows the reply; empty when it is nothing but politeness.
fn without_fillers(tokens: &Tokens, end: usize) -> Tokens {
    let rest = tokens.from_index(end);
    let polite = rest
        .as_slice()
        .iter()
        .all(|token| FILLERS.contains(&token.text.as_str()));
    if polite { Tokens::default() } else { rest }
}
