//! Criterion's measurements of splitting: every candidate on every page.

use std::time::Duration;

use criterion::{Criterion, Throughput};
use eyot_benches::pages::PAGES;
use eyot_benches::split::Fixture;

fn main() -> Result<(), eyot::Error> {
    let times = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let mut criterion = times.configure_from_args();
    for page in PAGES {
        let fixture = Fixture::new(&page)?;
        let mut group = criterion.benchmark_group(page.name);
        for mut candidate in fixture.candidates() {
            group.throughput(Throughput::Bytes(candidate.bytes as u64));
            group.bench_function(candidate.name, |bencher| bencher.iter_custom(|times| candidate.time(times)));
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}
