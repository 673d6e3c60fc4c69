//! The least that a server can be that appends: redb behind tonic, in a process of its own.

use crate::ours::channels;
use crate::ready::Ready;
use crate::scale::Scale;
use crate::side::{Answer, Asking, Side, Turn, Work};
use standing_bench::bare::{Bare, Hashes};
use standing_bench::crowd::Size;
use standing_bench::process::Killed;
use standing_bench::served::Served;
use standing_bench::{Outcome, bare_server, crowd, world};
use standing_domain::id::position::Position;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tonic::transport::Channel;

/// What makes this binary the bare server; the log that it begins with a copy of follows.
pub const CHILD_FLAG: &str = "--serve-bare";

/// Serves until whoever started it is gone.
pub fn serve(log: &Path) -> Outcome {
    let bare = Bare::on_copy_of(log, &log.with_extension("bare"), Hashes::Table)?;
    let served = Served::bare(Arc::new(bare))?;
    println!("{}", served.address);
    // Nothing is ever sent: what is read is the end.
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

/// Returns the bytes of an append, by its number, as the ledger keeps them.
pub fn bytes(serial: u32, size: &Size) -> Outcome<Vec<u8>> {
    world::stored(Position::FIRST, &crowd::renamed(serial, size)?)
}

/// A server that runs until this is dropped, and connections to it.
pub struct BareServer {
    channels: Vec<Channel>,
    appends: Ready<Vec<u8>>,
    _server: Killed,
}

impl BareServer {
    /// Starts the server on a copy of a log that nobody writes to.
    pub async fn start(log: &Path, scale: &Scale) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(CHILD_FLAG).arg(log);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = Killed(command.spawn()?);
        let told = server.0.stdout.take().ok_or("no output")?;
        let mut address = String::new();
        BufReader::new(told).read_line(&mut address)?;
        let (address, size) = (address.trim().parse()?, scale.size());
        Ok(Self {
            channels: channels(address, scale).await?,
            appends: Ready::new(move |serial| bytes(serial, &size)),
            _server: server,
        })
    }
}

impl Side for BareServer {
    fn does(&self, work: Work) -> bool {
        matches!(work, Work::Append | Work::AppendMany)
    }

    fn prepare(&self, appends: usize) -> Outcome {
        self.appends.fill(appends)
    }

    fn ask(&self, work: Work, Turn { caller, .. }: Turn) -> Asking<'_> {
        Box::pin(async move {
            if !self.does(work) {
                return Err("the bare server appends and no more".into());
            }
            let channel = self.channels[caller % self.channels.len()].clone();
            let position = bare_server::append(channel, self.appends.take()?);
            Ok(Answer::Positions(vec![position.await?]))
        })
    }
}
