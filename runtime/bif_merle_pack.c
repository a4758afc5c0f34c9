// SPDX-License-Identifier: Apache-2.0
// merle_pack: the library inside the program, for the code server.
#include <stdlib.h>

#include "bif.h"
#include "node.h"
#include "pack.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// {PathWithinThePack, Bytes}
static Term entry_term(Process *p, const PackEntry *entry)
{
    Heap *h = process_heap(p);
    Term name = heap_string_utf8(h, entry->name, entry->name_size, TERM_NIL);
    return heap_tuple2(h, name, heap_binary(h, entry->data, entry->size));
}

// merle_pack:find(Module) -> {Path, Beam} | undefined
Term bif_merle_pack_find_1(Process *p, const Term *args)
{
    PackEntry entry;
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    const AtomText *name = atom_text(process_atoms(p), args[0]);
    if (p->node->pack == NULL
        || !pack_find_module(p->node->pack, name->bytes, name->size, &entry))
        return ATOM_undefined;
    return entry_term(p, &entry);
}

// merle_pack:read(Path) -> {Path, Bytes} | undefined
Term bif_merle_pack_read_1(Process *p, const Term *args)
{
    size_t size;
    uint8_t *path = bif_get_iodata(args[0], &size);
    if (path == NULL) return ATOM_undefined; // no name of a file here
    PackEntry entry;
    bool found = p->node->pack != NULL
                 && pack_find(p->node->pack, (char *)path, size, &entry);
    free(path);
    return found ? entry_term(p, &entry) : ATOM_undefined;
}

// merle_pack:files() -> [Path]
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

// merle_pack:root() -> Path: the folder that the pack's paths seem to start in.
Term bif_merle_pack_root_0(Process *p, const Term *args)
{
    const char *root = p->node->options.root;
    if (root == NULL) root = "";
    return heap_string_utf8(process_heap(p), root, strlen(root), TERM_NIL);
}
