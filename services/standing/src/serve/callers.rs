//! Who is let in to a node, as the flags and the file say, and how that is read anew while it runs.

use super::log;
use crate::args;
use crate::failure::Failure;
use crate::settings;
use crate::settings::Settings;
use standing_server::{Access, AccessOptions, Audited, Hosts, Limits, Reads, Tls, TlsFiles};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often files with tokens and certificates are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Returns whether a setting counts as soon as it is read again.
fn counts_at_once(key: &str) -> bool {
    let is_limit = key.starts_with("limits.") && key != "limits.memory";
    is_limit || key == "callers.tokens" || key == "verbose"
}

/// Who is let in to a node.
pub struct Callers {
    pub access: Access,
    pub hosts: Hosts,
    pub tls: Option<Arc<Tls>>,
    /// Where account is kept of what is read.
    pub reads: Option<Arc<Reads>>,
    /// What is to be told in health.
    pub warnings: Vec<String>,
    options: AccessOptions,
    /// What the token file held before it was read.
    tokens: Option<Vec<u8>>,
    /// What the node is set to.
    before: Option<Settings>,
}

impl Callers {
    /// Reads who is let in.
    ///
    /// # Errors
    /// A file cannot be used, a role or an identity is malformed, or others than this machine could
    /// connect in clear, and nobody said that they may.
    pub fn of(opening: &args::Opening, said: &settings::Access) -> Result<Self, Failure> {
        let (callers, tls) = (&opening.callers, &opening.tls);
        let hosts = Hosts::new(&callers.host, &callers.origin).map_err(Failure::failed)?;
        let warnings = warnings(opening)?;
        let options = options(opening, said)?;
        // Before it is read: what changes in between is seen as changed.
        let tokens = contents(options.tokens.as_ref());
        let access = Access::read(&options);
        let access =
            access.map_err(|error| Failure::failed("cannot tell callers apart").because(&error))?;
        let tls = match (&tls.tls_cert, &tls.tls_key) {
            (Some(certificate), Some(key)) => Some(TlsFiles {
                certificate: certificate.clone(),
                key: key.clone(),
                client_ca: tls.tls_client_ca.clone(),
                client_crl: tls.tls_client_crl.clone(),
            }),
            _ => None,
        };
        let tls = tls.map(Tls::load).transpose();
        let tls = tls.map_err(|error| Failure::failed("cannot speak TLS").because(&error))?;
        Ok(Self {
            access,
            hosts,
            tls: tls.map(Arc::new),
            reads: reads(opening)?,
            warnings,
            options,
            tokens,
            before: settings::again().ok(),
        })
    }

    /// Returns what looks at the files, tells of other limits, and reads them anew when they change
    /// or when it is told to.
    pub fn watching(&mut self, limits: watch::Sender<Limits>) -> Watching {
        Watching {
            limits,
            access: self.access.clone(),
            tls: self.tls.clone(),
            options: self.options.clone(),
            tokens: self.tokens.take(),
            changing: None,
            pending: None,
            before: self.before.take(),
            told: None,
        }
    }
}

/// Opens the account of what is read, if one is kept.
///
/// # Errors
/// It cannot be written to.
fn reads(opening: &args::Opening) -> Result<Option<Arc<Reads>>, Failure> {
    let callers = &opening.callers;
    let of = match callers.read_audit {
        args::ReadAudit::Off => return Ok(None),
        args::ReadAudit::Names => Audited::Names,
        args::ReadAudit::All => Audited::All,
    };
    let beside = || opening.data.with_extension("reads");
    let path = callers.read_audit_file.clone().unwrap_or_else(beside);
    let opened = path.parent().map_or(Ok(()), fs::create_dir_all);
    let opened = opened.and_then(|()| Reads::open(&path, of, callers.read_audit_bytes));
    let opened = opened.map_err(|error| {
        let said = format!("cannot keep account of what is read in {}", path.display());
        Failure::failed(said).because(&error)
    })?;
    Ok(Some(Arc::new(opened)))
}

/// Reads what is said about roles and identities.
///
/// # Errors
/// A table holds what it should not; which, and where it begins.
fn options(opening: &args::Opening, said: &settings::Access) -> Result<AccessOptions, Failure> {
    let read: Result<AccessOptions, _> = said.tables.clone().try_into();
    let read = read.map_err(|error| {
        let failure = Failure::failed("cannot tell callers apart").because(&error);
        let places = said
            .places
            .iter()
            .map(|(table, place)| format!("{table} is at {place}"));
        places.fold(failure, Failure::detail)
    })?;
    Ok(AccessOptions {
        tokens: opening.callers.tokens.clone(),
        is_closed: opening.callers.socket.is_some()
            || opening.tls.tls_client_ca.is_some()
            // Something before this server may connect from this machine, for anybody.
            || opening.callers.insecure
            || !opening.callers.host.is_empty()
            || !opening.callers.origin.is_empty(),
        ..read
    })
}

/// Says what is to be told in health; refuses to be heard by others in clear unless that is meant.
fn warnings(opening: &args::Opening) -> Result<Vec<String>, Failure> {
    let listen = opening.listen;
    if listen.ip().to_canonical().is_loopback() || opening.tls.tls_cert.is_some() {
        return Ok(Vec::new());
    }
    if !opening.callers.insecure {
        let said =
            format!("{listen} is open to others than this machine, and nothing is encrypted");
        let failure = Failure::failed(said).detail("give --tls-cert and --tls-key");
        return Err(failure.detail("or --insecure, if something before this server encrypts"));
    }
    let clear = "insecure: others than this machine can connect, and nothing is encrypted here";
    Ok(vec![clear.to_owned()])
}

fn contents(path: Option<&PathBuf>) -> Option<Vec<u8>> {
    path.and_then(|path| fs::read(path).ok())
}

/// Looks at the files that say who is let in.
pub struct Watching {
    access: Access,
    tls: Option<Arc<Tls>>,
    options: AccessOptions,
    /// What the token file held.
    tokens: Option<Vec<u8>>,
    /// What it held at the last look, where that is something else.
    changing: Option<Vec<u8>>,
    /// What the settings say by now, where that could not be used yet.
    pending: Option<Settings>,
    /// Tells the server of other limits.
    limits: watch::Sender<Limits>,
    /// What the node was set to.
    before: Option<Settings>,
    /// What was told last that is wrong, so that it is told once.
    told: Option<String>,
}

impl Watching {
    /// Looks now and then, and whenever `hurried` says so, for as long as it is awaited.
    pub async fn look(mut self, mut hurried: impl AsyncFnMut() -> Option<Anew>) {
        loop {
            let anew = tokio::select! {
                anew = hurried() => anew,
                () = tokio::time::sleep(LOOK) => None,
            };
            // Files may be slow to read, and connections are accepted meanwhile.
            let looked = tokio::task::spawn_blocking(move || {
                self.look_now(anew);
                self
            });
            match looked.await {
                Ok(watching) => self = watching,
                Err(error) => {
                    tracing::error!(%error, "callers and certificates are not read anew any more");
                    return std::future::pending().await;
                }
            }
        }
    }

    fn look_now(&mut self, anew: Option<Anew>) {
        let is_asked = anew.is_some();
        let problem = self.read_anew(anew);
        match problem {
            Ok(()) => self.told = None,
            Err(problem) if is_asked || self.told.as_ref() != Some(&problem) => {
                tracing::error!("{problem}: what was there before goes on to count");
                self.told = Some(problem);
            }
            Err(_) => {}
        }
    }

    /// Reads anew who is let in, and the certificates; what is wrong with one holds up no other.
    fn read_anew(&mut self, anew: Option<Anew>) -> Result<(), String> {
        let callers = self.read_callers(anew);
        let certificates = self.read_certificates();
        match (callers, certificates) {
            (Err(one), Err(other)) => Err(format!("{one}; {other}")),
            (callers, certificates) => callers.and(certificates),
        }
    }

    /// Reads anew who is let in, where the settings were read again, or could not be used before,
    /// or the token file holds something else than it did, and has for two looks: it may be being
    /// written.
    fn read_callers(&mut self, anew: Option<Anew>) -> Result<(), String> {
        let is_asked = anew.is_some();
        match anew {
            Some(Anew(Err(failure))) => return Err(failure.to_string()),
            Some(Anew(Ok(now))) => self.pending = Some(now),
            None => {}
        }
        let options = match &self.pending {
            Some(now) => self.options_of(now)?,
            None => self.options.clone(),
        };
        let held = contents(options.tokens.as_ref());
        let is_other = held != self.tokens;
        let is_settled = is_other && self.changing == held;
        self.changing.clone_from(&held);
        if !is_asked && self.pending.is_none() && !is_settled {
            return Ok(());
        }
        let read = self.access.reload(&options);
        read.map_err(|error| failed("callers were not read anew", &error))?;
        (self.tokens, self.options) = (held, options);
        tracing::warn!("callers were read anew");
        if let Some(now) = self.pending.take() {
            self.set(now);
        }
        Ok(())
    }

    /// Returns who is let in by settings that were read again. What was closed stays closed: what
    /// closed it is there until the next start.
    fn options_of(&self, now: &Settings) -> Result<AccessOptions, String> {
        let Some(opening) = now.cli.command.opening() else {
            return Ok(self.options.clone());
        };
        let options = options(opening, &now.access).map_err(|failure| failure.to_string())?;
        Ok(AccessOptions {
            is_closed: options.is_closed || self.options.is_closed,
            ..options
        })
    }

    /// Has what else of the settings can count at once do so, and names what cannot.
    fn set(&mut self, now: Settings) {
        let Some(opening) = now.cli.command.opening() else {
            return;
        };
        let changed = self.before.as_ref().map(|before| before.changed(&now));
        let changed = changed.into_iter().flatten();
        for key in changed.filter(|key| !counts_at_once(key)) {
            tracing::warn!("{key} is set to something else: that counts from the next start on");
        }
        log::set(opening.verbose);
        let limits = opening.room.limits();
        self.limits.send_if_modified(|kept| {
            let is_other = *kept != limits;
            *kept = limits;
            is_other
        });
        self.before = Some(now);
    }

    fn read_certificates(&self) -> Result<(), String> {
        if let Some(tls) = &self.tls {
            let read = tls.reload();
            let read = read.map_err(|error| failed("certificates were not read anew", &error))?;
            if read {
                tracing::warn!("certificates were read anew");
            }
        }
        Ok(())
    }
}

/// The settings as they are when they are read again.
pub struct Anew(pub Result<Settings, Failure>);

fn failed(what: &str, error: &(dyn std::error::Error + 'static)) -> String {
    Failure::failed(what).because(error).to_string()
}

/// Listens on a Unix socket that processes of this user and of its group may connect to; one that a
/// server left behind that is gone is replaced.
///
/// # Errors
/// Another server listens there, or there is something else.
#[cfg(unix)]
pub fn listen_on(path: &std::path::Path) -> Result<tokio::net::UnixListener, Failure> {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    let failed = |error: &std::io::Error| {
        Failure::failed(format!("cannot listen on {}", path.display())).because(error)
    };
    if let Ok(found) = fs::symlink_metadata(path) {
        if !found.file_type().is_socket() {
            let said = format!("{} is there and is no socket: give another", path.display());
            return Err(Failure::failed(said));
        }
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            let said = format!("another server listens on {}", path.display());
            return Err(Failure::failed(said));
        }
        fs::remove_file(path).map_err(|error| failed(&error))?;
    }
    let socket = tokio::net::UnixListener::bind(path).map_err(|error| failed(&error))?;
    // Who may connect is asked of the system once they do; the group may, as with files of secrets.
    let mode = fs::Permissions::from_mode(0o660);
    fs::set_permissions(path, mode).map_err(|error| failed(&error))?;
    Ok(socket)
}
