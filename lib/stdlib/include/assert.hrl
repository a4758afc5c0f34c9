%% SPDX-License-Identifier: Apache-2.0
%% Assertions: each fails with error:{Name, Info}, where Info says what was
%% expected of which expression. Without them (NOASSERT) each is ok.
%%
%% NODEBUG without DEBUG turns them off; ASSERT turns them on in any case.
%% Each runs in a fun, so that it binds nothing outside.
-ifndef(ASSERT_HRL).
-define(ASSERT_HRL, true).

-ifdef(NODEBUG).
-ifndef(DEBUG).
-ifndef(NOASSERT).
-define(NOASSERT, true).
-endif.
-endif.
-endif.

-ifdef(ASSERT).
-undef(NOASSERT).
-endif.

-ifdef(NOASSERT).

-define(assert(Expr), ok).
-define(assert(Expr, Comment), ok).
-define(assertNot(Expr), ok).
-define(assertNot(Expr, Comment), ok).
-define(assertMatch(Guard, Expr), ok).
-define(assertMatch(Guard, Expr, Comment), ok).
-define(assertNotMatch(Guard, Expr), ok).
-define(assertNotMatch(Guard, Expr, Comment), ok).
-define(assertEqual(Expect, Expr), ok).
-define(assertEqual(Expect, Expr, Comment), ok).
-define(assertNotEqual(Unexpected, Expr), ok).
-define(assertNotEqual(Unexpected, Expr, Comment), ok).
-define(assertException(Class, Term, Expr), ok).
-define(assertException(Class, Term, Expr, Comment), ok).
-define(assertNotException(Class, Term, Expr), ok).
-define(assertNotException(Class, Term, Expr, Comment), ok).

-else.

%% [Notes] is [] or [{comment, C}], [Info] what this kind of assertion tells.
-define(ASSERT__FAIL(Kind, Notes, Info),
        erlang:error({Kind, [{module, ?MODULE}, {line, ?LINE}] ++ Notes
                            ++ Info})).

%% The truth is asked for at run time, or the compiler would warn of constant
%% expressions.
-define(ASSERT__BOOL(Expected, Other, Truth, Expr, Notes),
        begin
        ((fun () ->
            X__T = Truth,
            case (Expr) of
                X__T -> ok;
                X__V ->
                    ?ASSERT__FAIL(assert, Notes,
                                  [{expression, (??Expr)},
                                   {expected, Expected},
                                   case not X__T of
                                       X__V -> {value, Other};
                                       _ -> {not_boolean, X__V}
                                   end])
            end
          end)())
        end).
-define(assert(Expr),
        ?ASSERT__BOOL(true, false, is_process_alive(self()), Expr, [])).
-define(assert(Expr, Comment),
        ?ASSERT__BOOL(true, false, is_process_alive(self()), Expr,
                      [{comment, (Comment)}])).
-define(assertNot(Expr),
        ?ASSERT__BOOL(false, true, not is_process_alive(self()), Expr, [])).
-define(assertNot(Expr, Comment),
        ?ASSERT__BOOL(false, true, not is_process_alive(self()), Expr,
                      [{comment, (Comment)}])).

-define(ASSERT__MATCH(Guard, Expr, Notes),
        begin
        ((fun () ->
            case (Expr) of
                Guard -> ok;
                X__V ->
                    ?ASSERT__FAIL(assertMatch, Notes,
                                  [{expression, (??Expr)},
                                   {pattern, (??Guard)},
                                   {value, X__V}])
            end
          end)())
        end).
-define(assertMatch(Guard, Expr), ?ASSERT__MATCH(Guard, Expr, [])).
-define(assertMatch(Guard, Expr, Comment),
        ?ASSERT__MATCH(Guard, Expr, [{comment, (Comment)}])).

-define(ASSERT__NOT_MATCH(Guard, Expr, Notes),
        begin
        ((fun () ->
            X__V = (Expr),
            case X__V of
                Guard ->
                    ?ASSERT__FAIL(assertNotMatch, Notes,
                                  [{expression, (??Expr)},
                                   {pattern, (??Guard)},
                                   {value, X__V}]);
                _ -> ok
            end
          end)())
        end).
-define(assertNotMatch(Guard, Expr), ?ASSERT__NOT_MATCH(Guard, Expr, [])).
-define(assertNotMatch(Guard, Expr, Comment),
        ?ASSERT__NOT_MATCH(Guard, Expr, [{comment, (Comment)}])).

-define(ASSERT__EQUAL(Expect, Expr, Notes),
        begin
        ((fun () ->
            X__X = (Expect),
            case (Expr) of
                X__X -> ok;
                X__V ->
                    ?ASSERT__FAIL(assertEqual, Notes,
                                  [{expression, (??Expr)},
                                   {expected, X__X},
                                   {value, X__V}])
            end
          end)())
        end).
-define(assertEqual(Expect, Expr), ?ASSERT__EQUAL(Expect, Expr, [])).
-define(assertEqual(Expect, Expr, Comment),
        ?ASSERT__EQUAL(Expect, Expr, [{comment, (Comment)}])).

-define(ASSERT__NOT_EQUAL(Unexpected, Expr, Notes),
        begin
        ((fun () ->
            X__X = (Unexpected),
            case (Expr) of
                X__X ->
                    ?ASSERT__FAIL(assertNotEqual, Notes,
                                  [{expression, (??Expr)}, {value, X__X}]);
                _ -> ok
            end
          end)())
        end).
-define(assertNotEqual(Unexpected, Expr),
        ?ASSERT__NOT_EQUAL(Unexpected, Expr, [])).
-define(assertNotEqual(Unexpected, Expr, Comment),
        ?ASSERT__NOT_EQUAL(Unexpected, Expr, [{comment, (Comment)}])).

-define(ASSERT__RAISED(Class, Term),
        {pattern, "{ " ++ (??Class) ++ " , " ++ (??Term) ++ " , [...] }"}).

-define(ASSERT__EXCEPTION(Class, Term, Expr, Notes),
        begin
        ((fun () ->
            try (Expr) of
                X__V ->
                    ?ASSERT__FAIL(assertException, Notes,
                                  [{expression, (??Expr)},
                                   ?ASSERT__RAISED(Class, Term),
                                   {unexpected_success, X__V}])
            catch
                Class:Term -> ok;
                X__C:X__T:X__S ->
                    ?ASSERT__FAIL(assertException, Notes,
                                  [{expression, (??Expr)},
                                   ?ASSERT__RAISED(Class, Term),
                                   {unexpected_exception,
                                    {X__C, X__T, X__S}}])
            end
          end)())
        end).
-define(assertException(Class, Term, Expr),
        ?ASSERT__EXCEPTION(Class, Term, Expr, [])).
-define(assertException(Class, Term, Expr, Comment),
        ?ASSERT__EXCEPTION(Class, Term, Expr, [{comment, (Comment)}])).

%% Class and term are matched apart: as one pattern, a variable in either
%% would be bound where the compiler calls it unsafe.
-define(ASSERT__NOT_EXCEPTION(Class, Term, Expr, Notes),
        begin
        ((fun () ->
            try (Expr) of
                _ -> ok
            catch
                X__C:X__T:X__S ->
                    case X__C of
                        Class ->
                            case X__T of
                                Term ->
                                    ?ASSERT__FAIL(
                                      assertNotException, Notes,
                                      [{expression, (??Expr)},
                                       ?ASSERT__RAISED(Class, Term),
                                       {unexpected_exception,
                                        {X__C, X__T, X__S}}]);
                                _ -> ok
                            end;
                        _ -> ok
                    end
            end
          end)())
        end).
-define(assertNotException(Class, Term, Expr),
        ?ASSERT__NOT_EXCEPTION(Class, Term, Expr, [])).
-define(assertNotException(Class, Term, Expr, Comment),
        ?ASSERT__NOT_EXCEPTION(Class, Term, Expr, [{comment, (Comment)}])).

-endif.

-define(assertError(Term, Expr), ?assertException(error, Term, Expr)).
-define(assertError(Term, Expr, Comment),
        ?assertException(error, Term, Expr, Comment)).
-define(assertExit(Term, Expr), ?assertException(exit, Term, Expr)).
-define(assertExit(Term, Expr, Comment),
        ?assertException(exit, Term, Expr, Comment)).
-define(assertThrow(Term, Expr), ?assertException(throw, Term, Expr)).
-define(assertThrow(Term, Expr, Comment),
        ?assertException(throw, Term, Expr, Comment)).

-endif.
