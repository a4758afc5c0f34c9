// SPDX-License-Identifier: Apache-2.0
// merle_keep: tokens that tell when the last of their copies is gone.
//
// A keeper hands out names (for code that is compiled for the prompt), and
// tokens for them. All shells of a node have the same one, so that no two give
// their code one name, and what a shell leaves behind is another's to purge. A
// token is a magic reference: it may be copied into messages and
// tables, and when the collector has found the last copy dead its name is
// among those that the keeper has for dropped. The keeper outlives its tokens.
//
// What was typed, which each fun of it refers to, is shared as a literal that
// belongs to a token: processes that run such funs have no copies of it.
// Without it each line that is typed would leave its module behind for ever.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "atom.h"
#include "bif.h"
#include "literal.h"
#include "magic.h"
#include "memory.h"
#include "process.h"
#include "shell_bifs.gen.h"
#include "terminal.h"

// In a keeper's list, or still with its token.
typedef struct Dropped Dropped;
struct Dropped {
    Term name;            // an atom
    LiteralBlock *shared; // what was shared with its token, or NULL
    Dropped *next;        // in the list
};

typedef struct {
    Counted counted;       // must be first
    pthread_mutex_t mutex; // tokens die on any thread
    Dropped *dropped;      // newest first
    Dropped *unused;       // names that were given back; nothing is shared
    size_t made;           // names there are
} Keeper;

typedef struct {
    Counted counted; // must be first
    Keeper *keeper;  // kept alive by this token
    Dropped *entry;  // for the keeper, made beforehand
} Token;

static void free_entries(Dropped *entry)
{
    while (entry != NULL) {
        Dropped *next = entry->next;
        free(entry);
        entry = next;
    }
}

// The last token keeps the keeper, so none can be dropped after this.
static void destroy_keeper(Counted *c)
{
    Keeper *k = (Keeper *)c;
    free_entries(k->dropped);
    free_entries(k->unused);
    pthread_mutex_destroy(&k->mutex);
    free(k);
}

// On whatever thread the last reference died, within a collection perhaps:
// nothing is built here, only linked.
static void destroy_token(Counted *c)
{
    Token *t = (Token *)c;
    pthread_mutex_lock(&t->keeper->mutex);
    t->entry->next = t->keeper->dropped;
    t->keeper->dropped = t->entry;
    pthread_mutex_unlock(&t->keeper->mutex);
    counted_release(&t->keeper->counted);
    free(t);
}

static Keeper *new_keeper(void)
{
    Keeper *k = memory_zeroed(1, sizeof *k);
    atomic_init(&k->counted.count, 1);
    k->counted.destroy = destroy_keeper;
    pthread_mutex_init(&k->mutex, NULL);
    return k;
}

// merle_keep:keeper() -> Keeper: the node's
Term bif_merle_keep_keeper_0(Process *p, const Term *args)
{
    _Atomic(Counted *) *place = terminal_keeper(terminal_of(p->node));
    Counted *keeper = atomic_load(place);
    if (keeper == NULL) {
        Counted *made = &new_keeper()->counted;
        // Another shell may be first.
        if (atomic_compare_exchange_strong(place, &keeper, made))
            keeper = made;
        else
            counted_release(made);
    }
    counted_keep(keeper);
    return magic_ref_new(p->node, process_heap(p), keeper);
}

// merle_keep:name(Keeper) -> Name, which nobody else has until it is given back
Term bif_merle_keep_name_1(Process *p, const Term *args)
{
    Keeper *k = (Keeper *)magic_object(args[0], destroy_keeper);
    if (k == NULL) return bif_error(p, ATOM_badarg);
    pthread_mutex_lock(&k->mutex);
    Dropped *entry = k->unused;
    if (entry != NULL) k->unused = entry->next;
    size_t number = entry == NULL ? ++k->made : 0;
    pthread_mutex_unlock(&k->mutex);
    char text[40];
    if (entry == NULL) {
        int size = snprintf(text, sizeof text, "erl_eval@%zu", number);
        return atom_new(p->node->atoms, text, (size_t)size);
    }
    Term name = entry->name;
    free(entry);
    return name;
}

// merle_keep:give_back(Keeper, Name) -> ok: no code has that name any more.
Term bif_merle_keep_give_back_2(Process *p, const Term *args)
{
    Keeper *k = (Keeper *)magic_object(args[0], destroy_keeper);
    if (k == NULL || !term_is_atom(args[1])) return bif_error(p, ATOM_badarg);
    Dropped *entry = memory_zeroed(1, sizeof *entry);
    entry->name = args[1];
    pthread_mutex_lock(&k->mutex);
    entry->next = k->unused;
    k->unused = entry;
    pthread_mutex_unlock(&k->mutex);
    return ATOM_ok;
}

// merle_keep:token(Keeper, Name) -> Token
Term bif_merle_keep_token_2(Process *p, const Term *args)
{
    Keeper *k = (Keeper *)magic_object(args[0], destroy_keeper);
    if (k == NULL || !term_is_atom(args[1])) return bif_error(p, ATOM_badarg);
    Token *t = memory_zeroed(1, sizeof *t);
    atomic_init(&t->counted.count, 1);
    t->counted.destroy = destroy_token;
    t->keeper = k;
    // Made now, for destroy_token must not fail or wait.
    t->entry = memory_zeroed(1, sizeof *t->entry);
    t->entry->name = args[1];
    // A token holds its keeper.
    counted_keep(&k->counted);
    return magic_ref_new(p->node, process_heap(p), &t->counted);
}

// merle_keep:share(Token, Term) -> Term, as a literal until the token is gone.
// Once for each token.
// Afterwards the process has a pointer to the literal in the place of its own
// copy.
Term bif_merle_keep_share_2(Process *p, const Term *args)
{
    Token *t = (Token *)magic_object(args[0], destroy_token);
    if (t == NULL || t->entry->shared != NULL)
        return bif_error(p, ATOM_badarg);
    Term shared = args[1];
    t->entry->shared = literal_block_new(p->node, 1, &shared);
    return shared;
}

// merle_keep:is_token(Term) -> boolean(): not so for what came from elsewhere
// or through the external format, which keeps nothing alive.
Term bif_merle_keep_is_token_1(Process *p, const Term *args)
{
    return magic_object(args[0], destroy_token) != NULL ? ATOM_true
                                                        : ATOM_false;
}

// merle_keep:dropped(Keeper) -> [Name], each once
Term bif_merle_keep_dropped_1(Process *p, const Term *args)
{
    Keeper *k = (Keeper *)magic_object(args[0], destroy_keeper);
    if (k == NULL) return bif_error(p, ATOM_badarg);
    // The whole list at once: the lock is held for two words.
    pthread_mutex_lock(&k->mutex);
    Dropped *dropped = k->dropped;
    k->dropped = NULL;
    pthread_mutex_unlock(&k->mutex);
    Term names = TERM_NIL;
    while (dropped != NULL) {
        Dropped *next = dropped->next;
        names = heap_cons(process_heap(p), dropped->name, names);
        // Heaps may still have parts of it: they are asked for them.
        // A literal may be referred to by heaps that have nothing to do with
        // the token, so it is not simply freed.
        literal_block_retire(p->node, dropped->shared);
        free(dropped);
        dropped = next;
    }
    return names;
}
