//! `GET /hr`: how many people work here, who came and went, who was at work.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{Share, each, groups, known_rate, label, name, percent, rate, typical};
use super::parameters::MAX_LIMIT;
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Metric, Row};
use crate::period::Grain;
use crate::reports::scope::Ranked;
use crate::rest::Number;

/// What the whole, and each department, is told by.
const FIGURES: [Metric; 10] = [
    Metric::Headcount,
    Metric::Hires,
    Metric::Leavers,
    Metric::TurnoverRate,
    Metric::AverageTenureDays,
    Metric::ScheduledDays,
    Metric::AbsentDays,
    Metric::AttendanceRate,
    Metric::AbsenceRate,
    Metric::HoursWorked,
];

/// What each period is told by.
const OVER_TIME: [Metric; 5] =
    [Metric::Headcount, Metric::Hires, Metric::Leavers, Metric::AttendanceRate, Metric::AttendedDays];

/// Employees of the window: how many, who came and went, who was at work.
#[utoipa::path(
    get,
    path = "/hr",
    tag = TAG,
    operation_id = "ecosire_hr",
    params(Window),
    responses((status = 200, description = "The report.", body = Hr), Refusals),
)]
pub async fn hr(asked: Asked) -> Answer {
    json(&Box::pin(report(asked)).await?)
}

/// What the route answers.
pub async fn report(Asked { scope, grain, .. }: Asked) -> Result<Hr, Fault> {
    let (heads, away) = ([Metric::Headcount], [Metric::AbsentDays]);
    let (totals, series, departments, locations, absences) = try_join!(
        scope.totals(&FIGURES),
        scope.series(grain, &OVER_TIME),
        groups(&scope, Dimension::Department, Metric::Headcount, MAX_LIMIT, &FIGURES),
        groups(&scope, Dimension::Location, Metric::Headcount, MAX_LIMIT, &heads),
        groups(&scope, Dimension::Attendance, Metric::AbsentDays, MAX_LIMIT, &away),
    )?;
    let absences: Vec<Ranked> = absences.into_iter().filter(is_absence).collect();
    Ok(Hr {
        summary: Summary::of(&totals)?,
        time_series: each(&series, |row| Bucket::of(row, grain))?,
        by_department: each(&departments, Department::of)?,
        by_location: each(&locations, Location::of)?,
        absence_by_kind: each(&absences, Absence::of)?,
    })
}

/// Days at work are days of some kind too, and none of absence.
fn is_absence(row: &Ranked) -> bool {
    row.figures.count(Metric::AbsentDays).is_ok_and(|days| days > 0)
}

/// `GET /hr`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Hr)]
pub struct Hr {
    /// The window as a whole.
    summary: Summary,
    /// A row for each period that the window touches.
    time_series: Vec<Bucket>,
    /// Every department, by headcount.
    by_department: Vec<Department>,
    /// Where the employees of the window's end work.
    by_location: Vec<Location>,
    /// Days away from work by their kind: leave, sick, absent.
    absence_by_kind: Vec<Absence>,
}

/// The window as a whole.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::HrSummary)]
struct Summary {
    /// Employees at the window's end.
    #[schema(minimum = 0)]
    headcount: i64,
    /// Employees hired.
    #[schema(minimum = 0)]
    hires: i64,
    /// Employees who left.
    #[schema(minimum = 0)]
    leavers: i64,
    /// Leavers divided by the average headcount: 0.05 is 5 %.
    turnover_rate: Share,
    /// Mean days since the employees of the end were hired; null where there are none.
    avg_tenure_days: Option<Number>,
    /// Days at work divided by days that were to be worked; null where none were.
    attendance_rate: Option<Share>,
    /// Days away divided by days that were to be worked; null where none were.
    absence_rate: Option<Share>,
    /// Days that were to be worked.
    #[schema(minimum = 0)]
    scheduled_days: i64,
    /// Days away.
    #[schema(minimum = 0)]
    absent_days: i64,
    /// Hours worked, where days say how many.
    hours_worked: Option<Number>,
}

impl Summary {
    fn of(totals: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            headcount: totals.count(Metric::Headcount)?,
            hires: totals.count(Metric::Hires)?,
            leavers: totals.count(Metric::Leavers)?,
            turnover_rate: rate(totals, Metric::TurnoverRate, Metric::Leavers)?,
            avg_tenure_days: typical(totals, Metric::AverageTenureDays)?,
            attendance_rate: known_rate(totals, Metric::AttendanceRate)?,
            absence_rate: known_rate(totals, Metric::AbsenceRate)?,
            scheduled_days: totals.count(Metric::ScheduledDays)?,
            absent_days: totals.count(Metric::AbsentDays)?,
            hours_worked: typical(totals, Metric::HoursWorked)?,
        })
    }
}

/// Employees of one period.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::HrBucket)]
struct Bucket {
    /// Which one: `2026-01-05`, `2026-W02`, `2026-01` or `2026-Q1`.
    period: String,
    /// Employees at its end.
    #[schema(minimum = 0)]
    headcount: i64,
    /// Employees hired.
    #[schema(minimum = 0)]
    hires: i64,
    /// Employees who left.
    #[schema(minimum = 0)]
    leavers: i64,
    /// Days at work divided by days that were to be worked; null where none were.
    attendance_rate: Option<Share>,
}

impl Bucket {
    fn of(row: &Row, grain: Grain) -> Result<Self, Fault> {
        Ok(Self {
            period: label(row, grain)?,
            headcount: row.figures.count(Metric::Headcount)?,
            hires: row.figures.count(Metric::Hires)?,
            leavers: row.figures.count(Metric::Leavers)?,
            attendance_rate: known_rate(&row.figures, Metric::AttendanceRate)?,
        })
    }
}

/// One department.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Department)]
struct Department {
    /// Which one.
    department: String,
    /// Employees at the window's end.
    #[schema(minimum = 0)]
    headcount: i64,
    /// Employees hired.
    #[schema(minimum = 0)]
    hires: i64,
    /// Employees who left.
    #[schema(minimum = 0)]
    leavers: i64,
    /// Leavers divided by the average headcount.
    turnover_rate: Share,
    /// Days at work divided by days that were to be worked; null where none were.
    attendance_rate: Option<Share>,
}

impl Department {
    fn of(row: &Ranked) -> Result<Self, Fault> {
        Ok(Self {
            department: name(row),
            headcount: row.figures.count(Metric::Headcount)?,
            hires: row.figures.count(Metric::Hires)?,
            leavers: row.figures.count(Metric::Leavers)?,
            turnover_rate: rate(&row.figures, Metric::TurnoverRate, Metric::Leavers)?,
            attendance_rate: known_rate(&row.figures, Metric::AttendanceRate)?,
        })
    }
}

/// One place where people work.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::Location)]
struct Location {
    /// Which one; `unknown` where nothing is told of it.
    location: String,
    /// Employees at the window's end.
    #[schema(minimum = 0)]
    headcount: i64,
    /// Their part of all employees: 0.46 is 46 %.
    percent: Share,
}

impl Location {
    fn of(row: &Ranked) -> Result<Self, Fault> {
        let headcount = row.figures.count(Metric::Headcount)?;
        Ok(Self { location: name(row), headcount, percent: percent(row.share.as_ref())? })
    }
}

/// Absence of one kind.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::Absence)]
struct Absence {
    /// Which kind: leave, sick or absent.
    kind: String,
    /// Days away.
    #[schema(minimum = 0)]
    days: i64,
    /// Their part of all days away.
    percent: Share,
}

impl Absence {
    fn of(row: &Ranked) -> Result<Self, Fault> {
        let days = row.figures.count(Metric::AbsentDays)?;
        Ok(Self { kind: name(row).to_ascii_lowercase(), days, percent: percent(row.share.as_ref())? })
    }
}
