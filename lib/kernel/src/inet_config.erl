%% SPDX-License-Identifier: Apache-2.0
%% inet_config: where inet_db's configuration comes from: the system's files,
%% and the file of terms that the parameter inetrc of kernel or the environment
%% variable ERL_INETRC names.
-module(inet_config).

-export([init/0, entries/0]).

%% Has the configuration read, which inet_db does when it starts.
-spec init() -> ok.
init() ->
    _ = inet_db:get_rc(),
    ok.

-spec entries() -> [term()].
entries() ->
    Etc = case os:getenv("ERL_INET_ETC_DIR") of
              false -> "/etc";
              Dir -> Dir
          end,
    [{resolv_conf, filename:join(Etc, "resolv.conf")},
     {hosts_file, filename:join(Etc, "hosts")}, {lookup, [native]}]
        ++ own(file()).

file() ->
    case application:get_env(kernel, inetrc) of
        {ok, File} -> File;
        undefined -> os:getenv("ERL_INETRC")
    end.

own(false) -> [];
own("") -> [];
own(File) when is_atom(File) -> own(atom_to_list(File));
own(File) ->
    case file:consult(File) of
        {ok, Entries} -> Entries;
        {error, Reason} ->
            error_logger:error_msg("inet_config: file ~ts not used: ~ts~n",
                                   [File, file:format_error(Reason)]),
            []
    end.
