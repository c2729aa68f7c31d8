//! What `/report` is answered: whether whoever asks may, and the report, or in plain words why there is none.

use std::sync::Arc;

use chrono::{DateTime, Duration, DurationRound, Utc};

use super::command::{self, Question};
use super::embed::Embed;
use super::interaction::Command;
use super::message::Message;
use super::text::name;
use crate::database::to_the_end;
use crate::fault::Fault;
use crate::guilds::{self, Guild, Snowflake};
use crate::organizations;
use crate::pages::Locale;
use crate::period::{Calendar, Period};
use crate::principal::{CredentialKind, Organization, Principal, Role, Scope};
use crate::quota::Allowance;
use crate::reports::shared::{self, Told, share_once, told};
use crate::reports::{Desk, Gateway};

/// A question of somebody who may ask it.
pub struct Asked {
    desk: Desk,
    question: Question,
    locale: Locale,
}

/// Who asks what. The words of a refusal are for whoever asked.
pub async fn asked(gateway: &Gateway, command: &Command) -> Result<Asked, String> {
    let (Some(id), Some(member)) = (command.guild_id, &command.member) else {
        return Err("Reports are told in servers, not in direct messages.".to_owned());
    };
    let db = &gateway.means.db;
    let guild = guilds::find(db, id).await.map_err(|error| words(&error.into()))?;
    let guild = guild.ok_or_else(|| {
        format!(
            "This server is linked to no organization. Whoever runs Countinghouse links it: \
             `countinghouse discord link --guild {id} --org …`"
        )
    })?;
    let may_ask = member.is_administrator()
        || guild.roles.iter().any(|role| *role == id || member.roles.contains(role));
    if !may_ask {
        return Err(without_a_role(&guild));
    }
    let question = command::read(&command.data)?;
    let (db, key) = (db.clone(), guild.organization);
    let organization = to_the_end(async move { organizations::find_by_key(&db, key).await }).await;
    let organization = organization.map_err(|error| words(&error.into()))?;
    let organization =
        organization.ok_or_else(|| words(&Fault::Internal(format!("guild {id} is of no organization"))))?;
    tracing::Span::current().record("organization", organization.external_id.as_str());
    let desk = gateway.desk(Arc::new(principal(organization, id))).map_err(|fault| words(&fault))?;
    let locale = Locale::negotiate(command.guild_locale.as_deref().unwrap_or_default());
    Ok(Asked { desk, question, locale })
}

fn without_a_role(guild: &Guild) -> String {
    let roles: Vec<String> = guild.roles.iter().map(|role| format!("<@&{role}>")).collect();
    match roles.as_slice() {
        [] => "Only administrators of this server may ask for reports here: no role may, so far.".to_owned(),
        [role] => format!("Only members with the role {role} may ask for reports here."),
        roles => {
            format!("Only members with one of these roles may ask for reports here: {}.", roles.join(", "))
        }
    }
}

/// Who reads for a server: it may read reports, and make links to them.
fn principal(organization: Organization, guild: Snowflake) -> Principal {
    let subject = format!("discord:{guild}");
    Principal {
        organization: Arc::new(organization),
        allowance: Allowance::of(&subject),
        subject,
        kind: CredentialKind::ApiKey,
        role: Role::Unnamed,
        scopes: [Scope::ReportsRead, Scope::SharesWrite].into(),
    }
}

/// The report, or why it cannot be told.
pub async fn answered(asked: Asked) -> Message {
    report(&asked).await.unwrap_or_else(|fault| Message::refusal(&words(&fault)))
}

async fn report(Asked { desk, question, locale }: &Asked) -> Result<Message, Fault> {
    let calendar = Calendar { zone: desk.organization().time_zone, ..Calendar::UTC };
    let period = past(question.period.resolve(&calendar, desk.now())?, desk.now())?;
    let told = Box::pin(told(desk, question.report, period)).await?;
    let link = link(desk, &told).await?;
    Ok(Message::report(Embed::of(&told, locale, link.as_deref())))
}

/// A period as far as it is past: to the full minute, so that who asks again within it is told the same, and given the same
/// link.
fn past(period: Period, now: DateTime<Utc>) -> Result<Period, Fault> {
    let minute = now.duration_trunc(Duration::minutes(1)).unwrap_or(now);
    let until = if minute > period.start() { minute } else { now };
    let past = Period::new(period.start(), period.end().min(until));
    past.map_err(|error| Fault::invalid("period", error.to_string()))
}

/// Where the whole report is, in markup; nothing where this server makes no links, or does not know its own address.
async fn link(desk: &Desk, told: &Told) -> Result<Option<String>, Fault> {
    let (Some(_), Some(public_url)) = (&desk.sharing().signer, &desk.sharing().public_url) else {
        return Ok(None);
    };
    Ok(Some(match share_once(desk, told.report, told.period).await {
        Ok(link) => {
            let (path, until) = (shared::path(desk, &link)?, link.expires_at.timestamp());
            format!("[The whole report]({public_url}{path}), until <t:{until}:f>")
        }
        // The report is told all the same.
        Err(Fault::Conflict(words) | Fault::Invalid { message: words, .. }) => {
            format!("No link to the whole report: {}", name(&words))
        }
        Err(fault) => return Err(fault),
    }))
}

/// What went wrong, for whoever asked.
fn words(fault: &Fault) -> String {
    if let Fault::Internal(text) = fault {
        tracing::error!(error = text, "a report could not be told on Discord");
        return "Something broke; the server's log says what.".to_owned();
    }
    let words = fault.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
