// SPDX-License-Identifier: Apache-2.0
// merle_edit: the line editor, for the library's io server. An editor belongs
// to the process that made it; others have no use of it. Output is bytes for
// the terminal.
#include "bif.h"
#include "edit.h"
#include "magic.h"
#include "process.h"
#include "shell_bifs.gen.h"

typedef struct {
    Counted counted; // must be first
    Term owner;
    Edit edit;
} Editor;

static void destroy(Counted *c)
{
    edit_free(&((Editor *)c)->edit);
    free(c);
}

// merle_edit:new() -> Editor
Term bif_merle_edit_new_0(Process *p, const Term *args)
{
    Editor *editor = memory_zeroed(1, sizeof *editor);
    atomic_init(&editor->counted.count, 1);
    editor->counted.destroy = destroy;
    editor->owner = p->pid;
    edit_init(&editor->edit);
    return magic_ref_new(p->node, process_heap(p), &editor->counted);
}

// The editor that [t] stands for; NULL when it is none of this process.
static Edit *get_edit(Process *p, Term t)
{
    Editor *editor = (Editor *)magic_object(t, destroy);
    if (editor == NULL || !term_same(editor->owner, p->pid)) return NULL;
    return &editor->edit;
}

static Term take_output(Process *p, Edit *e)
{
    Term output = heap_binary(process_heap(p), e->out.bytes, e->out.size);
    bif_bump(p, e->out.size / 16);
    e->out.size = 0;
    return output;
}

typedef void (*BytesVerb)(Edit *e, const void *bytes, size_t size);

// Calls [verb] with the bytes of args[1] and answers the output.
static Term with_bytes(Process *p, const Term *args, BytesVerb verb)
{
    size_t size;
    Edit *e = get_edit(p, args[0]);
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

static void start_shown(Edit *e, const void *bytes, size_t size)
{
    edit_start(e, bytes, size, false);
}

static void start_hidden(Edit *e, const void *bytes, size_t size)
{
    edit_start(e, bytes, size, true);
}

// merle_edit:start(Editor, Prompt, IsHidden) -> Output
Term bif_merle_edit_start_3(Process *p, const Term *args)
{
    bool is_hidden = term_same(args[2], ATOM_true);
    return with_bytes(p, args, is_hidden ? start_hidden : start_shown);
}

static void load(Edit *e, const void *bytes, size_t size)
{
    edit_history_load(&e->history, bytes, size);
}

// merle_edit:load(Editor, IoData) -> <<>>: history of a file.
Term bif_merle_edit_load_2(Process *p, const Term *args)
{
    return with_bytes(p, args, load);
}

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

// merle_edit:resize(Editor, Columns, Rows) -> Output
Term bif_merle_edit_resize_3(Process *p, const Term *args)
{
    size_t columns, rows;
    Edit *e = get_edit(p, args[0]);
    if (e == NULL || !bif_get_size(args[1], &columns) || columns > 10000
        || !bif_get_size(args[2], &rows) || rows > 10000)
        return bif_error(p, ATOM_badarg);
    edit_resize(e, (unsigned)columns, (unsigned)rows);
    return take_output(p, e);
}

static Term text_part(Heap *h, const Edit *e, size_t from, size_t to)
{
    return heap_binary(h, e->text.bytes.bytes + from, to - from);
}

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
    default: return ATOM_none;
    }
}

// merle_edit:feed(Editor, Typed) -> {Output, Event}, where Event is none,
// {enter, Text}, {complete, Before, After}, eof, interrupt or suspend.
Term bif_merle_edit_feed_2(Process *p, const Term *args)
{
    size_t size;
    Edit *e = get_edit(p, args[0]);
    uint8_t *bytes = e == NULL ? NULL : bif_get_iodata(args[1], &size);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    EditEvent event = edit_feed(e, bytes, size);
    free(bytes);
    Term what = event_term(process_heap(p), e, event);
    return heap_tuple2(process_heap(p), take_output(p, e), what);
}
