//! Makes the tables of `src/model/language.rs` out of `locales/*.toml`; the build fails with every fault that a file has.
#![expect(clippy::print_stdout, reason = "a build script tells cargo so")]

mod locales;

use std::io;
use std::path::Path;

fn main() -> Result<(), io::Error> {
    // The fuzz crate, which has the same modules, lies one folder below.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = [root.join("locales"), root.join("../locales")].into_iter().find(|folder| folder.is_dir());
    let folder = folder.ok_or_else(|| io::Error::other("there is no folder `locales`"))?;
    println!("cargo::rerun-if-changed={}", folder.display());
    match locales::read(&folder) {
        Ok(locales) => {
            let out = std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets no OUT_DIR"))?;
            let tables = locales::tables(&locales).map_err(io::Error::other)?;
            std::fs::write(Path::new(&out).join("locales.rs"), tables)?;
        }
        Err(faults) => faults.iter().for_each(|fault| println!("cargo::error={fault}")),
    }
    Ok(())
}
