//! What the API asks of geocoding.

use async_trait::async_trait;
use model::Postcode;
use model::place::Place;
use model::status::ProviderStatus;

/// Tells where postcodes are. It always answers, if only that it could not find out.
#[async_trait]
pub trait Geocoding: Send + Sync + 'static {
    async fn locate(&self, postcode: &Postcode) -> Place;

    /// How the providers are doing.
    fn providers(&self) -> Vec<ProviderStatus>;
}
