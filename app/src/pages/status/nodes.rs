//! The nodes of the diagram, one component each: name, condition and figures.

use leptos::prelude::*;
use model::status::{AdminState, ProviderStatus, ReplicaStatus, ServerStatus, Status};

use super::admin_state::{AdminStateSwitch, SwitchRequest};
use super::condition::ConditionLine;
use super::status_feed::StatusFeed;
use super::text::{
    Condition, Severity, format_count, format_decimal, last_answer, provider_condition,
    replica_condition, sparkline_points,
};
use crate::state::calendar::{ago, span};

fn node_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Normal => "node",
        Severity::Warning => "node between",
        Severity::Critical => "node stopped",
    }
}

/// The clients, with the traffic that the answering server has counted.
#[component]
pub fn ClientsNode(feed: StatusFeed) -> impl IntoView {
    let traffic = feed.select(|status| status.traffic);
    view! {
        <li class="node">
            <h3>"Phones, tablets, desks"</h3>
            <p class="figure">
                <strong>{move || format_decimal(traffic.get().requests_per_second)}</strong>
                " requests a second"
            </p>
            <dl class="figures">
                <Figure
                    label="Requests"
                    value=Signal::derive(move || format_count(traffic.get().requests))
                />
                <Figure
                    label="Failed"
                    value=Signal::derive(move || format_count(traffic.get().failed))
                />
                <Figure
                    label="Moved"
                    value=Signal::derive(move || format_count(traffic.get().repeated))
                />
            </dl>
        </li>
    }
}

/// A figure and its label, in a `dl`.
#[component]
fn Figure(label: &'static str, value: Signal<String>) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{value}</dd>
        </div>
    }
}

/// A front-end server, with a link to its own panel where its address is known.
#[component]
pub fn ServerNode(feed: StatusFeed, id: String) -> impl IntoView {
    let id = StoredValue::new(id);
    let find = move |status: &Status| -> Option<ServerStatus> {
        id.with_value(|id| status.servers.iter().find(|server| server.id == *id))
            .cloned()
    };
    let url = feed.select(move |status| find(status)?.url);
    let answers = feed.select(move |status| id.with_value(|id| status.server == *id));
    let version_and_uptime = feed.select(move |status| {
        let server = find(status)?;
        let uptime = span(status.now_ms - server.started_at_ms);
        Some(format!("Version {}, up for {uptime}", server.version))
    });
    let name = move || match url.get() {
        Some(url) => view! { <a href=format!("{url}/status")>{id.get_value()}</a> }.into_any(),
        None => id.get_value().into_any(),
    };
    let condition = Condition {
        severity: Severity::Normal,
        label: "Registered",
    };
    view! {
        <li class="node">
            <h3>{name}</h3>
            <Show when=move || answers.get()>
                <p class="pill">"Answers you"</p>
            </Show>
            <ConditionLine condition />
            <p class="small soft">{version_and_uptime}</p>
        </li>
    }
}

/// The registry, and whether the answering server can read it.
#[component]
pub fn RegistryNode(feed: StatusFeed) -> impl IntoView {
    let readable = feed.select(|status| status.registry.readable);
    let snapshot_age = feed.select(|status| ago(status.now_ms - status.registry.snapshot_at_ms));
    let condition = Signal::derive(move || match readable.get() {
        true => Condition {
            severity: Severity::Normal,
            label: "Readable",
        },
        false => Condition {
            severity: Severity::Critical,
            label: "Cannot be read",
        },
    });
    let detail = move || match readable.get() {
        true => "Says who is there".to_owned(),
        false => format!("The list read {} is in use", snapshot_age.get()),
    };
    view! {
        <li class=move || node_class(condition.get().severity)>
            <h3>"Registry"</h3>
            <ConditionLine condition />
            <p class="small soft">{detail}</p>
        </li>
    }
}

/// A replica, with its switch for the signed-in operator.
#[component]
pub fn ReplicaNode(
    feed: StatusFeed,
    id: String,
    /// Set when the operator presses the switch.
    switch_request: RwSignal<Option<SwitchRequest>>,
) -> impl IntoView {
    let name = id.clone();
    let id = StoredValue::new(id);
    let find = move |status: &Status| -> Option<ReplicaStatus> {
        id.with_value(|id| status.replicas.iter().find(|replica| replica.id == *id))
            .cloned()
    };
    let replica = feed.select(find);
    let condition = Memo::new(move |_| {
        replica.with(|replica| match replica {
            Some(replica) => replica_condition(replica),
            None => Condition {
                severity: Severity::Critical,
                label: "Gone",
            },
        })
    });
    let is_primary = feed.select(move |status| {
        let primary = status.primary.as_ref();
        primary.is_some_and(|primary| id.with_value(|id| primary.replica == *id))
    });
    let detail = feed.select(move |status| {
        let replica = find(status)?;
        let mut detail = format!("for {}", span(status.now_ms - replica.since_ms));
        // The condition of a replica that was switched down contains the reason already.
        if let Some(reason) = replica.reason
            && replica.admin_state != AdminState::Down
        {
            detail = format!("{reason} · {detail}");
        }
        if let Some(address) = replica.address {
            detail = format!("{detail} · {address}");
        }
        Some(detail)
    });
    let signed_in = feed.select(|status| status.signed_in);
    let admin_state = Memo::new(move |_| {
        replica.with(|replica| {
            replica
                .as_ref()
                .map_or(AdminState::Up, |replica| replica.admin_state)
        })
    });
    let class = move || {
        let class = node_class(condition.get().severity);
        match is_primary.get() {
            true => format!("{class} primary"),
            false => class.to_owned(),
        }
    };
    view! {
        <li class=class>
            <div class="node-head">
                <h3>{name}</h3>
                <Show when=move || is_primary.get()>
                    <p class="pill">"Primary"</p>
                </Show>
            </div>
            <ConditionLine condition />
            <p class="small soft">{detail}</p>
            <ReplicaLoad replica />
            <Show when=move || signed_in.get()>
                <AdminStateSwitch replica=id.get_value() admin_state switch_request />
            </Show>
        </li>
    }
}

/// A replica's latencies as a sparkline, and its figures.
#[component]
fn ReplicaLoad(replica: Memo<Option<ReplicaStatus>>) -> impl IntoView {
    let read = move |text: fn(&ReplicaStatus) -> String| {
        Signal::derive(move || {
            replica.with(|replica| replica.as_ref().map(text).unwrap_or_default())
        })
    };
    let points = read(|replica| sparkline_points(&replica.latency_ms));
    let latency = read(|replica| match replica.latency_ms.last() {
        Some(latency) => format!("{} ms", format_decimal(*latency)),
        None => "–".to_owned(),
    });
    let rate = read(|replica| format_decimal(replica.requests_per_second));
    let in_flight = read(|replica| replica.in_flight.to_string());
    view! {
        <div class="latency">
            <svg viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
                <polyline points=points />
            </svg>
            <dl class="figures">
                <Figure label="Answers in" value=latency />
                <Figure label="A second" value=rate />
                <Figure label="Under way" value=in_flight />
            </dl>
        </div>
    }
}

/// The store, whose health the replicas report as their own.
#[component]
pub fn StoreNode() -> impl IntoView {
    view! {
        <li class="node">
            <h3>"Store"</h3>
            <p class="small soft">"Orders and menus, shared by all replicas"</p>
        </li>
    }
}

/// A provider of postcode look-ups.
#[component]
pub fn ProviderNode(feed: StatusFeed, name: String) -> impl IntoView {
    let heading = name.clone();
    let name = StoredValue::new(name);
    let find = move |status: &Status| -> Option<ProviderStatus> {
        let mut providers = status.providers.iter();
        name.with_value(|name| providers.find(|provider| provider.name == *name))
            .cloned()
    };
    let provider = feed.select(find);
    let condition = Memo::new(move |_| {
        provider.with(|provider| match provider {
            Some(provider) => provider_condition(provider),
            None => Condition {
                severity: Severity::Warning,
                label: "Gone",
            },
        })
    });
    let detail = feed.select(move |status| Some(last_answer(&find(status)?, status.now_ms)));
    view! {
        <li class=move || node_class(condition.get().severity)>
            <h3>{heading}</h3>
            <ConditionLine condition />
            <p class="small soft">{detail}</p>
        </li>
    }
}

/// The gazetteer, which is part of every replica.
#[component]
pub fn GazetteerNode() -> impl IntoView {
    view! {
        <li class="node">
            <h3>"Built-in postcodes"</h3>
            <p class="small soft">"Asked last, always there"</p>
        </li>
    }
}
