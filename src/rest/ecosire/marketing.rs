//! `GET /marketing`: what campaigns cost and brought, and how mails were read.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{Minor, Share, code, each, groups, label, minor, name, percent, rate, typical};
use super::parameters::MAX_LIMIT;
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::CampaignId;
use crate::metrics::{Dimension, Metric, Row};
use crate::period::Grain;
use crate::reports::scope::Ranked;
use crate::reports::{Ranking, Top, top};
use crate::rest::Number;

/// What the whole is told by.
const FIGURES: [Metric; 21] = [
    Metric::Spend,
    Metric::Impressions,
    Metric::Clicks,
    Metric::ClickThroughRate,
    Metric::CostPerClick,
    Metric::CampaignConversions,
    Metric::ConversionRate,
    Metric::CostPerAcquisition,
    Metric::CampaignRevenue,
    Metric::ReturnOnAdSpend,
    Metric::EmailsSent,
    Metric::EmailsDelivered,
    Metric::DeliveryRate,
    Metric::EmailsBounced,
    Metric::BounceRate,
    Metric::EmailsOpened,
    Metric::OpenRate,
    Metric::EmailsClicked,
    Metric::EmailClickRate,
    Metric::Unsubscribes,
    Metric::UnsubscribeRate,
];

/// What each period and each group is told by.
const OF_EACH: [Metric; 8] = [
    Metric::Spend,
    Metric::Impressions,
    Metric::Clicks,
    Metric::CampaignConversions,
    Metric::CampaignRevenue,
    Metric::ReturnOnAdSpend,
    Metric::EmailsSent,
    Metric::EmailsOpened,
];

/// Campaigns of the window: what they cost and brought, and how their mails were read.
#[utoipa::path(
    get,
    path = "/marketing",
    tag = TAG,
    operation_id = "ecosire_marketing",
    params(Window),
    responses((status = 200, description = "The report.", body = Marketing), Refusals),
)]
pub async fn marketing(asked: Asked) -> Answer {
    json(&report(asked).await?)
}

/// What the route answers.
pub async fn report(Asked { scope, grain, limit }: Asked) -> Result<Marketing, Fault> {
    let (totals, series, campaigns, channels) = try_join!(
        scope.totals(&FIGURES),
        scope.series(grain, &OF_EACH),
        top::<CampaignId>(&scope, Ranking::largest(Metric::Spend, limit), &OF_EACH),
        groups(&scope, Dimension::Channel, Metric::Spend, MAX_LIMIT, &OF_EACH),
    )?;
    Ok(Marketing {
        summary: Summary::of(&totals)?,
        email: Email::of(&totals)?,
        time_series: each(&series, |row| Bucket::of(row, grain))?,
        by_campaign: each(&campaigns, Campaign::of)?,
        by_channel: each(&channels, Channel::of)?,
    })
}

/// `GET /marketing`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Marketing)]
pub struct Marketing {
    /// The window as a whole.
    summary: Summary,
    /// Mails of the window.
    email: Email,
    /// A row for each period that the window touches.
    time_series: Vec<Bucket>,
    /// The campaigns that cost most; ties by id.
    by_campaign: Vec<Campaign>,
    /// Every channel, by what it cost.
    by_channel: Vec<Channel>,
}

/// The window as a whole.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::MarketingSummary)]
struct Summary {
    /// What campaigns cost, in minor units.
    spend: Minor,
    /// How often they were shown.
    #[schema(minimum = 0)]
    impressions: i64,
    /// How often they were clicked.
    #[schema(minimum = 0)]
    clicks: i64,
    /// Clicks divided by impressions: 0.0213 is 2.13 %.
    ctr: Share,
    /// Spend divided by clicks, in minor units.
    cpc: Minor,
    /// Conversions that campaigns claim.
    #[schema(minimum = 0)]
    conversions: i64,
    /// Conversions divided by clicks.
    conversion_rate: Share,
    /// Spend divided by conversions, in minor units.
    cpa: Minor,
    /// Revenue that campaigns claim, in minor units.
    revenue: Minor,
    /// Revenue divided by spend; null where nothing was spent.
    roas: Option<Number>,
    /// The currency of every amount, in lower case.
    #[schema(pattern = "^[a-z]{3}$", example = "usd")]
    currency: String,
}

impl Summary {
    fn of(totals: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            spend: minor(totals, Metric::Spend)?,
            impressions: totals.count(Metric::Impressions)?,
            clicks: totals.count(Metric::Clicks)?,
            ctr: rate(totals, Metric::ClickThroughRate, Metric::Clicks)?,
            cpc: minor(totals, Metric::CostPerClick)?,
            conversions: totals.count(Metric::CampaignConversions)?,
            conversion_rate: rate(totals, Metric::ConversionRate, Metric::CampaignConversions)?,
            cpa: minor(totals, Metric::CostPerAcquisition)?,
            revenue: minor(totals, Metric::CampaignRevenue)?,
            roas: typical(totals, Metric::ReturnOnAdSpend)?,
            currency: code(totals.currency()),
        })
    }
}

/// Mails of the window.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Email)]
struct Email {
    /// Mails sent.
    #[schema(minimum = 0)]
    sent: i64,
    /// Mails delivered.
    #[schema(minimum = 0)]
    delivered: i64,
    /// Mails delivered divided by mails sent: 0.98 is 98 %.
    delivery_rate: Share,
    /// Mails that came back.
    #[schema(minimum = 0)]
    bounced: i64,
    /// Mails that came back divided by mails sent.
    bounce_rate: Share,
    /// Mails opened, each once.
    #[schema(minimum = 0)]
    opened: i64,
    /// Mails opened divided by mails delivered.
    open_rate: Share,
    /// Mails clicked in, each once.
    #[schema(minimum = 0)]
    clicked: i64,
    /// Mails clicked in divided by mails delivered.
    click_rate: Share,
    /// Readers who do not want more.
    #[schema(minimum = 0)]
    unsubscribed: i64,
    /// Those divided by mails delivered.
    unsubscribe_rate: Share,
}

impl Email {
    fn of(totals: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            sent: totals.count(Metric::EmailsSent)?,
            delivered: totals.count(Metric::EmailsDelivered)?,
            delivery_rate: rate(totals, Metric::DeliveryRate, Metric::EmailsDelivered)?,
            bounced: totals.count(Metric::EmailsBounced)?,
            bounce_rate: rate(totals, Metric::BounceRate, Metric::EmailsBounced)?,
            opened: totals.count(Metric::EmailsOpened)?,
            open_rate: rate(totals, Metric::OpenRate, Metric::EmailsOpened)?,
            clicked: totals.count(Metric::EmailsClicked)?,
            click_rate: rate(totals, Metric::EmailClickRate, Metric::EmailsClicked)?,
            unsubscribed: totals.count(Metric::Unsubscribes)?,
            unsubscribe_rate: rate(totals, Metric::UnsubscribeRate, Metric::Unsubscribes)?,
        })
    }
}

/// Campaigns in one period.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::MarketingBucket)]
struct Bucket {
    /// Which one: `2026-01-05`, `2026-W02`, `2026-01` or `2026-Q1`.
    period: String,
    /// What campaigns cost, in minor units.
    spend: Minor,
    /// How often they were shown.
    #[schema(minimum = 0)]
    impressions: i64,
    /// How often they were clicked.
    #[schema(minimum = 0)]
    clicks: i64,
    /// Conversions that campaigns claim.
    #[schema(minimum = 0)]
    conversions: i64,
    /// Revenue that campaigns claim, in minor units.
    revenue: Minor,
    /// Mails sent.
    #[schema(minimum = 0)]
    emails_sent: i64,
    /// Mails opened, each once.
    #[schema(minimum = 0)]
    emails_opened: i64,
}

impl Bucket {
    fn of(row: &Row, grain: Grain) -> Result<Self, Fault> {
        let figures = &row.figures;
        Ok(Self {
            period: label(row, grain)?,
            spend: minor(figures, Metric::Spend)?,
            impressions: figures.count(Metric::Impressions)?,
            clicks: figures.count(Metric::Clicks)?,
            conversions: figures.count(Metric::CampaignConversions)?,
            revenue: minor(figures, Metric::CampaignRevenue)?,
            emails_sent: figures.count(Metric::EmailsSent)?,
            emails_opened: figures.count(Metric::EmailsOpened)?,
        })
    }
}

/// What part of the marketing brought.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::MarketingPart)]
struct Part {
    /// What it cost, in minor units.
    spend: Minor,
    /// How often it was shown.
    #[schema(minimum = 0)]
    impressions: i64,
    /// How often it was clicked.
    #[schema(minimum = 0)]
    clicks: i64,
    /// Conversions that it claims.
    #[schema(minimum = 0)]
    conversions: i64,
    /// Revenue that it claims, in minor units.
    revenue: Minor,
    /// Revenue divided by spend; null where nothing was spent.
    roas: Option<Number>,
}

impl Part {
    fn of(figures: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            spend: minor(figures, Metric::Spend)?,
            impressions: figures.count(Metric::Impressions)?,
            clicks: figures.count(Metric::Clicks)?,
            conversions: figures.count(Metric::CampaignConversions)?,
            revenue: minor(figures, Metric::CampaignRevenue)?,
            roas: typical(figures, Metric::ReturnOnAdSpend)?,
        })
    }
}

/// One campaign.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Campaign)]
struct Campaign {
    /// Identifies the campaign.
    campaign_id: String,
    /// Display name.
    campaign_name: String,
    /// What it runs on.
    channel: String,
    #[serde(flatten)]
    figures: Part,
}

impl Campaign {
    fn of(row: &Top<CampaignId>) -> Result<Self, Fault> {
        Ok(Self {
            campaign_id: row.thing.campaign_id.clone(),
            campaign_name: row.thing.name.clone(),
            channel: row.thing.channel.clone(),
            figures: Part::of(&row.ranked.figures)?,
        })
    }
}

/// One channel.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::MarketingChannel)]
struct Channel {
    /// Which one.
    channel: String,
    #[serde(flatten)]
    figures: Part,
    #[serde(flatten)]
    portion: Portion,
}

/// How much of the whole a channel is.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::MarketingPortion)]
struct Portion {
    /// Its part of all that was spent: 0.46 is 46 %.
    percent: Share,
}

impl Channel {
    fn of(row: &Ranked) -> Result<Self, Fault> {
        Ok(Self {
            channel: name(row),
            figures: Part::of(&row.figures)?,
            portion: Portion { percent: percent(row.share.as_ref())? },
        })
    }
}
