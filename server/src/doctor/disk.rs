//! Whether what is kept has room.

use super::Finding;
use crate::config::Config;
use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
    process::Command,
};

/// Below this the disk fills within hours: a recorded call takes 2 MB a minute.
const LITTLE_MB: u64 = 1_024;
/// Below this the event store itself is in danger.
const TOO_LITTLE_MB: u64 = 64;

/// The folders of the store and, when calls are recorded, of the recordings.
pub(super) fn folders(config: &Config) -> Vec<Finding> {
    let store = match config.store.path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut findings = vec![folder("store", store)];
    if config.store.record {
        findings.push(folder("recordings", &config.store.recordings));
    }
    findings
}

fn folder(check: &'static str, path: &Path) -> Finding {
    let shown = path.display();
    if let Err(error) = try_write(path) {
        return Finding::fail(
            check,
            format!("{shown} cannot be written: {error}"),
            format!("mend the rights of {shown}, or change the path in [store]"),
        );
    }
    judge(check, &shown.to_string(), free_mb(path))
}

fn judge(check: &'static str, folder: &str, free_mb: Option<u64>) -> Finding {
    let Some(free) = free_mb else {
        return Finding::warn(
            check,
            format!("{folder} can be written; its free space is not known"),
            "look with `df`",
        );
    };
    let what = format!("{folder} can be written, {free} MB free");
    let fix = "free disk space, or set store.record = false";
    if free < TOO_LITTLE_MB {
        Finding::fail(check, what, fix)
    } else if free < LITTLE_MB {
        Finding::warn(check, what, fix)
    } else {
        Finding::ok(check, what)
    }
}

/// Makes the folder, as the server would, and a file in it.
fn try_write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&probe)?;
    fs::remove_file(probe)
}

/// Free space by POSIX `df`: the standard library does not tell.
fn free_mb(path: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(path).output().ok()?;
    parse_df(&String::from_utf8_lossy(&output.stdout))
}

/// The fourth column of the second line: kilobytes available.
fn parse_df(text: &str) -> Option<u64> {
    let kilobytes = text
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse::<u64>()
        .ok()?;
    Some(kilobytes / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_folder_that_is_a_file_cannot_be_written() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(folder("store", &file.join("below")).grade, Grade::Fail);
    }

    #[test]
    fn looking_leaves_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        folder("store", home.path());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn free_space_is_judged() {
        let grade = |free| judge("store", "data", free).grade;
        assert_eq!(grade(Some(LITTLE_MB)), Grade::Ok);
        assert_eq!(grade(Some(LITTLE_MB - 1)), Grade::Warn);
        assert_eq!(grade(Some(TOO_LITTLE_MB - 1)), Grade::Fail);
        assert_eq!(grade(None), Grade::Warn);
    }

    #[test]
    fn what_df_says_is_read_and_rubbish_is_not() {
        let said = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                    /dev/vda1 1000000 500000 204800 50% /\n";
        assert_eq!(parse_df(said), Some(200));
        for rubbish in ["", "df: no such file\n", "a b c d\ne f g h\n", "x\n1 2 3\n"] {
            assert_eq!(parse_df(rubbish), None, "{rubbish:?}");
        }
    }
}
