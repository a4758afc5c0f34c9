// SPDX-License-Identifier: Apache-2.0
// zlib: streams that compress or expand, for the module of that name. A stream
// is a magic reference that only its owner may use, one process at a time, so
// that it needs no lock; it holds what is still to be read.
// Each call does a bounded piece of work, so a scheduler is not held; zlib.erl
// has the loops. All state is zlib's own and the bytes that wait.
#include <stdlib.h>
#include <zlib.h>

#include "bif.h"
#include "buffer.h"
#include "magic.h"
#include "memory.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// Bytes read and written; 16 MB.
enum { BYTES_A_REDUCTION = 64, MOST_OUTPUT = 1 << 24 };

// CLOSED is for good, IDLE may start again.
typedef enum { STREAM_IDLE, STREAM_DEFLATE, STREAM_INFLATE, STREAM_CLOSED }
    StreamKind;

// What to do with input behind the end of what was compressed.
// The option of inflateInit: error, reset, cut.
typedef enum { END_ERROR, END_RESET, END_CUT } StreamEnd;

// Freed with its last reference, closed or not.
typedef struct {
    Counted counted;  // must be first
    Term owner;       // a local pid
    StreamKind kind;  // what it is doing
    StreamEnd at_end; // inflate only
    bool ended;       // inflate has seen the end
    uint32_t crc;     // of what is plain
    Buffer input;     // [used] bytes of it are done
    size_t used;
    Buffer held;  // output that the next call of zlib gives back
    size_t chunk; // size of the output of inflateChunk
    z_stream z;   // initialised while it deflates or inflates
} Stream;

// As if it had never been started.
static void stream_stop(Stream *s)
{
    if (s->kind == STREAM_DEFLATE) deflateEnd(&s->z);
    if (s->kind == STREAM_INFLATE) inflateEnd(&s->z);
    buffer_free(&s->input);
    buffer_free(&s->held);
    s->used = 0;
    s->kind = STREAM_IDLE;
}

static void stream_destroy(Counted *c)
{
    stream_stop((Stream *)c);
    free(c);
}

// The stream [t] if the process owns it; NULL, and an error raised, if not.
// Other processes: not_on_controlling_process.
static Stream *get_stream(Process *p, Term t)
{
    Stream *s = (Stream *)magic_object(t, stream_destroy);
    if (s == NULL) {
        bif_error(p, ATOM_badarg);
    } else if (!term_same(s->owner, p->pid)) {
        bif_error(p, ATOM_not_on_controlling_process);
        s = NULL;
    }
    return s;
}

// The same for a stream that is of [kind].
// A stream that does nothing, or the other thing: not_initialized.
static Stream *get_running(Process *p, Term t, StreamKind kind)
{
    Stream *s = get_stream(p, t);
    if (s != NULL && s->kind != kind) {
        bif_error(p, ATOM_not_initialized);
        s = NULL;
    }
    return s;
}

// The same for a stream that does either.
static Stream *get_busy(Process *p, Term t)
{
    Stream *s = get_stream(p, t);
    if (s == NULL || s->kind == STREAM_DEFLATE || s->kind == STREAM_INFLATE)
        return s;
    bif_error(p, ATOM_not_initialized);
    return NULL;
}

// The same for a stream that does nothing yet.
// Also a closed one fails here.
static Stream *get_idle(Process *p, Term t)
{
    Stream *s = get_stream(p, t);
    if (s != NULL && s->kind != STREAM_IDLE) {
        bif_error(p, ATOM_already_initialized);
        s = NULL;
    }
    return s;
}

// ok, or the error that zlib's [code] stands for.
// Raised or answered as OTP's zlib does.
static Term answer(Process *p, int code)
{
    switch (code) {
    case Z_OK: return ATOM_ok;
    case Z_DATA_ERROR: return bif_error(p, ATOM_data_error);
    case Z_STREAM_ERROR: return bif_error(p, ATOM_stream_error);
    case Z_BUF_ERROR: return ATOM_buf_error;
    case Z_MEM_ERROR: return ATOM_mem_error;
    default: return ATOM_unknown_error;
    }
}

// Bytes that were added and not read.
static size_t input_left(const Stream *s)
{
    return s->input.size - s->used;
}

// ---- from open to close ----

// The size of chunks is that of OTP's default.
Term bif_zlib_open_nif_0(Process *p, const Term *args)
{
    (void)args;
    Stream *s = memory_zeroed(1, sizeof *s);
    atomic_init(&s->counted.count, 1);
    s->counted.destroy = stream_destroy;
    s->owner = p->pid;
    s->chunk = 4000;
    return magic_ref_new(p->node, process_heap(p), &s->counted);
}

// Twice is an error.
Term bif_zlib_close_nif_1(Process *p, const Term *args)
{
    Stream *s = get_stream(p, args[0]);
    if (s == NULL) return TERM_NONE;
    if (s->kind == STREAM_CLOSED) return bif_error(p, ATOM_not_initialized);
    stream_stop(s);
    s->kind = STREAM_CLOSED;
    return ATOM_ok;
}

// For zlib:set_controlling_process.
Term bif_zlib_set_controller_nif_2(Process *p, const Term *args)
{
    Stream *s = get_stream(p, args[0]);
    if (s == NULL) return TERM_NONE;
    if (!term_is_local_pid(args[1])) return bif_error(p, ATOM_badarg);
    s->owner = args[1];
    return ATOM_ok;
}

// The caller in Erlang has checked them.
static int int_arg(Term t)
{
    return (int)term_small_value(t);
}

// deflateInit_nif(Stream, Level, Method, Bits, Memory, Strategy): the numbers
// of zlib, checked by the caller.
// zlib allocates its windows now: some 256 KB.
Term bif_zlib_deflateInit_nif_6(Process *p, const Term *args)
{
    Stream *s = get_idle(p, args[0]);
    if (s == NULL) return TERM_NONE;
    memset(&s->z, 0, sizeof s->z);
    int code = deflateInit2(&s->z, int_arg(args[1]), int_arg(args[2]),
                            int_arg(args[3]), int_arg(args[4]),
                            int_arg(args[5]));
    if (code != Z_OK) return answer(p, code);
    s->kind = STREAM_DEFLATE;
    s->crc = 0;
    s->ended = false;
    return ATOM_ok;
}

// inflateInit_nif(Stream, Bits, AtEnd)
// A negative number of bits is raw data.
Term bif_zlib_inflateInit_nif_3(Process *p, const Term *args)
{
    Stream *s = get_idle(p, args[0]);
    if (s == NULL) return TERM_NONE;
    memset(&s->z, 0, sizeof s->z);
    int code = inflateInit2(&s->z, int_arg(args[1]));
    if (code != Z_OK) return answer(p, code);
    s->kind = STREAM_INFLATE;
    s->at_end = (StreamEnd)int_arg(args[2]);
    s->crc = 0;
    s->ended = false;
    return ATOM_ok;
}

// The settings stay, data is forgotten.
static Term reset(Process *p, Term stream, StreamKind kind)
{
    Stream *s = get_running(p, stream, kind);
    if (s == NULL) return TERM_NONE;
    int code = s->kind == STREAM_DEFLATE ? deflateReset(&s->z)
                                         : inflateReset(&s->z);
    s->input.size = s->used = s->held.size = 0;
    s->crc = 0;
    s->ended = false;
    return answer(p, code);
}

Term bif_zlib_deflateReset_nif_1(Process *p, const Term *args)
{
    return reset(p, args[0], STREAM_DEFLATE);
}

Term bif_zlib_inflateReset_nif_1(Process *p, const Term *args)
{
    return reset(p, args[0], STREAM_INFLATE);
}

// An error when not all was done: data_error if input was left.
static Term finish(Process *p, Term stream, StreamKind kind)
{
    Stream *s = get_running(p, stream, kind);
    if (s == NULL) return TERM_NONE;
    bool whole = input_left(s) == 0
                 && (s->kind == STREAM_DEFLATE || s->ended);
    int code = s->kind == STREAM_DEFLATE ? deflateEnd(&s->z)
                                         : inflateEnd(&s->z);
    s->kind = STREAM_IDLE; // zlib's part has ended
    stream_stop(s);
    return answer(p, code == Z_OK && !whole ? Z_DATA_ERROR : code);
}

Term bif_zlib_deflateEnd_nif_1(Process *p, const Term *args)
{
    return finish(p, args[0], STREAM_DEFLATE);
}

Term bif_zlib_inflateEnd_nif_1(Process *p, const Term *args)
{
    return finish(p, args[0], STREAM_INFLATE);
}

// ---- settings ----

// deflateParams_nif(Stream, Level, Strategy)
// May write out what was kept; there is room for one byte only, the rest comes
// with the next step.
Term bif_zlib_deflateParams_nif_3(Process *p, const Term *args)
{
    Stream *s = get_running(p, args[0], STREAM_DEFLATE);
    if (s == NULL) return TERM_NONE;
    uint8_t none[1];
    s->z.next_in = none;
    s->z.avail_in = 0;
    s->z.next_out = none;
    s->z.avail_out = sizeof none;
    int code = deflateParams(&s->z, int_arg(args[1]), int_arg(args[2]));
    return answer(p, code == Z_BUF_ERROR ? Z_OK : code);
}

// Answers ok, or for deflate the dictionary's Adler32.
// May be asked for in the middle of inflating: need_dictionary.
static Term set_dictionary(Process *p, const Term *args, StreamKind kind)
{
    size_t size;
    uint8_t *bytes = bif_get_iodata(args[1], &size);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    Stream *s = get_running(p, args[0], kind);
    if (s == NULL) {
        free(bytes);
        return TERM_NONE;
    }
    int code = s->kind == STREAM_DEFLATE
                   ? deflateSetDictionary(&s->z, bytes, (uInt)size)
                   : inflateSetDictionary(&s->z, bytes, (uInt)size);
    free(bytes);
    if (code != Z_OK || s->kind == STREAM_INFLATE) return answer(p, code);
    return term_small((intptr_t)s->z.adler);
}

Term bif_zlib_deflateSetDictionary_nif_2(Process *p, const Term *args)
{
    return set_dictionary(p, args, STREAM_DEFLATE);
}

Term bif_zlib_inflateSetDictionary_nif_2(Process *p, const Term *args)
{
    return set_dictionary(p, args, STREAM_INFLATE);
}

// 32 KB on the C stack: a window is never larger.
Term bif_zlib_inflateGetDictionary_nif_1(Process *p, const Term *args)
{
    uint8_t bytes[1 << MAX_WBITS];
    uInt size = 0;
    Stream *s = get_running(p, args[0], STREAM_INFLATE);
    if (s == NULL) return TERM_NONE;
    int code = inflateGetDictionary(&s->z, bytes, &size);
    if (code != Z_OK) return answer(p, code);
    return heap_binary(process_heap(p), bytes, size);
}

// The checksum of what is plain.
// Of gzip and others the stream checks its own; this is for zlib:crc32/1.
Term bif_zlib_crc32_nif_1(Process *p, const Term *args)
{
    Stream *s = get_busy(p, args[0]);
    return s == NULL ? TERM_NONE : term_small((intptr_t)s->crc);
}

// inflateChunk of old.
Term bif_zlib_getBufSize_nif_1(Process *p, const Term *args)
{
    Stream *s = get_stream(p, args[0]);
    return s == NULL ? TERM_NONE : term_small((intptr_t)s->chunk);
}

Term bif_zlib_setBufSize_nif_2(Process *p, const Term *args)
{
    Stream *s = get_stream(p, args[0]);
    if (s == NULL) return TERM_NONE;
    if (!bif_get_size(args[1], &s->chunk)) return bif_error(p, ATOM_badarg);
    return ATOM_ok;
}

// ---- work ----
// enqueue_nif, then deflate_nif or inflate_nif until it says finished.

// Copied, as the caller's binary may go.
static Term add_bytes(Process *p, Buffer *b, Term iodata)
{
    size_t size;
    uint8_t *bytes = bif_get_iodata(iodata, &size);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    buffer_add(b, bytes, size);
    free(bytes);
    return ATOM_ok;
}

// enqueue_nif(Stream, IoData): what is to be read next.
Term bif_zlib_enqueue_nif_2(Process *p, const Term *args)
{
    Stream *s = get_busy(p, args[0]);
    if (s == NULL) return TERM_NONE;
    if (s->used == s->input.size) s->input.size = s->used = 0;
    return add_bytes(p, &s->input, args[1]);
}

// setStash_nif(Stream, IoData): output to be given back later, by getStash_nif.
// Output that came when nobody wanted it: of inflateChunk.
Term bif_zlib_setStash_nif_2(Process *p, const Term *args)
{
    Stream *s = get_stream(p, args[0]);
    return s == NULL ? TERM_NONE : add_bytes(p, &s->held, args[1]);
}

// [] or one binary.
Term bif_zlib_getStash_nif_1(Process *p, const Term *args)
{
    Stream *s = get_stream(p, args[0]);
    if (s == NULL) return TERM_NONE;
    if (s->held.size == 0) return TERM_NIL;
    Heap *h = process_heap(p);
    Term bytes = heap_binary(h, s->held.bytes, s->held.size);
    s->held.size = 0;
    return heap_cons(h, bytes, TERM_NIL);
}

// The one of both that it is.
static int work(Stream *s, int flush)
{
    return s->kind == STREAM_DEFLATE ? deflate(&s->z, flush)
                                     : inflate(&s->z, flush);
}

// Reads input until there is none or the output is full; then, with room
// left, writes what zlib has kept. Answers zlib's code.
// [flush] is only for the last of the input.
static int fill_output(Stream *s, uint8_t *output, size_t size, int flush)
{
    size_t left = input_left(s);
    int code = Z_OK;
    s->z.next_out = output;
    s->z.avail_out = (uInt)size;
    if (left > 0) {
        // Not all at once: sizes of zlib have 32 bits.
        uInt piece = left > INT32_MAX ? INT32_MAX : (uInt)left;
        s->z.next_in = s->input.bytes + s->used;
        s->z.avail_in = piece;
        code = work(s, Z_NO_FLUSH);
        uInt done = piece - s->z.avail_in;
        if (s->kind == STREAM_DEFLATE)
            s->crc = (uint32_t)crc32(s->crc, s->input.bytes + s->used, done);
        s->used += done;
    }
    // Input first; then what is kept comes out.
    if (code == Z_OK && input_left(s) == 0 && s->z.avail_out > 0) {
        s->z.next_in = NULL;
        s->z.avail_in = 0;
        code = work(s, flush);
    }
    return code;
}

// Input that follows the end; false when it is an error.
// A file may hold several streams: gzip allows it.
static bool go_on_after_end(Stream *s)
{
    if (!s->ended || input_left(s) == 0) return true;
    switch (s->at_end) {
    case END_ERROR: return false;
    case END_CUT: s->input.size = s->used = 0; return true;
    case END_RESET: break;
    }
    s->ended = false;
    return inflateReset(&s->z) == Z_OK;
}

// What one call of [size] bytes of output has come to.
// continue: call again, with nothing added.
static Term step_result(Process *p, Stream *s, int code, Term output,
                        bool is_full)
{
    Heap *h = process_heap(p);
    if (input_left(s) == 0 && !is_full && code != Z_NEED_DICT)
        return heap_tuple2(h, ATOM_finished, output);
    if (code != Z_NEED_DICT) return heap_tuple2(h, ATOM_continue, output);
    return heap_tuple3(h, ATOM_need_dictionary,
                       term_small((intptr_t)s->z.adler), output);
}

// step(Stream, InputSize, Size, Flush) -> {continue | finished, [Bytes]}
//     | {need_dictionary, Adler32, [Bytes]}
// Size bounds the output of one call, and so the work.
static Term step(Process *p, const Term *args, StreamKind kind)
{
    size_t size;
    Stream *s = get_running(p, args[0], kind);
    if (s == NULL) return TERM_NONE;
    if (!bif_get_size(args[2], &size) || size > MOST_OUTPUT)
        return bif_error(p, ATOM_badarg);
    if (!go_on_after_end(s)) return answer(p, Z_DATA_ERROR);
    uint8_t *output = memory_alloc(size);
    size_t before = s->used;
    int code = fill_output(s, output, size, int_arg(args[3]));
    size_t made = size - s->z.avail_out;
    // Bad data would otherwise be asked for again and again.
    bool stuck = s->used == before && made == 0 && input_left(s) > 0;
    Term list = TERM_NIL;
    // What came before an error is still good.
    if (made > 0 && (code >= 0 || code == Z_BUF_ERROR)) {
        if (s->kind == STREAM_INFLATE)
            s->crc = (uint32_t)crc32(s->crc, output, (uInt)made);
        Heap *h = process_heap(p);
        list = heap_cons(h, heap_binary(h, output, made), TERM_NIL);
    }
    free(output);
    bif_bump(p, (made + s->used - before) / BYTES_A_REDUCTION);
    if (code == Z_STREAM_END) s->ended = true;
    if (code < 0 && code != Z_BUF_ERROR) return answer(p, code);
    if (stuck && code != Z_NEED_DICT) return answer(p, Z_DATA_ERROR);
    return step_result(p, s, code, list, made == size);
}

Term bif_zlib_deflate_nif_4(Process *p, const Term *args)
{
    return step(p, args, STREAM_DEFLATE);
}

Term bif_zlib_inflate_nif_4(Process *p, const Term *args)
{
    return step(p, args, STREAM_INFLATE);
}
