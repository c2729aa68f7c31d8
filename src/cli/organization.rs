//! `organization`: makes, changes and lists organizations.

use chrono_tz::Tz;
use clap::{Args, Subcommand};

use super::flags::CommonFlags;
use super::{Failure, note, open, print_line};
use crate::clock::Clock;
use crate::money::{Currency, parse_scaled};
use crate::organizations::{self, CommissionRule, NewOrganization, OrganizationChange};

/// Flags of `organization`.
#[derive(Clone, Debug, Args)]
pub struct OrganizationFlags {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Makes an organization; one that is there already stays as it is
    #[command(after_help = CREATE_EXAMPLES)]
    Create(CreateFlags),
    /// Changes an organization's display name, churn window or default commission
    #[command(after_help = SET_EXAMPLES)]
    Set(SetFlags),
    /// Lists organizations: name, currency, time zone, display name
    List,
}

#[derive(Clone, Debug, Args)]
struct SetFlags {
    /// The name that credentials carry
    #[arg(long, value_name = "ID")]
    org: String,
    /// Display name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Days without an order after which a customer without subscriptions counts as lost, 1 to 3660
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3660))]
    churn_days: Option<i64>,
    /// Share of a conversion's total that it earns where neither it nor its tracking code says, 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    commission_rate: Option<CommissionRule>,
    /// Amount that it earns instead, in the organization's currency
    #[arg(long, value_name = "AMOUNT", conflicts_with = "commission_rate")]
    commission_fixed: Option<String>,
    /// Whether it earns nothing then, as at first
    #[arg(long, conflicts_with_all = ["commission_rate", "commission_fixed"])]
    no_commission: bool,
}

const SET_EXAMPLES: &str = "\
Examples:
  countinghouse organization set --org acme --churn-days 180
  countinghouse organization set --org acme --commission-rate 0.08";

fn share(text: &str) -> Result<CommissionRule, String> {
    let millionths = parse_scaled(text, 6).ok().filter(|share| (0..=1_000_000).contains(share));
    millionths
        .map(CommissionRule::Share)
        .ok_or_else(|| "expected a share from 0 to 1 with at most 6 digits, such as 0.08".to_owned())
}

impl SetFlags {
    fn is_empty(&self) -> bool {
        let has_rule =
            self.commission_rate.is_some() || self.commission_fixed.is_some() || self.no_commission;
        self.name.is_none() && self.churn_days.is_none() && !has_rule
    }

    /// The rule that is meant, of an organization with that currency.
    fn commission(&self, currency: Currency) -> Result<Option<CommissionRule>, Failure> {
        let Some(text) = &self.commission_fixed else {
            return Ok(self.commission_rate.or(self.no_commission.then_some(CommissionRule::Nothing)));
        };
        let amount =
            parse_scaled(text, currency.digits()).ok().filter(|minor| (0..=MOST_FIXED).contains(minor));
        let refused = || {
            let words =
                format!("--commission-fixed: expected an amount in {currency} such as 5, not below zero");
            Failure::Refused(words)
        };
        amount.map(CommissionRule::Fixed).map(Some).ok_or_else(refused)
    }
}

/// Most minor units of a fixed commission, as of amounts that are imported.
const MOST_FIXED: i64 = 9_000_000_000_000_000;

#[derive(Clone, Debug, Args)]
struct CreateFlags {
    /// The name that credentials will carry
    #[arg(long, value_name = "ID")]
    org: String,
    /// Display name [default: the same]
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// ISO 4217 code of the currency that its reports are told in
    #[arg(long, value_name = "CODE", default_value = "USD")]
    currency: String,
    /// IANA time zone of its calendars
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
}

const CREATE_EXAMPLES: &str = "\
Example:
  countinghouse organization create --org acme --name 'Acme GmbH' --currency EUR --time-zone Europe/Berlin";

/// Runs `organization`.
pub async fn run(common: &CommonFlags, flags: OrganizationFlags) -> Result<(), Failure> {
    let settings = common.settings(Vec::new())?;
    match flags.action {
        Action::Create(flags) => {
            let new = new_organization(flags)?;
            let db = open(&settings).await?;
            let asked = new.clone();
            let made = organizations::find_or_create(&db, new, Clock::System.now()).await?;
            if made.currency != asked.currency || made.time_zone != asked.time_zone {
                return Err(Failure::Refused(format!(
                    "organization `{}` is there already, with {} and {}",
                    made.external_id, made.currency, made.time_zone
                )));
            }
            note(&format!("organization `{}`: {}, {}", made.external_id, made.currency, made.time_zone));
        }
        Action::Set(flags) => {
            if flags.is_empty() {
                let words =
                    "nothing to change: give --name, --churn-days or a commission (--help lists them)";
                return Err(Failure::Refused(words.to_owned()));
            }
            let db = open(&settings).await?;
            let missing = || Failure::Refused(format!("there is no organization `{}`", flags.org));
            let known = organizations::find(&db, &flags.org).await?.ok_or_else(missing)?;
            let commission = flags.commission(known.currency)?;
            let change =
                OrganizationChange { name: flags.name.clone(), churn_days: flags.churn_days, commission };
            if !organizations::change(&db, &flags.org, change).await? {
                return Err(missing());
            }
            note(&format!("organization `{}` is changed", flags.org));
        }
        Action::List => {
            let db = open(&settings).await?;
            for organization in organizations::list(&db).await? {
                print_line(&format!(
                    "{}\t{}\t{}\t{}",
                    organization.external_id,
                    organization.currency,
                    organization.time_zone,
                    organization.name
                ));
            }
        }
    }
    Ok(())
}

fn new_organization(flags: CreateFlags) -> Result<NewOrganization, Failure> {
    let refused = |words: String| Failure::Refused(words);
    if !organizations::is_name(&flags.org) {
        return Err(refused(
            "--org: expected 1 to 255 bytes without control characters or blanks at the ends".to_owned(),
        ));
    }
    let currency: Currency =
        flags.currency.parse().map_err(|error| refused(format!("--currency: {error}")))?;
    let time_zone: Tz = flags.time_zone.parse().map_err(|_| {
        refused(format!("--time-zone: `{}` is not an IANA time zone such as Europe/Berlin", flags.time_zone))
    })?;
    Ok(NewOrganization {
        name: flags.name.unwrap_or_else(|| flags.org.clone()),
        external_id: flags.org,
        currency,
        time_zone,
    })
}
