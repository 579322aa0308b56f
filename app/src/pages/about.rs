//! Who runs the shop, what happens to personal data, and the sources of the postcode data.

use leptos::prelude::*;

use crate::components::Page;

/// Static text. The attribution in it is a condition of the data's licence.
#[component]
pub fn AboutPage() -> impl IntoView {
    view! {
        <Page title="About">
            <div class="frame narrow">
                <div class="prose">
                    <h1>"About Tiffin"</h1>
                    <p>
                        "Tiffin is online ordering that a group of local restaurants runs for itself. You order from the kitchen, you pay the kitchen, and nobody stands in between."
                    </p>
                    <p>
                        "A tiffin is the stacked steel lunch tin whose carriers famously never lose one. We mean to be like that: when you press the button, the order is there once, and the page tells you so."
                    </p>

                    <h2>"Allergies"</h2>
                    <p>
                        "Every dish and every option shows what the restaurant has declared of the 14 allergens in UK law. Where it has declared nothing, we say so. Kitchens share pans and oil: with an allergy, ring the restaurant before you order."
                    </p>

                    <h2>"What becomes of your details"</h2>
                    <p>
                        "Your name, phone number and address go to the restaurant that you order from, and to nobody else. They are deleted 30 days after the order, unless the people who run this Tiffin have set another period; what was sold stays for the tax records, without your name."
                    </p>
                    <p>
                        "Your postcode is looked up with two public postcode services, without your name or your order. It stands in the address bar only behind the #, which no browser sends to a server. Your basket, your last postcode and, if you tick the box, your details are kept on your own phone. There is no account, no advertising and nobody's tracking."
                    </p>

                    <h2>"Where our data comes from"</h2>
                    <p>
                        "Contains OS data © Crown copyright and database right 2025. Contains Royal Mail data © Royal Mail copyright and database right 2025. Source: Office for National Statistics licensed under the "
                        <a
                            class="link"
                            href="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
                            rel="external noopener"
                        >
                            "Open Government Licence v.3.0"
                        </a> "."
                    </p>
                    <p>
                        "Postcodes are looked up with "
                        <a class="link" href="https://postcodes.io" rel="external noopener">
                            "postcodes.io"
                        </a> " and "
                        <a class="link" href="https://findthatpostcode.uk" rel="external noopener">
                            "findthatpostcode.uk"
                        </a> "; while neither answers, with a table of our own."
                    </p>
                </div>
            </div>
        </Page>
    }
}
