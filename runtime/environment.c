// SPDX-License-Identifier: Apache-2.0
// Environment variables.
//
// A plain array under a lock: few are there, and they are asked for seldom.
#include "environment.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

struct Environment {
    pthread_mutex_t mutex;
    char **entries;     // "NAME=VALUE", each of malloc
    size_t count, room; // in use; of entries
};

// [size] bytes of [name].
static char *new_entry(const char *name, size_t size, const char *value)
{
    size_t value_size = strlen(value);
    char *entry = memory_alloc(size + value_size + 2);
    memcpy(entry, name, size);
    entry[size] = '=';
    memcpy(entry + size + 1, value, value_size + 1);
    return entry;
}

static void append(Environment *e, char *entry)
{
    if (e->count == e->room)
        e->entries = memory_grow(e->entries, &e->room, 64, sizeof(char *));
    e->entries[e->count++] = entry;
}

static void destroy(Environment *e)
{
    for (size_t i = 0; i < e->count; i++) free(e->entries[i]);
    free(e->entries);
    pthread_mutex_destroy(&e->mutex);
    free(e);
}

// environ is read once, before anybody could change it.
static Environment *create(void)
{
    Environment *e = memory_zeroed(1, sizeof *e);
    pthread_mutex_init(&e->mutex, NULL);
    for (char **at = environ; at != NULL && *at != NULL; at++) {
        const char *equals = strchr(*at, '=');
        // Without one it is nothing that Erlang code could name, but programs
        // that are started get it as well.
        if (equals != NULL)
            append(e, new_entry(*at, (size_t)(equals - *at), equals + 1));
        else
            append(e, strcpy(memory_alloc(strlen(*at) + 1), *at));
    }
    return e;
}

// The node's environment; of two threads that make it, the first wins.
static Environment *environment_of(Node *node)
{
    Environment *e = atomic_load(&node->environment);
    if (e != NULL) return e;
    Environment *made = create();
    if (atomic_compare_exchange_strong(&node->environment, &e, made))
        return made;
    destroy(made);
    return e;
}

// Where [name] stands, or the number of entries.
// A name that only begins the same way has no = there.
static size_t find(const Environment *e, const char *name, size_t size)
{
    size_t i = 0;
    while (i < e->count
           && (strncmp(e->entries[i], name, size) != 0
               || e->entries[i][size] != '='))
        i++;
    return i;
}

// A copy, since others may change it at once.
char *environment_get(Node *node, const char *name)
{
    Environment *e = environment_of(node);
    size_t size = strlen(name);
    pthread_mutex_lock(&e->mutex);
    size_t i = find(e, name, size);
    char *value = NULL;
    if (i < e->count) {
        const char *text = e->entries[i] + size + 1;
        size_t length = strlen(text);
        value = memcpy(memory_alloc(length + 1), text, length + 1);
    }
    pthread_mutex_unlock(&e->mutex);
    return value;
}

void environment_put(Node *node, const char *name, const char *value)
{
    Environment *e = environment_of(node);
    size_t size = strlen(name);
    char *entry = new_entry(name, size, value); // before the lock is taken
    pthread_mutex_lock(&e->mutex);
    size_t i = find(e, name, size);
    if (i < e->count) {
        free(e->entries[i]);
        e->entries[i] = entry;
    } else {
        append(e, entry);
    }
    pthread_mutex_unlock(&e->mutex);
}

void environment_remove(Node *node, const char *name)
{
    Environment *e = environment_of(node);
    pthread_mutex_lock(&e->mutex);
    size_t i = find(e, name, strlen(name));
    if (i < e->count) {
        free(e->entries[i]);
        e->entries[i] = e->entries[--e->count]; // order does not matter
    }
    pthread_mutex_unlock(&e->mutex);
}

// One block: pointers first, then the texts.
char **environment_copy(Node *node)
{
    Environment *e = environment_of(node);
    pthread_mutex_lock(&e->mutex);
    size_t size = (e->count + 1) * sizeof(char *);
    for (size_t i = 0; i < e->count; i++) size += strlen(e->entries[i]) + 1;
    char **copy = memory_alloc(size);
    char *to = (char *)(copy + e->count + 1);
    for (size_t i = 0; i < e->count; i++) {
        copy[i] = to;
        to = stpcpy(to, e->entries[i]) + 1;
    }
    copy[e->count] = NULL;
    pthread_mutex_unlock(&e->mutex);
    return copy;
}

void environment_free(Node *node)
{
    Environment *e = atomic_exchange(&node->environment, NULL);
    if (e != NULL) destroy(e);
}
