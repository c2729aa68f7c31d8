//! Requests that store something once, however often they are sent: what was answered is kept, by a key of the sender's
//! choice, in the transaction that stored the rows. Of key and request there are hashes alone.

use chrono::{DateTime, Duration, Utc};
use sea_orm::DbErr;

use super::cell::Cell;
use super::session::Session;

/// How long an answer is kept.
pub const KEPT_FOR: Duration = Duration::hours(24);

/// A request that is to be carried out once.
#[derive(Clone, Debug)]
pub struct Once {
    /// SHA-256 of its key, in lower-case hex.
    pub key: String,
    /// SHA-256 of what it asks for, in lower-case hex.
    pub request: String,
    /// When it came.
    pub now: DateTime<Utc>,
}

/// What became of a request with the same key before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// It asked for the same, and was answered this.
    Same(String),
    /// It asked for something else.
    Other,
}

impl Once {
    /// What became of the key before.
    pub async fn earlier(&self, session: &mut Session, organization: i64) -> Result<Option<Earlier>, DbErr> {
        let question = format!(
            "SELECT request_hash, answer FROM ingest_answers \
             WHERE organization_id = {organization} AND key_hash = $1 AND expires_at > {}",
            self.now.timestamp_micros()
        );
        let rows = session.rows_with_text(&question, &self.key).await?;
        Ok(match rows.into_iter().next().as_deref() {
            Some([Cell::Text(request), Cell::Text(answer)]) if **request == *self.request => {
                Some(Earlier::Same(answer.to_string()))
            }
            Some(_) => Some(Earlier::Other),
            None => None,
        })
    }

    /// Keeps what is answered, and forgets what is over.
    pub async fn keep(&self, session: &mut Session, organization: i64, answer: &str) -> Result<(), DbErr> {
        let forget = "DELETE FROM ingest_answers WHERE organization_id = $1 AND expires_at <= $2";
        session.execute(forget, &[organization, self.now.timestamp_micros()]).await?;
        let expires_at = (self.now + KEPT_FOR).timestamp_micros();
        let keep = format!(
            "INSERT INTO ingest_answers (organization_id, key_hash, request_hash, answer, expires_at) \
             VALUES ({organization}, $1, $2, $3, {expires_at})"
        );
        session.execute_with_texts(&keep, &[&self.key, &self.request, answer]).await?;
        Ok(())
    }
}
