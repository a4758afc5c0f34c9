%% SPDX-License-Identifier: Apache-2.0
%% socket_list: what there is to be known of the sockets of module socket, of
%% one and of all, and of what this system has.
-module(socket_list).

-export([info/0, info/1, which/1, i/0, i/1, i/2, supports/0, supports/1,
         supports/2, is_supported/1, is_supported/2, is_supported/3]).

%%% One socket

info({'$socket', Ref}) ->
    {ok, Fd, {Domain, Type, Protocol}, {Readers, Writers, States},
     {Reads, Writes, Accepts}} = prim_socket:info(Ref),
    [Bound, Listens, Connects, Connected] =
        [lists:member(S, States) || S <- [bound, listen, connecting,
                                          connected]],
    {Acceptors, Readers1} = case Listens of
                                true -> {Readers, 0};
                                false -> {0, Readers}
                            end,
    #{domain => socket_code:name(domain, Domain),
      type => socket_code:name(type, Type),
      protocol => socket_code:protocol_name(Protocol),
      ctype => normal,
      owner => owner(Ref),
      num_readers => Readers1, num_writers => Writers,
      num_acceptors => Acceptors,
      rstates => [bound || Bound] ++ [listening || Listens] ++ [accepting || Acceptors > 0]
          ++ [selected || Readers > 0] ++ [closed || Fd < 0],
      wstates => [connecting || Connects] ++ [connected || Connected] ++ [selected || Writers > 0]
          ++ [closed || Fd < 0],
      counters => counters(Reads, Writes, Accepts)}.

owner(Ref) ->
    case socket_registry:find(Ref) of
        {Owner, _} -> Owner;
        none -> undefined
    end.

counters({ReadBytes, Reads, ReadMost, ReadTries, ReadWaits, ReadFails},
         {WriteBytes, Writes, WriteMost, WriteTries, WriteWaits, WriteFails},
         {_, Accepts, _, AcceptTries, AcceptWaits, AcceptFails}) ->
    #{read_byte => ReadBytes, read_pkg => Reads, read_pkg_max => ReadMost,
      read_tries => ReadTries, read_waits => ReadWaits,
      read_fails => ReadFails,
      write_byte => WriteBytes, write_pkg => Writes,
      write_pkg_max => WriteMost, write_tries => WriteTries,
      write_waits => WriteWaits, write_fails => WriteFails,
      acc_success => Accepts, acc_tries => AcceptTries,
      acc_waits => AcceptWaits, acc_fails => AcceptFails}.

%%% All sockets

info() ->
    Infos = [info(S) || S <- socket:which_sockets()],
    Count = fun(Key, Value) ->
                    length([I || I <- Infos, maps:get(Key, I) =:= Value])
            end,
    #{counters =>
          #{num_cnt_bits => 64, num_sockets => length(Infos),
            num_dinet => Count(domain, inet),
            num_dinet6 => Count(domain, inet6),
            num_dlocal => Count(domain, local),
            num_tstreams => Count(type, stream),
            num_tdgrams => Count(type, dgram),
            num_tseqpkgs => Count(type, seqpacket),
            num_pip => Count(protocol, ip), num_ptcp => Count(protocol, tcp),
            num_pudp => Count(protocol, udp),
            num_psctp => Count(protocol, sctp)},
      debug => false, socket_debug => false, iow => false, iov_max => 1024,
      use_registry => persistent_term:get({socket, use_registry}, true)}.

which(Filter) when is_function(Filter, 1) ->
    [S || S <- socket:which_sockets(), Filter(info(S))];
which(Owner) when is_pid(Owner) -> with(owner, Owner);
which(Domain) when Domain =:= inet; Domain =:= inet6; Domain =:= local ->
    with(domain, Domain);
which(Type) when Type =:= stream; Type =:= dgram; Type =:= seqpacket ->
    with(type, Type);
which(Protocol)
  when Protocol =:= tcp; Protocol =:= udp; Protocol =:= sctp ->
    with(protocol, Protocol);
which(Other) -> erlang:error(badarg, [Other]).

with(Key, Value) -> which(fun(#{Key := V}) -> V =:= Value end).

%%% Listing

fields() -> [domain, type, protocol, fd, owner, local_address, remote_address,
             recv, sent, state].

i() -> list(socket:which_sockets(), fields()).

i(Fields) when is_list(Fields) -> list(socket:which_sockets(), Fields);
i(Which) -> list(which(Which), fields()).

i(Which, Fields) -> list(which(Which), Fields).

list([], _) -> ok;
list(Sockets, Fields) ->
    Rows = [[head(F) || F <- Fields]
            | [[unicode:characters_to_list(field(F, S, info(S)))
                 || F <- Fields]
               || S <- Sockets]],
    Widths = [lists:max([length(lists:nth(N, Row)) || Row <- Rows])
              || N <- lists:seq(1, length(Fields))],
    [io:put_chars([[string:pad(Text, Width), $\s]
                   || {Text, Width} <- lists:zip(Row, Widths)] ++ "\n")
     || Row <- Rows],
    ok.

head(local_address) -> "Local Address";
head(remote_address) -> "Remote Address";
head(Field) -> string:titlecase(atom_to_list(Field)).

field(domain, _, #{domain := Domain}) -> text(Domain);
field(Key, _, Info) when Key =:= type; Key =:= protocol ->
    string:uppercase(text(maps:get(Key, Info)));
field(fd, S, _) ->
    case socket:getopt(S, {otp, fd}) of
        {ok, Fd} -> integer_to_list(Fd);
        _ -> " "
    end;
field(owner, _, #{owner := Owner}) -> text(Owner);
field(local_address, S, Info) -> address(socket:sockname(S), Info);
field(remote_address, S, Info) -> address(socket:peername(S), Info);
field(recv, _, #{counters := #{read_byte := N}}) -> integer_to_list(N);
field(sent, _, #{counters := #{write_byte := N}}) -> integer_to_list(N);
field(state, _, #{rstates := [], wstates := []}) -> " ";
field(state, _, #{rstates := Reading, wstates := Writing}) ->
    [states(Reading), " , ", states(Writing)];
field(_, _, _) -> " ".

states([]) -> " -";
states(States) -> lists:join($:, [short(S) || S <- States]).

short(accepting) -> "AG";
short(bound) -> "BD";
short(closed) -> "CD";
short(connected) -> "CD";
short(connecting) -> "CG";
short(listening) -> "LG";
short(selected) -> "SD".

text(Term) -> io_lib:format("~w", [Term]).

address({ok, #{family := local, path := Path}}, _) -> ["local:", Path];
address({ok, #{addr := Ip, port := Port}}, #{protocol := Protocol}) ->
    Host = case Ip of
               {0, 0, 0, 0} -> "*";
               {0, 0, 0, 0, 0, 0, 0, 0} -> "*";
               {127, 0, 0, 1} -> "localhost";
               {0, 0, 0, 0, 0, 0, 0, 1} -> "localhost";
               _ -> inet:ntoa(Ip)
           end,
    [Host, ":", case Port =/= 0 andalso inet:getservbyport(Port, Protocol) of
                    {ok, Name} -> Name;
                    _ -> integer_to_list(Port)
                end];
address(_, _) -> " ".

%%% What the system has

supports() ->
    [{What, supports(What)} || What <- [ioctl_requests, ioctl_flags, options,
                                        msg_flags, protocols]]
        ++ [{sctp, false}, {ipv6, true}, {local, true}, {netns, true},
            {sendfile, true}].

supports(ioctl_requests) -> names(request);
supports(ioctl_flags) -> names(interface);
supports(msg_flags) -> names(flag);
supports(protocols) ->
    [{Name, true} || {protocol, Name} <- maps:keys(socket_code:table()),
                     Name =/= default];
supports(options) ->
    [{{Level, Name}, true} || Level <- levels(),
                              {Name, true} <- supports(options, Level)];
supports(_) -> [].

levels() -> [socket, ip, ipv6, tcp, udp].

names(Category) ->
    [{Name, true} || {C, Name} <- maps:keys(socket_code:table()),
                     C =:= Category].

supports(options, Level) ->
    case lists:member(Level, levels()) of
        true -> names(list_to_atom("option_" ++ atom_to_list(Level)));
        false -> []
    end;
supports(_, _) -> [].

is_supported(What) ->
    case lists:keyfind(What, 1, supports()) of
        {_, Value} when is_boolean(Value) -> Value;
        {_, List} -> List =/= [];
        false -> false
    end.

is_supported(options, Level) when is_atom(Level) ->
    supports(options, Level) =/= [];
is_supported(What, Which) ->
    proplists:get_value(Which, supports(What), false).

is_supported(options, Level, Name) ->
    proplists:get_value(Name, supports(options, Level), false);
is_supported(_, _, _) -> false.
