// SPDX-License-Identifier: Apache-2.0
// prim_file: what is known of files, the record file_info:
//
//   {file_info, Size, Type, Access, Atime, Mtime, Ctime, Mode, Links,
//    MajorDevice, MinorDevice, Inode, Uid, Gid}
// Times are seconds inside; what the caller gets is local, universal or posix
// time. Files in the pack have all the times of the build.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bif.h"
#include "file_handle.h"
#include "file_name.h"
#include "magic.h"
#include "map.h"
#include "packed_file.h"
#include "posix_error.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// Of those that are written or needed by name.
enum {
    INFO_ATIME = 4, // elements of the record, from 0
    INFO_MTIME = 5,
    INFO_CTIME = 6,
    INFO_MODE = 7,
    INFO_UID = 12,
    INFO_GID = 13,
    INFO_SIZE = 14,
    INFO_TIME_LEAST = -2145916800 // 1902: what can be a local time
};

static Term bad_argument(Process *p)
{
    return heap_tuple2(process_heap(p), ATOM_error, ATOM_badarg);
}

// ---- reading ----
// read_file_info follows links, read_link_info does not.

// Sockets and pipes are other.
static Term type_atom(mode_t mode)
{
    if (S_ISREG(mode)) return ATOM_regular;
    if (S_ISDIR(mode)) return ATOM_directory;
    if (S_ISLNK(mode)) return ATOM_symlink;
    if (S_ISCHR(mode) || S_ISBLK(mode)) return ATOM_device;
    return ATOM_other;
}

// What the user may do, not what the mode says.
static Term access_atom(bool read, bool write)
{
    if (read) return write ? ATOM_read_write : ATOM_read;
    return write ? ATOM_write : ATOM_none;
}

// The kind of times that options ask for: local, universal or posix.
// The first of them counts.
static Term time_option(Term options)
{
    for (; term_is_cons(options); options = term_tail(options)) {
        Term option = term_head(options);
        if (term_is_tuple_of(option, 2)
            && term_same(term_tuple_get(option, 0), ATOM_time))
            return term_tuple_get(option, 1);
    }
    return ATOM_local;
}

static bool is_time_kind(Term kind)
{
    return term_same(kind, ATOM_local) || term_same(kind, ATOM_universal)
           || term_same(kind, ATOM_posix);
}

// Older times would be badarg in the calendar functions.
static Term time_term(Process *p, int64_t seconds, Term kind)
{
    if (seconds < INFO_TIME_LEAST) seconds = INFO_TIME_LEAST;
    Term t = heap_integer(process_heap(p), seconds);
    if (term_same(kind, ATOM_posix)) return t;
    t = bif_erlang_posixtime_to_universaltime_1(p, &t);
    if (term_same(kind, ATOM_universal)) return t;
    return bif_erlang_universaltime_to_localtime_1(p, &t);
}

// {ok, Info}
// In the order of the record in file.hrl.
static Term info_term(Process *p, const struct stat *s, Term access, Term kind)
{
    Heap *h = process_heap(p);
    Term info[INFO_SIZE] = {
        ATOM_file_info,
        heap_integer(h, s->st_size),
        type_atom(s->st_mode),
        access,
        time_term(p, s->st_atime, kind),
        time_term(p, s->st_mtime, kind),
        time_term(p, s->st_ctime, kind),
        term_small(s->st_mode),
        heap_unsigned(h, s->st_nlink),
        heap_unsigned(h, s->st_dev),
        heap_unsigned(h, s->st_rdev),
        heap_unsigned(h, s->st_ino),
        term_small(s->st_uid),
        term_small(s->st_gid),
    };
    return heap_tuple2(h, ATOM_ok, heap_tuple(h, INFO_SIZE, info));
}

// The same for what lies in the pack.
// Read only, whoever asks.
static bool stat_packed(Process *p, const char *name, struct stat *s)
{
    PackedFile file;
    if (!packed_file_find(p->node, name, &file)) return false;
    packed_file_stat(&file, s);
    packed_file_release(&file);
    return true;
}

static Term read_info(Process *p, Term t, bool follow, Term kind)
{
    struct stat s;
    int error;
    // Options are bad before the name is.
    if (!is_time_kind(kind)) return bad_argument(p);
    char *name = file_name_string(p, t, &error);
    if (name == NULL)
        return error != 0 ? posix_error_tuple(p, error) : bad_argument(p);
    int r = follow ? stat(name, &s) : lstat(name, &s);
    error = errno;
    // Asked by name; a file without rights is still a file.
    Term access_term = access_atom(access(name, R_OK) == 0,
                                   access(name, W_OK) == 0);
    if (r < 0 && stat_packed(p, name, &s)) {
        r = 0;
        access_term = ATOM_read;
    }
    free(name);
    if (r < 0) return posix_error_tuple(p, error);
    return info_term(p, &s, access_term, kind);
}

Term bif_prim_file_read_file_info_1(Process *p, const Term *args)
{
    return read_info(p, args[0], true, ATOM_local);
}

Term bif_prim_file_read_file_info_2(Process *p, const Term *args)
{
    return read_info(p, args[0], true, time_option(args[1]));
}

Term bif_prim_file_read_link_info_1(Process *p, const Term *args)
{
    return read_info(p, args[0], false, ATOM_local);
}

Term bif_prim_file_read_link_info_2(Process *p, const Term *args)
{
    return read_info(p, args[0], false, time_option(args[1]));
}

// Of an open file: any process may ask.
static Term read_handle_info(Process *p, Term t, Term kind)
{
    struct stat s;
    if (!is_time_kind(kind) || !term_is_tuple_of(t, 3)
        || !term_is_map(term_tuple_get(t, 2)))
        return bad_argument(p);
    Term ref = map_get(term_tuple_get(t, 2), ATOM_handle);
    if (term_is_none(ref)) return bad_argument(p);
    const FileHandle *f =
        (const FileHandle *)magic_object(ref, file_handle_destroy);
    if (f == NULL) return bad_argument(p);
    if (fstat(f->fd, &s) < 0) return posix_error_tuple(p, errno);
    // The owner's bits: there is no name to ask with.
    Term access = access_atom((s.st_mode & S_IRUSR) != 0,
                              (s.st_mode & S_IWUSR) != 0);
    return info_term(p, &s, access, kind);
}

Term bif_prim_file_read_handle_info_1(Process *p, const Term *args)
{
    return read_handle_info(p, args[0], ATOM_local);
}

Term bif_prim_file_read_handle_info_2(Process *p, const Term *args)
{
    return read_handle_info(p, args[0], time_option(args[1]));
}

// ---- writing ----
// Only what is not undefined is set.

// Seconds of a time of [kind]; [otherwise] when it is undefined.
// Local times go by way of universal ones.
static bool get_time(Process *p, Term t, Term kind, int64_t otherwise,
                     int64_t *seconds)
{
    *seconds = otherwise;
    // Left out: now for atime, atime for mtime.
    if (term_same(t, ATOM_undefined)) return true;
    if (term_same(kind, ATOM_posix)) return bif_get_int64(t, seconds);
    if (term_same(kind, ATOM_local))
        t = bif_erlang_localtime_to_universaltime_1(p, &t);
    if (term_is_none(t)) return false;
    t = bif_erlang_universaltime_to_posixtime_1(p, &t);
    return !term_is_none(t) && bif_get_int64(t, seconds);
}

// What is to be set; -1: as it is.
// -1 is what chown takes for "as it is".
typedef struct {
    // Numbers of users, bits, seconds.
    int64_t uid, gid, mode, accessed, modified;
} Change;

// No integer is bad.
static bool get_number(Term t, int64_t *n)
{
    *n = -1;
    return term_same(t, ATOM_undefined) || bif_get_int64(t, n);
}

// In OTP's order, in which later defaults depend on earlier values.
static bool get_change(Process *p, Term info, Term kind, Change *c)
{
    // Is checked, but cannot be set.
    int64_t created;
    if (!term_is_tuple_of(info, INFO_SIZE) || !is_time_kind(kind)) return false;
    return get_time(p, term_tuple_get(info, INFO_ATIME), kind, time(NULL),
                    &c->accessed)
           && get_time(p, term_tuple_get(info, INFO_MTIME), kind, c->accessed,
                       &c->modified)
           && get_time(p, term_tuple_get(info, INFO_CTIME), kind, 0, &created)
           && get_number(term_tuple_get(info, INFO_MODE), &c->mode)
           && get_number(term_tuple_get(info, INFO_UID), &c->uid)
           && get_number(term_tuple_get(info, INFO_GID), &c->gid);
}

// Sets the mode; who may not set the bits that change the user does without.
// chmod fails as a whole if the setuid bits are not allowed.
static int set_mode(const char *name, mode_t mode)
{
    mode &= S_ISUID | S_ISGID | S_IRWXU | S_IRWXG | S_IRWXO;
    if (chmod(name, mode) == 0) return 0;
    return chmod(name, mode & (S_IRWXU | S_IRWXG | S_IRWXO)) < 0 ? errno : 0;
}

// Owner first: chown clears setuid bits.
static int apply_change(const char *name, const Change *c)
{
    if ((c->uid >= 0 || c->gid >= 0)
        && chown(name, (uid_t)c->uid, (gid_t)c->gid) < 0)
        return errno;
    int error = c->mode >= 0 ? set_mode(name, (mode_t)c->mode) : 0;
    if (error != 0) return error;
    struct timespec times[] = {{.tv_sec = c->accessed},
                               {.tv_sec = c->modified}};
    return utimensat(AT_FDCWD, name, times, 0) < 0 ? errno : 0;
}

// Nothing is set when the record is bad.
static Term write_info(Process *p, Term t, Term info, Term kind)
{
    Change change;
    int error;
    if (!get_change(p, info, kind, &change)) return bad_argument(p);
    char *name = file_name_string(p, t, &error);
    if (name == NULL)
        return error != 0 ? posix_error_tuple(p, error) : bad_argument(p);
    error = apply_change(name, &change);
    free(name);
    return error == 0 ? ATOM_ok : posix_error_tuple(p, error);
}

Term bif_prim_file_write_file_info_2(Process *p, const Term *args)
{
    return write_info(p, args[0], args[1], ATOM_local);
}

Term bif_prim_file_write_file_info_3(Process *p, const Term *args)
{
    return write_info(p, args[0], args[1], time_option(args[2]));
}
