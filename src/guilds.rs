//! Discord's servers, which it calls guilds: whose reports may be asked for in each, and by whom.

use std::fmt;

use chrono::{DateTime, Utc};
use entity::discord_guild;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, SqlErr};
use serde::Deserialize;

use crate::database::{self, to_the_end};
use crate::principal::OrganizationId;

/// A number that Discord gave to something: a server, a role, an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Snowflake(u64);

/// A text is none of Discord's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of Discord's, such as 197038439483310086")]
pub struct NoSnowflake;

impl Snowflake {
    /// Reads one as Discord writes it: digits alone, no zero in front.
    pub fn parse(text: &str) -> Result<Self, NoSnowflake> {
        let is_written = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        text.parse().ok().filter(|_| is_written).map(Self).ok_or(NoSnowflake)
    }
}

impl TryFrom<String> for Snowflake {
    type Error = NoSnowflake;

    fn try_from(text: String) -> Result<Self, NoSnowflake> {
        Self::parse(&text)
    }
}

impl fmt::Display for Snowflake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A server that is linked to an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guild {
    /// Which.
    pub id: Snowflake,
    /// Whose reports may be asked for there.
    pub organization: OrganizationId,
    /// Roles that may ask for them. Administrators of the server always may: they can give themselves any role.
    pub roles: Vec<Snowflake>,
    /// When it was linked.
    pub linked_at: DateTime<Utc>,
}

/// The server of that number, if it is linked.
pub async fn find(db: &DatabaseConnection, id: Snowflake) -> Result<Option<Guild>, DbErr> {
    let row = discord_guild::Entity::find_by_id(id.to_string());
    let db = db.clone();
    to_the_end(async move { row.one(&db).await }).await?.as_ref().map(read).transpose()
}

/// Every linked server, the oldest link first.
pub async fn list(db: &DatabaseConnection) -> Result<Vec<Guild>, DbErr> {
    let rows = discord_guild::Entity::find()
        .order_by_asc(discord_guild::Column::CreatedAt)
        .order_by_asc(discord_guild::Column::GuildId);
    rows.all(db).await?.iter().map(read).collect()
}

/// Links a server, or gives one that is linked to the same organization other roles. Says whether that was possible: not
/// where it is linked to another organization.
pub async fn link(db: &DatabaseConnection, guild: &Guild) -> Result<bool, DbErr> {
    let roles: Vec<String> = guild.roles.iter().map(ToString::to_string).collect();
    let roles = roles.join(" ");
    let row = discord_guild::ActiveModel {
        guild_id: Set(guild.id.to_string()),
        organization_id: Set(guild.organization.0),
        roles: Set(roles.clone()),
        created_at: Set(guild.linked_at.into()),
    };
    let transaction = database::begin(db, None).await?;
    match discord_guild::Entity::insert(row).exec_without_returning(&transaction).await {
        Ok(_) => {
            transaction.commit().await?;
            return Ok(true);
        }
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            transaction.rollback().await?;
        }
        Err(error) => return Err(error),
    }
    let update = discord_guild::Entity::update_many()
        .col_expr(discord_guild::Column::Roles, Expr::value(roles))
        .filter(discord_guild::COLUMN.organization_id.eq(guild.organization.0))
        .filter(Expr::col(discord_guild::Column::GuildId).eq(guild.id.to_string()));
    Ok(update.exec(db).await?.rows_affected == 1)
}

/// Takes a link away; says whether there was one.
pub async fn unlink(db: &DatabaseConnection, id: Snowflake) -> Result<bool, DbErr> {
    Ok(discord_guild::Entity::delete_by_id(id.to_string()).exec(db).await?.rows_affected == 1)
}

fn read(row: &discord_guild::Model) -> Result<Guild, DbErr> {
    let number = |text: &str| {
        let broken = |_| DbErr::Type(format!("guild {} has a number that is none: {text}", row.guild_id));
        Snowflake::parse(text).map_err(broken)
    };
    Ok(Guild {
        id: number(&row.guild_id)?,
        organization: OrganizationId(row.organization_id),
        roles: row.roles.split_ascii_whitespace().map(number).collect::<Result<_, _>>()?,
        linked_at: row.created_at.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_discord_writes_them() {
        for text in ["1", "197038439483310086", "18446744073709551615"] {
            assert_eq!(Snowflake::parse(text).map(|number| number.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "0", "01", "+1", "-1", "1.0", " 1", "1 ", "१", "18446744073709551616", "<@1>"] {
            assert_eq!(Snowflake::parse(text), Err(NoSnowflake), "{text:?}");
        }
    }
}
