//! Listening: binds, serves, and on SIGTERM or Ctrl-C lets running requests finish.

use crate::app::App;
use crate::http;
use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use domain::limits::{CONNECTIONS_MAX, HEADERS_TIME_MAX};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// How long running requests have to finish after the signal.
const DRAIN: Duration = Duration::from_secs(20);
/// How long to wait when the system gives no more connections.
const PAUSE: Duration = Duration::from_millis(100);

pub async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "can't listen on `{address}`: it must be ADDRESS:PORT, and free; try another --listen"
        )
    })
}

/// Serves until `stop`, then until what was running is done or the time to drain is over.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    http::observe::recorder();
    let router = http::service(app);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    tokio::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(std::io::Error::other)?;
            listener.accept().await.map(|(stream, peer)| (place, stream, peer))
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((place, stream, peer)) => {
                let connection = graceful.watch(connection(router.clone(), stream, peer));
                tokio::spawn(async move {
                    // How a connection ends is its client's affair.
                    let _ = connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection can't be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(DRAIN) => {
            tracing::warn!("some requests were still running and were cut off");
        }
    }
    Ok(())
}

type Connection = hyper::server::conn::http1::Connection<
    TokioIo<TcpStream>,
    hyper_util::service::TowerToHyperService<Peered>,
>;

/// One client. Whoever is slow with the headers of a request is cut off.
fn connection(router: Router, stream: TcpStream, peer: SocketAddr) -> Connection {
    // Answers are written whole: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let service = hyper_util::service::TowerToHyperService::new(Peered { router, peer });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIME_MAX)
        .serve_connection(TokioIo::new(stream), service)
}

/// The router, told who is at the other end.
#[derive(Clone, Debug)]
struct Peered {
    router: Router,
    peer: SocketAddr,
}

impl tower::Service<hyper::Request<Incoming>> for Peered {
    type Response = Response;
    type Error = Infallible;
    type Future = tower::util::Oneshot<Router, Request>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: hyper::Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.router.clone().oneshot(request)
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
