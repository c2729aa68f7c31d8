//! What can be written: what people keep. Facts come by imports.

use async_graphql::{Context, ID, Object, Result};

use super::query::desk;
use crate::reports::dashboards::{self, DashboardInput, DashboardObject};
use crate::scalars::Long;

/// Everything that can be written.
pub struct Mutation;

#[Object]
impl Mutation {
    /// Saves a new dashboard, which is its maker's. Needs the role Admin or the scope dashboards:write.
    /// Null, with an error that says why, where it cannot be saved.
    async fn create_dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it consists of.")] dashboard: DashboardInput,
    ) -> Result<Option<DashboardObject>> {
        let desk = desk(ctx)?;
        let saved = dashboards::create(&desk, dashboard.into()).await?;
        Ok(Some(DashboardObject::new(desk, saved)))
    }

    /// Saves a dashboard anew, whole. Its owner and Admins may.
    /// Null, with an error that says why, where it cannot be saved: `CONFLICT` where somebody saved it meanwhile.
    async fn update_dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: ID,
        #[graphql(desc = "The version that the change was made to: its last one.")] version: Long,
        #[graphql(desc = "What it is to consist of.")] dashboard: DashboardInput,
    ) -> Result<Option<DashboardObject>> {
        let desk = desk(ctx)?;
        let saved = dashboards::update(&desk, &id, version.0, dashboard.into()).await?;
        Ok(Some(DashboardObject::new(desk, saved)))
    }

    /// Deletes a dashboard, and tells its id. Its owner and Admins may.
    /// Null, with an error that says why, where it cannot be deleted: `CONFLICT` where somebody saved it meanwhile.
    async fn delete_dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: ID,
        #[graphql(desc = "Its last version.")] version: Long,
    ) -> Result<Option<ID>> {
        dashboards::delete(&desk(ctx)?, &id, version.0).await?;
        Ok(Some(id))
    }
}
