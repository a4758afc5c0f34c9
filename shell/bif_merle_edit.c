// SPDX-License-Identifier: Apache-2.0
// merle_edit: the line editor, for the library's io server. An editor belongs
// to the process that made it; others have no use of it. Output is bytes for
// the terminal.
// Output is answered instead of written: the io server decides when it goes
// out, and between which lines of others.
#include "bif.h"
#include "edit.h"
#include "edit_colour.h"
#include "magic.h"
#include "process.h"
#include "shell_bifs.gen.h"

// Behind a magic reference: it is freed when the owner's collector finds it
// dead.
typedef struct {
    Counted counted; // must be first
    Term owner;      // pid: the one process that may use it
    Edit edit;
} Editor;

static void destroy(Counted *c)
{
    edit_free(&((Editor *)c)->edit);
    free(c);
}

// merle_edit:new(IsColoured, MarksPastes) -> Editor
// What the terminal can do is for the io server to say, who knows TERM and
// NO_COLOR.
Term bif_merle_edit_new_2(Process *p, const Term *args)
{
    Editor *editor = memory_zeroed(1, sizeof *editor);
    atomic_init(&editor->counted.count, 1);
    editor->counted.destroy = destroy;
    editor->owner = p->pid;
    edit_init(&editor->edit);
    editor->edit.screen.is_coloured = term_same(args[0], ATOM_true);
    editor->edit.marks_pastes = term_same(args[1], ATOM_true);
    return magic_ref_new(p->node, process_heap(p), &editor->counted);
}

// The editor that [t] stands for; NULL when it is none of this process.
// A reference that went to another process is of no use there, so an editor
// needs no lock.
static Edit *get_edit(Process *p, Term t)
{
    Editor *editor = (Editor *)magic_object(t, destroy);
    if (editor == NULL || !term_same(editor->owner, p->pid)) return NULL;
    return &editor->edit;
}

// The buffer keeps its memory for the next key.
static Term take_output(Process *p, Edit *e)
{
    Term output = heap_binary(process_heap(p), e->out.bytes, e->out.size);
    bif_bump(p, e->out.size / 16);
    e->out.size = 0;
    return output;
}

// The answer is the caller's binary, a copy of the editor's bytes.
static Term text_part(Heap *h, const Edit *e, size_t from, size_t to)
{
    return heap_binary(h, e->text.bytes.bytes + from, to - from);
}

// A verb of the editor that takes text.
typedef void (*BytesVerb)(Edit *e, const void *bytes, size_t size);

// Calls [verb] with the bytes of args[1] and answers the output.
static Term with_bytes(Process *p, const Term *args, BytesVerb verb)
{
    size_t size;
    Edit *e = get_edit(p, args[0]);
    // badarg for both: no editor of this process, or no iodata.
    uint8_t *bytes = e == NULL ? NULL : bif_get_iodata(args[1], &size);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    verb(e, bytes, size);
    free(bytes);
    return take_output(p, e);
}

// merle_edit:show(Editor, IoData) -> Output
Term bif_merle_edit_show_2(Process *p, const Term *args)
{
    return with_bytes(p, args, edit_show);
}

// merle_edit:insert(Editor, IoData) -> Output
Term bif_merle_edit_insert_2(Process *p, const Term *args)
{
    return with_bytes(p, args, edit_insert);
}

// A kind for each, since a verb has no argument for it.
static void start_line(Edit *e, const void *bytes, size_t size)
{
    edit_start(e, bytes, size, EDIT_LINE);
}

static void start_erlang(Edit *e, const void *bytes, size_t size)
{
    edit_start(e, bytes, size, EDIT_ERLANG);
}

static void start_password(Edit *e, const void *bytes, size_t size)
{
    edit_start(e, bytes, size, EDIT_PASSWORD);
}

// merle_edit:start(Editor, Prompt, Kind) -> Output, where Kind is expression,
// password, or anything else for a plain line.
Term bif_merle_edit_start_3(Process *p, const Term *args)
{
    BytesVerb verb = start_line;
    if (term_same(args[2], ATOM_expression)) verb = start_erlang;
    if (term_same(args[2], ATOM_password)) verb = start_password;
    return with_bytes(p, args, verb);
}

// merle_edit:hint(Editor, Hint, Note) -> Output
Term bif_merle_edit_hint_3(Process *p, const Term *args)
{
    size_t hint_size, note_size;
    Edit *e = get_edit(p, args[0]);
    uint8_t *hint = e == NULL ? NULL : bif_get_iodata(args[1], &hint_size);
    if (hint == NULL) return bif_error(p, ATOM_badarg);
    uint8_t *note = bif_get_iodata(args[2], &note_size);
    // Views of the caller's bytes as buffers; the editor copies them.
    if (note != NULL)
        edit_hint(e, &(Buffer){hint, hint_size, hint_size},
                  &(Buffer){note, note_size, note_size});
    free(hint);
    if (note == NULL) return bif_error(p, ATOM_badarg);
    free(note);
    return take_output(p, e);
}

// merle_edit:text(Editor) -> {Before, After}: what stands around the cursor
Term bif_merle_edit_text_1(Process *p, const Term *args)
{
    const Edit *e = get_edit(p, args[0]);
    if (e == NULL) return bif_error(p, ATOM_badarg);
    Heap *h = process_heap(p);
    Term before = text_part(h, e, 0, e->text.cursor);
    return heap_tuple2(h, before,
                       text_part(h, e, e->text.cursor, e->text.bytes.size));
}

// Nothing is drawn by it, so the output is empty.
static void load(Edit *e, const void *bytes, size_t size)
{
    edit_history_load(&e->history, bytes, size);
}

// merle_edit:load(Editor, IoData) -> <<>>: history of a file.
Term bif_merle_edit_load_2(Process *p, const Term *args)
{
    return with_bytes(p, args, load);
}

// What was not taken, being the same as the last entry, is no line for the file
// either.
static void remember(Edit *e, const void *bytes, size_t size)
{
    if (edit_history_add(&e->history, bytes, size))
        edit_history_line(&e->history, &e->out);
}

// merle_edit:remember(Editor, Text) -> Line: for the history and its file.
Term bif_merle_edit_remember_2(Process *p, const Term *args)
{
    return with_bytes(p, args, remember);
}

// EOF, accept, stop and the like.
static Term with_nothing(Process *p, const Term *args, void (*verb)(Edit *e))
{
    Edit *e = get_edit(p, args[0]);
    if (e == NULL) return bif_error(p, ATOM_badarg);
    verb(e);
    return take_output(p, e);
}

// merle_edit:accept(Editor) -> Output
Term bif_merle_edit_accept_1(Process *p, const Term *args)
{
    return with_nothing(p, args, edit_accept);
}

// merle_edit:newline(Editor) -> Output
Term bif_merle_edit_newline_1(Process *p, const Term *args)
{
    return with_nothing(p, args, edit_newline);
}

// merle_edit:stop(Editor) -> Output
Term bif_merle_edit_stop_1(Process *p, const Term *args)
{
    return with_nothing(p, args, edit_stop);
}

// merle_edit:suspend(Editor) -> Output
Term bif_merle_edit_suspend_1(Process *p, const Term *args)
{
    return with_nothing(p, args, edit_suspend);
}

static Term with_size(Process *p, const Term *args,
                      void (*verb)(Edit *e, unsigned columns, unsigned rows))
{
    size_t columns, rows;
    Edit *e = get_edit(p, args[0]);
    // More than any window; keeps sums small.
    if (e == NULL || !bif_get_size(args[1], &columns) || columns > 10000
        || !bif_get_size(args[2], &rows) || rows > 10000)
        return bif_error(p, ATOM_badarg);
    verb(e, (unsigned)columns, (unsigned)rows);
    return take_output(p, e);
}

// merle_edit:resize(Editor, Columns, Rows) -> Output
Term bif_merle_edit_resize_3(Process *p, const Term *args)
{
    return with_size(p, args, edit_resize);
}

// merle_edit:fit(Editor, Columns, Rows) -> Output, empty if it has that size
Term bif_merle_edit_fit_3(Process *p, const Term *args)
{
    return with_size(p, args, edit_fit);
}

// merle_edit:resume(Editor, Columns, Rows) -> Output
Term bif_merle_edit_resume_3(Process *p, const Term *args)
{
    return with_size(p, args, edit_resume);
}

// merle_edit:colour(Text) -> Text with the sequences that colour it as what is
// typed is coloured
Term bif_merle_edit_colour_1(Process *p, const Term *args)
{
    size_t size;
    uint8_t *bytes = bif_get_iodata(args[0], &size);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    Buffer coloured = {0};
    edit_colour_add(&coloured, &(Buffer){bytes, size, size});
    free(bytes);
    Term text = heap_binary(process_heap(p), coloured.bytes, coloured.size);
    bif_bump(p, size / 16);
    buffer_free(&coloured);
    return text;
}

// merle_edit:atoms(Prefix, First, Most) -> [atom()]: at most [Most] of those
// that begin so, from number [First] on; it makes none.
// For completion. Atoms are numbered in the order of their making, so [First]
// leaves out those that are there from the start.
Term bif_merle_edit_atoms_3(Process *p, const Term *args)
{
    size_t size, first, most;
    if (!bif_get_size(args[1], &first) || !bif_get_size(args[2], &most))
        return bif_error(p, ATOM_badarg);
    uint8_t *prefix = bif_get_iodata(args[0], &size);
    if (prefix == NULL) return bif_error(p, ATOM_badarg);
    const AtomTable *table = p->node->atoms;
    size_t count = atom_count(table);
    Term found = TERM_NIL;
    // Oldest first, so the newest comes first in the list.
    for (size_t i = first; i < count && most > 0; i++) {
        Term atom = term_atom((uint32_t)i);
        const AtomText *text = atom_text(table, atom);
        if (text->size < size || memcmp(text->bytes, prefix, size) != 0)
            continue;
        found = heap_cons(process_heap(p), atom, found);
        most--;
    }
    // A comparison of a few bytes each.
    bif_bump(p, count / 64);
    free(prefix);
    return found;
}

// Text goes as binaries; the io server makes characters of it.
static Term event_term(Heap *h, const Edit *e, EditEvent event)
{
    size_t size = e->text.bytes.size, at = e->text.cursor;
    switch (event) {
    case EDIT_ENTER:
        return heap_tuple2(h, ATOM_enter, text_part(h, e, 0, size));
    case EDIT_COMPLETE:
        return heap_tuple3(h, ATOM_complete, text_part(h, e, 0, at),
                           text_part(h, e, at, size));
    case EDIT_EOF: return ATOM_eof;
    case EDIT_INTERRUPT: return ATOM_interrupt;
    case EDIT_SUSPEND: return ATOM_suspend;
    case EDIT_SWITCH: return ATOM_switch;
    default: return ATOM_none;
    }
}

// merle_edit:feed(Editor, Typed) -> {Output, Event}, where Event is none,
// {enter, Text}, {complete, Before, After}, eof, interrupt, suspend or switch.
// One key can end a line: what is left of [Typed] stays in the editor for the
// next call.
Term bif_merle_edit_feed_2(Process *p, const Term *args)
{
    size_t size;
    Edit *e = get_edit(p, args[0]);
    uint8_t *bytes = e == NULL ? NULL : bif_get_iodata(args[1], &size);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    EditEvent event = edit_feed(e, bytes, size);
    free(bytes);
    Term what = event_term(process_heap(p), e, event);
    // The event's text is taken before the output is: both are copies.
    return heap_tuple2(process_heap(p), take_output(p, e), what);
}
