//! What must hold for values and between them, as far as text alone can tell.

use super::{Agent, Brain, BrainKind, Config, Handover, Media, Problem, Sip};
use sidetone_dialog::api::{HANDOVER_DEADLINE, HANDOVER_RING};
use std::{
    collections::BTreeSet, fmt::Display, net::SocketAddr, ops::RangeInclusive, time::Duration,
};

/// The most calls that one process is meant for.
const MAX_CALLS: usize = 2_000;
/// A call has two legs, the caller's and the agent's, and each takes a pair of ports.
const PAIRS_PER_CALL: usize = 2;
/// A promise is made so long before the deadline at the least: it is stored before it is spoken.
const PROMISE_ROOM: Duration = Duration::from_secs(3);
/// Ports below need privileges.
const FIRST_FREE_PORT: u16 = 1024;

/// All that is out of range or contradicts itself.
pub(super) fn check(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    let out = &mut problems;
    sip(&config.sip, out);
    media(&config.media, &config.sip, out);
    within("asr.workers", config.asr.workers, 0..=256, out);
    within("asr.queue", config.asr.queue, 1..=1000, out);
    within("tts.rate", config.tts.rate, 0.5..=2.0, out);
    if config.asr.model.is_empty() {
        out.push(Problem::new(
            "asr.model",
            "is empty",
            "write \"embedded\" or a model's path",
        ));
    }
    brain(&config.brain, out);
    handover(&config.handover, out);
    agents(&config.agents, config.sip.bind, out);
    files(config, out);
    problems
}

/// How an agent is named in a key path; agents count from 1, as a person counts them.
pub(super) fn agent_path(index: usize) -> String {
    format!("agent[{}]", index + 1)
}

fn within<T: PartialOrd + Display>(
    key: &str,
    value: T,
    range: RangeInclusive<T>,
    out: &mut Vec<Problem>,
) {
    if !range.contains(&value) {
        let fix = format!("choose a value from {} to {}", range.start(), range.end());
        out.push(Problem::new(key, format!("{value} is out of range"), fix));
    }
}

fn sip(sip: &Sip, out: &mut Vec<Problem>) {
    within("sip.max_calls", sip.max_calls, 1..=MAX_CALLS, out);
    let reachable = sip.advertised.unwrap_or(sip.bind).ip();
    if reachable.is_unspecified() {
        out.push(Problem::new(
            "sip.advertised",
            format!("peers would be told to answer to {reachable}"),
            "set sip.advertised to an address that reaches this machine",
        ));
    }
    for header in &sip.headers {
        // RFC 3261 section 25.1: a header name is a token.
        let token = |c: char| c.is_ascii_alphanumeric() || "-.!%*_+`'~".contains(c);
        if header.is_empty() || !header.chars().all(token) {
            out.push(Problem::new(
                "sip.headers",
                format!("{header:?} is not a header's name"),
                "write the name alone, without a colon or spaces: \"X-Account\"",
            ));
        }
    }
}

fn media(media: &Media, sip: &Sip, out: &mut Vec<Problem>) {
    if media.ip.is_unspecified() {
        out.push(Problem::new(
            "media.ip",
            format!(
                "{} would be written into SDP, and nobody can send there",
                media.ip
            ),
            "set the address of the network card that faces the callers",
        ));
    }
    let ports = media.rtp_ports;
    let even = |port: u16| port.is_multiple_of(2);
    if !even(ports.first) || even(ports.last) || ports.first < FIRST_FREE_PORT {
        out.push(Problem::new(
            "media.rtp_ports",
            format!("{ports} does not begin even and end odd at {FIRST_FREE_PORT} or above"),
            "RTP takes an even port and RTCP the odd one above it: write \"30000-30999\"",
        ));
    }
    let needed = sip.max_calls.saturating_mul(PAIRS_PER_CALL);
    if ports.pairs() < needed {
        out.push(Problem::new(
            "media.rtp_ports",
            format!("{ports} is too small for sip.max_calls = {}", sip.max_calls),
            format!(
                "give it {} ports or lower sip.max_calls",
                needed.saturating_mul(2)
            ),
        ));
    }
    if ports.contains(sip.bind.port()) {
        out.push(Problem::new(
            "media.rtp_ports",
            format!("{ports} holds the port of sip.bind"),
            "move one of the two",
        ));
    }
    let bounds = Duration::from_millis(20)..=Duration::from_millis(400);
    duration("media.jitter_min_ms", media.jitter_min, &bounds, out);
    duration("media.jitter_max_ms", media.jitter_max, &bounds, out);
    if media.jitter_min > media.jitter_max {
        out.push(Problem::new(
            "media.jitter_min_ms",
            "is above media.jitter_max_ms",
            "lower it or raise the other",
        ));
    }
}

fn duration(key: &str, value: Duration, range: &RangeInclusive<Duration>, out: &mut Vec<Problem>) {
    let milliseconds = range.start().as_millis()..=range.end().as_millis();
    within(key, value.as_millis(), milliseconds, out);
}

fn brain(brain: &Brain, out: &mut Vec<Problem>) {
    let redial = Duration::from_millis(50)..=Duration::from_secs(10);
    let give_up = Duration::from_millis(500)..=Duration::from_secs(60);
    duration("brain.redial_ms", brain.redial, &redial, out);
    duration("brain.give_up_ms", brain.give_up, &give_up, out);
    let authority = brain.address.strip_prefix("http://").unwrap_or_default();
    if brain.kind == BrainKind::Grpc && !has_host_and_port(authority) {
        out.push(Problem::new(
            "brain.address",
            format!(
                "{:?} is not an address for brain.kind = \"grpc\"",
                brain.address
            ),
            "write \"http://host:port\"",
        ));
    }
}

fn has_host_and_port(authority: &str) -> bool {
    authority.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && !host.contains(['/', '@', ' ', '?'])
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

fn handover(handover: &Handover, out: &mut Vec<Problem>) {
    let steps = [
        ("handover.ring_s", handover.ring),
        ("handover.offer_s", handover.offer),
        ("handover.promise_s", handover.promise),
        ("handover.deadline_s", handover.deadline),
    ];
    for pair in steps.windows(2) {
        let [(earlier, from), (later, to)] = pair else {
            continue;
        };
        if from > to {
            out.push(Problem::new(
                *earlier,
                format!(
                    "{} s comes after {later} = {} s",
                    from.as_secs(),
                    to.as_secs()
                ),
                "keep ring_s <= offer_s <= promise_s <= deadline_s",
            ));
        }
    }
    whole_seconds("handover.ring_s", handover.ring, &HANDOVER_RING, out);
    whole_seconds(
        "handover.deadline_s",
        handover.deadline,
        &HANDOVER_DEADLINE,
        out,
    );
    let earliest = handover.deadline / 2;
    let latest = handover.deadline.saturating_sub(PROMISE_ROOM);
    let ordered = handover.promise <= handover.deadline;
    if HANDOVER_DEADLINE.contains(&handover.deadline)
        && ordered
        && !(earliest..=latest).contains(&handover.promise)
    {
        out.push(Problem::new(
            "handover.promise_s",
            format!(
                "{} s does not suit handover.deadline_s = {} s",
                handover.promise.as_secs(),
                handover.deadline.as_secs()
            ),
            format!(
                "choose {} to {}: half of the time is for a human, and {} s are for storing the \
                 promise",
                earliest.as_millis().div_ceil(1000),
                latest.as_secs(),
                PROMISE_ROOM.as_secs()
            ),
        ));
    }
}

fn whole_seconds(
    key: &str,
    value: Duration,
    range: &RangeInclusive<Duration>,
    out: &mut Vec<Problem>,
) {
    let seconds = range.start().as_secs()..=range.end().as_secs();
    within(key, value.as_secs(), seconds, out);
}

fn agents(agents: &[Agent], own: SocketAddr, out: &mut Vec<Problem>) {
    let mut ids = BTreeSet::new();
    let mut uris = BTreeSet::new();
    for (index, agent) in agents.iter().enumerate() {
        let path = agent_path(index);
        let mut wrong = |key: &str, what: String, fix: &str| {
            out.push(Problem::new(format!("{path}.{key}"), what, fix));
        };
        let named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if agent.id.is_empty() || !agent.id.chars().all(named) {
            wrong(
                "id",
                format!("{:?} is not a name", agent.id),
                "use letters, digits, - and _",
            );
        } else if !ids.insert(&agent.id) {
            wrong(
                "id",
                format!("{:?} is given twice", agent.id),
                "give each agent its own",
            );
        }
        if !is_sip_uri(&agent.uri) {
            wrong(
                "uri",
                format!("{:?} is not where a phone is", agent.uri),
                "write \"sip:user@host:port\"",
            );
        } else if !uris.insert(&agent.uri) {
            wrong(
                "uri",
                format!("{:?} is given twice", agent.uri),
                "give each agent its own",
            );
        } else if agent.uri.ends_with(&format!("@{own}")) {
            wrong(
                "uri",
                format!("{:?} is this server's own sip.bind", agent.uri),
                "name the agent's phone, or the server calls itself",
            );
        }
        if agent.skills.is_empty() || agent.skills.iter().any(String::is_empty) {
            wrong(
                "skills",
                "holds no skill or an empty one".to_owned(),
                "write [\"care\"]",
            );
        }
    }
}

/// Whether a text is `sip:user@host` with an optional port and nothing else: no parameters, so
/// that one phone has one spelling.
fn is_sip_uri(text: &str) -> bool {
    let Some((user, host)) = text
        .strip_prefix("sip:")
        .and_then(|rest| rest.split_once('@'))
    else {
        return false;
    };
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_graphic() && !"@;?<>\"/ ".contains(c))
    };
    // An IPv6 host stands in brackets, so a colon outside of them begins a port.
    let port = match host.rsplit_once(']') {
        Some((_, after)) => after.strip_prefix(':'),
        None => host.split_once(':').map(|(_, port)| port),
    };
    plain(user) && plain(host) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|p| p > 0))
}

fn files(config: &Config, out: &mut Vec<Problem>) {
    for (key, path) in [
        ("store.path", &config.store.path),
        ("store.recordings", &config.store.recordings),
    ] {
        if path.as_os_str().is_empty() {
            out.push(Problem::new(key, "is empty", "write a path"));
        }
    }
    if config.shop.path.as_ref() == Some(&config.store.path) {
        out.push(Problem::new(
            "shop.path",
            "is the same file as store.path",
            "give the shop a file of its own, or leave it empty",
        ));
    }
}
