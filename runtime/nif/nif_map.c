// SPDX-License-Identifier: Apache-2.0
// Maps for NIFs.
//
// An iterator has all pairs of the map laid out in an array, in the order of
// maps:to_list; index 0 is before the first, size + 1 behind the last.
#include <stdlib.h>

#include "map.h"
#include "memory.h"
#include "nif_part.h"

// 0 of what is no map, in all of these.
int enif_get_map_size(ErlNifEnv *env, ERL_NIF_TERM map, size_t *size)
{
    (void)env;
    if (!term_is_map((Term){map})) return 0;
    *size = map_size((Term){map});
    return 1;
}

// 0 also when the key is not there.
int enif_get_map_value(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key,
                       ERL_NIF_TERM *value)
{
    (void)env;
    if (!term_is_map((Term){map})) return 0;
    Term found = map_get((Term){map}, (Term){key});
    if (term_is_none(found)) return 0;
    *value = found.bits;
    return 1;
}

ERL_NIF_TERM enif_make_new_map(ErlNifEnv *env)
{
    return map_new(env->heap).bits;
}

// A new map; the old one stays.
int enif_make_map_put(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key,
                      ERL_NIF_TERM value, ERL_NIF_TERM *to)
{
    if (!term_is_map((Term){map})) return 0;
    *to = map_put(env->heap, env->node->atoms, (Term){map}, (Term){key},
                  (Term){value})
              .bits;
    return 1;
}

// 0: there is no such key.
int enif_make_map_update(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key,
                         ERL_NIF_TERM value, ERL_NIF_TERM *to)
{
    if (!term_is_map((Term){map})) return 0;
    Term changed = map_update(env->heap, (Term){map}, (Term){key},
                              (Term){value});
    if (term_is_none(changed)) return 0;
    *to = changed.bits;
    return 1;
}

// Without the key it is the map itself.
int enif_make_map_remove(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key,
                         ERL_NIF_TERM *to)
{
    if (!term_is_map((Term){map})) return 0;
    *to = map_remove(env->heap, env->node->atoms, (Term){map}, (Term){key},
                     NULL)
              .bits;
    return 1;
}

// False when a key comes twice.
int enif_make_map_from_arrays(ErlNifEnv *env, ERL_NIF_TERM keys[],
                              ERL_NIF_TERM values[], size_t count,
                              ERL_NIF_TERM *to)
{
    // One more, as memory of no size is none.
    Term *pairs = memory_alloc((2 * count + 1) * sizeof *pairs);
    for (size_t i = 0; i < count; i++) {
        pairs[2 * i].bits = keys[i];
        pairs[2 * i + 1].bits = values[i];
    }
    Term map = map_from_pairs(env->heap, env->node->atoms, count, pairs);
    free(pairs);
    // Keys that are equal became one.
    if (map_size(map) != count) return 0;
    *to = map.bits;
    return 1;
}

// All pairs at once: an iterator may go both ways, which a trie cannot.
int enif_map_iterator_create(ErlNifEnv *env, ERL_NIF_TERM map,
                             ErlNifMapIterator *iterator,
                             ErlNifMapIteratorEntry entry)
{
    MapIterator it;
    (void)env;
    if (!term_is_map((Term){map})) return 0;
    size_t size = map_size((Term){map});
    Term *pairs = memory_alloc((2 * size + 1) * sizeof *pairs);
    map_iterate(&it, (Term){map});
    for (size_t i = 0; i < size; i++)
        map_next(&it, &pairs[2 * i], &pairs[2 * i + 1]);
    *iterator = (ErlNifMapIterator){.map = map, .size = size, .pairs = pairs};
    // OTP begins at the first or the last pair.
    iterator->index = entry == ERL_NIF_MAP_ITERATOR_LAST ? size : 1;
    if (size == 0 && entry == ERL_NIF_MAP_ITERATOR_LAST) iterator->index = 0;
    return 1;
}

// Must be called, or the array leaks.
void enif_map_iterator_destroy(ErlNifEnv *env, ErlNifMapIterator *iterator)
{
    (void)env;
    free(iterator->pairs);
    iterator->pairs = NULL;
}

int enif_map_iterator_is_head(ErlNifEnv *env, ErlNifMapIterator *iterator)
{
    (void)env;
    return iterator->index == 0;
}

int enif_map_iterator_is_tail(ErlNifEnv *env, ErlNifMapIterator *iterator)
{
    (void)env;
    return iterator->index == iterator->size + 1;
}

// Behind the last it stays.
int enif_map_iterator_next(ErlNifEnv *env, ErlNifMapIterator *iterator)
{
    (void)env;
    if (iterator->index <= iterator->size) iterator->index++;
    return iterator->index <= iterator->size;
}

int enif_map_iterator_prev(ErlNifEnv *env, ErlNifMapIterator *iterator)
{
    (void)env;
    if (iterator->index > 0) iterator->index--;
    return iterator->index > 0;
}

// 0 before the first and behind the last.
int enif_map_iterator_get_pair(ErlNifEnv *env, ErlNifMapIterator *iterator,
                               ERL_NIF_TERM *key, ERL_NIF_TERM *value)
{
    (void)env;
    if (iterator->index == 0 || iterator->index > iterator->size) return 0;
    const Term *pair = (Term *)iterator->pairs + 2 * (iterator->index - 1);
    *key = pair[0].bits;
    *value = pair[1].bits;
    return 1;
}
