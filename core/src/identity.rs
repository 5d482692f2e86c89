//! The headers by which proxies and clients say who the visitor is, beside cookies and `Authorization`.

/// What hides a visitor's name from a view that is not to see it, unless
/// [`Builder::identity_headers`](crate::Builder::identity_headers) says otherwise. A `*` at the end stands for any ending.
pub const IDENTITY_HEADERS: [&str; 48] = [
    "Proxy-Authorization",            // RFC 9110
    "Client-Cert",                    // RFC 9440
    "Client-Cert-Chain",              // RFC 9440
    "Remote-User",                    // Authelia, mod_auth_*, nginx's auth_request
    "Remote-Groups",                  // Authelia
    "Remote-Email",                   // Authelia
    "Remote-Name",                    // Authelia
    "X-Remote-*",                     // Kubernetes, nginx
    "X-Forwarded-User",               // oauth2-proxy, Traefik
    "X-Forwarded-Email",              // oauth2-proxy
    "X-Forwarded-Groups",             // oauth2-proxy
    "X-Forwarded-Preferred-Username", // oauth2-proxy
    "X-Forwarded-Access-Token",       // oauth2-proxy
    "X-Forwarded-Client-Cert",        // Envoy, Istio
    "X-Forwarded-Tls-Client-Cert*",   // Traefik
    "X-Auth-*",                       // oauth2-proxy (X-Auth-Request-…), Gatekeeper
    "X-Authenticated-*",              // Kong
    "X-Authentik-*",                  // authentik
    "X-Amzn-Oidc-*",                  // AWS load balancers
    "X-Amzn-Mtls-*",                  // AWS load balancers
    "Cf-Access-*",                    // Cloudflare Access
    "Cf-Client-Cert-*",               // Cloudflare
    "X-Goog-Authenticated-User-*",    // Google's Identity-Aware Proxy
    "X-Goog-Iap-*",                   // Google's Identity-Aware Proxy
    "X-Apigateway-Api-Userinfo",      // Google's API Gateway
    "X-Endpoint-Api-Userinfo",        // Google's Endpoints
    "X-Serverless-Authorization",     // Google's Cloud Run
    "X-Ms-Client-Principal*",         // Azure App Service
    "X-Ms-Token-*",                   // Azure App Service
    "X-Arr-Clientcert",               // Azure App Service
    "X-Client-Cert*",                 // nginx
    "X-Ssl-Client-*",                 // nginx, Apache, HAProxy
    "Ssl-Client-*",                   // ingress-nginx
    "X-Pomerium-*",                   // Pomerium
    "X-Vouch-*",                      // Vouch
    "X-Consumer-*",                   // Kong
    "X-Credential-*",                 // Kong
    "X-Userinfo",                     // Kong's OpenID Connect
    "X-Id-Token",                     // Kong's OpenID Connect
    "X-Access-Token",                 // Kong's OpenID Connect
    "X-Jwt-*",                        // WSO2, Envoy
    "X-Webauth-*",                    // Grafana and others
    "Tailscale-User-*",               // Tailscale
    "Teleport-Jwt-Assertion",         // Teleport
    "X-User",                         // by hand
    "X-User-Id",                      // by hand
    "X-User-Email",                   // by hand
    "X-Api-Key",                      // by hand
];

/// A checked list of header names.
#[derive(Debug, Clone)]
pub(crate) struct Identity(Vec<Box<str>>);

impl Identity {
    /// Checks patterns; the error says what is wrong with one.
    pub(crate) fn new(patterns: &[String]) -> Result<Self, String> {
        match patterns.iter().find(|pattern| !is_pattern(pattern)) {
            Some(wrong) => {
                Err(format!("{wrong:?} is no header's name: write one such as \"X-User\", or its beginning and '*'"))
            }
            None => Ok(Self(patterns.iter().map(|pattern| pattern.as_str().into()).collect())),
        }
    }

    /// Whether a header says who the visitor is. Gateways write names with `_` for `-`, and some take both.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.get(..start.len()).is_some_and(|name| is_same(name, start)),
            None => is_same(name, pattern),
        })
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self(IDENTITY_HEADERS.map(Into::into).into())
    }
}

fn is_pattern(pattern: &str) -> bool {
    let name = pattern.strip_suffix('*').unwrap_or(pattern);
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn is_same(a: &str, b: &str) -> bool {
    let plain = |b: u8| if b == b'_' { b'-' } else { b.to_ascii_lowercase() };
    a.len() == b.len() && a.bytes().zip(b.bytes()).all(|(a, b)| plain(a) == plain(b))
}

#[cfg(test)]
mod tests {
    use super::{IDENTITY_HEADERS, Identity};

    #[test]
    fn a_pattern_stands_for_its_name_and_with_a_star_for_every_ending() {
        let identity = Identity::default();
        for name in [
            "X-Forwarded-User",
            "x_forwarded_user",
            "Remote-User",
            "X-AUTH-REQUEST-EMAIL",
            "x-amzn-oidc-data",
            "cf-access-jwt-assertion",
            "x-goog-authenticated-user-email",
            "x-ms-client-principal",
            "X-MS-CLIENT-PRINCIPAL-NAME",
            "x-client-cert",
            "proxy-authorization",
        ] {
            assert!(identity.holds(name), "{name}");
        }
        for name in ["X-Forwarded-For", "X-Forwarded-Proto", "Accept", "X-User-Agent", "X-Request-Id", "", "Rémote"] {
            assert!(!identity.holds(name), "{name}");
        }
    }

    #[test]
    fn the_default_list_is_one_that_could_be_given() {
        assert!(Identity::new(&IDENTITY_HEADERS.map(str::to_owned)).is_ok());
        for wrong in ["", "*", "X-*-User", "X User", "X-User:", "X-User\n"] {
            assert!(Identity::new(&[wrong.to_owned()]).expect_err(wrong).contains("is no header's name"));
        }
    }
}
