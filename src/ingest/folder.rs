//! A dataset folder: which of its files holds which entity, and reading them.

use std::path::{Path, PathBuf};

use super::catalogue::{Column, ENTITIES, Entity, Need};
use super::load::{HungUp, Loader, Origin};
use super::problem::{Problem, Report};
use super::source::{Format, Meter, Read, Record, Source};

/// Files of a dataset folder, in the order of the catalogue.
#[derive(Clone, Debug)]
pub struct Folder {
    files: Vec<(&'static Entity, PathBuf)>,
}

impl Folder {
    /// Looks at every file of the folder. What is neither an entity nor text that people keep beside data is refused
    /// by name: a misspelt file must not be passed over in silence.
    pub fn open(path: &Path) -> Result<Self, Report> {
        let name = path.display().to_string();
        let refuse = |reason: String| Report::of(Problem::of_file(name.clone(), reason));
        let entries = std::fs::read_dir(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(|error| refuse(format!("cannot be read: {error}")))?.path());
        }
        paths.sort();
        let mut report = Report::default();
        let mut files: Vec<(&'static Entity, PathBuf)> = Vec::new();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if is_beside_data(&name) {
                continue;
            }
            match entity_of(&name) {
                Ok(entity) => match files.iter().find(|(other, _)| other.name == entity.name) {
                    Some((_, other)) => report.add(Problem::of_file(name, twice(entity, other))),
                    None => files.push((entity, path)),
                },
                Err(reason) => report.add(Problem::of_file(name, reason)),
            }
        }
        if files.is_empty() && report.is_empty() {
            report = refuse("holds no file of an entity, such as orders.csv".to_owned());
        }
        files.sort_by_key(|(entity, _)| entity.index());
        if report.is_empty() { Ok(Self { files }) } else { Err(report) }
    }

    /// The entities that the folder holds.
    pub fn entities(&self) -> Vec<&'static Entity> {
        self.files.iter().map(|(entity, _)| *entity).collect()
    }

    /// Bytes that there are to read.
    pub fn bytes(&self) -> u64 {
        self.files.iter().filter_map(|(_, path)| Some(path.metadata().ok()?.len())).sum()
    }

    /// Reads every file.
    pub fn read(&self, loader: &mut Loader, meter: &Meter) -> Result<(), HungUp> {
        for (entity, path) in &self.files {
            loader.begin(entity);
            match Source::open(path, meter) {
                Ok(source) => read_file(entity, source, loader)?,
                Err(problem) => loader.bad_file(problem),
            }
        }
        Ok(())
    }
}

/// README and LICENSE, Markdown, plain text and TOML, `expected.json`, what starts with a dot, and the rows that an
/// import before this one put aside.
fn is_beside_data(name: &str) -> bool {
    let starts = [".", "README", "LICENSE", "NOTICE", "rejected-rows"];
    let ends = [".md", ".txt", ".toml"];
    name == "expected.json"
        || starts.iter().any(|start| name.starts_with(start))
        || ends.iter().any(|end| name.ends_with(end))
}

fn entity_of(name: &str) -> Result<&'static Entity, String> {
    let Some((stem, _)) = Format::of(name) else {
        return Err(
            "is not a dataset file: <entity>.csv, .ndjson or .parquet, also with .gz or .zst".to_owned()
        );
    };
    Entity::named(stem).ok_or_else(|| {
        let names: Vec<&str> = ENTITIES.iter().map(|entity| entity.name).collect();
        format!("`{stem}` is not an entity; these are: {}", names.join(", "))
    })
}

fn twice(entity: &Entity, other: &Path) -> String {
    let other = other.file_name().unwrap_or_default().to_string_lossy();
    format!("holds {}, and so does {other}; one file an entity", entity.name)
}

/// Reads every row of `source` as one of `entity`.
pub fn read_file(entity: &'static Entity, mut source: Source, loader: &mut Loader) -> Result<(), HungUp> {
    let file = loader.file(&source.name);
    let mut places = Places::default();
    let mut record = Record::default();
    if let Err(reason) = places.learn(entity, &source) {
        loader.bad_file(Problem { line: Some(1), ..Problem::of_file(source.name.clone(), reason) });
        return Ok(());
    }
    loop {
        let read = match source.read(&mut record) {
            Ok(read) => read,
            Err(problem) => {
                loader.bad_file(problem);
                return Ok(());
            }
        };
        let line = record.line;
        match read {
            Read::End => return Ok(()),
            Read::Bad(bad) => {
                let (column, value) = (bad.column, bad.value);
                let file = source.name.clone();
                loader.bad_row(
                    Some(entity),
                    Problem { file, line: Some(line), column, value, reason: bad.reason },
                );
            }
            Read::Row => {
                // Only NDJSON brings columns along the way.
                if places.known < source.header().len()
                    && let Err(reason) = places.learn(entity, &source)
                {
                    loader.bad_file(Problem {
                        line: Some(line),
                        ..Problem::of_file(source.name.clone(), reason)
                    });
                    return Ok(());
                }
                let rank = i64::try_from(line).unwrap_or(i64::MAX);
                let field = |place: usize| record.get(*places.of.get(place)?.as_ref()?);
                loader.row(entity, Origin { file, line, rank, rounds: false }, field)?;
            }
        }
    }
}

/// Where each column of an entity stands in a file.
#[derive(Default)]
struct Places {
    of: Vec<Option<usize>>,
    /// How many columns of the file are known.
    known: usize,
}

impl Places {
    fn learn(&mut self, entity: &Entity, source: &Source) -> Result<(), String> {
        let header = source.header();
        if let Some(unknown) = header.iter().find(|name| entity.column(name).is_none()) {
            let names: Vec<&str> = entity.columns.iter().map(|column| column.name).collect();
            return Err(format!(
                "`{unknown}` is not a column of {}; these are: {}",
                entity.name,
                names.join(", ")
            ));
        }
        let is_missing = |column: &&Column| {
            column.need == Need::Required && !header.iter().any(|name| name == column.name)
        };
        if let Some(missing) = entity.columns.iter().find(is_missing).filter(|_| !source.may_grow()) {
            return Err(format!("has no column `{}`, which must not be empty", missing.name));
        }
        let place = |column: &Column| header.iter().position(|name| name == column.name);
        self.of = entity.columns.iter().map(place).collect();
        self.known = header.len();
        Ok(())
    }
}
