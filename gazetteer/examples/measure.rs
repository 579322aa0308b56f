//! Measures size and speed of the shipped table: `cargo run --release -p gazetteer --example measure [CSV]`. With the CSV that it
//! was built from, also compares every row.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use gazetteer::{Entry, Gazetteer};
use model::Postcode;

static TABLE: &[u8] = include_bytes!("../../backend/data/gazetteer.bin");

fn main() -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let gazetteer = Gazetteer::from_bytes(TABLE)?;
    let loaded = started.elapsed();
    println!("{} bytes, {} postcodes", TABLE.len(), gazetteer.len());
    println!("from_bytes: {loaded:?}");
    let started = Instant::now();
    gazetteer.verify()?;
    println!("verify: {:?}", started.elapsed());

    // Every thirteenth, in a scattered order, so that neither the cache nor the branch predictor learns it.
    let mut postcodes: Vec<Postcode> = gazetteer
        .iter()
        .step_by(13)
        .map(|(text, _)| Postcode::parse(&text))
        .collect::<Result<_, _>>()?;
    let count = postcodes.len();
    for place in 0..count {
        postcodes.swap(place, place.wrapping_mul(7_919) % count);
    }
    for pass in ["first", "second"] {
        let mut slowest = Duration::ZERO;
        let started = Instant::now();
        for postcode in &postcodes {
            let one = Instant::now();
            black_box(gazetteer.lookup(black_box(postcode)));
            slowest = slowest.max(one.elapsed());
        }
        let mean_ns = started.elapsed().as_nanos() / count as u128;
        println!(
            "lookup, {pass} pass over {count}: mean {mean_ns} ns (clock included), slowest {slowest:?}"
        );
    }
    // The best of several passes, because another process may have had the processor in the others.
    let passes = (0..9).map(|_| {
        let started = Instant::now();
        for postcode in &postcodes {
            black_box(gazetteer.lookup(black_box(postcode)));
        }
        started.elapsed()
    });
    let best_ns = passes.min().unwrap_or_default().as_nanos() / count as u128;
    println!("lookup without the clock, best of nine passes: mean {best_ns} ns");
    if let Some(csv) = std::env::args().nth(1) {
        compare(&gazetteer, &fs::read_to_string(csv)?)?;
    }
    Ok(())
}

fn compare(gazetteer: &Gazetteer<'_>, csv: &str) -> Result<(), Box<dyn Error>> {
    let (mut same, mut refused) = (0, Vec::new());
    for row in csv.lines().skip(1) {
        let mut fields = row.split(',');
        let text = fields.next().unwrap_or_default();
        let Ok(postcode) = Postcode::parse(text) else {
            refused.push(text);
            continue;
        };
        let printed = match gazetteer.lookup(&postcode) {
            Entry::Unit(position) => {
                format!("{postcode},{},{}", position.latitude, position.longitude)
            }
            Entry::UnitWithoutPosition => format!("{postcode},,"),
            other => return Err(format!("{text}: {other:?}").into()),
        };
        // Adding zero makes the plain nought of the `-0.0000` that some rows have.
        let number = |field: &str| {
            field
                .parse::<f64>()
                .map_or(field.to_owned(), |number| (number + 0.0).to_string())
        };
        let plain: Vec<String> = row.split(',').map(number).collect();
        if printed != plain.join(",") {
            return Err(format!("{row} came back as {printed}").into());
        }
        same += 1;
    }
    println!("{same} rows of the CSV came back the same; refused: {refused:?}");
    Ok(())
}
