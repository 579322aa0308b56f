//! The nodes of the drawing, one component each: name, condition in word, shape and colour, and figures.

use leptos::prelude::*;
use model::status::{AdminState, ProviderStatus, ReplicaStatus, ServerStatus};

use super::feed::Feed;
use super::switches::{Switch, Switches};
use super::words::{self, Shape, tenths, thousands};
use crate::state::calendar::{ago, span};

/// The shape of a condition; its colour follows from its class.
#[component]
pub fn Sign(
    /// Which one.
    shape: Shape,
) -> impl IntoView {
    let (class, path) = match shape {
        Shape::Good => ("sign good", "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z"),
        Shape::Between => ("sign between", "M8 1l7 7-7 7-7-7z"),
        Shape::Stopped => (
            "sign stopped",
            "M2 2h12v12H2zM5.2 4.2l-1 1L7 8l-2.8 2.8 1 1L8 9l2.8 2.8 1-1L9 8l2.8-2.8-1-1L8 7z",
        ),
    };
    view! {
        <svg class=class viewBox="0 0 16 16" aria-hidden="true">
            <path fill-rule="evenodd" d=path />
        </svg>
    }
}

/// Shape and word of a condition.
#[component]
fn Condition(
    /// What it is now.
    #[prop(into)]
    now: Signal<(Shape, &'static str)>,
) -> impl IntoView {
    view! {
        <p class="condition">
            {move || {
                let (shape, word) = now.get();
                view! {
                    <Sign shape />
                    {word}
                }
            }}
        </p>
    }
}

fn class_of(shape: Shape) -> &'static str {
    match shape {
        Shape::Good => "node",
        Shape::Between => "node between",
        Shape::Stopped => "node stopped",
    }
}

#[component]
pub fn ClientsNode(
    /// Where the status comes from.
    feed: Feed,
) -> impl IntoView {
    let traffic = feed.part(|status| status.traffic);
    view! {
        <li class="node">
            <h3>"Phones, tablets, desks"</h3>
            <p class="figure">
                <strong>{move || tenths(traffic.get().requests_per_second)}</strong>
                " requests a second"
            </p>
            <dl class="figures">
                <div>
                    <dt>"Requests"</dt>
                    <dd>{move || thousands(traffic.get().requests)}</dd>
                </div>
                <div>
                    <dt>"Failed"</dt>
                    <dd>{move || thousands(traffic.get().failed)}</dd>
                </div>
                <div>
                    <dt>"Moved"</dt>
                    <dd>{move || thousands(traffic.get().repeated)}</dd>
                </div>
            </dl>
        </li>
    }
}

#[component]
pub fn ServerNode(
    /// Where the status comes from.
    feed: Feed,
    /// Which server.
    id: String,
) -> impl IntoView {
    let wanted = id.clone();
    let server = feed.part(move |status| -> Option<ServerStatus> {
        status.servers.iter().find(|it| it.id == wanted).cloned()
    });
    let wanted = id.clone();
    let here = feed.part(move |status| status.server == wanted);
    let wanted = id.clone();
    let url = feed.part(move |status| {
        let server = status.servers.iter().find(|it| it.id == wanted);
        server.and_then(|it| it.url.clone())
    });
    let up = feed.part({
        let wanted = id.clone();
        move |status| {
            let started = status
                .servers
                .iter()
                .find(|it| it.id == wanted)
                .map_or(status.now_ms, |it| it.started_at_ms);
            span(status.now_ms - started)
        }
    });
    view! {
        <li class="node">
            <h3>
                {move || match url.get() {
                    Some(url) => {
                        let panel = format!("{url}/status");
                        view! { <a href=panel>{id.clone()}</a> }
                    }
                    None => id.clone().into_view(),
                }}
            </h3>
            {move || here.get().then(|| view! { <p class="pill">"Answers you"</p> })}
            <Condition now=Signal::derive(|| (Shape::Good, "Registered")) />
            <p class="small soft">
                {move || {
                    server
                        .with(|server| {
                            server
                                .as_ref()
                                .map(|server| format!("Version {}, up for {}", server.version, up.get()))
                        })
                }}
            </p>
        </li>
    }
}

#[component]
pub fn RegistryNode(
    /// Where the status comes from.
    feed: Feed,
) -> impl IntoView {
    let readable = feed.part(|status| status.registry.readable);
    let read = feed.part(|status| ago(status.now_ms - status.registry.snapshot_at_ms));
    let now = move || {
        if readable.get() {
            (Shape::Good, "Readable")
        } else {
            (Shape::Stopped, "Cannot be read")
        }
    };
    view! {
        <li class=move || class_of(now().0)>
            <h3>"Registry"</h3>
            <Condition now=Signal::derive(now) />
            <p class="small soft">
                {move || {
                    if readable.get() {
                        "Says who is there".to_owned()
                    } else {
                        format!("The list read {} is in use", read.get())
                    }
                }}
            </p>
        </li>
    }
}

#[component]
pub fn ReplicaNode(
    /// Where the status comes from.
    feed: Feed,
    /// Asks before it is switched.
    switches: Switches,
    /// Which replica.
    id: String,
) -> impl IntoView {
    let wanted = id.clone();
    let replica = feed.part(move |status| -> Option<ReplicaStatus> {
        status.replicas.iter().find(|it| it.id == wanted).cloned()
    });
    let read = move |read: fn(&ReplicaStatus) -> String| {
        replica.with(|replica| replica.as_ref().map(read).unwrap_or_default())
    };
    let condition = Memo::new(move |_| {
        replica.with(|replica| {
            replica
                .as_ref()
                .map_or((Shape::Stopped, "Gone"), words::replica)
        })
    });
    let wanted = id.clone();
    let primary = feed.part(move |status| {
        status
            .primary
            .as_ref()
            .filter(|primary| primary.replica == wanted)
            .map(|primary| span(status.now_ms - primary.since_ms))
    });
    let since = feed.part({
        let wanted = id.clone();
        move |status| {
            status
                .replicas
                .iter()
                .find(|it| it.id == wanted)
                .map(|it| format!("for {}", span(status.now_ms - it.since_ms)))
        }
    });
    let signed_in = feed.part(|status| status.signed_in);
    let admin = Memo::new(move |_| {
        replica.with(|replica| {
            replica
                .as_ref()
                .map_or(AdminState::Up, |replica| replica.admin_state)
        })
    });
    let class = move || {
        let class = class_of(condition.get().0);
        if primary.with(Option::is_some) {
            [class, " primary"].concat()
        } else {
            class.to_owned()
        }
    };
    let switch_id = id.clone();
    view! {
        <li class=class>
            <div class="node-head">
                <h3>{id}</h3>
                {move || primary.with(Option::is_some).then(|| view! { <p class="pill">"Primary"</p> })}
            </div>
            <Condition now=condition />
            <p class="small soft">
                {move || read(reason)}
                {move || since.get()}
                {move || read(|replica| {
                    replica.address.clone().map(|it| [" · ", &it].concat()).unwrap_or_default()
                })}
            </p>
            <div class="latency">
                <svg viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
                    <polyline points=move || read(|replica| words::sparkline(&replica.latency_ms)) />
                </svg>
                <dl class="figures">
                    <div>
                        <dt>"Answers in"</dt>
                        <dd>
                            {move || {
                                read(|replica| {
                                    replica
                                        .latency_ms
                                        .last()
                                        .map_or("–".into(), |last| [tenths(*last).as_str(), " ms"].concat())
                                })
                            }}
                        </dd>
                    </div>
                    <div>
                        <dt>"A second"</dt>
                        <dd>{move || read(|replica| tenths(replica.requests_per_second))}</dd>
                    </div>
                    <div>
                        <dt>"Under way"</dt>
                        <dd>{move || read(|replica| replica.in_flight.to_string())}</dd>
                    </div>
                </dl>
            </div>
            {move || {
                let id = switch_id.clone();
                signed_in.get().then(|| view! { <Switch switches id now=admin /> })
            }}
        </li>
    }
}

/// Why it is not available, unless its condition says so already.
fn reason(replica: &ReplicaStatus) -> String {
    replica
        .reason
        .as_deref()
        .filter(|_| replica.admin_state != AdminState::Down)
        .map_or_else(String::new, |reason| [reason, " · "].concat())
}

#[component]
pub fn StoreNode() -> impl IntoView {
    view! {
        <li class="node">
            <h3>"Store"</h3>
            <p class="small soft">"Orders and menus, shared by all replicas"</p>
        </li>
    }
}

#[component]
pub fn ProviderNode(
    /// Where the status comes from.
    feed: Feed,
    /// Which provider.
    name: String,
) -> impl IntoView {
    let wanted = name.clone();
    let provider = feed.part(move |status| -> Option<ProviderStatus> {
        status
            .providers
            .iter()
            .find(|it| it.name == wanted)
            .cloned()
    });
    let condition = Memo::new(move |_| {
        provider.with(|it| {
            it.as_ref()
                .map_or((Shape::Between, "Gone"), words::provider)
        })
    });
    let wanted = name.clone();
    let last = feed.part(move |status| {
        let provider = status.providers.iter().find(|it| it.name == wanted)?;
        Some(match (&provider.last_error, provider.last_failure_ms) {
            (Some(error), Some(at)) if at > provider.last_success_ms.unwrap_or(0) => {
                format!("{error}, {}", ago(status.now_ms - at))
            }
            _ => match provider.last_success_ms {
                Some(at) => format!("Answered {}", ago(status.now_ms - at)),
                None => "Not asked yet".into(),
            },
        })
    });
    view! {
        <li class=move || class_of(condition.get().0)>
            <h3>{name}</h3>
            <Condition now=condition />
            <p class="small soft">{move || last.get()}</p>
        </li>
    }
}

#[component]
pub fn GazetteerNode() -> impl IntoView {
    view! {
        <li class="node">
            <h3>"Built-in postcodes"</h3>
            <p class="small soft">"Asked last, always there"</p>
        </li>
    }
}
