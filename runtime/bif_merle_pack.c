// SPDX-License-Identifier: Apache-2.0
// merle_pack: the library inside the program, for the code server.
// The pack is read only and mapped with the program, so nothing has to be freed
// or locked.
#include <stdlib.h>

#include "bif_load.h"
#include "node.h"
#include "pack.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// NULL pack: a program without a library, in tests.
static bool find_module(Process *p, Term module, PackEntry *entry)
{
    const AtomText *name = atom_text(process_atoms(p), module);
    return p->node->pack != NULL
           && pack_find_module(p->node->pack, name->bytes, name->size, entry);
}

// merle_pack:find(Module) -> Path | undefined
// "lib/stdlib/ebin/lists.beam", below the root.
Term bif_merle_pack_find_1(Process *p, const Term *args)
{
    PackEntry entry;
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    if (!find_module(p, args[0], &entry)) return ATOM_undefined;
    return heap_string_utf8(process_heap(p), entry.name, entry.name_size,
                            TERM_NIL);
}

// merle_pack:load(Module): as erlang:load_module of the module's file, which
// need not become a binary for it. undefined when there is none.
// At the prompt's start dozens of modules come this way.
Term bif_merle_pack_load_1(Process *p, const Term *args)
{
    PackEntry entry;
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    if (!find_module(p, args[0], &entry)) return ATOM_undefined;
    return bif_load_code(p, args[0], entry.data, entry.size);
}

// A path that is no iodata is not found.
static bool find_path(Process *p, Term name, PackEntry *entry)
{
    size_t size;
    uint8_t *path = bif_get_iodata(name, &size);
    bool found = path != NULL && p->node->pack != NULL
                 && pack_find(p->node->pack, (char *)path, size, entry);
    free(path);
    return found;
}

// merle_pack:read(Path) -> Bytes | undefined
// A copy, since a binary may be changed in place by appending.
Term bif_merle_pack_read_1(Process *p, const Term *args)
{
    PackEntry entry;
    if (!find_path(p, args[0], &entry)) return ATOM_undefined;
    uint8_t *bytes = pack_file_bytes(&entry);
    Term binary = heap_binary(process_heap(p), bytes, pack_file_size(&entry));
    free(bytes);
    return binary;
}

// merle_pack:has(Path)
Term bif_merle_pack_has_1(Process *p, const Term *args)
{
    PackEntry entry;
    return find_path(p, args[0], &entry) ? ATOM_true : ATOM_false;
}

// merle_pack:files() -> [Path]
// In the order of the pack, from the end.
Term bif_merle_pack_files_0(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    PackEntry entry;
    if (p->node->pack == NULL) return list;
    for (size_t i = 0; pack_entry(p->node->pack, i, &entry); i++)
        list = heap_cons(
            h, heap_string_utf8(h, entry.name, entry.name_size, TERM_NIL),
            list);
    return list;
}

// Without looking before the name's beginning.
static bool ends_with(const PackEntry *e, size_t size, const char *end)
{
    return size >= strlen(end)
           && memcmp(e->name + size - strlen(end), end, strlen(end)) == 0;
}

// merle_pack:dirs() -> [Path] of the ebin folders
// A folder of an application holds its .app file.
Term bif_merle_pack_dirs_0(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    PackEntry entry;
    if (p->node->pack == NULL) return list;
    for (size_t i = 0; pack_entry(p->node->pack, i, &entry); i++) {
        if (!ends_with(&entry, entry.name_size, ".app")) continue;
        // Cut to the folder.
        while (entry.name[entry.name_size - 1] != '/') entry.name_size--;
        if (ends_with(&entry, --entry.name_size, "/ebin"))
            list = heap_cons(
                h, heap_string_utf8(h, entry.name, entry.name_size, TERM_NIL),
                list);
    }
    return list;
}

// merle_pack:root() -> Path: the folder that the pack's paths seem to start in.
// code:root_dir().
Term bif_merle_pack_root_0(Process *p, const Term *args)
{
    const char *root = p->node->options.root;
    if (root == NULL) root = "";
    return heap_string_utf8(process_heap(p), root, strlen(root), TERM_NIL);
}
