//! Bundles `web/` with npm, and writes `assets.rs`, which embeds what came of it and of what shared reports load.
//!
//! Without npm, or where it fails, the crate is built all the same: `assets.rs` then says what went wrong, and the page
//! tells it; shared reports are then pages without charts. `COUNTINGHOUSE_SKIP_PLAYGROUND=1` leaves the bundle out on purpose.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to Cargo")]
#![allow(clippy::unnecessary_debug_formatting, reason = "paths are written as Rust's own literals")]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// Beside the reports themselves, so that whoever lets the public see those alone has to open nothing else.
const REPORT_ASSETS: &str = "/api/reports/assets/";
const SKIP: &str = "COUNTINGHOUSE_SKIP_PLAYGROUND";
/// What is made inside `web/`, and no source.
const MADE: [&str; 2] = ["node_modules", "dist"];
/// A machine without network is to be told so soon; by default npm tries for minutes.
const INSTALL: [&str; 4] = ["ci", "--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={SKIP}");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let (source, work, bundle) = (Path::new("web"), out.join("web"), out.join("bundle"));
    // A folder would be watched with all that is in it, node_modules included: name the files.
    watch(source)?;
    let (code, scripts) = match bundled(source, &work, &bundle)? {
        Ok(()) => (embedded(&bundle)?, Some(bundle.join("report"))),
        Err(reason) => {
            println!("cargo::warning=the playground, /docs and charts are not in this build: {reason}");
            (format!("pub const BUNDLE: Result<Bundle, &str> = Err({reason:?});\n"), None)
        }
    };
    fs::write(out.join("assets.rs"), code + &report(scripts.as_deref())?)
}

/// Rust that holds what shared reports load. Style and icon are plain files; scripts are there where npm made them.
fn report(scripts: Option<&Path>) -> io::Result<String> {
    let mut code = "pub const REPORT: Report = Report {\n".to_owned();
    for (part, file) in [("style", "report.css"), ("icon", "icon.svg")] {
        let file = fs::canonicalize(Path::new("pages").join(file))?;
        println!("cargo::rerun-if-changed={}", file.display());
        let mut hash = std::hash::DefaultHasher::new();
        hash.write(&fs::read(&file)?);
        let (stem, kind) = (file.file_stem().unwrap_or_default(), file.extension().unwrap_or_default());
        let name = format!("{}-{:016x}.{}", stem.display(), hash.finish(), kind.display());
        let _ = writeln!(code, "    {part}: {},", asset(&format!("{REPORT_ASSETS}{name}"), "Plain", &file)?);
    }
    code.push_str("    scripts: &[\n");
    for file in scripts.map(files).transpose()?.unwrap_or_default() {
        let name = file.file_stem().unwrap_or_default().display();
        let _ = writeln!(code, "        {},", asset(&format!("{REPORT_ASSETS}{name}"), "Brotli", &file)?);
    }
    Ok(code + "    ],\n};\n")
}

/// Makes the bundle; or says, in words for whoever looks at the page, why there is none.
fn bundled(source: &Path, work: &Path, bundle: &Path) -> io::Result<Result<(), &'static str>> {
    if env::var_os(SKIP).is_some_and(|value| !value.is_empty() && value != "0") {
        return Ok(Err("it was built with COUNTINGHOUSE_SKIP_PLAYGROUND"));
    }
    // Beside the other build products, so that the source stays clean and two profiles do not meet.
    lay_out(source, work)?;
    let lock = fs::read(source.join("package-lock.json"))?;
    let installed = work.join("node_modules/.countinghouse-lock");
    if fs::read(&installed).is_ok_and(|of| of == lock) {
        // What is installed is what the lockfile says.
    } else if let Err(reason) = npm(work, bundle, &INSTALL) {
        return Ok(Err(reason.unwrap_or(
            "`npm ci` failed when it was built: is there a network, and Node.js 20.19 or newer?",
        )));
    } else {
        fs::write(installed, lock)?;
    }
    Ok(npm(work, bundle, &["run", "build"])
        .map_err(|reason| reason.unwrap_or("`npm run build` failed when it was built")))
}

/// Runs npm, and passes on what it complains of.
fn npm(work: &Path, bundle: &Path, arguments: &[&str]) -> Result<(), Option<&'static str>> {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    let output = npm.args(arguments).current_dir(work).env("PLAYGROUND_OUT", bundle).output();
    let output = output.map_err(|_| Some("npm was not found when it was built"))?;
    if output.status.success() {
        return Ok(());
    }
    for line in String::from_utf8_lossy(&output.stderr).lines().take(20) {
        println!("cargo::warning={line}");
    }
    Err(None)
}

/// The source files as they are now, over whatever an earlier build left but what npm installed.
fn lay_out(source: &Path, work: &Path) -> io::Result<()> {
    fs::create_dir_all(work)?;
    for entry in fs::read_dir(work)? {
        let path = entry?.path();
        if path.file_name() == Some(OsStr::new("node_modules")) {
            continue;
        }
        if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
    }
    for file in files(source)? {
        let to = work.join(file.strip_prefix(source).map_err(io::Error::other)?);
        fs::create_dir_all(to.parent().unwrap_or(work))?;
        fs::copy(file, to)?;
    }
    Ok(())
}

fn watch(source: &Path) -> io::Result<()> {
    for file in files(source)? {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    Ok(())
}

/// Every file below, but those that are made there.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if MADE.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            // Its own time changes when a file is added, which no file's does.
            println!("cargo::rerun-if-changed={}", entry.path().display());
            found.extend(files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Rust that holds the pages, and every asset by its path.
fn embedded(bundle: &Path) -> io::Result<String> {
    let mut code = format!(
        "pub const BUNDLE: Result<Bundle, &str> = Ok(Bundle {{\n    playground: include_str!({:?}),\n    \
         docs: include_str!({:?}),\n    assets: &[\n",
        bundle.join("index.html"),
        bundle.join("docs.html"),
    );
    for file in files(&bundle.join("assets"))? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let _ = writeln!(code, "    {},", asset(&format!("/playground/assets/{name}"), "Brotli", &file)?);
    }
    Ok(code + "] });\n")
}

/// An asset that is served at that path, and lies in that file, packed or plain.
fn asset(path: &str, packing: &str, file: &Path) -> io::Result<String> {
    let kind = kind_of(path).ok_or_else(|| io::Error::other(format!("of what kind is {path}?")))?;
    Ok(format!(
        "Asset {{ path: {path:?}, kind: {kind:?}, content: Content::{packing}(include_bytes!({file:?})) }}"
    ))
}

fn kind_of(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "ttf" => "font/ttf",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}
