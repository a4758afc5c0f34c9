// SPDX-License-Identifier: Apache-2.0
// prim_file: names in the file system. Bad arguments are answered by
// {error, badarg}.
// All dirty: a disk may be slow. Names are UTF-8; one with a 0 in it is badarg,
// see file_name.h.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bif.h"
#include "file_name.h"
#include "hfs.h"
#include "memory.h"
#include "packed_file.h"
#include "posix_error.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "utf8.h"

static Term bad_argument(Process *p)
{
    return heap_tuple2(process_heap(p), ATOM_error, ATOM_badarg);
}

static Term ok_tuple(Process *p, Term value)
{
    return heap_tuple2(process_heap(p), ATOM_ok, value);
}

// Does [act] with the name [t]; the answer is ok, or {error, Posix} when [act]
// answers an error number.
// Everything with one name goes this way.
static Term with_name(Process *p, Term t, int (*act)(const char *name))
{
    int error;
    char *name = file_name_string(p, t, &error);
    if (name == NULL)
        return error != 0 ? posix_error_tuple(p, error) : bad_argument(p);
    error = act(name);
    free(name);
    return error == 0 ? ATOM_ok : posix_error_tuple(p, error);
}

// Rename and links have two names.
static Term with_names(Process *p, const Term *args,
                       int (*act)(const char *from, const char *to))
{
    int error, error2;
    char *from = file_name_string(p, args[0], &error);
    char *to = file_name_string(p, args[1], &error2);
    Term answer = bad_argument(p);
    if (from != NULL && to != NULL) {
        error = act(from, to);
        answer = error == 0 ? ATOM_ok : posix_error_tuple(p, error);
    } else if (error != 0 || error2 != 0) {
        // Bad text in either is einval.
        answer = posix_error_tuple(p, EINVAL);
    }
    free(from);
    free(to);
    return answer;
}

// As the system answers it.
static int error_of(int result)
{
    return result < 0 ? errno : 0;
}

// ---- making, removing, renaming ----

// umask applies.
static int make_dir(const char *name)
{
    return error_of(mkdir(name, 0777));
}

Term bif_prim_file_make_dir_1(Process *p, const Term *args)
{
    return with_name(p, args[0], make_dir);
}

// Whether [name] is the directory that we are in.
// Device and inode are the identity of a folder.
static bool is_here(const char *name)
{
    struct stat a, b;
    return stat(name, &a) == 0 && stat(".", &b) == 0 && a.st_ino == b.st_ino
           && a.st_dev == b.st_dev;
}

// OTP's names of errors: a folder that is not empty is eexist.
static int remove_dir(const char *name)
{
    int error = error_of(rmdir(name));
    if (error == ENOTEMPTY) error = EEXIST;
    return error == EEXIST && is_here(name) ? EINVAL : error;
}

Term bif_prim_file_del_dir_1(Process *p, const Term *args)
{
    return with_name(p, args[0], remove_dir);
}

// Folders are not deleted so: eperm.
static int remove_file(const char *name)
{
    int error = error_of(unlink(name));
    return error == EISDIR ? EPERM : error;
}

Term bif_prim_file_delete_1(Process *p, const Term *args)
{
    return with_name(p, args[0], remove_file);
}

// A folder in the place of one that is not empty; the root cannot go.
static int rename_file(const char *from, const char *to)
{
    int error = error_of(rename(from, to));
    if (error == ENOTEMPTY) return EEXIST;
    return error != 0 && strcmp(from, "/") == 0 ? EINVAL : error;
}

Term bif_prim_file_rename_2(Process *p, const Term *args)
{
    return with_names(p, args, rename_file);
}

// A second name of the same file.
static int make_link(const char *from, const char *to)
{
    return error_of(link(from, to));
}

Term bif_prim_file_make_link_2(Process *p, const Term *args)
{
    return with_names(p, args, make_link);
}

// The first name need not exist.
static int make_symlink(const char *from, const char *to)
{
    return error_of(symlink(from, to));
}

Term bif_prim_file_make_symlink_2(Process *p, const Term *args)
{
    return with_names(p, args, make_symlink);
}

// ---- reading directories and links ----
// What the pack holds is listed like files of the disk.

// Both sources add to one list.
typedef struct {
    Process *process;
    Term list;
    bool skip; // names that are no UTF-8; else they are binaries
    int folder; // of the disk that the pack adds to, or -1
} Names;

// Called for each entry; [data] is a Names.
static void add_name(const char *name, size_t size, void *data)
{
    Names *names = data;
    Process *p = names->process;
    // The pack's files may lie on the disk, too.
    char path[NAME_MAX + 1];
    if (names->folder >= 0 && size <= NAME_MAX) {
        memcpy(path, name, size);
        path[size] = 0;
        if (faccessat(names->folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return;
    }
    Term t = file_name_term(p, name, size);
    // Names of another encoding.
    if (term_is_none(t)) {
        if (names->skip) return;
        t = heap_binary(process_heap(p), name, size);
    }
    names->list = heap_cons(process_heap(p), t, names->list);
}

static void add_names_of(DIR *dir, Names *names)
{
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        add_name(name, strlen(name), names);
    }
}

// What the pack has in folder [name]; the root of it is a folder of the disk,
// too.
// So a folder may be in both: its names are put together.
static bool add_packed_names(const char *name, Names *names)
{
    PackedFile folder;
    if (!packed_file_find(names->process->node, name, &folder)) return false;
    bool found = folder.is_folder;
    if (found) packed_file_each(&folder, add_name, names);
    packed_file_release(&folder);
    return found;
}

static Term list_dir(Process *p, Term t, bool skip)
{
    int error;
    Names names = {p, TERM_NIL, skip, -1};
    char *name = file_name_string(p, t, &error);
    if (name == NULL)
        return error != 0 ? posix_error_tuple(p, error) : bad_argument(p);
    DIR *dir = opendir(name);
    error = dir == NULL ? errno : 0;
    if (dir != NULL) {
        add_names_of(dir, &names);
        names.folder = dirfd(dir);
    }
    // Found in the pack: then it exists.
    if (add_packed_names(name, &names)) error = 0;
    if (dir != NULL) closedir(dir);
    free(name);
    return error != 0 ? posix_error_tuple(p, error) : ok_tuple(p, names.list);
}

// list_dir leaves out what cannot be shown as a string.
Term bif_prim_file_list_dir_1(Process *p, const Term *args)
{
    return list_dir(p, args[0], true);
}

Term bif_prim_file_list_dir_all_1(Process *p, const Term *args)
{
    return list_dir(p, args[0], false);
}

// raw: names that are no UTF-8 come as binaries.
static Term read_link(Process *p, Term t, bool raw)
{
    char target[PATH_MAX];
    int error;
    char *name = file_name_string(p, t, &error);
    if (name == NULL)
        return error != 0 ? posix_error_tuple(p, error) : bad_argument(p);
    // No NUL behind it.
    ssize_t n = readlink(name, target, sizeof target);
    error = errno;
    free(name);
    if (n < 0) return posix_error_tuple(p, error);
    Term text = file_name_term(p, target, (size_t)n);
    if (!term_is_none(text)) return ok_tuple(p, text);
    if (!raw) return posix_error_tuple(p, EINVAL);
    return ok_tuple(p, heap_binary(process_heap(p), target, (size_t)n));
}

Term bif_prim_file_read_link_1(Process *p, const Term *args)
{
    return read_link(p, args[0], false);
}

Term bif_prim_file_read_link_all_1(Process *p, const Term *args)
{
    return read_link(p, args[0], true);
}

// ---- the current directory ----

// Of the whole program, not of the process.
Term bif_prim_file_get_cwd_0(Process *p, const Term *args)
{
    char path[PATH_MAX];
    if (getcwd(path, sizeof path) == NULL) return posix_error_tuple(p, errno);
    Term text = file_name_term(p, path, strlen(path));
    if (term_is_none(text))
        text = heap_binary(process_heap(p), path, strlen(path));
    return ok_tuple(p, text);
}

// get_cwd("C:"): no drives here.
// A question of another system, answered as OTP does on Unix.
Term bif_prim_file_get_cwd_1(Process *p, const Term *args)
{
    if (!term_is_cons(args[0])) return bad_argument(p);
    Term rest = term_tail(args[0]);
    bool drive = term_is_cons(rest) && term_is_nil(term_tail(rest))
                 && term_same(term_head(rest), term_small(':'));
    return heap_tuple2(process_heap(p), ATOM_error,
                       drive ? ATOM_enotsup : ATOM_einval);
}

// Affects everybody in this program.
static int set_cwd(const char *name)
{
    return error_of(chdir(name));
}

Term bif_prim_file_set_cwd_1(Process *p, const Term *args)
{
    return with_name(p, args[0], set_cwd);
}

// A short name, elsewhere.
Term bif_prim_file_altname_1(Process *p, const Term *args)
{
    return heap_tuple2(process_heap(p), ATOM_error, ATOM_enotsup);
}

// ---- names ----

// internal_name2native(Name) -> the bytes of the name and a 0.
// For drivers and sockets, which want bytes.
Term bif_prim_file_internal_name2native_1(Process *p, const Term *args)
{
    int error;
    char *name = file_name_string(p, args[0], &error);
    if (name == NULL) return bif_error(p, ATOM_badarg);
    Term t = heap_binary(process_heap(p), name, strlen(name) + 1);
    free(name);
    return t;
}

// What is done with a name that is no UTF-8, see NodeOptions.
static Term bad_name_atom(const Node *node)
{
    switch (node->options.bad_name_mode) {
    case 'e': return ATOM_error;
    case 'i': return ATOM_ignore;
    default: return ATOM_warning;
    }
}

// internal_native2name(Bytes) -> string | {error, ignore | warning | error}
// The error: no UTF-8.
Term bif_prim_file_internal_native2name_1(Process *p, const Term *args)
{
    int error;
    if (!term_is_binary(args[0])) return bif_error(p, ATOM_badarg);
    char *name = file_name_string(p, args[0], &error);
    if (name == NULL) return bif_error(p, ATOM_badarg);
    Term t = file_name_term(p, name, strlen(name));
    free(name);
    if (!term_is_none(t)) return t;
    return heap_tuple2(process_heap(p), ATOM_error, bad_name_atom(p->node));
}

// internal_normalize_utf8(Binary) -> string, composed as names of HFS+ are.
Term bif_prim_file_internal_normalize_utf8_1(Process *p, const Term *args)
{
    size_t size;
    if (!term_is_binary(args[0])) return bif_error(p, ATOM_badarg);
    char *name = bif_get_text(p, args[0], &size);
    if (name == NULL) return bif_error(p, ATOM_badarg);
    Buffer b;
    buffer_init(&b);
    hfs_compose(name, size, &b);
    free(name);
    Term t = heap_string_utf8(process_heap(p), (const char *)b.bytes, b.size,
                              TERM_NIL);
    buffer_free(&b);
    return t;
}

// Whether it can be shown as characters.
Term bif_prim_file_is_translatable_1(Process *p, const Term *args)
{
    int error;
    char *name = file_name_string(p, args[0], &error);
    if (name == NULL) return ATOM_false;
    bool good = utf8_length((const uint8_t *)name, strlen(name)) >= 0;
    free(name);
    return good ? ATOM_true : ATOM_false;
}

// file:native_name_encoding(): that of names in the file system.
Term bif_file_native_name_encoding_0(Process *p, const Term *args)
{
    return ATOM_utf8;
}
