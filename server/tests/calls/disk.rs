//! A disk that fails while calls are up.

use std::fs;

use crate::harness::House;
use crate::steps::{ORDER_KEYS, bot_finishes, bot_speaks, hangs_up, keys, script};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_cannot_be_recorded_goes_on_and_says_so_in_its_record() {
    let house = House::start().await;
    // The folder is gone, and a file is in its place.
    let recordings = &house.config.store.recordings;
    fs::remove_dir(recordings).unwrap();
    fs::write(recordings, "in the way").unwrap();
    let steps = vec![bot_speaks(), keys(ORDER_KEYS), bot_finishes(), hangs_up()];
    let report = house.call(script(steps)).await;
    assert_eq!(report.received.lost, 0);
    let record = house.record().await;
    record.is_whole();
    assert!(record.heard().contains("is with the driver"));
    let faults = record.texts("recording_failed", "detail");
    assert_eq!(faults.len(), 1, "{faults:?}");
    let before = record.kinds().into_iter().position(|kind| kind == "ended");
    let fault = record
        .kinds()
        .into_iter()
        .position(|kind| kind == "recording_failed");
    assert!(fault < before);
}
