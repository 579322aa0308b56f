//! The configuration files of HAProxy and nginx in the benches.

use std::fmt::Write as _;

/// Fast health checks, and retries after 50 ms without a response: the settings that fail the fewest orders in `bench failover`.
pub fn haproxy(port: u16, replicas: &[String], credential: &str) -> String {
    let mut text = format!(
        "global\n  maxconn 8000\n  nbthread 2\ndefaults\n  mode http\n  timeout connect 50ms\n  timeout client 20s\n  timeout server 50ms\n  timeout queue 2s\n  retries 6\n  retry-on all-retryable-errors\n  option redispatch 1\n  http-reuse always\n  option httpchk GET /health/live\nfrontend in\n  bind 127.0.0.1:{port}\n  default_backend replicas\nbackend replicas\n  balance first\n  http-request set-header tiffin-credential {credential}\n"
    );
    for (index, replica) in replicas.iter().enumerate() {
        let _ = writeln!(
            text,
            "  server r{index} {replica} check inter 100ms fall 2 rise 2 on-marked-down shutdown-sessions observe layer7 error-limit 5 on-error mark-down"
        );
    }
    text
}

pub fn nginx(port: u16, replicas: &[String], credential: &str) -> String {
    let mut servers = String::new();
    for (index, replica) in replicas.iter().enumerate() {
        let backup = if index == 0 { "" } else { " backup" };
        let _ = writeln!(
            servers,
            "    server {replica} max_fails=3 fail_timeout=1s{backup};"
        );
    }
    format!(
        "daemon off;\nworker_processes 2;\npid nginx.pid;\nerror_log stderr error;\nevents {{ worker_connections 8000; }}\nhttp {{\n  access_log off;\n  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n  upstream replicas {{\n{servers}    keepalive 256;\n  }}\n  server {{\n    listen 127.0.0.1:{port} backlog=4096;\n    keepalive_requests 1000000;\n    location / {{\n      proxy_pass http://replicas;\n      proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n      proxy_set_header tiffin-credential {credential};\n      proxy_connect_timeout 50ms;\n      proxy_read_timeout 50ms;\n      proxy_next_upstream error timeout http_503 non_idempotent;\n      proxy_next_upstream_tries 6;\n    }}\n  }}\n}}\n"
    )
}
