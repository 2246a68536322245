//! Writes the table of squares: once for Rust, once as data and code of the Python package.

use std::path::PathBuf;
use std::{env, fs, io};

const LARGEST: u64 = 20;

fn main() -> io::Result<()> {
    // Without this line cargo runs the script again whenever any file of the crate changes.
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let squares: Vec<String> = (0..=LARGEST).map(|n| (n * n).to_string()).collect();
    fs::write(out.join("squares.rs"), format!("[{}]", squares.join(", ")))?;
    fs::write(out.join("limits.py"), format!("LARGEST = {LARGEST}\n"))?;
    fs::create_dir_all(out.join("tables"))?;
    fs::write(out.join("tables").join("squares.txt"), squares.join("\n"))
}
