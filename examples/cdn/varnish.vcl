# Varnish in front of a site with islands: shells from the cache for everybody, islands from the site for each.

vcl 4.1;

backend default {
    .host = "127.0.0.1";
    .port = "8000";
}

sub vcl_recv {
    # Without this Varnish passes whatever comes with a cookie. What a visitor's cookie shapes is never public, and only
    # what is public is kept (below).
    if (req.method == "GET" || req.method == "HEAD") {
        return (hash);
    }
}

sub vcl_backend_response {
    # Kept is what says so itself: shells, shared islands, files. What says nothing is somebody's own.
    if (beresp.http.Cache-Control !~ "(^|,)\s*(public|s-maxage=)" || beresp.http.Set-Cookie) {
        set beresp.uncacheable = true;
        set beresp.ttl = 120s;
        return (deliver);
    }
}

sub vcl_deliver {
    # For whoever looks. "Age" says the same, and that of the copy too.
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
}
