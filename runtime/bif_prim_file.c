// SPDX-License-Identifier: Apache-2.0
// prim_file: open files. A raw file is the record
//
//   {file_descriptor, prim_file, #{handle => Ref, owner => Pid,
//                                  r_ahead_size => N, r_buffer => Ref}}
//
// Bad arguments are answered by {error, badarg}; another process than the
// owner fails with not_on_controlling_process.
// Those that touch files are dirty: they run on a thread of the pool while the
// process waits. What is read is taken at once when the system has it in memory
// or it has been read ahead. The handle is touched by its owner alone, so it
// needs no lock.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bif.h"
#include "file_handle.h"
#include "file_name.h"
#include "magic.h"
#include "map.h"
#include "memory.h"
#include "packed_file.h"
#include "posix_error.h"
#include "process.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "scheduler.h"
#include "socket.h"

// What OTP reads ahead when the size is not given.
enum { READ_AHEAD = 65536 };

// Not badarg as an error: file.erl turns this answer into its own.
static Term bad_argument(Process *p)
{
    return heap_tuple2(process_heap(p), ATOM_error, ATOM_badarg);
}

static Term ok_tuple(Process *p, Term value)
{
    return heap_tuple2(process_heap(p), ATOM_ok, value);
}

// ok, or {error, Posix} when [error] is not 0.
static Term ok_or_error(Process *p, int error)
{
    return error == 0 ? ATOM_ok : posix_error_tuple(p, error);
}

// ---- opening ----

// What was asked for by open; only what the system call can do.
typedef struct {
    bool read, write, append, exclusive, sync, directory, any_type;
    size_t read_ahead; // bytes; 0: none
} Modes;

// One mode; those that concern the layers above are passed over.
// raw, binary, {encoding, ..}, delayed_write and others pass.
static void set_mode(Modes *m, Term mode)
{
    if (term_same(mode, ATOM_read)) m->read = true;
    if (term_same(mode, ATOM_write)) m->write = true;
    if (term_same(mode, ATOM_append_segment)) m->append = m->write = true;
    if (term_same(mode, ATOM_exclusive)) m->exclusive = m->write = true;
    if (term_same(mode, ATOM_sync)) m->sync = true;
    if (term_same(mode, ATOM_directory)) m->directory = true;
    if (term_same(mode, ATOM_skip_type_check)) m->any_type = true;
    if (term_same(mode, ATOM_read_ahead)) m->read_ahead = READ_AHEAD;
    if (term_is_tuple_of(mode, 2)
        && term_same(term_tuple_get(mode, 0), ATOM_read_ahead))
        // A size that is none leaves it as it was.
        bif_get_size(term_tuple_get(mode, 1), &m->read_ahead);
}

static bool get_modes(Term list, Modes *m)
{
    *m = (Modes){0};
    if (!term_is_list(list)) return false;
    for (; term_is_cons(list); list = term_tail(list))
        set_mode(m, term_head(list));
    if (!m->write) m->read = true; // as it is when nothing is said
    return true;
}

// As OTP's efile: write alone empties the file, read and write together do not,
// and only a file that is written to is made.
static int open_flags(const Modes *m)
{
    int flags = O_CLOEXEC;
    if (m->read && m->write) {
        flags |= O_RDWR | O_CREAT;
    } else if (m->write) {
        flags |= O_WRONLY | O_CREAT;
        if (!m->append && !m->exclusive) flags |= O_TRUNC;
    }
    if (m->append) flags |= O_APPEND;
    if (m->exclusive) flags |= O_EXCL;
    if (m->sync) flags |= O_SYNC;
    if (m->directory) flags |= O_DIRECTORY;
    return flags;
}

// Opens what lies in the pack: for reading only.
// A file of the file system comes first; what is in the pack cannot be written.
static int open_packed(Process *p, const char *name, const Modes *m)
{
    PackedFile file;
    if (!packed_file_find(p->node, name, &file)) return -1;
    int fd = -1;
    // The errno's are those of a file system that is read only.
    if (file.is_folder)
        errno = m->directory ? EACCES : EISDIR;
    else if (m->write)
        errno = EACCES;
    else
        fd = packed_file_open(&file);
    packed_file_release(&file);
    return fd;
}

// Opens; -1 and errno when it fails. A directory opens only when asked for.
// Without any_type a folder is eisdir, which open itself would only say when
// writing.
static int open_fd(Process *p, const char *name, const Modes *m)
{
    struct stat info;
    int fd;
    do {
        // umask takes away what the user does not want.
        fd = open(name, open_flags(m), m->directory ? 0777 : 0666);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return open_packed(p, name, m);
    if (fd < 0 || m->directory || m->any_type) return fd;
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        close(fd);
        errno = EISDIR;
        return -1;
    }
    return fd;
}

// The record of an open file.
// The map's keys are OTP's; r_buffer is only there because somebody may look
// for it.
static Term descriptor_term(Process *p, FileHandle *f)
{
    Heap *h = process_heap(p);
    Term ref = magic_ref_new(p->node, h, &f->counted);
    Term ahead = heap_unsigned(h, f->read_ahead);
    Term pairs[] = {ATOM_handle, ref, ATOM_owner, p->pid, ATOM_r_ahead_size,
                    ahead, ATOM_r_buffer, ref};
    Term data = map_from_pairs(h, process_atoms(p), 4, pairs);
    return heap_tuple3(h, ATOM_file_descriptor, ATOM_prim_file, data);
}

// The handle closes the descriptor when nobody has the record any more.
static Term open_term(Process *p, int fd, const Modes *m)
{
    if (fd < 0) return posix_error_tuple(p, errno);
    return ok_tuple(p, descriptor_term(p, file_handle_new(fd, m->read_ahead)));
}

Term bif_prim_file_open_2(Process *p, const Term *args)
{
    Modes modes;
    int error;
    if (!get_modes(args[1], &modes)) return bad_argument(p);
    char *name = file_name_string(p, args[0], &error);
    if (name == NULL)
        return error != 0 ? posix_error_tuple(p, error) : bad_argument(p);
    int fd = open_fd(p, name, &modes);
    // free may change errno.
    error = errno;
    free(name);
    errno = error;
    return open_term(p, fd, &modes);
}

// file_desc_to_ref(Fd, Modes): a raw file on a descriptor that is open.
// Fd 0, 1 or 2 as a rule. The handle owns it from here on.
Term bif_prim_file_file_desc_to_ref_2(Process *p, const Term *args)
{
    Modes modes;
    size_t fd;
    if (!get_modes(args[1], &modes) || !bif_get_size(args[0], &fd)
        || fd > INT32_MAX) // no descriptor is as large
        return bad_argument(p);
    if (fcntl((int)fd, F_GETFD) < 0) return posix_error_tuple(p, errno);
    return open_term(p, (int)fd, &modes);
}

// The handle of raw file [t] for its owner. NULL, and the failing BIF's answer
// in [*answer], for others.
// In this order: a term that is no file is badarg, a stranger's file is an
// exception, a closed one einval.
static FileHandle *get_handle(Process *p, Term t, Term *answer)
{
    *answer = bad_argument(p);
    if (!term_is_tuple_of(t, 3) || !term_is_map(term_tuple_get(t, 2)))
        return NULL;
    Term data = term_tuple_get(t, 2);
    Term owner = map_get(data, ATOM_owner), ref = map_get(data, ATOM_handle);
    if (term_is_none(owner) || term_is_none(ref)) return NULL;
    if (!term_same(owner, p->pid)) {
        *answer = bif_error(p, ATOM_not_on_controlling_process);
        return NULL;
    }
    FileHandle *f = (FileHandle *)magic_object(ref, file_handle_destroy);
    if (f == NULL || f->fd >= 0) return f;
    *answer = posix_error_tuple(p, EINVAL);
    return NULL;
}

// Errors of writing may come out only now, so they are told.
Term bif_prim_file_close_1(Process *p, const Term *args)
{
    Term answer;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    return ok_or_error(p, file_handle_close(f));
}

// ---- reading ----
// Reads up to the end of a file are shorter than what was asked for; eof is
// answered only when there is nothing at all.

// How much of [size] bytes from [at] on (-1: the position) can be there at
// all: nobody shall get a terabyte of memory by asking for it.
static size_t readable(const FileHandle *f, size_t size, int64_t at)
{
    enum { ALWAYS = 65536 };
    struct stat info;
    if (size <= ALWAYS) return size; // not worth a system call
    if (fstat(f->fd, &info) < 0 || !S_ISREG(info.st_mode)) return ALWAYS;
    if (at < 0) at = lseek(f->fd, 0, SEEK_CUR);
    size_t left = at >= 0 && at < info.st_size ? (size_t)(info.st_size - at)
                                               : 0;
    // What was read ahead is behind the position already.
    left += file_handle_buffered(f);
    if (left < ALWAYS) left = ALWAYS;
    return size < left ? size : left;
}

// On a scheduler only what can be done at once is done.
static bool is_in_pool(void)
{
    return scheduler_self() == NULL;
}

// The first [used] bytes of [blob], which is given up, as a binary.
// Small ones go to the heap; of large ones the room that is not used is given
// back first.
static Term blob_term(Process *p, Blob *blob, size_t used)
{
    Heap *h = process_heap(p);
    if (used <= BINARY_HEAP_MAX) {
        Term t = heap_binary(h, blob->bytes, used);
        counted_release(&blob->counted);
        return t;
    }
    if (used < blob->capacity) {
        blob = blob_resize(blob, used);
    }
    // Counted for erlang:memory and for the collector's sake.
    blob_account(blob, &p->node->schedulers[0]->binary_bytes);
    return heap_binary_from_blob(h, blob, used);
}

// As read and pread, but the system reads 2 GB at most in one go.
static ssize_t read_bytes(FileHandle *f, uint8_t *to, size_t size,
                          int64_t offset)
{
    enum { SYSTEM_MOST = 0x7ffff000 };
    size_t done = 0;
    ssize_t n;
    do {
        n = offset < 0 ? file_handle_read(f, to + done, size - done)
                       : pread(f->fd, to + done, size - done,
                               offset + (int64_t)done);
        if (n > 0) done += (size_t)n;
    } while ((n < 0 && errno == EINTR)
             || (n >= SYSTEM_MOST && done < size));
    return n < 0 && done == 0 ? -1 : (ssize_t)done;
}

// {ok, Binary}, eof or {error, Posix} for a read of [size] bytes, at [offset]
// unless it is negative.
static Term read_term(Process *p, FileHandle *f, size_t size, int64_t offset)
{
    size = readable(f, size, offset);
    Blob *blob = blob_new(size);
    ssize_t n = read_bytes(f, blob->bytes, size, offset);
    // A read of no bytes is <<>>, not eof.
    if (n > 0 || (n == 0 && size == 0))
        return ok_tuple(p, blob_term(p, blob, (size_t)n));
    int error = errno;
    counted_release(&blob->counted);
    return n == 0 ? ATOM_eof : posix_error_tuple(p, error);
}

// What needs no waiting, since no disk has to be asked: {ok, Binary}, or NONE.
// The end of a file is left to the pool, and so is much at a time.
static Term read_at_once(Process *p, FileHandle *f, size_t size,
                         int64_t offset)
{
    enum { MOST = 65536 };
    if (size > MOST || size == 0) return TERM_NONE;
    // Reading ahead is the pool's.
    bool is_ahead = offset < 0 && file_handle_buffered(f) >= size;
    if (offset < 0 && f->read_ahead > 0 && !is_ahead) return TERM_NONE;
    Blob *blob = blob_new(size);
    ssize_t n = is_ahead
                    ? file_handle_read(f, blob->bytes, size)
                    : file_handle_read_cached(f, blob->bytes, size, offset);
    if (n > 0) return ok_tuple(p, blob_term(p, blob, (size_t)n));
    counted_release(&blob->counted);
    return TERM_NONE;
}

static Term read_or_wait(Process *p, FileHandle *f, size_t size,
                         int64_t offset)
{
    if (is_in_pool()) return read_term(p, f, size, offset);
    Term answer = read_at_once(p, f, size, offset);
    return term_is_none(answer) ? bif_to_pool(p) : answer;
}

Term bif_prim_file_read_2(Process *p, const Term *args)
{
    Term answer;
    size_t size;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    if (!bif_get_size(args[1], &size)) return bad_argument(p);
    return read_or_wait(p, f, size, -1);
}

// The newline stays; CR LF becomes LF, as in OTP.
Term bif_prim_file_read_line_1(Process *p, const Term *args)
{
    Term answer;
    size_t size;
    int error;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    if (!is_in_pool() && !file_handle_has_line(f)) return bif_to_pool(p);
    const uint8_t *line = file_handle_read_line(f, &size, &error);
    // An empty line is at least a newline, so no line is the end.
    if (line == NULL)
        return error == 0 ? ATOM_eof : posix_error_tuple(p, error);
    uint8_t *to;
    bool crlf = size >= 2 && memcmp(line + size - 2, "\r\n", 2) == 0;
    if (crlf) size--;
    Term binary = heap_binary_new(process_heap(p), size, &to);
    memcpy(to, line, size);
    if (crlf) to[size - 1] = '\n';
    return ok_tuple(p, binary);
}

// An offset; {error, einval} is the answer to one that is negative.
// Integers of more than 64 bits are badarg.
static bool get_offset(Term t, int64_t *offset)
{
    return bif_get_int64(t, offset);
}

static Term pread_term(Process *p, FileHandle *f, Term at, Term size)
{
    int64_t offset;
    size_t n;
    if (!get_offset(at, &offset) || !bif_get_size(size, &n))
        return bad_argument(p);
    // A negative one is told like an error of the system.
    if (offset < 0) return posix_error_tuple(p, EINVAL);
    return read_or_wait(p, f, n, offset);
}

Term bif_prim_file_pread_3(Process *p, const Term *args)
{
    Term answer;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    return pread_term(p, f, args[1], args[2]);
}

// pread(File, [{Offset, Size}]) -> {ok, [Binary | eof]}
// The answers' order is the questions'; one error ends it.
Term bif_prim_file_pread_2(Process *p, const Term *args)
{
    Term answer, list = args[1], read = TERM_NIL, *link = &read;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term pair = term_head(list);
        if (!term_is_tuple_of(pair, 2)) return bad_argument(p);
        Term one = pread_term(p, f, term_tuple_get(pair, 0),
                              term_tuple_get(pair, 1));
        if (term_is_tuple(one)) { // else it is the atom eof
            if (!term_same(term_tuple_get(one, 0), ATOM_ok)) return one;
            one = term_tuple_get(one, 1);
        }
        *link = heap_cons(process_heap(p), one, TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    return term_is_nil(list) ? ok_tuple(p, read) : bad_argument(p);
}

// Big-endian, whatever the machine.
static uint32_t read_uint32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
           | p[3];
}

// ipread_s32bu_p32bu(File, Offset, MaxSize) -> {ok, {Size, Offset, Data}}
// | eof: reads what a size and an offset in the file lead to. For dets.
// One call for three reads: a dets table is read by following such pointers.
Term bif_prim_file_ipread_s32bu_p32bu_3(Process *p, const Term *args)
{
    Term answer;
    int64_t offset, most = INT32_MAX;
    uint8_t pointer[8];
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    if (!get_offset(args[1], &offset)) return bad_argument(p);
    // infinity is an atom: no limit.
    if (!term_is_atom(args[2]) && !bif_get_int64(args[2], &most))
        return bad_argument(p);
    if (offset < 0 || most > INT32_MAX) return posix_error_tuple(p, EINVAL);
    ssize_t n = pread(f->fd, pointer, sizeof pointer, offset);
    if (n < 0) return posix_error_tuple(p, errno);
    uint32_t size = read_uint32(pointer), at = read_uint32(pointer + 4);
    // A pointer that is cut off, or to more than allowed, is no error.
    if (n < (ssize_t)sizeof pointer || size > most) return ATOM_eof;
    Term data = size == 0 ? ATOM_eof : read_term(p, f, size, at);
    if (term_is_tuple(data)) {
        if (!term_same(term_tuple_get(data, 0), ATOM_ok)) return data;
        data = term_tuple_get(data, 1);
    }
    return ok_tuple(p, heap_tuple3(process_heap(p), term_small(size),
                                   term_small(at), data));
}

// ---- writing ----

// What was read ahead is given back first: writing happens where the reader
// believes to be.
Term bif_prim_file_write_2(Process *p, const Term *args)
{
    Term answer;
    size_t size;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    uint8_t *bytes = bif_get_iodata(args[1], &size);
    if (bytes == NULL) return bad_argument(p);
    int error = file_handle_settle(f);
    // -1: at the position.
    if (error == 0) error = file_handle_write(f, bytes, size, -1);
    free(bytes);
    return ok_or_error(p, error);
}

// Writes iodata [data] at [at]; 0, an error number, or -1: bad arguments.
// Both are checked before anything is written.
static int pwrite_data(FileHandle *f, Term at, Term data)
{
    int64_t offset;
    size_t size;
    if (!get_offset(at, &offset)) return -1;
    uint8_t *bytes = bif_get_iodata(data, &size);
    if (bytes == NULL) return -1;
    int error = offset < 0 ? EINVAL : file_handle_write(f, bytes, size, offset);
    free(bytes);
    return error;
}

Term bif_prim_file_pwrite_3(Process *p, const Term *args)
{
    Term answer;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    // Bytes read ahead may be those that change. The position is undefined
    // then, as documented; as in OTP it is where reading had got to.
    f->start = f->end = 0;
    int error = pwrite_data(f, args[1], args[2]);
    return error < 0 ? bad_argument(p) : ok_or_error(p, error);
}

// pwrite(File, [{Offset, Data}]) -> ok | {error, {HowMany, Posix}}
// How many were written before the error: they stay written.
Term bif_prim_file_pwrite_2(Process *p, const Term *args)
{
    Term answer, list = args[1];
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    f->start = f->end = 0;
    for (intptr_t n = 0; term_is_cons(list); list = term_tail(list), n++) {
        Term pair = term_head(list);
        if (!term_is_tuple_of(pair, 2)) return bad_argument(p);
        int error = pwrite_data(f, term_tuple_get(pair, 0),
                                term_tuple_get(pair, 1));
        if (error < 0) return bad_argument(p);
        if (error == 0) continue;
        Term where = heap_tuple2(process_heap(p), term_small(n),
                                 posix_error_atom(p, error));
        return heap_tuple2(process_heap(p), ATOM_error, where);
    }
    return term_is_nil(list) ? ATOM_ok : bad_argument(p);
}

// At the position, not at the end of what was read ahead.
Term bif_prim_file_truncate_1(Process *p, const Term *args)
{
    Term answer;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    int error = file_handle_settle(f);
    if (error != 0) return posix_error_tuple(p, error);
    off_t at = lseek(f->fd, 0, SEEK_CUR);
    return ok_or_error(p, at < 0 || ftruncate(f->fd, at) < 0 ? errno : 0);
}

// Data that is still in buffers of Erlang is none of ours.
static Term sync_file(Process *p, Term t, bool data_only)
{
    Term answer;
    FileHandle *f = get_handle(p, t, &answer);
    if (f == NULL) return answer;
    int r = data_only ? fdatasync(f->fd) : fsync(f->fd);
    return ok_or_error(p, r < 0 ? errno : 0);
}

Term bif_prim_file_sync_1(Process *p, const Term *args)
{
    return sync_file(p, args[0], false);
}

Term bif_prim_file_datasync_1(Process *p, const Term *args)
{
    return sync_file(p, args[0], true);
}

// ---- position and hints ----
// Positions count from the beginning unless a mark is given.

// Splits bof, cur, eof, {Mark, Offset} or Offset.
static bool get_position(Term t, Term *mark, int64_t *offset)
{
    *mark = ATOM_bof;
    *offset = 0;
    // {cur, -10}, {eof, 0}
    if (term_is_tuple_of(t, 2)) {
        *mark = term_tuple_get(t, 0);
        return bif_get_int64(term_tuple_get(t, 1), offset);
    }
    if (!term_is_atom(t)) return bif_get_int64(t, offset);
    *mark = t;
    return true;
}

Term bif_prim_file_position_2(Process *p, const Term *args)
{
    Term answer, mark;
    int64_t offset;
    int whence;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    if (!get_position(args[1], &mark, &offset)) return bad_argument(p);
    if (term_same(mark, ATOM_bof)) {
        whence = SEEK_SET;
    } else if (term_same(mark, ATOM_cur)) {
        whence = SEEK_CUR;
    } else if (term_same(mark, ATOM_eof)) {
        whence = SEEK_END;
    } else {
        return bad_argument(p);
    }
    // The system's position is behind what was read ahead.
    if (whence == SEEK_CUR) offset -= (int64_t)file_handle_buffered(f);
    // Forgotten in any case, for it would be the wrong place's.
    f->start = f->end = 0;
    off_t at = lseek(f->fd, offset, whence);
    if (at < 0) return posix_error_tuple(p, errno);
    return ok_tuple(p, heap_integer(process_heap(p), at));
}

// The advice of posix_fadvise that [t] names, -1 of others.
static int advice(Term t)
{
    if (term_same(t, ATOM_normal)) return POSIX_FADV_NORMAL;
    if (term_same(t, ATOM_random)) return POSIX_FADV_RANDOM;
    if (term_same(t, ATOM_sequential)) return POSIX_FADV_SEQUENTIAL;
    if (term_same(t, ATOM_will_need)) return POSIX_FADV_WILLNEED;
    if (term_same(t, ATOM_dont_need)) return POSIX_FADV_DONTNEED;
    if (term_same(t, ATOM_no_reuse)) return POSIX_FADV_NOREUSE;
    return -1;
}

// advise(File, Offset, Length, Advice)
// Advice cannot do harm: where the system knows none it is ignored.
Term bif_prim_file_advise_4(Process *p, const Term *args)
{
    Term answer;
    int64_t offset = -1, length = -1;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    if (!term_is_number(args[1]) || !term_is_number(args[2]))
        return bad_argument(p);
    // No integer of 64 bits is einval here, no number is badarg.
    if (!bif_get_int64(args[1], &offset) || !bif_get_int64(args[2], &length)
        || offset < 0 || length < 0 || advice(args[3]) < 0)
        return posix_error_tuple(p, EINVAL);
    int error = posix_fadvise(f->fd, offset, length, advice(args[3]));
    return ok_or_error(p, error);
}

Term bif_prim_file_allocate_3(Process *p, const Term *args)
{
    Term answer;
    int64_t offset, length;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    if (!bif_get_int64(args[1], &offset) || !bif_get_int64(args[2], &length))
        return bad_argument(p);
    // Where the file system cannot, posix_fallocate writes zeros.
    if (fallocate(f->fd, 0, offset, length) == 0) return ATOM_ok;
    return ok_or_error(p, posix_fallocate(f->fd, offset, length));
}

// ---- whole files ----
// For file:read_file and write_file: no handle is made, and no process.

// The rest of [fd], whose size is likely [size].
// One byte more, so that the end is seen without another buffer.
static Term read_rest(Process *p, int fd, size_t size)
{
    Blob *blob = blob_new(size + 1);
    size_t used = 0;
    for (;;) {
        ssize_t n = read(fd, blob->bytes + used, blob->capacity - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            int error = errno;
            counted_release(&blob->counted);
            return posix_error_tuple(p, error);
        }
        if (n == 0) return ok_tuple(p, blob_term(p, blob, used));
        used += (size_t)n;
        if (used < blob->capacity) continue;
        // Files of /proc have no size: the buffer doubles.
        blob = blob_resize(blob, 2 * blob->capacity);
    }
}

Term bif_prim_file_read_file_1(Process *p, const Term *args)
{
    enum { GUESS = 16384 };
    struct stat info;
    int error;
    char *name = file_name_string(p, args[0], &error);
    if (name == NULL)
        return error != 0 ? posix_error_tuple(p, error) : bad_argument(p);
    int fd = open_fd(p, name, &(Modes){.read = true});
    error = errno;
    free(name);
    if (fd < 0) return posix_error_tuple(p, error);
    // Size 0 tells nothing, see above.
    bool sized = fstat(fd, &info) == 0 && info.st_size > 0;
    Term answer = read_rest(p, fd, sized ? (size_t)info.st_size : GUESS);
    close(fd);
    return answer;
}

// write_file(Name, Data, Modes)
// Modes of open, of which write is always one.
Term bif_prim_file_write_file_3(Process *p, const Term *args)
{
    Modes modes;
    int error;
    size_t size;
    if (!get_modes(args[2], &modes)) return bad_argument(p);
    set_mode(&modes, ATOM_write);
    // Plain write empties the file; with read it does not.
    modes.read = false;
    for (Term l = args[2]; term_is_cons(l); l = term_tail(l))
        if (term_same(term_head(l), ATOM_read)) modes.read = true;
    char *name = file_name_string(p, args[0], &error);
    if (name == NULL)
        return error != 0 ? posix_error_tuple(p, error) : bad_argument(p);
    uint8_t *bytes = bif_get_iodata(args[1], &size);
    int fd = open_fd(p, name, &modes); // even when the data is bad, as OTP does
    error = fd < 0 ? errno : 0;
    free(name);
    if (error == 0 && bytes != NULL)
        // A handle on the stack, for its function alone.
        error = file_handle_write(&(FileHandle){.fd = fd}, bytes, size, -1);
    // A full disk may be told at the close.
    if (fd >= 0 && close(fd) < 0 && error == 0) error = errno;
    free(bytes);
    return bytes == NULL && error == 0 ? bad_argument(p)
                                       : ok_or_error(p, error);
}

Term bif_prim_file_write_file_2(Process *p, const Term *args)
{
    Term all[] = {args[0], args[1], TERM_NIL};
    return bif_prim_file_write_file_3(p, all);
}

// copy(File, File, Length): file.erl does it.
// The loop is in Erlang, so that a large copy can be stopped.
Term bif_prim_file_copy_3(Process *p, const Term *args)
{
    return bif_trap(p, ATOM_file, ATOM_copy_opened, 3, args);
}

// get_handle(File) -> Binary: the descriptor's number, for sendfile.
// Native byte order: it only goes to C code of the same machine.
Term bif_prim_file_get_handle_1(Process *p, const Term *args)
{
    Term answer;
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    return heap_binary(process_heap(p), &f->fd, sizeof f->fd);
}

// sendfile(File, Socket, Offset, Bytes, ChunkSize, Headers, Trailers, Options)
//     -> {ok, Sent} | {error, Reason}
// enotsup: the file is to be read and sent. Bytes 0: to its end.
Term bif_prim_file_sendfile_8(Process *p, const Term *args)
{
    Term answer;
    int64_t offset, most;
    if (p->request != REQUEST_NONE) return request_wait(p, 8, args);
    Heap *h = process_heap(p);
    if (!term_is_nil(args[5]) || !term_is_nil(args[6]))
        return heap_tuple2(h, ATOM_error, ATOM_enotsup);
    if (!term_is_local_port(args[1]) || !term_is_integer(args[2])
        || !term_is_integer(args[3]))
        return heap_tuple2(h, ATOM_error, ATOM_badarg);
    if (!bif_get_int64(args[2], &offset) || !bif_get_int64(args[3], &most)
        || offset < 0 || most < 0)
        return posix_error_tuple(p, EINVAL);
    FileHandle *f = get_handle(p, args[0], &answer);
    if (f == NULL) return answer;
    answer = socket_file_send(p, args[1], f->fd, offset, (size_t)most);
    return term_is_none(answer) ? request_wait(p, 8, args) : answer;
}
