// SPDX-License-Identifier: Apache-2.0
// Vectors of bytes and queues of them (enif_inspect_iovec, enif_ioq_...).
//
// What stands in a vector or queue is a piece of a blob, which it holds; bytes
// that lie elsewhere are copied into a blob of their own.
// So bytes stay where they are until they were written out, however many terms
// and queues refer to them.
#include <stdlib.h>

#include "memory.h"
#include "nif_part.h"

// One count of the blob belongs to the piece.
typedef struct {
    Blob *blob;     // never NULL
    SysIOVec bytes; // in the blob
} Piece;

// Pieces [first] to [end] of the array are in the queue.
struct erts_io_queue {
    Piece *pieces;           // memory of malloc
    SysIOVec *peeked;        // as enif_ioq_peek gave it away
    size_t first, end, room; // in the array
    size_t size;             // bytes
};

// The copy has count 1.
static Blob *copy_to_blob(const void *bytes, size_t size)
{
    Blob *blob = blob_new(size);
    blob->size = size;
    memcpy(blob->bytes, bytes, size);
    return blob;
}

// The blob that the bytes of [t] lie in; NULL when they lie on a heap.
// Of a part the whole binary's.
static Blob *find_blob(Term t)
{
    if (term_subtag(t) == SUBTAG_BITS) t = term_box_ptr(t)[3];
    return term_subtag(t) == SUBTAG_COUNTED ? counted_blob(t) : NULL;
}

// The bytes of [t]; false when it is no binary. The blob is counted.
static bool get_piece(Term t, Piece *piece)
{
    Bits bits;
    if (!term_bits(t, &bits) || bits.size % 8 != 0) return false;
    size_t size = bits.size / 8;
    piece->blob = find_blob(t);
    // Within a byte there is no address to hand out.
    if (piece->blob != NULL && bits.offset % 8 == 0) {
        counted_keep(&piece->blob->counted);
        piece->bytes.iov_base = (void *)(uintptr_t)(bits.base
                                                    + bits.offset / 8);
    } else {
        piece->blob = blob_new(size);
        piece->blob->size = size;
        bits_copy(piece->blob->bytes, &bits);
        piece->bytes.iov_base = piece->blob->bytes;
    }
    piece->bytes.iov_len = size;
    return true;
}

// ---- vectors ----

// Bits of [flags]: what enif_free_iovec has to free.
enum { FLAG_VECTOR = 1, FLAG_ARRAYS = 2 }; // of malloc: it, its arrays

// The vector itself is not freed.
static void release(const ErlNifIOVec *v)
{
    for (int i = 0; i < v->iovcnt; i++)
        counted_release(&((Blob *)v->ref_bins[i])->counted);
    if (!(v->flags & FLAG_ARRAYS)) return;
    free(v->iov);
    free(v->ref_bins);
}

// How many binaries [list] begins with, at most [most]; -1 when something
// else comes before.
// 0 pieces of an empty list are no error.
static int count_binaries(Term list, size_t most)
{
    int n = 0;
    for (; term_is_cons(list) && (size_t)n < most; list = term_tail(list), n++)
        if (!term_is_binary(term_head(list))) return -1;
    return term_is_list(list) ? n : -1;
}

// Arrays for [room] pieces; of [env] unless that is NULL.
// Few pieces need no memory: the vector has room for them.
static void set_room(ErlNifEnv *env, ErlNifIOVec *v, size_t room)
{
    size_t vectors = room * sizeof *v->iov, blobs = room * sizeof *v->ref_bins;
    if (room <= ERL_NIF_IOVEC_SIZE) {
        v->iov = v->small_iov;
        v->ref_bins = v->small_ref_bin;
    } else if (env != NULL) {
        v->iov = nif_lend_bytes(env, vectors);
        v->ref_bins = nif_lend_bytes(env, blobs);
    } else {
        v->iov = memory_alloc(vectors);
        v->ref_bins = memory_alloc(blobs);
        v->flags |= FLAG_ARRAYS;
    }
}

// Puts the first [n] binaries of [list] into [v]; the rest.
// Empty binaries are left out.
static Term fill(ErlNifEnv *env, ErlNifIOVec *v, Term list, int n)
{
    for (int i = 0; i < n; i++, list = term_tail(list)) {
        Piece piece = {NULL};
        if (!get_piece(term_head(list), &piece)) continue; // all are binaries
        // The environment then has the count; without one the vector has it.
        if (env != NULL) nif_lend(env, piece.blob);
        if (piece.bytes.iov_len == 0) {
            if (env == NULL) counted_release(&piece.blob->counted);
            continue;
        }
        v->iov[v->iovcnt] = piece.bytes;
        v->ref_bins[v->iovcnt++] = piece.blob;
        v->size += piece.bytes.iov_len;
    }
    return list;
}

// What a vector of an environment holds goes with that.
// Vectors of no environment are freed by enif_free_iovec.
int enif_inspect_iovec(ErlNifEnv *env, size_t most, ERL_NIF_TERM term,
                       ERL_NIF_TERM *tail, ErlNifIOVec **vector)
{
    Term list = {term};
    int n = count_binaries(list, most == 0 ? SIZE_MAX : most);
    if (n < 0) return 0;
    // The caller's own structure, or a new one.
    ErlNifIOVec *v = *vector;
    int flags = 0;
    if (v == NULL && env != NULL) {
        v = nif_lend_bytes(env, sizeof *v);
    } else if (v == NULL) {
        v = memory_alloc(sizeof *v);
        flags = FLAG_VECTOR;
    }
    *v = (ErlNifIOVec){.flags = flags};
    set_room(env, v, (size_t)n);
    *tail = fill(env, v, list, n).bits;
    *vector = v;
    return 1;
}

void enif_free_iovec(ErlNifIOVec *v)
{
    bool own = (v->flags & FLAG_VECTOR) != 0;
    release(v);
    if (own) free(v);
}

// ---- queues ----
// A queue belongs to the library, which must not use it from two threads at a
// time.

ErlNifIOQueue *enif_ioq_create(ErlNifIOQueueOpts options)
{
    return options == ERL_NIF_IOQ_NORMAL ? memory_zeroed(1, sizeof(ErlNifIOQueue))
                                         : NULL;
}

void enif_ioq_destroy(ErlNifIOQueue *q)
{
    for (size_t i = q->first; i < q->end; i++)
        counted_release(&q->pieces[i].blob->counted);
    free(q->pieces);
    free(q->peeked);
    free(q);
}

// Adds a piece, whose blob's count is the queue's then.
// The array is moved down before it is made larger.
static void add(ErlNifIOQueue *q, Piece piece)
{
    if (q->end == q->room && q->first > 0) {
        memmove(q->pieces, q->pieces + q->first,
                (q->end - q->first) * sizeof *q->pieces);
        q->end -= q->first;
        q->first = 0;
    } else if (q->end == q->room) {
        q->room = q->room * 2 + 8;
        q->pieces = memory_resize(q->pieces, q->room * sizeof *q->pieces);
    }
    q->pieces[q->end++] = piece;
    q->size += piece.bytes.iov_len;
}

// Takes [*skip] bytes off the front of [bytes]; false when nothing is left.
// [*skip] goes down by what was taken.
static bool skip_bytes(SysIOVec *bytes, size_t *skip)
{
    size_t n = *skip < bytes->iov_len ? *skip : bytes->iov_len;
    bytes->iov_base = (char *)bytes->iov_base + n;
    bytes->iov_len -= n;
    *skip -= n;
    return bytes->iov_len > 0;
}

// The bytes of an inspected binary stay the term's: they are copied.
// The binary is the queue's afterwards.
int enif_ioq_enq_binary(ErlNifIOQueue *q, ErlNifBinary *bin, size_t skip)
{
    if (skip > bin->size) return 0;
    Blob *blob = bin->ref_bin;
    if (blob == NULL) blob = copy_to_blob(bin->data, bin->size);
    bin->ref_bin = NULL;
    SysIOVec bytes = {blob->bytes, bin->size};
    if (skip_bytes(&bytes, &skip))
        add(q, (Piece){blob, bytes});
    else
        counted_release(&blob->counted);
    return 1;
}

// Pieces of a vector are shared: both count.
int enif_ioq_enqv(ErlNifIOQueue *q, ErlNifIOVec *v, size_t skip)
{
    if (skip > v->size) return 0;
    for (int i = 0; i < v->iovcnt; i++) {
        SysIOVec bytes = v->iov[i];
        if (!skip_bytes(&bytes, &skip)) continue;
        Blob *blob = v->ref_bins == NULL ? NULL : v->ref_bins[i];
        if (blob != NULL) {
            counted_keep(&blob->counted);
        } else {
            blob = copy_to_blob(bytes.iov_base, bytes.iov_len);
            bytes.iov_base = blob->bytes;
        }
        add(q, (Piece){blob, bytes});
    }
    return 1;
}

size_t enif_ioq_size(ErlNifIOQueue *q)
{
    return q->size;
}

// 0: there are not so many bytes.
int enif_ioq_deq(ErlNifIOQueue *q, size_t count, size_t *size)
{
    if (count > q->size) return 0;
    q->size -= count;
    while (count > 0) {
        Piece *piece = &q->pieces[q->first];
        // A piece of which something is left stays.
        if (skip_bytes(&piece->bytes, &count)) break;
        counted_release(&piece->blob->counted);
        q->first++;
    }
    if (size != NULL) *size = q->size;
    return 1;
}

// Good until the next call on this queue.
SysIOVec *enif_ioq_peek(ErlNifIOQueue *q, int *count)
{
    size_t n = q->end - q->first;
    q->peeked = memory_resize(q->peeked, (n + 1) * sizeof *q->peeked);
    for (size_t i = 0; i < n; i++)
        q->peeked[i] = q->pieces[q->first + i].bytes;
    *count = (int)n;
    return q->peeked;
}

// The first piece as a term that shares its bytes.
int enif_ioq_peek_head(ErlNifEnv *env, ErlNifIOQueue *q, size_t *size,
                       ERL_NIF_TERM *head)
{
    if (q->size == 0) return 0;
    const Piece *piece = &q->pieces[q->first];
    size_t at = (size_t)((uint8_t *)piece->bytes.iov_base
                         - piece->blob->bytes);
    counted_keep(&piece->blob->counted);
    Term whole = heap_binary_from_blob(env->heap, piece->blob,
                                       piece->blob->size);
    *head = heap_sub_bits(env->heap, whole, 8 * at,
                          8 * piece->bytes.iov_len)
                .bits;
    if (size != NULL) *size = piece->bytes.iov_len;
    return 1;
}
