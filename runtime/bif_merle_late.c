// SPDX-License-Identifier: Apache-2.0
// merle_late: bytes that wait to be written to a raw file, for raw_file_io.
// The file's user adds, without asking the process that holds the file; that
// process takes them. While it writes it lets nothing be added, so that an
// error comes before whatever is written next.
#include <pthread.h>
#include <stdlib.h>

#include "bif.h"
#include "buffer.h"
#include "iodata.h"
#include "magic.h"
#include "process.h"
#include "runtime_bifs.gen.h"

typedef struct {
    Counted counted;      // must be first
    Term user;            // pid of who may add
    pthread_mutex_t lock; // guards what follows
    Buffer waiting;
    int64_t most; // bytes that may wait; negative: nothing may be added
} Late;

static void destroy(Counted *c)
{
    Late *l = (Late *)c;
    pthread_mutex_destroy(&l->lock);
    buffer_free(&l->waiting);
    free(l);
}

// new(User): nothing may be added before the first take.
Term bif_merle_late_new_1(Process *p, const Term *args)
{
    if (!term_is_local_pid(args[0])) return bif_error(p, ATOM_badarg);
    Late *l = memory_zeroed(1, sizeof *l);
    atomic_init(&l->counted.count, 1);
    l->counted.destroy = destroy;
    l->user = args[0];
    l->most = -1;
    pthread_mutex_init(&l->lock, NULL);
    return magic_ref_new(p->node, process_heap(p), &l->counted);
}

// How adding [size] bytes of [data] went: first, if they are all that waits,
// or ok; false if they may not.
static Term add(Late *l, Term data, size_t size)
{
    if (l->most < 0 || size > (size_t)l->most - l->waiting.size)
        return ATOM_false;
    bool is_first = l->waiting.size == 0 && size > 0;
    buffer_reserve(&l->waiting, size);
    if (size > 0) iodata_copy(data, l->waiting.bytes + l->waiting.size);
    l->waiting.size += size;
    return is_first ? ATOM_first : ATOM_ok;
}

// add(Late, Bytes) -> first | ok | false, see above. What is no iodata is
// false, too: whoever is asked then says so.
Term bif_merle_late_add_2(Process *p, const Term *args)
{
    size_t size;
    Late *l = (Late *)magic_object(args[0], destroy);
    if (l == NULL) return bif_error(p, ATOM_badarg);
    if (!term_same(l->user, p->pid) || iodata_size(args[1], &size) != IODATA_OK)
        return ATOM_false;
    pthread_mutex_lock(&l->lock);
    Term answer = add(l, args[1], size);
    pthread_mutex_unlock(&l->lock);
    return answer;
}

// take(Late, Most) -> Binary: what waits; from now on so much may, or nothing
// (-1).
Term bif_merle_late_take_2(Process *p, const Term *args)
{
    int64_t most;
    Late *l = (Late *)magic_object(args[0], destroy);
    if (l == NULL || !bif_get_int64(args[1], &most))
        return bif_error(p, ATOM_badarg);
    pthread_mutex_lock(&l->lock);
    Buffer taken = l->waiting;
    buffer_init(&l->waiting);
    l->most = most;
    pthread_mutex_unlock(&l->lock);
    Term bytes = heap_binary(process_heap(p), taken.bytes, taken.size);
    buffer_free(&taken);
    return bytes;
}
