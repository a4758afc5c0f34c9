%% SPDX-License-Identifier: Apache-2.0
%% socket_code: names, addresses, options and control messages of module socket
%% as the system has them, which are numbers and bytes. What a value is like is
%% known here, what numbers this system has is told by prim_socket:numbers/0.
-module(socket_code).

-export([domain/1, type/1, protocol/1, protocol_name/1, name/2, flags/1,
         flag_names/1, option/1, write_value/2, read_value/2, room/1,
         write_address/1, read_address/1, write_controls/1, read_controls/1,
         request/1, interface_flags/1, interface_bits/1, table/0]).

%%% Numbers: one map, made when it is first asked for

%% {Category, Name} => {Number, Second, Type}, {number, Category, Number} =>
%% Name, and protocols by both.
table() ->
    case persistent_term:get(?MODULE, undefined) of
        undefined ->
            Table = maps:from_list(lists:append([rows(R) || R <- numbers()])
                                   ++ protocols()),
            persistent_term:put(?MODULE, Table),
            Table;
        Table -> Table
    end.

numbers() -> lists:reverse(prim_socket:numbers()).

%% Of two names of a number the first counts: rows come backwards.
rows({option_socket = C, Name, A, B, Type}) -> [{{C, Name}, {A, B, Type}}];
rows({Category, Name, A, B, Type}) ->
    Key = case atom_to_list(Category) of
              "control_" ++ _ -> {control, A, B};
              _ -> {number, Category, A}
          end,
    [{{Category, Name}, {A, B, Type}}, {Key, {Name, Type}}].

%% The first name is the one that is told.
protocols() ->
    lists:append(
      [[{{protocol_name, Number}, told(Names)}
        | [{{protocol, Name}, Number} || Name <- Names]]
       || {Names, Number} <- prim_socket:protocols()])
        ++ [{{protocol, default}, 0}].

told([Name | _]) -> Name.

number(Category, Name) ->
    case table() of
        #{{Category, Name} := {Number, _, _}} -> {ok, Number};
        _ when is_integer(Name) -> {ok, Name};
        _ -> error
    end.

domain(Name) -> number(domain, Name).

type(Name) -> number(type, Name).

protocol(Name) when is_integer(Name) -> {ok, Name};
protocol(Name) ->
    case table() of
        #{{protocol, Name} := Number} -> {ok, Number};
        _ -> error
    end.

protocol_name(Number) ->
    maps:get({protocol_name, Number}, table(), Number).

%% The name of a number, which stays if it has none.
name(Category, Number) ->
    case table() of
        #{{number, Category, Number} := {Name, _}} -> Name;
        _ -> Number
    end.

%% Flags of a message, all in one number.
flags(Flags) ->
    try {ok, lists:foldl(fun(Flag, All) ->
                                 {ok, Bit} = number(flag, Flag),
                                 All bor Bit
                         end, 0, Flags)}
    catch
        error:_ -> error
    end.

flag_names(Bits) -> bit_names(flag, Bits).

interface_flags(Bits) -> bit_names(interface, Bits).

interface_bits(Flags) ->
    lists:foldl(fun({Flag, true}, {On, Off}) -> {On bor bit(Flag), Off};
                   ({Flag, false}, {On, Off}) -> {On, Off bor bit(Flag)}
                end, {0, 0}, maps:to_list(Flags)).

bit(Flag) ->
    {ok, Bit} = number(interface, Flag),
    Bit.

bit_names(Category, Bits) ->
    lists:sort([Name || {{C, Name}, {Bit, _, _}} <- maps:to_list(table()),
                        C =:= Category, Bits band Bit =/= 0]).

request(Name) -> number(request, Name).

%%% Options

%% {Level, Name} => {ok, LevelNumber, OptionNumber, Type}; numbers of a level's
%% name, or of none, have bytes as values.
option({Level, Name}) when is_atom(Level), is_atom(Name) ->
    case {option_category(Level), table()} of
        {none, _} -> error;
        {Category, #{} = Table} ->
            case Table of
                #{{Category, Name} := {A, B, Type}} -> {ok, A, B, Type};
                _ -> error
            end
    end;
option({Level, Number}) when is_integer(Number) ->
    case level(Level) of
        {ok, A} -> {ok, A, Number, bytes};
        error -> error
    end;
option(_) -> throw(no_option).

option_category(socket) -> option_socket;
option_category(ip) -> option_ip;
option_category(ipv6) -> option_ipv6;
option_category(tcp) -> option_tcp;
option_category(udp) -> option_udp;
option_category(_) -> none.

level(Level) when is_integer(Level) -> {ok, Level};
level(Level) ->
    case number(level, Level) of
        error -> protocol(Level);
        Ok -> Ok
    end.

level_name(Number) ->
    case name(level, Number) of
        Number -> protocol_name(Number);
        Name -> Name
    end.

%% How many bytes are asked for.
room(linger) -> 8;
room(timeval) -> 16;
room(string) -> 256;
room(address) -> 4;
room(bytes) -> 1024;
room(_) -> 4.

discover() -> [{dont, 0}, {want, 1}, {do, 2}, {probe, 3}].

tos() -> [{lowdelay, 16#10}, {throughput, 16#08}, {reliability, 16#04},
          {mincost, 16#02}].

%% The bytes of a value, error when it can be none.
write_value(Type, Value) ->
    try {ok, write(Type, Value)}
    catch
        error:_ -> error
    end.

write(boolean, true) -> int(1);
write(boolean, false) -> int(0);
write(integer, N) when is_integer(N) -> int(N);
write(bytes, Bytes) when is_binary(Bytes) -> Bytes;
write(bytes, N) when is_integer(N) -> int(N);
write(bytes, true) -> int(1);
write(bytes, false) -> int(0);
write(string, Text) -> iolist_to_binary(Text);
write(linger, #{onoff := On, linger := Seconds}) ->
    <<(write(boolean, On))/binary, Seconds:32/native>>;
write(linger, abort) -> <<1:32/native, 0:32>>;
write(timeval, #{sec := Seconds, usec := Micros}) ->
    <<Seconds:64/native, Micros:64/native>>;
write(address, any) -> <<0:32>>;
write(address, Ip) -> ip(Ip);
write(membership, #{multiaddr := Group, interface := Interface}) ->
    <<(ip(Group))/binary, (write(address, Interface))/binary>>;
write(source, #{multiaddr := Group, interface := Interface,
                sourceaddr := Source}) ->
    <<(ip(Group))/binary, (write(address, Interface))/binary,
      (ip(Source))/binary>>;
write(membership6, #{multiaddr := Group, interface := Index}) ->
    <<(ip(Group))/binary, Index:32/native>>;
write(discover, Name) -> named(Name, discover());
write(discover6, Name) -> named(Name, discover());
write(tos, Name) -> named(Name, tos());
write(domain, Name) ->
    {ok, N} = domain(Name),
    int(N);
write(pktinfo, #{ifindex := Index, spec_dst := Ip, addr := Address}) ->
    <<Index:32/native, (ip(Ip))/binary, (ip(Address))/binary>>;
write(pktinfo6, #{ifindex := Index, addr := Address}) ->
    <<(ip(Address))/binary, Index:32/native>>.

int(N) when N >= -(1 bsl 31), N < 1 bsl 32 -> <<N:32/native>>.

named(Name, Names) ->
    case lists:keyfind(Name, 1, Names) of
        {_, N} -> int(N);
        false -> int(Name)
    end.

ip({A, B, C, D}) -> <<A, B, C, D>>;
ip(Ip) when tuple_size(Ip) =:= 8 ->
    << <<Word:16>> || Word <- tuple_to_list(Ip) >>.

%% What the bytes are; they stay when they are not as they should be.
read_value(Type, Bytes) ->
    try read(Type, Bytes)
    catch
        error:_ -> Bytes
    end.

read(boolean, <<N:32/native, _/binary>>) -> N =/= 0;
read(integer, <<N:32/native-signed, _/binary>>) -> N;
read(integer, <<N>>) -> N;
read(string, Bytes) -> binary_to_list(Bytes);
read(linger, <<On:32/native, Seconds:32/native-signed>>) ->
    #{onoff => On =/= 0, linger => Seconds};
read(timeval, <<Seconds:64/native-signed, Micros:64/native-signed>>) ->
    #{sec => Seconds, usec => Micros};
read(address, <<A, B, C, D>>) -> {A, B, C, D};
read(domain, <<N:32/native>>) -> name(domain, N);
read(type, <<N:32/native>>) -> name(type, N);
read(protocol, <<N:32/native>>) -> protocol_name(N);
read(discover, <<N:32/native>>) -> name_of(N, discover());
read(discover6, <<N:32/native>>) -> name_of(N, discover());
read(tos, <<N:32/native>>) -> name_of(N, tos());
read(tos, <<N>>) -> name_of(N, tos());
read(sockaddr, Bytes) -> read_address(Bytes);
read(pktinfo, <<Index:32/native, A, B, C, D, E, F, G, H>>) ->
    #{ifindex => Index, spec_dst => {A, B, C, D}, addr => {E, F, G, H}};
read(pktinfo6, <<Address:16/binary, Index:32/native>>) ->
    #{ifindex => Index, addr => words(Address)};
read(_, Bytes) -> Bytes.

name_of(N, Names) ->
    case lists:keyfind(N, 2, Names) of
        {Name, _} -> Name;
        false -> N
    end.

words(Bytes) -> list_to_tuple([Word || <<Word:16>> <= Bytes]).

%%% Addresses

-define(LOCAL, 1).
-define(INET, 2).
-define(INET6, 10).

%% The bytes of an address; throws what is wrong with it.
write_address(#{family := inet} = Address) ->
    check_keys(Address, [family, addr, port]),
    try
        Ip = case maps:get(addr, Address, any) of
                 any -> {0, 0, 0, 0};
                 loopback -> {127, 0, 0, 1};
                 broadcast -> {255, 255, 255, 255};
                 Given -> Given
             end,
        true = inet:is_ipv4_address(Ip),
        <<?INET:16/native, (port(Address)):16, (ip(Ip))/binary, 0:64>>
    catch
        error:_ -> wrong(Address)
    end;
write_address(#{family := inet6} = Address) ->
    check_keys(Address, [family, addr, port, flowinfo, scope_id]),
    try
        Ip = case maps:get(addr, Address, any) of
                 any -> {0, 0, 0, 0, 0, 0, 0, 0};
                 loopback -> {0, 0, 0, 0, 0, 0, 0, 1};
                 Given -> Given
             end,
        true = inet:is_ipv6_address(Ip),
        <<?INET6:16/native, (port(Address)):16,
          (maps:get(flowinfo, Address, 0)):32, (ip(Ip))/binary,
          (maps:get(scope_id, Address, 0)):32/native>>
    catch
        error:_ -> wrong(Address)
    end;
write_address(#{family := local, path := Path} = Address) ->
    check_keys(Address, [family, path]),
    Bytes = case Path of
                _ when is_binary(Path) -> Path;
                _ when is_list(Path) ->
                    unicode:characters_to_binary(Path, unicode,
                                                 file:native_name_encoding());
                _ -> none
            end,
    case Bytes of
        _ when not is_binary(Bytes); byte_size(Bytes) > 107 -> wrong(Address);
        <<0, _/binary>> -> <<?LOCAL:16/native, Bytes/binary>>;
        _ -> <<?LOCAL:16/native, Bytes/binary, 0>>
    end;
write_address(#{family := unspec} = Address) ->
    <<0:16, (maps:get(addr, Address, <<>>))/binary>>;
write_address(#{family := Family, addr := Bytes})
  when is_integer(Family), is_binary(Bytes) ->
    <<Family:16/native, Bytes/binary>>;
write_address(Address) -> wrong(Address).

port(Address) ->
    Port = maps:get(port, Address, 0),
    true = is_integer(Port) andalso Port >= 0 andalso Port < 65536,
    Port.

check_keys(Address, Keys) ->
    case maps:keys(Address) -- Keys of
        [] -> ok;
        Others -> throw({invalid, {sockaddr, {keys, Others}, Address}})
    end.

-spec wrong(term()) -> no_return().
wrong(Address) -> throw({invalid, {sockaddr, Address}}).

read_address(<<>>) -> undefined;
read_address(<<?INET:16/native, Port:16, A, B, C, D, _/binary>>) ->
    #{family => inet, port => Port, addr => {A, B, C, D}};
read_address(<<?INET6:16/native, Port:16, Flow:32, Ip:16/binary,
               Scope:32/native, _/binary>>) ->
    #{family => inet6, port => Port, addr => words(Ip), flowinfo => Flow,
      scope_id => Scope};
read_address(<<?LOCAL:16/native, 0, Path/binary>>) when Path =/= <<>> ->
    #{family => local, path => <<0, Path/binary>>};
read_address(<<?LOCAL:16/native, Path/binary>>) ->
    #{family => local, path => hd(binary:split(Path, <<0>>))};
read_address(<<0:16, Bytes/binary>>) -> #{family => unspec, addr => Bytes};
read_address(<<Family:16/native, Bytes/binary>>) ->
    #{family => name(domain, Family), addr => Bytes}.

%%% Control messages

write_controls(Controls) -> [write_control(C) || C <- Controls].

write_control(#{level := Level, type := Type, data := Bytes})
  when is_binary(Bytes) ->
    {A, B, _} = control(Level, Type),
    {A, B, Bytes};
write_control(#{level := Level, type := Type} = Control) ->
    {A, B, Kind} = control(Level, Type),
    Value = case Control of
                #{value := V} -> V;
                #{data := D} -> D
            end,
    {A, B, write(Kind, Value)}.

control(Level, Type) when is_atom(Type) ->
    Category = case Level of
                   socket -> control_socket;
                   ip -> control_ip;
                   ipv6 -> control_ipv6
               end,
    maps:get({Category, Type}, table());
control(Level, Type) ->
    {ok, Number} = level(Level),
    {Number, Type, bytes}.

read_controls(Controls) -> [read_control(C) || C <- Controls].

read_control({A, B, Bytes}) ->
    case table() of
        #{{control, A, B} := {Name, bytes}} ->
            #{level => level_name(A), type => Name, data => Bytes};
        #{{control, A, B} := {Name, Type}} ->
            #{level => level_name(A), type => Name, data => Bytes,
              value => read_value(Type, Bytes)};
        _ -> #{level => level_name(A), type => B, data => Bytes}
    end.
