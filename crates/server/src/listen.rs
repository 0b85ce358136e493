//! Listening: binds, serves, and on SIGTERM or Ctrl-C lets running requests finish.

use crate::app::App;
use crate::http;
use anyhow::Context;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How long running requests have to finish after the signal.
const DRAIN: Duration = Duration::from_secs(20);

pub async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("can't listen on `{address}`; is something else there?"))
}

/// Serves until `stop`, then until what was running is done or the time to drain is over.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    http::observe::recorder();
    let service = http::service(app).into_make_service_with_connect_info::<SocketAddr>();
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        // The receiver is gone only when the server is.
        let _ = stopping.send(());
    });
    tokio::select! {
        outcome = server.into_future() => Ok(outcome?),
        () = async {
            if stopped.await.is_ok() {
                tokio::time::sleep(DRAIN).await;
            } else {
                std::future::pending::<()>().await;
            }
        } => {
            tracing::warn!("some requests were still running and were cut off");
            Ok(())
        }
    }
}

/// Listens for SIGTERM and Ctrl-C from now on; what it returns resolves at the first of them.
pub fn signalled() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
