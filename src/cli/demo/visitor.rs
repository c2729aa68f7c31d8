//! Who may sign in to the demo's shop.

use chrono::{DateTime, Utc};
use rand::distr::{Alphanumeric, SampleString};
use sea_orm::DatabaseConnection;

use super::keepsake::Keepsake;
use super::{Failure, refused};
use crate::passwords::{Checker, Password, Verdict};
use crate::principal::{Organization, Role};
use crate::telemetry::Instruments;
use crate::users::{self, Email, NewUser};

/// What they sign in with.
const EMAIL: &str = "demo@shop.example";
/// Characters of their password: some 119 random bits.
const PASSWORD: usize = 20;

/// An administrator of the shop.
pub struct Visitor {
    /// What they sign in with.
    pub email: String,
    /// And this.
    pub password: String,
}

/// The visitor, with the password that was kept, as long as it is theirs, else with a new one.
pub async fn welcomed(
    db: &DatabaseConnection,
    keepsake: &mut Keepsake,
    organization: &Organization,
    now: DateTime<Utc>,
) -> Result<Visitor, Failure> {
    let email = Email::parse(EMAIL).map_err(refused)?;
    let user = users::find(db, &email).await?;
    if let Some(user) = &user {
        let kept = Password::typed(&keepsake.password).map_err(refused)?;
        let verdict = Checker::new(&Instruments::default()).check(kept, user.password.clone()).await;
        if matches!(verdict.map_err(refused)?, Verdict::Right(_)) {
            return Ok(Visitor { email: user.email.clone(), password: keepsake.password.clone() });
        }
    }
    let text = Alphanumeric.sample_string(&mut rand::rng(), PASSWORD);
    let password = Password::chosen(&text, EMAIL).map_err(refused)?.hash().map_err(refused)?;
    if let Some(user) = &user {
        users::set_password(db, user, &password).await?;
    } else {
        let new = NewUser {
            organization: organization.id,
            email,
            name: "Demo".to_owned(),
            role: Role::ADMIN.to_owned(),
            scopes: [].into(),
            password,
        };
        users::add(db, &new, now).await?;
    }
    keepsake.password.clone_from(&text);
    Ok(Visitor { email: EMAIL.to_owned(), password: text })
}
