%% SPDX-License-Identifier: Apache-2.0
{application, frequency,
 [{description, "A server of frequencies"},
  {vsn, "1.0"},
  {modules, [frequency, frequency_app, frequency_count, frequency_sup]},
  {registered, [frequency, frequency_count, frequency_sup]},
  {applications, [kernel, stdlib]},
  {env, [{frequencies, [10, 11, 12, 13, 14, 15]}]},
  {mod, {frequency_app, []}}]}.
