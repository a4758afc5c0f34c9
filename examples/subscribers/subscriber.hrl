%% SPDX-License-Identifier: Apache-2.0
-record(subscriber, {number :: pos_integer(),
                     id :: pos_integer(),
                     name :: string(),
                     status = enabled :: enabled | disabled,
                     plan = prepaid :: prepaid | postpaid,
                     services = [] :: [data | roaming | sms | lbs]}).
