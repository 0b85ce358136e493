//! A PATCH of one member, in groups of a few, of thousands, and of nearly everybody.

use crate::GROWTH_MAX;
use crate::client::Client;
use crate::race::{Contestant, Rules, median, race, times_as_fast};
use crate::report::Report;
use crate::world::{World, patch};
use serde_json::json;
use std::time::{Duration, Instant};

/// Users who are in none of the groups, to be added and removed.
const SPARE: usize = 17;

struct Group {
    id: String,
    size: usize,
}

pub async fn measure(rules: &Rules, world: &World, report: &mut Report) {
    let everybody = world.ids.len();
    let mut groups = Vec::new();
    for size in [10, everybody / 10, everybody - SPARE + 1] {
        let members = &world.ids[SPARE..SPARE + size - 1];
        let id = world.group(&format!("Group of {size}"), members).await;
        groups.push(Group { id, size });
    }
    one_caller(rules, world, &groups, report).await;

    let mut contestants: Vec<_> = groups.iter().map(|group| in_turn(rules, world, group)).collect();
    race(rules, &mut contestants).await;
    for contestant in &contestants {
        report.row(contestant, None, None);
        if !std::ptr::eq(contestant, &raw const contestants[0]) {
            let ratio = times_as_fast(&contestants[0], contestant);
            report.growth(&contestant.name, ratio, GROWTH_MAX);
        }
    }
}

/// One caller adds the last member to each group in turn, then removes them.
async fn one_caller(rules: &Rules, world: &World, groups: &[Group], report: &mut Report) {
    let end = Instant::now() + rules.turn * 5;
    let (world, ids) =
        (world.clone(), groups.iter().map(|group| group.id.clone()).collect::<Vec<_>>());
    let measured = rules.clients.spawn(async move {
        let mut client = Client::connect(world.address).await;
        let mut times = vec![(Vec::new(), Vec::new()); ids.len()];
        while Instant::now() < end {
            for (id, (add, remove)) in ids.iter().zip(&mut times) {
                add.push(timed(&mut client, &change(&world, id, true, 0)).await);
                remove.push(timed(&mut client, &change(&world, id, false, 0)).await);
            }
        }
        times
    });
    let times = measured.await.expect("a caller that gets its answers");
    let medians: Vec<_> =
        times.into_iter().map(|(add, remove)| (median(add), median(remove))).collect();
    let (least_add, least_remove) = medians[0];
    for (group, (add, remove)) in groups.iter().zip(&medians) {
        for (what, time, least) in [("add", add, least_add), ("remove", remove, least_remove)] {
            let name = format!("PATCH {what} the {}th member, 1 caller", group.size);
            report.time(&name, *time);
            if group.size > 10 {
                report.growth(&name, time / least, GROWTH_MAX);
            }
        }
    }
}

async fn timed(client: &mut Client, request: &[u8]) -> f64 {
    let sent = Instant::now();
    let (status, body) = client.send(request).await;
    let time: Duration = sent.elapsed();
    assert_eq!(status, 204, "{}", String::from_utf8_lossy(body));
    time.as_secs_f64()
}

/// All callers add and remove, each its own member.
fn in_turn(rules: &Rules, world: &World, group: &Group) -> Contestant {
    let name = format!("PATCH a member, group of {}", group.size);
    let (world, id, callers) = (world.clone(), group.id.clone(), rules.callers as u64);
    let address = world.address;
    let make = move |number: u64| {
        let add = (number / callers).is_multiple_of(2);
        change(&world, &id, add, (number % callers) as usize + 1)
    };
    Contestant::http(name, address, 204, make)
}

/// The request that adds or removes a spare user.
fn change(world: &World, group: &str, add: bool, spare: usize) -> Vec<u8> {
    let user = &world.ids[spare];
    let operation = if add {
        json!({"op": "add", "path": "members", "value": [{"value": user}]})
    } else {
        json!({"op": "remove", "path": format!("members[value eq \"{user}\"]")})
    };
    let body = patch(&operation).to_string();
    world.request("PATCH", &format!("/Groups/{group}"), &body)
}
