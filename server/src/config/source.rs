//! Where a configuration comes from.

use super::{DEFAULTS, Problem, Problems};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The one environment variable that is heeded: the path of the configuration file.
pub const CONFIG_VARIABLE: &str = "SIDETONE_CONFIG";

/// The file that is read from the working directory when no other is named.
pub const CONFIG_FILE: &str = "sidetone.toml";

/// A configuration's text and the name by which its mistakes are reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's path, or what stands in for it.
    pub name: String,
    /// The TOML text.
    pub text: String,
}

impl Source {
    /// The defaults that come with the program.
    #[must_use]
    pub fn built_in() -> Self {
        Self {
            name: "built-in defaults".to_owned(),
            text: DEFAULTS.to_owned(),
        }
    }

    /// A text, under a name.
    #[must_use]
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// A file's text.
    ///
    /// # Errors
    /// When the file cannot be read as UTF-8 text.
    pub fn file(path: &Path) -> Result<Self, Problems> {
        let name = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => Ok(Self { name, text }),
            Err(error) => Err(Problems {
                source_name: name,
                list: vec![Problem::new(
                    "",
                    format!("cannot be read: {error}"),
                    format!(
                        "name a readable file with --config or {CONFIG_VARIABLE}, \
                         or start from `sidetone config print > {CONFIG_FILE}`"
                    ),
                )],
            }),
        }
    }

    /// The first of: the file named on the command line, the file named by the environment,
    /// [`CONFIG_FILE`] in `directory`, the defaults.
    ///
    /// # Errors
    /// When the chosen file cannot be read. A named file that is missing is never passed over.
    pub fn find(
        flag: Option<&Path>,
        variable: Option<PathBuf>,
        directory: &Path,
    ) -> Result<Self, Problems> {
        if let Some(path) = flag {
            return Self::file(path);
        }
        if let Some(path) = variable.filter(|path| !path.as_os_str().is_empty()) {
            return Self::file(&path);
        }
        let local = directory.join(CONFIG_FILE);
        if local.exists() {
            Self::file(&local)
        } else {
            Ok(Self::built_in())
        }
    }
}
