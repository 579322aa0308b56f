//! The installation's front-end servers and the addresses at which clients reach them, from the registry. Does no I/O of its own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::status::{ServerAddress, ServerStatus};
use registry::{Registration, Snapshot};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::http::origin::Origin;
use crate::sync::lock;

/// How long a server that has left the registry still counts as one that has served pages. A page outlives its server and goes on at
/// another one, so this is longer than pages stay in use; it is not longer, because the address may be given to another program.
const RETENTION: Duration = Duration::from_hours(24);

pub struct ServerDirectory {
    own: OwnServer,
    /// The origin that all servers share, behind a load balancer or DNS name.
    shared: Option<Origin>,
    registry: watch::Receiver<Snapshot>,
    /// The servers that open pages may have come from.
    known: Mutex<Vec<KnownServer>>,
}

/// A server that is registered, or was within [`RETENTION`].
struct KnownServer {
    location: ServerLocation,
    registered: bool,
    last_registered: Instant,
}

/// What determines the origin of a server.
#[derive(Clone, PartialEq, Eq)]
struct ServerLocation {
    listens_at: String,
    public_url: Option<String>,
}

/// This server.
pub struct OwnServer {
    pub id: String,
    pub listens_at: SocketAddr,
    pub public_url: Option<Origin>,
}

impl ServerDirectory {
    pub fn new(
        own: OwnServer,
        shared: Option<Origin>,
        registry: watch::Receiver<Snapshot>,
    ) -> Self {
        let servers = Self {
            own,
            shared,
            registry,
            known: Mutex::default(),
        };
        servers.update();
        servers
    }

    /// Applies the registry's snapshots as they come. Runs until dropped.
    pub async fn follow(self: Arc<Self>) {
        let mut registry = self.registry.clone();
        registry.mark_changed();
        while registry.changed().await.is_ok() {
            self.update();
        }
    }

    fn update(&self) {
        let now = Instant::now();
        let mut known = lock(&self.known);
        for server in known.iter_mut().filter(|server| server.registered) {
            server.registered = false;
            server.last_registered = now;
        }
        let snapshot = self.registry.borrow();
        let has_url = |server: &Registration| server.public_url.is_some();
        if snapshot.servers().any(has_url) && !snapshot.servers().all(has_url) {
            tracing::warn!(
                "some front-end servers have a --public-url and others have none: pages may be unable to move from one to another"
            );
        }
        for server in snapshot.servers() {
            let location = ServerLocation::of(server);
            known.retain(|server| server.location != location);
            known.push(KnownServer {
                location,
                registered: true,
                last_registered: now,
            });
        }
        known.retain(KnownServer::is_current);
    }

    /// The registered servers in the order of registration, as a page from `target` reaches them; a page that came over https gets
    /// https addresses only. This server is always among them, even if the registry does not have it.
    pub fn addresses(&self, target: Option<&Origin>) -> Vec<ServerAddress> {
        let address = |id: &str, origin: Option<Origin>| {
            let (own, origin) = (id == self.own.id, origin?);
            let callable = own || target.is_none_or(|target| target.may_call(&origin));
            callable.then(|| ServerAddress {
                own,
                id: id.to_owned(),
                url: origin.to_string(),
            })
        };
        let mut all: Vec<ServerAddress> = self
            .registry
            .borrow()
            .servers()
            .filter_map(|server| address(&server.id, ServerLocation::of(server).origin(target)))
            .collect();
        if !all.iter().any(|server| server.own) {
            let public = self.own.public_url.clone();
            let origin = public.or_else(|| derive_origin(self.own.listens_at, target));
            all.extend(address(&self.own.id, origin));
        }
        all
    }

    /// The origins of all registered servers but `target`, for a page that comes from there.
    pub fn others(&self, target: Option<&Origin>) -> Vec<String> {
        let here = target.map(ToString::to_string);
        let urls = self.addresses(target).into_iter().map(|server| server.url);
        urls.filter(|url| Some(url) != here.as_ref()).collect()
    }

    /// The registered servers, for the status panel.
    pub fn status(&self, target: Option<&Origin>) -> Vec<ServerStatus> {
        let snapshot = self.registry.borrow();
        let status = |server: &Registration| ServerStatus {
            id: server.id.clone(),
            version: server.version.clone(),
            started_at_ms: server.started_at_ms,
            url: ServerLocation::of(server)
                .origin(target)
                .map(|origin| origin.to_string()),
        };
        snapshot.servers().map(status).collect()
    }

    /// True if a server of the installation, registered or gone since, has served pages of this origin. `target` is what the page's
    /// request was sent to.
    pub fn has_served(&self, page: &Origin, target: Option<&Origin>) -> bool {
        target == Some(page)
            || self.shared.as_ref() == Some(page)
            || self.own.public_url.as_ref() == Some(page)
            || lock(&self.known)
                .iter()
                .filter(|server| server.is_current())
                .any(|server| server.location.origin(target).as_ref() == Some(page))
    }
}

impl KnownServer {
    fn is_current(&self) -> bool {
        self.registered || self.last_registered.elapsed() < RETENTION
    }
}

impl ServerLocation {
    fn of(server: &Registration) -> Self {
        Self {
            listens_at: server.address.clone(),
            public_url: server.public_url.clone(),
        }
    }

    /// The server's public URL, or else an origin that follows from the address it listens at.
    fn origin(&self, target: Option<&Origin>) -> Option<Origin> {
        match &self.public_url {
            Some(url) => url.parse().ok(),
            None => derive_origin(self.listens_at.parse().ok()?, target),
        }
    }
}

/// Derives a server's origin from the address that it listens at. A server that listens at all addresses of its machine, or at
/// loopback, is taken to be on the same host as this one.
fn derive_origin(listens_at: SocketAddr, target: Option<&Origin>) -> Option<Origin> {
    let (ip, port) = (listens_at.ip().to_canonical(), listens_at.port());
    let here = target.filter(|it| ip.is_unspecified() || ip.is_loopback() || it.has_ip(ip));
    match here {
        Some(target) => Some(target.at_port(port)),
        None if ip.is_unspecified() => None,
        None => Some(Origin::http(ip, port)),
    }
}

#[cfg(test)]
mod tests {
    use model::status::AdminState;
    use registry::Role;

    use super::*;

    fn server(id: &str, address: &str, public_url: Option<&str>) -> Registration {
        Registration {
            id: id.to_owned(),
            role: Role::Server,
            address: address.to_owned(),
            public_url: public_url.map(str::to_owned),
            version: "1".to_owned(),
            started_at_ms: 0,
            process_id: 1,
            position: 1,
            registered_at_ms: 0,
            expires_at_ms: 0,
            admin_state: AdminState::Up,
        }
    }

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    /// The directory of server `a`.
    fn directory(registrations: Vec<Registration>) -> ServerDirectory {
        let snapshot = Snapshot {
            registrations,
            ..Snapshot::default()
        };
        ServerDirectory::new(
            OwnServer {
                id: "a".to_owned(),
                listens_at: "0.0.0.0:8080".parse().unwrap(),
                public_url: None,
            },
            Some(origin("https://shop.example")),
            watch::channel(snapshot).1,
        )
    }

    fn urls(servers: &ServerDirectory, target: &str) -> Vec<String> {
        let addresses = servers.addresses(Some(&origin(target)));
        addresses.into_iter().map(|server| server.url).collect()
    }

    #[test]
    fn an_origin_is_derived_from_the_listen_address() {
        let servers = directory(vec![
            server("a", "0.0.0.0:8080", None),
            server("b", "127.0.0.1:8081", None),
            server("c", "192.168.1.7:8082", None),
            server("d", "[::]:8083", None),
            server("e", "127.0.0.1:8084", Some("https://e.shop.example")),
        ]);
        assert_eq!(
            urls(&servers, "http://localhost:8080"),
            [
                "http://localhost:8080",
                "http://localhost:8081",
                "http://192.168.1.7:8082",
                "http://localhost:8083",
                "https://e.shop.example",
            ]
        );
        // The target's address is the server's, behind a proxy that terminates https.
        let urls_by_ip = urls(&servers, "https://192.168.1.7:8080");
        assert_eq!(urls_by_ip[2], "https://192.168.1.7:8082");
        // Browsers block http calls from a page that came over https.
        let urls_over_https = urls(&servers, "https://shop.example");
        assert!(
            !urls_over_https
                .iter()
                .any(|url| url.contains("192.168.1.7")),
            "{urls_over_https:?}"
        );
        assert_eq!(urls_over_https.len(), 4);
    }

    #[test]
    fn this_server_is_listed_before_it_is_registered_and_marked_as_own() {
        let servers = directory(vec![server("b", "127.0.0.1:8081", None)]);
        let addresses = servers.addresses(Some(&origin("http://shop.test:8080")));
        let own: Vec<(&str, bool)> = addresses
            .iter()
            .map(|server| (server.url.as_str(), server.own))
            .collect();
        assert_eq!(
            own,
            [
                ("http://shop.test:8081", false),
                ("http://shop.test:8080", true)
            ]
        );
    }

    #[test]
    fn only_pages_of_these_servers_count_as_served() {
        let servers = directory(vec![
            server("a", "0.0.0.0:8080", None),
            server("b", "127.0.0.1:8081", None),
            server("e", "127.0.0.1:8084", Some("https://e.shop.example")),
        ]);
        let target = origin("http://localhost:8080");
        let has_served = |page: &str| servers.has_served(&origin(page), Some(&target));
        for page in [
            "http://localhost:8080",
            "http://localhost:8081",
            "https://e.shop.example",
            "https://shop.example",
        ] {
            assert!(has_served(page), "{page}");
        }
        for page in [
            "http://localhost:3000",
            "https://localhost:8081",
            "http://127.0.0.1:8081",
            "http://e.shop.example",
            "https://evil.example",
        ] {
            assert!(!has_served(page), "{page}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pages_of_a_server_that_is_gone_count_for_a_day() {
        let (sender, registry) = watch::channel(Snapshot::default());
        let own = OwnServer {
            id: "a".to_owned(),
            listens_at: "0.0.0.0:8080".parse().unwrap(),
            public_url: None,
        };
        let servers = ServerDirectory::new(own, None, registry);
        let target = origin("http://localhost:8080");
        let page = origin("http://localhost:8081");
        let publish = |registrations: Vec<Registration>| {
            sender.send_replace(Snapshot {
                registrations,
                ..Snapshot::default()
            });
            servers.update();
        };
        assert!(!servers.has_served(&page, Some(&target)));
        publish(vec![server("b", "127.0.0.1:8081", None)]);
        tokio::time::advance(RETENTION * 2).await;
        assert!(servers.has_served(&page, Some(&target)));
        publish(Vec::new());
        tokio::time::advance(RETENTION - Duration::from_secs(1)).await;
        assert!(servers.has_served(&page, Some(&target)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!servers.has_served(&page, Some(&target)));
    }

    #[test]
    fn a_server_whose_host_is_unknown_is_left_out() {
        let servers = directory(vec![server("b", "0.0.0.0:8081", None)]);
        assert!(servers.addresses(None).is_empty());
    }
}
