//! `eyot inspect`: what a token says to everyone, and with its key what is in it.

use std::fmt::Write;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use eyot::{IslandName, Token};

use crate::error::Error;
use crate::keys::Keys;
use crate::print;

/// Arguments of `eyot inspect`.
#[derive(Args)]
pub(crate) struct Inspect {
    /// The token, or an island's address: a placeholder's `island-src`
    token: String,
    /// The island's name, where only the token is given
    #[arg(long, value_name = "NAME")]
    island: Option<String>,
    /// What sealing and opening agreed on, where the app has an audience
    #[arg(long, default_value = "", value_name = "TEXT")]
    audience: String,
    #[command(flatten)]
    keys: Keys,
}

impl Inspect {
    pub(crate) fn run(&self) -> Result<ExitCode, Error> {
        let (named, text) = parts(&self.token);
        let island = self.island.as_deref().or(named);
        let token = Token::new(text.as_bytes()).map_err(|error| Error::new("the token", &error))?;
        let (key, expires) = token.told().map_err(|error| Error::new("the token", &error))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        let mut out = String::new();
        let mut line =
            |name: &str, value: &dyn std::fmt::Display| writeln!(out, "{name:<9}{value}").unwrap_or_default();
        if let Some(island) = island {
            line("island", &island);
        }
        line("length", &format_args!("{} characters", text.len()));
        line("key", &key);
        line("expires", &expiry(expires, now));
        let Some(keys) = self.keys.find()? else {
            line("content", &"sealed: set EYOT_KEYS, or name a key file by --keys-file, to see it");
            return print(out.as_bytes());
        };
        let Some(island) = island else {
            line("content", &"sealed for one island: say which by --island NAME, or give the whole address");
            return print(out.as_bytes());
        };
        let name = IslandName::new(island)?;
        let mut buffer = Vec::new();
        // What is expired can still be looked at.
        let then = expires.map_or(now, |expires| now.min(u64::from(expires).saturating_sub(1)));
        let opened = keys.open(&name, &self.audience, text.as_bytes(), then, &mut buffer);
        let opened = opened.map_err(|error| Error::new("the token", &error))?;
        for (what, json) in
            [("props", opened.payload.props), ("slots", opened.payload.slots), ("page", opened.payload.page)]
        {
            if !json.is_empty() {
                line(what, &String::from_utf8_lossy(json));
            }
        }
        print(out.as_bytes())
    }
}

/// An island's name, where what was given is an address, and the token.
fn parts(given: &str) -> (Option<&str>, &str) {
    let path = given.split(['?', '#']).next().unwrap_or(given);
    match path.rsplit_once('/') {
        Some((before, token)) => (before.rsplit('/').next(), token),
        None => (None, given),
    }
}

fn expiry(expires: Option<u32>, now: u64) -> String {
    let Some(expires) = expires.map(u64::from) else { return "never".to_owned() };
    let span = |seconds: u64| match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    };
    if expires > now {
        format!("{expires}, in {}", span(expires - now))
    } else {
        format!("{expires}, {} ago", span(now - expires))
    }
}

#[cfg(test)]
mod tests {
    use super::{expiry, parts};

    #[test]
    fn an_address_holds_the_name_before_the_token() {
        assert_eq!(parts("/shop/_server-islands/Cart/AQA?v=1"), (Some("Cart"), "AQA"));
        assert_eq!(parts("https://a.example/_server-islands/Cart/AQA"), (Some("Cart"), "AQA"));
        assert_eq!(parts("AQA"), (None, "AQA"));
    }

    #[test]
    fn an_expiry_is_told_from_now() {
        assert_eq!(expiry(None, 10), "never");
        assert_eq!(expiry(Some(100), 40), "100, in 60 s");
        assert_eq!(expiry(Some(100), 100 + 7200), "100, 2 h ago");
    }
}
