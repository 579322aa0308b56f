//! The drawing: clients, front-end servers, replicas, store and providers, and the lines between them.
//!
//! Columns of nodes of equal height with a strip of lines between two of them, so that a line's end needs no measuring. On a
//! narrow screen the strips go and the columns become a list.

use leptos::prelude::*;
use model::status::{Health, Status};

use super::feed::Feed;
use super::nodes::{
    ClientsNode, GazetteerNode, ProviderNode, RegistryNode, ReplicaNode, ServerNode, StoreNode,
};
use super::switches::Switches;
use super::words;
use super::words::Shape;

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wire {
    /// Requests run along it.
    Busy,
    /// Requests would run along it, but there are none.
    First,
    /// It is there, should it be needed.
    Idle,
    /// Nothing gets through.
    Cut,
}

impl Wire {
    fn class(self) -> &'static str {
        match self {
            Self::Busy => "wire busy",
            Self::First => "wire first",
            Self::Idle => "wire",
            Self::Cut => "wire cut",
        }
    }
}

/// From and to are the middles of nodes, as parts of a hundred of the strip's height.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Line {
    from: f32,
    to: f32,
    wire: Wire,
}

/// The middle of one of `count` nodes of equal height.
fn middle(index: usize, count: usize) -> f32 {
    (index as f32 + 0.5) / count.max(1) as f32 * 100.0
}

fn replica_wire(status: &Status, index: usize) -> Wire {
    let replica = &status.replicas[index];
    let primary = status.primary.as_ref().map(|primary| &primary.replica);
    match words::replica(replica).0 {
        Shape::Stopped => Wire::Cut,
        _ if replica.requests_per_second >= 0.1 => Wire::Busy,
        _ if primary == Some(&replica.id) => Wire::First,
        _ => Wire::Idle,
    }
}

fn clients_to_servers(status: &Status) -> Vec<Line> {
    // The registry stands below the servers, hence one node more.
    let count = status.servers.len() + 1;
    (0..status.servers.len())
        .map(|index| Line {
            from: 50.0,
            to: middle(index, count),
            wire: if status.servers[index].id != status.server {
                Wire::Idle
            } else if status.traffic.requests_per_second >= 0.1 {
                Wire::Busy
            } else {
                Wire::First
            },
        })
        .collect()
}

fn servers_to_replicas(status: &Status) -> Vec<Line> {
    let (servers, replicas) = (status.servers.len(), status.replicas.len());
    let mut lines = Vec::new();
    for server in 0..servers {
        for replica in 0..replicas {
            let wire = replica_wire(status, replica);
            let here = status.servers[server].id == status.server;
            lines.push(Line {
                from: middle(server, servers + 1),
                to: middle(replica, replicas),
                wire: if here || wire == Wire::Cut {
                    wire
                } else {
                    Wire::Idle
                },
            });
        }
    }
    lines
}

fn replicas_to_store(status: &Status) -> Vec<Line> {
    // The store, the providers, the built-in table.
    let count = status.providers.len() + 2;
    let replicas = status.replicas.len();
    let mut lines: Vec<Line> = (0..replicas)
        .map(|replica| Line {
            from: middle(replica, replicas),
            to: middle(0, count),
            wire: replica_wire(status, replica),
        })
        .collect();
    let asking = status
        .replicas
        .iter()
        .position(|replica| replica.health == Health::Available);
    if let Some(asking) = asking {
        for (index, provider) in status.providers.iter().enumerate() {
            lines.push(Line {
                from: middle(asking, replicas),
                to: middle(index + 1, count),
                wire: match words::provider(provider).0 {
                    Shape::Stopped => Wire::Cut,
                    _ => Wire::Idle,
                },
            });
        }
        lines.push(Line {
            from: middle(asking, replicas),
            to: middle(count - 1, count),
            wire: Wire::Idle,
        });
    }
    lines
}

/// Lines between two columns.
#[component]
fn Wires(
    /// The lines.
    lines: Memo<Vec<Line>>,
) -> impl IntoView {
    let path = |line: &Line| {
        let (from, to) = (words::tenths(line.from), words::tenths(line.to));
        view! { <path class=line.wire.class() d=format!("M0,{from} C50,{from} 50,{to} 100,{to}") /> }
    };
    view! {
        <svg class="wires" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            {move || lines.with(|lines| lines.iter().map(path).collect_view())}
        </svg>
    }
}

/// One column of nodes under its heading.
#[component]
fn Column(
    /// What stands in it.
    title: &'static str,
    /// Its class, for its width.
    class: &'static str,
    /// Its nodes, as list items.
    children: Children,
) -> impl IntoView {
    view! {
        <section class=["column ", class].concat()>
            <h2>{title}</h2>
            <ul>{children()}</ul>
        </section>
    }
}

/// The whole system.
#[component]
pub fn Drawing(
    /// Where the status comes from.
    feed: Feed,
    /// Asks before a replica is switched.
    switches: Switches,
) -> impl IntoView {
    let servers = feed.part(|status| ids(status.servers.iter().map(|server| &server.id)));
    let replicas = feed.part(|status| ids(status.replicas.iter().map(|replica| &replica.id)));
    let providers = feed.part(|status| ids(status.providers.iter().map(|it| &it.name)));
    view! {
        <div class="drawing">
            <Column title="Clients" class="clients">
                <ClientsNode feed />
            </Column>
            <Wires lines=feed.part(clients_to_servers) />
            <Column title="Front-end servers" class="servers">
                {move || servers.get().into_iter().map(|id| view! { <ServerNode feed id /> }).collect_view()}
                <RegistryNode feed />
            </Column>
            <Wires lines=feed.part(servers_to_replicas) />
            <Column title="Replicas" class="replicas">
                {move || replicas.get().into_iter().map(|id| view! { <ReplicaNode feed switches id /> }).collect_view()}
                {move || {
                    replicas
                        .with(Vec::is_empty)
                        .then(|| {
                            view! {
                                <li class="node stopped">
                                    "No replica is registered. Start one, and it appears here by itself."
                                </li>
                            }
                        })
                }}
            </Column>
            <Wires lines=feed.part(replicas_to_store) />
            <Column title="Store and providers" class="stores">
                <StoreNode />
                {move || providers.get().into_iter().map(|name| view! { <ProviderNode feed name /> }).collect_view()}
                <GazetteerNode />
            </Column>
        </div>
    }
}

fn ids<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<String> {
    ids.cloned().collect()
}
