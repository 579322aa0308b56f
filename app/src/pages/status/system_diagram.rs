//! The diagram of the system: clients, front-end servers, replicas, store and providers, and the connections between them.
//!
//! Columns of nodes of equal height alternate with strips of lines, so the end of a line needs no measuring. On a narrow screen the
//! strips are hidden and the columns become a list.

use leptos::prelude::*;
use model::status::{Health, Status};

use super::admin_state::SwitchRequest;
use super::nodes::{
    ClientsNode, GazetteerNode, ProviderNode, RegistryNode, ReplicaNode, ServerNode, StoreNode,
};
use super::status_feed::StatusFeed;
use super::text::{Severity, format_decimal, provider_condition, replica_condition};

/// The request rate from which a connection is drawn as busy.
const BUSY_PER_SECOND: f32 = 0.1;

/// How a connection is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectionState {
    /// Requests use it.
    Busy,
    /// The next request would use it.
    Preferred,
    /// A fallback that is not used now.
    Idle,
    /// Requests would fail.
    Broken,
}

impl ConnectionState {
    fn class(self) -> &'static str {
        match self {
            Self::Busy => "wire busy",
            Self::Preferred => "wire first",
            Self::Idle => "wire",
            Self::Broken => "wire cut",
        }
    }
}

/// A line between the centres of two nodes, which are given in percent of the strip's height.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Connection {
    from: f32,
    to: f32,
    state: ConnectionState,
}

/// The centre of one of `count` nodes of equal height, in percent.
fn node_centre(index: usize, count: usize) -> f32 {
    (index as f32 + 0.5) / count.max(1) as f32 * 100.0
}

/// The state of the connections from and to a replica.
fn replica_connection(status: &Status, index: usize) -> ConnectionState {
    let replica = &status.replicas[index];
    let primary = status.primary.as_ref().map(|primary| &primary.replica);
    match replica_condition(replica).severity {
        Severity::Critical => ConnectionState::Broken,
        _ if replica.requests_per_second >= BUSY_PER_SECOND => ConnectionState::Busy,
        _ if primary == Some(&replica.id) => ConnectionState::Preferred,
        _ => ConnectionState::Idle,
    }
}

fn clients_to_servers(status: &Status) -> Vec<Connection> {
    // The registry is below the servers.
    let count = status.servers.len() + 1;
    let servers = status.servers.iter().enumerate();
    servers
        .map(|(index, server)| Connection {
            from: 50.0,
            to: node_centre(index, count),
            state: if server.id != status.server {
                ConnectionState::Idle
            } else if status.traffic.requests_per_second >= BUSY_PER_SECOND {
                ConnectionState::Busy
            } else {
                ConnectionState::Preferred
            },
        })
        .collect()
}

fn servers_to_replicas(status: &Status) -> Vec<Connection> {
    let (servers, replicas) = (status.servers.len(), status.replicas.len());
    let mut connections = Vec::new();
    for server in 0..servers {
        // The status has the request rates of the server that sent it only.
        let sender = status.servers[server].id == status.server;
        for replica in 0..replicas {
            let state = replica_connection(status, replica);
            connections.push(Connection {
                from: node_centre(server, servers + 1),
                to: node_centre(replica, replicas),
                state: if sender || state == ConnectionState::Broken {
                    state
                } else {
                    ConnectionState::Idle
                },
            });
        }
    }
    connections
}

fn replicas_to_store_and_providers(status: &Status) -> Vec<Connection> {
    let replicas = status.replicas.len();
    // The store is above the providers, the built-in postcodes are below.
    let count = status.providers.len() + 2;
    let mut connections: Vec<_> = (0..replicas)
        .map(|replica| Connection {
            from: node_centre(replica, replicas),
            to: node_centre(0, count),
            state: replica_connection(status, replica),
        })
        .collect();
    // Every replica can ask the providers; one stands for all, to keep the diagram legible.
    let available = status
        .replicas
        .iter()
        .position(|replica| replica.health == Health::Available);
    if let Some(available) = available {
        let from = node_centre(available, replicas);
        for (index, provider) in status.providers.iter().enumerate() {
            connections.push(Connection {
                from,
                to: node_centre(index + 1, count),
                state: match provider_condition(provider).severity {
                    Severity::Critical => ConnectionState::Broken,
                    _ => ConnectionState::Idle,
                },
            });
        }
        connections.push(Connection {
            from,
            to: node_centre(count - 1, count),
            state: ConnectionState::Idle,
        });
    }
    connections
}

/// The whole system.
#[component]
pub fn SystemDiagram(
    feed: StatusFeed,
    /// Set when the operator presses a switch of a replica.
    switch_request: RwSignal<Option<SwitchRequest>>,
) -> impl IntoView {
    let servers = feed.select(|status| ids(&status.servers, |server| &server.id));
    let replicas = feed.select(|status| ids(&status.replicas, |replica| &replica.id));
    let providers = feed.select(|status| ids(&status.providers, |provider| &provider.name));
    view! {
        <div class="drawing">
            <Column title="Clients" class="clients">
                <ClientsNode feed />
            </Column>
            <Connections connections=feed.select(clients_to_servers) />
            <Column title="Front-end servers" class="servers">
                <For each=move || servers.get() key=String::clone let:id>
                    <ServerNode feed id />
                </For>
                <RegistryNode feed />
            </Column>
            <Connections connections=feed.select(servers_to_replicas) />
            <Column title="Replicas" class="replicas">
                <For each=move || replicas.get() key=String::clone let:id>
                    <ReplicaNode feed id switch_request />
                </For>
                <Show when=move || replicas.with(Vec::is_empty)>
                    <li class="node stopped">
                        "No replica is registered. Start one, and it appears here by itself."
                    </li>
                </Show>
            </Column>
            <Connections connections=feed.select(replicas_to_store_and_providers) />
            <Column title="Store and providers" class="stores">
                <StoreNode />
                <For each=move || providers.get() key=String::clone let:name>
                    <ProviderNode feed name />
                </For>
                <GazetteerNode />
            </Column>
        </div>
    }
}

fn ids<T>(items: &[T], id: impl Fn(&T) -> &String) -> Vec<String> {
    items.iter().map(|item| id(item).clone()).collect()
}

/// One column of nodes under its heading.
#[component]
fn Column(
    title: &'static str,
    /// A class that sets the width.
    class: &'static str,
    /// The nodes, as list items.
    children: Children,
) -> impl IntoView {
    view! {
        <section class=format!("column {class}")>
            <h2>{title}</h2>
            <ul>{children()}</ul>
        </section>
    }
}

/// The lines between two columns.
#[component]
fn Connections(connections: Memo<Vec<Connection>>) -> impl IntoView {
    let path = |connection: Connection| {
        let (from, to) = (
            format_decimal(connection.from),
            format_decimal(connection.to),
        );
        let curve = format!("M0,{from} C50,{from} 50,{to} 100,{to}");
        view! { <path class=connection.state.class() d=curve /> }.into_any()
    };
    view! {
        <svg class="wires" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            {move || connections.get().into_iter().map(path).collect_view()}
        </svg>
    }
}
