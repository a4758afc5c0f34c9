// SPDX-License-Identifier: Apache-2.0
// Edit: the line editor. Bytes that were typed go in, bytes for the terminal
// come out, in [out], which the caller sends and empties; there is no terminal
// here.
//
// Between edit_start and the end of the line (edit_accept, EDIT_EOF,
// EDIT_INTERRUPT, EDIT_SWITCH) the text is edited. Outside of it what is typed
// is kept for the next start, but for C-c and C-g, which are told at once and
// drop what waits.
//
// The last line that others wrote, as long as it has no end, is part of the
// prompt, so that it is never overwritten.
#ifndef MERLE_EDIT_H
#define MERLE_EDIT_H

#include "edit_history.h"
#include "edit_screen.h"
#include "edit_text.h"

// What the caller has to do; edit_feed stops there, as keys behind it may
// belong to a line that begins only after its answer.
typedef enum {
    EDIT_NONE,      // all that was typed is served
    EDIT_ENTER,     // is the text whole? edit_accept or edit_newline tells
    EDIT_COMPLETE,  // what may follow the text before the cursor?
    EDIT_EOF,       // C-d on nothing
    EDIT_INTERRUPT, // C-c
    EDIT_SUSPEND,   // C-z
    EDIT_SWITCH     // C-g
} EditEvent;

// LINE is for io:get_line and the like, ERLANG for expressions.
typedef enum { EDIT_LINE, EDIT_ERLANG, EDIT_PASSWORD } EditKind;

enum { EDIT_KILLS = 16 }; // texts that M-y can go back to

typedef struct {
    Buffer out;                // for the terminal
    Buffer input;              // typed and not served yet
    EditText text;             // of the line
    EditHistory history;       // of earlier lines, of a file too
    EditScreen screen;         // what the terminal shows
    bool is_active;            // between start and end of a line
    bool is_hidden;            // a password: neither shown nor kept
    bool is_erlang;            // coloured, and indented
    bool marks_pastes;         // the terminal is asked to mark what is pasted
    Buffer hint;               // what may follow the text; any key forgets it
    Buffer note;               // what is said of it
    Buffer partial;            // the line that others have not ended
    Buffer label;              // the prompt proper
    Buffer prompt;             // both, or the search's
    size_t entry;              // of the history; its count: what is being typed
    Buffer typed;              // that, while another entry is shown
    bool is_search;            // C-r
    Buffer sought;             // what is searched for
    Buffer kills[EDIT_KILLS];  // a ring; [kill] is the newest
    unsigned kill;             // index of the newest
    size_t yank_from, yank_to; // what the last key yanked
    uint32_t last_key;         // KEY_NONE at first: kills in a row are one
} Edit;

// 80 columns and 24 rows, until edit_resize says better.
void edit_init(Edit *e);
void edit_free(Edit *e);

// The window has this size (0: not known).
void edit_resize(Edit *e, unsigned columns, unsigned rows);

// The same where that is new. To be called before keys and output are served:
// the word that a window has changed may come behind them, and what is drawn
// for the old one is not found again.
void edit_fit(Edit *e, unsigned columns, unsigned rows);

// Starts a line behind prompt [label]; no line may be active.
// What was typed before it is served by the next edit_feed.
void edit_start(Edit *e, const void *label, size_t size, EditKind kind);

// Gives up the line as it is; it stays on the screen.
void edit_stop(Edit *e);

// The program is going to be stopped: the cursor goes behind the line, which
// stays as it is. Going on, in a window of this size, draws it anew where the
// cursor is then.
void edit_suspend(Edit *e);
void edit_resume(Edit *e, unsigned columns, unsigned rows);

// Takes what was typed. Stops at the first event, and then is to be called
// again, with nothing, for the rest.
// Bytes may be cut anywhere, within a key too.
EditEvent edit_feed(Edit *e, const void *bytes, size_t size);

// EDIT_ENTER's answers: the text is whole, or a line is added to it. What was
// accepted stays in [text] until the next start.
void edit_accept(Edit *e);
void edit_newline(Edit *e);

// EDIT_COMPLETE's answer: puts text at the cursor.
// A completion's text, without what is there already.
void edit_insert(Edit *e, const void *bytes, size_t size);

// What is shown in grey behind the text and below it until the next key.
// A hint is only shown at the text's end, for it stands there.
void edit_hint(Edit *e, const Buffer *hint, const Buffer *note);

// Text of others: above the line if one is active.
void edit_show(Edit *e, const void *bytes, size_t size);

#endif
