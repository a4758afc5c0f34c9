// SPDX-License-Identifier: Apache-2.0
// Edit: the line editor; a verb for each key, and the table that names them.
#include "edit.h"

#include <utf8proc.h>

#include "edit_colour.h"
#include "edit_key.h"
#include "edit_paste.h"

// Keys that other functions need as well; the table has the rest as numbers:
// C-a is 1, C-z is 26.
enum {
    CONTROL_C = 3, CONTROL_D = 4, CONTROL_G = 7, CONTROL_H = 8,
    CONTROL_R = 18, CONTROL_S = 19, BACKSPACE = 127,
    // Longer ones are ended by force.
    PARTIAL_MOST = 4096 // bytes of a line of others
};

// Asks the terminal to mark what is pasted; most that cannot ignore it.
#define MARKS_ON "\x1b[?2004h"
#define MARKS_OFF "\x1b[?2004l"

// All zero is an editor without text, history and kills.
void edit_init(Edit *e)
{
    *e = (Edit){.screen = {.columns = 80, .rows = 24}};
    e->screen.is_coloured = true;
    e->marks_pastes = true;
}

void edit_free(Edit *e)
{
    edit_text_free(&e->text);
    edit_history_free(&e->history);
    for (unsigned i = 0; i < EDIT_KILLS; i++) buffer_free(&e->kills[i]);
    buffer_free(&e->out);
    buffer_free(&e->input);
    buffer_free(&e->partial);
    buffer_free(&e->label);
    buffer_free(&e->prompt);
    buffer_free(&e->typed);
    buffer_free(&e->sought);
    buffer_free(&e->hint);
    buffer_free(&e->note);
    edit_screen_free(&e->screen);
}

// [to] keeps its memory.
static void copy_buffer(Buffer *to, const Buffer *from)
{
    to->size = 0;
    buffer_add(to, from->bytes, from->size);
}

static void add_text(Buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

// ---- drawing ----

// While C-r searches, the prompt is the search's.
static void make_prompt(Edit *e)
{
    copy_buffer(&e->prompt, &e->partial);
    if (e->is_search) {
        add_text(&e->prompt, "(search)`");
        buffer_add(&e->prompt, e->sought.bytes, e->sought.size);
        add_text(&e->prompt, "': ");
    } else {
        buffer_add(&e->prompt, e->label.bytes, e->label.size);
    }
}

static bool is_bracket(const Edit *e, size_t at)
{
    return at < e->text.bytes.size
           && memchr("()[]{}", e->text.bytes.bytes[at], 6) != NULL;
}

// The bracket that belongs to the one before the cursor, or under it. All of
// the text is looked at for that, so not with every key. The one before has
// just been typed, most likely.
static size_t find_match(const Edit *e)
{
    size_t at = e->text.cursor, match = SIZE_MAX;
    if (at > 0 && is_bracket(e, at - 1))
        match = edit_text_match(&e->text, at - 1);
    if (match == SIZE_MAX && is_bracket(e, at))
        match = edit_text_match(&e->text, at);
    return match;
}

static void draw(Edit *e, size_t match)
{
    make_prompt(e);
    EditPicture picture = {.prompt = &e->prompt, .text = &e->text,
                           .match = match, .is_hidden = e->is_hidden,
                           .is_erlang = e->is_erlang, .hint = &e->hint,
                           .note = &e->note};
    edit_screen_draw(&e->screen, &picture, &e->out);
}

// Output of an editor that is not active would draw over what others show.
static void refresh(Edit *e)
{
    if (e->is_active) draw(e, find_match(e));
}

void edit_resize(Edit *e, unsigned columns, unsigned rows)
{
    edit_screen_resize(&e->screen, columns, rows);
    refresh(e);
}

void edit_fit(Edit *e, unsigned columns, unsigned rows)
{
    if (columns != e->screen.columns
        || (rows > 0 && rows != e->screen.rows))
        edit_resize(e, columns, rows);
}

// Bytes up to the last end of a line (or return to its start).
// A return alone counts as well: progress bars write over their line.
static size_t whole_lines(const uint8_t *bytes, size_t size)
{
    while (size > 0 && bytes[size - 1] != '\n' && bytes[size - 1] != '\r')
        size--;
    return size;
}

// Follows what others write: their last line without an end.
static void note_partial(Edit *e, const uint8_t *bytes, size_t size)
{
    size_t whole = whole_lines(bytes, size);
    if (whole > 0) e->partial.size = 0;
    buffer_add(&e->partial, bytes + whole, size - whole);
    // A partial line is drawn again at each key, so it must not grow without
    // end.
    if (e->partial.size > PARTIAL_MOST) {
        if (e->is_active)
            buffer_add(&e->out, e->partial.bytes, e->partial.size);
        add_text(&e->out, "\n");
        e->partial.size = 0;
    }
}

// Text behind one that fills its row begins the next row, also where the
// terminal would not break it, or has done so already. The end of the line does
// not: it would leave a row blank.
static void break_full_row(Edit *e, const uint8_t *bytes, size_t size)
{
    if (size > 0 && bytes[0] != '\n' && bytes[0] != '\r'
        && edit_screen_is_full(&e->screen, &e->partial))
        add_text(&e->out, " \b");
}

// Others' text goes above the line: the drawing is cleared, the text written,
// the drawing made again.
void edit_show(Edit *e, const void *bytes, size_t size)
{
    if (!e->is_active) {
        break_full_row(e, bytes, size);
        buffer_add(&e->out, bytes, size);
        note_partial(e, bytes, size);
        return;
    }
    edit_screen_clear(&e->screen, &e->out);
    size_t whole = whole_lines(bytes, size);
    // The partial line was part of the drawing; now it is written for good, for
    // its end has come.
    if (whole > 0)
        buffer_add(&e->out, e->partial.bytes, e->partial.size);
    buffer_add(&e->out, bytes, whole);
    note_partial(e, bytes, size); // what is left comes with the drawing
    refresh(e);
}

// ---- the line's beginning and end ----

// Hints belong to the text as it was.
static void forget_hint(Edit *e)
{
    e->hint.size = e->note.size = 0;
}

void edit_start(Edit *e, const void *label, size_t size, EditKind kind)
{
    e->is_active = true;
    e->is_hidden = kind == EDIT_PASSWORD;
    e->is_erlang = kind == EDIT_ERLANG;
    forget_hint(e);
    e->is_search = false;
    e->label.size = 0;
    buffer_add(&e->label, label, size);
    edit_text_set(&e->text, NULL, 0);
    e->entry = e->history.count; // none: the line is new
    e->last_key = KEY_NONE;
    // What others have written stands on the terminal already.
    edit_screen_adopt(&e->screen, &e->partial);
    if (e->marks_pastes) add_text(&e->out, MARKS_ON);
    refresh(e);
}

// The cursor goes to the end, so that what follows is written below.
void edit_stop(Edit *e)
{
    if (!e->is_active) return;
    e->is_search = false;
    e->text.cursor = e->text.bytes.size;
    forget_hint(e);
    draw(e, SIZE_MAX);
    if (e->marks_pastes) add_text(&e->out, MARKS_OFF);
    edit_screen_leave(&e->screen, &e->out);
    e->is_active = false;
    // The line is ended, and the partial one with it.
    e->partial.size = 0;
}

// Who writes next begins a new line by himself.
void edit_suspend(Edit *e)
{
    if (!e->is_active) return;
    size_t cursor = e->text.cursor;
    e->text.cursor = e->text.bytes.size;
    forget_hint(e);
    draw(e, SIZE_MAX);
    e->text.cursor = cursor;
    if (e->marks_pastes) add_text(&e->out, MARKS_OFF);
}

void edit_resume(Edit *e, unsigned columns, unsigned rows)
{
    edit_screen_forget(&e->screen);
    edit_screen_resize(&e->screen, columns, rows);
    if (e->is_active && e->marks_pastes) add_text(&e->out, MARKS_ON);
    refresh(e);
}

// Gives the line at [line] the blanks that it should begin with. The cursor
// stays where it is in the text.
// Blanks are spaces; tabs that were typed are replaced.
static void indent_line(Edit *e, size_t line)
{
    EditText *t = &e->text;
    size_t indent = edit_colour_indent(&t->bytes, line), from = t->cursor;
    size_t end = edit_text_blanks_end(t, line), old = end - line;
    // Within a string, or right already.
    if (indent == SIZE_MAX || indent == old) return;
    Buffer blanks = {0};
    for (size_t i = 0; i < indent; i++) buffer_add_byte(&blanks, ' ');
    edit_text_replace(t, line, end, blanks.bytes, blanks.size);
    buffer_free(&blanks);
    // A cursor within the blanks goes to their end.
    if (from > end) t->cursor = from - old + indent;
}

// Moves a line that begins with "end" or the like out to where it belongs.
// Only as it is left, since "en" may become "enough".
static void dress_line(Edit *e)
{
    size_t line = edit_text_line_start(&e->text, e->text.cursor);
    size_t word = edit_text_blanks_end(&e->text, line);
    if (line > 0 && e->is_erlang && e->input.size == 0
        && edit_colour_closes(&e->text.bytes, word))
        indent_line(e, line);
}

// "end" alone on the last line may still have to move out.
void edit_accept(Edit *e)
{
    dress_line(e);
    edit_stop(e);
}

// A new line begins as deep as what stands before it nests. When more has come
// already, this is no typing but a paste of the old kind, which brings its own
// blanks.
static void break_line(Edit *e)
{
    dress_line(e);
    EditText *t = &e->text;
    edit_text_replace(t, t->cursor, t->cursor, "\n", 1);
    if (e->is_erlang && e->input.size == 0) indent_line(e, t->cursor);
}

// Tab before the first word of a line.
// Elsewhere Tab asks for completion.
static bool take_indent(Edit *e)
{
    size_t line = edit_text_line_start(&e->text, e->text.cursor);
    if (line == 0 || !e->is_erlang
        || edit_text_blanks_end(&e->text, line) < e->text.cursor)
        return false;
    indent_line(e, line);
    e->text.cursor = edit_text_blanks_end(&e->text, line);
    return true;
}

void edit_newline(Edit *e)
{
    break_line(e);
    refresh(e);
}

// It may come late: the io server finds it beside the keys.
void edit_hint(Edit *e, const Buffer *hint, const Buffer *note)
{
    forget_hint(e);
    // The cursor may have moved since it was asked for.
    if (e->text.cursor == e->text.bytes.size)
        buffer_add(&e->hint, hint->bytes, hint->size);
    buffer_add(&e->note, note->bytes, note->size);
    refresh(e);
}

void edit_insert(Edit *e, const void *bytes, size_t size)
{
    edit_text_replace(&e->text, e->text.cursor, e->text.cursor, bytes, size);
    refresh(e);
}

// ---- moving ----

static void move_left(Edit *e)
{
    e->text.cursor = edit_text_before(&e->text, e->text.cursor);
}

// Takes what is hinted at.
// Right arrow, C-f, End and C-e take it: what moves further to the right than
// there is text.
static bool take_hint(Edit *e)
{
    if (e->hint.size == 0 || e->text.cursor != e->text.bytes.size)
        return false;
    edit_text_replace(&e->text, e->text.cursor, e->text.cursor,
                      e->hint.bytes, e->hint.size);
    return true;
}

static void move_right(Edit *e)
{
    if (take_hint(e)) return;
    e->text.cursor = edit_text_after(&e->text, e->text.cursor);
}

static void move_word_left(Edit *e)
{
    e->text.cursor = edit_text_word_before(&e->text, e->text.cursor);
}

static void move_word_right(Edit *e)
{
    e->text.cursor = edit_text_word_after(&e->text, e->text.cursor);
}

static void move_line_start(Edit *e)
{
    e->text.cursor = edit_text_line_start(&e->text, e->text.cursor);
}

static void move_line_end(Edit *e)
{
    if (take_hint(e)) return;
    e->text.cursor = edit_text_line_end(&e->text, e->text.cursor);
}

static void move_text_start(Edit *e)
{
    e->text.cursor = 0;
}

static void move_text_end(Edit *e)
{
    e->text.cursor = e->text.bytes.size;
}

// ---- history ----

// What was being typed is kept until the search or the walk is over.
static void show_entry(Edit *e, size_t entry)
{
    if (e->entry == e->history.count) copy_buffer(&e->typed, &e->text.bytes);
    const Buffer *text = entry == e->history.count
                             ? &e->typed : &e->history.entries[entry];
    e->entry = entry;
    // Another text altogether: it is drawn in one piece.
    edit_screen_clear(&e->screen, &e->out);
    // Undo does not go back beyond an entry's beginning.
    edit_text_set(&e->text, text->bytes, text->size);
}

// No history for passwords.
static void show_previous(Edit *e)
{
    if (!e->is_hidden && e->entry > 0) show_entry(e, e->entry - 1);
}

static void show_next(Edit *e)
{
    if (e->entry < e->history.count) show_entry(e, e->entry + 1);
}

// In a text of several lines the arrows move within; only at its edges they go
// to the history.
static void move_up(Edit *e)
{
    size_t at = edit_text_above(&e->text, e->text.cursor);
    if (at == SIZE_MAX) show_previous(e);
    else e->text.cursor = at;
}

static void move_down(Edit *e)
{
    size_t at = edit_text_below(&e->text, e->text.cursor);
    if (at == SIZE_MAX) show_next(e);
    else e->text.cursor = at;
}

// Older entries first.
static void search(Edit *e, size_t before)
{
    size_t found = edit_history_search(&e->history, before, e->sought.bytes,
                                       e->sought.size);
    if (found != SIZE_MAX) show_entry(e, found);
}

// C-s, the other way.
static void search_newer(Edit *e)
{
    size_t found = edit_history_search_newer(
        &e->history, e->entry + 1, e->sought.bytes, e->sought.size);
    if (found != SIZE_MAX) show_entry(e, found);
}

static void start_search(Edit *e)
{
    if (e->is_hidden) return;
    e->is_search = true;
    e->sought.size = 0;
}

// A key while C-r searches; false when the key is to be served as ever.
// Printable keys make the search longer, C-r goes to the next older, C-g gives
// up; any other key takes what is found.
static bool search_key(Edit *e, uint32_t key)
{
    if (key == CONTROL_R) {
        search(e, e->entry);
    } else if (key == CONTROL_S) {
        search_newer(e);
    } else if (key == BACKSPACE || key == CONTROL_H) {
        while (e->sought.size > 0
               && (e->sought.bytes[--e->sought.size] & 0xC0) == 0x80) {}
        search(e, e->history.count);
    } else if (key == CONTROL_G) {
        e->is_search = false;
        show_entry(e, e->history.count);
    } else if (key >= ' ' && key < KEY_NONE) {
        buffer_add_utf8(&e->sought, key);
        // The entry shown is looked at again, for it may hold the longer text.
        size_t last = e->entry < e->history.count ? e->entry + 1 : e->entry;
        search(e, last);
    } else {
        e->is_search = false;
        return false;
    }
    return true;
}

// ---- killing and yanking ----

static bool is_kill(uint32_t key)
{
    return key == 11 || key == 21 || key == 23 || key == (KEY_META | 'd')
           || key == (KEY_META | BACKSPACE)
           || key == (KEY_DELETE | KEY_CONTROL)
           || key == (KEY_DELETE | KEY_META);
}

// Kills what lies from [from] to [to]; kills in a row are one.
static void kill(Edit *e, size_t from, size_t to)
{
    if (from == to) return;
    const uint8_t *bytes = e->text.bytes.bytes + from;
    bool is_forward = from == e->text.cursor;
    Buffer killed = {0};
    // Another key stood between: a kill of its own.
    if (!is_kill(e->last_key)) e->kill = (e->kill + 1) % EDIT_KILLS;
    Buffer *ring = &e->kills[e->kill];
    if (!is_kill(e->last_key)) ring->size = 0;
    // What was killed backwards stands before.
    if (!is_forward) buffer_add(&killed, bytes, to - from);
    buffer_add(&killed, ring->bytes, ring->size);
    if (is_forward) buffer_add(&killed, bytes, to - from);
    buffer_free(ring);
    *ring = killed;
    edit_text_replace(&e->text, from, to, NULL, 0);
}

// At the line's end its newline goes, so that lines join.
static void kill_line(Edit *e)
{
    size_t at = e->text.cursor, end = edit_text_line_end(&e->text, at);
    kill(e, at, end == at ? edit_text_after(&e->text, at) : end);
}

// C-u
static void kill_line_start(Edit *e)
{
    size_t at = e->text.cursor;
    kill(e, edit_text_line_start(&e->text, at), at);
}

static void kill_word(Edit *e)
{
    size_t at = e->text.cursor;
    kill(e, at, edit_text_word_after(&e->text, at));
}

// C-w and M-DEL alike, as Erlang's shells have it.
static void kill_word_before(Edit *e)
{
    size_t at = e->text.cursor;
    kill(e, edit_text_word_before(&e->text, at), at);
}

// The kill that is yanked; M-y replaces it.
static void yank_over(Edit *e, size_t from, size_t to)
{
    const Buffer *b = &e->kills[e->kill];
    edit_text_replace(&e->text, from, to, b->bytes, b->size);
    e->yank_from = from;
    e->yank_to = from + b->size;
}

static void yank(Edit *e)
{
    yank_over(e, e->text.cursor, e->text.cursor);
}

// Only behind C-y or itself, as it replaces what they yanked.
static void yank_older(Edit *e)
{
    if (e->last_key != 25 && e->last_key != (KEY_META | 'y')) return;
    // Round the ring, past places that are empty still.
    unsigned older = (e->kill + EDIT_KILLS - 1) % EDIT_KILLS;
    while (e->kills[older].size == 0 && older != e->kill)
        older = (older + EDIT_KILLS - 1) % EDIT_KILLS;
    e->kill = older;
    yank_over(e, e->yank_from, e->yank_to);
}

// ---- other changes ----

static void delete_before(Edit *e)
{
    size_t at = e->text.cursor;
    edit_text_replace(&e->text, edit_text_before(&e->text, at), at, NULL, 0);
}

static void delete_after(Edit *e)
{
    size_t at = e->text.cursor;
    edit_text_replace(&e->text, at, edit_text_after(&e->text, at), NULL, 0);
}

// Changes the characters on both sides of the cursor; at a line's end the two
// before it.
// As emacs does it: C-t behind "teh" makes "the".
static void transpose(Edit *e)
{
    EditText *t = &e->text;
    size_t middle = t->cursor;
    if (middle == edit_text_line_end(t, middle))
        middle = edit_text_before(t, middle);
    size_t from = edit_text_before(t, middle);
    size_t to = edit_text_after(t, middle);
    if (from == middle || middle == to) return; // nothing before or behind
    Buffer changed = {0};
    buffer_add(&changed, t->bytes.bytes + middle, to - middle);
    buffer_add(&changed, t->bytes.bytes + from, middle - from);
    edit_text_replace(t, from, to, changed.bytes, changed.size);
    buffer_free(&changed);
}

// Any number of times: each step is one change.
static void undo(Edit *e)
{
    edit_text_undo(&e->text);
}

// Changes the words on both sides of the cursor.
// The cursor may stand in the second or between them.
static void transpose_words(Edit *e)
{
    EditText *t = &e->text;
    size_t end = edit_text_word_after(t, t->cursor);
    size_t second = edit_text_word_before(t, end);
    size_t first = edit_text_word_before(t, second);
    size_t first_end = edit_text_word_after(t, first);
    if (first_end > second) return; // one word only
    const uint8_t *bytes = t->bytes.bytes;
    Buffer changed = {0};
    buffer_add(&changed, bytes + second, end - second);
    buffer_add(&changed, bytes + first_end, second - first_end);
    buffer_add(&changed, bytes + first, first_end - first);
    edit_text_replace(t, first, end, changed.bytes, changed.size);
    buffer_free(&changed);
}

// Gives the letters of the word at the cursor, or the next, other case: the
// first one by [first], the others by [rest].
// Other alphabets as well, as far as one character becomes one.
static void change_case(Edit *e, utf8proc_int32_t (*first)(utf8proc_int32_t),
                        utf8proc_int32_t (*rest)(utf8proc_int32_t))
{
    EditText *t = &e->text;
    size_t end = edit_text_word_after(t, t->cursor), from = t->cursor;
    size_t word = edit_text_word_before(t, end);
    if (word > from) from = word;
    Buffer changed = {0};
    for (size_t at = from; at < end;) {
        uint32_t c;
        unsigned n = edit_text_read(&t->bytes, at, &c);
        buffer_add_utf8(&changed, (uint32_t)(at == from ? first : rest)(
                                      (utf8proc_int32_t)c));
        at += n;
    }
    edit_text_replace(t, from, end, changed.bytes, changed.size);
    buffer_free(&changed);
}

static void raise_word(Edit *e)
{
    change_case(e, utf8proc_toupper, utf8proc_toupper);
}

static void lower_word(Edit *e)
{
    change_case(e, utf8proc_tolower, utf8proc_tolower);
}

static void capitalize_word(Edit *e)
{
    change_case(e, utf8proc_toupper, utf8proc_tolower);
}

// Opens a line behind the cursor, which stays.
// C-o
static void open_line(Edit *e)
{
    size_t at = e->text.cursor;
    edit_text_replace(&e->text, at, at, "\n", 1);
    e->text.cursor = at;
}

// History above is gone, too: a new screen.
static void clear_screen(Edit *e)
{
    add_text(&e->out, "\x1b[H\x1b[2J");
    edit_screen_forget(&e->screen);
}

// Pasted text is never served as keys, so a newline in it enters nothing.
static void paste(Edit *e, const uint8_t *bytes, size_t size)
{
    Buffer text = {0};
    edit_paste_clean(&text, bytes, size);
    edit_text_replace(&e->text, e->text.cursor, e->text.cursor, text.bytes,
                      text.size);
    buffer_free(&text);
}

// Characters of several columns and marks included.
static void insert(Edit *e, uint32_t c)
{
    uint8_t bytes[UTF8_MOST];
    size_t size = utf8_write(bytes, c);
    edit_text_replace(&e->text, e->text.cursor, e->text.cursor, bytes, size);
}

// ---- keys ----
// The keys of readline and emacs, and of the shells before it.

// Linear search: keys come one at a time.
typedef struct {
    uint32_t key; // with modifier bits
    void (*verb)(Edit *e);
} Binding;

// M- is ESC before the key, or the Alt key.
static const Binding bindings[] = {
    {1, move_line_start}, {2, move_left}, {5, move_line_end},
    {6, move_right}, {CONTROL_H, delete_before}, {11, kill_line},
    {12, clear_screen}, {14, move_down}, {15, open_line}, {16, move_up},
    {CONTROL_R, start_search}, {20, transpose}, {21, kill_line_start},
    {23, kill_word_before}, {25, yank}, {31, undo},
    {BACKSPACE, delete_before}, {CONTROL_D, delete_after},
    {KEY_UP, move_up}, {KEY_DOWN, move_down},
    {KEY_LEFT, move_left}, {KEY_RIGHT, move_right},
    {KEY_HOME, move_line_start}, {KEY_END, move_line_end},
    {KEY_DELETE, delete_after},
    {KEY_LEFT | KEY_CONTROL, move_word_left},
    {KEY_RIGHT | KEY_CONTROL, move_word_right},
    {KEY_LEFT | KEY_META, move_word_left},
    {KEY_RIGHT | KEY_META, move_word_right},
    {KEY_META | 'b', move_word_left}, {KEY_META | 'f', move_word_right},
    {KEY_META | 'd', kill_word}, {KEY_META | BACKSPACE, kill_word_before},
    {KEY_META | 'y', yank_older}, {KEY_META | 'p', show_previous},
    {KEY_META | 'n', show_next}, {KEY_META | '<', move_text_start},
    {KEY_META | '>', move_text_end}, {KEY_META | '\r', break_line},
    {KEY_META | 't', transpose_words}, {KEY_META | 'u', raise_word},
    {KEY_META | 'l', lower_word}, {KEY_META | 'c', capitalize_word},
    {KEY_UP | KEY_CONTROL, show_previous}, {KEY_UP | KEY_META, show_previous},
    {KEY_DOWN | KEY_CONTROL, show_next}, {KEY_DOWN | KEY_META, show_next},
    {KEY_HOME | KEY_CONTROL, move_text_start},
    {KEY_END | KEY_CONTROL, move_text_end},
    {KEY_DELETE | KEY_CONTROL, kill_word}, {KEY_DELETE | KEY_META, kill_word},
};

// What is neither bound nor printable is passed over.
static void serve_key(Edit *e, uint32_t key)
{
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++) {
        if (bindings[i].key == key) {
            bindings[i].verb(e);
            return;
        }
    }
    if (key < KEY_NONE && !edit_text_is_control(key)) insert(e, key);
}

// The event that [key] is; EDIT_NONE when it is a verb's.
// Before verbs: some keys are an event only at times, such as C-d on an empty
// line and Tab.
static EditEvent key_event(Edit *e, uint32_t key)
{
    switch (key) {
    case '\r': case '\n': return EDIT_ENTER;
    case '\t':
        return e->is_hidden || take_indent(e) ? EDIT_NONE : EDIT_COMPLETE;
    case CONTROL_C: return EDIT_INTERRUPT;
    case CONTROL_G: return EDIT_SWITCH;
    case 26: return EDIT_SUSPEND;
    case CONTROL_D: return e->text.bytes.size == 0 ? EDIT_EOF : EDIT_NONE;
    default: return EDIT_NONE;
    }
}

// Serves the key at [*at] of the input; false when none is whole.
// [*at] moves over the bytes of a key that was served.
static bool serve_next(Edit *e, size_t *at, EditEvent *event)
{
    size_t used, from, to;
    const uint8_t *in = e->input.bytes + *at;
    uint32_t key = edit_key_read(in, e->input.size - *at, &used, &from, &to);
    if (key == KEY_NONE) return false;
    if (key == KEY_PASTE) {
        e->is_search = false;
        paste(e, in + from, to - from);
    } else if (!e->is_search || !search_key(e, key)) {
        *event = key_event(e, key);
        if (*event == EDIT_NONE) serve_key(e, key);
        // Hints are forgotten by any key, after the key could take them.
        forget_hint(e);
    }
    e->last_key = key;
    *at += used;
    return true;
}

// The caller then shows what it has to say below.
static EditEvent end_line(Edit *e, EditEvent event)
{
    if (event == EDIT_EOF || event == EDIT_INTERRUPT
        || event == EDIT_SWITCH)
        edit_stop(e);
    return event;
}

// Whether [key] is in the input; it is dropped then with all before it.
// The last one counts, however many were typed.
static bool drop_through(Edit *e, int key)
{
    const uint8_t *bytes = e->input.bytes;
    const uint8_t *at = memrchr(bytes, key, e->input.size);
    if (at == NULL) return false;
    size_t dropped = (size_t)(at - bytes) + 1;
    e->input.size -= dropped;
    memmove(e->input.bytes, at + 1, e->input.size);
    return true;
}

// C-c and C-g are not kept for later.
// A program that runs without a prompt must be stoppable.
static EditEvent keep_input(Edit *e)
{
    if (e->input.size == 0) return EDIT_NONE;
    if (drop_through(e, CONTROL_C)) return EDIT_INTERRUPT;
    return drop_through(e, CONTROL_G) ? EDIT_SWITCH : EDIT_NONE;
}

// Keys behind an event wait in the input.
EditEvent edit_feed(Edit *e, const void *bytes, size_t size)
{
    buffer_add(&e->input, bytes, size);
    if (!e->is_active) return keep_input(e);
    EditEvent event = EDIT_NONE;
    size_t at = 0;
    if (e->input.size == 0) return event;
    while (event == EDIT_NONE && serve_next(e, &at, &event)) {}
    e->input.size -= at;
    memmove(e->input.bytes, e->input.bytes + at, e->input.size);
    // What ends the line draws it once more.
    // edit_accept and edit_stop draw once more, without bracket and hint.
    if (at > 0 && (event == EDIT_NONE || event == EDIT_COMPLETE)) refresh(e);
    return end_line(e, event);
}
