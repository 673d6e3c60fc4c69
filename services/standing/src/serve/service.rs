//! What a service manager is told of a node, where one started it and asks to be told (systemd:
//! `Type=notify`): that it is ready, reads its settings again, ends, and still lives.

use std::future::pending;

/// Says that the node serves; after a reload again.
pub fn ready() {
    #[cfg(target_os = "linux")]
    tell(&[sd_notify::NotifyState::Ready]);
}

/// Says that the settings are being read again. It is ready again afterwards.
pub fn reloading() {
    #[cfg(target_os = "linux")]
    {
        use sd_notify::NotifyState;
        // Without a clock there is nothing that could be told apart.
        if let Ok(now) = NotifyState::monotonic_usec_now() {
            tell(&[NotifyState::Reloading, now]);
        }
    }
}

/// Says that the node ends.
pub fn stopping() {
    #[cfg(target_os = "linux")]
    tell(&[sd_notify::NotifyState::Stopping]);
}

/// Says again and again that the node lives, for as long as this is awaited, where that is asked
/// for (`WatchdogSec=`): twice as often as it has to be said.
pub async fn lives() {
    #[cfg(target_os = "linux")]
    if let Some(within) = sd_notify::watchdog_enabled() {
        loop {
            tell(&[sd_notify::NotifyState::Watchdog]);
            tokio::time::sleep(within / 2).await;
        }
    }
    pending::<()>().await;
}

#[cfg(target_os = "linux")]
fn tell(state: &[sd_notify::NotifyState<'_>]) {
    // Where nobody asked nothing is sent.
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager is not told");
    }
}
