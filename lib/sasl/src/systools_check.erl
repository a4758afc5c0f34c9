%% SPDX-License-Identifier: Apache-2.0
%% systools_check: whether the applications of a release fit together, and the
%% order of their start.
-module(systools_check).

-export([applications/2, modules/3, in_start_order/1]).

-include("systools.hrl").
-include_lib("kernel/include/file.hrl").

-define(XREF, systools_make).

%% Checks names, and has what each uses and includes in the order of the
%% release. All that is wrong is thrown as {error, Reason}.
applications(Apps, #release{applications = Listed}) ->
    Names = [N || #application{name = N} <- Apps],
    Needed = lists:append([(A#application.uses -- A#application.optional)
                           ++ A#application.includes || A <- Apps]),
    none(undefined_applications,
         unique([N || N <- Needed, not lists:member(N, Names)])),
    none(duplicate_register, twice(each(#application.regs, Apps))),
    Included = each(#application.includes, Apps),
    none(duplicate_include, twice(Included)),
    Order = [N || {N, _, _} <- Listed],
    [begin
         #application{uses = Uses, includes = Includes} = A1 =
             uses_tops(A, Included),
         A1#application{uses = as_listed(Uses, Order),
                        includes = as_listed(Includes, Order)}
     end || A <- Apps].

none(_, []) -> ok;
none(What, Some) -> throw({error, {What, Some}}).

%% {Name, App, Vsn, Dir} for all names in a field.
each(Field, Apps) ->
    [{Name, A#application.name, A#application.vsn, A#application.dir}
     || A <- Apps, Name <- element(Field, A)].

%% Pairs of neighbours with the same first element, the last pair first.
twice(Tuples) -> neighbours(lists:keysort(1, Tuples), []).

neighbours([A, B | Rest], Pairs) when element(1, A) =:= element(1, B) ->
    neighbours([B | Rest], [{A, B} | Pairs]);
neighbours([_ | Rest], Pairs) -> neighbours(Rest, Pairs);
neighbours([], Pairs) -> Pairs.

unique([E | Es]) -> [E | unique([F || F <- Es, F =/= E])];
unique([]) -> [].

%% An included application starts with the one at the top of those that
%% include it: that is what who uses it has to wait for, unless it is in there
%% itself.
uses_tops(#application{name = Name, uses = Uses} = App, Included) ->
    Mine = top(Name, Included),
    App#application{
      uses = lists:foldl(
               fun(Used, Acc) when Used =:= Mine -> Acc -- [Used];
                  (Used, Acc) ->
                       case top(Used, Included) of
                           Used -> Acc;
                           Top ->
                               case lists:member(Top, Acc) of
                                   true -> Acc -- [Used];
                                   false when Top =:= Mine -> Acc;
                                   false -> (Acc -- [Used]) ++ [Top]
                               end
                       end
               end, Uses, Uses)}.

top(Name, Included) ->
    case lists:keyfind(Name, 1, Included) of
        {_, By, _, _} -> top(By, Included);
        false -> Name
    end.

%% What the release does not have (it was optional) stays behind.
as_listed(Names, Order) ->
    [N || N <- Order, lists:member(N, Names)]
        ++ [N || N <- Names, not lists:member(N, Order)].

%% ---- modules ----

%% Each module belongs to one application. What the options src_tests and
%% exref ask for gives warnings.
modules(Apps, Path, Options) ->
    Mods = [{M, A#application.name, A#application.dir}
            || A <- Apps, M <- A#application.modules],
    none(duplicate_modules, twice(Mods)),
    Found = [F || lists:member(src_tests, Options), M <- Mods,
                  F <- [source_test(M)], F =/= ok]
        ++ references(Apps, Path, wanted_references(Options)),
    none(modules, [E || {error, _} = E <- Found]),
    Found.

%% A module of the program's own pack has no file that could be older than
%% its source.
source_test({Mod, App, Dir} = Which) ->
    Object = filename:join(Dir, atom_to_list(Mod) ++ code:objfile_extension()),
    Own = case merle_pack:find(Mod) of
              undefined -> none;
              Path -> filename:join(code:root_dir(), Path)
          end,
    case file:read_file_info(Object) of
        {ok, _} when Object =:= Own -> ok;
        {ok, #file_info{mtime = Time}} ->
            case source_time(atom_to_list(Mod) ++ ".erl", source_dirs(Dir)) of
                none -> {warning, {source_not_found, Which}};
                Source when Source > Time ->
                    {warning, {obj_out_of_date, Which}};
                _ -> ok
            end;
        _ -> {error, {{module_not_found, App, Mod}, Which}}
    end.

source_dirs(Dir) ->
    case filename:basename(Dir) of
        "ebin" ->
            Source = filename:join(filename:dirname(Dir), "src"),
            [Source | [D || D <- filelib:wildcard(filename:join(Source, "**")),
                            filelib:is_dir(D)]];
        _ -> [Dir]
    end.

source_time(File, [Dir | Dirs]) ->
    case file:read_file_info(filename:join(Dir, File)) of
        {ok, #file_info{mtime = Time}} -> Time;
        _ -> source_time(File, Dirs)
    end;
source_time(_, []) -> none.

%% all | [App] | none
wanted_references(Options) ->
    case {lists:member(exref, Options), lists:keyfind(exref, 1, Options)} of
        {true, _} -> all;
        {_, {_, Apps}} -> Apps;
        _ -> none
    end.

%% Functions that are called and nowhere defined.
references(_, _, none) -> [];
references(Apps, Path, Which) ->
    catch xref:stop(?XREF),
    {ok, _} = xref:start(?XREF, [{xref_mode, modules}]),
    ok = xref:set_default(?XREF, [{verbose, false}, {warnings, false}]),
    ok = xref:set_library_path(?XREF, Path),
    Found = add_to_xref([A || A <- Apps, Which =:= all
                                  orelse lists:member(A#application.name,
                                                      Which)]),
    xref:stop(?XREF),
    Found.

add_to_xref([#application{name = Name, dir = Dir} | Apps]) ->
    case xref:add_application(?XREF, Dir, {name, Name}) of
        {ok, _} -> add_to_xref(Apps);
        Error -> [{error, Error}]
    end;
add_to_xref([]) ->
    case xref:analyze(?XREF, undefined_functions) of
        {ok, []} -> [];
        {ok, Undefined} -> [{warning, {exref_undef, Undefined}}];
        Error -> [{error, Error}]
    end.

%% ---- the order of the start ----

%% What an application uses and includes comes before it; else the order is
%% that of the release.
in_start_order(Apps) ->
    {Done, Circular} = lists:foldl(fun(A, Acc) -> visit(A, [], Apps, Acc) end,
                                   {[], []}, Apps),
    none(circular_dependencies, unique(Circular)),
    lists:reverse(Done).

%% [Above]: those that wait for this one.
visit(#application{name = Name} = App, Above, Apps, {Done, Circular}) ->
    case {lists:member(App, Done), lists:member(App, Above)} of
        {true, _} -> {Done, Circular};
        {_, true} ->
            {Done, [id(hd(Above)), id(App)] ++ Circular};
        _ ->
            Before = [D || N <- App#application.uses
                               ++ App#application.includes,
                           #application{name = M} = D <- Apps, M =:= N,
                           %% an application may use one that includes it
                           not lists:member(Name, D#application.includes)],
            {Done1, Circular1} =
                lists:foldl(fun(D, Acc) ->
                                    visit(D, [App | Above], Apps, Acc)
                            end, {Done, Circular}, Before),
            {[App | Done1], Circular1}
    end.

id(#application{name = Name, vsn = Vsn}) -> {Name, Vsn}.
