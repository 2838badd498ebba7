//! Keeps finished prompts, so that what every caller hears is synthesised once.

use crate::spoken::Spoken;
use crate::voice::Script;
use std::collections::BTreeMap;

/// What a cache has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheStats {
    /// Prompts found.
    pub hits: u64,
    /// Prompts not found.
    pub misses: u64,
    /// Prompts that gave way to others.
    pub evicted: u64,
    /// Bytes held now.
    pub bytes: usize,
}

/// Finished prompts by script, bounded by their bytes. When full, the prompts not used for the
/// longest time give way; a prompt larger than the whole bound is not kept.
#[derive(Debug)]
pub struct PromptCache {
    prompts: BTreeMap<Script, Entry>,
    /// Scripts by their last use, oldest first.
    by_use: BTreeMap<u64, Script>,
    uses: u64,
    bound: usize,
    stats: CacheStats,
}

#[derive(Debug)]
struct Entry {
    spoken: Spoken,
    bytes: usize,
    used: u64,
}

impl PromptCache {
    /// A cache for at most `bound` bytes; a minute of speech is about one million.
    pub fn new(bound: usize) -> Self {
        Self {
            prompts: BTreeMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
            bound,
            stats: CacheStats::default(),
        }
    }

    /// Finds a prompt and marks it as used; the clone shares its samples.
    pub fn get(&mut self, script: &Script) -> Option<Spoken> {
        let Some(entry) = self.prompts.get_mut(script) else {
            self.stats.misses += 1;
            return None;
        };
        self.stats.hits += 1;
        self.uses += 1;
        if let Some(script) = self.by_use.remove(&entry.used) {
            self.by_use.insert(self.uses, script);
        }
        entry.used = self.uses;
        Some(entry.spoken.clone())
    }

    /// Keeps a prompt, in place of one of the same script.
    pub fn insert(&mut self, script: Script, spoken: Spoken) {
        self.remove(&script);
        let bytes = bytes_of(&script, &spoken);
        if bytes > self.bound {
            return;
        }
        while self.stats.bytes + bytes > self.bound {
            let Some((_, oldest)) = self.by_use.pop_first() else {
                break;
            };
            self.remove(&oldest);
            self.stats.evicted += 1;
        }
        self.uses += 1;
        self.stats.bytes += bytes;
        self.by_use.insert(self.uses, script.clone());
        self.prompts.insert(
            script,
            Entry {
                spoken,
                bytes,
                used: self.uses,
            },
        );
    }

    /// What the cache has done so far.
    pub fn stats(&self) -> CacheStats {
        self.stats
    }

    fn remove(&mut self, script: &Script) {
        if let Some(entry) = self.prompts.remove(script) {
            self.by_use.remove(&entry.used);
            self.stats.bytes -= entry.bytes;
        }
    }
}

fn bytes_of(script: &Script, spoken: &Spoken) -> usize {
    // The script is held twice: as key and in the order of use.
    std::mem::size_of_val(&*spoken.pcm)
        + std::mem::size_of_val(spoken.words.as_slice())
        + spoken.text.len()
        + 2 * script.text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::Rate;
    use proptest::prelude::*;

    fn prompt(name: &str, samples: usize) -> (Script, Spoken) {
        (
            Script::new(name),
            Spoken::new(name, vec![0; samples], Vec::new()),
        )
    }

    fn cache(bound: usize, prompts: &[(&str, usize)]) -> PromptCache {
        let mut cache = PromptCache::new(bound);
        for (name, samples) in prompts {
            let (script, spoken) = prompt(name, *samples);
            cache.insert(script, spoken);
        }
        cache
    }

    #[test]
    fn the_prompt_not_used_for_longest_gives_way() {
        let mut cache = cache(2_100, &[("a", 500), ("b", 500)]);
        assert!(cache.get(&Script::new("a")).is_some());
        let (script, spoken) = prompt("c", 500);
        cache.insert(script, spoken);
        let kept = ["a", "b", "c"].map(|name| cache.get(&Script::new(name)).is_some());
        assert_eq!(kept, [true, false, true]);
        assert_eq!(
            cache.stats(),
            CacheStats {
                hits: 3,
                misses: 1,
                evicted: 1,
                bytes: 2_006
            }
        );
    }

    #[test]
    fn a_prompt_larger_than_the_cache_is_not_kept_and_drives_nobody_out() {
        let mut cache = cache(1_100, &[("a", 500), ("b", 5_000)]);
        assert!(cache.get(&Script::new("a")).is_some());
        assert!(cache.get(&Script::new("b")).is_none());
    }

    #[test]
    fn the_same_text_at_another_rate_is_another_prompt() {
        let mut cache = cache(9_000, &[("a", 500)]);
        assert!(cache.get(&Script::new("a").at(Rate::percent(80))).is_none());
    }

    #[test]
    fn a_newer_version_replaces_the_older_one() {
        let mut cache = cache(9_000, &[("a", 500), ("a", 700)]);
        assert_eq!(
            cache.get(&Script::new("a")).map(|spoken| spoken.pcm.len()),
            Some(700)
        );
        assert_eq!(cache.stats().bytes, 1_403);
    }

    proptest! {
        #[test]
        fn the_bound_holds_and_the_sum_is_right(
            steps in prop::collection::vec(("[a-f]", 0_usize..400, any::<bool>()), 0..60),
        ) {
            let mut cache = PromptCache::new(1_500);
            for (name, samples, look) in steps {
                if look {
                    cache.get(&Script::new(name));
                } else {
                    let (script, spoken) = prompt(&name, samples);
                    cache.insert(script, spoken);
                }
                let sum: usize = cache.prompts.values().map(|entry| entry.bytes).sum();
                prop_assert_eq!(sum, cache.stats().bytes);
                prop_assert!(sum <= 1_500);
                prop_assert_eq!(cache.prompts.len(), cache.by_use.len());
            }
        }
    }
}
