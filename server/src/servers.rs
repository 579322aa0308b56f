//! The installation's front-end servers as phones reach them: from the registry. Sends nothing.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::status::{ServerAddress, ServerStatus};
use registry::{Registration, Snapshot};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::origin::Origin;
use crate::sync::locked;

/// Pages outlive the server that they came from, and are to go on at another one. Longer than anybody leaves a page open that they
/// still want something from; short, because the address may come to be somebody else's.
const REMEMBERED: Duration = Duration::from_hours(24);

pub struct Servers {
    own: Own,
    /// What all of them are reached at together, where there is such a name.
    shared: Option<Origin>,
    registry: watch::Receiver<Snapshot>,
    /// Where pages may have come from.
    seen: Mutex<Vec<Seen>>,
}

/// A server that is registered, or was.
struct Seen {
    place: Place,
    registered: bool,
    last: Instant,
}

/// What its address follows from.
#[derive(Clone, PartialEq, Eq)]
struct Place {
    listens_at: String,
    public_url: Option<String>,
}

/// This server.
pub struct Own {
    pub id: String,
    pub listens_at: SocketAddr,
    pub public_url: Option<Origin>,
}

impl Servers {
    pub fn new(own: Own, shared: Option<Origin>, registry: watch::Receiver<Snapshot>) -> Self {
        let servers = Self {
            own,
            shared,
            registry,
            seen: Mutex::default(),
        };
        servers.remember();
        servers
    }

    /// Remembers who registers and who goes, for as long as it is polled.
    pub async fn follow(self: Arc<Self>) {
        let mut registry = self.registry.clone();
        registry.mark_changed();
        while registry.changed().await.is_ok() {
            self.remember();
        }
    }

    fn remember(&self) {
        let now = Instant::now();
        let mut seen = locked(&self.seen);
        for known in seen.iter_mut().filter(|known| known.registered) {
            known.registered = false;
            known.last = now;
        }
        let snapshot = self.registry.borrow();
        let told = |server: &Registration| server.public_url.is_some();
        if snapshot.servers().any(told) && !snapshot.servers().all(told) {
            tracing::warn!(
                "some front-end servers have a --public-url and others have none: pages may find no way from one to another"
            );
        }
        for server in snapshot.servers() {
            let place = Place::of(server);
            seen.retain(|known| known.place != place);
            seen.push(Seen {
                place,
                registered: true,
                last: now,
            });
        }
        seen.retain(Seen::counts);
    }

    /// Those that live, in the order of registration, as a page that came from `asked` reaches them: over https alone, where it came
    /// that way. This server is among them also while the registry does not have it.
    pub fn addresses(&self, asked: Option<&Origin>) -> Vec<ServerAddress> {
        let address = |id: &str, origin: Option<Origin>| {
            let (own, origin) = (id == self.own.id, origin?);
            let callable = own || asked.is_none_or(|asked| asked.may_call(&origin));
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
            .filter_map(|server| address(&server.id, Place::of(server).origin(asked)))
            .collect();
        if !all.iter().any(|server| server.own) {
            let public = self.own.public_url.clone();
            let origin = public.or_else(|| derived(self.own.listens_at, asked));
            all.extend(address(&self.own.id, origin));
        }
        all
    }

    /// Where those are that live and are not what was asked, for a page that comes from there.
    pub fn others(&self, asked: Option<&Origin>) -> Vec<String> {
        let here = asked.map(ToString::to_string);
        let urls = self.addresses(asked).into_iter().map(|server| server.url);
        urls.filter(|url| Some(url) != here.as_ref()).collect()
    }

    /// Those that are registered, for the status panel.
    pub fn status(&self, asked: Option<&Origin>) -> Vec<ServerStatus> {
        let snapshot = self.registry.borrow();
        let status = |server: &Registration| ServerStatus {
            id: server.id.clone(),
            version: server.version.clone(),
            started_at_ms: server.started_at_ms,
            url: Place::of(server)
                .origin(asked)
                .map(|origin| origin.to_string()),
        };
        snapshot.servers().map(status).collect()
    }

    /// Whether a page of this origin came from one of these servers, which may be gone by now, for a request that was sent to `asked`.
    pub fn served(&self, page: &Origin, asked: Option<&Origin>) -> bool {
        asked == Some(page)
            || self.shared.as_ref() == Some(page)
            || self.own.public_url.as_ref() == Some(page)
            || locked(&self.seen)
                .iter()
                .filter(|known| known.counts())
                .any(|known| known.place.origin(asked).as_ref() == Some(page))
    }
}

impl Seen {
    fn counts(&self) -> bool {
        self.registered || self.last.elapsed() < REMEMBERED
    }
}

impl Place {
    fn of(server: &Registration) -> Self {
        Self {
            listens_at: server.address.clone(),
            public_url: server.public_url.clone(),
        }
    }

    /// What the server was told, or what follows from where it listens.
    fn origin(&self, asked: Option<&Origin>) -> Option<Origin> {
        match &self.public_url {
            Some(url) => url.parse().ok(),
            None => derived(self.listens_at.parse().ok()?, asked),
        }
    }
}

/// A server that listens on every address of its machine, or on loopback, is taken to be where this one is.
fn derived(listens_at: SocketAddr, asked: Option<&Origin>) -> Option<Origin> {
    let (ip, port) = (listens_at.ip().to_canonical(), listens_at.port());
    let here = asked.filter(|asked| ip.is_unspecified() || ip.is_loopback() || asked.is_at(ip));
    match here {
        Some(asked) => Some(asked.at_port(port)),
        None if ip.is_unspecified() => None,
        None => Some(Origin::plain(ip, port)),
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

    /// `a` of several servers.
    fn known(registrations: Vec<Registration>) -> Servers {
        let snapshot = Snapshot {
            registrations,
            ..Snapshot::default()
        };
        Servers::new(
            Own {
                id: "a".to_owned(),
                listens_at: "0.0.0.0:8080".parse().unwrap(),
                public_url: None,
            },
            Some(origin("https://shop.example")),
            watch::channel(snapshot).1,
        )
    }

    fn urls(servers: &Servers, asked: &str) -> Vec<String> {
        let addresses = servers.addresses(Some(&origin(asked)));
        addresses.into_iter().map(|server| server.url).collect()
    }

    #[test]
    fn where_a_server_is_reached_follows_from_where_it_listens() {
        let servers = known(vec![
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
        // The concrete address is the one that was asked, by way of a proxy that speaks https.
        let asked = urls(&servers, "https://192.168.1.7:8080");
        assert_eq!(asked[2], "https://192.168.1.7:8082");
        // A browser lets no page that came over https call anybody in the clear.
        let asked = urls(&servers, "https://shop.example");
        assert!(
            !asked.iter().any(|url| url.contains("192.168.1.7")),
            "{asked:?}"
        );
        assert_eq!(asked.len(), 4);
    }

    #[test]
    fn this_one_is_there_before_it_is_registered_and_marked() {
        let servers = known(vec![server("b", "127.0.0.1:8081", None)]);
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
    fn pages_of_these_servers_are_known_and_no_others() {
        let servers = known(vec![
            server("a", "0.0.0.0:8080", None),
            server("b", "127.0.0.1:8081", None),
            server("e", "127.0.0.1:8084", Some("https://e.shop.example")),
        ]);
        let asked = origin("http://localhost:8080");
        let served = |page: &str| servers.served(&origin(page), Some(&asked));
        for page in [
            "http://localhost:8080",
            "http://localhost:8081",
            "https://e.shop.example",
            "https://shop.example",
        ] {
            assert!(served(page), "{page}");
        }
        for page in [
            "http://localhost:3000",
            "https://localhost:8081",
            "http://127.0.0.1:8081",
            "http://e.shop.example",
            "https://evil.example",
        ] {
            assert!(!served(page), "{page}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pages_of_a_server_that_is_gone_are_known_for_a_day() {
        let (sender, registry) = watch::channel(Snapshot::default());
        let own = Own {
            id: "a".to_owned(),
            listens_at: "0.0.0.0:8080".parse().unwrap(),
            public_url: None,
        };
        let servers = Servers::new(own, None, registry);
        let asked = origin("http://localhost:8080");
        let page = origin("http://localhost:8081");
        let tell = |registrations: Vec<Registration>| {
            sender.send_replace(Snapshot {
                registrations,
                ..Snapshot::default()
            });
            servers.remember();
        };
        assert!(!servers.served(&page, Some(&asked)));
        tell(vec![server("b", "127.0.0.1:8081", None)]);
        tokio::time::advance(REMEMBERED * 2).await;
        assert!(servers.served(&page, Some(&asked)));
        tell(Vec::new());
        tokio::time::advance(REMEMBERED - Duration::from_secs(1)).await;
        assert!(servers.served(&page, Some(&asked)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!servers.served(&page, Some(&asked)));
    }

    #[test]
    fn what_nothing_is_known_of_is_left_out() {
        let servers = known(vec![server("b", "0.0.0.0:8081", None)]);
        assert!(servers.addresses(None).is_empty());
    }
}
