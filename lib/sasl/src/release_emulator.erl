%% SPDX-License-Identifier: Apache-2.0
%% release_emulator: restarts of the node in the middle of an upgrade. A new
%% emulator first runs a release in between: the new kernel, stdlib and sasl,
%% and all else as it was; from its boot file the upgrade goes on.
-module(release_emulator).

-export([between/4, is_between/1, without_between/3, prepare_restart/4]).

-include("release_handler.hrl").

-define(MARK, "__new_emulator__").

is_between(?MARK ++ _) -> true;
is_between(_) -> false.

%% The release between two, with its boot file and configuration.
between(#release{vsn = Vsn, libs = Libs} = From,
        #release{vsn = ToVsn, libs = ToLibs, erts_vsn = Erts}, Dir, Options) ->
    New = core(ToVsn, ToLibs),
    Old = core(Vsn, Libs),
    Between = ?MARK ++ Vsn,
    write_boot(Vsn, ToVsn, Between, Dir, Options),
    write_config(Vsn, ToVsn, Between, Dir),
    From#release{vsn = Between, erts_vsn = Erts, libs = New ++ (Libs -- Old),
                 status = unpacked}.

core(Vsn, Libs) ->
    [case lists:keyfind(App, 1, Libs) of
         false -> throw({error, {missing_base_app, Vsn, App}});
         Lib -> Lib
     end || App <- [kernel, stdlib, sasl]].

write_boot(Vsn, ToVsn, Between, Dir, Options) ->
    File = fun(V) -> filename:join([Dir, V, "start.boot"]) end,
    {ok, Old} = release_files:read(File(Vsn)),
    {ok, New} = release_files:read(File(ToVsn)),
    case systools_make:make_hybrid_boot(Between, Old, New,
                                        [ToVsn, Options]) of
        {ok, Boot} -> release_files:write(File(Between), Boot);
        {error, Reason} ->
            throw({error, {could_not_create_hybrid_boot, Reason}})
    end.

write_config(Vsn, ToVsn, Between, Dir) ->
    New = config(filename:join([Dir, ToVsn, "sys.config"])),
    Config = lists:foldl(
               fun(App, Config) ->
                       case lists:keyfind(App, 1, New) of
                           false -> lists:keydelete(App, 1, Config);
                           Entry -> lists:keystore(App, 1, Config, Entry)
                       end
               end, config(filename:join([Dir, Vsn, "sys.config"])),
               [kernel, stdlib, sasl]),
    Text = io_lib:format("%% ~s~n~tp.~n", [epp:encoding_to_string(utf8),
                                           Config]),
    release_files:write(filename:join([Dir, Between, "sys.config"]),
                        unicode:characters_to_binary(Text)).

config(File) ->
    case release_files:consult(File) of
        {ok, [Config]} -> Config;
        {error, Reason} ->
            io:format("Warning: ~w cannot read ~tp: ~tp~n",
                      [release_handler, File, Reason]),
            []
    end.

%% The releases without the one in between, if that runs; its files go.
without_between(Vsn, Dir, Releases) ->
    case is_between(Vsn) of
        true ->
            release_files:remove(filename:join(Dir, Vsn)),
            lists:keydelete(Vsn, #release.vsn, Releases);
        false -> Releases
    end.

%% Has heart start the node by [Start] with this release. On disk it is
%% tmp_current: what runs if the start succeeds, else no more than unpacked.
prepare_restart(#release{vsn = Vsn, erts_vsn = Erts}, Releases, Dir, Start) ->
    release_files:save(Dir,
                       [case R of
                            #release{vsn = Vsn, status = permanent} -> R;
                            #release{vsn = Vsn} ->
                                R#release{status = tmp_current};
                            #release{status = current} ->
                                R#release{status = old};
                            _ -> R
                        end || R <- Releases]),
    Data = filename:join(Dir, "new_start_erl.data"),
    release_files:write(Data, [Erts, " ", Vsn]),
    case heart:set_cmd(program(Start) ++ " " ++ Data) of
        ok -> ok;
        Error -> throw({error, {'heart:set_cmd() error', Error}})
    end.

program({checked, Start}) ->
    release_files:check(Start, regular),
    Start;
program({unchecked, Start}) -> Start.
