%% SPDX-License-Identifier: Apache-2.0
%% Rules for make(1): on which files an object file depends.
-module(compile_makedep).

-export([rule/4, write/2]).

-define(WIDTH, 76).

%% The rule as UTF-8, for a source whose forms have not been checked.
rule(Source, Output, Forms, Options) ->
    Target = target(Output, Options) ++ ":",
    Files = unique([F || Form <- Forms, F <- depends(Form, Options)], []),
    Shown = [case F of
                 "./" ++ Rest -> Rest;
                 _ -> F
             end || F <- Files],
    Phony = case proplists:get_value(makedep_phony, Options) of
                true -> [["\n\n", S, ":"]
                         || {F, S} <- lists:zip(Files, Shown), F =/= Source];
                _ -> []
            end,
    unicode:characters_to_binary(
      [Target, wrapped(Shown, length(Target)), Phony, "\n"]).

target(Output, Options) ->
    Target = case proplists:get_value(makedep_target, Options) of
                 undefined -> below_folder(Output);
                 Given -> Given
             end,
    case proplists:get_value(makedep_quote_target, Options) of
        true -> lists:flatten([case C of $$ -> "$$"; _ -> C end
                               || C <- Target]);
        _ -> Target
    end.

%% Without the current folder.
below_folder(Path) ->
    {ok, Folder} = file:get_cwd(),
    case lists:prefix(Folder, Path) of
        false -> Path;
        true ->
            case lists:nthtail(length(Folder), Path) of
                "/" ++ Rest -> Rest;
                Rest -> Rest
            end
    end.

depends({attribute, _, file, {File, _}}, _) -> [File];
depends({error, {_, epp, {include, file, File}}}, Options) ->
    [File || proplists:get_value(makedep_add_missing, Options) =:= true];
depends(_, _) -> [].

unique([], _) -> [];
unique([F | Files], Seen) ->
    case lists:member(F, Seen) of
        true -> unique(Files, Seen);
        false -> [F | unique(Files, [F | Seen])]
    end.

wrapped([], _) -> [];
wrapped([F | Files], Column) when Column + 1 + length(F) > ?WIDTH ->
    [" \\\n  ", F | wrapped(Files, 2 + length(F))];
wrapped([F | Files], Column) ->
    [" ", F | wrapped(Files, Column + 1 + length(F))].

%% To a file, or a device.
write(Rule, File) when is_list(File) ->
    file:write_file(File, Rule);
write(Rule, Device) ->
    try io:fwrite(Device, "~ts", [Rule])
    catch error:_ -> {error, none}
    end.
