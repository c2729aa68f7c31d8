//! How a table is made: columns by short names, and where Citus is to put it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Which rows of a table a Citus node holds.
#[derive(Clone, Copy)]
pub enum Placement {
    /// All of them, on every node: control tables with keys that are unique among organizations.
    Reference,
    /// Those of the organizations that live there.
    ByOrganization,
}

/// Columns of one table, in order.
pub struct Columns<'a> {
    manager: &'a SchemaManager<'a>,
    table: TableCreateStatement,
    name: &'static str,
}

impl<'a> Columns<'a> {
    /// Starts the table `name`; `key` is its primary key.
    pub fn of(manager: &'a SchemaManager<'a>, name: &'static str, key: &[&'static str]) -> Self {
        let mut table = Table::create().table(name).to_owned();
        let mut index = Index::create();
        for column in key {
            index.col(*column);
        }
        table.primary_key(&mut index);
        Self { manager, table, name }
    }

    /// 64-bit integers that are always there.
    pub fn integers(mut self, names: &[&'static str]) -> Self {
        for name in names {
            self.table.col(ColumnDef::new(*name).big_integer().not_null());
        }
        self
    }

    /// 64-bit integers that may be absent.
    pub fn optional_integers(mut self, names: &[&'static str]) -> Self {
        for name in names {
            self.table.col(ColumnDef::new(*name).big_integer().null());
        }
        self
    }

    /// A 16-bit integer that is always there.
    pub fn small_integer(mut self, name: &'static str) -> Self {
        self.table.col(ColumnDef::new(name).small_integer().not_null());
        self
    }

    /// Bytes that are always there.
    pub fn bytes(mut self, name: &'static str) -> Self {
        self.table.col(ColumnDef::new(name).blob().not_null());
        self
    }

    /// A truth value.
    pub fn boolean(mut self, name: &'static str) -> Self {
        self.table.col(ColumnDef::new(name).boolean().not_null());
        self
    }

    /// Texts that are always there.
    pub fn texts(mut self, names: &[&'static str]) -> Self {
        for name in names {
            let column = self.text(name).not_null().to_owned();
            self.table.col(column);
        }
        self
    }

    /// Texts that may be absent.
    pub fn optional_texts(mut self, names: &[&'static str]) -> Self {
        for name in names {
            let column = self.text(name).null().to_owned();
            self.table.col(column);
        }
        self
    }

    /// Text compares by its bytes on both databases: rankings break ties by id, and must agree whatever the
    /// cluster's collation is.
    fn text(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.manager.get_database_backend() {
            DbBackend::Postgres => column.custom("text COLLATE \"C\""),
            _ => column.text(),
        };
        column
    }

    /// A foreign key to another table's columns.
    pub fn references(mut self, columns: &[&'static str], table: &'static str, to: &[&'static str]) -> Self {
        let mut key = ForeignKey::create();
        key.name(format!("fk_{}_{}", self.name, columns.last().unwrap_or(&table)));
        for (from, to) in columns.iter().zip(to) {
            key.from(self.name, *from).to(table, *to);
        }
        self.table.foreign_key(&mut key);
        self
    }

    /// Makes the table and tells Citus, if it is there, where its rows belong.
    pub async fn create(self, placement: Placement) -> Result<(), DbErr> {
        self.manager.create_table(self.table).await?;
        let connection = self.manager.get_connection();
        if connection.get_database_backend() != DbBackend::Postgres || !has_citus(self.manager).await? {
            return Ok(());
        }
        let name = self.name;
        let place = match placement {
            Placement::Reference => format!("SELECT create_reference_table('{name}')"),
            Placement::ByOrganization => {
                format!("SELECT create_distributed_table('{name}', 'organization_id')")
            }
        };
        connection.execute_unprepared(&place).await?;
        Ok(())
    }
}

pub async fn has_citus(manager: &SchemaManager<'_>) -> Result<bool, DbErr> {
    let extension = Query::select()
        .column("extname")
        .from("pg_extension")
        .and_where(Expr::col("extname").eq("citus"))
        .to_owned();
    Ok(manager.get_connection().query_one(&extension).await?.is_some())
}

/// Drops tables, in this order.
pub async fn drop_all(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).to_owned()).await?;
    }
    Ok(())
}

/// An index over `columns`, made after the table is placed.
pub async fn index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    manager.create_index(build_index(name, table, columns)).await
}

/// An index that holds every combination of `columns` once.
pub async fn unique(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    manager.create_index(build_index(name, table, columns).unique().to_owned()).await
}

fn build_index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}
