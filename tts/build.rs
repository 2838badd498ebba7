//! Links the flite speech synthesiser and its voice statically, and says what to install if they
//! are not there.

use std::env;
use std::path::PathBuf;

/// In link order: each needs those after it.
const LIBRARIES: [&str; 4] = [
    "flite_cmu_us_slt",
    "flite_usenglish",
    "flite_cmulex",
    "flite",
];

fn main() {
    println!("cargo:rerun-if-env-changed=FLITE_LIB_DIR");
    println!("cargo:rerun-if-changed=build.rs");
    let places = places();
    let found = places.iter().find(|place| {
        LIBRARIES
            .iter()
            .all(|library| place.join(format!("lib{library}.a")).is_file())
    });
    let Some(place) = found else {
        println!(
            "cargo::error=no static flite libraries in {places:?}: install flite1-dev (Debian, \
             Ubuntu), or set FLITE_LIB_DIR to the folder of libflite.a"
        );
        return;
    };
    println!("cargo:rustc-link-search=native={}", place.display());
    for library in LIBRARIES {
        println!("cargo:rustc-link-lib=static={library}");
    }
    println!("cargo:rustc-link-lib=m");
}

/// Folders where the libraries may lie; a given folder is the only one.
fn places() -> Vec<PathBuf> {
    if let Some(given) = env::var_os("FLITE_LIB_DIR") {
        return vec![PathBuf::from(given)];
    }
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    vec![
        PathBuf::from(format!("/usr/lib/{arch}-linux-gnu")),
        PathBuf::from("/usr/local/lib"),
        PathBuf::from("/usr/lib64"),
        PathBuf::from("/usr/lib"),
    ]
}
