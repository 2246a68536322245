//! Calls the library in a loop, with Python embedded: run it below a profiler.

use std::time::Instant;

use hyperjson::hyperjson::dumps;
use pyo3::prelude::*;

const ROUNDS: u32 = 1000;

fn main() -> PyResult<()> {
    Python::attach(|py| {
        let value = py.eval(c"{'numbers': list(range(100))}", None, None)?;
        let start = Instant::now();
        let mut bytes = 0;
        for _ in 0..ROUNDS {
            bytes += dumps(&value)?.len();
        }
        let version = py.version_info();
        println!(
            "Python {}.{}: {bytes} bytes in {:?}",
            version.major,
            version.minor,
            start.elapsed()
        );
        Ok(())
    })
}
