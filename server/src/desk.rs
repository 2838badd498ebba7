//! The agents' queue as the calls see it: one owner task, reached by handles.
//!
//! Which agent is next is decided in `sidetone-dialog`; here requests and leases only travel.

use crate::clock;
use sidetone_dialog::api::HandoverId;
use sidetone_dialog::queue::{AgentId, CallId, Queue, QueueInput, QueueOutput, Released};
use std::collections::HashMap;
use tokio::sync::mpsc;

/// Requests that may wait for the desk's task. A call that finds it full hears that nobody is free.
const REQUESTS: usize = 256;
/// Answers that may wait for a call's task, which takes them within a frame.
const ANSWERS: usize = 16;

/// What the desk tells a call.
#[derive(Debug, PartialEq)]
pub enum DeskAnswer {
    /// An agent is leased to the call.
    Reserved {
        /// The handover that asked.
        handover: HandoverId,
        /// The agent.
        agent: AgentId,
    },
    /// No agent is free.
    NoneFree {
        /// The handover that asked.
        handover: HandoverId,
        /// Whether the request waits.
        waiting: bool,
    },
}

enum Message {
    Open {
        call: CallId,
        answers: mpsc::Sender<DeskAnswer>,
    },
    Input(QueueInput),
}

/// The desk, shared by all calls.
#[derive(Clone)]
pub struct Desk {
    messages: mpsc::Sender<Message>,
}

/// One call's place at the desk. Dropping it gives back all that the call still held.
pub struct Place {
    call: CallId,
    messages: mpsc::Sender<Message>,
    answers: mpsc::Receiver<DeskAnswer>,
}

impl Desk {
    /// Starts the desk's task.
    pub fn start(queue: Queue) -> Self {
        let (messages, inbox) = mpsc::channel(REQUESTS);
        tokio::spawn(run(queue, inbox));
        Self { messages }
    }

    /// Opens the place of the call numbered `call`.
    pub fn open(&self, call: u64) -> Place {
        let call = CallId(call);
        let (sender, answers) = mpsc::channel(ANSWERS);
        send(
            &self.messages,
            Message::Open {
                call,
                answers: sender,
            },
        );
        Place {
            call,
            messages: self.messages.clone(),
            answers,
        }
    }
}

impl Place {
    /// Asks for an agent; the answer comes by [`Place::next`], or at once when the desk is swamped.
    pub fn reserve(
        &self,
        handover: HandoverId,
        skill: String,
        not: Vec<AgentId>,
    ) -> Option<DeskAnswer> {
        let input = QueueInput::Request {
            call: self.call,
            handover,
            skill,
            not,
        };
        self.messages
            .try_send(Message::Input(input))
            .err()
            .map(|_| DeskAnswer::NoneFree {
                handover,
                waiting: false,
            })
    }

    /// Takes the request back.
    pub fn withdraw(&self) {
        self.tell(QueueInput::Withdraw { call: self.call });
    }

    /// Caller and agent hear each other.
    pub fn bridged(&self, agent: AgentId) {
        self.tell(QueueInput::Bridged {
            call: self.call,
            agent,
        });
    }

    /// Gives an agent back.
    pub fn release(&self, agent: AgentId, how: Released) {
        self.tell(QueueInput::Release {
            call: self.call,
            agent,
            how,
        });
    }

    /// The desk's next answer; waits for ever when there can be none.
    pub async fn next(&mut self) -> DeskAnswer {
        match self.answers.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    fn tell(&self, input: QueueInput) {
        send(&self.messages, Message::Input(input));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.tell(QueueInput::CallOver { call: self.call });
    }
}

/// What gives back must not be lost: a message that finds the inbox full waits on a task of its own.
fn send(messages: &mpsc::Sender<Message>, message: Message) {
    if let Err(mpsc::error::TrySendError::Full(message)) = messages.try_send(message) {
        let messages = messages.clone();
        tokio::spawn(async move {
            // An error means that the desk is gone with the server.
            let _ = messages.send(message).await;
        });
    }
}

async fn run(mut queue: Queue, mut inbox: mpsc::Receiver<Message>) {
    let mut calls = HashMap::new();
    loop {
        let due = queue.poll_timeout();
        let outputs = tokio::select! {
            message = inbox.recv() => match message {
                Some(Message::Open { call, answers }) => {
                    calls.insert(call, answers);
                    Vec::new()
                }
                Some(Message::Input(input)) => {
                    if let QueueInput::CallOver { call } = &input {
                        calls.remove(call);
                    }
                    queue.handle(clock::now(), input)
                }
                None => return,
            },
            () = clock::reached(due) => queue.handle_timeout(clock::now()),
        };
        for output in outputs {
            deliver(&mut queue, &calls, output);
        }
    }
}

/// A lease that cannot be delivered goes back at once, so that no agent waits for a call that is gone.
fn deliver(
    queue: &mut Queue,
    calls: &HashMap<CallId, mpsc::Sender<DeskAnswer>>,
    output: QueueOutput,
) {
    let (call, answer) = match output {
        QueueOutput::Reserved {
            call,
            handover,
            agent,
        } => (call, DeskAnswer::Reserved { handover, agent }),
        QueueOutput::NoneFree {
            call,
            handover,
            waiting,
        } => (call, DeskAnswer::NoneFree { handover, waiting }),
    };
    let refused = match calls.get(&call) {
        Some(answers) => answers
            .try_send(answer)
            .err()
            .map(|error| error.into_inner()),
        None => Some(answer),
    };
    if let Some(DeskAnswer::Reserved { agent, .. }) = refused {
        let release = QueueInput::Release {
            call,
            agent,
            how: Released::Unused,
        };
        for output in queue.handle(clock::now(), release) {
            deliver(queue, calls, output);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sidetone_dialog::queue::{AgentConfig, QueueConfig};

    const HANDOVER: HandoverId = HandoverId(1);

    fn desk(agents: &[&str]) -> Desk {
        let agents = agents
            .iter()
            .map(|id| AgentConfig {
                id: AgentId((*id).into()),
                skills: vec!["care".into()],
            })
            .collect();
        Desk::start(Queue::new(QueueConfig {
            agents,
            ..QueueConfig::default()
        }))
    }

    #[tokio::test]
    async fn a_call_that_ends_gives_its_agent_to_the_next_in_line() {
        let desk = desk(&["one"]);
        let mut first = desk.open(1);
        let mut second = desk.open(2);
        assert_eq!(first.reserve(HANDOVER, "care".into(), vec![]), None);
        let agent = AgentId("one".into());
        let reserved = DeskAnswer::Reserved {
            handover: HANDOVER,
            agent,
        };
        assert_eq!(first.next().await, reserved);
        assert_eq!(second.reserve(HANDOVER, "care".into(), vec![]), None);
        let waits = DeskAnswer::NoneFree {
            handover: HANDOVER,
            waiting: true,
        };
        assert_eq!(second.next().await, waits);
        drop(first);
        assert_eq!(second.next().await, reserved);
    }

    #[tokio::test]
    async fn a_lease_for_a_call_that_is_gone_goes_back() {
        let desk = desk(&["one"]);
        let gone = desk.open(1);
        assert_eq!(gone.reserve(HANDOVER, "care".into(), vec![]), None);
        drop(gone);
        let mut next = desk.open(2);
        assert_eq!(next.reserve(HANDOVER, "care".into(), vec![]), None);
        assert!(matches!(next.next().await, DeskAnswer::Reserved { .. }));
    }
}
