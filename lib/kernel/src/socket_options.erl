%% SPDX-License-Identifier: Apache-2.0
%% socket_options: options of level otp, which are kept beside a socket, and
%% the requests of ioctl, of which all but one are about an interface.
-module(socket_options).

-export([set/3, get/2, ioctl/2, ioctl/3, ioctl/4]).

%%% Level otp

-define(DEFAULTS, #{debug => false, iow => false, rcvbuf => 8192,
                    rcvctrlbuf => 1024, sndctrlbuf => 1024,
                    meta => undefined}).

set(Ref, controlling_process, Pid) when is_pid(Pid) ->
    Self = self(),
    case socket_registry:find(Ref) of
        {Self, _} -> socket_registry:owner(Ref, Pid);
        {_, _} -> {error, {invalid, not_owner}};
        none -> {error, closed}
    end;
set(Ref, Name, Value) ->
    case is_value(Name, Value) of
        true -> keep(Ref, Name, Value);
        false -> {error, {invalid, {socket_option, {otp, Name}, Value}}};
        none -> {error, {invalid, {socket_option, {otp, Name}}}}
    end.

keep(Ref, Name, default) ->
    keep(Ref, Name, maps:get(Name, ?DEFAULTS));
keep(Ref, Name, Value) ->
    case socket_registry:put(Ref, Name, Value) of
        true -> ok;
        false -> {error, closed}
    end.

is_value(Name, Value) when Name =:= debug; Name =:= iow -> is_boolean(Value);
is_value(rcvbuf, {N, Size}) -> is_size(N) andalso is_size(Size);
is_value(Name, Value)
  when Name =:= rcvbuf; Name =:= rcvctrlbuf; Name =:= sndctrlbuf ->
    Value =:= default orelse is_size(Value);
is_value(meta, _) -> true;
is_value(controlling_process, _) -> false;
is_value(_, _) -> none.

is_size(N) -> is_integer(N) andalso N > 0.

get(Ref, Name) ->
    {ok, Fd, {Domain, _, _}, _, _} = prim_socket:info(Ref),
    case {Name, socket_registry:find(Ref)} of
        _ when Fd < 0 -> {error, closed};
        {fd, _} -> {ok, Fd};
        {domain, _} -> {ok, socket_code:name(domain, Domain)};
        {use_registry, _} ->
            {ok, lists:member(Ref, socket_registry:all())};
        {controlling_process, {Owner, _}} -> {ok, Owner};
        {_, {_, Options}} ->
            case maps:merge(?DEFAULTS, Options) of
                #{Name := Value} -> {ok, Value};
                _ -> {error, {invalid, {socket_option, {otp, Name}}}}
            end;
        {_, none} -> {error, closed}
    end.

%%% Ioctl

%% The bytes of a request: a name of 16 bytes, and 24 of a value.
ioctl(Ref, gifconf) ->
    %% the interfaces that the system lists, and those of IPv4 of them
    case prim_inet:getifaddrs() of
        {ok, Entries} ->
            case prim_socket:sockname(Ref) of
                {error, closed} = Error -> Error;
                _ ->
                    {ok, [#{name => Name, addr => #{family => inet, port => 0,
                                                    addr => Ip}}
                          || {Name, _, {_, _, _, _} = Ip, _, _} <- Entries]}
            end;
        Error -> Error
    end;
ioctl(Ref, Request) -> erlang:error(badarg, [Ref, Request]).

ioctl(Ref, gifname, Index) when is_integer(Index) ->
    case ask(Ref, gifname, <<0:128, Index:32/native, 0:160>>) of
        {ok, <<Name:16/binary, _/binary>>} -> {ok, text(Name)};
        Error -> Error
    end;
ioctl(Ref, Request, Name) when is_list(Name); is_binary(Name) ->
    case is_asked(Request) of
        true ->
            case ask(Ref, Request, <<(name(Name))/binary, 0:192>>) of
                {ok, <<_:16/binary, Value/binary>>} ->
                    {ok, read(Request, Value)};
                Error -> Error
            end;
        false -> erlang:error(badarg, [Ref, Request, Name])
    end;
ioctl(Ref, Request, Name) -> erlang:error(badarg, [Ref, Request, Name]).

is_asked(Request) ->
    lists:member(Request, [gifindex, gifaddr, gifdstaddr, gifbrdaddr,
                           gifnetmask, gifhwaddr, gifmtu, giftxqlen, gifflags,
                           gifmap]).

%% Sets something of an interface.
ioctl(Ref, sifflags, Name, Flags) when is_map(Flags) ->
    case ask(Ref, gifflags, <<(name(Name))/binary, 0:192>>) of
        {ok, <<_:16/binary, Now:16/native, _/binary>>} ->
            {On, Off} = socket_code:interface_bits(Flags),
            New = (Now bor On) band bnot Off,
            tell(Ref, sifflags, Name, <<New:16/native>>);
        Error -> Error
    end;
ioctl(Ref, Request, Name, Value)
  when Request =:= sifaddr; Request =:= sifdstaddr; Request =:= sifbrdaddr ->
    try socket_code:write_address(Value) of
        Bytes -> tell(Ref, Request, Name, Bytes)
    catch
        throw:Reason -> {error, Reason}
    end;
ioctl(Ref, Request, Name, Value)
  when Request =:= sifmtu, is_integer(Value);
       Request =:= siftxqlen, is_integer(Value) ->
    tell(Ref, Request, Name, <<Value:32/native>>);
ioctl(Ref, Request, Name, Value) ->
    erlang:error(badarg, [Ref, Request, Name, Value]).

tell(Ref, Request, Name, Value) ->
    Rest = 24 - byte_size(Value),
    case ask(Ref, Request, <<(name(Name))/binary, Value/binary,
                             0:Rest/unit:8>>) of
        {ok, _} -> ok;
        Error -> Error
    end.

ask(Ref, Request, Bytes) ->
    {ok, Number} = socket_code:request(Request),
    prim_socket:ioctl(Ref, Number, Bytes).

name(Name) ->
    Bytes = unicode:characters_to_binary(Name),
    Rest = 16 - byte_size(Bytes),
    <<Bytes/binary, 0:Rest/unit:8>>.

text(Bytes) -> binary_to_list(hd(binary:split(Bytes, <<0>>))).

read(gifflags, <<Bits:16/native, _/binary>>) ->
    ordered(socket_code:interface_flags(Bits));
read(gifhwaddr, <<Kind:16/native, Bytes:14/binary, _/binary>>) ->
    #{family => case Kind of
                    1 -> ether;
                    772 -> loopback;
                    _ -> Kind
                end, addr => Bytes};
read(gifmap, <<Start:64/native, End:64/native, Base:16/native, Irq, Dma, Port,
               _/binary>>) ->
    #{mem_start => Start, mem_end => End, base_addr => Base, irq => Irq,
      dma => Dma, port => Port};
read(Request, <<N:32/native-signed, _/binary>>)
  when Request =:= gifindex; Request =:= gifmtu; Request =:= giftxqlen -> N;
read(_, <<Address:16/binary, _/binary>>) -> socket_code:read_address(Address).

%% As they are told: what is up comes first.
ordered(Flags) ->
    Order = [up, broadcast, debug, loopback, pointopoint, notrailers, running,
             noarp, promisc, allmulti, master, slave, multicast, portsel,
             automedia, dynamic],
    [F || F <- Order, lists:member(F, Flags)].
