%% SPDX-License-Identifier: Apache-2.0
%% systools: boot scripts, packages and ways between releases, made of release
%% files. The work is done by systools_make and systools_relup.
-module(systools).

-export([make_script/1, make_script/2, make_tar/1, make_tar/2, make_relup/3,
         make_relup/4, script2boot/1, script2boot/3]).

%% In the second form on the command line, as in -s systools make_script Name.
make_script([Name | Options]) when is_atom(Name) ->
    make_script([Name], Options);
make_script(Name) -> make_script(Name, []).
make_script(Name, Options) -> systools_make:make_script(Name, Options).

make_tar(Name) -> make_tar(Name, []).
make_tar(Name, Options) -> systools_make:make_tar(Name, Options).

make_relup(Name, UpFrom, DownTo) -> make_relup(Name, UpFrom, DownTo, []).
make_relup(Name, UpFrom, DownTo, Options) ->
    systools_relup:mk_relup(Name, UpFrom, DownTo, Options).

script2boot(Name) -> script2boot(Name, Name, []).

script2boot(Name, Output, _Options) ->
    Boot = Output ++ ".boot",
    case systools_read:term(Name ++ ".script") of
        {ok, Script} ->
            case file:write_file(Boot, term_to_binary(Script)) of
                ok -> ok;
                {error, Reason} -> failed({open, Boot, Reason})
            end;
        {error, Reason} -> failed(Reason)
    end.

failed(Reason) ->
    io:format("~ts", [systools_make:format_error(Reason)]),
    error.
