%% SPDX-License-Identifier: Apache-2.0
%% Labels of processes in the reports of behaviours.
%% only merle: OTP has them since 27
%% expect: ["** Generic server n terminating \n** Process label == {my,\"label\"}\n** Last message in was hello\n** When Server state == s\n** Reason for termination ==\n** why\n","Generic server n terminating. Label: {my,\"label\"}. Reason: why. Last message: hello. State: s.","** gen_event handler h crashed.\n** Was installed in n\n** Process label == {my,\"label\"}\n** Last event was: hello\n** When handler state == s\n** Reason == why\n","Generic event handler h crashed. Installed: n. Label: {my,\"label\"}. Last event: hello. State: s. Reason: why.","** State machine n terminating\n** Process label = {my,\"label\"}\n** Last event = {info,hello}\n** When server state  = s\n** Reason for termination = error:why\n** Callback modules = [m]\n** Callback mode = state_functions\n","State machine n terminating. Label: {my,\"label\"}. Reason: why. Last event: {info,hello}. State: s."]
%% expect: [[n,{my,"label"},hello,s,why],[h,n,{my,"label"},hello,s,why],[n,{my,"label"},{info,hello},s,error,why,[m],state_functions]]
-module(otp27_labels).
-export([main/0]).

main() ->
    show(fun() -> [lists:flatten(M:format_log(report(M), O)) || M <- [gen_server, gen_event, gen_statem], O <- [#{}, #{single_line => true}]] end),
    show(fun() -> [element(2, M:format_log(report(M))) || M <- [gen_server, gen_event, gen_statem]] end).

show(Fun) ->
    Answer = try Fun()
             catch Class:Reason -> {Class, Reason}
             end,
    io:format("~0tp~n", [Answer]).

report(Behaviour) ->
    Own = case Behaviour of
              gen_statem ->
                  #{queue => [{info, hello}], postponed => [], modules => [m],
                    callback_mode => state_functions, state_enter => false,
                    timeouts => {0, []}, reason => {error, why, []}};
              gen_event -> #{handler => h, reason => why};
              gen_server -> #{reason => why}
          end,
    maps:merge(#{label => {Behaviour, terminate}, name => n,
                 last_message => hello, state => s, log => [],
                 client_info => undefined, process_label => {my, "label"}}, Own).
