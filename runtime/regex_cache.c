// SPDX-License-Identifier: Apache-2.0
// The cache of regular expressions: sets of a few places each, found by a hash
// of the source, with a lock of their own. The one used last stands first in
// its set.
#include "regex_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "regex_table.h"

enum {
    SETS = 256,
    PLACES = 4,
    // Machine code takes as long to make as some ten runs without it.
    USES_BEFORE_FAST = 3
};

typedef struct {
    pthread_mutex_t lock;
    Regex *places[PLACES]; // NULL: free, at the end
} Set;

struct RegexCache {
    uint8_t *letters;
    Set sets[SETS];
};

static RegexCache *new_cache(void)
{
    RegexCache *cache = memory_zeroed(1, sizeof *cache);
    cache->letters = regex_table_new();
    for (size_t i = 0; i < SETS; i++)
        pthread_mutex_init(&cache->sets[i].lock, NULL);
    return cache;
}

static void free_cache(RegexCache *cache)
{
    for (size_t i = 0; i < SETS; i++) {
        for (size_t j = 0; j < PLACES; j++)
            if (cache->sets[i].places[j] != NULL)
                counted_release(&cache->sets[i].places[j]->counted);
        pthread_mutex_destroy(&cache->sets[i].lock);
    }
    regex_table_free(cache->letters);
    free(cache);
}

// Two threads may make it at the same time: one of them is kept.
RegexCache *regex_cache(Node *node)
{
    RegexCache *cache = atomic_load(&node->regex_cache);
    if (cache != NULL) return cache;
    RegexCache *mine = new_cache();
    if (atomic_compare_exchange_strong(&node->regex_cache, &cache, mine))
        return mine;
    free_cache(mine); // another thread was faster
    return cache;
}

void regex_cache_free(Node *node)
{
    RegexCache *cache = atomic_load(&node->regex_cache);
    if (cache != NULL) free_cache(cache);
}

const uint8_t *regex_cache_letters(const RegexCache *cache)
{
    return cache->letters;
}

// FNV-1a; patterns are short.
static Set *find_set(RegexCache *cache, RegexSource source)
{
    uint32_t hash = 2166136261;
    for (size_t i = 0; i < source.size; i++)
        hash = (hash ^ (uint8_t)source.text[i]) * 16777619;
    return &cache->sets[(hash ^ hash >> 16) % SETS];
}

static bool is_of(const Regex *r, RegexSource source, const RegexOptions *o)
{
    return r->source.size == source.size && r->options.flags == o->flags
           && r->options.newline == o->newline && r->options.bsr == o->bsr
           && memcmp(r->source.text, source.text, source.size) == 0;
}

// The place in [set], whose lock is held; PLACES when it is in none.
static size_t find_place(const Set *set, RegexSource source,
                         const RegexOptions *o)
{
    size_t i = 0;
    while (i < PLACES
           && (set->places[i] == NULL || !is_of(set->places[i], source, o)))
        i++;
    return i;
}

// Puts [regex] first and those before place [i] one behind.
static void put_first(Set *set, size_t i, Regex *regex)
{
    memmove(set->places + 1, set->places, i * sizeof *set->places);
    set->places[0] = regex;
}

Regex *regex_cache_find(RegexCache *cache, RegexSource source,
                        const RegexOptions *options, bool *fast)
{
    Set *set = find_set(cache, source);
    Regex *r = NULL;
    pthread_mutex_lock(&set->lock);
    size_t i = find_place(set, source, options);
    if (i < PLACES) {
        r = set->places[i];
        put_first(set, i, r);
        *fast = !r->fast && ++r->uses == USES_BEFORE_FAST;
        if (*fast)
            r = NULL;
        else
            counted_keep(&r->counted);
    }
    pthread_mutex_unlock(&set->lock);
    return r;
}

void regex_cache_add(RegexCache *cache, Regex *regex)
{
    Set *set = find_set(cache, regex->source);
    counted_keep(&regex->counted);
    pthread_mutex_lock(&set->lock);
    size_t i = find_place(set, regex->source, &regex->options);
    if (i == PLACES) i--;
    Regex *gone = set->places[i];
    put_first(set, i, regex);
    pthread_mutex_unlock(&set->lock);
    if (gone != NULL) counted_release(&gone->counted);
}
