//! PostgreSQL with the same history: its entries, and the rows that follow from them, true of days
//! and known at positions.

mod cluster;
mod facts;
mod load;

use crate::asked::{Asked, Check, PAGE, PAGES_ON, day_of_count, day_of_roll};
use crate::bare;
use crate::ready::Ready;
use crate::scale::Scale;
use crate::side::{Answer, Asking, Holder, Side, Turn, Work};
use cluster::Cluster;
use prost::bytes::{BufMut as _, BytesMut};
use standing_bench::Outcome;
use standing_bench::world::day;
use standing_domain::time::day::Day;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Row, Statement};

/// How long the server may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is tried.
const LOOK: Duration = Duration::from_millis(50);

/// The first day that its dates are counted from, in days from 1970-01-01.
const EPOCH: i32 = 10_957;

const APPEND: &str = "insert into appended (request, payload, hash) \
    values ($1, $2, sha256('\\x00'::bytea || $2)) returning position";

const CHECK: &str = "select exists (select from held where \"right\" = $1 and party = $2 \
    and valid @> $3::date and upper_inf(known))";

const CHECK_EARLIER: &str = "select exists (select from held where \"right\" = $1 \
    and party = $2 and valid @> $3::date and known @> $4::bigint)";

const CHECK_TEN: &str = "select exists (select from held where held.\"right\" = asked.\"right\" \
    and held.party = asked.party and valid @> $3::date and upper_inf(known)) \
    from unnest($1::text[], $2::text[]) with ordinality as asked (\"right\", party, place) \
    order by asked.place";

const COUNT: &str = "select count(*) from member where class = 'full' \
    and valid @> $1::date and upper_inf(known)";

const ROLL: &str = "select party, held.class, party.name from held join party using (party) \
    where \"right\" = 'vote' and valid @> $1::date and upper_inf(known) order by party";

const PAGE_OF_ROLL: &str = "select party, page.class, party.name from (select party, class \
    from held where \"right\" = 'vote' and party > $1 and valid @> $2::date \
    and upper_inf(known) order by party limit $3) page join party using (party) order by party";

const HISTORY: &str = "select payload from concerns join event using (position) \
    where party = $1 order by position limit $2";

/// A server that runs until this is dropped, and a connection of each caller's own.
pub struct Postgres {
    sessions: Vec<Session>,
    appends: Ready<(String, Vec<u8>)>,
    asked: Arc<Asked>,
    version: String,
    _cluster: Cluster,
}

/// A connection and its prepared statements.
struct Session {
    client: Client,
    append: Statement,
    check: Statement,
    check_earlier: Statement,
    check_ten: Statement,
    count: Statement,
    roll: Statement,
    page: Statement,
    history: Statement,
}

impl Session {
    async fn of(client: Client) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            append: client.prepare(APPEND).await?,
            check: client.prepare(CHECK).await?,
            check_earlier: client.prepare(CHECK_EARLIER).await?,
            check_ten: client.prepare(CHECK_TEN).await?,
            count: client.prepare(COUNT).await?,
            roll: client.prepare(ROLL).await?,
            page: client.prepare(PAGE_OF_ROLL).await?,
            history: client.prepare(HISTORY).await?,
            client,
        })
    }
}

/// Connects; whoever connects to a server that is not ready yet tries again.
async fn connect(address: SocketAddr) -> Outcome<Client> {
    let mut config = tokio_postgres::Config::new();
    config.host(address.ip().to_string()).port(address.port());
    config.user("bench").dbname("postgres");
    let begun = Instant::now();
    loop {
        match config.connect(NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        eprintln!("a connection to PostgreSQL failed: {error}");
                    }
                });
                return Ok(client);
            }
            Err(error) if begun.elapsed() > PATIENCE => {
                return Err(format!("the server does not get ready: {error}").into());
            }
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

impl Postgres {
    /// Starts the server and loads it.
    pub async fn start(asked: &Arc<Asked>, scale: &Scale) -> Outcome<Self> {
        let cluster = Cluster::start(scale.callers)?;
        let client = connect(cluster.address).await?;
        load::load(&client, scale).await?;
        let version: String = client
            .query_one("show server_version", &[])
            .await?
            .try_get(0)?;
        let mut sessions = Vec::with_capacity(scale.callers);
        for _ in 0..scale.callers {
            let client = connect(cluster.address).await?;
            sessions.push(Session::of(client).await?);
        }
        let size = scale.size();
        Ok(Self {
            sessions,
            appends: Ready::new(move |serial| {
                let request = format!("bench-named-{serial:010}");
                Ok((request, bare::bytes(serial, &size)?))
            }),
            asked: Arc::clone(asked),
            version,
            _cluster: cluster,
        })
    }
    /// Returns the version and what the server was started with.
    pub fn told(&self) -> String {
        let settings = cluster::SETTINGS.join(", ");
        format!("PostgreSQL {} ({settings})", self.version)
    }

    fn session(&self, caller: usize) -> &Session {
        &self.sessions[caller % self.sessions.len()]
    }

    async fn append(&self, caller: usize) -> Outcome<Answer> {
        let (request, bytes) = self.appends.take()?;
        let Session { client, append, .. } = self.session(caller);
        let row = client.query_one(append, &[&request, &bytes]).await?;
        position(row.try_get(0)?).map(|position| Answer::Positions(vec![position]))
    }

    async fn check(&self, caller: usize, check: &Check) -> Outcome<Answer> {
        let day = Date(check.day);
        let session = self.session(caller);
        let asked: [&(dyn ToSql + Sync); 3] = [&check.right, &check.party, &day];
        let row = session.client.query_one(&session.check, &asked).await?;
        Ok(Answer::Held(vec![row.try_get(0)?]))
    }

    async fn check_earlier(&self, caller: usize, check: &Check) -> Outcome<Answer> {
        let (day, known) = (Date(check.day), i64::try_from(check.earlier)?);
        let session = self.session(caller);
        let asked: [&(dyn ToSql + Sync); 4] = [&check.right, &check.party, &day, &known];
        let row = session.client.query_one(&session.check_earlier, &asked);
        Ok(Answer::Held(vec![row.await?.try_get(0)?]))
    }

    async fn check_ten(&self, caller: usize, ten: &[Check]) -> Outcome<Answer> {
        let rights: Vec<&str> = ten.iter().map(|check| check.right).collect();
        let parties: Vec<&str> = ten.iter().map(|check| check.party.as_str()).collect();
        let day = Date(ten.first().ok_or("no question")?.day);
        let session = self.session(caller);
        let asked: [&(dyn ToSql + Sync); 3] = [&rights, &parties, &day];
        let rows = session.client.query(&session.check_ten, &asked).await?;
        let held = rows.iter().map(|row| row.try_get(0));
        Ok(Answer::Held(held.collect::<Result<_, _>>()?))
    }

    async fn count(&self, caller: usize, day: Day) -> Outcome<Answer> {
        let Session { client, count, .. } = self.session(caller);
        let row = client.query_one(count, &[&Date(day)]).await?;
        position(row.try_get(0)?).map(Answer::Count)
    }

    async fn roll(&self, caller: usize, day: Day) -> Outcome<Answer> {
        let Session { client, roll, .. } = self.session(caller);
        let rows = client.query(roll, &[&Date(day)]).await?;
        holders(&rows)
    }

    async fn page(&self, caller: usize, number: usize) -> Outcome<Answer> {
        let day = Date(day(PAGES_ON));
        let after = &self.asked.page(number).after;
        let Session { client, page, .. } = self.session(caller);
        let asked: [&(dyn ToSql + Sync); 3] = [after, &day, &i64::from(PAGE)];
        holders(&client.query(page, &asked).await?)
    }

    async fn history(&self, caller: usize, party: &str) -> Outcome<Answer> {
        let session = self.session(caller);
        let asked: [&(dyn ToSql + Sync); 2] = [&party, &i64::from(PAGE)];
        let rows = session.client.query(&session.history, &asked).await?;
        let payloads = rows.iter().map(|row| row.try_get(0));
        Ok(Answer::Entries(payloads.collect::<Result<_, _>>()?))
    }
}

/// A day as the server has it on the wire.
#[derive(Debug)]
struct Date(Day);

impl ToSql for Date {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_i32(i32::from(self.0) - EPOCH);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }

    to_sql_checked!();
}

fn position(number: i64) -> Outcome<u64> {
    Ok(u64::try_from(number)?)
}

fn holders(rows: &[Row]) -> Outcome<Answer> {
    let holders = rows.iter().map(|row| {
        Ok(Holder {
            party: row.try_get(0)?,
            class: row.try_get(1)?,
            name: row.try_get(2)?,
        })
    });
    Ok(Answer::Holders(holders.collect::<Outcome<_>>()?))
}

impl Side for Postgres {
    fn does(&self, _: Work) -> bool {
        true
    }

    fn prepare(&self, appends: usize) -> Outcome {
        self.appends.fill(appends)
    }

    fn ask(&self, work: Work, Turn { caller, number }: Turn) -> Asking<'_> {
        Box::pin(async move {
            let asked = &self.asked;
            match work {
                Work::Append | Work::AppendMany => self.append(caller).await,
                Work::Check => self.check(caller, asked.check(number)).await,
                Work::CheckTen => self.check_ten(caller, asked.ten(number)).await,
                Work::CheckEarlier => self.check_earlier(caller, asked.check(number)).await,
                Work::Count => self.count(caller, day_of_count(number)).await,
                Work::Roll => self.roll(caller, day_of_roll(number)).await,
                Work::Page => self.page(caller, number).await,
                Work::History => self.history(caller, asked.party(number)).await,
            }
        })
    }
}
