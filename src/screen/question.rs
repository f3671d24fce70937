//! What is asked of the lists, for many items together.

use std::collections::BTreeMap;

use super::videos::{FrameAsked, VideoAsked};
use crate::digest::{Classic, ClassicCode, Pdq, Signal, Transform};
use crate::media::Form;

/// What is asked of the lists for many items, whose numbers stand with it: by kind, since like is asked together.
#[derive(Default)]
pub(super) struct Questions {
    pub(super) equal: Vec<(usize, Signal)>,
    pub(super) near: Vec<Looked<Pdq>>,
    pub(super) classics: BTreeMap<Classic, Vec<Looked<ClassicCode>>>,
    /// The frames of videos, and of each item that is a video what they have in common.
    pub(super) frames: Vec<FrameAsked>,
    pub(super) videos: BTreeMap<usize, VideoAsked>,
}

/// A perceptual hash of an item.
#[derive(Clone, Copy)]
pub(super) struct Looked<Q> {
    pub(super) item: usize,
    pub(super) transform: Transform,
    pub(super) form: Option<Form>,
    pub(super) hash: Q,
}

impl Questions {
    pub(super) fn equal(&mut self, item: usize, digest: Signal) {
        self.equal.push((item, digest));
    }

    /// A classic hash is asked for as it lies.
    pub(super) fn classic(&mut self, item: usize, hash: ClassicCode, form: Option<Form>) {
        let looked = Looked { item, transform: Transform::Original, form, hash };
        self.classics.entry(hash.kind()).or_default().push(looked);
    }

    /// Those for some of the items.
    pub(super) fn of(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let classics = |(kind, codes): (&Classic, &Vec<Looked<_>>)| {
            (*kind, codes.iter().filter(|code| wanted(code.item)).copied().collect())
        };
        Self {
            equal: self.equal.iter().filter(|(item, _)| wanted(*item)).copied().collect(),
            near: self.near.iter().filter(|near| wanted(near.item)).copied().collect(),
            classics: self.classics.iter().map(classics).collect(),
            frames: self.frames.iter().filter(|frame| wanted(frame.item)).copied().collect(),
            videos: self
                .videos
                .iter()
                .filter(|(item, _)| wanted(**item))
                .map(|(item, video)| (*item, video.clone()))
                .collect(),
        }
    }
}
