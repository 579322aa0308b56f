//! The connections of a cluster, each through a proxy: front-end server to replica, replica to provider, customer to front-end
//! server.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Context;

use crate::proxy::Proxy;

pub struct Network {
    seed: u64,
    replicas: BTreeMap<u16, Proxy>,
    pub postcodes_io: Proxy,
    pub findthatpostcode: Proxy,
    /// For those customers whose own connection is to be a bad one.
    pub customers: Proxy,
}

impl Network {
    /// # Errors
    /// If a proxy cannot listen.
    pub async fn start(seed: u64) -> anyhow::Result<Self> {
        let proxy = |number: u64| Proxy::start(seed.wrapping_add(number << 32));
        Ok(Self {
            seed,
            replicas: BTreeMap::new(),
            postcodes_io: proxy(1).await?,
            findthatpostcode: proxy(2).await?,
            customers: proxy(3).await?,
        })
    }

    /// A new way to a replica that is about to start; it is the address that the replica tells the others.
    ///
    /// # Errors
    /// If the proxy cannot listen.
    pub async fn prepare(&mut self, replica: u16) -> anyhow::Result<SocketAddr> {
        let seed = self.seed.wrapping_add(u64::from(replica + 4) << 32);
        let proxy = Proxy::start(seed).await?;
        let address = proxy.address;
        self.replicas.insert(replica, proxy);
        Ok(address)
    }

    /// The replica is gone: connections to it are refused, as they would be without a proxy.
    pub fn remove(&mut self, replica: u16) {
        self.replicas.remove(&replica);
    }

    /// The way to a replica.
    ///
    /// # Errors
    /// If the replica does not run.
    pub fn replica(&self, replica: u16) -> anyhow::Result<&Proxy> {
        self.replicas
            .get(&replica)
            .with_context(|| format!("there is no way to replica-{replica}"))
    }
}
