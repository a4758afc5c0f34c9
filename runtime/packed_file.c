// SPDX-License-Identifier: Apache-2.0
// Files of the pack. Its entries are sorted by name, so what lies in one
// folder stands together.
//
// There are no entries for folders: a folder is there when something lies in
// it.
#include "packed_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

// Only this part of the pack is shown; the rest is for the program itself.
static const char shown[] = "lib/";

// The part of [name] behind [root] without doubled or closing slashes, of
// malloc; NULL when it does not lie there.
static char *path_below(const char *root, const char *name)
{
    size_t size = strlen(root);
    if (strncmp(name, root, size) != 0) return NULL;
    name += size;
    if (*name != '/' && *name != 0) return NULL;
    char *path = memory_alloc(strlen(name) + 1), *to = path;
    for (; *name != 0; name++) {
        bool useless = *name == '/' && (to == path || to[-1] == '/');
        if (!useless) *to++ = *name;
    }
    if (to > path && to[-1] == '/') to--;
    *to = 0;
    return path;
}

// Whether [entry] is shown and lies, however deep, in the folder [path].
static bool is_inside(const char *path, const PackEntry *entry)
{
    size_t size = strlen(path), least = sizeof shown - 1;
    if (entry->name_size <= least || memcmp(entry->name, shown, least) != 0)
        return false;
    return size == 0
           || (entry->name_size > size && entry->name[size] == '/'
               && memcmp(entry->name, path, size) == 0);
}

// The number of the first entry in folder [path].
// Linear: only asked when no file has that name.
static bool find_inside(const Node *node, const char *path, size_t *number)
{
    PackEntry entry;
    for (size_t i = 0; pack_entry(node->pack, i, &entry); i++) {
        if (!is_inside(path, &entry)) continue;
        *number = i;
        return true;
    }
    return false;
}

// A file first, then a folder; both below the root.
bool packed_file_find(const Node *node, const char *name, PackedFile *file)
{
    size_t number;
    if (node->pack == NULL || node->options.root == NULL) return false;
    *file = (PackedFile){.node = node};
    file->path = path_below(node->options.root, name);
    if (file->path == NULL) return false;
    // The name is whole: found by halves.
    if (strncmp(file->path, shown, sizeof shown - 1) == 0
        && pack_find(node->pack, file->path, strlen(file->path), &file->entry))
        return true;
    file->is_folder = find_inside(node, file->path, &number);
    if (!file->is_folder) packed_file_release(file);
    return file->is_folder;
}

void packed_file_release(PackedFile *file)
{
    free(file->path);
    file->path = NULL;
}

// The bytes go to a nameless file: what reads, seeks and maps descriptors
// needs to know nothing of the pack.
int packed_file_open(const PackedFile *file)
{
    FILE *copy = tmpfile();
    if (copy == NULL) return -1;
    int fd = -1;
    size_t size = pack_file_size(&file->entry);
    uint8_t *bytes = pack_file_bytes(&file->entry);
    if (fwrite(bytes, 1, size, copy) == size && fflush(copy) == 0) {
        rewind(copy);
        fd = dup(fileno(copy)); // the copy's own goes with fclose
    }
    int error = errno;
    free(bytes);
    fclose(copy);
    errno = error;
    return fd;
}

// Times and owner are those of the program's file.
void packed_file_stat(const PackedFile *file, struct stat *info)
{
    if (stat(file->node->options.program, info) < 0)
        memset(info, 0, sizeof *info);
    info->st_mode = file->is_folder ? S_IFDIR | 0555 : S_IFREG | 0444;
    info->st_nlink = 1;
    info->st_size =
        file->is_folder ? 4096 : (off_t)pack_file_size(&file->entry);
}

// What lies deeper is told once, by the part of its name up to the slash.
void packed_file_each(const PackedFile *folder,
                      void (*visit)(const char *name, size_t size, void *data),
                      void *data)
{
    size_t skip = strlen(folder->path), last_size = 0, i;
    const char *last = "";
    PackEntry e;
    if (!find_inside(folder->node, folder->path, &i)) return;
    if (skip > 0) skip++; // the slash
    while (pack_entry(folder->node->pack, i++, &e)
           && is_inside(folder->path, &e)) {
        const char *name = e.name + skip;
        const char *end = memchr(name, '/', e.name_size - skip);
        size_t size = end != NULL ? (size_t)(end - name) : e.name_size - skip;
        // The same folder as before.
        if (size == last_size && memcmp(name, last, size) == 0) continue;
        visit(name, size, data);
        last = name;
        last_size = size;
    }
}
