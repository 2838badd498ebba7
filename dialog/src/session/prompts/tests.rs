use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn say(text: &str) -> Say {
    Say {
        text: text.into(),
        kind: PromptKind::Question,
        barge_in: BargeIn::Any,
    }
}

fn prompts(texts: &[&str]) -> Prompts {
    let mut prompts = Prompts::new(Duration::from_millis(500));
    for text in texts {
        prompts.ask(SECOND, &say(text), None);
    }
    prompts
}

fn outputs(prompts: &mut Prompts) -> Vec<PromptOutput> {
    std::iter::from_fn(|| prompts.poll_output()).collect()
}

fn started(id: u64) -> PromptOutput {
    PromptOutput::Started {
        prompt: PromptId(id),
        command_id: None,
    }
}

fn finished(id: u64, end: PlaybackEnd, played: Duration, heard: &str) -> PromptOutput {
    PromptOutput::Finished {
        prompt: PromptId(id),
        command_id: None,
        end,
        played,
        heard_text: heard.into(),
    }
}

#[test]
fn a_stopped_prompt_is_told_with_what_was_heard_of_it() {
    let mut prompts = prompts(&["one two", "three"]);
    prompts.started(SECOND, PromptId(1));
    assert!(prompts.stop(SECOND * 2, PlaybackEnd::BargeIn));
    assert_eq!(prompts.playing(), None);
    prompts.ended(SECOND * 2, PromptId(1), false, SECOND, "one".into());
    let none = Duration::ZERO;
    let wanted = [
        started(1),
        finished(2, PlaybackEnd::BargeIn, none, ""),
        finished(1, PlaybackEnd::BargeIn, SECOND, "one"),
    ];
    assert_eq!(outputs(&mut prompts), wanted);
    assert!(
        !prompts.stop(SECOND * 3, PlaybackEnd::BargeIn),
        "there is nothing left to stop"
    );
}

#[test]
fn a_prompt_that_ended_by_itself_as_it_was_stopped_counts_as_completed() {
    let mut prompts = prompts(&["one"]);
    prompts.started(SECOND, PromptId(1));
    prompts.stop(SECOND * 2, PlaybackEnd::BargeIn);
    prompts.ended(SECOND * 2, PromptId(1), true, SECOND, "one".into());
    let wanted = finished(1, PlaybackEnd::Completed, SECOND, "one");
    assert_eq!(outputs(&mut prompts)[1], wanted);
}

#[test]
fn a_lost_start_and_a_lost_end_are_missed() {
    let mut prompts = prompts(&["one", "two"]);
    let due = prompts.poll_timeout().expect("a start is expected").at;
    prompts.handle_timeout(due);
    prompts.started(due, PromptId(2));
    let due = prompts.poll_timeout().expect("an end is expected").at;
    prompts.handle_timeout(due);
    assert!(prompts.is_empty());
    let ends = outputs(&mut prompts);
    let lost = ends
        .iter()
        .filter(|output| matches!(output, PromptOutput::Lost { .. }));
    assert_eq!(lost.count(), 2);
}

#[test]
fn the_next_prompt_starting_proves_that_the_last_one_ended() {
    let mut prompts = prompts(&["one", "two"]);
    prompts.started(SECOND, PromptId(1));
    prompts.started(SECOND * 2, PromptId(2));
    let failed = finished(1, PlaybackEnd::Failed, Duration::ZERO, "");
    assert!(outputs(&mut prompts).contains(&failed));
    assert_eq!(
        prompts.playing().map(|playing| playing.prompt),
        Some(PromptId(2))
    );
}

#[test]
fn facts_about_unknown_prompts_change_nothing() {
    let mut prompts = prompts(&["one"]);
    prompts.started(SECOND, PromptId(9));
    prompts.ended(SECOND, PromptId(9), true, SECOND, String::new());
    prompts.failed(SECOND, PromptId(9));
    assert_eq!(outputs(&mut prompts), []);
    assert!(!prompts.is_empty());
}

#[test]
fn the_queue_of_prompts_is_bounded() {
    let mut prompts = prompts(&[]);
    for _ in 0..MAX_PROMPTS {
        assert!(prompts.ask(SECOND, &say("one"), None).is_some());
    }
    assert_eq!(prompts.ask(SECOND, &say("one more"), None), None);
}

#[test]
fn only_the_first_prompt_is_protected_and_only_at_its_start() {
    let mut prompts = prompts(&["one", "two"]);
    let protected = |prompts: &Prompts| prompts.playing().map(|playing| playing.protected_until);
    assert_eq!(protected(&prompts), Some(Duration::MAX));
    prompts.started(SECOND, PromptId(1));
    assert_eq!(
        protected(&prompts),
        Some(SECOND + Duration::from_millis(500))
    );
    prompts.ended(SECOND * 3, PromptId(1), true, SECOND, String::new());
    prompts.started(SECOND * 3, PromptId(2));
    assert!(protected(&prompts) < Some(SECOND * 3));
}
