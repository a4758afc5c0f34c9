%% SPDX-License-Identifier: Apache-2.0
%% The pretty printer on forms and expressions of every kind, with its options
%% and with hooks.
-module(pretty_forms).
-export([main/0, shout/4]).

main() ->
    ok = io:setopts([{encoding, unicode}]),
    [form(T) || T <- forms()],
    [narrow(T) || T <- forms()],
    [expr(T) || T <- exprs()],
    options(),
    hooks(),
    wrong().

form(Text) ->
    io:format("~ts", [erl_pp:form(parse(Text))]).

narrow(Text) ->
    Options = [{encoding, unicode}, {indent, 2}, {linewidth, 30},
               {quote_singleton_atom_types, true}],
    io:format("~ts", [erl_pp:form(parse(Text), Options)]).

parse(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

expr(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    io:format("~ts~n", [erl_pp:exprs(Exprs)]),
    io:format("~ts~n", [erl_pp:exprs(Exprs, 30, [{encoding, latin1}])]),
    io:format("~ts~n", [erl_pp:expr(hd(Exprs), -1, none)]).

options() ->
    {ok, Tokens, _} = erl_scan:string("f(X) when X > 1, X < 2; X == 3 -> X."),
    {ok, {function, _, _, _, [{clause, _, _, Guard, _}]} = F} =
        erl_parse:parse_form(Tokens),
    io:format("~ts~n", [erl_pp:guard(Guard)]),
    io:format("~ts", [erl_pp:function(F)]),
    io:format("~ts", [erl_pp:attribute({attribute, 1, foo, [{a, #{}}]})]),
    io:format("~ts~n", [erl_pp:expr({op, 1, '+', {integer, 1, 1},
                                     {integer, 1, 2}}, 0, 500, none)]),
    Vars = {function, 1, f, 1, [{clause, 1, [{var, 1, a}], [],
                                 [{var, 1, 'A'}, {var, 1, a}]}]},
    io:format("~ts", [erl_pp:function(erl_pp:legalize_vars(Vars))]).

%% A hook is asked for each expression that is not known.
hooks() ->
    Hook = fun({mine, E}, Column, Prec, Options) ->
                   [$<, integer_to_list(Column), $,, integer_to_list(Prec),
                    $:, erl_pp:expr(E, Column, Prec, Options), $>]
           end,
    E = {call, 1, {atom, 1, f},
         [{mine, {integer, 1, 1}}, {mine, {mine, {atom, 1, x}}},
          {op, 1, '+', {mine, {atom, 1, a}}, {mine, {atom, 1, b}}}]},
    io:format("~ts~n", [erl_pp:expr(E, [{hook, Hook}])]),
    io:format("~ts~n", [erl_pp:expr(E, Hook)]),
    io:format("~ts~n", [erl_pp:expr({shout, 1}, {?MODULE, shout, []})]),
    Lines = fun(_, _, _, _) -> "one\n  two" end,
    io:format("~ts~n", [erl_pp:expr({tuple, 1, [{mine, 1}, {atom, 1, a}]},
                                    [{hook, Lines}])]),
    io:format("~ts~n", [erl_pp:expr({mine, 1})]).

shout({shout, N}, _, _, _) ->
    lists:duplicate(N, $!).

wrong() ->
    [io:format("~w~n", [catch_class(F)])
     || F <- [fun() -> erl_pp:form(foo) end,
              fun() -> erl_pp:form({attribute, 1}) end,
              fun() -> erl_pp:legalize_vars(foo) end]].

catch_class(F) ->
    try F() catch Class:Reason -> {Class, Reason} end.

forms() ->
    ["-module(m).",
     "-export([a/0,'B c'/1,d/12]).",
     "-export([]).",
     "-import(lists, [map/2,foldl/3]).",
     "-compile([{inline,[{a,1}]},export_all,nowarn_unused_function]).",
     "-foo(\"string\").",
     "-foo([a|\"bc\"]).",
     "-foo({1,-2,3.5,<<\"abc\">>,#{a => 1},'A','end',[],{},[1000,1.0]}).",
     "-file(\"a.erl\", 12).",
     "-record(r, {a, b = 1, c :: integer(), d = \"x\" :: string() | undefined}).",
     "-record(empty, {}).",
     "-type t() :: a | 'B' | 1..3 | -1 | [t()] | [t(),...] | [] | {} | {a, b} | #{} | #{a => b, c := d} | #r{} | #r{a :: t()}.",
     "-type u(A, B) :: fun() | fun((...) -> A) | fun((A, B) -> C) | <<>> | <<_:8>> | <<_:_*4>> | <<_:8,_:_*4>> | lists:u(A) | X :: B.",
     "-opaque o() :: map() | tuple() | atom() | very_long_name_of_a_type() | another_very_long_name_of_a_type().",
     "-spec f(a, b) -> c.",
     "-spec f(A, B) -> {ok, A} | {error, B} when A :: atom(), B :: a_rather_long_type_name(); (c) -> d.",
     "-spec m:f() -> ok.",
     "-callback init(Args :: term()) -> {ok, State :: term()} | {stop, Reason :: term(), Something :: else_here()}.",
     "-optional_callbacks([a/1,b/2]).",
     "f() -> ok.",
     "f(1) -> a; f(X) when is_atom(X) -> b; f(Y) when Y > 1, Y < 2; Y == 3 -> c, d, e.",
     "f(X) -> case X of a -> b; {c, D} when D > 1 -> case D of 1 -> 2 end; _ -> receive M -> M after 100 -> ok end end.",
     "f(X) -> try g(X) of Y -> Y catch error:E:S -> {E, S}; throw:_ -> t; _:_ -> u after h() end.",
     "f() -> try a, b catch _:R when R > 1 -> R end.",
     "f(X) -> if X > 1 -> a; X < 1, X > 0; X == 9 -> b; true -> c end.",
     "f() -> fun(A, B) when A > B -> A; (_, B) -> B end.",
     "f() -> fun Loop(0) -> ok; Loop(N) -> Loop(N - 1) end.",
     "f() -> [fun a/1, fun m:a/2, fun M:F/A].",
     "f(L) -> [{X, Y} || X <- L, Y <- [1, 2, 3], X > Y] ++ [a || <<_>> <= L].",
     "f(B) -> << <<X:8/integer-unsigned-little-unit:1>> || <<X:4>> <= B, X > 1 >>.",
     "f() -> <<1, 2:8, X/binary, \"abc\", \"de\"/utf8, (a()):(b() + 1), 3.5/float, -1>>.",
     "f(R) -> {R#r.a, #r.b, R#r{a = 1}, #r{_ = 2, c = 3}, (g())#r.a, #r{}, 1 #r.a}.",
     "f(M) -> {#{}, #{a => 1}, M#{a := 1, b => 2}, (g())#{}, M#{a := long_value_number_one(), b => long_value_number_two()}}.",
     "f() -> X = Y = catch g(), begin a, b end, catch h().",
     "f() -> a orelse b andalso (c orelse d), not (a and b) or c xor d.",
     "f() -> (1 + 2) * 3 - -4 div +5 rem bnot 6 band 7 bor (8 bxor 9) bsl 1 bsr 2.",
     "f() -> A == B, A /= B, A =< B, A >= B, A =:= B, A =/= B, (A ++ B) -- C ++ D, P ! Q ! R.",
     "f() -> \"a rather long string literal that does not fit on one line of the page, with \\n escapes \\\" and \\e\".",
     "f() -> {$a, $\\s, $\\n, $\\x{1F600}, \"\\x{1F600}\\x{e5}\", '\\x{442}', 'a b', 'can\\'t', [a | b], [a, b | C], 1.0e100, 123456789012345678901234567890}.",
     "f() -> very_long_function_name_number_one(another_argument_here, {tuple, of_things, in_a_row}, [list, of_things], \"string\").",
     "f() -> erlang:length(a), erlang:float(1), erlang:foo(1), lists:map(F, L), M:F(A), (fun() -> 1 end)(), (a:b())().",
     "f() -> [aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccc, dddddddddddddd, {eeeeeeeeeeeee, ffffffffffff}, ggggggggggg].",
     "f() -> receive after infinity -> ok end."].

exprs() ->
    ["A = 1, B",
     "f(X, Y)",
     "case a of b -> c; d -> e, f end",
     "fun(X) -> X end",
     "[X || X <- L]",
     "begin a, b end",
     "X#r{a = b}",
     "a andalso b",
     "\"str\"",
     "{a_long_atom_number_one, a_long_atom_number_two, a_long_atom_number_three}",
     "try a catch b -> c end",
     "if a -> b; true -> c end"].

%% expect: -module(m).
%% expect: -export([a/0,'B c'/1,d/12]).
%% expect: -export([]).
%% expect: -import(lists, [map/2,foldl/3]).
%% expect: -compile([{inline, [{a, 1}]}, export_all, nowarn_unused_function]).
%% expect: -foo("string").
%% expect: -foo([a | "bc"]).
%% expect: -foo({1, -2, 3.5,
%% expect:       <<97,98,99>>,
%% expect:       #{a => 1},
%% expect:       'A', 'end', [], {},
%% expect:       [1000, 1.0]}).
%% expect: -file("a.erl", 12).
%% expect: -record(r,{a, b = 1, c :: integer(), d = "x" :: string() | undefined}).
%% expect: -record(empty,{}).
%% expect: -type t() ::
%% expect:           a | 'B' |
%% expect:           1..3 |
%% expect:           -1 |
%% expect:           [t()] |
%% expect:           [t(), ...] |
%% expect:           [] | {} |
%% expect:           {a, b} |
%% expect:           #{} |
%% expect:           #{a => b, c := d} |
%% expect:           #r{} |
%% expect:           #r{a :: t()}.
%% expect: -type u(A, B) ::
%% expect:           fun() |
%% expect:           fun((...) -> A) |
%% expect:           fun((A, B) -> C) |
%% expect:           <<>> |
%% expect:           <<_:8>> |
%% expect:           <<_:_*4>> |
%% expect:           <<_:8, _:_*4>> |
%% expect:           lists:u(A) |
%% expect:           (X :: B).
%% expect: -opaque o() ::
%% expect:             map() |
%% expect:             tuple() |
%% expect:             atom() |
%% expect:             very_long_name_of_a_type() |
%% expect:             another_very_long_name_of_a_type().
%% expect: -spec f(a, b) -> c.
%% expect: -spec f(A, B) -> {ok, A} | {error, B}
%% expect:            when A :: atom(), B :: a_rather_long_type_name();
%% expect:        (c) -> d.
%% expect: -spec m:f() -> ok.
%% expect: -callback init(Args :: term()) ->
%% expect:                   {ok, State :: term()} |
%% expect:                   {stop, Reason :: term(), Something :: else_here()}.
%% expect: -optional_callbacks([a/1,b/2]).
%% expect: f() ->
%% expect:     ok.
%% expect: f(1) ->
%% expect:     a;
%% expect: f(X) when is_atom(X) ->
%% expect:     b;
%% expect: f(Y) when Y > 1, Y < 2; Y == 3 ->
%% expect:     c,
%% expect:     d,
%% expect:     e.
%% expect: f(X) ->
%% expect:     case X of
%% expect:         a ->
%% expect:             b;
%% expect:         {c, D} when D > 1 ->
%% expect:             case D of
%% expect:                 1 ->
%% expect:                     2
%% expect:             end;
%% expect:         _ ->
%% expect:             receive
%% expect:                 M ->
%% expect:                     M
%% expect:             after
%% expect:                 100 -> ok
%% expect:             end
%% expect:     end.
%% expect: f(X) ->
%% expect:     try g(X) of
%% expect:         Y ->
%% expect:             Y
%% expect:     catch
%% expect:         error:E:S ->
%% expect:             {E, S};
%% expect:         throw:_ ->
%% expect:             t;
%% expect:         _:_ ->
%% expect:             u
%% expect:     after
%% expect:         h()
%% expect:     end.
%% expect: f() ->
%% expect:     try
%% expect:         a,
%% expect:         b
%% expect:     catch
%% expect:         _:R when R > 1 ->
%% expect:             R
%% expect:     end.
%% expect: f(X) ->
%% expect:     if
%% expect:         X > 1 ->
%% expect:             a;
%% expect:         X < 1, X > 0;X == 9 ->
%% expect:             b;
%% expect:         true ->
%% expect:             c
%% expect:     end.
%% expect: f() ->
%% expect:     fun(A, B) when A > B ->
%% expect:            A;
%% expect:        (_, B) ->
%% expect:            B
%% expect:     end.
%% expect: f() ->
%% expect:     fun Loop(0) ->
%% expect:             ok;
%% expect:         Loop(N) ->
%% expect:             Loop(N - 1)
%% expect:     end.
%% expect: f() ->
%% expect:     [fun a/1, fun m:a/2, fun M:F/A].
%% expect: f(L) ->
%% expect:     [ 
%% expect:      {X, Y} ||
%% expect:          X <- L,
%% expect:          Y <- [1, 2, 3],
%% expect:          X > Y
%% expect:     ]
%% expect:     ++
%% expect:     [ 
%% expect:      a ||
%% expect:          <<_>> <= L
%% expect:     ].
%% expect: f(B) ->
%% expect:     << 
%% expect:       <<X:8/integer-unsigned-little-unit:1>> ||
%% expect:           <<X:4>> <= B,
%% expect:           X > 1
%% expect:     >>.
%% expect: f() ->
%% expect:     <<1,2:8,X/binary,"abc","de"/utf8,(a()):(b() + 1),3.5/float,(-1)>>.
%% expect: f(R) ->
%% expect:     {R#r.a, #r.b, R#r{a = 1}, #r{_ = 2, c = 3}, (g())#r.a, #r{}, 1 #r.a}.
%% expect: f(M) ->
%% expect:     {#{},
%% expect:      #{a => 1},
%% expect:      M#{a := 1, b => 2},
%% expect:      (g())#{},
%% expect:      M#{a := long_value_number_one(), b => long_value_number_two()}}.
%% expect: f() ->
%% expect:     X = Y = catch g(),
%% expect:     begin
%% expect:         a,
%% expect:         b
%% expect:     end,
%% expect:     catch h().
%% expect: f() ->
%% expect:     a
%% expect:     orelse
%% expect:     b
%% expect:     andalso
%% expect:     (c
%% expect:      orelse
%% expect:      d),
%% expect:     not (a and b) or c xor d.
%% expect: f() ->
%% expect:     (1 + 2) * 3 - -4 div +5 rem bnot 6 band 7 bor (8 bxor 9) bsl 1 bsr 2.
%% expect: f() ->
%% expect:     A == B,
%% expect:     A /= B,
%% expect:     A =< B,
%% expect:     A >= B,
%% expect:     A =:= B,
%% expect:     A =/= B,
%% expect:     (A ++ B) -- C ++ D,
%% expect:     P ! Q ! R.
%% expect: f() ->
%% expect:     "a rather long string literal that does not fit on one line of the "
%% expect:     "page, with \n escapes \" and \e".
%% expect: f() ->
%% expect:     {$a,
%% expect:      $ ,
%% expect:      $\n,
%% expect:      $\x{1F600},
%% expect:      "\x{1F600}å",
%% expect:      '\x{442}', 'a b', 'can\'t',
%% expect:      [a | b],
%% expect:      [a, b | C],
%% expect:      1.0e100, 123456789012345678901234567890}.
%% expect: f() ->
%% expect:     very_long_function_name_number_one(another_argument_here,
%% expect:                                        {tuple, of_things, in_a_row},
%% expect:                                        [list, of_things],
%% expect:                                        "string").
%% expect: f() ->
%% expect:     length(a),
%% expect:     erlang:float(1),
%% expect:     erlang:foo(1),
%% expect:     lists:map(F, L),
%% expect:     M:F(A),
%% expect:     fun() ->
%% expect:            1
%% expect:     end(),
%% expect:     (a:b())().
%% expect: f() ->
%% expect:     [aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccc,
%% expect:      dddddddddddddd,
%% expect:      {eeeeeeeeeeeee, ffffffffffff},
%% expect:      ggggggggggg].
%% expect: f() ->
%% expect:     receive after infinity -> ok end.
%% expect: -module(m).
%% expect: -export([a/0,'B c'/1,d/12]).
%% expect: -export([]).
%% expect: -import(lists,
%% expect:         [map/2,foldl/3]).
%% expect: -compile([{inline, [{a, 1}]},
%% expect:           export_all,
%% expect:           nowarn_unused_function]).
%% expect: -foo("string").
%% expect: -foo([a | "bc"]).
%% expect: -foo({1, -2, 3.5,
%% expect:       <<97,98,99>>,
%% expect:       #{a => 1},
%% expect:       'A', 'end', [], {},
%% expect:       [1000, 1.0]}).
%% expect: -file("a.erl", 12).
%% expect: -record(r,{a,
%% expect:            b = 1,
%% expect:            c :: integer(),
%% expect:            d =
%% expect:              "x" ::
%% expect:                string() |
%% expect:                'undefined'}).
%% expect: -record(empty,{}).
%% expect: -type t() ::
%% expect:         'a' | 'B' |
%% expect:         1..3 |
%% expect:         -1 |
%% expect:         [t()] |
%% expect:         [t(), ...] |
%% expect:         [] | {} |
%% expect:         {'a', 'b'} |
%% expect:         #{} |
%% expect:         #{'a' => 'b',
%% expect:           'c' := 'd'} |
%% expect:         #r{} |
%% expect:         #r{a :: t()}.
%% expect: -type u(A, B) ::
%% expect:         fun() |
%% expect:         fun((...) -> A) |
%% expect:         fun((A, B) -> C) |
%% expect:         <<>> |
%% expect:         <<_:8>> |
%% expect:         <<_:_*4>> |
%% expect:         <<_:8, _:_*4>> |
%% expect:         lists:u(A) |
%% expect:         (X :: B).
%% expect: -opaque o() ::
%% expect:           map() |
%% expect:           tuple() |
%% expect:           atom() |
%% expect:           very_long_name_of_a_type() |
%% expect:           another_very_long_name_of_a_type().
%% expect: -spec f('a', 'b') -> 'c'.
%% expect: -spec f(A, B) ->
%% expect:          {'ok', A} |
%% expect:          {'error', B}
%% expect:          when
%% expect:            A :: atom(),
%% expect:            B ::
%% expect:              a_rather_long_type_name();
%% expect:        ('c') -> 'd'.
%% expect: -spec m:f() -> 'ok'.
%% expect: -callback init(Args :: term()) ->
%% expect:                 {'ok',
%% expect:                  State ::
%% expect:                    term()} |
%% expect:                 {'stop',
%% expect:                  Reason ::
%% expect:                    term(),
%% expect:                  Something ::
%% expect:                    else_here()}.
%% expect: -optional_callbacks([a/1,b/2]).
%% expect: f() ->
%% expect:   ok.
%% expect: f(1) ->
%% expect:   a;
%% expect: f(X) when is_atom(X) ->
%% expect:   b;
%% expect: f(Y) when Y > 1, Y < 2; Y == 3 ->
%% expect:   c,
%% expect:   d,
%% expect:   e.
%% expect: f(X) ->
%% expect:   case X of
%% expect:     a ->
%% expect:       b;
%% expect:     {c, D} when D > 1 ->
%% expect:       case D of
%% expect:         1 ->
%% expect:           2
%% expect:       end;
%% expect:     _ ->
%% expect:       receive
%% expect:         M ->
%% expect:           M
%% expect:       after
%% expect:         100 -> ok
%% expect:       end
%% expect:   end.
%% expect: f(X) ->
%% expect:   try g(X) of
%% expect:     Y ->
%% expect:       Y
%% expect:   catch
%% expect:     error:E:S ->
%% expect:       {E, S};
%% expect:     throw:_ ->
%% expect:       t;
%% expect:     _:_ ->
%% expect:       u
%% expect:   after
%% expect:     h()
%% expect:   end.
%% expect: f() ->
%% expect:   try
%% expect:     a,
%% expect:     b
%% expect:   catch
%% expect:     _:R when R > 1 ->
%% expect:       R
%% expect:   end.
%% expect: f(X) ->
%% expect:   if
%% expect:     X > 1 ->
%% expect:       a;
%% expect:     X < 1, X > 0;X == 9 ->
%% expect:       b;
%% expect:     true ->
%% expect:       c
%% expect:   end.
%% expect: f() ->
%% expect:   fun(A, B) when A > B ->
%% expect:        A;
%% expect:      (_, B) ->
%% expect:        B
%% expect:   end.
%% expect: f() ->
%% expect:   fun Loop(0) ->
%% expect:         ok;
%% expect:       Loop(N) ->
%% expect:         Loop(N - 1)
%% expect:   end.
%% expect: f() ->
%% expect:   [fun a/1,
%% expect:    fun m:a/2,
%% expect:    fun M:F/A].
%% expect: f(L) ->
%% expect:   [ 
%% expect:    {X, Y} ||
%% expect:      X <- L,
%% expect:      Y <- [1, 2, 3],
%% expect:      X > Y
%% expect:   ]
%% expect:   ++
%% expect:   [ 
%% expect:    a ||
%% expect:      <<_>> <= L
%% expect:   ].
%% expect: f(B) ->
%% expect:   << 
%% expect:     <<X:8/integer-unsigned-little-unit:1>> ||
%% expect:       <<X:4>> <= B,
%% expect:       X > 1
%% expect:   >>.
%% expect: f() ->
%% expect:   <<1,
%% expect:     2:8,
%% expect:     X/binary,
%% expect:     "abc",
%% expect:     "de"/utf8,
%% expect:     (a()):(b() + 1),
%% expect:     3.5/float,
%% expect:     (-1)>>.
%% expect: f(R) ->
%% expect:   {R#r.a,
%% expect:    #r.b,
%% expect:    R#r{a = 1},
%% expect:    #r{_ = 2, c = 3},
%% expect:    (g())#r.a,
%% expect:    #r{},
%% expect:    1 #r.a}.
%% expect: f(M) ->
%% expect:   {#{},
%% expect:    #{a => 1},
%% expect:    M#{a := 1, b => 2},
%% expect:    (g())#{},
%% expect:    M#{a :=
%% expect:         long_value_number_one(),
%% expect:       b =>
%% expect:         long_value_number_two()}}.
%% expect: f() ->
%% expect:   X = Y = catch g(),
%% expect:   begin
%% expect:     a,
%% expect:     b
%% expect:   end,
%% expect:   catch h().
%% expect: f() ->
%% expect:   a
%% expect:   orelse
%% expect:   b
%% expect:   andalso
%% expect:   (c
%% expect:    orelse
%% expect:    d),
%% expect:   not (a and b) or c xor d.
%% expect: f() ->
%% expect:   (1 + 2) * 3
%% expect:   -
%% expect:   -4 div +5 rem bnot 6 band 7
%% expect:   bor
%% expect:   (8 bxor 9)
%% expect:   bsl
%% expect:   1
%% expect:   bsr
%% expect:   2.
%% expect: f() ->
%% expect:   A == B,
%% expect:   A /= B,
%% expect:   A =< B,
%% expect:   A >= B,
%% expect:   A =:= B,
%% expect:   A =/= B,
%% expect:   (A ++ B) -- C ++ D,
%% expect:   P ! Q ! R.
%% expect: f() ->
%% expect:   "a rather long string liter"
%% expect:   "al that does not fit on on"
%% expect:   "e line of the page, with "
%% expect:   "\n escapes \" and \e".
%% expect: f() ->
%% expect:   {$a,
%% expect:    $\s,
%% expect:    $\n,
%% expect:    $😀,
%% expect:    "😀å",
%% expect:    'т', 'a b', 'can\'t',
%% expect:    [a | b],
%% expect:    [a, b | C],
%% expect:    1.0e100,
%% expect:    123456789012345678901234567890}.
%% expect: f() ->
%% expect:   very_long_function_name_number_one(another_argument_here,
%% expect:                                      {tuple,
%% expect:                                       of_things,
%% expect:                                       in_a_row},
%% expect:                                      [list,
%% expect:                                       of_things],
%% expect:                                      "strin"
%% expect:                                      "g").
%% expect: f() ->
%% expect:   length(a),
%% expect:   erlang:float(1),
%% expect:   erlang:foo(1),
%% expect:   lists:map(F, L),
%% expect:   M:F(A),
%% expect:   fun() ->
%% expect:        1
%% expect:   end(),
%% expect:   (a:b())().
%% expect: f() ->
%% expect:   [aaaaaaaaaaaaaaaaaaaa,
%% expect:    bbbbbbbbbbbbbbbbbbbbbb,
%% expect:    cccccccccccccccccccc,
%% expect:    dddddddddddddd,
%% expect:    {eeeeeeeeeeeee,
%% expect:     ffffffffffff},
%% expect:    ggggggggggg].
%% expect: f() ->
%% expect:   receive
%% expect:   after
%% expect:     infinity -> ok
%% expect:   end.
%% expect: A = 1, B
%% expect: A = 1, B
%% expect: A = 1
%% expect: f(X, Y)
%% expect: f(X, Y)
%% expect: f(X, Y)
%% expect: case a of
%% expect:     b ->
%% expect:         c;
%% expect:     d ->
%% expect:         e,
%% expect:         f
%% expect: end
%% expect: case a of
%% expect:                                   b ->
%% expect:                                       c;
%% expect:                                   d ->
%% expect:                                       e,
%% expect:                                       f
%% expect:                               end
%% expect: case a of b -> c; d -> e, f end
%% expect: fun(X) ->
%% expect:        X
%% expect: end
%% expect: fun(X) ->
%% expect:                                      X
%% expect:                               end
%% expect: fun(X) -> X end
%% expect: [ 
%% expect:  X ||
%% expect:      X <- L
%% expect: ]
%% expect: [ 
%% expect:                                X ||
%% expect:                                    X <- L
%% expect:                               ]
%% expect: [X || X <- L ]
%% expect: begin
%% expect:     a,
%% expect:     b
%% expect: end
%% expect: begin
%% expect:                                   a,
%% expect:                                   b
%% expect:                               end
%% expect: begin a, b end
%% expect: X#r{a = b}
%% expect: X#r{a = b}
%% expect: X#r{a = b}
%% expect: a
%% expect: andalso
%% expect: b
%% expect: a
%% expect:                               andalso
%% expect:                               b
%% expect: a andalso b
%% expect: "str"
%% expect: "str"
%% expect: "str"
%% expect: {a_long_atom_number_one, a_long_atom_number_two,
%% expect:  a_long_atom_number_three}
%% expect: {a_long_atom_number_one,
%% expect:                                a_long_atom_number_two,
%% expect:                                a_long_atom_number_three}
%% expect: {a_long_atom_number_one, a_long_atom_number_two, a_long_atom_number_three}
%% expect: try
%% expect:     a
%% expect: catch
%% expect:     throw:b ->
%% expect:         c
%% expect: end
%% expect: try
%% expect:                                   a
%% expect:                               catch
%% expect:                                   throw:b ->
%% expect:                                       c
%% expect:                               end
%% expect: try a catch throw:b -> c end
%% expect: if
%% expect:     a ->
%% expect:         b;
%% expect:     true ->
%% expect:         c
%% expect: end
%% expect: if
%% expect:                                   a ->
%% expect:                                       b;
%% expect:                                   true ->
%% expect:                                       c
%% expect:                               end
%% expect: if a -> b; true -> c end
%% expect: when X > 1, X < 2; X == 3
%% expect: f(X) when X > 1, X < 2; X == 3 ->
%% expect:     X.
%% expect: -foo([{a, #{}}]).
%% expect: (1 + 2)
%% expect: f(XA) ->
%% expect:     A,
%% expect:     XA.
%% expect: f(<2,0:1>, <2,0:<2,0:x>>, <2,400:a> + <2,500:b>)
%% expect: f(<2,0:1>, <2,0:<2,0:x>>, <2,400:a> + <2,500:b>)
%% expect: !
%% expect: {one
%% expect:   two,
%% expect:  a}
%% expect: INVALID-FORM:{mine,1}:
%% expect: {error,function_clause}
%% expect: {error,function_clause}
%% expect: {error,badarg}
