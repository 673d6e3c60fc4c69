//! An issuer on loopback, which can be told to misbehave.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

const DISCOVERY: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/keys";

pub struct Issuer {
    /// What it calls itself.
    pub name: String,
    site: Arc<Site>,
    task: JoinHandle<()>,
}

struct Site {
    pages: Mutex<Vec<(&'static str, StatusCode, Bytes)>>,
    /// What was asked for, in its order.
    asked: Mutex<Vec<String>>,
    /// How long it thinks before each answer.
    pause: Mutex<Duration>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Issuer {
    pub async fn plain() -> Self {
        Self::start(None).await
    }

    pub async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let site = Arc::new(Site {
            pages: Mutex::default(),
            asked: Mutex::default(),
            pause: Mutex::default(),
        });
        let served = Arc::clone(&site);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (site, tls) = (Arc::clone(&served), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, site).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, site).await;
                            }
                        }
                    }
                });
            }
        });
        let name = format!("{scheme}://127.0.0.1:{port}");
        let issuer = Self { name, site, task };
        issuer.describe(&issuer.name, &format!("{}{KEYS}", issuer.name));
        issuer
    }

    /// Shows these keys from now on.
    pub fn show(&self, keys: impl IntoIterator<Item = Value>) {
        let keys: Vec<Value> = keys.into_iter().collect();
        self.answer_keys(200, json!({ "keys": keys }).to_string());
    }

    pub fn answer_keys(&self, status: u16, body: impl Into<Bytes>) {
        self.answer(KEYS, status, body);
    }

    pub fn describe(&self, issuer: &str, jwks_uri: &str) {
        let document = json!({ "issuer": issuer, "jwks_uri": jwks_uri, "response_types": [] });
        self.answer_discovery(200, document.to_string());
    }

    pub fn answer_discovery(&self, status: u16, body: impl Into<Bytes>) {
        self.answer(DISCOVERY, status, body);
    }

    fn answer(&self, path: &'static str, status: u16, body: impl Into<Bytes>) {
        let mut pages = self.site.pages.lock();
        pages.retain(|(known, ..)| *known != path);
        pages.push((path, StatusCode::from_u16(status).unwrap(), body.into()));
    }

    pub fn think(&self, pause: Duration) {
        *self.site.pause.lock() = pause;
    }

    /// How many times its description was asked for.
    pub fn asked(&self) -> usize {
        self.asked_for(DISCOVERY)
    }

    /// How many times its keys were asked for.
    pub fn asked_keys(&self) -> usize {
        self.asked_for(KEYS)
    }

    pub fn asked_for(&self, path: &str) -> usize {
        let asked = self.site.asked.lock();
        asked.iter().filter(|known| *known == path).count()
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, site: Arc<Site>) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let site = Arc::clone(&site);
        async move {
            let path = request.uri().path().to_owned();
            site.asked.lock().push(path.clone());
            let pause = *site.pause.lock();
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            let pages = site.pages.lock();
            let page = pages.iter().find(|(known, ..)| *known == path);
            let (status, body) = page.map_or((StatusCode::NOT_FOUND, Bytes::new()), |page| {
                (page.1, page.2.clone())
            });
            let mut answer = Response::new(Full::new(body));
            if status.is_redirection() {
                let elsewhere = http::HeaderValue::from_static("/elsewhere");
                answer
                    .headers_mut()
                    .insert(http::header::LOCATION, elsewhere);
            }
            *answer.status_mut() = status;
            Ok::<_, Infallible>(answer)
        }
    });
    // Whoever asked may be gone before the answer.
    drop(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), answer)
            .await,
    );
}
