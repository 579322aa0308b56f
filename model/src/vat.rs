//! Value added tax on food. Each line has a VAT class of its own.
//!
//! Source: VAT Notice 709/1 (catering, takeaway food) and VAT Act 1994, Schedule 8, Group 1.

use serde::{Deserialize, Serialize};

use crate::Pence;

/// The VAT class of a dish or an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VatClass {
    /// 20 %: hot takeaway food, drinks, crisps, sweets.
    Standard,
    /// 0 %: cold takeaway food.
    Zero,
}

impl VatClass {
    /// The VAT included in a gross price, rounded to the nearest penny: one sixth at 20 %.
    #[must_use]
    pub fn vat_in(self, gross: Pence) -> Pence {
        match self {
            Self::Standard => Pence((gross.0 + 3).div_euclid(6)),
            Self::Zero => Pence::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vat_is_a_sixth_of_the_gross_not_a_fifth() {
        assert_eq!(VatClass::Standard.vat_in(Pence(1200)), Pence(200));
        assert_eq!(VatClass::Standard.vat_in(Pence(1000)), Pence(167));
        assert_eq!(VatClass::Zero.vat_in(Pence(1000)), Pence::ZERO);
    }
}
