//! The order of operations: each after those it refers to, otherwise as requested.
//!
//! Only a POST can be referred to, so only a POST is ever moved, to just before the first operation
//! that needs it; everything else keeps its order (RFC 7644 section 3.7: the client's intent is
//! preserved). In a circle of references somebody must be first. That one is created as a draft,
//! without what does not exist yet, and completed at once when it does: before any operation that
//! is no POST can touch it.

use super::operation::Operation;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Carry the operation out, as a draft if something it refers to does not exist yet.
    Run(usize),
    /// Replace what a draft created by the whole of it.
    Complete(usize),
}

/// Orders the operations. It takes time in proportion to the references, and no stack.
pub(super) fn order(operations: &[Operation]) -> Vec<Step> {
    let mut search = Search {
        depths: vec![Depth::Unseen; operations.len()],
        waiting: vec![Vec::new(); operations.len()],
        steps: Vec::with_capacity(operations.len()),
    };
    for index in 0..operations.len() {
        search.descend(index, operations);
    }
    search.steps
}

#[derive(Clone, Copy)]
enum Depth {
    Unseen,
    /// On the way from an operation to what it refers to.
    Open(usize),
    Done,
}

/// A search depth first. References to what is still open close a circle.
struct Search {
    depths: Vec<Depth>,
    /// The drafts that can be completed after an operation.
    waiting: Vec<Vec<usize>>,
    steps: Vec<Step>,
}

/// An operation on the way, and which of its references is next.
struct Visit {
    index: usize,
    next: usize,
    /// The outermost open operation it refers to: the last one to be carried out.
    awaits: Option<(usize, usize)>,
}

impl Search {
    fn descend(&mut self, root: usize, operations: &[Operation]) {
        let mut way = Vec::new();
        self.enter(root, &mut way);
        while let Some(visit) = way.last_mut() {
            let references = operations.get(visit.index).map(|it| it.references.as_slice());
            let Some(&target) = references.and_then(|references| references.get(visit.next)) else {
                self.leave(&mut way);
                continue;
            };
            visit.next += 1;
            match self.depths.get(target) {
                Some(Depth::Open(depth)) => {
                    let outermost = visit.awaits.map_or(*depth, |(found, _)| found.min(*depth));
                    if outermost == *depth {
                        visit.awaits = Some((*depth, target));
                    }
                }
                Some(Depth::Unseen) => self.enter(target, &mut way),
                Some(Depth::Done) | None => {}
            }
        }
    }

    fn enter(&mut self, index: usize, way: &mut Vec<Visit>) {
        if let Some(depth @ Depth::Unseen) = self.depths.get_mut(index) {
            *depth = Depth::Open(way.len());
            way.push(Visit { index, next: 0, awaits: None });
        }
    }

    fn leave(&mut self, way: &mut Vec<Visit>) {
        let Some(Visit { index, awaits, .. }) = way.pop() else {
            return;
        };
        if let Some(depth) = self.depths.get_mut(index) {
            *depth = Depth::Done;
        }
        if let Some(waiting) = awaits.and_then(|(_, target)| self.waiting.get_mut(target)) {
            waiting.push(index);
        }
        self.steps.push(Step::Run(index));
        let ready = self.waiting.get_mut(index).map(std::mem::take).unwrap_or_default();
        self.steps.extend(ready.into_iter().map(Step::Complete));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Step::{Complete, Run};
    use super::*;

    fn graph(edges: &[Vec<usize>]) -> Vec<Operation> {
        let operation = |edges: &Vec<usize>| {
            let mut references = edges.clone();
            references.sort_unstable();
            references.dedup();
            Operation { references, ..Operation::default() }
        };
        edges.iter().map(operation).collect()
    }

    #[test]
    fn orders() {
        let check = |edges: &[&[usize]], expected: &[Step]| {
            let edges: Vec<Vec<usize>> = edges.iter().map(|edges| edges.to_vec()).collect();
            assert_eq!(order(&graph(&edges)), expected, "{edges:?}");
        };
        check(&[], &[]);
        check(&[&[], &[], &[]], &[Run(0), Run(1), Run(2)]);
        // Backward, forward, and forward over what stays in place.
        check(&[&[], &[0]], &[Run(0), Run(1)]);
        check(&[&[1], &[]], &[Run(1), Run(0)]);
        check(&[&[], &[3], &[], &[]], &[Run(0), Run(3), Run(1), Run(2)]);
        check(&[&[2, 1], &[2], &[]], &[Run(2), Run(1), Run(0)]);
        // Itself, two in a circle, three in a circle.
        check(&[&[0]], &[Run(0), Complete(0)]);
        check(&[&[1], &[0]], &[Run(1), Run(0), Complete(1)]);
        check(&[&[1], &[2], &[0]], &[Run(2), Run(1), Run(0), Complete(2)]);
        // Two circles that share one operation; a circle with an operation after it.
        check(&[&[1], &[0, 2], &[1]], &[Run(2), Run(1), Complete(2), Run(0), Complete(1)]);
        check(&[&[1], &[2], &[1], &[0]], &[Run(2), Run(1), Complete(2), Run(0), Run(3)]);
        // Two references into the circle: the outermost decides.
        check(&[&[1], &[2], &[0, 1]], &[Run(2), Run(1), Run(0), Complete(2)]);
    }

    #[test]
    fn long_ways_need_no_stack() {
        let count = 200_000;
        let chain: Vec<Vec<usize>> = (0..count).map(|index| vec![(index + 1) % count]).collect();
        let steps = order(&graph(&chain));
        assert_eq!(steps.len(), count + 1);
        assert_eq!(steps.last(), Some(&Complete(count - 1)));
        let all: Vec<Vec<usize>> = (0..1000).map(|_| (0..1000).collect()).collect();
        assert_eq!(order(&graph(&all)).len(), 2000);
    }

    proptest! {
        #[test]
        fn everything_runs_once_and_completes_when_it_can(
            edges in (1_usize..12).prop_flat_map(|count| {
                prop::collection::vec(prop::collection::vec(0..count, 0..4), count)
            })
        ) {
            let operations = graph(&edges);
            let mut ran = vec![false; operations.len()];
            let mut drafts = vec![false; operations.len()];
            for step in order(&operations) {
                match step {
                    Run(index) => {
                        prop_assert!(!ran[index]);
                        ran[index] = true;
                        let ready =
                            operations[index].references.iter().all(|it| ran[*it] && *it != index);
                        drafts[index] = !ready;
                    }
                    Complete(index) => {
                        prop_assert!(drafts[index], "only drafts are completed, once");
                        prop_assert!(operations[index].references.iter().all(|it| ran[*it]));
                        drafts[index] = false;
                    }
                }
            }
            prop_assert!(ran.iter().all(|ran| *ran) && !drafts.contains(&true));
        }

        #[test]
        fn without_forward_references_the_order_is_the_requests(
            edges in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..4), 1..12)
        ) {
            let edges: Vec<Vec<usize>> = edges.iter().enumerate().map(|(at, targets)| {
                targets.iter().filter(|_| at > 0).map(|target| target.index(at)).collect()
            }).collect();
            let expected: Vec<Step> = (0..edges.len()).map(Run).collect();
            prop_assert_eq!(order(&graph(&edges)), expected);
        }
    }
}
