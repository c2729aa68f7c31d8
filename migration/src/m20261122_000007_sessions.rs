//! Who may sign in and who has: passwords of users, their sessions, and how often somebody tried.

use sea_orm_migration::prelude::*;

use crate::table::{
    Columns,
    Placement::{ByOrganization, Reference},
    drop_all, index,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Instants of a user that may never come.
const INSTANTS: [&str; 2] = ["disabled_at", "signed_in_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let scopes = ColumnDef::new("scopes").text().not_null().default("").to_owned();
        let hash = ColumnDef::new("password_hash").text().null().to_owned();
        let instants = INSTANTS.map(|name| ColumnDef::new(name).big_integer().null().to_owned());
        for column in [scopes, hash].into_iter().chain(instants) {
            manager.alter_table(Table::alter().table("users").add_column(column).to_owned()).await?;
        }
        Columns::of(manager, "sessions", &["organization_id", "secret_hash"])
            .integers(&["organization_id"])
            .texts(&["secret_hash"])
            .integers(&["user_id", "created_at", "last_used_at", "expires_at"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(ByOrganization)
            .await?;
        index(manager, "ix_sessions_user", "sessions", &["organization_id", "user_id"]).await?;
        index(manager, "ix_sessions_expiry", "sessions", &["organization_id", "expires_at"]).await?;
        // Of addresses and accounts that nobody may have, and so of no organization.
        Columns::of(manager, "sign_in_attempts", &["subject_hash"])
            .texts(&["subject_hash"])
            .integers(&["free_at"])
            .create(Reference)
            .await?;
        index(manager, "ix_sign_in_attempts_free", "sign_in_attempts", &["free_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["sign_in_attempts", "sessions"]).await?;
        for column in ["scopes", "password_hash"].into_iter().chain(INSTANTS) {
            manager.alter_table(Table::alter().table("users").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
