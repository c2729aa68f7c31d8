//! `POST /reports/export`: any report as a file; and `GET /reports/downloads/{ticket}`, where GraphQL's `exportReport`
//! sends people.

mod file;
pub mod request;

use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::described::{ExportRequest, NoReport, Refusals};
use super::parameters::{Outlook, Suspicion};
use super::refused::Refused;
use super::tabled::{Rows, tables};
use super::{
    Answer, Asked, TAG, admitted, anomalies, customers, forecast, hr, inventory, marketing, products,
    revenue, sales, support,
};
use crate::export::{Document, content_disposition};
use crate::fault::Fault;
use crate::period::Calendar;
use crate::reports::exports::{ReportType, Wanted, redeem};
use crate::reports::scope::MAX_FIRST;
use crate::reports::{Desk, Gateway, Scope};

/// A report as a file: a sheet a table in a workbook, or CSV. Rankings are whole, up to a thousand rows.
#[utoipa::path(
    post,
    path = "/reports/export",
    tag = TAG,
    operation_id = "ecosire_export",
    request_body(content = ExportRequest, content_type = "application/json"),
    responses(
        (status = 200, description = "The file.", content(
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "text/csv"),
        )),
        Refusals,
        NoReport,
    ),
)]
pub async fn export(State(gateway): State<Gateway>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let desk = admitted::<Refused>(&parts, &gateway)?;
    request::check_query(parts.uri.query().unwrap_or_default())?;
    request::check_media_type(&parts.headers)?;
    let body = Bytes::from_request(Request::from_parts(parts, body), &()).await;
    let body = body.map_err(|rejection: BytesRejection| {
        Refused::new(rejection.status().as_u16(), "the request's body could not be read")
    })?;
    let wanted = request::read(&body, desk.today(&Calendar::UTC))?;
    file(desk, wanted).await
}

/// The file that an address of `exportReport` holds.
#[utoipa::path(
    get,
    path = "/reports/downloads/{ticket}",
    tag = TAG,
    operation_id = "ecosire_download",
    params(("ticket" = String, Path, description = "What `exportReport` gave out.")),
    responses(
        (status = 200, description = "The file.", content(
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "text/csv"),
        )),
        NoReport,
    ),
    security(()),
)]
pub async fn download(State(gateway): State<Gateway>, ticket: Result<Path<String>, PathRejection>) -> Answer {
    let ticket = ticket.map_or_else(|_| String::new(), |Path(ticket)| ticket);
    match redeem(&gateway, &ticket).await? {
        Some((desk, wanted)) => file(desk, wanted).await,
        None => Err(Refused::new(404, "there is no such file, or no longer: ask for it again")),
    }
}

/// Computes the report, then sends it as it is written.
async fn file(desk: Desk, wanted: Wanted) -> Answer {
    let scope = Scope { currency: wanted.currency, ..Scope::utc(desk, wanted.period) };
    let now = scope.now();
    let rows = rows(scope, &wanted).await?;
    let document: Document = file::document(&wanted, &rows, now);
    let name = file::name(&wanted, now);
    let headers = [
        (header::CONTENT_TYPE, crate::export::Format::from(wanted.format).media_type().to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&name, wanted.format.into())),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let body = Body::from_stream(file::stream(&wanted, document, rows));
    Ok::<Response, Refused>((headers, body).into_response())
}

/// The tables of a report.
async fn rows(scope: Scope, wanted: &Wanted) -> Result<Vec<Rows>, Fault> {
    let Wanted { grain, periods, severity, metric, .. } = *wanted;
    let asked = Asked { scope, grain, limit: MAX_FIRST };
    let tables = match wanted.report {
        ReportType::Revenue => tables(&revenue::report(asked).await?),
        ReportType::Sales => tables(&sales::report(asked).await?),
        ReportType::Products => tables(&Box::pin(products::report(asked)).await?),
        ReportType::Customers => tables(&customers::report(asked).await?),
        ReportType::Inventory => tables(&Box::pin(inventory::report(asked)).await?),
        ReportType::Hr => tables(&Box::pin(hr::report(asked)).await?),
        ReportType::Support => tables(&Box::pin(support::report(asked)).await?),
        ReportType::Marketing => tables(&marketing::report(asked).await?),
        ReportType::Forecast => {
            tables(&forecast::report(asked, Outlook { periods, granularity: grain }).await?)
        }
        ReportType::Anomalies => tables(&anomalies::report(asked, Suspicion { severity, metric }).await?),
    };
    tables.map_err(|error| Fault::Internal(format!("{} as tables: {error}", wanted.report.name())))
}
