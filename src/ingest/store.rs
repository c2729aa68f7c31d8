//! The storing half of an import: staged rows into tables, in the one transaction.
//!
//! A row with a known key replaces that row; a column that its file lacks is empty then. What only the database can
//! tell (an id that nothing has) is found here and told with file, line and value.

use std::collections::{BTreeSet, HashMap};

use sea_orm::DbErr;

use crate::money::{Currency, decimal_text};

use super::catalogue::{Entity, Kind};
use super::cell::{Cell, PRICE_DIGITS};
use super::derive;
use super::load::Loaded;
use super::problem::{Problem, Report};
use super::progress::{Progress, Step};
use super::session::Session;
use super::stale::{self, Rolled};
use super::statements::{Check, Statements};
use super::{EntitySummary, ImportError};

/// Stores one entity after another.
pub struct Store<'a> {
    session: &'a mut Session,
    organization: i64,
    /// Every currency that facts may be in after this import.
    currencies: BTreeSet<Currency>,
    known_currencies: BTreeSet<Currency>,
    /// What is kept added up of the organization, if anything is.
    rolled: Option<Rolled>,
    files: &'a [String],
    /// Whether bad rows are left out; else everything is refused in the end.
    skips: bool,
    progress: &'a dyn Progress,
    rows_done: u64,
    rows_in_all: u64,
    /// Order lines that were rounded.
    pub rounded_lines: u64,
    /// Rows refused here, where they are to be written out.
    pub refused: HashMap<(usize, i64), Vec<Problem>>,
}

impl<'a> Store<'a> {
    /// Reads what is known of the organization, under the transaction's lock.
    pub async fn open(
        session: &'a mut Session,
        (id, name): (i64, &str),
        loaded: &[Loaded],
        files: &'a [String],
        skips: bool,
        progress: &'a dyn Progress,
    ) -> Result<Self, ImportError> {
        let Some(known_currencies) = derive::fact_currencies(session, id).await? else {
            return Err(ImportError::NoOrganization(name.to_owned()));
        };
        let rolled = stale::rolled(session, id).await?;
        let mut currencies = known_currencies.clone();
        currencies.extend(loaded.iter().flat_map(|loaded| &loaded.currencies));
        Ok(Self {
            session,
            organization: id,
            currencies,
            known_currencies,
            rolled,
            files,
            skips,
            progress,
            rows_done: 0,
            rows_in_all: loaded.iter().map(|loaded| loaded.rows.unsigned_abs()).sum(),
            rounded_lines: 0,
            refused: HashMap::new(),
        })
    }

    /// Remembers ids of rows that reading refused: rows that point to them are no problems of their own.
    pub async fn remember(&mut self, ids: &[(&'static Entity, String)]) -> Result<(), DbErr> {
        for (entity, id) in ids {
            let statement = format!("INSERT INTO refused_ids (entity, id) VALUES ('{}', $1)", entity.name);
            self.session.execute_with_texts(&statement, &[id]).await?;
        }
        Ok(())
    }

    /// Stores the staged rows of one entity.
    pub async fn store(&mut self, loaded: &Loaded, report: &mut Report) -> Result<EntitySummary, DbErr> {
        let entity = loaded.entity;
        let step = Step::Storing { entity: entity.name, rows: self.rows_done, of: self.rows_in_all };
        self.progress.at(step);
        let unit = self.unit(entity);
        let statements = Statements::new(entity, &unit);
        let owner = derive::owner(entity);
        if let Some(owner) = owner {
            derive::note_of_known(self.session, entity, owner, self.organization).await?;
        }
        let is_empty = self.ask(&statements.any()).await? == 0;
        // Rows become keys as they are numbered, so that must be the order of first sight.
        let is_ranked = loaded.is_ranked || entity.dense_key.is_none();
        let is_plain = is_empty && is_ranked && !entity.is_nested();
        let repeated = if loaded.is_sorted { 0 } else { self.find_repeated(&statements, entity).await? };
        let mut summary = EntitySummary { entity: entity.name, ..EntitySummary::default() };
        if !(is_plain && repeated == 0 && self.insert_all(&statements, loaded, &mut summary).await?) {
            self.merge(&statements, loaded, repeated > 0, report, &mut summary).await?;
        }
        if !loaded.is_sorted {
            self.run(&format!("DROP TABLE {}", statements.repeated())).await?;
        }
        if let Some(count) = statements.count_rounded() {
            self.rounded_lines += self.ask(&count).await?.unsigned_abs();
        }
        if let Some(owner) = owner {
            derive::note_of_staged(self.session, entity, owner, self.organization).await?;
        }
        match entity.name {
            "deal_stages" => derive::deal_stages(self.session, self.organization).await?,
            "stock_movements" => derive::moved_stock(self.session, self.organization).await?,
            _ => {}
        }
        self.rows_done += loaded.rows.unsigned_abs();
        Ok(summary)
    }

    /// What follows from all facts together, and from what became of each entity.
    pub async fn finish(&mut self, entities: &[EntitySummary]) -> Result<(), DbErr> {
        derive::lifetimes(self.session, self.organization, self.rolled).await?;
        let is_marked = match self.rolled {
            None => true,
            Some(rolled) => {
                stale::roll_on(self.session, (self.organization, rolled)).await?;
                stale::mark(self.session, (self.organization, rolled)).await?
            }
        };
        let changed = entities.iter().filter(|entity| entity.inserted + entity.updated > 0);
        let changed: Vec<&str> = changed.map(|entity| entity.entity).collect();
        if !changed.is_empty() {
            let is_settled = is_marked || changed.iter().any(|entity| !stale::may_come_last(entity));
            derive::count_write(self.session, self.organization, is_settled).await?;
        }
        if self.currencies != self.known_currencies {
            derive::write_fact_currencies(self.session, self.organization, &self.currencies).await?;
        }
        self.progress.at(Step::Storing { entity: "", rows: self.rows_in_all, of: self.rows_in_all });
        Ok(())
    }

    async fn ask(&mut self, statement: &str) -> Result<i64, DbErr> {
        let binds = [self.organization];
        self.session.number(statement, if statement.contains("$1") { &binds } else { &[] }).await
    }

    async fn run(&mut self, statement: &str) -> Result<u64, DbErr> {
        let binds = [self.organization];
        self.session.execute(statement, if statement.contains("$1") { &binds } else { &[] }).await
    }

    /// Millionths in a minor unit of the currency that a row's reference leads to, as SQL.
    fn unit(&self, entity: &Entity) -> String {
        let micros = |digits: u32| 10_i64.pow(PRICE_DIGITS.saturating_sub(digits));
        let Some((place, _)) = entity.currency_of.and_then(|name| entity.column(name)) else {
            return "1".to_owned();
        };
        let digits: BTreeSet<u32> = self.currencies.iter().map(|currency| currency.digits()).collect();
        if let (Some(digits), 1) = (digits.first(), digits.len()) {
            return micros(*digits).to_string();
        }
        let cases: Vec<String> = self
            .currencies
            .iter()
            .map(|currency| format!("WHEN '{}' THEN {}", currency.code(), micros(currency.digits())))
            .collect();
        format!("(CASE r{place}.currency {} END)", cases.join(" "))
    }

    async fn find_repeated(&mut self, statements: &Statements<'_>, entity: &Entity) -> Result<i64, DbErr> {
        for statement in statements.find_repeated() {
            self.run(&statement).await?;
        }
        self.ask(&format!("SELECT COUNT(*) FROM {}", statements.repeated())).await.inspect(|count| {
            tracing::debug!(entity = entity.name, count, "keys that came twice");
        })
    }

    /// The straight way into an empty table. False, and nothing stored, where a row fails a check.
    async fn insert_all(
        &mut self,
        statements: &Statements<'_>,
        loaded: &Loaded,
        summary: &mut EntitySummary,
    ) -> Result<bool, DbErr> {
        self.run("SAVEPOINT plain").await?;
        let rows = loaded.rows.unsigned_abs();
        let inserted = self.run(&statements.insert_all()).await?;
        if inserted != rows {
            self.run("ROLLBACK TO SAVEPOINT plain").await?;
        }
        self.run("RELEASE SAVEPOINT plain").await?;
        if inserted == rows
            && let Some(rolled) = self.rolled
        {
            stale::note_new(self.session, loaded.entity, (self.organization, rolled), true).await?;
        }
        (summary.rows, summary.inserted) = (rows, rows);
        Ok(inserted == rows)
    }

    /// The careful way: bad rows out, of repeated keys the last, known rows replaced, new ones added.
    async fn merge(
        &mut self,
        statements: &Statements<'_>,
        loaded: &Loaded,
        is_repeated: bool,
        report: &mut Report,
        summary: &mut EntitySummary,
    ) -> Result<(), DbErr> {
        let bad = self.drop_bad(statements, loaded.entity, report).await?;
        summary.rows = loaded.rows.unsigned_abs() - bad;
        if is_repeated {
            // Bad rows are gone, and with them perhaps the last of a key: look again.
            self.run(&format!("DROP TABLE {}", statements.repeated())).await?;
            self.find_repeated(statements, loaded.entity).await?;
            let [drop_earlier, keep_place] = statements.merge_repeated();
            summary.replaced = self.run(&drop_earlier).await?;
            self.run(&keep_place).await?;
        }
        self.run("DELETE FROM new_rows").await?;
        summary.inserted = self.run(&statements.find_new()).await?;
        if loaded.entity.is_nested() {
            self.insert_new(statements).await?;
            let nested = self.ask(&statements.count_new_nested()).await?.unsigned_abs();
            summary.updated = self.update_known(statements, loaded.entity).await?.saturating_sub(nested);
        } else {
            summary.updated = self.update_known(statements, loaded.entity).await?;
            self.insert_new(statements).await?;
        }
        if summary.inserted > 0
            && let Some(rolled) = self.rolled
        {
            stale::note_new(self.session, loaded.entity, (self.organization, rolled), false).await?;
        }
        summary.unchanged = summary.rows - summary.replaced - summary.inserted - summary.updated;
        Ok(())
    }

    /// Replaces known rows that differ; tells how many.
    async fn update_known(&mut self, statements: &Statements<'_>, entity: &Entity) -> Result<u64, DbErr> {
        let changed = self.run(&statements.find_changed()).await?;
        if changed > 0 {
            if let Some(rolled) = self.rolled {
                stale::note_changed(self.session, entity, (self.organization, rolled)).await?;
            }
            self.run(&statements.update_changed()).await?;
            if let Some(rolled) = self.rolled {
                stale::note_changed(self.session, entity, (self.organization, rolled)).await?;
            }
        }
        Ok(changed)
    }

    async fn insert_new(&mut self, statements: &Statements<'_>) -> Result<(), DbErr> {
        match statements.last_key() {
            Some(question) => {
                let last = self.ask(&question).await?;
                self.session.execute(&statements.insert_new(), &[self.organization, last]).await?;
            }
            None => drop(self.run(&statements.insert_new()).await?),
        }
        Ok(())
    }

    /// Takes out the rows that fail a check, and tells of them. Where rows of a nested entity go, others that point
    /// to them fail in turn, so it looks until all is well.
    async fn drop_bad(
        &mut self,
        statements: &Statements<'_>,
        entity: &'static Entity,
        report: &mut Report,
    ) -> Result<u64, DbErr> {
        let Some(find_bad) = statements.find_bad() else { return Ok(0) };
        let mut dropped = 0;
        loop {
            self.run("DELETE FROM bad_rows").await?;
            let found = self.run(&find_bad).await?;
            if found == 0 {
                return Ok(dropped);
            }
            for check in statements.checks() {
                self.tell(statements, entity, &check, report).await?;
            }
            if let Some(remember) = statements.remember_bad() {
                self.run(&remember).await?;
            }
            dropped += self.run(&statements.drop_bad()).await?;
        }
    }

    async fn tell(
        &mut self,
        statements: &Statements<'_>,
        entity: &'static Entity,
        check: &Check,
        report: &mut Report,
    ) -> Result<(), DbErr> {
        let question = statements.tell_bad(check, !self.skips);
        let binds = [self.organization];
        let column = &entity.columns[check.column];
        for row in self.session.rows(&question, if question.contains("$1") { &binds } else { &[] }).await? {
            let [Cell::Integer(seq), Cell::Integer(file), Cell::Integer(line), value] = row.as_slice() else {
                return Err(DbErr::Custom(format!("not where a row comes from: {question}")));
            };
            let problem = Problem {
                file: usize::try_from(*file)
                    .ok()
                    .and_then(|file| self.files.get(file))
                    .cloned()
                    .unwrap_or_default(),
                line: u64::try_from(*line).ok(),
                column: Some(column.name.to_owned()),
                value: told(value, column.kind),
                reason: check.reason.clone(),
            };
            if self.skips {
                self.refused.entry((entity.index(), *seq)).or_default().push(problem.clone());
            }
            report.add(problem);
        }
        Ok(())
    }
}

/// A staged value as its file wrote it, or nearly.
fn told(value: &Cell, kind: Kind) -> Option<String> {
    let Cell::Text(text) = value else { return None };
    match (kind, text.parse::<i64>()) {
        // In minor units of a currency that is not told beside it.
        (Kind::Amount, _) => None,
        (Kind::ForeignAmount(_) | Kind::Share, Ok(micros)) => {
            let text = decimal_text(micros, PRICE_DIGITS);
            Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
        }
        _ => Some(text.to_string()),
    }
}
