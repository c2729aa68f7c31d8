//! The site whose pages may send events to the demo's shop.

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, DbErr};

use crate::principal::OrganizationId;
use crate::tracking::{Site, sites};

/// What it is found again by.
const NAME: &str = "countinghouse demo";
/// Where its pages may be: at the address that the demo's shop would have, and on the machine of who tries the script out.
const ORIGINS: [&str; 2] = ["https://shop.example", "http://localhost:3000"];

/// The key of the site that there is, else of one that is made.
pub async fn key(
    db: &DatabaseConnection,
    organization: OrganizationId,
    now: DateTime<Utc>,
) -> Result<String, DbErr> {
    let known = sites::list(db, organization).await?;
    if let Some(known) = known.into_iter().find(|site| site.name == NAME && site.revoked_at.is_none()) {
        return Ok(known.key);
    }
    let origins: Vec<String> = ORIGINS.map(str::to_owned).into();
    let site = Site {
        key: Site::new_key(),
        name: NAME.to_owned(),
        targets: origins.clone(),
        origins,
        takes_sessions: false,
        takes_conversions: false,
        created_at: now,
        revoked_at: None,
    };
    sites::create(db, organization, &site).await?;
    Ok(site.key)
}
