%% SPDX-License-Identifier: Apache-2.0
%% The scanner's smallest pieces: white space, names, characters of an encoded
%% text, references to characters, comments, processing instructions.
%%
%% Each takes the rest of the text and the scanner's record and returns both
%% after what it read. Where the text ends early the continuation function
%% decides (more/2): it may bring more of it. The number that fatal/3 takes
%% is printed in the report before the reason.
-module(xmerl_scan_text).
-export([accumulate/3, accumulate_blanks/5, add/4, bump/2, char/2, comment/2,
         comment/5, encoded/2, event/3, expand_tab/1, expect/4, fatal/3,
         legal/2, more/2, more/3, must_strip/2, name/2, name_no_colons/2,
         next/2, nmtoken/2, pi/4, skip/3, strip/2, strip_no_tab/2]).
-include("xmerl.hrl").

fatal(_, Reason, #xmerl_scanner{quiet = true} = S) -> stop(Reason, S);
fatal(Place, Reason, S) ->
    error_logger:error_msg("~p- fatal: ~p~n", [Place, Reason]),
    stop(Reason, S).

stop(Reason, #xmerl_scanner{filename = File, line = Line, col = Col}) ->
    exit({fatal, {Reason, {file, File}, {line, Line}, {col, Col}}}).

%% Asks for more text, with which Again goes on.
more(S, Again) -> more(S, Again, unexpected_end).

more(#xmerl_scanner{continuation_fun = F} = S, Again, AtEnd)
  when is_function(AtEnd) -> F(Again, AtEnd, S);
more(S, Again, Reason) ->
    more(S, Again, fun(S1) -> fatal(4124, Reason, S1) end).

bump(N, #xmerl_scanner{col = Col} = S) -> S#xmerl_scanner{col = Col + N}.

%% The rest after Prefix, which must be there; the column stays.
expect(Prefix, T, S, Reason) ->
    case lists:prefix(Prefix, T) of
        true -> lists:nthtail(length(Prefix), T);
        false -> fatal(3917, Reason, S)
    end.

%% Tells the event function; it returns the scanner again.
event(Event, Data, #xmerl_scanner{event_fun = F} = S) ->
    #xmerl_scanner{} =
        F(#xmerl_event{event = Event, line = S#xmerl_scanner.line,
                       col = S#xmerl_scanner.col, data = Data}, S).

%% Hands a finished piece to the user's accumulator, which may number the
%% next one itself.
add(X, Acc, Pos, #xmerl_scanner{acc_fun = F} = S) ->
    case F(X, Acc, S) of
        {Acc1, S1} -> {Acc1, Pos + 1, S1};
        {Acc1, Pos1, S1} -> {Acc1, Pos1, S1}
    end.

%% White space

strip([], S) ->
    more(S, fun(B, S1) -> strip(B, S1) end, fun(S1) -> {[], S1} end);
strip([C | _] = T, S) when ?whitespace(C) ->
    #xmerl_scanner{line = Line, col = Col} = S,
    blanks(T, S, Line, Col);
strip(T, S) -> {T, S}.

blanks([$\s | T], S, Line, Col) -> blanks(T, S, Line, Col + 1);
blanks([$\t | T], S, Line, Col) -> blanks(T, S, Line, expand_tab(Col));
blanks([$\n | T], S, Line, _) -> blanks(T, S, Line + 1, 1);
blanks([$\r, $\n | T], S, Line, _) -> blanks(T, S, Line + 1, 1);
blanks([$\r | T], S, Line, _) -> blanks(T, S, Line + 1, 1);
blanks(T, S, Line, Col) ->
    S1 = S#xmerl_scanner{line = Line, col = Col},
    case T of
        [] -> strip([], S1);
        _ -> {T, S1}
    end.

%% White space in a public identifier, where a tab is no character.
strip_no_tab([$\t | _], S) -> fatal(3932, {error, {no_tab_allowed}}, S);
strip_no_tab([C | T], S) when C =:= $\s -> strip_no_tab(T, bump(1, S));
strip_no_tab([C | _] = T, S) when ?whitespace(C) ->
    T1 = line_end(T),
    Line = S#xmerl_scanner.line,
    strip_no_tab(T1, S#xmerl_scanner{line = Line + 1, col = 1});
strip_no_tab([], S) -> strip([], S);
strip_no_tab(T, S) -> {T, S}.

%% The rest after one line end of any kind.
line_end([$\r, $\n | T]) -> T;
line_end([_ | T]) -> T.

%% White space, or a reference to a parameter entity, which brings its own.
must_strip([], S) -> fatal(3949, {error, {whitespace_was_expected}}, S);
must_strip([C | _] = T, S) when ?whitespace(C) -> strip(T, S);
must_strip([$% | _] = T, S) -> {T, S};
must_strip(_, S) -> fatal(3957, {error, {whitespace_was_expected}}, S).

%% White space of a text, in reverse: each line end is one \n.
accumulate([], S, Acc) ->
    more(S, fun(B, S1) -> accumulate(B, S1, Acc) end,
         fun(S1) -> {Acc, [], S1} end);
accumulate(T, #xmerl_scanner{line = Line, col = Col} = S, Acc) ->
    accumulate_blanks(T, S, Line, Col, Acc).

accumulate_blanks([$\s | T], S, Line, Col, Acc) ->
    accumulate_blanks(T, S, Line, Col + 1, [$\s | Acc]);
accumulate_blanks([$\t | T], S, Line, Col, Acc) ->
    accumulate_blanks(T, S, Line, expand_tab(Col), [$\t | Acc]);
accumulate_blanks([$\r, $\n | T], S, Line, _, Acc) ->
    accumulate_blanks(T, S, Line + 1, 1, [$\n | Acc]);
accumulate_blanks([C | T], S, Line, _, Acc) when C =:= $\n; C =:= $\r ->
    accumulate_blanks(T, S, Line + 1, 1, [$\n | Acc]);
accumulate_blanks(T, S, Line, Col, Acc) ->
    S1 = S#xmerl_scanner{line = Line, col = Col},
    case T of
        [] -> accumulate([], S1, Acc);
        _ -> {Acc, T, S1}
    end.

expand_tab(Col) -> Col + 8 - (Col - 1) rem 8.

%% Characters

%% The next character of a text in the document's encoding, which is UTF-8
%% or was decoded as a whole before.
next(_, [C | T]) when C < 16#80 -> {C, T};
next(Encoding, T) when Encoding =:= undefined; Encoding =:= "utf-8" ->
    decode(T);
next(_, [C | T]) -> {C, T}.

decode([A, B, C, D | T])
  when A band 16#f8 =:= 16#f0, B band 16#c0 =:= 16#80,
       C band 16#c0 =:= 16#80, D band 16#c0 =:= 16#80 ->
    decoded(((((A band 7) bsl 6 bor (B band 63)) bsl 6 bor (C band 63))
             bsl 6) bor (D band 63), 16#10000, T);
decode([A, B, C | T])
  when A band 16#f0 =:= 16#e0, B band 16#c0 =:= 16#80,
       C band 16#c0 =:= 16#80 ->
    decoded(((A band 15) bsl 6 bor (B band 63)) bsl 6 bor (C band 63),
            16#800, T);
decode([A, B | T])
  when A band 16#e0 =:= 16#c0, B band 16#c0 =:= 16#80 ->
    decoded((A band 31) bsl 6 bor (B band 63), 16#80, T);
decode([A | T]) -> {{error, {bad_character, A}}, T}.

%% A character in more bytes than it needs is none.
decoded(C, Least, T) when C >= Least -> {C, T};
decoded(C, _, T) -> {{error, {bad_character, C}}, T}.

%% The way back: what a replacement is put in front of is encoded still.
encoded(Encoding, Text) when Encoding =:= undefined; Encoding =:= "utf-8" ->
    lists:flatten([encode(C) || C <- Text]);
encoded(_, Text) -> Text.

encode(C) when C < 16#80 -> C;
encode(C) when C < 16#800 -> [16#c0 bor (C bsr 6) | low(C, 1)];
encode(C) when C < 16#10000 -> [16#e0 bor (C bsr 12) | low(C, 2)];
encode(C) when C < 16#200000 -> [16#f0 bor (C bsr 18) | low(C, 3)].

low(C, N) ->
    [16#80 bor ((C bsr (6 * I)) band 63) || I <- lists:seq(N - 1, 0, -1)].

%% The next character, which XML must allow.
char(T, #xmerl_scanner{encoding = Encoding} = S) ->
    {C, Rest} = next(Encoding, T),
    case xmerl_chars:is_char(C) of
        true -> {C, Rest};
        false -> fatal(3432, {error, {wfc_Legal_Character, C}}, S)
    end.

legal(C, S) ->
    case xmerl_chars:is_char(C) of
        true -> C;
        false -> fatal(3439, {error, {wfc_Legal_Character, C}}, S)
    end.

%% Takes characters that mean nothing in text, a name or a value, and those
%% are most, in one run: {Rest, their number + N, in reverse on Acc}.
skip(T, N, Acc) ->
    case T of
        [C | T1] when C >= $a, C =< $z; C >= $(, C =< $9; C >= $A, C =< $Z ->
            skip(T1, N + 1, [C | Acc]);
        _ -> {T, N, Acc}
    end.

%% Names

%% {Name, {Prefix, Local} or [], Rest, S}. A name of characters beyond
%% Latin-1 is a string, as such an atom once could not be.
name([], S) -> more(S, fun name/2);
name([$: | _] = T, #xmerl_scanner{namespace_conformant = false} = S) ->
    token(tl(T), bump(1, S), [$:], false);
name([$: | _] = T, #xmerl_scanner{namespace_conformant = Mode} = S) ->
    Place = case Mode of no_colons -> 2983; true -> 2987 end,
    fatal(Place, {invalid_NCName, lists:sublist(T, 6)}, S);
name([$_ | T], #xmerl_scanner{namespace_conformant = Mode} = S) ->
    token(T, bump(1, S), [$_], Mode);
name([$% | _], #xmerl_scanner{environment = prolog} = S) ->
    fatal(2993, {error, {wfc_PEs_In_Internal_Subset}}, S);
name([$% | T], #xmerl_scanner{environment = {external, _}} = S) ->
    {T1, S1} = xmerl_scan_entity:expanded(T, bump(1, S)),
    name(T1, S1);
name(T, #xmerl_scanner{encoding = Enc, namespace_conformant = Mode} = S) ->
    {C, T1} = next(Enc, T),
    case xmerl_chars:is_letter(C) of
        true -> token(T1, bump(1, S), [C], Mode);
        false -> fatal(3008, {invalid_name, lists:sublist(T, 6)}, S)
    end.

%% Names of entities, notations and targets have no colon where namespaces
%% count.
name_no_colons(T, #xmerl_scanner{namespace_conformant = true} = S) ->
    {Name, Info, T1, S1} =
        name(T, S#xmerl_scanner{namespace_conformant = no_colons}),
    {Name, Info, T1, S1#xmerl_scanner{namespace_conformant = true}};
name_no_colons(T, S) -> name(T, S).

nmtoken([], S) -> more(S, fun nmtoken/2);
nmtoken([$% | T], #xmerl_scanner{environment = {external, _}} = S) ->
    {T1, S1} = xmerl_scan_entity:expanded(T, bump(1, S)),
    nmtoken(T1, S1);
nmtoken(T, #xmerl_scanner{encoding = Encoding} = S) ->
    {C, T1} = next(Encoding, T),
    case xmerl_chars:is_namechar(C) of
        true -> token(T1, bump(1, S), [C], false);
        false -> fatal(3042, {invalid_nmtoken, lists:sublist(T, 6)}, S)
    end.

token(T, S, Acc, Mode) -> token(T, S, Acc, [], Acc, Mode).

%% Reads on after the first characters Acc; Prefix is what stood before a
%% first colon, Local the part after it, in reverse.
token([], S, Acc, Prefix, Local, Mode) ->
    more(S, fun(B, S1) -> token(B, S1, Acc, Prefix, Local, Mode) end,
         fun(S1) -> {list_to_atom(lists:reverse(Acc)), info(Prefix, Local),
                     [], S1}
         end);
token([$: | T], S, Acc, [], Local, Mode) when Mode =/= no_colons ->
    token(T, bump(1, S), [$: | Acc], lists:reverse(Local), [], Mode);
token([$: | _] = T, S, Acc, Prefix, _, Mode)
  when Mode =:= no_colons, Prefix =:= []; Mode =:= true ->
    Place = case Mode of no_colons -> 3060; true -> 3069 end,
    fatal(Place, {invalid_NCName,
                  lists:sublist(lists:reverse(Acc, T), 6)}, S);
token(T, S, Acc, Prefix, Local, Mode) ->
    {C, T1} = next(S#xmerl_scanner.encoding, T),
    case xmerl_chars:is_namechar(C) of
        true ->
            token(T1, bump(1, S), [C | Acc], Prefix, [C | Local], Mode);
        false ->
            Name = named(lists:reverse(Acc)),
            {Name, info(Prefix, Local), T, past(Name, C, S)}
    end.

named(Text) ->
    case lists:all(fun(C) -> C =< 255 end, Text) of
        true -> list_to_atom(Text);
        false -> Text
    end.

%% The column counts what ended the name already, but for white space after
%% an atom.
past(Name, C, S) when is_atom(Name), ?whitespace(C) -> S;
past(_, _, S) -> bump(1, S).

info([], _) -> [];
info(Prefix, Local) -> {Prefix, lists:reverse(Local)}.

%% Comments, up to their end and over the white space behind it

comment(T, S) -> comment(T, S, undefined, [], []).

comment(T, #xmerl_scanner{event_fun = F} = S, Pos, Parents, Language) ->
    Comment = #xmlComment{pos = Pos, parents = Parents, language = Language},
    #xmerl_scanner{line = Line, col = Col} = S,
    #xmerl_scanner{} = S1 =
        F(#xmerl_event{event = started, line = Line, col = Col, pos = Pos,
                       data = Comment}, S),
    comment_text(T, S1, Comment, []).

comment_text([], S, Comment, Acc) ->
    more(S, fun(B, S1) -> comment_text(B, S1, Comment, Acc) end);
comment_text("-->" ++ T, #xmerl_scanner{col = Col} = S, Comment0, Acc) ->
    Comment = Comment0#xmlComment{value = lists:reverse(Acc)},
    #xmerl_scanner{event_fun = F, hook_fun = Hook, line = Line} = S,
    #xmerl_scanner{} = S1 =
        F(#xmerl_event{event = ended, line = Line, col = Col,
                       data = Comment}, bump(3, S)),
    {Result, S2} = Hook(Comment, S1),
    {T1, S3} = strip(T, S2),
    {Result, T1, S3};
comment_text("--" ++ T, S, _, _) ->
    fatal(3885, {invalid_comment, "--" ++ [hd(T)]}, S);
comment_text([C | _] = T, S, Comment, Acc) when C =:= $\n; C =:= $\r ->
    T1 = line_end(T),
    Line = S#xmerl_scanner.line,
    comment_text(T1, S#xmerl_scanner{line = Line + 1, col = 1}, Comment,
                 [$\n | Acc]);
comment_text(T, S, Comment, Acc) ->
    {C, T1} = char(T, S),
    comment_text(T1, bump(1, S), Comment, [C | Acc]).

%% Processing instructions, after <?

pi([], S, Pos, Parents) ->
    more(S, fun(B, S1) -> pi(B, S1, Pos, Parents) end);
pi([X, M, L | T] = Text, S0, Pos, Parents) when X =:= $x; X =:= $X ->
    S = bump(3, S0),
    case (M =:= $m orelse M =:= $M) andalso (L =:= $l orelse L =:= $L) of
        true -> pi_known(T, S, Pos, Parents);
        false -> pi_named(Text, S, pi_start(S0, Pos, Parents))
    end;
pi(T, S, Pos, Parents) -> pi_named(T, S, pi_start(S, Pos, Parents)).

pi_start(#xmerl_scanner{line = Line, col = Col}, Pos, Parents) ->
    {Line, Col, #xmlPI{parents = Parents, pos = Pos}}.

pi_named(T, S, {Line, Col, PI}) ->
    {Name, _, T1, S1} = name(T, S),
    pi_gap(T1, S1, {Line, Col, PI#xmlPI{name = Name}}).

%% Targets that begin with xml are reserved, and one is known.
pi_known("-stylesheet" ++ T, S, Pos, Parents) ->
    {Line, Col, PI} = pi_start(S, Pos, Parents),
    pi_gap(T, bump(16, S), {Line, Col, PI#xmlPI{name = "xml-stylesheet"}});
pi_known(T, S, _, _) ->
    fatal(1125, {invalid_target_name, lists:sublist(T, 10)}, S).

pi_gap([], S, PI) -> more(S, fun(B, S1) -> pi_gap(B, S1, PI) end);
pi_gap("?>" ++ T, S, PI) -> pi_end(T, S, PI, []);
pi_gap([C | T], S, PI) when ?whitespace(C) ->
    %% the first blank counts for no column and no line
    {T1, S1} = strip(T, S),
    pi_text(T1, S1, PI, []);
pi_gap([C | _], S, _) ->
    fatal(1154, {expected_whitespace_OR_end_of_PI, {char, C}}, S).

pi_text([], S, PI, Acc) -> more(S, fun(B, S1) -> pi_text(B, S1, PI, Acc) end);
pi_text("?>" ++ T, S, PI, Acc) -> pi_end(T, S, PI, Acc);
pi_text(T, S0, PI, Acc) ->
    S = bump(1, S0),
    {C, T1} = char(T, S),
    pi_text(T1, S, PI, [C | Acc]).

pi_end(T, #xmerl_scanner{event_fun = F, hook_fun = Hook} = S,
       {Line, Col, PI0}, Acc) ->
    PI = PI0#xmlPI{value = lists:reverse(Acc)},
    #xmerl_scanner{} = S1 =
        F(#xmerl_event{event = ended, line = Line, col = Col, data = PI},
          bump(2, S)),
    {Result, S2} = Hook(PI, S1),
    {Result, T, S2}.
