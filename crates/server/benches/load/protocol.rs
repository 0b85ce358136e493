//! What the protocol promises to be cheap: a bulk request, and reading a list to its end.

use crate::GROWTH_MAX;
use crate::client::Client;
use crate::race::{Rules, median};
use crate::report::Report;
use crate::world::{World, person};
use serde_json::json;
use std::time::Instant;

/// Users in one bulk request.
const BULK: u64 = 1000;
/// How much of the time of as many requests a bulk request may take.
const BULK_SHARE_MAX: f64 = 0.2;
/// Users on a page, and pages whose times make one median.
const PAGE: usize = 100;
const PAGES: usize = 50;
/// Numbers of users that nothing else makes.
const OURS: u64 = 50_000_000;

pub async fn measure(rules: &Rules, worlds: &[World; 2], report: &mut Report) {
    let (rounds, world) = (rules.rounds, worlds[0].clone());
    let shares = rules.clients.spawn(async move {
        let mut client = Client::connect(world.address).await;
        let mut times = (Vec::new(), Vec::new());
        for round in 0..rounds as u64 {
            let from = OURS + 2 * round * BULK;
            times.0.push(one_by_one(&world, &mut client, from).await);
            times.1.push(at_once(&world, &mut client, from + BULK).await);
        }
        times
    });
    let (single, bulk) = shares.await.expect("answers");
    report.time("1,000 POST /Users, 1 caller", median(single.clone()));
    report.time("POST /Bulk of 1,000 users", median(bulk.clone()));
    let share = median(bulk.iter().zip(&single).map(|(bulk, single)| bulk / single).collect());
    report.growth("POST /Bulk of 1,000 users, of 1,000 POSTs", share, BULK_SHARE_MAX);

    for (how, cursor) in [("index", false), ("cursor", true)] {
        let world = worlds[1].clone();
        let read = rules.clients.spawn(async move { walk(&world, cursor).await });
        let times = read.await.expect("answers");
        let (early, late) = times.split_at(times.len() / 2);
        let early = median(early[..PAGES.min(early.len())].to_vec());
        let late = median(late[late.len().saturating_sub(PAGES)..].to_vec());
        report.time(&format!("an early page by {how}"), early);
        report.time(&format!("a late page by {how}, read in order"), late);
        report.growth(&format!("a late page by {how}, read in order"), late / early, GROWTH_MAX);
    }
}

async fn one_by_one(world: &World, client: &mut Client, from: u64) -> f64 {
    let requests: Vec<Vec<u8>> = (from..from + BULK)
        .map(|number| world.request("POST", "/Users", &person(number).to_string()))
        .collect();
    let started = Instant::now();
    for request in &requests {
        let (status, body) = client.send(request).await;
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(body));
    }
    started.elapsed().as_secs_f64()
}

async fn at_once(world: &World, client: &mut Client, from: u64) -> f64 {
    let operations = (from..from + BULK).map(|number| {
        json!({
            "method": "POST",
            "path": "/Users",
            "bulkId": number.to_string(),
            "data": person(number),
        })
    });
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": operations.collect::<Vec<_>>(),
    });
    let request = world.request("POST", "/Bulk", &body.to_string());
    let started = Instant::now();
    let (status, body) = client.send(&request).await;
    let time = started.elapsed().as_secs_f64();
    let answer: serde_json::Value = serde_json::from_slice(body).expect("JSON");
    let made = answer["Operations"].as_array().expect("operations").iter();
    assert_eq!((status, made.filter(|one| one["status"] == "201").count() as u64), (200, BULK));
    time
}

/// The time of every page, first to last.
async fn walk(world: &World, by_cursor: bool) -> Vec<f64> {
    let mut client = Client::connect(world.address).await;
    let (mut times, mut start, mut cursor) = (Vec::new(), 1, String::new());
    loop {
        let path = if by_cursor {
            format!("/Users?count={PAGE}&cursor={cursor}")
        } else {
            format!("/Users?count={PAGE}&startIndex={start}")
        };
        let request = world.request("GET", &path, "");
        let sent = Instant::now();
        let (status, body) = client.send(&request).await;
        times.push(sent.elapsed().as_secs_f64());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(body));
        let answer: serde_json::Value = serde_json::from_slice(body).expect("JSON");
        start += PAGE;
        match answer["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None if by_cursor => return times,
            None if answer["itemsPerPage"].as_u64() < Some(PAGE as u64) => return times,
            None => {}
        }
    }
}
