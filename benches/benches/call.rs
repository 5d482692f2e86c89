//! Criterion's measurements of what a call costs through the C interface.

use std::time::Duration;

use criterion::Criterion;
use eyot_benches::call::Fixture;

fn main() -> Result<(), eyot::Error> {
    let times = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let mut criterion = times.configure_from_args();
    let fixture = Fixture::new()?;
    let mut group = criterion.benchmark_group("the C interface");
    for mut candidate in fixture.candidates() {
        group.bench_function(candidate.name, |bencher| bencher.iter_custom(|times| candidate.time(times)));
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}
