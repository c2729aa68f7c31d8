//! What writing by requests keeps: answers to requests that are carried out once, the shops' pages that may send events, and
//! the day's salt.

use sea_orm_migration::prelude::*;

use crate::table::{
    Columns,
    Placement::{ByOrganization, Reference},
    drop_all, index,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Columns::of(manager, "ingest_answers", &["organization_id", "key_hash"])
            .integers(&["organization_id"])
            .texts(&["key_hash", "request_hash", "answer"])
            .integers(&["expires_at"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(ByOrganization)
            .await?;
        index(manager, "ix_ingest_answers_expiry", "ingest_answers", &["organization_id", "expires_at"])
            .await?;
        // A visitor's browser brings nothing else to find the organization by.
        Columns::of(manager, "tracking_sites", &["site_key"])
            .texts(&["site_key"])
            .integers(&["organization_id"])
            .texts(&["name", "origins", "targets"])
            .boolean("takes_sessions")
            .boolean("takes_conversions")
            .integers(&["created_at"])
            .optional_integers(&["revoked_at"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(Reference)
            .await?;
        Columns::of(manager, "tracking_salts", &["day"])
            .integers(&["day"])
            .texts(&["salt"])
            .create(Reference)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["tracking_salts", "tracking_sites", "ingest_answers"]).await
    }
}
