//! A disk that loses its power: what was synced stays; of the rest some, none, torn, or out of order.
//!
//! Stricter than file systems are: a name is durable once its directory was synced, and not before.

use std::collections::BTreeMap;

use super::random::Random;
use super::write_log::Event;

/// What happens to writes that were not synced when the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// None arrived.
    All,
    /// Those up to some moment arrived.
    Tail,
    /// Half of them arrived, whatever their order.
    Half,
    /// Half of them arrived, and of those half the sectors of this size.
    Torn(usize),
}

/// All kinds of loss.
pub const LOSSES: [Loss; 5] = [Loss::All, Loss::Tail, Loss::Half, Loss::Torn(512), Loss::Torn(4096)];

#[derive(Clone, Debug, Default)]
struct Inode {
    durable: Vec<u8>,
    /// Positions of events, in order, that are not durable.
    pending: Vec<usize>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Created(String, usize),
    Unlinked(String),
}

/// The files of a directory, as programs see them and as the disk has them.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    pending_names: Vec<NameChange>,
    /// Syncs under way, by thread: the inode (or the directory) and how many changes it covers.
    syncs: BTreeMap<u32, (Option<usize>, usize)>,
}

impl Disk {
    /// Carries out the event at this position.
    pub fn carry_out(&mut self, events: &[Event], position: usize) {
        match &events[position] {
            Event::Create(name) => {
                if !self.names.contains_key(name) {
                    let inode = self.inodes.len();
                    self.inodes.push(Inode::default());
                    self.names.insert(name.clone(), inode);
                    self.pending_names.push(NameChange::Created(name.clone(), inode));
                }
            }
            Event::Write { name, .. } | Event::Truncate { name, .. } => {
                let inode = self.names[name];
                self.inodes[inode].pending.push(position);
            }
            Event::Unlink(name) => {
                if self.names.remove(name).is_some() {
                    self.pending_names.push(NameChange::Unlinked(name.clone()));
                }
            }
            Event::SyncBegin { thread, name: Some(name) } => {
                let inode = self.names[name];
                self.syncs.insert(*thread, (Some(inode), self.inodes[inode].pending.len()));
            }
            Event::SyncBegin { thread, name: None } => {
                self.syncs.insert(*thread, (None, self.pending_names.len()));
            }
            Event::SyncEnd { thread } => match self.syncs.remove(thread) {
                Some((Some(inode), count)) => {
                    let Inode { durable, pending } = &mut self.inodes[inode];
                    for position in pending.drain(..count) {
                        change(durable, &events[position], |_| true, 0);
                    }
                }
                Some((None, count)) => {
                    for name in self.pending_names.drain(..count) {
                        rename(&mut self.durable_names, &name);
                    }
                }
                None => {}
            },
            Event::Told(_) => {}
        }
    }

    /// The files after the power went and came back.
    pub fn after_power_cut(&self, events: &[Event], loss: Loss, random: &mut Random) -> BTreeMap<String, Vec<u8>> {
        // Blocks that a file was to get hold zeros, or what somebody left in them.
        let filler = if random.per_cent(50) { 0 } else { 0xA5 };
        let last = match loss {
            Loss::All => 0,
            Loss::Tail => {
                let mut pending: Vec<usize> = self.inodes.iter().flat_map(|inode| inode.pending.clone()).collect();
                pending.sort_unstable();
                if pending.is_empty() { 0 } else { pending[random.index(pending.len())] }
            }
            Loss::Half | Loss::Torn(_) => usize::MAX,
        };
        let mut names = self.durable_names.clone();
        for change in &self.pending_names {
            if loss != Loss::All && random.per_cent(50) {
                rename(&mut names, change);
            }
        }
        let mut files = BTreeMap::new();
        for (name, inode) in names {
            let Inode { durable, pending } = &self.inodes[inode];
            let mut content = durable.clone();
            for position in pending {
                let event = &events[*position];
                let arrived = match loss {
                    Loss::All => false,
                    Loss::Tail => *position <= last,
                    Loss::Half | Loss::Torn(_) => random.per_cent(50),
                };
                match loss {
                    _ if !arrived => {}
                    Loss::All | Loss::Tail | Loss::Half => change(&mut content, event, |_| true, filler),
                    Loss::Torn(size) => {
                        let salt = random.next();
                        change(&mut content, event, |at| Random::new(salt ^ (at / size) as u64).per_cent(50), filler);
                    }
                }
            }
            files.insert(name, content);
        }
        files
    }
}

fn rename(names: &mut BTreeMap<String, usize>, change: &NameChange) {
    match change {
        NameChange::Created(name, inode) => names.insert(name.clone(), *inode),
        NameChange::Unlinked(name) => names.remove(name),
    };
}

/// Changes a file's content; of a write only the sectors whose place in the file is wanted.
fn change(content: &mut Vec<u8>, event: &Event, wanted: impl Fn(usize) -> bool, filler: u8) {
    match event {
        Event::Write { offset, bytes, .. } => {
            let end = offset + bytes.len();
            if content.len() < end {
                content.resize(end, filler);
            }
            // By pieces that no sector of 512 bytes or more divides.
            let mut from = *offset;
            while from < end {
                let to = (from / 512 * 512 + 512).min(end);
                if wanted(from) {
                    content[from..to].copy_from_slice(&bytes[from - offset..to - offset]);
                }
                from = to;
            }
        }
        Event::Truncate { length, .. } => content.resize(*length, 0),
        Event::Create(_) | Event::Unlink(_) | Event::SyncBegin { .. } | Event::SyncEnd { .. } | Event::Told(_) => {
            unreachable!("not a change of content")
        }
    }
}
