//! Every sentence of the built-in flow, with its variants: the first is said first, the others when
//! it has to be said again. No question is asked in the negative, so that a "yes" means one thing.

/// A question: the caller is to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The open question.
    Open,
    /// The open question once more, after words that made no sense.
    OpenMissed,
    /// The open question with an example.
    OpenDetail,
    /// For the order number.
    AskNumber,
    /// For the order number once more, after words that held none.
    NumberMissed,
    /// For the order number with an example and the keypad.
    NumberDetail,
    /// A keyed number has a wrong check digit.
    KeysWrong,
    /// Whether there is anything else.
    AnythingElse,
    /// The same, after words that made no sense.
    AnythingElseMissed,
    /// Whether a person is wanted.
    OfferPerson,
    /// The same, after silence.
    StillThere,
}

/// Something the caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The first sentence: says what is speaking.
    Greeting,
    /// After the flow's stream was lost and found again.
    Resumed,
    /// Before looking an order up.
    LookingUp,
    /// Where the order is: `{item}`, `{status}`.
    Found,
    /// There is no order `{number}`.
    NotFound,
    /// There is none again.
    NotFoundAgain,
    /// The orders cannot be asked.
    Unavailable,
    /// The number could not be understood.
    NoNumber,
    /// The matter is none that the bot handles.
    OtherMatter,
    /// The answer to "are you a robot?".
    Automated,
    /// What can be said.
    Help,
    /// What can be said while a number is confirmed.
    HelpConfirm,
    /// The caller gave up waiting for a person.
    HandoverCancelled,
    /// No person can be had now.
    NoPerson,
    /// The human hung up.
    AgentLeft,
    /// The end.
    Goodbye,
    /// The end after a promise to call back.
    GoodbyePromised,
}

/// All questions.
const QUESTIONS: [Question; 11] = [
    Question::Open,
    Question::OpenMissed,
    Question::OpenDetail,
    Question::AskNumber,
    Question::NumberMissed,
    Question::NumberDetail,
    Question::KeysWrong,
    Question::AnythingElse,
    Question::AnythingElseMissed,
    Question::OfferPerson,
    Question::StillThere,
];

/// All notices.
const NOTICES: [Notice; 17] = [
    Notice::Greeting,
    Notice::Resumed,
    Notice::LookingUp,
    Notice::Found,
    Notice::NotFound,
    Notice::NotFoundAgain,
    Notice::Unavailable,
    Notice::NoNumber,
    Notice::OtherMatter,
    Notice::Automated,
    Notice::Help,
    Notice::HelpConfirm,
    Notice::HandoverCancelled,
    Notice::NoPerson,
    Notice::AgentLeft,
    Notice::Goodbye,
    Notice::GoodbyePromised,
];

/// Every sentence without a gap, the greeting first: these can be spoken before there is a call.
pub fn fixed() -> impl Iterator<Item = &'static str> {
    let notices = NOTICES.into_iter().flat_map(notices);
    let questions = QUESTIONS.into_iter().flat_map(questions);
    let all = notices.chain(questions).copied();
    all.filter(|sentence| !sentence.contains('{'))
}

/// The wordings of a question, in the order of use.
pub fn questions(question: Question) -> &'static [&'static str] {
    match question {
        Question::Open => &[
            "How can I help?",
            "What can I do for you?",
            "What is your call about?",
        ],
        Question::OpenMissed => &[
            "Sorry, what can I do for you?",
            "I did not get that. What is it about?",
            "Please tell me in other words.",
        ],
        Question::OpenDetail => &[
            "You can say, for example: where is my order. Or press 0 for a person.",
            "Try: where is my order. For a person, say agent or press 0.",
        ],
        Question::AskNumber => &[
            "What is your order number? It has eight digits.",
            "Please tell me the eight digits of your order number.",
            "Which order is it? I need the eight digits of its number.",
        ],
        Question::NumberMissed => &[
            "Sorry, I need all eight digits. What is the order number?",
            "I did not get eight digits. Please say the order number once more.",
            "Please read me the order number, digit by digit.",
        ],
        Question::NumberDetail => &[
            "The order number stands in your confirmation. Say its eight digits one by one, or key \
             them in.",
            "You can key in the eight digits of your order number, or say them one by one.",
        ],
        Question::KeysWrong => &[
            "That number does not add up. Please key in all eight digits again.",
            "The last digit does not fit that number. Please key in the eight digits once more.",
        ],
        Question::AnythingElse => &[
            "Is there anything else?",
            "Can I do anything else for you?",
            "What else can I do for you?",
        ],
        Question::AnythingElseMissed => &[
            "Sorry, is there anything else that I can do?",
            "I did not get that. Is there anything else?",
            "Say no if that is all. Is there anything else?",
        ],
        Question::OfferPerson => &[
            "Shall I connect you to a person?",
            "Would you like to speak to a person?",
            "Should I get a person for you? Say yes or no.",
        ],
        Question::StillThere => &[
            "Are you still there? Shall I connect you to a person?",
            "Can you hear me? I can connect you to a person. Shall I?",
        ],
    }
}

/// The wordings of a notice, in the order of use; `{..}` is filled in by the flow.
pub fn notices(notice: Notice) -> &'static [&'static str] {
    match notice {
        Notice::Greeting => &["Hello, this is the automated assistant of Harbour Goods."],
        Notice::Resumed => &["Sorry for the pause.", "I am back, sorry for the pause."],
        Notice::LookingUp => &["Thank you. One moment.", "Thank you, I am looking."],
        Notice::Found => &[
            "Your {item} {status}.",
            "I found it: your {item} {status}.",
            "Once more: your {item} {status}.",
        ],
        Notice::NotFound => &[
            "I cannot find order {number}.",
            "There is no order {number}.",
        ],
        Notice::NotFoundAgain => &[
            "I still cannot find that order. I will get you a person.",
            "That order cannot be found either. I will get you a person.",
        ],
        Notice::Unavailable => &[
            "I cannot look at our orders at the moment.",
            "Our orders are still out of my reach.",
        ],
        Notice::NoNumber => &[
            "Sorry, I could not get the number.",
            "I still do not have the number.",
        ],
        Notice::OtherMatter => &[
            "I can look orders up, but not more than that.",
            "That is beyond me: I only look orders up.",
        ],
        Notice::Automated => &[
            "I am an automated assistant, not a person.",
            "You are speaking with a machine.",
        ],
        Notice::Help => &[
            "I can tell you where your order is. For a person, say agent or press 0.",
            "Give me an order number and I say where the order is. Say agent for a person.",
        ],
        Notice::HelpConfirm => &[
            "I read out the number that I understood. Say yes, or say which part is wrong.",
            "Say yes if the number is right. If a part is wrong, say that part again.",
        ],
        Notice::HandoverCancelled => &[
            "All right, I am with you again.",
            "All right, let us go on.",
        ],
        Notice::NoPerson => &[
            "I cannot get a person right now.",
            "I still cannot get a person.",
        ],
        Notice::AgentLeft => &[
            "You are back with the automated assistant.",
            "You are with me again.",
        ],
        Notice::Goodbye => &[
            "Thank you for calling Harbour Goods. Goodbye.",
            "Goodbye, and thank you.",
        ],
        Notice::GoodbyePromised => &[
            "Thank you for your patience. Goodbye.",
            "Thank you. Goodbye.",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_hold_every_sentence_once() {
        // The discriminants count up from 0, so a forgotten or doubled one breaks the order.
        let questions = QUESTIONS.map(|question| question as usize);
        let notices = NOTICES.map(|notice| notice as usize);
        assert!(questions.into_iter().eq(0..=Question::StillThere as usize));
        assert!(notices.into_iter().eq(0..=Notice::GoodbyePromised as usize));
    }

    #[test]
    fn a_sentence_with_a_gap_is_not_fixed() {
        assert_eq!(fixed().next(), Some(notices(Notice::Greeting)[0]));
        assert!(fixed().all(|sentence| !sentence.contains(['{', '}'])));
        let gaps = [Notice::Found, Notice::NotFound].map(|notice| notices(notice).len());
        let all = QUESTIONS.iter().map(|q| questions(*q).len()).sum::<usize>()
            + NOTICES.iter().map(|n| notices(*n).len()).sum::<usize>();
        assert_eq!(fixed().count(), all - gaps.iter().sum::<usize>());
    }
}
