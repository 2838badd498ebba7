//! Commands that work in every state of every call: a person, repeat, help, start over, go back,
//! cancel, stop, goodbye. A command is a whole turn or a clear request, never a stray word:
//! "the agent told me it shipped" and "cancel my order" are not commands.

use super::tokens::Tokens;

/// A command that every state honours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Universal {
    /// A human is wanted.
    Agent,
    /// Say the last thing again.
    Repeat,
    /// Say what can be said.
    Help,
    /// Begin the task again.
    StartOver,
    /// One step back.
    GoBack,
    /// Give the task up.
    Cancel,
    /// Stop speaking.
    Stop,
    /// The caller is done.
    Goodbye,
}

/// A command and the words that decided.
#[derive(Debug, Clone, PartialEq)]
pub struct UniversalMatch {
    /// The command.
    pub command: Universal,
    /// The words that decided.
    pub phrase: String,
    /// The weakest belief among them, 0 to 1.
    pub p: f32,
}

/// Turns that are a command once politeness is taken away.
const WHOLE_TURNS: &[(Universal, &[&str])] = &[
    (
        Universal::Repeat,
        &[
            "again",
            "come again",
            "excuse me",
            "i didnt catch that",
            "i didnt get that",
            "i didnt hear that",
            "i didnt hear you",
            "i did not hear that",
            "one more time",
            "pardon",
            "pardon me",
            "repeat",
            "repeat it",
            "repeat that",
            "repeat the number",
            "repeat the question",
            "read it again",
            "say it again",
            "say that again",
            "say again",
            "sorry",
            "sorry what",
            "what",
            "what did you say",
            "what was that",
            "what was the question",
            "once more",
        ],
    ),
    (
        Universal::Help,
        &[
            "help",
            "help me",
            "i need help",
            "i need some help",
            "what can i say",
            "what can i do",
            "what can you do",
            "what are my options",
            "options",
        ],
    ),
    (
        Universal::StartOver,
        &[
            "begin again",
            "from the beginning",
            "from the start",
            "lets start again",
            "lets start over",
            "main menu",
            "restart",
            "start again",
            "start from the beginning",
            "start over",
        ],
    ),
    (
        Universal::GoBack,
        &[
            "back",
            "go back",
            "previous",
            "take me back",
            "one step back",
        ],
    ),
    (
        Universal::Cancel,
        &[
            "cancel",
            "cancel it",
            "cancel that",
            "cancel this",
            "forget it",
            "never mind",
            "nevermind",
        ],
    ),
    (
        Universal::Stop,
        &[
            "be quiet",
            "quiet",
            "shut up",
            "stop",
            "stop it",
            "stop now",
            "stop talking",
            "stop that",
        ],
    ),
    (
        Universal::Goodbye,
        &[
            "bye",
            "bye bye",
            "bye now",
            "end call",
            "end the call",
            "good bye",
            "goodbye",
            "hang up",
            "have a good day",
            "have a nice day",
            "see you",
            "thats all bye",
            "thats all goodbye",
        ],
    ),
];

/// Phrases that are a command only when nothing at all is said besides: "sorry, no" is a reply.
const BARE: &[&str] = &["sorry", "what"];

/// Words that may stand around a command without changing it.
const POLITENESS: &[&str] = &[
    "a", "actually", "ah", "and", "can", "could", "er", "erm", "hello", "hey", "hi", "hmm", "just",
    "me", "no", "now", "oh", "ok", "okay", "please", "so", "sorry", "thank", "thanks", "that",
    "to", "uh", "um", "well", "would", "yeah", "yes", "you", "your",
];

/// Names of a human who takes calls.
const HUMANS: &[&str] = &[
    "adviser",
    "advisor",
    "agent",
    "agents",
    "associate",
    "attendant",
    "colleague",
    "customer care",
    "customer service",
    "customer support",
    "human",
    "human being",
    "humans",
    "live agent",
    "operator",
    "people",
    "person",
    "rep",
    "representative",
    "representatives",
    "somebody",
    "someone",
    "staff",
    "supervisor",
    "manager",
];

/// Humans that are meant even without asking for them; the others need a lead ("speak to someone").
const HUMANS_ALONE: &[&str] = &[
    "adviser",
    "advisor",
    "agent",
    "agents",
    "customer care",
    "customer service",
    "customer support",
    "human",
    "human being",
    "live agent",
    "operator",
    "person",
    "rep",
    "representative",
    "representatives",
];

/// Words between a lead and a human.
const DETERMINERS: &[&str] = &[
    "a",
    "actual",
    "an",
    "another",
    "different",
    "from",
    "human",
    "in",
    "live",
    "one",
    "of",
    "other",
    "real",
    "some",
    "the",
    "your",
];

/// What stands before a human who is asked for.
const LEADS: &[&str] = &[
    "chat to",
    "chat with",
    "connect me to",
    "connect me with",
    "connect to",
    "get",
    "get me",
    "get hold of",
    "give me",
    "have",
    "id like",
    "like",
    "me through to",
    "need",
    "put me on to",
    "put me on with",
    "put me through to",
    "speak to",
    "speak with",
    "speaking to",
    "speaking with",
    "talk to",
    "talk with",
    "talking to",
    "talking with",
    "through to",
    "transfer me to",
    "transfer to",
    "want",
];

/// Words that turn a request round: "I don't want to speak to a person".
const NEGATIONS: &[&str] = &["dont", "not", "never", "without", "didnt", "wont"];

/// How far before a lead a negation counts, in words.
const NEGATION_REACH: usize = 5;

/// Finds a universal command in a turn.
pub fn universal(tokens: &Tokens) -> Option<UniversalMatch> {
    whole_turn(tokens).or_else(|| request_for_human(tokens))
}

fn whole_turn(tokens: &Tokens) -> Option<UniversalMatch> {
    for (command, phrases) in WHOLE_TURNS {
        for phrase in *phrases {
            let Some(start) = tokens.find(phrase) else {
                continue;
            };
            let end = start + tokens.phrase_at(start, phrase);
            let bare = end - start == tokens.len();
            let alone = is_polite(&tokens.slice(0..start)) && is_polite(&tokens.from_index(end));
            if bare || (alone && !BARE.contains(phrase)) {
                let p = tokens.weakest(start..end);
                return Some(UniversalMatch {
                    command: *command,
                    phrase: (*phrase).to_owned(),
                    p,
                });
            }
        }
    }
    None
}

fn is_polite(tokens: &Tokens) -> bool {
    tokens
        .as_slice()
        .iter()
        .all(|token| POLITENESS.contains(&token.text.as_str()))
}

fn request_for_human(tokens: &Tokens) -> Option<UniversalMatch> {
    (0..tokens.len()).find_map(|index| {
        let taken = HUMANS
            .iter()
            .map(|human| tokens.phrase_at(index, human))
            .max()?;
        if taken == 0 {
            return None;
        }
        let start = asked_from(tokens, index, index + taken)?;
        let phrase = tokens.slice(start..index + taken);
        let p = tokens.weakest(start..index + taken);
        Some(UniversalMatch {
            command: Universal::Agent,
            phrase: phrase.text(),
            p,
        })
    })
}

/// Where the request for the human at `human..end` starts; `None` when nobody is asked for.
fn asked_from(tokens: &Tokens, human: usize, end: usize) -> Option<usize> {
    let mut start = human;
    while start > 0 && DETERMINERS.contains(&tokens.at(start - 1)) {
        start -= 1;
    }
    let lead = LEADS.iter().filter_map(|lead| {
        let from = start.checked_sub(lead.split(' ').count())?;
        (tokens.phrase_at(from, lead) > 0).then_some(from)
    });
    if let Some(lead) = lead.min() {
        let before = tokens.slice(lead.saturating_sub(NEGATION_REACH)..lead);
        let negated = before
            .as_slice()
            .iter()
            .any(|t| NEGATIONS.contains(&t.text.as_str()));
        return (!negated).then_some(lead);
    }
    let alone = is_polite(&tokens.slice(0..start)) && is_polite(&tokens.from_index(end));
    let known = HUMANS_ALONE.contains(&tokens.slice(human..end).text().as_str());
    // "are you a person" opens with no politeness word and is a question, not a request.
    (alone && known).then_some(start)
}
