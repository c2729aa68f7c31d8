//! Mapping files: any files, as they are, onto the entities of a dataset.
//!
//! A mapping is TOML with small exact expressions. Tables are files or queries over other tables; imports are queries
//! whose columns are an entity's. Nothing here knows the database: rows go the same way as a dataset folder's.
//!
//! `document` is the file as written, `compile` ties it to names, `lexer` and `parser` read expressions, `evaluate`
//! and `function` work them out, `run` passes over the rows, `group`, `number`, `lookup` and `sorter` keep memory bounded.

mod compile;
mod document;
mod evaluate;
mod expression;
mod function;
mod group;
mod lexer;
mod lookup;
mod number;
mod packed;
mod parser;
mod query;
mod run;
mod sorter;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::compile::{Plan, Rows, compile};
use self::run::{Run, find_file};
use self::sorter::IN_MEMORY;
use super::catalogue::{ENTITIES, Entity};
use super::load::{HungUp, Loader};
use super::problem::{Problem, Report};
use super::source::Meter;

/// A folder of files and what they mean.
#[derive(Debug)]
pub struct Mapping {
    plan: Plan,
    folder: PathBuf,
}

impl Mapping {
    /// Reads a mapping for the files of `folder`.
    pub fn open(path: &Path, folder: &Path) -> Result<Self, Report> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Report::of(Problem::of_file(name.clone(), format!("cannot be read: {error}")))
        })?;
        Ok(Self { plan: compile(&name, &text)?, folder: folder.to_owned() })
    }

    /// The entities that it makes.
    pub fn entities(&self) -> Vec<&'static Entity> {
        let is_made =
            |entity: &&Entity| self.plan.imports.iter().any(|import| import.entity.name == entity.name);
        ENTITIES.iter().filter(is_made).collect()
    }

    /// Bytes that there are to read; a file that is also looked up in is read once more.
    pub fn bytes(&self) -> u64 {
        let imported: BTreeSet<usize> = self.plan.imports.iter().map(|import| import.query.from).collect();
        imported.iter().chain(&self.plan.lookups).map(|table| self.bytes_of(*table)).sum()
    }

    fn bytes_of(&self, table: usize) -> u64 {
        match self.plan.tables.get(table).map(|table| &table.rows) {
            Some(Rows::File(name)) => {
                find_file(&self.folder, name).and_then(|path| Some(path.metadata().ok()?.len())).unwrap_or(0)
            }
            Some(Rows::Query(query)) => self.bytes_of(query.from),
            None => 0,
        }
    }

    /// Reads every file as often as it is needed.
    pub fn read(&self, loader: &mut Loader, meter: &Meter) -> Result<(), HungUp> {
        Run::new(&self.plan, &self.folder, meter, IN_MEMORY).run(loader)
    }
}
