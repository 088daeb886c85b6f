//! One request to a token endpoint: a form by POST, a bounded answer, over a connection of our own making.
//!
//! Never follows a redirect, never uses a proxy, and never speaks unprotected to another machine.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use url::form_urlencoded;

use super::fault::Fault;
use crate::model::oauth::TokenUrl;
use crate::model::policy::Security;
use crate::net;

/// Time for the whole of it, from looking up the host's name to the last byte of the answer.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// Bytes of an answer's body, and of its head.
const MAX_ANSWER: usize = 64 << 10;

/// The status and the body of the answer.
pub(super) async fn post(url: &TokenUrl, form: &[(&str, &str)]) -> Result<(u16, Vec<u8>), Fault> {
    let place = &url.authority;
    match timeout(LIMIT, converse(url, form)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(text)) => Err(Fault::passing(text, format!("check that this machine reaches `{place}`"))),
        Err(_) => {
            let text = format!("no answer from `{place}` within {} seconds", LIMIT.as_secs());
            Err(Fault::passing(text, "none needed unless it lasts; then check the network"))
        }
    }
}

async fn converse(url: &TokenUrl, form: &[(&str, &str)]) -> Result<(u16, Vec<u8>), String> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::builder()
        .method(Method::POST)
        .uri(&url.target)
        .header(HOST, &url.authority)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::from(body)))
        // Without the cause, which might show the request.
        .map_err(|_| "`token_url` cannot be asked for".to_owned())?;
    let stream = net::connect(&url.endpoint).await.map_err(|error| error.to_string())?;
    match url.endpoint.security {
        Security::Tls => {
            let stream = net::upgrade(&url.endpoint, stream).await.map_err(|error| error.to_string())?;
            exchange(stream, request).await
        }
        Security::StartTls | Security::None => {
            if !stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback()) {
                return Err(format!("`{}` is another machine, and the connection would be unprotected", url.authority));
            }
            exchange(stream, request).await
        }
    }
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(u16, Vec<u8>), String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let told = |error: hyper::Error| format!("the token server does not answer as it should: {error}");
    let handshake = http1::Builder::new().max_buf_size(MAX_ANSWER).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(told)?;
    let asking = async {
        let response = sender.send_request(request).await.map_err(told)?;
        let status = response.status().as_u16();
        match Limited::new(response.into_body(), MAX_ANSWER).collect().await {
            Ok(body) => Ok((status, body.to_bytes().to_vec())),
            Err(error) => Err(format!("the token server's answer cannot be read: {error}")),
        }
    };
    tokio::pin!(asking, connection);
    tokio::select! {
        biased;
        answer = &mut asking => answer,
        // Closed; what came before that is still handed on.
        _ = &mut connection => asking.await,
    }
}
