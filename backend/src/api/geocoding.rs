//! Interface of the geocoder, as the API uses it.

use async_trait::async_trait;
use model::Postcode;
use model::place::Place;
use model::status::ProviderStatus;

/// Locates postcodes. It does not fail: the least certain answer is that a postcode could not be checked.
#[async_trait]
pub trait Geocoding: Send + Sync + 'static {
    async fn locate(&self, postcode: &Postcode) -> Place;

    /// Statistics of the providers.
    fn providers(&self) -> Vec<ProviderStatus>;
}
