//! Budgets that several servers share through Redis or Valkey: one script a turn, which runs there alone and whole, by that
//! server's clock. While it is out of reach each server counts for itself, and asks again every second.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, Script};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::Account;
use super::window::{Spending, Turn, WINDOW};

/// How long a turn may wait for its answer. It takes less than a millisecond, unless this machine or that one has too much to
/// do; where none comes, this is what a request loses, once an outage.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a connection may take, and its first answer.
const CONNECTING: Duration = Duration::from_secs(2);
/// How soon it is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How often a connection is looked at that nothing failed on.
const LOOK: Duration = Duration::from_secs(5);
/// What every name of ours begins with there.
const PREFIX: &str = "countinghouse:budget";

/// What [`super::window`] does, there: fields are instants, their values what was spent at them. Should its clock go back,
/// what lies ahead is forgotten, so that nobody is refused for hours.
const SCRIPT: &str = r"
local window, tick, quota, cost, is_done =
  tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1'
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local at = math.ceil(now / tick) * tick
local sum, last, spent = 0, 0, {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local instant, amount = tonumber(fields[i]), tonumber(fields[i + 1])
  if instant + window <= now or instant > now + 2 * tick then
    redis.call('HDEL', KEYS[1], fields[i])
  else
    sum = sum + amount
    last = math.max(last, instant)
    spent[#spent + 1] = { instant, amount }
  end
end
if is_done or sum + cost <= quota then
  if cost > 0 then
    redis.call('HINCRBY', KEYS[1], string.format('%.0f', at), string.format('%.0f', cost))
    redis.call('PEXPIRE', KEYS[1], window + 2 * tick)
    sum = sum + cost
    last = math.max(last, at)
  end
  return { 1, math.max(quota - sum, 0), last > 0 and last + window - now or 0, 0 }
end
table.sort(spent, function(one, other) return one[1] < other[1] end)
local lacking, enough = sum + cost - quota, last
for _, entry in ipairs(spent) do
  lacking = lacking - entry[2]
  if lacking <= 0 then
    enough = entry[1]
    break
  end
end
return { 0, math.max(quota - sum, 0), last + window - now, enough + window - now }
";

/// Where it can be reached now.
#[derive(Clone)]
enum Place {
    /// Not known yet: the first connection is being made.
    Unknown,
    Up(MultiplexedConnection),
    Down,
}

/// Budgets that several servers share.
pub struct Shared {
    script: Arc<Script>,
    place: watch::Receiver<Place>,
    /// Told when an answer fails.
    failed: Arc<Notify>,
    _keeping: AbortOnDropHandle<()>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared(up: {})", self.is_up())
    }
}

impl Shared {
    /// At `url`; connects in the background, and again whenever that is needed.
    pub fn new(url: &str) -> Result<Self, String> {
        let client = Client::open(url).map_err(|error| error.to_string())?;
        let script = Arc::new(Script::new(SCRIPT));
        let (told, place) = watch::channel(Place::Unknown);
        let failed = Arc::new(Notify::new());
        let keeper = Keeper { client, script: Arc::clone(&script), told, failed: Arc::clone(&failed) };
        Ok(Self { script, place, failed, _keeping: AbortOnDropHandle::new(tokio::spawn(keeper.keep())) })
    }

    /// Whether it is reached now.
    pub fn is_up(&self) -> bool {
        matches!(*self.place.borrow(), Place::Up(_))
    }

    /// Spends of an account, if enough is left; nothing where that cannot be told in time.
    pub async fn spend(&self, account: &Account, spending: Spending) -> Option<Turn> {
        let mut connection = self.connection().await?;
        let key = format!("{PREFIX}:{}:{}:{}", account.api.name(), account.organization.0, account.holder);
        let turn = timeout(PATIENCE, ask(&self.script, &mut connection, &key, spending)).await;
        let turn = turn.ok().and_then(Result::ok);
        if turn.is_none() {
            self.failed.notify_one();
        }
        turn
    }

    async fn connection(&self) -> Option<MultiplexedConnection> {
        let mut place = self.place.clone();
        let known = timeout(PATIENCE, place.wait_for(|place| !matches!(place, Place::Unknown))).await;
        match &*known.ok()?.ok()? {
            Place::Up(connection) => Some(connection.clone()),
            Place::Unknown | Place::Down => None,
        }
    }
}

/// What keeps a connection.
struct Keeper {
    client: Client,
    script: Arc<Script>,
    told: watch::Sender<Place>,
    failed: Arc<Notify>,
}

impl Keeper {
    /// For as long as somebody wants it. What happens is logged once an outage.
    async fn keep(self) {
        let mut is_out = false;
        loop {
            match timeout(CONNECTING, self.connect()).await {
                Ok(Ok(connection)) => {
                    if std::mem::take(&mut is_out) {
                        tracing::info!("Redis answers again: budgets are shared");
                    }
                    self.told.send_replace(Place::Up(connection.clone()));
                    self.look_after(connection).await;
                    // However short it is: each server counts for itself until the next connection.
                    self.warn(&mut is_out, "an answer failed to come");
                }
                Ok(Err(error)) => self.warn(&mut is_out, &error.to_string()),
                Err(_) => self.warn(&mut is_out, "it does not answer"),
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    fn warn(&self, is_out: &mut bool, why: &str) {
        self.told.send_replace(Place::Down);
        if !std::mem::replace(is_out, true) {
            tracing::warn!(why, "Redis is out of reach: budgets are counted by each server for itself");
        }
    }

    /// A connection on which the script ran.
    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECTING))
            .set_response_timeout(Some(CONNECTING));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        self.try_out(&mut connection).await?;
        Ok(connection)
    }

    /// Until an answer fails to come.
    async fn look_after(&self, mut connection: MultiplexedConnection) {
        // What failed on the connection before says nothing of this one.
        let _ = self.failed.notified().now_or_never();
        loop {
            if timeout(LOOK, self.failed.notified()).await.is_ok() {
                return;
            }
            if !matches!(timeout(CONNECTING, self.try_out(&mut connection)).await, Ok(Ok(()))) {
                return;
            }
        }
    }

    /// Whether the script may run and write: a replica, or one that is full, answers other commands well.
    async fn try_out(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        let nothing_much = Spending { quota: 1, cost: 1, is_done: true };
        ask(&self.script, connection, &format!("{PREFIX}:probe"), nothing_much).await.map(|_| ())
    }
}

async fn ask(
    script: &Script,
    connection: &mut MultiplexedConnection,
    key: &str,
    spending: Spending,
) -> Result<Turn, RedisError> {
    let mut asked = script.key(key);
    asked.arg(WINDOW).arg(spending.tick()).arg(spending.quota).arg(spending.cost);
    asked.arg(u8::from(spending.is_done));
    let (is_granted, remaining, whole_in, retry_in): (u8, u64, u64, u64) =
        asked.invoke_async(connection).await?;
    Ok(Turn {
        is_granted: is_granted == 1,
        remaining,
        whole_in: Duration::from_millis(whole_in),
        retry_in: Duration::from_millis(retry_in),
    })
}
