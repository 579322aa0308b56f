//! Fault proxies for every connection of a cluster: front-end server to replica, replica to provider, customer to front-end
//! server.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Context;

use crate::fault_proxy::FaultProxy;

pub struct ProxyNetwork {
    seed: u64,
    replicas: BTreeMap<u16, FaultProxy>,
    pub postcodes_io: FaultProxy,
    pub findthatpostcode: FaultProxy,
    /// In front of the first front-end server, for the customers whose own link is faulty.
    pub customers: FaultProxy,
}

impl ProxyNetwork {
    /// Starts the proxies of the providers and of the customers; those of replicas follow as replicas start.
    ///
    /// # Errors
    /// If a proxy cannot listen.
    pub async fn start(seed: u64) -> anyhow::Result<Self> {
        let proxy = |number: u64| FaultProxy::start(seed.wrapping_add(number << 32));
        Ok(Self {
            seed,
            replicas: BTreeMap::new(),
            postcodes_io: proxy(1).await?,
            findthatpostcode: proxy(2).await?,
            customers: proxy(3).await?,
        })
    }

    /// Starts the proxy of a replica that is about to start, and returns its address, which the replica advertises.
    ///
    /// # Errors
    /// If the proxy cannot listen.
    pub async fn add_replica(&mut self, replica: u16) -> anyhow::Result<SocketAddr> {
        let seed = self.seed.wrapping_add(u64::from(replica + 4) << 32);
        let proxy = FaultProxy::start(seed).await?;
        let address = proxy.address;
        self.replicas.insert(replica, proxy);
        Ok(address)
    }

    /// Stops the proxy of a replica that has ended: connections are refused, as they would be without a proxy.
    pub fn remove_replica(&mut self, replica: u16) {
        self.replicas.remove(&replica);
    }

    /// Returns the proxy of a replica.
    ///
    /// # Errors
    /// If the replica does not run.
    pub fn replica(&self, replica: u16) -> anyhow::Result<&FaultProxy> {
        self.replicas
            .get(&replica)
            .with_context(|| format!("replica-{replica} has no proxy"))
    }
}
