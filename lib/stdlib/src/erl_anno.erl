%% SPDX-License-Identifier: Apache-2.0
%% Annotations of tokens and forms: where they stand, and what else is known.
%%
%% An annotation is a location (Line or {Line, Column}), or when more is known
%% a list of pairs, one of them {location, Location}.
-module(erl_anno).

-export([new/1, is_anno/1, from_term/1, to_term/1]).
-export([column/1, end_location/1, file/1, generated/1, line/1, location/1,
         record/1, text/1]).
-export([set_file/2, set_generated/2, set_line/2, set_location/2,
         set_record/2, set_text/2]).

-export_type([anno/0, anno_term/0, line/0, column/0, location/0, text/0]).

-type anno() :: location() | [annotation(), ...].
-type annotation() :: {file, file:filename_all()}
                    | {generated, boolean()}
                    | {location, location()}
                    | {record, boolean()}
                    | {text, string()}.
-type anno_term() :: term().
-type line() :: non_neg_integer().
-type column() :: pos_integer().
-type location() :: line() | {line(), column()}.
-type text() :: string().

-define(IS_LINE(L), (is_integer(L) andalso L >= 0)).
-define(IS_COLUMN(C), (is_integer(C) andalso C >= 1)).

-spec new(location()) -> anno().
new(Location) ->
    case is_location(Location) of
        true -> Location;
        false -> error(badarg, [Location])
    end.

-spec is_anno(term()) -> boolean().
is_anno([_ | _] = Anno) ->
    is_list_of_pairs(Anno) andalso lists:keymember(location, 1, Anno);
is_anno(Term) ->
    is_location(Term).

is_list_of_pairs([{Item, Value} | Rest]) ->
    is_pair(Item, Value) andalso is_list_of_pairs(Rest);
is_list_of_pairs(Rest) ->
    Rest =:= [].

is_pair(generated, Value) -> Value =:= true;
is_pair(record, Value) -> Value =:= true;
is_pair(Item, Value) -> is_value(Item, Value).

is_location(Line) when ?IS_LINE(Line) -> true;
is_location({Line, Column}) when ?IS_LINE(Line), ?IS_COLUMN(Column) -> true;
is_location(_) -> false.

%% Negative lines were how forms before OTP 19 marked generated code.
-spec from_term(anno_term()) -> anno().
from_term(Line) when is_integer(Line), Line < 0 ->
    set_generated(true, new(-Line));
from_term(Term) ->
    Term.

-spec to_term(anno()) -> anno_term().
to_term(Anno) ->
    Anno.

%% What is known.

-spec location(anno()) -> location().
location(Anno) ->
    case is_location(Anno) of
        true -> Anno;
        false -> anno_info(location, Anno, undefined)
    end.

-spec line(anno()) -> line().
line(Anno) ->
    case location(Anno) of
        {Line, _} -> Line;
        Line -> Line
    end.

-spec column(anno()) -> column() | undefined.
column(Anno) ->
    case location(Anno) of
        {_, Column} -> Column;
        _ -> undefined
    end.

-spec file(anno()) -> file:filename_all() | undefined.
file(Anno) ->
    anno_info(file, Anno, undefined).

-spec generated(anno()) -> boolean().
generated(Anno) ->
    anno_info(generated, Anno, false).

-spec record(anno()) -> boolean().
record(Anno) ->
    anno_info(record, Anno, false).

-spec text(anno()) -> text() | undefined.
text(Anno) ->
    anno_info(text, Anno, undefined).

-spec end_location(anno()) -> location() | undefined.
end_location(Anno) ->
    case text(Anno) of
        undefined -> undefined;
        Text -> advance(Text, location(Anno))
    end.

advance([$\n | Text], {Line, _}) -> advance(Text, {Line + 1, 1});
advance([_ | Text], {Line, Column}) -> advance(Text, {Line, Column + 1});
advance([$\n | Text], Line) -> advance(Text, Line + 1);
advance([_ | Text], Line) -> advance(Text, Line);
advance([], Location) -> Location.

anno_info(Item, Anno, Default) ->
    case is_location(Anno) of
        true -> Default;
        false ->
            try lists:keyfind(Item, 1, Anno) of
                {Item, Value} -> Value;
                false -> Default
            catch
                _:_ -> error(badarg, [Anno])
            end
    end.

%% Changes.

-spec set_file(file:filename_all(), anno()) -> anno().
set_file(File, Anno) ->
    set(file, File, Anno).

-spec set_generated(boolean(), anno()) -> anno().
set_generated(Generated, Anno) ->
    set(generated, Generated, Anno).

-spec set_line(line(), anno()) -> anno().
set_line(Line, Anno) ->
    case location(Anno) of
        {_, Column} -> set_location({Line, Column}, Anno);
        _ -> set_location(Line, Anno)
    end.

-spec set_location(location(), anno()) -> anno().
set_location(Location, Anno) ->
    set(location, Location, Anno).

-spec set_record(boolean(), anno()) -> anno().
set_record(Record, Anno) ->
    set(record, Record, Anno).

-spec set_text(text(), anno()) -> anno().
set_text(Text, Anno) ->
    set(text, Text, Anno).

set(Item, Value, Anno) ->
    case is_settable(Item, Value) andalso pairs(Anno) of
        false -> error(badarg, [Item, Value, Anno]);
        Pairs when Value =:= false, Item =/= file ->
            simplify(lists:keydelete(Item, 1, Pairs));
        Pairs -> simplify(put_pair(Item, Value, Pairs))
    end.

pairs([_ | _] = Anno) ->
    Anno;
pairs(Anno) ->
    is_location(Anno) andalso [{location, Anno}].

put_pair(Item, Value, Pairs) ->
    case lists:keymember(Item, 1, Pairs) of
        true -> lists:keyreplace(Item, 1, Pairs, {Item, Value});
        false -> [{Item, Value} | Pairs]
    end.

simplify([{location, Location}]) -> Location;
simplify(Pairs) -> Pairs.

is_settable(generated, Value) -> is_boolean(Value);
is_settable(record, Value) -> is_boolean(Value);
is_settable(Item, Value) -> is_value(Item, Value).

is_value(location, Location) -> is_location(Location);
is_value(file, File) -> is_list(File) orelse is_binary(File);
is_value(text, Text) -> is_list(Text);
is_value(_, _) -> false.
