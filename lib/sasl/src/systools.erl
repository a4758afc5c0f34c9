%% SPDX-License-Identifier: Apache-2.0
%% systools: boot scripts, packages and ways between releases, made of release
%% files. The work is done by systools_make and systools_relup.
-module(systools).

-export([make_script/1, make_script/2, make_tar/1, make_tar/2, make_relup/3,
         make_relup/4, script2boot/1, script2boot/3]).

make_script(Name) -> make_script(Name, []).
make_script(Name, Options) -> systools_make:make_script(Name, Options).

make_tar(Name) -> make_tar(Name, []).
make_tar(Name, Options) -> systools_make:make_tar(Name, Options).

make_relup(Name, UpFrom, DownTo) -> make_relup(Name, UpFrom, DownTo, []).
make_relup(Name, UpFrom, DownTo, Options) ->
    systools_relup:make_relup(Name, UpFrom, DownTo, Options).

script2boot(Name) ->
    case script_to_boot(Name ++ ".script", Name ++ ".boot") of
        ok -> ok;
        {error, Text} ->
            io:format("~ts", [Text]),
            error
    end.

script2boot(Name, Output, _Options) ->
    case script_to_boot(Name ++ ".script", Output ++ ".boot") of
        ok -> ok;
        {error, Text} ->
            io:format("~ts", [Text]),
            error
    end.

script_to_boot(Script, Boot) ->
    case file:consult(Script) of
        {ok, [Term]} ->
            case file:write_file(Boot, term_to_binary(Term)) of
                ok -> ok;
                {error, Reason} -> {error, cannot_open(Boot, Reason)}
            end;
        {ok, _} -> {error, io_lib:format("~ts: not one term~n", [Script])};
        {error, Reason} when is_atom(Reason) ->
            {error, cannot_open(Script, Reason)};
        {error, {Line, Module, Reason}} ->
            {error, io_lib:format("~ts:~w: ~ts~n",
                                  [Script, Line,
                                   Module:format_error(Reason)])}
    end.

cannot_open(File, Reason) ->
    io_lib:format("Cannot open ~tp - ~ts~n",
                  [File, file:format_error(Reason)]).
