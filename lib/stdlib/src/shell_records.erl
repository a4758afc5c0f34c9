%% SPDX-License-Identifier: Apache-2.0
%% shell_records: the records that the prompt knows: where their definitions
%% come from, and expressions with them made into plain ones.
-module(shell_records).

-export([initial/0, uses/1, expand/2, bindings/2, define/2, read/3,
         print_fun/1, field_name/1]).

-export_type([table/0]).

-type attribute() :: {attribute, term(), record, {atom(), list()}}.
-type table() :: #{atom() => attribute()}.

%% Records of user_default are there from the start.
-spec initial() -> table().
initial() ->
    case erlang:module_loaded(user_default) of
        true ->
            case catch read(user_default, '_', []) of
                Attributes when is_list(Attributes) ->
                    maps:from_list([{name(A), A} || A <- Attributes]);
                _ -> #{}
            end;
        false -> #{}
    end.

name({attribute, _, _, {Name, _}}) -> Name.

%% For the pretty printer: the fields of a tuple that may be a record.
print_fun(Table) ->
    fun(Tag, Count) ->
            case Table of
                #{Tag := {attribute, _, record, {_, Fields}}}
                  when length(Fields) =:= Count ->
                    [field_name(F) || F <- Fields];
                _ -> no
            end
    end.

field_name({typed_record_field, Field, _}) -> field_name(Field);
field_name({record_field, _, {atom, _, Name}}) -> Name;
field_name({record_field, _, {atom, _, Name}, _}) -> Name.

%%% Which records an expression uses

-spec uses(term()) -> boolean().
uses(E) -> used(E, []) =/= [].

%% Names, those met first at the end.
used({record_index, _, Name, F}, Acc) -> used(F, [Name | Acc]);
used({record, _, Name, Fs}, Acc) when is_atom(Name) ->
    used(Fs, [Name | Acc]);
used({record_field, _, R, Name, F}, Acc) -> used([R, F], [Name | Acc]);
used({record, _, R, Name, Fs}, Acc) -> used([R, Fs], [Name | Acc]);
used({call, _, {atom, _, F}, [A, {atom, _, Name}]}, Acc)
  when F =:= record; F =:= is_record; F =:= record_info ->
    used(A, [Name | Acc]);
used({call, _, {remote, _, {atom, _, erlang}, {atom, _, is_record}},
      [A, {atom, _, Name}]}, Acc) ->
    used(A, [Name | Acc]);
used({type, _, record, [{atom, _, Name} | Fs]}, Acc) ->
    used(Fs, [Name | Acc]);
used({value, _, _}, Acc) -> Acc;
used(T, Acc) when is_tuple(T) -> used(tuple_to_list(T), Acc);
used([E | Es], Acc) -> used(Es, used(E, Acc));
used(_, Acc) -> Acc.

%% The definitions that [E] needs, those that others need before them.
needed(E, Table) -> needed(lists:reverse(used(E, [])), Table, []).

needed([Name | Names], Table, Done) ->
    case lists:keymember(Name, 1, Done) of
        true -> needed(Names, Table, Done);
        false ->
            case Table of
                #{Name := Attribute} ->
                    %% guard against definitions that need themselves
                    Inner = needed(lists:reverse(used(Attribute, [])),
                                   maps:remove(Name, Table), Done),
                    needed(Names, Table, Inner ++ [{Name, Attribute}]);
                #{} -> needed(Names, Table, Done)
            end
    end;
needed([], _, Done) -> Done.

%% As erl_eval:check_command takes them: {{record, Number, Name}, Attribute}.
-spec bindings(term(), table()) -> [{term(), attribute()}].
bindings(E, Table) -> numbered(0, needed(E, Table)).

%% Without lists:seq/2, which people trace.
numbered(I, [{Name, A} | Needed]) ->
    [{{record, I, Name}, A} | numbered(I + 1, Needed)];
numbered(_, []) -> [].

%% The expression without records.
-spec expand(term(), table()) -> term().
expand(E, Table) ->
    case needed(E, Table) of
        [] -> E;
        Needed ->
            Function = {function, 1, foo, 0, [{clause, 1, [], [], [E]}]},
            Forms = [A || {_, A} <- Needed] ++ [Function],
            Expanded = erl_expand_records:module(Forms,
                                                 [strict_record_tests]),
            {function, _, foo, 0, [{clause, _, [], [], [New]}]} =
                lists:last(Expanded),
            New
    end.

%%% Definitions

%% The attribute for rd(Name, Definition).
-spec define(atom(), term()) -> {ok, attribute()} | {error, string()}.
define(Name, Definition) ->
    Text = ["-record(", io_lib:write_atom_as_latin1(Name), ",",
            erl_pp:expr(Definition), ")."],
    {ok, Tokens, _} = erl_scan:string(lists:flatten(Text)),
    case erl_parse:parse_form(Tokens) of
        {ok, Attribute} -> {ok, Attribute};
        {error, {_, M, Error}} ->
            {error, lists:flatten(io_lib:format("~ts",
                                                [M:format_error(Error)]))}
    end.

%% Record attributes of a module, a file, or the files of a pattern.
-spec read(module() | file:filename(), atom() | [atom()], [term()]) ->
          [attribute()] | term().
read(Source, Selected, Options) ->
    case attributes(Source, lists:delete(report_warnings, Options)) of
        All when is_list(All), Selected =:= '_' -> All;
        All when is_list(All) ->
            Names = if is_list(Selected) -> Selected;
                       true -> [Selected]
                    end,
            [A || A <- All, lists:member(name(A), Names)];
        Error -> Error
    end.

attributes(Module, Options) when is_atom(Module) ->
    case code:which(Module) of
        File when is_list(File) ->
            case erl_prim_loader:get_file(File) of
                {ok, Beam, _} -> from_beam(Beam, File, Options);
                error -> {error, nofile}
            end;
        preloaded ->
            case code:get_object_code(Module) of
                {_, Beam, File} -> from_beam(Beam, File, Options);
                error -> [] % written in C
            end;
        _ -> {error, nofile}
    end;
attributes(Pattern, Options) ->
    try filelib:wildcard(Pattern) of
        [File] -> from_file(File, Options);
        Files ->
            last_of_each(lists:append([case from_file(F, Options) of
                                           All when is_list(All) -> All;
                                           _ -> []
                                       end || F <- Files]))
    catch
        _:_ -> {error, invalid_filename}
    end.

%% A source and its .beam file have the same records.
last_of_each([A | As]) ->
    case [B || B <- As, name(B) =:= name(A)] of
        [] -> [A | last_of_each(As)];
        _ -> last_of_each(As)
    end;
last_of_each([]) -> [].

from_file(File, Options) ->
    case filename:extension(File) of
        ".beam" -> from_beam(File, File, Options);
        _ -> parse(File, Options)
    end.

from_beam(Beam, File, Options) ->
    case beam_lib:chunks(Beam, [abstract_code, "CInf"]) of
        {ok, {_, [{abstract_code, {_, Forms}}, _]}} -> record_forms(Forms);
        {ok, {_, [{abstract_code, no_abstract_code}, {_, Info}]}} ->
            from_source(File, binary_to_term(Info), Options);
        Error -> Error
    end.

%% Without abstract code the source may still be where it was.
from_source(Beam, Info, Options) ->
    Source = filename:rootname(Beam) ++ ".erl",
    Candidates = [Source,
                  filename:join([filename:dirname(filename:dirname(Beam)),
                                 "src", filename:basename(Source)]),
                  header(Beam)
                  | [S || {source, S} <- Info]],
    case [C || C <- Candidates, filelib:is_regular(C)] of
        [Found | _] ->
            parse(Found, Options ++ proplists:get_value(options, Info, []));
        [] -> {error, nofile}
    end.

%% The library comes without sources, but with the headers of its modules.
header(Beam) ->
    Name = filename:basename(Beam, ".beam"),
    filename:join([filename:dirname(filename:dirname(Beam)), "include",
                   Name ++ ".hrl"]).

parse(File, Options) ->
    Path = [".", filename:dirname(File)]
        ++ [Dir || {i, Dir} <- Options, is_list(Dir)],
    Macros = [case D of {d, M, V} -> {M, V}; {d, M} -> M end
              || D <- Options, is_tuple(D), element(1, D) =:= d],
    case epp:parse_file(File, Path, Macros) of
        {ok, Forms} -> record_forms(Forms);
        Error -> Error
    end.

record_forms(Forms) -> [A || {attribute, _, record, _} = A <- Forms].
