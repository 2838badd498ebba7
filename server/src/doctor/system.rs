//! Limits, clock and tools of the machine.

use super::Finding;
use std::{
    ffi::OsStr,
    fs,
    time::{Duration, Instant},
};

/// Files a call holds open: RTP and RTCP of two legs, the recording, the brain's stream, and two
/// to spare.
const FILES_PER_CALL: u64 = 8;
/// Files the server holds open without any call.
const FILES_AT_REST: u64 = 64;
/// A tick coarser than this would show in the 20 ms rhythm of speech.
const COARSEST_TICK: Duration = Duration::from_millis(1);

/// The number of files that this process may hold open, as Linux tells it.
pub(super) fn open_file_limit() -> Option<u64> {
    parse_limits(&fs::read_to_string("/proc/self/limits").ok()?)
}

fn parse_limits(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        soft => soft.parse().ok(),
    }
}

pub(super) fn open_files(max_calls: usize, limit: Option<u64>) -> Finding {
    const CHECK: &str = "open files";
    let calls = u64::try_from(max_calls).unwrap_or(u64::MAX);
    let needed = calls
        .saturating_mul(FILES_PER_CALL)
        .saturating_add(FILES_AT_REST);
    match limit {
        None => Finding::warn(
            CHECK,
            format!("the limit is not known; {needed} are needed"),
            "compare with `ulimit -n`",
        ),
        Some(limit) if limit < needed => Finding::fail(
            CHECK,
            format!("{limit} are allowed, {needed} are needed for {max_calls} calls"),
            format!("raise the limit (`ulimit -n {needed}`) or lower sip.max_calls"),
        ),
        Some(limit) => Finding::ok(CHECK, format!("{limit} are allowed, {needed} are needed")),
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock itself is looked at")]
pub(super) fn clock() -> Finding {
    const TRIES: u32 = 1_000_000;
    let start = Instant::now();
    // The clock never goes back by the library's promise; whether it moves finely is the machine's.
    let tick = (0..TRIES)
        .map(|_| start.elapsed())
        .find(|elapsed| !elapsed.is_zero());
    judge_tick(tick)
}

fn judge_tick(tick: Option<Duration>) -> Finding {
    const CHECK: &str = "clock";
    const FIX: &str =
        "choose a finer clock source in the kernel (tsc, kvm-clock, arch_sys_counter)";
    match tick {
        None => Finding::fail(CHECK, "stands still", FIX),
        Some(tick) if tick > COARSEST_TICK => {
            Finding::warn(CHECK, format!("ticks every {} us", tick.as_micros()), FIX)
        }
        Some(_) => Finding::ok(CHECK, "moves forward in fine steps"),
    }
}

/// Tools that no call needs; their absence is a hint, not a fault.
const INTEROP_TOOLS: [(&str, &str); 2] = [("sipp", "sip-tester"), ("sox", "sox")];

pub(super) fn interop_tools(path: Option<&OsStr>) -> Vec<Finding> {
    let found = |tool: &str| {
        path.is_some_and(|path| std::env::split_paths(path).any(|dir| dir.join(tool).is_file()))
    };
    let finding = |(tool, package): &(&str, &str)| {
        if found(tool) {
            return Finding::ok("interop", format!("{tool} is there"));
        }
        Finding {
            fix: format!("only if you want it: install the package {package}"),
            ..Finding::ok(
                "interop",
                format!("{tool} is not there; only `make interop` uses it"),
            )
        }
    };
    INTEROP_TOOLS.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn the_limit_of_open_files_must_hold_all_calls() {
        let needed = 10 * FILES_PER_CALL + FILES_AT_REST;
        assert_eq!(open_files(10, Some(needed)).grade, Grade::Ok);
        assert_eq!(open_files(10, Some(needed - 1)).grade, Grade::Fail);
        assert_eq!(open_files(10, None).grade, Grade::Warn);
        assert_eq!(open_files(usize::MAX, Some(1024)).grade, Grade::Fail);
    }

    #[test]
    fn the_limits_of_the_process_are_read_and_rubbish_is_not() {
        let limits = |text: &str| parse_limits(text);
        let head = "Limit                     Soft Limit           Hard Limit           Units\n";
        let line = "Max open files            1024                 524288               files\n";
        assert_eq!(limits(&format!("{head}{line}")), Some(1024));
        assert_eq!(
            limits("Max open files            unlimited  unlimited  files"),
            Some(u64::MAX)
        );
        for rubbish in ["", head, "Max open files", "Max open files many"] {
            assert_eq!(limits(rubbish), None, "{rubbish:?}");
        }
    }

    #[test]
    fn a_coarse_clock_is_reported() {
        assert_eq!(judge_tick(Some(Duration::from_nanos(40))).grade, Grade::Ok);
        assert_eq!(
            judge_tick(Some(Duration::from_millis(4))).grade,
            Grade::Warn
        );
        assert_eq!(judge_tick(None).grade, Grade::Fail);
    }

    #[test]
    fn a_tool_that_is_missing_is_a_hint_and_no_fault() {
        let findings = interop_tools(Some(OsStr::new("/nowhere")));
        assert!(findings.iter().all(|finding| finding.grade == Grade::Ok));
        assert!(findings.iter().all(|finding| !finding.fix.is_empty()));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("sipp"), "").unwrap();
        assert!(
            interop_tools(Some(folder.path().as_os_str()))[0]
                .fix
                .is_empty()
        );
    }
}
