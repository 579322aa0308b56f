//! Something for each of a few restaurants. A list: for the handful that a phone ever has, a map would only be more code to
//! fetch.

use json::{Fit, FromJson, ToJson, Value, Writer};

/// By slug. In JSON it is an object.
#[derive(Clone, Debug, PartialEq)]
pub struct ByRestaurant<T>(Vec<(String, T)>);

impl<T> Default for ByRestaurant<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> ByRestaurant<T> {
    pub fn get(&self, slug: &str) -> Option<&T> {
        self.iter()
            .find(|(held, _)| *held == slug)
            .map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, slug: &str) -> Option<&mut T> {
        self.place(slug).map(|place| &mut self.0[place].1)
    }

    /// What there is, or what is made now.
    pub fn get_or_insert_with(&mut self, slug: &str, make: impl FnOnce() -> T) -> &mut T {
        let place = self.place(slug).unwrap_or_else(|| {
            self.0.push((slug.to_owned(), make()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    pub fn remove(&mut self, slug: &str) {
        if let Some(place) = self.place(slug) {
            self.0.remove(place);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(slug, value)| (slug.as_str(), value))
    }

    fn place(&self, slug: &str) -> Option<usize> {
        self.0.iter().position(|(held, _)| held == slug)
    }
}

impl<T: FromJson> FromJson for ByRestaurant<T> {
    fn from_json(value: Value, fit: &mut Fit) -> Self {
        let mut held = Vec::new();
        for (slug, value) in value.object(fit) {
            held.push((slug, T::from_json(value, fit)));
        }
        Self(held)
    }
}

impl<T: ToJson> ToJson for ByRestaurant<T> {
    fn to_json(&self, to: &mut Writer) {
        to.raw("{");
        for (slug, value) in self.iter() {
            to.name(slug);
            value.to_json(to);
        }
        to.raw("}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_restaurant_has_one() {
        let mut held = ByRestaurant::default();
        *held.get_or_insert_with("cenere", || 1) += 1;
        *held.get_or_insert_with("cenere", || 7) += 1;
        held.get_or_insert_with("shu-lane", || 5);
        assert_eq!(
            (held.get("cenere"), held.get("elsewhere")),
            (Some(&3), None)
        );
        held.remove("cenere");
        assert_eq!(held.iter().collect::<Vec<_>>(), [("shu-lane", &5)]);
    }

    #[test]
    fn is_an_object_in_json() {
        let text = r#"{"cenere":3,"shu-lane":5}"#;
        let held: ByRestaurant<u32> = json::from_str(text).unwrap();
        assert_eq!(held.get("shu-lane"), Some(&5));
        assert_eq!(json::to_string(&held), text);
    }
}
